# Gold values of test/oracle/mantel_haenszel.csv: R's mantelhaen.test.
# Run: Rscript test/oracle/mantel_haenszel.R > test/oracle/mantel_haenszel.csv

text <- function(x) paste(sprintf("%.17g", x), collapse = ",")
show <- function(name, x)                  # counts by stratum, row by row
  for (correct in c(TRUE, FALSE))
    for (side in c("two.sided", "less", "greater")) {
      test <- mantelhaen.test(x, alternative = side, correct = correct, conf.level = 0.9)
      cat(name, side, as.integer(correct), text(c(test$estimate, test$conf.int, test$statistic,
                                              test$p.value)),
          text(aperm(x, c(2, 1, 3))), sep = ",")
      cat("\n")
    }

cat("set,alternative,correct,odds_ratio,conf_low,conf_high,statistic,p_value,counts\n")
show("admissions", unclass(UCBAdmissions))
set.seed(3)
show("many_strata", array(rpois(4 * 60, 2) + c(1, 0, 0, 1), c(2, 2, 60)))
show("strong", array(c(40, 3, 5, 50, 90, 11, 7, 80), c(2, 2, 2)))
show("tiny_p", array(c(900, 30, 50, 700, 4000, 110, 70, 3000), c(2, 2, 2)))
show("large", array(c(4e8, 3e8, 5e8, 4e8, 9, 8, 7, 6), c(2, 2, 2)))
show("below_half", array(c(10, 10, 10, 11, 4, 4, 4, 4), c(2, 2, 2)))
