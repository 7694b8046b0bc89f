/*
 * ks_friedman.h
 *	  Friedman's rank test of repeated values.
 */
#ifndef KS_FRIEDMAN_H
#define KS_FRIEDMAN_H

#include "stat/ks_base.h"

/*
 * Friedman test of subjects measured once under each condition.  value is
 * row-major, subjects x conditions, complete and without NaN; incomplete
 * subjects are the caller's to leave out and count in n_missing.  Gives n,
 * statistic (chi-squared), df, p_value and Kendall's W as effect size; fewer
 * than two subjects or conditions, or only ties, give NaN and a note.
 */
extern KsStatus ks_friedman_test(const double *value, size_t subjects, size_t conditions,
								 const KsEnv *env, KsTest *test);

#endif
