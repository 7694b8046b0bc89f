/*
 * ks_mixed.c
 *	  Linear mixed models with one grouping factor, or two that nest: fit and
 *	  estimates.
 *
 * The deviance (ks_mixed_deviance.c) is minimised over the relative factor of the
 * random effects' covariance without bounds: it is a smooth and even function of
 * each column of the factor, so a variance of 0 is an ordinary stationary point
 * and Newton's method settles there.  Signs are then turned to lme4's, and
 * columns that are all but 0 are set to 0 where that costs nothing.  A singular
 * answer is checked by a second search from a small start.
 *
 * Source: Bates, Maechler, Bolker and Walker 2015, J Stat Softw 67(1).
 */
#include "stat/ks_mixed.h"

#include <string.h>

#include "stat/ks_matrix.h"
#include "stat/ks_optimise.h"

/* A standard deviation relative to sigma, times the column's root mean square, is 0. */
#define SINGULAR 1e-4
/* Pivots of the relative covariance below this are tried as 0. */
#define SMALL_PIVOT 1e-6
/* ... and left so when the deviance does not rise by more. */
#define SAME_DEVIANCE 1e-8
/* Share of the residual sum of squares left when random effects explain everything. */
#define NO_RESIDUAL 1e-13

/* The search: free elements of the factor, and where they stand. */
typedef struct Fitting
{
	KsMixedDeviance deviance;
	size_t count;
	size_t row[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	size_t column[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double lambda[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
} Fitting;

/* ---- search ---------------------------------------------------------------------------- */

static void
set_lambda(Fitting *fitting, const double *theta)
{
	const size_t q = fitting->deviance.blocks->random;

	memset(fitting->lambda, 0, q * q * sizeof(double));
	for (size_t i = 0; i < fitting->count; i++)
		fitting->lambda[fitting->row[i] * q + fitting->column[i]] = theta[i];
}

static KsStatus
objective_value(void *context, const double *at, double *value)
{
	Fitting *fitting = context;
	KsStatus status;

	set_lambda(fitting, at);
	status = ks_mixed_deviance_at(&fitting->deviance, fitting->lambda);
	*value = fitting->deviance.value;
	return status;
}

static KsStatus
objective_derivatives(void *context, const double *at, double *gradient, double *hessian)
{
	Fitting *fitting = context;
	KsStatus status = ks_mixed_deviance_derive(&fitting->deviance, fitting->lambda);

	(void) at;
	if (status != KS_OK)
		return status;
	return ks_mixed_theta_derivatives(&fitting->deviance, fitting->lambda, fitting->count,
									  fitting->row, fitting->column, false, gradient, hessian,
									  NULL);
}

/*
 * Elements of the factor, term by term and column by column; those of a column of
 * Z that depends on others are left out and stay 0.
 */
static void
list_elements(const KsMixedSource *source, const bool *used, Fitting *fitting)
{
	size_t start = 0;

	fitting->count = 0;
	for (size_t term = 0; term < source->terms; start += source->term_size[term], term++)
		for (size_t j = start; j < start + source->term_size[term]; j++)
			for (size_t i = j; i < start + source->term_size[term]; i++)
				if (used[i] && used[j])
				{
					fitting->row[fitting->count] = i;
					fitting->column[fitting->count++] = j;
				}
}

/*
 * Minimise from a factor with start[0] on the diagonal, of outer groups start[1];
 * theta: fitting->count.
 */
static KsStatus
search_from(Fitting *fitting, const double *start, double *theta, KsMinimum *minimum)
{
	const KsMixedBlocks *blocks = fitting->deviance.blocks;
	KsObjective objective = {objective_value, objective_derivatives, fitting};

	for (size_t i = 0; i < fitting->count; i++)
		theta[i] = fitting->row[i] != fitting->column[i]
					   ? 0
					   : start[fitting->row[i] >= blocks->random - blocks->outer];
	return ks_minimise(&objective, fitting->count, theta, fitting->deviance.env, minimum);
}

/*
 * The factor of lambda * lambda' with a positive diagonal, columns of small pivots
 * set to 0.  Returns how many of these there are.
 */
static size_t
canonical_factor(const double *lambda, size_t q, double least, double *factor)
{
	size_t zeros = 0;

	memset(factor, 0, q * q * sizeof(double));
	for (size_t j = 0; j < q; j++)
	{
		for (size_t i = j; i < q; i++)
		{
			double sum = 0;

			for (size_t k = 0; k < q; k++)
				sum += lambda[i * q + k] * lambda[j * q + k];
			for (size_t k = 0; k < j; k++)
				sum -= factor[i * q + k] * factor[j * q + k];
			if (i == j && !(sum > least))
			{
				zeros++;
				break;
			}
			factor[i * q + j] = i == j ? sqrt(sum) : sum / factor[j * q + j];
		}
	}
	return zeros;
}

/* Turn the signs of lambda's columns so that its diagonal is not negative. */
static void
rectify(double *lambda, size_t q)
{
	for (size_t j = 0; j < q; j++)
		for (size_t i = q; i-- > j && lambda[j * q + j] < 0;)
			lambda[i * q + j] = -lambda[i * q + j];
}

/* Keep only elements in columns that are not zero. */
static void
drop_zero_columns(const double *factor, size_t q, Fitting *fitting)
{
	size_t kept = 0;

	for (size_t i = 0; i < fitting->count; i++)
	{
		const size_t column = fitting->column[i];

		if (factor[column * q + column] == 0)
			continue;
		fitting->row[kept] = fitting->row[i];
		fitting->column[kept++] = column;
	}
	fitting->count = kept;
}

/*
 * Where variances are all but 0, set them to 0 and search among the rest; kept
 * when the deviance does not rise.  lambda: the factor, replaced.
 */
static KsStatus
try_zeros(Fitting *fitting, double *lambda, KsMinimum *minimum)
{
	const size_t q = fitting->deviance.blocks->random;
	Fitting reduced = *fitting;
	KsObjective objective = {objective_value, objective_derivatives, &reduced};
	double factor[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double theta[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	KsMinimum found;
	KsStatus status;

	if (canonical_factor(lambda, q, SMALL_PIVOT, factor) == 0)
		return KS_OK;
	drop_zero_columns(factor, q, &reduced);
	for (size_t i = 0; i < reduced.count; i++)
		theta[i] = factor[reduced.row[i] * q + reduced.column[i]];
	status = ks_minimise(&objective, reduced.count, theta, fitting->deviance.env, &found);
	if (status != KS_OK)
		return status;
	minimum->iterations += found.iterations;
	if (found.value <= minimum->value + SAME_DEVIANCE)
	{
		minimum->value = found.value;
		minimum->converged = found.converged;
		memcpy(lambda, reduced.lambda, q * q * sizeof(double));
		rectify(lambda, q);
	}
	return KS_OK;
}

static bool
is_singular(const double *lambda, size_t q)
{
	for (size_t i = 0; i < q; i++)
		if (lambda[i * q + i] < SINGULAR)
			return true;
	return false;
}

/* Length of a row of lambda: a relative standard deviation. */
static double
row_length(const double *lambda, size_t q, size_t row)
{
	double sum = 0;

	for (size_t j = 0; j <= row; j++)
		sum += lambda[row * q + j] * lambda[row * q + j];
	return sqrt(sum);
}

/*
 * A minimum where a correlation is 1 may stand beside one inside where it is
 * negative, and the other way round: search from lambda with its covariances turned
 * and away from the boundary.
 */
static KsStatus
search_turned(Fitting *fitting, double *lambda, KsMinimum *minimum)
{
	const size_t q = fitting->deviance.blocks->random;
	KsObjective objective = {objective_value, objective_derivatives, fitting};
	double theta[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	bool correlated = false;
	KsMinimum found;
	KsStatus status;

	for (size_t i = 0; i < fitting->count; i++)
	{
		const size_t row = fitting->row[i], column = fitting->column[i];

		theta[i] = -lambda[row * q + column];
		if (row == column)
			theta[i] = fmax(row_length(lambda, q, row), SINGULAR);
		else
			correlated = correlated || fabs(theta[i]) > SINGULAR;
	}
	if (!correlated)
		return KS_OK;
	status = ks_minimise(&objective, fitting->count, theta, fitting->deviance.env, &found);
	if (status != KS_OK)
		return status;
	minimum->iterations += found.iterations;
	if (found.value < minimum->value - SAME_DEVIANCE)
	{
		minimum->value = found.value;
		minimum->converged = found.converged;
		memcpy(lambda, fitting->lambda, q * q * sizeof(double));
		rectify(lambda, q);
	}
	return KS_OK;
}

/*
 * Find the best factor: lambda, and the deviance left there with its derivatives.
 * Where groups nest, a minimum without a variance of outer groups, or of groups, may
 * stand beside one with both: those are searched as well.
 */
static KsStatus
search_factor(Fitting *fitting, double *lambda, KsMinimum *minimum)
{
	static const double starts[][2] = {{1, 1}, {0.1, 0.1}, {1, 0}, {0, 1}};
	const size_t q = fitting->deviance.blocks->random;
	const size_t most = fitting->deviance.blocks->outer > 0 ? 4 : 2;
	double theta[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	int iterations = 0;
	KsStatus status;

	*minimum = (KsMinimum) {.value = INFINITY};
	for (size_t i = 0; i < most; i++)
	{
		KsMinimum found;

		if (i == 1 && !is_singular(lambda, q))
			continue;
		status = search_from(fitting, starts[i], theta, &found);
		if (status != KS_OK)
			return status;
		iterations += found.iterations;
		if (i == 0 || found.value < minimum->value - SAME_DEVIANCE)
		{
			*minimum = found;
			memcpy(lambda, fitting->lambda, q * q * sizeof(double));
			rectify(lambda, q);
		}
	}
	minimum->iterations = iterations;
	if (is_singular(lambda, q))
		status = search_turned(fitting, lambda, minimum);
	if (status == KS_OK)
		status = try_zeros(fitting, lambda, minimum);
	memcpy(fitting->lambda, lambda, q * q * sizeof(double));
	if (status == KS_OK)
		status = ks_mixed_deviance_at(&fitting->deviance, lambda);
	if (status == KS_OK && isfinite(fitting->deviance.value))
		status = ks_mixed_deviance_derive(&fitting->deviance, lambda);
	return status;
}

/* ---- estimates ------------------------------------------------------------------------- */

/* root (fixed x rank): vcov = sigma^2 * root * root'. */
static void
root_of_vcov(const KsMixedDeviance *deviance, size_t fixed, double *root)
{
	const size_t columns = deviance->blocks->columns, rank = columns - 1;
	const double *basis = deviance->blocks->fixed_basis;

	for (size_t i = 0; i < fixed; i++)
		for (size_t k = 0; k < rank; k++)
		{
			double sum = 0;

			for (size_t j = 0; j <= k; j++)
				sum += basis[i * columns + j] * deviance->inverse[k * columns + j];
			root[i * rank + k] = sum;
		}
}

/* beta = least squares + basis * the coefficients in the basis. */
static void
set_beta(const KsMixedDeviance *deviance, KsMixedFit *fit)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const size_t columns = blocks->columns;
	const double *last = deviance->inverse + (columns - 1) * columns;

	for (size_t i = 0; i < fit->fixed; i++)
	{
		const double *row = blocks->fixed_basis + i * columns;
		KsDD sum = ks_dd(-row[columns - 1]);

		for (size_t j = 0; j + 1 < columns; j++)
			sum = ks_dd_add(sum, ks_two_prod(row[j], -last[j] / last[columns - 1]));
		fit->beta[i] = blocks->fixed_used[i] ? ks_dd_value(sum) : NAN;
	}
}

/* to = scale * root * middle * root', middle packed (NULL: identity). */
static void
sandwich(const KsMixedFit *fit, const bool *used, const double *root, const double *middle,
		 double scale, double *half, double *to)
{
	const size_t fixed = fit->fixed, rank = fit->rank;

	for (size_t i = 0; i < fixed; i++)
	{
		for (size_t k = 0; k < rank; k++)
		{
			half[k] = middle == NULL ? root[i * rank + k] : 0;
			for (size_t j = 0; j < rank && middle != NULL; j++)
				half[k] += root[i * rank + j] * middle[ks_packed_at(j, k)];
		}
		for (size_t j = 0; j <= i; j++)
		{
			double sum = 0;

			for (size_t k = 0; k < rank; k++)
				sum += half[k] * root[j * rank + k];
			to[i * fixed + j] = to[j * fixed + i] = used[i] && used[j] ? scale * sum : NAN;
		}
	}
}

/*
 * Inverse of the Hessian of the variance parameters times 2.  Directions without
 * curvature (on the boundary) are left out, as lmerTest does.  vectors: n x n.
 */
static void
invert_hessian(double *hessian, size_t n, double *values, double *vectors, double *scale,
			   double *inverse)
{
	for (size_t i = 0; i < n; i++)
		scale[i] = hessian[i * n + i] > 0 ? 1 / sqrt(hessian[i * n + i]) : 1;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			hessian[i * n + j] *= scale[i] * scale[j];
	ks_symmetric_eigen(hessian, n, values, vectors);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
		{
			double sum = 0;

			for (size_t k = 0; k < n; k++)
				if (values[k] > 1e-10)
					sum += vectors[i * n + k] * vectors[j * n + k] / values[k];
			inverse[i * n + j] = 2 * sum * scale[i] * scale[j];
		}
}

/* vcov, and what the degrees of freedom need. */
static KsStatus
set_variances(Fitting *fitting, KsMixedFit *fit)
{
	const KsMixedDeviance *deviance = &fitting->deviance;
	const KsMixedBlocks *blocks = deviance->blocks;
	const KsEnv *env = deviance->env;
	const size_t count = fitting->count, width = count + 1, square = fit->fixed * fit->fixed;
	const size_t size = ks_packed_size(blocks->columns);
	const double variance = fit->sigma * fit->sigma;
	double *memory, *hessian, *vectors, *values, *scale, *gradient, *change, *root, *half;
	KsStatus status;

	memory = env->alloc(env->context,
						(2 * width * width + 3 * width + count * size +
						 fit->fixed * fit->rank + fit->rank) *
							sizeof(double));
	if (memory == NULL)
		return KS_NO_MEMORY;
	hessian = memory;
	vectors = hessian + width * width;
	values = vectors + width * width;
	scale = values + width;
	gradient = scale + width;
	change = gradient + width;
	root = change + count * size;
	half = root + fit->fixed * fit->rank;
	status = ks_mixed_theta_derivatives(deviance, fitting->lambda, count, fitting->row,
										fitting->column, true, gradient, hessian, change);
	if (status == KS_OK)
	{
		invert_hessian(hessian, width, values, vectors, scale, fit->parameter_vcov);
		root_of_vcov(deviance, fit->fixed, root);
		sandwich(fit, blocks->fixed_used, root, NULL, variance, half, fit->vcov);
		for (size_t i = 0; i < count; i++)
			sandwich(fit, blocks->fixed_used, root, change + i * size, variance, half,
					 fit->jacobian + i * square);
		for (size_t i = 0; i < square; i++)
			fit->jacobian[count * square + i] = 2 / fit->sigma * fit->vcov[i];
	}
	env->free(env->context, memory);
	return status;
}

/* Factor and covariance of the random effects in their own units. */
static void
set_covariance(const Fitting *fitting, KsMixedFit *fit)
{
	const size_t q = fit->random;

	memcpy(fit->basis, fitting->deviance.blocks->random_basis, q * q * sizeof(double));
	memcpy(fit->basis_factor, fitting->lambda, q * q * sizeof(double));
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
		{
			fit->factor[i * q + j] = 0;
			for (size_t k = j; k <= i; k++)
				fit->factor[i * q + j] += fit->basis[i * q + k] * fitting->lambda[k * q + j];
		}
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
		{
			double sum = 0;

			for (size_t k = 0; k < q; k++)
				sum += fit->factor[i * q + k] * fit->factor[j * q + k];
			fit->covariance[i * q + j] = sum * fit->sigma * fit->sigma;
		}
	for (size_t i = 0; i < fit->thetas; i++)
		fit->theta[i] = fit->factor[fitting->row[i] * q + fitting->column[i]];
}

/* Why the model cannot be fitted, or true. */
static bool
can_be_fitted(const KsMixedSource *source, const KsMixedBlocks *blocks, KsMixedFit *fit)
{
	size_t used = 0, start = 0;

	for (size_t i = 0; i < source->random; i++)
		used += blocks->random_used[i];
	if (source->groups < 2)
		ks_note(fit->note, source->groups == 0 ? "no complete rows" : "only one group");
	else if (source->crossed)
		ks_note(fit->note, "the grouping factors cross: neither nests in the other");
	else if (source->outer > 0 && source->outer_groups < 2)
		ks_note(fit->note, "only one outer group");
	else if (source->outer_groups == source->groups)
		ks_note(fit->note, "one group in each outer group: their variances cannot be told "
						   "apart");
	else if (source->n <= (int64_t) blocks->columns)
		ks_note(fit->note, "no more rows than coefficients");
	else if (blocks->exact)
		ks_note(fit->note, "the outcome is constant or the fixed effects fit it exactly");
	else if (used == 0)
		ks_note(fit->note, "the random effects' columns are all zero");
	for (size_t i = 0; i < source->terms && fit->note[0] == '\0'; start += source->term_size[i++])
	{
		const size_t groups =
			start < source->random - source->outer ? source->groups : source->outer_groups;

		if (source->n <= (int64_t)(groups * source->term_size[i]))
			ks_note(fit->note, "as many random effects as rows: they cannot be told "
							   "from the residual");
	}
	return fit->note[0] == '\0';
}

static void
add_notes(const KsMixedBlocks *blocks, KsMixedFit *fit)
{
	size_t unused = 0;

	for (size_t i = 0; i < fit->random; i++)
		unused += !blocks->random_used[i];
	if (fit->rank < fit->fixed)
		ks_note(fit->note, "%zu coefficient%s cannot be estimated", fit->fixed - fit->rank,
				fit->fixed - fit->rank == 1 ? "" : "s");
	if (unused > 0)
		ks_note(fit->note, "%zu random effect%s the others: variance set to 0", unused,
				unused == 1 ? " depends on" : "s depend on");
	if (fit->singular)
		ks_note(fit->note, "singular fit: a variance is 0 or a correlation is 1");
	if (!fit->converged)
		ks_note(fit->note, "the search did not converge");
}

static void
clear_figures(KsMixedFit *fit, size_t doubles, double *memory)
{
	fit->deviance = fit->log_lik = fit->sigma = NAN;
	for (size_t i = 0; i < doubles; i++)
		memory[i] = NAN;
}

/* Room for the figures, all NaN. */
static KsStatus
create_figures(const KsMixedSource *source, size_t thetas, const KsEnv *env, KsMixedFit *fit)
{
	const size_t q = source->random, p = source->fixed, width = thetas + 1;
	const size_t doubles = thetas + 4 * q * q + p + p * p + width * width + width * p * p;

	fit->thetas = thetas;
	fit->theta = env->alloc(env->context, doubles * sizeof(double));
	if (fit->theta == NULL)
		return KS_NO_MEMORY;
	fit->factor = fit->theta + thetas;
	fit->covariance = fit->factor + q * q;
	fit->basis = fit->covariance + q * q;
	fit->basis_factor = fit->basis + q * q;
	fit->beta = fit->basis_factor + q * q;
	fit->vcov = fit->beta + p;
	fit->parameter_vcov = fit->vcov + p * p;
	fit->jacobian = fit->parameter_vcov + width * width;
	clear_figures(fit, doubles, fit->theta);
	return KS_OK;
}

static KsStatus
estimate(Fitting *fitting, KsMixedFit *fit)
{
	const KsMixedBlocks *blocks = fitting->deviance.blocks;
	const double whole = blocks->cross[blocks->columns * blocks->columns - 1];
	double lambda[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	KsMinimum minimum;
	KsStatus status = search_factor(fitting, lambda, &minimum);

	if (status != KS_OK)
		return status;
	fit->iterations = minimum.iterations;
	if (!(fitting->deviance.residual > NO_RESIDUAL * whole) ||
		!isfinite(fitting->deviance.value))
	{
		ks_note(fit->note, "the random effects fit the outcome exactly");
		return KS_OK;
	}
	fit->converged = minimum.converged;
	fit->singular = is_singular(lambda, fit->random);
	fit->deviance = fitting->deviance.value;
	fit->log_lik = -fit->deviance / 2;
	fit->sigma = sqrt(fitting->deviance.residual / fitting->deviance.df);
	set_beta(&fitting->deviance, fit);
	set_covariance(fitting, fit);
	add_notes(blocks, fit);
	return set_variances(fitting, fit);
}

KsStatus
ks_mixed_fit(const KsMixedSource *source, bool reml, const KsEnv *env, KsMixedFit *fit)
{
	KsMixedBlocks blocks;
	Fitting fitting;
	KsStatus status;

	memset(fit, 0, sizeof(*fit));
	fit->n = source->n;
	fit->groups = source->groups;
	fit->fixed = source->fixed;
	fit->random = source->random;
	fit->outer = source->outer;
	fit->outer_groups = source->outer_groups;
	fit->reml = reml;
	if (source->random > KS_MIXED_MOST_RANDOM)
		return KS_TOO_LARGE;
	status = ks_mixed_blocks_build(source, env, &blocks);
	if (status == KS_OK)
	{
		fit->rank = blocks.columns - 1;
		list_elements(source, blocks.random_used, &fitting);
		status = create_figures(source, fitting.count, env, fit);
	}
	if (status == KS_OK && can_be_fitted(source, &blocks, fit))
	{
		status = ks_mixed_deviance_create(&blocks, reml, env, &fitting.deviance);
		if (status == KS_OK)
			status = estimate(&fitting, fit);
		ks_mixed_deviance_free(&fitting.deviance);
	}
	ks_mixed_blocks_free(env, &blocks);
	return status;
}

void
ks_mixed_fit_free(const KsEnv *env, KsMixedFit *fit)
{
	if (fit->theta != NULL)
		env->free(env->context, fit->theta);
	memset(fit, 0, sizeof(*fit));
}

/* ---- deviance at a theta ------------------------------------------------------------------ */

/* Factor in the basis of one in the columns' own units: basis \ factor. */
static void
factor_in_basis(const KsMixedBlocks *blocks, double *factor)
{
	const size_t q = blocks->random;
	const double *basis = blocks->random_basis;

	for (size_t j = 0; j < q; j++)
		for (size_t i = 0; i < q; i++)
		{
			for (size_t k = 0; k < i; k++)
				factor[i * q + j] -= basis[i * q + k] * factor[k * q + j];
			factor[i * q + j] = blocks->random_used[i] ? factor[i * q + j] / basis[i * q + i] : 0;
		}
}

KsStatus
ks_mixed_deviance_at_theta(const KsMixedSource *source, bool reml, const double *theta,
						   const KsEnv *env, double *deviance)
{
	KsMixedBlocks blocks;
	Fitting fitting;
	KsStatus status;

	*deviance = NAN;
	if (source->random > KS_MIXED_MOST_RANDOM)
		return KS_TOO_LARGE;
	status = ks_mixed_blocks_build(source, env, &blocks);
	if (status == KS_OK)
		status = ks_mixed_deviance_create(&blocks, reml, env, &fitting.deviance);
	if (status == KS_OK)
	{
		list_elements(source, blocks.random_used, &fitting);
		set_lambda(&fitting, theta);
		factor_in_basis(&blocks, fitting.lambda);
		status = ks_mixed_deviance_at(&fitting.deviance, fitting.lambda);
		if (isfinite(fitting.deviance.value))
			*deviance = fitting.deviance.value;
		ks_mixed_deviance_free(&fitting.deviance);
	}
	ks_mixed_blocks_free(env, &blocks);
	return status;
}
