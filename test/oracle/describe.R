# Gold values of test/oracle/describe.csv: description, quantiles, t test.
# Needs the package e1071.  Run: Rscript test/oracle/describe.R > test/oracle/describe.csv

library(e1071)
text <- function(x) ifelse(is.na(x), "NA", sprintf("%.17g", x))
line <- function(...) cat(paste(c(...), collapse = ","), "\n", sep = "")
try_type2 <- function(f, x) tryCatch(f(x, type = 2), error = function(e) NA)

set.seed(3)
samples <- list(
  pain = c(7, 5, 8, 6, 7, 7, 4, 9, 8, 6, 7, 5, 10, 3, 7),
  skewed = round(rexp(40, 0.1), 3),
  negative = round(rnorm(25, -3, 4), 2),
  two = c(1.5, 4), three = c(1, 2, 10), four = c(1, 2, 2, 10), one = 3.25,
  hundred = sample(1:100),
  small = c(1e-200, 3e-200, 7e-200, 2e-200),
  fractions = round(runif(61), 4))

probs <- c(0, 0.01, 0.05, 0.07, 0.1, 0.25, 0.29, 1 / 3, 0.5, 0.57, 0.58, 2 / 3, 0.75, 0.9, 0.95,
           0.99, 1)
cat("kind,sample,figures\n")
for (name in names(samples)) {
  x <- samples[[name]]
  line("sample", name, text(x))
  # Squares of tiny numbers vanish in R: measure them in a larger unit.
  unit <- if (max(abs(x)) < 1e-100) 2^-664 else 1
  y <- x / unit
  line("describe", name, text(c(mean(y) * unit, sd(y) * unit, min(x), quantile(x, 0.25),
    median(x), quantile(x, 0.75), max(x), try_type2(skewness, y), try_type2(kurtosis, y))))
  for (type in 1:9)
    for (q in probs)
      line("quantile", name, text(c(type, q, quantile(x, q, type = type))))
  if (length(x) > 1 && unit == 1)
    for (alternative in c("two.sided", "less", "greater"))
      for (mu in c(0, 5.5)) {
        test <- t.test(x, mu = mu, alternative = alternative, conf.level = 0.9)
        line("t_test", name, alternative, text(c(mu, test$estimate, test$stderr, test$conf.int,
          test$statistic, test$parameter, test$p.value, (mean(x) - mu) / sd(x))))
      }
}
