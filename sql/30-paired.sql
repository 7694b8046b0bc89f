-- Chapter paired: the same patients before and after.  Change is after - before.

-- ---- building summaries ------------------------------------------------------

CREATE FUNCTION kc_paired_summary_add(paired_summary, before float8, after float8)
RETURNS paired_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE paired_summary(before float8, after float8) (
  SFUNC = kc_paired_summary_add,
  STYPE = paired_summary,
  COMBINEFUNC = kc_paired_summary_combine,
  FINALFUNC = kc_paired_summary_finish,
  SSPACE = 160,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_paired_values_add(paired_values, before float8, after float8)
RETURNS paired_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE paired_values(before float8, after float8) (
  SFUNC = kc_paired_values_add,
  STYPE = paired_values,
  COMBINEFUNC = kc_paired_values_combine,
  FINALFUNC = kc_paired_values_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_value_counts_add_change(value_counts, before float8, after float8)
RETURNS value_counts
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kc_paired_summary_add(paired_summary, float8, float8) IS
'adds a pair to the moments';
COMMENT ON AGGREGATE paired_summary(float8, float8) IS
'moments of pairs (before, after), for paired_t_test, paired_effect_size, pearson_correlation';
COMMENT ON FUNCTION kc_paired_values_add(paired_values, float8, float8) IS
'adds a pair to the counted pairs';
COMMENT ON AGGREGATE paired_values(float8, float8) IS
'counted pairs (before, after), for describe_paired';
COMMENT ON FUNCTION kc_value_counts_add_change(value_counts, float8, float8) IS
'adds the change after - before to the counted values';

-- ---- paired t test -----------------------------------------------------------

CREATE FUNCTION paired_t_test(paired_summary, mu float8 = 0,
                              alternative text = 'two.sided', conf_level float8 = 0.95)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_paired_t_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_paired_t_test_final(paired_summary) RETURNS test_result
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE paired_t_test(before float8, after float8) (
  SFUNC = kc_paired_summary_add,
  STYPE = paired_summary,
  COMBINEFUNC = kc_paired_summary_combine,
  FINALFUNC = kc_paired_t_test_final,
  SSPACE = 160,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION paired_t_test(paired_summary, float8, text, float8) IS
'paired t test of mean change = mu, as R t.test(after, before, paired = TRUE); effect = Cohen''s dz';
COMMENT ON FUNCTION kc_paired_t_test_final(paired_summary) IS
'paired t test with default options';
COMMENT ON AGGREGATE paired_t_test(float8, float8) IS
'paired t test of before and after with default options';

-- ---- standardized change -----------------------------------------------------

CREATE FUNCTION paired_effect_size(paired_summary, type text = 'dz',
                                   conf_level float8 = 0.95)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_paired_effect_size' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION paired_effect_size(paired_summary, text, float8) IS
'standardized change with interval; type is dz, dav, drm, srm or hedges_g';

-- ---- correlation -------------------------------------------------------------

CREATE FUNCTION pearson_correlation(paired_summary, alternative text = 'two.sided',
                                    conf_level float8 = 0.95)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_pearson_correlation' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_pearson_correlation_final(paired_summary) RETURNS test_result
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE pearson_correlation(x float8, y float8) (
  SFUNC = kc_paired_summary_add,
  STYPE = paired_summary,
  COMBINEFUNC = kc_paired_summary_combine,
  FINALFUNC = kc_pearson_correlation_final,
  SSPACE = 160,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION pearson_correlation(paired_summary, text, float8) IS
'Pearson correlation of before and after, as R cor.test';
COMMENT ON FUNCTION kc_pearson_correlation_final(paired_summary) IS
'Pearson correlation with default options';
COMMENT ON AGGREGATE pearson_correlation(float8, float8) IS
'Pearson correlation of x and y with default options';
