/*
 * ks_mixed_inference.c
 *	  Satterthwaite's degrees of freedom for the fixed effects of a mixed model.
 *
 * The variance v = l'C(t)l of a combination l of coefficients is a function of the
 * variance parameters t, whose own covariance A is twice the inverse Hessian of
 * the deviance.  v is likened to a scaled chi-squared variable with the same first
 * two moments: df = 2 v^2 / (g'Ag), g the gradient of v.  lmerTest differentiates
 * numerically; here both derivatives are exact.  Several combinations are turned
 * to uncorrelated ones by the eigenvectors of their covariance; their squared t
 * values have the mean E / r, E the sum of df / (df - 2), which is matched to F.
 *
 * Sources: Satterthwaite 1946, Biometrics Bulletin 2:110; Fai and Cornelius 1996,
 * J Stat Comput Simul 54:363; Kuznetsova, Brockhoff and Christensen 2017, J Stat
 * Softw 82(13).
 */
#include "stat/ks_mixed_inference.h"

#include <string.h>

#include "stat/ks_dist.h"
#include "stat/ks_matrix.h"

/* Eigenvalues below this share of the largest belong to dependent rows (lmerTest). */
#define DEPENDENT 1.4901161193847656e-08

static bool
is_estimable(const KsMixedFit *fit, const double *weights)
{
	for (size_t i = 0; i < fit->fixed; i++)
		if (weights[i] != 0 && isnan(fit->beta[i]))
			return false;
	return true;
}

/* x' * matrix * y of the coefficients with a weight. */
static double
form(const double *x, const double *matrix, const double *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n && x[i] != 0; j++)
			if (y[j] != 0)
				sum += x[i] * matrix[i * n + j] * y[j];
	return sum;
}

static double
combine(const KsMixedFit *fit, const double *weights)
{
	KsDD sum = ks_dd(0);

	for (size_t i = 0; i < fit->fixed; i++)
		if (weights[i] != 0)
			sum = ks_dd_add(sum, ks_two_prod(weights[i], fit->beta[i]));
	return ks_dd_value(sum);
}

/* df of a combination with the given variance; slopes: fit->thetas + 1. */
static double
degrees_of_freedom(const KsMixedFit *fit, const double *weights, double variance,
				   double *slopes)
{
	const size_t width = fit->thetas + 1, square = fit->fixed * fit->fixed;

	for (size_t i = 0; i < width; i++)
		slopes[i] = form(weights, fit->jacobian + i * square, weights, fit->fixed);
	return 2 * variance * variance / form(slopes, fit->parameter_vcov, slopes, width);
}

KsStatus
ks_mixed_contrast(const KsMixedFit *fit, const double *weights, double conf_level,
				  const KsEnv *env, KsTest *test)
{
	double *slopes, variance, half;

	ks_test_clear(test);
	test->n = fit->n;
	test->method = "Satterthwaite t test";
	if (isnan(fit->sigma))
	{
		ks_note(test->note, "%s", fit->note);
		return KS_OK;
	}
	if (!is_estimable(fit, weights))
	{
		ks_note(test->note, "a coefficient in it cannot be estimated");
		return KS_OK;
	}
	slopes = env->alloc(env->context, (fit->thetas + 1) * sizeof(double));
	if (slopes == NULL)
		return KS_NO_MEMORY;
	test->estimate = combine(fit, weights);
	variance = form(weights, fit->vcov, weights, fit->fixed);
	if (variance > 0)
	{
		test->std_error = sqrt(variance);
		test->df = degrees_of_freedom(fit, weights, variance, slopes);
		test->statistic = test->estimate / test->std_error;
		test->p_value = fmin(1, 2 * ks_t_cdf(fabs(test->statistic), test->df, false));
		half = ks_t_quantile((1 - conf_level) / 2, test->df, false) * test->std_error;
		test->conf_low = test->estimate - half;
		test->conf_high = test->estimate + half;
	}
	else
		ks_note(test->note, "every weight is 0");
	env->free(env->context, slopes);
	return KS_OK;
}

/* ---- joint tests ------------------------------------------------------------------------ */

/* Denominator df of the mean of r squared t values (lmerTest's get_Fstat_ddf). */
static double
denominator_df(const double *df, size_t r)
{
	double sum = 0, mean = 0;
	bool equal = true;

	for (size_t i = 0; i < r; i++)
	{
		mean += df[i] / (double) r;
		equal = equal && fabs(df[i] - df[0]) < 1e-8;
	}
	if (equal)
		return mean;
	for (size_t i = 0; i < r; i++)
	{
		if (df[i] <= 2)
			return 2;
		sum += df[i] / (df[i] - 2);
	}
	return 2 * sum / (sum - (double) r);
}

/*
 * Uncorrelated combinations: statistic and df from the eigenvectors (in columns)
 * of the combinations' covariance.  turned: fit->fixed, df: rows.
 */
static void
mean_of_squares(const KsMixedFit *fit, size_t rows, const double *weights,
				const double *values, const double *vectors, double *turned, double *df,
				double *slopes, KsTest *test)
{
	double largest = 0, sum = 0;
	size_t r = 0;

	for (size_t k = 0; k < rows; k++)
		largest = fmax(largest, values[k]);
	for (size_t k = 0; k < rows; k++)
	{
		double estimate;

		if (!(values[k] > DEPENDENT * largest))
			continue;
		for (size_t j = 0; j < fit->fixed; j++)
		{
			turned[j] = 0;
			for (size_t i = 0; i < rows; i++)
				turned[j] += vectors[i * rows + k] * weights[i * fit->fixed + j];
		}
		estimate = combine(fit, turned);
		sum += estimate * estimate / values[k];
		df[r++] = degrees_of_freedom(fit, turned, values[k], slopes);
	}
	if (r == 0)
	{
		ks_note(test->note, "every weight is 0");
		return;
	}
	test->statistic = sum / (double) r;
	test->df = (double) r;
	test->df2 = denominator_df(df, r);
	test->p_value = ks_f_cdf(test->statistic, test->df, test->df2, false);
}

KsStatus
ks_mixed_joint_test(const KsMixedFit *fit, size_t rows, const double *weights,
					const KsEnv *env, KsTest *test)
{
	const size_t square = rows * rows, width = fit->thetas + 1;
	double *memory, *vectors, *values;

	ks_test_clear(test);
	test->n = fit->n;
	test->method = "Satterthwaite F test";
	if (isnan(fit->sigma))
	{
		ks_note(test->note, "%s", fit->note);
		return KS_OK;
	}
	for (size_t i = 0; i < rows; i++)
		if (!is_estimable(fit, weights + i * fit->fixed))
		{
			ks_note(test->note, "a coefficient in it cannot be estimated");
			return KS_OK;
		}
	memory = env->alloc(env->context, (2 * square + 2 * rows + fit->fixed + width) *
										  sizeof(double));
	if (memory == NULL)
		return KS_NO_MEMORY;
	vectors = memory + square;
	values = vectors + square;
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < rows; j++)
			memory[i * rows + j] = form(weights + i * fit->fixed, fit->vcov,
										weights + j * fit->fixed, fit->fixed);
	ks_symmetric_eigen(memory, rows, values, vectors);
	mean_of_squares(fit, rows, weights, values, vectors, values + 2 * rows, values + rows,
					values + 2 * rows + fit->fixed, test);
	env->free(env->context, memory);
	return KS_OK;
}
