/*
 * test_formula.c
 *	  Formulas against R's terms() and model.matrix(), what cannot be parsed, and
 *	  the values of expressions.
 */
#include "unit.h"

#include "gold.h"

#include "stat/ks_design.h"

static const char *const columns[] = {"g", "h", "s", "k", "rep", "x", "z", "y"};
static const char *const g_levels[] = {"a", "b", "c"};
static const char *const h_levels[] = {"p", "q"};
static const char *const s_levels[] = {"FALSE", "TRUE"};
static const char *const k_levels[] = {"u", "v", "w"};

static bool
parse(const char *text, KsFormula *formula, KsFormulaError *error)
{
	return ks_formula_parse(text, strlen(text), columns, 8, formula, error);
}

static KsLevels
levels_of(const char *name)
{
	static const struct
	{
		const char *name;
		KsLevels levels;
	} known[] = {{"g", {3, g_levels}},
				 {"h", {2, h_levels}},
				 {"s", {2, s_levels}},
				 {"k", {3, k_levels}}};

	for (size_t i = 0; i < 4; i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].levels;
	return (KsLevels){0, NULL};
}

/* Appends to a list separated by ";". */
static void
append(char *list, const char *item)
{
	if (list[0] != '\0')
		strcat(list, ";");
	strcat(list, item);
}

/* Column names of a design, as one list. */
static void
design_names(const KsFormula *formula, char *names)
{
	KsLevels levels[KS_MAX_VARIABLES];
	KsDesign design;

	for (int v = 0; v < formula->n_variables; v++)
		levels[v] = levels_of(ks_formula_text(formula, formula->variable[v].name));
	CHECK(ks_design_build(formula, formula->term, formula->n_terms, formula->intercept,
						  levels, &unit_env, &design) == KS_OK);
	names[0] = '\0';
	for (int c = 0; c < design.n_columns; c++)
	{
		char name[KS_COLUMN_NAME_SIZE];

		ks_design_name(&design, c, name);
		append(names, name);
	}
	ks_design_free(&design, &unit_env);
}

static void
check_text(const char *formula, const char *what, const char *actual,
		   const char *expected)
{
	if (strcmp(actual, expected) != 0)
		printf("%s: %s %s, expected %s\n", formula, what, actual, expected);
	CHECK(strcmp(actual, expected) == 0);
}

static void
test_against_r(void)
{
	static KsFormula formula;
	static Gold gold;

	gold_open(&gold, "test/oracle/formula.csv");
	while (gold_next(&gold))
	{
		char terms[8192] = "";
		static char names[65536];
		KsFormulaError error;

		if (!parse(gold.field[0], &formula, &error))
		{
			printf("%s: character %d: %s\n", gold.field[0], error.position,
				   error.message);
			CHECK(false);
			continue;
		}
		CHECK(formula.intercept == (gold_number(&gold, 1) == 1));
		for (int t = 0; t < formula.n_terms; t++)
		{
			char label[512];

			ks_formula_term_label(&formula, formula.term[t], label, sizeof(label));
			append(terms, label);
		}
		check_text(gold.field[0], "terms", terms[0] ? terms : "none", gold.field[2]);
		design_names(&formula, names);
		check_text(gold.field[0], "columns", names, gold.field[3]);
	}
}

/* What gold_next cannot read because of its commas. */
static void
test_poly(void)
{
	static KsFormula formula;
	char names[4096];
	KsFormulaError error;

	CHECK(parse("y ~ poly(x, 2, raw = TRUE) * h", &formula, &error));
	design_names(&formula, names);
	check_text("poly", "columns", names,
			   "(Intercept);poly(x, 2, raw = TRUE)1;poly(x, 2, raw = TRUE)2;hq;"
			   "poly(x, 2, raw = TRUE)1:hq;poly(x, 2, raw = TRUE)2:hq");
	/* only a column alone is taken as it is */
	CHECK(formula.atom[0].variable >= 0 && formula.atom[1].variable < 0);
	CHECK(parse("y~g:poly(x+1,2,raw)", &formula, &error));
	design_names(&formula, names);
	check_text("poly", "columns", names,
			   "(Intercept);ga:poly(x + 1, 2, raw)1;gb:poly(x + 1, 2, raw)1;"
			   "gc:poly(x + 1, 2, raw)1;ga:poly(x + 1, 2, raw)2;gb:poly(x + 1, 2, raw)2;"
			   "gc:poly(x + 1, 2, raw)2");
	CHECK(parse("y ~ `a column` + .b", &formula, &error));
	design_names(&formula, names);
	check_text("names", "columns", names, "(Intercept);`a column`;.b");
}

static void
test_random(void)
{
	static KsFormula formula;
	KsFormulaError error;

	CHECK(parse("y ~ x * g + (1 + x | site/patient) + (0 + z || k)", &formula, &error));
	CHECK(formula.n_terms == 3 && formula.n_random == 2 && formula.intercept);
	CHECK(formula.random[0].intercept && formula.random[0].n_terms == 1);
	CHECK(formula.random[0].correlated && formula.random[0].grouping.nested);
	CHECK(formula.random[0].grouping.n_variables == 2);
	CHECK(!formula.random[1].intercept && !formula.random[1].correlated);
	CHECK(strcmp(ks_formula_text(
					 &formula,
					 formula.variable[formula.random[0].grouping.variable[1]].name),
				 "patient") == 0);
	CHECK(formula.variable[formula.random[0].grouping.variable[1]].in_grouping);

	CHECK(parse("y ~ 0 + x + (x | k)", &formula, &error));
	CHECK(!formula.intercept && formula.random[0].intercept);
	CHECK(parse("y ~ (0 + x | k)", &formula, &error));
	CHECK(formula.intercept && !formula.random[0].intercept && formula.n_terms == 0);
	CHECK(parse("y ~ x + I(x^2) | k", &formula, &error));
	CHECK(formula.subject.n_variables == 1 && formula.n_terms == 2 &&
		  formula.n_random == 0);
	/* the dot leaves groups out, wherever they are named */
	CHECK(parse("y ~ . + (1 | k)", &formula, &error));
	CHECK(formula.has_dot && formula.n_terms == 6);
}

static void
test_errors(void)
{
	static const struct
	{
		const char *text;
		int position;
		bool too_large;
	} wrong[] = {
		{"", 1, false},
		{"y", 2, false},
		{"~ x", 1, false},
		{"y ~", 4, false},
		{"y ~ (x + z", 5, false},
		{"y ~ x)", 6, false},
		{"y ~ x +", 8, false},
		{"y ~ x ++ + z", 8, false},
		{"y ~ x @ z", 7, false},
		{"y ~ x z", 7, false},
		{"y ~ 2", 5, false},
		{"y ~ x * 1", 10, false},
		{"y ~ x^z", 7, false},
		{"y ~ x^0", 7, false},
		{"y ~ x^11", 7, false},
		{"y ~ x^1.5", 7, false},
		{"y ~ factor(g)", 5, false},
		{"y ~ I(x", 6, false},
		{"y ~ I()", 7, false},
		{"y ~ I(x:z)", 8, false},
		{"y ~ poly(x, 2)", 13, false},
		{"y ~ poly(x, 99, raw)", 13, false},
		{"y ~ log(x, 2)", 10, false},
		{"y ~ `x", 5, false},
		{"y ~ ``", 5, false},
		{"y ~ 1e999", 5, false},
		{"y ~ 1.2.3", 5, false},
		{"y ~ x + (1 | )", 14, false},
		{"y ~ x * (1 | k)", 16, false},
		{"y ~ x - (1 | k)", 16, false},
		{"y ~ ((1 | k) | h)", 14, false},
		{"y ~ (0 | k)", 11, false},
		{"y ~ (1 | a/b:c)", 13, false},
		{"y ~ (1 | a/b/c/d/e)", 18, true},
		{"y ~ x | k | h", 11, false},
		{"y ~ y", 1, false},
		{"1 ~ x", 1, false},
		{"y ~ x ~ z", 7, false},
		{"é ~ (é", 5, false},
		{"y ~ ((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))))", 38,
		 true},
	};
	static KsFormula formula;
	static char text[KS_FORMULA_BYTES + 2];
	KsFormulaError error;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		bool parsed = parse(wrong[i].text, &formula, &error);

		if (parsed || error.position != wrong[i].position ||
			error.too_large != wrong[i].too_large)
			printf("%s: %s at character %d, expected %d\n", wrong[i].text,
				   parsed ? "parsed" : error.message, error.position, wrong[i].position);
		CHECK(!parsed && error.position == wrong[i].position &&
			  error.too_large == wrong[i].too_large && error.message[0] != '\0');
	}
	memset(text, 'x', sizeof(text) - 1);
	CHECK(!parse(text, &formula, &error) && error.too_large);
	CHECK(!ks_formula_parse("y ~ .", 5, NULL, 0, &formula, &error));
	CHECK(!ks_formula_parse("y ~ x\0", 6, NULL, 0, &formula, &error));
	/* many terms */
	strcpy(text, "y ~ (a1");
	for (int i = 2; i < 30; i++)
		sprintf(text + strlen(text), " + a%d", i);
	strcat(text, ")^9");
	CHECK(!parse(text, &formula, &error) && error.too_large);
}

/* An atom's first value, x = 3 and z = 0.1. */
static KsDD
value_of(const char *expression)
{
	static KsFormula formula;
	char text[256];
	KsDD variable[KS_MAX_VARIABLES] = {{0}};
	KsDD value[KS_MAX_DEGREE];
	KsFormulaError error;

	snprintf(text, sizeof(text), "y ~ %s", expression);
	CHECK(parse(text, &formula, &error));
	for (int v = 0; v < formula.n_variables; v++)
	{
		const char *name = ks_formula_text(&formula, formula.variable[v].name);

		variable[v] = ks_dd(strcmp(name, "x") == 0   ? 3
							: strcmp(name, "z") == 0 ? 0.1
													 : 0);
	}
	ks_formula_evaluate(&formula, &formula.atom[1], variable, value);
	return value[formula.atom[1].columns - 1];
}

static void
test_values(void)
{
	CHECK_CLOSE(ks_dd_value(value_of("I(x^2 - 2 * x / 4 + 1)")), 8.5, 0);
	CHECK_CLOSE(ks_dd_value(value_of("I(-x^2)")), -9, 0);
	CHECK_CLOSE(ks_dd_value(value_of("I(2^3^2)")), 512, 0);
	CHECK_CLOSE(ks_dd_value(value_of("I(x^-1 * 3)")), 1, 0);
	CHECK_CLOSE(ks_dd_value(value_of("I(x^0.5)")), sqrt(3), 1e-16);
	CHECK_CLOSE(ks_dd_value(value_of("I(log(exp(x)) - sqrt(x * x))")), 0, 1e-15);
	CHECK_CLOSE(ks_dd_value(value_of("poly(x, 5, raw)")), 243, 0);
	CHECK(isinf(ks_dd_value(value_of("log(x - 3)"))));
	CHECK(isnan(ks_dd_value(value_of("sqrt(-x)"))));
	CHECK(!isfinite(ks_dd_value(value_of("I(1e300^2)"))));
	/* the low part: 0.1^2 as the exact square of the double nearest 0.1 */
	CHECK_CLOSE(value_of("I(z^2)").lo, ks_two_prod(0.1, 0.1).lo, 0);
}

int
main(void)
{
	test_against_r();
	test_poly();
	test_random();
	test_errors();
	test_values();
	return UNIT_END();
}
