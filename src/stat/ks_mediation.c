/*
 * ks_mediation.c
 *	  Mediation by linear models, from cross-products.
 *
 * Three regressions with the same covariates on the same rows (Baron and Kenny
 * 1986): m on t (path a), y on t and m (direct, path b), y on t (total).  All
 * three, and the one with t * m, are read off one table of cross-products in
 * double-double.  Effects and their names with an interaction follow Imai,
 * Keele and Tingley (2010), Psychol. Methods 15:309, as R's mediation has them:
 * the indirect effect is (t1 - t0) a (b + product t) at t = control or treated,
 * the direct one (t1 - t0) (direct + product m(t)) with m(t) the mean of the
 * mediator under t.
 *
 * Delta: Sobel (1982).  The estimates of the mediator's and of the outcome's
 * model are independent, and so is the mean of the mediator of path a.
 *
 * Treatment and mediator are taken about their means throughout: shifting them
 * changes neither the space of 1, t, m and t * m nor any effect.
 */
#include "stat/ks_mediation.h"

#include "stat/ks_dist.h"
#include "stat/ks_product_normal.h"

/* ---- cross-products ------------------------------------------------------------------------ */

#define MAX_COLUMNS (KS_COLUMN_COVARIATES + KS_MEDIATION_MAX_COVARIATES + 1)

/* Beyond this the product of treatment and mediator could have no square. */
#define MAX_FACTOR 1e74

bool
ks_mediation_in_range(double treatment, double mediator, double outcome,
					  const double *covariate, int covariates)
{
	bool inside = fabs(treatment) <= MAX_FACTOR && fabs(mediator) <= MAX_FACTOR &&
				  fabs(outcome) <= KS_MAX_VALUE;

	for (int i = 0; i < covariates; i++)
		inside = inside && fabs(covariate[i]) <= KS_MAX_VALUE;
	return inside;
}

/* The way for differences that are doubles and nothing else, with their halves ready. */
static void
add_plain(KsDD *products, int columns, const KsDD *value, KsDD product)
{
	KsDD half[MAX_COLUMNS];

	for (int i = 0; i < columns; i++)
		half[i] = ks_split(value[i].hi);
	for (int i = 0; i < columns; i++)
	{
		KsDD *row = products + ks_triangle(i, 0);

		row[0] = ks_dd_add_d(row[0], value[i].hi);
		for (int j = 1; j <= i; j++)
			row[j] = ks_dd_accumulate(
				row[j], ks_split_prod(value[i].hi, half[i], value[j].hi, half[j]));
	}
	/* what the low part of t * m adds to its products */
	for (int i = 0; i < columns && product.lo != 0; i++)
	{
		KsDD *entry = &products[i > KS_COLUMN_PRODUCT ? ks_triangle(i, KS_COLUMN_PRODUCT)
													  : ks_triangle(KS_COLUMN_PRODUCT, i)];
		double twice = i == KS_COLUMN_PRODUCT ? 2 : 1;

		*entry = ks_dd_accumulate(*entry, ks_two_prod(product.lo, twice * value[i].hi));
	}
}

static void
add_exact(KsDD *products, int columns, const KsDD *value)
{
	for (int i = 0; i < columns; i++)
		for (int j = 0; j <= i; j++)
			products[ks_triangle(i, j)] =
				ks_dd_add(products[ks_triangle(i, j)], ks_dd_mul(value[i], value[j]));
}

void
ks_mediation_add(KsMediationSums *sums, double treatment, double mediator, double outcome,
				 const double *covariate)
{
	int columns = ks_mediation_columns(sums->covariates);
	double given[MAX_COLUMNS] = {0, treatment, mediator, 0};
	KsDD value[MAX_COLUMNS];
	bool plain = true;

	for (int i = 0; i < sums->covariates; i++)
		given[KS_COLUMN_COVARIATES + i] = covariate[i];
	given[columns - 1] = outcome;
	if (sums->n == 0)
		for (int i = 0; i < columns; i++)
			sums->pivot[i] = given[i];
	for (int i = 0; i < columns; i++)
	{
		value[i] = ks_two_sum(given[i], -sums->pivot[i]);
		plain = plain && value[i].lo == 0;
	}
	value[KS_COLUMN_ONE] = ks_dd(1);
	value[KS_COLUMN_PRODUCT] =
		ks_dd_mul(value[KS_COLUMN_TREATMENT], value[KS_COLUMN_MEDIATOR]);
	if (plain)
		add_plain(sums->products, columns, value, value[KS_COLUMN_PRODUCT]);
	else
		add_exact(sums->products, columns, value);
	sums->n++;
}

/* One column about another pivot: a sum of columns about the old one. */
typedef struct Moved
{
	int terms;
	int column[4];
	KsDD weight[4];
} Moved;

static Moved
move_column(int column, const KsDD *by)
{
	KsDD one = ks_dd(1);
	KsDD t = by[KS_COLUMN_TREATMENT];
	KsDD m = by[KS_COLUMN_MEDIATOR];

	if (column == KS_COLUMN_ONE)
		return (Moved){1, {KS_COLUMN_ONE}, {one}};
	if (column == KS_COLUMN_PRODUCT)
		return (Moved){
			4,
			{KS_COLUMN_PRODUCT, KS_COLUMN_TREATMENT, KS_COLUMN_MEDIATOR, KS_COLUMN_ONE},
			{one, m, t, ks_dd_mul(t, m)}};
	return (Moved){2, {column, KS_COLUMN_ONE}, {one, by[column]}};
}

void
ks_mediation_merge(KsMediationSums *sums, const KsMediationSums *other)
{
	int columns = ks_mediation_columns(sums->covariates);
	KsDD by[MAX_COLUMNS];

	if (other->n == 0)
		return;
	if (sums->n == 0)
		for (int i = 0; i < columns; i++)
			sums->pivot[i] = other->pivot[i];
	for (int i = 0; i < columns; i++)
		by[i] = ks_two_sum(other->pivot[i], -sums->pivot[i]);
	for (int i = 0; i < columns; i++)
	{
		Moved row = move_column(i, by);

		for (int j = 0; j <= i; j++)
		{
			Moved column = move_column(j, by);
			KsDD sum = sums->products[ks_triangle(i, j)];

			for (int a = 0; a < row.terms; a++)
				for (int b = 0; b < column.terms; b++)
				{
					int x = row.column[a];
					int y = column.column[b];

					sum = ks_dd_add(sum,
									ks_dd_mul(other->products[x < y ? ks_triangle(y, x)
																	: ks_triangle(x, y)],
											  ks_dd_mul(row.weight[a], column.weight[b])));
				}
			sums->products[ks_triangle(i, j)] = sum;
		}
	}
	sums->n += other->n;
}

/* ---- the three regressions --------------------------------------------------------------------- */

/* Regresses column `response` on the constant, `n_main` columns and the covariates. */
static KsStatus
regress(const KsMediationSums *sums, const int *main_column, int n_main, int response,
		const KsEnv *env, KsLinearFit *model)
{
	int column[MAX_COLUMNS];
	double shift[MAX_COLUMNS];
	int columns = 0;
	KsDD *chosen;
	KsStatus status;

	column[columns++] = KS_COLUMN_ONE;
	for (int i = 0; i < n_main; i++)
		column[columns++] = main_column[i];
	for (int i = 0; i < sums->covariates; i++)
		column[columns++] = KS_COLUMN_COVARIATES + i;
	column[columns++] = response;
	chosen = env->alloc(env->context, sizeof(KsDD) * ks_triangle(columns, 0));
	if (chosen == NULL)
		return KS_NO_MEMORY;
	for (int i = 0; i < columns; i++)
	{
		shift[i] = sums->pivot[column[i]];
		for (int j = 0; j <= i; j++)
		{
			int low = column[i] < column[j] ? column[i] : column[j];
			int high = column[i] < column[j] ? column[j] : column[i];

			chosen[ks_triangle(i, j)] = sums->products[ks_triangle(high, low)];
		}
	}
	status = ks_linear_fit_shifted(chosen, shift, columns - 1, sums->n, env, model);
	env->free(env->context, chosen);
	return status;
}

static double
standard_error(const KsLinearFit *model, int column)
{
	return model->sigma * sqrt(ks_dd_value(model->inverse[ks_triangle(column, column)]));
}

/* Places in the models: constant, treatment, then mediator and product in the outcome's. */
enum
{
	AT_TREATMENT = 1,
	AT_MEDIATOR,
	AT_PRODUCT,
};

/* The mean of a column's differences from its pivot. */
static KsDD
mean_of(const KsMediationSums *sums, int column)
{
	return ks_dd_div_d(sums->products[ks_triangle(column, 0)], (double) sums->n);
}

/*
 * Coefficients of the outcome's model and their covariance, with treatment and
 * mediator about their means: direct and b move by the product's coefficient times
 * the mean of the other.
 */
static void
read_outcome(const KsMediationSums *sums, const KsLinearFit *outcome, KsMediationFit *fit)
{
	int coefficients = fit->interaction ? 3 : 2;
	KsDD residual = ks_dd_div_d(outcome->rss, outcome->df);
	KsDD by[2] = {mean_of(sums, KS_COLUMN_MEDIATOR), mean_of(sums, KS_COLUMN_TREATMENT)};
	KsDD estimate[3] = {{0, 0}};

	for (int i = 0; i < coefficients; i++)
	{
		estimate[i] = outcome->estimate[AT_TREATMENT + i];
		for (int j = 0; j < coefficients; j++)
			fit->variance[i][j] = ks_dd_mul(
				outcome->inverse[i < j ? ks_triangle(AT_TREATMENT + j, AT_TREATMENT + i)
									   : ks_triangle(AT_TREATMENT + i, AT_TREATMENT + j)],
				residual);
	}
	for (int i = 0; i < 2 && fit->interaction; i++)
	{
		estimate[i] = ks_dd_add(estimate[i], ks_dd_mul(by[i], estimate[2]));
		for (int j = 0; j < 3; j++)
			fit->variance[i][j] =
				ks_dd_add(fit->variance[i][j], ks_dd_mul(by[i], fit->variance[2][j]));
		for (int j = 0; j < 3; j++)
			fit->variance[j][i] =
				ks_dd_add(fit->variance[j][i], ks_dd_mul(by[i], fit->variance[j][2]));
	}
	fit->paths.direct = ks_dd_value(estimate[0]);
	fit->paths.b = ks_dd_value(estimate[1]);
	fit->paths.product = ks_dd_value(estimate[2]);
	fit->paths.centre = ks_dd_add_d(by[1], sums->pivot[KS_COLUMN_TREATMENT]);
}

static void
read_models(const KsMediationSums *sums, const KsLinearFit *mediator,
			const KsLinearFit *outcome, const KsLinearFit *total, KsMediationFit *fit)
{
	int first = AT_PRODUCT + fit->interaction; /* covariates of the outcome's model */

	read_outcome(sums, outcome, fit);
	fit->paths.a = ks_dd_value(mediator->estimate[AT_TREATMENT]);
	fit->a_error = standard_error(mediator, AT_TREATMENT);
	fit->total = ks_dd_value(total->estimate[AT_TREATMENT]);
	fit->total_error = standard_error(total, AT_TREATMENT);
	fit->direct_error = standard_error(outcome, AT_TREATMENT);
	fit->b_error = standard_error(outcome, AT_MEDIATOR);
	fit->mean_variance = mediator->sigma * mediator->sigma / (double) fit->n;
	fit->df = mediator->df;
	fit->outcome_df = outcome->df;
	fit->mediator_rss = ks_dd_value(mediator->rss);
	fit->outcome_rss = ks_dd_value(outcome->rss);
	fit->treatment_inverse =
		ks_dd_value(mediator->inverse[ks_triangle(AT_TREATMENT, AT_TREATMENT)]);
	for (int i = 0; i < fit->covariates; i++)
	{
		fit->dropped[i] = outcome->aliased[first + i];
		fit->n_dropped += fit->dropped[i];
	}
}

/* Variation about the mean below this share of the raw sum of squares is rounding. */
#define ROUNDING_SHARE 1e-28

static bool
is_constant(const KsMediationSums *sums, const KsLinearFit *model, int column)
{
	return !(model->tss.hi > ROUNDING_SHARE * sums->products[ks_triangle(column, column)].hi);
}

/* Why nothing can be said, or NULL. */
static const char *
obstacle(const KsMediationSums *sums, const KsLinearFit *mediator, const KsLinearFit *outcome,
		 const KsMediationFit *fit)
{
	if (outcome->n == 0)
		return "no rows";
	if (!(outcome->df > 0))
		return "too few rows for the columns";
	if (mediator->aliased[AT_TREATMENT])
		return "the treatment does not vary";
	if (is_constant(sums, mediator, KS_COLUMN_MEDIATOR))
		return "the mediator does not vary";
	if (is_constant(sums, outcome, ks_mediation_columns(fit->covariates) - 1))
		return "the outcome does not vary";
	if (mediator->perfect || outcome->aliased[AT_MEDIATOR])
		return "the mediator is a combination of treatment and covariates";
	if (fit->interaction && outcome->aliased[AT_PRODUCT])
		return "treatment times mediator is a combination of the other columns";
	return NULL;
}

static void
settle(const KsMediationSums *sums, const KsLinearFit *mediator, const KsLinearFit *outcome,
	   const KsLinearFit *total, KsMediationFit *fit)
{
	const char *problem = obstacle(sums, mediator, outcome, fit);

	if (problem != NULL)
	{
		ks_note(fit->note, "%s", problem);
		return;
	}
	fit->usable = true;
	read_models(sums, mediator, outcome, total, fit);
	if (fit->n_dropped > 0)
		ks_note(fit->note, "%d covariate%s left out: a combination of other columns",
				fit->n_dropped, fit->n_dropped > 1 ? "s" : "");
	if (outcome->perfect)
	{
		ks_note(fit->note, "the outcome is fitted without error: no inference");
		fit->direct_error = fit->b_error = NAN;
		for (int i = 0; i < 9; i++)
			fit->variance[i / 3][i % 3] = ks_dd(NAN);
	}
	if (total->perfect)
		fit->total_error = NAN;
}

KsStatus
ks_mediation_fit(const KsMediationSums *sums, bool interaction, const KsEnv *env,
				 KsMediationFit *fit)
{
	static const int main_column[] = {KS_COLUMN_TREATMENT, KS_COLUMN_MEDIATOR,
									  KS_COLUMN_PRODUCT};
	int covariates = sums->covariates;
	int response = ks_mediation_columns(covariates) - 1;
	KsLinearFit mediator = {0}, outcome = {0}, total = {0};
	KsStatus status;

	*fit = (KsMediationFit){
		.n = sums->n, .covariates = covariates, .interaction = interaction};
	fit->dropped = env->alloc(env->context, sizeof(bool) * (covariates + 1));
	if (fit->dropped == NULL)
		return KS_NO_MEMORY;
	for (int i = 0; i < covariates; i++)
		fit->dropped[i] = false;
	status = regress(sums, main_column, 1, KS_COLUMN_MEDIATOR, env, &mediator);
	if (status == KS_OK)
		status = regress(sums, main_column, 1, response, env, &total);
	if (status == KS_OK)
		status = regress(sums, main_column, interaction ? 3 : 2, response, env, &outcome);
	if (status == KS_OK)
		settle(sums, &mediator, &outcome, &total, fit);
	ks_linear_free(&mediator, env);
	ks_linear_free(&outcome, env);
	ks_linear_free(&total, env);
	return status;
}

void
ks_mediation_free(KsMediationFit *fit, const KsEnv *env)
{
	if (fit->dropped != NULL)
		env->free(env->context, fit->dropped);
	fit->dropped = NULL;
}

/* ---- effects ------------------------------------------------------------------------------ */

/* How far a treatment lies from the centre, in double-double where it is large. */
static double
from_centre(const KsPaths *paths, double at)
{
	return ks_dd_value(ks_dd_sub(ks_dd(at), paths->centre));
}

void
ks_mediation_point(const KsPaths *paths, KsTreatmentValues values, double *effect)
{
	double span = values.treated - values.control;
	double mediator[2];
	double at[2] = {from_centre(paths, values.control), from_centre(paths, values.treated)};

	for (int i = 0; i < 2; i++)
	{
		mediator[i] = paths->mean_mediator + paths->a * (at[i] - paths->mean_treatment);
		effect[KS_DIRECT_CONTROL + i] = span * (paths->direct + paths->product * mediator[i]);
		effect[KS_INDIRECT_CONTROL + i] =
			span * paths->a * (paths->b + paths->product * at[i]);
	}
	effect[KS_PATH_A] = paths->a;
	effect[KS_PATH_B] = paths->b + paths->product * from_centre(paths, 0);
	effect[KS_DIRECT] = (effect[KS_DIRECT_CONTROL] + effect[KS_DIRECT_TREATED]) / 2;
	effect[KS_INDIRECT] = (effect[KS_INDIRECT_CONTROL] + effect[KS_INDIRECT_TREATED]) / 2;
	effect[KS_TOTAL] = effect[KS_DIRECT] + effect[KS_INDIRECT];
	effect[KS_PROPORTION] =
		effect[KS_TOTAL] != 0 ? effect[KS_INDIRECT] / effect[KS_TOTAL] : NAN;
}

void
ks_mediation_clear(const KsMediationFit *fit, KsTreatmentValues values,
				   KsMediationEffect *row)
{
	static const char *const names[] = {
		"total", "a", "b", "direct", "indirect", "proportion_mediated",
		"direct_control", "direct_treated", "indirect_control", "indirect_treated"};
	double effect[KS_MEDIATION_ROWS];

	for (int i = 0; i < KS_MEDIATION_ROWS; i++)
		effect[i] = NAN;
	if (fit->usable)
		ks_mediation_point(&fit->paths, values, effect);
	for (int i = 0; i < ks_mediation_rows(fit->interaction); i++)
	{
		row[i] = (KsMediationEffect){.effect = names[i], .estimate = effect[i]};
		row[i].std_error = row[i].statistic = row[i].p_value = NAN;
		row[i].conf_low = row[i].conf_high = NAN;
		if (!fit->usable || i == KS_TOTAL)
			ks_note(row[i].note, "%s", fit->note);
	}
}

void
ks_mediation_note_proportion(KsMediationEffect *row)
{
	const KsMediationEffect *total = &row[KS_TOTAL];
	KsMediationEffect *proportion = &row[KS_PROPORTION];
	double indirect = row[KS_INDIRECT].estimate;

	if (total->estimate == 0)
		ks_note(proportion->note, "the total effect is 0");
	else if (total->conf_low <= 0 && total->conf_high >= 0)
		ks_note(proportion->note,
				"the interval of the total effect holds 0: the proportion means little");
	else if (isnan(total->conf_low) && !isnan(total->estimate))
		ks_note(proportion->note, "the total effect has no interval");
	if (indirect * total->estimate < 0)
		ks_note(proportion->note,
				"indirect and total effect have opposite signs: not a proportion");
	else if (fabs(indirect) > fabs(total->estimate) && total->estimate != 0)
		ks_note(proportion->note,
				"indirect and direct effect have opposite signs: not a proportion");
}

/* Fills error, statistic, p and limits; df of INFINITY is the normal distribution. */
static void
infer(KsMediationEffect *row, double std_error, double df, double conf_level,
	  const char *method)
{
	double tail = 0.5 - conf_level / 2;
	double quantile, beyond;

	row->method = method;
	if (!(std_error > 0) || !isfinite(std_error) || isnan(row->estimate))
		return;
	quantile = isinf(df) ? ks_normal_quantile(tail, false) : ks_t_quantile(tail, df, false);
	row->std_error = std_error;
	row->statistic = row->estimate / std_error;
	beyond = isinf(df) ? ks_normal_cdf(fabs(row->statistic), false)
					   : ks_t_cdf(fabs(row->statistic), df, false);
	row->p_value = fmin(1, 2 * beyond);
	row->conf_low = row->estimate - quantile * std_error;
	row->conf_high = row->estimate + quantile * std_error;
}

/* How an effect changes with what was estimated. */
typedef struct Gradient
{
	double a;
	double mean;	   /* of the mediator */
	double outcome[3]; /* direct, b, product */
} Gradient;

static Gradient
indirect_gradient(const KsMediationFit *fit, KsTreatmentValues values, double at)
{
	double span = values.treated - values.control;
	const KsPaths *paths = &fit->paths;

	at = from_centre(paths, at);
	return (Gradient){.a = span * (paths->b + paths->product * at),
					  .outcome = {0, span * paths->a, span * paths->a * at}};
}

static Gradient
direct_gradient(const KsMediationFit *fit, KsTreatmentValues values, double at)
{
	double span = values.treated - values.control;
	const KsPaths *paths = &fit->paths;
	double from_mean = from_centre(paths, at) - paths->mean_treatment;

	return (Gradient){.a = span * paths->product * from_mean,
					  .mean = span * paths->product,
					  .outcome = {span, 0, span * (paths->mean_mediator + paths->a * from_mean)}};
}

/* x * p + y * q */
static Gradient
combine(double x, Gradient p, double y, Gradient q)
{
	Gradient sum = {.a = x * p.a + y * q.a, .mean = x * p.mean + y * q.mean};

	for (int i = 0; i < 3; i++)
		sum.outcome[i] = x * p.outcome[i] + y * q.outcome[i];
	return sum;
}

static double
delta_error(const KsMediationFit *fit, Gradient g)
{
	int coefficients = fit->interaction ? 3 : 2;
	double a = g.a * fit->a_error;
	KsDD variance = ks_dd(a * a + g.mean * g.mean * fit->mean_variance);

	for (int i = 0; i < coefficients; i++)
		for (int j = 0; j < coefficients; j++)
			variance = ks_dd_add(
				variance, ks_dd_mul(ks_two_prod(g.outcome[i], g.outcome[j]), fit->variance[i][j]));
	return sqrt(ks_dd_value(variance));
}

/* Standard error of the mediator's coefficient where the treatment is `at`. */
static double
slope_error(const KsMediationFit *fit, double at)
{
	if (!fit->interaction)
		return fit->b_error;
	return delta_error(fit, (Gradient){.outcome = {0, 1, from_centre(&fit->paths, at)}});
}

/* Everything by the delta method; what is a coefficient of a regression by its t. */
static void
delta_rows(const KsMediationFit *fit, KsTreatmentValues values, double conf_level,
		   KsMediationEffect *row)
{
	double span = values.treated - values.control;
	double at[3] = {values.control, values.treated, (values.control + values.treated) / 2};
	Gradient indirect = indirect_gradient(fit, values, at[2]);
	Gradient direct = direct_gradient(fit, values, at[2]);
	Gradient total = combine(1, indirect, 1, direct);
	double share = row[KS_PROPORTION].estimate;

	infer(&row[KS_PATH_A], fit->a_error, fit->df, conf_level, "t");
	infer(&row[KS_PATH_B], slope_error(fit, 0), fit->outcome_df, conf_level, "t");
	infer(&row[KS_INDIRECT], delta_error(fit, indirect), INFINITY, conf_level, "delta");
	if (!fit->interaction)
	{
		infer(&row[KS_DIRECT], fabs(span) * fit->direct_error, fit->outcome_df, conf_level, "t");
		infer(&row[KS_TOTAL], fabs(span) * fit->total_error, fit->df, conf_level, "t");
	}
	else
	{
		infer(&row[KS_DIRECT], delta_error(fit, direct), INFINITY, conf_level, "delta");
		infer(&row[KS_TOTAL], delta_error(fit, total), INFINITY, conf_level, "delta");
		for (int i = 0; i < 2; i++)
		{
			infer(&row[KS_DIRECT_CONTROL + i],
				  delta_error(fit, direct_gradient(fit, values, at[i])), INFINITY, conf_level,
				  "delta");
			infer(&row[KS_INDIRECT_CONTROL + i],
				  delta_error(fit, indirect_gradient(fit, values, at[i])), INFINITY,
				  conf_level, "delta");
		}
	}
	infer(&row[KS_PROPORTION],
		  delta_error(fit, combine(1 / row[KS_TOTAL].estimate, indirect,
								   -share / row[KS_TOTAL].estimate, total)),
		  INFINITY, conf_level, "delta");
}

/* An indirect effect at one treatment as the product of two independent normals. */
static void
product_row(const KsMediationFit *fit, KsTreatmentValues values, double at,
			double conf_level, KsMediationEffect *row)
{
	double span = values.treated - values.control;
	KsProductNormal product = {span * fit->paths.a, fabs(span) * fit->a_error,
							   fit->paths.b + fit->paths.product * from_centre(&fit->paths, at),
							   slope_error(fit, at)};
	double tail = 0.5 - conf_level / 2;

	row->method = "product";
	row->statistic = row->p_value = row->std_error = row->conf_low = row->conf_high = NAN;
	if (!(product.sd_x > 0 && product.sd_y > 0))
		return;
	row->std_error = ks_product_normal_sd(&product);
	row->p_value = fmin(1, 2 * fmin(ks_product_normal_cdf(&product, 0, true),
									ks_product_normal_cdf(&product, 0, false)));
	row->conf_low = ks_product_normal_quantile(&product, tail, true);
	row->conf_high = ks_product_normal_quantile(&product, tail, false);
}

KsStatus
ks_mediation_effects(const KsMediationFit *fit, const KsMediationOptions *options,
					 const KsEnv *env, KsMediationEffect *row)
{
	KsTreatmentValues values = options->values;
	double conf_level = options->conf_level;
	KsStatus status = KS_OK;

	ks_mediation_clear(fit, values, row);
	if (!fit->usable)
		return KS_OK;
	if (!fit->interaction)
		row[KS_TOTAL].estimate = (values.treated - values.control) * fit->total;
	if (options->method == KS_MEDIATION_MONTE_CARLO)
		status = ks_mediation_monte_carlo(fit, options, env, row);
	else
		delta_rows(fit, values, conf_level, row);
	if (options->method == KS_MEDIATION_PRODUCT)
	{
		product_row(fit, values, (values.control + values.treated) / 2, conf_level,
					&row[KS_INDIRECT]);
		if (fit->interaction)
		{
			product_row(fit, values, values.control, conf_level, &row[KS_INDIRECT_CONTROL]);
			product_row(fit, values, values.treated, conf_level, &row[KS_INDIRECT_TREATED]);
		}
	}
	ks_mediation_note_proportion(row);
	return status;
}
