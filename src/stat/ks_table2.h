/*
 * ks_table2.h
 *	  Two proportions: paired (McNemar) and of two groups.
 */
#ifndef KS_TABLE2_H
#define KS_TABLE2_H

#include "stat/ks_base.h"

/* Pairs of yes/no answers, by what they were before and after. */
typedef struct KsPairedCounts
{
	int64_t both;        /* yes before, yes after */
	int64_t before_only; /* yes before, no after */
	int64_t after_only;  /* no before, yes after */
	int64_t neither;
} KsPairedCounts;

/* One row of compare_proportions; NaN stands for SQL NULL. */
typedef struct KsComparison
{
	const char *measure;
	double estimate;
	double conf_low;
	double conf_high;
	double p_value;
	char method[KS_NOTE_SIZE]; /* also says why a figure is missing */
} KsComparison;

enum
{
	KS_RISK_DIFFERENCE,
	KS_RISK_RATIO,
	KS_ODDS_RATIO,
	KS_NUMBER_NEEDED,
	KS_COMPARISONS,
};

/*
 * McNemar's test.  exact: binomial, the statistic is after_only; else
 * chi-squared on 1 df, with continuity correction if correct.  estimate =
 * proportion after - before with its Wald interval, effect size = conditional
 * odds ratio after_only / before_only.  No changed pair gives p = 1 and a note,
 * no pair at all NaN and a note.
 */
extern void ks_mcnemar_test(const KsPairedCounts *pairs, bool exact, bool correct,
							double conf_level, KsTest *test);

/*
 * Compare events / n of a second group with the first: second - first, second /
 * first.  Fills row[KS_RISK_DIFFERENCE .. KS_NUMBER_NEEDED].
 */
extern void ks_compare_proportions(int64_t first_events, int64_t first_n,
								   int64_t second_events, int64_t second_n,
								   double conf_level, KsComparison row[KS_COMPARISONS]);

#endif
