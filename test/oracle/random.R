# Random data sets against R.  test/oracle/random.sh runs the three steps:
#   Rscript random.R draw SEED SETS DIRECTORY     writes rows.csv
#   psql, random.sql                              writes answers.csv
#   Rscript random.R compare SEED SETS DIRECTORY  tells every disagreement
# Sizes from 2 to 200, heavy ties, zeros, constants, NULLs, unequal groups.  Every figure
# is compared to a relative 1e-9; where R's own carries fewer digits or another rule, the
# function says so.

arguments <- commandArgs(TRUE)
step <- arguments[1]
seed <- as.integer(arguments[2])
sets <- as.integer(arguments[3])
directory <- arguments[4]
options(warn = -1)

# ---- data ----------------------------------------------------------------------------

values <- function(n) switch(sample(9, 1),
  sample(0:10, n, TRUE), sample(0:2, n, TRUE), sample(0:5, n, TRUE, c(20, rep(1, 5))),
  rep(sample(0:3, 1), n), rnorm(n), round(rnorm(n), 1), 1e5 + round(rnorm(n), 2), exp(rnorm(n)),
  sample(-3:3, n, TRUE))

labels <- function(n, most) {
  k <- sample(most, 1)
  sample(LETTERS[seq_len(k)], n, TRUE, rexp(k) + 0.05)
}

holes <- function(x, share) replace(x, runif(length(x)) < share, NA)

draw <- function(set) {
  n <- round(exp(runif(1, log(2), log(200))))
  missing <- sample(c(0, 0, 0.1, 0.4), 1)
  x <- values(n)
  arm <- runif(n) < sample(c(0.1, 0.3, 0.5, 0.8), 1)
  x <- switch(sample(4, 1), x, x + arm * sample(3, 1), x, if (runif(1) < 0.1) arm + 0 else x)
  y <- switch(sample(4, 1), x + values(n), x + sample(-2:2, n, TRUE, c(1, 1, 5, 1, 1)), values(n),
              if (runif(1) < 0.1) x else x - 1 + sample(0:1, n, TRUE))
  a <- labels(n, 5)
  b <- ifelse(runif(n) < sample(c(0, 0.5), 1), a, labels(n, 5))
  dose <- sample(sample(c(0, 0.5, 1, 2, 5, 10), sample(5, 1)), n, TRUE)
  response <- runif(n) < plogis(rnorm(1) + runif(1) * dose - runif(1) * arm)
  d <- data.frame(id = seq_len(n), x, y, z = sample(list(x, y, values(n)), 1)[[1]] + sample(0:1, n, TRUE),
    arm, grp = labels(n, 6), a, b, response, again = ifelse(runif(n) < 0.6, response, runif(n) < 0.5),
    third = runif(n) < 0.5, dose, stratum = labels(n, 4))
  # equal decimals are equal doubles: R counts ties of ranks by 15 digits in places
  d[c("x", "y", "z")] <- lapply(d[c("x", "y", "z")], round, 6)
  d[-1] <- lapply(d[-1], holes, missing)
  cbind(set = set, d)
}

set.seed(seed)
rows <- do.call(rbind, lapply(seq_len(sets), draw))
if (step == "draw") {
  logical <- sapply(rows, is.logical)
  rows[logical] <- lapply(rows[logical], function(v) c("f", "t")[v + 1])
  numeric <- sapply(rows, is.double)
  rows[numeric] <- lapply(rows[numeric], function(v) ifelse(is.na(v), NA, sprintf("%.17g", v)))
  write.csv(rows, file.path(directory, "rows.csv"), row.names = FALSE, quote = FALSE, na = "")
  quit()
}

# ---- R's answers -----------------------------------------------------------------------

sides <- c("two.sided", "less", "greater")
one <- function(v) if (length(v) == 0 || is.na(v[1])) NA_real_ else as.double(v[1])
complete <- function(...) {
  columns <- list(...)
  keep <- Reduce(`&`, lapply(columns, function(v) !is.na(v)))
  c(lapply(columns, `[`, keep), n = sum(keep), n_missing = sum(!keep))
}
try_test <- function(call) tryCatch(call, error = function(e) NULL)
counts <- function(p) c(n = p$n, n_missing = p$n_missing)
nulls <- function(p, columns = c("p_value", "statistic"))
  c(counts(p), setNames(rep(NA_real_, length(columns)), columns))
limits <- function(v) c(conf_low = v[1], conf_high = v[2])

t_of <- function(d, equal, side, conf) {
  p <- complete(d$x, d$arm)
  x <- p[[1]][!p[[2]]]
  y <- p[[1]][p[[2]]]
  t <- if (length(x) > 0 && length(y) > 0)
    try_test(t.test(y, x, var.equal = equal, alternative = side, conf.level = conf))
  if (is.null(t) || is.nan(t$p.value)) return(nulls(p))
  pooled <- sqrt((sum((x - mean(x))^2) + sum((y - mean(y))^2)) / (length(x) + length(y) - 2))
  c(counts(p), estimate = mean(y) - mean(x), std_error = one(t$stderr), limits(t$conf.int),
    statistic = one(t$statistic), df = one(t$parameter), p_value = t$p.value,
    effect_size = (mean(y) - mean(x)) / pooled)
}

# Probabilities of the sum of n1 of the doubled midranks.
rank_sums <- function(doubled, n1) {
  ways <- matrix(0, n1 + 1, sum(doubled) + 1)
  ways[1, 1] <- 1
  for (r in doubled) {
    columns <- seq_len(ncol(ways) - r)
    ways[-1, columns + r] <- ways[-1, columns + r] + ways[-(n1 + 1), columns]
  }
  ways[n1 + 1, ] / choose(length(doubled), n1)
}

tails <- function(less, greater, side)
  switch(side, two.sided = min(1, 2 * min(less, greater)), less = less, greater = greater)

# exact NA: by default, which is exact below 50 in each group.
mann_whitney <- function(d, side, exact, correct, conf = 0.95) {
  p <- complete(d$x, d$arm)
  x <- p[[1]][!p[[2]]]
  y <- p[[1]][p[[2]]]
  if (length(x) == 0 || length(y) == 0 || length(unique(c(x, y))) < 2) return(nulls(p))
  differences <- sort(outer(y, x, `-`))
  w <- sum(differences > 0) + sum(differences == 0) / 2
  answer <- c(counts(p), estimate = median(differences), statistic = w,
              effect_size = 2 * w / length(differences) - 1)
  if (is.na(exact) && max(length(x), length(y)) < 50 || isTRUE(exact)) {
    untied <- !anyDuplicated(c(x, y))
    k <- max(1, qwilcox((1 - conf) / if (side == "two.sided") 2 else 1, length(y), length(x)))
    answer <- c(answer, conf_low = if (side == "less") -Inf else differences[k],
                conf_high = if (side == "greater") Inf else differences[length(differences) + 1 - k])
    if (untied)
      answer["p_value"] <- wilcox.test(y, x, alternative = side, exact = TRUE)$p.value
    else if (p$n <= 36) {
      doubled <- round(2 * rank(c(y, x)))
      f <- rank_sums(doubled, length(y))
      at <- sum(doubled[seq_along(y)]) + 1
      answer["p_value"] <- tails(sum(f[seq_len(at)]), sum(f[at:length(f)]), side)
    }
    return(answer)
  }
  t <- wilcox.test(y, x, alternative = side, exact = FALSE, correct = correct)
  c(answer, p_value = one(t$p.value))
}

k_groups <- function(d) {
  p <- complete(d$x, d$grp)
  c(p, list(g = factor(p[[2]]), k = length(unique(p[[2]]))))
}

# As aov, which also takes groups of one value; oneway.test refuses them.
f_test <- function(x, g) {
  df <- c(nlevels(g) - 1, length(x) - nlevels(g))
  if (df[2] == 0) return(c(statistic = NA, p_value = NA))
  m <- ave(x, g)
  f <- sum((m - mean(x))^2) / df[1] / (sum((x - m)^2) / df[2])
  c(statistic = f, df = df[1], df2 = df[2], p_value = pf(f, df[1], df[2], lower.tail = FALSE))
}

analysis <- function(d, welch) {
  p <- k_groups(d)
  if (p$k < 2) return(nulls(p))
  x <- p[[1]]
  within <- sum((x - ave(x, p$g))^2)
  # nothing varies within the groups, but for what the means were rounded by
  if (within <= 1e-20 * sum(x^2)) return(nulls(p))
  if (!welch) return(c(counts(p), f_test(x, p$g)))
  t <- try_test(oneway.test(x ~ p$g))
  if (is.null(t) || !is.finite(t$statistic)) return(nulls(p))
  c(counts(p), statistic = one(t$statistic), df = one(t$parameter[1]), df2 = one(t$parameter[2]),
    p_value = t$p.value, effect_size = 1 - within / sum((x - mean(x))^2))
}

kruskal <- function(d) {
  p <- k_groups(d)
  if (p$k < 2) return(nulls(p))
  t <- kruskal.test(p[[1]], p$g)
  if (is.nan(t$p.value)) return(nulls(p))
  c(counts(p), statistic = one(t$statistic), df = one(t$parameter), p_value = t$p.value,
    effect_size = one(t$statistic) / (p$n - 1))
}

# car's leveneTest is the analysis of variance of the deviations.
levene <- function(d, center) {
  p <- k_groups(d)
  if (p$k < 2) return(nulls(p))
  z <- abs(p[[1]] - ave(p[[1]], p$g, FUN = center))
  within <- sum((z - ave(z, p$g))^2)
  if (within <= 1e-20 * max(sum(z^2), sum(p[[1]]^2))) return(nulls(p))
  c(counts(p), f_test(z, p$g))
}

smd <- function(d) {
  p <- k_groups(d)
  if (p$k < 2 || any(table(p$g) < 2)) return(c(estimate = NA))
  m <- tapply(p[[1]], p$g, mean)
  v <- tapply(p[[1]], p$g, var)
  all <- combn(p$k, 2, function(i) if (m[i[1]] == m[i[2]]) 0
               else abs(m[i[1]] - m[i[2]]) / sqrt((v[i[1]] + v[i[2]]) / 2))
  c(estimate = if (all(is.finite(all))) mean(all) else NA)
}

table_of <- function(first, second) {
  p <- complete(first, second)
  c(p, list(t = table(p[[1]], p[[2]])))
}

chi_squared <- function(first, second, correct) {
  p <- table_of(first, second)
  if (min(dim(p$t)) < 2) return(nulls(p))
  t <- chisq.test(p$t, correct = correct)
  plain <- chisq.test(p$t, correct = FALSE)
  c(counts(p), statistic = one(t$statistic), df = one(t$parameter), p_value = t$p.value,
    effect_size = sqrt(one(plain$statistic) / (p$n * (min(dim(p$t)) - 1))))
}

# The conditional odds ratio and its limits by roots on the log scale; R's own carry
# about four digits.
odds_ratio <- function(t, conf, side) {
  m <- sum(t[, 1])
  n <- sum(t[, 2])
  k <- sum(t[1, ])
  x <- t[1, 1]
  support <- max(0, k - n):min(k, m)
  base <- dhyper(support, m, n, k, log = TRUE)
  tilted <- function(log_odds) {
    f <- base + log_odds * support
    f <- exp(f - max(f))
    f / sum(f)
  }
  root <- function(f) exp(uniroot(f, c(-60, 60), tol = 1e-13, maxiter = 3000)$root)
  tail <- if (side == "two.sided") (1 - conf) / 2 else 1 - conf
  c(estimate = if (x == min(support)) 0 else if (x == max(support)) Inf
               else root(function(b) sum(support * tilted(b)) - x),
    conf_low = if (x == min(support) || side == "less") 0
               else root(function(b) sum(tilted(b)[support >= x]) - tail),
    conf_high = if (x == max(support) || side == "greater") Inf
                else root(function(b) sum(tilted(b)[support <= x]) - tail))
}

fisher <- function(d, first, second, side, conf) {
  p <- table_of(d[[first]], d[[second]])
  if (min(dim(p$t)) < 2) return(nulls(p, "p_value"))
  if (all(dim(p$t) == 2))
    return(c(counts(p), p_value = fisher.test(p$t, alternative = side)$p.value,
             if (d$set[1] %% 10 == 0) odds_ratio(p$t, conf, side)))
  if (p$n > 100) return(counts(p))
  # FEXACT gives up on some tables: there is no truth then
  tryCatch(c(counts(p), p_value = fisher.test(p$t, workspace = 2e7)$p.value),
           error = function(e) counts(p))
}

trend <- function(d) {
  p <- complete(d$response, d$dose)
  doses <- sort(unique(p[[2]]))
  if (p$n == 0 || length(doses) < 2 || length(unique(p[[1]])) < 2) return(nulls(p))
  at <- factor(p[[2]], doses)
  t <- prop.trend.test(tapply(p[[1]], at, sum), as.vector(table(at)), doses)
  c(counts(p), statistic = one(t$statistic), df = 1, p_value = one(t$p.value))
}

strata <- function(d, side, correct) {
  p <- complete(d$arm, d$response, d$stratum)
  t <- table(p[[1]], p[[2]], p[[3]])
  if (!all(dim(t)[1:2] == 2)) return(nulls(p))
  t <- t[, , apply(t, 3, sum) > 1, drop = FALSE]
  margins <- apply(t, 3, function(s) prod(rowSums(s), colSums(s)))
  if (length(margins) == 0 || all(margins == 0)) return(nulls(p))
  # R wants two strata: one without variation in it tells nothing
  if (dim(t)[3] == 1) t <- array(c(t, 2, 0, 0, 0), c(2, 2, 2))
  delta <- sum(apply(t, 3, function(s) det(s) / sum(s)))
  m <- mantelhaen.test(t, alternative = side, correct = correct)
  low_high <- if (is.finite(m$estimate) && m$estimate > 0) limits(m$conf.int)
  # whether 1/2 is taken off hangs on a rounding here
  if (abs(abs(delta) - 0.5) < 1e-9 && correct) return(c(counts(p), estimate = one(m$estimate)))
  c(counts(p), estimate = one(m$estimate), low_high, statistic = one(m$statistic),
    p_value = one(m$p.value))
}

correlation <- function(d, method, side) {
  p <- complete(d$x, d$y)
  x <- p[[1]]
  y <- p[[2]]
  least <- if (method == "pearson") 3 else 2
  if (p$n < least || length(unique(x)) < 2 || length(unique(y)) < 2) return(nulls(p))
  untied <- !anyDuplicated(x) && !anyDuplicated(y)
  t <- cor.test(x, y, method = method, alternative = side)
  answer <- c(counts(p), estimate = one(t$estimate))
  if (method == "pearson")
    answer <- c(answer, df = one(t$parameter), if (p$n > 3) limits(t$conf.int))
  # rounding leaves R a correlation just short of 1: then only the estimate is compared
  if (method != "kendall" && abs(abs(one(t$estimate)) - 1) < 1e-12)
    return(answer[setdiff(names(answer), c("conf_low", "conf_high"))])
  if (method == "kendall" && untied && p$n < 50) {
    # R takes the upper tail as 1 - p; reflected it is a lower one
    lower <- function(y) cor.test(x, y, method = "kendall", alternative = "less")$p.value
    return(c(answer, statistic = one(t$statistic),
             p_value = tails(lower(y), lower(-y), side)))
  }
  c(answer, if (method != "spearman" || untied) c(statistic = one(t$statistic)),
    p_value = one(t$p.value))
}

paired_t <- function(d, side, conf) {
  p <- complete(d$x, d$y)
  change <- p[[2]] - p[[1]]
  t <- if (p$n > 1) try_test(t.test(p[[2]], p[[1]], paired = TRUE, alternative = side, conf.level = conf))
  if (is.null(t) || is.nan(t$p.value)) return(nulls(p))
  c(counts(p), estimate = mean(change), std_error = one(t$stderr), limits(t$conf.int),
    statistic = one(t$statistic), df = p$n - 1, p_value = t$p.value,
    effect_size = mean(change) / sd(change))
}

effect <- function(d, type) {
  p <- complete(d$x, d$y)
  x <- p[[1]]
  y <- p[[2]]
  change <- y - x
  if (p$n < 2 || var(change) < 1e-20 * mean(change)^2) return(counts(p))
  m <- mean(change)
  f <- p$n - 1
  value <- switch(type, dz = m / sd(change), srm = m / sd(change),
    hedges_g = if (f >= 2) m / sd(change) * exp(lgamma(f / 2) - lgamma((f - 1) / 2)) / sqrt(f / 2),
    # with its interval it needs a correlation short of 1
    dav = if (var(x) > 0 && var(y) > 0 && abs(cor(x, y)) < 1 - 1e-12) m / sqrt((var(x) + var(y)) / 2))
  c(counts(p), if (!is.null(value)) c(estimate = value))
}

signed_ranks <- function(doubled) {
  ways <- c(1, numeric(sum(doubled)))
  for (r in doubled) ways <- ways + c(numeric(r), ways[seq_len(length(ways) - r)])
  ways / 2^length(doubled)
}

wilcoxon <- function(d, side, exact, zeros, correct, conf = 0.95) {
  p <- complete(d$x, d$y)
  change <- p[[2]] - p[[1]]
  if (all(change == 0)) return(nulls(p))
  walsh <- outer(change, change, `+`) / 2
  walsh <- sort(walsh[upper.tri(walsh, TRUE)])
  used <- if (zeros == "pratt") rep(TRUE, p$n) else change != 0
  ranks <- rank(abs(change[used]))
  left <- change[used][change[used] != 0]
  ranks <- ranks[change[used] != 0]
  v <- sum(ranks[left > 0])
  answer <- c(counts(p), estimate = median(walsh), statistic = v,
              effect_size = (2 * v - sum(ranks)) / sum(ranks))
  if (!exact) {
    if (zeros == "wilcoxon")
      answer["p_value"] <- wilcox.test(change, alternative = side, exact = FALSE, correct = correct)$p.value
    return(answer)
  }
  k <- max(1, qsignrank((1 - conf) / if (side == "two.sided") 2 else 1, p$n))
  answer <- c(answer, conf_low = if (side == "less") -Inf else walsh[k],
              conf_high = if (side == "greater") Inf else walsh[length(walsh) + 1 - k])
  if (!anyDuplicated(abs(change)) && all(change != 0))
    answer["p_value"] <- tails(psignrank(v, p$n), psignrank(v - 1, p$n, lower.tail = FALSE), side)
  else if (length(ranks) <= 70) {
    f <- signed_ranks(round(2 * ranks))
    at <- round(2 * v) + 1
    answer["p_value"] <- tails(sum(f[seq_len(at)]), sum(f[at:length(f)]), side)
  }
  answer
}

sign_test <- function(d, side) {
  p <- complete(d$x, d$y)
  change <- p[[2]] - p[[1]]
  if (all(change == 0)) return(nulls(p))
  c(counts(p), estimate = median(change), statistic = sum(change > 0),
    p_value = binom.test(sum(change > 0), sum(change != 0), alternative = side)$p.value)
}

mcnemar <- function(d, exact, correct) {
  p <- complete(d$response, d$again)
  if (p$n == 0) return(nulls(p))
  rose <- sum(!p[[1]] & p[[2]])
  fell <- sum(p[[1]] & !p[[2]])
  answer <- c(counts(p), estimate = (rose - fell) / p$n)
  if (rose + fell == 0) return(c(answer, p_value = 1))
  if (exact) return(c(answer, p_value = binom.test(rose, rose + fell)$p.value))
  both <- list(factor(p[[1]], c(FALSE, TRUE)), factor(p[[2]], c(FALSE, TRUE)))
  t <- mcnemar.test(table(both), correct = correct)
  c(answer, statistic = one(t$statistic), df = 1, p_value = t$p.value)
}

# Subjects with three answers; the others count as missing once each.
friedman <- function(columns) {
  m <- do.call(cbind, columns) + 0
  full <- m[complete.cases(m), , drop = FALSE]
  p <- list(n = nrow(full), n_missing = nrow(m) - nrow(full))
  if (p$n < 2 || all(full == full[, 1])) return(nulls(p))
  t <- friedman.test(full)
  c(counts(p), statistic = one(t$statistic), df = one(t$parameter), p_value = t$p.value,
    effect_size = one(t$statistic) / (p$n * one(t$parameter)))
}

alpha <- function(d) {
  p <- complete(d$x, d$y, d$z)
  if (p$n < 2) return(nulls(p, "estimate"))
  x <- cbind(p[[1]], p[[2]], p[[3]])
  v <- var(x)
  if (sum(v) < 1e-20 * sum(x^2)) return(nulls(p, "estimate"))
  alpha <- 1.5 * (1 - sum(diag(v)) / sum(v))
  c(counts(p), estimate = alpha,
    limits(1 - (1 - alpha) * qf(c(0.975, 0.025), p$n - 1, 2 * (p$n - 1))),
    if (all(diag(v) > 0)) {
      r <- mean(cor(x)[lower.tri(v)])
      c(effect_size = 3 * r / (1 + 2 * r))
    })
}

# Newcombe's tenth method and log Wald, the second group against the first.
proportions <- function(d, measure) {
  p <- complete(d$arm, d$response)
  if (length(unique(p[[1]])) < 2 || length(unique(p[[2]])) < 2) return(NULL)
  n <- c(sum(!p[[1]]), sum(p[[1]]))
  e <- c(sum(p[[2]][!p[[1]]]), sum(p[[2]][p[[1]]]))
  q <- e / n
  w <- sapply(1:2, function(i) prop.test(e[i], n[i], correct = FALSE)$conf.int)
  z <- qnorm(0.975)
  ratio <- function(value, error) c(estimate = value, limits(value * exp(c(-1, 1) * z * error)))
  if (measure == "risk difference") {
    low <- sqrt((q[2] - w[1, 2])^2 + (w[2, 1] - q[1])^2)
    high <- sqrt((w[2, 2] - q[2])^2 + (q[1] - w[1, 1])^2)
    return(c(estimate = q[2] - q[1], limits(q[2] - q[1] + c(-low, high))))
  }
  if (any(e == 0) || any(e == n)) return(NULL)
  switch(measure, "risk ratio" = ratio(q[2] / q[1], sqrt(sum(1 / e - 1 / n))),
         "odds ratio" = ratio(prod(e[2], n[1] - e[1]) / prod(e[1], n[2] - e[2]),
                              sqrt(sum(1 / e + 1 / (n - e)))))
}

# One function for each name in random.sql.
truth <- list(
  "welch_t_test" = function(d) t_of(d, FALSE, "two.sided", 0.95),
  "welch_t_test less" = function(d) t_of(d, FALSE, "less", 0.9),
  "welch_t_test greater" = function(d) t_of(d, FALSE, "greater", 0.9),
  "student" = function(d) t_of(d, TRUE, "two.sided", 0.99),
  "mann_whitney" = function(d) mann_whitney(d, "two.sided", NA, TRUE),
  "mann_whitney less" = function(d) mann_whitney(d, "less", NA, TRUE),
  "mann_whitney greater" = function(d) mann_whitney(d, "greater", NA, TRUE),
  "mann_whitney normal" = function(d) mann_whitney(d, "two.sided", FALSE, TRUE),
  "mann_whitney normal less" = function(d) mann_whitney(d, "less", FALSE, TRUE),
  "mann_whitney plain greater" = function(d) mann_whitney(d, "greater", FALSE, FALSE),
  "anova" = function(d) analysis(d, FALSE),
  "anova welch" = function(d) analysis(d, TRUE),
  "kruskal_wallis" = kruskal,
  "levene_test" = function(d) levene(d, median),
  "levene_test mean" = function(d) levene(d, mean),
  "standardized_mean_difference" = smd,
  "chi_squared_test" = function(d) chi_squared(d$a, d$b, TRUE),
  "chi_squared_test 2x2" = function(d) chi_squared(d$arm, d$response, TRUE),
  "chi_squared_test plain" = function(d) chi_squared(d$arm, d$response, FALSE),
  "fisher_exact_test" = function(d) fisher(d, "a", "b", "two.sided", 0.95),
  "fisher_exact_test 2x2" = function(d) fisher(d, "arm", "response", "two.sided", 0.95),
  "fisher_exact_test less" = function(d) fisher(d, "arm", "response", "less", 0.9),
  "fisher_exact_test greater" = function(d) fisher(d, "arm", "response", "greater", 0.9),
  "trend_test" = trend,
  "mantel_haenszel_test" = function(d) strata(d, "two.sided", TRUE),
  "mantel_haenszel_test less" = function(d) strata(d, "less", TRUE),
  "mantel_haenszel_test greater" = function(d) strata(d, "greater", FALSE),
  "risk difference" = function(d) proportions(d, "risk difference"),
  "risk ratio" = function(d) proportions(d, "risk ratio"),
  "odds ratio" = function(d) proportions(d, "odds ratio"),
  "pearson_correlation" = function(d) correlation(d, "pearson", "two.sided"),
  "pearson_correlation less" = function(d) correlation(d, "pearson", "less"),
  "spearman_correlation" = function(d) correlation(d, "spearman", "two.sided"),
  "spearman_correlation less" = function(d) correlation(d, "spearman", "less"),
  "spearman_correlation greater" = function(d) correlation(d, "spearman", "greater"),
  "kendall_correlation" = function(d) correlation(d, "kendall", "two.sided"),
  "kendall_correlation less" = function(d) correlation(d, "kendall", "less"),
  "kendall_correlation greater" = function(d) correlation(d, "kendall", "greater"),
  "paired_t_test" = function(d) paired_t(d, "two.sided", 0.95),
  "paired_t_test less" = function(d) paired_t(d, "less", 0.9),
  "paired_t_test greater" = function(d) paired_t(d, "greater", 0.9),
  "dz" = function(d) effect(d, "dz"), "dav" = function(d) effect(d, "dav"),
  "srm" = function(d) effect(d, "srm"), "hedges_g" = function(d) effect(d, "hedges_g"),
  "wilcoxon_signed_rank" = function(d) wilcoxon(d, "two.sided", TRUE, "wilcoxon", TRUE),
  "wilcoxon_signed_rank less" = function(d) wilcoxon(d, "less", TRUE, "wilcoxon", TRUE),
  "wilcoxon_signed_rank pratt" = function(d) wilcoxon(d, "greater", TRUE, "pratt", TRUE),
  "wilcoxon_signed_rank normal" = function(d) wilcoxon(d, "two.sided", FALSE, "wilcoxon", TRUE),
  "wilcoxon_signed_rank plain" = function(d) wilcoxon(d, "greater", FALSE, "wilcoxon", FALSE),
  "sign_test" = function(d) sign_test(d, "two.sided"),
  "sign_test less" = function(d) sign_test(d, "less"),
  "mcnemar_test" = function(d) mcnemar(d, TRUE, TRUE),
  "mcnemar_test corrected" = function(d) mcnemar(d, FALSE, TRUE),
  "mcnemar_test plain" = function(d) mcnemar(d, FALSE, FALSE),
  "friedman_test" = function(d) friedman(d[c("x", "y", "z")]),
  "cochran_q_test" = function(d) friedman(d[c("response", "again", "third")]),
  "cronbach_alpha" = alpha)

# Figures of R with fewer digits: FEXACT merges paths of nearly the same length.
tolerance <- function(name) if (name == "fisher_exact_test") 1e-7 else 1e-9

# ---- comparison ------------------------------------------------------------------------

answers <- read.csv(file.path(directory, "answers.csv"), na.strings = "")
figures <- c("n", "n_missing", "estimate", "std_error", "conf_low", "conf_high", "statistic", "df",
             "df2", "p_value", "effect_size")
for (figure in figures) answers[[figure]] <- as.double(answers[[figure]])
by_set <- split(rows, rows$set)

compare_set <- function(name, d, ours) {
  want <- truth[[name]](d)
  if (is.null(want) || is.null(ours)) return(NULL)
  got <- ours[names(want)]
  same <- (is.na(want) & is.na(got)) | (!is.na(want) & !is.na(got) &
    (want == got | abs(got - want) <= tolerance(name) * abs(want) |
     abs(got - want) <= attr(ours, "scale")[names(want)]))
  # beyond the bound of its work ours is simulated: 20000 tables, five standard errors
  if ("p_value" %in% names(want) && name == "fisher_exact_test" && attr(ours, "simulated"))
    same["p_value"] <- abs(got["p_value"] - want["p_value"]) <= 5.1e-5 + 5 * sqrt(want["p_value"] / 2e4)
  if (all(same)) return(data.frame(compared = length(want)))
  data.frame(compared = length(want), set = d$set[1], figure = names(want)[!same],
             ours = got[!same], R = want[!same])
}

# What rounding in R leaves: relative to the size of the values that were subtracted.
scale_of <- function(name, d, ours) {
  size <- suppressWarnings(max(abs(c(d$x, d$y, d$z)), 1e-300, na.rm = TRUE))
  scale <- setNames(rep(0, length(figures)), figures)
  if (!grepl("correlation|alpha|chi|fisher|trend|haenszel|mcnemar|risk|odds", name))
    scale[c("estimate", "conf_low", "conf_high", "std_error")] <- 1e-12 * size
  scale[c("statistic", "effect_size")] <- 1e-12
  # R's sum of squares between groups: rational arithmetic sides with us where F is tiny
  if (grepl("anova", name)) scale["statistic"] <- 1e-11
  # R's means differ by what their last digits leave
  if (grepl("t_test|student", name) && !is.na(ours["std_error"]))
    scale[c("statistic", "effect_size")] <- 1e-12 + 2e-15 * size / ours["std_error"]
  if (grepl("correlation|alpha", name)) scale[c("estimate", "conf_low", "conf_high")] <- 1e-12
  scale
}

run <- function(name) {
  mine <- answers[answers$test == name, ]
  m <- as.matrix(mine[figures])
  at <- match(seq_len(sets), mine$set)
  result <- lapply(seq_len(sets), function(set) {
    if (is.na(at[set])) return(NULL)
    ours <- m[at[set], ]
    attr(ours, "simulated") <- grepl("Monte Carlo", mine$method[at[set]])
    attr(ours, "scale") <- scale_of(name, by_set[[set]], ours)
    tryCatch(compare_set(name, by_set[[set]], ours), error = function(e)
      data.frame(compared = 0, set = set, figure = conditionMessage(e), ours = NA, R = NA))
  })
  compared <- sum(unlist(lapply(result, function(r) r$compared[1])))
  wrong <- do.call(rbind, result[sapply(result, function(r) !is.null(r) && ncol(r) > 1)])
  list(name = name, compared = compared, wrong = wrong)
}

failed <- 0
verdict <- function(good, text) {
  cat(if (good) "ok - " else "not ok - ", text, "\n", sep = "")
  if (!good) failed <<- failed + 1
}
cores <- if (.Platform$OS.type == "unix") max(1, parallel::detectCores()) else 1
for (r in parallel::mclapply(names(truth), run, mc.cores = cores, mc.preschedule = FALSE)) {
  if (!is.list(r)) {
    verdict(FALSE, as.character(r))
    next
  }
  verdict(is.null(r$wrong) && r$compared > 0,
          sprintf("%s: %d figures of %d sets as in R", r$name, r$compared, sets))
  if (!is.null(r$wrong)) {
    cat(sprintf("# %d figures differ\n", nrow(r$wrong)))
    shown <- head(r$wrong, 12)
    cat(sprintf("# set %d, %s: ours %.17g, R %.17g\n", shown$set, shown$figure, shown$ours, shown$R), sep = "")
  }
}
verdict(setequal(names(truth), unique(answers$test)), "every query has its truth")

# ---- invariants ------------------------------------------------------------------------

violations <- function(bad, text) {
  bad <- which(bad)
  verdict(length(bad) == 0, text)
  for (i in head(bad, 8)) cat("# set ", answers$set[i], ", ", answers$test[i], "\n", sep = "")
}
violations(answers$p_value < 0 | answers$p_value > 1, "0 <= p <= 1 everywhere")
slack <- 1e-12 * pmax(abs(answers$estimate), 1e-300)
violations(answers$estimate < answers$conf_low - slack | answers$estimate > answers$conf_high + slack,
           "every interval contains its estimate")
violations(is.na(answers$p_value) & is.na(answers$note) & !answers$test %in%
           c("standardized_mean_difference", "risk difference", "risk ratio", "odds ratio", "dz", "dav",
             "srm", "hedges_g", "cronbach_alpha"), "without a p-value there is a note")
bounded <- grepl("mann_whitney|wilcoxon|anova|kruskal|chi_squared|friedman|cochran|correlation", answers$test)
slack <- 1 + 1e-12
violations(bounded & abs(answers$effect_size) > slack, "effects lie between -1 and 1")
violations(grepl("correlation", answers$test) & abs(answers$estimate) > slack, "correlations lie between -1 and 1")
cat(sprintf("%d figures compared\n", sum(!is.na(as.matrix(answers[figures])))))
quit(status = failed > 0)
