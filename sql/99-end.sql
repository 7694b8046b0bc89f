-- ---- end: nobody else's function has a name of ours -----------------------------------
--
-- A call inside our SQL functions might have found one that another user made before, with
-- other argument types, in the target schema.
DO $$
DECLARE
	foreign_object pg_catalog.text;
BEGIN
	SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text INTO foreign_object
	FROM pg_catalog.pg_proc p
	JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = pg_catalog.current_schema()
	JOIN pg_catalog.pg_authid a ON a.oid = p.proowner AND NOT a.rolsuper
	JOIN pg_catalog.pg_proc o ON o.proname = p.proname AND o.pronamespace = p.pronamespace AND o.oid <> p.oid
	JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid
		AND d.objid = o.oid AND d.deptype = 'e'
	JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'ketocohort'
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '42501',
			MESSAGE = pg_catalog.format('%s in the target schema has the name of a function of ketocohort', foreign_object),
			DETAIL = 'It might be called with the rights of another user.',
			HINT = 'Install into a schema of its own: CREATE SCHEMA stats; CREATE EXTENSION ketocohort SCHEMA stats;';
	END IF;
END
$$;
