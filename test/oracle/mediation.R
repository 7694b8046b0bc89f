# Gold values of test/oracle/mediation.csv: mediation by linear models, base R only.
# Rows "data": set, t, m, y, covariates.  Rows "effect": set, interaction, control,
# treated, name, estimate, standard error, p, limits by the delta method, whose gradients
# come from complex steps over the coefficients of both models.  Rows "sensitivity": set,
# rho, indirect effect, limits by the iterated least squares of Imai, Keele and Yamamoto
# (2010), the rho at which the effect is 0.  Rows "e": E-values.
# Run: Rscript test/oracle/mediation.R > test/oracle/mediation.csv

text <- function(x) paste(ifelse(is.na(x), "NA", sprintf("%.17g", x)), collapse = ",")
line <- function(...) cat(paste(c(...), collapse = ","), "\n", sep = "")

set.seed(20240611, "Mersenne-Twister", "Inversion", "Rejection")
make <- function(n, t, k, offset = 0) {
  x <- matrix(round(rnorm(n * k), 2), n, k)
  m <- round(offset + 0.6 * t + (if (k > 0) x %*% rep(0.3, k) else 0) + rnorm(n), 3)
  y <- round(0.4 * m - 0.2 * t + 0.1 * t * (m - offset) + rnorm(n), 3)
  list(t = t, m = as.vector(m), y = as.vector(y), x = x)
}
sets <- list(
  binary = make(60, rep(0:1, 30), 2),
  dose = make(35, round(runif(35, 5, 80), 1), 0, 1000),
  opposite = local({
    s <- make(40, rep(0:1, each = 20), 1)
    s$y <- round(-0.5 * s$m + 0.6 * s$t + 0.2 * s$x[, 1] + sin(1:40), 3)
    s
  }),
  many = make(80, round(rnorm(80), 2), 6, 50))
values <- list(binary = c(0, 1), dose = c(10, 50), opposite = c(0, 1), many = c(1, -1))

# Every effect from the coefficients of both models, complex numbers allowed.
effects_at <- function(theta, p, s, v) {
  m <- theta[1:p]
  y <- theta[-(1:p)]
  xbar <- colMeans(s$x)
  k <- length(xbar)
  product <- if (length(y) == p + 2) y[p + 2] else 0
  mediator <- function(t) m[1] + m[2] * t + (if (k > 0) sum(m[2 + 1:k] * xbar) else 0)
  outcome <- function(t, med) y[1] + y[2] * t + y[3] * med + product * t * med
  dc <- outcome(v[2], mediator(v[1])) - outcome(v[1], mediator(v[1]))
  dt <- outcome(v[2], mediator(v[2])) - outcome(v[1], mediator(v[2]))
  ic <- outcome(v[1], mediator(v[2])) - outcome(v[1], mediator(v[1]))
  it <- outcome(v[2], mediator(v[2])) - outcome(v[2], mediator(v[1]))
  total <- outcome(v[2], mediator(v[2])) - outcome(v[1], mediator(v[1]))
  c(total = total, a = m[2], b = y[3], direct = (dc + dt) / 2, indirect = (ic + it) / 2,
    proportion_mediated = (ic + it) / 2 / total, direct_control = dc, direct_treated = dt,
    indirect_control = ic, indirect_treated = it)
}

figures <- function(name, interaction, v) {
  s <- sets[[name]]
  k <- ncol(s$x)
  right <- if (k > 0) "+ s$x" else ""
  fm <- lm(as.formula(paste("s$m ~ s$t", right)))
  ft <- lm(as.formula(paste("s$y ~ s$t", right)))
  fy <- lm(as.formula(paste("s$y ~ s$t + s$m", right, if (interaction) "+ I(s$t * s$m)")))
  theta <- unname(c(coef(fm), coef(fy)))
  p <- length(coef(fm))
  V <- matrix(0, length(theta), length(theta))
  V[1:p, 1:p] <- vcov(fm)
  V[-(1:p), -(1:p)] <- vcov(fy)
  estimate <- effects_at(theta, p, s, v)
  step <- 1e-30
  gradient <- sapply(seq_along(theta), function(i) {
    z <- as.complex(theta)
    z[i] <- z[i] + step * 1i
    Im(effects_at(z, p, s, v)) / step
  })
  for (e in names(estimate)) {
    if (!interaction && grepl("_control|_treated", e)) next
    est <- estimate[[e]]
    g <- gradient[match(e, names(estimate)), ]
    error <- sqrt(drop(g %*% V %*% g))
    df <- Inf
    if (e == "a") df <- fm$df.residual
    if (e == "b") df <- fy$df.residual
    if (!interaction && e == "direct") df <- fy$df.residual
    if (!interaction && e == "total") {
      df <- ft$df.residual
      error <- abs(v[2] - v[1]) * sqrt(vcov(ft)[2, 2])
    }
    q <- qt(0.975, df)
    line("effect", name, as.integer(interaction), text(v), e,
         text(c(est, error, 2 * pt(-abs(est / error), df), est - q * error, est + q * error)))
  }
}

sensitivity <- function(name, rho) {
  s <- sets[[name]]
  n <- length(s$t)
  X1 <- cbind(1, s$t, s$x)
  X2 <- cbind(1, s$t, s$m, s$x)
  b1 <- qr.solve(X1, s$m)
  b2 <- qr.solve(X2, s$y)
  for (round in 1:500) {
    e1 <- s$m - X1 %*% b1
    e2 <- s$y - X2 %*% b2
    omega <- outer(c(sd(e1), sd(e2)), c(sd(e1), sd(e2))) * matrix(c(1, rho, rho, 1), 2)
    w <- solve(omega)
    A <- rbind(cbind(w[1, 1] * crossprod(X1), w[1, 2] * crossprod(X1, X2)),
               cbind(w[2, 1] * crossprod(X2, X1), w[2, 2] * crossprod(X2)))
    r <- c(w[1, 1] * crossprod(X1, s$m) + w[1, 2] * crossprod(X1, s$y),
           w[2, 1] * crossprod(X2, s$m) + w[2, 2] * crossprod(X2, s$y))
    b <- solve(A, r, tol = 1e-30)
    b1 <- b[seq_len(ncol(X1))]
    b2 <- b[-seq_len(ncol(X1))]
  }
  V <- solve(A, tol = 1e-30)
  p <- ncol(X1)
  indirect <- b1[2] * b2[3]
  error <- sqrt(b1[2]^2 * V[p + 3, p + 3] + b2[3]^2 * V[2, 2])
  zero <- cor(lm.fit(X1, s$m)$residuals, lm.fit(X1, s$y)$residuals)
  line("sensitivity", name, text(c(rho, indirect, indirect + c(-1, 1) * qnorm(0.975) * error,
                                   zero)))
}

e_values <- function(scale, estimate, limit) {
  as_rr <- function(x) switch(scale, rr = x, or = sqrt(x), or_rare = x, hr_rare = x,
    hr = (1 - 0.5^sqrt(x)) / (1 - 0.5^sqrt(1 / x)), smd = exp(0.91 * x))
  e <- function(r) { r <- max(r, 1 / r); r + sqrt(r * (r - 1)) }
  r <- as_rr(estimate)
  l <- as_rr(limit)
  line("e", scale, text(c(estimate, limit, e(r), if (sign(l - 1) == sign(r - 1)) e(l) else 1, r)))
}

line("kind", "set", "figures")
for (name in names(sets)) {
  s <- sets[[name]]
  for (i in seq_along(s$t)) line("data", name, text(c(s$t[i], s$m[i], s$y[i], s$x[i, ])))
  for (interaction in c(FALSE, TRUE)) figures(name, interaction, values[[name]])
  if (name != "dose") for (rho in c(-0.9, -0.3, 0, 0.1, 0.5)) sensitivity(name, rho)
}
e_values("rr", 3.9, 1.8)
e_values("rr", 0.8, 0.9)
e_values("rr", 1.2, 0.9)
e_values("or", 2.5, 1.4)
e_values("or_rare", 0.5, 0.7)
e_values("hr", 1.6, 1.1)
e_values("hr_rare", 0.56, 0.69)
e_values("smd", 0.5, 0.2)
e_values("smd", -0.42, 0.1)
