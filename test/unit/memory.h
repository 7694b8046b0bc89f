/*
 * memory.h
 *	  An environment that fails: every allocation in turn gives nothing, every poll
 *	  in turn cancels.  A case must report it, and give back all it took.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "unit.h"

/* A function under test on some input; it frees what the function gave out. */
typedef struct Case
{
	const char *name;
	KsStatus (*run)(const KsEnv *env);
} Case;

/* test/lint wants a CASE(...) of every function of src/stat with an environment. */
#define CASE(function) {#function, run_##function}

/* The calls of a case one after the other, until one of them fails. */
#define THEN(status, call) ((status) == KS_OK ? (call) : (status))

typedef struct Trial
{
	long fail_at, allocations; /* the allocation to fail from 0, -1: none; those so far */
	long cancel_at, polls;
	long held; /* pieces of memory not yet given back */
} Trial;

static void *
trial_alloc(void *context, size_t bytes)
{
	Trial *trial = context;

	if (trial->allocations++ == trial->fail_at)
		return NULL;
	trial->held++;
	return malloc(bytes > 0 ? bytes : 1);
}

static void
trial_free(void *context, void *pointer)
{
	Trial *trial = context;

	trial->held -= pointer != NULL;
	free(pointer);
}

/* A cancelled query stays cancelled. */
static bool
trial_poll(void *context)
{
	Trial *trial = context;

	return trial->polls++ >= trial->cancel_at && trial->cancel_at >= 0;
}

static Trial
try_case(const Case *one, long fail_at, long cancel_at, KsStatus expected)
{
	Trial trial = {.fail_at = fail_at, .cancel_at = cancel_at};
	const KsEnv env = {trial_alloc, trial_free, trial_poll, &trial};
	const int failures = unit_failures;
	const KsStatus status = one->run(&env);

	CHECK(status == expected);
	CHECK(trial.held == 0);
	if (unit_failures > failures)
		printf("  %s: allocation %ld, poll %ld: status %d, %ld held\n", one->name, fail_at,
			   cancel_at, (int) status, trial.held);
	return trial;
}

/*
 * All allocations fail in turn, unless there are very many; of the polls the first
 * most_of_each cancel, and then about as many of the others, evenly spread.
 */
static void
try_all(const Case *cases, size_t n, int most_of_each)
{
	long allocations = 0, polls = 0;

	for (size_t c = 0; c < n; c++)
	{
		const Trial whole = try_case(&cases[c], -1, -1, KS_OK);
		const long stride = 1 + whole.polls / most_of_each;
		const long skip = 1 + whole.allocations / (20 * most_of_each);

		for (long i = 0; i < whole.allocations; i += skip, allocations++)
			try_case(&cases[c], i, -1, KS_NO_MEMORY);
		for (long i = 0; i < whole.polls; i += i < most_of_each ? 1 : stride, polls++)
			try_case(&cases[c], -1, i, KS_CANCELLED);
		if (getenv("MEMORY_VERBOSE") != NULL)
			printf("%s: %ld allocations, %ld polls\n", cases[c].name, whole.allocations,
				   whole.polls);
	}
	printf("%zu functions: %ld allocations failed, %ld polls cancelled\n", n, allocations,
		   polls);
}

#endif
