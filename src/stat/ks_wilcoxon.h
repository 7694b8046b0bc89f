/*
 * ks_wilcoxon.h
 *	  Wilcoxon's signed rank test with the Hodges-Lehmann estimate.
 */
#ifndef KS_WILCOXON_H
#define KS_WILCOXON_H

#include "stat/ks_base.h"

/* Up to so many changes that are not zero, the test is exact by default. */
#define KS_WILCOXON_EXACT_N 1000

/* Most additions an exact test that was asked for may take: some seconds. */
#define KS_WILCOXON_EXACT_WORK 4e9

/*
 * Test that the changes are symmetric about mu, from their distinct values and
 * counts; conf_level in (0, 1).  exact: 1 or 0, or -1 to be exact up to
 * KS_WILCOXON_EXACT_N changes other than mu.  pratt ranks the changes equal to
 * mu before dropping them, otherwise they are dropped before ranking.  correct
 * applies half a rank of continuity to the normal approximation.
 *
 * out: statistic V, the sum of the midranks of the changes above mu; estimate
 * the median of the Walsh averages of all changes, with its interval;
 * effect_size the matched-pairs rank-biserial correlation; n counts all
 * changes.  Without a change other than mu only n and a note are filled.
 * KS_TOO_LARGE when exact = 1 would pass KS_WILCOXON_EXACT_WORK; KS_OVERFLOW
 * when a change minus mu is beyond double.
 */
extern KsStatus ks_wilcoxon_signed_rank(const KsEnv *env, const KsCounted *changes,
										double mu, KsAlternative alternative,
										double conf_level, int exact, bool pratt,
										bool correct, KsTest *out);

#endif
