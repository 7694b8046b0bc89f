# Constructs the patients of three replica cohorts.  In this folder:
#     psql -c "COPY sf12_weights TO STDOUT CSV HEADER" > weights.csv
#     Rscript make_replicas.R weights.csv
#
# No patient here is real.  Values are drawn, then moved until what the abstracts of the
# three studies print comes out of them.  Whatever an abstract does not print (drop-out by
# 3 months, pain types, side effects, shapes of distributions) is chosen freely.

standard <- function(x) (x - mean(x)) / sd(x)
digits <- function(m) apply(m, 1, paste0, collapse = "")
write <- function(x, file) write.csv(x, file, row.names = FALSE, quote = FALSE, na = "")
within <- function(x, low, high) !is.na(x) && x >= low && x < high

# ---- tapering: 59 patients, a dose at four times --------------------------------------

set.seed(59)
n <- 59
before <- round(207 + 128 * standard(exp(0.6 * qnorm(ppoints(n)))))[sample(n)]
taper <- sample(rep(c("stopped", "more", "less"), c(7, 33, 19)))
noise <- standard(rnorm(n))
# the dose left, as a share: under a half for the 33, over for the 19
left <- function(p)
  ifelse(taper == "stopped", 0,
         ifelse(taper == "more", pmin(0.49, pmax(0.05, p[1] + 0.05 * noise)),
                pmin(1.2, pmax(0.51, p[2] + 0.1 * noise))))
miss <- function(x, mean, sd) (mean(x) - mean)^2 + (sd(x) - sd)^2
p <- optim(c(0.45, 0.6), function(p) miss(before * left(p), 92, 72))$par
discharge <- round(before * left(p))
later <- function(x, mean, sd) {
  z <- standard(rnorm(length(x)))
  dose <- function(p) p[1] * x * exp(p[2] * z)
  round(dose(optim(c(1, 0.2), function(p) miss(dose(p), mean, sd))$par))
}
lost <- sample(rep(c(3, 12, NA), c(8, 9, 42)))
seen3 <- is.na(lost) | lost > 3
seen12 <- is.na(lost)
month3 <- month12 <- rep(NA, n)
month3[seen3] <- later(discharge[seen3], 99, 77)
month12[seen12] <- later(month3[seen12], 103, 106)
age <- round(48 + 10 * standard(qnorm(ppoints(n)))[sample(n)])
admitted <- as.Date("2014-01-01") + c(0, sort(sample(1:2184, n - 2)), 2185)
write(data.frame(patient = 1:n, admitted,
                 born = admitted - round(age * 365.25) - sample(30:330, n, TRUE),
                 female = sample(rep(c("t", "f"), c(38, 21))),
                 aetiology = sample(rep(c("back pain", "fibromyalgia", "neuropathic", "other"),
                                        c(31, 10, 9, 9))),
                 before, discharge, month3, month12), "tapering.csv")

# ---- repeated: 329 patients, pain monthly, SF-12 twice, HADS once ----------------------

n <- 329
month <- 0:12
# what the abstract prints of monthly pain, from counts alone: the cohort is complete
pain_fits <- function(y, depression) {
  s <- apply(y[, c(1, 13)], 2, sd)
  r <- cor(y[, 1], y[, 13])
  d <- mean(y[, 13] - y[, 1]) / sd(y[, 13] - y[, 1]) * sqrt(2 * (1 - r))
  ci <- d + c(-1, 1) * qnorm(0.975) * sqrt(2 * (1 - r) * (1 / n + d^2 / (2 * n)))
  if (!within(d, -0.525, -0.515) || !within(ci[1], -0.625, -0.615) ||
      !within(ci[2], -0.415, -0.405)) return(FALSE)
  g <- depression > 7
  slope <- drop(y %*% (month - 6)) / 182
  tilt <- mean(slope[g]) - mean(slope[!g])
  fitted <- rowMeans(y) + outer(as.vector(tapply(slope, g, mean)[as.character(g)]), month - 6)
  se <- sqrt(sum((y - fitted)^2) / (n * 12 - 2) / 182 * (1 / sum(g) + 1 / sum(!g)))
  p <- 2 * pnorm(-abs(tilt / se))
  if (!within(tilt, -0.0449, -0.0351) || !within(tilt - 1.9606 * se, -0.0649, -0.0551) ||
      !within(tilt + 1.9606 * se, -0.0149, -0.0051) || !within(p, 0.0016, 0.0024)) return(FALSE)
  fit <- lm(as.vector(y[, 1] - y[, -1]) ~ rep(depression, 12))
  b <- c(coef(fit)[2], confint(fit)[2, ])
  within(b[1], 0.0255, 0.0345) && within(b[2], 0.0055, 0.0145) && within(b[3], 0.0355, 0.0445)
}
for (seed in 1:20000) {
  set.seed(seed)
  depression <- pmin(21, pmax(0, round(8 + 4.3 * rnorm(n))))
  free <- function(x) resid(lm(x ~ depression + (depression > 7)))
  level <- 6 + 1.75 * free(rnorm(n))
  slope <- -0.1 - 0.0385 * ((depression > 7) - 0.5) + 0.02 * free(rnorm(n))
  y <- level + outer(slope, month) + 1.48 * free(matrix(rnorm(n * 13), n))
  y <- pmin(pmax(round(y), 0), 10)
  if (pain_fits(y, depression)) break
  if (seed == 20000) stop("no cohort fits")
}
message("pain: seed ", seed)

# Dose in mg: uncorrelated noise plus as much of depression and of the mean diminution as
# gives the wanted correlations, over patients and over patient-months.
diminution <- y[, 1] - y[, -1]
mean_diminution <- rowMeans(diminution)
across <- sd(mean_diminution) * sqrt((n - 1) / n) / (sd(as.vector(diminution)) * sqrt((12 * n - 1) / (12 * n)))
constructed_dose <- function(with_depression, with_diminution) {
  x <- cbind(standard(depression), standard(mean_diminution))
  free <- standard(resid(lm(exp(0.5 * rnorm(n)) ~ x)))
  weight <- solve(cor(x), c(with_depression, with_diminution / across))
  2 * round((1500 + 600 * (x %*% weight + free * sqrt(1 - drop(t(weight) %*% cor(x) %*% weight)))) / 2)
}
dose <- constructed_dose(-0.0553, 0.0081)
# Another dose, for a share of 64.6 %: indirect = -0.0553 sd(depression) b / sd(dose), and
# the total has to be that over the share, below 0 (0.645, as b is adjusted for the dose later).
b <- coef(lm(as.vector(diminution) ~ rep(depression, 12)))[2]
other_dose <- constructed_dose(-0.0553, -0.0553 * sd(depression) * b / 0.645 / sd(as.vector(diminution)))
stopifnot(dose >= 0, other_dose >= 0)

# SF-12: the answers nearest to scores with the printed moments, among many drawn.
w <- read.csv(commandArgs(TRUE)[1])
codes <- c(5, 3, 3, 2, 2, 2, 2, 5, 6, 6, 6, 5)
set.seed(12)
size <- 150000
health <- matrix(rnorm(2 * size), size)
worse <- c(TRUE, FALSE, FALSE, FALSE, FALSE, FALSE, FALSE, TRUE, TRUE, TRUE, FALSE, FALSE)
mental <- c(0.3, 0, 0, 0.1, 0.1, 0.9, 0.9, 0.2, 1, 0.7, 1, 0.7)
items <- sapply(1:12, function(i) {
  z <- (1 - mental[i]) * (health[, 1] - 0.9) + mental[i] * (health[, 2] - 0.4) + 0.7 * rnorm(size)
  code <- pmin(codes[i], 1 + floor(codes[i] * pnorm(z)))
  if (worse[i]) codes[i] + 1 - code else code
})
score <- function(which) {
  s <- rep(w[w$position == 0, which], size)
  for (i in 1:12) s <- s + w[w$position == i, which][match(items[, i], w$response[w$position == i])]
  s
}
pcs <- score("pcs")
mcs <- score("mcs")
z <- matrix(qbeta(pnorm(standard(rnorm(n * 4))), 3, 3), n)
z <- scale(z) %*% solve(chol(cor(z)))
goal <- cbind(pcs0 = 28.5 + 7.9 * z[, 1], mcs0 = 39.7 + 10.9 * z[, 2],
              pcs1 = 29.5 + 9.2 * (0.597 * z[, 1] + sqrt(1 - 0.597^2) * z[, 3]),
              mcs1 = 42.2 + 11.1 * (0.5 * z[, 2] + sqrt(0.75) * z[, 4]))
wanted_mean <- c(28.5, 39.7, 29.5, 42.2)
wanted_sd <- c(7.9, 10.9, 9.2, 11.1)
nearest <- function(p, m) mapply(function(p, m) which.min((pcs - p)^2 + (mcs - m)^2), p, m)
for (step in 1:6) {
  at0 <- nearest(goal[, 1], goal[, 2])
  at1 <- nearest(goal[, 3], goal[, 4])
  got <- cbind(pcs[at0], mcs[at0], pcs[at1], mcs[at1])
  message(paste(round(c(colMeans(got), apply(got, 2, sd), t.test(got[, 3], got[, 1], paired = TRUE)$p.value), 3), collapse = " "))
  for (k in 1:4)
    goal[, k] <- (goal[, k] - mean(got[, k])) * wanted_sd[k] / sd(got[, k]) + wanted_mean[k]
}
spread <- function(total) t(sapply(total, function(s) s %/% 7 + ((1:7) <= s %% 7)))
anxiety <- pmin(21, pmax(0, round(9 + 0.5 * (depression - 8) + 3.5 * rnorm(n))))
hads <- matrix(0, n, 14)
hads[, seq(1, 13, 2)] <- spread(anxiety)
hads[, seq(2, 14, 2)] <- spread(depression)
write(data.frame(patient = 1:n,
                 enrolled = as.Date("2016-07-07") + c(0, sort(sample(1:439, n - 2, TRUE)), 441),
                 age = round(51.4 + 11 * standard(qnorm(ppoints(n)))[sample(n)]),
                 female = sample(rep(c("t", "f"), c(249, 80))),
                 hads = digits(hads), sf12_before = digits(items[at0, ]), sf12_after = digits(items[at1, ]),
                 pain = apply(y, 1, paste, collapse = " "), dose_mg = dose, other_dose_mg = other_dose),
      "repeated.csv")

# ---- infusion: 74 patients treated, 45 by the protocol ---------------------------------

set.seed(74)
n <- 74
course <- rep(c("protocol", "other dose", "one infusion only", "no pain score"), c(45, 14, 9, 6))
responds <- c(rep(c(TRUE, FALSE), c(25, 20)), rbinom(29, 1, 0.3) == 1)
stopped <- c(rep(c(TRUE, FALSE), c(2, 23)), rep(c(TRUE, FALSE), c(9, 11)), rep(FALSE, 29))
pain <- sample(6:10, n, TRUE)
after <- ifelse(responds, floor(pain * runif(n, 0.2, 0.5)), pmin(10, ceiling(pain * runif(n, 0.6, 1.1))))
after[course == "no pain score"] <- NA
write(data.frame(patient = 1:n, first = as.Date("2015-01-01") + c(0, sort(sample(1:1824, n - 2)), 1825),
                 infusions = ifelse(course == "one infusion only", 1, sample(2:6, n, TRUE)),
                 test_mg = 75, later_mg = ifelse(course == "other dose", 100, 150),
                 pain_type = sample(c("neuropathic", "nociceptive", "nociplastic"), n, TRUE, c(5, 3, 4)),
                 pain, after, stopped = ifelse(stopped, "t", "f"),
                 side_effect = ifelse(runif(n) < 0.4, sample(c("drowsiness", "dizziness", "nausea"), n, TRUE), "")),
      "infusion.csv")
