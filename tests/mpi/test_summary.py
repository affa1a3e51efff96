"""--summary FILE on every way out, of every command that takes it: what it says is what happened, the
file is whole, and docs/summary.schema.json describes it.  And what -v says of ranks and settings."""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, DEADLINE_S, ENVIRONMENT, MPIRUN, PROGRAM, SOURCE, execute, main, preloaded

try:
    from jsonschema import Draft202012Validator
except ImportError:
    Draft202012Validator = None

SLOW_READS = os.environ.get("SCORELINE_SLOW_READS", "")
BREAK_RANK = os.environ.get("SCORELINE_BREAK_RANK", "")
SCHEMA = json.loads((SOURCE / "docs/summary.schema.json").read_text())


class Summary(Case):
    def setUp(self):
        super().setUp()
        self.data(rows=300)
        self.summary = self.directory / "s.json"
        self.out = self.directory / "out.h5"

    def read(self, code, status, ranks=1):
        """The summary of a command that ended so; it is gone afterwards."""
        summary = json.loads(self.summary.read_text())
        self.summary.unlink()
        if Draft202012Validator is not None:
            self.assertEqual([e.message for e in Draft202012Validator(SCHEMA).iter_errors(summary)], [])
        self.assertEqual((summary["exit_code"], summary["status"], summary["ranks"]),
                         (code, status, ranks))
        self.assertEqual(summary["message"] == "", code == 0)
        total = sum(phase["avg"] for phase in summary["seconds"].values())
        self.assertAlmostEqual(total, summary["total_s"], delta=1e-6 + 1e-6 * total)
        for name, phase in summary["seconds"].items():
            self.assertLessEqual(phase["min"], phase["avg"] * (1 + 1e-9), name)
            self.assertLessEqual(phase["avg"], phase["max"] * (1 + 1e-9), name)
        self.assertLessEqual(summary["slowest_rank"]["avg_busy_s"],
                             summary["slowest_rank"]["busy_s"] * (1 + 1e-9))
        self.assertGreater(summary["peak_memory"]["bytes"], 1 << 20)
        return summary

    def ends(self, code, status, *arguments, ranks=0, **more):
        """Its summary, whose message is what was said last on stderr."""
        done = execute([*arguments, "--summary", self.summary], ranks=ranks, **more)
        self.assert_exit(done, code)
        summary = self.read(code, status, max(ranks, 1))
        if code:
            self.assertIn(f"scoreline: {summary['message']}\n", done.stderr)
        return summary

    # --- success --------------------------------------------------------------------------------

    def test_success(self):
        job = self.job(score={"chunk_bytes": 1000})
        size = sum(path.stat().st_size for path in (self.directory / "data").iterdir())
        for ranks in (0, 3):
            told = self.ends(0, "ok", "run", job, "--if-exists", "replace", ranks=ranks)
            self.assertFalse(told["already_complete"])
            self.assertEqual((told["rows"], told["partitions"], told["bytes"]), (1200, 4, size))
            self.assertEqual(told["chunks_done"], told["chunks"])
            self.assertEqual(told["rows_scored"] + told["rows_missing"], 1200)
            self.assertEqual(told["output"], str(self.out))
            self.assertIn(told["slowest_partition"]["name"], ("2000", "2001", "2002", "2003"))
            self.assertGreater(told["bytes_per_s"], 0)
            self.assertAlmostEqual(told["rows_per_s"] * told["work_s"] / 1200, 1, delta=0.5)
            for phase in ("start", "plan", "train", "fit", "read", "scan", "decode", "features", "predict",
                          "keep", "journal", "collect", "metrics", "combine", "publish", "other"):
                self.assertGreater(told["seconds"][phase]["max"], 0, phase)
            self.assertEqual(told["seconds"]["wait"]["max"] > 0, ranks > 1)
        told = self.ends(0, "ok", "run", job, ranks=2)
        self.assertTrue(told["already_complete"])
        self.assertNotIn("chunks_done", told)

    def test_train(self):
        model = self.directory / "m.json"
        told = self.ends(0, "ok", "train", self.job(), "-o", model, ranks=2)
        self.assertEqual((told["records"], told["partitions"]), (300, 1))
        self.assertEqual(told["slowest_partition"]["name"], "2001")
        self.assertEqual(told["slowest_partition"]["bytes"], told["bytes"])
        self.assertTrue(self.ends(0, "ok", "train", self.job(), "-o", model)["already_complete"])
        told = self.ends(0, "ok", "train", self.job(), "-o", model, "--if-exists", "replace", "--set",
                         "train.mode=distributed", "--set", "train.partitions=all", ranks=3)
        self.assertEqual((told["records"], told["partitions"]), (1200, 4))
        self.ends(6, "output", "train", self.job(), "-o", self.directory / "data/m_2000.csv")

    def test_combine(self):
        job, pieces = self.job(), []
        self.assert_exit(execute(["run", job, "-q", "-o", self.directory / "all.h5"]), 0)
        for i in (1, 2, 3):
            pieces.append(self.directory / f"p{i}.h5")
            told = self.ends(0, "ok", "score", job, "-q", "--model", self.directory / "all.h5", "--shard",
                             f"{i}/3", "-o", pieces[-1])
        for ranks in (0, 2):
            told = self.ends(0, "ok", "combine", *pieces, "-o", self.out, "--if-exists", "replace",
                             ranks=ranks)
            self.assertEqual((told["pieces"], told["rows"], told["partitions"]), (3, 1200, 4))
            for phase in ("plan", "read", "metrics", "combine", "publish"):
                self.assertGreater(told["seconds"][phase]["max"], 0, phase)
        self.assertTrue(self.ends(0, "ok", "combine", *pieces, "-o", self.out)["already_complete"])
        self.assertEqual(self.ends(4, "input", "combine", *pieces[1:], "-o", self.out)["rows"], 0)
        self.ends(6, "output", "combine", *pieces, "-o", self.directory / "no/out.h5", ranks=2)
        self.ends(2, "usage", "combine", *pieces)
        self.assertEqual([path for path in self.directory.iterdir() if path.suffix == ".parts"], [])
        before = pieces[0].read_bytes()
        done = execute(["combine", *pieces, "-o", self.directory / "x.h5", "--summary", pieces[0]])
        self.assert_exit(done, 2, "would be both")
        self.assertEqual(pieces[0].read_bytes(), before)

    # --- failure --------------------------------------------------------------------------------

    def test_usage(self):
        job = self.job()
        for command in (("run", job, "--shard", "5/4"), ("run", job, "--max-time", "x"), ("train", job),
                        ("score", job), ("run",), ("run", job, "--json")):
            with self.subTest(command=command):
                self.assertNotIn("job", self.ends(2, "usage", *command))
        done = execute(["run", job, "--summary", self.summary, "--frobnicate"], ranks=2)
        self.assert_exit(done, 2)
        self.read(2, "usage", 2)

    def test_bad_job(self):
        bad = self.directory / "bad.json"
        bad.write_text('{ "name": ')
        for ranks in (0, 2):
            self.assertNotIn("job", self.ends(3, "job", "run", bad, ranks=ranks))
            self.ends(3, "job", "run", self.directory / "none.json", ranks=ranks)
            self.ends(3, "job", "train", bad, "-o", self.directory / "m.json", ranks=ranks)
            self.ends(3, "job", "score", self.job(), "--model", bad, ranks=ranks)
        self.assertEqual(self.ends(3, "job", "run", self.job(label="b >"))["job"], "small")

    def test_input(self):
        job = self.job()
        (self.directory / "data/m_2003.csv").write_text("id,a,noise\n1,2,3\n")
        told = self.ends(4, "input", "run", job, ranks=2)
        self.assertEqual(told["partitions"], 4)
        (self.directory / "data/m_2003.csv").unlink()
        told = self.ends(4, "input", "run", job)
        self.assertNotIn("partitions", told)

    def test_bad_rows(self):
        path = self.directory / "data/m_2002.csv"
        path.write_text(path.read_text().replace("2002-7,", "2002-7,1,"))
        job = self.job(score={"bad_rows": {"policy": "reject", "max_count": 0}, "chunk_bytes": 1000})
        told = self.ends(5, "bad_rows", "run", job, ranks=2)
        self.assertEqual((told["rows_rejected"], told["rows"]), (1, 1200))
        self.assertGreater(told["seconds"]["scan"]["max"], 0)
        self.assertEqual(told["seconds"]["combine"]["max"], 0)
        shutil.rmtree(self.directory / "out.h5.parts")
        job = self.job(score={"bad_rows": {"policy": "fail"}, "bad_partitions": "skip"})
        told = self.ends(5, "bad_rows", "run", job, ranks=2)
        self.assertEqual((told["partitions_skipped"], told["rows_scored"] + told["rows_missing"]), (1, 900))
        self.assertIn("unknown_levels", told)
        done = execute(["run", job, "--if-exists", "replace", "--summary", self.summary])
        self.assert_exit(done, 5, "% of total", "slowest rank")

    def test_output(self):
        self.out.write_text("precious")
        self.ends(6, "output", "run", self.job(), ranks=2)
        self.ends(6, "output", "run", self.job(), "-o", self.directory / "no/out.h5")

    def test_output_that_grows_too_large(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, 64 << 10))
        done = subprocess.run([PROGRAM, "run", self.job(), "--summary", self.summary, "-o",
                               self.directory / "large.h5"], env=ENVIRONMENT, preexec_fn=limit,
                              capture_output=True, text=True, timeout=DEADLINE_S)
        self.assert_exit(done, 6, "large.h5")
        told = self.read(6, "output")
        self.assertEqual((told["chunks_done"], told["rows"]), (told["chunks"], 1200))
        self.assertGreater(told["seconds"]["metrics"]["max"], 0)

    def test_results_that_nobody_takes(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "run", self.job(), "--summary", self.summary], env=ENVIRONMENT,
                                  stdout=full, stderr=subprocess.PIPE, text=True, timeout=DEADLINE_S)
        self.assert_exit(done, 6, "standard output")
        self.assertIn("standard output", self.read(6, "output")["message"])
        self.assertTrue(self.out.exists())

    def test_memory(self):
        if os.environ.get("SCORELINE_TEST_PRELOAD"):
            self.skipTest("the address sanitizer brings an allocator of its own")
        self.assertTrue(BREAK_RANK, "SCORELINE_BREAK_RANK names no library")
        for rank in ("0", "1"):
            told = self.ends(71, "no_memory", "run", self.job(), ranks=2,
                             wrapper=("env", f"LD_PRELOAD={BREAK_RANK}"),
                             environment={"SL_BREAK_RANK": rank, "SL_BREAK_ALLOC": str(1 << 13)})
            self.assertIn("out of memory", told["message"])

    # --- stopped --------------------------------------------------------------------------------

    def start(self, *arguments, ranks=2, ms=200):
        self.assertTrue(SLOW_READS, "SCORELINE_SLOW_READS names no library")
        words = ["env", preloaded(SLOW_READS), f"SLOW_READS_MS={ms}", PROGRAM, *arguments]
        if ranks:
            words = [MPIRUN, "-n", str(ranks), *words]
        run = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        self.addCleanup(run.communicate)
        self.addCleanup(run.kill)
        return run

    def test_stopped(self):
        job = self.job(score={"chunk_bytes": 1000})
        for ranks in (0, 2):
            run = self.start("run", job, "--summary", self.summary, "--set", "output.journal_after=0",
                             ranks=ranks)
            status = self.directory / "out.h5.parts/status.json"
            for _ in range(int(DEADLINE_S * 20)):
                try:
                    if json.loads(status.read_text())["chunks_done"] > 2:
                        break
                except (FileNotFoundError, KeyError):
                    pass
                time.sleep(0.05)
            run.send_signal(signal.SIGUSR1)
            _, err = run.communicate(timeout=DEADLINE_S)
            self.assertEqual(run.returncode, 75, err)
            self.assertIn(b"% of total", err)
            told = self.read(75, "stopped", max(ranks, 1))
            self.assertIn("stopped by SIGUSR1", told["message"])
            self.assertGreater(told["chunks_done"], 2)
            self.assertLess(told["chunks_done"], told["chunks"])
            self.assertGreater(told["rows"], 0)
            self.assertGreater(told["seconds"]["read"]["max"], 0.2)
            n_done = told["chunks_done"]
            told = self.ends(0, "ok", "run", job, ranks=ranks)
            self.assertEqual(told["chunks_done"], told["chunks"])
            self.assertGreaterEqual(told["chunks_resumed"], n_done - max(ranks, 1))
            self.assertEqual(told["rows"], 1200)
            self.out.unlink()

    def test_time_is_up_while_training(self):
        run = self.start("train", self.job(), "-o", self.directory / "m.json", "--max-time", "00:01",
                         "--summary", self.summary, "--set", "train.partitions=all", ranks=0, ms=1000)
        _, err = run.communicate(timeout=DEADLINE_S)
        self.assertEqual(run.returncode, 75, err)
        told = self.read(75, "stopped")
        self.assertIn("time is up", told["message"])
        self.assertNotIn("records", told)

    # --- a summary that cannot be written --------------------------------------------------------

    def test_unwritable(self):
        job = self.job()
        done = execute(["run", job, "--summary", self.directory / "no/s.json"], ranks=2)
        self.assert_exit(done, 6, "no/s.json")
        self.assertEqual(done.stderr.count("no/s.json"), 1, done.stderr)
        self.assertFalse(self.out.exists())
        bad = self.directory / "bad.json"
        bad.write_text("{")
        done = execute(["run", bad, "--summary", self.directory / "no/s.json"], ranks=2)
        self.assert_exit(done, 3, "bad.json", "; and cannot write", "no/s.json")
        self.assert_exit(execute(["run", job]), 0)
        done = execute(["run", job, "--summary", self.directory / "no/s.json"])
        self.assert_exit(done, 6, "cannot write", "no/s.json")

    def test_nothing_else_is_written_over(self):
        job, bad = self.job(), self.directory / "bad.json"
        bad.write_text("{")
        data = self.directory / "data/m_2000.csv"
        empty = self.directory / "empty"
        for victim in (job, bad, data):
            before = victim.read_bytes()
            for command in (["run", bad], ["run", job], ["run", job, "--shard", "9/1"], ["train", job],
                            ["combine", victim, "-o", self.directory / "x.h5"]):
                done = execute([*command, "--summary", victim])
                self.assertIn(done.returncode, (2, 3, 6), done.stderr)
                self.assertEqual(victim.read_bytes(), before, command)
        self.assertFalse(self.out.exists())
        for command, code in ((["run", bad, "-o", "x.h5", "--summary", "x.h5"], 3),
                              (["run", job, "-o", "x.h5", "--summary", "x.h5"], 2)):
            self.assert_exit(execute(command, cwd=self.directory), code)
            self.assertFalse((self.directory / "x.h5").exists())
        empty.touch()
        self.assert_exit(execute(["run", job, "--summary", empty]), 0)
        self.assertEqual(json.loads(empty.read_text())["exit_code"], 0)

    def test_dry_run_writes_none(self):
        self.assert_exit(execute(["run", self.job(), "--dry-run", "--summary", self.summary]), 0)
        self.assertFalse(self.summary.exists())

    # --- by rank --------------------------------------------------------------------------------

    def test_profile(self):
        import h5py

        job = self.job(score={"chunk_bytes": 1000})
        told = self.ends(0, "ok", "run", job, ranks=3)
        with h5py.File(self.out) as file:
            profile = {name: data[()] for name, data in file["profile"].items() if name != "rank"}
            hosts = file["profile/host"].asstr()[()]
        self.assertEqual(set(profile) - {"chunks", "bytes", "rows", "peak_memory", "host"},
                         set(told["seconds"]) - {"publish"})
        self.assertEqual((len(hosts), set(hosts)), (3, {told["host"]}))
        self.assertEqual((profile["rows"].sum(), profile["bytes"].sum()), (1200, told["bytes"]))
        self.assertEqual(profile["chunks"].sum(), told["chunks"] + told["chunks_repeated"])
        self.assertGreater(profile["combine"].max(), 0)
        # Linux counts pages by thread, and brings the counts together now and then
        self.assertAlmostEqual(profile["peak_memory"].max() / told["peak_memory"]["bytes"], 1, delta=0.2)
        for name in ("plan", "train", "fit", "scan", "metrics", "combine"):
            self.assertLessEqual(profile[name].max(), told["seconds"][name]["max"] * (1 + 1e-9), name)
            if name != "combine":
                self.assertAlmostEqual(profile[name].max(), told["seconds"][name]["max"], 12, name)


class Placement(Case):
    """What -v says, and that nothing is set against what the user has set."""

    def setUp(self):
        super().setUp()
        self.data(rows=20)

    def told(self, ranks, *launch, environment=None, unset=()):
        command = [PROGRAM, "run", self.job(), "-v", "--if-exists", "replace"]
        words = [MPIRUN, *launch, "-n", ranks, *command] if ranks else command
        base = {key: value for key, value in ENVIRONMENT.items() if key not in unset}
        done = subprocess.run([str(word) for word in words], env={**base, **(environment or {})},
                              capture_output=True, text=True, timeout=DEADLINE_S, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_ranks_and_cores(self):
        told = self.told(0)
        cores = sorted(os.sched_getaffinity(0))
        self.assertIn(f"scoreline: rank 0 on {os.uname().nodename}: cores allowed {len(cores)} (", told)
        self.assertNotIn("oversubscribed", told)
        n = len(cores) + 1
        told = self.told(n, "--bind-to", "none")
        self.assertRegex(told, rf"ranks 0-{n - 1} on \S+: cores allowed {len(cores)} ")
        self.assertRegex(told, rf"oversubscribed: {n} ranks share {len(cores)} cores? of ")

    def test_two_ranks_on_one_core(self):
        core = min(os.sched_getaffinity(0))
        if shutil.which("taskset") is None:
            self.skipTest("no taskset")
        command = [MPIRUN, "--bind-to", "none", "-n", "2", "taskset", "-c", str(core), PROGRAM, "run",
                   str(self.job()), "-v"]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True,
                              timeout=DEADLINE_S, stdin=subprocess.DEVNULL)
        self.assert_exit(done, 0, "oversubscribed: 2 ranks share 1 core of ", f"allowed 1 ({core});")

    def test_threads(self):
        for environment, words in (({"SCORELINE_THREADS": "7"}, "fitting 7 (SCORELINE_THREADS)"),
                                   ({"OMP_NUM_THREADS": "1"}, "fitting 1 (OMP_NUM_THREADS)"),
                                   ({"OPENBLAS_NUM_THREADS": "1"}, "fitting 1 (OPENBLAS_NUM_THREADS)"),
                                   ({"OMP_NUM_THREADS": "x"}, "(cores allowed)"),
                                   ({"OMP_NUM_THREADS": "1", "SCORELINE_THREADS": "3"},
                                    "fitting 3 (SCORELINE_THREADS)")):
            if "1" in environment.values() and len(os.sched_getaffinity(0)) == 1 and len(environment) == 1:
                continue  # a limit that is none
            told = self.told(0, environment=environment,
                             unset=("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "SCORELINE_THREADS"))
            self.assertIn(words, told)

    def settings(self, **more):
        line = re.search(r"set for Open MPI: (.*)", self.told(2, **more))[1]
        return dict(item.split("=", 1) for item in line.split()) if line != "nothing" else {}

    def test_what_the_user_set_stands(self):
        made = self.settings()
        self.assertIn("OMPI_MCA_pml", made)
        self.assertNotIn("OMPI_MCA_mpi_yield_when_idle", made)  # the tests' environment has it
        theirs = {"OMPI_MCA_pml": "ob1", "OMPI_MCA_io_ompio_priority": "7",
                  "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}
        self.assertFalse(self.settings(environment=theirs).keys() & theirs.keys())
        self.assertFalse(self.settings(environment={"OMPI_MCA_btl": "self,vader"}).keys()
                         & {"OMPI_MCA_btl", "OMPI_MCA_pml"})
        self.assertNotIn("OMPI_MCA_io_ompio_priority", self.settings(environment={"OMPI_MCA_io": "ompio"}))
        home = self.directory / "home"
        (home / ".openmpi").mkdir(parents=True)
        (home / ".openmpi/mca-params.conf").write_text("# mine\n")
        self.assertEqual(self.settings(environment={"HOME": str(home)}), {})

    def test_locks_of_hdf5(self):
        """None on an output, unless the user wants them."""
        if shutil.which("strace") is None:
            self.skipTest("no strace")
        for value, locks in ((None, False), ("TRUE", True)):
            calls = self.directory / "calls"
            environment = {key: v for key, v in ENVIRONMENT.items() if key != "HDF5_USE_FILE_LOCKING"}
            if value:
                environment["HDF5_USE_FILE_LOCKING"] = value
            done = subprocess.run(["strace", "-f", "-y", "-o", calls, "-e", "trace=flock", PROGRAM, "run",
                                   self.job(), "-q", "--if-exists", "replace"], env=environment,
                                  capture_output=True, text=True, timeout=DEADLINE_S)
            if "PTRACE" in done.stderr or "ptrace" in done.stderr:
                self.skipTest("strace may not trace here")
            self.assert_exit(done, 0)
            found = re.findall(r"flock\(\d+<([^>]*)>", calls.read_text())
            self.assertEqual(any("out.h5.parts/output" in path for path in found), locks, found)


if __name__ == "__main__":
    main("h5py")
