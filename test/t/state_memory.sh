# A summary that passes ketocohort.max_state_memory ends the query with SQLSTATE 54000,
# the number of rows and a hint; the session goes on.
. "${0%/*}/../lib/tap.sh"

limited()
{
	got=$(sql -v query="$2" <<'SQL'
CREATE FUNCTION pg_temp.try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text;
  detail text;
  hint text;
BEGIN
  EXECUTE query;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
                          hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' ', SQLSTATE,
                   CASE WHEN message || ' ' || detail ~ '[0-9]+ rows' THEN 'rows' END,
                   CASE WHEN hint ~ 'max_state_memory' THEN 'hint' END);
END $$;
SET ketocohort.max_state_memory = '64kB';
SELECT pg_temp.try(:'query');
SELECT (paired_t_test(x, x * x)).n FROM generate_series(1, 10) x;
SQL
)
	is "$1 within 64 kB" "$got" "54000 rows hint
10"
}

limited value_counts 'SELECT value_counts(x) FROM generate_series(1, 100000) x'
limited describe 'SELECT describe(x) FROM generate_series(1, 100000) x'
limited wilcoxon_signed_rank 'SELECT wilcoxon_signed_rank(0, x) FROM generate_series(1, 100000) x'
limited paired_values 'SELECT paired_values(x, -x) FROM generate_series(1, 100000) x'
limited repeated_values "SELECT repeated_values(x::text, 'a', x) FROM generate_series(1, 100000) x"
limited contingency_table "SELECT contingency_table(x::text, 'a') FROM generate_series(1, 100000) x"
limited 'rollup of value_counts' 'SELECT rollup(s)
	FROM (SELECT value_counts(x) s FROM generate_series(1, 100000) x GROUP BY x % 100) pieces'

got=$(sql -c 'SELECT n_used(value_counts(x)) FROM generate_series(1, 100000) x')
is 'the default is enough for a hundred thousand values' "$got" 100000

# The settings are known once the library is loaded.
setting()
{
	sql -v VERBOSITY=sqlstate -v assignment="$1" <<'SQL' | sed 's/^ERROR: *//'
SELECT ketocohort_version() \g /dev/null
SET :assignment;
SQL
}
is 'the setting has an upper end' "$(setting "ketocohort.max_state_memory = '2GB'")" 22023
is 'the setting has a lower end' "$(setting "ketocohort.max_state_memory = '1kB'")" 22023
is 'a misspelt setting is an error' "$(setting 'ketocohort.no_such_setting = 1')" 42602
finish
