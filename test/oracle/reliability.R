# Gold values of test/oracle/reliability.csv: Cronbach's alpha from R's cov and cor, as
# psych::alpha computes it, with Feldt's 90 % limits, as psych::alpha.ci.
# Run: Rscript test/oracle/reliability.R > test/oracle/reliability.csv

text <- function(x) paste(sprintf("%.17g", x), collapse = ",")
show <- function(name, x) {                # a row a form
  n <- nrow(x)
  k <- ncol(x)
  v <- cov(x)
  alpha <- k / (k - 1) * (1 - sum(diag(v)) / sum(v))
  limits <- 1 - (1 - alpha) * qf(c(0.95, 0.05), n - 1, (n - 1) * (k - 1))
  cat(name, n, k, text(c(alpha, limits, k / (k - 1) * (1 - k / sum(cor(x))))), text(t(x)), sep = ",")
  cat("\n")
}

cat("set,forms,items,alpha,conf_low,conf_high,standardized,values\n")
show("attitude", as.matrix(attitude))
set.seed(4)
trait <- rnorm(40)
show("likert", matrix(pmin(4, pmax(0, round(rep(trait, 8) + rnorm(320) + 2))), 40))
show("negative", cbind(trait, -trait + rnorm(40, 0, 0.1), rnorm(40)))
show("two_items", cbind(trait, trait + rnorm(40)))
show("scales_apart", cbind(10 * (trait + rnorm(40)), 0.1 * (trait + rnorm(40)), trait))
