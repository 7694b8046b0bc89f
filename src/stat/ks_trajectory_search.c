/*
 * ks_trajectory_search.c
 *	  Many starts of a mixture of trajectories by accelerated EM.
 *
 * EM climbs safely but ends slowly; squared extrapolation (SQUAREM) takes it most
 * of the way, Newton's method the rest where that is long.  Of very many subjects the starts see a random sample; the best
 * optima found there are then climbed to with all of them.
 *
 * A start whose smallest group runs empty, or is left without the rows its curve
 * needs, is no mixture of so many groups and is not counted.
 *
 * Sources: Varadhan and Roland 2008, Scand J Stat 35:335; Steele, Lea and Flood
 * 2014, OOPSLA (splitmix64).
 */
#include "stat/ks_trajectory_search.h"

#include <string.h>

#include "stat/ks_matrix.h"
#include "stat/ks_sort.h"

#define MOST_CYCLES 500
/* After this many cycles Newton's method goes on, unless there are more parameters. */
#define CYCLES_BEFORE_NEWTON 20
#define MOST_NEWTON_PARAMETERS 64
/* A start ends when a cycle of EM gains less; starts this close reached the same optimum. */
#define LEAST_GAIN 1e-7
#define SAME_OPTIMUM 1e-3
/* Spread of curves of single subjects, in units of the residual variance, at a start. */
#define START_SPREAD 2.0
#define START_VARIANCE 0.5
/* Starts see a sample of this size of twice as many subjects or more ... */
#define SAMPLE 3000
/* ... and this many of the optima they find are climbed to with all. */
#define MOST_OPTIMA 3

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

/* Newton's method from and to parameters as EM has them. */
static KsStatus
climb_by_newton(KsMixture *mixture, double *x, int *iterations)
{
	const size_t groups = mixture->groups;
	double *share = x + ks_trajectory_sigma_at(mixture->data, groups) + 1;
	KsMinimum minimum;
	KsStatus status = ks_mixture_finish(mixture, x, &minimum);

	memmove(share + 1, share, (groups - 1) * sizeof(double));
	share[0] = 0;
	ks_normalise_shares(share, groups);
	*iterations += minimum.iterations;
	return status;
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
		if (cycle == CYCLES_BEFORE_NEWTON && n <= MOST_NEWTON_PARAMETERS)
		{
			status = climb_by_newton(mixture, x, iterations);
			continue;
		}
		memcpy(x1, x, bytes);
		status = ks_mixture_step(mixture, x, log_lik, &possible);
		if (status != KS_OK || !possible)
			break;
		memcpy(x2, x, bytes);
		*iterations += 2;
		extrapolate(x0, x1, x2, n, x);
		ks_normalise_shares(x + sigma + 1, groups);
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

/* An optimum of the starts: its parameters, and how many starts reached it. */
typedef struct Optimum
{
	double log_lik;
	size_t reached;
	double *parameters;
} Optimum;

typedef struct Search
{
	KsMixture mixture;
	uint64_t state;
	size_t count; /* of parameters */
	double *memory;
	double *level;
	double *square;
	double *parameters;
	double *work;
	int iterations;
	size_t optima;
	Optimum optimum[MOST_OPTIMA]; /* best first */
} Search;

static KsStatus
create_search(const KsTrajectoryData *data, size_t groups, uint64_t seed, const KsEnv *env,
			  Search *search)
{
	const size_t columns = data->columns;
	KsStatus status;

	memset(search, 0, sizeof(*search));
	search->state = seed;
	search->count = groups * columns + 1 + groups;
	status = ks_mixture_create(data, groups, env, &search->mixture);
	if (status != KS_OK)
		return status;
	search->memory = env->alloc(env->context, (data->subjects * (groups + 1) +
											   columns * columns +
											   (4 + MOST_OPTIMA) * search->count) *
												  sizeof(double));
	if (search->memory == NULL)
		return KS_NO_MEMORY;
	search->level = search->memory + data->subjects * groups;
	search->square = search->level + data->subjects;
	search->parameters = search->square + columns * columns;
	search->work = search->parameters + search->count;
	for (size_t i = 0; i < MOST_OPTIMA; i++)
		search->optimum[i].parameters = search->work + (3 + i) * search->count;
	return KS_OK;
}

static void
free_search(const KsEnv *env, Search *search)
{
	if (search->memory != NULL)
		env->free(env->context, search->memory);
	ks_mixture_free(&search->mixture);
}

/* Count a start that ended at search->parameters among the optima, best first. */
static void
note_optimum(Search *search, double log_lik)
{
	Optimum *optimum = search->optimum, last;
	size_t at = 0;

	while (at < search->optima && optimum[at].log_lik > log_lik + SAME_OPTIMUM)
		at++;
	if (at < search->optima && fabs(optimum[at].log_lik - log_lik) <= SAME_OPTIMUM)
	{
		optimum[at].reached++;
		if (log_lik <= optimum[at].log_lik)
			return;
	}
	else if (at < MOST_OPTIMA)
	{
		search->optima += search->optima < MOST_OPTIMA;
		last = optimum[search->optima - 1];
		memmove(optimum + at + 1, optimum + at,
				(search->optima - 1 - at) * sizeof(Optimum));
		optimum[at] = last;
		optimum[at].reached = 1;
	}
	else
		return;
	optimum[at].log_lik = log_lik;
	memcpy(optimum[at].parameters, search->parameters, search->count * sizeof(double));
}

static KsStatus
run_start(Search *search, size_t start)
{
	KsMixture *mixture = &search->mixture;
	bool possible = true;
	double log_lik;
	KsStatus status = KS_OK;

	mixture->posterior = search->memory;
	if (start == 0)
		status = start_from_levels(mixture, search->level, search->parameters, &possible);
	else
		start_from_subjects(mixture->data, mixture->groups, &search->state, search->square,
							search->parameters);
	mixture->posterior = NULL;
	if (status != KS_OK || !possible)
		return status;
	status = climb(mixture, search->parameters, search->work, &log_lik, &search->iterations);
	if (status == KS_OK && isfinite(log_lik))
		note_optimum(search, log_lik);
	return status;
}

/* Climb from the optima of a sample with all subjects; the first becomes the best. */
static KsStatus
climb_with_all(const KsTrajectoryData *data, const KsEnv *env, Search *search)
{
	KsMixture all;
	Optimum best = {.log_lik = -INFINITY};
	KsStatus status = ks_mixture_create(data, search->mixture.groups, env, &all);

	for (size_t i = 0; i < search->optima && status == KS_OK; i++)
	{
		Optimum *optimum = &search->optimum[i];

		status = climb(&all, optimum->parameters, search->work, &optimum->log_lik,
					   &search->iterations);
		if (optimum->log_lik > best.log_lik)
			best = *optimum;
	}
	search->optimum[0] = best;
	search->optima = isfinite(best.log_lik);
	ks_mixture_free(&all);
	return status;
}

/* The starts, on the data or a sample of them. */
static KsStatus
run_starts(const KsTrajectoryData *data, const KsTrajectoryData *sample, size_t starts,
		   const KsEnv *env, Search *search)
{
	KsStatus status = KS_OK;

	for (size_t start = 0; status == KS_OK && start < starts; start++)
		status = run_start(search, start);
	if (status == KS_OK && sample != data)
		status = climb_with_all(data, env, search);
	return status;
}

/* Subjects drawn without replacement, in their own order (Knuth's algorithm S). */
static void
draw_sample(size_t subjects, size_t size, uint64_t *state, uint32_t *chosen)
{
	size_t taken = 0;

	for (size_t i = 0; taken < size; i++)
		if (draw(state, subjects - i) < size - taken)
			chosen[taken++] = (uint32_t) i;
}

KsStatus
ks_trajectory_search(const KsTrajectoryData *data, size_t groups, size_t starts,
					 uint64_t seed, const KsEnv *env, double *parameters,
					 KsTrajectorySearch *result)
{
	const bool sampled = data->subjects >= 2 * SAMPLE;
	KsTrajectoryData sample = {0};
	const KsTrajectoryData *used = sampled ? &sample : data;
	uint32_t chosen[SAMPLE];
	Search search = {.memory = NULL};
	KsStatus status = KS_OK;

	memset(result, 0, sizeof(*result));
	if (sampled)
	{
		draw_sample(data->subjects, SAMPLE, &seed, chosen);
		status = ks_trajectory_sample(data, chosen, SAMPLE, env, &sample);
	}
	if (status == KS_OK)
		status = create_search(used, groups, seed, env, &search);
	if (status == KS_OK)
		status = run_starts(data, used, starts, env, &search);
	if (status == KS_OK && search.optima > 0)
	{
		result->found = true;
		result->reached = search.optimum[0].reached;
		memcpy(parameters, search.optimum[0].parameters, search.count * sizeof(double));
	}
	result->iterations = search.iterations;
	free_search(env, &search);
	ks_trajectory_sample_free(env, &sample);
	return status;
}
