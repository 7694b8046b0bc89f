/*
 * kc_mediation_sample.h
 *	  The rows themselves: treatment, mediator, outcome, covariates.
 */
#ifndef KC_MEDIATION_SAMPLE_H
#define KC_MEDIATION_SAMPLE_H

#include "summary/kc_mediation_summary.h"

/* Adds a finite row or counts it as missing.  The state may move. */
extern KcState *kc_mediation_sample_add_row(KcState *state, const KcMediationRow *row);

/* Covariates of a row; 0 where no row told. */
extern int kc_mediation_sample_covariates(const KcState *state);

/* state->n rows of 3 + covariates numbers, in no order. */
extern const double *kc_mediation_sample_rows(const KcState *state);

#endif
