/*
 * kc_table_one_summary.c
 *	  Every variable of a table by group.
 *
 * Numbers are counted keys (variable and group in one double, value); levels and
 * missing values are cells (variable, level, group, count).  All texts share one
 * dictionary, told apart by their first letter: g group, n number, f factor,
 * l level.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "stat/ks_weighted.h"
#include "summary/kc_counted.h"
#include "summary/kc_env.h"
#include "summary/kc_labels.h"
#include "summary/kc_table_one_summary.h"

enum
{
	LABELS = KC_INDEX + 1,
	CELLS = LABELS + KC_LABEL_REGIONS,
	CELL_INDEX,
};

#define MISSING PG_UINT32_MAX
#define WHOLE_TABLE "o"
#define MAX_LEVEL 1000
#define GROUP_ROOM 16777216.0 /* more than KC_MAX_LABELS, a power of two */

typedef struct Cell
{
	uint32 variable;
	uint32 level; /* or MISSING */
	uint32 group;
	uint32 unused;
	int64 count;
} Cell;

static const KcSummaryType *const type = &kc_table_one_summary_type;

/* ---- adding ------------------------------------------------------------------------ */

/* The number of a text of a kind. */
static KcState *
intern(KcState *state, char kind, const char *text, size_t length, KcLabelHints *hints,
	   uint32 *number)
{
	char room[128];
	char *label = length < sizeof(room) ? room : palloc(length + 1);

	label[0] = kind;
	memcpy(label + 1, text, length);
	state = kc_label_intern_hinted(state, type, LABELS, label, length + 1, hints,
								   number);
	if (label != room)
		pfree(label);
	return state;
}

static size_t
n_cells(const KcState *state)
{
	return kc_region(state, type, CELLS)->used / sizeof(Cell);
}

static Cell *
cells_of(const KcState *state)
{
	return kc_region_data(state, kc_region(state, type, CELLS));
}

static uint32 *
find_slot(const KcState *state, uint32 variable, uint32 level, uint32 group)
{
	KcRegion *index = kc_region(state, type, CELL_INDEX);
	uint32 *slots = kc_region_data(state, index);
	const Cell *cells = cells_of(state);
	uint32 mask = index->used / sizeof(uint32) - 1;
	uint32 at = (variable * 0x9E3779B1u ^ level * 0x85EBCA77u ^ group * 0xC2B2AE3Du) >> 5;

	for (at &= mask; slots[at] != 0; at = (at + 1) & mask)
	{
		const Cell *cell = &cells[slots[at] - 1];

		if (cell->variable == variable && cell->level == level && cell->group == group)
			break;
	}
	return &slots[at];
}

static KcState *
rebuild_index(KcState *state)
{
	size_t n_slots = 16;
	KcRegion *index;

	while (n_slots < 3 * (n_cells(state) + 1))
		n_slots *= 2;
	kc_region(state, type, CELL_INDEX)->used = 0;
	state = kc_region_reserve(state, CELL_INDEX, n_slots * sizeof(uint32));
	index = kc_region(state, type, CELL_INDEX);
	index->used = n_slots * sizeof(uint32);
	memset(kc_region_data(state, index), 0, index->used);
	for (size_t i = 0; i < n_cells(state); i++)
	{
		const Cell *cell = &cells_of(state)[i];

		*find_slot(state, cell->variable, cell->level, cell->group) = i + 1;
	}
	return state;
}

static KcState *
add_cell(KcState *state, uint32 variable, uint32 level, uint32 group, int64 count)
{
	Cell cell = {variable, level, group, 0, count};
	uint32 *slot;

	if (kc_region(state, type, CELL_INDEX)->used / sizeof(uint32) < 2 * (n_cells(state) + 1))
		state = rebuild_index(state);
	slot = find_slot(state, variable, level, group);
	if (*slot != 0)
	{
		cells_of(state)[*slot - 1].count += count;
		return state;
	}
	*slot = n_cells(state) + 1;
	return kc_region_append(state, CELLS, &cell, sizeof(cell));
}

static double
number_key(uint32 variable, uint32 group)
{
	return variable * GROUP_ROOM + group;
}

KcState *
kc_table_one_group(KcState *state, const char *label, size_t length, KcLabelHints *hints,
				   uint32 *group)
{
	if (label == NULL)
		return kc_label_intern_hinted(state, type, LABELS, WHOLE_TABLE, 1, hints, group);
	return intern(state, 'g', label, length, hints, group);
}

KcState *
kc_table_one_variable(KcState *state, const char *name, bool is_number,
					  KcLabelHints *hints, uint32 *variable)
{
	return intern(state, is_number ? 'n' : 'f', name, strlen(name), hints, variable);
}

KcState *
kc_table_one_add_number(KcState *state, uint32 variable, uint32 group, double value)
{
	double key[2] = {number_key(variable, group), value};

	return kc_counted_add(state, type, 2, key);
}

KcState *
kc_table_one_add_level(KcState *state, uint32 variable, uint32 group, const char *level,
					   size_t length, KcLabelHints *hints)
{
	uint32 number;

	if (length > MAX_LEVEL)
	{
		const char *name = kc_label_cstring(state, LABELS, variable) + 1;

		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("column \"%s\" has a level of %zu bytes", name, length),
						errdetail("A level has at most %d bytes.", MAX_LEVEL),
						errhint("Free text has no place in a table of characteristics; "
								"leave the column out.")));
	}
	state = intern(state, 'l', level, length, hints, &number);
	return add_cell(state, variable, number, group, 1);
}

KcState *
kc_table_one_add_missing(KcState *state, uint32 variable, uint32 group)
{
	return add_cell(state, variable, MISSING, group, 1);
}

/* ---- merging and checking ----------------------------------------------------------- */

typedef struct Numbers
{
	size_t size;
	double *owner; /* variable and group */
	double *value;
	int64 *count;
} Numbers;

static Numbers
unpack_numbers(const KcState *state)
{
	Numbers numbers;
	double *columns[2];

	numbers.size = kc_counted_size(state, 2);
	numbers.owner =
		palloc_extended(Max(numbers.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	numbers.value =
		palloc_extended(Max(numbers.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	numbers.count = palloc_extended(Max(numbers.size, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	columns[0] = numbers.owner;
	columns[1] = numbers.value;
	kc_counted_unpack(state, 2, columns, numbers.count);
	return numbers;
}

static uint32
owner_variable(double owner)
{
	return (uint32) (owner / GROUP_ROOM);
}

static uint32
owner_group(double owner)
{
	return (uint32) (owner - owner_variable(owner) * GROUP_ROOM);
}

static KcState *
merge_table_one(KcState *into, const KcState *from)
{
	uint32 labels = kc_label_count(from, LABELS);
	uint32 *renumbered = palloc(sizeof(uint32) * Max(labels, 1));
	Numbers numbers = unpack_numbers(from);
	const Cell *cells = cells_of(from);

	for (uint32 i = 0; i < labels; i++)
	{
		size_t length;
		const char *label = kc_label_at(from, LABELS, i, &length);

		into = kc_label_intern(into, LABELS, label, length, &renumbered[i]);
	}
	for (size_t i = 0; i < numbers.size; i++)
	{
		double key[2] = {number_key(renumbered[owner_variable(numbers.owner[i])],
									renumbered[owner_group(numbers.owner[i])]),
						 numbers.value[i]};

		into = numbers.count[i] == 1
				   ? kc_counted_add(into, type, 2, key)
				   : kc_counted_add_slow(into, 2, key, numbers.count[i]);
	}
	for (size_t i = 0; i < n_cells(from); i++)
		into = add_cell(into, renumbered[cells[i].variable],
						cells[i].level == MISSING ? MISSING : renumbered[cells[i].level],
						renumbered[cells[i].group], cells[i].count);
	into->n += from->n;
	into->n_missing += from->n_missing;
	pfree(renumbered);
	return into;
}

static bool
label_is_kind(const KcState *state, uint32 number, const char *kinds)
{
	size_t length;
	const char *label;

	if (number >= kc_label_count(state, LABELS))
		return false;
	label = kc_label_at(state, LABELS, number, &length);
	return length > 0 && strchr(kinds, label[0]) != NULL;
}

/* Adds to a variable's number of patients; false where there are more than rows. */
static bool
count_patients(const KcState *state, int64 *patients, uint32 variable, int64 count)
{
	if (count < 1 || count > state->n - patients[variable])
		return false;
	patients[variable] += count;
	return true;
}

/* A patient has one value of a variable at most: counts never pass the number of rows. */
static const char *
check_table_one(const KcState *state)
{
	const char *problem = kc_label_check(state, LABELS);
	int64 *patients;
	Numbers numbers;

	if (problem == NULL)
		problem = kc_counted_check_keys(state, 2);
	if (problem != NULL)
		return problem;
	patients = palloc0(sizeof(int64) * Max(kc_label_count(state, LABELS), 1));
	numbers = unpack_numbers(state);
	for (size_t i = 0; i < numbers.size; i++)
	{
		double owner = numbers.owner[i];

		if (!(owner >= 0 && owner < KC_MAX_LABELS * GROUP_ROOM) || owner != floor(owner) ||
			!label_is_kind(state, owner_variable(owner), "n") ||
			!label_is_kind(state, owner_group(owner), "go"))
			return "a number has no variable or group";
		if (!count_patients(state, patients, owner_variable(owner), numbers.count[i]))
			return "a count is out of range";
	}
	for (size_t i = 0; i < n_cells(state); i++)
	{
		const Cell *cell = &cells_of(state)[i];

		if (!label_is_kind(state, cell->variable, cell->level == MISSING ? "nf" : "f") ||
			!label_is_kind(state, cell->group, "go") || cell->unused != 0 ||
			(cell->level != MISSING && !label_is_kind(state, cell->level, "l")))
			return "a cell has no variable, level or group";
		if (!count_patients(state, patients, cell->variable, cell->count))
			return "a count is out of range";
	}
	return NULL;
}

const KcSummaryType kc_table_one_summary_type = {
	.name = "table_one_summary",
	.tag = KC_TABLE_ONE_SUMMARY,
	.version = 1,
	.fixed_size = 0,
	.n_regions = CELL_INDEX + 1,
	.fixed_pattern = "",
	.region_pattern = {"ddl", "dd", "", KC_LABEL_PATTERNS, "iiiil", ""},
	.check = check_table_one,
	.merge = merge_table_one,
};

/* ---- reading ------------------------------------------------------------------------ */

/* position[number] among the labels of some kinds; PG_UINT32_MAX for the others. */
static uint32
number_positions(const KcState *state, const char *kinds, const uint32 *order,
				 uint32 *position)
{
	uint32 labels = kc_label_count(state, LABELS);
	uint32 next = 0;

	for (uint32 i = 0; i < labels; i++)
	{
		uint32 number = order ? order[i] : i;

		position[number] = label_is_kind(state, number, kinds) ? next++ : PG_UINT32_MAX;
	}
	return next;
}

/* Distributes the numbers to their variables and groups and sorts them there. */
static void
read_numbers(const KcState *state, KcTableOne *table, const uint32 *variable_position,
			 const uint32 *group_position)
{
	Numbers numbers = unpack_numbers(state);
	size_t slots = (size_t) table->variables * table->groups;
	size_t *size = palloc0(sizeof(size_t) * Max(slots, 1));
	size_t *slot_of = palloc_extended(sizeof(size_t) * Max(numbers.size, 1), MCXT_ALLOC_HUGE);
	double **values = palloc(sizeof(double *) * Max(slots, 1));
	int64 **counts = palloc(sizeof(int64 *) * Max(slots, 1));

	for (size_t i = 0; i < numbers.size; i++)
	{
		slot_of[i] = (size_t) variable_position[owner_variable(numbers.owner[i])] *
						 table->groups +
					 group_position[owner_group(numbers.owner[i])];
		size[slot_of[i]]++;
	}
	for (size_t s = 0; s < slots; s++)
	{
		values[s] = palloc_extended(Max(size[s], 1) * sizeof(double), MCXT_ALLOC_HUGE);
		counts[s] = palloc_extended(Max(size[s], 1) * sizeof(int64), MCXT_ALLOC_HUGE);
		size[s] = 0;
	}
	for (size_t i = 0; i < numbers.size; i++)
	{
		size_t s = slot_of[i];

		values[s][size[s]] = numbers.value[i];
		counts[s][size[s]++] = numbers.count[i];
	}
	for (size_t s = 0; s < slots; s++)
		if (table->variable[s / table->groups].is_number)
			kc_require(ks_count_weighted(
				&kc_env, values[s], counts[s], size[s],
				&table->variable[s / table->groups].values[s % table->groups]));
}

/* The levels a factor has, in order, and the position of each. */
static void
read_levels(const KcState *state, KcTableOneVariable *variable, uint32 number,
			const uint32 *order, uint32 *position)
{
	uint32 labels = kc_label_count(state, LABELS);

	memset(position, 0, sizeof(uint32) * labels);
	for (size_t i = 0; i < n_cells(state); i++)
		if (cells_of(state)[i].variable == number && cells_of(state)[i].level != MISSING)
			position[cells_of(state)[i].level] = 1;
	for (uint32 i = 0; i < labels; i++)
	{
		if (position[order[i]] == 0)
			continue;
		if (variable->levels == KC_MAX_LEVELS)
			ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							errmsg("column \"%s\" has more than %d levels", variable->name,
								   KC_MAX_LEVELS),
							errhint("Leave it out of the row, or group its values.")));
		position[order[i]] = variable->levels;
		variable->level[variable->levels++] =
			kc_label_cstring(state, LABELS, order[i]) + 1;
	}
}

KcTableOne
kc_table_one_read(const KcState *state)
{
	KcTableOne table = {0};
	uint32 labels = kc_label_count(state, LABELS);
	uint32 *order = palloc(sizeof(uint32) * Max(labels, 1));
	uint32 *variable_position = palloc(sizeof(uint32) * Max(labels, 1));
	uint32 *group_position = palloc(sizeof(uint32) * Max(labels, 1));
	uint32 *level_position = palloc(sizeof(uint32) * Max(labels, 1));

	kc_label_order(state, LABELS, NULL, order);
	table.variables = number_positions(state, "nf", NULL, variable_position);
	table.groups = number_positions(state, "go", order, group_position);
	table.group = palloc0(sizeof(char *) * Max(table.groups, 1));
	table.variable = palloc0(sizeof(KcTableOneVariable) * Max(table.variables, 1));
	for (uint32 i = 0; i < labels; i++)
	{
		char *label = kc_label_cstring(state, LABELS, i);
		KcTableOneVariable *variable;

		if (label[0] == 'g')
			table.group[group_position[i]] = label + 1;
		if (variable_position[i] == PG_UINT32_MAX)
			continue;
		variable = &table.variable[variable_position[i]];
		variable->name = label + 1;
		variable->is_number = label[0] == 'n';
		variable->n_missing = palloc0(sizeof(int64) * Max(table.groups, 1));
		variable->values = palloc0(sizeof(KsCounted) * Max(table.groups, 1));
		variable->level = palloc0(sizeof(char *) * KC_MAX_LEVELS);
		if (!variable->is_number)
			read_levels(state, variable, i, order, level_position);
		variable->count =
			palloc0(sizeof(int64) * Max((size_t) variable->levels * table.groups, 1));
		for (size_t c = 0; c < n_cells(state); c++)
		{
			const Cell *cell = &cells_of(state)[c];
			uint32 group = group_position[cell->group];

			if (cell->variable != i)
				continue;
			if (cell->level == MISSING)
				variable->n_missing[group] += cell->count;
			else
				variable->count[level_position[cell->level] * table.groups + group] +=
					cell->count;
		}
	}
	read_numbers(state, &table, variable_position, group_position);
	return table;
}

KsCounted
kc_join_counted(const KsCounted *values, size_t groups)
{
	size_t size = 0;
	size_t at = 0;
	double *joined;
	int64 *count;
	KsCounted result;

	for (size_t g = 0; g < groups; g++)
		size += values[g].distinct;
	joined = palloc_extended(Max(size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	count = palloc_extended(Max(size, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	for (size_t g = 0; g < groups; g++)
		for (size_t i = 0; i < values[g].distinct; i++)
		{
			joined[at] = values[g].value[i];
			count[at++] = ks_count_at(&values[g], i);
		}
	kc_require(ks_count_weighted(&kc_env, joined, count, size, &result));
	return result;
}
