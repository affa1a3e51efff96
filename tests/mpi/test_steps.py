"""Training and scoring as separate steps, all of the data or in pieces: whichever way the work is cut,
the rows are the same."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, datasets, differences, execute, main


def table(path, name):
    """{column: list} of a table."""
    import h5py

    with h5py.File(path) as file:
        return {column: list(data[()]) for column, data in file[name].items()
                if column not in ("row", "partition") or name != "predictions"}


def text(path, name):
    import h5py

    with h5py.File(path) as file:
        return file[f"provenance/{name}"][()].decode()


class Steps(Case):
    def run_program(self, *arguments, ranks=0):
        done = execute(arguments, ranks=ranks)
        self.assert_exit(done, 0)
        return done

    def whole_and_model(self, job):
        """The output of one run, and the model file it saved."""
        whole, model = self.directory / "whole.h5", self.directory / "model.json"
        self.run_program("run", job, "-o", whole, "--save-model", model)
        return whole, model

    def score_job(self, **changes):
        """The job as it is without anything that a model brings."""
        path = self.job("score.json", **changes)
        job = json.loads(path.read_text())
        for key in ("features", "label", "train"):
            del job[key]
        path.write_text(json.dumps(job))
        return path


class TrainAndScore(Steps):
    def test_two_steps_give_what_one_run_gives(self):
        self.data()
        job = self.job()
        whole, _ = self.whole_and_model(job)
        model = self.directory / "trained.json"
        for ranks in (0, 3):
            self.run_program("train", job, "-o", model, "--if-exists", "replace", ranks=ranks)
            for step, source, what in (("score", model, job), ("score", whole, job),
                                       ("run", model, self.score_job()),
                                       ("score", whole, self.score_job())):
                out = self.directory / "out.h5"
                self.run_program(step, what, "--model", source, "-o", out, ranks=ranks)
                self.assertEqual(differences(whole, out), [], f"{ranks} ranks, {step}, {source}")
                out.unlink()

    def test_the_model_is_kept_as_it_was(self):
        self.data()
        _, model = self.whole_and_model(self.job())
        out = self.directory / "out.h5"
        self.run_program("score", self.score_job(), "--model", model, "-o", out)
        self.assertEqual(text(out, "model"), model.read_text())

    def test_trained_on_follows_the_files_not_their_place(self):
        self.data()
        _, model = self.whole_and_model(self.job())
        (self.directory / "data").rename(self.directory / "elsewhere")
        here = {"partitions": {"year": "2000..2003"}}
        for data, marks in (({"root": str(self.directory / "elsewhere"), "path": "m_{year}.csv"},
                             [0, 1, 0, 0]),
                            ({"root": str(self.directory), "path": "elsewhere/m_{year}.csv"},
                             [0, 1, 0, 0]),
                            ({"root": str(self.directory), "path": "other/o_{year}.csv"},
                             [0, 0, 0, 0])):
            if "other" in data["path"]:
                (self.directory / "other").mkdir()
                for year in range(2000, 2004):
                    (self.directory / f"other/o_{year}.csv").write_bytes(
                        (self.directory / f"elsewhere/m_{year}.csv").read_bytes())
            out = self.directory / "out.h5"
            self.run_program("score", self.score_job(data={**data, **here}), "--model", model, "-o",
                             out, "--if-exists", "replace")
            self.assertEqual(table(out, "partitions")["trained_on"], marks, data)

    def test_training_again(self):
        self.data()
        job, model = self.job(), self.directory / "m.json"
        self.run_program("train", job, "-o", model)
        first = model.read_text()
        done = self.run_program("train", job, "-o", model, "--set", "score.chunk_bytes=100")
        self.assertIn(f"'{model}' is already there and complete, nothing to do", done.stderr)
        self.assertEqual(model.read_text(), first)
        other = ["train", job, "-o", model, "--set", "train.params.C=3"]
        self.assert_exit(execute(other), 6, f"output '{model}' exists, made by another job or from "
                         "other inputs; name another with -o, or give --if-exists replace")
        self.assertEqual(model.read_text(), first)
        self.run_program(*other, "--if-exists", "replace")
        self.assertEqual(json.loads(model.read_text())["fit"]["params"]["C"], 3)
        model.write_text(first.replace("logistic", "logical"))
        self.assert_exit(execute(["train", job, "-o", model]), 6,
                         "exists and is no complete output of scoreline")

    def test_a_summary_of_training(self):
        self.data()
        summary = self.directory / "s.json"
        done = self.run_program("train", self.job(), "-o", self.directory / "m.json", "--summary",
                                summary, ranks=2)
        self.assertIn("trained on 389 of 400 records, 1 partition, 1 column", done.stderr)
        self.assertEqual(done.stdout, "")
        got = json.loads(summary.read_text())
        self.assertEqual((got["ranks"], got["partitions"], got["records"], got["rows"]),
                         (2, 1, 400, 389))

    def test_a_recipe_that_differs_is_named(self):
        self.data()
        _, model = self.whole_and_model(self.job())
        gap = {"name": "gap", "expr": "b - a", "missing": "drop_row"}
        train = {"partitions": {"year": 2001}, "estimator": "logistic_regression"}
        cases = (
            ({"features": [{**gap, "name": "pag"}]},
             "$.features[0].name: 'pag', but the model has 'gap'"),
            ({"features": [{**gap, "expr": "a - b"}]},
             "$.features[0].expr: 'a - b', but the model has 'b - a'"),
            ({"features": [{**gap, "missing": 2.5}]},
             "$.features[0].missing: '2.5', but the model has 'drop_row'"),
            ({"features": [{**gap, "scale": "standard"}]},
             "$.features[0].scale: 'standard', but the model has 'none'"),
            ({"features": [{**gap, "missing": "mean", "indicator": True}]},
             "$.features[0].missing: 'mean', but the model has 'drop_row'"),
            ({"features": [gap, "a"]}, "$.features: 2 of them, but the model has 1"),
            ({"label": "b > a"}, "$.label: 'b > a', but the model has 'b - a + noise > 0'"),
            ({"train": {**train, "params": {"C": 2}}},
             "$.train.params.C: 2, but the model has 1"),
            ({"train": {**train, "partitions": {"year": [2001, 2002]}}},
             '$.train.partitions: {"year":["2001","2002"]}, but the model has {"year":["2001"]}'),
            ({"train": {**train, "estimator": "lasso"}}, "$.train.estimator"),
        )
        for changes, message in cases:
            job = self.job("other.json", **changes)
            out = self.directory / "out.h5"
            done = execute(["score", job, "--model", model, "-o", out], ranks=2)
            self.assert_exit(done, 3, f"scoreline: {job}: ", message)
            self.assertEqual(done.stderr.count("scoreline: "), 1)
            self.assertFalse(out.exists())

    def test_indicators(self):
        """Files with and without missing values are scored with the columns of training."""
        import h5py
        import numpy

        self.data()
        path = self.directory / "data/m_2002.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(line for line in lines if ",," not in line) + "\n")
        b = {"name": "b", "missing": "mean", "scale": "standard", "indicator": True}
        job = self.job(features=[b, {"name": "a", "missing": "mean", "indicator": True}],
                       label="noise > 0")
        whole, path = self.whole_and_model(job)
        out = self.directory / "scored.h5"
        self.run_program("score", self.score_job(), "--model", path, "-o", out, ranks=2)
        self.assertEqual(differences(whole, out), [])
        model = json.loads(path.read_text())
        self.assertEqual(model["columns"], ["b", "a", "b:missing"])
        (coef,), (intercept,), (fitted, _) = (model["coef"], model["intercept"],
                                              model["recipe"]["features"])
        z = []
        for year in range(2000, 2004):
            lines = (self.directory / f"data/m_{year}.csv").read_text().splitlines()[1:]
            for _, a, given, _ in (line.split(",") for line in lines):
                value = float(given) if given else fitted["fill"]
                z.append(coef[0] * ((value - fitted["mean"]) / fitted["std"]) + coef[1] * float(a) +
                         coef[2] * (given == "") + intercept)
        with h5py.File(out) as file:
            numpy.testing.assert_allclose(file["predictions/probability"][()],
                                          1 / (1 + numpy.exp(-numpy.array(z))), rtol=1e-12)
        other = self.job("other.json", features=[{**b, "indicator": False}, "a"])
        done = execute(["score", other, "--model", path, "-o", self.directory / "other.h5"])
        self.assert_exit(done, 3, "$.features[0].indicator: 'false', but the model has 'true'")
        for change in (("\"had_missing\": false", "\"had_missing\": true"),
                       ("\"had_missing\": true", "\"had_missing\": false")):
            bad = self.directory / "bad.json"
            bad.write_text(path.read_text().replace(*change))
            done = execute(["score", self.score_job(), "--model", bad, "-o",
                            self.directory / "other.h5"])
            self.assert_exit(done, 3, "$.columns: expected ")
        done = self.run_program("inspect", path)
        self.assertRegex(done.stdout, "model +logistic_regression of 3 terms")
        self.assertRegex(done.stdout, r"\nb:missing ")
        self.assertRegex(self.run_program("inspect", job).stdout, r"indicator\n.* \*\n")

    def test_models_that_cannot_be(self):
        self.data()
        job = self.score_job()
        whole, model = self.whole_and_model(self.job())
        garbled, no_output = self.directory / "garbled.json", self.directory / "no.h5"
        garbled.write_text(model.read_text().replace('"coef"', '"cofe"'))
        no_output.write_bytes(whole.read_bytes()[:1000])
        for path, message in ((self.directory / "absent.json", "absent.json"),
                              (job, "not a model file"), (garbled, "$.cofe: unknown key"),
                              (no_output, "no.h5"), (self.directory, "directory")):
            done = execute(["score", job, "--model", path, "-o", self.directory / "out.h5"])
            self.assert_exit(done, 3, message)

    def test_without_a_model_the_job_must_be_whole(self):
        self.data()
        for key in ("features", "label", "train"):
            job = json.loads(self.job().read_text())
            del job[key]
            path = self.directory / "part.json"
            path.write_text(json.dumps(job))
            for command in (["run"], ["train", "-o", "m.json"]):
                self.assert_exit(execute([*command, path]), 3,
                                 f"$: lacks the key '{key}', which may be left out only with --model")

    def test_already_complete_knows_the_model(self):
        self.data()
        job, out = self.score_job(), self.directory / "out.h5"
        _, model = self.whole_and_model(self.job())
        other = self.directory / "other.json"
        self.run_program("train", self.job(train={
            "partitions": {"year": 2002}, "estimator": "logistic_regression"}), "-o", other)
        self.run_program("score", job, "--model", model, "-o", out)
        done = self.run_program("score", job, "--model", self.directory / "whole.h5", "-o", out)
        self.assertIn("nothing to do", done.stderr)
        for more in (["--model", other], ["--model", model, "--only", "year=2001"],
                     ["--model", model, "--shard", "1/2"],
                     ["--model", model, "--set", "score.decision_threshold=0.25"]):
            self.assert_exit(execute(["score", job, "-o", out, *more]), 6, "made by another job")
        self.assertIn("nothing to do", self.run_program(
            "score", job, "--model", model, "-o", out, "--shard", "1/1",
            "--set", "score.chunk_bytes=99").stderr)


class AbsentLabels(Steps):
    def drop_noise(self, *years):
        for year in years:
            path = self.directory / f"data/m_{year}.csv"
            path.write_text("".join(line.rpartition(",")[0] + "\n"
                                    for line in path.read_text().splitlines()))

    def test_partitions_without_the_label(self):
        self.data()
        # a label that would make something of a missing value
        job = self.job(label="noise > 450 or b > a")
        whole, model = self.whole_and_model(job)
        self.drop_noise(2002, 2003)
        note = ("scoreline: note: 2 of 4 partitions, '2002' first, lack columns of the label "
                "('noise'): no labels (-1) and no metrics there\n")
        for number, command in enumerate((["run", job],
                                          ["score", self.score_job(), "--model", model])):
            out = self.directory / f"{number}.h5"
            done = self.run_program(*command, "-o", out, "--set", "score.chunk_bytes=1000", ranks=3)
            self.assertEqual(done.stderr.count(note), 1, done.stderr)
            before, after = table(whole, "predictions"), table(out, "predictions")
            self.assertEqual(after["label"][:800], before["label"][:800])
            self.assertEqual(set(after["label"][800:]), {-1})
            for name in ("probability", "predicted", "status", "id"):
                self.assertEqual(list(map(str, after[name])), list(map(str, before[name])), name)
            self.assertEqual(table(out, "metrics")["rows"][3:][2:], [0, 0])

    def test_where_it_is_trained_on_it_must_be(self):
        self.data()
        self.drop_noise(2001)
        for command in (["run"], ["train", "-o", self.directory / "m.json"]):
            self.assert_exit(execute([*command, self.job()], ranks=2), 4, "partition '2001'",
                             "no column 'noise'")

    def test_what_a_feature_needs_too_must_be(self):
        self.data()
        job = self.job(label="b > a")
        path = self.directory / "data/m_2003.csv"
        path.write_text(path.read_text().replace("id,a,b,noise", "id,a,bb,noise"))
        self.assert_exit(execute(["run", job]), 4, "no column 'b'", "did you mean 'bb'")


class Pieces(Steps):
    def assert_pieces(self, whole, pieces):
        """Pieces, in order, are the whole, and know their places in it."""
        rows = {name: [] for name in table(whole, "predictions")}
        rejects = {name: [] for name in table(whole, "rejects") if name not in ("partition", "reject")}
        parts = {}
        for piece in pieces:
            for name, values in table(piece, "predictions").items():
                rows[name] += values
            for name, values in table(piece, "rejects").items():
                if name in rejects:
                    rejects[name] += values
            partitions = table(piece, "partitions")
            for i, name in enumerate(partitions["name"]):
                parts.setdefault(name, []).append({key: partitions[key][i] for key in partitions})
            self.assertEqual(text(piece, "partitions"), text(whole, "partitions"))
        expected = table(whole, "predictions")
        self.assertEqual(list(rows), list(expected))
        for name in rows:
            self.assertEqual([str(v) for v in rows[name]], [str(v) for v in expected[name]], name)
        for name in rejects:
            self.assertEqual(rejects[name], table(whole, "rejects")[name], name)
        full = table(whole, "partitions")
        names = text(whole, "partitions").splitlines()
        self.assertEqual([n.decode() for n in full["name"]],
                         [n for n in names if n.encode() in full["name"]])
        for i, name in enumerate(full["name"]):
            at_byte = at_record = 0
            for part in parts[name]:
                self.assertEqual((part["first_byte"], part["first_record"]), (at_byte, at_record))
                self.assertEqual(names[part["index"]], name.decode())
                for key in ("fingerprint", "bytes", "source", "trained_on", "index"):
                    self.assertEqual(part[key], full[key][i])
                at_byte, at_record = part["end_byte"], at_record + part["rows"]
            self.assertEqual((at_byte, at_record), (full["bytes"][i], full["rows"][i]))
            for key in ("scored", "missing", "rejected"):
                self.assertEqual(sum(part[key] for part in parts[name]), full[key][i])

    def shards(self, job, n, *more, ranks=0):
        made = []
        for i in range(1, n + 1):
            out = self.directory / f"{i}-of-{n}.h5"
            self.run_program("score", job, "-o", out, "--shard", f"{i}/{n}", "--if-exists",
                             "replace", *more, ranks=ranks)
            made.append(out)
        return made

    def test_only(self):
        self.data()
        whole, model = self.whole_and_model(self.job())
        job = self.score_job()
        for year in (2000, 2002):
            (self.directory / f"data/m_{year}.csv").rename(self.directory / f"m_{year}.csv")
        odd = self.directory / "odd.h5"
        self.run_program("score", job, "--model", model, "--only", "year=2001,2003", "--only",
                         "year=2003", "-o", odd)
        self.assertEqual(table(odd, "partitions")["name"], [b"2003"])
        self.assertEqual(table(odd, "partitions")["index"], [3])
        self.assertEqual(text(odd, "partitions"), "2000\n2001\n2002\n2003\n")
        self.run_program("score", job, "--model", model, "--only=year=2001,2003", "-o", odd,
                         "--if-exists", "replace", ranks=2)
        for year in (2000, 2002):
            (self.directory / f"m_{year}.csv").rename(self.directory / f"data/m_{year}.csv")
        pieces = []
        for year in (2000, 2001, 2002, 2003):
            pieces.append(self.directory / f"{year}.h5")
            self.run_program("score", job, "--model", model, "--only", f"year={year}", "-o",
                             pieces[-1])
        self.assert_pieces(whole, pieces)
        self.assertEqual(table(odd, "predictions")["id"],
                         table(pieces[1], "predictions")["id"] + table(pieces[3], "predictions")["id"])

    def test_shards(self):
        self.data(rows=60)
        path = self.directory / "data/m_2002.csv"
        path.write_text(path.read_text().replace("2002-7,", "2002-7,oops,").replace(
            "2002-40,", "2002-40,too,many,").replace("2002-50,", "2002-50\n\n"))
        (self.directory / "data/m_2000.csv").write_text("")
        whole, model = self.whole_and_model(
            self.job(score={"bad_rows": {"max_fraction": 1}}))
        job = self.score_job(score={"bad_rows": {"max_fraction": 1}})
        self.assertGreater(len(table(whole, "rejects")["line"]), 3)
        for n, chunk_bytes, ranks in ((1, "16MiB", 0), (2, "16MiB", 2), (3, 100, 3), (7, 333, 0),
                                      (11, 50, 2)):
            pieces = self.shards(job, n, "--model", model, "--set",
                                 f"score.chunk_bytes={chunk_bytes}", ranks=ranks)
            self.assert_pieces(whole, pieces)

    def test_shards_of_partitions_with_several_files(self):
        self.data(rows=50)
        for year in range(2000, 2004):
            path = self.directory / f"data/m_{year}.csv"
            head, *lines = path.read_text().splitlines()
            for letter, part in (("a", lines[:20]), ("b", []), ("c", lines[20:])):
                (self.directory / f"data/m_{year}{letter}.csv").write_text(
                    "\n".join([head, *part]) + "\n")
            path.unlink()
        data = {"root": str(self.directory / "data"), "path": "m_{year}*.csv",
                "partitions": {"year": "2000..2003"}}
        whole, model = self.whole_and_model(self.job(data=data))
        for n, chunk_bytes in ((5, "16MiB"), (9, 77)):
            pieces = self.shards(self.score_job(data=data), n, "--model", model, "--set",
                                 f"score.chunk_bytes={chunk_bytes}", ranks=2)
            self.assert_pieces(whole, pieces)

    def test_cuts_inside_a_giant_quoted_field(self):
        """What lies in the quotes looks like records; only who comes from the front can tell."""
        self.data(rows=30)
        path = self.directory / "data/m_2002.csv"
        lines = path.read_text().splitlines()
        decoy = "\n".join(f"x{i},1,2,3" for i in range(2000))
        lines[10] = f'"{decoy}",5,9,1'
        lines[20] = "no record"
        path.write_text("\n".join(lines) + "\n")
        changes = {"score": {"partitions": {"year": 2002}, "bad_rows": {"max_fraction": 1}},
                   "output": {"keep": [{"column": "id", "max_width": 4, "truncate": True}]}}
        whole, model = self.whole_and_model(self.job(**changes))
        self.assertEqual(table(whole, "partitions")["rows"], [30])
        self.assertEqual(table(whole, "rejects")["record"], [19])
        self.assertEqual(table(whole, "rejects")["line"], [2020])
        for ranks, chunk_bytes in ((0, "16MiB"), (3, 1000)):
            pieces = self.shards(self.score_job(**changes), 4, "--model", model, "--set",
                                 f"score.chunk_bytes={chunk_bytes}", ranks=ranks)
            self.assertEqual([sum(table(p, "partitions")["rows"]) for p in pieces], [10, 0, 0, 20])
            self.assert_pieces(whole, pieces)

    def test_more_shards_than_bytes(self):
        self.data(rows=0, years=range(2000, 2004))
        self.data(rows=40, years=[2001])
        job = self.score_job(score={"partitions": {"year": [2000, 2002]}})
        whole, model = self.directory / "whole.h5", self.directory / "model.json"
        self.run_program("train", self.job(), "-o", model)
        self.run_program("score", job, "--model", model, "-o", whole)
        for n in (3, 40):
            self.assert_pieces(whole, self.shards(job, n, "--model", model))
        for year in (2000, 2002):
            (self.directory / f"data/m_{year}.csv").write_text("")
        self.run_program("score", job, "--model", model, "-o", whole, "--if-exists", "replace")
        pieces = self.shards(job, 2, "--model", model, ranks=2)
        self.assertEqual([len(table(p, "partitions")["name"]) for p in pieces], [0, 2])
        self.assert_pieces(whole, pieces)

    def test_only_and_shard_together_and_without_a_model(self):
        self.data()
        job, whole = self.job(), self.directory / "whole.h5"
        self.run_program("run", job, "-o", whole, "--only", "year=2000,2003")
        pieces = []
        for i in (1, 2, 3):
            pieces.append(self.directory / f"{i}.h5")
            self.run_program("run", job, "-o", pieces[-1], "--only", "year=2000,2003", "--shard",
                             f"{i}/3", ranks=2)
        self.assert_pieces(whole, pieces)

    def test_pieces_know_their_model_and_their_settings(self):
        import h5py

        self.data()
        whole, model = self.whole_and_model(self.job())
        job = self.score_job()

        def marks(*more):
            out = self.directory / "out.h5"
            self.run_program("score", job, "-o", out, "--if-exists", "replace", *more)
            with h5py.File(out) as file:
                return [file.attrs[f"{what}_fingerprint"] for what in ("model", "scoring")]

        plain = marks("--model", model)
        with h5py.File(whole) as file:
            self.assertEqual([file.attrs[f"{what}_fingerprint"] for what in ("model", "scoring")],
                             plain)
        self.assertEqual(marks("--model", whole, "--shard", "2/3", "--set", "data.quote=\"",
                               "--set", "name=other", "--set", "score.chunk_bytes=9999"), plain)
        other = self.directory / "other.json"
        self.run_program("train", self.job(), "-o", other, "--set", "train.params.C=2")
        self.assertEqual([a == b for a, b in zip(marks("--model", other), plain)], [False, True])
        for change in ("score.decision_threshold=0.25", 'data.missing=["", "-"]', "data.quote='"):
            self.assertEqual([a == b for a, b in zip(marks("--model", model, "--set", change), plain)],
                             [True, False], change)


if __name__ == "__main__":
    main()
