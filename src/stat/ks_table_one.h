/*
 * ks_table_one.h
 *	  Comparison of one variable between the groups of a table of baseline
 *	  characteristics.
 */
#ifndef KS_TABLE_ONE_H
#define KS_TABLE_ONE_H

#include "stat/ks_base.h"

/* NaN: there is nothing to compare. */
typedef struct KsBalance
{
	double p_value;
	const char *test; /* NULL without a p-value */
	double smd;		  /* of more than two groups the mean over all pairs */
} KsBalance;

/*
 * A numeric variable, its values by group.  Two groups: Welch's t test, more:
 * analysis of variance; nonnormal: Mann-Whitney or Kruskal-Wallis.
 */
extern KsStatus ks_balance_of_number(const KsCounted *values, size_t groups,
									 bool nonnormal, const KsEnv *env,
									 KsBalance *balance);

/*
 * A categorical variable, counts of levels by groups, row-major.  Chi-squared
 * test, or Fisher's exact test when an expected count is below 5.
 */
extern KsStatus ks_balance_of_factor(const int64_t *count, size_t levels, size_t groups,
									 const KsEnv *env, KsBalance *balance);

/*
 * The means to hide beside those of small groups: with a single mean hidden and
 * the overall one shown, it could be worked out.  hidden[g] is set for groups
 * with fewer than min_cell values (and at least one), and for one more where only
 * one would be.
 */
extern void ks_hide_small_groups(const int64_t *n, size_t groups, int64_t min_cell,
								 bool *hidden);

#endif
