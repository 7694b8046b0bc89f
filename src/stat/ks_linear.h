/*
 * ks_linear.h
 *	  Least squares from cross-products in double-double.
 */
#ifndef KS_LINEAR_H
#define KS_LINEAR_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/* Place of (row, column), row >= column, in a packed lower triangle. */
static inline size_t
ks_triangle(size_t row, size_t column)
{
	return row * (row + 1) / 2 + column;
}

/*
 * A fitted model of p columns, in their order.  A column that is a combination
 * of earlier ones is aliased: its estimate is 0 and its row of the inverse too.
 */
typedef struct KsLinearFit
{
	int64_t n;
	int p;
	int rank;
	bool intercept; /* column 0 is the constant */
	bool *aliased;  /* p */
	KsDD *estimate; /* p */
	KsDD *inverse;  /* packed: of X'X, over the columns that are not aliased */
	int n_aliased;
	KsDD *null_space; /* n_aliased * p: what each aliased column and earlier ones add up
						 to 0 */
	KsDD rss;         /* residual sum of squares */
	KsDD tss;         /* about the mean; about 0 without an intercept */
	double df;        /* n - rank */
	double sigma;     /* NaN without degrees of freedom */
	bool perfect;     /* the residuals were no more than rounding; rss is 0 */
} KsLinearFit;

typedef struct KsCoefficient
{
	const char *term;
	double estimate;
	double std_error;
	double statistic;
	double df;
	double p_value;
	double conf_low;
	double conf_high;
	char note[KS_NOTE_SIZE];
} KsCoefficient;

typedef struct KsJointTest
{
	const char *term;
	double df;
	double df2;
	double statistic;
	double p_value;
	char note[KS_NOTE_SIZE];
} KsJointTest;

/* What glance() shows of any model; one field per column of model_fit. */
typedef struct KsModelFit
{
	int64_t n;
	int64_t n_missing;
	int64_t n_groups;
	double sigma;
	double r_squared;
	double adj_r_squared;
	double log_lik;
	double aic;
	double bic;
	double bic_groups;
	double deviance;
	double df_residual;
	double entropy;
	double smallest_group;
	bool converged;
	const char *method;
	char note[KS_NOTE_SIZE];
} KsModelFit;

/*
 * Least squares of the last of p + 1 variables on the p before it, from their
 * cross-products (packed, uncentred).  With an intercept, column 0 is the
 * constant 1.  n rows; n = 0 gives a fit of rank 0.
 */
extern KsStatus ks_linear_fit(const KsDD *products, int p, bool intercept, int64_t n,
							  const KsEnv *env, KsLinearFit *fit);

/*
 * The same with an intercept, from products of variables less a shift each
 * (p + 1 of them, 0 for the constant): offsets then cost no digits.
 */
extern KsStatus ks_linear_fit_shifted(const KsDD *products, const double *shift, int p,
									  int64_t n, const KsEnv *env, KsLinearFit *fit);

extern void ks_linear_free(KsLinearFit *fit, const KsEnv *env);

/* One coefficient with its t interval; NaN and a note when aliased. */
extern void ks_linear_coefficient(const KsLinearFit *fit, int column, double conf_level,
								  KsCoefficient *out);

/*
 * A combination of coefficients, p weights.  NaN and a note when it cannot be
 * estimated because it involves aliased columns.
 */
extern void ks_linear_contrast(const KsLinearFit *fit, const double *weights,
							   double conf_level, KsCoefficient *out);

/* The weighted sum of the estimates, aliased ones as 0. */
extern KsDD ks_linear_combination(const KsLinearFit *fit, const double *weights);

/*
 * Whether a combination with these weights is the same for every solution of
 * the normal equations; always true at full rank.
 */
extern bool ks_linear_estimable(const KsLinearFit *fit, const double *weights);

/*
 * F test that `rows` combinations (rows * p weights, changed) are all zero.
 * Those that cannot be estimated are left out, with a note.
 */
extern KsStatus ks_linear_joint_test(const KsLinearFit *fit, double *weights, int rows,
									 const KsEnv *env, KsJointTest *out);

extern void ks_linear_glance(const KsLinearFit *fit, KsModelFit *out);

#endif
