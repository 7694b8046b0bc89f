-- The tests of chapters groups and paired on random data sets: one grouped query a test.
-- Reads rows.csv, writes answers.csv (variables rows and answers) and prints whether
-- swapped groups mirror one-sided p-values.
SET client_min_messages = warning;
SET extra_float_digits = 1;
CREATE EXTENSION IF NOT EXISTS ketocohort;
CREATE TEMP TABLE random_rows (
  set int, id int, x float8, y float8, z float8, arm boolean, grp text, a text, b text,
  response boolean, again boolean, third boolean, dose float8, stratum text
);
\copy random_rows FROM PROGRAM 'cat "$ORACLE_ROOM/rows.csv"' WITH (FORMAT csv, HEADER true, NULL '')
ANALYZE random_rows;
CREATE TEMP TABLE answers (test text, set int, result test_result);

-- Aggregates over the rows, and what is read off summaries.
CREATE TEMP TABLE calls (test text, call text);
INSERT INTO calls VALUES
  ('welch_t_test', 'welch_t_test(x, arm)'),
  ('welch_t_test less', 'welch_t_test(group_summary(x, arm), alternative => ''less'', conf_level => 0.9)'),
  ('welch_t_test greater', 'welch_t_test(group_summary(x, arm), alternative => ''greater'', conf_level => 0.9)'),
  ('student', 'welch_t_test(group_summary(x, arm), equal_variance => true, conf_level => 0.99)'),
  ('mann_whitney', 'mann_whitney(x, arm)'),
  ('mann_whitney less', 'mann_whitney(group_values(x, arm), ''less'')'),
  ('mann_whitney greater', 'mann_whitney(group_values(x, arm), ''greater'')'),
  ('mann_whitney normal', 'mann_whitney(group_values(x, arm), exact => false)'),
  ('mann_whitney normal less', 'mann_whitney(group_values(x, arm), ''less'', exact => false)'),
  ('mann_whitney plain greater', 'mann_whitney(group_values(x, arm), ''greater'', exact => false, correct => false)'),
  ('anova', 'anova(x, grp)'),
  ('anova welch', 'anova(group_summary(x, grp), welch => true)'),
  ('kruskal_wallis', 'kruskal_wallis(x, grp)'),
  ('levene_test', 'levene_test(group_values(x, grp))'),
  ('levene_test mean', 'levene_test(group_values(x, grp), ''mean'')'),
  ('chi_squared_test', 'chi_squared_test(a, b)'),
  ('chi_squared_test 2x2', 'chi_squared_test(arm, response)'),
  ('chi_squared_test plain', 'chi_squared_test(contingency_table(arm, response), false)'),
  ('fisher_exact_test 2x2', 'fisher_exact_test(arm, response)'),
  ('fisher_exact_test less', 'fisher_exact_test(contingency_table(arm, response), ''less'', 0.9)'),
  ('fisher_exact_test greater', 'fisher_exact_test(contingency_table(arm, response), ''greater'', 0.9)'),
  ('trend_test', 'trend_test(response, dose)'),
  ('mantel_haenszel_test', 'mantel_haenszel_test(arm, response, stratum)'),
  ('mantel_haenszel_test less', 'mantel_haenszel_test(stratified_table(arm, response, stratum), ''less'')'),
  ('mantel_haenszel_test greater', 'mantel_haenszel_test(stratified_table(arm, response, stratum), ''greater'', correct => false)'),
  ('pearson_correlation', 'pearson_correlation(x, y)'),
  ('pearson_correlation less', 'pearson_correlation(paired_summary(x, y), ''less'')'),
  ('spearman_correlation', 'spearman_correlation(x, y)'),
  ('spearman_correlation less', 'spearman_correlation(paired_values(x, y), ''less'')'),
  ('spearman_correlation greater', 'spearman_correlation(paired_values(x, y), ''greater'')'),
  ('kendall_correlation', 'kendall_correlation(x, y)'),
  ('kendall_correlation less', 'kendall_correlation(paired_values(x, y), ''less'')'),
  ('kendall_correlation greater', 'kendall_correlation(paired_values(x, y), ''greater'')'),
  ('paired_t_test', 'paired_t_test(x, y)'),
  ('paired_t_test less', 'paired_t_test(paired_summary(x, y), 0, ''less'', 0.9)'),
  ('paired_t_test greater', 'paired_t_test(paired_summary(x, y), 0, ''greater'', 0.9)'),
  ('dz', 'paired_effect_size(paired_summary(x, y))'),
  ('dav', 'paired_effect_size(paired_summary(x, y), ''dav'')'),
  ('srm', 'paired_effect_size(paired_summary(x, y), ''srm'')'),
  ('hedges_g', 'paired_effect_size(paired_summary(x, y), ''hedges_g'')'),
  ('wilcoxon_signed_rank', 'wilcoxon_signed_rank(x, y)'),
  ('wilcoxon_signed_rank less', 'wilcoxon_signed_rank(value_counts(y - x), 0, ''less'')'),
  ('wilcoxon_signed_rank pratt', 'wilcoxon_signed_rank(value_counts(y - x), 0, ''greater'', zeros => ''pratt'')'),
  ('wilcoxon_signed_rank normal', 'wilcoxon_signed_rank(value_counts(y - x), exact => false)'),
  ('wilcoxon_signed_rank plain', 'wilcoxon_signed_rank(value_counts(y - x), 0, ''greater'', exact => false, correct => false)'),
  ('sign_test', 'sign_test(x, y)'),
  ('sign_test less', 'sign_test(value_counts(y - x), 0, ''less'')'),
  ('mcnemar_test', 'mcnemar_test(response, again)'),
  ('mcnemar_test corrected', 'mcnemar_test(contingency_table(response, again), exact => false)'),
  ('mcnemar_test plain', 'mcnemar_test(contingency_table(response, again), false, false)');
SELECT format('INSERT INTO answers SELECT %L, set, %s FROM random_rows GROUP BY set', test, call)
FROM calls \gexec
-- larger tables take both sides long: every fourth set
INSERT INTO answers
SELECT 'fisher_exact_test', set, fisher_exact_test(a, b) FROM random_rows WHERE set % 4 = 0 GROUP BY set;
INSERT INTO answers
SELECT 'friedman_test', set, friedman_test(id::text, c.name, c.value)
FROM random_rows, LATERAL (VALUES ('x', x), ('y', y), ('z', z)) c (name, value) GROUP BY set;
INSERT INTO answers
SELECT 'cochran_q_test', set, cochran_q_test(id::text, c.name, c.value)
FROM random_rows, LATERAL (VALUES ('first', response), ('second', again), ('third', third)) c (name, value)
GROUP BY set;
INSERT INTO answers
SELECT 'standardized_mean_difference', set,
       jsonb_populate_record(NULL::test_result, jsonb_build_object('estimate', standardized_mean_difference(s)))
FROM (SELECT set, group_summary(x, grp) AS s FROM random_rows GROUP BY set) q;
INSERT INTO answers
SELECT 'cronbach_alpha', set,
       jsonb_populate_record(NULL::test_result, to_jsonb(c) || jsonb_build_object(
         'estimate', (c).alpha, 'effect_size', (c).alpha_standardized))
FROM (SELECT set, cronbach_alpha(ARRAY[x, y, z]) AS c FROM random_rows GROUP BY set) q;
INSERT INTO answers
SELECT c.measure, set, jsonb_populate_record(NULL::test_result, to_jsonb(c) - 'p_value' - 'method')
FROM (SELECT set, contingency_table(arm, response) AS s FROM random_rows GROUP BY set) q,
     compare_proportions(s) c
WHERE c.measure <> 'number needed to treat';
\copy (SELECT test, set, (result).n, (result).n_missing, (result).estimate, (result).std_error, (result).conf_low, (result).conf_high, (result).statistic, (result).df, (result).df2, (result).p_value, (result).effect_size, (result).method, (result).note FROM answers) TO PROGRAM 'cat > "$ORACLE_ROOM/answers.csv"' WITH (FORMAT csv, HEADER true)

-- ---- the other way round -------------------------------------------------------------

-- A test of swapped groups or pairs to "less" is that of the others to "greater".
CREATE TEMP TABLE mirrors (test text, less text, greater text);
INSERT INTO mirrors VALUES
  ('welch_t_test', 'welch_t_test(group_summary(x, NOT arm), alternative => ''less'', conf_level => 0.9)', 'welch_t_test greater'),
  ('mann_whitney', 'mann_whitney(group_values(x, NOT arm), ''less'')', 'mann_whitney greater'),
  ('mann_whitney without correction', 'mann_whitney(group_values(x, NOT arm), ''less'', exact => false, correct => false)',
   'mann_whitney plain greater'),
  ('fisher_exact_test', 'fisher_exact_test(contingency_table(NOT arm, response), ''less'', 0.9)', 'fisher_exact_test greater'),
  ('mantel_haenszel_test', 'mantel_haenszel_test(stratified_table(NOT arm, response, stratum), ''less'', correct => false)',
   'mantel_haenszel_test greater'),
  ('spearman_correlation', 'spearman_correlation(paired_values(-x, y), ''less'')', 'spearman_correlation greater'),
  ('kendall_correlation', 'kendall_correlation(paired_values(-x, y), ''less'')', 'kendall_correlation greater'),
  ('paired_t_test', 'paired_t_test(paired_summary(y, x), 0, ''less'', 0.9)', 'paired_t_test greater'),
  ('wilcoxon_signed_rank, Pratt', 'wilcoxon_signed_rank(value_counts(x - y), 0, ''less'', zeros => ''pratt'')',
   'wilcoxon_signed_rank pratt'),
  ('wilcoxon_signed_rank, normal', 'wilcoxon_signed_rank(value_counts(x - y), 0, ''less'', exact => false, correct => false)',
   'wilcoxon_signed_rank plain');
SELECT format(
  'SELECT CASE WHEN count(*) FILTER (WHERE wrong) = 0 THEN ''ok - '' ELSE ''not ok - '' END
          || %L || '': swapped, p of less is p of greater in '' || count(*) || '' sets''
          || coalesce(E''\n# set '' || min(set) FILTER (WHERE wrong), '''')
   FROM (SELECT set, (l.p IS NULL) <> ((r.result).p_value IS NULL)
                     OR abs(l.p - (r.result).p_value) > 1e-10 * greatest(l.p, 1e-290) AS wrong
         FROM (SELECT set, (%s).p_value AS p FROM random_rows GROUP BY set) l
              JOIN answers r USING (set) WHERE r.test = %L) q', test, less, greater)
FROM mirrors \gexec
