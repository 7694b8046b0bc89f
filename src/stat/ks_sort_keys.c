/*
 * ks_sort_keys.c
 *	  Sorting of dated things by their keys.
 *
 * A patient has a dozen fills: insertion sort, with the comparison inlined, is
 * several times as fast there as anything general.  Long lists are merged from
 * such short ones.
 */
#include <string.h>

#include "stat/ks_sort_keys.h"

/* Up to this, insertion sort is the fastest. */
#define SMALL_SORT 32

/* A merge as long as this asks first whether the query was cancelled. */
#define POLL_EVERY 4096

static inline bool
is_after(const KsSortKey *a, const KsSortKey *b)
{
	if (a->day != b->day)
		return a->day > b->day;
	if (a->second != b->second)
		return a->second > b->second;
	return a->third > b->third;
}

static void
insertion_sort(KsSortKey *key, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		KsSortKey moved = key[i];
		size_t j = i;

		for (; j > 0 && is_after(&key[j - 1], &moved); j--)
			key[j] = key[j - 1];
		key[j] = moved;
	}
}

static void
merge_runs(const KsSortKey *from, KsSortKey *into, size_t left, size_t n)
{
	const KsSortKey *a = from, *a_end = from + left;
	const KsSortKey *b = a_end, *b_end = from + n;

	while (a < a_end && b < b_end)
		*into++ = is_after(a, b) ? *b++ : *a++;
	while (a < a_end)
		*into++ = *a++;
	while (b < b_end)
		*into++ = *b++;
}

/* Stable merge sort from runs of SMALL_SORT. */
KsStatus
ks_sort_keys(KsSortKey *key, size_t n, const KsEnv *env)
{
	KsSortKey *from = key, *into, *scratch;

	for (size_t i = 0; i < n; i += SMALL_SORT)
		insertion_sort(key + i, n - i < SMALL_SORT ? n - i : SMALL_SORT);
	if (n <= SMALL_SORT)
		return KS_OK;
	scratch = env->alloc(env->context, n * sizeof(KsSortKey));
	if (scratch == NULL)
		return KS_NO_MEMORY;
	into = scratch;
	for (size_t run = SMALL_SORT; run < n; run *= 2)
	{
		KsSortKey *swap = from;

		for (size_t i = 0; i < n; i += 2 * run)
		{
			size_t length = n - i < 2 * run ? n - i : 2 * run;

			if (length >= POLL_EVERY && env->poll(env->context))
			{
				env->free(env->context, scratch);
				return KS_CANCELLED;
			}
			merge_runs(from + i, into + i, run < length ? run : length, length);
		}
		from = into;
		into = swap;
	}
	if (from != key)
		memcpy(key, from, n * sizeof(KsSortKey));
	env->free(env->context, scratch);
	return KS_OK;
}
