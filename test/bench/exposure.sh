#!/bin/sh
# Speed and memory of chapter exposure on BENCH_ROWS patients (1 million) with 12 fills.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
patients=${BENCH_ROWS:-1000000}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_fills;
CREATE TABLE bench_fills AS
  SELECT i / 12 AS patient,
         (ARRAY['oxycodone', 'morphine', 'hydrocodone', 'tramadol', 'oxycodone', 'codeine'])
           [1 + (i / 36 + i % 3) % 6] AS drug,
         10 * (1 + i % 9)::float8 AS dose, 'mg'::text AS unit, 'oral'::text AS route,
         date '2024-01-01' + 28 * (i % 12) + (i / 12) % 28 AS start, 14 + i % 17 AS days
  FROM generate_series(0, 12 * $patients - 1) i;
VACUUM ANALYZE bench_fills;
SQL

serial='SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '"'2GB'"';'
ours="SELECT patient, (mme_exposure(opioid_exposure(drug, dose, unit, route, start, days),
    period => '[2024-01-01,2025-01-01)')) AS e FROM bench_fills GROUP BY patient"
figures="SELECT count(*), sum((e).total_mme), sum((e).days_on_therapy), sum((e).mme_max) FROM ($ours OFFSET 0) q"
by_days="SELECT count(*), sum(total), sum(days_on), sum(highest) FROM (
  SELECT patient, sum(mme) AS total, count(*) AS days_on, max(mme) AS highest FROM (
    SELECT patient, day, sum(dose * CASE drug WHEN 'oxycodone' THEN 1.5 WHEN 'tramadol' THEN 0.2
                                      WHEN 'codeine' THEN 0.15 ELSE 1 END) AS mme
    FROM bench_fills, generate_series(start, start + days - 1, '1 day') day
    WHERE day < '2025-01-01' GROUP BY patient, day) d
  GROUP BY patient) p"

echo "$patients patients x 12 fills; ratio of our time to the other's, median of $BENCH_ROUNDS rounds"
$PSQL -At -c "$serial SELECT CASE WHEN a.count = b.count AND abs(a.sum / b.sum - 1) < 1e-9
    AND a.days = b.days AND abs(a.max / b.max - 1) < 1e-9 THEN 'both give the same figures'
    ELSE 'THE FIGURES DIFFER' END
  FROM ($figures) a (count, sum, days, max), ($by_days) b (count, sum, days, max)"
bench 'mme_exposure by patient against count, min and max' \
	"SELECT count(e) FROM ($ours OFFSET 0) q" \
	'SELECT count(c) FROM (SELECT count(*) AS c, min(dose), max(dose), min(start), max(start)
      FROM bench_fills GROUP BY patient OFFSET 0) q' 4 "$serial"
BENCH_ROUNDS=1
bench 'mme_exposure by patient against days by generate_series' "$figures" "$by_days" 0.1 "$serial"

# Bytes a patient, in the aggregate and stored.
bytes=$($PSQL -At <<SQL
$serial
SELECT max(pg_column_size(e)) FROM (SELECT opioid_exposure(drug, dose, unit, route, start, days) AS e
  FROM bench_fills WHERE patient < 10000 GROUP BY patient) q;
CREATE AGGREGATE pg_temp.kept(text, float8, text, text, date, int) (
  SFUNC = kc_opioid_exposure_add, STYPE = opioid_exposure);
SELECT max(pg_column_size(e)) FROM (SELECT pg_temp.kept(drug, dose, unit, route, start, days) AS e
  FROM bench_fills WHERE patient < 10000 GROUP BY patient) q;
SQL
)
for size in $bytes; do
	echo "$size"
done | awk '{ what = NR == 1 ? "stored" : "while aggregating"
	printf "%-62s %7d  at most %-6d %s\n", "bytes of a patient with 12 fills, " what, $1, 600,
		$1 <= 600 ? "holds" : "TOO LARGE"
	large += $1 > 600 } END { exit large > 0 }' || bench_failed=$((bench_failed + 1))
exit "$((bench_failed > 0))"
