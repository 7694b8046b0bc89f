/*
 * ks_trajectory_likelihood.h
 *	  The likelihood of a mixture of mean curves with a common variance: one step
 *	  of the EM algorithm, and exact derivatives.
 */
#ifndef KS_TRAJECTORY_LIKELIHOOD_H
#define KS_TRAJECTORY_LIKELIHOOD_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/*
 * What the rows left behind: X with `fixed` columns, y after it, of each subject
 * and of all.  Subjects come in an order that depends on their keys alone.
 */
typedef struct KsTrajectorySource
{
	size_t fixed;
	size_t subjects;
	int64_t n;			/* rows */
	const KsDD *cross;	/* packed [X y]'[X y] of all rows, fixed + 1 columns */
	const double *last; /* row of X at the last time: groups are ordered by their mean there */

	/* Fetch a subject: its rows and its packed [X y]'[X y]. */
	void (*block)(const void *context, size_t subject, int64_t *n, KsDD *cross);
	const void *context;
} KsTrajectorySource;

/*
 * The same in units of the residual of least squares, with the columns of X that
 * can be estimated made orthogonal with mean square 1.  Subjects seen at the same
 * times share a pattern.
 */
typedef struct KsTrajectoryData
{
	size_t columns; /* estimable columns of X */
	size_t subjects;
	size_t patterns;
	int64_t n;
	uint32_t *pattern;	  /* subject: its pattern */
	double *rows;		  /* pattern: rows of each of its subjects */
	double *cross;		  /* pattern: packed X'X */
	double *products;	  /* subject: X'y, then y'y */
	double sum_squares;	  /* y'y of all */
	double unit;		  /* what y was divided by */
	double *basis;		  /* fixed x columns, as ks_orthonormal_basis, times sqrt(n) */
	double *least_squares; /* fixed: coefficients taken off y */
	bool *used;			  /* fixed: false where a column depends on those before it */
	bool exact;			  /* least squares leave no residual */
} KsTrajectoryData;

extern KsStatus ks_trajectory_read(const KsTrajectorySource *source, const KsEnv *env,
								   KsTrajectoryData *data);
extern void ks_trajectory_data_free(const KsEnv *env, KsTrajectoryData *data);

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

#endif
