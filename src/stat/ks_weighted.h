/*
 * ks_weighted.h
 *	  Counted values from values in any order that stand more than once.
 */
#ifndef KS_WEIGHTED_H
#define KS_WEIGHTED_H

#include "stat/ks_base.h"

/*
 * Sorts n values that each stand count[i] times (NULL: once) and joins equal
 * ones.  Both arrays are used up: `values` comes from env and
 * is handed over to out or freed, at failure too, `count` stays the caller's.  out's arrays are
 * freed by ks_counted_free.
 */
extern KsStatus ks_count_weighted(const KsEnv *env, double *values, int64_t *count,
								  size_t n, KsCounted *out);

#endif
