#!/bin/sh
# How time grows with rows (tenfold each step, up to BENCH_ROWS, 10 million) and falls with
# workers: the time a row takes against that at the first step, one worker against two.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
most=${BENCH_ROWS:-10000000}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_scale;
CREATE TABLE bench_scale AS
  SELECT floor(11 * random())::float8 AS before, floor(11 * random())::float8 AS after,
         random() * 10 AS x, random() * 10 AS y, random() AS dose,
         (ARRAY['A', 'B', 'C'])[1 + i % 3] AS site
  FROM generate_series(1, $most) i;
VACUUM ANALYZE bench_scale;
SQL

serial='SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '"'1GB'"';'
workers='SET parallel_leader_participation = off; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET jit = off; SET work_mem = '"'1GB'"';'
first=100000

# time_of QUERY SETTINGS: median of BENCH_ROUNDS, in milliseconds.
time_of() {
	file=$(mktemp)
	printf '%s\n%s;\n\\timing on\n' "$2" "$1" > "$file"
	for round in $(seq "$BENCH_ROUNDS"); do
		printf '%s;\n' "$1" >> "$file"
	done
	bench_times "$file" | bench_median
	rm -f "$file"
}

# scale NAME AGGREGATE: the rows are a prefix of the table, so every step reads the same pages.
scale() {
	base=
	n=$first
	while [ "$n" -le "$most" ]; do
		$PSQL -c "SET client_min_messages = warning" -c "DROP TABLE IF EXISTS bench_step" \
			-c "CREATE TABLE bench_step AS SELECT * FROM bench_scale LIMIT $n" -c "VACUUM ANALYZE bench_step"
		time=$(time_of "SELECT $2 FROM bench_step v" "$serial" | awk -v n="$n" '{ print $1 / n }')
		base=${base:-$time}
		bench_report "$1: a row of $n against one of $first" "$time" "$base" -
		n=$((n * 10))
	done
	bench "$1: two workers against one" "SELECT $2 FROM bench_scale v" \
		"SELECT $2 FROM bench_scale v" - "$workers SET max_parallel_workers_per_gather = 2;" \
		"$workers SET max_parallel_workers_per_gather = 1;"
}

echo "up to $most rows; ratios of medians of $BENCH_ROUNDS rounds"
scale 'paired_t_test' 'paired_t_test(x, y)'
scale 'wilcoxon_signed_rank, 0-10' 'wilcoxon_signed_rank(before, after)'
scale 'wilcoxon_signed_rank, continuous' 'wilcoxon_signed_rank(x, y)'
scale 'mann_whitney, 0-10' "mann_whitney(after, CASE site WHEN 'A' THEN 'A' ELSE 'B' END)"
scale 'linear_model' "linear_model('y ~ x + dose + site', v)"
$PSQL -c 'DROP TABLE bench_scale, bench_step'
exit $bench_failed
