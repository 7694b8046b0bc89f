-- Loads the demo data: psql -q -v data=test/data -f test/data/load.sql
-- Tables patients, pain, side_effects, doses (amitriptyline trial) and prescriptions
-- (hospital orders), neuropathy, views visits, crossover and opioid_orders.

\set ON_ERROR_STOP on
BEGIN;

-- ---- the trial ---------------------------------------------------------------------

CREATE TEMP TABLE demographics (
  id text, age int, female boolean, cd4 int, art boolean, d4t_ever boolean,
  d4t_now boolean, d4t_previously boolean, education_9yrs boolean, employed boolean
) ON COMMIT DROP;
CREATE TEMP TABLE xover_bocf (
  id text, arv boolean, "order" text, period int, treatment text,
  time1 float8, time2 float8, time3 float8
) ON COMMIT DROP;
CREATE TEMP TABLE xover_pp (LIKE xover_bocf) ON COMMIT DROP;
CREATE TEMP TABLE side_effects_wide (
  id text, placebo_drymouth text, placebo_drowsy text, placebo_chestpain text,
  ami_drymouth text, ami_drowsy text, ami_chestpain text
) ON COMMIT DROP;
CREATE TEMP TABLE dose (
  id text, arv boolean, treatment text, period int, dose float8, tablets int
) ON COMMIT DROP;
CREATE TABLE prescriptions (
  row_id int PRIMARY KEY, subject_id int NOT NULL, startdate date, enddate date,
  drug text, dose_val_rx text, dose_unit_rx text, route text
);

-- \copy expands no variables, a line that is one variable does.
\set file :data /amitriptyline/demographics.csv
\set load '\\copy demographics FROM ' :'file' ' CSV HEADER'
:load
\set file :data /amitriptyline/xover_bocf.csv
\set load '\\copy xover_bocf FROM ' :'file' ' CSV HEADER'
:load
\set file :data /amitriptyline/xover_pp.csv
\set load '\\copy xover_pp FROM ' :'file' ' CSV HEADER'
:load
\set file :data /amitriptyline/side_effects.csv
\set load '\\copy side_effects_wide FROM ' :'file' ' CSV HEADER'
:load
\set file :data /amitriptyline/dose.csv
\set load '\\copy dose FROM ' :'file' ' CSV HEADER'
:load
\set file :data /mimic/prescriptions.csv
\set load '\\copy prescriptions FROM ' :'file' ' CSV HEADER'
:load

CREATE TABLE patients AS
SELECT id AS patient, age, female, art AS antiretroviral, cd4 FROM demographics;

-- Pain, 0 to 10, at weeks 0, 3 and 6 of each six-week period.  Two patients left the
-- trial; the file carries their baseline forward, here it is NULL.
CREATE TABLE pain AS
SELECT b.id AS patient, b.arv AS antiretroviral, b.period,
       CASE b.treatment WHEN 'A' THEN 'amitriptyline' ELSE 'placebo' END AS treatment,
       CASE WHEN b.period = 1 OR p.id IS NOT NULL THEN b.time1 END AS pain_week0,
       p.time2 AS pain_week3, p.time3 AS pain_week6
FROM xover_bocf b LEFT JOIN xover_pp p USING (id, treatment);

CREATE TABLE side_effects AS
SELECT id AS patient, effect, placebo <> 'No' AS on_placebo, ami <> 'No' AS on_amitriptyline
FROM side_effects_wide, LATERAL (VALUES
  ('dry mouth', placebo_drymouth, ami_drymouth),
  ('drowsiness', placebo_drowsy, ami_drowsy),
  ('chest pain', placebo_chestpain, ami_chestpain)) v (effect, placebo, ami);

-- Highest daily dose reached by titration; for placebo that of as many tablets.
CREATE TABLE doses AS
SELECT id AS patient, period, dose AS mg_per_day,
       CASE treatment WHEN 'A' THEN 'amitriptyline' ELSE 'placebo' END AS treatment
FROM dose;

-- One row a visit.
CREATE VIEW visits AS
SELECT patient, antiretroviral, period, treatment, week, pain
FROM pain, LATERAL (VALUES (0, pain_week0), (3, pain_week3), (6, pain_week6)) v (week, pain);

-- One row a patient: the change under each treatment.
CREATE VIEW crossover AS
SELECT patient, antiretroviral,
       max(pain_week6 - pain_week0) FILTER (WHERE treatment = 'placebo') AS change_placebo,
       max(pain_week6 - pain_week0) FILTER (WHERE treatment = 'amitriptyline')
         AS change_amitriptyline
FROM pain GROUP BY patient, antiretroviral;

-- ---- the orders ---------------------------------------------------------------------

-- Orders of opioids; dose is NULL where the order gives a range or words.
CREATE VIEW opioid_orders AS
SELECT row_id, subject_id AS patient, startdate, enddate, drug,
       opioid_ingredient(drug) AS ingredient,
       CASE WHEN dose_val_rx ~ '^[0-9]+(\.[0-9]+)?$' THEN dose_val_rx::float8 END AS dose,
       dose_unit_rx AS unit, route
FROM prescriptions WHERE opioid_ingredient(drug) IS NOT NULL;

-- ---- pain and depression -------------------------------------------------------------

CREATE TEMP TABLE hivsn (
  row_id int, painful_sn text, age float8, height float8, sex text, mass float8, tb text,
  vitb12 text, education float8, diabetes text, initial_cd4 float8, current_cd4 float8,
  time_sinc_diag float8, other_pain_sites text, pain_sites float8,
  intensity_other_pains float8, hscl_anxiety float8, hscl_depression float8,
  eq_5d_vas float8, pcs float8, bpi float8, pain_intensity float8
) ON COMMIT DROP;
\set file :data /../oracle/data/painful_hivsn_psychology.csv
\set load '\\copy hivsn FROM ' :'file' ' CSV HEADER'
:load

-- Patients with painful neuropathy, each seen once.
CREATE TABLE neuropathy AS
SELECT row_id AS patient, age, sex = 'female' AS female, pain_intensity AS pain,
       hscl_depression AS depression, hscl_anxiety AS anxiety, pcs AS catastrophizing,
       bpi AS interference
FROM hivsn WHERE painful_sn = 'Yes';

COMMIT;
ANALYZE patients, pain, side_effects, doses, prescriptions, neuropathy;
