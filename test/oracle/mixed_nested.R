# Gold values of test/oracle/mixed_nested.csv: patients nested in sites, by lme4 and lmerTest.
# Run: Rscript test/oracle/mixed_nested.R > test/oracle/mixed_nested.csv
# With the argument `sql` it makes test/oracle/mixed_nested_sql.csv, the figures of the table
# that test/sql/mixed_nested.sql makes.  Needs r-cran-lme4, r-cran-lmertest and
# r-cran-numderiv.
#
# The lines are those of test/oracle/mixed.R; after a model's rows comes a line
# `outer,columns of Z that belong to sites,sites,the first patient of each and their number`,
# and `outer_mode` lines are the conditional modes of sites.  Patients are numbered site by
# site, and so are their rows' groups.

suppressMessages({library(lme4); library(lmerTest)})
options(warn = -1)
put <- function(...)
  cat(sapply(list(...), function(x)
    paste(if (is.character(x)) x else ifelse(is.na(x), "NA", sprintf("%.17g", x)),
          collapse = ",")), sep = ",")
line <- function(...) { put(...); cat("\n") }
quiet <- function(...) lmerControl(calc.derivs = FALSE, ...,
                                   check.conv.singular = .makeCC("ignore", 1e-4))

# lmer, then Newton steps on its deviance function where the fit is not singular; where it
# is, a search that ends no sooner than it must.
tight <- function(formula, data, REML) {
  first <- lmer(formula, data, REML = REML,
                control = quiet(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5)))
  theta <- getME(first, "theta")
  f <- lmer(formula, data, REML = REML, devFunOnly = TRUE, control = quiet())
  free <- theta > 1e-4 | getME(first, "lower") < 0
  if (isSingular(first)) theta[!free] <- 0
  part <- function(x) { theta[free] <- x; f(theta) }
  for (i in 1:4)
    theta[free] <- theta[free] - solve(numDeriv::hessian(part, theta[free]),
                                       numDeriv::grad(part, theta[free]))
  lmer(formula, data, REML = REML, start = theta, control = quiet(optimizer = NULL))
}

# Patients by their number, sites after them: the order of lme4's own terms.
inner_name <- "patient:site"
show_fit <- function(formula, data, REML) {
  m <- tight(formula, data, REML)
  line("fit", as.numeric(REML), as.numeric(logLik(m)), sigma(m), as.numeric(isSingular(m)),
       as.matrix(Matrix::bdiag(VarCorr(m))))
  line("vcov", as.matrix(vcov(m)))
  table <- coef(summary(m))
  for (i in seq_len(nrow(table))) line("beta", table[i, ])
  l <- diag(nrow(table))[-1, , drop = FALSE]
  joint <- contestMD(m, l)
  line("joint", joint[["F value"]], joint$NumDF, joint$DenDF, joint[["Pr(>F)"]])
  modes <- ranef(m, condVar = TRUE)
  if (any(sapply(modes, function(x) is.list(attr(x, "postVar"))))) return(invisible())
  inner <- modes[[inner_name]]
  patients <- unique(data[order(data$number), c("number", "patient", "site")])
  for (g in c(1, 2, nrow(patients))) {
    at <- match(paste(patients$patient[g], patients$site[g], sep = ":"), rownames(inner))
    line("mode", g - 1, unlist(inner[at, ]), attr(inner, "postVar")[, , at])
  }
  for (s in seq_len(nrow(modes$site)))
    line("outer_mode", s - 1, unlist(modes$site[s, ]), attr(modes$site, "postVar")[, , s])
}

show <- function(name, formula, data) {
  data$site <- factor(data$site)
  both <- unique(data[order(data$site, data$patient), c("site", "patient")])
  data$number <- match(paste(data$site, data$patient), paste(both$site, both$patient))
  deviances <- lapply(c(TRUE, FALSE), function(REML)
    lmer(formula, data, REML = REML, devFunOnly = TRUE, control = quiet()))
  m <- lmer(formula, data, control = quiet())
  terms <- getME(m, "cnms")
  stopifnot(!is.unsorted(names(terms) == "site"), all(names(terms) %in% c(inner_name, "site")))
  z <- do.call(cbind, lapply(terms, function(columns)
    sapply(columns, function(c) if (c == "(Intercept)") rep(1, nrow(data)) else data[[c]])))
  x <- getME(m, "X")
  line("model", name, nrow(x), nrow(both), ncol(x), ncol(z), length(terms), lengths(terms))
  for (i in seq_len(nrow(x)))
    line("row", data$number[i] - 1, getME(m, "y")[i], x[i, ], z[i, ])
  outer <- sum(lengths(terms[names(terms) == "site"]))
  line("outer", outer, nlevels(data$site), match(levels(data$site), both$site) - 1, nrow(both))
  theta <- getME(m, "theta") * 0.9 + 0.1 * seq_along(getME(m, "theta"))
  line("theta", length(theta), theta, sapply(deviances, function(f) f(theta)))
  for (REML in c(TRUE, FALSE)) show_fit(formula, data, REML)
}

# Unbalanced: sites of 1 to 9 patients, patients of 1 to 6 visits.  Patients are numbered
# from 1 in every site.
simulate <- function(seed, sites, sd_site, sd_patient, sd_slope = 0, sd_site_slope = 0) {
  set.seed(seed)
  patients <- sample(1:9, sites, TRUE)
  patients[1] <- 1
  site <- rep(seq_len(sites), patients)
  visits <- sample(1:6, length(site), TRUE)
  visits[1:4] <- 6
  who <- rep(seq_along(site), visits)
  site <- site[who]
  patient <- ave(who, site, FUN = function(w) match(w, unique(w)))
  t <- round(runif(length(who), 0, 6), 1)
  arm <- as.numeric(who %% 2 == 0)
  b <- matrix(rnorm(2 * max(who)), max(who))
  c <- matrix(rnorm(2 * sites), sites)
  y <- 5 + 0.4 * t - arm + sd_patient * b[who, 1] + sd_slope * b[who, 2] * t +
    sd_site * c[site, 1] + sd_site_slope * c[site, 2] * t + rnorm(length(who))
  data.frame(site, patient, t, arm, y = round(y, 3))
}

# ---- figures for the regression test ----------------------------------------------------

visits <- function() {
  v <- expand.grid(month = c(0, 1, 2, 3, 6), patient = 1:7, s = 0:8)
  v <- v[v$patient <= 2 + (v$s * 5) %% 6 & (v$patient * 13 + v$month * 7 + v$s) %% 6 > 0, ]
  u <- v$s * 17 + v$patient
  v$pain <- 5 + (v$s * 7919) %% 101 / 32 + (u * 31) %% 37 / 16 -
    v$month * ((u * 13) %% 11 / 16 + (v$s * 5) %% 7 / 8) + (u * 389 + v$month * 557) %% 97 / 64
  v$site <- factor(LETTERS[v$s + 1])
  v$arm <- ifelse(v$patient %% 2 == 0, "even", "odd")
  v$who <- paste0(v$site, v$patient)
  v
}

show_figures <- function(formula, method) {
  text <- paste0("pain ~ ", gsub(" +", " ", paste(deparse(formula[[3]]), collapse = " ")))
  m <- tight(formula, visits(), method == "REML")
  show <- function(figure, name, value)
    cat(sprintf("%s;%s;%s;%s;%.17g\n", text, method, figure, name, value), sep = "")
  table <- coef(summary(m))
  for (i in 1:5)
    show(c("estimate", "std_error", "df", "statistic", "p_value")[i], rownames(table), table[, i])
  tests <- anova(m, type = 3)
  show("F", rownames(tests), tests[["F value"]])
  show("F df2", rownames(tests), tests$DenDF)
  variances <- as.data.frame(VarCorr(m))
  name <- paste(variances$grp, ifelse(is.na(variances$var1), "", variances$var1),
                ifelse(is.na(variances$var2), "", variances$var2))
  show("variance", trimws(name), variances$vcov)
  show("fit", c("deviance", "aic", "bic", "sigma"),
       c(-2 * as.numeric(logLik(m)), AIC(m), BIC(m), sigma(m)))
  modes <- as.data.frame(ranef(m))
  show("mode", paste(modes$grp, modes$term), modes$condval)
  show("mode error", paste(modes$grp, modes$term), modes$condsd)
  # the first row without random effects
  first <- data.frame(month = 2, arm = "odd")
  show("predict", "month 2, odd", predict(m, first, re.form = NA))
}

if (identical(commandArgs(TRUE), "sql")) {
  cat("formula;method;figure;name;value\n")
  for (method in c("REML", "ML")) {
    show_figures(pain ~ month * arm + (1 | site/patient), method)
    show_figures(pain ~ month * arm + (1 + month | site/patient), method)
    show_figures(pain ~ month + arm + (1 | site) + (1 + month | site:patient), method)
    show_figures(pain ~ month + arm + (1 | who) + (1 | site), method)
  }
  quit()
}

# ---- figures for the unit test ----------------------------------------------------------

line("nested mixed models of lme4 and lmerTest")
show("intercepts", y ~ t + (1 | site/patient), simulate(1, 12, 1, 2))
show("interaction", y ~ t * arm + (1 | site/patient), simulate(2, 20, 1.5, 1))
show("slopes", y ~ t * arm + (1 + t | site/patient), simulate(13, 30, 1.5, 1.5, 0.6, 0.5))
show("patient_slopes", y ~ t * arm + (1 | site) + (1 + t | patient:site), simulate(4, 15, 1, 1, 0.7))
show("site_slopes", y ~ t + arm + (1 + t | site) + (1 | patient:site), simulate(5, 15, 1, 1, 0, 0.6))
show("independent", y ~ t + (1 + t || site/patient), simulate(6, 18, 1, 1, 0.5, 0.5))
show("no_site_variance", y ~ t * arm + (1 | site/patient), simulate(7, 10, 0, 1))
show("no_patient_variance", y ~ t + (1 | site/patient), simulate(8, 12, 1, 0))
show("two_sites", y ~ t + arm + (1 | site/patient), simulate(10, 2, 2, 1))

# What a patient's site explains is large beside the rest.
show("large_sites", y ~ t + (1 | site/patient), simulate(9, 8, 100, 1))

# Balanced: pastes strengths, 10 batches of 3 casks (Davies and Goldsmith 1972; lme4).
data(Pastes, package = "lme4")
show("pastes", y ~ t + (1 | site/patient),
     data.frame(y = Pastes$strength, site = as.character(Pastes$batch),
                patient = as.character(Pastes$cask), t = rep(c(0, 1), 30)))
