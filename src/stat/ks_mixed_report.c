/*
 * ks_mixed_report.c
 *	  What tables show of a fitted linear mixed model.
 *
 * Counting parameters as lme4 does: fixed effects that can be estimated, elements
 * of the relative covariance factor, and the residual variance; a parameter on
 * the boundary counts like any other.
 */
#include "stat/ks_mixed_report.h"

#include <string.h>

#include "stat/ks_dist.h"

KsMixedComponent
ks_mixed_component(const KsMixedFit *fit, size_t i, size_t j)
{
	const double *covariance = fit->covariance;
	const size_t q = fit->random;
	KsMixedComponent component = {covariance[i * q + j], NAN, NAN};

	if (i == j)
		component.sd = sqrt(component.variance);
	else
		component.correlation =
			component.variance / sqrt(covariance[i * q + i] * covariance[j * q + j]);
	return component;
}

KsMixedComponent
ks_mixed_residual(const KsMixedFit *fit)
{
	return (KsMixedComponent){fit->sigma * fit->sigma, fit->sigma, NAN};
}

void
ks_mixed_glance(const KsMixedFit *fit, double parameters, KsModelFit *out)
{
	memset(out, 0, sizeof(*out));
	out->n = fit->n;
	out->n_groups = (int64_t) fit->groups;
	out->sigma = fit->sigma;
	out->r_squared = out->adj_r_squared = out->entropy = out->smallest_group = NAN;
	out->log_lik = fit->log_lik;
	out->deviance = fit->deviance;
	out->aic = fit->deviance + 2 * parameters;
	out->bic = fit->deviance + parameters * log((double) fit->n);
	out->bic_groups = fit->deviance + parameters * log((double) fit->groups);
	out->df_residual = isnan(fit->sigma) ? NAN : (double) fit->n - parameters;
	out->converged = fit->converged;
	out->method = fit->reml ? "REML" : "ML";
	ks_note(out->note, "%s", fit->note);
}

void
ks_mixed_compare(const KsMixedFit *a, const KsMixedFit *b, KsComparison *out)
{
	double gain = 2 * (b->log_lik - a->log_lik);

	out->log_lik_a = a->log_lik;
	out->log_lik_b = b->log_lik;
	out->df = fabs(out->parameters_b - out->parameters_a);
	out->statistic = out->parameters_b >= out->parameters_a ? gain : -gain;
	out->p_value = NAN;
	out->method = "likelihood ratio test";
	out->note[0] = '\0';
	if (isnan(gain))
		ks_note(out->note, "a model could not be fitted");
	else if (out->df == 0)
		ks_note(out->note, "the models have equally many parameters");
	else
	{
		out->p_value = ks_chi_squared_cdf(fmax(out->statistic, 0), out->df, false);
		if (a->random != b->random)
			ks_note(out->note, "a variance of 0 lies on the boundary: the p value is too "
							   "large");
	}
}
