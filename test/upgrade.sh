#!/bin/sh
# test/upgrade.sh TREE INSTALL: every released version, updated to this one, has the
# catalogue of a fresh install, and keeps views over aggregates and stored summaries.
#
# A released install script is kept in sql/releases and never changed again; one older
# version is made up, so that the way is tried before the first release.  Called by
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

# The owner of the databases is not a superuser.
new_database()
{
	psql -Xq -d postgres -c "CREATE DATABASE \"$1\" OWNER upgrade_owner"
}

as_owner()
{
	sql -U upgrade_owner -d "$@"
}

sql -c 'CREATE ROLE upgrade_owner LOGIN'
new_database "${fresh}_fresh"
as_owner "${fresh}_fresh" -c 'CREATE EXTENSION ketocohort'
new_version=$(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'ketocohort'")
catalogue "${fresh}_fresh" > "$work/fresh"
ok 'the catalogue can be read' grep -q '^aggregate | ' "$work/fresh"

# The comparison itself: another schema changes nothing, one dropped comment does.
new_database "${fresh}_moved"
as_owner "${fresh}_moved" -c 'CREATE SCHEMA elsewhere' -c 'CREATE EXTENSION ketocohort SCHEMA elsewhere'
catalogue "${fresh}_moved" > "$work/moved"
ok 'an install in another schema is the same' diff "$work/fresh" "$work/moved"
sql -d "${fresh}_moved" -c 'COMMENT ON FUNCTION elsewhere.ketocohort_version() IS NULL'
catalogue "${fresh}_moved" > "$work/moved"
ok 'a difference in one comment is seen' sh -c '! diff -q "$1" "$2" >/dev/null' sh "$work/fresh" "$work/moved"

# user_objects DATABASE: what a study keeps: summaries, views, a materialized view, a column
# default, and factors of its own beside the shipped ones.
user_objects()
{
	as_owner "$1" <<'SQL'
CREATE TABLE stored AS
SELECT paired_summary(i % 11, i % 7) AS moments, value_counts((i % 13)::float8) AS counts,
       paired_values(i % 11, i % 7) AS pairs,
       opioid_exposure('codeine', 30 + i, 'mg', 'oral', '2024-01-01', 30) AS exposure,
       linear_summary('y ~ x + g', r) AS model
FROM generate_series(0, 999) i, LATERAL (SELECT (i * i % 17)::float8 AS y, i % 5 AS x, (i % 3)::text AS g) r;
CREATE VIEW view_of_aggregates AS
SELECT (paired_t_test(i % 11, i % 7)).*, describe((i % 13)::float8) FROM generate_series(0, 999) i;
CREATE VIEW view_of_stored AS
SELECT paired_t_test(moments) AS t, describe(counts) AS d, wilcoxon_signed_rank(counts) AS w, n_used(pairs) AS p,
       mme_exposure(exposure) AS e, (SELECT sum(c.estimate) FROM coefficients(linear_model(model)) c) AS b
FROM stored;
CREATE MATERIALIZED VIEW kept AS SELECT rollup(moments) AS moments FROM stored;
CREATE TABLE doses (drug text, dose float8, mme float8 GENERATED ALWAYS AS (dose * 2) STORED,
	band text CHECK (mme_status(drug, 'mg', 'oral') = 'ok'));
INSERT INTO doses VALUES ('codeine', 10);
INSERT INTO mme_factors VALUES ('our ward', 'codeine', 'oral', 'mg', 0.2);
UPDATE mme_factors SET factor = 0.25 WHERE guideline = 'cdc2022' AND drug = 'tramadol' AND route = 'oral';
INSERT INTO opioid_names VALUES ('house blend', 'codeine');
UPDATE opioid_names SET drug = NULL WHERE name = 'drocode';
SQL
}

ask='SELECT a.*, s.*, paired_t_test(k.moments), mme(drug, dose, $$mg$$, $$oral$$), f.sum
FROM view_of_aggregates a, view_of_stored s, kept k, doses,
     (SELECT count(*), sum(factor) FROM mme_factors WHERE NOT shipped) f'
own="SELECT 'factor', guideline, drug, factor FROM mme_factors WHERE NOT shipped
UNION ALL SELECT 'name', name, drug, NULL FROM opioid_names WHERE NOT shipped
UNION ALL SELECT 'answer', mme('tramadol', 100, 'mg', 'oral')::text, opioid_ingredient('house blend'),
  mme('codeine', 100, 'mg', 'oral', 'our ward')
UNION ALL SELECT 'refused', opioid_ingredient('drocode'), NULL, NULL ORDER BY 1, 2, 3"

# upgrade_from OLD: as a new and empty database, and as one of a study.
upgrade_from()
{
	new_database "${fresh}_$1"
	as_owner "${fresh}_$1" -c "CREATE EXTENSION ketocohort VERSION '$1'"
	is "$1 updates to $new_version" "$(as_owner "${fresh}_$1" -c 'ALTER EXTENSION ketocohort UPDATE')" ''
	catalogue "${fresh}_$1" > "$work/updated"
	ok "$1 updated has the catalogue and the rows of a fresh install" diff "$work/fresh" "$work/updated"

	study=${fresh}_study_$1
	new_database "$study"
	as_owner "$study" -c "CREATE EXTENSION ketocohort VERSION '$1'"
	is "$1: a study makes its views, summaries and factors" "$(user_objects "$study")" ''
	before=$(as_owner "$study" -c "$ask")
	rows=$(as_owner "$study" -c "$own")
	is "$1: the study updates to $new_version" "$(as_owner "$study" -c 'ALTER EXTENSION ketocohort UPDATE')" ''
	is "$1: views and stored summaries give the same answers" "$(as_owner "$study" -c "$ask")" "$before"
	ok "$1: there were answers" sh -c 'case $1 in *ERROR*) echo "# $1"; false ;; *"|"*) ;; *) false ;; esac' sh "$before"
	is "$1: the study's factors and names are as it left them" "$(as_owner "$study" -c "$own")" "$rows"
	is "$1: kept summaries take another refresh" \
		"$(as_owner "$study" -c 'REFRESH MATERIALIZED VIEW kept' -c "$ask")" "$before"
	if command -v pg_dump >/dev/null
	then
		new_database "${study}_again"
		pg_dump -d "$study" 2>&1 | psql -Xq -d "${study}_again" -v ON_ERROR_STOP=1 2> "$work/restored" >/dev/null
		is "$1: a dump of it restores" "$(cat "$work/restored")" ''
		is "$1: and answers the same" "$(as_owner "${study}_again" -c "$ask")" "$before"
	fi
}

for script in "$tree"/sql/releases/ketocohort--*.sql
do
	[ -f "$script" ] || { echo "# no version is released yet"; break; }
	old=$(basename "$script" .sql | sed 's/^ketocohort--//')
	[ "$old" != "$new_version" ] || continue
	[ -f "$folder/ketocohort--$old.sql" ] || cp "$script" "$folder"
	upgrade_from "$old"
done

# Every step that is there belongs to a released version.
for step in "$tree"/sql/ketocohort--*--*.sql
do
	[ -f "$step" ] || break
	from=$(basename "$step" | sed 's/^ketocohort--\(.*\)--.*$/\1/')
	ok "the step from $from starts at a released version" test -f "$tree/sql/releases/ketocohort--$from.sql"
done

# The made-up version lacks a function and a name, and has another cost, another comment and
# another factor.  The step is written as one of ours would be: the new text of the script,
# and plain changes of shipped rows, which the tables' triggers allow to scripts only.
present=$folder/ketocohort--$new_version.sql
made_up=$folder/ketocohort--0.0.0.sql
step=$folder/ketocohort--0.0.0--$new_version.sql
awk 'BEGIN { RS = ""; ORS = "\n\n" } !/CREATE FUNCTION mme_category\(/' "$present" > "$made_up"
cat >> "$made_up" <<'SQL'
ALTER FUNCTION mme_status(text, text, text, text) COST 7;
COMMENT ON FUNCTION mme_status(text, text, text, text) IS 'An older comment';
UPDATE mme_factors SET factor = 2 WHERE guideline = 'cdc2022' AND drug = 'hydrocodone' AND route = 'oral';
DELETE FROM opioid_names WHERE name = 'methylmorphine';
SQL
awk 'BEGIN { RS = ""; ORS = "\n\n" }
	/CREATE FUNCTION mme_(category|status)\(/ { sub("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"); print }' \
	"$present" > "$step"
cat >> "$step" <<'SQL'
UPDATE mme_factors SET factor = 1 WHERE guideline = 'cdc2022' AND drug = 'hydrocodone' AND route = 'oral' AND shipped;
INSERT INTO opioid_names VALUES ('methylmorphine', 'codeine', true);
SQL
upgrade_from 0.0.0
is 'a made-up version had another factor, the update brought ours' \
	"$(as_owner "${fresh}_0.0.0" -c "SELECT mme('hydrocodone', 10, 'mg', 'oral'), opioid_ingredient('methylmorphine'), mme_category(60)")" \
	'10|codeine|50-89'
rm -f "$made_up" "$step"
finish
