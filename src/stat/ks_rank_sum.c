/*
 * ks_rank_sum.c
 *	  Permutation distribution of the sum of scores of a random subset.
 *
 * Scores are taken one after the other.  With p(k, j, s) the probability that j
 * of the first k scores, drawn at random, sum to s,
 *
 *	  p(k, j, s) = j / k p(k-1, j-1, s - score[k]) + (k - j) / k p(k-1, j, s):
 *
 * only positive terms, so small tails keep their digits, and probabilities
 * instead of counts, so nothing overflows.  Ties are just equal scores: the
 * result is the exact conditional distribution.  Scores are first moved to 0 and
 * divided by their greatest common divisor, and each row keeps to the sums its j
 * scores can reach.  Source: Streitberg and Roehmel 1986, Stat Softw Newsl 12:10
 * (the shift algorithm, on counts).
 */
#include "stat/ks_rank_sum.h"

#include <string.h>

#define WORK_LIMIT 1e10
#define CELL_LIMIT ((size_t) 1 << 24)

static int64_t
common_divisor(int64_t a, int64_t b)
{
	while (b != 0)
	{
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/*
 * One score: rows `first` .. `last` take it up.  before: sums of the lowest
 * scores; row j starts at the smallest sum of j scores, before[j].
 */
static void
take_score(double *table, size_t stride, const int64_t *before, size_t taken, int64_t score,
		   size_t first, size_t last)
{
	for (size_t j = last; j >= first; j--)
	{
		double *row = table + j * stride;
		const double *shorter = row - stride;
		double with = (double) j / (double) (taken + 1);
		double without = (double) (taken + 1 - j) / (double) (taken + 1);
		int64_t end = before[taken + 1] - before[taken + 1 - j] - before[j];
		int64_t moved = score + before[j - 1] - before[j];
		int64_t s = 0;

		for (; s < moved; s++)
			row[s] *= without;
		for (; s <= end; s++)
			row[s] = with * shorter[s - moved] + without * row[s];
	}
}

/* Fill the table score by score; before has n + 1 sums, score is reduced. */
static KsStatus
fill_table(double *table, size_t stride, const int64_t *score, const int64_t *before,
		   size_t n, size_t chosen, const KsEnv *env)
{
	memset(table, 0, (chosen + 1) * stride * sizeof(double));
	table[0] = 1;
	for (size_t taken = 0; taken < n; taken++)
	{
		size_t left = n - 1 - taken;
		size_t first = chosen > left + 1 ? chosen - left : 1;
		size_t last = taken + 1 < chosen ? taken + 1 : chosen;

		if (last >= first)
			take_score(table, stride, before, taken, score[taken], first, last);
		if (env->poll(env->context))
			return KS_CANCELLED;
	}
	return KS_OK;
}

KsStatus
ks_rank_sums(const int64_t *score, size_t n, size_t chosen, const KsEnv *env,
			 KsRankSums *out)
{
	int64_t *reduced, *before;
	double *table;
	size_t stride;
	KsStatus status;

	*out = (KsRankSums){.step = 0};
	if ((double) n * (double) chosen > WORK_LIMIT)
		return KS_TOO_LARGE;
	reduced = env->alloc(env->context, (2 * n + 1) * sizeof(int64_t));
	if (reduced == NULL)
		return KS_NO_MEMORY;
	before = reduced + n;
	for (size_t i = 0; i < n; i++)
		out->step = common_divisor(score[i] - score[0], out->step);
	if (out->step == 0)
		out->step = 1;
	before[0] = 0;
	for (size_t i = 0; i < n; i++)
	{
		reduced[i] = (score[i] - score[0]) / out->step;
		before[i + 1] = before[i] + reduced[i];
	}
	stride = (size_t) (before[n] - before[n - chosen] - before[chosen]) + 1;
	if ((double) n * (double) chosen * (double) stride > WORK_LIMIT ||
		stride > CELL_LIMIT / (chosen + 1))
	{
		env->free(env->context, reduced);
		return KS_TOO_LARGE;
	}
	table = out->memory = env->alloc(env->context, (chosen + 1) * stride * sizeof(double));
	status = table ? fill_table(table, stride, reduced, before, n, chosen, env) : KS_NO_MEMORY;
	if (status == KS_OK)
	{
		out->probability = table + chosen * stride;
		out->size = stride;
		out->lowest = (int64_t) chosen * score[0] + before[chosen] * out->step;
	}
	env->free(env->context, reduced);
	return status;
}

void
ks_rank_sums_free(const KsEnv *env, KsRankSums *sums)
{
	if (sums->memory)
		env->free(env->context, sums->memory);
	sums->memory = NULL;
}

double
ks_rank_sums_tail(const KsRankSums *sums, int64_t value, bool lower)
{
	double total = 0;

	/* from the far end, the smallest terms first */
	if (lower)
		for (size_t i = 0;
			 i < sums->size && sums->lowest + (int64_t) i * sums->step <= value; i++)
			total += sums->probability[i];
	else
		for (size_t i = sums->size;
			 i > 0 && sums->lowest + (int64_t) (i - 1) * sums->step >= value; i--)
			total += sums->probability[i - 1];
	return fmin(1, total);
}

int64_t
ks_rank_sums_quantile(const KsRankSums *sums, double p)
{
	double wanted = p - 10 * 2.220446049250313e-16, total = 0;
	size_t i = 0;

	for (; i + 1 < sums->size; i++)
	{
		total += sums->probability[i];
		if (total >= wanted)
			break;
	}
	return sums->lowest + (int64_t) i * sums->step;
}
