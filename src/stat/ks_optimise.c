/*
 * ks_optimise.c
 *	  Newton's method for a handful of parameters.
 *
 * The functions minimised here have exact second derivatives at the price of a
 * few values, so Newton's method is both the fastest and the most precise choice:
 * it stops within rounding of the optimum.  Where the Hessian is not positive
 * definite its eigenvalues are replaced by their absolute values; at a stationary
 * point with a negative one the search goes on along its eigenvector.
 *
 * Source: Nocedal and Wright, Numerical Optimization, 2nd ed., sections 3.1, 3.4.
 */
#include "stat/ks_optimise.h"

#include <string.h>

#include "stat/ks_matrix.h"

#define MOST_ITERATIONS 200
#define MOST_HALVINGS 50

/* Expected decrease of the value below which the search ends. */
#define DECREASE 1e-16
/* Eigenvalues are not taken smaller than this share of the largest. */
#define FLAT 1e-7
/* Rounding error of a value, relative to it. */
#define NOISE 1e-12
/* A step is at most this long, relative to the point where that is longer than 1. */
#define LONGEST_STEP 2.0

typedef struct Search
{
	const KsObjective *objective;
	size_t n;
	double *at;
	double *trial;
	double *step;
	double *gradient;
	double *hessian;
	double *eigenvalue;
	double *eigenvector;
	double value;
	double decrease; /* expected of the step, twice */
	double noise;
} Search;

static double
length_of(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	return sqrt(sum);
}

/* Newton's step, no longer than allowed. */
static void
find_step(Search *search)
{
	const size_t n = search->n;
	double largest = 0, longest, length;

	ks_symmetric_eigen(search->hessian, n, search->eigenvalue, search->eigenvector);
	for (size_t k = 0; k < n; k++)
		largest = fmax(largest, fabs(search->eigenvalue[k]));
	memset(search->step, 0, n * sizeof(double));
	search->decrease = 0;
	for (size_t k = 0; k < n; k++)
	{
		const double curvature = fmax(fabs(search->eigenvalue[k]), FLAT * largest);
		double slope = 0;

		for (size_t i = 0; i < n; i++)
			slope += search->eigenvector[i * n + k] * search->gradient[i];
		if (slope == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			search->step[i] -= search->eigenvector[i * n + k] * slope / curvature;
		search->decrease += slope * slope / curvature;
	}
	longest = LONGEST_STEP * fmax(1, length_of(search->at, n));
	length = length_of(search->step, n);
	for (size_t i = 0; i < n && length > longest; i++)
		search->step[i] *= longest / length;
}

/* Value at the point `share` of the step away. */
static KsStatus
try_step(Search *search, double share, double *value)
{
	for (size_t i = 0; i < search->n; i++)
		search->trial[i] = search->at[i] + share * search->step[i];
	return search->objective->value(search->objective->context, search->trial, value);
}

static void
move(Search *search, double value)
{
	memcpy(search->at, search->trial, search->n * sizeof(double));
	search->value = value;
}

/* Halve the step until the value falls; *moved tells whether it did. */
static KsStatus
follow_step(Search *search, bool *moved)
{
	double share = 1;

	*moved = false;
	for (int i = 0; i < MOST_HALVINGS; i++, share /= 2)
	{
		double value;
		KsStatus status = try_step(search, share, &value);

		if (status != KS_OK)
			return status;
		if (value <= search->value - 1e-4 * share * search->decrease ||
			(search->decrease < search->noise && value <= search->value + search->noise))
		{
			*moved = true;
			move(search, value);
			return KS_OK;
		}
	}
	return KS_OK;
}

/* At a stationary point: move along the most negative curvature where that helps. */
static KsStatus
leave_saddle(Search *search, bool *moved)
{
	const size_t n = search->n;
	double largest = 0;
	size_t lowest = 0;

	*moved = false;
	for (size_t k = 0; k < n; k++)
	{
		largest = fmax(largest, fabs(search->eigenvalue[k]));
		lowest = search->eigenvalue[k] < search->eigenvalue[lowest] ? k : lowest;
	}
	if (n == 0 || search->eigenvalue[lowest] >= -10 * FLAT * largest)
		return KS_OK;
	for (size_t i = 0; i < n; i++)
		search->step[i] = search->eigenvector[i * n + lowest];
	for (double share = 1; share > 1e-4; share /= -3)
	{
		double value;
		KsStatus status = try_step(search, share, &value);

		if (status != KS_OK)
			return status;
		if (value < search->value - search->noise)
		{
			*moved = true;
			move(search, value);
			return KS_OK;
		}
	}
	return KS_OK;
}

/* Where the value no longer tells points apart the step still nears the optimum. */
static void
take_last_step(Search *search)
{
	double lowest = search->n > 0 ? search->eigenvalue[0] : 0, largest = 0;

	for (size_t k = 0; k < search->n; k++)
	{
		lowest = fmin(lowest, search->eigenvalue[k]);
		largest = fmax(largest, fabs(search->eigenvalue[k]));
	}
	for (size_t i = 0; i < search->n && lowest > FLAT * largest; i++)
		search->at[i] += search->step[i];
}

static KsStatus
run(Search *search, KsMinimum *minimum)
{
	const KsObjective *objective = search->objective;
	KsStatus status = objective->value(objective->context, search->at, &search->value);
	bool moved = true;

	while (status == KS_OK && moved && isfinite(search->value) &&
		   minimum->iterations < MOST_ITERATIONS)
	{
		minimum->iterations++;
		search->noise = NOISE * (1 + fabs(search->value));
		status = objective->derivatives(objective->context, search->at, search->gradient,
										search->hessian);
		if (status != KS_OK)
			return status;
		find_step(search);
		minimum->converged = search->decrease < DECREASE;
		status = minimum->converged ? leave_saddle(search, &moved)
									: follow_step(search, &moved);
		if (status == KS_OK && minimum->converged && !moved)
			take_last_step(search);
		if (!moved && search->decrease < search->noise)
			minimum->converged = true;
		else if (moved)
			minimum->converged = false;
	}
	minimum->value = search->value;
	if (status == KS_OK)
		status = objective->value(objective->context, search->at, &minimum->value);
	return status;
}

KsStatus
ks_minimise(const KsObjective *objective, size_t n, double *at, const KsEnv *env,
			KsMinimum *minimum)
{
	Search search = {.objective = objective, .n = n, .at = at};
	double *memory = env->alloc(env->context, (4 * n + 2 * n * n + 1) * sizeof(double));
	KsStatus status;

	memset(minimum, 0, sizeof(*minimum));
	if (memory == NULL)
		return KS_NO_MEMORY;
	search.trial = memory;
	search.step = search.trial + n;
	search.gradient = search.step + n;
	search.eigenvalue = search.gradient + n;
	search.hessian = search.eigenvalue + n;
	search.eigenvector = search.hessian + n * n;
	status = run(&search, minimum);
	env->free(env->context, memory);
	return status;
}
