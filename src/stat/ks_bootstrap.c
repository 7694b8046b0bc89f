/*
 * ks_bootstrap.c
 *	  Random numbers by position, resampling of rows, and limits from replicates.
 *
 * The bits at a position are SplitMix64's (Steele, Lea and Flood 2014, OOPSLA):
 * a mixing function of seed + position times the golden ratio, so that no state
 * is carried along and replicates may be computed in any order.  It passes
 * BigCrush, and one replicate never overlaps another.
 *
 * A replicate is the sum, over the rows drawn, of numbers computed once for each
 * row (products for a regression).  Summing the drawn rows costs no more than
 * weighting all rows with their counts, and needs no counts; it is what nearly
 * all the time goes into.  Sums run in vectors of four doubles.  A processor
 * with AVX2 adds such a vector at once, others in two halves: the same additions
 * in the same order, so the bits agree.
 *
 * BCa limits: Efron (1987), J. Am. Stat. Assoc. 82:171; p-values by counting:
 * Davison and Hinkley (1997), chapter 4.
 */
#include "stat/ks_bootstrap.h"

#include <string.h>

#include "stat/ks_dist.h"

/* ---- random numbers ----------------------------------------------------------------------- */

#define GOLDEN 0x9e3779b97f4a7c15u

static inline uint64_t
mix(uint64_t bits)
{
	bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
	bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
	return bits ^ (bits >> 31);
}

KsStream
ks_stream(int64_t seed)
{
	return (KsStream){mix((uint64_t) seed + GOLDEN)};
}

uint64_t
ks_stream_bits(KsStream stream, uint64_t position)
{
	return mix(stream.start + (position + 1) * GOLDEN);
}

double
ks_stream_uniform(KsStream stream, uint64_t position)
{
	return ((double) (ks_stream_bits(stream, position) >> 12) + 0.5) * 0x1p-52;
}

double
ks_stream_normal(KsStream stream, uint64_t position)
{
	double uniform = ks_stream_uniform(stream, position);

	return uniform < 0.5 ? ks_normal_quantile(uniform, true)
						 : -ks_normal_quantile(1 - uniform, true);
}

/*
 * A product's upper half picks the row (Lemire 2019).  A row's chance is off by
 * at most n / 2^32 of itself while n is below 2^16, by n / 2^64 from there on.
 */
void
ks_stream_rows(KsStream stream, uint64_t replicate, uint32_t n, uint32_t *row)
{
	uint64_t counter;

	if (n < 65536)
	{
		counter = stream.start + replicate * ((n + 1) / 2) * GOLDEN;
		for (uint32_t i = 0; i + 1 < n; i += 2)
		{
			uint64_t bits = mix(counter += GOLDEN);

			row[i] = (uint32_t) (((bits & 0xffffffff) * n) >> 32);
			row[i + 1] = (uint32_t) (((bits >> 32) * n) >> 32);
		}
		if (n % 2 == 1)
			row[n - 1] = (uint32_t) (((mix(counter + GOLDEN) & 0xffffffff) * n) >> 32);
		return;
	}
	counter = stream.start + replicate * n * GOLDEN;
	for (uint32_t i = 0; i < n; i++)
	{
		uint64_t bits = mix(counter += GOLDEN);

		row[i] = (uint32_t) (((bits >> 32) * n + (((bits & 0xffffffff) * n) >> 32)) >> 32);
	}
}

/* ---- sums over resampled rows ------------------------------------------------------------------ */

typedef double Four __attribute__((vector_size(32)));

#define ALIGNMENT 64

KsStatus
ks_resample_create(uint32_t n, int width, const KsEnv *env, KsResample *table)
{
	size_t rounded = (size_t) (width + 3) / 4 * 4;
	size_t bytes = sizeof(double) * rounded * n;

	*table = (KsResample){.n = n, .width = width};
	table->blocks = (width + KS_RESAMPLE_BLOCK - 1) / KS_RESAMPLE_BLOCK;
	table->memory = env->alloc(env->context, bytes + ALIGNMENT);
	if (table->memory == NULL)
		return KS_NO_MEMORY;
	table->value = (double *) (((uintptr_t) table->memory + ALIGNMENT - 1) &
							   ~(uintptr_t) (ALIGNMENT - 1));
	memset(table->value, 0, bytes);
	return KS_OK;
}

void
ks_resample_free(KsResample *table, const KsEnv *env)
{
	if (table->memory != NULL)
		env->free(env->context, table->memory);
	*table = (KsResample){0};
}

/* Numbers of a row in one block, and with the padding. */
static int
used_width(const KsResample *table, int block)
{
	int left = table->width - block * KS_RESAMPLE_BLOCK;

	return left < KS_RESAMPLE_BLOCK ? left : KS_RESAMPLE_BLOCK;
}

static int
block_width(const KsResample *table, int block)
{
	return (used_width(table, block) + 3) / 4 * 4;
}

static double *
block_row(const KsResample *table, int block, uint32_t row)
{
	return table->value + (size_t) block * KS_RESAMPLE_BLOCK * table->n +
		   (size_t) block_width(table, block) * row;
}

void
ks_resample_set(KsResample *table, uint32_t row, const double *numbers)
{
	for (int b = 0; b < table->blocks; b++)
		memcpy(block_row(table, b, row), numbers + b * KS_RESAMPLE_BLOCK,
			   sizeof(double) * used_width(table, b));
}

void
ks_resample_get(const KsResample *table, uint32_t row, double *numbers)
{
	for (int b = 0; b < table->blocks; b++)
		memcpy(numbers + b * KS_RESAMPLE_BLOCK, block_row(table, b, row),
			   sizeof(double) * used_width(table, b));
}

int
ks_resample_sums(const KsResample *table)
{
	return (table->width + 3) / 4 * 4;
}

/* Sums of one block of 4 * vectors numbers; written so that they stay in registers. */
static inline __attribute__((always_inline)) void
sum_vectors(const double *restrict value, const uint32_t *restrict row, uint32_t n,
			int vectors, double *restrict sum)
{
	Four a = {0}, b = {0}, c = {0}, d = {0}, e = {0};

	for (uint32_t i = 0; i < n; i++)
	{
		const Four *at = (const Four *) (value + (size_t) (4 * vectors) * row[i]);

		a += at[0];
		if (vectors > 1)
			b += at[1];
		if (vectors > 2)
			c += at[2];
		if (vectors > 3)
			d += at[3];
		if (vectors > 4)
			e += at[4];
	}
	memcpy(sum, &a, sizeof(Four));
	if (vectors > 1)
		memcpy(sum + 4, &b, sizeof(Four));
	if (vectors > 2)
		memcpy(sum + 8, &c, sizeof(Four));
	if (vectors > 3)
		memcpy(sum + 12, &d, sizeof(Four));
	if (vectors > 4)
		memcpy(sum + 16, &e, sizeof(Four));
}

static inline __attribute__((always_inline)) void
sum_block(const double *value, const uint32_t *row, uint32_t n, int vectors, double *sum)
{
	switch (vectors)
	{
		case 1:
			sum_vectors(value, row, n, 1, sum);
			break;
		case 2:
			sum_vectors(value, row, n, 2, sum);
			break;
		case 3:
			sum_vectors(value, row, n, 3, sum);
			break;
		case 4:
			sum_vectors(value, row, n, 4, sum);
			break;
		case 5:
			sum_vectors(value, row, n, 5, sum);
			break;
	}
}

static void
sum_block_plain(const double *value, const uint32_t *row, uint32_t n, int vectors,
				double *sum)
{
	sum_block(value, row, n, vectors, sum);
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) static void
sum_block_avx2(const double *value, const uint32_t *row, uint32_t n, int vectors,
			   double *sum)
{
	sum_block(value, row, n, vectors, sum);
}

#define HAS_AVX2() __builtin_cpu_supports("avx2")
#else
#define sum_block_avx2 sum_block_plain
#define HAS_AVX2() false
#endif

/* Rows summed between two polls: reading rows in random order waits for memory. */
#define ROWS_A_POLL 65536

KsStatus
ks_resample_sum(const KsResample *table, const uint32_t *row, const KsEnv *env, double *sum)
{
	bool avx2 = HAS_AVX2();
	double part[KS_RESAMPLE_BLOCK];

	for (uint32_t done = 0; done < table->n; done += ROWS_A_POLL)
	{
		uint32_t n = table->n - done < ROWS_A_POLL ? table->n - done : ROWS_A_POLL;

		if (env->poll(env->context))
			return KS_CANCELLED;
		for (int b = 0; b < table->blocks; b++)
		{
			int width = block_width(table, b);
			double *whole = sum + b * KS_RESAMPLE_BLOCK;

			(avx2 ? sum_block_avx2 : sum_block_plain)(block_row(table, b, 0), row + done, n,
													  width / 4, done == 0 ? whole : part);
			for (int i = 0; done > 0 && i < width; i++)
				whole[i] += part[i];
		}
	}
	return KS_OK;
}

/* ---- limits -------------------------------------------------------------------------------- */

double
ks_sorted_quantile(const double *sorted, size_t n, double p)
{
	double place = p * (double) (n - 1);
	size_t below = (size_t) place;

	if (n == 0)
		return NAN;
	if (below + 1 >= n)
		return sorted[n - 1];
	return sorted[below] + (place - (double) below) * (sorted[below + 1] - sorted[below]);
}

/* How many of n ascending values are below x, or not above it. */
static size_t
count_below(const double *sorted, size_t n, double x, bool inclusive)
{
	size_t from = 0;
	size_t to = n;

	while (from < to)
	{
		size_t middle = from + (to - from) / 2;

		if (sorted[middle] < x || (inclusive && sorted[middle] == x))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

KsReplicateLimits
ks_percentile_limits(const double *sorted, size_t n, double conf_level)
{
	double below = (double) count_below(sorted, n, 0, true);
	double above = (double) (n - count_below(sorted, n, 0, false));

	if (n == 0)
		return (KsReplicateLimits){NAN, NAN, NAN};
	return (KsReplicateLimits){ks_sorted_quantile(sorted, n, 0.5 - conf_level / 2),
							   ks_sorted_quantile(sorted, n, 0.5 + conf_level / 2),
							   fmin(1, 2 * (fmin(below, above) + 1) / ((double) n + 1))};
}

/* Share of replicates below x, ties half, kept off 0 and 1. */
static double
share_below(const double *sorted, size_t n, double x)
{
	double below = (double) count_below(sorted, n, x, false);
	double upto = (double) count_below(sorted, n, x, true);
	double margin = 1 / ((double) n + 1);

	return fmin(1 - margin, fmax(margin, (below + upto) / 2 / (double) n));
}

/* The corrected level that a standard normal quantile turns into. */
static double
bca_level(double bias, double acceleration, double quantile)
{
	double moved = bias + quantile;

	return ks_normal_cdf(bias + moved / (1 - acceleration * moved), true);
}

KsReplicateLimits
ks_bca_limits(const double *sorted, size_t n, double estimate, double acceleration,
			  double conf_level)
{
	KsReplicateLimits limits = {NAN, NAN, NAN};
	double quantile = ks_normal_quantile(0.5 - conf_level / 2, true);
	double bias, zero, level;

	if (n == 0 || !isfinite(acceleration) || count_below(sorted, n, estimate, true) == 0 ||
		count_below(sorted, n, estimate, false) == n)
		return limits;
	bias = ks_normal_quantile(share_below(sorted, n, estimate), true);
	limits.low = ks_sorted_quantile(sorted, n, bca_level(bias, acceleration, quantile));
	limits.high = ks_sorted_quantile(sorted, n, bca_level(bias, acceleration, -quantile));

	/* the level whose limit is 0: bca_level, solved for the quantile */
	zero = ks_normal_quantile(share_below(sorted, n, 0), true) - bias;
	level = ks_normal_cdf(zero / (1 + acceleration * zero) - bias, true);
	limits.p_value = fmin(1, 2 * fmin(level, 1 - level));
	return limits;
}

double
ks_jackknife_acceleration(const double *without, size_t n)
{
	double mean = 0;
	double squares = 0;
	double cubes = 0;

	for (size_t i = 0; i < n; i++)
		mean += without[i] / (double) n;
	for (size_t i = 0; i < n; i++)
	{
		double off = mean - without[i];

		squares += off * off;
		cubes += off * off * off;
	}
	return squares > 0 ? cubes / (6 * squares * sqrt(squares)) : NAN;
}
