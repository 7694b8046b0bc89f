# Gold values of test/oracle/fisher.csv: R's fisher.test.  The odds ratio and its limits
# are solved again to the last digits: R's own carry about four.
# Base R only.  Run: Rscript test/oracle/fisher.R > test/oracle/fisher.csv

text <- function(x) paste(ifelse(is.na(x), "NA", sprintf("%.17g", x)), collapse = ",")

# Conditional estimate and two-sided limits by the tilted hypergeometric distribution.
tight <- function(table, conf) {
  m <- sum(table[1, ]); n <- sum(table[2, ]); k <- sum(table[, 1]); x <- table[1, 1]
  support <- max(0, k - n):min(k, m)
  base <- dhyper(support, m, n, k, log = TRUE)
  tilted <- function(t) { d <- base + t * support; d <- exp(d - max(d)); d / sum(d) }
  solve <- function(f) exp(uniroot(f, c(-60, 60), tol = 1e-15, maxiter = 1e5)$root)
  alpha <- (1 - conf) / 2
  upper <- function(t) sum(tilted(t)[support >= x])
  lower <- function(t) sum(tilted(t)[support <= x])
  c(if (x == support[1]) 0 else if (x == tail(support, 1)) Inf
    else solve(function(t) sum(tilted(t) * support) - x),
    if (x == support[1]) 0 else solve(function(t) log(upper(t) / alpha)),
    if (x == tail(support, 1)) Inf else solve(function(t) log(lower(t) / alpha)))
}

two <- function(a, b, c, d, conf = 0.95) {
  table <- matrix(c(a, c, b, d), 2)
  p <- sapply(c("two.sided", "less", "greater"), function(side)
    fisher.test(table, alternative = side)$p.value)
  cat("two", conf, text(c(a, b, c, d, p, tight(table, conf))), sep = ",")
  cat("\n")
}

larger <- function(counts, rows) {
  table <- matrix(counts, rows, byrow = TRUE)
  test <- fisher.test(table, workspace = 5e7)
  cat("larger", text(c(test$p.value, dim(table), t(table))), sep = ",")
  cat("\n")
}

cat("kind,figures\n")
two(3, 1, 1, 3)                  # the lady tasting tea
two(10, 2, 3, 15)                # convicted twins
two(33, 17, 10, 41)              # responders of two arms
two(5, 45, 10, 41, 0.9)
two(0, 5, 4, 3)
two(7, 0, 2, 9)
two(8, 8, 8, 8)
two(2, 31, 136, 15532, 0.99)
two(500, 300, 450, 410)
two(12, 5, 29, 2)
two(120, 880, 200, 800)
two(30, 1000, 2, 3000)
two(1, 9, 11, 3)
set.seed(6)
for (i in 1:30) {
  x <- rpois(4, sample(c(2, 8, 60), 1)) + c(1, 0, 0, 1)
  two(x[1], x[2], x[3], x[4], sample(c(0.9, 0.95, 0.99), 1))
}
larger(c(3, 0, 147, 24, 0, 10), 3)                              # ketapain
larger(c(18, 19, 14, 29, 31, 15, 11, 29), 2)                    # chronic pain, arm
larger(c(17, 10, 11, 14, 11, 9, 5, 25, 5, 3, 3, 9, 16, 12, 6, 10), 4) # diagnosis
larger(c(1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), 4) # R: job satisfaction
larger(c(2, 1, 1, 0, 1, 2, 0, 2, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 1, 1), 5)
larger(c(20, 0, 0, 0, 20, 0, 0, 0, 20), 3)
larger(c(5, 5, 5, 5, 5, 5, 5, 5, 5), 3)
larger(c(10, 0, 4, 3, 9, 2, 5, 5, 7, 1, 2, 8), 4)
for (i in 1:40) {
  dim <- list(c(2, 3), c(2, 6), c(3, 3), c(3, 5), c(4, 4), c(5, 3), c(6, 2), c(3, 8))[[1 + i %% 8]]
  larger(rpois(prod(dim), sample(c(1, 2, 4), 1)) + diag(9)[1:dim[1], 1:dim[2]] +
         diag(9)[dim[1]:1, 1:dim[2]] + outer(1:dim[1], 1:dim[2], function(i, j) (i * j) %% 7 == 1),
         dim[1])
}
larger(c(60, 80, 100, 55, 90, 130, 50, 60, 120), 3)
larger(c(400, 380, 430, 90, 120, 110), 2)
