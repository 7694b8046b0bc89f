/*
 * kc_value_counts.c
 *	  The multiset of one variable.
 */
#include "postgres.h"

#include "stat/ks_weighted.h"
#include "summary/kc_env.h"
#include "summary/kc_value_counts.h"

static const char *
check_value_counts(const KcState *state)
{
	return kc_counted_check(state, 1);
}

static KcState *
merge_value_counts(KcState *into, const KcState *from)
{
	return kc_counted_merge(into, from, 1);
}

/*
 * The canonical form: sorted, and counted when that is shorter.  The same rows
 * give the same bytes whatever the plan was.
 */
static KcState *
finish_value_counts(const KcState *state)
{
	KsCounted values = kc_value_counts_read(state);
	KcState *finished = kc_state_create(&kc_value_counts_type);
	KcRegion *region;

	finished->n = state->n;
	finished->n_missing = state->n_missing;
	if (values.count != NULL && 2 * values.distinct <= values.n)
	{
		double *run;

		finished = kc_region_reserve(finished, KC_RUNS, values.distinct * 16);
		region = kc_region(finished, &kc_value_counts_type, KC_RUNS);
		run = kc_region_data(finished, region);
		for (size_t i = 0; i < values.distinct; i++)
		{
			run[2 * i] = values.value[i];
			memcpy(&run[2 * i + 1], &values.count[i], 8);
		}
		region->used = values.distinct * 16;
	}
	else
	{
		double *flat;

		finished = kc_region_reserve(finished, KC_FLAT, values.n * 8);
		region = kc_region(finished, &kc_value_counts_type, KC_FLAT);
		flat = kc_region_data(finished, region);
		for (size_t i = 0; i < values.distinct; i++)
			for (int64 k = 0; k < ks_count_at(&values, i); k++)
				*flat++ = values.value[i];
		region->used = values.n * 8;
	}
	return kc_state_trim(finished);
}

const KcSummaryType kc_value_counts_type = {
	.name = "value_counts",
	.tag = KC_VALUE_COUNTS,
	.version = 1,
	.fixed_size = 0,
	.n_regions = 3,
	.fixed_pattern = "",
	.region_pattern = {"dl", "d", ""},
	.check = check_value_counts,
	.merge = merge_value_counts,
	.finish = finish_value_counts,
};

KsCounted
kc_value_counts_read(const KcState *state)
{
	size_t size = kc_counted_size(state, 1);
	double *values = palloc_extended(Max(size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	int64 *counts = NULL;
	KsCounted sorted;

	if (kc_region(state, &kc_value_counts_type, KC_RUNS)->used > 0)
		counts = palloc_extended(size * sizeof(int64), MCXT_ALLOC_HUGE);
	kc_counted_unpack(state, 1, &values, counts);
	kc_require(ks_count_weighted(&kc_env, values, counts, size, &sorted));
	return sorted;
}
