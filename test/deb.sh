#!/bin/sh
# make check-deb: makes the Debian package from a clean clone on a bare machine, asks
# lintian and autopkgtest about it, installs it, uses it as a database owner who is not a
# superuser, and removes it without a trace.  SUITE names another release than bookworm.
set -eu
. "${0%/*}/lib/machine.sh"
. "${0%/*}/lib/tap.sh"
open_machines "make check-deb"
make_machine "${SUITE:-bookworm}"

# The packages of a build are named by debian/control, which is made for the release.
prepare_machine()
{
	mkdir -p "$bare/etc/postgresql-common"
	echo 'create_main_cluster = false' > "$bare/etc/postgresql-common/createcluster.conf"
	on_machine apt-get -q update > "$room/apt" 2>&1 || { tail "$room/apt"; exit 1; }
	machine_installs build-essential debhelper postgresql-server-dev-all git lintian autopkgtest
	rm -rf "$bare/srv/deb"
	git clone -q --no-hardlinks "$top" "$bare/srv/deb"
	on_machine sh -c 'cd /srv/deb && pg_buildext updatecontrol &&
		apt-get -q -y build-dep --no-install-recommends ./ && git checkout -q debian' > "$room/apt" 2>&1 ||
		{ tail "$room/apt"; exit 1; }
}

# on_package COMMAND: on the machine, in the folder of the packages; quiet unless it fails.
on_package()
{
	on_machine sh -c "cd /srv/deb/build/deb && $1" > "$room/log" 2>&1 ||
		{ tail -n 40 "$room/log" | sed 's/^/# /'; return 1; }
}

# The answer of a fresh cluster to SQL given by a role that owns a database and no more.
ask_owner()
{
	cat > "$bare/srv/deb/ask" <<'SCRIPT'
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
data=$(mktemp -d)
trap '"$bin/pg_ctl" -s -D "$data/d" -m immediate stop; rm -rf "$data"' EXIT
"$bin/initdb" -D "$data/d" -U postgres -A trust -N --locale=C.UTF-8 -E UTF8 >/dev/null
"$bin/pg_ctl" -s -w -D "$data/d" -l "$data/log" -o "-c listen_addresses= -k $data" start
psql="psql -h $data -XqAt -v ON_ERROR_STOP=1"
$psql -U postgres -d postgres -c 'CREATE ROLE owner LOGIN' -c 'CREATE DATABASE study OWNER owner'
$psql -U owner -d study -c 'CREATE EXTENSION ketocohort' -c "$1"
SCRIPT
	on_machine runuser -u postgres -- sh -c 'cd / && sh /srv/deb/ask "$1"' sh "$1"
}

prepare_machine
ok 'make deb builds the package from a clean clone and its tests pass' \
	sh -c 'chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LC_ALL=C.UTF-8 \
		sh -c "cd /srv/deb && make deb" > "$2" 2>&1 || { tail -n 60 "$2"; exit 1; }' sh "$bare" "$room/build"
grep -aE '^(test .* FAILED|not ok|# All| All )' "$room/build" | sed 's/^/# /' || :
ok 'the clone is as it was' sh -c '[ -z "$(git -C "$1" status --porcelain)" ]' sh "$bare/srv/deb"
package=$(cd "$bare/srv/deb/build/deb" && ls postgresql-*-ketocohort_*.deb | head -n 1)
ok 'lintian finds no error and no warning' on_package 'lintian --allow-root --fail-on error,warning *.changes'
ok 'autopkgtest passes' on_package "autopkgtest --no-built-binaries ./$package /srv/deb -- null"
ok 'dpkg -i installs it' on_package "dpkg -i $package"
is 'a database owner creates the extension and asks it' \
	"$(ask_owner 'SELECT n, estimate, extversion FROM pg_extension, paired_t_test((SELECT paired_summary(i, i % 3) FROM generate_series(1, 9) i)) WHERE extname = $$ketocohort$$')" \
	"9|-4|$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$top/ketocohort.control")"
on_machine dpkg -L "${package%%_*}" | while read -r file
do
	[ -d "$bare$file" ] || echo "$file"
done > "$room/files"
ok 'it has the library, the control file, the script, the pages and no more' \
	sh -c '! grep -vE "/lib/(ketocohort.so|bitcode/.*)$|/extension/ketocohort(--.*.sql|.control)$|/usr/share/doc/" "$1"' \
	sh "$room/files"
ok 'dpkg -P removes it' on_package "dpkg -P ${package%%_*}"
ok 'and leaves no file' sh -c 'while read -r file; do [ ! -e "$1$file" ] || { echo "# $file"; exit 1; }; done < "$2"' \
	sh "$bare" "$room/files"
finish
