/*
 * test_proportion.c
 *	  Intervals of one proportion against R.
 */
#include "stat/ks_proportion.h"

#include "gold.h"
#include "unit.h"

/* Limits at 0 and 1 come out exactly; a Wald width of 0 leaves rounding. */
static void
check_limit(double actual, double expected)
{
	if (fabs(expected) < 1e-12)
		CHECK(fabs(actual) < 1e-15);
	else
		CHECK_CLOSE(actual, expected, 1e-10);
}

static void
against_r(void)
{
	static Gold gold;

	gold_open(&gold, "test/oracle/proportion.csv");
	while (gold_next(&gold))
	{
		int64_t events = (int64_t) gold_number(&gold, 0);
		int64_t n = (int64_t) gold_number(&gold, 1);

		for (int method = KS_PROPORTION_WILSON; method <= KS_PROPORTION_WALD; method++)
		{
			double low, high;

			ks_proportion_ci(events, n, method, gold_number(&gold, 2), &low, &high);
			check_limit(low, gold_number(&gold, 3 + 2 * method));
			check_limit(high, gold_number(&gold, 4 + 2 * method));
		}
	}
}

static void
nobody(void)
{
	for (int method = KS_PROPORTION_WILSON; method <= KS_PROPORTION_WALD; method++)
	{
		double low, high;

		ks_proportion_ci(0, 0, method, 0.95, &low, &high);
		CHECK(isnan(low) && isnan(high));
		CHECK(strlen(ks_proportion_method_name(method)) > 0);
	}
}

/* The interval of the non-events is the mirror image. */
static void
mirror(void)
{
	for (int method = KS_PROPORTION_WILSON; method <= KS_PROPORTION_WALD; method++)
		for (int64_t events = 0; events <= 12; events++)
		{
			double low, high, mirror_low, mirror_high;

			ks_proportion_ci(events, 12, method, 0.9, &low, &high);
			ks_proportion_ci(12 - events, 12, method, 0.9, &mirror_low, &mirror_high);
			CHECK(fabs(low - (1 - mirror_high)) < 1e-13);
			CHECK(fabs(high - (1 - mirror_low)) < 1e-13);
			CHECK(low <= high);
		}
}

int
main(void)
{
	against_r();
	nobody();
	mirror();
	return UNIT_END();
}
