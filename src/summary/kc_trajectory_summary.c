/*
 * kc_trajectory_summary.c
 *	  The summary of trajectories, and the groups fitted to it.
 *
 * The density of a subject's values under a group's curve needs only the
 * subject's own cross-products of all columns, so an EM step costs subjects, not
 * rows.  The range of the time variable is kept to order the groups by their mean
 * at the last time.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "stat/ks_matrix.h"
#include "summary/kc_env.h"
#include "summary/kc_trajectory_summary.h"

/* Regions of a summary. */
enum
{
	RANGE = KC_MODEL_REGIONS,
	BLOCKS,
	SUMMARY_REGIONS = BLOCKS + KC_GROUP_BLOCK_REGIONS,
};

/* Regions of fitted groups. */
enum
{
	SUBJECTS = KC_MODEL_REGIONS,
	FIGURES = SUBJECTS + KC_LABEL_REGIONS,
	NOTE,
	MODEL_REGIONS,
};

/* First and last time; one of them in a summary with rows and a time variable. */
typedef struct Range
{
	double first;
	double last;
} Range;

/* What precedes the arrays of a fit. */
typedef struct Figures
{
	double groups;
	double parameters;
	double starts;
	double reached;
	double iterations;
	double converged;
	double log_lik;
	double aic;
	double bic;
	double bic_observations;
	double entropy;
	double sigma;
} Figures;

struct KcTrajectoryData
{
	KcState *state; /* in canonical form */
	KcTrajectoryModel model;
	KsTrajectorySource source;
	KcGroupReader reader;
	int *column; /* the state's columns of X, then the outcome */
};

/* The variable the curves run over; -1: they are constant. */
static int
time_variable(const KcModel *model)
{
	for (int v = 0; v < model->formula.n_variables; v++)
		if (model->formula.variable[v].in_terms)
			return v;
	return -1;
}

const char *
kc_trajectory_unsupported(const KcModel *model)
{
	int n = 0;

	for (int v = 0; v < model->formula.n_variables; v++)
	{
		if (!model->formula.variable[v].in_terms)
			continue;
		if (model->is_factor[v])
			return "a trajectory runs over a number, not a factor";
		n++;
	}
	if (model->formula.subject.nested)
		return "nested subjects are not supported";
	return n > 1 ? "a trajectory runs over one variable" : NULL;
}

/* ---- adding rows and merging ------------------------------------------------------------ */

static KcState *
extend_range(KcState *state, double first, double last)
{
	Range *range = kc_region_data(state, kc_model_region(state, RANGE));

	if (kc_model_region(state, RANGE)->used == 0)
	{
		Range fresh = {first, last};

		return kc_region_append(state, RANGE, &fresh, sizeof(fresh));
	}
	range->first = Min(range->first, first);
	range->last = Max(range->last, last);
	return state;
}

KcState *
kc_trajectory_add_row(KcState *state, KcModel *model, const char *key, size_t length)
{
	int time = time_variable(model);
	uint32 group;

	state = kc_group_blocks_find(state, BLOCKS, model, key, length, &group);
	state = kc_model_enter_row(state, model);
	state = kc_group_blocks_add_row(state, BLOCKS, model, group);
	if (time >= 0)
		state = extend_range(state, ks_dd_value(model->number[time]) + 0.0,
							 ks_dd_value(model->number[time]) + 0.0);
	state->n++;
	return state;
}

/* All but formula, variables and columns. */
static KcState *
take_rows(KcState *into, const KcState *from)
{
	const Range *range = kc_region_data(from, kc_model_region(from, RANGE));

	if (kc_model_region(from, RANGE)->used > 0)
		into = extend_range(into, range->first, range->last);
	into->n += from->n;
	into->n_missing += from->n_missing;
	return into;
}

static KcState *
merge_trajectory(KcState *into, const KcState *from)
{
	int *column = palloc(sizeof(int) * (kc_model_n_columns(from) + 1));

	into = kc_model_merge(into, from, column);
	into = kc_group_blocks_merge(into, from, BLOCKS, column);
	pfree(column);
	return take_rows(into, from);
}

/* The same content whatever the order of rows and merges, subjects by key. */
static KcState *
finish_trajectory(const KcState *state)
{
	KcState *copy = kc_state_create(&kc_trajectory_summary_type);
	int *column = palloc(sizeof(int) * (kc_model_n_columns(state) + 1));

	copy = kc_model_canonical(copy, state, column);
	copy = kc_group_blocks_canonical(copy, state, BLOCKS, column);
	pfree(column);
	return kc_state_trim(take_rows(copy, state));
}

/* ---- checking ------------------------------------------------------------------------------ */

static const char *
check_range(const KcState *state, const KcModel *model)
{
	const KcRegion *region = kc_model_region(state, RANGE);
	const Range *range = kc_region_data(state, region);
	size_t wanted =
		model != NULL && state->n > 0 && time_variable(model) >= 0 ? sizeof(Range) : 0;

	if (region->used != wanted)
		return "the range of its times is missing";
	if (wanted > 0 && !(isfinite(range->first) && isfinite(range->last) &&
						range->first <= range->last))
		return "the range of its times is out of order";
	return NULL;
}

static const char *
check_summary(const KcState *state)
{
	const char *problem =
		state->flags != 0 ? "its flags are unknown" : kc_model_check(state);
	KcModel *model = NULL;

	if (problem != NULL)
		return problem;
	if (kc_model_has_rows(state))
	{
		model = kc_model_of_state(state);
		if (model == NULL || model->formula.subject.n_variables == 0 ||
			model->formula.n_random > 0 || kc_trajectory_unsupported(model) != NULL)
			return "its formula is not that of a trajectory";
	}
	problem = check_range(state, model);
	return problem != NULL ? problem : kc_group_blocks_check(state, BLOCKS, model);
}

/* Doubles in the arrays of a fit. */
static size_t
array_size(size_t groups, size_t fixed, size_t subjects)
{
	size_t all = groups * fixed;

	return 4 * groups + all + all * all + subjects * groups;
}

static const char *
check_figures(const KcState *state, size_t fixed)
{
	const KcRegion *region = kc_model_region(state, FIGURES);
	const Figures *figures = kc_region_data(state, region);

	if (region->used < sizeof(Figures) ||
		kc_model_region(state, NOTE)->used >= KS_NOTE_SIZE ||
		!(figures->groups >= 1 && figures->groups <= KS_TRAJECTORY_MOST_GROUPS) ||
		figures->groups != floor(figures->groups) ||
		region->used != sizeof(Figures) + sizeof(double) *
											  array_size((size_t) figures->groups, fixed,
														 kc_label_count(state, SUBJECTS)))
		return "its figures have the wrong number";
	return NULL;
}

static void
read_structure(const KcState *state, KcTrajectoryModel *model)
{
	const KsFormula *formula;

	memset(model, 0, sizeof(*model));
	model->state = state;
	model->n_missing = state->n_missing;
	if (!kc_model_has_rows(state))
		return;
	model->model = kc_model_of_state(state);
	if (model->model == NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("value is not a %s", kc_summary_type(state->tag)->name)));
	formula = &model->model->formula;
	kc_model_levels(state, model->model, &model->levels);
	kc_require(ks_design_build(formula, formula->term, formula->n_terms,
							   formula->intercept, model->levels.levels, &kc_env,
							   &model->design));
}

static const char *
check_model(const KcState *state)
{
	const char *problem =
		state->flags != 0 ? "its flags are unknown" : kc_model_check(state);
	KcTrajectoryModel model;

	if (problem == NULL)
		problem = kc_label_check(state, SUBJECTS);
	if (problem != NULL)
		return problem;
	if (!kc_model_has_rows(state))
		return kc_model_region(state, FIGURES)->used > 0 ||
					   kc_label_count(state, SUBJECTS) > 0
				   ? "it has figures without rows"
				   : NULL;
	read_structure(state, &model);
	if (kc_trajectory_unsupported(model.model) != NULL)
		return "its formula is not that of a trajectory";
	return check_figures(state, model.design.n_columns);
}

const KcSummaryType kc_trajectory_summary_type = {
	.name = "trajectory_summary",
	.tag = KC_TRAJECTORY_SUMMARY,
	.version = 1,
	.fixed_size = 0,
	.n_regions = SUMMARY_REGIONS,
	.fixed_pattern = "",
	.region_pattern = {KC_MODEL_PATTERNS, "dd", KC_GROUP_BLOCK_PATTERNS},
	.check = check_summary,
	.merge = merge_trajectory,
	.finish = finish_trajectory,
};

const KcSummaryType kc_trajectory_model_type = {
	.name = "trajectory_model",
	.tag = KC_TRAJECTORY_MODEL,
	.version = 1,
	.fixed_size = 0,
	.n_regions = MODEL_REGIONS,
	.fixed_pattern = "",
	.region_pattern = {KC_MODEL_PATTERNS, KC_LABEL_PATTERNS, "d", "b"},
	.check = check_model,
};

/* ---- fitting ------------------------------------------------------------------------------ */

static void
read_block(const void *context, size_t subject, int64_t *n, KsDD *cross)
{
	KcTrajectoryData *data = (KcTrajectoryData *) context;

	kc_group_reader_go(&data->reader, subject);
	*n = (int64_t) ks_dd_value(kc_group_reader_sum(&data->reader, 0, 0));
	for (size_t i = 0; i <= data->source.fixed; i++)
		for (size_t j = 0; j <= i; j++)
			*cross++ = kc_group_reader_sum(&data->reader, data->column[i],
										   data->column[j]);
}

/* The cross-products of all subjects together. */
static KsDD *
sum_blocks(KcTrajectoryData *data)
{
	size_t size = ks_packed_size(data->source.fixed + 1);
	KsDD *sum = palloc0(sizeof(KsDD) * size);
	KsDD *block = palloc(sizeof(KsDD) * size);
	int64_t n;

	for (size_t s = 0; s < data->source.subjects; s++)
	{
		read_block(data, s, &n, block);
		for (size_t i = 0; i < size; i++)
			sum[i] = ks_dd_add(sum[i], block[i]);
	}
	pfree(block);
	return sum;
}

void
kc_trajectory_design_row(KcTrajectoryModel *model, double time, double *row)
{
	int variable = time_variable(model->model);

	if (variable >= 0)
		model->model->number[variable] = ks_dd(time);
	(void) kc_model_design_row(model->state, model->model, &model->design,
							   &model->levels, row);
}

KcTrajectoryData *
kc_trajectory_open(const KcState *summary)
{
	KcTrajectoryData *data = palloc0(sizeof(KcTrajectoryData));
	const Range *range;
	double *last;
	int p;

	data->state = finish_trajectory(summary);
	read_structure(data->state, &data->model);
	if (data->model.model == NULL)
		return data;
	p = data->model.design.n_columns;
	data->column = palloc(sizeof(int) * (p + 1));
	for (int c = 0; c < p; c++)
		data->column[c] = kc_model_find_column(data->state, &data->model.design,
											   &data->model.levels, c);
	data->column[p] = 1;
	range = kc_region_data(data->state, kc_model_region(data->state, RANGE));
	last = palloc0(sizeof(double) * (p + 1));
	kc_trajectory_design_row(
		&data->model,
		kc_model_region(data->state, RANGE)->used > 0 ? range->last : 0, last);
	kc_group_reader_start(&data->reader, data->state, BLOCKS);
	data->source = (KsTrajectorySource){
		.fixed = p,
		.subjects = kc_group_count(data->state, BLOCKS),
		.n = data->state->n,
		.last = last,
		.block = read_block,
		.context = data,
	};
	data->source.cross = sum_blocks(data);
	return data;
}

void
kc_trajectory_fit(KcTrajectoryData *data, int groups, int starts, int64 seed,
				  KsTrajectoryFit *fit)
{
	memset(fit, 0, sizeof(*fit));
	if (data->model.model != NULL)
		kc_require(ks_trajectory_fit(&data->source, groups, starts, (uint64_t) seed,
									 &kc_env, fit));
}

static KcState *
store_figures(KcState *state, const KsTrajectoryFit *fit)
{
	Figures figures = {
		.groups = (double) fit->groups,
		.parameters = (double) fit->parameters,
		.starts = (double) fit->starts,
		.reached = (double) fit->reached,
		.iterations = fit->iterations,
		.converged = fit->converged,
		.log_lik = fit->log_lik,
		.aic = fit->aic,
		.bic = fit->bic,
		.bic_observations = fit->bic_observations,
		.entropy = fit->entropy,
		.sigma = fit->sigma,
	};

	state = kc_region_append(state, FIGURES, &figures, sizeof(figures));
	state = kc_region_append(state, FIGURES, fit->share,
							 sizeof(double) *
								 array_size(fit->groups, fit->fixed, fit->subjects));
	if (fit->note[0] != '\0')
		state = kc_region_append(state, NOTE, fit->note, strlen(fit->note));
	return state;
}

KcState *
kc_trajectory_store(const KcTrajectoryData *data, const KsTrajectoryFit *fit)
{
	const KcState *summary = data->state;
	KcState *state = kc_state_create(&kc_trajectory_model_type);
	int *column = palloc(sizeof(int) * (kc_model_n_columns(summary) + 1));

	state = kc_model_canonical(state, summary, column);
	for (uint32 s = 0; s < kc_group_count(summary, BLOCKS); s++)
	{
		size_t length;
		const char *key = kc_label_at(summary, BLOCKS, s, &length);
		uint32 number;

		state = kc_label_intern(state, SUBJECTS, key, length, &number);
	}
	if (data->model.model != NULL)
		state = store_figures(state, fit);
	state->n = summary->n;
	state->n_missing = summary->n_missing;
	pfree(column);
	return kc_state_trim(state);
}

/* ---- reading groups ------------------------------------------------------------------------ */

/* Points the arrays of a fit into the state, as ks_trajectory_fit lays them out. */
static void
read_fit(const KcState *state, KcTrajectoryModel *model)
{
	const KcRegion *note = kc_model_region(state, NOTE);
	const Figures *figures = kc_region_data(state, kc_model_region(state, FIGURES));
	KsTrajectoryFit *fit = &model->fit;

	fit->n = state->n;
	fit->subjects = kc_label_count(state, SUBJECTS);
	fit->fixed = model->design.n_columns;
	fit->groups = (size_t) figures->groups;
	fit->parameters = (size_t) figures->parameters;
	fit->starts = (size_t) figures->starts;
	fit->reached = (size_t) figures->reached;
	fit->iterations = (int) figures->iterations;
	fit->converged = figures->converged != 0;
	fit->log_lik = figures->log_lik;
	fit->aic = figures->aic;
	fit->bic = figures->bic;
	fit->bic_observations = figures->bic_observations;
	fit->entropy = figures->entropy;
	fit->sigma = figures->sigma;
	fit->share = (double *) (figures + 1);
	fit->share_error = fit->share + fit->groups;
	fit->mean_posterior = fit->share_error + fit->groups;
	fit->assigned = fit->mean_posterior + fit->groups;
	fit->beta = fit->assigned + fit->groups;
	fit->vcov = fit->beta + fit->groups * fit->fixed;
	fit->posterior =
		fit->vcov + fit->groups * fit->fixed * fit->groups * fit->fixed;
	memcpy(fit->note, kc_region_data(state, note), note->used);
	fit->note[note->used] = '\0';
}

void
kc_trajectory_read(const KcState *state, KcTrajectoryModel *model)
{
	read_structure(state, model);
	if (model->model == NULL)
		return;
	if (check_figures(state, model->design.n_columns) != NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("value is not a %s", kc_summary_type(state->tag)->name)));
	read_fit(state, model);
}

char *
kc_trajectory_subject(const KcTrajectoryModel *model, size_t subject)
{
	return kc_label_cstring(model->state, SUBJECTS, subject);
}
