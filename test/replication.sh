# test/replication.sh SOCKET: a subscriber on a server of its own gets tables with stored
# summaries of every type by logical replication, and reads the same answers off them.
# Called by the suite `replication`, whose servers have wal_level = logical.
. "${0%/*}/lib/tap.sh"
here=${0%/*}
subscriber=$1

sql -v ON_ERROR_STOP=1 -v data="$here/data" -f "$here/data/load.sql" -f "$here/matrix/rows.sql" \
	-f "$here/matrix/aggregates.sql" -o /dev/null
sql -h "$subscriber" -d postgres -c 'CREATE DATABASE copy'
sql -h "$subscriber" -d copy -c 'CREATE EXTENSION ketocohort'

# One table for each aggregate that gives its summary: a row a kind of rows and piece.
sql -v ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
CREATE TABLE stored AS
SELECT row_number() OVER (ORDER BY aggregate) AS n, name, arguments, result FROM matrix_aggregates WHERE result = state;
SELECT format('CREATE TABLE stored_%s (kind text, piece int, s %s, PRIMARY KEY (kind, piece))', n, result)
FROM stored \gexec
-- half the rows are there before the subscription, half come after it
SELECT format('INSERT INTO stored_%s SELECT kind, piece, %s(%s) FROM matrix_rows WHERE piece < 2 GROUP BY kind, piece', n, name, arguments)
FROM stored \gexec
SELECT format('CREATE PUBLICATION summaries FOR TABLE %s', string_agg('stored_' || n, ', ')) FROM stored \gexec
SQL
is 'every summary type is in a table' "$(sql -c "
SELECT count(DISTINCT state) > 15, count(DISTINCT state) = (SELECT count(DISTINCT result) FROM stored) FROM matrix_aggregates")" 't|t'
sql -c "SELECT format('CREATE TABLE stored_%s (kind text, piece int, s %s, PRIMARY KEY (kind, piece));', n, result) FROM stored" |
	sql -h "$subscriber" -d copy

# What is read off every table of a database.
answers()
{
	sql "$@" -c 'SET max_parallel_workers_per_gather = 0' -f - <<SQL
$(sql -c "SELECT format('SELECT %L, kind, n_used(rollup(s)), md5(rollup(s)::text) FROM stored_%s GROUP BY kind ORDER BY kind;', name, n) FROM stored ORDER BY n")
SELECT 'read', kind, paired_t_test(rollup(s)) FROM $paired GROUP BY kind ORDER BY kind;
SELECT 'read', kind, wilcoxon_signed_rank(rollup(s)) FROM $counts GROUP BY kind ORDER BY kind;
SQL
}
paired=$(sql -c "SELECT 'stored_' || n FROM stored WHERE name ~ 'paired_summary$'")
counts=$(sql -c "SELECT 'stored_' || n FROM stored WHERE name ~ 'value_counts$' AND arguments ~ 'float8'")

# caught_up ANSWERS: waits until the subscriber gives them.
caught_up()
{
	for try in $(seq 1 60)
	do
		[ "$(answers -h "$subscriber" -d copy)" != "$1" ] || return 0
		sleep 0.5
	done
	sql -h "$subscriber" -d copy -c "SELECT '# not copied', srrelid::regclass, srsubstate FROM pg_subscription_rel WHERE srsubstate <> 'r'"
	return 1
}

for binary in false true
do
	sql -h "$subscriber" -d copy -v ON_ERROR_STOP=1 -c "CREATE SUBSCRIPTION follow
		CONNECTION 'host=$PGHOST port=$PGPORT user=$PGUSER dbname=$PGDATABASE'
		PUBLICATION summaries WITH (binary = $binary)" | grep ERROR
	ok "binary $binary: summaries of before the subscription are copied" caught_up "$(answers)"
	sql -v ON_ERROR_STOP=1 -o /dev/null <<'SQL'
SELECT format('INSERT INTO stored_%s SELECT kind, piece, %s(%s) FROM matrix_rows WHERE piece >= 2 GROUP BY kind, piece', n, name, arguments)
FROM stored \gexec
SELECT format('UPDATE stored_%s t SET s = (SELECT rollup(o.s) FROM stored_%s o WHERE o.kind = t.kind) WHERE piece = 0', n, n)
FROM stored \gexec
SELECT format('DELETE FROM stored_%s WHERE piece = 1', n) FROM stored \gexec
SQL
	expected=$(answers)
	ok "binary $binary: inserted, updated and deleted ones follow; rolled up, the same bits" caught_up "$expected"
	is "binary $binary: answers of every table" \
		"$(printf '%s\n' "$expected" | grep -c ERROR)|$(printf '%s\n' "$expected" | cut -d '|' -f 1 | grep -v '^read' | sort -u | wc -l | tr -d ' ')" \
		"0|$(sql -c 'SELECT count(DISTINCT name) FROM stored')"
	sql -h "$subscriber" -d copy -c 'DROP SUBSCRIPTION follow' > /dev/null
	[ $binary = true ] || for database in "-h $subscriber -d copy" ''
	do
		sql -c "SELECT format('TRUNCATE stored_%s;', n) FROM stored" | sql $database
	done
	sql -v ON_ERROR_STOP=1 -o /dev/null <<'SQL'
SELECT format('INSERT INTO stored_%s SELECT kind, piece, %s(%s) FROM matrix_rows WHERE piece < 2 GROUP BY kind, piece ON CONFLICT DO NOTHING', n, name, arguments)
FROM stored \gexec
SQL
done
finish
