#!/usr/bin/python3
"""Learning curves through the whole program: the same bytes for any number of ranks, interrupted or
not; the scores of scikit-learn for the same rows; what stands where results go; wrong jobs."""
import csv
import json
import math
import os
import pathlib
import random
import signal
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from reference import hash_of, sample_key  # noqa: E402
from scoreline_test import ENVIRONMENT, PROGRAM, Case, execute, main  # noqa: E402

SECTION = {"train_sizes": [0.1, 60, 1], "n_splits": 3, "n_repeats": 2, "random_state": 7}
FEATURES = [{"name": "x", "missing": "mean", "scale": "standard"},
            {"name": "z", "missing": "median", "scale": "standard"},
            {"name": "kind", "categorical": "kind", "missing": "level"}]


def curve_key(random_state, repeat, drawing, key):
    """As docs/learning-curve.md has it."""
    return hash_of(struct.pack("<qqqQ", random_state, repeat, drawing, key))


class Curve(Case):
    def setUp(self):
        super().setUp()
        (self.directory / "data").mkdir()
        rng = random.Random(3)
        self.rows = {}
        for year in range(2000, 2004):
            rows = []
            for _ in range(150):
                x, z = rng.gauss(2, 3), rng.gauss(0, 1)
                kind = rng.choice("abc" if year < 2003 else "abcd")
                margin = 0.4 * x - z + {"a": -1, "b": 0, "c": 1, "d": 0}[kind]
                rows.append({"x": f"{x:.6f}" if rng.random() > 0.1 else "",
                             "z": f"{z:.6f}" if rng.random() > 0.1 else "",
                             "kind": kind if rng.random() > 0.05 else "",
                             "y": str(int(rng.random() < 1 / (1 + math.exp(-margin)))),
                             "number": f"{margin + rng.gauss(0, 1):.6f}"})
            self.rows[year] = rows
            with open(self.directory / "data" / f"m_{year}.csv", "w", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)

    def make(self, section=None, **changes):
        return self.job(**{"features": FEATURES, "label": "y",
                           "train": {"partitions": {"year": "2001..2002"},
                                     "estimator": "logistic_regression", "params": {"C": 0.5}},
                           "output": {"journal_after": 0},
                           "learning_curve": {**SECTION, **(section or {})}, **changes})

    def measure(self, job, *arguments, name="curve.json", **options):
        path = self.directory / name
        done = execute(["learning-curve", job, "-o", path, *arguments], **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(path.read_text()), done


class Scores(Curve):
    """Against scikit-learn, the rows drawn again by the documented rule."""

    def keyed(self, years):
        return [(sample_key(0, str(year), i), row) for year in years
                for i, row in enumerate(self.rows[year])]

    def draws(self, pool, judges, of_job, sizes, section):
        """(repeat, fold, train rows, test rows) in the order of the program's fits."""
        state, n_splits = section["random_state"], section["n_splits"]
        for repeat in range(section["n_repeats"]):
            dealt = sorted(judges, key=lambda row: curve_key(state, repeat, 0, row[0]))
            for fold in range(n_splits):
                test = dealt[fold::n_splits]
                out = {key for key, _ in test}
                order = sorted((row for row in pool if row[0] not in out),
                               key=lambda row: curve_key(state, repeat, fold + 1, row[0]))
                for size in sizes:
                    yield repeat, fold, order[:size], test
                yield repeat, fold, [row for row in of_job if row[0] not in out], test

    @staticmethod
    def table(rows):
        import numpy as np
        import pandas as pd

        table = pd.DataFrame([row for _, row in rows]).replace("", np.nan)
        table["kind"] = table["kind"].fillna("(missing)")
        return table.astype({"x": float, "z": float, "y": int, "number": float})

    @staticmethod
    def pipeline(estimator):
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        return make_pipeline(ColumnTransformer([
            ("x", make_pipeline(SimpleImputer(strategy="mean"), StandardScaler()), ["x"]),
            ("z", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["z"]),
            ("kind", OneHotEncoder(handle_unknown="ignore"), ["kind"])]), estimator)

    def compare(self, result, draws, estimator, label, scorer):
        import warnings

        draws = list(draws)
        self.assertEqual(len(result["fits"]), len(draws))
        for fit, (repeat, fold, train, test) in zip(result["fits"], draws):
            self.assertEqual((fit["repeat"], fit["fold"], fit["train_size"]),
                             (repeat, fold, len(train)))
            train, test = self.table(train), self.table(test)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = self.pipeline(estimator).fit(train, train[label])
                self.assertAlmostEqual(fit["training"], scorer(model, train, train[label]), delta=1e-6)
                self.assertAlmostEqual(fit["validation"], scorer(model, test, test[label]), delta=1e-6)

    def logistic(self):
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=0.5, solver="newton-cholesky", tol=1e-12, max_iter=1000)

    def test_folds_of_what_is_trained_on(self):
        from sklearn.metrics import get_scorer

        pool = self.keyed((2001, 2002))
        for scoring in ("neg_log_loss", "accuracy", "roc_auc", "neg_brier_score"):
            result, _ = self.measure(self.make({"scoring": scoring}), "--if-exists", "replace")
            self.assertEqual([p["train_size"] for p in result["points"]], [20, 60, 200])
            self.compare(result, self.draws(pool, pool, pool, (20, 60, 200), SECTION),
                         self.logistic(), "y", get_scorer(scoring))
            self.assertTrue(result["job_subset"]["is_all"])

    def test_other_partitions(self):
        from sklearn.metrics import get_scorer

        section = {"scoring": "neg_log_loss", "partitions": {"year": "2000..2002"},
                   "validate_on": {"year": 2003}, "train_sizes": [50, 1]}
        result, _ = self.measure(self.make(section, train={
            "partitions": {"year": 2001}, "estimator": "logistic_regression", "params": {"C": 0.5}}))
        # The job's rows are read first: that is their order, but nothing that is drawn.
        pool, judges = self.keyed((2001, 2000, 2002)), self.keyed((2003,))
        self.compare(result, self.draws(pool, judges, self.keyed((2001,)), (50, 450), SECTION),
                     self.logistic(), "y", get_scorer("neg_log_loss"))
        self.assertEqual((result["n_rows"], result["n_rows_validated"]), (450, 150))
        self.assertEqual(sorted(result["partitions"]), ["2000", "2001", "2002"])
        self.assertEqual(result["validated_on"], ["2003"])
        self.assertEqual(result["job_subset"]["train_size"], 150)
        self.assertFalse(result["job_subset"]["is_all"])

    def test_numbers(self):
        from sklearn.linear_model import Ridge
        from sklearn.metrics import get_scorer

        pool = self.keyed((2001, 2002))
        job = {"label": "number", "train": {"partitions": {"year": "2001..2002"},
                                            "estimator": "ridge", "params": {"alpha": 2.0}}}
        for scoring in ("default", "neg_root_mean_squared_error", "neg_mean_absolute_error",
                        "neg_mean_squared_error"):
            result, _ = self.measure(self.make({"scoring": scoring}, **job), "--if-exists", "replace")
            self.compare(result, self.draws(pool, pool, pool, (20, 60, 200), SECTION),
                         Ridge(alpha=2.0, solver="cholesky"), "number",
                         get_scorer("r2" if scoring == "default" else scoring))

    def test_what_is_summed_up(self):
        import numpy as np

        result, _ = self.measure(self.make({"scoring": "neg_log_loss"}))
        n = len(result["points"]) + 1
        for s, point in enumerate(result["points"] + [result["job_subset"]]):
            for side in ("training", "validation"):
                scores = np.array([fit[side] for fit in result["fits"][s::n]])
                self.assertEqual(len(scores), point["n_fits"])
                for name in ("mean", "std", "min", "max"):
                    self.assertAlmostEqual(point[side][name], getattr(scores, name)(), places=12)
        largest = np.array([fit["validation"] for fit in result["fits"][n - 2::n]])
        answer = result["answer"]
        self.assertAlmostEqual(answer["standard_error"], largest.std(ddof=1) / math.sqrt(3), places=12)
        self.assertAlmostEqual(answer["threshold"], largest.mean() - answer["standard_error"], places=12)
        flat = [p["train_size"] for p in result["points"]]
        while len(flat) > 1 and result["points"][len(flat) - 2]["validation"]["mean"] >= answer["threshold"]:
            flat.pop()
        self.assertEqual(answer["flattens_at"], flat[-1])

    def test_a_sample_of_the_job(self):
        """The job trains on a sample; sizes are drawn from all rows."""
        pool = self.keyed((2001, 2002))
        for sample, n in (({"rows": 120}, 120),
                          ({"fraction": 0.3}, sum(key < 0.3 * 2**64 for key, _ in pool))):
            result, _ = self.measure(self.make(train={
                "partitions": {"year": "2001..2002"}, "estimator": "logistic_regression",
                "sample": sample}), "--if-exists", "replace")
            self.assertEqual(result["n_rows"], 300)
            self.assertEqual(result["job_subset"]["n_rows"], n)
            self.assertFalse(result["job_subset"]["is_all"])


class Ranks(Curve):
    def test_ranks_change_nothing(self):
        job = self.make()
        texts = []
        for ranks in (0, 1, 2, 3):
            files = [self.directory / f"{ranks}.{ending}" for ending in ("json", "svg")]
            done = execute(["learning-curve", job, "-o", files[0], "-o", files[1]], ranks=ranks)
            self.assertEqual(done.returncode, 0, done.stderr)
            texts.append([file.read_bytes() for file in files] + [done.stdout.encode()])
            self.assertFalse((self.directory / f"{ranks}.json.parts").exists())
        for other in texts[1:]:
            self.assertEqual(texts[0], other)
        root = ElementTree.fromstring(texts[0][1])
        self.assertEqual(root.find("{http://www.w3.org/2000/svg}title").text, "Learning curve of small")

    def test_rows_judge_by_what_they_are(self):
        """Not by the order in which partitions are read, or by how they are split over files."""
        one, _ = self.measure(self.make({"partitions": {"year": [2001, 2002]}}))
        other, _ = self.measure(self.make({"partitions": {"year": [2002, 2001]}}), name="other.json")
        for a, b in zip(one["fits"], other["fits"]):
            self.assertAlmostEqual(a["validation"], b["validation"], places=12)

    def stop(self, job, path, ranks, number, after):
        """Start, send a signal when the journal has so many bytes; the exit code."""
        command = [PROGRAM, "learning-curve", str(job), "-o", str(path)]
        if ranks:
            command = ["mpirun", "-n", str(ranks), *command]
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        parts = pathlib.Path(str(path) + ".parts")
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            journals = list(parts.glob("*.journal")) if parts.exists() else []
            if sum(os.path.getsize(j) for j in journals if j.exists()) > after:
                break
            time.sleep(0.005)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def test_stopped_and_resumed(self):
        job = self.make({"n_repeats": 100, "train_sizes": [0.2, 0.4, 0.6, 0.8, 1]})
        whole, _ = self.measure(job, name="whole.json", ranks=2)
        for ranks, then in ((0, 2), (2, 3), (3, 0)):
            path = self.directory / f"stopped-{ranks}.json"
            code, out, err = self.stop(job, path, ranks, signal.SIGUSR1, 2000)
            self.assertEqual(code, 75, err)
            self.assertRegex(err, r"\d+ of 1800 fits are done; run the same command again to go on")
            self.assertEqual(out, "")
            self.assertFalse(path.exists())
            done = execute(["learning-curve", job, "-o", path], ranks=then)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, r"[1-9]\d* of 1800 fits were made by an earlier run")
            self.assertEqual(path.read_bytes(), (self.directory / "whole.json").read_bytes())
            self.assertFalse(pathlib.Path(str(path) + ".parts").exists())

    def test_killed_and_resumed(self):
        job = self.make({"n_repeats": 100, "train_sizes": [0.2, 0.4, 0.6, 0.8, 1]})
        whole, _ = self.measure(job, name="whole.json")
        path = self.directory / "killed.json"
        self.stop(job, path, 0, signal.SIGKILL, 20000)
        done = execute(["learning-curve", job, "-o", path])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("fits were made by an earlier run", done.stderr)
        self.assertEqual(path.read_bytes(), (self.directory / "whole.json").read_bytes())


class Results(Curve):
    def test_what_is_there_is_left(self):
        job = self.make()
        path, picture = self.directory / "curve.json", self.directory / "curve.svg"
        self.measure(job)
        before = path.stat().st_mtime_ns
        done = execute(["learning-curve", job, "-o", path])
        self.assert_exit(done, 0, "already there and complete")
        self.assertEqual(path.stat().st_mtime_ns, before)
        # A picture of it takes no fit.
        done = execute(["learning-curve", job, "-o", path, "-o", picture])
        self.assert_exit(done, 0)
        self.assertNotIn("fits", done.stderr)
        self.assertIn("in validation", done.stdout)
        ElementTree.parse(picture)
        drawn = picture.read_bytes()
        picture.unlink()
        done = execute(["learning-curve", job, "-o", picture])
        self.assert_exit(done, 0, "fits")
        self.assertEqual(picture.read_bytes(), drawn)

    def test_hdf5(self):
        import h5py
        import numpy as np

        job, tables = self.make({"train_sizes": [4, 0.5, 1]}), self.directory / "curve.h5"
        result, _ = self.measure(job, "-o", tables, ranks=2)
        with h5py.File(tables) as file:
            self.assertEqual(json.loads(file["provenance/result"][()]), result)
            self.assertEqual(file.attrs["fingerprint"].decode() if isinstance(file.attrs["fingerprint"], bytes)
                             else file.attrs["fingerprint"], result["fingerprint"])
            points = result["points"] + [result["job_subset"]]
            self.assertEqual(list(file["points/train_size"]), [p["train_size"] for p in points])
            self.assertEqual(list(file["points/of_job"]), [0, 0, 0, 1])
            np.testing.assert_array_equal(file["points/validation"], [p["validation"]["mean"] for p in points])
            np.testing.assert_array_equal(file["points/training_std"], [p["training"]["std"] for p in points])
            for name in ("repeat", "fold", "train_size", "of_job", "training", "validation", "converged"):
                np.testing.assert_array_equal(
                    file["fits"][name], np.array([fit[name] for fit in result["fits"]], float))
        tables.unlink()
        done = execute(["learning-curve", job, "-o", self.directory / "curve.json", "-o", tables])
        self.assert_exit(done, 0)
        self.assertNotIn("fits", done.stderr)
        self.assert_exit(execute(["learning-curve", job, "-o", tables]), 0, "already there and complete")
        tables.write_bytes(b"no HDF5")
        self.assert_exit(execute(["learning-curve", job, "-o", tables]), 6, "exists and is no")

    def test_what_is_of_another_job_is_refused(self):
        path, picture = self.directory / "curve.json", self.directory / "curve.svg"
        self.measure(self.make(), "-o", picture)
        other = self.make({"random_state": 8})
        for where in (path, picture):
            done = execute(["learning-curve", other, "-o", where])
            self.assert_exit(done, 6, "exists, made by another job or from other inputs")
            done = execute(["learning-curve", other, "-o", where, "--if-exists", "replace"])
            self.assert_exit(done, 0)
        picture.write_text("<svg/>")
        self.assert_exit(execute(["learning-curve", other, "-o", picture]), 6, "exists and is no")
        path.write_text("{")
        self.assert_exit(execute(["learning-curve", other, "-o", path]), 6, "exists and is no")

    def test_outputs_of_a_run_do_not_depend_on_the_section(self):
        plain = self.job(features=FEATURES, label="y", output={})
        out = self.directory / "out.h5"
        self.assert_exit(execute(["run", plain, "-o", out]), 0)
        with_section = self.job(features=FEATURES, label="y", output={}, learning_curve=SECTION)
        self.assert_exit(execute(["run", with_section, "-o", out]), 0, "already there and complete")

    def test_without_output(self):
        done = execute(["learning-curve", self.make()], ranks=2, cwd=self.directory)
        self.assert_exit(done, 0)
        self.assertIn("rows       training", done.stdout)
        self.assertEqual({p.name for p in self.directory.iterdir()}, {"data", "job.json"})

    def test_quiet(self):
        done = execute(["learning-curve", self.make(), "-q", "-o", self.directory / "c.json"])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_failures_are_told(self):
        """Of four rows often all are of one class."""
        result, done = self.measure(self.make({"train_sizes": [4, 200], "n_repeats": 10}))
        n_failed = result["points"][0]["n_failed"]
        self.assertGreater(n_failed, 0)
        self.assertEqual(result["n_failed"], n_failed)
        self.assertIn("all 4 training rows are of class", result["first_failure"])
        self.assertIn(f"{n_failed} of 90 fits could not be made", " ".join(done.stdout.split()))
        failed = [fit for fit in result["fits"] if fit["validation"] is None]
        self.assertEqual(len(failed), n_failed)

    def test_scores_that_are_not_defined_are_failures(self):
        """There are four rows of the third class: not in every fold, nor in every ten rows."""
        for rows in self.rows.values():
            for i, row in enumerate(rows):
                row["label"] = "rare" if i < 2 else row["y"]
        for year, rows in self.rows.items():
            with open(self.directory / "data" / f"m_{year}.csv", "w", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)
        section = {"scoring": "roc_auc", "train_sizes": [10, 1], "n_splits": 10}
        result, done = self.measure(self.make(section, label="label"), ranks=2)
        self.assertGreater(result["points"][1]["n_failed"], 0)
        self.assertIn("roc_auc of the rows that judge is not defined", json.dumps(result))
        for point in result["points"]:
            scores = [fit["validation"] for fit in result["fits"]
                      if fit["train_size"] == point["train_size"] and not fit["of_job"]]
            self.assertEqual(sum(score is None for score in scores), point["n_failed"])

    def test_dry_run(self):
        done = execute(["learning-curve", self.make(), "--dry-run", "--json"], ranks=2)
        self.assert_exit(done, 0)
        plan = json.loads(done.stdout)
        self.assertEqual((plan["rows"], plan["n_splits"], plan["partitions"]),
                         (300, 3, ["2001", "2002"]))
        done = execute(["learning-curve", self.make({"partitions": {"year": 2000}}), "--dry-run"])
        self.assert_exit(done, 0)
        self.assertIn("judged on   2000", done.stdout)

    def test_progress_says_how_many(self):
        job = self.make({"n_repeats": 300})
        done = execute(["learning-curve", job, "--progress", "plain"],
                       environment={"SCORELINE_PROGRESS_S": "0.01"})
        self.assert_exit(done, 0)
        self.assertRegex(done.stderr, r"learning curve.*fits")


class Faults(Curve):
    def refuse(self, code, section, *texts, ranks=0, **changes):
        done = execute(["learning-curve", self.make(section, **changes)], ranks=ranks)
        self.assertEqual(done.returncode, code, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)
        self.assertEqual(done.stderr.count("scoreline: "), 1, done.stderr)

    def test_wrong_jobs(self):
        self.refuse(3, {"train_sizes": [201]}, "201 rows are asked for, and 200 is the most", ranks=2)
        self.refuse(3, {"train_sizes": [2.5]}, "$.learning_curve.train_sizes[0]",
                    "beyond 1 it is a number of rows")
        self.refuse(3, {"train_sizes": [0]}, "$.learning_curve.train_sizes[0]")
        self.refuse(3, {"train_sizes": []}, "$.learning_curve.train_sizes")
        self.refuse(3, {"n_splits": 1}, "$.learning_curve.n_splits")
        self.refuse(3, {"splits": 5}, "unknown key 'splits', did you mean 'n_splits'?")
        self.refuse(3, {"validate_on": {"year": 2002}}, "$.learning_curve.validate_on",
                    "'2002' is trained on too")
        self.refuse(3, {"validate_on": {"year": 1999}}, "'1999' is not among data.partitions.year")
        self.refuse(3, {"partitions": {"month": 1}}, "unknown partition key 'month'")
        self.refuse(3, {"scoring": "r2"}, "$.learning_curve.scoring",
                    "'r2' judges numbers, and 'logistic_regression' predicts classes")
        self.refuse(3, {"scoring": "neg_mean_poisson_deviance"}, "is for estimators of counts",
                    label="number", train={"partitions": {"year": 2001}, "estimator": "ridge"})
        self.refuse(3, {}, "train.sample.stratify", train={
            "partitions": {"year": 2001}, "estimator": "logistic_regression",
            "sample": {"rows": 5, "stratify": True}})

    def test_wrong_data(self):
        self.refuse(4, {}, "nothing to train on", label="if(x > 1e9, 1, coalesce(number, x) / 0)", ranks=2)
        self.refuse(4, {"n_splits": 1000}, "cannot be dealt to 1000 folds", ranks=2)
        (self.directory / "data" / "m_2003.csv").unlink()
        self.refuse(4, {"validate_on": {"year": 2003}}, "m_2003.csv", ranks=2)

    def test_wrong_command_lines(self):
        job = self.make()
        for arguments, text in ((["-o", "curve.png"], "'curve.png': the ending says what is written"),
                                (["-o", "a.json", "-o", "a.json"], "would be two outputs"),
                                (["-o", "a.json", "--summary", "a.json"], "both the output and the summary"),
                                (["-o", "absent/a.json"], "absent")):
            done = execute(["learning-curve", job, *arguments], ranks=2, cwd=self.directory)
            self.assertIn(done.returncode, (2, 6), done.stderr)
            self.assertIn(text, done.stderr)
        self.assertEqual({p.name for p in self.directory.iterdir()}, {"data", "job.json"})


if __name__ == "__main__":
    main("numpy", "sklearn", "pandas")
