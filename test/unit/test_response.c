/*
 * test_response.c
 *	  Responder rules against exact whole-number arithmetic, curves against R.
 */
#include "stat/ks_response.h"

#include "gold.h"
#include "unit.h"

static double before[GOLD_FIELDS], after[GOLD_FIELDS];
static int pairs;

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

/* One point of the curve, from flat values and from counted ones. */
static void
check_curve(const Gold *gold)
{
	KsDirection direction =
		strcmp(gold->field[1], "decrease") == 0 ? KS_DECREASE : KS_INCREASE;
	double change[GOLD_FIELDS], threshold = gold_number(gold, 2);
	int64_t twice[GOLD_FIELDS];
	KsCounted flat = {change, NULL, pairs, pairs},
			  doubled = {change, twice, pairs, 2 * pairs};
	KsCurvePoint point, again;

	for (int i = 0; i < pairs; i++)
	{
		change[i] = ks_percent_change(before[i], after[i]);
		twice[i] = 2;
	}
	qsort(change, pairs, sizeof(double), ascending);
	CHECK(ks_responder_curve(&flat, &threshold, 1, direction, 0.95, &unit_env, &point) ==
		  KS_OK);
	CHECK(point.threshold == threshold && point.n == pairs);
	CHECK(point.responders == (int64_t) gold_number(gold, 3));
	CHECK_CLOSE(point.estimate, (double) point.responders / pairs, 0);
	CHECK(fabs(point.conf_low - gold_number(gold, 4)) < 1e-11);
	CHECK_CLOSE(point.conf_high, gold_number(gold, 5), 1e-10);
	CHECK(ks_responder_curve(&doubled, &threshold, 1, direction, 0.95, &unit_env,
							 &again) == KS_OK);
	CHECK(again.responders == 2 * point.responders && again.n == 2 * pairs);
}

static void
against_r(void)
{
	static Gold gold;

	gold_open(&gold, "test/oracle/response.csv");
	while (gold_next(&gold))
	{
		const char *kind = gold.field[0];

		if (strcmp(kind, "percent") == 0)
			CHECK_CLOSE(ks_percent_change(gold_number(&gold, 1), gold_number(&gold, 2)),
						gold_number(&gold, 3), 1e-14);
		else if (strcmp(kind, "reliable") == 0)
			CHECK_CLOSE(ks_reliable_change(gold_number(&gold, 1), gold_number(&gold, 2),
										   gold_number(&gold, 3), gold_number(&gold, 4)),
						gold_number(&gold, 5), 1e-13);
		else if (strcmp(kind, "curve") == 0)
			check_curve(&gold);
		else
			for (pairs = 0; pairs + 1 < gold.fields; pairs++)
				(strcmp(kind, "before") == 0 ? before : after)[pairs] =
					gold_number(&gold, pairs + 1);
	}
}

/* Scores in tenths: every threshold met exactly is met, whatever the rounding. */
static void
exact_rules(void)
{
	for (int base = 1; base <= 100; base++)
		for (int end = 0; end <= 100; end++)
			for (int cut = 0; cut <= 100; cut += 5)
			{
				KsResponderRule rule = {cut, false, true, KS_DECREASE};
				bool strictly = 100 * (base - end) > cut * base;
				bool at_least = 100 * (base - end) >= cut * base;

				CHECK(ks_is_responder(base / 10.0, end / 10.0, &rule) == at_least);
				rule.inclusive = false;
				CHECK(ks_is_responder(base / 10.0, end / 10.0, &rule) == strictly);
				rule.direction = KS_INCREASE;
				CHECK(ks_is_responder(base / 10.0, end / 10.0, &rule) ==
					  (100 * (end - base) > cut * base));
				rule.absolute = true;
				rule.threshold = cut / 10.0;
				CHECK(ks_is_responder(base / 10.0, end / 10.0, &rule) ==
					  (end - base > cut));
				rule.inclusive = true;
				rule.direction = KS_DECREASE;
				CHECK(ks_is_responder(base / 10.0, end / 10.0, &rule) ==
					  (base - end >= cut));
			}
}

/* The guard is relative: nanomolar laboratory values keep their rule. */
static void
other_units(void)
{
	KsResponderRule rule = {30, false, true, KS_DECREASE};

	CHECK(!ks_is_responder(10e-12, 8e-12, &rule));
	CHECK(ks_is_responder(10e-12, 7e-12, &rule));
	CHECK(!ks_is_responder(10e12, 8e12, &rule));
	CHECK(ks_is_responder(10e12, 7e12, &rule));
}

static void
baseline_zero_or_below(void)
{
	KsResponderRule percent = {50, false, true, KS_DECREASE};
	KsResponderRule points = {2, true, true, KS_DECREASE};

	CHECK(!ks_is_responder(0, 0, &percent) && !ks_is_responder(0, 5, &percent));
	CHECK(!ks_is_responder(-4, -8, &percent));
	percent.direction = KS_INCREASE;
	CHECK(!ks_is_responder(0, 5, &percent));
	CHECK(ks_is_responder(0, -2, &points) && !ks_is_responder(0, 0, &points));
	CHECK(ks_response_category(0, 0, 10, 30, 50) == KS_RESPONSE_UNCHANGED);
	CHECK(ks_response_category(0, 1, 10, 30, 50) == KS_RESPONSE_WORSE);
	CHECK(ks_response_category(-1, 1, 10, 30, 50) == KS_RESPONSE_UNDEFINED);
}

static void
categories(void)
{
	for (int base = 1; base <= 100; base++)
		for (int end = 0; end <= 120; end++)
		{
			int gain = 100 * (base - end);
			KsResponse expected = end == 0            ? KS_RESPONSE_COMPLETE
								  : gain >= 50 * base ? KS_RESPONSE_SUBSTANTIAL
								  : gain >= 30 * base ? KS_RESPONSE_MODERATE
								  : gain >= 10 * base ? KS_RESPONSE_MINIMAL
								  : gain > -10 * base ? KS_RESPONSE_UNCHANGED
													  : KS_RESPONSE_WORSE;

			CHECK(ks_response_category(base / 10.0, end / 10.0, 10, 30, 50) == expected);
		}
}

static void
undefined(void)
{
	KsCounted none = {NULL, NULL, 0, 0};
	const double threshold = 50;
	KsCurvePoint point;

	CHECK(isnan(ks_reliable_change(1, 2, 0, 0.5)) &&
		  isnan(ks_reliable_change(1, 2, 3, 1)));
	CHECK(isnan(ks_reliable_change(1, 2, 3, -0.1)));
	CHECK_CLOSE(ks_percent_change(1e308, -1e308), -200, 1e-15);
	CHECK(isinf(ks_percent_change(1e-300, 1e300)));
	CHECK(ks_responder_curve(&none, &threshold, 1, KS_DECREASE, 0.95, &unit_env,
							 &point) == KS_OK);
	CHECK(point.n == 0 && point.responders == 0 && isnan(point.estimate) &&
		  isnan(point.conf_low));
}

int
main(void)
{
	against_r();
	exact_rules();
	other_units();
	baseline_zero_or_below();
	categories();
	undefined();
	return UNIT_END();
}
