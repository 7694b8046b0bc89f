#!/bin/sh
# sh test/oracle/random.sh: ORACLE_SETS random data sets (10000) from ORACLE_SEED through
# every test of chapters groups and paired, compared with R, in the database that PGHOST,
# PGDATABASE and so on name.  Needs R; prints the seed, "ok" or "not ok" for each test, and
# "N passed, N failed".
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${ORACLE_SETS:=10000}" "${ORACLE_SEED:=$(date +%Y%m%d)}"
command -v Rscript > /dev/null || { echo 'R is not installed' >&2; exit 1; }

ORACLE_ROOM=$(mktemp -d)
export ORACLE_ROOM
trap 'rm -rf "$ORACLE_ROOM"' EXIT
echo "# $ORACLE_SETS random data sets, seed $ORACLE_SEED (ORACLE_SEED repeats them)"
Rscript "$here/random.R" draw "$ORACLE_SEED" "$ORACLE_SETS" "$ORACLE_ROOM"
psql -XqAt -v ON_ERROR_STOP=1 -f "$here/random.sql" > "$ORACLE_ROOM/report"
Rscript "$here/random.R" compare "$ORACLE_SEED" "$ORACLE_SETS" "$ORACLE_ROOM" >> "$ORACLE_ROOM/report" ||
	echo 'a figure differs' > "$ORACLE_ROOM/failed"
cat "$ORACLE_ROOM/report"
echo "$(grep -c '^ok' "$ORACLE_ROOM/report") passed, $(grep -c '^not ok' "$ORACLE_ROOM/report" || :) failed"
! grep -q '^not ok' "$ORACLE_ROOM/report" && [ ! -e "$ORACLE_ROOM/failed" ]
