/*
 * ks_mediation_sensitivity.c
 *	  How strong would confounding have to be?
 *
 * Sensitivity of the indirect effect: Imai, Keele and Yamamoto (2010), Stat.
 * Sci. 25:51, as medsens of R's mediation.  An unmeasured common cause of
 * mediator and outcome makes the residuals of the two models correlate by rho.
 * Given rho the likelihood is that of two regressions on the same columns, so
 * path a stays as it is and b moves to
 *		b - rho / sqrt(1 - rho^2) * sd(residuals of y) / sd(residuals of m);
 * medsens reaches the same by iterated least squares.  Its divisor n - 1 and
 * its normal limits are kept.
 *
 * E-value: VanderWeele and Ding (2017), Ann. Intern. Med. 167:268, with the
 * approximate conversions to a risk ratio of their table 2.
 */
#include "stat/ks_mediation.h"

#include "stat/ks_dist.h"

void
ks_mediation_sensitivity(const KsMediationFit *fit, double rho, double conf_level,
						 KsMediationSensitivity *out)
{
	double quantile = ks_normal_quantile(0.5 - conf_level / 2, false);
	double ratio, b, b_variance, a_variance, error;

	*out = (KsMediationSensitivity){.rho = rho, .indirect = NAN};
	out->conf_low = out->conf_high = out->rho_at_zero = NAN;
	ks_note(out->note, "%s", fit->note);
	if (!fit->usable)
		return;
	ratio = sqrt(fit->outcome_rss / fit->mediator_rss);
	b = fit->paths.b - rho / sqrt((1 - rho) * (1 + rho)) * ratio;
	a_variance = fit->mediator_rss / ((double) fit->n - 1) * fit->treatment_inverse;
	b_variance = ratio * ratio / ((double) fit->n - 1);
	error = hypot(fit->paths.a * sqrt(b_variance), b * sqrt(a_variance));
	out->indirect = fit->paths.a * b;
	out->conf_low = out->indirect - quantile * error;
	out->conf_high = out->indirect + quantile * error;
	out->rho_at_zero = fit->paths.b / hypot(fit->paths.b, ratio);
}

/* The ratio as an approximate risk ratio. */
static double
risk_ratio(double estimate, KsRatioScale scale)
{
	switch (scale)
	{
		case KS_SCALE_RISK_RATIO:
		case KS_SCALE_RARE_ODDS_RATIO:
		case KS_SCALE_RARE_HAZARD_RATIO:
			break;
		case KS_SCALE_ODDS_RATIO:
			return sqrt(estimate);
		case KS_SCALE_HAZARD_RATIO:
			return (1 - pow(0.5, sqrt(estimate))) / (1 - pow(0.5, sqrt(1 / estimate)));
		case KS_SCALE_MEAN_DIFFERENCE:
			return exp(0.91 * estimate);
	}
	return estimate;
}

static double
e_value_of(double ratio)
{
	double above = ratio < 1 ? 1 / ratio : ratio;

	return above + sqrt(above * (above - 1));
}

void
ks_e_value(double estimate, double limit, KsRatioScale scale, KsEValue *out)
{
	double ratio = risk_ratio(estimate, scale);
	double nearer = risk_ratio(limit, scale);

	*out = (KsEValue){.e_value = e_value_of(ratio), .e_value_limit = NAN, .risk_ratio = ratio};
	if (isnan(limit))
		return;
	if (ratio == 1 || (nearer - 1) * (ratio - 1) <= 0)
		out->e_value_limit = 1;
	else if (fabs(log(nearer)) > fabs(log(ratio)))
		ks_note(out->note, "the limit lies farther from no effect than the estimate: give "
						   "the other end of the interval");
	else
		out->e_value_limit = e_value_of(nearer);
}
