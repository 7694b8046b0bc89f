/*
 * test_groups.c
 *	  Comparisons of groups by moments and by ranks against R.
 */
#include "stat/ks_groups.h"

#include "stat/ks_sort.h"

#include "gold.h"
#include "unit.h"

#define MAX_GROUPS 64

enum
{
	WELCH = 2,
	STUDENT = WELCH + 11,
	EFFECT = STUDENT + 11,
	ANOVA = EFFECT + 2,
	WELCH_ANOVA = ANOVA + 5,
	LEVENE = WELCH_ANOVA + 3,
	KRUSKAL = LEVENE + 4,
	SMD = KRUSKAL + 4,
	GROUPS = SMD + 1,
};

/* One data set: moments and counted values of its groups. */
typedef struct Data
{
	size_t groups;
	int64_t n;
	KsGroupSums sums[MAX_GROUPS];
	KsCounted values[MAX_GROUPS];
} Data;

static void
add_value(KsGroupSums *sums, double value)
{
	sums->n++;
	sums->sum = ks_dd_add_d(sums->sum, value);
	sums->sum_squares = ks_dd_add(sums->sum_squares, ks_two_prod(value, value));
}

static double
smd(const KsGroupSums *sums, size_t groups)
{
	double difference = 0;

	CHECK(ks_standardized_mean_difference(sums, groups, &unit_env, &difference) == KS_OK);
	return difference;
}

static void
read_data(const Gold *gold, Data *data)
{
	int at;

	memset(data, 0, sizeof(*data));
	data->groups = (size_t) gold_number(gold, GROUPS);
	at = GROUPS + 1 + (int) data->groups;
	for (size_t g = 0; g < data->groups; g++)
	{
		int n = (int) gold_number(gold, GROUPS + 1 + (int) g);
		double value[GOLD_FIELDS];

		for (int i = 0; i < n; i++)
		{
			value[i] = gold_number(gold, at++);
			add_value(&data->sums[g], value[i]);
		}
		data->n += n;
		CHECK(ks_sort_doubles(&unit_env, value, n) == KS_OK);
		CHECK(ks_count_sorted(&unit_env, value, n, &data->values[g]) == KS_OK);
	}
	CHECK(gold->fields == at);
}

static void
free_data(Data *data)
{
	for (size_t g = 0; g < data->groups; g++)
		ks_counted_free(&unit_env, &data->values[g]);
}

static void
check_t_tests(const Gold *gold, const Data *data, bool equal, int at)
{
	const double conf = gold_number(gold, 1);
	KsTest test;

	ks_group_t_test(data->sums, data->groups, equal, KS_TWO_SIDED, conf, KS_GROUP_COHEN_D,
					&test);
	CHECK_CLOSE(test.estimate, gold_number(gold, at), 1e-10);
	CHECK_CLOSE(test.std_error, gold_number(gold, at + 1), 1e-11);
	CHECK_CLOSE(test.statistic, gold_number(gold, at + 2), 1e-10);
	CHECK_CLOSE(test.df, gold_number(gold, at + 3), 1e-11);
	CHECK_CLOSE(test.p_value, gold_number(gold, at + 4), 1e-9);
	CHECK_CLOSE(test.conf_low, gold_number(gold, at + 5), 1e-9);
	CHECK_CLOSE(test.conf_high, gold_number(gold, at + 6), 1e-9);
	CHECK_CLOSE(test.effect_size, gold_number(gold, EFFECT), 1e-10);
	CHECK(test.n == data->n && test.note[0] == '\0');
	ks_group_t_test(data->sums, data->groups, equal, KS_LESS, conf, KS_GROUP_HEDGES_G, &test);
	CHECK_CLOSE(test.p_value, gold_number(gold, at + 7), 1e-9);
	CHECK_CLOSE(test.conf_high, gold_number(gold, at + 8), 1e-9);
	CHECK_CLOSE(test.effect_size, gold_number(gold, EFFECT + 1), 1e-10);
	CHECK(test.conf_low == -INFINITY);
	ks_group_t_test(data->sums, data->groups, equal, KS_GREATER, conf, KS_GROUP_COHEN_D,
					&test);
	CHECK_CLOSE(test.p_value, gold_number(gold, at + 9), 1e-9);
	CHECK_CLOSE(test.conf_low, gold_number(gold, at + 10), 1e-9);
	CHECK(test.conf_high == INFINITY);
}

static void
check_several(const Gold *gold, const Data *data)
{
	KsTest test;

	ks_anova(data->sums, data->groups, false, &test);
	CHECK_CLOSE(test.statistic, gold_number(gold, ANOVA), 1e-10);
	CHECK_CLOSE(test.df, gold_number(gold, ANOVA + 1), 0);
	CHECK_CLOSE(test.df2, gold_number(gold, ANOVA + 2), 0);
	CHECK_CLOSE(test.p_value, gold_number(gold, ANOVA + 3), 1e-9);
	CHECK_CLOSE(test.effect_size, gold_number(gold, ANOVA + 4), 1e-10);
	ks_anova(data->sums, data->groups, true, &test);
	CHECK_CLOSE(test.statistic, gold_number(gold, WELCH_ANOVA), 1e-10);
	CHECK_CLOSE(test.df2, gold_number(gold, WELCH_ANOVA + 1), 1e-11);
	CHECK_CLOSE(test.p_value, gold_number(gold, WELCH_ANOVA + 2), 1e-9);
	for (int i = 0; i < 2; i++)
	{
		CHECK(ks_levene_test(data->values, data->groups,
							 i == 0 ? KS_LEVENE_MEAN : KS_LEVENE_MEDIAN, &unit_env,
							 &test) == KS_OK);
		CHECK_CLOSE(test.statistic, gold_number(gold, LEVENE + 2 * i), 1e-9);
		CHECK_CLOSE(test.p_value, gold_number(gold, LEVENE + 2 * i + 1), 1e-9);
	}
	CHECK(ks_kruskal_wallis(data->values, data->groups, &unit_env, &test) == KS_OK);
	CHECK_CLOSE(test.statistic, gold_number(gold, KRUSKAL), 1e-11);
	CHECK_CLOSE(test.df, gold_number(gold, KRUSKAL + 1), 0);
	CHECK_CLOSE(test.p_value, gold_number(gold, KRUSKAL + 2), 1e-9);
	CHECK_CLOSE(test.effect_size, gold_number(gold, KRUSKAL + 3), 1e-11);
	CHECK(test.n == data->n && test.note[0] == '\0');
	CHECK_CLOSE(smd(data->sums, data->groups), gold_number(gold, SMD), 1e-10);
}

static void
against_r(void)
{
	static Gold gold;
	static Data data;

	gold_open(&gold, "test/oracle/groups.csv");
	while (gold_next(&gold))
	{
		read_data(&gold, &data);
		if (data.groups == 2)
		{
			check_t_tests(&gold, &data, false, WELCH);
			check_t_tests(&gold, &data, true, STUDENT);
		}
		check_several(&gold, &data);
		free_data(&data);
	}
}

/* NaN and a note, whatever the test. */
#define CHECK_UNDEFINED(test) CHECK(isnan((test).p_value) && (test).note[0] != '\0')

static void
degenerate(void)
{
	const double five[] = {5}, six[] = {6};
	const int64_t four_times[] = {4};
	KsCounted values[3] = {{five, four_times, 1, 4}, {six, four_times, 1, 4}, {0}};
	KsGroupSums sums[3] = {{0}};
	KsTest test;

	for (int used = 0; used <= 3; used++)
	{
		memset(sums, 0, sizeof(sums));
		for (int i = 0; i < used; i++)
			add_value(&sums[i], i);
		ks_group_t_test(sums, 3, false, KS_TWO_SIDED, 0.95, KS_GROUP_COHEN_D, &test);
		CHECK_UNDEFINED(test);
		ks_anova(sums, 3, used % 2, &test);
		CHECK_UNDEFINED(test);
		CHECK(isnan(smd(sums, 3)));
	}
	for (int i = 0; i < 2; i++)
		add_value(&sums[i], i);
	ks_group_t_test(sums, 2, false, KS_TWO_SIDED, 0.95, KS_GROUP_COHEN_D, &test);
	CHECK_UNDEFINED(test);
	CHECK(test.estimate == 1);
	ks_anova(sums, 2, false, &test);
	CHECK_UNDEFINED(test);
	CHECK(isnan(smd(sums, 2)));
	add_value(&sums[1], 7);
	ks_anova(sums, 2, true, &test);
	CHECK_UNDEFINED(test);

	CHECK(ks_levene_test(values, 3, KS_LEVENE_MEDIAN, &unit_env, &test) == KS_OK);
	CHECK_UNDEFINED(test);
	CHECK(ks_kruskal_wallis(values, 3, &unit_env, &test) == KS_OK);
	CHECK_CLOSE(test.statistic, 7, 1e-14);
	CHECK_CLOSE(test.effect_size, 1, 1e-14);
	values[1].value = five;
	CHECK(ks_kruskal_wallis(values, 3, &unit_env, &test) == KS_OK);
	CHECK_UNDEFINED(test);
	CHECK(ks_kruskal_wallis(values + 1, 2, &unit_env, &test) == KS_OK);
	CHECK_UNDEFINED(test);
	CHECK(ks_kruskal_wallis(NULL, 0, &unit_env, &test) == KS_OK);
	CHECK_UNDEFINED(test);
}

/* Two values are equally far from their middle, whatever their digits. */
static void
equally_far(void)
{
	const double first[] = {0.1, 0.7}, second[] = {1e5 + 0.3, 1e5 + 1.6}, third[] = {-3.7, 0.2};
	const int64_t three[] = {3, 3};
	const KsCounted values[] = {
		{first, NULL, 2, 2}, {second, three, 2, 6}, {third, three, 2, 6}};
	KsTest test;

	for (int center = KS_LEVENE_MEDIAN; center <= KS_LEVENE_MEAN; center++)
	{
		CHECK(ks_levene_test(values, 3, center, &unit_env, &test) == KS_OK);
		CHECK_UNDEFINED(test);
	}
}

/* A common offset costs no digits. */
static void
offset(void)
{
	KsGroupSums plain[2] = {{0}}, moved[2] = {{0}};
	KsTest a, b;

	for (int i = 0; i < 60; i++)
	{
		add_value(&plain[i % 2], i * i % 17 + i % 2);
		add_value(&moved[i % 2], i * i % 17 + i % 2 + 1e9);
	}
	ks_group_t_test(plain, 2, false, KS_TWO_SIDED, 0.95, KS_GROUP_COHEN_D, &a);
	ks_group_t_test(moved, 2, false, KS_TWO_SIDED, 0.95, KS_GROUP_COHEN_D, &b);
	CHECK_CLOSE(b.p_value, a.p_value, 1e-12);
	ks_anova(plain, 2, true, &a);
	ks_anova(moved, 2, true, &b);
	CHECK_CLOSE(b.p_value, a.p_value, 1e-12);
}

int
main(void)
{
	against_r();
	degenerate();
	equally_far();
	offset();
	return UNIT_END();
}
