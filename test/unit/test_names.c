/*
 * test_names.c
 *	  Folding of names, routes and units; factors as ratios.
 */
#include "unit.h"

#include "stat/ks_names.h"
#include "stat/ks_units.h"

/* Fold into a buffer of exactly the promised size, so that ASan sees an overrun. */
static int
folds_to(size_t (*fold)(const char *, size_t, char *), const char *text, const char *expected)
{
	size_t length = strlen(text);
	char *input = malloc(length > 0 ? length : 1);
	char *out = malloc(length + 1);
	size_t written;
	int same;

	memcpy(input, text, length);
	written = fold(input, length, out);
	same = written == strlen(out) && strcmp(out, expected) == 0;
	if (!same)
		printf("\"%s\" folds to \"%s\"\n", text, out);
	free(input);
	free(out);
	return same;
}

#define DRUG(text, expected) CHECK(folds_to(ks_fold_drug, text, expected))
#define PLAIN(text, expected) CHECK(folds_to(ks_fold, text, expected))
#define UNIT(text, expected) CHECK(folds_to(ks_fold_unit, text, expected))

static void
test_drugs(void)
{
	DRUG("Morphine", "morphine");
	DRUG("  MORPHINE  ", "morphine");
	DRUG("Morphine Sulfate IR", "morphine");
	DRUG("Morphine Sulfate (Oral Soln.)", "morphine");
	DRUG("OxycoDONE (Immediate Release) ", "oxycodone");
	DRUG("Morphine SR", "morphine");
	DRUG("HYDROmorphone P.F.", "hydromorphone");
	DRUG("HYDROmorphone-HP", "hydromorphone");
	DRUG("HYDROmorphone (Dilaudid)", "hydromorphonedilaudid");
	DRUG("Fentanyl Patch *NF*", "fentanyl");
	DRUG("M\303\251thadone (chlorhydrate de)", "methadone");
	DRUG("Chlorhydrate d'oxycodone", "oxycodone");
	DRUG("chlorhydrate d\342\200\231oxycodone LP", "oxycodone");
	DRUG("sulfate de morphine", "morphine");
	DRUG("Bupre\314\201norphine", "buprenorphine"); /* combining accent */
	DRUG("BUPR\303\211NORPHINE", "buprenorphine");
	DRUG("OxyContin\302\256", "oxycontin");
	DRUG("dihydro-codeine\302\240bitartrate", "dihydrocodeine");

	/* What must stay another name. */
	DRUG("Dihydrocodeine", "dihydrocodeine");
	DRUG("L-methadone", "lmethadone");
	DRUG("D-methadone", "dmethadone");
	DRUG("de morphine", "demorphine");
	DRUG("morphine 10 mg", "morphine10mg");
	DRUG("Acetaminophen w/Codeine", "acetaminophenwcodeine");
	DRUG("Bupivacaine 0.1%", "bupivacaine0.1%");
	DRUG("sulfate", "");
	DRUG("", "");
	DRUG("' - '", "");
	DRUG("RxNorm:7052", "rxnorm7052");
	DRUG("RxNorm:70 52", "rxnorm70 52");
	DRUG("ATC: N02AA01", "atcn02aa01");
}

static void
test_characters(void)
{
	PLAIN("\305\223uf \303\206ther Stra\303\237e", "oeufaetherstrasse");
	PLAIN("\305\201\303\263d\305\272", "lodz");
	PLAIN("\302\265g \316\274g", "ugug");
	PLAIN("voie sous-cutan\303\251e", "voiesouscutanee");
	/* Letters beyond three bytes and broken UTF-8 stay as they are. */
	PLAIN("A\360\237\230\200B", "a\360\237\230\200b");
	PLAIN("\303", "\303");
	PLAIN("a\342\200", "a\342\200");
	PLAIN("\377\300", "\377\300");
}

static void
test_routes(void)
{
	CHECK(strcmp(ks_route("po"), "oral") == 0);
	CHECK(strcmp(ks_route("pong"), "oral") == 0);
	CHECK(strcmp(ks_route("voieorale"), "oral") == 0);
	CHECK(strcmp(ks_route("parvoiesouscutanee"), "sc") == 0);
	CHECK(strcmp(ks_route("ivdrip"), "iv") == 0);
	CHECK(strcmp(ks_route("tp"), "transdermal") == 0);
	CHECK(ks_route("os") == NULL);
	CHECK(ks_route("") == NULL);
	CHECK(ks_route("orall") == NULL);
	for (size_t i = 0; ks_route_word(i) != NULL; i++)
		CHECK(ks_route(ks_route_word(i)) != NULL);
}

static void
check_unit(const char *text, KsUnitKind kind, int thousands)
{
	char folded[64];
	KsUnit unit;

	ks_fold_unit(text, strlen(text), folded);
	unit = ks_unit(folded);
	if (unit.kind != kind || unit.thousands != thousands)
		printf("unit \"%s\"\n", text);
	CHECK(unit.kind == kind && unit.thousands == thousands);
}

static void
test_units(void)
{
	UNIT("mcg / hr.", "mcg/hr");
	UNIT("\302\265g\302\240", "ug");
	check_unit("mg", KS_UNIT_MASS, 1);
	check_unit("MG", KS_UNIT_MASS, 1);
	check_unit("gm", KS_UNIT_MASS, 2);
	check_unit("g", KS_UNIT_MASS, 2);
	check_unit("\302\265g", KS_UNIT_MASS, 0);
	check_unit("\316\274g", KS_UNIT_MASS, 0);
	check_unit("micrograms", KS_UNIT_MASS, 0);
	check_unit("Milligrammes", KS_UNIT_MASS, 1);
	check_unit("mcg/h", KS_UNIT_RATE, 0);
	check_unit("mcg/hr", KS_UNIT_RATE, 0);
	check_unit("\302\265g/heure", KS_UNIT_RATE, 0);
	check_unit("MG/HR", KS_UNIT_RATE, 1);
	check_unit("mcg per hour", KS_UNIT_RATE, 0);
	check_unit("mcg/h/patch", KS_UNIT_RATE_PER_PATCH, 0);
	check_unit("mcg/hr per patch", KS_UNIT_RATE_PER_PATCH, 0);
	check_unit("mg/mL", KS_UNIT_OTHER, 0);
	check_unit("mg/hx", KS_UNIT_OTHER, 0);
	check_unit("mgg", KS_UNIT_OTHER, 0);
	check_unit("TAB", KS_UNIT_OTHER, 0);
	check_unit("", KS_UNIT_OTHER, 0);
}

static void
test_ratios(void)
{
	KsUnit mcg = {KS_UNIT_MASS, 0}, mg = {KS_UNIT_MASS, 1}, g = {KS_UNIT_MASS, 2};
	KsRatio ratio = ks_ratio(0.15);

	CHECK(ratio.numerator == 15 && ratio.denominator == 100);
	CHECK(3 * ratio.numerator / ratio.denominator == 0.45);
	CHECK(3 * 0.15 != 0.45);
	ratio = ks_ratio(0.166667);
	CHECK(ratio.numerator == 166667 && ratio.denominator == 1e6);
	ratio = ks_ratio(1.0 / 3);
	CHECK(ratio.numerator == 1.0 / 3 && ratio.denominator == 1);
	ratio = ks_ratio(1e300);
	CHECK(ratio.numerator == 1e300 && ratio.denominator == 1);

	/* 0.13 per mcg is 130 per mg: four doses of 0.2 mg are 104. */
	ratio = ks_ratio_in_unit(ks_ratio(0.13), mcg, mg);
	CHECK(ratio.numerator / ratio.denominator == 130);
	CHECK(0.2 * 4 * ratio.numerator / ratio.denominator == 104);
	ratio = ks_ratio_in_unit(ks_ratio(1), mg, mcg);
	CHECK(100 * ratio.numerator / ratio.denominator == 0.1);
	ratio = ks_ratio_in_unit(ks_ratio(1), mg, g);
	CHECK(0.1 * ratio.numerator / ratio.denominator == 100);
	ratio = ks_ratio_in_unit(ks_ratio(0.13), mcg, g);
	CHECK(ratio.numerator == 13e6 && ratio.denominator == 100);
}

static void
test_distances(void)
{
	char longest[KS_EDIT_MAX + 2];

	CHECK(ks_edit_distance("morphine", "morphine", 3) == 0);
	CHECK(ks_edit_distance("morfine", "morphine", 3) == 2);
	CHECK(ks_edit_distance("oxycdoone", "oxycodone", 3) == 1); /* a swap */
	CHECK(ks_edit_distance("", "abc", 3) == 3);
	CHECK(ks_edit_distance("abc", "", 3) == 3);
	CHECK(ks_edit_distance("abc", "xyz", 2) == 3);
	memset(longest, 'a', sizeof(longest));
	longest[KS_EDIT_MAX + 1] = '\0';
	CHECK(ks_edit_distance(longest, "a", 3) == 4);
	longest[KS_EDIT_MAX] = '\0';
	CHECK(ks_edit_distance(longest, longest, 3) == 0);
}

int
main(void)
{
	test_drugs();
	test_characters();
	test_routes();
	test_units();
	test_distances();
	test_ratios();
	return UNIT_END();
}
