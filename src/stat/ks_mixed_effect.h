/*
 * ks_mixed_effect.h
 *	  Standardized effects of a linear mixed model.
 */
#ifndef KS_MIXED_EFFECT_H
#define KS_MIXED_EFFECT_H

#include "stat/ks_mixed_inference.h"

/*
 * The combination of coefficients with the given weights (fit->fixed) in standard
 * deviations of a single observation whose row of Z is z (fit->random), with its
 * interval; statistic, df and p are those of ks_mixed_contrast.  term_size: columns
 * of Z of each of the terms.  NaN and a note as ks_mixed_contrast.
 */
extern KsStatus ks_mixed_standardized_effect(const KsMixedFit *fit, size_t terms,
											 const size_t *term_size,
											 const double *weights, const double *z,
											 double conf_level, const KsEnv *env,
											 KsTest *test);

#endif
