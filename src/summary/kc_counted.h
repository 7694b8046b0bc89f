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

/* The semantic check of a decoded value. */
extern const char *kc_counted_check(const KcState *state, int width);

/* Number of keys kept, runs and flat ones, repeats included. */
extern size_t kc_counted_size(const KcState *state, int width);

/*
 * Copies all keys out, column by column: keys[column][i], and their counts;
 * counts may be NULL where there are no runs.
 */
extern void kc_counted_unpack(const KcState *state, int width, double **keys,
							  int64 *counts);

/* The common case: one more flat key where there is room. */
static inline KcState *
kc_counted_add(KcState *state, const KcSummaryType *type, int width, const double *key)
{
	KcRegion *flat = kc_region(state, type, KC_FLAT);
	double *end = (double *) ((char *) state + flat->offset + flat->used);

	if (unlikely((state->flags & KC_COUNTING) != 0 ||
				 flat->used + width * sizeof(double) > flat->capacity))
		return kc_counted_add_slow(state, width, key, 1);
	for (int i = 0; i < width; i++)
		end[i] = key[i] + 0.0; /* -0 becomes 0 */
	flat->used += width * sizeof(double);
	return state;
}

#endif
