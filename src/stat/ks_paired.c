/*
 * ks_paired.c
 *	  Paired change: t test, effect sizes and their intervals, correlation, from
 *	  moments.
 *
 * All of it reads six sums (n, x, y, xx, yy, xy) of differences from the first
 * pair, held in double-double, so the answer does not depend on the order of the
 * rows (Chan, Golub and LeVeque 1983, Am. Stat. 37:242, on shifted data).  The interval of Cohen's dz
 * comes from the noncentral t by root finding (Steiger and Fouladi 1997),
 * because it is not symmetric in small samples.  Names of the effect sizes
 * follow Lakens (2013), Front. Psychol. 4:863.
 */
#include "stat/ks_paired.h"

#include "stat/ks_dist.h"

/*
 * Below this share of the raw sum of squares a centred one is rounding.  The sums
 * of a constant column were seen to be off by up to 4 + n / 8 units of 2^-106.
 */
static double
rounding_share(double n)
{
	return (n + 16) * 0x1p-106;
}

/* R calls data constant when the standard error is below this share of the mean. */
#define CONSTANT_SHARE (10 * 2.220446049250313e-16)

/* ---- sums --------------------------------------------------------------------------- */

void
ks_paired_sums_add_times(KsPairedSums *sums, int64_t n, double before, double after,
						 int64_t count)
{
	double times = (double) count;
	KsDD x, y;

	if (n == 0)
	{
		sums->pivot_before = before;
		sums->pivot_after = after;
		return;
	}
	x = ks_two_sum(before, -sums->pivot_before);
	y = ks_two_sum(after, -sums->pivot_after);
	sums->before = ks_dd_add(sums->before, ks_dd_mul_d(x, times));
	sums->after = ks_dd_add(sums->after, ks_dd_mul_d(y, times));
	sums->before_before =
		ks_dd_add(sums->before_before, ks_dd_mul_d(ks_dd_mul(x, x), times));
	sums->after_after = ks_dd_add(sums->after_after, ks_dd_mul_d(ks_dd_mul(y, y), times));
	sums->before_after = ks_dd_add(sums->before_after, ks_dd_mul_d(ks_dd_mul(x, y), times));
}

/* Sum of (u + du)(v + dv) over m pairs, from the sums of uv, u and v. */
static KsDD
shifted_product(KsDD uv, KsDD u, KsDD v, KsDD du, KsDD dv, double m)
{
	KsDD shift = ks_dd_add(ks_dd_mul(du, v), ks_dd_mul(dv, u));

	return ks_dd_add(uv, ks_dd_add(shift, ks_dd_mul_d(ks_dd_mul(du, dv), m)));
}

void
ks_paired_sums_merge(KsPairedSums *sums, int64_t n, const KsPairedSums *other, int64_t m)
{
	double count = (double) m;
	KsDD x, y;

	if (m == 0)
		return;
	if (n == 0)
	{
		*sums = *other;
		return;
	}
	/* the other's differences, seen from this pivot, are larger by this */
	x = ks_two_sum(other->pivot_before, -sums->pivot_before);
	y = ks_two_sum(other->pivot_after, -sums->pivot_after);
	sums->before =
		ks_dd_add(sums->before, ks_dd_add(other->before, ks_dd_mul_d(x, count)));
	sums->after = ks_dd_add(sums->after, ks_dd_add(other->after, ks_dd_mul_d(y, count)));
	sums->before_before = ks_dd_add(
		sums->before_before, shifted_product(other->before_before, other->before,
											 other->before, x, x, count));
	sums->after_after =
		ks_dd_add(sums->after_after, shifted_product(other->after_after, other->after,
													 other->after, y, y, count));
	sums->before_after =
		ks_dd_add(sums->before_after, shifted_product(other->before_after, other->before,
													  other->after, x, y, count));
}

/* ---- moments ------------------------------------------------------------------------ */

KsDD
ks_centred(KsDD sum_squares, KsDD product_of_sums, double n, double scale)
{
	KsDD result = ks_dd_sub(sum_squares, ks_dd_div_d(product_of_sums, n));

	return fabs(result.hi) <= rounding_share(n) * scale ? ks_dd(0) : result;
}

void
ks_paired_change(const KsPairedSums *sums, int64_t n, KsPairedMoments *out)
{
	double count = (double) n;
	double scale = sums->before_before.hi + sums->after_after.hi;
	KsDD change = ks_dd_sub(sums->after, sums->before);
	KsDD twice_product = ks_dd_add(sums->before_after, sums->before_after);
	KsDD change_change =
		ks_dd_sub(ks_dd_add(sums->before_before, sums->after_after), twice_product);
	KsDD centred;

	*out = (KsPairedMoments){n, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	if (n < 1)
		return;
	out->mean_change = ks_dd_value(ks_dd_add(
		ks_two_sum(sums->pivot_after, -sums->pivot_before), ks_dd_div_d(change, count)));
	if (n < 2)
		return;
	centred = ks_centred(change_change, ks_dd_mul(change, change), count, scale);
	out->sd_change = sqrt(fmax(0, ks_dd_value(centred)) / (count - 1));
}

void
ks_paired_moments(const KsPairedSums *sums, int64_t n, KsPairedMoments *out)
{
	double count = (double) n;
	KsDD ss_before, ss_after, cross, product;

	ks_paired_change(sums, n, out);
	if (n < 1)
		return;
	out->mean_before =
		ks_dd_value(ks_dd_add_d(ks_dd_div_d(sums->before, count), sums->pivot_before));
	out->mean_after =
		ks_dd_value(ks_dd_add_d(ks_dd_div_d(sums->after, count), sums->pivot_after));
	if (n < 2)
		return;

	ss_before = ks_centred(sums->before_before, ks_dd_mul(sums->before, sums->before), count,
						   sums->before_before.hi);
	ss_after = ks_centred(sums->after_after, ks_dd_mul(sums->after, sums->after), count,
						  sums->after_after.hi);
	cross = ks_centred(sums->before_after, ks_dd_mul(sums->before, sums->after), count,
					   sqrt(sums->before_before.hi) * sqrt(sums->after_after.hi));
	out->sd_before = sqrt(fmax(0, ks_dd_value(ss_before)) / (count - 1));
	out->sd_after = sqrt(fmax(0, ks_dd_value(ss_after)) / (count - 1));
	if (!(ss_before.hi > 0 && ss_after.hi > 0))
		return;

	/* scaled, so that the product of two sums of squares cannot overflow */
	product = ks_dd_div(ks_dd_mul(cross, ks_dd_div(cross, ss_before)), ss_after);
	out->uncorrelated = fmin(1, fmax(0, ks_dd_value(ks_dd_sub(ks_dd(1), product))));
	out->correlation = copysign(sqrt(fmin(1, ks_dd_value(product))), cross.hi);
	if (cross.hi == 0)
		out->correlation = 0;
}

void
ks_t_inference(double centre, double std_error, double df, double statistic,
			   KsAlternative alternative, double conf_level, KsTQuantile *last,
			   KsTest *out)
{
	double tail = alternative == KS_TWO_SIDED ? (1 - conf_level) / 2 : 1 - conf_level;
	double margin = ks_t_upper_quantile(last, tail, df) * std_error;

	out->statistic = statistic;
	out->df = df;
	out->conf_low = alternative == KS_LESS ? -INFINITY : centre - margin;
	out->conf_high = alternative == KS_GREATER ? INFINITY : centre + margin;
	switch (alternative)
	{
		case KS_TWO_SIDED:
			out->p_value = 2 * ks_t_cdf(-fabs(statistic), df, true);
			break;
		case KS_LESS:
			out->p_value = ks_t_cdf(statistic, df, true);
			break;
		case KS_GREATER:
			out->p_value = ks_t_cdf(statistic, df, false);
			break;
	}
}

/*
 * Notes why the change cannot be tested; false when it can.  R's criterion, so
 * that both refuse the same data.
 */
static bool
change_is_degenerate(const KsPairedMoments *moments, KsTest *out)
{
	if (moments->n < 2)
	{
		ks_note(out->note, moments->n == 0 ? "no complete pairs" : "only one pair");
		return true;
	}
	if (moments->sd_change / sqrt((double) moments->n) <=
		CONSTANT_SHARE * fabs(moments->mean_change))
	{
		ks_note(out->note, "the change does not vary");
		return true;
	}
	return false;
}

/*
 * Paired t test of mean change = mu.  With n < 2 or no variance only n, the
 * means and a note are filled.
 */
void
ks_paired_t(const KsPairedMoments *moments, double mu, KsAlternative alternative,
			double conf_level, KsTQuantile *last, KsTest *out)
{
	ks_test_clear(out);
	out->n = moments->n;
	out->method = "Paired t test";
	out->contrast = "after - before";
	out->estimate = moments->mean_change;
	if (change_is_degenerate(moments, out))
		return;
	out->std_error = moments->sd_change / sqrt((double) moments->n);
	ks_t_inference(moments->mean_change, out->std_error, (double) (moments->n - 1),
				   (moments->mean_change - mu) / out->std_error, alternative, conf_level,
				   last, out);
	out->effect_size = (moments->mean_change - mu) / moments->sd_change;
	out->effect_name = "Cohen's dz";
}

double
ks_hedges_correction(double df)
{
	return exp(ks_log_gamma(df / 2) - ks_log_gamma((df - 1) / 2)) / sqrt(df / 2);
}

/* Interval of dz by the noncentral t, times a factor. */
static void
noncentral_interval(double dz, double n, double factor, double conf_level, KsTest *out)
{
	double root_n = sqrt(n);
	double tail = (1 - conf_level) / 2;

	out->conf_low = factor * ks_noncentral_t_ncp(dz * root_n, n - 1, 1 - tail) / root_n;
	out->conf_high = factor * ks_noncentral_t_ncp(dz * root_n, n - 1, tail) / root_n;
}

/*
 * Standardized change.  dz and srm divide by the standard deviation of the
 * change, hedges_g corrects dz for small samples, dav divides by the root mean
 * variance of the two times, drm is dz on the scale of independent groups.
 * dav and drm have the large-sample variance of Borenstein et al. (2009), eq.
 * 4.28, whose d is drm; the others have the interval of the noncentral t.
 */
void
ks_paired_effect_size(const KsPairedMoments *moments, KsPairedEffect type,
					  double conf_level, KsTest *out)
{
	static const char *const names[] = {"Cohen's dz", "Cohen's dav", "Cohen's drm",
										"standardized response mean", "Hedges' g"};
	double n = (double) moments->n;
	double dz = moments->mean_change / moments->sd_change;
	double r = moments->correlation;
	/* 1 - r, without cancelling */
	double apart = r > 0 ? moments->uncorrelated / (1 + r) : 1 - r;
	double drm = dz * sqrt(2 * apart);
	double correction = 1;

	ks_test_clear(out);
	out->n = moments->n;
	out->contrast = "after - before";
	out->effect_name = names[type];
	if (change_is_degenerate(moments, out))
		return;
	if (type == KS_EFFECT_HEDGES_G)
	{
		if (moments->n < 3)
		{
			ks_note(out->note, "Hedges' correction needs three pairs");
			return;
		}
		correction = ks_hedges_correction(n - 1);
	}
	switch (type)
	{
		case KS_EFFECT_HEDGES_G:
		case KS_EFFECT_DZ:
		case KS_EFFECT_SRM:
			out->estimate = correction * dz;
			out->std_error = correction * sqrt(1 / n + dz * dz / (2 * n));
			noncentral_interval(dz, n, correction, conf_level, out);
			out->method = "noncentral t interval";
			break;
		case KS_EFFECT_DAV:
		case KS_EFFECT_DRM:
			if (isnan(r))
			{
				ks_note(out->note, "before or after does not vary");
				return;
			}
			if (apart == 0)
			{
				ks_note(out->note, "before and after are perfectly correlated");
				return;
			}
			if (type == KS_EFFECT_DAV)
				out->estimate =
					moments->mean_change /
					sqrt((moments->sd_before * moments->sd_before +
						  moments->sd_after * moments->sd_after) / 2);
			else
				out->estimate = drm;
			out->std_error = sqrt((1 / n + drm * drm / (2 * n)) * 2 * apart);
			out->conf_low = out->estimate -
							ks_normal_quantile((1 - conf_level) / 2, false) * out->std_error;
			out->conf_high = out->estimate +
							 ks_normal_quantile((1 - conf_level) / 2, false) * out->std_error;
			out->method = "large-sample interval";
			break;
	}
	out->effect_size = out->estimate;
}

/*
 * Pearson correlation of before and after: t test with n - 2 degrees of
 * freedom, interval by Fisher's z (from four pairs on), as R's cor.test.
 */
void
ks_pearson_correlation(const KsPairedMoments *moments, KsAlternative alternative,
					   double conf_level, KsTest *out)
{
	double r = moments->correlation;
	double df = (double) moments->n - 2;
	double tail = alternative == KS_TWO_SIDED ? (1 - conf_level) / 2 : 1 - conf_level;
	double margin;

	ks_test_clear(out);
	out->n = moments->n;
	out->method = "Pearson correlation";
	if (moments->n < 3)
	{
		ks_note(out->note, "fewer than three pairs");
		return;
	}
	if (isnan(r))
	{
		ks_note(out->note, "a variable does not vary");
		return;
	}
	out->estimate = r;
	out->effect_size = r;
	out->effect_name = "Pearson's r";
	ks_t_inference(NAN, NAN, df, sqrt(df) * r / sqrt(moments->uncorrelated), alternative,
				   conf_level, NULL, out);
	out->conf_low = out->conf_high = NAN;
	if (moments->n < 4)
	{
		ks_note(out->note, "the interval needs four pairs");
		return;
	}
	margin = ks_normal_quantile(tail, false) / sqrt((double) moments->n - 3);
	out->conf_low = alternative == KS_LESS ? -1 : tanh(atanh(r) - margin);
	out->conf_high = alternative == KS_GREATER ? 1 : tanh(atanh(r) + margin);
}
