-- Chapter mixed: linear mixed models from a formula and a record.

-- ---- mixed_summary ------------------------------------------------------

CREATE TYPE mixed_summary;

CREATE FUNCTION kc_mixed_summary_in(cstring) RETURNS mixed_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mixed_summary_out(mixed_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mixed_summary_recv(internal) RETURNS mixed_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mixed_summary_send(mixed_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE mixed_summary (
  INPUT = kc_mixed_summary_in,
  OUTPUT = kc_mixed_summary_out,
  RECEIVE = kc_mixed_summary_recv,
  SEND = kc_mixed_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_mixed_summary_combine(mixed_summary, mixed_summary) RETURNS mixed_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mixed_summary_finish(mixed_summary) RETURNS mixed_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(mixed_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(mixed_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(mixed_summary) (
  SFUNC = kc_mixed_summary_combine,
  STYPE = mixed_summary,
  COMBINEFUNC = kc_mixed_summary_combine,
  FINALFUNC = kc_mixed_summary_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

COMMENT ON TYPE mixed_summary IS 'summary of a linear mixed model: cross-products of all rows and of each group';
COMMENT ON FUNCTION kc_mixed_summary_in(cstring) IS 'text input of mixed_summary';
COMMENT ON FUNCTION kc_mixed_summary_out(mixed_summary) IS 'text output of mixed_summary: name:version:base64';
COMMENT ON FUNCTION kc_mixed_summary_recv(internal) IS 'binary input of mixed_summary';
COMMENT ON FUNCTION kc_mixed_summary_send(mixed_summary) IS 'binary output of mixed_summary';
COMMENT ON FUNCTION kc_mixed_summary_combine(mixed_summary, mixed_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_mixed_summary_finish(mixed_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(mixed_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(mixed_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(mixed_summary) IS 'the summary of all rows of several mixed_summary values';

-- ---- mixed_model: the summary with the figures of the fit ------------------------

CREATE TYPE mixed_model;

CREATE FUNCTION kc_mixed_model_in(cstring) RETURNS mixed_model
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mixed_model_out(mixed_model) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mixed_model_recv(internal) RETURNS mixed_model
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mixed_model_send(mixed_model) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE mixed_model (
  INPUT = kc_mixed_model_in,
  OUTPUT = kc_mixed_model_out,
  RECEIVE = kc_mixed_model_recv,
  SEND = kc_mixed_model_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION n_used(mixed_model) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(mixed_model) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON TYPE mixed_model IS 'a fitted linear mixed model';
COMMENT ON FUNCTION kc_mixed_model_in(cstring) IS 'text input of mixed_model';
COMMENT ON FUNCTION kc_mixed_model_out(mixed_model) IS 'text output of mixed_model: name:version:base64';
COMMENT ON FUNCTION kc_mixed_model_recv(internal) IS 'binary input of mixed_model';
COMMENT ON FUNCTION kc_mixed_model_send(mixed_model) IS 'binary output of mixed_model';
COMMENT ON FUNCTION n_used(mixed_model) IS 'rows the model was fitted to';
COMMENT ON FUNCTION n_missing(mixed_model) IS 'rows left out of the model for a NULL';

-- ---- building ------------------------------------------------------------------

CREATE FUNCTION kc_mixed_summary_add(mixed_summary, formula text, "row" record)
RETURNS mixed_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE mixed_summary(formula text, "row" record) (
  SFUNC = kc_mixed_summary_add,
  STYPE = mixed_summary,
  COMBINEFUNC = kc_mixed_summary_combine,
  FINALFUNC = kc_mixed_summary_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

CREATE FUNCTION mixed_model(mixed_summary, method text = 'REML') RETURNS mixed_model
AS 'MODULE_PATHNAME', 'kc_mixed_model' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mixed_model_finish(mixed_summary) RETURNS mixed_model
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE mixed_model(formula text, "row" record) (
  SFUNC = kc_mixed_summary_add,
  STYPE = mixed_summary,
  COMBINEFUNC = kc_mixed_summary_combine,
  FINALFUNC = kc_mixed_model_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_mixed_summary_add(mixed_summary, text, record) IS
'adds a row to the cross-products';
COMMENT ON AGGREGATE mixed_summary(text, record) IS
'cross-products of the columns of a formula, of all rows and of each group, for mixed_model';
COMMENT ON FUNCTION mixed_model(mixed_summary, text) IS
'the linear mixed model fitted to the rows of a summary by REML, or method ML';
COMMENT ON FUNCTION kc_mixed_model_finish(mixed_summary) IS
'the model fitted by REML';
COMMENT ON AGGREGATE mixed_model(text, record) IS
'a linear mixed model by REML, as R lme4::lmer(formula); read it with coefficients, joint_tests, contrast_test, variance_components, random_effects, glance, predict';

-- ---- reading -------------------------------------------------------------------

CREATE TYPE variance_component AS (
  grp text,
  term1 text,
  term2 text,
  variance float8,
  sd float8,
  correlation float8
);

COMMENT ON TYPE variance_component IS
'a variance of random effects, or with term2 a covariance; and the residual variance';

CREATE TYPE random_effect AS (
  grp text,
  term text,
  estimate float8,
  std_error float8
);

COMMENT ON TYPE random_effect IS
'how far a group lies from the mean, given its rows';

CREATE TYPE model_comparison AS (
  log_lik_a float8,
  log_lik_b float8,
  parameters_a int8,
  parameters_b int8,
  statistic float8,
  df float8,
  p_value float8,
  method text,
  note text
);

COMMENT ON TYPE model_comparison IS
'a likelihood ratio test of two nested models';

CREATE FUNCTION coefficients(mixed_model, conf_level float8 = 0.95)
RETURNS SETOF coefficient
AS 'MODULE_PATHNAME', 'kc_mixed_coefficients' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 6;

CREATE FUNCTION contrast_test(mixed_model, weights float8[], conf_level float8 = 0.95)
RETURNS SETOF coefficient
AS 'MODULE_PATHNAME', 'kc_mixed_contrast_test' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1;

CREATE FUNCTION standardized_effect(mixed_model, weights float8[], conf_level float8 = 0.95)
RETURNS SETOF coefficient
AS 'MODULE_PATHNAME', 'kc_mixed_standardized_effect' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1;

CREATE FUNCTION joint_tests(mixed_model) RETURNS SETOF joint_test
AS 'MODULE_PATHNAME', 'kc_mixed_joint_tests' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5;

CREATE FUNCTION variance_components(mixed_model) RETURNS SETOF variance_component
AS 'MODULE_PATHNAME', 'kc_mixed_variance_components' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 4;

CREATE FUNCTION random_effects(mixed_model) RETURNS SETOF random_effect
AS 'MODULE_PATHNAME', 'kc_mixed_random_effects' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;

CREATE FUNCTION glance(mixed_model) RETURNS model_fit
AS 'MODULE_PATHNAME', 'kc_mixed_glance' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION compare_models(a mixed_model, b mixed_model) RETURNS model_comparison
AS 'MODULE_PATHNAME', 'kc_mixed_compare_models' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION predict(mixed_model, "row" record) RETURNS float8
AS 'MODULE_PATHNAME', 'kc_mixed_predict_row' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coefficients(mixed_model, float8) IS
'fixed effects with t tests and intervals, degrees of freedom by Satterthwaite, as R lmerTest';
COMMENT ON FUNCTION contrast_test(mixed_model, float8[], float8) IS
'a linear combination of the fixed effects, one weight for each, with t test and interval';
COMMENT ON FUNCTION standardized_effect(mixed_model, float8[], float8) IS
'a linear combination of the fixed effects in standard deviations between patients at time 0, with its interval';
COMMENT ON FUNCTION joint_tests(mixed_model) IS
'F test of each term, type III, degrees of freedom by Satterthwaite';
COMMENT ON FUNCTION variance_components(mixed_model) IS
'variances, standard deviations and correlations of the random effects, and the residual';
COMMENT ON FUNCTION random_effects(mixed_model) IS
'conditional modes of the random effects of each group, with standard errors';
COMMENT ON FUNCTION glance(mixed_model) IS
'how well the model fits; deviance is the REML criterion of a REML fit';
COMMENT ON FUNCTION compare_models(mixed_model, mixed_model) IS
'likelihood ratio test of two nested models of the same rows; fit both by ML when their fixed effects differ';
COMMENT ON FUNCTION predict(mixed_model, record) IS
'the mean the fixed effects give a row; NULL for a NULL or a level not met when fitting';
