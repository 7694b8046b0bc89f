/*
 * kc_table_one_summary.h
 *	  Every variable of a table by group: values of numbers, counts of levels.
 */
#ifndef KC_TABLE_ONE_SUMMARY_H
#define KC_TABLE_ONE_SUMMARY_H

#include "stat/ks_base.h"
#include "summary/kc_labels.h"
#include "summary/kc_summaries.h"

/* Most levels a factor may have in a table of baseline characteristics. */
#define KC_MAX_LEVELS 64

/* The group of the row that is being added; the whole table where label is NULL. */
extern KcState *kc_table_one_group(KcState *state, const char *label, size_t length,
								   KcLabelHints *hints, uint32 *group);

/* The number of a variable, registered with its kind when new. */
extern KcState *kc_table_one_variable(KcState *state, const char *name, bool is_number,
									  KcLabelHints *hints, uint32 *variable);

/* One value of that row, missing or not.  The state may move. */
extern KcState *kc_table_one_add_number(KcState *state, uint32 variable, uint32 group,
										double value);
extern KcState *kc_table_one_add_level(KcState *state, uint32 variable, uint32 group,
									   const char *level, size_t length,
									   KcLabelHints *hints);
extern KcState *kc_table_one_add_missing(KcState *state, uint32 variable, uint32 group);

/* One variable, by group in bytewise order of the group labels. */
typedef struct KcTableOneVariable
{
	char *name;
	bool is_number;
	int64 *n_missing;  /* by group */
	KsCounted *values; /* numbers: by group */
	uint32 levels;	   /* factors: how many, in bytewise order */
	char **level;
	int64 *count; /* levels x groups, row-major */
} KcTableOneVariable;

typedef struct KcTableOne
{
	uint32 groups; /* 1 without a grouping column */
	char **group;  /* NULL without a grouping column */
	uint32 variables;
	KcTableOneVariable *variable; /* in the order of the columns */
} KcTableOne;

extern KcTableOne kc_table_one_read(const KcState *state);

/* The values of several groups as one. */
extern KsCounted kc_join_counted(const KsCounted *values, size_t groups);

#endif
