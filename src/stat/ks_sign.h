/*
 * ks_sign.h
 *	  The sign test with the median and its interval.
 */
#ifndef KS_SIGN_H
#define KS_SIGN_H

#include "stat/ks_base.h"

/*
 * Exact binomial test that changes above and below mu are equally frequent;
 * changes equal to mu are dropped; conf_level in (0, 1).
 *
 * out: statistic the number of changes above mu; estimate the median of all
 * changes; the limits are the k-th change from either end, with the largest k
 * whose coverage is at least conf_level, infinite when there is none;
 * effect_size the proportion above mu of those that differ; n counts all
 * changes.  Without a change other than mu only n and a note are filled.
 */
extern KsStatus ks_sign_test(const KsEnv *env, const KsCounted *changes, double mu,
							 KsAlternative alternative, double conf_level, KsTest *out);

#endif
