/*
 * ks_names.c
 *	  Names of drugs and routes as people write them, folded to one spelling.
 *
 * A name is found by equality of folded texts, never by a part of it: with
 * LIKE '%codeine%' dihydrocodeine was once given the factor of codeine in two
 * published data sets.  So folding may drop only what cannot change the drug:
 * case, accents, punctuation, and whole words out of the closed list below
 * (salts, dose forms, release, in English and French).  Every other word, and
 * every number, stays and makes the name another one.
 *
 * The forms are those of RxNorm's opioid products and of hospital order
 * systems; the accents are those of Latin-1 and Latin Extended-A, which cover
 * the European languages.
 */
#include <stdint.h>
#include <string.h>

#include "stat/ks_names.h"

/* Words that do not change which drug a name means. */
static const char *const dropped_words[] = {
	/* salts and hydrates */
	"acetate", "anhydre", "anhydrous", "base", "bitartrate", "bromhydrate", "chloride",
	"chlorhydrate", "chlorure", "citrate", "dihydrate", "fumarate", "hcl", "hemihydrate",
	"hydrobromide", "hydrochloride", "lactate", "maleate", "monohydrate", "napsilate",
	"napsylate", "pectinate", "phosphate", "sulfate", "sulphate", "tartrate",
	"terephthalate", "trihydrate",
	/* release */
	"controlled", "cr", "er", "extended", "immediate", "ir", "la", "li",
	"liberation", "lp", "modified", "mr", "prolonged", "prolongee", "release", "retard",
	"sr", "sustained", "xl", "xr",
	/* forms taken by mouth */
	"buvable", "cap", "caps", "capsule", "capsules", "comprime", "comprimes", "conc",
	"concentrate", "concentrated", "disintegrating", "drops", "effervescent",
	"effervescente", "elixir", "gelule", "gelules", "gouttes", "liquid", "oral", "orale",
	"orodispersible", "sirop", "sol", "soln", "solution", "suspension", "syrup", "tab",
	"tablet", "tablets", "tabs",
	/* other forms */
	"amp", "ampoule", "ampoules", "buccal", "cartridge", "dispositif", "film", "hp",
	"implant", "inj", "injectable", "injection", "lozenge", "nasal", "nf", "patch",
	"patches", "pca", "pf", "prefilled", "preremplie", "rectal", "seringue", "spray",
	"sublingual", "sublinguale", "suppositoire", "suppositoires", "suppositories",
	"suppository", "syringe", "system", "transdermal", "transdermique", "vial", NULL};

/* Dropped only right after a dropped word: "sulfate de", "chlorhydrate d'". */
static const char *const connectors[] = {"d'", "de", "du", "of", NULL};

typedef struct RouteName
{
	const char *folded;
	const char *route;
} RouteName;

/*
 * "voie buccale" is left out: in French it often means by mouth.  So are "OS"
 * and "IR", which order systems use for an eye and for irrigation.
 */
static const RouteName route_names[] = {
	{"oral", "oral"},
	{"orale", "oral"},
	{"po", "oral"},
	{"peros", "oral"},
	{"bymouth", "oral"},
	{"ng", "oral"},
	{"ngt", "oral"},
	{"og", "oral"},
	{"pong", "oral"},
	{"poog", "oral"},
	{"peg", "oral"},
	{"gtube", "oral"},
	{"jtube", "oral"},
	{"enteral", "oral"},
	{"enterale", "oral"},
	{"sublingual", "sublingual"},
	{"sublinguale", "sublingual"},
	{"sl", "sublingual"},
	{"buccal", "buccal"},
	{"oromucosal", "oromucosal"},
	{"oromuqueuse", "oromucosal"},
	{"transmucosal", "oromucosal"},
	{"transmuqueuse", "oromucosal"},
	{"nasal", "nasal"},
	{"nasale", "nasal"},
	{"intranasal", "nasal"},
	{"intranasale", "nasal"},
	{"in", "nasal"},
	{"nu", "nasal"},
	{"rectal", "rectal"},
	{"rectale", "rectal"},
	{"pr", "rectal"},
	{"transdermal", "transdermal"},
	{"transdermique", "transdermal"},
	{"td", "transdermal"},
	{"tp", "transdermal"},
	{"patch", "transdermal"},
	{"sc", "sc"},
	{"sq", "sc"},
	{"subq", "sc"},
	{"subcut", "sc"},
	{"subcutaneous", "sc"},
	{"subcutanee", "sc"},
	{"souscutanee", "sc"},
	{"iv", "iv"},
	{"ivdrip", "iv"},
	{"ivbolus", "iv"},
	{"ivpush", "iv"},
	{"ivpca", "iv"},
	{"pcaiv", "iv"},
	{"ivp", "iv"},
	{"ivpb", "iv"},
	{"ivse", "iv"},
	{"intravenous", "iv"},
	{"intraveineuse", "iv"},
	{"im", "im"},
	{"intramuscular", "im"},
	{"intramusculaire", "im"},
	{"parenteral", "parenteral"},
	{"parenterale", "parenteral"},
	{"injection", "parenteral"},
	{"epidural", "epidural"},
	{"epidurale", "epidural"},
	{"peridural", "epidural"},
	{"peridurale", "epidural"},
	{"ed", "epidural"},
	{"intrathecal", "intrathecal"},
	{"intrathecale", "intrathecal"},
	{"it", "intrathecal"},
	{"inhaled", "inhaled"},
	{"inhalation", "inhaled"},
	{"inhalee", "inhaled"},
	{"nebulized", "inhaled"},
	{"neb", "inhaled"},
	{"ih", "inhaled"},
	{"implant", "implant"},
	{"any", "any"},
};

/* ---- characters ------------------------------------------------------------------- */

/* Lower-case letters without accent for U+00E0 to U+00FF; also for U+00C0 to U+00DF. */
static const char *const latin1[32] = {
	"a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
	"d", "n", "o", "o", "o", "o", "o", " ", "o", "u", "u", "u", "u", "y", "th", "y"};

/* The same for U+0100 to U+017F, one letter each; the ligatures are apart. */
static const char latin_extended[] =
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii"
	"iijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

#define NO_CHARACTER 0x110000

/*
 * Decode one character of up to three bytes, *size long.  Of anything else
 * (a letter beyond them, bytes that are no UTF-8) one byte, as NO_CHARACTER.
 */
static uint32_t
next_character(const char *text, size_t length, size_t *size)
{
	const unsigned char *s = (const unsigned char *) text;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 0;
	uint32_t character = n == 2 ? s[0] & 0x1F : s[0] & 0x0F;

	*size = 1;
	if (n == 1)
		return s[0];
	if (n == 0 || n > length)
		return NO_CHARACTER;
	for (size_t i = 1; i < n; i++)
	{
		if ((s[i] & 0xC0) != 0x80)
			return NO_CHARACTER;
		character = character << 6 | (s[i] & 0x3F);
	}
	*size = n;
	return character;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char) c >= 0x80;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What an ASCII character becomes; `before` is what was written last. */
static const char *
fold_ascii(unsigned char c, char before, char buffer[2])
{
	buffer[0] = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	buffer[1] = '\0';
	if (is_letter(buffer[0]) || is_digit(buffer[0]) || c == '%')
		return buffer;
	if (c == '\'')
		return "'";
	if (c == '.')
		return is_letter(before) ? "" : "."; /* "P.F.", but 0.1 stays a number */
	return " ";
}

/* What a character above ASCII becomes, NULL when it stays as it is. */
static const char *
fold_wide(uint32_t c, char buffer[2])
{
	if (c == 0xB5 || c == 0x3BC)
		return "u"; /* micro sign, Greek mu */
	if (c == 0xAE || c == 0xA9 || c == 0x2122 || (c >= 0x300 && c <= 0x36F))
		return ""; /* trade marks, combining accents */
	if (c == 0x2018 || c == 0x2019)
		return "'";
	if (c == 0xDF)
		return "ss";
	if (c >= 0xC0 && c <= 0xFF)
		return latin1[c & 0x1F];
	if (c == 0x152 || c == 0x153)
		return "oe";
	if (c >= 0x100 && c <= 0x17F)
	{
		buffer[0] = latin_extended[c - 0x100];
		buffer[1] = '\0';
		return buffer;
	}
	if (c == 0xA0 || (c >= 0x2000 && c <= 0x203A) || c == 0x2212 || c == 0x3000 ||
		c == 0xFEFF)
		return " ";
	return NULL;
}

/* Folded words separated by spaces; an apostrophe ends its word ("d' oxycodone"). */
static size_t
fold_words(const char *text, size_t length, char *out)
{
	size_t written = 0;

	for (size_t i = 0, size; i < length; i += size)
	{
		uint32_t c = next_character(text + i, length - i, &size);
		char before = written > 0 ? out[written - 1] : ' ';
		char buffer[2];
		const char *piece =
			c < 0x80 ? fold_ascii(c, before, buffer) : fold_wide(c, buffer);
		size_t n = piece ? strlen(piece) : size;

		if (piece && piece[0] == ' ' && before == ' ')
			continue;
		memcpy(out + written, piece ? piece : text + i, n);
		written += n;
	}
	out[written] = '\0';
	return written;
}

/* ---- words ------------------------------------------------------------------------ */

static bool
is_in(const char *const *list, const char *word, size_t length)
{
	for (; *list; list++)
		if (strlen(*list) == length && memcmp(*list, word, length) == 0)
			return true;
	return false;
}

/* The length of the word at `word`, its apostrophe included. */
static size_t
word_length(const char *word)
{
	size_t length = strcspn(word, " '");

	return word[length] == '\'' ? length + 1 : length;
}

/*
 * Join the words of `out` in place, without the dropped ones if asked.  Two
 * numbers stay apart, so that the codes 70 52 and 7052 differ.
 */
static size_t
join_words(char *out, bool drop)
{
	size_t written = 0;
	bool after_dropped = false;

	for (const char *word = out; *word;)
	{
		size_t length = word_length(word);
		const char *next = word + length + (word[length] == ' ');
		bool dropped = drop && is_in(dropped_words, word, length);
		bool connector = after_dropped && is_in(connectors, word, length);

		after_dropped = dropped;
		if (!dropped && !connector)
		{
			if (length > 0 && word[length - 1] == '\'')
				length--;
			if (length > 0 && written > 0 && is_digit(word[0]) && is_digit(out[written - 1]))
				out[written++] = ' ';
			memmove(out + written, word, length);
			written += length;
		}
		word = next;
	}
	out[written] = '\0';
	return written;
}

size_t
ks_fold(const char *text, size_t length, char *out)
{
	fold_words(text, length, out);
	return join_words(out, false);
}

size_t
ks_fold_drug(const char *text, size_t length, char *out)
{
	fold_words(text, length, out);
	return join_words(out, true);
}

/* ---- routes ----------------------------------------------------------------------- */

const char *
ks_route(const char *folded)
{
	if (strncmp(folded, "parvoie", 7) == 0)
		folded += 7;
	else if (strncmp(folded, "voie", 4) == 0)
		folded += 4;
	for (size_t i = 0; i < sizeof(route_names) / sizeof(route_names[0]); i++)
		if (strcmp(route_names[i].folded, folded) == 0)
			return route_names[i].route;
	return NULL;
}

const char *
ks_route_word(size_t position)
{
	return position < sizeof(route_names) / sizeof(route_names[0])
			   ? route_names[position].folded
			   : NULL;
}

/* ---- nearest names ---------------------------------------------------------------- */

static int
smaller(int a, int b)
{
	return a < b ? a : b;
}

int
ks_edit_distance(const char *a, const char *b, int limit)
{
	int length_a = strlen(a), length_b = strlen(b);
	int rows[3][KS_EDIT_MAX + 1];
	int *before = rows[0], *last = rows[1], *row = rows[2];

	if (length_a > KS_EDIT_MAX || length_b > KS_EDIT_MAX)
		return limit + 1;
	for (int j = 0; j <= length_b; j++)
		last[j] = j;
	for (int i = 1; i <= length_a; i++)
	{
		int *oldest = before;

		row[0] = i;
		for (int j = 1; j <= length_b; j++)
		{
			row[j] = smaller(smaller(last[j], row[j - 1]) + 1,
							 last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = oldest;
	}
	return smaller(last[length_b], limit + 1);
}
