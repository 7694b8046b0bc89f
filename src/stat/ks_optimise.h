/*
 * ks_optimise.h
 *	  Minimum of a smooth function with known derivatives.
 */
#ifndef KS_OPTIMISE_H
#define KS_OPTIMISE_H

#include "stat/ks_base.h"

/* A function of n values; a value that is not finite marks a point out of bounds. */
typedef struct KsObjective
{
	KsStatus (*value)(void *context, const double *at, double *value);
	/* gradient (n) and Hessian (n x n) at the point of the last call of value */
	KsStatus (*derivatives)(void *context, const double *at, double *gradient,
							double *hessian);
	void *context;
} KsObjective;

typedef struct KsMinimum
{
	double value;
	int iterations;
	bool converged;
} KsMinimum;

/*
 * Newton's method from `at` (n values, replaced by the minimum), with the
 * Hessian's eigenvalues taken positive, shortened steps, and a way out of saddle
 * points.  The last call of `value` is at the minimum.
 */
extern KsStatus ks_minimise(const KsObjective *objective, size_t n, double *at,
							const KsEnv *env, KsMinimum *minimum);

#endif
