/*
 * fn_mixed.c
 *	  Chapter mixed: linear mixed models in SQL.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "func/fn_formula.h"
#include "func/fn_model.h"
#include "func/fn_summary.h"
#include "stat/ks_mixed_effect.h"
#include "stat/ks_mixed_report.h"
#include "summary/kc_mixed_summary.h"

/* ---- the model as a value --------------------------------------------------------- */

KC_SUMMARY_FUNCTION(kc_mixed_model_in, kc_summary_in, kc_mixed_model_type);
KC_SUMMARY_FUNCTION(kc_mixed_model_out, kc_summary_out, kc_mixed_model_type);
KC_SUMMARY_FUNCTION(kc_mixed_model_recv, kc_summary_recv, kc_mixed_model_type);
KC_SUMMARY_FUNCTION(kc_mixed_model_send, kc_summary_send, kc_mixed_model_type);

/* ---- building --------------------------------------------------------------------- */

/* Which variables name the row's group. */
static void
list_key(KcModel *model)
{
	const char *problem = kc_mixed_list_key(model);

	if (problem != NULL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s", problem),
						errdetail("A model has one grouping factor, as (1 + month | patient) "
								  "or (1 | site:patient), or two that nest, as "
								  "(1 | site/patient).")));
}

PG_FUNCTION_INFO_V1(kc_mixed_summary_add);
Datum
kc_mixed_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_mixed_summary_type);
	KcModelReader *reader = kc_model_next_row(fcinfo, &state, KC_FORMULA_RANDOM);
	KcModel *model;
	const char *key;
	size_t length;

	if (reader == NULL)
		PG_RETURN_POINTER(state);
	model = reader->model;
	if (unlikely(model->n_key == 0))
		list_key(model);
	key = kc_model_group_key(reader, model->key, model->n_key, model->key_separator, &length);
	if (key != NULL)
		state = kc_mixed_add_row(state, model, key, length);
	else
		state->n_missing++;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_mixed_model_finish);
Datum
kc_mixed_model_finish(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(
		kc_mixed_fit(kc_arg_summary(fcinfo, 0, &kc_mixed_summary_type), true));
}

PG_FUNCTION_INFO_V1(kc_mixed_model);
Datum
kc_mixed_model(PG_FUNCTION_ARGS)
{
	static const char *const methods[] = {"REML", "ML", NULL};
	bool reml = kc_option_choice(fcinfo, 1, "method", methods) == 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(
		kc_mixed_fit(kc_arg_summary(fcinfo, 0, &kc_mixed_summary_type), reml));
}

/* The model in argument 0; without one, or without rows, it has no columns. */
static void
read_argument(FunctionCallInfo fcinfo, KcMixedModel *model)
{
	if (PG_ARGISNULL(0))
		memset(model, 0, sizeof(*model));
	else
		kc_mixed_read(kc_arg_summary(fcinfo, 0, &kc_mixed_model_type), model);
}

/* ---- fixed effects ------------------------------------------------------------------ */

static KsCoefficient
coefficient_of(const KsTest *test)
{
	KsCoefficient row = {
		.estimate = test->estimate,
		.std_error = test->std_error,
		.statistic = test->statistic,
		.df = test->df,
		.p_value = test->p_value,
		.conf_low = test->conf_low,
		.conf_high = test->conf_high,
	};

	strlcpy(row.note, test->note, sizeof(row.note));
	return row;
}

static KsCoefficient
contrast(const KcMixedModel *model, const double *weights, double conf_level)
{
	KsTest test;

	kc_require(ks_mixed_contrast(&model->fit, weights, conf_level, &kc_env, &test));
	return coefficient_of(&test);
}

PG_FUNCTION_INFO_V1(kc_mixed_coefficients);
Datum
kc_mixed_coefficients(PG_FUNCTION_ARGS)
{
	double conf_level = kc_option_conf_level(fcinfo, 1);
	KcMixedModel model;
	KsCoefficient *rows;
	double *weights;

	read_argument(fcinfo, &model);
	rows = palloc(sizeof(KsCoefficient) * (model.design.n_columns + 1));
	weights = palloc0(sizeof(double) * (model.design.n_columns + 1));
	for (int c = 0; c < model.design.n_columns; c++)
	{
		weights[c] = 1;
		rows[c] = contrast(&model, weights, conf_level);
		rows[c].term = kc_column_name(&model.design, c);
		if (isnan(model.fit.beta[c]) && !isnan(model.fit.sigma))
			strlcpy(rows[c].note, "a combination of earlier terms: cannot be estimated",
					sizeof(rows[c].note));
		weights[c] = 0;
	}
	return kc_coefficient_rows(fcinfo, rows, model.design.n_columns);
}

PG_FUNCTION_INFO_V1(kc_mixed_contrast_test);
Datum
kc_mixed_contrast_test(PG_FUNCTION_ARGS)
{
	double conf_level = kc_option_conf_level(fcinfo, 2);
	int count;
	double *weights = kc_option_floats(fcinfo, 1, "weights", &count);
	KcMixedModel model;
	KsCoefficient row;

	read_argument(fcinfo, &model);
	if (model.model == NULL)
		return kc_coefficient_rows(fcinfo, NULL, 0);
	kc_check_weights(&model.design, count);
	row = contrast(&model, weights, conf_level);
	row.term = kc_contrast_name(&model.design, weights);
	return kc_coefficient_rows(fcinfo, &row, 1);
}

/* In standard deviations at time 0: those of the random intercepts and the residual. */
static KsCoefficient
standardized(const KcMixedModel *model, const double *weights, double conf_level)
{
	size_t *term_size = palloc(sizeof(size_t) * Max(model->n_terms, 1));
	double *z = palloc0(sizeof(double) * Max(model->n_random, 1));
	bool intercept = false;
	KsCoefficient row;
	KsTest test;

	for (int t = 0; t < model->n_terms; t++)
	{
		const KcRandomTerm *term = &model->term[t];

		term_size[t] = term->design.n_columns;
		for (int c = 0; c < term->design.n_columns; c++)
			if (strcmp(kc_column_name(&term->design, c), "(Intercept)") == 0)
			{
				z[term->first + c] = 1;
				intercept = true;
			}
	}
	kc_require(ks_mixed_standardized_effect(&model->fit, model->n_terms, term_size, weights,
											z, conf_level, &kc_env, &test));
	row = coefficient_of(&test);
	if (!intercept && row.note[0] == '\0')
		strlcpy(row.note, "no random intercept: divided by the residual's deviation",
				sizeof(row.note));
	return row;
}

PG_FUNCTION_INFO_V1(kc_mixed_standardized_effect);
Datum
kc_mixed_standardized_effect(PG_FUNCTION_ARGS)
{
	double conf_level = kc_option_conf_level(fcinfo, 2);
	int count;
	double *weights = kc_option_floats(fcinfo, 1, "weights", &count);
	KcMixedModel model;
	KsCoefficient row;

	read_argument(fcinfo, &model);
	if (model.model == NULL)
		return kc_coefficient_rows(fcinfo, NULL, 0);
	kc_check_weights(&model.design, count);
	row = standardized(&model, weights, conf_level);
	row.term = kc_contrast_name(&model.design, weights);
	return kc_coefficient_rows(fcinfo, &row, 1);
}

static KsJointTest
joint_test(const KcMixedModel *model, int term)
{
	int rows = ks_type3_rows(&model->design, term);
	double *weights =
		palloc(sizeof(double) * ((size_t) rows * model->design.n_columns + 1));
	KsJointTest row;
	KsTest test;

	ks_type3_weights(&model->design, term, weights);
	kc_require(ks_mixed_joint_test(&model->fit, rows, weights, &kc_env, &test));
	row = (KsJointTest){
		.term = kc_term_name(&model->design, term),
		.df = test.df,
		.df2 = test.df2,
		.statistic = test.statistic,
		.p_value = test.p_value,
	};
	strlcpy(row.note, test.note, sizeof(row.note));
	pfree(weights);
	return row;
}

PG_FUNCTION_INFO_V1(kc_mixed_joint_tests);
Datum
kc_mixed_joint_tests(PG_FUNCTION_ARGS)
{
	KcMixedModel model;
	KsJointTest *rows;

	read_argument(fcinfo, &model);
	rows = palloc(sizeof(KsJointTest) * (model.design.n_terms + 1));
	for (int t = 0; t < model.design.n_terms; t++)
		rows[t] = joint_test(&model, t);
	return kc_joint_test_rows(fcinfo, rows, model.design.n_terms);
}

/* ---- random effects ------------------------------------------------------------------ */

typedef struct VarianceRow
{
	const char *grp;
	const char *term1;
	const char *term2;
	KsMixedComponent component;
} VarianceRow;

/* As R prints it: patient:site, and site.1 for a second term of the same factor. */
static char *
group_label(const KcMixedModel *model, int term)
{
	const KsFormula *formula = &model->model->formula;
	const KcFactor *factor = &model->grouping.factor[model->term[term].factor];
	StringInfoData name;
	int before = 0;

	initStringInfo(&name);
	for (int v = 0; v < factor->n_variables; v++)
		appendStringInfo(
			&name, "%s%s", v > 0 ? ":" : "",
			ks_formula_text(formula, formula->variable[factor->variable[v]].name));
	for (int t = 0; t < term; t++)
		before += model->term[t].factor == model->term[term].factor;
	if (before > 0)
		appendStringInfo(&name, ".%d", before);
	return name.data;
}

/* Variances of one term, then covariances.  Returns how many rows. */
static int
variance_rows(const KcMixedModel *model, int which, VarianceRow *rows)
{
	const KcRandomTerm *term = &model->term[which];
	const char *grp = group_label(model, which);
	int columns = term->design.n_columns;
	int count = 0;

	for (int i = 0; i < columns; i++)
		rows[count++] = (VarianceRow){
			grp, kc_column_name(&term->design, i), NULL,
			ks_mixed_component(&model->fit, term->first + i, term->first + i)};
	for (int i = 0; i < columns; i++)
		for (int j = i + 1; j < columns; j++)
			rows[count++] = (VarianceRow){
				grp, rows[i].term1, rows[j].term1,
				ks_mixed_component(&model->fit, term->first + j, term->first + i)};
	return count;
}

PG_FUNCTION_INFO_V1(kc_mixed_variance_components);
Datum
kc_mixed_variance_components(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(VarianceRow, grp, KC_TEXT),
		KC_FIELD(VarianceRow, term1, KC_TEXT),
		KC_FIELD(VarianceRow, term2, KC_TEXT),
		{"variance", KC_FLOAT, offsetof(VarianceRow, component.variance)},
		{"sd", KC_FLOAT, offsetof(VarianceRow, component.sd)},
		{"correlation", KC_FLOAT, offsetof(VarianceRow, component.correlation)},
	};
	KcMixedModel model;
	VarianceRow *rows;
	int count = 0;

	read_argument(fcinfo, &model);
	rows = palloc(sizeof(VarianceRow) * (ks_packed_size(model.n_random) + 1));
	for (int t = 0; t < model.n_terms; t++)
		count += variance_rows(&model, t, rows + count);
	if (model.model != NULL)
		rows[count++] =
			(VarianceRow){"Residual", NULL, NULL, ks_mixed_residual(&model.fit)};
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

typedef struct ModeRow
{
	const char *grp;
	const char *term;
	double estimate;
	double std_error;
} ModeRow;

/* The modes of one factor: rows of one group after the other, terms in their order. */
static void
mode_rows_of(const KcMixedModel *model, int factor, const double *modes,
			 const double *errors, ModeRow *rows)
{
	size_t q = factor == 1 ? model->n_outer : model->n_random - model->n_outer;
	size_t first = factor == 1 ? model->n_random - model->n_outer : 0;
	size_t groups = factor == 1 ? model->fit.outer_groups : model->fit.groups;
	const char *names[KS_MIXED_MOST_RANDOM];

	for (int t = 0; t < model->n_terms; t++)
		for (int c = 0; c < model->term[t].design.n_columns; c++)
			names[model->term[t].first + c] = kc_column_name(&model->term[t].design, c);
	for (size_t g = 0; g < groups; g++)
	{
		const char *key = kc_mixed_group_key(model, factor, g);

		for (size_t i = 0; i < q; i++)
			rows[g * q + i] =
				(ModeRow){key, names[first + i], modes[g * q + i], errors[g * q + i]};
	}
}

/* Those of the groups, then those of outer groups. */
static ModeRow *
mode_rows(const KcMixedModel *model, size_t *count)
{
	size_t inner = model->fit.groups * (model->n_random - model->n_outer);
	size_t size = inner + model->fit.outer_groups * model->n_outer;
	double *modes = palloc_extended(sizeof(double) * Max(size, 1), MCXT_ALLOC_HUGE);
	double *errors = palloc_extended(sizeof(double) * Max(size, 1), MCXT_ALLOC_HUGE);
	ModeRow *rows = palloc_extended(sizeof(ModeRow) * Max(size, 1), MCXT_ALLOC_HUGE);

	kc_mixed_modes(model, modes, errors);
	mode_rows_of(model, 0, modes, errors, rows);
	mode_rows_of(model, 1, modes + inner, errors + inner, rows + inner);
	*count = size;
	return rows;
}

PG_FUNCTION_INFO_V1(kc_mixed_random_effects);
Datum
kc_mixed_random_effects(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(ModeRow, grp, KC_TEXT),
		KC_FIELD(ModeRow, term, KC_TEXT),
		KC_FIELD(ModeRow, estimate, KC_FLOAT),
		KC_FIELD(ModeRow, std_error, KC_FLOAT),
	};
	KcMixedModel model;
	ModeRow *rows = NULL;
	size_t count = 0;

	read_argument(fcinfo, &model);
	if (model.model != NULL)
		rows = mode_rows(&model, &count);
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

/* ---- the fit as a whole -------------------------------------------------------------- */

/* Fixed effects, variance parameters of the random ones, the residual variance. */
static double
count_parameters(const KcMixedModel *model)
{
	double elements = 0;

	for (int t = 0; t < model->n_terms; t++)
		elements += ks_packed_size(model->term[t].design.n_columns);
	return model->fit.rank + elements + 1;
}

PG_FUNCTION_INFO_V1(kc_mixed_glance);
Datum
kc_mixed_glance(PG_FUNCTION_ARGS)
{
	KcMixedModel model;
	KsModelFit row;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	read_argument(fcinfo, &model);
	if (model.model == NULL)
	{
		model.fit.reml = true;
		model.fit.sigma = model.fit.deviance = model.fit.log_lik = NAN;
		ks_note(model.fit.note, "no complete rows");
	}
	ks_mixed_glance(&model.fit, count_parameters(&model), &row);
	row.n_missing = model.n_missing;
	return kc_model_fit_row(fcinfo, &row);
}

static bool
same_fixed_effects(const KcMixedModel *a, const KcMixedModel *b)
{
	if (a->design.n_columns != b->design.n_columns)
		return false;
	for (int c = 0; c < a->design.n_columns; c++)
		if (strcmp(kc_column_name(&a->design, c), kc_column_name(&b->design, c)) != 0)
			return false;
	return true;
}

static void
check_comparable(const KcMixedModel *a, const KcMixedModel *b)
{
	if (a->fit.n != b->fit.n ||
		kc_mixed_outcome_squares(a) != kc_mixed_outcome_squares(b))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the models were fitted to different rows"),
						errdetail("They have " INT64_FORMAT " and " INT64_FORMAT
								  " rows of %zu and %zu groups.",
								  a->fit.n, b->fit.n, a->fit.groups, b->fit.groups),
						errhint("Leave out the rows with a NULL in any of the columns.")));
	if (a->fit.reml != b->fit.reml)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("one model was fitted by REML, the other by ML")));
	if (a->fit.reml && !same_fixed_effects(a, b))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("REML likelihoods of different fixed effects cannot be compared"),
				 errhint("Fit both by maximum likelihood: "
						 "mixed_model(summary, method => 'ML').")));
}

PG_FUNCTION_INFO_V1(kc_mixed_compare_models);
Datum
kc_mixed_compare_models(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(KsComparison, log_lik_a, KC_FLOAT),
		KC_FIELD(KsComparison, log_lik_b, KC_FLOAT),
		KC_FIELD(KsComparison, parameters_a, KC_WHOLE),
		KC_FIELD(KsComparison, parameters_b, KC_WHOLE),
		KC_FIELD(KsComparison, statistic, KC_FLOAT),
		KC_FIELD(KsComparison, df, KC_FLOAT),
		KC_FIELD(KsComparison, p_value, KC_FLOAT),
		KC_FIELD(KsComparison, method, KC_TEXT),
		KC_FIELD(KsComparison, note, KC_NOTE),
	};
	KsComparison row;
	KcMixedModel a, b;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	kc_mixed_read(kc_arg_summary(fcinfo, 0, &kc_mixed_model_type), &a);
	kc_mixed_read(kc_arg_summary(fcinfo, 1, &kc_mixed_model_type), &b);
	if (a.model == NULL || b.model == NULL)
		PG_RETURN_NULL();
	check_comparable(&a, &b);
	row.parameters_a = count_parameters(&a);
	row.parameters_b = count_parameters(&b);
	ks_mixed_compare(&a.fit, &b.fit, &row);
	return kc_result_row(fcinfo, fields, lengthof(fields), &row);
}

/* ---- prediction ---------------------------------------------------------------------- */

/* A model read once for many rows, while its bytes stay the same. */
typedef struct Predictor
{
	MemoryContext context;
	KcState *state;
	KcMixedModel model;
	KcModelReader reader;
	double *row;
} Predictor;

static void
read_predictor(Predictor *predictor, const KcState *state)
{
	MemoryContext old;

	predictor->state = NULL;
	MemoryContextReset(predictor->context);
	memset(&predictor->reader, 0, sizeof(predictor->reader));
	old = MemoryContextSwitchTo(predictor->context);
	predictor->state = kc_state_copy(state);
	kc_mixed_read(predictor->state, &predictor->model);
	predictor->row = palloc(sizeof(double) * (predictor->model.design.n_columns + 1));
	MemoryContextSwitchTo(old);
}

static Predictor *
predictor_for(FunctionCallInfo fcinfo, const KcState *state)
{
	Predictor *predictor = fcinfo->flinfo->fn_extra;

	if (predictor == NULL)
	{
		fcinfo->flinfo->fn_extra = predictor =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Predictor));
		predictor->context = AllocSetContextCreate(
			fcinfo->flinfo->fn_mcxt, "ketocohort predict", ALLOCSET_DEFAULT_SIZES);
	}
	if (predictor->state == NULL || VARSIZE(predictor->state) != VARSIZE(state) ||
		memcmp(predictor->state, state, VARSIZE(state)) != 0)
		read_predictor(predictor, state);
	return predictor;
}

PG_FUNCTION_INFO_V1(kc_mixed_predict_row);
Datum
kc_mixed_predict_row(PG_FUNCTION_ARGS)
{
	Predictor *predictor;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	predictor = predictor_for(fcinfo, kc_arg_summary(fcinfo, 0, &kc_mixed_model_type));
	if (predictor->model.model == NULL)
		PG_RETURN_NULL();
	kc_model_reader_attach(&predictor->reader, fcinfo, 1, predictor->model.model);
	if (!kc_model_read(&predictor->reader, false))
		PG_RETURN_NULL();
	KC_RETURN_FLOAT(kc_mixed_predict(&predictor->model, predictor->row));
}
