/*
 * kc_counted.h
 *	  Counted keys: the container behind value_counts and paired_values.
 *
 * A key is one double or a few.  Keys are kept flat, one after the other; as
 * soon as they turn out to repeat, they are counted in a small table of runs
 * (key, count) found by an index, so that a pain score of any number of rows
 * stays a few kB.  Past KC_MAX_DISTINCT different keys the table is left as it
 * is and later keys go flat again: for values that hardly repeat a table costs
 * twice the memory and several times the time.
 *
 *		runs:  (key, count) (key, count) ...
 *		flat:  key key key ...
 *		index: slots with run number + 1, 0 = free (derived, only while counting)
 *
 * Whichever way a key went, the multiset is the same, and only it is read.
 */
#ifndef KC_COUNTED_H
#define KC_COUNTED_H

#include "summary/kc_summaries.h"

enum
{
	KC_RUNS,
	KC_FLAT,
	KC_INDEX,
};

#define KC_COUNTING 0x1 /* flag: new keys go to the table */
#define KC_MAX_DISTINCT 512

/*
 * Adds a finite key of `width` doubles `count` times.  Does not touch n.  The
 * state may move.
 */
extern KcState *kc_counted_add_slow(KcState *state, int width, const double *key,
									int64 count);

extern KcState *kc_counted_merge(KcState *into, const KcState *from, int width);

/*
 * The semantic check of a decoded value; the second form is for summaries whose
 * keys do not add up to their rows.
 */
extern const char *kc_counted_check(const KcState *state, int width);
extern const char *kc_counted_check_keys(const KcState *state, int width);

/* Number of keys kept, runs and flat ones, repeats included. */
extern size_t kc_counted_size(const KcState *state, int width);

/*
 * Copies all keys out, column by column: keys[column][i], and their counts;
 * counts may be NULL where there are no runs.
 */
extern void kc_counted_unpack(const KcState *state, int width, double **keys,
							  int64 *counts);

/* A run in memory: width doubles, then the count. */
static inline double *
kc_run_key(void *runs, int width, size_t i)
{
	return (double *) runs + i * (width + 1);
}

static inline int64 *
kc_run_count(void *runs, int width, size_t i)
{
	return (int64 *) (kc_run_key(runs, width, i) + width);
}

/* Equal bit for bit, which is equal for finite keys without -0. */
static inline bool
kc_key_equal(const double *a, const double *b, int width)
{
	for (int i = 0; i < width; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static inline size_t
kc_hash_key(const double *key, int width)
{
	uint64 hash = 0;

	for (int i = 0; i < width; i++)
	{
		uint64 bits;

		memcpy(&bits, &key[i], sizeof(bits));
		hash = (hash ^ bits) * UINT64CONST(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
	}
	return hash;
}

/*
 * The slot of a key: where it is, or the free one where it belongs.  There is
 * always a free slot.
 */
static inline uint16 *
kc_find_slot(uint16 *slots, size_t n_slots, void *runs, int width, const double *key)
{
	size_t at = kc_hash_key(key, width) & (n_slots - 1);

	while (slots[at] != 0 &&
		   !kc_key_equal(kc_run_key(runs, width, slots[at] - 1), key, width))
		at = (at + 1) & (n_slots - 1);
	return &slots[at];
}

/*
 * One more of a finite key.  Done here when it is flat and there is room, or
 * when it is counted and known; the rest is for the slow path.
 */
static inline KcState *
kc_counted_add(KcState *state, const KcSummaryType *type, int width, const double *given)
{
	KcRegion *flat = kc_region(state, type, KC_FLAT);
	KcRegion *index = kc_region(state, type, KC_INDEX);
	double key[2];

	for (int i = 0; i < width; i++)
		key[i] = given[i] + 0.0; /* -0 becomes 0 */
	if ((state->flags & KC_COUNTING) == 0)
	{
		if (likely(flat->used + width * sizeof(double) <= flat->capacity))
		{
			memcpy((char *) state + flat->offset + flat->used, key, width * sizeof(double));
			flat->used += width * sizeof(double);
			return state;
		}
	}
	else if (likely(index->used > 0))
	{
		void *runs = kc_region_data(state, kc_region(state, type, KC_RUNS));
		uint16 run = *kc_find_slot(kc_region_data(state, index),
								   index->used / sizeof(uint16), runs, width, key);

		if (likely(run != 0))
		{
			++*kc_run_count(runs, width, run - 1);
			return state;
		}
	}
	return kc_counted_add_slow(state, width, key, 1);
}

#endif
