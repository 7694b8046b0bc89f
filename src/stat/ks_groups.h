/*
 * ks_groups.h
 *	  Comparisons of independent groups: t tests, analysis of variance,
 *	  standardized differences, Levene's and Kruskal and Wallis' tests.
 */
#ifndef KS_GROUPS_H
#define KS_GROUPS_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/*
 * Moments of one group: sums of the differences from a pivot, for which the first
 * value serves (0 gives plain sums).  Groups stand in the order of their labels.
 */
typedef struct KsGroupSums
{
	int64_t n;
	double pivot;
	KsDD sum;
	KsDD sum_squares;
} KsGroupSums;

/* Adds a value; false, with nothing added, when it is out of range. */
static inline bool
ks_group_sums_add(KsGroupSums *sums, double value)
{
	KsDD difference;

	if (!(fabs(value) <= KS_MAX_VALUE))
		return false;
	if (sums->n == 0)
		sums->pivot = value;
	difference = ks_two_sum(value, -sums->pivot);
	sums->n++;
	sums->sum = ks_dd_add(sums->sum, difference);
	sums->sum_squares = ks_dd_accumulate(sums->sum_squares, difference.lo == 0
																? ks_two_prod(difference.hi, difference.hi)
																: ks_dd_mul(difference, difference));
	return true;
}

/* Adds a value `count` times; the same bounds. */
extern bool ks_group_sums_add_times(KsGroupSums *sums, double value, int64_t count);

/* Adds the sums of another group. */
extern void ks_group_sums_merge(KsGroupSums *sums, const KsGroupSums *other);

typedef enum KsGroupEffect
{
	KS_GROUP_COHEN_D,
	KS_GROUP_HEDGES_G,
} KsGroupEffect;

typedef enum KsLeveneCenter
{
	KS_LEVENE_MEDIAN, /* Brown and Forsythe */
	KS_LEVENE_MEAN,	  /* Levene */
} KsLeveneCenter;

/*
 * t test of the second mean - the first.  `groups` moments, of which exactly two
 * are of values (n > 0); another number gives NaN and a note.  Welch's, or
 * Student's if equal_variance.  The effect divides by the pooled standard
 * deviation in both.
 */
extern void ks_group_t_test(const KsGroupSums *sums, size_t groups, bool equal_variance,
							KsAlternative alternative, double conf_level,
							KsGroupEffect effect, KsTest *test);

/*
 * One-way analysis of variance, or Welch's for unequal variances; effect size =
 * eta squared.  Groups without values are passed over.
 */
extern void ks_anova(const KsGroupSums *sums, size_t groups, bool welch, KsTest *test);

/*
 * Absolute difference of the means in units of the root mean variance; of more
 * than two groups the mean over all pairs.  NaN when it is undefined.
 */
extern KsStatus ks_standardized_mean_difference(const KsGroupSums *sums, size_t groups,
												const KsEnv *env, double *difference);

/* Levene's test of equal spread: analysis of variance of |value - center|. */
extern KsStatus ks_levene_test(const KsCounted *values, size_t groups,
							   KsLeveneCenter center, const KsEnv *env, KsTest *test);

/*
 * Kruskal and Wallis' rank test, corrected for ties; effect size = epsilon
 * squared, H / (n - 1).
 */
extern KsStatus ks_kruskal_wallis(const KsCounted *values, size_t groups,
								  const KsEnv *env, KsTest *test);

#endif
