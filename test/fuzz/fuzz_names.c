/*
 * fuzz_names.c
 *	  libFuzzer target: any bytes as the name of a drug, a route or a unit.
 *
 * Folding keeps within the room the header promises, also when done again; distances
 * are symmetric and bounded.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stat/ks_names.h"
#include "stat/ks_units.h"

#define CHECK(condition)                                                                 \
	do                                                                                   \
	{                                                                                    \
		if (!(condition))                                                                \
			abort();                                                                     \
	} while (0)

typedef size_t (*Fold)(const char *text, size_t length, char *out);

/* The folded text, in memory of just the size that was promised to do. */
static char *
fold(Fold way, const char *text, size_t length)
{
	char *out = malloc(length + 1);
	const size_t written = way(text, length, out);

	CHECK(written <= length && out[written] == '\0');
	return out;
}

/* What is folded can be folded and looked up again. */
static void
check_fold(Fold way, const char *text, size_t length)
{
	char *once = fold(way, text, length);
	char *twice = fold(way, once, strlen(once));

	CHECK(strlen(twice) <= strlen(once));
	(void) ks_route(once);
	(void) ks_unit(once);
	free(once);
	free(twice);
}

static void
check_distance(const char *a, const char *b)
{
	for (int limit = 0; limit < 5; limit++)
	{
		const int distance = ks_edit_distance(a, b, limit);

		CHECK(distance >= 0 && distance <= limit + 1);
		CHECK(distance == ks_edit_distance(b, a, limit));
		CHECK((distance == 0) == (strcmp(a, b) == 0) || strlen(a) > KS_EDIT_MAX ||
			  strlen(b) > KS_EDIT_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* copies of just that size, so that reading past the end is seen */
	char *text = malloc(size > 0 ? size : 1);
	char *first, *second;

	memcpy(text, data, size);
	check_fold(ks_fold, text, size);
	check_fold(ks_fold_drug, text, size);
	check_fold(ks_fold_unit, text, size);
	first = fold(ks_fold_drug, text, size / 2);
	second = fold(ks_fold_drug, text + size / 2, size - size / 2);
	check_distance(first, second);
	free(first);
	free(second);
	free(text);
	return 0;
}
