/*
 * ks_chi_squared.h
 *	  Chi-squared test of a contingency table, and its expected counts.
 */
#ifndef KS_CHI_SQUARED_H
#define KS_CHI_SQUARED_H

#include "stat/ks_base.h"

/* Counts of two categorical variables, row-major, none negative. */
typedef struct KsTable
{
	const int64_t *count;
	size_t rows;
	size_t columns;
} KsTable;

/*
 * Sums of the rows and columns, either may be NULL.  Returns the total; at most
 * 2^53 to be exact in what follows.
 */
extern int64_t ks_table_margins(const KsTable *table, int64_t *row_sum,
								int64_t *column_sum);

/*
 * Pearson's test of independence; rows and columns without counts are left out.
 * correct: Yates' correction of a 2 x 2 table.  Effect size = Cramer's V, from the
 * uncorrected statistic.  A note says when an expected count is below 5.
 */
extern KsStatus ks_chi_squared_test(const KsTable *table, bool correct, const KsEnv *env,
									KsTest *test);

/*
 * Expected counts, Pearson residuals (observed - expected) / sqrt(expected) and
 * standardized residuals of all cells, rows x columns each; any may be NULL.  NaN
 * where a residual is undefined.
 */
extern KsStatus ks_table_cells(const KsTable *table, const KsEnv *env, double *expected,
							   double *residual, double *standardized);

#endif
