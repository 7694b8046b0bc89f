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

/* A group needs subjects that add up to more than this. */
#define LEAST_WEIGHT 1e-3
/* Its X'X must keep this share of each pivot. */
#define LEAST_PIVOT 1e-8

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
	parameters[groups * columns] =
		log(fmax(left / (double) data->n, KS_TRAJECTORY_LEAST_VARIANCE));
	return true;
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

void
ks_normalise_shares(double *log_share, size_t groups)
{
	double sum = 0;

	for (size_t k = 0; k < groups; k++)
		sum += exp(log_share[k]);
	for (size_t k = 0; k < groups; k++)
		log_share[k] -= log(sum);
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

/* ---- Newton's method ------------------------------------------------------------------ */

static KsStatus
objective_value(void *context, const double *at, double *value)
{
	return ks_mixture_derivatives(context, at, value, NULL, NULL);
}

static KsStatus
objective_derivatives(void *context, const double *at, double *gradient, double *hessian)
{
	double value;

	return ks_mixture_derivatives(context, at, &value, gradient, hessian);
}

KsStatus
ks_mixture_finish(KsMixture *mixture, double *parameters, KsMinimum *minimum)
{
	const KsObjective objective = {objective_value, objective_derivatives, mixture};
	const size_t sigma = ks_trajectory_sigma_at(mixture->data, mixture->groups);
	double *share = parameters + sigma + 1;
	const double first = share[0];

	for (size_t k = 1; k < mixture->groups; k++)
		share[k - 1] = share[k] - first;
	return ks_minimise(&objective, sigma + mixture->groups, parameters, mixture->env,
					   minimum);
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
