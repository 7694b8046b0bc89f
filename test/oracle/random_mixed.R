# Random designs for mixed models, each fitted by lme4 and lmerTest.
# Run: Rscript test/oracle/random_mixed.R FOLDER DESIGNS SEED
# Needs r-cran-lme4, r-cran-lmertest and r-cran-numderiv.  Writes designs.csv, rows.csv,
# coefficients.csv, joint.csv and components.csv to the folder.

suppressMessages({library(lme4); library(lmerTest)})
options(warn = -1)
argument <- commandArgs(TRUE)
folder <- argument[1]
designs <- as.integer(argument[2])
set.seed(as.integer(argument[3]))

fixed_parts <- c("t", "t * g", "t + x", "f * t", "f + x + g", "t + I(t^2)", "0 + f + t",
                 "t * g + f + x", "1", "t + I(2 * t) + x")
random_parts <- c("(1 | id)", "(1 | id)", "(t | id)", "(t | id)", "(t || id)", "(0 + t | id)",
                  "(1 + t + I(t^2) | id)", "(x | id)", "(f | id)")

# Unbalanced visits, some missing; deviations of 0 and correlations of 1 among the truth.
# x is near 0: far from it the numerical derivatives of lmerTest lose digits.  A factor
# with an effect of each patient varies by visit: otherwise its covariances are no figures.
random_rows <- function(by_visit) {
  groups <- sample(5:40, 1)
  most <- sample(3:9, 1)
  visits <- if (runif(1) < 0.3) rep(most, groups) else sample(1:most, groups, TRUE)
  id <- rep(seq_len(groups), visits)
  n <- length(id)
  t <- if (runif(1) < 0.5) sequence(visits) - 1 else round(runif(n, 0, 12), 1)
  g <- as.numeric(sample(0:1, groups, TRUE))[id]
  f <- if (!by_visit && runif(1) < 0.5) sample(c("a", "b", "c"), groups, TRUE)[id] else
    sample(c("a", "b", "c"), n, TRUE)
  x <- round(rnorm(n, 0, 2), 1)
  sd <- sample(c(0, 0.3, 1, 3), 2, TRUE) * c(1, 0.3)
  rho <- sample(c(-1, -0.5, 0, 0.5, 1), 1)
  b <- matrix(rnorm(2 * groups), groups)
  b[, 2] <- rho * b[, 1] + sqrt(1 - rho^2) * b[, 2]
  y <- 6 - 0.2 * t + 0.3 * g * t + 0.2 * x + sd[1] * b[id, 1] + sd[2] * b[id, 2] * t + rnorm(n)
  rows <- data.frame(id, t, g, f, x, y = round(10^sample(-1:2, 1) * y, 3))
  if (runif(1) < 0.5) rows <- rows[runif(n) > 0.15, ]
  rows
}

# lmer, then Newton steps on its deviance function where the fit is not singular.
tight_fit <- function(formula, rows, reml) {
  quiet <- function(...) lmerControl(calc.derivs = FALSE, ...,
                                     check.rankX = "silent.drop.cols",
                                     check.conv.singular = .makeCC("ignore", 1e-4))
  first <- lmer(formula, rows, REML = reml, control =
    quiet(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
  if (isSingular(first)) return(first)
  f <- lmer(formula, rows, REML = reml, devFunOnly = TRUE, control = quiet())
  theta <- getME(first, "theta")
  for (i in 1:2)
    theta <- theta - solve(numDeriv::hessian(f, theta), numDeriv::grad(f, theta))
  last <- lmer(formula, rows, REML = reml, start = theta, control = quiet(optimizer = NULL))
  if (is.na(logLik(last)) || logLik(last) < logLik(first)) first else last
}

out <- lapply(c("designs", "rows", "coefficients", "joint", "components"), function(name)
  file(file.path(folder, paste0(name, ".csv")), "w"))
names(out) <- c("designs", "rows", "coefficients", "joint", "components")
put <- function(name, ...) {
  cells <- data.frame(..., check.names = FALSE)
  cells[] <- lapply(cells, function(x) if (is.double(x)) ifelse(is.na(x), NA, sprintf("%.17g", x)) else x)
  write.table(cells, out[[name]], sep = ",", row.names = FALSE, col.names = FALSE, na = "")
}

done <- 0
while (done < designs) {
  random <- sample(random_parts, 1)
  text <- paste("y ~", sample(fixed_parts, 1), "+", random)
  rows <- random_rows(grepl("f", random))
  reml <- runif(1) < 0.8
  m <- tryCatch(tight_fit(as.formula(text), rows, reml), error = function(e) NULL)
  if (is.null(m)) next
  table <- tryCatch(coef(summary(m)), error = function(e) NULL)
  if (is.null(table) || ncol(table) != 5) next
  done <- done + 1
  put("designs", done, text, if (reml) "REML" else "ML", -2 * as.numeric(logLik(m)),
      as.integer(isSingular(m)), sigma(m))
  put("rows", done, rows$id, rows$t, rows$g, rows$f, rows$x, rows$y)
  put("coefficients", done, rownames(table), as.data.frame(unname(table)))
  v <- as.data.frame(VarCorr(m))
  put("components", done, v$grp, v$var1, v$var2, v$vcov)
  joint <- tryCatch(as.data.frame(anova(m, type = 3)), error = function(e) NULL)
  complete <- ncol(getME(m, "X")) == ncol(model.matrix(nobars(as.formula(text)), rows))
  if (!is.null(joint) && nrow(joint) > 0 && complete)
    put("joint", done, rownames(joint), unname(joint[c("NumDF", "DenDF", "F value", "Pr(>F)")]))
}
for (file in out) close(file)
