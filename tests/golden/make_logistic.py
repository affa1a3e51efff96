#!/usr/bin/python3
"""Makes logistic.json: small hard problems of logistic regression and their optima.

The optimum of C * sum(log(1 + exp(-s (w.x + b)))) + 0.5 * w.w is found by damped Newton steps in
100-digit decimal arithmetic, standard library only, and written with 25 digits:

    ./make_logistic.py > logistic.json

`tolerance` is the relative error allowed for coefficients and intercept: 1e-10, or as far as doubles
can carry where columns are nearly collinear.
"""
import json
import random
from decimal import Decimal as D, getcontext

getcontext().prec = 100


def softplus(t):
    """log(1 + exp(t)) and its first two derivatives."""
    e = (-abs(t)).exp()
    p = e / (1 + e) if t < 0 else 1 / (1 + e)
    return max(t, D(0)) + (1 + e).ln(), p, e / (1 + e) ** 2


def derive(rows, signs, C, n_penalised, theta):
    n = len(theta)
    value = sum(t * t for t in theta[:n_penalised]) / 2
    gradient = [t if j < n_penalised else D(0) for j, t in enumerate(theta)]
    hessian = [[D(i == j < n_penalised) for j in range(n)] for i in range(n)]
    for z, s in zip(rows, signs):
        f, p, w = softplus(-s * sum(t * c for t, c in zip(theta, z)))
        value += C * f
        for i in range(n):
            gradient[i] -= C * p * s * z[i]
            for j in range(n):
                hessian[i][j] += C * w * z[i] * z[j]
    return value, gradient, hessian


def solve(a, b):
    n = len(b)
    a = [row[:] + [v] for row, v in zip(a, b)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(a[i][k]))
        a[k], a[pivot] = a[pivot], a[k]
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n + 1):
                a[i][j] -= factor * a[k][j]
    x = [D(0)] * n
    for k in reversed(range(n)):
        x[k] = (a[k][n] - sum(a[k][j] * x[j] for j in range(k + 1, n))) / a[k][k]
    return x


def optimum(case):
    C = D(case["C"])
    rows = [[D(v) for v in row] for row in zip(*case["x"])]
    p = len(rows[0])
    if case["fit_intercept"]:
        rows = [row + [D(1)] for row in rows]
    signs = [2 * v - 1 for v in case["y"]]
    theta = [D(0)] * len(rows[0])
    value, gradient, hessian = derive(rows, signs, C, p, theta)
    while True:
        step = solve(hessian, [-g for g in gradient])
        decrement = -sum(s * g for s, g in zip(step, gradient))
        if decrement < value * D("1e-80"):
            return theta, value
        length = D(1)
        while True:
            trial = [t + length * s for t, s in zip(theta, step)]
            new = derive(rows, signs, C, p, trial)
            if new[0] <= value - length * decrement / 10000:
                break
            length /= 2
        theta, (value, gradient, hessian) = trial, new


def cases():
    rng = random.Random(2015)

    def noisy(columns, weights, noise):
        n = len(columns[0])
        score = [sum(w * c[i] for w, c in zip(weights, columns)) for i in range(n)]
        middle = sorted(score)[n // 2]
        return [int(s - middle + rng.gauss(0, noise) > 0) for s in score]

    gaps = [rng.choice((-1, 1)) * rng.randint(40, 9000) for _ in range(60)] + [1, 0, -3, 4]
    yield "separable up to one row, in thousands", [gaps], [int(g > 0) for g in gaps], {}
    yield "the same, hardly penalised", [gaps], [int(g > 0) for g in gaps], {"C": "1e10"}
    yield "two rows", [[-1, 1]], [0, 1], {}
    yield "two rows, hardly penalised", [[-1, 1]], [0, 1], {"C": "1e10"}
    yield "two rows, all penalty", [[-1, 1]], [0, 1], {"C": "1e-10"}
    yield "one row of each class, two columns", [[3.5, 4.25], [-2, 7]], [0, 1], {}

    a = [rng.gauss(0, 1) for _ in range(40)]
    b = [rng.gauss(0, 2) for _ in range(40)]
    y = noisy([a, b], [1.5, -0.5], 1)
    yield "plain", [a, b], y, {}
    yield "plain, hardly penalised", [a, b], y, {"C": "1e10"}
    yield "plain, all penalty", [a, b], y, {"C": "1e-10"}
    yield "no intercept", [a, b], y, {"fit_intercept": False}
    yield "equal columns", [a, a], y, {}
    yield "equal columns, little penalty", [a, a], y, {"C": "1e6", "tolerance": 1e-8}
    yield "opposite columns", [a, [-v for v in a]], y, {}
    yield "constant column", [a, [7.0] * 40], y, {}
    yield "constant column, no intercept", [a, [7.0] * 40], y, {"fit_intercept": False}
    yield "only a constant column", [[1e9] * 40], y, {}
    yield "columns 1e9 apart in scale", [[v * 3e-5 for v in a], [v * 3e4 for v in b]], y, {}
    yield "a column of 1e12", [[v * 1e12 for v in a], b], y, {}
    yield "a column of 1e-12", [[v * 1e-12 for v in a], b], y, {"C": "1e6"}
    years = [1e9 + round(v * 1e5) for v in a]
    yield "mean 1e9, deviation 1e5", [years, b], y, {}
    yield "mean 1e9, little penalty", [years, b], y, {"C": "1e6"}
    yield "mean 1e9, no intercept", [years, b], y, {"fit_intercept": False}
    near = [v + 1e-6 * rng.gauss(0, 1) for v in a]
    yield "nearly collinear", [a, near, b], y, {"C": "1e3", "tolerance": 1e-7}
    yield "one row of forty", [a, b], [int(i == 17) for i in range(40)], {}
    outlier = a[:-1] + [400.0]
    yield "far outlier of the wrong class", [outlier], noisy([a], [3], 1)[:-1] + [0], {"C": "100"}
    yield "two far groups", [[-1e6, -1e6 + 1, 1e6, 1e6 - 1]], [0, 0, 1, 1], {"C": "1e5"}


def digits(value):
    """As a double; what the arithmetic leaves of an exact 0 is 0."""
    return float("%.25e" % value) if abs(value) > D("1e-60") else 0.0


def main():
    made = []
    for name, x, y, extra in cases():
        case = {"name": name, "C": "1", "fit_intercept": True, "tolerance": 1e-10}
        case.update(extra, x=[[float(v) for v in c] for c in x], y=y)
        theta, value = optimum(case)
        p = len(x)
        case["C"] = float(case["C"])
        case["coef"] = [digits(t) for t in theta[:p]]
        case["intercept"] = digits(theta[p]) if case["fit_intercept"] else 0.0
        case["objective"] = digits(value)
        made.append(json.dumps(case))
    print("[\n" + ",\n".join(made) + "\n]")


main()
