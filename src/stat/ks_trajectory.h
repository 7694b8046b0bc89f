/*
 * ks_trajectory.h
 *	  Trajectory groups: a mixture of mean curves with normal errors of a common
 *	  variance (Nagin's group-based model; R lcmm::hlme without random effects).
 */
#ifndef KS_TRAJECTORY_H
#define KS_TRAJECTORY_H

#include "stat/ks_trajectory_search.h"

/*
 * A fitted mixture; groups in the order of their mean at the last time.  Matrices
 * row by row.  A coefficient that depends on those before it is NaN, with its rows
 * of vcov.  When no mixture of so many groups is found every figure is NaN and the
 * note says why.
 */
typedef struct KsTrajectoryFit
{
	int64_t n;
	size_t subjects;
	size_t groups;
	size_t fixed;
	size_t parameters; /* estimated: coefficients, shares less one, sigma */
	size_t starts;
	size_t reached; /* starts that came to the optimum reported */
	int iterations; /* EM steps of all starts */
	bool converged;
	double log_lik;
	double aic;
	double bic;				 /* by subjects */
	double bic_observations; /* by rows */
	double entropy;			 /* relative: 1 when every subject's group is certain; NaN for one group */
	double sigma;
	double *share;			/* groups */
	double *share_error;	/* groups: standard errors */
	double *mean_posterior; /* groups: of the subjects assigned, NaN without any */
	double *assigned;		/* groups: subjects whose most probable group this is */
	double *beta;			/* groups x fixed */
	double *vcov;			/* groups * fixed squared, of all coefficients */
	double *posterior;		/* subjects x groups */
	char note[KS_NOTE_SIZE];
} KsTrajectoryFit;

/*
 * Fit `groups` trajectories from `starts` starting points drawn with `seed`: the
 * first splits the subjects by their level, the others depart from subjects drawn
 * at random.  KS_TOO_LARGE above KS_TRAJECTORY_MOST_GROUPS.  Free the fit also
 * after a failure.
 */
extern KsStatus ks_trajectory_fit(const KsTrajectorySource *source, size_t groups,
								  size_t starts, uint64_t seed, const KsEnv *env,
								  KsTrajectoryFit *fit);
extern void ks_trajectory_fit_free(const KsEnv *env, KsTrajectoryFit *fit);

/*
 * Mean of a group at a row of X (fixed values) with its interval; NaN where a
 * coefficient in it could not be estimated.
 */
extern void ks_trajectory_mean(const KsTrajectoryFit *fit, size_t group, const double *row,
							   double conf_level, double *estimate, double *conf_low,
							   double *conf_high);

#endif
