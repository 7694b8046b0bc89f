/*
 * test_mann_whitney.c
 *	  The Mann-Whitney test against R, exactRankTests and full enumeration.
 */
#include "stat/ks_mann_whitney.h"

#include "stat/ks_sort.h"

#include "gold.h"
#include "unit.h"

enum
{
	W = 2,
	SHIFT,
	RANK_BISERIAL,
	EXACT_LESS,
	EXACT_GREATER,
	EXACT_LOW,
	EXACT_HIGH,
	EXACT_LOW_ONE_SIDED,
	EXACT_HIGH_ONE_SIDED,
	CORRECTED,
	PLAIN = CORRECTED + 7,
	SIZES = PLAIN + 7,
};

static void
count_values(const double *from, size_t n, KsCounted *out)
{
	double sorted[GOLD_FIELDS];

	memcpy(sorted, from, n * sizeof(double));
	CHECK(ks_sort_doubles(&unit_env, sorted, n) == KS_OK);
	CHECK(ks_count_sorted(&unit_env, sorted, n, out) == KS_OK);
}

/* What must hold in every answer. */
static void
check_invariants(const KsTest *test)
{
	CHECK(test->p_value >= 0 && test->p_value <= 1);
	CHECK(test->conf_low <= test->estimate && test->estimate <= test->conf_high);
	CHECK(fabs(test->effect_size) <= 1);
}

static void
check_exact(const Gold *gold, const KsCounted *values, double conf)
{
	const double less = gold_number(gold, EXACT_LESS);
	const double greater = gold_number(gold, EXACT_GREATER);
	KsTest test;

	CHECK(ks_mann_whitney(values, 2, KS_TWO_SIDED, conf, KS_EXACT_YES, true, &unit_env,
						  &test) == KS_OK);
	check_invariants(&test);
	CHECK_CLOSE(test.statistic, gold_number(gold, W), 0);
	CHECK_CLOSE(test.estimate, gold_number(gold, SHIFT), 1e-12);
	CHECK_CLOSE(test.effect_size, gold_number(gold, RANK_BISERIAL), 1e-13);
	CHECK_CLOSE(test.conf_low, gold_number(gold, EXACT_LOW), 1e-12);
	CHECK_CLOSE(test.conf_high, gold_number(gold, EXACT_HIGH), 1e-12);
	if (!isnan(less))
		CHECK_CLOSE(test.p_value, fmin(1, 2 * fmin(less, greater)), 1e-10);
	CHECK(ks_mann_whitney(values, 2, KS_LESS, conf, KS_EXACT_YES, true, &unit_env, &test) ==
		  KS_OK);
	check_invariants(&test);
	if (!isnan(less))
		CHECK_CLOSE(test.p_value, less, 1e-10);
	CHECK_CLOSE(test.conf_high, gold_number(gold, EXACT_HIGH_ONE_SIDED), 1e-12);
	CHECK(ks_mann_whitney(values, 2, KS_GREATER, conf, KS_EXACT_YES, true, &unit_env,
						  &test) == KS_OK);
	check_invariants(&test);
	if (!isnan(less))
		CHECK_CLOSE(test.p_value, greater, 1e-10);
	CHECK_CLOSE(test.conf_low, gold_number(gold, EXACT_LOW_ONE_SIDED), 1e-12);
}

/* R's limits are roots to 1e-13 of the difference at which the sign changes. */
static void
check_limit(double actual, double expected)
{
	CHECK(isnan(expected) || fabs(actual - expected) < 1e-9);
}

static void
check_normal(const Gold *gold, const KsCounted *values, double conf, bool correct, int at)
{
	const KsAlternative side[] = {KS_TWO_SIDED, KS_LESS, KS_GREATER};
	KsTest test[3];

	for (int i = 0; i < 3; i++)
	{
		CHECK(ks_mann_whitney(values, 2, side[i], conf, KS_EXACT_NO, correct, &unit_env,
							  &test[i]) == KS_OK);
		check_invariants(&test[i]);
		CHECK_CLOSE(test[i].p_value, gold_number(gold, at + i), 1e-10);
	}
	check_limit(test[0].conf_low, gold_number(gold, at + 3));
	check_limit(test[0].conf_high, gold_number(gold, at + 4));
	check_limit(test[2].conf_low, gold_number(gold, at + 5));
	check_limit(test[1].conf_high, gold_number(gold, at + 6));
}

/* Swapping the groups mirrors everything. */
static void
check_mirror(const KsCounted *values, double conf, KsExact exact)
{
	KsCounted swapped[2] = {values[1], values[0]};
	KsTest a, b;

	CHECK(ks_mann_whitney(values, 2, KS_LESS, conf, exact, true, &unit_env, &a) == KS_OK);
	CHECK(ks_mann_whitney(swapped, 2, KS_GREATER, conf, exact, true, &unit_env, &b) == KS_OK);
	CHECK_CLOSE(a.p_value, b.p_value, 1e-13);
	CHECK(a.estimate == -b.estimate && a.conf_high == -b.conf_low);
	CHECK(a.effect_size == -b.effect_size);
}

static void
against_r(void)
{
	static Gold gold;
	double value[GOLD_FIELDS];

	gold_open(&gold, "test/oracle/mann_whitney.csv");
	while (gold_next(&gold))
	{
		int n1 = (int) gold_number(&gold, SIZES), n2 = (int) gold_number(&gold, SIZES + 1);
		double conf = gold_number(&gold, 1);
		KsCounted values[2];

		CHECK(gold.fields == SIZES + 2 + n1 + n2);
		for (int i = 0; i < n1 + n2; i++)
			value[i] = gold_number(&gold, SIZES + 2 + i);
		count_values(value, n1, &values[0]);
		count_values(value + n1, n2, &values[1]);
		check_exact(&gold, values, conf);
		check_normal(&gold, values, conf, true, CORRECTED);
		check_normal(&gold, values, conf, false, PLAIN);
		check_mirror(values, conf, KS_EXACT_YES);
		check_mirror(values, conf, KS_EXACT_NO);
		if (strcmp(gold.field[0], "hivsn") == 0)
		{
			KsTest test;

			/* the study's gold case, by full conditional distribution */
			CHECK(ks_mann_whitney(values, 2, KS_TWO_SIDED, conf, KS_EXACT_YES, true,
								  &unit_env, &test) == KS_OK);
			CHECK_CLOSE(test.p_value, 0.6952031299909679, 1e-10);
			CHECK(ks_mann_whitney(values, 2, KS_TWO_SIDED, conf, KS_EXACT_DEFAULT, true,
								  &unit_env, &test) == KS_OK);
			CHECK_CLOSE(test.p_value, 0.6949835586052677, 1e-10);
		}
		ks_counted_free(&unit_env, &values[0]);
		ks_counted_free(&unit_env, &values[1]);
	}
}

static void
degenerate(void)
{
	const double five[] = {5}, scores[] = {0, 1, 2};
	const int64_t four_times[] = {4}, often[] = {700, 900, 800}, vast[] = {1000000000, 1000000000, 1};
	KsCounted values[3] = {{five, four_times, 1, 4}, {five, four_times, 1, 4}, {0}};
	KsTest test;

	CHECK(ks_mann_whitney(values, 3, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true, &unit_env,
						  &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0');
	CHECK(ks_mann_whitney(values + 1, 2, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true,
						  &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0' && test.n == 4);
	CHECK(ks_mann_whitney(values + 2, 1, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true,
						  &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && test.note[0] != '\0' && test.n == 0);
	values[2] = values[0];
	CHECK(ks_mann_whitney(values, 3, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true, &unit_env,
						  &test) == KS_OK);
	CHECK(isnan(test.p_value) && strstr(test.note, "3 groups") != NULL);

	/* too much work for an exact p value: the normal one, and the note says so */
	values[0] = values[1] = (KsCounted){scores, often, 3, 2400};
	CHECK(ks_mann_whitney(values, 2, KS_TWO_SIDED, 0.95, KS_EXACT_YES, true, &unit_env,
						  &test) == KS_OK);
	CHECK(test.p_value == 1 && strstr(test.note, "exact") != NULL);
	CHECK(strstr(test.method, "normal") != NULL);
	values[0] = values[1] = (KsCounted){scores, vast, 3, 2000000001};
	CHECK(ks_mann_whitney(values, 2, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true, &unit_env,
						  &test) == KS_TOO_LARGE);
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
	const double a[] = {1, 3, 5}, b[] = {2, 4, 6};
	const KsCounted values[] = {{a, NULL, 3, 3}, {b, NULL, 3, 3}};
	KsEnv env = unit_env;
	KsTest test;

	env.poll = always_cancelled;
	CHECK(ks_mann_whitney(values, 2, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true, &env,
						  &test) == KS_CANCELLED);
}

int
main(void)
{
	against_r();
	degenerate();
	cancel();
	return UNIT_END();
}
