-- Chapter responder: who responded, and how sure we are of the share.

-- ---- one patient -------------------------------------------------------------

CREATE FUNCTION percent_change(before float8, after float8) RETURNS float8
AS 'MODULE_PATHNAME', 'kc_percent_change' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION is_responder(before float8, after float8, threshold float8 = 50,
                             inclusive boolean = true, direction text = 'decrease',
                             scale text = 'percent', discontinued boolean = false)
RETURNS boolean
AS 'MODULE_PATHNAME', 'kc_is_responder' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE TYPE response_category AS ENUM (
  'worse', 'unchanged', 'minimal', 'moderate', 'substantial', 'complete'
);

CREATE FUNCTION kc_response_category(before float8, after float8, minimal float8,
                                     moderate float8, substantial float8)
RETURNS int
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION response_category(before float8, after float8, minimal float8 = 10,
                                  moderate float8 = 30, substantial float8 = 50)
RETURNS response_category
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
RETURN (ARRAY['worse', 'unchanged', 'minimal', 'moderate', 'substantial', 'complete']
        ::response_category[])
       [kc_response_category(before, after, minimal, moderate, substantial)];

CREATE FUNCTION reliable_change(before float8, after float8, sd_before float8,
                                reliability float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'kc_reliable_change' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION percent_change(float8, float8) IS
'100 (after - before) / before; NULL when before is 0';
COMMENT ON FUNCTION is_responder(float8, float8, float8, boolean, text, text, boolean) IS
'whether the change reaches the threshold in percent of before, or in points with scale => ''absolute''; false when treatment was stopped for lack of effect';
COMMENT ON TYPE response_category IS
'response to treatment by the IMMPACT thresholds, from worse to complete';
COMMENT ON FUNCTION kc_response_category(float8, float8, float8, float8, float8) IS
'position of the response category, from 1';
COMMENT ON FUNCTION response_category(float8, float8, float8, float8, float8) IS
'response to treatment: thresholds in percent decrease; complete means after is 0';
COMMENT ON FUNCTION reliable_change(float8, float8, float8, float8) IS
'Jacobson-Truax reliable change index; beyond 1.96 the change is more than measurement error';

-- ---- proportions -------------------------------------------------------------

CREATE FUNCTION proportion_ci(events int8, n int8, method text = 'wilson',
                              conf_level float8 = 0.95)
RETURNS proportion_result
AS 'MODULE_PATHNAME', 'kc_proportion_ci' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_value_counts_add_boolean(value_counts, x boolean) RETURNS value_counts
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE value_counts(x boolean) (
  SFUNC = kc_value_counts_add_boolean,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = kc_value_counts_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION responder_rate(value_counts, method text = 'wilson',
                               conf_level float8 = 0.95)
RETURNS proportion_result
AS 'MODULE_PATHNAME', 'kc_responder_rate' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_responder_rate_final(value_counts) RETURNS proportion_result
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE responder_rate(response boolean) (
  SFUNC = kc_value_counts_add_boolean,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = kc_responder_rate_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION proportion_ci(int8, int8, text, float8) IS
'proportion with confidence interval: wilson, wilson_cc, clopper_pearson, midp, jeffreys, agresti_coull or wald';
COMMENT ON FUNCTION kc_value_counts_add_boolean(value_counts, boolean) IS
'counts a boolean as 0 or 1';
COMMENT ON AGGREGATE value_counts(boolean) IS
'how often false (0) and true (1) occurred, for responder_rate';
COMMENT ON FUNCTION responder_rate(value_counts, text, float8) IS
'share of true in a summary of booleans, with interval by a chosen method';
COMMENT ON FUNCTION kc_responder_rate_final(value_counts) IS
'share of true with Wilson interval';
COMMENT ON AGGREGATE responder_rate(boolean) IS
'share of responders with Wilson interval; NULL responses are counted in n_missing';

-- ---- curve and comparison ----------------------------------------------------

CREATE FUNCTION responder_curve(value_counts,
                                thresholds float8[] = '{0,10,20,30,40,50,60,70,80,90,100}',
                                direction text = 'decrease', conf_level float8 = 0.95,
                                OUT threshold float8, OUT responders int8, OUT n int8,
                                OUT estimate float8, OUT conf_low float8,
                                OUT conf_high float8)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kc_responder_curve' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 11;

CREATE FUNCTION compare_proportions(contingency_table, conf_level float8 = 0.95,
                                    OUT measure text, OUT estimate float8,
                                    OUT conf_low float8, OUT conf_high float8,
                                    OUT p_value float8, OUT method text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kc_compare_proportions' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 4;

COMMENT ON FUNCTION responder_curve(value_counts, float8[], text, float8) IS
'cumulative responder curve over a summary of percent changes: share improved by at least each threshold, with Wilson interval';
COMMENT ON FUNCTION compare_proportions(contingency_table, float8) IS
'two groups (rows) and an outcome (columns): risk difference, risk ratio, odds ratio, number needed to treat, later group against earlier, event = later label';
