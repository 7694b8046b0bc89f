/*
 * kc_summaries.h
 *	  The summaries there are: their layouts, and what adds a row to each.
 */
#ifndef KC_SUMMARIES_H
#define KC_SUMMARIES_H

#include "stat/ks_base.h"
#include "summary/kc_state.h"

extern const KcSummaryType kc_value_counts_type;
extern const KcSummaryType kc_paired_summary_type;
extern const KcSummaryType kc_paired_values_type;
extern const KcSummaryType kc_repeated_values_type;
extern const KcSummaryType kc_contingency_table_type;
extern const KcSummaryType kc_opioid_exposure_type;
extern const KcSummaryType kc_trend_summary_type;
extern const KcSummaryType kc_group_summary_type;
extern const KcSummaryType kc_group_values_type;
extern const KcSummaryType kc_table_one_summary_type;
extern const KcSummaryType kc_stratified_table_type;
extern const KcSummaryType kc_item_summary_type;
extern const KcSummaryType kc_linear_summary_type;
extern const KcSummaryType kc_linear_model_type;
extern const KcSummaryType kc_mediation_summary_type;
extern const KcSummaryType kc_mediation_sample_type;
extern const KcSummaryType kc_mixed_summary_type;
extern const KcSummaryType kc_mixed_model_type;
extern const KcSummaryType kc_trajectory_summary_type;
extern const KcSummaryType kc_trajectory_model_type;

#endif
