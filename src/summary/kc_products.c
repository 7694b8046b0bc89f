/*
 * kc_products.c
 *	  Cross-products of a model's columns in double-double.
 *
 * The triangle of products is packed by column number, so that a new column is
 * a new row at its end and nothing moves.  A row of data adds to the products
 * of its columns that are not 0: as many as the formula has terms, however many
 * levels its factors have.
 */
#include "postgres.h"

#include "stat/ks_linear.h"
#include "stat/ks_products.h"
#include "summary/kc_products.h"

static KsDD *
products_of(const KcState *state)
{
	return kc_region_data(state, kc_model_region(state, KC_PRODUCTS));
}

/* ---- adding rows ------------------------------------------------------------------ */

/* Makes the triangle as large as the number of columns asks for. */
static KcState *
grow_products(KcState *state)
{
	size_t size = ks_triangle(kc_model_n_columns(state), 0) * sizeof(KsDD);
	KcRegion *region = kc_model_region(state, KC_PRODUCTS);
	size_t used = region->used;

	if (likely(used == size))
		return state;
	state = kc_region_reserve(state, KC_PRODUCTS, size - used);
	region = kc_model_region(state, KC_PRODUCTS);
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

/* All columns, in their order, without lower parts. */
static void
add_full_row(KsDD *products, const KcModel *model)
{
	double value[KS_PRODUCT_COLUMNS];

	for (int e = 0; e < model->n_entries; e++)
		value[e] = model->entry_value[e].hi;
	ks_add_products(products, value, model->n_entries);
}

KcState *
kc_products_add_row(KcState *state, const KcModel *model)
{
	state = grow_products(state);
	if (kc_model_rows_are_full(model) && model->n_entries <= KS_PRODUCT_COLUMNS &&
		kc_model_row_is_double(model))
		add_full_row(products_of(state), model);
	else
		add_general_row(products_of(state), model);
	return state;
}

KcState *
kc_products_merge(KcState *into, const KcState *from, const int *column)
{
	int n = kc_model_n_columns(from);
	const KsDD *other = products_of(from);
	KsDD *products;

	into = grow_products(into);
	/* a piece whose rows were all left out has columns and no products yet */
	if (kc_model_region(from, KC_PRODUCTS)->used == 0)
		return into;
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

const char *
kc_products_check(const KcState *state)
{
	const KcRegion *region = kc_model_region(state, KC_PRODUCTS);
	size_t n = kc_model_n_columns(state);
	const KsDD *products = products_of(state);

	if (region->used != ks_triangle(n, 0) * sizeof(KsDD))
		return "its products have the wrong number";
	for (size_t i = 0; i < ks_triangle(n, 0); i++)
		if (!isfinite(products[i].hi) || !isfinite(products[i].lo) ||
			fabs(products[i].lo) > 0x1p-50 * fabs(products[i].hi))
			return "a sum is not in double-double form";
	if (n > 0 && (products[0].hi != (double) state->n || products[0].lo != 0))
		return "its row count is not that of its products";
	for (size_t i = 0; i < n; i++)
		if (products[ks_triangle(i, i)].hi < 0)
			return "a sum of squares is negative";
	return NULL;
}

KsDD *
kc_products_of_design(const KcState *state, const KsDesign *design, const KcModelLevels *levels)
{
	int p = design->n_columns;
	int *column = palloc(sizeof(int) * (p + 1));
	const KsDD *products = products_of(state);
	KsDD *chosen = palloc(sizeof(KsDD) * ks_triangle(p + 1, 0));

	for (int c = 0; c < p; c++)
		column[c] = kc_model_find_column(state, design, levels, c);
	column[p] = 1;
	if (kc_model_region(state, KC_PRODUCTS)->used == 0)
	{
		memset(chosen, 0, sizeof(KsDD) * ks_triangle(p + 1, 0));
		pfree(column);
		return chosen;
	}
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
