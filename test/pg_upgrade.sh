#!/bin/sh
# test/pg_upgrade.sh [OLD_BINDIR NEW_BINDIR]: stored summaries, views over them and the
# user's own factor rows survive pg_upgrade.  Both servers must have the library; without
# arguments it takes the two newest servers of this machine that have it.
. "${0%/*}/lib/tap.sh"

if [ $# -eq 0 ]
then
	set --
	for bin in $(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql*/bin 2>/dev/null | sort -t / -k 5 -n)
	do
		[ ! -x "$bin/pg_ctl" ] || [ ! -f "$("$bin/pg_config" --pkglibdir 2>/dev/null)/ketocohort.so" ] || set -- "$@" "$bin"
	done
	while [ $# -gt 2 ]
	do
		shift
	done
fi
if [ $# -lt 2 ] || [ ! -x "$2/pg_upgrade" ]
then
	echo "1..0 # skipped: pg_upgrade needs two servers with ketocohort installed, $# found"
	exit 0
fi
old=$1
new=$2
room=$(mktemp -d)
chmod 755 "$room"
account=$(id -un)
[ "$(id -u)" != 0 ] || account=postgres
chown "$account" "$room"

# as_server COMMAND...: in the room, as the account that owns it.
as_server()
{
	if [ "$(id -u)" = 0 ]
	then
		(cd "$room" && runuser -u "$account" -- "$@")
	else
		(cd "$room" && "$@")
	fi
}

clean()
{
	for bin in "$old" "$new"
	do
		for data in "$room/old" "$room/new"
		do
			as_server "$bin/pg_ctl" -s -D "$data" -m immediate stop 2>/dev/null || :
		done
	done
	rm -rf "$room"
}
trap clean EXIT

# start BINDIR DATA
start()
{
	as_server "$1/pg_ctl" -s -w -D "$room/$2" -l "$room/log" -o "-k $room -c listen_addresses= -p 54329" start
}

# Checksums became the default in 18.
checksums=
"$new/initdb" --help | grep -q -- --no-data-checksums && checksums=--no-data-checksums
as_server "$old/initdb" -D "$room/old" -U postgres -A trust -N --locale=C -E UTF8 > "$room/initdb" 2>&1
as_server "$new/initdb" -D "$room/new" -U postgres -A trust -N --locale=C -E UTF8 $checksums >> "$room/initdb" 2>&1
export PGHOST="$room" PGPORT=54329 PGUSER=postgres PGDATABASE=postgres
start "$old" old
sql -v ON_ERROR_STOP=1 <<'SQL'
CREATE EXTENSION ketocohort;
CREATE TABLE by_month AS
SELECT i % 12 AS month, paired_summary(i % 11, i % 7) AS moments, value_counts((i % 13)::float8) AS counts,
       repeated_values((i / 3)::text, (i % 3)::text, i % 5) AS repeated,
       opioid_exposure('morphine', 1 + i % 7, 'mg', 'oral', date '2026-01-01' + i, 5) AS fills
FROM generate_series(0, 999) i GROUP BY i % 12;
CREATE VIEW by_year AS
SELECT paired_t_test(rollup(moments)) AS t, describe(rollup(counts)) AS d, mme_exposure(rollup(fills)) AS m FROM by_month;
CREATE MATERIALIZED VIEW kept AS SELECT rollup(repeated) AS repeated FROM by_month;
INSERT INTO mme_factors (guideline, drug, route, unit, factor, source) VALUES ('ours', 'morphine', 'oral', 'mg', 1.1, 'ours');
SQL
questions="SET extra_float_digits = 3; SELECT md5(string_agg(m::text, ' ' ORDER BY month)) FROM by_month m; TABLE by_year;
SELECT friedman_test(repeated) FROM kept; SELECT mme('morphine', 10, 'mg', 'oral', 'ours'), (SELECT count(*) FROM mme_factors)"
before=$(sql -c "$questions")
as_server "$old/pg_ctl" -s -w -D "$room/old" stop
ok "pg_upgrade from $("$old/pg_config" --version) to $("$new/pg_config" --version)" as_server "$new/pg_upgrade" \
	-b "$old" -B "$new" -d "$room/old" -D "$room/new" -U postgres -s "$room" > "$room/upgrade" 2>&1
[ $failures -eq 0 ] || tail -n 30 "$room/upgrade"
grep -h '^ok\|^not ok' "$room/upgrade"
start "$new" new
is 'summaries, views and factors give the same answers' "$(sql -c "$questions")" "$before"
is 'no answer is an error' "$(printf '%s\n' "$before" | grep -c ERROR)" 0
finish
