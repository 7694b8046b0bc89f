-- A thousand random splits of the same rows into up to eight pieces, in random order,
-- rolled up in random order: the answer equals that of the whole, for every aggregate.
TRUNCATE matrix_outcomes RESTART IDENTITY;

DO $$
DECLARE
  a matrix_aggregates;
  input text;
  reading text;
  whole text;
  answers text[];
BEGIN
  CALL matrix_plan('serial');
  FOR a IN SELECT * FROM matrix_aggregates WHERE finish IS NOT NULL ORDER BY aggregate LOOP
    reading := CASE WHEN a.result = a.state THEN matrix_reading(a, 'state')
                    ELSE format('coalesce(matrix_text(%s(state)), ''NULL'')', a.estimate) END;
    FOREACH input IN ARRAY ARRAY['ties', 'continuous', 'large', 'null last', 'study'] LOOP
      EXECUTE format('SELECT %s FROM (SELECT %I(%s) AS state FROM matrix_rows WHERE kind = %L) q',
                     reading, a.builder, a.arguments, input) INTO whole;
      -- States that are equal byte for byte are read once.
      EXECUTE format(
        'SELECT array_agg(DISTINCT answer) FROM
          (SELECT %1$s AS answer FROM (SELECT written::%2$s AS state FROM
            (SELECT DISTINCT rollup(state ORDER BY random())::text AS written FROM
              (SELECT split, split_piece, %3$I(%4$s) AS state FROM
                (SELECT r.*, split, floor(random() * (1 + split %% 8)) AS split_piece
                 FROM generate_series(1, 1000) split, matrix_rows r
                 WHERE r.kind = %5$L ORDER BY random()) shuffled
               GROUP BY split, split_piece) pieces
             GROUP BY split) written) states) answers',
        reading, a.state, a.builder, a.arguments, input) INTO answers;
      INSERT INTO matrix_outcomes (passed, test, detail)
      VALUES (answers = ARRAY[whole], format('%s, %s: 1000 random splits', a.aggregate, input),
              format(E'%s different answers, among them\n%s\nthe whole gives\n%s',
                     cardinality(answers), left(answers[1], 600), left(whole, 600)));
    END LOOP;
  END LOOP;
END $$;

SELECT CASE WHEN passed THEN 'ok - ' || test
            ELSE 'not ok - ' || test || E'\n' || regexp_replace(detail, '^', '# ', 'gn') END
FROM matrix_outcomes ORDER BY at;
