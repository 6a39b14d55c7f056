#!/usr/bin/env python3
"""Prints the polynomial coefficients of kernels/math/transcendental.hpp.

Each one is a weighted minimax fit (Remez exchange on a dense grid, in 60-digit decimals) of the tail that the kernel
evaluates, so that the *relative* error of the whole function is smallest. Coefficients are rounded to float: one after
the other, lowest power first, with the rest fitted again around what the rounding left over, or from some power on all
at once, whichever comes out best. The error printed is that of the rounded polynomial.

    scripts/fit_polynomials.py            all fits, with the relative error each polynomial contributes
"""
import struct
import sys
from decimal import Decimal as D, getcontext

getcontext().prec = 60
PI = D("3.14159265358979323846264338327950288419716939937510582097494")
LN2 = D(2).ln()


def to_float(x):
    """The float nearest to x, as a Decimal."""
    return D(struct.unpack("f", struct.pack("f", float(x)))[0])


def series(first, ratio):
    """first * (1 + ratio(1) * (1 + ratio(2) * ...)), summed until it no longer changes."""
    total, term, k = D(0), first, 1
    while total + term != total:
        total += term
        term *= ratio(k)
        k += 1
    return total


def sin(x):
    return series(x, lambda k: -x * x / ((2 * k) * (2 * k + 1)))


def cos(x):
    return series(D(1), lambda k: -x * x / ((2 * k - 1) * (2 * k)))


def atan(x):
    halvings = 4
    for _ in range(halvings):
        x = x / (1 + (1 + x * x).sqrt())
    return series(x, lambda k: -x * x * (2 * k - 1) / (2 * k + 1)) * 2**halvings


def asin(x):
    return atan(x / (1 - x * x).sqrt())


def atanh(x):
    return ((1 + x) / (1 - x)).ln() / 2


def solve(rows, right):
    """Gaussian elimination with partial pivoting."""
    n = len(right)
    a = [list(row) + [value] for row, value in zip(rows, right)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(a[r][i]))
        a[i], a[pivot] = a[pivot], a[i]
        for r in range(i + 1, n):
            factor = a[r][i] / a[i][i]
            a[r] = [x - factor * y for x, y in zip(a[r], a[i])]
    x = [D(0)] * n
    for i in reversed(range(n)):
        x[i] = (a[i][n] - sum(a[i][j] * x[j] for j in range(i + 1, n))) / a[i][i]
    return x


def evaluate(coefficients, t):
    value = D(0)
    for c in reversed(coefficients):
        value = value * t + c
    return value


def extrema(errors):
    """Indices of the largest error of each run of equal sign."""
    found = [0]
    for i, e in enumerate(errors):
        if (e < 0) != (errors[found[-1]] < 0):
            found.append(i)
        elif abs(e) > abs(errors[found[-1]]):
            found[-1] = i
    return found


def remez(points, values, weights, count):
    """Coefficients of degree < count with the least max |weight * (polynomial - value)| over the points."""
    n = len(points)
    reference = [(2 * i + 1) * n // (2 * (count + 1)) for i in range(count + 1)]
    best, least = None, None
    for _ in range(30):
        rows = [[points[i] ** k for k in range(count)] + [D((-1) ** j) / weights[i]] for j, i in enumerate(reference)]
        coefficients = solve(rows, [values[i] for i in reference])[:count]
        errors = [w * (evaluate(coefficients, t) - v) for t, v, w in zip(points, values, weights)]
        worst = max(map(abs, errors))
        if best is None or worst < least:
            best, least = coefficients, worst
        turns = extrema(errors)
        while len(turns) > count + 1:  # drop the smaller end
            turns.pop(0 if abs(errors[turns[0]]) < abs(errors[turns[-1]]) else -1)
        if len(turns) < count + 1 or turns == reference:
            break
        reference = turns
    return best


def fit(name, function, weight, low, high, count):
    """Fits function(t) on [low, high]; weight(t) turns its error into a relative error of the final result."""
    n = 300
    points = [(low + high) / 2 + (high - low) / 2 * cos(PI * (2 * i + 1) / (2 * n)) for i in range(n)]
    values, weights = [function(t) for t in points], [abs(weight(t)) for t in points]

    def error_of(coefficients):
        return max(abs(w * (evaluate(coefficients, t) - v)) for t, v, w in zip(points, values, weights))

    candidates, fixed, rest, rest_weights = [], [], values, weights
    for k in range(count):
        coefficients = [to_float(c) for c in remez(points, rest, rest_weights, count - k)]
        candidates.append(fixed + coefficients)
        fixed = fixed + coefficients[:1]
        rest = [(v - coefficients[0]) / t for v, t in zip(rest, points)]
        rest_weights = [w * abs(t) for w, t in zip(rest_weights, points)]
    rounded = min(candidates, key=error_of)
    worst = error_of(rounded)
    print(f"{name}: relative error 2^{float(worst.ln() / LN2):.1f}")
    for k, c in enumerate(rounded):
        print(f"  c{k} = {float(c).hex()}  ({float(c):.9g})")


def split(name, value, parts, chop=False):
    """value as an unevaluated sum of floats, largest first; chop leaves all of them positive."""
    pieces = []
    for _ in range(parts):
        piece = to_float(value)
        if chop and piece > value:
            piece = D(struct.unpack("f", struct.pack("I", struct.unpack("I", struct.pack("f", float(piece)))[0] - 1))[0])
        pieces.append(piece)
        value -= piece
    print(f"{name} = " + " + ".join(float(p).hex() for p in pieces))


def root(t):
    return t.sqrt()


FITS = {
    "sin": lambda: fit("sin x = x + x^3 P(x^2), |x| <= pi/4", lambda t: (sin(root(t)) - root(t)) / root(t) ** 3,
                       lambda t: root(t) ** 3 / sin(root(t)), D(0), (PI / 4) ** 2, 4),
    "cos": lambda: fit("cos x = 1 - x^2/2 + x^4 P(x^2), |x| <= pi/4", lambda t: (cos(root(t)) - 1 + t / 2) / t**2,
                       lambda t: t**2 / cos(root(t)), D(0), (PI / 4) ** 2, 3),
    "exp": lambda: fit("exp x = 1 + x + x^2 P(x), |x| <= ln2/2", lambda t: (t.exp() - 1 - t) / t**2,
                       lambda t: t**2 / t.exp(), -LN2 / 2, LN2 / 2, 5),
    "exp2": lambda: fit("2^x = 1 + x P(x), |x| <= 1/2", lambda t: ((t * LN2).exp() - 1) / t,
                        lambda t: t / (t * LN2).exp(), D("-0.5"), D("0.5"), 6),
    "log": lambda: fit("log(1 + x) = x - x^2/2 + x^3 P(x), -1/3 <= x <= 1/3",
                       lambda t: ((1 + t).ln() - t + t * t / 2) / t**3, lambda t: t**3 / (1 + t).ln(),
                       D(-1) / 3, D(1) / 3, 9),
    "log2": lambda: fit("log2(1 + x) = x / ln2 + x^2 P(x), -1/3 <= x <= 1/3",
                        lambda t: ((1 + t).ln() - t) / LN2 / t**2, lambda t: t**2 * LN2 / (1 + t).ln(),
                        D(-1) / 3, D(1) / 3, 10),
    "atanh": lambda: fit("atanh x = x + x^3/3 + x^5 P(x^2), |x| <= 1/5",
                         lambda t: (atanh(root(t)) - root(t) * (1 + t / 3)) / root(t) ** 5,
                         lambda t: root(t) ** 5 / atanh(root(t)), D(0), D("0.04"), 4),
    "atan": lambda: fit("atan x = x + x^3 P(x^2), |x| <= 1", lambda t: (atan(root(t)) - root(t)) / root(t) ** 3,
                        lambda t: root(t) ** 3 / atan(root(t)), D(0), D(1), 9),
    "asin": lambda: fit("asin x = x + x^3 P(x^2), |x| <= 1/2", lambda t: (asin(root(t)) - root(t)) / root(t) ** 3,
                        lambda t: root(t) ** 3 / asin(root(t)), D(0), D("0.25"), 5),
}


def main():
    for name, run in FITS.items():
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            run()
    split("pi/2", PI / 2, 3, chop=True)
    split("pi", PI, 2)
    split("ln 2", LN2, 2)
    split("1/ln 2", 1 / LN2, 2)
    split("2/ln 2", 2 / LN2, 2)
    split("1/3", D(1) / 3, 2)


if __name__ == "__main__":
    main()
