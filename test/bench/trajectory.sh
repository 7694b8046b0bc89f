#!/bin/sh
# Speed of chapter trajectory: three groups of parabolas for 1000 patients of twelve visits,
# the best of 20 starts, the whole query against flexmix with as many starts on rows in R's
# memory: of one variance, as ours, and with a variance for each group, which is its default.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
starts=${BENCH_STARTS:-20}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_courses;
SELECT setseed(0.5) \\g /dev/null
CREATE TABLE bench_courses AS
SELECT id, t, CASE id % 3 WHEN 0 THEN 7 - 0.4 * t + 0.02 * t * t WHEN 1 THEN 6.5 - 0.05 * t
              ELSE 5 - 0.6 * t + 0.05 * t * t END
              + 1.4 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS y
FROM generate_series(1, 1000) id, generate_series(0, 11) t;
VACUUM ANALYZE bench_courses;
SQL

if ! Rscript -e 'library(flexmix)' > /dev/null 2>&1; then
	echo 'R with flexmix is not installed: the comparison with it is left out'
	$PSQL -c 'DROP TABLE bench_courses'
	exit 0
fi

data=$(mktemp)
script=$(mktemp)
trap 'rm -f "$data" "$script"' EXIT
$PSQL -c "\\copy bench_courses TO STDOUT CSV HEADER" > "$data"

# r_time MODEL: milliseconds of flexmix for all starts, then the best log likelihood.
r_time() {
	cat > "$script" <<R
suppressMessages(library(flexmix))
v <- read.csv("$data")
set.seed(1)
time <- system.time(f <- stepFlexmix(y ~ t + I(t^2) | id, data = v, k = 3, nrep = $starts,
                                     model = $1, verbose = FALSE))
cat(1000 * time[["elapsed"]], sprintf("%.3f", logLik(f)))
R
	Rscript "$script" | tail -n 1
}

model="trajectory_model(trajectory_summary('y ~ t + I(t^2) | id', v), 3, $starts)"
from='FROM (SELECT y, t, id FROM bench_courses) v'
printf 'SET max_parallel_workers_per_gather = 0;\nSET jit = off;\n\\timing on\n' > "$script"
round=0
while [ $round -lt "$BENCH_ROUNDS" ]; do
	printf 'SELECT %s %s;\n' "$model" "$from" >> "$script"
	round=$((round + 1))
done
mine=$(bench_times "$script" | bench_median)
reached=$($PSQL -At -c "SELECT round((glance($model)).log_lik::numeric, 3) $from")

echo "1000 patients, 12 visits, $starts starts; ratio of our time to the other's"
for variance in 'one variance:FLXMRglmfix(varFix = TRUE)' 'a variance a group:FLXMRglm()'; do
	theirs=$(r_time "${variance#*:}")
	bench_report "trajectory_model, 3 groups, against flexmix, ${variance%%:*}" \
		"$mine" "${theirs% *}" 0.02
	echo "  log likelihood $reached, of flexmix ${theirs#* }"
done
$PSQL -c 'DROP TABLE bench_courses'
exit "$((bench_failed > 0))"
