-- Chapter describe: one variable, and adjustment of p-values.

CREATE FUNCTION kc_value_counts_add(value_counts, x float8) RETURNS value_counts
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE value_counts(x float8) (
  SFUNC = kc_value_counts_add,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = kc_value_counts_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_value_counts_add(value_counts, float8) IS 'counts a value';
COMMENT ON AGGREGATE value_counts(float8) IS
'every value with how often it occurred, for describe, quantile, histogram, t_test, wilcoxon_signed_rank, sign_test and responder_curve';

-- ---- description -------------------------------------------------------------

CREATE FUNCTION describe(value_counts) RETURNS description
AS 'MODULE_PATHNAME', 'kc_describe' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE describe(x float8) (
  SFUNC = kc_value_counts_add,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = describe,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE FUNCTION quantile(value_counts, q float8, type int = 7) RETURNS float8
AS 'MODULE_PATHNAME', 'kc_quantile' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION histogram(value_counts, bins int = 20,
                          OUT lower float8, OUT upper float8, OUT n int8,
                          OUT fraction float8)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kc_histogram' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION describe(value_counts) IS
'mean, sd, quartiles (type 7), skewness and excess kurtosis (type 2)';
COMMENT ON AGGREGATE describe(float8) IS
'mean, sd, quartiles (type 7), skewness and excess kurtosis (type 2)';
COMMENT ON FUNCTION quantile(value_counts, float8, int) IS
'quantile q by one of the nine definitions of R''s quantile; 7 is R''s default and percentile_cont, 2 is SAS, 6 is SPSS';
COMMENT ON FUNCTION histogram(value_counts, int) IS
'bins of equal width, closed below, the last one on both sides';

-- ---- one-sample t test -------------------------------------------------------

CREATE FUNCTION t_test(value_counts, mu float8 = 0, alternative text = 'two.sided',
                       conf_level float8 = 0.95)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_t_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_t_test_final(value_counts) RETURNS test_result
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE t_test(x float8) (
  SFUNC = kc_value_counts_add,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = kc_t_test_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION t_test(value_counts, float8, text, float8) IS
'one-sample t test of mean = mu, as R t.test; effect = Cohen''s d';
COMMENT ON FUNCTION kc_t_test_final(value_counts) IS
'one-sample t test with default options';
COMMENT ON AGGREGATE t_test(float8) IS
'one-sample t test of mean = 0 with default options';

-- ---- several comparisons -----------------------------------------------------

CREATE FUNCTION p_adjust(p float8[], method text = 'holm') RETURNS float8[]
AS 'MODULE_PATHNAME', 'kc_p_adjust' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION p_adjust(float8[], text) IS
'p-values adjusted for several comparisons, as R p.adjust: holm, hochberg, hommel, bonferroni, BH, BY, none; a NULL stays NULL and is not counted';
