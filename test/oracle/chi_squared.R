# Gold values of test/oracle/chi_squared.csv: R's chisq.test and prop.trend.test.
# Base R only.  Run: Rscript test/oracle/chi_squared.R > test/oracle/chi_squared.csv

options(warn = -1)
text <- function(x) paste(ifelse(is.na(x), "NA", sprintf("%.17g", x)), collapse = ",")

table_row <- function(counts, rows) {
  table <- matrix(counts, rows, byrow = TRUE)
  full <- table[rowSums(table) > 0, colSums(table) > 0]
  test <- chisq.test(full)
  plain <- chisq.test(full, correct = FALSE)
  v <- sqrt(plain$statistic / (sum(full) * (min(dim(full)) - 1)))
  pad <- function(x) {          # back to the size with empty rows and columns
    all <- matrix(NA, nrow(table), ncol(table))
    all[rowSums(table) > 0, colSums(table) > 0] <- x
    t(all)
  }
  cat("table", text(c(test$statistic, test$parameter, test$p.value, plain$statistic,
                      plain$p.value, v)), dim(table)[1], dim(table)[2], sep = ",")
  cat(",", text(t(table)), ",", text(pad(plain$expected)), ",", text(pad(plain$residuals)),
      ",", text(pad(plain$stdres)), "\n", sep = "")
}

trend <- function(events, n, dose) {
  test <- prop.trend.test(events, n, dose)
  slope <- coef(lm(events / n ~ dose, weights = n))[2]
  cat("trend", text(c(test$statistic, test$p.value, slope)), length(dose), text(dose),
      text(events), text(n), sep = ",")
  cat("\n")
}

cat("kind,figures\n")
table_row(c(3, 0, 147, 24, 0, 10), 3)                    # ketapain: level of dose by mode
table_row(c(18, 19, 14, 29, 0, 31, 15, 11, 29, 0), 2)    # chronic pain: arm by response
table_row(c(17, 10, 11, 14, 11, 9, 5, 25, 5, 3, 3, 9, 16, 12, 6, 10), 4)
table_row(c(762, 327, 468, 484, 239, 477), 2)            # R's help page
table_row(c(8, 2, 1, 5), 2)
table_row(c(10, 10, 10, 10), 2)
table_row(c(10, 11, 10, 10), 2)                          # deviations below one half
table_row(c(500000, 499000, 400000, 401000), 2)
table_row(c(0, 5, 0, 3, 0, 0, 7, 2, 0, 1, 0, 9), 3)      # an empty row and column
set.seed(3)
for (i in 1:20) {
  dim <- sample(2:6, 2, TRUE)
  table_row(rpois(prod(dim), sample(c(1, 5, 40, 4000), 1)) + diag(9)[1:dim[1], 1:dim[2]],
            dim[1])
}
trend(c(18, 19, 14, 29), c(49, 34, 25, 58), 1:4)         # chronic pain: active by response
trend(c(83, 90, 129, 70), c(86, 93, 136, 82), 1:4)       # R's help page
trend(c(83, 90, 129, 70), c(86, 93, 136, 82), c(0, 0, 0, 1))
trend(c(1, 4, 9), c(10, 10, 10), c(0.5, 20, 120))
trend(c(0, 300, 2000), c(1000, 2000, 3000), 1e6 + c(0, 1, 3))
trend(c(5, 5), c(10, 10), c(1, 2))
