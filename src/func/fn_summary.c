/*
 * fn_summary.c
 *	  Summaries as SQL values: text, binary, row counts, and the shared entry
 *	  points of each type.
 *
 * Text is name:version:base64, where the base64 holds the payload of kc_encode
 * and a CRC-32C of tag, version and payload; binary is those three and the CRC.
 * Both are the same on every machine.  A value from outside is untrusted: the
 * checksum finds accidents, the checks of kc_decode find the rest.
 */
#include "postgres.h"

#include <limits.h>

#include "common/base64.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "port/pg_crc32c.h"
#include "utils/memutils.h"

#include "func/fn_summary.h"
#include "summary/kc_compat.h"

#define CRC_SIZE 4

/* Bytes handled between two looks at the cancel; 3 bytes are 4 characters of base64. */
#define PIECE ((size_t) 3 << 20)
#define PIECE_TEXT (PIECE / 3 * 4)

/* CRC-32C of tag, version and payload, in network byte order. */
static uint32
checksum(const KcSummaryType *type, uint16 version, const unsigned char *bytes,
		 size_t length)
{
	uint16 kind[2] = {pg_hton16(type->tag), pg_hton16(version)};
	pg_crc32c crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, kind, sizeof(kind));
	for (size_t done = 0; done < length; done += PIECE)
	{
		CHECK_FOR_INTERRUPTS();
		COMP_CRC32C(crc, bytes + done, Min(PIECE, length - done));
	}
	FIN_CRC32C(crc);
	return pg_hton32(crc);
}

static void
put_checksum(const KcSummaryType *type, unsigned char *bytes, size_t length)
{
	uint32 word = checksum(type, type->version, bytes, length);

	memcpy(bytes + length, &word, CRC_SIZE);
}

static void
reject(const KcSummaryType *type, int sqlstate, const char *problem)
{
	ereport(ERROR, (errcode(sqlstate), errmsg("invalid value of type %s", type->name),
					errdetail("Reading it failed: %s.", problem)));
}

static void
reject_newer(const KcSummaryType *type, int sqlstate, long version)
{
	ereport(ERROR,
			(errcode(sqlstate), errmsg("invalid value of type %s", type->name),
			 errdetail("It has layout version %ld; this library reads up to %u.", version,
					   type->version),
			 errhint("Install the version of ketocohort that wrote it, or a later one.")));
}

/* Length written. */
static int
encode_base64(const unsigned char *bytes, size_t length, char *text, size_t room)
{
	size_t written = 0;

	for (size_t done = 0; done < length; done += PIECE)
	{
		CHECK_FOR_INTERRUPTS();
		written += kc_b64_encode((const char *) bytes + done, Min(PIECE, length - done),
								 text + written, room - written);
	}
	return written;
}

/* Length written, or -1; padding may stand in the last piece alone. */
static int
decode_base64(const char *text, size_t length, unsigned char *bytes, size_t room)
{
	size_t written = 0;

	for (size_t done = 0; done < length; done += PIECE_TEXT)
	{
		size_t piece = Min(PIECE_TEXT, length - done);
		int got;

		CHECK_FOR_INTERRUPTS();
		got = kc_b64_decode(text + done, piece, (char *) bytes + written, room - written);
		if (got < 0 || (done + piece < length && got != PIECE))
			return -1;
		written += got;
	}
	return written;
}

/* Payload and checksum to state, with every failure an error of that SQLSTATE. */
static KcState *
read_payload(const KcSummaryType *type, uint16 version, const unsigned char *bytes,
			 size_t length, int sqlstate)
{
	const char *problem;
	KcState *state;
	uint32 word;

	if (length < CRC_SIZE)
		reject(type, sqlstate, "it is truncated");
	length -= CRC_SIZE;
	memcpy(&word, bytes + length, CRC_SIZE);
	if (word != checksum(type, version, bytes, length))
		reject(type, sqlstate, "its checksum does not match, so it was cut or altered");
	state = kc_decode(type, bytes, length, &problem);
	if (state == NULL)
		reject(type, sqlstate, problem);
	return state;
}

Datum
kc_summary_in(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	const char *text = PG_GETARG_CSTRING(0);
	size_t name_length = strlen(type->name);
	char *end;
	long version;
	size_t base64_length;
	unsigned char *bytes;
	int length;

	if (strncmp(text, type->name, name_length) != 0 || text[name_length] != ':')
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("invalid value of type %s", type->name),
						errdetail("It does not begin with \"%s:\".", type->name),
						errhint("Build summaries with the aggregate %s.", type->name)));
	text += name_length + 1;
	errno = 0;
	version = strtol(text, &end, 10);
	if (end == text || *end != ':' || errno != 0 || version < 1)
		reject(type, ERRCODE_INVALID_TEXT_REPRESENTATION, "the layout version is missing");
	if (version > type->version)
		reject_newer(type, ERRCODE_INVALID_TEXT_REPRESENTATION, version);

	text = end + 1;
	base64_length = strlen(text);
	bytes = palloc_extended(pg_b64_dec_len(base64_length) + 1, MCXT_ALLOC_HUGE);
	length = decode_base64(text, base64_length, bytes, pg_b64_dec_len(base64_length) + 1);
	if (length < 0)
		reject(type, ERRCODE_INVALID_TEXT_REPRESENTATION, "its base64 part is malformed");
	PG_RETURN_POINTER(
		read_payload(type, version, bytes, length, ERRCODE_INVALID_TEXT_REPRESENTATION));
}

Datum
kc_summary_out(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, type);
	size_t size = kc_encoded_size(state);
	unsigned char *bytes;
	size_t room;
	char *text;
	int prefix;
	int written;

	if (size + CRC_SIZE > INT_MAX / 4 * 3 || pg_b64_enc_len(size + CRC_SIZE) > MaxAllocSize - 64)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s is too large for its text form", type->name),
						errhint("Copy it in binary format.")));
	bytes = palloc(size + CRC_SIZE);
	kc_encode(state, bytes);
	put_checksum(type, bytes, size);
	room = pg_b64_enc_len(size + CRC_SIZE);
	text = palloc(room + 64);
	prefix = snprintf(text, 64, "%s:%u:", type->name, type->version);
	written = encode_base64(bytes, size + CRC_SIZE, text + prefix, room);
	text[prefix + written] = '\0';
	PG_RETURN_CSTRING(text);
}

Datum
kc_summary_recv(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	unsigned int tag = pq_getmsgint(message, 2);
	unsigned int version = pq_getmsgint(message, 2);
	int length = message->len - message->cursor;

	if (tag != type->tag)
		reject(type, ERRCODE_INVALID_BINARY_REPRESENTATION,
			   "it belongs to another summary type");
	if (version > type->version)
		reject_newer(type, ERRCODE_INVALID_BINARY_REPRESENTATION, version);
	if (version < 1)
		reject(type, ERRCODE_INVALID_BINARY_REPRESENTATION, "the layout version is missing");
	PG_RETURN_POINTER(read_payload(type, version,
								   (const unsigned char *) pq_getmsgbytes(message, length),
								   length, ERRCODE_INVALID_BINARY_REPRESENTATION));
}

Datum
kc_summary_send(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	const KcState *state = kc_arg_summary(fcinfo, 0, type);
	size_t size = kc_encoded_size(state);
	unsigned char *bytes = palloc_extended(size + CRC_SIZE, MCXT_ALLOC_HUGE);
	StringInfoData message;

	kc_encode(state, bytes);
	put_checksum(type, bytes, size);
	pq_begintypsend(&message);
	pq_sendint16(&message, type->tag);
	pq_sendint16(&message, type->version);
	pq_sendbytes(&message, (char *) bytes, size + CRC_SIZE);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* ---- entry points ----------------------------------------------------------------- */

KC_SUMMARY_FUNCTIONS(value_counts);
KC_SUMMARY_FUNCTIONS(paired_summary);
KC_SUMMARY_FUNCTIONS(paired_values);
KC_SUMMARY_FUNCTIONS(repeated_values);
KC_SUMMARY_FUNCTIONS(contingency_table);
KC_SUMMARY_FUNCTIONS(linear_summary);
KC_SUMMARY_FUNCTIONS(mixed_summary);
KC_SUMMARY_FUNCTIONS(trajectory_summary);
KC_SUMMARY_FUNCTIONS(opioid_exposure);
KC_SUMMARY_FUNCTIONS(trend_summary);
KC_SUMMARY_FUNCTIONS(group_summary);
KC_SUMMARY_FUNCTIONS(group_values);
KC_SUMMARY_FUNCTIONS(table_one_summary);
KC_SUMMARY_FUNCTIONS(stratified_table);
KC_SUMMARY_FUNCTIONS(item_summary);
KC_SUMMARY_FUNCTIONS(mediation_summary);
KC_SUMMARY_FUNCTIONS(mediation_sample);

/* The tag in the header says which summary it is: one function serves them all. */
static const KcState *
any_summary(FunctionCallInfo fcinfo)
{
	const KcState *state = (KcState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));

	if (VARSIZE(state) < sizeof(KcState))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("value is not a summary")));
	return state;
}

PG_FUNCTION_INFO_V1(kc_n_used);
Datum
kc_n_used(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(any_summary(fcinfo)->n);
}

PG_FUNCTION_INFO_V1(kc_n_missing);
Datum
kc_n_missing(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(any_summary(fcinfo)->n_missing);
}
