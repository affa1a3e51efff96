"""Who trains does not matter: rank 0 alone or all ranks together, in any number, leave the same model
file, byte by byte.

Unless SCORELINE_TEST_LONG is set, the jobs share the ways to train among them."""
import os
import pathlib
import random
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main  # noqa: E402

IS_LONG = bool(os.environ.get("SCORELINE_TEST_LONG"))
RANKS = (0, 2, 5)  # 0: one that no launcher started
HEADER = "winner_x,loser_x,z,tiny,level,kind,w,id"
ROWS = (700, 0, 1, 2600, 40, 3, 1900)  # of each year: more than a batch, and fewer than ranks
NUMBERS = [{"name": "x", "expr": "winner_x - loser_x", "missing": "mean", "scale": "standard"},
           {"name": "z", "expr": "z", "missing": "median", "scale": "standard", "indicator": True},
           {"name": "tiny", "expr": "tiny * 1e-9", "missing": 0.5}]
LEVELS = [{"name": "level", "categorical": "level", "missing": "level", "max_levels": 1000}]
ORIENT = {"first": "winner_", "second": "loser_", "as": ["a_", "b_"], "label": "a_won", "key": ["id"],
          "seed": 7}

# What changes of a job; None: nothing.
JOBS = {
    "numbers": {},
    "one raw number": {"features": [{"name": "x", "expr": "winner_x - loser_x", "missing": "drop_row"}]},
    "levels": {"features": NUMBERS + LEVELS},
    "levels alone": {"features": LEVELS},
    "classes": {"features": NUMBERS + LEVELS, "label": "kind"},
    "weights": {"features": NUMBERS + LEVELS, "weight": "w"},
    "weights of classes": {"features": NUMBERS, "label": "kind", "weight": "w", "train": {
        "params": {"class_weight": "balanced"}}},
    "rows": {"features": NUMBERS + LEVELS, "train": {"sample": {"rows": 800, "seed": 3}}},
    "few rows": {"train": {"sample": {"rows": 40}}},
    "rows by class": {"features": NUMBERS + LEVELS, "label": "kind",
                      "train": {"sample": {"rows": 700, "stratify": True}}},
    "a fraction": {"features": LEVELS + NUMBERS, "train": {"sample": {"fraction": 0.3}}},
    "a fraction by class": {"label": "kind", "train": {"sample": {"fraction": 0.2, "stratify": True}}},
    "orient": {"orient": ORIENT, "label": "a_won", "features": [
        {"name": "gap", "expr": "a_x - b_x", "missing": "drop_row"}, *LEVELS]},
    "numbers to be predicted": {"features": NUMBERS + LEVELS, "label": "winner_x * 3 + loser_x", "weight": "w",
                                "train": {"estimator": "ridge", "params": {"alpha": 0.1}}},
    "counts": {"features": NUMBERS + LEVELS, "label": "abs(tiny) / 100", "weight": "w", "train": {
        "estimator": "poisson_regressor"}},
    "few columns": {"features": NUMBERS + LEVELS, "label": "winner_x * 3 + loser_x", "weight": "w", "train": {
        "estimator": "elastic_net", "params": {"alpha": 0.1}}},
    "few columns of classes": {"features": NUMBERS + LEVELS, "label": "kind", "train": {
        "params": {"penalty": "l1", "C": 0.02}}},
    "more than a Hessian can hold": {"features": NUMBERS + [{"name": "id", "categorical": "id", "max_levels": 9999}],
                                     "label": "kind"},
    "margins": {"features": NUMBERS + LEVELS, "label": "kind", "weight": "w", "train": {
        "estimator": "linear_svc", "params": {"class_weight": "balanced"}}},
    "naive Bayes": {"features": NUMBERS + LEVELS, "label": "kind", "weight": "w", "train": {
        "estimator": "gaussian_nb"}},
    "collinear numbers": {"features": NUMBERS + LEVELS, "label": "winner_x", "train": {
        "estimator": "linear_regression", "sample": {"rows": 900}}},
    "all columns but some": {"features": {"all_except": ["id", "w", "winner_x"], "categorical": ["level"],
                                          "missing": "mean"}, "label": "winner_x > 1"},
}


def make_rows(year, n):
    """Lines of a file; levels and classes are met in another order in each."""
    draw = random.Random(year)
    kinds = ["a", "b", "c"]
    draw.shuffle(kinds)
    for i in range(n):
        x = draw.gauss(0, 3)
        y = draw.gauss(0, 1)
        z = "" if draw.random() < 0.1 else f"{draw.gauss(5, 2):.3f}"
        level = "" if draw.random() < 0.05 else f"l{draw.randrange(30) + year % 5}"
        kind = kinds[0] if x > 1 else draw.choice(kinds)
        yield (f"{x:.4f},{y:.4f},{z},{draw.randrange(1000)},{level},{kind},"
               f"{draw.choice(['0', '1', '0.3', '2.7'])},{i}")


class TrainingModes(Case):
    def setUp(self):
        super().setUp()
        self.data = self.directory / "data"
        self.data.mkdir()
        for year, n in enumerate(ROWS, 2001):
            self.write(year, make_rows(year, n))

    def write(self, year, rows):
        (self.data / f"m_{year}.csv").write_text("\n".join([HEADER, *rows]) + "\n")

    def make_job(self, changes):
        years = {"year": list(range(2001, 2001 + len(ROWS)))}
        job = {"data": {"root": str(self.data), "path": "m_{year}.csv", "partitions": years},
               "features": NUMBERS, "label": "winner_x + loser_x > 0.7", **changes}
        job["train"] = {"partitions": years, "estimator": "logistic_regression",
                        **changes.get("train", {})}
        job["output"] = {"path": "out.h5", "keep": []}
        return self.job(**job)

    def train(self, job, mode, ranks):
        path = self.directory / "model.json"
        done = execute(["train", job, "-o", path, "--set", f"train.mode={mode}", "--if-exists", "replace"],
                       ranks=ranks)
        if done.returncode != 0:
            return done.returncode, re.sub(r"(?s).*?(scoreline: )", r"\1", done.stderr).split("\n")[0]
        return re.sub(rb'"created": *"[^"]*"', b"", path.read_bytes())

    def check(self, job, expected=None, distributed=RANKS, root_of_two=True):
        root = self.train(job, "root", 0)
        if expected is None:
            self.assertIsInstance(root, bytes, root)
        else:
            self.assertEqual(root[0], expected[0], root)
            self.assertIn(expected[1], root[1])
        if root_of_two:
            self.assertEqual(self.train(job, "root", 2), root)
        for ranks in distributed:
            with self.subTest(ranks=ranks):
                self.assertEqual(self.train(job, "distributed", ranks), root)

    def test_the_model_is_the_same_file(self):
        for i, (name, changes) in enumerate(JOBS.items()):
            with self.subTest(job=name):
                self.check(self.make_job(changes), distributed=RANKS if IS_LONG else (RANKS[i % 2], 5),
                           root_of_two=IS_LONG or i % 4 == 0)

    def test_more_rows_than_are_looked_at_from_the_start(self):
        """So many that the fit begins with a sample of its own."""
        self.write(2002, make_rows(2002, 70000))
        self.check(self.make_job({"features": NUMBERS + LEVELS, "weight": "w"}))

    def test_the_earliest_fault_of_the_data_ends_all(self):
        self.write(2003, ["1,2,3,4,l1,a,1,x", "oops,1,2,3,l1,b,1,y"])
        self.write(2006, ["1,2,3,4,l1,a,1,x", "1,2,oops,4,l1,a,1,x"])
        self.check(self.make_job({}), (5, "m_2003.csv"))

    def test_faults_of_all_rows(self):
        job = self.make_job({"label": "winner_x > 1000"})
        self.check(job, (4, "are of class 0"))
        self.check(self.make_job({"weight": "0 * w"}), (4, "are 0, nothing can be learned"))
        self.check(self.make_job({"label": "ismissing(z) and winner_x > 1e9 or 1 > 2",
                                  "features": LEVELS}), (4, "are of class 0"))
        few = [{**LEVELS[0], "max_levels": 3}]
        self.check(self.make_job({"features": few}), (4, "levels in the training rows"))

    def test_bad_records_are_counted_over_all(self):
        self.write(2003, ["oops,1,2,3,l1,b,1,y"])
        self.write(2006, ["1,2,oops,4,l1,a,1,x"])
        forgiving = {"bad_rows": {"policy": "reject", "max_count": 2, "max_fraction": 1.0}}
        self.check(self.make_job({"train": forgiving}))
        forgiving["bad_rows"]["max_count"] = 1
        self.check(self.make_job({"train": forgiving}), (5, "2 of "))

    def test_nothing_to_train_on(self):
        for year in range(2001, 2001 + len(ROWS)):
            self.write(year, [])
        self.check(self.make_job({}), (4, "nothing to train on"))

    def test_a_plan_says_what_it_takes(self):
        job = self.make_job({})
        for mode, said in (("root", "on rank 0 while it trains"),
                           ("distributed", "on each rank at most while all train")):
            done = execute(["train", job, "-o", self.directory / "m.json", "--dry-run", "--set",
                            f"train.mode={mode}"], ranks=3)
            self.assert_exit(done, 0)
            self.assertIn(said, done.stdout)

    def test_memory_is_limited_on_each_rank(self):
        job = self.make_job({"train": {"max_bytes": "20KiB"}})
        for mode in ("root", "distributed"):
            code, said = self.train(job, mode, 3)
            self.assertEqual((code, "train.max_bytes" in said), (4, True), said)

    def test_a_run_scores_with_it(self):
        job = self.make_job({"features": NUMBERS + LEVELS, "label": "kind"})
        models = []
        for mode, ranks in (("root", 0), ("distributed", 3)):
            model = self.directory / f"{mode}.json"
            done = execute(["run", job, "-o", self.directory / "out.h5", "--save-model", model, "--set",
                            f"train.mode={mode}", "--if-exists", "replace"], ranks=ranks)
            self.assert_exit(done, 0)
            models.append(re.sub(rb'"created": *"[^"]*"', b"", model.read_bytes()))
        self.assertEqual(*models)


if __name__ == "__main__":
    main()
