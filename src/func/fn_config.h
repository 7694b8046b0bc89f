/*
 * fn_config.h
 *	  Configuration tables that users may change, read whole by SPI once per
 *	  query and found in the schema of the function being run, so that no search
 *	  path matters.
 */
#ifndef FN_CONFIG_H
#define FN_CONFIG_H

#include "postgres.h"

#include "access/htup.h"
#include "utils/snapmgr.h"

/* What tells one snapshot from another: read a table again when it changes. */
typedef struct KcSnapshotStamp
{
	TransactionId xmin;
	TransactionId xmax;
	uint32 in_progress;
	int32 subtransactions;
	CommandId command;
	uint64 completed;
} KcSnapshotStamp;

/* Of the active snapshot; inline, as it is taken for every row. */
static inline KcSnapshotStamp
kc_snapshot_stamp(void)
{
	Snapshot snapshot = GetActiveSnapshot();
	KcSnapshotStamp stamp;

	stamp.xmin = snapshot->xmin;
	stamp.xmax = snapshot->xmax;
	stamp.in_progress = snapshot->xcnt;
	stamp.subtransactions = snapshot->subxcnt;
	stamp.command = snapshot->curcid;
	stamp.completed = snapshot->snapXactCompletionCount;
	return stamp;
}

static inline bool
kc_same_snapshot(const KcSnapshotStamp *a, const KcSnapshotStamp *b)
{
	return a->command == b->command && a->xmax == b->xmax && a->xmin == b->xmin &&
		   a->in_progress == b->in_progress && a->subtransactions == b->subtransactions &&
		   a->completed == b->completed;
}

/* The name of a function's schema. */
extern char *kc_schema_of_function(Oid function);

/*
 * Run "SELECT <columns> FROM <schema>.<table> <order>" within SPI; the number
 * of rows, which are in SPI_tuptable.
 */
extern int kc_config_select(const char *schema, const char *table, const char *columns,
							const char *order);

/* A float8 column of such a row. */
extern double kc_config_float(HeapTuple row, int column, double if_null);

#endif
