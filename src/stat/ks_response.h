/*
 * ks_response.h
 *	  Response of a patient to treatment: percentage change, responder rules,
 *	  categories, reliable change and the cumulative responder curve.
 */
#ifndef KS_RESPONSE_H
#define KS_RESPONSE_H

#include "stat/ks_base.h"

typedef enum KsDirection
{
	KS_DECREASE, /* less is better: pain */
	KS_INCREASE, /* more is better: quality of life */
} KsDirection;

typedef struct KsResponderRule
{
	double threshold; /* at least 0: percent of the baseline, or points */
	bool absolute;    /* threshold is in points */
	bool inclusive;   /* a change of exactly the threshold counts */
	KsDirection direction;
} KsResponderRule;

/* In ascending order of benefit.  Undefined: a negative baseline. */
typedef enum KsResponse
{
	KS_RESPONSE_UNDEFINED = -1,
	KS_RESPONSE_WORSE,
	KS_RESPONSE_UNCHANGED,
	KS_RESPONSE_MINIMAL,
	KS_RESPONSE_MODERATE,
	KS_RESPONSE_SUBSTANTIAL,
	KS_RESPONSE_COMPLETE,
} KsResponse;

/* One point of the cumulative responder curve. */
typedef struct KsCurvePoint
{
	double threshold;
	int64_t responders;
	int64_t n;
	double estimate;
	double conf_low;
	double conf_high;
} KsCurvePoint;

/* 100 (after - before) / before; NaN when before is 0, infinite beyond double. */
extern double ks_percent_change(double before, double after);

/*
 * Whether the change reaches the threshold.  A percentage of a baseline of 0 or
 * below has no meaning: under a percent rule such a patient is no responder.
 */
extern bool ks_is_responder(double before, double after, const KsResponderRule *rule);

/*
 * IMMPACT category of a decrease, thresholds in percent, ascending, above 0.
 * Worse is an increase of at least the minimal threshold, complete an end at 0.
 * From a baseline of 0 the patient is unchanged at 0 and otherwise worse.
 */
extern KsResponse ks_response_category(double before, double after, double minimal,
									   double moderate, double substantial);

/*
 * Jacobson-Truax index: the change in standard errors of a difference between
 * two measurements; beyond 1.96 it is reliable at 5 percent.  sd_before > 0,
 * reliability in [0, 1); NaN outside.
 */
extern double ks_reliable_change(double before, double after, double sd_before,
								 double reliability);

/*
 * For each of the thresholds (percent, any order), the patients whose percent
 * change is at most -threshold (decrease) or at least threshold (increase),
 * with a Wilson interval.  point has room for all thresholds.
 */
extern KsStatus ks_responder_curve(const KsCounted *percent_change,
								   const double *threshold, size_t thresholds,
								   KsDirection direction, double conf_level,
								   const KsEnv *env, KsCurvePoint *point);

#endif
