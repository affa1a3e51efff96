"""Fit the matrix that fit_bench left in a file by scikit-learn's estimator of the same kind, to the same
objective (docs/estimators.md): a line for each solver, its seconds (median) and its objective."""
import statistics
import sys
import time
import warnings

import numpy
from sklearn import linear_model, naive_bayes, svm

path, rows, columns, kind, runs = sys.argv[1:]
data = numpy.fromfile(path).reshape(int(columns) + 1, int(rows))
x, y = numpy.ascontiguousarray(data[:-1].T), data[-1]


def margin(model):
    return x @ numpy.ravel(model.coef_) + numpy.ravel(model.intercept_)[0]


def squared(model):
    return ((y - margin(model)) ** 2).sum()


def size(model):
    return numpy.abs(numpy.ravel(model.coef_)).sum(), (numpy.ravel(model.coef_) ** 2).sum()


def of_svc(model):
    hinge = numpy.maximum(0, 1 - (2 * y - 1) * margin(model))
    return (hinge ** 2).sum() + (size(model)[1] + numpy.ravel(model.intercept_)[0] ** 2) / 2


def of_poisson(model):
    rate = numpy.exp(margin(model))
    log = numpy.log(numpy.maximum(y, 1) / rate)
    return numpy.mean(numpy.where(y > 0, y * log, 0) - y + rate) + 0.5 * size(model)[1]


# kind: ({solver: estimator}, objective or None)
KINDS = {
    "linear_regression": ({"lstsq": linear_model.LinearRegression()}, squared),
    "ridge": ({solver: linear_model.Ridge(alpha=1.0, solver=solver) for solver in ("cholesky", "svd")},
              lambda m: squared(m) + size(m)[1]),
    "lasso": ({"coordinate descent": linear_model.Lasso(alpha=0.01, tol=1e-8, max_iter=10000)},
              lambda m: squared(m) / 2 / len(y) + 0.01 * size(m)[0]),
    "elastic_net": ({"coordinate descent": linear_model.ElasticNet(alpha=0.01, l1_ratio=0.5, tol=1e-8, max_iter=10000)},
                    lambda m: squared(m) / 2 / len(y) + 0.01 * (size(m)[0] / 2 + size(m)[1] / 4)),
    # its dual solver takes a thousand times as long to the same objective
    "linear_svc": ({"primal": svm.LinearSVC(dual=False, tol=1e-6, max_iter=10000)}, of_svc),
    "poisson_regressor": ({solver: linear_model.PoissonRegressor(alpha=1.0, tol=1e-8, max_iter=1000, solver=solver)
                           for solver in ("lbfgs", "newton-cholesky")}, of_poisson),
    "gaussian_nb": ({"moments": naive_bayes.GaussianNB()}, None),
}
solvers, objective = KINDS[kind]
warnings.simplefilter("ignore")
for solver, model in solvers.items():
    seconds = []
    for _ in range(int(runs)):
        began = time.perf_counter()
        model.fit(x, y)
        seconds.append(time.perf_counter() - began)
    print(statistics.median(seconds), objective(model) if objective else 0, solver, sep="\t", flush=True)
