# Gold values of test/oracle/adjust.csv: R's p.adjust.
# Run: Rscript test/oracle/adjust.R > test/oracle/adjust.csv

methods <- c("holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "none")
sets <- list(
  bh1995 = c(1e-04, 4e-04, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324,
             0.4262, 0.5719, 0.6528, 0.759, 1),
  shuffled = c(0.04, 0.01, 0.03, 0.005, 0.8, 0.02, 0.04, 0.3),
  missing = c(0.02, NA, 0.001, 0.04, NA, 0.04),
  one = 0.03, two = c(0.04, 0.03), equal = rep(0.02, 5), zero = c(0, 0.5, 1, 1e-300),
  all_missing = c(NA, NA))
set.seed(1)
sets$many <- round(rbeta(100, 0.4, 2), 6)
text <- function(x) ifelse(is.na(x), "NA", sprintf("%.17g", x))
cat("set,method,figures\n")
for (name in names(sets)) {
  p <- as.numeric(sets[[name]])
  cat(paste(c(name, "p", text(p)), collapse = ","), "\n", sep = "")
  for (method in methods)
    cat(paste(c(name, method, text(p.adjust(p, method))), collapse = ","), "\n", sep = "")
}
