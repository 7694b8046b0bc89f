/*
 * test_linear.c
 *	  Least squares against NIST's certified values and R's lm, joint tests of
 *	  type III against car's, and what cannot be estimated.
 *
 * `build/unit/test_linear --digits` prints the digits reached on each NIST set.
 */
#include "unit.h"

#include "gold.h"

#include "stat/ks_design.h"
#include "stat/ks_linear.h"
#include "stat/ks_products.h"

#define MAX_ROWS 1000
#define MAX_FIELDS 64

/* ---- a data frame ----------------------------------------------------------------- */

typedef struct Frame
{
	char path[256];
	int rows;
	int fields;
	char name[MAX_FIELDS][64];
	char value[MAX_ROWS][MAX_FIELDS][24]; /* empty: missing */
} Frame;

static Frame frame;

/* Copies a field without its quotes; returns where the next one begins. */
static const char *
read_field(const char *at, char *out, size_t size)
{
	size_t length = 0;
	bool quoted = *at == '"';

	for (at += quoted; *at != '\0' && *at != '\n' && (quoted ? *at != '"' : *at != ',');
		 at++)
		if (length < size - 1)
			out[length++] = *at;
	out[length] = '\0';
	at += quoted;
	return *at == ',' ? at + 1 : NULL;
}

static void
read_frame(const char *path)
{
	FILE *file;
	char line[4096];

	if (strcmp(frame.path, path) == 0)
		return;
	memset(&frame, 0, sizeof(frame));
	snprintf(frame.path, sizeof(frame.path), "%s", path);
	file = fopen(path, "r");
	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
	{
		printf("%s: cannot be read\n", path);
		exit(2);
	}
	for (const char *at = line; at != NULL; frame.fields++)
		at = read_field(at, frame.name[frame.fields], sizeof(frame.name[0]));
	while (fgets(line, sizeof(line), file) != NULL && frame.rows < MAX_ROWS)
	{
		int f = 0;

		for (const char *at = line; at != NULL && f < frame.fields; f++)
			at = read_field(at, frame.value[frame.rows][f], sizeof(frame.value[0][0]));
		frame.rows++;
	}
	fclose(file);
}

static int
field_of(const char *name)
{
	for (int f = 0; f < frame.fields; f++)
		if (strcmp(frame.name[f], name) == 0)
			return f;
	printf("%s has no column %s\n", frame.path, name);
	exit(2);
}

/* As the R script reads them: what is no number is a factor, sleepstudy's subject too. */
static bool
is_factor(int field)
{
	if (strcmp(frame.name[field], "subject") == 0)
		return true;
	for (int r = 0; r < frame.rows; r++)
	{
		char *end;

		(void) strtod(frame.value[r][field], &end);
		if (*end != '\0' && strcmp(frame.value[r][field], "NA") != 0)
			return true;
	}
	return false;
}

/* ---- a model ---------------------------------------------------------------------- */

typedef struct Model
{
	KsFormula formula;
	int field[KS_MAX_VARIABLES];
	KsLevels levels[KS_MAX_VARIABLES];
	const char *level[KS_MAX_VARIABLES][KS_MAX_LEVELS];
	KsDesign design;
	KsDD *products;
	int64_t n;
	KsLinearFit fit;
} Model;

static bool
is_complete(const Model *model, int row)
{
	for (int v = 0; v < model->formula.n_variables; v++)
	{
		const char *value = frame.value[row][model->field[v]];

		if (value[0] == '\0' || strcmp(value, "NA") == 0)
			return false;
	}
	return true;
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void
find_levels(Model *model, int v)
{
	KsLevels *levels = &model->levels[v];

	levels->count = 0;
	levels->level = model->level[v];
	if (!is_factor(model->field[v]))
		return;
	for (int r = 0; r < frame.rows; r++)
	{
		bool known = !is_complete(model, r);

		for (int l = 0; l < levels->count && !known; l++)
			known = strcmp(model->level[v][l], frame.value[r][model->field[v]]) == 0;
		if (!known)
			model->level[v][levels->count++] = frame.value[r][model->field[v]];
	}
	qsort(model->level[v], levels->count, sizeof(char *), compare_strings);
}

/* The columns of one row, the outcome last. */
static void
design_row(const Model *model, int row, KsDD *x)
{
	const KsFormula *formula = &model->formula;
	KsDD variable[KS_MAX_VARIABLES];
	KsDD value[KS_MAX_ATOMS * KS_MAX_DEGREE];
	int first[KS_MAX_ATOMS];

	for (int v = 0; v < formula->n_variables; v++)
		variable[v] = ks_dd(strtod(frame.value[row][model->field[v]], NULL));
	for (int a = 0; a < formula->n_atoms; a++)
	{
		first[a] = a * KS_MAX_DEGREE;
		if (formula->atom[a].variable < 0 ||
			model->levels[formula->atom[a].variable].count == 0)
			ks_formula_evaluate(formula, &formula->atom[a], variable, value + first[a]);
	}
	for (int c = 0; c < model->design.n_columns; c++)
	{
		const KsDesignColumn *column = &model->design.column[c];
		KsDD part[KS_MAX_DEGREE * KS_MAX_DEGREE];
		const KsTermShape *shape;

		x[c] = ks_dd(1);
		if (column->term < 0)
			continue;
		shape = &model->design.term[column->term].shape;
		ks_term_parts(formula, shape, value, first, part);
		x[c] = part[column->part];
		for (int f = 0; f < shape->n_factors; f++)
		{
			int v = formula->atom[shape->factor[f]].variable;

			if (strcmp(frame.value[row][model->field[v]],
					   model->level[v][column->level[f]]) != 0)
				x[c] = ks_dd(0);
		}
	}
	x[model->design.n_columns] = value[first[formula->response]];
}

static void
fit_model(Model *model, const char *formula)
{
	KsFormulaError error;
	int p;
	KsDD *x;

	if (!ks_formula_parse(formula, strlen(formula), NULL, 0, &model->formula, &error))
	{
		printf("%s: %s\n", formula, error.message);
		exit(2);
	}
	for (int v = 0; v < model->formula.n_variables; v++)
		model->field[v] =
			field_of(ks_formula_text(&model->formula, model->formula.variable[v].name));
	for (int v = 0; v < model->formula.n_variables; v++)
		find_levels(model, v);
	CHECK(ks_design_build(&model->formula, model->formula.term, model->formula.n_terms,
						  model->formula.intercept, model->levels, &unit_env,
						  &model->design) == KS_OK);
	p = model->design.n_columns;
	x = malloc(sizeof(KsDD) * (p + 1));
	model->products = calloc(ks_triangle(p + 1, 0), sizeof(KsDD));
	model->n = 0;
	for (int r = 0; r < frame.rows; r++)
	{
		if (!is_complete(model, r))
			continue;
		model->n++;
		design_row(model, r, x);
		for (int i = 0; i <= p; i++)
			for (int j = 0; j <= i; j++)
				model->products[ks_triangle(i, j)] =
					ks_dd_add(model->products[ks_triangle(i, j)], ks_dd_mul(x[i], x[j]));
	}
	free(x);
	CHECK(ks_linear_fit(model->products, p, model->design.intercept, model->n, &unit_env,
						&model->fit) == KS_OK);
}

static void
free_model(Model *model)
{
	ks_linear_free(&model->fit, &unit_env);
	ks_design_free(&model->design, &unit_env);
	free(model->products);
}

static int
column_named(const Model *model, const char *term)
{
	for (int c = 0; c < model->design.n_columns; c++)
	{
		char name[KS_COLUMN_NAME_SIZE];

		ks_design_name(&model->design, c, name);
		if (strcmp(name, term) == 0)
			return c;
	}
	printf("no column %s\n", term);
	exit(2);
}

static Model model;

/* ---- NIST ------------------------------------------------------------------------- */

static double
digits(double actual, double expected)
{
	double error = unit_error(actual, expected);

	return error < 1e-15 ? 15 : -log10(error);
}

static void
test_nist(bool show)
{
	static Gold gold;
	char last[64] = "";
	double worst_estimate = 15, worst_error = 15;

	gold_open(&gold, "test/data/nist/certified.csv");
	for (;;)
	{
		bool more = gold_next(&gold);
		char path[128];
		KsCoefficient row;
		double sigma;

		if (last[0] != '\0' && (!more || strcmp(gold.field[0], last) != 0))
		{
			if (show)
				printf("%-10s estimates %4.1f digits, standard errors %4.1f\n", last,
					   worst_estimate, worst_error);
			worst_estimate = worst_error = 15;
			free_model(&model);
		}
		if (!more)
			break;
		if (strcmp(gold.field[0], last) != 0)
		{
			KsModelFit fit;

			snprintf(last, sizeof(last), "%s", gold.field[0]);
			snprintf(path, sizeof(path), "test/data/nist/%s.csv", last);
			read_frame(path);
			fit_model(&model, gold.field[1]);
			ks_linear_glance(&model.fit, &fit);
			CHECK(fit.n == gold_number(&gold, 2) &&
				  fit.df_residual == gold_number(&gold, 3));
			CHECK_CLOSE(fit.r_squared, gold_number(&gold, 5), 1e-13);
		}
		sigma = gold_number(&gold, 4);
		ks_linear_coefficient(&model.fit, column_named(&model, gold.field[6]), 0.95,
							  &row);
		worst_estimate =
			fmin(worst_estimate, digits(row.estimate, gold_number(&gold, 7)));
		CHECK_CLOSE(row.estimate, gold_number(&gold, 7), 1e-12);
		if (sigma == 0)
			CHECK(row.std_error < 1e-8 && model.fit.perfect);
		else
		{
			CHECK_CLOSE(model.fit.sigma, sigma, 1e-13);
			CHECK_CLOSE(row.std_error, gold_number(&gold, 8), 1e-12);
			worst_error = fmin(worst_error, digits(row.std_error, gold_number(&gold, 8)));
		}
	}
}

/* ---- R ---------------------------------------------------------------------------- */

static void
use_data(const char *name)
{
	static const char *const files[][2] = {
		{"licorice", "licorice_gargle_throat_pain.csv"},
		{"hiv", "painful_hivsn_psychology.csv"},
		{"anorexia", "gpl/anorexia_pre_post.csv"},
		{"sleep", "gpl/sleepstudy.csv"},
		{"btheb", "gpl/btheb_bdi_wide.csv"},
		{"keta", "gpl/ketapain.csv"}};
	char path[256];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(files[i][0], name) == 0)
		{
			snprintf(path, sizeof(path), "test/oracle/data/%s", files[i][1]);
			read_frame(path);
			return;
		}
}

static void
check_glance(const Gold *gold)
{
	KsModelFit fit;

	ks_linear_glance(&model.fit, &fit);
	CHECK(fit.n == gold_number(gold, 2));
	CHECK(fit.df_residual == gold_number(gold, 3));
	CHECK_CLOSE(fit.sigma, gold_number(gold, 4), 1e-10);
	CHECK_CLOSE(fit.r_squared, gold_number(gold, 5), 1e-10);
	CHECK_CLOSE(fit.adj_r_squared, gold_number(gold, 6), 1e-9);
	CHECK_CLOSE(fit.log_lik, gold_number(gold, 7), 1e-10);
	CHECK_CLOSE(fit.aic, gold_number(gold, 8), 1e-10);
	CHECK_CLOSE(fit.bic, gold_number(gold, 9), 1e-10);
}

static void
test_lm(void)
{
	static Gold gold;
	char last[512] = "";

	gold_open(&gold, "test/oracle/linear.csv");
	while (gold_next(&gold))
	{
		KsCoefficient row;

		if (strcmp(last, gold.field[1]) != 0)
		{
			if (last[0] != '\0')
				free_model(&model);
			snprintf(last, sizeof(last), "%s", gold.field[1]);
			use_data(gold.field[0]);
			fit_model(&model, last);
			check_glance(&gold);
		}
		ks_linear_coefficient(&model.fit, column_named(&model, gold.field[10]), 0.95,
							  &row);
		CHECK_CLOSE(row.estimate, gold_number(&gold, 11), 1e-9);
		CHECK_CLOSE(row.std_error, gold_number(&gold, 12), 1e-9);
		CHECK_CLOSE(row.statistic, gold_number(&gold, 13), 1e-9);
		CHECK_CLOSE(row.p_value, gold_number(&gold, 14), 1e-9);
		CHECK_CLOSE(row.conf_low, gold_number(&gold, 15), 1e-9);
		CHECK_CLOSE(row.conf_high, gold_number(&gold, 16), 1e-9);
		CHECK(isnan(row.estimate) == (row.note[0] != '\0'));
	}
	free_model(&model);
}

static KsJointTest
joint_test(int term)
{
	int rows = ks_type3_rows(&model.design, term);
	double *weights = malloc(sizeof(double) * rows * model.design.n_columns + 1);
	KsJointTest test = {0};

	ks_type3_weights(&model.design, term, weights);
	CHECK(ks_linear_joint_test(&model.fit, weights, rows, &unit_env, &test) == KS_OK);
	free(weights);
	return test;
}

static void
test_joint(void)
{
	static Gold gold;
	char last[512] = "";

	gold_open(&gold, "test/oracle/linear_joint.csv");
	while (gold_next(&gold))
	{
		bool found = false;

		if (strcmp(last, gold.field[1]) != 0)
		{
			if (last[0] != '\0')
				free_model(&model);
			snprintf(last, sizeof(last), "%s", gold.field[1]);
			use_data(gold.field[0]);
			fit_model(&model, last);
		}
		for (int t = 0; t < model.formula.n_terms; t++)
		{
			char label[512];
			KsJointTest test;

			ks_formula_term_label(&model.formula, model.formula.term[t], label,
								  sizeof(label));
			if (strcmp(label, gold.field[2]) != 0)
				continue;
			found = true;
			test = joint_test(t);
			CHECK(test.df == gold_number(&gold, 3) && test.df2 == gold_number(&gold, 4));
			/* F = t^2 of 1e-8 keeps fewer digits in R */
			CHECK_CLOSE(test.statistic, gold_number(&gold, 5), 1e-9);
			CHECK_CLOSE(test.p_value, gold_number(&gold, 6), 1e-9);
		}
		CHECK(found);
	}
	free_model(&model);
}

/* ---- what cannot be estimated ----------------------------------------------------- */

static void
test_aliased(void)
{
	/* y on 1, x, 2x + 1: rows (1, x, 2x+1, y) */
	KsDD products[10];
	double x[] = {1, 2, 3, 5}, y[] = {2, 1, 4, 3};
	double twice[] = {0, 0, 1}, sum[] = {1, 2, 5}, rows[] = {0, 1, 0, 0, 0, 1, 1, 2, 5};
	KsLinearFit fit;
	KsCoefficient out;
	KsJointTest test = {0};

	for (int i = 0; i < 10; i++)
		products[i] = ks_dd(0);
	for (int r = 0; r < 4; r++)
	{
		double row[] = {1, x[r], 2 * x[r] + 1, y[r]};

		for (int i = 0; i < 4; i++)
			for (int j = 0; j <= i; j++)
				products[ks_triangle(i, j)] =
					ks_dd_add_d(products[ks_triangle(i, j)], row[i] * row[j]);
	}
	CHECK(ks_linear_fit(products, 3, true, 4, &unit_env, &fit) == KS_OK);
	CHECK(fit.rank == 2 && fit.aliased[2] && fit.df == 2);
	CHECK(!ks_linear_estimable(&fit, twice) && ks_linear_estimable(&fit, sum));
	ks_linear_contrast(&fit, twice, 0.95, &out);
	CHECK(isnan(out.estimate) && out.note[0] != '\0');
	/* 1 b0 + 2 b1 + 5 b2 is the mean at x = 2 */
	ks_linear_contrast(&fit, sum, 0.95, &out);
	CHECK_CLOSE(out.estimate,
				ks_dd_value(fit.estimate[0]) + 2 * ks_dd_value(fit.estimate[1]), 1e-14);
	CHECK(ks_linear_joint_test(&fit, rows, 3, &unit_env, &test) == KS_OK);
	CHECK(test.df == 2 && test.note[0] != '\0');
	ks_linear_free(&fit, &unit_env);

	/* more columns than rows: two rows, three columns */
	for (int i = 0; i < 10; i++)
		products[i] = ks_dd(0);
	for (int r = 0; r < 2; r++)
	{
		double row[] = {1, x[r], x[r] * x[r] * x[r], y[r]};

		for (int i = 0; i < 4; i++)
			for (int j = 0; j <= i; j++)
				products[ks_triangle(i, j)] =
					ks_dd_add_d(products[ks_triangle(i, j)], row[i] * row[j]);
	}
	CHECK(ks_linear_fit(products, 3, true, 2, &unit_env, &fit) == KS_OK);
	CHECK(fit.rank == 2 && fit.df == 0 && isnan(fit.sigma));
	ks_linear_coefficient(&fit, 1, 0.95, &out);
	CHECK_CLOSE(out.estimate, -1, 1e-15);
	CHECK(isnan(out.std_error) && isnan(out.p_value) && out.note[0] != '\0');
	ks_linear_free(&fit, &unit_env);
	CHECK(ks_linear_fit(products, 3, true, 0, &unit_env, &fit) == KS_OK);
	ks_linear_coefficient(&fit, 1, 0.95, &out);
	CHECK(isnan(out.estimate));
	ks_linear_free(&fit, &unit_env);
}

/* ---- cross-products --------------------------------------------------------------- */

/* The fused loop and the portable one give the same bits. */
static void
test_products(void)
{
	static KsDD fused[KS_PRODUCT_COLUMNS * (KS_PRODUCT_COLUMNS + 1) / 2];
	static KsDD portable[KS_PRODUCT_COLUMNS * (KS_PRODUCT_COLUMNS + 1) / 2];
	uint64_t random = 88172645463325252u;

	for (int n = 1; n <= KS_PRODUCT_COLUMNS; n += n < 8 ? 1 : 5)
	{
		memset(fused, 0, sizeof(fused));
		memset(portable, 0, sizeof(portable));
		for (int row = 0; row < 500; row++)
		{
			double value[KS_PRODUCT_COLUMNS] = {1};

			for (int i = 1; i < n; i++)
			{
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				value[i] = ldexp((double) (int64_t) random, (int) (random % 60) - 90);
			}
			ks_add_products(fused, value, n);
			ks_add_products_portable(portable, value, n);
		}
		CHECK(memcmp(fused, portable, sizeof(fused)) == 0);
		CHECK(fused[0].hi == 500);
	}
}

int
main(int argc, char **argv)
{
	test_nist(argc > 1 && strcmp(argv[1], "--digits") == 0);
	test_lm();
	test_joint();
	test_aliased();
	test_products();
	return UNIT_END();
}
