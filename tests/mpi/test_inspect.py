#!/usr/bin/python3
"""What inspect and --dry-run tell, against what runs do and what files hold."""
import json
import math
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main  # noqa: E402


def state_of(directory):
    """Everything below a directory by size and time of change."""
    found = {}
    for path in [directory, *sorted(directory.rglob("*"))]:
        about = path.stat()
        found[str(path)] = (about.st_mtime_ns, about.st_size, about.st_mode)
    return found


class Inspect(Case):
    def tell(self, *arguments, ranks=0, code=0):
        """What is printed as JSON."""
        done = execute(arguments, ranks, cwd=self.directory)
        self.assertEqual(done.returncode, code, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual((told["format"], told["version"]), ("scoreline-inspection", 1))
        return told

    def run_job(self, job, *options, ranks=0):
        """The summary of a run."""
        path = self.directory / "summary.json"
        done = execute(["run", job, "-q", "--if-exists", "replace", "--summary", path, *options],
                       ranks, cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(path.read_text())

    def test_figures_are_those_of_the_run(self):
        self.data()
        job = self.job()
        for ranks, sets in ((0, []), (2, ["--set", "score.chunk_bytes=700"]),
                            (3, ["--set", "score.chunk_bytes=3000", "--set",
                                 "score.schedule=static"])):
            with self.subTest(ranks=ranks, sets=sets):
                told = self.tell("run", job, "--dry-run", "--json", *sets, ranks=ranks)
                summary = self.run_job(job, *sets, ranks=ranks)
                scoring, parts = told["scoring"], told["partitions"]
                for name in ("partitions", "bytes", "chunks", "rows"):
                    self.assertEqual(scoring[name], summary[name], name)
                self.assertTrue(told["rows_are_exact"])
                self.assertEqual(told["training"]["rows"], 400)
                self.assertEqual(len(told["ranks"]), max(ranks, 1))
                for name in ("chunks", "bytes"):
                    self.assertEqual(sum(part[name] for part in parts), summary[name])
                    dealt = sum(rank[name] for rank in told["ranks"])
                    self.assertEqual(dealt + told["on_demand"][name], summary[name])
                first = 0
                for rank in told["ranks"]:
                    self.assertEqual(rank["first_chunk"], first)
                    first += rank["chunks"]
                if "static" in str(sets):
                    self.assertEqual(told["on_demand"]["chunks"], 0)

    def test_pieces_are_told_as_they_are_scored(self):
        self.data()
        job = self.job()
        self.assertEqual(execute(["train", job, "-q", "-o", self.directory / "m.json"]).returncode, 0)
        piece = ["--model", "m.json", "--only", "year=2001..2003", "--shard", "2/3"]
        told = self.tell("score", job, "--dry-run", "--json", *piece)
        path = self.directory / "summary.json"
        done = execute(["score", job, "-q", "--summary", path, *piece], cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        summary = json.loads(path.read_text())
        for name in ("partitions", "bytes", "chunks"):
            self.assertEqual(told["scoring"][name], summary[name], name)
        self.assertNotIn("training", told)
        self.assertEqual(told["model"], "m.json")
        self.assertLess(abs(told["scoring"]["rows"] - summary["rows"]), 0.1 * summary["rows"])

    def test_inspect_tells_what_a_dry_run_tells(self):
        self.data()
        job = self.job()
        self.assertEqual(self.tell("inspect", job, "--json"),
                         self.tell("run", job, "--dry-run", "--json"))

    def test_nothing_is_touched(self):
        self.data()
        job = self.job()
        execute(["run", job, "-q", "--save-model", self.directory / "m.json"])
        before = state_of(self.directory)
        new = ["-o", "new.h5", "--save-model", "new.json", "--summary", "new.txt"]
        for command, ranks in ((["run", job, "--dry-run"], 0),
                               (["run", job, "--dry-run", *new], 2),
                               (["run", job, "--dry-run", "--if-exists", "replace"], 0),
                               (["train", job, "--dry-run", "-o", "new.json"], 0),
                               (["score", job, "--dry-run", "--model", "m.json", "-o", "new.h5"], 2),
                               (["inspect", job], 0), (["inspect", "m.json"], 0),
                               (["inspect", "out.h5"], 0)):
            done = execute(command, ranks, cwd=self.directory)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(state_of(self.directory), before, command)

    def test_it_ends_as_a_run_would(self):
        self.data()
        job = self.job()
        (self.directory / "foreign").write_text("not ours\n")
        for code, options in (
                (2, ["--set", "name"]), (3, ["--set", "scor.x=1"]),
                (3, ["--set", "train.params.C=-1"]), (3, ["--set", "features.0.expr=b -"]),
                (3, ["--set", "train.estimator=forest"]),
                (4, ["--set", "features.0.expr=b - aa"]), (4, ["--set", 'output.keep=["idd"]']),
                (4, ["--set", "label=noisy > 0"]), (4, ["--set", "data.path=n_{year}.csv"]),
                (4, ["--set", "train.max_bytes=2KiB"]),
                (6, ["-o", "foreign"]), (6, ["-o", "nowhere/out.h5"]),
                (6, ["--summary", "nowhere/s.json"]), (0, [])):
            with self.subTest(options=options):
                dry = execute(["run", job, "--dry-run", *options], cwd=self.directory)
                self.assertEqual(dry.returncode, code, dry.stderr)
                wet = execute(["run", job, *options], cwd=self.directory)
                self.assertEqual(wet.returncode, code, wet.stderr)
                if code:
                    self.assertEqual(dry.stderr, wet.stderr)

    def test_a_column_that_a_later_file_lacks(self):
        self.data()
        job = self.job()
        path = self.directory / "data/m_2003.csv"
        path.write_text(path.read_text().replace("id,a,b", "id,a,bee", 1))
        told = self.tell("inspect", job, "--json", code=4)
        self.assertFalse(told["valid"])
        self.assertIn("m_2003.csv': no column 'b'", told["fault"])
        self.assertTrue(all(column["found"] for column in told["columns"]["needs"]))
        wet = execute(["run", job], cwd=self.directory)
        self.assertEqual((wet.returncode, wet.stderr), (4, f"scoreline: {told['fault']}\n"))

    def test_a_label_is_needed_where_training_is(self):
        self.data()
        job = self.job()
        for year, code in ((2003, 0), (2001, 4)):
            path = self.directory / f"data/m_{year}.csv"
            path.write_text(path.read_text().replace(",noise", ",noises", 1))
            done = execute(["run", job, "--dry-run"], cwd=self.directory)
            self.assertEqual(done.returncode, code, done.stderr)

    def test_keys_are_columns(self):
        self.data()
        job = self.job(features=[{"name": "since", "expr": "year - 2000"}])
        told = self.tell("inspect", job, "--json")
        self.assertEqual([c["name"] for c in told["columns"]["needs"] if c["found"]],
                         ["year", "b", "a", "noise", "id"])

    def test_estimates_are_near(self):
        """Records grow along the file, so that its beginning alone would mislead."""
        (self.directory / "data").mkdir()
        for year in range(2000, 2004):
            with open(self.directory / f"data/m_{year}.csv", "w", encoding="ascii") as file:
                file.write("id,a,b,noise\n")
                for i in range(20000):
                    file.write(f"{'x' * (i // 200)},{i % 7},{i % 11},{i % 3}\n")
        job = self.job()
        told = self.tell("run", job, "--dry-run", "--json")
        summary = self.run_job(job)
        self.assertFalse(told["rows_are_exact"])
        self.assertLess(abs(told["scoring"]["rows"] / summary["rows"] - 1), 0.25)
        size = os.path.getsize(self.directory / "out.h5")
        self.assertLess(abs(told["scoring"]["output_bytes"] / size - 1), 0.35)

    def test_training_is_held_to_its_limit(self):
        """Where the samples mislead, the rows themselves are counted."""
        (self.directory / "data").mkdir()
        body = ["id,a,b,noise"]
        for _ in range(4):
            half = ["x,5,3,0", "x,1,2,0"] * 20000
            body += half + [f"{'x' * 15000},1,2,0"] * 3 + half
        for year in range(2000, 2004):
            (self.directory / f"data/m_{year}.csv").write_text("\n".join(body) + "\n")
        job = self.job()
        needed = self.tell("train", job, "-o", "m.json", "--dry-run", "--json")["training"]
        self.assertLess(needed["rows"], 320000)
        limit = str(needed["memory_bytes"] + 1)
        done = execute(["train", job, "-o", "m.json", "--dry-run", "--set",
                        f"train.max_bytes={limit}"], cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = execute(["train", job, "-o", "m.json", "--set", f"train.max_bytes={limit}"],
                       cwd=self.directory)
        self.assert_exit(done, 4, "training takes more memory than train.max_bytes", "raise it")
        self.assertFalse((self.directory / "m.json").exists())

    def test_a_limit_changes_no_fingerprint(self):
        self.data()
        job = self.job()
        self.run_job(job)
        done = execute(["run", job, "--set", "train.max_bytes=1GiB"], cwd=self.directory)
        self.assert_exit(done, 0, "already there and complete")

    def test_models(self):
        self.data()
        job = self.job(features=[{"name": "gap", "expr": "b - a", "missing": "mean",
                                  "scale": "standard"}, {"name": "noise", "missing": 0}])
        self.run_job(job, "--save-model", "m.json")
        told = self.tell("inspect", "m.json", "--json")
        model = json.loads((self.directory / "m.json").read_text())
        self.assertEqual((told["kind"], told["valid"]), ("model", True))
        self.assertEqual(told["intercept"], model["intercept"][0])
        self.assertEqual(told["fit"], model["fit"])
        for term, feature, coef in zip(told["terms"], model["recipe"]["features"],
                                       model["coef"][0], strict=True):
            self.assertEqual({key: term[key] for key in feature}, feature)
            self.assertEqual(term["coef"], coef)
            self.assertEqual(term["per_unit"], coef / feature.get("std", 1))
            self.assertAlmostEqual(term["odds_ratio"], math.exp(term["per_unit"]), 14)
        of_output = self.tell("inspect", "out.h5", "--json")["model"]
        self.assertEqual(of_output, {key: told[key] for key in of_output})

    def test_wrong_models(self):
        self.data()
        self.run_job(self.job(), "--save-model", "m.json")
        text = (self.directory / "m.json").read_text()
        for change in (lambda m: m.update(version=2), lambda m: m.pop("coef"),
                       lambda m: m["coef"][0].append(1.0), lambda m: m.update(extra=1),
                       lambda m: m["coef"][0].__setitem__(0, m["coef"][0][0] * (1 + 1e-12)),
                       lambda m: m["recipe"]["features"][0].update(expr="b - ")):
            model = json.loads(text)
            change(model)
            (self.directory / "wrong.json").write_text(json.dumps(model))
            for options in ([], ["--json"]):
                done = execute(["inspect", "wrong.json", *options], cwd=self.directory)
                self.assert_exit(done, 3, "wrong.json: $")
                self.assertEqual(done.stdout, "")

    def test_outputs(self):
        import h5py

        self.data()
        self.run_job(self.job())
        told = self.tell("inspect", "out.h5", "--json")
        self.assertTrue(told["complete"] and told["valid"])
        with h5py.File(self.directory / "out.h5") as file:
            self.assertEqual(told["rows"], len(file["predictions/probability"]))
            for column in told["columns"]:
                dtype = file["predictions"][column["name"]].dtype
                self.assertEqual(column["type"], "text" if dtype.kind == "S" else dtype.name)
                self.assertEqual(column.get("width"), dtype.itemsize if dtype.kind == "S" else None)
            for group in ("partitions", "metrics"):
                for name in told[group][0]:
                    stored = file[group][name]
                    texts = stored.dtype.kind == "S"
                    stored = stored.asstr()[()].tolist() if texts else stored[()].tolist()
                    got = [math.nan if row[name] is None else row[name] for row in told[group]]
                    self.assertEqual(repr([x if texts else float(x) for x in got]),
                                     repr([x if texts else float(x) for x in stored]), name)
            self.assertEqual(told["fingerprint"].encode(), file.attrs["fingerprint"])
            self.assertEqual(told["provenance"]["command"].encode(),
                             file["provenance/command"][()])

    def test_wrong_outputs(self):
        import h5py

        self.data()
        self.run_job(self.job())

        def set_complete(file):
            file.attrs["complete"] = 0

        def move_partition(file):
            file["partitions/first_row"][1] += 1

        def drop_metrics(file):
            del file["metrics"]

        def spoil_model(file):
            text = file["provenance/model"][()].replace(b'"coef"', b'"cofe"')
            file["provenance/model"][()] = text

        for change, message in ((set_complete, "is not complete"), (move_partition, "disagree"),
                                (drop_metrics, "metrics"), (spoil_model, "/provenance/model: $")):
            shutil.copy(self.directory / "out.h5", self.directory / "wrong.h5")
            with h5py.File(self.directory / "wrong.h5", "r+") as file:
                change(file)
            done = execute(["inspect", "wrong.h5"], cwd=self.directory)
            self.assert_exit(done, 4, "wrong.h5", message)
            self.assertEqual(done.stdout, "")

    def test_no_mpi(self):
        self.data()
        broken = {"OMPI_MCA_pml": "none-such", "OMPI_MCA_btl": "none-such"}
        job = self.job()
        self.assertNotEqual(execute(["run", job, "-q"], 1, environment=broken).returncode, 0)
        for command in (["inspect", job], ["run", job, "-q"]):  # nobody launched these
            done = execute(command, environment=broken)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_texts_cannot_reach_the_terminal(self):
        self.data()
        self.run_job(self.job(name="job2.json"), "--save-model", "m.json")
        model = json.loads((self.directory / "m.json").read_text())
        model["provenance"]["job"] = "evil\x1b[2Jjob\n"
        (self.directory / "m.json").write_text(json.dumps(model))
        done = execute(["inspect", "m.json"], cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("evil?[2Jjob?", done.stdout)


if __name__ == "__main__":
    main()
