/*
 * ks_table2.c
 *	  Two proportions: paired and of two groups.
 *
 * McNemar's test equals R's mcnemar.test, the exact one R's binom.test on the
 * changed pairs.  Between groups: the risk difference has Newcombe's hybrid of
 * two Wilson intervals (his method 10) and the score test, which is chi-squared
 * without correction; the risk and odds ratios have log-Wald intervals and
 * tests; the number needed to treat inverts the risk difference and its limits
 * and shares its p value.  A zero cell leaves a log-Wald interval undefined: it
 * stays NaN rather than rest on an added half.
 *
 * Sources: McNemar 1947, Psychometrika 12:153; Newcombe 1998, Stat Med 17:873;
 * Katz et al. 1978, Biometrics 34:469; Woolf 1955, Ann Hum Genet 19:251; Altman
 * 1998, BMJ 317:1309 (number needed to treat when the difference may be 0).
 */
#include "stat/ks_table2.h"

#include "stat/ks_dd.h"
#include "stat/ks_dist.h"
#include "stat/ks_proportion.h"

/* ---- paired --------------------------------------------------------------- */

/* Difference after - before, standard error and Wald interval. */
static void
paired_difference(double before_only, double after_only, double n, double conf_level,
				  KsTest *test)
{
	double z = ks_normal_quantile((1 - conf_level) / 2, false);
	double difference = after_only - before_only;
	double variance = before_only + after_only - difference * difference / n;

	test->estimate = difference / n;
	test->std_error = sqrt(fmax(0, variance)) / n;
	test->conf_low = test->estimate - z * test->std_error;
	test->conf_high = test->estimate + z * test->std_error;
}

/* Statistic and p value of the changed pairs; their number is above 0. */
static void
test_changed_pairs(int64_t before_only, int64_t after_only, bool exact, bool correct,
				   KsTest *test)
{
	int64_t changed = before_only + after_only;
	int64_t fewer = before_only < after_only ? before_only : after_only;
	double excess = fabs((double) (after_only - before_only));

	if (exact)
	{
		test->statistic = (double) after_only;
		test->p_value = fmin(1, 2 * ks_binomial_cdf(fewer, changed, 0.5, true));
		return;
	}
	if (correct && excess > 0)
		excess -= 1;
	test->statistic = excess * excess / (double) changed;
	test->df = 1;
	test->p_value = ks_chi_squared_cdf(test->statistic, 1, false);
}

void
ks_mcnemar_test(const KsPairedCounts *pairs, bool exact, bool correct, double conf_level,
				KsTest *test)
{
	ks_test_clear(test);
	test->n = pairs->both + pairs->before_only + pairs->after_only + pairs->neither;
	test->effect_name = "odds ratio";
	test->contrast = "after - before";
	if (exact)
		test->method = "McNemar exact binomial test";
	else if (correct)
		test->method = "McNemar chi-squared test with continuity correction";
	else
		test->method = "McNemar chi-squared test";
	if (test->n == 0)
	{
		ks_note(test->note, "no pairs");
		return;
	}
	paired_difference((double) pairs->before_only, (double) pairs->after_only,
					  (double) test->n, conf_level, test);
	if (pairs->before_only + pairs->after_only == 0)
	{
		test->p_value = 1;
		ks_note(test->note, "no pair changed: no evidence either way, and no odds ratio");
		return;
	}
	test_changed_pairs(pairs->before_only, pairs->after_only, exact, correct, test);
	test->effect_size = (double) pairs->after_only / (double) pairs->before_only;
	if (pairs->before_only == 0)
		ks_note(test->note, "no pair changed from yes to no: the odds ratio is infinite");
}

/* ---- two groups ----------------------------------------------------------- */

/* The two groups as doubles, with no-events beside events. */
typedef struct Groups
{
	int64_t events[2];
	int64_t n[2];
	double yes[2];
	double no[2];
	double size[2];
	double z; /* normal quantile of the confidence level */
} Groups;

/* Two-sided p of a standard normal statistic. */
static double
two_sided(double z)
{
	return 2 * ks_normal_cdf(fabs(z), false);
}

static void
compare_difference(const Groups *groups, double conf_level, KsComparison *row)
{
	double low[2], high[2], proportion[2];
	double pooled =
		(groups->yes[0] + groups->yes[1]) / (groups->size[0] + groups->size[1]);
	double variance = pooled * (1 - pooled) * (1 / groups->size[0] + 1 / groups->size[1]);
	KsDD cross;

	for (int i = 0; i < 2; i++)
	{
		proportion[i] = groups->yes[i] / groups->size[i];
		ks_proportion_ci(groups->events[i], groups->n[i], KS_PROPORTION_WILSON,
						 conf_level, &low[i], &high[i]);
	}
	/* Cross-multiplied in double-double: nearly equal proportions do not cancel. */
	cross = ks_dd_sub(ks_two_prod(groups->yes[1], groups->size[0]),
					  ks_two_prod(groups->yes[0], groups->size[1]));
	row->estimate = ks_dd_value(cross) / (groups->size[0] * groups->size[1]);
	row->conf_low =
		row->estimate - hypot(proportion[1] - low[1], high[0] - proportion[0]);
	row->conf_high =
		row->estimate + hypot(high[1] - proportion[1], proportion[0] - low[0]);
	if (variance > 0)
	{
		row->p_value = two_sided(row->estimate / sqrt(variance));
		ks_note(row->method,
				"Newcombe hybrid score interval, chi-squared test without correction");
	}
	else
		ks_note(row->method,
				"Newcombe hybrid score interval, no test: all answers are equal");
}

/* Interval and test of a ratio on the log scale; the variance is that of the log. */
static void
log_wald(const Groups *groups, double variance, KsComparison *row)
{
	double std_error = sqrt(variance);

	row->conf_low = row->estimate * exp(-groups->z * std_error);
	row->conf_high = row->estimate * exp(groups->z * std_error);
	row->p_value = two_sided(log(row->estimate) / std_error);
	ks_note(row->method, "log-Wald interval and test");
}

static void
compare_risk_ratio(const Groups *groups, KsComparison *row)
{
	const double *yes = groups->yes, *no = groups->no, *size = groups->size;
	double variance = no[0] / (yes[0] * size[0]) + no[1] / (yes[1] * size[1]);

	if (yes[0] > 0)
		row->estimate = (yes[1] / size[1]) / (yes[0] / size[0]);
	if (yes[0] == 0 || yes[1] == 0)
		ks_note(row->method, "no log-Wald interval: a group has no events");
	else if (variance == 0)
		ks_note(row->method, "no log-Wald interval: every answer is an event");
	else
		log_wald(groups, variance, row);
}

static void
compare_odds_ratio(const Groups *groups, KsComparison *row)
{
	const double *yes = groups->yes, *no = groups->no;

	if (yes[0] > 0 && no[1] > 0)
		row->estimate = (yes[1] / no[1]) * (no[0] / yes[0]);
	if (yes[0] == 0 || yes[1] == 0 || no[0] == 0 || no[1] == 0)
		ks_note(row->method, "no log-Wald interval: a cell is zero");
	else
		log_wald(groups, 1 / yes[0] + 1 / yes[1] + 1 / no[0] + 1 / no[1], row);
}

/*
 * Inverse of the risk difference: positive to benefit (NNTB) where the event is
 * wanted, negative to harm (NNTH).  When the difference may be 0 the interval
 * passes through infinity: conf_low and conf_high are then its two ends, and
 * what lies between them is outside it.
 */
static void
compare_number_needed(const KsComparison *difference, KsComparison *row)
{
	bool holds_zero = difference->conf_low < 0 && difference->conf_high > 0;

	row->p_value = difference->p_value;
	if (difference->estimate != 0)
		row->estimate = 1 / difference->estimate;
	if (holds_zero)
	{
		row->conf_low = 1 / difference->conf_low;
		row->conf_high = 1 / difference->conf_high;
		ks_note(row->method,
				"inverse of the risk difference, which may be 0: "
				"NNTH %.4g to infinity to NNTB %.4g",
				-row->conf_low, row->conf_high);
	}
	else
	{
		row->conf_low =
			difference->conf_high == 0 ? -INFINITY : 1 / difference->conf_high;
		row->conf_high = difference->conf_low == 0 ? INFINITY : 1 / difference->conf_low;
		ks_note(row->method, "inverse of the risk difference and its Newcombe limits");
	}
	if (difference->estimate == 0)
		ks_note(row->method, "the difference is 0: no finite number");
}

void
ks_compare_proportions(int64_t first_events, int64_t first_n, int64_t second_events,
					   int64_t second_n, double conf_level,
					   KsComparison row[KS_COMPARISONS])
{
	const char *const measures[] = {"risk difference", "risk ratio", "odds ratio",
									"number needed to treat"};
	Groups groups = {.events = {first_events, second_events}, .n = {first_n, second_n}};

	groups.z = ks_normal_quantile((1 - conf_level) / 2, false);
	for (int i = 0; i < 2; i++)
	{
		groups.size[i] = (double) groups.n[i];
		groups.yes[i] = (double) groups.events[i];
		groups.no[i] = (double) (groups.n[i] - groups.events[i]);
	}
	for (int i = 0; i < KS_COMPARISONS; i++)
	{
		row[i].measure = measures[i];
		row[i].estimate = row[i].conf_low = row[i].conf_high = row[i].p_value = NAN;
		row[i].method[0] = '\0';
		if (first_n == 0 || second_n == 0)
			ks_note(row[i].method, "not computed: a group is empty");
	}
	if (first_n == 0 || second_n == 0)
		return;
	compare_difference(&groups, conf_level, &row[KS_RISK_DIFFERENCE]);
	compare_risk_ratio(&groups, &row[KS_RISK_RATIO]);
	compare_odds_ratio(&groups, &row[KS_ODDS_RATIO]);
	compare_number_needed(&row[KS_RISK_DIFFERENCE], &row[KS_NUMBER_NEEDED]);
}
