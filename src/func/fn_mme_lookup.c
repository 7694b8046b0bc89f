/*
 * fn_mme_lookup.c
 *	  MME factors: read the two tables once, answer from memory.
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
#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "func/fn_config.h"
#include "func/fn_mme.h"
#include "func/fn_mme_tables.h"
#include "stat/ks_names.h"

/* Answers kept before starting over: a bound for tables of free text. */
#define MAX_ANSWERS 65536

/* ---- types ------------------------------------------------------------------------ */

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

struct KcMmeLookup
{
	KcMmeTables tables;
	MemoryContext replies; /* the answers given */
	bool loaded;
	KcSnapshotStamp stamp;
	struct answers_hash *answers;
	AnswerEntry *last;	  /* the answer given before, or NULL */
	StringInfoData bytes; /* of the question being asked */
};

/* ---- keeping a lookup ------------------------------------------------------------- */

static void
forget_answers(KcMmeLookup *lookup)
{
	lookup->last = NULL;
	MemoryContextReset(lookup->replies);
	lookup->answers = answers_create(lookup->replies, 256, NULL);
}

KcMmeLookup *
kc_mme_lookup(KcMmeLookup **slot, MemoryContext parent, Oid function)
{
	KcMmeLookup *lookup = *slot;
	KcSnapshotStamp stamp = kc_snapshot_stamp();

	if (lookup == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(parent);

		lookup = palloc0(sizeof(KcMmeLookup));
		initStringInfo(&lookup->bytes);
		lookup->tables.context =
			AllocSetContextCreate(parent, "MME tables", ALLOCSET_DEFAULT_SIZES);
		lookup->replies = AllocSetContextCreate(parent, "MME answers", ALLOCSET_DEFAULT_SIZES);
		MemoryContextSwitchTo(previous);
		*slot = lookup;
	}
	if (!lookup->loaded || !kc_same_snapshot(&lookup->stamp, &stamp))
	{
		lookup->loaded = false;
		forget_answers(lookup);
		kc_mme_read_tables(&lookup->tables, function);
		lookup->stamp = stamp;
		lookup->loaded = true;
	}
	return lookup;
}

/* ---- answers ---------------------------------------------------------------------- */

/* What a question means, each part in the words of the tables. */
typedef struct Meaning
{
	const char *guideline_key;
	KcMmeIngredient ingredient;
	const char *route;
	const char *unit_key;
	KsUnit unit;
} Meaning;

static bool
is_guideline(const KcMmeTables *tables, const char *key)
{
	for (int i = 0; i < tables->n_factors; i++)
		if (strcmp(tables->factors[i].guideline_key, key) == 0)
			return true;
	return false;
}

/* The route a folded text names: one of the known words, or one a row brings. */
static const char *
find_route(const KcMmeTables *tables, const char *key)
{
	const char *route = ks_route(key);

	for (int i = 0; i < tables->n_factors && route == NULL; i++)
		if (strcmp(tables->factors[i].route, key) == 0)
			route = tables->factors[i].route;
	return route;
}

static bool
is_unit(const KcMmeTables *tables, const Meaning *meaning)
{
	if (meaning->unit.kind != KS_UNIT_OTHER)
		return true;
	for (int i = 0; i < tables->n_factors; i++)
		if (tables->factors[i].unit_key &&
			strcmp(tables->factors[i].unit_key, meaning->unit_key) == 0)
			return true;
	return false;
}

/* Fold the four texts; the first that means nothing is the status. */
static KcMmeStatus
understand(const KcMmeTables *tables, const KcMmeQuestion *question, Meaning *meaning)
{
	const char *const *text = question->text;
	const int *length = question->length;
	MemoryContext here = CurrentMemoryContext;

	meaning->ingredient =
		kc_mme_find_ingredient(tables, text[KC_MME_DRUG], length[KC_MME_DRUG]);
	meaning->guideline_key =
		kc_mme_fold(here, ks_fold, text[KC_MME_GUIDELINE], length[KC_MME_GUIDELINE]);
	if (!is_guideline(tables, meaning->guideline_key))
		return KC_MME_UNKNOWN_GUIDELINE;
	if (meaning->ingredient.name == NULL)
		return KC_MME_UNKNOWN_DRUG;
	meaning->route = find_route(
		tables, kc_mme_fold(here, ks_fold, text[KC_MME_ROUTE], length[KC_MME_ROUTE]));
	if (meaning->route == NULL)
		return KC_MME_UNKNOWN_ROUTE;
	meaning->unit_key = kc_mme_fold(here, ks_fold_unit, text[KC_MME_UNIT], length[KC_MME_UNIT]);
	meaning->unit = ks_unit(meaning->unit_key);
	return is_unit(tables, meaning) ? KC_MME_OK : KC_MME_UNKNOWN_UNIT;
}

/* How closely a row's guideline, drug and route fit: 0 not at all, 3 exactly. */
static int
route_rank(const KcMmeRow *row, const Meaning *meaning)
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
unit_rank(const KcMmeRow *row, const Meaning *meaning)
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
band_of_row(const KcMmeRow *row, const Meaning *meaning)
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
collect_bands(const KcMmeTables *tables, const Meaning *meaning, int rank,
			  KcMmeAnswer *answer)
{
	KcMmeBand *bands = palloc(sizeof(KcMmeBand) * (tables->n_factors + 1));

	answer->bands = bands;
	for (int turn = 0; turn < 4; turn++)
		for (int i = 0; i < tables->n_factors; i++)
		{
			const KcMmeRow *row = &tables->factors[i];

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
explain_unit(const KcMmeTables *tables, const Meaning *meaning, int rank,
			 KcMmeAnswer *answer)
{
	answer->status = KC_MME_NO_FACTOR;
	for (int i = 0; i < tables->n_factors; i++)
	{
		const KcMmeRow *row = &tables->factors[i];

		if (route_rank(row, meaning) == rank && !isnan(row->factor))
		{
			answer->status = KC_MME_UNKNOWN_UNIT;
			answer->row_unit = row->unit;
		}
	}
}

/* Fill the answer, in the current memory context. */
static void
resolve(const KcMmeTables *tables, const KcMmeQuestion *question, KcMmeAnswer *answer)
{
	const KsUnit milligram = {KS_UNIT_MASS, 1}, microgram = {KS_UNIT_RATE, 0};
	const KsRatio one = {1, 1};
	Meaning meaning = {0};
	int rank = 0;

	answer->status = understand(tables, question, &meaning);
	answer->ingredient = meaning.ingredient.name;
	answer->to_band_unit = one;
	if (answer->status != KC_MME_OK)
		return;
	for (int i = 0; i < tables->n_factors; i++)
		rank = Max(rank, route_rank(&tables->factors[i], &meaning));
	if (rank == 0)
	{
		answer->status = KC_MME_NO_FACTOR;
		return;
	}
	if (meaning.unit.kind != KS_UNIT_OTHER)
		answer->to_band_unit = ks_ratio_in_unit(
			one, meaning.unit.kind == KS_UNIT_MASS ? milligram : microgram, meaning.unit);
	collect_bands(tables, &meaning, rank, answer);
	if (answer->n_bands == 0)
		explain_unit(tables, &meaning, rank, answer);
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
	resolve(&lookup->tables, question, &found);
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
	const KcMmeTables *tables = &lookup->tables;
	const KcMmeName *name;

	*word = NULL;
	*key = NULL;
	switch (field)
	{
		case KC_MME_DRUG:
			if (position >= tables->n_names)
				return false;
			name = &tables->names[position];
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
			if (position < tables->n_factors)
			{
				*word = tables->factors[position].unit;
				*key = tables->factors[position].unit_key;
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
			if (position < tables->n_factors)
			{
				*word = tables->factors[position].guideline;
				*key = tables->factors[position].guideline_key;
			}
			break;
	}
	return position < tables->n_factors;
}
