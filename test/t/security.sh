# Who sees what, and whose code runs: row-level security through every view that we write,
# error messages, and attacks by a user who may create objects early on the search path.
. "${0%/*}/../lib/tap.sh"
owned=${PGDATABASE}_owned

sql -v ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
CREATE ROLE kc_alice LOGIN;
CREATE ROLE kc_reader LOGIN;
CREATE ROLE kc_mallory LOGIN;
SELECT format('GRANT CREATE ON DATABASE %I TO kc_alice, kc_mallory', current_database()) \gexec
SET ROLE kc_alice;
CREATE SCHEMA study;
CREATE SCHEMA cdm;
CREATE SCHEMA "cdm A";
CREATE SCHEMA dash;
CREATE SCHEMA "dash A";

-- Forty patients of two wards; the reader may see ward A, which "visits A" holds alone.
CREATE TABLE study.visits AS
SELECT p AS patient, w AS week, DATE '2026-01-05' + 7 * w + p AS day, CASE WHEN p % 3 = 0 THEN 'f' ELSE 'm' END AS sex,
       ((p * 7 + w * 3) % 11)::float8 AS pain, CASE WHEN p % 2 = 0 THEN 'A' ELSE 'B' END AS ward
FROM generate_series(1, 40) p, unnest('{0,6,12}'::int[]) w WHERE (p + w) % 13 <> 1;
CREATE TABLE study."visits A" AS SELECT * FROM study.visits WHERE ward = 'A';
CREATE TABLE cdm.drug_exposure AS
SELECT i AS drug_exposure_id, i % 9 AS person_id, 11 + i % 2 AS drug_concept_id, DATE '2026-01-01' + i AS drug_exposure_start_date,
       20.0 AS quantity, 10 AS days_supply, CASE WHEN i % 9 < 4 THEN 'A' ELSE 'B' END AS ward
FROM generate_series(1, 30) i;
CREATE TABLE cdm.concept (concept_id int, concept_name text, vocabulary_id text, concept_class_id text, concept_code text);
INSERT INTO cdm.concept VALUES (1, 'morphine', 'RxNorm', 'Ingredient', '7052'), (2, 'oxycodone', 'RxNorm', 'Ingredient', '7804'),
  (11, 'morphine 10 MG Oral Tablet', 'RxNorm', 'Clinical Drug', '1'), (12, 'oxycodone 5 MG Oral Tablet', 'RxNorm', 'Clinical Drug', '2');
CREATE TABLE cdm.drug_strength (drug_concept_id int, ingredient_concept_id int, amount_value numeric, amount_unit_concept_id int,
  numerator_value numeric, numerator_unit_concept_id int, denominator_value numeric, denominator_unit_concept_id int);
INSERT INTO cdm.drug_strength VALUES (11, 1, 10, 8576), (12, 2, 5, 8576);
CREATE TABLE "cdm A".drug_exposure AS SELECT * FROM cdm.drug_exposure WHERE ward = 'A';
CREATE TABLE "cdm A".concept AS TABLE cdm.concept;
CREATE TABLE "cdm A".drug_strength AS TABLE cdm.drug_strength;

CREATE POLICY ward_a ON study.visits TO kc_reader USING (ward = 'A');
CREATE POLICY ward_a ON cdm.drug_exposure TO kc_reader USING (ward = 'A');
ALTER TABLE study.visits ENABLE ROW LEVEL SECURITY;
ALTER TABLE cdm.drug_exposure ENABLE ROW LEVEL SECURITY;
CREATE VIEW study.through AS SELECT * FROM study.visits;
GRANT USAGE ON SCHEMA study, cdm, dash, "dash A" TO kc_reader, kc_mallory;
GRANT SELECT ON ALL TABLES IN SCHEMA study, cdm TO kc_reader;
SQL

# as ROLE [psql options] < commands
as()
{
	role=$1
	shift
	sql -U "$role" "$@"
}

# ---- row-level security -----------------------------------------------------------------

made=$(as kc_alice <<'SQL'
SELECT * FROM create_cohort_views('dash', 'study.visits', 'patient', 'week', '{pain}', '0', '{sex}');
SELECT * FROM create_omop_views('cdm', 'dash');
GRANT SELECT ON ALL TABLES IN SCHEMA dash TO kc_reader;
SQL
)
as kc_alice -o /dev/null <<'SQL'
SELECT create_cohort_views('dash A', 'study."visits A"', 'patient', 'week', '{pain}', '0', '{sex}');
SELECT create_omop_views('cdm A', 'dash A');
GRANT SELECT ON ALL TABLES IN SCHEMA "dash A" TO kc_reader;
SQL
is 'nine views are written' "$(printf '%s\n' "$made" | grep -c '^\(cohort\|omop\)_')" 9
for view in $made
do
	got=$(as kc_reader -c "
SELECT count(*) > 0 FROM dash.$view;
(TABLE dash.$view EXCEPT ALL TABLE \"dash A\".$view) UNION ALL (TABLE \"dash A\".$view EXCEPT ALL TABLE dash.$view)")
	is "$view: the reader sees figures of his rows, and of no other" "$got" t
	is "$view: its owner sees more" "$(as kc_alice -c "SELECT EXISTS (TABLE dash.$view EXCEPT ALL TABLE \"dash A\".$view)")" t
done
if [ "$(sql -c "SELECT current_setting('server_version_num')::int >= 150000")" = t ]
then
	is 'every view has the rights of the reader' "$(sql -c "
SELECT count(*) FROM pg_class WHERE relnamespace = 'dash'::regnamespace AND relkind = 'v'
AND 'security_invoker=true' = ANY (reloptions)")" 9
	is 'row-level security is seen below a view and in a small table of the model' "$(as kc_alice <<'SQL'
CREATE SCHEMA below;
SELECT count(*) FROM create_cohort_views('below', 'study.through', 'patient', 'week', '{pain}', '0');
ALTER TABLE "cdm A".concept ENABLE ROW LEVEL SECURITY;
SELECT count(*) FROM create_omop_views('cdm A', 'below');
ALTER TABLE "cdm A".concept DISABLE ROW LEVEL SECURITY;
SELECT count(*) FROM pg_class WHERE relnamespace = 'below'::regnamespace AND 'security_invoker=true' = ANY (reloptions);
SQL
)" '6
3
9'
	# Security that comes later reaches the views when they are made again.
	is 'views made before row-level security change when made again' "$(as kc_alice <<'SQL'
ALTER TABLE study."visits A" ENABLE ROW LEVEL SECURITY;
SELECT count(*) FROM create_cohort_views('dash A', 'study."visits A"', 'patient', 'week', '{pain}', '0', '{sex}');
SELECT count(*) FROM pg_class WHERE relnamespace = '"dash A"'::regnamespace AND 'security_invoker=true' = ANY (reloptions);
ALTER TABLE study."visits A" DISABLE ROW LEVEL SECURITY;
SELECT count(*) FROM create_cohort_views('dash A', 'study."visits A"', 'patient', 'week', '{pain}', '0', '{sex}');
SELECT count(*) FROM pg_class WHERE relnamespace = '"dash A"'::regnamespace AND 'security_invoker=true' = ANY (reloptions);
SQL
)" '6
6
6
0'
fi
kept=$(as kc_alice -c "SELECT count(*) FROM create_cohort_summaries('dash', 'study.visits', 'patient', 'week', '{pain}', '0', 'day')")
is 'kept summaries warn that row-level security does not reach them' \
	"$(printf '%s\n' "$kept" | grep -c 'WARNING:  row-level security of study.visits does not reach kept summaries')" 1
is 'and are for nobody but their owner until granted' \
	"$(for view in cohort_daily_summaries cohort_change_by_month cohort_change_by_year cohort_change_total
	do
		as kc_reader -c "TABLE dash.$view"
	done | grep -c 'permission denied')" 4
is 'summaries by the reader hold his rows' \
	"$(as kc_reader -c "SELECT n_used(value_counts(pain)), (SELECT count(*) FROM study.\"visits A\") FROM study.visits")" '54|54'

# A message prints the value it is about, so no function may run on rows that a policy or a
# security barrier hides: the server ensures it of what is not leakproof.
is 'no function is leakproof or SECURITY DEFINER' "$(sql -c "
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'ketocohort' WHERE p.proleakproof OR p.prosecdef")" ''
sql -v ON_ERROR_STOP=1 <<'SQL'
SET ROLE kc_alice;
CREATE TABLE study.doses (drug text, dose float8, unit text, route text, response text, ward text, score int[]);
INSERT INTO study.doses VALUES
  ('morphine', 10, 'mg', 'oral', 'yes', 'A', '{1,2}'), ('secret123', -4711, 'secret123', 'secret123', 'secret123', 'B', '{4711}');
CREATE POLICY ward_a ON study.doses TO kc_reader USING (ward = 'A');
ALTER TABLE study.doses ENABLE ROW LEVEL SECURITY;
CREATE VIEW study.barrier WITH (security_barrier) AS SELECT * FROM study.doses WHERE ward = 'A';
GRANT SELECT ON study.doses, study.barrier TO kc_reader;
SQL
leaks=
tried=0
for relation in study.doses study.barrier
do
	for expression in "mme(drug, dose, unit, route) > 0" "mme_factor(drug, unit, route) > 0" \
		"mme_category(dose) = 'x'" "daily_dose(dose, 1, 1) > 0" "percent_change(dose, 1) > 0" \
		"is_responder(dose, 1, dose) IS NULL" "pain_severity(dose) = 'x'" \
		"(sf12_score(score)).pcs > 0" "response::paired_summary IS NULL" "e_value(dose) IS NULL" "normal_score(dose) > 0"
	do
		tried=$((tried + 1))
		got=$(as kc_reader -c "SELECT count(*) FROM $relation WHERE $expression" -c "EXPLAIN SELECT 1 FROM $relation WHERE $expression")
		case $got in
			*secret123* | *4711*) leaks="$leaks [$relation $expression: $got]" ;;
		esac
	done
done
is "no message of $tried conditions prints a value of a hidden row" "$leaks" ''
is 'but it prints the value where the row is seen' \
	"$(as kc_alice -c 'SELECT mme(drug, 10, unit, route) FROM study.doses' | grep -c 'secret123')" 1

# ---- attacks ----------------------------------------------------------------------------

# What alice reads with mallory's schema first on her path, before even the server's own.
# She calls our functions by schema; whatever is called inside them must be the right one.
answers()
{
	as kc_alice <<SQL | sort
SET client_min_messages = warning;
SET extra_float_digits = 0;
SET search_path = $1;
$2
COPY (SELECT public.create_cohort_views('dash', 'study.visits', 'patient', 'week', '{pain}', '0', '{sex}')) TO STDOUT;
COPY (SELECT public.create_omop_views('cdm', 'dash')) TO STDOUT;
COPY (SELECT public.create_cohort_summaries('dash', 'study.visits', 'patient', 'week', '{pain}', '0', 'day', '{sex}')) TO STDOUT;
COPY (SELECT public.refresh_cohort_summaries('dash')) TO STDOUT;
COPY (TABLE dash.cohort_paired_change) TO STDOUT;
COPY (TABLE dash.cohort_responders) TO STDOUT;
COPY (TABLE dash.cohort_table_one) TO STDOUT;
COPY (TABLE dash.cohort_attrition) TO STDOUT;
COPY (TABLE dash.cohort_change_by_month) TO STDOUT;
COPY (TABLE dash.cohort_change_total) TO STDOUT;
COPY (TABLE dash.omop_opioid_exposure) TO STDOUT;
COPY (TABLE dash.omop_daily_mme) TO STDOUT;
COPY (TABLE dash.omop_mme_coverage) TO STDOUT;
COPY (SELECT public.mme('oxycodone', 10, 'mg', 'oral'), public.mme_factor('codeine', 'mg', 'oral'),
             public.mme_status('codeine', 'mg', 'oral'), public.opioid_ingredient('ATC:N02AA05')) TO STDOUT;
COPY (SELECT (s).* FROM (SELECT public.sf12_score('{2,2,2,1,1,1,1,2,3,3,3,3}') AS s) q) TO STDOUT;
COPY (SELECT (public.paired_t_test(pain, pain)).n, (public.wilcoxon_signed_rank(pain, patient)).p_value,
             (public.linear_model('pain ~ week + sex', v)), public.mann_whitney(pain, sex) FROM study.visits v) TO STDOUT;
COPY (SELECT public.drop_cohort_summaries('dash')) TO STDOUT;
COPY (SELECT public.drop_cohort_views('dash')) TO STDOUT;
COPY (SELECT public.drop_omop_views('dash')) TO STDOUT;
SQL
}

sql -v ON_ERROR_STOP=1 <<'SQL'
SET ROLE kc_mallory;
CREATE SCHEMA evil;
GRANT ALL ON SCHEMA evil TO PUBLIC;
CREATE TABLE evil.caught (who name, by text);
GRANT INSERT ON evil.caught TO PUBLIC;
SQL
expected=$(answers public)
is 'the answers can be read' "$(printf '%s\n' "$expected" | grep -c 'ERROR')|$(printf '%s\n' "$expected" | wc -l | awk '{print ($1 > 100)}')" '0|1'

# attack NAME SQL [SESSION SQL]: mallory creates it in evil; alice's answers stay the same
# and nothing of it is run.
attack()
{
	setup=$(as kc_mallory -v ON_ERROR_STOP=1 -c 'SET search_path = evil, pg_catalog, public' -c "$2")
	is "$1: can be tried" "$(printf '%s' "$setup" | grep ERROR)" ''
	got=$(answers "evil, pg_catalog, public" "${3:-}")
	[ "$got" = "$expected" ] || got=$(printf '%s\n' "$got" | grep -m 3 ERROR; echo other answers)
	is "$1: changes no answer" "$got" "$expected"
	is "$1: runs nothing" "$(sql -c 'SELECT * FROM evil.caught')" ''
}

# Every operator of the server that takes types we use, and a row of functions, in evil.
trap_functions="
CREATE FUNCTION pg_temp.lay(kind text, names text[], signatures text[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog AS \$f\$
DECLARE
  n text;
  s text;
  f text;
  i int := 0;
BEGIN
  FOREACH n IN ARRAY names LOOP
    FOREACH s IN ARRAY signatures LOOP
      i := i + 1;
      f := CASE kind WHEN 'function' THEN format('evil.%I', n) ELSE format('evil.trap_%s_%s', md5(n || s), i) END;
      EXECUTE format('CREATE FUNCTION %s(%s) RETURNS %s LANGUAGE plpgsql AS %L', f, split_part(s, ' -> ', 1), split_part(s, ' -> ', 2),
        format('BEGIN INSERT INTO evil.caught VALUES (current_user, %L); RETURN NULL; END', n || s));
      IF kind = 'operator' THEN
        EXECUTE format('CREATE OPERATOR evil.%s (FUNCTION = %s, LEFTARG = %s, RIGHTARG = %s)', n, f,
          split_part(split_part(s, ' -> ', 1), ', ', 1), split_part(split_part(s, ' -> ', 1), ', ', 2));
      END IF;
    END LOOP;
  END LOOP;
END \$f\$;"

attack 'arithmetic on numbers' "$trap_functions
SELECT pg_temp.lay('operator', '{+,-,*,/}', '{\"float8, float8 -> float8\",\"int, int -> int\",\"float8, int -> float8\",\"numeric, numeric -> numeric\",\"date, int -> date\",\"date, date -> int\"}')"
attack 'comparison of numbers' "$trap_functions
SELECT pg_temp.lay('operator', '{=,<>,<,>,<=,>=}', '{\"float8, float8 -> bool\",\"int, int -> bool\",\"int8, int8 -> bool\",\"float8, int -> bool\",\"numeric, int -> bool\"}')"
attack 'comparison of names and words' "$trap_functions
SELECT pg_temp.lay('operator', '{=,<>,<,>,~,~~,!~~}', '{\"text, text -> bool\",\"name, name -> bool\",\"oid, oid -> bool\",\"name, text -> bool\",\"regclass, oid -> bool\",\"bool, bool -> bool\"}')"
attack 'joining of words' "$trap_functions
SELECT pg_temp.lay('operator', '{||}', '{\"text, text -> text\",\"name, name -> text\",\"name[], name[] -> name[]\",\"text, name -> text\"}')"
attack 'functions of the server with our arguments' "$trap_functions
SELECT pg_temp.lay('function', '{format,concat,quote_ident,lower,btrim,to_regclass,format_type,current_setting}',
  '{\"text -> text\",\"text, text -> text\",\"text, name -> text\",\"text, text, text -> text\",\"text, name, name -> text\"}');
SELECT pg_temp.lay('function', '{unnest,cardinality,array_position}', '{\"name[] -> name\",\"text[] -> text\",\"name[], name -> int\"}')"
attack 'aggregates and functions that bear our names' "$trap_functions
SELECT pg_temp.lay('function', '{rollup}', '{\"public.paired_summary -> public.paired_summary\",\"public.value_counts -> public.value_counts\"}');
SELECT pg_temp.lay('function', '{paired_t_test,wilcoxon_signed_rank,describe,paired_summary,value_counts,percent_change,is_responder,mme_exposure,table_one,kc_create_made,kc_cohort_pieces,kc_cohort_words,kc_cohort_equality,opioid_ingredient,mme_status,mme}',
  '{\"float8, float8 -> float8\",\"float8 -> float8\",\"text -> text\",\"text, text, text, text -> text\",\"public.paired_summary -> text\"}')"
attack 'tables that bear our names' 'CREATE TABLE evil.mme_factors AS SELECT * FROM public.mme_factors WHERE false;
CREATE TABLE evil.opioid_names AS SELECT name, $$heroin$$::text AS drug, shipped FROM public.opioid_names;
CREATE TABLE evil.sf12_weights AS SELECT * FROM public.sf12_weights WHERE false;
GRANT SELECT ON ALL TABLES IN SCHEMA evil TO PUBLIC'
attack 'catalogues' 'CREATE VIEW evil.pg_extension AS SELECT oid, extname, $$evil$$::regnamespace::oid AS extnamespace FROM pg_catalog.pg_extension;
CREATE VIEW evil.pg_class AS SELECT oid, relname, relnamespace, relkind, false AS relrowsecurity FROM pg_catalog.pg_class;
CREATE TABLE evil.pg_attribute (attrelid oid, attname name, attnum int, atttypid oid, attisdropped boolean);
CREATE TABLE evil.pg_namespace (oid oid, nspname name);
GRANT SELECT ON evil.pg_extension, evil.pg_class, evil.pg_attribute, evil.pg_namespace TO PUBLIC'
attack 'types and casts' "$trap_functions
CREATE DOMAIN evil.regclass AS text CHECK (false); CREATE DOMAIN evil.\"float8\" AS text CHECK (false);
CREATE TYPE evil.test_result AS (p_value text); CREATE TYPE evil.box_of AS (x pg_catalog.float8);
CREATE FUNCTION evil.to_box(pg_catalog.float8) RETURNS evil.box_of LANGUAGE plpgsql AS 'BEGIN INSERT INTO evil.caught VALUES (current_user, ''cast''); RETURN NULL; END';
CREATE CAST (pg_catalog.float8 AS evil.box_of) WITH FUNCTION evil.to_box(pg_catalog.float8) AS IMPLICIT"
attack 'collations' 'CREATE COLLATION evil."C" FROM pg_catalog."POSIX"; CREATE COLLATION evil."default" FROM pg_catalog."POSIX"'
attack 'tables of the session' 'SELECT 1' 'CREATE TEMP TABLE mme_factors AS SELECT * FROM public.mme_factors WHERE false;
CREATE TEMP TABLE opioid_names (name text, drug text, shipped boolean);
CREATE TEMP TABLE pg_extension (oid oid, extname name, extnamespace oid);
CREATE TEMP TABLE visits (patient int); CREATE TEMP TABLE cohort_paired_change (x int);'
attack 'a table of the session by whose name a view is read' 'SELECT 1' \
	'SET search_path = pg_temp, evil, pg_catalog, public; CREATE TEMP TABLE omop_opioid_exposure (x int);
CREATE TEMP TABLE cohort_daily_summaries (x int);'
is 'the traps work where alice herself calls without a schema' "$(as kc_alice -o /dev/null <<'SQL'
SET search_path = evil, pg_catalog, public;
SELECT 1 + 1, format('x'), 1 = 1;
SQL
sql -c 'SELECT DISTINCT who, count(*) OVER () FROM evil.caught')" 'kc_alice|3'
sql -c 'SET client_min_messages = warning' -c 'DROP SCHEMA evil CASCADE'

# A view of mallory's with our mark is not dropped or replaced by alice; nor are names code.
is 'a forged mark gives no rights' "$(sql <<'SQL' | grep -c 'must be owner'
SET client_min_messages = warning;
CREATE SCHEMA shared;
GRANT ALL ON SCHEMA shared TO kc_alice, kc_mallory;
SET ROLE kc_alice;
CREATE VIEW shared.cohort_paired_change AS SELECT 1 AS x;
RESET ROLE;
SET ROLE kc_mallory;
CREATE VIEW shared.cohort_trajectory AS SELECT 1 AS x;
COMMENT ON VIEW shared.cohort_trajectory IS 'x [create_cohort_views]';
RESET ROLE;
SET ROLE kc_alice;
SELECT drop_cohort_views('shared');
SQL
)" 1
is 'quoted identifiers stay names' "$(as kc_alice <<'SQL'
SET client_min_messages = warning;
CREATE SCHEMA "a""; DROP TABLE study.doses; --";
CREATE TABLE "a""; DROP TABLE study.doses; --"."t'; %s $x$ %I" AS
SELECT patient AS "p""; DROP TABLE study.doses; --", week::text || ''' x' AS "w %1$s ' \", pain AS "m', now()); --", sex AS "g""), (1); --", day AS "Day %"
FROM study."visits A";
SELECT count(*) FROM create_cohort_views('a"; DROP TABLE study.doses; --', '"a""; DROP TABLE study.doses; --"."t''; %s $x$ %I"',
  'p"; DROP TABLE study.doses; --', 'w %1$s '' \', ARRAY['m'', now()); --'], '0'' x', ARRAY['g"), (1); --']);
SELECT count(*) FROM create_cohort_summaries('a"; DROP TABLE study.doses; --', '"a""; DROP TABLE study.doses; --"."t''; %s $x$ %I"',
  'p"; DROP TABLE study.doses; --', 'w %1$s '' \', ARRAY['m'', now()); --'], '0'' x', 'Day %', ARRAY['g"), (1); --']);
SELECT measure, group_name, n > 0 FROM "a""; DROP TABLE study.doses; --".cohort_paired_change
WHERE group_name <> 'all' AND group_value = 'f' AND visit_time = '6'' x';
SELECT measure, n > 0 FROM "a""; DROP TABLE study.doses; --".cohort_change_total WHERE group_name = 'all' AND visit_time = '6'' x';
ALTER SCHEMA cdm RENAME TO "c""'%I $query$; DROP TABLE study.doses; --";
SELECT count(*) FROM create_omop_views('c"''%I $query$; DROP TABLE study.doses; --', 'a"; DROP TABLE study.doses; --');
SELECT count(*) > 0 FROM "a""; DROP TABLE study.doses; --".omop_daily_mme;
SELECT count(*) FROM study.doses;
SQL
)" "6
4
m', now()); --|g\"), (1); --|t
m', now()); --|t
3
t
2"

# ---- installing as owner of the database beside traps ------------------------------------

sql -d postgres -c "CREATE DATABASE \"$owned\" OWNER kc_mallory"
# install NAME TRAP: who owns a schema must not get the rights with which the script runs.
install()
{
	got=$(sql -d "$owned" -U kc_mallory -c 'SET client_min_messages = warning; CREATE SCHEMA trap; SET search_path = trap' -c "
SET search_path = trap; $2" -c 'CREATE EXTENSION ketocohort SCHEMA trap')
	is "$1: refuses to install" "$(printf '%s\n' "$got" | grep 'ERROR' | sed 's/.*in the target schema has the name.*/refused/')" refused
	is "$1: gives nobody rights" "$(sql -c "SELECT rolsuper FROM pg_roles WHERE rolname = 'kc_mallory'")" f
	sql -d "$owned" -c 'SET client_min_messages = warning' -c 'DROP SCHEMA trap CASCADE'
}
promote="LANGUAGE plpgsql AS 'BEGIN EXECUTE ''ALTER ROLE kc_mallory SUPERUSER''; RETURN NULL; END'"
install 'a better unnest' "CREATE FUNCTION unnest(text[]) RETURNS text $promote"
install 'a better operator' "CREATE FUNCTION more(float8, int) RETURNS boolean $promote;
CREATE OPERATOR > (FUNCTION = more, LEFTARG = float8, RIGHTARG = int)"
install 'a better pg_extension_config_dump' "CREATE FUNCTION pg_extension_config_dump(text, text) RETURNS void LANGUAGE plpgsql AS
'BEGIN EXECUTE ''ALTER ROLE kc_mallory SUPERUSER''; END'"
install 'a better format' "CREATE FUNCTION format(text, name) RETURNS text $promote"
install 'a better kc_create_made' "CREATE FUNCTION kc_create_made(name, name, text, text, text, text, text) RETURNS text $promote"
is 'without a trap it installs' "$(sql -d "$owned" -U kc_mallory -c 'SET client_min_messages = warning' -c 'CREATE SCHEMA trap' -c 'CREATE EXTENSION ketocohort SCHEMA trap' \
	-c "SELECT trap.mme('oxycodone', 10, 'mg', 'oral')")" 15

sql -d postgres -c "DROP DATABASE \"$owned\""
sql -c 'SET client_min_messages = warning' -c 'DROP OWNED BY kc_alice, kc_mallory, kc_reader CASCADE' -c 'DROP SCHEMA IF EXISTS shared CASCADE' \
	-c 'DROP ROLE kc_alice, kc_mallory, kc_reader'
finish
