/*
 * kc_opioid_exposure.h
 *	  Dated doses of one patient, by drug, unit and route as written.
 */
#ifndef KC_OPIOID_EXPOSURE_H
#define KC_OPIOID_EXPOSURE_H

#include "summary/kc_summaries.h"

/* The server's calendar, in days since 2000-01-01. */
#define KC_FIRST_DAY (-2451545)
#define KC_LAST_DAY (2147483494 - 2451545 - 1)

/* What was dispensed, in words; texts are not terminated. */
typedef enum KcProductField
{
	KC_PRODUCT_DRUG,
	KC_PRODUCT_UNIT,
	KC_PRODUCT_ROUTE,
} KcProductField;

#define KC_PRODUCT_FIELDS 3
#define KC_MAX_PRODUCT_TEXT 100000

typedef struct KcProduct
{
	const char *text[KC_PRODUCT_FIELDS];
	uint32 length[KC_PRODUCT_FIELDS];
} KcProduct;

/* One fill as kept: 20 bytes, without padding. */
typedef struct KcFill
{
	int32 start;	/* days since 2000-01-01 */
	int32 days;		/* 1 or more */
	uint32 product; /* position among the products */
	char dose[8];	/* float8 a day, unaligned */
} KcFill;

static inline double
kc_fill_dose(const KcFill *fill)
{
	double dose;

	memcpy(&dose, fill->dose, sizeof(dose));
	return dose;
}

/*
 * Adds a fill of a finite dose >= 0 whose days lie in the calendar.  The state
 * may move.
 */
extern KcState *kc_opioid_exposure_add_fill(KcState *state, const KcProduct *product,
											double dose, int32 start, int32 days);

/* Counts a row left out; `empty` when all of it was NULL, as from an outer join. */
extern void kc_opioid_exposure_add_missing(KcState *state, bool empty);

/* Rows left out that had something in them. */
extern int64 kc_opioid_exposure_incomplete(const KcState *state);

extern const KcFill *kc_opioid_exposure_fills(const KcState *state, size_t *count);

/* All products, pointing into the state. */
extern KcProduct *kc_opioid_exposure_products(const KcState *state, uint32 *count);

#endif
