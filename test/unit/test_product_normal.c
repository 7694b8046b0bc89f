/*
 * test_product_normal.c
 *	  The product of two normal variables against 25-digit quadrature.
 */
#include "stat/ks_product_normal.h"

#include "stat/ks_dist.h"

#include "gold.h"
#include "unit.h"

static double worst;

static void
check_tail(const KsProductNormal *d, double z, double truth, bool lower)
{
	double p = ks_product_normal_cdf(d, z, lower);

	if (truth < 1e-300)
		return;
	worst = fmax(worst, unit_error(p, truth));
	CHECK_CLOSE(p, truth, 1e-12);
	if (truth < 0.5)
		CHECK(fabs(ks_product_normal_quantile(d, truth, lower) - z) <=
			  1e-12 * fmax(100 * fabs(z), ks_product_normal_sd(d)));
}

static void
test_gold(void)
{
	Gold gold;

	gold_open(&gold, "test/oracle/product_normal.csv");
	while (gold_next(&gold))
	{
		KsProductNormal d = {gold_number(&gold, 0), gold_number(&gold, 1), gold_number(&gold, 2),
							 gold_number(&gold, 3)};
		KsProductNormal swapped = {d.mean_y, d.sd_y, d.mean_x, d.sd_x};
		KsProductNormal mirrored = {-d.mean_x, d.sd_x, d.mean_y, d.sd_y};
		double z = gold_number(&gold, 4);

		for (int lower = 0; lower < 2; lower++)
		{
			double truth = gold_number(&gold, lower ? 5 : 6);

			check_tail(&d, z, truth, lower);
			check_tail(&swapped, z, truth, lower);
			check_tail(&mirrored, -z, truth, !lower);
		}
	}
}

static void
test_edges(void)
{
	KsProductNormal d = {1, 2, -3, 0.5};
	KsProductNormal bad = {1, 0, 1, 1};

	/* at 0 the event is that the signs differ */
	CHECK_CLOSE(ks_product_normal_cdf(&d, 0, true),
				ks_normal_cdf(-0.5, true) * ks_normal_cdf(6, false) +
					ks_normal_cdf(-0.5, false) * ks_normal_cdf(6, true),
				1e-13);
	CHECK_CLOSE(ks_product_normal_cdf(&d, 0, true) + ks_product_normal_cdf(&d, 0, false), 1,
				1e-15);
	CHECK(ks_product_normal_cdf(&d, INFINITY, true) == 1);
	CHECK(ks_product_normal_cdf(&d, INFINITY, false) == 0);
	CHECK(isnan(ks_product_normal_cdf(&bad, 1, true)));
	CHECK(isnan(ks_product_normal_cdf(&d, NAN, true)));
	CHECK(isnan(ks_product_normal_quantile(&d, 0, true)));
	CHECK_CLOSE(ks_product_normal_sd(&d), sqrt(0.25 + 36 + 1), 1e-15);
	CHECK_CLOSE(ks_product_normal_cdf(&d, 1e-300, true), ks_product_normal_cdf(&d, 0, true),
				1e-12);

	/* oracle.json, mediation/jobs and mediation/ketapain: RMediation's limits */
	d = (KsProductNormal){0.06561500336254703, 0.05147174045069094, -0.2399549527096523,
						  0.028243332597160973};
	CHECK_CLOSE(ks_product_normal_quantile(&d, 0.025, true), -0.04111193155131138, 1e-9);
	CHECK_CLOSE(ks_product_normal_quantile(&d, 0.025, false), 0.008425662700547388, 1e-9);
	d = (KsProductNormal){0.0028582132439393796, 0.0014312046620177904,
						  -0.0022636879624589883, 0.006289178192392032};
	CHECK_CLOSE(ks_product_normal_quantile(&d, 0.025, true), -5.198528892185565e-05, 1e-9);
	CHECK_CLOSE(ks_product_normal_quantile(&d, 0.025, false), 3.317589912031482e-05, 1e-9);
}

int
main(void)
{
	test_gold();
	test_edges();
	printf("product normal: largest relative error %.1e\n", worst);
	return UNIT_END();
}
