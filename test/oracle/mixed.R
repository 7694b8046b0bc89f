# Gold values of test/oracle/mixed.csv: linear mixed models by lme4 and lmerTest.
# Run: STUDIES=<folder of the study tables> Rscript test/oracle/mixed.R > test/oracle/mixed.csv
# Needs r-cran-lme4, r-cran-lmertest and r-cran-numderiv.
#
# A model is a line `model,name,rows,groups,columns of X,columns of Z,terms,their sizes`, its
# rows `row,group,y,X,Z`, then `theta`, `fit`, `vcov`, `beta`, `joint` and `mode` lines.

suppressMessages({library(lme4); library(lmerTest)})
options(warn = -1)
studies <- Sys.getenv("STUDIES", "test/oracle/data/gpl")
put <- function(...)
  cat(sapply(list(...), function(x)
    paste(if (is.character(x)) x else ifelse(is.na(x), "NA", sprintf("%.17g", x)),
          collapse = ",")), sep = ",")
line <- function(...) { put(...); cat("\n") }

# lmer, then Newton steps on its deviance function where the fit is not singular.
tight <- function(formula, data, REML) {
  quiet <- function(...) lmerControl(calc.derivs = FALSE, ...,
                                     check.conv.singular = .makeCC("ignore", 1e-4))
  first <- lmer(formula, data, REML = REML,
                control = quiet(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
  theta <- getME(first, "theta")
  if (isSingular(first)) return(first)
  f <- lmer(formula, data, REML = REML, devFunOnly = TRUE, control = quiet())
  for (i in 1:3)
    theta <- theta - solve(numDeriv::hessian(f, theta), numDeriv::grad(f, theta))
  lmer(formula, data, REML = REML, start = theta, control = quiet(optimizer = NULL))
}

show_fit <- function(formula, data, REML) {
  m <- tight(formula, data, REML)
  line("fit", as.numeric(REML), as.numeric(logLik(m)), sigma(m), as.numeric(isSingular(m)),
       as.matrix(Matrix::bdiag(VarCorr(m))))
  line("vcov", as.matrix(vcov(m)))
  table <- coef(summary(m))
  for (i in seq_len(nrow(table))) line("beta", table[i, ])
  if (nrow(table) > 1) {
    l <- diag(nrow(table))[-1, , drop = FALSE]
    joint <- contestMD(m, l)
    line("joint", joint[["F value"]], joint$NumDF, joint$DenDF, joint[["Pr(>F)"]])
  }
  modes <- ranef(m, condVar = TRUE)
  if (length(modes) == 1 && !is.list(attr(modes[[1]], "postVar")))
    for (g in 1:2)
      line("mode", g - 1, unlist(modes[[1]][g, ]), attr(modes[[1]], "postVar")[, , g])
}

show <- function(name, formula, data) {
  deviances <- lapply(c(TRUE, FALSE), function(REML)
    lmer(formula, data, REML = REML, devFunOnly = TRUE,
         control = lmerControl(check.conv.singular = .makeCC("ignore", 1e-4))))
  m <- lmer(formula, data)
  z <- do.call(cbind, getME(m, "mmList"))
  x <- getME(m, "X")
  group <- as.integer(getME(m, "flist")[[1]])
  terms <- sapply(getME(m, "mmList"), ncol)
  line("model", name, nrow(x), max(group), ncol(x), ncol(z), length(terms), terms)
  for (i in seq_len(nrow(x))) line("row", group[i] - 1, getME(m, "y")[i], x[i, ], z[i, ])
  theta <- getME(m, "theta") * 0.9 + 0.1 * seq_along(getME(m, "theta"))
  line("theta", length(theta), theta, sapply(deviances, function(f) f(theta)))
  for (REML in c(TRUE, FALSE)) show_fit(formula, data, REML)
}

line("mixed models of lme4 and lmerTest")

sleep <- read.csv(file.path(studies, "sleepstudy.csv"))
show("sleep_intercept", reaction ~ days + (1 | subject), sleep)
show("sleep_slope", reaction ~ days + (days | subject), sleep)
show("sleep_independent", reaction ~ days + (days || subject), sleep)
show("sleep_quadratic", reaction ~ days + I(days^2) + (days | subject), sleep)
show("sleep_offset", reaction ~ I(days + 2020) + (1 | subject), sleep)
show("sleep_three", reaction ~ days + (1 + days + I(days^2 / 10) | subject), sleep)

btheb <- read.csv(file.path(studies, "btheb_bdi_wide.csv"))
long <- do.call(rbind, lapply(c(2, 3, 5, 8), function(month)
  data.frame(subject = btheb$subject, bdi = btheb[[paste0("bdi_", month, "m")]],
             bdi_pre = btheb$bdi_pre, month = month, treatment = btheb$treatment,
             drug = btheb$drug, length = btheb$length)))
long <- long[!is.na(long$bdi), ]
show("btheb_intercept", bdi ~ bdi_pre + month + treatment + drug + length + (1 | subject), long)
show("btheb_slope", bdi ~ bdi_pre + month + treatment + drug + length + (month | subject), long)
show("btheb_factor", bdi ~ bdi_pre + factor(month) * treatment + (1 | subject), long)
show("btheb_interaction", bdi ~ month * treatment * drug + (month | subject), long)

hamd <- file.path(studies, "antidepressant_hamd17.csv")  # not kept with the project
if (file.exists(hamd)) {
  hamd <- read.csv(hamd)
  hamd$week <- c(`4` = 1, `5` = 2, `6` = 4, `7` = 6)[as.character(hamd$visit)]
  names(hamd) <- tolower(names(hamd))
  show("hamd_slope", hamdtl17 ~ basval + week * therapy + (week | patient), hamd)
  show("hamd_factor", hamdtl17 ~ basval + factor(visit) * therapy + (1 | patient), hamd)
}

# Simulated: unbalanced, with singular fits.
simulate <- function(seed, groups, sd_intercept, sd_slope, rho) {
  set.seed(seed)
  size <- sample(1:6, groups, TRUE)
  size[1] <- 6
  id <- rep(seq_len(groups), size)
  t <- round(runif(length(id), 0, 12), 1)
  arm <- (id %% 3 == 0)[seq_along(id)]
  b <- matrix(rnorm(2 * groups), groups)
  y <- 5 + 0.3 * t - arm + sd_intercept * b[id, 1] +
    sd_slope * (rho * b[id, 1] + sqrt(1 - rho^2) * b[id, 2]) * t + rnorm(length(id))
  data.frame(id, t, arm = as.numeric(arm), y = round(y, 3))
}
show("unbalanced", y ~ t * arm + (t | id), simulate(1, 40, 2, 0.5, -0.3))
show("perfect_correlation", y ~ t + (t | id), simulate(2, 30, 1, 0.3, 1))
show("no_variance", y ~ t * arm + (1 | id), simulate(3, 25, 0, 0, 0))
show("no_slope_variance", y ~ t + (t || id), simulate(4, 40, 1, 0, 0))
show("no_variances", y ~ t + (t | id), simulate(7, 20, 0, 0, 0))
show("large_intercepts", y ~ t + arm + (t | id), simulate(5, 40, 50, 0.5, 0))
