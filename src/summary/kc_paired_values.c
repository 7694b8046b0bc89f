/*
 * kc_paired_values.c
 *	  The multiset of pairs.
 */
#include "postgres.h"

#include "summary/kc_paired_values.h"

static const char *
check_paired_values(const KcState *state)
{
	return kc_counted_check(state, 2);
}

static KcState *
merge_paired_values(KcState *into, const KcState *from)
{
	return kc_counted_merge(into, from, 2);
}

const KcSummaryType kc_paired_values_type = {
	.name = "paired_values",
	.tag = KC_PAIRED_VALUES,
	.version = 1,
	.fixed_size = 0,
	.n_regions = 3,
	.fixed_pattern = "",
	.region_pattern = {"ddl", "dd", ""},
	.check = check_paired_values,
	.merge = merge_paired_values,
};

KcPairs
kc_paired_values_read(const KcState *state)
{
	KcPairs pairs;
	double *columns[2];

	pairs.size = kc_counted_size(state, 2);
	pairs.before = palloc_extended(Max(pairs.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	pairs.after = palloc_extended(Max(pairs.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	pairs.count = palloc_extended(Max(pairs.size, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	columns[0] = pairs.before;
	columns[1] = pairs.after;
	kc_counted_unpack(state, 2, columns, pairs.count);
	return pairs;
}
