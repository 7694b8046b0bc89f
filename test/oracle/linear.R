# Gold values of formulas and linear models: R's terms(), model.matrix(), lm(),
# car::Anova(type = 3) on sum contrasts, emmeans.  Run from the root:
#   Rscript test/oracle/linear.R
# Writes test/oracle/formula.csv, linear.csv and linear_joint.csv.
invisible(Sys.setlocale("LC_COLLATE", "C"))
suppressMessages({library(car); library(emmeans)})
number <- function(x) ifelse(is.na(x), "NA", sprintf("%.17g", x))
text <- function(x) if (length(x)) paste(x, collapse = ";") else "none"

# ---- formulas: terms and column names ---------------------------------------------

frame <- expand.grid(g = c("a", "b", "c"), h = c("p", "q"), s = c(FALSE, TRUE),
                     k = c("u", "v", "w"), rep = 1:2, stringsAsFactors = FALSE)
frame$x <- seq_len(nrow(frame)) / 7
frame$z <- sin(frame$x) + 2
frame$y <- cos(frame$x) + 2
formulas <- c(
  "y ~ x", "y ~ x + z", "y ~ x * z", "y ~ x:z", "y ~ 0 + x", "y ~ x - 1", "y ~ 1", "y ~ x + 0 + z",
  "y ~ g", "y ~ g - 1", "y ~ s", "y ~ s - 1", "y ~ x + g", "y ~ x * g", "y ~ g * x", "y ~ x:g",
  "y ~ g:x", "y ~ g:x - 1", "y ~ x + x:g", "y ~ g + g:x - 1", "y ~ g * h", "y ~ g:h", "y ~ g:h - 1",
  "y ~ g + g:h", "y ~ h + g:h", "y ~ g * h * k", "y ~ (g + h + k)^2", "y ~ (g + h + x)^3 - g:h",
  "y ~ g * h - g", "y ~ g * h - g - h", "y ~ g / h", "y ~ g / x", "y ~ (g + h) / x", "y ~ 0 + g:h:s",
  "y ~ x + I(x^2)", "y ~ x + I(x^2) + I(x ^ 3)", "y ~ I(x*z) + I(x/2)", "y ~ log(x)", "log(y) ~ sqrt(z) + exp(-x)",
  "y ~ I(2 * x - z / 3)", "y ~ I(-x^2 + (x - 1)^2)", "y ~ log(x + 1):g", "y ~ s * x * g", "y ~ x * (g + h) - 1",
  "y ~ (x + z)^2 - z", "y ~ g + x + g", "y ~ x:z + z:x", "y ~ z:x + x", "y ~ (x + g) * (z + h)",
  "y ~ I(x + 1e5) + I(x * 100000) + I(x / 123456)", "y ~ I(x * 0.1) + I(x^-1) + I(x * 1e-7)",
  "I(y - x) ~ g", "y - x ~ g", "y ~ g:s + x", "y ~ x + g:h + s", "y ~ s:g:x", "y ~ (1 + x)", "y ~ (0 + x) + g",
  "y ~ -1 + g + h", "y ~ h + g - 1", "y ~ x * z * g - x:z:g", "y ~ . - k - rep", "y ~ (. - g - h)^2 - s", "y ~ g^2", "y ~ ((x))")
write <- file("test/oracle/formula.csv", "w")
cat("formula,intercept,terms,columns\n", file = write)
for (f in formulas) {
  t <- terms(as.formula(f), data = frame)
  m <- model.matrix(as.formula(f), frame)
  cat(paste(f, attr(t, "intercept"), text(attr(t, "term.labels")), text(colnames(m)),
            sep = ","), "\n", sep = "", file = write)
}
close(write)

# ---- models -----------------------------------------------------------------------

licorice <- read.csv("test/oracle/data/licorice_gargle_throat_pain.csv")
hiv <- read.csv("test/oracle/data/painful_hivsn_psychology.csv")
anorexia <- read.csv("test/oracle/data/gpl/anorexia_pre_post.csv")
sleep <- read.csv("test/oracle/data/gpl/sleepstudy.csv", colClasses = c(subject = "character"))
btheb <- read.csv("test/oracle/data/gpl/btheb_bdi_wide.csv")
keta <- read.csv("test/oracle/data/gpl/ketapain.csv")
models <- list(
  list("licorice", "pacu30min_throatpain ~ treat + preop_age + preop_calcbmi + preop_smoking"),
  list("licorice", "pacu30min_swallowpain ~ treat * preop_asa + I(preop_age^2) + log(preop_calcbmi)"),
  list("hiv", "pain_intensity ~ hscl_depression + pcs + age"),
  list("hiv", "pain_intensity ~ sex * tb + age"),
  list("hiv", "hscl_anxiety ~ (sex + painful_sn + tb)^2 + hscl_depression"),
  list("hiv", "hscl_anxiety ~ age * sex + education * painful_sn"),
  list("hiv", "hscl_depression ~ 0 + sex + age:sex"),
  list("anorexia", "postwt ~ prewt * treat"),
  list("anorexia", "postwt - prewt ~ treat"),
  list("anorexia", "postwt ~ 0 + treat + prewt"),
  list("sleep", "reaction ~ days * subject"),
  list("sleep", "reaction ~ subject + days + I(days^2) + I(days^3)"),
  list("sleep", "log(reaction) ~ 0 + days + subject"),
  list("btheb", "bdi_2m ~ bdi_pre + drug * length * treatment"),
  list("btheb", "bdi_8m ~ treatment / length + sqrt(bdi_pre)"),
  list("btheb", "bdi_3m ~ bdi_pre + I(2 * bdi_pre) + treatment"),
  list("keta", "qaly ~ cum_dose + cum_days + age + sexe * perfusion"),
  list("keta", "qaly ~ mode + level_dose + I(av_dose * cum_days) + av_dose:cum_days"))
write <- file("test/oracle/linear.csv", "w")
joint <- file("test/oracle/linear_joint.csv", "w")
cat("data,formula,n,df,sigma,r_squared,adj_r_squared,log_lik,aic,bic,term,estimate,std_error,statistic,p_value,conf_low,conf_high\n",
    file = write)
cat("data,formula,term,df,df2,statistic,p_value\n", file = joint)
for (model in models) {
  data <- get(model[[1]])
  fit <- lm(as.formula(model[[2]]), data)
  s <- summary(fit)
  for (name in names(coef(fit))) {
    row <- if (is.na(coef(fit)[name])) rep(NA, 4) else s$coefficients[name, ]
    limits <- confint(fit)[name, ]
    cat(paste(c(model[[1]], model[[2]], nobs(fit), df.residual(fit),
                number(c(s$sigma, s$r.squared, s$adj.r.squared, logLik(fit), AIC(fit), BIC(fit))),
                name, number(c(row, limits))), collapse = ","), "\n", sep = "", file = write)
  }
  if (anyNA(coef(fit))) next
  options(contrasts = c("contr.sum", "contr.poly"))
  again <- lm(as.formula(model[[2]]), data)
  options(contrasts = c("contr.treatment", "contr.poly"))
  tests <- Anova(again, type = 3, singular.ok = TRUE)
  for (name in setdiff(rownames(tests), c("(Intercept)", "Residuals")))
    cat(paste(c(model, name, tests[name, "Df"], df.residual(again),
                number(c(tests[name, "F value"], tests[name, "Pr(>F)"]))), collapse = ","),
        "\n", sep = "", file = joint)
}
close(write)
close(joint)
