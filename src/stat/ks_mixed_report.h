/*
 * ks_mixed_report.h
 *	  What tables show of a fitted linear mixed model: components of variance,
 *	  information criteria, and the likelihood ratio of two models.
 */
#ifndef KS_MIXED_REPORT_H
#define KS_MIXED_REPORT_H

#include "stat/ks_linear.h"
#include "stat/ks_mixed.h"

/* A variance with its standard deviation, or a covariance with its correlation. */
typedef struct KsMixedComponent
{
	double variance;
	double sd;
	double correlation;
} KsMixedComponent;

/* Of random effects i and j; i = j for a variance. */
extern KsMixedComponent ks_mixed_component(const KsMixedFit *fit, size_t i, size_t j);

/* Of the residual. */
extern KsMixedComponent ks_mixed_residual(const KsMixedFit *fit);

/*
 * The fit as a whole; parameters: how many the likelihood has.  bic with the
 * logarithm of rows as R prints it, bic_groups with that of groups.
 */
extern void ks_mixed_glance(const KsMixedFit *fit, double parameters, KsModelFit *out);

typedef struct KsComparison
{
	double log_lik_a;
	double log_lik_b;
	double parameters_a;
	double parameters_b;
	double statistic;
	double df;
	double p_value;
	const char *method;
	char note[KS_NOTE_SIZE];
} KsComparison;

/*
 * Likelihood ratio of two nested models of the same rows, in either order;
 * parameters_a and parameters_b are given.
 */
extern void ks_mixed_compare(const KsMixedFit *a, const KsMixedFit *b, KsComparison *out);

#endif
