/*
 * ks_fisher.h
 *	  Fisher's exact test of a contingency table of any size.
 */
#ifndef KS_FISHER_H
#define KS_FISHER_H

#include "stat/ks_chi_squared.h"

/*
 * Rows and columns without counts are left out.  2 x 2: estimate and effect size
 * = the conditional maximum likelihood estimate of the odds ratio (first row and
 * column against the others) with its exact interval.  Larger: the two-sided p
 * value only, the alternative does not matter; where enumeration takes too much
 * work it is simulated from `seed`, the method and a note say so and std_error
 * is that of the p value.
 */
extern KsStatus ks_fisher_test(const KsTable *table, KsAlternative alternative,
							   double conf_level, uint64_t seed, const KsEnv *env,
							   KsTest *test);

/* A table without empty rows or columns, as the two below want it. */
typedef struct KsMargins
{
	int64_t *row;	 /* sums, rows <= columns */
	int64_t *column;
	size_t rows;
	size_t columns;
	int64_t n;
	double observed; /* sum of log x! over the cells x of the table observed */
} KsMargins;

/*
 * A table is as extreme as the observed one when its sum of log x! is at least
 * the observed one's less this: R's relative tolerance of probabilities.
 */
#define KS_FISHER_TOLERANCE 1e-7

/*
 * Probability of tables as extreme as the observed one, by enumeration.  More
 * than two rows or columns.  KS_TOO_LARGE: it would take more than some seconds.
 */
extern KsStatus ks_fisher_network(const KsMargins *margins, const KsEnv *env, double *p);

/*
 * The same from random tables: p = (1 + as extreme) / (1 + tables), so that it
 * is never 0.
 */
extern KsStatus ks_fisher_simulate(const KsMargins *margins, uint64_t seed,
								   const KsEnv *env, double *p, int64_t *tables);

#endif
