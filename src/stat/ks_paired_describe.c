/*
 * ks_paired_describe.c
 *	  Description of pairs: moments in double-double, medians from the counts.
 *
 * Two percentages are given because they differ and both are printed in
 * papers: the change of the means, and the mean of the patients' own changes.
 */
#include "stat/ks_paired_describe.h"

#include <string.h>

#include "stat/ks_describe.h"
#include "stat/ks_sort.h"
#include "stat/ks_weighted.h"

/* Median of column[i] standing count[i] times. */
static KsStatus
median_of(const KsEnv *env, const double *column, const int64_t *count, size_t size,
		  double *median)
{
	double *values = env->alloc(env->context, (size + 1) * sizeof(double));
	int64_t *counts = env->alloc(env->context, (size + 1) * sizeof(int64_t));
	KsStatus status = values && counts ? KS_OK : KS_NO_MEMORY;
	KsCounted sorted;

	if (status == KS_OK)
	{
		memcpy(values, column, size * sizeof(double));
		memcpy(counts, count, size * sizeof(int64_t));
		status = ks_count_weighted(env, values, counts, size, &sorted);
		values = NULL;
	}
	if (status == KS_OK)
	{
		*median = ks_quantile(&sorted, 0.5, 7);
		ks_counted_free(env, &sorted);
	}
	env->free(env->context, values);
	env->free(env->context, counts);
	return status;
}

static KsDD
times(KsDD value, int64_t count)
{
	return ks_dd_mul_d(value, (double) count);
}

/* Pairs summed between two looks for a cancel. */
#define POLL_STEPS 8192

/* Sums over the pairs, in their order. */
static KsStatus
sum_pairs(const KsEnv *env, const double *before, const double *after,
		  const int64_t *count, size_t size, KsPairedSums *sums,
		  KsPairedDescription *out)
{
	KsDD percent = {0, 0};
	int64_t with_baseline = 0;

	memset(sums, 0, sizeof(*sums));
	for (size_t i = 0; i < size; i++)
	{
		double b = before[i];
		double a = after[i];

		if (i % POLL_STEPS == 0 && env->poll(env->context))
			return KS_CANCELLED;
		/* the first pair is the pivot: the other times it stands add nothing */
		ks_paired_sums_add_times(sums, out->n, b, a, count[i]);
		out->n += count[i];
		*(a < b ? &out->n_decreased : a > b ? &out->n_increased : &out->n_unchanged) +=
			count[i];
		if (b != 0)
		{
			percent = ks_dd_add(percent, times(ks_dd_div_d(ks_two_sum(a, -b), b), count[i]));
			with_baseline += count[i];
		}
	}
	if (with_baseline > 0)
		out->mean_of_changes_pct =
			100 * ks_dd_value(ks_dd_div_d(percent, (double) with_baseline));
	return KS_OK;
}

/* Pairs in canonical order, so that the sums do not depend on how they came. */
static KsStatus
sort_copies(const KsEnv *env, size_t size, double *before, double *after, int64_t *count)
{
	double *pairs = env->alloc(env->context, (size + 1) * 2 * sizeof(double));
	KsStatus status;

	if (pairs == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < size; i++)
	{
		pairs[2 * i] = before[i];
		pairs[2 * i + 1] = after[i];
	}
	status = ks_sort_pairs(env, pairs, count, size);
	for (size_t i = 0; i < size; i++)
	{
		before[i] = pairs[2 * i];
		after[i] = pairs[2 * i + 1];
	}
	env->free(env->context, pairs);
	return status;
}

static KsStatus
describe_sorted(const KsEnv *env, const double *before, const double *after,
				const int64_t *count, size_t size, double *change,
				KsPairedDescription *out)
{
	KsPairedSums sums;
	KsPairedMoments moments;
	KsStatus status = sum_pairs(env, before, after, count, size, &sums, out);

	if (status != KS_OK)
		return status;
	if (!isfinite(sums.before_before.hi) || !isfinite(sums.after_after.hi))
		return KS_OVERFLOW;
	ks_paired_moments(&sums, out->n, &moments);
	out->mean_before = moments.mean_before;
	out->sd_before = moments.sd_before;
	out->mean_after = moments.mean_after;
	out->sd_after = moments.sd_after;
	out->mean_change = moments.mean_change;
	out->sd_change = moments.sd_change;
	out->correlation = moments.correlation;
	if (moments.mean_before != 0)
		out->change_of_means_pct = 100 * moments.mean_change / moments.mean_before;

	for (size_t i = 0; i < size; i++)
		change[i] = after[i] - before[i];
	status = median_of(env, before, count, size, &out->median_before);
	if (status == KS_OK)
		status = median_of(env, after, count, size, &out->median_after);
	if (status == KS_OK)
		status = median_of(env, change, count, size, &out->median_change);
	return status;
}

KsStatus
ks_describe_paired(const KsEnv *env, const double *before, const double *after,
				   const int64_t *count, size_t size, KsPairedDescription *out)
{
	size_t bytes = (size + 1) * sizeof(double);
	double *sorted_before = env->alloc(env->context, bytes);
	double *sorted_after = env->alloc(env->context, bytes);
	double *change = env->alloc(env->context, bytes);
	int64_t *sorted_count = env->alloc(env->context, bytes);
	KsStatus status = KS_NO_MEMORY;

	memset(out, 0, sizeof(*out));
	out->mean_before = out->sd_before = out->median_before = NAN;
	out->mean_after = out->sd_after = out->median_after = NAN;
	out->mean_change = out->sd_change = out->median_change = NAN;
	out->change_of_means_pct = out->mean_of_changes_pct = out->correlation = NAN;
	if (sorted_before && sorted_after && change && sorted_count)
	{
		memcpy(sorted_before, before, size * sizeof(double));
		memcpy(sorted_after, after, size * sizeof(double));
		memcpy(sorted_count, count, size * sizeof(int64_t));
		status = sort_copies(env, size, sorted_before, sorted_after, sorted_count);
		if (status == KS_OK && size > 0)
			status = describe_sorted(env, sorted_before, sorted_after, sorted_count, size,
									 change, out);
	}
	env->free(env->context, sorted_before);
	env->free(env->context, sorted_after);
	env->free(env->context, change);
	env->free(env->context, sorted_count);
	return status;
}
