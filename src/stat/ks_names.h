/*
 * ks_names.h
 *	  Names of drugs and routes as people write them, folded to one spelling.
 */
#ifndef KS_NAMES_H
#define KS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Fold a text: lower case, no accents, no spaces, hyphens or other
 * punctuation.  `text` is UTF-8 of `length` bytes; other bytes are kept as they
 * are.  `out` has room for `length` + 1 bytes; returns the length written, and
 * ends it with a zero byte.
 */
extern size_t ks_fold(const char *text, size_t length, char *out);

/*
 * The same for the name of a drug, without the words that name its salt, its
 * form or its release ("Morphine Sulfate IR" and "sulfate de morphine" are
 * "morphine").  A name of such words alone folds to nothing.
 */
extern size_t ks_fold_drug(const char *text, size_t length, char *out);

/*
 * The route a folded text names, in this project's word ("po" and "per os" are
 * "oral"), or NULL.
 */
extern const char *ks_route(const char *folded);

/*
 * How many letters must be changed, added, left out or swapped with their
 * neighbour to make one text of the other (optimal string alignment), counted
 * in bytes; `limit` + 1 when it is more than `limit` or a text is longer than
 * KS_EDIT_MAX.
 */
#define KS_EDIT_MAX 64
extern int ks_edit_distance(const char *a, const char *b, int limit);

/* The word at `position` in the list of routes, NULL after the last. */
extern const char *ks_route_word(size_t position);

#endif
