/*
 * ketocohort.c
 *	  The module: its magic block, its settings, its version.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "summary/kc_compat.h"
#include "summary/kc_state.h"

PG_MODULE_MAGIC;

extern void _PG_init(void);

void
_PG_init(void)
{
	DefineCustomIntVariable("ketocohort.max_state_memory",
							"Largest memory of one summary while an aggregate builds it.",
							"Crossing it ends the query with SQLSTATE 54000.",
							&kc_max_state_memory, 256 * 1024, 64, 1024 * 1024 - 1,
							PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
	kc_reserve_settings("ketocohort");
}

PG_FUNCTION_INFO_V1(kc_version);

/* The version the library was built as. */
Datum
kc_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(KETOCOHORT_VERSION));
}
