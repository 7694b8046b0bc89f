/*
 * fn_mme_lookup.c
 *	  Opioid names and MME factors: read the two tables once, answer from memory.
 *
 * A query over millions of prescriptions asks the same few hundred questions
 * again and again.  So the raw bytes of the four texts are the key of a hash of
 * answers, and only a question not met before is folded and looked up.  Reading
 * the tables by a join would fold every row.
 *
 * Which row decides: the most specific route first (the route itself, then
 * parenteral for iv, im and sc, then any); there, the users' own rows before
 * shipped ones, the very unit before one that converts, and a band of doses
 * before a factor for all doses.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "func/fn_mme.h"
#include "stat/ks_names.h"

/* Answers kept before starting over: a bound for tables of free text. */
#define MAX_ANSWERS 65536

/* ---- types ------------------------------------------------------------------------ */

/* A row of opioid_names. */
typedef struct NameRow
{
	const char *key; /* folded name */
	const char *name;
	const char *drug; /* NULL: no opioid */
	const char *drug_key;
	bool shipped;
} NameRow;

/* A row of mme_factors. */
typedef struct FactorRow
{
	const char *guideline;
	const char *guideline_key;
	const char *drug;
	const char *drug_key;
	const char *route; /* this project's word, or the folded text */
	const char *unit;  /* NULL: every unit */
	const char *unit_key;
	KsUnit unit_meaning;
	double factor; /* NaN: refused */
	double above;
	double to;
	bool shipped;
} FactorRow;

/* The bytes of a question: four lengths, then four texts. */
typedef struct AnswerKey
{
	const char *bytes;
	uint32 length;
} AnswerKey;

typedef struct AnswerEntry
{
	AnswerKey key;
	uint32 hash;
	char status; /* simplehash's own */
	const KcMmeAnswer *answer;
} AnswerEntry;

#define SH_PREFIX answers
#define SH_ELEMENT_TYPE AnswerEntry
#define SH_KEY_TYPE AnswerKey
#define SH_KEY key
#define SH_HASH_KEY(table, wanted) \
	hash_bytes((const unsigned char *) (wanted).bytes, (wanted).length)
#define SH_EQUAL(table, a, b) \
	((a).length == (b).length && memcmp((a).bytes, (b).bytes, (a).length) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) ((entry)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* What tells one snapshot from another. */
typedef struct SnapshotStamp
{
	TransactionId xmin;
	TransactionId xmax;
	uint32 in_progress;
	int32 subtransactions;
	CommandId command;
	uint64 completed;
} SnapshotStamp;

struct KcMmeLookup
{
	MemoryContext tables;  /* what was read */
	MemoryContext replies; /* the answers given */
	bool loaded;
	SnapshotStamp stamp;
	NameRow *names; /* sorted by key, own rows first */
	int n_names;
	FactorRow *factors;
	int n_factors;
	struct answers_hash *answers;
	AnswerEntry *last;	  /* the answer given before, or NULL */
	StringInfoData bytes; /* of the question being asked */
};

/* ---- folding ---------------------------------------------------------------------- */

typedef size_t (*FoldFunction)(const char *text, size_t length, char *out);

/* Fold a text of the server's encoding into `context`, as UTF-8. */
static char *
folded(MemoryContext context, FoldFunction fold, const char *text, int length)
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
	const NameRow *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order == 0)
		order = (int) x->shipped - (int) y->shipped;
	return order != 0 ? order : strcmp(x->name, y->name);
}

/*
 * The row a folded name means, or NULL.  Two rows of one rank that name
 * different drugs name none.
 */
static const NameRow *
find_name(const KcMmeLookup *lookup, const char *key)
{
	int low = 0, high = lookup->n_names;
	const NameRow *found;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (strcmp(lookup->names[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == lookup->n_names || *key == '\0' ||
		strcmp(lookup->names[low].key, key) != 0)
		return NULL;
	found = &lookup->names[low];
	for (int i = low + 1; i < lookup->n_names; i++)
	{
		const NameRow *other = &lookup->names[i];

		if (strcmp(other->key, key) != 0 || other->shipped != found->shipped)
			break;
		if (found->drug == NULL || other->drug == NULL ||
			strcmp(found->drug_key, other->drug_key) != 0)
			return NULL;
	}
	return found;
}

/* A column as a string in the lookup's memory, or NULL. */
static char *
text_column(KcMmeLookup *lookup, HeapTuple row, int column)
{
	char *value = SPI_getvalue(row, SPI_tuptable->tupdesc, column);

	return value ? MemoryContextStrdup(lookup->tables, value) : NULL;
}

static double
float_column(HeapTuple row, int column, double if_null)
{
	bool isnull;
	Datum value = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? if_null : DatumGetFloat8(value);
}

static bool
bool_column(HeapTuple row, int column)
{
	bool isnull;

	return DatumGetBool(SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull));
}

static char *
fold_string(KcMmeLookup *lookup, FoldFunction fold, const char *text)
{
	return text ? folded(lookup->tables, fold, text, strlen(text)) : NULL;
}

/* Run "SELECT <columns> FROM <schema>.<table> <order>"; the number of rows. */
static int
select_rows(const char *schema, const char *table, const char *columns, const char *order)
{
	char *query = psprintf("SELECT %s FROM %s.%s %s", columns, quote_identifier(schema),
						   table, order);

	if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read %s", table);
	return (int) SPI_processed;
}

static void
read_names(KcMmeLookup *lookup, const char *schema)
{
	int n = select_rows(schema, "opioid_names", "name, drug, shipped", "");

	lookup->names = MemoryContextAllocHuge(lookup->tables, sizeof(NameRow) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		NameRow *name = &lookup->names[i];

		name->name = text_column(lookup, row, 1);
		name->drug = text_column(lookup, row, 2);
		name->shipped = bool_column(row, 3);
		name->key = fold_string(lookup, ks_fold_drug, name->name);
		name->drug_key = fold_string(lookup, ks_fold_drug, name->drug);
	}
	lookup->n_names = n;
	qsort(lookup->names, n, sizeof(NameRow), compare_names);
}

/* A drug column may itself hold a synonym: take the ingredient it means. */
static void
settle_drug(const KcMmeLookup *lookup, const char **drug, const char **drug_key)
{
	const NameRow *name = find_name(lookup, *drug_key);

	if (name && name->drug)
	{
		*drug = name->drug;
		*drug_key = name->drug_key;
	}
}

/* In an order that puts dose bands before a factor for all doses. */
static void
read_factors(KcMmeLookup *lookup, const char *schema)
{
	int n = select_rows(
		schema, "mme_factors",
		"guideline, drug, route, unit, factor, dose_above, dose_to, shipped",
		"ORDER BY guideline COLLATE pg_catalog.\"C\", dose_above NULLS LAST, dose_to");

	lookup->factors = MemoryContextAllocHuge(lookup->tables, sizeof(FactorRow) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		FactorRow *factor = &lookup->factors[i];
		char *route = fold_string(lookup, ks_fold, text_column(lookup, row, 3));

		factor->guideline = text_column(lookup, row, 1);
		factor->guideline_key = fold_string(lookup, ks_fold, factor->guideline);
		factor->drug = text_column(lookup, row, 2);
		factor->drug_key = fold_string(lookup, ks_fold_drug, factor->drug);
		settle_drug(lookup, &factor->drug, &factor->drug_key);
		factor->route = ks_route(route) ? ks_route(route) : route;
		factor->unit = text_column(lookup, row, 4);
		factor->unit_key = fold_string(lookup, ks_fold_unit, factor->unit);
		factor->unit_meaning = ks_unit(factor->unit_key ? factor->unit_key : "");
		factor->factor = float_column(row, 5, NAN);
		factor->above = float_column(row, 6, -INFINITY);
		factor->to = float_column(row, 7, INFINITY);
		factor->shipped = bool_column(row, 8);
	}
	lookup->n_factors = n;
}

static void
forget_answers(KcMmeLookup *lookup)
{
	lookup->last = NULL;
	MemoryContextReset(lookup->replies);
	lookup->answers = answers_create(lookup->replies, 256, NULL);
}

static SnapshotStamp
current_stamp(void)
{
	Snapshot snapshot = GetActiveSnapshot();
	SnapshotStamp stamp;

	stamp.xmin = snapshot->xmin;
	stamp.xmax = snapshot->xmax;
	stamp.in_progress = snapshot->xcnt;
	stamp.subtransactions = snapshot->subxcnt;
	stamp.command = snapshot->curcid;
	stamp.completed = snapshot->snapXactCompletionCount;
	return stamp;
}

static bool
same_stamp(const SnapshotStamp *a, const SnapshotStamp *b)
{
	return a->command == b->command && a->xmax == b->xmax && a->xmin == b->xmin &&
		   a->in_progress == b->in_progress && a->subtransactions == b->subtransactions &&
		   a->completed == b->completed;
}

static void
load(KcMmeLookup *lookup, Oid function)
{
	char *schema = get_namespace_name(get_func_namespace(function));

	if (schema == NULL)
		elog(ERROR, "schema of function %u not found", function);
	lookup->loaded = false;
	MemoryContextReset(lookup->tables);
	forget_answers(lookup);
	SPI_connect();
	read_names(lookup, schema);
	read_factors(lookup, schema);
	SPI_finish();
	lookup->loaded = true;
}

KcMmeLookup *
kc_mme_lookup(KcMmeLookup **slot, MemoryContext parent, Oid function)
{
	KcMmeLookup *lookup = *slot;
	SnapshotStamp stamp = current_stamp();

	if (lookup == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(parent);

		lookup = palloc0(sizeof(KcMmeLookup));
		initStringInfo(&lookup->bytes);
		lookup->tables = AllocSetContextCreate(parent, "MME tables", ALLOCSET_DEFAULT_SIZES);
		lookup->replies = AllocSetContextCreate(parent, "MME answers", ALLOCSET_DEFAULT_SIZES);
		MemoryContextSwitchTo(previous);
		*slot = lookup;
	}
	if (!lookup->loaded || !same_stamp(&lookup->stamp, &stamp))
	{
		load(lookup, function);
		lookup->stamp = stamp;
	}
	return lookup;
}

/* ---- names ------------------------------------------------------------------------ */

typedef struct Ingredient
{
	const char *name; /* NULL: none */
	const char *key;
} Ingredient;

/* The ingredient of a folded name: by opioid_names, or as written in mme_factors. */
static Ingredient
ingredient_of_key(const KcMmeLookup *lookup, const char *key)
{
	const NameRow *name = find_name(lookup, key);
	Ingredient ingredient = {NULL, NULL};

	if (name)
	{
		ingredient.name = name->drug;
		ingredient.key = name->drug_key;
		if (name->drug)
			settle_drug(lookup, &ingredient.name, &ingredient.key);
		return ingredient;
	}
	for (int i = 0; i < lookup->n_factors && *key != '\0'; i++)
		if (strcmp(lookup->factors[i].drug_key, key) == 0)
		{
			ingredient.name = lookup->factors[i].drug;
			ingredient.key = lookup->factors[i].drug_key;
			break;
		}
	return ingredient;
}

/*
 * "HYDROmorphone (Dilaudid)": what stands in brackets may be nothing but words
 * of salt and form, or another name of the same ingredient.
 */
static Ingredient
ingredient_with_brackets(const KcMmeLookup *lookup, const char *text, int length)
{
	char *outside = palloc(length + 1);
	int written = 0;
	Ingredient ingredient;

	for (int i = 0, depth = 0; i < length; i++)
	{
		depth += text[i] == '(';
		if (depth == 0)
			outside[written++] = text[i];
		depth -= text[i] == ')' && depth > 0;
	}
	ingredient =
		ingredient_of_key(lookup, folded(CurrentMemoryContext, ks_fold_drug, outside, written));
	for (const char *open = text, *end = text + length; ingredient.name; open++)
	{
		const char *close;
		const char *key;
		Ingredient inside;

		open = memchr(open, '(', end - open);
		if (open == NULL)
			break;
		close = memchr(open, ')', end - open);
		key = folded(CurrentMemoryContext, ks_fold_drug, open + 1,
					 (close ? close : end) - open - 1);
		inside = ingredient_of_key(lookup, key);
		if (*key != '\0' && (!inside.name || strcmp(inside.key, ingredient.key) != 0))
			ingredient.name = NULL;
	}
	return ingredient;
}

static Ingredient
find_ingredient(const KcMmeLookup *lookup, const char *text, int length)
{
	Ingredient ingredient =
		ingredient_of_key(lookup, folded(CurrentMemoryContext, ks_fold_drug, text, length));

	if (ingredient.name == NULL && length > 0 && memchr(text, '(', length))
		ingredient = ingredient_with_brackets(lookup, text, length);
	return ingredient;
}

/* ---- answers ---------------------------------------------------------------------- */

/* What a question means, each part in the words of the tables. */
typedef struct Meaning
{
	const char *guideline_key;
	Ingredient ingredient;
	const char *route;
	const char *unit_key;
	KsUnit unit;
} Meaning;

static bool
is_guideline(const KcMmeLookup *lookup, const char *key)
{
	for (int i = 0; i < lookup->n_factors; i++)
		if (strcmp(lookup->factors[i].guideline_key, key) == 0)
			return true;
	return false;
}

/* The route a folded text names: one of the known words, or one a row brings. */
static const char *
find_route(const KcMmeLookup *lookup, const char *key)
{
	const char *route = ks_route(key);

	for (int i = 0; i < lookup->n_factors && route == NULL; i++)
		if (strcmp(lookup->factors[i].route, key) == 0)
			route = lookup->factors[i].route;
	return route;
}

static bool
is_unit(const KcMmeLookup *lookup, const Meaning *meaning)
{
	if (meaning->unit.kind != KS_UNIT_OTHER)
		return true;
	for (int i = 0; i < lookup->n_factors; i++)
		if (lookup->factors[i].unit_key &&
			strcmp(lookup->factors[i].unit_key, meaning->unit_key) == 0)
			return true;
	return false;
}

/* Fold the four texts; the first that means nothing is the status. */
static KcMmeStatus
understand(const KcMmeLookup *lookup, const KcMmeQuestion *question, Meaning *meaning)
{
	const char *const *text = question->text;
	const int *length = question->length;
	MemoryContext here = CurrentMemoryContext;

	meaning->ingredient =
		find_ingredient(lookup, text[KC_MME_DRUG], length[KC_MME_DRUG]);
	meaning->guideline_key =
		folded(here, ks_fold, text[KC_MME_GUIDELINE], length[KC_MME_GUIDELINE]);
	if (!is_guideline(lookup, meaning->guideline_key))
		return KC_MME_UNKNOWN_GUIDELINE;
	if (meaning->ingredient.name == NULL)
		return KC_MME_UNKNOWN_DRUG;
	meaning->route = find_route(
		lookup, folded(here, ks_fold, text[KC_MME_ROUTE], length[KC_MME_ROUTE]));
	if (meaning->route == NULL)
		return KC_MME_UNKNOWN_ROUTE;
	meaning->unit_key = folded(here, ks_fold_unit, text[KC_MME_UNIT], length[KC_MME_UNIT]);
	meaning->unit = ks_unit(meaning->unit_key);
	return is_unit(lookup, meaning) ? KC_MME_OK : KC_MME_UNKNOWN_UNIT;
}

/* How closely a row's guideline, drug and route fit: 0 not at all, 3 exactly. */
static int
route_rank(const FactorRow *row, const Meaning *meaning)
{
	const char *route = meaning->route;

	if (strcmp(row->guideline_key, meaning->guideline_key) != 0 ||
		strcmp(row->drug_key, meaning->ingredient.key) != 0)
		return 0;
	if (strcmp(row->route, route) == 0)
		return 3;
	if (strcmp(row->route, "parenteral") == 0 &&
		(strcmp(route, "iv") == 0 || strcmp(route, "im") == 0 || strcmp(route, "sc") == 0))
		return 2;
	return strcmp(row->route, "any") == 0 ? 1 : 0;
}

/* How closely a row's unit fits: 0 not at all, 1 after conversion, 2 exactly. */
static int
unit_rank(const FactorRow *row, const Meaning *meaning)
{
	if (row->unit == NULL)
		return 2;
	if (row->unit_meaning.kind != meaning->unit.kind)
		return 0;
	if (row->unit_meaning.kind == KS_UNIT_OTHER)
		return strcmp(row->unit_key, meaning->unit_key) == 0 ? 2 : 0;
	return row->unit_meaning.thousands == meaning->unit.thousands ? 2 : 1;
}

static KcMmeBand
band_of_row(const FactorRow *row, const Meaning *meaning)
{
	KcMmeBand band = {row->above, row->to, isnan(row->factor), {0, 1}};

	if (!band.refused)
		band.factor = ks_ratio_in_unit(ks_ratio(row->factor), row->unit_meaning, meaning->unit);
	return band;
}

/*
 * The bands of the rows that fit, own rows and exact units first.  A band
 * without bounds hides what would follow.
 */
static void
collect_bands(const KcMmeLookup *lookup, const Meaning *meaning, int rank,
			  KcMmeAnswer *answer)
{
	KcMmeBand *bands = palloc(sizeof(KcMmeBand) * (lookup->n_factors + 1));

	answer->bands = bands;
	for (int turn = 0; turn < 4; turn++)
		for (int i = 0; i < lookup->n_factors; i++)
		{
			const FactorRow *row = &lookup->factors[i];

			if (row->shipped != (turn >= 2) || unit_rank(row, meaning) != 2 - turn % 2 ||
				route_rank(row, meaning) != rank)
				continue;
			bands[answer->n_bands++] = band_of_row(row, meaning);
			if (isinf(row->above) && isinf(row->to))
				return;
		}
}

/* No row fits the unit: a refusal if all of them refuse, else a wrong unit. */
static void
explain_unit(const KcMmeLookup *lookup, const Meaning *meaning, int rank,
			 KcMmeAnswer *answer)
{
	answer->status = KC_MME_NO_FACTOR;
	for (int i = 0; i < lookup->n_factors; i++)
	{
		const FactorRow *row = &lookup->factors[i];

		if (route_rank(row, meaning) == rank && !isnan(row->factor))
		{
			answer->status = KC_MME_UNKNOWN_UNIT;
			answer->row_unit = row->unit;
		}
	}
}

/* Fill the answer, in the current memory context. */
static void
resolve(const KcMmeLookup *lookup, const KcMmeQuestion *question, KcMmeAnswer *answer)
{
	const KsUnit milligram = {KS_UNIT_MASS, 1}, microgram = {KS_UNIT_RATE, 0};
	const KsRatio one = {1, 1};
	Meaning meaning = {0};
	int rank = 0;

	answer->status = understand(lookup, question, &meaning);
	answer->ingredient = meaning.ingredient.name;
	answer->to_band_unit = one;
	if (answer->status != KC_MME_OK)
		return;
	for (int i = 0; i < lookup->n_factors; i++)
		rank = Max(rank, route_rank(&lookup->factors[i], &meaning));
	if (rank == 0)
	{
		answer->status = KC_MME_NO_FACTOR;
		return;
	}
	if (meaning.unit.kind != KS_UNIT_OTHER)
		answer->to_band_unit = ks_ratio_in_unit(
			one, meaning.unit.kind == KS_UNIT_MASS ? milligram : microgram, meaning.unit);
	collect_bands(lookup, &meaning, rank, answer);
	if (answer->n_bands == 0)
		explain_unit(lookup, &meaning, rank, answer);
	else if (answer->bands[0].refused && kc_mme_untiered(answer))
		answer->status = KC_MME_NO_FACTOR;
}

/* The bytes of a question, as key of the hash of answers. */
static AnswerKey
question_key(KcMmeLookup *lookup, const KcMmeQuestion *question)
{
	StringInfo bytes = &lookup->bytes;
	const int *length = question->length;
	AnswerKey key;
	char *end;

	resetStringInfo(bytes);
	enlargeStringInfo(bytes, sizeof(question->length) + length[KC_MME_DRUG] +
								 length[KC_MME_UNIT] + length[KC_MME_ROUTE] +
								 length[KC_MME_GUIDELINE]);
	end = bytes->data;
	memcpy(end, length, sizeof(question->length));
	end += sizeof(question->length);
	for (int i = 0; i < KC_MME_FIELDS; i++)
	{
		if (length[i] > 0)
			memcpy(end, question->text[i], length[i]);
		end += length[i];
	}
	key.bytes = bytes->data;
	key.length = end - bytes->data;
	return key;
}

static void *
copy_in(KcMmeLookup *lookup, const void *bytes, size_t size)
{
	void *copy = MemoryContextAlloc(lookup->replies, size > 0 ? size : 1);

	if (size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

/* Work out the answer to a new question and remember it, without the scraps. */
static AnswerEntry *
new_answer(KcMmeLookup *lookup, const KcMmeQuestion *question, AnswerKey key)
{
	KcMmeAnswer found = {0};
	KcMmeAnswer *answer;
	AnswerEntry *entry;
	bool present;

	if (lookup->answers->members >= MAX_ANSWERS)
		forget_answers(lookup);
	resolve(lookup, question, &found);
	answer = copy_in(lookup, &found, sizeof(found));
	answer->bands = copy_in(lookup, found.bands, sizeof(KcMmeBand) * found.n_bands);
	key.bytes = copy_in(lookup, key.bytes, key.length);
	entry = answers_insert(lookup->answers, key, &present);
	entry->answer = answer;
	return entry;
}

const KcMmeAnswer *
kc_mme_ask(KcMmeLookup *lookup, const KcMmeQuestion *question)
{
	AnswerKey key = question_key(lookup, question);
	AnswerEntry *entry = lookup->last;

	if (entry && entry->key.length == key.length &&
		memcmp(entry->key.bytes, key.bytes, key.length) == 0)
		return entry->answer;
	entry = answers_lookup(lookup->answers, key);
	if (entry == NULL)
		entry = new_answer(lookup, question, key);
	lookup->last = entry;
	return entry->answer;
}

const char *
kc_mme_ingredient(KcMmeLookup *lookup, const char *name, int length)
{
	KcMmeQuestion question = {{NULL}, {0}};

	question.text[KC_MME_DRUG] = name;
	question.length[KC_MME_DRUG] = length;
	return kc_mme_ask(lookup, &question)->ingredient;
}

/* ---- choices to name in a hint ---------------------------------------------------- */

static const char *const unit_choices[] = {"mcg", "mg", "g", "mcg/h", "mcg/h/patch"};

bool
kc_mme_choice(const KcMmeLookup *lookup, KcMmeField field, int position, const char **word,
			  const char **key)
{
	const NameRow *name;

	*word = NULL;
	*key = NULL;
	switch (field)
	{
		case KC_MME_DRUG:
			if (position >= lookup->n_names)
				return false;
			name = &lookup->names[position];
			/* A code next to another code is no help. */
			if (name->drug && strchr(name->name, ':') == NULL)
			{
				*word = strcmp(name->key, name->drug_key) == 0 ? name->drug : name->name;
				*key = name->key;
			}
			return true;
		case KC_MME_UNIT:
			if (position < lengthof(unit_choices))
			{
				*word = *key = unit_choices[position];
				return true;
			}
			position -= lengthof(unit_choices);
			if (position < lookup->n_factors)
			{
				*word = lookup->factors[position].unit;
				*key = lookup->factors[position].unit_key;
			}
			break;
		case KC_MME_ROUTE:
			if (ks_route_word(position))
			{
				*key = ks_route_word(position);
				*word = ks_route(*key);
				return true;
			}
			break;
		case KC_MME_GUIDELINE:
			if (position < lookup->n_factors)
			{
				*word = lookup->factors[position].guideline;
				*key = lookup->factors[position].guideline_key;
			}
			break;
	}
	return position < lookup->n_factors;
}
