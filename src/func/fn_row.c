/*
 * fn_row.c
 *	  Reading records.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "func/fn_row.h"
#include "stat/ks_decimal.h"

static KcColumnKind
kind_of_type(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return KC_COLUMN_NUMBER;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
		case BOOLOID:
			return KC_COLUMN_FACTOR;
		default:
			return type_is_enum(type) ? KC_COLUMN_FACTOR : KC_COLUMN_OTHER;
	}
}

/* The first column whose name an earlier one has, or -1. */
static int
repeated_name(const KcRowReader *reader)
{
	for (int i = 1; i < reader->n_columns; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(reader->column[i].name, reader->column[j].name) == 0)
				return i;
	return -1;
}

static KcRowReader *
make_reader(FunctionCallInfo fcinfo, Oid type, int32 typmod)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	KcRowReader *reader = palloc0(sizeof(KcRowReader));
	TupleDesc tupdesc = lookup_rowtype_tupdesc_domain(type, typmod, false);
	int natts = tupdesc->natts;

	reader->context = fcinfo->flinfo->fn_mcxt;
	reader->type = type;
	reader->typmod = typmod;
	reader->tupdesc = CreateTupleDescCopy(tupdesc);
	ReleaseTupleDesc(tupdesc);
	reader->column = palloc0(sizeof(KcColumn) * Max(natts, 1));
	reader->attribute = palloc(sizeof(int) * Max(natts, 1));
	reader->values = palloc(sizeof(Datum) * Max(natts, 1));
	reader->isnull = palloc(sizeof(bool) * Max(natts, 1));
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(reader->tupdesc, i);
		KcColumn *column = &reader->column[reader->n_columns];

		if (attribute->attisdropped)
			continue;
		column->name = NameStr(attribute->attname);
		column->type = getBaseType(attribute->atttypid);
		column->kind = kind_of_type(column->type);
		column->is_enum = column->kind == KC_COLUMN_FACTOR && type_is_enum(column->type);
		reader->attribute[reader->n_columns++] = i;
	}
	reader->repeated = repeated_name(reader);
	MemoryContextSwitchTo(old);
	return reader;
}

KcRowReader *
kc_row_reader_kept(FunctionCallInfo fcinfo, int arg, KcRowReader *reader)
{
	HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(arg);
	Oid type = HeapTupleHeaderGetTypeId(row);
	int32 typmod = HeapTupleHeaderGetTypMod(row);

	if (reader == NULL || reader->type != type || reader->typmod != typmod)
		reader = make_reader(fcinfo, type, typmod);
	kc_row_read(reader, row);
	return reader;
}

KcRowReader *
kc_row_reader(FunctionCallInfo fcinfo, int arg)
{
	fcinfo->flinfo->fn_extra =
		kc_row_reader_kept(fcinfo, arg, fcinfo->flinfo->fn_extra);
	return fcinfo->flinfo->fn_extra;
}

void
kc_row_read(KcRowReader *reader, HeapTupleHeader row)
{
	HeapTupleData tuple;

	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	heap_deform_tuple(&tuple, reader->tupdesc, reader->values, reader->isnull);
}

bool
kc_row_is_null(const KcRowReader *reader, int column)
{
	return reader->isnull[reader->attribute[column]];
}

void
kc_row_reject_type(const KcRowReader *reader, int column)
{
	ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
					errmsg("column \"%s\" has type %s", reader->column[column].name,
						   format_type_be(reader->column[column].type)),
					errdetail("Numbers, text, booleans and enums can be used."),
					errhint("Leave the column out of the row, or cast it.")));
}

int
kc_row_fixed_offset(const KcRowReader *reader, int column)
{
	int last = reader->attribute[column];
	int offset = 0;

	if (reader->column[column].kind != KC_COLUMN_NUMBER ||
		reader->column[column].type == NUMERICOID)
		return -1;
	for (int i = 0; i <= last; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(reader->tupdesc, i);

		if (attribute->attlen < 0 || attribute->attisdropped)
			return -1;
		offset = att_align_nominal(offset, attribute->attalign);
		if (i < last)
			offset += attribute->attlen;
	}
	return offset;
}

double
kc_row_number(const KcRowReader *reader, int column)
{
	Datum value = reader->values[reader->attribute[column]];
	double number = 0;

	switch (reader->column[column].type)
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT4OID:
			return DatumGetInt32(value);
		case INT8OID:
			return (double) DatumGetInt64(value);
		case FLOAT4OID:
			number = DatumGetFloat4(value);
			break;
		case FLOAT8OID:
			number = DatumGetFloat8(value);
			break;
		case NUMERICOID:
			number = DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));
			break;
		default:
			kc_row_reject_type(reader, column);
	}
	kc_check_finite(number, reader->column[column].name);
	return number;
}

KsDD
kc_row_exact_number(const KcRowReader *reader, int column)
{
	Datum value = reader->values[reader->attribute[column]];
	KsDD number;
	char *text;

	if (likely(reader->column[column].type != NUMERICOID))
		return ks_dd(kc_row_number(reader, column));
	text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	if (!ks_decimal(text, &number))
		number = ks_dd(kc_row_number(reader, column));
	pfree(text);
	kc_check_finite(number.hi, reader->column[column].name);
	return number;
}

/*
 * An enum value's place, from its sort order: float4 bits turned so that they
 * compare as unsigned numbers, in hexadecimal.
 */
static const char *
enum_label(Oid value, size_t *length)
{
	HeapTuple tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
	Form_pg_enum form;
	union
	{
		float4 number;
		uint32 bits;
	} order;
	char *label;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for enum value %u", value);
	form = (Form_pg_enum) GETSTRUCT(tuple);
	order.number = form->enumsortorder;
	order.bits ^= (order.bits & 0x80000000u) ? 0xFFFFFFFFu : 0x80000000u;
	label = psprintf("%c%08x%c%s", KC_ENUM_MARK, order.bits, KC_ENUM_MARK,
					 NameStr(form->enumlabel));
	ReleaseSysCache(tuple);
	*length = strlen(label);
	return label;
}

const char *
kc_row_level(const KcRowReader *reader, int column, size_t *length)
{
	Datum value = reader->values[reader->attribute[column]];
	const char *label;

	if (reader->column[column].is_enum)
		return enum_label(DatumGetObjectId(value), length);
	switch (reader->column[column].type)
	{
		case BOOLOID:
			label = DatumGetBool(value) ? "true" : "false";
			*length = strlen(label);
			return label;
		case NAMEOID:
			label = NameStr(*DatumGetName(value));
			*length = strlen(label);
			return label;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		{
			text *string = DatumGetTextPP(value);

			label = VARDATA_ANY(string);
			*length = VARSIZE_ANY_EXHDR(string);
			if (reader->column[column].type == BPCHAROID)
				*length = bpchartruelen((char *) label, (int) *length);
			return label;
		}
		default:
			kc_row_reject_type(reader, column);
	}
	return NULL;
}

static const char *
output_text(const KcRowReader *reader, int column, Datum value)
{
	KcColumn *entry = &reader->column[column];

	if (entry->output.fn_oid == InvalidOid)
	{
		Oid output;
		bool is_varlena;

		getTypeOutputInfo(entry->type, &output, &is_varlena);
		fmgr_info_cxt(output, &entry->output, reader->context);
	}
	return OutputFunctionCall(&entry->output, value);
}

static const char *
integer_text(int64 value, size_t *length)
{
	char *text = palloc(MAXINT8LEN + 1);

	*length = pg_lltoa(value, text);
	return text;
}

const char *
kc_row_key(const KcRowReader *reader, int column, size_t *length)
{
	Datum value = reader->values[reader->attribute[column]];
	const char *text;

	switch (reader->column[column].type)
	{
		case INT2OID:
			return integer_text(DatumGetInt16(value), length);
		case INT4OID:
			return integer_text(DatumGetInt32(value), length);
		case INT8OID:
			return integer_text(DatumGetInt64(value), length);
		case TEXTOID:
		case VARCHAROID:
			return kc_row_level(reader, column, length);
		case BPCHAROID:
			text = kc_row_level(reader, column, length);
			*length = bpchartruelen(unconstify(char *, text), *length);
			return text;
		case NUMERICOID:
			text = numeric_normalize(DatumGetNumeric(value));
			break;
		default:
			text = output_text(reader, column, value);
	}
	*length = strlen(text);
	return text;
}
