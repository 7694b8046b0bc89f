# Every C function of the extension called from SQL as nobody should: NULLs, numbers
# without bounds, arrays with holes, corners and odd lower bounds, records of any shape,
# text of other summaries, states outside an aggregate.  The calls are made from the
# catalogue, so that a new function joins by itself.  An answer or an error with a
# SQLSTATE of its own is right; an internal error or a lost session is not.
. "${0%/*}/../lib/tap.sh"
here=${0%/*}

sql -v ON_ERROR_STOP=1 -v data="$here/../data" -f "$here/../data/load.sql" \
	-f "$here/../matrix/rows.sql" -f "$here/../matrix/aggregates.sql" -o /dev/null

sql -v ON_ERROR_STOP=1 <<'SQL'
SELECT setseed(0.5) \g /dev/null
CREATE TABLE hostile_functions AS
SELECT p.oid, p.proname, p.oid::regproc::text AS name, p.proargtypes::oid[]::regtype[] AS types,
       p.prorettype::regtype AS result
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ketocohort')
  AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c');

-- Values to call with, the first of a type an ordinary one.
CREATE TABLE hostile_values (type regtype, place serial, expression text);
INSERT INTO hostile_values (type, expression) VALUES
  ('float8', '0.5'), ('float8', '0'), ('float8', '-1'), ('float8', '''NaN'''), ('float8', '''Infinity'''),
  ('float8', '''-Infinity'''), ('float8', '1.7e308'), ('float8', '-1e150'), ('float8', '5e-324'), ('float8', '1'),
  ('int4', '2'), ('int4', '0'), ('int4', '-1'), ('int4', '2147483647'), ('int4', '-2147483648'), ('int4', '65'),
  ('int8', '2'), ('int8', '0'), ('int8', '-1'), ('int8', '9223372036854775807'), ('int8', '-9223372036854775808'),
  ('boolean', 'true'), ('boolean', 'false'),
  ('date', '''2024-02-29'''), ('date', '''infinity'''), ('date', '''-infinity'''), ('date', '''4713-01-01 BC'''),
  ('date', '''5874897-12-31'''),
  ('daterange', '''[2024-01-01,2024-12-31]'''), ('daterange', '''empty'''), ('daterange', '''(,)'''),
  ('daterange', '''[2024-01-01,)'''), ('daterange', '''(,infinity]'''), ('daterange', '''[4713-01-01 BC,5874897-12-31]'''),
  ('float8[]', '''{1,2,3}'''), ('float8[]', '''{}'''), ('float8[]', '''{NULL,1}'''), ('float8[]', '''[5:6]={1,2}'''),
  ('float8[]', '''[-3:-1]={0.1,0.2,0.3}'''), ('float8[]', '''{{1,2},{3,4}}'''), ('float8[]', '''{NaN,Infinity}'''),
  ('float8[]', '''[2147483646:2147483646]={0.3}'''), ('float8[]', 'array_fill(0.5::float8, ARRAY[3000])'),
  ('int4[]', '''{1,2,3}'''), ('int4[]', '''{}'''), ('int4[]', '''{NULL,1}'''), ('int4[]', '''[5:16]={1,2,3,1,2,3,1,2,3,1,2,3}'''),
  ('int4[]', '''{{1,2},{3,4}}'''), ('int4[]', '''{2147483647,-2147483648}'''), ('int4[]', 'array_fill(1, ARRAY[3000])'),
  ('text[]', '''{a,b}'''), ('text[]', '''{}'''), ('text[]', '''{NULL,a}'''), ('text[]', '''[5:6]={a,b}'''),
  ('text[]', '''{{a,b},{c,d}}'''), ('text[]', '''{a,a,""}'''),
  ('text', '''a'''), ('text', ''''''), ('text', '''y ~ x'''), ('text', '''score ~ age + sex'''),
  ('text', '''score ~ age * sex + (1 + age | sex)'''), ('text', '''score ~ poly(age, 2) | sex'''),
  ('text', 'repeat(''x'', 100000)'), ('text', 'repeat(''('', 5000)'), ('text', '''two.sided'''), ('text', '''Morphine'''),
  ('text', '''mg'''), ('text', '''oral'''), ('text', 'E''\u00e9\U0001F600\u0301'''), ('text', '''~'''),
  ('cstring', '''a'''), ('cstring', ''''''), ('cstring', '''value_counts:1:AAAA'''), ('cstring', '''value_counts:99:'''),
  ('cstring', '''::'''),
  ('record', 'ROW(1.5, ''f'', true, 40)::matrix_record'), ('record', 'ROW()'), ('record', 'ROW(1)'),
  ('record', 'ROW(NULL, NULL)'), ('record', 'ROW(1, 2, ''x'')'), ('record', 'ROW(ROW(1), ARRAY[1])'),
  ('record', 'NULL::matrix_record'), ('record', 'ROW(NULL, NULL, NULL, NULL)::matrix_record'),
  ('record', 'ROW(''NaN'', '''', false, -2147483648)::matrix_record');
SELECT format('CREATE TABLE held_%s (place serial, s %1$s)', t)
FROM (SELECT DISTINCT unnest(types) AS t FROM hostile_functions) q
WHERE t IN (SELECT result FROM hostile_functions WHERE proname ~ '_in$') \gexec
-- Summaries of several kinds of rows from the aggregates; models that only a plain function
-- gives from the summary it takes.
SELECT format('INSERT INTO held_%s (s) SELECT s FROM (SELECT %s(%s) AS s FROM matrix_rows WHERE id < 40 GROUP BY kind) q',
              result, name, arguments)
FROM matrix_aggregates WHERE to_regclass(quote_ident('held_' || result)) IS NOT NULL \gexec
SELECT format('INSERT INTO held_%s (s) SELECT t::%1$s FROM (SELECT %s(s)::text AS t FROM held_%s) q', result, name, types[1])
FROM hostile_functions f JOIN pg_proc p USING (oid)
WHERE p.pronargs - p.pronargdefaults = 1 AND to_regclass(quote_ident('held_' || result)) IS NOT NULL
  AND to_regclass(quote_ident('held_' || types[1])) IS NOT NULL AND f.result <> f.types[1] \gexec
SELECT format('INSERT INTO hostile_values (type, expression) SELECT %L, format(''(SELECT s FROM held_%s WHERE place = %%s)'', place) FROM held_%2$s',
              t, t)
FROM (SELECT DISTINCT unnest(types) AS t FROM hostile_functions) q WHERE to_regclass(quote_ident('held_' || t)) IS NOT NULL \gexec
-- The texts of all summaries for every reader, cast and read as they are and under the
-- reader's own name.
SELECT format('CREATE TABLE hostile_text AS %s', string_agg(format(
  'SELECT %L AS type, (SELECT s::text FROM held_%1$s WHERE s IS NOT NULL ORDER BY length(s::text) DESC LIMIT 1) AS written', type),
  ' UNION ALL '))
FROM (SELECT DISTINCT type FROM hostile_values WHERE to_regclass(quote_ident('held_' || type)) IS NOT NULL) q \gexec
INSERT INTO hostile_values (type, expression)
SELECT 'cstring', format('%L', left(written, 3000)) FROM hostile_text;
INSERT INTO hostile_values (type, expression)
SELECT DISTINCT t, 'NULL' FROM hostile_functions, unnest(types) t;

CREATE TABLE hostile_calls (call text);
-- One argument at a time, with ordinary others.
INSERT INTO hostile_calls
SELECT format('%s(%s)', f.name, string_agg(
         CASE WHEN a.at = chosen.at THEN v.expression ELSE ordinary.expression END || '::' || a.type, ', ' ORDER BY a.at))
FROM hostile_functions f
CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY chosen (type, at)
JOIN hostile_values v ON v.type = chosen.type
CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY a (type, at)
CROSS JOIN LATERAL (SELECT expression FROM hostile_values o WHERE o.type = a.type ORDER BY o.place LIMIT 1) ordinary
GROUP BY f.oid, f.name, chosen.at, v.place;
-- All arguments NULL; all drawn at random.
INSERT INTO hostile_calls
SELECT format('%s(%s)', name, array_to_string(ARRAY(SELECT 'NULL' || CASE WHEN t = 'internal'::regtype THEN '' ELSE '::' || t END
                                             FROM unnest(types) t), ', ')) FROM hostile_functions;
INSERT INTO hostile_calls
SELECT format('%s(%s)', f.name, string_agg(drawn.expression || '::' || a.type, ', ' ORDER BY a.at))
FROM hostile_functions f CROSS JOIN generate_series(1, 40) draw
CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY a (type, at)
CROSS JOIN LATERAL (SELECT expression FROM hostile_values o WHERE o.type = a.type
                    ORDER BY hashtext(f.oid::text || draw || '-' || a.at || '-' || o.place) LIMIT 1) drawn
GROUP BY f.oid, f.name, draw;
-- A superuser's cast without a function makes one summary out of another.
CREATE TABLE hostile_ring AS
SELECT type, coalesce(lead(type) OVER (ORDER BY type), first_value(type) OVER (ORDER BY type)) AS next FROM hostile_text;
SELECT format('CREATE CAST (%s AS %s) WITHOUT FUNCTION', type, next) FROM hostile_ring \gexec
CREATE TABLE hostile_forced AS
SELECT format('%s(%s)', f.name, string_agg(
         CASE WHEN a.at = chosen.at THEN format('(SELECT s::%s FROM held_%s WHERE place = 1)', next, ring.type)
              ELSE ordinary.expression || '::' || a.type END, ', ' ORDER BY a.at)) AS call
FROM hostile_functions f
CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY chosen (type, at)
JOIN hostile_ring ring ON ring.next = chosen.type::text
CROSS JOIN LATERAL unnest(f.types) WITH ORDINALITY a (type, at)
CROSS JOIN LATERAL (SELECT expression FROM hostile_values o WHERE o.type = a.type ORDER BY o.place LIMIT 1) ordinary
WHERE f.proname NOT IN ('n_used', 'n_missing') -- they read what all summaries share
GROUP BY f.oid, f.name, chosen.at;
CREATE TABLE hostile_before AS SELECT type, md5(written) AS digest FROM hostile_text;
SQL

state_of_server="SELECT pg_postmaster_start_time(), backend_start, pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
before=$(sql -c "$state_of_server")
out=$(mktemp)
trap 'rm -f "$out"' EXIT
sql > "$out" <<'SQL'
\set VERBOSITY sqlstate
\set ECHO errors
SET client_min_messages = error;
SET statement_timeout = '2s';
SELECT 'session ' || pg_backend_pid();
SELECT format('SELECT 1 WHERE (SELECT count(q.answer::text) FROM (SELECT %s AS answer LIMIT 1000) q) IS NULL', call)
FROM (SELECT DISTINCT call FROM hostile_calls) q ORDER BY 1 \gexec
-- ... text of one summary read as another
SELECT format('SELECT 1 WHERE (%L || regexp_replace(written, ''^[a-z_]*'', ''''))::%1$s::text IS NULL FROM hostile_text t', type)
FROM hostile_text \gexec
SELECT format('SELECT 1 WHERE (SELECT (%L || regexp_replace(written, ''^[a-z_]*'', ''''))::%1$s::text FROM hostile_text WHERE type = %L) IS NULL', a.type, b.type)
FROM hostile_text a, hostile_text b \gexec
SELECT 'forced';
SELECT format('SELECT count(q.answer::text) FROM (SELECT %s AS answer LIMIT 1000) q', call) FROM hostile_forced \gexec
SELECT 'session ' || pg_backend_pid();
SQL
forced=$(sed -n '/^forced$/,$p' "$out")
calls=$(sql -c "SELECT count(DISTINCT call) FROM hostile_calls")
functions=$(sql -c 'SELECT count(*) FROM hostile_functions')
echo "# $calls calls of $functions functions, $(grep -c 'ERROR: ' "$out") errors:" \
	$(sed -n 's/.*ERROR: *\([0-9A-Z]\{5\}\)$/\1/p' "$out" | sort | uniq -c | sort -rn | awk '{print $2 " x " $1}')

is 'every C function was called' "$(sql -c "SELECT name FROM hostile_functions
  WHERE NOT EXISTS (SELECT FROM hostile_calls WHERE starts_with(call, name || '('))")" ''
is 'one session made all calls' "$(sed -n 's/^session //p' "$out" | uniq | wc -l) $(grep -c '^session' "$out")" '1 2'
is 'the server did not start again' "$(sql -c "$state_of_server")" "$before"
is 'no call is an internal error' "$(sed '/^forced$/,$d' "$out" | grep -A 1 -E 'ERROR: +XX|FATAL|PANIC|server closed' | head -n 20)" ''
is 'a summary forced into another type is refused as corrupt, or for an option' \
	"$(printf '%s\n' "$forced" | sed '/^session/d; 1d' | grep -v -E '^ERROR: +(XX001|22023)$|STATEMENT: ')" ''
is 'no call passed the time allowed' "$(grep -A 1 -E 'ERROR: +57014' "$out" | head -n 20)" ''
is 'no stored summary was changed' "$(sql -c "SELECT t.type FROM hostile_text t JOIN hostile_before b USING (type) WHERE md5(t.written) <> b.digest")" ''
finish
