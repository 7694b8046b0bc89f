/*
 * ks_trajectory_report.h
 *	  What tables show of fitted trajectory groups.
 */
#ifndef KS_TRAJECTORY_REPORT_H
#define KS_TRAJECTORY_REPORT_H

#include "stat/ks_linear.h"
#include "stat/ks_trajectory.h"

/* A coefficient of a group's curve; the p value is that of a normal test. */
typedef struct KsTrajectoryCoefficient
{
	double estimate;
	double std_error;
	double p_value;
} KsTrajectoryCoefficient;

extern KsTrajectoryCoefficient ks_trajectory_coefficient(const KsTrajectoryFit *fit,
														 size_t group, size_t column);

/* The share of the smallest group. */
extern double ks_trajectory_smallest(const KsTrajectoryFit *fit);

/* The lowest mean posterior of a group; NaN when one is empty. */
extern double ks_trajectory_lowest_posterior(const KsTrajectoryFit *fit);

/* The group a subject most probably belongs to. */
extern size_t ks_trajectory_assigned(const KsTrajectoryFit *fit, size_t subject);

/* The fit as a whole; both bic count subjects. */
extern void ks_trajectory_glance(const KsTrajectoryFit *fit, KsModelFit *out);

#endif
