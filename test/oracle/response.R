# Gold values of test/oracle/response.csv: percentage change, reliable change and
# the cumulative responder curve.  Base R only.
# Run: Rscript test/oracle/response.R > test/oracle/response.csv

line <- function(...) cat(paste(c(...), collapse = ","), "\n", sep = "")
text <- function(x) ifelse(is.na(x), "NA", sprintf("%.17g", x))

cat("kind,figures\n")
for (pair in list(c(8, 4), c(7, 10), c(3, 0), c(0.7, 0.49), c(-10, -5), c(0, 4), c(0, 0)))
  line("percent", text(c(pair, if (pair[1] == 0) NA else 100 * (pair[2] - pair[1]) / pair[1])))
for (case in list(c(47.5, 32.5, 7.5, 0.8), c(20, 24, 5.25, 0.91), c(10, 10, 2, 0)))
  line("reliable", text(c(case, (case[2] - case[1]) / (case[3] * sqrt(2) * sqrt(1 - case[4])))))

# Patients with whole-number scores; the counts by exact whole-number arithmetic.
before <- c(7, 5, 8, 6, 7, 7, 4, 9, 8, 6, 7, 5, 10, 3, 7, 10, 10, 6, 3, 9)
after <- c(5, 2, 4, 6, 8, 0, 2, 6, 7, 3, 1, 6, 7, 2, 7, 9, 5, 0, 3, 3)
line("before", before)
line("after", after)
for (direction in c("decrease", "increase"))
  for (threshold in seq(0, 100, 10)) {
    gain <- if (direction == "decrease") before - after else after - before
    responders <- sum(100 * gain >= threshold * before)
    interval <- suppressWarnings(prop.test(responders, length(before), correct = FALSE)$conf.int)
    line("curve", direction, text(c(threshold, responders, interval)))
  }
