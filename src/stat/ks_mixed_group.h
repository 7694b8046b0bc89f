/*
 * ks_mixed_group.h
 *	  The small matrices of one group that the deviance of a mixed model needs,
 *	  written out by the compiler where the number of random effects is known.
 *
 * With L the relative factor (lambda), lower triangular, and q random effects:
 * M = I + L'Z'Z L, K = L M^-1 L', F = I - K Z'Z, Q = Z'Z F; ks_mixed_deviance.c says
 * what they are for.  zz is packed, other matrices q x q, row by row.
 */
#ifndef KS_MIXED_GROUP_H
#define KS_MIXED_GROUP_H

#include "stat/ks_matrix.h"
#include "stat/ks_mixed_deviance.h"

#define KS_INLINE static inline __attribute__((always_inline))

/* Lower factor of M = I + L'SL in `factor`; returns |M|. */
KS_INLINE double
ks_group_factor(const double *zz, const double *lambda, size_t q, double *factor)
{
	double product[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double determinant = 1;

	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
		{
			product[i * q + j] = 0;
			for (size_t k = j; k < q; k++)
				product[i * q + j] += zz[ks_packed_at(i, k)] * lambda[k * q + j];
		}
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j <= i; j++)
		{
			double sum = i == j ? 1 : 0;

			for (size_t k = i; k < q; k++)
				sum += lambda[k * q + i] * product[k * q + j];
			for (size_t k = 0; k < j; k++)
				sum -= factor[i * q + k] * factor[j * q + k];
			if (i == j)
				determinant *= sum;
			factor[i * q + j] = i == j ? sqrt(sum) : sum / factor[j * q + j];
		}
	return determinant;
}

/* K = L M^-1 L', from the factor of M. */
KS_INLINE void
ks_group_kernel(const double *factor, const double *lambda, size_t q, double *kernel)
{
	double root[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM]; /* M's factor \ L' */

	for (size_t j = 0; j < q; j++)
		for (size_t i = 0; i < q; i++)
		{
			double sum = i <= j ? lambda[j * q + i] : 0;

			for (size_t k = 0; k < i; k++)
				sum -= factor[i * q + k] * root[k * q + j];
			root[i * q + j] = sum / factor[i * q + i];
		}
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
		{
			kernel[i * q + j] = 0;
			for (size_t k = 0; k < q; k++)
				kernel[i * q + j] += root[k * q + i] * root[k * q + j];
		}
}

/* K, F and the packed Q at lambda. */
KS_INLINE void
ks_group_shrink(const double *zz, const double *lambda, size_t q, double *kernel,
				double *shrink, double *information)
{
	double factor[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];

	ks_group_factor(zz, lambda, q, factor);
	ks_group_kernel(factor, lambda, q, kernel);
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
		{
			shrink[i * q + j] = i == j ? 1 : 0;
			for (size_t k = 0; k < q; k++)
				shrink[i * q + j] -= kernel[i * q + k] * zz[ks_packed_at(k, j)];
		}
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j <= i; j++)
		{
			double sum = 0;

			for (size_t k = 0; k < q; k++)
				sum += zz[ks_packed_at(i, k)] * shrink[k * q + j];
			information[ks_packed_at(i, j)] = sum;
		}
}

/*
 * scaled = (M's factor \ L'Z'[X y])', q values for each column, so that the products
 * of two columns under K are those of their values; returns |M|.
 */
KS_INLINE double
ks_group_scale(const double *zz, const double *products, const double *lambda, size_t q,
			   size_t columns, double *scaled)
{
	double factor[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	const double determinant = ks_group_factor(zz, lambda, q, factor);

	for (size_t j = 0; j < columns; j++)
		for (size_t i = 0; i < q; i++)
		{
			double sum = 0;

			for (size_t k = i; k < q; k++)
				sum += lambda[k * q + i] * products[k * columns + j];
			for (size_t k = 0; k < i; k++)
				sum -= factor[i * q + k] * scaled[j * q + k];
			scaled[j * q + i] = sum / factor[i * q + i];
		}
	return determinant;
}

/* Product of the scaled values of two columns. */
KS_INLINE double
ks_group_product(const double *x, const double *y, size_t q)
{
	double sum = 0;

	for (size_t k = 0; k < q; k++)
		sum += x[k] * y[k];
	return sum;
}

/* shrunk = (F'Z'[X y])', q values for each column. */
KS_INLINE void
ks_group_shrink_products(const double *products, const double *shrink, size_t q,
						 size_t columns, double *shrunk)
{
	for (size_t j = 0; j < columns; j++)
		for (size_t i = 0; i < q; i++)
		{
			shrunk[j * q + i] = 0;
			for (size_t k = 0; k < q; k++)
				shrunk[j * q + i] += shrink[k * q + i] * products[k * columns + j];
		}
}

/* rotated = basis * shrunk, q values for each column; basis is lower triangular. */
KS_INLINE void
ks_group_rotate(const double *shrunk, const double *basis, size_t q, size_t columns,
				double *rotated)
{
	for (size_t j = 0; j < columns; j++)
	{
		for (size_t i = 0; i < q; i++)
			rotated[j * q + i] = 0;
		for (size_t k = 0; k <= j; k++)
			for (size_t i = 0; i < q; i++)
				rotated[j * q + i] += basis[j * columns + k] * shrunk[k * q + i];
	}
}

#endif
