/*
 * ks_mixed_deviance.h
 *	  The profiled deviance of a linear mixed model and its exact first and second
 *	  derivatives.
 */
#ifndef KS_MIXED_DEVIANCE_H
#define KS_MIXED_DEVIANCE_H

#include "stat/ks_mixed_blocks.h"

#define KS_MIXED_MOST_RANDOM 16

/*
 * The deviance at one relative factor.  With columns = those of the blocks and
 * pairs = the packed pairs of random columns, in the bases of the blocks:
 */
typedef struct KsMixedDeviance
{
	const KsMixedBlocks *blocks;
	const KsEnv *env;
	bool reml;
	double df;		 /* n, less the estimable fixed effects when reml */
	double value;	 /* -2 log likelihood; infinite where it cannot be computed */
	double residual; /* penalized residual sum of squares */
	double *factor;	 /* lower Cholesky factor of [X y]'V^-1[X y] */
	double *inverse; /* its inverse */

	/*
	 * Derivatives by the relative covariance S of the random effects, where the
	 * deviance changes by the trace of gradient * dS, the trace of dS1 * Q * dS2 * Y
	 * summed by curvature[pair of Q * pairs + pair of Y], and by the products.
	 */
	double *gradient;  /* random x random */
	double *curvature; /* pairs x pairs */
	double *products;  /* pairs x packed columns: -d [X y]'V^-1[X y], see products_by */
	double *coupling;  /* pairs x pairs: more of the second derivative, where groups nest */
	double *nested;	   /* ... and its workspace (ks_mixed_nested.h) */
	double *scratch;
} KsMixedDeviance;

extern KsStatus ks_mixed_deviance_create(const KsMixedBlocks *blocks, bool reml,
										 const KsEnv *env, KsMixedDeviance *deviance);
extern void ks_mixed_deviance_free(KsMixedDeviance *deviance);

/* Set value, residual and factor at a lower triangular random x random lambda. */
extern KsStatus ks_mixed_deviance_at(KsMixedDeviance *deviance, const double *lambda);

/* Set the derivatives at the lambda of the last call of ks_mixed_deviance_at. */
extern KsStatus ks_mixed_deviance_derive(KsMixedDeviance *deviance, const double *lambda);

/*
 * K of a group with packed Z'Z at lambda, so that the conditional covariance of its
 * random effects is sigma^2 K: kernel, random x random.
 */
extern void ks_mixed_kernel(const double *zz, const double *lambda, size_t random,
							double *kernel);

/*
 * Gradient and Hessian by `count` elements (row[i], column[i]) of lambda.
 * hessian: count x count, of the deviance profiled over beta and sigma; or, when
 * with_sigma, (count + 1) x (count + 1), profiled over beta only, sigma last.
 * change (count x packed columns, may be NULL): how [X y]'V^-1[X y], with the
 * residual sum of squares scaled to df, changes with each element, negated, in
 * the basis that makes it the identity.
 */
extern KsStatus ks_mixed_theta_derivatives(const KsMixedDeviance *deviance,
										   const double *lambda, size_t count,
										   const size_t *row, const size_t *column,
										   bool with_sigma, double *gradient,
										   double *hessian, double *change);

#endif
