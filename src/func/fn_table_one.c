/*
 * fn_table_one.c
 *	  Chapter table_one: the first table of a paper, in long format.
 *
 * One row a variable and group, and of a factor one a level too; the group NULL
 * is the whole table.  p_value, test and smd belong to the variable and stand in
 * each of its rows.  What min_cell hides is NULL, and its display is an asterisk.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "func/fn_core.h"
#include "func/fn_row.h"
#include "stat/ks_describe.h"
#include "stat/ks_suppress.h"
#include "stat/ks_table_one.h"
#include "stat/ks_weighted.h"
#include "summary/kc_table_one_summary.h"

/* ---- transition -------------------------------------------------------------------- */

/* What a query keeps from row to row. */
typedef struct RowCache
{
	KcRowReader *reader;
	KcLabelHints group;
	KcLabelHints *variable; /* of each column */
	KcLabelHints *level;
} RowCache;

/* The cache, with the row read. */
static RowCache *
read_row(FunctionCallInfo fcinfo)
{
	RowCache *cache = fcinfo->flinfo->fn_extra;
	KcRowReader *reader;
	size_t columns;

	if (cache == NULL)
		cache = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(RowCache));
	reader = kc_row_reader_kept(fcinfo, 1, cache->reader);
	if (reader == cache->reader)
		return cache;
	if (reader->repeated >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_COLUMN),
				 errmsg("row has two columns \"%s\"", reader->column[reader->repeated].name),
				 errhint("Give every column of the row a name of its own.")));
	columns = Max(reader->n_columns, 1);
	cache->variable = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
											 columns * sizeof(KcLabelHints));
	cache->level = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
										  columns * sizeof(KcLabelHints));
	cache->reader = reader;
	return cache;
}

static KcState *
add_column(KcState *state, RowCache *cache, int column, uint32 group)
{
	const KcRowReader *reader = cache->reader;
	const KcColumn *described = &reader->column[column];
	bool is_number = described->kind == KC_COLUMN_NUMBER;
	uint32 variable;

	if (described->kind == KC_COLUMN_OTHER)
		kc_row_reject_type(reader, column);
	state = kc_table_one_variable(state, described->name, is_number,
								  &cache->variable[column], &variable);
	if (kc_row_is_null(reader, column))
		return kc_table_one_add_missing(state, variable, group);
	if (is_number)
		return kc_table_one_add_number(state, variable, group,
									   kc_row_number(reader, column));
	else
	{
		size_t length;
		const char *level = kc_row_level(reader, column, &length);

		return kc_table_one_add_level(state, variable, group, level, length,
									  &cache->level[column]);
	}
}

/* A row, and a group label where grouped; a NULL group or row counts as missing. */
static Datum
add_row(FunctionCallInfo fcinfo, bool grouped)
{
	KcState *state = kc_arg_state(fcinfo, &kc_table_one_summary_type);
	RowCache *cache;
	text *label = NULL;
	uint32 group;

	if (PG_ARGISNULL(1) || (grouped && PG_ARGISNULL(2)))
	{
		state->n_missing++;
		PG_RETURN_POINTER(state);
	}
	cache = read_row(fcinfo);
	if (grouped)
		label = PG_GETARG_TEXT_PP(2);
	state = kc_table_one_group(state, label ? VARDATA_ANY(label) : NULL,
							   label ? VARSIZE_ANY_EXHDR(label) : 0, &cache->group, &group);
	state->n++;
	for (int i = 0; i < cache->reader->n_columns; i++)
		state = add_column(state, cache, i, group);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_table_one_summary_add);
Datum
kc_table_one_summary_add(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, false);
}

PG_FUNCTION_INFO_V1(kc_table_one_summary_add_grouped);
Datum
kc_table_one_summary_add_grouped(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, true);
}

/* ---- result ------------------------------------------------------------------------- */

typedef struct TableOneRow
{
	const char *variable;
	const char *level;
	const char *grp;
	double n; /* whole numbers; NaN when hidden */
	double n_missing;
	double count;
	double fraction;
	double mean;
	double sd;
	double median;
	double q1;
	double q3;
	const char *display;
	double p_value;
	const char *test;
	double smd;
} TableOneRow;

/* A variable's counts with what is to be hidden of them. */
typedef struct Counts
{
	size_t rows; /* levels, and one for missing values */
	size_t groups;
	int64_t *count; /* rows x groups */
	KsSuppression hidden;
} Counts;

typedef struct TableOneOptions
{
	char **variables; /* NULL: all */
	int n_variables;
	char **nonnormal;
	int n_nonnormal;
	int64 min_cell;
	int digits;
	const Counts *counts; /* of every variable of the summary */
} TableOneOptions;

/* The rows, growing. */
typedef struct TableOneRows
{
	TableOneRow *row;
	size_t size;
	size_t room;
} TableOneRows;

static TableOneRow *
next_row(TableOneRows *rows, const KcTableOneVariable *variable, const char *group,
		 const KsBalance *balance)
{
	TableOneRow *row;

	if (rows->size == rows->room)
	{
		rows->room = Max(64, 2 * rows->room);
		rows->row = rows->row ? repalloc(rows->row, rows->room * sizeof(TableOneRow))
							  : palloc(rows->room * sizeof(TableOneRow));
	}
	row = &rows->row[rows->size++];
	*row = (TableOneRow){variable->name, NULL, group, NAN, NAN, NAN, NAN, NAN,
						 NAN, NAN, NAN, NAN, NULL, balance->p_value, balance->test,
						 balance->smd};
	return row;
}

static bool
listed(const char *name, char *const *names, int n_names)
{
	for (int i = 0; i < n_names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static Counts
counts_of(const KcTableOne *table, const KcTableOneVariable *variable)
{
	Counts counts;
	size_t levels = variable->is_number ? 1 : variable->levels;

	counts.rows = levels + 1;
	counts.groups = table->groups;
	counts.count = palloc0(sizeof(int64) * counts.rows * counts.groups);
	for (size_t g = 0; g < counts.groups; g++)
	{
		for (size_t l = 0; l < levels; l++)
			counts.count[l * counts.groups + g] =
				variable->is_number ? variable->values[g].n
									: variable->count[l * counts.groups + g];
		counts.count[levels * counts.groups + g] = variable->n_missing[g];
	}
	counts.hidden = (KsSuppression){
		.count = counts.count,
		.levels = levels,
		.cell = palloc0(sizeof(bool) * counts.rows * counts.groups),
		.row_total = palloc0(sizeof(bool) * counts.rows),
		.values = palloc0(sizeof(bool) * counts.groups),
	};
	return counts;
}

/* Whether two variables know the same patients: not so where one came in later. */
static bool
same_sizes(const Counts *a, const Counts *b)
{
	for (size_t g = 0; g < a->groups; g++)
	{
		int64_t difference = 0;

		for (size_t r = 0; r < a->rows; r++)
			difference += a->count[r * a->groups + g];
		for (size_t r = 0; r < b->rows; r++)
			difference -= b->count[r * b->groups + g];
		if (difference != 0)
			return false;
	}
	return true;
}

/*
 * Counts of every variable with what is to be hidden of them.  All variables of the
 * summary are looked at together, whichever are asked for: what is hidden must not
 * come out by asking twice.
 */
static Counts *
hidden_counts(const KcTableOne *table, int64_t min_cell)
{
	uint32 variables = table->variables;
	Counts *counts = palloc(sizeof(Counts) * Max(variables, 1));
	KsSuppression *together = palloc(sizeof(KsSuppression) * Max(variables, 1));
	uint32 *member = palloc(sizeof(uint32) * Max(variables, 1));
	bool *done = palloc0(sizeof(bool) * Max(variables, 1));

	for (uint32 v = 0; v < variables; v++)
		counts[v] = counts_of(table, &table->variable[v]);
	for (uint32 first = 0; first < variables && min_cell > 1; first++)
	{
		size_t members = 0;

		for (uint32 v = first; v < variables; v++)
			if (!done[v] && same_sizes(&counts[first], &counts[v]))
			{
				done[v] = true;
				together[members] = counts[v].hidden;
				member[members++] = v;
			}
		if (members > 0)
			kc_require(ks_suppress(together, members, table->groups, min_cell, &kc_env));
		for (size_t i = 0; i < members; i++)
			counts[member[i]].hidden = together[i];
	}
	return counts;
}

static bool
anything_hidden(const Counts *counts)
{
	bool hidden = counts->hidden.values_total;

	for (size_t i = 0; i < counts->rows * counts->groups; i++)
		hidden = hidden || counts->hidden.cell[i];
	for (size_t r = 0; r < counts->rows; r++)
		hidden = hidden || counts->hidden.row_total[r];
	for (size_t g = 0; g < counts->groups; g++)
		hidden = hidden || counts->hidden.values[g];
	return hidden;
}

/* A count by group, the last position standing for all groups; NaN when hidden. */
static double
shown_count(const Counts *counts, size_t row, size_t group)
{
	int64 sum = 0;

	if (group < counts->groups)
		return counts->hidden.cell[row * counts->groups + group]
				   ? NAN
				   : (double) counts->count[row * counts->groups + group];
	for (size_t g = 0; g < counts->groups; g++)
		sum += counts->count[row * counts->groups + g];
	return counts->hidden.row_total[row] ? NAN : (double) sum;
}

/* The values of a group, its levels added up, in the same way. */
static double
shown_n(const Counts *counts, size_t group)
{
	double n = 0;

	if (group < counts->groups ? counts->hidden.values[group] : counts->hidden.values_total)
		return NAN;
	for (size_t r = 0; r + 1 < counts->rows; r++)
		for (size_t g = 0; g < counts->groups; g++)
			if (group == counts->groups || group == g)
				n += (double) counts->count[r * counts->groups + g];
	return n;
}

static void
add_number_rows(TableOneRows *rows, const KcTableOne *table,
				const KcTableOneVariable *variable, const TableOneOptions *options)
{
	bool nonnormal = listed(variable->name, options->nonnormal, options->n_nonnormal);
	const Counts *counts = &options->counts[variable - table->variable];
	size_t groups = table->groups;
	bool *hidden = palloc0(sizeof(bool) * (groups + 1));
	int64 *n = palloc(sizeof(int64) * (groups + 1));
	KsCounted *values = palloc(sizeof(KsCounted) * (groups + 1));
	KsBalance balance;
	size_t first = groups;

	kc_require(ks_balance_of_number(variable->values, groups, nonnormal, &kc_env, &balance));
	if (anything_hidden(counts))
		balance.p_value = balance.smd = NAN;
	for (size_t g = 0; g < groups; g++)
	{
		values[g] = variable->values[g];
		n[g] = values[g].n;
	}
	values[groups] = kc_join_counted(variable->values, groups);
	n[groups] = values[groups].n;
	ks_hide_small_groups(n, groups, options->min_cell, hidden);
	hidden[groups] = n[groups] > 0 && n[groups] < options->min_cell;

	/* the whole table first, then the groups there are */
	for (size_t i = 0; i <= groups; i++)
	{
		size_t g = i == 0 ? first : i - 1;
		TableOneRow *row;
		KsDescription figures;

		if (g < groups && table->group[g] == NULL)
			continue;
		row = next_row(rows, variable, g < groups ? table->group[g] : NULL, &balance);
		row->n = shown_n(counts, g);
		row->n_missing = shown_count(counts, 1, g);
		if (hidden[g] || isnan(row->n))
		{
			row->display = "*";
			continue;
		}
		kc_require(ks_describe(&values[g], &kc_env, &figures));
		row->mean = figures.mean;
		row->sd = figures.sd;
		row->median = figures.median;
		row->q1 = figures.q1;
		row->q3 = figures.q3;
		if (figures.n == 0)
			row->display = "-";
		else if (nonnormal)
			row->display = psprintf("%.*f [%.*f, %.*f]", options->digits, figures.median,
									options->digits, figures.q1, options->digits, figures.q3);
		else if (isnan(figures.sd))
			row->display = psprintf("%.*f", options->digits, figures.mean);
		else
			row->display = psprintf("%.*f (%.*f)", options->digits, figures.mean,
									options->digits, figures.sd);
	}
}

static void
add_factor_rows(TableOneRows *rows, const KcTableOne *table,
				const KcTableOneVariable *variable, const TableOneOptions *options)
{
	const Counts *counts = &options->counts[variable - table->variable];
	size_t groups = table->groups;
	KsBalance balance;

	kc_require(ks_balance_of_factor(variable->count, variable->levels, groups, &kc_env,
									&balance));
	if (anything_hidden(counts))
		balance.p_value = balance.smd = NAN;
	/* a factor that was never seen still has its row of missing values */
	for (size_t l = 0; l < Max(variable->levels, 1); l++)
		for (size_t i = 0; i <= groups; i++)
		{
			size_t g = i == 0 ? groups : i - 1;
			TableOneRow *row;

			if (g < groups && table->group[g] == NULL)
				continue;
			row = next_row(rows, variable, g < groups ? table->group[g] : NULL, &balance);
			row->n = shown_n(counts, g);
			row->n_missing = shown_count(counts, counts->rows - 1, g);
			if (variable->levels == 0)
			{
				row->display = "-";
				continue;
			}
			row->level = kc_level_text(variable->level[l]);
			row->count = shown_count(counts, l, g);
			if (!isnan(row->count) && row->n > 0)
				row->fraction = row->count / row->n;
			if (isnan(row->count))
				row->display = "*";
			else if (isnan(row->fraction))
				row->display = psprintf("%.0f", row->count);
			else
				row->display = psprintf("%.0f (%.*f%%)", row->count, options->digits,
										100 * row->fraction);
		}
}

/* ---- options ------------------------------------------------------------------------ */

static char **
names_option(FunctionCallInfo fcinfo, int arg, const char *name, int *count)
{
	Datum *datums;
	bool *isnull;
	char **names;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(arg), TEXTOID, -1, false, TYPALIGN_INT, &datums,
					  &isnull, count);
	names = palloc(sizeof(char *) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
	{
		if (isnull[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("%s holds a NULL", name)));
		names[i] = TextDatumGetCString(datums[i]);
	}
	return names;
}

static const KcTableOneVariable *
find_variable(const KcTableOne *table, const char *name)
{
	StringInfoData list;

	for (uint32 i = 0; i < table->variables; i++)
		if (strcmp(table->variable[i].name, name) == 0)
			return &table->variable[i];
	initStringInfo(&list);
	for (uint32 i = 0; i < table->variables; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", table->variable[i].name);
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("column \"%s\" is not in the summary", name),
					errdetail("Its columns are: %s.", list.data)));
	return NULL;
}

static TableOneOptions
table_one_options(FunctionCallInfo fcinfo, const KcTableOne *table)
{
	TableOneOptions options = {0};

	if (!PG_ARGISNULL(1))
		options.variables = names_option(fcinfo, 1, "variables", &options.n_variables);
	if (!PG_ARGISNULL(2))
		options.nonnormal = names_option(fcinfo, 2, "nonnormal", &options.n_nonnormal);
	for (int i = 0; i < options.n_nonnormal; i++)
		if (!find_variable(table, options.nonnormal[i])->is_number)
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("column \"%s\" is not numeric", options.nonnormal[i]),
							errhint("nonnormal lists numeric columns to be shown by their "
									"median.")));
	options.min_cell = kc_option_int(fcinfo, 3, "min_cell", 0, 1000000);
	options.digits = kc_option_int(fcinfo, 4, "digits", 0, 15);
	options.counts = hidden_counts(table, options.min_cell);
	return options;
}

PG_FUNCTION_INFO_V1(kc_table_one);
Datum
kc_table_one(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(TableOneRow, variable, KC_TEXT),
		KC_FIELD(TableOneRow, level, KC_TEXT),
		KC_FIELD(TableOneRow, grp, KC_TEXT),
		KC_FIELD(TableOneRow, n, KC_WHOLE),
		KC_FIELD(TableOneRow, n_missing, KC_WHOLE),
		KC_FIELD(TableOneRow, count, KC_WHOLE),
		KC_FIELD(TableOneRow, fraction, KC_FLOAT),
		KC_FIELD(TableOneRow, mean, KC_FLOAT),
		KC_FIELD(TableOneRow, sd, KC_FLOAT),
		KC_FIELD(TableOneRow, median, KC_FLOAT),
		KC_FIELD(TableOneRow, q1, KC_FLOAT),
		KC_FIELD(TableOneRow, q3, KC_FLOAT),
		KC_FIELD(TableOneRow, display, KC_TEXT),
		KC_FIELD(TableOneRow, p_value, KC_FLOAT),
		KC_FIELD(TableOneRow, test, KC_TEXT),
		KC_FIELD(TableOneRow, smd, KC_FLOAT),
	};
	TableOneRows rows = {0};
	KcTableOne table;
	TableOneOptions options;

	if (PG_ARGISNULL(0))
		return kc_result_set(fcinfo, fields, lengthof(fields), NULL, sizeof(TableOneRow), 0);
	table = kc_table_one_read(kc_arg_summary(fcinfo, 0, &kc_table_one_summary_type));
	options = table_one_options(fcinfo, &table);
	for (uint32 i = 0; i < (options.variables ? (uint32) options.n_variables : table.variables);
		 i++)
	{
		const KcTableOneVariable *variable =
			options.variables ? find_variable(&table, options.variables[i])
							  : &table.variable[i];

		CHECK_FOR_INTERRUPTS();
		if (variable->is_number)
			add_number_rows(&rows, &table, variable, &options);
		else
			add_factor_rows(&rows, &table, variable, &options);
	}
	return kc_result_set(fcinfo, fields, lengthof(fields), rows.row, sizeof(TableOneRow),
						 rows.size);
}
