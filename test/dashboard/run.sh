#!/bin/sh
# Builds the page of doc/dashboard from the database the environment names, as a user who
# may read its views and nothing else, and looks at it in headless Chromium.  Called by
# test/run; $1 is a folder to work in, $2 the browser.
set -u
top=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/test/lib/tap.sh"
work=$1
chromium=$2
export DASHBOARD_BUILD="$work/packages" npm_config_cache="${npm_config_cache:-$work/npm}"

# build AS_USER [ARGUMENTS]: the one command.
build()
{
	as=$1
	shift
	PGUSER=$as sh "$top/doc/dashboard/build.sh" "$@" > "$work/build.log" 2>&1 || { sed 's/^/# /' "$work/build.log"; return 1; }
}

load()
{
	psql -Xq -v ON_ERROR_STOP=1 "$@" > "$work/load.log" 2>&1 || { sed 's/^/# /' "$work/load.log"; return 1; }
}

ok "demo data, replicas and views load" eval '
	load -v data="$top/test/data" -f "$top/test/data/load.sql" &&
	load -v data="$top/test/data" -f "$top/test/data/replicas/load.sql" &&
	load -f "$top/doc/dashboard/views.sql"'
ok "a reader is granted the views alone" load -f "$top/test/dashboard/reader.sql"
is "the reader reads no table of patients" "$(PGUSER=dashboard_reader sql -c 'SELECT * FROM taper_patients')" \
	"ERROR:  permission denied for table taper_patients"
is "nor the visits below the views" "$(PGUSER=dashboard_reader sql -c 'SELECT * FROM report_source.taper' | head -n 1)" \
	"ERROR:  permission denied for schema report_source"
ok "one command builds the page, as that reader" build dashboard_reader "$work/page.html"
ok "a study of one's own: dates, few patients, names that need quotes" load -f "$top/test/dashboard/own.sql"
ok "its page is built by a file of its own" build dashboard_reader -c "$top/test/dashboard/own.json" "$work/own.html"
sed 's/"Own study"/"nowhere"/' "$top/test/dashboard/own.json" > "$work/nowhere.json"
ok "a schema that is not there ends the build" eval '! build dashboard_reader -c "$work/nowhere.json" "$work/nowhere.html" > /dev/null'
is "and says so" "$(cat "$work/build.log")" "build.mjs: schema nowhere holds no view that this user may read"
ok "the package files name no host" eval '! grep -qE "https?://[^\"]*regis" "$top"/doc/dashboard/package*.json'

# Where the packages are.
cp "$top/test/dashboard/"*.mjs "$work/packages"
node "$work/packages/check.mjs" "$work/page.html" "$work/own.html" "$chromium" "$top/doc/dashboard/example.html" || failures=1
finish
