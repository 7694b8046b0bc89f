/*
 * ks_incomplete.c
 *	  The incomplete beta and gamma functions, both tails to full relative
 *	  precision: what the distributions of ks_dist.h rest on.
 *
 * Each is a prefactor times a continued fraction or a series:
 *
 * - The prefactor, x^a y^b / B(a, b) or x^a e^-x / Gamma(a), is written in
 *	 deviances and Stirling errors (Loader 2000, "Fast and accurate computation
 *	 of binomial probabilities"), so that nothing large is subtracted from
 *	 anything large.  Its argument, the distance from the mean, is formed in
 *	 double-double: with a and b near 1e7 a rounded one would cost five digits.
 * - The incomplete beta function takes the contracted continued fraction of
 *	 DiDonato and Morris 1992 (ACM TOMS 18:360), DLMF 8.17.22, on the side of
 *	 the mean where it converges; the incomplete gamma function the series DLMF
 *	 8.11.4 below and the continued fraction DLMF 8.9.2 above.  Near the mean
 *	 they need about sqrt(a + b) steps.
 */
#include "stat/ks_incomplete.h"

#include <float.h>
#include <stdbool.h>

/* Twice the spacing of doubles near 1: where a converging product stops. */
static const double converged = 2 * DBL_EPSILON;

/* Enough for parameters up to about 1e10; beyond, the answer is NaN. */
static const int max_fraction_steps = 1000000;

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
double
ks_exp_minus(double u)
{
	double sum = 1;

	if (fabs(u) > 0.5)
		return expm1(u) - u;
	for (int k = 16; k >= 3; k--)
		sum = 1 + sum * u / k;
	return sum * u * u / 2;
}

/* log Gamma(z) less Stirling's (z - 1/2) log z - z + log sqrt(2 pi); z > 0. */
double
ks_stirling_error(double z)
{
	double s = 1 / (z * z);

	if (z < 10)
		return lgamma(z) - ((z - 0.5) * log(z) - z + KS_LOG_SQRT_2PI);
	return (1.0 / 12 - s * (1.0 / 360 -
							s * (1.0 / 1260 -
								 s * (1.0 / 1680 - s * (1.0 / 1188 - s * (691.0 / 360360 -
																		  s / 156)))))) /
		   z;
}

/* a log(m / a) - (m - a), at most 0, from m and the exact distance m - a. */
double
ks_log_deviance(double a, double m, double distance)
{
	if (fabs(distance) < 0.4 * a)
		return a * log1p_minus(distance / a);
	return a * log(m / a) - distance;
}

KsShare
ks_share_of(KsDD part, KsDD rest)
{
	KsDD whole = ks_dd_add(part, rest);

	return (KsShare){ks_dd_div(part, whole), ks_dd_div(rest, whole)};
}

/* The share whose odds x / y are numerator / denominator * factor. */
KsShare
ks_share_of_odds(double numerator, double factor, double denominator)
{
	double odds = numerator / denominator * factor;

	if (odds > 1e100)
		return (KsShare){ks_dd(1), ks_dd(1 / odds)};
	if (odds < 1e-100)
		return (KsShare){ks_dd(odds), ks_dd(1)};
	return ks_share_of(ks_two_prod(numerator, factor), ks_dd(denominator));
}

KsShare
ks_share_of_probability(double x)
{
	return (KsShare){ks_dd(x), ks_two_sum(1, -x)};
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
			return 1 / value;
	}
	return NAN;
}

/* Both tails of the beta distribution at the share x. */
KsTails
ks_beta_tails(double a, double b, KsShare at)
{
	double x = at.x.hi, y = at.y.hi, n = a + b;
	double distance;
	bool from_below;
	KsTails tails;

	if (x <= 0)
		return (KsTails){0, 1, 0, a};
	if (y <= 0)
		return (KsTails){1, 0, 0, -b};
	distance = ks_dd_value(ks_dd_sub(ks_dd_mul_d(at.x, b), ks_dd_mul_d(at.y, a)));
	tails.bend = -distance;
	tails.slope =
		sqrt(a / n * b) * KS_INVERSE_SQRT_2PI *
		exp(ks_log_deviance(a, n * x, distance) + ks_log_deviance(b, n * y, -distance) +
			(ks_stirling_error(n) - ks_stirling_error(a) - ks_stirling_error(b)));

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
			return sum;
	}
	return NAN;
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
			return 1 / value;
	}
	return NAN;
}

/* Both tails of the gamma distribution with shape a at x. */
KsTails
ks_gamma_tails(double a, double x)
{
	KsTails tails;

	if (x <= 0)
		return (KsTails){0, 1, 0, a};
	if (isinf(x))
		return (KsTails){1, 0, 0, -x};
	tails.bend = a - x;
	tails.slope = sqrt(a) * KS_INVERSE_SQRT_2PI *
				  exp(ks_log_deviance(a, x, x - a) - ks_stirling_error(a));
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
