/*
 * ks_dist.h
 *	  Distributions with both tails and their quantiles.
 *
 * Accuracy: largest relative error against true values (test/oracle/dist.csv:
 * 40 and more digits by other formulas), as `build/unit/test_dist --table` shows.
 * Probabilities and results down to 1e-300, both tails; last column: how many of
 * the points R 4.2.2 itself misses by more than 1e-11.
 *
 *	 function                     domain                          points  error  R
 *	 ks_normal_cdf                |x| <= 37                          101  2e-13    0
 *	 ks_normal_quantile           p 1e-300 to 0.999                   18  2e-16    0
 *	 ks_t_cdf                     df 0.1 to 1e7                      684  2e-13    0
 *	 ks_t_quantile                df 0.1 to 1e7                      336  3e-14   18
 *	 ks_chi_squared_cdf           df 0.01 to 1e7                     381  6e-14    0
 *	 ks_chi_squared_quantile      df 0.01 to 1e7                     249  9e-14    0
 *	 ks_f_cdf                     df1, df2 0.1 to 1e7                606  2e-13    1
 *	 ks_f_quantile                df1, df2 0.1 to 1e7                391  2e-13  136
 *	 ks_beta_cdf                  a, b 0.01 to 1e7                   550  5e-13    0
 *	 ks_beta_quantile             a, b 0.01 to 1e7                   506  2e-13    1
 *	 ks_binomial_cdf              n to 1e7, p 1e-6 to 0.9999         486  3e-13    0
 *	 ks_binomial_pmf              n to 1e7, p 1e-6 to 0.9999         483  2e-13    0
 *	 ks_binomial_quantile         n to 1e7, p 1e-6 to 0.9999         212      0    3
 *	 ks_noncentral_t_cdf          df 0.5 to 1e6, |ncp| <= 37         761  2e-13  219
 *	 ks_noncentral_t_ncp          df 1 to 1e6, |t| <= 37             288  3e-14
 *	 ks_log_gamma                 x 0.001 to 1e15                     16  3e-16    2
 *	 ks_log_choose                n to 1e7, whole k                   43  6e-16    0
 */
#ifndef KS_DIST_H
#define KS_DIST_H

#include "stat/ks_base.h"

/* A quantile of t found before: ks_t_upper_quantile looks there first.  0 at first. */
typedef struct KsTQuantile
{
	double p;
	double df;
	double value;
} KsTQuantile;

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
extern double ks_t_upper_quantile(KsTQuantile *last, double p, double df);
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
