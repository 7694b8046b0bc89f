/*
 * test_exposure.c
 *	  The sweep over dated doses against a walk over the days.
 */
#include "stat/ks_exposure.h"

#include "unit.h"

enum
{
	DAYS = 120,
	MAX_FILLS = 60,
	INGREDIENTS = 3
};

static const KsDoseBand flat[] = {{-INFINITY, INFINITY, false, {15, 10}}};
static const KsDoseBand other[] = {{-INFINITY, INFINITY, false, {1, 1}}};
static const KsDoseBand tiers[] = {{0, 20, false, {4, 1}},
								   {20, 40, false, {8, 1}},
								   {40, 60, false, {10, 1}},
								   {60, INFINITY, false, {12, 1}}};
static const KsDoseBand tiers_of_mcg[] = {{0, 20, false, {4, 1000}},
										  {20, 40, false, {8, 1000}},
										  {40, 60, false, {10, 1000}},
										  {60, INFINITY, false, {12, 1000}}};

/* Two opioids of one factor, one of another ingredient, and a tiered one in two units. */
static const KsOpioid opioids[] = {
	{0, false, false, {1, 1}, 1, flat},	 {0, false, false, {1, 1}, 1, other},
	{1, false, false, {1, 1}, 1, other}, {2, true, false, {1, 1}, 4, tiers},
	{2, true, false, {1, 1000}, 4, tiers_of_mcg},
};

static unsigned long random_state = 42;

static int
below(int n)
{
	random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
	return (int) ((random_state >> 33) % (unsigned long) n);
}

static int
random_fills(KsFill *fill)
{
	int n = below(10) == 0 ? MAX_FILLS : below(8);

	for (int i = 0; i < n; i++)
	{
		fill[i].opioid = below(5);
		fill[i].dose = (1 + below(9)) * 5 * (fill[i].opioid == 4 ? 1000.0 : 1.0);
		fill[i].first = below(DAYS - 40) - 10;
		fill[i].last = fill[i].first + below(30);
	}
	return n;
}

/* ---- the walk over the days ------------------------------------------------------------ */

typedef struct Walk
{
	double total, max;
	int64_t supply, on;
	double mme[4 * DAYS];
	bool open[4 * DAYS];
} Walk;

/* Days are kept from -2 DAYS, for fills before the period and shifted ones after it. */
#define AT(day) ((day) + 2 * DAYS)

/* Starts of the fills of an ingredient one after the other, by start, end and MME. */
static void
walk_shift(KsFill *fill, int n)
{
	for (int i = 1; i < n; i++)
		for (int j = i; j > 0; j--)
		{
			KsFill *a = &fill[j - 1], *b = &fill[j], swap;

			if (a->first < b->first || (a->first == b->first && a->last < b->last) ||
				(a->first == b->first && a->last == b->last && a->mme <= b->mme))
				break;
			swap = *a;
			*a = *b;
			*b = swap;
		}
	for (int g = 0; g < INGREDIENTS; g++)
	{
		int64_t end = -10 * DAYS;

		for (int i = 0; i < n; i++)
			if (opioids[fill[i].opioid].ingredient == g)
			{
				int64_t delay = fill[i].first <= end ? end + 1 - fill[i].first : 0;

				fill[i].first += delay;
				fill[i].last += delay;
				end = fill[i].last;
			}
	}
}

static double
tier_factor(double dose)
{
	return dose <= 20 ? 4 : dose <= 40 ? 8 : dose <= 60 ? 10 : 12;
}

static void
walk_day(const KsFill *fill, int n, int64_t day, const KsExposureOptions *options, Walk *walk)
{
	double flat_mme = 0, methadone = 0;
	int open = 0;

	for (int g = 0; g < INGREDIENTS; g++)
	{
		int64_t newest = -10 * DAYS;

		for (int i = 0; i < n; i++)
			if (opioids[fill[i].opioid].ingredient == g && fill[i].first <= day &&
				day <= fill[i].last && fill[i].first > newest)
				newest = fill[i].first;
		for (int i = 0; i < n; i++)
		{
			double dose = fill[i].dose;

			if (opioids[fill[i].opioid].ingredient != g || fill[i].first > day ||
				day > fill[i].last ||
				(options->overlap == KS_OVERLAP_LATEST && fill[i].first != newest))
				continue;
			open++;
			if (fill[i].opioid >= 3)
				methadone += fill[i].opioid == 4 ? dose / 1000 : dose;
			else
				flat_mme += fill[i].opioid == 0 ? dose * 1.5 : dose;
		}
	}
	if (open == 0)
		return;
	walk->open[AT(day)] = true;
	walk->mme[AT(day)] = flat_mme + methadone * tier_factor(methadone);
	walk->total += walk->mme[AT(day)];
	walk->supply += open;
	walk->on++;
	if (walk->mme[AT(day)] > walk->max && day >= options->first && day <= options->last)
		walk->max = walk->mme[AT(day)];
}

static void
walk_days(KsFill *fill, int n, const KsExposureOptions *options, Walk *walk)
{
	int kept = 0;

	memset(walk, 0, sizeof(*walk));
	for (int i = 0; i < n; i++)
	{
		double dose = fill[i].dose;

		fill[i].mme = fill[i].opioid == 0	? dose * 1.5
					  : fill[i].opioid == 3 ? dose * tier_factor(dose)
					  : fill[i].opioid == 4 ? dose / 1000 * tier_factor(dose / 1000)
											: dose;
	}
	if (options->overlap == KS_OVERLAP_SHIFT)
		walk_shift(fill, n);
	for (int i = 0; i < n; i++)
		if (fill[i].last >= options->first && fill[i].first <= options->last)
			fill[kept++] = fill[i];
	for (int64_t day = -2 * DAYS; day < 2 * DAYS; day++)
		if (!options->clip || (day >= options->first && day <= options->last))
			walk_day(fill, kept, day, options, walk);
}

static void
check_profile(const KsExposure *exposure, const Walk *walk)
{
	double mme[4 * DAYS] = {0};
	int64_t days_above = 0;

	for (size_t i = 0; i < exposure->steps; i++)
	{
		const KsStep *step = &exposure->step[i];

		CHECK(step->first <= step->last && (i == 0 || step->first > step[-1].last));
		CHECK(i == 0 || step->first > step[-1].last + 1 || step->mme != step[-1].mme);
		for (int64_t day = step->first; day <= step->last; day++)
		{
			CHECK(AT(day) >= 0 && AT(day) < 4 * DAYS && walk->open[AT(day)]);
			mme[AT(day)] = step->mme;
		}
	}
	for (int i = 0; i < 4 * DAYS; i++)
	{
		CHECK_CLOSE(mme[i], walk->mme[i], 1e-12);
		days_above += walk->open[i] && walk->mme[i] > 90 - 1e-6;
	}
	CHECK(ks_exposure_days_at_or_above(exposure, 90, true) == days_above);
}

/* Random fills: every figure and every day, and the same from the fills in reverse. */
static void
against_walk(void)
{
	static Walk walk;

	for (int round = 0; round < 4000; round++)
	{
		KsFill fill[MAX_FILLS] = {{0}}, reversed[MAX_FILLS], copy[MAX_FILLS];
		KsExposureOptions options = {true, 0, DAYS / 2, round % 5 != 0, (KsOverlap) (round % 3)};
		int n = random_fills(fill);
		KsExposure exposure, again;

		for (int i = 0; i < n; i++)
			copy[i] = reversed[n - 1 - i] = fill[i];
		walk_days(copy, n, &options, &walk);
		CHECK(ks_exposure(opioids, fill, n, &options, &unit_env, &exposure) == KS_OK);
		CHECK_CLOSE(exposure.total, walk.total, 1e-12);
		CHECK_CLOSE(exposure.max, walk.max, 1e-12);
		CHECK(exposure.days_supply == walk.supply && exposure.days_on_therapy == walk.on);
		CHECK(exposure.period_days == DAYS / 2 + 1);
		CHECK(options.clip == false || walk.on == 0 ||
			  (exposure.by_period <= exposure.on_therapy &&
			   exposure.on_therapy <= exposure.max * (1 + 1e-14) &&
			   exposure.by_days_supply <= exposure.on_therapy * (1 + 1e-14)));
		check_profile(&exposure, &walk);
		CHECK(ks_exposure(opioids, reversed, n, &options, &unit_env, &again) == KS_OK);
		CHECK(again.total == exposure.total && again.max == exposure.max &&
			  again.steps == exposure.steps && again.days_supply == exposure.days_supply);
		free(exposure.step);
		free(again.step);
	}
}

/* ---- the rest --------------------------------------------------------------------------- */

static void
edges(void)
{
	const KsExposureOptions whole = {false, 0, 0, true, KS_OVERLAP_SUM};
	KsExposure exposure;
	KsFill tenths[] = {{0.1, 1, 10, 0, 0, 0}, {0.2, 1, 10, 0, 0, 0}};
	KsFill ends[] = {{0, 5, 5, 3, 0, 0}, {30, 7, 7, 3, 0, 0}};
	double sum;

	CHECK(ks_exposure(opioids, NULL, 0, &whole, &unit_env, &exposure) == KS_OK);
	CHECK(exposure.fills == 0 && exposure.period_days == 0 && exposure.total == 0 &&
		  isnan(exposure.by_period) && isnan(exposure.on_therapy) && exposure.max == 0);
	free(exposure.step);
	/* 0.1 + 0.2 times 1.5 is 0.45 on every day */
	CHECK(ks_exposure(opioids, tenths, 2, &whole, &unit_env, &exposure) == KS_OK);
	CHECK_CLOSE(exposure.max, 0.45, 1e-15);
	CHECK(ks_exposure_days_at_or_above(&exposure, 0.45, true) == 10);
	CHECK(ks_exposure_days_at_or_above(&exposure, 0.45, false) == 0);
	free(exposure.step);
	/* a dose of 0 covers its day and is in no band */
	CHECK(ks_exposure(opioids, ends, 2, &whole, &unit_env, &exposure) == KS_OK);
	CHECK(exposure.days_on_therapy == 2 && exposure.period_days == 3 && exposure.total == 240 &&
		  exposure.days_in_gap == 0 && exposure.steps == 2);
	free(exposure.step);
	CHECK(ks_exposure_sum_daily(opioids, ends, 2, &sum) == KS_OK && sum == 240);
	CHECK(isnan(ks_daily_dose(5, 0, 30)) && isnan(ks_daily_dose(5, 60, 0)));
	CHECK(ks_daily_dose(5, 60, 30) == 10 && isinf(ks_daily_dose(1e300, 1e300, 1)));
}

static bool
always_cancelled(void *context)
{
	(void) context;
	return true;
}

static void
cancel_and_overflow(void)
{
	const KsExposureOptions whole = {false, 0, 0, true, KS_OVERLAP_LATEST};
	KsFill fill = {1e308, 0, 100, 0, 0, 0};
	KsEnv env = unit_env;
	KsExposure exposure;

	CHECK(ks_exposure(opioids, &fill, 1, &whole, &env, &exposure) == KS_OVERFLOW);
	free(exposure.step);
	env.poll = always_cancelled;
	fill.dose = 1;
	CHECK(ks_exposure(opioids, &fill, 1, &whole, &env, &exposure) == KS_CANCELLED);
	free(exposure.step);
}

int
main(void)
{
	against_walk();
	edges();
	cancel_and_overflow();
	return UNIT_END();
}
