#!/usr/bin/python3
"""Makes logistic.json: small hard problems of logistic regression and their optima.

The optimum of C * sum(weight * log-loss) + 0.5 * |coef|^2 (binary: of one row of coefficients; beyond
two classes: softmax, a row for each class) is found by damped Newton steps in 100-digit decimal
arithmetic, standard library only, and written with 25 digits:

    ./make_logistic.py > logistic.json

`tolerance` is the relative error allowed for coefficients and intercept: 1e-10, or as far as doubles
can carry where columns are nearly collinear.  `terms` are columns of numbers, or objects of levels and
codes, which stand for as many columns of 0 and 1; a code beyond the last level for none of them.
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


def binary_loss(margins, label):
    """Loss, its gradient and its Hessian by the margins."""
    sign = 2 * label - 1
    f, p, w = softplus(-sign * margins[0])
    return f, [-sign * p], [[w]]


def softmax_loss(margins, label):
    most = max(margins)
    e = [(m - most).exp() for m in margins]
    total = sum(e)
    p = [v / total for v in e]
    n = range(len(p))
    return (total.ln() + most - margins[label], [p[k] - (k == label) for k in n],
            [[p[k] * ((k == l) - p[l]) for l in n] for k in n])


def derive(problem, theta):
    """theta: for each output the weights of its columns, one output behind the other."""
    rows, labels, weights, C, n_penalised, n_outputs = problem
    n_columns = len(rows[0])
    pull = [D(j < n_penalised) for j in range(n_columns)] * n_outputs
    value = sum(a * t * t for a, t in zip(pull, theta)) / 2
    gradient = [a * t for a, t in zip(pull, theta)]
    hessian = [[pull[i] * (i == j) for j in range(len(theta))] for i in range(len(theta))]
    for z, label, weight in zip(rows, labels, weights):
        margins = [sum(t * c for t, c in zip(theta[k * n_columns:], z)) for k in range(n_outputs)]
        f, g, h = (binary_loss if n_outputs == 1 else softmax_loss)(margins, label)
        value += C * weight * f
        for k in range(n_outputs):
            for i in range(n_columns):
                at = k * n_columns + i
                gradient[at] += C * weight * g[k] * z[i]
                for l in range(n_outputs):
                    factor = C * weight * h[k][l] * z[i]
                    for j in range(n_columns):
                        hessian[at][l * n_columns + j] += factor * z[j]
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


def fix_gauge(hessian, n_outputs):
    """Softmax: raising all classes alike changes nothing.  Curvature along that direction, in which
    gradients have no part, keeps the sum over the classes where it starts: at 0."""
    n_columns = len(hessian) // n_outputs
    for j in range(n_columns):
        for k in range(n_outputs):
            for l in range(n_outputs):
                hessian[k * n_columns + j][l * n_columns + j] += n_outputs > 1


def expand(terms):
    for term in terms:
        if isinstance(term, dict):
            yield from ([int(c == level) for c in term["codes"]] for level in range(term["levels"]))
        else:
            yield term


def weigh(case):
    """Of each row: its weight times that of its class."""
    y, n = case["y"], case["classes"]
    weights = [D(w) for w in case["weight"] or [1] * len(y)]
    if case["class_weight"] == "balanced":
        weights = [w * len(y) / (n * y.count(label)) for w, label in zip(weights, y)]
    return weights


def optimum(case):
    rows = [[D(v) for v in row] for row in zip(*expand(case["terms"]))]
    n_penalised = len(rows[0])
    if case["fit_intercept"]:
        rows = [row + [D(1)] for row in rows]
    n_outputs = 1 if case["classes"] == 2 else case["classes"]
    problem = (rows, case["y"], weigh(case), D(case["C"]), n_penalised, n_outputs)
    theta = [D(0)] * (len(rows[0]) * n_outputs)
    value, gradient, hessian = derive(problem, theta)
    while True:
        fix_gauge(hessian, n_outputs)
        step = solve(hessian, [-g for g in gradient])
        decrement = -sum(s * g for s, g in zip(step, gradient))
        if decrement < value * D("1e-80"):
            return theta, value
        length = D(1)
        while True:
            trial = [t + length * s for t, s in zip(theta, step)]
            new = derive(problem, trial)
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

    def classes(columns, n, noise):
        score = [sum(c[i] for c in columns) + rng.gauss(0, noise) for i in range(len(columns[0]))]
        order = sorted(score)
        return [min(n - 1, order.index(s) * n // len(order)) for s in score]

    def codes(levels, n):
        return {"levels": levels, "codes": [rng.randint(0, levels) for _ in range(n)]}

    weights = [rng.choice((0, 0.5, 1, 2.25)) for _ in range(40)]
    yield "weights, one in four of them 0", [a, b], y, {"weight": weights}
    rare = [int(i % 10 == 3) for i in range(40)]
    yield "balanced", [a, b], rare, {"class_weight": "balanced"}
    yield "weights and balanced", [a, b], rare, {"weight": [w or 1 for w in weights],
                                                 "class_weight": "balanced"}
    surface, round_ = codes(3, 40), codes(4, 40)
    yield "levels between numbers", [a, surface, b, round_], y, {"C": "10"}
    yield "levels alone, no intercept", [surface, round_], y, {"fit_intercept": False}
    yield "levels of weighted rows", [round_, a, surface], y, {"weight": weights, "C": "1e4"}
    three = classes([a, b], 3, 1)
    yield "three classes", [a, b], three, {}
    yield "three classes, hardly penalised", [a, b], three, {"C": "1e8"}
    yield "three classes, all penalty", [a, b], three, {"C": "1e-8"}
    yield "three classes, no intercept", [a, b], three, {"fit_intercept": False}
    yield "three classes, mean 1e9", [years, b], three, {"C": "1e3"}
    yield "three classes, equal columns", [a, a], three, {"C": "1e3", "tolerance": 1e-9}
    yield "three classes, levels, weights and balanced", [a, surface, b], three, {
        "weight": [w or 0.125 for w in weights], "class_weight": "balanced"}
    yield "three classes, separable in thousands", [gaps], [
        0 if g < -4000 else 2 if g > 3000 else 1 for g in gaps], {"C": "10"}
    yield "five classes", [a, b], classes([a, b], 5, 0.5), {}
    yield "five classes, levels and weights", [b, round_, a], classes([a, b], 5, 1), {
        "C": "20", "weight": [w + 0.25 for w in weights]}
    yield "five classes, one of them rare", [a, b], [4 if i == 11 else i % 4 for i in range(40)], {
        "C": "1e4"}


def digits(value):
    """As a double; what the arithmetic leaves of an exact 0 is 0."""
    return float("%.25e" % value) if abs(value) > D("1e-60") else 0.0


def main():
    made = []
    for name, terms, y, extra in cases():
        case = {"name": name, "C": "1", "fit_intercept": True, "tolerance": 1e-10,
                "classes": max(y) + 1, "weight": None, "class_weight": None}
        case.update(extra, terms=[t if isinstance(t, dict) else [float(v) for v in t]
                                  for t in terms], y=y)
        theta, value = optimum(case)
        n = 1 if case["classes"] == 2 else case["classes"]
        outputs = [theta[k * len(theta) // n:(k + 1) * len(theta) // n] for k in range(n)]
        p = len(outputs[0]) - case["fit_intercept"]
        case["C"] = float(case["C"])
        case["coef"] = [[digits(t) for t in output[:p]] for output in outputs]
        case["intercept"] = [digits(output[p]) if case["fit_intercept"] else 0.0
                             for output in outputs]
        case["objective"] = digits(value)
        made.append(json.dumps(case))
    print("[\n" + ",\n".join(made) + "\n]")


main()
