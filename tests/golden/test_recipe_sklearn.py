#!/usr/bin/python3
"""Levels, weights and samples in whole runs against scikit-learn's OneHotEncoder, SimpleImputer and
StandardScaler, and the optimum in long double: columns, coefficients, probabilities, predictions.

The public matches have levels in other years that 2015 has not; the generated ones are spoilt here:
blanks around levels, levels missing, levels in quotes.
"""
import csv
import io
import itertools
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import scoreline_test  # noqa: E402
from reference import (Recipe, are_usable, assert_optimal, balanced,  # noqa: E402
                       classifier, group, newton, read_texts, sample, sample_key)
from scoreline_test import Case, execute, needs_wta, wta_directory  # noqa: E402

YEARS = (2000, 2003, 2006, 2007, 2008, 2012, 2013, 2014, 2015, 2016)


def number(f, column):
    return f[column].astype(float)


def log_ratio(f):
    import numpy

    return numpy.log(number(f, "winner_rank_points")) - numpy.log(number(f, "loser_rank_points"))


def ages(f):
    return number(f, "winner_age") - number(f, "loser_age")


def is_taller(f):
    heights = number(f, "winner_ht") - number(f, "loser_ht")
    return (heights > 0).astype(float).where(heights.notna())


def is_clay(f):
    return (f.surface == "Clay").astype(float).where(f.surface.notna())


def weight_by_age(f):
    """Some rows weigh nothing, and a few are not said to weigh anything."""
    age = number(f, "loser_age")
    return ((age - 12) * (f.winner_hand == "R")).where(f.winner_hand.notna() & (age < 33))


def levels(name, column=None, **options):
    return {"name": name, "categorical": column or name, "missing": "level", **options}


POINTS = {"name": "points", "expr": "log(winner_rank_points) - log(loser_rank_points)",
          "missing": "mean", "scale": "standard", "indicator": True}
AGES = {"name": "ages", "expr": "winner_age - loser_age", "missing": "median", "scale": "standard"}
RANK = {"name": "winner_rank", "missing": 150, "indicator": True}
SIZE = {"name": "size", "expr": "sqrt(draw)", "missing": "mean", "scale": "standard"}
NUMBERS = {"points": log_ratio, "ages": ages, "winner_rank": lambda f: number(f, "winner_rank"),
           "size": lambda f: number(f, "draw_size")**0.5}
TALLER = {"label": "winner_ht - loser_ht > 0", "truth": is_taller}

JOBS = {
    "levels": {**TALLER, "features": [
        levels("surface"), levels("tourney_level"), levels("round", missing="drop_row"),
        levels("hand", "winner_hand", missing="error"), levels("entry", "winner_entry")]},
    "mixed": {**TALLER, "params": {"C": 0.3}, "features": [
        POINTS, levels("surface", missing="drop_row"), RANK, levels("round"), AGES,
        levels("entry", "loser_entry"), levels("winner_ioc"), levels("draw_size")]},
    "first": {**TALLER, "features": [
        levels("surface", drop="first"), levels("entry", "winner_entry", drop="first"), POINTS,
        levels("tourney_level", drop="first", handle_unknown="ignore")]},
    # Others count as a level, which may be the one that has no column.
    "named": {**TALLER, "features": [
        levels("surface", handle_unknown="Clay"), levels("tourney_level", handle_unknown="I"),
        levels("round", missing="drop_row", handle_unknown="F", drop="first"), AGES,
        levels("entry", "winner_entry", handle_unknown="Q", max_levels=5)]},
    "trimmed": {**TALLER, "features": [
        levels("surface", trim=True), levels("tourney_level", trim=False), RANK,
        levels("hand", "winner_hand", trim=True, drop="first")]},
    # A column may be levels and a number, under the name of the levels, too.
    "twice": {"label": "surface == 'Clay'", "truth": is_clay, "features": [
        levels("draw", "draw_size"), SIZE, levels("best_of"), POINTS, levels("round")]},
    "weighted": {**TALLER, "weight": "if(loser_age < 33, (loser_age - 12) * (winner_hand == 'R'), log(0))",
                 "weights": weight_by_age,
                 "features": [POINTS, levels("surface"), AGES, levels("tourney_level")]},
    "balanced": {"label": "surface == 'Clay'", "truth": is_clay,
                 "params": {"class_weight": "balanced", "C": 3},
                 "features": [RANK, levels("round"), levels("tourney_level"), AGES]},
    "balanced_weighted": {
        "label": "surface == 'Clay'", "truth": is_clay, "params": {"class_weight": "balanced"},
        "weight": "if(loser_age < 33, (loser_age - 12) * (winner_hand == 'R'), log(0))",
        "weights": weight_by_age, "features": [POINTS, levels("round"), levels("tourney_level")]},
    "through_origin": {**TALLER, "params": {"fit_intercept": False}, "features": [
        POINTS, levels("surface"), levels("round", drop="first")]},
    "by_fraction": {**TALLER, "sample": {"fraction": 0.37, "seed": 11}, "trained": (2012, 2015),
                    "features": [POINTS, levels("surface"), levels("entry", "winner_entry"), RANK]},
    "by_rows": {**TALLER, "sample": {"rows": 600, "seed": -5}, "trained": (2013, 2014, 2015),
                "features": [POINTS, levels("tourney_level"), levels("winner_ioc"), AGES]},
    "by_class": {"label": "surface == 'Clay'", "truth": is_clay, "trained": (2014, 2015),
                 "sample": {"rows": 701, "seed": 2**40, "stratify": True},
                 "features": [POINTS, levels("round"), RANK]},
    "by_class_fraction": {"label": "surface == 'Clay'", "truth": is_clay, "trained": (2015, 2012),
                          "sample": {"fraction": 0.25, "stratify": True},
                          "weight": "loser_age - 14", "params": {"class_weight": "balanced"},
                          "weights": lambda f: number(f, "loser_age") - 14,
                          "features": [levels("round"), RANK, AGES]},
    # All columns but these, those of the label, and those that say nothing.
    "grouped": {**TALLER, "params": {"C": 0.2}, "features": {
        "all_except": ["tourney_id", "winner_id", "loser_id", "winner_seed", "loser_seed", "score",
                       "minutes"],
        "categorical": ["draw_size", "best_of"], "max_levels": 70, "missing": "mean",
        "scale": "standard", "indicator": True}, "is_read": ["winner_ht", "loser_ht"]},
    "grouped_first": {"label": "surface == 'Clay'", "truth": is_clay, "trained": (2013, 2015),
                      "weight": "winner_ht", "weights": lambda f: number(f, "winner_ht"),
                      "features": {
                          "all_except": ["tourney_id", "tourney_name", "winner_id", "loser_id",
                                         "winner_seed", "loser_seed", "score", "minutes", "loser_ht",
                                         "tourney_date"],
                          "max_levels": 20, "missing": "median", "scale": "standard",
                          "drop": "first"},
                      "is_read": ["surface", "winner_ht"]},
    "sampled_whole": {**TALLER, "sample": {"rows": 1000000, "seed": 3},
                      "features": [POINTS, levels("surface")]},
}


def spoil(path, year):
    """Blanks around levels, levels missing in other years than 2015 and in it, quotes."""
    rows = list(csv.reader(io.StringIO(path.read_text())))
    names = rows[0]
    surface, level, hand, ioc, rounds = map(
        names.index, ("surface", "tourney_level", "winner_hand", "winner_ioc", "round"))
    for i, row in enumerate(rows[1:]):
        if i % 17 == 3 and year != 2015:
            row[surface] = ("", "NA")[i % 2]
        elif i % 5 == 1:
            row[surface] = (" {}", "{}  ", "\t{} ")[i % 3].format(row[surface])
        if i % 11 == 4:
            row[level] += " "
        if i % 13 == 5:
            row[hand] = f" {row[hand]}"
        if i % 19 == 7:
            row[ioc] = ("", "NA", 'A "B"', "Côte d'Or, Est")[i % 4]
        if i % 23 == 9:
            row[rounds] = ""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue())


class Checks(unittest.TestCase):
    """One job on one data set; subclasses name them."""

    job = None

    @classmethod
    def setUpClass(cls):
        import h5py

        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-golden-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.data = cls.find_data()
        cls.spec = JOBS[cls.job]
        cls.trained = cls.spec.get("trained", (2015,))
        cls.write_job()
        done = execute(["run", cls.directory / "job.json", "-o", cls.directory / "out.h5",
                        "--save-model", cls.directory / "model.json", "-q"])
        assert done.returncode == 0, done.stderr
        cls.model = json.loads((cls.directory / "model.json").read_text())
        with h5py.File(cls.directory / "out.h5", "r") as file:
            cls.out = {name: item[()] for name, item in file["predictions"].items()}
        cls.prepare()

    @classmethod
    def write_job(cls):
        train = {"partitions": {"year": sorted(cls.trained)}, "estimator": "logistic_regression",
                 "params": cls.spec.get("params", {})}
        if "sample" in cls.spec:
            train["sample"] = cls.spec["sample"]
        job = {"name": cls.job,
               "data": {"root": cls.data, "path": "wta_matches_{year}.csv",
                        "partitions": {"year": list(YEARS)}},
               "features": cls.spec["features"], "label": cls.spec["label"], "train": train}
        if "weight" in cls.spec:
            job["weight"] = cls.spec["weight"]
        (cls.directory / "job.json").write_text(json.dumps(job))

    @classmethod
    def inputs_of(cls, f):
        """One column a feature."""
        import numpy
        import pandas

        columns = {}
        for i, feature in enumerate(cls.features):
            if "categorical" not in feature:
                name = feature["name"]
                values = NUMBERS[name](f) if name in NUMBERS else number(f, name)
                columns[i] = values.where(numpy.isfinite(values))
            else:
                texts = f[feature["categorical"]]
                texts = texts.str.strip(" \t") if feature.get("trim") else texts
                columns[i] = texts.astype(object).where(
                    texts.notna() & ~texts.isin(["", "NA"]), None)
        return pandas.DataFrame(columns)

    @classmethod
    def prepare(cls):
        """Inputs of every row, the rows that are to be trained on, and the recipe they make."""
        import numpy
        import pandas

        frames = {year: read_texts(f"{cls.data}/wta_matches_{year}.csv") for year in YEARS}
        cls.features = cls.spec["features"]
        if "is_read" in cls.spec:
            cls.features = group(pandas.concat([frames[year] for year in cls.trained]),
                                 cls.features, cls.spec["is_read"])
        cls.inputs = pandas.concat([cls.inputs_of(frames[year]) for year in YEARS],
                                   ignore_index=True)
        cls.y = numpy.concatenate([cls.spec["truth"](frames[year]) for year in YEARS])
        cls.year = numpy.repeat(YEARS, [len(frames[year]) for year in YEARS])
        cls.record = numpy.concatenate([numpy.arange(len(frames[year])) for year in YEARS])
        cls.weight = numpy.ones(len(cls.y))
        if "weight" in cls.spec:
            cls.weight = numpy.concatenate([cls.spec["weights"](frames[year]) for year in YEARS])
        cls.is_scored = are_usable(cls.features, cls.inputs)
        cls.in_training = (numpy.isin(cls.year, cls.trained) & cls.is_scored
                           & ~numpy.isnan(cls.y) & ~numpy.isnan(cls.weight))
        cls.take_sample()
        cls.recipe = Recipe(cls.features, cls.inputs[cls.in_training])
        cls.design = cls.recipe.transform(cls.inputs)

    @classmethod
    def take_sample(cls):
        import numpy

        spec = cls.spec.get("sample")
        if spec is None:
            return
        rows = numpy.flatnonzero(cls.in_training)
        keys = [sample_key(spec.get("seed", 0), str(cls.year[i]), int(cls.record[i])) for i in rows]
        rows = rows[sample(keys, cls.y[rows], spec.get("rows"), spec.get("fraction"),
                           spec.get("stratify", False))]
        cls.in_training[:] = False
        cls.in_training[rows] = True

    def test_columns(self):
        self.assertEqual(self.model["columns"], self.recipe.columns())
        self.assertEqual(self.model["fit"]["rows"], self.in_training.sum())

    def test_labels_and_status(self):
        import numpy

        numpy.testing.assert_array_equal(self.out["label"],
                                         numpy.where(numpy.isnan(self.y), -1, self.y))
        numpy.testing.assert_array_equal(self.out["status"], numpy.where(self.is_scored, 0, 1))

    def test_coefficients(self):
        params = self.spec.get("params", {})
        y = self.out["label"][self.in_training]
        weight = self.weight[self.in_training]
        if params.get("class_weight") == "balanced":
            weight = weight * balanced(y)
        coef, intercept = newton(self.design[self.in_training], y, params.get("C", 1.0), weight,
                                 params.get("fit_intercept", True))
        assert_optimal(self.model, coef, intercept)
        self.assertTrue(self.model["fit"]["converged"])
        self.assertEqual(self.model["classes"], ["0", "1"])

    def test_probabilities(self):
        import numpy

        made = classifier(self.model["coef"], self.model["intercept"], [0, 1])
        design = self.design[self.is_scored]
        self.assertTrue(numpy.isnan(self.out["probability"][~self.is_scored]).all())
        numpy.testing.assert_allclose(self.out["probability"][self.is_scored],
                                      made.predict_proba(design)[:, 1], rtol=0, atol=1e-12)
        self.assertTrue((self.out["predicted"][~self.is_scored] == -1).all())
        numpy.testing.assert_array_equal(self.out["predicted"][self.is_scored],
                                         made.predict(design))

    def test_recipe_numbers(self):
        """What fitting learned of numbers is learned from the rows trained on alone."""
        for i, feature in enumerate(self.model["recipe"]["features"]):
            if "categorical" in feature:
                self.assertEqual(feature["levels"],
                                 [level for level in self.recipe.levels[i] if level is not None])
                continue
            steps = self.recipe.pipeline.named_transformers_[str(i)]
            self.assertAlmostEqual(feature["fill"], steps[0].statistics_[0],
                                   delta=1e-13 * abs(feature["fill"]))
            if "mean" in feature:
                self.assertAlmostEqual(feature["mean"], steps[1].mean_[0],
                                       delta=1e-12 * feature["std"])
                self.assertAlmostEqual(feature["std"], steps[1].scale_[0],
                                       delta=1e-12 * feature["std"])


class OnMatches(Checks):
    @classmethod
    def find_data(cls):
        return wta_directory()


class OnGenerated(Checks):
    @classmethod
    def find_data(cls):
        data = cls.directory / "data"
        done = execute(["generate", "--years", f"{YEARS[0]}..{YEARS[-1]}", "--rows", 900,
                        "-o", data])
        assert done.returncode == 0, done.stderr
        for year in YEARS:
            spoil(data / f"wta_matches_{year}.csv", year)
        return str(data)


class Refused(Case):
    """What is an error, in training or in scoring, and what the message names."""

    def run_levels(self, texts, **options):
        """Year 2001 is trained on, 2000 scored as well; the level is the only feature."""
        (self.directory / "data").mkdir(exist_ok=True)
        for year, levels_of in texts.items():
            lines = [f"{level},{i % 3 % 2}" for i, level in enumerate(levels_of)]
            (self.directory / f"data/m_{year}.csv").write_text("\n".join(["level,y", *lines, ""]))
        job = self.job(features=[{"name": "kind", "categorical": "level", **options}], label="y",
                       data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                             "partitions": {"year": [2000, 2001]}}, output={})
        return execute(["run", job, "-o", self.directory / "out.h5", "--if-exists", "replace"])

    def test_unknown_level(self):
        texts = {2001: "abcabcab", 2000: "abzc"}
        done = self.run_levels(texts, handle_unknown="error")
        self.assert_exit(done, 4, "m_2000.csv", "line 4", "'kind'", "'z'")
        self.assert_exit(self.run_levels(texts), 0)

    def test_missing_counts_as_unknown_where_training_missed_none(self):
        texts = {2001: "abcabcab", 2000: ["a", "NA", "c"]}
        done = self.run_levels(texts, handle_unknown="error", missing="level")
        self.assert_exit(done, 4, "m_2000.csv", "line 3", "'kind'")
        self.assert_exit(self.run_levels(texts, missing="level"), 0)

    def test_missing_is_known_where_training_missed_some(self):
        done = self.run_levels({2001: [*"abcabc", "", "NA"], 2000: ["a", "NA", "c"]},
                               handle_unknown="error", missing="level")
        self.assert_exit(done, 0)

    def test_missing_level(self):
        texts = {2001: [*"abca", "NA"], 2000: "abc"}
        self.assert_exit(self.run_levels(texts), 4, "m_2001.csv", "line 6", "'kind'")
        texts = {2001: "abcabcab", 2000: ["a", "", "c"]}
        self.assert_exit(self.run_levels(texts), 4, "m_2000.csv", "line 3", "'kind'")
        self.assert_exit(self.run_levels(texts, missing="drop_row"), 0)

    def test_named_level_that_training_lacks(self):
        done = self.run_levels({2001: "abcabcab", 2000: "abc"}, handle_unknown="d")
        self.assert_exit(done, 4, "'kind'", "'d'")

    def test_too_many_levels(self):
        texts = {2001: "abcabcabde", 2000: "abc"}
        self.assert_exit(self.run_levels(texts, max_levels=4), 4, "'kind'", "5 levels",
                         "max_levels 4")
        self.assert_exit(self.run_levels(texts, max_levels=5), 0)

    def test_negative_weight(self):
        self.data()
        job = self.job(weight="if(a < 20, -1, 1)")
        done = execute(["run", job])
        self.assert_exit(done, 4, "m_2001.csv", "weight is -1")


class SampledFiles(Case):
    """Records are counted through all files of a partition, bad ones among them, blank lines not;
    only those that can be trained on are candidates."""

    def write(self):
        import numpy

        random = numpy.random.default_rng(8)
        (self.directory / "data").mkdir()
        self.partitions, self.records, self.x, self.y = [], [], [], []
        for day in ("07", "08"):
            record = 0
            for part in ("a", "b", "c"):
                lines = ["x,y"]
                for i in range(120):
                    x, y = repr(float(random.normal())), str(random.integers(0, 3))
                    kind = random.integers(0, 12)
                    line = {0: f"{x},", 1: x, 2: f"NA,{y}", 3: f'"{x}\n",{y}'}.get(kind, f"{x},{y}")
                    lines += [line] + [""] * int(kind == 4)
                    if kind > 3:
                        self.partitions.append(day)
                        self.records.append(record)
                        self.x.append(float(x))
                        self.y.append(y)
                    record += 1
                (self.directory / f"data/m_{day}{part}.csv").write_text("\n".join([*lines, ""]))

    def check_sample(self, **spec):
        import numpy

        model = self.directory / "model.json"
        job = self.job(
            data={"root": str(self.directory / "data"), "path": "m_{day}*.csv",
                  "partitions": {"day": "07..08"}},
            features=[{"name": "x", "missing": "drop_row", "scale": "standard"}], label="y > 0",
            train={"partitions": "all", "estimator": "logistic_regression", "sample": spec,
                   "bad_rows": {"policy": "reject", "max_fraction": 1}}, output={})
        self.assert_exit(execute(["train", job, "-o", model, "--if-exists", "replace"]), 0)
        model = json.loads(model.read_text())
        y = numpy.array([text != "0" for text in self.y])
        keys = [sample_key(spec.get("seed", 0), day, record)
                for day, record in zip(self.partitions, self.records)]
        chosen = sample(keys, y, spec.get("rows"), spec.get("fraction"), spec.get("stratify", False))
        x = numpy.array(self.x)[chosen]
        self.assertEqual(model["fit"]["rows"], chosen.sum())
        feature = model["recipe"]["features"][0]
        self.assertAlmostEqual(feature["mean"], x.mean(), delta=1e-13)
        self.assertAlmostEqual(feature["std"], x.std(), delta=1e-13)
        assert_optimal(model, *newton(((x - x.mean()) / x.std())[:, None], y[chosen], 1.0))

    def test_samples(self):
        self.write()
        for spec in ({"rows": 100}, {"rows": 101, "stratify": True, "seed": 6}, {"fraction": 0.3},
                     {"fraction": 1}, {"fraction": 0.21, "stratify": True, "seed": -1}):
            with self.subTest(sample=spec):
                self.check_sample(**spec)


for job, base in itertools.product(JOBS, (OnMatches, OnGenerated)):
    name = "".join(part.title() for part in job.split("_")) + base.__name__
    made = type(name, (base,), {"job": job, "__module__": __name__})
    globals()[name] = needs_wta(made) if base is OnMatches else made
del Case, Checks, OnMatches, OnGenerated, base, made  # not tests themselves

if __name__ == "__main__":
    scoreline_test.main("pandas", "sklearn", "scipy")
