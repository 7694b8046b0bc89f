/*
 * kc_trend_summary.c
 *	  Responses counted by dose: counted pairs (dose, 0 or 1).
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "stat/ks_sort.h"
#include "summary/kc_env.h"
#include "summary/kc_trend_summary.h"

static KcState *
merge_trend_summary(KcState *into, const KcState *from)
{
	return kc_counted_merge(into, from, 2);
}

/* Keys as pairs with their counts, in ascending order of dose. */
static double *
sorted_pairs(const KcState *state, int64 **count, size_t *size)
{
	double *columns[2];
	double *pairs;

	*size = kc_counted_size(state, 2);
	columns[0] = palloc_extended(Max(*size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	columns[1] = palloc_extended(Max(*size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	*count = palloc_extended(Max(*size, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	pairs = palloc_extended(Max(*size, 1) * 2 * sizeof(double), MCXT_ALLOC_HUGE);
	kc_counted_unpack(state, 2, columns, *count);
	for (size_t i = 0; i < *size; i++)
	{
		pairs[2 * i] = columns[0][i];
		pairs[2 * i + 1] = columns[1][i];
	}
	kc_require(ks_sort_pairs(&kc_env, pairs, *count, *size));
	return pairs;
}

static const char *
check_trend_summary(const KcState *state)
{
	const char *problem = kc_counted_check(state, 2);
	int64 *count;
	size_t size;
	double *pairs;

	if (problem != NULL)
		return problem;
	pairs = sorted_pairs(state, &count, &size);
	for (size_t i = 0; i < size; i++)
		if (pairs[2 * i + 1] != 0 && pairs[2 * i + 1] != 1)
			return "a response is neither true nor false";
	return NULL;
}

const KcSummaryType kc_trend_summary_type = {
	.name = "trend_summary",
	.tag = KC_TREND_SUMMARY,
	.version = 1,
	.fixed_size = 0,
	.n_regions = 3,
	.fixed_pattern = "",
	.region_pattern = {"ddl", "dd", ""},
	.check = check_trend_summary,
	.merge = merge_trend_summary,
};

KsDoseCount *
kc_trend_summary_read(const KcState *state, size_t *doses)
{
	int64 *count;
	size_t size;
	double *pairs = sorted_pairs(state, &count, &size);
	KsDoseCount *result =
		palloc_extended(Max(size, 1) * sizeof(KsDoseCount), MCXT_ALLOC_HUGE);

	*doses = 0;
	for (size_t i = 0; i < size; i++)
	{
		if (*doses == 0 || result[*doses - 1].dose != pairs[2 * i])
			result[(*doses)++] = (KsDoseCount){pairs[2 * i], 0, 0};
		result[*doses - 1].n += count[i];
		if (pairs[2 * i + 1] == 1)
			result[*doses - 1].events += count[i];
	}
	return result;
}
