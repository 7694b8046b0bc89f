-- Everything the extension consists of, as sorted lines of text: two installs are equal
-- when these are.  Names of the schema it lives in are left out.
SELECT extnamespace::regnamespace AS home FROM pg_extension WHERE extname = 'ketocohort' \gset
SET search_path = :home, pg_catalog;

CREATE TEMP VIEW member AS
SELECT classid, objid FROM pg_depend
WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ketocohort');

SELECT replace(line, :'home' || '.', '') AS line FROM (
  SELECT concat_ws(' | ', 'function', p.oid::regprocedure, pg_get_function_arguments(p.oid),
           pg_get_function_result(p.oid), l.lanname, p.prokind, p.provolatile, p.proisstrict,
           p.proparallel, p.prosecdef, p.proleakproof, p.procost, p.prorows, p.proconfig,
           CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE pg_get_functiondef(p.oid) END,
           p.probin, p.proacl) AS line
  FROM member m JOIN pg_proc p ON p.oid = m.objid AND m.classid = 'pg_proc'::regclass
  JOIN pg_language l ON l.oid = p.prolang
  UNION ALL
  SELECT concat_ws(' | ', 'aggregate', a.aggfnoid::regprocedure, a.aggkind, a.aggtransfn, a.aggcombinefn,
           a.aggfinalfn, a.aggfinalextra, a.aggfinalmodify, a.aggtranstype::regtype, a.aggtransspace,
           a.agginitval, a.aggserialfn, a.aggmtransfn)
  FROM member m JOIN pg_aggregate a ON a.aggfnoid = m.objid AND m.classid = 'pg_proc'::regclass
  UNION ALL
  SELECT concat_ws(' | ', 'type', t.oid::regtype, t.typtype, t.typlen, t.typbyval, t.typalign, t.typstorage,
           t.typinput, t.typoutput, t.typreceive, t.typsend, t.typacl,
           (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
           (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ',' ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM member m JOIN pg_type t ON t.oid = m.objid AND m.classid = 'pg_type'::regclass
  UNION ALL
  SELECT concat_ws(' | ', 'relation', c.oid::regclass, c.relkind, c.relacl, a.attname,
           format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
           col_description(c.oid, a.attnum))
  FROM member m JOIN pg_class c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  UNION ALL
  SELECT concat_ws(' | ', 'constraint', n.conrelid::regclass, n.conname, pg_get_constraintdef(n.oid))
  FROM member m JOIN pg_constraint n ON n.conrelid = m.objid AND m.classid = 'pg_class'::regclass
  UNION ALL
  SELECT concat_ws(' | ', 'index', pg_get_indexdef(i.indexrelid))
  FROM member m JOIN pg_index i ON i.indrelid = m.objid AND m.classid = 'pg_class'::regclass
  UNION ALL
  SELECT concat_ws(' | ', 'dumped', c::regclass, w)
  FROM pg_extension, unnest(extconfig, extcondition) u (c, w) WHERE extname = 'ketocohort'
  UNION ALL
  SELECT concat_ws(' | ', 'comment', pg_describe_object(m.classid, m.objid, 0), obj_description(m.objid, m.classid::regclass::name))
  FROM member m
  UNION ALL
  SELECT concat_ws(' | ', 'other', pg_describe_object(m.classid, m.objid, 0)) FROM member m
) everything ORDER BY replace(line, :'home' || '.', '') COLLATE "C";

-- The rows it ships.
SELECT format('SELECT ''rows'', %L, t::text FROM %s t ORDER BY t::text COLLATE "C"', c.relname, c.oid::regclass)
FROM member m JOIN pg_class c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass
WHERE c.relkind = 'r' ORDER BY c.relname \gexec
