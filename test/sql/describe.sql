-- describe: descriptions, quantiles, histograms, one-sample t test, adjustment.
\pset null NULL
-- ten significant digits, so that the last bits of a libm do not show
CREATE OR REPLACE FUNCTION digits(x float8) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT CASE
    WHEN x = 0 THEN '0'
    WHEN abs(x) >= 1e-5 AND abs(x) < 1e15
      THEN trim_scale(round(x::numeric, 9 - floor(log(abs(x)))::int))::text
    ELSE ltrim(to_char(x, '9.999999999EEEE')) END
$$;
-- the columns of a row that are not NULL
CREATE OR REPLACE FUNCTION shown(result anyelement) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $$
  SELECT string_agg(format('%s=%s', key, CASE WHEN value ~ '^-?[0-9.]+(e[-+]?[0-9]+)?$'
                                         THEN digits(value::float8) ELSE value END),
                    ' ' ORDER BY n)
  FROM json_each_text(to_json(result)) WITH ORDINALITY j (key, value, n)
  WHERE value IS NOT NULL
$$;
-- what a statement fails with
CREATE OR REPLACE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- ---- description ----------------------------------------------------------------------

-- R: x <- c(2,4,4,5,7,9,11,30); mean, sd, quantile, e1071::skewness and kurtosis type 2
SELECT shown(describe(x)) FROM unnest('{2,4,4,5,7,9,11,30}'::float8[]) x;
-- the same from the summary, with a NULL counted apart
SELECT shown(describe(value_counts(x))) FROM unnest('{30,2,NULL,4,11,4,5,7,9}'::float8[]) x;
-- one and two values, all equal, an offset that would eat the digits of naive sums
SELECT label, shown(describe(x))
FROM (VALUES ('one', 5), ('two', 1), ('two', 2), ('constant', 0.1), ('constant', 0.1),
             ('constant', 0.1), ('constant', 0.1), ('offset', 1e15 + 1), ('offset', 1e15 + 2),
             ('offset', 1e15 + 4), ('huge', 1e308), ('huge', -1e308), ('huge', 0),
             ('tiny', 1e-310), ('tiny', 3e-310), ('zero', 0), ('zero', '-0'),
             ('all null', NULL), ('all null', NULL)) v (label, x)
GROUP BY label ORDER BY label;
SELECT describe(x), value_counts(x), t_test(x) FROM unnest('{}'::float8[]) x;
SELECT describe(NULL::value_counts), quantile(NULL, 0.5), t_test(NULL::value_counts);

-- ---- quantiles ------------------------------------------------------------------------

-- R: sapply(1:9, function(t) quantile(x, c(0, .1, .25, .5, .9, 1), type = t))
SELECT type, string_agg(digits(quantile(s, q, type)), ' ' ORDER BY q)
FROM (SELECT value_counts(x) AS s FROM unnest('{2,4,4,5,7,9,11,30}'::float8[]) x) v,
     generate_series(1, 9) type, unnest('{0,0.1,0.25,0.5,0.9,1}'::float8[]) q
GROUP BY type ORDER BY type;
SELECT quantile(value_counts(x), 0.5) AS median, quantile(value_counts(x), 1, 3) AS most
FROM unnest('{7}'::float8[]) x;
SELECT quantile(value_counts(x), 0.5) FROM unnest('{NULL,NULL}'::float8[]) x;
-- type 7 is percentile_cont
SELECT count(*) FILTER (WHERE quantile(s, q) = p) AS equal, count(*)
FROM (SELECT value_counts(x) AS s, percentile_cont('{0.01,0.1,0.37,0.5,0.75,0.99}'::float8[])
             WITHIN GROUP (ORDER BY x) AS percentiles
      FROM (SELECT (i * 7919 % 1009)::float8 / 8 AS x FROM generate_series(1, 3000) i) r) v,
     unnest('{0.01,0.1,0.37,0.5,0.75,0.99}'::float8[], percentiles) u (q, p);

-- ---- histogram ------------------------------------------------------------------------

SELECT h.* FROM (SELECT value_counts(x) AS s FROM unnest('{0,1,2,2,3,9,10}'::float8[]) x) v,
  histogram(s, 5) h;
SELECT count(*), sum(n), min(lower), max(upper), digits(sum(fraction))
FROM (SELECT value_counts(x) AS s FROM generate_series(1, 1000) x) v, histogram(s) h;
-- a single value is a bin by itself, nothing has no bins
SELECT h.* FROM (SELECT value_counts(x) AS s FROM unnest('{3,3,NULL}'::float8[]) x) v,
  histogram(s) h;
SELECT count(*) FROM (SELECT value_counts(x) AS s FROM unnest('{NULL}'::float8[]) x) v,
  histogram(s) h;
SELECT count(*) FROM histogram(NULL);

-- ---- t test ---------------------------------------------------------------------------

-- R: t.test(x), t.test(x, mu = 5, alternative = "less"), "greater", conf.level = 0.9
SELECT shown(t_test(x)) FROM unnest('{2,4,4,5,7,9,11,30}'::float8[]) x;
SELECT alternative, shown(t_test(s, 5, alternative, 0.9))
FROM (SELECT value_counts(x) AS s FROM unnest('{2,4,4,5,7,9,11,30}'::float8[]) x) v,
     unnest('{two.sided,less,greater}'::text[]) alternative;
-- far tail: 2 * pt(-t, 99) in R
SELECT shown(t_test(x)) FROM (SELECT 100 + i % 2 AS x FROM generate_series(1, 100) i) v;
SELECT label, shown(t_test(x))
FROM (VALUES ('one', 5), ('constant', 0.1), ('constant', 0.1), ('constant', 0.1),
             ('nearly constant', 1e9), ('nearly constant', 1e9 + 1e-7),
             ('zeros', 0), ('zeros', 0), ('all null', NULL)) v (label, x)
GROUP BY label ORDER BY label;

-- ---- many distinct values -------------------------------------------------------------

-- past the table of counts and in mixtures, against core
CREATE TABLE describe_rows AS
SELECT i, CASE WHEN i % 3 = 0 THEN i % 11 WHEN i % 1000 = 1 THEN -i::float8 / 7
          ELSE (i::int8 * 104729 % 20011)::float8 / 13 END AS x, i % 5 AS kind
FROM generate_series(1, 30000) i;
SELECT count(*) FILTER (WHERE abs((d).mean / m - 1) < 1e-12 AND abs((d).sd / s - 1) < 1e-11
                        AND (d).min = least AND (d).max = most AND (d).n = rows
                        AND abs((d).q1 - q[1]) <= 1e-13 * abs(q[1])
                        AND abs((d).median - q[2]) <= 1e-13 * abs(q[2])
                        AND abs((d).q3 - q[3]) <= 1e-13 * abs(q[3])) AS equal, count(*)
FROM (SELECT describe(x) AS d, avg(x) AS m, stddev(x) AS s, min(x) AS least, max(x) AS most,
             count(*) AS rows, percentile_cont('{0.25,0.5,0.75}'::float8[])
             WITHIN GROUP (ORDER BY x) AS q
      FROM describe_rows GROUP BY GROUPING SETS ((), (kind), (i % 700))) v;
-- order of rows does not matter, to the last bit
SELECT count(DISTINCT d::text)
FROM (SELECT describe(x) AS d FROM (SELECT x FROM describe_rows ORDER BY i) r
      UNION ALL SELECT describe(x) FROM (SELECT x FROM describe_rows ORDER BY x) r
      UNION ALL SELECT describe(x) FROM (SELECT x FROM describe_rows ORDER BY i DESC) r
      UNION ALL SELECT describe(x) FROM (SELECT x FROM describe_rows ORDER BY kind, -x) r) v;
DROP TABLE describe_rows;

-- ---- several comparisons --------------------------------------------------------------

-- R: p.adjust(c(.01, .04, .03, NA, .02, .5), method)
SELECT method, (SELECT string_agg(coalesce(digits(p), 'NULL'), ' ' ORDER BY n)
                FROM unnest(p_adjust('{0.01,0.04,0.03,NULL,0.02,0.5}', method))
                     WITH ORDINALITY u (p, n))
FROM unnest('{holm,hochberg,hommel,bonferroni,BH,BY,none}'::text[]) method;
SELECT p_adjust('{0.5,0.01}'), p_adjust('{}'), p_adjust('{NULL}'), p_adjust(NULL),
  p_adjust('[2:3]={0.1,0.2}', 'bonferroni'), p_adjust('{{0.1},{0.2}}', 'BH');

-- ---- bad input ------------------------------------------------------------------------

SELECT statement, error_of(statement)
FROM (VALUES
  ($$SELECT describe(x) FROM unnest('{1,NaN}'::float8[]) x$$),
  ($$SELECT value_counts(x) FROM unnest('{1,Infinity}'::float8[]) x$$),
  ($$SELECT t_test(x) FROM unnest('{1,-Infinity}'::float8[]) x$$),
  ($$SELECT describe(x) FROM unnest('{1.5e308,-1.5e308}'::float8[]) x$$),
  ($$SELECT quantile(value_counts(1), -0.1)$$),
  ($$SELECT quantile(value_counts(1), 1.0001)$$),
  ($$SELECT quantile(value_counts(1), 'NaN')$$),
  ($$SELECT quantile(value_counts(1), NULL)$$),
  ($$SELECT quantile(value_counts(1), 0.5, 0)$$),
  ($$SELECT quantile(value_counts(1), 0.5, 10)$$),
  ($$SELECT quantile(value_counts(1), 0.5, NULL)$$),
  ($$SELECT histogram(value_counts(1), 0)$$),
  ($$SELECT histogram(value_counts(1), -1)$$),
  ($$SELECT histogram(value_counts(1), 100001)$$),
  ($$SELECT histogram(value_counts(1), NULL)$$),
  ($$SELECT t_test(value_counts(1), 'NaN')$$),
  ($$SELECT t_test(value_counts(1), 'Infinity')$$),
  ($$SELECT t_test(value_counts(1), NULL)$$),
  ($$SELECT t_test(value_counts(1), alternative => 'twosided')$$),
  ($$SELECT t_test(value_counts(1), alternative => 'Less')$$),
  ($$SELECT t_test(value_counts(1), alternative => NULL)$$),
  ($$SELECT t_test(value_counts(1), conf_level => 0)$$),
  ($$SELECT t_test(value_counts(1), conf_level => 1)$$),
  ($$SELECT t_test(value_counts(1), conf_level => -1)$$),
  ($$SELECT t_test(value_counts(1), conf_level => 95)$$),
  ($$SELECT t_test(value_counts(1), conf_level => 'NaN')$$),
  ($$SELECT t_test(value_counts(1), conf_level => NULL)$$),
  ($$SELECT p_adjust('{0.1,1.1}')$$),
  ($$SELECT p_adjust('{-0.1}')$$),
  ($$SELECT p_adjust('{0.5,NaN}')$$),
  ($$SELECT p_adjust('{0.5}', 'bh')$$),
  ($$SELECT p_adjust('{0.5}', NULL)$$)) v (statement);
SELECT t_test(x, conf_level => 2) FROM (SELECT value_counts(1) AS x) v;

DROP FUNCTION digits(float8), shown(anyelement), error_of(text);
