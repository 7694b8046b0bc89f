/*
 * ks_sort_keys.h
 *	  Sorting of dated things by their keys.
 */
#ifndef KS_SORT_KEYS_H
#define KS_SORT_KEYS_H

#include "stat/ks_base.h"

/* Three keys in order of weight, and the position of what they belong to. */
typedef struct KsSortKey
{
	int64_t day;
	int64_t second;
	double third;
	size_t at;
} KsSortKey;

/* Sort n keys ascending, in place.  Stable, O(n log n). */
extern KsStatus ks_sort_keys(KsSortKey *key, size_t n, const KsEnv *env);

#endif
