/*
 * ks_formula_parser.h
 *	  What the files of the formula parser share: tokens, errors, atoms.
 */
#ifndef KS_FORMULA_PARSER_H
#define KS_FORMULA_PARSER_H

#include <stdint.h>

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
	int values;    /* on the stack of the program being written */
	int intercept; /* -1: not mentioned */
	Literal literal;
	const char *const *columns;
	int n_columns;
	const KsFormula *groupings; /* of a first pass: names "." leaves out */
	int n_stack;
	uint64_t stack[TERM_STACK];
} Parser;

/*
 * Labels are written while parsing, and so are the names of new variables: both
 * go to the pool, so a label is put together in a buffer of its own.
 */
typedef struct Label
{
	size_t used;
	char text[4 * KS_FORMULA_BYTES];
} Label;

/* ---- errors: the first one stands, and everything else then does nothing ---------- */

extern void ks_parser_fail(Parser *parser, bool too_large, const char *at,
						   const char *format, ...) __attribute__((format(printf, 4, 5)));
extern void ks_parser_fail_unexpected(Parser *parser, const char *wanted);
extern int ks_parser_position_of(const Parser *parser, const char *at);
extern int ks_parser_quoted_length(const Token *token);

/* ---- tokens ----------------------------------------------------------------------- */

extern void ks_parser_advance(Parser *parser);
extern bool ks_parser_at_sign(const Parser *parser, char sign);
extern bool ks_parser_accept_sign(Parser *parser, char sign);
extern bool ks_parser_at_word(const Parser *parser, const char *word);
extern bool ks_parser_at_call(const Parser *parser);
extern void ks_parser_close_parenthesis(Parser *parser, const char *opened);

/* One parenthesis deeper: false past the limit.  The caller counts depth down. */
extern bool ks_parser_descend(Parser *parser);

/* ---- texts in the pool ------------------------------------------------------------ */

extern void ks_parser_put_bytes(Parser *parser, const char *bytes, size_t length);
extern void ks_parser_put_end(Parser *parser);

/* A name as R prints it: in backquotes where it could not stand without them. */
extern void ks_parser_put_name(Parser *parser, const char *name, size_t length);

/* The fewest digits, up to 15, that give the number; fixed unless that is longer. */
extern void ks_parser_put_number(Parser *parser, double number);

/* ---- atoms: their number in the formula, -1 after a failure ----------------------- */

extern int ks_parser_intern_variable(Parser *parser, const char *name, size_t length,
									 const char *at);
extern int ks_parser_intern_atom(Parser *parser, const Label *label, int first_step,
								 int columns, const char *at);
extern int ks_parser_variable_atom(Parser *parser, const char *name, size_t length,
								   const char *at);

/* A function call where a term may stand. */
extern int ks_parser_call_atom(Parser *parser);

/* An arithmetic expression: its program goes to the formula, its text to the label. */
extern void ks_parser_arithmetic_sum(Parser *parser, Label *label);

#endif
