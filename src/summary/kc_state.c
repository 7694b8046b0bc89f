/*
 * kc_state.c
 *	  Birth, growth, trimming and encoding of flat summaries.
 *
 * The one place that allocates a state, and so the one that holds the memory
 * limit.  Encoding follows the patterns of KcSummaryType: exact doubles and
 * integers in network byte order, so that a dump moves between machines.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#include "summary/kc_state.h"

/*
 * Below this, spare room is what rounding up gives: copying so little costs less
 * than twice the memory for each of millions of groups.
 */
#define SMALL_CONTENT 1024

int kc_max_state_memory = 256 * 1024;

/* Bytes of one element of a pattern, laid out without padding. */
static size_t
pattern_size(const char *pattern)
{
	size_t size = 0;

	for (; *pattern; pattern++)
		size += *pattern == 'b' ? 1 : *pattern == 'i' ? 4 : 8;
	return size;
}

/* Power of two from KC_MIN_STATE that holds `bytes`. */
static size_t
rounded_capacity(size_t bytes)
{
	size_t capacity = KC_MIN_STATE;

	while (capacity < bytes)
		capacity *= 2;
	return capacity;
}

static size_t
fixed_end(const KcSummaryType *type)
{
	return sizeof(KcState) + type->fixed_size + type->n_regions * sizeof(KcRegion);
}

static KcState *
allocate_state(const KcSummaryType *type, size_t capacity)
{
	KcState *state = palloc_extended(capacity, MCXT_ALLOC_HUGE);

	memset(state, 0, fixed_end(type));
	SET_VARSIZE(state, capacity);
	state->tag = type->tag;
	state->version = type->version;
	state->top = fixed_end(type);
	return state;
}

KcState *
kc_state_create(const KcSummaryType *type)
{
	return allocate_state(type, rounded_capacity(fixed_end(type)));
}

/* A copy of header and fixed part; regions are to be laid out by the caller. */
static KcState *
copy_fixed(const KcSummaryType *type, const KcState *state, size_t capacity)
{
	KcState *copy = allocate_state(type, capacity);

	copy->flags = state->flags;
	copy->n = state->n;
	copy->n_missing = state->n_missing;
	memcpy(kc_fixed(copy), kc_fixed(state), type->fixed_size);
	return copy;
}

/*
 * Lays the regions of `from` out in `into` one after the other, each with the
 * given room.  Derived regions are left out when `with_derived` is false.
 */
static void
lay_out_regions(const KcSummaryType *type, KcState *into, const KcState *from,
				const size_t *capacity, bool with_derived)
{
	size_t top = fixed_end(type);

	for (int r = 0; r < type->n_regions; r++)
	{
		const KcRegion *source = kc_region(from, type, r);
		KcRegion *target = kc_region(into, type, r);

		if (capacity[r] == 0 || (!with_derived && type->region_pattern[r][0] == '\0'))
			continue;
		target->offset = top;
		target->used = source->used;
		target->capacity = capacity[r];
		memcpy(kc_region_data(into, target), kc_region_data(from, source), source->used);
		/* keep the next region aligned; the gap is zeroed, it may be stored */
		memset((char *) into + top + source->used, 0,
			   Min(MAXALIGN(source->used) - source->used, capacity[r] - source->used));
		top += capacity[r];
	}
	into->top = top;
}

KcState *
kc_state_copy(const KcState *state)
{
	KcState *copy = palloc_extended(VARSIZE(state), MCXT_ALLOC_HUGE);

	memcpy(copy, state, Min(state->top, VARSIZE(state)));
	return copy;
}

KcState *
kc_state_trim(const KcState *state)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	size_t capacity[lengthof(type->region_pattern)];
	size_t size = fixed_end(type);
	KcState *trimmed;

	for (int r = 0; r < type->n_regions; r++)
	{
		bool derived = type->region_pattern[r][0] == '\0';

		capacity[r] = derived ? 0 : MAXALIGN(kc_region(state, type, r)->used);
		size += capacity[r];
	}
	trimmed = copy_fixed(type, state, size);
	lay_out_regions(type, trimmed, state, capacity, false);
	return trimmed;
}

static void
check_limit(const KcState *state, size_t capacity)
{
	if (capacity > (size_t) kc_max_state_memory * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("summary is larger than ketocohort.max_state_memory"),
				 errdetail("The limit of %d kB was reached after " INT64_FORMAT " rows.",
						   kc_max_state_memory, state->n + state->n_missing),
				 errhint("Raise ketocohort.max_state_memory, or summarise smaller groups "
						 "and combine their estimates.")));
}

/*
 * Shares the spare room out among the regions in proportion to what they hold,
 * so that each of them grows geometrically and copying stays linear overall.
 */
static void
share_spare_room(size_t *capacity, int n_regions, size_t content, size_t spare)
{
	size_t given = 0;
	int largest = 0;

	for (int r = 0; r < n_regions; r++)
		if (capacity[r] > capacity[largest])
			largest = r;
	for (int r = 0; r < n_regions; r++)
	{
		size_t share = r == largest ? 0 : (size_t) ((double) spare * capacity[r] / content);

		share = TYPEALIGN_DOWN(MAXIMUM_ALIGNOF, share);
		capacity[r] += share;
		given += share;
	}
	capacity[largest] += spare - given;
}

KcState *
kc_region_reserve(KcState *state, int region, size_t bytes)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	KcRegion *grown = kc_region(state, type, region);
	size_t capacity[lengthof(type->region_pattern)];
	size_t wanted = (size_t) grown->used + bytes;
	size_t limit = (size_t) kc_max_state_memory * 1024;
	size_t content = 0;
	size_t slack;
	size_t size;
	KcState *moved;

	if (wanted <= grown->capacity)
		return state;

	/* an empty region, or the last one, may take the unused end of the state */
	if (grown->capacity == 0 || grown->offset + grown->capacity == state->top)
	{
		size_t start = grown->capacity == 0 ? state->top : grown->offset;
		size_t room = TYPEALIGN_DOWN(MAXIMUM_ALIGNOF, VARSIZE(state) - start);

		if (wanted <= room)
		{
			grown->offset = start;
			grown->capacity = room;
			state->top = start + room;
			return state;
		}
	}

	for (int r = 0; r < type->n_regions; r++)
	{
		capacity[r] = MAXALIGN(r == region ? wanted : kc_region(state, type, r)->used);
		content += capacity[r];
	}
	check_limit(state, fixed_end(type) + content);
	slack = content < SMALL_CONTENT ? 0 : content / 4;
	size = Min(rounded_capacity(fixed_end(type) + content + slack), limit);
	size = Max(size, VARSIZE(state));
	share_spare_room(capacity, type->n_regions, content,
					 size - fixed_end(type) - content);

	moved = copy_fixed(type, state, size);
	lay_out_regions(type, moved, state, capacity, true);
	return moved;
}

KcState *
kc_region_append(KcState *state, int region, const void *data, size_t bytes)
{
	KcRegion *target;

	state = kc_region_reserve(state, region, bytes);
	target = kc_region(state, kc_summary_type(state->tag), region);
	memcpy((char *) kc_region_data(state, target) + target->used, data, bytes);
	target->used += bytes;
	return state;
}

/* ---- encoding --------------------------------------------------------------------- */

/* A summary may have a gigabyte. */
#define ELEMENTS_A_POLL 65536

static void
put_elements(unsigned char **out, const char *pattern, size_t elements, const char *from)
{
	for (size_t e = 0; e < elements; e++)
	{
		if (e % ELEMENTS_A_POLL == 0)
			CHECK_FOR_INTERRUPTS();
		for (const char *field = pattern; *field; field++)
		{
			if (*field == 'b')
			{
				*(*out)++ = *from++;
				continue;
			}
			if (*field == 'i')
			{
				uint32 word;

				memcpy(&word, from, 4);
				word = pg_hton32(word);
				memcpy(*out, &word, 4);
				from += 4;
				*out += 4;
			}
			else
			{
				uint64 word;

				memcpy(&word, from, 8);
				word = pg_hton64(word);
				memcpy(*out, &word, 8);
				from += 8;
				*out += 8;
			}
		}
	}
}

/* The reverse; the caller has checked the length. */
static void
get_elements(const unsigned char **in, const char *pattern, size_t elements, char *to)
{
	for (size_t e = 0; e < elements; e++)
	{
		if (e % ELEMENTS_A_POLL == 0)
			CHECK_FOR_INTERRUPTS();
		for (const char *field = pattern; *field; field++)
		{
			if (*field == 'b')
			{
				*to++ = *(*in)++;
				continue;
			}
			if (*field == 'i')
			{
				uint32 word;

				memcpy(&word, *in, 4);
				word = pg_ntoh32(word);
				memcpy(to, &word, 4);
				*in += 4;
				to += 4;
			}
			else
			{
				uint64 word;

				memcpy(&word, *in, 8);
				word = pg_ntoh64(word);
				memcpy(to, &word, 8);
				*in += 8;
				to += 8;
			}
		}
	}
}

/* Rows used, rows missing, flags. */
#define HEADER_PATTERN "lli"
#define HEADER_SIZE 20

size_t
kc_encoded_size(const KcState *state)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	size_t size = HEADER_SIZE + type->fixed_size;

	for (int r = 0; r < type->n_regions; r++)
		if (type->region_pattern[r][0] != '\0')
			size += 4 + kc_region(state, type, r)->used;
	return size;
}

void
kc_encode(const KcState *state, unsigned char *out)
{
	const KcSummaryType *type = kc_summary_type(state->tag);
	char header[HEADER_SIZE];

	memcpy(header, &state->n, 8);
	memcpy(header + 8, &state->n_missing, 8);
	memcpy(header + 16, &state->flags, 4);
	put_elements(&out, HEADER_PATTERN, 1, header);
	put_elements(&out, type->fixed_pattern, 1, kc_fixed(state));
	for (int r = 0; r < type->n_regions; r++)
	{
		const char *pattern = type->region_pattern[r];
		const KcRegion *region = kc_region(state, type, r);
		uint32 elements;

		if (pattern[0] == '\0')
			continue;
		elements = region->used / pattern_size(pattern);
		put_elements(&out, "i", 1, (const char *) &elements);
		put_elements(&out, pattern, elements, kc_region_data(state, region));
	}
}

/*
 * Finds how many elements each region has in untrusted bytes, and the size of
 * the state they need.  Returns NULL or what is wrong.
 */
static const char *
measure_regions(const KcSummaryType *type, const unsigned char *bytes, size_t length,
				size_t *capacity, size_t *size)
{
	size_t at = HEADER_SIZE + type->fixed_size;

	*size = fixed_end(type);
	if (length < at)
		return "it is truncated";
	for (int r = 0; r < type->n_regions; r++)
	{
		const char *pattern = type->region_pattern[r];
		const unsigned char *count = bytes + at;
		uint32 elements;

		capacity[r] = 0;
		if (pattern[0] == '\0')
			continue;
		if (length - at < 4)
			return "it is truncated";
		get_elements(&count, "i", 1, (char *) &elements);
		at += 4;
		if ((length - at) / pattern_size(pattern) < elements)
			return "it is truncated";
		at += elements * pattern_size(pattern);
		capacity[r] = MAXALIGN(elements * pattern_size(pattern));
		*size += capacity[r];
	}
	return at == length ? NULL : "it has bytes left over";
}

KcState *
kc_decode(const KcSummaryType *type, const unsigned char *bytes, size_t length,
		  const char **problem)
{
	size_t capacity[lengthof(type->region_pattern)];
	size_t size;
	size_t top = fixed_end(type);
	char header[HEADER_SIZE];
	KcState *state;

	*problem = measure_regions(type, bytes, length, capacity, &size);
	if (*problem == NULL && size > MaxAllocSize)
		*problem = "it is too large";
	if (*problem != NULL)
		return NULL;

	state = allocate_state(type, size);
	get_elements(&bytes, HEADER_PATTERN, 1, header);
	memcpy(&state->n, header, 8);
	memcpy(&state->n_missing, header + 8, 8);
	memcpy(&state->flags, header + 16, 4);
	get_elements(&bytes, type->fixed_pattern, 1, kc_fixed(state));
	for (int r = 0; r < type->n_regions; r++)
	{
		const char *pattern = type->region_pattern[r];
		KcRegion *region = kc_region(state, type, r);
		uint32 elements;

		if (pattern[0] == '\0')
			continue;
		get_elements(&bytes, "i", 1, (char *) &elements);
		if (elements == 0)
			continue;
		region->offset = top;
		region->used = elements * pattern_size(pattern);
		region->capacity = capacity[r];
		memset((char *) state + top, 0, capacity[r]);
		get_elements(&bytes, pattern, elements, kc_region_data(state, region));
		top += capacity[r];
	}
	state->top = top;
	if (state->n < 0 || state->n > KC_MAX_ROWS || state->n_missing < 0 ||
		state->n_missing > KC_MAX_ROWS)
		*problem = "the row count is out of range";
	else
		*problem = type->check(state);
	return *problem == NULL ? state : NULL;
}
