/*
 * ks_noncentral_t.c
 *	  The noncentral t distribution, and the noncentrality for a probability.
 *
 * The distribution is the integral of a normal probability over the chi
 * distribution.  On the log scale the integrand is analytic, positive and has
 * one peak: the trapezoidal rule converges geometrically and keeps every digit
 * of both tails (Trefethen and Weideman 2014, SIAM Review 56:385), where the
 * usual Poisson mixture (Lenth 1989, AS 243) has to take 1 - p.  The derivative
 * by the noncentrality is a second sum over the same points.
 *
 * Where t is many times the root of its degrees of freedom the normal
 * probability is a cut-off too sharp for that rule.  The two then change places:
 * the chi distribution function is averaged over the normal variable, on which it
 * depends but slowly.
 *
 * The probability is log-concave in the noncentrality (Prekopa 1973), so
 * Newton's method on its logarithm finds the limit.
 */
#include "stat/ks_dist.h"
#include "stat/ks_incomplete.h"

/* Normal density over the lower normal tail, phi(z) / Phi(z). */
static double
normal_hazard(double z)
{
	double s;

	if (z > -30)
		return KS_INVERSE_SQRT_2PI * exp(-0.5 * z * z) / (0.5 * erfc(-z * KS_SQRT_HALF));
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
	double mass = exp(-0.5 * d->df * ks_exp_minus(2 * w));

	return (NoncentralSum){mass * 0.5 * erfc(-z * KS_SQRT_HALF),
						   mass * exp(-0.5 * z * z)};
}

/* Add the terms at start, start + step, ... until they no longer matter. */
static void
noncentral_add(const NoncentralT *d, double start, double step, NoncentralSum *sum)
{
	for (int i = 0; i < 100000; i++)
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
 * The step is halved until the sum stands.  A peak of normal shape does so at
 * once; a cut off far from the peak (large t) is narrower and takes a few more.
 */
static double
noncentral_integrate(const NoncentralT *d, double *density)
{
	double a = d->df / 2, width;
	double peak = noncentral_peak(d, &width), step = 0.8 * width;
	double scale = 2 * sqrt(a) * KS_INVERSE_SQRT_2PI * exp(-ks_stirling_error(a));
	NoncentralSum sum = {0, 0};
	bool stands = false;

	noncentral_add(d, peak, step, &sum);
	noncentral_add(d, peak - step, -step, &sum);
	for (int halving = 0; halving < 12 && !stands; halving++)
	{
		NoncentralSum between = {0, 0};

		noncentral_add(d, peak + step / 2, step, &between);
		noncentral_add(d, peak - step / 2, -step, &between);
		stands = fabs(between.value - sum.value) <= 1e-12 * sum.value;
		sum.value += between.value;
		sum.density += between.density;
		step /= 2;
	}
	*density = scale * step * sum.density * KS_INVERSE_SQRT_2PI;
	return scale * step * sum.value;
}

/* The cut-off is sharp: t > 30 standard deviations of the chi variable. */
#define SHARP 30.0
/* ... so sharp that the normal variable no longer shows in a double. */
#define SHARPEST 1e7
/* The normal variable is summed over from -12 to 12. */
#define NORMAL_STEPS 24

/* |t| in units of the chi variable's spread, where averaging over it is accurate. */
static double
sharpness(double t, double df, double ncp)
{
	bool clear_of_zero = t > 0 ? ncp >= 13 : ncp <= -13;

	return clear_of_zero ? fabs(t) / sqrt(2 * df) : 0;
}

/*
 * P(T <= t) or P(T > t) of a sharp cut-off, and its derivative by ncp as
 * noncentral_integrate gives it: the mean over z of the chi distribution at
 * (ncp + z) / t, and of z times it (Stein 1981).
 */
static double
noncentral_average(const NoncentralT *d, double *density)
{
	double mirror = d->t > 0 ? 1 : -1;
	bool lower_chi = d->sign * mirror < 0;
	double step = 12.0 / NORMAL_STEPS, value = 0, moment = 0;

	for (int i = -NORMAL_STEPS; i <= NORMAL_STEPS; i++)
	{
		double z = i * step;
		double u = (mirror * d->ncp + z) / fabs(d->t);
		double term = exp(-0.5 * z * z) * ks_chi_squared_cdf(d->df * u * u, d->df, lower_chi);

		value += term;
		moment += z * term;
	}
	*density = fabs(step * KS_INVERSE_SQRT_2PI * moment);
	return step * KS_INVERSE_SQRT_2PI * value;
}

static double
noncentral_probability(const NoncentralT *d, double *density)
{
	return sharpness(d->t, d->df, d->ncp) > SHARP ? noncentral_average(d, density)
												  : noncentral_integrate(d, density);
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
	return fmin(noncentral_probability(&d, &density), 1);
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

	if (fabs(t) > SHARPEST * sqrt(2 * df))
		return t * sqrt(ks_chi_squared_quantile(p, df, t < 0) / df);

	/* Nearly normal with the variance of t; then Newton on the log of the tail. */
	d.ncp = t * (1 - 1 / (4 * df + 1)) - z * sqrt(1 + t * t / (2 * df));
	for (int step = 0; step < 100; step++)
	{
		double density, value = noncentral_probability(&d, &density);
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
