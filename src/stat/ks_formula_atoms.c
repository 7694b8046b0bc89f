/*
 * ks_formula_atoms.c
 *	  Formulas: the variables, and the expressions that are one variable to the
 *	  model: a column, I(), log(), exp(), sqrt(), poly().
 *
 * An expression is written as a program in postfix order and as the text R
 * would print, which is the atom's identity.
 */
#include <stdio.h>
#include <string.h>

#include "stat/ks_formula_parser.h"

/* ---- variables and programs ------------------------------------------------------- */

/* The variable of that name, a new one if need be; -1 after a failure. */
int
ks_parser_intern_variable(Parser *parser, const char *name, size_t length, const char *at)
{
	KsFormula *formula = parser->formula;
	KsVariable *variable;

	for (int i = 0; i < formula->n_variables; i++)
	{
		const char *known = ks_formula_text(formula, formula->variable[i].name);

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return i;
	}
	if (formula->n_variables >= KS_MAX_VARIABLES)
		ks_parser_fail(parser, true, at, "the formula names more than %d columns",
					   KS_MAX_VARIABLES);
	if (parser->failed)
		return -1;
	variable = &formula->variable[formula->n_variables];
	memset(variable, 0, sizeof(*variable));
	variable->name = formula->pool_used;
	variable->position = ks_parser_position_of(parser, at);
	ks_parser_put_bytes(parser, name, length);
	ks_parser_put_end(parser);
	return parser->failed ? -1 : formula->n_variables++;
}

/* `change` is what the step adds to the values on the stack. */
static void
emit(Parser *parser, KsOperation operation, int variable, double number, int change)
{
	KsFormula *formula = parser->formula;

	parser->values += change;
	if (formula->n_steps >= KS_MAX_STEPS || parser->values > VALUE_STACK)
		ks_parser_fail(parser, true, parser->token.at, "an expression is too long");
	if (parser->failed)
		return;
	formula->step[formula->n_steps++] = (KsStep){operation, variable, number};
}

static void
write_label(Parser *parser, Label *label, const char *text, size_t length)
{
	if (length >= sizeof(label->text) - label->used)
	{
		ks_parser_fail(parser, true, parser->token.at, "an expression is too long");
		return;
	}
	memcpy(label->text + label->used, text, length);
	label->used += length;
}

/* What `put` functions wrote to the pool since `start` moves to the label. */
static void
move_to_label(Parser *parser, Label *label, int start)
{
	write_label(parser, label, parser->formula->pool + start,
				parser->formula->pool_used - start);
	parser->formula->pool_used = start;
}

static void
label_sign(Parser *parser, Label *label, const char *sign)
{
	write_label(parser, label, sign, strlen(sign));
}

static void
arithmetic_variable(Parser *parser, Label *label)
{
	Token token = parser->token;
	int variable = ks_parser_intern_variable(parser, token.start, token.length, token.at);
	int start = parser->formula->pool_used;

	ks_parser_put_name(parser, token.start, token.length);
	move_to_label(parser, label, start);
	emit(parser, KS_PUSH_VARIABLE, variable, 0, 1);
	ks_parser_advance(parser);
}

static void
arithmetic_parenthesis(Parser *parser, Label *label)
{
	const char *opened = parser->token.at;

	ks_parser_advance(parser);
	label_sign(parser, label, "(");
	if (ks_parser_descend(parser))
		ks_parser_arithmetic_sum(parser, label);
	parser->depth--;
	ks_parser_close_parenthesis(parser, opened);
	label_sign(parser, label, ")");
}

/* log( exp( sqrt(, and nothing else. */
static void
arithmetic_call(Parser *parser, Label *label)
{
	static const struct
	{
		const char *name;
		KsOperation operation;
	} functions[] = {{"log", KS_LOG}, {"exp", KS_EXP}, {"sqrt", KS_SQRT}};

	for (size_t f = 0; f < sizeof(functions) / sizeof(functions[0]); f++)
		if (ks_parser_at_word(parser, functions[f].name))
		{
			label_sign(parser, label, functions[f].name);
			ks_parser_advance(parser);
			arithmetic_parenthesis(parser, label);
			emit(parser, functions[f].operation, -1, 0, 0);
			return;
		}
	ks_parser_fail(parser, false, parser->token.at,
				   "unknown function \"%.*s\": there are I, poly, log, exp and sqrt",
				   ks_parser_quoted_length(&parser->token), parser->token.start);
}

static void
arithmetic_primary(Parser *parser, Label *label)
{
	int start = parser->formula->pool_used;

	if (parser->failed)
		return;
	if (parser->token.kind == TOKEN_NUMBER)
	{
		ks_parser_put_number(parser, parser->token.number);
		move_to_label(parser, label, start);
		emit(parser, KS_PUSH_NUMBER, -1, parser->token.number, 1);
		ks_parser_advance(parser);
	}
	else if (ks_parser_at_call(parser))
		arithmetic_call(parser, label);
	else if (parser->token.kind == TOKEN_NAME)
		arithmetic_variable(parser, label);
	else if (ks_parser_at_sign(parser, '('))
		arithmetic_parenthesis(parser, label);
	else
		ks_parser_fail_unexpected(parser, "a column or a number");
}

/* Signs bind less than powers, and stand in exponents. */
static void
arithmetic_unary(Parser *parser, Label *label)
{
	if (parser->failed || !ks_parser_descend(parser))
		return;
	if (ks_parser_accept_sign(parser, '-'))
	{
		label_sign(parser, label, "-");
		arithmetic_unary(parser, label);
		emit(parser, KS_NEGATE, -1, 0, 0);
	}
	else if (ks_parser_accept_sign(parser, '+'))
	{
		label_sign(parser, label, "+");
		arithmetic_unary(parser, label);
	}
	else
	{
		arithmetic_primary(parser, label);
		if (ks_parser_accept_sign(parser, '^'))
		{
			label_sign(parser, label, "^");
			arithmetic_unary(parser, label);
			emit(parser, KS_POWER, -1, 0, -1);
		}
	}
	parser->depth--;
}

static void
arithmetic_product(Parser *parser, Label *label)
{
	arithmetic_unary(parser, label);
	while (ks_parser_at_sign(parser, '*') || ks_parser_at_sign(parser, '/'))
	{
		bool times = parser->token.sign == '*';

		ks_parser_advance(parser);
		label_sign(parser, label, times ? " * " : "/");
		arithmetic_unary(parser, label);
		emit(parser, times ? KS_MULTIPLY : KS_DIVIDE, -1, 0, -1);
	}
}

void
ks_parser_arithmetic_sum(Parser *parser, Label *label)
{
	arithmetic_product(parser, label);
	while (ks_parser_at_sign(parser, '+') || ks_parser_at_sign(parser, '-'))
	{
		bool plus = parser->token.sign == '+';

		ks_parser_advance(parser);
		label_sign(parser, label, plus ? " + " : " - ");
		arithmetic_product(parser, label);
		emit(parser, plus ? KS_ADD : KS_SUBTRACT, -1, 0, -1);
	}
}

/* ---- atoms ------------------------------------------------------------------------ */

/*
 * The atom with this label, whose program begins at first_step: a known one
 * takes back the new program.  -1 after a failure.
 */
int
ks_parser_intern_atom(Parser *parser, const Label *label, int first_step, int columns,
					  const char *at)
{
	KsFormula *formula = parser->formula;
	KsAtom *atom;

	if (parser->failed)
		return -1;
	for (int i = 0; i < formula->n_atoms; i++)
	{
		const char *known = ks_formula_text(formula, formula->atom[i].label);

		if (strlen(known) == label->used && memcmp(known, label->text, label->used) == 0)
		{
			formula->n_steps = first_step;
			return i;
		}
	}
	if (formula->n_atoms >= KS_MAX_ATOMS)
		ks_parser_fail(parser, true, at, "the formula has more than %d variables",
					   KS_MAX_ATOMS);
	if (parser->failed)
		return -1;
	atom = &formula->atom[formula->n_atoms];
	atom->label = formula->pool_used;
	atom->first_step = first_step;
	atom->n_steps = formula->n_steps - first_step;
	atom->variable = -1;
	atom->columns = columns;
	if (columns == 1 && atom->n_steps == 1 &&
		formula->step[first_step].operation == KS_PUSH_VARIABLE)
		atom->variable = formula->step[first_step].variable;
	ks_parser_put_bytes(parser, label->text, label->used);
	ks_parser_put_end(parser);
	return parser->failed ? -1 : formula->n_atoms++;
}

/* ", k, raw)" or ", k, raw = TRUE)": returns k. */
static int
poly_arguments(Parser *parser, Label *label)
{
	const char *at;
	int degree;

	if (!ks_parser_accept_sign(parser, ','))
	{
		ks_parser_fail_unexpected(parser, "a comma and the degree");
		return 1;
	}
	at = parser->token.at;
	degree = parser->token.kind == TOKEN_NUMBER && parser->token.number >= 1 &&
					 parser->token.number <= KS_MAX_DEGREE
				 ? (int) parser->token.number
				 : 0;
	if (degree == 0 || degree != parser->token.number)
		ks_parser_fail(parser, false, at,
					   "the degree of poly must be a whole number from 1 to %d",
					   KS_MAX_DEGREE);
	ks_parser_advance(parser);
	if (!ks_parser_accept_sign(parser, ',') || !ks_parser_at_word(parser, "raw"))
		ks_parser_fail(parser, false, at,
					   "poly gives raw powers only: write poly(x, %d, raw)", degree);
	ks_parser_advance(parser);
	if (ks_parser_accept_sign(parser, '='))
	{
		if (!ks_parser_at_word(parser, "TRUE") && !ks_parser_at_word(parser, "T"))
			ks_parser_fail(parser, false, at,
						   "poly gives raw powers only: write poly(x, %d, raw)", degree);
		ks_parser_advance(parser);
		label->used +=
			snprintf(label->text + label->used, sizeof(label->text) - label->used,
					 ", %d, raw = TRUE", degree);
	}
	else
		label->used += snprintf(label->text + label->used,
								sizeof(label->text) - label->used, ", %d, raw", degree);
	return degree;
}

/* A function call where a term may stand: its atom. */
int
ks_parser_call_atom(Parser *parser)
{
	const char *at = parser->token.at;
	int first_step = parser->formula->n_steps;
	bool inhibit = ks_parser_at_word(parser, "I");
	bool poly = ks_parser_at_word(parser, "poly");
	int columns = 1;
	Label label;

	label.used = 0;
	parser->values = 0;
	if (!inhibit && !poly)
		arithmetic_call(parser, &label);
	else
	{
		const char *opened;

		label_sign(parser, &label, inhibit ? "I(" : "poly(");
		ks_parser_advance(parser);
		opened = parser->token.at;
		ks_parser_advance(parser);
		if (ks_parser_descend(parser))
			ks_parser_arithmetic_sum(parser, &label);
		parser->depth--;
		if (poly && !parser->failed)
		{
			/* room for the arguments, which are short */
			write_label(parser, &label, "                                ", 32);
			label.used -= parser->failed ? 0 : 32;
			columns = parser->failed ? 1 : poly_arguments(parser, &label);
		}
		ks_parser_close_parenthesis(parser, opened);
		label_sign(parser, &label, ")");
	}
	return ks_parser_intern_atom(parser, &label, first_step, columns, at);
}

int
ks_parser_variable_atom(Parser *parser, const char *name, size_t length, const char *at)
{
	int first_step = parser->formula->n_steps;
	int variable = ks_parser_intern_variable(parser, name, length, at);
	int start = parser->formula->pool_used;
	Label label;

	label.used = 0;
	parser->values = 0;
	emit(parser, KS_PUSH_VARIABLE, variable, 0, 1);
	ks_parser_put_name(parser, name, length);
	if (parser->failed)
		return -1;
	move_to_label(parser, &label, start);
	return ks_parser_intern_atom(parser, &label, first_step, 1, at);
}
