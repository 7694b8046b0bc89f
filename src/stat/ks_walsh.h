/*
 * ks_walsh.h
 *	  Order statistics of all pairwise averages of one sample, and of all
 *	  differences between two samples.
 */
#ifndef KS_WALSH_H
#define KS_WALSH_H

#include "stat/ks_base.h"
#include "stat/ks_pair_sums.h" /* ks_triangle */

/* Most values a sample may hold: the pairs must be counted in 63 bits. */
#define KS_PAIRS_MAX_N INT64_C(3000000000)

/*
 * The values of the given ranks (1-based, in any order, at most n(n+1)/2)
 * among the Walsh averages (v[i] + v[j]) / 2, i <= j, of a counted sample in
 * which every value counts as often as it occurred.  ranks and values hold
 * rank_count entries.  KS_TOO_LARGE when n passes KS_PAIRS_MAX_N.
 */
extern KsStatus ks_walsh_order_statistics(const KsEnv *env, const KsCounted *sample,
										  const int64_t *ranks, size_t rank_count,
										  double *values);

/* The same among the differences x[i] - y[j], 1 <= rank <= n(x) n(y). */
extern KsStatus ks_shift_order_statistics(const KsEnv *env, const KsCounted *x,
										  const KsCounted *y, const int64_t *ranks,
										  size_t rank_count, double *values);

#endif
