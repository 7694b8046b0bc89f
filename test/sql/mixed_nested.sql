-- mixed_nested: mixed models of patients nested in sites, (1 | site/patient).
\pset null NULL
\pset format unaligned
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
-- nine sites of two to seven patients, numbered from 1 in each, with visits missing
CREATE TABLE visits AS
SELECT chr(65 + s) AS site, patient, chr(65 + s) || patient AS who,
       CASE WHEN patient % 2 = 0 THEN 'even' ELSE 'odd' END AS arm, month::float8,
       (5 + s * 7919 % 101 / 32.0 + u * 31 % 37 / 16.0
        - month * (u * 13 % 11 / 16.0 + s * 5 % 7 / 8.0) + (u * 389 + month * 557) % 97 / 64.0)::float8 AS pain
FROM generate_series(0, 8) s, generate_series(1, 7) patient, unnest(ARRAY[0, 1, 2, 3, 6]) month,
     LATERAL (SELECT s * 17 + patient AS u) u
WHERE patient <= 2 + s * 5 % 6 AND (patient * 13 + month * 7 + s) % 6 > 0;

-- ---- against lme4 and lmerTest --------------------------------------------------------------

CREATE TABLE gold (formula text, method text, figure text, name text, value float8);
\set folder `echo "$PG_ABS_SRCDIR"`/oracle
\set load '\\copy gold FROM ' :folder '/mixed_nested_sql.csv CSV HEADER DELIMITER \';\''
:load
CREATE TABLE fits AS
SELECT formula, method, mixed_model(s, method) AS m
FROM (SELECT DISTINCT formula, method FROM gold) g,
     LATERAL (SELECT mixed_summary(formula, v) AS s FROM visits v) q;
CREATE VIEW ours AS
SELECT formula, method, figure, name, value
FROM fits, LATERAL (
  SELECT figure, term AS name, value FROM coefficients(m),
    LATERAL (VALUES ('estimate', estimate), ('std_error', std_error), ('df', df),
                    ('statistic', statistic), ('p_value', p_value)) f (figure, value)
  UNION ALL
  SELECT figure, term, value FROM joint_tests(m),
    LATERAL (VALUES ('F', statistic), ('F df2', df2)) f (figure, value)
  UNION ALL
  SELECT 'variance', concat_ws(' ', grp, term1, term2), variance FROM variance_components(m)
  UNION ALL
  SELECT 'fit', name, value FROM glance(m),
    LATERAL (VALUES ('deviance', deviance), ('aic', aic), ('bic', bic), ('sigma', sigma)) f (name, value)
  UNION ALL
  SELECT figure, concat_ws(' ', grp, term), value FROM random_effects(m),
    LATERAL (VALUES ('mode', estimate), ('mode error', std_error)) f (figure, value)
  UNION ALL
  SELECT 'predict', 'month 2, odd', predict(m, r)
  FROM (SELECT 0::float8 AS pain, 'X' AS site, 1 AS patient, 'X1' AS who, 2::float8 AS month, 'odd' AS arm) r) f;
-- relative difference at most that of the column; of modes, to the largest of them
SELECT formula, figure, count(*) AS compared, count(o.value) AS found,
       max(abs(o.value - g.value) / CASE WHEN figure = 'mode' THEN 1 ELSE abs(g.value) END) < limits.most AS agree
FROM gold g LEFT JOIN ours o USING (formula, method, figure, name)
     JOIN (VALUES ('estimate', 1e-6), ('std_error', 1e-6), ('df', 1e-4), ('statistic', 1e-6), ('p_value', 1e-3),
                  ('F', 1e-6), ('F df2', 1e-4), ('variance', 1e-5), ('fit', 1e-9), ('mode', 1e-5),
                  ('mode error', 1e-5), ('predict', 1e-7)) limits (figure, most) USING (figure)
GROUP BY formula, figure, limits.most ORDER BY formula, figure;
SELECT count(*) AS ours_not_in_gold FROM ours o LEFT JOIN gold g USING (formula, method, figure, name)
WHERE g.value IS NULL;
SELECT formula, f.method, g.n, g.n_missing, g.n_groups, g.converged, g.note FROM fits f, glance(m) g ORDER BY 1, 2;
-- groups first, then sites; the labels are lme4's
SELECT formula, c.grp, c.term1, c.term2 FROM fits, variance_components(m) WITH ORDINALITY c (grp, term1, term2, v, s, r, i)
WHERE method = 'REML' ORDER BY formula, i;
SELECT array_agg(grp ORDER BY i) FROM fits, random_effects(m) WITH ORDINALITY r (grp, term, e, s, i)
WHERE formula = 'pain ~ month * arm + (1 | site/patient)' AND method = 'REML';

-- ---- other ways to say the same ---------------------------------------------------------------

CREATE FUNCTION likelihood(formula text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  EXECUTE format('SELECT concat_ws('' | '', round(log_lik::numeric, 9), n_groups, note) FROM
    (SELECT mixed_model(%L, v) AS m FROM visits v) q, glance(m)', formula) INTO answer;
  RETURN answer;
END
$$;
SELECT part, likelihood('pain ~ month * arm + ' || part)
FROM unnest(ARRAY['(1 | site/patient)', '(1 | site) + (1 | patient:site)', '(1 | site:patient) + (1 | site)',
  '(1 | site) + (1 | who)', '(1 | who) + (1 | site)', '(1 | site/who)', '(1 | site) + (1 | site/patient)',
  '(1 + month || site/patient)', '(1 | site/patient) + (0 + month | site/patient)',
  '(1 | site:patient)', '(1 | site/site)']) WITH ORDINALITY p (part, i) ORDER BY i;
-- a patient number in two sites is two patients; said otherwise, the factors cross
SELECT likelihood('pain ~ month + (1 | site) + (1 | patient)');
SELECT r.* FROM (SELECT mixed_model('pain ~ month + (1 | site) + (1 | patient)', v) AS m FROM visits v) q,
  random_effects(m) r ORDER BY grp LIMIT 2;
-- more or fewer variances: the same rows in other groups
SELECT a.method, c.parameters_a, c.parameters_b, round(c.statistic::numeric, 6) AS statistic, c.df,
       c.p_value < 1e-4 AS clear, c.note
FROM fits a, fits b, compare_models(a.m, b.m) c
WHERE a.formula = 'pain ~ month * arm + (1 | site/patient)' AND a.method = b.method
  AND b.formula = 'pain ~ month * arm + (1 + month | site/patient)' ORDER BY 1;
SELECT c.parameters_a, c.parameters_b, round(c.statistic::numeric, 6) AS statistic, c.df, c.note FROM
  (SELECT mixed_model('pain ~ month * arm + (1 | site)', v) AS a,
          mixed_model('pain ~ month * arm + (1 | site/patient)', v) AS b FROM visits v) q, compare_models(a, b) c;
-- a change in standard deviations of sites, patients and residual together
SELECT abs(e.estimate - c.estimate / sqrt(v.total)) < 1e-12 AS same, e.df = c.df AS same_df
FROM fits, coefficients(m) c, standardized_effect(m, ARRAY[0, 1, 0, 0]) e,
     LATERAL (SELECT sum(variance) AS total FROM variance_components(m)) v
WHERE formula = 'pain ~ month * arm + (1 | site/patient)' AND c.term = 'month';

-- ---- the same for every plan ------------------------------------------------------------------

CREATE FUNCTION summed(m mixed_model) RETURNS text LANGUAGE SQL AS $$
  SELECT (SELECT string_agg(to_json(c)::text, '' ORDER BY term) FROM coefficients(m) c)
         || (SELECT string_agg(to_json(r)::text, '' ORDER BY grp, term) FROM random_effects(m) r)
         || (SELECT string_agg(to_json(v)::text, '' ORDER BY v) FROM variance_components(m) v)
$$;
CREATE TABLE answers (formula text, plan text, answer text);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT format($$
INSERT INTO answers SELECT %1$L, 'parallel', summed(mixed_model(%1$L, v)) FROM visits v;
SET max_parallel_workers_per_gather = 0;
INSERT INTO answers SELECT %1$L, 'serial', summed(mixed_model(%1$L, v)) FROM visits v;
INSERT INTO answers SELECT %1$L, 'backwards', summed(mixed_model(%1$L, v))
  FROM (SELECT * FROM visits ORDER BY month, site DESC, patient DESC) v;
INSERT INTO answers SELECT %1$L, 'rollup of sites', summed(mixed_model(rollup(s)))
  FROM (SELECT mixed_summary(%1$L, v) AS s FROM visits v GROUP BY site) q;
INSERT INTO answers SELECT %1$L, 'rollup of visits', summed(mixed_model(rollup(s ORDER BY month DESC)))
  FROM (SELECT month, mixed_summary(%1$L, v) AS s FROM visits v GROUP BY month) q;
INSERT INTO answers SELECT %1$L, 'stored', summed(mixed_model(rollup(s::text::mixed_summary))::text::mixed_model)
  FROM (SELECT mixed_summary(%1$L, v) AS s FROM visits v GROUP BY (patient + month)::int %% 3) q;
RESET max_parallel_workers_per_gather$$, formula) AS statements
FROM unnest(ARRAY['pain ~ month * arm + (1 + month | site/patient)',
                  'pain ~ month * arm + (1 | who) + (1 + month | site)']) f (formula) \gexec
EXPLAIN (COSTS OFF) SELECT mixed_model('pain ~ month + (1 | site/patient)', v) FROM visits v;
SELECT a.formula, plan, answer = (SELECT answer FROM answers s WHERE s.formula = a.formula AND plan = 'serial') AS same
FROM answers a ORDER BY 1, 2;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- ---- keys ---------------------------------------------------------------------------------------

-- of any type, one of them empty or with a colon: sites and patients are kept apart
SELECT r.grp, round(r.estimate::numeric, 6) AS estimate FROM
  (SELECT mixed_model('pain ~ month + (1 | place/code)', v) AS m
   FROM (SELECT pain, month, CASE site WHEN 'A' THEN '' WHEN 'B' THEN 'a:1' WHEN 'C' THEN 'a' ELSE site END AS place,
                CASE WHEN site = 'C' THEN '1:' || patient ELSE patient::text END AS code
         FROM visits WHERE site < 'E') v) q, random_effects(m) r;
SELECT k.key, likelihood FROM unnest(ARRAY['int2', 'numeric', 'date', 'uuid', '"char"', 'boolean']) WITH ORDINALITY k (key, i),
LATERAL (SELECT CASE k.key
  WHEN 'int2' THEN (SELECT (glance(mixed_model('pain ~ month + (1 | k/patient)', v))).log_lik FROM (SELECT *, ascii(site)::int2 AS k FROM visits) v)
  WHEN 'numeric' THEN (SELECT (glance(mixed_model('pain ~ month + (1 | k/patient)', v))).log_lik FROM (SELECT *, ascii(site)::numeric / 7 AS k FROM visits) v)
  WHEN 'date' THEN (SELECT (glance(mixed_model('pain ~ month + (1 | k/patient)', v))).log_lik FROM (SELECT *, '2020-01-01'::date + ascii(site) AS k FROM visits) v)
  WHEN 'uuid' THEN (SELECT (glance(mixed_model('pain ~ month + (1 | site/k)', v))).log_lik FROM (SELECT *, md5(patient::text)::uuid AS k FROM visits) v)
  WHEN '"char"' THEN (SELECT (glance(mixed_model('pain ~ month + (1 | k/patient)', v))).log_lik FROM (SELECT *, site::"char" AS k FROM visits) v)
  ELSE (SELECT (glance(mixed_model('pain ~ month + (1 | k/who)', v))).log_lik FROM (SELECT *, site < 'E' AS k FROM visits) v)
  END AS l) l, LATERAL (SELECT round(l::numeric, 6) AS likelihood) r ORDER BY i;
SELECT g.n, g.n_missing, g.n_groups FROM
  (SELECT mixed_model('pain ~ month + (1 | site/patient)', v) AS m
   FROM (SELECT pain, month, nullif(site, 'B') AS site, nullif(patient, 2) AS patient FROM visits) v) q, glance(m) g;
SELECT error_of($$SELECT mixed_model('pain ~ month + (1 | place/patient)', v)
  FROM (SELECT *, E'a\x01b' AS place FROM visits) v$$);

-- ---- data that cannot be analysed --------------------------------------------------------------

CREATE FUNCTION note_of(condition text, formula text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  EXECUTE format('SELECT concat_ws('' | '', note, n, n_groups, sigma, (SELECT count(estimate) FROM random_effects(m)))
    FROM (SELECT mixed_model(%L, v) AS m FROM visits v WHERE %s) q, glance(m)', formula, condition) INTO answer;
  RETURN answer;
END
$$;
SELECT condition, note_of(condition, 'pain ~ month + (1 | site/patient)')
FROM unnest(ARRAY['site = ''C''', 'patient = 1', 'site = ''C'' AND patient = 1', 'month = 0', 'false'])
     WITH ORDINALITY c (condition, i) ORDER BY i;
SELECT note_of('true', '6 * month ~ month + (1 | site/patient)');
-- a variance of 0 is an answer with a note
SELECT c.grp, round(c.variance::numeric, 6) AS variance, g.note FROM
  (SELECT mixed_model('pain ~ month + (1 | half/who)', v) AS m
   FROM (SELECT *, patient % 2 AS half FROM visits) v) q, variance_components(m) c, glance(m) g;

-- ---- bad input ------------------------------------------------------------------------------------

SELECT formula, error_of(format('SELECT mixed_model(%L, v) FROM visits v', formula))
FROM unnest(ARRAY['pain ~ month + (1 | site/arm/patient)', 'pain ~ month + (1 | site) + (1 | patient) + (1 | arm)',
  'pain ~ month + (1 | site:arm) + (1 | arm:patient)', 'pain ~ month + (1 | site/patient:arm)',
  'pain ~ month + (1 | site/)', 'pain ~ month + (1 | site/patients)',
  'pain ~ month + (1 | site/patient) + (1 | arm)']) WITH ORDINALITY f (formula, i) ORDER BY i;

DROP VIEW ours;
DROP TABLE visits, gold, fits, answers;
DROP FUNCTION likelihood(text), summed(mixed_model), note_of(text, text), error_of(text);
