# dist.R: points over the domain of ks_dist.h with R's answers.
#	Rscript test/oracle/dist.R > points.csv
#	python3 test/oracle/dist.py < points.csv > test/oracle/dist.csv
# dist.py (mpmath, 40 digits and more) adds the true value to every line: R itself
# is not right to 1e-11 everywhere, and far from it in the upper tail of pt(ncp).
# Columns: fn, lower, x, a, b, r.  x is a probability for a quantile.

# The big grids are thinned at random to keep the file small.
row <- function(fn, lower, x, a, b, r) {
	lines <- sprintf("%s,%d,%.17g,%.17g,%.17g,%.17g", fn, as.integer(lower), x, a, b, r)
	if (fn %in% c("f", "beta", "binom", "nct", "qf", "qbeta", "qbinom")) lines <- lines[runif(length(lines)) < 0.45]
	if (length(lines) > 0) writeLines(lines)
}
tails <- c(0.5, 0.3, 0.05, 1e-3, 1e-10, 1e-40, 1e-150, 1e-300)
short <- function(x) signif(x, 7)
usable <- function(x) x[is.finite(x) & x > 1e-290]
options(warn = -1)
set.seed(1)

both <- function(fn, p, x, a, b)
	for (lower in c(TRUE, FALSE)) {
		value <- p(x, lower)
		keep <- value == 0 | value > 1e-300
		if (any(keep)) row(fn, lower, x[keep], a, b, value[keep])
	}
quantiles <- function(fn, q, a, b)
	for (lower in c(TRUE, FALSE)) {
		at <- c(tails, 0.9, 0.999)
		value <- q(at, lower)
		keep <- is.finite(value) & abs(value) > 1e-290
		row(fn, lower, at[keep], a, b, value[keep])
	}

x <- c(0, short(qnorm(tails)), 1e-8, -1e-8, short(runif(40, -37, 37)))
both("norm", function(x, l) pnorm(x, lower.tail = l), x, 0, 0)
quantiles("qnorm", function(p, l) qnorm(p, lower.tail = l), 0, 0)

for (df in c(0.1, 0.7, 1, 1.5, 2, 3, 4.3, 7, 12, 25, 31, 60.5, 123, 300, 1000, 12345, 1e6, 1e7)) {
	x <- short(qt(tails, df))
	x <- c(x[abs(x) < 1e290], 1e-9, 0.01)
	both("t", function(x, l) pt(x, df, lower.tail = l), c(x, -x), df, 0)
	quantiles("qt", function(p, l) qt(p, df, lower.tail = l), df, 0)
	row("qt", TRUE, 0.5 - 1e-9, df, 0, qt(0.5 - 1e-9, df))
}

for (df in c(0.01, 0.3, 1, 2, 3, 5.5, 10, 40, 99, 400, 2e4, 1e6, 1e7)) {
	x <- usable(short(c(qchisq(tails, df), qchisq(tails, df, lower.tail = FALSE))))
	both("chisq", function(x, l) pchisq(x, df, lower.tail = l), x, df, 0)
	quantiles("qchisq", function(p, l) qchisq(p, df, lower.tail = l), df, 0)
}

for (df1 in c(0.1, 1, 2, 5, 33, 1000, 1e7)) for (df2 in c(0.1, 1, 3.7, 20, 400, 1e5, 1e7)) {
	x <- usable(short(c(qf(tails, df1, df2), qf(tails, df1, df2, lower.tail = FALSE))))
	both("f", function(x, l) pf(x, df1, df2, lower.tail = l), x, df1, df2)
	quantiles("qf", function(p, l) qf(p, df1, df2, lower.tail = l), df1, df2)
}

for (a in c(0.01, 0.5, 1, 3, 20, 700, 5e4, 1e7)) for (b in c(0.01, 0.5, 1.5, 8, 300, 5000, 1e7)) {
	x <- usable(short(c(qbeta(tails, a, b), qbeta(tails, a, b, lower.tail = FALSE))))
	x <- unique(x[x < 1])
	if (length(x) > 0) both("beta", function(x, l) pbeta(x, a, b, lower.tail = l), x, a, b)
	quantiles("qbeta", function(p, l) qbeta(p, a, b, lower.tail = l), a, b)
}

for (n in c(1, 2, 10, 59, 329, 5000, 1e5, 1e7)) for (p in c(1e-6, 0.001, 0.1, 0.37, 0.5, 0.9, 0.9999)) {
	k <- unique(c(0, 1, qbinom(tails, n, p), qbinom(tails, n, p, lower.tail = FALSE), n - 1, n))
	both("binom", function(x, l) pbinom(x, n, p, lower.tail = l), k, n, p)
	value <- dbinom(k, n, p)
	keep <- value > 1e-300
	row("dbinom", TRUE, k[keep], n, p, value[keep])
	q <- c(0.5, 0.3, 0.05, 1e-3, 1e-10, 1e-40, 1e-150, 0.9, 0.999)
	row("qbinom", TRUE, q, n, p, qbinom(q, n, p))
}

for (df in c(0.5, 1, 2, 3.3, 6, 15, 40, 200, 3000, 1e6)) for (ncp in c(-37, -10, -2, 0.1, 1, 5, 20, 37)) {
	spread <- sqrt(1 + ncp^2 / (2 * df))
	x <- short(c(ncp + spread * c(-15, -5, -2, -0.5, 0.1, 1, 4, 12, 30), 0.01, 500))
	both("nct", function(x, l) pt(x, df, ncp, lower.tail = l), x, df, ncp)
	if (df >= 1) row("ncp", TRUE, c(0.025, 0.975, 1e-10, 0.5), df, short(ncp), NA)
}

x <- c(1e-3, 0.1, 0.5, 0.99, 0.9999999, 1, 1.0000001, 1.5, 1.99, 2, 2.01, 5, 10.5, 123, 1e7, 1e15)
row("lgamma", TRUE, x, 0, 0, lgamma(x))
for (n in c(1, 2, 5, 30, 1000, 1e5, 1e7))
	for (k in unique(pmin(n, c(0, 1, 2, 3, 17, n %/% 2, n - 1, n))))
		row("lchoose", TRUE, n, k, 0, lchoose(n, k))
