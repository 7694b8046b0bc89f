/*
 * test_suppress.c
 *	  Suppression of small counts against a reader who tries everything: all
 *	  tables of whole numbers that agree with what is shown are listed, and no
 *	  hidden figure may be the same in all of them.
 */
#include "stat/ks_suppress.h"

#include "unit.h"

#define MOST 5 /* rows or columns of a table under attack */
#define MOST_CELLS (MOST * MOST)

/* ---- the table and its reader ------------------------------------------------------ */

typedef struct Hidden
{
	bool cell[MOST_CELLS];
	bool row_total[MOST];
	bool values[MOST];
	KsSuppression flags;
} Hidden;

/* What the reader sees, and what was found possible. */
typedef struct Reader
{
	int rows, columns; /* the last row is of missing values */
	const int64_t *count;
	const Hidden *hidden;
	int64_t row_total[MOST], values[MOST], values_total;
	int64_t most;  /* highest value tried */
	int64_t reach; /* and how far from the truth */
	int64_t guess[MOST_CELLS];
	int64_t low[MOST_CELLS], high[MOST_CELLS];
	int64_t row_low[MOST], row_high[MOST], values_low[MOST], values_high[MOST];
	int64_t values_total_low, values_total_high;
	long steps;
} Reader;

static void
clear(Hidden *hidden, const int64_t *count, int rows)
{
	memset(hidden, 0, sizeof(*hidden));
	hidden->flags.count = count;
	hidden->flags.levels = (size_t) rows - 1;
	hidden->flags.cell = hidden->cell;
	hidden->flags.row_total = hidden->row_total;
	hidden->flags.values = hidden->values;
}

static void
widen(int64_t value, int64_t *low, int64_t *high)
{
	*low = value < *low ? value : *low;
	*high = value > *high ? value : *high;
}

/* Every hidden figure has been seen with two values. */
static bool
nothing_known(const Reader *reader)
{
	const Hidden *hidden = reader->hidden;

	for (int i = 0; i < reader->rows * reader->columns; i++)
		if (hidden->cell[i] && reader->low[i] >= reader->high[i])
			return false;
	for (int i = 0; i < reader->rows; i++)
		if (hidden->row_total[i] && reader->row_low[i] >= reader->row_high[i])
			return false;
	for (int j = 0; j < reader->columns; j++)
		if (hidden->values[j] && reader->values_low[j] >= reader->values_high[j])
			return false;
	return !hidden->flags.values_total ||
		   reader->values_total_low < reader->values_total_high;
}

/* A whole table has been guessed: note its figures when it agrees with those shown. */
static void
note_table(Reader *reader)
{
	int64_t row[MOST] = {0}, values[MOST] = {0}, values_total = 0;

	for (int i = 0; i < reader->rows; i++)
		for (int j = 0; j < reader->columns; j++)
		{
			int64_t guess = reader->guess[i * reader->columns + j];

			row[i] += guess;
			values[j] += i < reader->rows - 1 ? guess : 0;
			values_total += i < reader->rows - 1 ? guess : 0;
		}
	for (int i = 0; i < reader->rows; i++)
		if (!reader->hidden->row_total[i] && row[i] != reader->row_total[i])
			return;
	for (int j = 0; j < reader->columns; j++)
		if (!reader->hidden->values[j] && values[j] != reader->values[j])
			return;
	if (!reader->hidden->flags.values_total && values_total != reader->values_total)
		return;
	for (int i = 0; i < reader->rows * reader->columns; i++)
		widen(reader->guess[i], &reader->low[i], &reader->high[i]);
	for (int i = 0; i < reader->rows; i++)
		widen(row[i], &reader->row_low[i], &reader->row_high[i]);
	for (int j = 0; j < reader->columns; j++)
		widen(values[j], &reader->values_low[j], &reader->values_high[j]);
	widen(values_total, &reader->values_total_low, &reader->values_total_high);
}

/* No completion of the guess up to `cell` can agree: a sum shown is passed or missed. */
static bool
impossible(const Reader *reader, int cell)
{
	int columns = reader->columns, i = (cell - 1) / columns, j = (cell - 1) % columns;
	int64_t row = 0, values = 0;

	for (int k = 0; k <= j; k++)
		row += reader->guess[i * columns + k];
	for (int k = 0; k <= i; k++)
		values += reader->guess[k * columns + j];
	if (!reader->hidden->row_total[i] &&
		(row > reader->row_total[i] || (j == columns - 1 && row != reader->row_total[i])))
		return true;
	return i < reader->rows - 1 && !reader->hidden->values[j] &&
		   (values > reader->values[j] ||
			(i == reader->rows - 2 && values != reader->values[j]));
}

/* Try every value of every hidden cell; true once nothing is known. */
static bool
try_cells(Reader *reader, int cell)
{
	reader->steps++;
	if (cell > 0 && impossible(reader, cell))
		return false;
	if (cell == reader->rows * reader->columns)
	{
		note_table(reader);
		return nothing_known(reader);
	}
	reader->guess[cell] = reader->count[cell];
	if (!reader->hidden->cell[cell])
		return try_cells(reader, cell + 1);
	for (int64_t value = 1; value <= reader->most; value++)
	{
		if (llabs(value - reader->count[cell]) > reader->reach)
			continue;
		reader->guess[cell] = value;
		if (try_cells(reader, cell + 1))
			return true;
	}
	return false;
}

/*
 * Whether the reader can tell a hidden figure: every table with cells up to one
 * above the total is tried.
 */
static bool
is_read(const int64_t *count, int rows, int columns, const Hidden *hidden)
{
	static Reader reader;
	int64_t total = 0;

	memset(&reader, 0, sizeof(reader));
	reader.rows = rows;
	reader.columns = columns;
	reader.count = count;
	reader.hidden = hidden;
	for (int i = 0; i < rows * columns; i++)
	{
		reader.row_total[i / columns] += count[i];
		total += count[i];
		if (i / columns < rows - 1)
		{
			reader.values[i % columns] += count[i];
			reader.values_total += count[i];
		}
		reader.low[i] = INT64_MAX;
	}
	for (int i = 0; i < MOST; i++)
		reader.row_low[i] = reader.values_low[i] = INT64_MAX;
	reader.values_total_low = INT64_MAX;
	reader.most = total + 1;
	/* near the truth first, where another table is found soon if there is one */
	reader.reach = 1;
	if (try_cells(&reader, 0))
		return false;
	reader.reach = reader.most;
	return !try_cells(&reader, 0);
}

/* ---- what must hold ---------------------------------------------------------------- */

static bool
is_small(int64_t count, int64_t min_cell)
{
	return count > 0 && count < min_cell;
}

static void
check_flag(bool hidden, int64_t count, int64_t min_cell, bool *any_small, bool *any_hidden)
{
	CHECK(hidden || !is_small(count, min_cell));
	CHECK(!(hidden && count == 0));
	*any_small |= is_small(count, min_cell);
	*any_hidden |= hidden;
}

/* Small figures are hidden, zeros shown, and nothing is hidden without a small one. */
static void
check_flags(const int64_t *count, int rows, int columns, int64_t min_cell,
			const Hidden *hidden)
{
	int64_t row[MOST] = {0}, values[MOST] = {0}, values_total = 0;
	bool any_small = false, any_hidden = false;

	for (int i = 0; i < rows * columns; i++)
	{
		row[i / columns] += count[i];
		if (i / columns < rows - 1)
		{
			values[i % columns] += count[i];
			values_total += count[i];
		}
		check_flag(hidden->cell[i], count[i], min_cell, &any_small, &any_hidden);
	}
	for (int i = 0; i < rows; i++)
		check_flag(hidden->row_total[i], row[i], min_cell, &any_small, &any_hidden);
	for (int j = 0; j < columns; j++)
		check_flag(hidden->values[j], values[j], min_cell, &any_small, &any_hidden);
	check_flag(hidden->flags.values_total, values_total, min_cell, &any_small, &any_hidden);
	CHECK(any_small == any_hidden);
}

/* ---- random tables ----------------------------------------------------------------- */

static uint64_t
draw(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Small counts, now and then a large one, zeros as often as `zeros` of 8. */
static void
random_table(uint64_t *seed, int cells, int zeros, int64_t *count)
{
	for (int i = 0; i < cells; i++)
	{
		int64_t most = draw(seed) % 5 == 0 ? 9 : 3;

		count[i] = (int) (draw(seed) % 8) < zeros ? 0 : 1 + (int64_t) (draw(seed) % most);
	}
}

static void
against_the_reader(void)
{
	uint64_t seed = 20240307;
	int read_without = 0, totals_hidden = 0, tables = 0;

	for (int round = 0; round < 5000; round++)
	{
		int rows = 2 + (int) (draw(&seed) % 3), columns = 1 + (int) (draw(&seed) % 4);
		int64_t min_cell = 2 + (int64_t) (draw(&seed) % 4);
		int64_t count[MOST_CELLS];
		Hidden hidden, primary;

		random_table(&seed, rows * columns, (int) (draw(&seed) % 6), count);
		clear(&hidden, count, rows);
		CHECK(ks_suppress(&hidden.flags, 1, columns, min_cell, &unit_env) == KS_OK);
		check_flags(count, rows, columns, min_cell, &hidden);
		CHECK(!is_read(count, rows, columns, &hidden));
		tables++;
		for (int i = 0; i < rows; i++)
			totals_hidden += hidden.row_total[i];
		if (rows * columns > 6)
			continue;
		/* the reader is good at it: hiding small cells alone is often not enough */
		clear(&primary, count, rows);
		for (int i = 0; i < rows * columns; i++)
			primary.cell[i] = is_small(count[i], min_cell);
		read_without += is_read(count, rows, columns, &primary);
	}
	CHECK(tables == 5000 && read_without > 500 && totals_hidden > 100);
}

/* ---- tables worked out by hand ----------------------------------------------------- */

/*
 * '#' hidden, '.' shown: levels and missing values row by row with the row's total,
 * then the groups' values and their sum.
 */
static void
expect(const int64_t *count, int rows, int columns, int64_t min_cell, const char *picture)
{
	Hidden hidden;
	char found[64];
	int at = 0;

	clear(&hidden, count, rows);
	CHECK(ks_suppress(&hidden.flags, 1, columns, min_cell, &unit_env) == KS_OK);
	for (int i = 0; i < rows; i++)
	{
		for (int j = 0; j < columns; j++)
			found[at++] = hidden.cell[i * columns + j] ? '#' : '.';
		found[at++] = hidden.row_total[i] ? '#' : '.';
		found[at++] = ' ';
	}
	for (int j = 0; j < columns; j++)
		found[at++] = hidden.values[j] ? '#' : '.';
	found[at++] = hidden.flags.values_total ? '#' : '.';
	found[at] = '\0';
	CHECK(strcmp(found, picture) == 0);
	if (strcmp(found, picture) != 0)
		printf("found %s, expected %s\n", found, picture);
	CHECK(!is_read(count, rows, columns, &hidden));
}

static void
by_hand(void)
{
	/* one small count: the cheapest rectangle about it */
	expect((int64_t[]){2, 20, 7, 30, 40, 50, 6, 60, 8, 0, 0, 0}, 4, 3, 5,
		   "#.#. .... #.#. .... ....");
	/* nothing small, nothing hidden; zeros are shown */
	expect((int64_t[]){0, 20, 7, 30, 0, 9}, 3, 2, 5, "... ... ... ...");
	/* a zero blocks the rectangle: totals of two rows go as well */
	expect((int64_t[]){1, 9, 9, 0, 0, 0}, 3, 2, 5, "#.# #.# ... ...");
	/* a small group: its size is hidden, and another's */
	expect((int64_t[]){1, 40, 60, 2, 50, 70, 0, 0, 0}, 3, 3, 5, "##.. ##.. .... ##..");
	/* few values among many missing: both are hidden, and those of the next group */
	expect((int64_t[]){2, 30, 40, 0, 50, 60, 90, 6, 9}, 3, 3, 5, "##.. .... ##.. ##..");
	/* without groups: row totals go with the cells */
	expect((int64_t[]){3, 40, 60, 0}, 4, 1, 5, "## ## .. .. ..");
	/* all alike: nobody may know that there are three of one */
	expect((int64_t[]){1, 1, 1, 0}, 4, 1, 2, "## ## ## .. ##");
}

/*
 * Groups of 10 and 2.  The second variable alone could leave open which patients of
 * the first group are missing, were it not for the first variable, which has no
 * other way than that both groups and the total grow.
 */
static void
several_variables(void)
{
	const int64_t first[] = {6, 1, 4, 1}, second[] = {9, 2, 1, 0};
	Hidden a, b;
	KsSuppression both[2];

	clear(&a, first, 2);
	clear(&b, second, 2);
	both[0] = a.flags;
	both[1] = b.flags;
	CHECK(ks_suppress(both, 2, 2, 3, &unit_env) == KS_OK);
	CHECK(a.cell[1] && a.cell[3] && b.cell[1] && b.cell[2]);
	/* were the totals of both shown, the sizes would be known */
	CHECK(both[0].values_total || a.row_total[1] || a.cell[0]);
	CHECK(both[1].values_total || b.row_total[1]);
}

static void
bad_counts(void)
{
	Hidden hidden;

	clear(&hidden, (int64_t[]){5, -1, 0, 0}, 2);
	CHECK(ks_suppress(&hidden.flags, 1, 2, 5, &unit_env) == KS_OVERFLOW);
	clear(&hidden, (int64_t[]){INT64_MAX / 20, INT64_MAX / 20, 0, 0}, 2);
	CHECK(ks_suppress(&hidden.flags, 1, 2, 5, &unit_env) == KS_OVERFLOW);
}

/* ---- large tables and cancellation --------------------------------------------------- */

#define LARGE_ROWS 64
#define LARGE_COLUMNS 1000

static bool
poll_after(void *context)
{
	return --*(int *) context < 0;
}

/* 64 levels of 1000 groups: done in a moment, and stopped when asked to. */
static void
large(int zeros)
{
	static int64_t count[LARGE_ROWS * LARGE_COLUMNS];
	static bool cell[LARGE_ROWS * LARGE_COLUMNS], row[LARGE_ROWS];
	static bool values[LARGE_COLUMNS];
	KsSuppression hidden = {count, LARGE_ROWS - 1, cell, row, values, false};
	int left = 10;
	KsEnv env = {unit_alloc, unit_free, poll_after, &left};
	uint64_t seed = 7;
	int wrong = 0;

	random_table(&seed, LARGE_ROWS * LARGE_COLUMNS, zeros, count);
	CHECK(ks_suppress(&hidden, 1, LARGE_COLUMNS, 5, &env) == KS_CANCELLED);
	CHECK(ks_suppress(&hidden, 1, LARGE_COLUMNS, 5, &unit_env) == KS_OK);
	for (int i = 0; i < LARGE_ROWS * LARGE_COLUMNS; i++)
		wrong += cell[i] != is_small(count[i], 5) && !(cell[i] && count[i] >= 5);
	CHECK(wrong == 0);
}

int
main(void)
{
	by_hand();
	several_variables();
	bad_counts();
	against_the_reader();
	large(0);
	large(7);
	return UNIT_END();
}
