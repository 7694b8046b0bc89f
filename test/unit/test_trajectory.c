/*
 * test_trajectory.c
 *	  Trajectory groups against R: log likelihood, shares, curves, standard errors,
 *	  posteriors; and data that hold no such groups.
 */
#include "stat/ks_trajectory.h"

#include "gold.h"
#include "unit.h"

#define MOST_COLUMNS 8

typedef struct Data
{
	KsTrajectorySource source;
	size_t packed;
	KsDD *cross;
	KsDD *own;	   /* subjects x packed */
	int64_t *rows; /* subjects */
	double last[MOST_COLUMNS];
	double last_time;
} Data;

static void
read_block(const void *context, size_t subject, int64_t *n, KsDD *cross)
{
	const Data *data = context;

	*n = data->rows[subject];
	memcpy(cross, data->own + subject * data->packed, data->packed * sizeof(KsDD));
}

static void
create_data(Data *data, size_t subjects, size_t fixed)
{
	memset(data, 0, sizeof(*data));
	data->source.subjects = subjects;
	data->source.fixed = fixed;
	data->packed = (fixed + 1) * (fixed + 2) / 2;
	data->cross = calloc(data->packed, sizeof(KsDD));
	data->own = calloc(subjects * data->packed + 1, sizeof(KsDD));
	data->rows = calloc(subjects + 1, sizeof(int64_t));
	data->last_time = -INFINITY;
	data->source.cross = data->cross;
	data->source.last = data->last;
	data->source.block = read_block;
	data->source.context = data;
}

static void
free_data(Data *data)
{
	free(data->cross);
	free(data->own);
	free(data->rows);
}

/* xy: fixed columns and y; the second column is the time. */
static void
add_row(Data *data, size_t subject, const double *xy)
{
	KsDD *own = data->own + subject * data->packed, *all = data->cross;

	for (size_t i = 0; i <= data->source.fixed; i++)
		for (size_t j = 0; j <= i; j++, own++, all++)
		{
			*own = ks_dd_add(*own, ks_two_prod(xy[i], xy[j]));
			*all = ks_dd_add(*all, ks_two_prod(xy[i], xy[j]));
		}
	data->rows[subject]++;
	data->source.n++;
	if (data->source.fixed > 1 && xy[1] > data->last_time)
	{
		data->last_time = xy[1];
		memcpy(data->last, xy, data->source.fixed * sizeof(double));
	}
}

static void
read_data(Gold *gold, Data *data)
{
	const int rows = (int) gold_number(gold, 2);
	const size_t fixed = (size_t) gold_number(gold, 4);

	create_data(data, (size_t) gold_number(gold, 3), fixed);
	for (int row = 0; row < rows; row++)
	{
		double xy[MOST_COLUMNS];

		gold_next(gold);
		for (size_t i = 0; i < fixed; i++)
			xy[i] = gold_number(gold, 3 + (int) i);
		xy[fixed] = gold_number(gold, 2);
		add_row(data, (size_t) gold_number(gold, 1), xy);
	}
}

static void
check_fit(const Gold *gold, const Data *data, KsTrajectoryFit *fit)
{
	const size_t groups = (size_t) gold_number(gold, 1);
	double assigned = 0;

	CHECK(ks_trajectory_fit(&data->source, groups, 20, 1, &unit_env, fit) == KS_OK);
	CHECK(fit->converged && fit->reached >= 1 && fit->note[0] == '\0');
	CHECK_CLOSE(fit->log_lik, gold_number(gold, 2), 1e-10);
	CHECK_CLOSE(fit->sigma, gold_number(gold, 3), 1e-6);
	for (size_t k = 0; k < groups; k++)
	{
		CHECK_CLOSE(fit->share[k], gold_number(gold, 4 + (int) k), 1e-6);
		if (groups > 1)
			CHECK_CLOSE(fit->share_error[k], gold_number(gold, 4 + (int) (groups + k)), 1e-5);
		assigned += fit->assigned[k];
	}
	CHECK_CLOSE(fit->bic, gold_number(gold, 4 + 2 * (int) groups), 1e-10);
	CHECK_CLOSE(fit->entropy, gold_number(gold, 5 + 2 * (int) groups), 1e-6);
	CHECK(assigned == (double) fit->subjects);
}

static void
check_curve(const Gold *gold, const KsTrajectoryFit *fit, bool errors)
{
	const size_t k = (size_t) gold_number(gold, 1), fixed = fit->fixed;
	const size_t all = fit->groups * fixed;

	for (size_t i = 0; i < fixed; i++)
	{
		const size_t at = k * fixed + i;

		if (errors)
			CHECK_CLOSE(sqrt(fit->vcov[at * all + at]), gold_number(gold, 2 + (int) i), 1e-5);
		else
			CHECK(fabs(fit->beta[at] - gold_number(gold, 2 + (int) i)) <
				  1e-5 * sqrt(fit->vcov[at * all + at]));
	}
}

static void
test_gold(void)
{
	Gold gold;
	Data data = {0};
	KsTrajectoryFit fit = {0};

	gold_open(&gold, "test/oracle/trajectory.csv");
	while (gold_next(&gold))
	{
		const char *tag = gold.field[0];

		if (strcmp(tag, "data") == 0)
		{
			free_data(&data);
			read_data(&gold, &data);
		}
		else if (strcmp(tag, "fit") == 0)
		{
			ks_trajectory_fit_free(&unit_env, &fit);
			check_fit(&gold, &data, &fit);
		}
		else if (strcmp(tag, "beta") == 0 || strcmp(tag, "error") == 0)
			check_curve(&gold, &fit, tag[0] == 'e');
		else if (strcmp(tag, "posterior") == 0)
			for (size_t k = 0; k < fit.groups; k++)
				CHECK(fabs(fit.posterior[k] - gold_number(&gold, 1 + (int) k)) < 1e-6);
	}
	ks_trajectory_fit_free(&unit_env, &fit);
	free_data(&data);
}

/* ---- other data ---------------------------------------------------------------------- */

/* A fixed scatter without a random generator. */
static double
scatter(size_t subject, int visit)
{
	const double wave = sin(12.9898 * (double) subject + 78.233 * visit) * 43758.5453;

	return wave - floor(wave) - 0.5;
}

/* Two groups far apart: lines from 0 upwards and from 10 downwards. */
static void
two_lines(Data *data, size_t subjects, int visits, double noise)
{
	create_data(data, subjects, 2);
	for (size_t subject = 0; subject < subjects; subject++)
		for (int visit = 0; visit < visits; visit++)
		{
			const double line = subject % 3 == 0 ? 10 - visit : visit;
			const double xy[3] = {1, visit, line + noise * scatter(subject, visit)};

			add_row(data, subject, xy);
		}
}

/* One group is least squares. */
static void
test_one_group(void)
{
	Data data;
	KsTrajectoryFit fit;
	double low, high, mean;

	create_data(&data, 4, 2);
	for (size_t subject = 0; subject < 4; subject++)
		for (int visit = 0; visit < 3; visit++)
			add_row(&data, subject, (double[]){1, visit, visit == 1 ? 5 : 2.0 + (double) subject});
	CHECK(ks_trajectory_fit(&data.source, 1, 5, 1, &unit_env, &fit) == KS_OK);
	CHECK_CLOSE(fit.beta[0], 4, 1e-13);
	CHECK(fabs(fit.beta[1]) < 1e-13 && fit.share[0] == 1 && fit.assigned[0] == 4);
	CHECK_CLOSE(fit.sigma, sqrt(18.0 / 12 - 0.0), 0.2);
	CHECK_CLOSE(fit.vcov[3], fit.sigma * fit.sigma / 8, 1e-12);
	CHECK(isnan(fit.entropy) && fit.parameters == 3 && fit.converged);
	ks_trajectory_mean(&fit, 0, (double[]){1, 1}, 0.95, &mean, &low, &high);
	CHECK_CLOSE(mean, 4, 1e-13);
	CHECK_CLOSE(high - low, 2 * 1.9599639845400545 * fit.sigma / sqrt(12), 1e-12);
	ks_trajectory_fit_free(&unit_env, &fit);
	free_data(&data);
}

/* Groups far apart are found whole, in the order of their end; no digit depends on the seed. */
static void
test_two_lines(void)
{
	Data data;
	KsTrajectoryFit fit, other;

	two_lines(&data, 30, 10, 1);
	CHECK(ks_trajectory_fit(&data.source, 2, 10, 1, &unit_env, &fit) == KS_OK);
	CHECK(fit.converged && fit.assigned[0] == 10 && fit.assigned[1] == 20);
	CHECK_CLOSE(fit.share[1], 2.0 / 3, 1e-9);
	CHECK(fit.entropy > 0.999 && fit.mean_posterior[0] > 0.999);
	CHECK(fabs(fit.beta[0] - 10) < 0.2 && fabs(fit.beta[3] - 1) < 0.1);
	CHECK(fit.posterior[0] > 0.999 && fit.posterior[2] < 0.001);
	CHECK(ks_trajectory_fit(&data.source, 2, 10, 99, &unit_env, &other) == KS_OK);
	CHECK_CLOSE(other.log_lik, fit.log_lik, 1e-13);
	CHECK_CLOSE(other.beta[2], fit.beta[2], 1e-9);
	ks_trajectory_fit_free(&unit_env, &other);
	CHECK(ks_trajectory_fit(&data.source, 2, 10, 1, &unit_env, &other) == KS_OK);
	CHECK(memcmp(other.posterior, fit.posterior, 60 * sizeof(double)) == 0);
	ks_trajectory_fit_free(&unit_env, &fit);
	ks_trajectory_fit_free(&unit_env, &other);
	free_data(&data);
}

/* So many subjects that the starts see a sample. */
static void
test_many_subjects(void)
{
	Data data;
	KsTrajectoryFit fit;

	two_lines(&data, 7000, 6, 2);
	CHECK(ks_trajectory_fit(&data.source, 2, 3, 1, &unit_env, &fit) == KS_OK);
	CHECK(fit.converged && fit.reached == 3 && fit.note[0] == '\0');
	CHECK(fit.assigned[0] == 2334 && fit.assigned[1] == 4666);
	CHECK_CLOSE(fit.share[0], 2334.0 / 7000, 1e-9);
	CHECK_CLOSE(fit.sigma, 2 / sqrt(12), 0.02);
	ks_trajectory_fit_free(&unit_env, &fit);
	free_data(&data);
}

/* The fit gives no figures but a note that holds `words`. */
static void
check_refused(Data *data, size_t groups, const char *words)
{
	KsTrajectoryFit fit;

	CHECK(ks_trajectory_fit(&data->source, groups, 5, 1, &unit_env, &fit) == KS_OK);
	CHECK(strstr(fit.note, words) != NULL);
	CHECK(isnan(fit.log_lik) && isnan(fit.sigma) && !fit.converged);
	CHECK(groups == 0 || (isnan(fit.share[0]) && isnan(fit.beta[0])));
	ks_trajectory_fit_free(&unit_env, &fit);
}

static void
test_refused(void)
{
	Data data;
	KsTrajectoryFit fit;

	two_lines(&data, 6, 4, 1);
	check_refused(&data, 7, "more groups than subjects");
	check_refused(&data, 0, "more groups than subjects");
	CHECK(ks_trajectory_fit(&data.source, 6, 5, 1, &unit_env, &fit) == KS_OK);
	CHECK(strstr(fit.note, "a group is empty") != NULL && !fit.converged);
	ks_trajectory_fit_free(&unit_env, &fit);
	CHECK(ks_trajectory_fit(&data.source, 21, 5, 1, &unit_env, &fit) == KS_TOO_LARGE);
	ks_trajectory_fit_free(&unit_env, &fit);
	free_data(&data);
	two_lines(&data, 2, 2, 1);
	check_refused(&data, 2, "no more rows than parameters");
	free_data(&data);
	create_data(&data, 0, 2);
	check_refused(&data, 2, "no complete rows");
	free_data(&data);
	create_data(&data, 5, 2);
	for (size_t subject = 0; subject < 5; subject++)
		for (int visit = 0; visit < 4; visit++)
			add_row(&data, subject, (double[]){1, visit, 3.3});
	check_refused(&data, 2, "constant");
	free_data(&data);
	two_lines(&data, 8, 4, 0);
	check_refused(&data, 2, "fit every row exactly");
	free_data(&data);
}

/* A column that depends on others, and identical subjects: more groups than there are. */
static void
test_dependent(void)
{
	Data data;
	KsTrajectoryFit fit;

	create_data(&data, 30, 3);
	for (size_t subject = 0; subject < 30; subject++)
		for (int visit = 0; visit < 6; visit++)
			add_row(&data, subject,
					(double[]){1, visit, 2 - 3.0 * visit,
							   (subject % 2 == 0 ? 5 : 0) + scatter(subject, visit)});
	CHECK(ks_trajectory_fit(&data.source, 2, 5, 1, &unit_env, &fit) == KS_OK);
	CHECK(fit.converged && isnan(fit.beta[2]) && !isnan(fit.beta[4]) && fit.parameters == 6);
	CHECK(strstr(fit.note, "1 coefficient cannot be estimated") != NULL);
	CHECK_CLOSE(fit.share[0], 0.5, 1e-9);
	ks_trajectory_fit_free(&unit_env, &fit);
	free_data(&data);
	create_data(&data, 30, 2);
	for (size_t subject = 0; subject < 30; subject++)
		for (int visit = 0; visit < 6; visit++)
			add_row(&data, subject, (double[]){1, visit, visit + scatter(1, visit)});
	CHECK(ks_trajectory_fit(&data.source, 2, 5, 1, &unit_env, &fit) == KS_OK);
	CHECK(isnan(fit.log_lik) || !fit.converged);
	CHECK(fit.note[0] != '\0');
	ks_trajectory_fit_free(&unit_env, &fit);
	free_data(&data);
}

/* ---- failures ------------------------------------------------------------------------- */

typedef struct Countdown
{
	int allocations;
	int polls;
} Countdown;

static void *
failing_alloc(void *context, size_t bytes)
{
	return ((Countdown *) context)->allocations-- > 0 ? malloc(bytes > 0 ? bytes : 1) : NULL;
}

static bool
cancelling_poll(void *context)
{
	return ((Countdown *) context)->polls-- <= 0;
}

static void
test_failures(void)
{
	Countdown countdown = {0, 1000000};
	const KsEnv env = {failing_alloc, unit_free, cancelling_poll, &countdown};
	KsTrajectoryFit fit;
	KsStatus status = KS_NO_MEMORY;
	Data data;

	two_lines(&data, 20, 5, 1);
	for (int i = 0; i < 200 && status == KS_NO_MEMORY; i++)
	{
		countdown.allocations = i;
		status = ks_trajectory_fit(&data.source, 2, 3, 1, &env, &fit);
		ks_trajectory_fit_free(&env, &fit);
	}
	CHECK(status == KS_OK);
	status = KS_CANCELLED;
	for (int i = 0; i < 2000 && status == KS_CANCELLED; i++)
	{
		countdown = (Countdown){1000000, i};
		status = ks_trajectory_fit(&data.source, 2, 3, 1, &env, &fit);
		ks_trajectory_fit_free(&env, &fit);
		CHECK(status == KS_CANCELLED || i > 5);
	}
	CHECK(status == KS_OK);
	free_data(&data);
}

int
main(void)
{
	test_gold();
	test_one_group();
	test_two_lines();
	test_many_subjects();
	test_refused();
	test_dependent();
	test_failures();
	return UNIT_END();
}
