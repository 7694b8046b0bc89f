#!/bin/sh
# Speed of chapters groups and table_one on BENCH_ROWS rows (5 million), table_one on a
# twenty-fifth of them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
rows=${BENCH_ROWS:-5000000}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_groups, bench_patients;
CREATE TABLE bench_groups AS
  SELECT random() * 10 AS x, random() * 9 AS y, random() < 0.5 AS arm,
         'diagnosis ' || floor(5 * random()) AS a, 'response ' || floor(8 * random()) AS b
  FROM generate_series(1, $rows) i;
CREATE TABLE bench_patients AS
  SELECT 'arm ' || i % 2 AS arm, 20 + floor(60 * random())::int AS age,
         50 + 30 * random() AS weight, 150 + floor(40 * random()) AS height,
         floor(11 * random())::int AS pain, floor(11 * random())::int AS interference,
         nullif(floor(22 * random()), 0)::int AS anxiety, random() * 300 AS dose,
         (ARRAY['female', 'male'])[1 + floor(2 * random())::int] AS sex,
         random() < 0.2 AS smoker,
         (ARRAY['neuropathic', 'nociceptive', 'mixed'])[1 + floor(3 * random())::int] AS kind,
         (ARRAY['none', 'mild', 'moderate', 'severe'])[1 + floor(4 * random())::int] AS depression,
         random() < 0.1 AS diabetes
  FROM generate_series(1, $rows / 25) i;
VACUUM ANALYZE bench_groups, bench_patients;
SQL

serial='SET max_parallel_workers_per_gather = 0; SET jit = off;'

echo "$rows rows; ratio of our time to the other's, median of $BENCH_ROUNDS rounds"

# same JOB QUERY: whether the query, of one boolean, finds our figures in the server's own.
same() {
	case $($PSQL -At -c "$serial" -c "$2") in
		t) ;;
		*) echo "$1: THE FIGURES DIFFER"; bench_failed=$((bench_failed + 1)) ;;
	esac
}
near() {
	echo "abs(($1) - ($2)) <= 1e-9 * abs($2)"
}
same welch_t_test "SELECT $(near '(t).estimate' 'm1 - m0') AND $(near '(t).std_error' 'sqrt(v1 / n1 + v0 / n0)')
  FROM (SELECT welch_t_test(x, arm) AS t, avg(x) FILTER (WHERE arm) AS m1, avg(x) FILTER (WHERE NOT arm) AS m0,
               variance(x) FILTER (WHERE arm) AS v1, variance(x) FILTER (WHERE NOT arm) AS v0,
               count(x) FILTER (WHERE arm) AS n1, count(x) FILTER (WHERE NOT arm) AS n0 FROM bench_groups) q"
same mann_whitney "SELECT (SELECT (mann_whitney(x, arm)).statistic FROM bench_groups)
  = (SELECT sum(r) - count(*) * (count(*) + 1) / 2
     FROM (SELECT arm, rank() OVER (ORDER BY x) + (count(*) OVER (PARTITION BY x) - 1) / 2.0 AS r FROM bench_groups) q
     WHERE arm)"
same chi_squared_test "WITH c AS (SELECT a, b, count(*) AS n FROM bench_groups GROUP BY a, b),
  e AS (SELECT n, sum(n) OVER (PARTITION BY a)::float8 * sum(n) OVER (PARTITION BY b) / sum(n) OVER () AS e FROM c)
  SELECT $(near '(SELECT (chi_squared_test(a, b)).statistic FROM bench_groups)' 'sum((n - e) ^ 2 / e)') FROM e"
same spearman_correlation "SELECT $(near '(SELECT (spearman_correlation(x, y)).estimate FROM bench_groups)' 'corr(r, s)')
  FROM (SELECT rank() OVER (ORDER BY x) + (count(*) OVER (PARTITION BY x) - 1) / 2.0 AS r,
               rank() OVER (ORDER BY y) + (count(*) OVER (PARTITION BY y) - 1) / 2.0 AS s FROM bench_groups) q"
bench 'welch_t_test(value, boolean) against avg and stddev with FILTER' \
	'SELECT welch_t_test(x, arm) FROM bench_groups' \
	'SELECT avg(x) FILTER (WHERE arm), stddev(x) FILTER (WHERE arm), avg(x) FILTER (WHERE NOT arm), stddev(x) FILTER (WHERE NOT arm) FROM bench_groups' \
	1.2 "$serial"
bench 'mann_whitney, continuous, against percentile_cont per group' \
	'SELECT mann_whitney(x, arm) FROM bench_groups' \
	'SELECT arm, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM bench_groups GROUP BY arm' \
	0.6 "$serial"
bench 'chi_squared_test, 5 x 8 text labels, against GROUP BY a, b' \
	'SELECT chi_squared_test(a, b) FROM bench_groups' \
	'SELECT a, b, count(*) FROM bench_groups GROUP BY a, b' 1.2 "$serial"
bench 'spearman_correlation against two rank() OVER and corr' \
	'SELECT spearman_correlation(x, y) FROM bench_groups' \
	'SELECT corr(r, s) FROM (SELECT rank() OVER (ORDER BY x) AS r, rank() OVER (ORDER BY y) AS s FROM bench_groups) q' \
	0.4 "$serial"

# The same figures by hand, one GROUP BY a column, each answer counted only.
by_hand='SELECT 1'
for column in age weight height pain interference anxiety dose
do
	by_hand="$by_hand; SELECT count(*), count($column), avg($column), stddev($column), percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY $column) FROM bench_patients GROUP BY ROLLUP (arm)"
done
for column in sex smoker kind depression diabetes
do
	by_hand="$by_hand; SELECT $column, count(*) FROM bench_patients GROUP BY GROUPING SETS ((arm, $column), ($column))"
done
table_one='SELECT count(t) FROM (SELECT table_one_summary(p, arm) AS s FROM (SELECT * FROM bench_patients) q, LATERAL (SELECT age, weight, height, pain, interference, anxiety, dose, sex, smoker, kind, depression, diabetes) p) v, table_one(s) t'
for column in age weight height pain interference anxiety dose
do
	same "table_one, $column" "SELECT count(*) = 3 AND bool_and(t.n_missing = h.n_missing AND $(near t.mean h.mean)
	    AND $(near t.sd h.sd) AND $(near t.q1 'h.q[1]') AND $(near t.median 'h.q[2]') AND $(near t.q3 'h.q[3]'))
	  FROM (SELECT table_one_summary(p, arm) AS s FROM (SELECT arm, $column FROM bench_patients) b, LATERAL (SELECT $column) p) v,
	       table_one(s) t
	       JOIN (SELECT arm, count(*) - count($column) AS n_missing, avg($column) AS mean, stddev($column) AS sd,
	                    percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY $column) AS q
	             FROM bench_patients GROUP BY ROLLUP (arm)) h ON h.arm IS NOT DISTINCT FROM t.grp"
done
for column in sex smoker kind depression diabetes
do
	same "table_one, $column" "SELECT count(*) >= 6 AND bool_and(t.count = h.count)
	  FROM (SELECT table_one_summary(p, arm) AS s FROM (SELECT arm, $column FROM bench_patients) b, LATERAL (SELECT $column) p) v,
	       table_one(s) t
	       JOIN (SELECT arm, $column::text AS level, count(*) FROM bench_patients
	             GROUP BY GROUPING SETS ((arm, $column), ($column))) h
	         ON h.level = t.level AND h.arm IS NOT DISTINCT FROM t.grp"
done
bench 'table_one over 12 columns by group against SQL by hand' "$table_one" \
	"DO \$\$ BEGIN PERFORM $(printf '%s' "$by_hand" | sed -e 's/^SELECT 1; SELECT //' -e 's/; SELECT /; PERFORM /g'); END \$\$" \
	0.4 "$serial"
exit "$((bench_failed > 0))"
