# Gold values of test/oracle/rank_correlation.csv: R's cor.test, and the intervals of
# Bonett and Wright.  Base R only.  Run:
# STUDIES=<folder of the study tables> Rscript test/oracle/rank_correlation.R > test/oracle/rank_correlation.csv

options(warn = -1)
text <- function(x) paste(ifelse(is.na(x), "NA", sprintf("%.17g", x)), collapse = ",")
sides <- c("two.sided", "less", "greater")

figures <- function(x, y, method) {
  tests <- lapply(sides, function(side) cor.test(x, y, method = method, alternative = side))
  c(tests[[1]]$estimate, tests[[1]]$statistic, sapply(tests, function(t) t$p.value))
}

show <- function(name, x, y, conf = 0.95) {
  spearman <- figures(x, y, "spearman")
  rho <- min(1, max(-1, spearman[1]))
  se <- sqrt((1 + rho^2 / 2) / (length(x) - 3))
  limit <- function(side, p) if (length(x) < 4) NA else tanh(atanh(rho) + side * qnorm(p) * se)
  cat(name, conf, text(c(spearman, limit(-1, (1 + conf) / 2), limit(1, (1 + conf) / 2),
                         limit(-1, conf), limit(1, conf), figures(x, y, "kendall"))),
      length(x), text(x), text(y), sep = ",")
  cat("\n")
}

cat("set,conf,rho,s,p3,low,high,low1,high1,tau,t,p3,n,x,y\n")
studies <- Sys.getenv("STUDIES")
hiv <- read.csv(file.path(studies, "painful_hivsn_psychology.csv"))
hiv <- hiv[hiv$painful_sn %in% "Yes" & !is.na(hiv$pain_intensity) & !is.na(hiv$hscl_depression), ]
show("hivsn", hiv$pain_intensity, hiv$hscl_depression)
sleepstudy <- read.csv(file.path(studies, "sleepstudy.csv"))
names(sleepstudy) <- tolower(names(sleepstudy))
one <- sleepstudy[sleepstudy$subject == 308, ]
show("sleepstudy_308", one$days, one$reaction)
show("tuna", c(44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1),
     c(2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8))
show("two", 1:2, 3:4)
show("three", 1:3, c(3, 1, 2))
show("up", 1:8, (1:8)^2, 0.9)
show("down", 1:12, -(1:12))
show("tied_perfect", c(1, 1, 2, 3), c(4, 4, 5, 6))
set.seed(21)
for (n in c(4:12, 20, 30, 49, 50, 51, 80))
  for (i in 1:2) {
    x <- rnorm(n)
    show(paste0("untied", n), x, x * runif(1, -1, 1.5) + rnorm(n), c(0.95, 0.8)[i])
  }
for (i in 1:40) {
  n <- sample(3:60, 1)
  x <- sample(0:sample(c(1, 3, 10), 1), n, TRUE)
  y <- round(x * runif(1, -1, 1) + sample(0:sample(c(1, 4, 10), 1), n, TRUE))
  if (length(unique(x)) > 1 && length(unique(y)) > 1) show(paste0("scores", i), x, y)
}
