/*
 * kc_trend_summary.h
 *	  Responses counted by dose.
 */
#ifndef KC_TREND_SUMMARY_H
#define KC_TREND_SUMMARY_H

#include "stat/ks_trend.h"
#include "summary/kc_counted.h"

/* Adds a response at a finite dose. */
static inline KcState *
kc_trend_summary_add_response(KcState *state, bool response, double dose)
{
	double key[2] = {dose, response};

	state->n++;
	return kc_counted_add(state, &kc_trend_summary_type, 2, key);
}

/* Patients and responders at each dose, doses ascending; *doses receives how many. */
extern KsDoseCount *kc_trend_summary_read(const KcState *state, size_t *doses);

#endif
