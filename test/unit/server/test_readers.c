/*
 * test_readers.c
 *	  The readers of summaries on untrusted bytes, under the sanitizers.
 *
 * Every summary is built from random rows, encoded, and read back after random
 * damage.  Damage must be found or be harmless: what is accepted must survive
 * merging, reading and encoding again.
 */
#include "summaries.h"

/* Changes, cuts or lengthens the bytes a little; returns the new length. */
static size_t
damage(unsigned char *bytes, size_t length)
{
	switch (below(4))
	{
		case 0:
			return length > 0 ? below((int) length) : 0;
		case 1:
			return length + 1 + below(16);
		default:
			for (int i = 0; i <= below(4); i++)
				if (length > 0)
					bytes[below((int) length)] ^= 1 << below(8);
			return length;
	}
}

static int
try_damaged(const KcSummaryType *type, const unsigned char *bytes, size_t length)
{
	unsigned char *exact;
	unsigned char *copy = palloc(length + 32);
	const char *problem = NULL;
	KcState *state;
	size_t damaged_length;

	memset(copy, 0, length + 32);
	memcpy(copy, bytes, length);
	damaged_length = damage(copy, length);
	/* an allocation of just that size, so that reading past the end is seen */
	exact = palloc(damaged_length);
	memcpy(exact, copy, damaged_length);
	state = kc_decode(type, exact, damaged_length, &problem);
	CHECK((state == NULL) == (problem != NULL));
	if (state == NULL)
		return 0;
	use(type, state);
	return 1;
}

/* The same, with an error of the server counted as a refusal. */
static pg_noinline int
try_guarded(const KcSummaryType *type, const unsigned char *bytes, size_t length)
{
	if (SERVER_TRY())
		return try_damaged(type, bytes, length);
	CHECK(server_sqlstate != ERRCODE_INTERNAL_ERROR);
	return 0;
}

static void
test_type(const KcSummaryType *type)
{
	static const int sizes[] = {0, 1, 3, 60, 700};
	int accepted = 0;

	for (size_t s = 0; s < lengthof(sizes); s++)
		for (int score = 0; score < 2; score++)
		{
			KcState *state = build(type, sizes[s], score);
			KcState *trimmed = type->finish ? type->finish(state) : kc_state_trim(state);
			size_t length = kc_encoded_size(trimmed);
			unsigned char *bytes = malloc(length);
			unsigned char *again = malloc(length);
			const char *problem = NULL;
			KcState *back;

			kc_encode(trimmed, bytes);
			back = kc_decode(type, bytes, length, &problem);
			CHECK(back != NULL && problem == NULL);
			CHECK(kc_encoded_size(back) == length);
			kc_encode(back, again);
			CHECK(memcmp(bytes, again, length) == 0);
			use(type, back);
			server_reset();
			for (int i = 0; i < 1500; i++)
			{
				accepted += try_guarded(type, bytes, length);
				server_reset();
			}
			free(bytes);
			free(again);
		}
	printf("%s: %d damaged values accepted and used\n", type->name, accepted);
}

int
main(void)
{
	for (size_t t = 0; t < lengthof(summary_kinds); t++)
		test_type(choose_kind(t));
	return UNIT_END();
}
