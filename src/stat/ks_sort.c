/*
 * ks_sort.c
 *	  Sorting of doubles and of pairs of doubles, and counting what is sorted.
 *
 * A double read as a 64-bit integer sorts in numeric order once the sign bit
 * of positives and all bits of negatives are flipped.  Above about a thousand
 * records these integers go through a radix sort from the least significant
 * of three 11-bit digits, chosen as the 33 highest bits in which the records
 * differ at all; runs that agree in them are then sorted by the bits below in
 * the same way.  Random doubles are nearly told apart by 33 bits, so this
 * moves each record three times instead of six; pain scores differ in a few
 * bits only and digits that are constant are skipped.  Short runs use a merge
 * sort, so no order of the input is slow.  (Knuth, The Art of Computer
 * Programming, vol. 3, 5.2.4 and 5.2.5.)
 */
#include "stat/ks_sort.h"

#include <string.h>

#define DIGIT_BITS 11
#define DIGIT_SIZE (1 << DIGIT_BITS)
#define DIGITS 3
#define RADIX_THRESHOLD 1000
#define INSERTION_RUN 12
#define POLL_STEPS 65536
#define MAX_WIDTH 3

/* A 64-bit word that may lie over the caller's doubles. */
typedef uint64_t __attribute__((may_alias)) Word;

/* What one sort needs beside the records. */
typedef struct Sorter
{
	const KsEnv *env;
	int width;     /* words in a record */
	int key_words; /* leading words that are compared */
	size_t work;   /* records moved since the last poll */
} Sorter;

static inline uint64_t
order_key(uint64_t bits)
{
	return bits ^ ((uint64_t)((int64_t)bits >> 63) | UINT64_C(0x8000000000000000));
}

static inline uint64_t
key_bits(uint64_t key)
{
	return key ^ ((uint64_t) ~((int64_t)key >> 63) | UINT64_C(0x8000000000000000));
}

static inline void
copy_record(Word *to, const Word *from, int width)
{
	for (int w = 0; w < width; w++)
		to[w] = from[w];
}

static inline bool
record_above(const Word *a, const Word *b, int key_words)
{
	for (int w = 0; w < key_words; w++)
	{
		if (a[w] != b[w])
			return a[w] > b[w];
	}
	return false;
}

static bool
cancelled(Sorter *sorter, size_t work)
{
	sorter->work += work;
	if (sorter->work < POLL_STEPS)
		return false;
	sorter->work = 0;
	return sorter->env->poll(sorter->env->context);
}

static inline void
insertion_sort(Word *records, size_t n, int width, int key_words)
{
	for (size_t i = 1; i < n; i++)
	{
		Word moving[MAX_WIDTH];
		size_t hole = i;

		copy_record(moving, records + i * width, width);
		for (; hole > 0 && record_above(records + (hole - 1) * width, moving, key_words);
			 hole--)
			copy_record(records + hole * width, records + (hole - 1) * width, width);
		copy_record(records + hole * width, moving, width);
	}
}

/* Merge sort from insertion-sorted runs; spare has room for n records. */
static inline void
merge_sort(Word *records, Word *spare, size_t n, int width, int key_words)
{
	Word *from = records;
	Word *to = spare;
	Word *swap;

	for (size_t start = 0; start < n; start += INSERTION_RUN)
		insertion_sort(records + start * width,
					   n - start < INSERTION_RUN ? n - start : INSERTION_RUN, width,
					   key_words);
	for (size_t run = INSERTION_RUN; run < n; run *= 2)
	{
		for (size_t start = 0; start < n; start += 2 * run)
		{
			size_t left = start;
			size_t middle = n - start < run ? n : start + run;
			size_t end = n - start < 2 * run ? n : start + 2 * run;
			size_t right = middle;

			for (size_t k = start; k < end; k++)
			{
				bool take_right =
					left == middle ||
					(right < end &&
					 record_above(from + left * width, from + right * width, key_words));

				copy_record(to + k * width, from + (take_right ? right : left) * width,
							width);
				right += take_right;
				left += !take_right;
			}
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != records)
		memcpy(records, from, n * width * sizeof(Word));
}

/* One pass of the radix sort; false when the digit is the same in all records. */
static inline bool
scatter_digit(const Word *from, Word *to, size_t n, int width, int word, int shift,
			  size_t *histogram)
{
	size_t position = 0;

	if (histogram[(from[word] >> shift) & (DIGIT_SIZE - 1)] == n)
		return false;
	for (size_t digit = 0; digit < DIGIT_SIZE; digit++)
	{
		size_t count = histogram[digit];

		histogram[digit] = position;
		position += count;
	}
	for (size_t i = 0; i < n; i++)
	{
		const Word *record = from + i * width;
		size_t digit = (record[word] >> shift) & (DIGIT_SIZE - 1);

		copy_record(to + histogram[digit]++ * width, record, width);
	}
	return true;
}

/* Sort by the 33 bits of a word from shift up. */
static inline KsStatus
radix_sort(Sorter *sorter, Word *records, Word *spare, size_t n, int width, int word,
		   int shift)
{
	size_t histogram[DIGITS][DIGIT_SIZE];
	Word *from = records;
	Word *to = spare;

	memset(histogram, 0, sizeof(histogram));
	for (size_t i = 0; i < n; i++)
	{
		uint64_t key = records[i * width + word] >> shift;

		for (int digit = 0; digit < DIGITS; digit++)
			histogram[digit][(key >> (digit * DIGIT_BITS)) & (DIGIT_SIZE - 1)]++;
	}
	for (int digit = 0; digit < DIGITS && shift + digit * DIGIT_BITS < 64; digit++)
	{
		if (cancelled(sorter, n))
			return KS_CANCELLED;
		if (scatter_digit(from, to, n, width, word, shift + digit * DIGIT_BITS,
						  histogram[digit]))
		{
			Word *swap = from;

			from = to;
			to = swap;
		}
	}
	if (from != records)
		memcpy(records, from, n * width * sizeof(Word));
	return KS_OK;
}

static KsStatus sort_run(Sorter *sorter, Word *records, Word *spare, size_t n);

/* Sort by the highest bits that vary, then each run of equals by what is left. */
static inline __attribute__((always_inline)) KsStatus
sort_records(Sorter *sorter, Word *records, Word *spare, size_t n, int width,
			 int key_words)
{
	uint64_t varying = 0;
	int word, shift;
	bool ascending = true;
	KsStatus status;

	if (n <= RADIX_THRESHOLD)
	{
		merge_sort(records, spare, n, width, key_words);
		return cancelled(sorter, n) ? KS_CANCELLED : KS_OK;
	}
	for (word = 0; word < key_words && varying == 0; word++)
	{
		for (size_t i = 1; i < n; i++)
			varying |= records[i * width + word] ^ records[word];
	}
	if (varying == 0)
		return KS_OK;
	word--;
	for (size_t i = 1; i < n && ascending; i++)
		ascending =
			!record_above(records + (i - 1) * width, records + i * width, key_words);
	if (ascending)
		return KS_OK;

	shift = 64 - DIGITS * DIGIT_BITS - __builtin_clzll(varying);
	if (shift < 0)
		shift = 0;
	status = radix_sort(sorter, records, spare, n, width, word, shift);
	if (status != KS_OK || (shift == 0 && word == key_words - 1))
		return status;

	for (size_t start = 0, end; start < n; start = end)
	{
		uint64_t prefix = records[start * width + word] >> shift;

		for (end = start + 1; end < n && records[end * width + word] >> shift == prefix;
			 end++)
			continue;
		if (end - start > INSERTION_RUN)
		{
			status = sort_run(sorter, records + start * width, spare, end - start);
			if (status != KS_OK)
				return status;
		}
		else if (end - start > 1)
			insertion_sort(records + start * width, end - start, width, key_words);
	}
	return cancelled(sorter, n) ? KS_CANCELLED : KS_OK;
}

/* One copy of the sort for each shape of record, so that widths are constants. */
static KsStatus
sort_run(Sorter *sorter, Word *records, Word *spare, size_t n)
{
	if (sorter->width == 1)
		return sort_records(sorter, records, spare, n, 1, 1);
	if (sorter->width == 2)
		return sort_records(sorter, records, spare, n, 2, 2);
	return sort_records(sorter, records, spare, n, 3, 2);
}

KsStatus
ks_sort_doubles(const KsEnv *env, double *values, size_t n)
{
	Sorter sorter = {env, 1, 1, 0};
	Word small_spare[RADIX_THRESHOLD];
	Word *words = (Word *)values;
	Word *spare = small_spare;
	KsStatus status;

	if (n > RADIX_THRESHOLD)
		spare = env->alloc(env->context, n * sizeof(Word));
	if (spare == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
		words[i] = order_key(words[i]);
	status = sort_run(&sorter, words, spare, n);
	for (size_t i = 0; i < n; i++)
		words[i] = key_bits(words[i]);
	if (spare != small_spare)
		env->free(env->context, spare);
	return status;
}

KsStatus
ks_sort_pairs(const KsEnv *env, double *pairs, int64_t *count, size_t n)
{
	int width = count ? 3 : 2;
	Sorter sorter = {env, width, 2, 0};
	Word *words = (Word *)pairs;
	Word *records, *block;
	KsStatus status;

	if (n < 2)
		return KS_OK;
	block = env->alloc(env->context, (size_t)(count ? 2 : 1) * width * n * sizeof(Word));
	if (block == NULL)
		return KS_NO_MEMORY;
	records = count ? block + width * n : words;
	for (size_t i = 0; i < n; i++)
	{
		records[i * width] = order_key(words[2 * i]);
		records[i * width + 1] = order_key(words[2 * i + 1]);
		if (count)
			records[i * width + 2] = (uint64_t)count[i];
	}
	status = sort_run(&sorter, records, block, n);
	for (size_t i = 0; i < n; i++)
	{
		words[2 * i] = key_bits(records[i * width]);
		words[2 * i + 1] = key_bits(records[i * width + 1]);
		if (count)
			count[i] = (int64_t)records[i * width + 2];
	}
	env->free(env->context, block);
	return status;
}

KsStatus
ks_count_sorted(const KsEnv *env, const double *sorted, size_t n, KsCounted *out)
{
	return ks_count_merged(env, sorted, n, NULL, NULL, 0, out);
}

/* How many distinct values two ascending arrays hold together. */
static size_t
count_distinct(const double *a, size_t n, const double *b, size_t m)
{
	size_t distinct = 0;
	size_t i = 0, j = 0;

	while (i < n || j < m)
	{
		double value = j == m || (i < n && a[i] <= b[j]) ? a[i] : b[j];

		for (; i < n && a[i] == value; i++)
			continue;
		for (; j < m && b[j] == value; j++)
			continue;
		distinct++;
	}
	return distinct;
}

/* Whether nothing occurs twice: then no counts need be kept. */
static bool
all_once(size_t distinct, size_t n, const int64_t *table_count, size_t m)
{
	bool once = distinct == n + m;

	for (size_t j = 0; table_count && j < m && once; j++)
		once = table_count[j] == 1;
	return once;
}

KsStatus
ks_count_merged(const KsEnv *env, const double *sorted, size_t n,
				const double *table_value, const int64_t *table_count, size_t m,
				KsCounted *out)
{
	size_t distinct = count_distinct(sorted, n, table_value, m);
	bool once = all_once(distinct, n, table_count, m);
	double *value = env->alloc(env->context, distinct * sizeof(double));
	int64_t *count = once ? NULL : env->alloc(env->context, distinct * sizeof(int64_t));
	size_t i = 0, j = 0;

	*out = (KsCounted){value, count, distinct, 0};
	if (value == NULL || (count == NULL && !once))
	{
		ks_counted_free(env, out);
		return KS_NO_MEMORY;
	}
	for (size_t k = 0; k < distinct; k++)
	{
		double here =
			j == m || (i < n && sorted[i] <= table_value[j]) ? sorted[i] : table_value[j];
		int64_t times = 0;

		for (; i < n && sorted[i] == here; i++)
			times++;
		for (; j < m && table_value[j] == here; j++)
			times += table_count ? table_count[j] : 1;
		value[k] = here + 0.0;
		if (!once)
			count[k] = times;
		out->n += times;
		if (k % POLL_STEPS == POLL_STEPS - 1 && env->poll(env->context))
		{
			ks_counted_free(env, out);
			return KS_CANCELLED;
		}
	}
	return KS_OK;
}

void
ks_counted_free(const KsEnv *env, KsCounted *counted)
{
	if (counted->value)
		env->free(env->context, (void *)counted->value);
	if (counted->count)
		env->free(env->context, (void *)counted->count);
	*counted = (KsCounted){NULL, NULL, 0, 0};
}
