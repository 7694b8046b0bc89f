-- mediation: paths, effects, intervals, sensitivity, E-values.
\pset null NULL
\pset format unaligned
-- nine significant digits, so that the last bits of a libm do not show
CREATE OR REPLACE FUNCTION digits(x float8) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT CASE
    WHEN x = 0 THEN '0'
    WHEN abs(x) >= 1e-5 AND abs(x) < 1e15
      THEN trim_scale(round(x::numeric, 8 - floor(log(abs(x)))::int))::text
    ELSE ltrim(to_char(x, '9.99999999EEEE')) END
$$;
-- the columns of a row that are not NULL
CREATE OR REPLACE FUNCTION shown(result anyelement) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT string_agg(format('%s=%s', key, CASE WHEN value ~ '^-?[0-9.]+(e[-+][0-9]+)?$'
                                         THEN digits(value::float8) ELSE value END),
                    ' ' ORDER BY n)
  FROM json_each_text(to_json(result)) WITH ORDINALITY j (key, value, n)
  WHERE value IS NOT NULL
$$;
-- what a statement fails with
CREATE OR REPLACE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- The set "binary" of test/oracle/mediation.csv.
CREATE TABLE trial (id int GENERATED ALWAYS AS IDENTITY, t float8, m float8, y float8,
                    x1 float8, x2 float8);
COPY trial (t, m, y, x1, x2) FROM stdin (FORMAT csv);
0,-0.16,-0.562,-1.67,-1.83
1,-0.473,-0.799,0.77,-0.87
0,-1.59,-0.658,-2.05,-0.2
1,1.366,0.443,0.02,0.95
0,0.878,1.137,-0.83,-0.89
1,2.805,1.859,0.13,0.15
0,-0.987,-1.145,-0.89,-1.06
1,0.874,-0.765,0.03,-1.55
0,-0.251,1.083,-0.6,0.04
1,0.526,-0.746,-1.42,-1.6
0,-0.426,0.121,0.78,-1.72
1,0.15,-0.179,1.42,-0.08
0,0.517,-0.177,-0.96,-0.39
1,-0.154,-0.069,-2.4,0.55
0,0.254,-1.042,-0.13,1.04
1,-1.355,-0.695,0.38,-2.44
0,0.735,0.688,-0.66,-0.05
1,-0.303,0.526,-0.05,1.01
0,-2.774,0.75,-0.9,-1.19
1,0.862,0.961,0.09,1.32
0,0.612,-0.199,-0.08,-0.09
1,0.26,-0.545,0.11,0.43
0,0.901,2.171,-1.12,0.54
1,1.477,-0.476,0.37,1.18
0,0.863,0.453,1.34,1.38
1,-0.391,-1.157,-0.41,0.67
0,0.455,-0.16,-0.41,-0.69
1,-0.974,-1.165,0.09,-0.66
0,0.275,-2.222,0.73,-0.11
1,-0.296,-0.242,0.23,-0.35
0,-1.256,-0.606,-0.95,-1.43
1,0.946,0.749,-0.7,-1.79
0,1.716,0.414,0.73,0.73
1,2.858,0.02,1.53,-1.05
0,-1.025,0.424,-0.45,2
1,-0.477,-0.051,1.57,-0.33
0,1.823,2.32,0.2,1.35
1,3.231,2.802,0.96,0.93
0,-1.672,-1.069,-1.46,-1.41
1,2.548,1.293,0.68,1.3
0,-0.094,1.291,0.19,-0.55
1,1.093,-0.37,0.74,-1.03
0,0.952,0.149,-0.27,-0.65
1,0.252,-0.995,1.2,-1.27
0,0.234,-1.628,1.13,-0.1
1,2.113,-1.294,-0.06,0.29
0,0.768,-0.851,1.21,-0.94
1,1.294,0.437,1,-0.22
0,-0.909,-0.862,-1.2,0.04
1,1.71,2.223,-0.29,-1.78
0,-0.334,-1.959,-1.45,1.38
1,-1.063,-1.084,-0.9,-0.34
0,1.273,-0.924,-0.73,0.15
1,0.75,-0.214,-0.18,0.14
0,0.42,-0.002,-0.38,0.12
1,1.628,2.271,0.04,-0.23
0,1.214,0,0.27,0.9
1,1.183,0.028,-0.1,0.96
0,-0.134,-0.111,-0.98,-1.03
1,0.748,-0.49,1.06,0.93
\.

-- ---- one row ---------------------------------------------------------------------------

-- R: lm; the figures of test/oracle/mediation.csv
SELECT shown(mediation(t, m, y, ARRAY[x1, x2])) FROM trial;
SELECT shown(mediation(t, m, y)) FROM trial;
-- without covariates the paths are what core says
SELECT digits((r).a) = digits(slope_m) AS a, digits((r).total) = digits(slope_y) AS total,
  digits((r).total) = digits((r).direct + (r).indirect) AS sum, (r).method
FROM (SELECT mediation(t, m, y) AS r, regr_slope(m, t) AS slope_m, regr_slope(y, t) AS slope_y
      FROM trial) q;
-- one row a group, incomplete rows counted, an empty group and no rows at all
SELECT id % 3 AS grp, shown(mediation(t, m, CASE WHEN id > 6 THEN y END, ARRAY[x1])),
  n_used(mediation_summary(t, m, y)), n_missing(mediation_sample(t, NULL, y))
FROM trial GROUP BY 1 ORDER BY 1;
SELECT shown(mediation(NULL, 1, 2)), shown(mediation(1, 1, 2, NULL)),
  shown(mediation(1, 1, 2, '{}')), shown(mediation(1, 1, 2, '{1,NULL}'));
SELECT mediation(1, 1, 2), mediation_summary(1, 1, 2), mediation_sample(1, 1, 2), count(*)
FROM trial WHERE id < 0;
SELECT mediation(NULL::mediation_summary),
  (SELECT count(*) FROM mediation_effects(NULL::mediation_summary)) AS effects,
  (SELECT count(*) FROM mediation_effects(NULL::mediation_sample)) AS of_sample,
  (SELECT count(*) FROM mediation_sensitivity(NULL)) AS sensitivity;

-- ---- every method ----------------------------------------------------------------------

CREATE TABLE summaries AS
SELECT mediation_summary(t, m, y, ARRAY[x1, x2]) AS summary,
       mediation_sample(t, m, y, ARRAY[x1, x2]) AS sample FROM trial;
SELECT asked, shown(e) FROM summaries, unnest('{delta,product}'::text[]) asked,
  LATERAL mediation_effects(summary, asked) e;
SELECT asked, shown(e) FROM summaries, unnest('{delta,product}'::text[]) asked,
  LATERAL mediation_effects(summary, asked, interaction => true, conf_level => 0.9) e;
-- a change of the treatment other than from 0 to 1
SELECT shown(e) FROM summaries,
  mediation_effects(summary, interaction => true, treated_value => -1, control_value => 0.5) e;
-- simulated limits, to few digits because a libm may move a quantile by its last bit
SELECT m AS method, e.effect, round(e.std_error::numeric, 4) AS std_error,
  round(e.conf_low::numeric, 4) AS low, round(e.conf_high::numeric, 4) AS high,
  round(e.p_value::numeric, 4) AS p, e.note
FROM summaries, unnest('{monte_carlo,bootstrap_percentile,bootstrap_bca}'::text[]) m,
  LATERAL mediation_effects(sample, m, replicates => 1000) e;
SELECT m AS method, e.effect, round(e.std_error::numeric, 4) AS std_error,
  round(e.conf_low::numeric, 4) AS low, round(e.conf_high::numeric, 4) AS high,
  round(e.p_value::numeric, 4) AS p, e.note
FROM summaries, unnest('{monte_carlo,bootstrap_percentile,bootstrap_bca}'::text[]) m,
  LATERAL mediation_effects(sample, m, replicates => 500, interaction => true, seed => -7) e;
-- a sample answers as the summary of its rows
SELECT m AS method, bool_and(a = b) AS same
FROM summaries, unnest('{delta,product,monte_carlo}'::text[]) m,
  LATERAL (SELECT array_agg(e::text) AS a FROM mediation_effects(summary, m) e) a,
  LATERAL (SELECT array_agg(e::text) AS b FROM mediation_effects(sample, m) e) b
GROUP BY 1 ORDER BY 1;

-- ---- the same for every order and split ----------------------------------------------------

CREATE FUNCTION all_figures(mediation_sample) RETURNS text LANGUAGE SQL AS $$
  SELECT string_agg(e::text, E'\n') FROM unnest('{delta,monte_carlo,bootstrap_bca}'::text[]) m,
    LATERAL mediation_effects($1, m, replicates => 200, interaction => true) e
$$;
WITH pieces AS (SELECT id % 7 AS piece, mediation_sample(t, m, y, ARRAY[x1, x2]) AS s,
                       mediation_summary(t, m, y, ARRAY[x1, x2]) AS u
                FROM trial GROUP BY 1)
SELECT all_figures(by_outcome) = all_figures(sample) AS by_outcome,
  all_figures(backwards) = all_figures(sample) AS backwards,
  all_figures((SELECT rollup(s) FROM pieces)) = all_figures(sample) AS rolled_up,
  by_mediator = mediation(summary) AS one_row,
  mediation((SELECT rollup(u) FROM pieces)) = mediation(summary) AS one_row_rolled_up
FROM summaries,
  (SELECT mediation_sample(t, m, y, ARRAY[x1, x2] ORDER BY y) AS by_outcome,
          mediation_sample(t, m, y, ARRAY[x1, x2] ORDER BY id DESC) AS backwards,
          mediation(t, m, y, ARRAY[x1, x2] ORDER BY m) AS by_mediator FROM trial) orders;
SELECT all_figures(sample::text::mediation_sample) = all_figures(sample) AS sample,
  summary::text::mediation_summary::text = summary::text AS summary,
  left(summary::text, 20) AS text FROM summaries;
-- rows of unknown width take that of the others
SELECT n_used(s), n_missing(s),
  (mediation(s)).indirect_low = (mediation(summary)).indirect_low AS same
FROM summaries, LATERAL (SELECT rollup(v) FROM (VALUES (summary), (NULL),
  ((SELECT mediation_summary(1, 2, 3, NULL) FROM trial WHERE id < 4))) p (v)) r (s);

-- ---- what cannot be analysed -----------------------------------------------------------------

SELECT shown(mediation(t, 5, y)), shown(mediation(1, m, y)), shown(mediation(t, m, 0.1)),
  shown(mediation(t, 2 * t + x1, y, ARRAY[x1])), shown(mediation(t, m, y, ARRAY[x1, 2 * x1 - 3]))
FROM trial;
SELECT shown(mediation(t, m, y, ARRAY[x1, x2])) FROM trial WHERE id < 6;
SELECT e.effect, e.estimate, e.note FROM (SELECT mediation_sample(t, 5, y) FROM trial) q (s),
  mediation_effects(s, 'bootstrap_bca', interaction => true) e;
-- the treatment of all but one patient is the same: some replicates have no estimate
SELECT effect, e.note FROM (SELECT mediation_sample((id = 1)::int, m, y) FROM trial) q (s),
  mediation_effects(s, 'bootstrap_percentile', 500) e;
-- the outcome is fitted without error
SELECT shown(e) FROM (SELECT mediation_summary(t, m, t - m) FROM trial) q (s), mediation_effects(s) e;
-- opposite signs
SELECT e.effect, digits(e.estimate), e.note
FROM (SELECT mediation_summary(t, m, -y / 2 + 0.6 * t) FROM trial) q (s), mediation_effects(s) e;

-- ---- confounding -------------------------------------------------------------------------------

SELECT shown(s) FROM summaries, mediation_sensitivity(summary, '{-0.9,-0.3,0,0.1,0.5}') s;
SELECT count(*), min(s.rho), max(s.rho), count(DISTINCT s.rho_at_zero),
  bool_and(sign(s.indirect) = sign(s.rho_at_zero - s.rho)) AS turns_there
FROM summaries, mediation_sensitivity(summary) s;
SELECT count(*) FROM summaries, mediation_sensitivity(summary, '{}') s;
-- VanderWeele and Ding 2017: 3.9 (1.8 to 8.7) has E-values 7.26 and 3.00
SELECT shown(e_value(3.9, 1.8)), shown(e_value(0.8, 0.9)), shown(e_value(1.2, 0.9)),
  shown(e_value(2)), shown(e_value(1)), e_value(NULL);
SELECT scale, shown(e_value(1.6, 1.1, scale))
FROM unnest('{rr,or,or_rare,hr,hr_rare,smd}'::text[]) scale;
SELECT shown(e_value(-0.42, -0.1, 'smd')), shown(e_value(0.8, 0.6)), shown(e_value(1, 0.8));

-- ---- bad input -----------------------------------------------------------------------------------

SELECT statement, error_of(statement) FROM unnest(ARRAY[
  'SELECT mediation(t, m, y, CASE WHEN id < 5 THEN ARRAY[x1] ELSE ARRAY[x1, x2] END) FROM trial',
  'SELECT mediation_sample(t, m, y, CASE WHEN id = 60 THEN ''{}'' ELSE ARRAY[x1] END) FROM trial',
  'SELECT mediation(t, m, y, CASE WHEN id = 60 THEN ''{1,NULL}'' ELSE ARRAY[x1] END) FROM trial',
  'SELECT rollup(s) FROM (SELECT mediation_sample(t, m, y, array_fill(x1, ARRAY[id % 2 + 1])) AS s
   FROM trial GROUP BY id % 2) q',
  'SELECT rollup(s) FROM (SELECT mediation_summary(t, m, y, array_fill(x1, ARRAY[id % 2])) AS s
   FROM trial GROUP BY id % 2) q',
  'SELECT mediation(t, m, y, array_fill(x1, ARRAY[61])) FROM trial',
  'SELECT mediation(t, m, y, ARRAY[ARRAY[x1, x2]]) FROM trial',
  'SELECT mediation(''NaN'', m, y) FROM trial',
  'SELECT mediation_sample(t, m, ''Infinity'') FROM trial',
  'SELECT mediation(t, m, y, ARRAY[''-Infinity''::float8]) FROM trial',
  'SELECT mediation(t, 1e150, y) FROM trial',
  'SELECT mediation_sample(1e100, 1e100, y) FROM trial',
  'SELECT mediation_effects(summary, ''sobel'') FROM summaries',
  'SELECT mediation_effects(summary, NULL) FROM summaries',
  'SELECT mediation_effects(summary, ''bootstrap_bca'') FROM summaries',
  'SELECT mediation_effects(summary, ''bootstrap_percentile'') FROM summaries',
  'SELECT mediation_effects(sample, ''bootstrap_bca'', 0) FROM summaries',
  'SELECT mediation_effects(sample, ''bootstrap_bca'', 10000000) FROM summaries',
  'SELECT mediation_effects(sample, ''bootstrap_bca'', -1) FROM summaries',
  'SELECT mediation_effects(sample, replicates => NULL) FROM summaries',
  'SELECT mediation_effects(sample, seed => NULL) FROM summaries',
  'SELECT mediation_effects(sample, conf_level => 1) FROM summaries',
  'SELECT mediation_effects(sample, conf_level => 95) FROM summaries',
  'SELECT mediation_effects(sample, conf_level => ''NaN'') FROM summaries',
  'SELECT mediation_effects(sample, interaction => NULL) FROM summaries',
  'SELECT mediation_effects(sample, treated_value => ''Infinity'') FROM summaries',
  'SELECT mediation_effects(sample, treated_value => 0) FROM summaries',
  'SELECT mediation_sensitivity(summary, ''{0,1}'') FROM summaries',
  'SELECT mediation_sensitivity(summary, ''{0,NULL}'') FROM summaries',
  'SELECT mediation_sensitivity(summary, NULL) FROM summaries',
  'SELECT mediation_sensitivity(summary, conf_level => 0) FROM summaries',
  'SELECT e_value(0)', 'SELECT e_value(2, -1)', 'SELECT e_value(2, 1, ''rd'')',
  'SELECT e_value(''NaN'')', 'SELECT e_value(2, 1, NULL)']) statement;

DROP FUNCTION all_figures;
DROP TABLE trial, summaries;
DROP FUNCTION digits, shown, error_of;
