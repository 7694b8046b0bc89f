/*
 * ks_design.c
 *	  The columns of a model.
 *
 * Which factor of a term is coded by contrasts follows R (Chambers and Hastie
 * 1992, Statistical Models in S, 2.3.1): by contrasts where the rest of the
 * term is spanned by an earlier term, by all its levels where not; without an
 * intercept the first factor met is coded by all its levels.
 *
 * Hypotheses of type III are those of sum-to-zero contrasts, SAS's for designs
 * without empty cells, written for our treatment contrasts: the effect of a set
 * of factors at given levels is the difference to the reference in each of
 * them, averaged over the levels of every other factor.  So they do not depend
 * on which level is the reference.
 */
#include <stdio.h>
#include <string.h>

#include "stat/ks_design.h"

/* ---- shapes ----------------------------------------------------------------------- */

static bool
atom_is_factor(const KsFormula *formula, int atom, const bool *is_factor)
{
	return formula->atom[atom].variable >= 0 && is_factor[formula->atom[atom].variable];
}

/* A factor that an expression uses as a number; -1: none. */
static int
misused_factor(const KsFormula *formula, const KsAtom *atom, const bool *is_factor)
{
	for (int s = 0; s < atom->n_steps; s++)
	{
		const KsStep *step = &formula->step[atom->first_step + s];

		if (step->operation == KS_PUSH_VARIABLE && is_factor[step->variable])
			return step->variable;
	}
	return -1;
}

bool
ks_term_shape(const KsFormula *formula, uint64_t term, const bool *is_factor,
			  KsTermShape *shape, KsShapeError *error)
{
	shape->n_factors = shape->n_numbers = 0;
	shape->parts = 1;
	error->variable = -1;
	error->term = 0;
	for (int a = 0; a < formula->n_atoms; a++)
	{
		if (!(term >> a & 1))
			continue;
		if (atom_is_factor(formula, a, is_factor))
		{
			if (shape->n_factors >= KS_MAX_TERM_FACTORS)
			{
				error->term = term;
				return false;
			}
			shape->factor[shape->n_factors++] = a;
			continue;
		}
		error->variable = misused_factor(formula, &formula->atom[a], is_factor);
		if (error->variable >= 0)
			return false;
		shape->number[shape->n_numbers++] = a;
		shape->parts *= formula->atom[a].columns;
		if (shape->parts > KS_MAX_COLUMNS)
		{
			error->term = term;
			return false;
		}
	}
	return true;
}

void
ks_term_parts(const KsFormula *formula, const KsTermShape *shape, const KsDD *value,
			  const int *first, KsDD *part)
{
	int parts = 1;

	part[0] = ks_dd(1);
	for (int i = 0; i < shape->n_numbers; i++)
	{
		const KsDD *factor = value + first[shape->number[i]];
		int columns = formula->atom[shape->number[i]].columns;

		/* the first atom varies fastest; from the end, so that nothing is overwritten */
		for (int c = columns - 1; c >= 0; c--)
			for (int p = parts - 1; p >= 0; p--)
				part[c * parts + p] = i == 0 ? factor[c] : ks_dd_mul(part[p], factor[c]);
		parts *= columns;
	}
}

/* ---- coding ----------------------------------------------------------------------- */

/* R's rule: contrasts where an earlier term holds all the rest of this one. */
static bool
needs_all_levels(const uint64_t *terms, int term, int atom)
{
	uint64_t rest = terms[term] & ~(UINT64_C(1) << atom);

	if (rest == 0)
		return false;
	for (int t = 0; t < term; t++)
		if ((rest & ~terms[t]) == 0)
			return false;
	return true;
}

static void
choose_coding(KsDesign *design)
{
	bool adjusted = design->intercept;

	for (int t = 0; t < design->n_terms; t++)
	{
		KsDesignTerm *term = &design->term[t];

		for (int f = 0; f < term->shape.n_factors; f++)
		{
			term->full[f] =
				needs_all_levels(design->term_atoms, t, term->shape.factor[f]);
			if (!adjusted)
				term->full[f] = adjusted = true;
		}
	}
}

static int
level_count(const KsDesign *design, int term, int factor)
{
	const KsFormula *formula = design->formula;

	return design->levels[formula->atom[design->term[term].shape.factor[factor]].variable]
		.count;
}

/* Columns of a term, counted up to a little more than KS_MAX_COLUMNS. */
static int
count_columns(const KsDesign *design, int t)
{
	const KsDesignTerm *term = &design->term[t];
	long count = term->shape.parts;

	for (int f = 0; f < term->shape.n_factors && count <= KS_MAX_COLUMNS; f++)
	{
		int levels = level_count(design, t, f);

		count *= term->full[f] ? levels : (levels > 0 ? levels - 1 : 0);
	}
	return (int) count;
}

/* The position-th column of a term: in R's order the first atom varies fastest. */
static KsDesignColumn
column_at(const KsDesign *design, int t, int position)
{
	const KsDesignTerm *term = &design->term[t];
	const KsFormula *formula = design->formula;
	KsDesignColumn column = {.term = t};
	int f = 0;
	int n = 0;
	int parts = 1;

	while (f < term->shape.n_factors || n < term->shape.n_numbers)
	{
		if (n >= term->shape.n_numbers ||
			(f < term->shape.n_factors && term->shape.factor[f] < term->shape.number[n]))
		{
			int reference = term->full[f] ? 0 : 1;
			int levels = level_count(design, t, f) - reference;

			column.level[f++] = position % levels + reference;
			position /= levels;
		}
		else
		{
			int columns = formula->atom[term->shape.number[n++]].columns;

			column.part += position % columns * parts;
			parts *= columns;
			position /= columns;
		}
	}
	return column;
}

static KsStatus
lay_out_terms(KsDesign *design)
{
	design->n_columns = design->intercept ? 1 : 0;
	for (int t = 0; t < design->n_terms; t++)
	{
		design->term[t].first_column = design->n_columns;
		design->term[t].n_columns = count_columns(design, t);
		design->n_columns += design->term[t].n_columns;
		if (design->n_columns > KS_MAX_COLUMNS)
			return KS_TOO_LARGE;
	}
	return KS_OK;
}

KsStatus
ks_design_build(const KsFormula *formula, const uint64_t *terms, int n_terms,
				bool intercept, const KsLevels *levels, const KsEnv *env,
				KsDesign *design)
{
	bool is_factor[KS_MAX_VARIABLES];
	KsShapeError error;

	memset(design, 0, sizeof(*design));
	design->formula = formula;
	design->levels = levels;
	design->intercept = intercept;
	design->n_terms = n_terms;
	design->term_atoms = terms;
	for (int v = 0; v < formula->n_variables; v++)
		is_factor[v] = levels[v].count > 0;
	design->term = env->alloc(env->context, sizeof(KsDesignTerm) * (n_terms + 1));
	if (design->term == NULL)
		return KS_NO_MEMORY;
	memset(design->term, 0, sizeof(KsDesignTerm) * (n_terms + 1));
	for (int t = 0; t < n_terms; t++)
		if (!ks_term_shape(formula, terms[t], is_factor, &design->term[t].shape, &error))
			return KS_TOO_LARGE;
	choose_coding(design);
	if (lay_out_terms(design) != KS_OK)
		return KS_TOO_LARGE;
	design->column =
		env->alloc(env->context, sizeof(KsDesignColumn) * (design->n_columns + 1));
	if (design->column == NULL)
		return KS_NO_MEMORY;
	design->column[0] = (KsDesignColumn){.term = -1};
	for (int t = 0; t < n_terms; t++)
		for (int c = 0; c < design->term[t].n_columns; c++)
			design->column[design->term[t].first_column + c] = column_at(design, t, c);
	return KS_OK;
}

void
ks_design_free(KsDesign *design, const KsEnv *env)
{
	if (design->column != NULL)
		env->free(env->context, design->column);
	if (design->term != NULL)
		env->free(env->context, design->term);
	design->column = NULL;
	design->term = NULL;
}

/* ---- names ------------------------------------------------------------------------ */

static size_t
append(char *name, size_t used, const char *text)
{
	size_t length = strlen(text);

	if (length > KS_COLUMN_NAME_SIZE - 1 - used)
		for (length = KS_COLUMN_NAME_SIZE - 1 - used;
			 length > 0 && (text[length] & 0xC0) == 0x80;)
			length--;
	memcpy(name + used, text, length);
	name[used + length] = '\0';
	return used + length;
}

void
ks_design_name(const KsDesign *design, int column, char name[KS_COLUMN_NAME_SIZE])
{
	const KsDesignColumn *of = &design->column[column];
	const KsFormula *formula = design->formula;
	const KsTermShape *shape;
	size_t used = 0;
	int part = of->part;
	int f = 0;

	name[0] = '\0';
	if (of->term < 0)
	{
		append(name, 0, "(Intercept)");
		return;
	}
	shape = &design->term[of->term].shape;
	for (int a = 0; a < formula->n_atoms; a++)
	{
		const KsAtom *atom = &formula->atom[a];

		if (!(design->term_atoms[of->term] >> a & 1))
			continue;
		if (used > 0)
			used = append(name, used, ":");
		used = append(name, used, ks_formula_text(formula, atom->label));
		if (f < shape->n_factors && shape->factor[f] == a)
			used =
				append(name, used, design->levels[atom->variable].level[of->level[f++]]);
		else if (atom->columns > 1)
		{
			char number[16];

			snprintf(number, sizeof(number), "%d", part % atom->columns + 1);
			used = append(name, used, number);
			part /= atom->columns;
		}
	}
}

/* ---- hypotheses of type III ------------------------------------------------------- */

int
ks_type3_rows(const KsDesign *design, int term)
{
	return design->term[term].n_columns;
}

static bool
same_numbers(const KsTermShape *a, const KsTermShape *b)
{
	return a->n_numbers == b->n_numbers &&
		   memcmp(a->number, b->number, sizeof(int) * a->n_numbers) == 0;
}

static int
factor_index(const KsTermShape *shape, int atom)
{
	for (int f = 0; f < shape->n_factors; f++)
		if (shape->factor[f] == atom)
			return f;
	return -1;
}

/*
 * The weight of one column in the effect that `effect`, a column of the tested
 * term, stands for.
 */
static double
type3_weight(const KsDesign *design, const KsDesignColumn *effect,
			 const KsDesignColumn *column)
{
	const KsDesignTerm *tested = &design->term[effect->term];
	const KsDesignTerm *other;
	double weight = 1;

	if (column->term < 0)
	{
		/* a constant has no differences, and only full coding has none of those */
		if (tested->shape.n_numbers > 0)
			return 0;
		for (int f = 0; f < tested->shape.n_factors; f++)
			if (!tested->full[f])
				return 0;
		return 1;
	}
	other = &design->term[column->term];
	if (!same_numbers(&tested->shape, &other->shape) || effect->part != column->part)
		return 0;
	for (int f = 0; f < other->shape.n_factors; f++)
	{
		int g = factor_index(&tested->shape, other->shape.factor[f]);

		if (g < 0)
			weight /= level_count(design, column->term, f);
		else if (tested->full[g])
			weight *= column->level[f] == effect->level[g];
		else
			weight *= (column->level[f] == effect->level[g]) - (column->level[f] == 0);
	}
	for (int g = 0; g < tested->shape.n_factors; g++)
		if (!tested->full[g] && factor_index(&other->shape, tested->shape.factor[g]) < 0)
			return 0;
	return weight;
}

void
ks_type3_weights(const KsDesign *design, int term, double *weights)
{
	const KsDesignTerm *tested = &design->term[term];

	for (int r = 0; r < tested->n_columns; r++)
		for (int c = 0; c < design->n_columns; c++)
			weights[(size_t) r * design->n_columns + c] = type3_weight(
				design, &design->column[tested->first_column + r], &design->column[c]);
}
