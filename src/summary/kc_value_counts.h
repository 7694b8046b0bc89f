/*
 * kc_value_counts.h
 *	  The multiset of one variable: the state of rank statistics, medians, curves.
 */
#ifndef KC_VALUE_COUNTS_H
#define KC_VALUE_COUNTS_H

#include "summary/kc_counted.h"

/* Adds a finite value. */
static inline KcState *
kc_value_counts_add_value(KcState *state, double value)
{
	state->n++;
	return kc_counted_add(state, &kc_value_counts_type, 1, &value);
}

/* The values in ascending order with their counts, in fresh memory. */
extern KsCounted kc_value_counts_read(const KcState *state);

#endif
