/*
 * ks_matrix.h
 *	  Small dense matrices: Cholesky factor, triangular inverse, eigenvalues of a
 *	  symmetric matrix, and the basis that makes given columns orthogonal.
 *
 * Square matrices are stored row by row, n x n; packed ones hold the lower
 * triangle row by row: element (i, j <= i) at i * (i + 1) / 2 + j.
 */
#ifndef KS_MATRIX_H
#define KS_MATRIX_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/* Elements of a packed triangle with n rows. */
static inline size_t
ks_packed_size(size_t n)
{
	return n * (n + 1) / 2;
}

/* Position of element (i, j) of a packed symmetric matrix. */
static inline size_t
ks_packed_at(size_t i, size_t j)
{
	return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

/*
 * Replace the lower triangle of a symmetric n x n matrix by its Cholesky factor;
 * the upper one is left alone.  False when the matrix is not positive definite.
 */
extern bool ks_cholesky(double *matrix, size_t n);

/* inverse (n x n, zeros above the diagonal) = inverse of a lower triangle. */
extern void ks_invert_triangle(const double *lower, size_t n, double *inverse);

/*
 * Eigenvalues of a symmetric n x n matrix, which is destroyed, and unit
 * eigenvectors in the columns of `vectors`, by Jacobi's rotations (small
 * eigenvalues of a positive definite matrix keep their digits).  No order.
 */
extern void ks_symmetric_eigen(double *matrix, size_t n, double *values, double *vectors);

/*
 * A basis in which n columns with packed cross-products `cross` are orthonormal.
 * Column j is taken free of the columns before it (after it, if from_last), so
 * `basis` (n x n, new column j = sum over i of column i times basis[i * n + j]) is
 * triangular.  A column that is left with less than `tolerance` of its sum of
 * squares depends on the others: its used[j] is false and its basis column zero.
 * work: n * n + 2 * n double-doubles.  Returns the number of columns used.
 */
extern size_t ks_orthonormal_basis(const KsDD *cross, size_t n, bool from_last,
								   double tolerance, KsDD *work, double *basis, bool *used);

#endif
