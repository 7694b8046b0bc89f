# Gold values of the Wilcoxon and sign tests, from wilcoxon_changes.csv to
# wilcoxon.csv.  Run in this directory: Rscript wilcoxon.R
#
# Exact p-values with ties come from exactRankTests (n < 50) and, always, from a
# convolution written here; without ties and zeros also from stats::psignrank.
# Limits of the normal approximation come from stats::wilcox.test at a mu no
# change equals, so that it drops no zeros, with a tight root search.
suppressMessages(library(exactRankTests))
changes <- read.csv("wilcoxon_changes.csv")
text <- function(x) ifelse(is.na(x), "NA", sprintf("%.17g", x))

# lower and upper tail of V given doubled ranks, as products 2^-n by halves
exact <- function(d, pratt)
{
	if (!pratt) d <- d[d != 0]
	r <- round(2 * rank(abs(d)))[d != 0]
	d <- d[d != 0]
	v <- sum(r[d > 0])
	ways <- c(1, numeric(sum(r)))
	for (k in sort(r)) ways <- ways + c(numeric(k), ways[seq_len(length(ways) - k)])
	scaled <- function(w) sum(sort(w)) * 2^-(length(r) %/% 2) * 2^-(length(r) - length(r) %/% 2)
	c(scaled(ways[seq_len(v + 1)]), scaled(ways[(v + 1):length(ways)]))
}

tail_of <- function(p, alternative)
	switch(alternative, two.sided = min(1, 2 * min(p)), less = p[1], greater = p[2])

limits <- function(w, k, alternative)
	c(if (alternative == "less") -Inf else w[k],
	  if (alternative == "greater") Inf else w[length(w) + 1 - k])

normal_p <- function(d, pratt, correct, alternative)
{
	if (!pratt) d <- d[d != 0]
	r <- rank(abs(d))[d != 0]
	d <- d[d != 0]
	z <- sum(r[d > 0]) - sum(r) / 2
	cc <- if (correct) switch(alternative, two.sided = sign(z) / 2, less = -.5, greater = .5) else 0
	z <- (z - cc) / sqrt(sum(r^2) / 4)
	tail_of(c(pnorm(z), pnorm(z, lower.tail = FALSE)), alternative)
}

rows <- list()
emit <- function(...) rows[[length(rows) + 1]] <<- paste(c(...), collapse = ",")
for (name in unique(changes$name))
{
	x <- changes$change[changes$name == name]
	n <- length(x)
	w <- outer(x, x, "+") / 2
	w <- sort(w[upper.tri(w, diag = TRUE)])
	alternatives <- c("two.sided", "less", "greater")
	for (alternative in alternatives) for (conf in c(0.95, 0.8)) for (mu in c(0, 0.5))
	{
		if (n > 100 && (mu != 0 || conf != 0.95)) next
		if (n > 300 && alternative != "two.sided") next
		sides <- if (alternative == "two.sided") 2 else 1
		d <- x - mu
		if (all(d == 0)) next
		nonzero <- sum(d != 0)
		for (pratt in c(FALSE, TRUE))
		{
			r <- if (pratt) rank(abs(d)) else ifelse(d == 0, 0, rank(abs(ifelse(d == 0, NA, d))))
			V <- sum(r[d > 0])
			effect <- (2 * V - sum(r[d != 0])) / sum(r[d != 0])
			if (nonzero <= 1000)
			{
				p <- exact(d, pratt)
				if (!anyDuplicated(abs(d)) && all(d != 0))
				{
					ps <- c(psignrank(V, n), psignrank(V - 1, n, lower.tail = FALSE))
					stopifnot(abs(ps / p - 1) < 1e-9 | ps < 1e-14)
				}
				if (!pratt && nonzero < 50 && nonzero > 1)
				{
					pe <- wilcox.exact(d, alternative = alternative)$p.value
					stopifnot(abs(pe - tail_of(p, alternative)) < 1e-9)
				}
				k <- if (n <= 1000) max(1, qsignrank((1 - conf) / sides, n)) else NA
				if (n > 1000) { l <- c(NA, NA) } else l <- limits(w, k, alternative)
				emit("wilcoxon", name, alternative, mu, conf, "exact", pratt, FALSE, V,
				     text(tail_of(p, alternative)), text(median(w)), text(l[1]), text(l[2]), text(effect))
			}
			for (correct in c(TRUE, FALSE))
			{
				p <- normal_p(d, pratt, correct, alternative)
				if (!pratt)
				{
					pr <- suppressWarnings(wilcox.test(x, mu = mu, alternative = alternative,
						exact = FALSE, correct = correct))$p.value
					stopifnot(abs(pr / p - 1) < 1e-9)
				}
				l <- c(NA, NA)
				if (n >= 12 && n < 1000)
				{
					t <- suppressWarnings(wilcox.test(x, mu = 0.123456789, alternative = alternative,
						exact = FALSE, correct = correct, conf.int = TRUE, conf.level = conf,
						tol.root = 1e-14))
					l <- t$conf.int
				}
				emit("wilcoxon", name, alternative, mu, conf, "normal", pratt, correct, V,
				     text(p), text(median(w)), text(l[1]), text(l[2]), text(effect))
			}
		}
		b <- binom.test(sum(d > 0), nonzero, alternative = alternative)
		k <- qbinom((1 - conf) / sides, n, 0.5)
		s <- sort(x)
		l <- if (k == 0) c(-Inf, Inf) else limits(s, k, alternative)
		emit("sign", name, alternative, mu, conf, "exact", FALSE, FALSE, sum(d > 0),
		     text(b$p.value), text(median(x)), text(l[1]), text(l[2]), text(sum(d > 0) / nonzero))
	}
}
writeLines(c("test,name,alternative,mu,conf_level,method,pratt,correct,statistic,p_value,estimate,conf_low,conf_high,effect_size",
             unlist(rows)), "wilcoxon.csv")
