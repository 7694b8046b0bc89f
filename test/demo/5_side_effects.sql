\echo
\echo '5. SIDE EFFECTS'
\echo
\echo 'McNemar''s exact test, adjusted for three tests by Holm: dry mouth came with amitriptyline.'
\echo
WITH tests AS (
  SELECT effect, count(*) FILTER (WHERE on_placebo) AS placebo,
         count(*) FILTER (WHERE on_amitriptyline) AS amitriptyline,
         mcnemar_test(on_placebo, on_amitriptyline) AS m
  FROM side_effects GROUP BY effect
), adjusted AS (
  SELECT unnest(array_agg(effect)) AS effect, unnest(p_adjust(array_agg((m).p_value))) AS holm
  FROM tests
)
SELECT effect, (m).n, placebo, amitriptyline, num(100 * (m).estimate) AS "difference, points",
       ci(100 * (m).conf_low, 100 * (m).conf_high) AS "95 % CI", p((m).p_value),
       p(holm) AS "p, Holm"
FROM tests JOIN adjusted USING (effect) ORDER BY effect;
