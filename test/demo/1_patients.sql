\echo
\echo '1. PATIENTS'
\echo
\echo '124 patients with painful HIV neuropathy took amitriptyline and placebo for six weeks each,'
\echo 'in random order. Half of them were on antiretroviral drugs.'
\echo
SELECT CASE antiretroviral WHEN true THEN 'yes' WHEN false THEN 'no' ELSE 'all' END
         AS antiretrovirals,
       (age).n, mean_sd((age).mean, (age).sd) AS "age, years", pct((women).estimate) AS women,
       num((cd4).median, 0) AS "median CD4", ci((cd4).q1, (cd4).q3, 0) AS quartiles,
       (cd4).n_missing AS "CD4 missing"
FROM (SELECT antiretroviral, describe(age) AS age, responder_rate(female) AS women,
             describe(cd4) AS cd4
      FROM patients GROUP BY ROLLUP (antiretroviral)) s ORDER BY antiretroviral;
\echo 'The dose was titrated; the paper prints a median of 50 mg a day, quartiles 25 and 50.'
\echo
SELECT treatment, (dose).n, (dose).median, (dose).q1, (dose).q3, (dose).max
FROM (SELECT treatment, describe(mg_per_day) AS dose FROM doses GROUP BY treatment) s
ORDER BY treatment;
