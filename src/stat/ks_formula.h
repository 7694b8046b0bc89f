/*
 * ks_formula.h
 *	  Model formulas in R's grammar: text in, terms and column programs out.
 */
#ifndef KS_FORMULA_H
#define KS_FORMULA_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

#define KS_FORMULA_BYTES 4096 /* longest formula */
#define KS_MAX_VARIABLES 64
#define KS_MAX_ATOMS 64 /* a term is a set of atoms in 64 bits */
#define KS_MAX_TERMS 512
#define KS_MAX_STEPS 512
#define KS_MAX_DEPTH 32  /* of parentheses */
#define KS_MAX_DEGREE 20 /* of poly() */
#define KS_MAX_RANDOM 8
#define KS_MAX_RANDOM_TERMS 16
#define KS_MAX_GROUPING 4 /* names in site/ward/patient */
#define KS_FORMULA_POOL 24576

/* One step of a column's program, in postfix order. */
typedef enum KsOperation
{
	KS_PUSH_VARIABLE,
	KS_PUSH_NUMBER,
	KS_ADD,
	KS_SUBTRACT,
	KS_MULTIPLY,
	KS_DIVIDE,
	KS_POWER,
	KS_NEGATE,
	KS_LOG,
	KS_EXP,
	KS_SQRT,
} KsOperation;

typedef struct KsStep
{
	KsOperation operation;
	int variable;
	double number;
} KsStep;

typedef struct KsVariable
{
	int name;     /* offset in the pool: the column's name as the table has it */
	int position; /* character in the formula where it is first named, from 1 */
	bool in_response;
	bool in_terms;    /* of the fixed or the random part */
	bool in_grouping; /* names a patient, a site ... */
} KsVariable;

/* What a term is made of: a column as it is, or a function of columns. */
typedef struct KsAtom
{
	int label; /* offset in the pool: as R prints it */
	int first_step;
	int n_steps;
	int variable; /* the column, where it is taken as it is; else -1 */
	int columns;  /* 1, or the degree of poly() */
} KsAtom;

typedef struct KsGrouping
{
	int n_variables;
	int variable[KS_MAX_GROUPING]; /* outer first */
	bool nested;                   /* site/patient; else site:patient */
	int position;
} KsGrouping;

/* (1 + t | id), or with || uncorrelated. */
typedef struct KsRandom
{
	bool intercept;
	bool correlated;
	int n_terms;
	uint64_t term[KS_MAX_RANDOM_TERMS];
	KsGrouping grouping;
} KsRandom;

/*
 * A parsed formula: flat, without pointers.  Terms are sets of atoms, in R's
 * order (main effects first, then by the number of atoms), without the
 * intercept and without repetition.
 */
typedef struct KsFormula
{
	int n_variables;
	KsVariable variable[KS_MAX_VARIABLES];
	int n_atoms;
	KsAtom atom[KS_MAX_ATOMS];
	int response; /* its atom */
	bool intercept;
	bool has_dot; /* "." stood for the other columns */
	int n_terms;
	uint64_t term[KS_MAX_TERMS];
	int n_random;
	KsRandom random[KS_MAX_RANDOM];
	KsGrouping subject; /* of y ~ t | id; no variables when absent */
	int n_steps;
	KsStep step[KS_MAX_STEPS];
	int pool_used;
	char pool[KS_FORMULA_POOL];
} KsFormula;

typedef struct KsFormulaError
{
	bool too_large; /* a limit was passed; else the text is no formula */
	int position;   /* character, from 1 */
	char message[KS_NOTE_SIZE];
} KsFormulaError;

/*
 * Parses text.  columns: the names "." may stand for, in order, NULL when not
 * known.  Returns false with the error filled in.
 */
extern bool ks_formula_parse(const char *text, size_t length, const char *const *columns,
							 int n_columns, KsFormula *formula, KsFormulaError *error);

static inline const char *
ks_formula_text(const KsFormula *formula, int offset)
{
	return formula->pool + offset;
}

/*
 * The values of an atom for one row, atom->columns of them (poly() gives powers
 * in rising order), from the values of the variables.  Powers, products and
 * sums are kept in double-double.  A value that is not finite (logarithm of 0)
 * is returned as it is.
 */
extern void ks_formula_evaluate(const KsFormula *formula, const KsAtom *atom,
								const KsDD *variable, KsDD *value);

/* The label of a term: those of its atoms joined by ":"; cut at size. */
extern void ks_formula_term_label(const KsFormula *formula, uint64_t term, char *label,
								  size_t size);

#endif
