/*
 * ks_units.h
 *	  Units of opioid doses, and conversion factors without rounding surprises.
 */
#ifndef KS_UNITS_H
#define KS_UNITS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum KsUnitKind
{
	KS_UNIT_OTHER,		   /* a word that is none of these */
	KS_UNIT_MASS,		   /* mg: an amount of drug */
	KS_UNIT_RATE,		   /* mcg/h: the rate of a patch while it is worn */
	KS_UNIT_RATE_PER_PATCH /* mcg/h/patch: the strength printed on one patch */
} KsUnitKind;

typedef struct KsUnit
{
	KsUnitKind kind;
	int thousands; /* 0 for microgram, 1 milligram, 2 gram, -1 nanogram */
} KsUnit;

/* numerator / denominator; both are integers in most cases, so that a division
 * at the end rounds once. */
typedef struct KsRatio
{
	double numerator;
	double denominator;
} KsRatio;

/* A factor for daily doses in (above, to]. */
typedef struct KsDoseBand
{
	double above;	/* -infinity: no bound */
	double to;		/* infinity: no bound */
	bool refused;	/* the guideline gives no factor here */
	KsRatio factor; /* MME for one of the unit asked for */
} KsDoseBand;

/*
 * Fold a unit: lower case, no spaces, no full stops, both micro signs as "u".
 * `text` is UTF-8 of `length` bytes, `out` has room for `length` + 1.
 */
extern size_t ks_fold_unit(const char *text, size_t length, char *out);

/* What a folded unit means. */
extern KsUnit ks_unit(const char *folded);

/* A decimal number as a ratio of integers: 0.15 is 15 / 100.  value > 0. */
extern KsRatio ks_ratio(double value);

/*
 * A factor per unit `to` as a factor per unit `from`, both of one kind: 0.13
 * per mcg is 130 per mg.
 */
extern KsRatio ks_ratio_in_unit(KsRatio factor, KsUnit from, KsUnit to);

#endif
