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

static inline bool
kc_same_short_bytes(const char *a, const char *b, size_t length)
{
	uint32 a_head, a_tail, b_head, b_tail;

	if (length < sizeof(uint32))
		return memcmp(a, b, length) == 0;
	memcpy(&a_head, a, sizeof(uint32));
	memcpy(&b_head, b, sizeof(uint32));
	memcpy(&a_tail, a + length - sizeof(uint32), sizeof(uint32));
	memcpy(&b_tail, b + length - sizeof(uint32), sizeof(uint32));
	return a_head == b_head && a_tail == b_tail;
}

/* Equal bytes, for the short texts labels are. */
static inline bool
kc_same_bytes(const char *a, const char *b, size_t length)
{
	uint64 a_head, a_tail, b_head, b_tail;

	if (length < sizeof(uint64) || length > 2 * sizeof(uint64))
		return length < sizeof(uint64) ? kc_same_short_bytes(a, b, length)
									   : memcmp(a, b, length) == 0;
	memcpy(&a_head, a, sizeof(uint64));
	memcpy(&b_head, b, sizeof(uint64));
	memcpy(&a_tail, a + length - sizeof(uint64), sizeof(uint64));
	memcpy(&b_tail, b + length - sizeof(uint64), sizeof(uint64));
	return a_head == b_head && a_tail == b_tail;
}

/*
 * kc_label_intern of labels that come again and again, in a state of that type;
 * hints is updated, and may be NULL.
 */
static inline KcState *
kc_label_intern_hinted(KcState *state, const KcSummaryType *type, int first,
					   const char *bytes, size_t length, KcLabelHints *hints,
					   uint32 *number)
{
	const KcRegion *region = kc_region(state, type, first + 1);
	const uint32 *ends = kc_region_data(state, region);
	size_t place = length == 0 ? 0 : (length ^ (unsigned char) bytes[length - 1]);
	uint32 *hint;

	if (hints == NULL)
		return kc_label_intern(state, first, bytes, length, number);
	hint = &hints->number[place % KC_LABEL_HINTS];
	if (likely(*hint < region->used / sizeof(uint32)))
	{
		uint32 start = *hint == 0 ? 0 : ends[*hint - 1];
		const char *own = kc_region_data(state, kc_region(state, type, first));

		if (likely(ends[*hint] - start == length && kc_same_bytes(own + start, bytes, length)))
		{
			*number = *hint;
			return state;
		}
	}
	state = kc_label_intern(state, first, bytes, length, number);
	*hint = *number;
	return state;
}

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
