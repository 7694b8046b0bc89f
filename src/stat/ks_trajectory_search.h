/*
 * ks_trajectory_search.h
 *	  The best of many starts of a mixture of trajectories.
 */
#ifndef KS_TRAJECTORY_SEARCH_H
#define KS_TRAJECTORY_SEARCH_H

#include "stat/ks_trajectory_likelihood.h"

#define KS_TRAJECTORY_MOST_GROUPS 20

typedef struct KsTrajectorySearch
{
	bool found;		/* false: in every start a group ran empty */
	size_t reached; /* starts that came to the best optimum */
	int iterations; /* EM steps */
} KsTrajectorySearch;

/*
 * Search from `starts` points for the best mixture of `groups` curves: the first
 * splits the subjects by their level, the others depart from subjects drawn with
 * `seed`.  parameters, as ks_mixture_step has them, are those of the best optimum,
 * nearly there.
 */
extern KsStatus ks_trajectory_search(const KsTrajectoryData *data, size_t groups,
									 size_t starts, uint64_t seed, const KsEnv *env,
									 double *parameters, KsTrajectorySearch *result);

#endif
