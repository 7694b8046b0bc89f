-- mme_exposure, mme_profile and days_at_or_above against fills expanded to days in plain
-- SQL, on :patients random patients with one to six fills, under the overlap rules
-- :rules.  Prints counts only.

\set period '''[2024-02-01,2024-05-01)'''

SELECT setseed(0.4) \g /dev/null
CREATE TEMP TABLE random_fills AS
SELECT p AS patient, i, start, days, ingredient, unit, mg,
       CASE unit WHEN 'mg' THEN mg ELSE 1000 * mg END AS dose
FROM generate_series(1, :patients) p,
     LATERAL (SELECT i, date '2024-01-01' + floor(random() * 150)::int AS start,
                     1 + floor(random() * random() * 40)::int AS days,
                     (ARRAY['oxycodone', 'morphine', 'methadone', 'methadone', 'codeine'])
                       [1 + floor(random() * 5)::int + p * 0] AS ingredient,
                     (ARRAY['mg', 'mg', 'mcg'])[1 + floor(random() * 3)::int] AS unit,
                     (ARRAY[2.5, 5, 10, 15, 20, 30, 45])[1 + floor(random() * 7)::int]::float8 AS mg
              FROM generate_series(1, 1 + floor(random() * 6)::int + p * 0) i) f;

-- The days of each fill under each rule; shifted starts in closed form: the sum of the days
-- of the fills before, and the largest delay that any of them saw.
CREATE TEMP TABLE random_days AS
WITH placed AS (
  SELECT patient, i, ingredient, mg, start AS issued, days, 'sum' AS overlap, start FROM random_fills
  UNION ALL
  SELECT patient, i, ingredient, mg, start, days, 'latest', start FROM random_fills
  UNION ALL
  SELECT patient, i, ingredient, mg, start, days, 'shift',
         before + max(start - before) OVER (PARTITION BY patient, ingredient
                                            ORDER BY start, days, mg, i)
  FROM (SELECT *, (sum(days) OVER (PARTITION BY patient, ingredient
                                   ORDER BY start, days, mg, i) - days)::int AS before
        FROM random_fills) s),
expanded AS (
  SELECT p.*, start + n AS day,
         CASE overlap WHEN 'latest' THEN issued ELSE date '2000-01-01' END AS cohort
  FROM placed p, generate_series(0, days - 1) n WHERE overlap = ANY (:rules::text[])),
cohorts AS (
  SELECT overlap, patient, ingredient, day, cohort, sum(mg) AS mg, count(*) AS fills
  FROM expanded GROUP BY overlap, patient, ingredient, day, cohort)
SELECT DISTINCT ON (overlap, patient, ingredient, day) *
FROM cohorts ORDER BY overlap, patient, ingredient, day, cohort DESC;

-- One factor for the summed dose of an ingredient; half-open bands for methadone.
CREATE TEMP TABLE random_mme AS
SELECT overlap, patient, day, sum(fills) AS fills,
       sum(mg * CASE ingredient WHEN 'oxycodone' THEN 1.5 WHEN 'morphine' THEN 1
                  WHEN 'codeine' THEN 0.15
                  ELSE CASE WHEN mg <= 20 THEN 4 WHEN mg <= 40 THEN 8 WHEN mg <= 60 THEN 10
                         ELSE 12 END END) AS mme
FROM random_days GROUP BY overlap, patient, day;

CREATE TEMP TABLE by_days AS
SELECT overlap, patient, sum(mme) AS total, sum(fills) AS days_supply, count(*) AS days_on,
       max(mme) AS highest, count(*) FILTER (WHERE mme > 90 - 1e-6) AS days_90
FROM random_mme WHERE day <@ daterange :period
GROUP BY overlap, patient;

CREATE TEMP TABLE summaries AS
SELECT patient, opioid_exposure(ingredient, dose, unit, 'oral', start, days) AS exposure
FROM random_fills GROUP BY patient;

CREATE TEMP TABLE by_sweep AS
SELECT overlap, patient, e.*,
       days_at_or_above(exposure, 90, guideline => 'cms2018', period => :period, overlap => overlap)
         AS days_90
FROM summaries, unnest(:rules::text[]) overlap,
     mme_exposure(exposure, 'cms2018', :period, overlap => overlap) e;

SELECT overlap, count(*) = :patients AS all_patients,
       count(*) FILTER (WHERE abs(total_mme - coalesce(total, 0)) > 1e-9 * (1 + total_mme))
         AS total_differs,
       count(*) FILTER (WHERE s.days_supply <> coalesce(d.days_supply, 0)) AS days_supply_differs,
       count(*) FILTER (WHERE days_on_therapy <> coalesce(days_on, 0)) AS days_on_differs,
       count(*) FILTER (WHERE abs(mme_max - coalesce(highest, 0)) > 1e-9 * (1 + mme_max)) AS max_differs,
       count(*) FILTER (WHERE s.days_90 <> coalesce(d.days_90, 0)) AS days_90_differ,
       count(*) FILTER (WHERE mme_period > mme_on_therapy * (1 + 1e-12)
                          OR mme_on_therapy > mme_max * (1 + 1e-12)
                          OR mme_days_supply > mme_on_therapy * (1 + 1e-12)
                          OR mme_on_therapy IS NULL <> (days_on_therapy = 0)) AS invariants_broken
FROM by_sweep s LEFT JOIN by_days d USING (overlap, patient)
GROUP BY overlap ORDER BY overlap;

-- the step function day by day, of every tenth patient
SELECT overlap, count(*) AS days_that_differ
FROM (SELECT overlap, patient, day, mme FROM random_mme WHERE patient % 10 = 0) a
FULL JOIN (SELECT overlap, patient, from_date + n AS day, mme
           FROM summaries, unnest(:rules::text[]) overlap,
                mme_profile(exposure, 'cms2018', overlap => overlap),
                generate_series(0, to_date - from_date) n
           WHERE patient % 10 = 0) b USING (overlap, patient, day)
WHERE a.mme IS NULL OR b.mme IS NULL OR abs(a.mme - b.mme) > 1e-9 * (1 + a.mme)
GROUP BY overlap;

-- the same figures from the fills in the reverse order
SELECT count(*) AS order_matters
FROM (SELECT patient, opioid_exposure(ingredient, dose, unit, 'oral', start, days
                                      ORDER BY i DESC, start DESC) AS reversed
      FROM random_fills GROUP BY patient) r
JOIN summaries USING (patient), unnest(:rules::text[]) overlap
WHERE mme_exposure(exposure, 'cms2018', :period, overlap => overlap)
      IS DISTINCT FROM mme_exposure(reversed, 'cms2018', :period, overlap => overlap);

DROP TABLE random_fills, random_days, random_mme, by_days, summaries, by_sweep;
