/*
 * ks_paired_describe.h
 *	  Description of pairs: both sides and the change.
 */
#ifndef KS_PAIRED_DESCRIBE_H
#define KS_PAIRED_DESCRIBE_H

#include "stat/ks_paired.h"

typedef struct KsPairedDescription
{
	int64_t n;
	int64_t n_missing; /* the caller's to fill */
	double mean_before, sd_before, median_before;
	double mean_after, sd_after, median_after;
	double mean_change, sd_change, median_change;
	double change_of_means_pct; /* 100 mean change / mean before */
	double mean_of_changes_pct; /* mean of each pair's percentage, baseline 0 left out */
	double correlation;
	int64_t n_decreased, n_unchanged, n_increased;
} KsPairedDescription;

/*
 * Describes `size` different pairs, the i-th standing count[i] times.  Their
 * order does not matter; the arrays are only read.  KS_OVERFLOW when a sum of
 * squares is beyond double.
 */
extern KsStatus ks_describe_paired(const KsEnv *env, const double *before,
								   const double *after, const int64_t *count, size_t size,
								   KsPairedDescription *out);

#endif
