# Memory: a million groups, and a million calls of plain functions, leave nothing behind.
. "${0%/*}/../lib/tap.sh"

# grows NAME QUERY: private memory of the backend after the second and after the sixth run.
grows()
{
	got=$(sql -v query="$2" <<'SQL'
SET max_parallel_workers_per_gather = 0;
SET work_mem = '64MB';
CREATE TEMP TABLE seen (run int, rss bigint, contexts numeric);
CREATE PROCEDURE pg_temp.look(run int) LANGUAGE sql AS $$
  INSERT INTO seen
  SELECT run, substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s*([0-9]+) kB')::bigint,
         (SELECT sum(total_bytes) FROM pg_backend_memory_contexts)
$$;
:query \g /dev/null
:query \g /dev/null
CALL pg_temp.look(2);
:query \g /dev/null
:query \g /dev/null
:query \g /dev/null
:query \g /dev/null
CALL pg_temp.look(6);
SELECT max(rss) FILTER (WHERE run = 6) - max(rss) FILTER (WHERE run = 2),
       (max(contexts) FILTER (WHERE run = 6) - max(contexts) FILTER (WHERE run = 2))::bigint / 1024
FROM seen;
SQL
)
	rss=${got%%|*}
	contexts=${got##*|}
	ok "$1: four more runs keep no memory (process $rss kB, contexts $contexts kB)" \
		test "$rss" -lt 4096 -a "$contexts" -lt 256
}

sql <<'SQL'
CREATE TABLE pairs AS
SELECT i / 2 AS patient, (i % 11)::float8 AS before, (i % 7)::float8 AS after, i % 3 = 0 AS better
FROM generate_series(0, 1999999) i;
CREATE TABLE summaries AS
SELECT patient, paired_summary(before, after) AS moments, value_counts(after - before) AS changes
FROM pairs WHERE patient < 100000 GROUP BY patient;
ANALYZE pairs, summaries;
SQL

grows 'a million groups, moments' 'SELECT count(t) FROM
	(SELECT (paired_t_test(before, after)).p_value AS t FROM pairs GROUP BY patient) g'
grows 'a million groups, counted values' 'SELECT count(d) FROM
	(SELECT (describe(before)).median AS d FROM pairs GROUP BY patient) g'
grows 'a million groups, responders' 'SELECT count(r) FROM
	(SELECT (responder_rate(better)).estimate AS r FROM pairs GROUP BY patient) g'
grows 'a hundred thousand stored summaries' 'SELECT count(t), count(w) FROM summaries,
	LATERAL (SELECT (paired_t_test(moments)).p_value AS t, (wilcoxon_signed_rank(changes)).p_value AS w) r'
grows 'a hundred thousand errors that are caught' "DO \$\$ BEGIN
	FOR i IN 1..20000 LOOP
		BEGIN PERFORM paired_t_test(moments, conf_level => 2) FROM summaries LIMIT 1;
		EXCEPTION WHEN invalid_parameter_value THEN NULL; END;
	END LOOP; END \$\$"

# Within one query: what the contexts hold at the start and at the end of a scan.
within()
{
	got=$(sql -v call="$2" <<'SQL'
SET max_parallel_workers_per_gather = 0;
SELECT (max(bytes) - min(bytes))::bigint / 1024
FROM (SELECT :call AS answer,
             CASE WHEN row_number IN (1000, 99000)
                  THEN (SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE row_number > 0) END AS bytes
      FROM (SELECT *, row_number() OVER () FROM summaries) numbered OFFSET 0) q;
SQL
)
	ok "$1: one query over many rows keeps no memory ($got kB)" test "$got" -lt 256
}

within 'paired_t_test' 'paired_t_test(moments)::text'
within 'wilcoxon_signed_rank' 'wilcoxon_signed_rank(changes)::text'
within 'text output and input' 'moments::text::paired_summary::text'
within 'is_responder' 'is_responder(n_used(changes), n_missing(changes))::text'
finish
