/*
 * fn_describe.c
 *	  Chapter describe: one variable, and adjustment of p-values.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "func/fn_core.h"
#include "stat/ks_adjust.h"
#include "stat/ks_describe.h"
#include "summary/kc_value_counts.h"

/* ---- transitions ------------------------------------------------------------------ */

PG_FUNCTION_INFO_V1(kc_value_counts_add);
Datum
kc_value_counts_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_value_counts_type);

	if (PG_ARGISNULL(1))
		state->n_missing++;
	else
	{
		double value = PG_GETARG_FLOAT8(1);

		kc_check_finite(value, "value");
		state = kc_value_counts_add_value(state, value);
	}
	PG_RETURN_POINTER(state);
}

/* ---- description ------------------------------------------------------------------ */

typedef struct DescriptionRow
{
	KsDescription figures;
	int64 n_missing;
} DescriptionRow;

#define FIGURE(column, kind) \
	{#column, kind, offsetof(DescriptionRow, figures) + offsetof(KsDescription, column)}

PG_FUNCTION_INFO_V1(kc_describe);
Datum
kc_describe(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		FIGURE(n, KC_INT8),
		KC_FIELD(DescriptionRow, n_missing, KC_INT8),
		FIGURE(mean, KC_FLOAT),
		FIGURE(sd, KC_FLOAT),
		FIGURE(min, KC_FLOAT),
		FIGURE(q1, KC_FLOAT),
		FIGURE(median, KC_FLOAT),
		FIGURE(q3, KC_FLOAT),
		FIGURE(max, KC_FLOAT),
		FIGURE(skewness, KC_FLOAT),
		FIGURE(kurtosis, KC_FLOAT),
	};
	const KcState *state;
	KsCounted values;
	DescriptionRow row;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_value_counts_type);
	values = kc_value_counts_read(state);
	kc_require(ks_describe(&values, &kc_env, &row.figures));
	row.n_missing = state->n_missing;
	return kc_result_row(fcinfo, fields, lengthof(fields), &row);
}

PG_FUNCTION_INFO_V1(kc_quantile);
Datum
kc_quantile(PG_FUNCTION_ARGS)
{
	KsCounted values;
	double q;
	int type;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	q = kc_option_float(fcinfo, 1, "q");
	if (q < 0 || q > 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("q is %g", q),
						errhint("It must lie between 0 and 1; the median is 0.5.")));
	type = kc_option_int(fcinfo, 2, "type", 1, 9);
	values = kc_value_counts_read(kc_arg_summary(fcinfo, 0, &kc_value_counts_type));
	KC_RETURN_FLOAT(ks_quantile(&values, q, type));
}

typedef struct HistogramRow
{
	double lower;
	double upper;
	int64 n;
	double fraction;
} HistogramRow;

PG_FUNCTION_INFO_V1(kc_histogram);
Datum
kc_histogram(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(HistogramRow, lower, KC_FLOAT),
		KC_FIELD(HistogramRow, upper, KC_FLOAT),
		KC_FIELD(HistogramRow, n, KC_INT8),
		KC_FIELD(HistogramRow, fraction, KC_FLOAT),
	};
	int bins = kc_option_int(fcinfo, 1, "bins", 1, 100000);
	KsCounted values = {0};
	double *edge = palloc(sizeof(double) * (bins + 1));
	int64 *count = palloc(sizeof(int64) * bins);
	HistogramRow *rows = palloc(sizeof(HistogramRow) * bins);
	int used = 0;

	if (!PG_ARGISNULL(0))
	{
		values = kc_value_counts_read(kc_arg_summary(fcinfo, 0, &kc_value_counts_type));
		kc_require(ks_histogram(&values, bins, &kc_env, edge, count, &used));
	}
	for (int i = 0; i < used; i++)
		rows[i] = (HistogramRow){edge[i], edge[i + 1], count[i],
								 (double) count[i] / (double) values.n};
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), used);
}

/* ---- one-sample t test ------------------------------------------------------------- */

static Datum
t_test(FunctionCallInfo fcinfo, double mu, KsAlternative alternative, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_value_counts_type);
	KsCounted values = kc_value_counts_read(state);
	KsTest test;

	kc_require(ks_t_test(&values, mu, alternative, conf_level, &kc_env, &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_t_test);
Datum
kc_t_test(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return t_test(fcinfo, kc_option_float(fcinfo, 1, "mu"),
				  kc_option_alternative(fcinfo, 2), kc_option_conf_level(fcinfo, 3));
}

PG_FUNCTION_INFO_V1(kc_t_test_final);
Datum
kc_t_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return t_test(fcinfo, 0, KS_TWO_SIDED, 0.95);
}

/* ---- adjustment of p-values -------------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_p_adjust);
Datum
kc_p_adjust(PG_FUNCTION_ARGS)
{
	static const char *const methods[] = {"holm", "hochberg", "hommel", "bonferroni",
										  "BH",   "BY",       "none",   NULL};
	KsAdjustMethod method = kc_option_choice(fcinfo, 1, "method", methods);
	ArrayType *array;
	Datum *datums;
	bool *isnull;
	int n;
	double *p, *adjusted;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	array = PG_GETARG_ARRAYTYPE_P(0);
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &datums, &isnull, &n);
	p = palloc(sizeof(double) * Max(n, 1));
	adjusted = palloc(sizeof(double) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		p[i] = isnull[i] ? NAN : DatumGetFloat8(datums[i]);
		if (!isnull[i] && !(p[i] >= 0 && p[i] <= 1))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("p-value %d is %g", i + 1, p[i]),
							errhint("A p-value lies between 0 and 1; a missing one is "
									"NULL.")));
	}
	kc_require(ks_p_adjust(p, n, method, &kc_env, adjusted));
	for (int i = 0; i < n; i++)
		datums[i] = Float8GetDatum(adjusted[i]);
	PG_RETURN_ARRAYTYPE_P(construct_md_array(datums, isnull, ARR_NDIM(array),
											 ARR_DIMS(array), ARR_LBOUND(array), FLOAT8OID,
											 sizeof(float8), FLOAT8PASSBYVAL,
											 TYPALIGN_DOUBLE));
}
