#!/bin/sh
# Speed of chapters describe, paired, responder and mme on BENCH_ROWS rows (5 million).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
rows=${BENCH_ROWS:-5000000}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_pairs, bench_scores, bench_doses, bench_factors;
CREATE TABLE bench_pairs AS
  SELECT i % ($rows / 10) AS patient, random() * 10 AS x, random() * 9 AS y
  FROM generate_series(1, $rows) i;
CREATE TABLE bench_scores AS
  SELECT round(random() * 10)::float8 AS before, round(random() * 10)::float8 AS after
  FROM generate_series(1, $rows) i;
CREATE TABLE bench_doses AS
  SELECT (ARRAY['morphine', 'oxycodone', 'hydromorphone', 'tramadol', 'codeine',
                'hydrocodone', 'tapentadol', 'oxymorphone'])[1 + i % 8] AS drug,
         'mg'::text AS unit, 'oral'::text AS route, 10 + random() * 90 AS dose
  FROM generate_series(1, $rows) i;
CREATE TABLE bench_factors AS
  SELECT drug, unit, route, factor FROM mme_factors
  WHERE guideline = 'cdc2022' AND factor IS NOT NULL;
VACUUM ANALYZE bench_pairs, bench_scores, bench_doses, bench_factors;
SQL

serial='SET max_parallel_workers_per_gather = 0; SET jit = off;'
parallel='SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET jit = off;'

echo "$rows rows; ratio of our time to the other's, median of $BENCH_ROUNDS rounds"
bench 'paired_t_test against regr_sxy' \
	'SELECT paired_t_test(x, y) FROM bench_pairs' \
	'SELECT regr_sxy(y, x) FROM bench_pairs' 1.15 "$serial"
bench 'three results of one pass against paired_t_test alone' \
	'SELECT paired_t_test(x, y), pearson_correlation(x, y), paired_summary(x, y) FROM bench_pairs' \
	'SELECT paired_t_test(x, y) FROM bench_pairs' 1.15 "$serial"
bench 'wilcoxon_signed_rank, score 0-10, against percentile_cont' \
	'SELECT wilcoxon_signed_rank(before, after) FROM bench_scores' \
	'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY after - before) FROM bench_scores' \
	0.55 "$serial"
bench 'wilcoxon_signed_rank, continuous, against percentile_cont' \
	'SELECT wilcoxon_signed_rank(x, y) FROM bench_pairs' \
	'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY y - x) FROM bench_pairs' \
	0.50 "$serial"
bench 'responder_rate(is_responder()) against avg of a comparison' \
	'SELECT responder_rate(is_responder(before, after)) FROM bench_scores' \
	'SELECT avg((after <= 0.5 * before)::int) FROM bench_scores' 1.5 "$serial"
bench 'mme() against a hash join with a factor table' \
	'SELECT sum(mme(drug, dose, unit, route)) FROM bench_doses' \
	'SELECT sum(dose * factor) FROM bench_doses JOIN bench_factors USING (drug, unit, route)' \
	0.8 "$serial"
bench 'paired_t_test by patient, many groups, against stddev' \
	'SELECT count(p) FROM (SELECT paired_t_test(x, y) AS p FROM bench_pairs GROUP BY patient) q' \
	'SELECT count(p) FROM (SELECT stddev(y - x) AS p FROM bench_pairs GROUP BY patient) q' \
	1.3 "$serial"
bench 'paired_t_test, two workers against serial' \
	'SELECT paired_t_test(x, y) FROM bench_pairs' \
	'SELECT paired_t_test(x, y) FROM bench_pairs' 0.65 "$parallel" "$serial"
bench 'wilcoxon_signed_rank 0-10, two workers against serial' \
	'SELECT wilcoxon_signed_rank(before, after) FROM bench_scores' \
	'SELECT wilcoxon_signed_rank(before, after) FROM bench_scores' 0.65 "$parallel" "$serial"

# R: the same two tests after COPY out and read.csv, against both in SQL.
if command -v Rscript > /dev/null; then
	csv=$(mktemp)
	chmod 644 "$csv"
	start=$(date +%s.%N)
	$PSQL -c "\\copy (SELECT before, after FROM bench_scores) TO '$csv' CSV HEADER"
	Rscript -e "d <- read.csv('$csv'); invisible(t.test(d\$after, d\$before, paired = TRUE)); invisible(wilcox.test(d\$after, d\$before, paired = TRUE))" > /dev/null 2>&1
	end=$(date +%s.%N)
	rm -f "$csv"
	r_time=$(echo "$start $end" | awk '{ print ($2 - $1) * 1000 }')
	file=$(mktemp)
	printf '\\timing on\n%s;\n' 'SELECT paired_t_test(before, after), wilcoxon_signed_rank(before, after) FROM bench_scores' > "$file"
	sql_time=$(bench_times "$file" | bench_median)
	rm -f "$file"
	bench_report 'both tests in SQL against COPY out and R' "$sql_time" "$r_time" 0.1
else
	echo 'R is not installed: the comparison with it is left out'
fi
exit "$((bench_failed > 0))"
