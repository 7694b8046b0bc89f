/*
 * kc_trajectory_summary.h
 *	  The summary of trajectories: cross-products of each subject; and the groups
 *	  fitted to them.
 *
 * Fitted groups are a value of their own with the keys of the subjects and what
 * was estimated; the cross-products stay with the summary.
 */
#ifndef KC_TRAJECTORY_SUMMARY_H
#define KC_TRAJECTORY_SUMMARY_H

#include "stat/ks_trajectory.h"
#include "summary/kc_group_blocks.h"

extern const KcSummaryType kc_trajectory_summary_type;
extern const KcSummaryType kc_trajectory_model_type;

/* What is not supported in a compiled formula, or NULL. */
extern const char *kc_trajectory_unsupported(const KcModel *model);

/*
 * Adds the row in hand of a model whose formula and variables were set, to the
 * subject with this key.  Raises 22003 for a value out of range.
 */
extern KcState *kc_trajectory_add_row(KcState *state, KcModel *model, const char *key,
									  size_t length);

/* A summary made ready to fit groups to. */
typedef struct KcTrajectoryData KcTrajectoryData;

extern KcTrajectoryData *kc_trajectory_open(const KcState *summary);

/* Fits groups; free the fit with ks_trajectory_fit_free. */
extern void kc_trajectory_fit(KcTrajectoryData *data, int groups, int starts, int64 seed,
							  KsTrajectoryFit *fit);

/* The value that keeps a fit. */
extern KcState *kc_trajectory_store(const KcTrajectoryData *data,
									const KsTrajectoryFit *fit);

/* Fitted groups as their functions read them. */
typedef struct KcTrajectoryModel
{
	const KcState *state;
	KcModel *model; /* NULL when no row was seen */
	KcModelLevels levels;
	KsDesign design;
	KsTrajectoryFit fit;
	int64 n_missing;
} KcTrajectoryModel;

extern void kc_trajectory_read(const KcState *state, KcTrajectoryModel *model);

/* The key of a subject, by its place in the order of the keys. */
extern char *kc_trajectory_subject(const KcTrajectoryModel *model, size_t subject);

/* The columns of the design at a time; `row` has room for them. */
extern void kc_trajectory_design_row(KcTrajectoryModel *model, double time, double *row);

#endif
