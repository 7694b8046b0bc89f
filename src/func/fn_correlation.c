/*
 * fn_correlation.c
 *	  Chapter groups: rank correlation.  Pearson's, which needs moments only, is in
 *	  fn_paired.c.
 */
#include "postgres.h"

#include "func/fn_core.h"
#include "stat/ks_rank_correlation.h"
#include "summary/kc_paired_values.h"

static Datum
spearman(FunctionCallInfo fcinfo, KsAlternative alternative, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_paired_values_type);
	KcPairs pairs = kc_paired_values_read(state);
	KsTest test;

	kc_require(ks_spearman_correlation(pairs.before, pairs.after, pairs.count, pairs.size,
									   alternative, conf_level, &kc_env, &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_spearman_correlation);
Datum
kc_spearman_correlation(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return spearman(fcinfo, kc_option_alternative(fcinfo, 1),
					kc_option_conf_level(fcinfo, 2));
}

PG_FUNCTION_INFO_V1(kc_spearman_correlation_final);
Datum
kc_spearman_correlation_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return spearman(fcinfo, KS_TWO_SIDED, 0.95);
}

static Datum
kendall(FunctionCallInfo fcinfo, KsAlternative alternative)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_paired_values_type);
	KcPairs pairs = kc_paired_values_read(state);
	KsTest test;

	kc_require(ks_kendall_correlation(pairs.before, pairs.after, pairs.count, pairs.size,
									  alternative, &kc_env, &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_kendall_correlation);
Datum
kc_kendall_correlation(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return kendall(fcinfo, kc_option_alternative(fcinfo, 1));
}

PG_FUNCTION_INFO_V1(kc_kendall_correlation_final);
Datum
kc_kendall_correlation_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return kendall(fcinfo, KS_TWO_SIDED);
}
