#!/bin/sh
# make check-bare: both commands of the README on a machine that has nothing, as root and
# as an ordinary user with the packages present.  The machine is a fresh debootstrap
# --variant=minbase in a temporary folder, removed at the end.  Needs root, debootstrap,
# a Debian mirror and 2 GB.  SUITE names another release than bookworm, CHECKS the suites
# of the check that are run there (all of them, when not set).
set -eu
. "${0%/*}/lib/machine.sh"
open_machines "make check-bare"
suite=${SUITE:-bookworm}
begun=$(seconds)
make_machine "$suite"
echo "a bare $suite: $(($(seconds) - begun)) s, $(du -sm "$bare" 2>/dev/null | cut -f1) MB"

failed=0
# attempt WHO FOLDER COMMAND [prefix...]: runs a command of the README in the folder.
attempt()
{
	who=$1
	folder=$2
	command=$3
	shift 3
	log=$room/$(echo "$who $command" | tr -c 'a-z\n' _)
	before=$(find "$bare$folder" | LC_ALL=C sort | cksum)
	begun=$(seconds)
	status=0
	on_machine "$@" sh -c "cd '$folder' && $command" > "$log" 2> "$log.messages" || status=$?
	took=$(($(seconds) - begun))
	[ "$(find "$bare$folder" | LC_ALL=C sort | cksum)" = "$before" ] ||
		{ echo "it left files in the checkout" >> "$log.messages"; status=1; }
	[ "$(ls -d "$bare"/tmp/ketocohort* 2>/dev/null)" = "" ] ||
		{ echo "it left files in /tmp" >> "$log.messages"; status=1; }
	if [ $status -eq 0 ]
	then
		echo "ok - $who: $command ($took s): $(tail -n 1 "$log")"
	else
		failed=$((failed + 1))
		echo "not ok - $who: $command ($took s, status $status)"
		tail -n 60 "$log" | sed 's/^/    /'
		tail -n 30 "$log.messages" | sed 's/^/    /'
	fi
}

copy_repository "$bare/srv/ketocohort"
attempt root /srv/ketocohort 'sh test/run demo'
attempt root /srv/ketocohort "sh test/run check${CHECKS:+ $CHECKS}"

on_machine useradd -m analyst
chmod 700 "$bare/home/analyst"
copy_repository "$bare/home/analyst/ketocohort"
on_machine chown -R analyst "/home/analyst/ketocohort"
attempt 'an ordinary user' /home/analyst/ketocohort 'sh test/run demo' runuser -u analyst --
attempt 'an ordinary user' /home/analyst/ketocohort "sh test/run check${CHECKS:+ $CHECKS}" runuser -u analyst --

# A machine's own clusters: none was made.
[ -z "$(ls "$bare/etc/postgresql/15" 2>/dev/null)" ] || { failed=$((failed + 1)); echo "not ok - a cluster was made"; }
exit $((failed > 0))
