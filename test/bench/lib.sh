# lib.sh: two queries timed against each other, alternating, in one session.
#
# Each query runs BENCH_ROUNDS times after one round to warm up; what is compared is
# the median of its times.  Only ratios are printed: seconds depend on the machine.

: "${BENCH_ROUNDS:=5}"
PSQL="${PSQL:-psql} -X -q -v ON_ERROR_STOP=1"
bench_failed=0

# Times of the queries in the file, one number a line, in the order they ran.
bench_times() {
	$PSQL -At -f "$1" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}

# Median of the numbers on standard input.
bench_median() {
	sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# bench JOB OUR_QUERY THEIR_QUERY LIMIT [SETTINGS] [SETTINGS OF THE SECOND]
# prints the ratio ours / theirs beside the most it may be.
bench() {
	file=$(mktemp)
	round=0
	while [ $round -le "$BENCH_ROUNDS" ]; do
		for pair in ours theirs; do
			settings=$5 query=$2
			[ $pair = ours ] || { settings=${6-$5} query=$3; }
			printf '\\timing off\n%s\n\\timing on\n%s;\n' "$settings" "$query" >> "$file"
		done
		round=$((round + 1))
	done
	times=$(bench_times "$file" | tail -n +3)
	rm -f "$file"
	ours=$(printf '%s\n' "$times" | awk 'NR % 2 == 1' | bench_median)
	theirs=$(printf '%s\n' "$times" | awk 'NR % 2 == 0' | bench_median)
	bench_report "$1" "$ours" "$theirs" "$4"
}

# bench_report JOB OURS THEIRS LIMIT; LIMIT is - where there is none.  The figures also go
# to the file BENCH_RESULTS, if set, for performance.sh.
bench_report() {
	if [ -n "${BENCH_RESULTS:-}" ]; then
		printf '%s\t%s\t%s\t%s\t%s\n' "$(basename "$0" .sh)" "$1" "$2" "$3" "$4" >> "$BENCH_RESULTS"
	fi
	awk -v job="$1" -v ours="$2" -v theirs="$3" -v limit="$4" 'BEGIN {
		if (!(ours > 0 && theirs > 0)) {
			printf "%-62s   NO TIME: a query failed\n", job
			exit 1
		}
		ratio = ours / theirs
		if (limit == "-") { printf "%-62s %7.3f\n", job, ratio; exit 0 }
		verdict = ratio <= limit ? "holds" : "TOO SLOW"
		printf "%-62s %7.3f  at most %-6s %s\n", job, ratio, limit, verdict
		exit ratio > limit
	}' || bench_failed=$((bench_failed + 1))
}
