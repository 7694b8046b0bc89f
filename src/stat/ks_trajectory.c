/*
 * ks_trajectory.c
 *	  Fit a mixture of trajectories: many starts by accelerated EM, the best one
 *	  finished by Newton's method.
 *
 * EM climbs safely but ends slowly; squared extrapolation (SQUAREM) takes it most
 * of the way for every start, and Newton's method with the exact observed
 * information takes the best start to the optimum within rounding.  The inverse of
 * that information gives the standard errors.
 *
 * A start whose smallest group runs empty, or is left without the rows its curve
 * needs, is no mixture of so many groups and is not counted.
 *
 * Sources: Nagin 2005, Group-Based Modeling of Development; Varadhan and Roland
 * 2008, Scand J Stat 35:335; Celeux and Soromenho 1996, J Classification 13:195
 * (entropy); Steele, Lea and Flood 2014, OOPSLA (splitmix64).
 */
#include "stat/ks_trajectory.h"

#include <string.h>

#include "stat/ks_dist.h"
#include "stat/ks_matrix.h"
#include "stat/ks_optimise.h"
#include "stat/ks_sort.h"

#define MOST_CYCLES 500
/* A start ends when a cycle of EM gains less; starts this close reached the same optimum. */
#define LEAST_GAIN 1e-7
#define SAME_OPTIMUM 1e-3
/* Spread of curves of single subjects, in units of the residual variance, at a start. */
#define START_SPREAD 2.0
#define START_VARIANCE 0.5

/* ---- starting points --------------------------------------------------------------- */

static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* A number from 0 to below - 1. */
static size_t
draw(uint64_t *state, size_t below)
{
	return (size_t)((double) (next_random(state) >> 11) / 9007199254740992.0 *
					(double) below);
}

/* Curve of one subject, drawn to the mean of all; square: columns squared. */
static void
subject_curve(const KsTrajectoryData *data, size_t subject, double *square, double *beta)
{
	const size_t columns = data->columns;
	const double *cross = data->cross + data->pattern[subject] * ks_packed_size(columns);
	const double *products = data->products + subject * (columns + 1);
	const double ridge = (double) data->n / (double) data->subjects / START_SPREAD;

	for (size_t i = 0; i < columns; i++)
		for (size_t j = 0; j <= i; j++)
			square[i * columns + j] = *cross++ + (i == j ? ridge : 0);
	if (!ks_cholesky(square, columns))
		memset(beta, 0, columns * sizeof(double));
	for (size_t i = 0; i < columns; i++)
	{
		beta[i] = products[i];
		for (size_t j = 0; j < i; j++)
			beta[i] -= square[i * columns + j] * beta[j];
		beta[i] /= square[i * columns + i];
	}
	for (size_t i = columns; i-- > 0;)
	{
		for (size_t j = i + 1; j < columns; j++)
			beta[i] -= square[j * columns + i] * beta[j];
		beta[i] /= square[i * columns + i];
	}
}

/* Equal shares about the curves of subjects drawn without replacement. */
static void
start_from_subjects(const KsTrajectoryData *data, size_t groups, uint64_t *state,
					double *square, double *parameters)
{
	size_t drawn[KS_TRAJECTORY_MOST_GROUPS];

	for (size_t k = 0; k < groups; k++)
	{
		bool again = true;

		while (again)
		{
			drawn[k] = draw(state, data->subjects);
			again = false;
			for (size_t l = 0; l < k; l++)
				again = again || drawn[l] == drawn[k];
		}
		subject_curve(data, drawn[k], square, parameters + k * data->columns);
		parameters[groups * data->columns + 1 + k] = -log((double) groups);
	}
	parameters[groups * data->columns] = log(START_VARIANCE);
}

/* Mean of a subject's residuals (of the first column, where it is not constant). */
static double
level_of(const KsTrajectoryData *data, size_t subject)
{
	const double *cross =
		data->cross + data->pattern[subject] * ks_packed_size(data->columns);

	return cross[0] > 0 ? data->products[subject * (data->columns + 1)] / cross[0] : 0;
}

/* Split the subjects into equal parts by their level; level: scratch of subjects. */
static KsStatus
start_from_levels(KsMixture *mixture, double *level, double *parameters, bool *possible)
{
	const KsTrajectoryData *data = mixture->data;
	const size_t groups = mixture->groups;
	KsStatus status;

	for (size_t i = 0; i < data->subjects; i++)
		level[i] = level_of(data, i);
	status = ks_sort_doubles(mixture->env, level, data->subjects);
	if (status != KS_OK)
		return status;
	memset(mixture->posterior, 0, data->subjects * groups * sizeof(double));
	for (size_t i = 0; i < data->subjects; i++)
	{
		const double own = level_of(data, i);
		size_t k = 0;

		while (k + 1 < groups && own >= level[(k + 1) * data->subjects / groups])
			k++;
		mixture->posterior[i * groups + k] = 1;
	}
	*possible = ks_mixture_maximise(mixture, parameters);
	return KS_OK;
}

/* ---- one start ---------------------------------------------------------------------- */

/* Squared extrapolation: x0 + 2 a r + a^2 v with r = x1 - x0, v = x2 - 2 x1 + x0. */
static void
extrapolate(const double *x0, const double *x1, const double *x2, size_t n, double *to)
{
	double first = 0, second = 0, length;

	for (size_t i = 0; i < n; i++)
	{
		const double r = x1[i] - x0[i], v = x2[i] - x1[i] - r;

		first += r * r;
		second += v * v;
	}
	length = second > 0 ? fmax(1, sqrt(first / second)) : 1;
	for (size_t i = 0; i < n; i++)
	{
		const double r = x1[i] - x0[i], v = x2[i] - x1[i] - r;

		to[i] = x0[i] + 2 * length * r + length * length * v;
	}
}

/* Shares of extrapolated logarithms need not sum to 1. */
static void
normalise_shares(double *log_share, size_t groups)
{
	double sum = 0;

	for (size_t k = 0; k < groups; k++)
		sum += exp(log_share[k]);
	for (size_t k = 0; k < groups; k++)
		log_share[k] -= log(sum);
}

/*
 * Accelerated EM from x (the parameters, replaced); work: 3 times their number.
 * *log_lik is -infinity when a group runs empty.
 */
static KsStatus
climb(KsMixture *mixture, double *x, double *work, double *log_lik, int *iterations)
{
	const size_t groups = mixture->groups;
	const size_t sigma = ks_trajectory_sigma_at(mixture->data, groups);
	const size_t n = sigma + 1 + groups, bytes = n * sizeof(double);
	double *x0 = work, *x1 = work + n, *x2 = work + 2 * n;
	double before = -INFINITY, there;
	bool possible = true;
	KsStatus status = KS_OK;

	for (int cycle = 0; cycle < MOST_CYCLES && status == KS_OK && possible; cycle++)
	{
		memcpy(x0, x, bytes);
		status = ks_mixture_step(mixture, x, log_lik, &possible);
		if (status != KS_OK || !possible || *log_lik - before < LEAST_GAIN)
			break;
		before = *log_lik;
		memcpy(x1, x, bytes);
		status = ks_mixture_step(mixture, x, log_lik, &possible);
		if (status != KS_OK || !possible)
			break;
		memcpy(x2, x, bytes);
		*iterations += 2;
		extrapolate(x0, x1, x2, n, x);
		normalise_shares(x + sigma + 1, groups);
		memcpy(x0, x, bytes);
		status = ks_mixture_step(mixture, x, &there, &possible);
		*iterations += 1;
		if (status == KS_OK && (!possible || !(there >= *log_lik)))
		{
			memcpy(x, x2, bytes);
			possible = true;
		}
	}
	if (!possible)
		*log_lik = -INFINITY;
	return status;
}

/* ---- all starts --------------------------------------------------------------------- */

/* Scratch of a fit, in one piece. */
typedef struct Search
{
	KsMixture mixture;
	uint64_t state;
	double *memory;
	double *level;
	double *square;
	double *parameters;
	double *work;
	double *best;
	double *log_lik; /* of each start */
	double best_log_lik;
} Search;

static KsStatus
create_search(const KsTrajectoryData *data, size_t groups, size_t starts, const KsEnv *env,
			  Search *search)
{
	const size_t n = (groups + 1) * (data->columns + 1);
	KsStatus status = ks_mixture_create(data, groups, env, &search->mixture);

	if (status != KS_OK)
		return status;
	search->memory = env->alloc(env->context, (data->subjects + data->columns * data->columns +
											   5 * n + starts + 1) *
												  sizeof(double));
	if (search->memory == NULL)
		return KS_NO_MEMORY;
	search->level = search->memory;
	search->square = search->level + data->subjects;
	search->parameters = search->square + data->columns * data->columns;
	search->work = search->parameters + n;
	search->best = search->work + 3 * n;
	search->log_lik = search->best + n;
	search->best_log_lik = -INFINITY;
	return KS_OK;
}

static KsStatus
run_start(Search *search, size_t start, double *posterior, KsTrajectoryFit *fit)
{
	KsMixture *mixture = &search->mixture;
	const KsTrajectoryData *data = mixture->data;
	const size_t groups = mixture->groups;
	bool possible = true;
	KsStatus status = KS_OK;

	mixture->posterior = posterior;
	if (start == 0)
		status = start_from_levels(mixture, search->level, search->parameters, &possible);
	else
		start_from_subjects(data, groups, &search->state, search->square, search->parameters);
	mixture->posterior = NULL;
	search->log_lik[start] = -INFINITY;
	if (status != KS_OK || !possible)
		return status;
	status = climb(mixture, search->parameters, search->work, &search->log_lik[start],
				   &fit->iterations);
	if (status == KS_OK && search->log_lik[start] > search->best_log_lik)
	{
		search->best_log_lik = search->log_lik[start];
		memcpy(search->best, search->parameters,
			   (groups * data->columns + 1 + groups) * sizeof(double));
	}
	return status;
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

/*
 * Finish the best start.  search->best: coefficients, log sigma squared, and, from
 * here on, log ratios of the shares to the first.
 */
static KsStatus
finish(Search *search, KsTrajectoryFit *fit)
{
	const KsObjective objective = {objective_value, objective_derivatives, &search->mixture};
	const size_t sigma = ks_trajectory_sigma_at(search->mixture.data, fit->groups);
	double *share = search->best + sigma + 1;
	const double first = share[0];
	KsMinimum minimum;
	KsStatus status;

	for (size_t k = 1; k < fit->groups; k++)
		share[k - 1] = share[k] - first;
	status = ks_minimise(&objective, sigma + fit->groups, search->best, search->mixture.env,
						 &minimum);
	if (status != KS_OK)
		return status;
	fit->converged = minimum.converged;
	fit->log_lik = -minimum.value;
	for (size_t i = 0; i < fit->starts; i++)
		fit->reached += search->log_lik[i] > fit->log_lik - SAME_OPTIMUM;
	return KS_OK;
}
/* ---- figures --------------------------------------------------------------------------- */

/* Coefficients of a group in the columns' own units. */
static void
own_coefficients(const KsTrajectoryData *data, size_t fixed, const double *parameters,
				 double *beta)
{
	for (size_t i = 0; i < fixed; i++)
	{
		KsDD sum = ks_dd(0);

		for (size_t j = 0; j < data->columns; j++)
			sum = ks_dd_add(sum, ks_two_prod(data->basis[i * data->columns + j], parameters[j]));
		sum = ks_dd_add_d(ks_dd_mul_d(sum, data->unit), data->least_squares[i]);
		beta[i] = data->used[i] ? ks_dd_value(sum) : NAN;
	}
}

/* order[k]: which group of the search comes k-th by its mean at the last time. */
static void
order_groups(const KsTrajectorySource *source, const KsTrajectoryData *data,
			 const double *parameters, size_t groups, size_t *order)
{
	double mean[KS_TRAJECTORY_MOST_GROUPS];

	for (size_t k = 0; k < groups; k++)
	{
		size_t at = k;

		mean[k] = 0;
		for (size_t j = 0; j < data->columns; j++)
			for (size_t i = 0; i < source->fixed; i++)
				mean[k] += source->last[i] * data->basis[i * data->columns + j] *
						   parameters[k * data->columns + j];
		for (; at > 0 && mean[order[at - 1]] > mean[k]; at--)
			order[at] = order[at - 1];
		order[at] = k;
	}
}

/* Covariance of the parameters: the inverse of the information, which is replaced. */
static bool
invert_information(double *information, size_t n, double *inverse)
{
	if (!ks_cholesky(information, n))
		return false;
	ks_invert_triangle(information, n, inverse);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++)
		{
			double sum = 0;

			for (size_t k = i; k < n; k++)
				sum += inverse[k * n + i] * inverse[k * n + j];
			information[i * n + j] = information[j * n + i] = sum;
		}
	return true;
}

/* Covariance of coefficients of groups k and l: unit basis * covariance * unit basis'. */
static void
own_covariance(const KsTrajectoryData *data, const double *covariance, size_t width, size_t k,
			   size_t l, size_t fixed, double *to, size_t to_width)
{
	const size_t columns = data->columns;

	for (size_t i = 0; i < fixed; i++)
		for (size_t j = 0; j < fixed; j++)
		{
			double sum = 0;

			for (size_t a = 0; a < columns; a++)
				for (size_t b = 0; b < columns; b++)
					sum += data->basis[i * columns + a] * data->basis[j * columns + b] *
						   covariance[(k * columns + a) * width + l * columns + b];
			to[i * to_width + j] =
				data->used[i] && data->used[j] ? sum * data->unit * data->unit : NAN;
		}
}

/* Standard errors of the shares by the delta method from their log ratios. */
static double
error_of_share(const double *share, size_t groups, size_t k, const double *covariance,
			   size_t width, size_t at)
{
	double sum = 0;

	for (size_t i = 1; i < groups; i++)
		for (size_t j = 1; j < groups; j++)
			sum += share[k] * ((i == k) - share[i]) * share[k] * ((j == k) - share[j]) *
				   covariance[(at + i) * width + at + j];
	return sqrt(sum);
}

static KsStatus
set_errors(Search *search, const size_t *order, const double *share, KsTrajectoryFit *fit)
{
	const KsTrajectoryData *data = search->mixture.data;
	const KsEnv *env = search->mixture.env;
	const size_t groups = fit->groups, fixed = fit->fixed, all = groups * fixed;
	const size_t sigma = groups * data->columns, width = sigma + groups;
	double value, *information;
	KsStatus status;

	information = env->alloc(env->context, (2 * width * width + width) * sizeof(double));
	if (information == NULL)
		return KS_NO_MEMORY;
	status = ks_mixture_derivatives(&search->mixture, search->best, &value,
									information + 2 * width * width, information);
	if (status == KS_OK &&
		!invert_information(information, width, information + width * width))
		ks_note(fit->note, "no standard errors: the information is singular");
	else if (status == KS_OK)
		for (size_t k = 0; k < groups; k++)
		{
			fit->share_error[k] =
				error_of_share(share, groups, order[k], information, width, sigma);
			for (size_t l = 0; l < groups; l++)
				own_covariance(data, information, width, order[k], order[l], fixed,
							   fit->vcov + k * fixed * all + l * fixed, all);
		}
	env->free(env->context, information);
	return status;
}

/* Posteriors in the order of the groups, and what is counted from them. */
static void
count_posteriors(const size_t *order, KsTrajectoryFit *fit)
{
	const size_t groups = fit->groups;
	double own[KS_TRAJECTORY_MOST_GROUPS], lost = 0;

	for (size_t k = 0; k < groups; k++)
		fit->assigned[k] = fit->mean_posterior[k] = 0;
	for (size_t subject = 0; subject < fit->subjects; subject++)
	{
		double *posterior = fit->posterior + subject * groups;
		size_t most = 0;

		memcpy(own, posterior, groups * sizeof(double));
		for (size_t k = 0; k < groups; k++)
		{
			posterior[k] = own[order[k]];
			most = posterior[k] > posterior[most] ? k : most;
			lost -= posterior[k] > 0 ? posterior[k] * log(posterior[k]) : 0;
		}
		fit->assigned[most] += 1;
		fit->mean_posterior[most] += posterior[most];
	}
	for (size_t k = 0; k < groups; k++)
		fit->mean_posterior[k] /= fit->assigned[k]; /* 0 / 0: NaN */
	if (groups > 1)
		fit->entropy = 1 - lost / ((double) fit->subjects * log((double) groups));
}

static void
set_criteria(const KsTrajectoryData *data, KsTrajectoryFit *fit)
{
	const double k = (double) fit->parameters;

	fit->log_lik -= (double) fit->n * log(data->unit);
	fit->aic = -2 * fit->log_lik + 2 * k;
	fit->bic = -2 * fit->log_lik + k * log((double) fit->subjects);
	fit->bic_observations = -2 * fit->log_lik + k * log((double) fit->n);
}

static void
add_notes(const KsTrajectoryData *data, KsTrajectoryFit *fit)
{
	double fewest = INFINITY;

	for (size_t k = 0; k < fit->groups; k++)
		fewest = fmin(fewest, fit->assigned[k]);
	if (data->columns < fit->fixed)
		ks_note(fit->note, "%zu coefficient%s cannot be estimated", fit->fixed - data->columns,
				fit->fixed - data->columns == 1 ? "" : "s");
	if (fewest < 1)
	{
		ks_note(fit->note, "a group is empty: ask for fewer groups");
		fit->converged = false;
	}
	else if (fewest < 2)
		ks_note(fit->note, "a group holds a single subject");
	if (!fit->converged && fewest >= 1)
		ks_note(fit->note, "the search did not converge");
}

/* Every figure from the parameters the search ended with. */
static KsStatus
set_figures(const KsTrajectorySource *source, Search *search, KsTrajectoryFit *fit)
{
	const KsTrajectoryData *data = search->mixture.data;
	const size_t groups = fit->groups, sigma = groups * data->columns;
	size_t order[KS_TRAJECTORY_MOST_GROUPS];
	double share[KS_TRAJECTORY_MOST_GROUPS], ignored;
	double *log_share = search->work + sigma + 1;
	bool possible;
	KsStatus status;

	memcpy(search->work, search->best, (sigma + 1) * sizeof(double));
	log_share[0] = 0;
	memcpy(log_share + 1, search->best + sigma + 1, (groups - 1) * sizeof(double));
	normalise_shares(log_share, groups);
	for (size_t k = 0; k < groups; k++)
		share[k] = exp(log_share[k]);
	order_groups(source, data, search->best, groups, order);
	fit->sigma = data->unit * exp(search->best[sigma] / 2);
	for (size_t k = 0; k < groups; k++)
	{
		fit->share[k] = share[order[k]];
		own_coefficients(data, fit->fixed, search->best + order[k] * data->columns,
						 fit->beta + k * fit->fixed);
	}
	set_criteria(data, fit);
	status = set_errors(search, order, share, fit);
	if (status != KS_OK)
		return status;
	search->mixture.posterior = fit->posterior;
	status = ks_mixture_step(&search->mixture, search->work, &ignored, &possible);
	if (status != KS_OK)
		return status;
	count_posteriors(order, fit);
	add_notes(data, fit);
	return KS_OK;
}

/* ---- fit ------------------------------------------------------------------------------ */

/* Room for the figures, all NaN. */
static KsStatus
create_figures(const KsEnv *env, KsTrajectoryFit *fit)
{
	const size_t groups = fit->groups, all = groups * fit->fixed;
	const size_t doubles = 4 * groups + all + all * all + fit->subjects * groups;

	fit->log_lik = fit->aic = fit->bic = fit->bic_observations = NAN;
	fit->entropy = fit->sigma = NAN;
	fit->share = env->alloc(env->context, (doubles + 1) * sizeof(double));
	if (fit->share == NULL)
		return KS_NO_MEMORY;
	fit->share_error = fit->share + groups;
	fit->mean_posterior = fit->share_error + groups;
	fit->assigned = fit->mean_posterior + groups;
	fit->beta = fit->assigned + groups;
	fit->vcov = fit->beta + all;
	fit->posterior = fit->vcov + all * all;
	for (size_t i = 0; i < doubles; i++)
		fit->share[i] = NAN;
	return KS_OK;
}

/* Note why the model cannot be fitted, or true. */
static bool
can_be_fitted(const KsTrajectoryData *data, KsTrajectoryFit *fit)
{
	fit->parameters = fit->groups * data->columns + fit->groups;
	if (fit->subjects == 0)
		ks_note(fit->note, "no complete rows");
	else if (fit->groups == 0 || fit->groups > fit->subjects)
		ks_note(fit->note, "more groups than subjects");
	else if (data->exact)
		ks_note(fit->note, "the outcome is constant or one curve fits it exactly");
	else if (data->columns == 0)
		ks_note(fit->note, "no column that varies to fit a curve by");
	else if (fit->n <= (int64_t) fit->parameters)
		ks_note(fit->note, "no more rows than parameters");
	return fit->note[0] == '\0';
}

static KsStatus
fit_data(const KsTrajectorySource *source, const KsTrajectoryData *data, uint64_t seed,
		 const KsEnv *env, KsTrajectoryFit *fit)
{
	Search search = {.state = seed};
	KsStatus status = create_search(data, fit->groups, fit->starts, env, &search);

	for (size_t start = 0; status == KS_OK && start < fit->starts; start++)
		status = run_start(&search, start, fit->posterior, fit);
	if (status == KS_OK && !isfinite(search.best_log_lik))
		ks_note(fit->note, "in every start a group ran empty or its curve could not be "
						   "estimated: ask for fewer groups");
	else if (status == KS_OK)
	{
		status = finish(&search, fit);
		if (status == KS_OK)
			status = set_figures(source, &search, fit);
	}
	if (search.memory != NULL)
		env->free(env->context, search.memory);
	ks_mixture_free(&search.mixture);
	return status;
}

KsStatus
ks_trajectory_fit(const KsTrajectorySource *source, size_t groups, size_t starts,
				  uint64_t seed, const KsEnv *env, KsTrajectoryFit *fit)
{
	KsTrajectoryData data;
	KsStatus status;

	memset(fit, 0, sizeof(*fit));
	fit->n = source->n;
	fit->subjects = source->subjects;
	fit->fixed = source->fixed;
	fit->groups = groups;
	fit->starts = starts > 0 ? starts : 1;
	if (groups > KS_TRAJECTORY_MOST_GROUPS)
		return KS_TOO_LARGE;
	status = create_figures(env, fit);
	if (status != KS_OK)
		return status;
	status = ks_trajectory_read(source, env, &data);
	if (status == KS_OK && can_be_fitted(&data, fit))
	{
		status = fit_data(source, &data, seed, env, fit);
		for (size_t i = 0; isnan(fit->sigma) && i < fit->subjects * groups; i++)
			fit->posterior[i] = NAN;
	}
	ks_trajectory_data_free(env, &data);
	return status;
}

void
ks_trajectory_fit_free(const KsEnv *env, KsTrajectoryFit *fit)
{
	if (fit->share != NULL)
		env->free(env->context, fit->share);
	memset(fit, 0, sizeof(*fit));
}

void
ks_trajectory_mean(const KsTrajectoryFit *fit, size_t group, const double *row,
				   double conf_level, double *estimate, double *conf_low, double *conf_high)
{
	const size_t fixed = fit->fixed, all = fit->groups * fixed;
	const double *beta = fit->beta + group * fixed;
	const double *vcov = fit->vcov + group * fixed * (all + 1);
	KsDD mean = ks_dd(0);
	double variance = 0, half;

	for (size_t i = 0; i < fixed; i++)
	{
		if (row[i] == 0)
			continue;
		mean = ks_dd_add(mean, ks_two_prod(row[i], beta[i]));
		for (size_t j = 0; j < fixed; j++)
			if (row[j] != 0)
				variance += row[i] * vcov[i * all + j] * row[j];
	}
	*estimate = ks_dd_value(mean);
	half = ks_normal_quantile((1 - conf_level) / 2, false) * sqrt(variance);
	*conf_low = *estimate - half;
	*conf_high = *estimate + half;
}
