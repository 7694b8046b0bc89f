/*
 * kc_mediation_summary.h
 *	  Cross-products of treatment, mediator, outcome and covariates.
 */
#ifndef KC_MEDIATION_SUMMARY_H
#define KC_MEDIATION_SUMMARY_H

#include "stat/ks_mediation.h"
#include "summary/kc_summaries.h"

/*
 * One row.  Every row has the same number of covariates, which even an
 * incomplete one has to keep to.
 */
typedef struct KcMediationRow
{
	bool complete; /* false: a NULL somewhere, and only `covariates` counts */
	int covariates; /* -1: not known */
	double treatment;
	double mediator;
	double outcome;
	const double *covariate;
} KcMediationRow;

/*
 * Errors both mediation states share: a number of covariates that changes
 * (22023), too many of them (54000), a value out of range (22003).
 */
extern void kc_mediation_check_width(int64 kept, int covariates);
extern void kc_mediation_check_range(const KcMediationRow *row);

/* Adds a finite row or counts it as missing.  The state may move. */
extern KcState *kc_mediation_summary_add_row(KcState *state, const KcMediationRow *row);

/* The sums, which point into the state. */
extern KsMediationSums kc_mediation_summary_sums(const KcState *state);

#endif
