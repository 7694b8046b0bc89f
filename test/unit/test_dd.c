/*
 * test_dd.c
 *	  Double-double arithmetic: sums and products of doubles are exact, the
 *	  rest is right to 2^-100, against 128-bit integers and __float128.
 */
#include "stat/ks_dd.h"
#include "stat/ks_decimal.h"
#include "unit.h"

typedef __float128 Quad;

static const int trials = 200000;

/* xorshift64*, seeded the same every run (Vigna 2016). */
static uint64_t
random_bits(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL;
}

/* A double with a random sign, a full mantissa and a binary exponent within spread. */
static double
random_double(uint64_t *state, int spread)
{
	double mantissa = ldexp((double)(random_bits(state) >> 11), -53) + 1;
	int exponent = (int)(random_bits(state) % (2 * (unsigned)spread + 1)) - spread;

	return ldexp(random_bits(state) & 1 ? mantissa : -mantissa, exponent);
}

static KsDD
random_dd(uint64_t *state, int spread)
{
	double hi = random_double(state, spread);

	return ks_two_sum(hi, ldexp(hi, -53) * random_double(state, 3) / 8);
}

static Quad
quad(KsDD a)
{
	return (Quad)a.hi + (Quad)a.lo;
}

/*
 * Relative error in units of 2^-100.  __float128 has 113 bits, so its own
 * rounding stays below a thousandth of that.
 */
static double
error_units(KsDD actual, Quad expected, Quad scale)
{
	Quad error = (quad(actual) - expected) / scale;

	return ldexp((double)(error < 0 ? -error : error), 100);
}

static Quad
quad_abs(Quad a)
{
	return a < 0 ? -a : a;
}

/* Products of 53-bit integers fit 128 bits: no rounding anywhere in the check. */
static void
test_products_of_integers(void)
{
	uint64_t state = 1;
	int wrong = 0;

	for (int i = 0; i < trials; i++)
	{
		int64_t a = (int64_t)(random_bits(&state) >> 11),
				b = (int64_t)(random_bits(&state) >> 11);
		KsDD p = ks_two_prod((double)a, -(double)b);

		wrong += (__int128)p.hi + (__int128)p.lo != -(__int128)a * b;
		wrong += p.hi != -(double)a * (double)b;
	}
	CHECK(wrong == 0);
}

/* Exactness over exponents: x - hi - lo is 0 in a wider type, step by step exact. */
static void
test_exact_transformations(void)
{
	uint64_t state = 2;
	int wrong_product = 0, wrong_sum = 0, wrong_fast = 0;

	for (int i = 0; i < trials; i++)
	{
		double a = random_double(&state, 200), b = random_double(&state, 200);
		double c = random_double(&state, 25), d = random_double(&state, 25);
		KsDD p = ks_two_prod(a, b), s = ks_two_sum(c, d), f;

		wrong_product += (Quad)a * b - p.hi != p.lo || p.hi != a * b;
		wrong_sum += (Quad)c + d != quad(s) || s.hi != c + d;
		f = fabs(c) >= fabs(d) ? ks_fast_two_sum(c, d) : ks_fast_two_sum(d, c);
		wrong_fast += f.hi != s.hi || f.lo != s.lo;
	}
	CHECK(wrong_product == 0);
	CHECK(wrong_sum == 0);
	CHECK(wrong_fast == 0);
}

/* Sums that cancel are held to the size of the terms, the rest to the result. */
static void
test_arithmetic(void)
{
	uint64_t state = 3;
	double worst_add = 0, worst_mul = 0, worst_div = 0, worst_mixed = 0;

	for (int i = 0; i < trials; i++)
	{
		KsDD a = random_dd(&state, 30), b = random_dd(&state, 30);
		double d = random_double(&state, 30);
		Quad x = quad(a), y = quad(b), size = quad_abs(x) + quad_abs(y);

		worst_add = fmax(worst_add, error_units(ks_dd_add(a, b), x + y, size));
		worst_add = fmax(worst_add, error_units(ks_dd_sub(a, b), x - y, size));
		worst_mul = fmax(worst_mul, error_units(ks_dd_mul(a, b), x * y, x * y));
		worst_div = fmax(worst_div, error_units(ks_dd_div(a, b), x / y, x / y));
		worst_mixed = fmax(worst_mixed,
						   error_units(ks_dd_add_d(a, d), x + d, quad_abs(x) + fabs(d)));
		worst_mixed = fmax(worst_mixed, error_units(ks_dd_mul_d(a, d), x * d, x * d));
		worst_mixed = fmax(worst_mixed, error_units(ks_dd_div_d(a, d), x / d, x / d));
	}
	CHECK(worst_add < 1);
	CHECK(worst_mul < 1);
	CHECK(worst_div < 1);
	CHECK(worst_mixed < 1);
}

/* The sum of many numbers, forwards and backwards, rounds to the same double. */
static void
test_order_of_summation(void)
{
	enum
	{
		n = 5000
	};
	static double value[n];
	uint64_t state = 4;
	KsDD forwards = ks_dd(0), backwards = ks_dd(0), halves = ks_dd(0), left = ks_dd(0);

	for (int i = 0; i < n; i++)
		value[i] = 1e6 + random_double(&state, 20);
	for (int i = 0; i < n; i++)
	{
		forwards = ks_dd_add_d(forwards, value[i]);
		backwards = ks_dd_add_d(backwards, value[n - 1 - i]);
		if (i < n / 2)
			left = ks_dd_add_d(left, value[i]);
		else
			halves = ks_dd_add_d(halves, value[i]);
	}
	halves = ks_dd_add(left, halves);
	CHECK(ks_dd_value(forwards) == ks_dd_value(backwards));
	CHECK(ks_dd_value(forwards) == ks_dd_value(halves));
}

static void
test_small_cases(void)
{
	KsDD third = ks_dd_div(ks_dd(1), ks_dd(3));

	CHECK(third.hi == 1.0 / 3 && third.lo != 0);
	CHECK(ks_dd_value(ks_dd_mul_d(third, 3)) == 1);
	CHECK(ks_dd_value(ks_dd_sub(ks_dd_add_d(ks_dd(1e16), 1), ks_dd(1e16))) == 1);
	CHECK(ks_dd_value(ks_dd_neg(ks_dd(2))) == -2);
	CHECK(ks_dd_value(ks_dd_div_d(ks_dd(0), 7)) == 0);
}

/* Decimals: the nearest double first, and 10^k times it a whole number again. */
static void
test_decimals(void)
{
	static const struct
	{
		const char *text;
		double scale, whole;
	} good[] = {
		{"0", 1, 0}, {"-0.00", 1, 0}, {"12", 1, 12}, {"+0.4", 10, 4}, {"-1.25", 100, -125},
		{"1000000000000.4", 10, 10000000000004.0}, {"0.0000000000000000001", 1e19, 1},
		{".5", 10, 5}, {"7.", 1, 7}, {"123456789012345678901234567890123456789", 1e-38, 1.23456789012345678901},
		{"0000000000000000000000000000000000001.5", 10, 15}};
	static const char *const bad[] = {"", "-", ".", "NaN", "Infinity", "1e5", "1.2.3", " 1"};
	KsDD value;
	char text[400];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		CHECK(ks_decimal(good[i].text, &value));
		CHECK(value.hi == strtod(good[i].text, NULL));
		CHECK_CLOSE(ks_dd_value(ks_dd_mul_d(value, good[i].scale)), good[i].whole, 1e-16);
	}
	CHECK(ks_decimal("1000000000000.4", &value));
	CHECK(fabs(ks_dd_value(ks_dd_sub(ks_dd_mul_d(value, 10), ks_dd(10000000000004.0)))) < 1e-18);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!ks_decimal(bad[i], &value));
	memset(text, '9', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	CHECK(ks_decimal(text, &value) && value.hi == INFINITY);
	text[300] = '\0';
	CHECK(ks_decimal(text, &value) && unit_error(value.hi, 1e300) < 1e-15);
	memset(text, '0', sizeof(text));
	text[1] = '.';
	text[397] = '7';
	text[398] = '\0';
	CHECK(ks_decimal(text, &value) && value.hi == 0);
	text[300] = '7';
	CHECK(ks_decimal(text, &value) && unit_error(value.hi, 7e-299) < 1e-15);
}

int
main(void)
{
	test_products_of_integers();
	test_exact_transformations();
	test_arithmetic();
	test_order_of_summation();
	test_small_cases();
	test_decimals();
	return UNIT_END();
}
