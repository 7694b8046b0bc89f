/*
 * fn_trajectory.c
 *	  Chapter trajectory: trajectory groups in SQL.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "func/fn_formula.h"
#include "func/fn_model.h"
#include "func/fn_summary.h"
#include "stat/ks_trajectory_report.h"
#include "summary/kc_trajectory_summary.h"

#define MOST_STARTS 100000

/* ---- the groups as a value -------------------------------------------------------- */

KC_SUMMARY_FUNCTION(kc_trajectory_model_in, kc_summary_in, kc_trajectory_model_type);
KC_SUMMARY_FUNCTION(kc_trajectory_model_out, kc_summary_out, kc_trajectory_model_type);
KC_SUMMARY_FUNCTION(kc_trajectory_model_recv, kc_summary_recv, kc_trajectory_model_type);
KC_SUMMARY_FUNCTION(kc_trajectory_model_send, kc_summary_send, kc_trajectory_model_type);

/* ---- building --------------------------------------------------------------------- */

static void
check_curve(const KcModel *model)
{
	const char *problem = kc_trajectory_unsupported(model);

	if (problem != NULL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s", problem),
						errhint("Write for instance pain ~ month + I(month^2) | patient.")));
}

PG_FUNCTION_INFO_V1(kc_trajectory_summary_add);
Datum
kc_trajectory_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_trajectory_summary_type);
	KcModelReader *reader = kc_model_next_row(fcinfo, &state, KC_FORMULA_TRAJECTORY);
	const KsGrouping *subject;
	const char *key;
	size_t length;

	if (reader == NULL)
		PG_RETURN_POINTER(state);
	if (state->n == 0)
		check_curve(reader->model);
	subject = &reader->model->formula.subject;
	key = kc_model_group_key(reader, subject->variable, subject->n_variables, ':', &length);
	if (key != NULL)
		state = kc_trajectory_add_row(state, reader->model, key, length);
	else
		state->n_missing++;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_trajectory_model);
Datum
kc_trajectory_model(PG_FUNCTION_ARGS)
{
	int groups = kc_option_int(fcinfo, 1, "groups", 1, KS_TRAJECTORY_MOST_GROUPS);
	int starts = kc_option_int(fcinfo, 2, "starts", 1, MOST_STARTS);
	int64 seed = kc_option_seed(fcinfo, 3);
	KcTrajectoryData *data;
	KsTrajectoryFit fit;
	KcState *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	data = kc_trajectory_open(kc_arg_summary(fcinfo, 0, &kc_trajectory_summary_type));
	kc_trajectory_fit(data, groups, starts, seed, &fit);
	state = kc_trajectory_store(data, &fit);
	ks_trajectory_fit_free(&kc_env, &fit);
	PG_RETURN_POINTER(state);
}

/* The groups in argument 0; without rows there are none. */
static void
read_argument(FunctionCallInfo fcinfo, KcTrajectoryModel *model)
{
	if (PG_ARGISNULL(0))
		memset(model, 0, sizeof(*model));
	else
		kc_trajectory_read(kc_arg_summary(fcinfo, 0, &kc_trajectory_model_type), model);
}

/* ---- groups ----------------------------------------------------------------------- */

typedef struct GroupRow
{
	int32 grp;
	double share;
	double n_assigned;
	double mean_posterior;
	const char *term;
	KsTrajectoryCoefficient coefficient;
} GroupRow;

PG_FUNCTION_INFO_V1(kc_trajectory_groups);
Datum
kc_trajectory_groups(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(GroupRow, grp, KC_INT4),
		KC_FIELD(GroupRow, share, KC_FLOAT),
		KC_FIELD(GroupRow, n_assigned, KC_WHOLE),
		KC_FIELD(GroupRow, mean_posterior, KC_FLOAT),
		KC_FIELD(GroupRow, term, KC_TEXT),
		{"estimate", KC_FLOAT, offsetof(GroupRow, coefficient.estimate)},
		{"std_error", KC_FLOAT, offsetof(GroupRow, coefficient.std_error)},
		{"p_value", KC_FLOAT, offsetof(GroupRow, coefficient.p_value)},
	};
	KcTrajectoryModel model;
	GroupRow *rows;
	size_t count = 0;

	read_argument(fcinfo, &model);
	rows = palloc(sizeof(GroupRow) * (model.fit.groups * model.design.n_columns + 1));
	for (size_t k = 0; k < model.fit.groups; k++)
		for (int c = 0; c < model.design.n_columns; c++)
			rows[count++] = (GroupRow){
				.grp = k + 1,
				.share = model.fit.share[k],
				.n_assigned = model.fit.assigned[k],
				.mean_posterior = model.fit.mean_posterior[k],
				.term = kc_column_name(&model.design, c),
				.coefficient = ks_trajectory_coefficient(&model.fit, k, c),
			};
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

typedef struct AssignmentRow
{
	const char *subject;
	int32 grp;
	double posterior;
} AssignmentRow;

PG_FUNCTION_INFO_V1(kc_trajectory_assignments);
Datum
kc_trajectory_assignments(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(AssignmentRow, subject, KC_TEXT),
		KC_FIELD(AssignmentRow, grp, KC_INT4),
		KC_FIELD(AssignmentRow, posterior, KC_FLOAT),
	};
	KcTrajectoryModel model;
	AssignmentRow *rows;
	size_t count = 0;

	read_argument(fcinfo, &model);
	rows = palloc_extended(sizeof(AssignmentRow) * (model.fit.subjects + 1),
						   MCXT_ALLOC_HUGE);
	for (size_t s = 0; s < model.fit.subjects && !isnan(model.fit.sigma); s++)
	{
		size_t k = ks_trajectory_assigned(&model.fit, s);

		rows[count++] = (AssignmentRow){kc_trajectory_subject(&model, s), k + 1,
										model.fit.posterior[s * model.fit.groups + k]};
	}
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

typedef struct CurveRow
{
	int32 grp;
	double t;
	double estimate;
	double conf_low;
	double conf_high;
} CurveRow;

PG_FUNCTION_INFO_V1(kc_trajectory_curve);
Datum
kc_trajectory_curve(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(CurveRow, grp, KC_INT4),
		KC_FIELD(CurveRow, t, KC_FLOAT),
		KC_FIELD(CurveRow, estimate, KC_FLOAT),
		KC_FIELD(CurveRow, conf_low, KC_FLOAT),
		KC_FIELD(CurveRow, conf_high, KC_FLOAT),
	};
	double conf_level = kc_option_conf_level(fcinfo, 2);
	int n_times;
	double *times = kc_option_floats(fcinfo, 1, "at", &n_times);
	KcTrajectoryModel model;
	CurveRow *rows;
	double *design_row;
	size_t count = 0;

	read_argument(fcinfo, &model);
	rows = palloc_extended(sizeof(CurveRow) * (model.fit.groups * n_times + 1),
						   MCXT_ALLOC_HUGE);
	design_row = palloc(sizeof(double) * (model.design.n_columns + 1));
	for (size_t k = 0; k < model.fit.groups; k++)
		for (int i = 0; i < n_times; i++)
		{
			CurveRow *row = &rows[count++];

			kc_trajectory_design_row(&model, times[i], design_row);
			row->grp = k + 1;
			row->t = times[i];
			ks_trajectory_mean(&model.fit, k, design_row, conf_level, &row->estimate,
							   &row->conf_low, &row->conf_high);
		}
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

/* ---- the fit as a whole -------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_trajectory_glance);
Datum
kc_trajectory_glance(PG_FUNCTION_ARGS)
{
	KcTrajectoryModel model;
	KsModelFit row;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	read_argument(fcinfo, &model);
	if (model.model == NULL)
	{
		model.fit.sigma = model.fit.log_lik = model.fit.aic = NAN;
		model.fit.bic = model.fit.entropy = NAN;
		ks_note(model.fit.note, "no complete rows");
	}
	ks_trajectory_glance(&model.fit, &row);
	row.n_missing = model.n_missing;
	return kc_model_fit_row(fcinfo, &row);
}

typedef struct ComparisonRow
{
	int32 groups;
	double parameters;
	double log_lik;
	double aic;
	double bic;
	double bic_observations;
	double entropy;
	double smallest_group;
	double lowest_posterior;
	double reached;
	bool converged;
	char note[KS_NOTE_SIZE];
} ComparisonRow;

static ComparisonRow
compare_row(const KsTrajectoryFit *fit)
{
	ComparisonRow row = {
		.groups = fit->groups,
		.parameters = fit->parameters,
		.log_lik = fit->log_lik,
		.aic = fit->aic,
		.bic = fit->bic,
		.bic_observations = fit->bic_observations,
		.entropy = fit->entropy,
		.smallest_group = ks_trajectory_smallest(fit),
		.lowest_posterior = ks_trajectory_lowest_posterior(fit),
		.reached = fit->reached,
		.converged = fit->converged,
	};

	strlcpy(row.note, fit->note, sizeof(row.note));
	return row;
}

PG_FUNCTION_INFO_V1(kc_trajectory_compare);
Datum
kc_trajectory_compare(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(ComparisonRow, groups, KC_INT4),
		KC_FIELD(ComparisonRow, parameters, KC_WHOLE),
		KC_FIELD(ComparisonRow, log_lik, KC_FLOAT),
		KC_FIELD(ComparisonRow, aic, KC_FLOAT),
		KC_FIELD(ComparisonRow, bic, KC_FLOAT),
		KC_FIELD(ComparisonRow, bic_observations, KC_FLOAT),
		KC_FIELD(ComparisonRow, entropy, KC_FLOAT),
		KC_FIELD(ComparisonRow, smallest_group, KC_FLOAT),
		KC_FIELD(ComparisonRow, lowest_posterior, KC_FLOAT),
		KC_FIELD(ComparisonRow, reached, KC_WHOLE),
		KC_FIELD(ComparisonRow, converged, KC_BOOL),
		KC_FIELD(ComparisonRow, note, KC_NOTE),
	};
	int most = kc_option_int(fcinfo, 1, "max_groups", 1, KS_TRAJECTORY_MOST_GROUPS);
	int starts = kc_option_int(fcinfo, 2, "starts", 1, MOST_STARTS);
	int64 seed = kc_option_seed(fcinfo, 3);
	ComparisonRow *rows = palloc(sizeof(ComparisonRow) * most);
	KcTrajectoryData *data;
	int count = 0;

	if (!PG_ARGISNULL(0))
	{
		data = kc_trajectory_open(kc_arg_summary(fcinfo, 0, &kc_trajectory_summary_type));
		for (int groups = 1; groups <= most; groups++)
		{
			KsTrajectoryFit fit;

			kc_trajectory_fit(data, groups, starts, seed, &fit);
			if (fit.groups > 0)
				rows[count++] = compare_row(&fit);
			ks_trajectory_fit_free(&kc_env, &fit);
		}
	}
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}
