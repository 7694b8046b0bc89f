-- ---- mme: opioid doses as morphine milligram equivalents -----------------------------
--
-- Two configuration tables and the functions that read them.  Every row of the
-- install script is marked shipped; pg_dump writes the others.  Text is plain
-- ASCII so that the script installs in a database of any encoding: looking a
-- name up folds accents away.

CREATE TABLE mme_factors (
	guideline text NOT NULL CHECK (guideline <> ''),
	drug text NOT NULL CHECK (drug <> ''),
	route text NOT NULL CHECK (route <> ''),
	unit text CHECK (unit <> ''),
	factor float8 CHECK (factor > 0 AND factor < 'infinity'),
	dose_above float8 CHECK (dose_above >= 0 AND dose_above < 'infinity'),
	dose_to float8 CHECK (dose_to > 0 AND dose_to < 'infinity'),
	note text,
	source text,
	shipped boolean NOT NULL DEFAULT false,
	CHECK (dose_to > dose_above),
	CHECK (unit IS NOT NULL OR factor IS NULL)
);

CREATE UNIQUE INDEX mme_factors_key ON mme_factors (guideline, drug, route,
	coalesce(unit, ''), coalesce(dose_above, 0), coalesce(dose_to, 0), shipped);

COMMENT ON TABLE mme_factors IS 'Factors from a daily opioid dose to morphine milligram equivalents, by guideline. Rows of your own win over shipped ones with the same guideline, drug, route and unit, and pg_dump keeps them.';
COMMENT ON COLUMN mme_factors.guideline IS 'Name of the guideline, as mme() takes it';
COMMENT ON COLUMN mme_factors.drug IS 'Ingredient, as opioid_ingredient() returns it';
COMMENT ON COLUMN mme_factors.route IS 'Route; parenteral stands for iv, im and sc, any for every route, unless a row names the route itself';
COMMENT ON COLUMN mme_factors.unit IS 'Unit of the dose: mg, mcg, mcg/h (rate of a worn patch), mcg/h/patch (strength of one patch dispensed), or a word of your own; NULL: every unit is refused';
COMMENT ON COLUMN mme_factors.factor IS 'MME = daily dose x factor; NULL: the guideline lists the product and refuses a factor';
COMMENT ON COLUMN mme_factors.dose_above IS 'The factor holds for daily doses above this one, in mg of the drug; NULL: no lower bound';
COMMENT ON COLUMN mme_factors.dose_to IS 'The factor holds up to this daily dose, included, in mg of the drug; NULL: no upper bound';
COMMENT ON COLUMN mme_factors.note IS 'What the guideline says beside the figure';
COMMENT ON COLUMN mme_factors.source IS 'Where the figure was read';
COMMENT ON COLUMN mme_factors.shipped IS 'True for the rows of the extension, false for your own and for a shipped row you changed';

CREATE TABLE opioid_names (
	name text NOT NULL CHECK (name <> ''),
	drug text CHECK (drug <> ''),
	shipped boolean NOT NULL DEFAULT false
);

CREATE UNIQUE INDEX opioid_names_key ON opioid_names (name, shipped);

COMMENT ON TABLE opioid_names IS 'Names of opioids: INN, synonyms in English and French, salts, codes as ATC:..., RxNorm:... and OMOP:.... Rows of your own win over shipped ones, and pg_dump keeps them.';
COMMENT ON COLUMN opioid_names.name IS 'Name or code; case, accents, spaces, punctuation and words for salt, form and release do not matter';
COMMENT ON COLUMN opioid_names.drug IS 'Ingredient it means; NULL: this name is no opioid';
COMMENT ON COLUMN opioid_names.shipped IS 'True for the rows of the extension, false for your own and for a shipped row you changed';

-- The longer text of a source, once for all rows of a guideline.
INSERT INTO mme_factors
SELECT f.guideline, f.drug, f.route, f.unit, f.factor, f.dose_above, f.dose_to, f.note,
	s.source, true
FROM (VALUES
	('cdc2022', 'https://globalrph.com/medcalcs/morphine-milligram-equivalents-calculator (faithful copy of the MMWR 2022;71(RR-3) table with footnotes; identical copy https://www.medscape.org/viewarticle/987410); github:cqframework/opioid-mme-r4 input/vocabulary/codesystem/codesystem-CDCMMEClinicalConversionFactors.json'),
	('cdc2022 buprenorphine', 'http://fhir.org/guides/cdc/opioid-mme-r4/conversion-factors.html'),
	('cdc2016', 'CDC "Calculating total daily dose of opioids for safer dosage" (www.cdc.gov/drugoverdose/pdf/calculating_total_daily_dose-a.pdf, original not reachable); copies: github:austinbean/ops mme_list.do; github:cqframework/opioid-mme-r4 input/cql/ConversionFactors.cql; https://ebooks.elitelearning.com/view/1004010263/62'),
	('cdc_ndc2018', 'github:cqframework/opioid-mme-r4 docs/CDC_Oral_Morphine_Milligram_Equivalents_Sept_2018.xlsx sheet "Summary Table"+"Opioids" (opened; copy in data/)'),
	('cms2018', 'github:austinbean/ops mme_list.do (text of Oral-MME-CFs-vFeb-2018.pdf); second copy https://docslib.org/doc/6360357 (prints the same table, footnotes i-ix, cites CDC 2017 version); third copy in github:CleverRaven/Cataclysm-DDA pull 75159'),
	('heal2025', 'github:KennethATaylor/mmequiv R/sysdata.rda (med_list, 29 rows) == tests/testthat/get_med_list/api/all.json (recorded API answer of research-mme.wakehealth.edu); package GPL-3; Adams 2025 doi:10.1097/j.pain.0000000000003529 not opened'),
	('anzca2021', 'https://docslib.org/doc/9957345/appendix-2-opioid-dose-equivalence (FPM ANZCA PS01(PM) Appendix, June 2021; drug names partly lost in the copy, matched by order and brand with the 2014 table)'),
	('clud2007', 'https://123dok.net/document/yr3g4377-quand-la-morphine-ne-suffit-plus.html (CLUD 12 v4, "Table pratique de conversion des opioides de palier II et III", 23-10-2007)')
) s (name, source),
(VALUES
	('cdc2022', 'codeine', 'oral', 'mg', 0.15, NULL::float8, NULL::float8, NULL, NULL),
	('cdc2022', 'hydrocodone', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc2022', 'hydromorphone', 'oral', 'mg', 5, NULL, NULL, 'was 4 in CDC 2016', NULL),
	('cdc2022', 'methadone', 'oral', 'mg', 4.7, NULL, NULL, 'single factor; replaces the 2016 tiers 4/8/10/12', NULL),
	('cdc2022', 'morphine', 'oral', 'mg', 1, NULL, NULL, 'reference', NULL),
	('cdc2022', 'oxycodone', 'oral', 'mg', 1.5, NULL, NULL, NULL, NULL),
	('cdc2022', 'oxymorphone', 'oral', 'mg', 3, NULL, NULL, NULL, NULL),
	('cdc2022', 'tapentadol', 'oral', 'mg', 0.4, NULL, NULL, 'mu agonist + NRI; overdose dose-response unknown', NULL),
	('cdc2022', 'tramadol', 'oral', 'mg', 0.2, NULL, NULL, 'was 0.1 in CDC 2016; mu agonist + SNRI; overdose dose-response unknown', NULL),
	('cdc2022', 'fentanyl', 'transdermal', 'mcg/h', 2.4, NULL, NULL, 'multiply nominal patch rate; result is MME per day while worn', NULL),
	('cdc2022', 'buprenorphine', 'any', NULL, NULL, NULL, NULL, 'explicitly not in the table (partial agonist, ceiling); not to be applied to OUD treatment doses', 'cdc2022 buprenorphine'),
	('cdc2016', 'codeine', 'oral', 'mg', 0.15, NULL, NULL, NULL, NULL),
	('cdc2016', 'hydrocodone', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc2016', 'hydromorphone', 'oral', 'mg', 4, NULL, NULL, NULL, NULL),
	('cdc2016', 'morphine', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc2016', 'oxycodone', 'oral', 'mg', 1.5, NULL, NULL, NULL, NULL),
	('cdc2016', 'oxymorphone', 'oral', 'mg', 3, NULL, NULL, NULL, NULL),
	('cdc2016', 'tramadol', 'oral', 'mg', 0.1, NULL, NULL, 'tramadol/tapentadol are in some copies of the 2016 table only (elitelearning copy lists tramadol 0.1); the CQL and austinbean copies omit both; the MMWR 2016 Table 2 is recalled to add tapentadol 0.4 (not verified here)', NULL),
	('cdc2016', 'fentanyl', 'transdermal', 'mcg/h', 2.4, NULL, NULL, NULL, NULL),
	('cdc2016', 'methadone', 'oral', 'mg', 4, 0, 20, 'printed as whole-mg bands 1-20 / 21-40 / 41-60 / >=61-80 mg/day; coded here as half-open (dose_min, dose_max] as CMS prints them, so that 20.5 mg has a factor; tier looked up on the SUMMED daily methadone dose; whole dose multiplied by the one factor (not marginal)', NULL),
	('cdc2016', 'methadone', 'oral', 'mg', 8, 20, 40, 'printed as whole-mg bands 1-20 / 21-40 / 41-60 / >=61-80 mg/day; coded here as half-open (dose_min, dose_max] as CMS prints them, so that 20.5 mg has a factor; tier looked up on the SUMMED daily methadone dose; whole dose multiplied by the one factor (not marginal)', NULL),
	('cdc2016', 'methadone', 'oral', 'mg', 10, 40, 60, 'printed as whole-mg bands 1-20 / 21-40 / 41-60 / >=61-80 mg/day; coded here as half-open (dose_min, dose_max] as CMS prints them, so that 20.5 mg has a factor; tier looked up on the SUMMED daily methadone dose; whole dose multiplied by the one factor (not marginal)', NULL),
	('cdc2016', 'methadone', 'oral', 'mg', 12, 60, NULL, 'printed as whole-mg bands 1-20 / 21-40 / 41-60 / >=61-80 mg/day; coded here as half-open (dose_min, dose_max] as CMS prints them, so that 20.5 mg has a factor; tier looked up on the SUMMED daily methadone dose; whole dose multiplied by the one factor (not marginal)', NULL),
	('cdc_ndc2018', 'buprenorphine', 'sublingual', 'mg', NULL, NULL, NULL, 'listed, factor deliberately NULL', NULL),
	('cdc_ndc2018', 'buprenorphine', 'transdermal', 'mcg/h/patch', NULL, NULL, NULL, 'listed, factor deliberately NULL', NULL),
	('cdc_ndc2018', 'buprenorphine', 'buccal', 'mcg', NULL, NULL, NULL, 'listed, factor deliberately NULL', NULL),
	('cdc_ndc2018', 'buprenorphine', 'sc', 'mg', NULL, NULL, NULL, 'Sublocade, Probuphine: no factor', NULL),
	('cdc_ndc2018', 'buprenorphine', 'implant', 'mg', NULL, NULL, NULL, 'Sublocade, Probuphine: no factor', NULL),
	('cdc_ndc2018', 'butorphanol', 'nasal', 'mg', 7, NULL, NULL, 'strength 10 mg/mL; quantity must be mL (bottle = 2.5 mL), not bottles', NULL),
	('cdc_ndc2018', 'codeine', 'oral', 'mg', 0.15, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'dihydrocodeine', 'oral', 'mg', 0.25, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'fentanyl', 'buccal', 'mcg', 0.13, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'fentanyl', 'sublingual', 'mcg', 0.13, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'fentanyl', 'oromucosal', 'mcg', 0.18, NULL, NULL, '40% (film) / 38% (spray) higher bioavailability than lozenge; spray UOM is MCG/SPRAY', NULL),
	('cdc_ndc2018', 'fentanyl', 'nasal', 'mcg', 0.16, NULL, NULL, '20% higher bioavailability; UOM is MCG/SPRAY', NULL),
	('cdc_ndc2018', 'fentanyl', 'transdermal', 'mcg/h/patch', 7.2, NULL, NULL, 'NDC-file factor: 2.4 x 3 days of wear folded in; MME/day = strength x (patches/days_supply) x 7.2 and days_supply must first be set to patches x 3', NULL),
	('cdc_ndc2018', 'hydrocodone', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'hydromorphone', 'oral', 'mg', 4, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'hydromorphone', 'rectal', 'mg', 4, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'levorphanol', 'oral', 'mg', 11, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'pethidine', 'oral', 'mg', 0.1, NULL, NULL, 'INN pethidine', NULL),
	('cdc_ndc2018', 'methadone', 'oral', 'mg', 3, NULL, NULL, 'flat 3; file warns it can underestimate and points to the clinical sliding scale', NULL),
	('cdc_ndc2018', 'morphine', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'morphine', 'rectal', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'opium', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'opium', 'rectal', 'mg', 1, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'oxycodone', 'oral', 'mg', 1.5, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'oxymorphone', 'oral', 'mg', 3, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'oxymorphone', 'rectal', 'mg', 3, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'pentazocine', 'oral', 'mg', 0.37, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'dextropropoxyphene', 'oral', 'mg', 0.23, NULL, NULL, 'in the NDC rows, not in the Summary Table; INN dextropropoxyphene', NULL),
	('cdc_ndc2018', 'tramadol', 'oral', 'mg', 0.1, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'tapentadol', 'oral', 'mg', 0.4, NULL, NULL, NULL, NULL),
	('cdc_ndc2018', 'levomethadyl acetate', 'oral', 'mg', 8, NULL, NULL, NULL, NULL),
	('cms2018', 'buprenorphine', 'sublingual', 'mg', NULL, NULL, NULL, 'listed without factor', NULL),
	('cms2018', 'buprenorphine', 'transdermal', 'mcg/h/patch', NULL, NULL, NULL, 'listed without factor', NULL),
	('cms2018', 'buprenorphine', 'buccal', 'mcg', NULL, NULL, NULL, 'listed without factor', NULL),
	('cms2018', 'butorphanol', 'nasal', 'mg', 7, NULL, NULL, NULL, NULL),
	('cms2018', 'codeine', 'oral', 'mg', 0.15, NULL, NULL, NULL, NULL),
	('cms2018', 'dihydrocodeine', 'oral', 'mg', 0.25, NULL, NULL, NULL, NULL),
	('cms2018', 'fentanyl', 'buccal', 'mcg', 0.13, NULL, NULL, NULL, NULL),
	('cms2018', 'fentanyl', 'sublingual', 'mcg', 0.13, NULL, NULL, NULL, NULL),
	('cms2018', 'fentanyl', 'oromucosal', 'mcg', 0.18, NULL, NULL, NULL, NULL),
	('cms2018', 'fentanyl', 'nasal', 'mcg', 0.16, NULL, NULL, NULL, NULL),
	('cms2018', 'fentanyl', 'transdermal', 'mcg/h/patch', 7.2, NULL, NULL, 'NDC-file factor: 2.4 x 3 days of wear folded in; MME/day = strength x (patches/days_supply) x 7.2 and days_supply must first be set to patches x 3', NULL),
	('cms2018', 'hydrocodone', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cms2018', 'hydromorphone', 'oral', 'mg', 4, NULL, NULL, NULL, NULL),
	('cms2018', 'levorphanol', 'oral', 'mg', 11, NULL, NULL, NULL, NULL),
	('cms2018', 'pethidine', 'oral', 'mg', 0.1, NULL, NULL, NULL, NULL),
	('cms2018', 'morphine', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cms2018', 'opium', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('cms2018', 'oxycodone', 'oral', 'mg', 1.5, NULL, NULL, NULL, NULL),
	('cms2018', 'oxymorphone', 'oral', 'mg', 3, NULL, NULL, NULL, NULL),
	('cms2018', 'pentazocine', 'oral', 'mg', 0.37, NULL, NULL, NULL, NULL),
	('cms2018', 'tapentadol', 'oral', 'mg', 0.4, NULL, NULL, NULL, NULL),
	('cms2018', 'tramadol', 'oral', 'mg', 0.1, NULL, NULL, NULL, NULL),
	('cms2018', 'methadone', 'oral', 'mg', 4, 0, 20, 'printed exactly as >0,<=20 / >20,<=40 / >40,<=60 / >60', NULL),
	('cms2018', 'methadone', 'oral', 'mg', 8, 20, 40, 'printed exactly as >0,<=20 / >20,<=40 / >40,<=60 / >60', NULL),
	('cms2018', 'methadone', 'oral', 'mg', 10, 40, 60, 'printed exactly as >0,<=20 / >20,<=40 / >40,<=60 / >60', NULL),
	('cms2018', 'methadone', 'oral', 'mg', 12, 60, NULL, 'printed exactly as >0,<=20 / >20,<=40 / >40,<=60 / >60', NULL),
	('heal2025', 'buprenorphine', 'buccal', 'mcg', 0.039, NULL, NULL, 'calculator entry: Buprenorphine buccal film (mcg) buccal; result must be reported with and without buprenorphine', NULL),
	('heal2025', 'buprenorphine', 'transdermal', 'mcg/h', 2.2, NULL, NULL, 'calculator entry: Buprenorphine patch (mcg/hr) transdermal; result must be reported with and without buprenorphine', NULL),
	('heal2025', 'buprenorphine', 'sublingual', 'mg', 38.8, NULL, NULL, 'calculator entry: Buprenorphine tablet/film (mg) sublingual; result must be reported with and without buprenorphine', NULL),
	('heal2025', 'butorphanol', 'nasal', 'mg', 7, NULL, NULL, 'calculator entry: butorphanol (mg)', NULL),
	('heal2025', 'codeine', 'oral', 'mg', 0.15, NULL, NULL, 'calculator entry: Codeine (mg)', NULL),
	('heal2025', 'dihydrocodeine', 'oral', 'mg', 0.25, NULL, NULL, 'calculator entry: Dihydrocodeine (mg)', NULL),
	('heal2025', 'fentanyl', 'buccal', 'mcg', 0.13, NULL, NULL, 'calculator entry: Fentanyl buccal (mcg)', NULL),
	('heal2025', 'fentanyl', 'nasal', 'mcg', 0.16, NULL, NULL, 'calculator entry: Fentanyl nasal (mcg)', NULL),
	('heal2025', 'fentanyl', 'oromucosal', 'mcg', 0.18, NULL, NULL, 'calculator entry: Fentanyl oral (mcg)', NULL),
	('heal2025', 'fentanyl', 'transdermal', 'mcg/h', 2.4, NULL, NULL, 'calculator entry: Fentanyl patch (mcg/hr)', NULL),
	('heal2025', 'hydrocodone', 'oral', 'mg', 1, NULL, NULL, 'calculator entry: Hydrocodone (mg)', NULL),
	('heal2025', 'hydromorphone', 'oral', 'mg', 5, NULL, NULL, 'calculator entry: Hydromorphone (mg)', NULL),
	('heal2025', 'levorphanol', 'oral', 'mg', 11, NULL, NULL, 'calculator entry: Levorphanol tartrate (mg)', NULL),
	('heal2025', 'pethidine', 'oral', 'mg', 0.1, NULL, NULL, 'calculator entry: Meperidine HCL (mg)', NULL),
	('heal2025', 'methadone', 'oral', 'mg', 4.7, NULL, NULL, 'calculator entry: Methadone (mg)', NULL),
	('heal2025', 'morphine', 'oral', 'mg', 1, NULL, NULL, 'calculator entry: Morphine (mg)', NULL),
	('heal2025', 'opium', 'oral', 'mg', 1, NULL, NULL, 'calculator entry: Opium (mg)', NULL),
	('heal2025', 'oxycodone', 'oral', 'mg', 1.5, NULL, NULL, 'calculator entry: Oxycodone (mg)', NULL),
	('heal2025', 'oxymorphone', 'oral', 'mg', 3, NULL, NULL, 'calculator entry: Oxymorphone (mg)', NULL),
	('heal2025', 'pentazocine', 'oral', 'mg', 0.37, NULL, NULL, 'calculator entry: Pentazocine (mg)', NULL),
	('heal2025', 'tapentadol', 'oral', 'mg', 0.3, NULL, NULL, 'calculator entry: tapentadol (mg); DISAGREES with CDC 2022 (0.4); equals ANZCA 2021 (0.3)', NULL),
	('heal2025', 'tramadol', 'oral', 'mg', 0.2, NULL, NULL, 'calculator entry: tramadol (mg)', NULL),
	('anzca2021', 'morphine', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('anzca2021', 'oxycodone', 'oral', 'mg', 1.5, NULL, NULL, NULL, NULL),
	('anzca2021', 'hydromorphone', 'oral', 'mg', 5, NULL, NULL, NULL, NULL),
	('anzca2021', 'codeine', 'oral', 'mg', 0.13, NULL, NULL, NULL, NULL),
	('anzca2021', 'dextropropoxyphene', 'oral', 'mg', 0.1, NULL, NULL, NULL, NULL),
	('anzca2021', 'tramadol', 'oral', 'mg', 0.2, NULL, NULL, NULL, NULL),
	('anzca2021', 'tapentadol', 'oral', 'mg', 0.3, NULL, NULL, '0.4 in 2014, 0.3 in 2021', NULL),
	('anzca2021', 'buprenorphine', 'sublingual', 'mg', 40, NULL, NULL, NULL, NULL),
	('anzca2021', 'oxycodone', 'rectal', 'mg', 1.5, NULL, NULL, 'absorption highly variable', NULL),
	('anzca2021', 'buprenorphine', 'transdermal', 'mcg/h', 2, NULL, NULL, NULL, NULL),
	('anzca2021', 'fentanyl', 'transdermal', 'mcg/h', 3, NULL, NULL, 'CDC uses 2.4', NULL),
	('anzca2021', 'morphine', 'parenteral', 'mg', 3, NULL, NULL, NULL, NULL),
	('anzca2021', 'oxycodone', 'parenteral', 'mg', 3, NULL, NULL, NULL, NULL),
	('anzca2021', 'hydromorphone', 'parenteral', 'mg', 15, NULL, NULL, NULL, NULL),
	('anzca2021', 'codeine', 'parenteral', 'mg', 0.25, NULL, NULL, NULL, NULL),
	('anzca2021', 'pethidine', 'parenteral', 'mg', 0.4, NULL, NULL, NULL, NULL),
	('anzca2021', 'fentanyl', 'parenteral', 'mcg', 0.2, NULL, NULL, 'mcg/day, i.e. 200 per mg', NULL),
	('anzca2021', 'sufentanil', 'parenteral', 'mcg', 2, NULL, NULL, 'mcg/day, i.e. 2000 per mg', NULL),
	('clud2007', 'codeine', 'oral', 'mg', 0.166667, NULL, NULL, 'printed 1/6: 60 mg = 10 mg morphine', NULL),
	('clud2007', 'dextropropoxyphene', 'oral', 'mg', 0.166667, NULL, NULL, 'printed 1/6', NULL),
	('clud2007', 'tramadol', 'oral', 'mg', 0.2, NULL, NULL, 'printed 1/5', NULL),
	('clud2007', 'dihydrocodeine', 'oral', 'mg', 0.333333, NULL, NULL, 'printed 1/3', NULL),
	('clud2007', 'morphine', 'oral', 'mg', 1, NULL, NULL, NULL, NULL),
	('clud2007', 'morphine', 'sc', 'mg', 2, NULL, NULL, '5 mg SC = 10 mg PO', NULL),
	('clud2007', 'morphine', 'iv', 'mg', 3, NULL, NULL, '3.33 mg IV = 10 mg PO', NULL),
	('clud2007', 'nalbuphine', 'sc', 'mg', 2, NULL, NULL, '5 mg nalbuphine SC = 10 mg PO morphine', NULL),
	('clud2007', 'oxycodone', 'oral', 'mg', NULL, NULL, NULL, 'printed range 1.5-2; 5 mg oxycodone => 7.5 mg morphine, but 10 mg morphine => 5 mg oxycodone: DIRECTIONAL', NULL),
	('clud2007', 'oxycodone', 'sc', 'mg', NULL, NULL, NULL, 'printed "1.5 a 2" with example 1 mg SC/IV = 2 mg PO morphine (range looks like a copy error)', NULL),
	('clud2007', 'oxycodone', 'iv', 'mg', NULL, NULL, NULL, 'printed "1.5 a 2" with example 1 mg SC/IV = 2 mg PO morphine (range looks like a copy error)', NULL),
	('clud2007', 'hydromorphone', 'oral', 'mg', 7.5, NULL, NULL, '4 mg = 30 mg; CDC 2022 uses 5', NULL),
	('clud2007', 'buprenorphine', 'sublingual', 'mg', 30, NULL, NULL, '0.2 mg = 6 mg', NULL),
	('clud2007', 'fentanyl', 'transdermal', 'mg', 100, NULL, NULL, '25 mcg/h = 600 mcg/day = 60 mg/day', NULL)
) f (guideline, drug, route, unit, factor, dose_above, dose_to, note, other_source)
WHERE s.name = coalesce(f.other_source, f.guideline);

-- Ingredients whose RxNorm or OMOP identifier was verified; RxNorm: and OMOP:
-- codes only where that very code was.  ATC: codes of combinations are here
-- too: each of them holds one opioid, which it names without doubt.  Brands are
-- those that hospital orders print in brackets after the ingredient.
INSERT INTO opioid_names
SELECT unnest(n.names), n.drug, true
FROM (VALUES
	('codeine', ARRAY['codeine', 'methylmorphine', 'phosphate de codeine', 'codeine phosphate',
		'codeine sulfate', 'codeine phosphate hemihydrate', 'ATC:R05DA04', 'ATC:N02AJ06',
		'ATC:N02AJ07', 'ATC:N02AJ08', 'ATC:N02AJ09', 'ATC:N02AA59', 'ATC:N02AA79',
		'RxNorm:2670', 'OMOP:1201620']),
	('dihydrocodeine', ARRAY['dihydrocodeine', 'drocode', 'DHC', 'dihydrocodeine bitartrate',
		'dihydrocodeine tartrate', 'ATC:N02AA08', 'ATC:N02AA58', 'ATC:N02AJ01', 'ATC:N02AJ02',
		'ATC:N02AJ03', 'RxNorm:23088', 'OMOP:1189596']),
	('morphine', ARRAY['morphine', 'sulfate de morphine', 'chlorhydrate de morphine',
		'morphine sulfate', 'morphine hydrochloride', 'morphine tartrate', 'ATC:N02AA01',
		'ATC:N02AA51', 'ATC:N02AG01', 'RxNorm:7052', 'OMOP:1110410', 'MS Contin']),
	('hydromorphone', ARRAY['hydromorphone', 'dihydromorphinone',
		'chlorhydrate d''hydromorphone', 'hydromorphone hydrochloride', 'ATC:N02AA03',
		'ATC:N02AA53', 'ATC:N02AG04', 'RxNorm:3423', 'OMOP:1126658', 'Dilaudid']),
	('oxycodone', ARRAY['oxycodone', 'dihydrohydroxycodeinone', 'oxycodan',
		'chlorhydrate d''oxycodone', 'oxycodone hydrochloride', 'oxycodone terephthalate',
		'oxycodone pectinate', 'ATC:N02AA05', 'ATC:N02AA55', 'ATC:N02AA56', 'ATC:N02AJ17',
		'ATC:N02AJ18', 'ATC:N02AJ19', 'RxNorm:7804', 'OMOP:1124957', 'OxyContin']),
	('hydrocodone', ARRAY['hydrocodone', 'dihydrocodeinone', 'hydrocodone bitartrate',
		'ATC:R05DA03', 'ATC:N02AJ22', 'ATC:N02AJ23', 'RxNorm:5489', 'OMOP:1174888']),
	('oxymorphone', ARRAY['oxymorphone', 'oxymorphone hydrochloride', 'ATC:N02AA11',
		'RxNorm:7814', 'OMOP:1125765']),
	('fentanyl', ARRAY['fentanyl', 'fentanil', 'citrate de fentanyl', 'fentanyl citrate',
		'ATC:N02AB03', 'ATC:N01AH01', 'ATC:N01AH51', 'RxNorm:4337', 'OMOP:1154029']),
	('buprenorphine', ARRAY['buprenorphine', 'chlorhydrate de buprenorphine',
		'buprenorphine hydrochloride', 'ATC:N02AE01', 'ATC:N07BC01', 'ATC:N07BC51',
		'RxNorm:1819', 'OMOP:1133201']),
	('methadone', ARRAY['methadone', 'amidone', 'dolophine', 'chlorhydrate de methadone',
		'methadone hydrochloride', 'ATC:N07BC02', 'ATC:N02AC52', 'RxNorm:6813', 'OMOP:1103640']),
	('levomethadyl acetate', ARRAY['levomethadyl acetate', 'levacetylmethadol', 'LAAM',
		'levomethadyl acetate hydrochloride', 'ATC:N07BC03', 'RxNorm:237005']),
	('tramadol', ARRAY['tramadol', 'chlorhydrate de tramadol', 'tramadol hydrochloride',
		'ATC:N02AX02', 'ATC:N02AJ13', 'ATC:N02AJ14', 'ATC:N02AJ15', 'ATC:N02AJ16',
		'RxNorm:10689', 'OMOP:1103314', 'Ultram']),
	('tapentadol', ARRAY['tapentadol', 'tapentadol hydrochloride', 'ATC:N02AX06',
		'RxNorm:787390', 'OMOP:19026459']),
	('pethidine', ARRAY['pethidine', 'meperidine', 'isonipecaine', 'chlorhydrate de pethidine',
		'pethidine hydrochloride', 'ATC:N02AB02', 'ATC:N02AB52', 'ATC:N02AB72', 'ATC:N02AG03',
		'RxNorm:6754', 'OMOP:1102527']),
	('nalbuphine', ARRAY['nalbuphine', 'chlorhydrate de nalbuphine',
		'nalbuphine hydrochloride', 'ATC:N02AF02', 'RxNorm:7238', 'OMOP:1114122']),
	('butorphanol', ARRAY['butorphanol', 'tartrate de butorphanol', 'butorphanol tartrate',
		'ATC:N02AF01', 'RxNorm:1841']),
	('pentazocine', ARRAY['pentazocine', 'pentazocine hydrochloride', 'pentazocine lactate',
		'ATC:N02AD01', 'ATC:N02AD51', 'RxNorm:8001']),
	('levorphanol', ARRAY['levorphanol', 'levorphan', 'levorphanol tartrate', 'RxNorm:6378']),
	('opium', ARRAY['opium', 'opium tincture', 'papaver somniferum', 'poudre d''opium',
		'Lamaline', 'ATC:N02AA02', 'ATC:A07DA02', 'RxNorm:7676', 'OMOP:923829']),
	('papaveretum', ARRAY['papaveretum', 'ATC:N02AA10', 'RxNorm:7894', 'OMOP:19129648']),
	('dextropropoxyphene', ARRAY['dextropropoxyphene', 'propoxyphene', 'darvon',
		'chlorhydrate de dextropropoxyphene', 'napsilate de dextropropoxyphene',
		'dextropropoxyphene hydrochloride', 'dextropropoxyphene napsylate', 'ATC:N02AC04',
		'ATC:N02AC54', 'ATC:N02AC74', 'RxNorm:8785']),
	('diamorphine', ARRAY['diamorphine', 'heroin', 'diacetylmorphine', 'heroine',
		'diamorphine hydrochloride', 'ATC:N07BC06', 'RxNorm:3304', 'OMOP:19022417']),
	('alfentanil', ARRAY['alfentanil', 'alfentanil hydrochloride', 'ATC:N01AH02', 'RxNorm:480']),
	('sufentanil', ARRAY['sufentanil', 'sufenta', 'citrate de sufentanil',
		'sufentanil citrate', 'ATC:N01AH03', 'RxNorm:56795', 'OMOP:19078219']),
	('ethylmorphine', ARRAY['ethylmorphine', 'dionine', 'codethyline',
		'ethylmorphine hydrochloride', 'ATC:R05DA01', 'RxNorm:4166', 'OMOP:19050414']),
	('pholcodine', ARRAY['pholcodine', 'ATC:R05DA08', 'RxNorm:33431', 'OMOP:19024213'])
) n (drug, names);

-- Combinations with one opioid, as order systems write them.  The dose asked
-- for is that of the opioid, not of the paracetamol.
INSERT INTO opioid_names
SELECT unnest(n.names), n.drug, true
FROM (VALUES
	('codeine', ARRAY['codeine/acetaminophen', 'acetaminophen/codeine', 'codeine/paracetamol',
		'paracetamol/codeine', 'acetaminophen w/codeine', 'guaifenesin/codeine']),
	('hydrocodone', ARRAY['hydrocodone/acetaminophen', 'acetaminophen/hydrocodone',
		'hydrocodone/paracetamol', 'paracetamol/hydrocodone']),
	('oxycodone', ARRAY['oxycodone/acetaminophen', 'acetaminophen/oxycodone',
		'oxycodone/paracetamol', 'paracetamol/oxycodone']),
	('tramadol', ARRAY['tramadol/acetaminophen', 'acetaminophen/tramadol',
		'tramadol/paracetamol', 'paracetamol/tramadol'])
) n (drug, names);

SELECT pg_extension_config_dump('mme_factors', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('opioid_names', 'WHERE NOT shipped');

GRANT SELECT ON mme_factors, opioid_names TO PUBLIC;
-- The tables belong to the superuser; who installs the extension adds rows of his own.
GRANT INSERT, UPDATE, DELETE ON mme_factors, opioid_names TO @extowner@;
-- The extension is trusted: the role that creates it need not own these tables.
GRANT INSERT, UPDATE, DELETE ON mme_factors, opioid_names TO @extowner@ WITH GRANT OPTION;

-- What users write is theirs, also a change of a shipped row: pg_dump keeps it,
-- and after a restore it wins over the shipped row that stands beside it.
CREATE FUNCTION kc_own_row() RETURNS trigger
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION kc_own_row() IS 'Trigger: marks a row that a user writes as not shipped';

-- A shipped row taken away would be back after a restore and change figures
-- silently, so it cannot be.
CREATE FUNCTION kc_keep_shipped_row() RETURNS trigger
	AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION kc_keep_shipped_row() IS 'Trigger: refuses to delete a shipped row or to change its key';

CREATE TRIGGER own_row BEFORE INSERT OR UPDATE ON mme_factors
	FOR EACH ROW WHEN (NEW.shipped) EXECUTE FUNCTION kc_own_row();
CREATE TRIGGER keep_key BEFORE UPDATE ON mme_factors
	FOR EACH ROW WHEN (OLD.shipped AND
		(OLD.guideline, OLD.drug, OLD.route, OLD.unit, OLD.dose_above, OLD.dose_to)
		IS DISTINCT FROM
		(NEW.guideline, NEW.drug, NEW.route, NEW.unit, NEW.dose_above, NEW.dose_to))
	EXECUTE FUNCTION kc_keep_shipped_row();
CREATE TRIGGER keep_row BEFORE DELETE ON mme_factors
	FOR EACH ROW WHEN (OLD.shipped) EXECUTE FUNCTION kc_keep_shipped_row();
CREATE TRIGGER own_row BEFORE INSERT OR UPDATE ON opioid_names
	FOR EACH ROW WHEN (NEW.shipped) EXECUTE FUNCTION kc_own_row();
CREATE TRIGGER keep_key BEFORE UPDATE ON opioid_names
	FOR EACH ROW WHEN (OLD.shipped AND OLD.name IS DISTINCT FROM NEW.name)
	EXECUTE FUNCTION kc_keep_shipped_row();
CREATE TRIGGER keep_row BEFORE DELETE ON opioid_names
	FOR EACH ROW WHEN (OLD.shipped) EXECUTE FUNCTION kc_keep_shipped_row();

COMMENT ON TRIGGER own_row ON mme_factors IS 'Rows that users write are not shipped';
COMMENT ON TRIGGER keep_key ON mme_factors IS 'The key of a shipped row stays';
COMMENT ON TRIGGER keep_row ON mme_factors IS 'Shipped rows stay';
COMMENT ON TRIGGER own_row ON opioid_names IS 'Rows that users write are not shipped';
COMMENT ON TRIGGER keep_key ON opioid_names IS 'The key of a shipped row stays';
COMMENT ON TRIGGER keep_row ON opioid_names IS 'Shipped rows stay';

CREATE FUNCTION opioid_ingredient(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'kc_opioid_ingredient'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION opioid_ingredient(text) IS 'The opioid a name or code means, NULL when it is not known; never a partial match';

CREATE FUNCTION mme_factor(drug text, unit text, route text,
	guideline text DEFAULT 'cdc2022', daily_dose float8 DEFAULT NULL) RETURNS float8
	AS 'MODULE_PATHNAME', 'kc_mme_factor'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION mme_factor(text, text, text, text, float8) IS 'MME for one unit of the daily dose; NULL when the guideline has none, or when it depends on a dose not given';

CREATE FUNCTION mme_status(drug text, unit text, route text,
	guideline text DEFAULT 'cdc2022') RETURNS text
	AS 'MODULE_PATHNAME', 'kc_mme_status'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION mme_status(text, text, text, text) IS 'Whether a dose can be converted: ok, no factor, unknown drug, unknown route, unknown unit or unknown guideline';

CREATE FUNCTION mme(drug text, daily_dose float8, unit text, route text,
	guideline text DEFAULT 'cdc2022') RETURNS float8
	AS 'MODULE_PATHNAME', 'kc_mme'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mme(text, float8, text, text, text) IS 'Daily opioid dose in morphine milligram equivalents, mg a day; NULL when the guideline has no factor';

CREATE FUNCTION mme_category(mme float8) RETURNS text
	AS 'MODULE_PATHNAME', 'kc_mme_category'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mme_category(float8) IS 'Band of a daily MME: <20, 20-49, 50-89 or >=90';
