/*
 * test_walsh.c
 *	  Order statistics of pairwise averages and differences against plain
 *	  counting of all pairs.
 */
#include "stat/ks_sort.h"
#include "stat/ks_walsh.h"
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

#define SHAPES 10

static double
draw(int shape)
{
	double normal =
		sqrt(-2 * log(uniform() + 1e-300)) * cos(6.283185307179586 * uniform());

	switch (shape)
	{
	case 0:
		return normal;
	case 1:
		return floor(uniform() * 21) - 10;
	case 2:
		return floor(normal * 1000) / 1000;
	case 3:
		return 1 + DBL_EPSILON * floor(uniform() * 3000);
	case 4:
		return floor(uniform() * 2e5);
	case 5:
		return tan(3.14159 * (uniform() - 0.5));
	case 6:
		return uniform() < 0.7 ? 0 : floor(normal * 1e4) / 1e4;
	case 7:
		return (uniform() - 0.5) * 2 * DBL_MAX;
	case 8:
		return uniform() < 0.5 ? 1e16 : uniform();
	default:
		return exp(100 * normal);
	}
}

static KsCounted
sample(int shape, size_t n, bool counted)
{
	double *values = malloc(n * sizeof(double));
	KsCounted result;

	for (size_t i = 0; i < n; i++)
		values[i] = draw(shape);
	CHECK(ks_sort_doubles(&unit_env, values, n) == KS_OK);
	CHECK(ks_count_sorted(&unit_env, values, n, &result) == KS_OK);
	if (counted && result.count == NULL)
	{
		int64_t *count = malloc(result.distinct * sizeof(int64_t));

		result.n = 0;
		for (size_t i = 0; i < result.distinct; i++)
			result.n += count[i] = 1 + (int64_t)(uniform() * 9);
		result.count = count;
	}
	free(values);
	return result;
}

/* Half the sum as it is defined: rounded once, without overflow. */
static double
half_sum(double a, double b)
{
	double sum = a + b;

	return isfinite(sum) && fabs(a) <= DBL_MAX / 4 && fabs(b) <= DBL_MAX / 4
			   ? 0.5 * sum
			   : 0.5 * a + 0.5 * b;
}

/* Whether a value has the given rank among all Walsh averages. */
static bool
has_walsh_rank(const KsCounted *x, double value, int64_t rank)
{
	int64_t below = 0, equal = 0;

	for (size_t i = 0; i < x->distinct; i++)
	{
		for (size_t j = i; j < x->distinct; j++)
		{
			double average = half_sum(x->value[i], x->value[j]);
			int64_t weight = i == j ? ks_triangle(ks_count_at(x, i))
									: ks_count_at(x, i) * ks_count_at(x, j);

			below += average < value ? weight : 0;
			equal += average == value ? weight : 0;
		}
	}
	return below < rank && rank <= below + equal;
}

static bool
has_shift_rank(const KsCounted *x, const KsCounted *y, double value, int64_t rank)
{
	int64_t below = 0, equal = 0;

	for (size_t i = 0; i < x->distinct; i++)
	{
		for (size_t j = 0; j < y->distinct; j++)
		{
			double difference = x->value[i] - y->value[j];
			int64_t weight = ks_count_at(x, i) * ks_count_at(y, j);

			below += difference < value ? weight : 0;
			equal += difference == value ? weight : 0;
		}
	}
	return below < rank && rank <= below + equal;
}

/* Low, middle, neighbouring and high ranks of a number of pairs. */
static void
choose_ranks(int64_t pairs, int64_t ranks[5])
{
	ranks[0] = 1 + (int64_t)((double)pairs * 0.3 * uniform());
	ranks[1] = (pairs + 1) / 2;
	ranks[2] = pairs / 2 + 1;
	ranks[3] = pairs - (int64_t)((double)pairs * 0.3 * uniform());
	ranks[4] = uniform() < 0.5 ? 1 : pairs;
}

static void
test_walsh(int shape, size_t n, bool counted)
{
	KsCounted x = sample(shape, n, counted);
	int64_t ranks[5];
	double values[5];

	choose_ranks(ks_triangle(x.n), ranks);
	CHECK(ks_walsh_order_statistics(&unit_env, &x, ranks, 5, values) == KS_OK);
	for (int k = 0; k < 5; k++)
		CHECK(has_walsh_rank(&x, values[k], ranks[k]));
	ks_counted_free(&unit_env, &x);
}

static void
test_shift(int shape, size_t n, size_t m, bool counted)
{
	KsCounted x = sample(shape, n, counted), y = sample(shape, m, false);
	int64_t ranks[5];
	double values[5];

	choose_ranks(x.n * y.n, ranks);
	CHECK(ks_shift_order_statistics(&unit_env, &x, &y, ranks, 5, values) == KS_OK);
	for (int k = 0; k < 5; k++)
		CHECK(has_shift_rank(&x, &y, values[k], ranks[k]));
	ks_counted_free(&unit_env, &x);
	ks_counted_free(&unit_env, &y);
}

/* Every rank of a hand-made sample: changes -1, 0 (twice), 3. */
static void
test_all_ranks(void)
{
	static const double value[] = {-1, 0, 3};
	static const int64_t count[] = {1, 2, 1};
	static const double expected[] = {-1, -0.5, -0.5, 0, 0, 0, 1, 1.5, 1.5, 3};
	KsCounted x = {value, count, 3, 4};

	for (int64_t rank = 1; rank <= 10; rank++)
	{
		double average;

		CHECK(ks_walsh_order_statistics(&unit_env, &x, &rank, 1, &average) == KS_OK);
		CHECK(average == expected[rank - 1]);
	}
}

/* Hundred million pain scores: the counts must not overflow. */
static void
test_many(void)
{
	double value[11], result[3];
	int64_t count[11], ranks[3];
	KsCounted x = {value, count, 11, 0};

	for (int k = 0; k < 11; k++)
	{
		value[k] = k - 5;
		count[k] = 100000000;
		x.n += count[k];
	}
	ranks[0] = 1;
	ranks[1] = ks_triangle(x.n) / 2;
	ranks[2] = ks_triangle(x.n);
	CHECK(ks_walsh_order_statistics(&unit_env, &x, ranks, 3, result) == KS_OK);
	CHECK(result[0] == -5 && result[1] == 0 && result[2] == 5);
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
	static const size_t sizes[] = {1, 2, 3, 7, 30, 100, 700};
	KsEnv cancelling = unit_env;
	int64_t rank = 70000;
	double value;
	KsCounted x;

	for (int shape = 0; shape < SHAPES; shape++)
	{
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
		{
			test_walsh(shape, sizes[s], false);
			test_walsh(shape, sizes[s], true);
			if (shape != 7)
			{
				test_shift(shape, sizes[s], 1 + sizes[s] / 2, false);
				test_shift(shape, sizes[s], 1 + sizes[s] / 3, true);
			}
		}
		/* large enough for the sample */
		if (shape % 3 == 2)
			continue;
		test_walsh(shape, 4200, false);
		test_walsh(shape, 4100, true);
		if (shape != 7)
		{
			test_shift(shape, 2500, 2000, true);
			test_shift(shape, 3, 6000, false);
		}
	}
	test_all_ranks();
	test_many();

	x = sample(0, 5000, false);
	cancelling.poll = always;
	CHECK(ks_walsh_order_statistics(&cancelling, &x, &rank, 1, &value) == KS_CANCELLED);
	ks_counted_free(&unit_env, &x);
	return UNIT_END();
}
