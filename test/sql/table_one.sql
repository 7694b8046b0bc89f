-- table_one: baseline characteristics in long format, row reading, suppression.
\pset null NULL
-- ten significant digits, so that the last bits of a libm do not show
CREATE OR REPLACE FUNCTION digits(x float8) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT CASE
    WHEN x = 0 THEN '0'
    WHEN abs(x) >= 1e-5 AND abs(x) < 1e15
      THEN trim_scale(round(x::numeric, 9 - floor(log(abs(x)))::int))::text
    ELSE ltrim(to_char(x, '9.999999999EEEE')) END
$$;
-- the columns of a row that are not NULL
CREATE OR REPLACE FUNCTION shown(result anyelement) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT string_agg(format('%s=%s', key, CASE WHEN value ~ '^-?[0-9.]+(e[-+]?[0-9]+)?$'
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
EXCEPTION
-- 19 words the advice on unknown functions in another way
WHEN undefined_function THEN
  RETURN SQLSTATE || ' | ' || SQLERRM;
WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;

CREATE TYPE stage AS ENUM ('none', 'mild', 'severe');
ALTER TYPE stage ADD VALUE 'moderate' BEFORE 'severe';
-- Sixty patients in two arms, one without an arm; a constant, a level of one arm only.
CREATE TABLE patients AS
SELECT i AS id, CASE WHEN i <= 28 THEN 'ketamine' WHEN i <= 59 THEN 'placebo' END AS arm,
  CASE WHEN i % 13 > 0 THEN 20 + i * 37 % 61 END AS age,
  (i * i % 17)::float8 / 2 AS score,
  CASE WHEN i % 11 > 0 THEN (ARRAY['female', 'male'])[1 + i * 7 % 5 / 3] END AS sex,
  CASE WHEN i % 7 > 0 THEN i % 4 = 1 END AS smoker,
  (ARRAY['none', 'mild', 'moderate', 'severe'])[1 + i * i % 11 % 4]::stage AS pain,
  CASE WHEN i = 5 THEN 'rare' WHEN i % 9 = 0 THEN 'other' ELSE 'usual' END AS kind,
  'same' AS always, NULL::text AS never, NULL::float8 AS nothing
FROM generate_series(1, 60) i;
CREATE VIEW columns AS
SELECT arm, age, score, sex, smoker, pain, kind, always, never, nothing FROM patients;

-- ---- the table ------------------------------------------------------------------------

-- without groups: no test, no difference
SELECT variable, level, grp, n, n_missing, count, digits(fraction) AS fraction,
  digits(mean) AS mean, digits(sd) AS sd, median, q1, q3, display, p_value, test, smd
FROM (SELECT table_one_summary(p) AS s
      FROM (SELECT age, score, sex, smoker, pain, kind, always, never, nothing FROM patients) p) v,
     table_one(s);
-- by arm; R: t.test, wilcox.test (exact with ties by enumeration), chisq.test, fisher.test,
-- tableone::ExtractSmd
SELECT variable, level, grp, n, n_missing, count, digits(fraction) AS fraction,
  digits(mean) AS mean, digits(sd) AS sd, median, q1, q3, display
FROM (SELECT table_one_summary(p, arm) AS s
      FROM (SELECT arm, age, score, sex, smoker, pain, kind, always, never, nothing
            FROM patients) q,
           LATERAL (SELECT age, score, sex, smoker, pain, kind, always, never, nothing) p) v,
     table_one(s);
CREATE TABLE summaries AS
SELECT table_one_summary(p, arm) AS s, n_used(table_one_summary(p, arm)),
  n_missing(table_one_summary(p, arm))
FROM columns, LATERAL (SELECT age, score, sex, smoker, pain, kind, always, never, nothing) p;
SELECT n_used, n_missing FROM summaries;
SELECT DISTINCT ON (variable) variable, digits(p_value) AS p, test, digits(smd) AS smd
FROM summaries, table_one(s) ORDER BY variable;
SELECT DISTINCT ON (variable) variable, display, digits(p_value) AS p, test, digits(smd) AS smd
FROM summaries, table_one(s, nonnormal => '{score,age}') WHERE variable IN ('age', 'score')
ORDER BY variable, grp NULLS FIRST;
-- three groups
SELECT DISTINCT ON (variable) variable, digits(p_value) AS p, test, digits(smd) AS smd
FROM (SELECT table_one_summary(p, 'third ' || id % 3) AS s
      FROM patients, LATERAL (SELECT age, score, sex, smoker, pain) p) v, table_one(s)
ORDER BY variable;
SELECT DISTINCT variable, digits(p_value) AS p, test
FROM (SELECT table_one_summary(p, 'third ' || id % 3) AS s
      FROM patients, LATERAL (SELECT age, score) p) v, table_one(s, nonnormal => '{age}')
ORDER BY variable;

-- ---- options ----------------------------------------------------------------------------

-- variables in the order asked for, twice if so wished; digits
SELECT variable, level, grp, display
FROM summaries, table_one(s, variables => '{smoker,age,smoker}', digits => 3);
SELECT variable, grp, display
FROM summaries, table_one(s, '{age}', nonnormal => '{age}', digits => 0);
SELECT count(*) FROM summaries, table_one(s, '{}');
SELECT count(*) FROM table_one(NULL);
SELECT count(*) FROM summaries, table_one(s, NULL, NULL);

-- ---- what a row may hold --------------------------------------------------------------------

CREATE DOMAIN years AS int CHECK (VALUE >= 0);
CREATE DOMAIN grade AS stage;
CREATE TYPE pair AS (a int, b text);
CREATE TABLE typed (i2 int2, gone text, i8 int8, f4 float4, f8 float8, num numeric, vc varchar(9),
  ch char(5), nm name, bo boolean, en stage, dom years, domen grade, gone_too int);
INSERT INTO typed VALUES
  (1, 'x', 2, 0.1, 0.1, 1.25, 'a', 'b', 'c', true, 'severe', 30, 'mild', 1),
  (-3, 'y', 9007199254740993, 1e30, -2.5, 1e-3, '', 'b    ', 'd', false, 'none', 40, 'none', 2),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, 'z', 0, -0.0, 0, 0, 'é', 'ab', 'c', true, 'moderate', 50, 'severe', 3);
ALTER TABLE typed DROP COLUMN gone, DROP COLUMN gone_too;
-- enums in their own order, a dropped column gone, char without its padding; equal for a
-- table's row, a subquery's and a composite that is built
SELECT variable, level, n, n_missing, count, mean, median, display
FROM (SELECT table_one_summary(typed) AS s FROM typed) v, table_one(s);
SELECT count(DISTINCT rows) AS readings
FROM (SELECT (SELECT jsonb_agg(t) FROM table_one(s) t) AS rows
      FROM (SELECT table_one_summary(typed) AS s FROM typed
            UNION ALL SELECT table_one_summary(q) FROM (SELECT * FROM typed) q
            UNION ALL SELECT table_one_summary(ROW(typed.*)::typed) FROM typed
            UNION ALL SELECT table_one_summary(q) FROM (SELECT * FROM typed ORDER BY i2 DESC) q
            UNION ALL SELECT rollup(s) FROM (SELECT table_one_summary(typed) AS s FROM typed
                                             GROUP BY i2) w) v) u;
-- columns added after the first rows; a NULL row, a row without columns
ALTER TABLE typed ADD COLUMN late int DEFAULT 7;
SELECT variable, n, n_missing, display
FROM (SELECT table_one_summary(typed) AS s FROM typed) v, table_one(s, '{late}');
SELECT n_used(table_one_summary(r)), n_missing(table_one_summary(r))
FROM (VALUES (NULL::pair), (ROW(1, 'x')::pair), (ROW(NULL, NULL)::pair)) v (r);
SELECT count(*) FROM (SELECT table_one_summary(ROW()) AS s) v, table_one(s);
-- rows of two types in one aggregate
SELECT variable, level, n, n_missing, count, display
FROM (SELECT table_one_summary(r) AS s
      FROM (SELECT ROW(1, 'x'::text) UNION ALL SELECT ROW(true, 'x'::text)) v (r)) w, table_one(s)
ORDER BY variable, level NULLS FIRST;
-- labels that look like others; the empty label; the group is not an enum
SELECT variable, level, grp, count
FROM (SELECT table_one_summary(r, g) AS s
      FROM (VALUES (ROW(1, 'x')::pair, 'x'), (ROW(2, 'b')::pair, ''), (ROW(3, '')::pair, 'b'))
           v (r, g)) w, table_one(s);
-- a thousand groups
SELECT count(*), count(DISTINCT grp), max(digits(p_value)), max(test), max(digits(smd))
FROM (SELECT table_one_summary(p, 'g' || i % 1000) AS s
      FROM generate_series(1, 5000) i, LATERAL (SELECT i * 7 % 11 AS x, 'v' || i * 7 % 3 AS y) p) v,
     table_one(s);

-- ---- storing, rolling up, parallel workers ----------------------------------------------------

CREATE TABLE stored AS
SELECT sex, table_one_summary(p, arm) AS s
FROM patients, LATERAL (SELECT age, score, smoker, pain, kind) p GROUP BY sex;
SELECT count(DISTINCT rows) AS readings
FROM (SELECT (SELECT jsonb_agg(t) FROM table_one(s) t) AS rows
      FROM (SELECT rollup(s) AS s FROM stored
            UNION ALL SELECT rollup(s::text::table_one_summary ORDER BY sex DESC) FROM stored
            UNION ALL SELECT table_one_summary(p, arm)
            FROM patients, LATERAL (SELECT age, score, smoker, pain, kind) p) v) u;
CREATE TABLE many AS
SELECT i % 5 AS g, (i * 7919 % 1009)::float8 / 8 AS x, i % 11 AS score, i % 3 = 0 AS flag,
  'level ' || i * 7 % 9 AS level
FROM generate_series(1, 20000) i;
CREATE FUNCTION rows_of(workers int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  PERFORM set_config('max_parallel_workers_per_gather', workers::text, true),
          set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true),
          set_config('min_parallel_table_scan_size', '0', true);
  SELECT string_agg(t::text, E'\n')
  INTO answer FROM (SELECT table_one_summary(many, g::text) AS s FROM many) v, table_one(s) t;
  RETURN answer;
END
$$;
SELECT rows_of(0) = rows_of(2) AS parallel_equals_serial, length(rows_of(0)) > 1000 AS long;
DROP FUNCTION rows_of(int);

-- ---- suppression ----------------------------------------------------------------------------------

SELECT t.variable, t.level, t.grp, t.n, t.n_missing, t.count, digits(t.fraction) AS fraction, t.display
FROM summaries, table_one(s, '{smoker,kind,age}', min_cell => 5) t;
-- few values among many missing: their number is small, and hidden
SELECT variable, level, grp, n, n_missing, count
FROM (SELECT table_one_summary(p, arm) AS s
      FROM patients, LATERAL (SELECT CASE WHEN id % 10 = 1 OR arm = 'placebo' THEN sex END AS sex) p) v,
     table_one(s, min_cell => 5);
SELECT DISTINCT variable, p_value IS NULL AS no_p, smd IS NULL AS no_smd
FROM summaries, table_one(s, min_cell => 5) ORDER BY variable;
-- what is hidden does not depend on the variables asked for, one by one or together
SELECT bool_and(alone.line = together.line) AS equal
FROM (SELECT variable, level, grp, t::text AS line FROM summaries, table_one(s, min_cell => 5) t) together
JOIN (SELECT t.variable, t.level, t.grp, t::text AS line
      FROM summaries, unnest('{age,score,sex,smoker,pain,kind}'::text[]) v,
           table_one(s, ARRAY[v], min_cell => 5) t) alone
  ON (alone.variable, alone.level, alone.grp) IS NOT DISTINCT FROM
     (together.variable, together.level, together.grp);
-- 0 and 1 hide nothing, more than all patients everything but zeros
SELECT min_cell, count(*) FILTER (WHERE display = '*') AS hidden, count(count) AS shown, max(count)
FROM summaries, unnest('{0,1,1000}'::int[]) min_cell, table_one(s, min_cell => min_cell)
GROUP BY min_cell ORDER BY min_cell;

-- ---- the reader who tries to work out what is hidden ------------------------------------------------

-- He knows every figure shown and how they add up, also across variables: a group has one
-- size.  A hidden count is safe when another table agrees with all he knows; if there is
-- one, there is one that differs from the truth by at most 1 in each cell.  All are tried.
-- Cells: what can be hidden; sums: what they add up to, over groups, levels or both.
CREATE TABLE cells_known (variable text, level text, grp text, count int8, shown boolean, k int);
CREATE TABLE sums_known (variable text, level text, grp text, count int8, shown boolean, members int[]);
CREATE TABLE figures (variable text, level text, grp text, count int8, shown boolean);
CREATE TABLE moves (variable text, d int[], sizes int[]);

-- Reads a table and what is shown of it; `naive` shows all that is not itself small.
CREATE FUNCTION read_table(s table_one_summary, min_cell int, naive boolean) RETURNS void
LANGUAGE SQL AS $$
  TRUNCATE figures, cells_known, sums_known, moves;
  INSERT INTO figures
  WITH both_tables AS (
    SELECT t.variable, t.level, t.grp, t.n, t.n_missing, coalesce(t.count, t.n) AS count, t.count IS NULL AS is_number,
      h.n AS n_shown, h.n_missing AS missing_shown,
      CASE WHEN t.count IS NULL THEN h.n ELSE h.count END AS count_shown
    FROM table_one(s) t JOIN table_one(s, min_cell => read_table.min_cell) h
      ON (t.variable, t.level, t.grp) IS NOT DISTINCT FROM (h.variable, h.level, h.grp)),
  one AS (
    SELECT variable, coalesce('level ' || level, 'value') AS level, grp, count, count_shown AS seen FROM both_tables
    UNION SELECT variable, 'missing', grp, n_missing, missing_shown FROM both_tables
    UNION SELECT variable, 'all levels', grp, n, n_shown FROM both_tables WHERE NOT is_number)
  SELECT variable, level, grp, count,
    CASE WHEN naive THEN count NOT BETWEEN 1 AND read_table.min_cell - 1 ELSE seen IS NOT NULL END AS shown
  FROM one;
  INSERT INTO cells_known
  SELECT variable, level, grp, count, shown,
    CASE WHEN NOT shown THEN row_number() OVER (PARTITION BY variable, shown ORDER BY level, grp) END
  FROM figures WHERE level <> 'all levels' AND grp IS NOT NULL;
  INSERT INTO sums_known
  SELECT variable, level, grp, count, shown,
    ARRAY(SELECT c.k FROM cells_known c
          WHERE c.variable = f.variable AND c.k IS NOT NULL AND (f.grp IS NULL OR c.grp = f.grp)
            AND (c.level = f.level OR f.level = 'all levels' AND c.level <> 'missing') ORDER BY c.k)
  FROM figures f WHERE level = 'all levels' OR grp IS NULL;
$$;

-- The small counts he can work out.
CREATE FUNCTION worked_out(s table_one_summary, min_cell int, naive boolean = false)
RETURNS TABLE (variable text, level text, grp text, count int8) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM read_table(s, min_cell, naive);
  WITH RECURSIVE tried (variable, k, d) AS (
    SELECT DISTINCT c.variable, 0, '{}'::int[] FROM cells_known c
    UNION ALL
    SELECT t.variable, c.k, t.d || x
    FROM tried t JOIN cells_known c ON c.variable = t.variable AND c.k = t.k + 1, unnest('{-1,0,1}'::int[]) x
    WHERE c.count + x > 0
      AND NOT EXISTS (SELECT FROM sums_known k WHERE k.variable = t.variable AND k.shown
                        AND k.members[cardinality(k.members)] = c.k
                        AND (SELECT sum((t.d || x)[m]) FROM unnest(k.members) m) <> 0))
  INSERT INTO moves
  SELECT t.variable, d, ARRAY(SELECT coalesce(sum(d[c.k]), 0) FROM cells_known c
                              WHERE c.variable = t.variable GROUP BY c.grp ORDER BY c.grp)
  FROM tried t
  WHERE cardinality(d) = (SELECT coalesce(max(c.k), 0) FROM cells_known c WHERE c.variable = t.variable);
  -- the sizes of the groups must be possible in every variable
  DELETE FROM moves WHERE sizes NOT IN (
    SELECT m.sizes FROM moves m GROUP BY m.sizes
    HAVING count(DISTINCT m.variable) = (SELECT count(DISTINCT c.variable) FROM cells_known c));
  RETURN QUERY
  SELECT f.variable, f.level, f.grp, f.count
  FROM (SELECT c.variable, c.level, c.grp, c.count, ARRAY[c.k] AS members FROM cells_known c
        WHERE NOT c.shown
        UNION ALL SELECT u.variable, u.level, u.grp, u.count, u.members FROM sums_known u WHERE NOT u.shown) f
  WHERE f.count < min_cell
    AND NOT EXISTS (SELECT FROM moves m WHERE m.variable = f.variable
                      AND (SELECT sum(m.d[k]) FROM unnest(f.members) k) <> 0);
END
$$;

-- sixty tables of three variables: nothing small is shown, nothing can be worked out;
-- hiding the small counts alone does not do
CREATE TABLE attacked AS
SELECT seed, 3 + seed % 3 AS min_cell, table_one_summary(p, 'g' || g % (2 + seed % 2)) AS s
FROM generate_series(121, 180) seed,
     LATERAL generate_series(1, 12 + seed % 30) i,
     LATERAL (SELECT decode(md5(seed || ' ' || i), 'hex') AS b) m,
     LATERAL (SELECT get_byte(b, 0) * get_byte(b, 1) / 256 % 97 AS g,
                     get_byte(b, 2) AS x, get_byte(b, 3) AS y, get_byte(b, 4) AS z) r,
     LATERAL (SELECT CASE WHEN x % 8 > seed % 7 THEN 'l' || x % (4 - seed % 2) END AS factor,
                     CASE WHEN y % 9 > 0 THEN y > 200 END AS flag,
                     CASE WHEN z % 16 > seed % 11 THEN z END AS number) p
GROUP BY seed;
CREATE TABLE attempts (seed int, naive boolean, small int, small_shown int, worked_out int);
DO $$
DECLARE
  a attacked;
  found int;
  naive boolean;
BEGIN
  FOR a IN TABLE attacked LOOP
    FOREACH naive IN ARRAY '{t,f}'::boolean[] LOOP
      found := count(*) FROM worked_out(a.s, a.min_cell, naive);
      INSERT INTO attempts
      SELECT a.seed, naive, count(*), count(*) FILTER (WHERE shown), found
      FROM figures WHERE count BETWEEN 1 AND a.min_cell - 1;
    END LOOP;
  END LOOP;
END
$$;
SELECT naive, count(*) AS tables, sum(small) AS small, sum(small_shown) AS small_shown, sum(worked_out) AS worked_out
FROM attempts GROUP BY naive ORDER BY naive;

-- ---- no rows, bad input ------------------------------------------------------------------------------

SELECT table_one_summary(p), table_one_summary(p, arm) FROM patients p WHERE false;
SELECT n_used(table_one_summary(p)), n_missing(table_one_summary(p)) FROM patients p WHERE arm IS NULL;
SELECT count(*), n_missing(s) FROM (SELECT table_one_summary(p, NULL) AS s FROM patients p) v, table_one(s)
GROUP BY n_missing(s);
-- 64 levels go, 65 do not; nor when the pieces have fewer each
SELECT levels, error_of(format($$SELECT count(*) FROM (SELECT table_one_summary(p) AS s
  FROM generate_series(1, 1000) i, LATERAL (SELECT 'l' || i %% %s AS word) p) v, table_one(s)$$, levels))
FROM unnest('{64,65,1000}'::int[]) levels;
SELECT error_of($$SELECT count(*) FROM (SELECT rollup(s) AS s FROM (
  SELECT table_one_summary(p) AS s FROM generate_series(1, 70) i, LATERAL (SELECT 'l' || i AS word) p
  GROUP BY i % 2) w) v, table_one(s)$$);
SELECT statement, error_of(statement)
FROM (VALUES
  ($$SELECT table_one_summary(p) FROM (SELECT 1 AS id, current_date AS day) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT NULL::date AS day) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT '{1}'::int[] AS list) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT '{}'::jsonb AS doc) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT interval '1 day' AS stay) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT ROW(1, 'x')::pair AS inner_row) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT 'NaN'::float8 AS score) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT 'Infinity'::numeric AS score) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT 1e400::numeric AS score) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT repeat('x', 1001) AS story) p$$),
  ($$SELECT table_one_summary(p) FROM (SELECT 1 AS id, 2 AS score, 3 AS score) p$$),
  ($$SELECT table_one_summary(1)$$),
  ($$SELECT t.* FROM summaries, table_one(s, '{age,weight}') t$$),
  ($$SELECT t.* FROM summaries, table_one(s, '{}', '{weight}') t$$),
  ($$SELECT t.* FROM summaries, table_one(s, '{age}', '{sex}') t$$),
  ($$SELECT t.* FROM summaries, table_one(s, '{age,NULL}') t$$),
  ($$SELECT t.* FROM summaries, table_one(s, nonnormal => '{NULL}') t$$),
  ($$SELECT t.* FROM summaries, table_one(s, '{Age}') t$$),
  ($$SELECT t.* FROM summaries, table_one(s, min_cell => -1) t$$),
  ($$SELECT t.* FROM summaries, table_one(s, min_cell => NULL) t$$),
  ($$SELECT t.* FROM summaries, table_one(s, digits => -1) t$$),
  ($$SELECT t.* FROM summaries, table_one(s, digits => 16) t$$),
  ($$SELECT t.* FROM (SELECT table_one_summary(p, g::text) AS s FROM (VALUES (1e200, 1), (2, 1), (1, 2), (3, 2)) q (x, g),
       LATERAL (SELECT x::float8) p) v, table_one(s) t$$)) v (statement);

DROP TABLE patients, summaries, typed, stored, many, cells_known, sums_known, figures, moves, attacked,
  attempts CASCADE;
DROP FUNCTION worked_out(table_one_summary, int, boolean), read_table(table_one_summary, int, boolean);
DROP DOMAIN years, grade;
DROP TYPE pair, stage;

DROP FUNCTION digits(float8), shown(anyelement), error_of(text);
