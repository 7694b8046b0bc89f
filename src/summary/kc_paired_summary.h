/*
 * kc_paired_summary.h
 *	  Bivariate moments of pairs: fixed size, whatever the number of rows.
 */
#ifndef KC_PAIRED_SUMMARY_H
#define KC_PAIRED_SUMMARY_H

#include "stat/ks_paired.h"
#include "summary/kc_summaries.h"

/* Adds one complete pair; false when a product leaves the range of double. */
static inline bool
kc_paired_summary_add_pair(KcState *state, double before, double after)
{
	KsPairedSums *sums = kc_fixed(state);
	KsDD before_before = ks_two_prod(before, before);
	KsDD after_after = ks_two_prod(after, after);

	if (!(before_before.hi <= KC_MAX_PRODUCT && after_after.hi <= KC_MAX_PRODUCT))
		return false;
	state->n++;
	sums->before = ks_dd_add_d(sums->before, before);
	sums->after = ks_dd_add_d(sums->after, after);
	sums->before_before = ks_dd_add(sums->before_before, before_before);
	sums->after_after = ks_dd_add(sums->after_after, after_after);
	sums->before_after = ks_dd_add(sums->before_after, ks_two_prod(before, after));
	return true;
}

#endif
