-- trajectory: groups of patients that follow the same curve.
\pset null NULL
-- seven significant digits: an optimum is known to about nine
CREATE OR REPLACE FUNCTION digits(x float8) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT CASE
    WHEN x = 0 THEN '0'
    WHEN abs(x) >= 1e-5 AND abs(x) < 1e15
      THEN trim_scale(round(x::numeric, 6 - floor(log(abs(x)))::int))::text
    ELSE ltrim(to_char(x, '9.999999EEEE')) END
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
EXCEPTION
-- 19 words the advice on unknown functions in another way
WHEN undefined_function THEN
  RETURN SQLSTATE || ' | ' || SQLERRM;
WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- ---- against R ---------------------------------------------------------------------------

-- 45 patients who fall, stay or fall and rise again over seven visits, some missed.
CREATE TABLE diary AS
SELECT 'p' || to_char(i, 'FM000') AS patient, t AS month,
       CASE WHEN (i * 5 + t * 3) % 19 > 0 THEN
         CASE WHEN i % 9 < 4 THEN 6 - 0.8 * t
              WHEN i % 9 < 7 THEN 7 - 0.1 * t
              ELSE 7 - 2.1 * t + 0.35 * t * t END
         + ((i * 37 + t * 61 + i * t * 13) % 41 - 20) / 8.0 END AS pain,
       (i * 29 + t * 53) % 7 AS part
FROM generate_series(1, 45) i, generate_series(0, 6) t;
CREATE TABLE fitted AS
SELECT s, trajectory_model(s, 3) AS m
FROM (SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) AS s FROM diary v) q;

-- R 4.2.2, EM, Newton and numDeriv as in test/oracle/trajectory.R; flexmix 2.3-18 comes
-- within 0.002 of these log likelihoods (606.8966, 586.1723, 583.2201), where it stops.
CREATE TABLE criteria_of_r (groups int, log_lik float8, aic float8, bic float8, entropy float8);
INSERT INTO criteria_of_r VALUES
  (1, -672.049352013346, 1352.09870402669, 1359.32535398577, NULL),
  (2, -606.894701688041, 1229.78940337608, 1244.24270329424, 0.949994159839111),
  (3, -586.171455476339, 1196.34291095268, 1218.02286082992, 0.956286394319298),
  (4, -583.219557478719, 1198.43911495744, 1227.34571479376, 0.958260664340462);
SELECT c.groups, c.parameters, digits(c.log_lik) AS log_lik, digits(c.aic) AS aic,
       digits(c.bic) AS bic, digits(c.bic_observations) AS bic_observations,
       digits(c.entropy) AS entropy, digits(c.smallest_group) AS smallest,
       digits(c.lowest_posterior) AS lowest_posterior, c.converged, c.note
FROM fitted, trajectory_compare(s, 6) c ORDER BY 1;
SELECT c.groups, abs(c.log_lik - r.log_lik) < 1e-8 AS log_lik, abs(c.aic - r.aic) < 1e-8 AS aic,
       abs(c.bic - r.bic) < 1e-8 AS bic, abs(c.entropy - r.entropy) < 1e-9 AS entropy,
       abs(c.bic_observations + 2 * c.log_lik - c.parameters * ln(298)) < 1e-9 AS bic_observations
FROM fitted, trajectory_compare(s, 4) c JOIN criteria_of_r r USING (groups) ORDER BY 1;

CREATE TABLE groups_of_r (grp int, share float8, n_assigned int, mean_posterior float8,
                          estimates float8[], errors float8[], curve float8[],
                          lower float8[], upper float8[]);
INSERT INTO groups_of_r VALUES
  (1, 0.434567329362, 20, 0.976773196318,
   '{5.93203031543, -0.930778621933, 0.0224059791698}',
   '{0.318471051002, 0.23909160222, 0.0379561604416}',
   '{5.93203031543, 3.34134826216, 1.15397383394}',
   '{5.30783852534, 2.9233961897, 0.565097409356}',
   '{6.55622210551, 3.75930033462, 1.74285025853}'),
  (2, 0.341562841405, 15, 0.99589753573,
   '{7.56606196715, -0.294451649173, 0.0210810445833}',
   '{0.333350217337, 0.268419950097, 0.0438005286522}',
   '{7.56606196715, 6.87243642088, 6.55826967711}',
   '{6.91270754693, 6.40046242823, 5.77106581469}',
   '{8.21941638737, 7.34441041354, 7.34547353953}'),
  (3, 0.223869829233, 10, 0.985689056208,
   '{7.0431541447, -2.17151163077, 0.357665233667}',
   '{0.421719035339, 0.326289156168, 0.0537520895347}',
   '{7.0431541447, 3.7476063554, 6.89003277211}',
   '{6.21660002384, 3.17889232929, 5.98726108251}',
   '{7.86970826556, 4.31632038152, 7.7928044617}');
SELECT shown(g) FROM fitted, trajectory_groups(m) g;
SELECT shown(c) FROM fitted, trajectory_curve(m, ARRAY[0, 3, 6]) c;
SELECT shown(g) FROM fitted, glance(m) g;
SELECT g.grp, max(abs(g.share - r.share)) < 1e-9 AS share, min(g.n_assigned) = min(r.n_assigned) AS assigned,
       max(abs(g.mean_posterior - r.mean_posterior)) < 1e-9 AS mean_posterior,
       max(abs(g.estimate - e.estimate)) < 1e-8 AS estimates,
       max(abs(g.std_error - e.error)) < 1e-8 AS errors
FROM fitted, trajectory_groups(m) g JOIN groups_of_r r USING (grp),
     unnest(r.estimates, r.errors, ARRAY['(Intercept)', 'month', 'I(month^2)']) e (estimate, error, term)
WHERE e.term = g.term GROUP BY g.grp ORDER BY 1;
SELECT c.grp, max(abs(c.estimate - e.estimate)) < 1e-8 AS curve,
       max(abs(c.conf_low - e.lower)) < 1e-8 AS conf_low, max(abs(c.conf_high - e.upper)) < 1e-8 AS conf_high
FROM fitted, trajectory_curve(m, ARRAY[0, 3, 6]) c JOIN groups_of_r r USING (grp),
     unnest(r.curve, r.lower, r.upper, ARRAY[0, 3, 6]) e (estimate, lower, upper, t)
WHERE e.t = c.t GROUP BY c.grp ORDER BY 1;
-- R's posteriors of the five patients that are least certain
SELECT a.subject, a.grp, digits(a.posterior) AS posterior, abs(a.posterior - r.posterior) < 1e-9 AS as_r
FROM (SELECT a.*, row_number() OVER (ORDER BY posterior) AS n FROM fitted, trajectory_assignments(m) a) a
JOIN unnest(ARRAY[0.578130757088, 0.956622357977, 0.961910620633, 0.967464136181, 0.968886111125])
  WITH ORDINALITY r (posterior, n) USING (n) ORDER BY n;

-- ---- against the definition ------------------------------------------------------------------

-- Posteriors, likelihood, entropy and mean posteriors from the curves, row by row in SQL.
CREATE TABLE densities AS
SELECT patient, grp, share, sum(-(((pain - c.estimate) / sigma) ^ 2) / 2 - ln(sigma * sqrt(2 * pi()))) AS log_density
FROM (SELECT (glance(m)).sigma AS sigma, m FROM fitted) f,
     LATERAL (SELECT DISTINCT grp, share FROM trajectory_groups(m)) g, diary d,
     LATERAL (SELECT estimate FROM trajectory_curve(m, ARRAY[d.month]) c WHERE c.grp = g.grp) c
WHERE pain IS NOT NULL GROUP BY patient, grp, share;
CREATE TABLE posteriors AS
SELECT patient, grp, share * exp(log_density) / sum(share * exp(log_density)) OVER w AS posterior,
       ln(sum(share * exp(log_density)) OVER w) AS log_lik
FROM densities WINDOW w AS (PARTITION BY patient);
SELECT digits(sum(log_lik) / 3) AS log_lik,
       digits(1 + sum(posterior * ln(posterior)) / (45 * ln(3))) AS entropy FROM posteriors;
SELECT count(*) AS patients, sum((a.grp = p.grp)::int) AS same_group,
       max(abs(a.posterior - p.posterior)) < 1e-10 AS same_posterior
FROM fitted, trajectory_assignments(m) a,
     LATERAL (SELECT grp, posterior FROM posteriors p WHERE p.patient = a.subject
              ORDER BY posterior DESC LIMIT 1) p;
SELECT g.grp, min(g.n_assigned) AS n_assigned, count(a.subject) / 3 AS counted,
       abs(min(g.mean_posterior) - avg(a.posterior)) < 1e-10 AS mean_posterior,
       abs(min(g.share) - (SELECT avg(posterior) FROM posteriors p WHERE p.grp = g.grp)) < 1e-9 AS share
FROM fitted, trajectory_groups(m) g, trajectory_assignments(m) a WHERE a.grp = g.grp
GROUP BY g.grp ORDER BY 1;
-- an interval of another level has the same middle and another width
SELECT c.grp, abs(c.estimate - d.estimate) AS middle,
       digits((d.conf_high - d.estimate) / (c.conf_high - c.estimate)) AS width
FROM fitted, trajectory_curve(m, ARRAY[2.5]) c, trajectory_curve(m, ARRAY[2.5], 0.8) d WHERE c.grp = d.grp;
-- one group is least squares, with the variance divided by n
SELECT bool_and(abs(g.estimate - c.estimate) < 1e-11) AS estimates,
       bool_and(abs(g.std_error / c.std_error - sqrt((298 - 3) / 298.0)) < 1e-11) AS errors
FROM (SELECT trajectory_model(s, 1) AS m FROM fitted) f,
     (SELECT linear_model('pain ~ month + I(month^2)', v) AS l FROM diary v) q,
     trajectory_groups(m) g, coefficients(l) c WHERE c.term = g.term;
-- other seeds and numbers of starts end at the same optimum
SELECT starts, seed, digits((glance(n)).log_lik) AS log_lik,
       (SELECT bool_and(abs(a.estimate - b.estimate) < 1e-8)
        FROM trajectory_groups(m) a, trajectory_groups(n) b WHERE a.grp = b.grp AND a.term = b.term) AS same
FROM fitted, (VALUES (1, 1), (5, -7), (50, 99), (20, 9223372036854775807)) v (starts, seed),
     LATERAL (SELECT trajectory_model(s, 3, starts, seed) AS n) q;
-- the same start gives every bit
SELECT trajectory_model(s, 3)::text = m::text AS same FROM fitted;

-- ---- the same for every plan ---------------------------------------------------------------------

SET max_parallel_workers_per_gather = 0;
CREATE TABLE answers AS
SELECT 'serial' AS plan, trajectory_model(s, 3)::text AS a
FROM (SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) AS s FROM diary v) q;
INSERT INTO answers
SELECT 'backwards', trajectory_model(s, 3)::text
FROM (SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) AS s
      FROM (SELECT * FROM diary ORDER BY patient DESC, month DESC) v) q;
INSERT INTO answers
SELECT 'rollup', trajectory_model(s, 3)::text
FROM (SELECT rollup(s) AS s
      FROM (SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) AS s
            FROM diary v GROUP BY part) q) r;
INSERT INTO answers
SELECT 'months apart', trajectory_model(s, 3)::text
FROM (SELECT rollup(s::text::trajectory_summary) AS s
      FROM (SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) AS s
            FROM diary v GROUP BY month) q) r;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) FROM diary v;
INSERT INTO answers
SELECT 'parallel', trajectory_model(s, 3)::text
FROM (SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) AS s FROM diary v) q;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT plan, a = (SELECT a FROM answers WHERE plan = 'serial') AS same FROM answers ORDER BY 1;
-- patients by keys of other types: the groups are the same
SELECT key, digits((glance(m)).log_lik) AS log_lik, (SELECT string_agg(n, ' ') FROM
         (SELECT grp || ':' || count(*) AS n FROM trajectory_assignments(m) GROUP BY grp ORDER BY 1) q) AS sizes,
       (SELECT min(subject) FROM trajectory_assignments(m)) AS a_patient
FROM (SELECT 'int' AS key, trajectory_summary('pain ~ month | id', v) AS s
      FROM (SELECT pain, month, right(patient, 3)::int AS id FROM diary) v
      UNION ALL
      SELECT 'int8', trajectory_summary('pain ~ month | id', v)
      FROM (SELECT pain, month, 10000000000 + right(patient, 3)::int8 AS id FROM diary) v
      UNION ALL
      SELECT 'uuid', trajectory_summary('pain ~ month | id', v)
      FROM (SELECT pain, month, md5(patient)::uuid AS id FROM diary) v
      UNION ALL
      SELECT 'varchar', trajectory_summary('pain ~ month | id', v)
      FROM (SELECT pain, month, patient::varchar(9) AS id FROM diary) v
      UNION ALL
      SELECT 'date', trajectory_summary('pain ~ month | id', v)
      FROM (SELECT pain, month, '2020-01-01'::date + right(patient, 3)::int AS id FROM diary) v
      UNION ALL
      SELECT 'boolean', trajectory_summary('pain ~ month | id', v)
      FROM (SELECT pain, month, patient < 'p020' AS id FROM diary) v) q,
     LATERAL (SELECT trajectory_model(s, 2) AS m) r ORDER BY key;
-- in groups and windows, with FILTER
SELECT half, n_used(s), n_missing(s), digits((glance(trajectory_model(s, 2))).log_lik)
FROM (SELECT right(patient, 3)::int < 23 AS half, trajectory_summary('pain ~ month | patient', v) AS s
      FROM diary v GROUP BY 1) q ORDER BY 1;
SELECT n_used(s), n_missing(s), (glance(trajectory_model(s, 1))).n_groups
FROM (SELECT trajectory_summary('pain ~ month | patient', v) FILTER (WHERE patient < 'p005') AS s FROM diary v) q;
SELECT patient, n_used(s) FROM
  (SELECT patient, month, trajectory_summary('pain ~ month | patient', v) OVER (ORDER BY patient, month) AS s
   FROM diary v) q WHERE patient < 'p004' AND month = 6 ORDER BY 1;
-- a curve that is constant, one of third order, one in the logarithm, another origin of time
SELECT formula, (SELECT string_agg(DISTINCT term, ', ') FROM trajectory_groups(m)) AS terms,
       digits((glance(m)).log_lik) AS log_lik, digits((SELECT max(estimate) FROM trajectory_curve(m, ARRAY[6]))) AS last
FROM unnest(ARRAY['pain ~ 1 | patient', 'pain ~ month + I(month^2) + I(month^3) | patient',
                  'pain ~ poly(month, 3, raw) | patient', 'pain ~ 0 + I(month + 1) | patient', 'log(pain + 3) ~ log(month + 1) | patient']) formula,
     LATERAL (SELECT trajectory_model(trajectory_summary(formula, v), 2) AS m FROM diary v) q;
SELECT digits((glance(m)).log_lik) AS log_lik, digits(estimate) AS last
FROM (SELECT trajectory_model(trajectory_summary('pain ~ year + I(year^2) | patient', v), 3) AS m
      FROM (SELECT patient, month + 2020 AS year, pain FROM diary) v) q, trajectory_curve(m, ARRAY[2026]);

-- ---- what cannot be fitted -----------------------------------------------------------------------

-- more groups than patients
SELECT shown(g) FROM (SELECT trajectory_summary('pain ~ month | patient', v) AS s
                      FROM diary v WHERE patient < 'p003') q, glance(trajectory_model(s, 3)) g;
SELECT c.groups, c.parameters, digits(c.log_lik) AS log_lik, c.converged, c.note
FROM (SELECT trajectory_summary('pain ~ month | patient', v) AS s
      FROM diary v WHERE patient < 'p003') q, trajectory_compare(s, 4) c;
SELECT shown(g) FROM (SELECT trajectory_model(trajectory_summary('pain ~ month | patient', v), 3) AS m
                      FROM diary v WHERE patient < 'p003') q, trajectory_groups(m) g;
SELECT count(*) FROM (SELECT trajectory_model(trajectory_summary('pain ~ month | patient', v), 3) AS m
                      FROM diary v WHERE patient < 'p003') q, trajectory_assignments(m);
-- patients all alike: a second group is empty, and says so
SELECT c.groups, digits(c.log_lik) AS log_lik, c.converged, c.note
FROM (SELECT trajectory_summary('y ~ t | id', v) AS s
      FROM (SELECT i AS id, t, (ARRAY[1, 3, 2, 5])[t] AS y FROM generate_series(1, 12) i, generate_series(1, 4) t) v) q,
     trajectory_compare(s, 3) c;
-- two kinds of patient, three groups
SELECT c.groups, c.converged, c.note
FROM (SELECT trajectory_summary('y ~ t | id', v) AS s
      FROM (SELECT i AS id, t, (ARRAY[1, 3, 2, 5])[t] + i % 2 * 4 AS y FROM generate_series(1, 12) i, generate_series(1, 4) t) v) q,
     trajectory_compare(s, 3) c;
CREATE TABLE odd AS
SELECT label, id, t::float8, y::float8 FROM (VALUES
  ('a one row', 1, 1, 5), ('b one row a patient', 1, 1, 5), ('b one row a patient', 2, 2, 3),
  ('b one row a patient', 3, 3, 9), ('b one row a patient', 4, 4, 2), ('b one row a patient', 5, 5, 7),
  ('b one row a patient', 6, 1, 6), ('b one row a patient', 7, 2, 1), ('b one row a patient', 8, 3, 4),
  ('c constant outcome', 1, 1, 5), ('c constant outcome', 1, 2, 5), ('c constant outcome', 2, 1, 5),
  ('c constant outcome', 2, 2, 5), ('c constant outcome', 3, 1, 5), ('c constant outcome', 3, 3, 5),
  ('d one line', 1, 1, 5), ('d one line', 1, 2, 7), ('d one line', 2, 1, 5), ('d one line', 2, 3, 9),
  ('e two lines', 1, 1, 5), ('e two lines', 1, 2, 7), ('e two lines', 1, 3, 9), ('e two lines', 2, 1, 8),
  ('e two lines', 2, 2, 6), ('e two lines', 2, 3, 4), ('e two lines', 3, 1, 8), ('e two lines', 3, 2, 6),
  ('f one time', 1, 3, 5), ('f one time', 2, 3, 6), ('f one time', 3, 3, 1), ('f one time', 4, 3, 2),
  ('f one time', 5, 3, 6), ('f one time', 6, 3, 1), ('f one time', 7, 3, 2),
  ('g one patient', 1, 1, 5), ('g one patient', 1, 2, 5), ('g one patient', 1, 3, 7), ('g one patient', 1, 4, 6),
  ('h all missing', 1, 1, NULL), ('h all missing', 2, 2, NULL), ('i no patient', NULL, 1, 3)) v (label, id, t, y);
SELECT label, groups, shown(g)
FROM (SELECT label, trajectory_summary('y ~ t | id', v) AS s FROM odd v GROUP BY label) q,
     generate_series(1, 2) groups, glance(trajectory_model(s, groups)) g ORDER BY 1, 2;
-- a column that depends on the others has no coefficient and the curve is as without it
SELECT shown(g) FROM (SELECT trajectory_model(trajectory_summary('pain ~ month + I(2 * month + 1) | patient', v), 2) AS m
                      FROM diary v) q, trajectory_groups(m) g;
SELECT shown(c) FROM (SELECT trajectory_model(trajectory_summary('y ~ t | id', v), 2) AS m
                      FROM odd v WHERE label = 'f one time') q, trajectory_curve(m, ARRAY[0, 3]) c;
SELECT shown(g) FROM (SELECT trajectory_model(trajectory_summary('pain ~ month + I(2 * month + 1) | patient', v), 2) AS m
                      FROM diary v) q, glance(m) g;
-- no rows, no row, NULL
SELECT trajectory_summary('y ~ t | id', v) IS NULL FROM odd v WHERE false;
SELECT n_used(s), n_missing(s) FROM (SELECT trajectory_summary('y ~ t | id', NULL::odd) AS s) q;
SELECT shown(c) FROM (SELECT trajectory_summary('y ~ t | id', v) AS s FROM odd v WHERE label = 'h all missing') q,
  trajectory_compare(s, 2) c;
SELECT count(*) FROM trajectory_groups(NULL), trajectory_assignments(NULL);
SELECT count(*) FROM trajectory_curve(NULL, ARRAY[1]);
SELECT count(*) FROM trajectory_compare(NULL, 3);
SELECT glance(NULL::trajectory_model) IS NULL, trajectory_model(NULL, 2) IS NULL, rollup(s) IS NULL
FROM (SELECT NULL::trajectory_summary AS s) q;
SELECT count(*) FROM fitted, trajectory_curve(m, '{}');
-- offsets do not matter
SELECT digits((glance(m)).log_lik) = digits((glance(n)).log_lik) AS log_lik, digits((glance(m)).sigma) = digits((glance(n)).sigma) AS sigma
FROM fitted, (SELECT trajectory_model(trajectory_summary('pain ~ month + I(month^2) | patient', v), 3) AS n
              FROM (SELECT patient, month, pain + 1e9 AS pain FROM diary) v) q;

-- ---- bad input -----------------------------------------------------------------------------------

SELECT formula, error_of(format('SELECT trajectory_summary(%L, v) FROM diary v', formula))
FROM unnest(ARRAY['', 'pain', 'pain ~ month', '~ month | patient', 'pain ~ month |', 'pain ~ month | (patient',
  'pain ~ month | nobody', 'pain ~ month + (1 | patient)', 'pain ~ month + part | patient', 'pain ~ patient | part',
  'pain ~ month | patient/part', 'pain ~ month | patient + part', 'patient ~ month | patient',
  'pain ~ log(month) | patient']) formula;
SELECT error_of($$SELECT trajectory_summary('y ~ t | id', v) FROM (SELECT 'NaN'::float8 AS y, 1 AS t, 1 AS id) v$$);
SELECT error_of($$SELECT trajectory_summary(NULL, v) FROM diary v$$);
SELECT error_of($$SELECT trajectory_summary(CASE WHEN month < 3 THEN 'pain ~ month | patient' ELSE 'pain ~ 1 | patient' END, v) FROM diary v$$);
SELECT error_of($$SELECT rollup(s) FROM (SELECT trajectory_summary('pain ~ month | patient', v) AS s FROM diary v
  UNION ALL SELECT trajectory_summary('pain ~ 1 | patient', v) FROM diary v) q$$);
SELECT call, error_of(format('SELECT %s FROM fitted', call))
FROM unnest(ARRAY['trajectory_model(s, 0)', 'trajectory_model(s, 21)', 'trajectory_model(s, NULL)', 'trajectory_model(s, 2, 0)',
  'trajectory_model(s, 2, 100001)', 'trajectory_model(s, 2, NULL)', 'trajectory_model(s, 2, 5, NULL)', 'trajectory_compare(s, 0)', 'trajectory_compare(s, 21)',
  'trajectory_curve(m, NULL)', 'trajectory_curve(m, ARRAY[1, NULL])',
  $$trajectory_curve(m, '{1, infinity}')$$, 'trajectory_curve(m, ARRAY[1e200])', 'trajectory_curve(m, ARRAY[1], 1)', 'trajectory_curve(m, ARRAY[1], NULL)']) call;
SELECT error_of($$SELECT coefficients(m) FROM fitted$$);
-- text and binary forms
SELECT m::text::trajectory_model::text = m::text AS model, left(m::text, 19) AS header,
       s::text::trajectory_summary::text = s::text AS summary FROM fitted;
SELECT error_of($$SELECT 'trajectory_model:1:AAAA'::trajectory_model$$);
SELECT error_of($$SELECT ''::trajectory_summary$$);
SELECT error_of(format('SELECT %L::trajectory_model', s::text)) FROM fitted;
-- damaged forms are refused or read, nothing else
SELECT count(*) FILTER (WHERE e = 'no error') + count(*) FILTER (WHERE e ~ '^22P0[23]|^22023|^XX001') = count(*) AS refused_or_read
FROM fitted, generate_series(20, length(m::text) - 1, 97) i,
     LATERAL (SELECT error_of(format('SELECT count(*) FROM trajectory_groups(%L), trajectory_assignments(%L)', damaged, damaged)) AS e
              FROM (SELECT overlay(m::text PLACING CASE WHEN substr(m::text, i, 1) = 'B' THEN 'C' ELSE 'B' END FROM i) AS damaged) d) e;

DROP TABLE diary, fitted, criteria_of_r, groups_of_r, densities, posteriors, answers, odd;
