#!/bin/sh
# Loads the demo data into the database psql finds and prints the results section:
# test/demo/*.sql in turn, each query before its result.
set -eu
cd "$(dirname -- "$0")/.."
export PGCLIENTENCODING=UTF8
psql=${PSQL:-psql}

"$psql" -Xq -v ON_ERROR_STOP=1 -c 'SET client_min_messages = warning' \
	-c 'CREATE EXTENSION IF NOT EXISTS ketocohort'
"$psql" -Xq -v ON_ERROR_STOP=1 -v data=data -f data/load.sql -f demo/format.sql

echo 'KETOCOHORT: A RESULTS SECTION IN SQL'
echo
echo 'Each query is printed before its result. num, pct, ci, p and mean_sd only round.'
for section in demo/[1-9]_*.sql
do
	"$psql" -Xqe -v ON_ERROR_STOP=1 -P footer=off -P null=- -P pager=off -f "$section"
done
