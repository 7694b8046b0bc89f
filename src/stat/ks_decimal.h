/*
 * ks_decimal.h
 *	  A decimal number as a double-double.
 */
#ifndef KS_DECIMAL_H
#define KS_DECIMAL_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"

/*
 * Reads [sign] digits [. digits] to about 31 digits, where a double keeps 16.
 * False for anything else, NaN and infinity included.
 */
extern bool ks_decimal(const char *text, KsDD *value);

#endif
