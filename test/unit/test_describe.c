/*
 * test_describe.c
 *	  Moments, quantiles, histogram and one-sample t test, against R.
 */
#include "stat/ks_describe.h"

#include "gold.h"
#include "unit.h"

static double storage[GOLD_FIELDS];
static int64_t counts[GOLD_FIELDS];

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Counted values of the n numbers in storage. */
static KsCounted
counted(int n)
{
	KsCounted values = {storage, counts, 0, n};

	qsort(storage, n, sizeof(double), ascending);
	for (int i = 0; i < n; i++)
	{
		if (values.distinct == 0 || storage[values.distinct - 1] != storage[i])
		{
			storage[values.distinct] = storage[i];
			counts[values.distinct++] = 0;
		}
		counts[values.distinct - 1]++;
	}
	return values;
}

static void
check_description(const Gold *gold, const KsCounted *values)
{
	KsDescription d;
	const double *figure = &d.mean;

	CHECK(ks_describe(values, &unit_env, &d) == KS_OK);
	CHECK(d.n == values->n);
	for (int i = 0; i < 9; i++)
		CHECK_CLOSE(figure[i], gold_number(gold, 2 + i), 1e-12);
}

static void
check_t_test(const Gold *gold, const KsCounted *values)
{
	KsAlternative alternative = strcmp(gold->field[2], "less") == 0      ? KS_LESS
								: strcmp(gold->field[2], "greater") == 0 ? KS_GREATER
																		 : KS_TWO_SIDED;
	KsTest test;

	CHECK(ks_t_test(values, gold_number(gold, 3), alternative, 0.9, &unit_env, &test) ==
		  KS_OK);
	CHECK_CLOSE(test.estimate, gold_number(gold, 4), 1e-13);
	CHECK_CLOSE(test.std_error, gold_number(gold, 5), 1e-12);
	CHECK_CLOSE(test.conf_low, gold_number(gold, 6), 1e-9);
	CHECK_CLOSE(test.conf_high, gold_number(gold, 7), 1e-9);
	CHECK_CLOSE(test.statistic, gold_number(gold, 8), 1e-11);
	CHECK_CLOSE(test.df, gold_number(gold, 9), 0);
	CHECK_CLOSE(test.p_value, gold_number(gold, 10), 1e-9);
	CHECK_CLOSE(test.effect_size, gold_number(gold, 11), 1e-11);
	CHECK(strcmp(test.effect_name, "Cohen's d") == 0 && test.note[0] == '\0');
}

static void
against_r(void)
{
	static Gold gold;
	KsCounted values = {NULL, NULL, 0, 0};

	gold_open(&gold, "test/oracle/describe.csv");
	while (gold_next(&gold))
	{
		if (strcmp(gold.field[0], "sample") == 0)
		{
			for (int i = 2; i < gold.fields; i++)
				storage[i - 2] = gold_number(&gold, i);
			values = counted(gold.fields - 2);
		}
		else if (strcmp(gold.field[0], "describe") == 0)
			check_description(&gold, &values);
		else if (strcmp(gold.field[0], "quantile") == 0)
			CHECK_CLOSE(
				ks_quantile(&values, gold_number(&gold, 3), (int) gold_number(&gold, 2)),
				gold_number(&gold, 4), 0);
		else
			check_t_test(&gold, &values);
	}
}

/* At an offset of 1e15 the deviations -1, 0, 0, 1, 5 are exact numbers still. */
static void
large_offset(void)
{
	const double plain[] = {-1, 0, 1, 5};
	const int64_t count[] = {1, 2, 1, 1};
	double shifted[4];
	KsCounted near = {plain, count, 4, 5}, far = {shifted, count, 4, 5};
	KsDescription a, b;

	for (int i = 0; i < 4; i++)
		shifted[i] = 1e15 + plain[i];
	CHECK(ks_describe(&near, &unit_env, &a) == KS_OK);
	CHECK(ks_describe(&far, &unit_env, &b) == KS_OK);
	CHECK(b.mean == 1e15 + 1);
	CHECK_CLOSE(b.sd, a.sd, 1e-15);
	CHECK_CLOSE(b.skewness, a.skewness, 1e-14);
	CHECK_CLOSE(b.kurtosis, a.kurtosis, 1e-14);
}

static void
extremes(void)
{
	const double huge[] = {-1.7e308, 1.7e308};
	const double wide[] = {1e308, 1.2e308, 1.5e308};
	KsCounted beyond = {huge, NULL, 2, 2}, within = {wide, NULL, 3, 3};
	KsDescription d;
	KsTest test;

	CHECK(ks_describe(&beyond, &unit_env, &d) == KS_OVERFLOW);
	CHECK(ks_t_test(&beyond, 0, KS_TWO_SIDED, 0.95, &unit_env, &test) == KS_OVERFLOW);
	CHECK(ks_describe(&within, &unit_env, &d) == KS_OK);
	CHECK_CLOSE(d.mean, (1e308 / 3 + 1.2e308 / 3 + 1.5e308 / 3), 1e-15);
	CHECK_CLOSE(d.sd, 2.5166114784235832e307, 1e-14);
}

static void
few_or_constant(void)
{
	const double value[] = {0.1};
	const int64_t seven[] = {7};
	KsCounted none = {NULL, NULL, 0, 0}, one = {value, NULL, 1, 1},
			  same = {value, seven, 1, 7};
	KsDescription d;
	KsTest test;

	CHECK(ks_describe(&none, &unit_env, &d) == KS_OK && d.n == 0 && isnan(d.mean) &&
		  isnan(d.max));
	CHECK(ks_describe(&one, &unit_env, &d) == KS_OK && d.mean == 0.1 && isnan(d.sd));
	CHECK(d.median == 0.1 && isnan(d.skewness));
	CHECK(ks_describe(&same, &unit_env, &d) == KS_OK && d.mean == 0.1 && d.sd == 0);
	CHECK(isnan(d.skewness) && isnan(d.kurtosis));
	CHECK(ks_t_test(&none, 0, KS_TWO_SIDED, 0.95, &unit_env, &test) == KS_OK);
	CHECK(test.n == 0 && isnan(test.estimate) && test.note[0] != '\0');
	CHECK(ks_t_test(&one, 0, KS_TWO_SIDED, 0.95, &unit_env, &test) == KS_OK);
	CHECK(test.estimate == 0.1 && isnan(test.p_value) && test.note[0] != '\0');
	CHECK(ks_t_test(&same, 0, KS_TWO_SIDED, 0.95, &unit_env, &test) == KS_OK);
	CHECK(isnan(test.p_value) && isnan(test.conf_low) && test.note[0] != '\0');
	CHECK(isnan(ks_quantile(&none, 0.5, 7)) && isnan(ks_quantile(&one, 0.5, 10)));
}

static void
histogram(void)
{
	const double value[] = {0, 1, 2, 3, 9.5, 10};
	const int64_t count[] = {2, 1, 1, 1, 1, 3};
	KsCounted values = {value, count, 6, 9}, same = {value + 4, NULL, 1, 1}, none = {0};
	double edge[11];
	int64_t in_bin[10];
	int used;

	/* R: hist(x, breaks = seq(0, 10, length = 6), right = FALSE)$counts */
	CHECK(ks_histogram(&values, 5, &unit_env, edge, in_bin, &used) == KS_OK && used == 5);
	for (int i = 0; i <= 5; i++)
		CHECK(edge[i] == 2 * i);
	CHECK(in_bin[0] == 3 && in_bin[1] == 2 && in_bin[2] == 0 && in_bin[3] == 0 &&
		  in_bin[4] == 4);
	CHECK(ks_histogram(&values, 1, &unit_env, edge, in_bin, &used) == KS_OK && used == 1);
	CHECK(edge[0] == 0 && edge[1] == 10 && in_bin[0] == 9);
	CHECK(ks_histogram(&same, 10, &unit_env, edge, in_bin, &used) == KS_OK && used == 1);
	CHECK(edge[0] == 9.5 && edge[1] == 9.5 && in_bin[0] == 1);
	CHECK(ks_histogram(&none, 10, &unit_env, edge, in_bin, &used) == KS_OK && used == 0);
}

int
main(void)
{
	against_r();
	large_offset();
	extremes();
	few_or_constant();
	histogram();
	return UNIT_END();
}
