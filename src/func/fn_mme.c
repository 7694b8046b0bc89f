/*
 * fn_mme.c
 *	  Opioid doses as morphine milligram equivalents: the SQL functions, their
 *	  errors, and the triggers of the two tables.
 *
 * MME = daily dose x factor.  The factor is the guideline's for the drug, the
 * route and the unit; for methadone in some guidelines it also depends on the
 * daily dose, by half-open bands (above, to].  A factor that a guideline
 * refuses is NULL, a word that nobody knows is an error.  It measures a burden
 * of opioids, never a dose to switch to.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/rel.h"

#include "func/fn_core.h"
#include "func/fn_mme.h"
#include "stat/ks_names.h"

/* Words named in a hint, and in a list of all choices. */
#define MAX_NEAREST 3
#define MAX_LISTED 40

static const char *const status_words[] = {"ok",			"no factor",	"unknown drug",
										   "unknown route", "unknown unit", "unknown guideline"};

/* By KcMmeField. */
static const char *const field_words[] = {"drug", "unit", "route", "guideline"};
static const char *const no_near_word[] = {
	"Add the name to opioid_names, or leave such rows out by mme_status.",
	"Give the dose as an amount of the opioid, in mg or mcg.",
	"Add the route to mme_factors, or leave such rows out by mme_status.",
	"Add rows for it to mme_factors."};

/* ---- errors ----------------------------------------------------------------------- */

static bool
is_listed(const char *const *words, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* All words of a field, in the order they come, up to `max`. */
static int
all_words(const KcMmeLookup *lookup, KcMmeField field, const char **words, int max)
{
	const char *word, *key;
	int n = 0;

	for (int i = 0; n < max && kc_mme_choice(lookup, field, i, &word, &key); i++)
		if (word && !is_listed(words, n, word))
			words[n++] = word;
	return n;
}

/* The words of a field nearest to a folded text, best first. */
static int
nearest_words(const KcMmeLookup *lookup, KcMmeField field, const char *text,
			  const char **words, int max)
{
	int limit = Max(1, Min(3, (int) strlen(text) / 3));
	const char *word, *key;
	int n = 0;

	for (int distance = 1; distance <= limit; distance++)
		for (int i = 0; n < max && kc_mme_choice(lookup, field, i, &word, &key); i++)
			if (word && !is_listed(words, n, word) &&
				ks_edit_distance(text, key, limit) == distance)
				words[n++] = word;
	return n;
}

/* "a, b or c"; `quote` goes around each. */
static char *
enumerate_words(const char **words, int n, const char *quote, const char *last)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < n; i++)
		appendStringInfo(&list, "%s%s%s%s", i == 0 ? "" : (i == n - 1 ? last : ", "), quote,
						 words[i], quote);
	return list.data;
}

static char *
detail_of_field(const KcMmeLookup *lookup, KcMmeField field)
{
	const char *words[MAX_LISTED];
	int n;

	if (field == KC_MME_DRUG)
		return "No name in opioid_names is the same but for case, accents, punctuation and "
			   "words of salt, form and release.";
	n = all_words(lookup, field, words, MAX_LISTED);
	return psprintf("The %ss are %s.", field_words[field],
					enumerate_words(words, n, "", " and "));
}

static char *
hint_of_field(const KcMmeLookup *lookup, KcMmeField field, const char *text, int length)
{
	const char *words[MAX_NEAREST];
	char *folded = palloc(length + 1);
	int n;

	if (field == KC_MME_UNIT)
		ks_fold_unit(text, length, folded);
	else if (field == KC_MME_DRUG)
		ks_fold_drug(text, length, folded);
	else
		ks_fold(text, length, folded);
	n = nearest_words(lookup, field, folded, words, MAX_NEAREST);
	return n == 0 ? pstrdup(no_near_word[field])
				  : psprintf("Did you mean %s?", enumerate_words(words, n, "\"", " or "));
}

/* The unit is a known one, but none that the guideline's factor can be brought to. */
static void
raise_unlike_unit(const KcMmeQuestion *question, const KcMmeAnswer *answer)
{
	const char *const *text = question->text;
	const int *length = question->length;
	KsUnitKind kind = ks_unit(answer->row_unit).kind;
	bool patch = kind == KS_UNIT_RATE || kind == KS_UNIT_RATE_PER_PATCH;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unit \"%.*s\" does not convert to \"%s\"", length[KC_MME_UNIT],
					text[KC_MME_UNIT], answer->row_unit),
			 errdetail("Guideline \"%.*s\" gives its factor for %s, route %.*s, per %s.",
					   length[KC_MME_GUIDELINE], text[KC_MME_GUIDELINE], answer->ingredient,
					   length[KC_MME_ROUTE], text[KC_MME_ROUTE], answer->row_unit),
			 patch ? errhint("mcg/h is the rate of a patch while it is worn; mcg/h/patch "
							 "is the strength of a patch dispensed, times patches a day.")
				   : errhint("Give the dose in a unit of that kind, or choose a guideline "
							 "with a factor for this one.")));
}

void
kc_mme_raise(KcMmeLookup *lookup, const KcMmeQuestion *question, const KcMmeAnswer *answer)
{
	KcMmeField field = KC_MME_GUIDELINE;

	if (answer->status == KC_MME_UNKNOWN_DRUG)
		field = KC_MME_DRUG;
	else if (answer->status == KC_MME_UNKNOWN_ROUTE)
		field = KC_MME_ROUTE;
	else if (answer->status == KC_MME_UNKNOWN_UNIT)
		field = KC_MME_UNIT;
	if (answer->row_unit)
		raise_unlike_unit(question, answer);
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown %s \"%.*s\"", field_words[field], question->length[field],
						   question->text[field]),
					errdetail_internal("%s", detail_of_field(lookup, field)),
					errhint("%s", hint_of_field(lookup, field, question->text[field],
												question->length[field]))));
	pg_unreachable();
}

/* ---- arguments -------------------------------------------------------------------- */

static KcMmeLookup *
call_lookup(FunctionCallInfo fcinfo)
{
	FmgrInfo *flinfo = fcinfo->flinfo;

	return kc_mme_lookup((KcMmeLookup **) &flinfo->fn_extra, flinfo->fn_mcxt, flinfo->fn_oid);
}

static void
take_text(FunctionCallInfo fcinfo, int arg, KcMmeField field, KcMmeQuestion *question)
{
	question->text[field] = NULL;
	question->length[field] = 0;
	if (!PG_ARGISNULL(arg))
	{
		text *value = PG_GETARG_TEXT_PP(arg);

		question->text[field] = VARDATA_ANY(value);
		question->length[field] = VARSIZE_ANY_EXHDR(value);
	}
}

/* Ask, and raise what is unknown.  The guideline follows the route. */
static const KcMmeAnswer *
ask(FunctionCallInfo fcinfo, int drug, int unit, int route, KcMmeQuestion *question)
{
	KcMmeLookup *lookup = call_lookup(fcinfo);
	const KcMmeAnswer *answer;

	take_text(fcinfo, drug, KC_MME_DRUG, question);
	take_text(fcinfo, unit, KC_MME_UNIT, question);
	take_text(fcinfo, route, KC_MME_ROUTE, question);
	take_text(fcinfo, route + 1, KC_MME_GUIDELINE, question);
	answer = kc_mme_ask(lookup, question);
	if (unlikely(answer->status > KC_MME_NO_FACTOR))
		kc_mme_raise(lookup, question, answer);
	return answer;
}

static void
check_amount(double value, const char *what)
{
	kc_check_finite(value, what);
	if (unlikely(value < 0))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("%s is negative: %g", what, value),
						errhint("A dose is 0 or more; store a missing one as NULL.")));
}

/* The band of a dose; a gap between the bands of a table is an error. */
static const KcMmeBand *
band_of_dose(const KcMmeQuestion *question, const KcMmeAnswer *answer, double dose)
{
	const KcMmeBand *band = kc_mme_band(answer, dose);

	if (unlikely(band == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no dose band of %s holds %g %.*s a day", answer->ingredient, dose,
						question->length[KC_MME_UNIT], question->text[KC_MME_UNIT]),
				 errdetail("Guideline \"%.*s\" gives factors by daily dose, above dose_above "
						   "and up to dose_to.",
						   question->length[KC_MME_GUIDELINE],
						   question->text[KC_MME_GUIDELINE]),
				 errhint("Add a row for this dose to mme_factors, with factor NULL if the "
						 "guideline has none.")));
	return band;
}

/* ---- functions -------------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_opioid_ingredient);
PG_FUNCTION_INFO_V1(kc_mme_factor);
PG_FUNCTION_INFO_V1(kc_mme_status);
PG_FUNCTION_INFO_V1(kc_mme);
PG_FUNCTION_INFO_V1(kc_mme_category);

/* opioid_ingredient(name) */
Datum
kc_opioid_ingredient(PG_FUNCTION_ARGS)
{
	text *name = PG_GETARG_TEXT_PP(0);
	const char *ingredient = kc_mme_ingredient(call_lookup(fcinfo), VARDATA_ANY(name),
											   VARSIZE_ANY_EXHDR(name));

	if (ingredient == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(ingredient));
}

/* mme_status(drug, unit, route, guideline): a NULL is as unknown as any other word. */
Datum
kc_mme_status(PG_FUNCTION_ARGS)
{
	KcMmeLookup *lookup = call_lookup(fcinfo);
	KcMmeQuestion question;

	take_text(fcinfo, 0, KC_MME_DRUG, &question);
	take_text(fcinfo, 1, KC_MME_UNIT, &question);
	take_text(fcinfo, 2, KC_MME_ROUTE, &question);
	take_text(fcinfo, 3, KC_MME_GUIDELINE, &question);
	PG_RETURN_TEXT_P(cstring_to_text(status_words[kc_mme_ask(lookup, &question)->status]));
}

/* mme_factor(drug, unit, route, guideline, daily_dose), per one of `unit`. */
Datum
kc_mme_factor(PG_FUNCTION_ARGS)
{
	KcMmeQuestion question;
	const KcMmeAnswer *answer;
	const KcMmeBand *band;

	for (int i = 0; i < KC_MME_FIELDS; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	answer = ask(fcinfo, 0, 1, 2, &question);
	if (!PG_ARGISNULL(4))
		check_amount(PG_GETARG_FLOAT8(4), "daily_dose");
	if (answer->status == KC_MME_NO_FACTOR)
		PG_RETURN_NULL();
	if (kc_mme_untiered(answer))
		band = answer->bands;
	else if (PG_ARGISNULL(4) || PG_GETARG_FLOAT8(4) == 0)
		PG_RETURN_NULL();
	else
		band = band_of_dose(&question, answer, PG_GETARG_FLOAT8(4));
	if (band->refused)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(kc_mme_apply(band, 1));
}

/* mme(drug, daily_dose, unit, route, guideline) in mg of oral morphine a day */
Datum
kc_mme(PG_FUNCTION_ARGS)
{
	double dose = PG_GETARG_FLOAT8(1);
	KcMmeQuestion question;
	const KcMmeAnswer *answer = ask(fcinfo, 0, 2, 3, &question);
	const KcMmeBand *band;
	double result;

	check_amount(dose, "daily_dose");
	if (answer->status == KC_MME_NO_FACTOR)
		PG_RETURN_NULL();
	if (dose == 0)
		PG_RETURN_FLOAT8(0);
	band = band_of_dose(&question, answer, dose);
	if (band->refused)
		PG_RETURN_NULL();
	result = kc_mme_apply(band, dose);
	if (unlikely(isinf(result)))
		float_overflow_error();
	PG_RETURN_FLOAT8(result);
}

/*
 * mme_category(mme): the bands of the CDC guideline.  A figure within 1e-9 of a
 * cut counts as the cut, for sums such as 0.1 + 0.2.
 */
Datum
kc_mme_category(PG_FUNCTION_ARGS)
{
	double mme = PG_GETARG_FLOAT8(0);
	const char *category = "<20";

	check_amount(mme, "mme");
	mme *= 1 + 1e-9;
	if (mme >= 90)
		category = ">=90";
	else if (mme >= 50)
		category = "50-89";
	else if (mme >= 20)
		category = "20-49";
	PG_RETURN_TEXT_P(cstring_to_text(category));
}

/* ---- triggers --------------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_own_row);
PG_FUNCTION_INFO_V1(kc_keep_shipped_row);

static TriggerData *
row_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("must be called as a trigger before each row")));
	return trigger;
}

static HeapTuple
row_to_write(const TriggerData *trigger)
{
	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple
													  : trigger->tg_trigtuple;
}

/* Clear the column shipped, except for the extension's own scripts. */
Datum
kc_own_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = row_trigger(fcinfo);
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	HeapTuple row = row_to_write(trigger);
	int column = SPI_fnumber(columns, "shipped");
	Datum value = BoolGetDatum(false);
	bool isnull = false;

	if (!creating_extension && column > 0)
		row = heap_modify_tuple_by_cols(row, columns, 1, &column, &value, &isnull);
	return PointerGetDatum(row);
}

/* Refuse, except for the extension's own scripts. */
Datum
kc_keep_shipped_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = row_trigger(fcinfo);

	if (!creating_extension)
		ereport(ERROR,
				(errcode(ERRCODE_RESTRICT_VIOLATION),
				 errmsg("shipped row of \"%s\" must stay",
						RelationGetRelationName(trigger->tg_relation)),
				 errdetail("It would be back after a restore or an upgrade and change figures "
						   "silently."),
				 errhint("Add a row of your own with the same key, or update this one: "
						 "factor NULL or drug NULL switches it off.")));
	return PointerGetDatum(row_to_write(trigger));
}
