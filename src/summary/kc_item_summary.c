/*
 * kc_item_summary.c
 *	  Sums and products of a scale's items over complete forms.
 *
 * The fixed part holds 1 + the number of items, 0 before a row has told it; the
 * regions the pivot and the packed products of ks_reliability.h.
 */
#include "postgres.h"

#include "summary/kc_item_summary.h"

/* The squares of larger values may overflow. */
#define LARGEST 1e149

enum
{
	PIVOT,
	PRODUCTS,
};

static int64 *
width_of(const KcState *state)
{
	return kc_fixed(state);
}

static void *
region_of(const KcState *state, int region)
{
	return kc_region_data(state, kc_region(state, &kc_item_summary_type, region));
}

KsItemSums
kc_item_summary_sums(const KcState *state)
{
	return (KsItemSums){.items = *width_of(state) == 0 ? 0 : (int) *width_of(state) - 1,
						.n = state->n,
						.pivot = region_of(state, PIVOT),
						.products = region_of(state, PRODUCTS)};
}

/* A region of that many bytes, zeroed. */
static KcState *
add_region(KcState *state, int number, size_t bytes)
{
	KcRegion *region;

	state = kc_region_reserve(state, number, bytes);
	region = kc_region(state, &kc_item_summary_type, number);
	memset(kc_region_data(state, region), 0, bytes);
	region->used = bytes;
	return state;
}

/* Fixes the number of items, or holds a row to it. */
static KcState *
set_width(KcState *state, int items)
{
	int64 kept = *width_of(state);

	if (items > KS_RELIABILITY_MAX_ITEMS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%d items are too many", items),
						errhint("A scale has up to %d.", KS_RELIABILITY_MAX_ITEMS)));
	if (kept == items + 1)
		return state;
	if (kept != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the number of items changes"),
						errdetail("Some rows have %d, others %d.",
								  (int) Min(kept - 1, items), (int) Max(kept - 1, items)),
						errhint("Give a missing answer as NULL in its place.")));
	state = add_region(state, PIVOT, sizeof(double) * items);
	state = add_region(state, PRODUCTS, sizeof(KsDD) * ks_item_products(items));
	*width_of(state) = items + 1;
	return state;
}

KcState *
kc_item_summary_add_form(KcState *state, int items, const double *value)
{
	KsItemSums sums;

	if (items >= 0)
		state = set_width(state, items);
	if (value == NULL)
	{
		state->n_missing++;
		return state;
	}
	for (int i = 0; i < items; i++)
		if (fabs(value[i]) >= LARGEST)
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("value out of range: its square overflows"),
							errdetail("Item %d is %g.", i + 1, value[i])));
	sums = kc_item_summary_sums(state);
	ks_item_sums_add(&sums, value);
	state->n = sums.n;
	return state;
}

static KcState *
merge_item_summary(KcState *into, const KcState *from)
{
	const KsItemSums other = kc_item_summary_sums(from);
	KsItemSums sums;
	size_t count;

	into->n_missing += from->n_missing;
	if (*width_of(from) == 0)
		return into;
	into = set_width(into, other.items);
	sums = kc_item_summary_sums(into);
	ks_item_sums_merge(&sums, &other);
	into->n = sums.n;
	count = ks_item_products(sums.items);
	for (size_t i = 0; i < count; i++)
		if (!isfinite(sums.products[i].hi) || !isfinite(sums.products[i].lo))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("value out of range: a sum of squares overflows")));
	return into;
}

static const char *
check_item_summary(const KcState *state)
{
	int64 width = *width_of(state);
	KsItemSums sums;
	size_t pivot = kc_region(state, &kc_item_summary_type, PIVOT)->used;
	size_t products = kc_region(state, &kc_item_summary_type, PRODUCTS)->used;

	if (state->flags != 0)
		return "its flags are unknown";
	if (width < 0 || width > KS_RELIABILITY_MAX_ITEMS + 1)
		return "the number of items is out of range";
	if (width == 0)
		return pivot == 0 && products == 0 && state->n == 0
				   ? NULL
				   : "it has sums but no items";
	if (pivot != sizeof(double) * (width - 1) ||
		products != sizeof(KsDD) * ks_item_products(width - 1))
		return "its sums do not belong to its items";
	sums = kc_item_summary_sums(state);
	for (int i = 0; i < sums.items; i++)
		if (!(fabs(sums.pivot[i]) < LARGEST))
			return "a pivot is out of range";
	for (size_t i = 0; i < ks_item_products(sums.items); i++)
		if (!isfinite(sums.products[i].hi) || !isfinite(sums.products[i].lo))
			return "a sum is not finite";
	return NULL;
}

const KcSummaryType kc_item_summary_type = {
	.name = "item_summary",
	.tag = KC_ITEM_SUMMARY,
	.version = 1,
	.fixed_size = sizeof(int64),
	.n_regions = 2,
	.fixed_pattern = "l",
	.region_pattern = {"d", "dd"},
	.check = check_item_summary,
	.merge = merge_item_summary,
};
