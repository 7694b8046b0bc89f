/*
 * ks_mann_whitney.c
 *	  Mann-Whitney (Wilcoxon rank sum) test of two groups.
 *
 * W counts the pairs of values in which the second group's is larger, equal ones
 * half, as R's wilcox.test(second, first); the sorted groups are merged once.
 * The exact p value is that of the permutation distribution of the observed
 * midranks, P(W >= w) and P(W <= w) both with the observed value, the smaller one
 * doubled for two sides, so that swapped groups agree; without ties it is R's.  The default is R's rule, fewer than 50
 * values in each group; the normal approximation has R's tie and continuity
 * corrections.
 *
 * The shift and its limits are order statistics of the differences second -
 * first.  Exact limits have the rank of the null distribution without ties, as
 * R; the others are the differences at which the normal approximation crosses
 * its quantile, to which R's root finder converges.  Between two differences
 * only ties within a group remain, so one variance serves.
 *
 * Sources: Mann and Whitney 1947, Ann Math Stat 18:50; Hollander and Wolfe 1999,
 * Nonparametric Statistical Methods, sections 4.1 to 4.3; Cureton 1956,
 * Psychometrika 21:287 (rank-biserial correlation).
 */
#include "stat/ks_mann_whitney.h"

#include "stat/ks_dd.h"
#include "stat/ks_dist.h"
#include "stat/ks_rank_sum.h"
#include "stat/ks_walsh.h"

#define POLL_EVERY 4096
#define R_EXACT_BELOW 50

/* What one pass over both sorted groups finds. */
typedef struct Comparison
{
	const KsCounted *first;
	const KsCounted *second;
	int64_t n;		  /* both groups */
	int64_t pairs;	  /* of one value of each */
	int64_t doubled;  /* 2 W */
	int64_t tied;	  /* values that are not alone */
	KsDD ties;		  /* sum of t^3 - t over ties */
	KsDD ties_within; /* the same over ties within a group */
} Comparison;

static KsDD
tie_term(int64_t size)
{
	double t = (double) size;

	return size < 2 ? ks_dd(0) : ks_dd_mul_d(ks_two_prod(t - 1, t + 1), t);
}

/* Counts of the next smallest value in both groups; moves past it. */
static void
next_value(const Comparison *both, size_t *i, size_t *j, int64_t *in_first,
		   int64_t *in_second)
{
	double a = *i < both->first->distinct ? both->first->value[*i] : INFINITY;
	double b = *j < both->second->distinct ? both->second->value[*j] : INFINITY;

	*in_first = a <= b ? ks_count_at(both->first, (*i)++) : 0;
	*in_second = b <= a ? ks_count_at(both->second, (*j)++) : 0;
}

static KsStatus
compare(const KsEnv *env, Comparison *both)
{
	int64_t below = 0; /* values of the first group so far */
	size_t i = 0, j = 0, steps = 0;

	both->n = both->first->n + both->second->n;
	both->pairs = both->first->n * both->second->n;
	both->doubled = both->tied = 0;
	both->ties = both->ties_within = ks_dd(0);
	while (i < both->first->distinct || j < both->second->distinct)
	{
		int64_t in_first, in_second;

		next_value(both, &i, &j, &in_first, &in_second);
		both->doubled += in_second * (2 * below + in_first);
		below += in_first;
		if (in_first + in_second > 1)
		{
			both->tied += in_first + in_second;
			both->ties = ks_dd_add(both->ties, tie_term(in_first + in_second));
			both->ties_within = ks_dd_add(
				both->ties_within, ks_dd_add(tie_term(in_first), tie_term(in_second)));
		}
		if (++steps % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
	}
	return KS_OK;
}

/* Standard deviation of W under the null hypothesis, given its ties. */
static double
null_deviation(const Comparison *both, KsDD ties)
{
	double n = (double) both->n;
	KsDD free = ks_dd_sub(ks_dd_mul_d(ks_two_prod(n - 1, n + 1), n), ties);

	return sqrt((double) both->pairs / 12 * (ks_dd_value(free) / n / (n - 1)));
}

/* ---- p value ---------------------------------------------------------------------- */

static void
normal_p(const Comparison *both, KsAlternative alternative, bool correct, KsTest *test)
{
	double excess = (double) (both->doubled - both->pairs) / 2;
	double shift = 0;
	double z;

	if (correct && alternative == KS_TWO_SIDED)
		shift = excess == 0 ? 0 : copysign(0.5, excess);
	else if (correct)
		shift = alternative == KS_GREATER ? 0.5 : -0.5;
	z = (excess - shift) / null_deviation(both, both->ties);
	if (alternative == KS_TWO_SIDED)
		test->p_value = fmin(1, 2 * ks_normal_cdf(-fabs(z), true));
	else
		test->p_value = ks_normal_cdf(z, alternative == KS_LESS);
	test->method = correct
		? "Mann-Whitney test, normal approximation with continuity correction"
		: "Mann-Whitney test, normal approximation";
}

/* Doubled midranks of the values of both groups, ascending. */
static void
fill_midranks(const Comparison *both, int64_t *score)
{
	size_t i = 0, j = 0;

	for (int64_t ranked = 0; ranked < both->n;)
	{
		int64_t in_first, in_second, end;

		next_value(both, &i, &j, &in_first, &in_second);
		end = ranked + in_first + in_second;
		for (int64_t midrank = ranked + end + 1; ranked < end; ranked++)
			score[ranked] = midrank;
	}
}

/* P(W >= w) and P(W <= w); the scores are doubled midranks. */
static KsStatus
exact_tails(const Comparison *both, const int64_t *score, const KsEnv *env, double *upper,
			double *lower)
{
	bool choose_second = both->second->n <= both->first->n;
	int64_t chosen = choose_second ? both->second->n : both->first->n;
	int64_t w = choose_second ? both->doubled : 2 * both->pairs - both->doubled;
	int64_t sum = w + chosen * (chosen + 1);
	KsRankSums sums;
	KsStatus status = ks_rank_sums(score, (size_t) both->n, (size_t) chosen, env, &sums);

	if (status == KS_OK)
	{
		*upper = ks_rank_sums_tail(&sums, sum, !choose_second);
		*lower = ks_rank_sums_tail(&sums, sum, choose_second);
	}
	ks_rank_sums_free(env, &sums);
	return status;
}

/* Exact p value, and the rank of the limit for a tail of alpha. */
static KsStatus
exact_p(const Comparison *both, KsAlternative alternative, double alpha, const KsEnv *env,
		int64_t *limit_rank, KsTest *test)
{
	int64_t *score = env->alloc(env->context, (size_t) both->n * sizeof(int64_t));
	int64_t chosen =
		both->second->n < both->first->n ? both->second->n : both->first->n;
	double upper = NAN, lower = NAN;
	KsRankSums untied = {0};
	KsStatus status;

	if (score == NULL)
		return KS_NO_MEMORY;
	fill_midranks(both, score);
	status = exact_tails(both, score, env, &upper, &lower);
	if (status == KS_OK)
	{
		for (int64_t i = 0; i < both->n; i++)
			score[i] = i;
		status = ks_rank_sums(score, (size_t) both->n, (size_t) chosen, env, &untied);
	}
	if (status == KS_OK)
	{
		*limit_rank = ks_rank_sums_quantile(&untied, alpha) - untied.lowest;
		if (alternative == KS_TWO_SIDED)
			test->p_value = fmin(1, 2 * fmin(lower, upper));
		else
			test->p_value = alternative == KS_GREATER ? upper : lower;
		test->method = both->ties.hi > 0 ? "Mann-Whitney exact conditional test"
										 : "Mann-Whitney exact test";
	}
	ks_rank_sums_free(env, &untied);
	env->free(env->context, score);
	return status;
}

/* ---- shift ------------------------------------------------------------------------- */

/*
 * Rank, among the differences, at which the normal approximation crosses the
 * upper alpha quantile: the first that leaves pairs - rank in its favour.
 */
static int64_t
normal_limit_rank(const Comparison *both, KsAlternative alternative, double alpha,
				  bool correct)
{
	double crossing = (double) both->pairs / 2 - ks_normal_quantile(alpha, false) *
													 null_deviation(both, both->ties_within);

	if (correct && !(alternative == KS_TWO_SIDED && crossing >= (double) both->pairs / 2))
		crossing -= 0.5;
	return crossing < 0 ? 1 : (int64_t) floor(crossing) + 1;
}

/* Estimate and interval: the differences at the middle and at the limit's ranks. */
static KsStatus
shift(const Comparison *both, KsAlternative alternative, int64_t limit_rank,
	  const KsEnv *env, KsTest *test)
{
	int64_t low = limit_rank < 1 ? 1 : limit_rank;
	int64_t rank[4];
	double difference[4];
	KsStatus status;

	if (low > (both->pairs + 1) / 2)
		low = (both->pairs + 1) / 2;
	rank[0] = low;
	rank[1] = (both->pairs + 1) / 2;
	rank[2] = both->pairs / 2 + 1;
	rank[3] = both->pairs + 1 - low;
	status = ks_shift_order_statistics(env, both->second, both->first, rank, 4, difference);
	if (status != KS_OK)
		return status;
	test->estimate = difference[1] / 2 + difference[2] / 2;
	if (rank[1] == rank[2])
		test->estimate = difference[1];
	test->conf_low = alternative == KS_LESS ? -INFINITY : difference[0];
	test->conf_high = alternative == KS_GREATER ? INFINITY : difference[3];
	return KS_OK;
}

/* ---- the test ---------------------------------------------------------------------- */

/* The two groups that have values; false, with a note, when there are not two. */
static bool
find_groups(const KsCounted *values, size_t groups, Comparison *both, KsTest *test)
{
	size_t used = 0;

	for (size_t i = 0; i < groups; i++)
	{
		if (values[i].n == 0)
			continue;
		if (used == 0)
			both->first = &values[i];
		else
			both->second = &values[i];
		test->n += values[i].n;
		used++;
	}
	if (used > 2)
		ks_note(test->note, "%zu groups, the test compares two", used);
	else if (used < 2)
		ks_note(test->note, used == 0 ? "no values" : "only one group has values");
	return used == 2;
}

KsStatus
ks_mann_whitney(const KsCounted *values, size_t groups, KsAlternative alternative,
				double conf_level, KsExact exact, bool correct, const KsEnv *env,
				KsTest *test)
{
	double alpha = alternative == KS_TWO_SIDED ? (1 - conf_level) / 2 : 1 - conf_level;
	bool want_exact = exact == KS_EXACT_YES;
	int64_t limit_rank = 0;
	Comparison both = {0};
	KsStatus status;

	ks_test_clear(test);
	test->method = "Mann-Whitney test";
	test->effect_name = "rank-biserial correlation";
	if (!find_groups(values, groups, &both, test))
		return KS_OK;
	if (test->n > KS_PAIRS_MAX_N)
		return KS_TOO_LARGE;
	status = compare(env, &both);
	if (status != KS_OK)
		return status;
	if (!(null_deviation(&both, both.ties) > 0))
	{
		ks_note(test->note, "all values are equal");
		return KS_OK;
	}
	test->statistic = (double) both.doubled / 2;
	test->effect_size = (double) (both.doubled - both.pairs) / (double) both.pairs;
	if (exact == KS_EXACT_DEFAULT)
		want_exact = both.first->n < R_EXACT_BELOW && both.second->n < R_EXACT_BELOW;
	if (want_exact)
		status = exact_p(&both, alternative, alpha, env, &limit_rank, test);
	if (status == KS_TOO_LARGE)
	{
		want_exact = false;
		status = KS_OK;
		ks_note(test->note, "too many values for an exact p value");
	}
	if (status == KS_OK && !want_exact)
	{
		normal_p(&both, alternative, correct, test);
		limit_rank = normal_limit_rank(&both, alternative, alpha, correct);
	}
	if (status == KS_OK)
		status = shift(&both, alternative, limit_rank, env, test);
	if (both.tied > 0)
		ks_note(test->note, "%lld of %lld values are tied", (long long) both.tied,
				(long long) both.n);
	return status;
}
