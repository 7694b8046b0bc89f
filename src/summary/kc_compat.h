/*
 * kc_compat.h
 *	  Every difference between PostgreSQL 14 and 18 that this extension meets.
 *
 * It lives with the lowest layer that knows the server.
 */
#ifndef KC_COMPAT_H
#define KC_COMPAT_H

#include "postgres.h"

/* 16 took the macros of variable-length values out of postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 140000
#error "ketocohort needs PostgreSQL 14 or later"
#endif

/* 18 has a word of its own for functions that do not return. */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

/* 18 made the base64 routines take bytes. */
#if PG_VERSION_NUM >= 180000
#define kc_b64_encode(src, len, dst, size) \
	pg_b64_encode((const uint8 *) (src), (len), (dst), (size))
#define kc_b64_decode(src, len, dst, size) \
	pg_b64_decode((src), (len), (uint8 *) (dst), (size))
#else
#define kc_b64_encode(src, len, dst, size) pg_b64_encode((src), (len), (dst), (size))
#define kc_b64_decode(src, len, dst, size) pg_b64_decode((src), (len), (dst), (size))
#endif

/* 15 reserves the prefix of our settings; 14 only warns. */
#if PG_VERSION_NUM >= 150000
#define kc_reserve_settings(prefix) MarkGUCPrefixReserved(prefix)
#else
#define kc_reserve_settings(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

#endif
