/*
 * ks_proportion.c
 *	  Confidence intervals of one proportion.
 *
 * Wilson is R's prop.test(correct = FALSE), Wilson with continuity correction
 * R's default prop.test, Clopper-Pearson R's binom.test; Jeffreys and mid-p
 * equal DescTools::BinomCI, Agresti-Coull and Wald binom::binom.confint.  The
 * last two are not cut at 0 and 1, as DescTools does: a limit below 0 shows the
 * reader that the approximation does not hold for these counts.
 *
 * Sources: Wilson 1927, JASA 22:209; Newcombe 1998, Stat Med 17:857; Clopper
 * and Pearson 1934, Biometrika 26:404; Brown, Cai and DasGupta 2001, Stat Sci
 * 16:101 (Jeffreys with 0 and 1 at the ends); Agresti and Coull 1998, Am Stat
 * 52:119; mid-p: Berry and Armitage 1995, The Statistician 44:417.
 */
#include "stat/ks_proportion.h"

#include <float.h>

#include "stat/ks_dist.h"

/* One limit of the score interval about x of n, where x may be half an event off. */
static double
wilson_limit(double x, double n, double z, int side)
{
	double half = z * sqrt(x * (n - x) / n + z * z / 4);

	return (x + z * z / 2 + side * half) / (n + z * z);
}

/*
 * R's correction is half an event, but none when events are exactly half of n:
 * it never passes the distance to prop.test's own null hypothesis of one half.
 */
static void
wilson(double x, double n, double z, bool correct, double *low, double *high)
{
	double shift = correct ? fmin(0.5, fabs(x - n / 2)) : 0;

	*low = x - shift <= 0 ? 0 : wilson_limit(x - shift, n, z, -1);
	*high = x + shift >= n ? 1 : wilson_limit(x + shift, n, z, 1);
}

/* Half the chance of exactly x events plus that of more (upper) or fewer. */
static double
mid_tail(int64_t x, int64_t n, double p, bool upper)
{
	double beyond = upper ? ks_binomial_cdf(x, n, p, false)
						  : (x > 0 ? ks_binomial_cdf(x - 1, n, p, true) : 0);

	return beyond + ks_binomial_pmf(x, n, p) / 2;
}

/*
 * The p whose mid-tail is target, by Newton's method kept inside a bracket.
 * The upper mid-tail rises with p, the lower one falls; the slope of either is
 * pmf / 2 times x / p + (n - x) / (1 - p).
 */
static double
mid_p_limit(int64_t x, int64_t n, double target, bool upper, double left, double right)
{
	const int most_steps = 200;
	double p = (left + right) / 2;

	for (int step = 0; step < most_steps; step++)
	{
		double excess = mid_tail(x, n, p, upper) - target;
		double slope =
			ks_binomial_pmf(x, n, p) / 2 * ((double) x / p + (double) (n - x) / (1 - p));
		double next;

		if (excess == 0)
			break;
		if ((excess > 0) == upper)
			right = p;
		else
			left = p;
		next = upper ? p - excess / slope : p + excess / slope;
		if (!(next > left && next < right))
			next = (left + right) / 2;
		if (fabs(next - p) <= 2 * DBL_EPSILON * p)
			return next;
		p = next;
	}
	return p;
}

/* Exact interval by beta quantiles. */
static void
clopper_pearson(int64_t x, int64_t n, double tail, double *low, double *high)
{
	*low = x == 0 ? 0 : ks_beta_quantile(tail, (double) x, (double) (n - x) + 1, true);
	*high = x == n ? 1 : ks_beta_quantile(tail, (double) x + 1, (double) (n - x), false);
}

/* The mid-p interval lies inside the exact one, which brackets its limits. */
static void
mid_p(int64_t x, int64_t n, double tail, double *low, double *high)
{
	double estimate = (double) x / (double) n;
	double outer_low, outer_high;

	clopper_pearson(x, n, tail, &outer_low, &outer_high);
	*low = x == 0 ? 0 : mid_p_limit(x, n, tail, true, outer_low, estimate);
	*high = x == n ? 1 : mid_p_limit(x, n, tail, false, estimate, outer_high);
}

/* Equal-tailed posterior interval under Jeffreys' prior, 0 and 1 at the ends. */
static void
jeffreys(int64_t x, int64_t n, double tail, double *low, double *high)
{
	double a = (double) x + 0.5;
	double b = (double) (n - x) + 0.5;

	*low = x == 0 ? 0 : ks_beta_quantile(tail, a, b, true);
	*high = x == n ? 1 : ks_beta_quantile(tail, a, b, false);
}

/* Normal approximation about events / n. */
static void
wald(double events, double n, double z, double *low, double *high)
{
	double estimate = events / n;
	double half = z * sqrt(estimate * ((n - events) / n) / n);

	*low = estimate - half;
	*high = estimate + half;
}

void
ks_proportion_ci(int64_t events, int64_t n, KsProportionMethod method, double conf_level,
				 double *low, double *high)
{
	double tail = (1 - conf_level) / 2;
	double z = ks_normal_quantile(tail, false);

	*low = *high = NAN;
	if (n <= 0)
		return;
	switch (method)
	{
		case KS_PROPORTION_WILSON:
		case KS_PROPORTION_WILSON_CC:
			wilson((double) events, (double) n, z, method == KS_PROPORTION_WILSON_CC, low,
				   high);
			break;
		case KS_PROPORTION_CLOPPER_PEARSON:
			clopper_pearson(events, n, tail, low, high);
			break;
		case KS_PROPORTION_MIDP:
			mid_p(events, n, tail, low, high);
			break;
		case KS_PROPORTION_JEFFREYS:
			jeffreys(events, n, tail, low, high);
			break;
		case KS_PROPORTION_AGRESTI_COULL:
			wald((double) events + z * z / 2, (double) n + z * z, z, low, high);
			break;
		case KS_PROPORTION_WALD:
			wald((double) events, (double) n, z, low, high);
			break;
	}
}

const char *
ks_proportion_method_name(KsProportionMethod method)
{
	switch (method)
	{
		case KS_PROPORTION_WILSON:
			return "Wilson interval";
		case KS_PROPORTION_WILSON_CC:
			return "Wilson interval with continuity correction";
		case KS_PROPORTION_CLOPPER_PEARSON:
			return "Clopper-Pearson exact interval";
		case KS_PROPORTION_MIDP:
			return "mid-p exact interval";
		case KS_PROPORTION_JEFFREYS:
			return "Jeffreys interval";
		case KS_PROPORTION_AGRESTI_COULL:
			return "Agresti-Coull interval";
		case KS_PROPORTION_WALD:
			return "Wald interval";
	}
	return NULL;
}
