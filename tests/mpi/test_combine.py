#!/usr/bin/python3
"""Pieces stitched together: the datasets of a run that was never cut, on any number of ranks and in
any order; pieces that do not fit together are refused by name."""
import fcntl
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import scoreline_test  # noqa: E402
from scoreline_test import Case, differences, execute  # noqa: E402


class Combine(Case):
    def setUp(self):
        super().setUp()
        self.data()
        with open(self.directory / "data/m_2000.csv", "a") as file:
            file.write("bad,row\n2000-x,1,2,3\nbad,row,again\n")
        with open(self.directory / "data/m_2002.csv", "a") as file:
            file.write('"two\nlines, and more",1,x,3\n"a much longer text than any other",1,2,3\n')
        self.file = self.job(score={"bad_rows": {"max_fraction": 0.5}, "chunk_bytes": 700})
        self.whole = self.directory / "whole.h5"
        self.model = self.directory / "model.json"
        self.succeed("run", self.file, "-o", self.whole, "--save-model", self.model)

    def succeed(self, *arguments, **more):
        done = execute([*arguments, "-q"], **more)
        self.assertEqual(done.returncode, 0, done.stderr)

    def score(self, name, *arguments, job=None, model=None):
        path = self.directory / name
        self.succeed("score", job or self.file, "--model", model or self.model, "-o", path,
                     *arguments)
        return path

    def combine(self, *arguments, ranks=0):
        return execute(["combine", *arguments], ranks=ranks)

    def refused(self, pieces, *texts):
        path = self.directory / "refused.h5"
        self.assert_exit(self.combine(*pieces, "-o", path), 4, *texts)
        self.assertFalse(path.exists())

    def check_whole(self, pieces, ranks=0):
        path = self.directory / f"combined-{ranks}.h5"
        done = self.combine(*pieces, "-o", path, "--if-exists", "replace", ranks=ranks)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(differences(self.whole, path), [])
        return path, done

    def test_partitions(self):
        pieces = [self.score(f"{years}.h5", "--only", f"year={years}")
                  for years in ("2003", "2000,2002", "2001")]
        tables = set()
        for ranks in (0, 1, 2, 4):
            tables.add(self.check_whole(pieces, ranks)[1].stdout)
            pieces = pieces[1:] + pieces[:1]
        self.assertEqual(len(tables), 1)
        self.assertEqual(tables.pop(), execute(["run", self.file, "-o", self.directory / "again.h5"]).stdout)

    def test_shards(self):
        for n in (2, 5, 23):
            pieces = [self.score(f"shard-{i}-of-{n}.h5", "--shard", f"{i}/{n}") for i in range(1, n + 1)]
            random.Random(n).shuffle(pieces)
            for ranks in (0, 3) if n == 5 else (0,):
                self.check_whole(pieces, ranks)

    def test_partitions_and_shards_of_others(self):
        pieces = [self.score("one.h5", "--only", "year=2001")]
        pieces += [self.score(f"rest-{i}.h5", "--only", "year=2000,2002,2003", "--shard", f"{i}/3")
                   for i in (1, 2, 3)]
        self.check_whole(pieces)

    def test_a_whole_is_a_piece(self):
        path, _ = self.check_whole([self.whole], ranks=2)
        self.check_whole([path])

    def test_jobs_that_score_other_partitions(self):
        pieces = []
        for years in ("[2003]", "[2000,2001]", "2002"):
            pieces.append(self.directory / f"job-{len(pieces)}.h5")
            self.succeed("run", self.file, "--set", f"score.partitions.year={years}", "-o", pieces[-1])
        self.check_whole(pieces, ranks=2)

    def test_as_many_rejects_as_a_run_keeps(self):
        for most in (0, 2):
            self.file = self.job(score={"bad_rows": {"max_fraction": 0.5}},
                                 output={"path": "x.h5", "keep": ["id"], "max_rejects": most})
            self.succeed("run", self.file, "-o", self.whole, "--if-exists", "replace")
            pieces = [self.score(f"{most}-{i}.h5", "--shard", f"{i}/3") for i in (3, 1, 2)]
            self.check_whole(pieces)

    def test_already_there(self):
        pieces = [self.score(f"{i}.h5", "--shard", f"{i}/3") for i in (1, 2, 3)]
        path, _ = self.check_whole(pieces)
        for others in (reversed(pieces), [self.score("uncut.h5")]):  # the same rows
            done = self.combine(*others, "-o", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("already there and complete", done.stderr)
        done = self.combine(*pieces[1:], "-o", path, "--allow-missing")
        self.assert_exit(done, 6, "is not made of these pieces")

    def test_one_at_a_time(self):
        """Whoever has the output's lock, others are refused and touch nothing; it goes with its holder."""
        path = self.directory / "all.h5"
        held = self.directory / "all.h5.parts"
        held.mkdir()
        with open(held / "lock", "w") as lock:
            json.dump({"host": "here", "pid": 7, "since": "today"}, lock)
            lock.flush()
            fcntl.lockf(lock, fcntl.LOCK_EX)
            for ranks in (0, 2):
                done = self.combine(self.whole, "-o", path, ranks=ranks)
                self.assert_exit(done, 6, "all.h5.parts", "in use by process 7")
                self.assertFalse(path.exists())
            self.assertTrue((held / "lock").exists())
        (held / "lock").unlink()
        (held / "kept.journal").write_text("of a run")
        self.assert_exit(self.combine(self.whole, "-o", path), 0)
        self.assertEqual([file.name for file in held.iterdir()], ["kept.journal"])
        (held / "kept.journal").unlink()
        self.assert_exit(self.combine(self.whole, "-o", path, "--if-exists", "replace", ranks=2), 0)
        self.assertFalse(held.exists())

    def test_missing(self):
        pieces = [self.score(f"{i}.h5", "--shard", f"{i}/8") for i in range(1, 9)]
        some = pieces[:1] + pieces[4:5] + pieces[7:]
        self.refused(some, "missing: 1 of 4 partitions: '2001'; bytes ", " of '2000'", " of '2003'",
                     "--allow-missing")
        path = self.directory / "some.h5"
        done = self.combine(*some, "-o", path, "--allow-missing", ranks=2)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("missing: 1 of 4 partitions: '2001'; bytes ", done.stderr)
        # what was left out may come later, and the order of all is still that of the job
        self.check_whole([*pieces[1:4], path, *pieces[5:7]], ranks=2)

    def test_a_gap_leaves_two_partitions(self):
        import h5py

        pieces = [self.score(f"{i}.h5", "--only", "year=2000", "--shard", f"{i}/3") for i in (1, 2, 3)]
        path = self.directory / "gap.h5"
        self.succeed("combine", pieces[2], pieces[0], "-o", path, "--allow-missing")
        with h5py.File(path) as file, h5py.File(self.whole) as whole:
            part = file["partitions"]
            self.assertEqual(part["name"].asstr()[()].tolist(), ["2000", "2000"])
            self.assertEqual(part["first_row"][1], part["rows"][0])
            self.assertGreater(part["first_record"][1], part["rows"][0])
            self.assertEqual(part["first_record"][1] + part["rows"][1], whole["partitions/rows"][0])
            wanted = whole["predictions/id"][int(part["first_record"][1])]
            self.assertEqual(file["predictions/id"][int(part["first_row"][1])], wanted)
            self.assertEqual(file["rejects/partition"][()].tolist(), [1, 1])
        done = execute(["evaluate", path])
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_overlap(self):
        one, two = self.score("one.h5", "--shard", "1/2"), self.score("two.h5", "--shard", "2/3")
        three = self.score("three.h5", "--shard", "3/3")
        self.refused([one, two, three], "partition '2001': bytes ", "one.h5", "two.h5")
        again = self.score("again.h5", "--only", "year=2003")
        self.refused([self.whole, again], "partition '2003': bytes 0 to ", "whole.h5", "again.h5")
        self.refused([again, again], "partition '2003'", "again.h5' and in '")

    def test_other_model(self):
        other = self.directory / "other.json"
        self.succeed("train", self.file, "--set", "train.params.C=0.01", "-o", other)
        one = self.score("one.h5", "--only", "year=2000")
        two = self.score("two.h5", "--only", "year=2001", "--set", "train.params.C=0.01",
                         model=other)
        self.refused([one, two], "one.h5' and '", "two.h5' were scored with different models")

    def test_other_threshold(self):
        one = self.score("one.h5", "--only", "year=2000")
        two = self.score("two.h5", "--only", "year=2001", "--set", "score.decision_threshold=0.4")
        self.refused([one, two], "one.h5' and '", "two.h5' were scored by jobs that differ",
                     "decision_threshold")

    def test_other_columns(self):
        one = self.score("one.h5", "--only", "year=2000")
        two = self.score("two.h5", "--only", "year=2001", "--set", 'output.keep=["id","a"]')
        self.refused([one, two], "one.h5' has no /predictions/a, which '", "two.h5' has")
        three = self.score("three.h5", "--only", "year=2002", "--set",
                           'output.keep=[{"column":"id","max_width":99}]')
        self.refused([one, three], "jobs that differ", "output.keep")
        four = self.score("four.h5", "--only", "year=2002", "--set",
                          'output.keep=[{"column":"a","as":"int64"}]')
        self.refused([two, four], "has no /predictions/id, which '")

    def test_other_inputs(self):
        one = self.score("one.h5", "--only", "year=2000", "--shard", "1/2")
        with open(self.directory / "data/m_2000.csv", "a") as file:
            file.write("late,1,2,3\n")
        two = self.score("two.h5", "--only", "year=2000", "--shard", "2/2")
        self.refused([one, two], "partition '2000' was read from different inputs in '", "one.h5",
                     "two.h5")

    def test_no_output(self):
        self.refused([self.file], "job.json' is no output of scoreline")
        self.refused([self.directory / "nowhere.h5"], "cannot open '", "No such file")
        self.assert_exit(self.combine("-o", "x.h5"), 2, "combine needs output files")
        self.assert_exit(self.combine(self.whole), 2, "combine needs output files")

    def test_a_fault_on_any_rank_ends_all(self):
        """A piece that cannot be read any more when its rows are wanted."""
        import h5py
        import shutil

        one, two = self.score("one.h5", "--shard", "1/2"), self.score("two.h5", "--shard", "2/2")
        broken = self.directory / "broken.h5"
        shutil.copy(two, broken)
        with h5py.File(broken, "r+") as file:
            file["predictions/probability"][-2] = 7
        done = self.combine(one, broken, "-o", self.directory / "x.h5", ranks=3)
        self.assert_exit(done, 4, "broken.h5': /predictions/probability: row ", ": 7 is no probability")


if __name__ == "__main__":
    scoreline_test.main("h5py")
