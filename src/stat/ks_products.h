/*
 * ks_products.h
 *	  Adding one row to a triangle of cross-products in double-double.
 */
#ifndef KS_PRODUCTS_H
#define KS_PRODUCTS_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

#define KS_PRODUCT_COLUMNS 66 /* the constant, the outcome and 64 variables */

/*
 * Adds value[i] * value[j] to the packed lower triangle, n <= KS_PRODUCT_COLUMNS
 * columns, value[0] being 1.  Values must be below 1e149 in size.  The result is
 * the same bits on every machine.
 */
extern void ks_add_products(KsDD *triangle, const double *value, int n);

/* The same without the processor's fused operations, for comparison. */
extern void ks_add_products_portable(KsDD *triangle, const double *value, int n);

#endif
