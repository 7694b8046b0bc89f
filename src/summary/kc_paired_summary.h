/*
 * kc_paired_summary.h
 *	  Bivariate moments of pairs: fixed size, whatever the number of rows.
 */
#ifndef KC_PAIRED_SUMMARY_H
#define KC_PAIRED_SUMMARY_H

#include "stat/ks_paired.h"
#include "summary/kc_summaries.h"

/* Adds one complete pair; false when it is out of range. */
static inline bool
kc_paired_summary_add_pair(KcState *state, double before, double after)
{
	if (!ks_paired_sums_add(kc_fixed(state), state->n, before, after))
		return false;
	state->n++;
	return true;
}

#endif
