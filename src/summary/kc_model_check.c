/*
 * kc_model_check.c
 *	  Whether bytes from outside are what the aggregates of models write.
 */
#include "postgres.h"

#include "summary/kc_model_parts.h"

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
		if (kc_model_count_levels(state, label[0]) > KS_MAX_LEVELS)
			return "a factor has too many levels";
	}
	return kc_label_count(state, KC_MODEL_LEVELS) > KC_MODEL_MAX_LABELS
			   ? "it has too many levels"
			   : NULL;
}

/* The levels of a column must be those of the factors of its term, in their order. */
static bool
levels_fit(const KcState *state, const KsFormula *formula, const KsTermShape *shape,
		   int64 levels)
{
	if (levels < 0)
		return false;
	for (int f = 0; f < shape->n_factors; f++, levels >>= KC_LEVEL_BITS)
	{
		uint32 number = (uint32) (levels & KC_LEVEL_MASK);
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
	const KcModelColumn *columns = kc_model_columns_of(state);
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

		if (column->term < 0 || column->term >= model->n_terms || column->part < 0 ||
			column->levels == 0 ||
			!levels_fit(state, &model->formula, &model->shape[column->term],
						column->levels))
			return "a column belongs to no term";
		if (column->part != 0 && (columns[c - 1].part != column->part - 1 ||
								  columns[c - 1].term != column->term ||
								  columns[c - 1].levels != column->levels))
			return "its columns are out of order";
		if (column->part == 0 &&
			kc_model_count_parts(state, c) != model->shape[column->term].parts)
			return "a column is missing";
	}
	return NULL;
}

/* Two columns for one combination of levels would share its rows between them. */
static bool
has_repeated_columns(const KcState *state)
{
	int n = kc_model_n_columns(state);
	KcColumnRef *refs = palloc(sizeof(KcColumnRef) * Max(n, 1));
	bool repeated = false;

	for (int c = 0; c < n; c++)
		refs[c] = (KcColumnRef){kc_model_columns_of(state)[c], c};
	qsort(refs, n, sizeof(KcColumnRef), kc_model_compare_columns);
	for (int c = 1; c < n && !repeated; c++)
		repeated = kc_model_compare_columns(&refs[c - 1], &refs[c]) == 0;
	pfree(refs);
	return repeated;
}

static const char *
check_model(const KcState *state, const KsFormula *formula, const char *kind)
{
	bool is_factor[KS_MAX_VARIABLES];
	const char *problem;
	KsTermShape shape;
	KsShapeError error;
	uint64_t terms[KC_MODEL_MAX_TERMS];
	int n_terms = kc_model_list_terms(formula, terms);

	for (int v = 0; v < formula->n_variables; v++)
	{
		if (strchr("nfbg", kind[v]) == NULL)
			return "the kind of a variable is unknown";
		is_factor[v] = kind[v] == KC_VARIABLE_FACTOR || kind[v] == KC_VARIABLE_BOOLEAN;
		if (is_factor[v] && formula->variable[v].in_response)
			return "its outcome is a factor";
	}
	for (int t = 0; t < n_terms; t++)
		if (!ks_term_shape(formula, terms[t], is_factor, &shape, &error))
			return "a term cannot be computed";
	problem = check_labels(state, formula, is_factor);
	if (problem == NULL)
		problem = check_columns(state, kc_model_compile(formula, kind));
	if (problem == NULL && has_repeated_columns(state))
		problem = "a column is there twice";
	if (problem == NULL && kc_label_repeated(state, KC_MODEL_LEVELS))
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
	(void) kc_model_formula(state, &length);
	if (!kc_model_has_rows(state))
		return kc_model_n_columns(state) > 0 || state->n > 0 ||
					   kc_label_count(state, KC_MODEL_LEVELS) > 0
				   ? "it has columns without variables"
				   : NULL;
	if (length == 0)
		return "it has no formula";
	formula = palloc(sizeof(KsFormula));
	problem = kc_model_parse_state(state, formula, kind)
				  ? check_model(state, formula, kind)
				  : "its formula cannot be read";
	pfree(formula);
	return problem;
}
