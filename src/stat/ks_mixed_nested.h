/*
 * ks_mixed_nested.h
 *	  The deviance of a linear mixed model whose groups nest in outer groups:
 *	  patients in sites.
 *
 * The last `outer` columns of Z belong to the outer groups and are called W.  The
 * block of a group is then
 *
 *		[Z'Z packed | Z'[X y W], rows of columns + outer | W'W packed | W'[X y]]
 *
 * with Z its own columns alone; it has as many elements as that of a single group.
 */
#ifndef KS_MIXED_NESTED_H
#define KS_MIXED_NESTED_H

#include "stat/ks_mixed_deviance.h"

/* A block as that of a single group with all columns of Z, brought to the form above. */
extern void ks_mixed_nested_block(size_t random, size_t outer, size_t columns,
								  const double *single, double *block);

/* What the groups take off the packed [X y]'V^-1[X y], and their log |V|. */
extern KsStatus ks_mixed_nested_value(KsMixedDeviance *deviance, const double *lambda,
									  double *packed, double *log_det);

/*
 * Adds the derivatives at the lambda of the last value; basis (columns x columns)
 * as ks_mixed_deviance_derive has it.
 */
extern KsStatus ks_mixed_nested_derive(KsMixedDeviance *deviance, const double *lambda,
									   const double *basis);

/* Doubles that the two functions above need in deviance->nested. */
extern size_t ks_mixed_nested_room(const KsMixedBlocks *blocks);

#endif
