"""Runs that are killed, stopped or starved, and taken up: the output has the datasets of a run that
nobody disturbed, and nothing that was on the disk is scored twice.

SCORELINE_TEST_KILLS is the number of kills at random moments, SCORELINE_TEST_SEED says which;
SCORELINE_TEST_STEP = 1 breaks seven times as many of the calls that can be broken one by one."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import (Case, DEADLINE_S, ENVIRONMENT, MPIRUN, PROGRAM, await_end, datasets, differences,
                            execute, main, preloaded, processes_with)

SLOW_CALLS = os.environ.get("SCORELINE_SLOW_READS", "")
BREAK_CALL = os.environ.get("SCORELINE_BREAK_CALL", "")
KILLS = int(os.environ.get("SCORELINE_TEST_KILLS", "12"))
STEP = int(os.environ.get("SCORELINE_TEST_STEP", "15"))
SEED = int(os.environ.get("SCORELINE_TEST_SEED", "2015"))
AT_ONCE = ("--set", "output.journal_after=0")


class Resume(Case):
    def setUp(self):
        super().setUp()
        self.data(rows=2000)
        path = self.directory / "data/m_2002.csv"
        lines = path.read_text().splitlines(keepends=True)
        lines[700] = '"a line\nfeed in quotes",1,2,3\n'
        lines[1200] = "bad,x,2,3\n"
        path.write_text("".join(lines))
        self.a_job = self.job(score={"chunk_bytes": 2000, "bad_rows": {"max_fraction": 0.01}})
        self.out = self.directory / "out.h5"
        self.parts = self.directory / "out.h5.parts"
        self.alone = self.directory / "alone.h5"
        self.assert_exit(execute(["run", self.a_job, "-o", self.alone]), 0)
        self.assertGreater(len(datasets(self.alone)), 10)

    def broken(self, kind, call, how, rank=None, count=None):
        self.assertTrue(BREAK_CALL, "SCORELINE_BREAK_CALL names no library")
        said = {"SL_BREAK_KIND": kind, "SL_BREAK_CALL": call, "SL_BREAK_HOW": how,
                "SL_BREAK_RANK": rank, "SL_BREAK_COUNT": count}
        return {"wrapper": ("env", preloaded(BREAK_CALL)),
                "environment": {key: str(value) for key, value in said.items() if value is not None}}

    def count(self, kind, *options):
        """How many calls of a kind an undisturbed run makes."""
        path = self.directory / "count"
        done = execute(["run", self.a_job, *options], **self.broken(kind, 0, "count", count=path))
        self.assert_exit(done, 0)
        self.out.unlink()
        return int(path.read_text())

    def take_up(self, ranks=0, *options):
        """Run to the end; how many chunks and rows were not scored again."""
        summary = self.directory / "summary.json"
        done = execute(["run", self.a_job, "--summary", summary, *options], ranks=ranks)
        self.assert_exit(done, 0)
        self.assertEqual(differences(self.alone, self.out), [])
        self.assertFalse(self.parts.exists(), "something is left")
        self.out.unlink()
        told = json.loads(summary.read_text())
        summary.unlink()
        return told["chunks_resumed"], told["rows_resumed"]

    def is_whole(self):
        """Whether the output is there, and then it is whole; the same command clears up behind it."""
        if not self.out.exists():
            return False
        self.assertEqual(differences(self.alone, self.out), [])
        self.assert_exit(execute(["run", self.a_job]), 0, "nothing to do")
        self.assertFalse(self.parts.exists(), "something is left")
        self.out.unlink()
        return True

    def nothing_else_is_left(self):
        self.assertEqual([path.name for path in self.directory.iterdir()
                          if path.name.startswith("out.h5") and path != self.parts], [])

    # --- killed at every place ----------------------------------------------------------------

    def kill_everywhere(self, ranks, rank, kinds, step):
        n_hit = n_resumed = 0
        for kind in kinds:
            n_calls = self.count(kind, *AT_ONCE)
            self.assertGreater(n_calls, 10, kind)
            for call in range(1, n_calls + 1, step):
                done = execute(["run", self.a_job, *AT_ONCE], ranks=ranks,
                               **self.broken(kind, call, "kill", rank))
                n_hit += done.returncode != 0
                if not self.is_whole():
                    self.nothing_else_is_left()
                    n_resumed += self.take_up((ranks + call) % 3, "--set",
                                              f"score.chunk_bytes={1000 + 500 * (call % 4)}")[0]
        return n_hit, n_resumed

    def test_killed_at_every_change_of_a_file(self):
        """One process: each call that changes a file is the last thing it did."""
        n_hit, n_resumed = self.kill_everywhere(0, None, ("file",), STEP * 2)
        print(f"{n_hit} kills, {n_resumed} chunks resumed")
        self.assertGreater(n_hit, 350 // (STEP * 2))  # there are some 900 such calls
        self.assertGreater(n_resumed, 7000 // (STEP * 2))

    def test_numbers_are_taken_up(self):
        """Rows of a value and a label that is a number, which has blanks, and columns behind them."""
        path = self.directory / "data/m_2000.csv"
        lines = path.read_text().splitlines(keepends=True)
        lines[50] = "late,1,2,\n"
        path.write_text("".join(lines))
        self.a_job = self.job(
            label="b - a / 3 + noise",
            train={"partitions": {"year": 2001}, "estimator": "linear_regression"},
            score={"chunk_bytes": 2000, "bad_rows": {"max_fraction": 0.01}},
            output={"path": str(self.out), "keep": ["id", {"column": "a", "as": "float64"}]})
        self.assert_exit(execute(["run", self.a_job, "-o", self.alone, "--if-exists", "replace"]), 0)
        found = datasets(self.alone)
        self.assertIn("predictions/value", found)
        self.assertIn("predictions/a", found)
        self.assertNotIn("predictions/predicted", found)
        n_calls = self.count("file", *AT_ONCE)
        n_resumed = []
        for i in range(1, 12):
            execute(["run", self.a_job, *AT_ONCE], ranks=i % 3,
                    **self.broken("file", i * n_calls // 12, "kill", 0 if i % 3 else None))
            if not self.is_whole():
                self.nothing_else_is_left()
                n_resumed.append(self.take_up((i + 1) % 3)[1])
        self.assertGreater(len(n_resumed), 5)
        self.assertGreater(max(n_resumed), 2000)

    def test_killed_at_reads_and_messages(self):
        n_hit = self.kill_everywhere(0, None, ("read",), 23)[0]
        self.assertGreater(n_hit, 5)
        for call in (1, 3, 10):
            done = execute(["run", self.a_job, *AT_ONCE], ranks=3,
                           **self.broken("message", call, "kill", 1))
            self.assertNotEqual(done.returncode, 0)
            self.take_up(2)

    # --- killed at any moment -----------------------------------------------------------------

    def start(self, ranks, *options):
        command = [PROGRAM, "run", str(self.a_job), *options]
        if ranks:
            command = [MPIRUN, "-n", str(ranks), *command]
        return subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                start_new_session=True)

    def time_of(self, ranks):
        """Seconds that an undisturbed run takes; of two the shorter."""
        took = []
        for _ in range(2):
            began = time.monotonic()
            self.start(ranks, *AT_ONCE).communicate(timeout=DEADLINE_S)
            took.append(time.monotonic() - began)
            self.out.unlink()
        return min(took)

    def test_killed_at_any_moment(self):
        chance = random.Random(SEED)
        n_hit = n_resumed = 0
        self.data(rows=20_000)
        self.a_job = self.job(score={"chunk_bytes": 1000, "bad_rows": {"max_fraction": 0.01}})
        self.assert_exit(execute(["run", self.a_job, "-o", self.alone, "--if-exists", "replace"]), 0)
        takes = {ranks: self.time_of(ranks) for ranks in (0, 1, 2, 3)}
        for _ in range(KILLS):
            ranks = chance.choice((0, 1, 2, 3))
            process = self.start(ranks, *AT_ONCE)
            time.sleep(chance.uniform(0.0, 0.9) * takes[ranks])
            victims = processes_with(self.a_job) or [process.pid]
            victim = process.pid if ranks and chance.random() < 0.3 else chance.choice(victims)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.communicate(timeout=DEADLINE_S)
            await_end(self.a_job)
            if self.is_whole():
                continue
            n_hit += 1
            size = chance.choice((700, 2000, 5000))
            n_resumed += self.take_up(chance.choice((0, 1, 2)), "--set", f"score.chunk_bytes={size}")[0]
        print(f"{n_hit} of {KILLS} kills hit, {n_resumed} chunks resumed")
        self.assertGreater(n_hit, KILLS // 4)
        self.assertGreater(n_resumed, KILLS)

    # --- calls that fail ----------------------------------------------------------------------

    def test_every_change_of_a_file_fails_once(self):
        n_failed = 0
        n_calls = self.count("file", *AT_ONCE)
        closing = range(n_calls - 15, n_calls + 1)
        for call in [*range(1, n_calls - 15, STEP * 3), *closing]:
            done = execute(["run", self.a_job, *AT_ONCE], **self.broken("file", call, "fail"))
            if done.returncode == 0: # a lock or a directory that could not be removed
                self.assertTrue(self.is_whole())
                continue
            n_failed += 1
            self.assert_exit(done, 6, "scoreline: ")
            self.assertEqual(done.stderr.count("scoreline: "), 1, done.stderr)
            if not self.is_whole():
                self.take_up()
        self.assertGreater(n_failed, 10)

    def test_every_allocation_fails_once(self):
        if os.environ.get("SCORELINE_TEST_PRELOAD"):
            self.skipTest("the address sanitizer brings an allocator of its own")
        n_calls = self.count("alloc", *AT_ONCE)
        self.assertGreater(n_calls, 200)
        for call in range(1, n_calls + 1, STEP * 5):
            done = execute(["run", self.a_job, *AT_ONCE], **self.broken("alloc", call, "fail"))
            self.assert_exit(done, 71, "out of memory")
            self.take_up()

    # --- stopped ------------------------------------------------------------------------------

    def test_stopped_by_signals(self):
        self.data(rows=60_000)
        self.assert_exit(execute(["run", self.a_job, "-o", self.alone, "--if-exists", "replace",
                                  "--set", "score.chunk_bytes=20000"]), 0)
        n_resumed = n_stopped = 0
        for ranks, number in ((0, signal.SIGTERM), (0, signal.SIGINT), (2, signal.SIGUSR1),
                              (3, signal.SIGUSR2), (2, signal.SIGXCPU)):
            process = self.start(ranks, "--set", "score.chunk_bytes=1000")
            until = time.monotonic() + DEADLINE_S
            while not (self.parts / "model.json").exists() and time.monotonic() < until:
                time.sleep(0.002)
            time.sleep(0.02)
            for victim in processes_with(self.a_job)[:1]:
                os.kill(victim, number)
            _, told = process.communicate(timeout=DEADLINE_S)
            await_end(self.a_job)
            if process.returncode == 0:
                self.out.unlink()
                continue
            n_stopped += 1
            self.assertEqual(process.returncode, 75, told)
            self.assertIn(f"stopped by {number.name}", told.decode())
            self.assertTrue((self.parts / "model.json").exists())
            self.assertFalse((self.parts / "lock").exists())
            n_resumed += self.take_up(1)[0]
        self.assertGreaterEqual(n_stopped, 3)
        self.assertGreater(n_resumed, 0)

    def test_time_is_up(self):
        self.data(rows=200_000)
        options = ("--set", "score.chunk_bytes=500", "--max-time", "0:01")
        done = execute(["run", self.a_job, *options])
        self.assert_exit(done, 75, "time is up")
        done = execute(["run", self.a_job, "--max-time", "1-0x"])
        self.assert_exit(done, 2, "--max-time")

    def run_slowly(self, max_time, **slow):
        """The run with calls on files that take longer; its exit code and its summary."""
        summary = self.directory / "summary.json"
        done = execute(["run", self.a_job, *AT_ONCE, "--max-time", max_time, "--summary", summary],
                       wrapper=["env", preloaded(SLOW_CALLS)],
                       environment={f"SLOW_{name.upper()}_MS": str(ms) for name, ms in slow.items()})
        return done, json.loads(summary.read_text())

    def test_time_is_left_for_a_slow_sync(self):
        """The first sync, four seconds from the start, takes another four: so will that of the end."""
        done, summary = self.run_slowly("0:20", reads=400, syncs=4000)
        self.assert_exit(done, 75, "time is up")
        self.assertLess(summary["total_s"], 20)
        self.assertGreater(summary["chunks_done"], 0)

    def test_time_is_left_to_write_the_output(self):
        """Writes that take long are measured while rows go to the journal."""
        done, summary = self.run_slowly("0:16", writes=9000 // self.count("file", *AT_ONCE))
        self.assert_exit(done, 75, "time is up")
        self.assertEqual(summary["chunks_done"], summary["chunks"])
        self.assertFalse(self.out.exists())
        self.assertEqual(self.take_up()[0], summary["chunks"])

    # --- what is refused ----------------------------------------------------------------------

    def stop_early(self, ranks=0):
        """Leave a journal: killed in the middle of the file calls."""
        n = self.count("file", *AT_ONCE)
        done = execute(["run", self.a_job, *AT_ONCE], **self.broken("file", n // 2, "kill"))
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(list(self.parts.glob("*.journal")))

    def kept(self):
        """What is in the directory, but for the lock."""
        return {path.name: path.read_bytes() for path in self.parts.iterdir()
                if path.name != "lock"}

    def test_input_that_changed_is_named(self):
        self.stop_early()
        path = self.directory / "data/m_2003.csv"
        path.write_text(path.read_text() + "late,1,2,3\n")
        before = self.kept()
        self.assert_exit(execute(["run", self.a_job]), 6, "m_2003.csv", "--resume never")
        self.assertEqual(self.kept(), before)
        self.assert_exit(execute(["run", self.a_job, "--resume", "never"]), 0)

    def test_journal_of_another_job(self):
        self.stop_early()
        other = self.job("other.json", label="b - a > 0")
        before = self.kept()
        self.assert_exit(execute(["run", other]), 6, "another job", "'small'")
        self.assertEqual(self.kept(), before)
        self.take_up()

    def test_resume_require(self):
        self.assert_exit(execute(["run", self.a_job, "--resume", "require"]), 6, "--resume require")
        self.assertFalse(self.parts.exists())
        self.stop_early()
        self.assertGreater(self.take_up(2, "--resume", "require")[0], 0)

    def test_two_runs_on_one_output(self):
        self.data(rows=100_000)
        first = self.start(0, *AT_ONCE, "--set", "score.chunk_bytes=1000")
        until = time.monotonic() + DEADLINE_S
        while not list(self.parts.glob("*.journal")) and time.monotonic() < until:
            time.sleep(0.002)
        second = execute(["run", self.a_job])
        self.assert_exit(second, 6, "in use by process")
        first.communicate(timeout=DEADLINE_S)
        self.assertEqual(first.returncode, 0)

    def test_lock_of_another_host(self):
        """A holder that does not beat is waited for, and then it is dead."""
        self.parts.mkdir()
        (self.parts / "lock").write_text(json.dumps({"host": "elsewhere/1", "pid": 1}))
        began = time.monotonic()
        self.take_up()
        self.assertGreater(time.monotonic() - began, 5)

    def test_links_are_not_followed(self):
        victim = self.directory / "victim"
        victim.write_text("untouched")
        self.parts.mkdir()
        for name in ("lock", "journal.json", "model.json", "x-0.journal"):
            (self.parts / name).symlink_to(victim)
        self.assert_exit(execute(["run", self.a_job]), 6, "lock")
        self.assertEqual(victim.read_text(), "untouched")
        shutil.rmtree(self.parts)
        self.parts.symlink_to(self.directory / "data")
        self.assert_exit(execute(["run", self.a_job]), 6, "out.h5.parts")

    def test_pipes_are_not_waited_for(self):
        for name in ("lock", "journal.json", "x.journal"):
            self.parts.mkdir()
            os.mkfifo(self.parts / name)
            self.assert_exit(execute(["run", self.a_job, *AT_ONCE]), 6, str(self.parts))
            shutil.rmtree(self.parts, ignore_errors=True)  # what bears our names was taken away
        os.mkfifo(self.out)
        self.assert_exit(execute(["evaluate", self.out]), 4, "is no regular file")

    def test_files_of_the_journal_are_private(self):
        self.stop_early()
        for path in self.parts.iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    # --- bad partitions -----------------------------------------------------------------------

    def test_a_partition_that_is_skipped(self):
        """One that lacks a column, one with a fault in its data; mended one after the other."""
        import h5py

        skip = ("--set", "score.bad_partitions=skip")
        lacking, faulty = self.directory / "data/m_2000.csv", self.directory / "data/m_2003.csv"
        kept = {path: (path.read_text(), path.stat()) for path in (lacking, faulty)}
        lacking.write_text(kept[lacking][0].replace("id,a,b", "id,a,c", 1))
        faulty.write_text(kept[faulty][0].replace("2003-9,", "2003-9" + "x" * 300 + ",", 1))
        for ranks in (0, 3):
            done = execute(["run", self.a_job, *skip], ranks=ranks)
            self.assert_exit(done, 5, "2 of 4 partitions were skipped", "'2000'", "no column 'b'")
            with h5py.File(self.out) as file:
                self.assertEqual(file.attrs["complete"], 0)
                self.assertEqual(list(file["partitions/status"]), [1, 0, 0, 1])
                self.assertEqual([rows > 0 for rows in file["partitions/rows"]],
                                 [False, True, True, False])
                self.assertIn(b"max_width 256", file["partitions/reason"][3])
                self.assertEqual(set(file["predictions/partition"]), {1, 2})
        self.assert_exit(execute(["evaluate", self.out]), 4, "not complete")
        self.restore(faulty, *kept[faulty])
        self.assert_exit(execute(["run", self.a_job, *skip]), 5, "1 of 4 partitions")
        self.restore(lacking, *kept[lacking])
        rows = self.take_up(2)[1]
        self.assertEqual(rows, 6000)

    def restore(self, path, text, status):
        path.write_text(text)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def test_read_again_before_it_is_skipped(self):
        last = self.count("read")
        for tries, code in ((1, 4), (3, 0)):
            done = execute(["run", self.a_job, "--set", f"score.tries={tries}"],
                           **self.broken("read", last, "fail"))
            self.assert_exit(done, code)
        self.assertEqual(differences(self.alone, self.out), [])

    def test_input_that_changes_while_it_is_read(self):
        self.data(rows=300_000)
        process = self.start(0, "--set", "score.chunk_bytes=500")
        until = time.monotonic() + DEADLINE_S
        while not (self.parts / "model.json").exists() and time.monotonic() < until:
            time.sleep(0.002)
        with (self.directory / "data/m_2000.csv").open("a") as file:
            file.write("late,1,2,3\n")
        _, told = process.communicate(timeout=DEADLINE_S)
        self.assertEqual(process.returncode, 4, told)
        self.assertIn("m_2000.csv' changed while it was read", told.decode())

    # --- damage -------------------------------------------------------------------------------

    def test_torn_and_flipped(self):
        self.stop_early()
        kept = self.directory / "kept"
        shutil.copytree(self.parts, kept)
        journal = next(kept.glob("*.journal"))
        whole = journal.read_bytes()
        chance = random.Random(SEED)
        n_resumed = []
        for i in range(24):
            shutil.copytree(kept, self.parts, dirs_exist_ok=True)
            damaged = bytearray(whole)
            if i % 2:
                del damaged[chance.randrange(len(damaged)):]
            for _ in range(3 if i % 2 == 0 else 0):
                at = chance.randrange(len(damaged)) if i else 20
                damaged[at] ^= 1 << chance.randrange(8)
            (self.parts / journal.name).write_bytes(damaged)
            n_resumed.append(self.take_up(i % 3)[0])
        self.assertEqual(n_resumed[0], 0) # the file's head
        self.assertGreater(max(n_resumed), 10)

    def test_flipped_in_the_small_files(self):
        """A digit of the model, of its drift say, that nothing else would notice; whose journal it is."""
        self.stop_early()
        kept = self.directory / "kept"
        shutil.copytree(self.parts, kept)
        chance = random.Random(SEED)
        n_anew = 0
        for name in ("model.json", "journal.json"):
            whole = (kept / name).read_bytes()
            digits = [at for at, byte in enumerate(whole) if chr(byte).isdigit()]
            self.assertGreater(len(digits), 20)
            for at in chance.sample(digits, 20) + chance.sample(range(len(whole)), 10):
                shutil.copytree(kept, self.parts, dirs_exist_ok=True)
                damaged = bytearray(whole)
                damaged[at] ^= 1 << chance.randrange(3)
                (self.parts / name).write_bytes(damaged)
                done = execute(["run", self.a_job])
                if name == "model.json":
                    self.assert_exit(done, 0, "is missing or damaged")
                self.assertIn(done.returncode, (0, 6))
                n_anew += done.returncode == 0 and self.is_whole()
        self.assertGreaterEqual(n_anew, 30)

    def test_a_higher_limit_scores_nothing_again(self):
        job = json.loads(self.a_job.read_text())
        job["score"]["bad_rows"] = {"max_count": 0}
        self.a_job.write_text(json.dumps(job))
        self.assert_exit(execute(["run", self.a_job]), 5, "records are bad")
        (self.directory / "out.h5.rejects.csv").unlink()
        chunks, rows = self.take_up(2, "--set", "score.bad_rows.max_count=1")
        self.assertEqual(rows, 8000)
        self.assertGreater(chunks, 1)


if __name__ == "__main__":
    main("h5py")
