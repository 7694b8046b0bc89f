/*
 * kc_model.h
 *	  What the summaries of models share: a formula, its variables, the levels
 *	  met so far, and a numbered list of columns that only grows.
 *
 * Columns are those of full indicator coding: for each combination of levels
 * met, the product of a term's numbers.  A combination not met yet was 0 in
 * every earlier row, so a column can be added at any time and cross-products
 * stay exact; contrasts are chosen when the summary is read.
 *
 * The state begins with these regions; what is kept per column follows:
 *		formula		the text, as given
 *		variables	of each: kind, name, zero byte; empty until a row was seen
 *		levels		a dictionary; a label is the variable's number + 1 and the level
 *		columns		KcModelColumn, by number: constant, outcome, numeric terms, rest
 *		index		of the columns with levels (derived)
 */
#ifndef KC_MODEL_H
#define KC_MODEL_H

#include "stat/ks_design.h"
#include "summary/kc_labels.h"

#define KC_MODEL_PATTERNS "b", "b", KC_LABEL_PATTERNS, "iil", ""

enum
{
	KC_MODEL_FORMULA = 0,
	KC_MODEL_VARIABLES,
	KC_MODEL_LEVELS,
	KC_MODEL_COLUMNS = KC_MODEL_LEVELS + KC_LABEL_REGIONS,
	KC_MODEL_INDEX,
	KC_MODEL_REGIONS
};

/* States of models have no fixed part, so their regions need no look-up. */
static inline KcRegion *
kc_model_region(const KcState *state, int region)
{
	return (KcRegion *) ((char *) state + sizeof(KcState)) + region;
}

/* Larger ones overflow when squared and summed. */
#define KC_LARGEST_VALUE 1e149

#define KC_TERM_CONSTANT (-1)
#define KC_TERM_OUTCOME (-2)

typedef struct KcModelColumn
{
	int32 term;   /* of the model, or a KC_TERM_ */
	int32 part;   /* which product of the term's numeric columns */
	int64 levels; /* label numbers + 1, 12 bits each, first factor lowest */
} KcModelColumn;

/* What a variable is to the model. */
#define KC_VARIABLE_NUMBER 'n'
#define KC_VARIABLE_FACTOR 'f'
#define KC_VARIABLE_BOOLEAN 'b' /* a factor whose levels R calls FALSE and TRUE */
#define KC_VARIABLE_GROUP 'g'   /* names a patient or site, and nothing else */

/* A product of two entries of a row, and where in a group's block it goes. */
typedef struct KcPair
{
	uint16 first;
	uint16 second;
	uint32 place;
} KcPair;

/* A formula made ready to read rows, with room for one row. */
typedef struct KcModel
{
	KsFormula formula;
	char kind[KS_MAX_VARIABLES];
	bool is_factor[KS_MAX_VARIABLES];
	char *variables; /* as in the state */
	size_t variables_length;
	int n_terms; /* of the fixed part, and after them those of random parts alone */
	uint64_t *term;
	KsTermShape *shape;
	bool *leading;     /* of term + 2: its products with all columns are kept by group */
	int *fixed_column; /* of a term without factors: its first column */
	int n_fixed;       /* columns known before any row */
	bool plain;        /* every column is a variable as it is */
	bool unshifted;    /* plain, and its rows are read the short way */
	bool evaluated[KS_MAX_ATOMS]; /* atoms with numeric values */
	int first[KS_MAX_ATOMS];      /* where an atom's values begin */

	/* the row in hand */
	KsDD number[KS_MAX_VARIABLES];
	const char *level[KS_MAX_VARIABLES];
	size_t level_length[KS_MAX_VARIABLES];
	KsDD *value; /* of the atoms */
	KsDD *part;
	int n_entries; /* columns that are not 0 */
	int *entry_column;
	KsDD *entry_value;

	/* their products in a group's block, and for which columns that holds */
	int n_pairs;
	KcPair *pair;
	int *placed_column;
	int *placed_pattern;
	uint32 last_group;

	/* variables that name the row's group, set by who adds rows; 0: not yet */
	int n_key;
	int key[2 * KS_MAX_GROUPING];
	char key_separator;
} KcModel;

/* Whether the row's values are doubles, without a lower part. */
static inline bool
kc_model_row_is_double(const KcModel *model)
{
	double low = 0;

	for (int e = 0; e < model->n_entries; e++)
		low += fabs(model->entry_value[e].lo);
	return low == 0;
}

/* Whether every row has every column, in order: no term has levels. */
static inline bool
kc_model_rows_are_full(const KcModel *model)
{
	return model->n_entries == model->n_fixed;
}

/*
 * Makes a parsed formula ready; kind: one letter a variable.  Raises 42804 for
 * a factor used as a number, 54000 for too large a term.
 */
extern KcModel *kc_model_compile(const KsFormula *formula, const char *kind);

/*
 * The model of a state that has seen a row, for reading it; NULL when the
 * formula or the variables are not what the aggregate writes.
 */
extern KcModel *kc_model_of_state(const KcState *state);

extern const char *kc_model_formula(const KcState *state, size_t *length);

static inline bool
kc_model_has_rows(const KcState *state)
{
	return kc_model_region(state, KC_MODEL_VARIABLES)->used > 0;
}

/*
 * Sets the formula of a new state, or checks that it is the one of the state:
 * 22023 when it differs.  The state may move.
 */
extern KcState *kc_model_set_formula(KcState *state, const char *formula, size_t length);

/* memcmp of two formulas, which are short and compared in every row. */
static inline bool
kc_model_same_text(const char *a, const char *b, size_t length)
{
	for (; length >= sizeof(uint64); length -= sizeof(uint64))
	{
		uint64 x, y;

		memcpy(&x, a, sizeof(x));
		memcpy(&y, b, sizeof(y));
		if (x != y)
			return false;
		a += sizeof(x);
		b += sizeof(y);
	}
	for (; length > 0; length--)
		if (*a++ != *b++)
			return false;
	return true;
}

static inline bool
kc_model_has_formula(const KcState *state, const char *formula, size_t length)
{
	const KcRegion *own = kc_model_region(state, KC_MODEL_FORMULA);

	return own->used == length &&
		   kc_model_same_text((const char *) state + own->offset, formula, length);
}

/* The same for the variables (42804 when they differ); lays out the fixed columns. */
extern KcState *kc_model_set_variables(KcState *state, const KcModel *model);

/*
 * The columns of the row in hand that are not 0, in model->entry_column and
 * entry_value: constant, outcome, then the terms.  New columns are added to
 * the state, which may move.  Raises 22003 for a value that is not finite or
 * too large to be squared.
 */
extern KcState *kc_model_enter_row(KcState *state, KcModel *model);

/* Whether a column's products with all others are kept by group. */
extern bool kc_model_is_leading(const KcState *state, const KcModel *model, int column);

/* How many columns the state has, and how many of them have no levels: the first. */
extern int kc_model_n_columns(const KcState *state);
extern int kc_model_n_fixed(const KcState *state);

/* Whether the state has n columns, none of them of levels. */
static inline bool
kc_model_is_fixed(const KcState *state, int n)
{
	const KcRegion *region = kc_model_region(state, KC_MODEL_COLUMNS);
	const KcModelColumn *columns =
		(const KcModelColumn *) ((const char *) state + region->offset);

	return region->used == n * sizeof(KcModelColumn) && columns[n - 1].levels == 0;
}

/*
 * Adds what `from` has that `into` lacks; column[i] is where column i of `from`
 * is in `into`.  Raises 22023 or 42804 when they are of different models.
 */
extern KcState *kc_model_merge(KcState *into, const KcState *from, int *column);

/* The same into an empty state, in an order that depends on the content alone. */
extern KcState *kc_model_canonical(KcState *into, const KcState *from, int *column);

/* The check of a decoded state: NULL or what is wrong. */
extern const char *kc_model_check(const KcState *state);

/* The levels of the variables as R shows them, and the label number of each. */
typedef struct KcModelLevels
{
	KsLevels levels[KS_MAX_VARIABLES];
	uint32 *number[KS_MAX_VARIABLES];
} KcModelLevels;

extern void kc_model_levels(const KcState *state, const KcModel *model,
							KcModelLevels *levels);

/* The state's column for one of the design; -1: the combination was never met. */
extern int kc_model_find_column(const KcState *state, const KsDesign *design,
								const KcModelLevels *levels, int design_column);

/*
 * The columns of the design for the row in hand, without its outcome.  False
 * when it has a level that was not met when the model was fitted.
 */
extern bool kc_model_design_row(const KcState *state, KcModel *model,
								const KsDesign *design, const KcModelLevels *levels,
								double *row);

#endif
