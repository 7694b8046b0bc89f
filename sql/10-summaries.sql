-- Summaries: the states of the aggregates, which are also values to store, send
-- and merge.  Each has text and binary input and output, rollup, n_used and
-- n_missing; the aggregates that build them from rows follow in their chapters.

-- ---- value_counts ----------------------------------------------------------

CREATE TYPE value_counts;

CREATE FUNCTION kc_value_counts_in(cstring) RETURNS value_counts
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_value_counts_out(value_counts) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_value_counts_recv(internal) RETURNS value_counts
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_value_counts_send(value_counts) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE value_counts (
  INPUT = kc_value_counts_in,
  OUTPUT = kc_value_counts_out,
  RECEIVE = kc_value_counts_recv,
  SEND = kc_value_counts_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_value_counts_combine(value_counts, value_counts) RETURNS value_counts
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_value_counts_finish(value_counts) RETURNS value_counts
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(value_counts) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(value_counts) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(value_counts) (
  SFUNC = kc_value_counts_combine,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = kc_value_counts_finish,
  SSPACE = 256,
  PARALLEL = SAFE
);

COMMENT ON TYPE value_counts IS 'summary of one variable: every value with how often it occurred';
COMMENT ON FUNCTION kc_value_counts_in(cstring) IS 'text input of value_counts';
COMMENT ON FUNCTION kc_value_counts_out(value_counts) IS 'text output of value_counts: name:version:base64';
COMMENT ON FUNCTION kc_value_counts_recv(internal) IS 'binary input of value_counts';
COMMENT ON FUNCTION kc_value_counts_send(value_counts) IS 'binary output of value_counts';
COMMENT ON FUNCTION kc_value_counts_combine(value_counts, value_counts) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_value_counts_finish(value_counts) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(value_counts) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(value_counts) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(value_counts) IS 'the summary of all rows of several value_counts values';

-- ---- paired_summary --------------------------------------------------------

CREATE TYPE paired_summary;

CREATE FUNCTION kc_paired_summary_in(cstring) RETURNS paired_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_paired_summary_out(paired_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_paired_summary_recv(internal) RETURNS paired_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_paired_summary_send(paired_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE paired_summary (
  INPUT = kc_paired_summary_in,
  OUTPUT = kc_paired_summary_out,
  RECEIVE = kc_paired_summary_recv,
  SEND = kc_paired_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_paired_summary_combine(paired_summary, paired_summary) RETURNS paired_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_paired_summary_finish(paired_summary) RETURNS paired_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(paired_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(paired_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(paired_summary) (
  SFUNC = kc_paired_summary_combine,
  STYPE = paired_summary,
  COMBINEFUNC = kc_paired_summary_combine,
  FINALFUNC = kc_paired_summary_finish,
  SSPACE = 160,
  PARALLEL = SAFE
);

COMMENT ON TYPE paired_summary IS 'summary of pairs (before, after): bivariate moments, fixed size';
COMMENT ON FUNCTION kc_paired_summary_in(cstring) IS 'text input of paired_summary';
COMMENT ON FUNCTION kc_paired_summary_out(paired_summary) IS 'text output of paired_summary: name:version:base64';
COMMENT ON FUNCTION kc_paired_summary_recv(internal) IS 'binary input of paired_summary';
COMMENT ON FUNCTION kc_paired_summary_send(paired_summary) IS 'binary output of paired_summary';
COMMENT ON FUNCTION kc_paired_summary_combine(paired_summary, paired_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_paired_summary_finish(paired_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(paired_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(paired_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(paired_summary) IS 'the summary of all rows of several paired_summary values';

-- ---- paired_values ---------------------------------------------------------

CREATE TYPE paired_values;

CREATE FUNCTION kc_paired_values_in(cstring) RETURNS paired_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_paired_values_out(paired_values) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_paired_values_recv(internal) RETURNS paired_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_paired_values_send(paired_values) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE paired_values (
  INPUT = kc_paired_values_in,
  OUTPUT = kc_paired_values_out,
  RECEIVE = kc_paired_values_recv,
  SEND = kc_paired_values_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_paired_values_combine(paired_values, paired_values) RETURNS paired_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_paired_values_finish(paired_values) RETURNS paired_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(paired_values) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(paired_values) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(paired_values) (
  SFUNC = kc_paired_values_combine,
  STYPE = paired_values,
  COMBINEFUNC = kc_paired_values_combine,
  FINALFUNC = kc_paired_values_finish,
  SSPACE = 256,
  PARALLEL = SAFE
);

COMMENT ON TYPE paired_values IS 'summary of pairs (before, after): every pair with how often it occurred';
COMMENT ON FUNCTION kc_paired_values_in(cstring) IS 'text input of paired_values';
COMMENT ON FUNCTION kc_paired_values_out(paired_values) IS 'text output of paired_values: name:version:base64';
COMMENT ON FUNCTION kc_paired_values_recv(internal) IS 'binary input of paired_values';
COMMENT ON FUNCTION kc_paired_values_send(paired_values) IS 'binary output of paired_values';
COMMENT ON FUNCTION kc_paired_values_combine(paired_values, paired_values) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_paired_values_finish(paired_values) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(paired_values) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(paired_values) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(paired_values) IS 'the summary of all rows of several paired_values values';

-- ---- repeated_values -------------------------------------------------------

CREATE TYPE repeated_values;

CREATE FUNCTION kc_repeated_values_in(cstring) RETURNS repeated_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_repeated_values_out(repeated_values) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_repeated_values_recv(internal) RETURNS repeated_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_repeated_values_send(repeated_values) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE repeated_values (
  INPUT = kc_repeated_values_in,
  OUTPUT = kc_repeated_values_out,
  RECEIVE = kc_repeated_values_recv,
  SEND = kc_repeated_values_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_repeated_values_combine(repeated_values, repeated_values) RETURNS repeated_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_repeated_values_finish(repeated_values) RETURNS repeated_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(repeated_values) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(repeated_values) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(repeated_values) (
  SFUNC = kc_repeated_values_combine,
  STYPE = repeated_values,
  COMBINEFUNC = kc_repeated_values_combine,
  FINALFUNC = kc_repeated_values_finish,
  SSPACE = 256,
  PARALLEL = SAFE
);

COMMENT ON TYPE repeated_values IS 'summary of values by subject and condition';
COMMENT ON FUNCTION kc_repeated_values_in(cstring) IS 'text input of repeated_values';
COMMENT ON FUNCTION kc_repeated_values_out(repeated_values) IS 'text output of repeated_values: name:version:base64';
COMMENT ON FUNCTION kc_repeated_values_recv(internal) IS 'binary input of repeated_values';
COMMENT ON FUNCTION kc_repeated_values_send(repeated_values) IS 'binary output of repeated_values';
COMMENT ON FUNCTION kc_repeated_values_combine(repeated_values, repeated_values) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_repeated_values_finish(repeated_values) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(repeated_values) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(repeated_values) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(repeated_values) IS 'the summary of all rows of several repeated_values values';

-- ---- contingency_table -----------------------------------------------------

CREATE TYPE contingency_table;

CREATE FUNCTION kc_contingency_table_in(cstring) RETURNS contingency_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_contingency_table_out(contingency_table) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_contingency_table_recv(internal) RETURNS contingency_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_contingency_table_send(contingency_table) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE contingency_table (
  INPUT = kc_contingency_table_in,
  OUTPUT = kc_contingency_table_out,
  RECEIVE = kc_contingency_table_recv,
  SEND = kc_contingency_table_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_contingency_table_combine(contingency_table, contingency_table) RETURNS contingency_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_contingency_table_finish(contingency_table) RETURNS contingency_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(contingency_table) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(contingency_table) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(contingency_table) (
  SFUNC = kc_contingency_table_combine,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_contingency_table_finish,
  SSPACE = 256,
  PARALLEL = SAFE
);

COMMENT ON TYPE contingency_table IS 'summary of two categorical variables: counts by pair of labels';
COMMENT ON FUNCTION kc_contingency_table_in(cstring) IS 'text input of contingency_table';
COMMENT ON FUNCTION kc_contingency_table_out(contingency_table) IS 'text output of contingency_table: name:version:base64';
COMMENT ON FUNCTION kc_contingency_table_recv(internal) IS 'binary input of contingency_table';
COMMENT ON FUNCTION kc_contingency_table_send(contingency_table) IS 'binary output of contingency_table';
COMMENT ON FUNCTION kc_contingency_table_combine(contingency_table, contingency_table) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_contingency_table_finish(contingency_table) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(contingency_table) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(contingency_table) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(contingency_table) IS 'the summary of all rows of several contingency_table values';

-- ---- trend_summary ---------------------------------------------------------

CREATE TYPE trend_summary;

CREATE FUNCTION kc_trend_summary_in(cstring) RETURNS trend_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trend_summary_out(trend_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trend_summary_recv(internal) RETURNS trend_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trend_summary_send(trend_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE trend_summary (
  INPUT = kc_trend_summary_in,
  OUTPUT = kc_trend_summary_out,
  RECEIVE = kc_trend_summary_recv,
  SEND = kc_trend_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_trend_summary_combine(trend_summary, trend_summary) RETURNS trend_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_trend_summary_finish(trend_summary) RETURNS trend_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(trend_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(trend_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(trend_summary) (
  SFUNC = kc_trend_summary_combine,
  STYPE = trend_summary,
  COMBINEFUNC = kc_trend_summary_combine,
  FINALFUNC = kc_trend_summary_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON TYPE trend_summary IS 'summary of a response by dose: patients and responders at each dose';
COMMENT ON FUNCTION kc_trend_summary_in(cstring) IS 'text input of trend_summary';
COMMENT ON FUNCTION kc_trend_summary_out(trend_summary) IS 'text output of trend_summary: name:version:base64';
COMMENT ON FUNCTION kc_trend_summary_recv(internal) IS 'binary input of trend_summary';
COMMENT ON FUNCTION kc_trend_summary_send(trend_summary) IS 'binary output of trend_summary';
COMMENT ON FUNCTION kc_trend_summary_combine(trend_summary, trend_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_trend_summary_finish(trend_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(trend_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(trend_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(trend_summary) IS 'the summary of all rows of several trend_summary values';

-- ---- group_summary ---------------------------------------------------------

CREATE TYPE group_summary;

CREATE FUNCTION kc_group_summary_in(cstring) RETURNS group_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_group_summary_out(group_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_group_summary_recv(internal) RETURNS group_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_group_summary_send(group_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE group_summary (
  INPUT = kc_group_summary_in,
  OUTPUT = kc_group_summary_out,
  RECEIVE = kc_group_summary_recv,
  SEND = kc_group_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_group_summary_combine(group_summary, group_summary) RETURNS group_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_group_summary_finish(group_summary) RETURNS group_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(group_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(group_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(group_summary) (
  SFUNC = kc_group_summary_combine,
  STYPE = group_summary,
  COMBINEFUNC = kc_group_summary_combine,
  FINALFUNC = kc_group_summary_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON TYPE group_summary IS 'summary of one variable by group: moments, fixed size per group';
COMMENT ON FUNCTION kc_group_summary_in(cstring) IS 'text input of group_summary';
COMMENT ON FUNCTION kc_group_summary_out(group_summary) IS 'text output of group_summary: name:version:base64';
COMMENT ON FUNCTION kc_group_summary_recv(internal) IS 'binary input of group_summary';
COMMENT ON FUNCTION kc_group_summary_send(group_summary) IS 'binary output of group_summary';
COMMENT ON FUNCTION kc_group_summary_combine(group_summary, group_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_group_summary_finish(group_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(group_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(group_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(group_summary) IS 'the summary of all rows of several group_summary values';

-- ---- group_values ----------------------------------------------------------

CREATE TYPE group_values;

CREATE FUNCTION kc_group_values_in(cstring) RETURNS group_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_group_values_out(group_values) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_group_values_recv(internal) RETURNS group_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_group_values_send(group_values) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE group_values (
  INPUT = kc_group_values_in,
  OUTPUT = kc_group_values_out,
  RECEIVE = kc_group_values_recv,
  SEND = kc_group_values_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_group_values_combine(group_values, group_values) RETURNS group_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_group_values_finish(group_values) RETURNS group_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(group_values) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(group_values) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(group_values) (
  SFUNC = kc_group_values_combine,
  STYPE = group_values,
  COMBINEFUNC = kc_group_values_combine,
  FINALFUNC = kc_group_values_finish,
  SSPACE = 2048,
  PARALLEL = SAFE
);

COMMENT ON TYPE group_values IS 'summary of one variable by group: every value with how often it occurred';
COMMENT ON FUNCTION kc_group_values_in(cstring) IS 'text input of group_values';
COMMENT ON FUNCTION kc_group_values_out(group_values) IS 'text output of group_values: name:version:base64';
COMMENT ON FUNCTION kc_group_values_recv(internal) IS 'binary input of group_values';
COMMENT ON FUNCTION kc_group_values_send(group_values) IS 'binary output of group_values';
COMMENT ON FUNCTION kc_group_values_combine(group_values, group_values) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_group_values_finish(group_values) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(group_values) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(group_values) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(group_values) IS 'the summary of all rows of several group_values values';

-- ---- table_one_summary -----------------------------------------------------

CREATE TYPE table_one_summary;

CREATE FUNCTION kc_table_one_summary_in(cstring) RETURNS table_one_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_table_one_summary_out(table_one_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_table_one_summary_recv(internal) RETURNS table_one_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_table_one_summary_send(table_one_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE table_one_summary (
  INPUT = kc_table_one_summary_in,
  OUTPUT = kc_table_one_summary_out,
  RECEIVE = kc_table_one_summary_recv,
  SEND = kc_table_one_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_table_one_summary_combine(table_one_summary, table_one_summary) RETURNS table_one_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_table_one_summary_finish(table_one_summary) RETURNS table_one_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(table_one_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(table_one_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(table_one_summary) (
  SFUNC = kc_table_one_summary_combine,
  STYPE = table_one_summary,
  COMBINEFUNC = kc_table_one_summary_combine,
  FINALFUNC = kc_table_one_summary_finish,
  SSPACE = 16384,
  PARALLEL = SAFE
);

COMMENT ON TYPE table_one_summary IS 'summary of all variables of a table by group, for table_one';
COMMENT ON FUNCTION kc_table_one_summary_in(cstring) IS 'text input of table_one_summary';
COMMENT ON FUNCTION kc_table_one_summary_out(table_one_summary) IS 'text output of table_one_summary: name:version:base64';
COMMENT ON FUNCTION kc_table_one_summary_recv(internal) IS 'binary input of table_one_summary';
COMMENT ON FUNCTION kc_table_one_summary_send(table_one_summary) IS 'binary output of table_one_summary';
COMMENT ON FUNCTION kc_table_one_summary_combine(table_one_summary, table_one_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_table_one_summary_finish(table_one_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(table_one_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(table_one_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(table_one_summary) IS 'the summary of all rows of several table_one_summary values';

-- ---- stratified_table -----------------------------------------------------

CREATE TYPE stratified_table;

CREATE FUNCTION kc_stratified_table_in(cstring) RETURNS stratified_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_stratified_table_out(stratified_table) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_stratified_table_recv(internal) RETURNS stratified_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_stratified_table_send(stratified_table) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE stratified_table (
  INPUT = kc_stratified_table_in,
  OUTPUT = kc_stratified_table_out,
  RECEIVE = kc_stratified_table_recv,
  SEND = kc_stratified_table_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_stratified_table_combine(stratified_table, stratified_table) RETURNS stratified_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_stratified_table_finish(stratified_table) RETURNS stratified_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(stratified_table) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(stratified_table) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(stratified_table) (
  SFUNC = kc_stratified_table_combine,
  STYPE = stratified_table,
  COMBINEFUNC = kc_stratified_table_combine,
  FINALFUNC = kc_stratified_table_finish,
  SSPACE = 2048,
  PARALLEL = SAFE
);

COMMENT ON TYPE stratified_table IS 'summary of two categorical variables by stratum: the count of every cell';
COMMENT ON FUNCTION kc_stratified_table_in(cstring) IS 'text input of stratified_table';
COMMENT ON FUNCTION kc_stratified_table_out(stratified_table) IS 'text output of stratified_table: name:version:base64';
COMMENT ON FUNCTION kc_stratified_table_recv(internal) IS 'binary input of stratified_table';
COMMENT ON FUNCTION kc_stratified_table_send(stratified_table) IS 'binary output of stratified_table';
COMMENT ON FUNCTION kc_stratified_table_combine(stratified_table, stratified_table) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_stratified_table_finish(stratified_table) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(stratified_table) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(stratified_table) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(stratified_table) IS 'the summary of all rows of several stratified_table values';

-- ---- item_summary ---------------------------------------------------------

CREATE TYPE item_summary;

CREATE FUNCTION kc_item_summary_in(cstring) RETURNS item_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_item_summary_out(item_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_item_summary_recv(internal) RETURNS item_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_item_summary_send(item_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE item_summary (
  INPUT = kc_item_summary_in,
  OUTPUT = kc_item_summary_out,
  RECEIVE = kc_item_summary_recv,
  SEND = kc_item_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_item_summary_combine(item_summary, item_summary) RETURNS item_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_item_summary_finish(item_summary) RETURNS item_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(item_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(item_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(item_summary) (
  SFUNC = kc_item_summary_combine,
  STYPE = item_summary,
  COMBINEFUNC = kc_item_summary_combine,
  FINALFUNC = kc_item_summary_finish,
  SSPACE = 2048,
  PARALLEL = SAFE
);

COMMENT ON TYPE item_summary IS 'summary of a scale: sums and products of its items over complete forms';
COMMENT ON FUNCTION kc_item_summary_in(cstring) IS 'text input of item_summary';
COMMENT ON FUNCTION kc_item_summary_out(item_summary) IS 'text output of item_summary: name:version:base64';
COMMENT ON FUNCTION kc_item_summary_recv(internal) IS 'binary input of item_summary';
COMMENT ON FUNCTION kc_item_summary_send(item_summary) IS 'binary output of item_summary';
COMMENT ON FUNCTION kc_item_summary_combine(item_summary, item_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_item_summary_finish(item_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(item_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(item_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(item_summary) IS 'the summary of all rows of several item_summary values';

-- ---- builders that several chapters read -------------------------------------

CREATE FUNCTION kc_contingency_table_add(contingency_table, a text, b text)
RETURNS contingency_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE contingency_table(a text, b text) (
  SFUNC = kc_contingency_table_add,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_contingency_table_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_contingency_table_add_boolean(contingency_table, a boolean, b boolean)
RETURNS contingency_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE contingency_table(a boolean, b boolean) (
  SFUNC = kc_contingency_table_add_boolean,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_contingency_table_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_repeated_values_add(repeated_values, subject text, condition text,
                                       value float8)
RETURNS repeated_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE repeated_values(subject text, condition text, value float8) (
  SFUNC = kc_repeated_values_add,
  STYPE = repeated_values,
  COMBINEFUNC = kc_repeated_values_combine,
  FINALFUNC = kc_repeated_values_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_contingency_table_add(contingency_table, text, text) IS
'counts a pair of labels';
COMMENT ON AGGREGATE contingency_table(text, text) IS
'counts of two categorical variables by label';
COMMENT ON FUNCTION kc_contingency_table_add_boolean(contingency_table, boolean, boolean) IS
'counts a pair of booleans under the labels false and true';
COMMENT ON AGGREGATE contingency_table(boolean, boolean) IS
'counts of two boolean variables';
COMMENT ON FUNCTION kc_repeated_values_add(repeated_values, text, text, float8) IS
'adds the value of a subject under a condition';
COMMENT ON AGGREGATE repeated_values(text, text, float8) IS
'values by subject and condition, for friedman_test';
