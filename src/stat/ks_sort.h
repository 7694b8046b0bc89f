/*
 * ks_sort.h
 *	  Sorting of doubles and of pairs of doubles, and counting what is sorted.
 */
#ifndef KS_SORT_H
#define KS_SORT_H

#include "stat/ks_base.h"

/* Sort n finite values ascending, in place.  -0 comes before 0. */
extern KsStatus ks_sort_doubles(const KsEnv *env, double *values, size_t n);

/*
 * Sort n pairs (pairs[2i], pairs[2i + 1]) ascending by the first member, then
 * by the second, in place; count (may be NULL) holds n payloads that move
 * along.  The sort is stable.
 */
extern KsStatus ks_sort_pairs(const KsEnv *env, double *pairs, int64_t *count, size_t n);

/*
 * Collapse n ascending values into counted ones: out's arrays come from env
 * and are the caller's to free by ks_counted_free.  out->count is NULL when
 * every value occurs once.  -0 counts as 0.
 */
extern KsStatus ks_count_sorted(const KsEnv *env, const double *sorted, size_t n,
								KsCounted *out);

/*
 * The same of n ascending values together with a table of m ascending values
 * that occurred table_count[] times (NULL: once each).
 */
extern KsStatus ks_count_merged(const KsEnv *env, const double *sorted, size_t n,
								const double *table_value, const int64_t *table_count,
								size_t m, KsCounted *out);

/* Free the arrays of a KsCounted that one of the above filled. */
extern void ks_counted_free(const KsEnv *env, KsCounted *counted);

#endif
