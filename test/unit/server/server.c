/*
 * server.c
 *	  The few server functions src/summary calls, on top of libc.
 *
 * Allocations are kept in a list, so that what a memory context would free at
 * the end of a query is freed by server_reset and the leak check stays silent
 * about the rest.
 */
#include "server.h"

#include "miscadmin.h"
#include "utils/memutils.h"

typedef struct Chunk
{
	struct Chunk *next;
	struct Chunk **link;
} Chunk;

static Chunk *chunks;
int server_sqlstate;
long server_allocations;
long server_fail_at = -1;
sigjmp_buf server_catch;
volatile sig_atomic_t InterruptPending = false;
volatile sig_atomic_t QueryCancelPending = false;
volatile sig_atomic_t ProcDiePending = false;
volatile sig_atomic_t ClientConnectionLost = false;

static void *
allocate(Size size, int flags)
{
	Chunk *chunk;

	if (server_allocations++ == server_fail_at)
	{
		if (flags & MCXT_ALLOC_NO_OOM)
			return NULL;
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	chunk = malloc(sizeof(Chunk) + size);

	if (chunk == NULL)
		abort();
	chunk->next = chunks;
	chunk->link = &chunks;
	if (chunks != NULL)
		chunks->link = &chunk->next;
	chunks = chunk;
	return chunk + 1;
}

void *
palloc(Size size)
{
	return allocate(size, 0);
}

void *
palloc0(Size size)
{
	return memset(allocate(size, 0), 0, size);
}

void *
palloc_extended(Size size, int flags)
{
	void *memory = allocate(size, flags);

	return memory != NULL && (flags & MCXT_ALLOC_ZERO) ? memset(memory, 0, size) : memory;
}

void
pfree(void *pointer)
{
	Chunk *chunk = (Chunk *) pointer - 1;

	*chunk->link = chunk->next;
	if (chunk->next != NULL)
		chunk->next->link = chunk->link;
	free(chunk);
}

char *
pnstrdup(const char *in, Size length)
{
	char *copy;

	length = strnlen(in, length);
	copy = palloc(length + 1);
	memcpy(copy, in, length);
	copy[length] = '\0';
	return copy;
}

void
server_reset(void)
{
	while (chunks != NULL)
		pfree(chunks + 1);
}

void
ProcessInterrupts(void)
{
}

/* ---- errors ------------------------------------------------------------------------- */

bool
errstart(int elevel, const char *domain)
{
	server_sqlstate = ERRCODE_INTERNAL_ERROR;
	return elevel >= ERROR;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	siglongjmp(server_catch, 1);
}

int
errcode(int sqlerrcode)
{
	server_sqlstate = sqlerrcode;
	return 0;
}

#define IGNORED_TEXT(name) \
	int name(const char *fmt, ...) \
	{ \
		return 0; \
	} \
	extern int no_such_variable

IGNORED_TEXT(errmsg);
IGNORED_TEXT(errmsg_internal);
IGNORED_TEXT(errdetail);
IGNORED_TEXT(errhint);
