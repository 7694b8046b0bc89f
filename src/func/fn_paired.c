/*
 * fn_paired.c
 *	  Chapter paired: the same patients before and after.
 */
#include "postgres.h"

#include "func/fn_core.h"
#include "stat/ks_friedman.h"
#include "stat/ks_paired_describe.h"
#include "stat/ks_sign.h"
#include "stat/ks_table2.h"
#include "stat/ks_wilcoxon.h"
#include "summary/kc_contingency_table.h"
#include "summary/kc_paired_summary.h"
#include "summary/kc_paired_values.h"
#include "summary/kc_repeated_values.h"
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

/* What one group leaves to the next. */
typedef struct TTestCache
{
	void *row;
	KsTQuantile quantile;
} TTestCache;

static Datum
t_test(FunctionCallInfo fcinfo, double mu, KsAlternative alternative, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_paired_summary_type);
	TTestCache *cache = fcinfo->flinfo->fn_extra;
	KsPairedMoments moments;
	KsTest test;

	if (cache == NULL)
		cache = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(TTestCache));
	ks_paired_change(kc_fixed(state), state->n, &moments);
	ks_paired_t(&moments, mu, alternative, conf_level, &cache->quantile, &test);
	test.n_missing = state->n_missing;
	return kc_test_result_kept(fcinfo, &cache->row, &test);
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

/* ---- description ------------------------------------------------------------------ */

PG_FUNCTION_INFO_V1(kc_describe_paired);
Datum
kc_describe_paired(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(KsPairedDescription, n, KC_INT8),
		KC_FIELD(KsPairedDescription, n_missing, KC_INT8),
		KC_FIELD(KsPairedDescription, mean_before, KC_FLOAT),
		KC_FIELD(KsPairedDescription, sd_before, KC_FLOAT),
		KC_FIELD(KsPairedDescription, median_before, KC_FLOAT),
		KC_FIELD(KsPairedDescription, mean_after, KC_FLOAT),
		KC_FIELD(KsPairedDescription, sd_after, KC_FLOAT),
		KC_FIELD(KsPairedDescription, median_after, KC_FLOAT),
		KC_FIELD(KsPairedDescription, mean_change, KC_FLOAT),
		KC_FIELD(KsPairedDescription, sd_change, KC_FLOAT),
		KC_FIELD(KsPairedDescription, median_change, KC_FLOAT),
		KC_FIELD(KsPairedDescription, change_of_means_pct, KC_FLOAT),
		KC_FIELD(KsPairedDescription, mean_of_changes_pct, KC_FLOAT),
		KC_FIELD(KsPairedDescription, correlation, KC_FLOAT),
		KC_FIELD(KsPairedDescription, n_decreased, KC_INT8),
		KC_FIELD(KsPairedDescription, n_unchanged, KC_INT8),
		KC_FIELD(KsPairedDescription, n_increased, KC_INT8),
	};
	const KcState *state;
	KcPairs pairs;
	KsPairedDescription description;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_paired_values_type);
	pairs = kc_paired_values_read(state);
	kc_require(ks_describe_paired(&kc_env, pairs.before, pairs.after, pairs.count,
								  pairs.size, &description));
	description.n_missing = state->n_missing;
	return kc_result_row(fcinfo, fields, lengthof(fields), &description);
}

/* ---- tests on the change ----------------------------------------------------------- */

typedef struct WilcoxonOptions
{
	double mu;
	KsAlternative alternative;
	double conf_level;
	int exact; /* -1: by the size of the group */
	bool pratt;
	bool correct;
} WilcoxonOptions;

static Datum
wilcoxon(FunctionCallInfo fcinfo, const WilcoxonOptions *options)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_value_counts_type);
	KsCounted changes = kc_value_counts_read(state);
	KsTest test;

	kc_require(ks_wilcoxon_signed_rank(&kc_env, &changes, options->mu,
									   options->alternative, options->conf_level,
									   options->exact, options->pratt, options->correct,
									   &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_wilcoxon_signed_rank);
Datum
kc_wilcoxon_signed_rank(PG_FUNCTION_ARGS)
{
	static const char *const zeros[] = {"wilcoxon", "pratt", NULL};
	WilcoxonOptions options;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	options.mu = kc_option_float(fcinfo, 1, "mu");
	options.alternative = kc_option_alternative(fcinfo, 2);
	options.conf_level = kc_option_conf_level(fcinfo, 3);
	options.exact = PG_ARGISNULL(4) ? -1 : PG_GETARG_BOOL(4);
	options.pratt = kc_option_choice(fcinfo, 5, "zeros", zeros) == 1;
	options.correct = kc_option_bool(fcinfo, 6, "correct");
	return wilcoxon(fcinfo, &options);
}

PG_FUNCTION_INFO_V1(kc_wilcoxon_signed_rank_final);
Datum
kc_wilcoxon_signed_rank_final(PG_FUNCTION_ARGS)
{
	static const WilcoxonOptions defaults = {0, KS_TWO_SIDED, 0.95, -1, false, true};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return wilcoxon(fcinfo, &defaults);
}

static Datum
sign_test(FunctionCallInfo fcinfo, double mu, KsAlternative alternative, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_value_counts_type);
	KsCounted changes = kc_value_counts_read(state);
	KsTest test;

	kc_require(ks_sign_test(&kc_env, &changes, mu, alternative, conf_level, &test));
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_sign_test);
Datum
kc_sign_test(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return sign_test(fcinfo, kc_option_float(fcinfo, 1, "mu"),
					 kc_option_alternative(fcinfo, 2), kc_option_conf_level(fcinfo, 3));
}

PG_FUNCTION_INFO_V1(kc_sign_test_final);
Datum
kc_sign_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return sign_test(fcinfo, 0, KS_TWO_SIDED, 0.95);
}

/* ---- paired categories -------------------------------------------------------------- */

/*
 * Pairs of a two-category variable from its table.  The later label is "yes".
 * False when there are more than two categories.
 */
static bool
paired_counts(const KcTable *table, KsPairedCounts *pairs)
{
	const char *last = NULL;
	const char *first = NULL;

	memset(pairs, 0, sizeof(*pairs));
	for (uint32 i = 0; i < table->rows + table->columns; i++)
	{
		const char *label = i < table->rows ? table->row_labels[i]
											: table->column_labels[i - table->rows];

		if (first == NULL || strcmp(label, first) < 0)
			first = label;
		if (last == NULL || strcmp(label, last) > 0)
			last = label;
	}
	for (uint32 r = 0; r < table->rows; r++)
		for (uint32 c = 0; c < table->columns; c++)
		{
			const char *before = table->row_labels[r];
			const char *after = table->column_labels[c];
			bool yes_before = strcmp(before, last) == 0;
			bool yes_after = strcmp(after, last) == 0;

			if ((!yes_before && strcmp(before, first) != 0) ||
				(!yes_after && strcmp(after, first) != 0))
				return false;
			*(yes_before ? (yes_after ? &pairs->both : &pairs->before_only)
						 : (yes_after ? &pairs->after_only : &pairs->neither)) +=
				table->count[(size_t) r * table->columns + c];
		}
	return true;
}

static Datum
mcnemar_test(FunctionCallInfo fcinfo, bool exact, bool correct, double conf_level)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, &kc_contingency_table_type);
	KcTable table = kc_contingency_read(state);
	KsPairedCounts pairs;
	KsTest test;

	if (paired_counts(&table, &pairs))
		ks_mcnemar_test(&pairs, exact, correct, conf_level, &test);
	else
	{
		ks_test_clear(&test);
		test.n = state->n;
		ks_note(test.note, "McNemar's test needs two categories");
	}
	test.n_missing = state->n_missing;
	return kc_test_result(fcinfo, &test);
}

PG_FUNCTION_INFO_V1(kc_mcnemar_test);
Datum
kc_mcnemar_test(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return mcnemar_test(fcinfo, kc_option_bool(fcinfo, 1, "exact"),
						kc_option_bool(fcinfo, 2, "correct"),
						kc_option_conf_level(fcinfo, 3));
}

PG_FUNCTION_INFO_V1(kc_mcnemar_test_final);
Datum
kc_mcnemar_test_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return mcnemar_test(fcinfo, true, true, 0.95);
}

/* ---- repeated values ----------------------------------------------------------------- */

/* Adds what a row says of a subject and condition; NaN for a missing value. */
static KcState *
add_repeated(FunctionCallInfo fcinfo, double value)
{
	KcState *state = kc_arg_state(fcinfo, &kc_repeated_values_type);
	text *subject, *condition;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		state->n_missing++;
		return state;
	}
	subject = PG_GETARG_TEXT_PP(1);
	condition = PG_GETARG_TEXT_PP(2);
	return kc_repeated_values_add_value(
		state, VARDATA_ANY(subject), VARSIZE_ANY_EXHDR(subject), VARDATA_ANY(condition),
		VARSIZE_ANY_EXHDR(condition), value);
}

PG_FUNCTION_INFO_V1(kc_repeated_values_add);
Datum
kc_repeated_values_add(PG_FUNCTION_ARGS)
{
	double value = PG_ARGISNULL(3) ? NAN : PG_GETARG_FLOAT8(3);

	if (!PG_ARGISNULL(3))
		kc_check_finite(value, "value");
	PG_RETURN_POINTER(add_repeated(fcinfo, value));
}

PG_FUNCTION_INFO_V1(kc_repeated_values_add_boolean);
Datum
kc_repeated_values_add_boolean(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(add_repeated(fcinfo, PG_ARGISNULL(3) ? NAN : PG_GETARG_BOOL(3)));
}

/*
 * Friedman's test of complete subjects; n counts them, incomplete ones and rows
 * without a label are missing.
 */
static KsTest
friedman_test(const KcBlocks *blocks)
{
	KsTest test;

	if (blocks->repeated > 0)
	{
		ks_test_clear(&test);
		test.n = blocks->subjects;
		ks_note(test.note, "subjects with more than one value under a condition");
	}
	else
		kc_require(ks_friedman_test(blocks->value, blocks->subjects, blocks->conditions,
									&kc_env, &test));
	test.n_missing = blocks->incomplete + blocks->unlabelled;
	return test;
}

PG_FUNCTION_INFO_V1(kc_friedman_test);
Datum
kc_friedman_test(PG_FUNCTION_ARGS)
{
	KcBlocks blocks;
	KsTest test;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	blocks = kc_repeated_values_read(kc_arg_summary(fcinfo, 0, &kc_repeated_values_type));
	test = friedman_test(&blocks);
	return kc_test_result(fcinfo, &test);
}

/* Cochran's Q is Friedman's statistic of values 0 and 1 (Cochran 1950, Biometrika 37:256). */
PG_FUNCTION_INFO_V1(kc_cochran_q_test);
Datum
kc_cochran_q_test(PG_FUNCTION_ARGS)
{
	KcBlocks blocks;
	KsTest test;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	blocks = kc_repeated_values_read(kc_arg_summary(fcinfo, 0, &kc_repeated_values_type));
	for (size_t i = 0; i < blocks.subjects * blocks.conditions; i++)
		if (blocks.value[i] != 0 && blocks.value[i] != 1)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("value %g is neither 0 nor 1", blocks.value[i]),
							errhint("Cochran's Q compares how often something occurs; "
									"friedman_test compares values.")));
	test = friedman_test(&blocks);
	test.method = "Cochran's Q test";
	return kc_test_result(fcinfo, &test);
}
