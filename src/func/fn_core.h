/*
 * fn_core.h
 *	  What every SQL entry point shares: states as arguments, options, results.
 */
#ifndef FN_CORE_H
#define FN_CORE_H

#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "nodes/nodes.h"
#include "utils/builtins.h"

#include "stat/ks_base.h"
#include "summary/kc_env.h"
#include "summary/kc_labels.h"
#include "summary/kc_summaries.h"

/* ---- summaries as arguments ------------------------------------------------------ */

/* A summary to read, never NULL. */
extern const KcState *kc_arg_summary(FunctionCallInfo fcinfo, int arg,
									 const KcSummaryType *type);

/*
 * The state of a transition function, to write: created when argument 0 is
 * NULL, itself when the call comes from an aggregate, else a copy.
 */
extern KcState *kc_arg_state_general(FunctionCallInfo fcinfo, const KcSummaryType *type);

/* Every row passes here: the aggregate's own plain value is known without a call. */
static inline KcState *
kc_arg_state(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	if (likely(!PG_ARGISNULL(0) && fcinfo->context != NULL &&
			   IsA(fcinfo->context, AggState)))
	{
		KcState *state = (KcState *) PG_GETARG_POINTER(0);

		if (likely(VARATT_IS_4B_U(state) && state->tag == type->tag &&
				   state->version == type->version))
			return state;
	}
	return kc_arg_state_general(fcinfo, type);
}

/* Hints kept from row to row, for each of `count` arguments that are labels. */
static inline KcLabelHints *
kc_label_hints(FunctionCallInfo fcinfo, int count)
{
	if (unlikely(fcinfo->flinfo->fn_extra == NULL))
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, count * sizeof(KcLabelHints));
	return fcinfo->flinfo->fn_extra;
}

/* Combine function, also the transition of rollup. */
extern Datum kc_combine(FunctionCallInfo fcinfo, const KcSummaryType *type);

/* Final function of the builder: a trimmed, canonical copy. */
extern Datum kc_finish(FunctionCallInfo fcinfo, const KcSummaryType *type);

/* ---- values and options ----------------------------------------------------------- */

pg_noreturn extern void kc_not_finite(double value, const char *what);

/* Raises 22003 for NaN and the infinities; `what` names the argument. */
static inline void
kc_check_finite(double value, const char *what)
{
	if (unlikely(!isfinite(value)))
		kc_not_finite(value, what);
}

pg_noreturn extern void kc_product_overflow(void);

/* Named options: NULL is an error (22004), so is a value out of range (22023). */
extern double kc_option_float(FunctionCallInfo fcinfo, int arg, const char *name);
extern int32 kc_option_int(FunctionCallInfo fcinfo, int arg, const char *name, int32 low,
						   int32 high);
extern bool kc_option_bool(FunctionCallInfo fcinfo, int arg, const char *name);
extern int64 kc_option_seed(FunctionCallInfo fcinfo, int arg);
extern double kc_option_conf_level(FunctionCallInfo fcinfo, int arg);
extern KsAlternative kc_option_alternative(FunctionCallInfo fcinfo, int arg);

/*
 * The position of a text option in a NULL-terminated list of choices.  A
 * misspelt one is 22023 with the choices as hint.
 */
extern int kc_option_choice(FunctionCallInfo fcinfo, int arg, const char *name,
							const char *const *choices);

/* The finite values of a float8[] without NULLs, one-dimensional. */
extern double *kc_option_floats(FunctionCallInfo fcinfo, int arg, const char *name,
								int *count);

/* ---- results ---------------------------------------------------------------------- */

typedef enum KcKind
{
	KC_FLOAT, /* double, NaN is NULL */
	KC_INT8,  /* int64 */
	KC_WHOLE, /* double holding a whole number, as int8; NaN is NULL */
	KC_INT4,  /* int32, INT_MIN is NULL */
	KC_BOOL,  /* bool */
	KC_TEXT,  /* const char *, NULL is NULL */
	KC_NOTE,  /* char[], empty is NULL */
	KC_DATE,  /* int32, days since 2000-01-01 */
} KcKind;

/* One column of a result: its name, and where its value lies in a C struct. */
typedef struct KcField
{
	const char *column;
	KcKind kind;
	size_t offset;
} KcField;

#define KC_FIELD(type, member, kind) {#member, kind, offsetof(type, member)}

/*
 * A row of the function's result type, filled by column name: a column that C
 * does not know stays NULL, a field the SQL type does not have is left out, so
 * that an old install script and a new library get along.
 */
extern Datum kc_result_row(FunctionCallInfo fcinfo, const KcField *fields, int n_fields,
						   const void *source);

/* The same with a place of the caller's, at first NULL, to keep what it learnt. */
extern Datum kc_result_row_kept(FunctionCallInfo fcinfo, void **kept, const KcField *fields,
								int n_fields, const void *source);

extern Datum kc_test_result(FunctionCallInfo fcinfo, const KsTest *test);
extern Datum kc_test_result_kept(FunctionCallInfo fcinfo, void **kept, const KsTest *test);

/*
 * The rows of a set-returning function: `count` structs of `size` bytes, all
 * materialized at once.
 */
extern Datum kc_result_set(FunctionCallInfo fcinfo, const KcField *fields, int n_fields,
						   const void *rows, size_t size, size_t count);

/* A double as float8, NaN as NULL. */
#define KC_RETURN_FLOAT(value) \
	do \
	{ \
		double value_ = (value); \
		if (isnan(value_)) \
			PG_RETURN_NULL(); \
		PG_RETURN_FLOAT8(value_); \
	} while (0)

#endif
