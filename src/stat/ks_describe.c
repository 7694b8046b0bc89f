/*
 * ks_describe.c
 *	  Description of one sample from its counted values.
 *
 * Moments take two passes in double-double, the second over deviations from
 * the unrounded mean, so that a large offset costs no digits.  Values are
 * scaled by a power of two first: fourth powers neither overflow nor vanish.
 * Quantiles follow R's quantile to the last bit (Hyndman and Fan 1996, Am Stat
 * 50:361); skewness and kurtosis are type 2 of e1071, as SAS (Joanes and Gill
 * 1998, The Statistician 47:183); the t test is R's t.test.
 */
#include "stat/ks_describe.h"

#include <float.h>

#include "stat/ks_dd.h"
#include "stat/ks_paired.h"

#define VALUES_BETWEEN_POLLS 4096

/* Moments of the values times 1 / unit, a power of two. */
typedef struct Moments
{
	double unit;
	KsDD mean;
	double sum2; /* sums of powers of the deviations from the mean */
	double sum3;
	double sum4;
} Moments;

static bool
cancelled(const KsEnv *env, size_t step)
{
	return step % VALUES_BETWEEN_POLLS == VALUES_BETWEEN_POLLS - 1 &&
		   env->poll(env->context);
}

/* The power of two just below the largest magnitude, kept where 1 / unit is finite. */
static double
unit_of(const KsCounted *values)
{
	double largest =
		fmax(fabs(values->value[0]), fabs(values->value[values->distinct - 1]));

	if (largest < 0x1p-1000)
		return 0x1p-1000;
	return ldexp(1, ilogb(largest));
}

/* Fill moments of at least one value. */
static KsStatus
take_moments(const KsCounted *values, const KsEnv *env, Moments *moments)
{
	double scale;
	KsDD sum = {0, 0}, sum2 = {0, 0}, sum3 = {0, 0}, sum4 = {0, 0};

	moments->unit = unit_of(values);
	scale = 1 / moments->unit;
	for (size_t i = 0; i < values->distinct; i++)
	{
		sum = ks_dd_add(
			sum, ks_two_prod(values->value[i] * scale, (double) ks_count_at(values, i)));
		if (cancelled(env, i))
			return KS_CANCELLED;
	}
	moments->mean = ks_dd_div_d(sum, (double) values->n);
	/* A constant: spare it the rounding of the division. */
	if (values->distinct == 1)
		moments->mean = ks_dd(values->value[0] * scale);
	for (size_t i = 0; i < values->distinct; i++)
	{
		double count = (double) ks_count_at(values, i);
		KsDD deviation = ks_dd_add_d(ks_dd_neg(moments->mean), values->value[i] * scale);
		KsDD square = ks_dd_mul(deviation, deviation);
		KsDD weighted = ks_dd_mul_d(square, count);

		sum2 = ks_dd_add(sum2, weighted);
		sum3 = ks_dd_add(sum3, ks_dd_mul(weighted, deviation));
		sum4 = ks_dd_add(sum4, ks_dd_mul(weighted, square));
		if (cancelled(env, i))
			return KS_CANCELLED;
	}
	moments->sum2 = ks_dd_value(sum2);
	moments->sum3 = ks_dd_value(sum3);
	moments->sum4 = ks_dd_value(sum4);
	return KS_OK;
}

static double
mean_of(const Moments *moments)
{
	return ks_dd_value(moments->mean) * moments->unit;
}

/* Standard deviation with n - 1; NaN for one value. */
static double
sd_of(const Moments *moments, int64_t n)
{
	return n < 2 ? NAN : sqrt(moments->sum2 / (double) (n - 1)) * moments->unit;
}

/* Skewness of type 2: G1 of Joanes and Gill. */
static double
skewness_of(const Moments *moments, double n)
{
	double variance = moments->sum2 / n;

	if (n < 3 || variance == 0)
		return NAN;
	return moments->sum3 / n / (variance * sqrt(variance)) * sqrt(n * (n - 1)) / (n - 2);
}

/* Excess kurtosis of type 2: G2 of Joanes and Gill. */
static double
kurtosis_of(const Moments *moments, double n)
{
	double variance = moments->sum2 / n;
	double excess;

	if (n < 4 || variance == 0)
		return NAN;
	excess = moments->sum4 / n / (variance * variance) - 3;
	return ((n + 1) * excess + 6) * (n - 1) / ((n - 2) * (n - 3));
}

KsStatus
ks_describe(const KsCounted *values, const KsEnv *env, KsDescription *description)
{
	Moments moments;
	KsStatus status;

	*description =
		(KsDescription){values->n, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	if (values->n == 0)
		return KS_OK;
	status = take_moments(values, env, &moments);
	if (status != KS_OK)
		return status;
	description->mean = mean_of(&moments);
	description->sd = sd_of(&moments, values->n);
	description->min = values->value[0];
	description->q1 = ks_quantile(values, 0.25, 7);
	description->median = ks_quantile(values, 0.5, 7);
	description->q3 = ks_quantile(values, 0.75, 7);
	description->max = values->value[values->distinct - 1];
	description->skewness = skewness_of(&moments, (double) values->n);
	description->kurtosis = kurtosis_of(&moments, (double) values->n);
	return isinf(description->sd) ? KS_OVERFLOW : KS_OK;
}

/* ---- quantiles ------------------------------------------------------------ */

double
ks_value_at_rank(const KsCounted *values, int64_t rank)
{
	int64_t passed = 0;
	size_t i = 0;

	if (values->count == NULL)
		return values->value[rank - 1];
	while (i + 1 < values->distinct && passed + values->count[i] < rank)
		passed += values->count[i++];
	return values->value[i];
}

/*
 * The sorted sample's rank below and the weight of the value above it, in the
 * nine definitions.  fuzz, as in R, absorbs the rounding of n q in types 4 to 9.
 */
static void
locate(double n, double q, int type, double *rank, double *weight)
{
	const double fuzz = 4 * DBL_EPSILON;
	double a = 0, b = 0, position;

	if (type <= 3)
	{
		position = type == 3 ? n * q - 0.5 : n * q;
		*rank = floor(position);
		if (type == 1)
			*weight = position > *rank;
		else if (type == 2)
			*weight = position > *rank ? 1 : 0.5;
		else
			*weight = position != *rank || fmod(*rank, 2) != 0;
		return;
	}
	if (type == 7)
	{
		position = 1 + (n - 1) * q;
		*rank = floor(position);
		*weight = position - *rank;
		return;
	}
	switch (type)
	{
		case 4:
			b = 1;
			break;
		case 5:
			a = b = 0.5;
			break;
		case 8:
			a = b = 1.0 / 3;
			break;
		case 9:
			a = b = 3.0 / 8;
			break;
	}
	position = a + q * (n + 1 - a - b);
	*rank = floor(position + fuzz);
	*weight = position - *rank;
	if (fabs(*weight) < fuzz)
		*weight = 0;
}

double
ks_quantile(const KsCounted *values, double q, int type)
{
	int64_t n = values->n;
	double rank, weight, below, above;

	if (n == 0 || type < 1 || type > 9 || !(q >= 0 && q <= 1))
		return NAN;
	locate((double) n, q, type, &rank, &weight);
	below = ks_value_at_rank(values, rank < 1            ? 1
									 : rank > (double) n ? n
														 : (int64_t) rank);
	if (weight <= 0)
		return below;
	rank += 1;
	above = ks_value_at_rank(values, rank < 1            ? 1
									 : rank > (double) n ? n
														 : (int64_t) rank);
	if (weight == 1 || above == below)
		return above;
	return (1 - weight) * below + weight * above;
}

/* ---- histogram ------------------------------------------------------------ */

/* Edge i of bins equal ones; halves keep a range beyond double finite. */
static double
bin_edge(double min, double max, int i, int bins)
{
	double range = max - min;

	if (i == 0)
		return min;
	if (i == bins)
		return max;
	if (isfinite(range * bins))
		return min + range * i / bins;
	return min * (1 - (double) i / bins) + max * ((double) i / bins);
}

KsStatus
ks_histogram(const KsCounted *values, int bins, const KsEnv *env, double *edge,
			 int64_t *count, int *used)
{
	double min, max;
	int bin = 0;

	*used = 0;
	if (values->n == 0)
		return KS_OK;
	min = values->value[0];
	max = values->value[values->distinct - 1];
	*used = values->distinct == 1 ? 1 : bins;
	for (int i = 0; i < *used; i++)
	{
		edge[i] = bin_edge(min, max, i, *used);
		count[i] = 0;
	}
	edge[*used] = max;
	for (size_t i = 0; i < values->distinct; i++)
	{
		while (bin + 1 < *used && values->value[i] >= edge[bin + 1])
			bin++;
		count[bin] += ks_count_at(values, i);
		if (cancelled(env, i))
			return KS_CANCELLED;
	}
	return KS_OK;
}

/* ---- one-sample t test ---------------------------------------------------- */

KsStatus
ks_t_test(const KsCounted *values, double mu, KsAlternative alternative,
		  double conf_level, const KsEnv *env, KsTest *test)
{
	double sd, difference;
	Moments moments;
	KsStatus status;

	ks_test_clear(test);
	test->n = values->n;
	test->method = "One-sample t test";
	test->effect_name = "Cohen's d";
	if (values->n < 2)
		ks_note(test->note, "fewer than two values");
	if (values->n == 0)
		return KS_OK;
	status = take_moments(values, env, &moments);
	if (status != KS_OK)
		return status;
	test->estimate = mean_of(&moments);
	if (values->n < 2)
		return KS_OK;

	sd = sd_of(&moments, values->n);
	test->std_error = sd / sqrt((double) values->n);
	if (sd == 0 || test->std_error < 10 * DBL_EPSILON * fabs(test->estimate))
	{
		ks_note(test->note, "the values are essentially constant: no test");
		return KS_OK;
	}
	difference = ks_dd_value(ks_dd_add_d(
		(KsDD){moments.mean.hi * moments.unit, moments.mean.lo * moments.unit}, -mu));
	if (isinf(sd) || isinf(difference / sd))
		return KS_OVERFLOW;
	test->effect_size = difference / sd;
	ks_t_inference(test->estimate, test->std_error, (double) (values->n - 1),
				   difference / test->std_error, alternative, conf_level, NULL, test);
	return KS_OK;
}
