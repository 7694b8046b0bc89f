-- score: HADS, SF-12 version 1, any scale, pain.
\pset null NULL
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

-- ---- HADS ------------------------------------------------------------------------------

SELECT items, score.*
FROM (VALUES
  ('{0,0,0,0,0,0,0,0,0,0,0,0,0,0}'::int[]),
  ('{3,3,3,3,3,3,3,3,3,3,3,3,3,3}'),
  ('{3,0,3,1,3,2,3,0,3,1,3,2,3,0}'),
  ('{1,2,1,2,NULL,2,1,2,1,2,1,2,1,NULL}'),       -- 6 x 7 / 6, 12 x 7 / 6
  ('{1,3,1,3,1,3,0,3,0,3,0,3,NULL,NULL}'),       -- 3.5 goes up to 4
  ('{1,1,0,0,0,0,0,0,0,0,NULL,1,0,NULL}'),       -- 1.17 and 2.33 go down
  ('{1,0,1,NULL,NULL,0,1,NULL,1,0,1,0,NULL,0}'), -- two missing of each
  ('{1,0,1,0,1,0,1,0,1,0,1,0,NULL,NULL}'),
  (array_fill(NULL::int, '{14}')),
  ('[0:13]={1,2,1,2,1,2,1,2,1,2,1,2,1,2}')) v (items), LATERAL hads_score(items) score;
SELECT hads_score(NULL), hads_score(NULL) IS NULL AS is_null, hads_category(NULL);
SELECT category, min(score), max(score), count(*)
FROM (SELECT score, hads_category(score) AS category FROM generate_series(0, 21) score) v
GROUP BY 1 ORDER BY 2;
-- one missing item of any subscale is the mean of the other six, whichever it is
SELECT count(*) AS questionnaires,
  count(*) FILTER (WHERE score.anxiety = floor(sum_of_six * 7 / 6.0 + 0.5)) AS prorated
FROM (SELECT ARRAY[a, 1, b, 1, c, 1, d, 1, e, 1, f, 1, NULL, 1] AS items, a + b + c + d + e + f
      FROM generate_series(0, 3) a, generate_series(0, 3) b, generate_series(0, 3) c,
        generate_series(0, 3) d, generate_series(0, 3) e, generate_series(0, 3) f)
      v (items, sum_of_six),
  LATERAL hads_score(items) score;

SELECT items, error_of(format('SELECT hads_score(%L)', items))
FROM unnest(ARRAY['{1,2,1,2,4,2,1,2,1,2,1,2,1,2}', '{-1,2,1,2,3,2,1,2,1,2,1,2,1,2}',
                  '{1,2,1,2,1,2,1,2,1,2,1,2,1,-2147483648}', '{1,2,1,2,3,2,1}', '{}',
                  '{1,2,1,2,1,2,1,2,1,2,1,2,1,2,1}', '{{1,2,1,2,1,2,1},{1,2,1,2,1,2,1}}']) items;
SELECT error_of('SELECT hads_category(-1)'), error_of('SELECT hads_category(22)');

-- ---- any scale -------------------------------------------------------------------------

SELECT scale_score('{1,2,3,4}') AS sum, scale_score('{1,2,3,4}', method => 'mean') AS mean,
  scale_score('{0.1,0.2,0.3,0.4}') AS exact, scale_score('{-3,2}', minimum => -3) AS negative,
  scale_score('{7}') AS one, scale_score(NULL) AS null_items;
-- items 2 and 4 of 1 to 5 turned: 1 + 4 + 3 + 2
SELECT scale_score('{1,2,3,4}', '{2,4}', 1, 5) AS sum,
  scale_score('{1,2,3,4}', '{2,4}', 1, 5, method => 'mean') AS mean,
  scale_score('{1,2,3,4}', '{4,3,2,1}', 1, 4) AS all_turned;
-- missing answers
SELECT scale_score('{1,NULL,3,4}') AS all_needed,
  scale_score('{1,NULL,3,4}', min_answered => 3) AS prorated,
  scale_score('{1,NULL,3,4}', min_answered => 3, method => 'mean') AS mean,
  scale_score('{1,NULL,3,NULL}', min_answered => 3) AS too_few,
  scale_score('{NULL,2,3,4}', '{1}', 1, 5, 3) AS missing_turned,
  scale_score('{NULL,NULL}', min_answered => 1) AS none;
-- the sum of a form prorated is n times its mean
SELECT bool_and(abs(scale_score(items, '{1}', 0, 10, 2) -
                    4 * scale_score(items, '{1}', 0, 10, 2, 'mean')) < 1e-12)
FROM (SELECT ARRAY[a, b, NULL, c]::float8[] AS items
      FROM generate_series(0, 10) a, generate_series(0, 10) b, generate_series(0, 10) c) v;

SELECT call, error_of('SELECT scale_score(' || call || ')')
FROM unnest(ARRAY[
  $$'{1,-1,3}'$$, $$'{1,2,6}', '{}', 1, 5$$, $$'{1,0,3}', '{}', 1, 5$$,
  $$'{1,NaN,3}'$$, $$'{Infinity,2}'$$, $$'{}'$$, $$'{{1,2},{3,4}}'$$,
  $$'{1,2,3}', '{4}', 0, 3$$, $$'{1,2,3}', '{0}', 0, 3$$, $$'{1,2,3}', '{-1}', 0, 3$$,
  $$'{1,2,3}', '{2,2}', 0, 3$$, $$'{1,2,3}', '{2,NULL}', 0, 3$$, $$'{1,2,3}', '{{1},{2}}', 0, 3$$,
  $$'{1,2,3}', NULL, 0, 3$$, $$'{1,2,3}', '{2}'$$, $$'{1,2,3}', '{}', 3, 3$$,
  $$'{1,2,3}', '{}', NULL$$, $$'{1,2,3}', '{}', 'NaN'$$, $$'{1,2,3}', '{}', 0, 'Infinity'$$,
  $$'{1,2,3}', min_answered => 0$$, $$'{1,2,3}', min_answered => 4$$,
  $$'{1,2,3}', method => 'median'$$, $$'{1,2,3}', method => NULL$$,
  $$'{1e308,1e308}'$$]) call;

-- ---- SF-12 version 1 -------------------------------------------------------------------

SELECT position, max(item) AS item, count(*), max(response), bool_and(shipped) AS shipped
FROM sf12_weights GROUP BY 1 ORDER BY 1;
-- pg_dump writes the users' rows
SELECT c.relname, e.condition
FROM pg_extension, unnest(extconfig, extcondition) e (relation, condition)
  JOIN pg_class c ON c.oid = e.relation
WHERE extname = 'ketocohort' AND c.relname = 'sf12_weights';
-- the published vectors
CREATE TABLE sf12_vectors (items int[], pcs float8, mcs float8);
INSERT INTO sf12_vectors VALUES
  ('{1,3,3,2,2,2,2,1,1,1,6,5}', 56.57706, 60.75781),
  ('{5,1,1,1,1,1,1,5,6,6,1,1}', 23.99938000000001, 19.064440000000012),
  ('{1,1,1,1,1,1,1,1,1,1,1,1}', 42.60949, 35.504940000000005),
  ('{3,2,2,1,2,1,2,3,3,4,4,3}', 40.13263999999999, 42.57990000000001),
  ('{2,2,3,1,2,1,1,4,2,3,2,5}', 47.10775000000001, 38.86677),
  ('{2,1,2,2,2,2,1,5,4,1,2,3}', 41.96399, 39.12315),
  ('{5,3,2,2,1,1,1,2,6,2,4,4}', 45.947979999999994, 31.68375),
  ('{3,1,1,2,1,1,1,4,6,3,5,4}', 34.38819999999999, 41.37633000000002),
  ('{3,1,3,2,1,2,1,2,5,1,4,5}', 43.50778, 49.08037000000001),
  ('{2,3,1,1,2,1,2,2,2,4,2,5}', 46.10312000000001, 42.87106),
  ('{5,3,2,1,2,2,2,5,4,3,5,2}', 30.292890000000003, 45.22089),
  ('{3,2,2,2,2,1,2,2,6,1,3,5}', 52.41318, 39.87919000000001);
SELECT count(*) AS vectors,
  count(*) FILTER (WHERE abs(score.pcs / v.pcs - 1) < 1e-15) AS pcs,
  count(*) FILTER (WHERE abs(score.mcs / v.mcs - 1) < 1e-15) AS mcs
FROM sf12_vectors v, LATERAL sf12_score(items) score;
SELECT score.* FROM sf12_vectors, LATERAL sf12_score(items) score LIMIT 2;
SELECT sf12_score('{1,3,3,2,2,2,2,1,1,1,6,NULL}') AS missing, sf12_score(NULL) AS null_items,
  sf12_score('{1,3,3,2,2,2,2,1,1,1,6,NULL}') IS NULL AS missing_is_null;

SELECT items, error_of(format('SELECT sf12_score(%L)', items))
FROM unnest(ARRAY['{1,3,3,2,2,5,2,1,1,1,6,5}', '{1,3,3,3,3,3,3,1,1,1,5,5}',
                  '{1,3,3,2,2,6,2,1,1,1,6,5}', '{0,3,3,2,2,2,2,1,1,1,6,5}',
                  '{1,3,3,2,2,2,2,1,1,7,6,5}', '{1,4,3,2,2,2,2,1,1,1,6,NULL}',
                  '{1,3,3,2,2,2,2,1,1,1,6,-1}', '{1,3,3,2,2,2,2,1,1,1,6}', '{}',
                  '{{1,3,3,2,2,2},{2,1,1,1,6,5}}']) items;

-- own weights, seen at once in the same transaction
BEGIN;
UPDATE sf12_weights SET pcs = 50, mcs = 40 WHERE position = 0;
SELECT score.*, shipped
FROM sf12_weights, LATERAL sf12_score('{1,3,3,2,2,2,2,1,1,1,6,5}') score WHERE position = 0;
ROLLBACK;
BEGIN;
-- beside the shipped row, as after a restore; what a user writes is not shipped
INSERT INTO sf12_weights VALUES (0, 'constant', 0, 10, 20, true);
SELECT score.* FROM sf12_score('{1,3,3,2,2,2,2,1,1,1,6,5}') score;
SELECT pcs, mcs, shipped FROM sf12_weights WHERE position = 0 ORDER BY shipped;
DELETE FROM sf12_weights WHERE NOT shipped;
SELECT score.* FROM sf12_score('{1,3,3,2,2,2,2,1,1,1,6,5}') score;
TRUNCATE sf12_weights;
SELECT error_of($$SELECT sf12_score('{1,3,3,2,2,2,2,1,1,1,6,5}')$$);
ROLLBACK;
SELECT statement, split_part(error_of(statement), ' | ', 1) AS sqlstate
FROM unnest(ARRAY[
  'DELETE FROM sf12_weights WHERE position = 4',
  'UPDATE sf12_weights SET response = 3 WHERE position = 4',
  'INSERT INTO sf12_weights VALUES (4, ''RP2'', 5, 0, 0)',
  'INSERT INTO sf12_weights VALUES (13, ''GH1'', 1, 0, 0)',
  'INSERT INTO sf12_weights VALUES (0, ''constant'', 1, 0, 0)',
  'INSERT INTO sf12_weights VALUES (1, ''GH1'', 1, ''NaN'', 0)',
  'INSERT INTO sf12_weights VALUES (1, ''GH1'', 1, 0, ''-Infinity'')']) statement;
-- the table is found whatever the search path
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.sf12_weights (position int, response int, pcs text, mcs text);
SET search_path = elsewhere, public;
SELECT score.* FROM sf12_score('{1,3,3,2,2,2,2,1,1,1,6,5}') score;
RESET search_path;
DROP SCHEMA elsewhere CASCADE;
-- in parallel workers
CREATE TABLE many_forms AS
SELECT items FROM sf12_vectors, generate_series(1, 5000);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT count(*) FROM many_forms WHERE (sf12_score(items)).pcs > 40;
SELECT count(*) FROM many_forms WHERE (sf12_score(items)).pcs > 40;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- ---- pain ------------------------------------------------------------------------------

SELECT score, pain_category(score)
FROM unnest('{0,-0,0.1,1,3,3.1,4,6,6.5,7,10,NULL}'::float8[]) score;
SELECT error_of('SELECT pain_category(-0.5)'), error_of('SELECT pain_category(10.5)');
SELECT error_of($$SELECT pain_category('NaN')$$);

-- every object says what it is
SELECT pg_describe_object(classid, objid, 0)
FROM pg_depend
WHERE refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ketocohort') AND deptype = 'e'
  AND pg_describe_object(classid, objid, 0) ~ 'hads|sf12|scale_score|pain_category'
  -- from 17 on the extension owns arrays and rows of tables, which take no comment
  AND NOT (classid = 'pg_type'::regclass
           AND objid IN (SELECT typarray FROM pg_type UNION SELECT reltype FROM pg_class WHERE relkind = 'r'))
  AND obj_description(objid, classid::regclass::text) IS NULL;
DROP TABLE sf12_vectors, many_forms;

-- ---- reliability ------------------------------------------------------------------------

-- R: attitude, thirty departments; alpha from cov(attitude) and cor(attitude), limits by qf
CREATE TABLE attitude AS
SELECT i, items::float8[]
FROM unnest(ARRAY['{43,51,30,39,61,92,45}', '{63,64,51,54,63,73,47}', '{71,70,68,69,76,86,48}',
  '{61,63,45,47,54,84,35}', '{81,78,56,66,71,83,47}', '{43,55,49,44,54,49,34}', '{58,67,42,56,66,68,35}',
  '{71,75,50,55,70,66,41}', '{72,82,72,67,71,83,31}', '{67,61,45,47,62,80,41}', '{64,53,53,58,58,67,34}',
  '{67,60,47,39,59,74,41}', '{69,62,57,42,55,63,25}', '{68,83,83,45,59,77,35}', '{77,77,54,72,79,77,46}',
  '{81,90,50,72,60,54,36}', '{74,85,64,69,79,79,63}', '{65,60,65,75,55,80,60}', '{65,70,46,57,75,85,46}',
  '{50,58,68,54,64,78,52}', '{50,40,33,34,43,64,33}', '{64,61,52,62,66,80,41}', '{53,66,52,50,63,80,37}',
  '{40,37,42,58,50,57,49}', '{63,54,42,48,66,75,33}', '{66,77,66,63,88,76,72}', '{78,75,58,74,80,78,49}',
  '{48,57,44,45,51,83,38}', '{85,85,71,71,77,74,55}', '{82,82,39,59,64,78,39}']) WITH ORDINALITY u (items, i);
SET extra_float_digits = -3;
SELECT (cronbach_alpha(items)).* FROM attitude;
-- pieces in any order, with an offset that ordinary sums would not survive
SELECT r.* FROM (SELECT rollup(s ORDER BY piece DESC) AS s
  FROM (SELECT i % 4 AS piece, item_summary(ARRAY(SELECT x + 1e9 FROM unnest(items) WITH ORDINALITY u (x, o) ORDER BY o)) AS s
        FROM attitude GROUP BY piece) p) q, cronbach_alpha(s) r;
SELECT r.alpha, r.conf_low, r.conf_high FROM (SELECT item_summary(items) AS s FROM attitude) q, cronbach_alpha(s, 0.9) r;
-- forms that say nothing, or not enough
SELECT g, (cronbach_alpha(items)).*
FROM (VALUES (1, '{1,2}'::float8[]), (1, '{2,NULL}'), (1, NULL), (2, '{1}'), (2, '{2}'), (3, '{1,2}'), (3, '{1,2}'),
  (4, '{1,5}'), (4, '{2,5}'), (5, NULL), (6, '{}'), (6, '{}')) v (g, items) GROUP BY g ORDER BY g;
SELECT cronbach_alpha(items) FROM attitude WHERE false;
RESET extra_float_digits;
SELECT statement, error_of(statement)
FROM (VALUES
  ($$SELECT cronbach_alpha(x) FROM (VALUES ('{1,2}'::float8[]), ('{1,2,3}')) v (x)$$),
  ($$SELECT cronbach_alpha('{1,NaN}'::float8[])$$),
  ($$SELECT cronbach_alpha('{1,1e200}'::float8[])$$),
  ($$SELECT cronbach_alpha('{{1,2},{3,4}}'::float8[])$$),
  ($$SELECT cronbach_alpha(array_fill(1, '{129}'))$$),
  ($$SELECT cronbach_alpha(item_summary('{1,2}'::float8[]), 1)$$)) v (statement);
DROP TABLE attitude;
DROP FUNCTION error_of(text);
