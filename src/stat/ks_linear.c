/*
 * ks_linear.c
 *	  Least squares from cross-products in double-double.
 *
 * The normal equations square the condition of the problem, which is why they
 * have a bad name; with sums, products and elimination in 106 bits there is
 * room for that: NIST's Filip (condition 1e15) keeps 13 digits, where a QR
 * decomposition in double keeps 7.  What is gained is that the rows are seen
 * once and summaries merge.
 *
 * With an intercept all is centred first.  Elimination (L D L') takes the
 * columns in their order; one that what is left of it is less than ALIASED of
 * its length is a combination of earlier ones and is left out, as R does with
 * 1e-7 (lm, tol).  Ours is smaller because R's drops a column of Filip.
 */
#include <float.h>
#include <string.h>

#include "stat/ks_dist.h"
#include "stat/ks_linear.h"

/* 2026-11: Filip's last column keeps 3e-10 of its length, float8 sums of columns 1e-16.
 */
#define ALIASED 1e-12

/*
 * Residuals whose squares are less than this part of the outcome's variation, or
 * of the outcome itself, are rounding: of the data (1e-32) or of our sums.
 */
#define PERFECT 1e-26
#define ROUNDING 1e-31

/* An estimate less than this part of its error is 0 but for rounding. */
#define NOTHING 1e-20

#define POLL_EVERY 16 /* columns of elimination */

/* ---- the fit ---------------------------------------------------------------------- */

typedef struct Elimination
{
	int p;
	const KsDD *products;
	const double *shift; /* NULL: none */
	bool intercept;
	int64_t n;
	KsDD *lower; /* packed, p + 1: unit lower factor, D on its diagonal */
} Elimination;

/* A cross-product, about the means where there is an intercept. */
static KsDD
centred(const Elimination *e, int row, int column)
{
	KsDD product = e->products[ks_triangle(row, column)];

	if (!e->intercept)
		return product;
	return ks_dd_sub(product, ks_dd_div_d(ks_dd_mul(e->products[ks_triangle(row, 0)],
													e->products[ks_triangle(column, 0)]),
										  (double) e->n));
}

static KsDD
mean(const Elimination *e, int column)
{
	KsDD shifted = ks_dd_div_d(e->products[ks_triangle(column, 0)], (double) e->n);

	return e->shift == NULL ? shifted : ks_dd_add_d(shifted, e->shift[column]);
}

/* The sum of squares of a column as it is. */
static double
squares(const Elimination *e, int column)
{
	double shift = e->shift == NULL ? 0 : e->shift[column];
	double sum = shift == 0 ? 0 : e->products[ks_triangle(column, 0)].hi;

	return e->products[ks_triangle(column, column)].hi +
		   shift * (2 * sum + shift * (double) e->n);
}

/* What earlier columns leave of a cross-product. */
static KsDD
remainder_of(const Elimination *e, const bool *aliased, int row, int column, int first)
{
	KsDD rest = centred(e, row, column);

	for (int k = first; k < column; k++)
		if (!aliased[k])
			rest = ks_dd_sub(rest, ks_dd_mul(ks_dd_mul(e->lower[ks_triangle(row, k)],
													   e->lower[ks_triangle(column, k)]),
											 e->lower[ks_triangle(k, k)]));
	return rest;
}

static KsStatus
eliminate(Elimination *e, KsLinearFit *fit, const KsEnv *env)
{
	int first = e->intercept ? 1 : 0;

	for (int j = first; j < e->p; j++)
	{
		KsDD rest = remainder_of(e, fit->aliased, j, j, first);
		double length = squares(e, j);

		if (j % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		fit->aliased[j] = !(rest.hi > ALIASED * ALIASED * length) || fit->rank >= e->n;
		e->lower[ks_triangle(j, j)] = rest;
		if (!fit->aliased[j])
			fit->rank++;
		else
			fit->n_aliased++;
		for (int i = j + 1; i <= e->p; i++)
			e->lower[ks_triangle(i, j)] =
				fit->aliased[j]
					? ks_dd(0)
					: ks_dd_div(remainder_of(e, fit->aliased, i, j, first), rest);
	}
	return KS_OK;
}

/*
 * Row `row` of the factor as a regression on the columns before it: solves
 * L' c = l by back substitution; c has `row` entries.
 */
static void
back_substitute(const Elimination *e, const bool *aliased, int row, KsDD *c)
{
	int first = e->intercept ? 1 : 0;

	for (int j = row - 1; j >= first; j--)
	{
		c[j] = ks_dd(0);
		if (aliased[j])
			continue;
		c[j] = e->lower[ks_triangle(row, j)];
		for (int k = j + 1; k < row; k++)
			if (!aliased[k])
				c[j] = ks_dd_sub(c[j], ks_dd_mul(e->lower[ks_triangle(k, j)], c[k]));
	}
	if (e->intercept)
	{
		c[0] = mean(e, row);
		for (int j = 1; j < row; j++)
			if (!aliased[j])
				c[0] = ks_dd_sub(c[0], ks_dd_mul(c[j], mean(e, j)));
	}
}

/*
 * An aliased column j is a combination of earlier ones; minus that combination
 * plus the column itself adds up to nothing.  The row of the factor was not
 * kept beyond j's own, which is what is needed.
 */
static void
fill_null_space(const Elimination *e, KsLinearFit *fit)
{
	int found = 0;

	for (int j = 0; j < e->p; j++)
	{
		KsDD *vector = fit->null_space + (size_t) found * e->p;

		if (!fit->aliased[j])
			continue;
		for (int k = 0; k < e->p; k++)
			vector[k] = ks_dd(0);
		back_substitute(e, fit->aliased, j, vector);
		for (int k = 0; k < j; k++)
			vector[k] = ks_dd_neg(vector[k]);
		vector[j] = ks_dd(1);
		found++;
	}
}

/* Column `unit` of the inverse of L, times what is below it: solves L x = e. */
static void
invert_lower(const Elimination *e, const bool *aliased, int unit, KsDD *x)
{
	for (int i = unit; i < e->p; i++)
	{
		x[i] = ks_dd(i == unit ? 1 : 0);
		if (aliased[i])
		{
			x[i] = ks_dd(0);
			continue;
		}
		for (int k = unit; k < i; k++)
			x[i] = ks_dd_sub(x[i], ks_dd_mul(e->lower[ks_triangle(i, k)], x[k]));
	}
}

/* (X'X)^-1 = L'^-1 D^-1 L^-1, from the columns of L^-1 (p * p, column by column). */
static KsStatus
invert(const Elimination *e, KsLinearFit *fit, KsDD *inverse_lower, const KsEnv *env)
{
	int first = e->intercept ? 1 : 0;
	size_t p = e->p;

	for (int j = first; j < e->p; j++)
		if (!fit->aliased[j])
			invert_lower(e, fit->aliased, j, inverse_lower + j * p);
	for (int i = first; i < e->p; i++)
	{
		if (i % POLL_EVERY == 0 && env->poll(env->context))
			return KS_CANCELLED;
		for (int j = first; j <= i; j++)
		{
			KsDD sum = ks_dd(0);

			for (int k = i; k < e->p && !fit->aliased[i] && !fit->aliased[j]; k++)
				if (!fit->aliased[k])
					sum = ks_dd_add(sum, ks_dd_div(ks_dd_mul(inverse_lower[i * p + k],
															 inverse_lower[j * p + k]),
												   e->lower[ks_triangle(k, k)]));
			fit->inverse[ks_triangle(i, j)] = sum;
		}
	}
	return KS_OK;
}

static KsDD
inverse_at(const KsLinearFit *fit, int i, int j)
{
	return fit->inverse[i >= j ? ks_triangle(i, j) : ks_triangle(j, i)];
}

/* The constant's row: -V m and 1/n + m'V m, with m the means. */
static void
add_intercept(const Elimination *e, KsLinearFit *fit)
{
	KsDD variance = ks_dd_div_d(ks_dd(1), (double) e->n);

	for (int j = 1; j < e->p; j++)
	{
		KsDD covariance = ks_dd(0);

		for (int k = 1; k < e->p && !fit->aliased[j]; k++)
			if (!fit->aliased[k])
				covariance =
					ks_dd_sub(covariance, ks_dd_mul(inverse_at(fit, j, k), mean(e, k)));
		fit->inverse[ks_triangle(j, 0)] = covariance;
		if (!fit->aliased[j])
			variance = ks_dd_sub(variance, ks_dd_mul(covariance, mean(e, j)));
	}
	fit->inverse[0] = variance;
}

static void
summarise_residuals(const Elimination *e, KsLinearFit *fit)
{
	int first = e->intercept ? 1 : 0;

	fit->tss = centred(e, e->p, e->p);
	fit->rss = remainder_of(e, fit->aliased, e->p, e->p, first);
	fit->perfect = !(fit->rss.hi > PERFECT * fit->tss.hi &&
					 fit->rss.hi > ROUNDING * squares(e, e->p));
	if (fit->perfect)
		fit->rss = ks_dd(0);
	fit->df = (double) (e->n - fit->rank);
	if (fit->df > 0)
		fit->sigma = sqrt(ks_dd_value(ks_dd_div_d(fit->rss, fit->df)));
}

static KsStatus
allocate_fit(KsLinearFit *fit, int p, const KsEnv *env)
{
	fit->aliased = env->alloc(env->context, sizeof(bool) * (p + 1));
	fit->estimate = env->alloc(env->context, sizeof(KsDD) * (p + 1));
	fit->inverse = env->alloc(env->context, sizeof(KsDD) * ks_triangle(p + 1, 0));
	if (fit->aliased == NULL || fit->estimate == NULL || fit->inverse == NULL)
		return KS_NO_MEMORY;
	memset(fit->aliased, 0, sizeof(bool) * (p + 1));
	for (int j = 0; j <= p; j++)
		fit->estimate[j] = ks_dd(0);
	for (size_t i = 0; i < ks_triangle(p + 1, 0); i++)
		fit->inverse[i] = ks_dd(0);
	return KS_OK;
}

static KsStatus
solve(Elimination *e, KsLinearFit *fit, KsDD *work, const KsEnv *env)
{
	KsStatus status = eliminate(e, fit, env);

	if (status != KS_OK)
		return status;
	if (fit->n_aliased > 0)
	{
		fit->null_space =
			env->alloc(env->context, sizeof(KsDD) * (size_t) fit->n_aliased * e->p);
		if (fit->null_space == NULL)
			return KS_NO_MEMORY;
		fill_null_space(e, fit);
	}
	back_substitute(e, fit->aliased, e->p, fit->estimate);
	summarise_residuals(e, fit);
	status = invert(e, fit, work, env);
	if (status == KS_OK && e->intercept)
		add_intercept(e, fit);
	return status;
}

static KsStatus
fit_products(const KsDD *products, const double *shift, int p, bool intercept, int64_t n,
			 const KsEnv *env, KsLinearFit *fit)
{
	Elimination e = {
		.p = p, .products = products, .shift = shift, .intercept = intercept, .n = n};
	KsDD *work;
	KsStatus status;

	memset(fit, 0, sizeof(*fit));
	fit->n = n;
	fit->p = p;
	fit->intercept = intercept;
	fit->sigma = NAN;
	status = allocate_fit(fit, p, env);
	if (status != KS_OK)
		return status;
	if (n == 0)
	{
		for (int j = 0; j < p; j++)
			fit->aliased[j] = true;
		return KS_OK;
	}
	fit->rank = intercept ? 1 : 0;
	e.lower = env->alloc(env->context, sizeof(KsDD) * ks_triangle(p + 1, 0));
	work = env->alloc(env->context, sizeof(KsDD) * ((size_t) p * p + 1));
	status = e.lower == NULL || work == NULL ? KS_NO_MEMORY : solve(&e, fit, work, env);
	if (e.lower != NULL)
		env->free(env->context, e.lower);
	if (work != NULL)
		env->free(env->context, work);
	return status;
}

KsStatus
ks_linear_fit(const KsDD *products, int p, bool intercept, int64_t n, const KsEnv *env,
			  KsLinearFit *fit)
{
	return fit_products(products, NULL, p, intercept, n, env, fit);
}

KsStatus
ks_linear_fit_shifted(const KsDD *products, const double *shift, int p, int64_t n,
					  const KsEnv *env, KsLinearFit *fit)
{
	return fit_products(products, shift, p, true, n, env, fit);
}

void
ks_linear_free(KsLinearFit *fit, const KsEnv *env)
{
	void *parts[] = {fit->aliased, fit->estimate, fit->inverse, fit->null_space};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i] != NULL)
			env->free(env->context, parts[i]);
	memset(fit, 0, sizeof(*fit));
}

/* ---- coefficients and contrasts --------------------------------------------------- */

static void
clear_coefficient(KsCoefficient *out)
{
	out->term = NULL;
	out->estimate = out->std_error = out->statistic = out->df = NAN;
	out->p_value = out->conf_low = out->conf_high = NAN;
	out->note[0] = '\0';
}

/* From an estimate and its part of the inverse to the whole row. */
static void
infer(const KsLinearFit *fit, double estimate, double unscaled, double conf_level,
	  KsCoefficient *out)
{
	double quantile;

	out->estimate = estimate;
	if (!(fit->df > 0))
	{
		ks_note(out->note, "no degrees of freedom left");
		return;
	}
	out->df = fit->df;
	out->std_error = fit->sigma * sqrt(unscaled);
	if (fabs(estimate) < NOTHING * out->std_error)
		out->estimate = estimate = 0;
	if (fit->perfect)
		ks_note(out->note, "the fit is perfect");
	if (!(out->std_error > 0))
		return;
	quantile = ks_t_quantile(0.5 - conf_level / 2, fit->df, false);
	out->statistic = estimate / out->std_error;
	out->p_value = fmin(1, 2 * ks_t_cdf(fabs(out->statistic), fit->df, false));
	out->conf_low = estimate - quantile * out->std_error;
	out->conf_high = estimate + quantile * out->std_error;
}

void
ks_linear_coefficient(const KsLinearFit *fit, int column, double conf_level,
					  KsCoefficient *out)
{
	clear_coefficient(out);
	if (fit->aliased[column])
		ks_note(out->note, fit->n == 0
							   ? "no rows"
							   : "a combination of earlier terms: cannot be estimated");
	else
		infer(fit, ks_dd_value(fit->estimate[column]),
			  ks_dd_value(fit->inverse[ks_triangle(column, column)]), conf_level, out);
}

bool
ks_linear_estimable(const KsLinearFit *fit, const double *weights)
{
	for (int a = 0; a < fit->n_aliased; a++)
	{
		const KsDD *vector = fit->null_space + (size_t) a * fit->p;
		double sum = 0;
		double size = 0;

		for (int j = 0; j < fit->p; j++)
		{
			sum += weights[j] * vector[j].hi;
			size += fabs(weights[j] * vector[j].hi);
		}
		if (fabs(sum) > 1e-9 * size)
			return false;
	}
	return true;
}

/* a' V b, unscaled. */
static KsDD
quadratic(const KsLinearFit *fit, const double *a, const double *b)
{
	KsDD sum = ks_dd(0);

	for (int i = 0; i < fit->p; i++)
		for (int j = 0; j < fit->p; j++)
			if (a[i] != 0 && b[j] != 0)
				sum = ks_dd_add(
					sum, ks_dd_mul(ks_two_prod(a[i], b[j]), inverse_at(fit, i, j)));
	return sum;
}

KsDD
ks_linear_combination(const KsLinearFit *fit, const double *weights)
{
	KsDD sum = ks_dd(0);

	for (int j = 0; j < fit->p; j++)
		if (weights[j] != 0)
			sum = ks_dd_add(sum, ks_dd_mul_d(fit->estimate[j], weights[j]));
	return sum;
}

void
ks_linear_contrast(const KsLinearFit *fit, const double *weights, double conf_level,
				   KsCoefficient *out)
{
	clear_coefficient(out);
	if (fit->n == 0)
		ks_note(out->note, "no rows");
	else if (!ks_linear_estimable(fit, weights))
		ks_note(out->note,
				"involves a combination of earlier terms: cannot be estimated");
	else
		infer(fit, ks_dd_value(ks_linear_combination(fit, weights)),
			  ks_dd_value(quadratic(fit, weights, weights)), conf_level, out);
}

/* ---- joint tests ------------------------------------------------------------------ */

/*
 * Turns the rows into the combinations of them that can be estimated and
 * returns how many those are: for each null vector, the row with the largest
 * part in it is used to clear the others, and goes.
 */
static int
keep_estimable(const KsLinearFit *fit, double *weights, int rows)
{
	size_t p = fit->p;

	for (int a = 0; a < fit->n_aliased && rows > 0; a++)
	{
		const KsDD *vector = fit->null_space + a * p;
		int pivot = -1;
		double largest = 0;
		double scale = 0;

		for (int r = 0; r < rows; r++)
		{
			double part = 0;

			for (size_t j = 0; j < p; j++)
			{
				part += weights[r * p + j] * vector[j].hi;
				scale = fmax(scale, fabs(weights[r * p + j] * vector[j].hi));
			}
			if (fabs(part) > fabs(largest))
			{
				largest = part;
				pivot = r;
			}
		}
		if (pivot < 0 || fabs(largest) <= 1e-9 * scale)
			continue;
		for (int r = 0; r < rows; r++)
		{
			double part = 0;

			for (size_t j = 0; j < p; j++)
				part += weights[r * p + j] * vector[j].hi;
			for (size_t j = 0; j < p && r != pivot; j++)
				weights[r * p + j] -= part / largest * weights[pivot * p + j];
		}
		rows--;
		memmove(weights + pivot * p, weights + rows * p, sizeof(double) * p);
	}
	return rows;
}

/*
 * (Lb)' (L V L')^-1 (Lb) by elimination of the packed rows * rows matrix with
 * Lb as a last row; *rank counts the rows that were independent.
 */
static double
wald(KsDD *matrix, int rows, int *rank)
{
	KsDD sum = ks_dd(0);

	*rank = 0;
	for (int j = 0; j < rows; j++)
	{
		KsDD pivot = matrix[ks_triangle(j, j)];
		KsDD value = matrix[ks_triangle(rows, j)];

		/* the untouched diagonal was kept in the row below the last */
		if (!(pivot.hi > 1e-20 * matrix[ks_triangle(rows + 1, j)].hi))
			continue;
		(*rank)++;
		sum = ks_dd_add(sum, ks_dd_div(ks_dd_mul(value, value), pivot));
		for (int i = j + 1; i <= rows; i++)
		{
			KsDD factor = ks_dd_div(matrix[ks_triangle(i, j)], pivot);

			for (int k = j + 1; k <= i && k < rows; k++)
				matrix[ks_triangle(i, k)] =
					ks_dd_sub(matrix[ks_triangle(i, k)],
							  ks_dd_mul(factor, matrix[ks_triangle(k, j)]));
		}
	}
	return ks_dd_value(sum);
}

KsStatus
ks_linear_joint_test(const KsLinearFit *fit, double *weights, int rows, const KsEnv *env,
					 KsJointTest *out)
{
	int asked = rows;
	int rank;
	KsDD *matrix;
	double sum;

	out->df = out->df2 = out->statistic = out->p_value = NAN;
	if (rows == 0)
		ks_note(out->note, fit->n == 0 ? "no rows" : "one level only");
	rows = keep_estimable(fit, weights, rows);
	if (rows < asked)
		ks_note(out->note, rows == 0 ? "cannot be told from other terms"
									 : "partly cannot be told from other terms");
	if (rows == 0 || !(fit->df > 0))
		return KS_OK;
	matrix = env->alloc(env->context, sizeof(KsDD) * ks_triangle(rows + 2, 0));
	if (matrix == NULL)
		return KS_NO_MEMORY;
	for (int r = 0; r < rows; r++)
	{
		const double *row = weights + (size_t) r * fit->p;

		for (int c = 0; c <= r; c++)
			matrix[ks_triangle(r, c)] =
				quadratic(fit, row, weights + (size_t) c * fit->p);
		matrix[ks_triangle(rows, r)] = ks_linear_combination(fit, row);
		matrix[ks_triangle(rows + 1, r)] = matrix[ks_triangle(r, r)];
		if (env->poll(env->context))
		{
			env->free(env->context, matrix);
			return KS_CANCELLED;
		}
	}
	sum = wald(matrix, rows, &rank);
	env->free(env->context, matrix);
	out->df = rank;
	out->df2 = fit->df;
	if (fit->perfect)
		ks_note(out->note, "the fit is perfect");
	if (fit->sigma > 0 && rank > 0)
	{
		out->statistic = sum / (fit->sigma * fit->sigma * rank);
		if (out->statistic < NOTHING * NOTHING)
			out->statistic = 0;
		out->p_value = ks_f_cdf(out->statistic, rank, fit->df, false);
	}
	return KS_OK;
}

/* ---- the fit as a whole ----------------------------------------------------------- */

void
ks_linear_glance(const KsLinearFit *fit, KsModelFit *out)
{
	double rss = ks_dd_value(fit->rss);
	double n = (double) fit->n;
	double parameters = fit->rank + 1; /* the variance too */
	double total_df = n - (fit->intercept ? 1 : 0);

	memset(out, 0, sizeof(*out));
	out->n = fit->n;
	out->sigma = fit->sigma;
	out->r_squared = out->adj_r_squared = out->log_lik = out->aic = out->bic = NAN;
	out->bic_groups = out->deviance = out->df_residual = out->entropy = NAN;
	out->smallest_group = NAN;
	out->method = "least squares";
	out->converged = true;
	if (fit->n == 0)
	{
		ks_note(out->note, "no rows");
		return;
	}
	out->deviance = rss;
	out->df_residual = fit->df;
	if (fit->tss.hi > 0)
		out->r_squared = ks_dd_value(ks_dd_div(ks_dd_sub(fit->tss, fit->rss), fit->tss));
	if (fit->df > 0)
		out->adj_r_squared = 1 - (1 - out->r_squared) * (total_df / fit->df);
	if (rss > 0 && fit->df > 0)
	{
		out->log_lik = -0.5 * n * (log(2 * M_PI) + log(rss / n) + 1);
		out->aic = -2 * out->log_lik + 2 * parameters;
		out->bic = -2 * out->log_lik + log(n) * parameters;
	}
	if (fit->n_aliased > 0)
		ks_note(out->note, "%d of %d coefficients cannot be estimated", fit->n_aliased,
				fit->p);
	if (!(fit->df > 0))
		ks_note(out->note, "no degrees of freedom left");
	else if (fit->perfect)
		ks_note(out->note, "the fit is perfect");
}
