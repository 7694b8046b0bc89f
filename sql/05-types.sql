-- Result types: the same column words everywhere.

CREATE TYPE test_result AS (
  n int8,
  n_missing int8,
  estimate float8,
  std_error float8,
  conf_low float8,
  conf_high float8,
  statistic float8,
  df float8,
  df2 float8,
  p_value float8,
  effect_size float8,
  effect_name text,
  contrast text,
  method text,
  note text
);

COMMENT ON TYPE test_result IS
'result of a statistical test: n rows used, n_missing rows left out for a NULL; what cannot be computed is NULL and note says why';

CREATE TYPE proportion_result AS (
  n int8,
  n_missing int8,
  events int8,
  estimate float8,
  conf_low float8,
  conf_high float8,
  method text,
  note text
);

COMMENT ON TYPE proportion_result IS
'a proportion with its confidence interval';

CREATE TYPE description AS (
  n int8,
  n_missing int8,
  mean float8,
  sd float8,
  min float8,
  q1 float8,
  median float8,
  q3 float8,
  max float8,
  skewness float8,
  kurtosis float8
);

COMMENT ON TYPE description IS
'description of one variable: quartiles of R type 7, skewness and excess kurtosis of type 2 (SAS)';

CREATE TYPE paired_description AS (
  n int8,
  n_missing int8,
  mean_before float8,
  sd_before float8,
  median_before float8,
  mean_after float8,
  sd_after float8,
  median_after float8,
  mean_change float8,
  sd_change float8,
  median_change float8,
  change_of_means_pct float8,
  mean_of_changes_pct float8,
  correlation float8,
  n_decreased int8,
  n_unchanged int8,
  n_increased int8
);

COMMENT ON TYPE paired_description IS
'description of pairs before and after; change is after - before';
