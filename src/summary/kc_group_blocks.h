/*
 * kc_group_blocks.h
 *	  Cross-products of a model's columns for each group (patient) inside a state.
 *
 * A group keeps, in double-double, the products of the leading columns its rows
 * touched with all columns they touched: of a mixed model those of the random
 * part lead, of a trajectory all.  Which columns these are is a pattern, shared
 * by the groups that have the same; columns that are 0 for a patient (the other
 * sex, visits not made) take no room.
 *
 * Regions, from `first`:
 *		keys		a dictionary: the group's key as text
 *		groups		KcGroupBlock, by the number of the key
 *		sums		double-doubles, the groups' blocks
 *		patterns	int32: leading columns, all columns, the leading ones ascending,
 *					the others ascending
 *		index		of the patterns (derived)
 */
#ifndef KC_GROUP_BLOCKS_H
#define KC_GROUP_BLOCKS_H

#include "summary/kc_model.h"

#define KC_GROUP_BLOCK_PATTERNS KC_LABEL_PATTERNS, "ii", "dd", "i", ""
#define KC_GROUP_BLOCK_REGIONS (KC_LABEL_REGIONS + 4)

typedef struct KcGroupBlock
{
	uint32 pattern; /* where it begins, counted in int32 */
	uint32 start;   /* of its sums, counted in double-doubles */
} KcGroupBlock;

/*
 * The number of the group with this key, which is added when new; it must then
 * be given a row before anything else is done to the state.
 */
extern KcState *kc_group_blocks_find(KcState *state, int first, KcModel *model,
									 const char *key, size_t length, uint32 *group);

/* Adds the row in hand, which kc_model_enter_row has entered.  The state may move. */
extern KcState *kc_group_blocks_add_row(KcState *state, int first, KcModel *model,
										uint32 group);

/* Adds the groups of `from`; column as kc_model_merge gives it. */
extern KcState *kc_group_blocks_merge(KcState *into, const KcState *from, int first,
									  const int *column);

/* The same into an empty state, in the order of the keys. */
extern KcState *kc_group_blocks_canonical(KcState *into, const KcState *from, int first,
										  const int *column);

/* The check of a decoded state: NULL or what is wrong. */
extern const char *kc_group_blocks_check(const KcState *state, int first,
										 const KcModel *model);

static inline uint32
kc_group_count(const KcState *state, int first)
{
	return kc_label_count(state, first);
}

/* For reading blocks one after the other. */
typedef struct KcGroupReader
{
	const KcState *state;
	int first;
	int *position;  /* of each column in the pattern, -1: not in it */
	int pattern;    /* the one `position` is of; -1: none */
	int n_leading;
	int n_columns;
	const KsDD *sums; /* of the group in hand */
} KcGroupReader;

extern void kc_group_reader_start(KcGroupReader *reader, const KcState *state, int first);
extern void kc_group_reader_go(KcGroupReader *reader, uint32 group);

/* The sum of products of a leading column with another; -1 for a column of zeros. */
extern KsDD kc_group_reader_sum(const KcGroupReader *reader, int leading, int column);

#endif
