/*
 * ks_mixed_effect.c
 *	  Standardized effects of a linear mixed model.
 *
 * A change of l'beta is divided by the standard deviation S between patients: that
 * of a single observation, S^2 = sigma^2 (1 + z'LL'z), L the relative factor and z
 * the observation's row of Z, the residual variance included.  With z of time 0 it
 * is the model's spread at baseline, by which published effects of time divide.
 * Coefficients and variance parameters are uncorrelated, so by the delta method
 * var(d) = var(l'beta) / S^2 + d^2 var(S^2) / (4 S^4), var(S^2) from the covariance
 * that Satterthwaite's degrees of freedom use.
 *
 * Source: Westfall, Kenny and Judd 2014, J Exp Psychol Gen 143:2020 (the divisor).
 */
#include "stat/ks_mixed_effect.h"

#include <string.h>

#include "stat/ks_dist.h"

/*
 * S^2 at z, its gradient by the variance parameters (fit->thetas + 1) in the order
 * the fit has them.  inner, outer: random.  False when there are more or fewer.
 */
static bool
observation_variance(const KsMixedFit *fit, size_t terms, const size_t *term_size,
					 const double *z, double *inner, double *outer, double *variance,
					 double *gradient)
{
	const size_t q = fit->random;
	const double residual = fit->sigma * fit->sigma;
	size_t count = 0, start = 0;

	*variance = residual;
	for (size_t i = 0; i < q; i++)
	{
		inner[i] = 0;
		for (size_t k = 0; k < q; k++)
			inner[i] += fit->basis[k * q + i] * z[k];
	}
	for (size_t j = 0; j < q; j++)
	{
		outer[j] = 0;
		for (size_t i = 0; i < q; i++)
			outer[j] += fit->basis_factor[i * q + j] * inner[i];
		*variance += residual * outer[j] * outer[j];
	}
	for (size_t term = 0; term < terms; start += term_size[term], term++)
		for (size_t j = start; j < start + term_size[term]; j++)
			for (size_t i = j; i < start + term_size[term]; i++)
				if (fit->basis[i * q + i] != 0 && fit->basis[j * q + j] != 0 &&
					count++ < fit->thetas)
					gradient[count - 1] = 2 * residual * inner[i] * outer[j];
	gradient[fit->thetas] = 2 * *variance / fit->sigma;
	return count == fit->thetas;
}

/* Divide a test's estimate and interval by the standard deviation. */
static void
standardize(const KsMixedFit *fit, double variance, const double *gradient,
			double conf_level, KsTest *test)
{
	const size_t width = fit->thetas + 1;
	double spread = 0, half;

	for (size_t i = 0; i < width; i++)
		for (size_t j = 0; j < width; j++)
			spread += gradient[i] * fit->parameter_vcov[i * width + j] * gradient[j];
	test->estimate /= sqrt(variance);
	test->std_error = sqrt(test->std_error * test->std_error / variance +
						   test->estimate * test->estimate * spread /
							   (4 * variance * variance));
	half = ks_t_quantile((1 - conf_level) / 2, test->df, false) * test->std_error;
	test->conf_low = test->estimate - half;
	test->conf_high = test->estimate + half;
}

KsStatus
ks_mixed_standardized_effect(const KsMixedFit *fit, size_t terms, const size_t *term_size,
							 const double *weights, const double *z, double conf_level,
							 const KsEnv *env, KsTest *test)
{
	KsStatus status = ks_mixed_contrast(fit, weights, conf_level, env, test);
	double *memory, variance;

	if (status != KS_OK || isnan(test->std_error))
		return status;
	memory = env->alloc(env->context,
						(2 * fit->random + fit->thetas + 1) * sizeof(double));
	if (memory == NULL)
		return KS_NO_MEMORY;
	if (observation_variance(fit, terms, term_size, z, memory, memory + fit->random,
							 &variance, memory + 2 * fit->random))
		standardize(fit, variance, memory + 2 * fit->random, conf_level, test);
	else
	{
		ks_test_clear(test);
		ks_note(test->note, "random effects depend on one another");
	}
	env->free(env->context, memory);
	return KS_OK;
}
