/*
 * test_sort.c
 *	  Sorting against qsort on data of every shape, and counting.
 */
#include "stat/ks_sort.h"
#include "unit.h"

#include <float.h>

static uint64_t random_state = 88172645463325252u;

static double
uniform(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (double)(random_state >> 11) * 0x1p-53;
}

/* Values of one of several shapes: wide, few-valued, close together, huge, sorted. */
static double
draw(int shape, size_t i)
{
	switch (shape)
	{
	case 0:
		return (uniform() - 0.5) * exp(40 * uniform());
	case 1:
		return floor(uniform() * 21) - 10;
	case 2:
		return 1 + DBL_EPSILON * floor(uniform() * 5000);
	case 3:
		return (uniform() - 0.5) * DBL_MAX;
	case 4:
		return (double)i;
	case 5:
		return -(double)(i / 3);
	case 6:
		return uniform() < 0.5 ? 7 : 1 + 1e-12 * uniform();
	default:
		return 3;
	}
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
compare_pairs(const void *a, const void *b)
{
	int first = compare(a, b);

	return first ? first : compare((const double *)a + 1, (const double *)b + 1);
}

static void
test_doubles(int shape, size_t n)
{
	double *values = malloc((n + 1) * sizeof(double));
	double *expected = malloc((n + 1) * sizeof(double));
	KsCounted counted, merged;
	size_t half = n / 2;
	int64_t total = 0;

	for (size_t i = 0; i < n; i++)
		values[i] = expected[i] = draw(shape, i);
	qsort(expected, n, sizeof(double), compare);
	CHECK(ks_sort_doubles(&unit_env, values, n) == KS_OK);
	CHECK(n == 0 || memcmp(values, expected, n * sizeof(double)) == 0);

	CHECK(ks_count_sorted(&unit_env, values, n, &counted) == KS_OK);
	CHECK(counted.n == (int64_t)n);
	for (size_t i = 0, row = 0; i < counted.distinct;
		 row += ks_count_at(&counted, i), i++)
	{
		total += ks_count_at(&counted, i);
		if (values[row] != counted.value[i] ||
			(i > 0 && counted.value[i - 1] >= counted.value[i]))
			CHECK(!"counted value");
	}
	CHECK(total == (int64_t)n);

	/* A table of the lower half merged with the flat upper half says the same. */
	if (n > 0)
	{
		KsCounted lower;

		CHECK(ks_count_sorted(&unit_env, values, half, &lower) == KS_OK);
		CHECK(ks_count_merged(&unit_env, values + half, n - half, lower.value,
							  lower.count, lower.distinct, &merged) == KS_OK);
		CHECK(merged.distinct == counted.distinct && merged.n == counted.n);
		CHECK(memcmp(merged.value, counted.value, counted.distinct * sizeof(double)) ==
			  0);
		for (size_t i = 0; i < counted.distinct; i++)
		{
			if (ks_count_at(&merged, i) != ks_count_at(&counted, i))
				CHECK(!"merged count");
		}
		ks_counted_free(&unit_env, &lower);
		ks_counted_free(&unit_env, &merged);
	}
	ks_counted_free(&unit_env, &counted);
	free(values);
	free(expected);
}

static void
test_pairs(int shape, size_t n, bool counted)
{
	double *pairs = malloc((2 * n + 1) * sizeof(double));
	double *expected = malloc((2 * n + 1) * sizeof(double));
	int64_t *count = malloc((n + 1) * sizeof(int64_t));

	for (size_t i = 0; i < n; i++)
	{
		pairs[2 * i] = expected[2 * i] = draw(shape, i);
		pairs[2 * i + 1] = expected[2 * i + 1] = draw((int)(i % 2), i);
		count[i] = (int64_t)i;
	}
	CHECK(ks_sort_pairs(&unit_env, pairs, counted ? count : NULL, n) == KS_OK);
	for (size_t i = 0; counted && i < n; i++)
	{
		if (pairs[2 * i] != expected[2 * count[i]] ||
			pairs[2 * i + 1] != expected[2 * count[i] + 1])
			CHECK(!"the payload moved with its pair");
		if (i > 0 && compare_pairs(pairs + 2 * i - 2, pairs + 2 * i) == 0 &&
			count[i - 1] > count[i])
			CHECK(!"stable");
	}
	qsort(expected, n, 2 * sizeof(double), compare_pairs);
	CHECK(memcmp(pairs, expected, 2 * n * sizeof(double)) == 0);
	free(pairs);
	free(expected);
	free(count);
}

static bool
always(void *context)
{
	(void)context;
	return true;
}

int
main(void)
{
	static const size_t sizes[] = {0,  1,   2,    3,    11,   12,   13,
								   40, 999, 1000, 1001, 5000, 70000};
	double zeros[] = {-0.0, 0.0, -0.0};
	KsEnv cancelling = unit_env;
	double *values = malloc(100000 * sizeof(double));
	KsCounted counted;

	for (int shape = 0; shape < 8; shape++)
	{
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
		{
			test_doubles(shape, sizes[s]);
			test_pairs(shape, sizes[s], false);
			test_pairs(shape, sizes[s], true);
		}
	}

	CHECK(ks_count_sorted(&unit_env, zeros, 3, &counted) == KS_OK);
	CHECK(counted.distinct == 1 && counted.n == 3 && !signbit(counted.value[0]));
	ks_counted_free(&unit_env, &counted);

	cancelling.poll = always;
	for (size_t i = 0; i < 100000; i++)
		values[i] = uniform();
	CHECK(ks_sort_doubles(&cancelling, values, 100000) == KS_CANCELLED);
	free(values);
	return UNIT_END();
}
