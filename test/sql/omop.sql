-- omop: opioid exposures, daily MME and coverage from OMOP CDM v5.4 tables.
\pset null NULL
SET client_min_messages = warning;
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

CREATE SCHEMA "CDM 5.4";
SET search_path = "CDM 5.4", public;
CREATE TABLE person (person_id int PRIMARY KEY, gender_concept_id int, year_of_birth int);
CREATE TABLE drug_exposure (
  drug_exposure_id int PRIMARY KEY, person_id int NOT NULL, drug_concept_id int NOT NULL,
  drug_exposure_start_date date NOT NULL, drug_exposure_start_datetime timestamp,
  drug_exposure_end_date date NOT NULL, drug_exposure_end_datetime timestamp, verbatim_end_date date,
  drug_type_concept_id int, stop_reason varchar(20), refills int, quantity numeric, days_supply int,
  sig text, route_concept_id int, lot_number varchar(50), drug_source_value varchar(50));
CREATE TABLE concept (
  concept_id int PRIMARY KEY, concept_name varchar(255) NOT NULL, domain_id varchar(20),
  vocabulary_id varchar(20) NOT NULL, concept_class_id varchar(20) NOT NULL, standard_concept varchar(1),
  concept_code varchar(50) NOT NULL, valid_start_date date, valid_end_date date, invalid_reason varchar(1));
CREATE TABLE drug_strength (
  drug_concept_id int NOT NULL, ingredient_concept_id int NOT NULL, amount_value numeric,
  amount_unit_concept_id int, numerator_value numeric, numerator_unit_concept_id int,
  denominator_value numeric, denominator_unit_concept_id int, box_size int,
  valid_start_date date, valid_end_date date, invalid_reason varchar(1));
CREATE TABLE concept_ancestor (ancestor_concept_id int, descendant_concept_id int,
  min_levels_of_separation int, max_levels_of_separation int);
INSERT INTO concept (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, concept_code) VALUES
  (0, 'No matching concept', 'Metadata', 'None', 'Undefined', 'No matching concept'),
  (1102527, 'meperidine', 'Drug', 'RxNorm', 'Ingredient', '6754'),
  (1174888, 'hydrocodone', 'Drug', 'RxNorm', 'Ingredient', '5489'),
  (1103314, 'tramadol', 'Drug', 'RxNorm', 'Ingredient', '10689'),
  (1124957, 'oxycodone', 'Drug', 'RxNorm', 'Ingredient', '7804'),
  (1154029, 'fentanyl', 'Drug', 'RxNorm', 'Ingredient', '4337'),
  (1201620, 'codeine', 'Drug', 'RxNorm', 'Ingredient', '2670'),
  (1125315, 'acetaminophen', 'Drug', 'RxNorm', 'Ingredient', '161');

-- ---- Synthea27Nj: 28 persons, every quantity 0 -----------------------------------------------

CREATE TEMP TABLE synthea (drug_exposure_id int, person_id int, drug_concept_id int, start_date date, end_date date,
  quantity numeric, days_supply int, refills int, drug_source_value text, concept_name text, rxnorm_code text);
-- \copy expands no variables, a line that is one variable does
\set file `echo "$PG_ABS_SRCDIR"`/data/omop/drug_exposure.csv
\set load '\\copy synthea FROM ' :'file' ' CSV HEADER'
:load
INSERT INTO person SELECT generate_series(1, 28);
INSERT INTO drug_exposure (drug_exposure_id, person_id, drug_concept_id, drug_exposure_start_date,
  drug_exposure_end_date, quantity, days_supply, refills, route_concept_id, drug_source_value)
SELECT drug_exposure_id, person_id, drug_concept_id, start_date, end_date, quantity, days_supply, refills, 0,
       drug_source_value FROM synthea;
INSERT INTO concept (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, concept_code)
SELECT DISTINCT drug_concept_id, concept_name, 'Drug', 'RxNorm', 'Clinical Drug', rxnorm_code FROM synthea;
INSERT INTO drug_strength (drug_concept_id, ingredient_concept_id, amount_value, amount_unit_concept_id) VALUES
  (40165015, 1102527, 50, 8576), (19134047, 1103314, 50, 8576), (40231805, 1124957, 10, 8576),
  (40162522, 1125315, 325, 8576), (40162522, 1174888, 7.5, 8576),
  (40162606, 1125315, 300, 8576), (40162606, 1174888, 5, 8576),
  (40221901, 1125315, 300, 8576), (40221901, 1201620, 15, 8576),
  (40231918, 1125315, 325, 8576), (40231918, 1124957, 10, 8576);
INSERT INTO drug_strength (drug_concept_id, ingredient_concept_id, numerator_value, numerator_unit_concept_id,
  denominator_unit_concept_id) VALUES (1154062, 1154029, 0.025, 8576, 8505);
RESET search_path;
CREATE SCHEMA "mme views";
SELECT * FROM create_omop_views('CDM 5.4', 'mme views');
SELECT count(*), count(DISTINCT person_id) AS persons, count(daily_dose) AS doses, count(DISTINCT reason) AS reasons,
       count(strength) AS strengths, count(route) AS routes, count(days) AS days FROM "mme views".omop_opioid_exposure;
SELECT DISTINCT drug, drug_name, strength, strength_unit, route, unit, reason
FROM "mme views".omop_opioid_exposure ORDER BY 1, 2;
SELECT drug, route, unit, reason, fills, persons, round(share::numeric, 4) AS share
FROM "mme views".omop_mme_coverage ORDER BY 1, 2, 3, 4;
SELECT * FROM "mme views".omop_daily_mme ORDER BY person_id;
-- days: the supply, or from first to last day; 0 on one day says nothing
SELECT days IS NOT DISTINCT FROM nullif(days_supply, 0) AS supply, days_supply = 0 AS zero, count(*)
FROM "mme views".omop_opioid_exposure JOIN "CDM 5.4".drug_exposure USING (drug_exposure_id) GROUP BY 1, 2 ORDER BY 1, 2;

-- ---- the same tables filled in, with rows made up --------------------------------------------

INSERT INTO "CDM 5.4".concept (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, concept_code) VALUES
  (4132161, 'Oral', 'Route', 'SNOMED', 'Qualifier Value', '26643006'),
  (4262099, 'Transdermal route', 'Route', 'SNOMED', 'Qualifier Value', '45890007'),
  (4171047, 'Intravenous', 'Route', 'SNOMED', 'Qualifier Value', '47625008'),
  (1110410, 'morphine', 'Drug', 'RxNorm', 'Ingredient', '7052'),
  (1133201, 'buprenorphine', 'Drug', 'RxNorm', 'Ingredient', '1819'),
  (900001, 'butorphanol', 'Drug', 'RxNorm', 'Ingredient', '1841'),
  (900010, 'morphine sulfate 2 MG/ML Oral Solution', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 1'),
  (900011, '100 ML morphine sulfate 2 MG/ML Oral Solution', 'Drug', 'RxNorm', 'Quant Clinical Drug', 'made up 2'),
  (900012, 'fentanyl 0.2 MG Buccal Tablet', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 3'),
  (900013, 'buprenorphine 8 MG Sublingual Tablet', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 4'),
  (900014, 'butorphanol 1 MG/ACTUAT Metered Dose Nasal Spray', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 5'),
  (900015, 'morphine Pill', 'Drug', 'RxNorm', 'Clinical Dose Group', 'made up 6'),
  (900016, 'morphine sulfate 10 UNT Oral Tablet', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 7'),
  (900017, 'morphine sulfate Oral Pack', 'Drug', 'RxNorm', 'Clinical Pack', 'made up 8'),
  (900018, 'oxycodone 5 MG Oral Tablet Box of 20', 'Drug', 'RxNorm Extension', 'Clinical Drug Box', 'made up 9'),
  (900019, 'fentanyl 100 MCG Oral Lozenge', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 10'),
  (900020, 'ibuprofen 200 MG Oral Tablet', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 11'),
  (900021, 'morphine sulfate 10 MG/ML Injectable Solution', 'Drug', 'RxNorm', 'Clinical Drug', 'made up 12'),
  (900022, 'ibuprofen', 'Drug', 'RxNorm', 'Ingredient', '5640');
INSERT INTO "CDM 5.4".drug_strength (drug_concept_id, ingredient_concept_id, amount_value, amount_unit_concept_id, box_size) VALUES
  (900012, 1154029, 0.2, 8576, NULL), (900013, 1133201, 8, 8576, NULL), (900016, 1110410, 10, 8510, NULL),
  (900017, 1110410, 10, 8576, NULL), (900017, 1110410, 20, 8576, NULL), (900018, 1124957, 5, 8576, 20),
  (900019, 1154029, 100, 9655, NULL), (900020, 900022, 200, 8576, NULL),
  -- the same again
  (900013, 1133201, 8, 8576, NULL);
INSERT INTO "CDM 5.4".drug_strength (drug_concept_id, ingredient_concept_id, numerator_value, numerator_unit_concept_id,
  denominator_value, denominator_unit_concept_id, invalid_reason) VALUES
  (900010, 1110410, 2, 8576, NULL, 8587, NULL), (900011, 1110410, 200, 8576, 100, 8587, NULL),
  (900014, 900001, 1, 8576, NULL, 45744809, NULL), (900021, 1110410, 10, 8576, NULL, 8587, NULL),
  -- no longer valid
  (900010, 1110410, 20, 8576, NULL, 8587, 'D');
INSERT INTO "CDM 5.4".concept_ancestor VALUES (1110410, 900015, 1, 1), (1110410, 900010, 1, 1), (1110410, 1110410, 0, 0);
TRUNCATE "CDM 5.4".drug_exposure;
INSERT INTO "CDM 5.4".drug_exposure (drug_exposure_id, person_id, drug_concept_id, drug_exposure_start_date,
  drug_exposure_end_date, quantity, days_supply, route_concept_id) VALUES
  -- definitions.md, example A: 75.8, 93.5, 31.2 over 90 days, 105 (10 mg tablets for 30)
  (1, 1, 40231805, '2024-01-01', '2024-01-30', 180, 30, 0),
  (2, 1, 40231805, '2024-01-01', '2024-01-07', 7, 7, 4132161),
  -- example F: a patch of 25 mcg/h is 60 a day while worn, by the route or by the name
  (3, 2, 1154062, '2024-01-01', '2024-01-30', 10, 30, 4262099),
  (4, 3, 1154062, '2024-02-01', '2024-02-15', 5, NULL, NULL),
  -- example H: 5 mg of 5/325, four a day
  (5, 4, 40162606, '2024-01-01', '2024-01-10', 40, 10, 0),
  -- 300 mL of 2 mg/mL in 20 days: 30 mg a day
  (6, 5, 900010, '2024-01-01', '2024-01-20', 300, 20, 0),
  -- two bottles of 100 mL in 20 days: 20 mg a day; 200 might be mL
  (7, 6, 900011, '2024-01-01', '2024-01-20', 2, 20, 0),
  (8, 6, 900011, '2024-02-01', '2024-02-20', 200, 20, 0),
  -- four buccal tablets of 0.2 mg a day: 104 by heal2025, no factor in cdc2022
  (9, 7, 900012, '2024-01-01', '2024-01-01', 4, 1, 0),
  (10, 8, 900013, '2024-01-01', '2024-01-30', 60, 30, 0),
  (11, 9, 900014, '2024-01-01', '2024-01-10', 40, 10, 0),
  -- what says too little
  (12, 10, 900015, '2024-01-01', '2024-01-10', 40, 10, 4132161),
  (13, 10, 900016, '2024-01-01', '2024-01-10', 40, 10, 0),
  (14, 10, 900017, '2024-01-01', '2024-01-10', 40, 10, 0),
  (15, 10, 900018, '2024-01-01', '2024-01-10', 2, 10, 0),
  (16, 10, 40231805, '2024-01-01', '2024-01-10', NULL, 10, 0),
  (17, 10, 40231805, '2024-01-01', '2024-01-10', 0, 10, 0),
  (18, 10, 40231805, '2024-01-01', '2024-01-10', -20, 10, 0),
  (19, 10, 40231805, '2024-01-01', '2024-01-10', 'NaN', 10, 0),
  (20, 10, 40231805, '2024-01-01', '2024-01-01', 20, 0, 0),
  (21, 10, 1110410, '2024-01-01', '2024-01-10', 20, 10, 4132161),
  -- the route that is recorded counts, whatever the name says; a lozenge; an injection
  (22, 11, 40231805, '2024-01-01', '2024-01-10', 20, 10, 4171047),
  (23, 11, 900019, '2024-01-01', '2024-01-10', 40, 10, 0),
  (24, 11, 900021, '2024-01-01', '2024-01-01', 2, NULL, 0),
  (25, 11, 900020, '2024-01-01', '2024-01-10', 40, 10, 0);
SELECT drug_exposure_id AS id, drug, strength, strength_unit, route, quantity, days, start_date, end_date, daily_dose, unit, reason
FROM "mme views".omop_opioid_exposure ORDER BY 1;
SELECT person_id, n_fills, n_without_dose, fills, fills_without_factor, total_mme, mme_days_supply, mme_on_therapy,
       mme_period, mme_max, note, guideline
FROM "mme views".omop_daily_mme ORDER BY 1;
SELECT drug, route, unit, reason, fills, persons, round(share::numeric, 4) AS share
FROM "mme views".omop_mme_coverage ORDER BY 1, 2, 3, 4;
SELECT round(sum(share)::numeric, 9) AS share, sum(fills) AS fills FROM "mme views".omop_mme_coverage;
-- another guideline
SELECT count(*) FROM create_omop_views('CDM 5.4', 'mme views', guideline => 'heal2025');
SELECT person_id, mme_max, guideline FROM "mme views".omop_daily_mme WHERE person_id IN (3, 7) ORDER BY 1;
-- names of one's own count
INSERT INTO opioid_names (name, drug) VALUES ('OMOP:900022', 'morphine');
SELECT drug, strength, daily_dose FROM "mme views".omop_opioid_exposure WHERE drug_exposure_id = 25;
DELETE FROM opioid_names WHERE name = 'OMOP:900022';

-- ---- flat, commented, and for whom it is meant -------------------------------------------------

SELECT format_type(atttypid, atttypmod) AS type, count(*)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE c.relnamespace = '"mme views"'::regnamespace AND attnum > 0 GROUP BY 1 ORDER BY 1;
SELECT c.relname, obj_description(c.oid, 'pg_class'),
       count(*) FILTER (WHERE col_description(c.oid, attnum) IS NULL) AS without
FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0
WHERE c.relnamespace = '"mme views"'::regnamespace GROUP BY 1, 2 ORDER BY 1;
CREATE ROLE regress_ketocohort_omop;
GRANT USAGE ON SCHEMA "mme views" TO regress_ketocohort_omop;
GRANT SELECT ON ALL TABLES IN SCHEMA "mme views" TO regress_ketocohort_omop;
SET ROLE regress_ketocohort_omop;
SELECT count(*) > 0 AS shown FROM "mme views".omop_daily_mme;
SELECT count(*) > 0 AS shown FROM "mme views".omop_mme_coverage;
SELECT error_of('SELECT * FROM "CDM 5.4".drug_exposure');
RESET ROLE;
ALTER TABLE "CDM 5.4".drug_exposure ENABLE ROW LEVEL SECURITY;
CREATE POLICY one ON "CDM 5.4".drug_exposure TO regress_ketocohort_omop USING (person_id = 1);
GRANT USAGE ON SCHEMA "CDM 5.4" TO regress_ketocohort_omop;
GRANT SELECT ON ALL TABLES IN SCHEMA "CDM 5.4" TO regress_ketocohort_omop;
SELECT count(*) FROM create_omop_views('CDM 5.4', 'mme views');
SET ROLE regress_ketocohort_omop;
SELECT person_id, mme_max FROM "mme views".omop_daily_mme;
RESET ROLE;

-- ---- bad input, and a CDM with less in it --------------------------------------------------------

CREATE SCHEMA bare;
SELECT error_of($$SELECT create_omop_views('bare', 'mme views')$$);
SELECT error_of($$SELECT create_omop_views('no where', 'mme views')$$);
SELECT error_of($$SELECT create_omop_views('CDM 5.4', 'no where')$$);
SELECT error_of($$SELECT create_omop_views(NULL, 'mme views')$$);
SELECT error_of($$SELECT create_omop_views('CDM 5.4', 'mme views', 'cdc2023')$$);
SELECT error_of($$SELECT create_omop_views('CDM 5.4', 'mme views', NULL)$$);
CREATE TABLE bare.drug_exposure AS SELECT drug_exposure_id, person_id, drug_concept_id, drug_exposure_start_date, days_supply
FROM "CDM 5.4".drug_exposure;
CREATE TABLE bare.concept AS SELECT * FROM "CDM 5.4".concept;
SELECT error_of($$SELECT create_omop_views('bare', 'mme views')$$);
CREATE TABLE bare.drug_strength AS SELECT * FROM "CDM 5.4".drug_strength;
SELECT error_of($$SELECT create_omop_views('bare', 'mme views')$$);
ALTER TABLE bare.drug_exposure ADD COLUMN quantity float8;
UPDATE bare.drug_exposure b SET quantity = d.quantity FROM "CDM 5.4".drug_exposure d WHERE d.drug_exposure_id = b.drug_exposure_id;
-- without route, end date and ancestors
SELECT count(*) FROM create_omop_views('bare', 'bare');
SELECT person_id, mme_max FROM bare.omop_daily_mme WHERE mme_max IS NOT NULL ORDER BY 1;
CREATE SCHEMA taken;
CREATE TABLE taken.omop_daily_mme ();
SELECT error_of($$SELECT create_omop_views('CDM 5.4', 'taken')$$);
SELECT * FROM drop_omop_views('mme views');
SELECT error_of($$SELECT drop_omop_views('mme views')$$);
SELECT error_of($$SELECT drop_omop_views('taken')$$);
DROP SCHEMA "CDM 5.4", "mme views", bare, taken CASCADE;
DROP OWNED BY regress_ketocohort_omop;
DROP ROLE regress_ketocohort_omop;
