\echo
\echo '7. PAIN OVER TIME'
\echo
\echo 'A linear mixed model of all visits of a patient: pain falls by 0.45 points a week; the second'
\echo 'period begins 2.4 points lower; the treatments are not told apart (interaction).'
\echo
SELECT c.term, num(c.estimate, 2) AS estimate, ci(c.conf_low, c.conf_high, 2) AS "95 % CI",
       num(c.df) AS df, p(c.p_value)
FROM (SELECT mixed_model('pain ~ second_period + week * treatment + (1 | patient)', v) AS m
      FROM (SELECT patient, period = 2 AS second_period, week, treatment, pain FROM visits) v) s,
     coefficients(m) c;
\echo 'By week, whatever its shape: the last row tests that pain changes alike under both treatments.'
\echo
SELECT j.term, j.df, num(j.df2) AS df2, num(j.statistic, 2) AS f, p(j.p_value)
FROM (SELECT mixed_model('pain ~ second_period + week * treatment + (1 | patient)', v) AS m
      FROM (SELECT patient, period = 2 AS second_period, week::text, treatment, pain
            FROM visits) v) s,
     joint_tests(m) j;
