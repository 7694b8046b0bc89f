# Gold values of test/oracle/proportion.csv: intervals of one proportion.
# Base R only; the mid-p limits by bisection of their definition.  Run: Rscript
# test/oracle/proportion.R > test/oracle/proportion.csv

mid_p_limit <- function(x, n, tail, upper) {
  mid <- function(p)
    dbinom(x, n, p) / 2 + pbinom(if (upper) x else x - 1, n, p, lower.tail = !upper)
  lo <- 0
  hi <- 1
  for (step in 1:2000) {
    p <- (lo + hi) / 2
    if ((mid(p) > tail) == upper) hi <- p else lo <- p
  }
  (lo + hi) / 2
}

limits <- function(x, n, conf) {
  tail <- (1 - conf) / 2
  z <- qnorm(tail, lower.tail = FALSE)
  wald <- function(x, n) x / n + c(-1, 1) * z * sqrt(x / n * (1 - x / n) / n)
  c(suppressWarnings(prop.test(x, n, conf.level = conf, correct = FALSE)$conf.int),
    suppressWarnings(prop.test(x, n, conf.level = conf)$conf.int),
    binom.test(x, n, conf.level = conf)$conf.int,
    if (x == 0) 0 else mid_p_limit(x, n, tail, TRUE),
    if (x == n) 1 else mid_p_limit(x, n, tail, FALSE),
    if (x == 0) 0 else qbeta(tail, x + 0.5, n - x + 0.5),
    if (x == n) 1 else qbeta(tail, x + 0.5, n - x + 0.5, lower.tail = FALSE),
    wald(x + z^2 / 2, n + z^2),
    wald(x, n))
}

cases <- rbind(
  c(23, 45), c(45, 74), c(40, 59), c(7, 59), c(17, 59), c(31, 59), c(10, 59), c(249, 329),
  c(0, 59), c(59, 59), c(1, 10), c(9, 10), c(5, 10), c(1, 1), c(0, 1), c(50, 100),
  c(1, 100000), c(99999, 100000), c(3, 5000), c(123456, 1000000))
cat("events,n,conf_level,wilson,,wilson_cc,,clopper_pearson,,midp,,jeffreys,,agresti_coull,,wald,\n")
for (i in seq_len(nrow(cases)))
  for (conf in c(0.95, 0.8, 0.99)) {
    figures <- c(cases[i, ], conf, limits(cases[i, 1], cases[i, 2], conf))
    cat(paste(sprintf("%.17g", figures), collapse = ","), "\n", sep = "")
  }
