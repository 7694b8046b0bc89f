/*
 * kc_stratified_table.c
 *	  Counts of two categorical variables by stratum: counted pairs (stratum,
 *	  cell) with three dictionaries beside them.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "summary/kc_stratified_table.h"

enum
{
	A_LABELS = KC_INDEX + 1,
	B_LABELS = A_LABELS + KC_LABEL_REGIONS,
	STRATA = B_LABELS + KC_LABEL_REGIONS,
};

/* A cell is one number below 2^53: that of a's label times this, plus that of b's. */
#define CELL_BASE 67108864.0

static KcState *
count_cell(KcState *state, KcLabel a, KcLabel b, KcLabel stratum, int64 count)
{
	uint32 a_number, b_number, stratum_number;
	double key[2];

	state = kc_label_intern(state, A_LABELS, a.bytes, a.length, &a_number);
	state = kc_label_intern(state, B_LABELS, b.bytes, b.length, &b_number);
	state = kc_label_intern(state, STRATA, stratum.bytes, stratum.length, &stratum_number);
	state->n += count;
	key[0] = stratum_number;
	key[1] = a_number * CELL_BASE + b_number;
	return count == 1 ? kc_counted_add(state, &kc_stratified_table_type, 2, key)
					  : kc_counted_add_slow(state, 2, key, count);
}

KcState *
kc_stratified_table_count(KcState *state, KcLabel a, KcLabel b, KcLabel stratum)
{
	return count_cell(state, a, b, stratum, 1);
}

/* Keys of a state, unpacked: strata, cells and counts. */
typedef struct Unpacked
{
	size_t size;
	double *stratum;
	double *cell;
	int64 *count;
} Unpacked;

static Unpacked
unpack(const KcState *state)
{
	Unpacked keys;
	double *columns[2];

	keys.size = kc_counted_size(state, 2);
	keys.stratum = palloc_extended(Max(keys.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	keys.cell = palloc_extended(Max(keys.size, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	keys.count = palloc_extended(Max(keys.size, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	columns[0] = keys.stratum;
	columns[1] = keys.cell;
	kc_counted_unpack(state, 2, columns, keys.count);
	return keys;
}

static void
free_unpacked(Unpacked *keys)
{
	pfree(keys->stratum);
	pfree(keys->cell);
	pfree(keys->count);
}

static uint32
a_of(double cell)
{
	return (uint32) (cell / CELL_BASE);
}

static uint32
b_of(double cell)
{
	return (uint32) (cell - a_of(cell) * CELL_BASE);
}

static KcLabel
label_at(const KcState *state, int first, uint32 number)
{
	KcLabel label;

	label.bytes = kc_label_at(state, first, number, &label.length);
	return label;
}

static KcState *
merge_stratified_table(KcState *into, const KcState *from)
{
	Unpacked keys = unpack(from);

	for (size_t i = 0; i < keys.size; i++)
		into = count_cell(into, label_at(from, A_LABELS, a_of(keys.cell[i])),
						  label_at(from, B_LABELS, b_of(keys.cell[i])),
						  label_at(from, STRATA, (uint32) keys.stratum[i]), keys.count[i]);
	into->n_missing += from->n_missing;
	free_unpacked(&keys);
	return into;
}

static bool
is_number_below(double number, double limit)
{
	return number >= 0 && number < limit && number == floor(number);
}

static const char *
check_stratified_table(const KcState *state)
{
	const char *problem = kc_label_check(state, A_LABELS);
	Unpacked keys;

	if (problem == NULL)
		problem = kc_label_check(state, B_LABELS);
	if (problem == NULL)
		problem = kc_label_check(state, STRATA);
	if (problem == NULL)
		problem = kc_counted_check(state, 2);
	if (problem != NULL)
		return problem;
	keys = unpack(state);
	for (size_t i = 0; i < keys.size && problem == NULL; i++)
		if (!is_number_below(keys.stratum[i], kc_label_count(state, STRATA)) ||
			!is_number_below(keys.cell[i], CELL_BASE * kc_label_count(state, A_LABELS)) ||
			b_of(keys.cell[i]) >= kc_label_count(state, B_LABELS))
			problem = "a cell has no label";
	free_unpacked(&keys);
	return problem;
}

const KcSummaryType kc_stratified_table_type = {
	.name = "stratified_table",
	.tag = KC_STRATIFIED_TABLE,
	.version = 1,
	.fixed_size = 0,
	.n_regions = STRATA + KC_LABEL_REGIONS,
	.fixed_pattern = "",
	.region_pattern = {"ddl", "dd", "", KC_LABEL_PATTERNS, KC_LABEL_PATTERNS,
					   KC_LABEL_PATTERNS},
	.check = check_stratified_table,
	.merge = merge_stratified_table,
};

/* The rank of each label of a dictionary in bytewise order; palloc'd. */
static uint32 *
rank_labels(const KcState *state, int first)
{
	uint32 *rank = palloc(sizeof(uint32) * Max(kc_label_count(state, first), 1));

	kc_label_order(state, first, rank, NULL);
	return rank;
}

KcStrata
kc_stratified_table_read(const KcState *state)
{
	KcStrata table = {kc_label_count(state, A_LABELS), kc_label_count(state, B_LABELS),
					  kc_label_count(state, STRATA), NULL};
	Unpacked keys;
	uint32 *a, *b, *stratum;

	if (table.rows != 2 || table.columns != 2)
		return table;
	a = rank_labels(state, A_LABELS);
	b = rank_labels(state, B_LABELS);
	stratum = rank_labels(state, STRATA);
	table.count = palloc_extended((size_t) table.strata * 4 * sizeof(int64),
								  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	keys = unpack(state);
	for (size_t i = 0; i < keys.size; i++)
		table.count[(size_t) stratum[(uint32) keys.stratum[i]] * 4 +
					2 * a[a_of(keys.cell[i])] + b[b_of(keys.cell[i])]] += keys.count[i];
	free_unpacked(&keys);
	return table;
}
