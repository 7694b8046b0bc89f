/*
 * ks_mixed_inference.h
 *	  Tests of the fixed effects of a linear mixed model with Satterthwaite's degrees
 *	  of freedom (R lmerTest).
 */
#ifndef KS_MIXED_INFERENCE_H
#define KS_MIXED_INFERENCE_H

#include "stat/ks_mixed.h"

/*
 * t test that the combination of coefficients with the given weights (fit->fixed)
 * is 0, with its interval.  NaN and a note where a coefficient that could not be
 * estimated has a weight.
 */
extern KsStatus ks_mixed_contrast(const KsMixedFit *fit, const double *weights,
								  double conf_level, const KsEnv *env, KsTest *test);

/*
 * F test that `rows` combinations are all 0: weights rows x fit->fixed; statistic,
 * df (how many of them are independent), df2 and p.
 */
extern KsStatus ks_mixed_joint_test(const KsMixedFit *fit, size_t rows, const double *weights,
									const KsEnv *env, KsTest *test);

#endif
