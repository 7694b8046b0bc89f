/*
 * ks_mixed_nested.c
 *	  The profiled deviance of a linear mixed model with two levels of random
 *	  effects, by elimination: the groups of a site first, then the site.
 *
 * Let V = I + Z S Z' be the variance of a group's rows by its own effects (relative to
 * sigma squared) and W the columns of its site.  ks_mixed_deviance.c shows how a group
 * is eliminated: its rows count by V^-1 = I - Z K Z' from then on.  With W beside X
 * and y that leaves of a site
 *
 *	  H = sum of W'V^-1 W,	G = sum of W'V^-1 [X y],
 *
 * which take the place of Z'Z and Z'[X y]: the site is eliminated as if it were a
 * group.  This is the fill-free order of a sparse Cholesky factor (Bates et al. 2015,
 * J Stat Softw 67(1), section 5; Pinheiro and Bates 2000, Mixed-Effects Models in S and
 * S-PLUS, section 2.2), and costs one small block a group.
 *
 * Derivatives.  Let Q, F be those of a group before its site is eliminated, J, L those
 * of the site (J its kernel) and T = W'V^-1 Z = W'Z F.  With the variance of the whole
 * site, rows of groups p and r meet in
 *
 *	  B(p, r) = [p = r] Q - T(p)' J T(r),	N(p) = F'Z'[X y] - T(p)' J G,
 *
 * N(site) = L'G, and the second derivative along dS and dS' is the sum over p and r of
 * - tr(B dS B dS') + 2 tr(B dS' N(r) N(p)' dS), N rotated to count.  What mixes groups
 * p and r splits into sums over the groups of a site, M = T dS T' and Y = T dS N:
 *
 *	  - tr(J M J M') - 2 tr(Y' J Y'),
 *
 * and with the site's own effects - tr(L'M L dS) + 2 tr(dS N(site) Y'L).  They are kept
 * in `coupling`, by pairs of elements of S; the rest has the form of a single level.
 */
#include "stat/ks_mixed_nested.h"

#include <string.h>

#include "stat/ks_mixed_group.h"

#define POLL_EVERY 512

/* What all steps of a pass share, and the outer group in hand. */
typedef struct Pass
{
	KsMixedDeviance *deviance;
	const double *basis;
	size_t inner;	/* columns of Z of a group */
	size_t outer;	/* ... of an outer group */
	size_t columns; /* of [X y] */
	size_t counted; /* the first of [X y] that counts: ML looks at the residual alone */
	double inner_lambda[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double outer_lambda[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];

	double kernel[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM]; /* J */
	double shrink[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM]; /* L */
	double *rotated;		/* N(site), columns x outer */
	double *explained;		/* J G, columns x outer */
	double *spread;			/* M: inner pairs x outer x outer */
	double *kernel_spread;	/* J M */
	double *covered;		/* Y: inner pairs x columns x outer */
	double *kernel_covered; /* J Y */
	double *shrunk;			/* (columns + outer) x inner, or columns x outer */
	double *turned;			/* N(p), columns x inner */
} Pass;

static void
take_block(const double *matrix, size_t n, size_t first, size_t size, double *to)
{
	for (size_t i = 0; i < size; i++)
		for (size_t j = 0; j < size; j++)
			to[i * size + j] = matrix[(first + i) * n + first + j];
}

static size_t
outer_size(const KsMixedBlocks *blocks)
{
	return ks_packed_size(blocks->outer) + blocks->outer * blocks->columns;
}

size_t
ks_mixed_nested_room(const KsMixedBlocks *blocks)
{
	const size_t outer = blocks->outer, inner = blocks->random - outer;
	const size_t columns = blocks->columns, pairs = ks_packed_size(inner);

	return blocks->outer_groups * outer_size(blocks) + 2 * columns * outer +
		   2 * pairs * outer * outer + 2 * pairs * columns * outer +
		   (columns + outer) * (inner + outer) + columns * (inner + outer);
}

static void
start_pass(KsMixedDeviance *deviance, const double *lambda, Pass *pass)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const size_t outer = blocks->outer, inner = blocks->random - outer;
	const size_t columns = blocks->columns, pairs = ks_packed_size(inner);

	pass->deviance = deviance;
	pass->inner = inner;
	pass->outer = outer;
	pass->columns = columns;
	pass->counted = deviance->reml ? 0 : columns - 1;
	take_block(lambda, blocks->random, 0, inner, pass->inner_lambda);
	take_block(lambda, blocks->random, inner, outer, pass->outer_lambda);
	pass->rotated = deviance->nested + blocks->outer_groups * outer_size(blocks);
	pass->explained = pass->rotated + columns * outer;
	pass->spread = pass->explained + columns * outer;
	pass->kernel_spread = pass->spread + pairs * outer * outer;
	pass->covered = pass->kernel_spread + pairs * outer * outer;
	pass->kernel_covered = pass->covered + pairs * columns * outer;
	pass->shrunk = pass->kernel_covered + pairs * columns * outer;
	pass->turned = pass->shrunk + (columns + outer) * (inner + outer);
}

void
ks_mixed_nested_block(size_t random, size_t outer, size_t columns, const double *single,
					  double *block)
{
	const size_t inner = random - outer;
	const double *products = single + ks_packed_size(random);

	memcpy(block, single, ks_packed_size(inner) * sizeof(double));
	block += ks_packed_size(inner);
	for (size_t i = 0; i < inner; i++, block += columns + outer)
	{
		memcpy(block, products + i * columns, columns * sizeof(double));
		for (size_t j = 0; j < outer; j++)
			block[columns + j] = single[ks_packed_at(inner + j, i)];
	}
	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j <= i; j++)
			*block++ = single[ks_packed_at(inner + i, inner + j)];
	memcpy(block, products + inner * columns, outer * columns * sizeof(double));
}

/* ---- value --------------------------------------------------------------------------- */

/* Eliminates a group: from the packed [X y]'V^-1[X y], into its outer group; |M|. */
KS_INLINE double
eliminate_group(const double *block, const double *lambda, size_t inner, size_t outer,
				size_t columns, double *scaled, double *packed, double *sum)
{
	const size_t width = columns + outer;
	const double *products = block + ks_packed_size(inner);
	const double *rest = products + inner * width;
	const double *last = scaled + columns * inner;
	const double determinant =
		ks_group_scale(block, products, lambda, inner, width, scaled);

	for (size_t i = 0; i < columns; i++)
		for (size_t j = 0; j <= i; j++)
			*packed++ -= ks_group_product(scaled + i * inner, scaled + j * inner, inner);
	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j <= i; j++)
			*sum++ += *rest++ - ks_group_product(last + i * inner, last + j * inner, inner);
	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j < columns; j++)
			*sum++ += *rest++ - ks_group_product(last + i * inner, scaled + j * inner, inner);
	return determinant;
}

/* Eliminates the groups of an outer group, then itself. */
KS_INLINE KsStatus
eliminate_outer_group(const Pass *pass, size_t number, size_t inner, size_t outer,
					  double *packed, double *log_det)
{
	const KsMixedBlocks *blocks = pass->deviance->blocks;
	const KsEnv *env = pass->deviance->env;
	const size_t columns = pass->columns;
	double *sum = pass->deviance->nested + number * outer_size(blocks);
	double *scaled = pass->shrunk;

	memset(sum, 0, outer_size(blocks) * sizeof(double));
	for (size_t group = blocks->outer_start[number];
		 group < blocks->outer_start[number + 1]; group++)
	{
		if (group % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		*log_det += log(eliminate_group(blocks->single + group * blocks->single_size,
										pass->inner_lambda, inner, outer, columns, scaled,
										packed, sum));
	}
	*log_det += log(ks_group_scale(sum, sum + ks_packed_size(outer), pass->outer_lambda,
								   outer, columns, scaled));
	for (size_t i = 0; i < columns; i++)
		for (size_t j = 0; j <= i; j++)
			*packed++ -= ks_group_product(scaled + i * outer, scaled + j * outer, outer);
	return KS_OK;
}

KsStatus
ks_mixed_nested_value(KsMixedDeviance *deviance, const double *lambda, double *packed,
					  double *log_det)
{
	KsStatus status = KS_OK;
	Pass pass;

	start_pass(deviance, lambda, &pass);
	for (size_t i = 0; i < deviance->blocks->outer_groups && status == KS_OK; i++)
		if (pass.inner == 1 && pass.outer == 1) /* written out by the compiler */
			status = eliminate_outer_group(&pass, i, 1, 1, packed, log_det);
		else if (pass.inner == 2 && pass.outer == 1)
			status = eliminate_outer_group(&pass, i, 2, 1, packed, log_det);
		else
			status = eliminate_outer_group(&pass, i, pass.inner, pass.outer, packed, log_det);
	return status;
}

/* ---- derivatives that have the form of a single level ---------------------------------- */

/*
 * Adds a group of either level: its columns of Z begin at `first`, its N are
 * `turned` (columns x q), and explained is what its N and J explain.
 */
static void
add_level(const Pass *pass, size_t first, size_t q, const double *information,
		  const double *explained, const double *turned)
{
	KsMixedDeviance *deviance = pass->deviance;
	const size_t random = deviance->blocks->random, pairs = ks_packed_size(random);
	const size_t own = ks_packed_size(q);
	size_t place[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double *products = deviance->products;

	for (size_t a = 0, at = 0; a < q; a++)
		for (size_t b = 0; b <= a; b++, at++)
		{
			double *gradient = deviance->gradient;
			const double change = information[at] - explained[at];

			place[at] = ks_packed_at(first + a, first + b);
			gradient[(first + a) * random + first + b] += change;
			if (a != b)
				gradient[(first + b) * random + first + a] += change;
		}
	for (size_t i = 0; i < own; i++)
		for (size_t j = 0; j < own; j++)
			deviance->curvature[place[i] * pairs + place[j]] +=
				information[i] * (2 * explained[j] - information[j]);
	for (size_t i = 0; i < pass->columns; i++)
		for (size_t j = 0; j <= i; j++, products += pairs)
		{
			const double *x = turned + i * q, *y = turned + j * q;

			for (size_t a = 0, at = 0; a < q; a++)
				for (size_t b = 0; b <= a; b++, at++)
					products[place[at]] += a == b ? x[a] * y[a] : x[a] * y[b] + x[b] * y[a];
		}
}

/* explained += the sum of N N' over the columns that count, packed. */
static void
add_squares(const Pass *pass, size_t q, const double *turned, double *explained)
{
	for (size_t j = pass->counted; j < pass->columns; j++)
		for (size_t a = 0; a < q; a++)
			for (size_t b = 0; b <= a; b++)
				explained[ks_packed_at(a, b)] += turned[j * q + a] * turned[j * q + b];
}

/* The outer group: J, L, N and J G. */
static void
derive_outer(Pass *pass, const double *block)
{
	const size_t outer = pass->outer, columns = pass->columns, pairs = ks_packed_size(outer);
	const double *products = block + pairs;
	double information[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double explained[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM] = {0};

	ks_group_shrink(block, pass->outer_lambda, outer, pass->kernel, pass->shrink,
					information);
	ks_group_shrink_products(products, pass->shrink, outer, columns, pass->shrunk);
	ks_group_rotate(pass->shrunk, pass->basis, outer, columns, pass->rotated);
	ks_group_shrink_products(products, pass->kernel, outer, columns, pass->shrunk);
	ks_group_rotate(pass->shrunk, pass->basis, outer, columns, pass->explained);
	add_squares(pass, outer, pass->rotated, explained);
	add_level(pass, pass->inner, outer, information, explained, pass->rotated);
}

/* M and Y of a group, for each pair of its columns: t = T' (inner for each of W). */
static void
add_coupling_sums(Pass *pass, const double *t)
{
	const size_t inner = pass->inner, outer = pass->outer, columns = pass->columns;
	double *spread = pass->spread, *covered = pass->covered;

	for (size_t a = 0; a < inner; a++)
		for (size_t b = 0; b <= a; b++)
		{
			for (size_t i = 0; i < outer; i++)
				for (size_t j = 0; j < outer; j++)
				{
					const double *x = t + i * inner, *y = t + j * inner;

					*spread++ += a == b ? x[a] * y[a] : x[a] * y[b] + x[b] * y[a];
				}
			for (size_t i = 0; i < columns; i++)
				for (size_t j = 0; j < outer; j++)
				{
					const double *x = pass->turned + i * inner, *y = t + j * inner;

					*covered++ += a == b ? x[a] * y[a] : x[a] * y[b] + x[b] * y[a];
				}
		}
}

static void
derive_inner(Pass *pass, const double *block)
{
	const size_t inner = pass->inner, outer = pass->outer, columns = pass->columns;
	const double *t = pass->shrunk + columns * inner;
	double kernel[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double shrink[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double information[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double explained[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM] = {0};

	ks_group_shrink(block, pass->inner_lambda, inner, kernel, shrink, information);
	ks_group_shrink_products(block + ks_packed_size(inner), shrink, inner, columns + outer,
							 pass->shrunk);
	ks_group_rotate(pass->shrunk, pass->basis, inner, columns, pass->turned);
	for (size_t j = 0; j < columns; j++)
		for (size_t i = 0; i < outer; i++)
			for (size_t a = 0; a < inner; a++)
				pass->turned[j * inner + a] -=
					t[i * inner + a] * pass->explained[j * outer + i];
	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j < outer; j++)
			for (size_t a = 0; a < inner; a++)
				for (size_t b = 0; b <= a; b++)
					explained[ks_packed_at(a, b)] +=
						t[i * inner + a] * pass->kernel[i * outer + j] * t[j * inner + b];
	add_squares(pass, inner, pass->turned, explained);
	add_level(pass, 0, inner, information, explained, pass->turned);
	add_coupling_sums(pass, t);
}

/* ---- derivatives that couple groups ------------------------------------------------------ */

/* to = matrix * each of `count` columns of `outer` values. */
static void
multiply(const double *matrix, size_t outer, const double *columns, size_t count, double *to)
{
	for (size_t j = 0; j < count; j++)
		for (size_t i = 0; i < outer; i++)
		{
			double sum = 0;

			for (size_t k = 0; k < outer; k++)
				sum += matrix[i * outer + k] * columns[j * outer + k];
			to[j * outer + i] = sum;
		}
}

/* - tr(J M J M') - 2 tr(Y' J Y') of two pairs of the groups' columns. */
static double
couple_groups(const Pass *pass, size_t first, size_t second)
{
	const size_t outer = pass->outer, square = outer * outer;
	const size_t width = pass->columns * outer;
	const double *x = pass->kernel_spread + first * square;
	const double *y = pass->kernel_spread + second * square;
	double sum = 0;

	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j < outer; j++)
			sum -= x[i * outer + j] * y[j * outer + i];
	x = pass->kernel_covered + first * width;
	y = pass->covered + second * width;
	for (size_t i = pass->counted * outer; i < width; i++)
		sum -= 2 * x[i] * y[i];
	return sum;
}

/* - tr(L'M L dS) + 2 tr(dS N(site) Y'L) for a pair of the groups' columns: outer x outer. */
static void
couple_levels(const Pass *pass, size_t pair, double *to)
{
	const size_t outer = pass->outer;
	const double *spread = pass->spread + pair * outer * outer;
	const double *covered = pass->covered + pair * pass->columns * outer;
	double half[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];

	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j < outer; j++)
		{
			half[i * outer + j] = 0;
			for (size_t k = 0; k < outer; k++)
				half[i * outer + j] -= spread[i * outer + k] * pass->shrink[k * outer + j];
			for (size_t c = pass->counted; c < pass->columns; c++)
				half[i * outer + j] +=
					2 * covered[c * outer + i] * pass->rotated[c * outer + j];
		}
	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j < outer; j++)
		{
			to[i * outer + j] = 0;
			for (size_t k = 0; k < outer; k++)
				to[i * outer + j] += pass->shrink[k * outer + i] * half[k * outer + j];
		}
}

static void
add_coupling(Pass *pass)
{
	const size_t inner = pass->inner, outer = pass->outer, own = ks_packed_size(inner);
	const size_t pairs = ks_packed_size(pass->deviance->blocks->random);
	double *coupling = pass->deviance->coupling;
	double between[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];

	multiply(pass->kernel, outer, pass->spread, own * outer, pass->kernel_spread);
	multiply(pass->kernel, outer, pass->covered, own * pass->columns, pass->kernel_covered);
	for (size_t i = 0; i < own; i++)
	{
		for (size_t j = 0; j < own; j++)
			coupling[i * pairs + j] += couple_groups(pass, i, j);
		couple_levels(pass, i, between);
		for (size_t a = 0; a < outer; a++)
			for (size_t b = 0; b <= a; b++)
			{
				const size_t j = ks_packed_at(inner + a, inner + b);
				const double change = a == b ? between[a * outer + a]
											 : between[a * outer + b] + between[b * outer + a];

				coupling[i * pairs + j] += change;
				coupling[j * pairs + i] += change;
			}
	}
}

KsStatus
ks_mixed_nested_derive(KsMixedDeviance *deviance, const double *lambda, const double *basis)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const KsEnv *env = deviance->env;
	Pass pass;
	size_t pairs;

	start_pass(deviance, lambda, &pass);
	pass.basis = basis;
	pairs = ks_packed_size(pass.inner);
	for (size_t i = 0; i < blocks->outer_groups; i++)
	{
		memset(pass.spread, 0, pairs * pass.outer * pass.outer * sizeof(double));
		memset(pass.covered, 0, pairs * pass.columns * pass.outer * sizeof(double));
		derive_outer(&pass, deviance->nested + i * outer_size(blocks));
		for (size_t group = blocks->outer_start[i]; group < blocks->outer_start[i + 1];
			 group++)
		{
			if (group % POLL_EVERY == 0 && env->poll(env->context))
				return KS_CANCELLED;
			derive_inner(&pass, blocks->single + group * blocks->single_size);
		}
		add_coupling(&pass);
	}
	return KS_OK;
}
