/*
 * ks_table_one.c
 *	  Comparison of one variable between groups: test and standardized difference.
 *
 * The standardized mean difference does not depend on the sample size, so it
 * shows imbalance where a p-value shows power (Austin 2009, Stat. Med. 28:3083).
 * Of a factor it is the Mahalanobis distance of the level shares (Yang and Dalton
 * 2012, SAS Global Forum 335), which for two levels is the usual difference of
 * proportions over their root mean variance.
 */
#include "stat/ks_table_one.h"

#include <string.h>

#include "stat/ks_chi_squared.h"
#include "stat/ks_describe.h"
#include "stat/ks_fisher.h"
#include "stat/ks_groups.h"
#include "stat/ks_mann_whitney.h"

/* A pivot below this share of its diagonal is rounding: the level adds nothing. */
#define SINGULAR 1e-10
#define POLL_EVERY 256

static const KsBalance nothing = {NAN, NULL, NAN};

static KsStatus
sums_by_group(const KsCounted *values, size_t groups, KsGroupSums *sums)
{
	for (size_t g = 0; g < groups; g++)
	{
		sums[g] = (KsGroupSums){0};
		for (size_t i = 0; i < values[g].distinct; i++)
			if (!ks_group_sums_add_times(&sums[g], values[g].value[i],
										 ks_count_at(&values[g], i)))
				return KS_OVERFLOW;
	}
	return KS_OK;
}

static size_t
groups_with_values(const KsCounted *values, size_t groups)
{
	size_t with = 0;

	for (size_t g = 0; g < groups; g++)
		with += values[g].n > 0;
	return with;
}

KsStatus
ks_balance_of_number(const KsCounted *values, size_t groups, bool nonnormal,
					 const KsEnv *env, KsBalance *balance)
{
	size_t with = groups_with_values(values, groups);
	KsGroupSums *sums;
	KsTest test;
	KsStatus status;

	*balance = nothing;
	if (with < 2)
		return KS_OK;
	sums = env->alloc(env->context, groups * sizeof(KsGroupSums));
	if (sums == NULL)
		return KS_NO_MEMORY;
	status = sums_by_group(values, groups, sums);
	if (status == KS_OK)
		status = ks_standardized_mean_difference(sums, groups, env, &balance->smd);
	if (status == KS_OK && nonnormal && with == 2)
	{
		status = ks_mann_whitney(values, groups, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true,
								 env, &test);
		balance->test = "Mann-Whitney";
	}
	else if (status == KS_OK && nonnormal)
	{
		status = ks_kruskal_wallis(values, groups, env, &test);
		balance->test = "Kruskal-Wallis";
	}
	else if (status == KS_OK && with == 2)
	{
		ks_group_t_test(sums, groups, false, KS_TWO_SIDED, 0.95, KS_GROUP_COHEN_D, &test);
		balance->test = "Welch t";
	}
	else if (status == KS_OK)
	{
		ks_anova(sums, groups, false, &test);
		balance->test = "analysis of variance";
	}
	env->free(env->context, sums);
	if (status == KS_OK)
		balance->p_value = test.p_value;
	if (isnan(balance->p_value))
		balance->test = NULL;
	return status;
}

/* Number of observations of a group, and the share of each level. */
static double
shares_of(const int64_t *count, size_t levels, size_t groups, size_t g, double *share)
{
	double n = 0;

	for (size_t l = 0; l < levels; l++)
		n += (double) count[l * groups + g];
	for (size_t l = 0; l < levels; l++)
		share[l] = (double) count[l * groups + g] / n;
	return n;
}

/*
 * Mahalanobis distance of two vectors of shares under their mean multinomial
 * covariance; one level is left out because shares add up to 1.  NaN where it is
 * infinite.  matrix has room for (levels - 1)^2 doubles, difference for levels - 1.
 */
static double
distance_of_shares(const double *a, const double *b, size_t levels, double *matrix,
				   double *difference)
{
	size_t m = levels - 1;
	double squared = 0;

	for (size_t i = 0; i < m; i++)
	{
		difference[i] = b[i + 1] - a[i + 1];
		for (size_t j = 0; j < m; j++)
			matrix[i * m + j] =
				((i == j ? a[i + 1] + b[i + 1] : 0) - a[i + 1] * a[j + 1] -
				 b[i + 1] * b[j + 1]) / 2;
	}
	/* elimination of a positive semidefinite matrix; the distance is the sum of
	 * squared pivots' worth, levels without variance of their own adding nothing */
	for (size_t k = 0; k < m; k++)
	{
		double pivot = matrix[k * m + k];

		if (!(pivot > SINGULAR * (a[k + 1] + b[k + 1])))
		{
			/* a difference without any variance: groups that share no level */
			if (fabs(difference[k]) > SINGULAR)
				return NAN;
			continue;
		}
		squared += difference[k] * difference[k] / pivot;
		for (size_t i = k + 1; i < m; i++)
		{
			double factor = matrix[i * m + k] / pivot;

			difference[i] -= factor * difference[k];
			for (size_t j = k + 1; j < m; j++)
				matrix[i * m + j] -= factor * matrix[k * m + j];
		}
	}
	return sqrt(squared);
}

/* Mean distance over all pairs of groups that have observations. */
static KsStatus
smd_of_factor(const int64_t *count, size_t levels, size_t groups, const KsEnv *env,
			  double *smd)
{
	size_t room = 3 * levels + levels * levels;
	double *scratch = env->alloc(env->context, room * sizeof(double));
	double sum = 0;
	int64_t pairs = 0, steps = 0;
	KsStatus status = KS_OK;

	if (scratch == NULL)
		return KS_NO_MEMORY;
	for (size_t g = 0; g < groups && status == KS_OK; g++)
		for (size_t h = g + 1; h < groups && status == KS_OK; h++)
		{
			if (shares_of(count, levels, groups, g, scratch) > 0 &&
				shares_of(count, levels, groups, h, scratch + levels) > 0)
			{
				sum += distance_of_shares(scratch, scratch + levels, levels,
										  scratch + 3 * levels, scratch + 2 * levels);
				pairs++;
			}
			if (++steps % POLL_EVERY == 0 && env->poll(env->context))
				status = KS_CANCELLED;
		}
	env->free(env->context, scratch);
	*smd = pairs > 0 ? sum / (double) pairs : NAN;
	return status;
}

KsStatus
ks_balance_of_factor(const int64_t *count, size_t levels, size_t groups, const KsEnv *env,
					 KsBalance *balance)
{
	KsTable table = {count, levels, groups};
	KsTest test;
	KsStatus status;

	*balance = nothing;
	if (levels < 1 || groups < 2)
		return KS_OK;
	status = smd_of_factor(count, levels, groups, env, &balance->smd);
	if (status == KS_OK)
		status = ks_chi_squared_test(&table, true, env, &test);
	if (status != KS_OK || isnan(test.p_value))
		return status;
	balance->test = "chi-squared";
	if (test.note[0] != '\0')
	{
		/* the only note of a test that was made: an expected count below 5 */
		status = ks_fisher_test(&table, KS_TWO_SIDED, 0.95, 1, env, &test);
		balance->test = "Fisher exact";
	}
	balance->p_value = test.p_value;
	return status;
}

void
ks_hide_small_groups(const int64_t *n, size_t groups, int64_t min_cell, bool *hidden)
{
	size_t hidden_count = 0;
	size_t smallest = groups;

	for (size_t g = 0; g < groups; g++)
	{
		hidden[g] = n[g] > 0 && n[g] < min_cell;
		hidden_count += hidden[g];
		if (!hidden[g] && n[g] > 0 && (smallest == groups || n[g] < n[smallest]))
			smallest = g;
	}
	if (hidden_count == 1 && smallest < groups)
		hidden[smallest] = true;
}
