#!/usr/bin/python3
"""Every estimator against scikit-learn's of the same name, through the whole program: coefficients,
objective, values and metrics, on data of many shapes.

Where scikit-learn's own solver stops short of the optimum it is helped: asked for more digits, or
given the closed form.  What it finds is then no better than ours in the objective, and the same
coefficients where the optimum is one point.
"""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import scoreline_test  # noqa: E402

try:
    import h5py
    import numpy as np
    from scipy import optimize
    from sklearn import linear_model, metrics, naive_bayes, svm
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

COEF = 1e-6       # relative, of the largest
OBJECTIVE = 1e-8  # relative


def make(seed, rows, columns, scale=None, levels=0):
    """Features x [rows, columns] of units that differ, and codes of a categorical one."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, columns)) @ (np.eye(columns) + 0.3 * random.normal(size=(columns, columns)))
    x = x * (10.0 ** random.uniform(-2, 3, columns) if scale is None else scale)
    x += random.normal(size=columns) * (0 if scale == 0 else 5)
    codes = random.integers(0, levels, rows) if levels else None
    return random, x, codes


class Data:
    """Rows to train on, as the program and as scikit-learn see them."""

    def __init__(self, x, y, codes=None, weight=None):
        self.x, self.y, self.codes, self.weight = x, np.asarray(y, float), codes, weight

    def matrix(self):
        if self.codes is None:
            return self.x
        names = sorted(set(self.codes.tolist()), key=str)
        return np.hstack([self.x] + [(self.codes == name)[:, None].astype(float) for name in names])

    def write(self, directory):
        columns = {f"x{j}": self.x[:, j] for j in range(self.x.shape[1])}
        if self.codes is not None:
            columns["level"] = self.codes
        columns["y"] = self.y
        if self.weight is not None:
            columns["w"] = self.weight
        texts = [[repr(v) if isinstance(v, float) else str(v) for v in c.tolist()] for c in columns.values()]
        lines = [",".join(columns)] + [",".join(row) for row in zip(*texts)]
        (directory / "rows_1.csv").write_text("\n".join(lines) + "\n")

    def job(self, estimator, params):
        features = [f"x{j}" for j in range(self.x.shape[1])]
        if self.codes is not None:
            features.append({"name": "level", "categorical": "level"})
        job = {"name": "estimators", "data": {"root": ".", "path": "rows_{part}.csv",
                                              "partitions": {"part": [1]}},
               "features": features, "label": "y",
               "train": {"partitions": {"part": 1}, "estimator": estimator, "params": params}}
        if self.weight is not None:
            job["weight"] = "w"
        return job


class Case(scoreline_test.Case):
    def fit(self, data, estimator, status=0, score=False, **params):
        data.write(self.directory)
        job = self.directory / "job.json"
        job.write_text(json.dumps(data.job(estimator, params)))
        command = ["run", job, "-o", self.directory / "out.h5", "--save-model",
                   self.directory / "model.json", "--if-exists", "replace"]
        if not score:
            command = ["train", job, "-o", self.directory / "model.json", "--if-exists", "replace"]
        done = scoreline_test.execute(command, cwd=self.directory)
        self.assertEqual(done.returncode, status, done.stderr)
        self.said = done.stderr
        return json.loads((self.directory / "model.json").read_text()) if status == 0 else None

    def assert_coef(self, model, coef, intercept, tolerance=COEF):
        ours = np.array(model["coef"])
        theirs = np.atleast_2d(coef)
        scale = np.abs(theirs).max() or 1.0
        error = np.abs(ours - theirs).max() / scale
        self.assertLess(error, tolerance)
        # an intercept is a difference of terms: judged by their size
        size = max(np.abs(np.atleast_1d(intercept)).max(), 1e-300)
        self.assertLess(np.abs(np.array(model["intercept"]) - intercept).max() / size, 10 * tolerance)

    def assert_objective(self, model, theirs):
        ours = model["fit"]["objective"]
        self.assertLessEqual(ours, theirs + OBJECTIVE * abs(theirs) + 1e-25)
        self.assertTrue(model["fit"]["converged"], self.said)

    def values(self):
        with h5py.File(self.directory / "out.h5") as file:
            return (file["predictions/value"][()], file["predictions/label"][()],
                    {name: file["metrics"][name][()] for name in file["metrics"]})


def weights_of(data):
    return np.ones(len(data.y)) if data.weight is None else data.weight


def exact_squares(data, alpha, fit_intercept=True):
    """Least squares with a penalty, by centring and a QR factorisation in long double's stead."""
    x, w = data.matrix(), weights_of(data)
    mean, mean_y = (np.average(x, axis=0, weights=w), np.average(data.y, weights=w)) if fit_intercept else (0, 0)
    a = (x - mean) * np.sqrt(w)[:, None]
    b = (data.y - mean_y) * np.sqrt(w)
    if alpha > 0:
        a = np.vstack([a, np.sqrt(alpha) * np.eye(x.shape[1])])
        b = np.concatenate([b, np.zeros(x.shape[1])])
    coef = np.linalg.lstsq(a, b, rcond=None)[0]
    return coef, mean_y - np.dot(mean, coef) if fit_intercept else 0.0


def squares_objective(data, coef, intercept, alpha):
    return np.sum(weights_of(data) * (data.y - data.matrix() @ coef - intercept) ** 2) + alpha * np.sum(coef ** 2)


def linear_data(seed=1, rows=500, columns=6, noise=1.0, weighted=False, levels=0, scale=None):
    random, x, codes = make(seed, rows, columns, scale, levels)
    y = (x / (np.abs(x).max(axis=0) + 1)) @ random.normal(size=columns) * 5 + noise * random.normal(size=rows) + 40
    if codes is not None:
        y = y + codes
    weight = random.integers(0, 4, rows).astype(float) if weighted else None
    return Data(x, y, codes, weight)


class Squares(Case):
    SHAPES = [dict(), dict(weighted=True), dict(seed=3, rows=5000, columns=20), dict(seed=4, levels=4, scale=1.0)]

    def test_linear_regression(self):
        for shape in self.SHAPES[:3]:
            for fit_intercept in (True, False):
                data = linear_data(**shape)
                model = self.fit(data, "linear_regression", fit_intercept=fit_intercept)
                coef, intercept = exact_squares(data, 0.0, fit_intercept)
                self.assert_coef(model, coef, intercept)
                self.assert_objective(model, squares_objective(data, coef, intercept, 0.0))
                theirs = linear_model.LinearRegression(fit_intercept=fit_intercept).fit(
                    data.matrix(), data.y, data.weight)
                self.assert_coef(model, theirs.coef_, theirs.intercept_)

    def test_ridge(self):
        for shape in self.SHAPES:
            for alpha in (1e-3, 1.0, 1e4):
                data = linear_data(**shape)
                model = self.fit(data, "ridge", alpha=alpha)
                coef, intercept = exact_squares(data, alpha)
                self.assert_coef(model, coef, intercept)
                self.assert_objective(model, squares_objective(data, coef, intercept, alpha))
                theirs = linear_model.Ridge(alpha=alpha, solver="cholesky").fit(
                    data.matrix(), data.y, data.weight)
                self.assert_coef(model, theirs.coef_, theirs.intercept_)

    def test_of_many_best_ones_the_smallest_is_taken(self):
        data = linear_data(levels=3, scale=1.0)          # levels add up to the intercept
        twice = Data(np.hstack([data.x, data.x[:, :2]]), data.y)
        wide = linear_data(seed=7, rows=30, columns=60, scale=1.0)
        for given in (data, twice, wide):
            # scikit-learn takes rounding for a direction where rows less 1 is the rank: rcond cuts that
            centred = given.matrix() - given.matrix().mean(axis=0)
            coef = np.linalg.lstsq(centred, given.y - given.y.mean(), rcond=1e-12)[0]
            intercept = given.y.mean() - given.matrix().mean(axis=0) @ coef
            if given is not wide:
                theirs = linear_model.LinearRegression().fit(given.matrix(), given.y)
                self.assertLess(np.abs(theirs.coef_ - coef).max(), 1e-9)
            model = self.fit(given, "linear_regression")
            self.assert_coef(model, coef, intercept)
            self.assert_objective(model, max(squares_objective(given, coef, intercept, 0.0), 1e-16))

    def test_of_many_best_ones_among_columns_of_all_sizes(self):
        """Levels, copies and constants beside columns far from 0, or nearly constant; by weight; without intercept."""
        for seed in range(24):
            random = np.random.default_rng(seed)
            rows, columns = int(random.choice([12, 60, 400, 3000])), int(random.integers(1, 7))
            x = random.normal(size=(rows, columns)) * 10.0 ** random.uniform(-3, 3, columns)
            x = x + random.normal(size=columns) * 10.0 ** random.uniform(-2, 2, columns)
            codes = weight = None
            if seed % 4 == 0:                             # levels, perhaps only one of them
                codes = random.integers(0, 1 + seed % 3, rows)
            if seed % 4 == 1:                             # levels of two kinds
                x = np.hstack([x, np.eye(4)[random.integers(0, 4, rows)], np.eye(3)[random.integers(0, 3, rows)]])
            if seed % 4 == 2:                             # multiples
                x = np.hstack([x, 2 * x[:, :1], -0.25 * x[:, -1:], 2 * x[:, :1]])
                weight = random.integers(0, 3, rows) * 1.0
            if seed % 4 == 3:                             # constants and levels
                x = np.hstack([x, np.full((rows, 1), 3.7), np.full((rows, 1), -1e3)])
                codes = random.integers(0, 3, rows)
            y = random.normal(size=rows) * 10.0 ** random.uniform(-3, 2) + x[:, 0] / np.abs(x[:, 0]).max() + 20
            data, fit_intercept = Data(x, y, codes, weight), bool(seed // 4 % 2)
            matrix, w = data.matrix(), weights_of(data)
            mean, mean_y = (np.average(matrix, axis=0, weights=w), np.average(y, weights=w)) if fit_intercept else (0, 0)
            a, b = (matrix - mean) * np.sqrt(w)[:, None], (y - mean_y) * np.sqrt(w)
            a[:, np.abs(a).max(axis=0) <= 1e-12 * np.abs(matrix).max(axis=0)] = 0       # constants less their mean
            coef = np.linalg.lstsq(a, b, rcond=1e-13)[0]
            with self.subTest(seed=seed):
                model = self.fit(data, "linear_regression", fit_intercept=fit_intercept)
                ours = np.array(model["coef"][0])
                self.assertLess(np.abs(ours - coef).max() / np.abs(coef).max(), COEF)
                self.assert_objective(model, np.sum((b - a @ coef) ** 2) + 1e-18 * np.sum(b ** 2))

    def test_ridge_of_more_columns_than_rows(self):
        data = linear_data(seed=7, rows=30, columns=60, scale=1.0)
        theirs = linear_model.Ridge(alpha=0.5, solver="svd").fit(data.matrix(), data.y)
        model = self.fit(data, "ridge", alpha=0.5)
        self.assert_coef(model, theirs.coef_, theirs.intercept_)

    def test_a_label_that_is_constant(self):
        data = linear_data()
        data.y[:] = 7.25
        for estimator in ("linear_regression", "ridge"):
            model = self.fit(data, estimator)
            self.assertLess(np.abs(model["coef"]).max(), 1e-12)
            self.assertLess(abs(model["intercept"][0] - 7.25), 1e-11)
            self.assertTrue(model["fit"]["converged"])

    def test_rows_of_weight_0_are_not_there(self):
        data = linear_data(weighted=True)
        used = data.weight > 0
        full = self.fit(data, "ridge")
        part = self.fit(Data(data.x[used], data.y[used], None, data.weight[used]), "ridge")
        self.assertEqual(full["coef"], part["coef"])

    def test_values_and_metrics(self):
        data = linear_data(levels=4, scale=1.0, rows=3000)
        model = self.fit(data, "ridge", score=True)
        value, label, found = self.values()
        theirs = data.matrix() @ np.array(model["coef"][0]) + model["intercept"][0]
        self.assertLess(np.abs(value - theirs).max(), 1e-11)
        self.assertTrue((label == data.y).all())
        self.assertLess(abs(found["r2"][1] - metrics.r2_score(label, value)), 1e-13)
        self.assertLess(abs(found["rmse"][1] / metrics.mean_squared_error(label, value) ** 0.5 - 1), 1e-14)
        self.assertLess(abs(found["mae"][1] / metrics.mean_absolute_error(label, value) - 1), 1e-14)
        self.assertLess(abs(found["deviance"][1] / metrics.mean_squared_error(label, value) - 1), 1e-14)


def net_objective(data, coef, intercept, alpha, l1_ratio):
    w = weights_of(data)
    squares = np.sum(w * (data.y - data.matrix() @ coef - intercept) ** 2) / (2 * w.sum())
    return squares + alpha * (l1_ratio * np.abs(coef).sum() + (1 - l1_ratio) / 2 * np.sum(coef ** 2))


class Nets(Case):
    def check(self, data, alpha, l1_ratio=None, tolerance=COEF):
        kind, params = ("lasso", {}) if l1_ratio is None else ("elastic_net", {"l1_ratio": l1_ratio})
        model = self.fit(data, kind, alpha=alpha, **params)
        kinds = {"lasso": linear_model.Lasso, "elastic_net": linear_model.ElasticNet}
        theirs = kinds[kind](alpha=alpha, tol=1e-14, max_iter=10 ** 6, **params).fit(
            data.matrix(), data.y, data.weight)
        ratio = 1.0 if l1_ratio is None else l1_ratio
        self.assert_objective(model, net_objective(data, theirs.coef_, theirs.intercept_, alpha, ratio))
        ours = np.array(model["coef"][0])
        self.assertLess(abs(net_objective(data, ours, model["intercept"][0], alpha, ratio)
                            / model["fit"]["objective"] - 1), 1e-10)
        if tolerance:
            self.assert_coef(model, theirs.coef_, theirs.intercept_, tolerance)
            self.assertEqual((ours != 0).tolist(), (theirs.coef_ != 0).tolist())
        self.assertEqual(model["fit"]["solver"], "coordinate_descent")
        return ours

    def test_lasso(self):
        for shape in (dict(), dict(weighted=True), dict(seed=3, rows=2000, columns=30), dict(levels=4)):
            for alpha in (1e-3, 0.05, 0.5):
                # as many levels up as down: all of them may be moved alike
                self.check(linear_data(scale=1.0, **shape), alpha, tolerance=None if "levels" in shape else COEF)

    def test_elastic_net(self):
        for shape in (dict(), dict(weighted=True), dict(levels=4)):
            for alpha, l1_ratio in ((0.01, 0.5), (0.3, 0.1), (0.3, 0.9)):
                self.check(linear_data(scale=1.0, **shape), alpha, l1_ratio)

    def test_all_coefficients_0(self):
        ours = self.check(linear_data(scale=1.0), 1e3)
        self.assertTrue((ours == 0).all())

    def test_more_columns_than_rows(self):
        self.check(linear_data(seed=7, rows=40, columns=100, scale=1.0), 0.05)
        self.check(linear_data(seed=7, rows=40, columns=100, scale=1.0), 0.05, 0.5)

    def test_collinear_columns(self):
        """Of equal columns lasso leaves open which is taken: the objective is what counts."""
        data = linear_data(scale=1.0)
        data.x = np.hstack([data.x, data.x[:, :2], 2 * data.x[:, 2:3]])
        self.check(data, 0.05, tolerance=None)
        self.check(data, 0.05, 0.5)

    def test_nearly_collinear_columns(self):
        data = linear_data(scale=1.0, rows=2000)
        data.x[:, 1] = data.x[:, 0] + 1e-3 * data.x[:, 1]
        data.x[:, 3] = data.x[:, 2] + 1e-2 * data.x[:, 3]
        model = self.fit(data, "lasso", alpha=1e-4)     # coordinates one by one take millions of rounds
        coef = np.array(model["coef"][0])
        centred = data.x - data.x.mean(axis=0)
        slope = centred.T @ (centred @ coef - (data.y - data.y.mean())) / len(data.y) / 1e-4
        self.assertLess(np.abs(np.where(coef != 0, slope + np.sign(coef), 0)).max(), 1e-8)
        self.assertLess(np.abs(slope).max(), 1 + 1e-8)
        self.assertTrue(model["fit"]["converged"])

    def test_a_label_that_is_constant(self):
        data = linear_data()
        data.y[:] = 7.25
        model = self.fit(data, "lasso")
        self.assertEqual(set(model["coef"][0]), {0})
        self.assertLess(abs(model["intercept"][0] - 7.25), 1e-12)


class Positive(Case):
    """Coefficients that may not be negative, of estimators whose optimum has some that would be."""
    SHAPES = (dict(), dict(weighted=True), dict(seed=3, rows=2000, columns=30), dict(seed=4, levels=4),
              dict(seed=7, rows=40, columns=100))

    def solve(self, data, alpha, l1_ratio, fit_intercept=True):
        """Nonnegative least squares of the same objective: the penalty's squares are rows, its l1 a tilt."""
        x, w = data.matrix(), weights_of(data)
        mean, mean_y = (np.average(x, axis=0, weights=w), np.average(data.y, weights=w)) if fit_intercept else (0, 0)
        a = (x - mean) * np.sqrt(w / w.sum())[:, None]
        gram = a.T @ a + alpha * (1 - l1_ratio) * np.eye(x.shape[1])
        products = a.T @ ((data.y - mean_y) * np.sqrt(w / w.sum())) - alpha * l1_ratio
        root = np.linalg.cholesky(gram)
        coef = optimize.nnls(root.T, np.linalg.solve(root, products), maxiter=10 ** 5)[0]
        return coef, mean_y - np.dot(mean, coef) if fit_intercept else 0.0

    def check(self, data, kind, params, alpha, l1_ratio, theirs=None):
        model = self.fit(data, kind, positive=True, **params)
        coef, intercept = self.solve(data, alpha, l1_ratio, params.get("fit_intercept", True))
        ours = np.array(model["coef"][0])
        self.assertTrue(0 < (coef > 0).sum() < len(coef), "all of them free, or none")
        self.assert_coef(model, coef, intercept)
        self.assertEqual((ours != 0).tolist(), (coef != 0).tolist())
        self.assertGreaterEqual(ours.min(), 0)
        self.assertTrue(model["fit"]["converged"], self.said)
        self.assertEqual((self.said.count("warning"), model["fit"]["solver"]), (0, "coordinate_descent"))
        objective = net_objective(data, ours, model["intercept"][0], alpha, l1_ratio)
        self.assertLessEqual(objective, net_objective(data, coef, intercept, alpha, l1_ratio) * (1 + OBJECTIVE))
        theirs.set_params(positive=True, **params).fit(data.matrix(), data.y, data.weight)
        self.assertLessEqual(objective, net_objective(data, theirs.coef_, theirs.intercept_, alpha, l1_ratio)
                             * (1 + OBJECTIVE))
        return model, theirs

    def test_lasso_and_elastic_net(self):
        for shape in self.SHAPES:
            data = linear_data(scale=1.0, **shape)
            for alpha, l1_ratio in ((0.05, 0.5), (0.3, 0.1), (0.1, 0.9)):
                model, theirs = self.check(data, "elastic_net", {"alpha": alpha, "l1_ratio": l1_ratio}, alpha, l1_ratio,
                                           linear_model.ElasticNet(tol=1e-14, max_iter=10 ** 6))
                self.assert_coef(model, theirs.coef_, theirs.intercept_)
            if data.codes is None and len(data.y) > len(data.x[0]):
                model, theirs = self.check(data, "lasso", {"alpha": 0.05}, 0.05, 1.0,
                                           linear_model.Lasso(tol=1e-14, max_iter=10 ** 6))
                self.assert_coef(model, theirs.coef_, theirs.intercept_)

    def test_linear_regression_and_ridge(self):
        for shape in self.SHAPES[:3]:
            for fit_intercept in (True, False):
                data = linear_data(scale=1.0, **shape)
                total = weights_of(data).sum()
                model, theirs = self.check(data, "linear_regression", {"fit_intercept": fit_intercept}, 0.0, 0.0,
                                           linear_model.LinearRegression())
                self.assert_coef(model, theirs.coef_, theirs.intercept_)
                model, theirs = self.check(data, "ridge", {"alpha": 30.0, "fit_intercept": fit_intercept},
                                           30.0 / total, 0.0, linear_model.Ridge(tol=1e-12, max_iter=10 ** 5))
                self.assert_coef(model, theirs.coef_, theirs.intercept_, 1e-3)    # theirs is of L-BFGS-B

    def test_a_model_file_from_before_there_was_such_a_thing(self):
        model = self.fit(linear_data(), "lasso")
        del model["fit"]["params"]["positive"]
        (self.directory / "model.json").write_text(json.dumps(model))
        for positive, status in (("false", 0), ("true", 3)):
            done = scoreline_test.execute(["score", "job.json", "--model", "model.json", "-o", "out.h5",
                                           "--set", f"train.params.positive={positive}"], cwd=self.directory)
            self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn("train.params.positive", done.stderr)

    def test_where_none_would_be_negative_nothing_changes(self):
        data = linear_data(scale=1.0)
        free = self.fit(data, "linear_regression")
        data.x = data.x * np.sign(free["coef"][0])
        model = self.fit(data, "linear_regression", positive=True)
        self.assert_coef(model, np.abs(free["coef"][0]), free["intercept"])

    def test_where_all_would_be_negative_all_are_0(self):
        data = linear_data(scale=1.0)
        centred = data.x - data.x.mean(axis=0)
        data.y = data.y.mean() - centred.sum(axis=1)
        data.x = np.column_stack([data.x.sum(axis=1), 2 * data.x.sum(axis=1)])      # and they are collinear
        for kind in ("linear_regression", "ridge", "lasso", "elastic_net"):
            model = self.fit(data, kind, positive=True)
            self.assertEqual(set(model["coef"][0]), {0})
            self.assertTrue(model["fit"]["converged"])

    def test_equal_columns(self):
        data = linear_data(scale=1.0)
        data.x = np.hstack([data.x, data.x[:, :2], 2 * data.x[:, 2:3], -data.x[:, 3:4]])
        model = self.fit(data, "linear_regression", positive=True)
        coef = np.array(model["coef"][0])
        theirs = linear_model.LinearRegression(positive=True).fit(data.x, data.y)
        self.assert_objective(model, squares_objective(data, theirs.coef_, theirs.intercept_, 0.0))
        self.assertGreaterEqual(coef.min(), 0)


def log_objective(data, coef, intercept, C, l1, l2):
    z = data.matrix() @ np.atleast_2d(coef).T + np.atleast_1d(intercept)
    z = np.hstack([np.zeros_like(z), z]) if z.shape[1] == 1 else z
    loss = np.logaddexp.reduce(z, axis=1) - z[np.arange(len(z)), data.y.astype(int)]
    return C * np.sum(weights_of(data) * loss) + l1 * np.abs(coef).sum() + l2 / 2 * np.sum(np.square(coef))


class Penalties(Case):
    def check(self, data, C, penalty, l1_ratio=None, tolerance=1e-4):
        params = {"penalty": penalty, "C": C, **({} if l1_ratio is None else {"l1_ratio": l1_ratio})}
        model = self.fit(data, "logistic_regression", **params)
        theirs = linear_model.LogisticRegression(solver="saga", tol=1e-12, max_iter=20000, **params).fit(
            data.matrix(), data.y, data.weight)
        l1 = {"l1": 1.0, "elasticnet": l1_ratio, "none": 0.0}[penalty]
        l2 = 0.0 if penalty == "none" else 1 - l1
        C = 1.0 if penalty == "none" else C
        self.assert_objective(model, log_objective(data, theirs.coef_, theirs.intercept_, C, l1, l2))
        ours = np.array(model["coef"])
        self.assertLess(abs(log_objective(data, ours, model["intercept"], C, l1, l2)
                            / model["fit"]["objective"] - 1), 1e-10)
        self.assert_coef(model, theirs.coef_, theirs.intercept_, tolerance)
        return model

    def standard(self, **shape):
        data = class_data(**shape)
        data.x = (data.x - data.x.mean(axis=0)) / data.x.std(axis=0)
        return data

    def test_two_classes(self):
        for shape in (dict(), dict(weighted=True)):
            for C in (0.01, 0.1, 10.0):
                data = self.standard(**shape)
                model = self.check(data, C, "l1")
                self.assertEqual(model["fit"]["solver"], "proximal_newton")
                self.check(data, C, "elasticnet", 0.3)
        self.check(self.standard(), 1.0, "none")

    def test_several_classes(self):
        data = self.standard(classes=3, rows=900)
        for C in (0.02, 1.0):
            self.check(data, C, "elasticnet", 0.5)
        self.check(data, 0.02, "l1", tolerance=1e-3)
        self.check(data, 1.0, "none")

    def test_separable_classes(self):
        data = self.standard(separable=True)
        self.check(data, 1.0, "l1", tolerance=1e-3)
        model = self.fit(data, "logistic_regression", penalty="none")
        self.assertFalse(model["fit"]["converged"])
        self.assertIn("without a penalty coefficients grow without end", self.said)

    def test_partly_separable_classes(self):
        data = self.standard()
        data.x[:, 0] = np.where(np.arange(len(data.y)) % 50 == 0, 1.0, 0.0)
        data.y = np.where(data.x[:, 0] == 1, 1, data.y)        # wherever it is 1 the class is 1
        model = self.fit(data, "logistic_regression", penalty="none")
        self.assertFalse(model["fit"]["converged"])
        self.assertIn("without a penalty coefficients grow without end", self.said)
        model = self.fit(data, "logistic_regression")
        self.assertTrue(model["fit"]["converged"])
        self.assertEqual(self.said.count("warning"), 0)


def count_data(seed=11, rows=800, weighted=False, levels=0, mean=3.0):
    random, x, codes = make(seed, rows, 4, 1.0, levels)
    rate = np.exp(0.2 * x[:, 0] - 0.1 * x[:, 1]) * mean / 3
    y = random.poisson(rate + (0 if codes is None else 0.3 * codes))
    return Data(x, y, codes, random.uniform(0, 3, rows) if weighted else None)


def half_deviances(data, coef, intercept):
    z = data.matrix() @ coef + intercept
    y = data.y
    return np.exp(z) - y * z + np.where(y > 0, y * np.log(np.where(y > 0, y, 1)) - y, 0)


def poisson_objective(data, coef, intercept, alpha):
    w = weights_of(data)
    return np.sum(w * half_deviances(data, coef, intercept)) / w.sum() + alpha / 2 * np.sum(coef ** 2)


def poisson_optimum(data, alpha, fit_intercept=True):
    """Newton's method to the last digits: scikit-learn's ends where lbfgs does."""
    x, w = data.matrix(), weights_of(data) / weights_of(data).sum()
    x = np.hstack([x, np.ones((len(x), 1))]) if fit_intercept else x
    pull = np.full(x.shape[1], alpha)
    pull[data.matrix().shape[1]:] = 0
    theta = np.zeros(x.shape[1])
    if fit_intercept:
        theta[-1] = np.log(np.average(data.y, weights=w))
    for _ in range(50):
        mean = np.exp(x @ theta)
        step = np.linalg.solve((x * (w * mean)[:, None]).T @ x + np.diag(pull),
                               x.T @ (w * (mean - data.y)) + pull * theta)
        theta = theta - step * min(1, 1 / np.abs(step).max())
    n = data.matrix().shape[1]
    return theta[:n], theta[n] if fit_intercept else 0.0


class Counts(Case):
    def test_poisson_regressor(self):
        for shape in (dict(), dict(weighted=True), dict(levels=3), dict(mean=0.2)):
            for alpha in (0.01, 1.0):
                data = count_data(**shape)
                model = self.fit(data, "poisson_regressor", alpha=alpha)
                coef, intercept = poisson_optimum(data, alpha)
                self.assert_coef(model, coef, intercept)
                self.assert_objective(model, poisson_objective(data, coef, intercept, alpha))
                theirs = linear_model.PoissonRegressor(alpha=alpha, tol=1e-9, max_iter=10000).fit(
                    data.matrix(), data.y, data.weight)
                self.assert_objective(model, poisson_objective(data, theirs.coef_, theirs.intercept_, alpha))
                self.assert_coef(model, theirs.coef_, theirs.intercept_, 1e-5)

    def test_without_intercept_or_penalty(self):
        data = count_data()
        for params in (dict(fit_intercept=False), dict(alpha=0.0)):
            model = self.fit(data, "poisson_regressor", **params)
            self.assert_coef(model, *poisson_optimum(data, params.get("alpha", 1.0), params.get("fit_intercept", True)))

    def test_exposure_is_a_weight(self):
        """Rates weighted by exposure have the optimum of counts with an offset."""
        data = count_data()
        random = np.random.default_rng(5)
        exposure = random.uniform(0.1, 10, len(data.y))
        counts = random.poisson(np.exp(0.3 * data.x[:, 0]) * exposure)
        rates = Data(data.x, counts / exposure, None, exposure)
        model = self.fit(rates, "poisson_regressor", alpha=0.1)
        self.assert_coef(model, *poisson_optimum(rates, 0.1))

    def test_values_and_deviance(self):
        data = count_data(rows=3000)
        model = self.fit(data, "poisson_regressor", score=True)
        value, label, found = self.values()
        theirs = np.exp(data.matrix() @ np.array(model["coef"][0]) + model["intercept"][0])
        self.assertLess(np.abs(value / theirs - 1).max(), 1e-13)
        self.assertLess(abs(found["deviance"][1] / metrics.mean_poisson_deviance(label, value) - 1), 1e-13)

    def test_what_cannot_be_counts(self):
        data = count_data()
        data.y[3] = -1
        self.fit(data, "poisson_regressor", status=4)
        self.assertIn("the label of training row 3 is -1", self.said)
        data.y[:] = 0
        self.fit(data, "poisson_regressor", status=4)
        self.assertIn("are 0", self.said)


def class_data(seed=21, rows=600, classes=2, columns=5, weighted=False, separable=False, levels=0):
    random, x, codes = make(seed, rows, columns, 1.0, levels)
    margin = x @ random.normal(size=columns) * 0.7
    margin = margin - np.median(margin) + (0 if separable else random.logistic(size=rows))
    y = np.digitize(margin, np.quantile(margin, np.arange(1, classes) / classes))
    return Data(x, y, codes, random.integers(0, 3, rows).astype(float) if weighted else None)


def hinge_objective(data, coef, intercept, C, weights=None):
    w = weights_of(data) if weights is None else weights
    lacking = np.maximum(0, 1 - np.where(data.y > 0, 1, -1) * (data.matrix() @ coef + intercept))
    return C * np.sum(w * lacking ** 2) + 0.5 * (np.sum(coef ** 2) + intercept ** 2)


class Machines(Case):
    def theirs(self, data, **params):
        return svm.LinearSVC(dual=False, tol=1e-12, max_iter=10 ** 6, **params).fit(
            data.matrix(), data.y, data.weight)

    def test_two_classes(self):
        for shape in (dict(), dict(weighted=True), dict(separable=True), dict(levels=3)):
            for C in (0.01, 1.0, 100.0):
                data = class_data(**shape)
                model = self.fit(data, "linear_svc", C=C)
                theirs = self.theirs(data, C=C)
                self.assert_coef(model, theirs.coef_, theirs.intercept_)
                self.assert_objective(model, hinge_objective(data, theirs.coef_[0], theirs.intercept_[0], C))

    def test_parameters(self):
        data = class_data()
        data.y = (data.x[:, 0] > np.quantile(data.x[:, 0], 0.8)).astype(float)      # classes of unequal size
        for params in (dict(fit_intercept=False), dict(intercept_scaling=10.0), dict(class_weight="balanced")):
            model = self.fit(data, "linear_svc", **params)
            theirs = self.theirs(data, **params)
            self.assert_coef(model, theirs.coef_, np.atleast_1d(theirs.intercept_))

    def test_several_classes(self):
        for params in (dict(), dict(class_weight="balanced")):
            data = class_data(classes=4, rows=900)
            data.y[::3] = np.minimum(data.y[::3], 1)
            model = self.fit(data, "linear_svc", score=True, **params)
            theirs = self.theirs(data, **params)
            self.assert_coef(model, theirs.coef_, theirs.intercept_)
            with h5py.File(self.directory / "out.h5") as file:
                shares, predicted = file["predictions/probability"][()], file["predictions/predicted"][()]
            margin = 1 / (1 + np.exp(-theirs.decision_function(data.matrix())))
            self.assertLess(np.abs(shares - margin / margin.sum(axis=1)[:, None]).max(), 1e-6)
            self.assertTrue((predicted == theirs.predict(data.matrix())).all())

    def test_more_columns_than_rows(self):
        data = class_data(rows=40, columns=100)
        model = self.fit(data, "linear_svc")
        theirs = self.theirs(data)
        self.assert_coef(model, theirs.coef_, theirs.intercept_)

    def test_one_class_only(self):
        data = class_data()
        data.y[:] = 1
        self.fit(data, "linear_svc", status=4)
        self.assertIn("one class", self.said)


class Bayes(Case):
    def check(self, data, **params):
        model = self.fit(data, "gaussian_nb", score=True, **params)
        used = weights_of(data) > 0
        theirs = naive_bayes.GaussianNB(**params).fit(
            data.matrix()[used], data.y[used], None if data.weight is None else data.weight[used])
        self.assertLess(np.abs(np.array(model["class_prior"]) - theirs.class_prior_).max(), 1e-14)
        self.assertLess((np.abs(np.array(model["theta"]) - theirs.theta_) / np.abs(theirs.theta_).max(axis=0)).max(), 1e-12)
        self.assertLess((np.abs(np.array(model["var"]) - theirs.var_) / theirs.var_).max(), 1e-9)
        with h5py.File(self.directory / "out.h5") as file:
            found = file["predictions/probability"][()]
        probability = theirs.predict_proba(data.matrix())
        self.assertLess(np.abs(found - (probability if found.ndim > 1 else probability[:, 1])).max(), 1e-8)

    def test_gaussian_nb(self):
        self.check(class_data())
        self.check(class_data(levels=4))
        self.check(class_data(classes=5, weighted=True, rows=1500))
        self.check(class_data(rows=20, columns=60))
        self.check(class_data(), var_smoothing=0.1)

    def test_priors(self):
        self.check(class_data(), priors=[0.9, 0.1])
        self.check(class_data(classes=3, weighted=True, rows=900), priors=[0.5, 0.2, 0.3])
        self.check(class_data(levels=4), priors=[0.25, 0.75], var_smoothing=0.1)
        with np.errstate(divide="ignore"):
            self.check(class_data(classes=3, rows=900), priors=[0.5, 0.0, 0.5])
            self.check(class_data(), priors=[0.0, 1.0])

    def test_priors_that_are_refused(self):
        """Where scikit-learn refuses them as well."""
        data = class_data()
        for priors, status, fault in (([0.5, 0.4], 3, "expected numbers whose sum is 1, got 0.9"),
                                      ([1.5, -0.5], 3, "expected numbers from 0 to 1, got 1.5"),
                                      ([0.5, 0.25, 0.25], 3, "has 3 numbers, but the label has 2 classes"),
                                      (0.5, 3, "expected a list of numbers or null, got a number"),
                                      ([], 3, "expected 1 to 1000 numbers, got 0")):
            self.fit(data, "gaussian_nb", status=status, priors=priors)
            self.assertIn(fault, self.said)
            self.assertIn("train.params.priors", self.said)
            with self.assertRaises(ValueError):
                naive_bayes.GaussianNB(priors=priors).fit(data.x, data.y)

    def test_priors_of_the_job_are_those_of_the_model(self):
        self.fit(class_data(), "gaussian_nb", priors=[0.9, 0.1])
        for priors, status in (("[0.9, 0.1]", 0), ("[0.1, 0.9]", 3), ("null", 3)):
            done = scoreline_test.execute(["score", "job.json", "--model", "model.json", "-o", "out.h5",
                                           "--set", f"train.params.priors={priors}"], cwd=self.directory)
            self.assertEqual(done.returncode, status, done.stderr)
        self.fit(class_data(), "logistic_regression", status=3, C=[1.0])
        self.assertIn("train.params.C: expected a number, got a list", self.said)

    def test_columns_far_from_0(self):
        data = class_data()
        data.x = data.x + 1e6
        self.check(data)

    def test_a_column_without_variance(self):
        data = class_data()
        data.x[:, 2] = np.where(data.y > 0, data.x[:, 2], 4.0)
        self.check(data)
        self.fit(data, "gaussian_nb", status=4, var_smoothing=0.0)
        self.assertIn("one value in all training rows of class 0", self.said)


if __name__ == "__main__":
    unittest.main()
