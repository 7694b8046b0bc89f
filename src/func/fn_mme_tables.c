/*
 * fn_mme_tables.c
 *	  opioid_names and mme_factors in memory, folded, and the ingredient a name
 *	  means.
 *
 * Both tables are read whole by SPI with the query's own snapshot: they have
 * some hundred rows, and folding needs them all.  They are found in the schema
 * of the function being run, so no search path matters.
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "func/fn_config.h"
#include "func/fn_mme_tables.h"
#include "stat/ks_names.h"

/* ---- folding ---------------------------------------------------------------------- */

char *
kc_mme_fold(MemoryContext context, KcFoldFunction fold, const char *text, int length)
{
	const char *utf8 = text;
	char *out;

	if (length > 0 && GetDatabaseEncoding() != PG_SQL_ASCII)
		utf8 = pg_server_to_any(text, length, PG_UTF8);
	if (utf8 != text)
		length = strlen(utf8);
	out = MemoryContextAlloc(context, length + 1);
	fold(utf8, length, out);
	return out;
}

/* ---- reading the tables ----------------------------------------------------------- */

static int
compare_names(const void *a, const void *b)
{
	const KcMmeName *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order == 0)
		order = (int) x->shipped - (int) y->shipped;
	return order != 0 ? order : strcmp(x->name, y->name);
}

/*
 * The row a folded name means, or NULL.  Two rows of one rank that name
 * different drugs name none.
 */
static const KcMmeName *
find_name(const KcMmeTables *tables, const char *key)
{
	int low = 0, high = tables->n_names;
	const KcMmeName *found;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (strcmp(tables->names[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == tables->n_names || *key == '\0' ||
		strcmp(tables->names[low].key, key) != 0)
		return NULL;
	found = &tables->names[low];
	for (int i = low + 1; i < tables->n_names; i++)
	{
		const KcMmeName *other = &tables->names[i];

		if (strcmp(other->key, key) != 0 || other->shipped != found->shipped)
			break;
		if (found->drug == NULL || other->drug == NULL ||
			strcmp(found->drug_key, other->drug_key) != 0)
			return NULL;
	}
	return found;
}

/* A column as a string in the tables' memory, or NULL. */
static char *
text_column(KcMmeTables *tables, HeapTuple row, int column)
{
	char *value = SPI_getvalue(row, SPI_tuptable->tupdesc, column);

	return value ? MemoryContextStrdup(tables->context, value) : NULL;
}

static bool
bool_column(HeapTuple row, int column)
{
	bool isnull;

	return DatumGetBool(SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull));
}

static char *
fold_string(KcMmeTables *tables, KcFoldFunction fold, const char *text)
{
	return text ? kc_mme_fold(tables->context, fold, text, strlen(text)) : NULL;
}

static void
read_names(KcMmeTables *tables, const char *schema)
{
	int n = kc_config_select(schema, "opioid_names", "name, drug, shipped", "");

	tables->names = MemoryContextAllocHuge(tables->context, sizeof(KcMmeName) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		KcMmeName *name = &tables->names[i];

		name->name = text_column(tables, row, 1);
		name->drug = text_column(tables, row, 2);
		name->shipped = bool_column(row, 3);
		name->key = fold_string(tables, ks_fold_drug, name->name);
		name->drug_key = fold_string(tables, ks_fold_drug, name->drug);
	}
	tables->n_names = n;
	qsort(tables->names, n, sizeof(KcMmeName), compare_names);
}

/* A drug column may itself hold a synonym: take the ingredient it means. */
static void
settle_drug(const KcMmeTables *tables, const char **drug, const char **drug_key)
{
	const KcMmeName *name = find_name(tables, *drug_key);

	if (name && name->drug)
	{
		*drug = name->drug;
		*drug_key = name->drug_key;
	}
}

/* In an order that puts dose bands before a factor for all doses. */
static void
read_factors(KcMmeTables *tables, const char *schema)
{
	int n = kc_config_select(
		schema, "mme_factors",
		"guideline, drug, route, unit, factor, dose_above, dose_to, shipped",
		"ORDER BY guideline COLLATE pg_catalog.\"C\", dose_above NULLS LAST, dose_to");

	tables->factors = MemoryContextAllocHuge(tables->context, sizeof(KcMmeRow) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		KcMmeRow *factor = &tables->factors[i];
		char *route = fold_string(tables, ks_fold, text_column(tables, row, 3));

		factor->guideline = text_column(tables, row, 1);
		factor->guideline_key = fold_string(tables, ks_fold, factor->guideline);
		factor->drug = text_column(tables, row, 2);
		factor->drug_key = fold_string(tables, ks_fold_drug, factor->drug);
		settle_drug(tables, &factor->drug, &factor->drug_key);
		factor->route = ks_route(route) ? ks_route(route) : route;
		factor->unit = text_column(tables, row, 4);
		factor->unit_key = fold_string(tables, ks_fold_unit, factor->unit);
		factor->unit_meaning = ks_unit(factor->unit_key ? factor->unit_key : "");
		factor->factor = kc_config_float(row, 5, NAN);
		factor->above = kc_config_float(row, 6, -INFINITY);
		factor->to = kc_config_float(row, 7, INFINITY);
		factor->shipped = bool_column(row, 8);
	}
	tables->n_factors = n;
}

void
kc_mme_read_tables(KcMmeTables *tables, Oid function)
{
	char *schema = kc_schema_of_function(function);

	MemoryContextReset(tables->context);
	SPI_connect();
	read_names(tables, schema);
	read_factors(tables, schema);
	SPI_finish();
}

/* ---- names ------------------------------------------------------------------------ */

/* The ingredient of a folded name: by opioid_names, or as written in mme_factors. */
static KcMmeIngredient
ingredient_of_key(const KcMmeTables *tables, const char *key)
{
	const KcMmeName *name = find_name(tables, key);
	KcMmeIngredient ingredient = {NULL, NULL};

	if (name)
	{
		ingredient.name = name->drug;
		ingredient.key = name->drug_key;
		if (name->drug)
			settle_drug(tables, &ingredient.name, &ingredient.key);
		return ingredient;
	}
	for (int i = 0; i < tables->n_factors && *key != '\0'; i++)
		if (strcmp(tables->factors[i].drug_key, key) == 0)
		{
			ingredient.name = tables->factors[i].drug;
			ingredient.key = tables->factors[i].drug_key;
			break;
		}
	return ingredient;
}

/*
 * "HYDROmorphone (Dilaudid)": what stands in brackets may be nothing but words
 * of salt and form, or another name of the same ingredient.
 */
static KcMmeIngredient
ingredient_with_brackets(const KcMmeTables *tables, const char *text, int length)
{
	char *outside = palloc(length + 1);
	int written = 0;
	KcMmeIngredient ingredient;

	for (int i = 0, depth = 0; i < length; i++)
	{
		depth += text[i] == '(';
		if (depth == 0)
			outside[written++] = text[i];
		depth -= text[i] == ')' && depth > 0;
	}
	ingredient =
		ingredient_of_key(tables, kc_mme_fold(CurrentMemoryContext, ks_fold_drug, outside, written));
	for (const char *open = text, *end = text + length; ingredient.name; open++)
	{
		const char *close;
		const char *key;
		KcMmeIngredient inside;

		open = memchr(open, '(', end - open);
		if (open == NULL)
			break;
		close = memchr(open, ')', end - open);
		key = kc_mme_fold(CurrentMemoryContext, ks_fold_drug, open + 1,
					 (close ? close : end) - open - 1);
		inside = ingredient_of_key(tables, key);
		if (*key != '\0' && (!inside.name || strcmp(inside.key, ingredient.key) != 0))
			ingredient.name = NULL;
	}
	return ingredient;
}

KcMmeIngredient
kc_mme_find_ingredient(const KcMmeTables *tables, const char *text, int length)
{
	KcMmeIngredient ingredient =
		ingredient_of_key(tables, kc_mme_fold(CurrentMemoryContext, ks_fold_drug, text, length));

	if (ingredient.name == NULL && length > 0 && memchr(text, '(', length))
		ingredient = ingredient_with_brackets(tables, text, length);
	return ingredient;
}
