/*
 * kc_paired_summary.c
 *	  Bivariate moments of pairs as a mergeable state.
 *
 * Raw sums and cross-products in double-double instead of the updating
 * formulas of Youngs and Cramer: they cost the same, do not depend on the
 * order of the rows, and merge by plain addition.
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
	/* a low part is at most 2^-53 of its high part; the rest is slack */
	for (size_t i = 0; i < sizeof(*sums) / sizeof(double); i += 2)
		if (fabs(part[i + 1]) > 0x1p-50 * fabs(part[i]))
			return "a sum is not in double-double form";
	if (sums->before_before.hi < 0 || sums->after_after.hi < 0)
		return "a sum of squares is negative";
	if (state->n == 0 && (sums->before_before.hi != 0 || sums->after_after.hi != 0))
		return "there are sums without rows";
	return NULL;
}

static KcState *
merge_paired_summary(KcState *into, const KcState *from)
{
	KsPairedSums *sums = kc_fixed(into);
	const KsPairedSums *other = kc_fixed(from);

	into->n += from->n;
	into->n_missing += from->n_missing;
	sums->before = ks_dd_add(sums->before, other->before);
	sums->after = ks_dd_add(sums->after, other->after);
	sums->before_before = ks_dd_add(sums->before_before, other->before_before);
	sums->after_after = ks_dd_add(sums->after_after, other->after_after);
	sums->before_after = ks_dd_add(sums->before_after, other->before_after);
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
	.fixed_pattern = "dddddddddd",
	.check = check_paired_summary,
	.merge = merge_paired_summary,
};
