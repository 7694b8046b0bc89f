/*
 * ks_dist.c
 *	  Normal, t, F, chi-squared, beta and binomial distributions and their
 *	  quantiles, on the incomplete beta and gamma functions of ks_incomplete.c.
 *
 * Quantiles: log P as a function of the log odds (of log x for the gamma
 * family) is concave, so Newton's method on that scale converges from anywhere;
 * Halley's term is free.  The t quantile, called once a group, has its own path:
 * Hill's start (1970, CACM 13:619) and a step of fifth order.
 *
 * GSL is not used: its t is wrong by 3e-7 for df 31 to 300, its beta quantile
 * fails at ordinary points, and its error handler is global to the process.
 */
#include "stat/ks_dist.h"

#include <float.h>

#include "stat/ks_incomplete.h"

/* ---- quantiles of both families ---------------------------------------------------- */

/* The family at odds (or x) r; b is infinite for the gamma family. */
static KsTails
family_tails(double a, double b, double r)
{
	return isinf(b) ? ks_gamma_tails(a, r)
					: ks_beta_tails(a, b, ks_share_of_odds(r, 1, 1));
}

/*
 * A start for log r.  Deep in the lower tail P is nearly a power of r; else the
 * cube root of r is nearly normal (Wilson and Hilferty 1931; Paulson 1942).
 */
static double
family_start(double a, double b, double p, bool lower)
{
	double z = ks_normal_quantile(p, lower);
	double v1 = 1 / (9 * a), v2 = isinf(b) ? 0 : 1 / (9 * b);
	double mean = isinf(b) ? a : a / b;
	double power = -HUGE_VAL, centre = (1 - v2) * (1 - v2) - z * z * v2;
	double cube;

	if (lower)
		power =
			(log(p) + log(a) + lgamma(a) + (isinf(b) ? 0 : lgamma(b) - lgamma(a + b))) /
			a;
	cube = ((1 - v1) * (1 - v2) +
			z * sqrt(fmax(0, v1 * (1 - v2) * (1 - v2) + v2 * (1 - v1) * (1 - v1) -
								 z * z * v1 * v2))) /
		   centre;
	if (centre > 0.05 && cube > 0.05)
		return fmax(power, log(mean) + 3 * log(cube));
	if (isfinite(power))
		return power;
	return log(mean) + z * sqrt(1 / a + (isinf(b) ? 0 : 1 / b));
}

/*
 * The r where the given tail, p <= 1/2, is p: Newton's method with Halley's
 * term on log P against log r, kept inside a bracket.
 */
static double
family_solve(double a, double b, double p, bool lower, double start)
{
	const double lowest = -744, highest = 709;
	double low = lowest, high = highest;
	double w = fmin(fmax(start, low), high);
	double r = exp(w);

	for (int step = 0; step < 200; step++)
	{
		KsTails tails = family_tails(a, b, r);
		double tail = lower ? tails.lower : tails.upper;
		double sign = lower ? 1 : -1;
		double miss = tail > 0 ? log(tail / p) : -HUGE_VAL;
		double rise = sign * tails.slope / tail;
		double change, curve;

		if (sign * miss > 0)
			high = w;
		else
			low = w;
		change = -miss / rise;
		curve = change * (tails.bend - rise) / 2;
		if (fabs(curve) < 0.5)
			change /= 1 + curve;
		if (!(w + change >= low && w + change <= high))
		{
			if (high - low < 1e-15 * (1 + fabs(w)))
				break;
			change = (low + high) / 2 - w;
			w += change;
			r = exp(w);
			if (w <= lowest + 1e-9)
				return 0;
			if (w >= highest - 1e-9)
				return HUGE_VAL;
			continue;
		}
		w += change;
		r *= exp(change);
		if (r == 0 || (fabs(miss) < 1e-5 && fabs(change) < 1e-5))
			break;
	}
	return r;
}

/* Odds (or x) r with tail p in [0, 1], lower or upper. */
static double
family_quantile(double a, double b, double p, bool lower)
{
	if (p > 0.5)
	{
		p = 1 - p; /* exact */
		lower = !lower;
	}
	if (p == 0)
		return lower ? 0 : HUGE_VAL;
	if (!lower && isfinite(b))
		return 1 / family_solve(b, a, p, true, family_start(b, a, p, true));
	return family_solve(a, b, p, lower, family_start(a, b, p, lower));
}

/* ---- normal ------------------------------------------------------------------------ */

double
ks_normal_cdf(double x, bool lower)
{
	return 0.5 * erfc(lower ? -x * KS_SQRT_HALF : x * KS_SQRT_HALF);
}

/*
 * One step of fifth order towards a quantile: u is (tail - p) / density where
 * we stand, c = -f'/f with its derivatives c1 and c2.
 */
static double
quantile_step(double u, double c, double c1, double c2)
{
	return u *
		   (1 +
			u / 2 *
				(c + u / 3 * (2 * c * c + c1 + u / 4 * (c * (6 * c * c + 7 * c1) + c2))));
}

/* Upper normal quantile of p in (0, 1/2], to about 4.5e-4 (Hastings; A&S 26.2.23). */
static double
normal_start(double p)
{
	double v = (0.5 - p) / KS_INVERSE_SQRT_2PI, v2 = v * v;
	double s;

	if (v < 0.25)
		return v * (1 + v2 * (1.0 / 6 + v2 * (7.0 / 120 + v2 * (127.0 / 5040))));
	s = sqrt(-2 * log(p));
	return s - (2.515517 + s * (0.802853 + s * 0.010328)) /
				   (1 + s * (1.432788 + s * (0.189269 + s * 0.001308)));
}

/* Upper quantile of p in (0, 1/2]. */
static double
normal_upper_quantile(double p)
{
	double x = normal_start(p);

	for (int step = 0; step < 3; step++)
	{
		double miss = p > 0.25 ? (0.5 - p) - 0.5 * erf(x * KS_SQRT_HALF)
							   : 0.5 * erfc(x * KS_SQRT_HALF) - p;
		double u = miss / (KS_INVERSE_SQRT_2PI * exp(-0.5 * x * x));

		x += quantile_step(u, x, 1, 0);
		if (fabs(u) * (1 + x) < 1e-3)
			break;
	}
	return x;
}

double
ks_normal_quantile(double p, bool lower)
{
	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p > 0.5)
	{
		p = 1 - p;
		lower = !lower;
	}
	if (p == 0)
		return lower ? -HUGE_VAL : HUGE_VAL;
	return lower ? -normal_upper_quantile(p) : normal_upper_quantile(p);
}

/* ---- Student's t ------------------------------------------------------------------- */

/* lower: P(|T| <= t); upper: P(|T| > t); slope: t times the density of T. */
static KsTails
t_tails(double t, double df)
{
	KsDD square = ks_two_prod(t, t);

	return ks_beta_tails(0.5, df / 2, ks_share_of(square, ks_dd(df)));
}

/* Above this many df the t is normal and the F chi-squared, in every digit. */
static const double nearly_infinite = 1e20;

/* Where t^2 is beyond this times df, only the leading power of the tail is left. */
static const double far = 1e18;

/* log of P(T > t) (t / sqrt(df))^df far out. */
static double
t_far_constant(double df)
{
	return lgamma(df / 2 + 0.5) - lgamma(df / 2) - log(df * sqrt(KS_PI));
}

double
ks_t_cdf(double x, double df, bool lower)
{
	double t = fabs(x), tail;

	if (isnan(x) || !(df > 0))
		return NAN;
	if (df > nearly_infinite)
		return ks_normal_cdf(x, lower);
	if (isinf(t))
		tail = 0;
	else if (t > sqrt(far * df))
		tail = exp(t_far_constant(df) - df * log(t / sqrt(df)));
	else
		tail = 0.5 * t_tails(t, df).upper;
	return (x < 0) == lower ? tail : 1 - tail;
}

/* Hill's approximation of the upper quantile, df > 2; half is the upper tail. */
static double
t_start(double half, double df)
{
	double a = 1 / (df - 0.5), b = 48 / (a * a);
	double c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
	double d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * KS_PI / 2) * df;
	double y = pow(2 * half * d, 2 / df);

	if (y > 0.05 + a)
	{
		double x = normal_start(half);

		y = x * x;
		if (df < 5)
			c += 0.3 * (df - 4.5) * (x + 0.6);
		c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
		y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
		y = expm1(a * y * y);
	}
	else
		y = ((1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) * (df + 2) * 3) +
			  0.5 / (df + 4)) *
				 y -
			 1) *
				(df + 1) / (df + 2) +
			1 / y;
	return sqrt(df * y);
}

/* Upper quantile of p in (0, 1/2). */
static double
t_upper_quantile(double p, double df)
{
	double x;

	if (df == 1)
		return p > 0.25 ? tan(KS_PI * (0.5 - p)) : 1 / tan(KS_PI * p);
	if (df == 2)
		return (1 - 2 * p) / sqrt(2 * p * (1 - p));
	x = df > 2 ? t_start(p, df) : 0;
	for (int step = 0; step < 3 && x > 0 && x * x < far * df; step++)
	{
		KsTails tails = t_tails(x, df);
		double miss = p > 0.25 ? (0.5 - p) - 0.5 * tails.lower : 0.5 * tails.upper - p;
		double u = miss * x / tails.slope;
		double s = 1 / (df + x * x), c = (df + 1) * x * s;
		double size = fabs(u) * fmax(c, 1 / x);

		if (!(size < 0.2))
			break;
		x += quantile_step(u, c, (df + 1) * (df - x * x) * s * s,
						   (df + 1) * 2 * x * (x * x - 3 * df) * s * s * s);
		if (size < 1e-3)
			return x;
	}
	x = exp((t_far_constant(df) - log(p)) / df);
	if (x * x > far)
		return sqrt(df) * x;
	return sqrt(df) * sqrt(family_quantile(0.5, df / 2, 2 * p, false));
}

double
ks_t_quantile(double p, double df, bool lower)
{
	double x;

	if (!(p >= 0 && p <= 1 && df > 0))
		return NAN;
	if (df > nearly_infinite)
		return ks_normal_quantile(p, lower);
	if (p > 0.5)
	{
		p = 1 - p;
		lower = !lower;
	}
	x = p == 0 ? HUGE_VAL : p == 0.5 ? 0 : t_upper_quantile(p, df);
	return lower ? -x : x;
}

double
ks_t_upper_quantile(KsTQuantile *last, double p, double df)
{
	if (last == NULL)
		return ks_t_quantile(p, df, false);
	if (last->p != p || last->df != df)
		*last = (KsTQuantile){p, df, ks_t_quantile(p, df, false)};
	return last->value;
}

/* ---- F, chi-squared, beta ---------------------------------------------------------- */

double
ks_f_cdf(double x, double df1, double df2, bool lower)
{
	KsTails tails;

	if (isnan(x) || !(df1 > 0 && df2 > 0) || isinf(df1))
		return NAN;
	if (df2 > nearly_infinite)
		return ks_chi_squared_cdf(df1 * x, df1, lower);
	if (x <= 0)
		return lower ? 0 : 1;
	if (isinf(x))
		return lower ? 1 : 0;
	tails = ks_beta_tails(df1 / 2, df2 / 2, ks_share_of_odds(df1, x, df2));
	return lower ? tails.lower : tails.upper;
}

double
ks_f_quantile(double p, double df1, double df2, bool lower)
{
	if (!(p >= 0 && p <= 1 && df1 > 0 && df2 > 0) || isinf(df1))
		return NAN;
	if (df2 > nearly_infinite)
		return ks_chi_squared_quantile(p, df1, lower) / df1;
	return df2 / df1 * family_quantile(df1 / 2, df2 / 2, p, lower);
}

double
ks_chi_squared_cdf(double x, double df, bool lower)
{
	KsTails tails;

	if (isnan(x) || !(df > 0) || isinf(df))
		return NAN;
	tails = ks_gamma_tails(df / 2, x / 2);
	return lower ? tails.lower : tails.upper;
}

double
ks_chi_squared_quantile(double p, double df, bool lower)
{
	if (!(p >= 0 && p <= 1 && df > 0) || isinf(df))
		return NAN;
	return 2 * family_quantile(df / 2, HUGE_VAL, p, lower);
}

double
ks_beta_cdf(double x, double a, double b, bool lower)
{
	KsTails tails;

	if (isnan(x) || !(a > 0 && b > 0) || isinf(a) || isinf(b))
		return NAN;
	tails = ks_beta_tails(a, b, ks_share_of_probability(fmin(fmax(x, 0), 1)));
	return lower ? tails.lower : tails.upper;
}

double
ks_beta_quantile(double p, double a, double b, bool lower)
{
	double odds;

	if (!(p >= 0 && p <= 1 && a > 0 && b > 0) || isinf(a) || isinf(b))
		return NAN;
	odds = family_quantile(a, b, p, lower);
	return isinf(odds) ? 1 : odds / (1 + odds);
}

/* ---- binomial ---------------------------------------------------------------------- */

double
ks_binomial_cdf(int64_t k, int64_t n, double p, bool lower)
{
	KsTails tails;

	if (n < 0 || !(p >= 0 && p <= 1))
		return NAN;
	if (k < 0)
		return lower ? 0 : 1;
	if (k >= n)
		return lower ? 1 : 0;
	tails = ks_beta_tails(k + 1.0, (double)(n - k), ks_share_of_probability(p));
	return lower ? tails.upper : tails.lower;
}

double
ks_binomial_pmf(int64_t k, int64_t n, double p)
{
	double hits = (double)k, misses = (double)(n - k), trials = (double)n;
	double distance;

	if (n < 0 || !(p >= 0 && p <= 1))
		return NAN;
	if (k < 0 || k > n)
		return 0;
	if (k == 0)
		return n == 0 ? 1 : exp(trials * log1p(-p));
	if (p == 0 || p == 1)
		return p == 1 && k == n ? 1 : 0;
	if (k == n)
		return exp(trials * (p < 0.5 ? log(p) : log1p(-(1 - p))));
	distance = ks_dd_value(ks_dd_add_d(ks_two_prod(trials, p), -hits));
	return sqrt(trials / hits / misses) * KS_INVERSE_SQRT_2PI *
		   exp(ks_log_deviance(hits, trials * p, distance) +
			   ks_log_deviance(misses, trials * (1 - p), -distance) +
			   (ks_stirling_error(trials) - ks_stirling_error(hits) -
				ks_stirling_error(misses)));
}

/*
 * Whether P(X <= k) >= p, judged on the smaller tail.  A p that came rounded out
 * of a distribution function is met by its own k: a slack of 64 spacings of the
 * smaller tail and, near 1, of the last place of p itself.
 */
static bool
binomial_reaches(int64_t k, int64_t n, double prob, double p)
{
	const double slack = 64 * DBL_EPSILON;

	if (p <= 0.5)
		return ks_binomial_cdf(k, n, prob, true) >= p * (1 - slack);
	return ks_binomial_cdf(k, n, prob, false) <= (1 - p) * (1 + slack) + DBL_EPSILON;
}

int64_t
ks_binomial_quantile(double p, int64_t n, double prob)
{
	double mean = (double)n * prob, sd = sqrt(mean * (1 - prob));
	double z = ks_normal_quantile(p, true);
	int64_t low = -1, high = n; /* low does not reach p, high does */
	int64_t k, width;

	if (n < 0 || !(p >= 0 && p <= 1 && prob >= 0 && prob <= 1))
		return -1;
	if (p == 0 || n == 0 || prob == 0)
		return 0;
	if (p == 1 || prob == 1)
		return n;
	k = (int64_t)fmin(fmax(mean + sd * z + (1 - 2 * prob) * (z * z - 1) / 6, 0),
					  (double)n - 1);

	/* Widen around the normal start with a skewness term, then halve. */
	for (width = 1; high - low > 1; width *= 2)
	{
		if (binomial_reaches(k, n, prob, p))
		{
			high = k;
			if (k - width <= low)
				break;
			k -= width;
		}
		else
		{
			low = k;
			if (width >= high - k)
				break;
			k += width;
		}
		if (low >= 0 && high < n)
			break;
	}
	while (high - low > 1)
	{
		k = low + (high - low) / 2;
		if (binomial_reaches(k, n, prob, p))
			high = k;
		else
			low = k;
	}
	return high;
}

/* ---- logarithms of gamma and binomial coefficient ---------------------------------- */

double
ks_log_gamma(double x)
{
	return x > 0 ? lgamma(x) : NAN;
}

double
ks_log_choose(double n, double k)
{
	double rest;

	if (!(k >= 0 && k <= n) || isinf(n))
		return NAN;
	k = fmin(k, n - k);
	rest = n - k;
	if (k == 0)
		return 0;
	return (k * log(n / k) - rest * log1p(-k / n)) +
		   (0.5 * log(n / k / rest) - KS_LOG_SQRT_2PI) +
		   (ks_stirling_error(n) - ks_stirling_error(k) - ks_stirling_error(rest));
}
