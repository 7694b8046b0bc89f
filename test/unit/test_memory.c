/*
 * test_memory.c
 *	  Tests and summaries without memory, and cancelled: every function of src/stat
 *	  that takes an environment and knows no model.
 */
#include "stat/ks_adjust.h"
#include "stat/ks_bootstrap.h"
#include "stat/ks_describe.h"
#include "stat/ks_exposure.h"
#include "stat/ks_fisher.h"
#include "stat/ks_friedman.h"
#include "stat/ks_groups.h"
#include "stat/ks_mann_whitney.h"
#include "stat/ks_pair_sums.h"
#include "stat/ks_paired_describe.h"
#include "stat/ks_rank_correlation.h"
#include "stat/ks_rank_sum.h"
#include "stat/ks_response.h"
#include "stat/ks_sign.h"
#include "stat/ks_sort.h"
#include "stat/ks_sort_keys.h"
#include "stat/ks_suppress.h"
#include "stat/ks_table_one.h"
#include "stat/ks_walsh.h"
#include "stat/ks_weighted.h"
#include "stat/ks_wilcoxon.h"

#include "memory.h"

enum
{
	FEW = 40,
	MANY = 6000, /* enough for the ways of large samples */
};

/* Two groups of few values with ties, two of many different ones, in no order. */
static double few_value[2][FEW / 4], many_value[2][MANY], shuffled[MANY];
static int64_t few_count[2][FEW / 4], ones[MANY];
static KsCounted few[3], many[3];

static void
make_samples(void)
{
	for (int g = 0; g < 2; g++)
	{
		for (int i = 0; i < FEW / 4; i++)
		{
			few_value[g][i] = i - 3.0 + g;
			few_count[g][i] = 1 + (i + g) % 4;
			few[g].n += few_count[g][i];
		}
		few[g] = (KsCounted){few_value[g], few_count[g], FEW / 4, few[g].n};
		for (int i = 0; i < MANY; i++)
			many_value[g][i] = i * 1.25 + sqrt(i + 2.0) + 10 * g - 300;
		many[g] = (KsCounted){many_value[g], NULL, MANY, MANY};
	}
	few[2] = few[0];
	many[2] = many[0];
	for (int i = 0; i < MANY; i++)
	{
		shuffled[i] = many_value[0][(i * 1234567LL + 17) % MANY];
		ones[i] = 1 + i % 3;
	}
}

/* ---- one sample and pairs ----------------------------------------------------------- */

static KsStatus
run_ks_p_adjust(const KsEnv *env)
{
	double p[2000], adjusted[2000];
	KsStatus status = KS_OK;

	for (int i = 0; i < 2000; i++)
		p[i] = fmod(i * 0.618, 1);
	for (int m = KS_ADJUST_HOLM; m <= KS_ADJUST_NONE; m++)
		status = THEN(status, ks_p_adjust(p, 2000, (KsAdjustMethod) m, env, adjusted));
	return status;
}

static KsStatus
run_ks_resample_create(const KsEnv *env)
{
	KsResample table;
	KsStatus status = ks_resample_create(100, 23, env, &table);

	ks_resample_free(&table, env);
	return status;
}

static KsStatus
run_ks_resample_sum(const KsEnv *env)
{
	static uint32_t row[20000];
	double numbers[23], sum[40];
	KsResample table;
	KsStatus status;

	CHECK(ks_resample_create(20000, 23, &unit_env, &table) == KS_OK);
	CHECK(ks_resample_sums(&table) <= 40);
	for (uint32_t i = 0; i < 20000; i++)
	{
		for (int c = 0; c < 23; c++)
			numbers[c] = i % 7 + c;
		ks_resample_set(&table, i, numbers);
		row[i] = i * 7919 % 20000;
	}
	status = ks_resample_sum(&table, row, env, sum);
	ks_resample_free(&table, &unit_env);
	return status;
}

static KsStatus
run_ks_describe(const KsEnv *env)
{
	KsDescription description;
	KsStatus status = ks_describe(&few[0], env, &description);

	return THEN(status, ks_describe(&many[0], env, &description));
}

static KsStatus
run_ks_histogram(const KsEnv *env)
{
	double edge[21];
	int64_t count[20];
	int used;
	KsStatus status = ks_histogram(&few[0], 5, env, edge, count, &used);

	return THEN(status, ks_histogram(&many[0], 20, env, edge, count, &used));
}

static KsStatus
run_ks_t_test(const KsEnv *env)
{
	KsTest test;
	KsStatus status = ks_t_test(&few[0], 1, KS_TWO_SIDED, 0.95, env, &test);

	return THEN(status, ks_t_test(&many[0], 1, KS_LESS, 0.95, env, &test));
}

static KsStatus
run_ks_sign_test(const KsEnv *env)
{
	KsTest test;
	KsStatus status = ks_sign_test(env, &few[0], 0, KS_TWO_SIDED, 0.95, &test);

	return THEN(status, ks_sign_test(env, &many[0], 0, KS_GREATER, 0.9, &test));
}

static KsStatus
run_ks_wilcoxon_signed_rank(const KsEnv *env)
{
	KsTest test;
	KsStatus status =
		ks_wilcoxon_signed_rank(env, &few[0], 0, KS_TWO_SIDED, 0.95, -1, false, true, &test);

	status = THEN(status, ks_wilcoxon_signed_rank(env, &few[0], 0, KS_LESS, 0.95, 0, true,
												  false, &test));
	return THEN(status, ks_wilcoxon_signed_rank(env, &many[0], 5, KS_GREATER, 0.95, -1,
												true, true, &test));
}

static KsStatus
run_ks_describe_paired(const KsEnv *env)
{
	KsPairedDescription out;
	KsStatus status = ks_describe_paired(env, few_value[0], few_value[1], few_count[0],
										 FEW / 4, &out);

	return THEN(status, ks_describe_paired(env, shuffled, many_value[1], ones, MANY, &out));
}

static KsStatus
run_ks_spearman_correlation(const KsEnv *env)
{
	KsTest test;
	KsStatus status = ks_spearman_correlation(few_value[0], shuffled, NULL, 8, KS_TWO_SIDED,
											  0.95, env, &test);

	status = THEN(status, ks_spearman_correlation(few_value[0], shuffled, few_count[0],
												  FEW / 4, KS_LESS, 0.95, env, &test));
	status = THEN(status, ks_spearman_correlation(shuffled + 7, shuffled, NULL, 200,
												  KS_TWO_SIDED, 0.95, env, &test));
	return THEN(status, ks_spearman_correlation(shuffled, many_value[1], ones, MANY,
												KS_GREATER, 0.95, env, &test));
}

static KsStatus
run_ks_kendall_correlation(const KsEnv *env)
{
	KsTest test;
	KsStatus status = ks_kendall_correlation(few_value[0], shuffled, NULL, FEW / 4,
											 KS_TWO_SIDED, env, &test);

	status = THEN(status, ks_kendall_correlation(few_value[0], shuffled, few_count[0],
												 FEW / 4, KS_LESS, env, &test));
	return THEN(status, ks_kendall_correlation(shuffled, many_value[1], ones, MANY,
											   KS_GREATER, env, &test));
}

static KsStatus
run_ks_responder_curve(const KsEnv *env)
{
	double threshold[100];
	KsCurvePoint point[100];

	for (int i = 0; i < 100; i++)
		threshold[i] = i;
	return ks_responder_curve(&few[0], threshold, 100, KS_DECREASE, 0.95, env, point);
}

/* ---- groups and tables -------------------------------------------------------------- */

static KsStatus
run_ks_standardized_mean_difference(const KsEnv *env)
{
	KsGroupSums sums[3] = {{0}};
	double difference;
	KsStatus status;

	for (int i = 0; i < FEW; i++)
		ks_group_sums_add(&sums[i % 3], i * i);
	status = ks_standardized_mean_difference(sums, 2, env, &difference);
	return THEN(status, ks_standardized_mean_difference(sums, 3, env, &difference));
}

static KsStatus
run_ks_levene_test(const KsEnv *env)
{
	KsTest test;
	KsStatus status = ks_levene_test(few, 2, KS_LEVENE_MEDIAN, env, &test);

	return THEN(status, ks_levene_test(many, 3, KS_LEVENE_MEAN, env, &test));
}

static KsStatus
run_ks_kruskal_wallis(const KsEnv *env)
{
	KsTest test;
	KsStatus status = ks_kruskal_wallis(few, 2, env, &test);

	return THEN(status, ks_kruskal_wallis(many, 3, env, &test));
}

static KsStatus
run_ks_mann_whitney(const KsEnv *env)
{
	KsTest test;
	KsStatus status = ks_mann_whitney(few, 2, KS_TWO_SIDED, 0.95, KS_EXACT_DEFAULT, true,
									  env, &test);

	status = THEN(status, ks_mann_whitney(few, 2, KS_LESS, 0.95, KS_EXACT_NO, true, env,
										  &test));
	return THEN(status, ks_mann_whitney(many, 2, KS_GREATER, 0.95, KS_EXACT_NO, false, env,
										&test));
}

static KsStatus
run_ks_friedman_test(const KsEnv *env)
{
	double value[2000 * 3];
	KsTest test;

	for (int i = 0; i < 6000; i++)
		value[i] = i * 7 % 11;
	return ks_friedman_test(value, 2000, 3, env, &test);
}

static const int64_t cells[] = {3, 1, 7, 2, 9, 4, 0, 5, 6, 2, 8, 1};
static const int64_t many_cells[] = {81, 35, 60, 44, 52, 91, 23, 77, 48, 66, 59, 30, 72, 41, 88, 54};
static const KsTable small_table = {cells, 3, 4};

static KsStatus
run_ks_chi_squared_test(const KsEnv *env)
{
	const KsTable square = {cells, 2, 2};
	KsTest test;
	KsStatus status = ks_chi_squared_test(&small_table, true, env, &test);

	return THEN(status, ks_chi_squared_test(&square, true, env, &test));
}

static KsStatus
run_ks_table_cells(const KsEnv *env)
{
	double expected[12], residual[12], standardized[12];

	return ks_table_cells(&small_table, env, expected, residual, standardized);
}

static KsStatus
run_ks_fisher_test(const KsEnv *env)
{
	const KsTable square = {cells, 2, 2}, large = {many_cells, 4, 4};
	KsTest test;
	KsStatus status = ks_fisher_test(&square, KS_TWO_SIDED, 0.95, 1, env, &test);

	status = THEN(status, ks_fisher_test(&small_table, KS_TWO_SIDED, 0.95, 1, env, &test));
	return THEN(status, ks_fisher_test(&large, KS_TWO_SIDED, 0.95, 1, env, &test));
}

static KsMargins
margins_of(const KsTable *table, int64_t *row, int64_t *column)
{
	KsMargins margins = {row, column, table->rows, table->columns, 0, 0};

	margins.n = ks_table_margins(table, row, column);
	for (size_t i = 0; i < table->rows * table->columns; i++)
		margins.observed += lgamma((double) table->count[i] + 1);
	return margins;
}

static KsStatus
run_ks_fisher_network(const KsEnv *env)
{
	int64_t row[3], column[4];
	const KsMargins margins = margins_of(&small_table, row, column);
	double p;

	return ks_fisher_network(&margins, env, &p);
}

static KsStatus
run_ks_fisher_simulate(const KsEnv *env)
{
	int64_t row[3], column[4], tables;
	const KsMargins margins = margins_of(&small_table, row, column);
	double p;

	return ks_fisher_simulate(&margins, 1, env, &p, &tables);
}

static KsStatus
run_ks_suppress(const KsEnv *env)
{
	static const int64_t first[] = {12, 3, 40, 7, 25, 1, 0, 2, 9}, second[] = {10, 18, 2, 9, 12, 47};
	bool flags[2][9 + 3 + 3];
	KsSuppression variable[2] = {
		{first, 2, flags[0], flags[0] + 9, flags[0] + 12, false},
		{second, 1, flags[1], flags[1] + 9, flags[1] + 12, false}};

	return ks_suppress(variable, 2, 3, 5, env);
}

static KsStatus
run_ks_balance_of_number(const KsEnv *env)
{
	KsBalance balance;
	KsStatus status = KS_OK;

	for (size_t groups = 2; groups <= 3; groups++)
		for (int nonnormal = 0; nonnormal < 2; nonnormal++)
			status = THEN(status,
						  ks_balance_of_number(few, groups, nonnormal, env, &balance));
	return THEN(status, ks_balance_of_number(many, 3, true, env, &balance));
}

static KsStatus
run_ks_balance_of_factor(const KsEnv *env)
{
	KsBalance balance;
	KsStatus status = ks_balance_of_factor(cells, 4, 3, env, &balance);

	return THEN(status, ks_balance_of_factor(many_cells, 4, 4, env, &balance));
}

/* ---- order -------------------------------------------------------------------------- */

static KsStatus
run_ks_sort_doubles(const KsEnv *env)
{
	double values[MANY];

	memcpy(values, shuffled, sizeof(values));
	return ks_sort_doubles(env, values, MANY);
}

static KsStatus
run_ks_sort_pairs(const KsEnv *env)
{
	double pairs[MANY];
	int64_t count[MANY / 2];
	KsStatus status;

	memcpy(pairs, shuffled, sizeof(pairs));
	memcpy(count, ones, sizeof(count));
	status = ks_sort_pairs(env, pairs, count, MANY / 2);
	memcpy(pairs, shuffled, sizeof(pairs));
	return THEN(status, ks_sort_pairs(env, pairs, NULL, MANY / 2));
}

static KsStatus
run_ks_count_sorted(const KsEnv *env)
{
	static const double tied[] = {-1, -0.0, 0, 1, 1, 2};
	KsCounted counted = {0};
	KsStatus status = ks_count_sorted(env, tied, 6, &counted);

	if (status == KS_OK)
	{
		ks_counted_free(env, &counted);
		status = ks_count_sorted(env, many_value[0], MANY, &counted);
	}
	if (status == KS_OK)
		ks_counted_free(env, &counted);
	return status;
}

static KsStatus
run_ks_count_merged(const KsEnv *env)
{
	KsCounted counted = {0};
	KsStatus status = ks_count_merged(env, many_value[0], MANY, few_value[0], few_count[0],
									  FEW / 4, &counted);

	if (status == KS_OK)
		ks_counted_free(env, &counted);
	return status;
}

static KsStatus
count_weighted(const KsEnv *env, int64_t *count, int ties)
{
	double *values = env->alloc(env->context, sizeof(shuffled));
	KsCounted counted = {0};
	KsStatus status;

	if (values == NULL)
		return KS_NO_MEMORY;
	for (int i = 0; i < MANY; i++)
		values[i] = shuffled[i / ties];
	status = ks_count_weighted(env, values, count, MANY, &counted);
	if (status == KS_OK)
		ks_counted_free(env, &counted);
	return status;
}

static KsStatus
run_ks_count_weighted(const KsEnv *env)
{
	int64_t count[MANY];
	KsStatus status;

	memcpy(count, ones, sizeof(count));
	status = count_weighted(env, count, 1);
	status = THEN(status, count_weighted(env, NULL, 1));
	return THEN(status, count_weighted(env, NULL, 3));
}

static KsStatus
run_ks_sort_keys(const KsEnv *env)
{
	KsSortKey key[3000];

	for (size_t i = 0; i < 3000; i++)
		key[i] = (KsSortKey){(int64_t) (i * 7919 % 101), (int64_t) i % 3, shuffled[i], i};
	return ks_sort_keys(key, 3000, env);
}

static const int64_t ranks[] = {1, 17, 40};

static KsStatus
run_ks_pair_sums_of_rank(const KsEnv *env)
{
	KsPairGrid grid = {many_value[0], many_value[0], NULL, NULL, MANY, MANY, MANY, true,
					   MANY, MANY, 0};
	const int64_t wanted[] = {1, 12345678, 9000000};
	double sums[3];

	grid.pairs = ks_triangle(MANY);
	return ks_pair_sums_of_rank(env, &grid, wanted, 3, sums);
}

static KsStatus
run_ks_walsh_order_statistics(const KsEnv *env)
{
	const double huge_value[] = {-1.7e308, 0, 1.7e308};
	const KsCounted huge = {huge_value, NULL, 3, 3}, weighted = {many_value[0], ones, MANY, 2 * MANY};
	double values[3];
	KsStatus status = ks_walsh_order_statistics(env, &few[0], ranks, 3, values);

	status = THEN(status, ks_walsh_order_statistics(env, &huge, ranks, 1, values));
	status = THEN(status, ks_walsh_order_statistics(env, &many[0], ranks, 3, values));
	return THEN(status, ks_walsh_order_statistics(env, &weighted, ranks, 3, values));
}

static KsStatus
run_ks_shift_order_statistics(const KsEnv *env)
{
	const KsCounted weighted = {many_value[0], ones, MANY, 2 * MANY};
	double values[3];
	KsStatus status = ks_shift_order_statistics(env, &few[0], &few[1], ranks, 3, values);

	status = THEN(status, ks_shift_order_statistics(env, &many[0], &many[1], ranks, 3, values));
	return THEN(status, ks_shift_order_statistics(env, &weighted, &many[1], ranks, 3, values));
}

static KsStatus
run_ks_rank_sums(const KsEnv *env)
{
	int64_t score[FEW];
	KsRankSums sums;
	KsStatus status;

	for (int i = 0; i < FEW; i++)
		score[i] = 2 * i + 2;
	status = ks_rank_sums(score, FEW, FEW / 2, env, &sums);
	ks_rank_sums_free(env, &sums);
	return status;
}

/* ---- exposure ----------------------------------------------------------------------- */

static KsStatus
run_ks_exposure(const KsEnv *env)
{
	static const KsDoseBand plain[] = {{-INFINITY, INFINITY, false, {15, 10}}};
	static const KsDoseBand tiers[] = {{0, 20, false, {4, 1}}, {20, INFINITY, false, {8, 1}}};
	static const KsOpioid opioid[] = {{0, false, false, {1, 1}, 1, plain},
									  {1, true, false, {1, 1}, 2, tiers}};
	KsStatus status = KS_OK;
	KsFill fill[600];

	for (int way = 0; way < 6 && status == KS_OK; way++)
	{
		const KsExposureOptions options = {true, 10, 200, way % 2 == 0, (KsOverlap) (way / 2)};
		KsExposure exposure = {0};

		for (int i = 0; i < 600; i++)
			fill[i] = (KsFill){.dose = 1 + i % 7,
							   .first = i * 37 % 211,
							   .last = i * 37 % 211 + i % 30,
							   .opioid = i % 2};
		status = ks_exposure(opioid, fill, 600, &options, env, &exposure);
		if (status == KS_OK)
			env->free(env->context, exposure.step);
	}
	return status;
}

static const Case cases[] = {
	CASE(ks_p_adjust),
	CASE(ks_resample_create),
	CASE(ks_resample_sum),
	CASE(ks_describe),
	CASE(ks_histogram),
	CASE(ks_t_test),
	CASE(ks_sign_test),
	CASE(ks_wilcoxon_signed_rank),
	CASE(ks_describe_paired),
	CASE(ks_spearman_correlation),
	CASE(ks_kendall_correlation),
	CASE(ks_responder_curve),
	CASE(ks_standardized_mean_difference),
	CASE(ks_levene_test),
	CASE(ks_kruskal_wallis),
	CASE(ks_mann_whitney),
	CASE(ks_friedman_test),
	CASE(ks_chi_squared_test),
	CASE(ks_table_cells),
	CASE(ks_fisher_test),
	CASE(ks_fisher_network),
	CASE(ks_fisher_simulate),
	CASE(ks_suppress),
	CASE(ks_balance_of_number),
	CASE(ks_balance_of_factor),
	CASE(ks_sort_doubles),
	CASE(ks_sort_pairs),
	CASE(ks_count_sorted),
	CASE(ks_count_merged),
	CASE(ks_count_weighted),
	CASE(ks_sort_keys),
	CASE(ks_pair_sums_of_rank),
	CASE(ks_walsh_order_statistics),
	CASE(ks_shift_order_statistics),
	CASE(ks_rank_sums),
	CASE(ks_exposure),
};

int
main(void)
{
	make_samples();
	try_all(cases, sizeof(cases) / sizeof(cases[0]), 30);
	return UNIT_END();
}
