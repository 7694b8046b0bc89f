/*
 * kc_item_summary.h
 *	  Sums and products of a scale's items over complete forms.
 */
#ifndef KC_ITEM_SUMMARY_H
#define KC_ITEM_SUMMARY_H

#include "stat/ks_reliability.h"
#include "summary/kc_summaries.h"

/*
 * Adds a form: value is NULL when an item is missing, `items` -1 when not even
 * their number is known.  A number that differs from other rows' is an error
 * (22023), so is a value whose square overflows (22003).  The state may move.
 */
extern KcState *kc_item_summary_add_form(KcState *state, int items, const double *value);

/* What has been summed, inside the state. */
extern KsItemSums kc_item_summary_sums(const KcState *state);

#endif
