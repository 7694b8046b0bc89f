/*
 * test_wilcoxon.c
 *	  The signed rank and sign tests against R and against all 2^n signs.
 */
#include "stat/ks_wilcoxon.h"
#include "stat/ks_sign.h"
#include "stat/ks_sort.h"
#include "stat/ks_walsh.h"
#include "unit.h"

#define MAX_CHANGES 6000
#define LINE_SIZE 1024

static uint64_t random_state = 88172645463325252u;

static double
uniform(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (double)(random_state >> 11) * 0x1p-53;
}

/* The changes of one case of test/oracle/wilcoxon_changes.csv. */
static KsCounted
read_changes(const char *name)
{
	static double values[MAX_CHANGES];
	FILE *file = fopen("test/oracle/wilcoxon_changes.csv", "r");
	char line[LINE_SIZE];
	size_t n = 0, length = strlen(name);
	KsCounted changes = {0};

	CHECK(file != NULL);
	while (file && fgets(line, sizeof(line), file))
	{
		if (strncmp(line, name, length) == 0 && line[length] == ',' && n < MAX_CHANGES)
			values[n++] = strtod(line + length + 1, NULL);
	}
	if (file)
		fclose(file);
	CHECK(n > 0);
	CHECK(ks_sort_doubles(&unit_env, values, n) == KS_OK);
	CHECK(ks_count_sorted(&unit_env, values, n, &changes) == KS_OK);
	return changes;
}

/* Compare unless the gold value is NA. */
#define CHECK_GOLD(actual, field, tolerance)                                             \
	do                                                                                   \
	{                                                                                    \
		if (strncmp(field, "NA", 2) != 0)                                                \
			CHECK_CLOSE(actual, strtod(field, NULL), tolerance);                         \
	} while (0)

/*
 * A limit that R finds by root search is right to an absolute error only.
 */
static void
check_limit(double actual, const char *field, bool searched)
{
	double gold = strtod(field, NULL);

	if (strncmp(field, "NA", 2) == 0 || (searched && fabs(actual - gold) < 1e-9))
		return;
	CHECK_CLOSE(actual, gold, 1e-12);
}

static void
test_against_r(void)
{
	FILE *file = fopen("test/oracle/wilcoxon.csv", "r");
	char line[LINE_SIZE], last_name[64] = "";
	KsCounted changes = {0};
	int lines = 0;

	CHECK(file != NULL);
	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		return;
	while (fgets(line, sizeof(line), file))
	{
		char *field[14] = {0};
		int fields = 0;
		bool exact, sign;
		KsAlternative alternative;
		KsTest test;
		KsStatus status;

		for (char *part = strtok(line, ","); part && fields < 14;
			 part = strtok(NULL, ","))
			field[fields++] = part;
		CHECK(fields == 14);
		if (strcmp(field[1], last_name) != 0)
		{
			ks_counted_free(&unit_env, &changes);
			changes = read_changes(field[1]);
			snprintf(last_name, sizeof(last_name), "%s", field[1]);
		}
		sign = strcmp(field[0], "sign") == 0;
		exact = strcmp(field[5], "exact") == 0;
		alternative = field[2][0] == 't'   ? KS_TWO_SIDED
					  : field[2][0] == 'l' ? KS_LESS
										   : KS_GREATER;
		status =
			sign ? ks_sign_test(&unit_env, &changes, strtod(field[3], NULL), alternative,
								strtod(field[4], NULL), &test)
				 : ks_wilcoxon_signed_rank(&unit_env, &changes, strtod(field[3], NULL),
										   alternative, strtod(field[4], NULL), exact,
										   field[6][0] == 'T', field[7][0] == 'T', &test);
		CHECK(status == KS_OK);
		CHECK(test.n == changes.n);
		CHECK_GOLD(test.statistic, field[8], 0);
		CHECK_GOLD(test.p_value, field[9], 1e-11);
		CHECK_GOLD(test.estimate, field[10], 1e-14);
		check_limit(test.conf_low, field[11], !exact);
		check_limit(test.conf_high, field[12], !exact);
		CHECK_GOLD(test.effect_size, field[13], 1e-14);
		lines++;
	}
	CHECK(lines > 1500);
	fclose(file);
	ks_counted_free(&unit_env, &changes);
}

/* P(V <= v) and P(V >= v) over all signs of the changes that are not zero. */
static void
enumerate(const double *change, int n, bool pratt, double *lower, double *upper,
		  double *v)
{
	double rank[16];
	int used = 0, at_or_below = 0, at_or_above = 0;

	*v = 0;
	for (int i = 0; i < n; i++)
	{
		double smaller = 0, equal = 0;

		if (change[i] == 0)
			continue;
		for (int j = 0; j < n; j++)
		{
			if (change[j] == 0 && !pratt)
				continue;
			smaller += fabs(change[j]) < fabs(change[i]);
			equal += fabs(change[j]) == fabs(change[i]);
		}
		rank[used++] = smaller + (equal + 1) / 2;
		*v += change[i] > 0 ? rank[used - 1] : 0;
	}
	for (int signs = 0; signs < 1 << used; signs++)
	{
		double sum = 0;

		for (int i = 0; i < used; i++)
			sum += signs >> i & 1 ? rank[i] : 0;
		at_or_below += sum <= *v;
		at_or_above += sum >= *v;
	}
	*lower = (double)at_or_below / (1 << used);
	*upper = (double)at_or_above / (1 << used);
}

static KsCounted
pain_changes(double *change, int n)
{
	double sorted[64];
	KsCounted changes;

	for (int i = 0; i < n; i++)
		sorted[i] = change[i] = floor(uniform() * 11) - floor(uniform() * 9);
	CHECK(ks_sort_doubles(&unit_env, sorted, (size_t)n) == KS_OK);
	CHECK(ks_count_sorted(&unit_env, sorted, (size_t)n, &changes) == KS_OK);
	return changes;
}

static void
test_enumeration(void)
{
	for (int repeat = 0; repeat < 150; repeat++)
	{
		double change[16];
		int n = 1 + repeat % 15;
		bool pratt = repeat / 15 % 2;
		KsCounted changes = pain_changes(change, n);
		double lower, upper, v;
		KsTest test;

		enumerate(change, n, pratt, &lower, &upper, &v);
		CHECK(ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_LESS, 0.95, -1, pratt,
									  true, &test) == KS_OK);
		if (!isnan(test.statistic))
		{
			CHECK(test.statistic == v);
			CHECK_CLOSE(test.p_value, lower, 1e-15);
			ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_GREATER, 0.95, -1, pratt,
									true, &test);
			CHECK_CLOSE(test.p_value, upper, 1e-15);
			ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_TWO_SIDED, 0.95, -1, pratt,
									true, &test);
			CHECK_CLOSE(test.p_value, fmin(1, 2 * fmin(lower, upper)), 1e-15);
		}
		ks_counted_free(&unit_env, &changes);
	}
}

/* Swapping before and after mirrors everything, half-integer V included. */
static void
test_mirror(void)
{
	for (int n = 1; n <= 60; n++)
	{
		double change[64], mirrored[64];
		KsCounted changes = pain_changes(change, n), other;
		KsTest a, b;

		for (int i = 0; i < n; i++)
			mirrored[i] = -change[i];
		ks_sort_doubles(&unit_env, mirrored, (size_t)n);
		ks_count_sorted(&unit_env, mirrored, (size_t)n, &other);
		for (int exact = 0; exact <= 1; exact++)
		{
			ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_TWO_SIDED, 0.9, exact,
									false, true, &a);
			ks_wilcoxon_signed_rank(&unit_env, &other, 0, KS_TWO_SIDED, 0.9, exact, false,
									true, &b);
			CHECK_CLOSE(a.p_value, b.p_value, 0);
			CHECK_CLOSE(a.estimate, -b.estimate, 0);
			CHECK_CLOSE(a.conf_low, -b.conf_high, 0);
			CHECK_CLOSE(a.conf_high, -b.conf_low, 0);
			CHECK_CLOSE(a.effect_size, -b.effect_size, 0);
		}
		ks_counted_free(&unit_env, &changes);
		ks_counted_free(&unit_env, &other);
	}
}

/* Tails far out, and more changes than the numbers of subsets fit a double. */
static void
test_deep_tail(void)
{
	static double value[1100];
	KsCounted changes = {value, NULL, 1000, 1000};
	int64_t tied = 1000;
	KsTest test;
	int used = 0;

	/* all positive, without and with ties: one subset of 2^n */
	for (int i = 0; i < 1100; i++)
		value[i] = i + 1;
	ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_GREATER, 0.95, -1, false, true,
							&test);
	CHECK_CLOSE(test.p_value, ldexp(1, -1000), 0);
	changes = (KsCounted){value, &tied, 1, 1000};
	ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_GREATER, 0.95, -1, false, true,
							&test);
	CHECK_CLOSE(test.p_value, ldexp(1, -1000), 0);

	/* only rank 1 negative: two subsets */
	value[0] = -1;
	changes = (KsCounted){value, NULL, 1040, 1040};
	ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_GREATER, 0.95, 1, false, true,
							&test);
	CHECK_CLOSE(test.p_value, ldexp(2, -1040), 0);

	/* n = 1100, V = 1 + ... + 648 - 276; p from a convolution in R */
	for (int rank = 1100; rank > 0; rank--)
	{
		if (rank > 648 || rank == 276)
			value[used++] = -rank;
	}
	for (int rank = 1; rank <= 648; rank++)
	{
		if (rank != 276)
			value[used++] = rank;
	}
	changes = (KsCounted){value, NULL, 1100, 1100};
	ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_LESS, 0.95, 1, false, true, &test);
	CHECK(test.statistic == 210000);
	CHECK_CLOSE(test.p_value, 2.8907801270645697e-19, 1e-12);
}

static void
test_degenerate(void)
{
	double zero = 0, far[] = {-1.7e308, 1.7e308};
	static double many[4000];
	int64_t seven = 7;
	KsCounted none = {NULL, NULL, 0, 0}, zeros = {&zero, &seven, 1, 7};
	KsCounted wide = {far, NULL, 2, 2}, large = {many, NULL, 4000, 4000};
	KsTest test;

	CHECK(ks_wilcoxon_signed_rank(&unit_env, &none, 0, KS_TWO_SIDED, 0.95, -1, false,
								  true, &test) == KS_OK);
	CHECK(test.n == 0 && isnan(test.p_value) && test.note[0]);
	CHECK(ks_sign_test(&unit_env, &none, 0, KS_TWO_SIDED, 0.95, &test) == KS_OK);
	CHECK(test.n == 0 && isnan(test.p_value) && test.note[0]);
	CHECK(ks_wilcoxon_signed_rank(&unit_env, &zeros, 0, KS_TWO_SIDED, 0.95, -1, true,
								  true, &test) == KS_OK);
	CHECK(test.n == 7 && isnan(test.p_value) && isnan(test.estimate) && test.note[0]);
	CHECK(ks_sign_test(&unit_env, &zeros, 0, KS_TWO_SIDED, 0.95, &test) == KS_OK);
	CHECK(test.n == 7 && isnan(test.p_value) && test.note[0]);

	CHECK(ks_wilcoxon_signed_rank(&unit_env, &wide, 0, KS_TWO_SIDED, 0.95, -1, false,
								  true, &test) == KS_OK);
	CHECK(test.estimate == 0 && test.conf_low == far[0] && test.p_value == 1);
	CHECK(ks_wilcoxon_signed_rank(&unit_env, &wide, 1e308, KS_TWO_SIDED, 0.95, -1, false,
								  true, &test) == KS_OVERFLOW);

	for (int i = 0; i < 4000; i++)
		many[i] = i - 1999.75;
	CHECK(ks_wilcoxon_signed_rank(&unit_env, &large, 0, KS_TWO_SIDED, 0.95, 1, false,
								  true, &test) == KS_TOO_LARGE);
}

/* The words in the row. */
static void
test_texts(void)
{
	static const double value[] = {-3, -2, 0, 1, 2, 4};
	static const int64_t count[] = {1, 2, 2, 1, 3, 1};
	KsCounted changes = {value, count, 6, 10};
	KsTest test;

	ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_TWO_SIDED, 0.95, -1, false, true,
							&test);
	CHECK(strcmp(test.method, "Wilcoxon signed rank exact test") == 0);
	CHECK(strcmp(test.note, "2 zeros; 5 tied values; achieved confidence 0.9512") == 0);
	ks_wilcoxon_signed_rank(&unit_env, &changes, 0, KS_LESS, 0.95, 0, true, true, &test);
	CHECK(strcmp(test.method,
				 "Wilcoxon-Pratt signed rank test with continuity correction") == 0);
	CHECK(strcmp(test.note, "2 zeros; 5 tied values") == 0);
	CHECK(test.conf_low == -INFINITY);
	ks_sign_test(&unit_env, &changes, 0, KS_GREATER, 0.95, &test);
	CHECK(test.statistic == 5 && test.conf_high == INFINITY && test.estimate == 0.5);
	CHECK(strcmp(test.note, "2 zeros") == 0);
}

int
main(void)
{
	test_against_r();
	test_enumeration();
	test_mirror();
	test_deep_tail();
	test_degenerate();
	test_texts();
	return UNIT_END();
}
