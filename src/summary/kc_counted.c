/*
 * kc_counted.c
 *	  Counted keys: table of runs, flat keys, and the move between the two.
 */
#include "postgres.h"

#include "common/int.h"

#include "summary/kc_counted.h"

/* Fewer flat keys than this are not worth counting. */
#define MIN_KEYS_TO_COUNT 48
#define MAX_WIDTH 2

static inline size_t
run_size(int width)
{
	return (width + 1) * sizeof(double);
}

static size_t
n_runs(const KcState *state, const KcSummaryType *type, int width)
{
	return kc_region(state, type, KC_RUNS)->used / run_size(width);
}

/* Makes the index fit for one more run than there are. */
static KcState *
rebuild_index(KcState *state, int width)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	size_t runs = n_runs(state, type, width);
	size_t n_slots = 16;
	KcRegion *index;
	uint16 *slots;
	void *table;

	/* sparse, so that a probe hardly ever meets another key: a branch never missed */
	while (n_slots < 8 * (runs + 1))
		n_slots *= 2;
	kc_region(state, type, KC_INDEX)->used = 0;
	state = kc_region_reserve(state, KC_INDEX, n_slots * sizeof(uint16));
	index = kc_region(state, type, KC_INDEX);
	index->used = n_slots * sizeof(uint16);
	slots = kc_region_data(state, index);
	table = kc_region_data(state, kc_region(state, type, KC_RUNS));
	memset(slots, 0, index->used);
	for (size_t i = 0; i < runs; i++)
		*kc_find_slot(slots, n_slots, table, width, kc_run_key(table, width, i)) = i + 1;
	return state;
}

static int
compare_keys(const void *a, const void *b, void *width)
{
	const double *left = a;
	const double *right = b;

	for (int i = 0; i < *(int *) width; i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return 0;
}

/* Sorts the runs and joins equal keys, in place. */
static void
compact_runs(KcState *state, const KcSummaryType *type, int width)
{
	KcRegion *region = kc_region(state, type, KC_RUNS);
	void *runs = kc_region_data(state, region);
	size_t n = n_runs(state, type, width);
	size_t kept = 0;

	if (n == 0)
		return;
	qsort_arg(runs, n, run_size(width), compare_keys, &width);
	for (size_t i = 1; i < n; i++)
	{
		double *key = kc_run_key(runs, width, i);

		if (compare_keys(kc_run_key(runs, width, kept), key, &width) == 0)
			*kc_run_count(runs, width, kept) += *kc_run_count(runs, width, i);
		else
			memmove(kc_run_key(runs, width, ++kept), key, run_size(width));
	}
	region->used = (kept + 1) * run_size(width);
}

static KcState *
append_run(KcState *state, const KcSummaryType *type, int width, const double *key,
		   int64 count)
{
	KcRegion *region = kc_region(state, type, KC_RUNS);
	char run[(MAX_WIDTH + 1) * sizeof(double)];

	/* merged tables repeat their keys: join them before taking more room */
	if ((state->flags & KC_COUNTING) == 0 && region->used + run_size(width) > region->capacity &&
		region->used >= 64 * run_size(width))
	{
		compact_runs(state, type, width);
		if (region->used > region->capacity / 2)
			state = kc_region_reserve(state, KC_RUNS, region->used);
	}
	memcpy(run, key, width * sizeof(double));
	memcpy(run + width * sizeof(double), &count, sizeof(count));
	return kc_region_append(state, KC_RUNS, run, run_size(width));
}

/*
 * Counts a key while the table takes new ones.  Returns false in *counted when
 * the table is full of other keys; counting then ends.
 */
static KcState *
add_counting(KcState *state, const KcSummaryType *type, int width, const double *key,
			 int64 count, bool *counted)
{
	KcRegion *index = kc_region(state, type, KC_INDEX);
	void *runs;
	uint16 *slot;

	if (index->used == 0)
	{
		state = rebuild_index(state, width);
		index = kc_region(state, type, KC_INDEX);
	}
	runs = kc_region_data(state, kc_region(state, type, KC_RUNS));
	slot = kc_find_slot(kc_region_data(state, index), index->used / sizeof(uint16), runs,
					 width, key);
	*counted = true;
	if (*slot != 0)
	{
		*kc_run_count(runs, width, *slot - 1) += count;
		return state;
	}
	if (n_runs(state, type, width) >= KC_MAX_DISTINCT)
	{
		state->flags &= ~KC_COUNTING;
		index->used = 0;
		*counted = false;
		return state;
	}
	*slot = n_runs(state, type, width) + 1;
	state = append_run(state, type, width, key, count);
	if (kc_region(state, type, KC_INDEX)->used / sizeof(uint16) <
		4 * n_runs(state, type, width))
		state = rebuild_index(state, width);
	return state;
}

/* Moves the flat keys into a table if at most a quarter of them differ. */
static KcState *
try_counting(KcState *state, const KcSummaryType *type, int width)
{
	KcRegion *flat = kc_region(state, type, KC_FLAT);
	double *keys = kc_region_data(state, flat);
	size_t n = flat->used / (width * sizeof(double));
	size_t limit = Min(n / 4, KC_MAX_DISTINCT);
	uint16 slots[4 * KC_MAX_DISTINCT] = {0};
	double runs[KC_MAX_DISTINCT * (MAX_WIDTH + 1)];
	size_t distinct = 0;

	if (n < MIN_KEYS_TO_COUNT || n_runs(state, type, width) > 0)
		return state;
	for (size_t i = 0; i < n; i++)
	{
		const double *key = keys + i * width;
		uint16 *slot = kc_find_slot(slots, lengthof(slots), runs, width, key);

		if (*slot == 0)
		{
			if (distinct == limit)
				return state;
			memcpy(kc_run_key(runs, width, distinct), key, width * sizeof(double));
			*kc_run_count(runs, width, distinct) = 0;
			*slot = ++distinct;
		}
		++*kc_run_count(runs, width, *slot - 1);
	}
	flat->used = 0;
	state = kc_region_append(state, KC_RUNS, runs, distinct * run_size(width));
	state->flags |= KC_COUNTING;
	return rebuild_index(state, width);
}

KcState *
kc_counted_add_slow(KcState *state, int width, const double *given, int64 count)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	KcRegion *flat;
	double key[MAX_WIDTH];

	for (int i = 0; i < width; i++)
		key[i] = given[i] + 0.0; /* -0 becomes 0 */

	flat = kc_region(state, type, KC_FLAT);
	if ((state->flags & KC_COUNTING) == 0 &&
		flat->used + width * sizeof(double) > flat->capacity)
		state = try_counting(state, type, width);

	if ((state->flags & KC_COUNTING) != 0)
	{
		bool counted;

		state = add_counting(state, type, width, key, count, &counted);
		if (counted)
			return state;
	}
	if (count > 1)
		return append_run(state, type, width, key, count);
	return kc_region_append(state, KC_FLAT, key, width * sizeof(double));
}

KcState *
kc_counted_merge(KcState *into, const KcState *from, int width)
{
	const KcSummaryType *type = kc_summary_type(from->tag);
	const KcRegion *flat = kc_region(from, type, KC_FLAT);
	double *keys = kc_region_data(from, flat);
	void *runs = kc_region_data(from, kc_region(from, type, KC_RUNS));
	size_t n_flat = flat->used / (width * sizeof(double));

	into->n += from->n;
	into->n_missing += from->n_missing;
	for (size_t i = 0; i < n_runs(from, type, width); i++)
		into = kc_counted_add_slow(into, width, kc_run_key(runs, width, i),
								   *kc_run_count(runs, width, i));
	for (size_t i = 0; i < n_flat; i++)
		into = kc_counted_add(into, type, width, keys + i * width);
	return into;
}

/* Sum of the counts, or -1 and *problem for keys no aggregate would have kept. */
static int64
checked_count(const KcState *state, int width, const char **problem)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	const KcRegion *flat = kc_region(state, type, KC_FLAT);
	const double *keys = kc_region_data(state, flat);
	void *runs = kc_region_data(state, kc_region(state, type, KC_RUNS));
	size_t n_flat = flat->used / sizeof(double);
	int64 n = n_flat / width;

	*problem = NULL;
	if ((state->flags & ~KC_COUNTING) != 0)
		*problem = "its flags are unknown";
	else if (n_flat % width != 0)
		*problem = "a key is incomplete";
	else if ((state->flags & KC_COUNTING) != 0 && n_runs(state, type, width) > KC_MAX_DISTINCT)
		*problem = "the table of counts is too long";
	for (size_t i = 0; i < n_flat && *problem == NULL; i++)
		if (!isfinite(keys[i]))
			*problem = "a value is not finite";
	for (size_t i = 0; i < n_runs(state, type, width) && *problem == NULL; i++)
	{
		int64 count = *kc_run_count(runs, width, i);

		for (int k = 0; k < width; k++)
			if (!isfinite(kc_run_key(runs, width, i)[k]))
				*problem = "a value is not finite";
		if (count < 1 || pg_add_s64_overflow(n, count, &n))
			*problem = "a count is out of range";
	}
	return *problem == NULL ? n : -1;
}

const char *
kc_counted_check_keys(const KcState *state, int width)
{
	const char *problem;

	(void) checked_count(state, width, &problem);
	return problem;
}

const char *
kc_counted_check(const KcState *state, int width)
{
	const char *problem;
	int64 n = checked_count(state, width, &problem);

	if (problem == NULL && n != state->n)
		problem = "the counts do not add up to the number of rows";
	return problem;
}

size_t
kc_counted_size(const KcState *state, int width)
{
	const KcSummaryType *type = kc_summary_type(state->tag);

	return n_runs(state, type, width) +
		   kc_region(state, type, KC_FLAT)->used / (width * sizeof(double));
}

void
kc_counted_unpack(const KcState *state, int width, double **keys, int64 *counts)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	const KcRegion *flat = kc_region(state, type, KC_FLAT);
	const double *flat_keys = kc_region_data(state, flat);
	void *runs = kc_region_data(state, kc_region(state, type, KC_RUNS));
	size_t n_flat = flat->used / (width * sizeof(double));
	size_t n = n_runs(state, type, width);

	for (size_t i = 0; i < n; i++)
	{
		for (int k = 0; k < width; k++)
			keys[k][i] = kc_run_key(runs, width, i)[k];
		counts[i] = *kc_run_count(runs, width, i);
	}
	for (size_t i = 0; i < n_flat; i++)
	{
		for (int k = 0; k < width; k++)
			keys[k][n + i] = flat_keys[i * width + k];
		if (counts != NULL)
			counts[n + i] = 1;
	}
}
