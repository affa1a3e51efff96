"""Which columns become features where a job names those that do not, and what is said of the rest."""
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main  # noqa: E402


class AllExcept(Case):
    def train(self, columns, features, **more):
        """columns: {name: function of the row}; the names of the features, and stderr."""
        random.seed(1)
        rows = [[str(make(i)) for make in columns.values()] for i in range(300)]
        (self.directory / "data").mkdir()
        (self.directory / "data/m_2001.csv").write_text(
            "\n".join(",".join(row) for row in [list(columns), *rows]) + "\n")
        job = self.job(data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                             "partitions": {"year": [2001]}}, features=features, **more)
        done = execute(["train", job, "-o", self.directory / "model.json"])
        self.assert_exit(done, 0)
        model = json.loads((self.directory / "model.json").read_text())
        return [feature["name"] for feature in model["recipe"]["features"]], done.stderr

    def test_a_label_that_is_a_key_is_left_out(self):
        names, said = self.train({"w_h": lambda i: random.random(), "l_h": lambda i: random.random(),
                                  "level": lambda i: "GA"[random.random() < 0.5], "k": lambda i: i},
                                 {"all_except": ["k"]}, label="level == 'G'",
                                 orient={"first": "w_", "second": "l_", "key": ["level", "k"]})
        self.assertEqual(names, ["a_h", "b_h"])
        self.assertIn("column 'level' is left out: the label or the weight is made of it", said)

    def test_a_key_is_a_column_like_any_other(self):
        names, _ = self.train({"w_h": lambda i: random.random(), "l_h": lambda i: random.random(),
                               "k": lambda i: i}, {"all_except": []}, label="a_won",
                              orient={"first": "w_", "second": "l_", "key": ["k"], "label": "a_won"})
        self.assertEqual(names, ["a_h", "b_h", "k"])

    def test_half_a_pair_is_left_out(self):
        for half, other in (("w_only", "l_both"), ("l_only", "w_both")):
            with self.subTest(half=half):
                names, said = self.train(
                    {"w_both": lambda i: random.random(), half: lambda i: random.random(),
                     "l_both": lambda i: random.random(), "k": lambda i: i}, {"all_except": ["k"]},
                    label="a_won", orient={"first": "w_", "second": "l_", "key": ["k"], "label": "a_won"})
                self.assertEqual(names, ["a_both", "b_both"])
                self.assertIn(f"column '{half}' is left out: it would tell who came first", said)
                self.assertNotIn(other, said)
            self.setUp()

    def test_levels_that_are_one_number_vary(self):
        names, said = self.train({"x": lambda i: random.random(), "code": lambda i: ["01", "1"][i % 2],
                                  "same": lambda i: ["1.0", "1"][i % 2], "y": lambda i: i % 3 % 2},
                                 {"all_except": [], "categorical": ["code"]}, label="y")
        self.assertEqual(names, ["x", "code"])
        self.assertIn("column 'same' is left out: it is constant", said)
        self.assertNotIn("'code'", said)


if __name__ == "__main__":
    main()
