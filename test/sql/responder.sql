-- responder: responders, categories, proportions, responder curves, two groups.
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

-- ---- one patient ----------------------------------------------------------------------

SELECT b, a, digits(percent_change(b, a)) AS percent,
  is_responder(b, a) AS half, is_responder(b, a, inclusive => false) AS more_than_half,
  is_responder(b, a, 30) AS third, is_responder(b, a, 2, scale => 'absolute') AS two_points,
  is_responder(b, a, 50, direction => 'increase') AS increase,
  response_category(b, a) AS category
FROM (VALUES (10::float8, 5::float8), (10, 5.1), (8, 4), (7, 3.5), (9, 6.3), (3, 2.1), (0.3, 0.15), (5, 0),
             (5, 5), (5, 6), (5, 5.4), (5, 4.6), (5, 4.5), (0, 0), (0, 3), (4, 8), (6, NULL),
             (NULL, 3), (-2, -4), (1e300, 4e299)) v (b, a);
-- 0.3 * 0.7 and the like fall on the threshold, not beside it
SELECT count(*) FILTER (WHERE is_responder(b, b * 0.7, 30)) AS at_least,
  count(*) FILTER (WHERE is_responder(b, b * 0.7, 30, inclusive => false)) AS more_than,
  count(*)
FROM (SELECT i / 10.0::float8 AS b FROM generate_series(1, 100) i) v;
-- stopped for lack of effect: no responder, even without a last value
SELECT is_responder(10, 1, discontinued => true), is_responder(10, NULL, discontinued => true),
  is_responder(10, 1, discontinued => NULL), is_responder(NULL, NULL);
SELECT is_responder(6, 9, 50, direction => 'increase'),
  is_responder(6, 8.9, 50, direction => 'increase'),
  is_responder(6, 8, 2, true, 'increase', 'absolute'),
  is_responder(6, 8, 2, false, 'increase', 'absolute'),
  is_responder(5, 5, 0), is_responder(5, 5, 0, false);
SELECT response_category(10, 8, 20, 40, 60), response_category(10, 6, 20, 40, 60),
  response_category(10, 4, 20, 40, 60), response_category(10, 12, 20, 40, 60),
  response_category(10, 8.1, 20, 40, 60), response_category(10, NULL), percent_change(NULL, 1);
SELECT 'worse'::response_category < 'unchanged' AND 'unchanged' < 'minimal'::response_category
  AND 'minimal' < 'moderate'::response_category AND 'moderate' < 'substantial'::response_category
  AND 'substantial' < 'complete'::response_category AS ordered;
-- Jacobson and Truax 1991 have 2.37 for a rise from 32.5 to 47.5
SELECT digits(reliable_change(32.5, 47.5, 10, 0.8)), digits(reliable_change(47.5, 32.5, 10, 0.8)),
  reliable_change(5, 5, 2, 0), reliable_change(NULL, 5, 2, 0.5);

-- ---- proportions ----------------------------------------------------------------------

-- published: 23/45 = 51.1 %, 40/59 = 68 %, 7/59 = 12 %, 249/329 = 75.7 %; limits of R's
-- prop.test(correct = FALSE) and binom.test
SELECT p.events, p.n, round(100 * p.estimate::numeric, 1) AS percent, m,
  digits(p.conf_low) AS low, digits(p.conf_high) AS high, p.method, p.note
FROM (VALUES (23, 45), (40, 59), (7, 59), (249, 329)) v (events, n),
     unnest('{wilson,clopper_pearson}'::text[]) m,
     LATERAL proportion_ci(v.events, v.n, m) p;
-- every method, in the middle and at the ends; R: prop.test, binom.test, qbeta, DescTools::BinomCI
SELECT s.n, m, string_agg(format('%s [%s, %s]', x, digits(p.conf_low),
                                 digits(p.conf_high)), '  ' ORDER BY x)
FROM (VALUES (10), (1)) s (n),
     unnest('{wilson,wilson_cc,clopper_pearson,midp,jeffreys,agresti_coull,wald}'::text[]) m,
     generate_series(0, s.n, 5) x, LATERAL proportion_ci(x, s.n, m, 0.9) p
GROUP BY s.n, m ORDER BY s.n DESC, m;
SELECT shown(proportion_ci(0, 0)), proportion_ci(NULL, 5), proportion_ci(5, NULL);
SELECT shown(proportion_ci(1500000000, 3000000000));
SELECT shown(proportion_ci(1, 9000000000000000, 'clopper_pearson'));

CREATE TABLE responses AS
SELECT i, i % 3 AS arm, CASE WHEN i % 7 > 0 THEN i % 5 < 2 END AS response
FROM generate_series(1, 600) i;
SELECT arm, shown(responder_rate(response)) FROM responses GROUP BY arm ORDER BY arm;
-- the estimate reads a stored summary, with another method and level
SELECT arm, shown(responder_rate(s, 'jeffreys', 0.99))
FROM (SELECT arm, value_counts(response) AS s FROM responses GROUP BY arm) v ORDER BY arm;
SELECT shown(responder_rate(NULL::boolean)), shown(responder_rate(true)),
  shown(responder_rate(true) FILTER (WHERE false)), shown(responder_rate(false));
SELECT responder_rate(response) FROM responses WHERE false;
SELECT responder_rate(NULL::value_counts);
DROP TABLE responses;

-- ---- curve ----------------------------------------------------------------------------

-- changes of -100 (two), -50, -30, 0, +20 percent, and one from a baseline of 0
CREATE VIEW curve AS
SELECT value_counts(percent_change(b, a)) AS s
FROM (VALUES (4, 0), (5, 0), (8, 4), (10, 7), (6, 6), (5, 6), (0, 1)) v (b, a);
SELECT threshold, responders, n, digits(estimate) AS share, digits(conf_low) AS low,
  digits(conf_high) AS high
FROM curve, responder_curve(s);
SELECT threshold, responders, n
FROM curve, responder_curve(s, '{100,-20,50.5,0,30}', 'decrease', 0.9);
SELECT threshold, responders, n FROM curve, responder_curve(s, '{0,20,20.1}', 'increase');
SELECT count(*) FROM curve, responder_curve(s, '{}');
SELECT count(*) FROM responder_curve(NULL);
SELECT c.* FROM (SELECT value_counts(NULL::float8) AS s) v, responder_curve(s, '{50}') c;
DROP VIEW curve;

-- ---- two groups -----------------------------------------------------------------------

-- 40 of 59 against 7 of 59; R: Newcombe's hybrid, prop.test(correct = FALSE), log-Wald
SELECT measure, digits(estimate) AS estimate, digits(conf_low) AS low, digits(conf_high) AS high,
  digits(p_value) AS p, method
FROM (SELECT contingency_table(arm, response) AS s
      FROM (SELECT 'control' AS arm, CASE WHEN i <= 7 THEN 'yes' ELSE 'no' END AS response
            FROM generate_series(1, 59) i
            UNION ALL SELECT 'treated', CASE WHEN i <= 40 THEN 'yes' ELSE 'no' END
            FROM generate_series(1, 59) i) r) v, compare_proportions(s);
SELECT measure, digits(estimate) AS estimate, digits(conf_low) AS low, digits(conf_high) AS high,
  digits(p_value) AS p, method
FROM (SELECT contingency_table(arm, response) AS s
      FROM (VALUES (false, false), (false, false), (true, false), (true, true)) v (arm, response)) v,
     compare_proportions(s, 0.9);
-- one outcome only, one group only, nothing
SELECT label, measure, digits(estimate) AS estimate, method
FROM (SELECT label, contingency_table(arm, response) AS s
      FROM (VALUES ('all respond', false, true), ('all respond', true, true),
                   ('none responds', false, false), ('none responds', true, false),
                   ('one group', true, false), ('one group', true, true),
                   ('all null', NULL, true)) v (label, arm, response)
      GROUP BY label) v, compare_proportions(s)
ORDER BY label, measure;
SELECT count(*) FROM compare_proportions(NULL);

-- ---- bad input ------------------------------------------------------------------------

SELECT statement, error_of(statement)
FROM (VALUES
  ($$SELECT percent_change('NaN', 1)$$),
  ($$SELECT percent_change(1, 'Infinity')$$),
  ($$SELECT percent_change(1e-300, 1e300)$$),
  ($$SELECT is_responder('NaN', 1)$$),
  ($$SELECT is_responder(1, '-Infinity')$$),
  ($$SELECT is_responder(10, 5, -30)$$),
  ($$SELECT is_responder(10, 5, 'NaN')$$),
  ($$SELECT is_responder(10, 5, NULL)$$),
  ($$SELECT is_responder(10, 5, direction => 'down')$$),
  ($$SELECT is_responder(10, 5, direction => NULL)$$),
  ($$SELECT is_responder(10, 5, scale => 'points')$$),
  ($$SELECT is_responder(10, 5, scale => NULL)$$),
  ($$SELECT is_responder(10, 5, inclusive => NULL)$$),
  ($$SELECT response_category(10, 5, 30, 20, 50)$$),
  ($$SELECT response_category(10, 5, 10, 30, 30)$$),
  ($$SELECT response_category(10, 5, 0, 30, 50)$$),
  ($$SELECT response_category(10, 5, 10, 30, 101)$$),
  ($$SELECT response_category(10, 5, 10, NULL, 50)$$),
  ($$SELECT response_category(10, 5, 10, 'NaN', 50)$$),
  ($$SELECT response_category('Infinity', 5)$$),
  ($$SELECT reliable_change(10, 5, 0, 0.8)$$),
  ($$SELECT reliable_change(10, 5, -1, 0.8)$$),
  ($$SELECT reliable_change(10, 5, 2, 1)$$),
  ($$SELECT reliable_change(10, 5, 2, -0.1)$$),
  ($$SELECT reliable_change(10, 5, 2, NULL)$$),
  ($$SELECT reliable_change(10, 'NaN', 2, 0.8)$$),
  ($$SELECT proportion_ci(6, 5)$$),
  ($$SELECT proportion_ci(-1, 5)$$),
  ($$SELECT proportion_ci(0, -1)$$),
  ($$SELECT proportion_ci(1, 5, 'exact')$$),
  ($$SELECT proportion_ci(1, 5, NULL)$$),
  ($$SELECT proportion_ci(1, 5, conf_level => 0)$$),
  ($$SELECT proportion_ci(1, 5, conf_level => 1)$$),
  ($$SELECT proportion_ci(1, 5, conf_level => -1)$$),
  ($$SELECT proportion_ci(1, 5, conf_level => 'NaN')$$),
  ($$SELECT proportion_ci(1, 5, conf_level => NULL)$$),
  ($$SELECT responder_rate(value_counts(2.0::float8))$$),
  ($$SELECT responder_rate(value_counts(true), 'Wilson')$$),
  ($$SELECT * FROM responder_curve((SELECT value_counts(1.0::float8)), '{10,NULL}')$$),
  ($$SELECT * FROM responder_curve((SELECT value_counts(1.0::float8)), '{10,NaN}')$$),
  ($$SELECT * FROM responder_curve((SELECT value_counts(1.0::float8)), '{{10},{20}}')$$),
  ($$SELECT * FROM responder_curve((SELECT value_counts(1.0::float8)), NULL)$$),
  ($$SELECT * FROM responder_curve((SELECT value_counts(1.0::float8)), '{10}', 'lower')$$),
  ($$SELECT * FROM responder_curve((SELECT value_counts(1.0::float8)), '{10}', conf_level => 1.5)$$),
  ($$SELECT * FROM compare_proportions((SELECT contingency_table(true, true)), 0)$$)) v (statement);
SELECT response_category(10, 5, 50, 30, 10);

DROP FUNCTION digits(float8), shown(anyelement), error_of(text);
