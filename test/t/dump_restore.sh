# pg_dump and restore: stored summaries, views over them, the user's own rows of the MME
# tables, and the extension itself.
. "${0%/*}/../lib/tap.sh"
restored=${PGDATABASE}_restored

sql <<'SQL'
CREATE TABLE by_month AS
SELECT i % 12 AS month, paired_summary(i % 11, i % 7) AS moments, paired_values(i % 11, i % 7) AS pairs,
       value_counts((i % 13)::float8) AS counts, repeated_values((i / 3)::text, (i % 3)::text, i % 5) AS repeated,
       contingency_table((i % 4)::text, (i % 3)::text) AS cells
FROM generate_series(0, 999) i GROUP BY i % 12;
CREATE VIEW by_year AS
SELECT paired_t_test(rollup(moments)) AS t, describe(rollup(counts)) AS d, describe_paired(rollup(pairs)) AS p
FROM by_month;
CREATE VIEW one_step AS
SELECT patient, (paired_t_test(before, after)).*, wilcoxon_signed_rank(before, after) AS w
FROM (SELECT i % 3 AS patient, i % 11 AS before, i % 7 AS after FROM generate_series(0, 99) i) v GROUP BY patient;
CREATE MATERIALIZED VIEW kept AS SELECT rollup(counts) AS counts FROM by_month;
INSERT INTO mme_factors (guideline, drug, route, unit, factor, source)
VALUES ('our clinic', 'morphine', 'oral', 'mg', 1.1, 'our pharmacy');
INSERT INTO opioid_names (name, drug) VALUES ('house mixture', 'morphine');
SQL

cat > "${TMPDIR:-/tmp}/ketocohort_questions.$$" <<'SQL'
SELECT md5(string_agg(m::text, ' ' ORDER BY month)) FROM by_month m;
SELECT t, d, p FROM by_year;
SELECT * FROM one_step ORDER BY patient;
SELECT counts FROM kept;
SELECT guideline, count(*), sum(factor) FROM mme_factors GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM opioid_names;
SELECT mme('house mixture', 10, 'mg', 'oral', 'our clinic');
SELECT extversion FROM pg_extension WHERE extname = 'ketocohort';
SQL
questions=${TMPDIR:-/tmp}/ketocohort_questions.$$
trap 'rm -f "$questions" "$questions".*' EXIT

before=$(sql -f "$questions")
for format in plain custom
do
	psql -Xq -d postgres -c "DROP DATABASE IF EXISTS \"$restored\"" -c "CREATE DATABASE \"$restored\""
	if [ $format = plain ]
	then
		pg_dump > "$questions.dump"
		ok "$format: restores without an error" psql -Xq -d "$restored" -v ON_ERROR_STOP=1 -o /dev/null -f "$questions.dump"
	else
		pg_dump -Fc > "$questions.dump"
		ok "$format: restores without an error" pg_restore -e -d "$restored" "$questions.dump"
	fi
	is "$format: the answers are the same" "$(sql -d "$restored" -f "$questions")" "$before"
	is "$format: nothing of the extension is dumped but its CREATE" \
		"$(pg_dump -s | grep -c 'FUNCTION\|AGGREGATE\|CREATE TYPE')" 0
done
is 'the user has rows of his own' "$(sql -d "$restored" -c "SELECT mme('house mixture', 10, 'mg', 'oral', 'our clinic')")" 11
finish
