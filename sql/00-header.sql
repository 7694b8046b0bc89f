-- ketocohort: statistics of clinical cohort studies in SQL.
-- The install script is composed from numbered pieces, one per chapter.

-- complain if the script is sourced in psql rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION ketocohort" to load this file. \quit

-- The script runs as a superuser with the target schema on the search path: a function or
-- operator there that fits a call better than the server's own, as unnest(text[]) does,
-- would run with those rights or stay bound in our functions.  Functions are asked for by
-- names of the server here, by names of ours at the end of the script.
DO $$
DECLARE
	foreign_object pg_catalog.text;
BEGIN
	SELECT pg_catalog.format('%s', o.object) INTO foreign_object
	FROM (SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text AS object, p.proname AS name,
			p.pronamespace AS schema, p.proowner AS owner FROM pg_catalog.pg_proc p
		UNION ALL
		SELECT p.oid::pg_catalog.regoperator::pg_catalog.text, p.oprname, p.oprnamespace, p.oprowner
		FROM pg_catalog.pg_operator p) o
	JOIN pg_catalog.pg_namespace n ON n.oid = o.schema AND n.nspname = pg_catalog.current_schema()
	JOIN pg_catalog.pg_authid a ON a.oid = o.owner AND NOT a.rolsuper
	WHERE EXISTS (SELECT FROM pg_catalog.pg_proc s
			WHERE s.proname = o.name AND s.pronamespace = 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid)
		OR EXISTS (SELECT FROM pg_catalog.pg_operator s
			WHERE s.oprname = o.name AND s.oprnamespace = 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid)
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '42501',
			MESSAGE = pg_catalog.format('%s in the target schema has the name of an object of the server', foreign_object),
			DETAIL = 'It might be called with the rights of a superuser.',
			HINT = 'Install into a schema of its own: CREATE SCHEMA stats; CREATE EXTENSION ketocohort SCHEMA stats;';
	END IF;
END
$$;

CREATE FUNCTION ketocohort_version() RETURNS text
AS 'MODULE_PATHNAME', 'kc_version'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION ketocohort_version() IS
'version of the ketocohort library that is loaded';
