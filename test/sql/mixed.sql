-- mixed: linear mixed models, REML and ML, degrees of freedom, random effects.
\pset null NULL
\pset format unaligned
-- eight significant digits: the figures are those at an optimum, found by search
CREATE OR REPLACE FUNCTION figures(x float8) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT CASE
    WHEN x = 0 THEN '0'
    WHEN abs(x) >= 1e-5 AND abs(x) < 1e15
      THEN trim_scale(round(x::numeric, 7 - floor(log(abs(x)))::int))::text
    ELSE ltrim(to_char(x, '9.9999999EEEE')) END
$$;
-- the columns of a row that are not NULL
CREATE OR REPLACE FUNCTION fitted(result anyelement) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT string_agg(format('%s=%s', key, CASE WHEN value ~ '^-?[0-9.]+(e[-+]?[0-9]+)?$'
                                         THEN figures(value::float8) ELSE value END),
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

-- ---- sleepstudy --------------------------------------------------------------------------

CREATE TABLE sleep (reaction float8, days int, subject text);
\set folder `echo "$PG_ABS_SRCDIR"`/oracle/data/gpl
\set load '\\copy sleep FROM ' :folder '/sleepstudy.csv CSV HEADER'
:load
CREATE TABLE sleep_fits AS
SELECT formula, method, mixed_model(s, method) AS m
FROM (VALUES ('reaction ~ days + (1 + days | subject)'), ('reaction ~ days + (days || subject)'),
             ('reaction ~ days + (1 | subject)')) f (formula),
     LATERAL (SELECT mixed_summary(formula, v) AS s FROM sleep v) q,
     (VALUES ('REML'), ('ML')) method (method);
-- R: lme4 1.1-31, lmerTest 3.1-3, Newton steps after its own search
SELECT formula, method, fitted(c) FROM sleep_fits, coefficients(m) c
ORDER BY formula DESC, method DESC, c.term;
SELECT formula, method, fitted(c) FROM sleep_fits, variance_components(m) c
WHERE method = 'REML' ORDER BY formula DESC, c.grp, c.term1, c.term2;
SELECT formula, fitted(g) FROM sleep_fits f, glance(m) g ORDER BY formula DESC, f.method DESC;
SELECT fitted(r) FROM sleep_fits, random_effects(m) r
WHERE formula ~ '\(1 \+ days' AND method = 'REML' AND r.grp < '311' ORDER BY r.grp, r.term;
-- one variance more, two, and the same model twice
SELECT a.formula, b.formula, a.method, fitted(c)
FROM sleep_fits a, sleep_fits b, compare_models(a.m, b.m) c
WHERE a.method = b.method AND a.formula IN ('reaction ~ days + (1 | subject)', b.formula)
ORDER BY a.formula DESC, b.formula, a.method;
-- an offset of time changes nothing but the intercept
SELECT fitted(c) FROM
  (SELECT mixed_model('reaction ~ I(days + 2020) + (1 | subject)', v) AS m FROM sleep v) q, coefficients(m) c;

-- ---- a study with missing visits ------------------------------------------------------------

CREATE TYPE severity AS ENUM ('mild', 'severe', 'moderate');
CREATE TABLE study AS
SELECT p AS patient, month, (ARRAY['B', 'A', 'C'])[1 + p % 3] AS site, p % 5 < 2 AS depressed,
       (ARRAY['mild', 'moderate', 'severe'])[1 + p / 2 % 3]::severity AS severity,
       CASE WHEN p <> 7 THEN (20 + p * 37 % 60)::numeric / 4 END AS age,
       5 + (p * 7919 % 101) / 25.0 - month * (p * 31 % 17) / 20.0
       + (p * 389 + month * 557) % 97 / 40.0 + CASE WHEN p % 5 < 2 THEN 0.2 * month ELSE 0 END AS pain
FROM generate_series(1, 30) p, unnest(ARRAY[0, 1, 2, 3, 6]) month
WHERE (p * 13 + month * 7) % 6 > 0;
CREATE TABLE fits AS
SELECT 1 AS fit, mixed_model('pain ~ month * depressed + site + age + (1 + month | patient)', v) AS m FROM study v
UNION ALL
SELECT 2, mixed_model('log(pain + 3) ~ severity * visit + (1 | patient)', v)
FROM (SELECT *, month::text AS visit FROM study) v
UNION ALL
SELECT 3, mixed_model('pain ~ 0 + site + month + I(month^2) + (0 + month + I(month^2) | patient)', v) FROM study v
UNION ALL
SELECT 4, mixed_model('pain ~ month + (odd | patient) + (0 + month | patient)', v)
FROM (SELECT pain, month, month % 2 = 1 AS odd, patient FROM study) v
UNION ALL
SELECT 5, mixed_model('pain ~ month * depressed + (1 | site:severity)', v) FROM study v;
-- R: the same formulas; 3 and 4 are singular, a correlation is 1
SELECT fit, fitted(c) FROM fits, coefficients(m) c ORDER BY fit, c.term;
SELECT fit, fitted(c) FROM fits, variance_components(m) c ORDER BY fit, c.grp, c.term1, c.term2;
SELECT fit, fitted(j) FROM fits, joint_tests(m) j ORDER BY fit, j.term;
SELECT fit, fitted(g) FROM fits, glance(m) g ORDER BY fit;
-- contrasts: the slope of the depressed, a mean at month 6; prediction by the fixed effects
SELECT fitted(c) FROM fits, (VALUES (ARRAY[0, 1, 0, 0, 0, 0, 1]), (ARRAY[1, 6, 0, 0.5, 0, 10, 0])) w (w),
  contrast_test(m, w, 0.9) c WHERE fit = 1;
-- the same in standard deviations; R: lmerTest's covariance of the variance parameters
SELECT formula, f.method, fitted(e) FROM sleep_fits f, standardized_effect(m, ARRAY[0, 9]) e
ORDER BY formula DESC, f.method DESC;
SELECT fit, fitted(e) FROM fits,
  LATERAL (VALUES (1, ARRAY[0, 6, 0, 0, 0, 0, 6]), (3, ARRAY[0, 0, 0, 0, 1])) w (f, w), standardized_effect(m, w, 0.9) e
WHERE fit = f ORDER BY fit;
SELECT patient, month, figures(predict(m, v)) FROM study v, fits
WHERE fit = 1 AND patient IN (7, 8) ORDER BY 1, 2;
SELECT figures(predict(m, v)) FROM fits,
  (VALUES (1.5::float8, true, 'A', 30), (1.5, false, 'C', 40), (1.5, false, 'Z', 40),
          (1.5, NULL, 'A', 30)) v (month, depressed, site, age) WHERE fit = 1;
-- random effects of two patients, of one that has two visits, of an interaction
SELECT fit, fitted(r) FROM fits, random_effects(m) r
WHERE fit IN (1, 3) AND r.grp IN ('2', '9') OR fit = 5 AND r.grp < 'B' ORDER BY fit, r.grp, r.term;
-- does the change depend on depression?  ML, and the omnibus test
SELECT fitted(c) FROM
  (SELECT mixed_model(mixed_summary('pain ~ month + site + (month | patient)', v), 'ML') AS a,
          mixed_model(mixed_summary('pain ~ month * depressed + site + (month | patient)', v), 'ML') AS b
   FROM study v) q, compare_models(a, b) c;

-- ---- patient keys ------------------------------------------------------------------------------

CREATE TABLE keys AS
SELECT pain, month, patient::int2 AS int2, patient AS int4, patient::int8 AS int8,
       patient::float8 AS float8, patient::numeric AS numeric, patient::text AS text,
       'p' || patient AS varchar, patient::text::char(4) AS bpchar, patient::text::name AS name,
       md5(patient::text)::uuid AS uuid, '2020-01-01'::date + patient AS date,
       '2020-01-01'::timestamptz + patient * '1 day'::interval AS timestamptz, site::"char" AS "char",
       severity, depressed
FROM study;
SELECT key, error_of(format('SELECT mixed_model(%L, v) FROM keys v', 'pain ~ month + (1 | ' || key || ')')) AS error,
       figures(deviance), n_groups
FROM unnest(ARRAY['int2', 'int4', 'int8', 'float8', 'numeric', 'text', 'varchar', 'bpchar', 'name',
                  'uuid', 'date', 'timestamptz', 'char', 'severity', 'depressed'])
       WITH ORDINALITY k (key, i)
     LEFT JOIN LATERAL (SELECT (glance(m)).* FROM
       (SELECT mixed_model('pain ~ month + (1 | ' || key || ')', v) AS m FROM keys v) q) g
     ON true ORDER BY i;

-- ---- the same for every plan -----------------------------------------------------------------------

CREATE TABLE rows AS
SELECT s.*, patient * 100 + g AS id, g % 7 AS part FROM study s, generate_series(1, 20) g;
ANALYZE rows;
CREATE FUNCTION summed(m mixed_model) RETURNS text LANGUAGE SQL AS $$
  SELECT (SELECT string_agg(to_json(c)::text, '' ORDER BY term) FROM coefficients(m) c)
         || (SELECT string_agg(to_json(r)::text, '' ORDER BY grp, term) FROM random_effects(m) r)
$$;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE answers AS
SELECT 'serial' AS plan, summed(mixed_model('pain ~ month * depressed + site + severity + age + (month | id)', v)) AS a
FROM rows v;
INSERT INTO answers
SELECT 'backwards', summed(mixed_model('pain ~ month * depressed + site + severity + age + (month | id)', v))
FROM (SELECT * FROM rows ORDER BY month, patient DESC, part) v;
INSERT INTO answers
SELECT 'rollup of patients', summed(mixed_model(rollup(s)))
FROM (SELECT mixed_summary('pain ~ month * depressed + site + severity + age + (month | id)', v) AS s
      FROM rows v GROUP BY part, site, severity) q;
INSERT INTO answers
SELECT 'rollup of visits', summed(mixed_model(rollup(s ORDER BY month DESC)))
FROM (SELECT month, mixed_summary('pain ~ month * depressed + site + severity + age + (month | id)', v) AS s
      FROM rows v GROUP BY month) q;
INSERT INTO answers
SELECT 'stored', summed(mixed_model(rollup(s::text::mixed_summary)))
FROM (SELECT mixed_summary('pain ~ month * depressed + site + severity + age + (month | id)', v) AS s
      FROM rows v GROUP BY (id + month) % 5) q;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT mixed_model('pain ~ month * depressed + (month | id)', v) FROM rows v;
INSERT INTO answers
SELECT 'parallel', summed(mixed_model('pain ~ month * depressed + site + severity + age + (month | id)', v)) FROM rows v;
SELECT plan, a = (SELECT a FROM answers WHERE plan = 'serial') AS same FROM answers ORDER BY 1;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- in groups and windows; pieces with different levels together
SELECT site, n_used(m), n_missing(m), fitted(c) FROM
  (SELECT site, mixed_model('pain ~ month + age + (1 | patient)', v) AS m FROM study v GROUP BY site) q,
  coefficients(m) c WHERE term = 'month' ORDER BY site;
SELECT patient, figures((SELECT estimate FROM coefficients(m) WHERE term = 'month')) AS slope
FROM (SELECT DISTINCT ON (patient) patient, m
      FROM (SELECT patient, mixed_model('pain ~ month + (1 | patient)', v) OVER (ORDER BY patient) AS m
            FROM study v) w) q
WHERE patient < 6 ORDER BY 1;
SELECT fitted(c) FROM
  (SELECT mixed_model(rollup(s)) AS m FROM
     (SELECT mixed_summary('pain ~ site + month + (1 | patient)', v) AS s FROM study v GROUP BY site) q) r,
  coefficients(m) c;
-- FILTER, an empty set, all NULL, a NULL patient, a NULL row
SELECT n_used(m), n_missing(m) FROM
  (SELECT mixed_model('pain ~ age + (1 | patient)', v) FILTER (WHERE site = 'A') AS m FROM study v) q;
SELECT mixed_model('y ~ x + (1 | g)', v) IS NULL FROM (SELECT 1 AS y, 2 AS x, 3 AS g WHERE false) v;
SELECT n_used(m), n_missing(m), fitted(glance(m)) FROM
  (SELECT mixed_model('y ~ x + (1 | g)', v) AS m FROM (VALUES (1, NULL::float8, 1), (2, NULL, 2)) v (y, x, g)) q;
SELECT fitted(c) FROM
  (SELECT mixed_model('y ~ x + (1 | g)', v) AS m FROM (VALUES (1, NULL::float8, 1)) v (y, x, g)) q, coefficients(m) c;
SELECT count(*) FROM
  (SELECT mixed_model('y ~ x + (1 | g)', v) AS m FROM (VALUES (1, NULL::float8, 1)) v (y, x, g)) q,
  LATERAL (SELECT term1 FROM variance_components(m) UNION ALL SELECT term FROM random_effects(m)
           UNION ALL SELECT term FROM joint_tests(m)) c;
SELECT n_used(m), n_missing(m) FROM
  (SELECT mixed_model('pain ~ month + (1 | p)', v) AS m
   FROM (SELECT *, nullif(patient, 3) AS p FROM study) v) q;
SELECT n_used(s), n_missing(s) FROM (SELECT mixed_summary('y ~ x + (1 | g)', NULL::study) AS s) q;
SELECT rollup(s) IS NULL FROM (SELECT NULL::mixed_summary AS s) q;
SELECT (SELECT count(*) FROM coefficients(NULL::mixed_model)), (SELECT count(*) FROM random_effects(NULL)),
  (SELECT count(*) FROM variance_components(NULL)), (SELECT count(*) FROM joint_tests(NULL::mixed_model)),
  (SELECT count(*) FROM contrast_test(NULL::mixed_model, ARRAY[1])),
  (SELECT count(*) FROM standardized_effect(NULL, ARRAY[1]));
SELECT glance(NULL::mixed_model) IS NULL, predict(NULL::mixed_model, ROW(1)) IS NULL,
  mixed_model(NULL::mixed_summary) IS NULL, compare_models(NULL, NULL) IS NULL;

-- ---- what cannot be estimated -----------------------------------------------------------------------

CREATE TABLE odd AS
SELECT label, y::float8, t::float8, id
FROM (SELECT 'a one row' AS label, 3 AS y, 1 AS t, 1 AS id
      UNION ALL SELECT 'b one visit each', i * 7 % 5, i % 4, i FROM generate_series(1, 9) i
      UNION ALL SELECT 'c one patient', i * 7 % 5, i, 1 FROM generate_series(1, 9) i
      UNION ALL SELECT 'd constant outcome', 4, i % 4, i / 4 FROM generate_series(0, 19) i
      UNION ALL SELECT 'e constant time', i * 7 % 11, 2, i / 4 FROM generate_series(0, 19) i
      UNION ALL SELECT 'f no variance', (i % 4) + i % 2, i % 4, i / 4 FROM generate_series(0, 19) i
      UNION ALL SELECT 'g perfect fit', i / 4 * 5 % 7 + (i % 4) * 2, i % 4, i / 4 FROM generate_series(0, 19) i
      UNION ALL SELECT 'h two rows', i, i, i FROM generate_series(1, 2) i) q;
SELECT label, fitted(g) FROM (SELECT label, mixed_model('y ~ t + (1 | id)', v) AS m FROM odd v GROUP BY label) q,
  glance(m) g ORDER BY label;
SELECT label, fitted(c) FROM (SELECT label, mixed_model('y ~ t + (1 | id)', v) AS m FROM odd v GROUP BY label) q,
  coefficients(m) c ORDER BY label, c.term;
SELECT label, fitted(c) FROM (SELECT label, mixed_model('y ~ t + (1 | id)', v) AS m FROM odd v GROUP BY label) q,
  variance_components(m) c ORDER BY label, c.grp;
SELECT label, fitted(j) FROM (SELECT label, mixed_model('y ~ t + (1 | id)', v) AS m FROM odd v GROUP BY label) q,
  joint_tests(m) j ORDER BY label;
SELECT label, fitted(e) FROM (SELECT label, mixed_model('y ~ t + (1 | id)', v) AS m FROM odd v GROUP BY label) q,
  standardized_effect(m, ARRAY[0, 1]) e ORDER BY label;
-- a random slope where time does not vary, or patients come once
SELECT label, fitted(g) FROM (SELECT label, mixed_model('y ~ 1 + (t | id)', v) AS m FROM odd v GROUP BY label) q,
  glance(m) g ORDER BY label;
-- collinear fixed effects: as if the later column were not there
SELECT fitted(c) FROM (SELECT mixed_model('pain ~ month + I(2 * month) + site + (month | patient)', v) AS m FROM study v) q,
  coefficients(m) c;
SELECT fitted(j) FROM (SELECT mixed_model('pain ~ month + I(2 * month) + site + (month | patient)', v) AS m FROM study v) q,
  joint_tests(m) j;
SELECT fitted(c) FROM (SELECT mixed_model('pain ~ month + I(2 * month) + site + (month | patient)', v) AS m FROM study v) q,
  (VALUES (ARRAY[0, 1, 2, 0, 0]), (ARRAY[0, 1, 0, 0, 0])) w (w), contrast_test(m, w) c;
-- offsets do not matter
SELECT abs(a.estimate / b.estimate - 1) < 1e-6 AS estimate, abs(a.std_error / b.std_error - 1) < 1e-6 AS error,
       abs(a.df / b.df - 1) < 1e-4 AS df
FROM (SELECT mixed_model('y ~ x + (x | patient)', v) AS m
      FROM (SELECT 1000 + month AS x, pain + 100000 AS y, patient FROM study) v) q,
     (SELECT mixed_model('y ~ x + (x | patient)', v) AS m
      FROM (SELECT month AS x, pain AS y, patient FROM study) v) p,
     coefficients(q.m) a, coefficients(p.m) b WHERE a.term = 'x' AND b.term = 'x';

-- ---- bad input ------------------------------------------------------------------------------------------

SELECT formula, error_of(format('SELECT mixed_model(%L, v) FROM study v', formula))
FROM unnest(ARRAY['', 'pain', 'pain ~ month', 'pain ~ month + (1 | patient', 'pain ~ month + (1 | douleur)',
  'pain ~ month + (1 | )', 'pain ~ month + ( | patient)', 'pain ~ month + (0 | patient)',
  'pain ~ month + 1 | patient', 'pain ~ month + (1 || )', 'pain ~ month + (1 | patient) + (1 | site) + (1 | age)',
  'pain ~ (1 | patient) * month', 'pain ~ month + (douleur | patient)', 'pain ~ month + (1 | log(month))',
  '(1 | patient) ~ month', 'pain ~ month - (1 | patient)', 'site ~ month + (1 | patient)',
  'pain ~ log(month) + (1 | patient)']) WITH ORDINALITY f (formula, i) ORDER BY i;
SELECT error_of($$SELECT mixed_model('pain ~ x + (1 | patient)', v) FROM (SELECT pain, patient, 'NaN'::float8 AS x FROM study) v$$);
SELECT error_of($$SELECT mixed_model('pain ~ x + (1 | patient)', v) FROM (SELECT pain, patient, 1e200 AS x FROM study) v$$);
SELECT error_of($$SELECT mixed_model(NULL, v) FROM study v$$);
SELECT error_of($$SELECT mixed_model(CASE WHEN patient < 5 THEN 'pain ~ month + (1 | patient)' ELSE 'pain ~ age + (1 | patient)' END, v) FROM study v$$);
SELECT error_of($$SELECT mixed_model(mixed_summary('pain ~ month + (1 | patient)', v), 'MCMC') FROM study v$$);
SELECT error_of($$SELECT mixed_model(mixed_summary('pain ~ month + (1 | patient)', v), NULL) FROM study v$$);
SELECT error_of($$SELECT rollup(s) FROM (SELECT mixed_summary('pain ~ month + (1 | patient)', v) AS s FROM study v
  UNION ALL SELECT mixed_summary('pain ~ month + (1 | site)', v) FROM study v) q$$);
SELECT error_of($$SELECT contrast_test(mixed_model('pain ~ month + (1 | patient)', v), ARRAY[1]) FROM study v$$);
SELECT error_of($$SELECT contrast_test(mixed_model('pain ~ month + (1 | patient)', v), ARRAY[1, NULL]) FROM study v$$);
SELECT error_of($$SELECT standardized_effect(mixed_model('pain ~ month + (1 | patient)', v), ARRAY[1]) FROM study v$$);
SELECT error_of($$SELECT coefficients(mixed_model('pain ~ month + (1 | patient)', v), 1) FROM study v$$);
SELECT error_of($$SELECT predict(m, ROW(1)) FROM (SELECT mixed_model('pain ~ month + (1 | patient)', v) AS m FROM study v) q$$);
-- models that cannot be compared
SELECT error_of($$SELECT compare_models(mixed_model('pain ~ month + (1 | patient)', v), mixed_model('pain ~ month + age + (1 | patient)', v)) FROM study v$$);
SELECT error_of($$SELECT compare_models(mixed_model('pain ~ month + (1 | patient)', v), mixed_model('pain ~ month + site + (1 | patient)', v)) FROM study v$$);
SELECT error_of($$SELECT compare_models(mixed_model(s), mixed_model(s, 'ML')) FROM (SELECT mixed_summary('pain ~ month + (1 | patient)', v) AS s FROM study v) q$$);
SELECT left(error_of(format('SELECT mixed_model(%L, v) FROM study v', 'pain ~ 1 + (' ||
  (SELECT string_agg('I(month^' || i || ')', ' + ') FROM generate_series(1, 40) i) || ' | patient)')), 110);
-- text and binary forms
SELECT m::text::mixed_model::text = m::text, s::text::mixed_summary::text = s::text, left(m::text, 14), left(s::text, 16)
FROM (SELECT mixed_model('pain ~ month * site + (month | patient)', v) AS m,
             mixed_summary('pain ~ month * site + (month | patient)', v) AS s FROM study v) q;
SELECT error_of($$SELECT 'mixed_model:1:AAAA'::mixed_model$$);
SELECT error_of(format('SELECT %L::mixed_model', (SELECT mixed_summary('pain ~ month + (1 | patient)', v) FROM study v)::text));

DROP TABLE sleep, sleep_fits, study, fits, keys, rows, answers, odd;
DROP FUNCTION summed(mixed_model), figures(float8), fitted(anyelement);
DROP TYPE severity;
