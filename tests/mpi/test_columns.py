"""Columns are what their names say, wherever they stand: files whose columns are in another order,
with others among them, quoted, with other line ends, give the same scores; a column that is needed
and not there, or renamed, is an error that names it and what comes near."""
import csv
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main

YEARS = (2000, 2001, 2002, 2003)
TRAINED = 2001
ROWS = 300
SURFACES = ["Clay", "Grass", "Hard", "Hard, indoor", 'the "new" one', "Blått"]
NEEDED = ["id", "day", "surface", "a", "b", "w_rank", "l_rank", "w_hand", "l_hand"]
NAMES = [*NEEDED, "won", "share", "notes"]
OF_LABEL = ["won"]
OF_WEIGHT = ["share"]
KEPT = ["notes"]

FEATURES = [
    {"name": "gap", "expr": "log(b_rank) - log(a_rank)", "missing": "mean", "scale": "standard",
     "indicator": True},
    {"name": "kind", "categorical": "surface", "missing": "level"},
    {"name": "hand", "categorical": "a_hand", "missing": "level", "drop": "first"},
    {"name": "rainy", "expr": "(surface == 'Clay') * b"},
    "a",
]
ORIENT = {"first": "w_", "second": "l_", "label": "a_won", "key": ["id", "day"], "seed": 4}


def numbers(seed):
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


def make_rows(year):
    """A year's records as texts, by column."""
    draw = numbers(year)
    rows = []
    for i in range(ROWS):
        ranks = [str(next(draw) % 400 + 1) if next(draw) % 17 else "NA" for _ in range(2)]
        rows.append(dict(
            id=f"{year}-{i}", day=str(next(draw) % 30), surface=SURFACES[next(draw) % 5],
            a=str(next(draw) % 1000 / 8), b=str(next(draw) % 1000 / 16), w_rank=ranks[0],
            l_rank=ranks[1], w_hand="LR"[next(draw) % 5 > 0], l_hand=("R", "L", "")[next(draw) % 3],
            won=("yes", "no", "no", "")[next(draw) % 4], share=str(next(draw) % 5),
            notes=("", "a, b", 'say "no"', "two\nlines", "x")[next(draw) % 5]))
        if year != TRAINED and i % 50 == 7:
            rows[-1]["surface"] = SURFACES[5]
    return rows


class Columns(Case):
    """Each test scores changed files by the model of the files as they were made."""

    @classmethod
    def setUpClass(cls):
        cls.rows = {year: make_rows(year) for year in YEARS}

    def setUp(self):
        super().setUp()
        self.write("data")
        self.model = self.directory / "model.json"
        self.first = self.directory / "first.h5"
        self.check_run("run", self.write_job(), "-o", self.first, "--save-model", self.model)

    def write(self, folder, names=NAMES, change=None, **style):
        """All years; `names` is a list, or gives one for a year; `change` may alter a record."""
        (self.directory / folder).mkdir(exist_ok=True)
        for year in YEARS:
            columns = names(year) if callable(names) else names
            with open(self.directory / folder / f"m_{year}.csv", "w", newline="") as file:
                writer = csv.DictWriter(file, columns, **{"lineterminator": "\n", **style},
                                        extrasaction="ignore", restval="")
                writer.writeheader()
                for i, row in enumerate(self.rows[year]):
                    writer.writerow(change(i, row) if change else row)

    def write_job(self, name="job.json", **changes):
        settings = {
            "data": {"root": str(self.directory / "data"), "path": "m_{year}.csv",
                     "partitions": {"year": list(YEARS)}},
            "orient": ORIENT, "features": FEATURES, "label": "a_won",
            "train": {"partitions": {"year": TRAINED}, "estimator": "logistic_regression"},
            "output": {"keep": KEPT}, **changes}
        (self.directory / name).write_text(json.dumps(settings))
        return self.directory / name

    def check_run(self, *arguments, ranks=0):
        done = execute(arguments, ranks=ranks)
        self.assert_exit(done, 0)
        return done

    def score(self, folder, ranks=0, *options):
        return execute(["score", self.directory / "job.json", "--model", self.model, "--set",
                        f"data.root={self.directory / folder}", "-o", self.directory / f"{folder}.h5",
                        "--if-exists", "replace", *options], ranks=ranks)

    def read(self, path, skip=()):
        """What was said of rows, and how good it was; bytes and places of files may differ."""
        import h5py

        with h5py.File(path) as file:
            found = {f"{group}/{name}": (item.dtype.str, item.shape, item[()].tobytes())
                     for group in ("predictions", "metrics") for name, item in file[group].items()
                     if name not in skip}
            for name in ("rows", "scored", "missing", "rejected"):
                found[name] = file[f"partitions/{name}"][()].tolist()
        return found

    def assert_same(self, folder, *options, skip=(), ranks=(0,)):
        for n_ranks in ranks:
            cuts = ("--set", "score.chunk_bytes=999") if n_ranks else ()
            self.assert_exit(self.score(folder, n_ranks, *cuts, *options), 0)
            self.assertEqual(self.read(self.directory / f"{folder}.h5", skip),
                             self.read(self.first, skip), f"{folder}, {n_ranks} ranks")

    # --- other files that say the same ---

    def test_order(self):
        self.write("reversed", NAMES[::-1])
        self.assert_same("reversed")

    def test_order_differs_from_file_to_file(self):
        self.write("turned", lambda year: NAMES[year - 1998:] + NAMES[:year - 1998])
        self.assert_same("turned", ranks=(0, 2))

    def test_trained_on_files_in_another_order(self):
        """The same model, to the bit, but for where it came from."""
        self.write("turned", lambda year: NAMES[5:] + NAMES[:5])
        other = self.directory / "turned.json"
        self.check_run("run", self.write_job(), "--set", f"data.root={self.directory / 'turned'}",
                       "-o", self.directory / "turned.h5", "--save-model", other)
        one, two = (json.loads(path.read_text()) for path in (self.model, other))
        for model in (one, two):
            del model["provenance"]
        self.assertEqual(one, two)
        self.assertEqual(self.read(self.directory / "turned.h5"), self.read(self.first))

    def test_columns_that_nobody_needs(self):
        """Whatever is in them, and however often they are there."""
        extra = {"": "x", "A": "not a number", "surface ": "Clay", "a,b": "1,2", 'q"': '"',
                 "long": "y" * 5000, "lines": "1\n2\r\n3,4", "b2": "NA", "prob": "\u00e9"}
        names = ["lines", "A", *NAMES[:4], "", "a,b", *NAMES[4:], "surface ", 'q"', "long", "b2",
                 "prob"]
        self.write("more", names, change=lambda i, row: {**row, **extra})
        self.assert_same("more")
        for year in YEARS:
            path = self.directory / "more" / f"m_{year}.csv"
            path.write_text(path.read_text().replace("prob", "A", 1))
        self.assert_same("more")

    def test_columns_dropped_that_nobody_needs(self):
        self.write("fewer", [*NEEDED, *KEPT])
        self.assert_same("fewer")

    def test_quotes(self):
        self.write("quoted", quoting=csv.QUOTE_ALL)
        self.assert_same("quoted")

    def test_line_ends(self):
        for folder, end in (("crlf", "\r\n"), ("lf", "\n")):
            self.write(folder, lineterminator=end)
        self.assert_same("crlf")
        for year in YEARS:
            path = self.directory / "lf" / f"m_{year}.csv"
            path.write_text(path.read_text().rstrip("\n"))
        self.assert_same("lf")

    def test_blank_lines_and_byte_order_marks(self):
        self.write("marked")
        for year in YEARS:
            path = self.directory / "marked" / f"m_{year}.csv"
            lines = path.read_text().replace("\n2", "\n\n2")
            path.write_text("\ufeff" + lines, encoding="utf-8")
        self.assert_same("marked")

    def test_delimiter(self):
        self.write("tabs", NAMES[::-1], delimiter="\t")
        self.assert_same("tabs", "--set", "data.delimiter=\t")
        self.write("single", NAMES[::-1], delimiter=";", quotechar="'")
        self.assert_same("single", "--set", "data.delimiter=;", "--set", "data.quote='")

    def test_all_at_once(self):
        """By each way of scoring: run with a model, score, score by an output."""
        self.write("mixed", lambda year: ["x", *NAMES[year % 5:], "y", *NAMES[:year % 5]],
                   quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        self.assert_same("mixed", ranks=(0, 3))
        whole = self.read(self.first)
        out = self.directory / "again.h5"
        for command, model in (("run", self.model), ("score", self.first)):
            self.check_run(command, self.directory / "job.json", "--model", model, "--set",
                           f"data.root={self.directory / 'mixed'}", "-o", out, "--if-exists",
                           "replace")
            self.assertEqual(self.read(out), whole)

    # --- columns that are not there ---

    def without(self, *names):
        return [name for name in NAMES if name not in names]

    def refused(self, folder, *texts, ranks=(0,)):
        """With one message, and no output is left."""
        for n_ranks in ranks:
            done = self.score(folder, n_ranks)
            self.assert_exit(done, 4, *texts)
            self.assertEqual(done.stderr.count("scoreline: "), 1, done.stderr)
            self.assertFalse((self.directory / f"{folder}.h5").exists())

    def test_needed_columns_dropped(self):
        for name in [*NEEDED, *KEPT]:
            with self.subTest(column=name):
                self.write("lacking", self.without(name))
                self.refused("lacking", "m_2000.csv", f"no column '{name}'")

    def test_one_file_lacks_a_column(self):
        self.write("lacking", lambda year: self.without("surface") if year == 2002 else NAMES)
        self.refused("lacking", "partition '2002'", "m_2002.csv", "no column 'surface'",
                     ranks=(0, 2, 5))

    def test_renamed_columns(self):
        for old, new in (("surface", "Surface"), ("surface", "surfaces"), ("surface", " surface"),
                         ("w_rank", "w_ranks"), ("day", "days"), ("notes", "note"), ("id", "ID")):
            with self.subTest(column=old, renamed=new):
                self.write("renamed", [new if name == old else name for name in NAMES],
                           change=lambda i, row: {**row, new: row[old]})
                self.refused("renamed", "m_2000.csv", f"no column '{old}', did you mean '{new}'?")

    def test_nothing_comes_near(self):
        self.write("renamed", ["something else" if name == "surface" else name for name in NAMES])
        done = self.score("renamed")
        self.assert_exit(done, 4, "no column 'surface'")
        self.assertNotIn("did you mean", done.stderr)

    def test_needed_columns_twice(self):
        for name in ("a", "surface", "w_hand", "id", "notes"):
            with self.subTest(column=name):
                self.write("twice", [*NAMES, name])
                self.refused("twice", "m_2000.csv", f"column '{name}' stands twice")

    def test_files_trained_on(self):
        job = self.write_job("weighted.json", weight="share", label="won == 'yes'")
        for name in [*NEEDED, *OF_LABEL, *OF_WEIGHT]:
            with self.subTest(column=name):
                self.write("lacking", lambda year: self.without(name) if year == TRAINED else NAMES)
                done = execute(["train", job, "--set", f"data.root={self.directory / 'lacking'}",
                                "-o", self.directory / "trained.json"])
                self.assert_exit(done, 4, "m_2001.csv", f"no column '{name}'")
                self.assertFalse((self.directory / "trained.json").exists())

    def test_columns_of_label_and_weight_may_be_absent_where_nothing_is_trained(self):
        import h5py
        import numpy

        job = self.write_job("weighted.json", weight="share + 1", label="won")
        whole = self.directory / "whole.h5"
        self.check_run("run", job, "-o", whole)
        drop = OF_LABEL + OF_WEIGHT
        self.write("bare", lambda year: NAMES if year == TRAINED else self.without(*drop))
        for ranks in (0, 2):
            out = self.directory / f"bare{ranks}.h5"
            done = self.check_run("run", job, "--set", f"data.root={self.directory / 'bare'}", "-o",
                                  out, ranks=ranks)
            notes = [line for line in done.stderr.splitlines() if "note:" in line and "label" in line]
            self.assertEqual(len(notes), 1, done.stderr)
            self.assertIn("3 of 4 partitions, '2000' first", notes[0])
            with h5py.File(whole) as one, h5py.File(out) as other:
                for name in ("probability", "predicted", "status", "notes"):
                    self.assertEqual(one["predictions"][name][()].tobytes(),
                                     other["predictions"][name][()].tobytes(), name)
                trained = other["predictions/partition"][()] == YEARS.index(TRAINED)
                labels = one["predictions/label"][()]
                self.assertEqual(set(labels.tolist()), {-1, 0, 1})
                numpy.testing.assert_array_equal(other["predictions/label"][()],
                                                 numpy.where(trained, labels, -1))
                self.assertEqual(other["metrics/rows"][0], 0)
                self.assertTrue(numpy.isnan(other["metrics/accuracy"][0]))


if __name__ == "__main__":
    main("numpy")
