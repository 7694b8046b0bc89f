#!/bin/sh
# Builds the page from a running database:
#   sh doc/dashboard/build.sh [-c STUDIES.json] [PAGE.html]
# Reads the views that STUDIES.json names by psql, so PGHOST, PGDATABASE, PGUSER or a
# service file say where; writes one file that needs nothing else.  The packages of
# package-lock.json go to build/dashboard, or to DASHBOARD_BUILD.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
studies=$here/studies.json
while getopts c: option
do
	case $option in
		c) studies=$OPTARG ;;
		*) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
page=${1:-dashboard.html}

for program in psql node npm
do
	command -v $program >/dev/null || { echo "build.sh: needs $program (Debian packages postgresql-client, nodejs, npm)" >&2; exit 1; }
done

build=${DASHBOARD_BUILD:-$here/../../build/dashboard}
mkdir -p "$build"
if ! cmp -s "$here/package-lock.json" "$build/installed.json"
then
	cp "$here/package.json" "$here/package-lock.json" "$build"
	(cd "$build" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier >&2)
	cp "$here/package-lock.json" "$build/installed.json"
fi
rm -rf "$build/src"
cp -R "$here/src" "$here/build.mjs" "$build"
exec node "$build/build.mjs" "$studies" "$page"
