/*
 * ks_exposure.c
 *	  The daily dose of opioids over dated prescriptions, as a step function.
 *
 * One sweep over events, never a walk over days: every fill adds to the daily
 * dose on its first day and takes away after its last, so that k fills give at
 * most 2k changes, and what lies between two changes is one step.  Sorting is
 * the whole cost, O(k log k), however long the fills are.
 *
 * Ingredients whose factor depends on the day's summed dose, and all of them
 * under the overlap rule "latest", are swept on their own first; their changes
 * then join those of the others.  The four definitions of daily MME (Dasgupta
 * and others 2021, Clin J Pain 37:565) are read off the one step function.
 *
 * Sums are kept in double-double, so that what a fill added is gone without a
 * trace when it ends, and the order of the fills does not matter.
 */
#include <string.h>

#include "stat/ks_dd.h"
#include "stat/ks_exposure.h"
#include "stat/ks_sort_keys.h"

/* Steps of a loop between two questions whether the query was cancelled. */
#define POLL_EVERY 4096

/* A change of the daily dose at the beginning of a day. */
typedef struct Change
{
	KsDD mme;
	int64_t open; /* fills that begin less fills that ended */
	int refused;  /* +1 and -1 around days in a band without a factor */
	int gap;	  /* the same around days in no band */
} Change;

typedef struct Changes
{
	Change *change;
	KsSortKey *key; /* by day, then by what changes */
	size_t n;
} Changes;

/* ---- doses -------------------------------------------------------------------------- */

static KsDD
times_ratio(KsDD dose, KsRatio ratio)
{
	KsDD product = ratio.numerator == 1 ? dose : ks_dd_mul_d(dose, ratio.numerator);

	return ratio.denominator == 1 ? product : ks_dd_div_d(product, ratio.denominator);
}

/* The band that holds a dose above 0 in the unit of the bands, or NULL. */
static const KsDoseBand *
find_band(const KsOpioid *opioid, double dose)
{
	for (int i = 0; i < opioid->n_bands; i++)
		if (dose > opioid->band[i].above + fabs(opioid->band[i].above) * KS_EXPOSURE_GUARD &&
			dose <= opioid->band[i].to + fabs(opioid->band[i].to) * KS_EXPOSURE_GUARD)
			return &opioid->band[i];
	return NULL;
}

/* The MME a day of one fill, as if it were alone; 0 without a factor. */
static KsDD
own_mme(const KsOpioid *opioid, const KsFill *fill)
{
	KsDD dose = ks_dd(fill->dose);
	const KsDoseBand *band = opioid->band;

	if (opioid->tiered)
		band = find_band(opioid, ks_dd_value(times_ratio(dose, opioid->to_band_unit)));
	return band == NULL || band->refused ? ks_dd(0) : times_ratio(dose, band->factor);
}

/* ---- placing and clipping ----------------------------------------------------------- */

/*
 * Puts the fills of each ingredient together, in order of start, by counting
 * ingredients and sorting within: start[g] to start[g + 1] are those of g.
 */
static KsStatus
group_fills(const KsOpioid *opioid, KsFill *fill, size_t n, size_t *start, int ingredients,
			const KsEnv *env)
{
	KsFill *copy = env->alloc(env->context, n * sizeof(KsFill));
	KsSortKey *key = env->alloc(env->context, n * sizeof(KsSortKey));
	KsStatus status = copy && key ? KS_OK : KS_NO_MEMORY;

	memset(start, 0, (ingredients + 1) * sizeof(size_t));
	for (size_t i = 0; i < n && status == KS_OK; i++)
	{
		copy[i] = fill[i];
		start[opioid[fill[i].opioid].ingredient + 1]++;
	}
	for (int g = 0; g < ingredients; g++)
		start[g + 1] += start[g];
	/* start[g] serves as the next free place of g, and ends as its end */
	for (size_t i = 0; i < n && status == KS_OK; i++)
		key[start[opioid[copy[i].opioid].ingredient]++] =
			(KsSortKey){copy[i].issued, copy[i].last, copy[i].mme, i};
	memmove(start + 1, start, ingredients * sizeof(size_t));
	start[0] = 0;
	for (int g = 0; g < ingredients && status == KS_OK; g++)
		status = ks_sort_keys(key + start[g], start[g + 1] - start[g], env);
	for (size_t i = 0; i < n && status == KS_OK; i++)
		fill[i] = copy[key[i].at];
	env->free(env->context, copy);
	env->free(env->context, key);
	return status;
}

/* A fill starts the day after those of its ingredient before it have ended. */
static void
shift_fills(KsFill *fill, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		int64_t delay = fill[i - 1].last + 1 - fill[i].first;

		if (delay > 0)
		{
			fill[i].first += delay;
			fill[i].last += delay;
		}
	}
}

/* Keeps the fills that overlap the period, clipped when asked, in their order. */
static size_t
clip_fills(KsFill *fill, size_t n, const KsExposureOptions *options)
{
	size_t kept = 0;

	if (!options->has_period)
		return n;
	for (size_t i = 0; i < n; i++)
	{
		if (fill[i].last < options->first || fill[i].first > options->last)
			continue;
		fill[kept] = fill[i];
		if (options->clip && fill[kept].first < options->first)
			fill[kept].first = options->first;
		if (options->clip && fill[kept].last > options->last)
			fill[kept].last = options->last;
		kept++;
	}
	return kept;
}

/* ---- changes of one ingredient ------------------------------------------------------- */

static void
add_change(Changes *changes, int64_t day, KsDD mme, int64_t open)
{
	changes->change[changes->n] = (Change){mme, open, 0, 0};
	changes->key[changes->n] = (KsSortKey){day, 0, mme.hi, changes->n};
	changes->n++;
}

/* Fills with one factor each: every one stands for itself. */
static void
add_flat_fills(const KsOpioid *opioid, const KsFill *fill, size_t n, Changes *changes)
{
	for (size_t i = 0; i < n; i++)
	{
		KsDD mme = times_ratio(ks_dd(fill[i].dose), opioid[fill[i].opioid].band[0].factor);

		add_change(changes, fill[i].first, mme, 1);
		add_change(changes, fill[i].last + 1, ks_dd_neg(mme), -1);
	}
}

/* Fills of an ingredient that count together: all, or under "latest" those of one start. */
typedef struct Cohort
{
	int64_t issued;
	int64_t open;
	size_t below; /* the open cohort that started before, as position + 1 */
	size_t above;
} Cohort;

/* What an ingredient gives on a day. */
typedef struct Level
{
	KsDD mme;
	int64_t open;
	bool refused;
	bool gap;
} Level;

typedef struct IngredientSweep
{
	const KsOpioid *opioid;
	const KsFill *fill;
	size_t n;
	int *kind;	  /* the opioids of this ingredient */
	int kinds;
	int *kind_of; /* by opioid: its position in kind */
	Cohort *cohort;
	size_t *cohort_of; /* by fill */
	KsDD *dose;		   /* cohorts x kinds, in the unit of the kind */
	KsSortKey *edge; /* day, fill; `at` is 1 where it begins, 0 where it has ended */
	size_t top; /* the open cohort that counts, as position + 1 */
} IngredientSweep;

/* The day's dose of all tiered kinds measured like this one, in the unit of the bands. */
static double
summed_dose(const IngredientSweep *sweep, const KsDD *dose, bool rate)
{
	KsDD sum = ks_dd(0);

	for (int k = 0; k < sweep->kinds; k++)
	{
		const KsOpioid *opioid = &sweep->opioid[sweep->kind[k]];

		if (opioid->tiered && opioid->rate == rate)
			sum = ks_dd_add(sum, times_ratio(dose[k], opioid->to_band_unit));
	}
	return ks_dd_value(sum);
}

static Level
level_of(const IngredientSweep *sweep)
{
	Level level = {{0, 0}, 0, false, false};
	const KsDD *dose;

	if (sweep->top == 0)
		return level;
	dose = sweep->dose + (sweep->top - 1) * sweep->kinds;
	level.open = sweep->cohort[sweep->top - 1].open;
	for (int k = 0; k < sweep->kinds; k++)
	{
		const KsOpioid *opioid = &sweep->opioid[sweep->kind[k]];
		const KsDoseBand *band = opioid->band;

		if (ks_dd_value(dose[k]) <= 0)
			continue;
		if (opioid->tiered)
			band = find_band(opioid, summed_dose(sweep, dose, opioid->rate));
		if (band == NULL)
			level.gap = true;
		else if (band->refused)
			level.refused = true;
		else
			level.mme = ks_dd_add(level.mme, times_ratio(dose[k], band->factor));
	}
	return level;
}

/* Opens or closes one fill; cohorts open in ascending order, so a new one is on top. */
static void
cross_edge(IngredientSweep *sweep, const KsSortKey *edge)
{
	const KsFill *fill = &sweep->fill[edge->second];
	size_t place = sweep->cohort_of[edge->second];
	bool begins = edge->at == 1;
	Cohort *cohort = &sweep->cohort[place];
	KsDD *dose = &sweep->dose[place * sweep->kinds + sweep->kind_of[fill->opioid]];

	*dose = ks_dd_add_d(*dose, begins ? fill->dose : -fill->dose);
	cohort->open += begins ? 1 : -1;
	if (begins && cohort->open == 1)
	{
		cohort->below = sweep->top;
		cohort->above = 0;
		if (sweep->top > 0)
			sweep->cohort[sweep->top - 1].above = place + 1;
		sweep->top = place + 1;
	}
	else if (cohort->open == 0)
	{
		if (cohort->above > 0)
			sweep->cohort[cohort->above - 1].below = cohort->below;
		else
			sweep->top = cohort->below;
		if (cohort->below > 0)
			sweep->cohort[cohort->below - 1].above = cohort->above;
		memset(sweep->dose + place * sweep->kinds, 0, sizeof(KsDD) * sweep->kinds);
	}
}

static KsStatus
sweep_edges(IngredientSweep *sweep, Changes *changes, const KsEnv *env)
{
	Level before = {{0, 0}, 0, false, false};
	size_t edges = 2 * sweep->n;

	for (size_t i = 0; i < edges;)
	{
		int64_t day = sweep->edge[i].day;
		Change *change = &changes->change[changes->n];
		Level after;

		if (i % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		for (; i < edges && sweep->edge[i].day == day; i++)
			cross_edge(sweep, &sweep->edge[i]);
		after = level_of(sweep);
		add_change(changes, day, ks_dd_sub(after.mme, before.mme), after.open - before.open);
		change->refused = after.refused - before.refused;
		change->gap = after.gap - before.gap;
		before = after;
	}
	return KS_OK;
}

/* Cohorts and edges of the fills, which are sorted by start. */
static KsStatus
fill_sweep(IngredientSweep *sweep, bool by_start, const KsEnv *env)
{
	size_t cohorts = 0;

	for (size_t i = 0; i < sweep->n; i++)
	{
		const KsFill *fill = &sweep->fill[i];

		if (cohorts == 0 || (by_start && fill->issued != sweep->cohort[cohorts - 1].issued))
			sweep->cohort[cohorts++] = (Cohort){fill->issued, 0, 0, 0};
		sweep->cohort_of[i] = cohorts - 1;
		sweep->edge[2 * i] = (KsSortKey){fill->first, (int64_t) i, 0, 1};
		sweep->edge[2 * i + 1] = (KsSortKey){fill->last + 1, (int64_t) i, 0, 0};
	}
	sweep->dose = env->alloc(env->context, sizeof(KsDD) * cohorts * sweep->kinds);
	if (sweep->dose == NULL)
		return KS_NO_MEMORY;
	for (size_t i = 0; i < cohorts * sweep->kinds; i++)
		sweep->dose[i] = ks_dd(0);
	return ks_sort_keys(sweep->edge, 2 * sweep->n, env);
}

/* An ingredient with tiers, or under the rule "latest". */
static KsStatus
add_swept_fills(const KsOpioid *opioid, const KsFill *fill, size_t n, int *kind_of,
				bool by_start, const KsEnv *env, Changes *changes)
{
	IngredientSweep sweep = {.opioid = opioid, .fill = fill, .n = n, .kind_of = kind_of};
	KsStatus status = KS_NO_MEMORY;

	sweep.kind = env->alloc(env->context, sizeof(int) * n);
	sweep.cohort = env->alloc(env->context, sizeof(Cohort) * n);
	sweep.cohort_of = env->alloc(env->context, sizeof(size_t) * n);
	sweep.edge = env->alloc(env->context, sizeof(KsSortKey) * 2 * n);
	if (sweep.kind && sweep.cohort && sweep.cohort_of && sweep.edge)
	{
		for (size_t i = 0; i < n; i++)
			if (kind_of[fill[i].opioid] < 0)
			{
				kind_of[fill[i].opioid] = sweep.kinds;
				sweep.kind[sweep.kinds++] = fill[i].opioid;
			}
		status = fill_sweep(&sweep, by_start, env);
	}
	if (status == KS_OK)
		status = sweep_edges(&sweep, changes, env);
	env->free(env->context, sweep.kind);
	env->free(env->context, sweep.cohort);
	env->free(env->context, sweep.cohort_of);
	env->free(env->context, sweep.edge);
	env->free(env->context, sweep.dose);
	return status;
}

/* ---- the step function --------------------------------------------------------------- */

static bool
in_period(int64_t first, int64_t last, const KsExposureOptions *options)
{
	return !options->has_period || (last >= options->first && first <= options->last);
}

/* Appends a step, or lengthens the one before when the dose goes on unchanged. */
static void
add_step(KsExposure *exposure, int64_t first, int64_t last, double mme)
{
	KsStep *before = exposure->steps > 0 ? &exposure->step[exposure->steps - 1] : NULL;

	if (before && before->last + 1 == first && before->mme == mme)
		before->last = last;
	else
		exposure->step[exposure->steps++] = (KsStep){first, last, mme};
}

static KsStatus
sweep_changes(const Changes *changes, const KsExposureOptions *options, const KsEnv *env,
			  KsExposure *exposure)
{
	const KsSortKey *key = changes->key;
	KsDD mme = ks_dd(0), total = ks_dd(0);
	int64_t open = 0;
	int refused = 0, gap = 0;

	for (size_t i = 0; i < changes->n;)
	{
		int64_t day = key[i].day, days;
		double level;

		if (i % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		for (; i < changes->n && key[i].day == day; i++)
		{
			const Change *change = &changes->change[key[i].at];

			mme = ks_dd_add(mme, change->mme);
			open += change->open;
			refused += change->refused;
			gap += change->gap;
		}
		if (open == 0)
		{
			mme = ks_dd(0);
			continue;
		}
		days = key[i].day - day;
		level = ks_dd_value(mme) > 0 ? ks_dd_value(mme) : 0;
		total = ks_dd_add(total, ks_dd_mul_d(mme, (double) days));
		exposure->days_supply += open * days;
		exposure->days_on_therapy += days;
		exposure->days_refused += refused > 0 ? days : 0;
		exposure->days_in_gap += gap > 0 ? days : 0;
		if (in_period(day, key[i].day - 1, options) && level > exposure->max)
			exposure->max = level;
		add_step(exposure, day, key[i].day - 1, level);
	}
	exposure->total = ks_dd_value(total);
	return isfinite(exposure->total) ? KS_OK : KS_OVERFLOW;
}

/* NaN where there are no days. */
static double
over_days(double total, int64_t days)
{
	return days > 0 ? total / (double) days : NAN;
}

/* The changes of all ingredients, then the sweep over them. */
static KsStatus
sweep_fills(const KsOpioid *opioid, const KsFill *fill, const size_t *start, int ingredients,
			int *kind_of, const KsExposureOptions *options, const KsEnv *env,
			Changes *changes, KsExposure *exposure)
{
	bool by_start = options->overlap == KS_OVERLAP_LATEST;
	KsStatus status = KS_OK;

	for (int g = 0; g < ingredients && status == KS_OK; g++)
	{
		size_t n = start[g + 1] - start[g];
		bool swept = by_start;

		for (size_t i = start[g]; i < start[g + 1]; i++)
			swept = swept || opioid[fill[i].opioid].tiered;
		if (swept && n > 0)
			status = add_swept_fills(opioid, fill + start[g], n, kind_of, by_start, env, changes);
		else
			add_flat_fills(opioid, fill + start[g], n, changes);
	}
	if (status == KS_OK)
		status = ks_sort_keys(changes->key, changes->n, env);
	if (status == KS_OK)
		status = sweep_changes(changes, options, env, exposure);
	exposure->by_days_supply = over_days(exposure->total, exposure->days_supply);
	exposure->on_therapy = over_days(exposure->total, exposure->days_on_therapy);
	exposure->by_period = over_days(exposure->total, exposure->period_days);
	return status;
}

/*
 * Shifts and clips; start[] then delimits what is left of each ingredient, or of
 * all of them where none stands apart.
 */
static KsStatus
place_fills(const KsOpioid *opioid, KsFill *fill, size_t n, size_t *start, int ingredients,
			bool apart, const KsExposureOptions *options, const KsEnv *env)
{
	size_t kept = 0, begin = 0;
	KsStatus status = KS_OK;

	for (size_t i = 0; i < n; i++)
	{
		fill[i].issued = fill[i].first;
		fill[i].mme = options->overlap == KS_OVERLAP_SHIFT
						  ? ks_dd_value(own_mme(&opioid[fill[i].opioid], &fill[i]))
						  : 0;
	}
	start[0] = 0;
	start[1] = n;
	if (apart)
		status = group_fills(opioid, fill, n, start, ingredients, env);
	if (status != KS_OK)
		return status;
	for (int g = 0; g < ingredients; g++)
	{
		size_t end = start[g + 1];

		if (options->overlap == KS_OVERLAP_SHIFT)
			shift_fills(fill + begin, end - begin);
		if (kept < begin)
			memmove(fill + kept, fill + begin, (end - begin) * sizeof(KsFill));
		kept += clip_fills(fill + kept, end - begin, options);
		start[g + 1] = kept;
		begin = end;
	}
	return KS_OK;
}

static int64_t
period_days(const KsFill *fill, size_t n, const KsExposureOptions *options)
{
	int64_t first, last;

	if (options->has_period)
		return options->last - options->first + 1;
	if (n == 0)
		return 0;
	first = fill[0].first;
	last = fill[0].last;
	for (size_t i = 1; i < n; i++)
	{
		first = fill[i].first < first ? fill[i].first : first;
		last = fill[i].last > last ? fill[i].last : last;
	}
	return last - first + 1;
}

KsStatus
ks_exposure(const KsOpioid *opioid, KsFill *fill, size_t n, const KsExposureOptions *options,
			const KsEnv *env, KsExposure *exposure)
{
	bool apart = options->overlap != KS_OVERLAP_SUM; /* is each ingredient for itself? */
	int ingredients = 1, opioids = 0;
	Changes changes = {0};
	size_t *start;
	int *kind_of;
	KsStatus status = KS_NO_MEMORY;

	memset(exposure, 0, sizeof(*exposure));
	for (size_t i = 0; i < n; i++)
	{
		const KsOpioid *drug = &opioid[fill[i].opioid];

		ingredients = drug->ingredient < ingredients ? ingredients : drug->ingredient + 1;
		opioids = fill[i].opioid < opioids ? opioids : fill[i].opioid + 1;
		apart = apart || drug->tiered;
	}
	if (!apart)
		ingredients = 1;
	start = env->alloc(env->context, sizeof(size_t) * (ingredients + 1));
	kind_of = env->alloc(env->context, sizeof(int) * opioids);
	changes.change = env->alloc(env->context, sizeof(Change) * 2 * n);
	changes.key = env->alloc(env->context, sizeof(KsSortKey) * 2 * n);
	exposure->step = env->alloc(env->context, sizeof(KsStep) * 2 * n);
	if (start && kind_of && changes.change && changes.key && exposure->step)
	{
		for (int i = 0; i < opioids; i++)
			kind_of[i] = -1;
		status = place_fills(opioid, fill, n, start, ingredients, apart, options, env);
	}
	if (status == KS_OK)
	{
		exposure->fills = (int64_t) start[ingredients];
		exposure->period_days = period_days(fill, start[ingredients], options);
		status = sweep_fills(opioid, fill, start, ingredients, kind_of, options, env, &changes,
							 exposure);
	}
	env->free(env->context, start);
	env->free(env->context, kind_of);
	env->free(env->context, changes.change);
	env->free(env->context, changes.key);
	if (status != KS_OK)
	{
		env->free(env->context, exposure->step);
		exposure->step = NULL;
	}
	return status;
}

/* ---- other figures ------------------------------------------------------------------- */

int64_t
ks_exposure_days_at_or_above(const KsExposure *exposure, double mme, bool inclusive)
{
	double cut = inclusive ? mme - fabs(mme) * KS_EXPOSURE_GUARD
						   : mme + fabs(mme) * KS_EXPOSURE_GUARD;
	int64_t days = 0;

	for (size_t i = 0; i < exposure->steps; i++)
	{
		const KsStep *step = &exposure->step[i];

		if (inclusive ? step->mme >= cut : step->mme > cut)
			days += step->last - step->first + 1;
	}
	return days;
}

KsStatus
ks_exposure_sum_daily(const KsOpioid *opioid, const KsFill *fill, size_t n, double *sum)
{
	KsDD mme = ks_dd(0);

	for (size_t i = 0; i < n; i++)
		mme = ks_dd_add(mme, own_mme(&opioid[fill[i].opioid], &fill[i]));
	*sum = ks_dd_value(mme);
	return isfinite(*sum) ? KS_OK : KS_OVERFLOW;
}

KsStatus
ks_cumulative_dose(const KsFill *fill, const KsRatio *ratio, size_t n,
				   const KsExposureOptions *options, double *amount)
{
	KsDD sum = ks_dd(0);

	for (size_t i = 0; i < n; i++)
	{
		KsFill clipped = fill[i];

		if (clip_fills(&clipped, 1, options) > 0)
			sum = ks_dd_add(sum, times_ratio(ks_two_prod(clipped.dose,
														 (double) (clipped.last - clipped.first + 1)),
											 ratio[i]));
	}
	*amount = ks_dd_value(sum);
	return isfinite(*amount) ? KS_OK : KS_OVERFLOW;
}

double
ks_daily_dose(double strength, double quantity, double days_supply)
{
	if (quantity == 0 || days_supply == 0)
		return NAN;
	if (!isfinite(ks_two_prod(strength, quantity).lo))
		return strength * quantity / days_supply;
	return ks_dd_value(ks_dd_div_d(ks_two_prod(strength, quantity), days_supply));
}
