-- ---- exposure: daily MME over dated prescriptions ---------------------------------------
--
-- The summary keeps doses and words; guideline, period, overlap rule and what to do with
-- buprenorphine and unknown words are chosen when it is read.

CREATE TYPE opioid_exposure;

CREATE FUNCTION kc_opioid_exposure_in(cstring) RETURNS opioid_exposure
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_opioid_exposure_out(opioid_exposure) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_opioid_exposure_recv(internal) RETURNS opioid_exposure
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION kc_opioid_exposure_send(opioid_exposure) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE opioid_exposure (
  INPUT = kc_opioid_exposure_in,
  OUTPUT = kc_opioid_exposure_out,
  RECEIVE = kc_opioid_exposure_recv,
  SEND = kc_opioid_exposure_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

CREATE FUNCTION kc_opioid_exposure_combine(opioid_exposure, opioid_exposure) RETURNS opioid_exposure
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_opioid_exposure_finish(opioid_exposure) RETURNS opioid_exposure
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION n_used(opioid_exposure) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_used' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION n_missing(opioid_exposure) RETURNS int8
AS 'MODULE_PATHNAME', 'kc_n_missing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE AGGREGATE rollup(opioid_exposure) (
  SFUNC = kc_opioid_exposure_combine,
  STYPE = opioid_exposure,
  COMBINEFUNC = kc_opioid_exposure_combine,
  FINALFUNC = kc_opioid_exposure_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

COMMENT ON TYPE opioid_exposure IS 'summary of one patient''s dated opioid doses, by drug, unit and route as written';
COMMENT ON FUNCTION kc_opioid_exposure_in(cstring) IS 'text input of opioid_exposure';
COMMENT ON FUNCTION kc_opioid_exposure_out(opioid_exposure) IS 'text output of opioid_exposure: name:version:base64';
COMMENT ON FUNCTION kc_opioid_exposure_recv(internal) IS 'binary input of opioid_exposure';
COMMENT ON FUNCTION kc_opioid_exposure_send(opioid_exposure) IS 'binary output of opioid_exposure';
COMMENT ON FUNCTION kc_opioid_exposure_combine(opioid_exposure, opioid_exposure) IS 'the summary of both summaries'' rows';
COMMENT ON FUNCTION kc_opioid_exposure_finish(opioid_exposure) IS 'the trimmed summary, for storing';
COMMENT ON FUNCTION n_used(opioid_exposure) IS 'rows the summary holds';
COMMENT ON FUNCTION n_missing(opioid_exposure) IS 'rows left out of the summary for a NULL';
COMMENT ON AGGREGATE rollup(opioid_exposure) IS 'the summary of all rows of several opioid_exposure values';

CREATE FUNCTION kc_opioid_exposure_add(opioid_exposure, drug text, daily_dose float8,
	unit text, route text, start_date date, days_supply int)
RETURNS opioid_exposure
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE opioid_exposure(drug text, daily_dose float8, unit text, route text,
	start_date date, days_supply int) (
  SFUNC = kc_opioid_exposure_add,
  STYPE = opioid_exposure,
  COMBINEFUNC = kc_opioid_exposure_combine,
  FINALFUNC = kc_opioid_exposure_finish,
  SSPACE = 512,
  PARALLEL = SAFE
);

CREATE FUNCTION daily_dose(strength float8, quantity float8, days_supply float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'kc_daily_dose' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION kc_opioid_exposure_add(opioid_exposure, text, float8, text, text, date, int) IS
'adds one fill to a summary of opioid doses';
COMMENT ON AGGREGATE opioid_exposure(text, float8, text, text, date, int) IS
'a patient''s opioid fills: drug, daily dose in a unit, route, first day, days covered; a row with a NULL is counted as missing';
COMMENT ON FUNCTION daily_dose(float8, float8, float8) IS
'strength x quantity / days_supply; NULL where quantity or days are 0 or NULL';

-- ---- the four definitions ----------------------------------------------------------------

CREATE TYPE mme_exposure_result AS (
  fills int8,
  fills_without_factor int8,
  total_mme float8,
  days_supply int8,
  days_on_therapy int8,
  period_days int8,
  mme_days_supply float8,
  mme_on_therapy float8,
  mme_period float8,
  mme_max float8,
  note text,
  guideline text
);

COMMENT ON TYPE mme_exposure_result IS
'daily MME by the four definitions of Dasgupta 2021: total MME over days'' supply, over days on therapy, over the period, and the largest of a day';

CREATE FUNCTION mme_exposure(opioid_exposure, guideline text = 'cdc2022', period daterange = NULL, clip boolean = true,
	overlap text = 'sum', buprenorphine boolean = false, unknown text = 'error')
RETURNS mme_exposure_result
AS 'MODULE_PATHNAME', 'kc_mme_exposure' LANGUAGE C STABLE PARALLEL SAFE COST 200;

CREATE FUNCTION mme_profile(opioid_exposure, guideline text = 'cdc2022', period daterange = NULL, clip boolean = true,
	overlap text = 'sum', buprenorphine boolean = false, unknown text = 'error',
	OUT from_date date, OUT to_date date, OUT mme float8)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kc_mme_profile' LANGUAGE C STABLE PARALLEL SAFE COST 200 ROWS 20;

CREATE FUNCTION mme_on(opioid_exposure, day date, guideline text = 'cdc2022', period daterange = NULL, clip boolean = true,
	overlap text = 'sum', buprenorphine boolean = false, unknown text = 'error')
RETURNS float8
AS 'MODULE_PATHNAME', 'kc_mme_on' LANGUAGE C STABLE PARALLEL SAFE COST 200;

CREATE FUNCTION days_at_or_above(opioid_exposure, mme float8, inclusive boolean = true,
	guideline text = 'cdc2022', period daterange = NULL, clip boolean = true,
	overlap text = 'sum', buprenorphine boolean = false, unknown text = 'error')
RETURNS int8
AS 'MODULE_PATHNAME', 'kc_days_at_or_above' LANGUAGE C STABLE PARALLEL SAFE COST 200;

CREATE FUNCTION heal_sum_daily(opioid_exposure, guideline text = 'cdc2022',
	buprenorphine boolean = false, unknown text = 'error')
RETURNS float8
AS 'MODULE_PATHNAME', 'kc_heal_sum_daily' LANGUAGE C STABLE PARALLEL SAFE COST 200;

CREATE FUNCTION cumulative_dose(opioid_exposure, drug text, period daterange = NULL)
RETURNS float8
AS 'MODULE_PATHNAME', 'kc_cumulative_dose' LANGUAGE C STABLE PARALLEL SAFE COST 200;

COMMENT ON FUNCTION mme_exposure(opioid_exposure, text, daterange, boolean, text, boolean, text) IS
'daily MME of a patient by four definitions, over a period; overlap is sum, shift or latest; unknown is error or skip';
COMMENT ON FUNCTION mme_profile(opioid_exposure, text, daterange, boolean, text, boolean, text) IS
'the daily MME as a step function: one row for days in a row of the same dose, none for days without a fill';
COMMENT ON FUNCTION mme_on(opioid_exposure, date, text, daterange, boolean, text, boolean, text) IS
'MME on one day, 0 without a fill';
COMMENT ON FUNCTION days_at_or_above(opioid_exposure, float8, boolean, text, daterange, boolean, text, boolean, text) IS
'days with a fill and at least (or, inclusive => false, more than) so many MME; a figure within 1e-9 of the cut counts as the cut';
COMMENT ON FUNCTION heal_sum_daily(opioid_exposure, text, boolean, text) IS
'fourth definition of the HEAL calculator: the sum of every fill''s daily MME, whatever the dates';
COMMENT ON FUNCTION cumulative_dose(opioid_exposure, text, daterange) IS
'mg of a drug, opioid or not, on the covered days of a period';
