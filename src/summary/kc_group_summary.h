/*
 * kc_group_summary.h
 *	  Moments of a variable in each of several groups.
 */
#ifndef KC_GROUP_SUMMARY_H
#define KC_GROUP_SUMMARY_H

#include "stat/ks_groups.h"
#include "summary/kc_labels.h"

/*
 * Adds a finite value of a group; *in_range tells whether its square is in the
 * range of double.  hints may be NULL.  The state may move.
 */
extern KcState *kc_group_summary_add_value(KcState *state, double value, const char *label,
										   size_t length, KcLabelHints *hints,
										   bool *in_range);

/* The groups in bytewise order of their labels. */
typedef struct KcGroupMoments
{
	uint32 groups;
	char **label;
	KsGroupSums *sums;
} KcGroupMoments;

extern KcGroupMoments kc_group_summary_read(const KcState *state);

#endif
