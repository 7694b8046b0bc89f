-- ketocohort: statistics of clinical cohort studies in SQL.
-- The install script is composed from numbered pieces, one per chapter.

-- complain if the script is sourced in psql rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION ketocohort" to load this file. \quit

CREATE FUNCTION ketocohort_version() RETURNS text
AS 'MODULE_PATHNAME', 'kc_version'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION ketocohort_version() IS
'version of the ketocohort library that is loaded';
