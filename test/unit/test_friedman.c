/*
 * test_friedman.c
 *	  Friedman's test against R.
 */
#include "stat/ks_friedman.h"

#include "gold.h"
#include "unit.h"

/* Figures of a set in the order of the subjects given, then in reverse. */
static void
against_r(void)
{
	static Gold gold;
	double value[GOLD_FIELDS], reversed[GOLD_FIELDS];
	KsTest test, again;

	gold_open(&gold, "test/oracle/friedman.csv");
	while (gold_next(&gold))
	{
		int n = (int) gold_number(&gold, 1), k = (int) gold_number(&gold, 2);

		CHECK(gold.fields == 7 + n * k);
		for (int i = 0; i < n * k; i++)
		{
			value[i] = gold_number(&gold, 7 + i);
			reversed[(n - 1 - i / k) * k + i % k] = value[i];
		}
		CHECK(ks_friedman_test(value, n, k, &unit_env, &test) == KS_OK);
		CHECK_CLOSE(test.statistic, gold_number(&gold, 3), 1e-12);
		CHECK_CLOSE(test.df, gold_number(&gold, 4), 0);
		CHECK_CLOSE(test.p_value, gold_number(&gold, 5), 1e-10);
		CHECK_CLOSE(test.effect_size, gold_number(&gold, 6), 1e-12);
		CHECK(test.n == n && test.note[0] == '\0');
		CHECK(ks_friedman_test(reversed, n, k, &unit_env, &again) == KS_OK);
		CHECK(again.statistic == test.statistic && again.p_value == test.p_value);
	}
}

static void
degenerate(void)
{
	const double value[] = {3, 3, 3, 5, 5, 5, 1, 2};
	KsTest test;

	CHECK(ks_friedman_test(value, 2, 3, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && isnan(test.effect_size) && test.note[0] != '\0');
	CHECK(ks_friedman_test(value, 1, 3, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0');
	CHECK(ks_friedman_test(value, 3, 1, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0');
	CHECK(ks_friedman_test(NULL, 0, 0, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0');
}

static bool
always_cancelled(void *context)
{
	(void) context;
	return true;
}

static void
cancel(void)
{
	enum
	{
		SUBJECTS = 3000
	};
	static double value[SUBJECTS * 3];
	KsEnv env = unit_env;
	KsTest test;

	env.poll = always_cancelled;
	CHECK(ks_friedman_test(value, SUBJECTS, 3, &env, &test) == KS_CANCELLED);
}

int
main(void)
{
	against_r();
	degenerate();
	cancel();
	return UNIT_END();
}
