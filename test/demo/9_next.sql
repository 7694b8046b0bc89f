\echo
\echo '9. YOUR OWN DATA'
\echo
\echo 'In a database with the extension (CREATE EXTENSION ketocohort), type:'
\echo
\echo '    CREATE TABLE scores (patient text, before float8, after float8);'
\echo '    \\copy scores FROM ''scores.csv'' CSV HEADER'
\echo '    SELECT (paired_t_test(before, after)).* FROM scores;'
\echo
