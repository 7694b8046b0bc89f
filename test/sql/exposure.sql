-- exposure: the definitions' worked examples, overlap, patches, coverage, bad input, gold.

-- ---- worked examples -------------------------------------------------------------------

CREATE TEMP TABLE example (name text, drug text, dose float8, unit text, route text,
	day int, days int);
INSERT INTO example VALUES
	('A', 'oxycodone ER', 60, 'mg', 'oral', 1, 30), ('A', 'oxycodone IR', 10, 'mg', 'oral', 1, 7),
	('B', 'morphine', 20, 'mg', 'oral', 1, 7), ('B', 'morphine LA', 30, 'mg', 'oral', 1, 30),
	('C', 'oxycodone', 40, 'mg', 'oral', 1, 7), ('C', 'oxycodone', 40, 'mg', 'oral', 8, 7),
	('D', 'oxycodone', 40, 'mg', 'oral', 1, 30), ('D', 'oxycodone', 40, 'mg', 'oral', 26, 30),
	('E', 'methadone', 20, 'mg', 'oral', 1, 10), ('E', 'methadone', 10, 'mg', 'oral', 6, 5),
	('F', 'fentanyl', 25, 'mcg/h', 'transdermal', 1, 30),
	('F two', 'fentanyl', 25, 'mcg/h', 'transdermal', 1, 30),
	('F two', 'fentanyl', 12, 'mcg/h', 'transdermal', 1, 30),
	('F dispensed', 'fentanyl', daily_dose(25, 10, 30), 'mcg/h/patch', 'transdermal', 1, 30),
	('G', 'oxycodone', 20, 'mg', 'oral', 1, 10),
	('G', 'buprenorphine', 10, 'mcg/h', 'transdermal', 4, 7),
	('G only', 'buprenorphine', 10, 'mcg/h', 'transdermal', 4, 7),
	('H acetaminophen', 'Hydrocodone-Acetaminophen', 20, 'mg', 'oral', 1, 10),
	('H oral', 'morphine', 40, 'mg', 'oral', 1, 10), ('H sc', 'morphine', 40, 'mg', 'sc', 1, 10),
	('H iv', 'morphine', 40, 'mg', 'iv', 1, 10),
	('H mcg', 'fentanyl', 800, 'mcg', 'buccal', 1, 10),
	('H mg', 'fentanyl', 0.8, 'mg', 'buccal', 1, 10),
	('H mg/h', 'fentanyl', 0.025, 'MG/HR', 'transdermal', 1, 10),
	('H butorphanol', 'butorphanol', daily_dose(10, 2.5, 30), 'mg', 'nasal', 1, 30),
	('I', 'oxycodone', 40, 'mg', 'oral', -9, 30),
	('I two', 'oxycodone', 40, 'mg', 'oral', -9, 30), ('I two', 'oxycodone', 40, 'mg', 'oral', 25, 10),
	('J', 'oxycodone', 60, 'mg', 'oral', 1, 30),
	('K', 'oxycodone', daily_dose(5, 20, 5), 'mg', 'oral', 1, 5);
CREATE FUNCTION pg_temp.fills(wanted text) RETURNS opioid_exposure LANGUAGE sql AS $$
	SELECT opioid_exposure(drug, dose, unit, route, date '2023-12-31' + day, days)
	FROM example WHERE name = wanted $$;
-- day 1 is the first of January
CREATE FUNCTION pg_temp.days(n int) RETURNS daterange LANGUAGE sql AS $$
	SELECT daterange('2024-01-01', date '2024-01-01' + n) $$;
SET extra_float_digits = -3;

-- A to E: total, days, the four definitions
SELECT name, guideline, overlap, total_mme, e.days_supply AS sum_d, days_on_therapy AS on_d, period_days AS n,
	mme_days_supply AS d1, mme_on_therapy AS d2, mme_period AS d3, mme_max AS d4
FROM (VALUES ('A', 90, 'cdc2022', 'sum'), ('B', 90, 'cdc2022', 'sum'), ('C', 30, 'cdc2022', 'sum'),
		('D', 90, 'cdc2022', 'sum'), ('D', 90, 'cdc2022', 'shift'), ('D', 90, 'cdc2022', 'latest'),
		('E', 10, 'cms2018', 'sum'), ('E', 10, 'cdc2022', 'sum'), ('E', 10, 'cdc_ndc2018', 'sum')) q (name, days, g, overlap),
	mme_exposure(pg_temp.fills(name), g, pg_temp.days(days), overlap => overlap) e;
SELECT name, heal_sum_daily(pg_temp.fills(name)) FROM unnest('{A,B,C,D,E}'::text[]) name;
-- E: edges of the bands, on the dose two fills add up to
SELECT dose, mme_max FROM unnest('{20,20.5,21,40,40.1,60,60.1}'::float8[]) dose,
	LATERAL (SELECT opioid_exposure('methadone', d, 'mg', 'oral', '2024-01-01', 5) AS x
		FROM unnest(ARRAY[dose - 0.1, 0.1]) d) f, mme_exposure(x, 'cms2018');
SELECT mme_max AS in_mcg_and_mg FROM (SELECT opioid_exposure('methadone', d, u, 'oral', '2024-01-01', 5) AS x
	FROM (VALUES (20, 'mg'), (10000, 'mcg')) f (d, u)) f, mme_exposure(x, 'cms2018');
-- F: the two units of a patch never mix
SELECT mme_on(pg_temp.fills('F'), '2024-01-05') AS worn,
	mme_on(pg_temp.fills('F dispensed'), '2024-01-05', 'cdc_ndc2018') AS dispensed,
	mme_on(pg_temp.fills('F two'), '2024-01-05') AS two_patches,
	mme(drug => 'fentanyl', daily_dose => daily_dose(25, 15, 30), unit => 'mcg/h/patch',
		route => 'transdermal', guideline => 'cdc_ndc2018') AS every_48_hours;
\set VERBOSITY terse
SELECT mme_on(pg_temp.fills('F'), '2024-01-05', 'cdc_ndc2018');
SELECT mme_on(pg_temp.fills('F dispensed'), '2024-01-05');
\set VERBOSITY default
-- G: with and without buprenorphine
SELECT name, bup, fills, fills_without_factor AS without, total_mme, mme_days_supply AS d1,
	mme_on_therapy AS d2, mme_period AS d3, mme_max AS d4, note
FROM unnest('{G,G only}'::text[]) name, unnest('{t,f}'::boolean[]) bup,
	mme_exposure(pg_temp.fills(name), 'heal2025', pg_temp.days(30), buprenorphine => bup);
-- a guideline that refuses its factor: NULL, not 0
SELECT name, fills, fills_without_factor AS without, total_mme, mme_max, note
FROM unnest('{G,G only}'::text[]) name,
	mme_exposure(pg_temp.fills(name), period => pg_temp.days(30), buprenorphine => true);
-- H: units and routes
SELECT mme_max AS acetaminophen FROM mme_exposure(pg_temp.fills('H acetaminophen'));
SELECT name, total_mme, fills, fills_without_factor AS without, note
FROM unnest('{H oral,H sc,H iv}'::text[]) name, mme_exposure(pg_temp.fills(name));
SELECT name, mme_max FROM (VALUES ('H oral', 'clud2007'), ('H sc', 'clud2007'), ('H iv', 'clud2007'),
	('H mcg', 'heal2025'), ('H mg', 'heal2025'), ('H mg/h', 'heal2025'), ('H butorphanol', 'cdc_ndc2018')) q (name, g),
	mme_exposure(pg_temp.fills(name), g);
-- I: clipping
SELECT name, clip, total_mme, e.days_supply AS sum_d, days_on_therapy AS on_d, mme_days_supply AS d1,
	mme_on_therapy AS d2, mme_period AS d3, mme_max AS d4
FROM unnest('{I,I two}'::text[]) name, unnest('{t,f}'::boolean[]) clip,
	mme_exposure(pg_temp.fills(name), period => pg_temp.days(30), clip => clip) e;
-- J: the threshold
SELECT days_at_or_above(pg_temp.fills('J'), 90) AS at_or_above,
	days_at_or_above(pg_temp.fills('J'), 90, false) AS above,
	days_at_or_above(pg_temp.fills('J'), 90, period => pg_temp.days(7)) AS in_a_week,
	days_at_or_above(pg_temp.fills('J'), 0, false) AS any;
-- sums that a float8 cannot hold: 0.1 + 0.2 times 300, 10/30 of 270 mg, 3 x 50/3
SELECT cut, days_at_or_above(x, cut) AS at_or_above, days_at_or_above(x, cut, false) AS above
FROM (VALUES (90, '{90}'::float8[], '{0.1,0.2}'::float8[]), (90, '{1}', ARRAY[daily_dose(270, 10, 30)]),
		(50, '{1,1,1}', ARRAY[50 / 3.0, 50 / 3.0, 50 / 3.0]), (90, '{1}', ARRAY[90 - 1e-6]),
		(90, '{1}', ARRAY[90 + 1e-6])) v (cut, kind, doses),
	LATERAL (SELECT opioid_exposure('morphine', d * CASE WHEN kind[1] = 90 THEN 300 ELSE 1 END, 'mg', 'oral', '2024-01-01', 10) AS x
		FROM unnest(doses) d) f;
-- K
SELECT mme_max, mme_period FROM mme_exposure(pg_temp.fills('K'), period => pg_temp.days(30));

-- ---- step function, one day --------------------------------------------------------------

SELECT name, overlap, p.* FROM unnest('{A,C,D,E,I two}'::text[]) name, unnest('{sum,shift,latest}'::text[]) overlap,
	mme_profile(pg_temp.fills(name), 'cms2018', overlap => overlap) p;
SELECT * FROM mme_profile(pg_temp.fills('I two'), period => pg_temp.days(30));
SELECT * FROM mme_profile(pg_temp.fills('I two'), period => pg_temp.days(30), clip => false);
SELECT day, mme_on(pg_temp.fills('E'), day, 'cms2018') AS mme,
	mme_on(pg_temp.fills('E'), day, 'cms2018', period => pg_temp.days(8)) AS in_period
FROM unnest('{2023-12-31,2024-01-01,2024-01-08,2024-01-09,2024-01-11}'::date[]) day;

-- overlap of three fills, the first the longest: latest falls back on what is still covered
SELECT overlap, p.* FROM (SELECT opioid_exposure('morphine', dose, 'mg', 'oral', start, days) AS x
		FROM (VALUES (10, date '2024-01-01', 30), (20, '2024-01-05', 5), (40, '2024-01-08', 10),
			(80, '2024-01-08', 4)) f (dose, start, days)) f,
	unnest('{sum,shift,latest}'::text[]) overlap, mme_profile(x, overlap => overlap) p;
-- another ingredient stays where it is
SELECT p.* FROM (SELECT opioid_exposure(drug, 10, 'mg', 'oral', '2024-01-01', 5) AS x
		FROM unnest('{morphine,oxycodone,sulfate de morphine}'::text[]) drug) f,
	mme_profile(x, overlap => 'shift') p;

-- ---- nothing to read ---------------------------------------------------------------------

SELECT opioid_exposure(drug, dose, unit, route, date '2024-01-01', days) IS NULL AS no_row FROM example WHERE false;
SELECT mme_exposure(NULL) IS NULL AS exposure, mme_on(NULL, '2024-01-01') IS NULL AS day,
	days_at_or_above(NULL, 90) IS NULL AS days, heal_sum_daily(NULL) IS NULL AS heal,
	cumulative_dose(NULL, 'morphine') IS NULL AS cumulative,
	(SELECT count(*) FROM mme_profile(NULL)) AS steps;
-- incomplete rows are unknown doses; rows of an outer join are none
SELECT row, n_used(x), n_missing(x), e.* FROM (
	SELECT 'incomplete' AS row, opioid_exposure('morphine', NULL, 'mg', 'oral', '2024-01-01', 30) AS x
	UNION ALL SELECT 'outer join', opioid_exposure(NULL, NULL, NULL, NULL, NULL, NULL)
	UNION ALL SELECT 'both and a fill', opioid_exposure(d, x, u, u, s, i)
	FROM (VALUES (NULL, NULL, NULL, NULL::date, NULL::int), ('morphine', 10, NULL, NULL, NULL)) f (d, x, u, s, i)) q,
	mme_exposure(x, period => '[2024-01-01,2024-02-01)') e
ORDER BY row;
SELECT e.* FROM mme_exposure((SELECT opioid_exposure(NULL, NULL, NULL, NULL, NULL, NULL))) e;
SELECT e.* FROM mme_exposure(pg_temp.fills('A'), period => '[2025-01-01,2025-02-01)') e;

-- ---- amounts of drug ---------------------------------------------------------------------

SELECT cumulative_dose(x, 'ketamine') AS ketamine, cumulative_dose(x, E'K\u00c9TAMINE HCl') AS folded,
	cumulative_dose(x, 'ketamine', '[2024-01-03,2024-01-06)') AS three_days,
	cumulative_dose(x, 'codeine') AS codeine, cumulative_dose(x, 'RxNorm:2670') AS by_code,
	cumulative_dose(x, 'fentanyl') AS patch, cumulative_dose(x, 'esketamine') AS none
FROM (SELECT opioid_exposure(drug, dose, unit, route, '2024-01-01', days) AS x
	FROM (VALUES ('Ketamine', 50, 'mg', 'iv', 4), (E'k\u00e9tamine', 0.1, 'g', 'iv', 2),
		(E'cod\u00e9ine', 60, 'mg', 'oral', 5), ('Codeine Phosphate', 30000, 'mcg', 'oral', 1),
		('fentanyl', 25, 'mcg/h', 'transdermal', 3)) f (drug, dose, unit, route, days)) q;
SELECT cumulative_dose(opioid_exposure('ketamine', 1, 'mg/kg', 'iv', '2024-01-01', 1), 'ketamine');
SELECT cumulative_dose(pg_temp.fills('F dispensed'), 'fentanyl');
SELECT daily_dose(5, 60, 30), daily_dose(5, 0, 30) AS no_quantity, daily_dose(5, 60, 0) AS no_days,
	daily_dose(5, NULL, 30) AS null_quantity, daily_dose(5, 60, NULL) AS null_days,
	daily_dose(0.1, 3, 1) AS exact;

-- ---- bad input ---------------------------------------------------------------------------

\set VERBOSITY default
SELECT opioid_exposure('morphine', 10, 'mg', 'oral', '2024-01-01', 0);
SELECT opioid_exposure('morphine', -10, 'mg', 'oral', '2024-01-01', 1);
SELECT mme_exposure(pg_temp.fills('A'), period => 'empty');
SELECT mme_exposure(opioid_exposure('morphin', 10, 'mg', 'oral', '2024-01-01', 1));
SELECT mme_exposure(pg_temp.fills('A'), overlap => 'max');
\set VERBOSITY sqlstate
SELECT opioid_exposure('morphine', 10, 'mg', 'oral', '2024-01-01', -1);
SELECT opioid_exposure('morphine', 'NaN', 'mg', 'oral', '2024-01-01', 1);
SELECT opioid_exposure('morphine', 'infinity', 'mg', 'oral', '2024-01-01', 1);
SELECT opioid_exposure('morphine', 10, 'mg', 'oral', 'infinity', 1);
SELECT opioid_exposure('morphine', 10, 'mg', 'oral', '-infinity', 1);
SELECT opioid_exposure('morphine', 10, 'mg', 'oral', '5874897-12-31', 2);
SELECT opioid_exposure(repeat('m', 200000), 10, 'mg', 'oral', '2024-01-01', 2);
SELECT daily_dose(5, -60, 30);
SELECT daily_dose(5, 60, -30);
SELECT daily_dose('NaN', 60, 30);
SELECT mme_exposure(pg_temp.fills('A'), period => '[2024-02-01,2024-01-01)');
SELECT mme_exposure(pg_temp.fills('A'), period => daterange('2024-02-01', '2024-01-01'));
SELECT mme_exposure(pg_temp.fills('A'), period => '[2024-02-01,)');
SELECT mme_exposure(pg_temp.fills('A'), period => '(,2024-02-01)');
SELECT mme_exposure(pg_temp.fills('A'), period => '(,)');
SELECT mme_exposure(pg_temp.fills('A'), period => '[2024-01-01,infinity)');
SELECT mme_exposure(pg_temp.fills('A'), period => '[-infinity,2024-01-01)');
SELECT mme_exposure(pg_temp.fills('A'), 'cdc1999');
SELECT mme_exposure(opioid_exposure(NULL, NULL, NULL, NULL, NULL, NULL), 'cdc1999');
SELECT mme_exposure(pg_temp.fills('A'), NULL);
SELECT mme_exposure(pg_temp.fills('A'), clip => NULL);
SELECT mme_exposure(pg_temp.fills('A'), overlap => NULL);
SELECT mme_exposure(pg_temp.fills('A'), unknown => 'ignore');
SELECT mme_exposure(pg_temp.fills('A'), buprenorphine => NULL);
SELECT days_at_or_above(pg_temp.fills('A'), -1);
SELECT days_at_or_above(pg_temp.fills('A'), 'NaN');
SELECT days_at_or_above(pg_temp.fills('A'), 90, NULL);
SELECT mme_on(pg_temp.fills('A'), 'infinity');
SELECT mme_exposure(opioid_exposure('morphine', 10, 'mg', 'by air', '2024-01-01', 1));
SELECT mme_exposure(opioid_exposure('morphine', 10, 'pint', 'oral', '2024-01-01', 1));
SELECT mme_exposure(opioid_exposure('morphine', 1e308, 'mg', 'oral', '2024-01-01', 30));
SELECT mme_profile(x, overlap => 'shift') FROM (SELECT opioid_exposure('morphine', 10, 'mg', 'oral', '5874897-12-01', 20) AS x
	FROM generate_series(1, 2)) f;
\set VERBOSITY default
-- the ends of the calendar
SELECT mme_profile(opioid_exposure('morphine', 10, 'mg', 'oral', '4714-11-24 BC', 1));
SELECT e.* FROM mme_exposure((SELECT opioid_exposure('morphine', 10, 'mg', 'oral', '4714-11-24 BC', 2147483494))) e;
SELECT mme_profile(opioid_exposure('morphine', 10, 'mg', 'oral', '5874897-12-31', 1));
-- one unknown drug among a thousand fills
SELECT opioid_exposure(CASE i WHEN 500 THEN 'morphin' ELSE 'morphine' END, 10, 'mg', 'oral', date '2024-01-01' + i, 1) AS thousand
FROM generate_series(1, 1000) i \gset
SELECT (mme_exposure(:'thousand'::opioid_exposure)).fills;
SELECT e.* FROM mme_exposure(:'thousand'::opioid_exposure, unknown => 'skip') e;
SELECT e.* FROM mme_exposure((SELECT opioid_exposure(d, 10, u, r, '2024-01-01', 1)
	FROM (VALUES ('morphin', 'mg', 'oral'), ('morphine', 'TAB', 'oral'), ('morphine', 'mg', 'by air'), ('morphine', 'mg', 'iv'),
		('morphine', 'mg', 'oral'), ('buprenorphine', 'TAB', 'by air')) f (d, u, r)), unknown => 'skip') e;
-- ten thousand overlapping fills of one patient, of many names
SELECT overlap, fills, total_mme, days_on_therapy, mme_max
FROM (SELECT opioid_exposure(CASE i % 3 WHEN 0 THEN 'methadone' WHEN 1 THEN 'oxycodone' ELSE repeat(' ', i % 500) || 'morphine' END,
		0.01, 'mg', 'oral', date '2024-01-01' + i % 1000, 500) AS x FROM generate_series(1, 10000) i) f,
	unnest('{sum,shift,latest}'::text[]) overlap, mme_exposure(f.x, 'cms2018', overlap => overlap);
-- bands with a gap, and a refused one
BEGIN;
INSERT INTO mme_factors (guideline, drug, route, unit, factor, dose_above, dose_to) VALUES
	('mine', 'methadone', 'oral', 'mg', 4, 0, 20), ('mine', 'methadone', 'oral', 'mg', NULL, 20, 30),
	('mine', 'methadone', 'oral', 'mg', 9, 40, NULL);
SELECT e.* FROM mme_exposure((SELECT opioid_exposure('methadone', 15, 'mg', 'oral', date '2024-01-01' + 5 * i, 10)
	FROM generate_series(0, 1) i), 'mine') e;
SAVEPOINT gap;
SELECT mme_exposure((SELECT opioid_exposure('methadone', 18, 'mg', 'oral', date '2024-01-01' + 5 * i, 10)
	FROM generate_series(0, 1) i), 'mine');
ROLLBACK TO gap;
SELECT e.* FROM mme_exposure((SELECT opioid_exposure('methadone', 18, 'mg', 'oral', date '2024-01-01' + 5 * i, 10)
	FROM generate_series(0, 1) i), 'mine', unknown => 'skip') e;
ROLLBACK;

-- ---- the summary -------------------------------------------------------------------------

-- small: a patient with twelve fills of five drugs
SELECT pg_column_size(opioid_exposure((ARRAY['oxycodone', 'morphine', 'hydromorphone', 'tramadol', 'fentanyl'])[1 + i % 5],
	10, 'mg', 'oral', date '2024-01-01' + 30 * i, 30)) <= 600 AS small FROM generate_series(1, 12) i;
-- stored, read back, merged: the same answers; more products than are searched one by one
SELECT bool_and(mme_exposure(whole, unknown => 'skip') = mme_exposure(merged, unknown => 'skip')) AS merged,
	bool_and(mme_exposure(whole, unknown => 'skip') = mme_exposure(whole::text::opioid_exposure, unknown => 'skip')) AS text,
	max(n_used(merged)) AS n
FROM (SELECT g, opioid_exposure(d, 10, 'mg', 'oral', date '2024-01-01' + i, 5) AS whole
	FROM generate_series(1, 3) g, generate_series(1, 400) i, LATERAL (SELECT CASE i % 7 WHEN 0 THEN 'morphine ' || i % (g * 50) ELSE 'tramadol' END) n (d)
	GROUP BY g) w
JOIN (SELECT g, rollup(part) AS merged FROM (
	SELECT g, i % 5, opioid_exposure(d, 10, 'mg', 'oral', date '2024-01-01' + i, 5) AS part
	FROM generate_series(1, 3) g, generate_series(1, 400) i, LATERAL (SELECT CASE i % 7 WHEN 0 THEN 'morphine ' || i % (g * 50) ELSE 'tramadol' END) n (d)
	GROUP BY g, i % 5) p GROUP BY g) m USING (g);

-- ---- against other data --------------------------------------------------------------------

\set data `echo "$PG_ABS_SRCDIR"`/data/exposure
\set QUIET on

-- the HEAL calculator on 1000 patients, with and without buprenorphine
CREATE TEMP TABLE trial (patient_id text, medication_name text, dose float8, doses_per_24_hours float8,
	days_of_medication int, therapy_days int, observation_window_days int, therapy_days_without int,
	observation_window_days_without int);
CREATE TEMP TABLE trial_expected (patient_id text, with_total_mme float8, with_total_days float8, with_mme1 float8,
	with_mme2 float8, with_mme3 float8, with_mme4 float8, without_total_mme float8, without_total_days float8,
	without_mme1 float8, without_mme2 float8, without_mme3 float8, without_mme4 float8);
\set file :data /gpl/mmequiv_opioid_trial.csv
\set load '\\copy trial FROM ' :'file' ' CSV HEADER'
:load
\set file :data /gpl/mmequiv_opioid_trial_expected.csv
\set load '\\copy trial_expected FROM ' :'file' ' CSV HEADER'
:load
CREATE TEMP TABLE trial_fills AS
SELECT patient_id, opioid_exposure(lower(split_part(medication_name, ' ', 1)), dose * doses_per_24_hours,
	CASE WHEN medication_name LIKE '%mcg/hr%' THEN 'mcg/h' WHEN medication_name LIKE '%mcg%' THEN 'mcg' ELSE 'mg' END,
	CASE WHEN medication_name LIKE '%patch%' THEN 'transdermal' WHEN medication_name LIKE '%sublingual%' THEN 'sublingual'
		WHEN medication_name LIKE '%buccal%' THEN 'buccal' WHEN medication_name ~ 'nasal|butorphanol' THEN 'nasal'
		WHEN medication_name LIKE 'Fentanyl oral%' THEN 'oromucosal' ELSE 'oral' END,
	'2024-01-01', days_of_medication) AS x
FROM trial GROUP BY patient_id;
\set QUIET off
SELECT bup, count(*) AS patients, count(*) FILTER (WHERE total IS NULL) AS only_buprenorphine,
	max(abs(e.total_mme - coalesce(total, 0)) / (1 + coalesce(total, 0))) < 1e-12 AS total,
	bool_and(e.days_supply = coalesce(days, 0)) AS days,
	max(abs(e.mme_days_supply - mme1) / mme1) < 1e-12 AND count(e.mme_days_supply) = count(mme1) AS mme1,
	max(abs(e.mme_period * e.period_days / days_in_trial - mme3) / mme3) < 1e-12 AS mme3,
	max(abs(heal - coalesce(mme4, 0)) / (1 + coalesce(mme4, 0))) < 1e-12 AS mme4,
	max(abs(e.mme_max - coalesce(mme4, 0)) / (1 + coalesce(mme4, 0))) < 1e-12 AS all_on_day_1
FROM (SELECT patient_id, true AS bup, with_total_mme AS total, with_total_days AS days, with_mme1 AS mme1,
		with_mme3 AS mme3, with_mme4 AS mme4 FROM trial_expected
	UNION ALL SELECT patient_id, false, without_total_mme, without_total_days, without_mme1, without_mme3, without_mme4
	FROM trial_expected) x
JOIN trial_fills f USING (patient_id)
-- the calculator reads the window off a patient's first row
JOIN LATERAL (SELECT CASE WHEN bup THEN observation_window_days ELSE observation_window_days_without END AS days_in_trial
	FROM trial t WHERE t.patient_id = x.patient_id LIMIT 1) w ON true,
	mme_exposure(f.x, 'heal2025', '[2024-01-01,2025-01-01)', buprenorphine => bup) e,
	heal_sum_daily(f.x, 'heal2025', buprenorphine => bup) heal
GROUP BY bup ORDER BY bup DESC;

-- overlap of the AdhereR dispensings, expanded by day; medA and medB stand for two opioids
\set QUIET on
CREATE TEMP TABLE dispensed (patient int, date text, perday float8, category text, duration int);
\set file :data /gpl/AdhereR_med.events.csv
\set load '\\copy dispensed FROM ' :'file' ' CSV HEADER'
:load
CREATE TEMP TABLE fill AS
SELECT patient, CASE category WHEN 'medA' THEN 'morphine' ELSE 'oxycodone' END AS drug,
	to_date(date, 'MM/DD/YYYY') AS start, perday AS dose, duration AS days,
	CASE category WHEN 'medA' THEN 1 ELSE 1.5 END AS factor
FROM dispensed;
\set QUIET off
WITH placed AS (
	SELECT patient, drug, factor, dose, start AS issued, start, days, overlap FROM fill, unnest('{sum,latest}'::text[]) overlap
	UNION ALL
	SELECT patient, drug, factor, dose, start, before + max(start - before) OVER earlier, days, 'shift'
	FROM (SELECT *, (sum(days) OVER (PARTITION BY patient, drug ORDER BY start, days, dose
			ROWS UNBOUNDED PRECEDING) - days)::int AS before FROM fill) f
	WINDOW earlier AS (PARTITION BY patient, drug ORDER BY start, days, dose ROWS UNBOUNDED PRECEDING)),
day AS (
	SELECT *, max(issued) OVER (PARTITION BY overlap, patient, drug, start + n) AS newest
	FROM placed, generate_series(0, days - 1) n),
by_day AS (
	SELECT overlap, patient, start + n AS day, sum(dose * factor) AS mme, count(*) AS n_fills
	FROM day WHERE overlap <> 'latest' OR issued = newest GROUP BY overlap, patient, start + n),
expected AS (
	SELECT overlap, patient, sum(mme) AS total, sum(n_fills) AS days_supply, count(*) AS days_on, max(mme) AS highest,
		max(day) - min(day) + 1 AS span
	FROM by_day GROUP BY overlap, patient)
SELECT overlap, count(*) AS patients, sum(e.days_supply) AS days_supply, sum(days_on_therapy) AS days_on_therapy,
	count(*) FILTER (WHERE (total_mme, e.days_supply, days_on_therapy, mme_max, period_days)
		IS DISTINCT FROM (total::float8, x.days_supply, days_on, highest::float8, span)) AS differ
FROM expected x JOIN (SELECT patient, opioid_exposure(drug, dose, 'mg', 'oral', start, days) AS given FROM fill GROUP BY patient) f
	USING (patient), mme_exposure(given, overlap => overlap) e
GROUP BY overlap ORDER BY overlap;

-- quantities of 0: NULL and counts
\set QUIET on
CREATE TEMP TABLE synthea (drug_exposure_id int, person_id int, drug_concept_id int, start_date date, end_date date,
	quantity float8, days_supply int, refills int, drug_source_value text, concept_name text, rxnorm_code text);
\set file :data /synthea27nj_opioid_drug_exposure.csv
\set load '\\copy synthea FROM ' :'file' ' CSV HEADER'
:load
\set QUIET off
SELECT count(*) AS rows, count(daily_dose(5, quantity, days_supply)) AS doses FROM synthea;
SELECT count(*) AS persons, sum(n_used(x)) AS used, sum(n_missing(x)) AS missing, count(total_mme) AS totals,
	count(mme_max) + count(mme_period) + count(mme_days_supply) + count(mme_on_therapy) AS figures,
	count(heal_sum_daily(x)) + count(cumulative_dose(x, 'oxycodone')) + count(mme_on(x, '2016-04-01'))
		+ count(days_at_or_above(x, 50)) AS others, min(note), max(note)
FROM (SELECT person_id, opioid_exposure(concept_name, daily_dose(5, quantity, days_supply), 'mg', 'oral', start_date, days_supply) AS x
	FROM synthea GROUP BY person_id) s, mme_exposure(x, period => '[2000-01-01,2023-01-01)');

-- ---- against days in plain SQL -------------------------------------------------------------

\set QUIET on
\set patients 500
\set rules '''{sum,shift,latest}'''
\set file `echo "$PG_ABS_SRCDIR"`/t/exposure_days.sql
\i :file
\set QUIET off
