/*
 * test_mixed.c
 *	  Linear mixed models against lme4 and lmerTest: the deviance at a given theta,
 *	  the optimum, estimates, standard errors, degrees of freedom, conditional modes.
 */
#include "stat/ks_mixed.h"
#include "stat/ks_mixed_inference.h"

#include "gold.h"
#include "unit.h"

#define MOST_COLUMNS 32

/* A data set's cross-products, all and by group. */
typedef struct Data
{
	KsMixedSource source;
	size_t term_size[8];
	uint32_t outer_start[64];
	KsDD *cross;
	KsDD *zz;  /* groups x packed */
	KsDD *zxy; /* groups x random x (fixed + 1) */
} Data;

static void
read_block(const void *context, size_t group, KsDD *zz, KsDD *zxy)
{
	const Data *data = context;
	const size_t q = data->source.random, packed = q * (q + 1) / 2;
	const size_t width = q * (data->source.fixed + 1);

	memcpy(zz, data->zz + group * packed, packed * sizeof(KsDD));
	memcpy(zxy, data->zxy + group * width, width * sizeof(KsDD));
}

static void
create_data(Data *data, size_t groups, size_t fixed, size_t random, size_t terms)
{
	KsMixedSource *source = &data->source;

	memset(data, 0, sizeof(*data));
	source->groups = groups;
	source->fixed = fixed;
	source->random = random;
	source->terms = terms;
	source->term_size = data->term_size;
	data->term_size[0] = random;
	data->cross = calloc((fixed + 1) * (fixed + 2) / 2, sizeof(KsDD));
	data->zz = calloc(groups * random * (random + 1) / 2, sizeof(KsDD));
	data->zxy = calloc(groups * random * (fixed + 1), sizeof(KsDD));
	source->cross = data->cross;
	source->block = read_block;
	source->context = data;
}

static void
free_data(Data *data)
{
	free(data->cross);
	free(data->zz);
	free(data->zxy);
}

static void
add(KsDD *sum, double a, double b)
{
	*sum = ks_dd_add(*sum, ks_two_prod(a, b));
}

/* xy: fixed + 1 values, z: random. */
static void
add_row(Data *data, size_t group, const double *xy, const double *z)
{
	const size_t p = data->source.fixed + 1, q = data->source.random;
	KsDD *at = data->cross, *zz = data->zz + group * q * (q + 1) / 2;
	KsDD *zxy = data->zxy + group * q * p;

	for (size_t i = 0; i < p; i++)
		for (size_t j = 0; j <= i; j++)
			add(at++, xy[i], xy[j]);
	for (size_t i = 0; i < q; i++)
	{
		for (size_t j = 0; j <= i; j++)
			add(zz++, z[i], z[j]);
		for (size_t j = 0; j < p; j++)
			add(zxy++, z[i], xy[j]);
	}
	data->source.n++;
}

/* Read `model` and its `row` lines. */
static void
read_model(Gold *gold, Data *data)
{
	const int rows = (int) gold_number(gold, 2);

	create_data(data, (size_t) gold_number(gold, 3), (size_t) gold_number(gold, 4),
				(size_t) gold_number(gold, 5), (size_t) gold_number(gold, 6));
	for (size_t i = 0; i < data->source.terms; i++)
		data->term_size[i] = (size_t) gold_number(gold, 7 + (int) i);
	for (int row = 0; row < rows; row++)
	{
		const size_t p = data->source.fixed;
		double xy[MOST_COLUMNS], z[MOST_COLUMNS];

		gold_next(gold);
		xy[p] = gold_number(gold, 2);
		for (size_t i = 0; i < p; i++)
			xy[i] = gold_number(gold, 3 + (int) i);
		for (size_t i = 0; i < data->source.random; i++)
			z[i] = gold_number(gold, 3 + (int) (p + i));
		add_row(data, (size_t) gold_number(gold, 1), xy, z);
	}
}

/* Read `outer`: which groups nest in which. */
static void
read_outer(const Gold *gold, Data *data)
{
	data->source.outer = (size_t) gold_number(gold, 1);
	data->source.outer_groups = (size_t) gold_number(gold, 2);
	data->source.outer_start = data->outer_start;
	for (size_t i = 0; i <= data->source.outer_groups; i++)
		data->outer_start[i] = (uint32_t) gold_number(gold, 3 + (int) i);
}

static void
check_theta(const Gold *gold, const Data *data)
{
	const int count = (int) gold_number(gold, 1);
	double theta[MOST_COLUMNS], deviance;

	for (int i = 0; i < count; i++)
		theta[i] = gold_number(gold, 2 + i);
	for (int ml = 0; ml < 2; ml++)
	{
		CHECK(ks_mixed_deviance_at_theta(&data->source, !ml, theta, &unit_env, &deviance) ==
			  KS_OK);
		CHECK_CLOSE(deviance, gold_number(gold, 2 + count + ml), 1e-12);
	}
}

/* The optimum is at least as good as lme4's; the rest agrees where lme4 found it too. */
static void
check_fit(const Gold *gold, const Data *data, KsMixedFit *fit)
{
	const size_t q = data->source.random;
	double largest = 0;

	CHECK(ks_mixed_fit(&data->source, gold_number(gold, 1) == 1, &unit_env, fit) == KS_OK);
	CHECK(fit->converged);
	CHECK(fit->log_lik >= gold_number(gold, 2) - 1e-9 * fabs(gold_number(gold, 2)));
	CHECK_CLOSE(fit->log_lik, gold_number(gold, 2), 1e-9);
	CHECK_CLOSE(fit->sigma, gold_number(gold, 3), 1e-6);
	CHECK(fit->singular == (gold_number(gold, 4) == 1));
	for (size_t i = 0; i < q * q; i++)
		largest = fmax(largest, fabs(gold_number(gold, 5 + (int) i)));
	for (size_t i = 0; i < q * q; i++)
		CHECK(fabs(fit->covariance[i] - gold_number(gold, 5 + (int) i)) <
			  1e-6 * (largest + 0.01 * fit->sigma * fit->sigma));
}

static void
check_beta(const Gold *gold, const KsMixedFit *fit, size_t i)
{
	double weights[MOST_COLUMNS] = {0};
	KsTest test;

	weights[i] = 1;
	CHECK(ks_mixed_contrast(fit, weights, 0.95, &unit_env, &test) == KS_OK);
	CHECK_CLOSE(test.estimate, gold_number(gold, 1), 1e-6);
	CHECK_CLOSE(test.std_error, gold_number(gold, 2), 1e-6);
	CHECK_CLOSE(test.df, gold_number(gold, 3), 1e-4);
	CHECK_CLOSE(test.statistic, gold_number(gold, 4), 1e-6);
	CHECK_CLOSE(log(test.p_value), log(gold_number(gold, 5)), 1e-4);
}

/* All coefficients but the first. */
static void
check_joint(const Gold *gold, const KsMixedFit *fit)
{
	const size_t p = fit->fixed;
	double *weights = calloc((p - 1) * p, sizeof(double));
	KsTest test;

	for (size_t i = 1; i < p; i++)
		weights[(i - 1) * p + i] = 1;
	CHECK(ks_mixed_joint_test(fit, p - 1, weights, &unit_env, &test) == KS_OK);
	CHECK_CLOSE(test.statistic, gold_number(gold, 1), 1e-6);
	CHECK_CLOSE(test.df, gold_number(gold, 2), 0);
	CHECK_CLOSE(test.df2, gold_number(gold, 3), 1e-4);
	CHECK_CLOSE(log(test.p_value), log(gold_number(gold, 4)), 1e-4);
	free(weights);
}

static void
check_mode(const Gold *gold, const Data *data, const KsMixedFit *fit, bool outer)
{
	const size_t inner = fit->random - fit->outer, first = outer ? inner : 0;
	const size_t q = outer ? fit->outer : inner, group = (size_t) gold_number(gold, 1);
	const size_t modes_of_groups = outer ? fit->groups * inner : 0;
	const size_t modes_of_all = fit->groups * inner + fit->outer_groups * fit->outer;
	double *modes = malloc(modes_of_all * (fit->random + 1) * sizeof(double));
	const double *mode = modes + modes_of_groups + group * q;
	const double *covariance = modes + modes_of_all + modes_of_groups * inner + group * q * q;

	CHECK(ks_mixed_modes(&data->source, fit, &unit_env, modes, modes + modes_of_all) == KS_OK);
	for (size_t i = 0; i < q; i++)
	{
		const double sd = sqrt(fit->covariance[(first + i) * (fit->random + 1)]);

		CHECK(fabs(mode[i] - gold_number(gold, 2 + (int) i)) <=
			  2e-5 * (sd + 1e-3 * fit->sigma));
		for (size_t j = 0; j < q; j++)
			CHECK(fabs(covariance[i * q + j] - gold_number(gold, 2 + (int) (q + i * q + j))) <=
				  2e-5 * (sd * sqrt(fit->covariance[(first + j) * (fit->random + 1)]) +
						  1e-3 * fit->sigma * fit->sigma));
	}
	free(modes);
}

static void
test_gold(const char *path)
{
	Gold gold;
	Data data = {0};
	KsMixedFit fit = {0};
	size_t coefficient = 0;

	gold_open(&gold, path);
	while (gold_next(&gold))
	{
		const char *tag = gold.field[0];
		const int failures = unit_failures;

		if (strcmp(tag, "model") == 0)
		{
			free_data(&data);
			read_model(&gold, &data);
		}
		else if (strcmp(tag, "outer") == 0)
			read_outer(&gold, &data);
		else if (strcmp(tag, "theta") == 0)
			check_theta(&gold, &data);
		else if (strcmp(tag, "fit") == 0)
		{
			ks_mixed_fit_free(&unit_env, &fit);
			check_fit(&gold, &data, &fit);
			coefficient = 0;
		}
		else if (strcmp(tag, "vcov") == 0)
			for (size_t i = 0; i < fit.fixed * fit.fixed; i++)
				CHECK(fabs(fit.vcov[i] - gold_number(&gold, 1 + (int) i)) <=
					  2e-6 * sqrt(fit.vcov[i / fit.fixed * (fit.fixed + 1)] *
								  fit.vcov[i % fit.fixed * (fit.fixed + 1)]));
		else if (strcmp(tag, "beta") == 0)
			check_beta(&gold, &fit, coefficient++);
		else if (strcmp(tag, "joint") == 0)
			check_joint(&gold, &fit);
		else if (strcmp(tag, "mode") == 0)
			check_mode(&gold, &data, &fit, false);
		else if (strcmp(tag, "outer_mode") == 0)
			check_mode(&gold, &data, &fit, true);
		if (unit_failures > failures)
			printf("  at %s,%s: %zu groups, %zu columns\n", tag, gold.field[1],
				   data.source.groups, data.source.fixed);
	}
	ks_mixed_fit_free(&unit_env, &fit);
	free_data(&data);
}

/* ---- degenerate data -------------------------------------------------------------- */

typedef double (*Outcome)(size_t group, int visit);

/* Random intercept, or intercept and slope, of an outcome at visits 0, 1, 2... */
static void
make_data(Data *data, size_t groups, int visits, size_t random, Outcome outcome)
{
	create_data(data, groups, 3, random, 1);
	for (size_t group = 0; group < groups; group++)
		for (int visit = 0; visit < visits; visit++)
		{
			const double xy[4] = {1, visit, (double) (group % 2), outcome(group, visit)};
			const double z[2] = {1, visit};

			add_row(data, group, xy, z);
		}
}

/* A fixed scatter without a random generator. */
static double
scatter(size_t group, int visit)
{
	const double wave = sin(12.9898 * (double) group + 78.233 * visit) * 43758.5453;

	return wave - floor(wave);
}

static double
ordinary(size_t group, int visit)
{
	return 3 + 0.5 * visit + 2 * scatter(group, 99) + scatter(group, visit);
}

static double
constant(size_t group, int visit)
{
	(void) group;
	(void) visit;
	return 4.7;
}

static double
straight(size_t group, int visit)
{
	return 0.1 + 0.3 * visit + 0.7 * (double) (group % 2);
}

static double
by_group_alone(size_t group, int visit)
{
	(void) visit;
	return scatter(group, 0);
}

/* The fit gives no figures but a note that holds `words`. */
static void
check_refused(Data *data, const char *words)
{
	const double weights[3] = {0, 1, 0};
	KsMixedFit fit;
	KsTest test;

	CHECK(ks_mixed_fit(&data->source, true, &unit_env, &fit) == KS_OK);
	CHECK(strstr(fit.note, words) != NULL);
	CHECK(isnan(fit.sigma) && isnan(fit.log_lik) && isnan(fit.beta[0]));
	CHECK(ks_mixed_contrast(&fit, weights, 0.95, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.estimate) && strstr(test.note, words) != NULL);
	CHECK(ks_mixed_joint_test(&fit, 1, weights, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.statistic) && strstr(test.note, words) != NULL);
	ks_mixed_fit_free(&unit_env, &fit);
	free_data(data);
}

static void
test_refused(void)
{
	Data data;

	make_data(&data, 10, 4, 1, constant);
	check_refused(&data, "constant");
	make_data(&data, 10, 4, 1, straight);
	check_refused(&data, "fit it exactly");
	make_data(&data, 10, 4, 1, by_group_alone);
	check_refused(&data, "random effects fit the outcome exactly");
	make_data(&data, 10, 1, 1, ordinary);
	check_refused(&data, "as many random effects as rows");
	make_data(&data, 10, 2, 2, ordinary);
	check_refused(&data, "as many random effects as rows");
	make_data(&data, 1, 8, 1, ordinary);
	check_refused(&data, "only one group");
	make_data(&data, 0, 0, 1, ordinary);
	check_refused(&data, "no complete rows");
	make_data(&data, 2, 1, 1, ordinary);
	check_refused(&data, "no more rows than coefficients");
}

/* Sites of `size` groups each, with a random intercept of both. */
static void
make_nested_data(Data *data, size_t groups, size_t size, int visits)
{
	create_data(data, groups, 2, 2, 2);
	data->term_size[0] = data->term_size[1] = 1;
	data->source.outer = 1;
	data->source.outer_groups = groups / size;
	data->source.outer_start = data->outer_start;
	for (size_t i = 0; i <= groups / size; i++)
		data->outer_start[i] = (uint32_t) (i * size);
	for (size_t group = 0; group < groups; group++)
		for (int visit = 0; visit < visits; visit++)
		{
			const double y = ordinary(group, visit) + 3 * scatter(group / size, 77);
			const double xy[3] = {1, visit, y}, z[2] = {1, 1};

			add_row(data, group, xy, z);
		}
}

static void
test_nested_refused(void)
{
	Data data;

	make_nested_data(&data, 6, 6, 3);
	check_refused(&data, "only one outer group");
	make_nested_data(&data, 6, 1, 3);
	check_refused(&data, "one group in each outer group");
	make_nested_data(&data, 6, 2, 1);
	check_refused(&data, "as many random effects as rows");
	make_nested_data(&data, 6, 2, 3);
	data.source.crossed = true;
	data.source.outer_groups = 0;
	check_refused(&data, "cross");
}

/* Balanced: the mean squares of a nested analysis of variance give the variances. */
static void
test_nested_closed_form(void)
{
	const size_t sites = 6, size = 4, groups = sites * size;
	const int visits = 5;
	double site_mean[6] = {0}, group_mean[24] = {0}, grand = 0, of_visit[5] = {0};
	double sites_square = 0, groups_square = 0, within = 0;
	Data data;
	KsMixedFit fit;

	make_nested_data(&data, groups, size, visits);
	for (int pass = 0; pass < 2; pass++)
		for (size_t group = 0; group < groups; group++)
			for (int visit = 0; visit < visits; visit++)
			{
				/* the least squares slope of visit is the same in every group's mean */
				const double y = ordinary(group, visit) + 3 * scatter(group / size, 77);

				if (pass == 0)
				{
					grand += y / (double) groups / visits;
					group_mean[group] += y / visits;
					site_mean[group / size] += y / visits / (double) size;
					of_visit[visit] += y / (double) groups;
				}
				else
					within += pow(y - group_mean[group], 2);
			}
	for (size_t group = 0; group < groups; group++)
		groups_square += visits * pow(group_mean[group] - site_mean[group / size], 2);
	for (size_t site = 0; site < sites; site++)
		sites_square += (double) size * visits * pow(site_mean[site] - grand, 2);
	CHECK(ks_mixed_fit(&data.source, true, &unit_env, &fit) == KS_OK);
	within -= (double) groups * 10 * fit.beta[1] * fit.beta[1];
	within /= (double) groups * (visits - 1) - 1;
	groups_square /= (double) (groups - sites);
	sites_square /= (double) (sites - 1);
	CHECK_CLOSE(fit.beta[1], (of_visit[3] - of_visit[1] + 2 * (of_visit[4] - of_visit[0])) / 10,
				1e-12);
	CHECK_CLOSE(fit.sigma * fit.sigma, within, 1e-9);
	CHECK_CLOSE(fit.covariance[0], (groups_square - within) / visits, 1e-9);
	CHECK_CLOSE(fit.covariance[3], (sites_square - groups_square) / visits / (double) size, 1e-8);
	ks_mixed_fit_free(&unit_env, &fit);
	free_data(&data);
}

/* Columns that depend on others: the rest is estimated as without them. */
static void
test_dependent(void)
{
	Data data, whole;
	KsMixedFit fit, with;
	KsTest test;

	make_data(&whole, 12, 5, 1, ordinary);
	CHECK(ks_mixed_fit(&whole.source, true, &unit_env, &fit) == KS_OK);
	create_data(&data, 12, 5, 2, 1);
	for (size_t group = 0; group < 12; group++)
		for (int visit = 0; visit < 5; visit++)
		{
			const double arm = (double) (group % 2);
			const double xy[6] = {1, visit, 1 - visit / 3.0, arm, 0, ordinary(group, visit)};
			const double z[2] = {1, 2};

			add_row(&data, group, xy, z);
		}
	CHECK(ks_mixed_fit(&data.source, true, &unit_env, &with) == KS_OK);
	CHECK(with.rank == 3 && with.thetas == 1 && with.singular);
	CHECK(strstr(with.note, "2 coefficients cannot be estimated") != NULL);
	CHECK(strstr(with.note, "1 random effect depends on the others") != NULL);
	CHECK(isnan(with.beta[2]) && isnan(with.beta[4]) && isnan(with.vcov[2]));
	CHECK_CLOSE(with.beta[1], fit.beta[1], 1e-10);
	CHECK_CLOSE(with.beta[3], fit.beta[2], 1e-9);
	CHECK_CLOSE(with.log_lik, fit.log_lik, 1e-12);
	CHECK(ks_mixed_contrast(&with, (double[]){0, 0, 1, 0, 0}, 0.95, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.estimate) && strstr(test.note, "cannot be estimated") != NULL);
	CHECK(ks_mixed_contrast(&with, (double[]){0, 1, 0, 0, 0}, 0.95, &unit_env, &test) == KS_OK);
	CHECK(test.std_error > 0 && test.conf_low < test.estimate && test.df > 40);
	CHECK(ks_mixed_contrast(&with, (double[]){0, 0, 0, 0, 0}, 0.95, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && strstr(test.note, "every weight") != NULL);
	ks_mixed_fit_free(&unit_env, &fit);
	ks_mixed_fit_free(&unit_env, &with);
	free_data(&whole);
	free_data(&data);
}

/* Balanced data, where the variances have closed forms: no lme4 needed. */
static void
test_closed_form(void)
{
	const size_t groups = 9;
	const int visits = 6;
	double between = 0, within = 0, grand = 0, mean[9] = {0};
	Data data;
	KsMixedFit fit;

	create_data(&data, groups, 1, 1, 1);
	for (size_t group = 0; group < groups; group++)
		for (int visit = 0; visit < visits; visit++)
		{
			const double xy[2] = {1, ordinary(group, visit)};

			add_row(&data, group, xy, xy);
			mean[group] += xy[1] / visits;
			grand += xy[1] / visits / (double) groups;
		}
	for (size_t group = 0; group < groups; group++)
	{
		between += visits * (mean[group] - grand) * (mean[group] - grand) / (groups - 1);
		for (int visit = 0; visit < visits; visit++)
			within += pow(ordinary(group, visit) - mean[group], 2) / (double) groups / (visits - 1);
	}
	CHECK(ks_mixed_fit(&data.source, true, &unit_env, &fit) == KS_OK);
	CHECK_CLOSE(fit.sigma * fit.sigma, within, 1e-9);
	CHECK_CLOSE(fit.covariance[0], (between - within) / visits, 1e-9);
	CHECK_CLOSE(fit.beta[0], grand, 1e-12);
	CHECK_CLOSE(fit.vcov[0], between / visits / (double) groups, 1e-9);
	ks_mixed_fit_free(&unit_env, &fit);
	free_data(&data);
}

/* The order of rows within a group changes no digit. */
static void
test_row_order(void)
{
	Data forward, backward;
	KsMixedFit first, second;

	create_data(&forward, 30, 3, 2, 1);
	create_data(&backward, 30, 3, 2, 1);
	for (size_t group = 0; group < 30; group++)
		for (int i = 0; i < 7; i++)
		{
			const double there = scatter(group, i + 50), back = scatter(group, 6 - i + 50);

			add_row(&forward, group, (double[]){1, there, (double) (group % 3), ordinary(group, i)},
					(double[]){1, there});
			add_row(&backward, group,
					(double[]){1, back, (double) (group % 3), ordinary(group, 6 - i)},
					(double[]){1, back});
		}
	CHECK(ks_mixed_fit(&forward.source, true, &unit_env, &first) == KS_OK);
	CHECK(ks_mixed_fit(&backward.source, true, &unit_env, &second) == KS_OK);
	CHECK(first.log_lik == second.log_lik && first.sigma == second.sigma);
	CHECK(memcmp(first.beta, second.beta, 3 * sizeof(double)) == 0);
	CHECK(memcmp(first.vcov, second.vcov, 9 * sizeof(double)) == 0);
	ks_mixed_fit_free(&unit_env, &first);
	ks_mixed_fit_free(&unit_env, &second);
	free_data(&forward);
	free_data(&backward);
}

/* ---- failures ----------------------------------------------------------------------- */

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

/* Running out of memory or being cancelled at any moment unwinds cleanly. */
static void
check_unwinding(Data *data)
{
	Countdown countdown = {0, 1000000};
	const KsEnv env = {failing_alloc, unit_free, cancelling_poll, &countdown};
	KsMixedFit fit;
	KsStatus status = KS_NO_MEMORY;

	for (int i = 0; i < 200 && status == KS_NO_MEMORY; i++)
	{
		countdown.allocations = i;
		status = ks_mixed_fit(&data->source, true, &env, &fit);
		ks_mixed_fit_free(&env, &fit);
	}
	CHECK(status == KS_OK);
	status = KS_CANCELLED;
	for (int i = 0; i < 200 && status == KS_CANCELLED; i++)
	{
		countdown = (Countdown){1000000, i};
		status = ks_mixed_fit(&data->source, true, &env, &fit);
		ks_mixed_fit_free(&env, &fit);
		CHECK(status == KS_CANCELLED || i > 5);
	}
	CHECK(status == KS_OK);
	free_data(data);
}

static void
test_failures(void)
{
	KsMixedFit fit;
	Data data;

	make_data(&data, 20, 5, 2, ordinary);
	check_unwinding(&data);
	make_nested_data(&data, 20, 4, 5);
	check_unwinding(&data);
	create_data(&data, 3, 1, KS_MIXED_MOST_RANDOM + 1, 1);
	CHECK(ks_mixed_fit(&data.source, true, &unit_env, &fit) == KS_TOO_LARGE);
	ks_mixed_fit_free(&unit_env, &fit);
	free_data(&data);
}

int
main(int argc, char **argv)
{
	test_gold(argc > 1 ? argv[1] : "test/oracle/mixed.csv");
	test_gold("test/oracle/mixed_nested.csv");
	test_closed_form();
	test_refused();
	test_nested_refused();
	test_nested_closed_form();
	test_dependent();
	test_row_order();
	test_failures();
	return UNIT_END();
}
