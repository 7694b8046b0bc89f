-- Comparison of our figures with those of R.  A procedure of oracle.json is checked by
-- a function gold.<procedure>(query) that answers with a jsonb of the same shape as the
-- case's result; what it leaves out must be listed in gold.not_computed with the reason,
-- so that nothing is skipped silently.

-- Leaves of a json value with their dotted paths; a figure is a number, true, false,
-- null or one of the words Infinity and -Infinity.
CREATE FUNCTION gold.leaves(value jsonb, at text = '') RETURNS TABLE (path text, leaf jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  key text;
  item jsonb;
BEGIN
  IF jsonb_typeof(value) = 'object' THEN
    FOR key, item IN SELECT * FROM jsonb_each(value) LOOP
      RETURN QUERY SELECT * FROM gold.leaves(item, concat(at, '.', key));
    END LOOP;
  ELSIF jsonb_typeof(value) = 'array' THEN
    FOR key, item IN SELECT e.n - 1, e.value
                     FROM jsonb_array_elements(value) WITH ORDINALITY e (value, n) LOOP
      RETURN QUERY SELECT * FROM gold.leaves(item, concat(at, '.', key));
    END LOOP;
  ELSE
    RETURN QUERY SELECT ltrim(at, '.'), value;
  END IF;
END
$$;

-- Relative error, 0 for values that are equal or differ by atol at most, the absolute one
-- where the truth is 0; infinite where only one of the two is a finite number.
CREATE FUNCTION gold.error_of(ours jsonb, truth jsonb, atol float8 = NULL)
RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
  got float8;
  want float8;
BEGIN
  IF ours = truth THEN
    RETURN 0;
  ELSIF ours = 'null' OR jsonb_typeof(truth) NOT IN ('number', 'string')
        OR jsonb_typeof(truth) = 'string' AND truth #>> '{}' NOT IN ('Infinity', '-Infinity') THEN
    RETURN 'Infinity';
  END IF;
  got := ours #>> '{}';
  want := truth #>> '{}';
  IF got = want OR abs(got - want) <= atol THEN
    RETURN 0;
  ELSIF want IN ('Infinity', '-Infinity') OR got IN ('Infinity', '-Infinity', 'NaN') THEN
    RETURN 'Infinity';
  END IF;
  RETURN CASE WHEN want = 0 THEN abs(got) ELSE abs(got / want - 1) END;
END
$$;

\set oracle `cat oracle.json`

CREATE TABLE gold.cases AS
SELECT e.n, e.value ->> 'id' AS id, e.value ->> 'procedure' AS procedure,
       e.value ->> 'sql' AS query, (e.value ->> 'rtol')::float8 AS rtol,
       e.value -> 'inputs' AS inputs, e.value -> 'result' AS result
FROM jsonb_array_elements(:'oracle'::jsonb -> 'cases') WITH ORDINALITY e (value, n);

-- Rows, non-null counts, sums and sums of squares of what the case's query selects, for
-- the columns the case tells of.
CREATE FUNCTION gold.inputs_of(query text, columns jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  of_column jsonb;
  name text;
BEGIN
  EXECUTE format('SELECT jsonb_build_object(''n'', count(*)) FROM (%s) q', query) INTO answer;
  FOR name IN SELECT jsonb_object_keys(columns) LOOP
    EXECUTE format(
      CASE WHEN columns -> name ? 'sum' THEN
        'SELECT jsonb_build_object(''nonnull'', count(%1$I), ''sum'', coalesce(sum(%1$I), 0),
                                   ''sumsq'', coalesce(sum(%1$I * %1$I), 0)) FROM (%2$s) q'
      ELSE
        'SELECT jsonb_build_object(''nonnull'', count(%1$I),
                                   ''distinct'', count(DISTINCT %1$I)) FROM (%2$s) q'
      END, name, query) INTO of_column;
    answer := answer || jsonb_build_object('columns', coalesce(answer -> 'columns', '{}')
                                                      || jsonb_build_object(name, of_column));
  END LOOP;
  RETURN answer;
END
$$;

-- Every figure of a case beside ours: what the error is and may be, and why a figure that
-- we do not compute is left out (NULL: for no reason).
CREATE FUNCTION gold.compare(this gold.cases, our_result jsonb, our_inputs jsonb)
RETURNS TABLE (path text, ours jsonb, truth jsonb, computed boolean, error float8,
               allowed float8, reason text)
LANGUAGE SQL AS $$
  SELECT path, o.leaf, t.leaf, o.path IS NOT NULL,
         gold.error_of(coalesce(o.leaf, 'null'), coalesce(t.leaf, '"not in oracle.json"'),
                       k.atol),
         coalesce(k.rtol, this.rtol), d.reason
  FROM gold.leaves(this.result) t FULL JOIN gold.leaves(our_result) o USING (path)
       LEFT JOIN gold.tolerance k ON k.procedure = this.procedure AND path ~ k.pattern
       LEFT JOIN gold.not_computed d ON d.procedure = this.procedure AND path ~ d.pattern
  UNION ALL
  SELECT 'input ' || path, o.leaf, t.leaf, true,
         gold.error_of(coalesce(o.leaf, 'null'), coalesce(t.leaf, '"not in oracle.json"')),
         1e-12, NULL
  FROM gold.leaves(this.inputs) t FULL JOIN gold.leaves(our_inputs) o USING (path)
$$;

-- One line for a case, and under it what is wrong.
CREATE FUNCTION gold.run(this gold.cases) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  result jsonb;
  total record;
BEGIN
  PERFORM set_config('gold.formula', coalesce(this.result ->> 'formula', ''), true);
  EXECUTE format('SELECT gold.%I($1)', this.procedure) USING this.query INTO result;
  SELECT count(*) FILTER (WHERE computed) AS figures,
         count(*) FILTER (WHERE NOT computed) AS left_out,
         max(error) FILTER (WHERE computed) AS worst,
         array_agg(format('#   %s: ours %s, R %s, error %s, allowed %s', path,
                          coalesce(ours #>> '{}', 'NULL'), coalesce(truth #>> '{}', 'NULL'),
                          error, allowed) ORDER BY path)
           FILTER (WHERE CASE WHEN computed THEN error > allowed ELSE reason IS NULL END)
           AS wrong
  INTO total
  FROM gold.compare(this, result,
                    CASE jsonb_typeof(this.inputs)
                      WHEN 'object' THEN gold.inputs_of(this.query, this.inputs -> 'columns')
                      ELSE this.inputs END);
  RETURN NEXT format('%s %s (%s figures, worst relative error %s%s)',
                     CASE WHEN total.wrong IS NULL THEN 'ok' ELSE 'not ok' END, this.id,
                     total.figures, CASE WHEN total.worst < 'Infinity'
                          THEN ltrim(to_char(total.worst, '0.0EEEE')) ELSE 'infinite' END,
                     '; ' || nullif(total.left_out, 0) || ' not computed');
  RETURN QUERY SELECT unnest(total.wrong);
EXCEPTION WHEN OTHERS THEN
  RETURN NEXT format('not ok %s', this.id);
  RETURN NEXT format('#   error %s: %s', SQLSTATE, SQLERRM);
END
$$;

-- Runs every case whose procedure has a function, and tells what was left out and why.
CREATE FUNCTION gold.report() RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  this gold.cases;
  line text;
  passed int := 0;
  failed int := 0;
BEGIN
  FOR this IN SELECT * FROM gold.cases ORDER BY n LOOP
    CONTINUE WHEN to_regprocedure(format('gold.%I(text)', this.procedure)) IS NULL;
    FOR line IN SELECT * FROM gold.run(this) LOOP
      passed := passed + (line LIKE 'ok %')::int;
      failed := failed + (line LIKE 'not ok %')::int;
      RETURN NEXT line;
    END LOOP;
  END LOOP;
  RETURN QUERY
    SELECT format('# not computed in %s: %s (%s)', procedure, pattern, reason)
    FROM gold.not_computed ORDER BY 1;
  RETURN QUERY
    SELECT format('# tolerance %s in %s: %s (%s)', coalesce(rtol || ' relative',
                  atol || ' absolute'), procedure, pattern, reason)
    FROM gold.tolerance ORDER BY 1;
  RETURN QUERY
    SELECT format('# not run, no such procedure yet: %s (%s)', procedure, string_agg(id, ', ' ORDER BY n))
    FROM gold.cases WHERE to_regprocedure(format('gold.%I(text)', procedure)) IS NULL
    GROUP BY procedure ORDER BY min(n);
  FOR line IN
    SELECT format('not ok exemption %s of %s is of no use', pattern, procedure)
    FROM gold.not_computed x
    WHERE NOT EXISTS (SELECT FROM gold.cases c, gold.leaves(c.result) l
                      WHERE c.procedure = x.procedure AND l.path ~ x.pattern) LOOP
    failed := failed + 1;
    RETURN NEXT line;
  END LOOP;
  RETURN NEXT format('%s passed, %s failed', passed, failed);
END
$$;
