# Gold values of test/oracle/trajectory.csv: mixtures of normal trajectories.
# Run: STUDIES=<folder of the study tables> Rscript test/oracle/trajectory.R > test/oracle/trajectory.csv
# Needs r-cran-numderiv.
#
# EM on the rows with 40 random starts, then Newton steps and standard errors from the
# gradient of the log likelihood, written row by row, and its numerical Jacobian
# (numDeriv::hessian of the likelihood itself errs by up to 3e-2 here).  The log likelihoods of the
# BtheB data are those of lcmm::hlme (oracle.json, trajectory/btheb_bdi).
#
# A data set is a line `data,name,rows,subjects,columns`, its rows `row,subject,y,X`; a mixture
# is `fit,groups,log likelihood,sigma,shares,their errors,bic,entropy`, then `beta` and `error`
# lines, one a group, then `posterior` of the first subject.

studies <- Sys.getenv("STUDIES", "test/oracle/data/gpl")
line <- function(...)
  cat(paste(sapply(list(...), function(x)
    paste(if (is.character(x)) x else ifelse(is.na(x), "NA", sprintf("%.17g", x)),
          collapse = ",")), collapse = ","), "\n", sep = "")

em <- function(x, y, id, k, posterior) {
  before <- -Inf
  for (step in 1:5000) {
    share <- colMeans(posterior)
    weight <- posterior[id, , drop = FALSE]
    beta <- sapply(1:k, function(j) solve(crossprod(x, x * weight[, j]), crossprod(x, y * weight[, j])))
    mean <- x %*% beta
    sigma <- sqrt(sum(weight * (y - mean)^2) / length(y))
    density <- rowsum(dnorm(y, mean, sigma, log = TRUE), id) + rep(log(share), each = max(id))
    top <- apply(density, 1, max)
    posterior <- exp(density - top)
    loglik <- sum(top + log(rowSums(posterior)))
    posterior <- posterior / rowSums(posterior)
    if (loglik - before < 1e-13 * abs(loglik)) break
    before <- loglik
  }
  list(loglik = loglik, share = share, beta = beta, sigma = sigma, posterior = posterior)
}

# Log likelihood and its gradient by coefficients, sigma and log ratios of the shares.
likelihood <- function(parameters, x, y, id, k) {
  p <- ncol(x)
  sigma <- parameters[k * p + 1]
  ratio <- exp(c(0, parameters[-(1:(k * p + 1))]))
  share <- ratio / sum(ratio)
  rest <- y - x %*% matrix(parameters[1:(k * p)], p)
  density <- rowsum(dnorm(rest, 0, sigma, log = TRUE), id) + rep(log(share), each = max(id))
  top <- apply(density, 1, max)
  posterior <- exp(density - top)
  value <- sum(top + log(rowSums(posterior)))
  posterior <- posterior / rowSums(posterior)
  weight <- posterior[id, , drop = FALSE]
  list(value = value, posterior = posterior, gradient = c(
    crossprod(x, weight * rest) / sigma^2, sum(weight * (rest^2 / sigma^3 - 1 / sigma)),
    (colSums(posterior) - max(id) * share)[-1]))
}

show_fit <- function(x, y, id, k, last, starts) {
  subjects <- max(id)
  set.seed(1)
  level <- cbind(tapply(y, id, mean), tapply(y, id, function(v) v[length(v)] - v[1]))
  fits <- lapply(seq_len(if (k == 1) 1 else starts), function(i) {
    group <- if (i %% 2 == 0) sample(c(1:k, sample(k, subjects - k, TRUE)))
             else apply(as.matrix(dist(level))[, sample(subjects, k), drop = FALSE], 1, which.min)
    z <- diag(k)[group, , drop = FALSE]
    tryCatch(em(x, y, id, k, 0.8 * z + 0.2 / k), error = function(e) list(loglik = -Inf))
  })
  best <- fits[[which.max(sapply(fits, `[[`, "loglik"))]]
  order <- order(last %*% best$beta)
  share <- best$share[order]
  parameters <- c(best$beta[, order], best$sigma, log(share / share[1])[-1])
  slope <- function(p) likelihood(p, x, y, id, k)$gradient
  for (i in 1:3)
    parameters <- parameters - solve(numDeriv::jacobian(slope, parameters), slope(parameters))
  end <- likelihood(parameters, x, y, id, k)
  best$loglik <- end$value
  posterior <- end$posterior
  beta <- matrix(parameters[1:(k * ncol(x))], ncol(x))
  best$sigma <- parameters[k * ncol(x) + 1]
  ratio <- exp(c(0, parameters[-(1:(k * ncol(x) + 1))]))
  share <- ratio / sum(ratio)
  v <- solve(-numDeriv::jacobian(slope, parameters))
  at <- length(beta) + 1 + seq_len(k - 1)
  jacobian <- (diag(share, k) - outer(share, share))[, -1, drop = FALSE]
  share_error <- sqrt(diag(jacobian %*% v[at, at] %*% t(jacobian)))
  line("fit", k, best$loglik, best$sigma, share, share_error,
       -2 * best$loglik + length(parameters) * log(subjects),
       if (k == 1) NA else 1 + sum(ifelse(posterior > 0, posterior * log(posterior), 0)) /
         (subjects * log(k)))
  for (j in 1:k) {
    line("beta", j - 1, beta[, j])
    line("error", j - 1, sqrt(diag(v))[(j - 1) * nrow(beta) + seq_len(nrow(beta))])
  }
  line("posterior", posterior[1, ])
}

show <- function(name, id, t, y, degree, groups, starts = 40) {
  id <- as.integer(factor(id))
  x <- outer(t, 0:degree, `^`)
  line("data", name, length(y), max(id), ncol(x))
  for (i in seq_along(y)) line("row", id[i] - 1, y[i], x[i, ])
  for (k in groups) show_fit(x, y, id, k, x[which.max(t), ], starts)
}

line("normal trajectory groups")
btheb <- read.csv(file.path(studies, "btheb_bdi_wide.csv"))
long <- do.call(rbind, lapply(c(0, 2, 3, 5, 8), function(t)
  data.frame(id = btheb$subject, t = t,
             y = btheb[[if (t == 0) "bdi_pre" else paste0("bdi_", t, "m")]])))
long <- long[!is.na(long$y), ]
show("btheb", long$id, long$t, long$y, 2, 1:4)

set.seed(5)
id <- rep(1:60, each = 8)
t <- round(rep(1:8, 60) + runif(480, -0.4, 0.4), 2) + 2020
group <- rep(c(1, 2, 3), c(30, 20, 10))[id]
y <- round(c(7, 6, 4)[group] + c(-0.8, -0.1, 0.5)[group] * (t - 2024) + rnorm(480), 2)
show("years", id, t - 2020, y, 1, 1:3)
