/*
 * ks_dist.h
 *	  Distributions with both tails and their quantiles.
 */
#ifndef KS_DIST_H
#define KS_DIST_H

#include "stat/ks_base.h"

/*
 * Cumulative probabilities.  lower: P(X <= x), else P(X > x), each computed
 * directly so that a small tail keeps its digits.  NaN parameters or parameters
 * out of their domain give NaN.
 */
extern double ks_normal_cdf(double x, bool lower);
extern double ks_t_cdf(double x, double df, bool lower);
extern double ks_noncentral_t_cdf(double x, double df, double ncp, bool lower);
extern double ks_f_cdf(double x, double df1, double df2, bool lower);
extern double ks_chi_squared_cdf(double x, double df, bool lower);
extern double ks_beta_cdf(double x, double a, double b, bool lower);
extern double ks_binomial_cdf(int64_t k, int64_t n, double p, bool lower);
extern double ks_binomial_pmf(int64_t k, int64_t n, double p);

/* The x with cumulative probability p in the given tail, p in [0, 1]. */
extern double ks_normal_quantile(double p, bool lower);
extern double ks_t_quantile(double p, double df, bool lower);
extern double ks_f_quantile(double p, double df1, double df2, bool lower);
extern double ks_chi_squared_quantile(double p, double df, bool lower);
extern double ks_beta_quantile(double p, double a, double b, bool lower);
extern int64_t ks_binomial_quantile(double p, int64_t n, double prob); /* smallest k with P(X <= k) >= p */

/*
 * The noncentrality at which P(T <= t) equals p: the limit of the interval for
 * a standardized mean (Steiger and Fouladi 1997).
 */
extern double ks_noncentral_t_ncp(double t, double df, double p);

/* Logarithm of the gamma function, x > 0, and of the binomial coefficient. */
extern double ks_log_gamma(double x);
extern double ks_log_choose(double n, double k);

#endif
