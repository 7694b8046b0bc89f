/*
 * ks_base.c
 *	  The few shared helpers of src/stat that are not arithmetic.
 */
#include "stat/ks_base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
ks_test_clear(KsTest *test)
{
	memset(test, 0, sizeof(*test));
	test->estimate = test->std_error = NAN;
	test->conf_low = test->conf_high = NAN;
	test->statistic = test->df = test->df2 = NAN;
	test->p_value = test->effect_size = NAN;
}

void
ks_note(char note[KS_NOTE_SIZE], const char *format, ...)
{
	size_t used = strlen(note);
	va_list args;

	if (used > 0 && used + 2 < KS_NOTE_SIZE)
	{
		memcpy(note + used, "; ", 3);
		used += 2;
	}
	va_start(args, format);
	vsnprintf(note + used, KS_NOTE_SIZE - used, format, args);
	va_end(args);
}
