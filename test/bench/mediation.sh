#!/bin/sh
# Speed of chapter mediation: bootstrap of 1000 rows and Monte Carlo of BENCH_ROWS rows (1
# million) against R, on rows already in R's memory; and the aggregate against regr_slope.
#
# R does the bootstrap by mediation::mediate where it is installed, else by boot with two
# lm.fit a replicate, and Monte Carlo by mediate or else by its algorithm on plain matrices:
# coefficients from their normal distribution, both mediators of every row with noise, and
# the means of four predictions, for BENCH_DRAWS draws (20) of the 5000.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
rows=${BENCH_ROWS:-1000000}
draws=${BENCH_DRAWS:-20}

$PSQL <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ketocohort;
DROP TABLE IF EXISTS bench_mediation, bench_thousand;
SELECT setseed(0.5) \g /dev/null
CREATE TABLE bench_mediation AS
  SELECT i AS id, t, m, 0.4 * m + 0.1 * t + 0.1 * x2 + e2 AS y, x1, x2
  FROM (SELECT i, t, x1, x2, e2, 0.3 * t + 0.2 * x1 + e1 AS m
        FROM (SELECT i, (random() < 0.5)::int::float8 AS t, random() AS x1, random() AS x2,
                     random() * 3 AS e1, random() * 3 AS e2
              FROM generate_series(1, $rows) i) a) b;
CREATE TABLE bench_thousand AS SELECT * FROM bench_mediation WHERE id <= 1000;
VACUUM ANALYZE bench_mediation, bench_thousand;
SQL

serial='SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '"'1GB'"';'
file=$(mktemp)
csv=$(mktemp)
script=$(mktemp)
chmod 644 "$csv"
trap 'rm -f "$file" "$csv" "$script"' EXIT

# our_time QUERY: median of BENCH_ROUNDS runs after one to warm up.
our_time() {
	{
		printf '\\timing off\n%s\n\\timing on\n' "$serial"
		round=0
		while [ $round -le "$BENCH_ROUNDS" ]; do
			printf '%s;\n' "$1"
			round=$((round + 1))
		done
	} > "$file"
	bench_times "$file" | tail -n +2 | bench_median
}

# r_time EXPRESSION: milliseconds that R takes for it, d being the rows of $csv.
r_time() {
	printf "d <- read.csv('%s')\n%s\n" "$csv" "$1" > "$script"
	Rscript "$script" | tail -n 1
}

echo "ratio of our time to the other's, median of $BENCH_ROUNDS rounds"
bench "mediation of $rows rows against regr_slope of its three pairs" \
	'SELECT mediation(t, m, y) FROM bench_mediation' \
	'SELECT regr_slope(m, t), regr_slope(y, t), regr_slope(y, m) FROM bench_mediation' 2 "$serial"

if ! command -v Rscript > /dev/null; then
	echo 'R is not installed: the comparisons with it are left out'
	exit "$((bench_failed > 0))"
fi

$PSQL -c "\\copy (SELECT t, m, y, x1, x2 FROM bench_thousand) TO '$csv' CSV HEADER"
theirs=$(r_time "
	if (requireNamespace('mediation', quietly = TRUE)) {
		s <- system.time(mediation::mediate(lm(m ~ t + x1 + x2, d), lm(y ~ t + m + x1 + x2, d),
			treat = 't', mediator = 'm', boot = TRUE, sims = 5000))
	} else {
		X <- cbind(1, d\$t, d\$x1, d\$x2); Z <- cbind(1, d\$t, d\$m, d\$x1, d\$x2)
		f <- function(d, i) {
			a <- lm.fit(X[i, ], d\$m[i])\$coefficients[2]
			b <- lm.fit(Z[i, ], d\$y[i])\$coefficients
			c(a * b[3], b[2], a * b[3] + b[2])
		}
		s <- system.time(boot::boot(d, f, 5000))
	}
	cat(1000 * s[['elapsed']])")
for method in bootstrap_percentile bootstrap_bca; do
	ours=$(our_time "SELECT count(*) FROM (SELECT mediation_sample(t, m, y, ARRAY[x1, x2]) AS s
		FROM bench_thousand) q, mediation_effects(s, '$method')" )
	bench_report "$method, 5000 replicates, 1000 rows, two covariates, against R" \
		"$ours" "$theirs" 0.01
done

$PSQL -c "\\copy (SELECT t, m, y, x1, x2 FROM bench_mediation) TO '$csv' CSV HEADER"
theirs=$(r_time "
	fm <- lm(m ~ t + x1 + x2, d); fy <- lm(y ~ t + m + x1 + x2, d)
	if (requireNamespace('mediation', quietly = TRUE)) {
		s <- system.time(mediation::mediate(fm, fy, treat = 't', mediator = 'm',
			sims = $draws))
	} else s <- system.time({
		Lm <- chol(vcov(fm)); Ly <- chol(vcov(fy)); n <- nrow(d)
		X1 <- model.matrix(fm); X0 <- X1; X1[, 2] <- 1; X0[, 2] <- 0
		Z <- model.matrix(fy)
		for (r in 1:$draws) {
			b <- coef(fm) + drop(rnorm(4) %*% Lm); g <- coef(fy) + drop(rnorm(5) %*% Ly)
			e <- rnorm(n, 0, sigma(fm)); M1 <- X1 %*% b + e; M0 <- X0 %*% b + e
			for (t in 0:1) for (M in list(M0, M1)) {
				Z[, 2] <- t; Z[, 3] <- M
				mean(Z %*% g)
			}
		}
	})
	cat(1000 * s[['elapsed']] * 5000 / $draws)")
ours=$(our_time "SELECT count(*) FROM (SELECT mediation_summary(t, m, y, ARRAY[x1, x2]) AS s
	FROM bench_mediation) q, mediation_effects(s, 'monte_carlo')")
bench_report "monte_carlo, 5000 draws, $rows rows, against R" "$ours" "$theirs" 0.005
exit "$((bench_failed > 0))"
