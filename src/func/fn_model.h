/*
 * fn_model.h
 *	  What the functions that read models share: their result rows.
 */
#ifndef FN_MODEL_H
#define FN_MODEL_H

#include "func/fn_core.h"
#include "stat/ks_linear.h"
#include "summary/kc_model.h"

/* The rows of coefficients and contrast_test. */
extern Datum kc_coefficient_rows(FunctionCallInfo fcinfo, const KsCoefficient *rows,
								 int count);

/* The rows of joint_tests. */
extern Datum kc_joint_test_rows(FunctionCallInfo fcinfo, const KsJointTest *rows,
								int count);

/* The row of glance; a figure the model does not have is NaN, n_groups negative. */
extern Datum kc_model_fit_row(FunctionCallInfo fcinfo, const KsModelFit *fit);

/* The name of a column of a design, palloc'd. */
extern char *kc_column_name(const KsDesign *design, int column);

/* The label of a term, palloc'd. */
extern char *kc_term_name(const KsDesign *design, int term);

/* "month + 12 * month:groupB": what a combination of coefficients is. */
extern char *kc_contrast_name(const KsDesign *design, const double *weights);

/* Raises 22023 unless there is one weight for each column. */
extern void kc_check_weights(const KsDesign *design, int count);

#endif
