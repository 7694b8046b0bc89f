/*
 * fn_tables.c
 *	  Transition functions of contingency tables, whichever chapter reads them.
 */
#include "postgres.h"

#include "func/fn_core.h"
#include "summary/kc_contingency_table.h"

PG_FUNCTION_INFO_V1(kc_contingency_table_add);
Datum
kc_contingency_table_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_contingency_table_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		text *a = PG_GETARG_TEXT_PP(1);
		text *b = PG_GETARG_TEXT_PP(2);

		state = kc_contingency_add(state, VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a),
								   VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), 1);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(kc_contingency_table_add_boolean);
Datum
kc_contingency_table_add_boolean(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_contingency_table_type);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		state->n_missing++;
	else
	{
		const char *a = PG_GETARG_BOOL(1) ? "true" : "false";
		const char *b = PG_GETARG_BOOL(2) ? "true" : "false";

		state = kc_contingency_add(state, a, strlen(a), b, strlen(b), 1);
	}
	PG_RETURN_POINTER(state);
}
