-- The views the page reads, on the replica cohorts and the demo data:
--   psql -f doc/dashboard/views.sql
-- One schema a study: the six cohort views, and up to four more, each drawn where it is
-- there.  A reader needs USAGE on these schemas and SELECT on their views, nothing else;
-- the visits they are made from stay in report_source.

\set ON_ERROR_STOP on
BEGIN;

CREATE SCHEMA report_source;

-- ---- tapering: constructed patients, doses from prescriptions ----------------------------

CREATE SCHEMA report_taper;

CREATE VIEW report_source.taper AS
SELECT v.patient, v.day, mme_on(exposure, v.date) AS mme,
  extract(year FROM age(admitted, born))::int AS age,
  CASE WHEN female THEN 'women' ELSE 'men' END AS sex, aetiology AS cause
FROM taper_visits v JOIN taper_patients USING (patient) JOIN
  (SELECT patient, opioid_exposure(drug, daily_dose, 'mg', 'oral', start_date, days) AS exposure
   FROM taper_prescriptions GROUP BY patient) e USING (patient);

SELECT create_cohort_views('report_taper', 'report_source.taper', patient => 'patient',
  visit_time => 'day', measures => '{mme,age}', baseline => '0', groups => '{sex,cause}');

CREATE VIEW report_taper.patient_lines AS
SELECT patient, 'all' AS group_name, 'all' AS group_value, 'mme' AS measure, day AS visit_time,
  mme AS value
FROM report_source.taper;

-- Every fifth patient by dose at entry, days counted from the admission.
CREATE VIEW report_taper.mme_profiles AS
SELECT patient, p.from_date - admitted AS from_day, p.to_date - admitted AS to_day, p.mme
FROM (SELECT patient, row_number() OVER (ORDER BY mme, patient) AS place
      FROM report_source.taper WHERE day = 0) r
JOIN taper_patients USING (patient) JOIN
  (SELECT patient, opioid_exposure(drug, daily_dose, 'mg', 'oral', start_date, days) AS exposure
   FROM taper_prescriptions GROUP BY patient) e USING (patient),
  mme_profile(exposure) p
WHERE place % 5 = 3;

CREATE VIEW report_taper.mme_categories AS
SELECT d.day AS visit_time, coalesce(mme_category(v.mme), 'not seen') AS category, count(*) AS n
FROM (SELECT DISTINCT day FROM report_source.taper) d
CROSS JOIN (SELECT patient FROM report_source.taper WHERE day = 0) b
LEFT JOIN report_source.taper v USING (patient, day)
GROUP BY 1, 2;

-- ---- repeated ketamine: constructed patients, thirteen months of pain -------------------

CREATE SCHEMA report_repeated;

CREATE VIEW report_source.repeated AS
SELECT patient, month, pain, age,
  CASE month WHEN 0 THEN (sf12_score(sf12_before)).pcs
             WHEN 12 THEN (sf12_score(sf12_after)).pcs END AS pcs,
  CASE month WHEN 0 THEN (sf12_score(sf12_before)).mcs
             WHEN 12 THEN (sf12_score(sf12_after)).mcs END AS mcs,
  CASE WHEN (hads_score(hads)).depression > 7 THEN 'HADS-D 8 or more'
       ELSE 'HADS-D 0 to 7' END AS depression,
  CASE WHEN female THEN 'women' ELSE 'men' END AS sex
FROM repeated_pain JOIN repeated_patients USING (patient);

SELECT create_cohort_views('report_repeated', 'report_source.repeated', patient => 'patient',
  visit_time => 'month', measures => '{pain,pcs,mcs,age}', baseline => '0',
  groups => '{depression,sex}', higher_is_better => '{pcs,mcs}');

-- A line for every fifth patient: 329 would hide each other.
CREATE VIEW report_repeated.patient_lines AS
SELECT patient, 'depression' AS group_name, depression AS group_value, 'pain' AS measure,
  month AS visit_time, pain AS value
FROM report_source.repeated WHERE patient % 5 = 0;

-- ---- neuropathy: open data, each patient seen once ---------------------------------------

CREATE SCHEMA report_neuropathy;

CREATE VIEW report_neuropathy.mediation AS
SELECT e.effect, e.estimate, e.std_error, e.conf_low, e.conf_high, e.p_value, e.method, e.note,
  n_used(s) AS n, n_missing(s) AS n_missing
FROM (SELECT mediation_summary(pain, depression, interference, ARRAY[age, female::int]) AS s
      FROM neuropathy) q, mediation_effects(s, method => 'product') e;

COMMIT;
