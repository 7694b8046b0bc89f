/*
 * kc_repeated_values.h
 *	  Values by subject and condition, for tests on complete blocks.
 */
#ifndef KC_REPEATED_VALUES_H
#define KC_REPEATED_VALUES_H

#include "summary/kc_labels.h"

/*
 * Adds the value of a subject under a condition.  A NaN value stands for a
 * missing one: it makes the subject incomplete.  The state may move.
 */
extern KcState *kc_repeated_values_add_value(KcState *state, const char *subject,
									   size_t subject_length, const char *condition,
									   size_t condition_length, double value);

/* The subjects with a value under every condition, in bytewise order. */
typedef struct KcBlocks
{
	size_t subjects;	/* complete ones */
	size_t incomplete;	/* left out */
	int64 unlabelled;	/* rows without a subject or a condition */
	size_t conditions;
	size_t repeated;	/* values beyond the first for a subject and condition */
	double *value;		/* subjects x conditions, row-major */
} KcBlocks;

extern KcBlocks kc_repeated_values_read(const KcState *state);

#endif
