/*
 * kc_mixed_summary.c
 *	  The summary of a linear mixed model, and the model fitted from it.
 *
 * With one grouping factor, or two that nest, the likelihood needs X'X, X'y and y'y of all rows and
 * of each group only Z'Z and Z'[X y].  Columns of Z are columns of the state like
 * those of X, mostly the same ones, so a group keeps the products of a few leading
 * columns with all it has (kc_group_blocks.h), each once.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "summary/kc_env.h"
#include "summary/kc_mixed_summary.h"

enum
{
	BLOCKS = KC_PRODUCTS + 1,
	FIGURES = BLOCKS + KC_GROUP_BLOCK_REGIONS, /* of a model only */
	NOTE,
};

/* Flag of a model fitted by maximum likelihood. */
#define FITTED_BY_ML 1

/* What precedes the arrays of a fit. */
typedef struct Figures
{
	double rank;
	double thetas;
	double converged;
	double singular;
	double iterations;
	double deviance;
	double sigma;
} Figures;

#define N_FIGURES (sizeof(Figures) / sizeof(double))

/* ---- the random part ------------------------------------------------------------------- */

const char *
kc_mixed_list_key(KcModel *model)
{
	KcGrouping grouping;
	const char *problem = kc_grouping_of_formula(&model->formula, &grouping);

	if (problem != NULL)
		return problem;
	model->n_key = grouping.n_variables;
	memcpy(model->key, grouping.variable, sizeof(int) * grouping.n_variables);
	model->key_separator = grouping.separator;
	return NULL;
}

static void
build_design(const KsFormula *formula, const uint64_t *terms, int n_terms, bool intercept,
			 const KcModelLevels *levels, KsDesign *design)
{
	KsStatus status = ks_design_build(formula, terms, n_terms, intercept, levels->levels,
									  &kc_env, design);

	if (status == KS_TOO_LARGE)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the model has more than %d columns", KS_MAX_COLUMNS),
						errhint("Leave out interactions of factors with many levels.")));
	kc_require(status);
}

static void
add_random_term(KcMixedModel *model, int factor, const uint64_t *terms, int n_terms,
				bool intercept)
{
	KcRandomTerm *term = &model->term[model->n_terms];

	build_design(&model->model->formula, terms, n_terms, intercept, &model->levels,
				 &term->design);
	term->first = model->n_random;
	term->factor = factor;
	model->n_random += term->design.n_columns;
	if (factor == 1)
		model->n_outer += term->design.n_columns;
	if (term->design.n_columns > 0)
		model->n_terms++;
}

/* (1 + t || id) is (1 | id) + (0 + t | id). */
static void
read_random(KcMixedModel *model, int factor, const KsRandom *random)
{
	if (random->correlated)
	{
		add_random_term(model, factor, random->term, random->n_terms, random->intercept);
		return;
	}
	if (random->intercept)
		add_random_term(model, factor, NULL, 0, true);
	for (int t = 0; t < random->n_terms; t++)
		add_random_term(model, factor, &random->term[t], 1, false);
}

/* The terms of groups, then those of outer groups. */
static void
read_random_part(KcMixedModel *model)
{
	const KsFormula *formula = &model->model->formula;
	int most = 0;

	for (int r = 0; r < formula->n_random; r++)
		most += 2 * (formula->random[r].n_terms + 1);
	model->term = palloc(sizeof(KcRandomTerm) * most);
	for (int factor = 0; factor < model->grouping.n_factors; factor++)
		for (int r = 0; r < formula->n_random; r++)
			if (kc_grouping_of_term(&model->grouping, &formula->random[r].grouping) &
				1 << factor)
				read_random(model, factor, &formula->random[r]);
	if (model->n_random > KS_MIXED_MOST_RANDOM)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the model has %d random effects for each group",
							   model->n_random),
						errdetail("At most %d are supported.", KS_MIXED_MOST_RANDOM)));
}

/* All but the figures of the fit. */
static void
read_structure(const KcState *state, KcMixedModel *model)
{
	const KsFormula *formula;

	memset(model, 0, sizeof(*model));
	model->state = state;
	model->n_missing = state->n_missing;
	if (!kc_model_has_rows(state))
		return;
	model->model = kc_model_of_state(state);
	if (model->model == NULL ||
		kc_grouping_of_formula(&model->model->formula, &model->grouping) != NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("value is not a %s", kc_summary_type(state->tag)->name)));
	formula = &model->model->formula;
	kc_model_levels(state, model->model, &model->levels);
	build_design(formula, formula->term, formula->n_terms, formula->intercept,
				 &model->levels, &model->design);
	kc_groups_read(state, BLOCKS, &model->grouping, &model->groups);
	read_random_part(model);
}

/* ---- adding rows and merging ------------------------------------------------------------ */

KcState *
kc_mixed_add_row(KcState *state, KcModel *model, const char *key, size_t length)
{
	uint32 group;

	state = kc_group_blocks_find(state, BLOCKS, model, key, length, &group);
	state = kc_model_enter_row(state, model);
	state = kc_products_add_row(state, model);
	state = kc_group_blocks_add_row(state, BLOCKS, model, group);
	state->n++;
	return state;
}

static KcState *
merge_mixed(KcState *into, const KcState *from)
{
	int *column = palloc(sizeof(int) * (kc_model_n_columns(from) + 1));

	into = kc_model_merge(into, from, column);
	into = kc_products_merge(into, from, column);
	into = kc_group_blocks_merge(into, from, BLOCKS, column);
	into->n += from->n;
	into->n_missing += from->n_missing;
	pfree(column);
	return into;
}

/* The same content whatever the order of rows and merges, groups by key. */
static KcState *
canonical_as(const KcState *state, const KcSummaryType *type)
{
	KcState *copy = kc_state_create(type);
	int *column = palloc(sizeof(int) * (kc_model_n_columns(state) + 1));

	copy = kc_model_canonical(copy, state, column);
	copy = kc_products_merge(copy, state, column);
	copy = kc_group_blocks_canonical(copy, state, BLOCKS, column);
	copy->n = state->n;
	copy->n_missing = state->n_missing;
	pfree(column);
	return copy;
}

static KcState *
finish_mixed(const KcState *state)
{
	return kc_state_trim(canonical_as(state, kc_summary_type(state->tag)));
}

/* ---- the source of a fit ---------------------------------------------------------------- */

typedef struct Source
{
	KsMixedSource source;
	KcGroupReader reader;
	const uint32 *order; /* the state's number of each group; NULL: its own */
	int *fixed;	 /* the state's columns of X, then the outcome */
	int *random; /* ... of Z */
} Source;

static void
read_block(const void *context, size_t group, KsDD *zz, KsDD *zxy)
{
	Source *source = (Source *) context;

	kc_group_reader_go(&source->reader,
					   source->order != NULL ? source->order[group] : (uint32) group);
	for (size_t i = 0; i < source->source.random; i++)
	{
		for (size_t j = 0; j <= i; j++)
			*zz++ = kc_group_reader_sum(&source->reader, source->random[i],
										source->random[j]);
		for (size_t j = 0; j <= source->source.fixed; j++)
			*zxy++ = kc_group_reader_sum(&source->reader, source->random[i],
										 source->fixed[j]);
	}
}

/* The source of a state in canonical form; it points into itself. */
static void
open_source(const KcMixedModel *model, Source *source)
{
	const KcState *state = model->state;
	int p = model->design.n_columns;
	size_t *size = palloc(sizeof(size_t) * Max(model->n_terms, 1));

	source->fixed = palloc(sizeof(int) * (p + 1));
	source->random = palloc(sizeof(int) * Max(model->n_random, 1));
	for (int c = 0; c < p; c++)
		source->fixed[c] = kc_model_find_column(state, &model->design, &model->levels, c);
	source->fixed[p] = 1;
	for (int t = 0; t < model->n_terms; t++)
	{
		const KcRandomTerm *term = &model->term[t];

		size[t] = term->design.n_columns;
		for (int c = 0; c < term->design.n_columns; c++)
			source->random[term->first + c] = kc_model_find_column(
				state, &term->design, &model->levels, c);
	}
	source->order = model->groups.order;
	kc_group_reader_start(&source->reader, state, BLOCKS);
	source->source = (KsMixedSource){
		.fixed = p,
		.random = model->n_random,
		.terms = model->n_terms,
		.term_size = size,
		.groups = model->groups.count,
		.outer = model->n_outer,
		.outer_groups = model->groups.outer_count,
		.outer_start = model->groups.outer_start,
		.crossed = model->groups.crossed,
		.n = state->n,
		.cross =
			kc_products_of_design(state, &model->design, &model->levels),
		.block = read_block,
		.context = source,
	};
}

/* ---- fitting ------------------------------------------------------------------------------ */

/* Doubles in the arrays of a fit. */
static size_t
array_size(size_t p, size_t q, size_t thetas)
{
	size_t width = thetas + 1;

	return thetas + 4 * q * q + p + p * p + width * width + width * p * p;
}

static KcState *
store_fit(KcState *state, const KsMixedFit *fit)
{
	Figures figures = {
		.rank = (double) fit->rank,
		.thetas = (double) fit->thetas,
		.converged = fit->converged,
		.singular = fit->singular,
		.iterations = fit->iterations,
		.deviance = fit->deviance,
		.sigma = fit->sigma,
	};

	state = kc_region_append(state, FIGURES, &figures, sizeof(figures));
	state = kc_region_append(state, FIGURES, fit->theta,
							 sizeof(double) *
								 array_size(fit->fixed, fit->random, fit->thetas));
	if (fit->note[0] != '\0')
		state = kc_region_append(state, NOTE, fit->note, strlen(fit->note));
	return state;
}

KcState *
kc_mixed_fit(const KcState *summary, bool reml)
{
	KcState *state = canonical_as(summary, &kc_mixed_model_type);
	KcState *trimmed;
	KcMixedModel model;
	Source source;
	KsMixedFit fit;

	if (!reml)
		state->flags |= FITTED_BY_ML;
	read_structure(state, &model);
	if (model.model != NULL)
	{
		open_source(&model, &source);
		kc_require(ks_mixed_fit(&source.source, reml, &kc_env, &fit));
		state = store_fit(state, &fit);
		ks_mixed_fit_free(&kc_env, &fit);
	}
	trimmed = kc_state_trim(state);
	pfree(state);
	return trimmed;
}

/* ---- checking ------------------------------------------------------------------------------ */

static const char *
check_figures(const KcState *state, const KcMixedModel *model)
{
	const KcRegion *region = kc_model_region(state, FIGURES);
	const double *figures = kc_region_data(state, region);
	size_t p = model->design.n_columns;
	size_t q = model->n_random;
	double thetas;

	if (region->used < sizeof(Figures) ||
		kc_model_region(state, NOTE)->used >= KS_NOTE_SIZE)
		return "its figures have the wrong number";
	thetas = ((const Figures *) figures)->thetas;
	if (!(thetas >= 0 && thetas <= q * (q + 1) / 2) || thetas != floor(thetas) ||
		region->used != sizeof(double) * (N_FIGURES + array_size(p, q, (size_t) thetas)))
		return "its figures have the wrong number";
	return NULL;
}

static const char *
check_mixed(const KcState *state)
{
	bool fitted = state->tag == KC_MIXED_MODEL;
	const char *problem = kc_model_check(state);
	KcGrouping grouping;
	KcMixedModel model;
	KcModel *compiled;

	if (problem != NULL)
		return problem;
	if (state->flags > (fitted ? FITTED_BY_ML : 0))
		return "its flags are unknown";
	problem = kc_products_check(state);
	if (problem != NULL)
		return problem;
	if (!kc_model_has_rows(state))
	{
		if (fitted && kc_model_region(state, FIGURES)->used > 0)
			return "it has figures without rows";
		return kc_group_blocks_check(state, BLOCKS, NULL);
	}
	compiled = kc_model_of_state(state);
	if (kc_grouping_of_formula(&compiled->formula, &grouping) != NULL)
		return "its formula is not that of a mixed model";
	problem = kc_group_blocks_check(state, BLOCKS, compiled);
	if (problem == NULL)
		problem = kc_group_keys_check(state, BLOCKS, &grouping);
	if (problem != NULL)
		return problem;
	read_structure(state, &model);
	if (model.n_random == 0)
		return "its formula is not that of a mixed model";
	return fitted ? check_figures(state, &model) : NULL;
}

const KcSummaryType kc_mixed_summary_type = {
	.name = "mixed_summary",
	.tag = KC_MIXED_SUMMARY,
	.version = 1,
	.fixed_size = 0,
	.n_regions = FIGURES,
	.fixed_pattern = "",
	.region_pattern = {KC_MODEL_PATTERNS, KC_PRODUCTS_PATTERN, KC_GROUP_BLOCK_PATTERNS},
	.check = check_mixed,
	.merge = merge_mixed,
	.finish = finish_mixed,
};

const KcSummaryType kc_mixed_model_type = {
	.name = "mixed_model",
	.tag = KC_MIXED_MODEL,
	.version = 1,
	.fixed_size = 0,
	.n_regions = NOTE + 1,
	.fixed_pattern = "",
	.region_pattern = {KC_MODEL_PATTERNS, KC_PRODUCTS_PATTERN, KC_GROUP_BLOCK_PATTERNS,
					   "d", "b"},
	.check = check_mixed,
};

/* ---- reading a model ------------------------------------------------------------------------ */

/* Points the arrays of a fit into the state, as ks_mixed_fit lays them out. */
static void
read_fit(const KcState *state, KcMixedModel *model)
{
	const KcRegion *note = kc_model_region(state, NOTE);
	const Figures *figures = kc_region_data(state, kc_model_region(state, FIGURES));
	KsMixedFit *fit = &model->fit;
	size_t p = model->design.n_columns;
	size_t q = model->n_random;

	fit->n = state->n;
	fit->groups = model->groups.count;
	fit->outer = model->n_outer;
	fit->outer_groups = model->groups.outer_count;
	fit->fixed = p;
	fit->random = q;
	fit->reml = (state->flags & FITTED_BY_ML) == 0;
	fit->rank = (size_t) figures->rank;
	fit->thetas = (size_t) figures->thetas;
	fit->converged = figures->converged != 0;
	fit->singular = figures->singular != 0;
	fit->iterations = (int) figures->iterations;
	fit->deviance = figures->deviance;
	fit->log_lik = -figures->deviance / 2;
	fit->sigma = figures->sigma;
	fit->theta = (double *) (figures + 1);
	fit->factor = fit->theta + fit->thetas;
	fit->covariance = fit->factor + q * q;
	fit->basis = fit->covariance + q * q;
	fit->basis_factor = fit->basis + q * q;
	fit->beta = fit->basis_factor + q * q;
	fit->vcov = fit->beta + p;
	fit->parameter_vcov = fit->vcov + p * p;
	fit->jacobian = fit->parameter_vcov + (fit->thetas + 1) * (fit->thetas + 1);
	memcpy(fit->note, kc_region_data(state, note), note->used);
	fit->note[note->used] = '\0';
}

void
kc_mixed_read(const KcState *state, KcMixedModel *model)
{
	read_structure(state, model);
	if (model->model == NULL)
		return;
	if (check_figures(state, model) != NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("value is not a %s", kc_summary_type(state->tag)->name)));
	read_fit(state, model);
}

char *
kc_mixed_group_key(const KcMixedModel *model, int factor, size_t group)
{
	return kc_group_name(model->state, BLOCKS, &model->grouping, &model->groups, factor,
						 (uint32) group);
}

double
kc_mixed_outcome_squares(const KcMixedModel *model)
{
	const KsDD *products =
		kc_region_data(model->state, kc_model_region(model->state, KC_PRODUCTS));

	return ks_dd_value(products[ks_packed_at(1, 1)]);
}

/* errors = roots of the diagonals of groups x q x q covariances. */
static void
take_errors(const double *covariances, size_t groups, size_t q, double *errors)
{
	for (size_t g = 0; g < groups; g++)
		for (size_t i = 0; i < q; i++)
			errors[g * q + i] = sqrt(covariances[(g * q + i) * q + i]);
}

void
kc_mixed_modes(const KcMixedModel *model, double *modes, double *errors)
{
	size_t outer = model->n_outer;
	size_t q = model->n_random - outer;
	size_t groups = model->fit.groups;
	size_t outer_groups = model->fit.outer_groups;
	size_t size = groups * q * q + outer_groups * outer * outer;
	double *covariances =
		palloc_extended(sizeof(double) * Max(size, 1), MCXT_ALLOC_HUGE);
	Source source;

	open_source(model, &source);
	kc_require(
		ks_mixed_modes(&source.source, &model->fit, &kc_env, modes, covariances));
	take_errors(covariances, groups, q, errors);
	take_errors(covariances + groups * q * q, outer_groups, outer, errors + groups * q);
	pfree(covariances);
}

double
kc_mixed_predict(KcMixedModel *model, double *row)
{
	KsDD sum = ks_dd(0);

	if (isnan(model->fit.sigma) ||
		!kc_model_design_row(model->state, model->model, &model->design, &model->levels,
							 row))
		return NAN;
	for (int c = 0; c < model->design.n_columns; c++)
		if (!isnan(model->fit.beta[c]))
			sum = ks_dd_add(sum, ks_two_prod(row[c], model->fit.beta[c]));
	return ks_dd_value(sum);
}
