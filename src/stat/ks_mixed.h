/*
 * ks_mixed.h
 *	  Linear mixed models with one grouping factor, or two that nest (R lme4::lmer),
 *	  fitted from cross-products.
 */
#ifndef KS_MIXED_H
#define KS_MIXED_H

#include "stat/ks_mixed_blocks.h"
#include "stat/ks_mixed_deviance.h"

/*
 * A fitted model.  Matrices are stored row by row, square ones in full.  A
 * coefficient that depends on those before it is NaN, with its row of vcov.  When
 * the model cannot be fitted every figure is NaN and the note says why.
 */
typedef struct KsMixedFit
{
	int64_t n;
	size_t groups;
	size_t fixed;	 /* columns of X */
	size_t rank;	 /* ... that can be estimated */
	size_t random;	 /* columns of Z */
	size_t outer;	 /* ... the last of them, that belong to outer groups */
	size_t outer_groups;
	size_t thetas;	 /* elements of the relative factor that are estimated */
	bool reml;
	bool converged;
	bool singular;	 /* a variance is 0 or a correlation 1 */
	int iterations;
	double deviance; /* -2 log likelihood, restricted when reml, all constants kept */
	double log_lik;
	double sigma;
	double *theta;		/* thetas, term by term, the lower triangle column by column */
	double *factor;		/* random x random: relative covariance factor, lower */
	double *covariance; /* random x random: covariance of the random effects */
	double *beta;		/* fixed */
	double *vcov;		/* fixed x fixed */

	/*
	 * For degrees of freedom: variance parameters are the elements of the factor in
	 * the basis of the blocks, and sigma, thetas + 1 of them.
	 */
	double *parameter_vcov; /* (thetas + 1) x (thetas + 1) */
	double *jacobian;		/* (thetas + 1) x fixed x fixed: change of vcov with each */
	double *basis;			/* random x random: basis of Z, see KsMixedBlocks */
	double *basis_factor;	/* random x random: relative factor in that basis */
	char note[KS_NOTE_SIZE];
} KsMixedFit;

/*
 * Fit by restricted maximum likelihood, or by maximum likelihood.  KS_TOO_LARGE
 * when random is above KS_MIXED_MOST_RANDOM.  Free the fit also after a failure.
 */
extern KsStatus ks_mixed_fit(const KsMixedSource *source, bool reml, const KsEnv *env,
							 KsMixedFit *fit);
extern void ks_mixed_fit_free(const KsEnv *env, KsMixedFit *fit);

/*
 * Deviance at a given theta (as KsMixedFit has it), profiled over beta and sigma.
 * NaN where it is not defined.
 */
extern KsStatus ks_mixed_deviance_at_theta(const KsMixedSource *source, bool reml,
										   const double *theta, const KsEnv *env,
										   double *deviance);

/*
 * Conditional modes of the random effects given the estimates and their
 * conditional covariances: groups x random, and groups x random x random or NULL.
 * With `outer` columns of outer groups random is less these, and after the groups
 * come the outer groups: outer_groups x outer, and outer_groups x outer x outer.
 */
extern KsStatus ks_mixed_modes(const KsMixedSource *source, const KsMixedFit *fit,
							   const KsEnv *env, double *modes, double *covariances);

#endif
