/*
 * kc_linear_summary.c
 *	  Cross-products of a model's columns in double-double.
 *
 * The triangle of products is packed by column number, so that a new column is
 * a new row at its end and nothing moves.  A row of data adds to the products
 * of its columns that are not 0: as many as the formula has terms, however many
 * levels its factors have.
 *
 * Columns without levels are shifted by about their value in the first row, so
 * that a variance of 0.01 at 10^12 keeps its digits.  Plain models of integer and
 * float8 columns go without: a double has no digits to lose there, and rows are
 * added faster.
 */
#include "postgres.h"

#include "stat/ks_products.h"
#include "summary/kc_env.h"
#include "summary/kc_linear_summary.h"

enum
{
	PRODUCTS = KC_MODEL_REGIONS,
	SHIFTS, /* of the columns without levels; empty: none */
};

static KsDD *
products_of(const KcState *state)
{
	return kc_region_data(state, kc_model_region(state, PRODUCTS));
}

static double
shift_of(const KcState *state, int column)
{
	const KcRegion *region = kc_model_region(state, SHIFTS);
	const double *shift = kc_region_data(state, region);

	return column < (int) (region->used / sizeof(double)) ? shift[column] : 0;
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
	memset((char *) kc_region_data(state, region) + used, 0, size - used);
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

/* From the first row: half the digits, so that the shift's square is exact. */
static KcState *
choose_shifts(KcState *state, const KcModel *model)
{
	double *shift = palloc0(sizeof(double) * model->n_fixed);

	for (int i = 1; i < model->n_entries; i++)
		if (model->entry_column[i] < model->n_fixed)
			shift[model->entry_column[i]] = ks_split(model->entry_value[i].hi).hi;
	state = kc_region_append(state, SHIFTS, shift, sizeof(double) * model->n_fixed);
	pfree(shift);
	return state;
}

KcState *
kc_linear_add_row(KcState *state, KcModel *model)
{
	state = kc_model_enter_row(state, model);
	state = grow_products(state);
	if (state->n == 0 && !model->unshifted && kc_model_region(state, SHIFTS)->used == 0)
		state = choose_shifts(state, model);
	for (int i = 1; i < model->n_entries; i++)
		model->entry_value[i] =
			ks_dd_add_d(model->entry_value[i], -shift_of(state, model->entry_column[i]));
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
	if (unlikely(!small || kc_model_region(state, SHIFTS)->used > 0 ||
				 !kc_model_is_fixed(state, n)))
		return false;
	ks_add_products(products_of(state), value, n);
	state->n++;
	return true;
}

/* ---- merging ---------------------------------------------------------------------- */

/* The product of two columns, a >= b, when each is shifted back by this much. */
static KsDD
shifted_product(const KcState *state, int a, int b, KsDD by_a, KsDD by_b)
{
	const KsDD *products = products_of(state);
	KsDD product = products[ks_triangle(a, b)];

	if (by_a.hi != 0)
		product = ks_dd_add(product, ks_dd_mul(by_a, products[ks_triangle(b, 0)]));
	if (by_b.hi != 0)
		product = ks_dd_add(product, ks_dd_mul(by_b, products[ks_triangle(a, 0)]));
	if (by_a.hi != 0 && by_b.hi != 0)
		product =
			ks_dd_add(product, ks_dd_mul_d(ks_dd_mul(by_a, by_b), (double) state->n));
	return product;
}

/* Adds the products of `from`, whose column c is column[c] of `into`. */
static KcState *
add_products(KcState *into, const KcState *from, const int *column)
{
	int n = kc_model_n_columns(from);
	const KcRegion *shifts = kc_model_region(from, SHIFTS);
	size_t held = kc_model_region(from, PRODUCTS)->used / sizeof(KsDD);
	KsDD *by = palloc(sizeof(KsDD) * (n + 1));
	KsDD *products;

	into = grow_products(into);
	if (into->n == 0 && kc_model_region(into, SHIFTS)->used == 0 && shifts->used > 0)
		into = kc_region_append(into, SHIFTS, kc_region_data(from, shifts), shifts->used);
	for (int c = 0; c < n; c++)
		by[c] = ks_two_sum(shift_of(from, c), -shift_of(into, column[c]));
	products = products_of(into);
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			size_t at = ks_triangle(Max(column[i], column[j]), Min(column[i], column[j]));

			/* without a complete row there are columns and no products yet */
			if (ks_triangle(i, j) >= held)
				continue;
			products[at] =
				ks_dd_add(products[at], shifted_product(from, i, j, by[i], by[j]));
			if (!isfinite(products[at].hi))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("value out of range: a sum of squares overflows")));
		}
	pfree(by);
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
check_shifts(const KcState *state)
{
	const KcRegion *region = kc_model_region(state, SHIFTS);
	int n_fixed = kc_model_n_fixed(state);

	if (region->used != 0 && region->used != n_fixed * sizeof(double))
		return "its shifts have the wrong number";
	for (int c = 0; c < n_fixed; c++)
		if (!(fabs(shift_of(state, c)) < KC_LARGEST_VALUE) ||
			(c == 0 && shift_of(state, c) != 0))
			return "a shift is out of range";
	return NULL;
}

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
	problem = check_shifts(state);
	if (problem != NULL)
		return problem;
	if (n > 0 && (products[0].hi != (double) state->n || products[0].lo != 0))
		return "its row count is not that of its products";
	for (size_t i = 0; i < n; i++)
		if (products[ks_triangle(i, i)].hi < 0)
			return "a sum of squares is negative";
	return NULL;
}

#define LINEAR_LAYOUT                                                                    \
	.version = 1, .fixed_size = 0, .n_regions = KC_MODEL_REGIONS + 2,                    \
	.fixed_pattern = "", .region_pattern = {KC_MODEL_PATTERNS, "dd", "d"},               \
	.check = check_linear, .merge = merge_linear, .finish = finish_linear

const KcSummaryType kc_linear_summary_type = {
	.name = "linear_summary", .tag = KC_LINEAR_SUMMARY, LINEAR_LAYOUT};

const KcSummaryType kc_linear_model_type = {
	.name = "linear_model", .tag = KC_LINEAR_MODEL, LINEAR_LAYOUT};

/* ---- reading ---------------------------------------------------------------------- */

/*
 * The products of the design's columns and, last, the outcome, with what they
 * are shifted by.  Without an intercept to take the shifts up they are undone.
 */
static KsDD *
design_products(const KcState *state, const KcLinearFit *read, double *shift)
{
	int p = read->design.n_columns;
	int *column = palloc(sizeof(int) * (p + 1));
	KsDD *chosen = palloc(sizeof(KsDD) * ks_triangle(p + 1, 0));

	for (int c = 0; c <= p; c++)
	{
		column[c] =
			c == p ? 1 : kc_model_find_column(state, &read->design, &read->levels, c);
		shift[c] = column[c] < 0 ? 0 : shift_of(state, column[c]);
	}
	for (int i = 0; i <= p; i++)
		for (int j = 0; j <= i; j++)
		{
			bool swap = column[j] > column[i];
			int a = swap ? j : i;
			int b = swap ? i : j;
			KsDD by_a = ks_dd(read->design.intercept ? 0 : shift[a]);
			KsDD by_b = ks_dd(read->design.intercept ? 0 : shift[b]);

			chosen[ks_triangle(i, j)] =
				column[b] < 0 ? ks_dd(0)
							  : shifted_product(state, column[a], column[b], by_a, by_b);
		}
	pfree(column);
	return chosen;
}

void
kc_linear_read(const KcState *state, KcLinearFit *read)
{
	const KsFormula *formula;
	KsDD *products;
	double *shift;
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
	shift = palloc(sizeof(double) * (read->design.n_columns + 1));
	products = design_products(state, read, shift);
	if (read->design.intercept)
		status = ks_linear_fit_shifted(products, shift, read->design.n_columns, state->n,
									   &kc_env, &read->fit);
	else
		status = ks_linear_fit(products, read->design.n_columns, false, state->n, &kc_env,
							   &read->fit);
	kc_require(status);
	pfree(shift);
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
