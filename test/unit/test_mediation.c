/*
 * test_mediation.c
 *	  Mediation against lm, gradients by complex steps, iterated least squares and
 *	  E-values in R; simulated limits against the rows they come from.
 */
#include "stat/ks_mediation.h"

#include "stat/ks_bootstrap.h"
#include "stat/ks_dist.h"

#include "gold.h"
#include "unit.h"

#define MAX_ROWS 100
#define MAX_COVARIATES 6

typedef struct Set
{
	char name[20];
	int64_t n;
	int covariates;
	double row[MAX_ROWS * (3 + MAX_COVARIATES)];
	double pivot[20];
	KsDD products[400];
	KsMediationSums sums;
} Set;

static Set sets[8];
static int n_sets;

static Set *
find_set(const char *name)
{
	for (int i = 0; i < n_sets; i++)
		if (strcmp(sets[i].name, name) == 0)
			return &sets[i];
	snprintf(sets[n_sets].name, sizeof(sets[n_sets].name), "%s", name);
	return &sets[n_sets++];
}

static void
sum_products(Set *set)
{
	memset(set->products, 0, sizeof(set->products));
	memset(set->pivot, 0, sizeof(set->pivot));
	set->sums = (KsMediationSums){set->covariates, 0, set->pivot, set->products};
	for (int64_t i = 0; i < set->n; i++)
	{
		const double *row = set->row + i * (3 + set->covariates);

		ks_mediation_add(&set->sums, row[0], row[1], row[2], row + 3);
	}
}

static KsMediationFit
fit_set(const Set *set, bool interaction)
{
	KsMediationFit fit;

	CHECK(ks_mediation_fit(&set->sums, interaction, &unit_env, &fit) == KS_OK);
	return fit;
}

/* ---- gold ----------------------------------------------------------------------------------- */

static void
add_data(const Gold *gold)
{
	Set *set = find_set(gold->field[1]);
	int numbers = gold->fields - 2;

	/* without covariates R prints an empty field */
	if (gold->field[gold->fields - 1][0] == '\0')
		numbers--;
	set->covariates = numbers - 3;
	for (int i = 0; i < numbers; i++)
		set->row[set->n * numbers + i] = gold_number(gold, 2 + i);
	set->n++;
	sum_products(set);
}

static void
check_effect(const Gold *gold)
{
	const Set *set = find_set(gold->field[1]);
	KsMediationOptions options = {.method = KS_MEDIATION_DELTA, .conf_level = 0.95};
	KsMediationEffect row[KS_MEDIATION_ROWS];
	KsMediationFit fit;
	bool found = false;

	options.interaction = gold_number(gold, 2) == 1;
	options.values.control = gold_number(gold, 3);
	options.values.treated = gold_number(gold, 4);
	fit = fit_set(set, options.interaction);
	CHECK(ks_mediation_effects(&fit, &options, &unit_env, row) == KS_OK);
	for (int i = 0; i < ks_mediation_rows(options.interaction); i++)
	{
		if (strcmp(row[i].effect, gold->field[5]) != 0)
			continue;
		found = true;
		CHECK_CLOSE(row[i].estimate, gold_number(gold, 6), 1e-9);
		CHECK_CLOSE(row[i].std_error, gold_number(gold, 7), 1e-9);
		CHECK_CLOSE(row[i].p_value, gold_number(gold, 8), 1e-8);
		CHECK_CLOSE(row[i].conf_low, gold_number(gold, 9), 1e-8);
		CHECK_CLOSE(row[i].conf_high, gold_number(gold, 10), 1e-8);
	}
	CHECK(found);
	ks_mediation_free(&fit, &unit_env);
}

static void
check_sensitivity(const Gold *gold)
{
	KsMediationFit fit = fit_set(find_set(gold->field[1]), false);
	KsMediationSensitivity out;

	ks_mediation_sensitivity(&fit, gold_number(gold, 2), 0.95, &out);
	CHECK_CLOSE(out.indirect, gold_number(gold, 3), 1e-9);
	CHECK_CLOSE(out.conf_low, gold_number(gold, 4), 1e-8);
	CHECK_CLOSE(out.conf_high, gold_number(gold, 5), 1e-8);
	CHECK_CLOSE(out.rho_at_zero, gold_number(gold, 6), 1e-9);
	ks_mediation_sensitivity(&fit, out.rho_at_zero, 0.95, &out);
	CHECK(fabs(out.indirect) < 1e-14);
	ks_mediation_free(&fit, &unit_env);
}

static void
check_e_value(const Gold *gold)
{
	static const char *const names[] = {"rr", "or", "or_rare", "hr", "hr_rare", "smd"};
	KsEValue out;

	for (int i = 0; i < 6; i++)
		if (strcmp(gold->field[1], names[i]) == 0)
		{
			ks_e_value(gold_number(gold, 2), gold_number(gold, 3), (KsRatioScale) i, &out);
			CHECK_CLOSE(out.e_value, gold_number(gold, 4), 1e-12);
			CHECK_CLOSE(out.e_value_limit, gold_number(gold, 5), 1e-12);
			CHECK_CLOSE(out.risk_ratio, gold_number(gold, 6), 1e-12);
		}
}

static void
test_gold(void)
{
	Gold gold;

	gold_open(&gold, "test/oracle/mediation.csv");
	while (gold_next(&gold))
	{
		if (strcmp(gold.field[0], "data") == 0)
			add_data(&gold);
		else if (strcmp(gold.field[0], "effect") == 0)
			check_effect(&gold);
		else if (strcmp(gold.field[0], "sensitivity") == 0)
			check_sensitivity(&gold);
		else
			check_e_value(&gold);
	}
	CHECK(n_sets == 4);
}

/* ---- what must hold ---------------------------------------------------------------------------- */

/* total = direct + indirect, and c = c' + a b without interaction. */
static void
test_decomposition(void)
{
	for (int s = 0; s < n_sets; s++)
		for (int interaction = 0; interaction < 2; interaction++)
		{
			KsMediationFit fit = fit_set(&sets[s], interaction);
			double effect[KS_MEDIATION_ROWS];

			ks_mediation_point(&fit.paths, (KsTreatmentValues){0, 1}, effect);
			if (!interaction)
				CHECK_CLOSE(effect[KS_TOTAL], fit.total, 1e-11);
			CHECK_CLOSE(effect[KS_TOTAL],
						effect[KS_INDIRECT_TREATED] + effect[KS_DIRECT_CONTROL], 1e-9);
			CHECK_CLOSE(effect[KS_TOTAL],
						effect[KS_INDIRECT_CONTROL] + effect[KS_DIRECT_TREATED], 1e-9);
			ks_mediation_free(&fit, &unit_env);
		}
}

/*
 * Offsets cost no digits, and rows may be summed in pieces about other pivots: a
 * thousand millions more of everything, and the effects that do not depend on where
 * 0 is stay.
 */
static void
test_offset(void)
{
	for (int s = 0; s < n_sets; s++)
	{
		static Set far, near;
		KsMediationOptions options = {.method = KS_MEDIATION_DELTA, .conf_level = 0.95,
									  .interaction = true, .values = {0, 1}};
		KsMediationEffect row[KS_MEDIATION_ROWS], expected[KS_MEDIATION_ROWS];
		KsMediationFit fit;
		int width = 3 + sets[s].covariates;

		/* steps of 2^-22, so that adding the offset is exact */
		near = sets[s];
		for (int64_t i = 0; i < near.n * width; i++)
			near.row[i] = rint(near.row[i] * 4194304) / 4194304;
		far = near;
		for (int64_t i = 0; i < far.n * width; i++)
			far.row[i] += 1e9;
		sum_products(&near);
		sum_products(&far);
		fit = fit_set(&near, true);
		CHECK(ks_mediation_effects(&fit, &options, &unit_env, expected) == KS_OK);
		ks_mediation_free(&fit, &unit_env);
		options.values = (KsTreatmentValues){1e9, 1e9 + 1};
		for (int pieces = 1; pieces <= 3; pieces++)
		{
			far.n = 0;
			if (pieces > 1)
			{
				static Set piece;
				int64_t done = 0;

				far.sums.n = 0;
				memset(far.products, 0, sizeof(far.products));
				for (int p = 0; p < pieces; p++)
				{
					piece = far;
					piece.n = p == pieces - 1 ? near.n - done : near.n / pieces;
					memmove(piece.row, far.row + done * width,
							sizeof(double) * width * piece.n);
					sum_products(&piece);
					ks_mediation_merge(&far.sums, &piece.sums);
					done += piece.n;
				}
			}
			far.n = near.n;
			fit = fit_set(&far, true);
			CHECK(fit.n == near.n);
			CHECK(ks_mediation_effects(&fit, &options, &unit_env, row) == KS_OK);
			for (int i = 0; i < KS_MEDIATION_ROWS; i++)
			{
				if (i == KS_PATH_B)
					continue;
				CHECK_CLOSE(row[i].estimate, expected[i].estimate, 1e-12);
				CHECK_CLOSE(row[i].std_error, expected[i].std_error, 1e-12);
			}
			ks_mediation_free(&fit, &unit_env);
		}
	}
}

static int
compare_rows(const void *a, const void *b)
{
	const double *left = a, *right = b;

	for (int i = 0; i < 3; i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return 0;
}

/*
 * With one replicate the percentile limits are its effects, which have to be those
 * of a fit to the rows that were drawn from the sorted ones.
 */
static void
test_one_replicate(void)
{
	for (int s = 0; s < n_sets; s++)
		for (int interaction = 0; interaction < 2; interaction++)
		{
			Set drawn = sets[s];
			int width = 3 + drawn.covariates;
			KsMediationFit fit = fit_set(&sets[s], interaction);
			KsMediationFit expected_fit;
			KsMediationOptions options = {.method = KS_MEDIATION_PERCENTILE,
										  .replicates = 1,
										  .seed = 5,
										  .conf_level = 0.9,
										  .interaction = interaction,
										  .values = {0, 1}};
			KsMediationEffect row[KS_MEDIATION_ROWS];
			double effect[KS_MEDIATION_ROWS];
			uint32_t number[MAX_ROWS];

			CHECK(ks_mediation_bootstrap(&fit, sets[s].row, &options, &unit_env, row) == KS_OK);
			qsort(sets[s].row, sets[s].n, sizeof(double) * width, compare_rows);
			ks_stream_rows(ks_stream(5), 0, (uint32_t) drawn.n, number);
			for (int64_t i = 0; i < drawn.n; i++)
				memcpy(drawn.row + i * width, sets[s].row + number[i] * width,
					   sizeof(double) * width);
			sum_products(&drawn);
			expected_fit = fit_set(&drawn, interaction);
			ks_mediation_point(&expected_fit.paths, options.values, effect);
			for (int i = 0; i < ks_mediation_rows(interaction); i++)
			{
				CHECK_CLOSE(row[i].conf_low, effect[i], 1e-8);
				CHECK(row[i].conf_low == row[i].conf_high);
			}
			ks_mediation_free(&fit, &unit_env);
			ks_mediation_free(&expected_fit, &unit_env);
		}
}

/* BCa against the jackknife done by fits, and the same bits for every row order. */
static void
test_bca(void)
{
	Set *set = find_set("opposite");
	int width = 3 + set->covariates;
	KsMediationFit fit = fit_set(set, false);
	KsMediationOptions options = {.method = KS_MEDIATION_BCA,
								  .replicates = 999,
								  .seed = 11,
								  .conf_level = 0.95,
								  .values = {0, 1}};
	KsMediationEffect row[KS_MEDIATION_ROWS], again[KS_MEDIATION_ROWS];
	double without[MAX_ROWS];
	double reversed[MAX_ROWS * 4];
	Set rest = *set;

	CHECK(ks_mediation_bootstrap(&fit, set->row, &options, &unit_env, row) == KS_OK);
	for (int64_t i = 0; i < set->n; i++)
		memcpy(reversed + (set->n - 1 - i) * width, set->row + i * width, sizeof(double) * width);
	CHECK(ks_mediation_bootstrap(&fit, reversed, &options, &unit_env, again) == KS_OK);
	for (int i = 0; i <= KS_PROPORTION; i++)
		CHECK(row[i].conf_low == again[i].conf_low && row[i].conf_high == again[i].conf_high &&
			  row[i].p_value == again[i].p_value);
	options.seed = 12;
	CHECK(ks_mediation_bootstrap(&fit, set->row, &options, &unit_env, again) == KS_OK);
	CHECK(row[KS_INDIRECT].conf_low != again[KS_INDIRECT].conf_low);
	CHECK(strstr(row[KS_PROPORTION].note, "opposite signs") != NULL);

	/* the acceleration moves the limits by little: check it where it enters */
	rest.n = set->n - 1;
	for (int64_t i = 0; i < set->n; i++)
	{
		KsMediationFit one;
		double effect[KS_MEDIATION_ROWS];

		memcpy(rest.row, set->row, sizeof(double) * width * i);
		memcpy(rest.row + i * width, set->row + (i + 1) * width,
			   sizeof(double) * width * (set->n - 1 - i));
		sum_products(&rest);
		one = fit_set(&rest, false);
		ks_mediation_point(&one.paths, options.values, effect);
		without[i] = effect[KS_INDIRECT];
		ks_mediation_free(&one, &unit_env);
	}
	{
		double *effects = malloc(sizeof(double) * 999);
		KsReplicateLimits limits;
		size_t count = 0;

		for (int r = 0; r < 999; r++)
		{
			Set drawn = *set;
			KsMediationFit one;
			double effect[KS_MEDIATION_ROWS];
			uint32_t number[MAX_ROWS];

			ks_stream_rows(ks_stream(12), r, (uint32_t) set->n, number);
			for (int64_t i = 0; i < set->n; i++)
				memcpy(drawn.row + i * width, set->row + number[i] * width,
					   sizeof(double) * width);
			sum_products(&drawn);
			one = fit_set(&drawn, false);
			ks_mediation_point(&one.paths, options.values, effect);
			effects[count++] = effect[KS_INDIRECT];
			ks_mediation_free(&one, &unit_env);
		}
		for (size_t i = 1; i < count; i++)
			for (size_t j = i; j > 0 && effects[j] < effects[j - 1]; j--)
			{
				double moved = effects[j];

				effects[j] = effects[j - 1];
				effects[j - 1] = moved;
			}
		limits = ks_bca_limits(effects, count, again[KS_INDIRECT].estimate,
							   ks_jackknife_acceleration(without, set->n), 0.95);
		CHECK_CLOSE(again[KS_INDIRECT].conf_low, limits.low, 1e-9);
		CHECK_CLOSE(again[KS_INDIRECT].conf_high, limits.high, 1e-9);
		CHECK_CLOSE(again[KS_INDIRECT].p_value, limits.p_value, 1e-9);
		free(effects);
	}
	ks_mediation_free(&fit, &unit_env);
}

/* Simulated errors and limits come near those of the delta method and the product. */
static void
test_monte_carlo(void)
{
	for (int s = 0; s < n_sets; s++)
		for (int interaction = 0; interaction < 2; interaction++)
		{
			KsMediationFit fit = fit_set(&sets[s], interaction);
			KsMediationOptions options = {.method = KS_MEDIATION_MONTE_CARLO,
										  .replicates = 40000,
										  .seed = 1,
										  .conf_level = 0.95,
										  .interaction = interaction,
										  .values = {0, 1}};
			KsMediationEffect row[KS_MEDIATION_ROWS], exact[KS_MEDIATION_ROWS];
			double size;

			CHECK(ks_mediation_effects(&fit, &options, &unit_env, row) == KS_OK);
			options.method = KS_MEDIATION_PRODUCT;
			CHECK(ks_mediation_effects(&fit, &options, &unit_env, exact) == KS_OK);
			for (int i = KS_INDIRECT; i < ks_mediation_rows(interaction); i++)
			{
				if (strcmp(exact[i].method, "product") != 0)
					continue;
				size = exact[i].conf_high - exact[i].conf_low;
				CHECK(fabs(row[i].conf_low - exact[i].conf_low) < 0.03 * size);
				CHECK(fabs(row[i].conf_high - exact[i].conf_high) < 0.03 * size);
				CHECK_CLOSE(row[i].std_error, exact[i].std_error, 0.03);
				CHECK(fabs(row[i].p_value - exact[i].p_value) < 0.03);
			}
			CHECK_CLOSE(row[KS_PATH_A].std_error, fit.a_error, 0.03);
			CHECK_CLOSE(row[KS_PATH_B].std_error, exact[KS_PATH_B].std_error, 0.03);
			ks_mediation_free(&fit, &unit_env);
		}
}

/* ---- what cannot be analysed ------------------------------------------------------------------ */

static void
check_note(const Set *set, bool interaction, const char *note)
{
	KsMediationFit fit = fit_set(set, interaction);
	KsMediationOptions options = {.conf_level = 0.95, .replicates = 50,
								  .interaction = interaction, .values = {0, 1}};
	KsMediationEffect row[KS_MEDIATION_ROWS];
	KsMediationSensitivity sensitivity;

	CHECK(!fit.usable);
	for (int method = KS_MEDIATION_DELTA; method <= KS_MEDIATION_BCA; method++)
	{
		options.method = (KsMediationMethod) method;
		if (method < KS_MEDIATION_PERCENTILE)
			CHECK(ks_mediation_effects(&fit, &options, &unit_env, row) == KS_OK);
		else
			CHECK(ks_mediation_bootstrap(&fit, set->row, &options, &unit_env, row) == KS_OK);
		for (int i = 0; i < ks_mediation_rows(interaction); i++)
		{
			CHECK(isnan(row[i].estimate) && isnan(row[i].conf_low) && isnan(row[i].p_value));
			CHECK(strcmp(row[i].note, note) == 0);
		}
	}
	ks_mediation_sensitivity(&fit, 0.1, 0.95, &sensitivity);
	CHECK(isnan(sensitivity.indirect) && strcmp(sensitivity.note, note) == 0);
	ks_mediation_free(&fit, &unit_env);
}

/* 20 rows of t, m, y and one covariate. */
static void
fill_set(Set *set, double (*value)(int row, int column))
{
	set->n = 20;
	set->covariates = 1;
	for (int i = 0; i < 20; i++)
		for (int j = 0; j < 4; j++)
			set->row[i * 4 + j] = value(i, j);
	sum_products(set);
}

static double
plain(int row, int column)
{
	return column == 0 ? row % 2 : sin(1.7 * row + 11.3 * column + 0.1);
}

static double
constant_mediator(int row, int column)
{
	return column == 1 ? 0.1 : plain(row, column);
}

static double
constant_treatment(int row, int column)
{
	return column == 0 ? 1 / 3.0 : plain(row, column);
}

static double
constant_outcome(int row, int column)
{
	return column == 2 ? -1e6 / 7 : plain(row, column);
}

static double
combined_mediator(int row, int column)
{
	return column == 1 ? 2 * plain(row, 0) + 0.3 * plain(row, 3) : plain(row, column);
}

static double
perfect_outcome(int row, int column)
{
	return column == 2 ? 3 * plain(row, 0) - plain(row, 1) / 2 : plain(row, column);
}

static double
repeated_treatment(int row, int column)
{
	return column == 3 ? 1 - plain(row, 0) : plain(row, column);
}

static void
test_degenerate(void)
{
	static Set set;
	KsMediationFit fit;
	KsMediationEffect row[KS_MEDIATION_ROWS];
	KsMediationOptions options = {.conf_level = 0.95, .replicates = 200, .values = {0, 1}};

	sum_products(&set);
	check_note(&set, false, "no rows");
	fill_set(&set, constant_mediator);
	check_note(&set, false, "the mediator does not vary");
	check_note(&set, true, "the mediator does not vary");
	fill_set(&set, constant_treatment);
	check_note(&set, false, "the treatment does not vary");
	fill_set(&set, constant_outcome);
	check_note(&set, false, "the outcome does not vary");
	fill_set(&set, combined_mediator);
	check_note(&set, false, "the mediator is a combination of treatment and covariates");
	fill_set(&set, plain);
	set.n = 4;
	sum_products(&set);
	check_note(&set, false, "too few rows for the columns");
	set.n = 1;
	sum_products(&set);
	check_note(&set, true, "too few rows for the columns");

	/* a perfect fit has estimates but no inference, whatever the method */
	fill_set(&set, perfect_outcome);
	fit = fit_set(&set, false);
	CHECK(fit.usable);
	for (int method = KS_MEDIATION_DELTA; method <= KS_MEDIATION_MONTE_CARLO; method++)
	{
		options.method = (KsMediationMethod) method;
		CHECK(ks_mediation_effects(&fit, &options, &unit_env, row) == KS_OK);
		CHECK_CLOSE(row[KS_DIRECT].estimate, 3, 1e-12);
		CHECK(isnan(row[KS_DIRECT].conf_low) && isnan(row[KS_PATH_B].p_value));
		CHECK(isnan(row[KS_INDIRECT].conf_low) && row[KS_TOTAL].note[0] != '\0');
	}
	ks_mediation_free(&fit, &unit_env);

	/* a covariate that repeats the treatment is left out, as by R */
	fill_set(&set, repeated_treatment);
	fit = fit_set(&set, false);
	CHECK(fit.usable && fit.n_dropped == 1);
	options.method = KS_MEDIATION_BCA;
	CHECK(ks_mediation_bootstrap(&fit, set.row, &options, &unit_env, row) == KS_OK);
	CHECK(row[KS_INDIRECT].conf_low < row[KS_INDIRECT].estimate &&
		  row[KS_INDIRECT].estimate < row[KS_INDIRECT].conf_high);
	CHECK(strcmp(row[KS_TOTAL].note,
				 "1 covariate left out: a combination of other columns") == 0);
	ks_mediation_free(&fit, &unit_env);

	CHECK(!ks_mediation_in_range(1e80, 0, 0, NULL, 0));
	CHECK(!ks_mediation_in_range(0, 0, 1e150, NULL, 0));
	CHECK(!ks_mediation_in_range(0, 0, 0, (double[]){1, -1e150}, 2));
	CHECK(ks_mediation_in_range(1e70, -1e70, 1e140, NULL, 0));
}

/* ---- cancelling and memory ----------------------------------------------------------------------- */

static int allowed;

static bool
poll_after(void *context)
{
	(void) context;
	return allowed-- <= 0;
}

static void *
alloc_some(void *context, size_t bytes)
{
	(void) context;
	return allowed-- <= 0 ? NULL : malloc(bytes + 1);
}

static void
test_interruptions(void)
{
	const Set *set = find_set("binary");
	KsMediationOptions options = {.method = KS_MEDIATION_BCA, .replicates = 3000, .seed = 1,
								  .conf_level = 0.95, .values = {0, 1}};
	KsMediationEffect row[KS_MEDIATION_ROWS];
	KsMediationFit fit = fit_set(set, false);
	KsEnv polling = {unit_alloc, unit_free, poll_after, NULL};
	KsEnv scarce = {alloc_some, unit_free, unit_poll, NULL};
	KsStatus status = KS_CANCELLED;
	int cancelled = 0;

	for (int after = 0; status == KS_CANCELLED && after < 5000; after += 1 + after / 3)
	{
		allowed = after;
		status = ks_mediation_bootstrap(&fit, set->row, &options, &polling, row);
		cancelled += status == KS_CANCELLED;
	}
	CHECK(status == KS_OK && cancelled > 5);
	options.method = KS_MEDIATION_MONTE_CARLO;
	allowed = 1;
	CHECK(ks_mediation_effects(&fit, &options, &polling, row) == KS_CANCELLED);
	options.method = KS_MEDIATION_BCA;
	status = KS_NO_MEMORY;
	for (int after = 0; status == KS_NO_MEMORY && after < 100; after++)
	{
		allowed = after;
		status = ks_mediation_bootstrap(&fit, set->row, &options, &scarce, row);
	}
	CHECK(status == KS_OK);
	status = KS_NO_MEMORY;
	for (int after = 0; status == KS_NO_MEMORY && after < 100; after++)
	{
		KsMediationFit other;

		allowed = after;
		status = ks_mediation_fit(&set->sums, false, &scarce, &other);
		ks_mediation_free(&other, &unit_env);
	}
	CHECK(status == KS_OK);
	ks_mediation_free(&fit, &unit_env);
}

int
main(void)
{
	test_gold();
	test_decomposition();
	test_offset();
	test_one_replicate();
	test_bca();
	test_monte_carlo();
	test_degenerate();
	test_interruptions();
	return UNIT_END();
}
