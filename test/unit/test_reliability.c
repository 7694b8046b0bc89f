/*
 * test_reliability.c
 *	  Cronbach's alpha against R; merging; items that say nothing.
 */
#include "stat/ks_reliability.h"

#include "gold.h"
#include "unit.h"

#define MAX_ITEMS 10

typedef struct Sums
{
	KsItemSums sums;
	double pivot[MAX_ITEMS];
	KsDD products[(MAX_ITEMS + 1) * (MAX_ITEMS + 2) / 2];
} Sums;

static void
empty(Sums *sums, int items)
{
	memset(sums, 0, sizeof(*sums));
	sums->sums = (KsItemSums){items, 0, sums->pivot, sums->products};
}

static void
against_r(void)
{
	static Gold gold;

	gold_open(&gold, "test/oracle/reliability.csv");
	while (gold_next(&gold))
	{
		int n = (int) gold_number(&gold, 1), k = (int) gold_number(&gold, 2);
		KsReliability result, merged;
		Sums whole, part[2];

		CHECK(gold.fields == 7 + n * k);
		empty(&whole, k);
		empty(&part[0], k);
		empty(&part[1], k);
		for (int i = 0; i < n; i++)
		{
			double form[MAX_ITEMS];

			for (int j = 0; j < k; j++)
				form[j] = gold_number(&gold, 7 + i * k + j);
			ks_item_sums_add(&whole.sums, form);
			ks_item_sums_add(&part[i % 3 == 0].sums, form);
		}
		ks_cronbach_alpha(&whole.sums, 0.9, &result);
		CHECK_CLOSE(result.alpha, gold_number(&gold, 3), 1e-11);
		CHECK_CLOSE(result.conf_low, gold_number(&gold, 4), 1e-11);
		CHECK_CLOSE(result.conf_high, gold_number(&gold, 5), 1e-11);
		CHECK_CLOSE(result.alpha_standardized, gold_number(&gold, 6), 1e-11);
		ks_item_sums_merge(&part[0].sums, &part[1].sums);
		CHECK(part[0].sums.n == n);
		ks_cronbach_alpha(&part[0].sums, 0.9, &merged);
		CHECK_CLOSE(merged.alpha, result.alpha, 1e-15);
		CHECK_CLOSE(merged.alpha_standardized, result.alpha_standardized, 1e-14);
	}
}

static void
degenerate(void)
{
	const double form[][2] = {{0.1, 0.7}, {0.1, 0.7}, {0.1, 0.9}};
	KsReliability result;
	Sums sums;

	empty(&sums, 2);
	ks_cronbach_alpha(&sums.sums, 0.95, &result);
	CHECK(isnan(result.alpha) && result.note[0] != '\0');
	ks_item_sums_add(&sums.sums, form[0]);
	ks_item_sums_add(&sums.sums, form[1]);
	ks_cronbach_alpha(&sums.sums, 0.95, &result);
	CHECK(isnan(result.alpha) && isnan(result.conf_low) && result.note[0] != '\0');
	ks_item_sums_add(&sums.sums, form[2]);
	ks_cronbach_alpha(&sums.sums, 0.95, &result);
	CHECK(result.alpha == 0 && isnan(result.alpha_standardized) && result.note[0] != '\0');
	empty(&sums, 1);
	ks_item_sums_add(&sums.sums, form[0]);
	ks_item_sums_add(&sums.sums, form[2]);
	ks_cronbach_alpha(&sums.sums, 0.95, &result);
	CHECK(isnan(result.alpha) && result.note[0] != '\0');
}

int
main(void)
{
	against_r();
	degenerate();
	return UNIT_END();
}
