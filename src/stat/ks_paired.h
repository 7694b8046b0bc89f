/*
 * ks_paired.h
 *	  Paired change from bivariate moments.
 */
#ifndef KS_PAIRED_H
#define KS_PAIRED_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/* Sums over complete pairs, in double-double. */
typedef struct KsPairedSums
{
	KsDD before;
	KsDD after;
	KsDD before_before;
	KsDD after_after;
	KsDD before_after;
} KsPairedSums;

/* Adds one pair; false, with nothing added, when a square is out of range. */
static inline bool
ks_paired_sums_add(KsPairedSums *sums, double before, double after)
{
	KsDD before_split = ks_split(before);
	KsDD after_split = ks_split(after);
	KsDD before_before = ks_split_prod(before, before_split, before, before_split);
	KsDD after_after = ks_split_prod(after, after_split, after, after_split);
	KsDD before_after = ks_split_prod(before, before_split, after, after_split);

	if (!(before_before.hi <= KS_MAX_PRODUCT && after_after.hi <= KS_MAX_PRODUCT))
		return false;
	sums->before = ks_dd_add_d(sums->before, before);
	sums->after = ks_dd_add_d(sums->after, after);
	sums->before_before = ks_dd_accumulate(sums->before_before, before_before);
	sums->after_after = ks_dd_accumulate(sums->after_after, after_after);
	sums->before_after = ks_dd_accumulate(sums->before_after, before_after);
	return true;
}

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
						KsAlternative alternative, double conf_level, KsTest *out);

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
 * estimate.
 */
extern void ks_t_inference(double centre, double std_error, double df, double statistic,
						   KsAlternative alternative, double conf_level, KsTest *out);

#endif
