/*
 * kc_repeated_values.c
 *	  Values by subject and condition.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "summary/kc_repeated_values.h"

enum
{
	SUBJECTS = 0,
	CONDITIONS = SUBJECTS + KC_LABEL_REGIONS,
	VALUES = CONDITIONS + KC_LABEL_REGIONS,
};

typedef struct Entry
{
	uint32 subject;
	uint32 condition;
	double value; /* NaN: known to be missing */
} Entry;

static size_t
n_entries(const KcState *state)
{
	return kc_region(state, &kc_repeated_values_type, VALUES)->used / sizeof(Entry);
}

static Entry *
entries_of(const KcState *state)
{
	return kc_region_data(state, kc_region(state, &kc_repeated_values_type, VALUES));
}

KcState *
kc_repeated_values_add_value(KcState *state, const char *subject, size_t subject_length,
					   const char *condition, size_t condition_length, double value)
{
	Entry entry;

	state = kc_label_intern(state, SUBJECTS, subject, subject_length, &entry.subject);
	state =
		kc_label_intern(state, CONDITIONS, condition, condition_length, &entry.condition);
	entry.value = value + 0.0;
	if (isnan(value))
		state->n_missing++;
	else
		state->n++;
	return kc_region_append(state, VALUES, &entry, sizeof(entry));
}

static KcState *
merge_repeated_values(KcState *into, const KcState *from)
{
	const Entry *entries = entries_of(from);
	int64 n = into->n + from->n;
	int64 n_missing = into->n_missing + from->n_missing;

	for (size_t i = 0; i < n_entries(from); i++)
	{
		size_t subject_length, condition_length;
		const char *subject =
			kc_label_at(from, SUBJECTS, entries[i].subject, &subject_length);
		const char *condition =
			kc_label_at(from, CONDITIONS, entries[i].condition, &condition_length);

		into = kc_repeated_values_add_value(into, subject, subject_length, condition,
									  condition_length, entries[i].value);
	}
	into->n = n;
	into->n_missing = n_missing;
	return into;
}

static const char *
check_repeated_values(const KcState *state)
{
	const char *problem = kc_label_check(state, SUBJECTS);
	const Entry *entries = entries_of(state);
	int64 n = 0;

	if (problem == NULL)
		problem = kc_label_check(state, CONDITIONS);
	if (problem != NULL)
		return problem;
	if (state->flags != 0)
		return "its flags are unknown";
	for (size_t i = 0; i < n_entries(state); i++)
	{
		if (entries[i].subject >= kc_label_count(state, SUBJECTS) ||
			entries[i].condition >= kc_label_count(state, CONDITIONS))
			return "a value has no label";
		if (isinf(entries[i].value))
			return "a value is not finite";
		n += !isnan(entries[i].value);
	}
	if (n != state->n || (int64) n_entries(state) - n > state->n_missing)
		return "the values do not add up to the number of rows";
	return NULL;
}

const KcSummaryType kc_repeated_values_type = {
	.name = "repeated_values",
	.tag = KC_REPEATED_VALUES,
	.version = 1,
	.fixed_size = 0,
	.n_regions = 2 * KC_LABEL_REGIONS + 1,
	.fixed_pattern = "",
	.region_pattern = {KC_LABEL_PATTERNS, KC_LABEL_PATTERNS, "iid"},
	.check = check_repeated_values,
	.merge = merge_repeated_values,
};

KcBlocks
kc_repeated_values_read(const KcState *state)
{
	KcBlocks blocks = {0};
	const Entry *entries = entries_of(state);
	size_t all = kc_label_count(state, SUBJECTS);
	uint32 *subject_rank = palloc(sizeof(uint32) * Max(all, 1));
	uint32 *condition_rank;
	double *value;
	size_t size;

	blocks.conditions = kc_label_count(state, CONDITIONS);
	blocks.unlabelled = state->n_missing;
	size = all * blocks.conditions;
	if (size > MaxAllocHugeSize / sizeof(double) / 2 ||
		size / 1024 > (size_t) kc_max_state_memory)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%zu subjects by %zu conditions are too many", all,
							   blocks.conditions)));
	condition_rank = palloc(sizeof(uint32) * Max(blocks.conditions, 1));
	kc_label_order(state, SUBJECTS, subject_rank, NULL);
	kc_label_order(state, CONDITIONS, condition_rank, NULL);
	value = palloc_extended(sizeof(double) * Max(size, 1), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < size; i++)
		value[i] = NAN;
	for (size_t i = 0; i < n_entries(state); i++)
	{
		double *cell = &value[subject_rank[entries[i].subject] * blocks.conditions +
							  condition_rank[entries[i].condition]];

		if (isnan(entries[i].value))
		{
			blocks.unlabelled--;
			continue;
		}
		if (!isnan(*cell))
			blocks.repeated++;
		*cell = entries[i].value;
	}

	/* complete subjects move up */
	for (size_t s = 0; s < all; s++)
	{
		const double *row = value + s * blocks.conditions;
		bool complete = true;

		for (size_t c = 0; c < blocks.conditions; c++)
			complete = complete && !isnan(row[c]);
		if (!complete)
			blocks.incomplete++;
		else
			memmove(value + blocks.subjects++ * blocks.conditions, row,
					sizeof(double) * blocks.conditions);
	}
	blocks.value = value;
	return blocks;
}
