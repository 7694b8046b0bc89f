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

-- The query that reads the answer s of an aggregate call over some rows.
CREATE FUNCTION matrix_query(reading text, call text, key text, source text, condition text,
                             by_group boolean) RETURNS text
LANGUAGE sql IMMUTABLE BEGIN ATOMIC
  SELECT format('SELECT concat_ws('' '', key, %s) FROM (SELECT %s AS key, %s AS s FROM %s WHERE %s %s) q',
                reading, key, call, source, condition, CASE WHEN by_group THEN 'GROUP BY ' || key ELSE '' END);
END;

-- The same from the states of pieces, rolled up.
CREATE FUNCTION matrix_pieces(a matrix_aggregates, reading text, key text, condition text)
RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC
  SELECT format('SELECT concat_ws('' '', key, %s) FROM (SELECT key, rollup(piece_state) AS s
                 FROM (SELECT %s AS key, piece, %I(%s) AS piece_state FROM matrix_rows
                       WHERE %s GROUP BY 1, 2 ORDER BY 2 DESC) pieces GROUP BY key) q',
                reading, key, a.builder, a.arguments, condition);
END;

DO $$
DECLARE
  a matrix_aggregates;
  kind text;
  by_group boolean;
  key text;
  source text;
  test text;
  call text;
  reading text;         -- of the aggregate's answer
  plain text;           -- of a state, by the plain functions
  condition text;
  serial text;
  expected text;
  mode text;
BEGIN
  FOR a IN SELECT * FROM matrix_aggregates WHERE finish IS NOT NULL ORDER BY aggregate LOOP
    call := format('%s(%s)', a.name, a.arguments);
    plain := matrix_reading(a, 's');
    reading := CASE WHEN a.result = a.state THEN plain ELSE 'coalesce(matrix_text(s), ''NULL'')' END;

    -- No rows, and no row that passes the filter, give NULL.
    FOREACH mode IN ARRAY ARRAY['serial', 'parallel', 'partitionwise'] LOOP
      source := CASE mode WHEN 'partitionwise' THEN 'matrix_parts' ELSE 'matrix_rows' END;
      test := format('%s, empty, %s', a.aggregate, mode);
      CALL matrix_check(test, matrix_run(mode, test, format(
        'SELECT (%s IS NULL)::text FROM %s WHERE kind = ''none''', call, source)), 'true');
      test := format('%s, all filtered, %s', a.aggregate, mode);
      CALL matrix_check(test, matrix_run(mode, test, format(
        'SELECT (%s FILTER (WHERE id < -100) IS NULL)::text FROM %s', call, source)), 'true');
    END LOOP;

    -- Only NULLs give an answer that counts them.
    IF a.result = a.state OR EXISTS (SELECT FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                                     WHERE reltype = a.result::regtype AND attname = 'n_missing') THEN
      expected := coalesce((SELECT counts FROM matrix_all_null m WHERE m.aggregate = a.aggregate), '0 12');
      CALL matrix_check(a.aggregate || ', all null: n and n_missing',
        matrix_run('serial', '', matrix_query(
          CASE WHEN a.result = a.state THEN 'n_used(s), n_missing(s)' ELSE '(s).n, (s).n_missing' END,
          call, 'NULL', 'matrix_rows', 'kind = ''all null''', false)), expected);
    END IF;

    FOR kind IN SELECT DISTINCT r.kind FROM matrix_rows r ORDER BY 1 LOOP
      FOREACH by_group IN ARRAY ARRAY[false, true] LOOP
        test := format('%s, %s%s', a.aggregate, kind, CASE WHEN by_group THEN ' by group' ELSE '' END);
        key := CASE WHEN by_group THEN 'grp' ELSE 'NULL' END;
        condition := format('kind = %L', kind);

        serial := matrix_run('serial', test,
          matrix_query(reading, call, key, 'matrix_rows', condition, by_group));
        CALL matrix_check(test || ', parallel',
          matrix_run('parallel', test || ', parallel',
            matrix_query(reading, call, key, 'matrix_rows', condition, by_group)), serial);
        CALL matrix_check(test || ', partitionwise',
          matrix_run('partitionwise', test || ', partitionwise',
            matrix_query(reading, call, key, 'matrix_parts', condition, by_group)), serial);

        -- Pieces: by the final function itself, and by the plain function of the same name.
        IF a.result <> a.state THEN
          CALL matrix_check(test || ', final function of the rollup',
            matrix_run('serial', test, matrix_pieces(
              a, format('coalesce(matrix_text(%s(s)), ''NULL'')', a.estimate), key, condition)), serial);
        END IF;
        IF plain <> 'NULL' THEN
          CALL matrix_check(test || ', plain function of the rollup',
            matrix_run('serial', test, matrix_pieces(a, plain, key, condition)), serial);
        END IF;

        -- A window's last row has seen its frame; every final before must have left the
        -- state alone.
        key := CASE WHEN by_group THEN 'grp' ELSE 'kind' END;
        condition := condition || ' AND id % 2 = 0';
        CALL matrix_check(test || ', as a window',
          matrix_run('serial', test, format(
            'SELECT concat_ws('' '', key, %2$s)
             FROM (SELECT DISTINCT ON (%1$s) %1$s AS key, %3$s OVER w AS s FROM matrix_rows WHERE %4$s
                   WINDOW w AS (PARTITION BY %1$s ORDER BY id) ORDER BY %1$s, id DESC) q',
            key, reading, call, condition)),
          matrix_run('serial', test, matrix_query(reading, call, key, 'matrix_rows', condition, true)));
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
                  array_agg(format('matrix_text(%s(%s))', name, arguments) ORDER BY aggregate) AS calls,
                  array_agg(format('matrix_text(%s(%s))', name, arguments) ORDER BY aggregate DESC) AS reversed
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
