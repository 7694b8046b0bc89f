/*
 * kc_paired_values.h
 *	  The multiset of pairs: medians of both sides and of the change, ranks.
 */
#ifndef KC_PAIRED_VALUES_H
#define KC_PAIRED_VALUES_H

#include "summary/kc_counted.h"

/* Adds a finite pair. */
static inline KcState *
kc_paired_values_add_pair(KcState *state, double before, double after)
{
	double pair[2] = {before, after};

	state->n++;
	return kc_counted_add(state, &kc_paired_values_type, 2, pair);
}

/* Pairs in no order; each stands count times. */
typedef struct KcPairs
{
	double *before;
	double *after;
	int64 *count;
	size_t size;
} KcPairs;

extern KcPairs kc_paired_values_read(const KcState *state);

#endif
