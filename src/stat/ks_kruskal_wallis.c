/*
 * ks_kruskal_wallis.c
 *	  Kruskal and Wallis' rank test of several groups, equal to R's kruskal.test.
 *
 * The counted values of all groups are sorted together once; ties have midranks.
 * With rank sums R_i of groups of n_i among N values and tie groups of size t,
 *
 *	  H = 12 sum (R_i - n_i (N + 1) / 2)^2 / n_i
 *	      / (N (N + 1) (1 - sum (t^3 - t) / (N^3 - N))),   df = groups - 1,
 *
 * with epsilon squared H / (N - 1).  Ranks are doubled and counted from the
 * middle, so they are whole numbers and nothing cancels; sums of them are held
 * in double-double.  Sources: Kruskal and Wallis 1952, JASA 47:583; Tomczak and
 * Tomczak 2014, Trends Sport Sci 1:19.
 */
#include "stat/ks_groups.h"

#include "stat/ks_dist.h"
#include "stat/ks_sort.h"

#define POLL_EVERY 4096

/* The values of all groups in ascending order. */
typedef struct Pool
{
	double *pair; /* value and group */
	int64_t *count;
	size_t size;
	double n;
	size_t groups; /* with values */
} Pool;

static KsStatus
fill_pool(const KsCounted *values, size_t groups, const KsEnv *env, Pool *pool)
{
	size_t used = 0;

	*pool = (Pool){0};
	for (size_t g = 0; g < groups; g++)
	{
		pool->size += values[g].distinct;
		pool->n += (double) values[g].n;
		pool->groups += values[g].n > 0;
	}
	pool->pair = env->alloc(env->context, (pool->size + 1) * 2 * sizeof(double));
	pool->count = env->alloc(env->context, (pool->size + 1) * sizeof(int64_t));
	if (pool->pair == NULL || pool->count == NULL)
		return KS_NO_MEMORY;
	for (size_t g = 0; g < groups; g++)
		for (size_t i = 0; i < values[g].distinct; i++, used++)
		{
			pool->pair[2 * used] = values[g].value[i];
			pool->pair[2 * used + 1] = (double) g;
			pool->count[used] = ks_count_at(&values[g], i);
		}
	return ks_sort_pairs(env, pool->pair, pool->count, pool->size);
}

/*
 * Add to each group's sum its doubled ranks, counted from the middle, and return
 * the sum of t^3 - t.
 */
static KsStatus
sum_ranks(const Pool *pool, const KsEnv *env, KsDD *rank_sum, KsDD *ties)
{
	double before = 0;
	size_t since_poll = 0;

	*ties = ks_dd(0);
	for (size_t start = 0, end; start < pool->size; start = end)
	{
		double size = 0, rank;

		for (end = start; end < pool->size && pool->pair[2 * end] == pool->pair[2 * start];
			 end++)
			size += (double) pool->count[end];
		rank = 2 * before + size - pool->n;
		for (size_t i = start; i < end; i++)
		{
			KsDD *sum = &rank_sum[(size_t) pool->pair[2 * i + 1]];

			*sum = ks_dd_add(*sum, ks_two_prod(rank, (double) pool->count[i]));
		}
		if (size > 1)
			*ties = ks_dd_add(*ties, ks_dd_mul_d(ks_two_prod(size - 1, size + 1), size));
		before += size;
		since_poll += end - start;
		if (since_poll < POLL_EVERY)
			continue;
		since_poll = 0;
		if (env->poll(env->context))
			return KS_CANCELLED;
	}
	return KS_OK;
}

/* Fill the figures from the rank sums and the ties. */
static void
finish(const KsCounted *values, size_t groups, const Pool *pool, const KsDD *rank_sum,
	   KsDD ties, KsTest *test)
{
	double n = pool->n;
	KsDD untied = ks_dd_sub(ks_dd_mul_d(ks_two_prod(n - 1, n + 1), n), ties);
	KsDD squares = {0, 0};

	if (!(untied.hi > 0))
	{
		ks_note(test->note, "all values are equal");
		return;
	}
	for (size_t g = 0; g < groups; g++)
		if (values[g].n > 0)
			squares = ks_dd_add(squares, ks_dd_div_d(ks_dd_mul(rank_sum[g], rank_sum[g]),
													 (double) values[g].n));
	test->statistic = ks_dd_value(ks_dd_div(ks_dd_mul_d(squares, 3 * (n - 1)), untied));
	test->df = (double) pool->groups - 1;
	test->p_value = ks_chi_squared_cdf(test->statistic, test->df, false);
	test->effect_size = fmin(1, test->statistic / (n - 1));
}

KsStatus
ks_kruskal_wallis(const KsCounted *values, size_t groups, const KsEnv *env, KsTest *test)
{
	KsDD *rank_sum = env->alloc(env->context, (groups + 1) * sizeof(KsDD));
	KsDD ties;
	Pool pool = {0};
	KsStatus status = rank_sum ? fill_pool(values, groups, env, &pool) : KS_NO_MEMORY;

	ks_test_clear(test);
	test->method = "Kruskal-Wallis rank sum test";
	test->effect_name = "epsilon squared";
	test->n = (int64_t) pool.n;
	if (status == KS_OK && pool.groups < 2)
		ks_note(test->note, pool.groups == 0 ? "no values" : "only one group has values");
	else if (status == KS_OK)
	{
		for (size_t g = 0; g < groups; g++)
			rank_sum[g] = ks_dd(0);
		status = sum_ranks(&pool, env, rank_sum, &ties);
		if (status == KS_OK)
			finish(values, groups, &pool, rank_sum, ties, test);
	}
	if (rank_sum)
		env->free(env->context, rank_sum);
	if (pool.pair)
		env->free(env->context, pool.pair);
	if (pool.count)
		env->free(env->context, pool.count);
	return status;
}
