# Installing: by the owner of a database who is no superuser, in any schema; dropping
# leaves nothing.
. "${0%/*}/../lib/tap.sh"

sql -d postgres <<'SQL'
CREATE ROLE kc_owner LOGIN;
CREATE ROLE kc_stranger LOGIN;
CREATE ROLE kc_reader LOGIN;
CREATE DATABASE kc_owned OWNER kc_owner;
SQL

# Everything the catalogue holds that is not the server's own.
contents()
{
	sql -d kc_owned <<'SQL'
SELECT 'function', oid::regprocedure::text FROM pg_proc WHERE oid >= 16384
UNION ALL SELECT 'type', oid::regtype::text FROM pg_type WHERE oid >= 16384
UNION ALL SELECT 'relation', oid::regclass::text FROM pg_class WHERE oid >= 16384
UNION ALL SELECT 'cast', castsource::regtype::text FROM pg_cast WHERE oid >= 16384
UNION ALL SELECT 'operator', oid::regoperator::text FROM pg_operator WHERE oid >= 16384
UNION ALL SELECT 'comment', description FROM pg_description WHERE objoid >= 16384
UNION ALL SELECT 'extension', extname FROM pg_extension
UNION ALL SELECT 'initial privileges', objoid::text FROM pg_init_privs WHERE objoid >= 16384
ORDER BY 1, 2;
SQL
}

# state ROLE COMMAND: the SQLSTATE, 00000 when it works.
state()
{
	sql -d kc_owned -U "$1" -v ON_ERROR_STOP=0 -o /dev/null -f - <<SQL
\\set VERBOSITY sqlstate
$2;
\\set QUIET off
\\o
\\echo :LAST_ERROR_SQLSTATE
SQL
}

before=$(contents)
is 'a stranger may not install' "$(state kc_stranger 'CREATE EXTENSION ketocohort' | tail -n 1)" 42501
got=$(sql -d kc_owned -U kc_owner -c 'CREATE SCHEMA stats' -c 'CREATE EXTENSION ketocohort SCHEMA stats' \
	-c 'SELECT (stats.paired_t_test(x, x * x)).n FROM generate_series(1, 10) x')
is 'the owner of the database installs it into a schema' "$got" 10
sql -d kc_owned -U kc_owner -c 'GRANT USAGE ON SCHEMA stats TO PUBLIC'
got=$(sql -d kc_owned -U kc_reader <<'SQL'
SELECT (stats.paired_t_test(x, x * x)).n FROM generate_series(1, 10) x;
SELECT stats.mme('oxycodone', 10, 'mg', 'oral');
SQL
)
is 'anyone may use it, without a search path' "$got" "10
15"
got=$(sql -d kc_owned -U kc_owner <<'SQL'
INSERT INTO stats.mme_factors (guideline, drug, route, unit, factor, source)
VALUES ('ours', 'morphine', 'oral', 'mg', 2, 'ours');
SELECT stats.mme('morphine', 10, 'mg', 'oral', 'ours');
SQL
)
is 'who installed it adds rows of his own' "$got" 20
psql -Xq -d postgres -c 'CREATE DATABASE kc_restored OWNER kc_owner'
got=$(pg_dump -U kc_owner kc_owned | psql -Xq -U kc_owner -d kc_restored -v ON_ERROR_STOP=1 -o /dev/null 2>&1)
is 'who installed it restores a dump' "$got" ''
is 'rows of his own are in it' \
	"$(sql -d kc_restored -U kc_owner -c "SELECT stats.mme('morphine', 10, 'mg', 'oral', 'ours')")" 20
psql -Xq -d postgres -c 'DROP DATABASE kc_restored'
# The objects of a trusted extension belong to the superuser, who alone may move them.
got=$(sql -d kc_owned -c 'CREATE SCHEMA moved' -c 'GRANT USAGE ON SCHEMA moved TO PUBLIC' \
	-c 'ALTER EXTENSION ketocohort SET SCHEMA moved')
is 'it moves to another schema' "$got" ''
got=$(sql -d kc_owned -U kc_reader \
	-c "SELECT moved.mme('oxycodone', 10, 'mg', 'oral'), (moved.describe(x)).n FROM generate_series(1, 3) x")
is 'and works there' "$got" '15|3'
got=$(sql -d kc_owned -U kc_owner -c 'DROP EXTENSION ketocohort' -c 'DROP SCHEMA stats')
is 'the owner drops it' "$got" ''
sql -d kc_owned -c 'DROP SCHEMA moved'
is 'nothing is left behind' "$(contents)" "$before"
sql -d postgres -c 'DROP DATABASE kc_owned' -c 'DROP ROLE kc_owner, kc_stranger, kc_reader'
finish
