# What design asks of every object, read from the catalogue, so that a new one is held to
# it, too.
. "${0%/*}/../lib/tap.sh"

# none NAME QUERY: passes when the query returns no row.
none()
{
	is "$1" "$(sql -c "
WITH member AS (
  SELECT classid, objid FROM pg_depend
  WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
    AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ketocohort')),
functions AS (
  SELECT p.* FROM pg_proc p JOIN member ON objid = p.oid AND classid = 'pg_proc'::regclass),
aggregates AS (
  SELECT a.*, p.* FROM pg_aggregate a JOIN functions p ON p.oid = a.aggfnoid),
types AS (
  SELECT t.* FROM pg_type t JOIN member ON objid = t.oid AND classid = 'pg_type'::regclass),
relations AS (
  SELECT c.* FROM pg_class c JOIN member ON objid = c.oid AND classid = 'pg_class'::regclass),
summaries AS (
  SELECT * FROM types WHERE oid IN (SELECT aggtranstype FROM aggregates))
$2")" ''
}

none 'every object has a comment' "
SELECT pg_describe_object(classid, objid, 0) FROM member
WHERE obj_description(objid, classid::regclass::name) IS NULL
  -- the array and the row type of what has one
  AND NOT (classid = 'pg_type'::regclass AND EXISTS
    (SELECT FROM pg_type t WHERE t.oid = objid AND (t.typelem <> 0 OR t.typrelid IN (SELECT oid FROM relations))))"
none 'every aggregate is parallel safe, with a combine function and SSPACE' "
SELECT oid::regprocedure FROM aggregates WHERE proparallel <> 's' OR aggcombinefn = 0 OR aggtransspace = 0"
none 'every final function only reads' "
SELECT oid::regprocedure FROM aggregates WHERE aggfinalmodify <> 'r'"
none 'transition and combine functions are not strict' "
SELECT a.oid::regprocedure FROM aggregates a JOIN pg_proc f ON f.oid IN (a.aggtransfn, a.aggcombinefn)
WHERE f.proisstrict"
none 'no aggregate has an internal or polymorphic type' "
SELECT oid::regprocedure FROM aggregates
WHERE aggtranstype IN (SELECT oid FROM pg_type WHERE typtype = 'p')
   OR EXISTS (SELECT FROM unnest(proargtypes) t WHERE t IN
     ('anyelement'::regtype, 'anyarray'::regtype, 'anynonarray'::regtype, 'anycompatible'::regtype, 'internal'::regtype))"
none 'no aggregate needs an order' "SELECT oid::regprocedure FROM aggregates WHERE aggkind <> 'n'"
none 'no aggregate has a name that Citus takes for its own' "
SELECT oid::regprocedure FROM aggregates
WHERE proname IN ('avg', 'min', 'max', 'sum', 'count', 'every', 'any_value', 'array_agg', 'bool_and', 'bool_or',
                  'bit_and', 'bit_or', 'string_agg', 'stddev', 'variance')"
none 'every state is a type of the extension' "
SELECT oid::regprocedure, aggtranstype::regtype FROM aggregates WHERE aggtranstype NOT IN (SELECT oid FROM types)"
none 'every summary has text and binary input and output and is aligned as double' "
SELECT oid::regtype FROM summaries
WHERE typreceive = 0 OR typsend = 0 OR typalign <> 'd' OR typlen <> -1 OR typstorage <> 'x'"
none 'every summary has rollup, n_used and n_missing' "
SELECT s.oid::regtype, wanted FROM summaries s, unnest(ARRAY['rollup', 'n_used', 'n_missing']) wanted
WHERE NOT EXISTS (SELECT FROM functions f WHERE f.proname = wanted AND f.proargtypes[0] = s.oid AND f.pronargs = 1)"
none 'every summary has an aggregate of its own name' "
SELECT oid::regtype FROM summaries s WHERE NOT EXISTS
  (SELECT FROM aggregates a WHERE a.proname = s.typname AND a.prorettype = s.oid)"
none 'every C function is parallel safe' "
SELECT oid::regprocedure FROM functions WHERE proparallel <> 's' AND prorettype <> 'trigger'::regtype
  AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')"
# MME, opioid exposure and SF-12 read tables that users add to.
none 'a function that reads no table is immutable' "
SELECT oid::regprocedure, provolatile FROM functions
WHERE provolatile <> 'i' AND prorettype <> 'trigger'::regtype AND proname !~ '^(kc_)?(mme|opioid|sf12|create_|drop_|refresh_|cohort_|omop_)'
  AND to_regtype('opioid_exposure') <> ALL (proargtypes::oid[])"
none 'SQL functions do not depend on a search path' "
SELECT oid::regprocedure FROM functions
WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql') AND prosqlbody IS NULL"
none 'every function may be executed by everyone' "
SELECT oid::regprocedure FROM functions WHERE NOT has_function_privilege('public', oid, 'EXECUTE')"
none 'every table is readable by everyone' "
SELECT oid::regclass FROM relations WHERE relkind IN ('r', 'v') AND NOT has_table_privilege('public', oid, 'SELECT')"
none 'it is relocatable' "SELECT extname FROM pg_extension WHERE extname = 'ketocohort' AND NOT extrelocatable"
finish
