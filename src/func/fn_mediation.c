/*
 * fn_mediation.c
 *	  Chapter mediation: is an effect carried by a mediator?
 */
#include "postgres.h"

#include "utils/array.h"

#include "func/fn_core.h"
#include "stat/ks_mediation.h"
#include "summary/kc_mediation_sample.h"
#include "summary/kc_mediation_summary.h"

/* Below this many replicates limits are noise; above, nothing is gained. */
#define MIN_REPLICATES 10
#define MAX_REPLICATES 1000000

/* ---- transitions ------------------------------------------------------------------ */

/* Reads the covariates; false when the array or one of them is NULL. */
static bool
arg_covariates(FunctionCallInfo fcinfo, int arg, KcMediationRow *row)
{
	ArrayType *array;

	row->covariates = -1;
	if (PG_ARGISNULL(arg))
		return false;
	array = PG_GETARG_ARRAYTYPE_P(arg);
	if (ARR_NDIM(array) > 1)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("covariates must be a one-dimensional array")));
	row->covariates = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (array_contains_nulls(array))
		return false;
	row->covariate = (const double *) ARR_DATA_PTR(array);
	for (int i = 0; i < row->covariates; i++)
		kc_check_finite(row->covariate[i], "covariate");
	return true;
}

static KcMediationRow
arg_row(FunctionCallInfo fcinfo)
{
	KcMediationRow row = {.complete = true};

	if (PG_NARGS() > 4)
		row.complete = arg_covariates(fcinfo, 4, &row);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		row.complete = false;
	if (!row.complete)
		return row;
	row.treatment = PG_GETARG_FLOAT8(1);
	row.mediator = PG_GETARG_FLOAT8(2);
	row.outcome = PG_GETARG_FLOAT8(3);
	kc_check_finite(row.treatment, "treatment");
	kc_check_finite(row.mediator, "mediator");
	kc_check_finite(row.outcome, "outcome");
	return row;
}

PG_FUNCTION_INFO_V1(kc_mediation_summary_add);
Datum
kc_mediation_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_mediation_summary_type);
	KcMediationRow row = arg_row(fcinfo);

	PG_RETURN_POINTER(kc_mediation_summary_add_row(state, &row));
}

PG_FUNCTION_INFO_V1(kc_mediation_sample_add);
Datum
kc_mediation_sample_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_mediation_sample_type);
	KcMediationRow row = arg_row(fcinfo);

	PG_RETURN_POINTER(kc_mediation_sample_add_row(state, &row));
}

/* ---- the regressions ----------------------------------------------------------------- */

static KsMediationSums
empty_sums(int covariates)
{
	return (KsMediationSums){
		.covariates = covariates,
		.pivot = palloc0(sizeof(double) * ks_mediation_columns(covariates)),
		.products = palloc0(sizeof(KsDD) * ks_mediation_products(covariates))};
}

static void
fit_summary(const KcState *state, bool interaction, KsMediationFit *fit)
{
	KsMediationSums sums = kc_mediation_summary_sums(state);

	if (state->n == 0)
		sums = empty_sums(sums.covariates);
	kc_require(ks_mediation_fit(&sums, interaction, &kc_env, fit));
}

static void
fit_sample(const KcState *state, bool interaction, KsMediationFit *fit)
{
	int covariates = kc_mediation_sample_covariates(state);
	const double *row = kc_mediation_sample_rows(state);
	KsMediationSums sums = empty_sums(covariates);

	for (int64 i = 0; i < state->n; i++, row += 3 + covariates)
	{
		if (i % 4096 == 0 && kc_env.poll(kc_env.context))
			kc_require(KS_CANCELLED);
		ks_mediation_add(&sums, row[0], row[1], row[2], row + 3);
	}
	kc_require(ks_mediation_fit(&sums, interaction, &kc_env, fit));
}

/* ---- one row --------------------------------------------------------------------------- */

typedef struct MediationResult
{
	int64 n;
	int64 n_missing;
	double a, a_p;
	double b, b_p;
	double total, total_p;
	double direct, direct_p;
	double indirect, indirect_low, indirect_high, indirect_p;
	double proportion_mediated, proportion_low, proportion_high;
	const char *method;
	char note[KS_NOTE_SIZE];
} MediationResult;

static void
fill_result(const KsMediationEffect *row, MediationResult *result)
{
	result->a = row[KS_PATH_A].estimate;
	result->a_p = row[KS_PATH_A].p_value;
	result->b = row[KS_PATH_B].estimate;
	result->b_p = row[KS_PATH_B].p_value;
	result->total = row[KS_TOTAL].estimate;
	result->total_p = row[KS_TOTAL].p_value;
	result->direct = row[KS_DIRECT].estimate;
	result->direct_p = row[KS_DIRECT].p_value;
	result->indirect = row[KS_INDIRECT].estimate;
	result->indirect_low = row[KS_INDIRECT].conf_low;
	result->indirect_high = row[KS_INDIRECT].conf_high;
	result->indirect_p = row[KS_INDIRECT].p_value;
	result->proportion_mediated = row[KS_PROPORTION].estimate;
	result->proportion_low = row[KS_PROPORTION].conf_low;
	result->proportion_high = row[KS_PROPORTION].conf_high;
	result->method = row[KS_INDIRECT].method;
	if (row[KS_TOTAL].note[0] != '\0')
		ks_note(result->note, "%s", row[KS_TOTAL].note);
	if (row[KS_PROPORTION].note[0] != '\0' &&
		strcmp(row[KS_TOTAL].note, row[KS_PROPORTION].note) != 0)
		ks_note(result->note, "%s", row[KS_PROPORTION].note);
}

PG_FUNCTION_INFO_V1(kc_mediation);
Datum
kc_mediation(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(MediationResult, n, KC_INT8),
		KC_FIELD(MediationResult, n_missing, KC_INT8),
		KC_FIELD(MediationResult, a, KC_FLOAT),
		KC_FIELD(MediationResult, a_p, KC_FLOAT),
		KC_FIELD(MediationResult, b, KC_FLOAT),
		KC_FIELD(MediationResult, b_p, KC_FLOAT),
		KC_FIELD(MediationResult, total, KC_FLOAT),
		KC_FIELD(MediationResult, total_p, KC_FLOAT),
		KC_FIELD(MediationResult, direct, KC_FLOAT),
		KC_FIELD(MediationResult, direct_p, KC_FLOAT),
		KC_FIELD(MediationResult, indirect, KC_FLOAT),
		KC_FIELD(MediationResult, indirect_low, KC_FLOAT),
		KC_FIELD(MediationResult, indirect_high, KC_FLOAT),
		KC_FIELD(MediationResult, indirect_p, KC_FLOAT),
		KC_FIELD(MediationResult, proportion_mediated, KC_FLOAT),
		KC_FIELD(MediationResult, proportion_low, KC_FLOAT),
		KC_FIELD(MediationResult, proportion_high, KC_FLOAT),
		KC_FIELD(MediationResult, method, KC_TEXT),
		KC_FIELD(MediationResult, note, KC_NOTE),
	};
	static const KsMediationOptions options = {.method = KS_MEDIATION_PRODUCT,
											   .conf_level = 0.95,
											   .values = {.control = 0, .treated = 1}};
	const KcState *state;
	KsMediationFit fit;
	KsMediationEffect row[KS_MEDIATION_ROWS];
	MediationResult result = {0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_mediation_summary_type);
	fit_summary(state, false, &fit);
	kc_require(ks_mediation_effects(&fit, &options, &kc_env, row));
	ks_mediation_free(&fit, &kc_env);
	fill_result(row, &result);
	result.n = state->n;
	result.n_missing = state->n_missing;
	return kc_result_row(fcinfo, fields, lengthof(fields), &result);
}

/* ---- effects ----------------------------------------------------------------------------- */

/* Reads the options of mediation_effects, arguments 1 to 7. */
static KsMediationOptions
arg_options(FunctionCallInfo fcinfo)
{
	static const char *const methods[] = {"delta", "product", "monte_carlo",
										  "bootstrap_percentile", "bootstrap_bca", NULL};
	KsMediationOptions options;

	options.method = (KsMediationMethod) kc_option_choice(fcinfo, 1, "method", methods);
	options.replicates =
		kc_option_int(fcinfo, 2, "replicates", MIN_REPLICATES, MAX_REPLICATES);
	options.seed = kc_option_seed(fcinfo, 3);
	options.conf_level = kc_option_conf_level(fcinfo, 4);
	options.interaction = kc_option_bool(fcinfo, 5, "interaction");
	options.values.treated = kc_option_float(fcinfo, 6, "treated_value");
	options.values.control = kc_option_float(fcinfo, 7, "control_value");
	if (options.values.treated == options.values.control)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("treated_value and control_value are both %g",
							   options.values.treated),
						errhint("Effects are those of a change of the treatment from one to "
								"the other.")));
	return options;
}

static Datum
effect_rows(FunctionCallInfo fcinfo, const KsMediationEffect *row, int rows)
{
	static const KcField fields[] = {
		KC_FIELD(KsMediationEffect, effect, KC_TEXT),
		KC_FIELD(KsMediationEffect, estimate, KC_FLOAT),
		KC_FIELD(KsMediationEffect, std_error, KC_FLOAT),
		KC_FIELD(KsMediationEffect, statistic, KC_FLOAT),
		KC_FIELD(KsMediationEffect, p_value, KC_FLOAT),
		KC_FIELD(KsMediationEffect, conf_low, KC_FLOAT),
		KC_FIELD(KsMediationEffect, conf_high, KC_FLOAT),
		KC_FIELD(KsMediationEffect, method, KC_TEXT),
		KC_FIELD(KsMediationEffect, note, KC_NOTE),
	};

	return kc_result_set(fcinfo, fields, lengthof(fields), row, sizeof(*row), rows);
}

PG_FUNCTION_INFO_V1(kc_mediation_effects_summary);
Datum
kc_mediation_effects_summary(PG_FUNCTION_ARGS)
{
	KsMediationOptions options;
	KsMediationFit fit;
	KsMediationEffect row[KS_MEDIATION_ROWS];

	if (PG_ARGISNULL(0))
		return effect_rows(fcinfo, NULL, 0);
	options = arg_options(fcinfo);
	if (options.method >= KS_MEDIATION_PERCENTILE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a bootstrap needs the rows, and a mediation_summary has none"),
						errhint("Build a mediation_sample, or use method monte_carlo or "
								"product.")));
	fit_summary(kc_arg_summary(fcinfo, 0, &kc_mediation_summary_type), options.interaction,
				&fit);
	kc_require(ks_mediation_effects(&fit, &options, &kc_env, row));
	ks_mediation_free(&fit, &kc_env);
	return effect_rows(fcinfo, row, ks_mediation_rows(options.interaction));
}

PG_FUNCTION_INFO_V1(kc_mediation_effects_sample);
Datum
kc_mediation_effects_sample(PG_FUNCTION_ARGS)
{
	const KcState *state;
	KsMediationOptions options;
	KsMediationFit fit;
	KsMediationEffect row[KS_MEDIATION_ROWS];

	if (PG_ARGISNULL(0))
		return effect_rows(fcinfo, NULL, 0);
	options = arg_options(fcinfo);
	state = kc_arg_summary(fcinfo, 0, &kc_mediation_sample_type);
	fit_sample(state, options.interaction, &fit);
	if (options.method >= KS_MEDIATION_PERCENTILE)
		kc_require(ks_mediation_bootstrap(&fit, kc_mediation_sample_rows(state), &options,
										  &kc_env, row));
	else
		kc_require(ks_mediation_effects(&fit, &options, &kc_env, row));
	ks_mediation_free(&fit, &kc_env);
	return effect_rows(fcinfo, row, ks_mediation_rows(options.interaction));
}

/* ---- confounding ------------------------------------------------------------------------------ */

PG_FUNCTION_INFO_V1(kc_mediation_sensitivity);
Datum
kc_mediation_sensitivity(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(KsMediationSensitivity, rho, KC_FLOAT),
		KC_FIELD(KsMediationSensitivity, indirect, KC_FLOAT),
		KC_FIELD(KsMediationSensitivity, conf_low, KC_FLOAT),
		KC_FIELD(KsMediationSensitivity, conf_high, KC_FLOAT),
		KC_FIELD(KsMediationSensitivity, rho_at_zero, KC_FLOAT),
		KC_FIELD(KsMediationSensitivity, note, KC_NOTE),
	};
	KsMediationSensitivity *rows = NULL;
	KsMediationFit fit;
	double *rho;
	double conf_level;
	int count = 0;

	if (PG_ARGISNULL(0))
		return kc_result_set(fcinfo, fields, lengthof(fields), NULL, sizeof(*rows), 0);
	rho = kc_option_floats(fcinfo, 1, "rho", &count);
	conf_level = kc_option_conf_level(fcinfo, 2);
	for (int i = 0; i < count; i++)
		if (!(rho[i] > -1 && rho[i] < 1))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("rho is %g", rho[i]),
							errhint("It is a correlation and must lie between -1 and 1.")));
	fit_summary(kc_arg_summary(fcinfo, 0, &kc_mediation_summary_type), false, &fit);
	rows = palloc_extended(sizeof(*rows) * Max(count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
		ks_mediation_sensitivity(&fit, rho[i], conf_level, &rows[i]);
	ks_mediation_free(&fit, &kc_env);
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

PG_FUNCTION_INFO_V1(kc_e_value);
Datum
kc_e_value(PG_FUNCTION_ARGS)
{
	static const char *const scales[] = {"rr", "or", "or_rare", "hr", "hr_rare", "smd", NULL};
	static const KcField fields[] = {
		KC_FIELD(KsEValue, e_value, KC_FLOAT),
		KC_FIELD(KsEValue, e_value_limit, KC_FLOAT),
		KC_FIELD(KsEValue, risk_ratio, KC_FLOAT),
		KC_FIELD(KsEValue, note, KC_NOTE),
	};
	KsRatioScale scale;
	KsEValue result;
	double value[2] = {NAN, NAN};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	scale = (KsRatioScale) kc_option_choice(fcinfo, 2, "scale", scales);
	for (int i = 0; i < 2; i++)
	{
		if (PG_ARGISNULL(i))
			continue;
		value[i] = PG_GETARG_FLOAT8(i);
		kc_check_finite(value[i], i == 0 ? "estimate" : "conf_low");
		if (value[i] <= 0 && scale != KS_SCALE_MEAN_DIFFERENCE)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("%s is %g", i == 0 ? "estimate" : "conf_low", value[i]),
							errhint("A ratio is above 0; for a standardized difference say "
									"scale => 'smd'.")));
	}
	ks_e_value(value[0], value[1], scale, &result);
	return kc_result_row(fcinfo, fields, lengthof(fields), &result);
}
