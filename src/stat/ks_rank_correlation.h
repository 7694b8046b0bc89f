/*
 * ks_rank_correlation.h
 *	  Rank correlation of pairs: Spearman's rho and Kendall's tau-b.
 */
#ifndef KS_RANK_CORRELATION_H
#define KS_RANK_CORRELATION_H

#include "stat/ks_base.h"

/*
 * Both take `size` pairs (x[i], y[i]), finite, in any order, the i-th standing
 * count[i] times (count NULL: once); the arrays are only read.  estimate and
 * effect size = the coefficient.  A variable that does not vary, or fewer than
 * two pairs, give NaN and a note; KS_TOO_LARGE: more than 3e9 pairs.
 */

/*
 * Spearman's rho.  statistic = S, the sum of squared rank differences where there
 * are no ties.  The interval is Bonett and Wright's, from four pairs on.
 */
extern KsStatus ks_spearman_correlation(const double *x, const double *y,
										const int64_t *count, size_t size,
										KsAlternative alternative, double conf_level,
										const KsEnv *env, KsTest *test);

/*
 * Kendall's tau-b, without an interval.  statistic = the number of concordant
 * pairs of pairs when p is exact, else the standard normal z.
 */
extern KsStatus ks_kendall_correlation(const double *x, const double *y,
									   const int64_t *count, size_t size,
									   KsAlternative alternative, const KsEnv *env,
									   KsTest *test);

#endif
