/*
 * ks_score.c
 *	  Scores of questionnaires: HADS, SF-12 version 1, sums and means of items,
 *	  categories of pain.
 *
 * Sources: Zigmond and Snaith 1983, Acta Psychiatr Scand 67:361 (HADS); Ware,
 * Kosinski and Keller 1996, Med Care 34:220 (SF-12: a constant plus one weight
 * an answer).  A HADS subscale asks for six answers of seven, which is stricter
 * than the half rule that Bell and others 2016, BMC Res Notes 9:479, found good
 * for single patients.
 */
#include "stat/ks_score.h"

#include "stat/ks_dd.h"

#define HADS_SUBSCALE_ITEMS 7
#define HADS_MIN_ANSWERED 6
#define HADS_HIGHEST_SCORE 21

/* ---- HADS ------------------------------------------------------------------------- */

/* The subscale of every second item from `first`; adds to *answered. */
static int
hads_subscale(const int item[KS_HADS_ITEMS], int first, int *n_answered)
{
	int sum = 0, answered = 0;

	for (int i = first; i < KS_HADS_ITEMS; i += 2)
		if (item[i] != KS_NO_ANSWER)
		{
			sum += item[i];
			answered++;
		}
	*n_answered += answered;
	if (answered < HADS_MIN_ANSWERED)
		return KS_NO_ANSWER;
	/* sum x 7 / answered to the nearest, halves up, in whole numbers */
	return (2 * sum * HADS_SUBSCALE_ITEMS + answered) / (2 * answered);
}

KsHads
ks_hads_score(const int item[KS_HADS_ITEMS])
{
	KsHads score = {0};

	score.anxiety = hads_subscale(item, 0, &score.n_answered);
	score.depression = hads_subscale(item, 1, &score.n_answered);
	return score;
}

const char *
ks_hads_category(int score)
{
	if (score < 0 || score > HADS_HIGHEST_SCORE)
		return NULL;
	if (score <= 7)
		return "normal";
	return score <= 10 ? "borderline" : "abnormal";
}

/* ---- SF-12 version 1 -------------------------------------------------------------- */

int
ks_sf12_highest(int item)
{
	static const signed char highest[] = {5, 3, 3, 2, 2, 2, 2, 5, 6, 6, 6, 5};

	return item >= 1 && item <= KS_SF12_ITEMS ? highest[item - 1] : 0;
}

void
ks_sf12_score(const KsSf12Weights *weights, const int item[KS_SF12_ITEMS], double *pcs,
			  double *mcs)
{
	KsDD physical = {weights->pcs[0][0], 0}, mental = {weights->mcs[0][0], 0};

	*pcs = *mcs = NAN;
	for (int i = 0; i < KS_SF12_ITEMS; i++)
	{
		if (item[i] == KS_NO_ANSWER)
			return;
		physical = ks_dd_add_d(physical, weights->pcs[i + 1][item[i]]);
		mental = ks_dd_add_d(mental, weights->mcs[i + 1][item[i]]);
	}
	*pcs = ks_dd_value(physical);
	*mcs = ks_dd_value(mental);
}

/* ---- any scale -------------------------------------------------------------------- */

double
ks_scale_score(const double *item, const bool *reversed, size_t n, double minimum,
			   double maximum, size_t min_answered, KsScaleMethod method)
{
	KsDD sum = {0, 0};
	size_t answered = 0;
	double score;

	for (size_t i = 0; i < n; i++)
	{
		if (isnan(item[i]))
			continue;
		answered++;
		if (reversed[i])
			sum = ks_dd_add_d(ks_dd_add_d(ks_dd_add_d(sum, maximum), minimum), -item[i]);
		else
			sum = ks_dd_add_d(sum, item[i]);
	}
	if (answered < min_answered)
		return NAN;
	score = ks_dd_value(sum);
	if (method == KS_SCALE_MEAN)
		score /= (double) answered;
	else if (answered < n)
		score = score * (double) n / (double) answered;
	/* the sum of finite items that overflowed on the way is no missing score */
	return isnan(score) ? INFINITY : score;
}

/* ---- pain ------------------------------------------------------------------------- */

const char *
ks_pain_category(double score)
{
	if (!(score >= 0 && score <= 10))
		return NULL;
	if (score == 0)
		return "none";
	if (score <= 3)
		return "mild";
	return score <= 6 ? "moderate" : "severe";
}
