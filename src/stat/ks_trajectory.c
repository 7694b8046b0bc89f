/*
 * ks_trajectory.c
 *	  Fit a mixture of trajectories and read its figures off.
 *
 * The best of many starts (ks_trajectory_search.c) is taken to the optimum within
 * rounding by Newton's method with the exact observed information, whose inverse
 * gives the standard errors.
 *
 * Sources: Nagin 2005, Group-Based Modeling of Development; Celeux and Soromenho
 * 1996, J Classification 13:195 (entropy).
 */
#include "stat/ks_trajectory.h"

#include <string.h>

#include "stat/ks_dist.h"
#include "stat/ks_matrix.h"

/* What the search ended with: its parameters (of derivatives once finished), scratch as long. */
typedef struct Ending
{
	KsMixture mixture;
	double *best;
	double *work;
} Ending;

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
set_errors(Ending *ending, const size_t *order, const double *share, KsTrajectoryFit *fit)
{
	const KsTrajectoryData *data = ending->mixture.data;
	const KsEnv *env = ending->mixture.env;
	const size_t groups = fit->groups, fixed = fit->fixed, all = groups * fixed;
	const size_t sigma = groups * data->columns, width = sigma + groups;
	double value, *information;
	KsStatus status;

	information = env->alloc(env->context, (2 * width * width + width) * sizeof(double));
	if (information == NULL)
		return KS_NO_MEMORY;
	status = ks_mixture_derivatives(&ending->mixture, ending->best, &value,
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
set_figures(const KsTrajectorySource *source, Ending *ending, KsTrajectoryFit *fit)
{
	const KsTrajectoryData *data = ending->mixture.data;
	const size_t groups = fit->groups, sigma = groups * data->columns;
	size_t order[KS_TRAJECTORY_MOST_GROUPS];
	double share[KS_TRAJECTORY_MOST_GROUPS], ignored;
	double *log_share = ending->work + sigma + 1;
	bool possible;
	KsStatus status;

	memcpy(ending->work, ending->best, (sigma + 1) * sizeof(double));
	log_share[0] = 0;
	memcpy(log_share + 1, ending->best + sigma + 1, (groups - 1) * sizeof(double));
	ks_normalise_shares(log_share, groups);
	for (size_t k = 0; k < groups; k++)
		share[k] = exp(log_share[k]);
	order_groups(source, data, ending->best, groups, order);
	fit->sigma = data->unit * exp(ending->best[sigma] / 2);
	for (size_t k = 0; k < groups; k++)
	{
		fit->share[k] = share[order[k]];
		own_coefficients(data, fit->fixed, ending->best + order[k] * data->columns,
						 fit->beta + k * fit->fixed);
	}
	set_criteria(data, fit);
	status = set_errors(ending, order, share, fit);
	if (status != KS_OK)
		return status;
	ending->mixture.posterior = fit->posterior;
	status = ks_mixture_step(&ending->mixture, ending->work, &ignored, &possible);
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

/* The search ended at the least variance: the likelihood has no bound. */
static bool
leaves_nothing(const KsTrajectoryData *data, size_t groups, const double *parameters)
{
	return parameters[ks_trajectory_sigma_at(data, groups)] <
		   log(2 * KS_TRAJECTORY_LEAST_VARIANCE);
}

static KsStatus
fit_data(const KsTrajectorySource *source, const KsTrajectoryData *data, uint64_t seed,
		 const KsEnv *env, KsTrajectoryFit *fit)
{
	const size_t count = fit->groups * (data->columns + 1) + 1;
	Ending ending = {.best = env->alloc(env->context, 2 * count * sizeof(double))};
	KsTrajectorySearch result;
	KsMinimum minimum;
	KsStatus status;

	if (ending.best == NULL)
		return KS_NO_MEMORY;
	ending.work = ending.best + count;
	status = ks_trajectory_search(data, fit->groups, fit->starts, seed, env, ending.best,
								  &result);
	fit->reached = result.reached;
	fit->iterations = result.iterations;
	if (status == KS_OK && !result.found)
		ks_note(fit->note, "in every start a group ran empty or its curve could not be "
						   "estimated: ask for fewer groups");
	else if (status == KS_OK && leaves_nothing(data, fit->groups, ending.best))
		ks_note(fit->note, "the curves of so many groups fit every row exactly");
	else if (status == KS_OK)
	{
		status = ks_mixture_create(data, fit->groups, env, &ending.mixture);
		if (status == KS_OK)
			status = ks_mixture_finish(&ending.mixture, ending.best, &minimum);
		if (status == KS_OK)
		{
			fit->converged = minimum.converged;
			fit->log_lik = -minimum.value;
			status = set_figures(source, &ending, fit);
		}
		ks_mixture_free(&ending.mixture);
	}
	env->free(env->context, ending.best);
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
		status = fit_data(source, &data, seed, env, fit);
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
