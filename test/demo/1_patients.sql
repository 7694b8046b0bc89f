\echo
\echo '1. PATIENTS'
\echo
\echo '124 patients with painful HIV neuropathy took amitriptyline and placebo for six weeks each,'
\echo 'in random order. Half of them were on antiretroviral drugs (ARV). Mean (SD) with'
\echo 'Welch''s test, median [quartiles] with Mann-Whitney, number (%) with chi-squared; SMD is the'
\echo 'standardized difference.'
\echo
SELECT concat_ws(': ', t1.variable, level) AS variable,
       max(display) FILTER (WHERE grp = 'no') AS "no ARV",
       max(display) FILTER (WHERE grp = 'yes') AS "ARV",
       max(display) FILTER (WHERE grp IS NULL) AS "all",
       sum(n_missing) FILTER (WHERE grp IS NULL) AS missing,
       p(max(p_value)), num(max(smd), 2) AS "SMD"
FROM (SELECT table_one_summary(v, CASE WHEN antiretroviral THEN 'yes' ELSE 'no' END) AS s
      FROM patients JOIN pain USING (patient, antiretroviral),
           LATERAL (SELECT age, CASE WHEN female THEN 'female' ELSE 'male' END AS sex, cd4,
                           pain_week0 AS pain) v
      WHERE period = 1) t, table_one(s, nonnormal => '{cd4,pain}', digits => 0) WITH ORDINALITY t1
GROUP BY t1.variable, level ORDER BY min(ordinality);
\echo 'The dose was titrated; the paper prints a median of 50 mg a day, quartiles 25 and 50.'
\echo
SELECT treatment, (dose).n, (dose).median, (dose).q1, (dose).q3, (dose).max
FROM (SELECT treatment, describe(mg_per_day) AS dose FROM doses GROUP BY treatment) s
ORDER BY treatment;
