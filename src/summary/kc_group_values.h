/*
 * kc_group_values.h
 *	  The multiset of a variable in each of several groups.
 */
#ifndef KC_GROUP_VALUES_H
#define KC_GROUP_VALUES_H

#include "summary/kc_counted.h"
#include "summary/kc_labels.h"

/* Adds a finite value of a group; hints may be NULL.  The state may move. */
extern KcState *kc_group_values_add_value(KcState *state, double value, const char *label,
										  size_t length, KcLabelHints *hints);

/* The groups in bytewise order of their labels, the values of each sorted. */
typedef struct KcGroupedValues
{
	uint32 groups;
	char **label;
	KsCounted *values;
} KcGroupedValues;

extern KcGroupedValues kc_group_values_read(const KcState *state);

#endif
