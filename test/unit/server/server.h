/*
 * server.h
 *	  Enough of the server to run src/summary without one: memory by malloc,
 *	  errors by longjmp.
 */
#ifndef SERVER_H
#define SERVER_H

#include "postgres.h"

#include <setjmp.h>

/* The SQLSTATE of the last error raised, and where to go on after one. */
extern int server_sqlstate;
extern sigjmp_buf server_catch;

/* Runs a block; false when it raised an error. */
#define SERVER_TRY() (sigsetjmp(server_catch, 0) == 0)

/*
 * Allocations so far, and the one of them that fails (-1: none): NULL where the caller
 * asked for that, otherwise SQLSTATE 53200.
 */
extern long server_allocations;
extern long server_fail_at;

/*
 * Everything the server code allocated is freed; an error leaves its garbage
 * behind as a memory context would.
 */
extern void server_reset(void);

#endif
