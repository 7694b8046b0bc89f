-- Chapter linear: ordinary least squares from a formula and a record.

-- ---- linear_summary ------------------------------------------------------

CREATE TYPE linear_summary;

CREATE FUNCTION kc_linear_summary_in(cstring) RETURNS linear_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_linear_summary_out(linear_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_linear_summary_recv(internal) RETURNS linear_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_linear_summary_send(linear_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE linear_summary (
  INPUT = kc_linear_summary_in,
  OUTPUT = kc_linear_summary_out,
  RECEIVE = kc_linear_summary_recv,
  SEND = kc_linear_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_linear_summary_combine(linear_summary, linear_summary) RETURNS linear_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_linear_summary_finish(linear_summary) RETURNS linear_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(linear_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(linear_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(linear_summary) (
  SFUNC = kc_linear_summary_combine,
  STYPE = linear_summary,
  COMBINEFUNC = kc_linear_summary_combine,
  FINALFUNC = kc_linear_summary_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON TYPE linear_summary IS 'summary of a linear model: cross-products of the columns of its formula';
COMMENT ON FUNCTION kc_linear_summary_in(cstring) IS 'text input of linear_summary';
COMMENT ON FUNCTION kc_linear_summary_out(linear_summary) IS 'text output of linear_summary: name:version:base64';
COMMENT ON FUNCTION kc_linear_summary_recv(internal) IS 'binary input of linear_summary';
COMMENT ON FUNCTION kc_linear_summary_send(linear_summary) IS 'binary output of linear_summary';
COMMENT ON FUNCTION kc_linear_summary_combine(linear_summary, linear_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_linear_summary_finish(linear_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(linear_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(linear_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(linear_summary) IS 'the summary of all rows of several linear_summary values';

-- ---- linear_model: the same summary, read as a fitted model -------------------

CREATE TYPE linear_model;

CREATE FUNCTION kc_linear_model_in(cstring) RETURNS linear_model
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_linear_model_out(linear_model) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_linear_model_recv(internal) RETURNS linear_model
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_linear_model_send(linear_model) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE linear_model (
  INPUT = kc_linear_model_in,
  OUTPUT = kc_linear_model_out,
  RECEIVE = kc_linear_model_recv,
  SEND = kc_linear_model_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION n_used(linear_model) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(linear_model) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON TYPE linear_model IS 'a linear model fitted by least squares';
COMMENT ON FUNCTION kc_linear_model_in(cstring) IS 'text input of linear_model';
COMMENT ON FUNCTION kc_linear_model_out(linear_model) IS 'text output of linear_model: name:version:base64';
COMMENT ON FUNCTION kc_linear_model_recv(internal) IS 'binary input of linear_model';
COMMENT ON FUNCTION kc_linear_model_send(linear_model) IS 'binary output of linear_model';
COMMENT ON FUNCTION n_used(linear_model) IS 'rows the model was fitted to';
COMMENT ON FUNCTION n_missing(linear_model) IS 'rows left out of the model for a NULL';

-- ---- building ------------------------------------------------------------------

CREATE FUNCTION kc_linear_summary_add(linear_summary, formula text, "row" record)
RETURNS linear_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE linear_summary(formula text, "row" record) (
  SFUNC = kc_linear_summary_add,
  STYPE = linear_summary,
  COMBINEFUNC = kc_linear_summary_combine,
  FINALFUNC = kc_linear_summary_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE FUNCTION linear_model(linear_summary) RETURNS linear_model
AS 'MODULE_PATHNAME', 'kc_linear_model' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE linear_model(formula text, "row" record) (
  SFUNC = kc_linear_summary_add,
  STYPE = linear_summary,
  COMBINEFUNC = kc_linear_summary_combine,
  FINALFUNC = linear_model,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_linear_summary_add(linear_summary, text, record) IS
'adds a row to the cross-products';
COMMENT ON AGGREGATE linear_summary(text, record) IS
'cross-products of the columns of a formula, for linear_model';
COMMENT ON FUNCTION linear_model(linear_summary) IS
'the linear model fitted to the rows of a summary';
COMMENT ON AGGREGATE linear_model(text, record) IS
'a linear model by least squares, as R lm(formula); read it with coefficients, joint_tests, contrast_test, glance, predict';

-- ---- reading -------------------------------------------------------------------

CREATE TYPE coefficient AS (
  term text,
  estimate float8,
  std_error float8,
  statistic float8,
  df float8,
  p_value float8,
  conf_low float8,
  conf_high float8,
  note text
);

COMMENT ON TYPE coefficient IS
'a coefficient of a model, or a combination of them, with its interval';

CREATE TYPE joint_test AS (
  term text,
  df float8,
  df2 float8,
  statistic float8,
  p_value float8,
  note text
);

COMMENT ON TYPE joint_test IS
'an F test that a term of a model has no effect';

CREATE TYPE model_fit AS (
  n int8,
  n_missing int8,
  n_groups int8,
  sigma float8,
  r_squared float8,
  adj_r_squared float8,
  log_lik float8,
  aic float8,
  bic float8,
  bic_groups float8,
  deviance float8,
  df_residual float8,
  entropy float8,
  smallest_group float8,
  converged boolean,
  method text,
  note text
);

COMMENT ON TYPE model_fit IS
'how well a model fits: one row a model';

CREATE FUNCTION coefficients(linear_model, conf_level float8 = 0.95)
RETURNS SETOF coefficient
AS 'MODULE_PATHNAME', 'kc_linear_coefficients' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 6;

CREATE FUNCTION contrast_test(linear_model, weights float8[], conf_level float8 = 0.95)
RETURNS SETOF coefficient
AS 'MODULE_PATHNAME', 'kc_linear_contrast_test' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1;

CREATE FUNCTION joint_tests(linear_model) RETURNS SETOF joint_test
AS 'MODULE_PATHNAME', 'kc_linear_joint_tests' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5;

CREATE FUNCTION glance(linear_model) RETURNS model_fit
AS 'MODULE_PATHNAME', 'kc_linear_glance' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION predict(linear_model, "row" record) RETURNS float8
AS 'MODULE_PATHNAME', 'kc_linear_predict_row' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coefficients(linear_model, float8) IS
'coefficients with t tests and intervals, named as in R; NULL with a note for a combination of earlier terms';
COMMENT ON FUNCTION contrast_test(linear_model, float8[], float8) IS
'a linear combination of the coefficients, one weight for each, with t test and interval';
COMMENT ON FUNCTION joint_tests(linear_model) IS
'F test of each term, type III: averaged over the levels of the other factors, each level counted alike';
COMMENT ON FUNCTION glance(linear_model) IS
'how well the model fits, as R broom::glance';
COMMENT ON FUNCTION predict(linear_model, record) IS
'the mean the model gives a row; NULL for a NULL or a level not met when fitting';
