# test/federation.sh SOCKET...: sites are servers of their own, each with a partition of
# one table; the centre sees them through postgres_fdw.  What is read off the rollup of a
# summary a site has the digits of one server that holds every row; a site that dies
# leaves an error and a usable session.  Called by the suite `federation`.
. "${0%/*}/lib/tap.sh"

# The rows of all sites, the same wherever they are made.
rows="CREATE TABLE visits_of (site int, patient text, arm text, month int, before float8,
  after float8, dose float8, mood float8, ease float8, relieved boolean, relief text, visit text,
  drug text, day date);
INSERT INTO visits_of
SELECT s, format('%s-%s', s, p), CASE WHEN p % 3 = 0 THEN 'keto' ELSE 'usual' END, m,
       5 + u.e, 4 + v.e - 0.1 * m, 10 + 3 * w.e, w.e + 0.3 * u.e, v.e + 0.2 * w.e, (s + p + m) % 5 < 2,
       CASE WHEN (s + p + m) % 5 < 2 THEN 'yes' ELSE 'no' END, 'month ' || m,
       CASE WHEN p % 2 = 0 THEN 'morphine' ELSE 'oxycodone' END, date '2026-01-01' + m
FROM generate_series(1, 3) s, generate_series(1, 40 + 10 * s) p, generate_series(0, 5) m,
  LATERAL (SELECT sin(37.0 * s + 11.0 * p + 3.0 * m) AS e) u,
  LATERAL (SELECT cos(53.0 * s + 7.0 * p + 5.0 * m) AS e) v,
  LATERAL (SELECT sin(17.0 * s + 29.0 * p) + 0.1 * m AS e) w;"

site=0
for socket in "$@"
do
	site=$((site + 1))
	sql -h "$socket" -d postgres -v ON_ERROR_STOP=1 <<SQL
CREATE DATABASE study;
\\c study
CREATE EXTENSION ketocohort;
$rows
CREATE TABLE visits AS SELECT * FROM visits_of WHERE site = $site;
DROP TABLE visits_of;
ANALYZE visits;
SQL
done

sql -v ON_ERROR_STOP=1 <<SQL
CREATE EXTENSION postgres_fdw;
$rows
CREATE TABLE visits (LIKE visits_of) PARTITION BY LIST (site);
SQL
site=0
for socket in "$@"
do
	site=$((site + 1))
	sql -v ON_ERROR_STOP=1 <<SQL
CREATE SERVER site_$site FOREIGN DATA WRAPPER postgres_fdw
  OPTIONS (host '$socket', port '$PGPORT', dbname 'study', extensions 'ketocohort');
CREATE USER MAPPING FOR CURRENT_USER SERVER site_$site OPTIONS (user '$PGUSER');
CREATE FOREIGN TABLE visits_$site PARTITION OF visits FOR VALUES IN ($site)
  SERVER site_$site OPTIONS (table_name 'visits');
SQL
done
sites=$site

# A summary a site, by arm; SUMMARY is over the columns of visits.
by_site()
{
	echo "SELECT site, arm, $1 AS s FROM visits GROUP BY site, arm"
}

# same NAME SUMMARY READING: the reading of rolled up summaries s, on sites and on one server.
same()
{
	federated=$(sql -c "SET enable_partitionwise_aggregate = on" \
		-c "SELECT arm, $3 FROM (SELECT arm, rollup(s) AS s FROM ($(by_site "$2")) q GROUP BY arm) r ORDER BY arm")
	whole=$(sql -c "SELECT arm, $3 FROM (SELECT arm, $2 AS s FROM visits_of GROUP BY arm) r ORDER BY arm")
	is "$1: the digits of one server" "$federated" "$whole"
	is "$1: a row an arm" "$(printf '%s\n' "$federated" | grep -c '^\(keto\|usual\)|.*[0-9]')" 2
	shipped=$(sql -c "SET enable_partitionwise_aggregate = on" \
		-c "EXPLAIN (VERBOSE, COSTS OFF) $(by_site "$2")" |
		grep -c "Remote SQL: SELECT site, arm, public\.${2%%(*}(.*GROUP BY")
	is "$1: each site sends its summaries and no row" "$shipped" "$sites"
}

row="(SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM"
same 'paired t test' 'paired_summary(before, after)' 'paired_t_test(s)'
same 'Wilcoxon' 'value_counts(after - before)' 'wilcoxon_signed_rank(s)'
same 'group means' 'group_summary(after, relief)' 'welch_t_test(s)'
same 'Mann-Whitney' 'group_values(after, relief)' 'mann_whitney(s)'
same 'contingency table' 'contingency_table(relief, visit)' 'chi_squared_test(s)'
same 'mediation' 'mediation_summary(dose, mood, ease)' "$row mediation_effects(s) x)"
same 'Friedman' 'repeated_values(patient, visit, after)' 'friedman_test(s)'
same 'exposure' "opioid_exposure(drug, 10 + abs(before), 'mg', 'oral', day, 3)" \
	"(mme_exposure(s, period => '[2026-01-01,2026-01-20]')).*"

# Models read a row: a site has a view with the summary, which is one value to fetch.
models="CREATE VIEW models AS
SELECT site, arm, linear_summary('after ~ before + dose * month', v) AS linear,
       mixed_summary('after ~ month * before + (1 + month | patient)', v) AS mixed,
       table_one_summary(ROW(v.before, v.dose, v.visit), relief) AS characteristics
FROM visits v GROUP BY site, arm;"
for socket in "$@"
do
	sql -h "$socket" -d study -v ON_ERROR_STOP=1 -c "$models"
done
sql -v ON_ERROR_STOP=1 <<SQL
CREATE TABLE models (site int, arm text, linear linear_summary, mixed mixed_summary,
  characteristics table_one_summary) PARTITION BY LIST (site);
$(for site in $(seq 1 "$sites")
do
	echo "CREATE FOREIGN TABLE models_$site PARTITION OF models FOR VALUES IN ($site)
	  SERVER site_$site OPTIONS (table_name 'models');"
done)
CREATE VIEW whole AS
SELECT arm, linear_summary('after ~ before + dose * month', v) AS linear,
       mixed_summary('after ~ month * before + (1 + month | patient)', v) AS mixed,
       table_one_summary(ROW(v.before, v.dose, v.visit), relief) AS characteristics
FROM visits_of v GROUP BY arm;
SQL

# The fit of a mixed model is a search: nine digits.
same_model()
{
	query="SELECT string_agg(arm || ' ' || x::text, E'\n' ORDER BY arm, x::text)
	  FROM (SELECT arm, $2 AS s FROM %s GROUP BY arm) r, $3 x"
	is "$1: the digits of one server" \
		"$(sql -c "SET extra_float_digits = $4" -c "$(printf "$query" models)")" \
		"$(sql -c "SET extra_float_digits = $4" -c "$(printf "$query" whole)")"
	is "$1: an answer" "$(sql -c "$(printf "$query" models)" | grep -c '^\(keto\|usual\)')" "$5"
}
same_model 'linear model' 'linear_model(rollup(linear))' 'coefficients(s)' 0 10
same_model 'mixed model' 'mixed_model(rollup(mixed))' 'coefficients(s)' -6 8
same_model 'Table 1' 'rollup(characteristics)' 'table_one(s)' 0 \
	"$(sql -c 'SELECT count(*) FROM (SELECT rollup(characteristics) AS s FROM whole GROUP BY arm) q, table_one(s)')"

# A small site: only groups of at least ten patients leave.
for socket in "$@"
do
	sql -h "$socket" -d study -v ON_ERROR_STOP=1 -c "CREATE VIEW to_send AS
	  SELECT arm, relieved, paired_summary(before, after) AS s FROM visits
	  WHERE month = 0 GROUP BY arm, relieved HAVING count(*) >= 10"
done
sql -v ON_ERROR_STOP=1 -c "CREATE FOREIGN TABLE to_send_1 (arm text, relieved boolean, s paired_summary)
  SERVER site_1 OPTIONS (table_name 'to_send')"
is 'no group below the minimum leaves a site' \
	"$(sql -c 'SELECT bool_and(n_used(s) >= 10), count(*) > 0 FROM to_send_1')" 't|t'

# ---- a site or a worker that dies -------------------------------------------------------

# in_one_session FIRST SECOND: the SQLSTATE of the first command and what the second gives,
# while the third argument, a shell command, does its harm in the middle of the first.
in_one_session()
{
	(
		sleep 2
		eval "$3"
	) > /dev/null 2>&1 &
	sql -v ON_ERROR_STOP=0 <<SQL
SET enable_partitionwise_aggregate = on;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
\\set VERBOSITY sqlstate
\\o /dev/null
$1;
\\o
\\echo :LAST_ERROR_SQLSTATE
$2;
SQL
	wait
}

last_site=$socket
slow="CREATE FUNCTION slow(x float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS 'BEGIN PERFORM pg_sleep(0.05); RETURN x; END';"
sql -h "$last_site" -d study -c "$slow" -c "CREATE VIEW slowly AS
  SELECT paired_summary(slow(before), after) AS s FROM visits"
sql -c "CREATE FOREIGN TABLE slowly (s paired_summary) SERVER site_$sites" -c "$slow"
is 'a site that is killed in the middle leaves an error, the session works and reconnects' \
	"$(in_one_session 'SELECT n_used(s) FROM slowly' \
		"SELECT count(*) > 0 FROM visits_1" \
		"psql -Xq -h $last_site -d study -c \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		   WHERE query LIKE 'FETCH%'\"" | tail -n 2 | tr '\n' ' ')" \
	'08006 t '
is 'a parallel worker that is killed leaves an error, the session works' \
	"$(in_one_session 'SELECT paired_t_test(slow(before), after) FROM visits_of' \
		"SELECT n_used(paired_summary(before, after)) > 0 FROM visits_of" \
		"psql -Xq -c \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		   WHERE backend_type = 'parallel worker' LIMIT 1\"" | tail -n 2 | tr '\n' ' ')" \
	'57P01 t '
finish
