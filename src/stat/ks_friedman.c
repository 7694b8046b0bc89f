/*
 * ks_friedman.c
 *	  Friedman's rank test of repeated values, equal to R's friedman.test, with
 *	  Kendall's coefficient of concordance W.
 *
 * The values of each subject are ranked, ties by midranks.  With rank sums R_j
 * of k conditions over n subjects and tie groups of size t,
 *
 *	  chi2 = 12 sum (R_j - n (k + 1) / 2)^2
 *	         / (n k (k + 1) - sum (t^3 - t) / (k - 1)),   df = k - 1,
 *	  W    = chi2 / (n (k - 1)).
 *
 * Ranks are kept doubled, as whole numbers: the sums are exact, whatever the
 * order of the subjects.  Sources: Friedman 1937, JASA 32:675; Hollander and
 * Wolfe 1999, Nonparametric Statistical Methods, section 7.1; Kendall and
 * Babington Smith 1939, Ann Math Stat 10:275.
 */
#include "stat/ks_friedman.h"

#include "stat/ks_dist.h"
#include "stat/ks_order.h"

#define VALUES_BETWEEN_POLLS 4096

/* Add a subject's doubled midranks to rank_sum; returns its sum of t^3 - t. */
static double
add_ranks(const double *row, size_t conditions, size_t *order, int64_t *rank_sum)
{
	double ties = 0;

	ks_order(row, conditions, order);
	for (size_t start = 0, end; start < conditions; start = end)
	{
		double size;

		for (end = start + 1; end < conditions && row[order[end]] == row[order[start]]; end++)
			;
		for (size_t i = start; i < end; i++)
			rank_sum[order[i]] += (int64_t) (start + end + 1);
		size = (double) (end - start);
		ties += size * (size - 1) * (size + 1);
	}
	return ties;
}

/* Fill the figures of the test from doubled rank sums and the sum of t^3 - t. */
static void
finish(const int64_t *rank_sum, double n, double k, double ties, KsTest *test)
{
	double squares = 0;
	double spread = n * k * (k + 1) - ties / (k - 1);

	for (size_t j = 0; j < (size_t) k; j++)
	{
		double deviation = (double) rank_sum[j] - n * (k + 1);

		squares += deviation * deviation;
	}
	if (spread <= 0)
	{
		ks_note(test->note, "every subject has the same value under all conditions");
		return;
	}
	test->statistic = 3 * squares / spread;
	test->df = k - 1;
	test->p_value = ks_chi_squared_cdf(test->statistic, test->df, false);
	test->effect_size = test->statistic / (n * (k - 1));
}

KsStatus
ks_friedman_test(const double *value, size_t subjects, size_t conditions, const KsEnv *env,
				 KsTest *test)
{
	size_t since_poll = 0;
	double ties = 0;
	int64_t *rank_sum;
	size_t *order;

	ks_test_clear(test);
	test->n = (int64_t) subjects;
	test->n_missing = 0;
	test->method = "Friedman rank sum test";
	test->effect_name = "Kendall's W";
	if (subjects < 2)
		ks_note(test->note, "fewer than two complete subjects");
	if (conditions < 2)
		ks_note(test->note, "fewer than two conditions");
	if (subjects < 2 || conditions < 2)
		return KS_OK;

	rank_sum = env->alloc(env->context, conditions * (sizeof(int64_t) + sizeof(size_t)));
	if (rank_sum == NULL)
		return KS_NO_MEMORY;
	order = (size_t *) (rank_sum + conditions);
	for (size_t j = 0; j < conditions; j++)
		rank_sum[j] = 0;
	for (size_t i = 0; i < subjects; i++)
	{
		ties += add_ranks(value + i * conditions, conditions, order, rank_sum);
		since_poll += conditions;
		if (since_poll >= VALUES_BETWEEN_POLLS)
		{
			since_poll = 0;
			if (env->poll(env->context))
			{
				env->free(env->context, rank_sum);
				return KS_CANCELLED;
			}
		}
	}
	finish(rank_sum, (double) subjects, (double) conditions, ties, test);
	env->free(env->context, rank_sum);
	return KS_OK;
}
