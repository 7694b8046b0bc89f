/*
 * kc_mixed_groups.h
 *	  The grouping factors of a mixed model: one, or two that nest, as patients in
 *	  sites; and the keys of its groups.
 *
 * A summary keeps a block for each combination of the factors that was met.  Its
 * key is the values of their variables: of one factor joined by ":" as R does, of
 * two separated by KC_KEY_SEPARATOR, those of the outer factor first, so that in the
 * order of the keys the groups of an outer group follow one another.
 */
#ifndef KC_MIXED_GROUPS_H
#define KC_MIXED_GROUPS_H

#include "summary/kc_model.h"

#define KC_KEY_SEPARATOR '\x01'

/* Variables that name a group, in the order of their label. */
typedef struct KcFactor
{
	int n_variables;
	int variable[KS_MAX_GROUPING];
} KcFactor;

/* What a formula says of the factors. */
typedef struct KcGrouping
{
	int n_factors;
	KcFactor factor[2]; /* the inner one, then the outer one */
	bool stated;		/* it says which is which; else the outer is the first named */
	int n_variables;
	int variable[2 * KS_MAX_GROUPING]; /* of a key, in its order */
	char separator;
} KcGrouping;

/* The grouping of a formula; NULL, or what of it is not supported. */
extern const char *kc_grouping_of_formula(const KsFormula *formula, KcGrouping *grouping);

/* The grouping factors that a random term is of, one bit each: bit 0 the inner. */
extern int kc_grouping_of_term(const KcGrouping *grouping, const KsGrouping *term);

/*
 * The groups of a state in canonical form, those of an outer group together.  Which
 * factor is the outer one is for the data to say where the formula does not: then
 * `grouping` is turned round when it was taken the wrong way.
 */
typedef struct KcGroups
{
	uint32 count;
	uint32 *order;		 /* the state's number of each group; NULL: its own */
	uint32 outer_count;
	uint32 *outer_start; /* outer_count + 1; NULL with one factor */
	bool crossed;		 /* neither factor nests in the other: no outer groups */
} KcGroups;

/* `first` is the region of the keys. */
extern void kc_groups_read(const KcState *state, int first, KcGrouping *grouping,
						   KcGroups *groups);

/* The name of a group by one of the factors (0 or 1), as R has it: "7:B". */
extern char *kc_group_name(const KcState *state, int first, const KcGrouping *grouping,
						   const KcGroups *groups, int factor, uint32 group);

/* Whether every key has as many parts as it should: NULL or what is wrong. */
extern const char *kc_group_keys_check(const KcState *state, int first,
									   const KcGrouping *grouping);

#endif
