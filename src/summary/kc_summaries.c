/*
 * kc_summaries.c
 *	  The register of summaries: from the tag in a header to its description.
 */
#include "postgres.h"

#include "summary/kc_summaries.h"

static const KcSummaryType *const types[] = {
	[KC_VALUE_COUNTS] = &kc_value_counts_type,
	[KC_PAIRED_SUMMARY] = &kc_paired_summary_type,
	[KC_PAIRED_VALUES] = &kc_paired_values_type,
	[KC_REPEATED_VALUES] = &kc_repeated_values_type,
	[KC_CONTINGENCY_TABLE] = &kc_contingency_table_type,
	[KC_LINEAR_SUMMARY] = &kc_linear_summary_type,
	[KC_LINEAR_MODEL] = &kc_linear_model_type,
	[KC_MIXED_SUMMARY] = &kc_mixed_summary_type,
	[KC_MIXED_MODEL] = &kc_mixed_model_type,
	[KC_TRAJECTORY_SUMMARY] = &kc_trajectory_summary_type,
	[KC_TRAJECTORY_MODEL] = &kc_trajectory_model_type,
	[KC_OPIOID_EXPOSURE] = &kc_opioid_exposure_type,
	[KC_TREND_SUMMARY] = &kc_trend_summary_type,
	[KC_GROUP_SUMMARY] = &kc_group_summary_type,
	[KC_GROUP_VALUES] = &kc_group_values_type,
	[KC_TABLE_ONE_SUMMARY] = &kc_table_one_summary_type,
	[KC_STRATIFIED_TABLE] = &kc_stratified_table_type,
	[KC_ITEM_SUMMARY] = &kc_item_summary_type,
	[KC_MEDIATION_SUMMARY] = &kc_mediation_summary_type,
	[KC_MEDIATION_SAMPLE] = &kc_mediation_sample_type,
};

const KcSummaryType *
kc_summary_type(uint16 tag)
{
	if (tag >= lengthof(types) || types[tag] == NULL)
		elog(ERROR, "unknown summary tag %u", tag);
	return types[tag];
}
