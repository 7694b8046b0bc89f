/*
 * ks_walsh.c
 *	  Order statistics of all pairwise averages of one sample, and of all
 *	  differences between two samples.
 *
 * The averages are half the sums of the triangle of a sample with itself, the
 * differences the sums of a rectangle of one sample and the other one negated.
 * Values so large that a sum could overflow are scaled by a quarter first.
 */
#include "stat/ks_walsh.h"

#include <float.h>

/* Cumulative counts: out[k] is the sum of the first k, k = 0 .. distinct. */
static int64_t *
cumulate(const KsEnv *env, const KsCounted *sample, bool backwards)
{
	int64_t *before = env->alloc(env->context, (sample->distinct + 1) * sizeof(int64_t));

	if (before == NULL)
		return NULL;
	before[0] = 0;
	for (size_t k = 0; k < sample->distinct; k++)
		before[k + 1] =
			before[k] + ks_count_at(sample, backwards ? sample->distinct - 1 - k : k);
	return before;
}

/* Scale that keeps the sum of any two values finite: 1, or 1/4 near the end. */
static double
safe_scale(const KsCounted *sample)
{
	double largest =
		fmax(fabs(sample->value[0]), fabs(sample->value[sample->distinct - 1]));

	return largest > DBL_MAX / 4 ? 0.25 : 1;
}

KsStatus
ks_walsh_order_statistics(const KsEnv *env, const KsCounted *sample, const int64_t *ranks,
						  size_t rank_count, double *values)
{
	KsPairGrid grid = {sample->value,
					   sample->value,
					   sample->count,
					   NULL,
					   sample->distinct,
					   sample->distinct,
					   sample->distinct,
					   true,
					   sample->n,
					   sample->n,
					   0};
	double scale = sample->distinct > 0 ? safe_scale(sample) : 1;
	double *scaled = NULL;
	int64_t *before = NULL;
	KsStatus status = KS_OK;

	if (sample->n > KS_PAIRS_MAX_N)
		return KS_TOO_LARGE;
	grid.pairs = ks_triangle(sample->n);
	if (scale != 1)
	{
		scaled = env->alloc(env->context, sample->distinct * sizeof(double));
		for (size_t k = 0; scaled && k < sample->distinct; k++)
			scaled[k] = scale * sample->value[k];
		grid.row = grid.column = scaled;
		status = scaled ? KS_OK : KS_NO_MEMORY;
	}
	if (sample->count && status == KS_OK)
	{
		grid.column_before = before = cumulate(env, sample, false);
		status = before ? KS_OK : KS_NO_MEMORY;
	}
	if (status == KS_OK)
		status = ks_pair_sums_of_rank(env, &grid, ranks, rank_count, values);
	for (size_t k = 0; k < rank_count && status == KS_OK; k++)
		values[k] = values[k] * (0.5 / scale) + 0.0;
	if (scaled)
		env->free(env->context, scaled);
	if (before)
		env->free(env->context, before);
	return status;
}

/*
 * The rectangle of x and the negated y, with its guards, in fresh arrays.  Its
 * counts are formed if either sample has counts.
 */
static KsStatus
make_rectangle(const KsEnv *env, const KsCounted *x, const KsCounted *y, double scale,
			   KsPairGrid *grid, double **values, int64_t **counts)
{
	size_t rows = x->distinct, columns = y->distinct;
	bool weighted = x->count || y->count;

	*values = env->alloc(env->context, (rows + columns + 2) * sizeof(double));
	*counts = weighted ? env->alloc(env->context, (rows + 1) * sizeof(int64_t)) : NULL;
	*grid = (KsPairGrid){*values,    *values + rows + 1, *counts, NULL, rows,
						 columns,    rows + columns,     false,   x->n, y->n,
						 x->n * y->n};
	if (*values == NULL || (weighted && *counts == NULL))
		return KS_NO_MEMORY;
	for (size_t k = 0; k < rows; k++)
		(*values)[k] = scale * x->value[k];
	(*values)[rows] = INFINITY;
	(*values)[rows + 1] = -INFINITY;
	for (size_t k = 0; k < columns; k++)
		(*values)[rows + 2 + k] = -scale * y->value[columns - 1 - k];
	if (!weighted)
		return KS_OK;
	for (size_t k = 0; k < rows; k++)
		(*counts)[k] = ks_count_at(x, k);
	(*counts)[rows] = 0;
	grid->column_before = cumulate(env, y, true);
	return grid->column_before ? KS_OK : KS_NO_MEMORY;
}

KsStatus
ks_shift_order_statistics(const KsEnv *env, const KsCounted *x, const KsCounted *y,
						  const int64_t *ranks, size_t rank_count, double *values)
{
	KsPairGrid grid;
	double *grid_values;
	int64_t *grid_counts;
	double scale;
	KsStatus status;

	if (x->n > KS_PAIRS_MAX_N || y->n > KS_PAIRS_MAX_N)
		return KS_TOO_LARGE;
	scale = fmin(safe_scale(x), safe_scale(y));
	status = make_rectangle(env, x, y, scale, &grid, &grid_values, &grid_counts);
	if (status == KS_OK)
		status = ks_pair_sums_of_rank(env, &grid, ranks, rank_count, values);
	for (size_t k = 0; k < rank_count && status == KS_OK; k++)
	{
		values[k] = values[k] * (1 / scale) + 0.0;
		if (!isfinite(values[k]))
			status = KS_OVERFLOW;
	}
	if (grid_values)
		env->free(env->context, grid_values);
	if (grid_counts)
		env->free(env->context, grid_counts);
	if (grid.column_before)
		env->free(env->context, (void *)grid.column_before);
	return status;
}
