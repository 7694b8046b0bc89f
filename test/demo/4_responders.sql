\echo
\echo '4. RESPONDERS'
\echo
\echo 'Pain down by at least 30 % and 50 % of the start, with Wilson intervals. Periods that began'
\echo 'without pain are left out.'
\echo
SELECT treatment, threshold || ' %' AS threshold, (r).events || ' / ' || (r).n AS responders,
       pct((r).estimate) AS share, ci(100 * (r).conf_low, 100 * (r).conf_high, 0) AS "95 % CI",
       (r).n_missing AS missing
FROM (SELECT treatment, threshold,
             responder_rate(is_responder(pain_week0, pain_week6, threshold)) AS r
      FROM pain, unnest('{30,50}'::int[]) threshold
      WHERE pain_week0 IS DISTINCT FROM 0 GROUP BY treatment, threshold) s
ORDER BY treatment, threshold;
\echo 'First period alone, as two parallel groups: response at 50 % under placebo, then under'
\echo 'amitriptyline. The interval of the number needed to treat runs through infinity: no difference.'
\echo
SELECT measure, num(estimate, 2) AS estimate, ci(conf_low, conf_high, 2) AS "95 % CI", p(p_value)
FROM (SELECT contingency_table(treatment <> 'placebo', is_responder(pain_week0, pain_week6)) AS t
      FROM pain WHERE period = 1) s, compare_proportions(t);
