/*
 * test_dist.c
 *	  Distributions against true values and R (test/oracle/dist.csv, made by
 *	  dist.R and dist.py), their properties, and with --table the accuracy table
 *	  of ks_dist.h; --speed also times the two functions called once a group.
 */
#include <time.h>

#include "stat/ks_dist.h"
#include "unit.h"

typedef struct Point
{
	char function[16];
	bool lower;
	double x, a, b, r, gold;
} Point;

static double
evaluate(const Point *p)
{
	const char *f = p->function;
	double x = p->x, a = p->a, b = p->b;
	bool lower = p->lower;

#define IS(name) (strcmp(f, name) == 0)
	if (IS("norm"))
		return ks_normal_cdf(x, lower);
	if (IS("t"))
		return ks_t_cdf(x, a, lower);
	if (IS("nct"))
		return ks_noncentral_t_cdf(x, a, b, lower);
	if (IS("f"))
		return ks_f_cdf(x, a, b, lower);
	if (IS("chisq"))
		return ks_chi_squared_cdf(x, a, lower);
	if (IS("beta"))
		return ks_beta_cdf(x, a, b, lower);
	if (IS("binom"))
		return ks_binomial_cdf((int64_t)x, (int64_t)a, b, lower);
	if (IS("dbinom"))
		return ks_binomial_pmf((int64_t)x, (int64_t)a, b);
	if (IS("qnorm"))
		return ks_normal_quantile(x, lower);
	if (IS("qt"))
		return ks_t_quantile(x, a, lower);
	if (IS("qf"))
		return ks_f_quantile(x, a, b, lower);
	if (IS("qchisq"))
		return ks_chi_squared_quantile(x, a, lower);
	if (IS("qbeta"))
		return ks_beta_quantile(x, a, b, lower);
	if (IS("qbinom"))
		return (double)ks_binomial_quantile(x, (int64_t)a, b);
	if (IS("ncp"))
		return ks_noncentral_t_ncp(b, a, x);
	if (IS("lgamma"))
		return ks_log_gamma(x);
	if (IS("lchoose"))
		return ks_log_choose(x, a);
#undef IS
	printf("unknown function %s\n", f);
	exit(1);
}

/* One line of the accuracy table. */
typedef struct Accuracy
{
	char function[16];
	int points, wrong_in_r;
	double worst, worst_of_r;
	Point at;
} Accuracy;

static Accuracy *
accuracy_of(Accuracy *table, const char *function)
{
	while (table->points > 0 && strcmp(table->function, function) != 0)
		table++;
	strcpy(table->function, function);
	return table;
}

static int
read_table(Accuracy *table, bool show_all)
{
	FILE *file = fopen("test/oracle/dist.csv", "r");
	char line[512];

	if (file == NULL)
		return 1;
	while (fgets(line, sizeof(line), file))
	{
		Point p;
		char function[16];
		int lower;
		double error, error_of_r;
		Accuracy *row;

		if (sscanf(line, "%15[a-z],%d,%lf,%lf,%lf,%lf,%lf", function, &lower, &p.x, &p.a,
				   &p.b, &p.r, &p.gold) != 7)
			continue;
		strcpy(p.function, function);
		p.lower = lower;
		error = unit_error(evaluate(&p), p.gold);
		/* Beyond the smallest normal number digits are lost by definition. */
		if (p.gold != 0 && fabs(p.gold) < 1e-300)
			continue;
		error_of_r = isnan(p.r) ? 0 : unit_error(p.r, p.gold);
		unit_checks++;
		if (!(error <= 1e-11))
		{
			unit_failures++;
			printf("%s(%.17g; %.17g, %.17g) %s = %.17g, expected %.17g (R: %.17g), error "
				   "%.1e\n",
				   p.function, p.x, p.a, p.b, p.lower ? "lower" : "upper", evaluate(&p),
				   p.gold, p.r, error);
		}
		row = accuracy_of(table, function);
		if (row->points++ == 0 || error > row->worst)
		{
			row->worst = error;
			row->at = p;
		}
		row->wrong_in_r += error_of_r > 1e-11;
		row->worst_of_r = fmax(row->worst_of_r, error_of_r);
	}
	fclose(file);
	for (; show_all && table->points > 0; table++)
		printf("%-8s %6d  %.1e at (%.7g; %.7g, %.7g) %s  R %.1e, %d beyond 1e-11\n",
			   table->function, table->points, table->worst, table->at.x, table->at.a,
			   table->at.b, table->at.lower ? "lower" : "upper", table->worst_of_r,
			   table->wrong_in_r);
	return 0;
}

/* ---- properties -------------------------------------------------------------------- */

static const double some_df[] = {0.3, 1, 1.7, 2, 5, 29.5, 31, 100, 301, 5000, 2e6};
static const double some_p[] = {1e-300, 1e-120, 1e-12, 0.004, 0.2,
								0.4999, 0.5,    0.7,   0.975, 0.999999};

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* The quantile has the probability asked for; F at df1 = 1 is t squared. */
static void
test_quantiles_invert(void)
{
	for (int i = 0; i < LENGTH(some_p); i++)
		for (int lower = 0; lower < 2; lower++)
		{
			double p = some_p[i];

			CHECK_CLOSE(ks_normal_cdf(ks_normal_quantile(p, lower), lower), p, 1e-12);
			for (int j = 0; j < LENGTH(some_df); j++)
			{
				double df = some_df[j], x = ks_t_quantile(p, df, lower);

				if (fabs(x) < 1e300)
					CHECK_CLOSE(ks_t_cdf(x, df, lower), p, 1e-12 * fmax(df, 1 / df));
				x = ks_chi_squared_quantile(p, df, lower);
				if (x > 1e-300)
					CHECK_CLOSE(ks_chi_squared_cdf(x, df, lower), p, 1e-12 * fmax(df, 1));
				x = ks_f_quantile(p, 7, df, lower);
				if (x < 1e300)
					CHECK_CLOSE(ks_f_cdf(x, 7, df, lower), p, 1e-12 * fmax(df, 1));
			}
		}
}

static void
test_tails_add_up(void)
{
	for (double x = -9; x < 9; x += 0.37)
		for (int j = 0; j < LENGTH(some_df); j++)
		{
			double df = some_df[j], positive = exp(x);

			CHECK_CLOSE(ks_t_cdf(x, df, true) + ks_t_cdf(x, df, false), 1, 1e-14);
			CHECK_CLOSE(ks_t_cdf(x, df, true), ks_t_cdf(-x, df, false), 0);
			CHECK_CLOSE(ks_noncentral_t_cdf(x, df, 1.3, true) +
							ks_noncentral_t_cdf(x, df, 1.3, false),
						1, 1e-12);
			CHECK_CLOSE(ks_noncentral_t_cdf(x, df, 1.3, true),
						ks_noncentral_t_cdf(-x, df, -1.3, false), 1e-13);
			CHECK_CLOSE(ks_noncentral_t_cdf(x, df, 1e-13, true), ks_t_cdf(x, df, true),
						1e-10);
			CHECK_CLOSE(2 * ks_t_cdf(fabs(x), df, false), ks_f_cdf(x * x, 1, df, false),
						1e-12);
			CHECK_CLOSE(ks_f_cdf(positive, 3, df, true),
						ks_f_cdf(1 / positive, df, 3, false), 1e-12);
			CHECK_CLOSE(ks_chi_squared_cdf(positive, df, true) +
							ks_chi_squared_cdf(positive, df, false),
						1, 1e-14);
		}
	for (double x = 0.01; x < 1; x += 0.03)
		CHECK_CLOSE(ks_beta_cdf(x, 2, 1, true), x * x, 1e-14);
	for (double x = 0.1; x < 700; x *= 2)
		CHECK_CLOSE(ks_chi_squared_cdf(2 * x, 2, false), exp(-x), 1e-13);
}

/* Sums of probabilities, beta identity, quantile. */
static void
test_binomial(void)
{
	const int sizes[] = {1, 2, 7, 60, 400};

	for (int i = 0; i < LENGTH(sizes); i++)
		for (double p = 0.003; p < 1; p += 0.0971)
		{
			int n = sizes[i];
			double sum = 0;

			for (int k = 0; k <= n; k++)
			{
				sum += ks_binomial_pmf(k, n, p);
				CHECK_CLOSE(ks_binomial_cdf(k, n, p, true), sum, 1e-12);
				CHECK_CLOSE(ks_binomial_cdf(k, n, p, true),
							ks_binomial_cdf(n - k - 1, n, 1 - p, false), 1e-11);
				if (k < n)
					CHECK_CLOSE(ks_binomial_cdf(k, n, p, false),
								ks_beta_cdf(p, k + 1, n - k, true), 0);
				if (ks_binomial_pmf(k, n, p) > 1e-10 * sum)
					CHECK(ks_binomial_quantile(ks_binomial_cdf(k, n, p, true), n, p) <=
						  k);
				if (k > 0 && sum > 1e-300 && sum < 0.999)
					CHECK(ks_binomial_quantile(sum + ks_binomial_pmf(k + 1, n, p) / 2, n,
											   p) == k + 1);
			}
			CHECK_CLOSE(sum, 1, 1e-12);
		}
}

static void
test_noncentrality(void)
{
	for (double t = -20; t < 21; t += 3.7)
		for (int j = 1; j < LENGTH(some_df); j++)
			for (double p = 0.0005; p < 1; p += 0.111)
			{
				double ncp = ks_noncentral_t_ncp(t, some_df[j], p);

				CHECK_CLOSE(ks_noncentral_t_cdf(t, some_df[j], ncp, true), p, 1e-11);
			}
}

static void
test_borders(void)
{
	CHECK(ks_t_quantile(0.5, 7, true) == 0 && ks_normal_quantile(0.5, false) == 0);
	CHECK(ks_t_quantile(0, 7, true) == -INFINITY &&
		  ks_t_quantile(0, 7, false) == INFINITY);
	CHECK(ks_normal_quantile(1, true) == INFINITY &&
		  isnan(ks_normal_quantile(1.1, true)));
	CHECK(ks_beta_quantile(0, 2, 3, true) == 0 && ks_beta_quantile(1, 2, 3, true) == 1);
	CHECK(ks_beta_quantile(0, 2, 3, false) == 1 && ks_beta_quantile(1, 2, 3, false) == 0);
	CHECK(ks_f_quantile(1, 2, 3, true) == INFINITY &&
		  ks_chi_squared_quantile(0, 3, true) == 0);
	CHECK(ks_f_cdf(-1, 2, 3, true) == 0 && ks_f_cdf(INFINITY, 2, 3, true) == 1);
	CHECK(ks_chi_squared_cdf(0, 3, false) == 1 &&
		  ks_chi_squared_cdf(INFINITY, 3, false) == 0);
	CHECK(ks_beta_cdf(-1, 2, 3, true) == 0 && ks_beta_cdf(2, 2, 3, true) == 1);
	CHECK(isnan(ks_t_cdf(NAN, 3, true)) && isnan(ks_t_cdf(1, 0, true)) &&
		  isnan(ks_t_cdf(1, NAN, true)));
	CHECK(isnan(ks_beta_cdf(0.5, 0, 1, true)) &&
		  isnan(ks_beta_quantile(NAN, 1, 1, true)));
	CHECK(ks_t_cdf(INFINITY, 3, true) == 1 && ks_t_cdf(-INFINITY, 3, true) == 0);
	CHECK_CLOSE(ks_t_cdf(-1.3, INFINITY, true), ks_normal_cdf(-1.3, true), 0);
	CHECK_CLOSE(ks_t_cdf(-1e200, 1, true), 1e-200 / 3.14159265358979323846, 1e-12);
	CHECK_CLOSE(ks_f_cdf(2.5, 3, INFINITY, false), ks_chi_squared_cdf(7.5, 3, false), 0);
	CHECK(ks_binomial_cdf(-1, 5, 0.3, true) == 0 &&
		  ks_binomial_cdf(5, 5, 0.3, true) == 1);
	CHECK(ks_binomial_cdf(3, 5, 0, true) == 1 && ks_binomial_cdf(3, 5, 1, true) == 0);
	CHECK(ks_binomial_pmf(0, 5, 0) == 1 && ks_binomial_pmf(5, 5, 1) == 1 &&
		  ks_binomial_pmf(6, 5, 0.5) == 0);
	CHECK(ks_binomial_pmf(0, 0, 0.4) == 1 && isnan(ks_binomial_pmf(0, 5, 1.5)));
	CHECK(ks_binomial_quantile(0, 5, 0.3) == 0 && ks_binomial_quantile(1, 5, 0.3) == 5);
	CHECK(ks_noncentral_t_cdf(0, 5, 2, true) == ks_normal_cdf(-2, true));
	CHECK(ks_noncentral_t_cdf(INFINITY, 5, 2, true) == 1 &&
		  isnan(ks_noncentral_t_cdf(1, -1, 2, true)));
	CHECK(isnan(ks_noncentral_t_ncp(1, 5, 0)) && isnan(ks_noncentral_t_ncp(NAN, 5, 0.5)));
	CHECK_CLOSE(ks_noncentral_t_ncp(0, 5, 0.025), -ks_normal_quantile(0.025, true),
				1e-15);
	CHECK(ks_log_choose(5, 0) == 0 && ks_log_choose(5, 5) == 0 &&
		  isnan(ks_log_choose(5, 6)));
	CHECK(isnan(ks_log_gamma(-1)) && fabs(ks_log_gamma(1)) == 0);
}

/* ---- speed ------------------------------------------------------------------------- */

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

#define TIME(name, repetitions, expression)                                              \
	do                                                                                   \
	{                                                                                    \
		double start_ = seconds(), sum_ = 0;                                             \
		for (int i = 0; i < (repetitions); i++)                                          \
			sum_ += (expression);                                                        \
		printf("%-28s %7.0f ns (%g)\n", name, (seconds() - start_) / (repetitions)*1e9,  \
			   sum_);                                                                    \
	} while (0)

static void
print_speed(void)
{
	TIME("t cdf, df 2..41", 200000, ks_t_cdf(-4 + i % 1000 * 0.008, 2 + i % 40, true));
	TIME("t cdf, df 100..499", 200000,
		 ks_t_cdf(-4 + i % 1000 * 0.008, 100 + i % 400, true));
	TIME("t quantile 0.975, df 2..41", 200000, ks_t_quantile(0.975, 2 + i % 40, true));
	TIME("t quantile 0.975, df 100..499", 200000,
		 ks_t_quantile(0.975, 100 + i % 400, true));
	TIME("t quantile, any p", 200000,
		 ks_t_quantile((i % 999 + 1) / 1000.0, 3 + i % 50, true));
	TIME("normal quantile", 200000, ks_normal_quantile((i % 999 + 1) / 1000.0, true));
	TIME("beta quantile", 200000, ks_beta_quantile(0.025, 1 + i % 50, 40, true));
	TIME("f cdf", 200000, ks_f_cdf(i % 100 * 0.1, 3, 40, false));
	TIME("chi-squared cdf", 200000, ks_chi_squared_cdf(i % 100 * 0.1, 1 + i % 10, false));
	TIME("noncentral t ncp", 5000, ks_noncentral_t_ncp(2.5, 20 + i % 100, 0.025));
	TIME("beta cdf, a = b = 1e7", 200, ks_beta_cdf(0.5, 1e7, 1e7, true));
}

int
main(int argc, char **argv)
{
	static Accuracy table[32];

	CHECK(read_table(table, argc > 1) == 0);
	test_quantiles_invert();
	test_tails_add_up();
	test_binomial();
	test_noncentrality();
	test_borders();
	if (argc > 1 && strcmp(argv[1], "--speed") == 0)
		print_speed();
	return UNIT_END();
}
