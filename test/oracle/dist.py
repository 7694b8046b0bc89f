"""Adds the true value to every line of dist.R's points (see there).

Multiple precision throughout (mpmath), by other formulas than src/stat/ks_dist.c:
positive power series of the incomplete beta and gamma functions (DLMF 8.17.8,
8.11.4) in fixed point, and for the noncentral t the Poisson mixture (Lenth 1989,
AS 243) with 400 digits, so that 1 - p is harmless.  Quantiles by Newton's method.
"""
import sys
from functools import lru_cache
from mpmath import mp, mpf, exp, log, sqrt, loggamma, erfc, gamma

DIGITS, MANY = 60, 400


@lru_cache(None)
def log_gamma(z, digits):
    with mp.workdps(digits + 20):
        return loggamma(z)


def series(ratio_parts, bits):
    """Sum of 1 + r1 + r1 r2 + ... in fixed point; the parts give r_n = p / q."""
    term = total = 1 << bits
    n = 0
    while term:
        p, q = ratio_parts(n)
        term = term * p // q
        total += term
        n += 1
    return mpf(total) / (1 << bits)


def beta_lower_series(a, b, x, y, digits):
    with mp.workdps(digits + 20):
        bits = int(digits * 3.33) + 40
        unit = 1 << bits
        whole, first = int((a + b) * unit), int((a + 1) * unit)
        share = int(x * (1 << bits))
        total = series(lambda n: ((whole + n * unit) * share >> bits, first + n * unit), bits)
        front = a * log(x) + b * log(y) + log_gamma(a + b, digits) - log_gamma(a, digits) - log_gamma(b, digits)
        return exp(front) / a * total


@lru_cache(4000)
def beta_tails(a, b, x, y, digits=DIGITS):
    """(lower, upper) with x + y = 1."""
    # From below the mean where the series is short, else 1 - p with many digits.
    sides = ((a, b, x), (b, a, y))
    short = [(xx, s) for s, (aa, bb, xx) in enumerate(sides) if (aa + bb) * xx <= aa * (1 + mpf(10) ** -30)]
    swap, many = min(short)[1], digits
    for s, (aa, bb, xx) in enumerate(sides):
        if xx < 0.7 and aa < (aa + bb) * xx < 5000:
            swap, many = s, MANY
    if swap:
        upper = beta_lower_series(b, a, y, x, many)
        with mp.workdps(many):
            return 1 - upper, upper
    lower = beta_lower_series(a, b, x, y, many)
    with mp.workdps(many):
        return lower, 1 - lower


@lru_cache(4000)
def gamma_tails(a, x):
    digits = DIGITS if x <= a else MANY
    with mp.workdps(digits + 20):
        bits = int(digits * 3.33) + 40
        unit = 1 << bits
        top, first = int(x * unit), int((a + 1) * unit)
        if x < 1e-20:
            total = 1 + x / (a + 1)
        else:
            total = series(lambda n: (top, first + n * unit), bits)
        lower = exp(a * log(x) - x - log_gamma(a + 1, digits)) * total
        return lower, 1 - lower


def normal_tails(x):
    return erfc(-x / sqrt(mpf(2))) / 2, erfc(x / sqrt(mpf(2))) / 2


def t_tails(t, df):
    lower, upper = beta_tails(mpf(1) / 2, df / 2, t * t / (df + t * t), df / (df + t * t))
    tail = upper / 2
    return (tail, 1 - tail) if t < 0 else (1 - tail, tail)


def f_tails(x, df1, df2):
    whole = df1 * x + df2
    return beta_tails(df1 / 2, df2 / 2, df1 * x / whole, df2 / whole)


def binomial_tails(k, n, p):
    if k >= n:
        return mpf(1), mpf(0)
    lower, upper = beta_tails(k + 1, n - k, p, 1 - p)
    return upper, lower


def noncentral_t_tails(t, df, ncp, digits=MANY):
    with mp.workdps(digits + 20):
        if t < 0:
            return noncentral_t_tails(-t, df, -ncp, digits)[::-1]
        x, y, b = t * t / (df + t * t), df / (df + t * t), df / 2
        half = mpf(1) / 2
        i1 = beta_tails(half, b, x, y, digits)[0]
        i2 = 1 - y ** b
        g1 = exp(half * log(x) + b * log(y) + log_gamma(b + half, digits) - log_gamma(half, digits) - log_gamma(b, digits)) * 2
        g2 = x * y ** b * b
        rate = ncp * ncp / 2
        p, q = exp(-rate), ncp / sqrt(mpf(2)) * exp(-rate) / gamma(mpf(3) / 2)
        total, tiny, j = erfc(ncp / sqrt(mpf(2))), mpf(10) ** -(digits - 10), 0
        while j < rate or p > tiny or abs(q) > tiny:
            total += p * i1 + q * i2
            i1 -= g1
            i2 -= g2
            g1 *= x * (j + half + b) / (j + half + 1)
            g2 *= x * (j + 1 + b) / (j + 2)
            p *= rate / (j + 1)
            q *= rate / (j + half * 3)
            j += 1
        return total / 2, 1 - total / 2


def solve(tails, slope, start, p, lower):
    """Newton on log tail against log x; slope gives dP / dlog x."""
    x = start
    for _ in range(60):
        value = tails(x)[0 if lower else 1]
        step = log(value / p) * value / slope(x) * (-1 if lower else 1)
        x *= exp(step)
        if abs(step) < mpf(10) ** -18:
            break
    else:
        raise ValueError
    return x


def beta_slope(a, b, x, y):
    return exp(a * log(x) + b * log(y) + log_gamma(a + b, DIGITS) - log_gamma(a, DIGITS) - log_gamma(b, DIGITS))


def odds_quantile(p, a, b, lower, start):
    def shares(r):
        return r / (1 + r), 1 / (1 + r)
    return solve(lambda r: beta_tails(a, b, *shares(r)), lambda r: beta_slope(a, b, *shares(r)), start, p, lower)


def true_value(fn, lower, x, a, b, r):
    side = 0 if lower else 1
    if fn == "norm":
        return normal_tails(x)[side]
    if fn == "t":
        return t_tails(x, a)[side]
    if fn == "f":
        return f_tails(x, a, b)[side]
    if fn == "chisq":
        return gamma_tails(a / 2, x / 2)[side]
    if fn == "beta":
        return beta_tails(a, b, x, 1 - x)[side]
    if fn == "binom":
        return binomial_tails(x, a, b)[side]
    if fn == "nct":
        return noncentral_t_tails(x, a, b)[side]
    if fn == "dbinom":
        return exp(log_gamma(a + 1, DIGITS) - log_gamma(x + 1, DIGITS) - log_gamma(a - x + 1, DIGITS)
                   + x * log(b) + (a - x) * log(1 - b))
    if fn == "qnorm":
        z = mpf(r)
        if x == 0.5:
            return mpf(0)
        for _ in range(4):
            z -= (normal_tails(z)[side] - x) / exp(-z * z / 2) * sqrt(2 * mp.pi) * (1 if lower else -1)
        return z
    if fn == "qt":
        if x == 0.5:
            return mpf(0)
        tail, sign = (x, -1 if lower else 1) if x < 0.5 else (1 - x, 1 if lower else -1)
        odds = odds_quantile(2 * tail, mpf(1) / 2, a / 2, False, mpf(r) ** 2 / a)
        return sign * sqrt(a * odds)
    if fn == "qf":
        return odds_quantile(x, a / 2, b / 2, lower, r * a / b) * b / a
    if fn == "qbeta":
        if r == 1:
            return mpf(1)
        odds = odds_quantile(x, a, b, lower, r / (1 - r))
        return odds / (1 + odds)
    if fn == "qchisq":
        return 2 * solve(lambda v: gamma_tails(a / 2, v),
                         lambda v: exp(a / 2 * log(v) - v - log_gamma(a / 2, DIGITS)), r / 2, x, lower)
    if fn == "qbinom":
        def reaches(k):
            low, up = binomial_tails(k, a, b) if k < a else (mpf(1), mpf(0))
            return low >= x * (1 - mpf(10) ** -40)  # a tie, such as 1/2, is met
        k = mpf(r)
        while not reaches(k):
            k += 1
        while k > 0 and reaches(k - 1):
            k -= 1
        return k
    if fn == "ncp":
        side, tail = (0, x) if x < 0.6 else (1, 1 - x)
        z = sqrt(mpf(2)) * mp.erfinv(2 * x - 1)
        d0 = b * (1 - 1 / (4 * a + 1)) - z * sqrt(1 + b * b / (2 * a))
        d = b * (1 - 1 / (4 * a + 1)) - z * sqrt(1 + b * b / (2 * a))
        for _ in range(80):
            def miss(d):
                return log(max(noncentral_t_tails(b, a, d, 80)[side], mpf(10) ** -70) / tail)
            here, small = miss(d), mpf(10) ** -25
            if here < -130:
                step = (1 + abs(d) / 8) * (1 if side else -1)
            else:
                step = -here * small / (miss(d + small) - here)
            limit = 2 + abs(d) / 4
            step = max(-limit, min(limit, step))
            d += step
            if abs(step) < mpf(10) ** -20:
                return d
        raise ValueError
    if fn == "lgamma":
        return loggamma(x)
    if fn == "lchoose":
        return log_gamma(x + 1, DIGITS) - log_gamma(a + 1, DIGITS) - log_gamma(x - a + 1, DIGITS)
    raise ValueError(fn)


def main():
    mp.dps = MANY + 20
    for line in sys.stdin:
        fn, lower, *rest = line.strip().split(",")
        x, a, b = (mpf(float(v)) for v in rest[:3])
        r = mpf(float(rest[3])) if rest[3] != "NA" else mpf("nan")
        try:
            value = mp.nstr(true_value(fn, lower == "1", x, a, b, r), 18)
        except (ValueError, ZeroDivisionError, MemoryError) as trouble:
            print(line.strip(), trouble, file=sys.stderr)
            continue
        print(line.strip().replace("NA", "nan") + "," + value, flush=True)


main()
