/*
 * ks_formula_values.c
 *	  Formulas: the values of their expressions for a row, in double-double so
 *	  that powers and products keep what a double would round away.
 */
#include <stdio.h>
#include <stdlib.h>

#include "stat/ks_formula_parser.h"

/* ---- values ----------------------------------------------------------------------- */

static KsDD
whole_power(KsDD base, int exponent)
{
	KsDD result = ks_dd(1);

	for (unsigned int e = (unsigned int) abs(exponent); e > 0; e >>= 1)
	{
		if (e & 1)
			result = ks_dd_mul(result, base);
		if (e > 1)
			base = ks_dd_mul(base, base);
	}
	return exponent < 0 ? ks_dd_div(ks_dd(1), result) : result;
}

static KsDD
power(KsDD base, KsDD exponent)
{
	if (exponent.lo == 0 && fabs(exponent.hi) <= 1024 &&
		floor(exponent.hi) == exponent.hi)
		return whole_power(base, (int) exponent.hi);
	return ks_dd(pow(ks_dd_value(base), ks_dd_value(exponent)));
}

static KsDD
apply(KsOperation operation, KsDD left, KsDD right)
{
	switch (operation)
	{
		case KS_ADD:
			return ks_dd_add(left, right);
		case KS_SUBTRACT:
			return ks_dd_sub(left, right);
		case KS_MULTIPLY:
			return ks_dd_mul(left, right);
		case KS_DIVIDE:
			return ks_dd_div(left, right);
		default:
			return power(left, right);
	}
}

/* A double-double that overflowed on the way has NaN in its low part. */
static KsDD
settled(KsDD value)
{
	return isfinite(value.hi) && isfinite(value.lo) ? value : ks_dd(value.hi);
}

void
ks_formula_evaluate(const KsFormula *formula, const KsAtom *atom, const KsDD *variable,
					KsDD *value)
{
	KsDD stack[VALUE_STACK + 1];
	int top = -1;

	for (int s = 0; s < atom->n_steps; s++)
	{
		const KsStep *step = &formula->step[atom->first_step + s];

		switch (step->operation)
		{
			case KS_PUSH_VARIABLE:
				stack[++top] = variable[step->variable];
				break;
			case KS_PUSH_NUMBER:
				stack[++top] = ks_dd(step->number);
				break;
			case KS_NEGATE:
				stack[top] = ks_dd_neg(stack[top]);
				break;
			case KS_LOG:
				stack[top] = ks_dd(log(ks_dd_value(stack[top])));
				break;
			case KS_EXP:
				stack[top] = ks_dd(exp(ks_dd_value(stack[top])));
				break;
			case KS_SQRT:
				stack[top] = ks_dd(sqrt(ks_dd_value(stack[top])));
				break;
			default:
				top--;
				stack[top] = apply(step->operation, stack[top], stack[top + 1]);
				break;
		}
	}
	value[0] = settled(stack[0]);
	for (int k = 1; k < atom->columns; k++)
		value[k] = settled(ks_dd_mul(value[k - 1], value[0]));
}

void
ks_formula_term_label(const KsFormula *formula, uint64_t term, char *label, size_t size)
{
	size_t used = 0;

	label[0] = '\0';
	for (int a = 0; a < formula->n_atoms; a++)
		if ((term >> a & 1) && used < size)
			used += snprintf(label + used, size - used, "%s%s", used > 0 ? ":" : "",
							 ks_formula_text(formula, formula->atom[a].label));
}
