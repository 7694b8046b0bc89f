/*
 * kc_paired_summary.c
 *	  Bivariate moments of pairs as a mergeable state.
 *
 * Sums and cross-products of differences from the first pair, in double-double,
 * instead of the updating formulas of Youngs and Cramer: they cost the same and
 * what is read off them does not depend on the order of the rows.
 */
#include "postgres.h"

#include "summary/kc_paired_summary.h"

static bool
sums_are_finite(const KsPairedSums *sums)
{
	const double *part = (const double *) sums;

	for (size_t i = 0; i < sizeof(*sums) / sizeof(double); i++)
		if (!isfinite(part[i]))
			return false;
	return true;
}

static const char *
check_paired_summary(const KcState *state)
{
	const KsPairedSums *sums = kc_fixed(state);
	const double *part = (const double *) sums;

	if (!sums_are_finite(sums))
		return "a sum is not finite";
	if (fabs(sums->pivot_before) > KS_MAX_VALUE || fabs(sums->pivot_after) > KS_MAX_VALUE)
		return "its pivot is out of range";
	/* a low part is at most 2^-53 of its high part; the rest is slack */
	for (size_t i = 2; i < sizeof(*sums) / sizeof(double); i += 2)
		if (fabs(part[i + 1]) > 0x1p-50 * fabs(part[i]))
			return "a sum is not in double-double form";
	if (sums->before_before.hi < 0 || sums->after_after.hi < 0)
		return "a sum of squares is negative";
	if (state->n <= 1 && (sums->before_before.hi != 0 || sums->after_after.hi != 0))
		return "there are sums without rows";
	return NULL;
}

static KcState *
merge_paired_summary(KcState *into, const KcState *from)
{
	KsPairedSums *sums = kc_fixed(into);

	ks_paired_sums_merge(sums, into->n, kc_fixed(from), from->n);
	into->n += from->n;
	into->n_missing += from->n_missing;
	if (!sums_are_finite(sums))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("value out of range: a sum of squares overflows")));
	return into;
}

const KcSummaryType kc_paired_summary_type = {
	.name = "paired_summary",
	.tag = KC_PAIRED_SUMMARY,
	.version = 1,
	.fixed_size = sizeof(KsPairedSums),
	.fixed_pattern = "dddddddddddd",
	.check = check_paired_summary,
	.merge = merge_paired_summary,
};
