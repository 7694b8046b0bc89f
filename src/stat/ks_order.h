/*
 * ks_order.h
 *	  The order of an array, for ranks and for steps over sorted p values.
 */
#ifndef KS_ORDER_H
#define KS_ORDER_H

#include <stddef.h>

/*
 * Fill order[0 .. n-1] with the positions of value in ascending order; equal
 * values keep the order of their positions.  No value may be NaN.
 */
extern void ks_order(const double *value, size_t n, size_t *order);

#endif
