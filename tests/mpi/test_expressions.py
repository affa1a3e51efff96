"""Expressions over texts, choices and missing values in whole runs: what they come to is what
Python's csv module and plain code say, for any number of ranks and any cut."""
import csv
import io
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import scoreline_test as st  # noqa: E402

MISSING = ["", "NA", "-"]
SURFACES = ["Clay", "clay", '"Grass"', "", "NA", '"NA"', "-", '"Hard, indoor"', '"it\'s ""wet"""']
FEATURES = [
    {"name": "clay", "expr": "if(surface == 'Clay', 1, if(surface == \"it's \"\"wet\"\"\", -1, 0))",
     "missing": 0.5},
    {"name": "gap", "expr": "coalesce(b, 500) - clip(a, 100, 900)"},
    {"name": "unknown", "expr": "ismissing(surface) or ismissing(b)"},
    {"name": "root", "expr": "if(gap > 0 and not unknown, sqrt(gap), 0)"},
    # a partition key, as a text and as a number
    {"name": "late", "expr": "(year == '2003') + (year > 2001)"},
]
LABEL = "outcome == 'won'"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def label_of(row):
    return -1 if row["outcome"] in MISSING else int(row["outcome"] == "won")


class ExpressionsTest(st.Case):
    def setUp(self):
        super().setUp()
        (self.directory / "data").mkdir()
        self.texts = {}
        state = 7
        for year in range(2000, 2004):
            lines = ["surface,a,b,outcome"]
            for i in range(300):
                state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
                draw = state >> 33
                b = "NA" if draw % 11 == 0 else draw // 7 % 1000
                outcome = ("won", "lost", "won", "lost", "NA")[draw // 13 % 5]
                lines.append(f"{SURFACES[draw % len(SURFACES)]},{draw // 3 % 1000},{b},{outcome}")
            self.texts[year] = "\n".join(lines) + "\n"
            (self.directory / "data" / f"m_{year}.csv").write_text(self.texts[year])

    def run_job(self, out, ranks, *options, **changes):
        settings = dict(train={"partitions": {"year": [2001, 2002, 2003]},
                               "estimator": "logistic_regression"},
                        data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                              "partitions": {"year": "2000..2003"}, "missing": MISSING},
                        features=FEATURES, label=LABEL, output={"keep": ["surface"]})
        job = self.job(**{**settings, **changes})
        done = st.execute(["run", job, "-o", out, *options], ranks=ranks)
        self.assert_exit(done, 0)
        return done

    def test_values_and_ranks(self):
        import h5py

        first = self.directory / "first.h5"
        self.run_job(first, 0, "--save-model", self.directory / "model.json")
        for ranks, chunk in ((1, "1KiB"), (3, "300B"), (2, "7B")):
            out = self.directory / f"{ranks}.h5"
            self.run_job(out, ranks, "--set", f"score.chunk_bytes={chunk}")
            self.assertEqual(st.differences(first, out), [])
        rows = [dict(row, year=year)
                for year in sorted(self.texts) for row in rows_of(self.texts[year])]
        with h5py.File(first) as file:
            got = file["predictions"]
            self.assertEqual(got["label"][()].tolist(), [label_of(row) for row in rows])
            self.assertEqual(set(got["status"][()].tolist()), {0})
            self.assertEqual([text.rstrip(b"\0").decode() for text in got["surface"][()]],
                             [row["surface"] for row in rows])
            self.check_probabilities(rows, got["probability"][()])
        model = json.loads((self.directory / "model.json").read_text())
        self.assertEqual(model["recipe"]["missing"], MISSING)

    def check_probabilities(self, rows, probabilities):
        import math

        model = json.loads((self.directory / "model.json").read_text())
        for row, probability in zip(rows, probabilities):
            surface = None if row["surface"] in MISSING else row["surface"]
            clay = 0.5 if surface is None else {"Clay": 1, 'it\'s "wet"': -1}.get(surface, 0)
            unknown = surface is None or row["b"] in MISSING
            b = 500 if row["b"] in MISSING else float(row["b"])
            gap = b - min(max(float(row["a"]), 100), 900)
            root = math.sqrt(gap) if gap > 0 and not unknown else 0
            late = (row["year"] == 2003) + (row["year"] > 2001)
            z = model["intercept"][0] + sum(
                c * x for c, x in zip(model["coef"][0], (clay, gap, unknown, root, late)))
            self.assertAlmostEqual(probability, 1 / (1 + math.exp(-z)), places=12)

    def test_model_brings_its_missing_texts(self):
        """Clay is missing in the job that scores, but for its texts the model's word counts."""
        first, second = self.directory / "first.h5", self.directory / "second.h5"
        model = self.directory / "model.json"
        self.run_job(first, 0, "--save-model", model)
        changed = f"data.missing={json.dumps([*MISSING, 'Clay', 'won'])}"
        done = st.execute(["score", self.directory / "job.json", "--model", model, "-o", second,
                           "--set", changed])
        self.assert_exit(done, 0)
        one, other = st.datasets(first, ["predictions"]), st.datasets(second, ["predictions"])
        self.assertEqual(one, other)

    def test_guarded_results_are_not_counted(self):
        out = self.directory / "out.h5"
        summary = self.directory / "summary.json"
        expr = "log(coalesce(b, 0) - 500)"
        n_counted = []
        for i, whole in enumerate((expr, f"if(coalesce(b, 0) > 500, {expr}, 0)")):
            self.run_job(out, 0, "--summary", summary, "--if-exists", "replace",
                         features=[{"name": "x", "expr": whole, "missing": 0}])
            n_counted.append(json.loads(summary.read_text())["nonfinite"])
        values = [0 if row["b"] in MISSING else float(row["b"])
                  for text in self.texts.values() for row in rows_of(text)]
        self.assertEqual(n_counted, [sum(value <= 500 for value in values), 0])


if __name__ == "__main__":
    st.main()
