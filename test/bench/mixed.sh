#!/bin/sh
# Speed of chapter mixed: whole queries against the fit alone of R's lme4, data in memory;
# the summary pass on 1.2 million rows against an average a patient; memory a patient.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

# visits TABLE PATIENTS: twelve visits a patient, half of the patients in a group.
visits()
{
	$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS $1;
SELECT setseed(0.5) \\g /dev/null
CREATE TABLE $1 AS
SELECT id, t::float8 AS t, (id % 2)::float8 AS g,
       5 + 2 * level - 0.1 * t + 0.1 * t * (id % 2) + 0.2 * t * slope + random() * 3 AS y
FROM (SELECT id, random() + random() - 1 AS level, random() + random() - 1 AS slope
      FROM generate_series(1, $2) id) patients, generate_series(0, 11) t;
VACUUM ANALYZE $1;
SQL
}

visits bench_thousand 1000
visits bench_visits 100000
serial='SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '"'1GB'"';'
formula='y ~ t * g + (1 + t | id)'

# against_lmer TABLE ROUNDS LIMIT
against_lmer()
{
	data=$(mktemp)
	script=$(mktemp)
	$PSQL -c "\\copy $1 TO '$data' CSV HEADER"
	cat > "$script" <<R
suppressMessages(library(lme4))
v <- read.csv("$data")
times <- replicate($2, system.time(lmer($formula, v))[["elapsed"]])
cat(1000 * median(times))
R
	lmer=$(Rscript "$script" 2> /dev/null)
	query="SELECT mixed_model('$formula', v) FROM (SELECT y, t, g, id FROM $1) v"
	printf '%s\n\\timing on\n' "$serial" > "$script"
	for round in 1 2 3 4 5; do
		printf '%s;\n' "$query" >> "$script"
	done
	mine=$(bench_times "$script" | bench_median)
	rm -f "$data" "$script"
	bench_report "mixed_model, $1, against lme4::lmer's fit" "$mine" "$lmer" "$3"
}

echo "ratio of our time to the other's, median of $BENCH_ROUNDS rounds"
bench "mixed_summary of 1.2 million rows against avg(y) ... GROUP BY id" \
	"SELECT n_used(mixed_summary('$formula', v)) FROM (SELECT y, t, g, id FROM bench_visits) v" \
	'SELECT count(a) FROM (SELECT avg(y) AS a FROM bench_visits GROUP BY id) s' \
	2.5 "$serial"

if command -v Rscript > /dev/null && Rscript -e 'library(lme4)' > /dev/null 2>&1; then
	against_lmer bench_thousand 5 0.2
	against_lmer bench_visits 1 0.05
else
	echo 'R with lme4 is not installed: the comparison with it is left out'
fi

# The aggregate may not use more than 256 bytes a patient while it reads.
if $PSQL > /dev/null <<SQL
SELECT ketocohort_version() \\g /dev/null
SET ketocohort.max_state_memory = '25000kB';
$serial
SELECT n_used(mixed_summary('$formula', v)) FROM (SELECT y, t, g, id FROM bench_visits) v;
SQL
then
	echo 'memory while reading: at most 256 bytes a patient'
else
	echo 'memory while reading: TOO MUCH, above 256 bytes a patient'
	bench_failed=$((bench_failed + 1))
fi
$PSQL -At <<SQL
SELECT 'a stored summary has ' || round(octet_length(s::text) * 0.75 / 100000) || ' bytes a patient'
FROM (SELECT mixed_summary('$formula', v) AS s FROM (SELECT y, t, g, id FROM bench_visits) v) q;
SQL

$PSQL -c 'DROP TABLE bench_thousand, bench_visits'
exit "$((bench_failed > 0))"
