/*
 * kc_group_values.c
 *	  The multiset of a variable in each of several groups.
 *
 * Counted pairs (number of the label, value): the container of paired_values
 * with a dictionary beside it.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "stat/ks_weighted.h"
#include "summary/kc_env.h"
#include "summary/kc_group_values.h"

/* after the three regions of the counted keys */
#define LABELS (KC_INDEX + 1)

KcState *
kc_group_values_add_value(KcState *state, double value, const char *label, size_t length,
						  KcLabelHints *hints)
{
	uint32 group;
	double key[2];

	state = kc_label_intern_hinted(state, &kc_group_values_type, LABELS, label, length,
								   hints, &group);
	state->n++;
	key[0] = group;
	key[1] = value;
	return kc_counted_add(state, &kc_group_values_type, 2, key);
}

/* Keys of a state, unpacked: group numbers, values and counts. */
typedef struct Unpacked
{
	size_t size;
	double *group;
	double *value;
	int64 *count;
} Unpacked;

static Unpacked
unpack(const KcState *state)
{
	Unpacked keys;
	double *columns[2];

	keys.size = kc_counted_size(state, 2);
	keys.group = palloc_extended(Max(keys.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	keys.value = palloc_extended(Max(keys.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	keys.count = palloc_extended(Max(keys.size, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	columns[0] = keys.group;
	columns[1] = keys.value;
	kc_counted_unpack(state, 2, columns, keys.count);
	return keys;
}

static void
free_unpacked(Unpacked *keys)
{
	pfree(keys->group);
	pfree(keys->value);
	pfree(keys->count);
}

/* Labels may have other numbers here than there: keys are renumbered. */
static KcState *
merge_group_values(KcState *into, const KcState *from)
{
	uint32 labels = kc_label_count(from, LABELS);
	uint32 *number = palloc(sizeof(uint32) * Max(labels, 1));
	Unpacked keys = unpack(from);

	for (uint32 i = 0; i < labels; i++)
	{
		size_t length;
		const char *label = kc_label_at(from, LABELS, i, &length);

		into = kc_label_intern(into, LABELS, label, length, &number[i]);
	}
	for (size_t i = 0; i < keys.size; i++)
	{
		double key[2] = {number[(uint32) keys.group[i]], keys.value[i]};

		into = keys.count[i] == 1
				   ? kc_counted_add(into, &kc_group_values_type, 2, key)
				   : kc_counted_add_slow(into, 2, key, keys.count[i]);
	}
	into->n += from->n;
	into->n_missing += from->n_missing;
	free_unpacked(&keys);
	pfree(number);
	return into;
}

static const char *
check_group_values(const KcState *state)
{
	const char *problem = kc_label_check(state, LABELS);
	uint32 labels = kc_label_count(state, LABELS);
	Unpacked keys;

	if (problem == NULL)
		problem = kc_counted_check(state, 2);
	if (problem != NULL)
		return problem;
	keys = unpack(state);
	for (size_t i = 0; i < keys.size && problem == NULL; i++)
		if (!(keys.group[i] >= 0 && keys.group[i] < labels) ||
			keys.group[i] != floor(keys.group[i]))
			problem = "a value has no label";
	free_unpacked(&keys);
	return problem;
}

const KcSummaryType kc_group_values_type = {
	.name = "group_values",
	.tag = KC_GROUP_VALUES,
	.version = 1,
	.fixed_size = 0,
	.n_regions = LABELS + KC_LABEL_REGIONS,
	.fixed_pattern = "",
	.region_pattern = {"ddl", "dd", "", KC_LABEL_PATTERNS},
	.check = check_group_values,
	.merge = merge_group_values,
};

KcGroupedValues
kc_group_values_read(const KcState *state)
{
	KcGroupedValues grouped;
	Unpacked keys = unpack(state);
	uint32 *rank;
	size_t *size;
	double **values;
	int64 **counts;

	grouped.groups = kc_label_count(state, LABELS);
	grouped.label = palloc(sizeof(char *) * Max(grouped.groups, 1));
	grouped.values = palloc(sizeof(KsCounted) * Max(grouped.groups, 1));
	rank = palloc(sizeof(uint32) * Max(grouped.groups, 1));
	size = palloc0(sizeof(size_t) * Max(grouped.groups, 1));
	values = palloc(sizeof(double *) * Max(grouped.groups, 1));
	counts = palloc(sizeof(int64 *) * Max(grouped.groups, 1));
	kc_label_order(state, LABELS, rank, NULL);
	for (uint32 i = 0; i < grouped.groups; i++)
		grouped.label[rank[i]] = kc_label_cstring(state, LABELS, i);

	for (size_t i = 0; i < keys.size; i++)
		size[rank[(uint32) keys.group[i]]]++;
	for (uint32 g = 0; g < grouped.groups; g++)
	{
		values[g] = palloc_extended(size[g] * sizeof(double), MCXT_ALLOC_HUGE);
		counts[g] = palloc_extended(size[g] * sizeof(int64), MCXT_ALLOC_HUGE);
		size[g] = 0;
	}
	for (size_t i = 0; i < keys.size; i++)
	{
		uint32 g = rank[(uint32) keys.group[i]];

		values[g][size[g]] = keys.value[i];
		counts[g][size[g]++] = keys.count[i];
	}
	free_unpacked(&keys);
	for (uint32 g = 0; g < grouped.groups; g++)
		kc_require(ks_count_weighted(&kc_env, values[g], counts[g], size[g],
									 &grouped.values[g]));
	return grouped;
}
