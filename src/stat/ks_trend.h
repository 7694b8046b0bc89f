/*
 * ks_trend.h
 *	  Cochran-Armitage test of a trend in proportions.
 */
#ifndef KS_TREND_H
#define KS_TREND_H

#include "stat/ks_base.h"

/* Answers at one dose; events of n. */
typedef struct KsDoseCount
{
	double dose;
	int64_t events;
	int64_t n;
} KsDoseCount;

/*
 * Test of a linear trend of the proportion of events with the dose, the doses in
 * any order, each possibly more than once.  statistic = chi-squared on 1 df;
 * estimate = change of the proportion per unit of dose, std_error under no trend.
 */
extern void ks_trend_test(const KsDoseCount *doses, size_t size, KsTest *test);

#endif
