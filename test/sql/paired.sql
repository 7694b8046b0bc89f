-- paired: before and after, tests of the change, categories, repeated values.
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

-- Pain before and after of twelve patients, ties and zeros among the changes.
CREATE TABLE pairs AS
SELECT * FROM (VALUES (1, 8, 4), (2, 7, 7), (3, 9, 6), (4, 6, 5), (5, 10, 3), (6, 5, 6),
                      (7, 7, 4), (8, 8, 8), (9, 6, 2), (10, 9, 7),
                      (11, 4, NULL), (12, NULL, 5), (13, 7, 5))
       v (id, before, after);
-- Groups that cannot be analysed, and some that nearly cannot.
CREATE TABLE odd_pairs AS
SELECT label, before::float8, after::float8
FROM (VALUES ('a all null', NULL, NULL), ('a all null', 3, NULL), ('b one pair', 5, 3),
             ('c two pairs', 5, 3), ('c two pairs', 6, 5), ('d no change', 4, 4),
             ('d no change', 6, 6), ('d no change', 6, 6), ('e same change', 4, 3),
             ('e same change', 6, 5), ('e same change', 7, 6), ('f before constant', 5, 1),
             ('f before constant', 5, 3), ('f before constant', 5, 4), ('f before constant', 5, 2),
             ('g before zero', 0, 1), ('g before zero', 0, 3), ('g before zero', 0, 0),
             ('h three pairs', 1, 2), ('h three pairs', 2, 4), ('h three pairs', 3, 5),
             ('i in a line', 1, 3), ('i in a line', 2, 5), ('i in a line', 3, 7),
             ('i in a line', 4, 9), ('j far offset', 1e9, 1e9 + 1),
             ('j far offset', 1e9, 1e9 + 2), ('j far offset', 1e9 + 2, 1e9 + 5))
     v (label, before, after);

-- ---- description ----------------------------------------------------------------------

SELECT shown(describe_paired(before, after)) FROM pairs;
SELECT label, shown(describe_paired(before, after)) FROM odd_pairs
GROUP BY label ORDER BY label;
-- the summary gives the same, in any order
SELECT count(DISTINCT d::text)
FROM (SELECT describe_paired(paired_values(before, after)) AS d FROM pairs
      UNION ALL SELECT describe_paired(before, after) FROM (SELECT * FROM pairs ORDER BY after) p
      UNION ALL SELECT describe_paired(before, after) FROM (SELECT * FROM pairs ORDER BY -id) p) v;

-- ---- paired t test --------------------------------------------------------------------

-- R: t.test(after, before, paired = TRUE), mu = -1 with each alternative at 0.9
SELECT shown(paired_t_test(before, after)) FROM pairs;
SELECT alternative, shown(paired_t_test(s, -1, alternative, 0.9))
FROM (SELECT paired_summary(before, after) AS s FROM pairs) v,
     unnest('{two.sided,less,greater}'::text[]) alternative;
SELECT label, shown(paired_t_test(before, after)) FROM odd_pairs
GROUP BY label ORDER BY label;

-- ---- standardized change --------------------------------------------------------------

SELECT type, shown(paired_effect_size(s, type))
FROM (SELECT paired_summary(before, after) AS s FROM pairs) v,
     unnest('{dz,dav,drm,srm,hedges_g}'::text[]) WITH ORDINALITY t (type, n) ORDER BY n;
SELECT shown(paired_effect_size(s, 'hedges_g', 0.9))
FROM (SELECT paired_summary(before, after) AS s FROM pairs) v;
SELECT label, type, shown(paired_effect_size(s, type))
FROM (SELECT label, paired_summary(before, after) AS s FROM odd_pairs GROUP BY label) v,
     unnest('{dz,dav,hedges_g}'::text[]) type
ORDER BY label, type;

-- ---- correlation ----------------------------------------------------------------------

-- R: cor.test(before, after), alternative = "greater", conf.level = 0.9
SELECT shown(pearson_correlation(before, after)) FROM pairs;
SELECT alternative, shown(pearson_correlation(s, alternative, 0.9))
FROM (SELECT paired_summary(before, after) AS s FROM pairs) v,
     unnest('{less,greater}'::text[]) alternative;
SELECT label, shown(pearson_correlation(before, after)) FROM odd_pairs
GROUP BY label ORDER BY label;

-- constants stay constants however many rows there are
SELECT n, shown(paired_t_test(before, after)), shown(pearson_correlation(before, after)),
  shown(pearson_correlation(before, i))
FROM (VALUES (50), (100000)) s (n),
     LATERAL (SELECT n AS rows, 0.1::float8 AS before, 0.3::float8 AS after, i
              FROM generate_series(1, s.n) i) p
GROUP BY n ORDER BY n;

-- ---- Wilcoxon signed rank -------------------------------------------------------------

-- exact with ties and zeros; R, both zero rules: the 2^n signs counted one by one
SELECT shown(wilcoxon_signed_rank(before, after)) FROM pairs;
SELECT zeros, exact, correct, alternative,
  shown(wilcoxon_signed_rank(s, 0, alternative, 0.95, exact, zeros, correct))
FROM (SELECT value_counts(after - before) AS s FROM pairs) v,
     unnest('{wilcoxon,pratt}'::text[]) zeros,
     (VALUES (true, true), (false, true), (false, false)) o (exact, correct),
     unnest('{two.sided,less,greater}'::text[]) alternative
ORDER BY zeros, exact DESC, correct DESC, alternative;
-- no ties, no zeros: R's wilcox.test(x, conf.int = TRUE), and mu = 0.45,
-- greater, at 0.9
SELECT shown(wilcoxon_signed_rank(s)) AS both_sides,
  shown(wilcoxon_signed_rank(s, 0.45, 'greater', 0.9)) AS greater
FROM (SELECT value_counts(x) AS s
      FROM unnest('{1.83,0.5,1.62,2.48,1.68,1.88,1.55,3.06,-1.3}'::float8[]) x) v;
SELECT label, shown(wilcoxon_signed_rank(before, after)) FROM odd_pairs
GROUP BY label ORDER BY label;
SELECT label, shown(wilcoxon_signed_rank(s, exact => false, zeros => 'pratt'))
FROM (SELECT label, value_counts(after - before) AS s FROM odd_pairs GROUP BY label) v
ORDER BY label;
-- beyond 1000 changes that are not zero, the normal approximation
SELECT w.n, w.method, digits(w.p_value) AS p, digits(w.estimate) AS estimate,
  digits(w.conf_low) AS low, digits(w.conf_high) AS high
FROM (VALUES (1000), (2000)) s (n),
     LATERAL (SELECT (wilcoxon_signed_rank(0, i % 11 - 4)).* FROM generate_series(1, s.n) i) w;

-- ---- sign test ------------------------------------------------------------------------

-- R: binom.test(1, 9); median with the limits of its order statistics
SELECT shown(sign_test(before, after)) FROM pairs;
SELECT alternative, shown(sign_test(s, -1.5, alternative, 0.9))
FROM (SELECT value_counts(after - before) AS s FROM pairs) v,
     unnest('{two.sided,less,greater}'::text[]) alternative;
SELECT label, shown(sign_test(before, after)) FROM odd_pairs
GROUP BY label ORDER BY label;

-- ---- McNemar --------------------------------------------------------------------------

-- 9 to yes, 2 to no; R: binom.test(9, 11), mcnemar.test
CREATE TABLE answers AS
SELECT i <= 22 AS before, i <= 20 OR i > 51 AS after FROM generate_series(1, 60) i
UNION ALL SELECT NULL, true UNION ALL SELECT false, NULL;
SELECT shown(mcnemar_test(before, after)) FROM answers;
SELECT exact, correct, shown(mcnemar_test(s, exact, correct, 0.9))
FROM (SELECT contingency_table(before, after) AS s FROM answers) v,
     (VALUES (true, true), (false, true), (false, false)) o (exact, correct);
-- the later label is yes
SELECT shown(mcnemar_test(contingency_table(CASE WHEN before THEN 'yes' ELSE 'no' END,
                                            CASE WHEN after THEN 'yes' ELSE 'no' END)))
FROM answers WHERE before IS NOT NULL AND after IS NOT NULL;
SELECT label, shown(mcnemar_test(before, after))
FROM (VALUES ('to yes', false, true), ('to no', true, false), ('stays', true, true),
             ('all null', NULL, true)) v (label, before, after)
GROUP BY label ORDER BY label;
SELECT shown(mcnemar_test(contingency_table(a, b))) FROM (VALUES ('a', 'b'), ('b', 'c')) v (a, b);
DROP TABLE answers;

-- ---- Friedman -------------------------------------------------------------------------

-- R: friedman.test(RoundingTimes), the example of its help page
CREATE TABLE rounding AS
SELECT i::text AS player, c AS method, t[i][j] AS seconds
FROM (SELECT '{{5.40,5.50,5.55},{5.85,5.70,5.75},{5.20,5.60,5.50},{5.55,5.50,5.40},
               {5.90,5.85,5.70},{5.45,5.55,5.60},{5.40,5.40,5.35},{5.45,5.50,5.35},
               {5.25,5.15,5.00},{5.85,5.80,5.70},{5.25,5.20,5.10},{5.65,5.55,5.45},
               {5.60,5.35,5.45},{5.05,5.00,4.95},{5.50,5.50,5.40},{5.45,5.55,5.50},
               {5.55,5.55,5.35},{5.45,5.50,5.55},{5.50,5.45,5.25},{5.65,5.60,5.40},
               {5.70,5.65,5.55},{6.30,6.30,6.25}}'::float8[] AS t) v,
     generate_series(1, 22) i,
     unnest('{round out,narrow angle,wide angle}'::text[]) WITH ORDINALITY c (c, j);
SELECT shown(friedman_test(player, method, seconds)) FROM rounding;
-- a missing value leaves its subject out; a missing label is a row without a place
SELECT shown(friedman_test(player, method, seconds))
FROM (TABLE rounding UNION ALL VALUES ('x', 'wide angle', 5.1), ('y', 'wide angle', NULL),
      (NULL, 'wide angle', 5.2), ('z', NULL, 5.3)) r;
SELECT shown(friedman_test(player, method, seconds))
FROM (TABLE rounding UNION ALL TABLE rounding) r;
SELECT label, shown(friedman_test(s, c, v))
FROM (VALUES ('one subject', 'p', 'a', 1), ('one subject', 'p', 'b', 2),
             ('one condition', 'p', 'a', 1), ('one condition', 'q', 'a', 2), ('all tied', 'p', 'a', 1), ('all tied', 'p', 'b', 1),
             ('all tied', 'q', 'a', 2), ('all tied', 'q', 'b', 2), ('all null', 'p', 'a', NULL),
             ('all null', NULL, 'a', 2)) v (label, s, c, v)
GROUP BY label ORDER BY label;
SELECT friedman_test(player, method, seconds) FROM rounding WHERE false;
DROP TABLE rounding;

-- ---- no rows, NULL summaries ----------------------------------------------------------

SELECT describe_paired(before, after), paired_t_test(before, after),
  pearson_correlation(before, after), wilcoxon_signed_rank(before, after), sign_test(before, after), paired_summary(before, after),
  paired_values(before, after)
FROM pairs WHERE false;
SELECT paired_t_test(NULL), paired_effect_size(NULL), pearson_correlation(NULL),
  describe_paired(NULL),  wilcoxon_signed_rank(NULL), sign_test(NULL), mcnemar_test(NULL);

-- ---- bad input ------------------------------------------------------------------------

SELECT statement, error_of(statement)
FROM (VALUES
  ($$SELECT paired_t_test('NaN', 1)$$),
  ($$SELECT paired_t_test(1, 'Infinity')$$),
  ($$SELECT paired_t_test(1e200, 1)$$),
  ($$SELECT describe_paired('-Infinity', 1)$$),
  ($$SELECT wilcoxon_signed_rank(1, 'NaN')$$),
  ($$SELECT wilcoxon_signed_rank(1.7e308, -1.7e308)$$),
  ($$SELECT sign_test('Infinity'::float8, 0)$$),
  ($$SELECT friedman_test('p', 'a', 'NaN')$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), 'NaN')$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), NULL)$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), alternative => 'two-sided')$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), alternative => NULL)$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), conf_level => 0)$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), conf_level => 1)$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), conf_level => -1)$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), conf_level => 'NaN')$$),
  ($$SELECT paired_t_test(paired_summary(1, 2), conf_level => NULL)$$),
  ($$SELECT paired_effect_size(paired_summary(1, 2), 'd')$$),
  ($$SELECT paired_effect_size(paired_summary(1, 2), NULL)$$),
  ($$SELECT paired_effect_size(paired_summary(1, 2), 'dz', 1)$$),
  ($$SELECT pearson_correlation(paired_summary(1, 2), 'more')$$),
  ($$SELECT pearson_correlation(paired_summary(1, 2), conf_level => 0)$$),
  ($$SELECT wilcoxon_signed_rank(value_counts(1), 'Infinity')$$),
  ($$SELECT wilcoxon_signed_rank(value_counts(1), alternative => 'up')$$),
  ($$SELECT wilcoxon_signed_rank(value_counts(1), conf_level => 0)$$),
  ($$SELECT wilcoxon_signed_rank(value_counts(1), zeros => 'drop')$$),
  ($$SELECT wilcoxon_signed_rank(value_counts(1), zeros => NULL)$$),
  ($$SELECT wilcoxon_signed_rank(value_counts(1), correct => NULL)$$),
  ($$SELECT sign_test(value_counts(1), NULL)$$),
  ($$SELECT sign_test(value_counts(1), alternative => 'LESS')$$),
  ($$SELECT sign_test(value_counts(1), conf_level => 1)$$),
  ($$SELECT mcnemar_test(contingency_table(true, true), NULL)$$),
  ($$SELECT mcnemar_test(contingency_table(true, true), correct => NULL)$$),
  ($$SELECT mcnemar_test(contingency_table(true, true), conf_level => 2)$$)) v (statement);
SELECT paired_t_test(s, alternative => 'greater than') FROM (SELECT paired_summary(1, 2) AS s) v;

DROP TABLE pairs, odd_pairs;

-- ---- Cochran's Q ----------------------------------------------------------------------

-- by hand: 6 subjects, successes 5, 3, 1 by condition, 9 in all, by subject 3, 1, 2, 1, 1, 1:
-- Q = 2 (3 (25 + 9 + 1) - 81) / (27 - 17) = 4.8, p = exp(-2.4)
CREATE TABLE answers AS
SELECT 'p' || i AS subject, c AS condition, substr(row, c, 1) = '1' AS response
FROM unnest('{111,100,110,100,010,100}'::text[]) WITH ORDINALITY u (row, i), generate_series(1, 3) c;
SELECT shown(cochran_q_test(subject, condition::text, response)) FROM answers;
SELECT shown(friedman_test(subject, condition::text, response::int)) FROM answers;
-- an incomplete subject is left out, a repeated one stops the test
SELECT shown(cochran_q_test(subject, condition::text, CASE WHEN subject <> 'p1' OR condition > 1 THEN response END))
FROM answers;
SELECT shown(cochran_q_test(subject, condition::text, response)) FROM (TABLE answers UNION ALL VALUES ('p1', 1, true)) q;
SELECT shown(cochran_q_test(subject, condition::text, true)) FROM answers;
SELECT cochran_q_test(subject, condition::text, response) FROM answers WHERE false;
SELECT error_of($$SELECT cochran_q_test(repeated_values('p', 'a', 2))$$);
DROP TABLE answers;
DROP FUNCTION digits(float8), shown(anyelement), error_of(text);
