/*
 * kc_summaries.c
 *	  The register of summaries: from the tag in a header to its description.
 */
#include "postgres.h"

#include "summary/kc_summaries.h"

static const KcSummaryType *const types[] = {
	&kc_value_counts_type,	  &kc_paired_summary_type,	  &kc_paired_values_type,
	&kc_repeated_values_type, &kc_contingency_table_type,
};

const KcSummaryType *
kc_summary_type(uint16 tag)
{
	for (size_t i = 0; i < lengthof(types); i++)
		if (types[i]->tag == tag)
			return types[i];
	elog(ERROR, "unknown summary tag %u", tag);
	return NULL;
}
