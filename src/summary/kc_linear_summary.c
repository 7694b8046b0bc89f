/*
 * kc_linear_summary.c
 *	  Cross-products of a model's columns in double-double.
 *
 * The triangle of products is packed by column number, so that a new column is
 * a new row at its end and nothing moves.  A row of data adds to the products
 * of its columns that are not 0: as many as the formula has terms, however many
 * levels its factors have.
 */
#include "postgres.h"

#include "stat/ks_products.h"
#include "summary/kc_env.h"
#include "summary/kc_linear_summary.h"

enum
{
	PRODUCTS = KC_MODEL_REGIONS,
};

static KsDD *
products_of(const KcState *state)
{
	return kc_region_data(state, kc_model_region(state, PRODUCTS));
}

/* ---- adding rows ------------------------------------------------------------------ */

/* Makes the triangle as large as the number of columns asks for. */
static KcState *
grow_products(KcState *state)
{
	size_t size = ks_triangle(kc_model_n_columns(state), 0) * sizeof(KsDD);
	KcRegion *region = kc_model_region(state, PRODUCTS);
	size_t used = region->used;

	if (likely(used == size))
		return state;
	state = kc_region_reserve(state, PRODUCTS, size - used);
	region = kc_model_region(state, PRODUCTS);
	memset((char *)kc_region_data(state, region) + used, 0, size - used);
	region->used = size;
	return state;
}

static void
add_general_row(KsDD *products, const KcModel *model)
{
	for (int i = 0; i < model->n_entries; i++)
		for (int j = 0; j <= i; j++)
		{
			int a = model->entry_column[i];
			int b = model->entry_column[j];
			KsDD *product = &products[a >= b ? ks_triangle(a, b) : ks_triangle(b, a)];

			*product = ks_dd_accumulate(
				*product, ks_dd_mul(model->entry_value[i], model->entry_value[j]));
		}
}

KcState *
kc_linear_add_row(KcState *state, KcModel *model)
{
	state = kc_model_enter_row(state, model);
	state = grow_products(state);
	add_general_row(products_of(state), model);
	state->n++;
	return state;
}

bool
kc_linear_add_plain(KcState *state, const double *value, int n)
{
	bool small = true;

	for (int i = 1; i < n; i++)
		small = small && fabs(value[i]) < KC_LARGEST_VALUE;
	if (unlikely(!small || kc_model_region(state, PRODUCTS)->used !=
							   ks_triangle(n, 0) * sizeof(KsDD)))
		return false;
	ks_add_products(products_of(state), value, n);
	state->n++;
	return true;
}

/* ---- merging ---------------------------------------------------------------------- */

static KcState *
add_products(KcState *into, const KcState *from, const int *column)
{
	int n = kc_model_n_columns(from);
	const KsDD *other = products_of(from);
	KsDD *products;

	into = grow_products(into);
	products = products_of(into);
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			size_t at = ks_triangle(Max(column[i], column[j]), Min(column[i], column[j]));

			products[at] = ks_dd_add(products[at], other[ks_triangle(i, j)]);
			if (!isfinite(products[at].hi))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("value out of range: a sum of squares overflows")));
		}
	return into;
}

static KcState *
merge_linear(KcState *into, const KcState *from)
{
	int *column = palloc(sizeof(int) * (kc_model_n_columns(from) + 1));

	into = kc_model_merge(into, from, column);
	into = add_products(into, from, column);
	into->n += from->n;
	into->n_missing += from->n_missing;
	pfree(column);
	return into;
}

static KcState *
canonical_as(const KcState *state, const KcSummaryType *type)
{
	KcState *copy = kc_state_create(type);
	int *column = palloc(sizeof(int) * (kc_model_n_columns(state) + 1));

	copy = kc_model_canonical(copy, state, column);
	copy = add_products(copy, state, column);
	copy->n = state->n;
	copy->n_missing = state->n_missing;
	pfree(column);
	return kc_state_trim(copy);
}

static KcState *
finish_linear(const KcState *state)
{
	return canonical_as(state, kc_summary_type(state->tag));
}

KcState *
kc_linear_as_model(const KcState *summary)
{
	return canonical_as(summary, &kc_linear_model_type);
}

/* ---- checking --------------------------------------------------------------------- */

static const char *
check_linear(const KcState *state)
{
	const char *problem =
		state->flags != 0 ? "its flags are unknown" : kc_model_check(state);
	const KcRegion *region = kc_model_region(state, PRODUCTS);
	size_t n = kc_model_n_columns(state);
	const KsDD *products = products_of(state);

	if (problem != NULL)
		return problem;
	if (region->used != ks_triangle(n, 0) * sizeof(KsDD))
		return "its products have the wrong number";
	for (size_t i = 0; i < ks_triangle(n, 0); i++)
		if (!isfinite(products[i].hi) || !isfinite(products[i].lo) ||
			fabs(products[i].lo) > 0x1p-50 * fabs(products[i].hi))
			return "a sum is not in double-double form";
	if (n > 0 && (products[0].hi != (double)state->n || products[0].lo != 0))
		return "its row count is not that of its products";
	for (size_t i = 0; i < n; i++)
		if (products[ks_triangle(i, i)].hi < 0)
			return "a sum of squares is negative";
	return NULL;
}

#define LINEAR_LAYOUT                                                                    \
	.version = 1, .fixed_size = 0, .n_regions = KC_MODEL_REGIONS + 1,                    \
	.fixed_pattern = "", .region_pattern = {KC_MODEL_PATTERNS, "dd"},                    \
	.check = check_linear, .merge = merge_linear, .finish = finish_linear

const KcSummaryType kc_linear_summary_type = {
	.name = "linear_summary", .tag = KC_LINEAR_SUMMARY, LINEAR_LAYOUT};

const KcSummaryType kc_linear_model_type = {
	.name = "linear_model", .tag = KC_LINEAR_MODEL, LINEAR_LAYOUT};

/* ---- reading ---------------------------------------------------------------------- */

/* The products of the design's columns and, last, the outcome. */
static KsDD *
design_products(const KcState *state, const KcLinearFit *read)
{
	int p = read->design.n_columns;
	int *column = palloc(sizeof(int) * (p + 1));
	const KsDD *products = products_of(state);
	KsDD *chosen = palloc(sizeof(KsDD) * ks_triangle(p + 1, 0));

	for (int c = 0; c < p; c++)
		column[c] = kc_model_find_column(state, &read->design, &read->levels, c);
	column[p] = 1;
	for (int i = 0; i <= p; i++)
		for (int j = 0; j <= i; j++)
		{
			int a = Max(column[i], column[j]);
			int b = Min(column[i], column[j]);

			chosen[ks_triangle(i, j)] = b < 0 ? ks_dd(0) : products[ks_triangle(a, b)];
		}
	pfree(column);
	return chosen;
}

void
kc_linear_read(const KcState *state, KcLinearFit *read)
{
	const KsFormula *formula;
	KsDD *products;
	KsStatus status;

	memset(read, 0, sizeof(*read));
	read->state = state;
	read->n_missing = state->n_missing;
	if (!kc_model_has_rows(state))
		return;
	read->model = kc_model_of_state(state);
	if (read->model == NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("value is not a %s", kc_summary_type(state->tag)->name)));
	formula = &read->model->formula;
	kc_model_levels(state, read->model, &read->levels);
	status = ks_design_build(formula, formula->term, formula->n_terms, formula->intercept,
							 read->levels.levels, &kc_env, &read->design);
	if (status == KS_TOO_LARGE)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the model has more than %d columns", KS_MAX_COLUMNS),
						errhint("Leave out interactions of factors with many levels.")));
	kc_require(status);
	products = design_products(state, read);
	kc_require(ks_linear_fit(products, read->design.n_columns, read->design.intercept,
							 state->n, &kc_env, &read->fit));
	pfree(products);
}

double
kc_linear_predict(KcLinearFit *read, double *row)
{
	if (!kc_model_design_row(read->state, read->model, &read->design, &read->levels,
							 row) ||
		!ks_linear_estimable(&read->fit, row))
		return NAN;
	return ks_dd_value(ks_linear_combination(&read->fit, row));
}
