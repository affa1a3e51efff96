#!/usr/bin/python3
"""How long a search takes beside scikit-learn's GridSearchCV on the same rows: the features of
jobs/wta-who-wins.json, filled with their mean and scaled in each split, logistic regression, as many
values of C as it takes for 200 fits; interleaved, medians.

    search_sklearn.py PROGRAM DATA [RUNS]     DATA: the directory of wta_matches_*.csv

Like is held against like. "fits": for scikit-learn fit(), on arrays that are in memory, with workers
that are warm; for the program its phase fit. "whole": for scikit-learn a script that imports it, loads
those arrays from a file of NumPy's, where the program reads CSV, and calls fit() once; for the
program the whole command."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/golden"), str(SOURCE / "tests/support")]
from reference import read_texts  # noqa: E402
from test_orient import number, orient, who_wins  # noqa: E402

N_FITS = 200
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def shipped_job():
    text = (SOURCE / "jobs/wta-who-wins.json").read_text()
    return json.loads(re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/',
                             lambda found: found[1] or " ", text, flags=re.DOTALL))


def make_job(data, years, cv, values):
    job = shipped_job()
    job["data"]["root"] = str(data)
    for feature in job["features"]:
        feature.update(missing="mean", scale="standard")
    job["train"]["partitions"] = {"year": years}
    job["search"] = {"params": {"C": values}, "cv": cv, "scoring": "neg_log_loss"}
    return job


def arrays(data, years):
    """Features, missing ones not filled, labels and years, in the order of the program's rows."""
    import numpy

    frames = [orient(read_texts(data / f"wta_matches_{year}.csv")) for year in years]
    x = numpy.concatenate([who_wins(f) for f in frames])
    x[:, 3] = numpy.concatenate([(number(f, "a_ht") - number(f, "b_ht")) / 10 for f in frames])
    return x, numpy.concatenate([f.a_won for f in frames]), \
        numpy.repeat(list(years), [len(f) for f in frames])


def grid_search(values, cv, jobs=2):
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    model = LogisticRegression(solver="newton-cholesky", tol=1e-8, max_iter=1000,
                               fit_intercept=False)
    pipe = Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler()), ("model", model)])
    return GridSearchCV(pipe, {"model__C": values}, cv=cv, scoring="neg_log_loss", n_jobs=jobs,
                        refit=False)


class Program:
    def __init__(self, program, job):
        self.program = program
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-bench-"))
        (self.directory / "job.json").write_text(json.dumps(job))

    def search(self, ranks):
        """Seconds of the command and of its fits, and the result."""
        out = [self.directory / name for name in ("out.json", "summary.json")]
        command = ["mpirun", "--oversubscribe", "-n", ranks, self.program, "search",
                   self.directory / "job.json", "-q", "--if-exists", "replace", "-o", out[0],
                   "--summary", out[1]]
        began = time.perf_counter()
        subprocess.run([str(word) for word in command], check=True, env={**os.environ, **MPI})
        seconds = time.perf_counter() - began
        summary = json.loads(out[1].read_text())
        return seconds, summary["seconds"]["fit"]["max"], json.loads(out[0].read_text())


class Script:
    """GridSearchCV as a program of its own, with what it needs in a file."""

    def __init__(self, **arrays):
        import numpy

        self.file = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-bench-")) / "arrays.npz"
        numpy.savez(self.file, **arrays)

    def search(self):
        began = time.perf_counter()
        subprocess.run([sys.executable, __file__, "--script", self.file], check=True)
        return time.perf_counter() - began

    @staticmethod
    def run(file):
        import numpy

        held = numpy.load(file)
        search, groups = grid_search_of(held["values"], held["groups"])
        search.fit(held["x"], held["y"], groups=groups)


def grid_search_of(values, groups):
    """By ten folds where there are no groups, else with one group left out."""
    from sklearn.model_selection import KFold, LeaveOneGroupOut

    if len(groups):
        return grid_search(values, LeaveOneGroupOut()), groups
    return grid_search(values, KFold(10)), None


def seconds_of(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(name, program, data, years, cv, runs):
    by_year = "by" in cv
    values = [10 ** (k / 4 - 3) for k in range(N_FITS // (len(years) if by_year else 10))]
    x, y, year = arrays(data, years)
    groups = year if by_year else year[:0]
    ours = Program(program, make_job(data, list(years), cv, values))
    script = Script(x=x, y=y, groups=groups, values=values)
    theirs, groups = grid_search_of(values, groups)
    theirs.fit(x, y, groups=groups)  # workers start
    times = {key: [] for key in ("their fits", "fits 2", "fits 1", "their whole", "whole 2", "whole 1")}
    for _ in range(runs):
        times["their fits"].append(seconds_of(lambda: theirs.fit(x, y, groups=groups)))
        times["their whole"].append(script.search())
        for ranks in (2, 1):
            whole, fits, result = ours.search(ranks)
            times[f"whole {ranks}"].append(whole)
            times[f"fits {ranks}"].append(fits)
    scores = [c["mean_test_score"] for c in result["candidates"]]
    apart = max(abs(a - b) for a, b in zip(scores, theirs.cv_results_["mean_test_score"]))
    median = {key: statistics.median(value) for key, value in times.items()}
    print(f"{name}: {result['fits']} fits, {len(y)} rows; best {result['best']['candidate']}, "
          f"scikit-learn's {theirs.best_index_}; scores apart by {apart:.1e}")
    for key, value in median.items():
        print(f"  {key:11} {value:8.3f} s   scikit-learn / it {median['their ' + key.split()[-2]] / value:6.1f}"
              if "their" not in key else f"  {key:11} {value:8.3f} s")
    print(f"  1 rank / 2 ranks: whole {median['whole 1'] / median['whole 2']:.2f}, "
          f"fits {median['fits 1'] / median['fits 2']:.2f}")


def main():
    warnings.simplefilter("ignore")
    if sys.argv[1] == "--script":
        return Script.run(sys.argv[2])
    program, data = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    compare("2015 in ten folds", program, data, [2015], {"n_splits": 10}, runs)
    compare("ten years, one left out", program, data, range(2006, 2016),
            {"method": "leave_one_out", "by": "year"}, runs)


if __name__ == "__main__":
    main()
