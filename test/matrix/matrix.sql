-- Every aggregate on every input, whole and by group: serial, forced parallel,
-- partitionwise, from pieces, as a window and in one query with the others.

CREATE TABLE matrix_outcomes (at serial, passed boolean, test text, detail text);

CREATE PROCEDURE matrix_check(test text, got text, expected text)
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO matrix_outcomes (passed, test, detail)
  VALUES (got IS NOT DISTINCT FROM expected, test,
          format(E'got      %s\nexpected %s', left(got, 600), left(expected, 600)));
END $$;

-- Sets the planner so that it takes the plan wanted.
CREATE PROCEDURE matrix_plan(mode text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('max_parallel_workers_per_gather', CASE mode WHEN 'parallel' THEN '2' ELSE '0' END, false),
          set_config('parallel_setup_cost', '0', false),
          set_config('parallel_tuple_cost', '0', false),
          set_config('min_parallel_table_scan_size', '0', false),
          set_config('enable_partitionwise_aggregate', CASE mode WHEN 'partitionwise' THEN 'on' ELSE 'off' END, false),
          -- Rows that pass through an Append are made dear, so that states pass instead.
          set_config('cpu_tuple_cost', CASE mode WHEN 'partitionwise' THEN '1' ELSE '0.01' END, false);
END $$;

-- Runs a query of one text column and returns its rows sorted, one a line; with a mode
-- whose plan has to be partial, checks that it is.
CREATE FUNCTION matrix_run(mode text, test text, query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  line text;
  plan text := '';
  answer text;
BEGIN
  CALL matrix_plan(mode);
  IF mode IN ('parallel', 'partitionwise') THEN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
      plan := plan || line || E'\n';
    END LOOP;
    INSERT INTO matrix_outcomes (passed, test, detail)
    VALUES (plan ~ 'Partial (Hash|Group|Mixed)?Aggregate', test || ': the plan is partial', plan);
  END IF;
  EXECUTE 'SELECT string_agg(answer, E''\n'' ORDER BY answer) FROM (' || query || ') q (answer)'
    INTO answer;
  RETURN answer;
END $$;

-- The states of pieces rolled up, and the reading of that.
CREATE FUNCTION matrix_pieces(a matrix_aggregates, by_group boolean, reading text, kind text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('SELECT concat_ws('' '', grp, %s) FROM (SELECT grp, rollup(piece_state) AS whole
                 FROM (SELECT %s AS grp, piece, %I(%s) AS piece_state FROM matrix_rows
                       WHERE kind = %L GROUP BY 1, 2 ORDER BY 2 DESC) pieces GROUP BY grp) q
                 WHERE whole IS NOT NULL',
                reading, CASE WHEN by_group THEN 'grp' ELSE 'NULL::text' END, a.builder, a.arguments, kind)
$$;

DO $$
DECLARE
  a matrix_aggregates;
  kind text;
  by_group boolean;
  grp text;
  test text;
  tail text;
  call text;
  serial text;
  reading text;
  nothing text;
  mode text;
BEGIN
  FOR a IN SELECT * FROM matrix_aggregates WHERE finish IS NOT NULL ORDER BY aggregate LOOP
    call := format('%s(%s)', a.name, a.arguments);
    reading := CASE WHEN a.result = a.state THEN matrix_reading(a, call)
                    ELSE format('coalesce(%s::text, ''NULL'')', call) END;

    -- No rows, and no row that passes the filter, give NULL.
    FOREACH mode IN ARRAY ARRAY['serial', 'parallel', 'partitionwise'] LOOP
      CALL matrix_check(format('%s, empty, %s', a.aggregate, mode),
        matrix_run(mode, format('%s, empty, %s', a.aggregate, mode),
                   format('SELECT (%s IS NULL)::text FROM %s WHERE kind = ''none''', call,
                          CASE mode WHEN 'partitionwise' THEN 'matrix_parts' ELSE 'matrix_rows' END)),
        'true');
      CALL matrix_check(format('%s, all filtered, %s', a.aggregate, mode),
        matrix_run(mode, format('%s, all filtered, %s', a.aggregate, mode),
                   format('SELECT (%s FILTER (WHERE id < -100) IS NULL)::text FROM %s', call,
                          CASE mode WHEN 'partitionwise' THEN 'matrix_parts' ELSE 'matrix_rows' END)),
        'true');
    END LOOP;

    -- Only NULLs give a row that counts them.
    CALL matrix_plan('serial');
    IF a.result = a.state THEN
      nothing := format('SELECT n_used(s)::text || '' '' || n_missing(s)
                         FROM (SELECT %s AS s FROM matrix_rows WHERE kind = ''all null'') q', call);
    ELSE
      nothing := format('SELECT (s).n::text || '' '' || (s).n_missing
                         FROM (SELECT %s AS s FROM matrix_rows WHERE kind = ''all null'') q', call);
    END IF;
    IF a.result = a.state OR EXISTS (SELECT FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                                     WHERE reltype = a.result::regtype AND attname = 'n_missing') THEN
      CALL matrix_check(format('%s, all null: n and n_missing', a.aggregate),
                        matrix_run('serial', '', nothing), '0 12');
    END IF;

    FOR kind IN SELECT DISTINCT r.kind FROM matrix_rows r ORDER BY 1 LOOP
      FOREACH by_group IN ARRAY ARRAY[false, true] LOOP
        test := format('%s, %s%s', a.aggregate, kind, CASE WHEN by_group THEN ' by group' ELSE '' END);
        grp := CASE WHEN by_group THEN 'grp' ELSE 'NULL' END;
        tail := format('WHERE kind = %L %s', kind, CASE WHEN by_group THEN 'GROUP BY grp' ELSE '' END);

        serial := matrix_run('serial', test, format(
          'SELECT concat_ws('' '', %s, %s) FROM matrix_rows %s', grp, reading, tail));
        CALL matrix_check(test || ', parallel',
          matrix_run('parallel', test || ', parallel', format(
            'SELECT concat_ws('' '', %s, %s) FROM matrix_rows %s', grp, reading, tail)), serial);
        CALL matrix_check(test || ', partitionwise',
          matrix_run('partitionwise', test || ', partitionwise', format(
            'SELECT concat_ws('' '', %s, %s) FROM matrix_parts %s', grp, reading, tail)), serial);

        -- Pieces: by the final function itself, and by the plain function of the same name.
        CALL matrix_check(test || ', rolled up',
          matrix_run('serial', test, matrix_pieces(a, by_group,
            CASE WHEN a.result = a.state THEN matrix_reading(a, 'whole')
                 ELSE format('coalesce(%s(whole)::text, ''NULL'')', a.estimate) END, kind)), serial);
        IF a.result <> a.state AND matrix_reading(a, 'whole') <> 'NULL' THEN
          CALL matrix_check(test || ', the plain function of the summary',
            matrix_run('serial', test, matrix_pieces(a, by_group, matrix_reading(a, 'whole'), kind)),
            serial);
        END IF;

        -- A window's last row has seen its frame; every final before must have left the
        -- state alone.
        CALL matrix_check(test || ', as a window',
          matrix_run('serial', test, format(
            'SELECT DISTINCT ON (%1$s) concat_ws('' '', %1$s, %2$s)
             FROM (SELECT * FROM matrix_rows WHERE kind = %3$L AND id %% 2 = 0) r
             WINDOW w AS (%4$s ORDER BY id) ORDER BY %1$s, id DESC',
            grp, replace(reading, call, call || ' OVER w'), kind,
            CASE WHEN by_group THEN 'PARTITION BY grp' ELSE '' END)),
          matrix_run('serial', test, format(
            'SELECT concat_ws('' '', %s, %s) FROM matrix_rows WHERE kind = %L AND id %% 2 = 0 %s',
            grp, reading, kind, CASE WHEN by_group THEN 'GROUP BY grp' ELSE 'HAVING count(*) > 0' END)));
      END LOOP;
    END LOOP;
  END LOOP;
END $$;

-- Aggregates over the same arguments share a state in one query: the answers stay.
DO $$
DECLARE
  alone text;
  together text;
  s record;
BEGIN
  CALL matrix_plan('serial');
  FOR s IN SELECT transition, arguments, string_agg(aggregate, ', ' ORDER BY aggregate) AS names,
                  array_agg(format('%s(%s)::text', name, arguments) ORDER BY aggregate) AS calls,
                  array_agg(format('%s(%s)::text', name, arguments) ORDER BY aggregate DESC) AS reversed
           FROM matrix_aggregates WHERE result <> state
           GROUP BY transition, arguments HAVING count(*) > 1 LOOP
    SELECT 'SELECT ' || string_agg(format('(SELECT %s FROM matrix_rows WHERE kind = ''ties'')', call),
                                   ' || '' '' || ' ORDER BY at)
      INTO alone FROM unnest(s.calls) WITH ORDINALITY c (call, at);
    EXECUTE alone INTO alone;
    EXECUTE format('SELECT %s FROM matrix_rows WHERE kind = ''ties''',
                   array_to_string(s.calls, ' || '' '' || ')) INTO together;
    CALL matrix_check(s.names || ': in one query', together, alone);
  END LOOP;
END $$;

SELECT CASE WHEN passed THEN 'ok - ' || test
            ELSE 'not ok - ' || test || E'\n' || regexp_replace(detail, '^', '# ', 'gn') END
FROM matrix_outcomes ORDER BY at;
