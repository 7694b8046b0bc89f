\echo
\echo '8. COURSES OF PAIN'
\echo
\echo 'Three groups of patients by their course in the first period: a quarter lose nearly all their'
\echo 'pain, most of the others some of it, a third keep it. Lowest at the end is group 1.'
\echo
CREATE TABLE courses AS
SELECT trajectory_model(trajectory_summary('pain ~ week + I(week^2) | patient', v), 3) AS m
FROM visits v WHERE period = 1;
SELECT pain, string_agg(rpad(mark, 4), '' ORDER BY t) AS "week 0 to 6"
FROM (SELECT pain, t.t, coalesce(string_agg(grp::text, ',' ORDER BY grp), '.') AS mark
      FROM generate_series(10, 0, -1) pain CROSS JOIN generate_series(0, 6, 0.5) t (t)
      LEFT JOIN (SELECT c.* FROM courses,
                   trajectory_curve(m, '{0,.5,1,1.5,2,2.5,3,3.5,4,4.5,5,5.5,6}') c) c
        ON c.t = t.t AND round(c.estimate) = pain
      GROUP BY pain, t.t) cells
GROUP BY pain ORDER BY pain DESC;
SELECT a.grp, count(*) AS patients, pct(count(*) / 124.0) AS share,
       count(*) FILTER (WHERE treatment = 'amitriptyline') AS amitriptyline,
       count(*) FILTER (WHERE treatment = 'placebo') AS placebo,
       num(avg(posterior), 2) AS "mean posterior"
FROM courses, trajectory_assignments(m) a
JOIN pain p ON p.patient::text = a.subject AND p.period = 1
GROUP BY a.grp ORDER BY a.grp;
