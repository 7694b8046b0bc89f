/*
 * ks_suppress.c
 *	  Primary and complementary suppression in a two-way table with its totals.
 *
 * Append the totals to the table as one more row and column, row and column
 * totals with a minus sign: then every row and every column adds up to 0, and a
 * total is a cell as any other.  Two tables that agree in all that is shown
 * differ by a move that keeps these sums, and every such move is made of
 * alternating cycles: up in one hidden cell, down in the next of its row, up in
 * the next of that column, and so on.  A cell of 1 cannot go down.  So a hidden
 * cell has two possible values exactly when one such cycle passes through it:
 * a path in the graph whose nodes are the rows and columns and whose directed
 * edges are the moves, row to column for up and column to row for down.
 *
 * The cheapest path decides what else to hide: hidden cells are free, a shown
 * one costs its count, a total more than any number of cells.  The search over
 * few hundred nodes is Dijkstra's, without a heap as the graph is dense.  A
 * path always exists: a cell, its two totals and the grand total may all rise.
 * Hiding more never narrows what is possible, so one pass is enough.
 *
 * Source: Cox 1995, J Am Stat Assoc 90:1453 (network models of complementary
 * suppression); Hundepool and others 2012, Statistical Disclosure Control,
 * chapter 4.
 */
#include "stat/ks_suppress.h"

#include <string.h>

#define MAX_TOTAL (INT64_MAX / 4)
#define NO_NODE SIZE_MAX

/* The price of hiding: totals first, then how many counts are lost. */
typedef struct Cost
{
	int64_t totals;
	int64_t counts;
} Cost;

/* A node of the graph while a path is searched. */
typedef struct Node
{
	Cost cost; /* totals < 0: not reached */
	size_t from;
	bool settled;
} Node;

/*
 * The table with its totals, (rows + 1) x (columns + 1); nodes are the rows and
 * then the columns.
 */
typedef struct Table
{
	size_t rows;
	size_t columns;
	int64_t *count;
	bool *hidden;
	bool *safe; /* has two possible values */
	Node *node;
	size_t *waiting; /* nodes that cost what the node last settled did */
	size_t n_waiting;
} Table;

/* ---- the table --------------------------------------------------------------------- */

/* Add a count to the totals; false when it cannot be. */
static bool
add_count(Table *table, size_t row, size_t column, int64_t count)
{
	size_t width = table->columns + 1;
	int64_t *total = &table->count[table->rows * width + table->columns];

	if (count < 0 || count > MAX_TOTAL - *total)
		return false;
	table->count[row * width + column] = count;
	table->count[row * width + table->columns] += count;
	table->count[table->rows * width + column] += count;
	*total += count;
	return true;
}

/* The caller's flag of a cell of the table with totals. */
static bool *
flag_of(const Table *table, size_t cell, KsSuppression *hidden)
{
	size_t row = cell / (table->columns + 1), column = cell % (table->columns + 1);

	if (row < table->rows && column < table->columns)
		return &hidden->cell[row * table->columns + column];
	if (row < table->rows)
		return &hidden->row_total[row];
	return column < table->columns ? &hidden->column_total[column] : &hidden->total;
}

/* Whether a cell's signed value may move up (or down): counts stay at 1 or more. */
static bool
may_move(const Table *table, size_t row, size_t column, bool up)
{
	bool negative = (row == table->rows) != (column == table->columns);
	int64_t count = table->count[row * (table->columns + 1) + column];

	return count > 1 || (count == 1 && up != negative);
}

/* What hiding a cell costs; nothing when it is hidden already. */
static Cost
cost_of(const Table *table, size_t row, size_t column)
{
	size_t cell = row * (table->columns + 1) + column;
	int64_t nodes = (int64_t) (table->rows + table->columns + 2);
	Cost cost = {0, 0};

	if (table->hidden[cell])
		return cost;
	cost.counts = table->count[cell];
	if (row == table->rows && column == table->columns)
		cost.totals = nodes * nodes;
	else if (row == table->rows)
		cost.totals = nodes;
	else if (column == table->columns)
		cost.totals = 1;
	return cost;
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

/* ---- the path ---------------------------------------------------------------------- */

/* The reached node of least cost that is not settled, or NO_NODE. */
static size_t
nearest(Table *table)
{
	size_t n = table->rows + table->columns + 2, best = NO_NODE;

	if (table->n_waiting > 0)
		return table->waiting[--table->n_waiting];
	for (size_t i = 0; i < n; i++)
		if (!table->node[i].settled && table->node[i].cost.totals >= 0 &&
			(best == NO_NODE || cheaper(table->node[i].cost, table->node[best].cost)))
			best = i;
	return best;
}

/* Reach the nodes on the other side of `from`, by any cell but `without`. */
static void
relax(Table *table, size_t from, size_t without)
{
	size_t height = table->rows + 1, width = table->columns + 1;
	bool up = from < height; /* leaving a row, a cell moves up */
	size_t first = up ? height : 0, last = up ? height + width : height;

	for (size_t to = first; to < last; to++)
	{
		size_t row = up ? from : to, column = (up ? to : from) - height;
		Cost cost;

		if (table->node[to].settled || row * width + column == without ||
			!may_move(table, row, column, up))
			continue;
		cost = cost_of(table, row, column);
		cost.totals += table->node[from].cost.totals;
		cost.counts += table->node[from].cost.counts;
		if (table->node[to].cost.totals < 0 || cheaper(cost, table->node[to].cost))
		{
			table->node[to].cost = cost;
			table->node[to].from = from;
			if (equal(cost, table->node[from].cost))
				table->waiting[table->n_waiting++] = to;
		}
	}
}

/*
 * The cheapest path that lets a cell move up (or down), left in the nodes;
 * *cost has totals < 0 when there is none.  The path starts where the cell's
 * own move ends.
 */
static KsStatus
find_path(Table *table, size_t cell, bool up, const KsEnv *env, Cost *cost)
{
	size_t height = table->rows + 1, width = table->columns + 1;
	size_t row = cell / width, column = height + cell % width;
	size_t start = up ? column : row, end = up ? row : column, at;

	cost->totals = -1;
	if (!may_move(table, row, column - height, up))
		return KS_OK;
	for (size_t i = 0; i < height + width; i++)
		table->node[i] = (Node){{-1, 0}, NO_NODE, false};
	table->node[start].cost.totals = 0;
	table->n_waiting = 0;
	while ((at = nearest(table)) != NO_NODE && at != end)
	{
		if (env->poll(env->context))
			return KS_CANCELLED;
		table->node[at].settled = true;
		relax(table, at, cell);
		if (equal(table->node[end].cost, table->node[at].cost))
			break;
	}
	*cost = table->node[end].cost;
	return KS_OK;
}

/* Hide all cells of the path found and mark them safe, with the cell itself. */
static void
hide_path(Table *table, size_t cell, bool up)
{
	size_t height = table->rows + 1, width = table->columns + 1;
	size_t to = up ? cell / width : height + cell % width;

	table->safe[cell] = true;
	for (size_t from; (from = table->node[to].from) != NO_NODE; to = from)
	{
		size_t row = from < height ? from : to;
		size_t column = (from < height ? to : from) - height;

		table->hidden[row * width + column] = true;
		table->safe[row * width + column] = true;
	}
}

/* ---- the whole --------------------------------------------------------------------- */

/* Hide what it takes to give one hidden cell a second possible value. */
static KsStatus
protect(Table *table, size_t cell, const KsEnv *env)
{
	Cost up, down;
	KsStatus status = find_path(table, cell, true, env, &up);

	if (status != KS_OK)
		return status;
	if (up.totals == 0 && up.counts == 0)
	{
		hide_path(table, cell, true);
		return KS_OK;
	}
	status = find_path(table, cell, false, env, &down);
	if (status != KS_OK)
		return status;
	if (down.totals >= 0 && (up.totals < 0 || cheaper(down, up)))
	{
		hide_path(table, cell, false);
		return KS_OK;
	}
	/* the search down has overwritten the nodes */
	status = find_path(table, cell, true, env, &up);
	if (status == KS_OK)
		hide_path(table, cell, true);
	return status;
}

static KsStatus
suppress_table(Table *table, int64_t min_cell, const KsEnv *env, KsSuppression *hidden)
{
	size_t cells = (table->rows + 1) * (table->columns + 1);
	KsStatus status = KS_OK;

	for (size_t cell = 0; cell < cells; cell++)
	{
		int64_t count = table->count[cell];

		table->hidden[cell] =
			count > 0 && (count < min_cell || *flag_of(table, cell, hidden));
		table->safe[cell] = false;
	}
	/* what a path hides is safe at once: only cells hidden before it are left */
	for (size_t cell = 0; cell < cells && status == KS_OK; cell++)
		if (table->hidden[cell] && !table->safe[cell])
			status = protect(table, cell, env);
	for (size_t cell = 0; cell < cells && status == KS_OK; cell++)
		*flag_of(table, cell, hidden) = table->hidden[cell];
	return status;
}

KsStatus
ks_suppress(const int64_t *count, size_t rows, size_t columns, int64_t min_cell,
			const KsEnv *env, KsSuppression *hidden)
{
	size_t cells = (rows + 1) * (columns + 1);
	Table table = {.rows = rows, .columns = columns};
	KsStatus status = KS_OK;

	table.count = env->alloc(env->context, sizeof(int64_t) * cells);
	table.hidden = env->alloc(env->context, cells);
	table.safe = env->alloc(env->context, cells);
	table.node = env->alloc(env->context, sizeof(Node) * (rows + columns + 2));
	table.waiting = env->alloc(env->context, sizeof(size_t) * (rows + columns + 2));
	if (!table.count || !table.hidden || !table.safe || !table.node || !table.waiting)
		status = KS_NO_MEMORY;
	else
		memset(table.count, 0, sizeof(int64_t) * cells);
	for (size_t i = 0; i < rows * columns && status == KS_OK; i++)
		if (!add_count(&table, i / columns, i % columns, count[i]))
			status = KS_OVERFLOW;
	if (status == KS_OK)
		status = suppress_table(&table, min_cell, env, hidden);
	if (table.waiting)
		env->free(env->context, table.waiting);
	if (table.node)
		env->free(env->context, table.node);
	if (table.safe)
		env->free(env->context, table.safe);
	if (table.hidden)
		env->free(env->context, table.hidden);
	if (table.count)
		env->free(env->context, table.count);
	return status;
}
