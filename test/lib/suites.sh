# Every suite in turn.  A suite is a function or script that prints a line "ok ..." or
# "not ok ..." for each test (what TAP prints, no plan needed); a suite that ends with an
# error or runs no test counts as one failure.

all_suites="build_gcc build_clang lint unit fuzz regress parallel matrix gold doctest tap federation replication upgrade dashboard sanitize"
# Run when named: it takes long, and a server built for it.
extra_suites="valgrind"

# run_suites [NAME...]: runs them and prints the tally as the last line.
run_suites()
{
	[ $# -gt 0 ] || set -- $all_suites
	passed=0
	failed=0
	build_copy server "make the extension"
	start_cluster server
	for suite in "$@"
	do
		case " $all_suites $extra_suites " in
			*" $suite "*) run_suite "$suite" ;;
			*) fail "no suite is called $suite; there are: $all_suites $extra_suites" ;;
		esac
	done
	echo
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

run_suite()
{
	log=$room/log/$1
	begun=$(date +%s)
	status=0
	(set -e; "suite_$1") > "$log" 2>&1 < /dev/null || status=$?
	ok=$(grep -c '^ok\b' "$log" || :)
	not_ok=$(grep -c '^not ok\b' "$log" || :)
	if [ $not_ok -eq 0 ]
	then
		if [ $status -ne 0 ]
		then
			not_ok=1
			echo "the suite ended with status $status" >> "$log"
		elif [ $ok -eq 0 ] && ! grep -q '^1\.\.0 #' "$log"
		then
			not_ok=1
			echo "the suite ran no test" >> "$log"
		fi
	fi
	passed=$((passed + ok))
	failed=$((failed + not_ok))
	printf '%-12s %5d passed %4d failed %5d s%s\n' "$1" "$ok" "$not_ok" \
		$(($(date +%s) - begun)) "$(sed -n 's/^1\.\.0 #/  /p' "$log")"
	if [ $not_ok -gt 0 ]
	then
		grep -v '^ok\b' "$log" | tail -n 200 | sed 's/^/    /'
	fi
}

# run_benchmarks [CHAPTER...]: the scripts of test/bench, all or those named.
run_benchmarks()
{
	[ $# -gt 0 ] || set -- $(cd "$top/test/bench" && ls ./*.sh | sed -e 's|^\./||' -e 's|\.sh$||' -e '/^lib$/d' -e '/^performance$/d')
	status=0
	for chapter in "$@"
	do
		echo "-- $chapter"
		sh "$top/test/bench/$chapter.sh" || status=1
	done
	return $status
}

# The tree to test lies beside the build of the server's cluster.
in_tree()
{
	make -s -C "$room/server/tree" with_llvm=no "$@"
}

# ---- compilers ----

# compile CC: the whole library with every warning an error.
compile()
{
	rm -rf "$room/compile"
	mkdir "$room/compile"
	cp -R "$room/server/tree/." "$room/compile"
	make -s -C "$room/compile" with_llvm=no clean
	if make -s -C "$room/compile" -j "$jobs" with_llvm=no CC="$1" COPT="-Wextra -Werror $2"
	then
		echo "ok - $1 compiles without a warning"
	else
		echo "not ok - $1 compiles without a warning"
	fi
}

suite_build_gcc()
{
	compile gcc ""
}

# The server's development package brings a clang of its own.
suite_build_clang()
{
	clang=$(sed -n 's/^CLANG *= *//p' "$(dirname "$("$PG_CONFIG" --pgxs)")/../Makefile.global")
	command -v "${clang:-clang}" >/dev/null || clang=clang
	command -v "$clang" >/dev/null || { echo "no clang is installed"; return 1; }
	# The server's own flags and its header's printf attribute were chosen for gcc.
	compile "$clang" "-Wno-unknown-warning-option -Wno-ignored-optimization-argument \
-Wno-ignored-attributes"
}

# ---- without a server ----

suite_lint()
{
	in_tree lint
}

# Each program is a test of many checks; its last line is "file: N checks, M failed".
suite_unit()
{
	status=0
	make -s -k -C "$room/server/tree" -j "$jobs" with_llvm=no unit > "$room/log/unit.out" 2>&1 ||
		status=$?
	sed -e 's/^\(.*: [0-9]* checks\), 0 failed$/ok - \1/' \
		-e 's/^\(.*: [0-9]* checks, [0-9]* failed\)$/not ok - \1/' "$room/log/unit.out"
	return $status
}

# Random bytes for every reader, guided by what they reach; FUZZ_SECONDS for each target.
# A fixed seed and number of runs, so that the same tree passes again; `make fuzz` and
# `make fuzz-nightly` begin with a new seed.
suite_fuzz()
{
	find_fuzzer || { echo "1..0 # skipped: clang's libFuzzer is not installed"; return 0; }
	status=0
	make -s -C "$room/server/tree" -j "$jobs" with_llvm=no fuzz FUZZ_CC="$fuzz_cc" \
		FUZZ_SECONDS="${FUZZ_SECONDS:-60}" FUZZ_OPTIONS="-seed=1 -runs=60000" > "$room/log/fuzz.out" 2>&1 || status=$?
	awk '/^fuzzing / { name = $2 }
		/^#[0-9]+[ \t]+DONE/ { edges = $4; executions = substr($1, 2)
			print "ok - " name ": " executions " executions, " edges " edges" }' "$room/log/fuzz.out"
	if [ $status -ne 0 ]
	then
		echo "not ok - $(sed -n 's/^fuzzing //p' "$room/log/fuzz.out" | tail -n 1)"
		tail -n 60 "$room/log/fuzz.out"
	fi
	return $status
}

# ---- pg_regress ----

# Puts pg_regress' lines in one form: "test name ... ok" (to 15) and "ok 1 - name" (16 on).
# REGRESS_ONLY="paired mme" runs those tests only.
regress()
{
	status=0
	rm -rf "$room/$1/tree/test/results"
	make -s -C "$room/$1/tree" with_llvm=no ${REGRESS_ONLY:+REGRESS="$REGRESS_ONLY"} installcheck > "$room/log/regress.out" 2>&1 || status=$?
	sed -n -e 's/^test \([a-z_0-9]*\) *\.\.\. ok.*/ok - \1/p' \
		-e 's/^test \([a-z_0-9]*\) *\.\.\. FAILED.*/not ok - \1/p' \
		-e 's/^ok [0-9][0-9]* *[-+] \([a-z_0-9]*\).*/ok - \1/p' \
		-e 's/^not ok [0-9][0-9]* *[-+] \([a-z_0-9]*\).*/not ok - \1/p' "$room/log/regress.out"
	if [ $status -ne 0 ]
	then
		sed 's/^/# /' "$room/log/regress.out"
		find "$room/$1/tree" -name regression.diffs -exec cat {} +
	fi
	return $status
}

suite_regress()
{
	regress server
}

# The same answers are expected when every plan that may run in parallel does.
suite_parallel()
{
	force=force_parallel_mode
	[ "$server_major" -lt 16 ] || force=debug_parallel_query
	PGOPTIONS="-c $force=regress -c parallel_setup_cost=0 -c parallel_tuple_cost=0 \
-c min_parallel_table_scan_size=0 -c min_parallel_index_scan_size=0 \
-c max_parallel_workers_per_gather=2"
	export PGOPTIONS
	regress server
}

# The extension's undefined behaviour stops the server, which fails the test.
suite_sanitize()
{
	build_copy sanitized "make the extension with the sanitizer" \
		COPT='-fsanitize=undefined -fno-sanitize-recover=undefined -fno-wrapv -O1 -g'
	start_cluster sanitized
	status=0
	regress sanitized || status=$?
	grep -A 5 'runtime error' "$room/log/server_sanitized" || :
	as_server pg_ctl -s -D "$room/sanitized/data" -m fast stop
	return $status
}

# Every byte that is read belongs to who reads it and was written before: the server runs
# under valgrind.  It must be one that make check-valgrind builds, which tells valgrind of
# each allocation and leaves the list of its own known oddities.
suite_valgrind()
{
	known=$("$PG_CONFIG" --sharedir)/valgrind.supp
	[ -f "$known" ] || { echo "the server was not built by make check-valgrind"; return 1; }
	memcheck=$room/memcheck
	mkdir "$memcheck" "$memcheck/errors"
	chmod 777 "$memcheck/errors"
	ln -s ../server/tree ../server/install "$memcheck"
	cat > "$memcheck/postgres" <<SCRIPT
#!/bin/sh
exec valgrind --quiet --trace-children=yes --leak-check=no --time-stamp=yes --num-callers=25 \
	--suppressions='$known' --log-file='$memcheck/errors/%p' '$bindir/postgres' "\$@"
SCRIPT
	chmod 755 "$memcheck/postgres"
	server_program=$memcheck/postgres
	start_cluster memcheck
	status=0
	regress memcheck || status=$?
	as_server pg_ctl -s -w -t 300 -D "$memcheck/data" -m fast stop
	if [ -n "$(cat "$memcheck"/errors/*)" ]
	then
		echo "not ok - valgrind sees no error"
		cat "$memcheck"/errors/* | head -n 150
	else
		echo "ok - valgrind sees no error in $(ls "$memcheck/errors" | wc -l) processes"
	fi
	return $status
}

# ---- suites of their own ----

# Runs a command in a fresh database that holds the extension.
with_database()
{
	create_database "$1"
	shift
	"$@"
}

suite_matrix()
{
	with_database matrix sh "$top/test/matrix/run.sh"
}

suite_gold()
{
	with_database gold in_tree gold
}

suite_doctest()
{
	sh "$top/test/doctest"
}

# TAP_ONLY="cancel leak" runs those scripts of test/t only.
suite_tap()
{
	status=0
	for script in "$top"/test/t/*.sh
	do
		name=$(basename "$script" .sh)
		case " ${TAP_ONLY:-$name} " in
			*" $name "*) with_database "tap_$name" sh "$script" || status=$? ;;
		esac
	done
	return $status
}

# Three sites beside the server, each a cluster of its own with the server's build.
suite_federation()
{
	sockets=
	for site in site_1 site_2 site_3
	do
		mkdir "$room/$site"
		ln -s "$room/server/install" "$room/$site/install"
		start_cluster $site
		sockets="$sockets $PGHOST"
	done
	PGHOST=$room/server/socket
	with_database federation sh "$top/test/federation.sh" $sockets || status=$?
	for site in site_1 site_2 site_3
	do
		as_server pg_ctl -s -D "$room/$site/data" -m fast stop
	done
	return ${status:-0}
}

# Two servers of their own that keep the log logical replication reads.
suite_replication()
{
	extra_settings="wal_level = logical"
	for server in subscriber publisher
	do
		mkdir "$room/$server"
		ln -s "$room/server/install" "$room/$server/install"
		start_cluster $server
	done
	with_database replication sh "$top/test/replication.sh" "$room/subscriber/socket" || status=$?
	for server in subscriber publisher
	do
		as_server pg_ctl -s -D "$room/$server/data" -m fast stop
	done
	return ${status:-0}
}

# PG_UPGRADE_BINDIRS="OLD NEW": two folders of programs, as /usr/lib/postgresql/15/bin.
suite_upgrade()
{
	with_database upgrade sh "$top/test/upgrade.sh" "$room/server/tree" "$room/server/install" || status=$?
	sh "$top/test/pg_upgrade.sh" ${PG_UPGRADE_BINDIRS:-} || status=$?
	return ${status:-0}
}

# The page of doc/dashboard in a browser.  Skipped only where the distribution has no
# package chromium (Ubuntu: a snap) or an older Node than 18.
suite_dashboard()
{
	missing=$(missing_browser)
	if [ -n "$missing" ]
	then
		may_install || { echo "these packages are missing:" $missing; return 1; }
		as_root apt-get -q update || :
		if [ -z "$(browser)" ] && ! apt-cache show chromium | grep -q '^Package'
		then
			echo "1..0 # skipped: this distribution has no package chromium"
			return
		fi
		install_packages $missing || return 1
	fi
	node=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
	if [ "$node" -lt 18 ]
	then
		echo "1..0 # skipped: Node $node, the page's tools need 18"
		return
	fi
	mkdir -p "$room/dashboard"
	with_database dashboard sh "$top/test/dashboard/run.sh" "$room/dashboard" "$(browser)"
}
