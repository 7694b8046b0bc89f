/*
 * ks_mediation.h
 *	  Mediation by linear models: is the effect of a treatment on an outcome
 *	  carried by a mediator?
 */
#ifndef KS_MEDIATION_H
#define KS_MEDIATION_H

#include "stat/ks_base.h"
#include "stat/ks_dd.h"
#include "stat/ks_linear.h"

#define KS_MEDIATION_MAX_COVARIATES 60

/*
 * Cross-products of the columns 1, t, m, t * m, covariates, y in this order,
 * packed as ks_triangle has it, of differences from a pivot, which is the first
 * row: an offset then costs no digits.  The product is that of the differences.
 */
enum
{
	KS_COLUMN_ONE,
	KS_COLUMN_TREATMENT,
	KS_COLUMN_MEDIATOR,
	KS_COLUMN_PRODUCT,
	KS_COLUMN_COVARIATES,
};

static inline int
ks_mediation_columns(int covariates)
{
	return KS_COLUMN_COVARIATES + covariates + 1;
}

static inline size_t
ks_mediation_products(int covariates)
{
	return ks_triangle(ks_mediation_columns(covariates), 0);
}

/* Whether the squares of a finite row can be summed, whatever the other rows are. */
extern bool ks_mediation_in_range(double treatment, double mediator, double outcome,
								  const double *covariate, int covariates);

/* Sums of n rows: pivot has an entry for every column, 0 for the first and t * m. */
typedef struct KsMediationSums
{
	int covariates;
	int64_t n;
	double *pivot;	/* ks_mediation_columns() */
	KsDD *products; /* ks_mediation_products() */
} KsMediationSums;

/* Adds one complete row that is in range; the first sets the pivot. */
extern void ks_mediation_add(KsMediationSums *sums, double treatment, double mediator,
							 double outcome, const double *covariate);

/* Adds the sums of other rows with as many covariates. */
extern void ks_mediation_merge(KsMediationSums *sums, const KsMediationSums *other);

/*
 * The paths.  y = ... + direct t + b m + product t m, m = ... + a t, with t and m
 * less their means over all rows; mean_treatment and mean_mediator, at which the
 * covariates are held, count from there and differ from 0 in a replicate.
 */
typedef struct KsPaths
{
	KsDD centre; /* what t is counted from; that of m is in none of the answers */
	double a;
	double direct;
	double b;
	double product; /* 0 without interaction */
	double mean_treatment;
	double mean_mediator;
} KsPaths;

/* Rows in the order they are shown in; the last four with an interaction only. */
typedef enum KsMediationRow
{
	KS_TOTAL,
	KS_PATH_A,
	KS_PATH_B,
	KS_DIRECT,
	KS_INDIRECT,
	KS_PROPORTION,
	KS_DIRECT_CONTROL,
	KS_DIRECT_TREATED,
	KS_INDIRECT_CONTROL,
	KS_INDIRECT_TREATED,
	KS_MEDIATION_ROWS,
} KsMediationRow;

static inline int
ks_mediation_rows(bool interaction)
{
	return interaction ? KS_MEDIATION_ROWS : KS_PROPORTION + 1;
}

/* The change of treatment that effects are counted for. */
typedef struct KsTreatmentValues
{
	double control;
	double treated;
} KsTreatmentValues;

/* Every row's estimate from the paths: KS_MEDIATION_ROWS numbers. */
extern void ks_mediation_point(const KsPaths *paths, KsTreatmentValues values, double *effect);

/* The three regressions. */
typedef struct KsMediationFit
{
	int64_t n;
	int covariates;
	bool interaction;
	bool *dropped;		/* covariates that are combinations of the others */
	int n_dropped;
	bool usable;		/* else note says why, and the rest is NaN */
	KsPaths paths;
	double total;		/* coefficient of t alone with the covariates */
	double a_error, total_error;		/* standard errors */
	double b_error, direct_error;	/* without interaction */
	double df;			/* of a and total */
	double outcome_df;	/* of b and direct */
	double mean_variance;	  /* of the mean of the mediator at the mean treatment */
	KsDD variance[3][3];	  /* of direct, b, product, about the means */
	double mediator_rss;	  /* m on t and covariates */
	double outcome_rss;		  /* y on t, m and covariates */
	double treatment_inverse; /* variance of a over that of m's residuals */
	char note[KS_NOTE_SIZE];
} KsMediationFit;

/* Fits from the sums; free what it holds afterwards. */
extern KsStatus ks_mediation_fit(const KsMediationSums *sums, bool interaction,
								 const KsEnv *env, KsMediationFit *fit);
extern void ks_mediation_free(KsMediationFit *fit, const KsEnv *env);

/* One row of the answer, a field per column. */
typedef struct KsMediationEffect
{
	const char *effect;
	double estimate;
	double std_error;
	double statistic;
	double p_value;
	double conf_low;
	double conf_high;
	const char *method;
	char note[KS_NOTE_SIZE];
} KsMediationEffect;

typedef enum KsMediationMethod
{
	KS_MEDIATION_DELTA,
	KS_MEDIATION_PRODUCT,
	KS_MEDIATION_MONTE_CARLO,
	KS_MEDIATION_PERCENTILE,
	KS_MEDIATION_BCA,
} KsMediationMethod;

typedef struct KsMediationOptions
{
	KsMediationMethod method;
	int32_t replicates;
	int64_t seed;
	double conf_level;
	bool interaction;
	KsTreatmentValues values;
} KsMediationOptions;

/* Names, estimates and notes of every row, the rest NaN. */
extern void ks_mediation_clear(const KsMediationFit *fit, KsTreatmentValues values,
							   KsMediationEffect *row);

/* What to say of the proportion, once the total effect has its interval. */
extern void ks_mediation_note_proportion(KsMediationEffect *row);

/* All rows by delta, product or monte_carlo: ks_mediation_rows() of them. */
extern KsStatus ks_mediation_effects(const KsMediationFit *fit,
									 const KsMediationOptions *options, const KsEnv *env,
									 KsMediationEffect *row);

/* The same rows from simulated paths, without the remarks: what the above calls. */
extern KsStatus ks_mediation_monte_carlo(const KsMediationFit *fit,
										 const KsMediationOptions *options,
										 const KsEnv *env, KsMediationEffect *row);

/*
 * All rows by bootstrap.  data: n rows of t, m, y and covariates in any order;
 * the fit is theirs.
 */
extern KsStatus ks_mediation_bootstrap(const KsMediationFit *fit, const double *data,
									   const KsMediationOptions *options, const KsEnv *env,
									   KsMediationEffect *row);

/* The indirect effect if the residuals of both models correlated by rho. */
typedef struct KsMediationSensitivity
{
	double rho;
	double indirect;
	double conf_low;
	double conf_high;
	double rho_at_zero; /* the correlation at which nothing is left */
	char note[KS_NOTE_SIZE];
} KsMediationSensitivity;

extern void ks_mediation_sensitivity(const KsMediationFit *fit, double rho,
									 double conf_level, KsMediationSensitivity *out);

typedef enum KsRatioScale
{
	KS_SCALE_RISK_RATIO,
	KS_SCALE_ODDS_RATIO,
	KS_SCALE_RARE_ODDS_RATIO,
	KS_SCALE_HAZARD_RATIO,
	KS_SCALE_RARE_HAZARD_RATIO,
	KS_SCALE_MEAN_DIFFERENCE,
} KsRatioScale;

typedef struct KsEValue
{
	double e_value;
	double e_value_limit;
	double risk_ratio; /* the estimate on the scale of a risk ratio */
	char note[KS_NOTE_SIZE];
} KsEValue;

/* limit: that end of the interval which lies nearer to no effect; NaN: none. */
extern void ks_e_value(double estimate, double limit, KsRatioScale scale, KsEValue *out);

#endif
