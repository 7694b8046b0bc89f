/*
 * kc_mediation_summary.c
 *	  Cross-products of treatment, mediator, outcome and covariates.
 *
 * The fixed part holds 1 + the number of covariates, 0 before a row has told
 * it; the regions the pivot and the packed cross-products of ks_mediation.h.  The
 * product of treatment and mediator is among the columns, so that the choice of
 * an interaction is left to the reader.
 */
#include "postgres.h"

#include "summary/kc_mediation_summary.h"

enum
{
	PIVOT,
	PRODUCTS,
};

static int64 *
width_of(const KcState *state)
{
	return kc_fixed(state);
}

void
kc_mediation_check_width(int64 kept, int covariates)
{
	if (covariates > KS_MEDIATION_MAX_COVARIATES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%d covariates are too many", covariates),
						errhint("Mediation takes up to %d.", KS_MEDIATION_MAX_COVARIATES)));
	if (kept != 0 && kept != covariates + 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the number of covariates changes"),
						errdetail("Some rows have %d, others %d.",
								  (int) Min(kept - 1, covariates),
								  (int) Max(kept - 1, covariates)),
						errhint("Give a missing covariate as NULL in its place: "
								"ARRAY[age, weight].")));
}

void
kc_mediation_check_range(const KcMediationRow *row)
{
	if (!ks_mediation_in_range(row->treatment, row->mediator, row->outcome, row->covariate,
							   row->covariates))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("value out of range: its square overflows"),
						errdetail("Treatment and mediator must lie between -1e74 and 1e74, "
								  "outcome and covariates between -1e149 and 1e149.")));
}

static void *
region_of(const KcState *state, int region)
{
	return kc_region_data(state, kc_region(state, &kc_mediation_summary_type, region));
}

KsMediationSums
kc_mediation_summary_sums(const KcState *state)
{
	return (KsMediationSums){.covariates = *width_of(state) == 0 ? 0 : (int) *width_of(state) - 1,
							 .n = state->n,
							 .pivot = region_of(state, PIVOT),
							 .products = region_of(state, PRODUCTS)};
}

/* A region of that many bytes, zeroed. */
static KcState *
add_region(KcState *state, int number, size_t bytes)
{
	KcRegion *region;

	state = kc_region_reserve(state, number, bytes);
	region = kc_region(state, &kc_mediation_summary_type, number);
	memset(kc_region_data(state, region), 0, bytes);
	region->used = bytes;
	return state;
}

/* Fixes the number of covariates, or holds a row to it. */
static KcState *
set_width(KcState *state, int covariates)
{
	kc_mediation_check_width(*width_of(state), covariates);
	if (*width_of(state) != 0)
		return state;
	state = add_region(state, PIVOT, sizeof(double) * ks_mediation_columns(covariates));
	state = add_region(state, PRODUCTS, sizeof(KsDD) * ks_mediation_products(covariates));
	*width_of(state) = covariates + 1;
	return state;
}

KcState *
kc_mediation_summary_add_row(KcState *state, const KcMediationRow *row)
{
	KsMediationSums sums;

	if (row->covariates >= 0 && *width_of(state) != row->covariates + 1)
		state = set_width(state, row->covariates);
	if (!row->complete)
	{
		state->n_missing++;
		return state;
	}
	kc_mediation_check_range(row);
	sums = kc_mediation_summary_sums(state);
	ks_mediation_add(&sums, row->treatment, row->mediator, row->outcome, row->covariate);
	state->n = sums.n;
	return state;
}

static KcState *
merge_mediation_summary(KcState *into, const KcState *from)
{
	const KsMediationSums other = kc_mediation_summary_sums(from);
	KsMediationSums sums;
	size_t count;

	into->n_missing += from->n_missing;
	if (*width_of(from) == 0)
		return into;
	into = set_width(into, other.covariates);
	sums = kc_mediation_summary_sums(into);
	ks_mediation_merge(&sums, &other);
	into->n = sums.n;
	count = ks_mediation_products(sums.covariates);
	for (size_t i = 0; i < count; i++)
		if (!isfinite(sums.products[i].hi) || !isfinite(sums.products[i].lo))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("value out of range: a sum of squares overflows")));
	return into;
}

/* The first row is the pivot, so what it differs from it by is nothing. */
static const char *
check_pivot(const KcState *state)
{
	KsMediationSums sums = kc_mediation_summary_sums(state);
	int columns = ks_mediation_columns(sums.covariates);

	if (kc_region(state, &kc_mediation_summary_type, PIVOT)->used != sizeof(double) * columns)
		return "the pivot does not fit the number of columns";
	for (int i = 0; i < columns; i++)
		if (!isfinite(sums.pivot[i]) || fabs(sums.pivot[i]) > KS_MAX_VALUE)
			return "its pivot is out of range";
	if (sums.pivot[KS_COLUMN_ONE] != 0 || sums.pivot[KS_COLUMN_PRODUCT] != 0 ||
		!ks_mediation_in_range(sums.pivot[KS_COLUMN_TREATMENT],
							   sums.pivot[KS_COLUMN_MEDIATOR], 0, NULL, 0))
		return "its pivot is out of range";
	return NULL;
}

static const char *
check_mediation_summary(const KcState *state)
{
	int64 width = *width_of(state);
	const KcRegion *region = kc_region(state, &kc_mediation_summary_type, PRODUCTS);
	const KsDD *products = region_of(state, PRODUCTS);
	const char *problem;
	int columns;

	if (state->flags != 0)
		return "its flags are unknown";
	if (width < 0 || width > KS_MEDIATION_MAX_COVARIATES + 1)
		return "the number of covariates is out of range";
	if (width == 0)
		return state->n == 0 && region->used == 0 &&
					   kc_region(state, &kc_mediation_summary_type, PIVOT)->used == 0
				   ? NULL
				   : "there are rows without columns";
	problem = check_pivot(state);
	if (problem != NULL)
		return problem;
	columns = ks_mediation_columns((int) width - 1);
	if (region->used != sizeof(KsDD) * ks_triangle(columns, 0))
		return "the cross-products do not fit the number of columns";
	if (products[0].hi != (double) state->n || products[0].lo != 0)
		return "the cross-products do not fit the number of rows";
	for (int i = 0; i < columns; i++)
		for (int j = 0; j <= i; j++)
		{
			KsDD product = products[ks_triangle(i, j)];

			if (!isfinite(product.hi) || !isfinite(product.lo))
				return "a sum is not finite";
			/* a low part is at most 2^-53 of its high part; the rest is slack */
			if (fabs(product.lo) > 0x1p-50 * fabs(product.hi))
				return "a sum is not in double-double form";
			if (i == j && product.hi < 0)
				return "a sum of squares is negative";
			if (state->n <= 1 && i > 0 && product.hi != 0)
				return "there are sums without rows";
		}
	return NULL;
}

const KcSummaryType kc_mediation_summary_type = {
	.name = "mediation_summary",
	.tag = KC_MEDIATION_SUMMARY,
	.version = 1,
	.fixed_size = sizeof(int64),
	.n_regions = 2,
	.fixed_pattern = "l",
	.region_pattern = {"d", "dd"},
	.check = check_mediation_summary,
	.merge = merge_mediation_summary,
};
