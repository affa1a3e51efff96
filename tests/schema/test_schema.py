#!/usr/bin/python3
"""docs/job.schema.json is what the program's own tables say, and it accepts a job if and only if the
program does: shipped jobs, jobs that use every key, and more than a thousand of them with one fault.

A schema sees one value at a time.  What only the program can say stands in BEYOND, each with a job
that shows it; anything else on which the two differ is a failure."""
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import SOURCE, main  # noqa: E402

JUDGE = os.environ.get("SCORELINE_JOB_SCHEMA", str(SOURCE / "build/bin/job_schema"))
SCHEMA = SOURCE / "docs/job.schema.json"

# Every key there is, and every form that a value may take; features in the other form below.
FULL = {
    "name": "full", "description": "all keys",
    "data": {"root": "d", "path": "{region}/m_{year}.csv",
             "partitions": {"region": ["north", "south"], "year": "1998..2003"},
             "missing": ["", "NA"], "delimiter": ";", "quote": "'", "max_field_bytes": 4096,
             "max_record_bytes": "16MiB", "missing_partitions": "skip"},
    "orient": {"first": "winner_", "second": "loser_", "as": ["a_", "b_"], "label": "a_won",
               "key": ["tourney", "num"], "seed": 2015},
    "features": ["age", {"name": "gap", "expr": "b - a", "missing": "mean", "scale": "standard"},
                 {"name": "n", "missing": 0.5, "indicator": True},
                 {"name": "surface", "categorical": "court", "missing": "level", "drop": "first",
                  "handle_unknown": "Clay", "max_levels": 9, "trim": True},
                 {"name": "hand", "categorical": "a_hand"}],
    "label": "a > b", "weight": "sets",
    "train": {"partitions": {"year": [1999, "2000"]}, "estimator": "logistic_regression",
              "params": {"C": 2.5, "tol": 0.001, "max_iter": 50, "fit_intercept": False,
                         "class_weight": "balanced"},
              "bad_rows": {"policy": "fail"}, "max_bytes": "2GiB", "mode": "distributed",
              "sample": {"fraction": 0.25, "seed": -3, "stratify": True}},
    "score": {"partitions": "all", "bad_rows": {"policy": "reject", "max_fraction": 0.5,
                                                "max_count": None},
              "chunk_bytes": "1 MiB", "schedule": "static", "bad_partitions": "skip", "tries": 2,
              "decision_threshold": 0.25},
    "output": {"path": "o.h5", "max_rejects": 5, "compress": 6, "journal_after": 1.5,
               "keep": ["id", {"column": "num", "as": "int64"},
                        {"column": "txt", "as": "text", "max_width": 9, "truncate": True}]},
    "metrics": {"exact_rows": 1000},
    "search": {"method": "random", "n_iter": 12, "random_state": 7, "scoring": "neg_log_loss",
               "params": {"C": {"loguniform": [0.01, 100]}, "tol": {"uniform": [0.5, 1.5]},
                          "fit_intercept": [True, False]},
               "features": {"all": ["age", "gap", "surface"],
                            "few": ["age", {"name": "rest", "expr": "b", "missing": 0},
                                    {"name": "court", "categorical": "court"}]},
               "cv": {"method": "kfold", "n_splits": 4, "shuffle": True, "random_state": 1},
               "refit": False},
    "learning_curve": {"partitions": {"year": "1998..2002"}, "validate_on": {"year": 2003},
                       "train_sizes": [0.1, 0.5, 20, 1], "n_splits": 3, "n_repeats": 2,
                       "random_state": -5, "scoring": "roc_auc"},
}
GROUP = {"data": {"path": "m.csv"}, "label": "y",
         "features": {"all_except": ["y", "id"], "categorical": ["zip"], "missing": "level",
                      "scale": "standard", "indicator": True, "drop": "none",
                      "handle_unknown": "error", "max_levels": 100, "trim": False},
         "train": {"partitions": "all", "estimator": "logistic_regression",
                   "sample": {"rows": 5000}}}
WINDOW = {"data": {"path": "m_{year}.csv"}, "features": ["x"], "label": "y",
          "train": {"partitions": "all", "estimator": "ridge"},
          "search": {"params": {"alpha": [0.1, 1, 10], "fit_intercept": [True]},
                     "cv": {"method": "expanding_window", "by": "year", "min_train": 3}}}
SMALL = {"data": {"path": "m.csv"}, "features": ["x"], "label": "y",
         "train": {"partitions": "all", "estimator": "logistic_regression"}}
DATES = {**SMALL, "data": {"path": "m-{day}-{month}.csv",
                           "partitions": {"day": "2015-01-30..2015-02-02",
                                          "month": "2015-11..2016-02"}}}

# What a value of each place is replaced by.
STRANGERS = (None, True, False, 0, -1, 3, 1.5, 1e30, "", "text", "a/b", "..", ".", "3", "16MiB",
             "1 kB", "7 parsecs", "2000..2016", "9..1..2", "2015-13..2016-01", "*", "{", "{y}", "\n",
             "é", "all", "none", [], ["x"], [1], [1.5], [None], {}, {"x": 1}, {"name": "x"})

# What the program says of jobs that the schema accepts: (its words, an example).
BEYOND = (
    ("data.path has no", {"data.partitions": {"yaer": 2000}}),
    ("unknown partition key", {"train.partitions": {"yaer": 2000}}),
    ("is not among data.partitions", {"score.partitions": {"year": 2222}}),
    ("is given twice", {"features": ["age", {"name": "age"}]}),
    ("is given twice", {"data.partitions.year": [1999, "1999"]}),
    ("delimiter and quote are both", {"data.quote": ";"}),
    ("the range .* is empty", {"data.partitions.year": "2003..1999"}),
    ("must be of one width", {"data.partitions.year": "01..100"}),
    ("is no day of the calendar", {"data.partitions.year": "2015-02-29..2015-03-01"}),
    ("more than 1000000 values", {"data.partitions.year": "0..1000000"}),
    ("limits must rise", {"search.params.tol.uniform": [3, 1]}),
    ("limits must rise", {"search.params.C.loguniform": [2.5, 2.5]}),
    ("it is a number of rows", {"learning_curve.train_sizes": [0.5, 2.5]}),
    ("begin alike", {"orient.first": "lose"}),
    ("begin alike", {"orient.as": ["x", "xy"]}),
    ("must not begin with", {"orient.label": "winner_first"}),
    # of a size in words: 0, or beyond the largest
    (r"(_bytes: must be between|expected a size such as)", {"score.chunk_bytes": "0"}),
    (r"(_bytes: must be between|expected a size such as)", {"data.max_field_bytes": "2GiB"}),
    (r"(_bytes: must be between|expected a size such as)", {"score.chunk_bytes": "99999999999TiB"}),
)


def without_comments(text):
    """JSON, as it is left when comments are taken out of a job."""
    return re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda found: found[1] or " ", text,
                  flags=re.DOTALL)


def places(value, path=()):
    """The path of every value in a job."""
    yield path
    inner = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def changed(job, path, change):
    """A copy of a job in which `change` was done to what holds path's last key, and that key."""
    job = {"": copy.deepcopy(job)}
    holder, key = job, ""
    for step in path:
        holder, key = holder[key], step
    change(holder, key)
    return job[""]


def put(value):
    def change(holder, key):
        holder[key] = value
    return change


def drop(holder, key):
    del holder[key]


def rename(holder, key):
    holder[f"{key}x"] = holder.pop(key)


def misplace(holder, key):
    """All the keys of the job's other objects, where they do not belong."""
    holder[key].update({"policy": "fail", "unknown": 1, "column": "x", "writers": 2})


def double(holder, key):
    holder[key] = holder[key] * 2


def mutations(job):
    """(what was done, the job with that fault); some are no fault at all."""
    for path in places(job):
        value = job
        for step in path:
            value = value[step]
        where = ".".join(map(str, path))
        for stranger in STRANGERS:
            yield f"{where} = {stranger!r}", changed(job, path, put(stranger))
        if path:
            yield f"{where} dropped", changed(job, path, drop)
        if path and isinstance(path[-1], str):
            yield f"{where} renamed", changed(job, path, rename)
        if isinstance(value, dict):
            yield f"{where} with more keys", changed(job, path, misplace)
        if isinstance(value, list):
            yield f"{where} twice", changed(job, path, double)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            for number in (value * 1e10, -value, value + 0.5, float(int(value))):
                yield f"{where} = {number}", changed(job, path, put(number))


def judge(jobs):
    """What the program says of each job: "ok", or what is wrong."""
    lines = "".join(json.dumps(job) + "\n" for job in jobs)
    done = subprocess.run([JUDGE, "--judge"], input=lines, capture_output=True, text=True, timeout=60)
    verdicts = done.stdout.splitlines()
    assert done.returncode == 0 and len(verdicts) == len(jobs), done.stderr
    return verdicts


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from jsonschema import Draft202012Validator

        cls.schema = json.loads(SCHEMA.read_text())
        Draft202012Validator.check_schema(cls.schema)
        cls.validator = Draft202012Validator(cls.schema)
        cls.shipped = {path.name: json.loads(without_comments(path.read_text()))
                       for path in sorted((SOURCE / "jobs").glob("*.json"))}

    def test_it_is_what_the_tables_say(self):
        made = subprocess.run([JUDGE], capture_output=True, text=True, check=True).stdout
        self.assertEqual(SCHEMA.read_text(), made,
                         "write it anew: cmake --build DIR --target update_job_schema")

    def test_shipped_jobs(self):
        self.assertTrue(self.shipped)
        for job in (*self.shipped.values(), FULL, GROUP, WINDOW, SMALL, DATES):
            self.assertEqual([error.message for error in self.validator.iter_errors(job)], [])
            self.assertEqual(judge([job]), ["ok"])

    def test_no_key_is_left_out_above(self):
        """FULL, GROUP and WINDOW have every key of the schema, so that each is mutated below."""
        def keys(schema):
            for key, inner in schema.get("properties", {}).items():
                yield key
                yield from keys(inner)
            for part in (*schema.get("anyOf", ()), *filter(None, [schema.get("items")])):
                yield from keys(part)

        given = {step for job in (FULL, GROUP, WINDOW) for path in places(job) for step in path}
        self.assertEqual(set(keys(self.schema)) - given, set())

    def test_mutated_jobs(self):
        tried = [item for job in (*self.shipped.values(), FULL, GROUP, WINDOW, SMALL, DATES)
                 for item in mutations(job)]
        verdicts = judge([job for _, job in tried])
        n_accepted = 0
        for (what, job), verdict in zip(tried, verdicts):
            accepted = self.validator.is_valid(job)
            n_accepted += accepted
            if accepted == (verdict == "ok"):
                continue
            beyond = accepted and any(re.search(words, verdict) for words, _ in BEYOND)
            self.assertTrue(beyond, f"{what}: the schema {'accepts' if accepted else 'refuses'} it, "
                            f"the program says: {verdict}")
        self.assertGreater(len(tried), 1000)
        self.assertGreater(n_accepted, 100)
        self.assertGreater(len(tried) - n_accepted, 1000)

    def test_what_is_beyond_a_schema(self):
        for words, sets in BEYOND:
            job = FULL
            for path, value in sets.items():
                job = changed(job, path.split("."), put(value))
            with self.subTest(words=words, sets=sets):
                self.assertTrue(self.validator.is_valid(job))
                self.assertRegex(judge([job])[0], words)


if __name__ == "__main__":
    main("jsonschema")
