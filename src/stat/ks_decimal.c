/*
 * ks_decimal.c
 *	  A decimal number as a double-double.
 *
 * Measurements are written in decimals, and 1000000000000.4 has no double near
 * enough for its variance.  The digits are gathered as a whole number, exact up
 * to 31 of them, and divided by a power of ten.
 */
#include "stat/ks_decimal.h"

#define DIGITS 31

static KsDD
power_of_ten(int exponent)
{
	KsDD result = ks_dd(1);
	KsDD base = ks_dd(10);

	for (; exponent > 0; exponent >>= 1)
	{
		if (exponent & 1)
			result = ks_dd_mul(result, base);
		if (exponent > 1)
			base = ks_dd_mul(base, base);
	}
	return result;
}

bool
ks_decimal(const char *text, KsDD *value)
{
	bool negative = *text == '-';
	bool fraction = false;
	int digits = 0;   /* significant ones taken */
	int exponent = 0; /* of ten, for what was taken */
	bool any = false;
	KsDD sum = ks_dd(0);

	if (*text == '-' || *text == '+')
		text++;
	for (; *text != '\0'; text++)
	{
		if (*text == '.' && !fraction)
		{
			fraction = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			return false;
		any = true;
		if (digits < DIGITS)
		{
			sum = ks_dd_add_d(ks_dd_mul_d(sum, 10), *text - '0');
			digits += digits > 0 || *text != '0';
			exponent -= fraction;
		}
		else
			exponent += !fraction;
	}
	/* beyond the range of a double: both ends, without overflow on the way */
	if (sum.hi == 0 || exponent < -340)
		sum = ks_dd(0);
	else if (exponent > 300)
		sum = ks_dd(INFINITY);
	else if (exponent > 0)
		sum = ks_dd_mul(sum, power_of_ten(exponent));
	else
		for (; exponent < 0; exponent += exponent < -300 ? 300 : -exponent)
			sum = ks_dd_div(sum, power_of_ten(exponent < -300 ? 300 : -exponent));
	if (!isfinite(sum.hi))
		sum = ks_dd(INFINITY);
	*value = negative ? ks_dd_neg(sum) : sum;
	return any;
}
