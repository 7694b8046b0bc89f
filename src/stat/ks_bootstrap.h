/*
 * ks_bootstrap.h
 *	  Random numbers by position, resampling of rows, and limits from replicates.
 */
#ifndef KS_BOOTSTRAP_H
#define KS_BOOTSTRAP_H

#include "stat/ks_base.h"

/*
 * A stream of random bits read by position: the same seed and position give
 * the same bits on every machine, in any order of reading.
 */
typedef struct KsStream
{
	uint64_t start;
} KsStream;

extern KsStream ks_stream(int64_t seed);

/* 64 random bits. */
extern uint64_t ks_stream_bits(KsStream stream, uint64_t position);

/* A number strictly between 0 and 1; a standard normal one. */
extern double ks_stream_uniform(KsStream stream, uint64_t position);
extern double ks_stream_normal(KsStream stream, uint64_t position);

/* The n rows, drawn with replacement from 0 .. n - 1, of a numbered replicate. */
extern void ks_stream_rows(KsStream stream, uint64_t replicate, uint32_t n, uint32_t *row);

/*
 * Rows of numbers to be summed over resampled rows, laid out for that.  width
 * numbers a row; memory comes from the environment.
 */
typedef struct KsResample
{
	uint32_t n;
	int width;
	int blocks;	   /* of KS_RESAMPLE_BLOCK numbers of every row, the last one shorter */
	double *value; /* block after block, row after row */
	void *memory;
} KsResample;

#define KS_RESAMPLE_BLOCK 20

extern KsStatus ks_resample_create(uint32_t n, int width, const KsEnv *env,
								   KsResample *table);
extern void ks_resample_free(KsResample *table, const KsEnv *env);

/* Store or read the numbers of one row. */
extern void ks_resample_set(KsResample *table, uint32_t row, const double *numbers);
extern void ks_resample_get(const KsResample *table, uint32_t row, double *numbers);

/* Length of the array that ks_resample_sum fills: the width, rounded up. */
extern int ks_resample_sums(const KsResample *table);

/* Sums over the rows drawn (table->n of them), to the same bits on every machine. */
extern KsStatus ks_resample_sum(const KsResample *table, const uint32_t *row,
								const KsEnv *env, double *sum);

/* An interval from replicates, and the p-value that goes with it. */
typedef struct KsReplicateLimits
{
	double low;
	double high;
	double p_value;
} KsReplicateLimits;

/* Quantile of n ascending values, R's type 7. */
extern double ks_sorted_quantile(const double *sorted, size_t n, double p);

/* Percentile limits; two-sided p by counting the replicates beyond 0, never 0. */
extern KsReplicateLimits ks_percentile_limits(const double *sorted, size_t n,
											  double conf_level);

/*
 * Efron's BCa limits, and the p-value at which they reach 0.  NaN when all
 * replicates lie on one side of the estimate.
 */
extern KsReplicateLimits ks_bca_limits(const double *sorted, size_t n, double estimate,
									   double acceleration, double conf_level);

/* Acceleration from the estimates without each row: n of them. */
extern double ks_jackknife_acceleration(const double *without, size_t n);

#endif
