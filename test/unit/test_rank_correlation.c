/*
 * test_rank_correlation.c
 *	  Spearman's and Kendall's correlation against R.
 */
#include "stat/ks_rank_correlation.h"

#include "gold.h"
#include "unit.h"

enum
{
	SPEARMAN = 2,
	LIMITS = SPEARMAN + 5,
	KENDALL = LIMITS + 4,
	PAIRS = KENDALL + 5,
};

static const KsAlternative side[] = {KS_TWO_SIDED, KS_LESS, KS_GREATER};

/* R loses digits where it subtracts from 1: 1e-15 is what it then knows. */
static void
check_p(double actual, double expected)
{
	CHECK(actual >= 0 && actual <= 1);
	CHECK(fabs(actual - expected) <= 1e-9 * expected + 1e-14);
}

static void
check_spearman(const Gold *gold, const double *x, const double *y, size_t n)
{
	double conf = gold_number(gold, 1), limit;
	KsTest test[3];

	for (int i = 0; i < 3; i++)
	{
		CHECK(ks_spearman_correlation(x, y, NULL, n, side[i], conf, &unit_env, &test[i]) ==
			  KS_OK);
		CHECK(fabs(test[i].estimate - gold_number(gold, SPEARMAN)) < 1e-13);
		CHECK(fabs(test[i].statistic - gold_number(gold, SPEARMAN + 1)) <
			  1e-10 * (1 + test[i].statistic));
		check_p(test[i].p_value, gold_number(gold, SPEARMAN + 2 + i));
		limit = gold_number(gold, i == 2 ? LIMITS + 2 : LIMITS);
		if (i != 1)
			CHECK(isnan(limit) ? isnan(test[i].conf_low)
							   : fabs(test[i].conf_low - limit) < 1e-12);
		limit = gold_number(gold, i == 1 ? LIMITS + 3 : LIMITS + 1);
		if (i != 2)
			CHECK(isnan(limit) ? isnan(test[i].conf_high)
							   : fabs(test[i].conf_high - limit) < 1e-12);
	}
}

static void
check_kendall(const Gold *gold, const double *x, const double *y, size_t n)
{
	KsTest test;

	for (int i = 0; i < 3; i++)
	{
		CHECK(ks_kendall_correlation(x, y, NULL, n, side[i], &unit_env, &test) == KS_OK);
		CHECK(fabs(test.estimate - gold_number(gold, KENDALL)) < 1e-13);
		CHECK(fabs(test.statistic - gold_number(gold, KENDALL + 1)) < 1e-11);
		check_p(test.p_value, gold_number(gold, KENDALL + 2 + i));
	}
}

/* Every pair named twice as often, in another order, is the same data. */
static void
check_counts(const double *x, const double *y, size_t n)
{
	double long_x[2 * GOLD_FIELDS], long_y[2 * GOLD_FIELDS];
	int64_t count[GOLD_FIELDS];
	KsTest a, b;
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
	{
		count[i] = 1 + (int64_t) i % 2;
		for (int64_t k = 0; k < count[i]; k++, size++)
		{
			long_x[size] = x[n - 1 - i];
			long_y[size] = y[n - 1 - i];
		}
	}
	for (size_t i = 0; i < n / 2; i++)
	{
		int64_t swap = count[i];

		count[i] = count[n - 1 - i];
		count[n - 1 - i] = swap;
	}
	CHECK(ks_spearman_correlation(x, y, count, n, KS_LESS, 0.95, &unit_env, &a) == KS_OK);
	CHECK(ks_spearman_correlation(long_x, long_y, NULL, size, KS_LESS, 0.95, &unit_env,
								  &b) == KS_OK);
	CHECK(a.n == (int64_t) size && a.estimate == b.estimate && a.p_value == b.p_value);
	CHECK(ks_kendall_correlation(x, y, count, n, KS_LESS, &unit_env, &a) == KS_OK);
	CHECK(ks_kendall_correlation(long_x, long_y, NULL, size, KS_LESS, &unit_env, &b) == KS_OK);
	CHECK(a.n == (int64_t) size && a.estimate == b.estimate && a.p_value == b.p_value);
	CHECK(ks_kendall_correlation(y, x, count, n, KS_LESS, &unit_env, &b) == KS_OK);
	CHECK(a.estimate == b.estimate);
}

static void
against_r(void)
{
	static Gold gold;
	double x[GOLD_FIELDS], y[GOLD_FIELDS];

	gold_open(&gold, "test/oracle/rank_correlation.csv");
	while (gold_next(&gold))
	{
		int n = (int) gold_number(&gold, PAIRS);

		CHECK(gold.fields == PAIRS + 1 + 2 * n);
		for (int i = 0; i < n; i++)
		{
			x[i] = gold_number(&gold, PAIRS + 1 + i);
			y[i] = gold_number(&gold, PAIRS + 1 + n + i);
		}
		check_spearman(&gold, x, y, n);
		check_kendall(&gold, x, y, n);
		if (n > 3)
			check_counts(x, y, n);
	}
}

static void
degenerate(void)
{
	const double x[] = {1, 2, 3}, same[] = {5, 5, 5};
	KsTest test;

	for (size_t n = 0; n <= 3; n++)
	{
		CHECK(ks_spearman_correlation(x, same, NULL, n, KS_LESS, 0.95, &unit_env, &test) ==
			  KS_OK);
		CHECK(isnan(test.p_value) && isnan(test.estimate) && test.note[0] != '\0');
		CHECK(ks_kendall_correlation(same, x, NULL, n, KS_LESS, &unit_env, &test) == KS_OK);
		CHECK(isnan(test.p_value) && isnan(test.estimate) && test.note[0] != '\0');
	}
}

static bool
always_cancelled(void *context)
{
	(void) context;
	return true;
}

/* A large untied sample, by its known rank sums; and the cancel. */
static void
large(void)
{
	enum
	{
		N = 20000
	};
	static double x[N], y[N];
	KsEnv env = unit_env;
	KsTest test;

	for (int i = 0; i < N; i++)
	{
		x[i] = i;
		y[i] = i % 2 == 0 ? i + 1 : i - 1; /* neighbours swapped */
	}
	CHECK(ks_spearman_correlation(x, y, NULL, N, KS_TWO_SIDED, 0.95, &unit_env, &test) ==
		  KS_OK);
	CHECK(test.statistic == N);
	CHECK_CLOSE(1 - test.estimate, 6.0 / ((double) N * N - 1), 1e-6);
	CHECK(ks_kendall_correlation(x, y, NULL, N, KS_TWO_SIDED, &unit_env, &test) == KS_OK);
	CHECK_CLOSE(test.estimate, 1 - 2.0 / (N - 1), 1e-15);
	env.poll = always_cancelled;
	CHECK(ks_spearman_correlation(x, y, NULL, N, KS_TWO_SIDED, 0.95, &env, &test) ==
		  KS_CANCELLED);
	CHECK(ks_kendall_correlation(x, y, NULL, N, KS_TWO_SIDED, &env, &test) == KS_CANCELLED);
}

int
main(void)
{
	against_r();
	degenerate();
	large();
	return UNIT_END();
}
