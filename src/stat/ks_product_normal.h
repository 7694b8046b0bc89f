/*
 * ks_product_normal.h
 *	  Distribution of the product of two independent normal variables.
 */
#ifndef KS_PRODUCT_NORMAL_H
#define KS_PRODUCT_NORMAL_H

#include "stat/ks_base.h"

/* X and Y, independent and normal; the standard deviations are positive. */
typedef struct KsProductNormal
{
	double mean_x, sd_x;
	double mean_y, sd_y;
} KsProductNormal;

/* P(XY <= z) when lower, else P(XY > z); NaN for parameters out of their domain. */
extern double ks_product_normal_cdf(const KsProductNormal *d, double z, bool lower);

/* The z with that probability in the given tail, 0 < p < 1. */
extern double ks_product_normal_quantile(const KsProductNormal *d, double p, bool lower);

/* Standard deviation of XY (Aroian 1947). */
extern double ks_product_normal_sd(const KsProductNormal *d);

#endif
