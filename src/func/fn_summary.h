/*
 * fn_summary.h
 *	  The entry points every summary type has: text and binary input and output,
 *	  combine, and the builder's final function.
 */
#ifndef FN_SUMMARY_H
#define FN_SUMMARY_H

#include "func/fn_core.h"

extern Datum kc_summary_in(FunctionCallInfo fcinfo, const KcSummaryType *type);
extern Datum kc_summary_out(FunctionCallInfo fcinfo, const KcSummaryType *type);
extern Datum kc_summary_recv(FunctionCallInfo fcinfo, const KcSummaryType *type);
extern Datum kc_summary_send(FunctionCallInfo fcinfo, const KcSummaryType *type);

#define KC_SUMMARY_FUNCTION(symbol, shared, type) \
	PG_FUNCTION_INFO_V1(symbol); \
	Datum symbol(PG_FUNCTION_ARGS) \
	{ \
		return shared(fcinfo, &type); \
	} \
	extern int kc_no_such_variable

/* KC_SUMMARY_FUNCTIONS(paired_summary) defines kc_paired_summary_in and so on. */
#define KC_SUMMARY_FUNCTIONS(name) \
	KC_SUMMARY_FUNCTION(kc_##name##_in, kc_summary_in, kc_##name##_type); \
	KC_SUMMARY_FUNCTION(kc_##name##_out, kc_summary_out, kc_##name##_type); \
	KC_SUMMARY_FUNCTION(kc_##name##_recv, kc_summary_recv, kc_##name##_type); \
	KC_SUMMARY_FUNCTION(kc_##name##_send, kc_summary_send, kc_##name##_type); \
	KC_SUMMARY_FUNCTION(kc_##name##_combine, kc_combine, kc_##name##_type); \
	KC_SUMMARY_FUNCTION(kc_##name##_finish, kc_finish, kc_##name##_type)

#endif
