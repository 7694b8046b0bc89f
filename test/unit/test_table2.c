/*
 * test_table2.c
 *	  McNemar's test and the comparison of two groups, against R.
 */
#include "stat/ks_table2.h"

#include "gold.h"
#include "unit.h"

static int64_t
count(const Gold *gold, int field)
{
	return (int64_t) gold_number(gold, field);
}

static void
mcnemar_line(const Gold *gold)
{
	KsPairedCounts pairs = {count(gold, 1), count(gold, 2), count(gold, 3),
							count(gold, 4)};
	double conf_level = gold_number(gold, 5);
	KsTest test;

	ks_mcnemar_test(&pairs, true, true, conf_level, &test);
	CHECK_CLOSE(test.estimate, gold_number(gold, 6), 1e-13);
	CHECK_CLOSE(test.std_error, gold_number(gold, 7), 1e-12);
	CHECK_CLOSE(test.conf_low, gold_number(gold, 8), 1e-10);
	CHECK_CLOSE(test.conf_high, gold_number(gold, 9), 1e-10);
	CHECK_CLOSE(test.p_value, gold_number(gold, 10), 1e-10);
	CHECK_CLOSE(test.effect_size, gold_number(gold, 15), 1e-14);
	CHECK(strcmp(test.effect_name, "odds ratio") == 0);
	CHECK((test.note[0] != '\0') == (pairs.before_only == 0));
	ks_mcnemar_test(&pairs, false, true, conf_level, &test);
	CHECK_CLOSE(test.statistic, gold_number(gold, 11), 1e-13);
	CHECK_CLOSE(test.p_value, gold_number(gold, 12), 1e-10);
	ks_mcnemar_test(&pairs, false, false, conf_level, &test);
	CHECK_CLOSE(test.statistic, gold_number(gold, 13), 1e-13);
	CHECK_CLOSE(test.p_value, gold_number(gold, 14), 1e-10);
	CHECK(test.df == 1);
}

static void
compare_line(const Gold *gold)
{
	KsComparison row[KS_COMPARISONS];

	ks_compare_proportions(count(gold, 1), count(gold, 2), count(gold, 3), count(gold, 4),
						   gold_number(gold, 5), row);
	for (int i = 0; i < KS_NUMBER_NEEDED; i++)
	{
		CHECK_CLOSE(row[i].estimate, gold_number(gold, 6 + 4 * i), 1e-12);
		CHECK_CLOSE(row[i].conf_low, gold_number(gold, 7 + 4 * i), 1e-10);
		CHECK_CLOSE(row[i].conf_high, gold_number(gold, 8 + 4 * i), 1e-10);
		CHECK_CLOSE(row[i].p_value, gold_number(gold, 9 + 4 * i), 1e-9);
	}
	CHECK_CLOSE(row[KS_NUMBER_NEEDED].estimate, 1 / row[0].estimate, 1e-15);
	CHECK(row[KS_NUMBER_NEEDED].p_value == row[0].p_value);
}

static void
against_r(void)
{
	static Gold gold;

	gold_open(&gold, "test/oracle/table2.csv");
	while (gold_next(&gold))
	{
		if (strcmp(gold.field[0], "mcnemar") == 0)
			mcnemar_line(&gold);
		else
			compare_line(&gold);
	}
}

static void
nobody_changed(void)
{
	KsPairedCounts unchanged = {4, 0, 0, 6}, none = {0, 0, 0, 0};
	KsTest test;

	ks_mcnemar_test(&unchanged, true, true, 0.95, &test);
	CHECK(test.p_value == 1 && test.estimate == 0 && isnan(test.effect_size));
	CHECK(test.note[0] != '\0');
	ks_mcnemar_test(&unchanged, false, true, 0.95, &test);
	CHECK(test.p_value == 1);
	ks_mcnemar_test(&none, true, true, 0.95, &test);
	CHECK(test.n == 0 && isnan(test.p_value) && isnan(test.estimate));
	CHECK(test.note[0] != '\0');
}

/* Newcombe 1998, Stat Med 17:873, table II, method 10: published to four digits. */
static void
newcombe_published(void)
{
	static const struct
	{
		int64_t x1, n1, x2, n2;
		double low, high;
	} published[] = {
		{48, 80, 56, 70, 0.0524, 0.3339}, {3, 10, 9, 10, 0.1705, 0.8090},
		{2, 7, 6, 7, 0.0582, 0.8062},     {0, 29, 5, 56, -0.0381, 0.1926},
		{0, 20, 0, 10, -0.1611, 0.2775},  {0, 10, 0, 10, -0.2775, 0.2775},
		{0, 20, 10, 10, 0.6791, 1.0000},  {0, 10, 10, 10, 0.6075, 1.0000},
	};

	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++)
	{
		KsComparison row[KS_COMPARISONS];

		ks_compare_proportions(published[i].x1, published[i].n1, published[i].x2,
							   published[i].n2, 0.95, row);
		CHECK(fabs(row[0].conf_low - published[i].low) < 6e-5);
		CHECK(fabs(row[0].conf_high - published[i].high) < 6e-5);
	}
}

static void
number_needed(void)
{
	KsComparison row[KS_COMPARISONS];
	const KsComparison *nnt = &row[KS_NUMBER_NEEDED];

	ks_compare_proportions(10, 51, 33, 50, 0.95, row);
	CHECK_CLOSE(nnt->conf_low, 1 / row[0].conf_high, 1e-15);
	CHECK_CLOSE(nnt->conf_high, 1 / row[0].conf_low, 1e-15);
	CHECK(strstr(nnt->method, "NNTH") == NULL);
	/* The difference may be 0: both ends shown, the text says what they mean. */
	ks_compare_proportions(2, 84, 6, 98, 0.95, row);
	CHECK(nnt->conf_low < 0 && nnt->conf_high > 0);
	CHECK(strstr(nnt->method, "NNTH") != NULL && strstr(nnt->method, "infinity") != NULL);
	/* Harm throughout. */
	ks_compare_proportions(33, 50, 10, 51, 0.95, row);
	CHECK(nnt->estimate < 0 && nnt->conf_low <= nnt->estimate &&
		  nnt->estimate <= nnt->conf_high);
	/* No difference: no number. */
	ks_compare_proportions(2, 6, 1, 3, 0.95, row);
	CHECK(row[0].estimate == 0 && isnan(nnt->estimate));
}

static void
zero_cells(void)
{
	KsComparison row[KS_COMPARISONS];

	ks_compare_proportions(0, 20, 5, 20, 0.95, row);
	CHECK(isnan(row[KS_RISK_RATIO].estimate) && isnan(row[KS_RISK_RATIO].p_value));
	CHECK(isnan(row[KS_ODDS_RATIO].estimate) && isnan(row[KS_ODDS_RATIO].conf_low));
	CHECK(isfinite(row[KS_RISK_DIFFERENCE].p_value));
	ks_compare_proportions(5, 20, 0, 20, 0.95, row);
	CHECK(row[KS_RISK_RATIO].estimate == 0 && isnan(row[KS_RISK_RATIO].conf_low));
	CHECK(row[KS_ODDS_RATIO].estimate == 0 && isnan(row[KS_ODDS_RATIO].conf_high));
	ks_compare_proportions(20, 20, 20, 20, 0.95, row);
	CHECK(row[KS_RISK_RATIO].estimate == 1 && isnan(row[KS_RISK_RATIO].p_value));
	CHECK(isnan(row[KS_RISK_DIFFERENCE].p_value) &&
		  isfinite(row[KS_RISK_DIFFERENCE].conf_low));
	ks_compare_proportions(0, 0, 3, 20, 0.95, row);
	for (int i = 0; i < KS_COMPARISONS; i++)
		CHECK(isnan(row[i].estimate) && isnan(row[i].p_value) &&
			  row[i].method[0] != '\0');
}

int
main(void)
{
	against_r();
	nobody_changed();
	newcombe_published();
	number_needed();
	zero_cells();
	return UNIT_END();
}
