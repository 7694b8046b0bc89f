/*
 * fn_responder.c
 *	  Chapter responder: who responded, and how sure we are of the share.
 */
#include "postgres.h"

#include "func/fn_core.h"
#include "stat/ks_proportion.h"
#include "stat/ks_response.h"
#include "stat/ks_table2.h"
#include "summary/kc_contingency_table.h"
#include "summary/kc_value_counts.h"

/* ---- one patient ------------------------------------------------------------------ */

/* A finite score by argument; NULL is for the caller to have asked about. */
static double
arg_score(FunctionCallInfo fcinfo, int arg, const char *what)
{
	double score = PG_GETARG_FLOAT8(arg);

	kc_check_finite(score, what);
	return score;
}

PG_FUNCTION_INFO_V1(kc_percent_change);
Datum
kc_percent_change(PG_FUNCTION_ARGS)
{
	double change = ks_percent_change(arg_score(fcinfo, 0, "value before"),
									  arg_score(fcinfo, 1, "value after"));

	if (isinf(change))
		kc_require(KS_OVERFLOW);
	KC_RETURN_FLOAT(change);
}

static KsDirection
option_direction(FunctionCallInfo fcinfo, int arg)
{
	static const char *const choices[] = {"decrease", "increase", NULL};

	return (KsDirection) kc_option_choice(fcinfo, arg, "direction", choices);
}

/* The rule of is_responder, read once a query as long as its options stay put. */
static KsResponderRule
option_rule(FunctionCallInfo fcinfo)
{
	static const char *const scales[] = {"percent", "absolute", NULL};
	KsResponderRule rule;

	rule.threshold = kc_option_float(fcinfo, 2, "threshold");
	if (rule.threshold < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("threshold is %g", rule.threshold),
				 errhint("Give the size of the change as a number from 0 up; direction says "
						 "which way.")));
	rule.inclusive = kc_option_bool(fcinfo, 3, "inclusive");
	rule.direction = option_direction(fcinfo, 4);
	rule.absolute = kc_option_choice(fcinfo, 5, "scale", scales) == 1;
	return rule;
}

PG_FUNCTION_INFO_V1(kc_is_responder);
Datum
kc_is_responder(PG_FUNCTION_ARGS)
{
	KsResponderRule rule = option_rule(fcinfo);

	/* stopping for lack of effect is a failure whatever was measured after it */
	if (!PG_ARGISNULL(6) && PG_GETARG_BOOL(6))
		PG_RETURN_BOOL(false);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(ks_is_responder(arg_score(fcinfo, 0, "value before"),
								   arg_score(fcinfo, 1, "value after"), &rule));
}

/* The category's position in the enum, from 1; the SQL function picks the label. */
PG_FUNCTION_INFO_V1(kc_response_category);
Datum
kc_response_category(PG_FUNCTION_ARGS)
{
	double minimal = kc_option_float(fcinfo, 2, "minimal");
	double moderate = kc_option_float(fcinfo, 3, "moderate");
	double substantial = kc_option_float(fcinfo, 4, "substantial");
	KsResponse response;

	if (!(0 < minimal && minimal < moderate && moderate < substantial && substantial <= 100))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("thresholds %g, %g, %g are out of order", minimal, moderate,
							   substantial),
						errhint("They must rise: 0 < minimal < moderate < substantial <= "
								"100.")));
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	response = ks_response_category(arg_score(fcinfo, 0, "value before"),
									arg_score(fcinfo, 1, "value after"), minimal, moderate,
									substantial);
	if (response == KS_RESPONSE_UNDEFINED)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) response + 1);
}

PG_FUNCTION_INFO_V1(kc_reliable_change);
Datum
kc_reliable_change(PG_FUNCTION_ARGS)
{
	double sd_before = kc_option_float(fcinfo, 2, "sd_before");
	double reliability = kc_option_float(fcinfo, 3, "reliability");

	if (sd_before <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("sd_before is %g", sd_before),
						errhint("It must be positive: the standard deviation of the score "
								"before treatment.")));
	if (reliability < 0 || reliability >= 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("reliability is %g", reliability),
						errhint("It must be at least 0 and below 1, for instance a Cronbach "
								"alpha of 0.88.")));
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	KC_RETURN_FLOAT(ks_reliable_change(arg_score(fcinfo, 0, "value before"),
									   arg_score(fcinfo, 1, "value after"), sd_before,
									   reliability));
}

/* ---- proportions ------------------------------------------------------------------- */

typedef struct ProportionRow
{
	int64 n;
	int64 n_missing;
	int64 events;
	double estimate;
	double conf_low;
	double conf_high;
	const char *method;
	char note[KS_NOTE_SIZE];
} ProportionRow;

static const char *const proportion_methods[] = {"wilson",   "wilson_cc", "clopper_pearson",
												 "midp",     "jeffreys",  "agresti_coull",
												 "wald",     NULL};

static Datum
proportion(FunctionCallInfo fcinfo, int64 events, int64 n, int64 n_missing,
		   KsProportionMethod method, double conf_level)
{
	static const KcField fields[] = {
		KC_FIELD(ProportionRow, n, KC_INT8),
		KC_FIELD(ProportionRow, n_missing, KC_INT8),
		KC_FIELD(ProportionRow, events, KC_INT8),
		KC_FIELD(ProportionRow, estimate, KC_FLOAT),
		KC_FIELD(ProportionRow, conf_low, KC_FLOAT),
		KC_FIELD(ProportionRow, conf_high, KC_FLOAT),
		KC_FIELD(ProportionRow, method, KC_TEXT),
		KC_FIELD(ProportionRow, note, KC_NOTE),
	};
	ProportionRow row = {n, n_missing, events, NAN, NAN, NAN,
						 ks_proportion_method_name(method), ""};

	if (n == 0)
		ks_note(row.note, "no observations");
	else
	{
		row.estimate = (double) events / (double) n;
		ks_proportion_ci(events, n, method, conf_level, &row.conf_low, &row.conf_high);
	}
	return kc_result_row(fcinfo, fields, lengthof(fields), &row);
}

PG_FUNCTION_INFO_V1(kc_proportion_ci);
Datum
kc_proportion_ci(PG_FUNCTION_ARGS)
{
	KsProportionMethod method = kc_option_choice(fcinfo, 2, "method", proportion_methods);
	double conf_level = kc_option_conf_level(fcinfo, 3);
	int64 events, n;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	events = PG_GETARG_INT64(0);
	n = PG_GETARG_INT64(1);
	if (n < 0 || events < 0 || events > n)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("events is " INT64_FORMAT ", n is " INT64_FORMAT, events, n),
						errhint("The number of events lies between 0 and n.")));
	return proportion(fcinfo, events, n, 0, method, conf_level);
}

PG_FUNCTION_INFO_V1(kc_value_counts_add_boolean);
Datum
kc_value_counts_add_boolean(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_value_counts_type);

	if (PG_ARGISNULL(1))
		state->n_missing++;
	else
		state = kc_value_counts_add_value(state, PG_GETARG_BOOL(1) ? 1.0 : 0.0);
	PG_RETURN_POINTER(state);
}

static Datum
responder_rate(FunctionCallInfo fcinfo, KsProportionMethod method, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_value_counts_type);
	KsCounted values = kc_value_counts_read(state);
	int64 events = 0;

	for (size_t i = 0; i < values.distinct; i++)
	{
		if (values.value[i] == 1)
			events = ks_count_at(&values, i);
		else if (values.value[i] != 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the summary holds values other than 0 and 1"),
							errhint("Build it from a boolean: value_counts(response).")));
	}
	return proportion(fcinfo, events, state->n, state->n_missing, method, conf_level);
}

PG_FUNCTION_INFO_V1(kc_responder_rate);
Datum
kc_responder_rate(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return responder_rate(fcinfo, kc_option_choice(fcinfo, 1, "method", proportion_methods),
						  kc_option_conf_level(fcinfo, 2));
}

PG_FUNCTION_INFO_V1(kc_responder_rate_final);
Datum
kc_responder_rate_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return responder_rate(fcinfo, KS_PROPORTION_WILSON, 0.95);
}

/* ---- curve and comparison ----------------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_responder_curve);
Datum
kc_responder_curve(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(KsCurvePoint, threshold, KC_FLOAT),
		KC_FIELD(KsCurvePoint, responders, KC_INT8),
		KC_FIELD(KsCurvePoint, n, KC_INT8),
		KC_FIELD(KsCurvePoint, estimate, KC_FLOAT),
		KC_FIELD(KsCurvePoint, conf_low, KC_FLOAT),
		KC_FIELD(KsCurvePoint, conf_high, KC_FLOAT),
	};
	int count;
	double *thresholds = kc_option_floats(fcinfo, 1, "thresholds", &count);
	KsDirection direction = option_direction(fcinfo, 2);
	double conf_level = kc_option_conf_level(fcinfo, 3);
	KsCurvePoint *points = palloc(sizeof(KsCurvePoint) * Max(count, 1));
	KsCounted values;

	if (PG_ARGISNULL(0))
		count = 0;
	else
	{
		values = kc_value_counts_read(kc_arg_summary(fcinfo, 0, &kc_value_counts_type));
		kc_require(ks_responder_curve(&values, thresholds, count, direction, conf_level,
									  &kc_env, points));
	}
	return kc_result_set(fcinfo, fields, lengthof(fields), points, sizeof(*points), count);
}

/* Counts of a two-by-two table; false when it is not one, and *why says so. */
static bool
two_groups(const KcTable *table, int64 events[2], int64 n[2], const char **why)
{
	int event_column = -1;

	if (table->rows != 2 || table->columns > 2 || table->columns < 1)
	{
		*why = "needs two groups and two outcomes";
		return false;
	}
	/* the later label is the event; a lone boolean says itself which it is */
	if (table->columns == 2)
		event_column = 1;
	else if (strcmp(table->column_labels[0], "true") == 0)
		event_column = 0;
	else if (strcmp(table->column_labels[0], "false") != 0)
	{
		*why = "only one outcome occurs";
		return false;
	}
	for (int g = 0; g < 2; g++)
	{
		n[g] = events[g] = 0;
		for (int c = 0; c < (int) table->columns; c++)
		{
			n[g] += table->count[g * table->columns + c];
			if (c == event_column)
				events[g] = table->count[g * table->columns + c];
		}
	}
	return true;
}

PG_FUNCTION_INFO_V1(kc_compare_proportions);
Datum
kc_compare_proportions(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(KsComparison, measure, KC_TEXT),
		KC_FIELD(KsComparison, estimate, KC_FLOAT),
		KC_FIELD(KsComparison, conf_low, KC_FLOAT),
		KC_FIELD(KsComparison, conf_high, KC_FLOAT),
		KC_FIELD(KsComparison, p_value, KC_FLOAT),
		KC_FIELD(KsComparison, method, KC_NOTE),
	};
	double conf_level = kc_option_conf_level(fcinfo, 1);
	KsComparison rows[KS_COMPARISONS];
	KcTable table;
	int64 events[2] = {0}, n[2] = {0};
	const char *why = NULL;

	if (PG_ARGISNULL(0))
		return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), 0);
	table = kc_contingency_read(kc_arg_summary(fcinfo, 0, &kc_contingency_table_type));
	if (!two_groups(&table, events, n, &why))
		n[0] = n[1] = events[0] = events[1] = 0;
	ks_compare_proportions(events[0], n[0], events[1], n[1], conf_level, rows);
	for (int i = 0; why != NULL && i < KS_COMPARISONS; i++)
		strlcpy(rows[i].method, why, sizeof(rows[i].method));
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows),
						 KS_COMPARISONS);
}
