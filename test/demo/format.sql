-- Rounding for print: the demo's queries show estimates as a paper prints them.

CREATE FUNCTION num(x float8, digits int = 1) RETURNS text LANGUAGE SQL IMMUTABLE
RETURN round(x::numeric, digits)::text;

CREATE FUNCTION pct(x float8, digits int = 0) RETURNS text LANGUAGE SQL IMMUTABLE
RETURN num(100 * x, digits) || ' %';

CREATE FUNCTION mean_sd(mean float8, sd float8) RETURNS text LANGUAGE SQL IMMUTABLE
RETURN num(mean) || ' ± ' || num(sd);

CREATE FUNCTION ci(low float8, high float8, digits int = 1) RETURNS text LANGUAGE SQL IMMUTABLE
RETURN num(low, digits) || ' to ' || num(high, digits);

CREATE FUNCTION p(p_value float8) RETURNS text LANGUAGE SQL IMMUTABLE
RETURN CASE WHEN p_value < 0.001 THEN '<0.001' ELSE num(p_value, 3) END;
