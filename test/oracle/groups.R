# Gold values of test/oracle/groups.csv: t tests, analyses of variance, Levene's and
# Kruskal and Wallis' tests of one data set a row.  Base R only.
# Run: STUDIES=<folder of the study tables> Rscript test/oracle/groups.R > test/oracle/groups.csv

options(warn = -1)
text <- function(x) paste(ifelse(is.na(x), "NA", sprintf("%.17g", x)), collapse = ",")

t_figures <- function(x, y, equal, conf) {
  test <- function(alternative)
    t.test(y, x, var.equal = equal, alternative = alternative, conf.level = conf)
  both <- test("two.sided")
  less <- test("less")
  greater <- test("greater")
  c(mean(y) - mean(x), both$stderr, both$statistic, both$parameter, both$p.value,
    both$conf.int, less$p.value, less$conf.int[2], greater$p.value, greater$conf.int[1])
}

effects <- function(x, y) {
  m <- length(x) + length(y) - 2
  d <- (mean(y) - mean(x)) /
    sqrt(((length(x) - 1) * var(x) + (length(y) - 1) * var(y)) / m)
  c(d, d * exp(lgamma(m / 2) - lgamma((m - 1) / 2)) / sqrt(m / 2))
}

# car::leveneTest: the analysis of variance of absolute distances from the centre.
levene <- function(value, group, center) {
  distance <- abs(value - tapply(value, group, center)[group])
  table <- anova(lm(distance ~ group))
  if (table[1, "F value"] > 1e20) c(NA, NA)  # the distances do not vary: R's rounding
  else c(table[1, "F value"], table[1, "Pr(>F)"])
}

smd <- function(parts) {
  pairs <- combn(length(parts), 2)
  mean(apply(pairs, 2, function(p) {
    a <- parts[[p[1]]]
    b <- parts[[p[2]]]
    abs(mean(a) - mean(b)) / sqrt((var(a) + var(b)) / 2)
  }))
}

show <- function(name, parts, conf = 0.95) {
  value <- unlist(parts)
  group <- factor(rep(seq_along(parts), lengths(parts)))
  n <- length(value)
  two <- length(parts) == 2
  classic <- oneway.test(value ~ group, var.equal = TRUE)
  welch <- oneway.test(value ~ group)
  table <- anova(lm(value ~ group))
  rank <- kruskal.test(value, group)
  figures <- c(
    if (two) t_figures(parts[[1]], parts[[2]], FALSE, conf) else rep(NA, 11),
    if (two) t_figures(parts[[1]], parts[[2]], TRUE, conf) else rep(NA, 11),
    if (two) effects(parts[[1]], parts[[2]]) else c(NA, NA),
    classic$statistic, classic$parameter, classic$p.value,
    table[1, "Sum Sq"] / sum(table[, "Sum Sq"]),
    welch$statistic, welch$parameter[2], welch$p.value,
    levene(value, group, mean), levene(value, group, median),
    rank$statistic, rank$parameter, rank$p.value, rank$statistic / (n - 1), smd(parts))
  cat(name, conf, text(figures), length(parts), paste(lengths(parts), collapse = ","),
      text(value), sep = ",")
  cat("\n")
}

cat("set,conf,11 of Welch,11 of Student,d,g,5 of anova,3 of Welch's,4 of Levene,4 of",
    "Kruskal-Wallis,smd,groups,sizes,values\n")
show("sleep", split(sleep$extra, sleep$group))
show("insects", split(InsectSprays$count, InsectSprays$spray), 0.9)
show("air", lapply(split(airquality$Ozone, airquality$Month), function(x) x[!is.na(x)]))
show("plants", split(PlantGrowth$weight, PlantGrowth$group))
studies <- Sys.getenv("STUDIES")
anorexia <- read.csv(file.path(studies, "anorexia_pre_post.csv"))
names(anorexia) <- tolower(names(anorexia))
show("anorexia", split(anorexia$postwt - anorexia$prewt, as.character(anorexia$treat)))
hiv <- read.csv(file.path(studies, "painful_hivsn_psychology.csv"))
keep <- !is.na(hiv$hscl_depression) & hiv$painful_sn %in% c("Yes", "No")
show("hivsn", split(hiv$hscl_depression[keep], hiv$painful_sn[keep] == "Yes"))
set.seed(11)
show("far_apart", list(rnorm(30, 0, 0.1), rnorm(40, 50, 0.2)))
show("tiny", list(c(1, 2), c(4, 4.5)), 0.99)
show("pain_scores", list(rbinom(40, 10, 0.5), rbinom(25, 10, 0.7)))
show("pain_three", list(rbinom(40, 10, 0.5), rbinom(25, 10, 0.7), rbinom(9, 10, 0.4)), 0.9)
show("many_groups", lapply(1:30, function(i) round(rnorm(2 + i %% 5, i / 10), 1)))
show("unequal", list(rexp(3), rexp(90), rexp(12)))
for (i in 1:25)
  show(paste0("random", i), lapply(1:sample(2:5, 1), function(g)
    c(0, 1, sample(0:4, sample(1:25, 1), TRUE)) * sample(c(1, 0.1, 7), 1) + runif(1) * (i %% 2)))
