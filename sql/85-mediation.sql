-- Chapter mediation: is the effect of a treatment on an outcome carried by a mediator?

-- ---- mediation_summary -----------------------------------------------------

CREATE TYPE mediation_summary;

CREATE FUNCTION kc_mediation_summary_in(cstring) RETURNS mediation_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mediation_summary_out(mediation_summary) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mediation_summary_recv(internal) RETURNS mediation_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mediation_summary_send(mediation_summary) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE mediation_summary (
  INPUT = kc_mediation_summary_in,
  OUTPUT = kc_mediation_summary_out,
  RECEIVE = kc_mediation_summary_recv,
  SEND = kc_mediation_summary_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_mediation_summary_combine(mediation_summary, mediation_summary) RETURNS mediation_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mediation_summary_finish(mediation_summary) RETURNS mediation_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(mediation_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(mediation_summary) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(mediation_summary) (
  SFUNC = kc_mediation_summary_combine,
  STYPE = mediation_summary,
  COMBINEFUNC = kc_mediation_summary_combine,
  FINALFUNC = kc_mediation_summary_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON TYPE mediation_summary IS 'summary for mediation: cross-products of treatment, mediator, their product, covariates and outcome';
COMMENT ON FUNCTION kc_mediation_summary_in(cstring) IS 'text input of mediation_summary';
COMMENT ON FUNCTION kc_mediation_summary_out(mediation_summary) IS 'text output of mediation_summary: name:version:base64';
COMMENT ON FUNCTION kc_mediation_summary_recv(internal) IS 'binary input of mediation_summary';
COMMENT ON FUNCTION kc_mediation_summary_send(mediation_summary) IS 'binary output of mediation_summary';
COMMENT ON FUNCTION kc_mediation_summary_combine(mediation_summary, mediation_summary) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_mediation_summary_finish(mediation_summary) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(mediation_summary) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(mediation_summary) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(mediation_summary) IS 'the summary of all rows of several mediation_summary values';

-- ---- mediation_sample ------------------------------------------------------

CREATE TYPE mediation_sample;

CREATE FUNCTION kc_mediation_sample_in(cstring) RETURNS mediation_sample
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mediation_sample_out(mediation_sample) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mediation_sample_recv(internal) RETURNS mediation_sample
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_mediation_sample_send(mediation_sample) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE mediation_sample (
  INPUT = kc_mediation_sample_in,
  OUTPUT = kc_mediation_sample_out,
  RECEIVE = kc_mediation_sample_recv,
  SEND = kc_mediation_sample_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_mediation_sample_combine(mediation_sample, mediation_sample) RETURNS mediation_sample
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mediation_sample_finish(mediation_sample) RETURNS mediation_sample
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(mediation_sample) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(mediation_sample) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(mediation_sample) (
  SFUNC = kc_mediation_sample_combine,
  STYPE = mediation_sample,
  COMBINEFUNC = kc_mediation_sample_combine,
  FINALFUNC = kc_mediation_sample_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON TYPE mediation_sample IS 'summary for mediation that keeps the rows, for the bootstrap';
COMMENT ON FUNCTION kc_mediation_sample_in(cstring) IS 'text input of mediation_sample';
COMMENT ON FUNCTION kc_mediation_sample_out(mediation_sample) IS 'text output of mediation_sample: name:version:base64';
COMMENT ON FUNCTION kc_mediation_sample_recv(internal) IS 'binary input of mediation_sample';
COMMENT ON FUNCTION kc_mediation_sample_send(mediation_sample) IS 'binary output of mediation_sample';
COMMENT ON FUNCTION kc_mediation_sample_combine(mediation_sample, mediation_sample) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_mediation_sample_finish(mediation_sample) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(mediation_sample) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(mediation_sample) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(mediation_sample) IS 'the summary of all rows of several mediation_sample values';

-- ---- building summaries ------------------------------------------------------

CREATE FUNCTION kc_mediation_summary_add(mediation_summary, treatment float8,
                                         mediator float8, outcome float8)
RETURNS mediation_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mediation_summary_add(mediation_summary, treatment float8,
                                         mediator float8, outcome float8,
                                         covariates float8[])
RETURNS mediation_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mediation_sample_add(mediation_sample, treatment float8,
                                        mediator float8, outcome float8)
RETURNS mediation_sample
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mediation_sample_add(mediation_sample, treatment float8,
                                        mediator float8, outcome float8,
                                        covariates float8[])
RETURNS mediation_sample
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kc_mediation_summary_add(mediation_summary, float8, float8, float8) IS
'adds a row to the cross-products';
COMMENT ON FUNCTION kc_mediation_summary_add(mediation_summary, float8, float8, float8, float8[]) IS
'adds a row with covariates to the cross-products';
COMMENT ON FUNCTION kc_mediation_sample_add(mediation_sample, float8, float8, float8) IS
'keeps a row';
COMMENT ON FUNCTION kc_mediation_sample_add(mediation_sample, float8, float8, float8, float8[]) IS
'keeps a row with covariates';

CREATE AGGREGATE mediation_summary(treatment float8, mediator float8, outcome float8) (
  SFUNC = kc_mediation_summary_add,
  STYPE = mediation_summary,
  COMBINEFUNC = kc_mediation_summary_combine,
  FINALFUNC = kc_mediation_summary_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE AGGREGATE mediation_summary(treatment float8, mediator float8, outcome float8,
                                   covariates float8[]) (
  SFUNC = kc_mediation_summary_add,
  STYPE = mediation_summary,
  COMBINEFUNC = kc_mediation_summary_combine,
  FINALFUNC = kc_mediation_summary_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE AGGREGATE mediation_sample(treatment float8, mediator float8, outcome float8) (
  SFUNC = kc_mediation_sample_add,
  STYPE = mediation_sample,
  COMBINEFUNC = kc_mediation_sample_combine,
  FINALFUNC = kc_mediation_sample_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

CREATE AGGREGATE mediation_sample(treatment float8, mediator float8, outcome float8,
                                  covariates float8[]) (
  SFUNC = kc_mediation_sample_add,
  STYPE = mediation_sample,
  COMBINEFUNC = kc_mediation_sample_combine,
  FINALFUNC = kc_mediation_sample_finish,
  SSPACE = 8192,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE mediation_summary(float8, float8, float8) IS
'cross-products of treatment, mediator and outcome, for mediation, mediation_effects and mediation_sensitivity';
COMMENT ON AGGREGATE mediation_summary(float8, float8, float8, float8[]) IS
'cross-products of treatment, mediator, outcome and covariates, for mediation, mediation_effects and mediation_sensitivity';
COMMENT ON AGGREGATE mediation_sample(float8, float8, float8) IS
'rows of treatment, mediator and outcome, for mediation_effects by bootstrap';
COMMENT ON AGGREGATE mediation_sample(float8, float8, float8, float8[]) IS
'rows of treatment, mediator, outcome and covariates, for mediation_effects by bootstrap';

-- ---- one row -----------------------------------------------------------------

CREATE TYPE mediation_result AS (
  n int8,
  n_missing int8,
  a float8,
  a_p float8,
  b float8,
  b_p float8,
  total float8,
  total_p float8,
  direct float8,
  direct_p float8,
  indirect float8,
  indirect_low float8,
  indirect_high float8,
  indirect_p float8,
  proportion_mediated float8,
  proportion_low float8,
  proportion_high float8,
  method text,
  note text
);

COMMENT ON TYPE mediation_result IS
'mediation in one row: a = treatment on mediator, b = mediator on outcome, total = direct + indirect, indirect = a b with its 95 % interval';

CREATE FUNCTION mediation(mediation_summary) RETURNS mediation_result
AS 'MODULE_PATHNAME', 'kc_mediation' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE mediation(treatment float8, mediator float8, outcome float8) (
  SFUNC = kc_mediation_summary_add,
  STYPE = mediation_summary,
  COMBINEFUNC = kc_mediation_summary_combine,
  FINALFUNC = mediation,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE AGGREGATE mediation(treatment float8, mediator float8, outcome float8,
                           covariates float8[]) (
  SFUNC = kc_mediation_summary_add,
  STYPE = mediation_summary,
  COMBINEFUNC = kc_mediation_summary_combine,
  FINALFUNC = mediation,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION mediation(mediation_summary) IS
'paths and effects of a mediation by linear models; interval of the indirect effect from the exact distribution of a product of two normals';
COMMENT ON AGGREGATE mediation(float8, float8, float8) IS
'paths and effects of treatment on outcome by way of mediator, by linear models';
COMMENT ON AGGREGATE mediation(float8, float8, float8, float8[]) IS
'paths and effects of treatment on outcome by way of mediator, by linear models with covariates';

-- ---- effects -----------------------------------------------------------------

CREATE FUNCTION mediation_effects(mediation_summary, method text = 'delta',
                                  replicates int = 5000, seed int8 = 1,
                                  conf_level float8 = 0.95, interaction boolean = false,
                                  treated_value float8 = 1, control_value float8 = 0)
RETURNS TABLE (effect text, estimate float8, std_error float8, statistic float8,
               p_value float8, conf_low float8, conf_high float8, method text, note text)
AS 'MODULE_PATHNAME', 'kc_mediation_effects_summary' LANGUAGE C IMMUTABLE PARALLEL SAFE
ROWS 6;

CREATE FUNCTION mediation_effects(mediation_sample, method text = 'delta',
                                  replicates int = 5000, seed int8 = 1,
                                  conf_level float8 = 0.95, interaction boolean = false,
                                  treated_value float8 = 1, control_value float8 = 0)
RETURNS TABLE (effect text, estimate float8, std_error float8, statistic float8,
               p_value float8, conf_low float8, conf_high float8, method text, note text)
AS 'MODULE_PATHNAME', 'kc_mediation_effects_sample' LANGUAGE C IMMUTABLE PARALLEL SAFE
ROWS 6;

COMMENT ON FUNCTION mediation_effects(mediation_summary, text, int, int8, float8, boolean, float8, float8) IS
'total, a, b, direct, indirect effect and proportion mediated; method is delta, product or monte_carlo';
COMMENT ON FUNCTION mediation_effects(mediation_sample, text, int, int8, float8, boolean, float8, float8) IS
'total, a, b, direct, indirect effect and proportion mediated; method is delta, product, monte_carlo, bootstrap_percentile or bootstrap_bca';

-- ---- confounding -------------------------------------------------------------

CREATE FUNCTION mediation_sensitivity(mediation_summary,
                                      rho float8[] = '{-0.9,-0.8,-0.7,-0.6,-0.5,-0.4,-0.3,-0.2,-0.1,0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9}',
                                      conf_level float8 = 0.95)
RETURNS TABLE (rho float8, indirect float8, conf_low float8, conf_high float8,
               rho_at_zero float8, note text)
AS 'MODULE_PATHNAME', 'kc_mediation_sensitivity' LANGUAGE C IMMUTABLE PARALLEL SAFE
ROWS 19;

COMMENT ON FUNCTION mediation_sensitivity(mediation_summary, float8[], float8) IS
'the indirect effect if an unmeasured cause made the residuals of mediator and outcome correlate by rho (Imai, Keele and Yamamoto 2010)';

CREATE TYPE e_value_result AS (
  e_value float8,
  e_value_limit float8,
  risk_ratio float8,
  note text
);

COMMENT ON TYPE e_value_result IS
'E-values of an estimate and of the confidence limit nearer to no effect, and the estimate as a risk ratio';

CREATE FUNCTION e_value(estimate float8, conf_low float8 = NULL, scale text = 'rr')
RETURNS e_value_result
AS 'MODULE_PATHNAME', 'kc_e_value' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION e_value(float8, float8, text) IS
'how strongly a confounder would have to go with exposure and outcome to explain an estimate away (VanderWeele and Ding 2017); conf_low is the limit nearer to no effect; scale is rr, or, or_rare, hr, hr_rare or smd';
