/*
 * ks_describe.h
 *	  Description of one sample: moments, quantiles, histogram, t test.
 */
#ifndef KS_DESCRIBE_H
#define KS_DESCRIBE_H

#include "stat/ks_base.h"

/* NaN where there are too few values: sd below 2, skewness 3, kurtosis 4. */
typedef struct KsDescription
{
	int64_t n;
	double mean;
	double sd;
	double min;
	double q1;
	double median;
	double q3;
	double max;
	double skewness;
	double kurtosis; /* excess: 0 for the normal distribution */
} KsDescription;

/* Describe the values.  KS_OVERFLOW: the standard deviation is beyond double. */
extern KsStatus ks_describe(const KsCounted *values, const KsEnv *env,
							KsDescription *description);

/*
 * Quantile q in [0, 1] by R's type 1 to 9 (7 is the common one); NaN without
 * values or for another type.
 */
extern double ks_quantile(const KsCounted *values, double q, int type);

/* The value at rank 1 .. n of the sorted sample. */
extern double ks_value_at_rank(const KsCounted *values, int64_t rank);

/*
 * Equal-width bins from the smallest to the largest value, each closed on the
 * left, the last also on the right.  edge has room for bins + 1 numbers, count
 * for bins.  used receives the number of bins filled in: 0 without values, 1
 * from v to v when all values are v, else bins.
 */
extern KsStatus ks_histogram(const KsCounted *values, int bins, const KsEnv *env,
							 double *edge, int64_t *count, int *used);

/*
 * One-sample t test against mu.  estimate = mean, effect size = Cohen's d.
 * Fewer than two values, or values that are constant up to rounding, give NaN
 * and a note.
 */
extern KsStatus ks_t_test(const KsCounted *values, double mu, KsAlternative alternative,
						  double conf_level, const KsEnv *env, KsTest *test);

#endif
