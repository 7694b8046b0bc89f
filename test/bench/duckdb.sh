#!/bin/sh
# The jobs DuckDB can do too, on the same BENCH_ROWS rows (5 million), in memory, one
# thread against no worker and two threads against two workers.  DuckDB comes from npm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
rows=${BENCH_ROWS:-5000000}
if ! command -v npm > /dev/null; then
	echo 'no npm: DuckDB cannot be fetched'
	exit 0
fi

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
chmod 755 "$room"
(cd "$room" && npm init -y && npm install --no-audit --no-fund @duckdb/node-api) > "$room/npm.log" 2>&1 || {
	tail -n 3 "$room/npm.log"
	exit 1
}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_shared;
CREATE TABLE bench_shared AS
  SELECT i / 10 AS patient, floor(11 * random())::float8 AS before, floor(11 * random())::float8 AS after,
         random() * 10 AS x, random() * 10 AS y, random() AS a, random() AS b,
         (ARRAY['oxycodone', 'morphine', 'hydrocodone', 'tramadol', 'codeine'])[1 + i % 5] AS drug,
         'mg' AS unit, 'oral' AS route
  FROM generate_series(1, $rows) i;
VACUUM ANALYZE bench_shared;
\\copy bench_shared TO '$room/shared.csv' CSV HEADER
\\copy (SELECT drug, unit, route, factor FROM mme_factors WHERE guideline = 'cdc2022' AND factor IS NOT NULL) TO '$room/factors.csv' CSV HEADER
SQL

cat > "$room/run.mjs" <<'JS'
// node run.mjs QUERY THREADS ROUNDS: the median of the rounds, in milliseconds.
import { DuckDBInstance } from '@duckdb/node-api';
const [rounds, ...queries] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run("CREATE TABLE bench_shared AS FROM read_csv('shared.csv')");
await connection.run("CREATE TABLE bench_factors AS FROM read_csv('factors.csv')");
for (const threads of [1, 2]) {
  await connection.run(`SET threads = ${threads}`);
  for (const query of queries) {
    const times = [];
    for (let round = 0; round <= rounds; round++) {
      const begun = process.hrtime.bigint();
      await (await connection.run(query)).getRows();
      times.push(Number(process.hrtime.bigint() - begun) / 1e6);
    }
    console.log(times.slice(1).sort((p, q) => p - q)[Math.floor(rounds / 2)]);
  }
}
JS

# A job a line: what it is | ours | what DuckDB is asked for.
cat > "$room/jobs" <<'JOBS'
paired t test against n, mean and SD of the change|paired_t_test(x, y) FROM bench_shared|count(*), avg(y - x), stddev_samp(y - x) FROM bench_shared
Wilcoxon test, scores 0-10, against the median change|wilcoxon_signed_rank(before, after) FROM bench_shared|quantile_cont(after - before, 0.5) FROM bench_shared
Wilcoxon test, continuous, against the median change|wilcoxon_signed_rank(x, y) FROM bench_shared|quantile_cont(y - x, 0.5) FROM bench_shared
responder rate with interval against a share|responder_rate(is_responder(before, after)) FROM bench_shared|avg((after <= 0.5 * before)::int) FROM bench_shared
MME by function against a join with the factors|sum(mme(drug, x, unit, route)) FROM bench_shared|sum(x * factor) FROM bench_shared JOIN bench_factors USING (drug, unit, route)
paired t test by patient against SD by patient|count(t) FROM (SELECT paired_t_test(x, y) AS t FROM bench_shared GROUP BY patient) q|count(t) FROM (SELECT stddev_samp(y - x) AS t FROM bench_shared GROUP BY patient) q
linear model of two terms against two simple slopes|linear_model('y ~ a + b', v) FROM (SELECT y, a, b FROM bench_shared) v|regr_slope(y, a), regr_slope(y, b) FROM bench_shared
JOBS
cut -d'|' -f3 "$room/jobs" | sed 's/^/SELECT /' > "$room/theirs"
(
	set --
	while read -r query; do
		set -- "$@" "$query"
	done < "$room/theirs"
	cd "$room" && node run.mjs "$BENCH_ROUNDS" "$@"
) > "$room/times"

common='SET jit = off; SET work_mem = '"'1GB'"'; SET parallel_leader_participation = off; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;'
echo "$rows rows; ratio of our time to DuckDB's, medians of $BENCH_ROUNDS rounds"
line=0
for threads in 1 2; do
	workers=$((threads == 1 ? 0 : threads))
	while IFS='|' read -r job ours theirs; do
		line=$((line + 1))
		file=$(mktemp)
		printf '%s SET max_parallel_workers_per_gather = %s;\nSELECT %s;\n\\timing on\n' "$common" "$workers" "$ours" > "$file"
		for round in $(seq "$BENCH_ROUNDS"); do
			printf 'SELECT %s;\n' "$ours" >> "$file"
		done
		bench_report "$job, threads: $threads" "$(bench_times "$file" | bench_median)" "$(sed -n "${line}p" "$room/times")" -
		rm -f "$file"
	done < "$room/jobs"
done
$PSQL -c 'DROP TABLE bench_shared'
