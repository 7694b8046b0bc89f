/*
 * fn_model.c
 *	  The result rows of models, and the names in them.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "func/fn_model.h"

Datum
kc_coefficient_rows(FunctionCallInfo fcinfo, const KsCoefficient *rows, int count)
{
	static const KcField fields[] = {
		KC_FIELD(KsCoefficient, term, KC_TEXT),
		KC_FIELD(KsCoefficient, estimate, KC_FLOAT),
		KC_FIELD(KsCoefficient, std_error, KC_FLOAT),
		KC_FIELD(KsCoefficient, statistic, KC_FLOAT),
		KC_FIELD(KsCoefficient, df, KC_FLOAT),
		KC_FIELD(KsCoefficient, p_value, KC_FLOAT),
		KC_FIELD(KsCoefficient, conf_low, KC_FLOAT),
		KC_FIELD(KsCoefficient, conf_high, KC_FLOAT),
		KC_FIELD(KsCoefficient, note, KC_NOTE),
	};

	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

Datum
kc_joint_test_rows(FunctionCallInfo fcinfo, const KsJointTest *rows, int count)
{
	static const KcField fields[] = {
		KC_FIELD(KsJointTest, term, KC_TEXT),
		KC_FIELD(KsJointTest, df, KC_FLOAT),
		KC_FIELD(KsJointTest, df2, KC_FLOAT),
		KC_FIELD(KsJointTest, statistic, KC_FLOAT),
		KC_FIELD(KsJointTest, p_value, KC_FLOAT),
		KC_FIELD(KsJointTest, note, KC_NOTE),
	};

	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), count);
}

/* How many groups a model has is NULL where it has none. */
typedef struct FitRow
{
	KsModelFit fit;
	double n_groups;
} FitRow;

Datum
kc_model_fit_row(FunctionCallInfo fcinfo, const KsModelFit *fit)
{
	static const KcField fields[] = {
		{"n", KC_INT8, offsetof(FitRow, fit.n)},
		{"n_missing", KC_INT8, offsetof(FitRow, fit.n_missing)},
		{"n_groups", KC_WHOLE, offsetof(FitRow, n_groups)},
		{"sigma", KC_FLOAT, offsetof(FitRow, fit.sigma)},
		{"r_squared", KC_FLOAT, offsetof(FitRow, fit.r_squared)},
		{"adj_r_squared", KC_FLOAT, offsetof(FitRow, fit.adj_r_squared)},
		{"log_lik", KC_FLOAT, offsetof(FitRow, fit.log_lik)},
		{"aic", KC_FLOAT, offsetof(FitRow, fit.aic)},
		{"bic", KC_FLOAT, offsetof(FitRow, fit.bic)},
		{"bic_groups", KC_FLOAT, offsetof(FitRow, fit.bic_groups)},
		{"deviance", KC_FLOAT, offsetof(FitRow, fit.deviance)},
		{"df_residual", KC_FLOAT, offsetof(FitRow, fit.df_residual)},
		{"entropy", KC_FLOAT, offsetof(FitRow, fit.entropy)},
		{"smallest_group", KC_FLOAT, offsetof(FitRow, fit.smallest_group)},
		{"converged", KC_BOOL, offsetof(FitRow, fit.converged)},
		{"method", KC_TEXT, offsetof(FitRow, fit.method)},
		{"note", KC_NOTE, offsetof(FitRow, fit.note)},
	};
	FitRow row = {*fit, fit->n_groups < 0 ? NAN : (double) fit->n_groups};

	return kc_result_row(fcinfo, fields, lengthof(fields), &row);
}

char *
kc_column_name(const KsDesign *design, int column)
{
	char *name = palloc(KS_COLUMN_NAME_SIZE);

	ks_design_name(design, column, name);
	return name;
}

char *
kc_term_name(const KsDesign *design, int term)
{
	char *name = palloc(KS_COLUMN_NAME_SIZE);

	ks_formula_term_label(design->formula, design->term_atoms[term], name,
						  KS_COLUMN_NAME_SIZE);
	return name;
}

char *
kc_contrast_name(const KsDesign *design, const double *weights)
{
	StringInfoData name;

	initStringInfo(&name);
	for (int c = 0; c < design->n_columns; c++)
	{
		const char *sign = weights[c] < 0 ? (name.len > 0 ? " - " : "-") : " + ";
		double size = weights[c] < 0 ? -weights[c] : weights[c];

		if (weights[c] == 0)
			continue;
		appendStringInfoString(&name, weights[c] > 0 && name.len == 0 ? "" : sign);
		if (size != 1)
			appendStringInfo(&name, "%.6g * ", size);
		appendStringInfoString(&name, kc_column_name(design, c));
	}
	return name.len > 0 ? name.data : pstrdup("0");
}

void
kc_check_weights(const KsDesign *design, int count)
{
	if (count != design->n_columns)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("weights has %d entries, the model %d coefficients", count,
							   design->n_columns),
						errhint("Give one weight for each row of coefficients(model).")));
}
