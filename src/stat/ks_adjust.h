/*
 * ks_adjust.h
 *	  p values adjusted for several comparisons.
 */
#ifndef KS_ADJUST_H
#define KS_ADJUST_H

#include "stat/ks_base.h"

typedef enum KsAdjustMethod
{
	KS_ADJUST_HOLM,
	KS_ADJUST_HOCHBERG,
	KS_ADJUST_HOMMEL,
	KS_ADJUST_BONFERRONI,
	KS_ADJUST_BH, /* Benjamini and Hochberg, false discovery rate */
	KS_ADJUST_BY, /* Benjamini and Yekutieli, under dependence */
	KS_ADJUST_NONE,
} KsAdjustMethod;

/* Hommel's method takes n^2 / 2 steps: above this many p values it is refused. */
#define KS_HOMMEL_LIMIT 50000

/*
 * Write the adjusted p values to adjusted[0 .. n-1], in the order given.  NaN
 * stands for a missing p: it stays NaN and is not counted.  The others lie in
 * [0, 1].  KS_TOO_LARGE: Hommel's method with more than KS_HOMMEL_LIMIT values.
 */
extern KsStatus ks_p_adjust(const double *p, size_t n, KsAdjustMethod method,
							const KsEnv *env, double *adjusted);

#endif
