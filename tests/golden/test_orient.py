#!/usr/bin/python3
"""Head-to-head rows: coins and the columns of a and b recomputed with pandas, their features and the
model against scikit-learn; and the job that ships, who of two players wins.
"""
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import scoreline_test  # noqa: E402
from reference import Recipe, assert_optimal, classifier, coin, group, newton, read_texts  # noqa: E402
from scoreline_test import SOURCE, Case, execute, needs_wta, wta_directory  # noqa: E402

YEARS = range(2000, 2017)
TRAINED = 2015
ORIENT = {"first": "winner_", "second": "loser_", "as": ["a_", "b_"], "label": "a_won",
          "key": ["tourney_id", "match_num"], "seed": 2015}


def orient(f, spec=ORIENT):
    """Rows with the columns of a and b instead of those of winner and loser, and the label."""
    import numpy

    swapped = numpy.array([coin(spec["seed"], *key) for key in zip(*(f[k] for k in spec["key"]))])
    made = {}
    for name in f.columns:
        if name.startswith(spec["first"]):
            rest = name[len(spec["first"]):]
            first, second = f[name], f[spec["second"] + rest]
            made[spec["as"][0] + rest] = first.where(~swapped, second)
            made[spec["as"][1] + rest] = second.where(~swapped, first)
        elif not name.startswith(spec["second"]):
            made[name] = f[name]
    return f.iloc[:, :0].assign(**made, **{spec["label"]: (~swapped).astype(int)})


def number(f, column):
    return f[column].astype(float)


def rank_gap(f):
    import numpy

    return numpy.log(number(f, "b_rank")) - numpy.log(number(f, "a_rank"))


def american(f):
    return (f.a_ioc == "USA").astype(float) - (f.b_ioc == "USA")


FEATURES = [
    {"name": "rank_gap", "expr": "log(b_rank) - log(a_rank)", "missing": "mean",
     "scale": "standard", "indicator": True},
    {"name": "a_age", "missing": "mean"},
    {"name": "american", "expr": "(a_ioc == 'USA') - (b_ioc == 'USA')"},
    {"name": "hand", "categorical": "a_hand", "missing": "level"},
    {"name": "entry", "categorical": "b_entry", "missing": "level", "drop": "first"},
    {"name": "surface", "categorical": "surface", "missing": "level"},
    {"name": "heights", "expr": "a_ht - b_ht", "missing": 0},
]
INPUTS = [rank_gap, lambda f: number(f, "a_age"), american, lambda f: f.a_hand, lambda f: f.b_entry,
          lambda f: f.surface, lambda f: number(f, "a_ht") - number(f, "b_ht")]
# Weighs the label, and so a coin that it is made of.
WEIGHT = "1 + a_won * (b_rank < 100)"


def weight(f):
    rank = number(f, "b_rank")
    return (1 + f.a_won * (rank < 100)).where(rank.notna())


def inputs(f):
    import numpy
    import pandas

    columns = [column(f) for column in INPUTS]
    return pandas.DataFrame({i: c.astype(object).where(c.notna(), None) if c.dtype == object
                             else c.where(numpy.isfinite(c)) for i, c in enumerate(columns)})


def read_output(path):
    import h5py

    with h5py.File(path, "r") as file:
        return ({name: item[()] for name, item in file["predictions"].items()},
                {name: item[()] for name, item in file["metrics"].items()})


class Data(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-golden-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.data = cls.find_data()
        cls.frames = {year: read_texts(f"{cls.data}/wta_matches_{year}.csv") for year in YEARS}
        cls.prepare()

    @classmethod
    def run_job(cls, command, job, out, *options):
        done = execute([command, job, "-o", cls.directory / out, "-q", *options])
        assert done.returncode == 0, done.stderr
        return read_output(cls.directory / out)


class OnMatches:
    @classmethod
    def find_data(cls):
        return wta_directory()


class OnGenerated:
    @classmethod
    def find_data(cls):
        data = cls.directory / "data"
        done = execute(["generate", "--years", f"{YEARS[0]}..{YEARS[-1]}", "--rows", 800,
                        "-o", data])
        assert done.returncode == 0, done.stderr
        return str(data)


# --- any job ----------------------------------------------------------------------------------------

class Oriented(Data):
    @classmethod
    def prepare(cls):
        import pandas

        cls.job = cls.write_job("job.json")
        cls.out, _ = cls.run_job("run", cls.job, "out.h5", "--save-model",
                                 cls.directory / "model.json")
        cls.model = json.loads((cls.directory / "model.json").read_text())
        cls.rows = pandas.concat([orient(cls.frames[year]).assign(year=year) for year in YEARS],
                                 ignore_index=True)
        cls.inputs = inputs(cls.rows)
        cls.weight = weight(cls.rows)
        cls.in_training = ((cls.rows.year == TRAINED) & cls.weight.notna()).values
        cls.recipe = Recipe(FEATURES, cls.inputs[cls.in_training])
        cls.design = cls.recipe.transform(cls.inputs)

    @classmethod
    def write_job(cls, name, **changes):
        job = {"data": {"root": cls.data, "path": "wta_matches_{year}.csv",
                        "partitions": {"year": f"{YEARS[0]}..{YEARS[-1]}"}},
               "orient": ORIENT, "features": FEATURES, "label": "a_won", "weight": WEIGHT,
               "train": {"partitions": {"year": TRAINED}, "estimator": "logistic_regression"},
               "output": {"keep": ["winner_name", {"column": "match_num", "as": "int64"}]}, **changes}
        (cls.directory / name).write_text(json.dumps(job))
        return cls.directory / name

    def test_labels(self):
        import numpy

        numpy.testing.assert_array_equal(self.out["label"], self.rows.a_won)
        self.assertAlmostEqual(self.rows.a_won.mean(), 0.5, delta=0.02)

    def test_features(self):
        """By the probabilities that the model's coefficients give them."""
        import numpy

        self.assertEqual(self.model["columns"], self.recipe.columns())
        made = classifier(self.model["coef"], self.model["intercept"], [0, 1])
        numpy.testing.assert_allclose(self.out["probability"], made.predict_proba(self.design)[:, 1],
                                      rtol=0, atol=1e-12)
        numpy.testing.assert_array_equal(self.out["predicted"], made.predict(self.design))

    def test_one_feature_at_a_time(self):
        """What the model says of a row tells the feature, if there is but one."""
        import numpy

        for i in (0, 1, 6):
            with self.subTest(feature=FEATURES[i]["name"]):
                feature = {**FEATURES[i], "missing": 0, "scale": "none", "indicator": False}
                job = self.write_job("one.json", features=[feature], weight="1")
                found, _ = self.run_job("run", job, f"{i}.h5", "--save-model",
                                        self.directory / f"model{i}.json")
                model = json.loads((self.directory / f"model{i}.json").read_text())
                p = found["probability"].astype(numpy.longdouble)
                margin = numpy.log(p) - numpy.log1p(-p)
                coef, intercept = model["coef"][0][0], model["intercept"][0]
                values = self.inputs[i].fillna(0).values
                # A margin is known as well as its probability is.
                slack = 4e-16 / (p * (1 - p)) + 1e-15 * abs(margin)
                off = abs(margin - intercept - coef * values) / slack
                self.assertLess(off.max(), 4)

    def test_coefficients(self):
        coef, intercept = newton(self.design[self.in_training],
                                 self.out["label"][self.in_training], 1.0,
                                 self.weight[self.in_training].values)
        assert_optimal(self.model, coef, intercept)
        self.assertEqual(self.model["fit"]["rows"], self.in_training.sum())

    def test_model_knows_how_to_orient(self):
        self.assertEqual(self.model["recipe"]["orient"], ORIENT)
        (self.directory / "bare.json").write_text(json.dumps(
            {"data": json.loads(self.job.read_text())["data"]}))
        found, _ = self.run_job("score", self.directory / "bare.json", "bare.h5", "--model",
                                self.directory / "model.json")
        for name in ("label", "probability"):
            self.assertEqual(found[name].tobytes(), self.out[name].tobytes())

    def all_columns(self, options):
        """The features of "all columns but some": of a pair both, in the names of a and b; what they
        are is found in the values of both."""
        import pandas

        f = self.frames[TRAINED]
        features = []
        for name in f.columns:
            _, is_first, rest = name.partition("winner_")
            if name.startswith("loser_"):
                continue
            if not is_first:
                features += group(f[[name]], options, [])
                continue
            names = [name, f"loser_{rest}", f"a_{rest}", f"b_{rest}"]
            if not set(names) & set(options["all_except"]):
                both = pandas.concat([f[name], f[f"loser_{rest}"]]).to_frame(rest)
                like = group(both, options, [])
                features += [{**one, **{option: who + rest for option in ("name", "categorical")
                                        if option in one}}
                             for who in ("a_", "b_") for one in like]
        return features

    def test_all_columns(self):
        import pandas

        options = {"all_except": ["tourney_id", "winner_id", "loser_seed", "score", "minutes",
                                  "a_name", "tourney_name"],
                   "categorical": ["draw_size"], "missing": "median", "indicator": True,
                   "scale": "standard"}
        job = self.write_job("all.json", features=options, weight="1")
        found, _ = self.run_job("run", job, "all.h5", "--save-model",
                                self.directory / "model-all.json")
        model = json.loads((self.directory / "model-all.json").read_text())
        features = self.all_columns(options)
        self.assertEqual([f["name"] for f in model["recipe"]["features"]],
                         [f["name"] for f in features])
        columns = {i: self.rows[feature["name"]] for i, feature in enumerate(features)}
        rows = pandas.DataFrame({
            i: column.astype(object).where(column.notna(), None) if "categorical" in features[i]
            else column.astype(float) for i, column in columns.items()})
        in_training = (self.rows.year == TRAINED).values
        recipe = Recipe(features, rows[in_training])
        self.assertEqual(model["columns"], recipe.columns())
        design = recipe.transform(rows)
        coef, intercept = newton(design[in_training], found["label"][in_training], 1.0)
        assert_optimal(model, coef, intercept)
        made = classifier(model["coef"], model["intercept"], [0, 1])
        self.assertLess(abs(found["probability"] - made.predict_proba(design)[:, 1]).max(), 1e-12)

    def test_seeds(self):
        import numpy

        for seed in (0, 1, -1, 2**53 - 1, -2**53 + 1):
            for key in (["match_num"], ["year", "winner_name", "tourney_id"]):
                spec = {**ORIENT, "seed": seed, "key": key}
                job = self.write_job("seed.json", orient=spec, output={},
                                     score={"partitions": {"year": [2015, 2003]}})
                found, _ = self.run_job("run", job, "seed.h5", "--if-exists", "replace")
                expected = [orient(self.frames[year].assign(year=str(year)), spec).a_won
                            for year in (2003, 2015)]
                numpy.testing.assert_array_equal(found["label"], numpy.concatenate(expected))

    def test_rows_and_columns_in_another_order(self):
        """The coin is the row's, wherever it stands."""
        import numpy

        random = numpy.random.default_rng(3)
        moved = self.directory / "moved"
        moved.mkdir()
        years = (2003, 2015)
        orders = []
        for year in years:
            f = self.frames[year]
            orders.append(random.permutation(len(f)))
            f.iloc[orders[-1], random.permutation(f.shape[1])].to_csv(
                moved / f"wta_matches_{year}.csv", index=False, quoting=year % 2)
        found, _ = self.run_job(
            "score", self.job, "moved.h5", "--model", self.directory / "model.json", "--set",
            f"data.root={moved}", "--set", f"data.partitions.year={json.dumps(years)}")
        before, after = 0, 0
        year_of = self.rows.year.values
        for year, order in zip(years, orders):
            rows = numpy.flatnonzero(year_of == year)[order]
            after = before + len(order)
            for name in ("label", "probability", "match_num"):
                numpy.testing.assert_array_equal(found[name][before:after], self.out[name][rows])
            self.assertEqual([text.rstrip(b"\0") for text in found["winner_name"][before:after]],
                             [text.rstrip(b"\0") for text in self.out["winner_name"][rows]])
            before = after

    def test_ranks_and_cuts(self):
        done = execute(["run", self.job, "-o", self.directory / "ranks.h5", "-q", "--set",
                        "score.chunk_bytes=50000"], ranks=2)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(scoreline_test.differences(self.directory / "out.h5",
                                                    self.directory / "ranks.h5"), [])


@needs_wta
class OrientedOnMatches(OnMatches, Oriented):
    def test_first_coins(self):
        """As they were when the format was made."""
        begin = (self.rows.year == TRAINED).idxmax()
        self.assertEqual(self.out["label"][begin:begin + 8].tolist(), [1, 1, 1, 0, 1, 0, 1, 1])


class OrientedOnGenerated(OnGenerated, Oriented):
    pass


class Keys(Case):
    """The coin reads texts as they stand, quotes taken off."""

    KEYS = ["1", "01", " 1", "1.0", "", "NA", '"a,b"', '"say ""no"""', "Š", '"a\nb"', "a\tb", '"1"',
            '""']

    def test_texts(self):
        import h5py

        (self.directory / "data").mkdir()
        plain = [key[1:-1].replace('""', '"') if key.startswith('"') else key for key in self.KEYS]
        expected = []
        for year in (2000, 2001):
            lines = ["k,w_x,l_x,m"]
            for i in range(20):
                for key, text in zip(self.KEYS, plain):
                    lines.append(f"{key},{i + 1},{20 - i},{i}")
                    expected.append(int(not coin(7, text, str(i))))
            (self.directory / f"data/m_{year}.csv").write_text("\n".join(lines))
        job = self.job(
            data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                  "partitions": {"year": [2000, 2001]}},
            orient={"first": "w_", "second": "l_", "as": ["p.", "q."], "label": "won",
                    "key": ["k", "m"], "seed": 7},
            features=[{"name": "gap", "expr": "`p.x` - `q.x`"}], label="won", output={})
        done = execute(["run", job, "-o", self.directory / "out.h5"])
        self.assert_exit(done, 0)
        with h5py.File(self.directory / "out.h5") as file:
            self.assertEqual(file["predictions/label"][()].tolist(), expected)

    def test_weight_of_columns_that_nothing_else_reads(self):
        """Once the model is there, the weight and its columns are gone."""
        done = self.run_job(weight="1 + (a_w < b_w) * y")
        self.assert_exit(done, 0)
        weighted = read_output(self.directory / "out.h5")[0]["probability"]
        self.assert_exit(self.run_job(), 0)
        plain = read_output(self.directory / "out.h5")[0]["probability"]
        self.assertTrue((weighted != plain).any())

    def run_job(self, **changes):
        (self.directory / "data").mkdir(exist_ok=True)
        (self.directory / "data/m_2001.csv").write_text(
            "k,w_x,l_x,w_only,y,w_w,l_w\n"
            + "".join(f"{i},{i},{50 - i},1,{i % 2},{i % 7},{i % 5}\n" for i in range(50)))
        settings = {"data": {"root": str(self.directory / "data"), "path": "m_{year}.csv",
                             "partitions": {"year": [2001]}},
                    "orient": {"first": "w_", "second": "l_", "key": ["k"]},
                    "features": [{"name": "gap", "expr": "a_x - b_x"}], "label": "a_won",
                    "output": {}, **changes}
        return execute(["run", self.job(**settings), "-o", self.directory / "out.h5", "--if-exists",
                        "replace"])

    def test_names_that_tell_who_came_first(self):
        self.assert_exit(self.run_job(features=["w_x"]), 3, "'w_x'", "'a_x'", "'b_x'")
        self.assert_exit(self.run_job(features=[{"name": "x", "expr": "a_x + l_x"}]), 3, "'l_x'")
        self.assert_exit(self.run_job(features=["a_won"]), 3, "'a_won'")
        self.assert_exit(self.run_job(
            features=[{"name": "c", "categorical": "w_x"}]), 3, "'w_x'")

    def test_columns_that_the_file_lacks(self):
        self.assert_exit(self.run_job(features=["a_only"]), 4, "m_2001.csv", "'l_only'")
        self.assert_exit(self.run_job(features=["b_y"]), 4, "m_2001.csv", "'w_y'")
        self.assert_exit(self.run_job(
            orient={"first": "w_", "second": "l_", "key": ["kk"]}), 4, "'kk'", "'k'")
        self.assert_exit(self.run_job(output={"keep": ["a_x"]}), 4, "'a_x'")

    def test_own_names_are_kept(self):
        self.assert_exit(self.run_job(output={"keep": ["w_x", "l_x"]}), 0)
        out, _ = read_output(self.directory / "out.h5")
        self.assertEqual([int(text.rstrip(b"\0")) for text in out["w_x"]], list(range(50)))

    def test_prefixes_that_begin_alike(self):
        for names in ({"as": ["w", "b_"]}, {"as": ["a_", "a_b"]}, {"label": "w_on"}):
            self.assert_exit(self.run_job(
                orient={"first": "w_", "second": "l_", "key": ["k"], **names}), 3, "$.orient")


# --- who wins ---------------------------------------------------------------------------------------

def points_of(f, who):
    unranked = (f.tourney_level != "D") * 50.0
    return number(f, f"{who}_rank_points").fillna(unranked)


def who_wins(f):
    """The features of the job as pandas has them."""
    import numpy

    def rank(who):
        return numpy.log(number(f, f"{who}_rank").fillna(1500))

    def qualified(who):
        return (f[f"{who}_entry"] == "Q").astype(float)

    return numpy.column_stack([
        numpy.log1p(points_of(f, "a")) - numpy.log1p(points_of(f, "b")),
        rank("b") - rank("a"),
        qualified("a") - qualified("b"),
        ((number(f, "a_ht") - number(f, "b_ht")) / 10).fillna(0)])


class WhoWins(Data):
    job = SOURCE / "jobs/wta-who-wins.json"

    @classmethod
    def prepare(cls):
        import numpy
        from sklearn.linear_model import LogisticRegression

        cls.out, cls.metrics = cls.run_job("run", cls.job, "who.h5", "--set",
                                           f"data.root={cls.data}", "--save-model",
                                           cls.directory / "who.json")
        cls.model = json.loads((cls.directory / "who.json").read_text())
        rows = [orient(cls.frames[year]) for year in YEARS]
        cls.year = numpy.repeat(list(YEARS), [len(f) for f in rows])
        cls.design = numpy.concatenate([who_wins(f) for f in rows])
        cls.y = numpy.concatenate([f.a_won for f in rows])
        cls.in_training = cls.year == TRAINED
        x, y = cls.design[cls.in_training], cls.y[cls.in_training]
        cls.sklearn = LogisticRegression(solver="newton-cholesky", fit_intercept=False, tol=1e-10,
                                         max_iter=1000).fit(x, y)
        cls.by_rank = LogisticRegression(solver="newton-cholesky", fit_intercept=False,
                                         tol=1e-10).fit(x[:, 1:2], y)

    def test_rows(self):
        import numpy

        numpy.testing.assert_array_equal(self.out["label"], self.y)
        self.assertTrue((self.out["status"] == 0).all())
        self.assertEqual(self.model["columns"],
                         ["points_gap", "rank_gap", "qualifier", "height_gap"])

    def test_coefficients(self):
        import numpy

        coef, _ = newton(self.design[self.in_training], self.y[self.in_training], 1.0,
                         fit_intercept=False)
        assert_optimal(self.model, coef, 0)
        self.assertEqual(self.model["intercept"], [0])
        numpy.testing.assert_allclose(self.model["coef"], self.sklearn.coef_, rtol=1e-6)

    def test_probabilities(self):
        import numpy

        made = classifier(self.model["coef"], self.model["intercept"], [0, 1])
        numpy.testing.assert_allclose(self.out["probability"], made.predict_proba(self.design)[:, 1],
                                      rtol=0, atol=1e-12)
        # Of two players who differ in nothing a is to win.
        numpy.testing.assert_array_equal(self.out["predicted"], self.out["probability"] >= 0.5)
        differs = made.decision_function(self.design) != 0
        numpy.testing.assert_array_equal(self.out["predicted"][differs],
                                         made.predict(self.design[differs]))
        numpy.testing.assert_allclose(self.out["probability"],
                                      self.sklearn.predict_proba(self.design)[:, 1], atol=1e-8)

    def test_whoever_is_called_a(self):
        """With other coins the model is the same, and what was P is 1 - P."""
        import numpy

        found, _ = self.run_job("run", self.job, "other.h5", "--set", f"data.root={self.data}",
                                "--set", "orient.seed=-7", "--save-model",
                                self.directory / "other.json")
        other = json.loads((self.directory / "other.json").read_text())
        numpy.testing.assert_allclose(other["coef"], self.model["coef"], rtol=1e-9)
        swapped = found["label"] != self.out["label"]
        self.assertAlmostEqual(swapped.mean(), 0.5, delta=0.02)
        p = found["probability"]
        numpy.testing.assert_allclose(numpy.where(swapped, 1 - p, p), self.out["probability"],
                                      rtol=0, atol=1e-10)

    def measured(self, made, columns=slice(None)):
        """AUC and log loss by year of a model of scikit-learn's."""
        from sklearn.metrics import log_loss, roc_auc_score

        p = made.predict_proba(self.design[:, columns])[:, 1]
        return {year: (roc_auc_score(self.y[self.year == year], p[self.year == year]),
                       log_loss(self.y[self.year == year], p[self.year == year]))
                for year in YEARS}

    def of_year(self, year):
        i = self.metrics["scope"].tolist().index(str(year).encode())
        return self.metrics["roc_auc"][i], self.metrics["log_loss"][i]

    def test_as_good_as_sklearn(self):
        for year, (auc, loss) in self.measured(self.sklearn).items():
            with self.subTest(year=year):
                found_auc, found_loss = self.of_year(year)
                self.assertGreaterEqual(found_auc, auc - 0.001)
                self.assertLessEqual(found_loss, loss + 0.001)


@needs_wta
class WhoWinsOnMatches(OnMatches, WhoWins):
    def test_better_than_rank_alone(self):
        for year, (auc, loss) in self.measured(self.by_rank, slice(1, 2)).items():
            with self.subTest(year=year):
                found_auc, found_loss = self.of_year(year)
                self.assertGreater(found_auc, auc)
                self.assertLess(found_loss, loss)

    def test_known_metrics(self):
        known = {"accuracy": 0.667945, "log_loss": 0.602708, "roc_auc": 0.735601, "brier": 0.208179}
        i = self.metrics["scope"].tolist().index(b"held_out")
        self.assertEqual(self.metrics["rows"][i], 45646)
        for name, value in known.items():
            self.assertAlmostEqual(self.metrics[name][i], value, delta=5e-7)


class WhoWinsOnGenerated(OnGenerated, WhoWins):
    pass


del Case, Data, Oriented, WhoWins  # not tests themselves

if __name__ == "__main__":
    scoreline_test.main("pandas", "sklearn", "scipy")
