-- studies: the figures of three abstracts on replica cohorts, constructed patients.
-- The queries are those of doc/studies.md in the same order.
CREATE SCHEMA studies;
SET search_path = studies, public;
\set ECHO none
\set data `echo "$PG_ABS_SRCDIR"`/data
\set load_replicas :data /replicas/load.sql
\i :load_replicas
\set ECHO all
SET extra_float_digits = -12;
CREATE FUNCTION digits(x float8, n int) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT round(x::numeric, n)';

-- ---- 1. Opioid tapering with ketamine: 59 patients

SELECT figure, published, ours FROM (
  SELECT 1 AS o, 'admitted from' AS figure, '2014-01-01' AS published, to_char(min(admitted), 'YYYY-MM-DD') AS ours FROM taper_patients
  UNION ALL SELECT 2 AS o, 'to', '2019-12-31', to_char(max(admitted + 5), 'YYYY-MM-DD') FROM taper_patients
  UNION ALL SELECT 3 AS o, 'patients', '59', count(DISTINCT patient)::text FROM taper_patients) s ORDER BY o;
WITH cohort AS (
  SELECT table_one_summary(r) AS s
  FROM taper_patients, LATERAL (SELECT extract(year FROM age(admitted, born))::int AS age, female, aetiology) r)
SELECT t.variable, t.level, p.published, t.display AS ours
FROM cohort, table_one(s, digits => 0) t
JOIN (VALUES ('age', '', '48 ± 10'), ('female', 'true', '64 %'), ('aetiology', 'back pain', '53 %'),
                  ('aetiology', 'fibromyalgia', '17 %')) p (variable, level, published)
  ON p.variable = t.variable AND p.level = coalesce(t.level, '')
ORDER BY t.variable, t.level DESC NULLS FIRST;
CREATE VIEW taper_mme AS
SELECT patient, day, mme_on(exposure, date) AS mme
FROM taper_visits JOIN
  (SELECT patient, opioid_exposure(drug, daily_dose, 'mg', 'oral', start_date, days) AS exposure
   FROM taper_prescriptions GROUP BY patient) p USING (patient);

CREATE VIEW taper_pairs AS
SELECT b.patient, d.day, b.mme AS before, v.mme AS after
FROM taper_mme b CROSS JOIN (VALUES (6), (90), (365)) d (day)
LEFT JOIN taper_mme v ON v.patient = b.patient AND v.day = d.day
WHERE b.day = 0;

SELECT day, published, format('%s ± %s', digits((d).mean, 0), digits((d).sd, 0)) AS ours, (d).n
FROM (SELECT day, describe(mme) AS d FROM taper_mme GROUP BY day) s
JOIN (VALUES (0, '207 ± 128'), (6, '92 ± 72'), (90, '99 ± 77'), (365, '103 ± 106')) p (day, published) USING (day)
ORDER BY day;
SELECT day, published, (t).n, (t).n_missing AS lost, digits((t).estimate, 0) AS change,
       (t).p_value AS t_test, (w).p_value AS wilcoxon
FROM (SELECT day, paired_t_test(before, after) AS t, wilcoxon_signed_rank(before, after) AS w
      FROM taper_pairs GROUP BY day) s
JOIN (VALUES (6, 'p < 0.001'), (90, 'p < 0.001'), (365, 'no p')) p (day, published) USING (day)
ORDER BY day;
SELECT day, printed_means, digits((d).change_of_means_pct, 1) AS change_of_means, digits((d).mean_of_changes_pct, 1) AS mean_of_changes
FROM (SELECT day, describe_paired(before, after) AS d FROM taper_pairs GROUP BY day) s
JOIN (VALUES (6, '-55.6'), (90, '-52.2'), (365, '-50.2')) p (day, printed_means) USING (day)
ORDER BY day;
SELECT figure, published, format('%s (%s %%)', events, digits(100 * estimate, 0)) AS ours,
       digits(100 * conf_low, 1) AS low, digits(100 * conf_high, 1) AS high
FROM (
  SELECT 1 AS o, 'more than 50 % tapered' AS figure, '40 (68 %)' AS published,
         responder_rate(is_responder(before, after, 50, inclusive => false)) AS r FROM taper_pairs WHERE day = 6
  UNION ALL SELECT 2, 'stopped at once', '7 (12 %)', responder_rate(after = 0) FROM taper_pairs WHERE day = 6
  UNION ALL SELECT 3, 'lost within 12 months', '17', responder_rate(after IS NULL) FROM taper_pairs WHERE day = 365
  UNION ALL SELECT 4, 'withdrawal', 'none significant', proportion_ci(count(DISTINCT e.patient), count(DISTINCT p.patient), 'clopper_pearson')
    FROM taper_patients p LEFT JOIN taper_events e USING (patient)) s, LATERAL (SELECT (r).*) x
ORDER BY o;

-- ---- 2. Repeated ketamine: 329 patients, one year

SELECT figure, published, ours FROM (
  SELECT 1 AS o, 'enrolled from' AS figure, '2016-07-07' AS published, to_char(min(enrolled), 'YYYY-MM-DD') AS ours FROM repeated_patients
  UNION ALL SELECT 2 AS o, 'to', '2017-09-21', to_char(max(enrolled), 'YYYY-MM-DD') FROM repeated_patients
  UNION ALL SELECT 3 AS o, 'patients', '329', count(*)::text FROM repeated_patients) s ORDER BY o;
WITH cohort AS (
  SELECT table_one_summary(r) AS s FROM repeated_patients, LATERAL (SELECT age, female) r)
SELECT t.variable, t.level, p.published, t.display AS ours
FROM cohort, table_one(s, digits => 1) t
JOIN (VALUES ('age', '', '51.4 [11.0]'), ('female', 'true', '249 [75.7 %]'), ('female', 'false', '80 [24.3 %]')) p (variable, level, published)
  ON p.variable = t.variable AND p.level = coalesce(t.level, '')
ORDER BY t.variable, t.level DESC NULLS FIRST;
SELECT component, published, format('%s [%s] to %s [%s]', digits((d).mean_before, 1), digits((d).sd_before, 1),
                                    digits((d).mean_after, 1), digits((d).sd_after, 1)) AS ours,
       published_p, (t).p_value
FROM (SELECT component, describe_paired(before, after) AS d, paired_t_test(before, after) AS t
      FROM (SELECT sf12_score(sf12_before) AS b, sf12_score(sf12_after) AS a FROM repeated_patients) q,
        LATERAL (VALUES ('mental', (b).mcs, (a).mcs), ('physical', (b).pcs, (a).pcs)) v (component, before, after)
      GROUP BY component) s
JOIN (VALUES ('mental', '39.7 [10.9] to 42.2 [11.1]', 'P < .001'),
             ('physical', '28.5 [7.9] to 29.5 [9.2]', 'P = .02')) p (component, published, published_p)
  USING (component)
ORDER BY component;
CREATE VIEW year_of_pain AS
SELECT patient, b.pain AS before, a.pain AS after
FROM repeated_pain b JOIN repeated_pain a USING (patient) WHERE b.month = 0 AND a.month = 12;

SELECT type, '-0.52 [-0.62, -0.41], P < .001' AS published,
       format('%s [%s, %s]', digits(e.estimate, 2), digits(e.conf_low, 2), digits(e.conf_high, 2)) AS ours,
       (paired_t_test(s)).p_value
FROM (SELECT paired_summary(before, after) AS s FROM year_of_pain) q,
  unnest('{drm,dav,dz}'::text[]) WITH ORDINALITY u (type, o), paired_effect_size(s, type) e
ORDER BY o;
CREATE VIEW monthly AS
SELECT patient, month, pain, first_value(pain) OVER (PARTITION BY patient ORDER BY month) - pain AS diminution,
       (hads_score(hads)).depression AS depression, ((hads_score(hads)).depression > 7)::int AS depressed
FROM repeated_pain JOIN repeated_patients USING (patient);

CREATE TABLE model AS
SELECT mixed_model('pain ~ month * depressed + (1 | patient)', r) AS m
FROM monthly, LATERAL (SELECT pain, month, depressed, patient) r;

SELECT c.term, 'b = -0.04 [-0.06, -0.01], P = .002' AS published,
       format('%s [%s, %s]', digits(c.estimate, 2), digits(c.conf_low, 2), digits(c.conf_high, 2)) AS ours,
       j.p_value AS omnibus_p
FROM model, coefficients(m) c JOIN joint_tests(m) j ON j.term = c.term WHERE c.term LIKE '%:%';

-- ---- The dose, depression and the diminution of pain

CREATE VIEW dosed AS
SELECT m.*, cumulative_dose(exposure, 'ketamine') / 100 AS dose, other_dose_mg / 100 AS other_dose
FROM monthly m JOIN repeated_patients USING (patient)
JOIN (SELECT patient, opioid_exposure('ketamine', mg, 'mg', 'intravenous', date, 1) AS exposure
      FROM repeated_infusions GROUP BY patient) i USING (patient);

SELECT figure, published, format('r = %s', digits((t).estimate, 2)) AS ours, (t).p_value, (t).n AS rows
FROM (
  SELECT 1 AS o, 'dose, diminution' AS figure, 'r = 0.01, P = .61' AS published, pearson_correlation(dose, diminution) AS t
    FROM dosed WHERE month > 0
  UNION ALL SELECT 2, 'the same by patient', 'r = 0.01, P = .61', pearson_correlation(dose, diminution)
    FROM (SELECT dose, avg(diminution) AS diminution FROM dosed WHERE month > 0 GROUP BY patient, dose) p
  UNION ALL SELECT 3, 'dose, depression', 'r = -0.06, P = .32', pearson_correlation(dose, depression)
    FROM dosed WHERE month = 0
  UNION ALL SELECT 4, 'the same by month', 'r = -0.06, P = .32', pearson_correlation(dose, depression)
    FROM dosed WHERE month > 0) s
ORDER BY o;
SELECT effect, published, e.estimate, e.conf_low, e.conf_high, e.p_value
FROM (SELECT mediation_summary(dose, depression, diminution) AS s FROM dosed WHERE month > 0) q,
  mediation_effects(s) WITH ORDINALITY e
LEFT JOIN (VALUES ('b', '0.03 [0.01, 0.04], P < .001'), ('direct', '0.00 [-0.01, 0.01], P = .67'),
                  ('proportion_mediated', '64.6 %')) p (effect, published) USING (effect)
ORDER BY ordinality;
SELECT effect, published, e.estimate, e.conf_low, e.conf_high, e.p_value, e.note
FROM (SELECT mediation_summary(other_dose, depression, diminution) AS s FROM dosed WHERE month > 0) q,
  mediation_effects(s) WITH ORDINALITY e
JOIN (VALUES ('total', 'r = 0.01, P = .61'), ('proportion_mediated', '64.6 %')) p (effect, published) USING (effect)
ORDER BY ordinality;

-- ---- Trajectories

SELECT grp, n_assigned, digits(share, 2) AS share, digits(mean_posterior, 2) AS mean_posterior,
       digits(c0.estimate, 1) AS pain_at_entry, digits(c12.estimate, 1) AS pain_at_12_months
FROM (SELECT trajectory_model(trajectory_summary('pain ~ month | patient', r), 3) AS m
      FROM repeated_pain, LATERAL (SELECT pain, month, patient) r) q,
  LATERAL (SELECT DISTINCT grp, n_assigned, share, mean_posterior FROM trajectory_groups(m)) g
  JOIN LATERAL (SELECT grp, estimate FROM trajectory_curve(m, '{0}')) c0 USING (grp)
  JOIN LATERAL (SELECT grp, estimate FROM trajectory_curve(m, '{12}')) c12 USING (grp)
ORDER BY grp;

-- ---- 3. Ketamine infusions in one centre: 74 patients, 45 by the protocol

CREATE VIEW courses AS
SELECT p.*, first_date, last_date,
       CASE WHEN n = 1 THEN 'one infusion only'
            WHEN doses[1] <> 75 OR 150 <> ANY (doses[2:]) THEN 'other dose'
            WHEN pain_after IS NULL THEN 'no pain score' END AS excluded
FROM infusion_patients p JOIN
  (SELECT patient, min(date) AS first_date, max(date) AS last_date, count(*) AS n, array_agg(mg ORDER BY date) AS doses
   FROM infusion_doses GROUP BY patient) d USING (patient);

SELECT figure, published, ours FROM (
  SELECT 1 AS o, 'first infusion from' AS figure, '2015-01-01' AS published, to_char(min(first_date), 'YYYY-MM-DD') AS ours FROM courses
  UNION ALL SELECT 2 AS o, 'to', '2019-12-31', to_char(max(first_date), 'YYYY-MM-DD') FROM courses
  UNION ALL SELECT 3 AS o, 'treated', '74', count(*)::text FROM courses
  UNION ALL SELECT 4 AS o, 'included', '45', count(*)::text FROM courses WHERE excluded IS NULL) s ORDER BY o;
SELECT excluded, count(*) FROM courses WHERE excluded IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT mg, count(*) AS infusions, count(DISTINCT patient) AS patients
FROM infusion_doses JOIN courses USING (patient) WHERE excluded IS NULL GROUP BY mg ORDER BY mg;
CREATE VIEW outcomes AS
SELECT *, is_responder(pain_before, pain_after, 50, discontinued => stopped_without_effect) AS favourable
FROM courses WHERE excluded IS NULL;

SELECT figure, published, format('%s of %s (%s %%)', events, n, digits(100 * estimate, 1)) AS ours,
       digits(100 * conf_low, 1) AS low, digits(100 * conf_high, 1) AS high
FROM (
  SELECT 1 AS o, 'favourable' AS figure, '23 of 45 (51.1 %)' AS published, responder_rate(favourable) AS r FROM outcomes
  UNION ALL SELECT 2, 'at least 50 %, stopped or not', NULL, responder_rate(is_responder(pain_before, pain_after, 50)) FROM outcomes
  UNION ALL SELECT 3, 'major complication', 'none', proportion_ci(count(DISTINCT e.patient), count(DISTINCT o.patient), 'clopper_pearson')
    FROM outcomes o LEFT JOIN infusion_events e ON e.patient = o.patient AND e.severity = 'major') s, LATERAL (SELECT (r).*) x
ORDER BY o;
SELECT pain_type, (r).events, (r).n, digits(100 * (r).conf_low, 0) AS low, digits(100 * (r).conf_high, 0) AS high
FROM (SELECT pain_type, responder_rate(favourable) AS r FROM outcomes GROUP BY pain_type) s ORDER BY 1;
SELECT 'not significant' AS published, (fisher_exact_test(pain_type, favourable::text)).p_value AS ours FROM outcomes;
SELECT event, severity, count(DISTINCT e.patient) AS patients
FROM infusion_events e JOIN outcomes USING (patient) GROUP BY 1, 2 ORDER BY 1;

RESET extra_float_digits;
RESET search_path;
