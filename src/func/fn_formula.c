/*
 * fn_formula.c
 *	  Formulas on the server: errors with SQLSTATE and position, columns found by
 *	  name, rows read.
 *
 * The text of the formula and the type of the row decide everything, so what is
 * kept between rows is a cache: it is made anew when either is not the one it
 * was made for.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "func/fn_formula.h"

/* ---- parsing ---------------------------------------------------------------------- */

static void
reject_formula(const char *text, const KsFormulaError *error)
{
	ereport(ERROR, (errcode(error->too_large ? ERRCODE_PROGRAM_LIMIT_EXCEEDED
											 : ERRCODE_SYNTAX_ERROR),
					errmsg("%s, at character %d of the formula", error->message,
						   error->position),
					errdetail("The formula is \"%s\".", text)));
}

static void
reject_kind(const char *text, int position, const char *problem, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					position > 0
						? errmsg("%s, at character %d of the formula", problem, position)
						: errmsg("%s", problem),
					errdetail("The formula is \"%s\".", text), errhint("%s", hint)));
}

static void
check_kind(const KsFormula *formula, const char *text, KcFormulaKind kind)
{
	if (kind != KC_FORMULA_RANDOM && formula->n_random > 0)
		reject_kind(text, formula->random[0].grouping.position,
					"a random term has no place in this model",
					"Fit it with mixed_model.");
	if (kind != KC_FORMULA_TRAJECTORY && formula->subject.n_variables > 0)
		reject_kind(text, formula->subject.position,
					"a subject has no place in this model",
					"Write random terms as (1 + t | id).");
	if (kind == KC_FORMULA_RANDOM && formula->n_random == 0)
		reject_kind(text, 0, "the formula has no random term",
					"Add one, for instance (1 | patient).");
	if (kind == KC_FORMULA_TRAJECTORY && formula->subject.n_variables == 0)
		reject_kind(text, 0, "the formula names no subject",
					"Write it after a bar: pain ~ month | patient.");
}

static void
parse_formula(const char *text, size_t length, const KcRowReader *row, KcFormulaKind kind,
			  KsFormula *formula)
{
	const char **name = palloc(sizeof(char *) * Max(row->n_columns, 1));
	KsFormulaError error;

	for (int c = 0; c < row->n_columns; c++)
		name[c] = row->column[c].name;
	if (!ks_formula_parse(text, length, name, row->n_columns, formula, &error))
		reject_formula(text, &error);
	check_kind(formula, text, kind);
	pfree(name);
}

/* ---- columns ---------------------------------------------------------------------- */

static void
reject_name(const KcRowReader *row, const KsFormula *formula, int variable)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int c = 0; c < row->n_columns; c++)
		appendStringInfo(&list, "%s%s", c > 0 ? ", " : "", row->column[c].name);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("column \"%s\", at character %d of the formula, is not in the row",
					ks_formula_text(formula, formula->variable[variable].name),
					formula->variable[variable].position),
			 errdetail("The row has: %s.", list.data)));
}

static int
find_column(const KcRowReader *row, const char *name)
{
	for (int c = 0; c < row->n_columns; c++)
		if (strcmp(row->column[c].name, name) == 0)
			return c;
	return -1;
}

static char
kind_of_variable(const KcRowReader *row, const KsVariable *variable, int column)
{
	if (variable->in_grouping && !variable->in_terms && !variable->in_response)
		return KC_VARIABLE_GROUP;
	switch (row->column[column].kind)
	{
		case KC_COLUMN_NUMBER:
			return KC_VARIABLE_NUMBER;
		case KC_COLUMN_FACTOR:
			return row->column[column].type == BOOLOID ? KC_VARIABLE_BOOLEAN
													   : KC_VARIABLE_FACTOR;
		case KC_COLUMN_OTHER:
			break;
	}
	kc_row_reject_type(row, column);
}

static void
map_columns(KcModelReader *reader, const KsFormula *formula, char *kind)
{
	for (int v = 0; v < formula->n_variables; v++)
	{
		const KsVariable *variable = &formula->variable[v];

		reader->column[v] =
			find_column(reader->row, ks_formula_text(formula, variable->name));
		if (reader->column[v] < 0)
			reject_name(reader->row, formula, v);
		kind[v] = kind_of_variable(reader->row, variable, reader->column[v]);
	}
}

/* Where the columns of a plain model lie in the row, when all of them are known. */
static void
find_direct(KcModelReader *reader)
{
	const KcModel *model = reader->model;
	const KsFormula *formula = &model->formula;

	reader->n_direct = 0;
	if (!model->plain)
		return;
	for (int i = 1; i < model->n_fixed; i++)
	{
		int atom = i == 1 ? formula->response : model->shape[i - 2].number[0];
		int column;

		column = reader->column[formula->atom[atom].variable];
		reader->direct[i] = kc_row_fixed_offset(reader->row, column);
		reader->direct_type[i] = reader->row->column[column].type;
		if (reader->direct[i] < 0)
			return;
	}
	reader->n_direct = model->n_fixed;
	reader->model->unshifted = true;
}

/* ---- the reader ------------------------------------------------------------------- */

static void
compile(KcModelReader *reader, FunctionCallInfo fcinfo, const char *text, size_t length,
		KcFormulaKind kind)
{
	MemoryContext old;
	KsFormula *formula;
	char kinds[KS_MAX_VARIABLES];

	reader->model = NULL;
	reader->n_direct = 0;
	if (reader->context == NULL)
		reader->context = AllocSetContextCreate(
			fcinfo->flinfo->fn_mcxt, "ketocohort formula", ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(reader->context);
	old = MemoryContextSwitchTo(reader->context);
	formula = palloc(sizeof(KsFormula));
	reader->formula = pnstrdup(text, length);
	reader->formula_length = length;
	parse_formula(reader->formula, length, reader->row, kind, formula);
	map_columns(reader, formula, kinds);
	reader->model = kc_model_compile(formula, kinds);
	find_direct(reader);
	pfree(formula);
	MemoryContextSwitchTo(old);
}

KcModelReader *
kc_model_reader(FunctionCallInfo fcinfo, int formula_arg, int row_arg, KcFormulaKind kind)
{
	KcModelReader *reader = fcinfo->flinfo->fn_extra;
	text *formula = PG_GETARG_TEXT_PP(formula_arg);
	size_t length = VARSIZE_ANY_EXHDR(formula);
	KcRowReader *row;

	if (reader == NULL)
		fcinfo->flinfo->fn_extra = reader =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(KcModelReader));
	row = kc_row_reader_kept(fcinfo, row_arg, reader->row);
	if (unlikely(row != reader->row || reader->model == NULL ||
				 reader->formula_length != length ||
				 memcmp(reader->formula, VARDATA_ANY(formula), length) != 0))
	{
		reader->row = row;
		compile(reader, fcinfo, VARDATA_ANY(formula), length, kind);
	}
	return reader;
}

void
kc_model_reader_attach(KcModelReader *reader, FunctionCallInfo fcinfo, int row_arg,
					   KcModel *model)
{
	KcRowReader *row = kc_row_reader_kept(fcinfo, row_arg, reader->row);
	const KsFormula *formula = &model->formula;

	if (row == reader->row && reader->model == model)
		return;
	reader->row = row;
	reader->model = model;
	for (int v = 0; v < formula->n_variables; v++)
	{
		const KsVariable *variable = &formula->variable[v];
		int column = -1;

		if (variable->in_terms)
		{
			column = find_column(row, ks_formula_text(formula, variable->name));
			if (column < 0)
				reject_name(row, formula, v);
			if ((kind_of_variable(row, variable, column) == KC_VARIABLE_NUMBER) !=
				(model->kind[v] == KC_VARIABLE_NUMBER))
				ereport(
					ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" is a %s, but the model was fitted with a %s",
							row->column[column].name,
							model->is_factor[v] ? "number" : "factor",
							model->is_factor[v] ? "factor" : "number")));
		}
		reader->column[v] = column;
	}
}

bool
kc_model_read(KcModelReader *reader, bool with_outcome)
{
	KcModel *model = reader->model;
	const KsFormula *formula = &model->formula;

	for (int v = 0; v < formula->n_variables; v++)
	{
		const KsVariable *variable = &formula->variable[v];
		int column = reader->column[v];

		if (!variable->in_terms && !(with_outcome && variable->in_response))
			continue;
		if (kc_row_is_null(reader->row, column))
			return false;
		if (model->is_factor[v])
			model->level[v] = kc_row_level(reader->row, column, &model->level_length[v]);
		else
			model->number[v] = kc_row_exact_number(reader->row, column);
	}
	return true;
}

KcModelReader *
kc_model_next_row(FunctionCallInfo fcinfo, KcState **state, KcFormulaKind kind)
{
	KcModelReader *reader;
	text *formula;

	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("formula must not be NULL")));
	formula = PG_GETARG_TEXT_PP(1);
	*state =
		kc_model_set_formula(*state, VARDATA_ANY(formula), VARSIZE_ANY_EXHDR(formula));
	if (PG_ARGISNULL(2))
	{
		(*state)->n_missing++;
		return NULL;
	}
	reader = kc_model_reader(fcinfo, 1, 2, kind);
	*state = kc_model_set_variables(*state, reader->model);
	if (kc_model_read(reader, true))
		return reader;
	(*state)->n_missing++;
	return NULL;
}

static void
reject_separator(const KcModelReader *reader, int variable, char separator)
{
	const KsFormula *formula = &reader->model->formula;

	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("column \"%s\" holds the control character \\x%02x",
						   ks_formula_text(formula, formula->variable[variable].name),
						   separator),
					errhint("Take it out in the query.")));
}

const char *
kc_model_group_key(const KcModelReader *reader, const int *variable, int n, char separator,
				   size_t *length)
{
	StringInfoData joined;

	for (int v = 0; v < n; v++)
		if (kc_row_is_null(reader->row, reader->column[variable[v]]))
			return NULL;
	if (n == 1)
		return kc_row_key(reader->row, reader->column[variable[0]], length);
	initStringInfo(&joined);
	for (int v = 0; v < n; v++)
	{
		const char *key = kc_row_key(reader->row, reader->column[variable[v]], length);

		if (separator < ' ' && memchr(key, separator, *length) != NULL)
			reject_separator(reader, variable[v], separator);
		if (v > 0)
			appendStringInfoChar(&joined, separator);
		appendBinaryStringInfo(&joined, key, *length);
	}
	*length = joined.len;
	return joined.data;
}

static inline double
direct_value(const char *at, Oid type)
{
	switch (type)
	{
		case FLOAT8OID:
			return *(const float8 *) at;
		case INT4OID:
			return *(const int32 *) at;
		case INT8OID:
			return (double) *(const int64 *) at;
		case INT2OID:
			return *(const int16 *) at;
		default:
			return *(const float4 *) at;
	}
}

int
kc_model_read_direct(FunctionCallInfo fcinfo, const KcState *state,
					 double value[KS_PRODUCT_COLUMNS])
{
	const KcModelReader *reader = fcinfo->flinfo->fn_extra;
	HeapTupleHeader row;
	text *formula;
	const char *data;

	if (reader == NULL || reader->n_direct == 0 || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return 0;
	formula = PG_GETARG_TEXT_PP(1);
	row = PG_GETARG_HEAPTUPLEHEADER(2);
	if (HeapTupleHeaderGetTypeId(row) != reader->row->type ||
		HeapTupleHeaderGetTypMod(row) != reader->row->typmod ||
		HeapTupleHeaderGetNatts(row) != reader->row->tupdesc->natts ||
		(row->t_infomask & HEAP_HASNULL) != 0 ||
		VARSIZE_ANY_EXHDR(formula) != reader->formula_length ||
		!kc_model_same_text(VARDATA_ANY(formula), reader->formula,
							reader->formula_length) ||
		!kc_model_has_formula(state, VARDATA_ANY(formula), reader->formula_length))
		return 0;
	data = (const char *) row + row->t_hoff;
	value[0] = 1;
	for (int i = 1; i < reader->n_direct; i++)
		value[i] = direct_value(data + reader->direct[i], reader->direct_type[i]);
	return reader->n_direct;
}
