/*
 * ks_formula.c
 *	  Model formulas: a recursive descent parser of R's grammar.
 *
 * Terms are sets of atoms held as bits, and the operators are operations on
 * lists of such sets, as Wilkinson and Rogers (1973, Appl. Stat. 22:392) and
 * Chambers and Hastie (1992, Statistical Models in S, ch. 2) define them.  A
 * list lies on one stack of words; an operator combines the two lists on top.
 * So nothing is allocated and both depth and size are bounded.
 */
#include <string.h>

#include "stat/ks_formula_parser.h"

/* ---- lists of terms --------------------------------------------------------------- */

/*
 * A list is what lies on the stack from its start; two lists follow each other,
 * and the result of an operator replaces both.
 */
static void
push_term(Parser *parser, uint64_t term)
{
	if (parser->n_stack >= TERM_STACK)
		ks_parser_fail(parser, true, parser->token.at,
					   "the formula has more than %d terms", KS_MAX_TERMS);
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
		ks_parser_fail(parser, true, parser->token.at,
					   "the formula has more than %d terms", KS_MAX_TERMS);
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

/* ---- the right side --------------------------------------------------------------- */

static void terms_sum(Parser *parser);

static void
read_grouping(Parser *parser, KsGrouping *grouping)
{
	char joint = '\0';

	memset(grouping, 0, sizeof(*grouping));
	grouping->position = ks_parser_position_of(parser, parser->token.at);
	for (;;)
	{
		int variable;

		if (parser->token.kind != TOKEN_NAME || ks_parser_at_call(parser))
			ks_parser_fail_unexpected(parser, "the column that names the group");
		else if (grouping->n_variables >= KS_MAX_GROUPING)
			ks_parser_fail(parser, true, parser->token.at, "groups nest deeper than %d",
						   KS_MAX_GROUPING);
		if (parser->failed)
			return;
		variable = ks_parser_intern_variable(parser, parser->token.start,
											 parser->token.length, parser->token.at);
		ks_parser_advance(parser);
		if (parser->failed)
			return;
		parser->formula->variable[variable].in_grouping = true;
		grouping->variable[grouping->n_variables++] = variable;
		if (!ks_parser_at_sign(parser, '/') && !ks_parser_at_sign(parser, ':'))
			return;
		if (joint != '\0' && joint != parser->token.sign)
			ks_parser_fail_unexpected(parser, "one kind of nesting");
		joint = parser->token.sign;
		grouping->nested = joint == '/';
		ks_parser_advance(parser);
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
		ks_parser_fail(parser, false, parser->token.at,
					   "a random term stands inside another");
	else if (formula->n_random >= KS_MAX_RANDOM || n_terms > KS_MAX_RANDOM_TERMS)
		ks_parser_fail(parser, true, parser->token.at, "the random part is too large");
	if (parser->failed)
		return;
	random = &formula->random[formula->n_random++];
	random->correlated = parser->token.kind != TOKEN_BARS;
	random->intercept = parser->intercept != 0;
	random->n_terms = n_terms;
	memcpy(random->term, parser->stack + start, sizeof(uint64_t) * n_terms);
	parser->n_stack = start;
	ks_parser_advance(parser);
	read_grouping(parser, &random->grouping);
	if (!parser->failed && !random->intercept && n_terms == 0)
		ks_parser_fail(parser, false, parser->token.at, "a random term has no column");
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

	ks_parser_advance(parser);
	if (ks_parser_descend(parser))
	{
		parser->intercept = -1;
		terms_sum(parser);
		if (!parser->failed &&
			(ks_parser_at_sign(parser, '|') || parser->token.kind == TOKEN_BARS))
		{
			read_random(parser, start, n_random);
			literal = RANDOM_TERM;
			parser->intercept = outer_intercept;
		}
		else if (parser->intercept < 0)
			parser->intercept = outer_intercept;
	}
	parser->depth--;
	ks_parser_close_parenthesis(parser, opened);
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
		ks_parser_fail(parser, false, at,
					   "\".\" has a meaning only where the columns are known");
	for (int c = 0; c < parser->n_columns && !parser->failed; c++)
	{
		const char *column = parser->columns[c];
		bool used = is_grouping(parser, column);
		int atom;

		for (int v = 0; v < n_response && !used; v++)
			used =
				formula->variable[v].in_response &&
				strcmp(ks_formula_text(formula, formula->variable[v].name), column) == 0;
		if (used)
			continue;
		atom = ks_parser_variable_atom(parser, column, strlen(column), at);
		if (atom >= 0)
			push_term(parser, UINT64_C(1) << atom);
	}
	ks_parser_advance(parser);
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
			ks_parser_fail_unexpected(parser, "a column, 0 or 1");
		parser->literal = parser->token.number == 0 ? ZERO : ONE;
		ks_parser_advance(parser);
		return;
	}
	if (parser->token.kind == TOKEN_DOT)
	{
		push_other_columns(parser);
		return;
	}
	if (ks_parser_at_sign(parser, '('))
	{
		terms_parenthesis(parser);
		return;
	}
	if (parser->token.kind != TOKEN_NAME)
	{
		ks_parser_fail_unexpected(parser, "a column");
		return;
	}
	if (ks_parser_at_call(parser))
		atom = ks_parser_call_atom(parser);
	else
	{
		atom = ks_parser_variable_atom(parser, parser->token.start, parser->token.length,
									   parser->token.at);
		ks_parser_advance(parser);
	}
	if (atom >= 0)
		push_term(parser, UINT64_C(1) << atom);
}

/* Numbers and random terms are only added and taken away. */
static void
require_terms(Parser *parser)
{
	if (parser->literal == RANDOM_TERM)
		ks_parser_fail(parser, false, parser->token.at,
					   "a random term can only be added");
	else if (parser->literal != TERMS)
		ks_parser_fail(parser, false, parser->token.at,
					   "0 and 1 can only be added or taken away");
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
	if (!ks_parser_at_sign(parser, '^'))
		return;
	require_terms(parser);
	ks_parser_advance(parser);
	times = parser->token.kind == TOKEN_NUMBER && parser->token.number >= 1 &&
					parser->token.number <= 10
				? (int) parser->token.number
				: 0;
	if (times == 0 || times != parser->token.number)
		ks_parser_fail_unexpected(parser, "a whole number from 1 to 10");
	ks_parser_advance(parser);
	if (!parser->failed)
		raise_terms(parser, start, times);
	parser->literal = TERMS;
}

static void
terms_interaction(Parser *parser)
{
	int start = parser->n_stack;

	terms_power(parser);
	while (ks_parser_at_sign(parser, ':'))
	{
		int right = parser->n_stack;

		require_terms(parser);
		ks_parser_advance(parser);
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
	while (ks_parser_at_sign(parser, '*') || ks_parser_at_sign(parser, '/'))
	{
		int right = parser->n_stack;
		bool crossed = parser->token.sign == '*';

		require_terms(parser);
		ks_parser_advance(parser);
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

	if (ks_parser_at_sign(parser, '+') || ks_parser_at_sign(parser, '-'))
	{
		minus = parser->token.sign == '-';
		ks_parser_advance(parser);
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
			ks_parser_fail(parser, false, parser->token.at,
						   "a random term can only be added");
		else if (minus)
			subtract(parser, start, right);
		else
			remove_repetitions(parser, start);
		parser->literal = TERMS;
		if (!ks_parser_at_sign(parser, '+') && !ks_parser_at_sign(parser, '-'))
			return;
		minus = parser->token.sign == '-';
		ks_parser_advance(parser);
	}
}

/* ---- the whole -------------------------------------------------------------------- */

static void
read_response(Parser *parser)
{
	KsFormula *formula = parser->formula;
	const char *at = parser->token.at;
	Label label;

	label.used = 0;
	if (ks_parser_at_sign(parser, '~'))
	{
		ks_parser_fail(parser, false, at, "the formula needs an outcome before \"~\"");
		return;
	}
	/* I() before the ~ is as good as nothing, and R prints it */
	if (ks_parser_at_call(parser) && ks_parser_at_word(parser, "I"))
		formula->response = ks_parser_call_atom(parser);
	else
	{
		ks_parser_arithmetic_sum(parser, &label);
		formula->response = ks_parser_intern_atom(parser, &label, 0, 1, at);
	}
	for (int v = 0; v < formula->n_variables; v++)
		formula->variable[v].in_response = true;
	if (!parser->failed && formula->n_variables == 0)
		ks_parser_fail(parser, false, at, "the outcome names no column");
	if (!ks_parser_accept_sign(parser, '~'))
		ks_parser_fail_unexpected(parser, "\"~\"");
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
			ks_parser_fail(parser, false, parser->text,
						   "the outcome is also a predictor");
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
	ks_parser_advance(parser);
	read_response(parser);
	terms_sum(parser);
	if (ks_parser_accept_sign(parser, '|'))
		read_grouping(parser, &formula->subject);
	if (!parser->failed && parser->token.kind != TOKEN_END)
		ks_parser_fail_unexpected(parser, "an operator");
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
		ks_parser_fail(&parser, true, text, "the formula is longer than %d bytes",
					   KS_FORMULA_BYTES);
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
