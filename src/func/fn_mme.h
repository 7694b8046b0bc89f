/*
 * fn_mme.h
 *	  Looking up opioid names and MME factors, for every function that needs
 *	  them.
 *
 * A function keeps one KcMmeLookup per call site (in fn_extra or a struct of
 * its own).  It holds both tables, read once with the query's snapshot, and the
 * answers already given, so that a name is folded once and not once per row.
 */
#ifndef FN_MME_H
#define FN_MME_H

#include "postgres.h"

#include <math.h>

#include "stat/ks_units.h"
#include "summary/kc_compat.h"

typedef struct KcMmeLookup KcMmeLookup;

/* The four texts of a question. */
typedef enum KcMmeField
{
	KC_MME_DRUG,
	KC_MME_UNIT,
	KC_MME_ROUTE,
	KC_MME_GUIDELINE,
} KcMmeField;

#define KC_MME_FIELDS 4

/* Texts in the server's encoding, not ended by zero; NULL with length 0. */
typedef struct KcMmeQuestion
{
	const char *text[KC_MME_FIELDS];
	int length[KC_MME_FIELDS];
} KcMmeQuestion;

typedef enum KcMmeStatus
{
	KC_MME_OK,
	KC_MME_NO_FACTOR, /* the guideline refuses one, or does not list the drug so taken */
	KC_MME_UNKNOWN_DRUG,
	KC_MME_UNKNOWN_ROUTE,
	KC_MME_UNKNOWN_UNIT,
	KC_MME_UNKNOWN_GUIDELINE,
} KcMmeStatus;

typedef KsDoseBand KcMmeBand;

typedef struct KcMmeAnswer
{
	KcMmeStatus status;
	const char *ingredient; /* its name; NULL unless the drug is known */
	const char *row_unit;	/* unit of the guideline's factor, when the asked one is unlike */
	KsRatio to_band_unit;	/* from the unit asked for to that of the bands: mg, mcg/h */
	int n_bands;			/* 0 unless the status is ok */
	const KcMmeBand *bands; /* the first that holds a dose decides: see kc_mme_band */
} KcMmeAnswer;

/*
 * The lookup kept in *slot, made in `parent` at the first call and read again
 * when the active snapshot sees other rows.  `function` is the SQL function
 * being run: the tables are found in its schema.  A new call makes answers
 * given before invalid.
 */
extern KcMmeLookup *kc_mme_lookup(KcMmeLookup **slot, MemoryContext parent, Oid function);

/* Answer a question; never NULL, never an error. */
extern const KcMmeAnswer *kc_mme_ask(KcMmeLookup *lookup, const KcMmeQuestion *question);

/* The ingredient a name means, or NULL. */
extern const char *kc_mme_ingredient(KcMmeLookup *lookup, const char *name, int length);

/* The error (22023) for an answer of unknown drug, route, unit or guideline. */
pg_noreturn extern void kc_mme_raise(KcMmeLookup *lookup, const KcMmeQuestion *question,
									 const KcMmeAnswer *answer);

/*
 * The choices for one field, by position from 0, for hints: a word and its
 * folded form, or NULL for a position without one.  False after the last.
 */
extern bool kc_mme_choice(const KcMmeLookup *lookup, KcMmeField field, int position,
						  const char **word, const char **key);

/* The band that holds a daily dose in the unit asked for, or NULL. */
static inline const KcMmeBand *
kc_mme_band(const KcMmeAnswer *answer, double dose)
{
	const KcMmeBand *band = answer->bands;
	double in_band_unit = dose * answer->to_band_unit.numerator /
						  answer->to_band_unit.denominator;

	for (int i = 0; i < answer->n_bands; i++, band++)
		if (in_band_unit > band->above && in_band_unit <= band->to)
			return band;
	return NULL;
}

/* One factor for all doses? */
static inline bool
kc_mme_untiered(const KcMmeAnswer *answer)
{
	return answer->n_bands > 0 && isinf(answer->bands[0].above) &&
		   isinf(answer->bands[0].to);
}

static inline double
kc_mme_apply(const KcMmeBand *band, double dose)
{
	return dose * band->factor.numerator / band->factor.denominator;
}

#endif
