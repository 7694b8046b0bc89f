/*
 * ks_units.c
 *	  Units of opioid doses, and conversion factors without rounding surprises.
 *
 * Only masses, worn patch rates and patch strengths are understood, and only
 * within one of the three do units convert.  A patch of 25 mcg/h gives 60 MME a
 * day by a factor per worn rate (2.4) and 180 MME in its three days by a factor
 * per patch (7.2); mixing the two is a threefold error seen in real code.
 *
 * Factors are short decimals.  3 mg of codeine at 0.15 is 0.45 MME, but
 * 3 * 0.15 in binary is 0.44999999999999996.  As 15 / 100 the product 3 * 15
 * is exact and the division rounds once, to the double nearest to 0.45; a
 * change of unit multiplies one of the two integers by a power of 1000.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "stat/ks_units.h"

typedef struct MassName
{
	const char *folded;
	int thousands;
} MassName;

/* Longer names first where one begins with another. */
static const MassName mass_names[] = {
	{"nanogrammes", -1},
	{"nanograms", -1},
	{"nanogramme", -1},
	{"nanogram", -1},
	{"ng", -1},
	{"microgrammes", 0},
	{"micrograms", 0},
	{"microgramme", 0},
	{"microgram", 0},
	{"mcg", 0},
	{"ug", 0},
	{"milligrammes", 1},
	{"milligrams", 1},
	{"milligramme", 1},
	{"milligram", 1},
	{"mg", 1},
	{"grammes", 2},
	{"grams", 2},
	{"gramme", 2},
	{"gram", 2},
	{"gm", 2},
	{"g", 2},
};

static const char *const hour_names[] = {"/heure", "/hour", "/hr", "/h", "perhour", NULL};
static const char *const patch_names[] = {"/patch", "/ptch", "/timbre", "perpatch", NULL};

size_t
ks_fold_unit(const char *text, size_t length, char *out)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = text[i];
		unsigned char after = i + 1 < length ? text[i + 1] : 0;

		if ((c == 0xC2 && after == 0xB5) || (c == 0xCE && after == 0xBC))
		{
			out[written++] = 'u'; /* micro sign, Greek mu */
			i++;
		}
		else if (c == 0xC2 && after == 0xA0)
			i++; /* no-break space */
		else if (c != ' ' && c != '\t' && c != '.')
			out[written++] = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	}
	out[written] = '\0';
	return written;
}

/* The rest of `text` after one of the names, or NULL. */
static const char *
after_name(const char *text, const char *const *names)
{
	for (; *names; names++)
		if (strncmp(text, *names, strlen(*names)) == 0)
			return text + strlen(*names);
	return NULL;
}

KsUnit
ks_unit(const char *folded)
{
	KsUnit unit = {KS_UNIT_OTHER, 0};

	for (size_t i = 0; i < sizeof(mass_names) / sizeof(mass_names[0]); i++)
	{
		size_t length = strlen(mass_names[i].folded);
		const char *rest = folded + length;
		const char *rate;

		if (strncmp(folded, mass_names[i].folded, length) != 0)
			continue;
		unit.thousands = mass_names[i].thousands;
		rate = after_name(rest, hour_names);
		if (*rest == '\0')
			unit.kind = KS_UNIT_MASS;
		else if (rate && *rate == '\0')
			unit.kind = KS_UNIT_RATE;
		else if (rate && (rate = after_name(rate, patch_names)) != NULL && *rate == '\0')
			unit.kind = KS_UNIT_RATE_PER_PATCH;
		else
			continue;
		return unit;
	}
	unit.thousands = 0;
	return unit;
}

KsRatio
ks_ratio(double value)
{
	KsRatio ratio = {value, 1};

	for (double power = 1; power <= 1e9; power *= 10)
	{
		double integer = rint(value * power);

		if (integer < 9007199254740992.0 && integer / power == value)
		{
			ratio.numerator = integer;
			ratio.denominator = power;
			return ratio;
		}
	}
	return ratio;
}

KsRatio
ks_ratio_in_unit(KsRatio factor, KsUnit from, KsUnit to)
{
	for (int i = from.thousands; i < to.thousands; i++)
		factor.numerator *= 1000;
	for (int i = to.thousands; i < from.thousands; i++)
		factor.denominator *= 1000;
	return factor;
}
