/*
 * fn_paired.c
 *	  Chapter paired: the same patients before and after.
 */
#include "postgres.h"

#include "func/fn_core.h"
#include "stat/ks_paired.h"
#include "summary/kc_paired_summary.h"
#include "summary/kc_paired_values.h"
#include "summary/kc_value_counts.h"

/* ---- transitions ------------------------------------------------------------------ */

/* Reads a complete, finite pair; false when a side is NULL. */
static inline bool
arg_pair(FunctionCallInfo fcinfo, double *before, double *after)
{
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return false;
	*before = PG_GETARG_FLOAT8(1);
	*after = PG_GETARG_FLOAT8(2);
	kc_check_finite(*before, "value before");
	kc_check_finite(*after, "value after");
	return true;
}

PG_FUNCTION_INFO_V1(kc_paired_summary_add);
Datum
kc_paired_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_paired_summary_type);
	double before, after;

	if (!arg_pair(fcinfo, &before, &after))
		state->n_missing++;
	else if (!kc_paired_summary_add_pair(state, before, after))
		kc_product_overflow();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_paired_values_add);
Datum
kc_paired_values_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_paired_values_type);
	double before, after;

	if (!arg_pair(fcinfo, &before, &after))
		state->n_missing++;
	else
		state = kc_paired_values_add_pair(state, before, after);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_value_counts_add_change);
Datum
kc_value_counts_add_change(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_value_counts_type);
	double before, after;

	if (!arg_pair(fcinfo, &before, &after))
		state->n_missing++;
	else
	{
		double change = after - before;

		kc_check_finite(change, "change");
		state = kc_value_counts_add_value(state, change);
	}
	PG_RETURN_POINTER(state);
}

/* ---- moments ---------------------------------------------------------------------- */

static KsPairedMoments
moments_of(const KcState *state)
{
	KsPairedMoments moments;

	ks_paired_moments(kc_fixed(state), state->n, &moments);
	return moments;
}

static Datum
t_test(FunctionCallInfo fcinfo, double mu, KsAlternative alternative, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_paired_summary_type);
	KsPairedMoments moments = moments_of(state);
	KsTest test;

	ks_paired_t(&moments, mu, alternative, conf_level, &test);
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_paired_t_test);
Datum
kc_paired_t_test(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return t_test(fcinfo, kc_option_float(fcinfo, 1, "mu"),
				  kc_option_alternative(fcinfo, 2), kc_option_conf_level(fcinfo, 3));
}

PG_FUNCTION_INFO_V1(kc_paired_t_test_final);
Datum
kc_paired_t_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return t_test(fcinfo, 0, KS_TWO_SIDED, 0.95);
}

PG_FUNCTION_INFO_V1(kc_paired_effect_size);
Datum
kc_paired_effect_size(PG_FUNCTION_ARGS)
{
	static const char *const types[] = {"dz", "dav", "drm", "srm", "hedges_g", NULL};
	const KcState *state;
	KsPairedMoments moments;
	KsTest test;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_paired_summary_type);
	moments = moments_of(state);
	ks_paired_effect_size(&moments, kc_option_choice(fcinfo, 1, "type", types),
						  kc_option_conf_level(fcinfo, 2), &test);
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

static Datum
pearson(FunctionCallInfo fcinfo, KsAlternative alternative, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_paired_summary_type);
	KsPairedMoments moments = moments_of(state);
	KsTest test;

	ks_pearson_correlation(&moments, alternative, conf_level, &test);
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_pearson_correlation);
Datum
kc_pearson_correlation(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return pearson(fcinfo, kc_option_alternative(fcinfo, 1),
				   kc_option_conf_level(fcinfo, 2));
}

PG_FUNCTION_INFO_V1(kc_pearson_correlation_final);
Datum
kc_pearson_correlation_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return pearson(fcinfo, KS_TWO_SIDED, 0.95);
}
