/*
 * fn_score.c
 *	  Chapter score: questionnaires from their items.  Codes are checked here, so
 *	  that a wrong one is an error that names the item; a NULL is a missing answer.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"

#include "func/fn_config.h"
#include "func/fn_core.h"
#include "stat/ks_score.h"

/* ---- items ------------------------------------------------------------------------ */

/* A one-dimensional array's elements; the arrays are palloc'd. */
static int
take_elements(FunctionCallInfo fcinfo, int arg, const char *name, Oid type,
			  Datum **elements, bool **isnull)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(arg);
	bool wide = type == FLOAT8OID;
	int n;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("%s must be a one-dimensional array", name)));
	deconstruct_array(array, type, wide ? sizeof(float8) : sizeof(int32),
					  wide ? FLOAT8PASSBYVAL : true, wide ? TYPALIGN_DOUBLE : TYPALIGN_INT,
					  elements, isnull, &n);
	return n;
}

/*
 * The codes of a form of `expected` items, KS_NO_ANSWER where NULL; another
 * number of items is an error.
 */
static void
take_codes(FunctionCallInfo fcinfo, int expected, int *code, bool *answered)
{
	Datum *elements;
	bool *isnull;
	int n = take_elements(fcinfo, 0, "items", INT4OID, &elements, &isnull);

	if (n != expected)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("expected %d items, found %d", expected, n),
						errhint("Give one element an item in the order of the form, NULL for "
								"a missing answer.")));
	for (int i = 0; i < n; i++)
	{
		answered[i] = !isnull[i];
		code[i] = isnull[i] ? KS_NO_ANSWER : DatumGetInt32(elements[i]);
	}
}

/* ---- HADS ------------------------------------------------------------------------- */

typedef struct HadsRow
{
	int32 anxiety;
	int32 depression;
	int32 n_answered;
	const char *anxiety_category;
	const char *depression_category;
} HadsRow;

/* A score as KC_INT4 has it. */
static int32
int_or_null(int score)
{
	return score == KS_NO_ANSWER ? PG_INT32_MIN : score;
}

PG_FUNCTION_INFO_V1(kc_hads_score);
Datum
kc_hads_score(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(HadsRow, anxiety, KC_INT4),
		KC_FIELD(HadsRow, depression, KC_INT4),
		KC_FIELD(HadsRow, n_answered, KC_INT4),
		KC_FIELD(HadsRow, anxiety_category, KC_TEXT),
		KC_FIELD(HadsRow, depression_category, KC_TEXT),
	};
	int item[KS_HADS_ITEMS];
	bool answered[KS_HADS_ITEMS];
	KsHads score;
	HadsRow row;

	take_codes(fcinfo, KS_HADS_ITEMS, item, answered);
	for (int i = 0; i < KS_HADS_ITEMS; i++)
		if (answered[i] && (item[i] < 0 || item[i] > KS_HADS_HIGHEST))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("item %d is %d, outside 0 to %d", i + 1, item[i],
							KS_HADS_HIGHEST),
					 errhint("Give the scores of the answers, 3 for the worst, and NULL for "
							 "a missing answer.")));
	score = ks_hads_score(item);
	row.anxiety = int_or_null(score.anxiety);
	row.depression = int_or_null(score.depression);
	row.n_answered = score.n_answered;
	row.anxiety_category = ks_hads_category(score.anxiety);
	row.depression_category = ks_hads_category(score.depression);
	return kc_result_row(fcinfo, fields, lengthof(fields), &row);
}

PG_FUNCTION_INFO_V1(kc_hads_category);
Datum
kc_hads_category(PG_FUNCTION_ARGS)
{
	int32 score = PG_GETARG_INT32(0);
	const char *category = ks_hads_category(score);

	if (category == NULL)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("score is %d, outside 0 to 21", score),
						errhint("The bands hold for one subscale of seven items, not for "
								"the sum of both.")));
	PG_RETURN_TEXT_P(cstring_to_text(category));
}

/* ---- any scale -------------------------------------------------------------------- */

/* What is asked of a scale, apart from the items. */
typedef struct ScaleRule
{
	double minimum;
	double maximum; /* NaN: no upper limit */
	int n;
	const bool *reversed;
	int min_answered;
	KsScaleMethod method;
} ScaleRule;

/* Flags of the items to reverse, from their numbers. */
static const bool *
option_reverse(FunctionCallInfo fcinfo, int arg, int n)
{
	bool *reversed = palloc0(n);
	Datum *elements;
	bool *isnull;
	int n_keys;

	if (PG_ARGISNULL(arg))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("reverse must not be NULL"),
						errhint("Leave the option out to reverse no item.")));
	n_keys = take_elements(fcinfo, arg, "reverse", INT4OID, &elements, &isnull);
	for (int k = 0; k < n_keys; k++)
	{
		int32 key;

		if (isnull[k])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("reverse must not contain NULL")));
		key = DatumGetInt32(elements[k]);
		if (key < 1 || key > n)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("reverse names item %d, outside 1 to %d", key, n),
							errhint("Items are numbered from 1 in the order of the array.")));
		if (reversed[key - 1])
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("reverse names item %d twice", key)));
		reversed[key - 1] = true;
	}
	return reversed;
}

/* minimum and maximum; the latter may be missing unless an item is reversed. */
static void
option_range(FunctionCallInfo fcinfo, ScaleRule *rule)
{
	rule->minimum = kc_option_float(fcinfo, 2, "minimum");
	rule->maximum = NAN;
	if (!PG_ARGISNULL(3))
	{
		rule->maximum = kc_option_float(fcinfo, 3, "maximum");
		if (rule->maximum <= rule->minimum)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("maximum is %g, minimum is %g", rule->maximum,
								   rule->minimum),
							errhint("They are the lowest and the highest code of an item.")));
		return;
	}
	for (int i = 0; i < rule->n; i++)
		if (rule->reversed[i])
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("maximum is needed to reverse items"),
							errdetail("A reversed item is minimum + maximum - item."),
							errhint("Give the highest code of an item, for instance "
									"maximum => 4.")));
}

static ScaleRule
option_rule(FunctionCallInfo fcinfo, int n)
{
	static const char *const methods[] = {"sum", "mean", NULL};
	ScaleRule rule = {.n = n};

	if (n == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("items must not be empty")));
	rule.reversed = option_reverse(fcinfo, 1, n);
	option_range(fcinfo, &rule);
	rule.min_answered = PG_ARGISNULL(4) ? n
										: kc_option_int(fcinfo, 4, "min_answered", 1, n);
	rule.method = (KsScaleMethod) kc_option_choice(fcinfo, 5, "method", methods);
	return rule;
}

static double
checked_item(double item, int number, const ScaleRule *rule)
{
	if (unlikely(!isfinite(item)))
		kc_not_finite(item, psprintf("item %d", number));
	if (unlikely(item < rule->minimum || item > rule->maximum))
	{
		if (isnan(rule->maximum))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("item %d is %g, below %g", number, item, rule->minimum),
					 errhint("Store a missing answer as NULL; minimum and maximum give the "
							 "codes of an item.")));
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("item %d is %g, outside %g to %g", number, item, rule->minimum,
						rule->maximum),
				 errhint("Store a missing answer as NULL; minimum and maximum give the codes "
						 "of an item.")));
	}
	return item;
}

/* scale_score(items, reverse, minimum, maximum, min_answered, method) */
PG_FUNCTION_INFO_V1(kc_scale_score);
Datum
kc_scale_score(PG_FUNCTION_ARGS)
{
	Datum *elements;
	bool *isnull;
	double *item;
	double score;
	ScaleRule rule;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	rule = option_rule(fcinfo,
					   take_elements(fcinfo, 0, "items", FLOAT8OID, &elements, &isnull));
	item = palloc(sizeof(double) * rule.n);
	for (int i = 0; i < rule.n; i++)
		item[i] =
			isnull[i] ? NAN : checked_item(DatumGetFloat8(elements[i]), i + 1, &rule);
	score = ks_scale_score(item, rule.reversed, rule.n, rule.minimum, rule.maximum,
						   rule.min_answered, rule.method);
	if (isinf(score))
		kc_require(KS_OVERFLOW);
	KC_RETURN_FLOAT(score);
}

/* ---- SF-12 version 1 -------------------------------------------------------------- */

/* Kept at a call site: the weights of the query's snapshot. */
typedef struct Sf12Lookup
{
	bool loaded;
	KcSnapshotStamp stamp;
	KsSf12Weights weights;
	void *result; /* of kc_result_row_kept */
} Sf12Lookup;

/* All of sf12_weights; a row of the user's own comes last and wins. */
static void
read_weights(KsSf12Weights *weights, Oid function)
{
	int n;

	for (int item = 0; item <= KS_SF12_ITEMS; item++)
		for (int code = 0; code < KS_SF12_CODES; code++)
			weights->pcs[item][code] = weights->mcs[item][code] = NAN;
	SPI_connect();
	n = kc_config_select(kc_schema_of_function(function), "sf12_weights",
						 "\"position\", response, pcs, mcs", "ORDER BY shipped DESC");
	for (int i = 0; i < n; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		bool isnull;
		int item = DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
		int code = DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));

		if (item < 0 || item > KS_SF12_ITEMS || code < 0 || code >= KS_SF12_CODES)
			continue;
		weights->pcs[item][code] = kc_config_float(row, 3, NAN);
		weights->mcs[item][code] = kc_config_float(row, 4, NAN);
	}
	SPI_finish();
}

static Sf12Lookup *
sf12_lookup(FmgrInfo *flinfo)
{
	Sf12Lookup *lookup = flinfo->fn_extra;
	KcSnapshotStamp stamp = kc_snapshot_stamp();

	if (lookup == NULL)
		lookup = flinfo->fn_extra =
			MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(Sf12Lookup));
	if (!lookup->loaded || !kc_same_snapshot(&lookup->stamp, &stamp))
	{
		lookup->loaded = false;
		read_weights(&lookup->weights, flinfo->fn_oid);
		lookup->stamp = stamp;
		lookup->loaded = true;
	}
	return lookup;
}

/* The error for a code that version 1 does not have. */
pg_noreturn static void
raise_code(int item, int code)
{
	int highest = ks_sf12_highest(item);
	bool version2 = highest == 2 && code >= 3 && code <= 5;

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("item %d is %d, outside 1 to %d", item, code, highest),
			 version2 ? errdetail("Items 4 to 7 have two answers in version 1 of the form "
								  "and five in version 2.")
					  : 0,
			 version2 ? errhint("Version 2 has other weights, which this function does not "
								"know.")
					  : errhint("Give the codes as printed on the form of version 1, and NULL "
								"for a missing answer.")));
	pg_unreachable();
}

/* The weights must have what the answers ask for. */
static void
check_weights(const KsSf12Weights *weights, int item, int code)
{
	if (unlikely(isnan(weights->pcs[item][code]) || isnan(weights->mcs[item][code])))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("sf12_weights has no row for position %d, response %d", item,
							   code),
						errhint("Insert the weights that are missing.")));
}

/* sf12_score(items) */
PG_FUNCTION_INFO_V1(kc_sf12_score);
Datum
kc_sf12_score(PG_FUNCTION_ARGS)
{
	typedef struct Sf12Row
	{
		double pcs;
		double mcs;
	} Sf12Row;
	static const KcField fields[] = {
		KC_FIELD(Sf12Row, pcs, KC_FLOAT),
		KC_FIELD(Sf12Row, mcs, KC_FLOAT),
	};
	int item[KS_SF12_ITEMS];
	bool answered[KS_SF12_ITEMS];
	Sf12Lookup *lookup;
	Sf12Row row;

	take_codes(fcinfo, KS_SF12_ITEMS, item, answered);
	for (int i = 0; i < KS_SF12_ITEMS; i++)
		if (answered[i] && (item[i] < 1 || item[i] > ks_sf12_highest(i + 1)))
			raise_code(i + 1, item[i]);
	lookup = sf12_lookup(fcinfo->flinfo);
	check_weights(&lookup->weights, 0, 0);
	for (int i = 0; i < KS_SF12_ITEMS; i++)
		if (answered[i])
			check_weights(&lookup->weights, i + 1, item[i]);
	ks_sf12_score(&lookup->weights, item, &row.pcs, &row.mcs);
	if (isinf(row.pcs) || isinf(row.mcs))
		kc_require(KS_OVERFLOW);
	return kc_result_row_kept(fcinfo, &lookup->result, fields, lengthof(fields), &row);
}

/* ---- pain ------------------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_pain_category);
Datum
kc_pain_category(PG_FUNCTION_ARGS)
{
	double score = PG_GETARG_FLOAT8(0);
	const char *category;

	kc_check_finite(score, "score");
	category = ks_pain_category(score);
	if (category == NULL)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("score is %g, outside 0 to 10", score),
						errhint("Divide a score of 0 to 100 mm by 10.")));
	PG_RETURN_TEXT_P(cstring_to_text(category));
}
