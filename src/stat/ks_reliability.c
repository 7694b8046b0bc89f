/*
 * ks_reliability.c
 *	  Cronbach's alpha, equal to R's psych::alpha on complete forms.
 *
 * With V the covariance matrix of k items, alpha = k / (k - 1) (1 - tr V / sum V);
 * standardized, the same of the correlation matrix.  Products of the differences
 * from the first form are held in double-double: neither the order of rows nor an
 * offset of the items costs digits.
 *
 * Sources: Cronbach 1951, Psychometrika 16:297; Feldt, Woodruff and Salih 1987,
 * Appl Psychol Meas 11:93 (interval).
 */
#include "stat/ks_reliability.h"

#include "stat/ks_dist.h"

void
ks_item_sums_add(KsItemSums *sums, const double *value)
{
	KsDD column[1 + KS_RELIABILITY_MAX_ITEMS];

	column[0] = ks_dd(1);
	for (int i = 0; i < sums->items; i++)
	{
		if (sums->n == 0)
			sums->pivot[i] = value[i];
		column[i + 1] = ks_two_sum(value[i], -sums->pivot[i]);
	}
	for (int i = 0; i <= sums->items; i++)
	{
		KsDD *row = sums->products + ks_triangle(i, 0);

		for (int j = 0; j <= i; j++)
			row[j] = ks_dd_add(row[j], column[i].lo == 0 && column[j].lo == 0
										   ? ks_two_prod(column[i].hi, column[j].hi)
										   : ks_dd_mul(column[i], column[j]));
	}
	sums->n++;
}

/*
 * About another pivot every difference is larger by `by`: sums of products grow by
 * those of the sums and of the number of forms.
 */
void
ks_item_sums_merge(KsItemSums *sums, const KsItemSums *other)
{
	KsDD by[1 + KS_RELIABILITY_MAX_ITEMS];
	const KsDD *from = other->products;

	if (other->n == 0)
		return;
	by[0] = ks_dd(0);
	for (int i = 0; i < sums->items; i++)
	{
		if (sums->n == 0)
			sums->pivot[i] = other->pivot[i];
		by[i + 1] = ks_two_sum(other->pivot[i], -sums->pivot[i]);
	}
	for (int i = 0; i <= sums->items; i++)
		for (int j = 0; j <= i; j++)
		{
			KsDD moved = from[ks_triangle(i, j)];

			moved = ks_dd_add(moved, ks_dd_mul(from[ks_triangle(i, 0)], by[j]));
			if (j > 0)
				moved = ks_dd_add(moved, ks_dd_mul(from[ks_triangle(j, 0)], by[i]));
			if (j > 0)
				moved = ks_dd_add(moved,
								  ks_dd_mul_d(ks_dd_mul(by[i], by[j]), (double) other->n));
			else if (i > 0)
				moved = ks_dd_add(moved, ks_dd_mul_d(by[i], (double) other->n));
			sums->products[ks_triangle(i, j)] =
				ks_dd_add(sums->products[ks_triangle(i, j)], moved);
		}
	sums->n += other->n;
}

/* Sum of the products of two items' deviations from their means. */
static KsDD
covariation(const KsItemSums *sums, int i, int j)
{
	KsDD product = sums->products[ks_triangle(i, j)];
	KsDD means = ks_dd_div_d(ks_dd_mul(sums->products[ks_triangle(i, 0)],
									   sums->products[ks_triangle(j, 0)]),
							 (double) sums->n);

	return ks_dd_sub(product, means);
}

/* Whether an item varies beyond the rounding of its sums. */
static bool
item_varies(const KsItemSums *sums, int i)
{
	return covariation(sums, i, i).hi > 1e-28 * sums->products[ks_triangle(i, i)].hi;
}

static double
alpha_of(int items, double trace, double whole)
{
	return items / (items - 1.0) * (1 - trace / whole);
}

void
ks_cronbach_alpha(const KsItemSums *sums, double conf_level, KsReliability *result)
{
	KsDD trace = ks_dd(0), whole = ks_dd(0);
	double correlations = 0;
	double tail = (1 - conf_level) / 2;
	double df = (double) sums->n - 1;
	bool all_vary = true;

	result->alpha = result->alpha_standardized = NAN;
	result->conf_low = result->conf_high = NAN;
	result->note[0] = 0;
	if (sums->items < 2 || sums->n < 2)
	{
		ks_note(result->note, sums->n < 2 ? "fewer than two complete forms"
										  : "fewer than two items");
		return;
	}
	for (int i = 1; i <= sums->items; i++)
		all_vary = all_vary && item_varies(sums, i);
	for (int i = 1; i <= sums->items; i++)
	{
		KsDD own = covariation(sums, i, i);

		trace = ks_dd_add(trace, own);
		for (int j = 1; j < i; j++)
		{
			KsDD shared = covariation(sums, i, j);

			whole = ks_dd_add(whole, shared);
			correlations += ks_dd_value(shared) /
							sqrt(ks_dd_value(own) * ks_dd_value(covariation(sums, j, j)));
		}
	}
	whole = ks_dd_add(ks_dd_mul_d(whole, 2), trace);
	if (!(trace.hi > 0) || !(whole.hi > 1e-28 * trace.hi))
	{
		ks_note(result->note, "the sum of the items does not vary");
		return;
	}
	result->alpha = alpha_of(sums->items, ks_dd_value(trace), ks_dd_value(whole));
	result->conf_low = 1 - (1 - result->alpha) *
							   ks_f_quantile(tail, df, df * (sums->items - 1), false);
	result->conf_high =
		1 - (1 - result->alpha) * ks_f_quantile(tail, df, df * (sums->items - 1), true);
	if (all_vary)
		result->alpha_standardized =
			alpha_of(sums->items, sums->items, sums->items + 2 * correlations);
	else
		ks_note(result->note, "an item does not vary");
}
