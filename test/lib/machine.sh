# Bare Debian machines in folders: a debootstrap --variant=minbase of a release, in which
# commands run by chroot.  Needs root, debootstrap, a Debian mirror and 2 GB a machine.
# With MACHINES=FOLDER they are kept there for the next time.

# open_machines WHAT: sets $top, the repository, and $room, the folder of machines and
# logs; removed at the end.
open_machines()
{
	top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
	[ "$(id -u)" = 0 ] || { echo "$1 needs root" >&2; exit 1; }
	command -v debootstrap >/dev/null || { echo "$1 needs the package debootstrap" >&2; exit 1; }
	room=$(mktemp -d "${TMPDIR:-/tmp}/ketocohort_machines.XXXXXX")
	mounted=
	trap close_machines EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

close_machines()
{
	status=$?
	trap - EXIT
	for folder in $mounted
	do
		umount "$folder" 2>/dev/null || :
	done
	for folder in $mounted
	do
		mountpoint -q "$folder" 2>/dev/null && exit $status
	done
	rm -rf --one-file-system "$room"
	exit $status
}

# make_machine SUITE: sets $bare, its folder.
make_machine()
{
	bare=${MACHINES:-$room}/$1
	if [ ! -x "$bare/usr/bin/apt-get" ]
	then
		# The mirror this machine uses, so that a local one is found; a release newer than
		# the debootstrap here is made as sid is.
		mirror=$(apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" 2>/dev/null |
			grep -v security | head -n 1)
		script=
		[ -e "/usr/share/debootstrap/scripts/$1" ] || script=sid
		debootstrap --variant=minbase "$1" "$bare" "${mirror:-http://deb.debian.org/debian}" $script \
			> "$room/debootstrap" 2>&1 || { tail "$room/debootstrap" >&2; exit 1; }
	fi
	apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https)::Proxy ' > "$bare/etc/apt/apt.conf.d/90proxy" || :
	# a mirror's testing may be older than its date of expiry
	echo 'Acquire::Check-Valid-Until "false";' > "$bare/etc/apt/apt.conf.d/91kept"
	if ! mountpoint -q "$bare/proc"
	then
		mount -t proc proc "$bare/proc"
		mounted="$mounted $bare/proc"
	fi
}

on_machine()
{
	chroot "$bare" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/ TERM=dumb DEBIAN_FRONTEND=noninteractive "$@"
}

# machine_installs PACKAGE...
machine_installs()
{
	on_machine apt-get -q -y install --no-install-recommends "$@" > "$room/apt" 2>&1 ||
		{ tail "$room/apt" >&2; return 1; }
}

# copy_repository FOLDER: as it is committed; outside of a repository, as it stands.
copy_repository()
{
	rm -rf "$1"
	mkdir -p "$1"
	if git -C "$top" rev-parse HEAD >/dev/null 2>&1
	then
		git -C "$top" archive HEAD | tar -C "$1" -xf -
	else
		tar -C "$top" -cf - . | tar -C "$1" -xf -
	fi
}

seconds()
{
	date +%s
}
