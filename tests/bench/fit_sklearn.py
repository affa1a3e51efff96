"""Fit the matrix that fit_bench left in a file by a solver of scikit-learn; one line for each fit:
seconds, objective, largest component of the gradient."""
import sys
import time

import numpy
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

path, rows, columns, solver, tol, runs = sys.argv[1:]
data = numpy.fromfile(path).reshape(int(columns) + 1, int(rows))
x, y = (data[:-1].T, data[-1])
if solver == "lbfgs":
    x = numpy.ascontiguousarray(x)
for _ in range(int(runs)):
    began = time.perf_counter()
    model = LogisticRegression(solver=solver, tol=float(tol), max_iter=1000).fit(x, y)
    seconds = time.perf_counter() - began
    margin = x @ model.coef_[0] + model.intercept_[0]
    rest = expit(margin) - y
    gradient = max(abs(x.T @ rest + model.coef_[0]).max(), abs(rest.sum()))
    objective = numpy.logaddexp(0, margin).sum() - y @ margin + model.coef_[0] @ model.coef_[0] / 2
    print(seconds, objective, gradient, flush=True)
