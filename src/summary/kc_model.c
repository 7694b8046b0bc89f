/*
 * kc_model.c
 *	  The part that the summaries of models share.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "stat/ks_products.h"
#include "summary/kc_env.h"
#include "summary/kc_model_parts.h"

KcModelColumn *
kc_model_columns_of(const KcState *state)
{
	return kc_region_data(state, kc_model_region(state, KC_MODEL_COLUMNS));
}

int
kc_model_n_columns(const KcState *state)
{
	return kc_model_region(state, KC_MODEL_COLUMNS)->used / sizeof(KcModelColumn);
}

int
kc_model_n_fixed(const KcState *state)
{
	const KcModelColumn *columns = kc_model_columns_of(state);
	int n = 0;

	while (n < kc_model_n_columns(state) && columns[n].levels == 0)
		n++;
	return n;
}

bool
kc_model_is_leading(const KcState *state, const KcModel *model, int column)
{
	return model->leading[kc_model_columns_of(state)[column].term + 2];
}

/* ---- compiling -------------------------------------------------------------------- */

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

/* Room to remember where a row's columns are in a group's block. */
static void
make_room_for_places(KcModel *model, int entries)
{
	if (model->formula.n_random == 0 && model->formula.subject.n_variables == 0)
		return;
	model->pair = palloc(sizeof(KcPair) * entries * (entries + 1) / 2);
	model->placed_column = palloc0(sizeof(int) * entries);
	model->placed_pattern = palloc0(sizeof(int) * (KS_MAX_COLUMNS + 2));
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
	make_room_for_places(model, entries);
}

int
kc_model_find_term(const uint64_t *terms, int n_terms, uint64_t term)
{
	for (int t = 0; t < n_terms; t++)
		if (terms[t] == term)
			return t;
	return -1;
}

int
kc_model_list_terms(const KsFormula *formula, uint64_t terms[KC_MODEL_MAX_TERMS])
{
	int n_terms = formula->n_terms;

	memcpy(terms, formula->term, sizeof(uint64_t) * n_terms);
	for (int r = 0; r < formula->n_random; r++)
		for (int t = 0; t < formula->random[r].n_terms; t++)
			if (kc_model_find_term(terms, n_terms, formula->random[r].term[t]) < 0)
				terms[n_terms++] = formula->random[r].term[t];
	return n_terms;
}

/* All columns of a trajectory lead; of a mixed model, those of its random part. */
static void
mark_leading(KcModel *model)
{
	const KsFormula *formula = &model->formula;

	model->leading = palloc0(sizeof(bool) * (model->n_terms + 2));
	if (formula->subject.n_variables > 0)
		memset(model->leading, true, sizeof(bool) * (model->n_terms + 2));
	for (int r = 0; r < formula->n_random; r++)
	{
		const KsRandom *random = &formula->random[r];

		if (random->intercept)
			model->leading[KC_TERM_CONSTANT + 2] = true;
		for (int t = 0; t < random->n_terms; t++)
			model->leading[kc_model_find_term(model->term, model->n_terms,
											  random->term[t]) +
						   2] = true;
	}
}

KcModel *
kc_model_compile(const KsFormula *formula, const char *kind)
{
	KcModel *model = palloc0(sizeof(KcModel));
	KsShapeError error;
	uint64_t terms[KC_MODEL_MAX_TERMS];

	model->formula = *formula;
	model->n_terms = kc_model_list_terms(formula, terms);
	model->term = palloc(sizeof(uint64_t) * Max(model->n_terms, 1));
	memcpy(model->term, terms, sizeof(uint64_t) * model->n_terms);
	mark_leading(model);
	for (int v = 0; v < formula->n_variables; v++)
	{
		model->kind[v] = kind[v];
		model->is_factor[v] =
			kind[v] == KC_VARIABLE_FACTOR || kind[v] == KC_VARIABLE_BOOLEAN;
	}
	write_variables(model);
	model->shape = palloc0(sizeof(KsTermShape) * Max(model->n_terms, 1));
	model->fixed_column = palloc0(sizeof(int) * Max(model->n_terms, 1));
	for (int t = 0; t < model->n_terms; t++)
		if (!ks_term_shape(formula, model->term[t], model->is_factor, &model->shape[t],
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
bool
kc_model_parse_state(const KcState *state, KsFormula *formula, char *kind)
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

	if (kc_model_parse_state(state, formula, kind))
		model = kc_model_compile(formula, kind);
	pfree(formula);
	return model;
}

/* ---- formula and variables -------------------------------------------------------- */

static bool
region_equals(const KcState *state, int region, const char *bytes, size_t length)
{
	const KcRegion *own = kc_model_region(state, region);

	return own->used == length && memcmp(kc_region_data(state, own), bytes, length) == 0;
}

/* Names both in bytewise order: which comes first depends on the plan. */
pg_noreturn static void
reject_formulas(const char *a, const char *b)
{
	bool in_order = strcmp(a, b) < 0;

	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the formula differs between rows of one group"),
					errdetail("There are \"%s\" and \"%s\".", in_order ? a : b,
							  in_order ? b : a)));
}

KcState *
kc_model_set_formula(KcState *state, const char *formula, size_t length)
{
	const KcRegion *own = kc_model_region(state, KC_MODEL_FORMULA);

	if (likely(kc_model_has_formula(state, formula, length)))
		return state;
	if (own->used == 0)
		return kc_region_append(state, KC_MODEL_FORMULA, formula, length);
	reject_formulas(pnstrdup(kc_region_data(state, own), own->used),
					pnstrdup(formula, length));
}

KcState *
kc_model_add_column(KcState *state, KcModelColumn column)
{
	if (kc_model_n_columns(state) >= KS_MAX_COLUMNS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the model has more than %d columns", KS_MAX_COLUMNS),
						errhint("Leave out interactions of factors with many levels.")));
	return kc_region_append(state, KC_MODEL_COLUMNS, &column, sizeof(column));
}

KcState *
kc_model_take_variables(KcState *state, const char *variables, size_t length)
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
		return kc_model_take_variables(state, model->variables, model->variables_length);
	state = kc_model_take_variables(state, model->variables, model->variables_length);
	state = kc_model_add_column(state, (KcModelColumn){.term = KC_TERM_CONSTANT});
	state = kc_model_add_column(state, (KcModelColumn){.term = KC_TERM_OUTCOME});
	for (int t = 0; t < model->n_terms; t++)
		for (int p = 0; p < model->shape[t].parts && model->shape[t].n_factors == 0; p++)
			state = kc_model_add_column(state, (KcModelColumn){.term = t, .part = p});
	return state;
}

/* ---- columns with levels ---------------------------------------------------------- */

/* Columns that follow one another as the parts of one combination of levels. */
int
kc_model_count_parts(const KcState *state, int first)
{
	const KcModelColumn *columns = kc_model_columns_of(state);
	int n = kc_model_n_columns(state);
	int parts = 1;

	while (first + parts < n && columns[first + parts].part == parts &&
		   columns[first + parts].term == columns[first].term &&
		   columns[first + parts].levels == columns[first].levels)
		parts++;
	return parts;
}

int
kc_model_compare_columns(const void *a, const void *b)
{
	const KcModelColumn *left = &((const KcColumnRef *) a)->column;
	const KcModelColumn *right = &((const KcColumnRef *) b)->column;

	if (left->term != right->term)
		return left->term < right->term ? -1 : 1;
	if (left->levels != right->levels)
		return left->levels < right->levels ? -1 : 1;
	return left->part < right->part ? -1 : left->part > right->part;
}

static uint32 *
find_slot(const KcState *state, int32 term, int64 levels)
{
	KcRegion *index = kc_model_region(state, KC_MODEL_INDEX);
	uint32 *slots = kc_region_data(state, index);
	const KcModelColumn *columns = kc_model_columns_of(state);
	uint32 mask = index->used / sizeof(uint32) - 1;
	uint32 at =
		murmurhash32((uint32) levels ^ murmurhash32((uint32) (levels >> 32) + term)) &
		mask;

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

	while (n_slots < 3 * ((size_t) n + 1))
		n_slots *= 2;
	kc_model_region(state, KC_MODEL_INDEX)->used = 0;
	state = kc_region_reserve(state, KC_MODEL_INDEX, n_slots * sizeof(uint32));
	index = kc_model_region(state, KC_MODEL_INDEX);
	index->used = n_slots * sizeof(uint32);
	memset(kc_region_data(state, index), 0, index->used);
	for (int i = 0; i < n; i++)
	{
		KcModelColumn column = kc_model_columns_of(state)[i];

		if (column.levels != 0 && column.part == 0)
			*find_slot(state, column.term, column.levels) = i + 1;
	}
	return state;
}

/* The first of the `parts` columns of a term at these levels, added when new. */
KcState *
kc_model_intern_columns(KcState *state, int32 term, int64 levels, int parts, int *column)
{
	const KcRegion *index = kc_model_region(state, KC_MODEL_INDEX);
	uint32 *slot;

	if (index->used / sizeof(uint32) < 2 * ((size_t) kc_model_n_columns(state) + 1))
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
		state = kc_model_add_column(state, (KcModelColumn){term, p, levels});
	return state;
}

/* The levels a factor has, by the first byte of their labels. */
int
kc_model_count_levels(const KcState *state, char variable)
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
KcState *
kc_model_intern_label(KcState *state, const char *label, size_t length, uint32 *number)
{
	uint32 before = kc_label_count(state, KC_MODEL_LEVELS);

	state = kc_label_intern(state, KC_MODEL_LEVELS, label, length, number);
	if (likely(kc_label_count(state, KC_MODEL_LEVELS) == before))
		return state;
	if (kc_model_count_levels(state, label[0]) > KS_MAX_LEVELS ||
		before >= KC_MODEL_MAX_LABELS)
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

	label[0] = (char) (variable + 1);
	memcpy(label + 1, model->level[variable], length);
	state = kc_model_intern_label(state, label, length + 1, number);
	if (label != buffer)
		pfree(label);
	return state;
}

/* ---- rows ------------------------------------------------------------------------- */

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

void
kc_model_evaluate_atoms(KcModel *model, bool with_outcome)
{
	const KsFormula *formula = &model->formula;

	for (int a = 0; a < formula->n_atoms; a++)
	{
		const KsAtom *atom = &formula->atom[a];
		KsDD *value = model->value + model->first[a];

		if (!model->evaluated[a] || (a == formula->response && !with_outcome))
			continue;
		if (likely(atom->variable >= 0))
			value[0] = model->number[atom->variable];
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
		levels = levels << KC_LEVEL_BITS |
				 (number[model->formula.atom[shape->factor[f]].variable] + 1);
	return levels;
}

KcState *
kc_model_enter_row(KcState *state, KcModel *model)
{
	const KsFormula *formula = &model->formula;
	uint32 number[KS_MAX_VARIABLES];

	kc_model_evaluate_atoms(model, true);
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
			state = kc_model_intern_columns(state, t, pack_levels(model, shape, number),
											shape->parts, &column);
		if (shape->n_factors == 0 && shape->n_numbers == 1 && shape->parts == 1)
		{
			/* a column as it is, whose size was looked at */
			enter(model, column, model->value[model->first[shape->number[0]]]);
			continue;
		}
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
