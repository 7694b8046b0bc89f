/*
 * kc_contingency_table.h
 *	  Counts of two categorical variables.
 */
#ifndef KC_CONTINGENCY_TABLE_H
#define KC_CONTINGENCY_TABLE_H

#include "summary/kc_labels.h"

/* Adds rows of one cell; hints, of a and of b, may be NULL.  The state may move. */
extern KcState *kc_contingency_add(KcState *state, const char *a, size_t a_length,
								   const char *b, size_t b_length, KcLabelHints *hints,
								   int64 count);

/* The table with rows and columns in bytewise order of their labels. */
typedef struct KcTable
{
	uint32 rows;
	uint32 columns;
	char **row_labels;
	char **column_labels;
	int64 *count; /* rows x columns, row-major */
} KcTable;

extern KcTable kc_contingency_read(const KcState *state);

#endif
