/*
 * summaries.h
 *	  Every summary built from random rows, and all that a query could do with one:
 *	  what the tests and the fuzzer of the readers share.
 */
#ifndef SUMMARIES_H
#define SUMMARIES_H

#include "server.h"

#include "unit.h"

#include "summary/kc_contingency_table.h"
#include "summary/kc_env.h"
#include "summary/kc_group_summary.h"
#include "summary/kc_group_values.h"
#include "summary/kc_item_summary.h"
#include "summary/kc_linear_summary.h"
#include "summary/kc_mixed_summary.h"
#include "summary/kc_opioid_exposure.h"
#include "summary/kc_mediation_sample.h"
#include "summary/kc_mediation_summary.h"
#include "summary/kc_paired_summary.h"
#include "summary/kc_paired_values.h"
#include "summary/kc_repeated_values.h"
#include "summary/kc_summaries.h"
#include "summary/kc_table_one_summary.h"
#include "summary/kc_trajectory_summary.h"
#include "summary/kc_stratified_table.h"
#include "summary/kc_trend_summary.h"
#include "summary/kc_value_counts.h"

static uint64 random_state = 88172645463325252u;

static uint64
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static int
below(int n)
{
	return (int) (next_random() % n);
}

/* A score, or a number with all its digits. */
static double
some_value(bool score)
{
	return score ? below(11) : (double) (int64) next_random() / 1e17;
}

/* A fill; every ninth row is a missing one, now and then an empty one. */
static KcState *
add_fill(KcState *state, const char *drug, const char *route, double dose, int row)
{
	KcProduct product = {{drug, "mg", route},
						 {(uint32) strlen(drug), 2, (uint32) strlen(route)}};

	if (row % 9 == 8)
	{
		kc_opioid_exposure_add_missing(state, row % 2 == 0);
		return state;
	}
	return kc_opioid_exposure_add_fill(state, &product, dose, below(1000), 1 + below(90));
}

/* A patient with a number and a factor, each missing now and then, of a group or none. */
static KcState *
add_patient(KcState *state, double x, const char *level, const char *label, int row)
{
	KcLabelHints hints = {{0}};
	uint32 group, score, stage;

	if (row % 11 == 10)
	{
		state->n_missing++;
		return state;
	}
	state = kc_table_one_group(state, label, strlen(label), &hints, &group);
	state = kc_table_one_variable(state, "score", true, &hints, &score);
	state = kc_table_one_variable(state, "stage", false, &hints, &stage);
	state->n++;
	state = row % 5 == 4 ? kc_table_one_add_missing(state, score, group)
						 : kc_table_one_add_number(state, score, group, x);
	return row % 7 == 6 ? kc_table_one_add_missing(state, stage, group)
						: kc_table_one_add_level(state, stage, group, level, strlen(level),
												 &hints);
}

/* All rows of every variable can be added up. */
static void
use_table_one(const KcState *state)
{
	KcTableOne table = kc_table_one_read(state);
	int64 rows = 0;

	for (uint32 v = 0; v < table.variables; v++)
		for (uint32 g = 0; g < table.groups; g++)
		{
			const KcTableOneVariable *variable = &table.variable[v];

			rows += variable->n_missing[g] + variable->values[g].n;
			for (uint32 l = 0; l < variable->levels; l++)
				rows += variable->count[l * table.groups + g] + (variable->level[l][0] == 0);
		}
	CHECK(rows >= 0);
}

/* Every dose has responses, no more than answers. */
static void
use_trend(const KcState *state)
{
	size_t doses;
	const KsDoseCount *counts = kc_trend_summary_read(state, &doses);
	int64 n = 0;

	for (size_t i = 0; i < doses; i++)
	{
		CHECK(counts[i].events >= 0 && counts[i].events <= counts[i].n);
		n += counts[i].n;
	}
	CHECK(n == state->n);
}

/* Counts of the groups add up to the rows; labels can be read. */
static void
use_groups(const KcState *state, bool moments)
{
	int64 n = 0;
	size_t bytes = 0;

	if (moments)
	{
		KcGroupMoments read = kc_group_summary_read(state);

		for (uint32 g = 0; g < read.groups; g++)
		{
			n += read.sums[g].n;
			bytes += strlen(read.label[g]);
		}
	}
	else
	{
		KcGroupedValues read = kc_group_values_read(state);

		for (uint32 g = 0; g < read.groups; g++)
		{
			n += read.values[g].n;
			bytes += strlen(read.label[g]);
		}
	}
	CHECK(n == state->n && bytes < PG_UINT32_MAX);
}

/* A row of a model ready to be added: outcome, number, two factors. */
static KcModel *
set_model_row(KcState **state, const char *text, const char *kinds, double x, double y,
			  const char *level)
{
	KsFormula *formula = palloc(sizeof(KsFormula));
	KsFormulaError error;
	KcModel *model;

	CHECK(ks_formula_parse(text, strlen(text), NULL, 0, formula, &error));
	model = kc_model_compile(formula, kinds);
	*state = kc_model_set_formula(*state, text, strlen(text));
	*state = kc_model_set_variables(*state, model);
	model->number[0] = ks_dd(y);
	model->number[1] = ks_dd(x);
	model->level[2] = level;
	model->level_length[2] = strlen(level);
	model->level[3] = y > 5 ? "high" : "low";
	model->level_length[3] = strlen(model->level[3]);
	return model;
}

/* Numbers, levels and both. */
static KcState *
add_model_row(KcState *state, double x, double y, const char *level)
{
	KcModel *model =
		set_model_row(&state, "y ~ x * g + poly(x, 2, raw):h", "nnff", x, y, level);

	return kc_linear_add_row(state, model);
}

/* One grouping factor, two that nest, two that may: what mixed models are tested with. */
static const char *const mixed_formulas[] = {"y ~ x * g + h + (1 + h | id)",
											 "y ~ x + h + g + (1 | site/id)",
											 "y ~ x + h + g + (1 | site) + (1 | id)"};
static int mixed_formula;

static KcState *
add_mixed_row(KcState *state, double x, double y, const char *level, const char *key)
{
	KcModel *model =
		set_model_row(&state, mixed_formulas[mixed_formula],
					  mixed_formula == 0 ? "nnffg" : "nnffgg", x, y, level);
	char joined[100];

	CHECK(kc_mixed_list_key(model) == NULL && model->n_key == 1 + (mixed_formula > 0));
	snprintf(joined, sizeof(joined), "%c%c%s", 'a' + (int) (fabs(x) * 7) % 3,
			 model->key_separator, key);
	if (mixed_formula == 0)
		return kc_mixed_add_row(state, model, key, strlen(key));
	return kc_mixed_add_row(state, model, joined, strlen(joined));
}

static KcState *
add_trajectory_row(KcState *state, double x, double y, const char *key)
{
	KcModel *model = set_model_row(&state, "y ~ x + I(x^2) | id", "nng", x, y, "");

	return kc_trajectory_add_row(state, model, key, strlen(key));
}

static void
use_mixed_model(const KcState *fitted)
{
	KcMixedModel model;
	double *modes, *errors;
	size_t size;

	kc_mixed_read(fitted, &model);
	if (model.model == NULL)
		return;
	size = (model.fit.groups + model.fit.outer_groups) * model.n_random + 1;
	modes = palloc(sizeof(double) * size);
	errors = palloc(sizeof(double) * size);
	kc_mixed_modes(&model, modes, errors);
	for (size_t g = 0; g < model.fit.groups; g++)
		CHECK(strlen(kc_mixed_group_key(&model, 0, g)) < 1000);
	for (size_t g = 0; g < model.fit.outer_groups; g++)
		CHECK(strlen(kc_mixed_group_key(&model, 1, g)) < 1000);
	CHECK(model.fit.n == fitted->n && model.fit.vcov != NULL);
}

static void
use_trajectory_model(const KcState *fitted)
{
	KcTrajectoryModel model;
	double row[3], estimate, low, high;

	kc_trajectory_read(fitted, &model);
	if (model.model == NULL)
		return;
	kc_trajectory_design_row(&model, 2, row);
	ks_trajectory_mean(&model.fit, model.fit.groups - 1, row, 0.95, &estimate, &low, &high);
	for (size_t i = 0; i < model.fit.subjects; i++)
		CHECK(!(model.fit.posterior[i * model.fit.groups] == -1) &&
			  strlen(kc_trajectory_subject(&model, i)) < 1000);
}

static KcState *
fit_trajectories(const KcState *state)
{
	KcTrajectoryData *data = kc_trajectory_open(state);
	KcState *fitted;
	KsTrajectoryFit fit;

	kc_trajectory_fit(data, 2, 2, 1, &fit);
	fitted = kc_trajectory_store(data, &fit);
	ks_trajectory_fit_free(&kc_env, &fit);
	return fitted;
}

static void
use_model(const KcState *state)
{
	KcLinearFit read;
	KcState *fitted = kc_linear_as_model(state);

	kc_linear_read(fitted, &read);
	CHECK(read.fit.n == state->n && read.fit.rank <= read.design.n_columns);
	for (int c = 0; c < read.design.n_columns; c++)
	{
		KsCoefficient row;

		ks_linear_coefficient(&read.fit, c, 0.95, &row);
		CHECK(isnan(row.estimate) || !read.fit.aliased[c]);
	}
}

/* The summary a model is fitted to; of other types the type itself. */
static const KcSummaryType *
summary_of(const KcSummaryType *type)
{
	switch (type->tag)
	{
		case KC_MIXED_MODEL:
			return &kc_mixed_summary_type;
		case KC_TRAJECTORY_MODEL:
			return &kc_trajectory_summary_type;
		default:
			return type;
	}
}

/* A row of two covariates; every seventh is incomplete, now and then to the width. */
static KcState *
add_mediation_row(KcState *state, double x, double y, int row)
{
	double covariate[2] = {y - x, below(5)};
	KcMediationRow values = {.complete = row % 7 != 3,
							 .covariates = row % 14 == 3 ? -1 : 2,
							 .treatment = below(2),
							 .mediator = x,
							 .outcome = y,
							 .covariate = covariate};

	return state->tag == KC_MEDIATION_SUMMARY ? kc_mediation_summary_add_row(state, &values)
											  : kc_mediation_sample_add_row(state, &values);
}

/* All methods on whatever was accepted: figures or NaN with a note. */
static void
use_mediation(const KcState *state)
{
	bool sample = state->tag == KC_MEDIATION_SAMPLE;
	int covariates = sample ? kc_mediation_sample_covariates(state)
							: kc_mediation_summary_sums(state).covariates;
	const double *row = sample ? kc_mediation_sample_rows(state) : NULL;
	KsMediationSums sums = {
		.covariates = covariates,
		.pivot = palloc0(sizeof(double) * ks_mediation_columns(covariates)),
		.products = palloc0(sizeof(KsDD) * ks_mediation_products(covariates))};
	KsMediationOptions options = {.replicates = 20, .conf_level = 0.95, .values = {0, 1}};
	KsMediationEffect effect[KS_MEDIATION_ROWS];
	KsMediationFit fit;

	for (int64 i = 0; sample && i < state->n; i++)
	{
		const double *at = row + i * (3 + covariates);

		ks_mediation_add(&sums, at[0], at[1], at[2], at + 3);
	}
	if (!sample && state->n > 0)
		sums = kc_mediation_summary_sums(state);
	CHECK(ks_mediation_fit(&sums, true, &kc_env, &fit) == KS_OK);
	options.interaction = true;
	for (int method = KS_MEDIATION_DELTA; method <= KS_MEDIATION_MONTE_CARLO; method++)
	{
		/* quadrature takes its time under the sanitizers */
		if (method == KS_MEDIATION_PRODUCT && below(20) > 0)
			continue;
		options.method = (KsMediationMethod) method;
		CHECK(ks_mediation_effects(&fit, &options, &kc_env, effect) == KS_OK);
	}
	options.method = KS_MEDIATION_BCA;
	if (sample)
		CHECK(ks_mediation_bootstrap(&fit, row, &options, &kc_env, effect) == KS_OK);
	CHECK(fit.usable || effect[0].note[0] != '\0');
}

static KcState *
build(const KcSummaryType *type, int rows, bool score)
{
	KcState *state = kc_state_create(summary_of(type));

	for (int i = 0; i < rows; i++)
	{
		char a[40], b[40];
		double x = some_value(score);
		double y = some_value(score);

		snprintf(a, sizeof(a), "label %d", below(score ? 5 : 500));
		snprintf(b, sizeof(b), "%d", below(7));
		switch (type->tag)
		{
			case KC_VALUE_COUNTS:
				state = kc_value_counts_add_value(state, x);
				break;
			case KC_PAIRED_SUMMARY:
				kc_paired_summary_add_pair(state, x, y);
				break;
			case KC_PAIRED_VALUES:
				state = kc_paired_values_add_pair(state, x, y);
				break;
			case KC_REPEATED_VALUES:
				state = kc_repeated_values_add_value(state, a, strlen(a), b, strlen(b),
													 i % 7 == 0 ? NAN : x);
				break;
			case KC_CONTINGENCY_TABLE:
				state = kc_contingency_add(state, a, strlen(a), b, strlen(b), NULL, 1);
				break;
			case KC_STRATIFIED_TABLE:
				state = kc_stratified_table_count(state, (KcLabel){a, strlen(a)},
												  (KcLabel){y > 5 ? "y" : "n", 1},
												  (KcLabel){b, strlen(b)});
				break;
			case KC_ITEM_SUMMARY:
			{
				double form[3] = {x, y, x - y};

				state = kc_item_summary_add_form(state, 3, i % 7 == 0 ? NULL : form);
				break;
			}
			case KC_GROUP_SUMMARY:
			{
				bool in_range;

				state = kc_group_summary_add_value(state, x, a, strlen(a), NULL, &in_range);
				CHECK(in_range);
				break;
			}
			case KC_GROUP_VALUES:
				state = kc_group_values_add_value(state, x, a, strlen(a), NULL);
				break;
			case KC_TREND_SUMMARY:
				state = kc_trend_summary_add_response(state, y > 5, x);
				break;
			case KC_TABLE_ONE_SUMMARY:
				state = add_patient(state, x, b, a, i);
				break;
			case KC_OPIOID_EXPOSURE:
				state = add_fill(state, a, b, fabs(x), i);
				break;
			case KC_LINEAR_SUMMARY:
				state = add_model_row(state, x, y, b);
				break;
			case KC_MIXED_SUMMARY:
			case KC_MIXED_MODEL:
				state = add_mixed_row(state, x, y, b, a);
				break;
			case KC_TRAJECTORY_SUMMARY:
			case KC_TRAJECTORY_MODEL:
				state = add_trajectory_row(state, x, y, a);
				break;
			case KC_MEDIATION_SUMMARY:
			case KC_MEDIATION_SAMPLE:
				state = add_mediation_row(state, x, y, i);
				break;
		}
	}
	if (type->tag == KC_MIXED_MODEL)
		return kc_mixed_fit(state, score);
	return type->tag == KC_TRAJECTORY_MODEL ? fit_trajectories(state) : state;
}

/* Every fill points to a product, whose bytes can all be read. */
static void
use_fills(const KcState *state)
{
	uint32 n_products, bytes = 0;
	KcProduct *products = kc_opioid_exposure_products(state, &n_products);
	size_t n;
	const KcFill *fills = kc_opioid_exposure_fills(state, &n);

	CHECK(n == (size_t) state->n && kc_opioid_exposure_incomplete(state) >= 0);
	for (uint32 i = 0; i < n_products; i++)
		for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
			for (uint32 at = 0; at < products[i].length[f]; at++)
				bytes += products[i].text[f][at] != '\0';
	CHECK(n == 0 || bytes > 0 || n_products > 0);
	for (size_t i = 0; i < n; i++)
		CHECK(fills[i].product < n_products && kc_fill_dose(&fills[i]) >= 0);
}

/* Whatever a query could do with an accepted value. */
static void
use(const KcSummaryType *type, const KcState *state)
{
	KcState *merged;

	if (type->tag == KC_MIXED_MODEL)
		use_mixed_model(state);
	if (type->tag == KC_TRAJECTORY_MODEL)
		use_trajectory_model(state);
	if (type->merge == NULL)
		return;
	merged = type->merge(kc_state_copy(state), build(type, 20, true));
	merged = type->merge(merged, state);
	CHECK(merged->n == 2 * state->n + build(type, 20, true)->n || type->tag == KC_REPEATED_VALUES);
	switch (type->tag)
	{
		case KC_VALUE_COUNTS:
			CHECK(kc_value_counts_read(merged).n == merged->n);
			break;
		case KC_PAIRED_VALUES:
			(void) kc_paired_values_read(merged);
			break;
		case KC_REPEATED_VALUES:
			(void) kc_repeated_values_read(merged);
			break;
		case KC_CONTINGENCY_TABLE:
			(void) kc_contingency_read(merged);
			break;
		case KC_GROUP_SUMMARY:
		case KC_GROUP_VALUES:
			use_groups(merged, type->tag == KC_GROUP_SUMMARY);
			break;
		case KC_TREND_SUMMARY:
			use_trend(merged);
			break;
		case KC_STRATIFIED_TABLE:
			(void) kc_stratified_table_read(merged);
			break;
		case KC_ITEM_SUMMARY:
		{
			KsItemSums sums = kc_item_summary_sums(merged);
			KsReliability result;

			ks_cronbach_alpha(&sums, 0.95, &result);
			break;
		}
		case KC_TABLE_ONE_SUMMARY:
			use_table_one(merged);
			break;
		case KC_OPIOID_EXPOSURE:
			use_fills(merged);
			break;
		case KC_LINEAR_SUMMARY:
			use_model(merged);
			break;
		case KC_MIXED_SUMMARY:
			if (merged->n < 100)
				use_mixed_model(kc_mixed_fit(merged, true));
			break;
		case KC_TRAJECTORY_SUMMARY:
			if (merged->n < 100)
				use_trajectory_model(fit_trajectories(merged));
			break;
		case KC_MEDIATION_SUMMARY:
		case KC_MEDIATION_SAMPLE:
			use_mediation(merged);
			break;
	}
}

/* All there are, but linear models, which are linear summaries; mixed ones by formula. */
typedef struct SummaryKind
{
	const KcSummaryType *type;
	int mixed_formula;
} SummaryKind;

static const SummaryKind summary_kinds[] = {
	{&kc_value_counts_type, 0},
	{&kc_paired_summary_type, 0},
	{&kc_paired_values_type, 0},
	{&kc_repeated_values_type, 0},
	{&kc_contingency_table_type, 0},
	{&kc_opioid_exposure_type, 0},
	{&kc_group_summary_type, 0},
	{&kc_group_values_type, 0},
	{&kc_trend_summary_type, 0},
	{&kc_stratified_table_type, 0},
	{&kc_item_summary_type, 0},
	{&kc_table_one_summary_type, 0},
	{&kc_linear_summary_type, 0},
	{&kc_mixed_summary_type, 0},
	{&kc_mixed_model_type, 0},
	{&kc_mixed_model_type, 1},
	{&kc_mixed_summary_type, 2},
	{&kc_trajectory_summary_type, 0},
	{&kc_trajectory_model_type, 0},
	{&kc_mediation_summary_type, 0},
	{&kc_mediation_sample_type, 0},
};

/* The type of a kind, whose rows build() then makes. */
static const KcSummaryType *
choose_kind(size_t kind)
{
	mixed_formula = summary_kinds[kind].mixed_formula;
	return summary_kinds[kind].type;
}

#endif
