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
	bool column_total[MOST];
	KsSuppression flags;
} Hidden;

/* What the reader sees, and what was found possible. */
typedef struct Reader
{
	int rows, columns;
	const int64_t *count;
	const Hidden *hidden;
	int64_t row_total[MOST], column_total[MOST], total;
	int64_t most; /* highest value tried */
	int64_t guess[MOST_CELLS];
	int64_t low[MOST_CELLS], high[MOST_CELLS];
	int64_t row_low[MOST], row_high[MOST], column_low[MOST], column_high[MOST];
	int64_t total_low, total_high;
	long steps;
} Reader;

static void
clear(Hidden *hidden)
{
	memset(hidden, 0, sizeof(*hidden));
	hidden->flags.cell = hidden->cell;
	hidden->flags.row_total = hidden->row_total;
	hidden->flags.column_total = hidden->column_total;
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
		if (hidden->column_total[j] && reader->column_low[j] >= reader->column_high[j])
			return false;
	return !hidden->flags.total || reader->total_low < reader->total_high;
}

/* A whole table has been guessed: note its figures when it agrees with those shown. */
static void
note_table(Reader *reader)
{
	int64_t row[MOST] = {0}, column[MOST] = {0}, total = 0;

	for (int i = 0; i < reader->rows; i++)
		for (int j = 0; j < reader->columns; j++)
		{
			row[i] += reader->guess[i * reader->columns + j];
			column[j] += reader->guess[i * reader->columns + j];
			total += reader->guess[i * reader->columns + j];
		}
	for (int i = 0; i < reader->rows; i++)
		if (!reader->hidden->row_total[i] && row[i] != reader->row_total[i])
			return;
	for (int j = 0; j < reader->columns; j++)
		if (!reader->hidden->column_total[j] && column[j] != reader->column_total[j])
			return;
	if (!reader->hidden->flags.total && total != reader->total)
		return;
	for (int i = 0; i < reader->rows * reader->columns; i++)
		widen(reader->guess[i], &reader->low[i], &reader->high[i]);
	for (int i = 0; i < reader->rows; i++)
		widen(row[i], &reader->row_low[i], &reader->row_high[i]);
	for (int j = 0; j < reader->columns; j++)
		widen(column[j], &reader->column_low[j], &reader->column_high[j]);
	widen(total, &reader->total_low, &reader->total_high);
}

/* No completion of the guess up to `cell` can agree: a total shown is passed or missed. */
static bool
impossible(const Reader *reader, int cell)
{
	int columns = reader->columns, i = (cell - 1) / columns, j = (cell - 1) % columns;
	int64_t row = 0, column = 0, total = 0;

	for (int k = 0; k <= j; k++)
		row += reader->guess[i * columns + k];
	for (int k = 0; k <= i; k++)
		column += reader->guess[k * columns + j];
	for (int k = 0; k < cell; k++)
		total += reader->guess[k];
	if (!reader->hidden->flags.total && total > reader->total)
		return true;
	if (!reader->hidden->row_total[i] &&
		(row > reader->row_total[i] || (j == columns - 1 && row != reader->row_total[i])))
		return true;
	return !reader->hidden->column_total[j] &&
		   (column > reader->column_total[j] ||
			(i == reader->rows - 1 && column != reader->column_total[j]));
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
		reader->guess[cell] = value;
		if (try_cells(reader, cell + 1))
			return true;
	}
	return false;
}

/*
 * Whether the reader can tell a hidden figure: every table with cells up to the
 * total is tried, or, when the total is hidden, up to one above the largest.
 */
static bool
is_read(const int64_t *count, int rows, int columns, const Hidden *hidden)
{
	static Reader reader;
	int64_t largest = 0;

	memset(&reader, 0, sizeof(reader));
	reader.rows = rows;
	reader.columns = columns;
	reader.count = count;
	reader.hidden = hidden;
	for (int i = 0; i < rows * columns; i++)
	{
		reader.row_total[i / columns] += count[i];
		reader.column_total[i % columns] += count[i];
		reader.total += count[i];
		largest = count[i] > largest ? count[i] : largest;
		reader.low[i] = INT64_MAX;
	}
	for (int i = 0; i < MOST; i++)
		reader.row_low[i] = reader.column_low[i] = INT64_MAX;
	reader.total_low = INT64_MAX;
	reader.most = hidden->flags.total ? largest + 1 : reader.total;
	return !try_cells(&reader, 0);
}

/* ---- what must hold ---------------------------------------------------------------- */

static bool
is_small(int64_t count, int64_t min_cell)
{
	return count > 0 && count < min_cell;
}

/* Small figures are hidden, zeros shown, and nothing is hidden without a small one. */
static void
check_flags(const int64_t *count, int rows, int columns, int64_t min_cell,
			const Hidden *hidden)
{
	int64_t row[MOST] = {0}, column[MOST] = {0}, total = 0;
	bool any_small = false, any_hidden = hidden->flags.total;

	for (int i = 0; i < rows * columns; i++)
	{
		row[i / columns] += count[i];
		column[i % columns] += count[i];
		total += count[i];
		any_small |= is_small(count[i], min_cell);
		any_hidden |= hidden->cell[i];
		CHECK(hidden->cell[i] || !is_small(count[i], min_cell));
		CHECK(!(hidden->cell[i] && count[i] == 0));
	}
	for (int i = 0; i < rows; i++)
	{
		any_hidden |= hidden->row_total[i];
		CHECK(hidden->row_total[i] || !is_small(row[i], min_cell));
		CHECK(!(hidden->row_total[i] && row[i] == 0));
	}
	for (int j = 0; j < columns; j++)
	{
		any_hidden |= hidden->column_total[j];
		CHECK(hidden->column_total[j] || !is_small(column[j], min_cell));
		CHECK(!(hidden->column_total[j] && column[j] == 0));
	}
	CHECK(hidden->flags.total || !is_small(total, min_cell));
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
		int rows = 1 + (int) (draw(&seed) % 4), columns = 1 + (int) (draw(&seed) % 4);
		int64_t min_cell = 2 + (int64_t) (draw(&seed) % 4);
		int64_t count[MOST_CELLS];
		Hidden hidden, primary;

		random_table(&seed, rows * columns, (int) (draw(&seed) % 6), count);
		clear(&hidden);
		CHECK(ks_suppress(count, rows, columns, min_cell, &unit_env, &hidden.flags) ==
			  KS_OK);
		check_flags(count, rows, columns, min_cell, &hidden);
		CHECK(!is_read(count, rows, columns, &hidden));
		tables++;
		for (int i = 0; i < rows; i++)
			totals_hidden += hidden.row_total[i];
		if (rows * columns > 6)
			continue;
		/* the reader is good at it: hiding small cells alone is often not enough */
		clear(&primary);
		for (int i = 0; i < rows * columns; i++)
			primary.cell[i] = is_small(count[i], min_cell);
		read_without += is_read(count, rows, columns, &primary);
	}
	CHECK(tables == 5000 && read_without > 500 && totals_hidden > 100);
}

/* ---- tables worked out by hand ----------------------------------------------------- */

/* '#' hidden, '.' shown: cells row by row with the row's total, then the column totals. */
static void
expect(const int64_t *count, int rows, int columns, int64_t min_cell, const char *picture)
{
	Hidden hidden;
	char found[64];
	int at = 0;

	clear(&hidden);
	CHECK(ks_suppress(count, rows, columns, min_cell, &unit_env, &hidden.flags) == KS_OK);
	for (int i = 0; i < rows; i++)
	{
		for (int j = 0; j < columns; j++)
			found[at++] = hidden.cell[i * columns + j] ? '#' : '.';
		found[at++] = hidden.row_total[i] ? '#' : '.';
		found[at++] = ' ';
	}
	for (int j = 0; j < columns; j++)
		found[at++] = hidden.column_total[j] ? '#' : '.';
	found[at++] = hidden.flags.total ? '#' : '.';
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
	expect((int64_t[]){2, 20, 7, 30, 40, 50, 6, 60, 8}, 3, 3, 5, "#.#. .... #.#. ....");
	/* nothing small, nothing hidden; zeros are shown */
	expect((int64_t[]){0, 20, 7, 30}, 2, 2, 5, "... ... ...");
	/* a zero blocks the rectangle: totals of two rows go as well */
	expect((int64_t[]){1, 9, 9, 0}, 2, 2, 5, "#.# #.# ...");
	/* a small group: its size is hidden, and another's */
	expect((int64_t[]){1, 40, 60, 2, 50, 70}, 2, 3, 5, "##.. ##.. ##..");
	/* one column stands for a table without groups: its row totals go with the cells */
	expect((int64_t[]){3, 40, 60}, 3, 1, 5, "## ## .. ..");
	/* all alike: nobody may know that there are three of one */
	expect((int64_t[]){1, 1, 1}, 3, 1, 2, "## ## ## ##");
}

static void
kept_flags(void)
{
	const int64_t count[] = {20, 20, 20, 0, 20, 20};
	Hidden hidden;

	clear(&hidden);
	hidden.column_total[0] = hidden.cell[3] = true;
	CHECK(ks_suppress(count, 2, 3, 5, &unit_env, &hidden.flags) == KS_OK);
	CHECK(hidden.column_total[0] && !hidden.cell[3]);
	CHECK(hidden.column_total[1] != hidden.column_total[2]);
	CHECK(!is_read(count, 2, 3, &hidden));
}

static void
bad_counts(void)
{
	Hidden hidden;

	clear(&hidden);
	CHECK(ks_suppress((int64_t[]){5, -1}, 1, 2, 5, &unit_env, &hidden.flags) ==
		  KS_OVERFLOW);
	CHECK(ks_suppress((int64_t[]){INT64_MAX / 8, INT64_MAX / 4}, 1, 2, 5, &unit_env,
					  &hidden.flags) == KS_OVERFLOW);
	CHECK(!hidden.cell[0] && !hidden.cell[1]);
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
	static bool cell[LARGE_ROWS * LARGE_COLUMNS], row[LARGE_ROWS], column[LARGE_COLUMNS];
	KsSuppression hidden = {cell, row, column, false};
	int left = 10;
	KsEnv env = {unit_alloc, unit_free, poll_after, &left};
	uint64_t seed = 7;
	int wrong = 0;

	random_table(&seed, LARGE_ROWS * LARGE_COLUMNS, zeros, count);
	memset(cell, 0, sizeof(cell));
	memset(row, 0, sizeof(row));
	memset(column, 0, sizeof(column));
	CHECK(ks_suppress(count, LARGE_ROWS, LARGE_COLUMNS, 5, &env, &hidden) == KS_CANCELLED);
	CHECK(ks_suppress(count, LARGE_ROWS, LARGE_COLUMNS, 5, &unit_env, &hidden) == KS_OK);
	for (int i = 0; i < LARGE_ROWS * LARGE_COLUMNS; i++)
		wrong += cell[i] != is_small(count[i], 5) && !(cell[i] && count[i] >= 5);
	CHECK(wrong == 0 && !hidden.total);
}

int
main(void)
{
	by_hand();
	kept_flags();
	bad_counts();
	against_the_reader();
	large(0);
	large(5);
	large(7);
	return UNIT_END();
}
