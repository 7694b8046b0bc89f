#!/bin/sh
# make check-versions: builds and tests the extension on the PostgreSQL of other Debian
# releases, each on a machine of its own: 15 on bookworm, 17 on trixie, 18 on forky.
#
#	RELEASES  other releases, as "trixie sid"
#	SUITES    other suites of test/run check, as "regress matrix"
#
# Prints each suite's tally and ends with a status.  An hour on two cores.
set -eu
. "${0%/*}/lib/machine.sh"
open_machines "make check-versions"
suites=${SUITES:-build_gcc build_clang lint unit regress parallel matrix gold doctest tap upgrade sanitize}

failed=0
for release in ${RELEASES:-bookworm trixie forky}
do
	begun=$(seconds)
	make_machine "$release"
	on_machine apt-get -q update > "$room/apt" 2>&1 || { tail "$room/apt" >&2; exit 1; }
	# the rest is installed by test/run itself
	machine_installs gcc clang make libc6-dev
	copy_repository "$bare/srv/ketocohort"
	status=0
	on_machine sh -c "cd /srv/ketocohort && sh test/run check $suites" \
		> "$room/tally" 2> "$room/messages" || status=$?
	rm -rf "$bare/srv/ketocohort"
	echo "== $release, PostgreSQL $(ls "$bare/usr/lib/postgresql" | tr '\n' ' ')=="
	cat "$room/tally"
	if [ $status -ne 0 ]
	then
		tail -n 30 "$room/messages"
		failed=$((failed + 1))
	fi
	echo "($(($(seconds) - begun)) s)"
done
exit $((failed > 0))
