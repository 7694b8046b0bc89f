/*
 * ks_trajectory_data.c
 *	  The data of a mixture of trajectories: one small block for each subject, in a
 *	  basis that loses no digits, X'X shared by subjects seen at the same times.
 *
 * Everything up to the rounded blocks is double-double: y less its least squares
 * fit in units of what is left, X with orthogonal columns of mean square 1, so
 * that neither an offset nor powers of the time cost digits in the likelihood.
 */
#include "stat/ks_trajectory_data.h"

#include <string.h>

#include "stat/ks_matrix.h"

#define POLL_EVERY 512

/* A column depends on the others when this share of its sum of squares is left. */
#define DEPENDENT 1e-20
/* ... and the outcome is fitted exactly when this share of its own is left. */
#define EXACT 1e-30
/* ---- reading -------------------------------------------------------------------- */

static inline KsDD
add_product(KsDD sum, KsDD a, double b)
{
	return ks_dd_accumulate(sum, ks_dd_mul_d(a, b));
}

/*
 * Sum of products of two columns of a rotated [X y]'[X y]: left' cross right, both
 * fixed + 1 coefficients.
 */
static KsDD
rotated(const KsDD *cross, size_t rows, const double *left, const double *right)
{
	KsDD sum = ks_dd(0);

	for (size_t i = 0; i < rows; i++)
	{
		KsDD part = ks_dd(0);

		if (left[i] == 0)
			continue;
		for (size_t j = 0; j < rows; j++)
			if (right[j] != 0)
				part = add_product(part, cross[ks_packed_at(i, j)], right[j]);
		sum = ks_dd_add(sum, ks_dd_mul_d(part, left[i]));
	}
	return sum;
}

/*
 * Columns of the basis and of the residual as fixed + 1 coefficients each, one
 * after another: columns + 1 rows of `map`.
 */
static void
fill_map(const KsTrajectorySource *source, const double *square, KsTrajectoryData *data,
		 double *map)
{
	const size_t fixed = source->fixed, rows = fixed + 1;
	double *residual = map + data->columns * rows;
	double outcome[2] = {0, 0};
	size_t at = 0;

	memset(map, 0, (data->columns + 1) * rows * sizeof(double));
	residual[fixed] = 1;
	for (size_t j = 0; j < fixed; j++)
	{
		KsDD product = ks_dd(0);

		if (!data->used[j])
			continue;
		for (size_t i = 0; i <= j; i++)
		{
			map[at * rows + i] = square[i * fixed + j];
			product = add_product(product, source->cross[ks_packed_at(fixed, i)],
								  square[i * fixed + j]);
		}
		for (size_t i = 0; i <= j; i++)
			residual[i] -= square[i * fixed + j] * ks_dd_value(product);
		at++;
	}
	outcome[0] = ks_dd_value(rotated(source->cross, rows, residual, residual));
	outcome[1] = ks_dd_value(source->cross[ks_packed_at(fixed, fixed)]);
	data->exact = !(outcome[0] > EXACT * outcome[1]);
	data->unit = data->exact ? 1 : sqrt(outcome[0] / (double) source->n);
	data->sum_squares = outcome[0] / (data->unit * data->unit);
	for (size_t i = 0; i < fixed; i++)
		data->least_squares[i] = -residual[i];
	for (size_t j = 0; j < data->columns; j++)
		for (size_t i = 0; i < fixed; i++)
		{
			map[j * rows + i] *= sqrt((double) source->n);
			data->basis[i * data->columns + j] = map[j * rows + i];
		}
	for (size_t i = 0; i < rows; i++)
		residual[i] /= data->unit;
}

static size_t
hash_pattern(const double *cross, size_t size)
{
	uint64_t hash = 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < size; i++)
	{
		uint64_t bits;

		memcpy(&bits, &cross[i], sizeof(bits));
		hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	return (size_t) hash;
}

/* The pattern whose X'X stands last in the list: an earlier equal one, or a new one. */
static uint32_t
find_pattern(KsTrajectoryData *data, uint32_t *slot, size_t slots)
{
	const size_t size = ks_packed_size(data->columns);
	const double *cross = data->cross + data->patterns * size;
	size_t at = hash_pattern(cross, size) & (slots - 1);

	for (; slot[at] != 0; at = (at + 1) & (slots - 1))
		if (data->rows[slot[at] - 1] == data->rows[data->patterns] &&
			memcmp(data->cross + (slot[at] - 1) * size, cross, size * sizeof(double)) == 0)
			return slot[at] - 1;
	slot[at] = (uint32_t) ++data->patterns;
	return slot[at] - 1;
}

static KsStatus
read_subjects(const KsTrajectorySource *source, const KsEnv *env, const double *map,
			  KsDD *block, uint32_t *slot, size_t slots, KsTrajectoryData *data)
{
	const size_t columns = data->columns, rows = source->fixed + 1;
	const double *residual = map + columns * rows;

	for (size_t subject = 0; subject < source->subjects; subject++)
	{
		double *products = data->products + subject * (columns + 1);
		double *cross = data->cross + data->patterns * ks_packed_size(columns);
		int64_t n;

		if (subject % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		source->block(source->context, subject, &n, block);
		for (size_t i = 0; i < columns; i++)
		{
			for (size_t j = 0; j <= i; j++)
				*cross++ = ks_dd_value(rotated(block, rows, map + i * rows, map + j * rows)) + 0.0;
			products[i] = ks_dd_value(rotated(block, rows, map + i * rows, residual));
		}
		products[columns] = ks_dd_value(rotated(block, rows, residual, residual));
		data->rows[data->patterns] = (double) n;
		data->pattern[subject] = find_pattern(data, slot, slots);
	}
	return KS_OK;
}

/* Memory for the subjects; slots is the size of the table of patterns. */
static bool
create_data(const KsTrajectorySource *source, const KsEnv *env, KsTrajectoryData *data)
{
	const size_t subjects = source->subjects, columns = data->columns;

	data->pattern = env->alloc(env->context, (subjects + 1) * sizeof(uint32_t));
	data->rows = env->alloc(env->context, (subjects + 1) * sizeof(double));
	data->cross =
		env->alloc(env->context, (subjects * ks_packed_size(columns) + 1) * sizeof(double));
	data->products = env->alloc(env->context, (subjects * (columns + 1) + 1) * sizeof(double));
	data->basis = env->alloc(env->context, (source->fixed * columns + 1) * sizeof(double));
	data->least_squares = env->alloc(env->context, (source->fixed + 1) * sizeof(double));
	return data->pattern != NULL && data->rows != NULL && data->cross != NULL &&
		   data->products != NULL && data->basis != NULL && data->least_squares != NULL;
}

static KsStatus
read_in_basis(const KsTrajectorySource *source, const KsEnv *env, KsDD *work, double *square,
			  double *map, KsTrajectoryData *data)
{
	size_t slots = 64;
	uint32_t *slot;
	KsStatus status;

	while (slots < 2 * source->subjects)
		slots *= 2;
	data->columns = ks_orthonormal_basis(source->cross, source->fixed, false, DEPENDENT, work,
										 square, data->used);
	slot = env->alloc(env->context, slots * sizeof(uint32_t));
	if (slot == NULL)
		return KS_NO_MEMORY;
	memset(slot, 0, slots * sizeof(uint32_t));
	status = KS_NO_MEMORY;
	if (create_data(source, env, data))
	{
		fill_map(source, square, data, map);
		status = read_subjects(source, env, map, work, slot, slots, data);
	}
	env->free(env->context, slot);
	return status;
}

KsStatus
ks_trajectory_read(const KsTrajectorySource *source, const KsEnv *env, KsTrajectoryData *data)
{
	const size_t rows = source->fixed + 1;
	KsDD *work;
	double *square;
	KsStatus status = KS_NO_MEMORY;

	memset(data, 0, sizeof(*data));
	data->subjects = source->subjects;
	data->n = source->n;
	if (source->subjects > UINT32_MAX / 4)
		return KS_TOO_LARGE;
	work = env->alloc(env->context, (rows * rows + 2 * rows) * sizeof(KsDD));
	square = env->alloc(env->context, 2 * rows * rows * sizeof(double));
	data->used = env->alloc(env->context, rows);
	if (work != NULL && square != NULL && data->used != NULL)
		status = read_in_basis(source, env, work, square, square + rows * rows, data);
	if (work != NULL)
		env->free(env->context, work);
	if (square != NULL)
		env->free(env->context, square);
	return status;
}

static void
release(const KsEnv *env, void *memory)
{
	if (memory != NULL)
		env->free(env->context, memory);
}

void
ks_trajectory_data_free(const KsEnv *env, KsTrajectoryData *data)
{
	release(env, data->pattern);
	release(env, data->rows);
	release(env, data->cross);
	release(env, data->products);
	release(env, data->basis);
	release(env, data->least_squares);
	release(env, data->used);
	memset(data, 0, sizeof(*data));
}

/* ---- samples ----------------------------------------------------------------------- */

/* Copy the patterns in use and the subjects; remap: whole's pattern + 1 to sample's. */
static void
copy_subjects(const KsTrajectoryData *data, const uint32_t *subject, uint32_t *remap,
			  KsTrajectoryData *sample)
{
	const size_t size = ks_packed_size(data->columns), width = data->columns + 1;

	for (size_t i = 0; i < sample->subjects; i++)
	{
		const uint32_t from = data->pattern[subject[i]];
		const double *products = data->products + subject[i] * width;

		if (remap[from] == 0)
		{
			memcpy(sample->cross + sample->patterns * size, data->cross + from * size,
				   size * sizeof(double));
			sample->rows[sample->patterns] = data->rows[from];
			remap[from] = (uint32_t) ++sample->patterns;
		}
		sample->pattern[i] = remap[from] - 1;
		memcpy(sample->products + i * width, products, width * sizeof(double));
		sample->sum_squares += products[data->columns];
		sample->n += (int64_t) data->rows[from];
	}
}

KsStatus
ks_trajectory_sample(const KsTrajectoryData *data, const uint32_t *subject, size_t subjects,
					 const KsEnv *env, KsTrajectoryData *sample)
{
	const size_t columns = data->columns;
	uint32_t *remap;

	*sample = *data;
	sample->subjects = subjects;
	sample->n = 0;
	sample->patterns = 0;
	sample->sum_squares = 0;
	sample->pattern = env->alloc(env->context, subjects * sizeof(uint32_t));
	sample->rows = env->alloc(env->context, subjects * sizeof(double));
	sample->cross =
		env->alloc(env->context, subjects * ks_packed_size(columns) * sizeof(double));
	sample->products = env->alloc(env->context, subjects * (columns + 1) * sizeof(double));
	remap = env->alloc(env->context, data->patterns * sizeof(uint32_t));
	if (sample->pattern == NULL || sample->rows == NULL || sample->cross == NULL ||
		sample->products == NULL || remap == NULL)
	{
		release(env, remap);
		return KS_NO_MEMORY;
	}
	memset(remap, 0, data->patterns * sizeof(uint32_t));
	copy_subjects(data, subject, remap, sample);
	env->free(env->context, remap);
	return KS_OK;
}

void
ks_trajectory_sample_free(const KsEnv *env, KsTrajectoryData *sample)
{
	release(env, sample->pattern);
	release(env, sample->rows);
	release(env, sample->cross);
	release(env, sample->products);
	memset(sample, 0, sizeof(*sample));
}
