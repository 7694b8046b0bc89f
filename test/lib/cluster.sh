# A private folder, a build of a copy of the tree, and a throwaway cluster that loads
# the extension from there.  Sockets are private and there is no TCP: nothing of
# another cluster is touched, whatever its port.

# Sets $room, the folder everything lives in, and removes it at the end.
open_room()
{
	for variable in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p')
	do
		unset "$variable"
	done
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR
	export LC_ALL=C PGCLIENTENCODING=UTF8 PSQLRC=/dev/null PGCONNECT_TIMEOUT=60

	parent=${TMPDIR:-/tmp}
	# A socket's path has at most 107 characters.
	[ ${#parent} -le 60 ] || parent=/tmp
	room=$(mktemp -d "$parent/ketocohort.XXXXXX")
	chmod 755 "$room"
	mkdir "$room/log"
	clusters=
	trap close_room EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM

	jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
	server_account=
	if [ "$(id -u)" = 0 ]
	then
		server_account=nobody
		id postgres >/dev/null 2>&1 && server_account=postgres
	fi
}

close_room()
{
	status=$?
	trap - EXIT
	for cluster in $clusters
	do
		as_server pg_ctl -s -D "$cluster" -m immediate stop >/dev/null 2>&1 || :
	done
	if [ -n "${KEEP_ROOM:-}" ]
	then
		say "kept: $room"
	else
		rm -rf "$room"
	fi
	exit $status
}

# The server refuses to run as root.
as_server()
{
	if [ -n "$server_account" ]
	then
		(cd / && exec runuser -u "$server_account" -- env PATH="$PATH" LC_ALL=C "$@")
	else
		(cd / && exec "$@")
	fi
}

# build_copy NAME WHAT [make variables]: compiles a copy of the tree in $room/NAME/tree
# and installs it under $room/NAME/install, so that the checkout may be read-only.
build_copy()
{
	build=$room/$1
	say_what=$2
	name=$1
	shift 2
	mkdir -p "$build/tree" "$build/install"
	tar -C "$top" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.so' \
		--exclude='*.bc' --exclude=./test/results -cf - . |
		tar -C "$build/tree" --no-same-owner -xf -
	rm -f "$build"/tree/sql/ketocohort--[0-9.]*[0-9].sql
	if ! { make -s -C "$build/tree" -j "$jobs" with_llvm=no "$@" &&
		make -s -C "$build/tree" with_llvm=no "$@" install DESTDIR="$build/install"; } \
		> "$room/log/build_$name" 2>&1
	then
		tail -n 40 "$room/log/build_$name" >&2
		fail "could not $say_what"
	fi
	chmod -R go+rX "$build/install"
}

# start_cluster NAME: a cluster with the build of that name; later psql, createdb and
# so on talk to it.
start_cluster()
{
	install=$room/$1/install
	socket=$room/$1/socket
	data=$room/$1/data
	mkdir "$socket" "$data"
	chmod 700 "$data"
	[ -z "$server_account" ] || chown "$server_account" "$socket" "$data"

	as_server initdb -D "$data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 \
		> "$room/log/initdb_$1" 2>&1 ||
		{ rm -rf "$data"/*; as_server initdb -D "$data" -U postgres -A trust -N -E UTF8 \
			--no-locale > "$room/log/initdb_$1" 2>&1; } ||
		{ cat "$room/log/initdb_$1" >&2; fail "initdb failed"; }
	cluster_settings "$install" "$socket" >> "$data/postgresql.conf"
	printf '%s\n' "${extra_settings:-}" >> "$data/postgresql.conf"
	clusters="$clusters $data"
	: > "$room/log/server_$1"
	chmod 666 "$room/log/server_$1"
	# another program may stand for the server, which then starts slowly
	as_server pg_ctl -s -w -t 300 -D "$data" ${server_program:+-p "$server_program"} \
		-l "$room/log/server_$1" start >/dev/null ||
		{ cat "$room/log/server_$1" >&2; fail "the server did not start"; }
	PGHOST=$socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
	export PGHOST PGPORT PGUSER PGDATABASE
}

# Where the server finds the extension: Debian's servers up to 17 have a setting of
# their own for it, 18 has one for all.
cluster_settings()
{
	libraries=$1$("$PG_CONFIG" --pkglibdir)
	cat <<TEXT
listen_addresses = ''
unix_socket_directories = '$2'
port = 5432
fsync = off
full_page_writes = off
max_connections = 30
timezone = 'UTC'
datestyle = 'ISO, MDY'
jit = off
log_checkpoints = off
dynamic_library_path = '$libraries:\$libdir'
TEXT
	if [ "$server_major" -ge 18 ]
	then
		echo "extension_control_path = '$1$("$PG_CONFIG" --sharedir):\$system'"
	else
		echo "extension_destdir = '$1'"
	fi
}

# create_database NAME: a database with the extension; psql talks to it from now on.
create_database()
{
	PGDATABASE=postgres psql -Xq -v ON_ERROR_STOP=1 -c "CREATE DATABASE \"$1\""
	PGDATABASE=$1
	export PGDATABASE
	psql -Xq -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION ketocohort'
}

run_demo()
{
	(cd "$top" && sh test/demo/run.sh)
}
