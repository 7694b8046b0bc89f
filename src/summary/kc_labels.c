/*
 * kc_labels.c
 *	  A dictionary of labels inside a summary.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "summary/kc_labels.h"

enum
{
	BYTES,
	ENDS,
	INDEX,
};

static KcRegion *
part(const KcState *state, int first, int which)
{
	return kc_region(state, kc_summary_type(state->tag), first + which);
}

uint32
kc_label_count(const KcState *state, int first)
{
	return part(state, first, ENDS)->used / sizeof(uint32);
}

const char *
kc_label_at(const KcState *state, int first, uint32 number, size_t *length)
{
	const uint32 *ends = kc_region_data(state, part(state, first, ENDS));
	uint32 start = number == 0 ? 0 : ends[number - 1];

	*length = ends[number] - start;
	return (char *) kc_region_data(state, part(state, first, BYTES)) + start;
}

char *
kc_label_cstring(const KcState *state, int first, uint32 number)
{
	size_t length;
	const char *bytes = kc_label_at(state, first, number, &length);

	return pnstrdup(bytes, length);
}

static bool
label_is(const KcState *state, int first, uint32 number, const char *bytes, size_t length)
{
	size_t own_length;
	const char *own = kc_label_at(state, first, number, &own_length);

	return own_length == length && memcmp(own, bytes, length) == 0;
}

/* The slot of a label: where it is, or the free one where it belongs. */
static uint32 *
find_slot(const KcState *state, int first, const char *bytes, size_t length)
{
	KcRegion *index = part(state, first, INDEX);
	uint32 *slots = kc_region_data(state, index);
	uint32 mask = index->used / sizeof(uint32) - 1;
	uint32 at = hash_bytes((const unsigned char *) bytes, length) & mask;

	while (slots[at] != 0 && !label_is(state, first, slots[at] - 1, bytes, length))
		at = (at + 1) & mask;
	return &slots[at];
}

/* Makes the index fit for one more label than there are. */
static KcState *
rebuild_index(KcState *state, int first)
{
	uint32 count = kc_label_count(state, first);
	size_t n_slots = 8;
	KcRegion *index;

	while (n_slots < 3 * ((size_t) count + 1))
		n_slots *= 2;
	part(state, first, INDEX)->used = 0;
	state = kc_region_reserve(state, first + INDEX, n_slots * sizeof(uint32));
	index = part(state, first, INDEX);
	index->used = n_slots * sizeof(uint32);
	memset(kc_region_data(state, index), 0, index->used);
	for (uint32 i = 0; i < count; i++)
	{
		size_t length;
		const char *bytes = kc_label_at(state, first, i, &length);

		*find_slot(state, first, bytes, length) = i + 1;
	}
	return state;
}

KcState *
kc_label_intern(KcState *state, int first, const char *bytes, size_t length,
				uint32 *number)
{
	uint32 count = kc_label_count(state, first);
	KcRegion *index = part(state, first, INDEX);
	uint32 *slot;

	if (index->used / sizeof(uint32) < 2 * ((size_t) count + 1))
		state = rebuild_index(state, first);
	slot = find_slot(state, first, bytes, length);
	if (*slot != 0)
	{
		*number = *slot - 1;
		return state;
	}
	if (count >= KC_MAX_LABELS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("more than %d different labels", KC_MAX_LABELS),
						errhint("Is a column of values taken for one of categories?")));
	*number = count;
	*slot = count + 1;
	return kc_label_append(state, first, bytes, length);
}

KcState *
kc_label_append(KcState *state, int first, const char *bytes, size_t length)
{
	uint32 end = part(state, first, BYTES)->used + length;

	state = kc_region_append(state, first + BYTES, bytes, length);
	return kc_region_append(state, first + ENDS, &end, sizeof(end));
}

/* ---- order ------------------------------------------------------------------------- */

typedef struct LabelRef
{
	const char *bytes;
	size_t length;
	uint32 number;
} LabelRef;

static int
compare_labels(const void *a, const void *b)
{
	const LabelRef *left = a;
	const LabelRef *right = b;
	int result = memcmp(left->bytes, right->bytes, Min(left->length, right->length));

	if (result != 0)
		return result;
	return left->length < right->length ? -1 : left->length > right->length;
}

void
kc_label_order(const KcState *state, int first, uint32 *rank, uint32 *order)
{
	uint32 count = kc_label_count(state, first);
	LabelRef *refs = palloc(sizeof(LabelRef) * Max(count, 1));

	for (uint32 i = 0; i < count; i++)
	{
		refs[i].bytes = kc_label_at(state, first, i, &refs[i].length);
		refs[i].number = i;
	}
	qsort(refs, count, sizeof(LabelRef), compare_labels);
	for (uint32 i = 0; i < count; i++)
	{
		if (rank != NULL)
			rank[refs[i].number] = i;
		if (order != NULL)
			order[i] = refs[i].number;
	}
	pfree(refs);
}

bool
kc_label_repeated(const KcState *state, int first)
{
	uint32 count = kc_label_count(state, first);
	uint32 *order = palloc_extended(sizeof(uint32) * ((size_t) count + 1),
									MCXT_ALLOC_HUGE);
	bool repeated = false;

	kc_label_order(state, first, NULL, order);
	for (uint32 i = 1; i < count && !repeated; i++)
	{
		size_t length;
		const char *label = kc_label_at(state, first, order[i], &length);

		repeated = label_is(state, first, order[i - 1], label, length);
	}
	pfree(order);
	return repeated;
}

const char *
kc_level_text(const char *label)
{
	bool is_enum = label[0] == KC_ENUM_MARK && strlen(label) >= KC_ENUM_PREFIX &&
				   label[KC_ENUM_PREFIX - 1] == KC_ENUM_MARK;

	return is_enum ? label + KC_ENUM_PREFIX : label;
}

const char *
kc_label_check(const KcState *state, int first)
{
	const uint32 *ends = kc_region_data(state, part(state, first, ENDS));
	uint32 count = kc_label_count(state, first);
	uint32 last = 0;

	if (count > KC_MAX_LABELS)
		return "the dictionary has too many labels";
	for (uint32 i = 0; i < count; i++)
	{
		if (ends[i] < last)
			return "the dictionary is out of order";
		last = ends[i];
	}
	if (last != part(state, first, BYTES)->used)
		return "the dictionary has the wrong length";
	if (memchr(kc_region_data(state, part(state, first, BYTES)), '\0', last) != NULL)
		return "the dictionary holds a zero byte";
	return NULL;
}
