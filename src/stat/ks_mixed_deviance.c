/*
 * ks_mixed_deviance.c
 *	  The profiled deviance of a linear mixed model with one grouping factor; for two
 *	  that nest see ks_mixed_nested.c.
 *
 * With the relative factor L of the random effects' covariance (S = LL'), each
 * group has V = I + Z S Z', and all that is needed of it are
 *
 *	  M = I + L'Z'Z L,	log |V| = log |M|,	K = L M^-1 L' (so V^-1 = I - Z K Z'),
 *	  P = [X y]'V^-1[X y] = [X y]'[X y] - sum of (Z'[X y])' K (Z'[X y]),
 *
 * and the Cholesky factor of P holds the fixed effects, log |X'V^-1 X| and the
 * residual sum of squares (the A/L scheme of MixedModels.jl and lme4: Bates et
 * al. 2015, J Stat Softw 67(1)).
 *
 * The derivatives follow from two matrices of each group,
 *
 *	  F = I - K Z'Z,  Q = Z'V^-1 Z = Z'Z F:	 dK = F dS F',	d log |V| = tr(Q dS),
 *	  dP = -(F'Z'[X y])' dS (F'Z'[X y]),  dQ = -Q dS Q,
 *
 * so that one more pass gives gradient and Hessian exactly.  Newton's method then
 * needs a few passes where a search without derivatives needs a hundred, and the
 * degrees of freedom by Satterthwaite need no numerical differentiation.
 */
#include "stat/ks_mixed_deviance.h"

#include <string.h>

#include "stat/ks_mixed_group.h"
#include "stat/ks_mixed_nested.h"

#define POLL_EVERY 512

void
ks_mixed_kernel(const double *zz, const double *lambda, size_t random, double *kernel)
{
	double factor[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];

	ks_group_factor(zz, lambda, random, factor);
	ks_group_kernel(factor, lambda, random, kernel);
}

/* ---- value --------------------------------------------------------------------------- */

/* Subtract (Z'[X y])' K (Z'[X y]) of single groups from the packed P; add log |M|. */
KS_INLINE void
value_of_singles(const KsMixedBlocks *blocks, size_t from, size_t to, const double *lambda,
				 size_t q, double *scaled, double *packed, double *log_det)
{
	const size_t columns = blocks->columns;

	for (size_t group = from; group < to; group++)
	{
		const double *block = blocks->single + group * blocks->single_size;
		double *at = packed;

		*log_det += log(ks_group_scale(block, block + ks_packed_size(q), lambda, q, columns,
									   scaled));
		for (size_t i = 0; i < columns; i++)
			for (size_t j = 0; j <= i; j++)
				*at++ -= ks_group_product(scaled + i * q, scaled + j * q, q);
	}
}

static void
value_of_pool(const KsMixedBlocks *blocks, const double *pool, const double *lambda,
			  double *packed, double *log_det)
{
	const size_t q = blocks->random, size = ks_packed_size(blocks->columns);
	double factor[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double kernel[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	const double *products = pool + ks_packed_size(q) + 1;

	*log_det += products[-1] * log(ks_group_factor(pool, lambda, q, factor));
	ks_group_kernel(factor, lambda, q, kernel);
	for (size_t a = 0; a < q; a++)
		for (size_t b = 0; b <= a; b++, products += size)
			for (size_t i = 0; i < size; i++)
				packed[i] -= kernel[a * q + b] * products[i];
}

/* Deviance from the packed P and the sum of log |M|. */
static void
finish_value(KsMixedDeviance *deviance, const double *packed, double log_det)
{
	const size_t columns = deviance->blocks->columns;
	double *factor = deviance->factor, last;

	deviance->value = deviance->residual = INFINITY;
	memset(factor, 0, columns * columns * sizeof(double));
	for (size_t i = 0; i < columns; i++)
		for (size_t j = 0; j <= i; j++)
			factor[i * columns + j] = *packed++;
	if (!isfinite(log_det) || !ks_cholesky(factor, columns))
		return;
	last = factor[columns * columns - 1];
	deviance->residual = last * last;
	if (deviance->reml)
	{
		log_det += deviance->blocks->log_det;
		for (size_t i = 0; i + 1 < columns; i++)
			log_det += 2 * log(factor[i * columns + i]);
	}
	deviance->value =
		log_det + deviance->df * (1 + log(2 * M_PI / deviance->df * deviance->residual));
}

KsStatus
ks_mixed_deviance_at(KsMixedDeviance *deviance, const double *lambda)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const size_t columns = blocks->columns;
	double *packed = deviance->scratch, *scaled = packed + ks_packed_size(columns);
	double log_det = 0;

	for (size_t i = 0; i < columns; i++)
		for (size_t j = 0; j <= i; j++)
			packed[ks_packed_at(i, j)] = blocks->cross[i * columns + j];
	for (size_t from = 0; from < blocks->singles; from += POLL_EVERY)
	{
		const size_t left = blocks->singles - from;
		const size_t to = from + (left < POLL_EVERY ? left : POLL_EVERY);

		if (deviance->env->poll(deviance->env->context))
			return KS_CANCELLED;
		if (blocks->random == 1) /* written out by the compiler for few columns */
			value_of_singles(blocks, from, to, lambda, 1, scaled, packed, &log_det);
		else if (blocks->random == 2)
			value_of_singles(blocks, from, to, lambda, 2, scaled, packed, &log_det);
		else
			value_of_singles(blocks, from, to, lambda, blocks->random, scaled, packed,
							 &log_det);
	}
	for (size_t i = 0; i < blocks->pools; i++)
	{
		if (i % POLL_EVERY == 0 && deviance->env->poll(deviance->env->context))
			return KS_CANCELLED;
		value_of_pool(blocks, blocks->pool + i * blocks->pool_size, lambda, packed, &log_det);
	}
	if (blocks->outer > 0)
	{
		const KsStatus status = ks_mixed_nested_value(deviance, lambda, packed, &log_det);

		if (status != KS_OK)
			return status;
	}
	finish_value(deviance, packed, log_det);
	return KS_OK;
}

/* ---- derivatives --------------------------------------------------------------------- */

/* Add `count` groups with information Q and packed R to gradient and curvature. */
KS_INLINE void
add_derivatives(const double *information, const double *explained, double count, size_t q,
				double *gradient, double *curvature)
{
	const size_t pairs = ks_packed_size(q);

	for (size_t i = 0; i < pairs; i++)
	{
		gradient[i] += count * information[i] - explained[i];
		for (size_t j = 0; j < pairs; j++)
			curvature[i * pairs + j] +=
				information[i] * (2 * explained[j] - count * information[j]);
	}
}

KS_INLINE void
derive_singles(KsMixedDeviance *deviance, size_t from, size_t to, const double *lambda,
			   size_t q, const double *basis, double *gradient, double *rotated)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const size_t columns = blocks->columns, pairs = ks_packed_size(q);
	const size_t first = deviance->reml ? 0 : columns - 1;

	for (size_t group = from; group < to; group++)
	{
		const double *block = blocks->single + group * blocks->single_size;
		double kernel[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
		double shrink[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
		double information[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
		double explained[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM] = {0};
		double *to_products = deviance->products, *shrunk = rotated + q * columns;

		ks_group_shrink(block, lambda, q, kernel, shrink, information);
		ks_group_shrink_products(block + pairs, shrink, q, columns, shrunk);
		ks_group_rotate(shrunk, basis, q, columns, rotated);
		for (size_t j = first; j < columns; j++)
			for (size_t a = 0; a < q; a++)
				for (size_t b = 0; b <= a; b++)
					explained[ks_packed_at(a, b)] += rotated[j * q + a] * rotated[j * q + b];
		add_derivatives(information, explained, 1, q, gradient, deviance->curvature);
		for (size_t i = 0; i < columns; i++)
			for (size_t j = 0; j <= i; j++)
			{
				const double *x = rotated + i * q, *y = rotated + j * q;

				for (size_t a = 0; a < q; a++)
					for (size_t b = 0; b <= a; b++)
						*to_products++ += a == b ? x[a] * y[a] : x[a] * y[b] + x[b] * y[a];
			}
	}
}

/* Sums of products of the rows of F'Z'[X y] of a pool: pairs of rows x packed columns. */
static void
shrink_pool(const KsMixedBlocks *blocks, const double *pool, const double *shrink,
			double *shrunk)
{
	const size_t q = blocks->random, size = ks_packed_size(blocks->columns);

	memset(shrunk, 0, ks_packed_size(q) * size * sizeof(double));
	for (size_t c = 0; c < q; c++)
		for (size_t d = 0; d <= c; d++, shrunk += size)
		{
			const double *products = pool + ks_packed_size(q) + 1;

			for (size_t a = 0; a < q; a++)
				for (size_t b = 0; b <= a; b++, products += size)
				{
					double share = shrink[a * q + c] * shrink[b * q + d];

					if (c != d)
						share = a == b ? 2 * share
									   : share + shrink[a * q + d] * shrink[b * q + c];
					for (size_t i = 0; i < size; i++)
						shrunk[i] += share * products[i];
				}
		}
}

/*
 * A pool: weight is the packed m x m form E with R = (F'Z'[X y]) E (F'Z'[X y])',
 * off-diagonal elements doubled; sums: pairs x packed columns.
 */
static void
derive_pool(KsMixedDeviance *deviance, const double *pool, const double *lambda,
			const double *weight, double *gradient, double *sums, double *shrunk)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const size_t q = blocks->random, pairs = ks_packed_size(q);
	const size_t size = ks_packed_size(blocks->columns);
	double kernel[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double shrink[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double information[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];
	double explained[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM];

	ks_group_shrink(pool, lambda, q, kernel, shrink, information);
	shrink_pool(blocks, pool, shrink, shrunk);
	for (size_t a = 0, pair = 0; a < q; a++)
		for (size_t b = 0; b <= a; b++, pair++)
		{
			double sum = 0;

			for (size_t i = 0; i < size; i++)
			{
				sum += weight[i] * shrunk[pair * size + i];
				sums[pair * size + i] += shrunk[pair * size + i];
			}
			explained[pair] = a == b ? sum : sum / 2;
		}
	add_derivatives(information, explained, pool[pairs], q, gradient, deviance->curvature);
}

/* Packed basis' * basis over its last rows, from `first`, off-diagonals doubled. */
static void
form_weight(const double *basis, size_t first, size_t columns, double *weight)
{
	for (size_t i = 0; i < columns; i++)
		for (size_t j = 0; j <= i; j++)
		{
			double sum = 0;

			for (size_t k = first > i ? first : i; k < columns; k++)
				sum += basis[k * columns + i] * basis[k * columns + j];
			*weight++ = i == j ? sum : 2 * sum;
		}
}

/* Add basis * sums * basis' of each pair to the products, whose pairs lie inside. */
static void
add_rotated_sums(KsMixedDeviance *deviance, const double *sums, const double *basis,
				 double *half)
{
	const size_t columns = deviance->blocks->columns, size = ks_packed_size(columns);
	const size_t pairs = ks_packed_size(deviance->blocks->random);

	for (size_t pair = 0; pair < pairs; pair++, sums += size)
		for (size_t i = 0; i < columns; i++)
		{
			for (size_t j = 0; j < columns; j++)
			{
				half[j] = 0;
				for (size_t k = 0; k <= i; k++)
					half[j] += basis[i * columns + k] * sums[ks_packed_at(k, j)];
			}
			for (size_t j = 0; j <= i; j++)
				for (size_t k = 0; k <= j; k++)
					deviance->products[ks_packed_at(i, j) * pairs + pair] +=
						basis[j * columns + k] * half[k];
		}
}

static KsStatus
derive_all_singles(KsMixedDeviance *deviance, const double *lambda, const double *basis,
				   double *gradient, double *rotated)
{
	const size_t singles = deviance->blocks->singles, q = deviance->blocks->random;

	for (size_t from = 0; from < singles; from += POLL_EVERY)
	{
		const size_t to = singles - from < POLL_EVERY ? singles : from + POLL_EVERY;

		if (deviance->env->poll(deviance->env->context))
			return KS_CANCELLED;
		if (q == 1)
			derive_singles(deviance, from, to, lambda, 1, basis, gradient, rotated);
		else if (q == 2)
			derive_singles(deviance, from, to, lambda, 2, basis, gradient, rotated);
		else
			derive_singles(deviance, from, to, lambda, q, basis, gradient, rotated);
	}
	return KS_OK;
}

static KsStatus
derive_all_pools(KsMixedDeviance *deviance, const double *lambda, const double *basis,
				 double *gradient, double *scratch)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const size_t columns = blocks->columns, size = ks_packed_size(columns);
	const size_t pairs = ks_packed_size(blocks->random);
	double *sums = scratch, *shrunk = sums + pairs * size, *weight = shrunk + pairs * size;

	memset(sums, 0, pairs * size * sizeof(double));
	form_weight(basis, deviance->reml ? 0 : columns - 1, columns, weight);
	for (size_t i = 0; i < blocks->pools; i++)
	{
		if (i % 64 == 0 && deviance->env->poll(deviance->env->context))
			return KS_CANCELLED;
		derive_pool(deviance, blocks->pool + i * blocks->pool_size, lambda, weight, gradient,
					sums, shrunk);
	}
	add_rotated_sums(deviance, sums, basis, shrunk);
	return KS_OK;
}

KsStatus
ks_mixed_deviance_derive(KsMixedDeviance *deviance, const double *lambda)
{
	const KsMixedBlocks *blocks = deviance->blocks;
	const size_t columns = blocks->columns, q = blocks->random, pairs = ks_packed_size(q);
	double gradient[KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM] = {0};
	double *basis = deviance->scratch, *scratch = basis + columns * columns;
	KsStatus status;

	ks_invert_triangle(deviance->factor, columns, deviance->inverse);
	memcpy(basis, deviance->inverse, columns * columns * sizeof(double));
	for (size_t j = 0; j < columns; j++)
		basis[(columns - 1) * columns + j] *= sqrt(deviance->df);
	memset(deviance->curvature, 0, pairs * pairs * sizeof(double));
	memset(deviance->products, 0, pairs * ks_packed_size(columns) * sizeof(double));
	status = derive_all_singles(deviance, lambda, basis, gradient, scratch);
	if (status == KS_OK && blocks->pools > 0)
		status = derive_all_pools(deviance, lambda, basis, gradient, scratch);
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
			deviance->gradient[i * q + j] = gradient[ks_packed_at(i, j)];
	if (status == KS_OK && blocks->outer > 0)
	{
		memset(deviance->coupling, 0, pairs * pairs * sizeof(double));
		status = ks_mixed_nested_derive(deviance, lambda, basis);
	}
	return status;
}

/* ---- by the elements of lambda ------------------------------------------------------- */

/* dS = E L' + L E' for the element (row, column) of lambda: random x random. */
static void
change_of_covariance(const double *lambda, size_t q, size_t row, size_t column,
					 double *change)
{
	memset(change, 0, q * q * sizeof(double));
	for (size_t k = 0; k < q; k++)
	{
		change[row * q + k] += lambda[k * q + column];
		change[k * q + row] += lambda[k * q + column];
	}
}

/* Trace of dS1 * Q * dS2 * Y, summed over the groups. */
static double
curvature_between(const KsMixedDeviance *deviance, const double *first, const double *second)
{
	const size_t q = deviance->blocks->random, pairs = ks_packed_size(q);
	double sum = 0;

	for (size_t d = 0; d < q; d++)
		for (size_t a = 0; a < q; a++)
		{
			if (first[d * q + a] == 0)
				continue;
			for (size_t b = 0; b < q; b++)
				for (size_t c = 0; c < q; c++)
					sum += first[d * q + a] * second[b * q + c] *
						   deviance->curvature[ks_packed_at(a, b) * pairs +
											   ks_packed_at(c, d)];
		}
	return sum;
}

/* What the second derivative has besides where groups nest. */
static double
coupling_between(const KsMixedDeviance *deviance, const double *first, const double *second)
{
	const size_t q = deviance->blocks->random;
	const double *coupling = deviance->coupling;
	double sum = 0;

	for (size_t a = 0; a < q; a++)
		for (size_t b = 0; b <= a; b++)
			for (size_t c = 0; c < q; c++)
				for (size_t d = 0; d <= c; d++)
					sum += first[a * q + b] * second[c * q + d] * *coupling++;
	return sum;
}

/* Change of the (rotated) cross-products under dS: packed columns. */
static void
products_by(const KsMixedDeviance *deviance, const double *change, double *to)
{
	const size_t q = deviance->blocks->random, pairs = ks_packed_size(q);
	const size_t size = ks_packed_size(deviance->blocks->columns);

	for (size_t i = 0; i < size; i++)
	{
		const double *products = deviance->products + i * pairs;
		double sum = 0;

		for (size_t a = 0; a < q; a++)
			for (size_t b = 0; b <= a; b++)
				sum += *products++ * change[a * q + b];
		to[i] = sum;
	}
}

/* Sum of products of two symmetric packed matrices, of the part that counts. */
static double
product_of_changes(const KsMixedDeviance *deviance, const double *x, const double *y)
{
	const size_t columns = deviance->blocks->columns;
	double sum = 0;

	for (size_t i = 0; i < columns; i++)
		for (size_t j = 0; j <= i; j++, x++, y++)
		{
			if (i + 1 < columns)
				sum += deviance->reml ? *x * *y * (i == j ? 1 : 2) : 0;
			else if (j < i)
				sum += 2 * *x * *y;
		}
	return sum;
}

/*
 * The unprofiled Hessian's last row and column; profiled instead, what sigma
 * takes up is subtracted.
 */
static void
account_for_sigma(const KsMixedDeviance *deviance, size_t count, bool with_sigma,
				  const double *change, double *hessian)
{
	const size_t size = ks_packed_size(deviance->blocks->columns);
	const size_t width = with_sigma ? count + 1 : count;
	const double sigma = sqrt(deviance->residual / deviance->df);

	for (size_t i = 0; i < count; i++)
	{
		const double x = change[(i + 1) * size - 1];

		for (size_t j = 0; j < count && !with_sigma; j++)
			hessian[i * width + j] -= x * change[(j + 1) * size - 1] / deviance->df;
		if (with_sigma)
			hessian[i * width + count] = hessian[count * width + i] = 2 * x / sigma;
	}
	if (with_sigma)
		hessian[width * width - 1] = 4 * deviance->df / (sigma * sigma);
}

KsStatus
ks_mixed_theta_derivatives(const KsMixedDeviance *deviance, const double *lambda,
						   size_t count, const size_t *row, const size_t *column,
						   bool with_sigma, double *gradient, double *hessian, double *change)
{
	const KsEnv *env = deviance->env;
	const size_t q = deviance->blocks->random, width = with_sigma ? count + 1 : count;
	const size_t size = ks_packed_size(deviance->blocks->columns);
	double *covariance, *products;

	covariance = env->alloc(env->context, (count * (q * q + size) + 1) * sizeof(double));
	if (covariance == NULL)
		return KS_NO_MEMORY;
	products = change != NULL ? change : covariance + count * q * q;
	for (size_t i = 0; i < count; i++)
	{
		double *by = covariance + i * q * q;

		change_of_covariance(lambda, q, row[i], column[i], by);
		products_by(deviance, by, products + i * size);
		gradient[i] = 0;
		for (size_t k = 0; k < q; k++)
			gradient[i] += 2 * deviance->gradient[row[i] * q + k] * lambda[k * q + column[i]];
		for (size_t j = 0; j <= i; j++)
		{
			double second = curvature_between(deviance, by, covariance + j * q * q);

			if (deviance->blocks->outer > 0)
				second += coupling_between(deviance, by, covariance + j * q * q);
			second -= product_of_changes(deviance, products + i * size, products + j * size);
			if (column[i] == column[j])
				second += 2 * deviance->gradient[row[i] * q + row[j]];
			hessian[i * width + j] = hessian[j * width + i] = second;
		}
	}
	account_for_sigma(deviance, count, with_sigma, products, hessian);
	env->free(env->context, covariance);
	return KS_OK;
}

/* ---- workspace ------------------------------------------------------------------------- */

KsStatus
ks_mixed_deviance_create(const KsMixedBlocks *blocks, bool reml, const KsEnv *env,
						 KsMixedDeviance *deviance)
{
	const size_t columns = blocks->columns, q = blocks->random, pairs = ks_packed_size(q);
	const size_t square = columns * columns, size = ks_packed_size(columns);
	const size_t coupling = blocks->outer > 0 ? pairs * pairs : 0;
	const size_t nested = blocks->outer > 0 ? ks_mixed_nested_room(blocks) : 0;
	double *memory;

	memset(deviance, 0, sizeof(*deviance));
	deviance->blocks = blocks;
	deviance->env = env;
	deviance->reml = reml;
	deviance->df = (double) blocks->n - (reml ? (double) (columns - 1) : 0);
	memory = env->alloc(env->context, (3 * square + q * q + pairs * pairs + 3 * pairs * size +
									   size + 2 * q * columns + coupling + nested) *
										  sizeof(double));
	if (memory == NULL)
		return KS_NO_MEMORY;
	deviance->factor = memory;
	deviance->inverse = deviance->factor + square;
	deviance->gradient = deviance->inverse + square;
	deviance->curvature = deviance->gradient + q * q;
	deviance->products = deviance->curvature + pairs * pairs;
	deviance->coupling = deviance->products + pairs * size;
	deviance->nested = deviance->coupling + coupling;
	deviance->scratch = deviance->nested + nested;
	return KS_OK;
}

void
ks_mixed_deviance_free(KsMixedDeviance *deviance)
{
	if (deviance->factor != NULL)
		deviance->env->free(deviance->env->context, deviance->factor);
	deviance->factor = NULL;
}
