#!/bin/sh
# The generated matrix: every aggregate of the extension on every input, by every plan.
# Called by test/run in an empty database with the extension.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec psql -XqAt -v ON_ERROR_STOP=1 -v data="$here/../data" -f "$here/../data/load.sql" \
	-f "$here/rows.sql" -f "$here/aggregates.sql" -f "$here/matrix.sql" -f "$here/splits.sql"
