/*
 * ks_dist.c
 *	  Normal, t, noncentral t, F, chi-squared, beta and binomial distributions:
 *	  both tails, each to full relative precision, and quantiles.
 *
 * Everything but the normal and the noncentral t rests on two kernels, the
 * incomplete beta and the incomplete gamma function.  Each is a prefactor times
 * a continued fraction or a series:
 *
 * - The prefactor, x^a y^b / B(a, b) or x^a e^-x / Gamma(a), is written in
 *	 deviances and Stirling errors (Loader 2000, "Fast and accurate computation
 *	 of binomial probabilities"), so that nothing large is subtracted from
 *	 anything large.  Its argument, the distance from the mean, is formed in
 *	 double-double: with a and b near 1e7 a rounded one would cost five digits.
 * - The incomplete beta function takes the contracted continued fraction of
 *	 DiDonato and Morris 1992 (ACM TOMS 18:360), DLMF 8.17.22, on the side of
 *	 the mean where it converges; the incomplete gamma function the series DLMF
 *	 8.11.4 below and the continued fraction DLMF 8.9.2 above.  Both need about
 *	 sqrt(a + b) steps near the mean.
 *
 * Quantiles: log P as a function of the log odds (of log x for the gamma
 * family) is concave, so Newton's method on that scale converges from anywhere;
 * Halley's term is free.  The t quantile, called once a group, has its own path:
 * Hill's start (1970, CACM 13:619) and a step of fifth order.
 *
 * The noncentral t is the integral of a normal probability over the chi
 * distribution.  On the log scale its integrand is analytic, positive and has
 * one peak: the trapezoidal rule converges geometrically and keeps every digit
 * of both tails (Trefethen and Weideman 2014, SIAM Review 56:385), where the
 * usual Poisson mixture (Lenth 1989, AS 243) has to take 1 - p.
 *
 * GSL is not used: its t is wrong by 3e-7 for df 31 to 300, its beta quantile
 * fails at ordinary points, and its error handler is global to the process.
 */
#include "stat/ks_dist.h"

#include <float.h>

#include "stat/ks_dd.h"

static const double log_sqrt_2pi = 0.918938533204672741780329736406;
static const double inverse_sqrt_2pi = 0.398942280401432677939946059934;
static const double sqrt_half = 0.707106781186547524400844362105;
static const double pi = 3.14159265358979323846264338328;

/* Twice the spacing of doubles near 1: where a converging product stops. */
static const double converged = 2 * DBL_EPSILON;
static const int max_fraction_steps = 200000;

/*
 * Both tails at a point, and how log P behaves around it.  slope is dP/dw and
 * bend is d(log slope)/dw, where w is the log odds (beta) or log x (gamma).
 */
typedef struct Tails
{
	double lower;
	double upper;
	double slope;
	double bend;
} Tails;

/* A share x of 1 and its complement y, each to full relative precision. */
typedef struct Share
{
	KsDD x;
	KsDD y;
} Share;

/* ---- building blocks --------------------------------------------------------------- */

/* log(1 + u) - u without cancellation, by the series of 2 atanh(u / (2 + u)). */
static double
log1p_minus(double u)
{
	double v = u / (2 + u);
	double v2 = v * v;
	double sum = 0;

	if (fabs(u) > 0.4)
		return log1p(u) - u;
	for (int k = v2 < 0.002 ? 13 : 29; k >= 3; k -= 2)
		sum = sum * v2 + 1.0 / k;
	return v * (2 * v2 * sum - u);
}

/* exp(u) - 1 - u without cancellation. */
static double
exp_minus(double u)
{
	double sum = 1;

	if (fabs(u) > 0.5)
		return expm1(u) - u;
	for (int k = 16; k >= 3; k--)
		sum = 1 + sum * u / k;
	return sum * u * u / 2;
}

/* log Gamma(z) less Stirling's (z - 1/2) log z - z + log sqrt(2 pi); z > 0. */
static double
stirling_error(double z)
{
	double s = 1 / (z * z);

	if (z < 10)
		return lgamma(z) - ((z - 0.5) * log(z) - z + log_sqrt_2pi);
	return (1.0 / 12 - s * (1.0 / 360 -
							s * (1.0 / 1260 -
								 s * (1.0 / 1680 - s * (1.0 / 1188 - s * (691.0 / 360360 -
																		  s / 156)))))) /
		   z;
}

/* a log(m / a) - (m - a), at most 0, from m and the exact distance m - a. */
static double
log_deviance(double a, double m, double distance)
{
	if (fabs(distance) < 0.4 * a)
		return a * log1p_minus(distance / a);
	return a * log(m / a) - distance;
}

static Share
share_of(KsDD part, KsDD rest)
{
	KsDD whole = ks_dd_add(part, rest);

	return (Share){ks_dd_div(part, whole), ks_dd_div(rest, whole)};
}

/* The share whose odds x / y are numerator / denominator * factor. */
static Share
share_of_odds(double numerator, double factor, double denominator)
{
	double odds = numerator / denominator * factor;

	if (odds > 1e100)
		return (Share){ks_dd(1), ks_dd(1 / odds)};
	if (odds < 1e-100)
		return (Share){ks_dd(odds), ks_dd(1)};
	return share_of(ks_two_prod(numerator, factor), ks_dd(denominator));
}

static Share
share_of_probability(double x)
{
	return (Share){ks_dd(x), ks_two_sum(1, -x)};
}

/* ---- incomplete beta function ------------------------------------------------------ */

/*
 * Continued fraction of I_x(a, b) / (x^a y^b / B(a, b)) by Lentz's method;
 * gap = a - (a + b) x > -1.
 */
static double
beta_fraction(double a, double b, double x, double y, double gap)
{
	double inverse = 1 / (a + 1);
	double value = a * (1 + gap) * inverse;
	double c = value, d = 0;

	for (int n = 1; n < max_fraction_steps; n++)
	{
		double previous = inverse;
		double w = n * (b - n) * x * previous;
		double alpha = (a + n - 1) * (a + b + n - 1) * x * w * previous;
		double beta, ratio;

		inverse = 1 / (a + 2 * n + 1);
		beta = n + w + (a + n) * inverse * (1 + gap + n * (1 + y));
		d = 1 / (beta + alpha * d);
		c = beta + alpha / c;
		ratio = c * d;
		value *= ratio;
		if (fabs(ratio - 1) <= converged)
			break;
	}
	return 1 / value;
}

/* Both tails of the beta distribution at the share x. */
static Tails
beta_tails(double a, double b, Share at)
{
	double x = at.x.hi, y = at.y.hi, n = a + b;
	double distance;
	bool from_below;
	Tails tails;

	if (x <= 0)
		return (Tails){0, 1, 0, a};
	if (y <= 0)
		return (Tails){1, 0, 0, -b};
	distance = ks_dd_value(ks_dd_sub(ks_dd_mul_d(at.x, b), ks_dd_mul_d(at.y, a)));
	tails.bend = -distance;
	tails.slope =
		sqrt(a / n * b) * inverse_sqrt_2pi *
		exp(log_deviance(a, n * x, distance) + log_deviance(b, n * y, -distance) +
			(stirling_error(n) - stirling_error(a) - stirling_error(b)));

	/* Below the mean from below; a parameter under 1 widens its side's reach. */
	from_below =
		distance <= 0 ? !(b < 1 && n * y < 1 && y < 0.5) : a < 1 && n * x < 1 && x < 0.5;
	if (from_below)
	{
		tails.lower = tails.slope * beta_fraction(a, b, x, y, -distance);
		tails.upper = 1 - tails.lower;
	}
	else
	{
		tails.upper = tails.slope * beta_fraction(b, a, y, x, distance);
		tails.lower = 1 - tails.upper;
	}
	return tails;
}

/* ---- incomplete gamma function ----------------------------------------------------- */

/* gamma(a, x) / (x^a e^-x), a series of positive terms; x not far above a. */
static double
gamma_series(double a, double x)
{
	double term = 1 / a, sum = term;

	for (int n = 1; n < max_fraction_steps; n++)
	{
		term *= x / (a + n);
		sum += term;
		if (term <= sum * DBL_EPSILON / 8)
			break;
	}
	return sum;
}

/* Gamma(a, x) / (x^a e^-x) by Lentz's method; excess = x - a > -1. */
static double
gamma_fraction(double a, double excess)
{
	double value = excess + 1;
	double c = value, d = 0;

	for (int n = 1; n < max_fraction_steps; n++)
	{
		double alpha = n * (a - n);
		double beta = excess + 2 * n + 1;
		double ratio;

		d = 1 / (beta + alpha * d);
		c = beta + alpha / c;
		ratio = c * d;
		value *= ratio;
		if (fabs(ratio - 1) <= converged)
			break;
	}
	return 1 / value;
}

/* Both tails of the gamma distribution with shape a at x. */
static Tails
gamma_tails(double a, double x)
{
	Tails tails;

	if (x <= 0)
		return (Tails){0, 1, 0, a};
	if (isinf(x))
		return (Tails){1, 0, 0, -x};
	tails.bend = a - x;
	tails.slope =
		sqrt(a) * inverse_sqrt_2pi * exp(log_deviance(a, x, x - a) - stirling_error(a));
	if (x < fmax(a, 1))
	{
		tails.lower = tails.slope * gamma_series(a, x);
		tails.upper = 1 - tails.lower;
	}
	else
	{
		tails.upper = tails.slope * gamma_fraction(a, x - a);
		tails.lower = 1 - tails.upper;
	}
	return tails;
}

/* ---- quantiles of both families ---------------------------------------------------- */

/* The family at odds (or x) r; b is infinite for the gamma family. */
static Tails
family_tails(double a, double b, double r)
{
	return isinf(b) ? gamma_tails(a, r) : beta_tails(a, b, share_of_odds(r, 1, 1));
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
		Tails tails = family_tails(a, b, r);
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
	return 0.5 * erfc(lower ? -x * sqrt_half : x * sqrt_half);
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
	double v = (0.5 - p) / inverse_sqrt_2pi, v2 = v * v;
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
		double miss = p > 0.25 ? (0.5 - p) - 0.5 * erf(x * sqrt_half)
							   : 0.5 * erfc(x * sqrt_half) - p;
		double u = miss / (inverse_sqrt_2pi * exp(-0.5 * x * x));

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

/* lower: P(|T| <= t); upper: P(|T| > t); slope: t times half the density of |T|... */
static Tails
t_tails(double t, double df)
{
	KsDD square = ks_two_prod(t, t);

	return beta_tails(0.5, df / 2, share_of(square, ks_dd(df)));
}

/* Where t^2 is beyond this times df, only the leading power of the tail is left. */
static const double far = 1e18;

/* log of P(T > t) (t / sqrt(df))^df far out. */
static double
t_far_constant(double df)
{
	return lgamma(df / 2 + 0.5) - lgamma(df / 2) - log(df * sqrt(pi));
}

double
ks_t_cdf(double x, double df, bool lower)
{
	double t = fabs(x), tail;

	if (isnan(x) || !(df > 0))
		return NAN;
	if (isinf(df))
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
	double d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * pi / 2) * df;
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
		return p > 0.25 ? tan(pi * (0.5 - p)) : 1 / tan(pi * p);
	if (df == 2)
		return (1 - 2 * p) / sqrt(2 * p * (1 - p));
	x = df > 2 ? t_start(p, df) : 0;
	for (int step = 0; step < 3 && x > 0 && x * x < far * df; step++)
	{
		Tails tails = t_tails(x, df);
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
	if (isinf(df))
		return ks_normal_quantile(p, lower);
	if (p > 0.5)
	{
		p = 1 - p;
		lower = !lower;
	}
	x = p == 0 ? HUGE_VAL : p == 0.5 ? 0 : t_upper_quantile(p, df);
	return lower ? -x : x;
}

/* ---- F, chi-squared, beta ---------------------------------------------------------- */

double
ks_f_cdf(double x, double df1, double df2, bool lower)
{
	Tails tails;

	if (isnan(x) || !(df1 > 0 && df2 > 0) || isinf(df1))
		return NAN;
	if (isinf(df2))
		return ks_chi_squared_cdf(df1 * x, df1, lower);
	if (x <= 0)
		return lower ? 0 : 1;
	if (isinf(x))
		return lower ? 1 : 0;
	tails = beta_tails(df1 / 2, df2 / 2, share_of_odds(df1, x, df2));
	return lower ? tails.lower : tails.upper;
}

double
ks_f_quantile(double p, double df1, double df2, bool lower)
{
	if (!(p >= 0 && p <= 1 && df1 > 0 && df2 > 0) || isinf(df1))
		return NAN;
	if (isinf(df2))
		return ks_chi_squared_quantile(p, df1, lower) / df1;
	return df2 / df1 * family_quantile(df1 / 2, df2 / 2, p, lower);
}

double
ks_chi_squared_cdf(double x, double df, bool lower)
{
	Tails tails;

	if (isnan(x) || !(df > 0) || isinf(df))
		return NAN;
	tails = gamma_tails(df / 2, x / 2);
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
	Tails tails;

	if (isnan(x) || !(a > 0 && b > 0) || isinf(a) || isinf(b))
		return NAN;
	tails = beta_tails(a, b, share_of_probability(fmin(fmax(x, 0), 1)));
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
	Tails tails;

	if (n < 0 || !(p >= 0 && p <= 1))
		return NAN;
	if (k < 0)
		return lower ? 0 : 1;
	if (k >= n)
		return lower ? 1 : 0;
	tails = beta_tails(k + 1.0, (double)(n - k), share_of_probability(p));
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
	return sqrt(trials / hits / misses) * inverse_sqrt_2pi *
		   exp(log_deviance(hits, trials * p, distance) +
			   log_deviance(misses, trials * (1 - p), -distance) +
			   (stirling_error(trials) - stirling_error(hits) - stirling_error(misses)));
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

/* ---- noncentral t ------------------------------------------------------------------ */

/* Normal density over the lower normal tail, phi(z) / Phi(z). */
static double
normal_hazard(double z)
{
	double s;

	if (z > -30)
		return inverse_sqrt_2pi * exp(-0.5 * z * z) / (0.5 * erfc(-z * sqrt_half));
	s = 1 / (z * z);
	return -z / (1 - s * (1 - 3 * s * (1 - 5 * s)));
}

/* The integral to take: sign 1 for the lower, -1 for the upper tail. */
typedef struct NoncentralT
{
	double t;
	double df;
	double ncp;
	double sign;
} NoncentralT;

/* Slope of the log integrand at s = e^w, and minus its curvature. */
static double
noncentral_slope(const NoncentralT *d, double s, double *curvature)
{
	double z = d->sign * (d->t * s - d->ncp);
	double hazard = normal_hazard(z), pull = d->sign * d->t * s;

	*curvature = 2 * d->df * s * s - pull * hazard + pull * pull * hazard * (z + hazard);
	return d->df * (1 - s * s) + pull * hazard;
}

/* The peak of the integrand, as w, and its width. */
static double
noncentral_peak(const NoncentralT *d, double *width)
{
	double low = -745, high = 700, w = 0, curvature, slope, next;

	for (int step = 0; step < 100; step++)
	{
		slope = noncentral_slope(d, exp(w), &curvature);
		if (curvature > 0 && fabs(slope) <= 0.1 * sqrt(curvature))
			break;
		if (slope > 0)
			low = w;
		else
			high = w;
		next = curvature > 0 ? w + slope / curvature : w + (slope > 0 ? 1 : -1);
		next = fmin(fmax(next, w - 3), w + 3);
		if (!(next > low && next < high))
			next = (low + high) / 2;
		w = next;
	}
	*width = curvature > 0 ? 1 / sqrt(curvature) : 0.5;
	return w;
}

/* Value and derivative by ncp of the integrand, without its constant. */
typedef struct NoncentralSum
{
	double value;
	double density;
} NoncentralSum;

static NoncentralSum
noncentral_term(const NoncentralT *d, double w)
{
	double z = d->sign * (d->t * exp(w) - d->ncp);
	double mass = exp(-0.5 * d->df * exp_minus(2 * w));

	return (NoncentralSum){mass * 0.5 * erfc(-z * sqrt_half), mass * exp(-0.5 * z * z)};
}

/* Add the terms at start, start + step, ... until they no longer matter. */
static void
noncentral_add(const NoncentralT *d, double start, double step, NoncentralSum *sum)
{
	for (int i = 0; i < 20000; i++)
	{
		NoncentralSum term = noncentral_term(d, start + i * step);

		sum->value += term.value;
		sum->density += term.density;
		if (term.value <= 1e-18 * sum->value && term.density <= 1e-18 * sum->density)
			break;
	}
}

/*
 * P(T <= t) or P(T > t), and in *density minus or plus its derivative by ncp.
 * The trapezoidal sum is halved until it stands: its error squares each time.
 */
static double
noncentral_integrate(const NoncentralT *d, double *density)
{
	double a = d->df / 2, width;
	double peak = noncentral_peak(d, &width), step = 0.9 * width;
	double scale = 2 * sqrt(a) * inverse_sqrt_2pi * exp(-stirling_error(a));
	NoncentralSum sum = {0, 0};
	bool stands = false;

	noncentral_add(d, peak, step, &sum);
	noncentral_add(d, peak - step, -step, &sum);
	for (int halving = 0; halving < 12 && !stands; halving++)
	{
		NoncentralSum between = {0, 0};

		noncentral_add(d, peak + step / 2, step, &between);
		noncentral_add(d, peak - step / 2, -step, &between);
		stands = fabs(between.value - sum.value) <= 1e-8 * sum.value;
		sum.value += between.value;
		sum.density += between.density;
		step /= 2;
	}
	*density = scale * step * sum.density * inverse_sqrt_2pi;
	return scale * step * sum.value;
}

double
ks_noncentral_t_cdf(double x, double df, double ncp, bool lower)
{
	NoncentralT d = {x, df, ncp, lower ? 1 : -1};
	double density;

	if (isnan(x) || !(df > 0) || !isfinite(ncp))
		return NAN;
	if (isinf(x))
		return (x > 0) == lower ? 1 : 0;
	if (isinf(df) || x == 0)
		return ks_normal_cdf(x - ncp, lower);
	if (ncp == 0)
		return ks_t_cdf(x, df, lower);
	return fmin(noncentral_integrate(&d, &density), 1);
}

double
ks_noncentral_t_ncp(double t, double df, double p)
{
	bool lower = p <= 0.5;
	double tail = lower ? p : 1 - p;
	double z = ks_normal_quantile(p, true);
	double low = -HUGE_VAL, high = HUGE_VAL;
	NoncentralT d = {t, df, 0, lower ? 1 : -1};

	if (!isfinite(t) || !(df > 0 && p > 0 && p < 1))
		return NAN;
	if (isinf(df) || t == 0)
		return t - z;

	/* Nearly normal with the variance of t; then Newton on the log of the tail. */
	d.ncp = t * (1 - 1 / (4 * df + 1)) - z * sqrt(1 + t * t / (2 * df));
	for (int step = 0; step < 100; step++)
	{
		double density, value = noncentral_integrate(&d, &density);
		double miss = value > 0 ? log(value / tail) : -HUGE_VAL;
		double change = d.sign * miss * value / density;

		/* The lower tail falls as the noncentrality grows. */
		if (d.sign * miss > 0)
			low = d.ncp;
		else
			high = d.ncp;
		if (!isfinite(change) || !(d.ncp + change >= low && d.ncp + change <= high))
			change = isfinite(low) && isfinite(high)
						 ? (low + high) / 2 - d.ncp
						 : d.sign * (miss > 0 ? 1 : -1) * (1 + fabs(d.ncp)) / 2;
		d.ncp += change;
		if (fabs(miss) < 1e-7 || fabs(change) <= 1e-15 * fabs(d.ncp))
			break;
	}
	return d.ncp;
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
		   (0.5 * log(n / k / rest) - log_sqrt_2pi) +
		   (stirling_error(n) - stirling_error(k) - stirling_error(rest));
}
