/*
 * ks_wilcoxon.c
 *	  Wilcoxon's signed rank test with the Hodges-Lehmann estimate.
 *
 * Given the absolute changes, each sign is a coin toss, so the sum V of the
 * ranks of the positive changes is a sum over a random subset of the ranks.
 * How many subsets reach each sum is counted by adding one rank at a time
 * (Streitberg and Roehmel 1986), on doubled midranks, so that ties and zeros
 * are exact as well; pain scores are never without them.  Only the smaller tail
 * is counted, as numbers of subsets and not as probabilities, so that it keeps
 * its digits down to 2^-n.  The upper tail is P(V >= v).  R before 4.6 has no
 * exact p-value with ties or zeros; R 4.6 takes P(V > v - 1), which is another
 * number when midranks are halves.
 *
 * Zeros are dropped (Wilcoxon 1945) or ranked first (Pratt 1959).  The estimate
 * is the median of the Walsh averages of all changes, zeros kept, and the
 * limits are Walsh averages by rank (Hodges and Lehmann 1963; Hollander, Wolfe
 * and Chicken 2014, 3.2 and 3.3).  R finds them by root search on the normal
 * approximation, to about 1e-4.
 */
#include "stat/ks_wilcoxon.h"

#include <float.h>

#include "stat/ks_dd.h"
#include "stat/ks_dist.h"
#include "stat/ks_walsh.h"

#define POLL_STEPS 16384
#define SQUARES_BLOCK 64

/* Up to this n the note states the confidence level an interval achieves. */
#define SMALL_N 50

/* Additions of numbers of subsets before they are halved at each step. */
#define FULL_STEPS 1000

/* Changes whose distance from mu is the same. */
typedef struct RankGroup
{
	int64_t rank; /* their doubled midrank, later divided by the common divisor */
	int64_t times;
} RankGroup;

typedef struct SignedRanks
{
	int64_t zeros;   /* changes equal to mu */
	int64_t nonzero; /* all others */
	int64_t tied;    /* of the others, those that share their rank */
	int64_t doubled_v;
	int64_t doubled_total;
	KsDD squares; /* sum of the squared doubled ranks */
	RankGroup *group;
	size_t groups;
} SignedRanks;

/* The interval's place among the Walsh averages. */
typedef struct IntervalRank
{
	int64_t rank;    /* of the lower limit; the upper one has it from above */
	double achieved; /* the confidence level, NaN when approximate */
	bool attained;   /* whether the sample is large enough for the level */
} IntervalRank;

static int64_t
count_zeros(const KsCounted *changes, double mu)
{
	int64_t zeros = 0;

	for (size_t i = 0; i < changes->distinct; i++)
	{
		if (changes->value[i] - mu == 0)
			zeros += ks_count_at(changes, i);
	}
	return zeros;
}

/*
 * Rank the distances from mu, walking outwards from it.  Groups are kept when
 * ranks->group has room for them (changes->distinct).
 */
static KsStatus
rank_changes(const KsEnv *env, const KsCounted *changes, double mu, bool pratt,
			 SignedRanks *ranks)
{
	size_t above = 0;
	size_t below;
	int64_t before = pratt ? ranks->zeros : 0;
	size_t steps = 0;
	double squares = 0; /* of up to SQUARES_BLOCK groups, before they join the total */

	while (above < changes->distinct && changes->value[above] - mu <= 0)
		above++;
	for (below = above; below > 0 && changes->value[below - 1] - mu == 0; below--)
		continue;
	while (below > 0 || above < changes->distinct)
	{
		double down = below > 0 ? mu - changes->value[below - 1] : INFINITY;
		double up = above < changes->distinct ? changes->value[above] - mu : INFINITY;
		double distance = fmin(down, up);
		int64_t negative = 0, positive = 0, times, rank;

		if (distance == INFINITY)
			return KS_OVERFLOW;
		for (; below > 0 && mu - changes->value[below - 1] == distance; below--)
			negative += ks_count_at(changes, below - 1);
		for (; above < changes->distinct && changes->value[above] - mu == distance;
			 above++)
			positive += ks_count_at(changes, above);
		times = negative + positive;
		rank = 2 * before + times + 1;
		before += times;
		ranks->nonzero += times;
		ranks->tied += times > 1 ? times : 0;
		ranks->doubled_v += positive * rank;
		ranks->doubled_total += times * rank;
		squares += (double)times * ((double)rank * (double)rank);
		if (ranks->group)
			ranks->group[ranks->groups++] = (RankGroup){rank, times};
		if (++steps % SQUARES_BLOCK == 0)
		{
			ranks->squares = ks_dd_add_d(ranks->squares, squares);
			squares = 0;
			if (steps % POLL_STEPS == 0 && env->poll(env->context))
				return KS_CANCELLED;
		}
	}
	ranks->squares = ks_dd_add_d(ranks->squares, squares);
	return KS_OK;
}

static int64_t
common_divisor(const RankGroup *group, size_t groups)
{
	int64_t divisor = 0;

	for (size_t k = 0; k < groups; k++)
	{
		int64_t a = group[k].rank;

		while (a != 0)
		{
			int64_t rest = divisor % a;

			divisor = a;
			a = rest;
		}
	}
	return divisor;
}

/* Additions that counting the sums up to limit takes; stops above the bound. */
static double
subset_work(const RankGroup *group, size_t groups, int64_t limit)
{
	double work = 0;
	int64_t reach = 0;

	for (size_t k = 0; k < groups && group[k].rank <= limit; k++)
	{
		for (int64_t t = 0; t < group[k].times && work <= KS_WILCOXON_EXACT_WORK; t++)
		{
			reach = reach < limit - group[k].rank ? reach + group[k].rank : limit;
			work += (double)(reach - group[k].rank + 1);
		}
	}
	return work;
}

/*
 * ways[s], s = 0 .. limit: how many subsets of the ranks sum to s, divided by
 * 2^halvings.  Groups ascend by rank.
 */
static KsStatus
count_subsets(const KsEnv *env, const RankGroup *group, size_t groups, int64_t limit,
			  double *ways, int *halvings)
{
	int64_t reach = 0;
	int steps = 0;

	*halvings = 0;
	for (int64_t s = 0; s <= limit; s++)
		ways[s] = s == 0;
	for (size_t k = 0; k < groups && group[k].rank <= limit; k++)
	{
		int64_t rank = group[k].rank;

		for (int64_t t = 0; t < group[k].times; t++)
		{
			reach = reach < limit - rank ? reach + rank : limit;
			if (steps++ < FULL_STEPS)
			{
				for (int64_t s = reach; s >= rank; s--)
					ways[s] += ways[s - rank];
			}
			else
			{
				for (int64_t s = reach; s >= rank; s--)
					ways[s] = 0.5 * (ways[s] + ways[s - rank]);
				for (int64_t s = 0; s < rank; s++)
					ways[s] *= 0.5;
				++*halvings;
			}
			if (env->poll(env->context))
				return KS_CANCELLED;
		}
	}
	return KS_OK;
}

/* P(V <= v) and P(V >= v) by counting the subsets of the ranks. */
static KsStatus
exact_tails(const KsEnv *env, SignedRanks *ranks, double *lower, double *upper)
{
	int64_t divisor = common_divisor(ranks->group, ranks->groups);
	int64_t v = ranks->doubled_v / divisor;
	int64_t mirrored = ranks->doubled_total / divisor - v;
	int64_t limit = v < mirrored ? v : mirrored;
	double *ways;
	KsDD sum = ks_dd(0);
	double at_or_below, below;
	int halvings;
	KsStatus status;

	for (size_t k = 0; k < ranks->groups; k++)
		ranks->group[k].rank /= divisor;
	if (subset_work(ranks->group, ranks->groups, limit) > KS_WILCOXON_EXACT_WORK)
		return KS_TOO_LARGE;
	ways = env->alloc(env->context, (size_t)(limit + 1) * sizeof(double));
	if (ways == NULL)
		return KS_NO_MEMORY;
	status = count_subsets(env, ranks->group, ranks->groups, limit, ways, &halvings);
	for (int64_t s = 0; s < limit; s++)
		sum = ks_dd_add_d(sum, ways[s]);
	halvings -= ranks->nonzero < INT32_MAX ? (int)ranks->nonzero : INT32_MAX;
	below = ldexp(ks_dd_value(sum), halvings);
	at_or_below = ldexp(ks_dd_value(ks_dd_add_d(sum, ways[limit])), halvings);
	env->free(env->context, ways);
	*lower = v <= mirrored ? at_or_below : 1 - below;
	*upper = v <= mirrored ? 1 - below : at_or_below;
	return status;
}

/* The tails of the normal approximation; both contain v itself. */
static void
normal_tails(const SignedRanks *ranks, KsAlternative alternative, bool correct,
			 double *lower, double *upper)
{
	double excess = 0.25 * (double)(2 * ranks->doubled_v - ranks->doubled_total);
	double deviation = 0.25 * sqrt(ks_dd_value(ranks->squares));
	double correction = 0;

	if (correct && alternative == KS_TWO_SIDED)
		correction = excess > 0 ? 0.5 : excess < 0 ? -0.5 : 0;
	else if (correct)
		correction = alternative == KS_GREATER ? 0.5 : -0.5;
	*lower = ks_normal_cdf((excess - correction) / deviation, true);
	*upper = ks_normal_cdf((excess - correction) / deviation, false);
}

/*
 * The rank that the distribution of V without ties gives to the limit with
 * probability tail beyond it: its smallest quantile, at least 1 (as R).
 */
static KsStatus
exact_interval_rank(const KsEnv *env, int64_t n, double tail, int sides,
					IntervalRank *interval)
{
	int64_t pairs = ks_triangle(n);
	int64_t limit = pairs / 2;
	double wanted = tail <= 0.5 ? tail - 10 * DBL_EPSILON : 1 - tail + 10 * DBL_EPSILON;
	double *ways = env->alloc(env->context, (size_t)(limit + 1) * sizeof(double));
	RankGroup *group = env->alloc(env->context, (size_t)n * sizeof(RankGroup));
	KsStatus status = ways && group ? KS_OK : KS_NO_MEMORY;
	double below = 0, at_or_below = 0;
	int64_t rank = 0;
	int halvings = 0;

	for (int64_t k = 0; k < n && status == KS_OK; k++)
		group[k] = (RankGroup){k + 1, 1};
	if (status == KS_OK)
		status = count_subsets(env, group, (size_t)n, limit, ways, &halvings);
	for (; rank <= limit && status == KS_OK; rank++)
	{
		below = at_or_below;
		at_or_below += ldexp(ways[rank], halvings - (int)n);
		if (tail <= 0.5 ? at_or_below >= wanted : at_or_below > wanted)
			break;
	}
	if (tail > 0.5)
	{
		rank = pairs - rank;
		below = 1 - at_or_below;
	}
	interval->attained = rank > 0;
	interval->rank = rank > 0 ? rank : 1;
	interval->achieved = 1 - sides * (rank > 0 ? below : at_or_below);
	if (ways)
		env->free(env->context, ways);
	if (group)
		env->free(env->context, group);
	return status;
}

/*
 * The rank of the Walsh average at which the standardized statistic crosses the
 * normal quantile.  Between two averages no change equals the trial mu, and two
 * distances from it are the same only where two changes are.
 */
static IntervalRank
normal_interval_rank(const KsCounted *changes, double tail, bool correct)
{
	double n = (double)changes->n;
	double pairs = (double)ks_triangle(changes->n);
	double ties = 0;
	double deviation, rank;

	for (size_t i = 0; changes->count && i < changes->distinct; i++)
	{
		double times = (double)changes->count[i];

		ties += times * (times * times - 1);
	}
	deviation = sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
	rank = floor(0.5 * pairs - (correct ? 0.5 : 0) -
				 deviation * ks_normal_quantile(tail, false));
	rank = fmin(rank + 1, pairs);
	return (IntervalRank){rank < 1 ? 1 : (int64_t)rank, NAN, rank >= 1};
}

/* Estimate and limits from the Walsh averages. */
static KsStatus
estimate_shift(const KsEnv *env, const KsCounted *changes, KsAlternative alternative,
			   int64_t limit_rank, KsTest *out)
{
	int64_t pairs = ks_triangle(changes->n);
	int64_t ranks[4];
	double averages[4];
	size_t used = 0;
	size_t middle;
	KsStatus status;

	ranks[used++] = (pairs + 1) / 2;
	if (pairs % 2 == 0)
		ranks[used++] = pairs / 2 + 1;
	middle = used;
	if (alternative != KS_LESS)
		ranks[used++] = limit_rank;
	if (alternative != KS_GREATER)
		ranks[used++] = pairs + 1 - limit_rank;
	status = ks_walsh_order_statistics(env, changes, ranks, used, averages);
	if (status != KS_OK)
		return status;
	out->estimate = 0.5 * averages[0] + 0.5 * averages[middle - 1];
	out->conf_low = alternative != KS_LESS ? averages[middle] : -INFINITY;
	out->conf_high = alternative != KS_GREATER ? averages[used - 1] : INFINITY;
	return KS_OK;
}

static const char *
method_name(bool exact, bool pratt, bool correct)
{
	if (exact)
		return pratt ? "Wilcoxon-Pratt signed rank exact test"
					 : "Wilcoxon signed rank exact test";
	if (correct)
		return pratt ? "Wilcoxon-Pratt signed rank test with continuity correction"
					 : "Wilcoxon signed rank test with continuity correction";
	return pratt ? "Wilcoxon-Pratt signed rank test" : "Wilcoxon signed rank test";
}

/* What the reader must know: zeros, ties and the level of the interval. */
static void
write_note(const SignedRanks *ranks, const IntervalRank *interval, int64_t n, KsTest *out)
{
	if (ranks->zeros > 0)
		ks_note(out->note, "%lld %s", (long long)ranks->zeros,
				ranks->zeros == 1 ? "zero" : "zeros");
	if (ranks->tied > 0)
		ks_note(out->note, "%lld tied values", (long long)ranks->tied);
	if (!interval->attained)
		ks_note(out->note, "too few changes for an interval at this confidence level");
	if (!isnan(interval->achieved) && (n < SMALL_N || !interval->attained))
		ks_note(out->note, "achieved confidence %.4f", interval->achieved);
}

/* Rank, then take both tails, exactly or by the normal approximation. */
static KsStatus
signed_rank_tails(const KsEnv *env, const KsCounted *changes, double mu,
				  KsAlternative alternative, bool exact, bool pratt, bool correct,
				  SignedRanks *ranks, double *lower, double *upper)
{
	KsStatus status;

	if (exact)
	{
		ranks->group = env->alloc(env->context, changes->distinct * sizeof(RankGroup));
		if (ranks->group == NULL)
			return KS_NO_MEMORY;
	}
	status = rank_changes(env, changes, mu, pratt, ranks);
	if (status == KS_OK && exact)
		status = exact_tails(env, ranks, lower, upper);
	else if (status == KS_OK)
		normal_tails(ranks, alternative, correct, lower, upper);
	if (ranks->group)
		env->free(env->context, ranks->group);
	ranks->group = NULL;
	return status;
}

KsStatus
ks_wilcoxon_signed_rank(const KsEnv *env, const KsCounted *changes, double mu,
						KsAlternative alternative, double conf_level, int exact,
						bool pratt, bool correct, KsTest *out)
{
	SignedRanks ranks = {0};
	IntervalRank interval;
	int sides = alternative == KS_TWO_SIDED ? 2 : 1;
	double tail = (1 - conf_level) / sides;
	bool by_counting;
	double lower = NAN, upper = NAN;
	KsStatus status;

	ks_test_clear(out);
	out->n = changes->n;
	ranks.zeros = count_zeros(changes, mu);
	if (changes->n > KS_PAIRS_MAX_N)
		return KS_TOO_LARGE;
	if (changes->n == ranks.zeros)
	{
		ks_note(out->note,
				changes->n == 0 ? "no changes" : "every change equals the tested value");
		return KS_OK;
	}
	by_counting = exact < 0 ? changes->n - ranks.zeros <= KS_WILCOXON_EXACT_N : exact;
	status = signed_rank_tails(env, changes, mu, alternative, by_counting, pratt, correct,
							   &ranks, &lower, &upper);
	if (status != KS_OK)
		return status;
	if (by_counting && changes->n <= KS_WILCOXON_EXACT_N)
		status = exact_interval_rank(env, changes->n, tail, sides, &interval);
	else
		interval = normal_interval_rank(changes, tail, correct);
	if (status == KS_OK)
		status = estimate_shift(env, changes, alternative, interval.rank, out);
	if (status != KS_OK)
		return status;

	out->statistic = 0.5 * (double)ranks.doubled_v;
	out->p_value = alternative == KS_LESS      ? lower
				   : alternative == KS_GREATER ? upper
											   : fmin(1, 2 * fmin(lower, upper));
	out->effect_size =
		(double)(2 * ranks.doubled_v - ranks.doubled_total) / (double)ranks.doubled_total;
	out->effect_name = "matched-pairs rank-biserial";
	out->method = method_name(by_counting, pratt, correct);
	write_note(&ranks, &interval, changes->n, out);
	return KS_OK;
}
