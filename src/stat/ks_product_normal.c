/*
 * ks_product_normal.c
 *	  Distribution of the product of two independent normal variables, by
 *	  quadrature.
 *
 * Given X = x the event XY <= z is a tail of Y, so
 *		P(XY <= z) = integral of phi(x) P(Y <= z / x) over x > 0
 *				   + integral of phi(x) P(Y >= z / x) over x < 0.
 * Every term is positive and each side is integrated for itself, so that a
 * small tail keeps its digits.  The integrand is smooth but for a step at x = 0
 * that gets steeper as z comes near 0: panels of Gauss and Kronrod's rule are
 * halved where they disagree.  At z = 0 the answer is closed.
 *
 * The interval of an indirect effect that follows from it is that of MacKinnon
 * et al. (2002), Psychol. Methods 7:83, and of RMediation (Tofighi and MacKinnon
 * 2011, Behav. Res. Methods 43:692); it is what simulating both paths tends to.
 * Nodes and weights of the rule: Piessens et al. (1983), QUADPACK, qk21.
 *
 * Accuracy: 5e-14 relative for tails down to 1e-48 and |mean / sd| to 33,
 * against 25-digit quadrature (test/oracle/product_normal.csv).
 */
#include "stat/ks_product_normal.h"

#include "stat/ks_dist.h"

#define NODES 11

/* Half of the symmetric rule; every second node is Gauss' own. */
static const double node[NODES] = {
	0.995657163025808080735527280689003, 0.973906528517171720077964012084452,
	0.930157491355708226001207180059508, 0.865063366688984510732096688423493,
	0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
	0.562757134668604683339000099272694, 0.433395394129247190799265943165784,
	0.294392862701460198131126603103866, 0.148874338981631210884826001129720, 0};
static const double kronrod[NODES] = {
	0.011694638867371874278064396062192, 0.032558162307964727478818972459390,
	0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
	0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
	0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
	0.142775938577060080797094273138717, 0.147739104901338491374841515972068,
	0.149445554002916905664936468389821};
static const double gauss[NODES / 2] = {
	0.066671344308688137593568809893332, 0.149451349150580593145863396957658,
	0.219086362515982043995534934228163, 0.269266719309996355091226921569469,
	0.295524224714752870173815619188769};

#define SQRT_2PI 2.506628274631000502415765284811045

/* Panels at the start: cuts of the range, and where the integrand turns. */
#define CUTS 40
#define MAX_DEPTH 60

/* A disagreement of the two rules by this share of the whole is below 1e-13 in the finer. */
#define AGREEMENT 1e-10

typedef struct Panel
{
	double from, to;
	int depth;
} Panel;

/* phi(s) times the probability that Y puts the product on the wanted side. */
static double
integrand(const KsProductNormal *d, double z, bool lower, double s)
{
	double x = d->mean_x + d->sd_x * s;
	double density = exp(-0.5 * s * s) / SQRT_2PI;

	if (x == 0)
		return (z >= 0) == lower ? density : 0;
	return density * ks_normal_cdf((z / x - d->mean_y) / d->sd_y, (x > 0) == lower);
}

/* Kronrod's value of one panel; *difference is how far Gauss' lies from it. */
static double
panel_value(const KsProductNormal *d, double z, bool lower, const Panel *panel,
			double *difference)
{
	double half = (panel->to - panel->from) / 2;
	double middle = panel->from + half;
	double fine = kronrod[NODES - 1] * integrand(d, z, lower, middle);
	double coarse = 0;

	for (int i = 0; i < NODES - 1; i++)
	{
		double pair = integrand(d, z, lower, middle - half * node[i]) +
					  integrand(d, z, lower, middle + half * node[i]);

		fine += kronrod[i] * pair;
		if (i % 2 == 1)
			coarse += gauss[i / 2] * pair;
	}
	*difference = fabs(fine - coarse) * half;
	return fine * half;
}

/* Ascending cuts of [-range, range] for a first look; returns how many. */
static int
cut_range(const KsProductNormal *d, double z, double range, double *cut)
{
	double turn[7];
	int turns = 0;
	int cuts = 0;

	turn[turns++] = -d->mean_x / d->sd_x;
	for (int k = -6; k <= 6; k += 3)
		turn[turns++] = (z / (d->mean_y + k * d->sd_y) - d->mean_x) / d->sd_x;
	for (int i = 0; i <= 16; i++)
		cut[cuts++] = range * (i - 8) / 8;
	for (int i = 0; i < turns; i++)
		if (turn[i] > -range && turn[i] < range)
			cut[cuts++] = turn[i];
	for (int i = 1; i < cuts; i++)
	{
		double moved = cut[i];
		int at = i;

		for (; at > 0 && cut[at - 1] > moved; at--)
			cut[at] = cut[at - 1];
		cut[at] = moved;
	}
	return cuts;
}

/* Halves a panel until both rules agree to the tolerance everywhere. */
static double
refine(const KsProductNormal *d, double z, bool lower, double from, double to,
	   double tolerance)
{
	Panel stack[MAX_DEPTH + 2];
	int waiting = 0;
	double sum = 0;

	stack[waiting++] = (Panel){from, to, 0};
	while (waiting > 0)
	{
		Panel panel = stack[--waiting];
		double middle = panel.from + (panel.to - panel.from) / 2;
		double difference;
		double value = panel_value(d, z, lower, &panel, &difference);

		if (difference <= tolerance || panel.depth == MAX_DEPTH)
		{
			sum += value;
			continue;
		}
		stack[waiting++] = (Panel){panel.from, middle, panel.depth + 1};
		stack[waiting++] = (Panel){middle, panel.to, panel.depth + 1};
	}
	return sum;
}

/* The integral over [-range, range]; again where a first look took it for far larger. */
static double
integrate(const KsProductNormal *d, double z, bool lower, double range)
{
	double cut[CUTS], value[CUTS], difference[CUTS];
	int cuts = cut_range(d, z, range, cut);
	double whole = 0;
	double looked_at;

	for (int i = 0; i + 1 < cuts; i++)
	{
		value[i] = panel_value(d, z, lower, &(Panel){cut[i], cut[i + 1], 0}, &difference[i]);
		whole += value[i];
	}
	do
	{
		double tolerance = AGREEMENT * whole;

		looked_at = whole;
		whole = 0;
		for (int i = 0; i + 1 < cuts; i++)
			whole += difference[i] <= tolerance
						 ? value[i]
						 : refine(d, z, lower, cut[i], cut[i + 1], tolerance);
	} while (whole < looked_at / 2);
	return whole;
}

static bool
in_domain(const KsProductNormal *d)
{
	return isfinite(d->mean_x) && isfinite(d->mean_y) && d->sd_x > 0 && d->sd_y > 0 &&
		   isfinite(d->sd_x) && isfinite(d->sd_y);
}

double
ks_product_normal_cdf(const KsProductNormal *d, double z, bool lower)
{
	KsProductNormal swapped = {d->mean_y, d->sd_y, d->mean_x, d->sd_x};
	double x, y, near;

	if (!in_domain(d) || isnan(z))
		return NAN;
	if (isinf(z))
		return (z > 0) == lower;
	x = d->mean_x / d->sd_x;
	y = d->mean_y / d->sd_y;
	if (z == 0)
		return ks_normal_cdf(-x, true) * ks_normal_cdf(-y, !lower) +
			   ks_normal_cdf(-x, false) * ks_normal_cdf(-y, lower);

	/* the variable nearer to 0 inside: the other's density is the smoother weight */
	if (fabs(x) < fabs(y))
		d = &swapped;
	near = integrate(d, z, lower, 10);
	return fmin(1, near > 1e-6 ? near : integrate(d, z, lower, 39));
}

double
ks_product_normal_sd(const KsProductNormal *d)
{
	return hypot(hypot(d->mean_x * d->sd_y, d->mean_y * d->sd_x), d->sd_x * d->sd_y);
}

/*
 * Chandrupatla's method (1997, Adv. Eng. Softw. 28:145): inverse quadratic
 * interpolation where it is safe, halving elsewhere.  The logarithm of the
 * probability is what is brought to log p.
 */
double
ks_product_normal_quantile(const KsProductNormal *d, double p, bool lower)
{
	double centre = d->mean_x * d->mean_y;
	double sd = ks_product_normal_sd(d);
	double step = sd;
	double target = log(p);
	double share = 0.5;
	double a, b, c, at_a, at_b, at_c;

	if (!in_domain(d) || !(p > 0 && p < 1))
		return NAN;
	b = c = centre;
	at_b = at_c = log(ks_product_normal_cdf(d, b, lower)) - target;
	a = b + ((at_b < 0) == lower ? step : -step);
	at_a = log(ks_product_normal_cdf(d, a, lower)) - target;
	while ((at_a < 0) == (at_b < 0) && isfinite(a))
	{
		step *= 2;
		b = a;
		at_b = at_a;
		a += (at_b < 0) == lower ? step : -step;
		at_a = log(ks_product_normal_cdf(d, a, lower)) - target;
	}
	for (int round = 0; round < 200; round++)
	{
		double x = a + share * (b - a);
		double at_x = log(ks_product_normal_cdf(d, x, lower)) - target;
		double tolerance, left, right;

		if ((at_x < 0) == (at_a < 0))
		{
			c = a;
			at_c = at_a;
		}
		else
		{
			c = b;
			at_c = at_b;
			b = a;
			at_b = at_a;
		}
		a = x;
		at_a = at_x;
		tolerance = 1e-13 * fmax(fabs(a), 1e-3 * sd) / fabs(b - c);
		if (at_a == 0 || tolerance > 0.5)
			break;
		left = (a - b) / (c - b);
		right = (at_a - at_b) / (at_c - at_b);
		if (right * right < left && (1 - right) * (1 - right) < 1 - left)
			share = at_a / (at_b - at_a) * at_c / (at_b - at_c) +
					(c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b);
		else
			share = 0.5;
		share = fmin(1 - tolerance, fmax(tolerance, share));
	}
	return a;
}
