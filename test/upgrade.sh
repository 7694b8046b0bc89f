#!/bin/sh
# test/upgrade.sh TREE INSTALL: every released version, updated to this one, has the
# catalogue of a fresh install, and keeps views over aggregates and stored summaries.
#
# A released install script is kept in sql/releases and never changed again.  Called by
# test/run in a database with the extension; TREE is the built tree and INSTALL the folder
# it is installed in.
. "${0%/*}/lib/tap.sh"
here=${0%/*}
tree=$1
folder=$2$("$PG_CONFIG" --sharedir)/extension
fresh=$PGDATABASE
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

catalogue()
{
	sql -d "$1" -f "$here/lib/catalogue.sql" -v ON_ERROR_STOP=1
}

new_database()
{
	psql -Xq -d postgres -c "CREATE DATABASE \"$1\""
}

catalogue "$fresh" > "$work/fresh"
ok 'the catalogue can be read' grep -q '^aggregate | ' "$work/fresh"

# The comparison itself: another schema changes nothing, one dropped comment does.
new_database "${fresh}_moved"
sql -d "${fresh}_moved" -c 'CREATE SCHEMA elsewhere' -c 'CREATE EXTENSION ketocohort SCHEMA elsewhere'
catalogue "${fresh}_moved" > "$work/moved"
ok 'an install in another schema is the same' diff "$work/fresh" "$work/moved"
sql -d "${fresh}_moved" -c 'COMMENT ON FUNCTION elsewhere.ketocohort_version() IS NULL'
catalogue "${fresh}_moved" > "$work/moved"
ok 'a difference in one comment is seen' sh -c '! diff -q "$1" "$2" >/dev/null' sh "$work/fresh" "$work/moved"

new_version=$(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'ketocohort'")
for script in "$tree"/sql/releases/ketocohort--*.sql
do
	[ -f "$script" ] || { echo "# no version is released yet: 0 upgrade paths"; break; }
	old=$(basename "$script" .sql | sed 's/^ketocohort--//')
	[ "$old" != "$new_version" ] || continue
	[ -f "$folder/ketocohort--$old.sql" ] || cp "$script" "$folder"
	name="${fresh}_$old"
	new_database "$name"
	sql -d "$name" <<SQL
CREATE EXTENSION ketocohort VERSION '$old';
CREATE TABLE stored AS
SELECT paired_summary(i % 11, i % 7) AS moments, value_counts((i % 13)::float8) AS counts
FROM generate_series(0, 999) i;
CREATE VIEW view_of_aggregates AS
SELECT (paired_t_test(i % 11, i % 7)).*, describe((i % 13)::float8) FROM generate_series(0, 999) i;
CREATE VIEW view_of_stored AS SELECT paired_t_test(moments) AS t, describe(counts) AS d FROM stored;
SQL
	ask='SELECT * FROM view_of_aggregates, view_of_stored'
	before=$(sql -d "$name" -c "$ask")
	is "$old updates to $new_version" "$(sql -d "$name" -c 'ALTER EXTENSION ketocohort UPDATE')" ''
	catalogue "$name" > "$work/updated"
	ok "$old updated has the catalogue of a fresh install" diff "$work/fresh" "$work/updated"
	is "$old: views and stored summaries give the same answers" "$(sql -d "$name" -c "$ask")" "$before"
done

# Every step that is there belongs to a released version.
for step in "$tree"/sql/ketocohort--*--*.sql
do
	[ -f "$step" ] || break
	from=$(basename "$step" | sed 's/^ketocohort--\(.*\)--.*$/\1/')
	ok "the step from $from starts at a released version" test -f "$tree/sql/releases/ketocohort--$from.sql"
done
finish
