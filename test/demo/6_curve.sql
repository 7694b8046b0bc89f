\echo
\echo '6. CUMULATIVE RESPONDER CURVE'
\echo
\echo 'Share of patients whose pain fell by at least so many percent: amitriptyline runs a little'
\echo 'above placebo.'
\echo
SELECT threshold, max(bar) FILTER (WHERE treatment = 'amitriptyline') AS amitriptyline,
       max(bar) FILTER (WHERE treatment = 'placebo') AS placebo
FROM (SELECT treatment, value_counts(percent_change(pain_week0, pain_week6)) AS changes
      FROM pain GROUP BY treatment) s,
     responder_curve(changes) c,
     LATERAL (SELECT repeat('#', (35 * estimate)::int) || ' ' || pct(estimate) AS bar) b
GROUP BY threshold ORDER BY threshold;
