/*
 * test_bootstrap.c
 *	  Random numbers by position, sums over drawn rows, and limits.
 */
#include "stat/ks_bootstrap.h"

#include "stat/ks_dist.h"

#include "unit.h"

static void
test_stream(void)
{
	KsStream zero = {0};
	KsStream stream = ks_stream(1);
	double sum = 0, squares = 0;

	/* SplitMix64 from state 0, published with the generator */
	CHECK(ks_stream_bits(zero, 0) == 0xe220a8397b1dcdafu);
	CHECK(ks_stream_bits(zero, 1) == 0x6e789e6aa1b965f4u);
	CHECK(ks_stream_bits(zero, 2) == 0x06c45d188009454fu);
	CHECK(ks_stream_bits(ks_stream(1), 7) != ks_stream_bits(ks_stream(2), 7));
	for (uint64_t i = 0; i < 100000; i++)
	{
		double u = ks_stream_uniform(stream, i);
		double z = ks_stream_normal(stream, i);

		if (!(u > 0 && u < 1))
			CHECK(u > 0 && u < 1);
		sum += z;
		squares += z * z;
	}
	CHECK(fabs(sum / 1e5) < 4 / sqrt(1e5));
	CHECK(fabs(squares / 1e5 - 1) < 4 * sqrt(2 / 1e5));
}

/* Draws are even over the rows, and the same whether a replicate is asked for alone. */
static void
test_rows(uint32_t n, uint64_t replicates)
{
	uint32_t *row = malloc(sizeof(uint32_t) * n);
	uint32_t *again = malloc(sizeof(uint32_t) * n);
	double *count = calloc(n, sizeof(double));
	double expected = (double) replicates;
	double chi_squared = 0;
	bool inside = true;

	for (uint64_t r = 0; r < replicates; r++)
	{
		ks_stream_rows(ks_stream(42), r, n, row);
		for (uint32_t i = 0; i < n; i++)
		{
			inside = inside && row[i] < n;
			count[row[i] % n]++;
		}
	}
	CHECK(inside);
	for (uint32_t i = 0; i < n; i++)
		chi_squared += (count[i] - expected) * (count[i] - expected) / expected;
	if (n > 1)
		CHECK(ks_chi_squared_cdf(chi_squared, n - 1, false) > 1e-4 &&
			  ks_chi_squared_cdf(chi_squared, n - 1, true) > 1e-4);
	ks_stream_rows(ks_stream(42), replicates - 1, n, again);
	CHECK(memcmp(row, again, sizeof(uint32_t) * n) == 0);
	free(row);
	free(again);
	free(count);
}

static void
test_sums(uint32_t n, int width)
{
	KsResample table;
	double *data = malloc(sizeof(double) * n * width);
	uint32_t *row = malloc(sizeof(uint32_t) * n);
	double *sum, *number = malloc(sizeof(double) * width);

	CHECK(ks_resample_create(n, width, &unit_env, &table) == KS_OK);
	sum = malloc(sizeof(double) * ks_resample_sums(&table));
	for (uint32_t i = 0; i < n; i++)
	{
		for (int j = 0; j < width; j++)
			data[i * width + j] = ks_stream_normal(ks_stream(9), (uint64_t) i * width + j);
		ks_resample_set(&table, i, data + i * width);
	}
	ks_stream_rows(ks_stream(3), 0, n, row);
	CHECK(ks_resample_sum(&table, row, &unit_env, sum) == KS_OK);
	for (int j = 0; j < width; j++)
	{
		double expected = 0;

		for (uint32_t i = 0; i < n; i++)
			expected += data[row[i] * width + j];
		/* plain additions in the order of drawing: the very bits */
		CHECK(sum[j] == expected);
	}
	ks_resample_get(&table, n - 1, number);
	CHECK(memcmp(number, data + (n - 1) * width, sizeof(double) * width) == 0);
	ks_resample_free(&table, &unit_env);
	free(data);
	free(row);
	free(sum);
	free(number);
}

/* R: quantile(x, c(.025, .975)); boot's bca.ci with the same figures */
static void
test_limits(void)
{
	double x[1000];
	KsReplicateLimits limits;
	double bias, low;

	for (int i = 0; i < 1000; i++)
		x[i] = i - 99.5;
	CHECK_CLOSE(ks_sorted_quantile(x, 1000, 0.025), -99.5 + 24.975, 1e-14);
	CHECK_CLOSE(ks_sorted_quantile(x, 1000, 1), 899.5, 1e-15);
	CHECK_CLOSE(ks_sorted_quantile(x, 1, 0.3), -99.5, 1e-15);
	limits = ks_percentile_limits(x, 1000, 0.95);
	CHECK_CLOSE(limits.high, -99.5 + 974.025, 1e-14);
	CHECK_CLOSE(limits.p_value, 2 * 101 / 1001.0, 1e-14);

	/* no bias, no acceleration: percentile limits */
	limits = ks_bca_limits(x, 1000, 400, 0, 0.95);
	CHECK_CLOSE(limits.low, -99.5 + 24.975, 1e-10);
	CHECK_CLOSE(limits.p_value, 0.2, 1e-12);
	/* Efron's formula written out */
	limits = ks_bca_limits(x, 1000, 500.3, 0.03, 0.9);
	bias = ks_normal_quantile(0.6, true);
	low = bias + ks_normal_quantile(0.05, true);
	low = ks_normal_cdf(bias + low / (1 - 0.03 * low), true);
	CHECK_CLOSE(limits.low, ks_sorted_quantile(x, 1000, low), 1e-12);
	CHECK(isnan(ks_bca_limits(x, 1000, 5000, 0.03, 0.9).low));
	CHECK(isnan(ks_bca_limits(x, 0, 1, 0.03, 0.9).low));
	CHECK(isnan(ks_percentile_limits(x, 0, 0.9).low));

	/* skewness of 1, 2, 4 about the mean, over 6 */
	x[0] = 1, x[1] = 2, x[2] = 4;
	CHECK_CLOSE(ks_jackknife_acceleration(x, 3),
				(pow(4 / 3.0, 3) + pow(1 / 3.0, 3) - pow(5 / 3.0, 3)) / 6 /
					pow(16 / 9.0 + 1 / 9.0 + 25 / 9.0, 1.5),
				1e-13);
	x[1] = x[2] = 1;
	CHECK(isnan(ks_jackknife_acceleration(x, 3)));
}

int
main(void)
{
	test_stream();
	test_rows(1, 3);
	test_rows(2, 1000);
	test_rows(7, 5000);
	test_rows(1000, 200);
	test_rows(70001, 20);
	for (int width = 1; width < 70; width += width < 26 ? 1 : 11)
		test_sums(53, width);
	test_limits();
	return UNIT_END();
}
