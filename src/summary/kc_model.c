/*
 * kc_model.c
 *	  The part that the summaries of models share.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "stat/ks_products.h"
#include "summary/kc_env.h"
#include "summary/kc_model.h"

#define LEVEL_BITS 12
#define LEVEL_MASK ((INT64CONST(1) << LEVEL_BITS) - 1)
#define MAX_LABELS ((1 << LEVEL_BITS) - 2)

static KcModelColumn *
columns_of(const KcState *state)
{
	return kc_region_data(state, kc_model_region(state, KC_MODEL_COLUMNS));
}

int
kc_model_n_columns(const KcState *state)
{
	return kc_model_region(state, KC_MODEL_COLUMNS)->used / sizeof(KcModelColumn);
}

/* ---- compiling ----------------------------------------------------------------------
 */

static void
reject_shape(const KsFormula *formula, const KsShapeError *error)
{
	char label[KS_NOTE_SIZE];

	if (error->variable >= 0)
		ereport(
			ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" is a factor, but the formula computes with it",
					ks_formula_text(formula, formula->variable[error->variable].name)),
			 errhint("Text, boolean and enum columns are factors. Cast the column to a "
					 "number in the query.")));
	ks_formula_term_label(formula, error->term, label, sizeof(label));
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("term \"%s\" is too large", label),
					errdetail("At most %d factors can interact.", KS_MAX_TERM_FACTORS)));
}

static void
write_variables(KcModel *model)
{
	const KsFormula *formula = &model->formula;
	char *at;

	for (int v = 0; v < formula->n_variables; v++)
		model->variables_length +=
			strlen(ks_formula_text(formula, formula->variable[v].name)) + 2;
	model->variables = at = palloc(model->variables_length + 1);
	for (int v = 0; v < formula->n_variables; v++)
	{
		*at++ = model->kind[v];
		strcpy(at, ks_formula_text(formula, formula->variable[v].name));
		at += strlen(at) + 1;
	}
}

/* Which atoms have values, and where: the outcome's and those of numeric terms. */
static int
place_atoms(KcModel *model)
{
	const KsFormula *formula = &model->formula;
	int n_values = 0;

	model->evaluated[formula->response] = true;
	for (int t = 0; t < model->n_terms; t++)
		for (int i = 0; i < model->shape[t].n_numbers; i++)
			model->evaluated[model->shape[t].number[i]] = true;
	model->plain = true;
	for (int a = 0; a < formula->n_atoms; a++)
	{
		model->first[a] = n_values;
		if (!model->evaluated[a])
			continue;
		n_values += formula->atom[a].columns;
		model->plain = model->plain && formula->atom[a].variable >= 0;
	}
	return n_values;
}

static void
place_columns(KcModel *model)
{
	int entries = 2;
	int largest = 1;

	model->n_fixed = 2;
	for (int t = 0; t < model->n_terms; t++)
	{
		const KsTermShape *shape = &model->shape[t];

		if (shape->n_factors == 0)
		{
			model->fixed_column[t] = model->n_fixed;
			model->n_fixed += shape->parts;
		}
		model->plain = model->plain && shape->n_factors == 0 && shape->n_numbers == 1;
		entries += shape->parts;
		largest = Max(largest, shape->parts);
	}
	if (entries > KS_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the formula makes more than %d columns", KS_MAX_COLUMNS)));
	model->plain = model->plain && model->n_fixed <= KS_PRODUCT_COLUMNS;
	model->part = palloc(sizeof(KsDD) * largest);
	model->entry_column = palloc(sizeof(int) * entries);
	model->entry_value = palloc(sizeof(KsDD) * entries);
}

KcModel *
kc_model_compile(const KsFormula *formula, const char *kind)
{
	KcModel *model = palloc0(sizeof(KcModel));
	KsShapeError error;

	model->formula = *formula;
	model->n_terms = formula->n_terms;
	for (int v = 0; v < formula->n_variables; v++)
	{
		model->kind[v] = kind[v];
		model->is_factor[v] =
			kind[v] == KC_VARIABLE_FACTOR || kind[v] == KC_VARIABLE_BOOLEAN;
	}
	write_variables(model);
	model->shape = palloc0(sizeof(KsTermShape) * Max(formula->n_terms, 1));
	model->fixed_column = palloc0(sizeof(int) * Max(formula->n_terms, 1));
	for (int t = 0; t < formula->n_terms; t++)
		if (!ks_term_shape(formula, formula->term[t], model->is_factor, &model->shape[t],
						   &error))
			reject_shape(formula, &error);
	for (int v = 0; v < formula->n_variables; v++)
	{
		error = (KsShapeError){.variable = v};
		if (formula->variable[v].in_response && model->is_factor[v])
			reject_shape(formula, &error);
	}
	model->value = palloc(sizeof(KsDD) * (place_atoms(model) + 1));
	place_columns(model);
	return model;
}

const char *
kc_model_formula(const KcState *state, size_t *length)
{
	const KcRegion *region = kc_model_region(state, KC_MODEL_FORMULA);

	*length = region->used;
	return kc_region_data(state, region);
}

/*
 * Parses the formula with the variables of the state as its columns, so that
 * "." stands for the same.  False when they do not belong together.
 */
static bool
parse_state(const KcState *state, KsFormula *formula, char *kind)
{
	const KcRegion *region = kc_model_region(state, KC_MODEL_VARIABLES);
	const char *at = kc_region_data(state, region);
	const char *end = at + region->used;
	const char *name[KS_MAX_VARIABLES];
	KsFormulaError error;
	size_t length;
	const char *text = kc_model_formula(state, &length);
	int n = 0;

	for (; at < end; n++)
	{
		const char *zero = memchr(at, '\0', end - at);

		if (n >= KS_MAX_VARIABLES || zero == NULL || zero < at + 2)
			return false;
		kind[n] = *at;
		name[n] = at + 1;
		at = zero + 1;
	}
	if (!ks_formula_parse(text, length, name, n, formula, &error) ||
		formula->n_variables != n)
		return false;
	for (int v = 0; v < n; v++)
		if (strcmp(name[v], ks_formula_text(formula, formula->variable[v].name)) != 0)
			return false;
	return true;
}

KcModel *
kc_model_of_state(const KcState *state)
{
	KsFormula *formula = palloc(sizeof(KsFormula));
	char kind[KS_MAX_VARIABLES];
	KcModel *model = NULL;

	if (parse_state(state, formula, kind))
		model = kc_model_compile(formula, kind);
	pfree(formula);
	return model;
}

/* ---- formula and variables
 * -------------------------------------------------------------- */

static bool
region_equals(const KcState *state, int region, const char *bytes, size_t length)
{
	const KcRegion *own = kc_model_region(state, region);

	return own->used == length && memcmp(kc_region_data(state, own), bytes, length) == 0;
}

KcState *
kc_model_set_formula(KcState *state, const char *formula, size_t length)
{
	const KcRegion *own = kc_model_region(state, KC_MODEL_FORMULA);

	if (likely(region_equals(state, KC_MODEL_FORMULA, formula, length)))
		return state;
	if (own->used == 0)
		return kc_region_append(state, KC_MODEL_FORMULA, formula, length);
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the formula differs between rows of one group"),
					errdetail("It was \"%s\" and is \"%s\".",
							  pnstrdup(kc_region_data(state, own), own->used),
							  pnstrdup(formula, length))));
	return NULL;
}

static KcState *
add_column(KcState *state, KcModelColumn column)
{
	if (kc_model_n_columns(state) >= KS_MAX_COLUMNS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the model has more than %d columns", KS_MAX_COLUMNS),
						errhint("Leave out interactions of factors with many levels.")));
	return kc_region_append(state, KC_MODEL_COLUMNS, &column, sizeof(column));
}

static KcState *
set_variables(KcState *state, const char *variables, size_t length)
{
	if (kc_model_region(state, KC_MODEL_VARIABLES)->used == 0)
		return kc_region_append(state, KC_MODEL_VARIABLES, variables, length);
	if (!region_equals(state, KC_MODEL_VARIABLES, variables, length))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the columns of the formula have changed their kind or order"),
				 errdetail("A column is a number in some rows and a factor in others, or "
						   "\".\" stands for other columns.")));
	return state;
}

KcState *
kc_model_set_variables(KcState *state, const KcModel *model)
{
	if (likely(kc_model_n_columns(state) > 0))
		return set_variables(state, model->variables, model->variables_length);
	state = set_variables(state, model->variables, model->variables_length);
	state = add_column(state, (KcModelColumn){.term = KC_TERM_CONSTANT});
	state = add_column(state, (KcModelColumn){.term = KC_TERM_OUTCOME});
	for (int t = 0; t < model->n_terms; t++)
		for (int p = 0; p < model->shape[t].parts && model->shape[t].n_factors == 0; p++)
			state = add_column(state, (KcModelColumn){.term = t, .part = p});
	return state;
}

/* ---- columns with levels
 * ---------------------------------------------------------------- */

static uint32 *
find_slot(const KcState *state, int32 term, int64 levels)
{
	KcRegion *index = kc_model_region(state, KC_MODEL_INDEX);
	uint32 *slots = kc_region_data(state, index);
	const KcModelColumn *columns = columns_of(state);
	uint32 mask = index->used / sizeof(uint32) - 1;
	uint32 at =
		murmurhash32((uint32)levels ^ murmurhash32((uint32)(levels >> 32) + term)) & mask;

	while (slots[at] != 0 && (columns[slots[at] - 1].term != term ||
							  columns[slots[at] - 1].levels != levels))
		at = (at + 1) & mask;
	return &slots[at];
}

/* Makes the index of first parts fit for one column more than there are. */
static KcState *
rebuild_index(KcState *state)
{
	int n = kc_model_n_columns(state);
	size_t n_slots = 16;
	KcRegion *index;

	while (n_slots < 3 * ((size_t)n + 1))
		n_slots *= 2;
	kc_model_region(state, KC_MODEL_INDEX)->used = 0;
	state = kc_region_reserve(state, KC_MODEL_INDEX, n_slots * sizeof(uint32));
	index = kc_model_region(state, KC_MODEL_INDEX);
	index->used = n_slots * sizeof(uint32);
	memset(kc_region_data(state, index), 0, index->used);
	for (int i = 0; i < n; i++)
	{
		KcModelColumn column = columns_of(state)[i];

		if (column.levels != 0 && column.part == 0)
			*find_slot(state, column.term, column.levels) = i + 1;
	}
	return state;
}

/* The first of the `parts` columns of a term at these levels, added when new. */
static KcState *
intern_columns(KcState *state, int32 term, int64 levels, int parts, int *column)
{
	const KcRegion *index = kc_model_region(state, KC_MODEL_INDEX);
	uint32 *slot;

	if (index->used / sizeof(uint32) < 2 * ((size_t)kc_model_n_columns(state) + 1))
		state = rebuild_index(state);
	slot = find_slot(state, term, levels);
	if (likely(*slot != 0))
	{
		*column = *slot - 1;
		return state;
	}
	*column = kc_model_n_columns(state);
	*slot = *column + 1;
	for (int p = 0; p < parts; p++)
		state = add_column(state, (KcModelColumn){term, p, levels});
	return state;
}

/* The levels a factor has, by the first byte of their labels. */
static int
count_levels(const KcState *state, char variable)
{
	int count = 0;

	for (uint32 i = 0; i < kc_label_count(state, KC_MODEL_LEVELS); i++)
	{
		size_t length;

		count += *kc_label_at(state, KC_MODEL_LEVELS, i, &length) == variable;
	}
	return count;
}

static const char *
variable_name(const KcState *state, int variable)
{
	const char *at = kc_region_data(state, kc_model_region(state, KC_MODEL_VARIABLES));

	for (; variable > 0; variable--)
		at += strlen(at) + 1;
	return at + 1;
}

/* The number of a label, which begins with the variable's byte. */
static KcState *
intern_label(KcState *state, const char *label, size_t length, uint32 *number)
{
	uint32 before = kc_label_count(state, KC_MODEL_LEVELS);

	state = kc_label_intern(state, KC_MODEL_LEVELS, label, length, number);
	if (likely(kc_label_count(state, KC_MODEL_LEVELS) == before))
		return state;
	if (count_levels(state, label[0]) > KS_MAX_LEVELS || before >= MAX_LABELS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("column \"%s\" has more than %d levels",
							   variable_name(state, label[0] - 1), KS_MAX_LEVELS),
						errdetail("Text, boolean and enum columns are factors."),
						errhint("Is it an identifier, or a number stored as text?")));
	return state;
}

static KcState *
intern_level(KcState *state, const KcModel *model, int variable, uint32 *number)
{
	char buffer[256];
	size_t length = model->level_length[variable];
	char *label = length < sizeof(buffer) ? buffer : palloc(length + 1);

	label[0] = (char)(variable + 1);
	memcpy(label + 1, model->level[variable], length);
	state = intern_label(state, label, length + 1, number);
	if (label != buffer)
		pfree(label);
	return state;
}

/* ---- rows
 * ---------------------------------------------------------------------------------- */

static void
reject_value(const KcModel *model, int atom, double value)
{
	const char *label = ks_formula_text(&model->formula, model->formula.atom[atom].label);

	if (isfinite(value))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("%s is out of range: its square overflows", label),
						errdetail("Values must lie between -1e149 and 1e149.")));
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("%s is %s", label,
						   isnan(value) ? "NaN" : (value > 0 ? "infinity" : "-infinity")),
					errhint("Leave such rows out with FILTER.")));
}

static void
evaluate_atoms(KcModel *model, bool with_outcome)
{
	const KsFormula *formula = &model->formula;

	for (int a = 0; a < formula->n_atoms; a++)
	{
		const KsAtom *atom = &formula->atom[a];
		KsDD *value = model->value + model->first[a];

		if (!model->evaluated[a] || (a == formula->response && !with_outcome))
			continue;
		if (likely(atom->variable >= 0))
			value[0] = ks_dd(model->number[atom->variable]);
		else
			ks_formula_evaluate(formula, atom, model->number, value);
		for (int c = 0; c < atom->columns; c++)
			if (unlikely(!(fabs(value[c].hi) < KC_LARGEST_VALUE)))
				reject_value(model, a, value[c].hi);
	}
}

static void
enter(KcModel *model, int column, KsDD value)
{
	model->entry_column[model->n_entries] = column;
	model->entry_value[model->n_entries++] = value;
}

/* The levels of a term's factors in this row, packed. */
static int64
pack_levels(const KcModel *model, const KsTermShape *shape, const uint32 *number)
{
	int64 levels = 0;

	for (int f = shape->n_factors - 1; f >= 0; f--)
		levels = levels << LEVEL_BITS |
				 (number[model->formula.atom[shape->factor[f]].variable] + 1);
	return levels;
}

KcState *
kc_model_enter_row(KcState *state, KcModel *model)
{
	const KsFormula *formula = &model->formula;
	uint32 number[KS_MAX_VARIABLES];

	evaluate_atoms(model, true);
	model->n_entries = 0;
	enter(model, 0, ks_dd(1));
	enter(model, 1, model->value[model->first[formula->response]]);
	for (int v = 0; v < formula->n_variables; v++)
		if (model->is_factor[v])
			state = intern_level(state, model, v, &number[v]);
	for (int t = 0; t < model->n_terms; t++)
	{
		const KsTermShape *shape = &model->shape[t];
		int column = model->fixed_column[t];

		if (shape->n_factors > 0)
			state = intern_columns(state, t, pack_levels(model, shape, number),
								   shape->parts, &column);
		ks_term_parts(formula, shape, model->value, model->first, model->part);
		for (int p = 0; p < shape->parts; p++)
		{
			if (unlikely(!(fabs(model->part[p].hi) < KC_LARGEST_VALUE)))
				reject_value(model, shape->number[0], model->part[p].hi);
			enter(model, column + p, model->part[p]);
		}
	}
	return state;
}

/* ---- merging
 * ---------------------------------------------------------------------------------- */

/* Takes labels over in the order given and says which number each one has now. */
static KcState *
take_labels(KcState *into, const KcState *from, const uint32 *order, uint32 *number)
{
	uint32 count = kc_label_count(from, KC_MODEL_LEVELS);

	for (uint32 i = 0; i < count; i++)
	{
		uint32 which = order != NULL ? order[i] : i;
		size_t length;
		const char *label = kc_label_at(from, KC_MODEL_LEVELS, which, &length);

		into = intern_label(into, label, length, &number[which]);
	}
	return into;
}

static int64
renumber_levels(int64 levels, const uint32 *number)
{
	int64 result = 0;

	for (int shift = 0; levels != 0; levels >>= LEVEL_BITS, shift += LEVEL_BITS)
		result |= (int64)(number[(levels & LEVEL_MASK) - 1] + 1) << shift;
	return result;
}

/* Columns that follow one another as the parts of one combination of levels. */
static int
count_parts(const KcState *state, int first)
{
	const KcModelColumn *columns = columns_of(state);
	int n = kc_model_n_columns(state);
	int parts = 1;

	while (first + parts < n && columns[first + parts].part == parts &&
		   columns[first + parts].term == columns[first].term &&
		   columns[first + parts].levels == columns[first].levels)
		parts++;
	return parts;
}

/* Formula, variables and the columns without levels. */
static KcState *
take_fixed(KcState *into, const KcState *from, int *column)
{
	const KcRegion *variables = kc_model_region(from, KC_MODEL_VARIABLES);
	size_t length;
	const char *formula = kc_model_formula(from, &length);
	bool fresh = kc_model_n_columns(into) == 0;

	if (length > 0)
		into = kc_model_set_formula(into, formula, length);
	if (variables->used == 0)
		return into;
	into = set_variables(into, kc_region_data(from, variables), variables->used);
	for (int c = 0; c < kc_model_n_columns(from) && columns_of(from)[c].levels == 0; c++)
	{
		column[c] = c;
		if (fresh)
			into = add_column(into, columns_of(from)[c]);
	}
	return into;
}

KcState *
kc_model_merge(KcState *into, const KcState *from, int *column)
{
	uint32 *number = palloc(sizeof(uint32) * (kc_label_count(from, KC_MODEL_LEVELS) + 1));

	into = take_fixed(into, from, column);
	into = take_labels(into, from, NULL, number);
	for (int c = 0; c < kc_model_n_columns(from); c++)
	{
		KcModelColumn from_column = columns_of(from)[c];

		if (from_column.levels == 0)
			continue;
		if (from_column.part > 0)
			column[c] = column[c - 1] + 1;
		else
			into = intern_columns(into, from_column.term,
								  renumber_levels(from_column.levels, number),
								  count_parts(from, c), &column[c]);
	}
	pfree(number);
	return into;
}

typedef struct ColumnRef
{
	KcModelColumn column;
	int number;
} ColumnRef;

static int
compare_columns(const void *a, const void *b)
{
	const KcModelColumn *left = &((const ColumnRef *)a)->column;
	const KcModelColumn *right = &((const ColumnRef *)b)->column;

	if (left->term != right->term)
		return left->term < right->term ? -1 : 1;
	if (left->levels != right->levels)
		return left->levels < right->levels ? -1 : 1;
	return left->part < right->part ? -1 : left->part > right->part;
}

KcState *
kc_model_canonical(KcState *into, const KcState *from, int *column)
{
	uint32 n_labels = kc_label_count(from, KC_MODEL_LEVELS);
	uint32 *number = palloc(sizeof(uint32) * (n_labels + 1));
	uint32 *order = palloc(sizeof(uint32) * (n_labels + 1));
	int n = kc_model_n_columns(from);
	ColumnRef *refs = palloc(sizeof(ColumnRef) * Max(n, 1));
	int n_refs = 0;

	kc_label_order(from, KC_MODEL_LEVELS, NULL, order);
	into = take_fixed(into, from, column);
	into = take_labels(into, from, order, number);
	for (int c = 0; c < n; c++)
	{
		ColumnRef ref = {columns_of(from)[c], c};

		if (ref.column.levels == 0)
			continue;
		ref.column.levels = renumber_levels(ref.column.levels, number);
		refs[n_refs++] = ref;
	}
	qsort(refs, n_refs, sizeof(ColumnRef), compare_columns);
	for (int i = 0; i < n_refs; i++)
	{
		column[refs[i].number] = kc_model_n_columns(into);
		into = add_column(into, refs[i].column);
	}
	pfree(refs);
	pfree(order);
	pfree(number);
	return into;
}

/* ---- checking
 * ---------------------------------------------------------------------------------- */

static const char *
check_labels(const KcState *state, const KsFormula *formula, const bool *is_factor)
{
	for (uint32 i = 0; i < kc_label_count(state, KC_MODEL_LEVELS); i++)
	{
		size_t length;
		const char *label = kc_label_at(state, KC_MODEL_LEVELS, i, &length);

		if (length == 0 || label[0] < 1 || label[0] > formula->n_variables ||
			!is_factor[label[0] - 1])
			return "a level belongs to no factor";
		if (count_levels(state, label[0]) > KS_MAX_LEVELS)
			return "a factor has too many levels";
	}
	return kc_label_count(state, KC_MODEL_LEVELS) > MAX_LABELS ? "it has too many levels"
															   : NULL;
}

/* The levels of a column must be those of the factors of its term, in their order. */
static bool
levels_fit(const KcState *state, const KsFormula *formula, const KsTermShape *shape,
		   int64 levels)
{
	if (levels < 0)
		return false;
	for (int f = 0; f < shape->n_factors; f++, levels >>= LEVEL_BITS)
	{
		uint32 number = (uint32)(levels & LEVEL_MASK);
		size_t length;

		if (number == 0 || number > kc_label_count(state, KC_MODEL_LEVELS) ||
			*kc_label_at(state, KC_MODEL_LEVELS, number - 1, &length) !=
				formula->atom[shape->factor[f]].variable + 1)
			return false;
	}
	return levels == 0;
}

static const char *
check_columns(const KcState *state, const KcModel *model)
{
	const KcModelColumn *columns = columns_of(state);
	int n = kc_model_n_columns(state);
	int c = 2;

	if (n < model->n_fixed || n > KS_MAX_COLUMNS || columns[0].term != KC_TERM_CONSTANT ||
		columns[1].term != KC_TERM_OUTCOME || columns[0].levels != 0 ||
		columns[1].levels != 0 || columns[0].part != 0 || columns[1].part != 0)
		return "its columns are out of order";
	for (int t = 0; t < model->n_terms; t++)
		for (int p = 0; p < model->shape[t].parts && model->shape[t].n_factors == 0;
			 p++, c++)
			if (columns[c].term != t || columns[c].part != p || columns[c].levels != 0)
				return "its columns are out of order";
	for (; c < n; c++)
	{
		const KcModelColumn *column = &columns[c];

		if (column->term < 0 || column->term >= model->n_terms || column->levels == 0 ||
			!levels_fit(state, &model->formula, &model->shape[column->term],
						column->levels))
			return "a column belongs to no term";
		if (column->part != 0 && (columns[c - 1].part != column->part - 1 ||
								  columns[c - 1].term != column->term ||
								  columns[c - 1].levels != column->levels))
			return "its columns are out of order";
		if (column->part == 0 &&
			count_parts(state, c) != model->shape[column->term].parts)
			return "a column is missing";
	}
	return NULL;
}

/* Two columns for one combination of levels would share its rows between them. */
static bool
has_repeated_columns(const KcState *state)
{
	int n = kc_model_n_columns(state);
	ColumnRef *refs = palloc(sizeof(ColumnRef) * Max(n, 1));
	bool repeated = false;

	for (int c = 0; c < n; c++)
		refs[c] = (ColumnRef){columns_of(state)[c], c};
	qsort(refs, n, sizeof(ColumnRef), compare_columns);
	for (int c = 1; c < n && !repeated; c++)
		repeated = compare_columns(&refs[c - 1], &refs[c]) == 0;
	pfree(refs);
	return repeated;
}

/* The labels too: a dictionary that has one twice would find only the first. */
static bool
has_repeated_labels(const KcState *state)
{
	uint32 n = kc_label_count(state, KC_MODEL_LEVELS);
	uint32 *order = palloc(sizeof(uint32) * (n + 1));
	bool repeated = false;

	kc_label_order(state, KC_MODEL_LEVELS, NULL, order);
	for (uint32 i = 1; i < n && !repeated; i++)
	{
		size_t length, other_length;
		const char *label = kc_label_at(state, KC_MODEL_LEVELS, order[i], &length);
		const char *other =
			kc_label_at(state, KC_MODEL_LEVELS, order[i - 1], &other_length);

		repeated = length == other_length && memcmp(label, other, length) == 0;
	}
	pfree(order);
	return repeated;
}

static const char *
check_model(const KcState *state, const KsFormula *formula, const char *kind)
{
	bool is_factor[KS_MAX_VARIABLES];
	const char *problem;
	KsTermShape shape;
	KsShapeError error;

	for (int v = 0; v < formula->n_variables; v++)
	{
		if (strchr("nfbg", kind[v]) == NULL)
			return "the kind of a variable is unknown";
		is_factor[v] = kind[v] == KC_VARIABLE_FACTOR || kind[v] == KC_VARIABLE_BOOLEAN;
		if (is_factor[v] && formula->variable[v].in_response)
			return "its outcome is a factor";
	}
	for (int t = 0; t < formula->n_terms; t++)
		if (!ks_term_shape(formula, formula->term[t], is_factor, &shape, &error))
			return "a term cannot be computed";
	problem = check_labels(state, formula, is_factor);
	if (problem == NULL)
		problem = check_columns(state, kc_model_compile(formula, kind));
	if (problem == NULL && has_repeated_columns(state))
		problem = "a column is there twice";
	if (problem == NULL && has_repeated_labels(state))
		problem = "a level is there twice";
	return problem;
}

const char *
kc_model_check(const KcState *state)
{
	const char *problem = kc_label_check(state, KC_MODEL_LEVELS);
	KsFormula *formula;
	char kind[KS_MAX_VARIABLES];
	size_t length;

	if (problem != NULL)
		return problem;
	(void)kc_model_formula(state, &length);
	if (!kc_model_has_rows(state))
		return kc_model_n_columns(state) > 0 || state->n > 0 ||
					   kc_label_count(state, KC_MODEL_LEVELS) > 0
				   ? "it has columns without variables"
				   : NULL;
	if (length == 0)
		return "it has no formula";
	formula = palloc(sizeof(KsFormula));
	problem = parse_state(state, formula, kind) ? check_model(state, formula, kind)
												: "its formula cannot be read";
	pfree(formula);
	return problem;
}

/* ---- reading
 * -------------------------------------------------------------------------------------
 */

static const char *
shown_level(const KcModel *model, int variable, const char *label)
{
	if (model->kind[variable] == KC_VARIABLE_BOOLEAN)
		return strcmp(label, "true") == 0 ? "TRUE" : "FALSE";
	return kc_level_text(label);
}

void
kc_model_levels(const KcState *state, const KcModel *model, KcModelLevels *levels)
{
	uint32 n = kc_label_count(state, KC_MODEL_LEVELS);
	uint32 *order = palloc(sizeof(uint32) * (n + 1));

	memset(levels, 0, sizeof(*levels));
	kc_label_order(state, KC_MODEL_LEVELS, NULL, order);
	for (uint32 i = 0; i < n; i++)
	{
		char *label = kc_label_cstring(state, KC_MODEL_LEVELS, order[i]);
		int variable = label[0] - 1;
		KsLevels *of = &levels->levels[variable];

		if (of->count == 0)
		{
			of->level = palloc(sizeof(char *) * KS_MAX_LEVELS);
			levels->number[variable] = palloc(sizeof(uint32) * KS_MAX_LEVELS);
		}
		levels->number[variable][of->count] = order[i];
		((const char **)of->level)[of->count++] = shown_level(model, variable, label + 1);
	}
	pfree(order);
}

int
kc_model_find_column(const KcState *state, const KsDesign *design,
					 const KcModelLevels *levels, int design_column)
{
	const KsDesignColumn *wanted = &design->column[design_column];
	const KcModelColumn *columns = columns_of(state);
	const KsTermShape *shape;
	int64 packed = 0;

	if (wanted->term < 0)
		return 0;
	shape = &design->term[wanted->term].shape;
	for (int f = shape->n_factors - 1; f >= 0; f--)
	{
		int variable = design->formula->atom[shape->factor[f]].variable;

		packed = packed << LEVEL_BITS | (levels->number[variable][wanted->level[f]] + 1);
	}
	for (int c = 2; c < kc_model_n_columns(state); c++)
		if (columns[c].term == wanted->term && columns[c].part == wanted->part &&
			columns[c].levels == packed)
			return c;
	return -1;
}

/* The place of the row's level among those of a factor; -1: not met when fitting. */
static int
find_level(const KcState *state, const KcModel *model, const KcModelLevels *levels,
		   int variable)
{
	for (int l = 0; l < levels->levels[variable].count; l++)
	{
		size_t length;
		const char *label =
			kc_label_at(state, KC_MODEL_LEVELS, levels->number[variable][l], &length);

		if (length == model->level_length[variable] + 1 &&
			memcmp(label + 1, model->level[variable], length - 1) == 0)
			return l;
	}
	return -1;
}

bool
kc_model_design_row(const KcState *state, KcModel *model, const KsDesign *design,
					const KcModelLevels *levels, double *row)
{
	const KsFormula *formula = &model->formula;
	int level[KS_MAX_VARIABLES];

	for (int v = 0; v < formula->n_variables; v++)
	{
		level[v] = -1;
		if (model->is_factor[v] && formula->variable[v].in_terms)
		{
			level[v] = find_level(state, model, levels, v);
			if (level[v] < 0)
				return false;
		}
	}
	evaluate_atoms(model, false);
	for (int c = 0, term = -1; c < design->n_columns; c++)
	{
		const KsDesignColumn *column = &design->column[c];
		const KsTermShape *shape;

		row[c] = 1;
		if (column->term < 0)
			continue;
		shape = &design->term[column->term].shape;
		if (column->term != term)
			ks_term_parts(formula, shape, model->value, model->first, model->part);
		term = column->term;
		row[c] = ks_dd_value(model->part[column->part]);
		for (int f = 0; f < shape->n_factors; f++)
			if (level[formula->atom[shape->factor[f]].variable] != column->level[f])
				row[c] = 0;
	}
	return true;
}
