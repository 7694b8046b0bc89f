/*
 * kc_compat.h
 *	  Every difference between PostgreSQL 14 and 18 that this extension meets.
 */
#ifndef KC_COMPAT_H
#define KC_COMPAT_H

#include "postgres.h"

#include "common/base64.h"
#include "utils/guc.h"

#if PG_VERSION_NUM < 140000
#error "ketocohort needs PostgreSQL 14 or later"
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
