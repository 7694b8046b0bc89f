-- The aggregates under test: all that the extension has, except rollup, which every test
-- of pieces goes through.  A new one joins by itself.

-- Arguments that cannot be chosen by type alone, by name or by signature; expressions over
-- matrix_rows.
CREATE TYPE matrix_record AS (score float8, sex text, smoker boolean, age int);
CREATE TABLE matrix_arguments (aggregate text PRIMARY KEY, arguments text);
-- Raw cross-products (mixed models, trajectories) give equal digits as long as
-- an offset is below a million times the spread: these take the large rows at 100 000.
CREATE FUNCTION matrix_nearer(kind text, x float8) RETURNS float8 IMMUTABLE PARALLEL SAFE
RETURN x - CASE kind WHEN 'large' THEN 999900000 ELSE 0 END;
INSERT INTO matrix_arguments VALUES
  ('friedman_test', 'subject, condition, float8_1'),
  ('cochran_q_test', 'subject, condition, boolean_1'),
  ('repeated_values', 'subject, condition, float8_1'),
  ('mediation(double precision,double precision,double precision,double precision[])',
   'float8_1, float8_2, float8_3, ARRAY[integer_1, integer_2]::float8[]'),
  ('mediation_sample(double precision,double precision,double precision,double precision[])',
   'float8_1, float8_2, float8_3, ARRAY[integer_1, integer_2]::float8[]'),
  ('mediation_summary(double precision,double precision,double precision,double precision[])',
   'float8_1, float8_2, float8_3, ARRAY[integer_1, integer_2]::float8[]'),
  ('opioid_exposure',
   'drug, float8_3, CASE WHEN drug IS NOT NULL THEN ''mg'' END, '
   'CASE WHEN drug IS NOT NULL THEN ''oral'' END, date_1, integer_2 + 1'),
  ('linear_summary', '''score ~ age + sex'', ROW(float8_1, text_1, boolean_1, integer_1)::matrix_record'),
  ('linear_model', '''score ~ age + sex'', ROW(float8_1, text_1, boolean_1, integer_1)::matrix_record'),
  ('mixed_summary', '''score ~ age + (1 | sex)'', ROW(matrix_nearer(kind, float8_1), text_1, boolean_1, integer_1)::matrix_record'),
  ('mixed_model', '''score ~ age + (1 | sex)'', ROW(matrix_nearer(kind, float8_1), text_1, boolean_1, integer_1)::matrix_record'),
  ('trajectory_summary', '''score ~ age | sex'', ROW(matrix_nearer(kind, float8_1), text_1, boolean_1, integer_1)::matrix_record'),
  ('item_summary', 'ARRAY[float8_1, float8_2, float8_3]'),
  ('cronbach_alpha', 'ARRAY[float8_1, float8_2, float8_3]'),
  ('stratified_table(text,text,text)', 'boolean_1::text, boolean_2::text, text_1'),
  ('mantel_haenszel_test(text,text,text)', 'boolean_1::text, boolean_2::text, text_1'),
  ('table_one_summary(record)', 'ROW(float8_1, text_1, boolean_1, integer_1)::matrix_record'),
  ('table_one_summary(record,text)', 'ROW(float8_1, text_1, boolean_1, integer_1)::matrix_record, text_2');

-- Aggregates whose n and n_missing of twelve rows of NULLs are not 0 and 12.
CREATE TABLE matrix_all_null (aggregate text, counts text);
INSERT INTO matrix_all_null VALUES
  ('table_one_summary(record)', '12 0');   -- a patient without data is a patient

-- Plain functions that cannot read what an aggregate builds, though the type is theirs.
CREATE TABLE matrix_unreadable (aggregate text, reader text);
INSERT INTO matrix_unreadable VALUES
  ('value_counts(double precision)', 'responder_rate'), -- counts responses, 0 and 1
  ('repeated_values(text,text,double precision)', 'cochran_q_test'); -- the same

-- aggregate: its name with argument types; arguments: what it is called with; state: its
-- type; finish and estimate: the final functions of rollup and of the aggregate itself;
-- builder: an aggregate of this test that gives the state of a piece.
CREATE TABLE matrix_aggregates AS
SELECT p.oid::regprocedure::text AS aggregate,
       p.oid::regproc::text AS name,
       coalesce(a.arguments, chosen.arguments) AS arguments,
       g.aggtranstype::regtype::text AS state,
       p.prorettype::regtype::text AS result,
       g.aggfinalfn::regproc::text AS estimate,
       finish.aggfinalfn::regproc::text AS finish,
       'matrix_builder_' || row_number() OVER (ORDER BY p.proname, p.oid) AS builder,
       g.aggtransfn::regproc::text AS transition,
       g.aggcombinefn::regproc::text AS combine,
       pg_get_function_identity_arguments(p.oid) AS signature
FROM pg_depend d
JOIN pg_proc p ON p.oid = d.objid
JOIN pg_aggregate g ON g.aggfnoid = p.oid
LEFT JOIN matrix_arguments a ON a.aggregate IN (p.proname, p.oid::regprocedure::text)
LEFT JOIN LATERAL
  (SELECT r.aggfinalfn FROM pg_aggregate r
   WHERE r.aggtransfn = g.aggcombinefn AND r.aggtranstype = g.aggtranstype
     AND r.aggfnoid::regproc::text ~ '(^|\.)rollup$') finish ON true
CROSS JOIN LATERAL
  (SELECT string_agg(typed.name || '_' || typed.place, ', ' ORDER BY typed.at) AS arguments
   FROM (SELECT at, CASE t::regtype::text WHEN 'double precision' THEN 'float8'
                    ELSE t::regtype::text END AS name,
                row_number() OVER (PARTITION BY t ORDER BY at) AS place
         FROM unnest(p.proargtypes) WITH ORDINALITY u (t, at)) typed) chosen
WHERE d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ketocohort')
  AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND p.proname <> 'rollup';

SELECT format('CREATE AGGREGATE %I (%s) (SFUNC = %s, STYPE = %s, COMBINEFUNC = %s, '
              'FINALFUNC = %s, PARALLEL = SAFE)',
              builder, signature, transition, state, combine, finish)
FROM matrix_aggregates WHERE finish IS NOT NULL \gexec

SELECT format('%s - %s: its state %s has a rollup with a final function',
              CASE WHEN finish IS NULL THEN 'not ok' ELSE 'ok' END, aggregate, state)
FROM matrix_aggregates ORDER BY aggregate;

-- What can be read off a summary: plain functions that need no argument but it.
CREATE TABLE matrix_readers AS
SELECT p.proname AS name, p.oid::regproc::text AS reader, p.proargtypes[0]::regtype::text AS state,
       p.proretset AS is_set
FROM pg_depend d
JOIN pg_proc p ON p.oid = d.objid
WHERE d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ketocohort')
  AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND p.prokind = 'f'
  AND p.proname !~ '^kc_' AND p.pronargs - p.pronargdefaults = 1
  AND p.proargtypes[0]::regtype::text IN (SELECT state FROM matrix_aggregates);

-- What an answer says.  A model is compared by what is read off it: its bytes hold sums
-- that depend, beyond the digits of a result, on which row came first.
CREATE FUNCTION matrix_text(answer anyelement) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT answer::text';
CREATE FUNCTION matrix_text(answer linear_model) RETURNS text STABLE PARALLEL SAFE
RETURN (SELECT string_agg(c::text, ' ') FROM coefficients(answer) c) || glance(answer)::text;
CREATE FUNCTION matrix_text(answer mixed_model) RETURNS text STABLE PARALLEL SAFE
RETURN (SELECT string_agg(c::text, ' ') FROM coefficients(answer) c) || glance(answer)::text;

-- An expression that gives everything a state says as one text: the aggregate's own
-- estimate, the plain function of the same name where there is one, or, of a builder,
-- all that can be read off it.  Counted values are also equal byte for byte; other
-- summaries may hold the same in another order or in digits beyond those of a result.
CREATE FUNCTION matrix_reading(a matrix_aggregates, operand text) RETURNS text
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT coalesce('concat_ws('' | '', ' || string_agg(expression, ', ' ORDER BY expression) || ')',
                  'NULL')
  FROM (SELECT CASE WHEN r.is_set
                    THEN format('(SELECT string_agg(set_row::text, '' '') FROM %s(%s) set_row)', r.reader, operand)
                    ELSE format('coalesce(matrix_text(%s(%s)), ''NULL'')', r.reader, operand) END AS expression
        FROM matrix_readers r
        WHERE r.state = a.state AND (a.result = a.state OR r.name = a.name)
          AND (a.aggregate, r.name) NOT IN (SELECT aggregate, reader FROM matrix_unreadable)
        UNION ALL
        SELECT format('coalesce((%s)::text, ''NULL'')', operand)
        WHERE a.result = a.state
          AND a.state = 'value_counts'
       ) expressions;
END;
