/*
 * test_score.c
 *	  Scores of questionnaires against figures worked out by hand.  The vectors
 *	  of the SF-12 run in the regression test, which has the weights.
 */
#include "stat/ks_score.h"

#include "unit.h"

#define NA KS_NO_ANSWER

static void
hads(void)
{
	const int full[] = {3, 0, 3, 1, 3, 2, 3, 0, 3, 1, 3, 2, 3, 0};
	const int one_missing[] = {1, 2, 1, 2, NA, 2, 1, 2, 1, 2, 1, 2, 1, NA};
	const int rounded[] = {1, 3, 1, 3, 1, 3, 0, 3, 0, 3, 0, 3, NA, NA};
	const int down[] = {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, NA, 1, 0, NA};
	const int two_missing[] = {1, 0, 1, NA, NA, 0, 1, NA, 1, 0, 1, 0, NA, 0};
	KsHads score = ks_hads_score(full);

	CHECK(score.anxiety == 21 && score.depression == 6 && score.n_answered == 14);
	score = ks_hads_score(one_missing);
	CHECK(score.anxiety == 7 && score.depression == 14 && score.n_answered == 12);
	/* 3 x 7 / 6 = 3.5 goes up, 18 x 7 / 6 = 21 */
	score = ks_hads_score(rounded);
	CHECK(score.anxiety == 4 && score.depression == 21);
	/* 1 x 7 / 6 = 1.17 and 2 x 7 / 6 = 2.33 go down */
	score = ks_hads_score(down);
	CHECK(score.anxiety == 1 && score.depression == 2);
	score = ks_hads_score(two_missing);
	CHECK(score.anxiety == NA && score.depression == NA && score.n_answered == 10);
}

static void
categories(void)
{
	CHECK(strcmp(ks_hads_category(0), "normal") == 0);
	CHECK(strcmp(ks_hads_category(7), "normal") == 0);
	CHECK(strcmp(ks_hads_category(8), "borderline") == 0);
	CHECK(strcmp(ks_hads_category(10), "borderline") == 0);
	CHECK(strcmp(ks_hads_category(11), "abnormal") == 0);
	CHECK(strcmp(ks_hads_category(21), "abnormal") == 0);
	CHECK(ks_hads_category(-1) == NULL && ks_hads_category(22) == NULL);

	CHECK(strcmp(ks_pain_category(0), "none") == 0);
	CHECK(strcmp(ks_pain_category(-0.0), "none") == 0);
	CHECK(strcmp(ks_pain_category(0.1), "mild") == 0);
	CHECK(strcmp(ks_pain_category(3), "mild") == 0);
	CHECK(strcmp(ks_pain_category(3.5), "moderate") == 0);
	CHECK(strcmp(ks_pain_category(6), "moderate") == 0);
	CHECK(strcmp(ks_pain_category(6.1), "severe") == 0);
	CHECK(strcmp(ks_pain_category(10), "severe") == 0);
	CHECK(ks_pain_category(-0.1) == NULL && ks_pain_category(10.1) == NULL);
	CHECK(ks_pain_category(NAN) == NULL);
}

static void
scale(void)
{
	const double item[] = {1, 2, NAN, 5}, tenth[] = {0.1, 0.2, 0.3, 0.4};
	const double huge[] = {1e308, 1e308, 1e308};
	const bool none[4] = {false}, second[] = {false, true, true, false};

	CHECK(isnan(ks_scale_score(item, none, 4, 0, NAN, 4, KS_SCALE_SUM)));
	CHECK_CLOSE(ks_scale_score(item, none, 4, 0, NAN, 3, KS_SCALE_SUM), 8.0 / 3 * 4, 1e-15);
	CHECK_CLOSE(ks_scale_score(item, none, 4, 0, NAN, 3, KS_SCALE_MEAN), 8.0 / 3, 1e-15);
	/* item 2 of 1 to 5 turns from 2 to 4 */
	CHECK_CLOSE(ks_scale_score(item, second, 4, 1, 5, 1, KS_SCALE_MEAN), 10.0 / 3, 1e-15);
	CHECK(ks_scale_score(tenth, none, 4, 0, NAN, 4, KS_SCALE_SUM) == 1);
	CHECK(isnan(ks_scale_score(item + 2, none, 1, 0, NAN, 1, KS_SCALE_MEAN)));
	CHECK(isinf(ks_scale_score(huge, none, 3, 0, NAN, 3, KS_SCALE_SUM)));
}

/* Weights that tell by their digits which were added. */
static void
sf12(void)
{
	static KsSf12Weights weights;
	int item[KS_SF12_ITEMS];
	double pcs, mcs;

	for (int i = 0; i <= KS_SF12_ITEMS; i++)
		for (int code = 0; code < KS_SF12_CODES; code++)
		{
			weights.pcs[i][code] = code * pow(10, i);
			weights.mcs[i][code] = i;
		}
	weights.pcs[0][0] = 0.5;
	for (int i = 0; i < KS_SF12_ITEMS; i++)
		item[i] = ks_sf12_highest(i + 1);
	ks_sf12_score(&weights, item, &pcs, &mcs);
	CHECK(pcs == 5666522223350.5 && mcs == 78);
	item[7] = KS_NO_ANSWER;
	ks_sf12_score(&weights, item, &pcs, &mcs);
	CHECK(isnan(pcs) && isnan(mcs));
	CHECK(ks_sf12_highest(0) == 0 && ks_sf12_highest(13) == 0 && ks_sf12_highest(-1) == 0);
}

int
main(void)
{
	hads();
	categories();
	scale();
	sf12();
	return UNIT_END();
}
