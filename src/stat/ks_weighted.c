/*
 * ks_weighted.c
 *	  Counted values from values in any order that stand more than once.
 *
 * Values that stand once, often nearly all of them, take the fast sort of plain
 * doubles; the repeated ones are sorted with their counts, and the two are
 * merged.
 */
#include "stat/ks_weighted.h"

#include "stat/ks_sort.h"

/* Sorts the runs and joins equal ones; *left receives how many there are. */
static KsStatus
sort_runs(const KsEnv *env, double *values, int64_t *count, size_t n, size_t *left)
{
	double *pairs = env->alloc(env->context, (n > 0 ? n : 1) * 2 * sizeof(double));
	KsStatus status;

	*left = 0;
	if (pairs == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
	{
		pairs[2 * i] = values[i];
		pairs[2 * i + 1] = 0;
	}
	status = ks_sort_pairs(env, pairs, count, n);
	for (size_t i = 0; i < n && status == KS_OK; i++)
	{
		if (*left > 0 && values[*left - 1] == pairs[2 * i])
		{
			count[*left - 1] += count[i];
			continue;
		}
		values[*left] = pairs[2 * i];
		count[(*left)++] = count[i];
	}
	env->free(env->context, pairs);
	return status;
}

/* Values that all stand once: sorted in place, equal ones joined in place. */
static KsStatus
count_singles(const KsEnv *env, double *values, size_t n, KsCounted *out)
{
	KsStatus status = ks_sort_doubles(env, values, n);
	size_t distinct = n > 0;
	int64_t *count = NULL;

	if (status != KS_OK)
	{
		env->free(env->context, values);
		return status;
	}
	for (size_t i = 1; i < n; i++)
		distinct += values[i] != values[i - 1];
	if (distinct < n)
	{
		size_t last = 0;

		count = env->alloc(env->context, distinct * sizeof(int64_t));
		if (count == NULL)
		{
			env->free(env->context, values);
			return KS_NO_MEMORY;
		}
		count[0] = 1;
		for (size_t i = 1; i < n; i++)
		{
			if (values[i] != values[last])
			{
				values[++last] = values[i];
				count[last] = 0;
			}
			count[last]++;
		}
	}
	*out = (KsCounted){values, count, distinct, (int64_t) n};
	return KS_OK;
}

KsStatus
ks_count_weighted(const KsEnv *env, double *values, int64_t *count, size_t n,
				  KsCounted *out)
{
	double *repeated;
	size_t n_single = 0;
	size_t n_repeated = 0;
	KsStatus status;

	if (count == NULL)
		return count_singles(env, values, n, out);

	repeated = env->alloc(env->context, (n > 0 ? n : 1) * sizeof(double));
	if (repeated == NULL)
	{
		env->free(env->context, values);
		return KS_NO_MEMORY;
	}
	for (size_t i = 0; i < n; i++)
	{
		if (count[i] == 1)
			values[n_single++] = values[i];
		else
		{
			count[n_repeated] = count[i];
			repeated[n_repeated++] = values[i];
		}
	}
	status = sort_runs(env, repeated, count, n_repeated, &n_repeated);
	if (status == KS_OK)
		status = ks_sort_doubles(env, values, n_single);
	if (status == KS_OK)
		status = ks_count_merged(env, values, n_single, repeated, count, n_repeated, out);
	env->free(env->context, repeated);
	env->free(env->context, values);
	return status;
}
