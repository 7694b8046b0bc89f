/*
 * fn_mme_tables.h
 *	  opioid_names and mme_factors in memory, folded, and the ingredient a name
 *	  means.  Only fn_mme_lookup.c needs all of this.
 */
#ifndef FN_MME_TABLES_H
#define FN_MME_TABLES_H

#include "postgres.h"

#include "stat/ks_units.h"

/* A row of opioid_names. */
typedef struct KcMmeName
{
	const char *key; /* folded name */
	const char *name;
	const char *drug; /* NULL: no opioid */
	const char *drug_key;
	bool shipped;
} KcMmeName;

/* A row of mme_factors. */
typedef struct KcMmeRow
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
} KcMmeRow;

typedef struct KcMmeTables
{
	MemoryContext context; /* of all below; the owner makes it */
	KcMmeName *names;	   /* sorted by key, own rows first */
	int n_names;
	KcMmeRow *factors; /* by guideline, dose bands before a factor for all doses */
	int n_factors;
} KcMmeTables;

typedef struct KcMmeIngredient
{
	const char *name; /* NULL: none */
	const char *key;
} KcMmeIngredient;

/* Forget what was read and read both tables in the schema of `function`. */
extern void kc_mme_read_tables(KcMmeTables *tables, Oid function);

/* The ingredient a name in the server's encoding means, by exact folded equality. */
extern KcMmeIngredient kc_mme_find_ingredient(const KcMmeTables *tables, const char *text,
											  int length);

/* Fold a text of the server's encoding into `context`, as UTF-8. */
typedef size_t (*KcFoldFunction)(const char *text, size_t length, char *out);
extern char *kc_mme_fold(MemoryContext context, KcFoldFunction fold, const char *text,
						 int length);

#endif
