"""Numbers instead of classes through the whole program: the same outputs for any ranks, pieces and
order of rows, and what evaluate, export, inspect and combine make of them."""
import csv
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, differences, execute, main  # noqa: E402

RIDGE = {"partitions": {"year": 2001}, "estimator": "ridge", "params": {"alpha": 2.5}}


class Regression(Case):
    def setUp(self):
        super().setUp()
        self.data()

    def make(self, **changes):
        return self.job(**{"label": "b - a / 3 + noise", "train": RIDGE, **changes})

    def output(self, name, *arguments, job=None, **options):
        path = self.directory / name
        done = execute(["run", job or self.make(), "-o", path, *arguments], **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path, done

    def test_ranks_and_chunks_change_nothing(self):
        alone, _ = self.output("alone.h5")
        for ranks, arguments in ((1, []), (3, ["--set", "score.chunk_bytes=999"]),
                                 (2, ["--set", "train.mode=distributed", "--set", "score.schedule=static"])):
            other, _ = self.output("other.h5", *arguments, "--if-exists", "replace", ranks=ranks)
            self.assertEqual(differences(alone, other), [])

    def test_what_is_in_the_file(self):
        import h5py
        import numpy as np

        path, done = self.output("out.h5", "--save-model", self.directory / "model.json")
        self.assertIn("RMSE", done.stdout)
        with h5py.File(path) as file:
            self.assertEqual(set(file["predictions"]) - {"row"},
                             {"value", "status", "label", "partition", "id"})
            value, label = file["predictions/value"][()], file["predictions/label"][()]
            status = file["predictions/status"][()]
            self.assertEqual([len(file[name]) for name in ("classes/name", "confusion/rows", "class_metrics/rows")],
                             [0, 0, 0])
            self.assertTrue((np.isnan(value) == (status != 0)).all())
            known = ~np.isnan(label) & (status == 0)
            error = label[known] - value[known]
            spread = label[known] - label[known].mean()
            self.assertAlmostEqual(file["metrics/r2"][2], 1 - (error @ error) / (spread @ spread), places=12)
            self.assertAlmostEqual(file["metrics/rmse"][2] / np.sqrt((error ** 2).mean()), 1, places=12)
        model = json.loads((self.directory / "model.json").read_text())
        self.assertNotIn("classes", model)
        self.assertEqual(model["recipe"]["label_type"], "number")

    def test_a_model_scores_what_it_scored(self):
        path, _ = self.output("out.h5", "--save-model", self.directory / "model.json")
        for model in (self.directory / "model.json", path):
            again = self.directory / "again.h5"
            done = execute(["score", self.make(), "--model", model, "-o", again, "--if-exists", "replace"])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(differences(path, again), [])

    def test_evaluate_and_inspect(self):
        path, done = self.output("out.h5")
        table = execute(["evaluate", path])
        self.assertEqual((table.returncode, table.stderr), (0, ""))
        self.assertTrue(table.stdout.startswith(done.stdout.split("\n\n")[0]))
        found = json.loads(execute(["evaluate", path, "--json"]).stdout)
        self.assertEqual(set(found["metrics"][0]), {"scope", "rows", "r2", "rmse", "mae", "deviance"})
        self.assertNotIn("confusion", found)
        self.assert_exit(execute(["evaluate", path, "--threshold", "0.5"]), 2, "has numbers, no classes")
        for arguments in (["inspect", path], ["inspect", path, "--json"]):
            done = execute(arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("value", done.stdout)

    def test_inspect_of_a_job_and_of_a_model(self):
        self.output("out.h5", "--save-model", self.directory / "model.json")
        for arguments in (["inspect", self.make()], ["inspect", self.directory / "model.json"],
                          ["inspect", self.directory / "model.json", "--json"]):
            done = execute(arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("ridge", done.stdout)
        done = execute(["run", self.make(), "--dry-run"])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_export(self):
        path, _ = self.output("out.h5")
        done = execute(["export", path, "-o", self.directory / "out.csv"])
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.directory / "out.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(list(rows[0]), ["year", "record", "status", "value", "label", "id"])
        self.assertEqual(rows[5]["value"], "")
        import h5py
        with h5py.File(path) as file:
            self.assertEqual(float(rows[7]["value"]), file["predictions/value"][7])

    def test_pieces_make_the_whole(self):
        whole, _ = self.output("whole.h5", "--save-model", self.directory / "model.json")
        pieces = []
        for i in (1, 2, 3):
            pieces.append(self.directory / f"piece{i}.h5")
            done = execute(["score", self.make(), "--model", self.directory / "model.json", "--shard", f"{i}/3",
                            "-o", pieces[-1]])
            self.assertEqual(done.returncode, 0, done.stderr)
        done = execute(["combine", *pieces, "-o", self.directory / "all.h5"], ranks=2)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(differences(whole, self.directory / "all.h5"), [])

    def test_what_has_no_meaning_is_refused(self):
        self.assert_exit(execute(["run", self.make(), "--set", "score.decision_threshold=0.4"]), 3,
                         "$.score.decision_threshold: has no meaning with 'ridge'")
        self.assert_exit(execute(["run", self.make(), "--set", 'train.sample={"rows": 9, "stratify": true}']), 3,
                         "$.train.sample.stratify: has no meaning with 'ridge'")
        self.assert_exit(execute(["run", self.make(label="id == 'x'")]), 0)
        self.assert_exit(execute(["run", self.make(label="'id'")]), 3, "$.label")

    def test_labels_of_other_partitions_may_be_unknown(self):
        lines = (self.directory / "data/m_2003.csv").read_text().splitlines()
        (self.directory / "data/m_2003.csv").write_text(
            "\n".join(line.rsplit(",", 1)[0] for line in lines) + "\n")
        path, done = self.output("out.h5")
        import h5py
        import numpy as np
        with h5py.File(path) as file:
            of_2003 = file["predictions/partition"][()] == 3
            self.assertTrue(np.isnan(file["predictions/label"][()][of_2003]).all())
            self.assertEqual(file["metrics/rows"][-1], 0)
            self.assertTrue(np.isnan(file["metrics/r2"][-1]))
        self.assertIn("no labels", done.stderr)


if __name__ == "__main__":
    main("numpy")
