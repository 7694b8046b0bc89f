/*
 * kc_model_merge.c
 *	  Models of different rows brought together: labels and columns are numbered
 *	  by arrival, so those of one are looked up, or added, in the other.
 */
#include "postgres.h"

#include "summary/kc_model_parts.h"

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

		into = kc_model_intern_label(into, label, length, &number[which]);
	}
	return into;
}

static int64
renumber_levels(int64 levels, const uint32 *number)
{
	int64 result = 0;

	for (int shift = 0; levels != 0; levels >>= KC_LEVEL_BITS, shift += KC_LEVEL_BITS)
		result |= (int64) (number[(levels & KC_LEVEL_MASK) - 1] + 1) << shift;
	return result;
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
	into =
		kc_model_take_variables(into, kc_region_data(from, variables), variables->used);
	for (int c = 0;
		 c < kc_model_n_columns(from) && kc_model_columns_of(from)[c].levels == 0; c++)
	{
		column[c] = c;
		if (fresh)
			into = kc_model_add_column(into, kc_model_columns_of(from)[c]);
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
		KcModelColumn from_column = kc_model_columns_of(from)[c];

		if (from_column.levels == 0)
			continue;
		if (from_column.part > 0)
			column[c] = column[c - 1] + 1;
		else
			into = kc_model_intern_columns(into, from_column.term,
										   renumber_levels(from_column.levels, number),
										   kc_model_count_parts(from, c), &column[c]);
	}
	pfree(number);
	return into;
}

KcState *
kc_model_canonical(KcState *into, const KcState *from, int *column)
{
	uint32 n_labels = kc_label_count(from, KC_MODEL_LEVELS);
	uint32 *number = palloc(sizeof(uint32) * (n_labels + 1));
	uint32 *order = palloc(sizeof(uint32) * (n_labels + 1));
	int n = kc_model_n_columns(from);
	KcColumnRef *refs = palloc(sizeof(KcColumnRef) * Max(n, 1));
	int n_refs = 0;

	kc_label_order(from, KC_MODEL_LEVELS, NULL, order);
	into = take_fixed(into, from, column);
	into = take_labels(into, from, order, number);
	for (int c = 0; c < n; c++)
	{
		KcColumnRef ref = {kc_model_columns_of(from)[c], c};

		if (ref.column.levels == 0)
			continue;
		ref.column.levels = renumber_levels(ref.column.levels, number);
		refs[n_refs++] = ref;
	}
	qsort(refs, n_refs, sizeof(KcColumnRef), kc_model_compare_columns);
	for (int i = 0; i < n_refs; i++)
	{
		column[refs[i].number] = kc_model_n_columns(into);
		into = kc_model_add_column(into, refs[i].column);
	}
	pfree(refs);
	pfree(order);
	pfree(number);
	return into;
}
