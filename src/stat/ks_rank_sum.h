/*
 * ks_rank_sum.h
 *	  Permutation distribution of the sum of scores of a random subset.
 */
#ifndef KS_RANK_SUM_H
#define KS_RANK_SUM_H

#include "stat/ks_base.h"

/*
 * probability[i]: that `chosen` of the scores, drawn without replacement, sum to
 * lowest + i * step, 0 <= i < size.
 */
typedef struct KsRankSums
{
	double *probability;
	size_t size;
	int64_t lowest;
	int64_t step;
	void *memory;
} KsRankSums;

/*
 * Distribution of the sum of `chosen` out of n scores, ascending, not negative.
 * KS_TOO_LARGE when it would take about ten seconds or more than 128 MB.  Free
 * by ks_rank_sums_free, also after a failure.
 */
extern KsStatus ks_rank_sums(const int64_t *score, size_t n, size_t chosen,
							 const KsEnv *env, KsRankSums *out);

extern void ks_rank_sums_free(const KsEnv *env, KsRankSums *sums);

/* P(sum <= value), or P(sum >= value) when not lower. */
extern double ks_rank_sums_tail(const KsRankSums *sums, int64_t value, bool lower);

/* The smallest value with P(sum <= value) >= p, with R's allowance for rounding. */
extern int64_t ks_rank_sums_quantile(const KsRankSums *sums, double p);

#endif
