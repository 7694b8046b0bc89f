# What the scripts of test/t share.  Each runs in a database of its own that holds the
# extension, finds the server by the environment, prints "ok" or "not ok" lines, and ends
# with `finish`.

failures=0

# sql [psql options] < commands: unaligned rows; an error does not end the session.
sql()
{
	psql -XqAt -F '|' "$@" 2>&1
}

# ok NAME COMMAND...: passes when the command succeeds.
ok()
{
	name=$1
	shift
	if "$@"
	then
		echo "ok - $name"
	else
		failures=$((failures + 1))
		echo "not ok - $name"
	fi
}

# is NAME GOT EXPECTED
is()
{
	ok "$1" test "$2" = "$3"
	[ "$2" = "$3" ] || printf '#      got: %s\n# expected: %s\n' "$2" "$3"
}

finish()
{
	[ $failures -eq 0 ]
	exit
}
