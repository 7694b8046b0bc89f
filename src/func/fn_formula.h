/*
 * fn_formula.h
 *	  A formula and a record: which column is which variable, and the row in hand.
 */
#ifndef FN_FORMULA_H
#define FN_FORMULA_H

#include "func/fn_row.h"
#include "stat/ks_products.h"
#include "summary/kc_model.h"

/* What a formula may hold besides its fixed part. */
typedef enum KcFormulaKind
{
	KC_FORMULA_FIXED,      /* nothing */
	KC_FORMULA_RANDOM,     /* at least one random term: (1 + t | id) */
	KC_FORMULA_TRAJECTORY, /* a subject: y ~ t | id */
} KcFormulaKind;

/* Kept from row to row for one formula and one row type. */
typedef struct KcModelReader
{
	KcRowReader *row;
	MemoryContext context; /* of the model and the text */
	KcModel *model;
	int column[KS_MAX_VARIABLES]; /* of the row; -1: not there and not needed */
	size_t formula_length;
	char *formula;
	int n_direct; /* columns of a plain model whose place in the row is known; 0: none */
	int direct[KS_PRODUCT_COLUMNS];
	Oid direct_type[KS_PRODUCT_COLUMNS];
} KcModelReader;

/*
 * The reader for the formula text in argument `formula_arg` and the record in
 * `row_arg`, neither NULL, with the record taken apart.  Kept in the function's
 * extra memory and made anew when either changes.  Raises 42601 for a formula
 * that does not parse, 42703 for an unknown column, 42804 for a column of the
 * wrong type, 22023 for a formula not of this kind.
 */
extern KcModelReader *kc_model_reader(FunctionCallInfo fcinfo, int formula_arg,
									  int row_arg, KcFormulaKind kind);

/*
 * The same for a formula already parsed, of a stored model, whose outcome the
 * record need not have: `kinds` are those of its variables when it was fitted.
 */
extern void kc_model_reader_attach(KcModelReader *reader, FunctionCallInfo fcinfo,
								   int row_arg, KcModel *model);

/*
 * Takes the row's values into reader->model.  False when one that is needed is
 * NULL; with_outcome says whether the outcome is.  Grouping variables are left
 * to the caller.
 */
extern bool kc_model_read(KcModelReader *reader, bool with_outcome);

/*
 * What every builder of a grouped model begins with: sets formula and variables
 * of the state in argument 0 and reads the row.  Arguments 1 and 2 are formula
 * and record.  NULL when the row is incomplete; it is then counted as missing.
 */
extern KcModelReader *kc_model_next_row(FunctionCallInfo fcinfo, KcState **state,
										KcFormulaKind kind);

/*
 * The key of the row's group: the values of n variables with the separator between
 * them, NULL when one is NULL.  Raises 22023 for a value with a separator that is a
 * control character.
 */
extern const char *kc_model_group_key(const KcModelReader *reader, const int *variable,
									  int n, char separator, size_t *length);

/*
 * The short way for the same arguments, a plain model and a record without
 * NULLs: reads the state's columns into value, value[0] = 1, and returns how
 * many; 0 where kc_model_next_row must be called.
 */
extern int kc_model_read_direct(FunctionCallInfo fcinfo, const KcState *state,
								double value[KS_PRODUCT_COLUMNS]);

#endif
