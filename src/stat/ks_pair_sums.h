/*
 * ks_pair_sums.h
 *	  Order statistics of a grid of sums row[i] + column[j].
 */
#ifndef KS_PAIR_SUMS_H
#define KS_PAIR_SUMS_H

#include "stat/ks_base.h"

/*
 * A grid of sums, ascending along rows and columns.  A rectangle carries guards:
 * row[rows] is +infinity and column[0] -infinity, so that its columns are
 * 1 .. columns.  A triangle has row == column and columns row .. columns - 1.
 */
typedef struct KsPairGrid
{
	const double *row;
	const double *column;
	const int64_t *row_count;     /* weights; NULL: every value counts once */
	const int64_t *column_before; /* sum of the weights of the columns before */
	size_t rows, columns;
	size_t steps; /* length of the staircase */
	bool triangular;
	int64_t row_n, column_n; /* sums of the weights */
	int64_t pairs;           /* weighted number of sums */
} KsPairGrid;

/*
 * The sums of the given ranks (1-based, counted with their weights), into
 * sums[0 .. rank_count - 1].  Sums must be finite.
 */
extern KsStatus ks_pair_sums_of_rank(const KsEnv *env, const KsPairGrid *grid,
									 const int64_t *ranks, size_t rank_count,
									 double *sums);

/* n(n+1)/2: the number of pairs i <= j of n values. */
static inline int64_t
ks_triangle(int64_t n)
{
	return n % 2 == 0 ? n / 2 * (n + 1) : (n + 1) / 2 * n;
}

#endif
