/*
 * ks_formula_tokens.c
 *	  Formulas: from characters to tokens, errors with their position, and the
 *	  texts R would print.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat/ks_formula_parser.h"

/* ---- errors ----------------------------------------------------------------------- */

/* Characters up to a byte, counted from 1; UTF-8 continuation bytes do not count. */
int
ks_parser_position_of(const Parser *parser, const char *at)
{
	int position = 1;

	for (const char *c = parser->text; c < at; c++)
		if ((*c & 0xC0) != 0x80)
			position++;
	return position;
}

void
ks_parser_fail(Parser *parser, bool too_large, const char *at, const char *format, ...)
{
	va_list arguments;

	if (parser->failed)
		return;
	parser->failed = true;
	parser->error->too_large = too_large;
	parser->error->position = ks_parser_position_of(parser, at);
	va_start(arguments, format);
	vsnprintf(parser->error->message, sizeof(parser->error->message), format, arguments);
	va_end(arguments);
}

/* Bytes of a name an error message may quote, whole characters only. */
int
ks_parser_quoted_length(const Token *token)
{
	size_t length = token->length;

	if (length > 63)
		for (length = 63; length > 0 && (token->start[length] & 0xC0) == 0x80;)
			length--;
	return (int) length;
}

void
ks_parser_fail_unexpected(Parser *parser, const char *wanted)
{
	const Token *token = &parser->token;

	switch (token->kind)
	{
		case TOKEN_END:
			ks_parser_fail(parser, false, token->at,
						   "the formula ends where %s is expected", wanted);
			break;
		case TOKEN_NUMBER:
			ks_parser_fail(parser, false, token->at,
						   "a number stands where %s is expected", wanted);
			break;
		case TOKEN_NAME:
			ks_parser_fail(parser, false, token->at,
						   "\"%.*s\" stands where %s is expected",
						   ks_parser_quoted_length(token), token->start, wanted);
			break;
		case TOKEN_DOT:
			ks_parser_fail(parser, false, token->at, "\".\" stands where %s is expected",
						   wanted);
			break;
		case TOKEN_BARS:
			ks_parser_fail(parser, false, token->at, "\"||\" stands where %s is expected",
						   wanted);
			break;
		case TOKEN_SIGN:
			ks_parser_fail(parser, false, token->at, "\"%c\" stands where %s is expected",
						   token->sign, wanted);
			break;
	}
}

/* ---- tokens ----------------------------------------------------------------------- */

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

	while (
		at < parser->end && length < sizeof(digits) - 1 &&
		(isdigit((unsigned char) *at) || *at == '.' ||
		 ((*at == 'e' || *at == 'E') && at + 1 < parser->end &&
		  (isdigit((unsigned char) at[1]) || at[1] == '-' || at[1] == '+')) ||
		 ((*at == '-' || *at == '+') && length > 0 && (at[-1] == 'e' || at[-1] == 'E'))))
		digits[length++] = *at++;
	digits[length] = '\0';
	parser->token.kind = TOKEN_NUMBER;
	parser->token.number = strtod(digits, &end);
	if (*end != '\0' || !isfinite(parser->token.number) || length == sizeof(digits) - 1)
		ks_parser_fail(parser, false, parser->next, "malformed number");
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
		ks_parser_fail(parser, false, parser->next,
					   at == NULL ? "a quoted name is not closed"
								  : "a quoted name is empty");
		return;
	}
	parser->token.kind = TOKEN_NAME;
	parser->token.quoted = true;
	parser->token.start = parser->next + 1;
	parser->token.length = at - parser->next - 1;
	parser->next = at + 1;
}

void
ks_parser_advance(Parser *parser)
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
		ks_parser_fail(parser, false, parser->next, "the formula holds a zero byte");
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
			ks_parser_fail(parser, false, token->at, "\"%c\" has no meaning in a formula",
						   c);
	}
}

bool
ks_parser_at_sign(const Parser *parser, char sign)
{
	return !parser->failed && parser->token.kind == TOKEN_SIGN &&
		   parser->token.sign == sign;
}

bool
ks_parser_accept_sign(Parser *parser, char sign)
{
	if (!ks_parser_at_sign(parser, sign))
		return false;
	ks_parser_advance(parser);
	return true;
}

bool
ks_parser_at_word(const Parser *parser, const char *word)
{
	const Token *token = &parser->token;

	return token->kind == TOKEN_NAME && !token->quoted && token->length == strlen(word) &&
		   memcmp(token->start, word, token->length) == 0;
}

bool
ks_parser_at_call(const Parser *parser)
{
	const char *at = parser->next;

	if (parser->token.kind != TOKEN_NAME || parser->token.quoted)
		return false;
	while (at < parser->end && isspace((unsigned char) *at))
		at++;
	return at < parser->end && *at == '(';
}

void
ks_parser_close_parenthesis(Parser *parser, const char *opened)
{
	if (parser->failed || ks_parser_accept_sign(parser, ')'))
		return;
	if (parser->token.kind == TOKEN_END)
		ks_parser_fail(parser, false, opened, "a parenthesis is not closed");
	else
		ks_parser_fail_unexpected(parser, "an operator or \")\"");
}

bool
ks_parser_descend(Parser *parser)
{
	if (parser->depth >= KS_MAX_DEPTH)
		ks_parser_fail(parser, true, parser->token.at, "parentheses nest deeper than %d",
					   KS_MAX_DEPTH);
	parser->depth++;
	return !parser->failed;
}

/* ---- the pool of texts ------------------------------------------------------------ */

void
ks_parser_put_bytes(Parser *parser, const char *bytes, size_t length)
{
	KsFormula *formula = parser->formula;

	if (parser->failed)
		return;
	if (length >= (size_t) (KS_FORMULA_POOL - formula->pool_used))
	{
		ks_parser_fail(parser, true, parser->token.at, "the formula names too much");
		return;
	}
	memcpy(formula->pool + formula->pool_used, bytes, length);
	formula->pool_used += (int) length;
}

static void
put(Parser *parser, const char *string)
{
	ks_parser_put_bytes(parser, string, strlen(string));
}

void
ks_parser_put_end(Parser *parser)
{
	ks_parser_put_bytes(parser, "", 1);
}

/* A name as R prints it: in backquotes where it could not stand without them. */
void
ks_parser_put_name(Parser *parser, const char *name, size_t length)
{
	bool plain = isalpha((unsigned char) name[0]) || (name[0] & 0x80) || name[0] == '.';

	for (size_t i = 0; i < length; i++)
		plain = plain && continues_name(name[i]);
	if (plain && name[0] == '.' && (length == 1 || isdigit((unsigned char) name[1])))
		plain = false;
	if (!plain)
		put(parser, "`");
	ks_parser_put_bytes(parser, name, length);
	if (!plain)
		put(parser, "`");
}

/* The fewest digits, up to 15, that give the number; fixed unless that is longer. */
void
ks_parser_put_number(Parser *parser, double number)
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
