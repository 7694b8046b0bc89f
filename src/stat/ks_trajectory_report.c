/*
 * ks_trajectory_report.c
 *	  What tables show of fitted trajectory groups.
 */
#include "stat/ks_trajectory_report.h"

#include <string.h>

#include "stat/ks_dist.h"

KsTrajectoryCoefficient
ks_trajectory_coefficient(const KsTrajectoryFit *fit, size_t group, size_t column)
{
	const size_t all = fit->groups * fit->fixed, at = group * fit->fixed + column;
	KsTrajectoryCoefficient out = {fit->beta[at], sqrt(fit->vcov[at * all + at]), NAN};

	if (out.std_error > 0)
		out.p_value = fmin(1, 2 * ks_normal_cdf(fabs(out.estimate / out.std_error), false));
	return out;
}

double
ks_trajectory_smallest(const KsTrajectoryFit *fit)
{
	double smallest = fit->groups > 0 ? fit->share[0] : NAN;

	for (size_t k = 1; k < fit->groups; k++)
		smallest = fmin(smallest, fit->share[k]);
	return smallest;
}

double
ks_trajectory_lowest_posterior(const KsTrajectoryFit *fit)
{
	double lowest = fit->groups > 0 ? fit->mean_posterior[0] : NAN;

	for (size_t k = 1; k < fit->groups; k++)
		if (!(fit->mean_posterior[k] >= lowest))
			lowest = fit->mean_posterior[k];
	return lowest;
}

size_t
ks_trajectory_assigned(const KsTrajectoryFit *fit, size_t subject)
{
	const double *posterior = fit->posterior + subject * fit->groups;
	size_t most = 0;

	for (size_t k = 1; k < fit->groups; k++)
		if (posterior[k] > posterior[most])
			most = k;
	return most;
}

void
ks_trajectory_glance(const KsTrajectoryFit *fit, KsModelFit *out)
{
	memset(out, 0, sizeof(*out));
	out->n = fit->n;
	out->n_groups = (int64_t) fit->subjects;
	out->sigma = fit->sigma;
	out->r_squared = out->adj_r_squared = NAN;
	out->log_lik = fit->log_lik;
	out->deviance = -2 * fit->log_lik;
	out->aic = fit->aic;
	out->bic = out->bic_groups = fit->bic;
	out->df_residual =
		isnan(fit->sigma) ? NAN : (double) fit->n - (double) fit->parameters;
	out->entropy = fit->entropy;
	out->smallest_group = ks_trajectory_smallest(fit);
	out->converged = fit->converged;
	out->method = "mixture of curves by EM";
	ks_note(out->note, "%s", fit->note);
}
