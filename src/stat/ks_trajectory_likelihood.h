/*
 * ks_trajectory_likelihood.h
 *	  The likelihood of a mixture of mean curves with a common variance: one step
 *	  of the EM algorithm, and exact derivatives.
 */
#ifndef KS_TRAJECTORY_LIKELIHOOD_H
#define KS_TRAJECTORY_LIKELIHOOD_H

#include "stat/ks_optimise.h"
#include "stat/ks_trajectory_data.h"

/*
 * The variance is not taken smaller, in units of the residual of least squares: below,
 * the sums it is computed from hold nothing but rounding.
 */
#define KS_TRAJECTORY_LEAST_VARIANCE 1e-12

/* Shift logarithms so that the shares sum to 1. */
extern void ks_normalise_shares(double *log_share, size_t groups);

/*
 * A mixture's parameters lie in one array: groups x columns coefficients, log
 * sigma squared, and log share of each group (EM), or log ratio of the shares of
 * groups 2, 3... to the first (derivatives).
 */
static inline size_t
ks_trajectory_sigma_at(const KsTrajectoryData *data, size_t groups)
{
	return groups * data->columns;
}

typedef struct KsMixture
{
	const KsTrajectoryData *data;
	const KsEnv *env;
	size_t groups;
	double *posterior; /* subjects x groups, filled when not NULL */
	double *table;	   /* patterns x groups: constants of the log density */
	double *weight;	   /* patterns x groups: sums of posteriors */
	double *sums;	   /* scratch */
} KsMixture;

extern KsStatus ks_mixture_create(const KsTrajectoryData *data, size_t groups,
								  const KsEnv *env, KsMixture *mixture);
extern void ks_mixture_free(KsMixture *mixture);

/* Parameters from posteriors already in mixture->posterior; false when a group is too small. */
extern bool ks_mixture_maximise(KsMixture *mixture, double *parameters);

/*
 * One step of EM: replace the parameters by better ones; log_lik is that of the
 * parameters given.  *possible is false when a group is left with too little to
 * estimate its curve.
 */
extern KsStatus ks_mixture_step(KsMixture *mixture, double *parameters, double *log_lik,
								bool *possible);

/*
 * -log likelihood and its exact gradient and Hessian by groups * columns
 * coefficients, log sigma squared and groups - 1 log ratios.
 */
extern KsStatus ks_mixture_derivatives(KsMixture *mixture, const double *parameters,
									   double *value, double *gradient, double *hessian);

/*
 * Newton's method from parameters as EM has them to the optimum within rounding; they
 * are left as derivatives take them.
 */
extern KsStatus ks_mixture_finish(KsMixture *mixture, double *parameters,
								  KsMinimum *minimum);

#endif
