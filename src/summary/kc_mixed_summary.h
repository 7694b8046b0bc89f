/*
 * kc_mixed_summary.h
 *	  The summary of a linear mixed model: cross-products of all rows and of each
 *	  group; and the model fitted from them.
 *
 * A fitted model is the summary in canonical form with the figures of the fit
 * after it: fitting is done once, reading it costs nothing, and conditional modes
 * can still be had from the groups.
 */
#ifndef KC_MIXED_SUMMARY_H
#define KC_MIXED_SUMMARY_H

#include "stat/ks_matrix.h"
#include "stat/ks_mixed.h"
#include "summary/kc_group_blocks.h"
#include "summary/kc_mixed_groups.h"
#include "summary/kc_products.h"

extern const KcSummaryType kc_mixed_summary_type;
extern const KcSummaryType kc_mixed_model_type;

/*
 * Lists the variables that name a row's group in model->key; NULL, or what of the
 * formula's random part is not supported.
 */
extern const char *kc_mixed_list_key(KcModel *model);

/*
 * Adds the row in hand of a model whose formula and variables were set, to the
 * group with this key.  Raises 22003 for a value out of range, 54000 past the
 * limits on levels and columns.
 */
extern KcState *kc_mixed_add_row(KcState *state, KcModel *model, const char *key,
								 size_t length);

/* The model of a summary, fitted by REML or by maximum likelihood. */
extern KcState *kc_mixed_fit(const KcState *summary, bool reml);

/* Columns of Z that are correlated with one another. */
typedef struct KcRandomTerm
{
	KsDesign design;
	int first;  /* its first column of Z */
	int factor; /* 0, or 1 for that of outer groups: terms of these come last */
} KcRandomTerm;

/* A fitted model as its functions read it. */
typedef struct KcMixedModel
{
	const KcState *state;
	KcModel *model; /* NULL when no row was seen */
	KcModelLevels levels;
	KsDesign design; /* of the fixed effects */
	int n_terms;	 /* of the random part */
	KcRandomTerm *term;
	int n_random; /* columns of Z */
	int n_outer;  /* ... of outer groups */
	KcGrouping grouping;
	KcGroups groups;
	KsMixedFit fit;
	int64 n_missing;
} KcMixedModel;

extern void kc_mixed_read(const KcState *state, KcMixedModel *model);

/* The name of a group of factor 0, or of an outer group of factor 1. */
extern char *kc_mixed_group_key(const KcMixedModel *model, int factor, size_t group);

/* The sum of squares of the outcome about 0: the same for the same outcome. */
extern double kc_mixed_outcome_squares(const KcMixedModel *model);

/*
 * Conditional modes and their standard errors: groups x (n_random - n_outer), then
 * outer groups x n_outer.
 */
extern void kc_mixed_modes(const KcMixedModel *model, double *modes, double *errors);

/*
 * The mean the model gives the row in hand of read->model by its fixed effects;
 * `row` has room for its columns.  NaN for a level not met when fitting.
 */
extern double kc_mixed_predict(KcMixedModel *model, double *row);

#endif
