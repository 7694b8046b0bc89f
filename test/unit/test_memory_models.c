/*
 * test_memory_models.c
 *	  Models without memory, and cancelled: every function of src/stat that takes an
 *	  environment and fits, or looks into, a model.
 */
#include "stat/ks_design.h"
#include "stat/ks_linear.h"
#include "stat/ks_mediation.h"
#include "stat/ks_mixed.h"
#include "stat/ks_mixed_deviance.h"
#include "stat/ks_mixed_effect.h"
#include "stat/ks_mixed_inference.h"
#include "stat/ks_optimise.h"
#include "stat/ks_trajectory.h"
#include "stat/ks_trajectory_likelihood.h"
#include "stat/ks_trajectory_search.h"

#include "memory.h"

enum
{
	SUBJECTS = 30,
	VISITS = 5,
	COLUMNS = 3, /* 1, time, y */
	PACKED = COLUMNS * (COLUMNS + 1) / 2,
	CROWD = 6500, /* more than trajectories start from */
};

/* ---- patients seen at several times -------------------------------------------------- */

/* [X y]'[X y] of each subject with columns 1, time, y; Z is the first two of them. */
static KsDD own[CROWD][PACKED], all[PACKED];
static const double last_row[] = {1, VISITS - 1};
static const size_t term_size[] = {2};

static void
read_mixed_block(const void *context, size_t group, KsDD *zz, KsDD *zxy)
{
	const KsDD *block = own[group];

	(void) context;
	memcpy(zz, block, 3 * sizeof(KsDD));
	for (size_t z = 0; z < 2; z++)
		for (size_t column = 0; column < COLUMNS; column++)
			*zxy++ = block[column >= z ? ks_triangle(column, z) : ks_triangle(z, column)];
}

static void
read_subject(const void *context, size_t subject, int64_t *n, KsDD *cross)
{
	(void) context;
	*n = VISITS;
	memcpy(cross, own[subject], sizeof(own[subject]));
}

/* Subjects rise or fall, each from a level of its own. */
static void
make_subjects(void)
{
	for (size_t s = 0; s < CROWD; s++)
		for (int t = 0; t < VISITS; t++)
		{
			const double noise = fmod((double) (s * 7919 + t * 104729), 31) / 31;
			const double row[COLUMNS] = {1, t, 3.0 * fmod((double) s * 0.618, 1) +
												   (s % 2 ? 2 : -1) * t + noise};

			for (size_t i = 0; i < COLUMNS; i++)
				for (size_t j = 0; j <= i; j++)
				{
					const KsDD product = ks_two_prod(row[i], row[j]);
					const size_t at = ks_triangle(i, j);

					own[s][at] = ks_dd_add(own[s][at], product);
					if (s < SUBJECTS)
						all[at] = ks_dd_add(all[at], product);
				}
		}
}

static const KsMixedSource mixed = {.fixed = 2,
									.random = 2,
									.terms = 1,
									.term_size = term_size,
									.groups = SUBJECTS,
									.n = SUBJECTS * VISITS,
									.cross = all,
									.block = read_mixed_block};

static const KsTrajectorySource trajectories = {.fixed = 2,
												.subjects = SUBJECTS,
												.n = SUBJECTS * VISITS,
												.cross = all,
												.last = last_row,
												.block = read_subject};

/* ---- designs and least squares ------------------------------------------------------- */

static KsStatus
run_ks_design_build(const KsEnv *env)
{
	static const char *const names[] = {"a", "b", "c"};
	static const char text[] = "y ~ x * g * h + poly(x, 3, raw = TRUE)";
	KsLevels levels[KS_MAX_VARIABLES] = {{0}};
	KsFormula formula;
	KsFormulaError error;
	KsDesign design;
	KsStatus status;

	CHECK(ks_formula_parse(text, strlen(text), NULL, 0, &formula, &error));
	for (int v = 2; v < formula.n_variables; v++)
		levels[v] = (KsLevels){3, names};
	status = ks_design_build(&formula, formula.term, formula.n_terms, true, levels, env, &design);
	ks_design_free(&design, env);
	return status;
}

static KsStatus
run_ks_linear_fit(const KsEnv *env)
{
	KsLinearFit fit;
	KsStatus status = ks_linear_fit(all, 2, true, mixed.n, env, &fit);

	ks_linear_free(&fit, env);
	if (status == KS_OK)
	{
		status = ks_linear_fit(all, 2, false, mixed.n, env, &fit);
		ks_linear_free(&fit, env);
	}
	return status;
}

/* A second column that is a multiple of the first is aliased. */
static KsStatus
run_ks_linear_fit_shifted(const KsEnv *env)
{
	const double shift[] = {0, 2, 0, 1};
	KsDD products[10] = {{0}};
	KsLinearFit fit;
	KsStatus status;

	for (int r = 0; r < 20; r++)
	{
		const double row[] = {1, r, 2 * r, r * r % 7};

		for (size_t i = 0; i < 4; i++)
			for (size_t j = 0; j <= i; j++)
				products[ks_triangle(i, j)] =
					ks_dd_add(products[ks_triangle(i, j)],
							  ks_two_prod(row[i] - shift[i], row[j] - shift[j]));
	}
	status = ks_linear_fit_shifted(products, shift, 3, 20, env, &fit);
	ks_linear_free(&fit, env);
	return status;
}

static KsStatus
run_ks_linear_joint_test(const KsEnv *env)
{
	double weights[] = {1, 0, 0, 1};
	KsLinearFit fit;
	KsJointTest joint;
	KsStatus status;

	CHECK(ks_linear_fit(all, 2, true, mixed.n, &unit_env, &fit) == KS_OK);
	status = ks_linear_joint_test(&fit, weights, 2, env, &joint);
	ks_linear_free(&fit, &unit_env);
	return status;
}

static KsStatus
bowl(void *context, const double *at, double *value)
{
	(void) context;
	*value = pow(1 - at[0], 2) + 100 * pow(at[1] - at[0] * at[0], 2);
	return KS_OK;
}

static KsStatus
slope_of_bowl(void *context, const double *at, double *gradient, double *hessian)
{
	const double off = at[1] - at[0] * at[0];

	(void) context;
	gradient[0] = -2 * (1 - at[0]) - 400 * at[0] * off;
	gradient[1] = 200 * off;
	hessian[0] = 2 - 400 * off + 800 * at[0] * at[0];
	hessian[1] = hessian[2] = -400 * at[0];
	hessian[3] = 200;
	return KS_OK;
}

static KsStatus
run_ks_minimise(const KsEnv *env)
{
	const KsObjective objective = {bowl, slope_of_bowl, NULL};
	double at[] = {-1.2, 1};
	KsMinimum minimum;

	return ks_minimise(&objective, 2, at, env, &minimum);
}

/* ---- mediation ------------------------------------------------------------------------ */

enum
{
	PATIENTS = 60,
	COVARIATES = 2,
};

static double patient[PATIENTS][3 + COVARIATES];
static double pivot[KS_COLUMN_COVARIATES + COVARIATES + 1];
static KsDD products[(KS_COLUMN_COVARIATES + COVARIATES + 1) *
					 (KS_COLUMN_COVARIATES + COVARIATES + 2) / 2];
static KsMediationSums sums = {COVARIATES, 0, pivot, products};

static void
make_patients(void)
{
	for (int i = 0; i < PATIENTS; i++)
	{
		double *row = patient[i];

		row[0] = i % 2;
		row[1] = row[0] + fmod(i * 0.618, 1);
		row[2] = row[0] + 2 * row[1] + fmod(i * 0.382, 1);
		row[3] = i % 5;
		row[4] = fmod(i * 0.7071, 1);
		ks_mediation_add(&sums, row[0], row[1], row[2], row + 3);
	}
}

static KsStatus
run_ks_mediation_fit(const KsEnv *env)
{
	KsStatus status = KS_OK;

	for (int interaction = 0; interaction < 2 && status == KS_OK; interaction++)
	{
		KsMediationFit fit;

		status = ks_mediation_fit(&sums, interaction, env, &fit);
		ks_mediation_free(&fit, env);
	}
	return status;
}

typedef KsStatus (*Effects)(const KsMediationFit *fit, const KsMediationOptions *options,
							const KsEnv *env, KsMediationEffect *row);

static KsStatus
bootstrap(const KsMediationFit *fit, const KsMediationOptions *options, const KsEnv *env,
		  KsMediationEffect *row)
{
	return ks_mediation_bootstrap(fit, patient[0], options, env, row);
}

/* The methods from first to last, each with and without interaction. */
static KsStatus
mediation_effects(Effects effects, KsMediationMethod first, KsMediationMethod last,
				  const KsEnv *env)
{
	KsMediationEffect row[KS_MEDIATION_ROWS];
	KsStatus status = KS_OK;

	for (int interaction = 0; interaction < 2; interaction++)
	{
		KsMediationFit fit;

		CHECK(ks_mediation_fit(&sums, interaction, &unit_env, &fit) == KS_OK && fit.usable);
		for (int method = first; method <= (int) last; method++)
		{
			const KsMediationOptions options = {.method = (KsMediationMethod) method,
												.replicates = 150,
												.seed = 1,
												.conf_level = 0.95,
												.interaction = interaction,
												.values = {0, 1}};

			status = THEN(status, effects(&fit, &options, env, row));
		}
		ks_mediation_free(&fit, &unit_env);
	}
	return status;
}

static KsStatus
run_ks_mediation_effects(const KsEnv *env)
{
	return mediation_effects(ks_mediation_effects, KS_MEDIATION_DELTA,
							 KS_MEDIATION_MONTE_CARLO, env);
}

static KsStatus
run_ks_mediation_monte_carlo(const KsEnv *env)
{
	return mediation_effects(ks_mediation_monte_carlo, KS_MEDIATION_MONTE_CARLO,
							 KS_MEDIATION_MONTE_CARLO, env);
}

static KsStatus
run_ks_mediation_bootstrap(const KsEnv *env)
{
	return mediation_effects(bootstrap, KS_MEDIATION_PERCENTILE, KS_MEDIATION_BCA, env);
}

/* ---- mixed models --------------------------------------------------------------------- */

static KsStatus
run_ks_mixed_fit(const KsEnv *env)
{
	KsStatus status = KS_OK;

	for (int reml = 0; reml < 2 && status == KS_OK; reml++)
	{
		KsMixedFit fit;

		status = ks_mixed_fit(&mixed, reml, env, &fit);
		ks_mixed_fit_free(env, &fit);
	}
	return status;
}

static KsStatus
run_ks_mixed_deviance_at_theta(const KsEnv *env)
{
	const double theta[] = {1, 0.1, 0.5};
	double deviance;

	return ks_mixed_deviance_at_theta(&mixed, true, theta, env, &deviance);
}

static KsMixedFit fitted;

static KsStatus
run_ks_mixed_modes(const KsEnv *env)
{
	double modes[SUBJECTS * 2], covariances[SUBJECTS * 4];
	KsStatus status = ks_mixed_modes(&mixed, &fitted, env, modes, covariances);

	return THEN(status, ks_mixed_modes(&mixed, &fitted, env, modes, NULL));
}

static KsStatus
run_ks_mixed_contrast(const KsEnv *env)
{
	const double weights[] = {1, 2};
	KsTest test;

	return ks_mixed_contrast(&fitted, weights, 0.95, env, &test);
}

static KsStatus
run_ks_mixed_standardized_effect(const KsEnv *env)
{
	const double weights[] = {0, 1}, z[] = {1, 0};
	KsTest test;

	return ks_mixed_standardized_effect(&fitted, 1, term_size, weights, z, 0.95, env, &test);
}

static KsStatus
run_ks_mixed_joint_test(const KsEnv *env)
{
	const double weights[] = {1, 0, 0, 1};
	KsTest test;

	return ks_mixed_joint_test(&fitted, 2, weights, env, &test);
}

static KsStatus
run_ks_mixed_blocks_build(const KsEnv *env)
{
	KsMixedBlocks blocks;
	KsStatus status = ks_mixed_blocks_build(&mixed, env, &blocks);

	ks_mixed_blocks_free(env, &blocks);
	return status;
}

static KsStatus
run_ks_mixed_deviance_create(const KsEnv *env)
{
	const double lambda[] = {1, 0, 0.2, 0.5};
	KsMixedBlocks blocks;
	KsMixedDeviance deviance;
	KsStatus status;

	CHECK(ks_mixed_blocks_build(&mixed, &unit_env, &blocks) == KS_OK);
	status = ks_mixed_deviance_create(&blocks, true, env, &deviance);
	status = THEN(status, ks_mixed_deviance_at(&deviance, lambda));
	status = THEN(status, ks_mixed_deviance_derive(&deviance, lambda));
	ks_mixed_deviance_free(&deviance);
	ks_mixed_blocks_free(&unit_env, &blocks);
	return status;
}

/* ---- trajectories --------------------------------------------------------------------- */

static KsStatus
run_ks_trajectory_fit(const KsEnv *env)
{
	KsStatus status = KS_OK;

	for (size_t groups = 1; groups <= 2 && status == KS_OK; groups++)
	{
		KsTrajectoryFit fit;

		status = ks_trajectory_fit(&trajectories, groups, 2, 1, env, &fit);
		ks_trajectory_fit_free(env, &fit);
	}
	return status;
}

static KsTrajectoryData subjects;

static KsStatus
run_ks_trajectory_read(const KsEnv *env)
{
	KsTrajectoryData data;
	KsStatus status = ks_trajectory_read(&trajectories, env, &data);

	ks_trajectory_data_free(env, &data);
	return status;
}

static KsStatus
run_ks_trajectory_sample(const KsEnv *env)
{
	const uint32_t chosen[] = {0, 3, 4, 17};
	KsTrajectoryData sample;
	KsStatus status = ks_trajectory_sample(&subjects, chosen, 4, env, &sample);

	ks_trajectory_sample_free(env, &sample);
	return status;
}

static KsStatus
run_ks_mixture_create(const KsEnv *env)
{
	double parameters[2 * 2 + 1 + 2], gradient[6], hessian[36], log_lik, value;
	double posterior[SUBJECTS * 2];
	KsMixture mixture;
	KsMinimum minimum;
	bool possible;
	KsStatus status = ks_mixture_create(&subjects, 2, env, &mixture);

	if (status == KS_OK)
	{
		for (int i = 0; i < 2 * SUBJECTS; i++)
			posterior[i] = (i / 2 + i) % 2 ? 0.9 : 0.1;
		mixture.posterior = posterior;
		CHECK(ks_mixture_maximise(&mixture, parameters));
		for (int i = 0; i < 20; i++)
			status = THEN(status, ks_mixture_step(&mixture, parameters, &log_lik, &possible));
		status = THEN(status, ks_mixture_finish(&mixture, parameters, &minimum));
		status = THEN(status, ks_mixture_derivatives(&mixture, parameters, &value, gradient,
													 hessian));
	}
	ks_mixture_free(&mixture);
	return status;
}

static KsStatus
run_ks_trajectory_search(const KsEnv *env)
{
	double parameters[2 * 2 + 1 + 2];
	KsTrajectorySource crowd = trajectories;
	KsTrajectorySearch result;
	KsTrajectoryData data;
	KsStatus status = ks_trajectory_search(&subjects, 2, 2, 1, env, parameters, &result);

	crowd.subjects = CROWD;
	crowd.n = CROWD * VISITS;
	CHECK(ks_trajectory_read(&crowd, &unit_env, &data) == KS_OK);
	status = THEN(status, ks_trajectory_search(&data, 2, 2, 1, env, parameters, &result));
	ks_trajectory_data_free(&unit_env, &data);
	return status;
}

static const Case cases[] = {
	CASE(ks_design_build),
	CASE(ks_linear_fit),
	CASE(ks_linear_fit_shifted),
	CASE(ks_linear_joint_test),
	CASE(ks_minimise),
	CASE(ks_mediation_fit),
	CASE(ks_mediation_effects),
	CASE(ks_mediation_monte_carlo),
	CASE(ks_mediation_bootstrap),
	CASE(ks_mixed_fit),
	CASE(ks_mixed_deviance_at_theta),
	CASE(ks_mixed_modes),
	CASE(ks_mixed_contrast),
	CASE(ks_mixed_joint_test),
	CASE(ks_mixed_standardized_effect),
	CASE(ks_mixed_blocks_build),
	CASE(ks_mixed_deviance_create),
	CASE(ks_trajectory_fit),
	CASE(ks_trajectory_read),
	CASE(ks_trajectory_sample),
	CASE(ks_mixture_create),
	CASE(ks_trajectory_search),
};

int
main(void)
{
	make_subjects();
	make_patients();
	CHECK(ks_mixed_fit(&mixed, true, &unit_env, &fitted) == KS_OK && fitted.note[0] == '\0');
	CHECK(ks_trajectory_read(&trajectories, &unit_env, &subjects) == KS_OK);
	try_all(cases, sizeof(cases) / sizeof(cases[0]), 30);
	ks_mixed_fit_free(&unit_env, &fitted);
	ks_trajectory_data_free(&unit_env, &subjects);
	return UNIT_END();
}
