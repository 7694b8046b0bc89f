-- How often the 95 % intervals of the indirect effect hold the truth: 2000 simulated studies
-- a scenario, one covariate, normal residuals; percentages, and those that lie below and
-- above it.  The table is in doc/mediation.md; half a minute.
-- Run: psql -f test/oracle/mediation_coverage.sql, in a database with the extension.
\set ON_ERROR_STOP on
\pset null -
SELECT setseed(0.271828) \g /dev/null
CREATE TEMP TABLE scenarios (n int, a float8, b float8);
INSERT INTO scenarios VALUES (50, 0.6, 0.6), (100, 0.4, 0.4), (200, 0.3, 0.3), (200, 0, 0.4);
CREATE FUNCTION pg_temp.normal() RETURNS float8 LANGUAGE SQL VOLATILE AS
  'SELECT sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())';
CREATE TEMP TABLE studies AS
SELECT n, a, b, study, mediation_sample(t, m, b * m + 0.2 * t + 0.3 * x + e, ARRAY[x]) AS s
FROM (SELECT n, a, b, study, t, x, a * t + 0.3 * x + pg_temp.normal() AS m, pg_temp.normal() AS e
      FROM (SELECT n, a, b, study, row % 2 AS t, pg_temp.normal() AS x
            FROM scenarios, generate_series(1, 2000) study, generate_series(1, n) row) r) r
GROUP BY n, a, b, study;
SELECT n, a, b, asked AS method,
  round(100 * avg((e.conf_low <= a * b AND a * b <= e.conf_high)::int), 1) AS covered,
  round(100 * avg((e.conf_high < a * b)::int), 1) AS below,
  round(100 * avg((e.conf_low > a * b)::int), 1) AS above
FROM studies, unnest('{delta,product,monte_carlo,bootstrap_percentile,bootstrap_bca}'::text[])
       WITH ORDINALITY u (asked, place),
     mediation_effects(s, asked, 1000, study) e
WHERE e.effect = 'indirect'
GROUP BY n, a, b, asked, place ORDER BY n, a DESC, place;
