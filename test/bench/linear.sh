#!/bin/sh
# Speed of chapter linear on BENCH_ROWS rows (5 million), against regr_slope and R's lm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
rows=${BENCH_ROWS:-5000000}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_rows;
CREATE TABLE bench_rows AS
  SELECT random() * 10 AS y, random() * 10 AS a, random() * 9 AS b, random() AS c,
         random() * 3 AS d, (ARRAY['A', 'B', 'C'])[1 + i % 3] AS site
  FROM generate_series(1, $rows) i;
VACUUM ANALYZE bench_rows;
SQL

serial='SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '"'1GB'"';'
model="SELECT linear_model('y ~ a + b + c + d', v) FROM (SELECT y, a, b, c, d FROM bench_rows) v"

echo "$rows rows; ratio of our time to the other's, median of $BENCH_ROUNDS rounds"
bench "linear_model('y ~ a + b + c + d') against four regr_slope" \
	"$model" \
	'SELECT regr_slope(y, a), regr_slope(y, b), regr_slope(y, c), regr_slope(y, d) FROM bench_rows' \
	1.5 "$serial"

if command -v Rscript > /dev/null; then
	script=$(mktemp)
	cat > "$script" <<R
n <- $rows
v <- data.frame(y = runif(n), a = runif(n), b = runif(n), c = runif(n), d = runif(n))
times <- replicate(3, system.time(lm(y ~ a + b + c + d, v))[["elapsed"]])
cat(1000 * median(times))
R
	lm=$(Rscript "$script")
	rm -f "$script"
	file=$(mktemp)
	printf '%s\n\\timing on\n%s;\n%s;\n%s;\n' "$serial" "$model" "$model" "$model" > "$file"
	mine=$(bench_times "$file" | bench_median)
	rm -f "$file"
	bench_report "the same against R's lm on data in memory" "$mine" "$lm" 0.5
else
	echo 'R is not installed: the comparison with it is left out'
fi

$PSQL -c 'DROP TABLE bench_rows'
exit "$((bench_failed > 0))"
