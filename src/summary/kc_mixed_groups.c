/*
 * kc_mixed_groups.c
 *	  The grouping factors of a mixed model and the keys of its groups.
 *
 * (1 | site/patient) is (1 | site) + (1 | patient:site), as in lme4: a patient number
 * that comes in two sites is two patients.  (1 | site) + (1 | patient) says nothing of
 * nesting; there it nests when no patient was met in two sites.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "summary/kc_mixed_groups.h"

/* ---- what a formula says ----------------------------------------------------------- */

static bool
has_variable(const KcFactor *factor, int variable)
{
	for (int v = 0; v < factor->n_variables; v++)
		if (factor->variable[v] == variable)
			return true;
	return false;
}

/* How many variables of a are in b. */
static int
count_common(const KcFactor *a, const KcFactor *b)
{
	int common = 0;

	for (int v = 0; v < a->n_variables; v++)
		common += has_variable(b, a->variable[v]);
	return common;
}

static bool
same_factor(const KcFactor *a, const KcFactor *b)
{
	return a->n_variables == b->n_variables && count_common(a, b) == a->n_variables;
}

/* The factors of a random term: one, or of site/patient two, patient:site first. */
static int
factors_of_term(const KsGrouping *term, KcFactor factor[2])
{
	factor[0].n_variables = factor[1].n_variables = 0;
	for (int v = 0; v < term->n_variables; v++)
	{
		int variable = term->variable[term->nested ? term->n_variables - 1 - v : v];

		if (!has_variable(&factor[0], variable))
			factor[0].variable[factor[0].n_variables++] = variable;
	}
	if (!term->nested)
		return 1;
	factor[1] = (KcFactor){1, {term->variable[0]}};
	return factor[0].n_variables > 1 ? 2 : 1;
}

int
kc_grouping_of_term(const KcGrouping *grouping, const KsGrouping *term)
{
	KcFactor factor[2];
	int n = factors_of_term(term, factor);
	int bits = 0;

	for (int i = 0; i < n; i++)
		for (int f = 0; f < grouping->n_factors; f++)
			if (same_factor(&factor[i], &grouping->factor[f]))
				bits |= 1 << f;
	return bits;
}

static bool
add_factor(KcGrouping *grouping, const KcFactor *factor)
{
	for (int f = 0; f < grouping->n_factors; f++)
		if (same_factor(&grouping->factor[f], factor))
			return true;
	if (grouping->n_factors == 2)
		return false;
	grouping->factor[grouping->n_factors++] = *factor;
	return true;
}

static void
turn_round(KcGrouping *grouping)
{
	KcFactor first = grouping->factor[0];

	grouping->factor[0] = grouping->factor[1];
	grouping->factor[1] = first;
}

/* Puts the inner factor first; false when they overlap without nesting. */
static bool
order_factors(KcGrouping *grouping)
{
	const KcFactor *factor = grouping->factor;
	int common;

	grouping->stated = true;
	if (grouping->n_factors < 2)
		return true;
	common = count_common(&factor[0], &factor[1]);
	if (common == factor[1].n_variables)
		return true;
	grouping->stated = common == factor[0].n_variables;
	if (common > 0 && !grouping->stated)
		return false;
	turn_round(grouping);
	return true;
}

static void
list_variables(KcGrouping *grouping)
{
	for (int f = grouping->n_factors - 1; f >= 0; f--)
	{
		const KcFactor *factor = &grouping->factor[f];

		for (int v = 0; v < factor->n_variables; v++)
			if (f == grouping->n_factors - 1 ||
				!has_variable(&grouping->factor[1], factor->variable[v]))
				grouping->variable[grouping->n_variables++] = factor->variable[v];
	}
	grouping->separator = grouping->n_factors == 1 ? ':' : KC_KEY_SEPARATOR;
}

const char *
kc_grouping_of_formula(const KsFormula *formula, KcGrouping *grouping)
{
	memset(grouping, 0, sizeof(*grouping));
	for (int r = 0; r < formula->n_random; r++)
	{
		const KsGrouping *term = &formula->random[r].grouping;
		KcFactor factor[2];
		int n = factors_of_term(term, factor);

		if (term->nested && term->n_variables > 2)
			return "groups that nest deeper than two are not supported";
		for (int i = 0; i < n; i++)
			if (!add_factor(grouping, &factor[i]))
				return "more than two grouping factors are not supported";
	}
	if (!order_factors(grouping))
		return "grouping factors that overlap without nesting are not supported";
	list_variables(grouping);
	return NULL;
}

/* ---- keys -------------------------------------------------------------------------- */

/* A part of a key and the bytes before its end. */
typedef struct KeyPart
{
	const char *bytes;
	size_t length;
} KeyPart;

/* The parts of a key from `from` to before `to`, with the separators between them. */
static KeyPart
key_parts(const KcState *state, int first, const KcGrouping *grouping, uint32 group,
		  int from, int to)
{
	size_t length;
	const char *at = kc_label_at(state, first, group, &length);
	const char *end = at + length;
	KeyPart part = {at, 0};

	for (int i = 0; i < to; i++)
	{
		const char *stop =
			i == grouping->n_variables - 1 ? end : memchr(at, grouping->separator, end - at);

		if (i == from)
			part.bytes = at;
		part.length = stop - part.bytes;
		at = stop + 1;
	}
	return part;
}

const char *
kc_group_keys_check(const KcState *state, int first, const KcGrouping *grouping)
{
	for (uint32 g = 0; g < kc_label_count(state, first) && grouping->n_factors > 1; g++)
	{
		size_t length;
		const char *key = kc_label_at(state, first, g, &length);
		int parts = 1;

		for (size_t i = 0; i < length; i++)
			parts += key[i] == grouping->separator;
		if (parts != grouping->n_variables)
			return "the key of a group has the wrong number of parts";
	}
	return NULL;
}

/* The place of a variable in the keys. */
static int
place_of(const KcGrouping *grouping, int variable)
{
	int i = 0;

	while (grouping->variable[i] != variable)
		i++;
	return i;
}

char *
kc_group_name(const KcState *state, int first, const KcGrouping *grouping,
			  const KcGroups *groups, int factor, uint32 group)
{
	const KcFactor *of = &grouping->factor[factor];
	uint32 number = factor == 1 ? groups->outer_start[group] : group;
	size_t length;
	char *name, *at;

	if (groups->order != NULL)
		number = groups->order[number];
	if (grouping->n_factors == 1)
		return kc_label_cstring(state, first, number);
	(void) kc_label_at(state, first, number, &length);
	name = at = palloc(length + 1); /* no part stands twice, and separators give ":" */
	for (int v = 0; v < of->n_variables; v++)
	{
		int place = place_of(grouping, of->variable[v]);
		KeyPart part = key_parts(state, first, grouping, number, place, place + 1);

		if (v > 0)
			*at++ = ':';
		memcpy(at, part.bytes, part.length);
		at += part.length;
	}
	*at = '\0';
	return name;
}

/* ---- which group is in which ------------------------------------------------------- */

typedef struct GroupRef
{
	KeyPart part;
	uint32 group;
} GroupRef;

/* By their part, then by their place. */
static int
compare_refs(const void *a, const void *b)
{
	const GroupRef *left = a;
	const GroupRef *right = b;
	int result = memcmp(left->part.bytes, right->part.bytes,
						Min(left->part.length, right->part.length));

	if (result != 0)
		return result;
	if (left->part.length != right->part.length)
		return left->part.length < right->part.length ? -1 : 1;
	return left->group < right->group ? -1 : left->group > right->group;
}

static bool
same_part(const GroupRef *a, const GroupRef *b)
{
	return a->part.length == b->part.length &&
		   memcmp(a->part.bytes, b->part.bytes, a->part.length) == 0;
}

/* How many different parts there are; those alike must follow one another. */
static uint32
count_parts(const GroupRef *refs, uint32 count)
{
	uint32 different = 0;

	for (uint32 g = 0; g < count; g++)
		different += g == 0 || !same_part(&refs[g - 1], &refs[g]);
	return different;
}

static GroupRef *
refs_by_parts(const KcState *state, int first, const KcGrouping *grouping, int from, int to)
{
	uint32 count = kc_label_count(state, first);
	GroupRef *refs = palloc_extended(sizeof(GroupRef) * Max(count, 1), MCXT_ALLOC_HUGE);

	for (uint32 g = 0; g < count; g++)
		refs[g] = (GroupRef){key_parts(state, first, grouping, g, from, to), g};
	return refs;
}

static void
set_outer_groups(const GroupRef *refs, KcGroups *groups)
{
	for (uint32 g = 0; g < groups->count; g++)
		if (g == 0 || !same_part(&refs[g - 1], &refs[g]))
			groups->outer_start[groups->outer_count++] = g;
	groups->outer_start[groups->outer_count] = groups->count;
}

/* Where each group has an inner value of its own it nests as presumed. */
static void
find_nesting(const GroupRef *outer, GroupRef *inner, KcGrouping *grouping, KcGroups *groups)
{
	uint32 count = groups->count;

	qsort(inner, count, sizeof(GroupRef), compare_refs);
	if (count_parts(inner, count) == count)
		set_outer_groups(outer, groups);
	else if (count_parts(outer, count) == count)
	{
		turn_round(grouping);
		groups->order = palloc_extended(sizeof(uint32) * Max(count, 1), MCXT_ALLOC_HUGE);
		for (uint32 g = 0; g < count; g++)
			groups->order[g] = inner[g].group;
		set_outer_groups(inner, groups);
	}
	else
	{
		groups->crossed = true;
		groups->outer_start[0] = 0;
	}
}

void
kc_groups_read(const KcState *state, int first, KcGrouping *grouping, KcGroups *groups)
{
	int n_outer = grouping->factor[1].n_variables;
	GroupRef *outer, *inner;

	memset(groups, 0, sizeof(*groups));
	groups->count = kc_label_count(state, first);
	if (grouping->n_factors < 2)
		return;
	groups->outer_start = palloc_extended(sizeof(uint32) * ((size_t) groups->count + 1),
										  MCXT_ALLOC_HUGE);
	outer = refs_by_parts(state, first, grouping, 0, n_outer);
	if (grouping->stated)
		set_outer_groups(outer, groups);
	else
	{
		inner = refs_by_parts(state, first, grouping, n_outer, grouping->n_variables);
		find_nesting(outer, inner, grouping, groups);
		pfree(inner);
	}
	pfree(outer);
}
