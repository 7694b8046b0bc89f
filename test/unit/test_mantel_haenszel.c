/*
 * test_mantel_haenszel.c
 *	  The Mantel-Haenszel test against R, and tables that say nothing.
 */
#include "stat/ks_mantel_haenszel.h"

#include "gold.h"
#include "unit.h"

static KsAlternative
alternative_of(const char *name)
{
	return strcmp(name, "less") == 0	  ? KS_LESS
		   : strcmp(name, "greater") == 0 ? KS_GREATER
										  : KS_TWO_SIDED;
}

/* Strata in the order given, then in reverse. */
static void
against_r(void)
{
	static Gold gold;
	int64_t count[GOLD_FIELDS], reversed[GOLD_FIELDS];
	KsTest test, again;

	gold_open(&gold, "test/oracle/mantel_haenszel.csv");
	while (gold_next(&gold))
	{
		KsAlternative alternative = alternative_of(gold.field[1]);
		bool correct = gold_number(&gold, 2) == 1;
		int strata = (gold.fields - 8) / 4;

		for (int i = 0; i < 4 * strata; i++)
		{
			count[i] = (int64_t) gold_number(&gold, 8 + i);
			reversed[4 * (strata - 1 - i / 4) + i % 4] = count[i];
		}
		ks_mantel_haenszel_test(count, strata, correct, alternative, 0.9, &test);
		CHECK_CLOSE(test.estimate, gold_number(&gold, 3), 1e-12);
		CHECK_CLOSE(test.conf_low, gold_number(&gold, 4), 1e-11);
		CHECK_CLOSE(test.conf_high, gold_number(&gold, 5), 1e-11);
		CHECK_CLOSE(test.statistic, gold_number(&gold, 6), 1e-9);
		CHECK_CLOSE(test.p_value, gold_number(&gold, 7), 1e-9);
		ks_mantel_haenszel_test(reversed, strata, correct, alternative, 0.9, &again);
		CHECK(again.p_value == test.p_value && again.conf_low == test.conf_low);
	}
}

static void
degenerate(void)
{
	const int64_t one_row[] = {3, 4, 0, 0, 0, 1, 0, 0};
	const int64_t empty_cell[] = {3, 0, 2, 5};
	KsTest test;

	ks_mantel_haenszel_test(one_row, 2, true, KS_TWO_SIDED, 0.95, &test);
	CHECK(test.n == 8 && isnan(test.estimate) && isnan(test.p_value) && test.note[0] != '\0');
	ks_mantel_haenszel_test(NULL, 0, true, KS_TWO_SIDED, 0.95, &test);
	CHECK(test.n == 0 && isnan(test.p_value) && test.note[0] != '\0');
	ks_mantel_haenszel_test(empty_cell, 1, true, KS_TWO_SIDED, 0.95, &test);
	CHECK(isinf(test.estimate) && isnan(test.conf_low) && test.note[0] != '\0');
	CHECK(test.p_value > 0 && test.p_value < 1);
}

int
main(void)
{
	against_r();
	degenerate();
	return UNIT_END();
}
