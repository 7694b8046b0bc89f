-- Loads the replica cohorts: psql -q -v data=test/data -f test/data/replicas/load.sql
-- No patient is real: make_replicas.R constructed them to give the figures that three
-- abstracts print.  This file makes tables as a hospital has them, one row a thing.

\set ON_ERROR_STOP on
BEGIN;

CREATE TEMP TABLE tapering (
  patient int, admitted date, born date, female boolean, aetiology text,
  before float8, discharge float8, month3 float8, month12 float8
) ON COMMIT DROP;
CREATE TEMP TABLE repeated (
  patient int, enrolled date, age int, female boolean, hads text, sf12_before text,
  sf12_after text, pain text, dose_mg float8, other_dose_mg float8
) ON COMMIT DROP;
CREATE TEMP TABLE infusion (
  patient int, first date, infusions int, test_mg float8, later_mg float8, pain_type text,
  pain int, after int, stopped boolean, side_effect text
) ON COMMIT DROP;

-- \copy expands no variables, a line that is one variable does.
\set file :data /replicas/tapering.csv
\set load '\\copy tapering FROM ' :'file' ' CSV HEADER'
:load
\set file :data /replicas/repeated.csv
\set load '\\copy repeated FROM ' :'file' ' CSV HEADER'
:load
\set file :data /replicas/infusion.csv
\set load '\\copy infusion FROM ' :'file' ' CSV HEADER'
:load

-- ---- tapering: 59 patients ------------------------------------------------------------

CREATE TABLE taper_patients AS
SELECT patient, admitted, born, female, aetiology FROM tapering;

-- The days doses were looked up: day 0 is the eve of the admission.  No row, not seen.
CREATE TABLE taper_visits AS
SELECT patient, day, admitted + day - 1 AS date
FROM tapering, LATERAL (VALUES (0, before), (6, discharge), (90, month3), (365, month12)) v (day, dose)
WHERE dose IS NOT NULL;

-- Morphine, or oxycodone at 1.5 MME, 30 days around each visit; who has stopped has none.
CREATE TABLE taper_prescriptions AS
SELECT patient, drug, dose / factor AS daily_dose, admitted + first AS start_date, days
FROM tapering,
  LATERAL (VALUES (before, -30, 30), (discharge, 3, 30), (month3, 80, 30), (month12, 350, 30)) v (dose, first, days),
  LATERAL (SELECT CASE WHEN patient % 3 = 0 THEN 'oxycodone' ELSE 'morphine' END,
                  CASE WHEN patient % 3 = 0 THEN 1.5 ELSE 1 END) d (drug, factor)
WHERE dose > 0;

CREATE TABLE taper_events (patient int, event text);

-- ---- repeated: 329 patients ---------------------------------------------------------------

CREATE TABLE repeated_patients AS
SELECT patient, enrolled, age, female, string_to_array(hads, NULL)::int[] AS hads,
       string_to_array(sf12_before, NULL)::int[] AS sf12_before,
       string_to_array(sf12_after, NULL)::int[] AS sf12_after, other_dose_mg
FROM repeated;

CREATE TABLE repeated_pain AS
SELECT patient, (month - 1)::int AS month, score::int AS pain
FROM repeated, unnest(string_to_array(pain, ' ')) WITH ORDINALITY v (score, month);

-- The year's ketamine in two equal infusions.
CREATE TABLE repeated_infusions AS
SELECT patient, enrolled + 180 * k AS date, dose_mg / 2 AS mg
FROM repeated, generate_series(0, 1) k;

-- ---- infusion: 74 patients -----------------------------------------------------------------

CREATE TABLE infusion_patients AS
SELECT patient, pain_type, pain AS pain_before, after AS pain_after, stopped AS stopped_without_effect
FROM infusion;

CREATE TABLE infusion_doses AS
SELECT patient, first + 14 * k AS date, CASE WHEN k = 0 THEN test_mg ELSE later_mg END AS mg
FROM infusion, generate_series(0, infusions - 1) k;

CREATE TABLE infusion_events AS
SELECT patient, side_effect AS event, 'mild' AS severity FROM infusion WHERE side_effect IS NOT NULL;

COMMIT;
ANALYZE taper_patients, taper_visits, taper_prescriptions, repeated_patients, repeated_pain,
  repeated_infusions, infusion_patients, infusion_doses, infusion_events;
