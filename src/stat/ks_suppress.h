/*
 * ks_suppress.h
 *	  Suppression of small counts in a two-way table with its totals, so that
 *	  no reader can work them out.
 */
#ifndef KS_SUPPRESS_H
#define KS_SUPPRESS_H

#include "stat/ks_base.h"

/* What is not to be shown.  All flags belong to the caller. */
typedef struct KsSuppression
{
	bool *cell;			/* rows x columns, row-major */
	bool *row_total;	/* rows: a level over all groups */
	bool *column_total; /* columns: the size of a group */
	bool total;			/* the number of all */
} KsSuppression;

/*
 * Decide what to hide of a table of counts, levels (rows, at least 1) by groups
 * (columns, at least 1), row-major.  Counts and totals from 1 to min_cell - 1
 * are hidden, and then as much else as it takes that every hidden figure has at
 * least two possible values for a reader who knows all that is shown and that
 * what is hidden is at least 1.  A figure of 0 is always shown.
 *
 * Flags set on entry stay, except on a 0: clear them first, or keep those that
 * another table of the same patients asked for.  A reader who knows more than
 * the table (that a certain hidden figure is a small one, say) may learn more.
 *
 * KS_OVERFLOW: counts below 0, or a total above 2^61.
 */
extern KsStatus ks_suppress(const int64_t *count, size_t rows, size_t columns,
							int64_t min_cell, const KsEnv *env, KsSuppression *hidden);

#endif
