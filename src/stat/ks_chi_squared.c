/*
 * ks_chi_squared.c
 *	  Pearson's chi-squared test of a contingency table, equal to R's chisq.test.
 *
 * The deviation of a cell, observed - expected, is computed as (n x - row column)
 * / n with the difference in double-double: it keeps its digits in tables of
 * millions of rows that are nearly independent.  Rows and columns without counts
 * are left out (R answers NaN).  Sources: Pearson 1900, Philos Mag 50:157; Yates
 * 1934, Suppl JRSS 1:217; Cramer 1946; Haberman 1973, Biometrics 29:205
 * (standardized residuals).
 */
#include "stat/ks_chi_squared.h"

#include "stat/ks_dd.h"
#include "stat/ks_dist.h"

#define POLL_EVERY 4096
#define SMALL_EXPECTED 5

/* The margins of a table as doubles. */
typedef struct Margins
{
	int64_t *row;
	int64_t *column;
	int64_t n;
	size_t rows, columns; /* with counts */
} Margins;

int64_t
ks_table_margins(const KsTable *table, int64_t *row_sum, int64_t *column_sum)
{
	int64_t total = 0;

	for (size_t j = 0; column_sum && j < table->columns; j++)
		column_sum[j] = 0;
	for (size_t i = 0; i < table->rows; i++)
	{
		int64_t sum = 0;

		for (size_t j = 0; j < table->columns; j++)
		{
			int64_t count = table->count[i * table->columns + j];

			sum += count;
			if (column_sum)
				column_sum[j] += count;
		}
		if (row_sum)
			row_sum[i] = sum;
		total += sum;
	}
	return total;
}

static KsStatus
find_margins(const KsTable *table, const KsEnv *env, Margins *margins)
{
	*margins = (Margins){0};
	margins->row =
		env->alloc(env->context, (table->rows + table->columns + 1) * sizeof(int64_t));
	if (margins->row == NULL)
		return KS_NO_MEMORY;
	margins->column = margins->row + table->rows;
	margins->n = ks_table_margins(table, margins->row, margins->column);
	for (size_t i = 0; i < table->rows; i++)
		margins->rows += margins->row[i] > 0;
	for (size_t j = 0; j < table->columns; j++)
		margins->columns += margins->column[j] > 0;
	return KS_OK;
}

/* observed - expected of a cell. */
static double
deviation(const KsTable *table, const Margins *margins, size_t i, size_t j)
{
	KsDD scaled = ks_two_prod((double) table->count[i * table->columns + j],
							  (double) margins->n);
	KsDD product = ks_two_prod((double) margins->row[i], (double) margins->column[j]);

	return ks_dd_value(ks_dd_sub(scaled, product)) / (double) margins->n;
}

static double
expectation(const Margins *margins, size_t i, size_t j)
{
	return (double) margins->row[i] * ((double) margins->column[j] / (double) margins->n);
}

/* Statistic with and without correction, and the number of small expected counts. */
static KsStatus
sum_cells(const KsTable *table, const Margins *margins, double correction,
		  const KsEnv *env, double *statistic, double *plain, size_t *small)
{
	KsDD sum = {0, 0}, plain_sum = {0, 0};

	*small = 0;
	for (size_t i = 0, step = 0; i < table->rows; i++)
		for (size_t j = 0; j < table->columns; j++)
		{
			double expected = expectation(margins, i, j);
			double distance;

			if (++step % POLL_EVERY == 0 && env->poll(env->context))
				return KS_CANCELLED;
			if (expected == 0)
				continue;
			*small += expected < SMALL_EXPECTED;
			distance = fabs(deviation(table, margins, i, j));
			plain_sum = ks_dd_add_d(plain_sum, distance * distance / expected);
			distance -= fmin(correction, distance);
			sum = ks_dd_add_d(sum, distance * distance / expected);
		}
	*statistic = ks_dd_value(sum);
	*plain = ks_dd_value(plain_sum);
	return KS_OK;
}

KsStatus
ks_chi_squared_test(const KsTable *table, bool correct, const KsEnv *env, KsTest *test)
{
	Margins margins;
	double plain = 0;
	size_t small = 0;
	bool corrected;
	KsStatus status = find_margins(table, env, &margins);

	ks_test_clear(test);
	test->method = "chi-squared test";
	test->effect_name = "Cramer's V";
	if (status != KS_OK)
		return status;
	test->n = margins.n;
	corrected = correct && margins.rows == 2 && margins.columns == 2;
	if (corrected)
		test->method = "chi-squared test with Yates' continuity correction";
	if (margins.rows < 2 || margins.columns < 2)
		ks_note(test->note, margins.n == 0 ? "no values" : "a variable has only one level");
	else
		status = sum_cells(table, &margins, corrected ? 0.5 : 0, env, &test->statistic,
						   &plain, &small);
	if (status == KS_OK && test->note[0] == '\0')
	{
		size_t fewer = margins.rows < margins.columns ? margins.rows : margins.columns;

		test->df = (double) (margins.rows - 1) * (double) (margins.columns - 1);
		test->p_value = ks_chi_squared_cdf(test->statistic, test->df, false);
		test->effect_size =
			fmin(1, sqrt(plain / ((double) margins.n * (double) (fewer - 1))));
		if (small > 0)
			ks_note(test->note, "expected count below 5 in %zu of %zu cells", small,
					margins.rows * margins.columns);
	}
	env->free(env->context, margins.row);
	return status;
}

KsStatus
ks_table_cells(const KsTable *table, const KsEnv *env, double *expected, double *residual,
			   double *standardized)
{
	Margins margins;
	double n;
	KsStatus status = find_margins(table, env, &margins);

	if (status != KS_OK)
		return status;
	n = (double) margins.n;
	for (size_t i = 0; i < table->rows; i++)
		for (size_t j = 0; j < table->columns; j++)
		{
			size_t cell = i * table->columns + j;
			double mean = margins.n == 0 ? 0 : expectation(&margins, i, j);
			double pearson = mean > 0 ? deviation(table, &margins, i, j) / sqrt(mean) : NAN;
			double row_rest = (double) (margins.n - margins.row[i]) / n;
			double column_rest = (double) (margins.n - margins.column[j]) / n;
			double rest = row_rest * column_rest;

			if (expected)
				expected[cell] = mean;
			if (residual)
				residual[cell] = pearson;
			if (standardized)
				standardized[cell] = rest > 0 ? pearson / sqrt(rest) : NAN;
		}
	env->free(env->context, margins.row);
	return KS_OK;
}
