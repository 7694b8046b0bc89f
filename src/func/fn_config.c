/*
 * fn_config.c
 *	  Reading the configuration tables that users may change.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "func/fn_config.h"

char *
kc_schema_of_function(Oid function)
{
	char *schema = get_namespace_name(get_func_namespace(function));

	if (schema == NULL)
		elog(ERROR, "schema of function %u not found", function);
	return schema;
}

int
kc_config_select(const char *schema, const char *table, const char *columns,
				 const char *order)
{
	char *query = psprintf("SELECT %s FROM %s.%s %s", columns, quote_identifier(schema),
						   table, order);

	if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read %s", table);
	return (int) SPI_processed;
}

double
kc_config_float(HeapTuple row, int column, double if_null)
{
	bool isnull;
	Datum value = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? if_null : DatumGetFloat8(value);
}
