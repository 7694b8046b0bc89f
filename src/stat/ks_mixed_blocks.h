/*
 * ks_mixed_blocks.h
 *	  The data of a linear mixed model as the deviance reads them: one small block
 *	  for each group, in bases of the columns that lose no digits.
 */
#ifndef KS_MIXED_BLOCKS_H
#define KS_MIXED_BLOCKS_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/*
 * What the rows left behind.  X has `fixed` columns and y follows it as column
 * `fixed`; Z has `random` columns, listed term by term: columns of one term are
 * correlated, columns of different terms are not.
 */
typedef struct KsMixedSource
{
	size_t fixed;
	size_t random;
	size_t terms;
	const size_t *term_size; /* columns of Z in each term, summing to `random` */
	size_t groups;			 /* in an order that depends on their keys alone */

	/*
	 * Where groups nest (patients in sites), the last `outer` columns of Z, in terms
	 * of their own, belong to the outer groups, of which number i has the groups from
	 * outer_start[i] to outer_start[i + 1]; outer_groups + 1 of these.  Crossed: no
	 * grouping factor nests in the other, there are no outer groups and no fit.
	 */
	size_t outer;
	size_t outer_groups;
	const uint32_t *outer_start;
	bool crossed;
	int64_t n;				 /* rows */
	const KsDD *cross;		 /* packed [X y]'[X y] of all rows, fixed + 1 columns */

	/*
	 * Fetch a group: zz = packed Z'Z, zxy = Z'[X y] row by row, `random` rows of
	 * fixed + 1.
	 */
	void (*block)(const void *context, size_t group, KsDD *zz, KsDD *zxy);
	const void *context;
} KsMixedSource;

/*
 * The same data with y replaced by its least squares residual, with the columns
 * of X that can be estimated made orthonormal and those of Z orthogonal within
 * their term with mean square 1.  Each basis is triangular, so a relative factor
 * in one basis is a relative factor in the other.  Groups with equal Z'Z are
 * pooled: the deviance needs of them only sums of products of Z'[X y].
 *
 * A single group is [Z'Z packed | Z'[X y], random rows of columns]; a pool is
 * [Z'Z packed | groups | for each packed pair of rows (a, b) of Z'[X y] the
 * packed sum of their products, a b' + b a' where they differ].
 *
 * Groups that nest are neither pooled nor counted as single: `single` holds all of
 * them as ks_mixed_nested.h has them.
 */
typedef struct KsMixedBlocks
{
	size_t random;
	size_t columns; /* estimable columns of X, and y */
	int64_t n;
	size_t groups;
	size_t outer; /* and the next two: as in the source */
	size_t outer_groups;
	const uint32_t *outer_start;
	size_t singles;
	size_t single_size;
	double *single;
	size_t pools;
	size_t pool_size;
	double *pool;
	double *cross;		  /* columns x columns: [X y]'[X y] in the basis */
	double *fixed_basis;  /* (fixed + 1) x columns: column j of the basis; the last is y */
	double *random_basis; /* random x random */
	bool *fixed_used;	  /* fixed: false where a column depends on those before it */
	bool *random_used;	  /* random: false where it depends on those after it */
	double log_det;		  /* log determinant of X'X of the estimable columns */
	bool exact;			  /* least squares leave no residual */
} KsMixedBlocks;

/* Read the source and build the blocks.  Free them also after a failure. */
extern KsStatus ks_mixed_blocks_build(const KsMixedSource *source, const KsEnv *env,
									  KsMixedBlocks *blocks);

extern void ks_mixed_blocks_free(const KsEnv *env, KsMixedBlocks *blocks);

/*
 * One group in the bases: scratch holds random * (columns + random) double-doubles,
 * block the layout of a single group.
 */
extern void ks_mixed_block_rotate(const KsMixedBlocks *blocks, const KsDD *zz,
								  const KsDD *zxy, size_t fixed, KsDD *scratch,
								  double *block);

#endif
