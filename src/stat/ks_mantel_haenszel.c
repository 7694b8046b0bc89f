/*
 * ks_mantel_haenszel.c
 *	  Mantel-Haenszel test of 2 x 2 tables over strata, equal to R's
 *	  mantelhaen.test.
 *
 * Sums over strata are held in double-double, so that the order of strata does
 * not matter.  Sources: Mantel and Haenszel 1959, J Natl Cancer Inst 22:719;
 * Robins, Breslow and Greenland 1986, Biometrics 42:311 (variance of the log odds
 * ratio).
 */
#include "stat/ks_mantel_haenszel.h"

#include "stat/ks_dd.h"
#include "stat/ks_dist.h"

/* Sums over strata; a stratum is a b / c d, with n patients. */
typedef struct StrataSums
{
	int64_t n;
	KsDD excess;		   /* a less its expectation */
	KsDD variance;		   /* of a, margins given */
	KsDD concordant;	   /* ad / n */
	KsDD discordant;	   /* bc / n */
	KsDD both_concordant;  /* (a + d) ad / n^2 */
	KsDD crossed;		   /* (a + d) bc / n^2 + (b + c) ad / n^2 */
	KsDD both_discordant;  /* (b + c) bc / n^2 */
} StrataSums;

static KsDD
product(double a, double b)
{
	return ks_two_prod(a, b);
}

static void
add_stratum(StrataSums *sums, const int64_t *count)
{
	double a = (double) count[0], b = (double) count[1];
	double c = (double) count[2], d = (double) count[3];
	double n = a + b + c + d;
	KsDD ad, bc, margins;

	if (n == 0)
		return;
	sums->n += count[0] + count[1] + count[2] + count[3];
	ad = ks_dd_div_d(product(a, d), n);
	bc = ks_dd_div_d(product(b, c), n);
	margins = ks_dd_mul(product(a + b, c + d), product(a + c, b + d));
	/* a - (a + b)(a + c) / n is (ad - bc) / n */
	sums->excess = ks_dd_add(sums->excess, ks_dd_sub(ad, bc));
	if (n > 1)
		sums->variance = ks_dd_add(
			sums->variance, ks_dd_div_d(ks_dd_div(margins, product(n, n)), n - 1));
	sums->concordant = ks_dd_add(sums->concordant, ad);
	sums->discordant = ks_dd_add(sums->discordant, bc);
	sums->both_concordant =
		ks_dd_add(sums->both_concordant, ks_dd_div_d(ks_dd_mul_d(ad, a + d), n));
	sums->crossed = ks_dd_add(
		sums->crossed,
		ks_dd_div_d(ks_dd_add(ks_dd_mul_d(bc, a + d), ks_dd_mul_d(ad, b + c)), n));
	sums->both_discordant =
		ks_dd_add(sums->both_discordant, ks_dd_div_d(ks_dd_mul_d(bc, b + c), n));
}

/* The common odds ratio and its interval; 0 or infinite without one. */
static void
common_odds_ratio(const StrataSums *sums, KsAlternative alternative, double conf_level,
				  KsTest *test)
{
	double same = ks_dd_value(sums->concordant);
	double other = ks_dd_value(sums->discordant);
	double tail = alternative == KS_TWO_SIDED ? (1 - conf_level) / 2 : 1 - conf_level;
	double z = ks_normal_quantile(tail, false);

	test->estimate = same / other;
	if (same == 0 || other == 0)
	{
		ks_note(test->note, "a cell is empty in every stratum: no interval");
		return;
	}
	test->std_error = sqrt(ks_dd_value(sums->both_concordant) / (2 * same * same) +
						   ks_dd_value(sums->crossed) / (2 * same * other) +
						   ks_dd_value(sums->both_discordant) / (2 * other * other));
	test->conf_low = alternative == KS_LESS ? 0 : test->estimate * exp(-z * test->std_error);
	test->conf_high =
		alternative == KS_GREATER ? INFINITY : test->estimate * exp(z * test->std_error);
}

void
ks_mantel_haenszel_test(const int64_t *count, size_t strata, bool correct,
						KsAlternative alternative, double conf_level, KsTest *test)
{
	StrataSums sums = {0};
	double excess, z;

	ks_test_clear(test);
	test->method = correct ? "Mantel-Haenszel test with continuity correction"
						   : "Mantel-Haenszel test";
	for (size_t i = 0; i < strata; i++)
		add_stratum(&sums, count + 4 * i);
	test->n = sums.n;
	if (!(sums.variance.hi > 0))
	{
		ks_note(test->note, "no stratum has both levels of both variables");
		return;
	}
	common_odds_ratio(&sums, alternative, conf_level, test);
	excess = fabs(ks_dd_value(sums.excess));
	if (correct && excess >= 0.5)
		excess -= 0.5;
	z = excess / sqrt(ks_dd_value(sums.variance));
	test->statistic = z * z;
	test->df = 1;
	if (sums.excess.hi < 0)
		z = -z;
	test->p_value = alternative == KS_TWO_SIDED
						? fmin(1, 2 * ks_normal_cdf(-fabs(z), true))
						: ks_normal_cdf(z, alternative == KS_LESS);
}
