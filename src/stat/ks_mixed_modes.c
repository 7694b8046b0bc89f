/*
 * ks_mixed_modes.c
 *	  Conditional modes of the random effects of a linear mixed model.
 *
 * Given the estimates, the effects of a group are normal with mean K Z'(y - X beta) and
 * covariance sigma^2 K (K: see ks_mixed_deviance.c).  Where groups nest the effects c of
 * the outer group come first, with J and G of ks_mixed_nested.c in the place of K and
 * Z'y; a group's mean is then K Z'(y - X beta - W c), and its covariance grows by that
 * of c: sigma^2 (K + K Z'W J W'Z K).
 *
 * Source: Bates, Maechler, Bolker and Walker 2015, J Stat Softw 67(1).
 */
#include <string.h>

#include "stat/ks_mixed_group.h"
#include "stat/ks_mixed_nested.h"
#include "stat/ks_mixed.h"

#define POLL_EVERY 512

#define MOST_BLOCK (KS_MIXED_MOST_RANDOM * (KS_MIXED_MOST_RANDOM + 3) / 2)
#define MOST_SQUARE (KS_MIXED_MOST_RANDOM * KS_MIXED_MOST_RANDOM)

/* The columns of Z of one level, and where its modes go. */
typedef struct Level
{
	size_t size;
	double sigma;
	double basis[MOST_SQUARE]; /* size x size */
	double factor[MOST_SQUARE];
	double *modes;
	double *covariances; /* or NULL */
} Level;

/* What reading the groups needs. */
typedef struct Reading
{
	const KsMixedSource *source;
	const KsEnv *env;
	KsMixedBlocks blocks; /* of Z and the residual */
	KsDD *zz;
	KsDD *zxy;
	KsDD *scratch;
} Reading;

static void
take_level(const KsMixedFit *fit, size_t first, size_t size, Level *level)
{
	level->size = size;
	level->sigma = fit->sigma;
	for (size_t i = 0; i < size; i++)
		for (size_t j = 0; j < size; j++)
		{
			const size_t at = (first + i) * fit->random + first + j;

			level->basis[i * size + j] = fit->basis[at];
			level->factor[i * size + j] = fit->basis_factor[at];
		}
}

/* The group's effects from those in the basis, and their covariance in it. */
static void
set_group(const Level *level, size_t group, const double *effects, const double *covariance)
{
	const size_t q = level->size;
	const double *basis = level->basis;
	double *to = level->modes + group * q;

	for (size_t i = 0; i < q; i++)
	{
		to[i] = 0;
		for (size_t k = 0; k <= i; k++)
			to[i] += basis[i * q + k] * effects[k];
	}
	if (level->covariances == NULL)
		return;
	to = level->covariances + group * q * q;
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
		{
			double sum = 0;

			for (size_t k = 0; k <= i; k++)
				for (size_t l = 0; l <= j; l++)
					sum += basis[i * q + k] * covariance[k * q + l] * basis[j * q + l];
			to[i * q + j] = sum * level->sigma * level->sigma;
		}
}

/* effects = kernel * products. */
static void
effects_of(const double *kernel, const double *products, size_t q, double *effects)
{
	for (size_t i = 0; i < q; i++)
	{
		effects[i] = 0;
		for (size_t k = 0; k < q; k++)
			effects[i] += kernel[i * q + k] * products[k];
	}
}

/* The block of a group in the bases, with the residual as its only column of [X y]. */
static bool
read_group(Reading *reading, size_t group, double *block)
{
	const KsMixedSource *source = reading->source;

	if (group % POLL_EVERY == 0 && reading->env->poll(reading->env->context))
		return false;
	source->block(source->context, group, reading->zz, reading->zxy);
	ks_mixed_block_rotate(&reading->blocks, reading->zz, reading->zxy, source->fixed,
						  reading->scratch, block);
	return true;
}

static KsStatus
read_groups(Reading *reading, const Level *level)
{
	const size_t q = level->size;
	double block[MOST_BLOCK], kernel[MOST_SQUARE], effects[KS_MIXED_MOST_RANDOM];

	for (size_t group = 0; group < reading->source->groups; group++)
	{
		if (!read_group(reading, group, block))
			return KS_CANCELLED;
		ks_mixed_kernel(block, level->factor, q, kernel);
		effects_of(kernel, block + ks_packed_size(q), q, effects);
		set_group(level, group, effects, kernel);
	}
	return KS_OK;
}

/* ---- groups that nest --------------------------------------------------------------------- */

static bool
read_nested_group(Reading *reading, size_t group, double *block)
{
	double single[MOST_BLOCK];

	if (!read_group(reading, group, single))
		return false;
	ks_mixed_nested_block(reading->source->random, reading->source->outer, 1, single, block);
	return true;
}

/* Adds a group to H and G of its outer group: packed, then outer values. */
static void
add_to_outer(const double *block, const Level *inner, size_t outer, double *sum)
{
	const size_t q = inner->size;
	const double *products = block + ks_packed_size(q);
	const double *rest = products + q * (outer + 1);
	double scaled[MOST_SQUARE];
	const double *last = scaled + q;

	ks_group_scale(block, products, inner->factor, q, outer + 1, scaled);
	for (size_t i = 0; i < outer; i++)
		for (size_t j = 0; j <= i; j++)
			*sum++ += *rest++ - ks_group_product(last + i * q, last + j * q, q);
	for (size_t i = 0; i < outer; i++)
		*sum++ += *rest++ - ks_group_product(last + i * q, scaled, q);
}

/* A group, given the effects of its outer group and their covariance, both in the basis. */
static void
set_nested_group(const double *block, const Level *inner, size_t group, size_t outer,
				 const double *outer_effects, const double *outer_kernel)
{
	const size_t q = inner->size, width = outer + 1;
	const double *products = block + ks_packed_size(q);
	double kernel[MOST_SQUARE], left[KS_MIXED_MOST_RANDOM], effects[KS_MIXED_MOST_RANDOM];
	double share[MOST_SQUARE]; /* K Z'W, q x outer */

	ks_mixed_kernel(block, inner->factor, q, kernel);
	for (size_t i = 0; i < q; i++)
	{
		left[i] = products[i * width];
		for (size_t j = 0; j < outer; j++)
		{
			left[i] -= products[i * width + 1 + j] * outer_effects[j];
			share[i * outer + j] = 0;
			for (size_t k = 0; k < q; k++)
				share[i * outer + j] += kernel[i * q + k] * products[k * width + 1 + j];
		}
	}
	effects_of(kernel, left, q, effects);
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++)
			for (size_t k = 0; k < outer; k++)
				for (size_t l = 0; l < outer; l++)
					kernel[i * q + j] += share[i * outer + k] * outer_kernel[k * outer + l] *
										 share[j * outer + l];
	set_group(inner, group, effects, kernel);
}

static KsStatus
read_nested_groups(Reading *reading, const Level *inner, const Level *outer)
{
	const KsMixedSource *source = reading->source;
	const uint32_t *start = source->outer_start;
	double block[MOST_BLOCK];

	for (size_t i = 0; i < source->outer_groups; i++)
	{
		double sum[MOST_BLOCK] = {0}, kernel[MOST_SQUARE], effects[KS_MIXED_MOST_RANDOM];

		for (size_t group = start[i]; group < start[i + 1]; group++)
		{
			if (!read_nested_group(reading, group, block))
				return KS_CANCELLED;
			add_to_outer(block, inner, outer->size, sum);
		}
		ks_mixed_kernel(sum, outer->factor, outer->size, kernel);
		effects_of(kernel, sum + ks_packed_size(outer->size), outer->size, effects);
		set_group(outer, i, effects, kernel);
		for (size_t group = start[i]; group < start[i + 1]; group++)
		{
			if (!read_nested_group(reading, group, block))
				return KS_CANCELLED;
			set_nested_group(block, inner, group, outer->size, effects, kernel);
		}
	}
	return KS_OK;
}

/* ---- all ---------------------------------------------------------------------------------- */

static KsStatus
read_modes(Reading *reading, const KsMixedFit *fit, double *modes, double *covariances)
{
	const size_t q = fit->random - fit->outer;
	Level inner, outer;

	take_level(fit, 0, q, &inner);
	inner.modes = modes;
	inner.covariances = covariances;
	if (fit->outer == 0)
		return read_groups(reading, &inner);
	take_level(fit, q, fit->outer, &outer);
	outer.modes = modes + fit->groups * q;
	outer.covariances = covariances == NULL ? NULL : covariances + fit->groups * q * q;
	return read_nested_groups(reading, &inner, &outer);
}

/* Of a model that could not be fitted. */
static void
clear_modes(const KsMixedFit *fit, double *modes, double *covariances)
{
	const size_t q = fit->random - fit->outer;

	for (size_t i = 0; i < fit->groups * q + fit->outer_groups * fit->outer; i++)
		modes[i] = NAN;
	for (size_t i = 0; covariances != NULL && i < fit->groups * q * q +
														fit->outer_groups * fit->outer *
															fit->outer;
		 i++)
		covariances[i] = NAN;
}

KsStatus
ks_mixed_modes(const KsMixedSource *source, const KsMixedFit *fit, const KsEnv *env,
			   double *modes, double *covariances)
{
	const size_t q = source->random, fixed = source->fixed, packed = ks_packed_size(q);
	const size_t doubles = packed + q * (fixed + 1) + q * (q + 1);
	Reading reading = {.source = source, .env = env};
	double *residual; /* -beta and 1 */
	KsStatus status;

	if (isnan(fit->sigma))
	{
		clear_modes(fit, modes, covariances);
		return KS_OK;
	}
	reading.zz = env->alloc(env->context,
							doubles * sizeof(KsDD) + (fixed + 1) * sizeof(double));
	if (reading.zz == NULL)
		return KS_NO_MEMORY;
	reading.zxy = reading.zz + packed;
	reading.scratch = reading.zxy + q * (fixed + 1);
	residual = (double *) (reading.zz + doubles);
	for (size_t i = 0; i < fixed; i++)
		residual[i] = isnan(fit->beta[i]) ? 0 : -fit->beta[i];
	residual[fixed] = 1;
	reading.blocks = (KsMixedBlocks){
		.random = q, .columns = 1, .fixed_basis = residual, .random_basis = fit->basis};
	status = read_modes(&reading, fit, modes, covariances);
	env->free(env->context, reading.zz);
	return status;
}
