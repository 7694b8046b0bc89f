/*
 * ks_adjust.c
 *	  p values adjusted for several comparisons, equal to R's p.adjust.
 *
 * With the m present values in ascending order p(1) <= ... <= p(m):
 *
 *	  Bonferroni  m p(i)
 *	  Holm        running maximum of (m - i + 1) p(i), from the smallest up
 *	  Hochberg    running minimum of the same, from the largest down
 *	  BH          running minimum of m / i p(i), from the largest down
 *	  BY          as BH, times 1 + 1/2 + ... + 1/m
 *	  Hommel      the largest Simes p value of the subsets that hold p(i)
 *
 * each cut at 1.  Sources: Holm 1979, Scand J Stat 6:65; Hochberg 1988,
 * Biometrika 75:800; Hommel 1988, Biometrika 75:383, in the form of Wright
 * 1992, Biometrics 48:1005; Benjamini and Hochberg 1995, JRSS B 57:289;
 * Benjamini and Yekutieli 2001, Ann Stat 29:1165.
 */
#include "stat/ks_adjust.h"

#include "stat/ks_sort.h"

/* Holm: sorted[] holds ascending p values and receives the adjusted ones. */
static void
step_down(double *sorted, size_t m)
{
	double running = 0;

	for (size_t i = 0; i < m; i++)
	{
		running = fmax(running, (double) (m - i) * sorted[i]);
		sorted[i] = fmin(1, running);
	}
}

/* Hochberg, BH and BY: the factor of p(i) depends on the method. */
static void
step_up(double *sorted, size_t m, KsAdjustMethod method)
{
	double running = 1;
	double harmonic = 0;

	for (size_t i = m; i >= 1; i--)
		harmonic += 1 / (double) i;
	for (size_t i = m; i-- > 0;)
	{
		double factor = (double) m / (double) (i + 1);

		if (method == KS_ADJUST_HOCHBERG)
			factor = (double) (m - i);
		else if (method == KS_ADJUST_BY)
			factor *= harmonic;
		running = fmin(running, factor * sorted[i]);
		sorted[i] = running;
	}
}

/* Plain comparisons, which a compiler turns into vector code, unlike fmin and fmax. */
static inline double
lesser(double a, double b)
{
	return a < b ? a : b;
}

static inline double
greater(double a, double b)
{
	return a > b ? a : b;
}

/*
 * Hommel: adjusted[i] is the largest, over subset sizes s, of the Simes p value
 * of the worst subset of that size holding p(i).  That subset takes the s - 1
 * largest values besides p(i), or the s largest when p(i) is among them; the
 * latter serves all larger p values too, by the running maximum at the end.
 */
static KsStatus
hommel(const double *sorted, size_t m, const KsEnv *env, double *adjusted)
{
	double simes = INFINITY;

	for (size_t i = 0; i < m; i++)
		simes = lesser(simes, (double) m * sorted[i] / (double) (i + 1));
	for (size_t i = 0; i < m; i++)
		adjusted[i] = greater(simes, sorted[i]);

	for (size_t size = m - 1; size >= 2; size--)
	{
		size_t first_of_tail = m - size + 1;
		double tail = INFINITY;

		for (size_t i = first_of_tail; i < m; i++)
			tail = lesser(tail, sorted[i] / (double) (int) (i - first_of_tail + 2));
		tail *= (double) size;
		for (size_t i = 0; i < first_of_tail; i++)
			adjusted[i] = greater(adjusted[i], lesser((double) size * sorted[i], tail));
		if (env->poll(env->context))
			return KS_CANCELLED;
	}
	for (size_t i = 1; i < m; i++)
		adjusted[i] = greater(adjusted[i], adjusted[i - 1]);
	return KS_OK;
}

/* Adjust m ascending p values in place; spare has room for m values. */
static KsStatus
adjust_sorted(double *sorted, size_t m, KsAdjustMethod method, const KsEnv *env,
			  double *spare)
{
	KsStatus status = KS_OK;

	if (m < 2)
		return KS_OK;
	switch (method)
	{
		case KS_ADJUST_BONFERRONI:
			for (size_t i = 0; i < m; i++)
				sorted[i] = fmin(1, (double) m * sorted[i]);
			break;
		case KS_ADJUST_HOLM:
			step_down(sorted, m);
			break;
		case KS_ADJUST_HOCHBERG:
		case KS_ADJUST_BH:
		case KS_ADJUST_BY:
			step_up(sorted, m, method);
			break;
		case KS_ADJUST_HOMMEL:
			if (m > KS_HOMMEL_LIMIT)
				return KS_TOO_LARGE;
			status = hommel(sorted, m, env, spare);
			for (size_t i = 0; i < m; i++)
				sorted[i] = spare[i];
			break;
		case KS_ADJUST_NONE:
			break;
	}
	return status;
}

KsStatus
ks_p_adjust(const double *p, size_t n, KsAdjustMethod method, const KsEnv *env,
			double *adjusted)
{
	double *pairs, *sorted, *spare;
	size_t m = 0;
	KsStatus status;

	if (n == 0)
		return KS_OK;
	if (n > SIZE_MAX / (4 * sizeof(double)))
		return KS_TOO_LARGE;
	pairs = env->alloc(env->context, 4 * n * sizeof(double));
	if (pairs == NULL)
		return KS_NO_MEMORY;
	sorted = pairs + 2 * n;
	spare = sorted + n;

	/* each present p with its position, in ascending order of p */
	for (size_t i = 0; i < n; i++)
	{
		adjusted[i] = NAN;
		if (isnan(p[i]))
			continue;
		pairs[2 * m] = p[i];
		pairs[2 * m++ + 1] = (double) i;
	}
	status = ks_sort_pairs(env, pairs, NULL, m);
	for (size_t i = 0; i < m; i++)
		sorted[i] = pairs[2 * i];
	if (status == KS_OK)
		status = adjust_sorted(sorted, m, method, env, spare);
	for (size_t i = 0; status == KS_OK && i < m; i++)
		adjusted[(size_t) pairs[2 * i + 1]] = sorted[i];
	env->free(env->context, pairs);
	return status;
}
