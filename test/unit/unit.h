/*
 * unit.h
 *	  A unit test in plain C: each test_*.c is one program, linked with all of
 *	  src/stat under the address and undefined-behaviour sanitizers.
 */
#ifndef UNIT_H
#define UNIT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat/ks_base.h"

static int unit_checks, unit_failures;

/* The largest error of the figures that must agree to 1e-8, and of those to 1e-4. */
static double unit_largest, unit_largest_loose;

/* Relative error as SciPy's xsf has it: exact match, infinities and zero included. */
static inline double
unit_error(double actual, double expected)
{
	if (actual == expected || (isnan(actual) && isnan(expected)))
		return 0;
	if (!isfinite(actual) || !isfinite(expected))
		return INFINITY;
	return expected == 0 ? fabs(actual) : fabs(actual - expected) / fabs(expected);
}

static inline void
unit_note(double error, double tolerance)
{
	double *largest = tolerance <= 1e-8 ? &unit_largest : &unit_largest_loose;

	if (tolerance <= 1e-4 && error > *largest)
		*largest = error;
}

#define CHECK(condition) \
	do \
	{ \
		unit_checks++; \
		if (!(condition)) \
		{ \
			unit_failures++; \
			printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
		} \
	} while (0)

#define CHECK_CLOSE(actual, expected, tolerance) \
	do \
	{ \
		double actual_ = (actual), expected_ = (expected); \
		unit_checks++; \
		unit_note(unit_error(actual_, expected_), (tolerance)); \
		if (!(unit_error(actual_, expected_) <= (tolerance))) \
		{ \
			unit_failures++; \
			printf("%s:%d: %s = %.17g, expected %.17g\n", __FILE__, __LINE__, #actual, \
				   actual_, expected_); \
		} \
	} while (0)

static inline void *
unit_alloc(void *context, size_t bytes)
{
	(void) context;
	return malloc(bytes > 0 ? bytes : 1);
}

static inline void
unit_free(void *context, void *pointer)
{
	(void) context;
	free(pointer);
}

static inline bool
unit_poll(void *context)
{
	(void) context;
	return false;
}

static const KsEnv unit_env = {unit_alloc, unit_free, unit_poll, NULL};

/* The last lines of every test program. */
#define UNIT_END() \
	(printf("%s: largest difference %.1e, of searched figures %.1e\n", __FILE__, \
			unit_largest, unit_largest_loose), \
	 printf("%s: %d checks, %d failed\n", __FILE__, unit_checks, unit_failures), \
	 (void) unit_env, unit_failures > 0)

#endif
