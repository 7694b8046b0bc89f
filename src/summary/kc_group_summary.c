/*
 * kc_group_summary.c
 *	  Moments of a variable in each of several groups.
 *
 * One element of sums per label, in order of arrival; a label is found by its
 * dictionary, so thousands of groups cost no more a row than two.
 */
#include "postgres.h"

#include "summary/kc_group_summary.h"

enum
{
	LABELS = 0,
	SUMS = LABELS + KC_LABEL_REGIONS,
};

static KsGroupSums *
sums_of(const KcState *state)
{
	return kc_region_data(state, kc_region(state, &kc_group_summary_type, SUMS));
}

/* The number of a group, which has sums from then on.  The state may move. */
static KcState *
find_group(KcState *state, const char *label, size_t length, KcLabelHints *hints,
		   uint32 *group)
{
	static const KsGroupSums none = {0};

	state = kc_label_intern_hinted(state, &kc_group_summary_type, LABELS, label, length,
								   hints, group);
	if ((*group + 1) * sizeof(KsGroupSums) >
		kc_region(state, &kc_group_summary_type, SUMS)->used)
		state = kc_region_append(state, SUMS, &none, sizeof(none));
	return state;
}

KcState *
kc_group_summary_add_value(KcState *state, double value, const char *label, size_t length,
						   KcLabelHints *hints, bool *in_range)
{
	uint32 group;

	state = find_group(state, label, length, hints, &group);
	*in_range = ks_group_sums_add(&sums_of(state)[group], value);
	state->n++;
	return state;
}

static KcState *
merge_group_summary(KcState *into, const KcState *from)
{
	const KsGroupSums *sums = sums_of(from);

	into->n += from->n;
	into->n_missing += from->n_missing;
	for (uint32 i = 0; i < kc_label_count(from, LABELS); i++)
	{
		size_t length;
		const char *label = kc_label_at(from, LABELS, i, &length);
		KsGroupSums *own;
		uint32 group;

		into = find_group(into, label, length, NULL, &group);
		own = &sums_of(into)[group];
		ks_group_sums_merge(own, &sums[i]);
	}
	return into;
}

static const char *
check_group_summary(const KcState *state)
{
	const char *problem = kc_label_check(state, LABELS);
	const KsGroupSums *sums = sums_of(state);
	uint32 groups = kc_label_count(state, LABELS);
	int64 n = 0;

	if (problem != NULL)
		return problem;
	if (state->flags != 0)
		return "its flags are unknown";
	if (kc_region(state, &kc_group_summary_type, SUMS)->used != groups * sizeof(KsGroupSums))
		return "groups and labels differ in number";
	for (uint32 i = 0; i < groups; i++)
	{
		if (sums[i].n < 1 || sums[i].n > state->n - n)
			return "a count is out of range";
		n += sums[i].n;
		if (!(fabs(sums[i].pivot) <= KS_MAX_VALUE) || !isfinite(sums[i].sum.hi) || !isfinite(sums[i].sum.lo) ||
			!isfinite(sums[i].sum_squares.hi) || !isfinite(sums[i].sum_squares.lo) ||
			sums[i].sum_squares.hi < 0)
			return "a sum is out of range";
	}
	return n == state->n ? NULL : "counts do not add up to the number of rows";
}

const KcSummaryType kc_group_summary_type = {
	.name = "group_summary",
	.tag = KC_GROUP_SUMMARY,
	.version = 1,
	.fixed_size = 0,
	.n_regions = KC_LABEL_REGIONS + 1,
	.fixed_pattern = "",
	.region_pattern = {KC_LABEL_PATTERNS, "lddddd"},
	.check = check_group_summary,
	.merge = merge_group_summary,
};

KcGroupMoments
kc_group_summary_read(const KcState *state)
{
	KcGroupMoments moments;
	uint32 *rank;

	moments.groups = kc_label_count(state, LABELS);
	moments.label = palloc(sizeof(char *) * Max(moments.groups, 1));
	moments.sums = palloc(sizeof(KsGroupSums) * Max(moments.groups, 1));
	rank = palloc(sizeof(uint32) * Max(moments.groups, 1));
	kc_label_order(state, LABELS, rank, NULL);
	for (uint32 i = 0; i < moments.groups; i++)
	{
		moments.label[rank[i]] = kc_label_cstring(state, LABELS, i);
		moments.sums[rank[i]] = sums_of(state)[i];
	}
	return moments;
}
