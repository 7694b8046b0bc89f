/*
 * kc_products.h
 *	  Cross-products of a model's columns inside its state: one region of sums in
 *	  double-double, after those of kc_model.h.
 */
#ifndef KC_PRODUCTS_H
#define KC_PRODUCTS_H

#include "summary/kc_model.h"

#define KC_PRODUCTS_PATTERN "dd"
#define KC_PRODUCTS KC_MODEL_REGIONS /* the region */

/* Adds the row in hand, which kc_model_enter_row has entered.  The state may move. */
extern KcState *kc_products_add_row(KcState *state, const KcModel *model);

/* Adds those of `from`; column as kc_model_merge gives it.  22003 on overflow. */
extern KcState *kc_products_merge(KcState *into, const KcState *from, const int *column);

/* The check of a decoded state: NULL or what is wrong. */
extern const char *kc_products_check(const KcState *state);

/*
 * The packed products of a design's columns and, last, the outcome; palloc'd.
 */
extern KsDD *kc_products_of_design(const KcState *state, const KsDesign *design,
								   const KcModelLevels *levels);

#endif
