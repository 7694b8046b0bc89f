/*
 * fn_linear.c
 *	  Chapter linear: ordinary least squares in SQL.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "func/fn_formula.h"
#include "func/fn_model.h"
#include "func/fn_summary.h"
#include "summary/kc_linear_summary.h"

/* ---- the model as a value --------------------------------------------------------- */

KC_SUMMARY_FUNCTION(kc_linear_model_in, kc_summary_in, kc_linear_model_type);
KC_SUMMARY_FUNCTION(kc_linear_model_out, kc_summary_out, kc_linear_model_type);
KC_SUMMARY_FUNCTION(kc_linear_model_recv, kc_summary_recv, kc_linear_model_type);
KC_SUMMARY_FUNCTION(kc_linear_model_send, kc_summary_send, kc_linear_model_type);

/* ---- building --------------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_linear_summary_add);
Datum
kc_linear_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_linear_summary_type);
	double value[KS_PRODUCT_COLUMNS];
	int n = kc_model_read_direct(fcinfo, state, value);
	KcModelReader *reader;

	if (n > 0 && kc_linear_add_plain(state, value, n))
		PG_RETURN_POINTER(state);
	reader = kc_model_next_row(fcinfo, &state, KC_FORMULA_FIXED);
	if (reader != NULL)
		state = kc_linear_add_row(state, reader->model);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_linear_model);
Datum
kc_linear_model(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(
		kc_linear_as_model(kc_arg_summary(fcinfo, 0, &kc_linear_summary_type)));
}

/* ---- coefficients and contrasts --------------------------------------------------- */

PG_FUNCTION_INFO_V1(kc_linear_coefficients);
Datum
kc_linear_coefficients(PG_FUNCTION_ARGS)
{
	double conf_level = kc_option_conf_level(fcinfo, 1);
	KsCoefficient *rows;
	KcLinearFit read;

	if (PG_ARGISNULL(0))
		return kc_coefficient_rows(fcinfo, NULL, 0);
	kc_linear_read(kc_arg_summary(fcinfo, 0, &kc_linear_model_type), &read);
	rows = palloc(sizeof(KsCoefficient) * (read.design.n_columns + 1));
	for (int c = 0; c < read.design.n_columns; c++)
	{
		ks_linear_coefficient(&read.fit, c, conf_level, &rows[c]);
		rows[c].term = kc_column_name(&read.design, c);
	}
	return kc_coefficient_rows(fcinfo, rows, read.design.n_columns);
}

PG_FUNCTION_INFO_V1(kc_linear_contrast_test);
Datum
kc_linear_contrast_test(PG_FUNCTION_ARGS)
{
	double conf_level = kc_option_conf_level(fcinfo, 2);
	int count;
	double *weights = kc_option_floats(fcinfo, 1, "weights", &count);
	KsCoefficient row;
	KcLinearFit read;

	if (PG_ARGISNULL(0))
		return kc_coefficient_rows(fcinfo, NULL, 0);
	kc_linear_read(kc_arg_summary(fcinfo, 0, &kc_linear_model_type), &read);
	if (read.model == NULL)
		return kc_coefficient_rows(fcinfo, NULL, 0);
	kc_check_weights(&read.design, count);
	ks_linear_contrast(&read.fit, weights, conf_level, &row);
	row.term = kc_contrast_name(&read.design, weights);
	return kc_coefficient_rows(fcinfo, &row, 1);
}

/* ---- joint tests and the fit as a whole ------------------------------------------- */

static KsJointTest
joint_test(const KcLinearFit *read, int term)
{
	int rows = ks_type3_rows(&read->design, term);
	double *weights =
		palloc(sizeof(double) * ((size_t) rows * read->design.n_columns + 1));
	KsJointTest test = {0};

	ks_type3_weights(&read->design, term, weights);
	kc_require(ks_linear_joint_test(&read->fit, weights, rows, &kc_env, &test));
	test.term = kc_term_name(&read->design, term);
	pfree(weights);
	return test;
}

PG_FUNCTION_INFO_V1(kc_linear_joint_tests);
Datum
kc_linear_joint_tests(PG_FUNCTION_ARGS)
{
	KsJointTest *rows = NULL;
	KcLinearFit read = {0};

	if (!PG_ARGISNULL(0))
		kc_linear_read(kc_arg_summary(fcinfo, 0, &kc_linear_model_type), &read);
	rows = palloc(sizeof(KsJointTest) * (read.design.n_terms + 1));
	for (int t = 0; t < read.design.n_terms; t++)
		rows[t] = joint_test(&read, t);
	return kc_joint_test_rows(fcinfo, rows, read.design.n_terms);
}

PG_FUNCTION_INFO_V1(kc_linear_glance);
Datum
kc_linear_glance(PG_FUNCTION_ARGS)
{
	KsModelFit fit;
	KcLinearFit read;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	kc_linear_read(kc_arg_summary(fcinfo, 0, &kc_linear_model_type), &read);
	ks_linear_glance(&read.fit, &fit);
	fit.n_missing = read.n_missing;
	fit.n_groups = -1;
	return kc_model_fit_row(fcinfo, &fit);
}

/* ---- prediction ------------------------------------------------------------------- */

/* A model read once for many rows, while its bytes stay the same. */
typedef struct Predictor
{
	MemoryContext context;
	KcState *state;
	KcLinearFit read;
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
	kc_linear_read(predictor->state, &predictor->read);
	predictor->row = palloc(sizeof(double) * (predictor->read.design.n_columns + 1));
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

PG_FUNCTION_INFO_V1(kc_linear_predict_row);
Datum
kc_linear_predict_row(PG_FUNCTION_ARGS)
{
	Predictor *predictor;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	predictor = predictor_for(fcinfo, kc_arg_summary(fcinfo, 0, &kc_linear_model_type));
	if (predictor->read.model == NULL)
		PG_RETURN_NULL();
	kc_model_reader_attach(&predictor->reader, fcinfo, 1, predictor->read.model);
	if (!kc_model_read(&predictor->reader, false))
		PG_RETURN_NULL();
	KC_RETURN_FLOAT(kc_linear_predict(&predictor->read, predictor->row));
}
