/*
 * ks_mantel_haenszel.h
 *	  Association of two categories over strata.
 */
#ifndef KS_MANTEL_HAENSZEL_H
#define KS_MANTEL_HAENSZEL_H

#include "stat/ks_base.h"

/*
 * Mantel-Haenszel test of 2 x 2 tables: count holds four numbers a stratum, row by
 * row.  estimate = common odds ratio with the interval of Robins, Breslow and
 * Greenland; std_error that of its logarithm; statistic = chi-squared on 1 df,
 * with Yates' correction where asked for.  Without patients on both sides of both
 * categories in one stratum at least: NaN and a note.
 */
extern void ks_mantel_haenszel_test(const int64_t *count, size_t strata, bool correct,
									KsAlternative alternative, double conf_level,
									KsTest *test);

#endif
