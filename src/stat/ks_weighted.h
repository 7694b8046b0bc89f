/*
 * ks_weighted.h
 *	  Counted values from values in any order that stand more than once.
 */
#ifndef KS_WEIGHTED_H
#define KS_WEIGHTED_H

#include "stat/ks_base.h"

/*
 * Sorts n values that each stand count[i] times (NULL: once) and joins equal
 * ones.  Both arrays are used up; out's arrays come from env.
 */
extern KsStatus ks_count_weighted(const KsEnv *env, double *values, int64_t *count,
								  size_t n, KsCounted *out);

#endif
