-- Chapter table_one: the first table of a paper, in long format.

CREATE FUNCTION kc_table_one_summary_add(table_one_summary, "row" record)
RETURNS table_one_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE table_one_summary("row" record) (
  SFUNC = kc_table_one_summary_add,
  STYPE = table_one_summary,
  COMBINEFUNC = kc_table_one_summary_combine,
  FINALFUNC = kc_table_one_summary_finish,
  SSPACE = 16384,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_table_one_summary_add_grouped(table_one_summary, "row" record, grp text)
RETURNS table_one_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE table_one_summary("row" record, grp text) (
  SFUNC = kc_table_one_summary_add_grouped,
  STYPE = table_one_summary,
  COMBINEFUNC = kc_table_one_summary_combine,
  FINALFUNC = kc_table_one_summary_finish,
  SSPACE = 16384,
  PARALLEL = SAFE
);

CREATE FUNCTION table_one(table_one_summary, variables text[] = NULL,
                          nonnormal text[] = '{}', min_cell int = 0, digits int = 1,
                          OUT variable text, OUT level text, OUT grp text, OUT n int8,
                          OUT n_missing int8, OUT count int8, OUT fraction float8,
                          OUT mean float8, OUT sd float8, OUT median float8,
                          OUT q1 float8, OUT q3 float8, OUT display text,
                          OUT p_value float8, OUT test text, OUT smd float8)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kc_table_one' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;

COMMENT ON FUNCTION kc_table_one_summary_add(table_one_summary, record) IS
'adds every column of a row';
COMMENT ON AGGREGATE table_one_summary(record) IS
'all columns of a table, for table_one; select the columns in a subquery';
COMMENT ON FUNCTION kc_table_one_summary_add_grouped(table_one_summary, record, text) IS
'adds every column of a row to its group';
COMMENT ON AGGREGATE table_one_summary(record, text) IS
'all columns of a table by group, for table_one; rows without a group are counted in n_missing';
COMMENT ON FUNCTION table_one(table_one_summary, text[], text[], int, int) IS
'table of baseline characteristics, one row a variable, level and group (NULL: overall), with test and standardized difference; counts below min_cell are hidden so that margins do not give them away';
