-- Rows for the matrix: one table, the same rows in a partitioned one.  The columns are
-- named by type and number, so that arguments are chosen by an aggregate's signature.
SET client_min_messages = warning;
SELECT setseed(0.5) \g /dev/null

CREATE TABLE matrix_rows (
  kind text,
  grp text,
  id int,
  piece int,
  float8_1 float8,
  float8_2 float8,
  float8_3 float8,
  text_1 text,
  text_2 text,
  boolean_1 boolean,
  boolean_2 boolean,
  integer_1 int,
  integer_2 int,
  date_1 date,
  subject text,
  condition text,
  drug text
) WITH (fillfactor = 10, autovacuum_enabled = off);

-- Many rows with ties; continuous ones; large ones whose spread is a hundred-thousandth.
INSERT INTO matrix_rows
SELECT kind, 'group ' || id % 3, id, id % 4,
       CASE kind WHEN 'ties' THEN floor(11 * random())
                 WHEN 'continuous' THEN 70 + 20 * (random() + random() + random() - 1.5)
                 ELSE 1e9 + random() END,
       CASE kind WHEN 'ties' THEN floor(9 * random())
                 WHEN 'continuous' THEN 55 + 30 * (random() + random() + random() - 1.5)
                 ELSE 1e9 + random() END,
       CASE kind WHEN 'ties' THEN floor(3 * random()) ELSE random() END,
       'label ' || floor(4 * random()), 'label ' || floor(3 * random()),
       random() < 0.6, random() < 0.4,
       floor(5 * random()), floor(20 * random()),
       date '2020-01-01' + floor(700 * random())::int,
       'patient ' || id / 3 % 40, 'visit ' || id % 3,
       (ARRAY['morphine', 'oxycodone', 'tramadol'])[1 + floor(3 * random())::int]
FROM unnest(ARRAY['ties', 'continuous', 'large']) kind, generate_series(0, 119) id;

-- A trial: pain before and after, 0 to 10, with dropouts.
INSERT INTO matrix_rows
SELECT 'study', treatment, row_number() OVER w, row_number() OVER w % 4, pain_week0, pain_week6,
       pain_week3, antiretroviral::text, treatment, pain_week6 <= 0.5 * pain_week0,
       pain_week3 <= 0.5 * pain_week0, period, pain_week0, date '2020-01-01' + period, patient,
       'period ' || period, 'morphine'
FROM pain WINDOW w AS (ORDER BY patient, period);

-- A row without data before and after the others, one row only, none at all with data.
INSERT INTO matrix_rows (kind, grp, id, piece)
SELECT 'null first', 'group ' || id % 3, -1 - id, id % 4 FROM generate_series(0, 5) id;

INSERT INTO matrix_rows
SELECT 'null first', grp, id, piece, float8_1, float8_2, float8_3, text_1, text_2, boolean_1,
       boolean_2, integer_1, integer_2, date_1, subject, condition, drug
FROM matrix_rows WHERE kind = 'ties' AND id < 60 ORDER BY id;

INSERT INTO matrix_rows
SELECT 'null last', grp, id, piece, float8_1, float8_2, float8_3, text_1, text_2, boolean_1,
       boolean_2, integer_1, integer_2, date_1, subject, condition, drug
FROM matrix_rows WHERE kind = 'continuous' AND id < 60 ORDER BY id;

INSERT INTO matrix_rows (kind, grp, id, piece)
SELECT 'null last', 'group ' || id % 3, 1000 + id, id % 4 FROM generate_series(0, 5) id;

INSERT INTO matrix_rows
SELECT 'one row', grp, id, piece, float8_1, float8_2, float8_3, text_1, text_2, boolean_1,
       boolean_2, integer_1, integer_2, date_1, subject, condition, drug
FROM matrix_rows WHERE kind = 'ties' AND id = 0;

INSERT INTO matrix_rows (kind, grp, id, piece)
SELECT 'all null', 'group ' || id % 3, id, id % 4 FROM generate_series(0, 11) id;

CREATE TABLE matrix_parts (LIKE matrix_rows) PARTITION BY LIST (piece);
CREATE TABLE matrix_part_0 PARTITION OF matrix_parts FOR VALUES IN (0) WITH (fillfactor = 10, autovacuum_enabled = off);
CREATE TABLE matrix_part_1 PARTITION OF matrix_parts FOR VALUES IN (1) WITH (fillfactor = 10, autovacuum_enabled = off);
CREATE TABLE matrix_part_2 PARTITION OF matrix_parts FOR VALUES IN (2) WITH (fillfactor = 10, autovacuum_enabled = off);
CREATE TABLE matrix_part_3 PARTITION OF matrix_parts FOR VALUES IN (3) WITH (fillfactor = 10, autovacuum_enabled = off);
INSERT INTO matrix_parts SELECT * FROM matrix_rows;
ANALYZE matrix_rows;
ANALYZE matrix_parts;

-- The planner is told of many rows, so that it finds partial aggregation worth while.
UPDATE pg_class SET reltuples = 1e9
WHERE relname IN ('matrix_rows', 'matrix_part_0', 'matrix_part_1', 'matrix_part_2', 'matrix_part_3');
