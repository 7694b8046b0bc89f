-- mme: names, factors, statuses, bands, own rows, errors.

-- ---- the tables as shipped ------------------------------------------------------------

SELECT count(*), count(DISTINCT guideline) AS guidelines, count(factor) AS with_factor,
	bool_and(shipped) AS shipped, count(source) AS with_source
FROM mme_factors;
SELECT guideline, count(*) FROM mme_factors GROUP BY 1 ORDER BY 1;
SELECT count(*), count(DISTINCT drug) AS drugs, bool_and(shipped) AS shipped FROM opioid_names;
-- every name means its own drug, every drug of a factor is known
SELECT name, drug FROM opioid_names WHERE opioid_ingredient(name) IS DISTINCT FROM drug;
SELECT DISTINCT drug FROM mme_factors WHERE opioid_ingredient(drug) IS DISTINCT FROM drug;
-- every shipped factor is what mme_factor gives for its row
SELECT guideline, drug, route, unit, factor, mme_factor(drug, unit, route, guideline, dose_to)
FROM mme_factors
WHERE unit IS NOT NULL AND (dose_above IS NULL OR dose_to IS NOT NULL)
	AND mme_factor(drug, unit, route, guideline, dose_to) IS DISTINCT FROM factor;
SELECT mme_status(drug, unit, route, guideline), count(*), count(factor)
FROM mme_factors WHERE unit IS NOT NULL GROUP BY 1 ORDER BY 1;
-- pg_dump writes the users' rows
SELECT c.relname, e.condition
FROM pg_extension, unnest(extconfig, extcondition) e (relation, condition)
	JOIN pg_class c ON c.oid = e.relation
WHERE extname = 'ketocohort' AND c.relname IN ('mme_factors', 'opioid_names') ORDER BY 1;

-- ---- names ----------------------------------------------------------------------------

SELECT name, opioid_ingredient(name) FROM unnest(ARRAY[
	'morphine', ' MORPHINE ', 'Morphine Sulfate IR', 'Morphine SR (MS Contin)',
	'Morphine Sulfate (Oral Soln.)', 'HYDROmorphone (Dilaudid)', 'HYDROmorphone P.F.',
	'HYDROmorphone-HP', 'OxycoDONE (Immediate Release) ', 'OxyCODONE SR (OxyconTIN)',
	'OxycoDONE Liquid', 'Methadone HCl', 'Tramadol (Ultram)', 'Acetaminophen w/Codeine',
	'Oxycodone-Acetaminophen', 'OxycoDONE-Acetaminophen Elixir', 'Hydrocodone-Acetaminophen',
	'Guaifenesin-Codeine Phosphate', 'Codeine Sulfate', 'Fentanyl Patch', 'Meperidine',
	E'm\u00e9thadone', E'CHLORHYDRATE D\u2019OXYCODONE LP', 'sulfate de morphine',
	E'bupr\u00e9norphine', E'h\u00e9ro\u00efne', E'cod\u00e9thyline', 'amidone', 'Lamaline',
	'MORPHINE (SULFATE DE)', E'OxyContin\u00ae', 'ATC:N02AA01', 'atc:n02aj06', 'RxNorm:7804',
	'OMOP:1103640']) name;
-- other drugs, parts of names, numbers, two drugs in one name: nothing
SELECT name, opioid_ingredient(name) FROM unnest(ARRAY[
	'dihydrocodeine', 'codein', 'codeines', 'xcodeine', 'Bupivacaine', 'Bupivacaine 0.1%',
	'Naloxone', 'Methylnaltrexone', 'Ipratropium Bromide', 'L-methadone', 'D-methadone',
	'morphine 10 mg', 'morphine (tramadol)', 'morphine (other)', 'morphine codeine', 'sulfate',
	'oral', '', '()', 'de morphine', 'N02AA01', 'RxNorm:70 52', 'RxNorm:705', '7052',
	'Propoxyphene Nap.-Apap (N-100)']) name;
SELECT opioid_ingredient(NULL) IS NULL AS null_name;

-- ---- figures --------------------------------------------------------------------------

SELECT mme('morphine', 30, 'mg', 'oral') AS morphine, mme('codeine', 3, 'mg', 'oral') AS codeine,
	mme('oxycodone', 40, 'mg', 'po') AS oxycodone, mme('methadone', 10, 'mg', 'oral') AS methadone,
	mme('hydromorphone', 4, 'mg', 'oral') AS hydromorphone,
	mme('hydromorphone', 4, 'mg', 'oral', 'cdc2016') AS hydromorphone_2016,
	mme('tramadol', 50, 'mg', 'oral') AS tramadol, mme('fentanyl', 25, 'mcg/h', 'td') AS fentanyl;
-- methadone: half-open bands on the daily dose, in any unit of mass
SELECT dose, mme('methadone', dose, 'mg', 'oral', 'cdc2016') AS cdc2016,
	mme('methadone', dose, 'mg', 'oral', 'cms2018') AS cms2018,
	mme_factor('methadone', 'mg', 'oral', 'cdc2016', dose) AS factor,
	mme('methadone', dose * 1000, 'mcg', 'oral', 'cdc2016') AS as_mcg
FROM unnest('{0,0.5,1,20,20.5,21,40,40.1,60,60.1,61,500}'::float8[]) dose;
SELECT mme_factor('methadone', 'mg', 'oral', 'cdc2016') AS without_dose,
	mme_status('methadone', 'mg', 'oral', 'cdc2016') AS status;
-- masses convert without rounding surprises
SELECT mme('morphine', 100, 'mcg', 'oral') AS mcg, mme('morphine', 0.1, 'g', 'oral') AS g,
	mme('fentanyl', 0.8, 'mg', 'buccal', 'heal2025') AS buccal_mg,
	mme('fentanyl', 800, E'\u00b5g', 'buccal', 'heal2025') AS micro_sign,
	mme('fentanyl', 800, E'\u03bcg', 'buccal', 'heal2025') AS greek_mu,
	mme('fentanyl', 800, 'ug', 'buccal', 'heal2025') AS ug,
	mme_factor('fentanyl', 'mg', 'buccal', 'heal2025') AS per_mg,
	mme_factor('morphine', 'mcg', 'oral') AS per_mcg;
SELECT count(*) FILTER (WHERE mme('codeine', n, 'mg', 'oral') <> (n * 0.15::numeric)::float8) AS rounded,
	count(*) FILTER (WHERE mme('codeine', n, 'mcg', 'oral') <> (n * 0.00015::numeric)::float8) AS mcg,
	count(*) FILTER (WHERE mme('fentanyl', n, 'mcg/h', 'td') <> (n * 2.4)::float8) AS patch,
	count(*) FILTER (WHERE n * 0.15::float8 <> (n * 0.15::numeric)::float8) AS plain_product
FROM generate_series(1, 1000) n;
-- patches: worn rate and strength dispensed are two units
SELECT u, mme_status('fentanyl', u, 'transdermal') AS cdc2022,
	mme_status('fentanyl', u, 'transdermal', 'cdc_ndc2018') AS cdc_ndc2018
FROM unnest(ARRAY['mcg/h', 'mcg/hr', E'\u00b5g/h', 'ug/h', 'MG/HR', 'mcg/h/patch', 'mcg', 'mg']) u;
SELECT mme('fentanyl', 0.025, 'MG/HR', 'TP') AS mg_per_hour,
	mme('fentanyl', 25 * 10 / 30.0, 'mcg/h/patch', 'td', 'cdc_ndc2018') AS ndc,
	mme('fentanyl', 12.5, 'mcg/h', 'patch') AS half;
-- routes
SELECT r, mme('morphine', 10, 'mg', r, 'clud2007') AS clud2007, mme('morphine', 10, 'mg', r, 'anzca2021') AS anzca2021
FROM unnest(ARRAY['PO', 'PO/NG', 'NG', 'voie orale', 'per os', 'IV', 'IV DRIP', 'IVPCA',
	'intraveineuse', 'SC', 'SUBCUT', E'sous-cutan\u00e9e', 'IM', 'parenteral', 'PR', 'SL', 'TD',
	'TP', 'ED', 'any']) r;

-- ---- no factor: NULL, and why ---------------------------------------------------------

SELECT drug, unit, route, guideline, mme_status(drug, unit, route, guideline),
	mme(drug, 10, unit, route, guideline), mme_factor(drug, unit, route, guideline)
FROM (VALUES ('buprenorphine', 'mg', 'sl', 'cdc2022'), ('buprenorphine', 'mcg/h', 'td', 'cdc2022'),
	('buprenorphine', 'mcg/h', 'td', 'cdc_ndc2018'), ('buprenorphine', 'mg', 'sl', 'heal2025'),
	('morphine', 'mg', 'iv', 'cdc2022'), ('heroin', 'mg', 'oral', 'cdc2022'),
	('oxycodone', 'mg', 'oral', 'clud2007'), ('dihydrocodeine', 'mg', 'oral', 'cdc2022'))
	v (drug, unit, route, guideline);
SELECT drug, unit, route, guideline, mme_status(drug, unit, route, guideline)
FROM (VALUES ('morphine', 'mg', 'oral', 'CDC 2022'), ('morfine', 'mg', 'oral', 'cdc2022'),
	('morphine', 'TAB', 'oral', 'cdc2022'), ('morphine', 'mg', 'OS', 'cdc2022'),
	('morphine', 'mg', 'oral', 'cdc2021'), ('morphine', 'mcg/h', 'oral', 'cdc2022'),
	(NULL, 'mg', 'oral', 'cdc2022'), ('morphine', NULL, 'oral', 'cdc2022'),
	('morphine', 'mg', NULL, 'cdc2022'), ('morphine', 'mg', 'oral', NULL))
	v (drug, unit, route, guideline);
SELECT mme('morphine', NULL, 'mg', 'oral') IS NULL AS dose, mme(NULL, 1, 'mg', 'oral') IS NULL AS drug,
	mme_factor('morphine', NULL, 'oral') IS NULL AS unit,
	mme('morphine', 0, 'mg', 'oral') AS zero, mme('methadone', 0, 'mg', 'oral', 'cdc2016') AS zero_tier,
	mme_factor('methadone', 'mg', 'oral', 'cdc2016', 0) IS NULL AS no_band,
	mme('buprenorphine', 0, 'mg', 'sl') IS NULL AS refused;

-- ---- categories -----------------------------------------------------------------------

SELECT m, mme_category(m) FROM unnest('{0,19.99,20,49.99,50,89.99,90,1000}'::float8[]) m;
SELECT mme_category(90 - 2e-14) AS rounding, mme_category(89.999) AS below, mme_category(NULL) IS NULL AS none;

-- ---- bad input ------------------------------------------------------------------------

\set VERBOSITY default
SELECT mme('morfine', 30, 'mg', 'oral');
SELECT mme('oxycdoone', 30, 'mg', 'oral');
SELECT mme('paracetamol', 30, 'mg', 'oral');
SELECT mme('RxNorm:7053', 30, 'mg', 'oral');
SELECT mme('morphine', 30, 'mgg', 'oral');
SELECT mme('morphine', 30, 'TAB', 'oral');
SELECT mme('morphine', 30, 'mg', 'orall');
SELECT mme('morphine', 30, 'mg', 'BOTH EYES');
SELECT mme('morphine', 30, 'mg', 'oral', 'cdc2021');
SELECT mme('morphine', 30, 'mg', 'oral', 'british');
SELECT mme('fentanyl', 25, 'mcg/h', 'td', 'cdc_ndc2018');
SELECT mme('fentanyl', 25, 'mcg/h/patch', 'td');
SELECT mme('morphine', 30, 'mcg/h', 'oral');
SELECT mme_factor('morfine', 'mg', 'oral');
SELECT mme('morphine', -1, 'mg', 'oral');
\set VERBOSITY sqlstate
SELECT mme('morfine', 30, 'mg', 'oral');
SELECT mme('morphine', 30, 'TAB', 'oral');
SELECT mme('morphine', 30, 'mg', 'orall');
SELECT mme('morphine', 30, 'mg', 'oral', 'cdc2021');
SELECT mme('fentanyl', 25, 'mcg/h', 'td', 'cdc_ndc2018');
SELECT mme('morphine', -1, 'mg', 'oral');
SELECT mme('morphine', 'NaN', 'mg', 'oral');
SELECT mme('morphine', 'Infinity', 'mg', 'oral');
SELECT mme('morphine', 1e308, 'g', 'oral');
SELECT mme_factor('methadone', 'mg', 'oral', 'cdc2016', -1);
SELECT mme_factor('methadone', 'mg', 'oral', 'cdc2016', 'NaN');
SELECT mme_category(-1);
SELECT mme_category('NaN');
SELECT mme_category('Infinity');
INSERT INTO mme_factors VALUES ('mine', 'morphine', 'oral', 'mg', 0);
INSERT INTO mme_factors VALUES ('mine', 'morphine', 'oral', 'mg', 'NaN');
INSERT INTO mme_factors VALUES ('mine', 'morphine', 'oral', 'mg', 'Infinity');
INSERT INTO mme_factors VALUES ('mine', 'morphine', 'oral', 'mg', 1, 20, 10);
INSERT INTO mme_factors VALUES ('mine', 'morphine', 'oral', NULL, 1);
DELETE FROM mme_factors WHERE guideline = 'cdc2022' AND drug = 'morphine';
UPDATE mme_factors SET drug = 'codeine' WHERE guideline = 'cdc2022' AND drug = 'morphine';
DELETE FROM opioid_names WHERE name = 'morphine';
UPDATE opioid_names SET name = 'x' WHERE name = 'morphine';
SELECT kc_own_row();
\set VERBOSITY default
SELECT mme('morphine', 30, 'mg', 'oral') AS session_goes_on;

-- ---- own rows, seen at once in the same transaction -----------------------------------

BEGIN;
UPDATE mme_factors SET factor = 4 WHERE guideline = 'cdc2022' AND drug = 'hydromorphone';
SELECT mme('hydromorphone', 10, 'mg', 'oral') AS changed,
	(SELECT shipped FROM mme_factors WHERE guideline = 'cdc2022' AND drug = 'hydromorphone') AS shipped;
ROLLBACK;
BEGIN;
-- beside the shipped row, as after a restore; what a user writes is not shipped
INSERT INTO mme_factors (guideline, drug, route, unit, factor, shipped)
	VALUES ('cdc2022', 'Oxycodone HCl', 'PO', 'mg', 2, true);
SELECT factor, shipped FROM mme_factors WHERE drug = 'Oxycodone HCl';
SELECT mme('oxycodone', 10, 'mg', 'oral') AS own, mme('oxycodone', 10000, 'mcg', 'oral') AS own_mcg,
	mme('oxycodone', 10, 'mg', 'oral', 'cdc2016') AS other_guideline;
UPDATE mme_factors SET factor = NULL WHERE drug = 'Oxycodone HCl';
SELECT mme('oxycodone', 10, 'mg', 'oral') AS switched_off, mme_status('oxycodone', 'mg', 'oral');
DELETE FROM mme_factors WHERE drug = 'Oxycodone HCl';
SELECT mme('oxycodone', 10, 'mg', 'oral') AS shipped_again;
-- one band of a tier
INSERT INTO mme_factors VALUES ('cdc2016', 'methadone', 'oral', 'mg', 7, 20, 40);
SELECT dose, mme('methadone', dose, 'mg', 'oral', 'cdc2016')
FROM unnest('{20,30,40,41}'::float8[]) dose;
-- one factor instead of the shipped tiers, beside the own band
INSERT INTO mme_factors VALUES ('cdc2016', 'methadone', 'oral', 'mg', 3);
SELECT dose, mme('methadone', dose, 'mg', 'oral', 'cdc2016')
FROM unnest('{10,30,41}'::float8[]) dose;
-- a guideline, a drug, a unit and a route of one's own
INSERT INTO mme_factors VALUES ('Our Ward', 'tilidine', 'oral', 'mg', 0.16),
	('Our Ward', 'tilidine', 'vaginal', 'drop', 0.5);
INSERT INTO mme_factors VALUES ('Our Ward', 'morphine', 'oral', 'mg', 1, 0, 30),
	('Our Ward', 'morphine', 'oral', 'mg', NULL, 30, 60);
INSERT INTO opioid_names VALUES ('Valoron', 'tilidine'), ('Skenan', 'sulfate de morphine'), ('dilaudid', NULL);
SELECT opioid_ingredient('TILIDINE HCl') AS by_factor, opioid_ingredient('valoron') AS by_name,
	opioid_ingredient('Skenan LP') AS brand, opioid_ingredient('Dilaudid') IS NULL AS switched_off,
	mme('valoron', 100, 'mg', 'po', 'our-ward') AS oral, mme('valoron', 4, 'Drop', 'Vaginal', 'our ward') AS drops,
	mme('morphine', 30, 'mg', 'po', 'our ward') AS band, mme('morphine', 31, 'mg', 'po', 'our ward') IS NULL AS refused_band;
SAVEPOINT gap;
SELECT mme('morphine', 61, 'mg', 'po', 'our ward');
ROLLBACK TO gap;
-- one name for two drugs is none
INSERT INTO opioid_names VALUES ('duo', 'morphine'), ('Duo', 'codeine'), ('solo', 'morphine'), ('Solo', 'Morphine');
SELECT opioid_ingredient('duo') IS NULL AS two_drugs, opioid_ingredient('solo') AS one_drug;
-- a loop keeps its call: it must see each change
CREATE FUNCTION changing_factor() RETURNS SETOF float8 LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..3 LOOP
		UPDATE mme_factors SET factor = i WHERE guideline = 'Our Ward' AND drug = 'tilidine' AND route = 'oral';
		RETURN NEXT mme('tilidine', 10, 'mg', 'oral', 'our ward');
	END LOOP;
	BEGIN
		UPDATE mme_factors SET factor = 9 WHERE guideline = 'Our Ward' AND drug = 'tilidine' AND route = 'oral';
		RETURN NEXT mme('tilidine', 10, 'mg', 'oral', 'our ward');
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RETURN NEXT mme('tilidine', 10, 'mg', 'oral', 'our ward');
	END;
END $$;
SELECT * FROM changing_factor();
ROLLBACK;

-- ---- any schema, no search path, no rights but SELECT ---------------------------------

BEGIN;
CREATE SCHEMA "my Schema";
ALTER EXTENSION ketocohort SET SCHEMA "my Schema";
SET LOCAL search_path = '';
SELECT "my Schema".mme('morphine'::text, 30, 'mg', 'oral') AS moved;
ROLLBACK;
CREATE ROLE mme_reader;
SET ROLE mme_reader;
SELECT mme('morphine', 30, 'mg', 'oral') AS reader;
INSERT INTO opioid_names VALUES ('x', 'morphine');
RESET ROLE;
DROP ROLE mme_reader;

-- ---- real orders ----------------------------------------------------------------------

\set file `echo "$PG_ABS_SRCDIR"`/data/mme/mimic_opioid_orders.csv
CREATE TABLE mimic_opioid_orders (row_id int, subject_id int, drug text, dose_val_rx text,
	dose_unit_rx text, route text);
\set load '\\copy mimic_opioid_orders FROM ' :'file' ' CSV HEADER'
:load

-- R: 92 orders, 21 patients, 2275.75 MME
CREATE VIEW oral_orders AS
SELECT subject_id, opioid_ingredient(drug) AS ingredient,
	mme(drug, dose_val_rx::float8, dose_unit_rx, route) AS mme
FROM mimic_opioid_orders
WHERE route IN ('PO', 'PO/NG', 'NG') AND dose_unit_rx = 'mg' AND dose_val_rx ~ '^[0-9]+(\.[0-9]+)?$';
SELECT ingredient, count(*), sum(mme) FROM oral_orders GROUP BY 1 ORDER BY 1;
SELECT count(*), count(DISTINCT subject_id), sum(mme) FROM oral_orders;
-- R: 29 patches, 4768.8 MME a day
SELECT count(*), sum(mme(drug, dose_val_rx::float8, dose_unit_rx, route))
FROM mimic_opioid_orders WHERE drug = 'Fentanyl Patch';
-- coverage: what could not be converted, and why
SELECT mme_status(drug, dose_unit_rx, route) AS status, count(*) AS orders
FROM mimic_opioid_orders GROUP BY 1 ORDER BY 2 DESC;
SELECT drug, dose_unit_rx, route, count(*) AS orders
FROM mimic_opioid_orders
WHERE mme_status(drug, dose_unit_rx, route) LIKE 'unknown%'
GROUP BY 1, 2, 3, mme_status(drug, dose_unit_rx, route) ORDER BY 4 DESC, 1, 2, 3;

-- ---- parallel workers, many different questions ---------------------------------------

CREATE TABLE many_orders AS
SELECT CASE WHEN i % 2 = 0 THEN 'Morphine ' || repeat('sulfate ', i % 5) ELSE 'drug ' || i END AS drug,
	(i % 100)::float8 AS dose
FROM generate_series(1, 150000) i;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT count(*) FILTER (WHERE mme_status(drug, 'mg', 'oral') = 'ok') FROM many_orders;
SELECT count(*) FILTER (WHERE mme_status(drug, 'mg', 'oral') = 'ok') AS ok,
	count(*) FILTER (WHERE mme_status(drug, 'mg', 'oral') = 'unknown drug') AS unknown_drug,
	sum(mme(drug, dose, 'mg', 'oral')) FILTER (WHERE drug LIKE 'Morphine%') AS mme,
	sum(dose) FILTER (WHERE drug LIKE 'Morphine%') AS dose
FROM many_orders;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP VIEW oral_orders;
DROP TABLE mimic_opioid_orders, many_orders;
