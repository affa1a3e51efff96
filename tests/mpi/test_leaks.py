"""Under the address sanitizer: what is allocated by this project is freed, on every way out.  What
Open MPI leaves behind is told apart by who called the allocator."""
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, SOURCE, execute, main

LEAK = re.compile(r"^(?:Direct|Indirect) leak of .*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def own_leaks(text):
    """The leak reports whose allocation was asked for by a file of ours."""
    frame = re.compile(rf"^ *#1 .* {re.escape(str(SOURCE))}/src/", re.MULTILINE)
    return [leak for leak in LEAK.findall(text) if frame.search(leak)]


class Leaks(Case):
    def check(self, *arguments):
        done = execute(arguments, environment={"ASAN_OPTIONS": "detect_leaks=1"})
        self.assertEqual(own_leaks(done.stderr), [])
        return done

    def test_a_leak_would_be_seen(self):
        report = ("\nDirect leak of 8 byte(s) in 1 object(s) allocated from:\n"
                  "    #0 0x1 in __interceptor_calloc asan.cpp:77\n"
                  f"    #1 0x2 in sl_alloc_array {SOURCE}/src/base/memory.c:16\n\n"
                  "Indirect leak of 9 byte(s) in 1 object(s) allocated from:\n"
                  "    #0 0x1 in malloc\n    #1 0x2 in hwloc_bitmap_alloc (/usr/lib/libhwloc.so)\n\n"
                  "SUMMARY: 2 leaks\n")
        self.assertEqual(len(own_leaks(report)), 1)

    def test_every_way_out(self):
        self.data()
        job = self.job()
        out = self.directory / "out.h5"
        self.check("version")
        self.check("help", "run")
        self.check("generate", "--years", "2000", "-o", self.directory / "made", "--rows", "50")
        self.assertIn("rows scored", self.check("run", job).stderr)
        self.assertIn("already there", self.check("run", job).stderr)
        self.check("run", job, "-o", self.directory / "b.h5", "--set", "score.chunk_bytes=50",
                   "--save-model", self.directory / "m.json", "--summary", self.directory / "s.json")
        self.assertIn("another job", self.check("run", job, "--set", "label=a > b").stderr)
        out.unlink()
        for fault in ("score.chunk_bytes=0", "label=a >", "train.estimator=tree",
                      "train.partitions.year=1999", "data.root=nowhere", "label=missing_column > 0",
                      "output.keep=[\"none\"]", "train.params.CC=3"):
            self.check("run", job, "--set", fault)
        self.check("run", job, "-o", self.directory / "absent/out.h5")
        with open(self.directory / "data/m_2003.csv", "a") as file:
            file.write("bad,1\n" * 9)
        self.assertIn("are bad", self.check("run", job).stderr)
        self.check("run", job, "--set", "score.bad_rows.policy=fail")

    def test_searches(self):
        self.data()
        job = self.job(search={"params": {"C": [0.1, 1]}, "cv": {"n_splits": 3},
                               "features": {"one": ["gap"], "two": ["gap", "a"]}})
        out = self.directory / "search.h5"
        self.assertIn("12 fits", self.check("search", job).stderr)
        self.check("search", job, "-o", out, "--save-model", self.directory / "m.json",
                   "--summary", self.directory / "s.json", "--set", "output.journal_after=0")
        self.assertIn("already there", self.check("search", job, "-o", out).stderr)
        self.check("search", job, "--dry-run")
        self.check("search", job, "-o", self.directory / "drawn.json", "--set",
                   'search={"method": "random", "params": {"C": {"loguniform": [0.1, 10]}}}')
        for fault in ("search.params.C=[0]", "search.params.CC=[1]", "search.cv.n_splits=1000",
                      'search.cv={"method": "leave_one_out", "by": "year"}', "search.scoring=r2",
                      'search.features={"x": [{"name": "gap", "expr": "a"}]}', "label=a > 5000",
                      'search.features={"x": ["nowhere"]}', 'search.params={"C": {"uniform": [1]}}'):
            self.assertNotEqual(self.check("search", job, "--set", fault).returncode, 0)

    def test_learning_curves(self):
        self.data()
        job = self.job(learning_curve={"n_splits": 3, "n_repeats": 2, "train_sizes": [2, 50, 1]})
        out = [self.directory / f"curve.{ending}" for ending in ("json", "h5", "svg")]
        outputs = [word for path in out for word in ("-o", path)]
        self.assertIn("24 fits", self.check("learning-curve", job).stderr)
        self.check("learning-curve", job, *outputs, "--summary", self.directory / "s.json", "--set",
                   "output.journal_after=0")
        self.assertIn("already there", self.check("learning-curve", job, *outputs).stderr)
        out[2].unlink()
        self.check("learning-curve", job, *outputs)
        self.check("learning-curve", job, "--dry-run")
        self.check("learning-curve", job, "--set", "train.sample.rows=20", "--set",
                   "learning_curve.validate_on.year=2003")
        for fault in ("learning_curve.n_splits=1000", "learning_curve.validate_on.year=2001",
                      "learning_curve.train_sizes=[1000]", "learning_curve.train_sizes=[1.5]",
                      "learning_curve.scoring=r2", "learning_curve.partitions.year=1999",
                      "label=a / 0"):
            self.assertNotEqual(self.check("learning-curve", job, "--set", fault).returncode, 0)


if __name__ == "__main__":
    if not os.environ.get("SCORELINE_TEST_PRELOAD"):
        print("skipped: not built with the address sanitizer")
        sys.exit(77)
    main()
