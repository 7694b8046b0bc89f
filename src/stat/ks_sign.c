/*
 * ks_sign.c
 *	  The sign test with the median and its interval.
 *
 * Without assuming symmetry, a change is above the median with probability one
 * half, so the number above mu is binomial and so are the ranks that enclose
 * the median (Hollander, Wolfe and Chicken 2014, 3.4 to 3.6).  The interval is
 * the conventional one, of at least the stated level and without
 * interpolation, of all changes: DescTools::MedianCI in R.
 */
#include "stat/ks_sign.h"

#include "stat/ks_dist.h"

#define POLL_STEPS 16384

/* The change of a given rank, 1 .. n. */
static double
change_at(const KsCounted *changes, int64_t rank)
{
	size_t i = 0;

	for (int64_t seen = ks_count_at(changes, 0); seen < rank;
		 seen += ks_count_at(changes, i))
		i++;
	return changes->value[i];
}

/* Median and limits.  The note says when the level cannot be had. */
static void
estimate_median(const KsCounted *changes, KsAlternative alternative, double conf_level,
				KsTest *out)
{
	int64_t n = changes->n;
	double tail = alternative == KS_TWO_SIDED ? (1 - conf_level) / 2 : 1 - conf_level;
	int64_t rank = ks_binomial_quantile(tail, n, 0.5);

	out->estimate =
		0.5 * change_at(changes, (n + 1) / 2) + 0.5 * change_at(changes, n / 2 + 1);
	out->conf_low = -INFINITY;
	out->conf_high = INFINITY;
	if (rank < 1)
	{
		ks_note(out->note, "too few changes for an interval at this confidence level");
		return;
	}
	if (alternative != KS_LESS)
		out->conf_low = change_at(changes, rank);
	if (alternative != KS_GREATER)
		out->conf_high = change_at(changes, n + 1 - rank);
}

KsStatus
ks_sign_test(const KsEnv *env, const KsCounted *changes, double mu,
			 KsAlternative alternative, double conf_level, KsTest *out)
{
	int64_t positive = 0, negative = 0, zeros;
	double lower, upper;

	ks_test_clear(out);
	out->n = changes->n;
	for (size_t i = 0; i < changes->distinct; i++)
	{
		if (changes->value[i] > mu)
			positive += ks_count_at(changes, i);
		else if (changes->value[i] < mu)
			negative += ks_count_at(changes, i);
		if (i % POLL_STEPS == POLL_STEPS - 1 && env->poll(env->context))
			return KS_CANCELLED;
	}
	zeros = changes->n - positive - negative;
	if (zeros == changes->n)
	{
		ks_note(out->note,
				zeros == 0 ? "no changes" : "every change equals the tested value");
		return KS_OK;
	}
	if (zeros > 0)
		ks_note(out->note, "%lld %s", (long long)zeros, zeros == 1 ? "zero" : "zeros");

	/* With probability one half, at least k successes are at most k failures. */
	lower = ks_binomial_cdf(positive, positive + negative, 0.5, true);
	upper = ks_binomial_cdf(negative, positive + negative, 0.5, true);
	out->statistic = (double)positive;
	out->p_value = alternative == KS_LESS      ? lower
				   : alternative == KS_GREATER ? upper
											   : fmin(1, 2 * fmin(lower, upper));
	out->effect_size = (double)positive / (double)(positive + negative);
	out->effect_name = "proportion positive";
	out->method = "Exact sign test";
	estimate_median(changes, alternative, conf_level, out);
	return KS_OK;
}
