/*
 * ks_proportion.h
 *	  Confidence intervals of one proportion.
 */
#ifndef KS_PROPORTION_H
#define KS_PROPORTION_H

#include "stat/ks_base.h"

typedef enum KsProportionMethod
{
	KS_PROPORTION_WILSON,
	KS_PROPORTION_WILSON_CC, /* with continuity correction */
	KS_PROPORTION_CLOPPER_PEARSON,
	KS_PROPORTION_MIDP,
	KS_PROPORTION_JEFFREYS,
	KS_PROPORTION_AGRESTI_COULL,
	KS_PROPORTION_WALD,
} KsProportionMethod;

/*
 * Two-sided interval of events / n, 0 <= events <= n, conf_level inside (0, 1).
 * n = 0 gives NaN.  Agresti-Coull and Wald limits may lie outside [0, 1].
 */
extern void ks_proportion_ci(int64_t events, int64_t n, KsProportionMethod method,
							 double conf_level, double *low, double *high);

/* The method's name as a reader knows it. */
extern const char *ks_proportion_method_name(KsProportionMethod method);

#endif
