/*
 * ks_response.c
 *	  Response of a patient to treatment.
 *
 * A rule of "50 percent or more" on a 0-10 scale is decided by equality for
 * many patients, and 0.3 is not a binary number: dividing and comparing would
 * move them by rounding.  So the change is compared with threshold x baseline,
 * and differences within 1e-9 of the larger score count as equal.
 *
 * Sources: Dworkin et al. 2008, J Pain 9:105 (IMMPACT: 10, 30 and 50 percent);
 * Farrar et al. 2001, Pain 94:149, and 2006, J Pain Symptom Manage 31:369
 * (cumulative proportion of responders); Jacobson and Truax 1991, J Consult
 * Clin Psychol 59:12.
 */
#include "stat/ks_response.h"

#include "stat/ks_proportion.h"

#define EQUAL_WITHIN 1e-9

double
ks_percent_change(double before, double after)
{
	double percent;

	if (before == 0)
		return NAN;
	percent = 100 * (after - before) / before;
	return isfinite(percent) ? percent : 100 * (after / before - 1);
}

/* Whether gain reaches needed, for scores of the given size. */
static bool
reaches(double gain, double needed, double size, bool inclusive)
{
	double guard = EQUAL_WITHIN * size;

	return inclusive ? gain >= needed - guard : gain > needed + guard;
}

bool
ks_is_responder(double before, double after, const KsResponderRule *rule)
{
	double gain = rule->direction == KS_DECREASE ? before - after : after - before;
	double needed = rule->threshold;

	if (!rule->absolute)
	{
		if (before <= 0)
			return false;
		needed = rule->threshold / 100 * before;
	}
	return reaches(gain, needed, fmax(fabs(before), fabs(after)), rule->inclusive);
}

KsResponse
ks_response_category(double before, double after, double minimal, double moderate,
					 double substantial)
{
	double size = fmax(fabs(before), fabs(after));
	double percent_point = before / 100;
	double gain = before - after;

	if (before < 0)
		return KS_RESPONSE_UNDEFINED;
	if (before == 0)
		return after > 0 ? KS_RESPONSE_WORSE : KS_RESPONSE_UNCHANGED;
	if (after <= 0)
		return KS_RESPONSE_COMPLETE;
	if (reaches(gain, substantial * percent_point, size, true))
		return KS_RESPONSE_SUBSTANTIAL;
	if (reaches(gain, moderate * percent_point, size, true))
		return KS_RESPONSE_MODERATE;
	if (reaches(gain, minimal * percent_point, size, true))
		return KS_RESPONSE_MINIMAL;
	if (reaches(-gain, minimal * percent_point, size, true))
		return KS_RESPONSE_WORSE;
	return KS_RESPONSE_UNCHANGED;
}

double
ks_reliable_change(double before, double after, double sd_before, double reliability)
{
	double error_of_difference;

	if (!(sd_before > 0) || !(reliability >= 0 && reliability < 1))
		return NAN;
	error_of_difference = sd_before * sqrt(2 * (1 - reliability));
	return (after - before) / error_of_difference;
}

/* How many of the distinct values are at most limit, by bisection. */
static size_t
distinct_up_to(const KsCounted *values, double limit)
{
	size_t below = 0;
	size_t above = values->distinct;

	while (below < above)
	{
		size_t middle = below + (above - below) / 2;

		if (values->value[middle] <= limit)
			below = middle + 1;
		else
			above = middle;
	}
	return below;
}

/* How many observations lie among distinct values first .. end - 1. */
static int64_t
count_between(const KsCounted *values, size_t first, size_t end)
{
	int64_t n = 0;

	if (values->count == NULL)
		return (int64_t) (end - first);
	for (size_t i = first; i < end; i++)
		n += values->count[i];
	return n;
}

KsStatus
ks_responder_curve(const KsCounted *percent_change, const double *threshold,
				   size_t thresholds, KsDirection direction, double conf_level,
				   const KsEnv *env, KsCurvePoint *point)
{
	int64_t n = percent_change->n;

	for (size_t i = 0; i < thresholds; i++)
	{
		double limit = threshold[i] - EQUAL_WITHIN * fmax(1, fabs(threshold[i]));
		size_t first = 0;
		size_t end = percent_change->distinct;
		int64_t responders;

		if (env->poll(env->context))
			return KS_CANCELLED;
		if (direction == KS_DECREASE)
			end = distinct_up_to(percent_change, -limit);
		else
			first = distinct_up_to(percent_change, nextafter(limit, -INFINITY));
		responders = count_between(percent_change, first, end);
		point[i].threshold = threshold[i];
		point[i].responders = responders;
		point[i].n = n;
		point[i].estimate = n > 0 ? (double) responders / (double) n : NAN;
		ks_proportion_ci(responders, n, KS_PROPORTION_WILSON, conf_level,
						 &point[i].conf_low, &point[i].conf_high);
	}
	return KS_OK;
}
