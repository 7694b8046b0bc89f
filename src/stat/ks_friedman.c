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
#include "stat/ks_sort.h"

#define VALUES_BETWEEN_POLLS 4096

/*
 * Add a subject's doubled midranks to rank_sum and its sum of t^3 - t to ties;
 * pairs has room for 2 x conditions numbers.
 */
static KsStatus
add_ranks(const double *row, size_t conditions, const KsEnv *env, double *pairs,
		  int64_t *rank_sum, double *ties)
{
	KsStatus status;

	for (size_t j = 0; j < conditions; j++)
	{
		pairs[2 * j] = row[j];
		pairs[2 * j + 1] = (double) j;
	}
	status = ks_sort_pairs(env, pairs, NULL, conditions);
	for (size_t start = 0, end; start < conditions && status == KS_OK; start = end)
	{
		double size;

		for (end = start + 1; end < conditions && pairs[2 * end] == pairs[2 * start];
			 end++)
			continue;
		for (size_t i = start; i < end; i++)
			rank_sum[(size_t) pairs[2 * i + 1]] += (int64_t) (start + end + 1);
		size = (double) (end - start);
		*ties += size * (size - 1) * (size + 1);
	}
	return status;
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

/* Rank every subject; the sums start at 0. */
static KsStatus
rank_subjects(const double *value, size_t subjects, size_t conditions, const KsEnv *env,
			  double *pairs, int64_t *rank_sum, double *ties)
{
	size_t since_poll = 0;

	for (size_t i = 0; i < subjects; i++)
	{
		KsStatus status =
			add_ranks(value + i * conditions, conditions, env, pairs, rank_sum, ties);

		if (status != KS_OK)
			return status;
		since_poll += conditions;
		if (since_poll < VALUES_BETWEEN_POLLS)
			continue;
		since_poll = 0;
		if (env->poll(env->context))
			return KS_CANCELLED;
	}
	return KS_OK;
}

KsStatus
ks_friedman_test(const double *value, size_t subjects, size_t conditions,
				 const KsEnv *env, KsTest *test)
{
	double ties = 0;
	double *pairs;
	int64_t *rank_sum;
	KsStatus status;

	ks_test_clear(test);
	test->n = (int64_t) subjects;
	test->method = "Friedman rank sum test";
	test->effect_name = "Kendall's W";
	if (subjects < 2)
		ks_note(test->note, "fewer than two complete subjects");
	if (conditions < 2)
		ks_note(test->note, "fewer than two conditions");
	if (subjects < 2 || conditions < 2)
		return KS_OK;

	pairs = env->alloc(env->context, conditions * (2 * sizeof(double) + sizeof(int64_t)));
	if (pairs == NULL)
		return KS_NO_MEMORY;
	rank_sum = (int64_t *) (pairs + 2 * conditions);
	for (size_t j = 0; j < conditions; j++)
		rank_sum[j] = 0;
	status = rank_subjects(value, subjects, conditions, env, pairs, rank_sum, &ties);
	if (status == KS_OK)
		finish(rank_sum, (double) subjects, (double) conditions, ties, test);
	env->free(env->context, pairs);
	return status;
}
