/*
 * kc_group_blocks.c
 *	  Cross-products by group.
 *
 * A block is packed: the triangle of the leading columns, then for each of them
 * its products with the others.  When a row touches a column its group has not
 * met, the block moves to the end of the sums, laid out by the new pattern, and
 * leaves a gap; before the sums would have to grow, gaps are closed.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "stat/ks_matrix.h"
#include "summary/kc_env.h"
#include "summary/kc_group_blocks.h"

enum
{
	KEYS = 0,
	GROUPS = KC_LABEL_REGIONS,
	SUMS,
	PATTERNS,
	INDEX,
};

#define POLL_EVERY 1024

static KcRegion *
part(const KcState *state, int first, int which)
{
	return kc_model_region(state, first + which);
}

static KcGroupBlock *
groups_of(const KcState *state, int first)
{
	return kc_region_data(state, part(state, first, GROUPS));
}

static KsDD *
sums_of(const KcState *state, int first)
{
	return kc_region_data(state, part(state, first, SUMS));
}

static const int32 *
pattern_at(const KcState *state, int first, uint32 pattern)
{
	return (const int32 *) kc_region_data(state, part(state, first, PATTERNS)) + pattern;
}

/* Double-doubles in a block. */
static size_t
block_size(const int32 *pattern)
{
	size_t leading = pattern[0];

	return ks_packed_size(leading) + leading * (pattern[1] - leading);
}

/* The place of a product in a block: a leading column with any other, by position. */
static inline size_t
place_in_block(int n_leading, int n_columns, int leading, int other)
{
	if (other < n_leading)
		return ks_packed_at(leading, other);
	return ks_packed_size(n_leading) + (size_t) leading * (n_columns - n_leading) + other -
		   n_leading;
}

static void
poll_cancel(uint32 step)
{
	if (step % POLL_EVERY == 0 && kc_env.poll(kc_env.context))
		kc_require(KS_CANCELLED);
}

/* ---- patterns ------------------------------------------------------------------------ */

static uint32 *
find_slot(const KcState *state, int first, const int32 *pattern)
{
	KcRegion *index = part(state, first, INDEX);
	uint32 *slots = kc_region_data(state, index);
	uint32 mask = index->used / sizeof(uint32) - 1;
	size_t bytes = sizeof(int32) * (pattern[1] + 2);
	uint32 at = hash_bytes((const unsigned char *) pattern, bytes) & mask;

	while (slots[at] != 0)
	{
		const int32 *other = pattern_at(state, first, slots[at] - 1);

		if (other[1] == pattern[1] && memcmp(other, pattern, bytes) == 0)
			break;
		at = (at + 1) & mask;
	}
	return &slots[at];
}

static uint32
count_patterns(const KcState *state, int first)
{
	uint32 length = part(state, first, PATTERNS)->used / sizeof(int32);
	uint32 count = 0;

	for (uint32 at = 0; at < length; at += pattern_at(state, first, at)[1] + 2)
		count++;
	return count;
}

/* Makes the index fit for one pattern more than there are. */
static KcState *
rebuild_index(KcState *state, int first, uint32 count)
{
	uint32 length = part(state, first, PATTERNS)->used / sizeof(int32);
	size_t n_slots = 8;
	KcRegion *index;

	while (n_slots < 3 * ((size_t) count + 1))
		n_slots *= 2;
	part(state, first, INDEX)->used = 0;
	state = kc_region_reserve(state, first + INDEX, n_slots * sizeof(uint32));
	index = part(state, first, INDEX);
	index->used = n_slots * sizeof(uint32);
	memset(kc_region_data(state, index), 0, index->used);
	for (uint32 at = 0; at < length; at += pattern_at(state, first, at)[1] + 2)
		*find_slot(state, first, pattern_at(state, first, at)) = at + 1;
	return state;
}

/* Where a pattern is, added when new. */
static KcState *
intern_pattern(KcState *state, int first, const int32 *pattern, uint32 *where)
{
	const KcRegion *index = part(state, first, INDEX);
	uint32 *slot;
	uint32 count;

	if (index->used > 0)
	{
		slot = find_slot(state, first, pattern);
		if (*slot != 0)
		{
			*where = *slot - 1;
			return state;
		}
	}
	count = count_patterns(state, first);
	if (index->used / sizeof(uint32) < 2 * ((size_t) count + 1))
		state = rebuild_index(state, first, count);
	slot = find_slot(state, first, pattern);
	if (*slot == 0)
	{
		*where = part(state, first, PATTERNS)->used / sizeof(int32);
		*slot = *where + 1;
		return kc_region_append(state, first + PATTERNS, pattern,
								sizeof(int32) * (pattern[1] + 2));
	}
	*where = *slot - 1;
	return state;
}

static int
compare_columns(const void *a, const void *b)
{
	int32 left = *(const int32 *) a;
	int32 right = *(const int32 *) b;

	return left < right ? -1 : left > right;
}

static int
find_in_pattern(const int32 *pattern, int32 column)
{
	for (int i = 0; i < pattern[1]; i++)
		if (pattern[i + 2] == column)
			return i;
	return -1;
}

/*
 * The pattern of `old` (NULL: none) and these columns, palloc'd; NULL when `old`
 * has them all.
 */
static int32 *
extend_pattern(const int32 *old, const int32 *column, const bool *leading, int n)
{
	int n_old = old != NULL ? old[1] : 0;
	int32 *pattern = palloc(sizeof(int32) * (n_old + n + 2));
	int32 *rest = palloc(sizeof(int32) * (n_old + n));
	int n_leading = 0;
	int n_rest = 0;

	for (int i = 0; i < n_old; i++)
		if (i < old[0])
			pattern[2 + n_leading++] = old[i + 2];
		else
			rest[n_rest++] = old[i + 2];
	for (int i = 0; i < n; i++)
	{
		if (old != NULL && find_in_pattern(old, column[i]) >= 0)
			continue;
		if (leading[i])
			pattern[2 + n_leading++] = column[i];
		else
			rest[n_rest++] = column[i];
	}
	qsort(pattern + 2, n_leading, sizeof(int32), compare_columns);
	qsort(rest, n_rest, sizeof(int32), compare_columns);
	memcpy(pattern + 2 + n_leading, rest, sizeof(int32) * n_rest);
	pattern[0] = n_leading;
	pattern[1] = n_leading + n_rest;
	pfree(rest);
	if (pattern[1] > n_old || old == NULL)
		return pattern;
	pfree(pattern);
	return NULL;
}

/* ---- blocks -------------------------------------------------------------------------- */

typedef struct BlockRef
{
	uint32 start;
	uint32 group;
} BlockRef;

static int
compare_starts(const void *a, const void *b)
{
	uint32 left = ((const BlockRef *) a)->start;
	uint32 right = ((const BlockRef *) b)->start;

	return left < right ? -1 : left > right;
}

static BlockRef *
blocks_by_start(const KcState *state, int first)
{
	uint32 count = part(state, first, GROUPS)->used / sizeof(KcGroupBlock);
	const KcGroupBlock *groups = groups_of(state, first);
	BlockRef *refs =
		palloc_extended(sizeof(BlockRef) * Max(count, 1), MCXT_ALLOC_HUGE);

	for (uint32 g = 0; g < count; g++)
		refs[g] = (BlockRef){groups[g].start, g};
	qsort(refs, count, sizeof(BlockRef), compare_starts);
	return refs;
}

/* Slides the blocks together where more than a quarter of the sums is gaps. */
static void
close_gaps(KcState *state, int first)
{
	uint32 count = part(state, first, GROUPS)->used / sizeof(KcGroupBlock);
	KcGroupBlock *groups = groups_of(state, first);
	KcRegion *region = part(state, first, SUMS);
	KsDD *sums = sums_of(state, first);
	BlockRef *refs;
	size_t used = 0;

	for (uint32 g = 0; g < count; g++)
		used += block_size(pattern_at(state, first, groups[g].pattern));
	if (used * sizeof(KsDD) > region->used / 4 * (size_t) 3)
		return;
	refs = blocks_by_start(state, first);
	used = 0;
	for (uint32 i = 0; i < count; i++)
	{
		KcGroupBlock *group = &groups[refs[i].group];
		size_t size = block_size(pattern_at(state, first, group->pattern));

		memmove(sums + used, sums + group->start, size * sizeof(KsDD));
		group->start = used;
		used += size;
	}
	region->used = used * sizeof(KsDD);
	pfree(refs);
}

/* Room for a block of zeros at the end of the sums. */
static KcState *
new_block(KcState *state, int first, size_t size, uint32 *start)
{
	KcRegion *region = part(state, first, SUMS);

	if (region->used + size * sizeof(KsDD) > region->capacity)
	{
		close_gaps(state, first);
		state = kc_region_reserve(state, first + SUMS, size * sizeof(KsDD));
	}
	region = part(state, first, SUMS);
	*start = region->used / sizeof(KsDD);
	memset((char *) kc_region_data(state, region) + region->used, 0, size * sizeof(KsDD));
	region->used += size * sizeof(KsDD);
	return state;
}

/* Copies the sums of a block to one whose pattern has all its columns. */
static void
copy_block(const KsDD *from, const int32 *pattern, KsDD *to, const int32 *to_pattern)
{
	for (int i = 0; i < pattern[0]; i++)
	{
		int leading = find_in_pattern(to_pattern, pattern[i + 2]);

		for (int j = 0; j < pattern[1]; j++)
		{
			int other;

			if (j < pattern[0] && j > i)
				continue;
			other = find_in_pattern(to_pattern, pattern[j + 2]);
			to[place_in_block(to_pattern[0], to_pattern[1], leading, other)] =
				from[place_in_block(pattern[0], pattern[1], i, j)];
		}
	}
}

/*
 * Gives a group a block for these columns besides those it has.  The last group,
 * when it is new, has none yet.
 */
static KcState *
widen_group(KcState *state, int first, uint32 group, const int32 *column,
			const bool *leading, int n)
{
	bool fresh = group == part(state, first, GROUPS)->used / sizeof(KcGroupBlock);
	KcGroupBlock old = {0, 0};
	KcGroupBlock block;
	int32 *pattern;

	if (!fresh)
		old = groups_of(state, first)[group];
	pattern = extend_pattern(fresh ? NULL : pattern_at(state, first, old.pattern), column,
							 leading, n);
	if (pattern == NULL)
		return state;
	state = intern_pattern(state, first, pattern, &block.pattern);
	state = new_block(state, first, block_size(pattern), &block.start);
	if (fresh)
		state = kc_region_append(state, first + GROUPS, &block, sizeof(block));
	else
	{
		old = groups_of(state, first)[group];
		copy_block(sums_of(state, first) + old.start,
				   pattern_at(state, first, old.pattern),
				   sums_of(state, first) + block.start, pattern);
		groups_of(state, first)[group] = block;
	}
	pfree(pattern);
	return state;
}

/* ---- adding rows ---------------------------------------------------------------------- */

/* Whether model->pair was found for the row's columns and this pattern. */
static inline bool
places_hold(const KcModel *model, const int32 *pattern)
{
	const int32 *placed = model->placed_pattern;

	if (placed[0] != pattern[0] || placed[1] != pattern[1])
		return false;
	/* a pattern of all columns there are can only be one */
	if (kc_model_rows_are_full(model) && pattern[1] == model->n_entries)
		return true;
	return memcmp(placed, pattern, sizeof(int32) * (pattern[1] + 2)) == 0 &&
		   memcmp(model->placed_column, model->entry_column,
				  sizeof(int) * model->n_entries) == 0;
}

/* Lists the products of the row's columns that a block of this pattern keeps. */
static void
list_pairs(KcModel *model, const int32 *pattern)
{
	model->n_pairs = 0;
	for (int e = 0; e < model->n_entries; e++)
	{
		int leading = find_in_pattern(pattern, model->entry_column[e]);

		for (int f = 0; f < model->n_entries && leading < pattern[0]; f++)
		{
			int other = find_in_pattern(pattern, model->entry_column[f]);

			if (f <= e || other >= pattern[0])
				model->pair[model->n_pairs++] = (KcPair){
					e, f, place_in_block(pattern[0], pattern[1], leading, other)};
		}
	}
	memcpy(model->placed_pattern, pattern, sizeof(int32) * (pattern[1] + 2));
	memcpy(model->placed_column, model->entry_column, sizeof(int) * model->n_entries);
}

/* Finds where the row's products go in its group's block, which may have to grow. */
static KcState *
find_places(KcState *state, int first, KcModel *model, uint32 group)
{
	bool *leading = palloc(sizeof(bool) * model->n_entries);
	const int32 *pattern;

	for (int e = 0; e < model->n_entries; e++)
		leading[e] = kc_model_is_leading(state, model, model->entry_column[e]);
	state = widen_group(state, first, group, model->entry_column, leading,
						model->n_entries);
	pattern = pattern_at(state, first, groups_of(state, first)[group].pattern);
	if (!places_hold(model, pattern))
		list_pairs(model, pattern);
	pfree(leading);
	return state;
}

/* The row's values have no lower parts. */
static void
add_double_row(KsDD *sums, const KcModel *model)
{
	const KsDD *value = model->entry_value;
	KsDD split[KS_MAX_VARIABLES];

	for (int e = 0; e < model->n_entries; e++)
		split[e] = ks_split(value[e].hi);
	for (int i = 0; i < model->n_pairs; i++)
	{
		KcPair pair = model->pair[i];

		sums[pair.place] = ks_dd_accumulate(
			sums[pair.place], ks_split_prod(value[pair.first].hi, split[pair.first],
											value[pair.second].hi, split[pair.second]));
	}
}

static void
add_general_row(KsDD *sums, const KcModel *model)
{
	for (int i = 0; i < model->n_pairs; i++)
	{
		KcPair pair = model->pair[i];

		sums[pair.place] = ks_dd_accumulate(
			sums[pair.place],
			ks_dd_mul(model->entry_value[pair.first], model->entry_value[pair.second]));
	}
}

static bool
key_is(const KcState *state, int first, uint32 group, const char *key, size_t length)
{
	const uint32 *ends = kc_region_data(state, part(state, first, KEYS + 1));
	const char *bytes = kc_region_data(state, part(state, first, KEYS));
	uint32 start = group == 0 ? 0 : ends[group - 1];

	return ends[group] - start == length && memcmp(bytes + start, key, length) == 0;
}

/* Rows of one patient often follow one another, or visits come patient by patient. */
KcState *
kc_group_blocks_find(KcState *state, int first, KcModel *model, const char *key,
					 size_t length, uint32 *group)
{
	uint32 count = part(state, first, GROUPS)->used / sizeof(KcGroupBlock);

	for (uint32 step = 0; step < 2; step++)
	{
		*group = model->last_group + step;
		if (*group < count && key_is(state, first, *group, key, length))
		{
			model->last_group = *group;
			return state;
		}
	}
	state = kc_label_intern(state, first + KEYS, key, length, group);
	model->last_group = *group;
	if (*group < count)
		__builtin_prefetch(sums_of(state, first) + groups_of(state, first)[*group].start,
						   1);
	return state;
}

KcState *
kc_group_blocks_add_row(KcState *state, int first, KcModel *model, uint32 group)
{
	const KcGroupBlock *block;

	if (unlikely(group == part(state, first, GROUPS)->used / sizeof(KcGroupBlock)) ||
		!places_hold(model, pattern_at(state, first,
									   groups_of(state, first)[group].pattern)))
		state = find_places(state, first, model, group);
	block = &groups_of(state, first)[group];
	if (model->n_entries <= KS_MAX_VARIABLES && kc_model_row_is_double(model))
		add_double_row(sums_of(state, first) + block->start, model);
	else
		add_general_row(sums_of(state, first) + block->start, model);
	return state;
}

/* ---- merging --------------------------------------------------------------------------- */

static void
add_block(const KsDD *from, const int32 *pattern, const int *place, KsDD *to,
		  const int32 *to_pattern)
{
	for (int i = 0; i < pattern[0]; i++)
		for (int j = 0; j < pattern[1]; j++)
		{
			KsDD *sum;

			if (j < pattern[0] && j > i)
				continue;
			sum = &to[place_in_block(to_pattern[0], to_pattern[1], place[i], place[j])];
			*sum = ks_dd_add(*sum, from[place_in_block(pattern[0], pattern[1], i, j)]);
			if (!isfinite(sum->hi))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("value out of range: a sum of squares overflows")));
		}
}

/* Adds one group of `from`; column_of, leading and place have room for its columns. */
static KcState *
merge_group(KcState *into, const KcState *from, int first, uint32 from_group,
			const int *column, int32 *column_of, bool *leading, int *place)
{
	const KcGroupBlock *source = &groups_of(from, first)[from_group];
	const int32 *pattern = pattern_at(from, first, source->pattern);
	const KcGroupBlock *target;
	const int32 *to_pattern;
	size_t length;
	const char *key = kc_label_at(from, first + KEYS, from_group, &length);
	uint32 group;

	for (int i = 0; i < pattern[1]; i++)
	{
		column_of[i] = column[pattern[i + 2]];
		leading[i] = i < pattern[0];
	}
	into = kc_label_intern(into, first + KEYS, key, length, &group);
	into = widen_group(into, first, group, column_of, leading, pattern[1]);
	target = &groups_of(into, first)[group];
	to_pattern = pattern_at(into, first, target->pattern);
	for (int i = 0; i < pattern[1]; i++)
		place[i] = find_in_pattern(to_pattern, column_of[i]);
	add_block(sums_of(from, first) + source->start, pattern, place,
			  sums_of(into, first) + target->start, to_pattern);
	return into;
}

KcState *
kc_group_blocks_merge(KcState *into, const KcState *from, int first, const int *column)
{
	int n = kc_model_n_columns(from) + 1;
	int32 *column_of = palloc(sizeof(int32) * n);
	bool *leading = palloc(sizeof(bool) * n);
	int *place = palloc(sizeof(int) * n);

	for (uint32 g = 0; g < kc_group_count(from, first); g++)
	{
		poll_cancel(g);
		into = merge_group(into, from, first, g, column, column_of, leading, place);
	}
	pfree(column_of);
	pfree(leading);
	pfree(place);
	return into;
}

/* What a pattern becomes in the canonical form. */
typedef struct Renamed
{
	int64 from;		/* the pattern it is of; -1: none */
	uint32 pattern; /* where it is there */
	size_t size;
	uint32 *place; /* of each sum of a block */
} Renamed;

/* Looks a pattern of `from` up in the canonical form, when it is not the last one. */
static KcState *
rename_pattern(KcState *into, const KcState *from, int first, uint32 pattern,
			   const int *column, Renamed *renamed)
{
	const int32 *old = pattern_at(from, first, pattern);
	int32 *column_of;
	bool *leading;
	int32 *new;

	if (renamed->from == pattern)
		return into;
	column_of = palloc(sizeof(int32) * (old[1] + 1));
	leading = palloc(sizeof(bool) * (old[1] + 1));
	for (int i = 0; i < old[1]; i++)
	{
		column_of[i] = column[old[i + 2]];
		leading[i] = i < old[0];
	}
	new = extend_pattern(NULL, column_of, leading, old[1]);
	into = intern_pattern(into, first, new, &renamed->pattern);
	renamed->from = pattern;
	renamed->size = block_size(old);
	if (renamed->place != NULL)
		pfree(renamed->place);
	renamed->place = palloc(sizeof(uint32) * (renamed->size + 1));
	for (int i = 0; i < old[0]; i++)
		for (int j = 0; j < old[1]; j++)
			renamed->place[place_in_block(old[0], old[1], i, j)] =
				place_in_block(new[0], new[1], find_in_pattern(new, column_of[i]),
							   find_in_pattern(new, column_of[j]));
	pfree(new);
	pfree(leading);
	pfree(column_of);
	return into;
}

/* Appends a group whose key comes after those that are there. */
static KcState *
append_group(KcState *into, const KcState *from, int first, uint32 group,
			 const Renamed *renamed)
{
	const KsDD *source = sums_of(from, first) + groups_of(from, first)[group].start;
	KcGroupBlock block = {.pattern = renamed->pattern};
	KsDD *target;
	size_t length;
	const char *key = kc_label_at(from, first + KEYS, group, &length);

	into = kc_label_append(into, first + KEYS, key, length);
	into = new_block(into, first, renamed->size, &block.start);
	into = kc_region_append(into, first + GROUPS, &block, sizeof(block));
	target = sums_of(into, first) + block.start;
	for (size_t i = 0; i < renamed->size; i++)
		target[renamed->place[i]] = source[i];
	return into;
}

KcState *
kc_group_blocks_canonical(KcState *into, const KcState *from, int first,
						  const int *column)
{
	uint32 count = kc_group_count(from, first);
	uint32 *order = palloc_extended(sizeof(uint32) * Max(count, 1), MCXT_ALLOC_HUGE);
	Renamed renamed = {.from = -1};

	kc_label_order(from, first + KEYS, NULL, order);
	into = kc_region_reserve(into, first + SUMS, part(from, first, SUMS)->used);
	for (uint32 g = 0; g < count; g++)
	{
		poll_cancel(g);
		into = rename_pattern(into, from, first,
							  groups_of(from, first)[order[g]].pattern, column, &renamed);
		into = append_group(into, from, first, order[g], &renamed);
	}
	pfree(order);
	return into;
}

/* ---- checking -------------------------------------------------------------------------- */

/* A pattern that begins here, with its columns in order and marked rightly. */
static const char *
check_pattern(const KcState *state, const KcModel *model, const int32 *pattern,
			  uint32 room)
{
	int n = kc_model_n_columns(state);

	if (room < 2 || pattern[0] < 0 || pattern[1] < pattern[0] || pattern[1] > n ||
		pattern[1] > room - 2)
		return "a pattern has the wrong length";
	for (int i = 0; i < pattern[1]; i++)
	{
		int32 column = pattern[i + 2];

		if (column < 0 || column >= n ||
			(i > 0 && i != pattern[0] && column <= pattern[i + 1]) ||
			kc_model_is_leading(state, model, column) != (i < pattern[0]))
			return "the columns of a pattern are out of order";
	}
	return NULL;
}

/* Marks where patterns begin. */
static const char *
check_patterns(const KcState *state, int first, const KcModel *model, bool *begins)
{
	uint32 length = part(state, first, PATTERNS)->used / sizeof(int32);

	for (uint32 at = 0; at < length;)
	{
		const int32 *pattern = pattern_at(state, first, at);
		const char *problem = check_pattern(state, model, pattern, length - at);

		if (problem != NULL)
			return problem;
		begins[at] = true;
		at += pattern[1] + 2;
	}
	return NULL;
}

/* The square of column 0, the constant, counts the rows of a group. */
static bool
counts_rows(KsDD sum, int64 n)
{
	return sum.lo == 0 && sum.hi >= 1 && sum.hi <= n && sum.hi == floor(sum.hi);
}

static const char *
check_sums(const KsDD *sums, const int32 *pattern, int64 n)
{
	for (size_t i = 0; i < block_size(pattern); i++)
		if (!isfinite(sums[i].hi) || !isfinite(sums[i].lo) ||
			fabs(sums[i].lo) > 0x1p-50 * fabs(sums[i].hi))
			return "a group's sum is not in double-double form";
	for (int i = 0; i < pattern[0]; i++)
	{
		KsDD square = sums[ks_packed_at(i, i)];

		if (square.hi < 0)
			return "a group's sum of squares is negative";
		if (pattern[2 + i] == 0 && !counts_rows(square, n))
			return "a group's rows are not counted";
	}
	return NULL;
}

/* Blocks must lie within the sums and not overlap: closing gaps relies on it. */
static const char *
check_groups(const KcState *state, int first, const bool *begins)
{
	uint32 count = kc_group_count(state, first);
	uint32 length = part(state, first, PATTERNS)->used / sizeof(int32);
	size_t room = part(state, first, SUMS)->used / sizeof(KsDD);
	const KcGroupBlock *groups = groups_of(state, first);
	BlockRef *refs;
	const char *problem = NULL;
	size_t end = 0;

	for (uint32 g = 0; g < count; g++)
		if (groups[g].pattern >= length || !begins[groups[g].pattern])
			return "a group has no pattern";
	refs = blocks_by_start(state, first);
	for (uint32 i = 0; i < count && problem == NULL; i++)
	{
		const KcGroupBlock *group = &groups[refs[i].group];
		const int32 *pattern = pattern_at(state, first, group->pattern);
		size_t size = block_size(pattern);

		if (group->start < end || group->start + size > room)
			problem = "the groups' sums overlap";
		else
			problem = check_sums(sums_of(state, first) + group->start, pattern,
								 state->n);
		end = group->start + size;
	}
	pfree(refs);
	return problem;
}

const char *
kc_group_blocks_check(const KcState *state, int first, const KcModel *model)
{
	const char *problem = kc_label_check(state, first + KEYS);
	size_t length = part(state, first, PATTERNS)->used / sizeof(int32);
	bool *begins;

	if (problem != NULL)
		return problem;
	if (part(state, first, GROUPS)->used / sizeof(KcGroupBlock) !=
		kc_group_count(state, first))
		return "its groups have the wrong number";
	if (kc_group_count(state, first) > state->n)
		return "it has more groups than rows";
	if (kc_label_repeated(state, first + KEYS))
		return "a group is there twice";
	if (model == NULL)
		return length > 0 || kc_group_count(state, first) > 0 ? "it has groups without rows"
															  : NULL;
	begins = palloc0(sizeof(bool) * (length + 1));
	problem = check_patterns(state, first, model, begins);
	if (problem == NULL)
		problem = check_groups(state, first, begins);
	pfree(begins);
	return problem;
}

/* ---- reading --------------------------------------------------------------------------- */

void
kc_group_reader_start(KcGroupReader *reader, const KcState *state, int first)
{
	reader->state = state;
	reader->first = first;
	reader->position = palloc(sizeof(int) * (kc_model_n_columns(state) + 1));
	reader->pattern = -1;
}

void
kc_group_reader_go(KcGroupReader *reader, uint32 group)
{
	const KcGroupBlock *block = &groups_of(reader->state, reader->first)[group];

	if ((int) block->pattern != reader->pattern)
	{
		const int32 *pattern = pattern_at(reader->state, reader->first, block->pattern);

		for (int c = 0; c < kc_model_n_columns(reader->state); c++)
			reader->position[c] = -1;
		for (int i = 0; i < pattern[1]; i++)
			reader->position[pattern[i + 2]] = i;
		reader->n_leading = pattern[0];
		reader->n_columns = pattern[1];
		reader->pattern = block->pattern;
	}
	reader->sums = sums_of(reader->state, reader->first) + block->start;
}

KsDD
kc_group_reader_sum(const KcGroupReader *reader, int leading, int column)
{
	int i = leading < 0 ? -1 : reader->position[leading];
	int j = column < 0 ? -1 : reader->position[column];

	if (i < 0 || j < 0)
		return ks_dd(0);
	return reader->sums[place_in_block(reader->n_leading, reader->n_columns, i, j)];
}
