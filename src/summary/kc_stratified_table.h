/*
 * kc_stratified_table.h
 *	  Counts of two categorical variables by stratum.
 */
#ifndef KC_STRATIFIED_TABLE_H
#define KC_STRATIFIED_TABLE_H

#include "summary/kc_counted.h"
#include "summary/kc_labels.h"

typedef struct KcLabel
{
	const char *bytes;
	size_t length;
} KcLabel;

/* Counts a row.  The state may move. */
extern KcState *kc_stratified_table_count(KcState *state, KcLabel a, KcLabel b,
										  KcLabel stratum);

/*
 * The 2 x 2 tables, strata and levels in bytewise order of their labels; count is
 * NULL where a or b has other than two levels.
 */
typedef struct KcStrata
{
	uint32 rows;
	uint32 columns;
	uint32 strata;
	int64 *count; /* four numbers a stratum */
} KcStrata;

extern KcStrata kc_stratified_table_read(const KcState *state);

#endif
