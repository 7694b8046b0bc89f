/*
 * ks_mixed_blocks.c
 *	  The data of a linear mixed model in bases that lose no digits, groups with
 *	  equal Z'Z pooled.
 *
 * Everything up to the rounded blocks is double-double: y less its least squares
 * fit and X orthonormal, so that neither a common offset nor nearly dependent
 * columns cost digits in the double arithmetic of the deviance.
 *
 * Why pools: the deviance depends on a group by its K = L (I + L'Z'Z L)^-1 L',
 * which the group's Z'Z decides, and on the sum over a, b of K[a][b] times the
 * products of rows a and b of Z'[X y].  Patients seen at the same times share K,
 * so their products add up: a trial with ten patterns of visits costs ten blocks,
 * however many patients it has.
 */
#include "stat/ks_mixed_blocks.h"

#include <string.h>

#include "stat/ks_matrix.h"
#include "stat/ks_mixed_nested.h"

#define POLL_EVERY 512

/* A column depends on the others when this share of its sum of squares is left. */
#define DEPENDENT 1e-20
/* ... and the outcome is fitted exactly when this share of its own is left. */
#define EXACT 1e-30

/* Which pattern of Z'Z each group has. */
typedef struct Patterns
{
	size_t count;
	uint32_t *of;	  /* group: its pattern */
	uint32_t *first;  /* pattern: its first group */
	uint32_t *groups; /* pattern: how many groups */
	uint32_t *slot;	  /* hash table of patterns + 1, 0 when free */
	size_t slots;	  /* a power of two */
} Patterns;

/* sum + a * b, a double-double and b double. */
static inline KsDD
add_product(KsDD sum, KsDD a, double b)
{
	return ks_dd_accumulate(sum, ks_dd_mul_d(a, b));
}

/* ---- bases ------------------------------------------------------------------------ */

/* Least squares: X'y in the basis, then the coefficients, in the basis' last column. */
static void
set_residual_column(const KsMixedSource *source, const double *basis, KsMixedBlocks *blocks)
{
	const size_t fixed = source->fixed, columns = blocks->columns;

	for (size_t i = 0; i < fixed; i++)
		blocks->fixed_basis[i * columns + columns - 1] = 0;
	for (size_t j = 0; j < fixed; j++)
	{
		KsDD product = ks_dd(0);

		if (!blocks->fixed_used[j])
			continue;
		for (size_t i = 0; i <= j; i++)
			product = add_product(product, source->cross[ks_packed_at(fixed, i)],
								  basis[i * fixed + j]);
		for (size_t i = 0; i <= j; i++)
			blocks->fixed_basis[i * columns + columns - 1] -=
				basis[i * fixed + j] * ks_dd_value(product);
	}
	for (size_t j = 0; j + 1 < columns; j++)
		blocks->fixed_basis[fixed * columns + j] = 0;
	blocks->fixed_basis[fixed * columns + columns - 1] = 1;
}

/* Column `from` of basis' * matrix * basis, where the source's cross is packed. */
static void
rotate_cross(const KsMixedSource *source, KsMixedBlocks *blocks, KsDD *column)
{
	const size_t rows = source->fixed + 1, columns = blocks->columns;

	for (size_t j = 0; j < columns; j++)
	{
		for (size_t i = 0; i < rows; i++)
		{
			column[i] = ks_dd(0);
			for (size_t k = 0; k < rows; k++)
				column[i] = add_product(column[i], source->cross[ks_packed_at(i, k)],
										blocks->fixed_basis[k * columns + j]);
		}
		for (size_t i = 0; i < columns; i++)
		{
			KsDD sum = ks_dd(0);

			for (size_t k = 0; k < rows; k++)
				sum = add_product(sum, column[k], blocks->fixed_basis[k * columns + i]);
			blocks->cross[i * columns + j] = ks_dd_value(sum);
		}
	}
}

/* Basis of [X y]; scratch: a matrix of `fixed` doubles squared, work as ks_orthonormal_basis. */
static KsStatus
build_fixed_basis(const KsMixedSource *source, const KsEnv *env, KsDD *work, double *basis,
				  KsMixedBlocks *blocks)
{
	const size_t fixed = source->fixed;
	const KsDD outcome = source->cross[ks_packed_at(fixed, fixed)];
	size_t columns, at = 0;

	columns = ks_orthonormal_basis(source->cross, fixed, false, DEPENDENT, work, basis,
								   blocks->fixed_used) +
			  1;
	blocks->columns = columns;
	blocks->fixed_basis = env->alloc(env->context, (fixed + 1) * columns * sizeof(double));
	blocks->cross = env->alloc(env->context, columns * columns * sizeof(double));
	if (blocks->fixed_basis == NULL || blocks->cross == NULL)
		return KS_NO_MEMORY;
	for (size_t j = 0; j < fixed; j++)
	{
		if (!blocks->fixed_used[j])
			continue;
		blocks->log_det -= 2 * log(basis[j * fixed + j]);
		for (size_t i = 0; i < fixed; i++)
			blocks->fixed_basis[i * columns + at] = basis[i * fixed + j];
		at++;
	}
	set_residual_column(source, basis, blocks);
	rotate_cross(source, blocks, work);
	blocks->exact = !(blocks->cross[columns * columns - 1] > EXACT * ks_dd_value(outcome));
	return KS_OK;
}

/* Basis of Z, term by term, from Z'Z of all rows; parts of work: see below. */
static void
build_random_basis(const KsMixedSource *source, const KsDD *sum, KsDD *work, double *part,
				   KsMixedBlocks *blocks)
{
	const size_t random = source->random;
	size_t start = 0;

	memset(blocks->random_basis, 0, random * random * sizeof(double));
	for (size_t term = 0; term < source->terms; term++)
	{
		const size_t size = source->term_size[term];
		KsDD *cross = work;

		for (size_t i = 0; i < size; i++)
			for (size_t j = 0; j <= i; j++)
				cross[ks_packed_at(i, j)] = sum[ks_packed_at(start + i, start + j)];
		ks_orthonormal_basis(cross, size, true, DEPENDENT, work + ks_packed_size(size), part,
							 blocks->random_used + start);
		for (size_t i = 0; i < size; i++)
			for (size_t j = 0; j < size; j++)
				blocks->random_basis[(start + i) * random + start + j] =
					part[i * size + j] * sqrt((double) source->n);
		start += size;
	}
}

/* ---- one group --------------------------------------------------------------------- */

/* to = basis' * Z'Z * basis, packed and rounded; scratch: random squared. */
static void
rotate_random(const KsDD *zz, const double *basis, size_t random, KsDD *scratch, double *to)
{
	for (size_t i = 0; i < random; i++)
		for (size_t j = 0; j < random; j++)
		{
			KsDD sum = ks_dd(0);

			for (size_t k = j; k < random; k++)
				if (basis[k * random + j] != 0)
					sum = add_product(sum, zz[ks_packed_at(i, k)], basis[k * random + j]);
			scratch[i * random + j] = sum;
		}
	for (size_t i = 0; i < random; i++)
		for (size_t j = 0; j <= i; j++)
		{
			KsDD sum = ks_dd(0);

			for (size_t k = i; k < random; k++)
				if (basis[k * random + i] != 0)
					sum = add_product(sum, scratch[k * random + j], basis[k * random + i]);
			*to++ = ks_dd_value(sum) + 0.0; /* no -0: equal blocks have equal bits */
		}
}

void
ks_mixed_block_rotate(const KsMixedBlocks *blocks, const KsDD *zz, const KsDD *zxy,
					  size_t fixed, KsDD *scratch, double *block)
{
	const size_t random = blocks->random, columns = blocks->columns;
	double *products = block + ks_packed_size(random);

	rotate_random(zz, blocks->random_basis, random, scratch, block);
	for (size_t i = 0; i < random; i++)
		for (size_t j = 0; j < columns; j++)
		{
			KsDD sum = ks_dd(0);

			for (size_t k = 0; k <= fixed; k++)
				if (blocks->fixed_basis[k * columns + j] != 0)
					sum = add_product(sum, zxy[i * (fixed + 1) + k],
									  blocks->fixed_basis[k * columns + j]);
			scratch[i * columns + j] = sum;
		}
	for (size_t i = 0; i < random; i++)
		for (size_t j = 0; j < columns; j++)
		{
			KsDD sum = ks_dd(0);

			for (size_t k = i; k < random; k++)
				if (blocks->random_basis[k * random + i] != 0)
					sum = add_product(sum, scratch[k * columns + j],
									  blocks->random_basis[k * random + i]);
			products[i * columns + j] = ks_dd_value(sum);
		}
}

/* Z'Z of all groups. */
static KsStatus
sum_random(const KsMixedSource *source, const KsEnv *env, KsDD *zz, KsDD *zxy, KsDD *sum)
{
	const size_t size = ks_packed_size(source->random);

	for (size_t i = 0; i < size; i++)
		sum[i] = ks_dd(0);
	for (size_t group = 0; group < source->groups; group++)
	{
		if (group % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		source->block(source->context, group, zz, zxy);
		for (size_t i = 0; i < size; i++)
			sum[i] = ks_dd_add(sum[i], zz[i]);
	}
	return KS_OK;
}

/* ---- pools ------------------------------------------------------------------------- */

static size_t
hash_block(const double *block, size_t size)
{
	uint64_t hash = 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < size; i++)
	{
		uint64_t bits;

		memcpy(&bits, &block[i], sizeof(bits));
		hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	return (size_t) hash;
}

/* Find the pattern of a group just read, or begin a new one. */
static void
note_pattern(const KsMixedBlocks *blocks, Patterns *patterns, uint32_t group)
{
	const size_t size = ks_packed_size(blocks->random);
	const double *block = blocks->single + group * blocks->single_size;
	size_t at = hash_block(block, size) & (patterns->slots - 1);

	for (;; at = (at + 1) & (patterns->slots - 1))
	{
		const uint32_t pattern = patterns->slot[at] - 1;

		if (patterns->slot[at] == 0)
		{
			patterns->first[patterns->count] = group;
			patterns->groups[patterns->count] = 1;
			patterns->of[group] = (uint32_t) patterns->count;
			patterns->slot[at] = (uint32_t) ++patterns->count;
			return;
		}
		if (memcmp(blocks->single + patterns->first[pattern] * blocks->single_size, block,
				   size * sizeof(double)) == 0)
		{
			patterns->groups[pattern]++;
			patterns->of[group] = pattern;
			return;
		}
	}
}

/* Add the products of one group's rows to its pool. */
static void
add_to_pool(const KsMixedBlocks *blocks, const double *block, double *pool)
{
	const size_t random = blocks->random, columns = blocks->columns;
	const size_t packed = ks_packed_size(random);
	const double *products = block + packed;
	double *to = pool + packed + 1;

	memcpy(pool, block, packed * sizeof(double));
	pool[packed] += 1;
	for (size_t a = 0; a < random; a++)
		for (size_t b = 0; b <= a; b++)
		{
			const double *x = products + a * columns, *y = products + b * columns;

			for (size_t i = 0; i < columns; i++)
				for (size_t j = 0; j <= i; j++)
					*to++ += a == b ? x[i] * x[j] : x[i] * y[j] + y[i] * x[j];
		}
}

/*
 * Pool the groups whose pattern is frequent enough to pay; `first` becomes the
 * pool's number.  Groups left single close ranks.
 */
static KsStatus
build_pools(const KsEnv *env, Patterns *patterns, KsMixedBlocks *blocks)
{
	const size_t packed = ks_packed_size(blocks->random);
	const uint32_t least = (uint32_t) packed + 1;
	size_t kept = 0;

	for (size_t i = 0; i < patterns->count; i++)
		if (patterns->groups[i] >= least)
			patterns->first[i] = (uint32_t) blocks->pools++;
	blocks->pool_size = packed + 1 + packed * ks_packed_size(blocks->columns);
	blocks->pool =
		env->alloc(env->context, (blocks->pools * blocks->pool_size + 1) * sizeof(double));
	if (blocks->pool == NULL)
		return KS_NO_MEMORY;
	memset(blocks->pool, 0, blocks->pools * blocks->pool_size * sizeof(double));
	for (size_t group = 0; group < blocks->groups; group++)
	{
		const uint32_t pattern = patterns->of[group];
		double *block = blocks->single + group * blocks->single_size;

		if (group % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		if (patterns->groups[pattern] >= least)
			add_to_pool(blocks, block,
						blocks->pool + patterns->first[pattern] * blocks->pool_size);
		else
			memmove(blocks->single + kept++ * blocks->single_size, block,
					blocks->single_size * sizeof(double));
	}
	blocks->singles = kept;
	return KS_OK;
}

/* Rotate every group for ks_mixed_nested.h. */
static KsStatus
read_nested_groups(const KsMixedSource *source, const KsEnv *env, KsDD *zz, KsDD *zxy,
				   KsDD *scratch, KsMixedBlocks *blocks)
{
	double *single = env->alloc(env->context, blocks->single_size * sizeof(double));
	KsStatus status = single != NULL ? KS_OK : KS_NO_MEMORY;

	for (size_t group = 0; group < source->groups && status == KS_OK; group++)
	{
		if (group % POLL_EVERY == 0 && env->poll(env->context))
			status = KS_CANCELLED;
		source->block(source->context, group, zz, zxy);
		ks_mixed_block_rotate(blocks, zz, zxy, source->fixed, scratch, single);
		ks_mixed_nested_block(blocks->random, blocks->outer, blocks->columns, single,
							  blocks->single + group * blocks->single_size);
	}
	if (single != NULL)
		env->free(env->context, single);
	return status;
}

/* Rotate every group, note its pattern, then pool. */
static KsStatus
read_groups(const KsMixedSource *source, const KsEnv *env, KsDD *zz, KsDD *zxy,
			KsDD *scratch, Patterns *patterns, KsMixedBlocks *blocks)
{
	for (size_t group = 0; group < source->groups; group++)
	{
		if (group % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		source->block(source->context, group, zz, zxy);
		ks_mixed_block_rotate(blocks, zz, zxy, source->fixed, scratch,
							  blocks->single + group * blocks->single_size);
		note_pattern(blocks, patterns, (uint32_t) group);
	}
	return build_pools(env, patterns, blocks);
}

/* ---- building ---------------------------------------------------------------------- */

static KsStatus
build_groups(const KsMixedSource *source, const KsEnv *env, KsDD *zz, KsDD *zxy,
			 KsDD *scratch, KsMixedBlocks *blocks)
{
	Patterns patterns = {0};
	uint32_t *memory;
	KsStatus status = KS_NO_MEMORY;

	blocks->single_size = ks_packed_size(blocks->random) + blocks->random * blocks->columns;
	blocks->single =
		env->alloc(env->context, (source->groups * blocks->single_size + 1) * sizeof(double));
	if (blocks->outer > 0)
		return blocks->single == NULL
				   ? KS_NO_MEMORY
				   : read_nested_groups(source, env, zz, zxy, scratch, blocks);
	for (patterns.slots = 64; patterns.slots < 2 * source->groups;)
		patterns.slots *= 2;
	memory = env->alloc(env->context,
						(3 * source->groups + patterns.slots) * sizeof(uint32_t));
	if (blocks->single != NULL && memory != NULL)
	{
		patterns.of = memory;
		patterns.first = patterns.of + source->groups;
		patterns.groups = patterns.first + source->groups;
		patterns.slot = patterns.groups + source->groups;
		memset(patterns.slot, 0, patterns.slots * sizeof(uint32_t));
		status = read_groups(source, env, zz, zxy, scratch, &patterns, blocks);
	}
	if (memory != NULL)
		env->free(env->context, memory);
	return status;
}

KsStatus
ks_mixed_blocks_build(const KsMixedSource *source, const KsEnv *env, KsMixedBlocks *blocks)
{
	const size_t fixed = source->fixed, random = source->random;
	const size_t widest = (fixed > random ? fixed : random) + 1;
	const size_t packed = ks_packed_size(random);
	const size_t work_size = 2 * widest * widest + 4 * widest;
	KsDD *work, *zz, *zxy, *sum;
	double *square;
	KsStatus status = KS_NO_MEMORY;

	memset(blocks, 0, sizeof(*blocks));
	blocks->random = random;
	blocks->n = source->n;
	blocks->groups = source->groups;
	blocks->outer = source->outer;
	blocks->outer_groups = source->outer_groups;
	blocks->outer_start = source->outer_start;
	if (source->groups > UINT32_MAX / 4)
		return KS_TOO_LARGE;
	work = env->alloc(env->context,
					  (work_size + 2 * packed + random * (fixed + 1)) * sizeof(KsDD));
	square = env->alloc(env->context, widest * widest * sizeof(double));
	blocks->random_basis = env->alloc(env->context, random * random * sizeof(double));
	blocks->fixed_used = env->alloc(env->context, fixed + 1);
	blocks->random_used = env->alloc(env->context, random + 1);
	if (work != NULL && square != NULL && blocks->random_basis != NULL &&
		blocks->fixed_used != NULL && blocks->random_used != NULL)
	{
		zz = work + work_size;
		sum = zz + packed;
		zxy = sum + packed;
		status = build_fixed_basis(source, env, work, square, blocks);
		if (status == KS_OK)
			status = sum_random(source, env, zz, zxy, sum);
		if (status == KS_OK)
		{
			build_random_basis(source, sum, work, square, blocks);
			status = build_groups(source, env, zz, zxy, work, blocks);
		}
	}
	if (work != NULL)
		env->free(env->context, work);
	if (square != NULL)
		env->free(env->context, square);
	return status;
}

static void
release(const KsEnv *env, void *memory)
{
	if (memory != NULL)
		env->free(env->context, memory);
}

void
ks_mixed_blocks_free(const KsEnv *env, KsMixedBlocks *blocks)
{
	release(env, blocks->single);
	release(env, blocks->pool);
	release(env, blocks->cross);
	release(env, blocks->fixed_basis);
	release(env, blocks->random_basis);
	release(env, blocks->fixed_used);
	release(env, blocks->random_used);
	memset(blocks, 0, sizeof(*blocks));
}
