#!/usr/bin/python3
"""scoreline search: the same bytes for any number of ranks, stopped or killed and taken up or not;
splits, candidates and draws as docs/search.md defines them; fits that cannot be made."""
import json
import os
import random
import signal
import subprocess
import sys
import pathlib
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from reference import hash_of, mix, sample_key  # noqa: E402
from scoreline_test import (Case, DEADLINE_S, ENVIRONMENT, MPIRUN, PROGRAM, await_end, execute, main,
                            preloaded)  # noqa: E402

BREAK_CALL = os.environ.get("SCORELINE_BREAK_CALL", "")
SEED = int(os.environ.get("SCORELINE_TEST_SEED", "2015"))
KILLS = int(os.environ.get("SCORELINE_TEST_KILLS", "6"))
FEATURES = [{"name": "gap", "expr": "b - a", "missing": "mean", "scale": "standard", "indicator": True},
            {"name": "a", "scale": "standard"},
            {"name": "kind", "categorical": "kind", "missing": "level"}]
C = [0.01, 0.1, 1, 10]


class SearchCase(Case):
    def setUp(self):
        super().setUp()
        self.data()

    def data(self, rows=300, years=range(2000, 2006)):
        """Years of different lengths; levels that some years alone have."""
        (self.directory / "data").mkdir(exist_ok=True)
        draw = random.Random(7)
        for year in years:
            lines = ["id,a,b,noise,kind,w"]
            for i in range(rows + 10 * (year % 3)):
                b = "" if i % 37 == 5 else draw.randrange(1000)
                kind = "" if i % 41 == 3 else f"k{draw.randrange(3)}" if i % 50 else f"only{year}"
                lines.append(f"{year}-{i},{draw.randrange(1000)},{b},{draw.randrange(-500, 500)},{kind},{i % 3}")
            (self.directory / "data" / f"m_{year}.csv").write_text("\n".join(lines) + "\n")

    def search_job(self, search, name="job.json", **changes):
        settings = {"data": {"root": str(self.directory / "data"), "path": "m_{year}.csv",
                             "partitions": {"year": "2000..2005"}},
                    "features": FEATURES, "label": "coalesce(b, 500) - a + noise > 0",
                    "train": {"partitions": "all", "estimator": "logistic_regression"},
                    "search": search, "output": {}}
        settings.update(changes)
        return self.job(name, **settings)

    def search(self, job, *options, ranks=0, out="out.json", **how):
        path = self.directory / out
        done = execute(["search", job, "-o", path, *options], ranks=ranks, **how)
        self.assert_exit(done, 0)
        return json.loads(path.read_text()) if out.endswith(".json") else done


SEARCHES = {
    "folds": {"params": {"C": C, "fit_intercept": [True, False]}, "cv": {"n_splits": 4},
              "scoring": "neg_log_loss"},
    "shuffled": {"params": {"C": C}, "cv": {"n_splits": 3, "shuffle": True, "random_state": 5},
                 "scoring": "roc_auc"},
    "years": {"params": {"C": C, "penalty": ["l2", "l1"]}, "cv": {"method": "leave_one_out", "by": "year"},
              "scoring": "neg_brier_score"},
    "windows": {"features": {"both": ["gap", "a"], "kinds": ["gap", "kind"],
                             "new": ["a", {"name": "ratio", "expr": "a / (1 + coalesce(b, 0))"}]},
                "params": {"C": C},
                "cv": {"method": "expanding_window", "by": "year", "min_train": 2}},
    "drawn": {"method": "random", "n_iter": 9, "random_state": 3,
              "params": {"C": {"loguniform": [0.001, 100]}, "fit_intercept": [True, False]},
              "features": {"one": ["gap"], "two": ["gap", "a"]}, "scoring": "neg_log_loss"},
}


class Ranks(SearchCase):
    def test_bytes_do_not_depend_on_ranks(self):
        for name, search in SEARCHES.items():
            for changes in ({}, {"weight": "w"}):
                with self.subTest(search=name, **changes):
                    job = self.search_job(search, **changes)
                    said = []
                    for ranks in (1, 2, 3):
                        path = self.directory / f"{ranks}.json"
                        done = execute(["search", job, "-o", path, "--if-exists", "replace",
                                        "--progress", "none"], ranks=ranks)
                        self.assert_exit(done, 0)
                        said.append((path.read_bytes(), done.stdout))
                    self.assertEqual(said[0], said[1])
                    self.assertEqual(said[0], said[2])

    def test_hdf5_has_the_same(self):
        import h5py

        job = self.search_job(SEARCHES["windows"])
        result = self.search(job)
        for ranks in (1, 3):
            out = f"out{ranks}.h5"
            self.search(job, ranks=ranks, out=out)
            with h5py.File(self.directory / out) as file:
                table = file["candidates"]
                for key in ("rank_test_score", "mean_test_score", "std_test_score",
                            "split_test_scores"):
                    self.assertEqual(table[key][()].tolist(), [c[key] for c in result["candidates"]])
                self.assertEqual(table["param_C"][()].tolist(),
                                 [c["params"]["C"] for c in result["candidates"]])
                self.assertEqual([t.decode() for t in table["features"][()]],
                                 [c["features"] for c in result["candidates"]])
                self.assertEqual([t.decode() for t in file["splits/name"][()]],
                                 [s["name"] for s in result["splits"]])
                self.assertEqual(json.loads(file["provenance/result"][()]), result)
                self.assertEqual(file.attrs["complete"], 1)

    def test_columns_found_and_rows_sampled(self):
        """Features that rank 0 finds in the files, and a sample of the rows."""
        job = self.search_job(
            {"params": {"C": [0.01, 1]}, "cv": {"n_splits": 3, "shuffle": True}, "scoring": "roc_auc"},
            features={"all_except": ["id", "b", "noise"], "missing": "level", "scale": "standard"},
            train={"partitions": "all", "estimator": "logistic_regression",
                   "sample": {"rows": 500, "stratify": True}})
        results = [self.search(job, "--if-exists", "replace", "--save-model",
                               self.directory / f"{ranks}.model", ranks=ranks) for ranks in (1, 2, 3)]
        self.assertEqual(results[0]["rows"], 500)
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])
        models = [json.loads((self.directory / f"{ranks}.model").read_text()) for ranks in (1, 2, 3)]
        self.assertEqual([f["name"] for f in models[0]["recipe"]["features"]], ["kind", "w"])  # the label has a
        self.assertEqual(models[0]["coef"], models[1]["coef"])
        self.assertEqual(models[0]["coef"], models[2]["coef"])

    def test_training_by_rank_0_is_the_same(self):
        job = self.search_job(SEARCHES["folds"])
        self.assertEqual(self.search(job, ranks=2)["candidates"],
                         self.search(job, "--set", "train.mode=distributed", "--if-exists",
                                     "replace", ranks=2)["candidates"])


class Splits(SearchCase):
    """Each score is what `run` finds on the same rows, if fits go on to the last digits."""

    TO_THE_END = {"partitions": "all", "estimator": "logistic_regression", "params": {"tol": 0}}

    def years(self, job, train, test, *sets):
        """The log loss of a model of some years on another."""
        import h5py

        years = json.dumps(train)
        out = self.directory / "scored.h5"
        done = execute(["run", job, "-q", "-o", out, "--if-exists", "replace", "--set",
                        f"train.partitions={{\"year\": {years}}}", *sets])
        self.assert_exit(done, 0)
        with h5py.File(out) as file:
            names = [name.decode() for name in file["metrics/group"][()]] \
                if "group" in file["metrics"] else None
            partitions = [name.decode() for name in file["partitions/name"][()]]
            row = 3 + partitions.index(str(test)) if names is None else names.index(str(test))
            return file["metrics/log_loss"][row]

    def test_leave_one_year_out_is_training_on_the_others(self):
        job = self.search_job({"params": {"C": [0.5]}, "scoring": "neg_log_loss",
                               "cv": {"method": "leave_one_out", "by": "year"}},
                              train=self.TO_THE_END)
        result = self.search(job, ranks=2)
        self.assertEqual([s["name"] for s in result["splits"]],
                         [f"year={year}" for year in range(2000, 2006)])
        for i, year in enumerate(range(2000, 2006)):
            others = [other for other in range(2000, 2006) if other != year]
            expected = self.years(job, others, year, "--set", "train.params.C=0.5")
            self.assertAlmostEqual(result["candidates"][0]["split_test_scores"][i], -expected,
                                   delta=1e-12)

    def test_windows_expand(self):
        job = self.search_job({"scoring": "neg_log_loss",
                               "cv": {"method": "expanding_window", "by": "year", "min_train": 3}},
                              train=self.TO_THE_END)
        result = self.search(job)
        self.assertEqual([s["name"] for s in result["splits"]],
                         ["year=2003", "year=2004", "year=2005"])
        sizes = [300 + 10 * (year % 3) for year in range(2000, 2006)]
        self.assertEqual([s["train_rows"] for s in result["splits"]],
                         [sum(sizes[:n]) for n in (3, 4, 5)])
        self.assertEqual([s["test_rows"] for s in result["splits"]], sizes[3:])
        for i, year in enumerate((2003, 2004, 2005)):
            expected = self.years(job, list(range(2000, year)), year)
            self.assertAlmostEqual(result["candidates"][0]["split_test_scores"][i], -expected,
                                   delta=1e-12)

    def test_folds_are_runs_of_rows(self):
        job = self.search_job({"cv": {"n_splits": 7}}, **{
            "train": {"partitions": {"year": 2001}, "estimator": "logistic_regression"}})
        splits = self.search(job)["splits"]
        self.assertEqual([s["test_rows"] for s in splits], [43] * 6 + [42])
        self.assertEqual({s["train_rows"] + s["test_rows"] for s in splits}, {300})

    def test_shuffled_folds_follow_the_documented_hash(self):
        """The label says which fold a row is in: a model of the others has not met that class."""
        lines = (self.directory / "data/m_2000.csv").read_text().splitlines()
        rows = len(lines) - 1
        keys = [sample_key(0, "2000", i) for i in range(rows)]
        state = 11

        def place(key):
            return hash_of(state.to_bytes(8, "little", signed=True) + key.to_bytes(8, "little"))

        order = sorted(range(rows), key=lambda i: place(keys[i]))
        sizes = [rows // 3 + (f < rows % 3) for f in range(3)]
        fold = dict(zip(order, (f for f in range(3) for _ in range(sizes[f]))))
        (self.directory / "data/m_2000.csv").write_text("\n".join(
            [lines[0] + ",fold", *(f"{line},{fold[i]}" for i, line in enumerate(lines[1:]))]) + "\n")
        job = self.search_job({"cv": {"n_splits": 3, "shuffle": True, "random_state": state}},
                              label="fold", features=["a"],
                              train={"partitions": {"year": 2000}, "estimator": "logistic_regression"})
        result = self.search(job)
        # no row of the fold that judges is of a class that was fitted: none is told right
        self.assertEqual(result["candidates"][0]["split_test_scores"], [0, 0, 0])


class Candidates(SearchCase):
    def test_a_grid_is_scikit_learns(self):
        grid = {"C": [1, 0.1], "fit_intercept": [True, False], "tol": [1e-8, 1e-9, 1e-10]}
        result = self.search(self.search_job({"params": grid, "cv": {"n_splits": 2}}))
        expected = [{"C": c, "fit_intercept": f, "tol": t} for c in grid["C"]
                    for f in grid["fit_intercept"] for t in grid["tol"]]
        self.assertEqual([c["params"] for c in result["candidates"]], expected)
        self.assertEqual([c["candidate"] for c in result["candidates"]], list(range(12)))

    def test_sets_of_features_come_first(self):
        result = self.search(self.search_job({"params": {"C": [1, 2]}, "cv": {"n_splits": 2},
                                              "features": {"x": ["gap"], "y": ["a", "kind"]}}))
        self.assertEqual([(c["features"], c["params"]["C"]) for c in result["candidates"]],
                         [("x", 1), ("x", 2), ("y", 1), ("y", 2)])

    @staticmethod
    def draws(state):
        while True:
            state = (state + 0x9e3779b97f4a7c15) % 2**64
            yield (mix(state) >> 11) * 2.0**-53

    def test_draws_are_as_documented(self):
        import math

        search = {"method": "random", "n_iter": 20, "random_state": 42, "cv": {"n_splits": 2},
                  "params": {"tol": {"uniform": [1e-9, 1e-7]}, "C": {"loguniform": [0.01, 100]},
                             "max_iter": {"uniform": [50, 60]}, "penalty": ["l2", "none"]},
                  "features": {"x": ["gap"], "y": ["a"], "z": ["kind"]}}
        result = self.search(self.search_job(search))
        draw = self.draws(42)
        for c in result["candidates"]:
            self.assertEqual(c["features"], "xyz"[int(next(draw) * 3)])
            self.assertAlmostEqual(math.log(c["params"]["C"]),
                                   math.log(0.01) + next(draw) * math.log(10000), delta=1e-12)
            self.assertEqual(c["params"]["max_iter"], math.floor(50 + next(draw) * 10))
            self.assertEqual(c["params"]["penalty"], ["l2", "none"][int(next(draw) * 2)])
            self.assertAlmostEqual(c["params"]["tol"], 1e-9 + next(draw) * (1e-7 - 1e-9), delta=1e-20)

    def test_cells_are_drawn_once(self):
        grid = [10.0**k for k in range(-5, 5)]
        search = {"method": "random", "n_iter": 9, "random_state": 1, "params": {"C": grid},
                  "cv": {"n_splits": 2}}
        drawn = [c["params"]["C"] for c in self.search(self.search_job(search))["candidates"]]
        cells, draw = [], self.draws(1)
        while len(cells) < 9:
            cell = int(next(draw) * 10)
            if cell not in cells:
                cells.append(cell)
        self.assertEqual(drawn, [grid[cell] for cell in cells])
        search["n_iter"] = 50
        result = self.search(self.search_job(search), "--if-exists", "replace")
        self.assertEqual([c["params"]["C"] for c in result["candidates"]], grid)

    def test_the_earlier_of_equals_is_best(self):
        result = self.search(self.search_job({"params": {"C": [1, 1, 1e-9, 1]},
                                              "cv": {"n_splits": 2}, "scoring": "accuracy"}))
        ranks = [c["rank_test_score"] for c in result["candidates"]]
        self.assertEqual(result["best"]["candidate"], 0)
        self.assertEqual(ranks[0], 1)
        self.assertEqual(ranks[1], 1)

    def test_the_best_is_what_train_makes(self):
        job = self.search_job(SEARCHES["windows"])
        best = self.search(job, "--save-model", self.directory / "best.json", ranks=2)["best"]
        sets = SEARCHES["windows"]["features"]
        by_name = {f["name"]: f for f in FEATURES}
        features = [by_name.get(f, f) if isinstance(f, str) else f for f in sets[best["features"]]]
        alone = self.search_job({}, "alone.json", features=features)
        done = execute(["train", alone, "-o", self.directory / "alone.model.json", "--set",
                        f"train.params.C={best['params']['C']}"])
        self.assert_exit(done, 0)
        one, other = [json.loads((self.directory / name).read_text())
                      for name in ("best.json", "alone.model.json")]
        for model in (one, other):
            model.pop("provenance")
        self.assertEqual(one, other)


class Unfit(SearchCase):
    def test_a_fold_of_one_class_is_no_crash(self):
        text = (self.directory / "data/m_2001.csv").read_text().splitlines()
        rows = [f"x{i},{i},{i},0,k0,1" for i in range(60)]
        rows += [f"y{i},{i},{i},-1,k1,1" for i in range(30)]
        (self.directory / "data/m_2001.csv").write_text("\n".join([text[0], *rows]) + "\n")
        # of three folds the last holds all rows of a class: without it there is one class alone
        job = self.search_job({"params": {"C": C}, "cv": {"n_splits": 3}}, label="noise < 0",
                              features=["a"], train={"partitions": {"year": 2001},
                                                     "estimator": "logistic_regression"})
        done = execute(["search", job], ranks=2)
        self.assert_exit(done, 4, "no candidate has a score in every split", "one class")

    def test_candidates_without_a_score_come_last(self):
        # a level that is refused where it is unknown: the set that has it cannot be judged
        job = self.search_job(
            {"features": {"good": ["a"], "bad": ["a", "strict"]}, "cv": {"method": "leave_one_out",
                                                                         "by": "year"}},
            features=[*FEATURES, {"name": "strict", "categorical": "kind", "missing": "level",
                                  "handle_unknown": "error"}])
        path = self.directory / "out.json"
        done = execute(["search", job, "-o", path], ranks=2)
        self.assert_exit(done, 0, "6 of 12 fits have no score", "'strict'")
        good, bad = json.loads(path.read_text())["candidates"]
        self.assertEqual((good["rank_test_score"], bad["rank_test_score"]), (1, 2))
        self.assertIsNone(bad["mean_test_score"])

    def test_errors_end_all_ranks(self):
        (self.directory / "data/m_2003.csv").write_text("id,a,b,noise,kind,w\nx,1,2,bad,k,1\n")
        for ranks in (1, 3):
            done = execute(["search", self.search_job(SEARCHES["folds"])], ranks=ranks)
            self.assert_exit(done, 5, "m_2003.csv", "not a number in column 'noise'")


class Resume(SearchCase):
    """Searches that end early go on, and nobody sees that in the result."""

    def setUp(self):
        super().setUp()
        self.a_job = self.search_job({**SEARCHES["years"], "params": {
            "C": [10.0**(k / 8) for k in range(-20, 20)], "penalty": ["l2", "l1"]}})
        self.alone = self.directory / "alone.json"
        self.model = self.directory / "alone.model.json"
        self.assert_exit(execute(["search", self.a_job, "-o", self.alone, "--save-model", self.model]), 0)
        self.out, self.best = self.directory / "out.json", self.directory / "best.json"
        self.parts = self.directory / "out.json.parts"
        self.command = ["search", str(self.a_job), "-o", str(self.out), "--save-model", str(self.best)]

    def take_up(self, ranks):
        """Run to the end; how many units were not done again."""
        summary = self.directory / "summary.json"
        done = execute([*self.command, "--summary", summary], ranks=ranks)
        self.assert_exit(done, 0)
        self.assertEqual(self.out.read_bytes(), self.alone.read_bytes())
        models = [json.loads(path.read_text()) for path in (self.best, self.model)]
        for model in models:
            model["provenance"].pop("created")
        self.assertEqual(*models)
        self.assertFalse(self.parts.exists(), "something is left")
        self.out.unlink()
        self.best.unlink()
        told = json.loads(summary.read_text())
        self.assertLessEqual(told["units_resumed"], told["units"])
        return told["units_resumed"]

    def start(self, ranks):
        """A search that has begun a journal, or is at its end."""
        command = [PROGRAM, *self.command, "--set", "output.journal_after=0"]
        if ranks:
            command = [MPIRUN, "-n", str(ranks), *command]
        process = subprocess.Popen(command, env={**ENVIRONMENT, "SCORELINE_THREADS": "1"},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   start_new_session=True)
        deadline = time.monotonic() + DEADLINE_S
        while not list(self.parts.glob("*.journal")) and process.poll() is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)
        return process

    def time_of(self, ranks):
        """Seconds that an undisturbed search takes from its journal's beginning to its result."""
        with self.start(ranks) as process:
            began = time.monotonic()
            while not self.out.exists():
                self.assertLess(time.monotonic(), began + DEADLINE_S)
                time.sleep(0.002)
            took = time.monotonic() - began
            process.communicate(timeout=DEADLINE_S)
        self.out.unlink()
        self.best.unlink()
        return took

    def disturb(self, ranks, number, after_s):
        """Send a signal when a search has had a journal for a while; its exit code."""
        with self.start(ranks) as process:
            time.sleep(after_s)
            if number == signal.SIGKILL and process.poll() is None:
                os.killpg(process.pid, number)
            elif process.poll() is None:
                process.send_signal(number)
            process.communicate(timeout=DEADLINE_S)
        await_end(self.a_job)
        return process.returncode

    def test_a_signal_stops_it_and_other_ranks_go_on(self):
        for ranks, then in ((1, 2), (3, 1), (2, 3)):
            with self.subTest(ranks=ranks, then=then):
                self.assertEqual(self.disturb(ranks, signal.SIGUSR1, 0.01), 75)
                self.assertFalse(self.out.exists())
                self.assertTrue(list(self.parts.glob("*.journal")))
                self.assertGreater(self.take_up(then), 0)

    def test_time_is_up(self):
        done = execute([*self.command, "--max-time", "0:00"])
        self.assert_exit(done, 2)
        for _ in range(200):
            done = execute([*self.command, "--max-time", "0:01", "--set", "output.journal_after=0"],
                           environment={"SCORELINE_THREADS": "1"})
            if done.returncode == 0:
                break
            self.assert_exit(done, 75, "time is up")
        self.assertEqual(self.out.read_bytes(), self.alone.read_bytes())

    def test_killed_at_random_moments(self):
        draw = random.Random(SEED)
        n_resumed = 0
        takes = {ranks: self.time_of(ranks) for ranks in (0, 2, 3)}
        n_hit = 0
        for _ in range(10 * KILLS):
            ranks = draw.choice((0, 2, 3))
            self.disturb(ranks, signal.SIGKILL, draw.uniform(0, 0.9) * takes[ranks])
            n_hit += not self.out.exists()
            if self.out.exists() or n_hit % 2 == 0:  # every second search is killed twice
                n_resumed += self.take_up(draw.choice((1, 2, 3)))
            if n_hit == KILLS:
                break
        if self.parts.exists():
            n_resumed += self.take_up(2)
        print(f"seed {SEED}: {n_hit} kills hit, {n_resumed} units resumed")
        self.assertGreater(n_hit, KILLS // 2)
        self.assertGreater(n_resumed, 0)

    def test_killed_at_changes_of_files(self):
        """One process: each of many calls that change a file is the last thing it did."""
        self.assertTrue(BREAK_CALL, "SCORELINE_BREAK_CALL names no library")
        n_hit = n_resumed = call = 0
        while True:
            call += 1 if call < 8 or n_hit == 0 else 9
            done = execute([*self.command, "--set", "output.journal_after=0", "--set",
                            "search.params.C=[0.1, 1, 10]"],
                           wrapper=("env", preloaded(BREAK_CALL)),
                           environment={"SL_BREAK_KIND": "file", "SL_BREAK_CALL": str(call),
                                        "SL_BREAK_HOW": "kill"})
            if done.returncode == 0:
                break
            n_hit += 1
            summary = self.directory / "summary.json"
            done = execute([*self.command, "--set", "search.params.C=[0.1, 1, 10]", "--summary",
                            summary])
            self.assert_exit(done, 0)
            if "nothing to do" not in done.stderr:
                n_resumed += json.loads(summary.read_text())["units_resumed"]
            found = json.loads(self.out.read_text())
            self.assertEqual(found["fits"], 36)
            self.assertTrue(self.best.exists())
            self.assertFalse(self.parts.exists(), "something is left")
            self.out.unlink()
            self.best.unlink()
        self.assertGreater(n_hit, 8)
        self.assertGreater(n_resumed, 10)

    def test_another_search_is_not_taken_up(self):
        self.assertEqual(self.disturb(0, signal.SIGUSR1, 0.01), 75)
        done = execute([*self.command, "--set", "search.scoring=accuracy"])
        self.assert_exit(done, 6, "holds the journal of another job")
        done = execute([*self.command, "--set", "search.scoring=accuracy", "--resume", "never"])
        self.assert_exit(done, 0)
        done = execute([*self.command])
        self.assert_exit(done, 6, "made by another job")

    def test_it_can_be_watched(self):
        self.assertEqual(self.disturb(0, signal.SIGUSR1, 0.01), 75)
        self.assert_exit(execute(["watch", self.out]), 75, "the run has ended: stopped by SIGUSR1",
                         " fits are done")
        status = json.loads((self.parts / "status.json").read_text())
        self.assertEqual((status["phase"], status["counted"]), ("search", "fits"))
        self.assertGreater(status["bytes_done"], 0)
        self.take_up(1)
        self.assert_exit(execute(self.command), 0)
        done = execute(["watch", self.out])
        self.assert_exit(done, 0)
        self.assertIn("is complete", done.stdout)

    def test_what_is_there_is_left(self):
        self.assert_exit(execute(self.command), 0)
        self.assert_exit(execute(self.command, ranks=2), 0, "nothing to do")
        path = self.directory / "data/m_2003.csv"
        path.write_text(path.read_text() + "z,1,2,3,k0,1\n")
        self.assert_exit(execute(self.command), 6, "from other inputs")

    def test_resuming_can_be_required(self):
        self.assertEqual(self.disturb(0, signal.SIGUSR1, 0.01), 75)
        self.assert_exit(execute([*self.command, "--resume", "require"]), 0)
        self.out.unlink()
        self.best.unlink()
        self.assert_exit(execute([*self.command, "--resume", "require"]), 6, "nothing of this job")


if __name__ == "__main__":
    main()
