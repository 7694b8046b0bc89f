/*
 * ks_trend.c
 *	  Cochran-Armitage test of a trend in proportions, equal to R's
 *	  prop.trend.test.
 *
 * With d_i the doses, e_i events of n_i, p the proportion of all,
 *
 *	  chi2 = (sum e_i (d_i - d))^2 / (p (1 - p) sum n_i (d_i - d)^2),  df = 1,
 *
 * d the mean dose.  Sums are held in double-double, doses counted from the first:
 * neither order nor offset of the doses matters.  Sources: Cochran 1954,
 * Biometrics 10:417; Armitage 1955, Biometrics 11:375.
 */
#include "stat/ks_trend.h"

#include "stat/ks_dd.h"
#include "stat/ks_dist.h"

/* Sums over answers of the dose, counted from an origin. */
typedef struct TrendSums
{
	double n, events;
	KsDD dose;
	KsDD dose_dose;
	KsDD event_dose;
} TrendSums;

static void
add_dose(TrendSums *sums, const KsDoseCount *at, double origin)
{
	KsDD dose = ks_two_sum(at->dose, -origin);
	KsDD weighted = ks_dd_mul_d(dose, (double) at->n);

	sums->n += (double) at->n;
	sums->events += (double) at->events;
	sums->dose = ks_dd_add(sums->dose, weighted);
	sums->dose_dose = ks_dd_add(sums->dose_dose, ks_dd_mul(weighted, dose));
	sums->event_dose =
		ks_dd_add(sums->event_dose, ks_dd_mul_d(dose, (double) at->events));
}

void
ks_trend_test(const KsDoseCount *doses, size_t size, KsTest *test)
{
	TrendSums sums = {0};
	KsDD dose_squares, covariation;
	double variance;

	ks_test_clear(test);
	test->method = "Cochran-Armitage trend test";
	for (size_t i = 0; i < size; i++)
		add_dose(&sums, &doses[i], doses[0].dose);
	test->n = (int64_t) sums.n;
	if (test->n == 0)
	{
		ks_note(test->note, "no values");
		return;
	}
	dose_squares = ks_dd_sub(sums.dose_dose,
							 ks_dd_div_d(ks_dd_mul(sums.dose, sums.dose), sums.n));
	covariation = ks_dd_sub(sums.event_dose,
							ks_dd_div_d(ks_dd_mul_d(sums.dose, sums.events), sums.n));
	variance = (sums.events / sums.n) * ((sums.n - sums.events) / sums.n);
	if (!(dose_squares.hi > 1e-29 * sums.dose_dose.hi))
	{
		ks_note(test->note, "only one dose");
		return;
	}
	test->estimate = ks_dd_value(ks_dd_div(covariation, dose_squares));
	if (variance == 0)
	{
		ks_note(test->note, "all answers are equal");
		return;
	}
	test->std_error = sqrt(variance / ks_dd_value(dose_squares));
	test->statistic = test->estimate / test->std_error * (test->estimate / test->std_error);
	test->df = 1;
	test->p_value = 2 * ks_normal_cdf(-fabs(test->estimate / test->std_error), true);
}
