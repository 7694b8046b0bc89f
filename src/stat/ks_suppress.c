/*
 * ks_suppress.c
 *	  Primary and complementary suppression in tables of variables by groups.
 *
 * The figures of a variable are the levels of each group, the sum of its levels
 * (values), its missing values and its size, and the same over all groups.  They
 * are the flows of a network: every figure is in exactly two sums.  Draw a node for
 * every sum and for every figure an arrow from one sum to the other, so that what
 * flows into a node flows out of it.  Two tables that agree in all that is shown
 * then differ by a circulation through hidden figures, which is made of cycles:
 * along the arrow of a figure that rises, against that of one that falls.  A figure
 * of 1 cannot fall.  So a hidden figure has two possible values exactly when a cycle
 * passes through it.
 *
 * The cheapest cycle decides what else to hide: hidden figures are free, a shown
 * one costs its count, a total more than any number of others, and the size of a
 * group more than all totals.  It is found by Dijkstra's search; nodes are few, so
 * it does without a heap.
 *
 * Sizes are common to all variables.  A cycle passes the node of sizes at most
 * once: one size (or the total) rises and another falls, or one rises with the
 * total.  Then every other variable needs a path between the same two groups, and
 * the figures on these paths are hidden as well.  Where a variable has none, only
 * sizes that rise with the total are allowed, which always succeeds: figures that
 * are not 0 can rise together.  Hiding more never narrows what is possible, so one
 * pass is enough.
 *
 * Source: Cox 1995, J Am Stat Assoc 90:1453 (network models of complementary
 * suppression); Hundepool and others 2012, Statistical Disclosure Control,
 * chapter 4.
 */
#include "stat/ks_suppress.h"

#include <string.h>

#define MAX_TOTAL (INT64_MAX / 16) /* a path costs less than 16 totals */
#define NO_EDGE SIZE_MAX
#define REMEMBERED 1024

/* The price of hiding: totals first, then how many counts are lost. */
typedef struct Cost
{
	int64_t totals;
	int64_t counts;
} Cost;

/* A figure: an arrow between the two sums it is in. */
typedef struct Edge
{
	size_t tail;
	size_t head;
	int64_t count;
	Cost price;	  /* of hiding it */
	bool *hidden; /* the caller's flag, or that of the size common to all */
	bool *safe;	  /* has two possible values */
} Edge;

/* A sum while a path is searched. */
typedef struct Node
{
	Cost cost; /* totals < 0: not reached */
	size_t by; /* the edge it was reached by, NO_EDGE at the start */
	bool settled;
} Node;

/* One variable.  Nodes: levels, missing values, sizes, values by group, groups. */
typedef struct Network
{
	size_t levels;
	size_t groups; /* also the position that stands for all groups */
	size_t nodes;
	size_t edges;
	Edge *edge;
	bool *safe;
	Node *node;
	size_t *first;	  /* nodes + 1: where the incident edges of a node begin */
	size_t *incident; /* 2 x edges */
	size_t *waiting;  /* nodes that cost what the node last settled did */
	size_t n_waiting;
} Network;

/* A size that rises and one that falls; for the total it is the other way round. */
typedef struct Exchange
{
	size_t rising;
	size_t falling;
} Exchange;

/* Which moves of the sizes a search may use. */
typedef enum Sizes
{
	ANY_SIZES,
	RISING_SIZES, /* with the total */
	NO_SIZES,
} Sizes;

typedef struct Tables
{
	Network *network; /* variables */
	size_t variables;
	size_t groups;
	bool *size_hidden; /* groups + 1, the last for the total */
	bool *size_safe;
	Exchange possible[REMEMBERED]; /* in every variable, by hidden figures */
	size_t n_possible;
} Tables;

/* ---- the network ---------------------------------------------------------------- */

static size_t
sizes_node(const Network *network)
{
	return network->levels + 1;
}

static size_t
values_node(const Network *network, size_t group)
{
	return network->levels + 2 + group;
}

static size_t
group_node(const Network *network, size_t group)
{
	return network->levels + 3 + network->groups + group;
}

static void
add_edge(Network *network, size_t tail, size_t head, int64_t count, int64_t totals,
		 bool *hidden)
{
	network->edge[network->edges] = (Edge){
		tail, head, count, {totals, count}, hidden, &network->safe[network->edges]};
	network->edges++;
}

/* The size of a group, or the total: the last of its edges. */
static void
add_size(Network *network, const Tables *tables, size_t group, int64_t count)
{
	bool all = group == network->groups;
	size_t sizes = sizes_node(network), own = group_node(network, group);
	int64_t many = (int64_t) network->nodes;

	add_edge(network, all ? sizes : own, all ? own : sizes, count, all ? many * many : many,
			 &tables->size_hidden[group]);
	network->edge[network->edges - 1].safe = &tables->size_safe[group];
}

/* Sum of a row over a group, or over all; false when it is out of range. */
static bool
sum_row(const KsSuppression *variable, size_t groups, size_t row, size_t group, int64_t *sum)
{
	size_t last = group == groups ? groups : group + 1;

	*sum = 0;
	for (size_t g = group == groups ? 0 : group; g < last; g++)
	{
		int64_t count = variable->count[row * groups + g];

		if (count < 0 || count > MAX_TOTAL - *sum)
			return false;
		*sum += count;
	}
	return true;
}

/* The figures of one group, or of all. */
static bool
add_group(Network *network, const Tables *tables, KsSuppression *variable, size_t group)
{
	size_t groups = network->groups, missing_row = network->levels;
	size_t values = values_node(network, group), own = group_node(network, group);
	bool all = group == groups;
	int64_t sum = 0, figure;

	for (size_t row = 0; row <= missing_row; row++)
	{
		size_t column = row < missing_row ? values : own;

		if (!sum_row(variable, groups, row, group, &figure) || figure > MAX_TOTAL - sum)
			return false;
		if (all)
			add_edge(network, column, row, figure, 1, &variable->row_total[row]);
		else
			add_edge(network, row, column, figure, 0, &variable->cell[row * groups + group]);
		sum += figure;
	}
	if (all)
		add_edge(network, own, values, sum - figure, 1, &variable->values_total);
	else
		add_edge(network, values, own, sum - figure, 0, &variable->values[group]);
	add_size(network, tables, group, sum);
	return true;
}

/* Lists the incident edges of each node. */
static void
list_incident(Network *network)
{
	size_t *next = network->waiting; /* free until the first search */

	memset(network->first, 0, sizeof(size_t) * (network->nodes + 1));
	for (size_t i = 0; i < network->edges; i++)
	{
		network->first[network->edge[i].tail + 1]++;
		network->first[network->edge[i].head + 1]++;
	}
	for (size_t n = 0; n < network->nodes; n++)
	{
		network->first[n + 1] += network->first[n];
		next[n] = network->first[n];
	}
	for (size_t i = 0; i < network->edges; i++)
	{
		network->incident[next[network->edge[i].tail]++] = i;
		network->incident[next[network->edge[i].head]++] = i;
	}
}

static void
free_network(Network *network, const KsEnv *env)
{
	void *const memory[] = {network->edge,	network->safe,	   network->node,
							network->first, network->incident, network->waiting};

	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		if (memory[i])
			env->free(env->context, memory[i]);
}

/* The network of a variable, small figures hidden; to be freed whatever the status. */
static KsStatus
make_network(const Tables *tables, KsSuppression *variable, int64_t min_cell,
			 const KsEnv *env, Network *network)
{
	size_t edges = (variable->levels + 3) * (tables->groups + 1);

	network->levels = variable->levels;
	network->groups = tables->groups;
	network->nodes = group_node(network, tables->groups) + 1;
	network->edge = env->alloc(env->context, sizeof(Edge) * edges);
	network->safe = env->alloc(env->context, edges);
	network->incident = env->alloc(env->context, 2 * sizeof(size_t) * edges);
	network->node = env->alloc(env->context, sizeof(Node) * network->nodes);
	network->first = env->alloc(env->context, sizeof(size_t) * (network->nodes + 1));
	network->waiting = env->alloc(env->context, sizeof(size_t) * network->nodes);
	if (!network->edge || !network->safe || !network->incident || !network->node ||
		!network->first || !network->waiting)
		return KS_NO_MEMORY;
	for (size_t g = 0; g <= tables->groups; g++)
		if (!add_group(network, tables, variable, g))
			return KS_OVERFLOW;
	list_incident(network);
	for (size_t i = 0; i < network->edges; i++)
	{
		Edge *edge = &network->edge[i];

		*edge->hidden = edge->count > 0 && edge->count < min_cell;
		*edge->safe = false;
	}
	return KS_OK;
}

/* ---- the path ------------------------------------------------------------------- */

static bool
is_size(const Network *network, const Edge *edge)
{
	return edge->tail == sizes_node(network) || edge->head == sizes_node(network);
}

/* Whether a figure may rise (or fall): what is not 0 stays at 1 or more. */
static bool
may_move(const Network *network, const Edge *edge, bool up, Sizes sizes)
{
	if (sizes != ANY_SIZES && is_size(network, edge) && !(up && sizes == RISING_SIZES))
		return false;
	return edge->count > 1 || (edge->count == 1 && up);
}

static bool
cheaper(Cost a, Cost b)
{
	return a.totals != b.totals ? a.totals < b.totals : a.counts < b.counts;
}

static bool
equal(Cost a, Cost b)
{
	return a.totals == b.totals && a.counts == b.counts;
}

/* The reached node of least cost that is not settled; the number of nodes if none. */
static size_t
nearest(Network *network)
{
	const Node *node = network->node;
	size_t best = network->nodes;

	if (network->n_waiting > 0)
		return network->waiting[--network->n_waiting];
	for (size_t i = 0; i < network->nodes; i++)
		if (!node[i].settled && node[i].cost.totals >= 0 &&
			(best == network->nodes || cheaper(node[i].cost, node[best].cost)))
			best = i;
	return best;
}

/* Reach the neighbours of `from`, by any edge but `without`. */
static void
relax(Network *network, size_t from, size_t without, Sizes sizes)
{
	for (size_t i = network->first[from]; i < network->first[from + 1]; i++)
	{
		size_t which = network->incident[i];
		const Edge *edge = &network->edge[which];
		bool up = edge->tail == from;
		size_t to = up ? edge->head : edge->tail;
		Node *reached = &network->node[to];
		Cost cost = network->node[from].cost;

		if (reached->settled || which == without || !may_move(network, edge, up, sizes))
			continue;
		if (!*edge->hidden)
		{
			cost.totals += edge->price.totals;
			cost.counts += edge->price.counts;
		}
		if (reached->cost.totals < 0 || cheaper(cost, reached->cost))
		{
			reached->cost = cost;
			reached->by = which;
			if (equal(cost, network->node[from].cost))
				network->waiting[network->n_waiting++] = to;
		}
	}
}

/*
 * The cheapest path from a node to another, by any edge but `without`, left in the
 * nodes; *cost has totals < 0 when there is none.
 */
static KsStatus
find_path(Network *network, size_t start, size_t end, size_t without, Sizes sizes,
		  const KsEnv *env, Cost *cost)
{
	size_t at;

	for (size_t i = 0; i < network->nodes; i++)
		network->node[i] = (Node){{-1, 0}, NO_EDGE, false};
	network->node[start].cost.totals = 0;
	network->n_waiting = 0;
	while ((at = nearest(network)) != network->nodes && at != end)
	{
		if (env->poll(env->context))
			return KS_CANCELLED;
		network->node[at].settled = true;
		relax(network, at, without, sizes);
		if (equal(network->node[end].cost, network->node[at].cost))
			break;
	}
	*cost = network->node[end].cost;
	return KS_OK;
}

/* The path that closes the cycle of a figure that rises (or falls). */
static KsStatus
close_cycle(Network *network, size_t which, bool up, Sizes sizes, const KsEnv *env,
			Cost *cost)
{
	const Edge *edge = &network->edge[which];

	cost->totals = -1;
	if (!may_move(network, edge, up, sizes))
		return KS_OK;
	return find_path(network, up ? edge->head : edge->tail, up ? edge->tail : edge->head,
					 which, sizes, env, cost);
}

/* The cheaper of the cycles that raise and lower a figure, left in the nodes. */
static KsStatus
cheapest_cycle(Network *network, size_t which, Sizes sizes, const KsEnv *env, bool *up)
{
	Cost rising, falling;
	KsStatus status = close_cycle(network, which, true, sizes, env, &rising);

	*up = true;
	if (status != KS_OK || (rising.totals == 0 && rising.counts == 0))
		return status;
	status = close_cycle(network, which, false, sizes, env, &falling);
	if (status != KS_OK)
		return status;
	*up = falling.totals < 0 || (rising.totals >= 0 && !cheaper(falling, rising));
	/* the search for the second has overwritten the nodes */
	return *up ? close_cycle(network, which, true, sizes, env, &rising) : KS_OK;
}

/* Hide the figures of the path that ends in a node, and mark them safe. */
static void
hide_path(Network *network, size_t at)
{
	while (network->node[at].by != NO_EDGE)
	{
		Edge *step = &network->edge[network->node[at].by];

		*step->hidden = true;
		*step->safe = true;
		at = step->tail == at ? step->head : step->tail;
	}
}

/* ---- sizes ---------------------------------------------------------------------- */

/* Note a size on the way: flow enters the node of sizes from one group, and leaves to another. */
static void
note_size(const Network *network, const Edge *edge, bool up, Exchange *exchange)
{
	bool enters = (edge->head == sizes_node(network)) == up;
	size_t own = edge->head == sizes_node(network) ? edge->tail : edge->head;

	*(enters ? &exchange->rising : &exchange->falling) = own - group_node(network, 0);
}

/* The exchange of sizes of a cycle that is left in the nodes; false if it has none. */
static bool
find_exchange(const Network *network, size_t which, bool up, Exchange *exchange)
{
	const Edge *edge = &network->edge[which];
	size_t at = up ? edge->tail : edge->head;
	bool found = is_size(network, edge);

	if (found)
		note_size(network, edge, up, exchange);
	while (network->node[at].by != NO_EDGE)
	{
		edge = &network->edge[network->node[at].by];
		up = edge->head == at;
		if (is_size(network, edge))
		{
			note_size(network, edge, up, exchange);
			found = true;
		}
		at = up ? edge->tail : edge->head;
	}
	return found;
}

/* Path of a variable that makes up for an exchange of sizes; hides it if asked to. */
static KsStatus
follow(Network *network, Exchange exchange, bool hide, const KsEnv *env, bool *possible)
{
	size_t end = group_node(network, exchange.rising);
	Cost cost;
	KsStatus status = find_path(network, group_node(network, exchange.falling), end, NO_EDGE,
								NO_SIZES, env, &cost);

	*possible = status == KS_OK && cost.totals >= 0;
	if (*possible && hide)
		hide_path(network, end);
	return status;
}

/* Whether every other variable can follow an exchange; if so, hides what it takes. */
static KsStatus
follow_everywhere(Tables *tables, const Network *own, Exchange exchange, const KsEnv *env,
				  bool *possible)
{
	KsStatus status = KS_OK;

	*possible = true;
	for (size_t i = 0; i < tables->n_possible && i < REMEMBERED; i++)
		if (tables->possible[i].rising == exchange.rising &&
			tables->possible[i].falling == exchange.falling)
			return KS_OK;
	for (size_t v = 0; v < tables->variables && *possible && status == KS_OK; v++)
		if (&tables->network[v] != own)
			status = follow(&tables->network[v], exchange, false, env, possible);
	if (status != KS_OK || !*possible)
		return status;
	for (size_t v = 0; v < tables->variables && status == KS_OK; v++)
		if (&tables->network[v] != own)
			status = follow(&tables->network[v], exchange, true, env, possible);
	tables->possible[tables->n_possible++ % REMEMBERED] = exchange;
	return status;
}

/* ---- the whole ------------------------------------------------------------------ */

/* Hide what it takes to give one hidden figure a second possible value. */
static KsStatus
protect(Tables *tables, Network *network, size_t which, const KsEnv *env)
{
	for (Sizes sizes = ANY_SIZES; sizes <= RISING_SIZES; sizes++)
	{
		Exchange exchange;
		bool up, possible = true;
		KsStatus status = cheapest_cycle(network, which, sizes, env, &up);

		if (status != KS_OK)
			return status;
		if (find_exchange(network, which, up, &exchange))
			status = follow_everywhere(tables, network, exchange, env, &possible);
		if (status != KS_OK)
			return status;
		if (possible)
		{
			Edge *edge = &network->edge[which];

			*edge->safe = true;
			hide_path(network, up ? edge->tail : edge->head);
			return KS_OK;
		}
	}
	return KS_OK;
}

static KsStatus
suppress(Tables *tables, KsSuppression *variable, int64_t min_cell, const KsEnv *env)
{
	KsStatus status = KS_OK;

	for (size_t v = 0; v < tables->variables && status == KS_OK; v++)
		status = make_network(tables, &variable[v], min_cell, env, &tables->network[v]);
	/* what is hidden for another figure is safe at once: only small ones are left */
	for (size_t v = 0; v < tables->variables && status == KS_OK; v++)
	{
		Network *network = &tables->network[v];

		for (size_t i = 0; i < network->edges && status == KS_OK; i++)
			if (*network->edge[i].hidden && !*network->edge[i].safe)
				status = protect(tables, network, i, env);
	}
	return status;
}

KsStatus
ks_suppress(KsSuppression *variable, size_t variables, size_t groups, int64_t min_cell,
			const KsEnv *env)
{
	Tables *tables = env->alloc(env->context, sizeof(Tables));
	KsStatus status = KS_NO_MEMORY;

	if (tables == NULL)
		return KS_NO_MEMORY;
	*tables = (Tables){.variables = variables, .groups = groups};
	tables->network = env->alloc(env->context, sizeof(Network) * variables);
	tables->size_hidden = env->alloc(env->context, groups + 1);
	tables->size_safe = env->alloc(env->context, groups + 1);
	for (size_t v = 0; tables->network && v < variables; v++)
		tables->network[v] = (Network){0};
	if (tables->network && tables->size_hidden && tables->size_safe)
		status = suppress(tables, variable, min_cell, env);
	for (size_t v = 0; tables->network && v < variables; v++)
		free_network(&tables->network[v], env);
	if (tables->size_safe)
		env->free(env->context, tables->size_safe);
	if (tables->size_hidden)
		env->free(env->context, tables->size_hidden);
	if (tables->network)
		env->free(env->context, tables->network);
	env->free(env->context, tables);
	return status;
}
