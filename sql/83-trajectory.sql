-- Chapter trajectory: groups of subjects that follow the same curve.

-- ---- trajectory_summary ------------------------------------------------------

CREATE TYPE trajectory_summary;

CREATE FUNCTION kc_trajectory_summary_in(cstring) RETURNS trajectory_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trajectory_summary_out(trajectory_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trajectory_summary_recv(internal) RETURNS trajectory_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trajectory_summary_send(trajectory_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE trajectory_summary (
  INPUT = kc_trajectory_summary_in,
  OUTPUT = kc_trajectory_summary_out,
  RECEIVE = kc_trajectory_summary_recv,
  SEND = kc_trajectory_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_trajectory_summary_combine(trajectory_summary, trajectory_summary) RETURNS trajectory_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_trajectory_summary_finish(trajectory_summary) RETURNS trajectory_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(trajectory_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(trajectory_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(trajectory_summary) (
  SFUNC = kc_trajectory_summary_combine,
  STYPE = trajectory_summary,
  COMBINEFUNC = kc_trajectory_summary_combine,
  FINALFUNC = kc_trajectory_summary_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

COMMENT ON TYPE trajectory_summary IS 'summary of trajectories: cross-products of each subject';
COMMENT ON FUNCTION kc_trajectory_summary_in(cstring) IS 'text input of trajectory_summary';
COMMENT ON FUNCTION kc_trajectory_summary_out(trajectory_summary) IS 'text output of trajectory_summary: name:version:base64';
COMMENT ON FUNCTION kc_trajectory_summary_recv(internal) IS 'binary input of trajectory_summary';
COMMENT ON FUNCTION kc_trajectory_summary_send(trajectory_summary) IS 'binary output of trajectory_summary';
COMMENT ON FUNCTION kc_trajectory_summary_combine(trajectory_summary, trajectory_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_trajectory_summary_finish(trajectory_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(trajectory_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(trajectory_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(trajectory_summary) IS 'the summary of all rows of several trajectory_summary values';

-- ---- trajectory_model: the subjects and the figures of the fit --------------------

CREATE TYPE trajectory_model;

CREATE FUNCTION kc_trajectory_model_in(cstring) RETURNS trajectory_model
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trajectory_model_out(trajectory_model) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trajectory_model_recv(internal) RETURNS trajectory_model
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_trajectory_model_send(trajectory_model) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE trajectory_model (
  INPUT = kc_trajectory_model_in,
  OUTPUT = kc_trajectory_model_out,
  RECEIVE = kc_trajectory_model_recv,
  SEND = kc_trajectory_model_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION n_used(trajectory_model) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(trajectory_model) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON TYPE trajectory_model IS 'fitted trajectory groups';
COMMENT ON FUNCTION kc_trajectory_model_in(cstring) IS 'text input of trajectory_model';
COMMENT ON FUNCTION kc_trajectory_model_out(trajectory_model) IS 'text output of trajectory_model: name:version:base64';
COMMENT ON FUNCTION kc_trajectory_model_recv(internal) IS 'binary input of trajectory_model';
COMMENT ON FUNCTION kc_trajectory_model_send(trajectory_model) IS 'binary output of trajectory_model';
COMMENT ON FUNCTION n_used(trajectory_model) IS 'rows the groups were fitted to';
COMMENT ON FUNCTION n_missing(trajectory_model) IS 'rows left out for a NULL';

-- ---- building ------------------------------------------------------------------

CREATE FUNCTION kc_trajectory_summary_add(trajectory_summary, formula text, "row" record)
RETURNS trajectory_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE trajectory_summary(formula text, "row" record) (
  SFUNC = kc_trajectory_summary_add,
  STYPE = trajectory_summary,
  COMBINEFUNC = kc_trajectory_summary_combine,
  FINALFUNC = kc_trajectory_summary_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_trajectory_summary_add(trajectory_summary, text, record) IS
'adds a row to the cross-products of its subject';
COMMENT ON AGGREGATE trajectory_summary(text, record) IS
'cross-products of each subject for a formula y ~ t + I(t^2) | subject, for trajectory_model';

CREATE FUNCTION trajectory_model(trajectory_summary, groups int, starts int = 20, seed int8 = 1)
RETURNS trajectory_model
AS 'MODULE_PATHNAME', 'kc_trajectory_model' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;

COMMENT ON FUNCTION trajectory_model(trajectory_summary, int, int, int8) IS
'trajectory groups: a mixture of curves with normal errors of one variance, the best of several starts by EM; read them with trajectory_groups, trajectory_assignments, trajectory_curve, glance';

-- ---- reading -------------------------------------------------------------------

CREATE TYPE trajectory_group AS (
  grp int,
  share float8,
  n_assigned int8,
  mean_posterior float8,
  term text,
  estimate float8,
  std_error float8,
  p_value float8
);

COMMENT ON TYPE trajectory_group IS
'a coefficient of the curve of a trajectory group, and the group''s share';

CREATE TYPE trajectory_assignment AS (
  subject text,
  grp int,
  posterior float8
);

COMMENT ON TYPE trajectory_assignment IS
'the group a subject most probably follows';

CREATE TYPE trajectory_point AS (
  grp int,
  t float8,
  estimate float8,
  conf_low float8,
  conf_high float8
);

COMMENT ON TYPE trajectory_point IS
'the mean of a trajectory group at a time';

CREATE TYPE trajectory_comparison AS (
  groups int,
  parameters int8,
  log_lik float8,
  aic float8,
  bic float8,
  bic_observations float8,
  entropy float8,
  smallest_group float8,
  lowest_posterior float8,
  reached int8,
  converged boolean,
  note text
);

COMMENT ON TYPE trajectory_comparison IS
'how well a number of trajectory groups fits; bic counts subjects';

CREATE FUNCTION trajectory_groups(trajectory_model) RETURNS SETOF trajectory_group
AS 'MODULE_PATHNAME', 'kc_trajectory_groups' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 9;

CREATE FUNCTION trajectory_assignments(trajectory_model)
RETURNS SETOF trajectory_assignment
AS 'MODULE_PATHNAME', 'kc_trajectory_assignments' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;

CREATE FUNCTION trajectory_curve(trajectory_model, at float8[], conf_level float8 = 0.95)
RETURNS SETOF trajectory_point
AS 'MODULE_PATHNAME', 'kc_trajectory_curve' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 40;

CREATE FUNCTION glance(trajectory_model) RETURNS model_fit
AS 'MODULE_PATHNAME', 'kc_trajectory_glance' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION trajectory_compare(trajectory_summary, max_groups int, starts int = 20, seed int8 = 1)
RETURNS SETOF trajectory_comparison
AS 'MODULE_PATHNAME', 'kc_trajectory_compare' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50000 ROWS 5;

COMMENT ON FUNCTION trajectory_groups(trajectory_model) IS
'share, size, mean posterior and coefficients of each group, in the order of the mean at the last time';
COMMENT ON FUNCTION trajectory_assignments(trajectory_model) IS
'the most probable group of each subject and how probable it is';
COMMENT ON FUNCTION trajectory_curve(trajectory_model, float8[], float8) IS
'the mean of each group at the times given, with pointwise interval';
COMMENT ON FUNCTION glance(trajectory_model) IS
'how well the groups fit; n_groups counts subjects, smallest_group is a share';
COMMENT ON FUNCTION trajectory_compare(trajectory_summary, int, int, int8) IS
'1 to max_groups groups fitted to the same rows, with information criteria';
