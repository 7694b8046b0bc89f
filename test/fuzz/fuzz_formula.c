/*
 * fuzz_formula.c
 *	  libFuzzer target: any bytes as a formula.
 *
 * What parses must evaluate, make a design whatever its variables are, and give
 * names and hypotheses; what does not must say where.
 */
#include <stdlib.h>
#include <string.h>

#include "stat/ks_design.h"

#define CHECK(condition)                                                                 \
	do                                                                                   \
	{                                                                                    \
		if (!(condition))                                                                \
			abort();                                                                     \
	} while (0)

static void *
fuzz_alloc(void *context, size_t bytes)
{
	(void) context;
	return malloc(bytes > 0 ? bytes : 1);
}

static void
fuzz_free(void *context, void *pointer)
{
	(void) context;
	free(pointer);
}

static bool
fuzz_poll(void *context)
{
	(void) context;
	return false;
}

static const KsEnv env = {fuzz_alloc, fuzz_free, fuzz_poll, NULL};

static void
evaluate(const KsFormula *formula, const bool *is_factor)
{
	KsDD variable[KS_MAX_VARIABLES];
	KsDD value[KS_MAX_DEGREE];

	for (int v = 0; v < formula->n_variables; v++)
		variable[v] = ks_dd(1 + v / 8.0);
	for (int a = 0; a < formula->n_atoms; a++)
	{
		CHECK(formula->atom[a].columns >= 1 && formula->atom[a].columns <= KS_MAX_DEGREE);
		if (formula->atom[a].variable < 0 || !is_factor[formula->atom[a].variable])
			ks_formula_evaluate(formula, &formula->atom[a], variable, value);
	}
}

static void
make_design(const KsFormula *formula, const uint64_t *terms, int n_terms, bool intercept,
			const KsLevels *levels)
{
	KsDesign design;
	char name[KS_COLUMN_NAME_SIZE];

	if (ks_design_build(formula, terms, n_terms, intercept, levels, &env, &design) ==
		KS_OK)
		for (int c = 0; c < design.n_columns; c++)
			ks_design_name(&design, c, name);
	if (design.column != NULL && design.n_columns < 200)
		for (int t = 0; t < n_terms; t++)
		{
			int rows = ks_type3_rows(&design, t);
			double *weights = malloc(sizeof(double) * rows * design.n_columns + 1);

			ks_type3_weights(&design, t, weights);
			free(weights);
		}
	ks_design_free(&design, &env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const columns[] = {"y", "x", "g", "h", "a column"};
	static const char *const levels_of[] = {"a", "b", "c"};
	static KsFormula formula;
	KsFormulaError error;
	KsLevels levels[KS_MAX_VARIABLES];
	bool is_factor[KS_MAX_VARIABLES];
	uint8_t kinds;
	char *text;

	if (size == 0)
		return 0;
	kinds = data[0];
	/* a copy of just that size, so that reading past the end is seen */
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	if (!ks_formula_parse(text, size - 1, columns, kinds % 6, &formula, &error))
		CHECK(error.position >= 1 && error.position <= (int) size &&
			  error.message[0] != '\0');
	else
	{
		for (int v = 0; v < formula.n_variables; v++)
		{
			is_factor[v] = kinds >> v % 8 & 1;
			levels[v] = (KsLevels){is_factor[v] ? 1 + v % 3 : 0, levels_of};
		}
		CHECK(formula.n_terms <= KS_MAX_TERMS && formula.response >= 0);
		evaluate(&formula, is_factor);
		make_design(&formula, formula.term, formula.n_terms, formula.intercept, levels);
		for (int r = 0; r < formula.n_random; r++)
			make_design(&formula, formula.random[r].term, formula.random[r].n_terms,
						formula.random[r].intercept, levels);
	}
	free(text);
	return 0;
}
