"""What is told of a run under way: lines, a bar, status.json, and what `watch` makes of that.  Nothing
of it changes what is written, and short runs stay silent."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, DEADLINE_S, ENVIRONMENT, MPIRUN, PROGRAM, differences, execute, main, preloaded

SLOW_READS = os.environ.get("SCORELINE_SLOW_READS", "")
LINE = re.compile(r"^scoreline: (plan|train|fit|score|collect|metrics|combine|publish): "
                  r"(?:(\d+\.\d) %|\d+:\d\d)"
                  r"(?:, (\d+) of (\d+) chunks)?(?:, [\d.e+-]+ GB/s, [\d.e+-]+ rows/s)?"
                  r"(?:, (?:\d+:)?\d+:\d\d left)?$")


class Progress(Case):
    def setUp(self):
        super().setUp()
        self.data(rows=300)
        self.a_job = self.job(score={"chunk_bytes": 1000}, data={
            "root": str(self.directory / "data"), "path": "m_{year}.csv",
            "partitions": {"year": "2001..2002"}})
        self.out = self.directory / "out.h5"
        self.status = self.directory / "out.h5.parts/status.json"

    def start(self, *options, ranks=2, ms=100, every=0.5, command="run", out=None, inputs=(),
              stderr=subprocess.PIPE):
        """A run that takes some seconds."""
        self.assertTrue(SLOW_READS, "SCORELINE_SLOW_READS names no library")
        words = ["env", preloaded(SLOW_READS), f"SLOW_READS_MS={ms}", PROGRAM, command,
                 *(inputs or [self.a_job]), "-o", out or self.out, *options]
        if ranks:
            words = [MPIRUN, "-n", str(ranks), *words]
        run = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=stderr,
                               env={**ENVIRONMENT, "SCORELINE_PROGRESS_S": str(every)})
        self.addCleanup(run.communicate)
        self.addCleanup(run.kill)
        return run

    def end(self, run, code=0):
        _, err = run.communicate(timeout=DEADLINE_S)
        err = err.decode()  # as text it would lose what a bar begins with
        self.assertEqual(run.returncode, code, err)
        return err

    def until(self, is_so):
        for _ in range(int(DEADLINE_S * 20)):
            try:
                status = json.loads(self.status.read_text())
                if is_so(status):
                    return status
            except FileNotFoundError:
                pass
            time.sleep(0.05)
        self.fail("it never came to that")

    # --- lines and bars -----------------------------------------------------------------------

    def test_lines_in_a_log(self):
        err = self.end(self.start())
        lines = err.splitlines()
        last = next(i for i, line in enumerate(lines) if "rows scored" in line)
        told = [LINE.match(line) for line in lines[:last]]
        self.assertNotIn(None, told, err)
        scored = [float(m[2]) for m in told if m[1] == "score"]
        self.assertGreater(len(scored), 2, err)
        self.assertEqual(scored, sorted(scored))
        self.assertLessEqual(scored[-1], 100)
        self.assertTrue(all(int(m[3]) <= int(m[4]) for m in told if m[3]), err)
        self.assertNotIn("\r", err)
        whole = self.directory / "whole.h5"
        self.assert_exit(execute(["run", self.a_job, "-o", whole]), 0)
        self.assertEqual(differences(whole, self.out), [])

    def test_training_is_told(self):
        err = self.end(self.start(ranks=0, ms=700, every=0.5, command="train",
                                     out=self.directory / "model.json"))
        self.assertRegex(err, r"(?m)^scoreline: train: \d")

    def test_training_says_how_far_it_is(self):
        err = self.end(self.start("--set", "train.partitions=all", "--set", "data.partitions.year=2000..2003",
                                  ranks=0, ms=700, every=0.5, command="train",
                                  out=self.directory / "model.json"))
        told = [LINE.match(line) for line in err.splitlines() if line.startswith("scoreline: train: ")]
        self.assertNotIn(None, told, err)
        shares = [float(m[2]) for m in told if m[2]]
        self.assertEqual(shares, sorted(shares))
        self.assertTrue([share for share in shares if 0 < share < 100], err)
        self.assertRegex(err, r"train: \d+\.\d %, [\d.e+-]+ GB/s, [\d.e+-]+ rows/s, \d:\d\d left")

    def pieces(self):
        """Scored shares of the job, and the model's output."""
        whole = self.directory / "whole.h5"
        self.assert_exit(execute(["run", self.a_job, "-q", "-o", whole]), 0)
        pieces = [self.directory / f"p{i}.h5" for i in (1, 2, 3)]
        for i, piece in enumerate(pieces, 1):
            self.assert_exit(execute(["score", self.a_job, "-q", "--model", whole, "--shard", f"{i}/3",
                                      "-o", piece]), 0)
        return whole, pieces

    def test_combine_is_told_and_watched(self):
        whole, pieces = self.pieces()
        run = self.start(ranks=2, ms=40, every=0.3, command="combine", inputs=pieces)
        status = self.until(lambda s: s["phase"] == "combine" and s["bytes"] > 0)
        self.assertEqual((status["state"], status["chunks"]), ("running", 0))
        self.assertLessEqual(status["bytes_done"], status["bytes"])
        once = self.watch("--once")
        self.assert_exit(once, 0)
        self.assertRegex(once.stdout, r"^combine: \d+\.\d %.*\n$")
        watched = self.watch()
        err = self.end(run)
        self.assert_exit(watched, 0)
        self.assertRegex(watched.stdout, r"'.*out.h5' is complete\n$")
        lines = err.splitlines()
        last = next(i for i, line in enumerate(lines) if " rows of " in line)
        told = [LINE.match(line) for line in lines[:last]]
        self.assertNotIn(None, told, err)
        self.assertTrue([m for m in told if m[1] == "combine" and m[2]], err)
        self.assertTrue([m for m in told if m[1] == "plan"], err)
        self.assertFalse(self.status.parent.exists())
        self.assertEqual(differences(whole, self.out), [])

    def test_two_that_combine_do_not_meet(self):
        _, pieces = self.pieces()
        run = self.start(ranks=0, ms=20, command="combine", inputs=pieces)
        self.until(lambda s: s["phase"] == "combine")
        self.assert_exit(execute(["combine", *pieces, "-o", self.out]), 6, "out.h5.parts")
        self.end(run)
        self.assertTrue(self.out.exists())

    def test_nothing_stays_of_a_combine_that_was_killed(self):
        whole, pieces = self.pieces()
        before = set(self.directory.iterdir())
        run = self.start(ranks=0, ms=30, command="combine", inputs=pieces)
        self.until(lambda s: s["phase"] == "combine" and s["bytes"] > 0)
        run.kill()
        run.communicate()
        self.assertEqual(set(self.directory.iterdir()) - before, {self.status.parent})
        self.assertTrue([path for path in self.status.parent.iterdir() if "tmp" in path.name])
        self.assert_exit(execute(["combine", *pieces, "-o", self.out]), 0)
        self.assertEqual(set(self.directory.iterdir()) - before, {self.out})
        self.assertEqual(differences(whole, self.out), [])

    def test_a_bar_of_combine(self):
        _, pieces = self.pieces()
        err = self.end(self.start("--progress", "bar", ranks=0, ms=20, command="combine", inputs=pieces))
        self.assertRegex(err, r"\r\x1b\[K\[[#-]+\] combine: \d+\.\d %")
        self.assertRegex(err, r"(?s)\r\x1b\[Kscoreline: .* rows of ")

    def test_a_bar(self):
        err = self.end(self.start("--progress", "bar", ranks=0))
        self.assertRegex(err, r"\r\x1b\[K\[#+-+\] score: \d+\.\d %")
        self.assertRegex(err, r"(?s)\r\x1b\[Kscoreline: .* rows scored", "it is not taken away")

    def test_a_terminal_that_takes_nothing_holds_up_nothing(self):
        read, write = os.pipe()
        os.set_blocking(write, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(write, bytes(4096))
        os.set_blocking(write, True)
        run = self.start(ranks=0, ms=50, stderr=write)
        os.close(write)
        for _ in range(int(DEADLINE_S * 20)):
            if self.out.exists():
                break
            time.sleep(0.05)
        self.assertTrue(self.out.exists(), "it waits for its line to be taken")
        self.assertIsNone(run.poll())
        with os.fdopen(read, "rb") as pipe:
            self.assertIn(b"rows scored", pipe.read())
        self.assertEqual(run.wait(timeout=DEADLINE_S), 0)

    def test_none(self):
        for options in (["--progress", "none"], ["-q"]):
            with self.subTest(options=options):
                err = self.end(self.start(*options, ranks=0, ms=50))
                self.assertNotRegex(err, r"score: |plan: ")
                self.out.unlink()

    def test_short_runs_say_nothing(self):
        done = execute(["run", self.a_job], ranks=2)
        self.assert_exit(done, 0)
        self.assertNotRegex(done.stderr, r"score: |plan: ")

    def test_an_interval_that_is_none(self):
        for value in ("x", "0", "-1", "inf", "1x"):
            done = execute(["run", self.a_job], environment={"SCORELINE_PROGRESS_S": value})
            self.assert_exit(done, 2, "SCORELINE_PROGRESS_S", f"'{value}'")

    # --- status.json and watch ----------------------------------------------------------------

    def watch(self, *options):
        return execute(["watch", self.out, *options])

    def test_status_and_watch(self):
        run = self.start("--progress", "none", ms=200)
        status = self.until(lambda s: s["phase"] == "score" and s["chunks_done"] > 3)
        self.assertEqual((status["format"], status["version"], status["state"]),
                         ("scoreline-status", 1, "running"))
        self.assertEqual(len(status["ranks"]), 2)
        for key in ("chunks", "bytes", "rows"):
            done = {"chunks": "chunks_done", "bytes": "bytes_done"}.get(key, key)
            self.assertEqual(sum(rank[key] for rank in status["ranks"]), status[done])
        least = min(rank["bytes"] for rank in status["ranks"])
        self.assertEqual(status["ranks"][status["slowest_rank"]]["bytes"], least)
        size = sum(path.stat().st_size for path in (self.directory / "data").glob("m_200[12].csv"))
        self.assertEqual(status["bytes"], size)
        self.assertGreater(status["bytes_per_s"], 0)
        once = self.watch("--once")
        self.assert_exit(once, 0)
        self.assertRegex(once.stdout, r"^score: .*slowest rank [01]: .*\n$")
        watched = self.watch()
        self.end(run)
        self.assert_exit(watched, 0)
        self.assertRegex(watched.stdout, r"(?s)^score: .*'.*out.h5' is complete\n$")
        self.assertFalse(self.status.parent.exists())
        self.assertEqual(self.watch().stdout, f"'{self.out}' is complete\n")

    def test_watch_ends_as_a_stopped_run(self):
        run = self.start("--set", "output.journal_after=0", ms=200)
        self.until(lambda s: s["phase"] == "score" and s["chunks_done"] > 0)
        watching = subprocess.Popen([PROGRAM, "watch", str(self.out)], stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        run.send_signal(signal.SIGUSR1)
        self.end(run, 75)
        _, err = watching.communicate(timeout=DEADLINE_S)
        self.assertEqual(watching.returncode, 75, err)
        self.assertIn("stopped by SIGUSR1", err)
        self.end(self.start(ms=1))
        self.assert_exit(self.watch(), 0)

    def test_watch_notices_death(self):
        run = self.start("--set", "output.journal_after=0", ranks=0, ms=200)
        self.until(lambda s: s["phase"] == "score")
        run.kill()
        run.communicate()
        self.assert_exit(self.watch(), 6, "has not been heard of")

    def test_watch_of_nothing(self):
        self.assert_exit(self.watch(), 4, "there is no output")
        self.assert_exit(execute(["watch"]), 2, "needs the output")


if __name__ == "__main__":
    main("h5py")
