/*
 * fn_reliability.c
 *	  Chapter score: do the items of a scale hang together?
 */
#include "postgres.h"

#include "utils/array.h"

#include "func/fn_core.h"
#include "summary/kc_item_summary.h"

PG_FUNCTION_INFO_V1(kc_item_summary_add);
Datum
kc_item_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_item_summary_type);
	ArrayType *array;
	const double *value;
	int items;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(kc_item_summary_add_form(state, -1, NULL));
	array = PG_GETARG_ARRAYTYPE_P(1);
	if (ARR_NDIM(array) > 1)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("items must be a one-dimensional array")));
	items = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (array_contains_nulls(array))
		PG_RETURN_POINTER(kc_item_summary_add_form(state, items, NULL));
	value = (const double *) ARR_DATA_PTR(array);
	for (int i = 0; i < items; i++)
		kc_check_finite(value[i], "item");
	PG_RETURN_POINTER(kc_item_summary_add_form(state, items, value));
}

typedef struct ReliabilityRow
{
	int64 n;
	int64 n_missing;
	int32 n_items;
	double alpha;
	double conf_low;
	double conf_high;
	double alpha_standardized;
	const char *note;
} ReliabilityRow;

static Datum
cronbach_alpha(FunctionCallInfo fcinfo, double conf_level)
{
	static const KcField fields[] = {
		KC_FIELD(ReliabilityRow, n, KC_INT8),
		KC_FIELD(ReliabilityRow, n_missing, KC_INT8),
		KC_FIELD(ReliabilityRow, n_items, KC_INT4),
		KC_FIELD(ReliabilityRow, alpha, KC_FLOAT),
		KC_FIELD(ReliabilityRow, conf_low, KC_FLOAT),
		KC_FIELD(ReliabilityRow, conf_high, KC_FLOAT),
		KC_FIELD(ReliabilityRow, alpha_standardized, KC_FLOAT),
		KC_FIELD(ReliabilityRow, note, KC_TEXT),
	};
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_item_summary_type);
	KsItemSums sums = kc_item_summary_sums(state);
	KsReliability result;
	ReliabilityRow row;

	ks_cronbach_alpha(&sums, conf_level, &result);
	row = (ReliabilityRow){state->n, state->n_missing,
						   sums.items == 0 ? PG_INT32_MIN : sums.items, result.alpha,
						   result.conf_low, result.conf_high, result.alpha_standardized,
						   result.note[0] ? result.note : NULL};
	return kc_result_row(fcinfo, fields, lengthof(fields), &row);
}

PG_FUNCTION_INFO_V1(kc_cronbach_alpha);
Datum
kc_cronbach_alpha(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return cronbach_alpha(fcinfo, kc_option_conf_level(fcinfo, 1));
}

PG_FUNCTION_INFO_V1(kc_cronbach_alpha_final);
Datum
kc_cronbach_alpha_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return cronbach_alpha(fcinfo, 0.95);
}
