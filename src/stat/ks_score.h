/*
 * ks_score.h
 *	  Scores of questionnaires: HADS, SF-12 version 1, sums and means of items,
 *	  categories of pain.  Arithmetic only, no wording of any form.
 */
#ifndef KS_SCORE_H
#define KS_SCORE_H

#include "stat/ks_base.h"

/* A code or a score that is missing. */
#define KS_NO_ANSWER (-1)

/* ---- HADS ------------------------------------------------------------------------- */

#define KS_HADS_ITEMS 14
#define KS_HADS_HIGHEST 3

typedef struct KsHads
{
	int anxiety;	/* 0 to 21, or KS_NO_ANSWER */
	int depression; /* 0 to 21, or KS_NO_ANSWER */
	int n_answered; /* of all 14 */
} KsHads;

/*
 * Both subscales from 14 codes of 0 to 3 or KS_NO_ANSWER, in the order of the
 * form and keyed so that 3 is worst.  One missing item of seven is replaced by
 * the mean of the other six, the sum rounded to the nearest whole number,
 * halves up; with two missing the subscale is missing.
 */
extern KsHads ks_hads_score(const int item[KS_HADS_ITEMS]);

/* normal to 7, borderline to 10, abnormal to 21; NULL outside 0 to 21. */
extern const char *ks_hads_category(int score);

/* ---- SF-12 version 1 -------------------------------------------------------------- */

#define KS_SF12_ITEMS 12
#define KS_SF12_CODES 7 /* room for codes 0 to 6 */

/*
 * Indicator weights by item, from 1, and code; the constants are code 0 of item
 * 0.  A weight that the table does not have is NaN.
 */
typedef struct KsSf12Weights
{
	double pcs[KS_SF12_ITEMS + 1][KS_SF12_CODES];
	double mcs[KS_SF12_ITEMS + 1][KS_SF12_CODES];
} KsSf12Weights;

/* The highest code of an item of version 1, from 1; 0 for the constant and beyond. */
extern int ks_sf12_highest(int item);

/*
 * Physical and mental component from 12 codes in the order of the form, each
 * from 1 to its highest or KS_NO_ANSWER: one missing item makes both NaN.
 */
extern void ks_sf12_score(const KsSf12Weights *weights, const int item[KS_SF12_ITEMS],
						  double *pcs, double *mcs);

/* ---- any scale -------------------------------------------------------------------- */

typedef enum KsScaleMethod
{
	KS_SCALE_SUM,
	KS_SCALE_MEAN,
} KsScaleMethod;

/*
 * Sum or mean of n items, NaN where missing.  reversed (n flags) turns an item
 * into minimum + maximum - item.  With fewer than min_answered (at least 1)
 * answers the score is NaN; a sum with missing items is the mean of the others
 * times n.  Infinite beyond double.
 */
extern double ks_scale_score(const double *item, const bool *reversed, size_t n,
							 double minimum, double maximum, size_t min_answered,
							 KsScaleMethod method);

/* ---- pain ------------------------------------------------------------------------- */

/* none at 0, mild to 3, moderate to 6, severe to 10; NULL outside 0 to 10. */
extern const char *ks_pain_category(double score);

#endif
