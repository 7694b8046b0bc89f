/*
 * ks_dd.h
 *	  Double-double arithmetic: a number as the unevaluated sum of two doubles,
 *	  about 106 bits.
 *
 * Sums of data are kept this way so that, rounded to a double at the end, they
 * do not depend on the order of the rows or the split into workers, and so
 * that moments about a large offset do not cancel.  Error-free sums and
 * products are Knuth's two-sum and Dekker's two-product (Dekker 1971, Numer.
 * Math. 18:224; Joldes, Muller and Popescu 2017, ACM TOMS 44:15).  They need
 * every operation rounded to double: compile with -ffp-contract=off and never
 * with -ffast-math.
 */
#ifndef KS_DD_H
#define KS_DD_H

#include <math.h>

#ifdef __FAST_MATH__
#error "double-double arithmetic cannot be compiled with -ffast-math"
#endif

/*
 * Values beyond this are refused: the square of a difference of two would lose
 * its low part, and a sum of 2^30 of them could overflow.
 */
#define KS_MAX_VALUE 1e149

typedef struct KsDD
{
	double hi;
	double lo;
} KsDD;

/* a + b exactly. */
static inline KsDD
ks_two_sum(double a, double b)
{
	double sum = a + b;
	double b_part = sum - a;
	double a_part = sum - b_part;

	return (KsDD){sum, (a - a_part) + (b - b_part)};
}

/* a + b exactly, where |a| >= |b| or a is 0. */
static inline KsDD
ks_fast_two_sum(double a, double b)
{
	double sum = a + b;

	return (KsDD){sum, b - (sum - a)};
}

/* A double as the sum of two halves of 26 bits, whose products are exact. */
static inline KsDD
ks_split(double a)
{
	double scaled = 134217729.0 * a; /* 2^27 + 1 */
	double hi = scaled - (scaled - a);

	return (KsDD){hi, a - hi};
}

/* a * b exactly, from their halves: for a number that enters several products. */
static inline KsDD
ks_split_prod(double a, KsDD a_split, double b, KsDD b_split)
{
	double product = a * b;

	return (KsDD){product,
				  ((a_split.hi * b_split.hi - product) + a_split.hi * b_split.lo +
				   a_split.lo * b_split.hi) +
					  a_split.lo * b_split.lo};
}

/* a * b exactly, barring overflow and underflow. */
static inline KsDD
ks_two_prod(double a, double b)
{
#ifdef __FP_FAST_FMA
	double product = a * b;

	return (KsDD){product, fma(a, b, -product)};
#else
	return ks_split_prod(a, ks_split(a), b, ks_split(b));
#endif
}

static inline KsDD
ks_dd(double a)
{
	return (KsDD){a, 0.0};
}

static inline double
ks_dd_value(KsDD a)
{
	return a.hi + a.lo;
}

static inline KsDD
ks_dd_neg(KsDD a)
{
	return (KsDD){-a.hi, -a.lo};
}

static inline KsDD
ks_dd_add(KsDD a, KsDD b)
{
	KsDD s = ks_two_sum(a.hi, b.hi);
	KsDD t = ks_two_sum(a.lo, b.lo);

	s = ks_fast_two_sum(s.hi, s.lo + t.hi);
	return ks_fast_two_sum(s.hi, s.lo + t.lo);
}

/*
 * a + b for running sums: half the work of ks_dd_add, with an error relative to
 * |a| + |b| instead of |a + b|.
 */
static inline KsDD
ks_dd_accumulate(KsDD a, KsDD b)
{
	KsDD s = ks_two_sum(a.hi, b.hi);

	return ks_fast_two_sum(s.hi, s.lo + (a.lo + b.lo));
}

static inline KsDD
ks_dd_sub(KsDD a, KsDD b)
{
	return ks_dd_add(a, ks_dd_neg(b));
}

static inline KsDD
ks_dd_add_d(KsDD a, double b)
{
	KsDD s = ks_two_sum(a.hi, b);

	return ks_fast_two_sum(s.hi, s.lo + a.lo);
}

static inline KsDD
ks_dd_mul(KsDD a, KsDD b)
{
	KsDD p = ks_two_prod(a.hi, b.hi);

	return ks_fast_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline KsDD
ks_dd_mul_d(KsDD a, double b)
{
	KsDD p = ks_two_prod(a.hi, b);

	return ks_fast_two_sum(p.hi, p.lo + a.lo * b);
}

/* a / b by two corrected quotient digits. */
static inline KsDD
ks_dd_div(KsDD a, KsDD b)
{
	double q1 = a.hi / b.hi;
	KsDD rest = ks_dd_sub(a, ks_dd_mul_d(b, q1));
	double q2 = rest.hi / b.hi;
	double q3;

	rest = ks_dd_sub(rest, ks_dd_mul_d(b, q2));
	q3 = rest.hi / b.hi;
	return ks_dd_add_d(ks_fast_two_sum(q1, q2), q3);
}

/* a / b for a plain divisor: quotient, and the quotient of the exact remainder. */
static inline KsDD
ks_dd_div_d(KsDD a, double b)
{
	double quotient = a.hi / b;
	KsDD product = ks_two_prod(quotient, b);
	double rest = ((a.hi - product.hi) - product.lo) + a.lo;

	return ks_fast_two_sum(quotient, rest / b);
}

#endif
