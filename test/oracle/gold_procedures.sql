-- One function per procedure of oracle.json: our figures in the shape of its result, from
-- the query that selects the case's input.  oracle.json's change is x - y, so y is
-- "before" and x is "after".

-- What ketocohort does not offer, so that no figure of oracle.json is left out silently.
CREATE TABLE gold.not_computed (procedure text, pattern text, reason text);

-- Figures of a reference that carry fewer digits than the case's own tolerance; a
-- difference within atol counts as none.
CREATE TABLE gold.tolerance (procedure text, pattern text, rtol float8, atol float8,
                             reason text);

CREATE FUNCTION gold.limits(low float8, high float8) RETURNS jsonb
LANGUAGE SQL RETURN jsonb_build_object('lower', low, 'upper', high);

-- The first row of a query without parameters, as jsonb; {} in the template is the input.
CREATE FUNCTION gold.row_of(template text, query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
BEGIN
  EXECUTE format('SELECT to_jsonb(r) FROM (%s) r', replace(template, '{}', query))
    INTO answer;
  RETURN answer;
END
$$;

-- ---- describe ----------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('describe', '^mad_const', 'median absolute deviation is not offered'),
  ('describe', '^(skewness|kurtosis_excess)_type1$', 'type 2 is offered (SAS, SPSS)'),
  ('describe', '^shapiro\.', 'Shapiro-Wilk is not offered');

CREATE FUNCTION gold.describe(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  d description;
  t test_result;
  s value_counts;
BEGIN
  EXECUTE format('SELECT value_counts(x) FROM (%s) q', query) INTO s;
  d := describe(s);
  t := t_test(s);
  RETURN jsonb_build_object(
    'n', d.n, 'missing', d.n_missing, 'mean', d.mean, 'sd', d.sd, 'se', t.std_error,
    'ci_mean', gold.limits(t.conf_low, t.conf_high), 'min', d.min, 'q1', d.q1,
    'median', d.median, 'q3', d.q3, 'max', d.max, 'iqr', d.q3 - d.q1,
    'skewness_type2', d.skewness, 'kurtosis_excess_type2', d.kurtosis,
    'quantile_type6', jsonb_build_array(quantile(s, 0.25, 6), quantile(s, 0.5, 6),
                                        quantile(s, 0.75, 6)),
    'quantile_type2_sas', jsonb_build_array(quantile(s, 0.25, 2), quantile(s, 0.5, 2),
                                            quantile(s, 0.75, 2)));
END
$$;

-- ---- paired change -----------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('paired_change', '^tied_abs$', 'a flag of the input; our note counts ties'),
  ('paired_change', '^effect_sizes\.glass_delta', 'Glass''s delta is not offered'),
  ('paired_change', '^shapiro_diff\.', 'Shapiro-Wilk is not offered'),
  ('paired_change', '^wilcoxon_R_default_4\.2\.2\.(method|note|ci_conf_level_attr)$',
   'words of R'),
  ('paired_change', '^wilcoxon_asymptotic_\w+\.(mean|sd|z|coin_z)$|^coin_wilcoxon_zero\.z$',
   'the statistic of our row is V; the p-value of the same z is checked'),
  ('paired_change', 'p_two_sided_midp$', 'mid-p is not offered for rank tests'),
  ('paired_change', '^exactRankTests\.',
   'asymptotic above 50 pairs, limits of the tied distribution below'),
  ('paired_change', '^wilcoxon_R_devel_4\.6',
   'depends on which column comes first (conventions, Wilcoxon box 3)'),
  ('paired_change', '^hodges_lehmann_\w+\.walsh_\w+\.(k|achieved_conf)$',
   'which order statistic was taken is not in the result row'),
  ('paired_change', '^sign_test\.ci95_prop\.', 'our interval is that of the median');

INSERT INTO gold.tolerance VALUES
  ('paired_change', '^wilcoxon_R_default_4\.2\.2\.(estimate|ci95)', NULL, 1e-4,
   'uniroot at tol = 1e-4; the _tol1e13 figures are checked at the case''s tolerance'),
  ('paired_change', '^wilcoxon_asymptotic_pratt\.coin_p$|^coin_wilcoxon_zero\.p$', 1e-6, NULL,
   'coin takes 1 - p');

CREATE FUNCTION gold.wilcoxon(s value_counts, alternative text = 'two.sided',
                              exact boolean = NULL, zeros text = 'wilcoxon',
                              correct boolean = true)
RETURNS test_result LANGUAGE SQL
RETURN wilcoxon_signed_rank(s, alternative => alternative, exact => exact, zeros => zeros,
                            correct => correct);

-- Estimate and limits of one call.
CREATE FUNCTION gold.walsh(t test_result) RETURNS jsonb
LANGUAGE SQL RETURN jsonb_build_object('estimate', t.estimate,
                                       'ci95', gold.limits(t.conf_low, t.conf_high));

CREATE FUNCTION gold.exact_wilcoxon(s value_counts, n_used int8, zeros text) RETURNS jsonb
LANGUAGE SQL RETURN jsonb_build_object(
  'V', (gold.wilcoxon(s, exact => true, zeros => zeros)).statistic,
  'n_used', n_used,
  'p_less', (gold.wilcoxon(s, 'less', exact => true, zeros => zeros)).p_value,
  'p_greater', (gold.wilcoxon(s, 'greater', exact => true, zeros => zeros)).p_value,
  'p_two_sided_2min', (gold.wilcoxon(s, exact => true, zeros => zeros)).p_value);

CREATE FUNCTION gold.hodges_lehmann(s value_counts) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  exact test_result := gold.wilcoxon(s, exact => true);
  approximate test_result := gold.wilcoxon(s, exact => false);
BEGIN
  RETURN jsonb_build_object(
    'n', exact.n, 'pseudo_median', exact.estimate,
    'walsh_exact_ci', gold.limits(exact.conf_low, exact.conf_high),
    'walsh_normal_ci', gold.limits(approximate.conf_low, approximate.conf_high));
END
$$;

-- The Wilcoxon part.  R 4.2 drops zeros before it estimates, we keep them: its figures
-- are compared with ours on the changes that are not zero.
CREATE FUNCTION gold.paired_wilcoxon(changes value_counts, nonzero value_counts,
                                     r_is_exact boolean)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  by_default test_result := gold.wilcoxon(nonzero, exact => r_is_exact);
  cc test_result := gold.wilcoxon(nonzero, exact => false);
  nocc test_result := gold.wilcoxon(nonzero, exact => false, correct => false);
  pratt test_result := gold.wilcoxon(changes, exact => false, zeros => 'pratt',
                                     correct => false);
  p_cc float8 := (gold.wilcoxon(changes, exact => false)).p_value;
  p_nocc float8 := (gold.wilcoxon(changes, exact => false, correct => false)).p_value;
BEGIN
  RETURN jsonb_build_object(
    'wilcoxon_R_default_4.2.2',
    gold.walsh(by_default)
    || jsonb_build_object('V', (gold.wilcoxon(changes)).statistic,
                          'p', (gold.wilcoxon(changes, exact => r_is_exact)).p_value),
    'wilcoxon_R_default_4.2.2_tol1e13', gold.walsh(by_default),
    'wilcoxon_asymptotic_cc',
    gold.walsh(cc) || jsonb_build_object('V', cc.statistic, 'p', p_cc, 'R_p', cc.p_value),
    'wilcoxon_asymptotic_nocc',
    gold.walsh(nocc)
    || jsonb_build_object('V', nocc.statistic, 'p', p_nocc, 'R_p', nocc.p_value),
    'wilcoxon_asymptotic_pratt',
    jsonb_build_object('V', pratt.statistic, 'p', pratt.p_value, 'coin_p', pratt.p_value),
    'coin_wilcoxon_zero', jsonb_build_object('p', p_nocc),
    'wilcoxon_exact_conditional',
    gold.exact_wilcoxon(changes, n_used(nonzero), 'wilcoxon'),
    'wilcoxon_exact_conditional_pratt',
    gold.exact_wilcoxon(changes, n_used(nonzero), 'pratt'),
    'hodges_lehmann_zeros_dropped', gold.hodges_lehmann(nonzero),
    'hodges_lehmann_zeros_kept', gold.hodges_lehmann(changes),
    'rank_biserial_matched', (gold.wilcoxon(changes)).effect_size);
END
$$;

CREATE FUNCTION gold.paired_moments(s paired_summary) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  t test_result := paired_t_test(s);
  t90 test_result := paired_t_test(s, conf_level => 0.9);
  dz test_result := paired_effect_size(s);
  dav test_result := paired_effect_size(s, 'dav');
BEGIN
  RETURN jsonb_build_object(
    'se_diff', t.std_error,
    'paired_t', jsonb_build_object(
      't', t.statistic, 'df', t.df, 'p_two_sided', t.p_value,
      'p_greater', (paired_t_test(s, alternative => 'greater')).p_value,
      'p_less', (paired_t_test(s, alternative => 'less')).p_value,
      'estimate', t.estimate, 'ci95', gold.limits(t.conf_low, t.conf_high),
      'ci90', gold.limits(t90.conf_low, t90.conf_high)),
    'effect_sizes', jsonb_build_object(
      'cohen_dz', dz.estimate, 'cohen_dav', dav.estimate,
      'dz_ci95_noncentral_t', gold.limits(dz.conf_low, dz.conf_high),
      'dav_var_borenstein', dav.std_error ^ 2,
      'hedges_gz_exactJ', (paired_effect_size(s, 'hedges_g')).estimate,
      'cohen_drm', (paired_effect_size(s, 'drm')).estimate,
      'srm', (paired_effect_size(s, 'srm')).estimate));
END
$$;

CREATE FUNCTION gold.paired_change(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  input record;
  d paired_description;
  sign test_result;
BEGIN
  EXECUTE format('SELECT describe_paired(y, x) AS description, paired_summary(y, x) AS sums,
                         value_counts(x - y) AS changes,
                         value_counts(x - y) FILTER (WHERE x <> y) AS nonzero,
                         sign_test(y, x) AS sign,
                         count(*) < 50 AND count(DISTINCT abs(x - y)) = count(*)
                         AND NOT bool_or(x = y) AS r_is_exact
                  FROM (%s) q WHERE x IS NOT NULL AND y IS NOT NULL', query) INTO input;
  d := input.description;
  sign := input.sign;
  RETURN gold.paired_moments(input.sums)
    || gold.paired_wilcoxon(input.changes, input.nonzero, input.r_is_exact)
    || jsonb_build_object(
         'n', d.n, 'mean_x', d.mean_after, 'sd_x', d.sd_after, 'mean_y', d.mean_before,
         'sd_y', d.sd_before, 'r_xy', d.correlation, 'mean_diff', d.mean_change,
         'sd_diff', d.sd_change, 'median_diff', d.median_change, 'zeros', d.n_unchanged,
         'positives', d.n_increased, 'negatives', d.n_decreased,
         'sign_test', jsonb_build_object('positives', sign.statistic,
                                         'n_nonzero', n_used(input.nonzero),
                                         'p', sign.p_value));
END
$$;

-- ---- categories before and after ----------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('mcnemar', '^p_midp$', 'mid-p is not offered for McNemar''s test'),
  ('mcnemar', '^or_ci_exact\.', 'our interval is that of the difference of proportions');

-- Here b is before and a is after: the risk difference is a - b.
CREATE FUNCTION gold.mcnemar(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  t contingency_table;
  n int8[];
  exact test_result;
  corrected test_result;
  plain test_result;
BEGIN
  EXECUTE format('SELECT contingency_table(b = 1, a = 1),
                         ARRAY[n_used(contingency_table(b = 1, a = 1) FILTER (WHERE a * b = 1)),
                               n_used(contingency_table(b = 1, a = 1) FILTER (WHERE a > b)),
                               n_used(contingency_table(b = 1, a = 1) FILTER (WHERE a < b)),
                               n_used(contingency_table(b = 1, a = 1) FILTER (WHERE a + b = 0))]
                  FROM (%s) q', query) INTO t, n;
  exact := mcnemar_test(t);
  corrected := mcnemar_test(t, exact => false);
  plain := mcnemar_test(t, exact => false, correct => false);
  RETURN jsonb_build_object(
    'n11', coalesce(n[1], 0), 'n10', coalesce(n[2], 0), 'n01', coalesce(n[3], 0),
    'n00', coalesce(n[4], 0), 'chi2_cc', corrected.statistic, 'p_cc', corrected.p_value,
    'chi2', plain.statistic, 'p', plain.p_value, 'p_exact', exact.p_value,
    'odds_ratio_conditional', exact.effect_size, 'risk_difference', exact.estimate,
    'rd_wald_ci', gold.limits(exact.conf_low, exact.conf_high));
END
$$;

-- ---- one proportion -------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('proportion_ci', '^jeffreys_equal_tailed\.',
   'with no event or only events we set the limit to 0 or 1 (Brown, Cai and DasGupta)');

CREATE FUNCTION gold.proportion_ci(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  events int8;
  total int8;
  answer jsonb := '{}';
  method text;
  ci proportion_result;
  half contingency_table;
BEGIN
  EXECUTE query INTO events, total;
  FOREACH method IN ARRAY '{wald,wilson,wilson_cc,clopper_pearson,agresti_coull,jeffreys}'::text[]
  LOOP
    ci := proportion_ci(events, total, method);
    answer := answer || jsonb_build_object(
      CASE method WHEN 'jeffreys' THEN 'jeffreys_brown_cai_dasgupta' ELSE method END,
      gold.limits(ci.conf_low, ci.conf_high)
      || CASE WHEN method = 'agresti_coull'
              THEN jsonb_build_object('estimate', (ci.conf_low + ci.conf_high) / 2)
              ELSE '{}' END);
    IF method = 'jeffreys' AND events > 0 AND events < total THEN
      answer := answer || jsonb_build_object('jeffreys_equal_tailed',
                                             gold.limits(ci.conf_low, ci.conf_high));
    END IF;
  END LOOP;
  -- A test of one half is McNemar's test of so many changes each way.
  SELECT contingency_table(i > events, i <= events) INTO half
  FROM generate_series(1, total) i;
  RETURN answer || jsonb_build_object(
    'x', ci.events, 'n', ci.n, 'p', ci.estimate,
    'binom_test_p_half', (mcnemar_test(half)).p_value,
    'prop_test_p_half_nocc', (mcnemar_test(half, exact => false, correct => false)).p_value);
END
$$;

-- ---- repeated values --------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('friedman', '^iman_davenport\.', 'the F form is not offered');

-- The columns a, b, c ... are the conditions.
CREATE FUNCTION gold.friedman(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  t test_result;
BEGIN
  EXECUTE format('SELECT (friedman_test(subject::text, j.key, j.value::float8)).*
                  FROM (SELECT row_number() OVER () AS subject, to_jsonb(q) AS row
                        FROM (%s) q) r, jsonb_each_text(r.row) j', query) INTO t;
  RETURN jsonb_build_object('n', t.n, 'k', t.df + 1, 'chi2', t.statistic, 'df', t.df,
                            'p', t.p_value, 'kendall_w', t.effect_size);
END
$$;

CREATE FUNCTION gold.cochran_q(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  t test_result;
BEGIN
  EXECUTE format('SELECT (cochran_q_test(subject::text, j.key, j.value = ''1'')).*
                  FROM (SELECT row_number() OVER () AS subject, to_jsonb(q) AS row
                        FROM (%s) q) r, jsonb_each_text(r.row) j', query) INTO t;
  RETURN jsonb_build_object('Q', t.statistic, 'df', t.df, 'p', t.p_value);
END
$$;

-- ---- correlation --------------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('correlation', '^spearman\.ci95_fisher\.', 'our interval is that of Bonett and Wright'),
  ('correlation', '^spearman\.p_t_approx$', 'with ties only, as R');

CREATE FUNCTION gold.correlation(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  r test_result;
  rho test_result;
  tau test_result;
BEGIN
  EXECUTE format('SELECT (pearson_correlation(x, y)).* FROM (%s) q', query) INTO r;
  EXECUTE format('SELECT (spearman_correlation(x, y)).* FROM (%s) q', query) INTO rho;
  EXECUTE format('SELECT (kendall_correlation(x, y)).* FROM (%s) q', query) INTO tau;
  RETURN jsonb_build_object(
    'n', r.n,
    'pearson', jsonb_build_object('r', r.estimate, 't', r.statistic, 'df', r.df,
                                  'p', r.p_value,
                                  'ci95_fisher', gold.limits(r.conf_low, r.conf_high)),
    'spearman', jsonb_build_object('rho', rho.estimate, 'S', rho.statistic,
                                   'p_R_default', rho.p_value,
                                   'ci95_bonett_wright', gold.limits(rho.conf_low, rho.conf_high),
                                   'ties', rho.note = 'ties' IS TRUE)
                || CASE WHEN rho.note = 'ties'
                        THEN jsonb_build_object('p_t_approx', rho.p_value) ELSE '{}' END,
    'kendall_tau_b', jsonb_build_object('tau', tau.estimate, 'p_R', tau.p_value));
END
$$;

-- ---- independent groups ----------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('two_sample', '^f_test\.', 'the F test of two variances is not offered; levene_test is'),
  ('two_sample', '^hedges_g_approxJ$', 'the exact correction is offered'),
  ('two_sample', '^d_ci95_', 'no interval of the standardized difference'),
  ('two_sample', '^mann_whitney_R_default_4\.2\.2\.method$', 'words of R'),
  ('two_sample', '^mann_whitney_asym_cc\.estimate_tol1e13$',
   'where R''s normal statistic is 0; ours is the median of the differences'),
  ('two_sample', 'p_two_sided_absdev$|^exactRankTests_p$',
   'both tails by distance from the mean; ours doubles the smaller tail'),
  ('k_sample', '^anova\.(ss_between|ss_within|omega_sq)$', 'not in the result row'),
  ('k_sample', '^bartlett\.', 'Bartlett''s test is not offered; levene_test is'),
  ('k_sample', '^(tukey|pairwise_t_pooled_holm)\.', 'not offered with a common variance');

INSERT INTO gold.tolerance VALUES
  ('two_sample', '^mann_whitney_R_default_4\.2\.2\.(estimate|ci95)', NULL, 1e-4,
   'uniroot at tol = 1e-4; the _tol1e13 limits are checked at the case''s tolerance');

-- Group 1 is true, so that its mean comes first in the difference.
CREATE FUNCTION gold.two_sample(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  input record;
  one description;
  two description;
  moments group_summary;
  counted group_values;
  student test_result;
  welch test_result;
  mw test_result;
BEGIN
  EXECUTE format('SELECT describe(v) FILTER (WHERE g = 1) AS one,
                         describe(v) FILTER (WHERE g = 0) AS two,
                         group_summary(v, g = 1) AS moments, group_values(v, g = 1) AS counted
                  FROM (%s) q', query) INTO input;
  one := input.one;
  two := input.two;
  moments := input.moments;
  counted := input.counted;
  student := welch_t_test(moments, equal_variance => true);
  welch := welch_t_test(moments, type => 'g');
  mw := mann_whitney(counted, exact => false);
  RETURN jsonb_build_object(
    'n1', one.n, 'n2', two.n, 'mean1', one.mean, 'mean2', two.mean, 'sd1', one.sd,
    'sd2', two.sd, 'median1', one.median, 'median2', two.median,
    'student', jsonb_build_object('t', student.statistic, 'df', student.df,
                                  'p', student.p_value, 'diff', student.estimate,
                                  'ci95', gold.limits(student.conf_low, student.conf_high)),
    'welch', jsonb_build_object('t', welch.statistic, 'df', welch.df, 'p', welch.p_value,
                                'se', welch.std_error,
                                'ci95', gold.limits(welch.conf_low, welch.conf_high)),
    'cohen_d', student.effect_size, 'hedges_g_exactJ', welch.effect_size,
    'mann_whitney_R_default_4.2.2',
    gold.walsh(mw) || jsonb_build_object('W', mw.statistic, 'p', mw.p_value),
    'mann_whitney_asym_cc',
    jsonb_build_object('W', mw.statistic, 'p', mw.p_value,
                       'ci95_tol1e13', gold.limits(mw.conf_low, mw.conf_high)),
    'mann_whitney_asym_nocc_p',
    (mann_whitney(counted, exact => false, correct => false)).p_value,
    'mann_whitney_exact_conditional',
    jsonb_build_object(
      'p_less', (mann_whitney(counted, 'less', exact => true)).p_value,
      'p_greater', (mann_whitney(counted, 'greater', exact => true)).p_value,
      'p_two_sided_2min', (mann_whitney(counted, exact => true)).p_value),
    'hodges_lehmann_shift', mw.estimate, 'auc_prob_superiority', (1 + mw.effect_size) / 2,
    'cliffs_delta', mw.effect_size);
END
$$;

-- p-values of every pair of groups, adjusted, in R's lower triangle.
CREATE FUNCTION gold.pairwise_wilcoxon(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
BEGIN
  EXECUTE format($query$
    WITH v AS (%s), labels AS (SELECT DISTINCT g FROM v),
    pairs AS (
      SELECT a.g AS a, b.g AS b, row_number() OVER () AS n,
             (SELECT (mann_whitney(group_values(v.v, v.g), exact => false)).p_value
              FROM v WHERE v.g IN (a.g, b.g)) AS p
      FROM labels a JOIN labels b ON a.g < b.g),
    adjusted AS (SELECT p_adjust(array_agg(p ORDER BY n)) AS p FROM pairs)
    SELECT jsonb_object_agg(a, row) FROM
      (SELECT b.g AS a, jsonb_object_agg(a.g, adjusted.p[pairs.n]) AS row
       FROM labels b CROSS JOIN labels a CROSS JOIN adjusted
            LEFT JOIN pairs ON pairs.a = a.g AND pairs.b = b.g
       WHERE b.g > (SELECT min(g) FROM labels) AND a.g < (SELECT max(g) FROM labels)
       GROUP BY b.g) r $query$, query) INTO answer;
  RETURN answer;
END
$$;

CREATE FUNCTION gold.k_sample(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  moments group_summary;
  counted group_values;
  sizes jsonb;
  kw test_result;
  f test_result;
  welch test_result;
  median test_result;
  mean test_result;
BEGIN
  EXECUTE format('SELECT group_summary(v, g), group_values(v, g) FROM (%s) q', query)
    INTO moments, counted;
  EXECUTE format('SELECT jsonb_object_agg(g, n) FROM (SELECT g, count(v) AS n FROM (%s) q GROUP BY g) r',
                 query) INTO sizes;
  kw := kruskal_wallis(counted);
  f := anova(moments);
  welch := anova(moments, welch => true);
  median := levene_test(counted);
  mean := levene_test(counted, 'mean');
  RETURN jsonb_build_object(
    'N', f.n, 'k', f.df + 1, 'group_n', sizes,
    'kruskal_wallis', jsonb_build_object('H', kw.statistic, 'df', kw.df, 'p', kw.p_value,
                                         'epsilon_sq', kw.effect_size),
    'anova', jsonb_build_object('F', f.statistic, 'df1', f.df, 'df2', f.df2, 'p', f.p_value,
                                'eta_sq', f.effect_size),
    'welch_anova', jsonb_build_object('F', welch.statistic, 'df1', welch.df, 'df2', welch.df2,
                                      'p', welch.p_value),
    'brown_forsythe_median', jsonb_build_object('F', median.statistic, 'p', median.p_value),
    'levene_mean', jsonb_build_object('F', mean.statistic, 'p', mean.p_value),
    'pairwise_wilcox_holm_cc', gold.pairwise_wilcoxon(query));
END
$$;

-- ---- tables ------------------------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('contingency', '^(observed|expected|std_residuals)\.\w+\.excel$',
   'a level that never occurs is not in a table of text'),
  ('contingency', '^(chisq\.|cramers_v$|min_expected$)',
   'R has no chi-squared of a table with an empty column; where it has one we compare'),
  ('contingency', '^G2\.', 'the likelihood ratio is not offered');

-- The cases on chronic pain call the fifth level excel; in the data it is excellent, so
-- that R took these rows for missing.  We do the same, here and for the trend.
CREATE FUNCTION gold.contingency(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  t contingency_table;
  chi test_result;
  answer jsonb;
BEGIN
  EXECUTE format('SELECT contingency_table(g, nullif(r, ''excellent'')) FROM (%s) q', query)
    INTO t;
  chi := chi_squared_test(t);
  SELECT jsonb_build_object('observed', jsonb_object_agg(a, observed),
                            'expected', jsonb_object_agg(a, expected),
                            'std_residuals', jsonb_object_agg(a, residual))
  INTO answer
  FROM (SELECT a, jsonb_object_agg(b, n) AS observed, jsonb_object_agg(b, expected) AS expected,
               jsonb_object_agg(b, residual / sqrt((1 - row_n / total) * (1 - col_n / total)))
                 AS residual
        FROM (SELECT c.*, sum(n) OVER (PARTITION BY a)::float8 AS row_n,
                     sum(n) OVER (PARTITION BY b)::float8 AS col_n,
                     sum(n) OVER ()::float8 AS total FROM cells(t) c) c
        GROUP BY a) r;
  IF (SELECT c.result #>> '{chisq,X2}' FROM gold.cases c
      WHERE c.procedure = 'contingency' AND c.query = contingency.query) IS NOT NULL THEN
    answer := answer || jsonb_build_object(
      'chisq', jsonb_build_object('X2', chi.statistic, 'df', chi.df, 'p', chi.p_value),
      'cramers_v', chi.effect_size, 'min_expected', (SELECT min(expected) FROM cells(t)));
  END IF;
  RETURN answer || jsonb_build_object('fisher_p', (fisher_exact_test(t)).p_value);
END
$$;

CREATE FUNCTION gold.cochran_armitage(query text) RETURNS jsonb
LANGUAGE SQL AS $$
  SELECT gold.row_of('
    SELECT (t).statistic AS chi2, (t).p_value AS p
    FROM (SELECT trend_test(e = 1, array_position(
                   ''{poor,fair,moderate,good,excel}'', r)::float8) AS t FROM ({}) q) r', query)
$$;

CREATE FUNCTION gold.cmh(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  table_of stratified_table;
  plain test_result;
  corrected test_result;
BEGIN
  EXECUTE format('SELECT stratified_table(a::text, b::text, s::text) FROM (%s) q', query)
    INTO table_of;
  plain := mantel_haenszel_test(table_of, correct => false);
  corrected := mantel_haenszel_test(table_of);
  RETURN jsonb_build_object(
    'chi2', plain.statistic, 'p', plain.p_value,
    'chi2_cc', corrected.statistic, 'p_cc', corrected.p_value,
    'common_or', plain.estimate, 'ci95_rgb', gold.limits(plain.conf_low, plain.conf_high));
END
$$;

-- ---- several comparisons ---------------------------------------------------------------

CREATE FUNCTION gold.p_adjust(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  raw float8[];
BEGIN
  EXECUTE format('SELECT array_agg(p) FROM (%s) q', query) INTO raw;
  RETURN (SELECT jsonb_build_object('p', raw) || jsonb_object_agg(m, p_adjust(raw, m))
          FROM unnest('{bonferroni,holm,hochberg,hommel,BH,BY}'::text[]) m);
END
$$;

-- ---- questionnaires --------------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('hads', '^alpha\.', 'alpha is compared in procedure cronbach_alpha');

-- The case has the depression items only.
CREATE FUNCTION gold.hads(query text) RETURNS jsonb
LANGUAGE SQL AS $$
  SELECT gold.row_of('
    SELECT count(*) AS n, count(*) FILTER (WHERE n_answered = 7) AS complete,
           avg(depression::float8) AS mean, stddev(depression::float8) AS sd,
           count(*) FILTER (WHERE depression_category = ''normal'') AS normal_0_7,
           count(*) FILTER (WHERE depression_category = ''borderline'') AS borderline_8_10,
           count(*) FILTER (WHERE depression_category = ''abnormal'') AS case_11_21,
           count(*) FILTER (WHERE depression > 7) AS gt7
    FROM ({}) q, LATERAL hads_score(ARRAY[NULL, hads_2, NULL, hads_4, NULL, hads_6, NULL,
                                          hads_8, NULL, hads_10, NULL, hads_12, NULL,
                                          hads_14])', query)
$$;

-- The case has no query: its items are in its result.
CREATE FUNCTION gold.sf12_v1(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
  RETURN (
    SELECT jsonb_agg(jsonb_build_object(
             'items', v -> 'items',
             'score', jsonb_build_object('pcs12', score.pcs, 'mcs12', score.mcs)) ORDER BY e.n)
    FROM gold.cases c,
         jsonb_array_elements(c.result) WITH ORDINALITY e (v, n),
         LATERAL sf12_score(ARRAY(SELECT i::int FROM jsonb_array_elements_text(v -> 'items')
                                       WITH ORDINALITY x (i, m) ORDER BY m)) score
    WHERE c.procedure = 'sf12_v1');
END
$$;

-- ---- doses -----------------------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('mme', '^(names|columns)\.', 'names of R''s lists');

-- Which product each medication of the synthetic trial is; in heal2025 long-acting forms
-- have the factor of the drug.
CREATE TABLE gold.heal_product (medication_name text, drug text, unit text, route text);
INSERT INTO gold.heal_product VALUES
  ('Buprenorphine buccal film (mcg) buccal', 'buprenorphine', 'mcg', 'buccal'),
  ('Buprenorphine patch (mcg/hr) transdermal', 'buprenorphine', 'mcg/h', 'transdermal'),
  ('Buprenorphine tablet/film (mg) sublingual', 'buprenorphine', 'mg', 'sublingual'),
  ('butorphanol (mg)', 'butorphanol', 'mg', 'nasal'),
  ('Codeine (mg)', 'codeine', 'mg', 'oral'),
  ('Dihydrocodeine (mg)', 'dihydrocodeine', 'mg', 'oral'),
  ('Fentanyl buccal (mcg)', 'fentanyl', 'mcg', 'buccal'),
  ('Fentanyl nasal (mcg)', 'fentanyl', 'mcg', 'nasal'),
  ('Fentanyl oral (mcg)', 'fentanyl', 'mcg', 'oromucosal'),
  ('Fentanyl patch (mcg/hr)', 'fentanyl', 'mcg/h', 'transdermal'),
  ('Hydrocodone (mg)', 'hydrocodone', 'mg', 'oral'),
  ('Hydrocodone LA (mg)', 'hydrocodone', 'mg', 'oral'),
  ('Hydromorphone (mg)', 'hydromorphone', 'mg', 'oral'),
  ('Hydromorphone (mg) LA', 'hydromorphone', 'mg', 'oral'),
  ('Levorphanol tartrate (mg)', 'levorphanol', 'mg', 'oral'),
  ('Meperidine HCL (mg)', 'meperidine', 'mg', 'oral'),
  ('Methadone (mg)', 'methadone', 'mg', 'oral'),
  ('Morphine (mg)', 'morphine', 'mg', 'oral'),
  ('Morphine (mg) LA', 'morphine', 'mg', 'oral'),
  ('Opium (mg)', 'opium', 'mg', 'oral'),
  ('Oxycodone (mg)', 'oxycodone', 'mg', 'oral'),
  ('Oxycodone (mg) LA', 'oxycodone', 'mg', 'oral'),
  ('Oxymorphone (mg)', 'oxymorphone', 'mg', 'oral'),
  ('Oxymorphone (mg) LA', 'oxymorphone', 'mg', 'oral'),
  ('Pentazocine (mg)', 'pentazocine', 'mg', 'oral'),
  ('tapentadol (mg)', 'tapentadol', 'mg', 'oral'),
  ('tapentadol (mg) LA', 'tapentadol', 'mg', 'oral'),
  ('tramadol (mg)', 'tramadol', 'mg', 'oral'),
  ('tramadol (mg) LA', 'tramadol', 'mg', 'oral');

CREATE FUNCTION gold.mme(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
  IF query ~ 'mimic' THEN
    RETURN gold.mme_mimic(query);
  END IF;
  RETURN gold.mme_heal(query);
END
$$;

-- The ingredient is the name in front of the brand or form in the order's text.
CREATE FUNCTION gold.mme_mimic(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  n jsonb;
  sums jsonb;
  answer jsonb;
BEGIN
  EXECUTE format('SELECT jsonb_object_agg(upper(d), n), jsonb_object_agg(upper(d), s)
                  FROM (SELECT opioid_ingredient(drug) AS d, count(*) AS n,
                               sum(mme(drug, dose, ''mg'', ''oral'')) AS s
                        FROM (%s) q GROUP BY 1) g', query) INTO n, sums;
  EXECUTE format('SELECT jsonb_build_object(''orders'', count(*), ''patients'',
                           count(DISTINCT subject_id), ''total_mme'',
                           sum(mme(drug, dose, ''mg'', ''oral'')))
                  FROM (%s) q', replace(query, 'SELECT drug', 'SELECT subject_id, drug'))
    INTO answer;
  RETURN answer
    || jsonb_build_object('by_drug_n', n, 'by_drug_mme_sum', sums)
    || (SELECT jsonb_build_object(
          'non_numeric_dose_values',
          count(*) FILTER (WHERE dose_val_rx !~ '^[0-9]+(\.[0-9]+)?$'),
          'fentanyl_patch_orders', count(*) FILTER (WHERE drug = 'Fentanyl Patch'),
          'fentanyl_patch_mme_per_day_sum',
          sum(mme(drug, dose_val_rx::float8, dose_unit_rx, 'transdermal'))
            FILTER (WHERE drug = 'Fentanyl Patch'))
        FROM mimic3demo_prescriptions);
END
$$;

-- NIH HEAL's four definitions, which need no dates: total dose in MME over days of
-- supply, days of therapy and the observation window, and the sum of the daily doses.  The days of therapy and of
-- observation are those of a patient's first row.
CREATE FUNCTION gold.mme_heal(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
  DROP TABLE IF EXISTS patients;
  EXECUTE format($query$
    CREATE TEMP TABLE patients AS
    SELECT patient_id, therapy_days, observation_window_days,
           sum(daily * days_of_medication) AS total_mme,
           sum(days_of_medication) AS total_days,
           sum(daily * days_of_medication) / sum(days_of_medication) AS mme1,
           sum(daily * days_of_medication) / therapy_days AS mme2,
           sum(daily * days_of_medication) / observation_window_days AS mme3,
           sum(daily) AS mme4
    FROM (SELECT patient_id, days_of_medication,
                 first_value(therapy_days) OVER first AS therapy_days,
                 first_value(observation_window_days) OVER first AS observation_window_days,
                 mme(p.drug, dose * doses_per_24_hours, p.unit, p.route, 'heal2025') AS daily
          FROM (%s) q JOIN gold.heal_product p USING (medication_name)
          WINDOW first AS (PARTITION BY patient_id ORDER BY file_row)) r
    GROUP BY patient_id, therapy_days, observation_window_days $query$, query);
  RETURN jsonb_build_object(
    'n_patients', (SELECT count(*) FROM patients),
    'column_sums',
    (SELECT to_jsonb(s)
     FROM (SELECT sum(therapy_days) AS therapy_days,
                  sum(observation_window_days) AS observation_window_days,
                  sum(total_mme) AS total_mme, sum(total_days) AS total_days,
                  sum(mme1) AS mme1, sum(mme2) AS mme2, sum(mme3) AS mme3,
                  sum(mme4) AS mme4 FROM patients) s),
    'first_patients',
    (SELECT jsonb_agg(to_jsonb(p) ORDER BY patient_id)
     FROM (SELECT * FROM patients ORDER BY patient_id LIMIT 10) p),
    'factors',
    (SELECT jsonb_agg(jsonb_build_object(
              'medication_name', f ->> 'medication_name',
              'factor', mme_factor(p.drug, p.unit, p.route, 'heal2025')) ORDER BY e.n)
     FROM gold.cases c,
          jsonb_array_elements(c.result -> 'factors') WITH ORDINALITY e (f, n)
          JOIN gold.heal_product p ON p.medication_name = f ->> 'medication_name'
     WHERE c.procedure = 'mme' AND c.query = mme_heal.query));
END
$$;

-- ---- mediation ---------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('mediation', '^aroian\.[zp]$|^goodman\.', 'Sobel''s test is offered, Aroian''s error with method product'),
  ('mediation', '^proportion_mediated\.standardized_ab$', 'standardize before'),
  ('mediation', '^bootstrap\.(B|seed|rng|mc_se_.*|bca\.(z0|acceleration_jackknife|p_lower|p_upper|mc_se_.*))$',
   'settings and steps of R''s run'),
  ('mediation', '^bootstrap\.prop_mediated_percentile\.(median|mc_se_.*|share_.*)$',
   'our estimate is the ratio of the estimates'),
  ('mediation', '^mediation_package_quasi_bayes\.(version|sims|seeds|note|mc_sd_over_seeds)',
   'settings of R''s run'),
  ('mediation', '^mediation_package_quasi_bayes\.mean_over_seeds\.(acme|ade|total|prop)$',
   'means and medians of draws; our estimates are those of the regressions');

-- Truth where ours lies within four Monte-Carlo standard errors of it, else ours.
CREATE FUNCTION gold.within_noise(ours float8, truth jsonb, error float8) RETURNS jsonb
LANGUAGE SQL AS $$
  SELECT CASE WHEN abs(ours - (truth #>> '{}')::float8) < 4 * error THEN truth
         ELSE to_jsonb(ours) END
$$;

-- Columns of a case: treatment, mediator, outcome, covariates.  Simulated limits are
-- compared within the noise of both runs.
CREATE FUNCTION gold.mediation(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  columns text[] := string_to_array(substring(query FROM 'SELECT (.*) FROM'), ', ');
  truth jsonb := (SELECT c.result FROM gold.cases c WHERE c.query = mediation.query);
  bayes jsonb := truth -> 'mediation_package_quasi_bayes';
  boot jsonb := truth -> 'bootstrap';
  sample mediation_sample;
  r mediation_result;
  answer jsonb;
  effects jsonb;
  simulated jsonb;
BEGIN
  EXECUTE format('SELECT mediation_sample(%s, ARRAY[%s]) FROM (%s) q',
                 array_to_string(columns[:3], ', '), array_to_string(columns[4:], ', '), query)
    INTO sample;
  EXECUTE format('SELECT (mediation(%s, ARRAY[%s])).* FROM (%s) q',
                 array_to_string(columns[:3], ', '), array_to_string(columns[4:], ', '), query)
    INTO r;
  SELECT jsonb_object_agg(e.effect, to_jsonb(e)) INTO effects FROM mediation_effects(sample) e;
  answer := jsonb_build_object(
    'n', r.n, 'a', r.a, 'p_a', r.a_p, 'b', r.b, 'p_b', r.b_p, 'cprime', r.direct,
    'p_cprime', r.direct_p, 'c_total', r.total, 'p_c', r.total_p,
    'se_a', effects #> '{a,std_error}', 'se_b', effects #> '{b,std_error}',
    'se_cprime', effects #> '{direct,std_error}', 'se_c', effects #> '{total,std_error}',
    'indirect_ab', r.indirect, 'total_equals_cprime_plus_ab', r.direct + r.indirect,
    'sobel', jsonb_build_object('se', effects #> '{indirect,std_error}',
      'z', effects #> '{indirect,statistic}', 'p', effects #> '{indirect,p_value}')
      || gold.limits((effects #>> '{indirect,conf_low}')::float8,
                     (effects #>> '{indirect,conf_high}')::float8),
    'aroian', (SELECT jsonb_build_object('se', e.std_error)
               FROM mediation_effects(sample, 'product') e WHERE e.effect = 'indirect'),
    'distribution_of_product_ci', gold.limits(r.indirect_low, r.indirect_high),
    'proportion_mediated', jsonb_build_object(
      'ab_over_c', r.proportion_mediated,
      'ab_over_ab_plus_cprime', r.indirect / (r.indirect + r.direct),
      'inconsistent_sign', coalesce(r.note ~ 'total effect have opposite', false),
      'total_ci_includes_zero', coalesce(r.note ~ 'total effect holds 0', false),
      'delta_method', gold.limits(r.proportion_low, r.proportion_high)
        || jsonb_build_object('se', effects #> '{proportion_mediated,std_error}')));

  -- percentile and BCa limits, 20 000 replicates as R's, so that the noise is R's twice
  SELECT jsonb_object_agg(e.method || '.' || e.effect, to_jsonb(e)) INTO simulated
  FROM unnest('{bootstrap_percentile,bootstrap_bca,monte_carlo}'::text[]) m,
    LATERAL mediation_effects(sample, m, 20000) e;
  answer := answer || jsonb_build_object('bootstrap', jsonb_build_object(
    'boot_se_ab',
    gold.within_noise((simulated #>> '{bootstrap_percentile.indirect,std_error}')::float8,
                      boot -> 'boot_se_ab', (boot ->> 'boot_se_ab')::float8 / sqrt(20000.0)),
    'bca', gold.noisy_limits(simulated -> 'bootstrap_bca.indirect', boot -> 'bca', ''),
    'prop_mediated_percentile',
    gold.noisy_limits(simulated -> 'bootstrap_percentile.proportion_mediated',
                      boot -> 'prop_mediated_percentile', ''))
    || gold.noisy_limits(simulated -> 'bootstrap_percentile.indirect', boot, 'percentile_'));

  -- the mean of R's five runs, whose spread tells the noise of one
  RETURN answer || jsonb_build_object('mediation_package_quasi_bayes', jsonb_build_object(
    'mean_over_seeds',
    (SELECT jsonb_object_agg(k.theirs || '_' || k.suffix, gold.within_noise(
              (simulated #>> ARRAY['monte_carlo.' || k.ours, k.figure])::float8,
              bayes #> ARRAY['mean_over_seeds', k.theirs || '_' || k.suffix],
              (bayes #>> ARRAY['mc_sd_over_seeds', k.theirs || '_' || k.suffix])::float8))
     FROM (SELECT * FROM (VALUES ('acme', 'indirect'), ('ade', 'direct'), ('total', 'total'),
                                 ('prop', 'proportion_mediated')) n (theirs, ours),
                         (VALUES ('lo', 'conf_low'), ('hi', 'conf_high'), ('p', 'p_value')) f
                           (suffix, figure)
           WHERE (theirs, suffix) <> ('ade', 'p')) k)));
END
$$;

-- Both limits of an effect within noise of those that oracle.json has beside their errors.
CREATE FUNCTION gold.noisy_limits(effect jsonb, truth jsonb, prefix text) RETURNS jsonb
LANGUAGE SQL AS $$
  SELECT jsonb_object_agg(prefix || end_name, gold.within_noise(
    (effect ->> figure)::float8, truth -> (prefix || end_name),
    sqrt(2.0) * (truth ->> ('mc_se_' || end_name))::float8))
  FROM (VALUES ('lower', 'conf_low'), ('upper', 'conf_high')) v (end_name, figure)
$$;

-- ---- mixed models -------------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('lmm', 'converged_default_vs_tight', 'a note on lme4''s own digits'),
  ('lmm', 'p_wald_z$', 'our tests are t tests with Satterthwaite''s degrees of freedom'),
  ('lmm', 'kenward_roger', 'Kenward-Roger is not offered'),
  ('lmm', '\.theta', 'relative to sigma; the variance components say the same'),
  ('lmm', '\.(SS|MS)$', 'the sums of squares of an F statistic are not in its row');

INSERT INTO gold.tolerance VALUES
  ('lmm', '\.(df_satterthwaite|DenDF)$', 1e-4, NULL, 'lmerTest differentiates numerically'),
  ('lmm', '\.p(_satterthwaite)?$', 1e-3, NULL, 'the degrees of freedom of lmerTest'),
  ('lmm', '\.varcomp\.2\.\w+$|\.vcov\.(basval\.wk:drug|wk:drug\.basval)$', 1e-5, NULL,
   'covariances near 0, by lme4''s own search');

-- One fit; factor(visit) of R is v here.
CREATE FUNCTION gold.lmm_fit(formula text, query text, method text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  m mixed_model;
  f model_fit;
  fixed jsonb;
  vcov jsonb;
  parameters float8;
BEGIN
  IF formula ~ '\mv\M' THEN
    query := format('SELECT *, visit::text AS v FROM (%s) q', query);
  END IF;
  EXECUTE format('SELECT mixed_model(mixed_summary(%L, q), %L) FROM (%s) q', formula, method,
                 query) INTO m;
  f := glance(m);
  SELECT jsonb_agg(jsonb_build_object(
           'term', c.term, 'estimate', c.estimate, 'se', c.std_error, 'df_satterthwaite', c.df,
           't', c.statistic, 'p_satterthwaite', c.p_value, 'ci_lower_satt', c.conf_low,
           'ci_upper_satt', c.conf_high)) INTO fixed
  FROM coefficients(m) c;
  -- covariances from the variance of sums
  SELECT jsonb_object_agg(a, of_a) INTO vcov FROM (
    SELECT a.term AS a, jsonb_object_agg(b.term, CASE WHEN a.n = b.n THEN a.std_error ^ 2
                 ELSE (t.std_error ^ 2 - a.std_error ^ 2 - b.std_error ^ 2) / 2 END) AS of_a
    FROM coefficients(m) WITH ORDINALITY a (term, estimate, std_error, statistic, df, p_value,
                                            conf_low, conf_high, note, n),
      coefficients(m) WITH ORDINALITY b (term, estimate, std_error, statistic, df, p_value,
                                         conf_low, conf_high, note, n),
      contrast_test(m, (SELECT array_agg((i IN (a.n, b.n))::int ORDER BY i)
                        FROM generate_series(1, jsonb_array_length(fixed)) i)) t
    GROUP BY a.term) q;
  parameters := (f.aic - f.deviance) / 2;
  RETURN jsonb_build_object(
    'n_obs', f.n,
    'n_groups', (SELECT jsonb_object_agg(grp, f.n_groups) FROM variance_components(m)
                 WHERE grp !~ '\.' AND grp <> 'Residual'),
    'fixed', fixed, 'vcov', vcov,
    'varcomp', (SELECT jsonb_agg(jsonb_build_object(
                  'grp', grp, 'var1', term1, 'var2', term2, 'vcov', variance,
                  'sdcor', coalesce(sd, correlation))) FROM variance_components(m)),
    'sigma', f.sigma, 'logLik', f.log_lik, 'df_model', parameters, 'AIC', f.aic,
    'BIC_nobs', f.bic, 'BIC_nsubjects', f.bic_groups,
    'singular', coalesce(f.note ~ 'singular', false),
    'type3_F_satterthwaite', (SELECT jsonb_agg(jsonb_build_object(
       'term', term, 'NumDF', df, 'DenDF', df2, 'F', statistic, 'p', p_value))
       FROM joint_tests(m)))
    || CASE method WHEN 'REML' THEN jsonb_build_object('REML_criterion', f.deviance)
       ELSE jsonb_build_object('deviance_m2logLik', f.deviance) END
    || CASE WHEN method = 'REML' AND formula ~ '\(1 \| ' THEN
         (SELECT jsonb_build_object('icc', min(variance) FILTER (WHERE grp <> 'Residual')
                                           / sum(variance)) FROM variance_components(m))
       ELSE '{}' END
    || CASE WHEN method = 'REML' AND formula ~ 'reaction .*[^|]\| ' THEN jsonb_build_object('blup',
         (SELECT jsonb_agg(effects ORDER BY grp) FROM
            (SELECT grp, jsonb_object_agg(term, estimate) || jsonb_build_object('subject', grp)
                      AS effects
             FROM random_effects(m) GROUP BY grp) r))
       ELSE '{}' END;
END
$$;

CREATE FUNCTION gold.lmm(query text) RETURNS jsonb
LANGUAGE SQL AS $$
  SELECT jsonb_build_object('formula', formula, 'REML', gold.lmm_fit(formula, query, 'REML'),
                            'ML', gold.lmm_fit(formula, query, 'ML'))
  FROM current_setting('gold.formula') formula
$$;

CREATE FUNCTION gold.lmm_lrt(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  c model_comparison;
BEGIN
  EXECUTE format('SELECT (compare_models(mixed_model(a, ''ML''), mixed_model(b, ''ML''))).*
                  FROM (SELECT mixed_summary(''reaction ~ 1 + (days | subject)'', q) AS a,
                               mixed_summary(''reaction ~ days + (days | subject)'', q) AS b
                        FROM (%s) q) s', query) INTO c;
  RETURN jsonb_build_object('chi2', c.statistic, 'df', c.df, 'p', c.p_value);
END
$$;

-- ---- trajectory groups --------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('gbtm', '^gbtm_normal_quadratic_class_sigma', 'groups have one sigma'),
  ('gbtm', '^(flexmix_check|gmm_random_intercept_lcmm|gbtm_censored_normal)', 'other models'),
  ('gbtm', '\.occ', 'odds of correct classification are not offered'),
  ('gbtm', '\.(em_iterations|degree|common_sigma)$', 'of the method, not of the answer'),
  ('gbtm', '\.traj_BIC_', 'the same criterion times -1/2, as traj prints it'),
  ('gbtm', '\.iclBIC$', 'the classification criterion is not offered');

INSERT INTO gold.tolerance VALUES
  ('gbtm', '^lcmm_lcga', 1e-7, NULL, 'lcmm stops early'),
  ('gbtm', '\.(beta|shares_pi|avepp|relative_entropy|sigma)', 1e-5, NULL,
   'EM of the reference stops when the likelihood does'),
  ('gbtm', '^gbtm_normal_quadratic_common_sigma\.K[34]\.beta\.\d\.[12]$', NULL, 1e-5,
   'coefficients near 0');

CREATE FUNCTION gold.gbtm(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  s trajectory_summary;
  m trajectory_model;
  f model_fit;
  c trajectory_comparison;
  answer jsonb = '{}';
  likelihoods jsonb = '{}';
BEGIN
  EXECUTE format('SELECT trajectory_summary(''y ~ t + I(t^2) | id'', q) FROM (%s) q', query)
    INTO s;
  FOR c IN SELECT * FROM trajectory_compare(s, 4, 40) LOOP
    m := trajectory_model(s, c.groups, 40);
    f := glance(m);
    answer := answer || jsonb_build_object('K' || c.groups, (
      SELECT jsonb_build_object(
        'K', c.groups, 'logLik', f.log_lik, 'npar', c.parameters, 'AIC', f.aic,
        'BIC_subjects', f.bic, 'BIC_observations', c.bic_observations,
        'n_subjects', f.n_groups, 'n_obs', f.n, 'relative_entropy', f.entropy)
        || CASE WHEN c.groups = 1
             THEN jsonb_build_object('shares_pi', min(share), 'sigma', f.sigma,
                    'shares_modal', min(n_assigned) / f.n_groups, 'avepp', min(mean_posterior))
             ELSE jsonb_build_object('shares_pi', jsonb_agg(share ORDER BY grp),
                    'sigma', jsonb_agg(f.sigma),
                    'shares_modal', jsonb_agg(n_assigned::float8 / f.n_groups ORDER BY grp),
                    'avepp', jsonb_agg(mean_posterior ORDER BY grp)) END
        || jsonb_build_object('beta', jsonb_agg(beta ORDER BY grp))
      FROM (SELECT grp, share, n_assigned, mean_posterior, jsonb_agg(estimate ORDER BY n) AS beta
            FROM trajectory_groups(m) WITH ORDINALITY
              g (grp, share, n_assigned, mean_posterior, term, estimate, std_error, p_value, n)
            GROUP BY grp, share, n_assigned, mean_posterior) g));
    IF c.groups <= 3 THEN
      likelihoods := likelihoods || jsonb_build_object('ng' || c.groups, f.log_lik);
    END IF;
  END LOOP;
  RETURN jsonb_build_object('gbtm_normal_quadratic_common_sigma', answer,
                            'lcmm_lcga_logLik_check', likelihoods);
END
$$;

-- ---- linear models -----------------------------------------------------------

INSERT INTO gold.not_computed VALUES
  ('ols', '^coef\.\d+\.se_HC\d$', 'robust standard errors are not offered'),
  ('ols', '^F\.\d$|^p_F$', 'the F test of the whole model is not offered; joint_tests tests its terms'),
  ('ols', '^vcov\.', 'covariances are not shown; contrast_test uses them');

-- The first column on all the others.
CREATE FUNCTION gold.ols(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  m linear_model;
  g model_fit;
BEGIN
  EXECUTE format('SELECT linear_model(%L, q) FROM (%s) q',
                 substring(query FROM 'SELECT (\w+)') || ' ~ .', query) INTO m;
  g := glance(m);
  RETURN jsonb_build_object(
    'coef', (SELECT jsonb_agg(jsonb_build_object(
                      'term', term, 'estimate', estimate, 'se', std_error, 't', statistic,
                      'p', p_value, 'ci_lower', conf_low, 'ci_upper', conf_high))
             FROM coefficients(m)),
    'n', g.n, 'df_residual', g.df_residual, 'sigma', g.sigma, 'r2', g.r_squared,
    'adj_r2', g.adj_r_squared, 'logLik', g.log_lik, 'AIC', g.aic, 'BIC', g.bic);
END
$$;

-- The case is a table of items: anx_q1 to anx_q10, dep_q11 to dep_q25.
CREATE FUNCTION gold.alpha_of(query text, items text, lowest float8) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  r reliability_result;
  mean float8;
  cases int;
BEGIN
  EXECUTE format('SELECT (cronbach_alpha(item)).*, avg(m), count(*) FILTER (WHERE m >= %s)
                  FROM (SELECT array_agg(j.value::float8 ORDER BY j.key) AS item,
                               avg(j.value::float8) AS m
                        FROM (%s) q, jsonb_each_text(to_jsonb(q)) j
                        WHERE j.key ~ %L GROUP BY q.id) f', lowest, query, items)
    INTO r.n, r.n_missing, r.n_items, r.alpha, r.conf_low, r.conf_high,
         r.alpha_standardized, r.note, mean, cases;
  RETURN jsonb_build_object('alpha', jsonb_build_object('n', r.n, 'alpha', r.alpha,
                              'alpha_standardized', r.alpha_standardized),
                            'mean', mean, 'cases', cases, 'missing', r.n_missing);
END
$$;

CREATE FUNCTION gold.cronbach_alpha(query text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  anxiety jsonb := gold.alpha_of(query, '^anx', 1.75);
  depression jsonb := gold.alpha_of(query, '^dep', 1.75);
BEGIN
  RETURN jsonb_build_object(
    'anxiety', anxiety -> 'alpha', 'depression', depression -> 'alpha',
    'mean_anxiety', anxiety -> 'mean', 'mean_depression', depression -> 'mean',
    'caseness_anxiety_ge_1.75', anxiety -> 'cases',
    'caseness_depression_ge_1.75', depression -> 'cases',
    'missing_items', (anxiety ->> 'missing')::int + (depression ->> 'missing')::int);
END
$$;
