-- A small study as a stranger may have it: visits by date, a group nobody recorded, a
-- group of one, a patient who never came back, a patient with baseline 0, a quoted schema.
CREATE SCHEMA "Own study";
CREATE TABLE own_visits AS
SELECT patient, day::date AS day, score, CASE WHEN patient = 1 THEN NULL WHEN patient = 2 THEN 'O''Neil </script>' ELSE 'clinic' END AS place
FROM (VALUES (1, 7.0, 5.0, 6.0), (2, 6, 2, NULL), (3, 8, 8, 3), (4, 5, 4, 1), (5, 0, 1, 0), (6, 9, NULL, NULL)) v (patient, a, b, c),
  LATERAL (VALUES ('2024-01-10', a), ('2024-02-20', b), ('2024-06-01', c)) d (day, score)
WHERE score IS NOT NULL;
SELECT create_cohort_views('Own study', 'own_visits', patient => 'patient', visit_time => 'day',
  measures => '{score}', baseline => '2024-01-10', groups => '{place}');
GRANT USAGE ON SCHEMA "Own study" TO dashboard_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA "Own study" TO dashboard_reader;
