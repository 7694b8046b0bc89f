/*
 * fn_row.h
 *	  Reading records: the columns of a row argument as numbers and labels.
 *
 * A numeric column is int2, int4, int8, float4, float8 or numeric; text,
 * boolean and enum columns are factors.  Other types are read by nobody, and
 * asking for one is an error (42804).
 */
#ifndef FN_ROW_H
#define FN_ROW_H

#include "func/fn_core.h"

#include "access/htup_details.h"

#include "stat/ks_dd.h"
#include "summary/kc_labels.h"

typedef enum KcColumnKind
{
	KC_COLUMN_NUMBER,
	KC_COLUMN_FACTOR,
	KC_COLUMN_OTHER, /* a type that has no meaning here */
} KcColumnKind;

typedef struct KcColumn
{
	const char *name;
	KcColumnKind kind;
	Oid type;
	bool is_enum;
	FmgrInfo output; /* looked up when first needed */
} KcColumn;

/* The columns of a row type, dropped ones left out. */
typedef struct KcRowReader
{
	Oid type;
	int32 typmod;
	TupleDesc tupdesc;
	int n_columns;
	KcColumn *column;
	int *attribute; /* position in the tuple of each column, from 0 */
	int repeated;	/* a column whose name an earlier one has; -1 if none */
	MemoryContext context;
	Datum *values;	/* of the row last read, by attribute */
	bool *isnull;
} KcRowReader;

/*
 * The reader for the row type of a record argument, kept in the function's
 * extra memory where there is any, made anew when the type has changed.
 */
extern KcRowReader *kc_row_reader(FunctionCallInfo fcinfo, int arg);

/* The same for a caller that keeps the reader itself; NULL the first time. */
extern KcRowReader *kc_row_reader_kept(FunctionCallInfo fcinfo, int arg,
									   KcRowReader *reader);

/* Takes a record apart; what is read from it lives as long as the record. */
extern void kc_row_read(KcRowReader *reader, HeapTupleHeader row);

extern bool kc_row_is_null(const KcRowReader *reader, int column);

/*
 * Where a column of integers or floats lies in every record without NULLs, from
 * the start of its data; -1 when that differs from record to record or the
 * column has another type.
 */
extern int kc_row_fixed_offset(const KcRowReader *reader, int column);

/* The number in a numeric column that is not NULL; 22003 for NaN and infinities. */
extern double kc_row_number(const KcRowReader *reader, int column);

/* The same with the digits a numeric has beyond those of a double. */
extern KsDD kc_row_exact_number(const KcRowReader *reader, int column);

/*
 * The level of a factor that is not NULL, as a label of the given length.  An
 * enum's label is preceded by its place in the enum, so that labels sort as the
 * enum does; kc_level_text gives what to show.
 */
extern const char *kc_row_level(const KcRowReader *reader, int column, size_t *length);

/*
 * The text of a value that names something (a patient), of any type, not NULL.
 * Equal values have equal texts: numbers without trailing zeros, char(n) without
 * trailing blanks.
 */
extern const char *kc_row_key(const KcRowReader *reader, int column, size_t *length);

/* Raises 42804 for a column of a type that cannot be used. */
pg_noreturn extern void kc_row_reject_type(const KcRowReader *reader, int column);

#endif
