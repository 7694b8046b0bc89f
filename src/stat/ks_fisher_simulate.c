/*
 * ks_fisher_simulate.c
 *	  Fisher's test of a table too large to enumerate, from random tables.
 *
 * A random table with given margins is drawn cell by cell: each is hypergeometric
 * given those before it (Patefield 1981, Appl Stat 30:91), found by walking out
 * from the most probable value.  A row stops when it is used up, so a sparse
 * table costs its counts, not its cells.  The same seed gives the same p value.
 */
#include "stat/ks_fisher.h"

#include "stat/ks_dist.h"
#include "stat/ks_random.h"

#define CELLS_DRAWN 4000000.0 /* in all */
#define FEWEST_TABLES 99
#define MOST_TABLES 19999
#define LARGEST_LIST 1000000
#define POLL_EVERY 1024

/* Logarithms of factorials, from a list while it reaches. */
typedef struct Factorials
{
	double *list;
	int64_t listed;
} Factorials;

static double
log_factorial(const Factorials *factorials, int64_t n)
{
	if (n < factorials->listed)
		return factorials->list[n];
	return ks_log_gamma((double) n + 1);
}

/* Values of a hypergeometric number and its probabilities. */
typedef struct Urn
{
	int64_t marked, others, drawn;
} Urn;

static double
urn_probability(const Urn *urn, int64_t x, const Factorials *factorials)
{
	int64_t all = urn->marked + urn->others;
	double sum = log_factorial(factorials, urn->marked) + log_factorial(factorials, urn->others) +
				 log_factorial(factorials, urn->drawn) +
				 log_factorial(factorials, all - urn->drawn) - log_factorial(factorials, all);

	sum -= log_factorial(factorials, x) + log_factorial(factorials, urn->marked - x) +
		   log_factorial(factorials, urn->drawn - x) +
		   log_factorial(factorials, urn->others - urn->drawn + x);
	return exp(sum);
}

/* P(x + 1) / P(x). */
static double
urn_ratio(const Urn *urn, int64_t x)
{
	return (double) (urn->marked - x) / (double) (x + 1) *
		   ((double) (urn->drawn - x) / (double) (urn->others - urn->drawn + x + 1));
}

/* How many of those drawn are marked. */
static int64_t
draw(const Urn *urn, const Factorials *factorials, KsRandom *random)
{
	int64_t least = urn->drawn > urn->others ? urn->drawn - urn->others : 0;
	int64_t most = urn->drawn < urn->marked ? urn->drawn : urn->marked;
	int64_t middle, below, above;
	double left, lower, upper;

	if (least == most)
		return least;
	middle = (int64_t) ((double) (urn->drawn + 1) * ((double) urn->marked + 1) /
						((double) (urn->marked + urn->others) + 2));
	middle = middle < least ? least : middle > most ? most : middle;
	below = above = middle;
	lower = upper = urn_probability(urn, middle, factorials);
	left = ks_random_uniform(random) - upper;
	while (left > 0 && (below > least || above < most))
	{
		if (above < most)
		{
			upper *= urn_ratio(urn, above++);
			left -= upper;
			if (left <= 0)
				return above;
		}
		if (below > least)
		{
			lower /= urn_ratio(urn, --below);
			left -= lower;
			if (left <= 0)
				return below;
		}
	}
	return middle;
}

/* Sum of log x! of one random table; left has room for the columns. */
static KsStatus
draw_table(const KsMargins *margins, const Factorials *factorials, const KsEnv *env,
		   KsRandom *random, int64_t *left, size_t *drawn, double *sum)
{
	int64_t n = margins->n;

	*sum = 0;
	for (size_t j = 0; j < margins->columns; j++)
		left[j] = margins->column[j];
	for (size_t i = 0; i < margins->rows; i++)
	{
		Urn urn = {.drawn = margins->row[i]};
		int64_t rest = n;

		for (size_t j = 0; j < margins->columns && urn.drawn > 0; j++)
		{
			int64_t x;

			urn.marked = left[j];
			urn.others = rest - left[j];
			x = draw(&urn, factorials, random);
			*sum += log_factorial(factorials, x);
			rest -= left[j];
			left[j] -= x;
			urn.drawn -= x;
			if (++*drawn % POLL_EVERY == 0 && env->poll(env->context))
				return KS_CANCELLED;
		}
		n -= margins->row[i];
	}
	return KS_OK;
}

KsStatus
ks_fisher_simulate(const KsMargins *margins, uint64_t seed, const KsEnv *env, double *p,
				   int64_t *tables)
{
	double cells = fmin((double) margins->rows * (double) margins->columns, (double) margins->n);
	Factorials factorials = {.listed = margins->n < LARGEST_LIST ? margins->n + 1 : 0};
	int64_t *left = env->alloc(env->context, margins->columns * sizeof(int64_t));
	KsRandom random = ks_random_seed(seed);
	int64_t extreme = 0;
	size_t drawn = 0;
	KsStatus status = KS_OK;

	factorials.list =
		env->alloc(env->context, (size_t) (factorials.listed + 1) * sizeof(double));
	if (left == NULL || factorials.list == NULL)
		status = KS_NO_MEMORY;
	for (int64_t i = 0; i < factorials.listed && status == KS_OK; i++)
		factorials.list[i] = ks_log_gamma((double) i + 1);
	*tables = (int64_t) fmin(MOST_TABLES, fmax(FEWEST_TABLES, CELLS_DRAWN / cells));
	for (int64_t i = 0; i < *tables && status == KS_OK; i++)
	{
		double sum;

		status = draw_table(margins, &factorials, env, &random, left, &drawn, &sum);
		extreme += status == KS_OK && sum >= margins->observed - KS_FISHER_TOLERANCE;
	}
	if (left)
		env->free(env->context, left);
	if (factorials.list)
		env->free(env->context, factorials.list);
	*p = (1 + (double) extreme) / (1 + (double) *tables);
	return status;
}
