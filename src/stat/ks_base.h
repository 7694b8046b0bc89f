/*
 * ks_base.h
 *	  What every statistics file shares: status, environment, counted values
 *	  and the result of a test.
 *
 * src/stat is plain C without a server.  It reaches memory and cancellation
 * through KsEnv only, keeps no static data, and reports failure by a status:
 * no longjmp ever crosses numeric code.
 */
#ifndef KS_BASE_H
#define KS_BASE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a computation ended.  Degenerate data are KS_OK with NaN and a note. */
typedef enum KsStatus
{
	KS_OK = 0,
	KS_NO_MEMORY, /* alloc returned NULL */
	KS_CANCELLED, /* poll returned true: the caller raises the cancel */
	KS_OVERFLOW,  /* finite input, result beyond double */
	KS_TOO_LARGE, /* the work would pass a stated bound */
} KsStatus;

typedef enum KsAlternative
{
	KS_TWO_SIDED,
	KS_LESS,
	KS_GREATER,
} KsAlternative;

/*
 * The outside world.  alloc may return NULL; free takes what alloc gave; poll
 * returns true once the query is cancelled and is cheap enough to be called
 * every few thousand steps of a loop.
 */
typedef struct KsEnv
{
	void *(*alloc)(void *context, size_t bytes);
	void (*free)(void *context, void *pointer);
	bool (*poll)(void *context);
	void *context;
} KsEnv;

/* Values in ascending order, each once, with how often it occurred. */
typedef struct KsCounted
{
	const double *value;  /* distinct values, ascending */
	const int64_t *count; /* how often each occurred; NULL: once each */
	size_t distinct;	  /* length of both arrays */
	int64_t n;			  /* sum of the counts */
} KsCounted;

static inline int64_t
ks_count_at(const KsCounted *values, size_t i)
{
	return values->count ? values->count[i] : 1;
}

#define KS_NOTE_SIZE 256

/*
 * The result of a test, one field per column of the SQL type test_result.
 * NaN (and NULL text, and an empty note) stand for SQL NULL.  Texts other than
 * the note are constants or live as long as the caller's memory.
 */
typedef struct KsTest
{
	int64_t n;
	int64_t n_missing;
	double estimate;
	double std_error;
	double conf_low;
	double conf_high;
	double statistic;
	double df;
	double df2;
	double p_value;
	double effect_size;
	const char *effect_name;
	const char *contrast;
	const char *method;
	char note[KS_NOTE_SIZE];
} KsTest;

/* Set every figure to NaN, every text to NULL. */
extern void ks_test_clear(KsTest *test);

/* Append one remark to a note, separated by "; ".  Too long a note is cut. */
extern void ks_note(char note[KS_NOTE_SIZE], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
