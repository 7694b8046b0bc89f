# Gold values of test/oracle/mann_whitney.csv: R's wilcox.test and exactRankTests'
# perm.test of midranks.  Needs exactRankTests and coin.
# Run: STUDIES=<folder of the study tables> Rscript test/oracle/mann_whitney.R > test/oracle/mann_whitney.csv

options(warn = -1)
suppressMessages(library(exactRankTests))
suppressMessages(data(rotarod, package = "coin"))
text <- function(x) paste(ifelse(is.na(x), "NA", sprintf("%.17g", x)), collapse = ",")
sides <- c("two.sided", "less", "greater")

# Exact tails given the ties; R's own where there are none.
exact <- function(x, y) {
  untied <- !anyDuplicated(c(x, y))
  p <- function(side)
    if (untied) wilcox.test(y, x, alternative = side, exact = TRUE)$p.value
    else wilcox.exact(y, x, alternative = side, exact = TRUE)$p.value
  c(p("less"), p("greater"))
}

# The interval uses the distribution without ties.
exact_limits <- function(x, y, conf) {
  differences <- sort(outer(y, x, `-`))
  pairs <- length(differences)
  k <- max(1, qwilcox((1 - conf) / 2, length(y), length(x)))
  k1 <- max(1, qwilcox(1 - conf, length(y), length(x)))
  c(differences[c(k, pairs + 1 - k)], differences[c(k1, pairs + 1 - k1)])
}

normal <- function(x, y, correct, conf) {
  run <- function(side)
    tryCatch(wilcox.test(y, x, alternative = side, exact = FALSE, correct = correct,
                         conf.int = TRUE, conf.level = conf, tol.root = 1e-13),
             error = function(e) NULL)
  tests <- lapply(sides, run)
  p <- sapply(sides, function(side)
    wilcox.test(y, x, alternative = side, exact = FALSE, correct = correct)$p.value)
  limits <- if (any(sapply(tests, is.null))) rep(NA, 4)
            else c(tests[[1]]$conf.int, tests[[3]]$conf.int[1], tests[[2]]$conf.int[2])
  c(p, limits)
}

show <- function(name, x, y, conf = 0.95) {
  w <- unname(wilcox.test(y, x, exact = FALSE)$statistic)
  pairs <- length(x) * length(y)
  small <- length(x) + length(y) <= 100   # exactRankTests is slow and approximate beyond
  figures <- c(w, median(outer(y, x, `-`)), 2 * w / pairs - 1,
    if (small) exact(x, y) else c(NA, NA), exact_limits(x, y, conf),
    normal(x, y, TRUE, conf), normal(x, y, FALSE, conf))
  cat(name, conf, text(figures), length(x), length(y), text(x), text(y), sep = ",")
  cat("\n")
}

cat("set,conf,w,shift,rank_biserial,exact_less,exact_greater,exact_low,exact_high,low1,high1,")
cat("p3_and_limits4_corrected,p3_and_limits4_plain,n1,n2,first,second\n")
set.seed(5)
show("sleep", sleep$extra[1:10], sleep$extra[11:20])
show("rotarod", rotarod$time[rotarod$group == "treatment"],
     rotarod$time[rotarod$group == "control"])
hiv <- read.csv(file.path(Sys.getenv("STUDIES"), "painful_hivsn_psychology.csv"))
keep <- !is.na(hiv$hscl_depression) & hiv$painful_sn %in% c("Yes", "No")
parts <- split(hiv$hscl_depression[keep], hiv$painful_sn[keep] == "Yes")
show("hivsn", parts[[1]], parts[[2]])
show("separate", rnorm(12), rnorm(15, 20), 0.99)
show("one_each", 1, 2)
show("one_and_many", 3.5, rnorm(20), 0.8)
show("long_untied", rnorm(49), rnorm(45, 0.8))
show("large_untied", rnorm(110), rnorm(70, 0.4), 0.9)
show("large_scores", rbinom(100, 10, 0.5), rbinom(95, 10, 0.6))
for (i in 1:60) {
  n <- sample(2:30, 2, TRUE)
  top <- sample(c(2, 5, 10, 50), 1)
  x <- sample(0:top, n[1], TRUE)
  y <- sample(0:top, n[2], TRUE)
  if (length(unique(c(x, y))) > 1) show(paste0("scores", i), x, y, sample(c(0.9, 0.95), 1))
}
for (i in 1:20) show(paste0("untied", i), rnorm(sample(2:40, 1)), rnorm(sample(2:40, 1), 0.5))
