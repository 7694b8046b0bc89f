# Gold values of test/oracle/table2.csv: McNemar's test and two groups.
# Base R only.  Run: Rscript test/oracle/table2.R > test/oracle/table2.csv

line <- function(kind, figures)
  cat(kind, ",", paste(ifelse(is.na(figures), "NA", sprintf("%.17g", figures)), collapse = ","),
      "\n", sep = "")

mcnemar <- function(both, before_only, after_only, neither, conf) {
  table <- matrix(c(both, after_only, before_only, neither), 2)  # rows before, columns after
  n <- sum(table)
  z <- qnorm((1 + conf) / 2)
  difference <- (after_only - before_only) / n
  error <- sqrt(before_only + after_only - (before_only - after_only)^2 / n) / n
  corrected <- mcnemar.test(table)
  plain <- mcnemar.test(table, correct = FALSE)
  line("mcnemar", c(both, before_only, after_only, neither, conf,
    difference, error, difference - z * error, difference + z * error,
    binom.test(after_only, before_only + after_only)$p.value,
    corrected$statistic, corrected$p.value, plain$statistic, plain$p.value,
    after_only / before_only))
}

# Newcombe's limits from prop.test's Wilson limits; score test from chisq.test.
compare <- function(x1, n1, x2, n2, conf) {
  z <- qnorm((1 + conf) / 2)
  wilson <- function(x, n)
    suppressWarnings(prop.test(x, n, conf.level = conf, correct = FALSE)$conf.int)
  w1 <- wilson(x1, n1)
  w2 <- wilson(x2, n2)
  p1 <- x1 / n1
  p2 <- x2 / n2
  difference <- p2 - p1
  low <- difference - sqrt((p2 - w2[1])^2 + (w1[2] - p1)^2)
  high <- difference + sqrt((w2[2] - p2)^2 + (p1 - w1[1])^2)
  table <- matrix(c(x1, x2, n1 - x1, n2 - x2), 2)
  score <- suppressWarnings(chisq.test(table, correct = FALSE)$p.value)
  wald <- function(ratio, error)
    c(ratio, ratio * exp(-z * error), ratio * exp(z * error),
      2 * pnorm(-abs(log(ratio) / error)))
  line("compare", c(x1, n1, x2, n2, conf, difference, low, high, score,
    wald(p2 / p1, sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)),
    wald((x2 / (n2 - x2)) / (x1 / (n1 - x1)),
         sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x2 + 1 / (n2 - x2)))))
}

cat("kind,figures\n")
mcnemar(25, 21, 42, 145, 0.95)
mcnemar(1, 8, 0, 113, 0.95)
mcnemar(0, 7, 3, 112, 0.95)
mcnemar(10, 4, 4, 12, 0.9)
mcnemar(3, 0, 5, 2, 0.99)
mcnemar(794, 86, 150, 570, 0.95)    # R's help page: approval of the president
mcnemar(0, 900, 2500, 0, 0.95)
compare(10, 51, 33, 50, 0.95)       # response by arm
compare(33, 50, 10, 51, 0.95)
compare(5, 56, 0 + 9, 70, 0.95)
compare(48, 80, 56, 70, 0.95)       # Newcombe 1998, table II (b) and following
compare(3, 10, 9, 10, 0.9)
compare(2, 84, 6, 98, 0.99)
compare(500, 100000, 900, 120000, 0.95)
