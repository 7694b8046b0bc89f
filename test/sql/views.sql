-- views: the flat views of a cohort, and kept daily summaries.
\pset null NULL
SET client_min_messages = warning;
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
-- rows that only one of two queries gives
CREATE OR REPLACE FUNCTION differences(one text, other text) RETURNS int8 LANGUAGE plpgsql AS $$
DECLARE
  n int8;
BEGIN
  EXECUTE format('WITH a AS (%s), b AS (%s) SELECT count(*) FROM '
                 '((TABLE a EXCEPT ALL TABLE b) UNION ALL (TABLE b EXCEPT ALL TABLE a)) d', one, other) INTO n;
  RETURN n;
END
$$;

-- Forty patients, three visits, some never come back, some come late, some have no sex.
CREATE TABLE cohort_visits (patient int, week int, day date, sex text, depressed boolean,
                            pain numeric(4, 1), sleep int, PRIMARY KEY (patient, week));
INSERT INTO cohort_visits
SELECT p, w, DATE '2023-10-05' + 7 * w + p * 3,
       CASE WHEN p % 3 = 0 THEN 'female' WHEN p % 7 <> 0 THEN 'male' END, p % 2 = 0,
       CASE WHEN (p + w) % 11 <> 0 THEN (p * 7 + w * 3) % 11 END, (p * 5 + w) % 10 + 1
FROM generate_series(1, 40) p, unnest('{0,6,12}'::int[]) w
WHERE (p + w) % 13 <> 1;
CREATE SCHEMA dash;
SELECT * FROM create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain,sleep}', '0',
                                  '{sex,depressed}', higher_is_better => '{sleep}');

-- ---- the views say what the functions say of pairs made by hand ----------------------------

CREATE VIEW pairs AS
SELECT b.patient, b.sex, w.week, b.pain AS before, v.pain AS after
FROM cohort_visits b CROSS JOIN (VALUES (6), (12)) w (week)
LEFT JOIN cohort_visits v ON v.patient = b.patient AND v.week = w.week
WHERE b.week = 0;
SELECT differences(
  'SELECT group_value, visit_time, n, n_missing, mean_change, conf_low, p_value, shift, wilcoxon_p_value, n_decreased
   FROM dash.cohort_paired_change WHERE measure = ''pain'' AND group_name = ''sex''',
  'SELECT sex, week, (t).n, (t).n_missing, (t).estimate, (t).conf_low, (t).p_value, (w).estimate, (w).p_value, (d).n_decreased
   FROM (SELECT sex, week, paired_t_test(before, after) AS t, wilcoxon_signed_rank(before, after) AS w,
                describe_paired(before, after) AS d FROM pairs GROUP BY sex, week) s');
SELECT differences(
  'SELECT visit_time, threshold, n, n_missing, responders, estimate, conf_low, conf_high
   FROM dash.cohort_responders WHERE measure = ''pain'' AND group_name = ''all''',
  'SELECT week, threshold, (r).n, (r).n_missing, (r).events, (r).estimate, (r).conf_low, (r).conf_high
   FROM (SELECT week, threshold::float8, responder_rate(is_responder(before, after, threshold)) AS r
         FROM pairs, unnest(ARRAY[30, 50]) threshold GROUP BY week, threshold) s');
SELECT differences(
  'SELECT visit_time, threshold, responders, n, estimate, conf_low, conf_high
   FROM dash.cohort_responder_curve WHERE measure = ''pain'' AND group_name = ''all''',
  'SELECT week, c.* FROM (SELECT week, value_counts(percent_change(before, after)) AS s FROM pairs GROUP BY week) p,
   responder_curve(s) c');
-- more is better: the same people rise
SELECT visit_time, threshold, responders, n FROM dash.cohort_responders
WHERE measure = 'sleep' AND group_name = 'all' ORDER BY 1, 2;
SELECT w.week, count(*) FILTER (WHERE v.sleep >= 1.3 * b.sleep) AS at_30,
       count(*) FILTER (WHERE v.sleep >= 1.5 * b.sleep) AS at_50
FROM cohort_visits b CROSS JOIN (VALUES (6), (12)) w (week)
JOIN cohort_visits v ON v.patient = b.patient AND v.week = w.week WHERE b.week = 0 GROUP BY 1 ORDER BY 1;

-- a row for every group and visit; n and n_missing are the patients with a baseline
SELECT DISTINCT measure, group_name, group_value, n + n_missing AS patients
FROM dash.cohort_trajectory ORDER BY 1, 2, 3;
SELECT visit_time, n, n_missing, mean, median FROM dash.cohort_trajectory
WHERE measure = 'pain' AND group_name = 'all' ORDER BY 1;
SELECT group_value, visit_time, n_baseline, n_seen, n_lost, round(share_lost::numeric, 4) AS share_lost,
       n_without_baseline
FROM dash.cohort_attrition WHERE group_name IN ('all', 'depressed') ORDER BY group_name, 1, 2;
SELECT variable, level, grp, n, n_missing, display, test FROM dash.cohort_table_one ORDER BY 1, 2, 3;
SELECT differences('SELECT * FROM dash.cohort_table_one',
  'SELECT o.* FROM (SELECT table_one_summary(r, sex) AS s FROM
     (SELECT sex, pain::float8 AS pain, sleep::float8 AS sleep, depressed FROM cohort_visits WHERE week = 0) b,
     LATERAL (SELECT b.pain, b.sleep, b.depressed) r) t, table_one(s) o');

-- flat: nothing but numbers, text, and the type of the visit
SELECT format_type(atttypid, atttypmod) AS type, count(*)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE c.relnamespace = 'dash'::regnamespace AND attnum > 0 GROUP BY 1 ORDER BY 1;
-- each has a comment, and so has each column
SELECT c.relname, obj_description(c.oid, 'pg_class'),
       count(*) FILTER (WHERE col_description(c.oid, attnum) IS NULL) AS without
FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0
WHERE c.relnamespace = 'dash'::regnamespace GROUP BY 1, 2 ORDER BY 1;
-- what is not asked for is not computed
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query;
END
$$;
SELECT count(*) FILTER (WHERE line ~ 'paired_t_test\(') > 0 AS t_test,
       count(*) FILTER (WHERE line ~ 'wilcoxon_signed_rank\(') > 0 AS wilcoxon
FROM plan('SELECT visit_time, mean_change, p_value FROM dash.cohort_paired_change WHERE measure = ''pain''') line;

-- ---- made again: replaced, rights kept; a visit of another type ------------------------------

CREATE ROLE regress_ketocohort_reader;
GRANT SELECT ON dash.cohort_attrition TO regress_ketocohort_reader;
SELECT count(*) FROM create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0');
SELECT has_table_privilege('regress_ketocohort_reader', 'dash.cohort_attrition', 'SELECT');
SELECT DISTINCT measure, group_name FROM dash.cohort_trajectory;
CREATE VIEW by_name AS SELECT patient, 'week ' || week AS visit, pain FROM cohort_visits;
SELECT count(*) FROM create_cohort_views('dash', 'by_name', 'patient', 'visit', '{pain}', 'week 0');
SELECT visit_time, n, n_missing FROM dash.cohort_paired_change ORDER BY 1;
SELECT * FROM drop_cohort_views('dash');
SELECT error_of($$SELECT drop_cohort_views('dash')$$);
-- a relation of that name which is not ours stays
CREATE VIEW dash.cohort_attrition AS SELECT 1 AS one;
SELECT error_of($$SELECT create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0')$$);
SELECT error_of($$SELECT drop_cohort_views('dash')$$);
SELECT * FROM dash.cohort_attrition;
DROP VIEW dash.cohort_attrition;

-- ---- identifiers, and what a search path may do -----------------------------------------------

CREATE SCHEMA "Dash Board";
CREATE TABLE "Dash Board"."All ""Visits""" ("Patient's id" text, "visit ""no"" %s" varchar(10),
  "NRS 0-10" smallint, "order" real, "group" char(3));
INSERT INTO "Dash Board"."All ""Visits"""
SELECT 'p' || patient, CASE week WHEN 0 THEN '%1$s''0' ELSE week::text END, pain, sleep, left(sex, 1)
FROM cohort_visits;
SET search_path = pg_catalog;
SELECT count(*) FROM public.create_cohort_views('Dash Board', '"Dash Board"."All ""Visits"""', 'Patient''s id',
  'visit "no" %s', '{NRS 0-10,order}', '%1$s''0', '{group}');
SELECT measure, group_value, visit_time, n, n_missing, round(mean_change::numeric, 4) AS change
FROM "Dash Board".cohort_paired_change WHERE group_name = 'group' AND measure = 'NRS 0-10' ORDER BY 1, 2, 3;
SELECT variable, grp, n, display FROM "Dash Board".cohort_table_one WHERE grp IS NOT NULL ORDER BY 1, 2;
SELECT count(*) FROM public.drop_cohort_views('Dash Board');
RESET search_path;
-- an equality, a cast and a function that lie in wait on the path are not taken
CREATE SCHEMA trap;
CREATE FUNCTION trap.never(int, int) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR trap.= (LEFTARG = int, RIGHTARG = int, FUNCTION = trap.never);
CREATE FUNCTION trap.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format';
SET search_path = trap, public, pg_catalog;
SELECT count(*) FROM create_cohort_views('dash', 'public.cohort_visits', 'patient', 'week', '{pain}', '0');
SELECT visit_time, n FROM dash.cohort_trajectory ORDER BY visit_time;
RESET search_path;

-- ---- sources ------------------------------------------------------------------------------------

CREATE TABLE parted (LIKE cohort_visits) PARTITION BY LIST (week);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES IN (0);
CREATE TABLE parted_later PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT * FROM cohort_visits;
CREATE VIEW viewed AS SELECT patient, week, pain FROM parted WHERE patient > 0;
CREATE MATERIALIZED VIEW kept AS SELECT * FROM viewed;
CREATE SCHEMA dash2;
SELECT count(*) FROM create_cohort_views('dash2', 'parted', 'patient', 'week', '{pain}', '0');
SELECT differences('SELECT * FROM dash.cohort_trajectory', 'SELECT * FROM dash2.cohort_trajectory');
SELECT count(*) FROM create_cohort_views('dash2', 'viewed', 'patient', 'week', '{pain}', '0');
SELECT differences('SELECT * FROM dash.cohort_trajectory', 'SELECT * FROM dash2.cohort_trajectory');
SELECT count(*) FROM create_cohort_views('dash2', 'kept', 'patient', 'week', '{pain}', '0');
SELECT differences('SELECT * FROM dash.cohort_trajectory', 'SELECT * FROM dash2.cohort_trajectory');
-- an enum as visit, a uuid as patient, a domain as measure
CREATE TYPE phase AS ENUM ('before', 'during', 'after');
CREATE DOMAIN nrs AS int CHECK (VALUE BETWEEN 0 AND 10);
CREATE TABLE phases (patient uuid, at phase, pain nrs);
INSERT INTO phases SELECT md5(p::text)::uuid, at, p % 10 FROM generate_series(1, 9) p, unnest(enum_range(NULL::phase)) at;
SELECT count(*) FROM create_cohort_views('dash2', 'phases', 'patient', 'at', '{pain}', 'before');
SELECT visit_time, n, mean FROM dash2.cohort_trajectory ORDER BY 1;
-- data that arrive later are in the views at once; a cohort that is empty gives no row
TRUNCATE phases;
SELECT count(*) FROM dash2.cohort_trajectory;
SELECT count(*) FROM dash2.cohort_table_one;
SELECT count(*) FROM drop_cohort_views('dash2');

-- ---- who sees what ------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA dash TO regress_ketocohort_reader;
-- without row security SELECT on the views is enough, and all there is
SELECT count(*) FROM create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', '{sex}');
GRANT SELECT ON ALL TABLES IN SCHEMA dash TO regress_ketocohort_reader;
SET ROLE regress_ketocohort_reader;
SELECT group_value, n_baseline FROM dash.cohort_attrition WHERE visit_time = 12 ORDER BY 1;
SELECT count(*) > 0 AS shown FROM dash.cohort_paired_change;
SELECT count(*) > 0 AS shown FROM dash.cohort_responders;
SELECT count(*) > 0 AS shown FROM dash.cohort_responder_curve;
SELECT count(*) > 0 AS shown FROM dash.cohort_table_one;
SELECT error_of('SELECT * FROM cohort_visits');
RESET ROLE;
-- with row security each reader sees his own patients
CREATE ROLE regress_ketocohort_clinic_a;
CREATE ROLE regress_ketocohort_clinic_b;
GRANT USAGE ON SCHEMA dash TO regress_ketocohort_clinic_a, regress_ketocohort_clinic_b;
ALTER TABLE cohort_visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY clinic_a ON cohort_visits TO regress_ketocohort_clinic_a USING (patient <= 10);
CREATE POLICY clinic_b ON cohort_visits TO regress_ketocohort_clinic_b USING (patient > 10);
GRANT SELECT ON cohort_visits TO regress_ketocohort_clinic_a, regress_ketocohort_clinic_b;
SELECT count(*) FROM create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', '{sex}');
GRANT SELECT ON ALL TABLES IN SCHEMA dash TO regress_ketocohort_clinic_a, regress_ketocohort_clinic_b;
SELECT n_baseline FROM dash.cohort_attrition WHERE visit_time = 12 AND group_name = 'all';
SET ROLE regress_ketocohort_clinic_a;
SELECT n_baseline FROM dash.cohort_attrition WHERE visit_time = 12 AND group_name = 'all';
SET ROLE regress_ketocohort_clinic_b;
SELECT n_baseline FROM dash.cohort_attrition WHERE visit_time = 12 AND group_name = 'all';
SELECT DISTINCT n + n_missing AS patients FROM dash.cohort_paired_change WHERE group_name = 'all';
SET ROLE regress_ketocohort_reader;
SELECT error_of('SELECT * FROM dash.cohort_attrition');
RESET ROLE;
-- through a view as well
CREATE VIEW through AS SELECT * FROM cohort_visits;
SELECT count(*) FROM create_cohort_views('dash', 'through', 'patient', 'week', '{pain}', '0');
SELECT DISTINCT reloptions FROM pg_class WHERE relnamespace = 'dash'::regnamespace;
-- and the owner may decide otherwise
SELECT count(*) FROM create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0',
                                         security_invoker => false);
SET ROLE regress_ketocohort_reader;
SELECT n_baseline FROM dash.cohort_attrition WHERE visit_time = 12;
RESET ROLE;
SELECT error_of($$SELECT count(*) FROM create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0')$$);
-- it runs with the caller's rights
SET ROLE regress_ketocohort_clinic_a;
SELECT error_of($$SELECT create_cohort_views('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0')$$);
RESET ROLE;

-- ---- kept daily summaries ---------------------------------------------------------------------

SELECT * FROM create_cohort_summaries('dash', 'cohort_visits', 'patient', 'week', '{pain,sleep}', '0', 'day', '{sex}');
SET client_min_messages = error;
SELECT count(*) FROM create_cohort_summaries('dash', 'cohort_visits', 'patient', 'week', '{pain,sleep}', '0', 'day', '{sex}');
SET client_min_messages = warning;
CREATE VIEW pairs_by_day AS
SELECT m.measure, g.group_name, g.group_value, v.week, v.day, m.before::float8 AS before, m.after::float8 AS after
FROM cohort_visits b JOIN cohort_visits v ON v.patient = b.patient AND v.week > 0,
  LATERAL (VALUES ('pain', b.pain, v.pain), ('sleep', b.sleep, v.sleep)) m (measure, before, after),
  LATERAL (VALUES ('all', 'all'), ('sex', b.sex)) g (group_name, group_value)
WHERE b.week = 0;
CREATE FUNCTION directly(period text) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT measure, group_name, group_value, week%s, (t).n, (t).n_missing, (t).estimate, (t).std_error,
    (t).conf_low, (t).conf_high, (t).statistic, (t).df, (t).p_value, (t).effect_size, (c).sd, (c).median,
    (w).estimate, (w).conf_low, (w).conf_high, (w).p_value, (t).note,
    (l).mean, (l).sd, (l).min, (l).q1, (l).median, (l).q3, (l).max
    FROM (SELECT measure, group_name, group_value, week%s, paired_t_test(before, after) AS t,
            wilcoxon_signed_rank(before, after) AS w, describe(after - before) AS c, describe(after) AS l
          FROM pairs_by_day GROUP BY 1, 2, 3, 4%s) s',
    CASE WHEN period <> 'total' THEN ', period' ELSE '' END,
    CASE WHEN period <> 'total' THEN format(', date_trunc(%L, day::timestamp)::date AS period', period) ELSE '' END,
    CASE WHEN period <> 'total' THEN ', 5' ELSE '' END)
$$;
SELECT period, differences('SELECT * FROM dash.cohort_change_' || path, directly(period))
FROM (VALUES ('month', 'by_month'), ('year', 'by_year'), ('total', 'total')) v (period, path);
SELECT measure, group_value, visit_time, year, n, n_missing, round(mean_change::numeric, 4) AS change
FROM dash.cohort_change_by_year WHERE measure = 'pain' ORDER BY 1, 2, 3, 4;
-- old until refreshed, by one call
UPDATE cohort_visits SET pain = 9 WHERE patient <= 5 AND week = 6;
SELECT differences('SELECT * FROM dash.cohort_change_total', directly('total')) > 0 AS old;
SELECT refresh_cohort_summaries('dash');
SELECT differences('SELECT * FROM dash.cohort_change_total', directly('total'));
SELECT * FROM drop_cohort_summaries('dash');
SELECT error_of($$SELECT refresh_cohort_summaries('dash')$$);
SELECT error_of($$SELECT drop_cohort_summaries('dash')$$);

-- ---- bad input ------------------------------------------------------------------------------------

CREATE TABLE twice AS SELECT 1 AS patient, 0 AS week, 5 AS pain FROM generate_series(1, 2);
CREATE TABLE nobody (patient int, week int, pain int);
CREATE SEQUENCE counter;
SELECT error_of(format('SELECT create_cohort_views(%s)', arguments)) FROM (VALUES
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', '1'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', 'first'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', ''$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', NULL$$),
  ($$'dash', 'nobody', 'patient', 'week', '{pain}', '0'$$),
  ($$'dash', 'twice', 'patient', 'week', '{pain}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', NULL, '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain,NULL}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{Pain,pane}', '0'$$),
  ($$'dash', 'cohort_visits', 'who', 'week', '{pain}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'month', '{pain}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', '{centre}'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain,sex}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{depressed}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{day}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain,pain}', '0'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', '{pain}'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', '{sex,sex}'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', '{}', '{sleep}'$$),
  ($$'dash', 'cohort_visits', 'patient', 'week', '{xmin}', '0'$$),
  ($$'dash', 'counter', 'patient', 'week', '{pain}', '0'$$),
  ($$'no where', 'cohort_visits', 'patient', 'week', '{pain}', '0'$$)) v (arguments);
SELECT error_of($$SELECT create_cohort_summaries('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', 'sleep')$$);
SELECT error_of($$SELECT create_cohort_summaries('dash', 'cohort_visits', 'patient', 'week', '{pain}', '0', NULL)$$);
CREATE TABLE everybody AS SELECT patient, week, pain, sex AS "all" FROM cohort_visits;
SELECT error_of($$SELECT create_cohort_views('dash', 'everybody', 'patient', 'week', '{pain}', '0', '{all}')$$);

DROP SCHEMA dash, dash2, "Dash Board", trap CASCADE;
DROP OWNED BY regress_ketocohort_reader, regress_ketocohort_clinic_a, regress_ketocohort_clinic_b;
DROP ROLE regress_ketocohort_reader, regress_ketocohort_clinic_a, regress_ketocohort_clinic_b;
