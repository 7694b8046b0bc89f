/*
 * kc_env.c
 *	  Memory, cancellation and failure of the statistics on the server.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "summary/kc_env.h"

static void *
env_alloc(void *context, size_t bytes)
{
	if (!AllocHugeSizeIsValid(bytes))
		return NULL;
	return palloc_extended(bytes > 0 ? bytes : 1,
						   MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

static void
env_free(void *context, void *pointer)
{
	if (pointer != NULL)
		pfree(pointer);
}

/*
 * Only what ends the query stops a computation: a message from a parallel worker
 * or a request to log memory is pending in the same flag.
 */
static bool
env_poll(void *context)
{
	return InterruptPending && (QueryCancelPending || ProcDiePending || ClientConnectionLost);
}

const KsEnv kc_env = {env_alloc, env_free, env_poll, NULL};

void
kc_require(KsStatus status)
{
	switch (status)
	{
		case KS_OK:
			return;
		case KS_CANCELLED:
			CHECK_FOR_INTERRUPTS();
			/* cancelling is held off just now: the computation is lost all the same */
			ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED),
							errmsg("computation was interrupted")));
			return;
		case KS_NO_MEMORY:
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
			return;
		case KS_OVERFLOW:
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("value out of range: overflow")));
			return;
		case KS_TOO_LARGE:
			ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							errmsg("the exact computation is too large"),
							errhint("Leave the choice of method to its default.")));
			return;
	}
	elog(ERROR, "unknown status %d", (int) status);
}
