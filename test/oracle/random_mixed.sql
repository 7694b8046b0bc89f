-- Compares mixed_model with lme4 and lmerTest on the designs of random_mixed.R, which
-- :folder holds.  Prints a line for each figure, the designs that fail, and the tally.
\set ON_ERROR_STOP on
CREATE TEMP TABLE designs (design int PRIMARY KEY, formula text, method text, criterion float8,
                           singular int, sigma float8);
CREATE TEMP TABLE rows (design int, id int, t float8, g float8, f text, x float8, y float8);
CREATE TEMP TABLE coefficients (design int, term text, estimate float8, std_error float8,
                                df float8, statistic float8, p_value float8);
CREATE TEMP TABLE joint (design int, term text, df float8, df2 float8, statistic float8,
                         p_value float8);
CREATE TEMP TABLE components (design int, grp text, term1 text, term2 text, variance float8);
-- \copy expands no variables, a line that is one variable does.
\set load '\\copy designs FROM ' :folder '/designs.csv CSV'
:load
\set load '\\copy rows FROM ' :folder '/rows.csv CSV'
:load
\set load '\\copy coefficients FROM ' :folder '/coefficients.csv CSV'
:load
\set load '\\copy joint FROM ' :folder '/joint.csv CSV'
:load
\set load '\\copy components FROM ' :folder '/components.csv CSV'
:load

CREATE TEMP TABLE fits AS
SELECT design, mixed_model(s, method) AS m
FROM (SELECT design, mixed_summary(formula, r) AS s
      FROM rows q JOIN designs USING (design), LATERAL (SELECT q.id, q.t, q.g, q.f, q.x, q.y) r
      GROUP BY design) summaries JOIN designs USING (design);

-- R's search may end in another optimum or before ours; then estimates are not compared.
CREATE TEMP TABLE standing AS
SELECT design, formula, method, (g).deviance - criterion AS excess,
       singular = 1 OR coalesce((g).note ~ 'singular', false) AS is_singular,
       (g).deviance < criterion - 1e-6 AS ours_is_better
FROM designs JOIN (SELECT design, glance(m) AS g FROM fits OFFSET 0) f USING (design);

-- Every figure beside R's and how far it may be off, relative to `scale`.
CREATE TEMP TABLE figures AS
SELECT design, c.term, u.*
FROM coefficients c LEFT JOIN (SELECT design, (coefficients(m)).* FROM fits) o USING (design, term),
  LATERAL (VALUES ('estimate', o.estimate, c.estimate, greatest(abs(c.estimate), c.std_error), 1e-6),
                  ('standard error', o.std_error, c.std_error, c.std_error, 1e-6),
                  ('degrees of freedom', o.df, c.df, c.df, 1e-4)) u (figure, ours, theirs, scale, most)
UNION ALL
SELECT design, j.term, u.*
FROM joint j LEFT JOIN (SELECT design, (joint_tests(m)).* FROM fits) o USING (design, term),
  LATERAL (VALUES ('F statistic', o.statistic, j.statistic, greatest(j.statistic, 1), 1e-5),
                  ('degrees of freedom of F', o.df2, j.df2, j.df2, 1e-4)) u
UNION ALL
SELECT c.design, concat_ws(', ', c.grp, c.term1, c.term2), 'variance or covariance', o.variance,
       c.variance, largest, 1e-5
FROM (SELECT *, max(variance) OVER (PARTITION BY design) AS largest FROM components) c
  LEFT JOIN (SELECT design, (variance_components(m)).* FROM fits) o
  ON o.design = c.design AND o.grp = c.grp AND o.term1 IS NOT DISTINCT FROM c.term1
     AND o.term2 IS NOT DISTINCT FROM c.term2;

CREATE TEMP TABLE failures AS
SELECT design, format('criterion %s above R''s', excess) AS what FROM standing
WHERE NOT coalesce(excess <= 1e-6, false)
UNION ALL
SELECT design, format('%s of %s: ours %s, R''s %s', figure, term, ours, theirs)
FROM figures JOIN standing USING (design)
WHERE NOT is_singular AND NOT ours_is_better
  AND NOT coalesce(abs(ours - theirs) <= most * scale, theirs IS NULL);

SELECT format('%s designs, %s of them singular; in %s R''s criterion is worse by more than 1e-6',
              count(*), sum(is_singular::int), sum(ours_is_better::int)) FROM standing;
SELECT format('criterion: ours is above R''s by at most %s', max(excess)) FROM standing;
SELECT format('%s: %s compared, largest difference %s, at most %s', figure, count(*),
              (max(abs(ours - theirs) / scale))::numeric(20, 12)::float8, max(most))
FROM figures JOIN standing USING (design)
WHERE NOT is_singular AND NOT ours_is_better GROUP BY figure ORDER BY figure;
SELECT format('not ok - design %s, %s: %s', design, formula, string_agg(what, '; '))
FROM failures JOIN designs USING (design) GROUP BY design, formula ORDER BY design;
SELECT format('%s passed, %s failed', count(*) - count(f.design), count(f.design))
FROM designs LEFT JOIN (SELECT DISTINCT design FROM failures) f USING (design);
