/*
 * kc_mediation_sample.c
 *	  The rows themselves, for the bootstrap.
 *
 * The fixed part holds 1 + the number of covariates, as in a mediation_summary;
 * the region the rows one after the other.
 */
#include "postgres.h"

#include "summary/kc_mediation_sample.h"

#define ROWS 0

static int64 *
width_of(const KcState *state)
{
	return kc_fixed(state);
}

int
kc_mediation_sample_covariates(const KcState *state)
{
	return *width_of(state) == 0 ? 0 : (int) *width_of(state) - 1;
}

const double *
kc_mediation_sample_rows(const KcState *state)
{
	return kc_region_data(state, kc_region(state, &kc_mediation_sample_type, ROWS));
}

static void
set_width(KcState *state, int covariates)
{
	kc_mediation_check_width(*width_of(state), covariates);
	*width_of(state) = covariates + 1;
}

KcState *
kc_mediation_sample_add_row(KcState *state, const KcMediationRow *row)
{
	double value[3 + KS_MEDIATION_MAX_COVARIATES];

	if (row->covariates >= 0)
		set_width(state, row->covariates);
	if (!row->complete)
	{
		state->n_missing++;
		return state;
	}
	kc_mediation_check_range(row);
	/* adding 0 leaves no -0, which would compare equal and look different */
	value[0] = row->treatment + 0.0;
	value[1] = row->mediator + 0.0;
	value[2] = row->outcome + 0.0;
	for (int i = 0; i < row->covariates; i++)
		value[3 + i] = row->covariate[i] + 0.0;
	state->n++;
	return kc_region_append(state, ROWS, value, sizeof(double) * (3 + row->covariates));
}

static KcState *
merge_mediation_sample(KcState *into, const KcState *from)
{
	const KcRegion *rows = kc_region(from, &kc_mediation_sample_type, ROWS);

	if (*width_of(from) != 0)
		set_width(into, kc_mediation_sample_covariates(from));
	into->n += from->n;
	into->n_missing += from->n_missing;
	return rows->used == 0 ? into
						   : kc_region_append(into, ROWS, kc_region_data(from, rows), rows->used);
}

static const char *
check_mediation_sample(const KcState *state)
{
	int64 width = *width_of(state);
	const KcRegion *rows = kc_region(state, &kc_mediation_sample_type, ROWS);
	size_t numbers = width + 2;

	if (state->flags != 0)
		return "its flags are unknown";
	if (width < 0 || width > KS_MEDIATION_MAX_COVARIATES + 1)
		return "the number of covariates is out of range";
	if (width == 0 && state->n > 0)
		return "there are rows without columns";
	if (rows->used % (sizeof(double) * numbers) != 0 ||
		rows->used / (sizeof(double) * numbers) != state->n)
		return "the rows do not add up to their number";
	for (int64 i = 0; i < state->n; i++)
	{
		const double *row = kc_mediation_sample_rows(state) + i * numbers;

		for (size_t j = 0; j < numbers; j++)
			if (!isfinite(row[j]))
				return "a value is not finite";
		if (!ks_mediation_in_range(row[0], row[1], row[2], row + 3, (int) width - 1))
			return "a value is out of range";
	}
	return NULL;
}

const KcSummaryType kc_mediation_sample_type = {
	.name = "mediation_sample",
	.tag = KC_MEDIATION_SAMPLE,
	.version = 1,
	.fixed_size = sizeof(int64),
	.n_regions = 1,
	.fixed_pattern = "l",
	.region_pattern = {"d"},
	.check = check_mediation_sample,
	.merge = merge_mediation_sample,
};
