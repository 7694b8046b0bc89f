/*
 * ks_mediation_simulate.c
 *	  Intervals of mediation effects from simulated paths or resampled rows.
 *
 * Monte Carlo draws the coefficients from their normal distribution (Imai, Keele
 * and Tingley 2010, algorithm 1, with the means in place of simulated mediators,
 * which is its limit for linear models).  The bootstrap (their algorithm 2)
 * draws rows: a replicate needs only the sums of the columns' products over the
 * rows drawn, from columns that were centred and scaled once, and one small
 * elimination whose last steps hold both regressions.
 *
 * Rows are sorted first, so that the limits do not depend on the order they came
 * in; the numbers at a position of the stream depend on the seed alone.
 */
#include "stat/ks_mediation.h"

#include "stat/ks_bootstrap.h"
#include "stat/ks_sort.h"

/* ---- replicates -------------------------------------------------------------------------------- */

/* Effects of every replicate: row after row, NaN where a replicate had no estimate. */
typedef struct Replicates
{
	double *effect;
	size_t count;
	int rows;
} Replicates;

static KsStatus
create_replicates(Replicates *replicates, size_t count, int rows, const KsEnv *env)
{
	replicates->count = count;
	replicates->rows = rows;
	replicates->effect = env->alloc(env->context, sizeof(double) * count * rows);
	return replicates->effect == NULL ? KS_NO_MEMORY : KS_OK;
}

static void
free_replicates(Replicates *replicates, const KsEnv *env)
{
	if (replicates->effect != NULL)
		env->free(env->context, replicates->effect);
	replicates->effect = NULL;
}

static double *
effects_of(const Replicates *replicates, int row)
{
	return replicates->effect + replicates->count * row;
}

/* Keeps the effects of one replicate; paths is NULL where it has none. */
static void
keep(Replicates *replicates, size_t at, const KsPaths *paths, KsTreatmentValues values)
{
	double effect[KS_MEDIATION_ROWS];

	if (paths != NULL)
		ks_mediation_point(paths, values, effect);
	for (int i = 0; i < replicates->rows; i++)
		effects_of(replicates, i)[at] = paths != NULL ? effect[i] : NAN;
}

/* Moves the numbers before the NaNs; returns how many there are. */
static size_t
keep_numbers(double *values, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			values[kept++] = values[i];
	return kept;
}

static double
standard_deviation(const double *values, size_t n)
{
	double centre = n > 0 ? values[n / 2] : 0;
	double sum = 0;
	double squares = 0;

	for (size_t i = 0; i < n; i++)
	{
		double off = values[i] - centre;

		sum += off;
		squares += off * off;
	}
	return n > 1 ? sqrt(fmax(0, squares - sum * sum / (double) n) / (double) (n - 1)) : NAN;
}

/*
 * Error, limits and p-value of every row from its replicates, which get sorted.
 * acceleration: of every row for BCa limits; NULL for percentile limits.
 */
static KsStatus
summarise(Replicates *replicates, const KsMediationOptions *options,
		  const double *acceleration, const char *method, const KsEnv *env,
		  KsMediationEffect *row)
{
	for (int i = 0; i < replicates->rows; i++)
	{
		double *values = effects_of(replicates, i);
		size_t n = keep_numbers(values, replicates->count);
		KsStatus status = ks_sort_doubles(env, values, n);
		KsReplicateLimits limits;

		if (status != KS_OK)
			return status;
		if (acceleration != NULL)
			limits = ks_bca_limits(values, n, row[i].estimate, acceleration[i],
								   options->conf_level);
		else
			limits = ks_percentile_limits(values, n, options->conf_level);
		row[i].method = method;
		row[i].conf_low = limits.low;
		row[i].conf_high = limits.high;
		row[i].p_value = limits.p_value;
		/* a ratio of normal estimates has no variance */
		if (i != KS_PROPORTION)
			row[i].std_error = standard_deviation(values, n);
		if (n < replicates->count && i == KS_TOTAL)
			ks_note(row[i].note, "%zu of %zu replicates could not be estimated",
					replicates->count - n, replicates->count);
		if (isnan(limits.low))
			ks_note(row[i].note, "the replicates give no limits");
	}
	return KS_OK;
}

/* ---- Monte Carlo ------------------------------------------------------------------------------ */

#define NUMBERS_A_DRAW 5

/* Lower triangular root of the covariance of direct, b and product; NaN if it has none. */
static void
root_of_variance(const KsMediationFit *fit, double root[3][3])
{
	int size = fit->interaction ? 3 : 2;
	KsDD lower[3][3];

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			root[i][j] = 0;
	for (int j = 0; j < size; j++)
		for (int i = j; i < size; i++)
		{
			KsDD rest = fit->variance[i][j];

			for (int k = 0; k < j; k++)
				rest = ks_dd_sub(rest, ks_dd_mul(ks_dd_mul(lower[i][k], lower[j][k]),
												 lower[k][k]));
			lower[i][j] = i == j ? rest : ks_dd_div(rest, lower[j][j]);
			if (i == j)
				root[j][j] = sqrt(ks_dd_value(rest));
			else
				root[i][j] = ks_dd_value(lower[i][j]) * root[j][j];
		}
}

KsStatus
ks_mediation_monte_carlo(const KsMediationFit *fit, const KsMediationOptions *options,
						 const KsEnv *env, KsMediationEffect *row)
{
	KsStream stream = ks_stream(options->seed);
	double mean_error = sqrt(fit->mean_variance);
	double root[3][3];
	Replicates replicates = {0};
	KsStatus status = create_replicates(&replicates, options->replicates,
										ks_mediation_rows(fit->interaction), env);

	root_of_variance(fit, root);
	for (int32_t r = 0; status == KS_OK && r < options->replicates; r++)
	{
		KsPaths paths = fit->paths;
		double z[NUMBERS_A_DRAW];
		bool usable;

		if (r % 1024 == 0 && env->poll(env->context))
			status = KS_CANCELLED;
		for (int i = 0; i < NUMBERS_A_DRAW; i++)
			z[i] = ks_stream_normal(stream, (uint64_t) r * NUMBERS_A_DRAW + i);
		paths.a += fit->a_error * z[0];
		paths.mean_mediator += mean_error * z[1];
		paths.direct += root[0][0] * z[2];
		paths.b += root[1][0] * z[2] + root[1][1] * z[3];
		paths.product += root[2][0] * z[2] + root[2][1] * z[3] + root[2][2] * z[4];
		usable = !isnan(paths.direct + paths.b + paths.product);
		keep(&replicates, r, usable ? &paths : NULL, options->values);
	}
	if (status == KS_OK)
		status = summarise(&replicates, options, NULL, "monte_carlo", env, row);
	free_replicates(&replicates, env);
	return status;
}

/* ---- rows in an order of their own --------------------------------------------------------------- */

static int
compare_rows(const double *a, const double *b, int width)
{
	for (int i = 0; i < width; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Merges two neighbouring ascending runs of row numbers from one array into another. */
static void
merge_runs(const double *data, int width, const uint32_t *from, size_t start,
		   size_t middle, size_t end, uint32_t *to)
{
	size_t left = start;
	size_t right = middle;

	for (size_t i = start; i < end; i++)
	{
		bool take_left =
			left < middle && (right >= end || compare_rows(data + (size_t) from[left] * width,
														   data + (size_t) from[right] * width,
														   width) <= 0);

		to[i] = take_left ? from[left++] : from[right++];
	}
}

/* Row numbers by t, then m, y and the covariates; *order is the caller's to free. */
static KsStatus
order_rows(const double *data, int width, uint32_t n, const KsEnv *env, uint32_t **order)
{
	uint32_t *from = env->alloc(env->context, sizeof(uint32_t) * n);
	uint32_t *to = env->alloc(env->context, sizeof(uint32_t) * n);
	KsStatus status = from == NULL || to == NULL ? KS_NO_MEMORY : KS_OK;

	for (uint32_t i = 0; status == KS_OK && i < n; i++)
		from[i] = i;
	for (size_t length = 1; status == KS_OK && length < n; length *= 2)
	{
		uint32_t *sorted = to;

		for (size_t start = 0; status == KS_OK && start < n; start += 2 * length)
		{
			size_t middle = start + length < n ? start + length : n;
			size_t end = start + 2 * length < n ? start + 2 * length : n;

			merge_runs(data, width, from, start, middle, end, to);
			if ((length >= 4096 || start % 8192 == 0) && env->poll(env->context))
				status = KS_CANCELLED;
		}
		to = from;
		from = sorted;
	}
	if (to != NULL)
		env->free(env->context, to);
	if (status != KS_OK && from != NULL)
	{
		env->free(env->context, from);
		from = NULL;
	}
	*order = from;
	return status;
}

/* ---- the columns of the bootstrap ----------------------------------------------------------------- */

/*
 * Columns in the order of elimination: covariates, t, m, t * m, y, each with mean
 * 0 and mean square 1.  The covariates are replaced by uncorrelated ones, which
 * span the same; t * m is the product of the scaled columns.
 */
typedef struct Columns
{
	uint32_t n;
	int covariates;
	int count;
	bool interaction;
	double *value; /* column after column */
	double mean[4], scale[4]; /* of t, m, y and the product */
} Columns;

static double *
column_of(const Columns *columns, int column)
{
	return columns->value + (size_t) columns->n * column;
}

/* Centres and scales one column; a column without variation stays 0. */
static void
standardise(double *column, uint32_t n, double *mean, double *scale)
{
	KsDD sum = ks_dd(0);
	double squares = 0;

	for (uint32_t i = 0; i < n; i++)
		sum = ks_dd_add_d(sum, column[i]);
	*mean = ks_dd_value(ks_dd_div_d(sum, n));
	for (uint32_t i = 0; i < n; i++)
	{
		column[i] -= *mean;
		squares += column[i] * column[i];
	}
	*scale = sqrt(squares / n);
	for (uint32_t i = 0; i < n && *scale > 0; i++)
		column[i] /= *scale;
}

/* Takes out of a column what earlier ones explain; twice, for the digits. */
static void
orthogonalise(const Columns *columns, int column)
{
	double *target = column_of(columns, column);
	double mean, scale;

	for (int pass = 0; pass < 2; pass++)
		for (int j = 0; j < column; j++)
		{
			const double *earlier = column_of(columns, j);
			double product = 0;

			for (uint32_t i = 0; i < columns->n; i++)
				product += earlier[i] * target[i];
			product /= columns->n;
			for (uint32_t i = 0; i < columns->n; i++)
				target[i] -= product * earlier[i];
		}
	standardise(target, columns->n, &mean, &scale);
}

static void
fill_column(const double *data, int width, const uint32_t *order, int source,
			const Columns *columns, int column, double *mean, double *scale)
{
	double *target = column_of(columns, column);

	for (uint32_t i = 0; i < columns->n; i++)
		target[i] = data[(size_t) order[i] * width + source];
	standardise(target, columns->n, mean, scale);
}

static KsStatus
create_columns(const KsMediationFit *fit, const double *data, const uint32_t *order,
			   const KsEnv *env, Columns *columns)
{
	int width = 3 + fit->covariates;
	int at = 0;
	double mean, scale;

	*columns = (Columns){.n = (uint32_t) fit->n, .interaction = fit->interaction};
	columns->covariates = fit->covariates - fit->n_dropped;
	columns->count = columns->covariates + 3 + fit->interaction;
	columns->value = env->alloc(env->context, sizeof(double) * columns->count * columns->n);
	if (columns->value == NULL)
		return KS_NO_MEMORY;
	for (int i = 0; i < fit->covariates; i++)
	{
		if (fit->dropped[i])
			continue;
		if (env->poll(env->context))
			return KS_CANCELLED;
		fill_column(data, width, order, 3 + i, columns, at, &mean, &scale);
		orthogonalise(columns, at++);
	}
	for (int i = 0; i < 2; i++)
		fill_column(data, width, order, i, columns, at + i, &columns->mean[i],
					&columns->scale[i]);
	if (fit->interaction)
	{
		double *product = column_of(columns, at + 2);

		for (uint32_t i = 0; i < columns->n; i++)
			product[i] = column_of(columns, at)[i] * column_of(columns, at + 1)[i];
		standardise(product, columns->n, &columns->mean[3], &columns->scale[3]);
	}
	fill_column(data, width, order, 2, columns, columns->count - 1, &columns->mean[2],
				&columns->scale[2]);
	return KS_OK;
}

/* Numbers a row: the columns, then their products but for y's square. */
static int
row_width(const Columns *columns)
{
	return columns->count + (int) ks_triangle(columns->count, 0) - 1;
}

#define MAX_COLUMNS (KS_MEDIATION_MAX_COVARIATES + 4)
#define MAX_WIDTH (MAX_COLUMNS + MAX_COLUMNS * (MAX_COLUMNS + 1) / 2 + 3)

static KsStatus
fill_table(const Columns *columns, const KsEnv *env, KsResample *table)
{
	int p = columns->count;
	double number[MAX_WIDTH];

	for (uint32_t row = 0; row < columns->n; row++)
	{
		if (row % 4096 == 0 && env->poll(env->context))
			return KS_CANCELLED;
		for (int i = 0; i < p; i++)
			number[i] = column_of(columns, i)[row];
		for (int i = 0; i < p; i++)
			for (int j = 0; j <= i && i + j < 2 * p - 2; j++)
				number[p + ks_triangle(i, j)] = number[i] * number[j];
		ks_resample_set(table, row, number);
	}
	return KS_OK;
}

/* ---- one replicate ----------------------------------------------------------------------------- */

/* A column of which less than this share is left is a combination of others. */
#define SINGULAR 1e-10

/*
 * The paths of n rows from the sums of their numbers; false when they have none.
 * After the covariates are eliminated, m's entry below t's pivot is path a, and y's
 * entries below those of t, m and t * m hold the outcome's model.
 */
static bool
paths_of_sums(const Columns *columns, const double *sum, double n, KsPaths *paths)
{
	int p = columns->count;
	const double *product = sum + p;
	double lower[MAX_COLUMNS][MAX_COLUMNS];
	double pivot[MAX_COLUMNS];
	int t = columns->covariates;
	int m = t + 1;
	int y = p - 1;
	double a, direct, b, both = 0;

	for (int j = 0; j < y; j++)
	{
		for (int i = j; i < p; i++)
		{
			double rest = product[ks_triangle(i, j)] - sum[i] * sum[j] / n;

			for (int k = 0; k < j; k++)
				rest -= lower[i][k] * lower[j][k] * pivot[k];
			if (i == j)
			{
				pivot[j] = rest;
				if (!(rest > SINGULAR * n))
					return false;
			}
			else
				lower[i][j] = rest / pivot[j];
		}
	}
	a = lower[m][t];
	if (columns->interaction)
		both = lower[y][m + 1];
	b = lower[y][m] - (columns->interaction ? both * lower[m + 1][m] : 0);
	direct = lower[y][t] - b * a - (columns->interaction ? both * lower[m + 1][t] : 0);

	/* back to the units of the data, about their means */
	both /= columns->interaction ? columns->scale[3] : 1;
	paths->a = a * columns->scale[1] / columns->scale[0];
	paths->b = b * columns->scale[2] / columns->scale[1];
	paths->direct = direct * columns->scale[2] / columns->scale[0];
	paths->product = both * columns->scale[2] / columns->scale[0] / columns->scale[1];
	paths->centre = ks_dd(columns->mean[0]);
	paths->mean_treatment = columns->scale[0] * sum[t] / n;
	paths->mean_mediator = columns->scale[1] * sum[m] / n;
	return true;
}

static KsStatus
draw_replicates(const Columns *columns, const KsResample *table,
				const KsMediationOptions *options, uint32_t *drawn, const KsEnv *env,
				Replicates *replicates)
{
	KsStream stream = ks_stream(options->seed);
	double sum[MAX_WIDTH];

	for (int32_t r = 0; r < options->replicates; r++)
	{
		KsPaths paths;
		bool usable;
		KsStatus status;

		ks_stream_rows(stream, r, columns->n, drawn);
		status = ks_resample_sum(table, drawn, env, sum);
		if (status != KS_OK)
			return status;
		usable = paths_of_sums(columns, sum, columns->n, &paths);
		keep(replicates, r, usable ? &paths : NULL, options->values);
	}
	return KS_OK;
}

/* Acceleration of every row from the estimates without each of the rows of data. */
static KsStatus
jackknife(const Columns *columns, const KsResample *table, const uint32_t *all,
		  KsTreatmentValues values, int rows, const KsEnv *env, double *acceleration)
{
	Replicates without = {0};
	double whole[MAX_WIDTH], number[MAX_WIDTH];
	KsStatus status = create_replicates(&without, columns->n, rows, env);

	if (status == KS_OK)
		status = ks_resample_sum(table, all, env, whole);
	for (uint32_t row = 0; status == KS_OK && row < columns->n; row++)
	{
		KsPaths paths;
		bool usable;

		if (row % 1024 == 0 && env->poll(env->context))
			status = KS_CANCELLED;
		ks_resample_get(table, row, number);
		for (int i = 0; i < table->width; i++)
			number[i] = whole[i] - number[i];
		usable = paths_of_sums(columns, number, columns->n - 1.0, &paths);
		keep(&without, row, usable ? &paths : NULL, values);
	}
	for (int i = 0; status == KS_OK && i < rows; i++)
		acceleration[i] = ks_jackknife_acceleration(effects_of(&without, i), columns->n);
	free_replicates(&without, env);
	return status;
}

static KsStatus
resample(const Columns *columns, const KsMediationOptions *options, const KsEnv *env,
		 KsMediationEffect *row)
{
	int rows = ks_mediation_rows(columns->interaction);
	bool bca = options->method == KS_MEDIATION_BCA;
	double acceleration[KS_MEDIATION_ROWS];
	KsResample table = {0};
	Replicates replicates = {0};
	uint32_t *drawn = env->alloc(env->context, sizeof(uint32_t) * columns->n);
	KsStatus status = drawn == NULL ? KS_NO_MEMORY : KS_OK;

	if (status == KS_OK)
		status = ks_resample_create(columns->n, row_width(columns), env, &table);
	if (status == KS_OK)
		status = create_replicates(&replicates, options->replicates, rows, env);
	if (status == KS_OK)
		status = fill_table(columns, env, &table);
	if (status == KS_OK && bca)
	{
		for (uint32_t i = 0; i < columns->n; i++)
			drawn[i] = i;
		status = jackknife(columns, &table, drawn, options->values, rows, env, acceleration);
	}
	if (status == KS_OK)
		status = draw_replicates(columns, &table, options, drawn, env, &replicates);
	if (status == KS_OK)
		status = summarise(&replicates, options, bca ? acceleration : NULL,
						   bca ? "bootstrap_bca" : "bootstrap_percentile", env, row);
	free_replicates(&replicates, env);
	ks_resample_free(&table, env);
	if (drawn != NULL)
		env->free(env->context, drawn);
	return status;
}

KsStatus
ks_mediation_bootstrap(const KsMediationFit *fit, const double *data,
					   const KsMediationOptions *options, const KsEnv *env,
					   KsMediationEffect *row)
{
	Columns columns = {0};
	uint32_t *order = NULL;
	KsStatus status;

	ks_mediation_clear(fit, options->values, row);
	if (!fit->usable)
		return KS_OK;
	if (fit->n > UINT32_MAX)
		return KS_TOO_LARGE;
	status = order_rows(data, 3 + fit->covariates, (uint32_t) fit->n, env, &order);
	if (status == KS_OK)
		status = create_columns(fit, data, order, env, &columns);
	if (order != NULL)
		env->free(env->context, order);
	if (status == KS_OK)
		status = resample(&columns, options, env, row);
	if (columns.value != NULL)
		env->free(env->context, columns.value);
	if (status == KS_OK)
		ks_mediation_note_proportion(row);
	return status;
}
