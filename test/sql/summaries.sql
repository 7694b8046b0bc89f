-- summaries: text and binary, damaged values, storing, rollup, sharing, limits.
SET client_min_messages = warning;
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
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- One value of each type and a larger one.
CREATE TABLE rows AS
SELECT i, i % 4 AS site, CASE WHEN i % 10 < 9 THEN i % 11 END::float8 AS before,
       CASE WHEN i % 7 > 0 THEN (i * 7) % 9 END::float8 AS after,
       (i::int8 * 104729 % 20011)::float8 / 8 AS x
FROM generate_series(1, 4000) i;
CREATE TABLE samples (type text, size text, value text);
INSERT INTO samples
SELECT v.type, label, v.value
FROM (VALUES ('small', 12), ('large', 4000)) s (label, n),
     LATERAL (SELECT value_counts(x)::text AS counts, value_counts(after - before)::text AS changes,
                     paired_summary(before, after)::text AS moments,
                     paired_values(before, x)::text AS pairs,
                     repeated_values('p' || i / 3, 'visit ' || i % 3, before)::text AS repeated,
                     contingency_table('a' || i % 3, 'b' || i % 37)::text AS cells
              FROM rows WHERE i <= s.n) r,
     LATERAL (VALUES ('value_counts', counts), ('value_counts', changes),
                     ('paired_summary', moments), ('paired_values', pairs),
                     ('repeated_values', repeated), ('contingency_table', cells)) v (type, value);

-- Thousands of values are read one by one below: no worker for each.
SET max_parallel_workers_per_gather = 0;
-- What a text is read as: the same text again, or the error.
CREATE FUNCTION reread(type text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  again text;
BEGIN
  EXECUTE format('SELECT $1::%I::text', type) USING value INTO again;
  RETURN again;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END
$$;

-- ---- text -----------------------------------------------------------------------------

SELECT type, size, count(*), bool_and(reread(type, value) = value) AS equal,
  bool_and(value LIKE type || ':1:%') AS named
FROM samples GROUP BY type, size ORDER BY type, size DESC;
SELECT paired_summary(before, after) FROM (VALUES (1.0::float8, 2.0::float8)) v (before, after);
-- cut anywhere, or followed by more
SELECT type, reread(type, left(value, n)), count(*)
FROM samples, generate_series(0, length(value) - 1) n WHERE size = 'small'
GROUP BY 1, 2 ORDER BY 1;
SELECT DISTINCT reread(type, value || tail) FROM samples, unnest('{A,AAAA,=,:, x}'::text[]) tail;
-- every character changed in turn: an error, or the same value
SELECT type, CASE reread WHEN value THEN 'same value' ELSE reread END, count(*) > 0 AS some
FROM samples, generate_series(1, length(value)) n, unnest('{A,z,/,=,:}'::text[]) other,
     LATERAL reread(type, overlay(value PLACING other FROM n FOR 1)) reread
WHERE size = 'small' AND substr(value, n, 1) <> other
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT statement, error_of(statement)
FROM (SELECT type, value FROM samples WHERE size = 'small' AND type = 'paired_summary') s,
     LATERAL (VALUES
       ($$SELECT ''::value_counts$$),
       ($$SELECT 'value_counts'::value_counts$$),
       ($$SELECT 'value_counts:'::value_counts$$),
       ($$SELECT 'value_counts::AAAA'::value_counts$$),
       ($$SELECT 'value_counts:x:AAAA'::value_counts$$),
       ($$SELECT 'value_counts:0:AAAA'::value_counts$$),
       ($$SELECT 'value_counts:-1:AAAA'::value_counts$$),
       ($$SELECT 'value_counts:99999999999999999999:AAAA'::value_counts$$),
       ($$SELECT 'value_counts:2:AAAA'::value_counts$$),
       ($$SELECT 'value_counts:1:'::value_counts$$),
       ($$SELECT 'value_counts:1:A'::value_counts$$),
       ($$SELECT 'value_counts:1:AAAAAAAA'::value_counts$$),
       ($$SELECT 'value_counts:1:%%%%'::value_counts$$),
       ($$SELECT 'paired_summary:1:AAAA'::value_counts$$)) v (statement);
-- another type's payload under a right name
SELECT DISTINCT a.type, b.type, reread(a.type, a.type || substr(b.value, length(b.type) + 1))
FROM samples a, samples b WHERE a.type <> b.type ORDER BY 1, 2;

-- ---- damaged values with a right checksum -----------------------------------------------

-- CRC-32C and the encoding around a payload, to forge what an accident would not make.
CREATE TABLE crc_table AS
WITH RECURSIVE step (byte, k, crc) AS (
  SELECT i::int8, 0, i::int8 FROM generate_series(0, 255) i
  UNION ALL
  SELECT byte, k + 1, CASE WHEN crc % 2 = 1 THEN (crc >> 1) # x'82F63B78'::int8 ELSE crc >> 1 END
  FROM step WHERE k < 8)
SELECT array_agg(crc ORDER BY byte) AS crc FROM step WHERE k = 8;
CREATE FUNCTION forged(type text, payload bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  tag int := array_position('{value_counts,paired_summary,paired_values,repeated_values,
                              contingency_table}', type);
  bytes bytea := int2send(tag::int2) || int2send(1::int2) || payload;
  crc int8 := x'FFFFFFFF'::int8;
  step int8[] := (SELECT t.crc FROM crc_table t);
BEGIN
  FOR i IN 0 .. length(bytes) - 1 LOOP
    crc := (crc >> 8) # step[((crc # get_byte(bytes, i)) & 255) + 1];
  END LOOP;
  crc := crc # x'FFFFFFFF'::int8;
  RETURN type || ':1:' || translate(encode(payload || substr(int8send(crc), 5), 'base64'),
                                    E'\n', '');
END
$$;
CREATE TABLE payloads AS
SELECT type, value, substr(bytes, 1, length(bytes) - 4) AS payload
FROM (SELECT type, value, decode(split_part(value, ':', 3), 'base64') AS bytes
      FROM samples WHERE size = 'small') s;
SELECT type, bool_and(forged(type, payload) = value) AS forged FROM payloads
GROUP BY type ORDER BY type;

-- Refused on reading, or what everything that reads a summary says about it.
CREATE FUNCTION survives(type text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  estimates text := CASE type
    WHEN 'value_counts' THEN
      'describe(s), quantile(s, 0.3, 6), t_test(s), wilcoxon_signed_rank(s), sign_test(s),
       (SELECT count(*) FROM histogram(s)), (SELECT count(*) FROM responder_curve(s))'
    WHEN 'paired_summary' THEN
      'paired_t_test(s), paired_effect_size(s), paired_effect_size(s, ''dav''),
       pearson_correlation(s)'
    WHEN 'paired_values' THEN 'describe_paired(s)'
    WHEN 'repeated_values' THEN 'friedman_test(s)'
    ELSE 'mcnemar_test(s), (SELECT count(*) FROM compare_proportions(s))' END;
BEGIN
  IF length(reread(type, value)) = 5 THEN
    RETURN 'refused with ' || reread(type, value);
  END IF;
  EXECUTE format('SELECT n_used(s), n_missing(s), %s, (SELECT rollup(t)::text::%I
                    FROM unnest(ARRAY[s, NULL, s]) t)
                  FROM (SELECT $1::%2$I AS s) v', estimates, type) USING value;
  RETURN 'readable';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END
$$;
-- each byte set to what hurts most: refused, or a value that everything can read
SET statement_timeout = '10min';
SELECT type, survives(type, forged(type, set_byte(payload, n - 1, byte))), count(*) > 0 AS some
FROM payloads, generate_series(1, length(payload)) n, unnest('{0,1,127,128,255}'::int[]) byte
GROUP BY 1, 2 ORDER BY 1, 2;
RESET statement_timeout;
RESET max_parallel_workers_per_gather;
-- no end of rows: row counts at the limit cannot be added up
SELECT n, error_of(format('SELECT rollup(s) FROM unnest(ARRAY[%1$L, %1$L]::paired_summary[]) s',
                  forged('paired_summary', set_byte(payload, 1, n))))
FROM payloads, unnest('{15,31,32}'::int[]) n WHERE type = 'paired_summary';

-- ---- binary ---------------------------------------------------------------------------

CREATE TABLE stored (id int, counts value_counts, moments paired_summary, pairs paired_values,
                     repeated repeated_values, cells contingency_table);
INSERT INTO stored
SELECT site, value_counts(x), paired_summary(before, after), paired_values(before, x),
       repeated_values('p' || i / 3, 'visit ' || i % 3, before),
       contingency_table('a' || i % 3, 'b' || i % 37)
FROM rows GROUP BY site;
INSERT INTO stored VALUES (9);
CREATE TABLE copied (LIKE stored);
\copy stored TO 'test/results/summaries.bin' (FORMAT binary)
\copy copied FROM 'test/results/summaries.bin' (FORMAT binary)
SELECT count(*) FROM stored s JOIN copied c USING (id)
WHERE (s.counts::text, s.moments::text, s.pairs::text, s.repeated::text, s.cells::text)
  IS NOT DISTINCT FROM
  (c.counts::text, c.moments::text, c.pairs::text, c.repeated::text, c.cells::text);
-- cut, altered, newer, of another type, of no version
CREATE TABLE one (s paired_summary);
CREATE TABLE other (s value_counts);
COPY one FROM STDIN;
paired_summary:1:AAAAAAAAAAMAAAAAAAAAAAAAAAA/8AAAAAAAAEAAAAAAAAAAQBQAAAAAAAAAAAAAAAAAAEAWAAAAAAAAAAAAAAAAAABAKgAAAAAAAAAAAAAAAAAAQC6AAAAAAAAAAAAAAAAAAEArAAAAAAAAAAAAAAAAAABxVQ/j
\.
\copy one TO 'test/results/summaries.bin' (FORMAT binary)
\set VERBOSITY sqlstate
\copy one FROM PROGRAM 'LC_ALL=C sed "s/\\x00\\x02\\x00\\x01/\\x00\\x02\\x00\\x02/" test/results/summaries.bin' (FORMAT binary)
\copy one FROM PROGRAM 'LC_ALL=C sed "s/\\x00\\x02\\x00\\x01/\\x00\\x02\\x00\\x00/" test/results/summaries.bin' (FORMAT binary)
\copy one FROM PROGRAM 'LC_ALL=C sed "s/\\x00\\x02\\x00\\x01/\\x00\\x01\\x00\\x01/" test/results/summaries.bin' (FORMAT binary)
\copy one FROM PROGRAM 'LC_ALL=C sed "s/\\x00\\x00\\x03/\\x00\\x00\\x04/" test/results/summaries.bin' (FORMAT binary)
\copy other FROM 'test/results/summaries.bin' (FORMAT binary)
\set VERBOSITY default
SELECT count(*), count(n_used(s)) FROM one;
DROP TABLE one, other;

-- ---- storing and rolling up --------------------------------------------------------------

-- small ones have short headers, large ones are compressed or out of line
CREATE TABLE visits (id int, s value_counts);
INSERT INTO visits SELECT 1, value_counts(i % 11) FROM generate_series(1, 1000) i;
INSERT INTO visits SELECT 2, value_counts(i::float8 * i / 7) FROM generate_series(1, 20000) i;
ALTER TABLE visits ALTER s SET STORAGE EXTERNAL;
INSERT INTO visits SELECT 3, value_counts(i::float8 * i / 7) FROM generate_series(1, 20000) i;
SELECT id, pg_column_size(s) < 300 AS small, n_used(s), shown(describe(s)) FROM visits ORDER BY id;
SELECT shown(describe(rollup(s))) FROM visits;
SELECT shown(describe(x))
FROM (SELECT (i % 11)::float8 AS x FROM generate_series(1, 1000) i
      UNION ALL SELECT i::float8 * i / 7 FROM generate_series(1, 20000) i, generate_series(1, 2)) r;
-- pieces rolled up equal the whole, figure by figure
SELECT count(*) FILTER (WHERE pieces = whole) AS equal, count(*)
FROM (SELECT ARRAY[describe(rollup(counts))::text, paired_t_test(rollup(moments))::text,
                   paired_effect_size(rollup(moments), 'drm')::text,
                   pearson_correlation(rollup(moments))::text,
                   describe_paired(rollup(pairs))::text, friedman_test(rollup(repeated))::text,
                   n_used(rollup(cells))::text, n_missing(rollup(moments))::text] AS p
      FROM stored) a,
     (SELECT ARRAY[describe(x)::text, paired_t_test(before, after)::text,
                   paired_effect_size(paired_summary(before, after), 'drm')::text,
                   pearson_correlation(before, after)::text,
                   describe_paired(before, x)::text,
                   friedman_test('p' || i / 3, 'visit ' || i % 3, before)::text,
                   n_used(contingency_table('a' || i % 3, 'b' || i % 37))::text,
                   n_missing(paired_summary(before, after))::text] AS w
      FROM rows) b, unnest(p, w) u (pieces, whole);
SELECT id, n_used(counts), n_missing(counts), n_used(moments), n_missing(moments), n_used(pairs),
  n_missing(pairs), n_used(repeated), n_missing(repeated), n_used(cells), n_missing(cells)
FROM stored ORDER BY id;
SELECT rollup(s) FROM visits WHERE false;
SELECT rollup(NULL::value_counts), n_used(NULL::value_counts), n_missing(NULL::value_counts);
-- rolled up by level
SELECT site, n_used(rollup(moments)) FROM (SELECT id % 2 AS site, moments FROM stored) s
GROUP BY ROLLUP (site) ORDER BY site;

-- ---- called outside aggregates -----------------------------------------------------------

-- never in place: the argument stays what it was
SELECT n_used(kc_paired_summary_add(moments, 1, 2)) - n_used(moments) AS added,
  n_missing(kc_paired_summary_add(moments, NULL, 2)) - n_missing(moments) AS missing,
  n_used(kc_paired_summary_combine(moments, moments)) / n_used(moments) AS doubled,
  n_used(moments) AS unchanged
FROM stored WHERE id = 1;
SELECT n_used(kc_value_counts_add(counts, 1)) - n_used(counts) AS added,
  n_used(kc_value_counts_combine(counts, counts)) / n_used(counts) AS doubled,
  n_used(kc_value_counts_add_change(counts, 1, 2)) - n_used(counts) AS change,
  n_used(kc_paired_values_add(pairs, 1, 2)) - n_used(pairs) AS pair,
  n_used(kc_repeated_values_add(repeated, 'p', 'c', 1)) - n_used(repeated) AS repeated,
  n_used(kc_contingency_table_add(cells, 'a', 'b')) - n_used(cells) AS cell
FROM stored WHERE id = 1;
SELECT count(*) FROM stored s JOIN copied c USING (id)
WHERE (s.counts::text, s.moments::text, s.pairs::text, s.repeated::text, s.cells::text)
  IS NOT DISTINCT FROM
  (c.counts::text, c.moments::text, c.pairs::text, c.repeated::text, c.cells::text);
-- a variable of a function, changed in a loop
DO $$
DECLARE
  s value_counts;
  kept value_counts;
BEGIN
  FOR i IN 1 .. 600 LOOP
    s := kc_value_counts_add(s, i);
    IF i = 300 THEN
      kept := s;
    END IF;
  END LOOP;
  RAISE WARNING '% and % values', n_used(kept), n_used(s);
END
$$;
SELECT n_used(kc_paired_summary_add(NULL, 1, 2)) AS pair,
  n_missing(kc_paired_summary_add(NULL, NULL, NULL)) AS no_pair,
  n_used(kc_value_counts_add(NULL, 1)) AS value, n_missing(kc_value_counts_add(NULL, NULL)) AS none,
  n_used(kc_value_counts_add_boolean(NULL, true)) AS truth,
  n_missing(kc_paired_values_add(NULL, 1, NULL)) AS half,
  n_missing(kc_repeated_values_add(NULL, 'p', NULL, 1)) AS unlabelled,
  n_missing(kc_contingency_table_add(NULL, NULL, 'b')) AS cell;
SELECT kc_paired_summary_combine(NULL, NULL), kc_value_counts_combine(NULL, NULL),
  kc_paired_values_combine(NULL, NULL), kc_repeated_values_combine(NULL, NULL),
  kc_contingency_table_combine(NULL, NULL);
SELECT n_used(kc_paired_summary_combine(moments, NULL)) = n_used(moments) AS a,
  n_used(kc_paired_summary_combine(NULL, moments)) = n_used(moments) AS b,
  n_used(kc_value_counts_combine(counts, NULL)) = n_used(counts) AS c,
  n_used(kc_value_counts_combine(NULL, counts)) = n_used(counts) AS d,
  n_used(kc_contingency_table_combine(NULL, cells)) = n_used(cells) AS e,
  n_used(kc_repeated_values_combine(repeated, NULL)) = n_used(repeated) AS f,
  n_used(kc_paired_values_combine(NULL, pairs)) = n_used(pairs) AS g
FROM stored WHERE id = 1;
SELECT kc_paired_summary_finish(NULL), kc_value_counts_finish(NULL), kc_paired_t_test_final(NULL),
  kc_t_test_final(NULL), kc_wilcoxon_signed_rank_final(NULL), kc_sign_test_final(NULL),
  kc_mcnemar_test_final(NULL), kc_pearson_correlation_final(NULL), kc_responder_rate_final(NULL);

-- ---- in one query ------------------------------------------------------------------------

-- aggregates that share a state give what they give alone
SELECT count(*) FILTER (WHERE together = alone) AS equal, count(*)
FROM (SELECT ARRAY[paired_t_test(before, after)::text, pearson_correlation(before, after)::text,
                   paired_summary(before, after)::text, wilcoxon_signed_rank(before, after)::text,
                   sign_test(before, after)::text, describe_paired(before, after)::text,
                   describe(x)::text, t_test(x)::text, value_counts(x)::text] AS t
      FROM rows) a,
     (SELECT ARRAY[(SELECT paired_t_test(before, after)::text FROM rows),
                   (SELECT pearson_correlation(before, after)::text FROM rows),
                   (SELECT paired_summary(before, after)::text FROM rows),
                   (SELECT wilcoxon_signed_rank(before, after)::text FROM rows),
                   (SELECT sign_test(before, after)::text FROM rows),
                   (SELECT describe_paired(before, after)::text FROM rows),
                   (SELECT describe(x)::text FROM rows), (SELECT t_test(x)::text FROM rows),
                   (SELECT value_counts(x)::text FROM rows)] AS s) b,
     unnest(t, s) u (together, alone);
-- frames of windows, growing and moving, against a query for each frame
SELECT count(*) FILTER (WHERE w.t = s.t::text AND w.d = s.d::text AND w.c = s.c::text) AS equal,
  count(*)
FROM (SELECT i, (paired_t_test(before, after) OVER growing)::text AS t,
             (describe(x) OVER moving)::text AS d, (value_counts(before) OVER growing)::text AS c
      FROM (SELECT i, before, after, x FROM rows WHERE i <= 150) r
      WINDOW growing AS (ORDER BY i), moving AS (ORDER BY i ROWS 20 PRECEDING)) w,
     LATERAL (SELECT paired_t_test(before, after) AS t,
                     describe(x) FILTER (WHERE r.i >= w.i - 20) AS d, value_counts(before) AS c
              FROM rows r WHERE r.i <= w.i) s;
SELECT shown(describe(before) FILTER (WHERE site = 2)) =
    (SELECT shown(describe(before)) FROM rows WHERE site = 2) AS filtered,
  shown(describe(before ORDER BY x DESC)) = shown(describe(before)) AS ordered,
  n_used(paired_summary(DISTINCT before, after)) AS distinct_pairs,
  shown(describe(DISTINCT before)) AS distinct_values
FROM rows;
SELECT site, n_used(value_counts(x) FILTER (WHERE x > 2000)), shown(describe(before))
FROM rows GROUP BY CUBE (site) ORDER BY site;

-- ---- values that repeat and values that do not -------------------------------------------

-- 512 different values are counted, more are kept one by one
CREATE TABLE mixtures AS
SELECT label, turn, (i % first)::float8 AS x
FROM (VALUES ('512', 512, 1), ('513', 513, 1), ('many, then few', 4000, 3),
             ('few, then many', 3, 4000), ('all differ', 100000, 100000)) k (label, first, last),
     generate_series(1, 3) turn, generate_series(1, 6000) i
UNION ALL
SELECT label, turn, (i % last)::float8 / 2
FROM (VALUES ('512', 512, 1), ('513', 513, 1), ('many, then few', 4000, 3),
             ('few, then many', 3, 4000), ('all differ', 100000, 100000)) k (label, first, last),
     generate_series(1, 3) turn, generate_series(1, 2000 * turn) i;
SELECT label, count(*) FILTER (WHERE (d).n = n AND abs((d).mean - mean) < 1e-11 * mean
                               AND abs((d).sd - sd) < 1e-11 * sd AND (d).median = median) AS equal,
  count(*)
FROM (SELECT label, turn, describe(x) AS d, count(*) AS n, avg(x) AS mean, stddev(x) AS sd,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median
      FROM mixtures GROUP BY label, turn) m
GROUP BY label ORDER BY label;
DROP TABLE mixtures;
-- a pain score of any number of rows stays small; the same rows give the same value
SELECT pg_column_size(value_counts(i % 11)) < 300 AS small,
  value_counts(i % 11)::text = (SELECT value_counts(i % 11)::text
                                FROM generate_series(100000, 1, -1) i) AS same
FROM generate_series(1, 100000) i;
SELECT count(DISTINCT s) AS zeros
FROM (SELECT value_counts(x)::text AS s
      FROM (VALUES (1, 0.0::float8), (1, 1), (2, '-0'), (2, 1), (3, 1), (3, 0)) v (g, x)
      GROUP BY g) r;

-- ---- limit of memory ---------------------------------------------------------------------

SET ketocohort.max_state_memory = '64kB';
SELECT error_of('SELECT describe(i) FROM generate_series(1, 100000) i') ~
  '^54000 .*max_state_memory.*after [0-9]+ rows' AS refused;
SELECT error_of('SELECT contingency_table(i::text, i::text) FROM generate_series(1, 20000) i') ~
  '^54000 ' AS refused;
SELECT shown(describe(i % 100)) FROM generate_series(1, 100000) i;
SELECT shown(paired_t_test(before, after)) FROM rows;
-- 17 prints the unit after each bound
SELECT replace(error_of('SET ketocohort.max_state_memory = 1'), ' kB', '') AS refused;
SELECT replace(error_of('SET ketocohort.max_state_memory = "2GB"'), ' kB', '') AS refused;
RESET ketocohort.max_state_memory;
SELECT shown(describe(i)) FROM generate_series(1, 100000) i;

DROP TABLE rows, samples, crc_table, payloads, stored, copied, visits;
DROP FUNCTION reread(text, text), forged(text, bytea), survives(text, text);
DROP FUNCTION digits(float8), shown(anyelement), error_of(text);
