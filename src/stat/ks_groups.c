/*
 * ks_groups.c
 *	  Comparisons of independent groups by their moments.
 *
 * All of it reads n, sum and sum of squares of each group, held in
 * double-double, so the answer does not depend on the order of the rows.  Means
 * are subtracted from each other in double-double too: a common offset of the
 * values costs no digits.  The tests equal R's t.test and oneway.test.
 *
 * Sources: Welch 1947, Biometrika 34:28 (two groups); Welch 1951, Biometrika
 * 38:330 (more); Levene 1960 and Brown and Forsythe 1974, JASA 69:364; Austin
 * 2009, Stat Med 28:3083 (standardized differences).
 */
#include "stat/ks_groups.h"

#include "stat/ks_dist.h"
#include "stat/ks_paired.h"

#define POLL_EVERY 4096

/* R calls data constant when the standard error is below this share of a mean. */
#define CONSTANT_SHARE (10 * 2.220446049250313e-16)

/* ---- sums --------------------------------------------------------------------------- */

bool
ks_group_sums_add_times(KsGroupSums *sums, double value, int64_t count)
{
	double times = (double) count;
	KsDD difference;

	if (!(fabs(value) <= KS_MAX_VALUE))
		return false;
	if (sums->n == 0)
		sums->pivot = value;
	difference = ks_two_sum(value, -sums->pivot);
	sums->n += count;
	sums->sum = ks_dd_add(sums->sum, ks_dd_mul_d(difference, times));
	sums->sum_squares = ks_dd_add(
		sums->sum_squares, ks_dd_mul_d(ks_dd_mul(difference, difference), times));
	return true;
}

void
ks_group_sums_merge(KsGroupSums *sums, const KsGroupSums *other)
{
	double count = (double) other->n;
	KsDD shift, twice_cross;

	if (other->n == 0)
		return;
	if (sums->n == 0)
	{
		*sums = *other;
		return;
	}
	/* the other's differences, seen from this pivot, are larger by this */
	shift = ks_two_sum(other->pivot, -sums->pivot);
	twice_cross = ks_dd_mul_d(ks_dd_mul(shift, other->sum), 2);
	sums->sum_squares = ks_dd_add(
		sums->sum_squares,
		ks_dd_add(other->sum_squares,
				  ks_dd_add(twice_cross, ks_dd_mul_d(ks_dd_mul(shift, shift), count))));
	sums->sum = ks_dd_add(sums->sum, ks_dd_add(other->sum, ks_dd_mul_d(shift, count)));
	sums->n += other->n;
}

static KsDD
group_mean(const KsGroupSums *group)
{
	return ks_dd_add_d(ks_dd_div_d(group->sum, (double) group->n), group->pivot);
}

/* Sum of squared deviations from the group's mean. */
static KsDD
group_squares(const KsGroupSums *group)
{
	return ks_centred(group->sum_squares, ks_dd_mul(group->sum, group->sum),
					  (double) group->n, group->sum_squares.hi);
}

/* Variance with n - 1, NaN below two values. */
static double
group_variance(const KsGroupSums *group)
{
	if (group->n < 2)
		return NAN;
	return fmax(0, ks_dd_value(group_squares(group))) / ((double) group->n - 1);
}

/* a - b of two means, rounded once. */
static double
mean_difference(const KsGroupSums *a, const KsGroupSums *b)
{
	return ks_dd_value(ks_dd_sub(group_mean(a), group_mean(b)));
}

/* Position of the next group with values, `groups` when there is none. */
static size_t
next_group(const KsGroupSums *sums, size_t groups, size_t from)
{
	while (from < groups && sums[from].n == 0)
		from++;
	return from;
}

/* ---- two groups --------------------------------------------------------------- */

/* Note that there are not two groups; true when there are. */
static bool
are_two_groups(size_t used, KsTest *test)
{
	if (used == 2)
		return true;
	if (used == 0)
		ks_note(test->note, "no values");
	else if (used == 1)
		ks_note(test->note, "only one group has values");
	else
		ks_note(test->note, "%zu groups, the test compares two", used);
	return false;
}

/* Cohen's d, or Hedges' g, with the pooled standard deviation. */
static void
group_effect(double difference, double pooled_variance, double df, KsGroupEffect effect,
			 KsTest *test)
{
	test->effect_name = effect == KS_GROUP_HEDGES_G ? "Hedges' g" : "Cohen's d";
	if (!(pooled_variance > 0))
		return;
	test->effect_size = difference / sqrt(pooled_variance);
	if (effect != KS_GROUP_HEDGES_G)
		return;
	if (df < 2)
		test->effect_size = NAN;
	else
		test->effect_size *= ks_hedges_correction(df);
}

/* Standard error and degrees of freedom by Welch's formula, of positive variances. */
static void
welch_error(double share_first, double share_second, double df_first, double df_second,
			double *std_error, double *df)
{
	double first = share_first / (share_first + share_second);
	double second = share_second / (share_first + share_second);

	*std_error = sqrt(share_first + share_second);
	*df = 1 / (first * first / df_first + second * second / df_second);
}

void
ks_group_t_test(const KsGroupSums *sums, size_t groups, bool equal_variance,
				KsAlternative alternative, double conf_level, KsGroupEffect effect,
				KsTest *test)
{
	const KsGroupSums *first = NULL, *second = NULL;
	double n_first, n_second, df, std_error, pooled, largest;
	size_t used = 0;

	ks_test_clear(test);
	test->method = equal_variance ? "Student t test" : "Welch t test";
	for (size_t i = next_group(sums, groups, 0); i < groups;
		 i = next_group(sums, groups, i + 1))
	{
		first = used == 0 ? &sums[i] : first;
		second = used == 1 ? &sums[i] : second;
		test->n += sums[i].n;
		used++;
	}
	if (!are_two_groups(used, test))
		return;
	test->estimate = mean_difference(second, first);
	n_first = (double) first->n;
	n_second = (double) second->n;
	if (test->n < 3 || (!equal_variance && (first->n < 2 || second->n < 2)))
	{
		ks_note(test->note, "a group has only one value");
		return;
	}

	df = n_first + n_second - 2;
	pooled = fmax(0, ks_dd_value(ks_dd_add(group_squares(first), group_squares(second)))) / df;
	if (equal_variance)
		std_error = sqrt(pooled * (1 / n_first + 1 / n_second));
	else
		welch_error(group_variance(first) / n_first, group_variance(second) / n_second,
					n_first - 1, n_second - 1, &std_error, &df);
	largest = fmax(fabs(ks_dd_value(group_mean(first))), fabs(ks_dd_value(group_mean(second))));
	if (!(std_error > CONSTANT_SHARE * largest))
	{
		ks_note(test->note, "the values do not vary within the groups");
		return;
	}
	group_effect(test->estimate, pooled, n_first + n_second - 2, effect, test);
	test->std_error = std_error;
	ks_t_inference(test->estimate, std_error, df, test->estimate / std_error, alternative,
				   conf_level, NULL, test);
}

/* Austin's difference of two groups; 0 when both are the same constant. */
static double
pair_difference(const KsGroupSums *a, const KsGroupSums *b)
{
	double difference = fabs(mean_difference(b, a));
	double variance = (group_variance(a) + group_variance(b)) / 2;

	if (variance > 0)
		return difference / sqrt(variance);
	return difference == 0 && variance == 0 ? 0 : NAN;
}

KsStatus
ks_standardized_mean_difference(const KsGroupSums *sums, size_t groups, const KsEnv *env,
								double *difference)
{
	double total = 0;
	size_t pairs = 0;

	for (size_t i = next_group(sums, groups, 0); i < groups;
		 i = next_group(sums, groups, i + 1))
		for (size_t j = next_group(sums, groups, i + 1); j < groups;
			 j = next_group(sums, groups, j + 1))
		{
			total += pair_difference(&sums[i], &sums[j]);
			if (++pairs % POLL_EVERY == 0 && env->poll(env->context))
				return KS_CANCELLED;
		}
	*difference = total / (double) pairs;
	return KS_OK;
}

/* ---- analysis of variance ------------------------------------------------------- */

/* Sums of squares between and within, and how many groups there are. */
typedef struct Variation
{
	size_t groups;
	int64_t n;
	int64_t smallest; /* group */
	KsDD between;
	KsDD within;
	bool constant_group; /* a group of several values does not vary */
} Variation;

static void
partition(const KsGroupSums *sums, size_t groups, Variation *out)
{
	KsGroupSums all = {0};

	*out = (Variation){0};
	for (size_t i = next_group(sums, groups, 0); i < groups;
		 i = next_group(sums, groups, i + 1))
	{
		KsDD squares = group_squares(&sums[i]);

		if (out->groups == 0 || sums[i].n < out->smallest)
			out->smallest = sums[i].n;
		out->groups++;
		out->constant_group |= squares.hi <= 0;
		out->within = ks_dd_add(out->within, squares);
		ks_group_sums_merge(&all, &sums[i]);
	}
	out->n = all.n;
	if (all.n == 0)
		return;
	out->between = ks_dd_sub(group_squares(&all), out->within);
	if (out->between.hi <= 1e-29 * all.sum_squares.hi)
		out->between = ks_dd(0);
}

/* Fisher's F from the sums of squares. */
static void
classic_f(const Variation *variation, KsTest *test)
{
	test->df = (double) variation->groups - 1;
	test->df2 = (double) (variation->n - (int64_t) variation->groups);
	test->statistic = ks_dd_value(ks_dd_div(ks_dd_div_d(variation->between, test->df),
											ks_dd_div_d(variation->within, test->df2)));
	test->p_value = ks_f_cdf(test->statistic, test->df, test->df2, false);
}

/* Welch's F; every group has two values and varies. */
static void
welch_f(const KsGroupSums *sums, size_t groups, double k, KsTest *test)
{
	size_t first = next_group(sums, groups, 0);
	double weights = 0, centre = 0, lack = 0, between = 0;

	for (size_t i = first; i < groups; i = next_group(sums, groups, i + 1))
	{
		double weight = (double) sums[i].n / group_variance(&sums[i]);

		weights += weight;
		centre += weight * mean_difference(&sums[i], &sums[first]);
	}
	centre /= weights;
	for (size_t i = first; i < groups; i = next_group(sums, groups, i + 1))
	{
		double weight = (double) sums[i].n / group_variance(&sums[i]);
		double deviation = mean_difference(&sums[i], &sums[first]) - centre;
		double rest = 1 - weight / weights;

		between += weight * deviation * deviation;
		lack += rest * rest / ((double) sums[i].n - 1);
	}
	lack /= k * k - 1;
	test->statistic = between / ((k - 1) * (1 + 2 * (k - 2) * lack));
	test->df = k - 1;
	test->df2 = 1 / (3 * lack);
	test->p_value = ks_f_cdf(test->statistic, test->df, test->df2, false);
}

void
ks_anova(const KsGroupSums *sums, size_t groups, bool welch, KsTest *test)
{
	Variation variation;

	ks_test_clear(test);
	test->method = welch ? "Welch one-way analysis of variance"
						 : "one-way analysis of variance";
	test->effect_name = "eta squared";
	partition(sums, groups, &variation);
	test->n = variation.n;
	if (variation.groups < 2)
	{
		ks_note(test->note, variation.groups == 0 ? "no values" : "only one group has values");
		return;
	}
	if (variation.n == (int64_t) variation.groups || (welch && variation.smallest < 2))
	{
		ks_note(test->note, "a group has only one value");
		return;
	}
	if (variation.within.hi <= 0)
	{
		ks_note(test->note, "the values do not vary within the groups");
		return;
	}
	test->effect_size = ks_dd_value(ks_dd_div(
		variation.between, ks_dd_add(variation.between, variation.within)));
	if (!welch)
		classic_f(&variation, test);
	else if (variation.constant_group)
		ks_note(test->note, "the values of a group do not vary: no Welch test");
	else
		welch_f(sums, groups, (double) variation.groups, test);
}

/* ---- Levene --------------------------------------------------------------------- */

/*
 * The middle of counted values stays in double-double: distances from it that are
 * equal, as those of two values are, must not differ by a rounding.
 */
static KsStatus
counted_mean(const KsCounted *values, const KsEnv *env, KsDD *mean)
{
	KsDD sum = {0, 0};

	for (size_t i = 0; i < values->distinct; i++)
	{
		sum = ks_dd_add(sum, ks_two_prod(values->value[i], (double) ks_count_at(values, i)));
		if (i % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
	}
	*mean = ks_dd_div(sum, ks_dd((double) values->n));
	return KS_OK;
}

static KsDD
counted_median(const KsCounted *values)
{
	int64_t seen = ks_count_at(values, 0);
	size_t i = 0;
	double lower;

	while (seen < (values->n + 1) / 2)
		seen += ks_count_at(values, ++i);
	lower = 0.5 * values->value[i];
	if (seen < values->n / 2 + 1)
		i++;
	return ks_two_sum(lower, 0.5 * values->value[i]);
}

/* Moments of |value - center|, each difference and its square without rounding. */
static KsStatus
spread_sums(const KsCounted *values, KsDD center, const KsEnv *env, KsGroupSums *sums)
{
	*sums = (KsGroupSums){.n = values->n};
	for (size_t i = 0; i < values->distinct; i++)
	{
		double count = (double) ks_count_at(values, i);
		KsDD distance = ks_dd_sub(ks_dd(values->value[i]), center);

		if (distance.hi < 0)
			distance = ks_dd_neg(distance);
		sums->sum = ks_dd_add(sums->sum, ks_dd_mul_d(distance, count));
		sums->sum_squares = ks_dd_add(
			sums->sum_squares, ks_dd_mul_d(ks_dd_mul(distance, distance), count));
		if (i % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
	}
	return isfinite(sums->sum_squares.hi) ? KS_OK : KS_OVERFLOW;
}

KsStatus
ks_levene_test(const KsCounted *values, size_t groups, KsLeveneCenter center,
			   const KsEnv *env, KsTest *test)
{
	KsGroupSums *sums = env->alloc(env->context, (groups + 1) * sizeof(KsGroupSums));
	KsStatus status = KS_OK;

	ks_test_clear(test);
	if (sums == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < groups && status == KS_OK; i++)
	{
		KsDD middle = {0, 0};

		if (values[i].n > 0 && center == KS_LEVENE_MEDIAN)
			middle = counted_median(&values[i]);
		else if (values[i].n > 0)
			status = counted_mean(&values[i], env, &middle);
		if (status == KS_OK)
			status = spread_sums(&values[i], middle, env, &sums[i]);
	}
	if (status == KS_OK)
		ks_anova(sums, groups, false, test);
	env->free(env->context, sums);
	test->method = center == KS_LEVENE_MEAN ? "Levene test (distance from the mean)"
											: "Levene test (distance from the median)";
	test->effect_size = NAN;
	test->effect_name = NULL;
	return status;
}
