/*
 * ks_formula.c
 *	  Model formulas: a recursive descent parser of R's grammar.
 *
 * Terms are sets of atoms held as bits, and the operators are operations on
 * lists of such sets, as Wilkinson and Rogers (1973, Appl. Stat. 22:392) and
 * Chambers and Hastie (1992, Statistical Models in S, ch. 2) define them.  A
 * list lies on one stack of words; an operator combines the two lists on top.
 * So nothing is allocated and both depth and size are bounded.
 *
 * Inside I(), log(), exp(), sqrt(), poly() and before the ~ the operators mean
 * arithmetic; there the parser writes a program in postfix order and the text
 * R would print, which is the atom's identity.
 */
#include <ctype.h>
#include <float.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat/ks_formula.h"

#define TERM_STACK (4 * KS_MAX_TERMS)
#define VALUE_STACK 64

typedef enum TokenKind
{
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_NAME,
	TOKEN_DOT,
	TOKEN_BARS, /* || */
	TOKEN_SIGN, /* any other single character, in .sign */
} TokenKind;

typedef struct Token
{
	TokenKind kind;
	char sign;
	const char *at; /* first byte, for the position of an error */
	const char *start;
	size_t length; /* of a name, without its quotes */
	bool quoted;
	double number;
} Token;

/* What stands where a list of terms is expected: terms, or one of these. */
typedef enum Literal
{
	TERMS,
	ZERO,
	ONE,
	RANDOM_TERM,
} Literal;

typedef struct Parser
{
	const char *text;
	const char *end;
	const char *next;
	Token token;
	KsFormula *formula;
	KsFormulaError *error;
	bool failed;
	int depth;
	int values;	   /* on the stack of the program being written */
	int intercept; /* -1: not mentioned */
	Literal literal;
	const char *const *columns;
	int n_columns;
	const KsFormula *groupings; /* of a first pass: names "." leaves out */
	int n_stack;
	uint64_t stack[TERM_STACK];
} Parser;

/* ---- errors -------------------------------------------------------------------------- */

/* Characters up to a byte, counted from 1; UTF-8 continuation bytes do not count. */
static int
position_of(const Parser *parser, const char *at)
{
	int position = 1;

	for (const char *c = parser->text; c < at; c++)
		if ((*c & 0xC0) != 0x80)
			position++;
	return position;
}

__attribute__((format(printf, 4, 5))) static void
fail(Parser *parser, bool too_large, const char *at, const char *format, ...)
{
	va_list arguments;

	if (parser->failed)
		return;
	parser->failed = true;
	parser->error->too_large = too_large;
	parser->error->position = position_of(parser, at);
	va_start(arguments, format);
	vsnprintf(parser->error->message, sizeof(parser->error->message), format, arguments);
	va_end(arguments);
}

/* Bytes of a name an error message may quote, whole characters only. */
static int
quoted_length(const Token *token)
{
	size_t length = token->length;

	if (length > 63)
		for (length = 63; length > 0 && (token->start[length] & 0xC0) == 0x80;)
			length--;
	return (int) length;
}

static void
fail_unexpected(Parser *parser, const char *wanted)
{
	const Token *token = &parser->token;

	switch (token->kind)
	{
		case TOKEN_END:
			fail(parser, false, token->at, "the formula ends where %s is expected", wanted);
			break;
		case TOKEN_NUMBER:
			fail(parser, false, token->at, "a number stands where %s is expected", wanted);
			break;
		case TOKEN_NAME:
			fail(parser, false, token->at, "\"%.*s\" stands where %s is expected",
				 quoted_length(token), token->start, wanted);
			break;
		case TOKEN_DOT:
			fail(parser, false, token->at, "\".\" stands where %s is expected", wanted);
			break;
		case TOKEN_BARS:
			fail(parser, false, token->at, "\"||\" stands where %s is expected", wanted);
			break;
		case TOKEN_SIGN:
			fail(parser, false, token->at, "\"%c\" stands where %s is expected", token->sign,
				 wanted);
			break;
	}
}

/* ---- tokens -------------------------------------------------------------------------- */

static bool
starts_name(char c)
{
	return isalpha((unsigned char) c) || c == '_' || (c & 0x80);
}

static bool
continues_name(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '.' || (c & 0x80);
}

static void
read_number(Parser *parser)
{
	char digits[64];
	const char *at = parser->next;
	size_t length = 0;
	char *end;

	while (at < parser->end && length < sizeof(digits) - 1 &&
		   (isdigit((unsigned char) *at) || *at == '.' ||
			((*at == 'e' || *at == 'E') && at + 1 < parser->end &&
			 (isdigit((unsigned char) at[1]) || at[1] == '-' || at[1] == '+')) ||
			((*at == '-' || *at == '+') && length > 0 && (at[-1] == 'e' || at[-1] == 'E'))))
		digits[length++] = *at++;
	digits[length] = '\0';
	parser->token.kind = TOKEN_NUMBER;
	parser->token.number = strtod(digits, &end);
	if (*end != '\0' || !isfinite(parser->token.number) || length == sizeof(digits) - 1)
		fail(parser, false, parser->next, "malformed number");
	parser->next = at;
}

static void
read_name(Parser *parser)
{
	const char *at = parser->next;

	while (at < parser->end && continues_name(*at))
		at++;
	parser->token.kind = TOKEN_NAME;
	parser->token.start = parser->next;
	parser->token.length = at - parser->next;
	parser->next = at;
}

static void
read_quoted_name(Parser *parser)
{
	const char *at = memchr(parser->next + 1, '`', parser->end - parser->next - 1);

	if (at == NULL || at == parser->next + 1)
	{
		fail(parser, false, parser->next,
			 at == NULL ? "a quoted name is not closed" : "a quoted name is empty");
		return;
	}
	parser->token.kind = TOKEN_NAME;
	parser->token.quoted = true;
	parser->token.start = parser->next + 1;
	parser->token.length = at - parser->next - 1;
	parser->next = at + 1;
}

static void
advance(Parser *parser)
{
	Token *token = &parser->token;
	char c;
	char after;

	while (parser->next < parser->end && isspace((unsigned char) *parser->next))
		parser->next++;
	memset(token, 0, sizeof(*token));
	token->at = parser->next;
	if (parser->next >= parser->end || parser->failed)
		return;
	c = *parser->next;
	after = parser->next + 1 < parser->end ? parser->next[1] : '\0';
	if (c == '\0')
		fail(parser, false, parser->next, "the formula holds a zero byte");
	else if (isdigit((unsigned char) c) || (c == '.' && isdigit((unsigned char) after)))
		read_number(parser);
	else if (starts_name(c) || (c == '.' && after != '\0' && continues_name(after)))
		read_name(parser);
	else if (c == '`')
		read_quoted_name(parser);
	else if (c == '.')
	{
		token->kind = TOKEN_DOT;
		parser->next++;
	}
	else if (c == '|' && after == '|')
	{
		token->kind = TOKEN_BARS;
		parser->next += 2;
	}
	else
	{
		token->kind = TOKEN_SIGN;
		token->sign = c;
		parser->next++;
		if (strchr("~+-*/:^(),|=", c) == NULL)
			fail(parser, false, token->at, "\"%c\" has no meaning in a formula", c);
	}
}

static bool
at_sign(const Parser *parser, char sign)
{
	return !parser->failed && parser->token.kind == TOKEN_SIGN && parser->token.sign == sign;
}

static bool
accept_sign(Parser *parser, char sign)
{
	if (!at_sign(parser, sign))
		return false;
	advance(parser);
	return true;
}

static bool
at_word(const Parser *parser, const char *word)
{
	const Token *token = &parser->token;

	return token->kind == TOKEN_NAME && !token->quoted && token->length == strlen(word) &&
		   memcmp(token->start, word, token->length) == 0;
}

static bool
at_call(const Parser *parser)
{
	const char *at = parser->next;

	if (parser->token.kind != TOKEN_NAME || parser->token.quoted)
		return false;
	while (at < parser->end && isspace((unsigned char) *at))
		at++;
	return at < parser->end && *at == '(';
}

static void
close_parenthesis(Parser *parser, const char *opened)
{
	if (parser->failed || accept_sign(parser, ')'))
		return;
	if (parser->token.kind == TOKEN_END)
		fail(parser, false, opened, "a parenthesis is not closed");
	else
		fail_unexpected(parser, "an operator or \")\"");
}

static bool
descend(Parser *parser)
{
	if (parser->depth >= KS_MAX_DEPTH)
		fail(parser, true, parser->token.at, "parentheses nest deeper than %d", KS_MAX_DEPTH);
	parser->depth++;
	return !parser->failed;
}

/* ---- the pool of texts ----------------------------------------------------------------- */

static void
put_bytes(Parser *parser, const char *bytes, size_t length)
{
	KsFormula *formula = parser->formula;

	if (parser->failed)
		return;
	if (length >= (size_t) (KS_FORMULA_POOL - formula->pool_used))
	{
		fail(parser, true, parser->token.at, "the formula names too much");
		return;
	}
	memcpy(formula->pool + formula->pool_used, bytes, length);
	formula->pool_used += (int) length;
}

static void
put(Parser *parser, const char *string)
{
	put_bytes(parser, string, strlen(string));
}

static void
put_end(Parser *parser)
{
	put_bytes(parser, "", 1);
}

/* A name as R prints it: in backquotes where it could not stand without them. */
static void
put_name(Parser *parser, const char *name, size_t length)
{
	bool plain = isalpha((unsigned char) name[0]) || (name[0] & 0x80) || name[0] == '.';

	for (size_t i = 0; i < length; i++)
		plain = plain && continues_name(name[i]);
	if (plain && name[0] == '.' && (length == 1 || isdigit((unsigned char) name[1])))
		plain = false;
	if (!plain)
		put(parser, "`");
	put_bytes(parser, name, length);
	if (!plain)
		put(parser, "`");
}

/* The fewest digits, up to 15, that give the number; fixed unless that is longer. */
static void
put_number(Parser *parser, double number)
{
	char scientific[40];
	char fixed[400];
	int digits = 0;
	int decimals;

	do
		snprintf(scientific, sizeof(scientific), "%.*e", digits, number);
	while (strtod(scientific, NULL) != number && digits++ < 14);
	decimals = digits - atoi(strchr(scientific, 'e') + 1);
	snprintf(fixed, sizeof(fixed), "%.*f", decimals > 0 ? decimals : 0, number);
	put(parser, strlen(fixed) <= strlen(scientific) ? fixed : scientific);
}

/* ---- variables and programs ------------------------------------------------------------ */

/* The variable of that name, a new one if need be; -1 after a failure. */
static int
intern_variable(Parser *parser, const char *name, size_t length, const char *at)
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
		fail(parser, true, at, "the formula names more than %d columns", KS_MAX_VARIABLES);
	if (parser->failed)
		return -1;
	variable = &formula->variable[formula->n_variables];
	memset(variable, 0, sizeof(*variable));
	variable->name = formula->pool_used;
	variable->position = position_of(parser, at);
	put_bytes(parser, name, length);
	put_end(parser);
	return parser->failed ? -1 : formula->n_variables++;
}

/* `change` is what the step adds to the values on the stack. */
static void
emit(Parser *parser, KsOperation operation, int variable, double number, int change)
{
	KsFormula *formula = parser->formula;

	parser->values += change;
	if (formula->n_steps >= KS_MAX_STEPS || parser->values > VALUE_STACK)
		fail(parser, true, parser->token.at, "an expression is too long");
	if (parser->failed)
		return;
	formula->step[formula->n_steps++] = (KsStep){operation, variable, number};
}

/*
 * Labels are written while parsing, and so are the names of new variables: both
 * go to the pool, so a label is put together in a buffer of its own.
 */
typedef struct Label
{
	size_t used;
	char text[4 * KS_FORMULA_BYTES];
} Label;

static void arithmetic_sum(Parser *parser, Label *label);

static void
write_label(Parser *parser, Label *label, const char *text, size_t length)
{
	if (length >= sizeof(label->text) - label->used)
	{
		fail(parser, true, parser->token.at, "an expression is too long");
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
	int variable = intern_variable(parser, token.start, token.length, token.at);
	int start = parser->formula->pool_used;

	put_name(parser, token.start, token.length);
	move_to_label(parser, label, start);
	emit(parser, KS_PUSH_VARIABLE, variable, 0, 1);
	advance(parser);
}

static void
arithmetic_parenthesis(Parser *parser, Label *label)
{
	const char *opened = parser->token.at;

	advance(parser);
	label_sign(parser, label, "(");
	if (descend(parser))
		arithmetic_sum(parser, label);
	parser->depth--;
	close_parenthesis(parser, opened);
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
		if (at_word(parser, functions[f].name))
		{
			label_sign(parser, label, functions[f].name);
			advance(parser);
			arithmetic_parenthesis(parser, label);
			emit(parser, functions[f].operation, -1, 0, 0);
			return;
		}
	fail(parser, false, parser->token.at,
		 "unknown function \"%.*s\": there are I, poly, log, exp and sqrt",
		 quoted_length(&parser->token), parser->token.start);
}

static void
arithmetic_primary(Parser *parser, Label *label)
{
	int start = parser->formula->pool_used;

	if (parser->failed)
		return;
	if (parser->token.kind == TOKEN_NUMBER)
	{
		put_number(parser, parser->token.number);
		move_to_label(parser, label, start);
		emit(parser, KS_PUSH_NUMBER, -1, parser->token.number, 1);
		advance(parser);
	}
	else if (at_call(parser))
		arithmetic_call(parser, label);
	else if (parser->token.kind == TOKEN_NAME)
		arithmetic_variable(parser, label);
	else if (at_sign(parser, '('))
		arithmetic_parenthesis(parser, label);
	else
		fail_unexpected(parser, "a column or a number");
}

/* Signs bind less than powers, and stand in exponents. */
static void
arithmetic_unary(Parser *parser, Label *label)
{
	if (parser->failed || !descend(parser))
		return;
	if (accept_sign(parser, '-'))
	{
		label_sign(parser, label, "-");
		arithmetic_unary(parser, label);
		emit(parser, KS_NEGATE, -1, 0, 0);
	}
	else if (accept_sign(parser, '+'))
	{
		label_sign(parser, label, "+");
		arithmetic_unary(parser, label);
	}
	else
	{
		arithmetic_primary(parser, label);
		if (accept_sign(parser, '^'))
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
	while (at_sign(parser, '*') || at_sign(parser, '/'))
	{
		bool times = parser->token.sign == '*';

		advance(parser);
		label_sign(parser, label, times ? " * " : "/");
		arithmetic_unary(parser, label);
		emit(parser, times ? KS_MULTIPLY : KS_DIVIDE, -1, 0, -1);
	}
}

static void
arithmetic_sum(Parser *parser, Label *label)
{
	arithmetic_product(parser, label);
	while (at_sign(parser, '+') || at_sign(parser, '-'))
	{
		bool plus = parser->token.sign == '+';

		advance(parser);
		label_sign(parser, label, plus ? " + " : " - ");
		arithmetic_product(parser, label);
		emit(parser, plus ? KS_ADD : KS_SUBTRACT, -1, 0, -1);
	}
}

/* ---- atoms ------------------------------------------------------------------------------ */

/*
 * The atom with this label, whose program begins at first_step: a known one
 * takes back the new program.  -1 after a failure.
 */
static int
intern_atom(Parser *parser, const Label *label, int first_step, int columns, const char *at)
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
		fail(parser, true, at, "the formula has more than %d variables", KS_MAX_ATOMS);
	if (parser->failed)
		return -1;
	atom = &formula->atom[formula->n_atoms];
	atom->label = formula->pool_used;
	atom->first_step = first_step;
	atom->n_steps = formula->n_steps - first_step;
	atom->variable = -1;
	atom->columns = columns;
	if (atom->n_steps == 1 && formula->step[first_step].operation == KS_PUSH_VARIABLE)
		atom->variable = formula->step[first_step].variable;
	put_bytes(parser, label->text, label->used);
	put_end(parser);
	return parser->failed ? -1 : formula->n_atoms++;
}

/* ", k, raw)" or ", k, raw = TRUE)": returns k. */
static int
poly_arguments(Parser *parser, Label *label)
{
	const char *at;
	int degree;

	if (!accept_sign(parser, ','))
	{
		fail_unexpected(parser, "a comma and the degree");
		return 1;
	}
	at = parser->token.at;
	degree = parser->token.kind == TOKEN_NUMBER && parser->token.number >= 1 &&
					 parser->token.number <= KS_MAX_DEGREE
				 ? (int) parser->token.number
				 : 0;
	if (degree == 0 || degree != parser->token.number)
		fail(parser, false, at, "the degree of poly must be a whole number from 1 to %d",
			 KS_MAX_DEGREE);
	advance(parser);
	if (!accept_sign(parser, ',') || !at_word(parser, "raw"))
		fail(parser, false, at, "poly gives raw powers only: write poly(x, %d, raw)",
			 degree);
	advance(parser);
	if (accept_sign(parser, '='))
	{
		if (!at_word(parser, "TRUE") && !at_word(parser, "T"))
			fail(parser, false, at, "poly gives raw powers only: write poly(x, %d, raw)",
				 degree);
		advance(parser);
		label->used += snprintf(label->text + label->used,
								sizeof(label->text) - label->used,
								", %d, raw = TRUE", degree);
	}
	else
		label->used += snprintf(label->text + label->used,
								sizeof(label->text) - label->used, ", %d, raw", degree);
	return degree;
}

/* A function call where a term may stand: its atom. */
static int
call_atom(Parser *parser)
{
	const char *at = parser->token.at;
	int first_step = parser->formula->n_steps;
	bool inhibit = at_word(parser, "I");
	bool poly = at_word(parser, "poly");
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
		advance(parser);
		opened = parser->token.at;
		advance(parser);
		if (descend(parser))
			arithmetic_sum(parser, &label);
		parser->depth--;
		if (poly && !parser->failed)
		{
			/* room for the arguments, which are short */
			write_label(parser, &label, "                                ", 32);
			label.used -= parser->failed ? 0 : 32;
			columns = parser->failed ? 1 : poly_arguments(parser, &label);
		}
		close_parenthesis(parser, opened);
		label_sign(parser, &label, ")");
	}
	return intern_atom(parser, &label, first_step, columns, at);
}

static int
variable_atom(Parser *parser, const char *name, size_t length, const char *at)
{
	int first_step = parser->formula->n_steps;
	int variable = intern_variable(parser, name, length, at);
	int start = parser->formula->pool_used;
	Label label;

	label.used = 0;
	parser->values = 0;
	emit(parser, KS_PUSH_VARIABLE, variable, 0, 1);
	put_name(parser, name, length);
	if (parser->failed)
		return -1;
	move_to_label(parser, &label, start);
	return intern_atom(parser, &label, first_step, 1, at);
}

/* ---- lists of terms ------------------------------------------------------------------- */

/*
 * A list is what lies on the stack from its start; two lists follow each other,
 * and the result of an operator replaces both.
 */
static void
push_term(Parser *parser, uint64_t term)
{
	if (parser->n_stack >= TERM_STACK)
		fail(parser, true, parser->token.at, "the formula has more than %d terms",
			 KS_MAX_TERMS);
	if (!parser->failed)
		parser->stack[parser->n_stack++] = term;
}

/* Takes repetitions out of the list from `start`, keeping the first of each. */
static void
remove_repetitions(Parser *parser, int start)
{
	int kept = start;

	for (int i = start; i < parser->n_stack; i++)
	{
		bool known = false;

		for (int k = start; k < kept && !known; k++)
			known = parser->stack[k] == parser->stack[i];
		if (!known)
			parser->stack[kept++] = parser->stack[i];
	}
	parser->n_stack = kept;
	if (kept - start > KS_MAX_TERMS)
		fail(parser, true, parser->token.at, "the formula has more than %d terms",
			 KS_MAX_TERMS);
}

/* Appends to the list from `start` unless it is there. */
static void
push_new_term(Parser *parser, int start, uint64_t term)
{
	for (int i = start; i < parser->n_stack; i++)
		if (parser->stack[i] == term)
			return;
	push_term(parser, term);
}

/* Replaces what lies from `start` by what lies from `result`. */
static void
keep_result(Parser *parser, int start, int result)
{
	memmove(parser->stack + start, parser->stack + result,
			sizeof(uint64_t) * (parser->n_stack - result));
	parser->n_stack -= result - start;
	remove_repetitions(parser, start);
}

/* a:b, and with the terms of both before it a*b. */
static void
interact(Parser *parser, int left, int right, bool with_main)
{
	int end = parser->n_stack;

	for (int i = left; with_main && i < end; i++)
		push_new_term(parser, end, parser->stack[i]);
	for (int l = left; l < right; l++)
		for (int r = right; r < end && !parser->failed; r++)
			push_new_term(parser, end, parser->stack[l] | parser->stack[r]);
	keep_result(parser, left, end);
}

/* a/b = a + (all of a):b. */
static void
nest(Parser *parser, int left, int right)
{
	uint64_t all = 0;

	for (int l = left; l < right; l++)
		all |= parser->stack[l];
	for (int r = right; r < parser->n_stack; r++)
		parser->stack[r] |= all;
	remove_repetitions(parser, left);
}

static void
subtract(Parser *parser, int left, int right)
{
	int kept = left;

	for (int l = left; l < right; l++)
	{
		bool taken = false;

		for (int r = right; r < parser->n_stack; r++)
			taken = taken || parser->stack[l] == parser->stack[r];
		if (!taken)
			parser->stack[kept++] = parser->stack[l];
	}
	parser->n_stack = kept;
}

/* ---- the right side ------------------------------------------------------------------- */

static void terms_sum(Parser *parser);

static void
read_grouping(Parser *parser, KsGrouping *grouping)
{
	char joint = '\0';

	memset(grouping, 0, sizeof(*grouping));
	grouping->position = position_of(parser, parser->token.at);
	for (;;)
	{
		int variable;

		if (parser->token.kind != TOKEN_NAME || at_call(parser))
			fail_unexpected(parser, "the column that names the group");
		else if (grouping->n_variables >= KS_MAX_GROUPING)
			fail(parser, true, parser->token.at, "groups nest deeper than %d",
				 KS_MAX_GROUPING);
		if (parser->failed)
			return;
		variable = intern_variable(parser, parser->token.start, parser->token.length,
								   parser->token.at);
		advance(parser);
		if (parser->failed)
			return;
		parser->formula->variable[variable].in_grouping = true;
		grouping->variable[grouping->n_variables++] = variable;
		if (!at_sign(parser, '/') && !at_sign(parser, ':'))
			return;
		if (joint != '\0' && joint != parser->token.sign)
			fail_unexpected(parser, "one kind of nesting");
		joint = parser->token.sign;
		grouping->nested = joint == '/';
		advance(parser);
	}
}

/* The list from `start` becomes the terms of a random part; at | or ||. */
static void
read_random(Parser *parser, int start, int n_random_before)
{
	KsFormula *formula = parser->formula;
	KsRandom *random;
	int n_terms = parser->n_stack - start;

	if (formula->n_random > n_random_before)
		fail(parser, false, parser->token.at, "a random term stands inside another");
	else if (formula->n_random >= KS_MAX_RANDOM || n_terms > KS_MAX_RANDOM_TERMS)
		fail(parser, true, parser->token.at, "the random part is too large");
	if (parser->failed)
		return;
	random = &formula->random[formula->n_random++];
	random->correlated = parser->token.kind != TOKEN_BARS;
	random->intercept = parser->intercept != 0;
	random->n_terms = n_terms;
	memcpy(random->term, parser->stack + start, sizeof(uint64_t) * n_terms);
	parser->n_stack = start;
	advance(parser);
	read_grouping(parser, &random->grouping);
	if (!parser->failed && !random->intercept && n_terms == 0)
		fail(parser, false, parser->token.at, "a random term has no column");
}

/* ( terms ), or a random term ( terms | group ). */
static void
terms_parenthesis(Parser *parser)
{
	const char *opened = parser->token.at;
	int outer_intercept = parser->intercept;
	int start = parser->n_stack;
	int n_random = parser->formula->n_random;
	Literal literal = TERMS;

	advance(parser);
	if (descend(parser))
	{
		parser->intercept = -1;
		terms_sum(parser);
		if (!parser->failed && (at_sign(parser, '|') || parser->token.kind == TOKEN_BARS))
		{
			read_random(parser, start, n_random);
			literal = RANDOM_TERM;
			parser->intercept = outer_intercept;
		}
		else if (parser->intercept < 0)
			parser->intercept = outer_intercept;
	}
	parser->depth--;
	close_parenthesis(parser, opened);
	parser->literal = literal;
}

static bool
is_grouping(const Parser *parser, const char *column)
{
	const KsFormula *first = parser->groupings;

	for (int i = 0; first != NULL && i < first->n_variables; i++)
		if (first->variable[i].in_grouping &&
			strcmp(ks_formula_text(first, first->variable[i].name), column) == 0)
			return true;
	return false;
}

/* "." is every column that is neither in the response nor names a group. */
static void
push_other_columns(Parser *parser)
{
	const char *at = parser->token.at;
	KsFormula *formula = parser->formula;
	int n_response = formula->n_variables;

	formula->has_dot = true;
	if (parser->columns == NULL)
		fail(parser, false, at, "\".\" has a meaning only where the columns are known");
	for (int c = 0; c < parser->n_columns && !parser->failed; c++)
	{
		const char *column = parser->columns[c];
		bool used = is_grouping(parser, column);
		int atom;

		for (int v = 0; v < n_response && !used; v++)
			used = formula->variable[v].in_response &&
				   strcmp(ks_formula_text(formula, formula->variable[v].name), column) == 0;
		if (used)
			continue;
		atom = variable_atom(parser, column, strlen(column), at);
		if (atom >= 0)
			push_term(parser, UINT64_C(1) << atom);
	}
	advance(parser);
}

static void
terms_primary(Parser *parser)
{
	int atom;

	parser->literal = TERMS;
	if (parser->failed)
		return;
	if (parser->token.kind == TOKEN_NUMBER)
	{
		if (parser->token.number != 0 && parser->token.number != 1)
			fail_unexpected(parser, "a column, 0 or 1");
		parser->literal = parser->token.number == 0 ? ZERO : ONE;
		advance(parser);
		return;
	}
	if (parser->token.kind == TOKEN_DOT)
	{
		push_other_columns(parser);
		return;
	}
	if (at_sign(parser, '('))
	{
		terms_parenthesis(parser);
		return;
	}
	if (parser->token.kind != TOKEN_NAME)
	{
		fail_unexpected(parser, "a column");
		return;
	}
	if (at_call(parser))
		atom = call_atom(parser);
	else
	{
		atom = variable_atom(parser, parser->token.start, parser->token.length,
							 parser->token.at);
		advance(parser);
	}
	if (atom >= 0)
		push_term(parser, UINT64_C(1) << atom);
}

/* Numbers and random terms are only added and taken away. */
static void
require_terms(Parser *parser)
{
	if (parser->literal == RANDOM_TERM)
		fail(parser, false, parser->token.at, "a random term can only be added");
	else if (parser->literal != TERMS)
		fail(parser, false, parser->token.at, "0 and 1 can only be added or taken away");
}

/*
 * (list)^times: every union of that many of its terms.  On the stack lie the
 * list, then the result so far, then the next one.
 */
static void
raise_terms(Parser *parser, int start, int times)
{
	int base_end;

	remove_repetitions(parser, start);
	base_end = parser->n_stack;
	for (int i = start; i < base_end; i++)
		push_term(parser, parser->stack[i]);
	for (; times > 1 && !parser->failed; times--)
	{
		int end = parser->n_stack;

		for (int l = start; l < base_end; l++)
			for (int r = base_end; r < end && !parser->failed; r++)
				push_new_term(parser, end, parser->stack[l] | parser->stack[r]);
		keep_result(parser, base_end, end);
	}
	keep_result(parser, start, base_end);
}

static void
terms_power(Parser *parser)
{
	int start = parser->n_stack;
	int times;

	terms_primary(parser);
	if (!at_sign(parser, '^'))
		return;
	require_terms(parser);
	advance(parser);
	times = parser->token.kind == TOKEN_NUMBER && parser->token.number >= 1 &&
					parser->token.number <= 10
				? (int) parser->token.number
				: 0;
	if (times == 0 || times != parser->token.number)
		fail_unexpected(parser, "a whole number from 1 to 10");
	advance(parser);
	if (!parser->failed)
		raise_terms(parser, start, times);
	parser->literal = TERMS;
}

static void
terms_interaction(Parser *parser)
{
	int start = parser->n_stack;

	terms_power(parser);
	while (at_sign(parser, ':'))
	{
		int right = parser->n_stack;

		require_terms(parser);
		advance(parser);
		terms_power(parser);
		require_terms(parser);
		interact(parser, start, right, false);
	}
}

static void
terms_product(Parser *parser)
{
	int start = parser->n_stack;

	terms_interaction(parser);
	while (at_sign(parser, '*') || at_sign(parser, '/'))
	{
		int right = parser->n_stack;
		bool crossed = parser->token.sign == '*';

		require_terms(parser);
		advance(parser);
		terms_interaction(parser);
		require_terms(parser);
		if (crossed)
			interact(parser, start, right, true);
		else
			nest(parser, start, right);
	}
}

static void
terms_sum(Parser *parser)
{
	int start = parser->n_stack;
	bool minus = false;

	if (at_sign(parser, '+') || at_sign(parser, '-'))
	{
		minus = parser->token.sign == '-';
		advance(parser);
	}
	for (;;)
	{
		int right = parser->n_stack;

		terms_product(parser);
		if (parser->failed)
			return;
		if (parser->literal == ZERO || parser->literal == ONE)
			parser->intercept = (parser->literal == ONE) != minus;
		else if (parser->literal == RANDOM_TERM && minus)
			fail(parser, false, parser->token.at, "a random term can only be added");
		else if (minus)
			subtract(parser, start, right);
		else
			remove_repetitions(parser, start);
		parser->literal = TERMS;
		if (!at_sign(parser, '+') && !at_sign(parser, '-'))
			return;
		minus = parser->token.sign == '-';
		advance(parser);
	}
}

/* ---- the whole ------------------------------------------------------------------------ */

static void
read_response(Parser *parser)
{
	KsFormula *formula = parser->formula;
	const char *at = parser->token.at;
	Label label;

	label.used = 0;
	if (at_sign(parser, '~'))
	{
		fail(parser, false, at, "the formula needs an outcome before \"~\"");
		return;
	}
	/* I() before the ~ is as good as nothing, and R prints it */
	if (at_call(parser) && at_word(parser, "I"))
		formula->response = call_atom(parser);
	else
	{
		arithmetic_sum(parser, &label);
		formula->response = intern_atom(parser, &label, 0, 1, at);
	}
	for (int v = 0; v < formula->n_variables; v++)
		formula->variable[v].in_response = true;
	if (!parser->failed && formula->n_variables == 0)
		fail(parser, false, at, "the outcome names no column");
	if (!accept_sign(parser, '~'))
		fail_unexpected(parser, "\"~\"");
}

static int
count_atoms(uint64_t term)
{
	int count = 0;

	for (; term != 0; term &= term - 1)
		count++;
	return count;
}

/* The terms in R's order: by the number of their atoms, then as they were named. */
static void
take_terms(Parser *parser)
{
	KsFormula *formula = parser->formula;

	for (int size = 1; size <= KS_MAX_ATOMS; size++)
		for (int i = 0; i < parser->n_stack; i++)
			if (count_atoms(parser->stack[i]) == size)
				formula->term[formula->n_terms++] = parser->stack[i];
	formula->intercept = parser->intercept != 0;
}

static void
mark_variables(KsFormula *formula, uint64_t term)
{
	for (int a = 0; a < formula->n_atoms; a++)
		if (term >> a & 1)
			for (int s = 0; s < formula->atom[a].n_steps; s++)
			{
				const KsStep *step = &formula->step[formula->atom[a].first_step + s];

				if (step->operation == KS_PUSH_VARIABLE)
					formula->variable[step->variable].in_terms = true;
			}
}

static void
check_terms(Parser *parser)
{
	KsFormula *formula = parser->formula;

	for (int t = 0; t < formula->n_terms; t++)
	{
		if (formula->term[t] >> formula->response & 1)
			fail(parser, false, parser->text, "the outcome is also a predictor");
		mark_variables(formula, formula->term[t]);
	}
	for (int r = 0; r < formula->n_random; r++)
		for (int t = 0; t < formula->random[r].n_terms; t++)
			mark_variables(formula, formula->random[r].term[t]);
}

static void
parse_once(Parser *parser)
{
	KsFormula *formula = parser->formula;

	formula->n_variables = formula->n_atoms = formula->n_terms = formula->n_random = 0;
	formula->n_steps = formula->pool_used = 0;
	formula->has_dot = false;
	memset(&formula->subject, 0, sizeof(formula->subject));
	parser->next = parser->text;
	parser->failed = false;
	parser->depth = parser->values = parser->n_stack = 0;
	parser->intercept = -1;
	advance(parser);
	read_response(parser);
	terms_sum(parser);
	if (accept_sign(parser, '|'))
		read_grouping(parser, &formula->subject);
	if (!parser->failed && parser->token.kind != TOKEN_END)
		fail_unexpected(parser, "an operator");
	if (parser->failed)
		return;
	take_terms(parser);
	check_terms(parser);
}

bool
ks_formula_parse(const char *text, size_t length, const char *const *columns,
				 int n_columns, KsFormula *formula, KsFormulaError *error)
{
	Parser parser;
	KsFormula first;

	memset(&parser, 0, sizeof(parser));
	parser.text = text;
	parser.end = text + length;
	parser.formula = formula;
	parser.error = error;
	parser.columns = columns;
	parser.n_columns = n_columns;
	if (length > KS_FORMULA_BYTES)
	{
		fail(&parser, true, text, "the formula is longer than %d bytes", KS_FORMULA_BYTES);
		return false;
	}
	parse_once(&parser);
	if (!parser.failed && formula->has_dot)
	{
		/* once more, now that it is known which columns name groups */
		first = *formula;
		parser.groupings = &first;
		parse_once(&parser);
	}
	return !parser.failed;
}

/* ---- values ---------------------------------------------------------------------------- */

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
	if (exponent.lo == 0 && fabs(exponent.hi) <= 1024 && floor(exponent.hi) == exponent.hi)
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
ks_formula_evaluate(const KsFormula *formula, const KsAtom *atom, const double *variable,
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
				stack[++top] = ks_dd(variable[step->variable]);
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
