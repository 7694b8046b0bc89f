/*
 * test_fisher.c
 *	  Fisher's exact test against R, and its simulation against the exact answer.
 */
#include "stat/ks_fisher.h"

#include "gold.h"
#include "unit.h"

/*
 * R joins paths whose probabilities are nearly equal: its answer for a 4 x 4
 * table of 166 differs by 8e-10 from its answer for the same table turned.
 */
#define FEXACT_ERROR 1e-8

static KsTest
run(const int64_t *count, size_t rows, size_t columns, KsAlternative alternative,
	double conf, uint64_t seed)
{
	KsTable table = {count, rows, columns};
	KsTest test;

	CHECK(ks_fisher_test(&table, alternative, conf, seed, &unit_env, &test) == KS_OK);
	return test;
}

static void
check_two(const Gold *gold)
{
	const KsAlternative side[] = {KS_TWO_SIDED, KS_LESS, KS_GREATER};
	const double conf = gold_number(gold, 1);
	int64_t count[4], turned[4];
	KsTest test;

	for (int i = 0; i < 4; i++)
	{
		count[i] = (int64_t) gold_number(gold, 2 + i);
		turned[i ^ 2] = count[i];
	}
	for (int i = 0; i < 3; i++)
	{
		test = run(count, 2, 2, side[i], conf, 1);
		CHECK_CLOSE(test.p_value, gold_number(gold, 6 + i), 1e-11);
		CHECK_CLOSE(test.estimate, gold_number(gold, 9), 1e-11);
		CHECK(test.conf_low <= test.estimate && test.estimate <= test.conf_high);
		CHECK(test.p_value <= 1);
	}
	test = run(count, 2, 2, KS_TWO_SIDED, conf, 1);
	CHECK_CLOSE(test.conf_low, gold_number(gold, 10), 1e-10);
	CHECK_CLOSE(test.conf_high, gold_number(gold, 11), 1e-10);
	/* a one-sided limit is a two-sided one at another level */
	CHECK_CLOSE(run(count, 2, 2, KS_LESS, (1 + conf) / 2, 1).conf_high, test.conf_high, 1e-12);
	CHECK_CLOSE(run(count, 2, 2, KS_GREATER, (1 + conf) / 2, 1).conf_low, test.conf_low, 1e-12);
	/* swapped rows mirror the test */
	CHECK_CLOSE(run(turned, 2, 2, KS_LESS, conf, 1).p_value, gold_number(gold, 8), 1e-11);
	CHECK_CLOSE(run(turned, 2, 2, KS_LESS, conf, 1).estimate, 1 / test.estimate, 1e-11);
}

static void
check_larger(const Gold *gold)
{
	size_t rows = (size_t) gold_number(gold, 2), columns = (size_t) gold_number(gold, 3);
	int64_t count[GOLD_FIELDS], turned[GOLD_FIELDS];
	KsTest test, again;

	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
		{
			count[i * columns + j] = (int64_t) gold_number(gold, 4 + (int) (i * columns + j));
			turned[j * rows + rows - 1 - i] = count[i * columns + j];
		}
	test = run(count, rows, columns, KS_TWO_SIDED, 0.95, 1);
	CHECK_CLOSE(test.p_value, gold_number(gold, 1), FEXACT_ERROR);
	CHECK(strcmp(test.method, "Fisher exact test") == 0 && isnan(test.estimate));
	CHECK(test.p_value >= 0 && test.p_value <= 1);
	again = run(turned, columns, rows, KS_TWO_SIDED, 0.95, 1);
	CHECK_CLOSE(again.p_value, test.p_value, 1e-11);
}

static void
against_r(void)
{
	static Gold gold;

	gold_open(&gold, "test/oracle/fisher.csv");
	while (gold_next(&gold))
	{
		if (strcmp(gold.field[0], "two") == 0)
			check_two(&gold);
		else
			check_larger(&gold);
	}
}

/* Tables of millions of rows: the normal limit of the test, and far tails. */
static void
large_two(void)
{
	const int64_t even[] = {1250500, 1249500, 1249500, 1250500};
	const int64_t far[] = {1250000, 950000, 1000000, 1200000};
	KsTest test = run(even, 2, 2, KS_TWO_SIDED, 0.95, 1);

	CHECK_CLOSE(test.p_value, 0.3716, 5e-3);
	CHECK_CLOSE(test.estimate, 1250500.0 / 1249500 * 1250500 / 1249500, 1e-6);
	CHECK_CLOSE(log(test.conf_high / test.conf_low) / 2, 1.96 * sqrt(4 / 1250000.0), 1e-2);
	test = run(far, 2, 2, KS_TWO_SIDED, 0.95, 1);
	CHECK(test.p_value == 0 && test.conf_low > 1.57 && test.conf_high < 1.59);
}

/* Simulated p values lie around the exact one, and repeat. */
static void
simulation(void)
{
	const int64_t job[] = {1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11};
	const int64_t wide[] = {150, 210, 180, 333, 120, 170, 190, 240, 160, 230, 160, 300,
							170, 180, 140, 260, 166, 190, 177, 270, 135, 222, 190, 280};
	int64_t row[] = {4, 13, 43, 36}, column[] = {20, 22, 33, 21};
	KsMargins margins = {row, column, 4, 4, 96, 0};
	KsTest test, again;
	double p;
	int64_t tables;

	for (int i = 0; i < 16; i++)
		margins.observed += lgamma((double) job[i] + 1);
	CHECK(ks_fisher_simulate(&margins, 7, &unit_env, &p, &tables) == KS_OK);
	CHECK(fabs(p - 0.7826849389656096) <
		  4 * sqrt(0.7826849389656096 * (1 - 0.7826849389656096) / (double) tables));

	test = run(wide, 4, 6, KS_TWO_SIDED, 0.95, 3);
	again = run(wide, 4, 6, KS_TWO_SIDED, 0.95, 3);
	CHECK(strstr(test.method, "Monte Carlo") && strstr(test.note, "standard error"));
	CHECK(test.p_value == again.p_value && test.std_error > 0);
	again = run(wide, 4, 6, KS_TWO_SIDED, 0.95, 4);
	CHECK(fabs(test.p_value - again.p_value) < 6 * test.std_error);
}

static void
degenerate(void)
{
	const int64_t zeros[] = {0, 0, 0, 0, 0, 0}, one_row[] = {0, 0, 0, 3, 0, 4};
	const int64_t sparse[] = {3, 0, 1, 0, 0, 0, 1, 0, 3};
	KsTest test = run(zeros, 2, 3, KS_TWO_SIDED, 0.95, 1);

	CHECK(isnan(test.p_value) && test.note[0] != '\0' && test.n == 0);
	test = run(one_row, 2, 3, KS_TWO_SIDED, 0.95, 1);
	CHECK(isnan(test.p_value) && test.note[0] != '\0' && test.n == 7);
	test = run(NULL, 0, 0, KS_TWO_SIDED, 0.95, 1);
	CHECK(isnan(test.p_value) && test.note[0] != '\0');
	/* what is left is the lady tasting tea */
	test = run(sparse, 3, 3, KS_TWO_SIDED, 0.95, 1);
	CHECK_CLOSE(test.p_value, 34.0 / 70, 1e-13);
	/* mean of the cell = 3 with weights 1, 16, 36, 16, 1 */
	CHECK_CLOSE(pow(test.estimate, 4), 36 * pow(test.estimate, 2) + 32 * test.estimate + 3,
				1e-13);
}

static bool
always_cancelled(void *context)
{
	(void) context;
	return true;
}

static void
cancel(void)
{
	const int64_t count[] = {17, 10, 11, 14, 11, 9, 5, 25, 5};
	const KsTable table = {count, 3, 3};
	KsEnv env = unit_env;
	KsTest test;

	env.poll = always_cancelled;
	CHECK(ks_fisher_test(&table, KS_TWO_SIDED, 0.95, 1, &env, &test) == KS_CANCELLED);
}

int
main(void)
{
	against_r();
	large_two();
	simulation();
	degenerate();
	cancel();
	return UNIT_END();
}
