/*
 * ks_trajectory_data.h
 *	  What trajectory groups are fitted to: cross-products of each subject.
 */
#ifndef KS_TRAJECTORY_DATA_H
#define KS_TRAJECTORY_DATA_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/*
 * What the rows left behind: X with `fixed` columns, y after it, of each subject
 * and of all.  Subjects come in an order that depends on their keys alone.
 */
typedef struct KsTrajectorySource
{
	size_t fixed;
	size_t subjects;
	int64_t n;			/* rows */
	const KsDD *cross;	/* packed [X y]'[X y] of all rows, fixed + 1 columns */
	const double *last; /* row of X at the last time: groups are ordered by their mean there */

	/* Fetch a subject: its rows and its packed [X y]'[X y]. */
	void (*block)(const void *context, size_t subject, int64_t *n, KsDD *cross);
	const void *context;
} KsTrajectorySource;

/*
 * The same in units of the residual of least squares, with the columns of X that
 * can be estimated made orthogonal with mean square 1.  Subjects seen at the same
 * times share a pattern.
 */
typedef struct KsTrajectoryData
{
	size_t columns; /* estimable columns of X */
	size_t subjects;
	size_t patterns;
	int64_t n;
	uint32_t *pattern;	  /* subject: its pattern */
	double *rows;		  /* pattern: rows of each of its subjects */
	double *cross;		  /* pattern: packed X'X */
	double *products;	  /* subject: X'y, then y'y */
	double sum_squares;	  /* y'y of all */
	double unit;		  /* what y was divided by */
	double *basis;		  /* fixed x columns, as ks_orthonormal_basis, times sqrt(n) */
	double *least_squares; /* fixed: coefficients taken off y */
	bool *used;			  /* fixed: false where a column depends on those before it */
	bool exact;			  /* least squares leave no residual */
} KsTrajectoryData;

extern KsStatus ks_trajectory_read(const KsTrajectorySource *source, const KsEnv *env,
								   KsTrajectoryData *data);
extern void ks_trajectory_data_free(const KsEnv *env, KsTrajectoryData *data);

/*
 * Data of some of the subjects (in ascending order) in the same units, which stay
 * with the whole.  Free the sample also after a failure.
 */
extern KsStatus ks_trajectory_sample(const KsTrajectoryData *data, const uint32_t *subject,
									 size_t subjects, const KsEnv *env,
									 KsTrajectoryData *sample);
extern void ks_trajectory_sample_free(const KsEnv *env, KsTrajectoryData *sample);

#endif
