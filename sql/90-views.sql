-- ---- views: flat views of a cohort that a dashboard reads ------------------------------
--
-- The public functions are SQL bound to the helpers below them by OID, and every helper
-- runs on pg_catalog alone, so no search path matters.  What they write holds no dynamic
-- SQL: plain views, each one aggregate pass over cohort x visit, so that a patient who
-- has a baseline and no row at a visit is counted as missing there.

-- ---- what was asked for, checked -------------------------------------------------------

CREATE FUNCTION kc_cohort_check(target_schema name, visits regclass, patient name,
	visit_time name, measures name[], baseline text, groups name[],
	higher_is_better name[], day name, need_day boolean) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	asked name[] := ARRAY[patient, visit_time] || measures || groups || higher_is_better
		|| CASE WHEN need_day THEN ARRAY[day] END;
	wrong text;
	known text;
BEGIN
	IF target_schema IS NULL OR visits IS NULL OR baseline IS NULL OR measures IS NULL
		OR groups IS NULL OR higher_is_better IS NULL OR array_position(asked, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004',
			MESSAGE = 'target schema, visits, columns and baseline must not be null';
	END IF;
	IF to_regnamespace(quote_ident(target_schema)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '3F000',
			MESSAGE = format('schema "%s" does not exist', target_schema),
			HINT = format('CREATE SCHEMA %I;', target_schema);
	END IF;
	IF (SELECT relkind NOT IN ('r', 'p', 'v', 'm', 'f') FROM pg_class WHERE oid = visits) IS NOT FALSE THEN
		RAISE EXCEPTION USING ERRCODE = '42809',
			MESSAGE = format('"%s" is not a table or view', visits);
	END IF;
	IF cardinality(measures) = 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'no measures are given',
			HINT = 'Name at least one numeric column, as measures => ''{pain}''.';
	END IF;
	SELECT c INTO wrong FROM unnest(asked) WITH ORDINALITY u (c, n)
	WHERE NOT EXISTS (SELECT FROM pg_attribute a
		WHERE a.attrelid = visits AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)
	ORDER BY n LIMIT 1;
	IF wrong IS NOT NULL THEN
		SELECT string_agg(attname, ', ' ORDER BY attnum) INTO known FROM pg_attribute
		WHERE attrelid = visits AND attnum > 0 AND NOT attisdropped;
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = format('column "%s" does not exist', wrong),
			DETAIL = format('The columns of %s are %s.', visits, known);
	END IF;
	-- a day is told by its date, a measure by a number: the rest of the types are refused
	SELECT format('column "%s" is of type %s, not numeric', a.attname, format_type(a.atttypid, a.atttypmod)) INTO wrong
	FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
	WHERE a.attrelid = visits AND a.attname = ANY (measures) AND a.attnum > 0
		AND CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
			<> ALL ('{int2,int4,int8,float4,float8,numeric}'::regtype[])
	ORDER BY array_position(measures, a.attname) LIMIT 1;
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42804', MESSAGE = wrong,
			DETAIL = 'A measure is of type smallint, integer, bigint, real, double precision or numeric.';
	END IF;
	SELECT format('column "%s" is of type %s, not a date', a.attname, format_type(a.atttypid, a.atttypmod)) INTO wrong
	FROM pg_attribute a
	WHERE need_day AND a.attrelid = visits AND a.attname = day AND a.attnum > 0
		AND a.atttypid <> ALL ('{date,timestamp,timestamptz}'::regtype[]);
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42804', MESSAGE = wrong,
			DETAIL = 'The day is of type date, timestamp or timestamp with time zone.';
	END IF;
	SELECT format('"%s"', c) INTO wrong FROM (SELECT c FROM unnest(measures) c
		UNION ALL SELECT c FROM unnest(groups) c) u (c) GROUP BY c HAVING count(*) > 1 ORDER BY c LIMIT 1;
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('column %s is named twice among measures and groups', wrong);
	END IF;
	IF 'all' = ANY (groups) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'a group column cannot be called "all"',
			DETAIL = 'The views call the rows of everybody so.',
			HINT = 'Read from a view where the column has another name.';
	END IF;
	SELECT format('"%s"', c) INTO wrong FROM unnest(higher_is_better) c WHERE c <> ALL (measures) LIMIT 1;
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('%s in higher_is_better is not a measure', wrong),
			HINT = format('The measures are %s.', array_to_string(measures, ', '));
	END IF;
END
$$;

-- The equality of a type's own index order: an operator of another schema (citext) is
-- found although it is not on the path.
CREATE FUNCTION kc_cohort_equality(source regclass, "column" name) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((
	SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
	FROM pg_catalog.pg_attribute a
	JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
	JOIN pg_catalog.pg_opclass c ON c.opcdefault
		AND c.opcintype = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
	JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
	JOIN pg_catalog.pg_amop e ON e.amopfamily = c.opcfamily AND e.amopstrategy = 3
		AND e.amoplefttype = c.opcintype AND e.amoprighttype = c.opcintype
	JOIN pg_catalog.pg_operator o ON o.oid = e.amopopr
	JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
	WHERE a.attrelid = source AND a.attname = "column"), 'OPERATOR(pg_catalog.=)');

-- ---- the pieces of which every query is made ---------------------------------------------

-- cohort: one row a patient with a row at baseline, visits: the rows of all visits, both
-- with columns named by us: patient, visit_time, day, m1..., g1...  The rest are lists of
-- VALUES over the two.
CREATE FUNCTION kc_cohort_pieces(visits regclass, patient name, visit_time name, measures name[],
	baseline text, groups name[], higher_is_better name[], day name,
	OUT extension text, OUT cohort text, OUT seen text, OUT measure_list text,
	OUT group_list text, OUT same_patient text, OUT same_visit text, OUT start text,
	OUT characteristics text, OUT present text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	columns text;
BEGIN
	SELECT quote_ident(n.nspname) INTO extension
	FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'ketocohort';
	EXECUTE format('SELECT %1$s.kc_cohort_equality($1, $2), %1$s.kc_cohort_equality($1, $3)', extension)
		INTO same_patient, same_visit USING visits, patient, visit_time;
	SELECT format('%L::%s', baseline, format_type(atttypid, -1)) INTO start
	FROM pg_attribute WHERE attrelid = visits AND attname = visit_time;
	SELECT string_agg(format(', v.%I::float8 AS m%s', c, n), '' ORDER BY n),
		string_agg(format('(%L::text, %L::text, c.m%s, v.m%s)', c,
			CASE WHEN c = ANY (higher_is_better) THEN 'increase' ELSE 'decrease' END, n, n), ', ' ORDER BY n),
		string_agg(format('c.m%s AS %I', n, c), ', ' ORDER BY n),
		string_agg(format('v.m%s IS NOT NULL', n), ' OR ' ORDER BY n)
	INTO columns, measure_list, characteristics, present FROM unnest(measures) WITH ORDINALITY u (c, n);
	seen := format('SELECT v.%I AS patient, v.%I AS visit_time%s%s FROM %s v',
		patient, visit_time, columns,
		CASE WHEN day IS NOT NULL THEN format(', v.%I::date AS day', day) END, visits);
	-- a boolean or an enum stays one, so that Table 1 shows its levels as such
	SELECT columns || coalesce(string_agg(format(', v.%I%s AS g%s', u.c,
			CASE WHEN a.atttypid = 'bool'::regtype OR t.typtype = 'e' THEN '' ELSE '::text' END, n), '' ORDER BY n), ''),
		'(''all''::text, ''all''::text)'
			|| coalesce(string_agg(format(', (%L::text, c.g%s::text)', u.c, n), '' ORDER BY n), ''),
		characteristics || coalesce(string_agg(format(', c.g%s AS %I', n, u.c), '' ORDER BY n) FILTER (WHERE n > 1), '')
	INTO columns, group_list, characteristics
	FROM unnest(groups) WITH ORDINALITY u (c, n)
	JOIN pg_attribute a ON a.attrelid = visits AND a.attname = u.c
	JOIN pg_type t ON t.oid = a.atttypid;
	cohort := format('SELECT v.%1$I AS patient%2$s FROM %3$s v WHERE v.%4$I %5$s %6$s AND v.%1$I IS NOT NULL',
		patient, columns, visits, visit_time, same_visit, start);
END
$$;

-- ---- the baseline and the rows, checked --------------------------------------------------

CREATE FUNCTION kc_cohort_check_rows(visits regclass, patient name, visit_time name, baseline text,
	same_visit text, start text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	found boolean;
	known text;
	twice int8;
BEGIN
	BEGIN
		EXECUTE format('SELECT EXISTS (SELECT FROM %s v WHERE v.%I %s %s)', visits, visit_time, same_visit, start)
			INTO found;
	EXCEPTION WHEN data_exception THEN
		found := false;
	END;
	IF NOT found THEN
		EXECUTE format('SELECT string_agg(v::text, '', '' ORDER BY v) FROM '
			'(SELECT DISTINCT %1$I AS v FROM %2$s WHERE %1$I IS NOT NULL ORDER BY 1 LIMIT 20) s',
			visit_time, visits) INTO known;
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('no row has the baseline %s "%s"', visit_time, baseline),
			HINT = CASE WHEN known IS NULL THEN format('There is no row with a %s in %s.', visit_time, visits)
				ELSE format('Values that occur: %s.', known) END;
	END IF;
	EXECUTE format('SELECT count(*) FROM (SELECT FROM %1$s WHERE %2$I IS NOT NULL AND %3$I IS NOT NULL '
		'GROUP BY %2$I, %3$I HAVING count(*) > 1) s', visits, patient, visit_time) INTO twice;
	IF twice > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '21000',
			MESSAGE = 'a patient has more than one row at a visit',
			DETAIL = format('It is so %s times in %s.', twice, visits),
			HINT = 'Read from a view with one row for each patient and visit.';
	END IF;
END
$$;

-- Whether a table that is read has row-level security, through views as well.
CREATE FUNCTION kc_cohort_row_security(visits regclass) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
	WITH RECURSIVE below AS (
		SELECT visits::oid AS relation
		UNION
		SELECT d.refobjid
		FROM below b
		JOIN pg_catalog.pg_rewrite r ON r.ev_class = b.relation
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
			AND d.refclassid = 'pg_catalog.pg_class'::regclass)
	SELECT bool_or(c.relrowsecurity) FROM below JOIN pg_catalog.pg_class c ON c.oid = relation);

-- Under row-level security the views have the rights of the reader, whose policies hold
-- then; otherwise those of their owner, so that SELECT on the views is all one needs.
CREATE FUNCTION kc_cohort_invoker(asked boolean, secured boolean) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF coalesce(asked, secured) AND current_setting('server_version_num')::int < 150000 THEN
		RAISE EXCEPTION USING ERRCODE = '0A000',
			MESSAGE = 'views with the rights of the reader need PostgreSQL 15',
			DETAIL = 'A table below has row-level security, or security_invoker was asked for.',
			HINT = 'With security_invoker => false the views show everybody the rows that their owner sees.';
	END IF;
	RETURN coalesce(asked, secured);
END
$$;

CREATE FUNCTION kc_cohort_kept(visits regclass, secured boolean) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF secured THEN
		RAISE WARNING USING MESSAGE = format('row-level security of %s does not reach kept summaries', visits),
			DETAIL = 'They hold the rows that their owner sees, for everybody who may read them.';
	END IF;
END
$$;

-- ---- writing and dropping ---------------------------------------------------------------

-- What a column of ours means, by name.
CREATE FUNCTION kc_cohort_words() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{
	"measure": "Column measured",
	"group_name": "Column that makes the groups, as it was at baseline; all: everybody",
	"group_value": "Group; all: everybody, NULL: the column is NULL at baseline",
	"visit_time": "Visit",
	"month": "First day of the month of the visit",
	"year": "First day of the year of the visit",
	"n": "Patients counted in",
	"n_missing": "Patients of the cohort left out for a NULL or a visit that never was",
	"mean_before": "Mean at baseline, patients counted in",
	"sd_before": "Standard deviation at baseline",
	"mean_after": "Mean at the visit",
	"sd_after": "Standard deviation at the visit",
	"min_after": "Smallest value at the visit",
	"q1_after": "First quartile at the visit",
	"median_after": "Median at the visit",
	"q3_after": "Third quartile at the visit",
	"max_after": "Largest value at the visit",
	"mean_change": "Mean of visit - baseline",
	"sd_change": "Standard deviation of the change",
	"median_change": "Median of the change",
	"change_of_means_pct": "100 x mean change / mean at baseline",
	"mean_of_changes_pct": "Mean of each patient''s change in percent, baseline 0 left out",
	"n_decreased": "Patients whose figure fell",
	"n_unchanged": "Patients whose figure stayed",
	"n_increased": "Patients whose figure rose",
	"std_error": "Standard error of the mean",
	"conf_low": "Lower limit of the 95 % confidence interval",
	"conf_high": "Upper limit of the 95 % confidence interval",
	"statistic": "t of the paired t test",
	"df": "Degrees of freedom of the paired t test",
	"p_value": "p of the test, two-sided",
	"effect_size": "Cohen''s dz",
	"shift": "Hodges-Lehmann estimate of the change",
	"shift_low": "Lower limit of the 95 % interval of the shift",
	"shift_high": "Upper limit of the 95 % interval of the shift",
	"wilcoxon_p_value": "p of the Wilcoxon signed rank test",
	"note": "What could not be computed, and why",
	"threshold": "Percent of improvement asked for",
	"responders": "Patients who reached the threshold",
	"estimate": "Share of responders among the patients counted in",
	"estimate_all": "Share of responders when a missing patient is one who did not respond",
	"conf_low_all": "Lower 95 % limit of estimate_all",
	"conf_high_all": "Upper 95 % limit of estimate_all",
	"mean": "Mean",
	"sd": "Standard deviation",
	"min": "Smallest value",
	"q1": "First quartile",
	"median": "Median",
	"q3": "Third quartile",
	"max": "Largest value",
	"n_baseline": "Patients with a row at baseline",
	"n_seen": "Of them, patients with a measure at the visit",
	"n_lost": "Of them, patients without",
	"share_seen": "n_seen / n_baseline",
	"share_lost": "n_lost / n_baseline",
	"n_without_baseline": "Patients seen at the visit who are in no figure, having no row at baseline; in the row of everybody",
	"variable": "Measure or group column",
	"level": "Level of a column that is not numeric",
	"grp": "Group by the first group column; NULL: everybody",
	"count": "Patients at the level",
	"fraction": "count / n",
	"display": "Figure as a paper prints it",
	"test": "Test of the p value",
	"smd": "Standardized mean difference of the groups",
	"day": "Day of the visit",
	"pairs": "Summary of baseline and visit",
	"changes": "Summary of the changes",
	"levels": "Summary of the values at the visit"
}'::jsonb;

CREATE FUNCTION kc_create_made(target_schema name, name name, query text, kind text, maker text,
	about text, words jsonb) RETURNS name
LANGUAGE plpgsql PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	target text := format('%I.%I', target_schema, name);
	there regclass := to_regclass(target);
	type text := CASE kind WHEN 'matview' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END;
	"column" name;
BEGIN
	IF there IS NOT NULL AND coalesce(obj_description(there, 'pg_class'), '') NOT LIKE format('%%[%s]', maker) THEN
		RAISE EXCEPTION USING ERRCODE = '42P07',
			MESSAGE = format('relation %s exists and was not made by %s', there, maker),
			HINT = 'Choose another schema, or rename the relation.';
	END IF;
	IF kind = 'matview' THEN
		IF there IS NOT NULL THEN
			EXECUTE format('DROP MATERIALIZED VIEW %s', target);
		END IF;
		EXECUTE format('CREATE MATERIALIZED VIEW %s AS %s', target, query);
	ELSE
		query := format('VIEW %s %s AS %s', target,
			CASE kind WHEN 'invoker' THEN 'WITH (security_invoker = true)' ELSE '' END, query);
		BEGIN
			EXECUTE 'CREATE OR REPLACE ' || query;
		EXCEPTION WHEN invalid_table_definition THEN
			-- a column is of another type than last time
			EXECUTE format('DROP VIEW %s', target);
			EXECUTE 'CREATE ' || query;
		END;
	END IF;
	EXECUTE format('COMMENT ON %s %s IS %L', type, target, format('%s [%s]', about, maker));
	FOR "column" IN SELECT attname FROM pg_attribute WHERE attrelid = target::regclass AND attnum > 0 LOOP
		EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, "column", words ->> "column"::text);
	END LOOP;
	RETURN name;
END
$$;

CREATE FUNCTION kc_drop_made(target_schema name, names name[], maker text) RETURNS SETOF name
LANGUAGE plpgsql PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	made record;
	dropped int := 0;
BEGIN
	FOR made IN
		SELECT c.oid::regclass AS relation, c.relname, c.relkind
		FROM unnest(names) WITH ORDINALITY u (name, n)
		JOIN pg_class c ON c.relname = u.name
		JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = target_schema
		WHERE obj_description(c.oid, 'pg_class') LIKE format('%%[%s]', maker) ORDER BY n
	LOOP
		EXECUTE format('DROP %s %s', CASE made.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, made.relation);
		dropped := dropped + 1;
		RETURN NEXT made.relname;
	END LOOP;
	IF dropped = 0 THEN
		RAISE EXCEPTION USING ERRCODE = '42P01',
			MESSAGE = format('schema "%s" holds nothing that %s made', target_schema, maker);
	END IF;
END
$$;

-- ---- the six views ------------------------------------------------------------------------

CREATE FUNCTION kc_cohort_queries(extension text, cohort text, seen text, measure_list text,
	group_list text, same_patient text, same_visit text, start text, characteristics text,
	present text, grouped boolean, OUT name name, OUT query text, OUT about text) RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	-- every patient of the cohort at every visit, whether there is a row or not
	grid text := format(
		'FROM (%1$s) c
		CROSS JOIN (SELECT DISTINCT v.visit_time FROM (%2$s) v WHERE v.visit_time IS NOT NULL) s
		LEFT JOIN (%2$s) v ON v.patient %3$s c.patient AND v.visit_time %4$s s.visit_time
		CROSS JOIN LATERAL (VALUES %5$s) g (group_name, group_value)
		CROSS JOIN LATERAL (VALUES %6$s) m (measure, direction, before, after)',
		cohort, seen, same_patient, same_visit, group_list, measure_list);
	keys text := 'm.measure, g.group_name, g.group_value, s.visit_time';
	later text := format('NOT (s.visit_time %s %s)', same_visit, start);
BEGIN
	name := 'cohort_paired_change';
	about := 'Change from baseline to each visit, by measure and group';
	query := format(
		'SELECT a.measure, a.group_name, a.group_value, a.visit_time, (a.t).n, (a.t).n_missing,
			(a.d).mean_before, (a.d).sd_before, (a.d).mean_after, (a.d).sd_after,
			(a.t).estimate AS mean_change, (a.d).sd_change, (a.t).std_error, (a.t).conf_low, (a.t).conf_high,
			(a.t).statistic, (a.t).df, (a.t).p_value, (a.t).effect_size, (a.d).median_change,
			(a.d).change_of_means_pct, (a.d).mean_of_changes_pct,
			(a.d).n_decreased, (a.d).n_unchanged, (a.d).n_increased,
			(a.w).estimate AS shift, (a.w).conf_low AS shift_low, (a.w).conf_high AS shift_high,
			(a.w).p_value AS wilcoxon_p_value, (a.t).note
		FROM (SELECT %2$s, %1$s.paired_t_test(m.before, m.after) AS t,
				%1$s.describe_paired(m.before, m.after) AS d, %1$s.wilcoxon_signed_rank(m.before, m.after) AS w
			%3$s WHERE %4$s GROUP BY %2$s) a', extension, keys, grid, later);
	RETURN NEXT;

	name := 'cohort_responders';
	about := 'Share of patients who improved by at least 30 and 50 percent since baseline';
	query := format(
		'SELECT a.measure, a.group_name, a.group_value, a.visit_time, a.threshold, (a.r).n, (a.r).n_missing,
			(a.r).events AS responders, (a.r).estimate, (a.r).conf_low, (a.r).conf_high,
			(a.e).estimate AS estimate_all, (a.e).conf_low AS conf_low_all, (a.e).conf_high AS conf_high_all
		FROM (SELECT %2$s, h.threshold,
				%1$s.responder_rate(%1$s.is_responder(m.before, m.after, h.threshold, true, m.direction)) AS r,
				%1$s.responder_rate(coalesce(%1$s.is_responder(m.before, m.after, h.threshold, true, m.direction), false)) AS e
			%3$s CROSS JOIN (VALUES (30::float8), (50::float8)) h (threshold)
			WHERE %4$s GROUP BY %2$s, h.threshold) a', extension, keys, grid, later);
	RETURN NEXT;

	name := 'cohort_responder_curve';
	about := 'Cumulative responder curve: share of patients who improved by at least each threshold';
	query := format(
		'SELECT a.measure, a.group_name, a.group_value, a.visit_time, r.threshold, r.n,
			%1$s.n_missing(a.changes) AS n_missing, r.responders, r.estimate, r.conf_low, r.conf_high
		FROM (SELECT %2$s, m.direction, %1$s.value_counts(%1$s.percent_change(m.before, m.after)) AS changes
			%3$s WHERE %4$s GROUP BY %2$s, m.direction) a
		CROSS JOIN LATERAL %1$s.responder_curve(a.changes, direction => a.direction) r',
		extension, keys, grid, later);
	RETURN NEXT;

	name := 'cohort_trajectory';
	about := 'Level of each measure at each visit';
	query := format(
		'SELECT a.measure, a.group_name, a.group_value, a.visit_time, (a.d).n, (a.d).n_missing,
			(a.d).mean, (a.d).sd, (a.t).std_error, (a.t).conf_low, (a.t).conf_high,
			(a.d).min, (a.d).q1, (a.d).median, (a.d).q3, (a.d).max
		FROM (SELECT %2$s, %1$s.describe(m.after) AS d, %1$s.t_test(m.after) AS t
			%3$s GROUP BY %2$s) a', extension, keys, grid);
	RETURN NEXT;

	name := 'cohort_attrition';
	about := 'Patients with a baseline who were seen and lost at each visit';
	query := format(
		'SELECT a.group_name, a.group_value, a.visit_time, a.n_baseline, a.n_seen,
			a.n_baseline - a.n_seen AS n_lost, a.n_seen::float8 / a.n_baseline AS share_seen,
			(a.n_baseline - a.n_seen)::float8 / a.n_baseline AS share_lost, a.n_without_baseline
		FROM (SELECT g.group_name, g.group_value, s.visit_time, count(*) AS n_baseline,
				count(*) FILTER (WHERE %7$s) AS n_seen,
				CASE WHEN g.group_name = ''all'' THEN max(s.others) END AS n_without_baseline
			FROM (%1$s) c
			CROSS JOIN (SELECT v.visit_time, count(v.patient) FILTER (WHERE c.patient IS NULL AND (%7$s)) AS others
				FROM (%2$s) v LEFT JOIN (%1$s) c ON v.patient %3$s c.patient
				WHERE v.visit_time IS NOT NULL GROUP BY v.visit_time) s
			LEFT JOIN (%2$s) v ON v.patient %3$s c.patient AND v.visit_time %4$s s.visit_time
			CROSS JOIN LATERAL (VALUES %5$s) g (group_name, group_value)
			GROUP BY g.group_name, g.group_value, s.visit_time) a',
		cohort, seen, same_patient, same_visit, group_list, measure_list,
		present);
	RETURN NEXT;

	name := 'cohort_table_one';
	about := 'Characteristics at baseline, by the first group column';
	query := format(
		'SELECT o.variable, o.level, o.grp, o.n, o.n_missing, o.count, o.fraction, o.mean, o.sd,
			o.median, o.q1, o.q3, o.display, o.p_value, o.test, o.smd
		FROM (SELECT %1$s.table_one_summary(r%4$s) AS summary
			FROM (%2$s) c CROSS JOIN LATERAL (SELECT %3$s) r) a
		CROSS JOIN LATERAL %1$s.table_one(a.summary) o',
		extension, cohort, characteristics, CASE WHEN grouped THEN ', c.g1::text' ELSE '' END);
	RETURN NEXT;
END
$$;

CREATE FUNCTION create_cohort_views(target_schema name, visits regclass, patient name,
	visit_time name, measures name[], baseline text, groups name[] DEFAULT '{}',
	higher_is_better name[] DEFAULT '{}', security_invoker boolean DEFAULT NULL)
RETURNS SETOF name
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT kc_cohort_check(target_schema, visits, patient, visit_time, measures, baseline, groups,
		higher_is_better, NULL, false);
	SELECT kc_cohort_check_rows(visits, patient, visit_time, baseline, p.same_visit, p.start)
	FROM kc_cohort_pieces(visits, patient, visit_time, measures, baseline, groups, higher_is_better, NULL) p;
	SELECT kc_create_made(target_schema, q.name, q.query, CASE WHEN i.invoker THEN 'invoker' ELSE 'view' END,
		'create_cohort_views', q.about, kc_cohort_words())
	FROM kc_cohort_pieces(visits, patient, visit_time, measures, baseline, groups, higher_is_better, NULL) p,
		kc_cohort_invoker(security_invoker, kc_cohort_row_security(visits)) i (invoker),
		kc_cohort_queries(p.extension, p.cohort, p.seen, p.measure_list, p.group_list, p.same_patient,
			p.same_visit, p.start, p.characteristics, p.present, cardinality(groups) > 0) q;
END;

CREATE FUNCTION drop_cohort_views(target_schema name) RETURNS SETOF name
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT kc_drop_made(target_schema, '{cohort_paired_change,cohort_responders,cohort_responder_curve,cohort_trajectory,cohort_attrition,cohort_table_one}',
		'create_cohort_views');
END;

-- ---- daily summaries, kept ------------------------------------------------------------------

CREATE FUNCTION kc_cohort_summary_queries(target_schema name, extension text, cohort text, seen text,
	measure_list text, group_list text, same_patient text, same_visit text, start text,
	OUT name name, OUT query text, OUT kind text, OUT about text) RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	period text;
BEGIN
	name := 'cohort_daily_summaries';
	kind := 'matview';
	about := 'Summaries of each day''s visits after baseline, by measure, group and visit';
	query := format(
		'SELECT m.measure, g.group_name, g.group_value, v.visit_time, v.day,
			%1$s.paired_summary(m.before, m.after) AS pairs,
			%1$s.value_counts(m.after - m.before) AS changes, %1$s.value_counts(m.after) AS levels
		FROM (%2$s) c JOIN (%3$s) v ON v.patient %4$s c.patient
		CROSS JOIN LATERAL (VALUES %6$s) g (group_name, group_value)
		CROSS JOIN LATERAL (VALUES %7$s) m (measure, direction, before, after)
		WHERE NOT (v.visit_time %5$s %8$s)
		GROUP BY m.measure, g.group_name, g.group_value, v.visit_time, v.day',
		extension, cohort, seen, same_patient, same_visit, group_list, measure_list, start);
	RETURN NEXT;

	kind := 'view';
	FOREACH period IN ARRAY '{month,year,total}'::text[] LOOP
		name := CASE period WHEN 'total' THEN 'cohort_change_total' ELSE 'cohort_change_by_' || period END;
		about := 'Change since baseline from the daily summaries, '
			|| CASE period WHEN 'total' THEN 'all days' ELSE 'by ' || period END;
		query := format(
			'SELECT a.measure, a.group_name, a.group_value, a.visit_time%3$s, (a.t).n, (a.t).n_missing,
				(a.t).estimate AS mean_change, (a.t).std_error, (a.t).conf_low, (a.t).conf_high,
				(a.t).statistic, (a.t).df, (a.t).p_value, (a.t).effect_size,
				(a.c).sd AS sd_change, (a.c).median AS median_change,
				(a.w).estimate AS shift, (a.w).conf_low AS shift_low, (a.w).conf_high AS shift_high,
				(a.w).p_value AS wilcoxon_p_value, (a.t).note,
				(a.l).mean AS mean_after, (a.l).sd AS sd_after, (a.l).min AS min_after, (a.l).q1 AS q1_after,
				(a.l).median AS median_after, (a.l).q3 AS q3_after, (a.l).max AS max_after
			FROM (SELECT s.measure, s.group_name, s.group_value, s.visit_time%4$s,
					%1$s.paired_t_test(%1$s.rollup(s.pairs)) AS t,
					%1$s.wilcoxon_signed_rank(%1$s.rollup(s.changes)) AS w,
					%1$s.describe(%1$s.rollup(s.changes)) AS c, %1$s.describe(%1$s.rollup(s.levels)) AS l
				FROM %2$I.cohort_daily_summaries s
				GROUP BY s.measure, s.group_name, s.group_value, s.visit_time%5$s) a',
			extension, target_schema,
			CASE WHEN period <> 'total' THEN ', a.' || period ELSE '' END,
			CASE WHEN period <> 'total' THEN format(', date_trunc(%L, s.day::timestamp)::date AS %I', period, period) ELSE '' END,
			CASE WHEN period <> 'total' THEN ', 5' ELSE '' END);
		RETURN NEXT;
	END LOOP;
END
$$;

-- The views on the summaries go first when they are made anew.
CREATE FUNCTION kc_drop_summaries(target_schema name, again boolean) RETURNS SETOF name
LANGUAGE plpgsql PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	extension text;
BEGIN
	SELECT quote_ident(n.nspname) INTO extension
	FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'ketocohort';
	RETURN QUERY EXECUTE format('SELECT %s.kc_drop_made($1, $2, $3)', extension)
	USING target_schema,
		'{cohort_change_total,cohort_change_by_year,cohort_change_by_month,cohort_daily_summaries}'::name[],
		'create_cohort_summaries'::text;
EXCEPTION WHEN undefined_table THEN
	IF NOT again THEN
		RAISE;
	END IF;
END
$$;

CREATE FUNCTION create_cohort_summaries(target_schema name, visits regclass, patient name,
	visit_time name, measures name[], baseline text, day name, groups name[] DEFAULT '{}')
RETURNS SETOF name
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT kc_cohort_check(target_schema, visits, patient, visit_time, measures, baseline, groups, '{}', day, true);
	SELECT kc_cohort_check_rows(visits, patient, visit_time, baseline, p.same_visit, p.start)
	FROM kc_cohort_pieces(visits, patient, visit_time, measures, baseline, groups, '{}', day) p;
	SELECT kc_cohort_kept(visits, kc_cohort_row_security(visits));
	SELECT kc_drop_summaries(target_schema, true);
	SELECT kc_create_made(target_schema, q.name, q.query, q.kind, 'create_cohort_summaries', q.about, kc_cohort_words())
	FROM kc_cohort_pieces(visits, patient, visit_time, measures, baseline, groups, '{}', day) p,
		kc_cohort_summary_queries(target_schema, p.extension, p.cohort, p.seen, p.measure_list, p.group_list,
			p.same_patient, p.same_visit, p.start) q;
END;

CREATE FUNCTION refresh_cohort_summaries(target_schema name) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF coalesce(obj_description(to_regclass(format('%I.cohort_daily_summaries', target_schema)), 'pg_class'), '')
		NOT LIKE '%[create_cohort_summaries]' THEN
		RAISE EXCEPTION USING ERRCODE = '42P01',
			MESSAGE = format('schema "%s" holds nothing that create_cohort_summaries made', target_schema);
	END IF;
	EXECUTE format('REFRESH MATERIALIZED VIEW %I.cohort_daily_summaries', target_schema);
END
$$;

CREATE FUNCTION drop_cohort_summaries(target_schema name) RETURNS SETOF name
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT kc_drop_summaries(target_schema, false);
END;

-- ---- comments ---------------------------------------------------------------------------------

COMMENT ON FUNCTION kc_cohort_check(name, regclass, name, name, name[], text, name[], name[], name, boolean) IS
'checks schema, source and columns of a cohort';
COMMENT ON FUNCTION kc_cohort_equality(regclass, name) IS 'the equality operator of a column, qualified';
COMMENT ON FUNCTION kc_cohort_pieces(regclass, name, name, name[], text, name[], name[], name) IS
'the pieces of SQL of which the cohort views are made';
COMMENT ON FUNCTION kc_cohort_check_rows(regclass, name, name, text, text, text) IS
'checks that the baseline occurs and that no patient has two rows at a visit';
COMMENT ON FUNCTION kc_cohort_row_security(regclass) IS 'whether a table below has row-level security';
COMMENT ON FUNCTION kc_cohort_invoker(boolean, boolean) IS 'whether the views have the rights of the reader';
COMMENT ON FUNCTION kc_cohort_kept(regclass, boolean) IS 'warns that kept summaries know no row-level security';
COMMENT ON FUNCTION kc_cohort_words() IS 'comments for the columns of the views';
COMMENT ON FUNCTION kc_create_made(name, name, text, text, text, text, jsonb) IS
'creates or replaces a view and marks it as made by us';
COMMENT ON FUNCTION kc_drop_made(name, name[], text) IS 'drops the views that carry our mark';
COMMENT ON FUNCTION kc_cohort_queries(text, text, text, text, text, text, text, text, text, text, boolean) IS
'the queries of the cohort views';
COMMENT ON FUNCTION create_cohort_views(name, regclass, name, name, name[], text, name[], name[], boolean) IS
'writes six flat views on a table of visits, for dashboards: change, responders, responder curve, trajectory, attrition, Table 1; returns their names';
COMMENT ON FUNCTION drop_cohort_views(name) IS 'drops the views that create_cohort_views made in a schema';
COMMENT ON FUNCTION kc_cohort_summary_queries(name, text, text, text, text, text, text, text, text) IS
'the queries of the daily summaries and the views on them';
COMMENT ON FUNCTION kc_drop_summaries(name, boolean) IS 'drops the daily summaries and the views on them';
COMMENT ON FUNCTION create_cohort_summaries(name, regclass, name, name, name[], text, name, name[]) IS
'keeps daily summaries in a materialized view and writes views that roll them up by month, by year and in total';
COMMENT ON FUNCTION refresh_cohort_summaries(name) IS 'reads the visits again into the daily summaries of a schema';
COMMENT ON FUNCTION drop_cohort_summaries(name) IS 'drops what create_cohort_summaries made in a schema';
