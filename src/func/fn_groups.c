/*
 * fn_groups.c
 *	  Chapter groups: comparisons between independent groups.
 */
#include "postgres.h"

#include "func/fn_core.h"
#include "stat/ks_groups.h"
#include "stat/ks_mann_whitney.h"
#include "summary/kc_group_summary.h"
#include "summary/kc_group_values.h"

/* ---- transitions ------------------------------------------------------------------ */

static const char *
boolean_label(bool value)
{
	return value ? "true" : "false";
}

static KcState *
add_moment(FunctionCallInfo fcinfo, KcState *state, double value, const char *label,
		   size_t length)
{
	bool in_range;

	kc_check_finite(value, "value");
	state = kc_group_summary_add_value(state, value, label, length,
									   kc_label_hints(fcinfo, 1), &in_range);
	if (!in_range)
		kc_product_overflow();
	return state;
}

PG_FUNCTION_INFO_V1(kc_group_summary_add);
Datum
kc_group_summary_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_group_summary_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		text *label = PG_GETARG_TEXT_PP(2);

		state = add_moment(fcinfo, state, PG_GETARG_FLOAT8(1), VARDATA_ANY(label),
						   VARSIZE_ANY_EXHDR(label));
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_group_summary_add_boolean);
Datum
kc_group_summary_add_boolean(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_group_summary_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		const char *label = boolean_label(PG_GETARG_BOOL(2));

		state = add_moment(fcinfo, state, PG_GETARG_FLOAT8(1), label, strlen(label));
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_group_values_add);
Datum
kc_group_values_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_group_values_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		text *label = PG_GETARG_TEXT_PP(2);
		double value = PG_GETARG_FLOAT8(1);

		kc_check_finite(value, "value");
		state = kc_group_values_add_value(state, value, VARDATA_ANY(label),
										  VARSIZE_ANY_EXHDR(label),
										  kc_label_hints(fcinfo, 1));
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_group_values_add_boolean);
Datum
kc_group_values_add_boolean(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_group_values_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		const char *label = boolean_label(PG_GETARG_BOOL(2));
		double value = PG_GETARG_FLOAT8(1);

		kc_check_finite(value, "value");
		state = kc_group_values_add_value(state, value, label, strlen(label),
										  kc_label_hints(fcinfo, 1));
	}
	PG_RETURN_POINTER(state);
}

/* ---- means ------------------------------------------------------------------------- */

/* What a difference of two groups is: "later - earlier", NULL for another number. */
static const char *
contrast_of(uint32 groups, char **label)
{
	return groups == 2 ? psprintf("%s - %s", label[1], label[0]) : NULL;
}

static Datum
welch_t_test(FunctionCallInfo fcinfo, bool equal_variance, KsGroupEffect effect,
			 KsAlternative alternative, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_group_summary_type);
	KcGroupMoments moments = kc_group_summary_read(state);
	KsTest test;

	ks_group_t_test(moments.sums, moments.groups, equal_variance, alternative, conf_level,
					effect, &test);
	test.n_missing = state->n_missing;
	test.contrast = contrast_of(moments.groups, moments.label);
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_welch_t_test);
Datum
kc_welch_t_test(PG_FUNCTION_ARGS)
{
	static const char *const types[] = {"d", "g", NULL};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return welch_t_test(fcinfo, kc_option_bool(fcinfo, 1, "equal_variance"),
						kc_option_choice(fcinfo, 2, "type", types),
						kc_option_alternative(fcinfo, 3), kc_option_conf_level(fcinfo, 4));
}

PG_FUNCTION_INFO_V1(kc_welch_t_test_final);
Datum
kc_welch_t_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return welch_t_test(fcinfo, false, KS_GROUP_COHEN_D, KS_TWO_SIDED, 0.95);
}

static Datum
anova(FunctionCallInfo fcinfo, bool welch)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_group_summary_type);
	KcGroupMoments moments = kc_group_summary_read(state);
	KsTest test;

	ks_anova(moments.sums, moments.groups, welch, &test);
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_anova);
Datum
kc_anova(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return anova(fcinfo, kc_option_bool(fcinfo, 1, "welch"));
}

PG_FUNCTION_INFO_V1(kc_anova_final);
Datum
kc_anova_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return anova(fcinfo, false);
}

PG_FUNCTION_INFO_V1(kc_standardized_mean_difference);
Datum
kc_standardized_mean_difference(PG_FUNCTION_ARGS)
{
	KcGroupMoments moments;
	double difference;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	moments = kc_group_summary_read(kc_arg_summary(fcinfo, 0, &kc_group_summary_type));
	kc_require(ks_standardized_mean_difference(moments.sums, moments.groups, &kc_env,
											   &difference));
	KC_RETURN_FLOAT(difference);
}

PG_FUNCTION_INFO_V1(kc_levene_test);
Datum
kc_levene_test(PG_FUNCTION_ARGS)
{
	static const char *const centers[] = {"median", "mean", NULL};
	const KcState *state;
	KcGroupedValues grouped;
	KsTest test;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_group_values_type);
	grouped = kc_group_values_read(state);
	kc_require(ks_levene_test(grouped.values, grouped.groups,
							  kc_option_choice(fcinfo, 1, "center", centers), &kc_env,
							  &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

/* ---- ranks -------------------------------------------------------------------------- */

static Datum
mann_whitney(FunctionCallInfo fcinfo, KsAlternative alternative, double conf_level,
			 KsExact exact, bool correct)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_group_values_type);
	KcGroupedValues grouped = kc_group_values_read(state);
	KsTest test;

	kc_require(ks_mann_whitney(grouped.values, grouped.groups, alternative, conf_level,
							   exact, correct, &kc_env, &test));
	test.n_missing = state->n_missing;
	test.contrast = contrast_of(grouped.groups, grouped.label);
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_mann_whitney);
Datum
kc_mann_whitney(PG_FUNCTION_ARGS)
{
	KsExact exact = KS_EXACT_DEFAULT;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(3))
		exact = PG_GETARG_BOOL(3) ? KS_EXACT_YES : KS_EXACT_NO;
	return mann_whitney(fcinfo, kc_option_alternative(fcinfo, 1),
						kc_option_conf_level(fcinfo, 2), exact,
						kc_option_bool(fcinfo, 4, "correct"));
}

PG_FUNCTION_INFO_V1(kc_mann_whitney_final);
Datum
kc_mann_whitney_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return mann_whitney(fcinfo, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true);
}

PG_FUNCTION_INFO_V1(kc_kruskal_wallis);
Datum
kc_kruskal_wallis(PG_FUNCTION_ARGS)
{
	const KcState *state;
	KcGroupedValues grouped;
	KsTest test;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_group_values_type);
	grouped = kc_group_values_read(state);
	kc_require(ks_kruskal_wallis(grouped.values, grouped.groups, &kc_env, &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}
