/*
 * fn_tables.c
 *	  Chapter groups: contingency tables, their cells and tests, trend.
 */
#include "postgres.h"

#include "func/fn_core.h"
#include "stat/ks_chi_squared.h"
#include "stat/ks_fisher.h"
#include "stat/ks_mantel_haenszel.h"
#include "stat/ks_trend.h"
#include "summary/kc_contingency_table.h"
#include "summary/kc_stratified_table.h"
#include "summary/kc_trend_summary.h"

/* ---- transitions ------------------------------------------------------------------ */

PG_FUNCTION_INFO_V1(kc_contingency_table_add);
Datum
kc_contingency_table_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_contingency_table_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		text *a = PG_GETARG_TEXT_PP(1);
		text *b = PG_GETARG_TEXT_PP(2);

		state = kc_contingency_add(state, VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a),
								   VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b),
								   kc_label_hints(fcinfo, 2), 1);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_contingency_table_add_boolean);
Datum
kc_contingency_table_add_boolean(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_contingency_table_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		const char *a = PG_GETARG_BOOL(1) ? "true" : "false";
		const char *b = PG_GETARG_BOOL(2) ? "true" : "false";

		state = kc_contingency_add(state, a, strlen(a), b, strlen(b),
								   kc_label_hints(fcinfo, 2), 1);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_trend_summary_add);
Datum
kc_trend_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_trend_summary_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		double dose = PG_GETARG_FLOAT8(2);

		kc_check_finite(dose, "dose");
		state = kc_trend_summary_add_response(state, PG_GETARG_BOOL(1), dose);
	}
	PG_RETURN_POINTER(state);
}

/* ---- cells ------------------------------------------------------------------------- */

static KsTable
counts_of(const KcTable *table)
{
	return (KsTable){table->count, table->rows, table->columns};
}

typedef struct CellRow
{
	const char *a;
	const char *b;
	int64 n;
	double row_fraction;
	double col_fraction;
	double expected;
	double residual;
} CellRow;

static double
fraction(int64 part, int64 whole)
{
	return whole > 0 ? (double) part / (double) whole : NAN;
}

PG_FUNCTION_INFO_V1(kc_cells);
Datum
kc_cells(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(CellRow, a, KC_TEXT),
		KC_FIELD(CellRow, b, KC_TEXT),
		KC_FIELD(CellRow, n, KC_INT8),
		KC_FIELD(CellRow, row_fraction, KC_FLOAT),
		KC_FIELD(CellRow, col_fraction, KC_FLOAT),
		KC_FIELD(CellRow, expected, KC_FLOAT),
		KC_FIELD(CellRow, residual, KC_FLOAT),
	};
	KcTable table;
	KsTable counts;
	size_t size;
	CellRow *rows;
	double *expected, *residual;
	int64 *row_sum, *column_sum;

	if (PG_ARGISNULL(0))
		return kc_result_set(fcinfo, fields, lengthof(fields), NULL, sizeof(CellRow), 0);
	table = kc_contingency_read(kc_arg_summary(fcinfo, 0, &kc_contingency_table_type));
	counts = counts_of(&table);
	size = counts.rows * counts.columns;
	rows = palloc_extended(sizeof(CellRow) * Max(size, 1), MCXT_ALLOC_HUGE);
	expected = palloc_extended(sizeof(double) * Max(size, 1), MCXT_ALLOC_HUGE);
	residual = palloc_extended(sizeof(double) * Max(size, 1), MCXT_ALLOC_HUGE);
	row_sum = palloc(sizeof(int64) * Max(counts.rows, 1));
	column_sum = palloc(sizeof(int64) * Max(counts.columns, 1));
	(void) ks_table_margins(&counts, row_sum, column_sum);
	kc_require(ks_table_cells(&counts, &kc_env, expected, residual, NULL));
	for (size_t i = 0; i < size; i++)
	{
		size_t r = i / counts.columns;
		size_t c = i % counts.columns;

		rows[i] = (CellRow){table.row_labels[r],
							table.column_labels[c],
							table.count[i],
							fraction(table.count[i], row_sum[r]),
							fraction(table.count[i], column_sum[c]),
							expected[i],
							residual[i]};
	}
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(CellRow), size);
}

/* ---- tests ------------------------------------------------------------------------- */

static Datum
chi_squared_test(FunctionCallInfo fcinfo, bool correct)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_contingency_table_type);
	KcTable table = kc_contingency_read(state);
	KsTable counts = counts_of(&table);
	KsTest test;

	kc_require(ks_chi_squared_test(&counts, correct, &kc_env, &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_chi_squared_test);
Datum
kc_chi_squared_test(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return chi_squared_test(fcinfo, kc_option_bool(fcinfo, 1, "correct"));
}

PG_FUNCTION_INFO_V1(kc_chi_squared_test_final);
Datum
kc_chi_squared_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return chi_squared_test(fcinfo, true);
}

static Datum
fisher_exact_test(FunctionCallInfo fcinfo, KsAlternative alternative, double conf_level,
				  int64 seed)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_contingency_table_type);
	KcTable table = kc_contingency_read(state);
	KsTable counts = counts_of(&table);
	KsTest test;

	kc_require(
		ks_fisher_test(&counts, alternative, conf_level, (uint64_t) seed, &kc_env, &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_fisher_exact_test);
Datum
kc_fisher_exact_test(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return fisher_exact_test(fcinfo, kc_option_alternative(fcinfo, 1),
							 kc_option_conf_level(fcinfo, 2),
							 kc_option_seed(fcinfo, 3));
}

PG_FUNCTION_INFO_V1(kc_fisher_exact_test_final);
Datum
kc_fisher_exact_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return fisher_exact_test(fcinfo, KS_TWO_SIDED, 0.95, 1);
}

PG_FUNCTION_INFO_V1(kc_trend_test);
Datum
kc_trend_test(PG_FUNCTION_ARGS)
{
	const KcState *state;
	KsDoseCount *counts;
	size_t doses;
	KsTest test;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_trend_summary_type);
	counts = kc_trend_summary_read(state, &doses);
	ks_trend_test(counts, doses, &test);
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

/* ---- strata ------------------------------------------------------------------------ */

static KcLabel
text_label(FunctionCallInfo fcinfo, int arg)
{
	text *label = PG_GETARG_TEXT_PP(arg);

	return (KcLabel){VARDATA_ANY(label), VARSIZE_ANY_EXHDR(label)};
}

static KcLabel
boolean_label(FunctionCallInfo fcinfo, int arg)
{
	return PG_GETARG_BOOL(arg) ? (KcLabel){"true", 4} : (KcLabel){"false", 5};
}

static Datum
count_in_stratum(FunctionCallInfo fcinfo, KcLabel (*label)(FunctionCallInfo, int))
{
	KcState *state = kc_arg_state(fcinfo, &kc_stratified_table_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		state->n_missing++;
	else
		state = kc_stratified_table_count(state, label(fcinfo, 1), label(fcinfo, 2),
										  text_label(fcinfo, 3));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_stratified_table_add);
Datum
kc_stratified_table_add(PG_FUNCTION_ARGS)
{
	return count_in_stratum(fcinfo, text_label);
}

PG_FUNCTION_INFO_V1(kc_stratified_table_add_boolean);
Datum
kc_stratified_table_add_boolean(PG_FUNCTION_ARGS)
{
	return count_in_stratum(fcinfo, boolean_label);
}

static Datum
mantel_haenszel_test(FunctionCallInfo fcinfo, KsAlternative alternative,
					 double conf_level, bool correct)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_stratified_table_type);
	KcStrata table = kc_stratified_table_read(state);
	KsTest test;

	if (table.count != NULL || state->n == 0)
		ks_mantel_haenszel_test(table.count, state->n == 0 ? 0 : table.strata, correct,
								alternative, conf_level, &test);
	else
	{
		ks_test_clear(&test);
		test.n = state->n;
		ks_note(test.note, "%u by %u levels where 2 by 2 are compared", table.rows,
				table.columns);
	}
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_mantel_haenszel_test);
Datum
kc_mantel_haenszel_test(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return mantel_haenszel_test(fcinfo, kc_option_alternative(fcinfo, 1),
								kc_option_conf_level(fcinfo, 2),
								kc_option_bool(fcinfo, 3, "correct"));
}

PG_FUNCTION_INFO_V1(kc_mantel_haenszel_test_final);
Datum
kc_mantel_haenszel_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return mantel_haenszel_test(fcinfo, KS_TWO_SIDED, 0.95, true);
}
