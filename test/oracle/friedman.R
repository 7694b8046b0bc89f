# Gold values of test/oracle/friedman.csv: R's friedman.test and Kendall's W.
# Run: Rscript test/oracle/friedman.R > test/oracle/friedman.csv

text <- function(x) paste(sprintf("%.17g", x), collapse = ",")
show <- function(name, values) {           # a row for each subject
  test <- friedman.test(values)
  n <- nrow(values)
  k <- ncol(values)
  cat(name, n, k, text(c(test$statistic, test$parameter, test$p.value,
                         test$statistic / (n * (k - 1)))), text(t(values)), sep = ",")
  cat("\n")
}

cat("set,subjects,conditions,statistic,df,p_value,kendall_w,values\n")
# Hollander and Wolfe 1973, p. 140: rounding first base, three ways.
show("base_running", matrix(c(
  5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70,
  5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70,
  5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40,
  5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40,
  5.70, 5.65, 5.55, 6.30, 6.30, 6.25), 22, byrow = TRUE))
set.seed(2)
show("pain", matrix(pmax(0, round(rnorm(200, rep(c(7, 6, 4, 4, 3), each = 40), 2))), 40))
show("two_by_two", matrix(c(1, 2, 3, 4), 2))
show("no_ties", matrix(rnorm(60), 10))
show("one_subject_tied", matrix(c(1, 1, 1, 2, 3, 4, 2, 5, 3), 3, byrow = TRUE))
show("large_offset", 1e15 + matrix(sample(0:9, 60, TRUE), 12))
