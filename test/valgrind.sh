#!/bin/sh
# make check-valgrind: the regression tests on a server with assertions, and again under
# valgrind on the same server.  Its source is Debian's, built on a bare machine with
# USE_VALGRIND, so that valgrind sees every palloc and not only every malloc.
# REGRESS_ONLY names some of the tests.
set -eu
. "${0%/*}/lib/machine.sh"
open_machines "make check-valgrind"
make_machine "${SUITE:-bookworm}"
server=/opt/postgresql

# LDAP and ICU are left out: they start slowly under valgrind and nothing here needs them.
build_server()
{
	sed 's/^deb /deb-src /' "$bare/etc/apt/sources.list" > "$bare/etc/apt/sources.list.d/source.list"
	on_machine apt-get -q update
	machine_installs gcc make libc6-dev perl bison flex dpkg-dev patch xz-utils valgrind
	version=$(on_machine apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p')
	on_machine sh -ec '
		rm -rf /srv/server; mkdir /srv/server; cd /srv/server
		apt-get -q source "postgresql-$1"
		cd "postgresql-$1"-*/
		./configure --prefix="$2" --enable-cassert --enable-debug --without-icu --without-ldap \
			--without-readline --without-zlib CPPFLAGS=-DUSE_VALGRIND CFLAGS="-O1 -g"
		make -s -j "$(nproc)" install
		make -s -C contrib install
		cp src/tools/valgrind.supp "$("$2/bin/pg_config" --sharedir)"' sh "$version" "$server"
}

if [ ! -f "$bare$server/share/valgrind.supp" ]
then
	build_server > "$room/build" 2>&1 || { tail -n 40 "$room/build" >&2; exit 1; }
fi
copy_repository "$bare/srv/ketocohort"
status=0
on_machine env PG_CONFIG="$server/bin/pg_config" REGRESS_ONLY="${REGRESS_ONLY:-}" \
	sh -c 'cd /srv/ketocohort && sh test/run check regress parallel valgrind' || status=$?
rm -rf "$bare/srv/ketocohort"
exit $status
