/*
 * ks_fisher_network.c
 *	  Fisher's test of a table larger than 2 x 2, by enumeration.
 *
 * Columns are filled one after the other.  After some of them a table is known
 * by what its rows have left (a state), the sum of log x! so far (the cost) and
 * the probability of getting there; paths of equal state and cost are joined.
 * A table is extreme when its whole cost reaches that of the observed one, so a
 * path is settled as soon as a lower bound of what the remaining columns must
 * add makes it extreme, or an upper bound rules it out: only the probability of
 * extreme tables is added, term by positive term, and a small p keeps its digits.
 * The last two columns are one step: with the paths to a state sorted by cost,
 * each way to fill them finds by bisection how much probability it completes.
 *
 * This is the network algorithm of Mehta and Patel (1983, JASA 78:427) with
 * other bounds.  Least cost: the sum of log x! is convex, so for any weights of
 * rows and columns the dual problem bounds it, and weights fitted to the
 * expected counts are nearly the best.  Largest cost: each log x! lies below its
 * chord.
 */
#include "stat/ks_fisher.h"

#include <string.h>

#include "stat/ks_dist.h"
#include "stat/ks_sort.h"

#define MOST_COUNTS 100000	   /* n */
#define MOST_STATES 2000000.0  /* of one stage */
#define MOST_ROWS 32
#define MOST_COLUMNS 1000
#define MOST_PATHS ((size_t) 1 << 20)
#define MOST_WORK 60000000
#define PATH_WORK 4 /* a path costs as much as so many ways to fill a column */
#define STATES_PER_WORK 16
#define POLL_EVERY 4096
#define SAME_COST 1e-9

/* Paths sorted by state and cost. */
typedef struct Paths
{
	double *pair; /* state and cost */
	int64_t *probability; /* bits of a double, to move along in sorting */
	size_t size;
} Paths;

typedef struct Network
{
	const KsEnv *env;
	size_t rows, columns;
	int64_t *column; /* ascending */
	double *log_factorial;
	double extreme; /* cost from which a table is */
	double scale[MOST_ROWS]; /* place of each row's rest in a state's number; the last 0 */
	double states;
	Paths now, next;
	double *from; /* from[i]: probability of paths i .. of the group at hand */
	double *least; /* bound of the cost left, by state; NaN: not known yet */
	double p;
	size_t work;
	size_t filled; /* last columns, for polling */

	/* the state at hand */
	int64_t rest[MOST_ROWS];
	int64_t rest_after[MOST_ROWS]; /* sum of the rests of the rows after this */
	int64_t left[MOST_ROWS];	   /* rests when the column is filled */
	size_t stage;
	size_t first, last; /* its paths, last exclusive */
	double log_ways;	/* to fill the column, of all rows together */
} Network;

static double
path_probability(const Paths *paths, size_t i)
{
	double probability;

	memcpy(&probability, &paths->probability[i], sizeof(double));
	return probability;
}

static void
set_probability(Paths *paths, size_t i, double probability)
{
	memcpy(&paths->probability[i], &probability, sizeof(double));
}

/* ---- bounds -------------------------------------------------------------------- */

/* Least cost of filling the columns from `from` on, given what the rows have left. */
static double
least_cost(const Network *network, const int64_t *left, size_t from)
{
	double columns = (double) (network->columns - from), rows = 0, n = 0, bound = 0;

	for (size_t i = 0; i < network->rows; i++)
	{
		rows += left[i] > 0;
		n += (double) left[i];
	}
	for (size_t i = 0; i < network->rows; i++)
		if (left[i] > 0)
			bound += (double) left[i] * log((double) left[i] + columns / 2);
	for (size_t j = from; j < network->columns; j++)
	{
		double column = ((double) network->column[j] + rows / 2) / (n + rows * columns / 2);

		bound += (double) network->column[j] * log(column);
		for (size_t i = 0; i < network->rows; i++)
		{
			double weight = ((double) left[i] + columns / 2) * column;
			int64_t most = left[i] < network->column[j] ? left[i] : network->column[j];
			int64_t x = weight < (double) most ? (int64_t) weight : most;

			if (left[i] > 0)
				bound += network->log_factorial[x] - (double) x * log(weight);
		}
	}
	return bound;
}

/* log x! per unit of x at the largest x a sum and a cap allow, times the sum. */
static double
chord(const Network *network, int64_t sum, int64_t cap)
{
	int64_t most = sum < cap ? sum : cap;

	return most < 2 ? 0 : (double) sum / (double) most * network->log_factorial[most];
}

/* Largest cost of the same. */
static double
largest_cost(const Network *network, const int64_t *left, size_t from)
{
	int64_t largest_column = network->column[network->columns - 1], largest_row = 0;
	double by_rows = 0, by_columns = 0;

	for (size_t i = 0; i < network->rows; i++)
	{
		by_rows += chord(network, left[i], largest_column);
		largest_row = left[i] > largest_row ? left[i] : largest_row;
	}
	for (size_t j = from; j < network->columns; j++)
		by_columns += chord(network, network->column[j], largest_row);
	return fmin(by_rows, by_columns);
}

/* ---- paths --------------------------------------------------------------------- */

/* Sort the new paths and join those of one state and cost. */
static KsStatus
join_paths(Network *network)
{
	Paths *paths = &network->next;
	size_t kept = 0;
	KsStatus status =
		ks_sort_pairs(network->env, paths->pair, paths->probability, paths->size);

	if (status != KS_OK)
		return status;
	for (size_t i = 0; i < paths->size; i++)
	{
		const double *pair = &paths->pair[2 * i];
		double *last = kept > 0 ? &paths->pair[2 * (kept - 1)] : NULL;

		if (last && last[0] == pair[0] && pair[1] - last[1] < SAME_COST)
			set_probability(paths, kept - 1,
							path_probability(paths, kept - 1) + path_probability(paths, i));
		else
		{
			memmove(&paths->pair[2 * kept], pair, 2 * sizeof(double));
			paths->probability[kept++] = paths->probability[i];
		}
	}
	paths->size = kept;
	return KS_OK;
}

static KsStatus
add_path(Network *network, double state, double cost, double probability)
{
	Paths *paths = &network->next;

	if (paths->size == MOST_PATHS)
	{
		KsStatus status = join_paths(network);

		if (status != KS_OK)
			return status;
		if (paths->size > MOST_PATHS / 2)
			return KS_TOO_LARGE;
	}
	network->work += PATH_WORK;
	paths->pair[2 * paths->size] = state;
	paths->pair[2 * paths->size + 1] = cost;
	set_probability(paths, paths->size++, probability);
	return KS_OK;
}

/* The first path of the group whose cost is at least `cost`. */
static size_t
find_cost(const Network *network, double cost)
{
	size_t low = network->first, high = network->last;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (network->now.pair[2 * middle + 1] < cost)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- filling a column ---------------------------------------------------------- */

/* All paths of the group go on by one way to fill the column. */
static KsStatus
extend_paths(Network *network, double state, double cost, double probability)
{
	double *least = &network->least[(size_t) state];
	double wanted = network->extreme - cost;
	size_t low, high;

	/* each call may add many paths or bound a wide table: polled every time */
	if (network->env->poll(network->env->context))
		return KS_CANCELLED;
	if (isnan(*least))
		*least = least_cost(network, network->left, network->stage + 1);
	high = find_cost(network, wanted - *least);
	network->p += probability * network->from[high];
	if (high == network->first)
		return KS_OK;
	low = find_cost(network,
					wanted - largest_cost(network, network->left, network->stage + 1) -
						SAME_COST);
	for (size_t i = low; i < high; i++)
	{
		KsStatus status =
			add_path(network, state, network->now.pair[2 * i + 1] + cost,
					 probability * path_probability(&network->now, i));

		if (status != KS_OK)
			return status;
	}
	return KS_OK;
}

/*
 * Fill the column from row i on, `open` counts being left to place.  ways: log of
 * the product of binomials so far; state: number of the state reached.
 */
static KsStatus
fill_column(Network *network, size_t i, int64_t open, double cost, double ways, double state)
{
	const double *log_factorial = network->log_factorial;
	const bool at_end = network->stage + 2 == network->columns;
	int64_t rest = network->rest[i];
	int64_t most = open < rest ? open : rest;
	int64_t x = open > network->rest_after[i] ? open - network->rest_after[i] : 0;

	for (; x <= most; x++)
	{
		double placed = log_factorial[x], kept = log_factorial[rest - x];
		double cost_here = cost + placed + (at_end ? kept : 0);
		double ways_here = ways + (log_factorial[rest] - placed - kept);
		double state_here = state + network->scale[i] * (double) (rest - x);
		KsStatus status = KS_OK;

		network->left[i] = rest - x;
		if (i + 1 < network->rows)
			status = fill_column(network, i + 1, open - x, cost_here, ways_here, state_here);
		else if (at_end)
			network->p += exp(ways_here - network->log_ways) *
						  network->from[find_cost(network, network->extreme - cost_here)];
		else
			status = extend_paths(network, state_here, cost_here,
								  exp(ways_here - network->log_ways));
		if (status != KS_OK)
			return status;
		if (i + 1 < network->rows)
			continue;
		if (++network->work > MOST_WORK)
			return KS_TOO_LARGE;
		if (++network->filled % POLL_EVERY == 0 && network->env->poll(network->env->context))
			return KS_CANCELLED;
	}
	return KS_OK;
}

/* Take the next group of paths with one state: its rests and probabilities. */
static void
open_group(Network *network)
{
	const Paths *now = &network->now;
	double state = now->pair[2 * network->first];
	int64_t total = 0, known = 0;

	for (size_t j = network->stage; j < network->columns; j++)
		total += network->column[j];
	for (size_t i = 0; i + 1 < network->rows; i++)
	{
		network->rest[i] = (int64_t) (state / network->scale[i]);
		state -= (double) network->rest[i] * network->scale[i];
		known += network->rest[i];
	}
	network->rest[network->rows - 1] = total - known;
	for (size_t i = network->rows; i-- > 0;)
		network->rest_after[i] =
			i + 1 == network->rows ? 0 : network->rest_after[i + 1] + network->rest[i + 1];
	network->log_ways = network->log_factorial[total] -
						network->log_factorial[network->column[network->stage]] -
						network->log_factorial[total - network->column[network->stage]];
	for (network->last = network->first; network->last < now->size &&
		 now->pair[2 * network->last] == now->pair[2 * network->first];)
		network->last++;
	network->from[network->last] = 0;
	for (size_t i = network->last; i-- > network->first;)
		network->from[i] = network->from[i + 1] + path_probability(now, i);
}

/* Fill one column (the last time two) from all states. */
static KsStatus
run_stage(Network *network)
{
	KsStatus status = KS_OK;
	Paths swap = network->now;

	network->next.size = 0;
	network->work += (size_t) network->states / STATES_PER_WORK;
	if (network->env->poll(network->env->context))
		return KS_CANCELLED;
	for (size_t i = 0; i < (size_t) network->states; i++)
		network->least[i] = NAN;
	for (network->first = 0; network->first < network->now.size && status == KS_OK;
		 network->first = network->last)
	{
		open_group(network);
		status = fill_column(network, 0, network->column[network->stage], 0, 0, 0);
	}
	if (status == KS_OK)
		status = join_paths(network);
	network->now = network->next;
	network->next = swap;
	return status;
}

/* ---- set-up -------------------------------------------------------------------- */

static void
sort_ascending(int64_t *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0 && values[j - 1] > values[j]; j--)
		{
			int64_t swap = values[j];

			values[j] = values[j - 1];
			values[j - 1] = swap;
		}
}

/* Sort the margins, number the states; KS_TOO_LARGE when there are too many. */
static KsStatus
plan(const KsMargins *margins, Network *network)
{
	double places = 1;

	if (margins->rows > MOST_ROWS || margins->n > MOST_COUNTS ||
		margins->columns > MOST_COLUMNS)
		return KS_TOO_LARGE;
	network->rows = margins->rows;
	network->columns = margins->columns;
	network->extreme = margins->observed - KS_FISHER_TOLERANCE;
	for (size_t i = 0; i < margins->rows; i++)
		network->rest[i] = margins->row[i];
	sort_ascending(network->rest, network->rows);
	for (size_t i = margins->rows - 1; i-- > 0;)
	{
		network->scale[i] = places;
		places *= (double) network->rest[i] + 1;
	}
	network->scale[margins->rows - 1] = 0;
	network->states = places;
	return places > MOST_STATES ? KS_TOO_LARGE : KS_OK;
}

static double *
allocate_doubles(const KsEnv *env, size_t n)
{
	return env->alloc(env->context, n * sizeof(double));
}

/* Memory of the network, and its first path. */
static KsStatus
start(const KsMargins *margins, Network *network)
{
	const KsEnv *env = network->env;
	double state = 0;

	network->column = env->alloc(env->context, margins->columns * sizeof(int64_t));
	network->log_factorial = allocate_doubles(env, (size_t) margins->n + 1);
	network->least = allocate_doubles(env, (size_t) network->states);
	network->from = allocate_doubles(env, MOST_PATHS + 1);
	network->now.pair = allocate_doubles(env, 2 * MOST_PATHS);
	network->next.pair = allocate_doubles(env, 2 * MOST_PATHS);
	network->now.probability = env->alloc(env->context, MOST_PATHS * sizeof(int64_t));
	network->next.probability = env->alloc(env->context, MOST_PATHS * sizeof(int64_t));
	if (!(network->column && network->log_factorial && network->least && network->from &&
		  network->now.pair && network->next.pair && network->now.probability &&
		  network->next.probability))
		return KS_NO_MEMORY;
	memcpy(network->column, margins->column, margins->columns * sizeof(int64_t));
	sort_ascending(network->column, margins->columns);
	for (int64_t i = 0; i <= margins->n; i++)
		network->log_factorial[i] = ks_log_gamma((double) i + 1);
	for (size_t i = 0; i < network->rows; i++)
		state += network->scale[i] * (double) network->rest[i];
	network->now.pair[0] = state;
	network->now.pair[1] = 0;
	set_probability(&network->now, 0, 1);
	network->now.size = 1;
	return KS_OK;
}

static void
finish(Network *network)
{
	void *memory[] = {network->column,	 network->log_factorial,
					  network->least,	 network->from,
					  network->now.pair, network->now.probability,
					  network->next.pair, network->next.probability};

	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		if (memory[i])
			network->env->free(network->env->context, memory[i]);
}

KsStatus
ks_fisher_network(const KsMargins *margins, const KsEnv *env, double *p)
{
	Network network = {.env = env};
	KsStatus status = plan(margins, &network);

	*p = NAN;
	if (status != KS_OK)
		return status;
	status = start(margins, &network);
	for (; network.stage + 1 < network.columns && status == KS_OK; network.stage++)
		status = run_stage(&network);
	finish(&network);
	if (status == KS_OK)
		*p = fmin(1, network.p);
	return status;
}
