/*
 * test_chi_squared.c
 *	  Chi-squared and Cochran-Armitage tests against R.
 */
#include "stat/ks_chi_squared.h"
#include "stat/ks_trend.h"

#include "gold.h"
#include "unit.h"

#define CELLS 64

static void
check_table(const Gold *gold)
{
	size_t rows = (size_t) gold_number(gold, 7), columns = (size_t) gold_number(gold, 8);
	int cells = (int) (rows * columns);
	int64_t count[CELLS];
	double expected[CELLS], residual[CELLS], standardized[CELLS];
	KsTable table = {count, rows, columns};
	KsTest test;

	CHECK(gold->fields == 9 + 4 * cells);
	for (int i = 0; i < cells; i++)
		count[i] = (int64_t) gold_number(gold, 9 + i);
	CHECK(ks_chi_squared_test(&table, true, &unit_env, &test) == KS_OK);
	CHECK_CLOSE(test.statistic, gold_number(gold, 1), 1e-11);
	CHECK_CLOSE(test.df, gold_number(gold, 2), 0);
	CHECK_CLOSE(test.p_value, gold_number(gold, 3), 1e-10);
	CHECK_CLOSE(test.effect_size, gold_number(gold, 6), 1e-11);
	CHECK(ks_chi_squared_test(&table, false, &unit_env, &test) == KS_OK);
	CHECK_CLOSE(test.statistic, gold_number(gold, 4), 1e-11);
	CHECK_CLOSE(test.p_value, gold_number(gold, 5), 1e-10);
	CHECK(ks_table_cells(&table, &unit_env, expected, residual, standardized) == KS_OK);
	for (int i = 0; i < cells; i++)
	{
		double value = gold_number(gold, 9 + cells + i);

		CHECK_CLOSE(expected[i], isnan(value) ? 0 : value, 1e-13);
		CHECK_CLOSE(residual[i], gold_number(gold, 9 + 2 * cells + i), 1e-10);
		CHECK_CLOSE(standardized[i], gold_number(gold, 9 + 3 * cells + i), 1e-10);
		CHECK(expected[i] == 0 || expected[i] >= 5 || strstr(test.note, "below 5"));
	}
}

static void
check_trend(const Gold *gold)
{
	int size = (int) gold_number(gold, 4);
	KsDoseCount doses[CELLS];
	KsTest test;

	CHECK(gold->fields == 5 + 3 * size);
	for (int i = 0; i < size; i++)
		doses[size - 1 - i] = (KsDoseCount){
			gold_number(gold, 5 + i), (int64_t) gold_number(gold, 5 + size + i),
			(int64_t) gold_number(gold, 5 + 2 * size + i)};
	ks_trend_test(doses, (size_t) size, &test);
	/* R's regression leaves rounding where there is no trend */
	CHECK(fabs(test.statistic - gold_number(gold, 1)) <= 1e-10 * (test.statistic + 1e-10));
	CHECK_CLOSE(test.p_value, gold_number(gold, 2), 1e-9);
	CHECK(fabs(test.estimate - gold_number(gold, 3)) <= 1e-9 * (fabs(test.estimate) + 1e-5));
}

static void
degenerate(void)
{
	const int64_t zeros[] = {0, 0, 0, 0}, one_row[] = {3, 4, 0, 0};
	const KsDoseCount same[] = {{2, 1, 3}, {2, 3, 9}}, all[] = {{1, 3, 3}, {2, 9, 9}};
	KsTable table = {zeros, 2, 2};
	KsTest test;
	double expected[4], residual[4], standardized[4];

	CHECK(ks_chi_squared_test(&table, true, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0' && test.n == 0);
	CHECK(ks_table_cells(&table, &unit_env, expected, residual, standardized) == KS_OK);
	CHECK(expected[3] == 0 && isnan(residual[3]) && isnan(standardized[3]));
	table.count = one_row;
	CHECK(ks_chi_squared_test(&table, true, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0' && test.n == 7);
	ks_trend_test(same, 2, &test);
	CHECK(isnan(test.p_value) && test.note[0] != '\0');
	ks_trend_test(all, 2, &test);
	CHECK(isnan(test.p_value) && test.note[0] != '\0' && test.estimate == 0);
	ks_trend_test(NULL, 0, &test);
	CHECK(isnan(test.p_value) && test.note[0] != '\0');
}

int
main(void)
{
	static Gold gold;

	gold_open(&gold, "test/oracle/chi_squared.csv");
	while (gold_next(&gold))
	{
		if (strcmp(gold.field[0], "table") == 0)
			check_table(&gold);
		else
			check_trend(&gold);
	}
	degenerate();
	return UNIT_END();
}
