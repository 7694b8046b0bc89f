/*
 * ks_reliability.h
 *	  Internal consistency of a scale's items.
 */
#ifndef KS_RELIABILITY_H
#define KS_RELIABILITY_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"
#include "stat/ks_linear.h"

#define KS_RELIABILITY_MAX_ITEMS 128

/*
 * Sums over complete forms of the differences of each item from a pivot, the first
 * form: products holds a packed triangle (ks_triangle) of 1 + items columns, the
 * first being the constant.
 */
typedef struct KsItemSums
{
	int items;
	int64_t n;
	double *pivot;
	KsDD *products;
} KsItemSums;

static inline size_t
ks_item_products(int items)
{
	return ks_triangle(items + 1, 0);
}

/* Adds one form; values below 1e149 in size.  The first sets the pivot. */
extern void ks_item_sums_add(KsItemSums *sums, const double *value);

/* Adds the forms of another; both have as many items. */
extern void ks_item_sums_merge(KsItemSums *sums, const KsItemSums *other);

typedef struct KsReliability
{
	double alpha;
	double conf_low;
	double conf_high;
	double alpha_standardized;
	char note[KS_NOTE_SIZE];
} KsReliability;

/*
 * Cronbach's alpha with Feldt's interval, and alpha of the items brought to one
 * standard deviation.  Fewer than two items or forms, or no variance: NaN and a
 * note; an item without variance has no standardized alpha.
 */
extern void ks_cronbach_alpha(const KsItemSums *sums, double conf_level,
							  KsReliability *result);

#endif
