/*
 * fn_exposure.c
 *	  Chapter exposure: daily MME over dated prescriptions.
 *
 * The summary keeps doses and words.  A reader first asks the lookup of chapter
 * mme what each product means under the guideline, once a product, and then
 * hands numbers to ks_exposure.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/date.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "func/fn_core.h"
#include "func/fn_mme.h"
#include "func/fn_mme_tables.h"
#include "stat/ks_exposure.h"
#include "stat/ks_names.h"
#include "summary/kc_opioid_exposure.h"

StaticAssertDecl(KC_FIRST_DAY == DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE,
				 "the calendar begins elsewhere");
StaticAssertDecl(KC_LAST_DAY == DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1,
				 "the calendar ends elsewhere");

/* Left out unless the option says otherwise: its factor is disputed everywhere. */
#define BUPRENORPHINE "buprenorphine"

/* ---- transition ------------------------------------------------------------------- */

static void
check_daily_dose(double dose)
{
	kc_check_finite(dose, "daily_dose");
	if (unlikely(dose < 0))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("daily_dose is negative: %g", dose),
						errhint("A dose is 0 or more; store a missing one as NULL.")));
}

static void
check_days(DateADT start, int32 days)
{
	if (unlikely(DATE_NOT_FINITE(start)))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("start_date is infinite"),
						errhint("Store a missing date as NULL.")));
	if (unlikely(days < 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("days_supply is %d", days),
						errdetail("A fill covers its start_date and days_supply - 1 days after."),
						errhint("It must be 1 or more; make an unknown one NULL, for instance by "
								"nullif(days_supply, 0).")));
	if (unlikely((int64) start + days - 1 > KC_LAST_DAY))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("fill of %d days ends beyond the calendar", days)));
}

static void
take_word(FunctionCallInfo fcinfo, int arg, const char *what, KcProductField field,
		  KcProduct *product)
{
	text *word = PG_GETARG_TEXT_PP(arg);

	product->text[field] = VARDATA_ANY(word);
	product->length[field] = VARSIZE_ANY_EXHDR(word);
	if (unlikely(product->length[field] > KC_MAX_PRODUCT_TEXT))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s has %u bytes", what, product->length[field]),
						errhint("At most %d are kept.", KC_MAX_PRODUCT_TEXT)));
}

/* (state, drug, daily_dose, unit, route, start_date, days_supply) */
PG_FUNCTION_INFO_V1(kc_opioid_exposure_add);
Datum
kc_opioid_exposure_add(PG_FUNCTION_ARGS)
{
	KcState *state = kc_arg_state(fcinfo, &kc_opioid_exposure_type);
	KcProduct product;
	int nulls = 0;

	for (int i = 1; i <= 6; i++)
		nulls += PG_ARGISNULL(i);
	if (nulls > 0)
	{
		kc_opioid_exposure_add_missing(state, nulls == 6);
		PG_RETURN_POINTER(state);
	}
	check_daily_dose(PG_GETARG_FLOAT8(2));
	check_days(PG_GETARG_DATEADT(5), PG_GETARG_INT32(6));
	take_word(fcinfo, 1, "drug", KC_PRODUCT_DRUG, &product);
	take_word(fcinfo, 3, "unit", KC_PRODUCT_UNIT, &product);
	take_word(fcinfo, 4, "route", KC_PRODUCT_ROUTE, &product);
	PG_RETURN_POINTER(kc_opioid_exposure_add_fill(state, &product, PG_GETARG_FLOAT8(2),
												  PG_GETARG_DATEADT(5), PG_GETARG_INT32(6)));
}

/* ---- what a reader keeps from call to call ------------------------------------------- */

typedef struct ReaderCache
{
	KcMmeLookup *lookup;
	void *row_plan;
} ReaderCache;

static ReaderCache *
reader_cache(FunctionCallInfo fcinfo)
{
	FmgrInfo *flinfo = fcinfo->flinfo;
	ReaderCache *cache = flinfo->fn_extra;

	if (cache == NULL)
		flinfo->fn_extra = cache = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(ReaderCache));
	kc_mme_lookup(&cache->lookup, flinfo->fn_mcxt, flinfo->fn_oid);
	return cache;
}

/* ---- options ----------------------------------------------------------------------- */

static void
reject_period(const char *problem)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("period %s", problem),
					errhint("Give both its ends, for instance "
							"daterange('2024-01-01', '2025-01-01') for the year 2024; leave "
							"it out for all days from the first fill to the last.")));
}

/* Both days inclusive; a NULL period is none. */
static void
take_period(FunctionCallInfo fcinfo, int arg, KsExposureOptions *options)
{
	RangeType *range;
	RangeBound lower, upper;
	bool empty;

	options->has_period = !PG_ARGISNULL(arg);
	if (!options->has_period)
		return;
	range = PG_GETARG_RANGE_P(arg);
	range_deserialize(lookup_type_cache(RangeTypeGetOid(range), TYPECACHE_RANGE_INFO), range,
					  &lower, &upper, &empty);
	if (empty)
		reject_period("is empty");
	if (lower.infinite || DATE_NOT_FINITE(DatumGetDateADT(lower.val)))
		reject_period("has no first day");
	if (upper.infinite || DATE_NOT_FINITE(DatumGetDateADT(upper.val)))
		reject_period("has no last day");
	options->first = DatumGetDateADT(lower.val);
	options->last = (int64) DatumGetDateADT(upper.val) - 1;
}

typedef struct ReaderOptions
{
	text *guideline;
	bool buprenorphine;
	bool skip_unknown;
	KsExposureOptions days;
} ReaderOptions;

static void
take_guideline(FunctionCallInfo fcinfo, int arg, ReaderOptions *options)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("guideline must not be NULL"),
						errhint("Leave the option out to take its default.")));
	options->guideline = PG_GETARG_TEXT_PP(arg);
}

static void
take_product_options(FunctionCallInfo fcinfo, int arg, ReaderOptions *options)
{
	static const char *const unknown[] = {"error", "skip", NULL};

	options->buprenorphine = kc_option_bool(fcinfo, arg, "buprenorphine");
	options->skip_unknown = kc_option_choice(fcinfo, arg + 1, "unknown", unknown) == 1;
}

/* guideline, period, clip, overlap, buprenorphine, unknown from argument `arg` on. */
static void
take_options(FunctionCallInfo fcinfo, int arg, ReaderOptions *options)
{
	static const char *const overlap[] = {"sum", "shift", "latest", NULL};

	take_guideline(fcinfo, arg, options);
	take_period(fcinfo, arg + 1, &options->days);
	options->days.clip = kc_option_bool(fcinfo, arg + 2, "clip");
	options->days.overlap = (KsOverlap) kc_option_choice(fcinfo, arg + 3, "overlap", overlap);
	take_product_options(fcinfo, arg + 4, options);
}

/* ---- what the products mean ------------------------------------------------------------ */

/* In place of an opioid: why a product has none. */
#define WITHOUT_FACTOR(status) (-1 - (int) (status))
#define STATUS_OF(meaning) ((KcMmeStatus) (-1 - (meaning)))
#define LEFT_OUT INT_MIN

typedef struct Reading
{
	KcProduct *product;
	uint32 n_products;
	int *meaning; /* by product: an opioid, WITHOUT_FACTOR, or LEFT_OUT */
	KsOpioid *opioid;
	int n_opioids;
	const char **ingredient;
	int n_ingredients;
	KsFill *fill; /* the ones that convert */
	size_t n_fills;
	int64 without_factor[KC_MME_UNKNOWN_GUIDELINE]; /* fills in the period, by KcMmeStatus */
	int64 n_without_factor;
	int64 n_buprenorphine; /* fills in the period left out for the option */
	bool unknowable;	   /* nothing can be said: rows, but none that converts */
} Reading;

static int
ingredient_number(Reading *reading, const char *name)
{
	for (int i = 0; i < reading->n_ingredients; i++)
		if (strcmp(reading->ingredient[i], name) == 0)
			return i;
	reading->ingredient[reading->n_ingredients] = name;
	return reading->n_ingredients++;
}

static bool
same_bands(const KsOpioid *a, const KsOpioid *b)
{
	if (a->n_bands != b->n_bands)
		return false;
	for (int i = 0; i < a->n_bands; i++)
		if (a->band[i].above != b->band[i].above || a->band[i].to != b->band[i].to ||
			a->band[i].refused != b->band[i].refused ||
			a->band[i].factor.numerator != b->band[i].factor.numerator ||
			a->band[i].factor.denominator != b->band[i].factor.denominator)
			return false;
	return true;
}

/* The opioid an answer describes: one for all products of the same conversion. */
static int
opioid_number(Reading *reading, const KcMmeAnswer *answer, const KcProduct *product)
{
	KsOpioid *opioid = &reading->opioid[reading->n_opioids];
	KsDoseBand *bands;

	opioid->ingredient = ingredient_number(reading, answer->ingredient);
	opioid->tiered = !kc_mme_untiered(answer);
	opioid->to_band_unit = answer->to_band_unit;
	opioid->n_bands = opioid->tiered ? answer->n_bands : 1;
	opioid->band = answer->bands;
	opioid->rate = opioid->tiered &&
				   ks_unit(kc_mme_fold(CurrentMemoryContext, ks_fold_unit,
									   product->text[KC_PRODUCT_UNIT],
									   product->length[KC_PRODUCT_UNIT]))
						   .kind != KS_UNIT_MASS;
	for (int i = 0; i < reading->n_opioids; i++)
	{
		const KsOpioid *known = &reading->opioid[i];

		if (known->ingredient == opioid->ingredient && known->tiered == opioid->tiered &&
			known->rate == opioid->rate &&
			known->to_band_unit.numerator == opioid->to_band_unit.numerator &&
			known->to_band_unit.denominator == opioid->to_band_unit.denominator &&
			same_bands(known, opioid))
			return i;
	}
	/* the next question may make this answer invalid */
	bands = palloc(sizeof(KsDoseBand) * opioid->n_bands);
	memcpy(bands, answer->bands, sizeof(KsDoseBand) * opioid->n_bands);
	opioid->band = bands;
	return reading->n_opioids++;
}

static void
set_question(const ReaderOptions *options, const KcProduct *product, KcMmeQuestion *question)
{
	question->text[KC_MME_DRUG] = product->text[KC_PRODUCT_DRUG];
	question->length[KC_MME_DRUG] = product->length[KC_PRODUCT_DRUG];
	question->text[KC_MME_UNIT] = product->text[KC_PRODUCT_UNIT];
	question->length[KC_MME_UNIT] = product->length[KC_PRODUCT_UNIT];
	question->text[KC_MME_ROUTE] = product->text[KC_PRODUCT_ROUTE];
	question->length[KC_MME_ROUTE] = product->length[KC_PRODUCT_ROUTE];
	question->text[KC_MME_GUIDELINE] = VARDATA_ANY(options->guideline);
	question->length[KC_MME_GUIDELINE] = VARSIZE_ANY_EXHDR(options->guideline);
}

static int
product_meaning(Reading *reading, KcMmeLookup *lookup, const ReaderOptions *options,
				const KcProduct *product)
{
	KcMmeQuestion question;
	const KcMmeAnswer *answer;

	set_question(options, product, &question);
	answer = kc_mme_ask(lookup, &question);
	if (answer->status == KC_MME_UNKNOWN_GUIDELINE)
		kc_mme_raise(lookup, &question, answer);
	if (!options->buprenorphine && answer->ingredient &&
		strcmp(answer->ingredient, BUPRENORPHINE) == 0)
		return LEFT_OUT;
	if (answer->status == KC_MME_OK)
		return opioid_number(reading, answer, product);
	if (answer->status != KC_MME_NO_FACTOR && !options->skip_unknown)
		kc_mme_raise(lookup, &question, answer);
	return WITHOUT_FACTOR(answer->status);
}

/* Asks about every product, and about the guideline even without any. */
static void
read_products(const KcState *state, KcMmeLookup *lookup, const ReaderOptions *options,
			  Reading *reading)
{
	static const KcProduct nothing;

	reading->product = kc_opioid_exposure_products(state, &reading->n_products);
	reading->meaning = palloc(sizeof(int) * (reading->n_products + 1));
	reading->opioid = palloc(sizeof(KsOpioid) * (reading->n_products + 1));
	reading->ingredient = palloc(sizeof(char *) * (reading->n_products + 1));
	for (uint32 i = 0; i < reading->n_products; i++)
		reading->meaning[i] = product_meaning(reading, lookup, options, &reading->product[i]);
	if (reading->n_products == 0)
	{
		ReaderOptions lenient = *options;

		lenient.skip_unknown = true;
		(void) product_meaning(reading, lookup, &lenient, &nothing);
	}
}

/* ---- the fills ------------------------------------------------------------------------- */

static bool
overlaps_period(const KcFill *fill, const KsExposureOptions *options)
{
	return !options->has_period ||
		   (fill->start <= options->last && (int64) fill->start + fill->days > options->first);
}

static KsFill
dated_fill(const KcFill *fill, int opioid)
{
	return (KsFill){kc_fill_dose(fill), fill->start, (int64) fill->start + fill->days - 1,
					opioid};
}

/* Sorts the fills into those that convert and those that do not, counted by reason. */
static void
read_fills(const KcState *state, const ReaderOptions *options, Reading *reading)
{
	size_t n;
	const KcFill *fill = kc_opioid_exposure_fills(state, &n);

	reading->fill = palloc_extended(sizeof(KsFill) * Max(n, 1), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < n; i++)
	{
		int meaning = reading->meaning[fill[i].product];

		if (meaning >= 0)
			reading->fill[reading->n_fills++] = dated_fill(&fill[i], meaning);
		else if (!overlaps_period(&fill[i], &options->days))
			continue;
		else if (meaning == LEFT_OUT)
			reading->n_buprenorphine++;
		else
		{
			reading->without_factor[STATUS_OF(meaning)]++;
			reading->n_without_factor++;
		}
	}
}

/* A dose in no band is as unknown as an unknown drug. */
static void
check_gap(const KsExposure *exposure, const ReaderOptions *options)
{
	if (exposure->days_in_gap > 0 && !options->skip_unknown)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no dose band holds the dose on " INT64_FORMAT " days",
						exposure->days_in_gap),
				 errdetail("Guideline \"%.*s\" gives factors by daily dose, above dose_above and "
						   "up to dose_to.",
						   (int) VARSIZE_ANY_EXHDR(options->guideline),
						   VARDATA_ANY(options->guideline)),
				 errhint("Add rows for all doses to mme_factors, with factor NULL where the "
						 "guideline has none, or choose unknown => 'skip'.")));
}

/* Everything up to the step function. */
static void
read_exposure(const KcState *state, KcMmeLookup *lookup, const ReaderOptions *options,
			  Reading *reading, KsExposure *exposure)
{
	memset(reading, 0, sizeof(*reading));
	read_products(state, lookup, options, reading);
	read_fills(state, options, reading);
	kc_require(ks_exposure(reading->opioid, reading->fill, reading->n_fills, &options->days,
						   &kc_env, exposure));
	check_gap(exposure, options);
	reading->unknowable = exposure->fills == 0 &&
						  (reading->n_without_factor > 0 ||
						   (state->n == 0 && kc_opioid_exposure_incomplete(state) > 0));
}

/* ---- mme_exposure ---------------------------------------------------------------------- */

typedef struct ExposureRow
{
	int64 fills;
	int64 fills_without_factor;
	double total_mme;
	int64 days_supply;
	int64 days_on_therapy;
	int64 period_days;
	double mme_days_supply;
	double mme_on_therapy;
	double mme_period;
	double mme_max;
	char note[KS_NOTE_SIZE];
	const char *guideline;
} ExposureRow;

static void
count_note(char *note, int64 count, const char *one, const char *many)
{
	if (count > 0)
		ks_note(note, "%lld %s", (long long) count, count == 1 ? one : many);
}

static void
write_note(const KcState *state, const Reading *reading, const KsExposure *exposure,
		   char *note)
{
	const int64 *without = reading->without_factor;

	if (exposure->fills == 0)
		ks_note(note, reading->n_without_factor > 0 ? "no fill that converts" : "no fill");
	count_note(note, without[KC_MME_NO_FACTOR], "fill without factor", "fills without factor");
	count_note(note, without[KC_MME_UNKNOWN_DRUG], "fill of an unknown drug",
			   "fills of unknown drugs");
	count_note(note, without[KC_MME_UNKNOWN_ROUTE], "fill by an unknown route",
			   "fills by unknown routes");
	count_note(note, without[KC_MME_UNKNOWN_UNIT], "fill in an unknown unit",
			   "fills in unknown units");
	count_note(note, reading->n_buprenorphine, "fill of buprenorphine left out",
			   "fills of buprenorphine left out");
	count_note(note, kc_opioid_exposure_incomplete(state), "row left out for a NULL",
			   "rows left out for a NULL");
	count_note(note, exposure->days_refused, "day with a dose without factor",
			   "days with a dose without factor");
	count_note(note, exposure->days_in_gap, "day with a dose in no band",
			   "days with a dose in no band");
}

static void
fill_row(const KcState *state, const Reading *reading, const KsExposure *exposure,
		 ExposureRow *row)
{
	memset(row, 0, sizeof(*row));
	row->fills = exposure->fills + reading->n_without_factor;
	row->fills_without_factor = reading->n_without_factor;
	row->days_supply = exposure->days_supply;
	row->days_on_therapy = exposure->days_on_therapy;
	row->period_days = exposure->period_days;
	row->total_mme = row->mme_days_supply = row->mme_on_therapy = row->mme_period =
		row->mme_max = NAN;
	if (!reading->unknowable)
	{
		row->total_mme = exposure->total;
		row->mme_days_supply = exposure->by_days_supply;
		row->mme_on_therapy = exposure->on_therapy;
		row->mme_period = exposure->by_period;
		row->mme_max = exposure->max;
	}
	write_note(state, reading, exposure, row->note);
}

/* mme_exposure(exposure, guideline, period, clip, overlap, buprenorphine, unknown) */
PG_FUNCTION_INFO_V1(kc_mme_exposure);
Datum
kc_mme_exposure(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(ExposureRow, fills, KC_INT8),
		KC_FIELD(ExposureRow, fills_without_factor, KC_INT8),
		KC_FIELD(ExposureRow, total_mme, KC_FLOAT),
		KC_FIELD(ExposureRow, days_supply, KC_INT8),
		KC_FIELD(ExposureRow, days_on_therapy, KC_INT8),
		KC_FIELD(ExposureRow, period_days, KC_INT8),
		KC_FIELD(ExposureRow, mme_days_supply, KC_FLOAT),
		KC_FIELD(ExposureRow, mme_on_therapy, KC_FLOAT),
		KC_FIELD(ExposureRow, mme_period, KC_FLOAT),
		KC_FIELD(ExposureRow, mme_max, KC_FLOAT),
		KC_FIELD(ExposureRow, note, KC_NOTE),
		KC_FIELD(ExposureRow, guideline, KC_TEXT),
	};
	ReaderCache *cache;
	ReaderOptions options;
	Reading reading;
	KsExposure exposure;
	ExposureRow row;
	const KcState *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	cache = reader_cache(fcinfo);
	state = kc_arg_summary(fcinfo, 0, &kc_opioid_exposure_type);
	take_options(fcinfo, 1, &options);
	read_exposure(state, cache->lookup, &options, &reading, &exposure);
	fill_row(state, &reading, &exposure, &row);
	row.guideline = text_to_cstring(options.guideline);
	return kc_result_row_kept(fcinfo, &cache->row_plan, fields, lengthof(fields), &row);
}

/* ---- the step function ------------------------------------------------------------------ */

typedef struct ProfileRow
{
	int32 from_date;
	int32 to_date;
	double mme;
} ProfileRow;

/* mme_profile(exposure, guideline, period, clip, overlap, buprenorphine, unknown) */
PG_FUNCTION_INFO_V1(kc_mme_profile);
Datum
kc_mme_profile(PG_FUNCTION_ARGS)
{
	static const KcField fields[] = {
		KC_FIELD(ProfileRow, from_date, KC_DATE),
		KC_FIELD(ProfileRow, to_date, KC_DATE),
		KC_FIELD(ProfileRow, mme, KC_FLOAT),
	};
	ReaderOptions options;
	Reading reading;
	KsExposure exposure = {0};
	ProfileRow *rows;

	if (!PG_ARGISNULL(0))
	{
		take_options(fcinfo, 1, &options);
		read_exposure(kc_arg_summary(fcinfo, 0, &kc_opioid_exposure_type),
					  reader_cache(fcinfo)->lookup, &options, &reading, &exposure);
	}
	rows = palloc_extended(sizeof(ProfileRow) * Max(exposure.steps, 1), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < exposure.steps; i++)
	{
		const KsStep *step = &exposure.step[i];

		if (step->last > KC_LAST_DAY)
			ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
							errmsg("a shifted fill ends beyond the calendar")));
		rows[i] = (ProfileRow){(int32) step->first, (int32) step->last, step->mme};
	}
	return kc_result_set(fcinfo, fields, lengthof(fields), rows, sizeof(*rows), exposure.steps);
}

/* mme_on(exposure, day, guideline, period, clip, overlap, buprenorphine, unknown) */
PG_FUNCTION_INFO_V1(kc_mme_on);
Datum
kc_mme_on(PG_FUNCTION_ARGS)
{
	ReaderOptions options;
	Reading reading;
	KsExposure exposure;
	DateADT day;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	take_options(fcinfo, 2, &options);
	day = PG_GETARG_DATEADT(1);
	if (DATE_NOT_FINITE(day))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("day is infinite")));
	if (options.days.has_period && (day < options.days.first || day > options.days.last))
		PG_RETURN_NULL();
	options.days.has_period = true;
	options.days.first = options.days.last = day;
	options.days.clip = true;
	read_exposure(kc_arg_summary(fcinfo, 0, &kc_opioid_exposure_type),
				  reader_cache(fcinfo)->lookup, &options, &reading, &exposure);
	if (reading.unknowable)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(exposure.max);
}

/*
 * days_at_or_above(exposure, mme, inclusive, guideline, period, clip, overlap,
 * buprenorphine, unknown)
 */
PG_FUNCTION_INFO_V1(kc_days_at_or_above);
Datum
kc_days_at_or_above(PG_FUNCTION_ARGS)
{
	ReaderOptions options;
	Reading reading;
	KsExposure exposure;
	double mme;
	bool inclusive;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	mme = PG_GETARG_FLOAT8(1);
	kc_check_finite(mme, "mme");
	if (mme < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("mme is %g", mme),
						errhint("It must be 0 or more, for instance 50 or 90.")));
	inclusive = kc_option_bool(fcinfo, 2, "inclusive");
	take_options(fcinfo, 3, &options);
	read_exposure(kc_arg_summary(fcinfo, 0, &kc_opioid_exposure_type),
				  reader_cache(fcinfo)->lookup, &options, &reading, &exposure);
	if (reading.unknowable)
		PG_RETURN_NULL();
	PG_RETURN_INT64(ks_exposure_days_at_or_above(&exposure, mme, inclusive));
}

/* heal_sum_daily(exposure, guideline, buprenorphine, unknown): dates do not matter */
PG_FUNCTION_INFO_V1(kc_heal_sum_daily);
Datum
kc_heal_sum_daily(PG_FUNCTION_ARGS)
{
	const KcState *state;
	ReaderOptions options = {0};
	Reading reading = {0};
	double sum;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_opioid_exposure_type);
	take_guideline(fcinfo, 1, &options);
	take_product_options(fcinfo, 2, &options);
	read_products(state, reader_cache(fcinfo)->lookup, &options, &reading);
	read_fills(state, &options, &reading);
	if (reading.n_fills == 0 && (reading.n_without_factor > 0 || state->n == 0))
		PG_RETURN_NULL();
	kc_require(ks_exposure_sum_daily(reading.opioid, reading.fill, reading.n_fills, &sum));
	PG_RETURN_FLOAT8(sum);
}

/* ---- amounts of drug --------------------------------------------------------------------- */

/* The ingredient a name means, else the name folded; `known` tells which. */
static const char *
drug_key(KcMmeLookup *lookup, const char *name, uint32 length, bool *known)
{
	const char *ingredient = kc_mme_ingredient(lookup, name, length);
	const char *folded;

	*known = ingredient != NULL;
	if (ingredient != NULL)
		return ingredient;
	folded = kc_mme_fold(CurrentMemoryContext, ks_fold_drug, name, length);
	return folded[0] != '\0' ? folded
							 : kc_mme_fold(CurrentMemoryContext, ks_fold, name, length);
}

/* What turns a dose of this product into mg a day. */
static KsRatio
ratio_to_mg(const KcProduct *product)
{
	const KsUnit milligram = {KS_UNIT_MASS, 1}, microgram_per_hour = {KS_UNIT_RATE, 0};
	const KsRatio one = {1, 1};
	KsUnit unit = ks_unit(kc_mme_fold(CurrentMemoryContext, ks_fold_unit,
									  product->text[KC_PRODUCT_UNIT],
									  product->length[KC_PRODUCT_UNIT]));
	KsRatio ratio;

	if (unit.kind == KS_UNIT_MASS)
		return ks_ratio_in_unit(one, milligram, unit);
	if (unit.kind != KS_UNIT_RATE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"%.*s\" is no amount of drug", (int) product->length[KC_PRODUCT_UNIT],
						product->text[KC_PRODUCT_UNIT]),
				 errdetail("A dose of %.*s is recorded in it.",
						   (int) product->length[KC_PRODUCT_DRUG], product->text[KC_PRODUCT_DRUG]),
				 errhint("Give doses in mg, mcg or g, and patches as mcg/h while they are "
						 "worn.")));
	ratio = ks_ratio_in_unit(one, microgram_per_hour, unit);
	ratio.numerator *= 24;
	ratio.denominator *= 1000;
	return ratio;
}

/* cumulative_dose(exposure, drug, period) in mg */
PG_FUNCTION_INFO_V1(kc_cumulative_dose);
Datum
kc_cumulative_dose(PG_FUNCTION_ARGS)
{
	const KcState *state;
	KcMmeLookup *lookup;
	KsExposureOptions options = {.clip = true};
	KcProduct *product;
	uint32 n_products;
	const KcFill *fill;
	size_t n, kept = 0;
	KsRatio *product_ratio, *ratio;
	KsFill *dated;
	const char *wanted;
	bool known, own_known;
	double amount;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	state = kc_arg_summary(fcinfo, 0, &kc_opioid_exposure_type);
	take_period(fcinfo, 2, &options);
	lookup = reader_cache(fcinfo)->lookup;
	wanted = drug_key(lookup, VARDATA_ANY(PG_GETARG_TEXT_PP(1)),
					  VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(1)), &known);
	product = kc_opioid_exposure_products(state, &n_products);
	product_ratio = palloc0(sizeof(KsRatio) * (n_products + 1));
	for (uint32 i = 0; i < n_products; i++)
	{
		const char *key = drug_key(lookup, product[i].text[KC_PRODUCT_DRUG],
								   product[i].length[KC_PRODUCT_DRUG], &own_known);

		if (known == own_known && strcmp(key, wanted) == 0)
			product_ratio[i] = ratio_to_mg(&product[i]);
	}
	fill = kc_opioid_exposure_fills(state, &n);
	dated = palloc_extended(sizeof(KsFill) * Max(n, 1), MCXT_ALLOC_HUGE);
	ratio = palloc_extended(sizeof(KsRatio) * Max(n, 1), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < n; i++)
		if (product_ratio[fill[i].product].denominator != 0)
		{
			dated[kept] = dated_fill(&fill[i], 0);
			ratio[kept++] = product_ratio[fill[i].product];
		}
	if (n == 0 && kc_opioid_exposure_incomplete(state) > 0)
		PG_RETURN_NULL();
	kc_require(ks_cumulative_dose(dated, ratio, kept, &options, &amount));
	PG_RETURN_FLOAT8(amount);
}

/* daily_dose(strength, quantity, days_supply) */
PG_FUNCTION_INFO_V1(kc_daily_dose);
Datum
kc_daily_dose(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"strength", "quantity", "days_supply"};
	double dose;

	for (int i = 0; i < 3; i++)
	{
		kc_check_finite(PG_GETARG_FLOAT8(i), names[i]);
		if (PG_GETARG_FLOAT8(i) < 0)
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("%s is negative: %g", names[i], PG_GETARG_FLOAT8(i)),
							errhint("Leave out returned and reversed fills.")));
	}
	dose = ks_daily_dose(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2));
	if (isinf(dose))
		kc_require(KS_OVERFLOW);
	KC_RETURN_FLOAT(dose);
}
