/*
 * kc_labels.h
 *	  A dictionary of labels inside a summary: text in, small number out.
 *
 * Three regions in a row: the bytes of all labels, where each ends, and an
 * index (derived).  Numbers are given in order of arrival, which a plan may
 * change: whatever reads a summary sorts the labels first.
 */
#ifndef KC_LABELS_H
#define KC_LABELS_H

#include "summary/kc_summaries.h"

#define KC_LABEL_PATTERNS "b", "i", ""
#define KC_LABEL_REGIONS 3
#define KC_MAX_LABELS 1000000

/*
 * The number of a label in the dictionary whose first region is `first`, adding
 * it when new.  The state may move.
 */
extern KcState *kc_label_intern(KcState *state, int first, const char *bytes,
								size_t length, uint32 *number);

/* Adds a label known to be new, without looking. */
extern KcState *kc_label_append(KcState *state, int first, const char *bytes,
								size_t length);

/*
 * Numbers given lately, by which frequent labels are found without hashing.  They
 * are looked at before they are believed: any will do, all 0 at first.
 */
#define KC_LABEL_HINTS 8

typedef struct KcLabelHints
{
	uint32 number[KC_LABEL_HINTS];
} KcLabelHints;

/* The same, of labels that come again and again; hints is updated, and may be NULL. */
extern KcState *kc_label_intern_hinted(KcState *state, int first, const char *bytes,
									   size_t length, KcLabelHints *hints, uint32 *number);

/* How many labels there are. */
extern uint32 kc_label_count(const KcState *state, int first);

/* Bytes of a label; not terminated. */
extern const char *kc_label_at(const KcState *state, int first, uint32 number,
							   size_t *length);

/* A copy of a label as a C string. */
extern char *kc_label_cstring(const KcState *state, int first, uint32 number);

/*
 * rank[number] = position in bytewise order, order[position] = number; either
 * may be NULL.
 */
extern void kc_label_order(const KcState *state, int first, uint32 *rank, uint32 *order);

/* Whether a label is there twice: a search would find only the first. */
extern bool kc_label_repeated(const KcState *state, int first);

/*
 * An enum's label begins with a mark, eight hexadecimal digits that sort as the
 * enum does, and the mark again.  kc_level_text gives what to show.
 */
#define KC_ENUM_MARK '\x01'
#define KC_ENUM_PREFIX 10

extern const char *kc_level_text(const char *label);

/* The check of a decoded dictionary: NULL or what is wrong. */
extern const char *kc_label_check(const KcState *state, int first);

#endif
