/*
 * ks_rank_correlation.c
 *	  Rank correlation of pairs, equal to R's cor.test.
 *
 * Spearman's rho is the correlation of midranks: pairs are sorted by x, then by
 * y, and ranks, doubled and counted from the middle, are whole numbers whose
 * products are summed in double-double.  p as R has it: all permutations up to 9
 * pairs and the Edgeworth series of AS 89 up to 1290 when there are no ties, else
 * Student's t.  The interval is Fisher's z with Bonett and Wright's standard
 * error, sqrt((1 + rho^2 / 2) / (n - 3)), which R does not offer.
 *
 * Kendall's tau-b counts discordant pairs as the exchanges of a merge sort
 * (Knight 1966, JASA 61:436), p from the exact distribution below 50 pairs
 * without ties, else normal with the variance given the ties.
 *
 * Sources: Best and Roberts 1975, Appl Stat 24:377 (AS 89); Bonett and Wright
 * 2000, Psychometrika 65:23; Kendall 1970, Rank Correlation Methods, chapters 4
 * and 5.
 */
#include "stat/ks_rank_correlation.h"

#include "stat/ks_dd.h"
#include "stat/ks_dist.h"
#include "stat/ks_sort.h"
#include "stat/ks_walsh.h"

#define POLL_EVERY 4096
#define KENDALL_EXACT_BELOW 50
#define SPEARMAN_EXACT_UP_TO 9
#define SPEARMAN_SERIES_UP_TO 1290

/* Pairs under work: two sorted doubles each, and how often they stand. */
typedef struct Pairs
{
	double *pair;
	int64_t *count;
	size_t size;
	int64_t n;
} Pairs;

static void
free_pairs(const KsEnv *env, Pairs *pairs)
{
	if (pairs->pair)
		env->free(env->context, pairs->pair);
	if (pairs->count)
		env->free(env->context, pairs->count);
}

/* Copy the pairs, counts included, sorted by x and then by y. */
static KsStatus
sorted_pairs(const double *x, const double *y, const int64_t *count, size_t size,
			 const KsEnv *env, Pairs *pairs)
{
	*pairs = (Pairs){.size = size};
	pairs->pair = env->alloc(env->context, (size + 1) * 2 * sizeof(double));
	pairs->count = env->alloc(env->context, (size + 1) * sizeof(int64_t));
	if (pairs->pair == NULL || pairs->count == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < size; i++)
	{
		pairs->pair[2 * i] = x[i] + 0.0; /* -0 is 0 */
		pairs->pair[2 * i + 1] = y[i] + 0.0;
		pairs->count[i] = count ? count[i] : 1;
		pairs->n += pairs->count[i];
	}
	if (pairs->n > KS_PAIRS_MAX_N)
		return KS_TOO_LARGE;
	return ks_sort_pairs(env, pairs->pair, pairs->count, size);
}

/* One past the last pair whose first member equals that of pair `start`. */
static size_t
end_of_tie(const Pairs *pairs, size_t start, int64_t *weight)
{
	size_t end = start;

	*weight = 0;
	for (; end < pairs->size && pairs->pair[2 * end] == pairs->pair[2 * start]; end++)
		*weight += pairs->count[end];
	return end;
}

/* Note what makes a rank correlation impossible; true when nothing does. */
static bool
varies(bool x_varies, bool y_varies, KsTest *test)
{
	if (test->n < 2)
		ks_note(test->note, test->n == 0 ? "no complete pairs" : "only one pair");
	else if (!x_varies || !y_varies)
		ks_note(test->note, "a variable does not vary");
	return test->note[0] == '\0';
}

/* ---- Spearman ------------------------------------------------------------------ */

/* Sums of squares and products of doubled centred ranks. */
typedef struct RankSums
{
	KsDD x_x, y_y, x_y;
	bool ties;
} RankSums;

/*
 * One pass over pairs sorted by their first member: the sum of its squared ranks
 * and, when `products` is given, of the products with the second member.
 * Otherwise the second member takes first place and the rank the second.
 */
static KsStatus
scan_ranks(Pairs *pairs, const KsEnv *env, KsDD *squares, KsDD *products, bool *ties)
{
	int64_t before = 0;
	size_t polled = 0;

	for (size_t start = 0, end; start < pairs->size; start = end)
	{
		int64_t weight;
		double rank;

		end = end_of_tie(pairs, start, &weight);
		rank = (double) (2 * before + weight - pairs->n);
		before += weight;
		*ties |= weight > 1;
		*squares = ks_dd_add(*squares, ks_dd_mul_d(ks_two_prod(rank, rank), (double) weight));
		for (size_t i = start; i < end; i++)
		{
			double *pair = &pairs->pair[2 * i];

			if (products)
				*products = ks_dd_add(*products, ks_dd_mul_d(ks_two_prod(rank, pair[1]),
															 (double) pairs->count[i]));
			else
			{
				pair[0] = pair[1];
				pair[1] = rank;
			}
		}
		if (end - polled < POLL_EVERY)
			continue;
		polled = end;
		if (env->poll(env->context))
			return KS_CANCELLED;
	}
	return KS_OK;
}

/*
 * Share of the permutations of n ranks whose sum of squared differences is at
 * most s, or at least s when not lower.  ways[used][sum]: orders of the first
 * ranks that use up a set of partners.
 */
static KsStatus
spearman_exact(int n, int64_t s, bool lower, const KsEnv *env, double *p)
{
	const size_t sets = (size_t) 1 << n;
	const size_t sums = (size_t) (n * (n * n - 1) / 3) + 1;
	double *ways = env->alloc(env->context, sets * sums * sizeof(double));
	double wanted = 0, all = 0;

	if (ways == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < sets * sums; i++)
		ways[i] = 0;
	ways[0] = 1;
	for (size_t used = 0; used < sets; used++)
	{
		int position = __builtin_popcountll(used);

		for (int partner = 0; partner < n; partner++)
		{
			size_t square = (size_t) ((partner - position) * (partner - position));
			double *to = ways + (used | (size_t) 1 << partner) * sums;

			if (used >> partner & 1)
				continue;
			for (size_t sum = 0; sum + square < sums; sum++)
				to[sum + square] += ways[used * sums + sum];
		}
	}
	for (size_t sum = 0; sum < sums; sum++)
	{
		double number = ways[(sets - 1) * sums + sum];

		all += number;
		if (lower ? (int64_t) sum <= s : (int64_t) sum >= s)
			wanted += number;
	}
	env->free(env->context, ways);
	*p = wanted / all;
	return KS_OK;
}

/* The Edgeworth series of AS 89 for the same, as R evaluates it. */
static double
spearman_series(double n, double s, bool lower)
{
	double bound = lower ? s + 2 : s;
	double b = 1 / n;
	double x = (6 * (bound - 1) * b / (n * n - 1) - 1) * sqrt(1 / b - 1);
	double y = x * x;
	double u = x * b *
			   (0.2274 + b * (0.2531 + 0.1745 * b) +
				y * (-0.0758 + b * (0.1033 + 0.3932 * b) -
					 y * b * (0.0879 + 0.0151 * b -
							  y * (0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y)))));
	double correction = u / exp(y / 2);
	double p;

	if (bound <= 0)
		return lower ? 0 : 1;
	if (bound > n * (n * n - 1) / 3)
		return lower ? 1 : 0;
	p = (lower ? -correction : correction) + ks_normal_cdf(x, lower);
	return fmin(1, fmax(0, p));
}

/* p without ties; s small means a positive correlation. */
static KsStatus
spearman_untied_p(int64_t n, double s, KsAlternative alternative, const KsEnv *env,
				  KsTest *test)
{
	double middle = (double) n * ((double) n * (double) n - 1) / 6;
	bool lower = alternative == KS_TWO_SIDED ? s <= middle : alternative == KS_GREATER;
	KsStatus status = KS_OK;

	if (n <= SPEARMAN_EXACT_UP_TO)
	{
		status = spearman_exact((int) n, (int64_t) s, lower, env, &test->p_value);
		test->method = "Spearman rank correlation, exact p value";
	}
	else
	{
		test->p_value = spearman_series((double) n, s, lower);
		test->method = "Spearman rank correlation, Edgeworth series";
	}
	if (alternative == KS_TWO_SIDED)
		test->p_value = fmin(1, 2 * test->p_value);
	return status;
}

/* Bonett and Wright's interval. */
static void
spearman_interval(double rho, KsAlternative alternative, double conf_level, KsTest *test)
{
	double tail = alternative == KS_TWO_SIDED ? (1 - conf_level) / 2 : 1 - conf_level;
	double margin = ks_normal_quantile(tail, false) *
					sqrt((1 + rho * rho / 2) / ((double) test->n - 3));

	if (test->n < 4)
	{
		ks_note(test->note, "the interval needs four pairs");
		return;
	}
	test->conf_low = alternative == KS_LESS ? -1 : tanh(atanh(rho) - margin);
	test->conf_high = alternative == KS_GREATER ? 1 : tanh(atanh(rho) + margin);
}

/* Everything from the sums of ranks. */
static KsStatus
finish_spearman(KsDD x_x, KsDD y_y, KsDD x_y, bool ties, KsAlternative alternative,
				double conf_level, const KsEnv *env, KsTest *test)
{
	double n = (double) test->n;
	KsDD squared = ks_dd_div(ks_dd_mul(x_y, ks_dd_div(x_y, x_x)), y_y);
	double unexplained = fmax(0, ks_dd_value(ks_dd_sub(ks_dd(1), squared)));
	double rho = copysign(sqrt(fmin(1, ks_dd_value(squared))), x_y.hi);
	double cubes = ks_dd_value(ks_dd_mul_d(ks_two_prod(n - 1, n + 1), n));
	double t;

	test->estimate = test->effect_size = rho;
	spearman_interval(rho, alternative, conf_level, test);
	/* 1 - rho without cancelling */
	test->statistic = cubes / 6 * (rho > 0 ? unexplained / (1 + rho) : 1 - rho);
	if (!ties)
	{
		test->statistic = ks_dd_value(ks_dd_sub(x_x, x_y)) / 2;
		if (test->n <= SPEARMAN_SERIES_UP_TO)
			return spearman_untied_p(test->n, test->statistic, alternative, env, test);
	}
	else
		ks_note(test->note, "ties");
	test->method = "Spearman rank correlation, t approximation";
	test->df = n - 2;
	t = rho * sqrt(test->df / unexplained);
	if (alternative == KS_TWO_SIDED)
		test->p_value = 2 * ks_t_cdf(-fabs(t), test->df, true);
	else
		test->p_value = ks_t_cdf(t, test->df, alternative == KS_LESS);
	return KS_OK;
}

KsStatus
ks_spearman_correlation(const double *x, const double *y, const int64_t *count,
						size_t size, KsAlternative alternative, double conf_level,
						const KsEnv *env, KsTest *test)
{
	KsDD x_x = {0, 0}, y_y = {0, 0}, x_y = {0, 0};
	bool ties = false;
	Pairs pairs;
	KsStatus status = sorted_pairs(x, y, count, size, env, &pairs);

	ks_test_clear(test);
	test->method = "Spearman rank correlation";
	test->effect_name = "Spearman's rho";
	test->n = pairs.n;
	if (status == KS_OK)
		status = scan_ranks(&pairs, env, &x_x, NULL, &ties);
	if (status == KS_OK)
		status = ks_sort_pairs(env, pairs.pair, pairs.count, pairs.size);
	if (status == KS_OK)
		status = scan_ranks(&pairs, env, &y_y, &x_y, &ties);
	free_pairs(env, &pairs);
	if (status == KS_OK && varies(x_x.hi > 0, y_y.hi > 0, test))
		status = finish_spearman(x_x, y_y, x_y, ties, alternative, conf_level, env, test);
	return status;
}

/* ---- Kendall ------------------------------------------------------------------- */

/* Sums over the ties of one variable, of t values each. */
typedef struct Ties
{
	double pairs;	/* t (t - 1) */
	double triples; /* t (t - 1) (t - 2) */
	double spread;	/* t (t - 1) (2 t + 5) */
	int64_t pairs_of_values; /* t (t - 1) / 2, exactly */
} Ties;

/* Pairs of `t` values, beyond 2^53 too. */
static int64_t
pairs_of(int64_t t)
{
	return t % 2 == 0 ? t / 2 * (t - 1) : (t - 1) / 2 * t;
}

/* Ties of the first member; joint receives the pairs equal in both members. */
static void
count_ties(const Pairs *pairs, Ties *ties, int64_t *joint)
{
	*ties = (Ties){0};
	*joint = 0;
	for (size_t start = 0, end; start < pairs->size; start = end)
	{
		int64_t weight, same = 0;
		double t;

		end = end_of_tie(pairs, start, &weight);
		t = (double) weight;
		ties->pairs += t * (t - 1);
		ties->triples += t * (t - 1) * (t - 2);
		ties->spread += t * (t - 1) * (2 * t + 5);
		ties->pairs_of_values += pairs_of(weight);
		for (size_t i = start; i < end; i++)
		{
			same += pairs->count[i];
			if (i + 1 == end || pairs->pair[2 * i + 3] != pairs->pair[2 * i + 1])
			{
				*joint += pairs_of(same);
				same = 0;
			}
		}
	}
}

/* y and weight of the pairs, in the order of a merge sort. */
typedef struct Run
{
	double *y;
	int64_t *weight;
} Run;

/* Merge two neighbouring runs; returns how often a later value is smaller. */
static int64_t
merge_runs(const Run *from, size_t left, size_t middle, size_t right, const Run *to)
{
	size_t i = left, j = middle;
	int64_t waiting = 0, exchanges = 0;

	for (size_t k = left; k < middle; k++)
		waiting += from->weight[k];
	for (size_t k = left; k < right; k++)
	{
		bool take_left = i < middle && (j == right || from->y[i] <= from->y[j]);
		size_t at = take_left ? i++ : j++;

		to->y[k] = from->y[at];
		to->weight[k] = from->weight[at];
		if (take_left)
			waiting -= from->weight[at];
		else
			exchanges += waiting * from->weight[at];
	}
	return exchanges;
}

/* Discordant pairs of pairs sorted by x, then y; sorts run[0] by y. */
static KsStatus
count_exchanges(Run run[2], size_t size, const KsEnv *env, int64_t *exchanges)
{
	size_t polled = 0;

	*exchanges = 0;
	for (size_t width = 1; width < size; width *= 2)
	{
		Run swap = run[0];

		for (size_t left = 0; left < size; left += 2 * width)
		{
			size_t middle = left + width < size ? left + width : size;
			size_t right = middle + width < size ? middle + width : size;

			*exchanges += merge_runs(&run[0], left, middle, right, &run[1]);
			polled += right - left;
			if (polled < POLL_EVERY)
				continue;
			polled = 0;
			if (env->poll(env->context))
				return KS_CANCELLED;
		}
		run[0] = run[1];
		run[1] = swap;
	}
	return KS_OK;
}

/* Discordant pairs, and the ties of y; uses up the pairs. */
static KsStatus
scan_discordance(Pairs *pairs, const KsEnv *env, int64_t *discordant, Ties *y_ties)
{
	size_t size = pairs->size;
	double *y = env->alloc(env->context, (size + 1) * 2 * sizeof(double));
	int64_t *weight = env->alloc(env->context, (size + 1) * 2 * sizeof(int64_t));
	Run run[2] = {{y, weight}, {y + size, weight + size}};
	KsStatus status = y && weight ? KS_OK : KS_NO_MEMORY;
	int64_t joint;

	for (size_t i = 0; i < size && status == KS_OK; i++)
	{
		y[i] = pairs->pair[2 * i + 1];
		weight[i] = pairs->count[i];
	}
	if (status == KS_OK)
		status = count_exchanges(run, size, env, discordant);
	for (size_t i = 0; i < size && status == KS_OK; i++)
	{
		pairs->pair[2 * i] = run[0].y[i];
		pairs->count[i] = run[0].weight[i];
	}
	if (status == KS_OK)
		count_ties(pairs, y_ties, &joint);
	if (y)
		env->free(env->context, y);
	if (weight)
		env->free(env->context, weight);
	return status;
}

/*
 * P(T <= concordant), or P(T >= concordant) when not lower, of n < 50 pairs
 * without ties.  The number of exchanges of a random order is a sum of
 * independent ones, uniform on 0 .. k - 1 for each k up to n.
 */
static KsStatus
kendall_exact(int64_t n, int64_t concordant, bool lower, const KsEnv *env, double *p)
{
	const size_t size = (size_t) (n * (n - 1) / 2) + 1;
	double *now = env->alloc(env->context, 2 * size * sizeof(double));
	double *next = now + size;
	double *memory = now;

	if (now == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < size; i++)
		now[i] = i == 0;
	for (size_t k = 2; k <= (size_t) n; k++)
	{
		double *swap = now;

		for (size_t i = 0; i < size; i++)
		{
			double sum = 0;

			for (size_t back = 0; back < k && back <= i; back++)
				sum += now[i - back];
			next[i] = sum / (double) k;
		}
		now = next;
		next = swap;
	}
	*p = 0;
	for (size_t i = 0; i < size; i++)
		if (lower ? (int64_t) i <= concordant : (int64_t) i >= concordant)
			*p += now[i];
	*p = fmin(1, *p);
	env->free(env->context, memory);
	return KS_OK;
}

static KsStatus
kendall_exact_p(int64_t score, KsAlternative alternative, const KsEnv *env, KsTest *test)
{
	int64_t pairs = pairs_of(test->n);
	int64_t concordant = (pairs + score) / 2;
	bool lower = alternative == KS_TWO_SIDED ? score <= 0 : alternative == KS_LESS;
	KsStatus status = kendall_exact(test->n, concordant, lower, env, &test->p_value);

	test->method = "Kendall rank correlation, exact p value";
	test->statistic = (double) concordant;
	if (alternative == KS_TWO_SIDED)
		test->p_value = fmin(1, 2 * test->p_value);
	return status;
}

/* score: concordant - discordant. */
static void
kendall_normal_p(double score, const Ties *x, const Ties *y, KsAlternative alternative,
				 KsTest *test)
{
	double n = (double) test->n;
	double pairs = n * (n - 1);
	double variance = (pairs * (2 * n + 5) - x->spread - y->spread) / 18 +
					  x->pairs / (2 * pairs) * y->pairs;

	if (test->n > 2)
		variance += x->triples / (9 * pairs * (n - 2)) * y->triples;
	test->method = "Kendall rank correlation, normal approximation";
	test->statistic = score / sqrt(variance);
	if (alternative == KS_TWO_SIDED)
		test->p_value = 2 * ks_normal_cdf(-fabs(test->statistic), true);
	else
		test->p_value = ks_normal_cdf(test->statistic, alternative == KS_LESS);
}

static KsStatus
finish_kendall(int64_t discordant, int64_t joint, const Ties *x, const Ties *y,
			   KsAlternative alternative, const KsEnv *env, KsTest *test)
{
	int64_t pairs = pairs_of(test->n);
	int64_t x_free = pairs - x->pairs_of_values, y_free = pairs - y->pairs_of_values;
	int64_t score = x_free - y->pairs_of_values + joint - 2 * discordant;
	double tau;

	if (!varies(x_free > 0, y_free > 0, test))
		return KS_OK;
	tau = (double) score / sqrt((double) x_free * (double) y_free);
	test->estimate = test->effect_size = fmax(-1, fmin(1, tau));
	if (x_free == pairs && y_free == pairs && test->n < KENDALL_EXACT_BELOW)
		return kendall_exact_p(score, alternative, env, test);
	if (x_free < pairs || y_free < pairs)
		ks_note(test->note, "ties");
	kendall_normal_p((double) score, x, y, alternative, test);
	return KS_OK;
}

KsStatus
ks_kendall_correlation(const double *x, const double *y, const int64_t *count, size_t size,
					   KsAlternative alternative, const KsEnv *env, KsTest *test)
{
	Ties x_ties, y_ties;
	int64_t joint = 0, discordant = 0;
	Pairs pairs;
	KsStatus status = sorted_pairs(x, y, count, size, env, &pairs);

	ks_test_clear(test);
	test->method = "Kendall rank correlation";
	test->effect_name = "Kendall's tau-b";
	test->n = pairs.n;
	if (status == KS_OK)
	{
		count_ties(&pairs, &x_ties, &joint);
		status = scan_discordance(&pairs, env, &discordant, &y_ties);
	}
	free_pairs(env, &pairs);
	if (status == KS_OK)
		status = finish_kendall(discordant, joint, &x_ties, &y_ties, alternative, env, test);
	return status;
}
