/*
 * fn_core.c
 *	  Arguments in, result rows out, errors: the server side every entry point
 *	  shares.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "func/fn_core.h"

/* ---- summaries as arguments ------------------------------------------------------ */

/*
 * The SQL type system keeps other types out; this catches bytes that never went
 * through an input function, and values a newer library wrote.
 */
static void
check_header(const KcState *state, const KcSummaryType *type)
{
	if (VARSIZE(state) < sizeof(KcState) || state->tag != type->tag)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("value is not a %s", type->name)));
	if (state->version > type->version)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s has layout version %u, newer than this library's %u",
						type->name, state->version, type->version),
				 errhint("Install the version of ketocohort that wrote it, or a later "
						 "one.")));
}

/* Always the full detoasting: a short header would leave the doubles unaligned. */
static KcState *
detoasted(FunctionCallInfo fcinfo, int arg, const KcSummaryType *type)
{
	KcState *state = (KcState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(arg));

	check_header(state, type);
	return state;
}

const KcState *
kc_arg_summary(FunctionCallInfo fcinfo, int arg, const KcSummaryType *type)
{
	return detoasted(fcinfo, arg, type);
}

KcState *
kc_arg_state_general(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	KcState *state;

	if (PG_ARGISNULL(0))
		return kc_state_create(type);
	state = detoasted(fcinfo, 0, type);
	if (likely(AggCheckCallContext(fcinfo, NULL) != 0 &&
			   state == (KcState *) PG_GETARG_POINTER(0)))
		return state;
	return kc_state_copy(state);
}

static void
check_row_counts(const KcState *into, const KcState *from, const KcSummaryType *type)
{
	if (into->n + from->n > KC_MAX_ROWS || into->n_missing + from->n_missing > KC_MAX_ROWS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s would hold more than 2^53 rows", type->name)));
}

Datum
kc_combine(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	const KcState *from;
	KcState *into;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(kc_arg_state(fcinfo, type));
	}
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(kc_state_copy(detoasted(fcinfo, 1, type)));
	into = kc_arg_state(fcinfo, type);
	from = detoasted(fcinfo, 1, type);
	check_row_counts(into, from, type);
	PG_RETURN_POINTER(type->merge(into, from));
}

Datum
kc_finish(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	const KcState *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = detoasted(fcinfo, 0, type);
	PG_RETURN_POINTER(type->finish ? type->finish(state) : kc_state_trim(state));
}

/* ---- values and options ----------------------------------------------------------- */

void
kc_not_finite(double value, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s is %s", what,
					isnan(value) ? "NaN" : (value > 0 ? "infinity" : "-infinity")),
			 errdetail("Statistics are computed from finite numbers only."),
			 errhint("Store a missing value as NULL, or leave the row out with FILTER.")));
}

void
kc_product_overflow(void)
{
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("value out of range: its square overflows"),
					errdetail("Values must lie between -1e149 and 1e149.")));
}

static void
reject_null_option(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("%s must not be NULL", name),
						errhint("Leave the option out to take its default.")));
}

double
kc_option_float(FunctionCallInfo fcinfo, int arg, const char *name)
{
	double value;

	reject_null_option(fcinfo, arg, name);
	value = PG_GETARG_FLOAT8(arg);
	if (!isfinite(value))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("%s must be a finite number", name)));
	return value;
}

int32
kc_option_int(FunctionCallInfo fcinfo, int arg, const char *name, int32 low, int32 high)
{
	int32 value;

	reject_null_option(fcinfo, arg, name);
	value = PG_GETARG_INT32(arg);
	if (value < low || value > high)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s is %d", name, value),
						errhint("It must be between %d and %d.", low, high)));
	return value;
}

bool
kc_option_bool(FunctionCallInfo fcinfo, int arg, const char *name)
{
	reject_null_option(fcinfo, arg, name);
	return PG_GETARG_BOOL(arg);
}

int64
kc_option_seed(FunctionCallInfo fcinfo, int arg)
{
	reject_null_option(fcinfo, arg, "seed");
	return PG_GETARG_INT64(arg);
}

double
kc_option_conf_level(FunctionCallInfo fcinfo, int arg)
{
	double level;

	reject_null_option(fcinfo, arg, "conf_level");
	level = PG_GETARG_FLOAT8(arg);
	if (!(level > 0 && level < 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("conf_level is %g", level),
						errhint("It must lie between 0 and 1, for instance 0.95.")));
	return level;
}

int
kc_option_choice(FunctionCallInfo fcinfo, int arg, const char *name,
				 const char *const *choices)
{
	text *given;
	size_t length;
	StringInfoData list;

	reject_null_option(fcinfo, arg, name);
	given = PG_GETARG_TEXT_PP(arg);
	length = VARSIZE_ANY_EXHDR(given);
	for (int i = 0; choices[i] != NULL; i++)
		if (strlen(choices[i]) == length &&
			memcmp(VARDATA_ANY(given), choices[i], length) == 0)
			return i;

	initStringInfo(&list);
	for (int i = 0; choices[i] != NULL; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", choices[i]);
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown %s \"%s\"", name, text_to_cstring(given)),
					errhint("It must be one of: %s.", list.data)));
	return -1;
}

KsAlternative
kc_option_alternative(FunctionCallInfo fcinfo, int arg)
{
	static const char *const choices[] = {"two.sided", "less", "greater", NULL};

	return (KsAlternative) kc_option_choice(fcinfo, arg, "alternative", choices);
}

double *
kc_option_floats(FunctionCallInfo fcinfo, int arg, const char *name, int *count)
{
	ArrayType *array;
	double *values;

	reject_null_option(fcinfo, arg, name);
	array = PG_GETARG_ARRAYTYPE_P(arg);
	if (ARR_NDIM(array) > 1 || ARR_HASNULL(array))
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("%s must be a one-dimensional array without NULLs", name)));
	*count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	values = palloc(sizeof(double) * Max(*count, 1));
	if (*count > 0)
		memcpy(values, ARR_DATA_PTR(array), sizeof(double) * *count);
	for (int i = 0; i < *count; i++)
		if (!isfinite(values[i]))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("%s must be finite numbers", name)));
	return values;
}

/* ---- results ---------------------------------------------------------------------- */

/* Which field fills each column of a row type; kept for the length of a query. */
typedef struct ResultPlan
{
	TupleDesc tupdesc;
	const KcField *fields;
	int field_of_column[FLEXIBLE_ARRAY_MEMBER]; /* -1: none */
} ResultPlan;

static ResultPlan *
plan_result(FunctionCallInfo fcinfo, MemoryContext context, const KcField *fields,
			int n_fields)
{
	MemoryContext old;
	TupleDesc tupdesc;
	ResultPlan *plan;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("function returning record called in context that cannot "
							   "accept type record")));
	old = MemoryContextSwitchTo(context);
	plan = palloc(offsetof(ResultPlan, field_of_column) + sizeof(int) * tupdesc->natts);
	plan->tupdesc = BlessTupleDesc(CreateTupleDescCopy(tupdesc));
	plan->fields = fields;
	for (int i = 0; i < tupdesc->natts; i++)
	{
		const char *column = NameStr(TupleDescAttr(tupdesc, i)->attname);

		plan->field_of_column[i] = -1;
		for (int f = 0; f < n_fields; f++)
			if (strcmp(column, fields[f].column) == 0)
				plan->field_of_column[i] = f;
	}
	MemoryContextSwitchTo(old);
	return plan;
}

static Datum
field_value(const KcField *field, const void *source, bool *isnull)
{
	const char *at = (const char *) source + field->offset;

	*isnull = false;
	switch (field->kind)
	{
		case KC_FLOAT:
			*isnull = isnan(*(const double *) at);
			return Float8GetDatum(*(const double *) at);
		case KC_INT8:
			return Int64GetDatum(*(const int64 *) at);
		case KC_WHOLE:
			*isnull = isnan(*(const double *) at);
			return *isnull ? (Datum) 0 : Int64GetDatum((int64) *(const double *) at);
		case KC_INT4:
			*isnull = *(const int32 *) at == PG_INT32_MIN;
			return Int32GetDatum(*(const int32 *) at);
		case KC_BOOL:
			return BoolGetDatum(*(const bool *) at);
		case KC_TEXT:
			*isnull = *(const char *const *) at == NULL;
			return *isnull ? (Datum) 0 : CStringGetTextDatum(*(const char *const *) at);
		case KC_NOTE:
			*isnull = at[0] == '\0';
			return *isnull ? (Datum) 0 : CStringGetTextDatum(at);
		case KC_DATE:
			return Int32GetDatum(*(const int32 *) at);
	}
	return (Datum) 0;
}

static void
fill_columns(const ResultPlan *plan, const void *source, Datum *values, bool *isnull)
{
	for (int i = 0; i < plan->tupdesc->natts; i++)
	{
		int field = plan->field_of_column[i];

		values[i] = (Datum) 0;
		isnull[i] = true;
		if (field >= 0)
			values[i] = field_value(&plan->fields[field], source, &isnull[i]);
	}
}

Datum
kc_result_row(FunctionCallInfo fcinfo, const KcField *fields, int n_fields,
			  const void *source)
{
	return kc_result_row_kept(fcinfo, &fcinfo->flinfo->fn_extra, fields, n_fields, source);
}

Datum
kc_result_row_kept(FunctionCallInfo fcinfo, void **kept, const KcField *fields,
				   int n_fields, const void *source)
{
	ResultPlan *plan = *kept;
	Datum values[MaxTupleAttributeNumber];
	bool isnull[MaxTupleAttributeNumber];

	if (plan == NULL || plan->fields != fields)
	{
		plan = plan_result(fcinfo, fcinfo->flinfo->fn_mcxt, fields, n_fields);
		*kept = plan;
	}
	fill_columns(plan, source, values, isnull);
	return HeapTupleGetDatum(heap_form_tuple(plan->tupdesc, values, isnull));
}

Datum
kc_test_result(FunctionCallInfo fcinfo, const KsTest *test)
{
	return kc_test_result_kept(fcinfo, &fcinfo->flinfo->fn_extra, test);
}

Datum
kc_test_result_kept(FunctionCallInfo fcinfo, void **kept, const KsTest *test)
{
	static const KcField fields[] = {
		KC_FIELD(KsTest, n, KC_INT8),
		KC_FIELD(KsTest, n_missing, KC_INT8),
		KC_FIELD(KsTest, estimate, KC_FLOAT),
		KC_FIELD(KsTest, std_error, KC_FLOAT),
		KC_FIELD(KsTest, conf_low, KC_FLOAT),
		KC_FIELD(KsTest, conf_high, KC_FLOAT),
		KC_FIELD(KsTest, statistic, KC_FLOAT),
		KC_FIELD(KsTest, df, KC_FLOAT),
		KC_FIELD(KsTest, df2, KC_FLOAT),
		KC_FIELD(KsTest, p_value, KC_FLOAT),
		KC_FIELD(KsTest, effect_size, KC_FLOAT),
		KC_FIELD(KsTest, effect_name, KC_TEXT),
		KC_FIELD(KsTest, contrast, KC_TEXT),
		KC_FIELD(KsTest, method, KC_TEXT),
		KC_FIELD(KsTest, note, KC_NOTE),
	};

	return kc_result_row_kept(fcinfo, kept, fields, lengthof(fields), test);
}

Datum
kc_result_set(FunctionCallInfo fcinfo, const KcField *fields, int n_fields,
			  const void *rows, size_t size, size_t count)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext per_query;
	MemoryContext old;
	ResultPlan *plan;
	Tuplestorestate *store;
	Datum *values;
	bool *isnull;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo) ||
		(rsinfo->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("set-valued function called in context that cannot accept "
							   "a set")));
	per_query = rsinfo->econtext->ecxt_per_query_memory;
	plan = plan_result(fcinfo, per_query, fields, n_fields);
	old = MemoryContextSwitchTo(per_query);
	store = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0,
								  false, work_mem);
	MemoryContextSwitchTo(old);

	values = palloc(sizeof(Datum) * plan->tupdesc->natts);
	isnull = palloc(sizeof(bool) * plan->tupdesc->natts);
	for (size_t i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fill_columns(plan, (const char *) rows + i * size, values, isnull);
		tuplestore_putvalues(store, plan->tupdesc, values, isnull);
	}
	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = store;
	rsinfo->setDesc = plan->tupdesc;
	return (Datum) 0;
}
