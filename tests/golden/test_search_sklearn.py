#!/usr/bin/python3
"""A search against scikit-learn's GridSearchCV over a Pipeline of SimpleImputer, StandardScaler and
the estimator: the same best candidate, every score of every split to 1e-6, on the public matches and
on made-up rows."""
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[i] / name)
                for i, name in ((1, "support"), (1, "bench"))]
from scoreline_test import Case, execute, main, needs_wta, wta_directory  # noqa: E402

C = [10.0**k for k in range(-3, 3)]
TOL = 1e-6


class SearchCase(Case):
    def search(self, job, *options):
        path = self.directory / "search.json"
        path.write_text(json.dumps(job))
        done = execute(["search", path, "-o", self.directory / "result.json", "--if-exists",
                        "replace", *options], ranks=2)
        self.assert_exit(done, 0)
        return json.loads((self.directory / "result.json").read_text())

    def assert_same(self, result, theirs):
        """Candidates in the same order, all scores, ranks where means are apart, and the best."""
        import numpy

        found = theirs.cv_results_
        n_splits = len(result["splits"])
        self.assertEqual(len(result["candidates"]), len(found["params"]))
        for i, candidate in enumerate(result["candidates"]):
            self.assertEqual(list(candidate["params"].values()), list(found["params"][i].values()))
            split = [found[f"split{s}_test_score"][i] for s in range(n_splits)]
            numpy.testing.assert_allclose(candidate["split_test_scores"], split, rtol=0, atol=TOL)
            self.assertAlmostEqual(candidate["mean_test_score"], found["mean_test_score"][i], delta=TOL)
            self.assertAlmostEqual(candidate["std_test_score"], found["std_test_score"][i], delta=TOL)
        means = numpy.sort(found["mean_test_score"])
        if len(means) > 1 and means[-1] - means[-2] > 2 * TOL:
            self.assertEqual(result["best"]["candidate"], theirs.best_index_)
        self.assertGreaterEqual(found["mean_test_score"][result["best"]["candidate"]], means[-1] - TOL)


@needs_wta
class Matches(SearchCase):
    """The features of the shipped job, filled and scaled, judged by folds and by years."""

    def check(self, years, cv, theirs_cv, scoring, by_year):
        import numpy
        from search_sklearn import arrays, grid_search, make_job

        data = pathlib.Path(wta_directory())
        job = make_job(data, list(years), cv, C)
        job["search"]["scoring"] = scoring
        x, y, year = arrays(data, years)
        theirs = grid_search(C, theirs_cv, jobs=1).set_params(scoring=scoring)
        theirs.fit(x, y, groups=year if by_year else None)
        result = self.search(job)
        self.assertEqual(result["rows"], len(y))
        self.assertGreater(numpy.isnan(x).sum(), 0)
        self.assert_same(result, theirs)

    def test_folds(self):
        from sklearn.model_selection import KFold

        for scoring in ("neg_log_loss", "roc_auc", "accuracy", "neg_brier_score"):
            with self.subTest(scoring=scoring):
                self.check([2015], {"n_splits": 10}, KFold(10), scoring, False)

    def test_years(self):
        from sklearn.model_selection import LeaveOneGroupOut

        self.check(range(2011, 2016), {"method": "leave_one_out", "by": "year"},
                   LeaveOneGroupOut(), "neg_log_loss", True)


class MadeUp(SearchCase):
    """Rows with gaps, levels, three classes, counts, weights."""

    N = 600

    def make(self, seed=3):
        import numpy

        rng = numpy.random.default_rng(seed)
        n = self.N
        self.x = rng.normal(size=(n, 3)) * [1, 20, 0.1] + [0, 5, 0]
        self.gaps = self.x.copy()
        self.gaps[rng.random((n, 3)) < 0.1] = numpy.nan
        self.kind = rng.integers(0, 4, n)
        drive = self.x @ [1, 0.05, 3] + 0.5 * (self.kind == 1)
        self.two = (drive + rng.normal(size=n) > 0.3).astype(int)
        self.three = numpy.digitize(drive + rng.normal(size=n), [-0.5, 0.8])
        self.value = drive + rng.normal(size=n)
        self.count = rng.poisson(numpy.exp(0.4 * drive))
        self.write()

    def write(self):
        import numpy

        lines = ["x0,x1,x2,kind,two,three,value,count"]
        for i in range(self.N):
            cells = ["" if numpy.isnan(v) else repr(float(v)) for v in self.gaps[i]]
            lines.append(",".join([*cells, f"k{self.kind[i]}", str(self.two[i]),
                                   str(self.three[i]), repr(float(self.value[i])),
                                   str(self.count[i])]))
        (self.directory / "rows.csv").write_text("\n".join(lines) + "\n")

    def settings(self, label, estimator, search, params=None):
        features = [{"name": f"x{i}", "missing": "median", "scale": "standard"} for i in range(3)]
        features.append({"name": "kind", "categorical": "kind"})
        return {"name": "made-up", "data": {"root": str(self.directory), "path": "rows.csv"},
                "features": features, "label": label,
                "train": {"partitions": "all", "estimator": estimator, "params": params or {}},
                "search": search}

    def theirs(self, model, grid, scoring, y, cv=None):
        import numpy
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import SimpleImputer
        from sklearn.model_selection import GridSearchCV, KFold
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        numbers = Pipeline([("impute", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
        ready = ColumnTransformer([("numbers", numbers, [0, 1, 2]),
                                   ("kind", OneHotEncoder(handle_unknown="ignore"), [3])])
        pipe = Pipeline([("ready", ready), ("model", model)])
        x = numpy.column_stack([self.gaps, self.kind])
        grid = {f"model__{key}": values for key, values in grid.items()}
        return GridSearchCV(pipe, grid, cv=cv or KFold(5), scoring=scoring, n_jobs=1).fit(x, y)

    def test_stratified_folds(self):
        """What GridSearchCV takes for a classifier where cv is a number; rows come class by class, or are rare."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(solver="newton-cg", tol=1e-8, max_iter=100)
        for label, n_splits, change in (("two", 5, None), ("three", 7, None), ("three", 4, "sorted"), ("two", 6, "rare")):
            self.make(seed=n_splits)
            y = getattr(self, label)
            if change == "sorted":
                y[:] = sorted(y, reverse=True)
            if change == "rare":
                y[:] = 0
                y[[5, 6, 7, 300, 420, 421, 422, 598]] = 1
            self.write()
            search = {"params": {"C": [0.1, 1.0]}, "scoring": "neg_log_loss",
                      "cv": {"method": "stratified_kfold", "n_splits": n_splits}}
            result = self.search(self.settings(label, "logistic_regression", search))
            self.assert_same(result, self.theirs(model, {"C": [0.1, 1.0]}, "neg_log_loss", y, n_splits))

    def test_stratified_folds_that_cannot_be(self):
        self.make()
        search = {"cv": {"method": "stratified_kfold", "n_splits": 5}}
        for label, estimator, change, status, fault in (
                ("value", "ridge", {}, 3, "'stratified_kfold' is for classes, and 'ridge' predicts numbers"),
                ("two", "logistic_regression", {"n_splits": 599}, 4, "599 folds are more than any class has rows"),
                ("two", "logistic_regression", {"by": "year"}, 3, "is for the methods that leave out values")):
            job = self.settings(label, estimator, {"cv": {**search["cv"], **change}})
            path = self.directory / "search.json"
            path.write_text(json.dumps(job))
            done = execute(["search", path, "-o", self.directory / "none.json"])
            self.assert_exit(done, status)
            self.assertIn(fault, done.stderr)

    def test_estimators(self):
        from sklearn.linear_model import Lasso, LogisticRegression, PoissonRegressor, Ridge

        self.make()
        tight = {"tol": 1e-10, "max_iter": 100000}
        alpha = [0.01, 0.1, 1, 10, 100]
        for estimator, label, y, model, grid, scoring in (
                ("logistic_regression", "two", self.two, LogisticRegression(solver="newton-cholesky", **tight),
                 {"C": C}, "neg_log_loss"),
                ("logistic_regression", "three", self.three, LogisticRegression(solver="newton-cg", tol=1e-8, max_iter=100),
                 {"C": C}, "neg_log_loss"),
                ("logistic_regression", "three", self.three, LogisticRegression(solver="newton-cg", tol=1e-8, max_iter=100),
                 {"C": C}, "accuracy"),
                ("ridge", "value", self.value, Ridge(), {"alpha": alpha}, "r2"),
                ("ridge", "value", self.value, Ridge(), {"alpha": alpha, "fit_intercept": [True, False]},
                 "neg_root_mean_squared_error"),
                ("lasso", "value", self.value, Lasso(**tight), {"alpha": alpha}, "neg_mean_absolute_error"),
                ("lasso", "value", self.value, Lasso(**tight), {"alpha": alpha}, "neg_mean_squared_error"),
                ("poisson_regressor", "count", self.count,
                 PoissonRegressor(solver="newton-cholesky", **tight), {"alpha": alpha},
                 "neg_mean_poisson_deviance")):
            with self.subTest(estimator=estimator, label=label, scoring=scoring):
                job = self.settings(label, estimator, {"params": grid, "scoring": scoring})
                self.assert_same(self.search(job), self.theirs(model, grid, scoring, y))

    def test_defaults_judge_as_score_does(self):
        from sklearn.linear_model import LogisticRegression, Ridge

        self.make(4)
        for estimator, label, y, model in (
                ("logistic_regression", "two", self.two, LogisticRegression(tol=1e-10)),
                ("ridge", "value", self.value, Ridge())):
            with self.subTest(estimator=estimator):
                job = self.settings(label, estimator, {})
                self.assert_same(self.search(job), self.theirs(model, {}, None, y))

    def test_weights(self):
        """Scores with sample_weight, which GridSearchCV does not hand on."""
        import numpy
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
        from sklearn.model_selection import KFold

        self.make(5)
        job = self.settings("two", "logistic_regression", {"params": {"C": C}})
        job.update(weight="abs(value)", features=[{"name": "x0", "missing": 0}, {"name": "x2", "missing": 0}])
        x = numpy.nan_to_num(self.gaps[:, [0, 2]])
        weight = abs(self.value)
        judges = {"neg_log_loss": lambda y, p, w: -log_loss(y, p, sample_weight=w),
                  "roc_auc": lambda y, p, w: roc_auc_score(y, p, sample_weight=w),
                  "neg_brier_score": lambda y, p, w: -brier_score_loss(y, p, sample_weight=w),
                  "accuracy": lambda y, p, w: numpy.average((p > 0.5) == y, weights=w)}
        for scoring, judge in judges.items():
            job["search"]["scoring"] = scoring
            result = self.search(job)
            for candidate, c in zip(result["candidates"], C):
                for score, (train, test) in zip(candidate["split_test_scores"], KFold(5).split(x)):
                    model = LogisticRegression(C=c, tol=1e-10, solver="newton-cholesky")
                    model.fit(x[train], self.two[train], sample_weight=weight[train])
                    p = model.predict_proba(x[test])[:, 1]
                    self.assertAlmostEqual(score, judge(self.two[test], p, weight[test]), delta=TOL)


if __name__ == "__main__":
    main("numpy", "sklearn", "pandas")
