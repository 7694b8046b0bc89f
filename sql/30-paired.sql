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

-- ---- description -------------------------------------------------------------

CREATE FUNCTION describe_paired(paired_values) RETURNS paired_description
AS 'MODULE_PATHNAME', 'kc_describe_paired' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE describe_paired(before float8, after float8) (
  SFUNC = kc_paired_values_add,
  STYPE = paired_values,
  COMBINEFUNC = kc_paired_values_combine,
  FINALFUNC = describe_paired,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION describe_paired(paired_values) IS
'means, standard deviations and medians of both sides and of the change, percentages, correlation, how many fell and rose';
COMMENT ON AGGREGATE describe_paired(float8, float8) IS
'means, standard deviations and medians of before, after and the change, percentages, correlation, how many fell and rose';

-- ---- Wilcoxon signed rank and sign test ----------------------------------------

CREATE FUNCTION wilcoxon_signed_rank(value_counts, mu float8 = 0,
                                     alternative text = 'two.sided',
                                     conf_level float8 = 0.95, exact boolean = NULL,
                                     zeros text = 'wilcoxon', correct boolean = true)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_wilcoxon_signed_rank' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_wilcoxon_signed_rank_final(value_counts) RETURNS test_result
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE wilcoxon_signed_rank(before float8, after float8) (
  SFUNC = kc_value_counts_add_change,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = kc_wilcoxon_signed_rank_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE FUNCTION sign_test(value_counts, mu float8 = 0, alternative text = 'two.sided',
                          conf_level float8 = 0.95)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_sign_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_sign_test_final(value_counts) RETURNS test_result
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE sign_test(before float8, after float8) (
  SFUNC = kc_value_counts_add_change,
  STYPE = value_counts,
  COMBINEFUNC = kc_value_counts_combine,
  FINALFUNC = kc_sign_test_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION wilcoxon_signed_rank(value_counts, float8, text, float8, boolean, text, boolean) IS
'Wilcoxon signed rank test of a summary of changes, exact with ties and zeros; estimate = Hodges-Lehmann, effect = matched-pairs rank-biserial correlation';
COMMENT ON FUNCTION kc_wilcoxon_signed_rank_final(value_counts) IS
'Wilcoxon signed rank test with default options';
COMMENT ON AGGREGATE wilcoxon_signed_rank(float8, float8) IS
'Wilcoxon signed rank test of the change after - before with default options';
COMMENT ON FUNCTION sign_test(value_counts, float8, text, float8) IS
'exact sign test of a summary of changes; estimate = median with order-statistic interval';
COMMENT ON FUNCTION kc_sign_test_final(value_counts) IS
'sign test with default options';
COMMENT ON AGGREGATE sign_test(float8, float8) IS
'sign test of the change after - before with default options';

-- ---- paired categories ---------------------------------------------------------

CREATE FUNCTION mcnemar_test(contingency_table, exact boolean = true,
                             correct boolean = true, conf_level float8 = 0.95)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_mcnemar_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mcnemar_test_final(contingency_table) RETURNS test_result
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE mcnemar_test(before boolean, after boolean) (
  SFUNC = kc_contingency_table_add_boolean,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_mcnemar_test_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION mcnemar_test(contingency_table, boolean, boolean, float8) IS
'McNemar''s test of a two-category variable before and after: exact binomial, or chi-squared as R mcnemar.test; estimate = difference of proportions, effect = odds ratio';
COMMENT ON FUNCTION kc_mcnemar_test_final(contingency_table) IS
'McNemar''s test with default options';
COMMENT ON AGGREGATE mcnemar_test(boolean, boolean) IS
'McNemar''s exact test of before and after';

-- ---- more than two times -------------------------------------------------------

CREATE FUNCTION friedman_test(repeated_values) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_friedman_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE friedman_test(subject text, condition text, value float8) (
  SFUNC = kc_repeated_values_add,
  STYPE = repeated_values,
  COMBINEFUNC = kc_repeated_values_combine,
  FINALFUNC = friedman_test,
  SSPACE = 8192,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_repeated_values_add_boolean(repeated_values, subject text, condition text,
                                               response boolean)
RETURNS repeated_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION cochran_q_test(repeated_values) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_cochran_q_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE cochran_q_test(subject text, condition text, response boolean) (
  SFUNC = kc_repeated_values_add_boolean,
  STYPE = repeated_values,
  COMBINEFUNC = kc_repeated_values_combine,
  FINALFUNC = cochran_q_test,
  SSPACE = 8192,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_repeated_values_add_boolean(repeated_values, text, text, boolean) IS
'adds the response of a subject under a condition, as 1 or 0';
COMMENT ON FUNCTION cochran_q_test(repeated_values) IS
'Cochran''s Q test over complete subjects of values 0 and 1; effect = Kendall''s W';
COMMENT ON AGGREGATE cochran_q_test(text, text, boolean) IS
'Cochran''s Q test: is a response as frequent under every condition; over complete subjects, incomplete ones are counted in n_missing';
COMMENT ON FUNCTION friedman_test(repeated_values) IS
'Friedman''s test over complete subjects, as R friedman.test; effect = Kendall''s W';
COMMENT ON AGGREGATE friedman_test(text, text, float8) IS
'Friedman''s test over complete subjects, as R friedman.test; effect = Kendall''s W; incomplete subjects are counted in n_missing';
