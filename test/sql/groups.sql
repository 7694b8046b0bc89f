-- groups: independent groups, tables, trend, correlation.
\pset null NULL
-- ten significant digits, so that the last bits of a libm do not show
CREATE OR REPLACE FUNCTION digits(x float8) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT CASE
    WHEN x = 0 THEN '0'
    WHEN abs(x) >= 1e-5 AND abs(x) < 1e15
      THEN trim_scale(round(x::numeric, 9 - floor(log(abs(x)))::int))::text
    ELSE ltrim(to_char(x, '9.999999999EEEE')) END
$$;
-- the columns of a row that are not NULL
CREATE OR REPLACE FUNCTION shown(result anyelement) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT string_agg(format('%s=%s', key, CASE WHEN value ~ '^-?[0-9.]+(e[-+]?[0-9]+)?$'
                                         THEN digits(value::float8) ELSE value END),
                    ' ' ORDER BY n)
  FROM json_each_text(to_json(result)) WITH ORDINALITY j (key, value, n)
  WHERE value IS NOT NULL
$$;
-- what a statement fails with
CREATE OR REPLACE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- Pain of eighteen patients in two arms and at three sites, ties among the scores.
CREATE TABLE scores AS
SELECT * FROM (VALUES (1, 'placebo', 'C', 6), (2, 'placebo', 'A', 7), (3, 'placebo', 'B', 5),
  (4, 'placebo', 'A', 8), (5, 'placebo', 'B', 6), (6, 'placebo', 'C', 4), (7, 'placebo', 'A', 9),
  (8, 'placebo', 'B', 7), (9, 'ketamine', 'C', 3), (10, 'ketamine', 'A', 5),
  (11, 'ketamine', 'B', 2), (12, 'ketamine', 'C', 6), (13, 'ketamine', 'A', 4),
  (14, 'ketamine', 'B', 0), (15, 'ketamine', 'C', 5), (16, 'ketamine', 'A', 7),
  (17, 'ketamine', 'B', NULL), (18, NULL, 'A', 5), (19, 'ketamine', NULL, 1))
       v (id, arm, site, pain);
-- Groups that cannot be compared, and some that nearly cannot.
CREATE TABLE odd_groups AS
SELECT label, value::float8, grp
FROM (VALUES ('a all null', NULL, NULL), ('a all null', 3, NULL), ('a all null', NULL, 'x'),
             ('b one value', 5, 'x'), ('c one each', 5, 'x'), ('c one each', 3, 'y'),
             ('d one level', 4, 'x'), ('d one level', 6, 'x'), ('d one level', 7, 'x'),
             ('e constant', 4, 'x'), ('e constant', 4, 'x'), ('e constant', 4, 'y'),
             ('e constant', 4, 'y'), ('f constant within', 1, 'x'), ('f constant within', 1, 'x'),
             ('f constant within', 2, 'y'), ('f constant within', 2, 'y'),
             ('g one and three', 5, 'x'), ('g one and three', 1, 'y'), ('g one and three', 2, 'y'),
             ('g one and three', 4, 'y'), ('h one group constant', 5, 'x'),
             ('h one group constant', 5, 'x'), ('h one group constant', 1, 'y'),
             ('h one group constant', 2, 'y'), ('h one group constant', 4, 'y'),
             ('i three groups', 1, 'x'), ('i three groups', 2, 'x'), ('i three groups', 3, 'y'),
             ('i three groups', 4, 'y'), ('i three groups', 6, 'z'), ('i three groups', 5, 'z'),
             ('j far offset', 1e9 + 1, 'x'), ('j far offset', 1e9 + 2, 'x'),
             ('j far offset', 1e9 + 4, 'y'), ('j far offset', 1e9 + 5, 'y'),
             ('k empty label', 1, ''), ('k empty label', 2, ''), ('k empty label', 3, ' '),
             ('k empty label', 5, ' ')) v (label, value, grp);

-- ---- t tests --------------------------------------------------------------------------

-- R: t.test(placebo, ketamine), the later label minus the earlier one
SELECT shown(welch_t_test(pain, arm)) FROM scores;
SELECT equal_variance, type, alternative,
  shown(welch_t_test(s, equal_variance, type, alternative, 0.9))
FROM (SELECT group_summary(pain, arm) AS s FROM scores) v,
     (VALUES (false, 'd', 'less'), (false, 'g', 'greater'), (true, 'd', 'two.sided'),
             (true, 'g', 'less')) o (equal_variance, type, alternative);
SELECT label, shown(welch_t_test(value, grp)) FROM odd_groups GROUP BY label ORDER BY label;
SELECT label, shown(welch_t_test(group_summary(value, grp), equal_variance => true, type => 'g'))
FROM odd_groups GROUP BY label ORDER BY label;
-- true - false
SELECT shown(welch_t_test(pain, arm = 'ketamine')) FROM scores;
-- swapping the groups mirrors everything
SELECT a.estimate = -b.estimate AS estimate, a.conf_low = -b.conf_high AS low,
  a.statistic = -b.statistic AS t, a.p_value = b.p_value AS p, a.effect_size = -b.effect_size AS d
FROM (SELECT group_summary(pain, arm = 'ketamine') AS s, group_summary(pain, arm = 'placebo') AS t
      FROM scores) v, welch_t_test(s, alternative => 'less') a,
     welch_t_test(t, alternative => 'greater') b;

-- ---- standardized difference ------------------------------------------------------------

SELECT digits(standardized_mean_difference(group_summary(pain, arm))) AS arms,
  digits(standardized_mean_difference(group_summary(pain, site))) AS sites,
  digits(standardized_mean_difference(group_summary(pain, arm = 'ketamine'))) AS booleans
FROM scores;
SELECT label, digits(standardized_mean_difference(group_summary(value, grp)))
FROM odd_groups GROUP BY label ORDER BY label;

-- ---- analysis of variance ---------------------------------------------------------------

-- R: oneway.test(pain ~ site, var.equal = TRUE), and without it
SELECT shown(anova(pain, site)) FROM scores;
SELECT shown(anova(group_summary(pain, site), welch => true)) FROM scores;
-- of two groups F is the square of Student's t, and of Welch's
SELECT digits(f.statistic / t.statistic ^ 2) AS classic, digits(f.p_value / t.p_value) AS p,
  digits(fw.statistic / tw.statistic ^ 2) AS welch, digits(fw.p_value / tw.p_value) AS p_welch
FROM (SELECT group_summary(pain, arm) AS s FROM scores) v, anova(s) f,
     welch_t_test(s, equal_variance => true) t, anova(s, true) fw, welch_t_test(s) tw;
SELECT shown(anova(pain, arm = 'ketamine')) FROM scores;
SELECT label, welch, shown(anova(s, welch))
FROM (SELECT label, group_summary(value, grp) AS s FROM odd_groups GROUP BY label) v,
     unnest('{f,t}'::boolean[]) welch ORDER BY label, welch;

-- ---- Levene -----------------------------------------------------------------------------

-- R: car::leveneTest(pain ~ site), center = mean
SELECT center, shown(levene_test(s, center))
FROM (SELECT group_values(pain, site) AS s FROM scores) v, unnest('{median,mean}'::text[]) center;
SELECT shown(levene_test(group_values(pain, arm = 'ketamine'))) FROM scores;
SELECT label, shown(levene_test(group_values(value, grp)))
FROM odd_groups GROUP BY label ORDER BY label;

-- ---- Mann-Whitney -----------------------------------------------------------------------

-- exact with ties; R: coin::wilcox_test(distribution = "exact") one-sided, twice the
-- smaller tail; wilcox.test(exact = FALSE), with and without correct
SELECT shown(mann_whitney(pain, arm)) FROM scores;
SELECT exact, correct, alternative, shown(mann_whitney(s, alternative, 0.95, exact, correct))
FROM (SELECT group_values(pain, arm) AS s FROM scores) v,
     (VALUES (true, true), (false, true), (false, false)) o (exact, correct),
     unnest('{two.sided,less,greater}'::text[]) alternative
ORDER BY exact DESC, correct DESC, alternative;
-- no ties; R: wilcox.test(y, x, conf.int = TRUE), example of its help page
CREATE TABLE permeability AS
SELECT x, 'term' AS grp FROM unnest('{0.80,0.83,1.89,1.04,1.45,1.38,1.91,1.64,0.73,1.46}'::float8[]) x
UNION ALL SELECT x, 'week 12' FROM unnest('{1.15,0.88,0.90,0.74,1.21}'::float8[]) x;
SELECT alternative, shown(mann_whitney(s, alternative, 0.9))
FROM (SELECT group_values(x, grp) AS s FROM permeability) v,
     unnest('{two.sided,less,greater}'::text[]) alternative;
DROP TABLE permeability;
SELECT a.statistic + b.statistic AS pairs, a.p_value = b.p_value AS p,
  a.estimate = -b.estimate AS estimate, a.conf_low = -b.conf_high AS low,
  a.effect_size = -b.effect_size AS effect
FROM (SELECT group_values(pain, arm = 'ketamine') AS s, group_values(pain, arm = 'placebo') AS t
      FROM scores) v, mann_whitney(s, 'less') a, mann_whitney(t, 'greater') b;
SELECT label, shown(mann_whitney(value, grp)) FROM odd_groups GROUP BY label ORDER BY label;
SELECT label, shown(mann_whitney(group_values(value, grp), exact => false))
FROM odd_groups GROUP BY label ORDER BY label;
-- R's rule: exact below 50 values in each group, asked for also beyond
SELECT s.n, exact, w.method, w.statistic, digits(w.p_value) AS p, digits(w.estimate) AS estimate,
  digits(w.conf_low) AS low, digits(w.conf_high) AS high, w.note
FROM (VALUES (49), (50), (5000)) s (n), unnest('{NULL,t}'::boolean[]) exact,
     LATERAL (SELECT group_values(i * 7 % 11 + (i % 2) * 2, i % 2 = 1) AS s
              FROM generate_series(1, 2 * s.n) i) g,
     LATERAL mann_whitney(g.s, exact => exact) w;

-- ---- Kruskal-Wallis -----------------------------------------------------------------------

-- R: kruskal.test(pain ~ site)
SELECT shown(kruskal_wallis(pain, site)) FROM scores;
SELECT shown(kruskal_wallis(pain, arm = 'ketamine')) FROM scores;
SELECT label, shown(kruskal_wallis(value, grp)) FROM odd_groups GROUP BY label ORDER BY label;

-- ---- a thousand groups --------------------------------------------------------------------

SELECT shown(anova(x, g)) AS anova, shown(kruskal_wallis(x, g)) AS kruskal_wallis,
  shown(welch_t_test(x, g)) AS t, shown(mann_whitney(x, g)) AS mann_whitney,
  shown(levene_test(group_values(x, g))) AS levene,
  digits(standardized_mean_difference(group_summary(x, g))) AS smd
FROM (SELECT 'group ' || i % 1000 AS g, (i * 7919 % 10007)::float8 AS x
      FROM generate_series(1, 20000) i) v;
-- labels of any length
SELECT length(w.contrast), w.n, digits(w.p_value) AS p
FROM (SELECT (welch_t_test(pain, repeat(arm, 3000))).* FROM scores) w;

-- ---- contingency tables ---------------------------------------------------------------------

-- 45 patients: pain class by arm, one row without an arm
CREATE TABLE answers AS
SELECT arm, class, i FROM (VALUES ('active', 'none', 8), ('active', 'mild', 5),
  ('active', 'severe', 2), ('placebo', 'none', 3), ('placebo', 'mild', 7), ('placebo', 'severe', 10),
  ('open', 'none', 4), ('open', 'mild', 4), ('open', 'severe', 1), (NULL, 'mild', 1))
  v (arm, class, n), generate_series(1, n) i;
SELECT a, b, n, digits(row_fraction) AS row_fraction, digits(col_fraction) AS col_fraction,
  digits(expected) AS expected, digits(residual) AS residual
FROM (SELECT contingency_table(arm, class) AS s FROM answers) v, cells(s);
SELECT a, b, n, digits(row_fraction) AS row_fraction, digits(expected) AS expected
FROM (SELECT contingency_table(arm = 'active', class = 'none') AS s FROM answers) v, cells(s);
-- a cell that never occurred is there; a table of one cell
SELECT c.* FROM (SELECT contingency_table(a, b) AS s FROM (VALUES ('x', 'y'), ('z', 'w')) v (a, b)) t,
  cells(s) c;
SELECT c.* FROM (SELECT contingency_table(true, false) AS s) t, cells(s) c;
SELECT count(*) FROM (SELECT contingency_table(NULL::text, 'a') AS s) t, cells(s) c;
SELECT count(*) FROM cells(NULL);

-- R: chisq.test, of 2 x 2 with and without the correction
SELECT shown(chi_squared_test(arm, class)) FROM answers;
SELECT correct, shown(chi_squared_test(s, correct))
FROM (SELECT contingency_table(arm = 'active', class = 'none') AS s FROM answers) v,
     unnest('{t,f}'::boolean[]) correct;
SELECT shown(chi_squared_test(arm = 'active', class = 'none')) FROM answers;

-- R: fisher.test; for 2 x 2 the conditional odds ratio
SELECT shown(fisher_exact_test(arm, class)) FROM answers;
SELECT shown(fisher_exact_test(arm = 'active', class = 'none')) FROM answers;
SELECT alternative, shown(fisher_exact_test(s, alternative, 0.9))
FROM (SELECT contingency_table(arm = 'active', class = 'none') AS s FROM answers) v,
     unnest('{less,greater}'::text[]) alternative;
-- an alternative and a level are for 2 x 2, a seed for simulation
SELECT shown(fisher_exact_test(s)) = shown(fisher_exact_test(s, 'less', 0.5, 7)) AS equal
FROM (SELECT contingency_table(arm, class) AS s FROM answers) v;
-- too much work to enumerate: simulated, the same for the same seed, whatever the plan
CREATE TABLE large AS
SELECT i, 'r' || i % 12 AS a, 'c' || get_byte(decode(md5(i::text), 'hex'), 0) % 11 AS b
FROM generate_series(1, 4000) i;
SELECT f.n, f.estimate, digits(f.p_value) AS p, f.method, f.note
FROM (SELECT contingency_table(a, b) AS s FROM large) v, fisher_exact_test(s) f;
SELECT count(DISTINCT f.p_value) AS answers, bool_and(f.p_value BETWEEN 0.1 AND 0.9) AS near,
  (array_agg(f.p_value ORDER BY k))[1] = (array_agg(f.p_value ORDER BY k))[3] AS same_seed
FROM (SELECT contingency_table(a, b) AS s, contingency_table(a, b ORDER BY i DESC) AS t FROM large) v,
     LATERAL (VALUES (1, s, 1), (2, s, 2), (3, t, 1)) o (k, u, seed),
     fisher_exact_test(u, seed => seed) f;

SELECT label, shown(chi_squared_test(a, b)) AS chi_squared, shown(fisher_exact_test(a, b)) AS fisher
FROM (VALUES ('a all null', NULL, 'x'), ('a all null', 'x', NULL), ('b one row', 'x', 'y'),
             ('c one level', 'x', 'y'), ('c one level', 'x', 'z'), ('d other level', 'x', 'y'),
             ('d other level', 'z', 'y'), ('e diagonal', 'x', 'x'), ('e diagonal', 'y', 'y'),
             ('f same', 'x', 'x'), ('f same', 'x', 'y'), ('f same', 'y', 'x'), ('f same', 'y', 'y'),
             ('g three', 'x', 'p'), ('g three', 'y', 'p'), ('g three', 'z', 'q'))
     v (label, a, b)
GROUP BY label ORDER BY label;
-- a thousand levels on a side
SELECT shown(chi_squared_test('r' || i % 1000, 'c' || i % 7)) FROM generate_series(1, 20000) i;
SELECT shown(fisher_exact_test('r' || i % 1000, 'c' || i % 7)) FROM generate_series(1, 20000) i;
DROP TABLE large;

-- ---- trend ----------------------------------------------------------------------------------

-- R: prop.trend.test(c(2, 5, 9), c(20, 20, 18), c(0, 0.5, 2))
CREATE TABLE doses AS
SELECT dose, i <= events AS response
FROM (VALUES (0::float8, 2, 20), (0.5, 5, 20), (2, 9, 18)) v (dose, events, n), generate_series(1, n) i
UNION ALL SELECT 1, NULL UNION ALL SELECT NULL, true;
SELECT shown(trend_test(response, dose)) FROM doses;
SELECT shown(trend_test(trend_summary(response, dose))) = shown(trend_test(response, dose)) AS equal,
  digits((trend_test(response, 3 - 2 * dose)).p_value) = digits((trend_test(response, dose)).p_value) AS turned
FROM doses;
SELECT label, shown(trend_test(response, dose))
FROM (VALUES ('a all null', NULL, NULL), ('b one dose', true, 1), ('b one dose', false, 1),
             ('c all equal', true, 1), ('c all equal', true, 2), ('d one row', true, 1),
             ('e two rows', false, 1), ('e two rows', true, 2), ('f flat', false, 1),
             ('f flat', true, 1), ('f flat', true, 2), ('f flat', false, 2)) v (label, response, dose)
GROUP BY label ORDER BY label;
DROP TABLE doses;

-- ---- rank correlation -------------------------------------------------------------------------

-- R: cor.test(x, y, method = "spearman") and "kendall": exact without ties, to nine pairs;
-- Edgeworth; with ties
CREATE TABLE xy AS
SELECT kind, x, y FROM (VALUES
  ('nine', '{44.4,45.9,41.9,53.3,44.7,44.1,50.7,45.2,60.1}'::float8[],
           '{2.6,3.1,2.5,5.0,3.6,4.0,5.2,2.8,3.8}'::float8[]),
  ('twelve', '{3,1,4,15,9,2,6,5,35,8,97,93}', '{27,18,28,45,90,11,52,35,60,28.7,74,71}'),
  ('ties', '{7,6,7,5,5,8,3,6,6,7,2,NULL}', '{5,5,6,4,6,7,4,4,5,6,1,3}')) v (kind, xs, ys),
  unnest(xs, ys) u (x, y);
SELECT kind, shown(spearman_correlation(x, y)) AS spearman, shown(kendall_correlation(x, y)) AS kendall
FROM xy GROUP BY kind ORDER BY kind;
SELECT kind, alternative, shown(spearman_correlation(s, alternative, 0.9)) AS spearman,
  shown(kendall_correlation(s, alternative)) AS kendall
FROM (SELECT kind, paired_values(x, y) AS s FROM xy GROUP BY kind) v,
     unnest('{less,greater}'::text[]) alternative
ORDER BY kind, alternative;
SELECT label, shown(spearman_correlation(x, y)) AS spearman, shown(kendall_correlation(x, y)) AS kendall
FROM (VALUES ('a all null', NULL, 1), ('b one pair', 1, 2), ('c two pairs', 1, 2), ('c two pairs', 2, 1),
             ('d constant', 1, 2), ('d constant', 1, 3), ('d constant', 1, 4), ('e three pairs', 1, 2),
             ('e three pairs', 2, 3), ('e three pairs', 3, 9), ('f reversed', 1, 4), ('f reversed', 2, 3),
             ('f reversed', 3, 2), ('f reversed', 4, 1)) v (label, x, y)
GROUP BY label ORDER BY label;
DROP TABLE xy;

-- ---- multiplicity --------------------------------------------------------------------------------

-- each pair of sites, adjusted; R: p.adjust
SELECT pair, digits(w) AS mann_whitney, digits(holm[n]) AS holm, digits(bh[n]) AS bh
FROM (SELECT array_agg(pair ORDER BY pair) AS pairs, array_agg((w).p_value ORDER BY pair) AS p,
             p_adjust(array_agg((w).p_value ORDER BY pair)) AS holm,
             p_adjust(array_agg((w).p_value ORDER BY pair), 'BH') AS bh
      FROM (SELECT a || ' and ' || b AS pair, mann_whitney(pain, site) AS w
            FROM (VALUES ('A', 'B'), ('A', 'C'), ('B', 'C')) v (a, b) JOIN scores ON site IN (a, b)
            GROUP BY 1) q) r, unnest(pairs, p) WITH ORDINALITY u (pair, w, n);

-- ---- no rows, NULL summaries, summaries as values ----------------------------------------------------

SELECT welch_t_test(pain, arm), anova(pain, arm), mann_whitney(pain, arm), kruskal_wallis(pain, arm),
  chi_squared_test(arm, site), fisher_exact_test(arm, site), trend_test(true, pain),
  spearman_correlation(pain, id), kendall_correlation(pain, id), group_summary(pain, arm),
  group_values(pain, arm), trend_summary(true, pain)
FROM scores WHERE false;
SELECT welch_t_test(NULL), anova(NULL), standardized_mean_difference(NULL), levene_test(NULL),
  mann_whitney(NULL), kruskal_wallis(NULL), chi_squared_test(NULL), fisher_exact_test(NULL),
  trend_test(NULL), spearman_correlation(NULL), kendall_correlation(NULL);
-- stored by site, rolled up: what one pass over all rows gives, to the last bit
CREATE TABLE stored AS
SELECT site, group_summary(pain, arm) AS moments, group_values(pain, arm) AS counted,
  trend_summary(arm = 'ketamine', pain) AS trend, contingency_table(arm, site) AS cells,
  paired_values(pain, id) AS pairs
FROM scores GROUP BY site;
SELECT n_used(moments), n_missing(moments), n_used(counted), n_missing(counted), n_used(trend),
  n_missing(trend)
FROM (SELECT rollup(moments) AS moments, rollup(counted) AS counted, rollup(trend) AS trend
      FROM stored) r;
SELECT (r).t = (w).t AS t, (r).anova = (w).anova AS anova, (r).smd = (w).smd AS smd,
  (r).mw = (w).mw AS mw, (r).kw = (w).kw AS kw, (r).levene = (w).levene AS levene,
  (r).trend = (w).trend AS trend, (r).fisher = (w).fisher AS fisher, (r).rho = (w).rho AS rho
FROM (SELECT r, w
  FROM (SELECT welch_t_test(rollup(moments)) AS t, anova(rollup(moments)) AS anova,
          standardized_mean_difference(rollup(moments)) AS smd, mann_whitney(rollup(counted)) AS mw,
          kruskal_wallis(rollup(counted)) AS kw, levene_test(rollup(counted)) AS levene,
          trend_test(rollup(trend)) AS trend, fisher_exact_test(rollup(cells)) AS fisher,
          spearman_correlation(rollup(pairs)) AS rho FROM stored) r,
       (SELECT welch_t_test(pain, arm) AS t, anova(pain, arm) AS anova,
          standardized_mean_difference(group_summary(pain, arm)) AS smd,
          mann_whitney(pain, arm) AS mw, kruskal_wallis(pain, arm) AS kw,
          levene_test(group_values(pain, arm)) AS levene,
          trend_test(arm = 'ketamine', pain) AS trend, fisher_exact_test(arm, site) AS fisher,
          spearman_correlation(pain, id) AS rho FROM scores) w) v;
-- and from their text
SELECT bool_and(moments::text::group_summary::text = moments::text) AS moments,
  bool_and(counted::text::group_values::text = counted::text) AS counted,
  bool_and(trend::text::trend_summary::text = trend::text) AS trend FROM stored;
DROP TABLE stored;

-- ---- parallel workers ------------------------------------------------------------------------------

CREATE TABLE many AS
SELECT i % 3 = 0 AS flag, 'group ' || i % 7 AS g, (i * 7919 % 10007)::float8 / 8 AS x,
  (i % 11)::float8 AS score, 1e8 + sqrt(i) AS offset_x
FROM generate_series(1, 20000) i;
CREATE FUNCTION answers_of(workers int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  PERFORM set_config('max_parallel_workers_per_gather', workers::text, true),
          set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true),
          set_config('min_parallel_table_scan_size', '0', true);
  SELECT concat_ws(' ', welch_t_test(x, flag), anova(offset_x, g), mann_whitney(score, flag),
                   kruskal_wallis(x, g), chi_squared_test(g, score::text),
                   fisher_exact_test(flag, score > 5), trend_test(flag, score),
                   spearman_correlation(x, score), kendall_correlation(x, score),
                   standardized_mean_difference(group_summary(offset_x, g)),
                   levene_test(group_values(x, g)))
  INTO answer FROM many;
  RETURN answer;
END
$$;
SELECT answers_of(0) = answers_of(2) AS parallel_equals_serial;
DROP FUNCTION answers_of(int);
DROP TABLE many;

-- ---- bad input -----------------------------------------------------------------------------------------

SELECT statement, error_of(statement)
FROM (VALUES
  ($$SELECT welch_t_test('NaN', 'a'::text)$$),
  ($$SELECT anova('Infinity'::float8, true)$$),
  ($$SELECT welch_t_test(1e200, 'a'::text)$$),
  ($$SELECT mann_whitney('-Infinity'::float8, 'a'::text)$$),
  ($$SELECT kruskal_wallis('NaN', false)$$),
  ($$SELECT levene_test(group_values(v, g)) FROM (VALUES (1.7e308, 'a'), (-1.7e308, 'a'), (1, 'b'), (2, 'b')) v (v, g)$$),
  ($$SELECT mann_whitney(v, g) FROM (VALUES (1.7e308, 'a'), (-1.7e308, 'b')) v (v, g)$$),
  ($$SELECT trend_test(true, 'NaN')$$),
  ($$SELECT spearman_correlation('NaN', 1)$$),
  ($$SELECT kendall_correlation(1, 'Infinity')$$),
  ($$SELECT welch_t_test(group_summary(1, true), NULL)$$),
  ($$SELECT welch_t_test(group_summary(1, true), type => 'D')$$),
  ($$SELECT welch_t_test(group_summary(1, true), type => NULL)$$),
  ($$SELECT welch_t_test(group_summary(1, true), alternative => 'two-sided')$$),
  ($$SELECT welch_t_test(group_summary(1, true), conf_level => 1)$$),
  ($$SELECT welch_t_test(group_summary(1, true), conf_level => 'NaN')$$),
  ($$SELECT anova(group_summary(1, true), NULL)$$),
  ($$SELECT levene_test(group_values(1, true), 'mode')$$),
  ($$SELECT levene_test(group_values(1, true), NULL)$$),
  ($$SELECT mann_whitney(group_values(1, true), 'up')$$),
  ($$SELECT mann_whitney(group_values(1, true), conf_level => 0)$$),
  ($$SELECT mann_whitney(group_values(1, true), correct => NULL)$$),
  ($$SELECT chi_squared_test(contingency_table('a'::text, 'b'::text), NULL)$$),
  ($$SELECT fisher_exact_test(contingency_table('a'::text, 'b'::text), 'both')$$),
  ($$SELECT fisher_exact_test(contingency_table('a'::text, 'b'::text), conf_level => 2)$$),
  ($$SELECT fisher_exact_test(contingency_table('a'::text, 'b'::text), seed => NULL)$$),
  ($$SELECT spearman_correlation(paired_values(1, 2), 'positive')$$),
  ($$SELECT spearman_correlation(paired_values(1, 2), conf_level => -1)$$),
  ($$SELECT kendall_correlation(paired_values(1, 2), NULL)$$),
  ($$SELECT group_summary(i, 'g' || i) FROM generate_series(1, 1000001) i$$)) v (statement);

DROP TABLE scores, odd_groups, answers;

-- ---- strata --------------------------------------------------------------------------

-- R: x <- array(c(12,5,7,9, 3,8,2,11, 0,4,6,1, 5,0,7,0), c(2, 2, 4)); mantelhaen.test(x);
-- the fourth stratum has one row only and says nothing, so has a fifth with one patient
CREATE TABLE strata AS
SELECT a, b, stratum
FROM (VALUES ('a1', 'b1', 'S', 12), ('a2', 'b1', 'S', 5), ('a1', 'b2', 'S', 7), ('a2', 'b2', 'S', 9),
  ('a1', 'b1', 'T', 3), ('a2', 'b1', 'T', 8), ('a1', 'b2', 'T', 2), ('a2', 'b2', 'T', 11),
  ('a2', 'b1', 'U', 4), ('a1', 'b2', 'U', 6), ('a2', 'b2', 'U', 1),
  ('a1', 'b1', 'V', 5), ('a1', 'b2', 'V', 7)) v (a, b, stratum, n), generate_series(1, n);
SELECT shown(mantel_haenszel_test(a, b, stratum)) FROM strata;
SELECT shown(mantel_haenszel_test(s, 'less', 0.9, correct => false))
FROM (SELECT stratified_table(a, b, stratum) AS s FROM strata) q;
SELECT shown(mantel_haenszel_test(rollup(s), 'greater'))
FROM (SELECT stratum, stratified_table(a, b, stratum) AS s FROM strata GROUP BY stratum) q;
-- booleans: true - false, so the same ratio
SELECT shown(mantel_haenszel_test(a = 'a2', b = 'b2', stratum)) FROM strata;
-- the other way round, the ratio turns over and the one-sided p too
SELECT shown(mantel_haenszel_test(stratified_table(a, CASE b WHEN 'b1' THEN 'z' ELSE b END, stratum), 'less'))
FROM strata;
-- one patient more, alone in a stratum
SELECT shown(mantel_haenszel_test(a, b, stratum))
FROM (TABLE strata UNION ALL VALUES ('a1', 'b1', 'W')) q;
-- groups that cannot be compared
SELECT shown(mantel_haenszel_test(a, b, s))
FROM (VALUES (1, 'x', 'y', 's'), (1, 'x', 'z', 's'), (2, NULL, 'y', 's'), (2, 'x', NULL, 's'), (2, 'x', 'y', NULL),
  (3, 'x', 'y', 's'), (3, 'z', 'w', 't'), (4, 'x', 'y', 's'), (4, 'x', 'w', 's'), (4, 'z', 'w', 's')) v (g, a, b, s)
GROUP BY g ORDER BY g;
SELECT mantel_haenszel_test(a, b, stratum) FROM strata WHERE false;
SELECT statement, error_of(statement)
FROM (VALUES
  ($$SELECT mantel_haenszel_test(stratified_table('a', 'b', 's'), 'lower')$$),
  ($$SELECT mantel_haenszel_test(stratified_table('a', 'b', 's'), conf_level => 1)$$),
  ($$SELECT mantel_haenszel_test(stratified_table('a', 'b', 's'), correct => NULL)$$)) v (statement);
DROP TABLE strata;
DROP FUNCTION digits(float8), shown(anyelement), error_of(text);
