#!/usr/bin/python3
"""Commands on outputs: evaluate against scikit-learn, export against the program's own reader, and
files that are damaged or made to harm."""
import json
import os
import pathlib
import random
import shutil
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import scoreline_test  # noqa: E402
from scoreline_test import Case, differences, execute  # noqa: E402
from several import make_piece, make_several  # noqa: E402


class Outputs(Case):
    def run_job(self, job, name="out.h5", *arguments):
        path = self.directory / name
        done = execute(["run", job, "-o", path, "-q", *arguments])
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def succeed(self, *arguments):
        done = execute(arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def damage(self, whole, path, seed):
        """A file with bytes changed is read or refused, sixty times."""
        random.seed(seed)
        for _ in range(60):
            damaged = bytearray(whole)
            for _ in range(random.choice((1, 1, 3, 20))):
                damaged[random.randrange(len(damaged))] = random.randrange(256)
            path.write_bytes(damaged)
            for arguments in (["evaluate", path], ["export", path, "-o", self.directory / "x", "-q",
                                                   "--if-exists", "replace"]):
                self.assertIn(execute(arguments).returncode, (0, 4))


class Evaluate(Outputs):
    def setUp(self):
        super().setUp()
        self.data()
        self.out = self.run_job(self.job())

    def evaluate(self, *arguments, path=None):
        return json.loads(self.succeed("evaluate", path or self.out, "--json", *arguments).stdout)

    def held_out(self, years=(0, 2, 3)):
        """Labels and probabilities of the scored rows of some partitions."""
        import h5py
        import numpy

        with h5py.File(self.out) as file:
            rows = file["predictions"]
            wanted = (rows["status"][()] == 0) & (rows["label"][()] >= 0)
            wanted &= numpy.isin(rows["partition"][()], years)
            return rows["label"][()][wanted], rows["probability"][()][wanted]

    def test_metrics_are_those_stored(self):
        import h5py

        found = self.evaluate()["metrics"]
        with h5py.File(self.out) as file:
            names = file["metrics/scope"].asstr()[()].tolist()
            self.assertEqual([group["scope"] for group in found], names)
            for key in ("rows", "accuracy", "log_loss", "roc_auc", "roc_auc_error", "brier",
                        "base_rate"):
                self.assertEqual([group[key] for group in found], file["metrics"][key][()].tolist())
        self.assertEqual([group.get("trained_on") for group in found],
                         [None, None, None, False, True, False, False])

    def test_metrics_against_sklearn(self):
        from sklearn import metrics

        found = self.evaluate()["metrics"][0]
        label, p = self.held_out()
        self.assertEqual(found["rows"], len(label))
        self.assertAlmostEqual(found["accuracy"], metrics.accuracy_score(label, p >= 0.5), 14)
        self.assertAlmostEqual(found["log_loss"], metrics.log_loss(label, p), 12)
        self.assertAlmostEqual(found["roc_auc"], metrics.roc_auc_score(label, p), 14)
        self.assertAlmostEqual(found["brier"], metrics.brier_score_loss(label, p), 14)

    def test_auc_from_bins(self):
        """Beyond metrics.exact_rows; also of what is combined, whose pieces are below it."""
        limit = ["--set", "metrics.exact_rows=100"]
        exact = self.evaluate()["metrics"]
        out = self.run_job(self.job(), "bins.h5", *limit)
        pieces = [self.run_job(self.job(), f"piece{i}.h5", *limit, "--shard", f"{i}/9")
                  for i in range(1, 10)]
        done = self.succeed("evaluate", out)
        self.assertEqual(done.stderr, "")
        self.assertIn("AUC is from bins of the score, off by at most", done.stdout)
        self.assertNotIn("AUC is from bins", self.succeed("evaluate", self.out).stdout)
        found = self.evaluate(path=out)["metrics"]
        self.assertGreater(found[0]["rows"], 100)
        self.assertEqual({group["roc_auc_error"] for group in exact} - {None}, {0})
        self.assertGreater(found[0]["roc_auc_error"], 0)
        for a, b in zip(exact, found):
            if a["roc_auc"] is None:
                self.assertIsNone(b["roc_auc_error"])
            else:
                self.assertLessEqual(abs(a["roc_auc"] - b["roc_auc"]), b["roc_auc_error"] + 1e-15)
        self.succeed("combine", *pieces, "-o", self.directory / "combined.h5", "-q")
        self.assertEqual(self.evaluate(path=self.directory / "combined.h5")["metrics"], found)

    def test_deciles(self):
        import numpy

        label, p = self.held_out()
        order = numpy.argsort(-p, kind="stable")
        n, positives = len(p), int(label.sum())
        found, captured = self.evaluate()["deciles"], 0
        for d, decile in enumerate(found):
            rows = order[d * n // 10:(d + 1) * n // 10]
            captured += int(label[rows].sum())
            self.assertEqual((decile["decile"], decile["rows"], decile["positives"]),
                             (d + 1, len(rows), int(label[rows].sum())))
            self.assertEqual(decile["captured"], captured / positives)
            self.assertAlmostEqual(decile["base_rate"], label[rows].mean(), 14)
            self.assertAlmostEqual(decile["mean_probability"], p[rows].mean(), 14)
            self.assertAlmostEqual(decile["lift"], label[rows].mean() / label.mean(), 13)
        self.assertEqual(found[-1]["captured"], 1)

    def test_calibration(self):
        from sklearn.calibration import calibration_curve

        label, p = self.held_out()
        found = [b for b in self.evaluate()["calibration"] if b["rows"] > 0]
        observed, mean = calibration_curve(label, p, n_bins=10)
        self.assertEqual(len(found), len(mean))
        for b, rate, probability in zip(found, observed, mean):
            self.assertAlmostEqual(b["observed"], rate, 14)
            self.assertAlmostEqual(b["mean_probability"], probability, 14)
            self.assertTrue(b["low"] < probability <= b["high"])

    def test_confusion(self):
        from sklearn import metrics

        label, p = self.held_out()
        for arguments, threshold in (((), 0.5), (("--threshold", "0.35"), 0.35), (("--threshold=0",), 0)):
            found = self.evaluate(*arguments)["confusion"]
            tn, fp, fn, tp = metrics.confusion_matrix(label, p >= threshold).ravel()
            self.assertEqual([found[key] for key in ("threshold", "true_negative", "false_positive",
                                                     "false_negative", "true_positive")],
                             [threshold, tn, fp, fn, tp])
            precision, recall, f1, _ = metrics.precision_recall_fscore_support(
                label, p >= threshold, average="binary")
            self.assertAlmostEqual(found["precision"], precision, 14)
            self.assertAlmostEqual(found["recall"], recall, 14)
            self.assertAlmostEqual(found["f1"], f1, 14)
            self.assertAlmostEqual(found["specificity"], tn / (tn + fp), 14)

    def test_threshold_of_the_job(self):
        path = self.run_job(self.job(score={"decision_threshold": 0.3}), "low.h5")
        self.assertEqual(self.evaluate(path=path)["confusion"]["threshold"], 0.3)

    def test_nothing_held_out(self):
        path = self.run_job(self.job(score={"partitions": {"year": 2001}}), "trained.h5")
        found = self.evaluate(path=path)
        self.assertEqual((found["rows_of"], found["rows"]), ("all", found["metrics"][2]["rows"]))
        self.assertIn("the model was trained on them", self.succeed("evaluate", path).stdout)

    def test_no_labels(self):
        import h5py

        with h5py.File(self.out, "r+") as file:
            file["predictions/label"][...] = -1
        found = self.evaluate()
        self.assertEqual((found["rows"], found["deciles"][0]["lift"], found["metrics"][0]["accuracy"]),
                         (0, None, None))
        done = self.succeed("evaluate", self.out)
        self.assertIn("there is nothing to compare with", done.stdout)
        self.assertIn("/metrics says something else than its rows do", done.stderr)

    def test_table(self):
        text = self.succeed("evaluate", self.out).stdout
        found = self.evaluate()
        run = execute(["run", self.job(), "-o", self.directory / "again.h5"]).stdout
        self.assertTrue(text.startswith(run))
        self.assertIn(f"of the {found['rows']} held out rows with a label", text)
        self.assertEqual(len([line for line in text.splitlines() if " to " in line]), 10)

    def test_faults(self):
        self.assert_exit(execute(["evaluate"]), 2, "evaluate needs an output file")
        for threshold in ("1.5", "-0.1"):
            self.assert_exit(execute(["evaluate", self.out, f"--threshold={threshold}"]), 2, "from 0 to 1")
        self.assert_exit(execute(["evaluate", self.out, "--threshold=half"]), 2,
                         "'--threshold' takes a number, not 'half'")
        self.assert_exit(execute(["evaluate", self.directory / "none.h5"]), 4, "No such file")

    def test_starts_without_mpi(self):
        """No MPI_Init: it would read its variables, and fail at a network that does not exist."""
        done = execute(["evaluate", self.out], environment={"OMPI_MCA_pml": "nonsense"})
        self.assertEqual(done.returncode, 0, done.stderr)


NASTY = ["plain", "comma, inside", 'a "quote"', '"', '""', "line\nfeed", "line\r\nend", "lone\rreturn",
         "", "NA", " blanks ", "tab\t", "\u00e9t\u00e9", "'single'", "=1+1", ",", "\n", "x\0y"]


class Export(Outputs):
    def setUp(self):
        super().setUp()
        (self.directory / "data").mkdir()
        random.seed(7)
        texts = [text.encode() for text in NASTY] + [b"not \xff\xfe UTF-8"]
        for year in (2000, 2001):
            with open(self.directory / f"data/m_{year}.csv", "wb") as file:
                file.write(b"text,x,n,y\n")
                for i in range(300):
                    text = texts[i % len(texts)].replace(b'"', b'""')
                    number = struct.unpack("d", random.randbytes(8))[0] if i % 3 else i / 7
                    x = b"" if i % 11 == 0 or number != number or abs(number) > 1e300 else repr(number).encode()
                    n = [b"", b"0", b"-1", b"9223372036854775807", b"-9223372036854775807"][i % 5]
                    y = b"" if i % 13 == 0 else str(random.randint(-9, 9)).encode()
                    file.write(b'"%s",%s,%s,%s\n' % (text, x, n, y))
                if year == 2001:
                    file.write(b"too,few\n")
        self.keep = ["text", {"column": "x", "as": "float64"}, {"column": "n", "as": "int64"}]
        self.out = self.run_job(self.nasty_job())

    def nasty_job(self, name="job.json", keep=None, **changes):
        return self.job(name, **{
            "data": {"root": str(self.directory / "data"), "path": "m_{year}.csv",
                     "partitions": {"year": "2000..2001"}},
            "features": [{"name": "y", "missing": "drop_row"}], "label": "y > 0",
            "train": {"partitions": {"year": 2000}, "estimator": "logistic_regression"},
            "score": {"bad_rows": {"max_fraction": 0.5}},
            "output": {"path": "x.h5", "keep": keep or self.keep}, **changes})

    def export(self, name, *arguments):
        return self.succeed("export", self.out, "-o", f"{self.directory}/{name}", *arguments)

    def columns(self, path, names):
        import h5py

        with h5py.File(path) as file:
            return {name: (file["predictions"][name].dtype, file["predictions"][name][()].tobytes())
                    for name in names}

    def test_own_reader_reads_it_back(self):
        """Kept columns and probabilities come back bit for bit from the CSV."""
        self.export("all.csv")
        job = self.nasty_job("back.json", [*self.keep, {"column": "probability", "as": "float64"}],
                             data={"root": str(self.directory), "path": "all.csv"},
                             features=["probability"], label="label", train={
                                 "partitions": "all", "estimator": "logistic_regression"})
        text = job.read_text().replace('"probability"]', '{"name": "probability", "missing": "drop_row"}]')
        job.write_text(text)
        back = self.run_job(job, "back.h5")
        self.assertEqual(self.columns(back, ["text", "x", "n"]), self.columns(self.out, ["text", "x", "n"]))
        self.assertEqual(self.columns(back, ["keep_probability"])["keep_probability"],
                         self.columns(self.out, ["probability"])["probability"])
        self.assertEqual(self.columns(back, ["label"]), self.columns(self.out, ["label"]))

    def test_columns_and_values(self):
        import csv
        import h5py

        self.export("all.csv")
        with open(self.directory / "all.csv", newline="", encoding="utf-8", errors="surrogateescape") as file:
            content = file.read().replace("\0", "?").replace("lone\rreturn", "lone return")
        table = list(csv.reader(content.splitlines(keepends=True)))
        self.assertEqual(table[0], ["year", "record", "status", "predicted", "probability", "label",
                                    "text", "x", "n"])
        self.assertEqual(len(table), 602)
        with h5py.File(self.out) as file:
            rows = {name: file["predictions"][name][()] for name in file["predictions"] if name != "row"}
        words = ["scored", "missing_input", "rejected"]
        for i, line in enumerate(table[1:]):
            year, record, status, predicted, probability, label, _, x, n = line
            self.assertEqual((year, int(record)), ("2000", i) if i < 300 else ("2001", i - 300))
            self.assertEqual(status, words[rows["status"][i]])
            self.assertEqual(predicted, "" if rows["predicted"][i] == -1 else str(rows["predicted"][i]))
            self.assertEqual(label, "" if rows["label"][i] == -1 else str(rows["label"][i]))
            self.assertEqual(n, "" if rows["n"][i] == -2**63 else str(rows["n"][i]))
            for text, value in ((probability, rows["probability"][i]), (x, rows["x"][i])):
                self.assertEqual(text == "", value != value)
                if text:
                    self.assertEqual(struct.pack("d", float(text)), struct.pack("d", value))
                    digits = text.lstrip("-").split("e")[0].replace(".", "").strip("0")
                    shortest = repr(float(value)).lstrip("-").split("e")[0].replace(".", "").strip("0")
                    self.assertEqual(digits, shortest)

    def test_by_partition(self):
        done = self.export("new/")
        self.assertIn("601 rows, 2 files", done.stderr)
        self.export("all.csv", "-q")
        whole = (self.directory / "all.csv").read_bytes()
        header = whole[:whole.index(b"\n") + 1]
        parts = [(self.directory / f"new/{year}.csv").read_bytes() for year in (2000, 2001)]
        self.assertEqual(sorted(os.listdir(self.directory / "new")), ["2000.csv", "2001.csv"])
        for part in parts:
            self.assertTrue(part.startswith(header))
        self.assertEqual(header + b"".join(part[len(header):] for part in parts), whole)

    def test_standard_output(self):
        self.export("all.csv")
        done = execute(["export", self.out, "-o", "-"])
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout.count("scored,"), (self.directory / "all.csv").read_bytes().count(b"scored,"))

    def test_existing_files_are_kept(self):
        path = self.directory / "all.csv"
        path.write_text("mine")
        self.assert_exit(execute(["export", self.out, "-o", path]), 6, "all.csv' exists", "--if-exists")
        self.assertEqual(path.read_text(), "mine")
        self.export("all.csv", "--if-exists", "replace")
        self.assertTrue(path.read_text(errors="replace").startswith("year,record,"))
        (self.directory / "dir").mkdir()
        (self.directory / "dir/2001.csv").write_text("mine")
        self.assert_exit(execute(["export", self.out, "-o", self.directory / "dir"]), 6, "2001.csv' exists")
        self.assertEqual(os.listdir(self.directory / "dir"), ["2001.csv"])

    def test_faults(self):
        for arguments in (["export", self.out], ["export", "-o", "x.csv"]):
            self.assert_exit(execute(arguments), 2, "export needs an output file and -o")
        nowhere = self.directory / "nowhere/all.csv"
        self.assert_exit(execute(["export", self.out, "-o", nowhere]), 6, "cannot write '", "No such file")
        self.assert_exit(execute(["export", self.out, "-o", f"{self.directory}/no/where/"]), 6,
                         "cannot make '")

    def test_a_file_over_the_limit_leaves_nothing(self):
        before = sorted(os.listdir(self.directory))
        done = execute(["export", self.out, "-o", self.directory / "all.csv"],
                       wrapper=("sh", "-c", 'ulimit -f 8; exec "$@"', "sh"))
        self.assert_exit(done, 6, "cannot write '", "all.csv': File too large")
        self.assertEqual(sorted(os.listdir(self.directory)), before)

    def rename(self, *names):
        """Partitions by other names than files could have."""
        import h5py
        import numpy

        path = self.directory / "named.h5"
        shutil.copy(self.out, path)
        with h5py.File(path, "r+") as file:
            for dataset in ("name", "key_year"):
                del file["partitions"][dataset]
                kind = h5py.h5t.C_S1.copy()
                kind.set_size(64)
                kind.set_strpad(h5py.h5t.STR_NULLPAD)
                space = h5py.h5s.create_simple((len(names),))
                made = h5py.h5d.create(file["partitions"].id, dataset.encode(), kind, space)
                made.write(space, space, numpy.array([name.encode() for name in names], "S64"))
        return path

    def test_names_stay_in_the_directory(self):
        for names, files in (
                (("../up", "/etc/passwd"), ["_._up.csv", "_etc_passwd.csv"]),
                (("..", "."), ["_..csv", "_.csv"]),
                (("-rf", "~me"), ["_me.csv", "_rf.csv"]),
                (("a/b", "a_b"), ["0-a_b.csv", "1-a_b.csv"]),
                (("", "a\nb\"c"), ["_.csv", "a_b_c.csv"]),
                (("x" * 64, "2000/01"), ["2000_01.csv", "x" * 64 + ".csv"])):
            place = self.directory / "safe"
            shutil.rmtree(place, ignore_errors=True)
            self.succeed("export", self.rename(*names), "-o", f"{place}/", "-q")
            self.assertEqual(sorted(os.listdir(place)), files)

    def test_clashing_headers(self):
        with open(self.directory / "data/m_2000.csv", "rb") as file:
            lines = file.read()
        for year in (2000, 2001):
            (self.directory / f"data/m_{year}.csv").write_bytes(
                lines.replace(b"text,x,n,y", b'record,year,"a,b",y', 1))
        self.out = self.run_job(self.nasty_job("clash.json", ["record", "year", "a,b"]), "clash.h5")
        self.export("clash.csv")
        self.assertEqual((self.directory / "clash.csv").read_bytes().split(b"\n")[0],
                         b'year,record,status,predicted,probability,label,keep_record,keep_year,"a,b"')


class Several(Outputs):
    """More than two classes."""

    names = ["Clay", 'a "b", c', "\u00e9t\u00e9", "x"]

    def setUp(self):
        super().setUp()
        self.data()
        self.two = self.run_job(self.job(), "two.h5")
        self.out = make_several(self.two, self.directory / "out.h5", self.names)

    def rows(self, path=None):
        import h5py

        with h5py.File(path or self.out) as file:
            return {name: data[()] for name, data in file["predictions"].items() if name not in ("row", "class")}

    def groups(self, rows):
        """Which labelled rows are of each of the first three groups; 2001 was trained on."""
        counted = (rows["status"] == 0) & (rows["label"] >= 0)
        trained = rows["partition"] == 1
        return {"held_out": counted & ~trained, "trained_on": counted & trained, "all": counted}

    def evaluate(self, path=None):
        done = self.succeed("evaluate", path or self.out, "--json")
        self.assertEqual(done.stderr, "")
        return json.loads(done.stdout)

    def test_metrics_against_sklearn(self):
        import numpy
        from sklearn import metrics

        rows, found = self.rows(), self.evaluate()
        self.assertEqual(found["classes"], self.names)
        for i, (scope, some) in enumerate(self.groups(rows).items()):
            label, p, predicted = rows["label"][some], rows["probability"][some], rows["predicted"][some]
            got = found["metrics"][i]
            self.assertEqual((got["scope"], got["rows"], got["base_rate"]), (scope, len(label), None))
            hot = numpy.eye(4)[label]
            self.assertAlmostEqual(got["accuracy"], metrics.accuracy_score(label, predicted), 14)
            self.assertAlmostEqual(got["log_loss"], metrics.log_loss(label, p), 12)
            self.assertAlmostEqual(got["roc_auc"], metrics.roc_auc_score(label, p, multi_class="ovr"), 14)
            self.assertAlmostEqual(got["brier"], ((p - hot)**2).sum(axis=1).mean(), 13)
            precision, recall, _, support = metrics.precision_recall_fscore_support(label, predicted)
            for k in range(4):
                one = found["class_metrics"][4 * i + k]
                self.assertEqual((one["scope"], one["class"]), (scope, self.names[k]))
                self.assertEqual((one["rows"], one["predicted"], one["correct"]),
                                 (support[k], (predicted == k).sum(), ((label == k) & (predicted == k)).sum()))
                self.assertAlmostEqual(one["precision"], precision[k], 14)
                self.assertAlmostEqual(one["recall"], recall[k], 14)
                self.assertAlmostEqual(one["roc_auc"], metrics.roc_auc_score(hot[:, k], p[:, k]), 14)
            if scope == "held_out":
                self.assertEqual((found["rows_of"], found["rows"]), (scope, len(label)))
                self.assertEqual(found["confusion"]["matrix"],
                                 metrics.confusion_matrix(label, predicted).tolist())
        self.assertNotIn("deciles", found)

    def test_stored_tables(self):
        import h5py
        import numpy

        found = self.evaluate()
        rows = self.rows()
        with h5py.File(self.out) as file:
            for group, keys in (("metrics", ("rows", "accuracy", "log_loss", "roc_auc", "brier")),
                                ("class_metrics", ("rows", "predicted", "correct", "precision", "recall", "roc_auc"))):
                for key in keys:
                    self.assertEqual([line[key] for line in found[group]], file[group][key][()].tolist())
            self.assertEqual(file["class_metrics/class"][()].tolist(), [0, 1, 2, 3] * 3)
            self.assertEqual(file["classes/name"].asstr()[()].tolist(), self.names)
            cells = {(scope, a, b): n for scope, a, b, n in zip(
                file["confusion/scope"].asstr()[()], *(file["confusion"][name][()].tolist()
                                                       for name in ("label", "predicted", "rows")))}
        expected = {}
        for scope, some in self.groups(rows).items():
            pairs, counts = numpy.unique(numpy.stack([rows["label"][some], rows["predicted"][some]]), axis=1,
                                         return_counts=True)
            expected |= {(scope, *map(int, pair)): int(n) for pair, n in zip(pairs.T, counts)}
        self.assertEqual(cells, expected)

    def test_any_number_of_ranks(self):
        for ranks in (1, 2, 4):
            other = make_several(self.two, self.directory / f"{ranks}.h5", self.names, ranks=ranks)
            self.assertEqual(differences(self.out, other), [])
        packed = self.run_job(self.job(output={"path": "x.h5", "keep": ["id"], "compress": 6}), "packed-two.h5")
        for ranks in (0, 3):
            make_several(packed, self.directory / f"packed-{ranks}.h5", self.names)
            self.succeed("combine", self.directory / f"packed-{ranks}.h5", "-o", self.directory / f"p{ranks}.h5")
            self.assertEqual(differences(self.out, self.directory / f"p{ranks}.h5"), [])

    def test_tables_for_people(self):
        done = self.succeed("evaluate", self.out)
        self.assertEqual(done.stderr, "")
        for text in ("class ", "Clay  ", "rows by label (down) and prediction (across)", "held out rows with a label"):
            self.assertIn(text, done.stdout)
        for text in ("decile", "threshold", "0.1 to 0.2"):
            self.assertNotIn(text, done.stdout)
        told = self.succeed("inspect", self.out).stdout
        self.assertIn('classes     Clay, a "b", c, \u00e9t\u00e9, x\n', told)
        self.assertIn("probability (float64 x 4), predicted (int8)", told)
        told = json.loads(self.succeed("inspect", self.out, "--json").stdout)
        self.assertEqual(told["classes"], self.names)
        self.assertIn({"name": "probability", "type": "float64", "dimension": "class", "items": 4}, told["columns"])

    def test_a_threshold_is_refused(self):
        done = execute(["evaluate", self.out, "--threshold", "0.5"])
        self.assert_exit(done, 2, "out.h5' has 4 classes: a threshold can only tell two apart")
        self.assertEqual(done.stdout, "")

    def test_what_is_stored_is_checked(self):
        import h5py

        for name in ("class_metrics/recall", "class_metrics/correct", "class_metrics/roc_auc", "confusion/rows",
                     "confusion/label", "metrics/brier"):
            path = self.directory / "altered.h5"
            shutil.copy(self.out, path)
            with h5py.File(path, "r+") as file:
                file[name][2] = 1 - file[name][2]
            done = self.succeed("evaluate", path)
            self.assertIn(f"altered.h5': /{name.split('/')[0]} says something else than its rows do", done.stderr)

    def test_export(self):
        import csv

        self.succeed("export", self.out, "-o", self.directory / "all.csv")
        with open(self.directory / "all.csv", newline="") as file:
            table = list(csv.reader(file))
        rows = self.rows()
        self.assertEqual(table[0], ["year", "record", "status", "predicted",
                                    *(f"probability_{name}" for name in self.names), "label", "id"])
        self.assertEqual(len(table), 1601)
        for i, line in enumerate(table[1:]):
            scored = rows["status"][i] == 0
            self.assertEqual(line[3], str(rows["predicted"][i]) if scored else "")
            self.assertEqual([float(text) for text in line[4:8] if text],
                             rows["probability"][i].tolist() if scored else [])
            self.assertEqual(line[8], "" if rows["label"][i] == -1 else str(rows["label"][i]))
            self.assertEqual(line[9].encode(), rows["id"][i])

    def test_names_that_clash(self):
        keep = ["probability_a", "class", "probability_0"]
        for year in range(2000, 2004):
            path = self.directory / f"data/m_{year}.csv"
            lines = path.read_text().splitlines()
            path.write_text("\n".join([lines[0] + ",probability_a,class,probability_0"] +
                                      [line + ",k,l,m" for line in lines[1:]]) + "\n")
        two = self.run_job(self.job("clash.json", output={"path": "x.h5", "keep": keep}), "two.h5", "--if-exists",
                           "replace")
        out = make_several(two, self.directory / "clash.h5", ["a", "b", "a", "a_2"])
        done = self.succeed("export", out, "-o", "-")
        self.assertEqual(done.stdout.split("\n")[0],
                         "year,record,status,predicted,probability_a,probability_b,probability_a_2,"
                         "probability_a_2_2,label,keep_probability_a,keep_class,probability_0")

    def test_many_classes(self):
        names = [f"c{k}" for k in range(300)]
        out = make_several(self.two, self.directory / "many.h5", names, ranks=2)
        rows = self.rows(out)
        self.assertEqual((rows["predicted"].dtype.str, rows["label"].dtype.str, rows["probability"].shape),
                         ("<i4", "<i4", (1600, 300)))
        found = self.evaluate(out)
        self.assertEqual(len(found["class_metrics"]), 900)
        self.assertEqual(sum(map(sum, found["confusion"]["matrix"])), found["rows"])
        done = self.succeed("evaluate", out)
        self.assertIn("280 more classes, none of more rows: /class_metrics has them", done.stdout)
        self.assertIn("(others)", done.stdout)
        header = self.succeed("export", out, "-o", "-").stdout.split("\n")[0].split(",")
        self.assertEqual(header[4:304], [f"probability_{name}" for name in names])
        make_piece(self.two, self.directory / "127.h5", names[:127])
        self.succeed("combine", self.directory / "127.h5", "-o", self.directory / "few.h5")
        self.assertEqual(self.rows(self.directory / "few.h5")["label"].dtype.str, "|i1")

    def test_pieces_of_other_classes(self):
        pieces = []
        for i, names in ((1, self.names), (2, self.names[:3]), (2, self.names[:3] + ["y"])):
            pieces.append(self.directory / f"piece-{len(pieces)}.h5")
            part = self.run_job(self.job(), f"part-{len(pieces)}.h5", "--shard", f"{i}/2")
            make_piece(part, pieces[-1], names)
        for other in pieces[1:]:
            done = execute(["combine", pieces[0], other, "-o", self.directory / "x.h5"])
            self.assert_exit(done, 4, "piece-0.h5' and '", "' have different classes")

    def test_files_that_lie(self):
        import h5py
        import numpy

        def classes(names):
            def change(file):
                del file["classes/name"]
                if names is not None:
                    file["classes/name"] = numpy.array(names, dtype="S2")
            return change

        def cell(name, value):
            return lambda file: file[f"predictions/{name}"].__setitem__(1, value)

        def no_table(file):
            del file["classes"]

        def retyped(file):
            values = file["predictions/label"][()]
            del file["predictions/label"]
            file["predictions/label"] = values.astype("i4")

        for change, text in (
                (classes(["a"]), "/classes has 1 rows, not 2 to 1000"),
                (classes([]), "no /predictions/value"),
                (classes(["a"] * 5000), "/classes has 5000 rows"),
                (classes(None), "it has no /classes/name"),
                (no_table, "it has no /classes"),
                (classes(["a", "b"]), "/predictions/probability is of another shape"),
                (classes(["a", "b", "c"]), "/predictions/probability is of another shape"),
                (classes(["a"] * 128), "/predictions/"),
                (retyped, "/predictions/label is of another type"),
                (cell("predicted", 4), "/predictions/predicted: row 1: 4 is no class"),
                (cell("predicted", -1), "/predictions/predicted: row 1: -1 is no class"),
                (cell("label", 4), "/predictions/label: row 1: 4 is no class"),
                (cell("label", -3), "/predictions/label: row 1: -3 is no class"),
                (cell("probability", [0.5, 1.5, 0, 0]), "/predictions/probability: row 1: 1.5 is no probability")):
            path = self.directory / "changed.h5"
            shutil.copy(self.out, path)
            with h5py.File(path, "r+") as file:
                change(file)
            for command in ("evaluate", "combine"):
                arguments = [] if command == "evaluate" else ["-o", self.directory / "x", "-q"]
                self.assert_exit(execute([command, path, *arguments]), 4, "changed.h5'", text)
        for name in ("class_metrics", "confusion"):
            shutil.copy(self.out, path)
            with h5py.File(path, "r+") as file:
                del file[name]
            for command in ("evaluate", "inspect"):
                self.assert_exit(execute([command, path]), 4, f"it has no /{name}")

    def test_damaged(self):
        self.damage(self.out.read_bytes(), self.directory / "damaged.h5", 12)


class Hostile(Outputs):
    """Whatever a file says of itself, the answer is a message and exit 4."""

    def setUp(self):
        super().setUp()
        self.data(rows=60)
        self.out = self.run_job(self.job())

    def refused(self, *texts, path=None, commands=("evaluate", "export", "combine")):
        for command in commands:
            arguments = [] if command == "evaluate" else ["-o", self.directory / "x", "-q"]
            done = execute([command, path or self.out, *arguments])
            self.assert_exit(done, 4, *texts)

    def test_not_ours(self):
        import h5py

        text = self.directory / "text.h5"
        text.write_text("not HDF5")
        self.refused("text.h5' is no output of scoreline: not an HDF5 file", path=text)
        self.refused("cannot open '", "Is a directory", path=self.directory)
        with h5py.File(self.directory / "foreign.h5", "w") as file:
            file["x"] = 1
        self.refused("foreign.h5' is no output of scoreline: it has no attribute 'scoreline_format'",
                     path=self.directory / "foreign.h5")

    def change(self, change):
        import h5py

        path = self.directory / "changed.h5"
        shutil.copy(self.out, path)
        with h5py.File(path, "r+") as file:
            change(file)
        return path

    def test_other_states(self):
        def attribute(name, value):
            return lambda file: file.attrs.modify(name, value)

        self.refused("changed.h5' has format 2, this build reads format 1",
                     path=self.change(attribute("scoreline_format", 2)))
        self.refused("changed.h5' is not complete", path=self.change(attribute("complete", 0)))

    def replace(self, name, make):
        def change(file):
            del file[name]
            make(file, name)
        return self.change(change)

    def test_columns_that_lie(self):
        import h5py
        import numpy

        n = 240

        def huge_chunked(file, name):
            file.create_dataset(name, (10**15,), "f8", chunks=(1024,))

        def huge_contiguous(file, name):
            file.create_dataset(name, (10**15,), "f8")

        def elsewhere(file, name):
            secret = self.directory / "secret"
            secret.write_bytes(bytes(8 * n))
            file.create_dataset(name, (n,), "f8", external=[(str(secret), 0, 8 * n)])

        def virtual(file, name):
            layout = h5py.VirtualLayout((n,), "f8")
            layout[:] = h5py.VirtualSource(str(self.out), "predictions/probability", (n,))
            file.create_virtual_dataset(name, layout)

        def set_link(link):
            return lambda file, name: file.__setitem__(name, link)

        def huge_row(file, name):
            file.create_dataset(name, (n, 50000), "f8", chunks=(1, 50000))

        def scaled(n_items, place=1, uses=None):
            """Two columns whose second dimension is said to be of n_items."""
            def make(file, name):
                file.create_dataset(name, data=numpy.zeros((n, n_items if uses is None and n_items < 3 else 2)))
                scale = file.create_dataset("predictions/class", (n_items,), ">f4")
                scale.attrs["CLASS"] = numpy.bytes_("DIMENSION_SCALE")
                kind = numpy.dtype([("dataset", h5py.ref_dtype), ("dimension", "u4")])
                scale.attrs["REFERENCE_LIST"] = numpy.array([(file[name].ref, place)], kind) \
                    if uses is None else uses
            return make

        cases = {
            "more than the file holds": [huge_chunked, huge_contiguous, huge_row],
            "stored in a way that this build does not write": [
                elsewhere, virtual,
                lambda file, name: file.create_dataset(name, (n, 2000000), "f8", chunks=(20, 2000000))],
            "a link that leads elsewhere": [
                set_link(h5py.SoftLink("/predictions/label")),
                set_link(h5py.ExternalLink(str(self.out), "/predictions/probability"))],
            "neither numbers nor texts": [
                lambda file, name: file.create_dataset(name, data=["a"] * n, dtype=h5py.string_dtype()),
                lambda file, name: file.create_dataset(name, data=numpy.zeros((n, 2, 2))),
                lambda file, name: file.create_dataset(name, data=numpy.zeros((n, 2), "S3")),
                lambda file, name: file.create_dataset(name, data=numpy.zeros((n, 0))),
                lambda file, name: file.create_dataset(name, data=numpy.zeros(n, "f4")),
                lambda file, name: file.create_dataset(name, data=numpy.zeros(n, "i2"))],
            "its second dimension has no name": [
                lambda file, name: file.create_dataset(name, data=numpy.zeros((n, 2))), scaled(3), scaled(2, 0)],
            "/predictions/probability is of another shape": [scaled(2), scaled(1)],
            "attribute 'REFERENCE_LIST' is no list of references": [scaled(2, uses=[1, 2])],
            "239 rows, where": [lambda file, name: file.create_dataset(name, data=numpy.zeros(239))],
            "/predictions/probability is of another type": [
                lambda file, name: file.create_dataset(name, data=numpy.zeros(n, "i8"))],
            "has no /predictions/probability": [lambda file, name: None],
        }
        for text, makers in cases.items():
            for make in makers:
                path = self.replace("predictions/probability", make)
                self.refused("changed.h5'", text, path=path, commands=("evaluate", "export"))

    def test_texts_that_lie(self):
        import h5py

        for name, make, text in (
                ("provenance/job", lambda file, name: file.create_dataset(name, data=[1, 2]), "no scalar text"),
                ("provenance/job", lambda file, name: file.__setitem__(name, "variable"), "no scalar text"),
                ("provenance/job", lambda file, name: file.__setitem__(name, h5py.Empty("S9")), "/provenance/job")):
            self.refused(text, path=self.replace(name, make), commands=("evaluate",))
        path = self.change(lambda file: file["provenance/job"].__setitem__((), b"{" * 40))
        self.refused("changed.h5': /provenance/job:", path=path, commands=("evaluate",))

    def test_tables_that_disagree(self):
        def cell(name, row, value):
            return lambda file: file[name].__setitem__(row, value)

        def lone_row(file):
            file["partitions/rows"][3] = 1
            for name in ("scored", "missing", "rejected"):
                file[f"partitions/{name}"][3] = 0

        for change, text in (
                (cell("partitions/rows", 0, 59), "disagree about the rows of '2001'"),
                (cell("partitions/rows", 3, 2**62), "disagree about the rows of '2003'"),
                (cell("partitions/rows", 3, 1), "disagree about the rows of '2003'"),
                (lone_row, "240 rows in /predictions, 181 in /partitions"),
                (cell("partitions/first_row", 1, -5), "disagree about the rows of '2001'")):
            self.refused("changed.h5': ", text, path=self.change(change))
        self.refused("row 1: 2 is no probability", commands=("evaluate", "combine"),
                     path=self.change(cell("predictions/probability", 1, 2.0)))
        self.refused("/drift, row 0 counts more than there are", commands=("combine",),
                     path=self.change(cell("drift/missing", 0, 2**62)))
        self.refused("/predictions/status: 9 has no meaning", commands=("export",),
                     path=self.change(cell("predictions/status", 1, 9)))
        self.refused("/partitions is wrong about partition '2001'", commands=("combine",),
                     path=self.change(cell("partitions/end_byte", 1, 2**40)))

    def test_damaged(self):
        """Cut anywhere, or with bytes changed: never a crash, and a cut file is never taken for whole."""
        whole = self.out.read_bytes()
        path = self.directory / "damaged.h5"
        for n in (0, 7, 8, 100, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:n])
            self.refused("damaged.h5' is no output of scoreline", path=path, commands=("evaluate",))
        self.damage(whole, path, 11)


if __name__ == "__main__":
    scoreline_test.main("h5py", "sklearn")
