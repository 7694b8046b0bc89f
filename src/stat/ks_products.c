/*
 * ks_products.c
 *	  Adding one row to a triangle of cross-products in double-double.
 *
 * This is the inner loop of a linear model over millions of rows.  The error of
 * a product is exact either by Dekker's splitting or by a fused multiply-add,
 * so both ways give the same bits; the second, four columns at a time, takes
 * less than half the time and is chosen where the processor can.
 */
#include <string.h>

#include "stat/ks_products.h"

#if defined(__x86_64__) && defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAVE_FUSED
#endif
#endif

void
ks_add_products_portable(KsDD *triangle, const double *value, int n)
{
	KsDD split[KS_PRODUCT_COLUMNS];
	KsDD *cell = triangle;

	for (int i = 0; i < n; i++)
	{
		double x = value[i];

		split[i] = ks_split(x);
		*cell = ks_dd_accumulate(*cell, ks_dd(x));
		cell++;
		for (int j = 1; j <= i; j++, cell++)
			*cell =
				ks_dd_accumulate(*cell, ks_split_prod(x, split[i], value[j], split[j]));
	}
}

#ifdef HAVE_FUSED
typedef double Four __attribute__((vector_size(32)));

/* ks_dd_accumulate of four neighbouring cells and x * y. */
__attribute__((target("avx2,fma"), always_inline)) static inline void
accumulate_four(KsDD *cell, Four x, Four y)
{
	Four first, second;
	Four hi, lo, product, error, sum, part, low;

	memcpy(&first, cell, sizeof(first));
	memcpy(&second, cell + 2, sizeof(second));
	hi = __builtin_shufflevector(first, second, 0, 2, 4, 6);
	lo = __builtin_shufflevector(first, second, 1, 3, 5, 7);
	product = x * y;
	error = __builtin_ia32_vfmaddpd256(x, y, -product);
	sum = hi + product;
	part = sum - hi;
	low = (hi - (sum - part)) + (product - part);
	low += lo + error;
	hi = sum + low;
	lo = low - (hi - sum);
	first = __builtin_shufflevector(hi, lo, 0, 4, 1, 5);
	second = __builtin_shufflevector(hi, lo, 2, 6, 3, 7);
	memcpy(cell, &first, sizeof(first));
	memcpy(cell + 2, &second, sizeof(second));
}

__attribute__((target("avx2,fma"), always_inline)) static inline void
accumulate_one(KsDD *cell, double x, double y)
{
	double product = x * y;
	double error = __builtin_fma(x, y, -product);

	*cell = ks_dd_accumulate(*cell, (KsDD){product, error});
}

/* Any number of columns: four cells of a row at a time. */
__attribute__((target("avx2,fma"))) static void
add_rows(KsDD *cell, const double *value, int n)
{
	for (int i = 0; i < n; i++)
	{
		double x = value[i];
		int j = 0;

#pragma GCC unroll 2
		for (; j + 4 <= i + 1; j += 4, cell += 4)
		{
			Four y;

			memcpy(&y, value + j, sizeof(y));
			accumulate_four(cell, (Four){x, x, x, x}, y);
		}
		for (; j <= i; j++, cell++)
			accumulate_one(cell, x, value[j]);
	}
}

#define FEW_COLUMNS 6

/*
 * Few columns: four cells at a time across the rows of the triangle, which have few of
 * their own.  With a number of columns known to the compiler neither loops nor tables
 * are left.
 */
__attribute__((target("avx2,fma"), always_inline)) static inline void
add_few(KsDD *cell, const double *value, int n)
{
	static const unsigned char row[] = {0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4,
										4, 4, 4, 4, 5, 5, 5, 5, 5, 5};
	static const unsigned char column[] = {0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0,
										   1, 2, 3, 4, 0, 1, 2, 3, 4, 5};
	const int cells = n * (n + 1) / 2;
	int k = 0;

#pragma GCC unroll 5
	for (; k + 4 <= cells; k += 4)
		accumulate_four(cell + k,
						(Four){value[row[k]], value[row[k + 1]], value[row[k + 2]],
							   value[row[k + 3]]},
						(Four){value[column[k]], value[column[k + 1]],
							   value[column[k + 2]], value[column[k + 3]]});
#pragma GCC unroll 3
	for (; k < cells; k++)
		accumulate_one(cell + k, value[row[k]], value[column[k]]);
}

__attribute__((target("avx2,fma"))) static void
add_products_fused(KsDD *triangle, const double *value, int n)
{
	switch (n)
	{
		case 3:
			add_few(triangle, value, 3);
			break;
		case 4:
			add_few(triangle, value, 4);
			break;
		case 5:
			add_few(triangle, value, 5);
			break;
		case FEW_COLUMNS:
			add_few(triangle, value, FEW_COLUMNS);
			break;
		default:
			add_rows(triangle, value, n);
			break;
	}
}
#endif

void
ks_add_products(KsDD *triangle, const double *value, int n)
{
#ifdef HAVE_FUSED
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
	{
		add_products_fused(triangle, value, n);
		return;
	}
#endif
	ks_add_products_portable(triangle, value, n);
}
