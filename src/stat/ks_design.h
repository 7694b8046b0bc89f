/*
 * ks_design.h
 *	  From a formula and the levels of its factors to the columns of a model:
 *	  coding, names as R gives them, values of a row, hypotheses of type III.
 */
#ifndef KS_DESIGN_H
#define KS_DESIGN_H

#include "stat/ks_formula.h"

#define KS_MAX_COLUMNS 2000     /* of a design */
#define KS_MAX_TERM_FACTORS 5   /* factors in one interaction */
#define KS_MAX_LEVELS 64        /* of a factor */
#define KS_COLUMN_NAME_SIZE 512 /* a longer name is cut */

/* The levels of a variable, in order, the reference first; none for a number. */
typedef struct KsLevels
{
	int count;
	const char *const *level;
} KsLevels;

/* What a term is made of, once it is known which variables are factors. */
typedef struct KsTermShape
{
	int n_factors;
	int factor[KS_MAX_TERM_FACTORS]; /* their atoms, ascending */
	int n_numbers;
	int number[KS_MAX_ATOMS]; /* the other atoms, ascending */
	int parts; /* products of their columns: 1 unless poly() is among them */
} KsTermShape;

/* Why a formula and its columns do not fit together. */
typedef struct KsShapeError
{
	int variable;  /* a factor inside a function, or the response; else -1 */
	uint64_t term; /* a term too large, else 0 */
} KsShapeError;

/*
 * The shape of a term.  is_factor: one entry a variable.  False with the error
 * filled in when a factor stands inside a function or the term has too many.
 */
extern bool ks_term_shape(const KsFormula *formula, uint64_t term, const bool *is_factor,
						  KsTermShape *shape, KsShapeError *error);

/*
 * The numeric factor of a term for one row, shape->parts values, from the atoms'
 * values: atom a has its columns from value[first[a]].
 */
extern void ks_term_parts(const KsFormula *formula, const KsTermShape *shape,
						  const KsDD *value, const int *first, KsDD *part);

/* A column: an indicator of levels times a numeric part of its term. */
typedef struct KsDesignColumn
{
	int term; /* -1: the intercept */
	int part;
	int level[KS_MAX_TERM_FACTORS]; /* of the shape's factors */
} KsDesignColumn;

typedef struct KsDesignTerm
{
	KsTermShape shape;
	bool full[KS_MAX_TERM_FACTORS]; /* coded by all levels, not by contrasts */
	int first_column;
	int n_columns;
} KsDesignTerm;

typedef struct KsDesign
{
	const KsFormula *formula;
	const KsLevels *levels; /* one entry a variable */
	bool intercept;
	int n_terms;
	const uint64_t *term_atoms;
	KsDesignTerm *term;
	int n_columns;
	KsDesignColumn *column;
} KsDesign;

/*
 * The columns of the terms given (those of the formula, or of a random part)
 * in R's order, with R's rule for which factors are coded by contrasts.
 * Treatment contrasts: one indicator for each level but the first.  Both
 * pointers are kept.  KS_TOO_LARGE past KS_MAX_COLUMNS.
 */
extern KsStatus ks_design_build(const KsFormula *formula, const uint64_t *terms,
								int n_terms, bool intercept, const KsLevels *levels,
								const KsEnv *env, KsDesign *design);

extern void ks_design_free(KsDesign *design, const KsEnv *env);

/* The name of a column as R gives it. */
extern void ks_design_name(const KsDesign *design, int column,
						   char name[KS_COLUMN_NAME_SIZE]);

/* How many rows the type III hypothesis of a term has. */
extern int ks_type3_rows(const KsDesign *design, int term);

/*
 * The hypothesis of type III: rows * n_columns weights, row by row, all zero at
 * once when the term has no effect averaged over the levels of the other
 * factors, each level counted alike, and numbers at 0.
 */
extern void ks_type3_weights(const KsDesign *design, int term, double *weights);

#endif
