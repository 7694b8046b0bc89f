-- linear: formulas on records, least squares, joint tests, contrasts, prediction.
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

-- ---- NIST's reference data sets --------------------------------------------------------

-- Each set is one row a line: what it is fitted to has y and x, or y and x1 to x6.
CREATE TABLE nist (set text, y numeric, x numeric, x1 numeric, x2 numeric, x3 numeric,
                   x4 numeric, x5 numeric, x6 numeric);
CREATE TABLE nist_certified (set text, formula text, n int, df float8, sigma float8,
                             r_squared float8, term text, estimate float8, std_error float8);
CREATE TABLE nist_anova (set text, grp text, value numeric);
\set folder `echo "$PG_ABS_SRCDIR"`/data/nist
\set load '\\copy nist_certified FROM ' :folder '/certified.csv CSV HEADER'
:load
\set load '\\copy nist_anova FROM ' :folder '/anova.csv CSV HEADER'
:load
\set load '\\copy nist (y, x) FROM ' :folder '/norris.csv CSV HEADER'
:load
UPDATE nist SET set = 'norris' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/pontius.csv CSV HEADER'
:load
UPDATE nist SET set = 'pontius' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/noint1.csv CSV HEADER'
:load
UPDATE nist SET set = 'noint1' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/noint2.csv CSV HEADER'
:load
UPDATE nist SET set = 'noint2' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/filip.csv CSV HEADER'
:load
UPDATE nist SET set = 'filip' WHERE set IS NULL;
\set load '\\copy nist (y, x1, x2, x3, x4, x5, x6) FROM ' :folder '/longley.csv CSV HEADER'
:load
UPDATE nist SET set = 'longley' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/wampler1.csv CSV HEADER'
:load
UPDATE nist SET set = 'wampler1' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/wampler2.csv CSV HEADER'
:load
UPDATE nist SET set = 'wampler2' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/wampler3.csv CSV HEADER'
:load
UPDATE nist SET set = 'wampler3' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/wampler4.csv CSV HEADER'
:load
UPDATE nist SET set = 'wampler4' WHERE set IS NULL;
\set load '\\copy nist (y, x) FROM ' :folder '/wampler5.csv CSV HEADER'
:load
UPDATE nist SET set = 'wampler5' WHERE set IS NULL;
CREATE VIEW nist_float AS
SELECT set, y::float8, x::float8, x1::float8, x2::float8, x3::float8, x4::float8,
       x5::float8, x6::float8 FROM nist;
-- correct digits, 15 when all of a double are
CREATE FUNCTION correct(x float8, truth float8) RETURNS float8 LANGUAGE SQL AS $$
  SELECT CASE WHEN x = truth THEN 15 WHEN truth = 0 THEN least(15, -log(abs(x)))
         ELSE least(15, -log(abs(x - truth) / abs(truth))) END
$$;
CREATE TABLE nist_fits AS
SELECT 'float8' AS type, set, formula, m
FROM (SELECT DISTINCT set, formula FROM nist_certified WHERE set <> 'longley') c,
     LATERAL (SELECT linear_model(formula, v) AS m
              FROM (SELECT y, x FROM nist_float f WHERE f.set = c.set) v) f
UNION ALL
SELECT 'numeric', set, formula, m
FROM (SELECT DISTINCT set, formula FROM nist_certified WHERE set <> 'longley') c,
     LATERAL (SELECT linear_model(formula, v) AS m
              FROM (SELECT y, x FROM nist n WHERE n.set = c.set) v) f
UNION ALL
SELECT 'float8', 'longley', 'y ~ .', linear_model('y ~ .', v)
FROM (SELECT y, x1, x2, x3, x4, x5, x6 FROM nist_float WHERE set = 'longley') v
UNION ALL
SELECT 'numeric', 'longley', 'y ~ .', linear_model('y ~ .', v)
FROM (SELECT y, x1, x2, x3, x4, x5, x6 FROM nist WHERE set = 'longley') v;
-- 12 digits on every coefficient and error; perfect fits have errors below 1e-8
SELECT f.type, f.set, count(*) AS coefficients,
       min(correct(c.estimate, n.estimate)) >= 12 AS estimates,
       min(CASE WHEN n.std_error = 0 THEN CASE WHEN c.std_error < 1e-8 THEN 15 END
           ELSE correct(c.std_error, n.std_error) END) >= 12 AS errors,
       min(correct((g).r_squared, n.r_squared)) >= 12 AS r_squared,
       min(CASE WHEN n.sigma > 0 THEN correct((g).sigma, n.sigma) END) >= 12 AS sigma,
       max((g).note) AS note
FROM nist_fits f, LATERAL (SELECT glance(m) AS g OFFSET 0) g, coefficients(m) c,
     nist_certified n
WHERE n.set = f.set AND n.term = c.term
GROUP BY f.type, f.set ORDER BY f.type, f.set;

-- Analysis of variance: Simon and Lesage's sets, 1, 10^6 and 10^12 plus tenths.
INSERT INTO nist_anova
SELECT 'SmLs0' || set, chr(96 + g),
       base + (ARRAY[0.4, 0.3, 0.5, 0.3, 0.5, 0.3, 0.5, 0.3, 0.5])[g]
       + CASE WHEN i = 1 THEN 0 WHEN i % 2 = 0 THEN -0.1 ELSE 0.1 END
FROM (VALUES (1, 1, 21), (2, 1, 201), (3, 1, 2001), (4, 1e6, 21), (5, 1e6, 201),
             (6, 1e6, 2001), (7, 1e12, 21), (8, 1e12, 201), (9, 1e12, 2001))
       s (set, base, size),
     generate_series(1, 9) g, generate_series(1, size) i;
CREATE TABLE anova_certified (set text, f float8, sigma float8, r_squared float8);
INSERT INTO anova_certified VALUES
  ('AtmWtAg', 15.9467335677930, 1.51048314446410e-5, 0.257426544538321),
  ('SiRstv', 1.18046237440255, 0.104076068334656, 0.190999039051129);
INSERT INTO anova_certified
SELECT 'SmLs0' || i, f, 0.1, f * 8 / (f * 8 + df)::float8
FROM (VALUES (1, 21, 180), (2, 201, 1800), (3, 2001, 18000)) s (set, f, df),
     LATERAL (VALUES (set), (set + 3), (set + 6)) k (i);
-- as numeric every digit counts; a float8 near 10^12 keeps four of the tenths
SELECT c.set, n_used(m) AS n, correct(j.statistic, f) >= 12 AS f,
       correct((g).sigma, c.sigma) >= 12 AS sigma,
       correct((g).r_squared, c.r_squared) >= 12 AS r_squared,
       round(correct(jf.statistic, f)) AS digits_of_f_from_float8
FROM (SELECT set, linear_model('value ~ grp', v) AS m,
             linear_model('x ~ grp', v) AS mf
      FROM (SELECT set, value, grp, value::float8 AS x FROM nist_anova) v GROUP BY set) q
     JOIN anova_certified c USING (set), LATERAL (SELECT glance(m) AS g OFFSET 0) g,
     joint_tests(m) j, joint_tests(mf) jf ORDER BY 1;

-- ---- a study ------------------------------------------------------------------------------

CREATE TYPE severity AS ENUM ('mild', 'severe', 'moderate');
CREATE TABLE study AS
SELECT i AS patient, (i * 7919 % 101)::float8 / 10 AS dose, (i * 31 % 17)::int AS pain,
       (ARRAY['B', 'A', 'C'])[1 + i % 3] AS site, i % 4 < 2 AS depressed,
       (ARRAY['mild', 'moderate', 'severe'])[1 + i / 2 % 3]::severity AS severity,
       CASE WHEN i % 9 > 0 THEN (20 + i * 37 % 60)::numeric / 3 END AS age
FROM generate_series(1, 90) i;
-- R 4.2.2: lm(pain ~ dose * depressed + site + age), car::Anova(contr.sum, type = 3)
SELECT shown(c) FROM (SELECT linear_model('pain ~ dose * depressed + site + age', v) AS m
                      FROM study v) q, coefficients(m) c;
SELECT shown(j) FROM (SELECT linear_model('pain ~ dose * depressed + site + age', v) AS m
                      FROM study v) q, joint_tests(m) j;
SELECT shown(g) FROM (SELECT linear_model('pain ~ dose * depressed + site + age', v) AS m
                      FROM study v) q, glance(m) g;
-- an enum in its own order, an interval of another level
SELECT shown(c) FROM (SELECT linear_model('log(pain + 1) ~ severity + I(dose^2)', v) AS m
                      FROM study v) q, coefficients(m, 0.9) c;
SELECT string_agg(term, ', ') FROM (SELECT linear_model('pain ~ 0 + site:depressed + poly(dose, 2, raw)', v) AS m
                                    FROM study v) q, coefficients(m) c;
-- poly() is the powers written out
SELECT digits(a.estimate) AS poly, digits(b.estimate) AS powers
FROM (SELECT linear_model('pain ~ poly(dose, 3, raw) + age', v) AS p,
             linear_model('pain ~ dose + I(dose^2) + I(dose^3) + age', v) AS w FROM study v) q,
     ROWS FROM (coefficients(p)) WITH ORDINALITY a, ROWS FROM (coefficients(w)) WITH ORDINALITY b
WHERE a.ordinality = b.ordinality ORDER BY a.ordinality;
SELECT error_of($$SELECT linear_model('pain ~ poly(site, 2, raw)', v) FROM study v$$);
-- contrasts: a coefficient, a mean, a difference; prediction is a contrast of the row
SELECT shown(c) FROM (SELECT linear_model('pain ~ dose * depressed', v) AS m FROM study v) q,
  LATERAL (VALUES (ARRAY[0, 1, 0, 0]), (ARRAY[1, 5, 0, 0]), (ARRAY[0, 0, -1, 2.5])) w (w),
  contrast_test(m, w) c;
SELECT patient, digits(predict(m, v)) FROM study v,
  (SELECT linear_model('pain ~ dose * site + severity + age', v) AS m FROM study v) q
WHERE patient IN (1, 2, 3, 9) ORDER BY 1;
-- the outcome is not asked for; a level not met has no prediction
SELECT digits(predict(m, v)) FROM
  (SELECT linear_model('pain ~ dose + site', v) AS m FROM study v) q,
  (VALUES (1.5::float8, 'A'), (1.5, 'B'), (1.5, 'Z'), (NULL, 'A')) v (dose, site);
-- residuals add up to nothing, and their squares to the deviance
SELECT abs(sum(pain - predict(m, v))) < 1e-10 AS sum,
       round((sum((pain - predict(m, v)) ^ 2) / min((glance(m)).deviance))::numeric, 12) AS squares
FROM study v, (SELECT linear_model('pain ~ dose * site + depressed', v) AS m FROM study v) q;

-- ---- the same for every plan ----------------------------------------------------------------

CREATE TABLE rows AS SELECT s.*, g % 7 AS part FROM study s, generate_series(1, 200) g;
ANALYZE rows;
CREATE FUNCTION summed(m linear_model) RETURNS text LANGUAGE SQL AS $$
  SELECT string_agg(to_json(c)::text, '' ORDER BY term) FROM coefficients(m) c
$$;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE answers AS
SELECT 'serial' AS plan, summed(linear_model('pain ~ dose * site + severity + age', v)) AS a
FROM rows v;
INSERT INTO answers
SELECT 'backwards', summed(linear_model('pain ~ dose * site + severity + age', v))
FROM (SELECT * FROM rows ORDER BY patient DESC, dose) v;
INSERT INTO answers
SELECT 'rollup', summed(linear_model(rollup(s)))
FROM (SELECT linear_summary('pain ~ dose * site + severity + age', v) AS s
      FROM rows v GROUP BY part, site, severity) q;
INSERT INTO answers
SELECT 'stored', summed(linear_model(rollup(s::text::linear_summary)))
FROM (SELECT linear_summary('pain ~ dose * site + severity + age', v) AS s
      FROM rows v GROUP BY part) q;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT linear_model('pain ~ dose * site + severity + age', v) FROM rows v;
INSERT INTO answers
SELECT 'parallel', summed(linear_model('pain ~ dose * site + severity + age', v)) FROM rows v;
SELECT plan, a = (SELECT a FROM answers WHERE plan = 'serial') AS same FROM answers ORDER BY 1;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- in groups and windows; pieces with different levels together
SELECT site, n_used(m), n_missing(m), shown(c) FROM
  (SELECT site, linear_model('pain ~ dose + age', v) AS m FROM study v GROUP BY site) q,
  coefficients(m) c WHERE term = 'dose' ORDER BY site;
SELECT patient, digits((SELECT estimate FROM coefficients(m) WHERE term = 'dose')) AS slope
FROM (SELECT patient, linear_model('pain ~ dose', v) OVER (ORDER BY patient) AS m FROM study v) q
WHERE patient < 6 ORDER BY 1;
SELECT shown(c) FROM
  (SELECT linear_model(rollup(s)) AS m FROM
     (SELECT linear_summary('y ~ g', v) AS s FROM (VALUES (1, 'a'), (2, 'a'), (4, 'b')) v (y, g)
      UNION ALL
      SELECT linear_summary('y ~ g', v) FROM (VALUES (9, 'c'), (7, 'c')) v (y, g)) q) r,
  coefficients(m) c;
-- FILTER, an empty set, all NULL, a NULL row
SELECT n_used(m), n_missing(m) FROM
  (SELECT linear_model('pain ~ age', v) FILTER (WHERE site = 'A') AS m FROM study v) q;
SELECT linear_model('y ~ x', v) IS NULL FROM (SELECT 1 AS y, 2 AS x WHERE false) v;
SELECT n_used(m), n_missing(m), (glance(m)).note FROM
  (SELECT linear_model('y ~ x', v) AS m FROM (VALUES (1, NULL::float8), (2, NULL)) v (y, x)) q;
SELECT shown(c) FROM
  (SELECT linear_model('y ~ x', v) AS m FROM (VALUES (1, NULL::float8)) v (y, x)) q, coefficients(m) c;
SELECT n_used(s), n_missing(s) FROM (SELECT linear_summary('y ~ x', NULL::study) AS s) q;
SELECT rollup(s) IS NULL FROM (SELECT NULL::linear_summary AS s) q;
SELECT count(*) FROM coefficients(NULL::linear_model);
SELECT glance(NULL::linear_model) IS NULL, predict(NULL::linear_model, ROW(1)) IS NULL;

-- ---- what cannot be estimated -------------------------------------------------------------------

CREATE TABLE odd AS
SELECT label, y::float8, x::float8, z::float8, g FROM (VALUES
  ('a one row', 1, 2, 3, 'p'), ('b two rows', 1, 2, 3, 'p'), ('b two rows', 2, 3, 1, 'q'),
  ('c constant x', 1, 5, 1, 'p'), ('c constant x', 2, 5, 2, 'q'), ('c constant x', 4, 5, 9, 'q'),
  ('c constant x', 3, 5, 4, 'q'),
  ('d collinear', 1, 1, 3, 'p'), ('d collinear', 2, 2, 5, 'q'), ('d collinear', 4, 3, 7, 'q'),
  ('d collinear', 3, 4, 9, 'p'), ('d collinear', 5, 9, 19, 'p'),
  ('e constant y', 7, 1, 4, 'p'), ('e constant y', 7, 2, 2, 'q'), ('e constant y', 7, 4, 1, 'q'),
  ('e constant y', 7, 3, 3, 'p'),  ('e constant y', 7, 9, 2, 'p')) v (label, y, x, z, g);
SELECT label, shown(c) FROM (SELECT label, linear_model('y ~ x + z', v) AS m FROM odd v GROUP BY label) q,
  coefficients(m) c ORDER BY label, (c.term = '(Intercept)') DESC, c.term;
SELECT label, shown(g) FROM (SELECT label, linear_model('y ~ x + z', v) AS m FROM odd v GROUP BY label) q,
  glance(m) g ORDER BY label;
SELECT label, shown(j) FROM (SELECT label, linear_model('y ~ x * g', v) AS m FROM odd v GROUP BY label) q,
  joint_tests(m) j ORDER BY label, j.term;
-- an empty cell: what can be told apart is tested, what cannot is not
SELECT shown(c) FROM (SELECT linear_model('pain ~ site * depressed', v) AS m FROM study v
                      WHERE NOT (site = 'C' AND depressed)) q, coefficients(m) c;
SELECT shown(j) FROM (SELECT linear_model('pain ~ site * depressed', v) AS m FROM study v
                      WHERE NOT (site = 'C' AND depressed)) q, joint_tests(m) j;
SELECT shown(c) FROM (SELECT linear_model('pain ~ dose + I(2 * dose)', v) AS m FROM study v) q,
  LATERAL (VALUES (ARRAY[0, 1, 0]), (ARRAY[0, 1, 2])) w (w), contrast_test(m, w) c;
-- offsets do not matter
SELECT digits(a.estimate) = digits(b.estimate) AS estimate, digits(a.std_error) = digits(b.std_error) AS error
FROM (SELECT linear_model('y ~ x', v) AS m FROM (SELECT 10 * dose + 1e9 AS x, pain + 1e9 AS y FROM study) v) q,
     (SELECT linear_model('y ~ x', v) AS m FROM (SELECT 10 * dose AS x, pain AS y FROM study) v) p,
     coefficients(q.m) a, coefficients(p.m) b WHERE a.term = 'x' AND b.term = 'x';

-- ---- bad input --------------------------------------------------------------------------------------

SELECT formula, error_of(format('SELECT linear_model(%L, v) FROM study v', formula))
FROM unnest(ARRAY['', 'pain', 'pain ~', '~ dose', 'pain ~ (dose + age', 'pain ~ dose)',
  'pain ~ dose $ age', 'pain ~ douleur', 'pain ~ dose + (1 | site)', 'pain ~ dose | patient',
  'site ~ dose', 'pain ~ log(site)', 'pain ~ I(depressed * 2)', 'pain ~ scale(dose)',
  'pain ~ poly(dose, 2)', 'pain ~ dose + 2', 'pain ~ log(dose - 100)', 'pain ~ exp(1000 * dose)',
  'pain ~ pain', 'Pain ~ dose']) formula;
SELECT error_of($$SELECT linear_model('pain ~ dose', v) FROM (SELECT pain, now() AS dose FROM study) v$$);
SELECT error_of($$SELECT linear_model('pain ~ dose', v) FROM (SELECT pain, 'NaN'::float8 AS dose FROM study) v$$);
SELECT error_of($$SELECT linear_model('pain ~ dose', v) FROM (SELECT pain, 1e150 AS dose FROM study) v$$);
SELECT error_of($$SELECT linear_model('pain ~ dose + age', v) FROM (SELECT pain, 1e200 AS dose, 'infinity'::float8 AS age FROM study) v$$);
SELECT error_of($$SELECT linear_model('pain ~ p', v) FROM (SELECT pain, patient::text AS p FROM study) v$$);
SELECT error_of($$SELECT linear_model(NULL, v) FROM study v$$);
SELECT error_of($$SELECT linear_model(CASE WHEN patient < 5 THEN 'pain ~ dose' ELSE 'pain ~ age' END, v) FROM study v$$);
SELECT error_of($$SELECT rollup(s) FROM (SELECT linear_summary('pain ~ dose', v) AS s FROM study v
  UNION ALL SELECT linear_summary('pain ~ age', v) FROM study v) q$$);
SELECT error_of($$SELECT rollup(s) FROM (SELECT linear_summary('pain ~ dose', v) AS s FROM study v
  UNION ALL SELECT linear_summary('pain ~ dose', v) FROM (SELECT pain, 'x' AS dose FROM study) v) q$$);
SELECT error_of($$SELECT linear_model('f1 ~ f2', r) FROM (VALUES
  ('a', ROW(1, 'text'::text)), ('b', ROW(1, 2)), ('b', ROW(2, 5)), ('a', ROW(3, 4))) v (grp, r) GROUP BY grp$$);
SELECT error_of($$SELECT contrast_test(linear_model('pain ~ dose', v), ARRAY[1]) FROM study v$$);
SELECT error_of($$SELECT contrast_test(linear_model('pain ~ dose', v), ARRAY[1, NULL]) FROM study v$$);
SELECT error_of($$SELECT coefficients(linear_model('pain ~ dose', v), 1) FROM study v$$);
SELECT error_of($$SELECT predict(m, ROW(1)) FROM (SELECT linear_model('pain ~ dose', v) AS m FROM study v) q$$);
SELECT error_of($$SELECT predict(m, w) FROM (SELECT linear_model('pain ~ dose', v) AS m FROM study v) q, (SELECT 'a' AS dose) w$$);
SELECT left(error_of(format('SELECT linear_model(%L, v) FROM study v',
  'pain ~ (' || (SELECT string_agg('I(dose + ' || i || ')', ' + ') FROM generate_series(1, 70) i) || ')')), 110);
SELECT error_of(format('SELECT linear_model(%L, v) FROM study v', 'pain ~ ' || repeat('(', 100) || 'dose'));
SELECT left(error_of(format('SELECT linear_model(%L, v) FROM study v', 'pain ~ dose' || repeat(' ', 5000))), 100);
-- more columns than rows, and 64 levels
SELECT shown(g) FROM (SELECT linear_model('pain ~ p', v) AS m
                      FROM (SELECT pain, patient::text AS p FROM study WHERE patient <= 64) v) q, glance(m) g;
-- text and binary forms
SELECT m::text::linear_model::text = m::text, left(m::text, 15)
FROM (SELECT linear_model('pain ~ dose * site', v) AS m FROM study v) q;
SELECT error_of($$SELECT 'linear_model:1:AAAA'::linear_model$$);
SELECT error_of(format('SELECT %L::linear_model', (SELECT linear_summary('pain ~ dose', v) FROM study v)::text));

DROP VIEW nist_float;
DROP TABLE nist, nist_certified, nist_anova, nist_fits, anova_certified, study, rows, answers, odd;
DROP FUNCTION correct(float8, float8), summed(linear_model);
DROP TYPE severity;
