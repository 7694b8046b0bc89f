# Summaries as values: text and binary round trips, and bytes from outside.  A value that
# was cut, altered or written by a newer version is 22P02 as text and 22P03 as binary; one
# that is altered and has the right checksum is refused, or is a value that every function
# can read.
. "${0%/*}/../lib/tap.sh"
here=${0%/*}

sql -v ON_ERROR_STOP=1 -v data="$here/../data" -f "$here/../data/load.sql" -f "$here/../matrix/rows.sql" -f "$here/../matrix/aggregates.sql" -o /dev/null

sql -v ON_ERROR_STOP=1 <<'SQL'
SELECT setseed(0.25) \g /dev/null
-- One value of each summary and kind of rows: as text, as bytes.
CREATE TABLE samples (type text, kind text, written text, sent bytea);
SELECT format('INSERT INTO samples SELECT %L, kind, s::text, %s(s) FROM
               (SELECT kind, %s(%s) AS s FROM matrix_rows WHERE id < 40 GROUP BY kind) q',
              result, t.typsend, name, arguments)
FROM matrix_aggregates JOIN pg_type t ON t.oid = state::regtype WHERE result = state \gexec

-- The SQLSTATE of reading a text or bytes as a summary, or what was read; bytes go by way of COPY, whose
-- framing of a bytea is that of any other type.
CREATE FUNCTION state_of_text(type text, written text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT %L::%s', written, type) INTO written;
  RETURN written;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

CREATE TABLE raw (bytes bytea);
CREATE FUNCTION state_of_bytes(type text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE file text := current_setting('unix_socket_directories') || '/value';
BEGIN
  TRUNCATE raw;
  INSERT INTO raw VALUES (bytes);
  EXECUTE format('COPY raw TO %L BINARY', file);
  EXECUTE format('CREATE TEMP TABLE received (s %s)', type);
  EXECUTE format('COPY received FROM %L BINARY', file);
  EXECUTE format('SELECT CASE WHEN s::text = (SELECT written FROM samples x WHERE x.type = %L AND x.sent = %L LIMIT 1)
                              THEN ''same'' ELSE ''other'' END FROM received', type, bytes) INTO type;
  DROP TABLE received;
  RETURN type;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

CREATE FUNCTION altered(bytes bytea, at int, flip int) RETURNS bytea LANGUAGE sql
RETURN set_byte(bytes, at, get_byte(bytes, at) # flip);

-- CRC-32C, bit by bit.
CREATE FUNCTION crc32c(bytes bytea) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE crc bigint := 4294967295;
BEGIN
  FOR i IN 0 .. length(bytes) - 1 LOOP
    crc := crc # get_byte(bytes, i);
    FOR bit IN 1 .. 8 LOOP
      crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 2197175160 ELSE crc >> 1 END;
    END LOOP;
  END LOOP;
  RETURN crc # 4294967295;
END $$;

-- Text of a payload with the right checksum, which covers tag and version, too: the four
-- bytes that a value begins with as binary.
CREATE FUNCTION sealed(type text, sent bytea, payload bytea) RETURNS text LANGUAGE sql AS $$
  SELECT type || ':1:' || translate(encode(payload || decode(lpad(to_hex(
           crc32c(substring(sent FROM 1 FOR 4) || payload)), 8, '0'), 'hex'), 'base64'), E'\n', '')
$$;

CREATE FUNCTION payload(written text) RETURNS bytea LANGUAGE sql AS $$
  SELECT substring(b FROM 1 FOR length(b) - 4) FROM decode(split_part(written, ':', 3), 'base64') b
$$;
SQL

# check NAME QUERY: the query gives the rows that are wrong.
check()
{
	is "$1" "$(sql -c "$2" | head -n 10)" ''
}

is 'every summary has values of eight kinds' "$(sql -c "SELECT DISTINCT kinds FROM
	(SELECT count(DISTINCT kind) AS kinds FROM samples GROUP BY type) q")" 8
check 'text comes back the same' \
	"SELECT type, kind FROM samples WHERE state_of_text(type, written) <> written"
check 'binary comes back the same' \
	"SELECT type, kind, state_of_bytes(type, sent) FROM samples WHERE state_of_bytes(type, sent) <> 'same'"
check 'text that was cut is refused' \
	"SELECT type, kind, at, state_of_text(type, left(written, at)) FROM samples,
		generate_series(0, length(written) - 1, greatest(1, length(written) / 150)) at
	WHERE state_of_text(type, left(written, at)) <> '22P02'"
# The last digit of base64 may have bits that say nothing: then the value is the same.
check 'text that was altered is refused' \
	"SELECT type, kind, at FROM samples, generate_series(1, length(written), greatest(1, length(written) / 150)) at
	WHERE state_of_text(type, overlay(written PLACING CASE substring(written FROM at FOR 1) WHEN 'x' THEN 'y' ELSE 'x' END
		FROM at FOR 1)) NOT IN ('22P02', written)"
check 'text of a newer version is refused' \
	"SELECT type, kind FROM samples WHERE state_of_text(type, replace(written, ':1:', ':2:')) <> '22P02'
		OR state_of_text(type, replace(written, ':1:', ':99999999999999999999:')) <> '22P02'
		OR state_of_text(type, replace(written, ':1:', ':0:')) <> '22P02'
		OR state_of_text(type, replace(written, ':1:', '::')) <> '22P02'"
check 'text of another type, with more behind it, or of nothing is refused' \
	"SELECT a.type, b.type FROM samples a, samples b WHERE a.type <> b.type AND a.kind = 'ties' AND b.kind = 'ties'
		AND (state_of_text(a.type, b.written) <> '22P02'
			OR state_of_text(a.type, a.written || 'AAAA') <> '22P02' OR state_of_text(a.type, 'nonsense') <> '22P02'
			OR state_of_text(a.type, '') <> '22P02')"
is 'the error of a newer version says what to do' "$(sql -c "SELECT replace(written, ':1:', ':2:')::text::value_counts
	FROM samples WHERE type = 'value_counts' AND kind = 'ties'" | sed -n 's/^HINT: *//p')" \
	'Install the version of ketocohort that wrote it, or a later one.'
check 'binary that was cut is refused' \
	"SELECT type, kind, at, state_of_bytes(type, substring(sent FROM 1 FOR at)) FROM samples,
		generate_series(0, length(sent) - 1, greatest(1, length(sent) / 30)) at
	WHERE state_of_bytes(type, substring(sent FROM 1 FOR at)) NOT IN ('22P03', '08P01')"
check 'binary that was altered is refused' \
	"SELECT type, kind, at, state_of_bytes(type, altered(sent, at, 64)) FROM samples,
		generate_series(0, length(sent) - 1, greatest(1, length(sent) / 30)) at
	WHERE state_of_bytes(type, altered(sent, at, 64)) <> '22P03'"
check 'binary of a newer version is refused' \
	"SELECT type, kind FROM samples WHERE state_of_bytes(type, altered(sent, 3, 2)) <> '22P03'"

check 'the checksum of this test is right' \
	"SELECT type, kind, left(written, 100) FROM samples WHERE sealed(type, sent, payload(written)) <> written"

# Altered payloads with the right checksum: one byte, several bytes, cut, lengthened.
sql <<'SQL'
DO 'BEGIN PERFORM setseed(0.42); END';
CREATE TABLE forged AS
SELECT type, sealed(type, sent, bytes) AS written
FROM samples s CROSS JOIN generate_series(1, 120) i,
LATERAL (SELECT payload(s.written) AS p) o,
LATERAL (SELECT CASE WHEN length(p) = 0 THEN p
                     WHEN i <= 60 THEN altered(p, floor(random() * least(length(p), 60 + i * 4))::int, 1 + floor(random() * 255)::int)
                     WHEN i <= 80 THEN altered(altered(p, floor(random() * length(p))::int, 128), floor(random() * least(length(p), 40))::int, 255)
                     WHEN i <= 100 THEN substring(p FROM 1 FOR floor(random() * length(p))::int)
                     ELSE p || substring(p FROM 1 FOR 8 * (i - 100)) END AS bytes) b
WHERE kind IN ('ties', 'continuous', 'one row', 'all null');

-- What reading a forged value, merging it and everything that is computed from it ends in.
CREATE FUNCTION outcome(type text, written text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE reader record;
BEGIN
  EXECUTE format('SELECT %L::%s::text', written, type);
  EXECUTE format('SELECT rollup(s)::text FROM (VALUES (%1$L::%2$s), (%1$L::%2$s)) v (s)', written, type);
  FOR reader IN SELECT * FROM matrix_readers r WHERE r.state = type LOOP
    BEGIN
      EXECUTE format('SELECT count(r::text) FROM %s(%L::%s) r', reader.reader, written, type);
    EXCEPTION WHEN numeric_value_out_of_range OR invalid_parameter_value OR program_limit_exceeded OR feature_not_supported THEN
      NULL;
    END;
  END LOOP;
  RETURN 'readable';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || CASE WHEN SQLSTATE = '22P02' THEN '' ELSE ' ' || SQLERRM END;
END $$;
SQL
check 'a forged value is refused or readable' \
	"SELECT outcome, type, count(*), min(left(written, 300)) FROM
		(SELECT type, written, outcome(type, written) FROM forged) q
	WHERE outcome NOT IN ('22P02', 'readable') AND outcome !~ '^54000 .* would hold more|^22003 value out of range' GROUP BY 1, 2"
is 'the server has not been stopped by one' "$(sql -c "SELECT count(*) > 1000 FROM forged")" t
finish
