/*
 * ks_suppress.h
 *	  Suppression of small counts in tables by groups with all their totals, so
 *	  that no reader can work them out.
 */
#ifndef KS_SUPPRESS_H
#define KS_SUPPRESS_H

#include "stat/ks_base.h"

/*
 * Counts of one variable, (levels + 1) x groups, row-major, the last row of missing
 * values; and what is not to be shown of them.  All flags belong to the caller.
 */
typedef struct KsSuppression
{
	const int64_t *count;
	size_t levels;	   /* at least 1 */
	bool *cell;		   /* (levels + 1) x groups */
	bool *row_total;   /* levels + 1: a level, or missing values, over all groups */
	bool *values;	   /* groups: the sum of its levels */
	bool values_total; /* the sum of all levels over all groups */
} KsSuppression;

/*
 * Decide what to hide of the tables of several variables of the same patients, at
 * least one, by the same groups, at least one.  The size of a group, its values and
 * its missing ones, must be the same in all variables; a reader can tell it where
 * both are shown.  Figures from 1 to min_cell - 1 are hidden, sizes too, and then
 * as much else as it takes that every hidden figure has at least two possible
 * values for a reader who knows all that is shown, in all the tables, and that what
 * is hidden is at least 1.  A figure of 0 is always shown.
 *
 * All flags are set or cleared.  A reader who knows more than the tables (that a
 * certain hidden figure is a small one, say) may learn more.
 *
 * KS_OVERFLOW: counts below 0, or a total above 2^59.
 */
extern KsStatus ks_suppress(KsSuppression *variable, size_t variables, size_t groups,
							int64_t min_cell, const KsEnv *env);

#endif
