#!/bin/sh
# sh test/oracle/random_mixed.sh: ORACLE_DESIGNS random designs (500) from ORACLE_SEED (1)
# fitted by mixed_model and by R's lme4 and lmerTest, in the database that PGHOST,
# PGDATABASE and so on name.  Prints the largest difference of each figure, the designs
# where one differs, and "N passed, N failed".
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${ORACLE_DESIGNS:=500}" "${ORACLE_SEED:=1}"
for package in lme4 lmerTest numDeriv
do
	Rscript -e "library($package)" > /dev/null 2>&1 ||
		{ echo "R with $package is not installed" >&2; exit 1; }
done

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
Rscript "$here/random_mixed.R" "$room" "$ORACLE_DESIGNS" "$ORACLE_SEED" 2> /dev/null
report=$(PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning" psql -XqAt \
	-v ON_ERROR_STOP=1 -v folder="$room" -c 'CREATE EXTENSION IF NOT EXISTS ketocohort' \
	-f "$here/random_mixed.sql")
printf '%s\n' "$report"
case $report in
	*" passed, 0 failed") exit 0 ;;
	*) exit 1 ;;
esac
