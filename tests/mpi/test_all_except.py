"""Which columns become features where a job names those that do not, and what is said of the rest."""
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from reference import sample_key  # noqa: E402
from scoreline_test import Case, execute, main  # noqa: E402


class AllExcept(Case):
    def train(self, columns, features, **more):
        """columns: {name: function of the row}; the names of the features, and stderr."""
        done = self.try_to_train(columns, features, **more)
        self.assert_exit(done, 0)
        model = json.loads((self.directory / "model.json").read_text())
        return [feature["name"] for feature in model["recipe"]["features"]], done.stderr

    def try_to_train(self, columns, features, **more):
        random.seed(1)
        rows = [[str(make(i)) for make in columns.values()] for i in range(300)]
        (self.directory / "data").mkdir(exist_ok=True)
        (self.directory / "data/m_2001.csv").write_text(
            "\n".join(",".join(row) for row in [list(columns), *rows]) + "\n")
        job = self.job(data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                             "partitions": {"year": [2001]}}, features=features, **more)
        return execute(["train", job, "-o", self.directory / "model.json", "--if-exists", "replace"])

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

    def test_slips_are_refused(self):
        columns = {"x": lambda i: random.random(), "minutes": lambda i: i, "y": lambda i: i % 3 % 2}
        done = self.try_to_train(columns, {"all_except": ["minuts"]}, label="y")
        self.assert_exit(done, 4, "features.all_except: '", "m_2001.csv' has no column 'minuts', did you mean 'minutes'?")
        done = self.try_to_train(columns, {"all_except": [], "categorical": ["z"]}, label="y")
        self.assert_exit(done, 4, "features.categorical: '", "has no column 'z'")
        done = self.try_to_train(columns, {"all_except": ["x"], "categorical": ["x"]}, label="y")
        self.assert_exit(done, 3, "$.features.categorical[0]: the column 'x' is in all_except too")

    def test_what_is_excepted_may_be_anything(self):
        names, _ = self.train({"x": lambda i: random.random(), "junk": lambda i: i, "y": lambda i: i % 3 % 2},
                              {"all_except": ["junk"]}, label="y")
        self.assertEqual(names, ["x"])
        text = (self.directory / "data/m_2001.csv").read_text()
        (self.directory / "data/m_2001.csv").write_text(text.replace("x,junk,y", "junk,x,y", 1))
        (self.directory / "data/m_2002.csv").write_text("x,y\n1,0\n2,1\n")
        (self.directory / "data/m_2003.csv").write_text("junk,x,junk,y\n1,1,1,0\n1,2,1,1\n")
        job = self.job(features={"all_except": ["junk"]}, label="y",
                       train={"partitions": {"year": [2001, 2002, 2003]}, "estimator": "logistic_regression"},
                       data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                             "partitions": {"year": "2001..2003"}})
        self.assert_exit(execute(["train", job, "-o", self.directory / "model.json", "--if-exists", "replace"]), 0)

    def test_names_that_can_be_no_feature(self):
        columns = {"": lambda i: i, "w_x": lambda i: random.random(), "l_x": lambda i: random.random(),
                   "a_y": lambda i: random.random(), "k": lambda i: i}
        names, said = self.train(columns, {"all_except": ["k"]}, label="a_won",
                                 orient={"first": "w_", "second": "l_", "key": ["k"], "label": "a_won"})
        self.assertEqual(names, ["a_x", "b_x"])
        self.assertIn("column '' is left out: it has no name", said)
        self.assertIn("column 'a_y' is left out: orient gives its name to something else", said)

    def test_levels_are_told_apart_without_blanks(self):
        columns = {"x": lambda i: random.random(), "same": lambda i: ["u", " u"][i % 2],
                   "two": lambda i: ["u", " v", "u "][i % 3], "y": lambda i: i % 3 % 2}
        names, said = self.train(columns, {"all_except": [], "trim": True, "max_levels": 2}, label="y")
        self.assertEqual(names, ["x", "two"])
        self.assertIn("column 'same' is left out: it is constant", said)

    def test_a_model_must_fit_the_group(self):
        columns = {"w_x": lambda i: random.random(), "l_x": lambda i: random.random(),
                   "z": lambda i: random.random(), "k": lambda i: i}
        orient = {"first": "w_", "second": "l_", "key": ["k"], "label": "a_won"}
        self.train(columns, {"all_except": ["k"]}, label="a_won", orient=orient)
        for features, message in (
                ({"all_except": ["k"]}, None),
                ({"all_except": ["k", "w_x"]}, "$.features.all_except: 'a_x' is a feature of the model"),
                ({"all_except": ["k", "b_x"]}, "$.features.all_except: 'a_x' is a feature of the model"),
                ({"all_except": ["k"], "categorical": ["l_x"]}, "$.features.categorical: 'a_x' is numeric"),
                ({"all_except": ["k"], "scale": "standard"},
                 "$.features.scale: 'standard', but the model has 'none'")):
            job = self.job(data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                                 "partitions": {"year": [2001]}}, features=features, label="a_won",
                           orient=orient, output={"path": str(self.directory / "out.h5")})
            done = execute(["score", job, "--model", self.directory / "model.json", "--if-exists", "replace"])
            with self.subTest(features=features):
                self.assert_exit(done, 0 if message is None else 3, *([message] if message else []))

    def test_equal_remainders_go_to_the_smallest_key(self):
        """Twelve rows, four of them wanted: shares of 1/3, 4/3 and 7/3."""
        told = set()
        for seed in range(12):
            (self.directory / "data").mkdir(exist_ok=True)
            (self.directory / "data/m_2001.csv").write_text(
                "id,x,y\n" + "".join(f"{i},{i * i % 7},{y}\n" for i, y in enumerate("abbbbccccccc")))
            job = self.job(data={"root": str(self.directory / "data"), "path": "m_{year}.csv",
                                 "partitions": {"year": [2001]}}, features=["x"], label="y",
                           train={"partitions": "all", "estimator": "logistic_regression",
                                  "sample": {"rows": 4, "seed": seed, "stratify": True}})
            self.assert_exit(execute(["train", job, "-o", self.directory / "model.json", "--if-exists", "replace"]), 0)
            model = json.loads((self.directory / "model.json").read_text())
            keys = {y: min(sample_key(seed, "2001", i) for i, other in enumerate("abbbbccccccc") if other == y)
                    for y in "abc"}
            extra = min(keys, key=keys.get)
            told.add(extra)
            wanted = {"a": 0, "b": 1, "c": 2}
            wanted[extra] += 1
            self.assertEqual(model["classes"], [y for y in "abc" if wanted[y]])
        self.assertGreater(len(told), 1)

    def test_levels_that_are_one_number_vary(self):
        names, said = self.train({"x": lambda i: random.random(), "code": lambda i: ["01", "1"][i % 2],
                                  "same": lambda i: ["1.0", "1"][i % 2], "y": lambda i: i % 3 % 2},
                                 {"all_except": [], "categorical": ["code"]}, label="y")
        self.assertEqual(names, ["x", "code"])
        self.assertIn("column 'same' is left out: it is constant", said)
        self.assertNotIn("'code'", said)


if __name__ == "__main__":
    main()
