/*
 * kc_linear_summary.h
 *	  The summary of a linear model: cross-products of its columns.
 *
 * A fitted model is the same value under another name: least squares takes
 * microseconds from here, and everything a model is asked for (coefficients,
 * joint tests, any contrast) is read off the cross-products with all the digits
 * they have.
 */
#ifndef KC_LINEAR_SUMMARY_H
#define KC_LINEAR_SUMMARY_H

#include "stat/ks_linear.h"
#include "summary/kc_model.h"

extern const KcSummaryType kc_linear_summary_type;
extern const KcSummaryType kc_linear_model_type;

/*
 * Adds the row in hand of a model whose formula and variables were set.  Raises
 * 22003 for a value out of range, 54000 past the limits on levels and columns.
 */
extern KcState *kc_linear_add_row(KcState *state, KcModel *model);

/*
 * The same for a plain model, whose columns are 1, the outcome and variables as
 * they are.  False when a value is out of range or the state is not of such a model:
 * then it was not added.
 */
extern bool kc_linear_add_plain(KcState *state, const double *value, int n);

/* The model of a summary: a trimmed copy under the other type. */
extern KcState *kc_linear_as_model(const KcState *summary);

/* A fitted model as its functions read it. */
typedef struct KcLinearFit
{
	const KcState *state;
	KcModel *model; /* NULL when no row was seen */
	KcModelLevels levels;
	KsDesign design;
	KsLinearFit fit;
	int64 n_missing;
} KcLinearFit;

extern void kc_linear_read(const KcState *state, KcLinearFit *read);

/*
 * The mean the model gives the row in hand of read->model; `row` has room for
 * its columns.  NaN for a level not met when fitting, or where the mean cannot
 * be estimated.
 */
extern double kc_linear_predict(KcLinearFit *read, double *row);

#endif
