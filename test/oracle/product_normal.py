"""Gold values of test/oracle/product_normal.csv with mpmath, 25 digits.

P(XY <= z) and P(XY > z) by conditioning on the second variable, the other way round
than src/stat/ks_product_normal.c, in the logarithm of its distance from 0.
Run: python3 test/oracle/product_normal.py > test/oracle/product_normal.csv
"""
from mpmath import mp, mpf, quad, exp, log, ncdf, npdf, linspace, inf, findroot

mp.dps = 25


def side(mx, sx, my, sy, z, lower):
    """One tail: the integral over y > 0 and y < 0 of phi(y) P(X on the side of z / y)."""
    total = mpf(0)
    for sign in (1, -1):
        def part(u):
            y = sign * exp(u)
            t = (z / y - mx) / sx
            below = (y > 0) == lower
            return npdf(y, my, sy) * exp(u) * (ncdf(t) if below else ncdf(-t))
        top = log(abs(my) + 45 * sy)
        cuts = sorted(set([mpf(-80)] + [mpf(k) for k in range(-70, int(top) - 8, 10)] +
                          list(linspace(top - 8, top, 301))))
        total += quad(part, cuts)
    return total


def number(x):
    return mp.nstr(x, 20)


print("mean_x,sd_x,mean_y,sd_y,z,lower,upper")
POINTS = [
    ("0.0656", "0.0515", "-0.24", "0.0282", ["-0.06", "-0.0411", "-0.01", "1e-9", "0.0084", "0.2"]),
    ("0", "1", "0", "1", ["-30", "-1", "-1e-6", "0.001", "2", "20"]),
    ("3", "1", "0.5", "2", ["-40", "-2", "0.1", "5", "60"]),
    ("10", "1", "-12", "1", ["-200", "-130", "-100", "-20", "3"]),
    ("30", "1", "0.1", "0.2", ["-30", "-1", "2", "9", "40"]),
    ("-2", "0.5", "-25", "3", ["-5", "0.2", "30", "60", "400"]),
    ("1000", "30", "2e-5", "1e-5", ["-0.02", "0.001", "0.02", "0.08"]),
]
for mx, sx, my, sy, zs in POINTS:
    for z in zs:
        # what the program reads is the double next to the text
        a = [mpf(float(v)) for v in (mx, sx, my, sy, z)]
        print(",".join([mx, sx, my, sy, z, number(side(*a, True)), number(side(*a, False))]))
