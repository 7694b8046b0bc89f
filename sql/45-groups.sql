-- Chapter groups: comparisons between independent groups, tables, correlation.
-- A difference is the later label minus the earlier one, in bytewise order.

-- ---- building summaries ------------------------------------------------------

CREATE FUNCTION kc_group_summary_add(group_summary, value float8, grp text) RETURNS group_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE group_summary(value float8, grp text) (
  SFUNC = kc_group_summary_add,
  STYPE = group_summary,
  COMBINEFUNC = kc_group_summary_combine,
  FINALFUNC = kc_group_summary_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_group_summary_add_boolean(group_summary, value float8, grp boolean) RETURNS group_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE group_summary(value float8, grp boolean) (
  SFUNC = kc_group_summary_add_boolean,
  STYPE = group_summary,
  COMBINEFUNC = kc_group_summary_combine,
  FINALFUNC = kc_group_summary_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_group_values_add(group_values, value float8, grp text) RETURNS group_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE group_values(value float8, grp text) (
  SFUNC = kc_group_values_add,
  STYPE = group_values,
  COMBINEFUNC = kc_group_values_combine,
  FINALFUNC = kc_group_values_finish,
  SSPACE = 2048,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_group_values_add_boolean(group_values, value float8, grp boolean) RETURNS group_values
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE group_values(value float8, grp boolean) (
  SFUNC = kc_group_values_add_boolean,
  STYPE = group_values,
  COMBINEFUNC = kc_group_values_combine,
  FINALFUNC = kc_group_values_finish,
  SSPACE = 2048,
  PARALLEL = SAFE
);

CREATE FUNCTION kc_trend_summary_add(trend_summary, response boolean, dose float8)
RETURNS trend_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE trend_summary(response boolean, dose float8) (
  SFUNC = kc_trend_summary_add,
  STYPE = trend_summary,
  COMBINEFUNC = kc_trend_summary_combine,
  FINALFUNC = kc_trend_summary_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_group_summary_add(group_summary, float8, text) IS
'adds a value to its group';
COMMENT ON AGGREGATE group_summary(float8, text) IS
'moments of a variable by group';
COMMENT ON FUNCTION kc_group_summary_add_boolean(group_summary, float8, boolean) IS
'adds a value to its group';
COMMENT ON AGGREGATE group_summary(float8, boolean) IS
'moments of a variable by group';
COMMENT ON FUNCTION kc_group_values_add(group_values, float8, text) IS
'adds a value to its group';
COMMENT ON AGGREGATE group_values(float8, text) IS
'counted values of a variable by group';
COMMENT ON FUNCTION kc_group_values_add_boolean(group_values, float8, boolean) IS
'adds a value to its group';
COMMENT ON AGGREGATE group_values(float8, boolean) IS
'counted values of a variable by group';
COMMENT ON FUNCTION kc_trend_summary_add(trend_summary, boolean, float8) IS
'counts a response at a dose';
COMMENT ON AGGREGATE trend_summary(boolean, float8) IS
'responses counted by dose, for trend_test';

-- ---- means -----------------------------------------------------------------

CREATE FUNCTION welch_t_test(group_summary, equal_variance boolean = false, type text = 'd',
                             alternative text = 'two.sided', conf_level float8 = 0.95) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_welch_t_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_welch_t_test_final(group_summary) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_welch_t_test_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE welch_t_test(value float8, grp text) (
  SFUNC = kc_group_summary_add,
  STYPE = group_summary,
  COMBINEFUNC = kc_group_summary_combine,
  FINALFUNC = kc_welch_t_test_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE AGGREGATE welch_t_test(value float8, grp boolean) (
  SFUNC = kc_group_summary_add_boolean,
  STYPE = group_summary,
  COMBINEFUNC = kc_group_summary_combine,
  FINALFUNC = kc_welch_t_test_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION anova(group_summary, welch boolean = false) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_anova' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_anova_final(group_summary) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_anova_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE anova(value float8, grp text) (
  SFUNC = kc_group_summary_add,
  STYPE = group_summary,
  COMBINEFUNC = kc_group_summary_combine,
  FINALFUNC = kc_anova_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE AGGREGATE anova(value float8, grp boolean) (
  SFUNC = kc_group_summary_add_boolean,
  STYPE = group_summary,
  COMBINEFUNC = kc_group_summary_combine,
  FINALFUNC = kc_anova_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION standardized_mean_difference(group_summary) RETURNS float8
AS 'MODULE_PATHNAME', 'kc_standardized_mean_difference' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION levene_test(group_values, center text = 'median') RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_levene_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON AGGREGATE welch_t_test(float8, text) IS
'Welch t test of two groups with default options';
COMMENT ON AGGREGATE welch_t_test(float8, boolean) IS
'Welch t test of two groups with default options';
COMMENT ON FUNCTION welch_t_test(group_summary, boolean, text, text, float8) IS
't test of two independent groups, as R t.test; effect by type: d (Cohen) or g (Hedges)';
COMMENT ON FUNCTION kc_welch_t_test_final(group_summary) IS
'Welch t test with default options';
COMMENT ON AGGREGATE anova(float8, text) IS
'one-way analysis of variance';
COMMENT ON AGGREGATE anova(float8, boolean) IS
'one-way analysis of variance';
COMMENT ON FUNCTION anova(group_summary, boolean) IS
'one-way analysis of variance, as R oneway.test; effect = eta squared';
COMMENT ON FUNCTION kc_anova_final(group_summary) IS
'one-way analysis of variance with equal variances';
COMMENT ON FUNCTION standardized_mean_difference(group_summary) IS
'absolute standardized mean difference of two groups, of more the mean over all pairs, as R tableone';
COMMENT ON FUNCTION levene_test(group_values, text) IS
'Levene''s test of equal variances about the median or the mean, as car leveneTest';

-- ---- ranks -----------------------------------------------------------------

CREATE FUNCTION mann_whitney(group_values, alternative text = 'two.sided',
                             conf_level float8 = 0.95, exact boolean = NULL,
                             correct boolean = true) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_mann_whitney' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mann_whitney_final(group_values) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_mann_whitney_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE mann_whitney(value float8, grp text) (
  SFUNC = kc_group_values_add,
  STYPE = group_values,
  COMBINEFUNC = kc_group_values_combine,
  FINALFUNC = kc_mann_whitney_final,
  SSPACE = 2048,
  PARALLEL = SAFE
);

CREATE AGGREGATE mann_whitney(value float8, grp boolean) (
  SFUNC = kc_group_values_add_boolean,
  STYPE = group_values,
  COMBINEFUNC = kc_group_values_combine,
  FINALFUNC = kc_mann_whitney_final,
  SSPACE = 2048,
  PARALLEL = SAFE
);

CREATE FUNCTION kruskal_wallis(group_values) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_kruskal_wallis' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE kruskal_wallis(value float8, grp text) (
  SFUNC = kc_group_values_add,
  STYPE = group_values,
  COMBINEFUNC = kc_group_values_combine,
  FINALFUNC = kruskal_wallis,
  SSPACE = 2048,
  PARALLEL = SAFE
);

CREATE AGGREGATE kruskal_wallis(value float8, grp boolean) (
  SFUNC = kc_group_values_add_boolean,
  STYPE = group_values,
  COMBINEFUNC = kc_group_values_combine,
  FINALFUNC = kruskal_wallis,
  SSPACE = 2048,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE mann_whitney(float8, text) IS
'Mann-Whitney test of two groups with default options';
COMMENT ON AGGREGATE mann_whitney(float8, boolean) IS
'Mann-Whitney test of two groups with default options';
COMMENT ON FUNCTION mann_whitney(group_values, text, float8, boolean, boolean) IS
'Mann-Whitney test, exact with ties by the conditional distribution; estimate = Hodges-Lehmann shift, effect = rank-biserial correlation';
COMMENT ON FUNCTION kc_mann_whitney_final(group_values) IS
'Mann-Whitney test with default options';
COMMENT ON AGGREGATE kruskal_wallis(float8, text) IS
'Kruskal-Wallis test, as R kruskal.test; effect = epsilon squared';
COMMENT ON AGGREGATE kruskal_wallis(float8, boolean) IS
'Kruskal-Wallis test, as R kruskal.test; effect = epsilon squared';
COMMENT ON FUNCTION kruskal_wallis(group_values) IS
'Kruskal-Wallis test, as R kruskal.test; effect = epsilon squared';

-- ---- tables ----------------------------------------------------------------

CREATE FUNCTION cells(contingency_table, OUT a text, OUT b text, OUT n int8,
                      OUT row_fraction float8, OUT col_fraction float8,
                      OUT expected float8, OUT residual float8)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kc_cells' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;

CREATE FUNCTION chi_squared_test(contingency_table, correct boolean = true) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_chi_squared_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_chi_squared_test_final(contingency_table) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_chi_squared_test_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION fisher_exact_test(contingency_table, alternative text = 'two.sided',
                                  conf_level float8 = 0.95, seed int8 = 1) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_fisher_exact_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_fisher_exact_test_final(contingency_table) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_fisher_exact_test_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE chi_squared_test(a text, b text) (
  SFUNC = kc_contingency_table_add,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_chi_squared_test_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE AGGREGATE chi_squared_test(a boolean, b boolean) (
  SFUNC = kc_contingency_table_add_boolean,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_chi_squared_test_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE AGGREGATE fisher_exact_test(a text, b text) (
  SFUNC = kc_contingency_table_add,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_fisher_exact_test_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE AGGREGATE fisher_exact_test(a boolean, b boolean) (
  SFUNC = kc_contingency_table_add_boolean,
  STYPE = contingency_table,
  COMBINEFUNC = kc_contingency_table_combine,
  FINALFUNC = kc_fisher_exact_test_final,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION trend_test(trend_summary) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_trend_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE trend_test(response boolean, dose float8) (
  SFUNC = kc_trend_summary_add,
  STYPE = trend_summary,
  COMBINEFUNC = kc_trend_summary_combine,
  FINALFUNC = trend_test,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION cells(contingency_table) IS
'every cell with its fractions, expected count and Pearson residual';
COMMENT ON AGGREGATE chi_squared_test(text, text) IS
'chi-squared test of independence, as R chisq.test; effect = Cramer V';
COMMENT ON AGGREGATE chi_squared_test(boolean, boolean) IS
'chi-squared test of independence, as R chisq.test; effect = Cramer V';
COMMENT ON AGGREGATE fisher_exact_test(text, text) IS
'Fisher exact test, as R fisher.test';
COMMENT ON AGGREGATE fisher_exact_test(boolean, boolean) IS
'Fisher exact test, as R fisher.test';
COMMENT ON FUNCTION chi_squared_test(contingency_table, boolean) IS
'chi-squared test of independence, as R chisq.test, continuity correction for two by two; effect = Cramer V';
COMMENT ON FUNCTION kc_chi_squared_test_final(contingency_table) IS
'chi-squared test with default options';
COMMENT ON FUNCTION fisher_exact_test(contingency_table, text, float8, int8) IS
'Fisher exact test of a table of any size; for two by two the conditional odds ratio with exact interval; where enumeration is too much work p is simulated from the seed';
COMMENT ON FUNCTION kc_fisher_exact_test_final(contingency_table) IS
'Fisher exact test with default options';
COMMENT ON FUNCTION trend_test(trend_summary) IS
'Cochran-Armitage test of a trend in proportions, as R prop.trend.test';
COMMENT ON AGGREGATE trend_test(boolean, float8) IS
'Cochran-Armitage test of a trend in proportions, as R prop.trend.test';

-- ---- strata ----------------------------------------------------------------

CREATE FUNCTION kc_stratified_table_add(stratified_table, a text, b text, stratum text)
RETURNS stratified_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_stratified_table_add_boolean(stratified_table, a boolean, b boolean,
                                                stratum text)
RETURNS stratified_table
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE stratified_table(a text, b text, stratum text) (
  SFUNC = kc_stratified_table_add,
  STYPE = stratified_table,
  COMBINEFUNC = kc_stratified_table_combine,
  FINALFUNC = kc_stratified_table_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE AGGREGATE stratified_table(a boolean, b boolean, stratum text) (
  SFUNC = kc_stratified_table_add_boolean,
  STYPE = stratified_table,
  COMBINEFUNC = kc_stratified_table_combine,
  FINALFUNC = kc_stratified_table_finish,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE FUNCTION mantel_haenszel_test(stratified_table, alternative text = 'two.sided',
                                     conf_level float8 = 0.95, correct boolean = true)
RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_mantel_haenszel_test' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_mantel_haenszel_test_final(stratified_table) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_mantel_haenszel_test_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE mantel_haenszel_test(a text, b text, stratum text) (
  SFUNC = kc_stratified_table_add,
  STYPE = stratified_table,
  COMBINEFUNC = kc_stratified_table_combine,
  FINALFUNC = kc_mantel_haenszel_test_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE AGGREGATE mantel_haenszel_test(a boolean, b boolean, stratum text) (
  SFUNC = kc_stratified_table_add_boolean,
  STYPE = stratified_table,
  COMBINEFUNC = kc_stratified_table_combine,
  FINALFUNC = kc_mantel_haenszel_test_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION kc_stratified_table_add(stratified_table, text, text, text) IS
'counts a pair of labels in a stratum';
COMMENT ON FUNCTION kc_stratified_table_add_boolean(stratified_table, boolean, boolean, text) IS
'counts a pair of booleans in a stratum under the labels false and true';
COMMENT ON AGGREGATE stratified_table(text, text, text) IS
'counts of two categorical variables by stratum';
COMMENT ON AGGREGATE stratified_table(boolean, boolean, text) IS
'counts of two boolean variables by stratum';
COMMENT ON FUNCTION mantel_haenszel_test(stratified_table, text, float8, boolean) IS
'Mantel-Haenszel test of two-level variables over strata, as R mantelhaen.test; estimate = common odds ratio';
COMMENT ON FUNCTION kc_mantel_haenszel_test_final(stratified_table) IS
'Mantel-Haenszel test with default options';
COMMENT ON AGGREGATE mantel_haenszel_test(text, text, text) IS
'Mantel-Haenszel test of two-level variables over strata, as R mantelhaen.test; estimate = common odds ratio';
COMMENT ON AGGREGATE mantel_haenszel_test(boolean, boolean, text) IS
'Mantel-Haenszel test of two boolean variables over strata, as R mantelhaen.test; estimate = common odds ratio';

-- ---- rank correlation ------------------------------------------------------

CREATE FUNCTION spearman_correlation(paired_values, alternative text = 'two.sided',
                                     conf_level float8 = 0.95) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_spearman_correlation' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_spearman_correlation_final(paired_values) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_spearman_correlation_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE spearman_correlation(x float8, y float8) (
  SFUNC = kc_paired_values_add,
  STYPE = paired_values,
  COMBINEFUNC = kc_paired_values_combine,
  FINALFUNC = kc_spearman_correlation_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

CREATE FUNCTION kendall_correlation(paired_values, alternative text = 'two.sided') RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_kendall_correlation' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_kendall_correlation_final(paired_values) RETURNS test_result
AS 'MODULE_PATHNAME', 'kc_kendall_correlation_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE kendall_correlation(x float8, y float8) (
  SFUNC = kc_paired_values_add,
  STYPE = paired_values,
  COMBINEFUNC = kc_paired_values_combine,
  FINALFUNC = kc_kendall_correlation_final,
  SSPACE = 1024,
  PARALLEL = SAFE
);

COMMENT ON FUNCTION spearman_correlation(paired_values, text, float8) IS
'Spearman rank correlation, as R cor.test';
COMMENT ON FUNCTION kc_spearman_correlation_final(paired_values) IS
'Spearman rank correlation, as R cor.test with default options';
COMMENT ON AGGREGATE spearman_correlation(float8, float8) IS
'Spearman rank correlation, as R cor.test with default options';
COMMENT ON FUNCTION kendall_correlation(paired_values, text) IS
'Kendall tau-b, as R cor.test';
COMMENT ON FUNCTION kc_kendall_correlation_final(paired_values) IS
'Kendall tau-b, as R cor.test with default options';
COMMENT ON AGGREGATE kendall_correlation(float8, float8) IS
'Kendall tau-b, as R cor.test with default options';
