/*
 * kc_model_parts.h
 *	  What the files of kc_model share among themselves.
 */
#ifndef KC_MODEL_PARTS_H
#define KC_MODEL_PARTS_H

#include "summary/kc_model.h"

#define KC_LEVEL_BITS 12
#define KC_LEVEL_MASK ((INT64CONST(1) << KC_LEVEL_BITS) - 1)
#define KC_MODEL_MAX_LABELS ((1 << KC_LEVEL_BITS) - 2)

#define KC_MODEL_MAX_TERMS (KS_MAX_TERMS + KS_MAX_RANDOM * KS_MAX_RANDOM_TERMS)

/* The terms of the fixed part, then those that random parts alone have: how many. */
extern int kc_model_list_terms(const KsFormula *formula,
							   uint64_t terms[KC_MODEL_MAX_TERMS]);

/* The place of a term among others; -1: not there. */
extern int kc_model_find_term(const uint64_t *terms, int n_terms, uint64_t term);

/* A column and its number, for sorting. */
typedef struct KcColumnRef
{
	KcModelColumn column;
	int number;
} KcColumnRef;

/* By term, levels, part. */
extern int kc_model_compare_columns(const void *a, const void *b);

extern KcModelColumn *kc_model_columns_of(const KcState *state);

/* Columns from `first` on that are the parts of one combination of levels. */
extern int kc_model_count_parts(const KcState *state, int first);

extern KcState *kc_model_add_column(KcState *state, KcModelColumn column);

/* The first of the `parts` columns of a term at these levels, added when new. */
extern KcState *kc_model_intern_columns(KcState *state, int32 term, int64 levels,
										int parts, int *column);

extern KcState *kc_model_take_variables(KcState *state, const char *variables,
										size_t length);

/* The levels a factor has, by the first byte of their labels. */
extern int kc_model_count_levels(const KcState *state, char variable);

/* The number of a label, which begins with the variable's byte, added when new. */
extern KcState *kc_model_intern_label(KcState *state, const char *label, size_t length,
									  uint32 *number);

/* The formula and the kinds of its variables; false when they do not fit. */
extern bool kc_model_parse_state(const KcState *state, KsFormula *formula, char *kind);

/* The values of the atoms for the row in hand. */
extern void kc_model_evaluate_atoms(KcModel *model, bool with_outcome);

#endif
