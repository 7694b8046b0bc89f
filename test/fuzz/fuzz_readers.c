/*
 * fuzz_readers.c
 *	  libFuzzer target: any bytes as a summary of any type, in text and in binary.
 *
 * The first byte says which summary and which way: the payload sealed with the right
 * checksum and read as binary or as text, or the bytes as the text after the name.
 * What is accepted is merged, used as a query could, and written and read again.
 * `-seeds=DIR` as the first argument writes a corpus of sound values and ends.
 */
#include "../unit/server/summaries.h"

#include "common/base64.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "port/pg_bswap.h"
#include "port/pg_crc32c.h"

#include "func/fn_summary.h"

#define REQUIRE(condition)                                                               \
	do                                                                                   \
	{                                                                                    \
		if (!(condition))                                                                \
			abort();                                                                     \
	} while (0)

enum
{
	AS_BINARY,
	AS_TEXT,
	AS_IT_IS,
	WAYS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* ---- of the server, what its own readers of messages do ------------------------------ */

unsigned int pq_getmsgint(StringInfo message, int bytes);
const char *pq_getmsgbytes(StringInfo message, int length);

const char *
pq_getmsgbytes(StringInfo message, int length)
{
	if (length < 0 || length > message->len - message->cursor)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("insufficient data left in message")));
	message->cursor += length;
	return message->data + message->cursor - length;
}

unsigned int
pq_getmsgint(StringInfo message, int bytes)
{
	const char *byte = pq_getmsgbytes(message, bytes);
	unsigned int value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | (unsigned char) byte[i];
	return value;
}

/* Nothing is sent, merged or unpacked by what is called here. */
#define NEVER_CALLED(name) \
	extern void name(void); \
	void name(void) \
	{ \
		abort(); \
	} \
	extern int no_such_variable

NEVER_CALLED(pq_begintypsend);
NEVER_CALLED(pq_sendbytes);
NEVER_CALLED(pq_endtypsend);

void
enlargeStringInfo(StringInfo message, int needed)
{
	abort();
}

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	return datum;
}

const KcState *
kc_arg_summary(FunctionCallInfo fcinfo, int arg, const KcSummaryType *type)
{
	return (const KcState *) fcinfo->args[arg].value;
}

Datum
kc_combine(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	abort();
}

Datum
kc_finish(FunctionCallInfo fcinfo, const KcSummaryType *type)
{
	abort();
}

/* ---- reading -------------------------------------------------------------------------- */

static Datum
call(Datum (*reader)(FunctionCallInfo, const KcSummaryType *), const KcSummaryType *type,
	 void *argument)
{
	LOCAL_FCINFO(fcinfo, 1);

	memset(fcinfo, 0, SizeForFunctionCallInfo(1));
	fcinfo->nargs = 1;
	fcinfo->args[0].value = PointerGetDatum(argument);
	return reader(fcinfo, type);
}

/* Tag, version, payload and checksum, as send has them. */
static StringInfoData
seal(const KcSummaryType *type, const unsigned char *payload, size_t length)
{
	const uint16 kind[2] = {pg_hton16(type->tag), pg_hton16(type->version)};
	StringInfoData message = {palloc(length + 8), (int) length + 8, (int) length + 8, 0};
	pg_crc32c crc;

	memcpy(message.data, kind, 4);
	memcpy(message.data + 4, payload, length);
	INIT_CRC32C(crc);
	COMP_CRC32C(crc, message.data, length + 4);
	FIN_CRC32C(crc);
	crc = pg_hton32(crc);
	memcpy(message.data + length + 4, &crc, 4);
	return message;
}

static char *
as_text(const KcSummaryType *type, const StringInfoData *message)
{
	const int room = pg_b64_enc_len(message->len);
	char *text = palloc(room + 100);
	const int prefix = snprintf(text, 100, "%s:%u:", type->name, type->version);
	const int written =
		pg_b64_encode(message->data + 4, message->len - 4, text + prefix, room);

	REQUIRE(written >= 0);
	text[prefix + written] = '\0';
	return text;
}

static KcState *
read_value(const KcSummaryType *type, int way, const uint8_t *data, size_t size)
{
	const size_t name = strlen(type->name);
	StringInfoData message;
	char *text;

	if (way == AS_IT_IS)
	{
		text = palloc(name + size + 2);
		memcpy(text, type->name, name);
		text[name] = ':';
		memcpy(text + name + 1, data, size);
		text[name + 1 + size] = '\0';
		return (KcState *) DatumGetPointer(call(kc_summary_in, type, text));
	}
	message = seal(type, data, size);
	if (way == AS_BINARY)
		return (KcState *) DatumGetPointer(call(kc_summary_recv, type, &message));
	return (KcState *) DatumGetPointer(
		call(kc_summary_in, type, as_text(type, &message)));
}

/* What was accepted is written and read again to the same bytes. */
static void
check_again(const KcSummaryType *type, const KcState *state)
{
	const size_t length = kc_encoded_size(state);
	unsigned char *bytes = palloc(length), *again = palloc(length);
	const char *problem = NULL;
	KcState *back;

	kc_encode(state, bytes);
	back = kc_decode(type, bytes, length, &problem);
	REQUIRE(back != NULL && kc_encoded_size(back) == length);
	kc_encode(back, again);
	REQUIRE(memcmp(bytes, again, length) == 0);
}

static pg_noinline void
read_and_use(const KcSummaryType *type, int way, const uint8_t *data, size_t size)
{
	if (SERVER_TRY())
	{
		const KcState *state = read_value(type, way, data, size);

		check_again(type, state);
		use(type, state);
		REQUIRE(unit_failures == 0);
	}
	else
		REQUIRE(server_sqlstate != ERRCODE_INTERNAL_ERROR);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || data[0] >= lengthof(summary_kinds) * WAYS)
		return 0;
	random_state = 88172645463325252u;
	read_and_use(choose_kind(data[0] / WAYS), data[0] % WAYS, data + 1, size - 1);
	server_reset();
	return 0;
}

/* ---- seeds ---------------------------------------------------------------------------- */

static void
write_seed(const char *directory, size_t kind, int way, int rows)
{
	const KcSummaryType *type = choose_kind(kind);
	const KcState *built = build(type, rows, true);
	const KcState *state = type->finish ? type->finish(built) : kc_state_trim(built);
	const size_t length = kc_encoded_size(state);
	unsigned char *bytes = palloc(length);
	StringInfoData message;
	char path[1000];
	FILE *file;

	kc_encode(state, bytes);
	message = seal(type, bytes, length);
	snprintf(path, sizeof(path), "%s/%02zu_%s_%d_%d", directory, kind, type->name, way, rows);
	file = fopen(path, "wb");
	REQUIRE(file != NULL);
	fputc((int) kind * WAYS + way, file);
	if (way == AS_IT_IS)
		fputs(as_text(type, &message) + strlen(type->name) + 1, file);
	else
		fwrite(bytes, 1, length, file);
	fclose(file);
	server_reset();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc < 2 || strncmp((*argv)[1], "-seeds=", 7) != 0)
		return 0;
	for (size_t kind = 0; kind < lengthof(summary_kinds); kind++)
	{
		write_seed((*argv)[1] + 7, kind, AS_BINARY, 0);
		write_seed((*argv)[1] + 7, kind, AS_BINARY, 8);
		write_seed((*argv)[1] + 7, kind, AS_TEXT, 4);
		write_seed((*argv)[1] + 7, kind, AS_IT_IS, 2);
	}
	exit(0);
}
