# A cancel at any moment is answered within a tenth of a second, by models, bootstraps,
# simulations and rollups, too; after it and after ketocohort.max_state_memory the session
# goes on.  The moments are random: KETOCOHORT_SEED repeats them.
. "${0%/*}/../lib/tap.sh"
seed=${KETOCOHORT_SEED:-$(date +%s)}
echo "# KETOCOHORT_SEED=$seed"

sql -v ON_ERROR_STOP=1 -v seed="$seed" <<'SQL'
SELECT setseed((:seed % 1000) / 1000.0) \g /dev/null
CREATE TABLE diary AS
SELECT i / 10 AS patient, i % 10 AS month, 5 - 0.2 * (i % 10) + 2 * sin(i / 10 * 12.9898) + random() AS pain,
       (i / 10) % 3 = 0 AS keto, (i / 10 % 4)::text AS clinic
FROM generate_series(0, 399999) i;
VACUUM ANALYZE diary;
CREATE TABLE summaries AS SELECT
  (SELECT mixed_summary('pain ~ month * keto + (1 + month | patient)', v) FROM diary v) AS mixed,
  (SELECT trajectory_summary('pain ~ month + I(month^2) | patient', v) FROM diary v WHERE patient < 8000) AS trajectory,
  (SELECT mediation_sample(month, pain, pain * month) FROM diary) AS large_sample,
  (SELECT mediation_sample(month, pain, pain * month) FROM diary WHERE patient < 500) AS sample,
  (SELECT mediation_summary(month, pain, pain * month) FROM diary) AS mediation,
  (SELECT contingency_table((i % 7)::text, ((i * i + i / 7) % 6)::text) FROM generate_series(1, 110) i) AS cells,
  (SELECT contingency_table((i % 40)::text, ((i * i + i / 7) % 30)::text) FROM generate_series(1, 20000) i) AS many_cells,
  (SELECT paired_values(random(), random()) FROM generate_series(1, 400000)) AS pairs,
  (SELECT group_values(random(), (i % 3)::text) FROM generate_series(1, 400000) i) AS grouped,
  (SELECT repeated_values((i / 3)::text, (i % 3)::text, random()) FROM generate_series(1, 150000) i) AS repeated,
  (SELECT opioid_exposure('morphine', 10 + i % 7, 'mg', 'oral', date '2000-01-01' + (i * 37) % 9000, 5 + i % 30)
   FROM generate_series(1, 10000) i) AS fills;
-- A summary a day for two years, each with two hundred patients.
CREATE TABLE days AS
SELECT d AS day, value_counts(random()) AS counts, paired_values(random(), random()) AS pairs,
       group_values(random(), (p % 2)::text) AS grouped
FROM generate_series(1, 730) d, generate_series(1, 200) p GROUP BY d;
CREATE TABLE tries (name text, timeout float8, took float8, outcome text, share float8);
CREATE TABLE questions (name text, query text);
INSERT INTO questions VALUES
  ('mixed model from rows', 'SELECT mixed_model(''pain ~ month * keto + (1 + month | patient)'', v) FROM diary v'),
  ('coefficients of a mixed model', 'SELECT count(*) FROM summaries, LATERAL (SELECT mixed_model(mixed) AS m) m, coefficients(m) c'),
  ('random effects', 'SELECT count(*) FROM summaries, LATERAL (SELECT mixed_model(mixed) AS m) m, random_effects(m) c'),
  ('trajectories of four groups', 'SELECT trajectory_model(trajectory, 4, 10) FROM summaries'),
  ('choice of the number of groups', 'SELECT count(*) FROM summaries, trajectory_compare(trajectory, 3, 5) c'),
  ('mediation by bootstrap', 'SELECT count(*) FROM summaries, mediation_effects(sample, ''bootstrap_bca'', 5000) e'),
  ('mediation by bootstrap of a large sample', 'SELECT count(*) FROM summaries, mediation_effects(large_sample, ''bootstrap_bca'', 50) e'),
  ('mediation by Monte Carlo', 'SELECT count(*) FROM summaries, mediation_effects(mediation, ''monte_carlo'', 300000) e'),
  ('Fisher test by the network', 'SELECT fisher_exact_test(cells) FROM summaries'),
  ('Fisher test by simulation', 'SELECT fisher_exact_test(many_cells) FROM summaries'),
  ('Kendall of 400000 pairs', 'SELECT kendall_correlation(pairs) FROM summaries'),
  ('Spearman of 400000 pairs', 'SELECT spearman_correlation(pairs) FROM summaries'),
  ('Mann-Whitney and Levene of 400000', 'SELECT kruskal_wallis(grouped), levene_test(grouped) FROM summaries'),
  ('Friedman from a summary', 'SELECT friedman_test(repeated) FROM summaries'),
  ('Table 1', 'SELECT count(*) FROM (SELECT table_one_summary(v, clinic) AS s FROM diary v) q, table_one(s) t'),
  ('linear model', 'SELECT linear_model(''pain ~ month * keto + clinic'', v) FROM diary v'),
  ('ten thousand fills', 'SELECT mme_exposure(fills), (SELECT count(*) FROM mme_profile(fills)), days_at_or_above(fills, 50)
    FROM summaries, generate_series(1, 30)'),
  ('reading summaries from text', 'SELECT mixed::text::mixed_summary, pairs::text::paired_values FROM summaries'),
  ('rollup of a cohort''s days', 'SELECT wilcoxon_signed_rank(rollup(counts)), describe_paired(rollup(pairs)), mann_whitney(rollup(grouped))
    FROM days, generate_series(1, 3) GROUP BY generate_series');

-- Share of the processor that this backend had of what it asked for: an overrun counts in
-- the time it would take with a processor of its own.
CREATE FUNCTION waits() RETURNS float8[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN (string_to_array(trim(E' \n' FROM pg_read_file('/proc/self/schedstat')), ' '))[1:2]::float8[];
EXCEPTION WHEN OTHERS THEN RETURN NULL;
END $$;

CREATE FUNCTION try(asked text, timeout float8) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  query text := (SELECT q.query FROM questions q WHERE q.name = asked);
  outcome text := 'ended';
  before float8[] := waits();
  after float8[];
BEGIN
  BEGIN
    EXECUTE query;
  EXCEPTION WHEN query_canceled THEN
    outcome := 'cancelled';
  END;
  after := waits();
  INSERT INTO tries VALUES (asked, timeout, 1000 * extract(epoch FROM clock_timestamp() - statement_timestamp()), outcome,
    coalesce((after[1] - before[1]) / nullif(after[1] - before[1] + after[2] - before[2], 0), 1));
END $$;
SQL

# In one session: every query alone, then at four random moments of its time; a moment is
# tried again, up to three times, when another process may have had the processor.
sql -v seed="$seed" -o /dev/null <<'SQL' | grep -v 'canceling statement\|^CONTEXT'
SET max_parallel_workers_per_gather = 0;
SELECT format('SELECT try(%L, NULL)', name) FROM questions \gexec
SELECT setseed((:seed % 997) / 1000.0);
CREATE TEMP TABLE moments AS
SELECT q.name, i AS moment, (5 + floor(random() * t.took))::int AS timeout
FROM questions q JOIN tries t USING (name), generate_series(1, 4) i;
CREATE FUNCTION late(n text, ms int) RETURNS boolean STABLE
RETURN NOT EXISTS (SELECT FROM tries t WHERE t.name = n AND t.timeout = ms AND (t.took - ms) * t.share <= 100);
SELECT CASE i WHEN 1 THEN format('SET statement_timeout = %s', timeout) WHEN 3 THEN 'SET statement_timeout = 0'
              WHEN 2 THEN format('SELECT try(%L, %s) WHERE late(%L, %s)', name, timeout, name, timeout) END
FROM moments, generate_series(1, 3) attempt, generate_series(1, 3) i ORDER BY name, moment, attempt, i \gexec
SQL

sql -c 'SELECT name FROM questions ORDER BY 1' | while read -r name
do
	echo "$name|$(sql -v name="$name" <<'SQL'
SELECT (SELECT round(took) FROM tries WHERE name = :'name' AND timeout IS NULL), count(*), sum(cut), ceil(max(over))
FROM (SELECT least(1, count(*) FILTER (WHERE outcome = 'cancelled')) AS cut, greatest(0, min((took - timeout) * share)) AS over
      FROM tries WHERE name = :'name' AND timeout IS NOT NULL GROUP BY timeout) t;
SQL
)"
done > "${TMPDIR:-/tmp}/ketocohort_stalls.$$"
while IFS='|' read -r name alone moments cut over
do
	ok "$name: at most 100 ms after the cancel (took $over of $alone ms, $cut of $moments moments cut)" test "${over:-999}" -le 100
done < "${TMPDIR:-/tmp}/ketocohort_stalls.$$"
rm -f "${TMPDIR:-/tmp}/ketocohort_stalls.$$"
is 'most moments were cut' "$(sql -c "SELECT count(*) FILTER (WHERE outcome = 'cancelled') > 0.5 * (SELECT 4 * count(*) FROM questions)
	FROM tries WHERE timeout IS NOT NULL")" t

# Random limits: an error at any row, and the next statement of the session is right.
got=$(sql -v seed="$seed" <<'SQL'
SET client_min_messages = error;
SELECT setseed((:seed % 991) / 1000.0) \g /dev/null
SELECT 1 FROM n_used((SELECT value_counts(1.0))) \g /dev/null
CREATE TEMP TABLE states (builder text);
INSERT INTO states VALUES ('value_counts(pain)'), ('paired_values(pain, month)'), ('group_values(pain, clinic)'),
  ('repeated_values(patient::text, month::text, pain)'), ('mixed_summary(''pain ~ month + (1 | patient)'', v)'),
  ('trajectory_summary(''pain ~ month | patient'', v)'), ('mediation_sample(month, pain, pain)'), ('table_one_summary(v, clinic)'),
  ('opioid_exposure(''morphine'', 1 + pain * pain, ''mg'', ''oral'', date ''2020-01-01'' + patient, 3)'), ('friedman_test(patient::text, month::text, pain)');
CREATE FUNCTION pg_temp.limited(builder text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('ketocohort.max_state_memory', (64 + floor(1000 * random()))::int || 'kB', true);
  EXECUTE format('SELECT %s FROM diary v WHERE patient < 20000', builder);
  RETURN 'held';
EXCEPTION WHEN program_limit_exceeded OR configuration_limit_exceeded OR out_of_memory THEN
  RETURN (SELECT (paired_t_test(x, x * x)).n FROM generate_series(1, 10) x)::text;
END $$;
SELECT count(*), count(*) FILTER (WHERE answer = '10') > 15, count(*) FILTER (WHERE answer NOT IN ('10', 'held'))
FROM (SELECT pg_temp.limited(builder) AS answer FROM states, generate_series(1, 3)) q;
RESET ketocohort.max_state_memory;
SELECT n_used(value_counts(pain)) FROM diary;
SQL
)
is 'under thirty random limits states end with an error and the session goes on' "$got" '30|t|0
400000'
finish
