/*
 * ks_matrix.c
 *	  Small dense matrices, written out: the matrices of a model have a handful of
 *	  rows, where plain loops beat a library and need no error handler.
 *
 * Sources: Golub and Van Loan, Matrix Computations, 4th ed., sections 4.2 and
 * 8.5; Demmel and Veselic 1992, SIAM J Matrix Anal Appl 13:1204 (accuracy of
 * Jacobi's method).
 */
#include "stat/ks_matrix.h"

#include <float.h>
#include <string.h>

#define MOST_SWEEPS 60

bool
ks_cholesky(double *matrix, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		double *row = matrix + i * n;
		double pivot = row[i];

		for (size_t j = 0; j < i; j++)
		{
			const double *other = matrix + j * n;
			double rest = row[j];

			for (size_t k = 0; k < j; k++)
				rest -= row[k] * other[k];
			row[j] = rest / other[j];
			pivot -= row[j] * row[j];
		}
		if (!(pivot > 0) || !isfinite(pivot))
			return false;
		row[i] = sqrt(pivot);
	}
	return true;
}

void
ks_invert_triangle(const double *lower, size_t n, double *inverse)
{
	memset(inverse, 0, n * n * sizeof(double));
	for (size_t j = 0; j < n; j++)
	{
		inverse[j * n + j] = 1 / lower[j * n + j];
		for (size_t i = j + 1; i < n; i++)
		{
			double sum = 0;

			for (size_t k = j; k < i; k++)
				sum += lower[i * n + k] * inverse[k * n + j];
			inverse[i * n + j] = -sum / lower[i * n + i];
		}
	}
}

/* ---- eigenvalues ---------------------------------------------------------------- */

/* Rotate rows and columns p and q so that element (p, q) vanishes. */
static void
rotate(double *matrix, double *vectors, size_t n, size_t p, size_t q)
{
	double gap = (matrix[q * n + q] - matrix[p * n + p]) / (2 * matrix[p * n + q]);
	double t = (gap >= 0 ? 1 : -1) / (fabs(gap) + hypot(1, gap));
	double c = 1 / hypot(1, t), s = t * c;

	for (size_t k = 0; k < n; k++)
	{
		double a = matrix[k * n + p], b = matrix[k * n + q];

		matrix[k * n + p] = c * a - s * b;
		matrix[k * n + q] = s * a + c * b;
	}
	for (size_t k = 0; k < n; k++)
	{
		double a = matrix[p * n + k], b = matrix[q * n + k];

		matrix[p * n + k] = c * a - s * b;
		matrix[q * n + k] = s * a + c * b;
		a = vectors[k * n + p];
		b = vectors[k * n + q];
		vectors[k * n + p] = c * a - s * b;
		vectors[k * n + q] = s * a + c * b;
	}
	matrix[p * n + q] = matrix[q * n + p] = 0;
}

void
ks_symmetric_eigen(double *matrix, size_t n, double *values, double *vectors)
{
	bool rotated = true;

	memset(vectors, 0, n * n * sizeof(double));
	for (size_t i = 0; i < n; i++)
		vectors[i * n + i] = 1;
	for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++)
	{
		rotated = false;
		for (size_t p = 0; p + 1 < n; p++)
			for (size_t q = p + 1; q < n; q++)
			{
				double scale = sqrt(fabs(matrix[p * n + p])) * sqrt(fabs(matrix[q * n + q]));

				if (fabs(matrix[p * n + q]) <= DBL_EPSILON / 4 * scale ||
					fabs(matrix[p * n + q]) < DBL_MIN)
					continue;
				rotate(matrix, vectors, n, p, q);
				rotated = true;
			}
	}
	for (size_t i = 0; i < n; i++)
		values[i] = matrix[i * n + i];
}

/* ---- orthonormal basis ----------------------------------------------------------- */

/*
 * Row j of the unit triangular inverse of the factor L of L D L', where the rows
 * before it are done: the combination of columns that is free of columns 0..j-1.
 */
static void
free_of_earlier(const KsDD *row, const KsDD *pivot, size_t n, size_t j, KsDD *inverse)
{
	for (size_t i = 0; i < j; i++)
		inverse[j * n + i] = ks_dd(0);
	inverse[j * n + j] = ks_dd(1);
	for (size_t k = 0; k < j; k++)
	{
		KsDD slope;

		if (!(pivot[k].hi > 0))
			continue;
		slope = ks_dd_div(row[k], pivot[k]);
		for (size_t i = 0; i <= k; i++)
			inverse[j * n + i] =
				ks_dd_sub(inverse[j * n + i], ks_dd_mul(slope, inverse[k * n + i]));
	}
}

/* Which column comes in turn j. */
static size_t
column_at(size_t n, size_t j, bool from_last)
{
	return from_last ? n - 1 - j : j;
}

/*
 * Products of column j with the orthogonal columns k <= j: row[k] for k < j, and
 * what is left of its own sum of squares as the result.
 */
static KsDD
project(const KsDD *cross, bool from_last, const KsDD *pivot, const KsDD *inverse,
		size_t n, size_t j, KsDD *row)
{
	const size_t at = column_at(n, j, from_last);
	KsDD rest = cross[ks_packed_at(at, at)];

	for (size_t k = 0; k < j; k++)
	{
		row[k] = ks_dd(0);
		if (!(pivot[k].hi > 0))
			continue;
		for (size_t i = 0; i <= k; i++)
		{
			const KsDD product = cross[ks_packed_at(column_at(n, i, from_last), at)];

			row[k] = ks_dd_add(row[k], ks_dd_mul(inverse[k * n + i], product));
		}
		rest = ks_dd_sub(rest, ks_dd_div(ks_dd_mul(row[k], row[k]), pivot[k]));
	}
	return rest;
}

size_t
ks_orthonormal_basis(const KsDD *cross, size_t n, bool from_last, double tolerance,
					 KsDD *work, double *basis, bool *used)
{
	KsDD *inverse = work, *pivot = work + n * n, *row = pivot + n;
	size_t count = 0;

	memset(basis, 0, n * n * sizeof(double));
	for (size_t j = 0; j < n; j++)
	{
		const size_t at = column_at(n, j, from_last);
		const double whole = cross[ks_packed_at(at, at)].hi;

		pivot[j] = project(cross, from_last, pivot, inverse, n, j, row);
		used[at] = pivot[j].hi > tolerance * whole;
		if (!used[at])
		{
			pivot[j] = ks_dd(0);
			memset(inverse + j * n, 0, n * sizeof(KsDD));
			continue;
		}
		count++;
		free_of_earlier(row, pivot, n, j, inverse);
		for (size_t i = 0; i <= j; i++)
			basis[column_at(n, i, from_last) * n + at] =
				ks_dd_value(inverse[j * n + i]) / sqrt(ks_dd_value(pivot[j]));
	}
	return count;
}
