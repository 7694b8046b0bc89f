/*
 * kc_model_read.c
 *	  From the columns of a summary to those of a design: levels sorted,
 *	  contrasts chosen, rows to predict for.
 */
#include "postgres.h"

#include "summary/kc_model_parts.h"

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
		((const char **) of->level)[of->count++] =
			shown_level(model, variable, label + 1);
	}
	pfree(order);
}

int
kc_model_find_column(const KcState *state, const KsDesign *design,
					 const KcModelLevels *levels, int design_column)
{
	const KsDesignColumn *wanted = &design->column[design_column];
	const KcModelColumn *columns = kc_model_columns_of(state);
	const KsTermShape *shape;
	int64 packed = 0;
	uint64_t terms[KC_MODEL_MAX_TERMS];
	int term;

	if (wanted->term < 0)
		return 0;
	term = kc_model_find_term(terms, kc_model_list_terms(design->formula, terms),
							  design->term_atoms[wanted->term]);
	shape = &design->term[wanted->term].shape;
	for (int f = shape->n_factors - 1; f >= 0; f--)
	{
		int variable = design->formula->atom[shape->factor[f]].variable;

		packed =
			packed << KC_LEVEL_BITS | (levels->number[variable][wanted->level[f]] + 1);
	}
	for (int c = 2; c < kc_model_n_columns(state); c++)
		if (columns[c].term == term && columns[c].part == wanted->part &&
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
	kc_model_evaluate_atoms(model, false);
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
