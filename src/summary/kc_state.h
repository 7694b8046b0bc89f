/*
 * kc_state.h
 *	  The flat value every summary is: header, fixed part, regions.
 *
 * A summary is one varlena without pointers.  After the header comes a part of
 * fixed size (moments, options) and then up to a few regions: arrays that
 * grow, found by offset.  The same bytes are the transition state of the
 * aggregate, the stored value, and what a worker sends to its leader.
 *
 *		KcState | fixed part | KcRegion[regions] | bytes of the regions ...
 *
 * What a summary is made of is said once, in its KcSummaryType.  Growth, trimming,
 * text and binary encoding and the checks of counts against lengths follow
 * from it; a new summary writes add, merge and check, no more.
 *
 * Rules (each broken once in a prototype): a pointer into a state is dead after
 * any call that may grow it; growth never frees its argument, because the
 * executor owns it; sizes are powers of two from 128 bytes; padding inside the
 * used bytes is zero.
 */
#ifndef KC_STATE_H
#define KC_STATE_H

#include "postgres.h"

#include "stat/ks_dd.h"
#include "summary/kc_compat.h"

#define KC_MIN_STATE 128

/* No table has more rows; counts up to here are exact as doubles. */
#define KC_MAX_ROWS (INT64CONST(1) << 53)

typedef struct KcState
{
	int32 vl_len_;	  /* varlena header; its size is the capacity */
	uint16 tag;		  /* which summary: KcTag */
	uint16 version;	  /* layout version of that summary */
	uint32 top;		  /* bytes in use, header included */
	uint32 flags;	  /* meaning is the summary's own; never derived from order */
	int64 n;		  /* rows used */
	int64 n_missing;  /* rows left out for a NULL */
} KcState;

typedef struct KcRegion
{
	uint32 offset;	 /* from the start of the state; 0: not allocated */
	uint32 used;	 /* bytes */
	uint32 capacity; /* bytes */
	uint32 unused;	 /* zero */
} KcRegion;

typedef enum KcTag
{
	KC_VALUE_COUNTS = 1,
	KC_PAIRED_SUMMARY,
	KC_PAIRED_VALUES,
	KC_REPEATED_VALUES,
	KC_CONTINGENCY_TABLE,
	KC_TREND_SUMMARY,
	KC_GROUP_SUMMARY,
	KC_GROUP_VALUES,
	KC_OPIOID_EXPOSURE,
	KC_LINEAR_SUMMARY,
	KC_MEDIATION_SUMMARY,
	KC_MEDIATION_SAMPLE,
	KC_MIXED_SUMMARY,
	KC_TRAJECTORY_SUMMARY,
	KC_TABLE_ONE_SUMMARY,
	KC_LINEAR_MODEL,
	KC_MIXED_MODEL,
	KC_TRAJECTORY_MODEL,
	KC_STRATIFIED_TABLE,
	KC_ITEM_SUMMARY,
} KcTag;

/*
 * The parts of a summary.  A pattern names the fields of one element in order:
 * d = float8, l = int64, i = int32, b = byte.  The fixed part is one element;
 * a region is a sequence of them.  A region with an empty pattern is derived
 * (an index): it is not stored, and absent in a value that was read back.
 */
typedef struct KcSummaryType
{
	const char *name;	 /* the SQL type */
	uint16 tag;
	uint16 version;
	uint16 fixed_size;	 /* bytes of the fixed part, a multiple of 8 */
	uint16 n_regions;
	const char *fixed_pattern;
	const char *region_pattern[20];

	/*
	 * Semantic check of a value from outside, after counts and lengths were
	 * checked; returns NULL or what is wrong.  It also rejects numbers that the
	 * aggregate itself would never have kept (NaN, negative counts).
	 */
	const char *(*check)(const KcState *state);

	/* Adds the second to the first, which may be moved; the second is only read. */
	KcState *(*merge)(KcState *into, const KcState *from);

	/* The canonical trimmed form for storing; NULL: plain trimming will do. */
	KcState *(*finish)(const KcState *state);
} KcSummaryType;

/* The setting ketocohort.max_state_memory, in kB. */
extern int kc_max_state_memory;

extern const KcSummaryType *kc_summary_type(uint16 tag);

extern KcState *kc_state_create(const KcSummaryType *type);
extern KcState *kc_state_copy(const KcState *state);
extern KcState *kc_state_trim(const KcState *state);

/*
 * Makes room for `bytes` more in a region and returns the state, moved or not.
 * Raises 54000 where the state would pass max_state_memory.
 */
extern KcState *kc_region_reserve(KcState *state, int region, size_t bytes);

static inline void *
kc_fixed(const KcState *state)
{
	return (char *) state + sizeof(KcState);
}

static inline KcRegion *
kc_region(const KcState *state, const KcSummaryType *type, int region)
{
	return (KcRegion *) ((char *) state + sizeof(KcState) + type->fixed_size) + region;
}

static inline void *
kc_region_data(const KcState *state, const KcRegion *region)
{
	return (char *) state + region->offset;
}

/* Appends bytes to a region.  The state may move. */
extern KcState *kc_region_append(KcState *state, int region, const void *data,
								 size_t bytes);

/* Encoding: payload bytes in network order, without tag, version and checksum. */
extern size_t kc_encoded_size(const KcState *state);
extern void kc_encode(const KcState *state, unsigned char *out);

/*
 * Reads untrusted bytes.  Returns the state, or NULL with *problem set to what
 * is wrong; never reads past length.
 */
extern KcState *kc_decode(const KcSummaryType *type, const unsigned char *bytes,
						  size_t length, const char **problem);

#endif
