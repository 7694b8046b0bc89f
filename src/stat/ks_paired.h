/*
 * ks_paired.h
 *	  Paired change from bivariate moments.
 */
#ifndef KS_PAIRED_H
#define KS_PAIRED_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"
#include "stat/ks_dist.h"

/*
 * Sums over complete pairs of the differences from a pivot, which is the first
 * pair: then nothing cancels that is not in the data, and what the sums say does
 * not depend on the pivot to far more digits than a double has.
 */
typedef struct KsPairedSums
{
	double pivot_before;
	double pivot_after;
	KsDD before;
	KsDD after;
	KsDD before_before;
	KsDD after_after;
	KsDD before_after;
} KsPairedSums;

/* Adds one pair `count` times to sums of n, not the fast way. */
extern void ks_paired_sums_add_times(KsPairedSums *sums, int64_t n, double before,
									 double after, int64_t count);

/* x * y of differences, whose low parts are below half a unit of the last place. */
static inline KsDD
ks_difference_product(KsDD x, KsDD x_split, KsDD y, KsDD y_split)
{
	KsDD product = ks_split_prod(x.hi, x_split, y.hi, y_split);

	product.lo += x.hi * y.lo + x.lo * y.hi;
	return product;
}

/* Adds one pair to sums of n; false, with nothing added, when it is out of range. */
static inline bool
ks_paired_sums_add(KsPairedSums *sums, int64_t n, double before, double after)
{
	KsDD x = ks_two_sum(before, -sums->pivot_before);
	KsDD y = ks_two_sum(after, -sums->pivot_after);
	KsDD x_split, y_split;

	if (!(fabs(before) <= KS_MAX_VALUE && fabs(after) <= KS_MAX_VALUE))
		return false;
	if (n == 0)
	{
		ks_paired_sums_add_times(sums, n, before, after, 1);
		return true;
	}
	x_split = ks_split(x.hi);
	y_split = ks_split(y.hi);
	sums->before = ks_dd_accumulate(sums->before, x);
	sums->after = ks_dd_accumulate(sums->after, y);
	sums->before_before = ks_dd_accumulate(sums->before_before,
										   ks_difference_product(x, x_split, x, x_split));
	sums->after_after = ks_dd_accumulate(sums->after_after,
										 ks_difference_product(y, y_split, y, y_split));
	sums->before_after = ks_dd_accumulate(sums->before_after,
										  ks_difference_product(x, x_split, y, y_split));
	return true;
}

/* Adds the sums of m pairs to those of n. */
extern void ks_paired_sums_merge(KsPairedSums *sums, int64_t n, const KsPairedSums *other,
								 int64_t m);

/* What the sums say, rounded to double.  Change is after - before. */
typedef struct KsPairedMoments
{
	int64_t n;
	double mean_before, mean_after, mean_change;
	double sd_before, sd_after, sd_change; /* NaN when n < 2 */
	double correlation;					   /* NaN when a side does not vary */
	double uncorrelated;				   /* 1 - correlation squared, without cancelling */
} KsPairedMoments;

typedef enum KsPairedEffect
{
	KS_EFFECT_DZ,
	KS_EFFECT_DAV,
	KS_EFFECT_DRM,
	KS_EFFECT_SRM,
	KS_EFFECT_HEDGES_G,
} KsPairedEffect;

/* The moments of the change alone; the others are NaN.  All the t test needs. */
extern void ks_paired_change(const KsPairedSums *sums, int64_t n, KsPairedMoments *out);

/* All of them. */
extern void ks_paired_moments(const KsPairedSums *sums, int64_t n, KsPairedMoments *out);

extern void ks_paired_t(const KsPairedMoments *moments, double mu,
						KsAlternative alternative, double conf_level, KsTQuantile *last,
						KsTest *out);

extern void ks_paired_effect_size(const KsPairedMoments *moments, KsPairedEffect type,
								  double conf_level, KsTest *out);

extern void ks_pearson_correlation(const KsPairedMoments *moments,
								   KsAlternative alternative, double conf_level,
								   KsTest *out);

/*
 * Sum of squared (or multiplied) deviations, given the raw sum and the product of
 * the two sums over n values; 0 when it is rounding, judged by the scale.
 */
extern KsDD ks_centred(KsDD sum_squares, KsDD product_of_sums, double n, double scale);

/* Hedges' correction, exact: gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)), m = df. */
extern double ks_hedges_correction(double df);

/*
 * Fills interval and p-value of a test whose statistic has Student's t
 * distribution.  centre is what the interval is about, on the scale of the
 * estimate; last, which may be NULL, saves a quantile to groups of one size.
 */
extern void ks_t_inference(double centre, double std_error, double df, double statistic,
						   KsAlternative alternative, double conf_level, KsTQuantile *last,
						   KsTest *out);

#endif
