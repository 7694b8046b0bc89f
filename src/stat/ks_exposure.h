/*
 * ks_exposure.h
 *	  The daily dose of opioids over dated prescriptions, as a step function.
 *
 * Days are whole numbers, a fill covers its first to its last day inclusively.
 * Doses are amounts a day in a unit of the caller's; the figures are morphine
 * milligram equivalents (MME) a day.
 */
#ifndef KS_EXPOSURE_H
#define KS_EXPOSURE_H

#include "stat/ks_base.h"
#include "stat/ks_units.h"

/* A figure this close to a threshold or a bound, relatively, counts as on it. */
#define KS_EXPOSURE_GUARD 1e-9

/* What happens where fills of one ingredient overlap. */
typedef enum KsOverlap
{
	KS_OVERLAP_SUM,	   /* their doses add up */
	KS_OVERLAP_SHIFT,  /* the later fill starts when the earlier one has ended */
	KS_OVERLAP_LATEST, /* of the fills that cover a day, those that started last count */
} KsOverlap;

/* A drug as it is converted: an ingredient, by one route, in one unit. */
typedef struct KsOpioid
{
	int ingredient; /* the same number for the same ingredient */
	bool tiered;	/* more than one band */
	bool rate;		/* its bands are in mcg/h, not in mg */
	KsRatio to_band_unit;
	int n_bands;
	const KsDoseBand *band; /* MME for one of the unit of its doses */
} KsOpioid;

typedef struct KsFill
{
	double dose; /* a day, 0 or more */
	int64_t first;
	int64_t last;
	int opioid; /* which of the opioids */
	/* set by ks_exposure: */
	int64_t issued; /* the day it started, before clipping */
	double mme;		/* a day, of this fill alone; 0 unless the order asks for it */
} KsFill;

typedef struct KsExposureOptions
{
	bool has_period;
	int64_t first; /* the period, both days inclusive */
	int64_t last;
	bool clip; /* only days inside the period count; else whole fills that overlap it */
	KsOverlap overlap;
} KsExposureOptions;

/* Days first to last on which the dose is the same and some fill is open. */
typedef struct KsStep
{
	int64_t first;
	int64_t last;
	double mme;
} KsStep;

typedef struct KsExposure
{
	int64_t fills;			 /* that overlap the period */
	int64_t period_days;	 /* 0 without period and fills */
	int64_t days_supply;	 /* a day covered k times counts k times */
	int64_t days_on_therapy; /* each covered day once */
	int64_t days_refused;	 /* days with a dose in a band without factor, left out */
	int64_t days_in_gap;	 /* days with a dose in no band, left out */
	double total;			 /* MME x days */
	double by_days_supply;	 /* total / days_supply, NaN without a fill */
	double on_therapy;		 /* total / days_on_therapy, NaN without a fill */
	double by_period;		 /* total / period_days, NaN without period and fills */
	double max;				 /* largest MME of a day of the period, 0 without any */
	KsStep *step;			 /* ascending; the caller's to free, NULL after a failure */
	size_t steps;
} KsExposure;

/*
 * The step function of the daily dose and its figures, from n fills in any
 * order.  The fills are sorted, shifted and clipped in place.
 */
extern KsStatus ks_exposure(const KsOpioid *opioid, KsFill *fill, size_t n,
							const KsExposureOptions *options, const KsEnv *env,
							KsExposure *exposure);

/* Days of the step function with at least (or, exclusive, more than) `mme`. */
extern int64_t ks_exposure_days_at_or_above(const KsExposure *exposure, double mme,
											bool inclusive);

/* The sum of every fill's own MME a day, whatever the dates. */
extern KsStatus ks_exposure_sum_daily(const KsOpioid *opioid, const KsFill *fill, size_t n,
									  double *sum);

/*
 * An amount of drug, sum of dose x ratio x days inside the options' period;
 * ratio[i] turns the dose of fill i into mg.
 */
extern KsStatus ks_cumulative_dose(const KsFill *fill, const KsRatio *ratio, size_t n,
								   const KsExposureOptions *options, double *amount);

/*
 * strength x quantity / days_supply; NaN where quantity or days are 0: nothing
 * was dispensed, or nobody knows for how long.
 */
extern double ks_daily_dose(double strength, double quantity, double days_supply);

#endif
