/*
 * ks_mann_whitney.h
 *	  Mann-Whitney (Wilcoxon rank sum) test of two groups.
 */
#ifndef KS_MANN_WHITNEY_H
#define KS_MANN_WHITNEY_H

#include "stat/ks_base.h"

typedef enum KsExact
{
	KS_EXACT_DEFAULT, /* when both groups hold fewer than 50 values */
	KS_EXACT_YES,
	KS_EXACT_NO,
} KsExact;

/*
 * Compare the second group having values with the first; another number of them
 * gives NaN and a note.  statistic = W, the pairs in which the second is larger,
 * equal ones counting half; estimate = Hodges-Lehmann shift second - first, with
 * interval; effect size = rank-biserial correlation.  An exact p value is that
 * of the permutation distribution given the ties; asked for where it would take
 * too much work, the normal approximation is used and a note says so.  correct:
 * continuity correction of the normal approximation.  KS_TOO_LARGE: more than
 * KS_PAIRS_MAX_N values.
 */
extern KsStatus ks_mann_whitney(const KsCounted *values, size_t groups,
								KsAlternative alternative, double conf_level,
								KsExact exact, bool correct, const KsEnv *env,
								KsTest *test);

#endif
