#!/bin/sh
# sh test/oracle/gold.sh: compares ketocohort with R's figures in oracle.json, in schema
# gold of the database that PGHOST, PGDATABASE and so on name; the user must be allowed
# to create the extension.  One line for each case, then "N passed, N failed".
set -eu
cd "$(dirname "$0")"

run()
{
	PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning -c extra_float_digits=1" \
		psql -XqAt -v ON_ERROR_STOP=1 "$@"
}

run -c 'CREATE EXTENSION IF NOT EXISTS ketocohort' -c 'DROP SCHEMA IF EXISTS gold CASCADE' \
	-c 'CREATE SCHEMA gold'
schema=$(run -c "SELECT extnamespace::regnamespace FROM pg_extension
	WHERE extname = 'ketocohort'")
PGOPTIONS="${PGOPTIONS:-} -c search_path=gold,$schema"
export PGOPTIONS

# load FILE TABLE: the header line names the columns.
load()
{
	run -c "COPY \"$2\" ($(head -n 1 "$1")) FROM STDIN WITH (FORMAT csv, HEADER true, NULL '')" < "$1"
}

run -f gold_tables.sql
for file in data/*.csv data/*/*.csv
do
	load "$file" "$(basename "$file" .csv)"
done
load ../data/amitriptyline/xover_bocf.csv amitriptyline_hivsn_xover_bocf
load ../data/amitriptyline/side_effects.csv amitriptyline_hivsn_side_effects
load ../data/mimic/prescriptions.csv mimic3demo_prescriptions

run -f gold_procedures.sql -f gold_compare.sql

report=$(run -c 'SELECT gold.report()')
printf '%s\n' "$report"
case $report in
	*" passed, 0 failed") exit 0 ;;
	*) exit 1 ;;
esac
