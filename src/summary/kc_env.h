/*
 * kc_env.h
 *	  The environment the statistics run in on the server: memory of the current
 *	  context, cancellation by the interrupt flag.
 */
#ifndef KC_ENV_H
#define KC_ENV_H

#include "stat/ks_base.h"

extern const KsEnv kc_env;

/*
 * Turns a status into its error: 57014 for a cancel, 53200 out of memory, 22003
 * overflow, 54000 too large.  Returns for KS_OK.
 */
extern void kc_require(KsStatus status);

#endif
