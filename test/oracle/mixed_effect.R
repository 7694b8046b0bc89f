# Standardized effects of mixed models in test/sql/mixed.sql, by lmerTest's covariance of
# the variance parameters and numerical gradients.
# Run: Rscript test/oracle/mixed_effect.R, from the root.  Needs r-cran-lme4,
# r-cran-lmertest and r-cran-numderiv.

suppressMessages({library(lme4); library(lmerTest)})
options(digits = 9, width = 120)
sleep <- read.csv("test/oracle/data/gpl/sleepstudy.csv")

# The first element of theta is that of the intercept: its variance is (sigma theta)^2.
effect <- function(formula, reml, weights) {
  m <- lmer(formula, sleep, REML = reml, control = lmerControl(
    optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5)))
  at <- c(getME(m, "theta"), sigma(m))
  variance <- function(p) p[length(p)]^2 * (1 + p[1]^2)
  slope <- numDeriv::grad(variance, at)
  change <- contest1D(m, weights)
  d <- change[["Estimate"]] / sqrt(variance(at))
  spread <- as.numeric(t(slope) %*% m@vcov_varpar %*% slope)
  error <- sqrt(change[["Std. Error"]]^2 / variance(at) + d^2 * spread / (4 * variance(at)^2))
  half <- qt(0.975, change[["df"]]) * error
  c(estimate = d, std_error = error, df = change[["df"]], conf_low = d - half, conf_high = d + half)
}

for (formula in c("reaction ~ days + (days || subject)", "reaction ~ days + (1 | subject)",
                  "reaction ~ days + (1 + days | subject)"))
  for (reml in c(TRUE, FALSE)) {
    cat(formula, if (reml) "REML" else "ML", "\n")
    print(effect(as.formula(formula), reml, c(0, 9)))
  }
