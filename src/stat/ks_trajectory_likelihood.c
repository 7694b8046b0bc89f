/*
 * ks_trajectory_likelihood.c
 *	  The likelihood of normal group-based trajectories from cross-products.
 *
 * Given its group, a subject's rows are independent and normal about the group's
 * curve, so its log density needs only n, X'X, X'y and y'y: a pass costs
 * subjects, not rows, and X'X is shared by all subjects seen at the same times.
 *
 * The Hessian is that of Louis: the expected complete-data Hessian plus the
 * variance, over the posterior, of the complete-data score.
 *
 * Sources: Nagin 1999, Psychological Methods 4:139; Dempster, Laird and Rubin
 * 1977, J R Stat Soc B 39:1; Louis 1982, J R Stat Soc B 44:226.
 */
#include "stat/ks_trajectory_likelihood.h"

#include <string.h>

#include "stat/ks_matrix.h"

#define POLL_EVERY 512

/* A column depends on the others when this share of its sum of squares is left. */
#define DEPENDENT 1e-20
/* ... and the outcome is fitted exactly when this share of its own is left. */
#define EXACT 1e-30
/* A group needs subjects that add up to more than this. */
#define LEAST_WEIGHT 1e-3
/* Its X'X must keep this share of each pivot. */
#define LEAST_PIVOT 1e-8

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

/* ---- EM ---------------------------------------------------------------------------- */

/* x' * packed * y. */
static double
packed_form(const double *packed, const double *x, const double *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++, packed++)
			sum += *packed * (i == j ? x[i] * y[i] : x[i] * y[j] + x[j] * y[i]);
	return sum;
}

/*
 * Constants of the log density of each pattern and group, all that does not depend
 * on y: log share - n / 2 log(2 pi sigma^2) - b'X'X b / (2 sigma^2).
 */
static void
fill_table(KsMixture *mixture, const double *parameters, const double *log_share)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t columns = data->columns, size = ks_packed_size(columns);
	const double log_variance = parameters[ks_trajectory_sigma_at(data, mixture->groups)];
	const double half_precision = exp(-log_variance) / 2;
	const double half_log = (log(2 * M_PI) + log_variance) / 2;

	for (size_t i = 0; i < data->patterns; i++)
		for (size_t k = 0; k < mixture->groups; k++)
		{
			const double *beta = parameters + k * columns;
			const double form = packed_form(data->cross + i * size, beta, beta, columns);

			mixture->table[i * mixture->groups + k] =
				log_share[k] - data->rows[i] * half_log - form * half_precision;
		}
}

/*
 * Posteriors of one subject; returns its log likelihood.  scaled: coefficients
 * divided by sigma^2, groups x columns.
 */
static inline double
posteriors_of(const KsMixture *mixture, size_t subject, const double *scaled,
			  double half_precision, double *posterior)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t columns = data->columns, groups = mixture->groups;
	const double *products = data->products + subject * (columns + 1);
	const double *table = mixture->table + data->pattern[subject] * groups;
	double largest = -INFINITY, sum = 0;

	for (size_t k = 0; k < groups; k++)
	{
		double density = table[k];

		for (size_t j = 0; j < columns; j++)
			density += scaled[k * columns + j] * products[j];
		posterior[k] = density;
		largest = fmax(largest, density);
	}
	for (size_t k = 0; k < groups; k++)
	{
		posterior[k] = posterior[k] == largest ? 1 : exp(posterior[k] - largest);
		sum += posterior[k];
	}
	for (size_t k = 0; k < groups; k++)
		posterior[k] /= sum;
	return largest + log(sum) - half_precision * products[columns];
}

/* Coefficients, variance and shares from sums of weighted products (groups x columns). */
static bool
maximise(KsMixture *mixture, const double *products, double *square, double *parameters)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t columns = data->columns, groups = mixture->groups;
	double left = data->sum_squares;

	for (size_t k = 0; k < groups; k++)
	{
		double *beta = parameters + k * columns, total = 0;

		memset(square, 0, columns * columns * sizeof(double));
		for (size_t i = 0; i < data->patterns; i++)
		{
			const double weight = mixture->weight[i * groups + k];
			const double *cross = data->cross + i * ks_packed_size(columns);

			total += weight;
			for (size_t a = 0; a < columns; a++)
				for (size_t b = 0; b <= a; b++)
					square[a * columns + b] += weight * *cross++;
		}
		for (size_t a = 0; a < columns; a++)
			square[columns * columns + a] = square[a * columns + a];
		if (!(total > LEAST_WEIGHT) || !ks_cholesky(square, columns))
			return false;
		for (size_t a = 0; a < columns; a++)
			if (square[a * columns + a] * square[a * columns + a] <
				LEAST_PIVOT * square[columns * columns + a])
				return false;
		for (size_t a = 0; a < columns; a++)
		{
			beta[a] = products[k * columns + a];
			for (size_t b = 0; b < a; b++)
				beta[a] -= square[a * columns + b] * beta[b];
			beta[a] /= square[a * columns + a];
			left -= beta[a] * beta[a]; /* explained, before the second substitution */
		}
		for (size_t a = columns; a-- > 0;)
		{
			for (size_t b = a + 1; b < columns; b++)
				beta[a] -= square[b * columns + a] * beta[b];
			beta[a] /= square[a * columns + a];
		}
		parameters[groups * columns + 1 + k] = log(total / (double) data->subjects);
	}
	parameters[groups * columns] = log(left / (double) data->n);
	return left > 0;
}

static void
add_weights(KsMixture *mixture, size_t subject, const double *posterior, double *products)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t columns = data->columns, groups = mixture->groups;
	const double *own = data->products + subject * (columns + 1);
	double *weight = mixture->weight + data->pattern[subject] * groups;

	for (size_t k = 0; k < groups; k++)
	{
		weight[k] += posterior[k];
		for (size_t j = 0; j < columns; j++)
			products[k * columns + j] += posterior[k] * own[j];
	}
}

bool
ks_mixture_maximise(KsMixture *mixture, double *parameters)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t columns = data->columns, groups = mixture->groups;

	memset(mixture->weight, 0, data->patterns * groups * sizeof(double));
	memset(mixture->sums, 0, groups * columns * sizeof(double));
	for (size_t subject = 0; subject < data->subjects; subject++)
		add_weights(mixture, subject, mixture->posterior + subject * groups, mixture->sums);
	return maximise(mixture, mixture->sums, mixture->sums + groups * columns, parameters);
}

KsStatus
ks_mixture_step(KsMixture *mixture, double *parameters, double *log_lik, bool *possible)
{
	const KsTrajectoryData *data = mixture->data;
	const KsEnv *env = mixture->env;
	const size_t columns = data->columns, groups = mixture->groups;
	const double precision = exp(-parameters[groups * columns]);
	double *products = mixture->sums, *square = products + groups * columns;
	double *scaled = square + columns * (columns + 1), *own = scaled + groups * columns;

	*log_lik = 0;
	fill_table(mixture, parameters, parameters + groups * columns + 1);
	for (size_t i = 0; i < groups * columns; i++)
		scaled[i] = parameters[i] * precision;
	memset(mixture->weight, 0, data->patterns * groups * sizeof(double));
	memset(products, 0, groups * columns * sizeof(double));
	for (size_t subject = 0; subject < data->subjects; subject++)
	{
		double *posterior =
			mixture->posterior != NULL ? mixture->posterior + subject * groups : own;

		if (subject % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		*log_lik += posteriors_of(mixture, subject, scaled, precision / 2, posterior);
		add_weights(mixture, subject, posterior, products);
	}
	*possible = isfinite(*log_lik) && maximise(mixture, products, square, parameters);
	return KS_OK;
}

/* ---- derivatives --------------------------------------------------------------------- */

/* What one subject says of each group. */
typedef struct Scores
{
	double *posterior; /* groups */
	double *share;	   /* groups */
	double *slope;	   /* groups x columns: d log density / d coefficients */
	double *spread;	   /* groups: d log density / d log sigma^2 */
	double *mean;	   /* parameters: the score */
} Scores;

/* Slopes and spread of a subject; the score into scores->mean. */
static void
fill_scores(const KsMixture *mixture, size_t subject, const double *parameters, Scores *scores)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t columns = data->columns, groups = mixture->groups;
	const double precision = exp(-parameters[groups * columns]);
	const double *own = data->products + subject * (columns + 1);
	const double *cross = data->cross + data->pattern[subject] * ks_packed_size(columns);

	scores->mean[groups * columns] = 0;
	for (size_t k = 0; k < groups; k++)
	{
		const double *beta = parameters + k * columns;
		double squares = own[columns];

		for (size_t i = 0; i < columns; i++)
		{
			double fitted = 0;

			for (size_t j = 0; j < columns; j++)
				fitted += cross[ks_packed_at(i, j)] * beta[j];
			scores->slope[k * columns + i] = precision * (own[i] - fitted);
			squares += beta[i] * (fitted - 2 * own[i]);
			scores->mean[k * columns + i] =
				scores->posterior[k] * scores->slope[k * columns + i];
		}
		scores->spread[k] = (precision * squares - data->rows[data->pattern[subject]]) / 2;
		scores->mean[groups * columns] += scores->posterior[k] * scores->spread[k];
		if (k > 0)
			scores->mean[groups * columns + k] = scores->posterior[k] - scores->share[k];
	}
}

/* Add the posterior mean of the squared complete-data score and Hessian: lower triangle. */
static void
add_complete(const KsMixture *mixture, size_t subject, double precision, const Scores *scores,
			 double *hessian)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t columns = data->columns, groups = mixture->groups;
	const size_t sigma = groups * columns, width = sigma + groups;
	const double *cross = data->cross + data->pattern[subject] * ks_packed_size(columns);
	const double rows = data->rows[data->pattern[subject]];

	for (size_t k = 0; k < groups; k++)
	{
		const double *slope = scores->slope + k * columns, p = scores->posterior[k];
		const double spread = scores->spread[k];

		for (size_t i = 0; i < columns; i++)
		{
			for (size_t j = 0; j <= i; j++)
				hessian[(k * columns + i) * width + k * columns + j] +=
					p * (slope[i] * slope[j] - precision * cross[ks_packed_at(i, j)]);
			hessian[sigma * width + k * columns + i] += p * slope[i] * (spread - 1);
			for (size_t l = 1; l < groups; l++)
				hessian[(sigma + l) * width + k * columns + i] +=
					p * slope[i] * ((k == l) - scores->share[l]);
		}
		hessian[sigma * width + sigma] += p * (spread * spread - spread - rows / 2);
		for (size_t l = 1; l < groups; l++)
		{
			hessian[(sigma + l) * width + sigma] += p * spread * ((k == l) - scores->share[l]);
			for (size_t m = 1; m <= l; m++)
				hessian[(sigma + l) * width + sigma + m] +=
					p * ((k == l) - scores->share[l]) * ((k == m) - scores->share[m]);
		}
	}
	for (size_t l = 1; l < groups; l++)
		for (size_t m = 1; m <= l; m++)
			hessian[(sigma + l) * width + sigma + m] -=
				(l == m ? scores->share[l] : 0) - scores->share[l] * scores->share[m];
}

/* Shares and their logarithms from log ratios to the first. */
static void
fill_shares(const double *log_ratio, size_t groups, double *share, double *log_share)
{
	double largest = 0, sum = 0;

	for (size_t k = 1; k < groups; k++)
		largest = fmax(largest, log_ratio[k - 1]);
	for (size_t k = 0; k < groups; k++)
		sum += exp((k == 0 ? 0 : log_ratio[k - 1]) - largest);
	for (size_t k = 0; k < groups; k++)
	{
		log_share[k] = (k == 0 ? 0 : log_ratio[k - 1]) - largest - log(sum);
		share[k] = exp(log_share[k]);
	}
}

KsStatus
ks_mixture_derivatives(KsMixture *mixture, const double *parameters, double *value,
					   double *gradient, double *hessian)
{
	const KsTrajectoryData *data = mixture->data;
	const KsEnv *env = mixture->env;
	const size_t columns = data->columns, groups = mixture->groups;
	const size_t sigma = groups * columns, width = sigma + groups;
	const double precision = exp(-parameters[sigma]);
	double *scaled = mixture->sums, *log_share = scaled + sigma;
	Scores scores = {.posterior = log_share + groups};

	scores.share = scores.posterior + groups;
	scores.spread = scores.share + groups;
	scores.slope = scores.spread + groups;
	scores.mean = scores.slope + sigma;
	fill_shares(parameters + sigma + 1, groups, scores.share, log_share);
	fill_table(mixture, parameters, log_share);
	for (size_t i = 0; i < sigma; i++)
		scaled[i] = parameters[i] * precision;
	*value = 0;
	if (gradient != NULL)
	{
		memset(gradient, 0, width * sizeof(double));
		memset(hessian, 0, width * width * sizeof(double));
	}
	for (size_t subject = 0; subject < data->subjects; subject++)
	{
		if (subject % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		*value -=
			posteriors_of(mixture, subject, scaled, precision / 2, scores.posterior);
		if (gradient == NULL)
			continue;
		fill_scores(mixture, subject, parameters, &scores);
		add_complete(mixture, subject, precision, &scores, hessian);
		for (size_t i = 0; i < width; i++)
		{
			gradient[i] -= scores.mean[i];
			for (size_t j = 0; j <= i; j++)
				hessian[i * width + j] -= scores.mean[i] * scores.mean[j];
		}
	}
	for (size_t i = 0; i < width && gradient != NULL; i++)
		for (size_t j = 0; j <= i; j++)
			hessian[i * width + j] = hessian[j * width + i] = -hessian[i * width + j];
	return KS_OK;
}

/* ---- workspace ------------------------------------------------------------------------- */

KsStatus
ks_mixture_create(const KsTrajectoryData *data, size_t groups, const KsEnv *env,
				  KsMixture *mixture)
{
	const size_t columns = data->columns, cells = data->patterns * groups;
	double *memory;

	memset(mixture, 0, sizeof(*mixture));
	mixture->data = data;
	mixture->env = env;
	mixture->groups = groups;
	memory = env->alloc(env->context, (2 * cells + 4 * groups * columns + 6 * groups +
									   columns * (columns + 1) + 1) *
										  sizeof(double));
	if (memory == NULL)
		return KS_NO_MEMORY;
	mixture->table = memory;
	mixture->weight = memory + cells;
	mixture->sums = mixture->weight + cells;
	return KS_OK;
}

void
ks_mixture_free(KsMixture *mixture)
{
	if (mixture->table != NULL)
		mixture->env->free(mixture->env->context, mixture->table);
	memset(mixture, 0, sizeof(*mixture));
}
