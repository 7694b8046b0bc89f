#!/bin/sh
# sh test/bench/performance.sh FILE: doc/performance.md from the lines bench_report wrote
# to FILE: one table and one plot a chapter.
set -eu
cat <<'TEXT'
# Performance

Ratios of our time to that of the query named, on the same rows in the same run, each the median of five rounds; seconds depend on the machine. Two cores, Debian 12, PostgreSQL 15, tables in memory. Made by `make performance`, which runs `sh test/run bench` and writes this page.

| benchmark | rows |
|---|---|
| `exposure` | 1 million patients with 12 fills |
| `mixed`, `trajectory`, `mediation` | as said in the line |
| `duckdb` | 5 million, in memory on both sides, the same number of threads; DuckDB has none of the tests, so it is asked for the nearest figure it has |
| `scaling` | up to 10 million, and one against two workers |
| others | 5 million |

In the plots a bar is the ratio; `|` marks the most it may be.
TEXT
awk -F'\t' '
	function bar(ratio, limit, full,    width, text, i, mark) {
		width = 50
		mark = limit == "-" ? -1 : int(width * limit / full + 0.5)
		text = ""
		for (i = 1; i <= width; i++)
			text = text (i == mark ? "|" : i <= width * ratio / full ? "#" : " ")
		sub(/ +$/, "", text)
		return text
	}
	{
		if (!($1 in lines)) chapter[++chapters] = $1
		lines[$1]++
		job[$1, lines[$1]] = $2
		ratio[$1, lines[$1]] = $3 / $4
		limit[$1, lines[$1]] = $5
	}
	END {
		for (c = 1; c <= chapters; c++) {
			name = chapter[c]
			print "\n## " name "\n\n| job | ratio | at most |\n|---|---|---|"
			full = 0
			for (i = 1; i <= lines[name]; i++) {
				r = ratio[name, i]
				l = limit[name, i]
				printf "| %s | %s | %s |\n", job[name, i], sprintf(r < 0.1 ? "%.4f" : "%.2f", r),
					l == "-" ? "" : l (r > l ? ", **missed**" : "")
				if (r > full) full = r
				if (l != "-" && l > full) full = l
			}
			print "\n```text"
			for (i = 1; i <= lines[name]; i++)
				printf "%2d %6.3f %s\n", i, ratio[name, i], bar(ratio[name, i], limit[name, i], full)
			print "```"
		}
	}' "$1"
