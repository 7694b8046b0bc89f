/*
 * ks_incomplete.h
 *	  The incomplete beta and gamma functions: the ground under ks_dist.h.
 */
#ifndef KS_INCOMPLETE_H
#define KS_INCOMPLETE_H

#include "stat/ks_dd.h"

#define KS_PI 3.14159265358979323846264338328
#define KS_SQRT_HALF 0.707106781186547524400844362105
#define KS_INVERSE_SQRT_2PI 0.398942280401432677939946059934
#define KS_LOG_SQRT_2PI 0.918938533204672741780329736406

/*
 * Both tails at a point, and how log P behaves around it.  slope is dP/dw and
 * bend is d(log slope)/dw, where w is the log odds (beta) or log x (gamma).
 */
typedef struct KsTails
{
	double lower;
	double upper;
	double slope;
	double bend;
} KsTails;

/* A share x of 1 and its complement y, each to full relative precision. */
typedef struct KsShare
{
	KsDD x;
	KsDD y;
} KsShare;

/* part / (part + rest). */
extern KsShare ks_share_of(KsDD part, KsDD rest);

/* The share whose odds x / y are numerator / denominator * factor, each above 0. */
extern KsShare ks_share_of_odds(double numerator, double factor, double denominator);

/* x in [0, 1] and 1 - x without rounding. */
extern KsShare ks_share_of_probability(double x);

/* The beta distribution with a, b > 0; 1e-11 relative up to a, b = 1e7. */
extern KsTails ks_beta_tails(double a, double b, KsShare at);

/* The gamma distribution with shape a > 0; 1e-11 relative up to a = 1e7. */
extern KsTails ks_gamma_tails(double a, double x);

/* log Gamma(z) less Stirling's (z - 1/2) log z - z + log sqrt(2 pi); z > 0. */
extern double ks_stirling_error(double z);

/* a log(m / a) - (m - a), at most 0, from m and the exact distance m - a. */
extern double ks_log_deviance(double a, double m, double distance);

/* exp(u) - 1 - u without cancellation. */
extern double ks_exp_minus(double u);

#endif
