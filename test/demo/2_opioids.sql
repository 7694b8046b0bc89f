\echo
\echo '2. OPIOID ORDERS AS MORPHINE MILLIGRAM EQUIVALENTS (MME)'
\echo
\echo 'Hospital orders of 94 patients (MIMIC-III demo). An order names one dose, not how often it is'
\echo 'given: the figures are MME a dose, for patches a day. Factors: CDC 2022.'
\echo
SELECT ingredient, orders, (mme).n AS converted, num((mme).median) AS "median MME",
       ci((mme).q1, (mme).q3) AS quartiles, num((mme).max) AS largest
FROM (SELECT ingredient, count(*) AS orders,
             describe(CASE mme_status(drug, unit, route)
                        WHEN 'ok' THEN mme(drug, dose, unit, route) END) AS mme
      FROM opioid_orders GROUP BY ingredient) s ORDER BY orders DESC, ingredient;
\echo 'What could not be converted, and why: CDC 2022 has no factors for injections, ANZCA 2021 has.'
\echo
SELECT CASE WHEN status <> 'ok' THEN status WHEN dose IS NULL THEN 'dose is no single number'
            ELSE 'converted' END AS outcome,
       count(*) FILTER (WHERE guideline = 'cdc2022') AS "cdc2022",
       count(*) FILTER (WHERE guideline = 'anzca2021') AS "anzca2021",
       min(concat_ws(' ', drug, unit, route)) AS "for instance"
FROM opioid_orders, unnest('{cdc2022,anzca2021}'::text[]) guideline,
     mme_status(drug, unit, route, guideline) status
GROUP BY outcome ORDER BY 2 DESC, 1;
\echo 'The same by drug, route, unit and reason, with the share of what was ordered in that unit.'
\echo
SELECT ingredient, route, unit, reason, count(*) AS orders,
       pct(sum(dose) / max(all_doses)) AS "of the dose"
FROM (SELECT *, mme_status(drug, unit, route) AS reason,
             sum(dose) OVER (PARTITION BY ingredient, unit) AS all_doses
      FROM opioid_orders) o
WHERE reason <> 'ok'
GROUP BY ingredient, route, unit, reason ORDER BY orders DESC, ingredient, route LIMIT 8;
