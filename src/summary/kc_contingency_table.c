/*
 * kc_contingency_table.c
 *	  Counts of two categorical variables, labels of any length.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "summary/kc_contingency_table.h"

enum
{
	A_LABELS = 0,
	B_LABELS = A_LABELS + KC_LABEL_REGIONS,
	CELLS = B_LABELS + KC_LABEL_REGIONS,
	CELL_INDEX,
};

typedef struct Cell
{
	uint32 a;
	uint32 b;
	int64 count;
} Cell;

static size_t
n_cells(const KcState *state)
{
	return kc_region(state, &kc_contingency_table_type, CELLS)->used / sizeof(Cell);
}

static Cell *
cells_of(const KcState *state)
{
	return kc_region_data(state, kc_region(state, &kc_contingency_table_type, CELLS));
}

static uint32 *
find_slot(const KcState *state, uint32 a, uint32 b)
{
	KcRegion *index = kc_region(state, &kc_contingency_table_type, CELL_INDEX);
	uint32 *slots = kc_region_data(state, index);
	const Cell *cells = cells_of(state);
	uint32 mask = index->used / sizeof(uint32) - 1;
	uint32 at = ((a * 0x9E3779B1u) ^ (b * 0x85EBCA77u)) >> 7 & mask;

	while (slots[at] != 0 && (cells[slots[at] - 1].a != a || cells[slots[at] - 1].b != b))
		at = (at + 1) & mask;
	return &slots[at];
}

static KcState *
rebuild_index(KcState *state)
{
	size_t n_slots = 8;
	KcRegion *index;
	const Cell *cells;

	while (n_slots < 3 * (n_cells(state) + 1))
		n_slots *= 2;
	kc_region(state, &kc_contingency_table_type, CELL_INDEX)->used = 0;
	state = kc_region_reserve(state, CELL_INDEX, n_slots * sizeof(uint32));
	index = kc_region(state, &kc_contingency_table_type, CELL_INDEX);
	index->used = n_slots * sizeof(uint32);
	memset(kc_region_data(state, index), 0, index->used);
	cells = cells_of(state);
	for (size_t i = 0; i < n_cells(state); i++)
		*find_slot(state, cells[i].a, cells[i].b) = i + 1;
	return state;
}

static KcState *
add_cell(KcState *state, uint32 a, uint32 b, int64 count)
{
	Cell cell = {a, b, count};
	uint32 *slot;

	if (kc_region(state, &kc_contingency_table_type, CELL_INDEX)->used / sizeof(uint32) <
		2 * (n_cells(state) + 1))
		state = rebuild_index(state);
	slot = find_slot(state, a, b);
	if (*slot != 0)
	{
		cells_of(state)[*slot - 1].count += count;
		return state;
	}
	*slot = n_cells(state) + 1;
	return kc_region_append(state, CELLS, &cell, sizeof(cell));
}

KcState *
kc_contingency_add(KcState *state, const char *a, size_t a_length, const char *b,
				   size_t b_length, KcLabelHints *hints, int64 count)
{
	uint32 a_number;
	uint32 b_number;

	state = kc_label_intern_hinted(state, &kc_contingency_table_type, A_LABELS, a, a_length,
								   hints, &a_number);
	state = kc_label_intern_hinted(state, &kc_contingency_table_type, B_LABELS, b, b_length,
								   hints == NULL ? NULL : hints + 1, &b_number);
	state->n += count;
	return add_cell(state, a_number, b_number, count);
}

static KcState *
merge_contingency(KcState *into, const KcState *from)
{
	const Cell *cells = cells_of(from);

	into->n_missing += from->n_missing;
	for (size_t i = 0; i < n_cells(from); i++)
	{
		size_t a_length, b_length;
		const char *a = kc_label_at(from, A_LABELS, cells[i].a, &a_length);
		const char *b = kc_label_at(from, B_LABELS, cells[i].b, &b_length);

		into = kc_contingency_add(into, a, a_length, b, b_length, NULL, cells[i].count);
	}
	return into;
}

static const char *
check_contingency(const KcState *state)
{
	const char *problem = kc_label_check(state, A_LABELS);
	const Cell *cells = cells_of(state);
	int64 n = 0;

	if (problem == NULL)
		problem = kc_label_check(state, B_LABELS);
	if (problem != NULL)
		return problem;
	if (state->flags != 0)
		return "its flags are unknown";
	for (size_t i = 0; i < n_cells(state); i++)
	{
		if (cells[i].a >= kc_label_count(state, A_LABELS) ||
			cells[i].b >= kc_label_count(state, B_LABELS))
			return "a cell has no label";
		if (cells[i].count < 1 || cells[i].count > state->n - n)
			return "a count is out of range";
		n += cells[i].count;
	}
	return n == state->n ? NULL : "counts do not add up to the number of rows";
}

const KcSummaryType kc_contingency_table_type = {
	.name = "contingency_table",
	.tag = KC_CONTINGENCY_TABLE,
	.version = 1,
	.fixed_size = 0,
	.n_regions = 2 * KC_LABEL_REGIONS + 2,
	.fixed_pattern = "",
	.region_pattern = {KC_LABEL_PATTERNS, KC_LABEL_PATTERNS, "iil", ""},
	.check = check_contingency,
	.merge = merge_contingency,
};

static char **
sorted_labels(const KcState *state, int first, uint32 *rank)
{
	uint32 count = kc_label_count(state, first);
	char **labels = palloc(sizeof(char *) * Max(count, 1));

	kc_label_order(state, first, rank, NULL);
	for (uint32 i = 0; i < count; i++)
		labels[rank[i]] = kc_label_cstring(state, first, i);
	return labels;
}

KcTable
kc_contingency_read(const KcState *state)
{
	KcTable table;
	const Cell *cells = cells_of(state);
	uint32 *row_rank, *column_rank;
	size_t size;

	table.rows = kc_label_count(state, A_LABELS);
	table.columns = kc_label_count(state, B_LABELS);
	size = (size_t) table.rows * table.columns;
	if (size > MaxAllocSize / sizeof(int64))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("table of %u by %u cells is too large", table.rows,
							   table.columns)));
	row_rank = palloc(sizeof(uint32) * Max(table.rows, 1));
	column_rank = palloc(sizeof(uint32) * Max(table.columns, 1));
	table.row_labels = sorted_labels(state, A_LABELS, row_rank);
	table.column_labels = sorted_labels(state, B_LABELS, column_rank);
	table.count = palloc0(sizeof(int64) * Max(size, 1));
	for (size_t i = 0; i < n_cells(state); i++)
		table.count[(size_t) row_rank[cells[i].a] * table.columns +
					column_rank[cells[i].b]] += cells[i].count;
	return table;
}
