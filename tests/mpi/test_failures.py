"""Each stage is made to fail on one rank of four.  All ranks end, soon, with the documented code and
one message, and nothing is left where the output would be."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main, preloaded

RANKS = 4
ENDS_WITHIN_S = float(os.environ.get("SCORELINE_FAILURE_DEADLINE", "5"))
BREAK_RANK = os.environ.get("SCORELINE_BREAK_RANK", "")


class Failures(Case):
    def setUp(self):
        super().setUp()
        self.data()

    def fails(self, job, code, *texts, ranks=RANKS, wrapper=(), environment=None, options=(),
              journal=None):
        """The run ends with that code and those texts, in time, and leaves no output; but what was
        scored, where `journal` is its directory."""
        before = sorted(self.directory.rglob("*"))
        began = time.monotonic()
        done = execute(["run", job, *options], ranks=ranks, wrapper=wrapper,
                       environment=environment, deadline=60)
        took = time.monotonic() - began
        self.assert_exit(done, code, *texts)
        self.assertEqual(done.stderr.count("scoreline: "), 1, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertLess(took, ENDS_WITHIN_S)
        if journal:
            self.take_journal(journal)
        self.assertEqual(sorted(self.directory.rglob("*")), before)

    def take_journal(self, name="out.h5.parts"):
        """There is a journal that no run has any more; it is removed."""
        parts = self.directory / name
        names = [path.name for path in parts.iterdir()]
        self.assertTrue([name for name in names if name.endswith(".journal")], names)
        self.assertNotIn("lock", names)
        shutil.rmtree(parts)

    def everywhere(self, job, code, *texts, **more):
        """With four ranks, with one, and without mpirun: the same code and words."""
        for ranks in (RANKS, 1, 0):
            self.fails(job, code, *texts, ranks=ranks, **more)

    def broken(self, **environment):
        self.assertTrue(BREAK_RANK, "SCORELINE_BREAK_RANK names no library")
        return {"wrapper": ("env", preloaded(BREAK_RANK)), "environment": environment}

    # --- plan ---------------------------------------------------------------------------------

    def test_job_absent(self):
        self.everywhere(self.directory / "no.json", 3, "no.json", "no such file")

    def test_job_malformed(self):
        job = self.directory / "bad.json"
        job.write_text('{\n  "name": "x",\n  "data": }\n')
        self.everywhere(job, 3, "bad.json", "line 3")

    def test_job_with_an_unknown_key(self):
        job = self.job(fetures=[])
        self.everywhere(job, 3, "job.json: $: unknown key 'fetures', did you mean 'features'?")

    def test_partition_absent(self):
        (self.directory / "data/m_2002.csv").unlink()
        self.everywhere(self.job(), 4, "2002", "m_2002.csv", "o such file")

    def test_partition_is_a_directory(self):
        (self.directory / "data/m_2002.csv").unlink()
        (self.directory / "data/m_2002.csv").mkdir()
        self.everywhere(self.job(), 4, "m_2002.csv", "irectory")

    def test_output_directory_absent(self):
        self.everywhere(self.job(), 6, "absent", options=("-o", self.directory / "absent/out.h5"))

    def test_output_is_something_else(self):
        (self.directory / "out.h5").write_text("precious")
        self.everywhere(self.job(), 6, "out.h5", "--if-exists replace")
        self.assertEqual((self.directory / "out.h5").read_text(), "precious")

    # --- train --------------------------------------------------------------------------------

    def test_nothing_to_train_on(self):
        (self.directory / "data/m_2001.csv").write_text("id,a,b,noise\nx,1,,3\ny,2,NA,0\n")
        self.everywhere(self.job(), 4, "nothing to train on")

    def test_one_class_only(self):
        (self.directory / "data/m_2001.csv").write_text("id,a,b,noise\nx,1,2,3\ny,2,9,0\n")
        self.everywhere(self.job(), 4, "class")

    def test_training_lacks_a_column(self):
        (self.directory / "data/m_2001.csv").write_text("id,a,bb,noise\nx,1,2,3\n")
        self.everywhere(self.job(), 4, "m_2001.csv", "'b'")

    def test_training_has_a_bad_record(self):
        with open(self.directory / "data/m_2001.csv", "a") as file:
            file.write("late,1,two,3\n")
        self.everywhere(self.job(), 5, "m_2001.csv", "line 402", "'b'")

    # --- score --------------------------------------------------------------------------------

    def test_one_partition_lacks_a_column(self):
        path = self.directory / "data/m_2003.csv"
        path.write_text(path.read_text().replace("id,a,b,noise", "id,a,beta,noise"))
        self.everywhere(self.job(), 4, "m_2003.csv", "'b'")

    def test_too_many_bad_records(self):
        path = self.directory / "data/m_2002.csv"
        path.write_text(path.read_text().replace("2002-7,", "2002-7,1,")
                        .replace("2002-9,", '2002-9,"1,1",'))
        job = self.job()
        before = sorted(self.directory.rglob("*"))
        for ranks in (RANKS, 0):
            done = execute(["run", job], ranks=ranks)
            self.assert_exit(done, 5, "2 of 1600 records are bad", "'2002' (2 of 400)")
            rejects = self.directory / "out.h5.rejects.csv"
            self.assertIn("m_2002.csv,7,9,", rejects.read_text())
            rejects.unlink()
            self.take_journal()
            self.assertEqual(sorted(self.directory.rglob("*")), before)

    def test_first_bad_record_ends_the_run(self):
        for year, record in ((2002, 250), (2002, 300), (2003, 3)):
            path = self.directory / f"data/m_{year}.csv"
            path.write_text(path.read_text().replace(f"{year}-{record},", f"{year}-{record},x"))
        job = self.job(score={"bad_rows": {"policy": "fail"}})
        for size in ("16MiB", "100"):
            self.everywhere(job, 5, "m_2002.csv", "line 252", "record 250",
                            options=("--set", f"score.chunk_bytes={size}"), journal="out.h5.parts")

    def test_file_unreadable_on_one_rank(self):
        self.fails(self.job(), 4, "m_2002.csv", "permission denied",
                   options=("--set", "score.schedule=static"),
                   **self.broken(SL_BREAK_RANK="2", SL_BREAK_OPEN="m_2002"))

    def test_read_error_on_one_rank(self):
        self.fails(self.job(), 4, "m_2003.csv", "input/output error",
                   options=("--set", "score.schedule=static"),
                   **self.broken(SL_BREAK_RANK="3", SL_BREAK_READ="m_2003"))

    def test_allocation_refused_on_one_rank(self):
        if os.environ.get("SCORELINE_TEST_PRELOAD"):
            self.skipTest("the address sanitizer brings an allocator of its own")
        for rank in ("0", "2"):
            self.fails(self.job(), 71, "out of memory",
                       **self.broken(SL_BREAK_RANK=rank, SL_BREAK_ALLOC=str(1 << 13)))

    # --- combine ------------------------------------------------------------------------------

    def large(self):
        """A job whose output is larger than 8 MiB."""
        (self.directory / "data/m_2003.csv").write_text(
            "id,a,b,noise\n" + "a-rather-long-identifier-of-a-row,1,2,3\n" * 200_000)
        return self.job()

    def test_file_size_limit_on_one_rank(self):
        limit = ("sh", "-c", 'if [ "$OMPI_COMM_WORLD_RANK" = 2 ]; then '
                 'exec prlimit --fsize=8388608 "$@"; fi; exec "$@"', "sh")
        self.fails(self.large(), 6, "out.h5", "File too large", wrapper=limit,
                   journal="out.h5.parts")

    def test_file_size_limit_without_mpirun(self):
        self.fails(self.large(), 6, "out.h5", "File too large", ranks=0, journal="out.h5.parts",
                   wrapper=("prlimit", "--fsize=1048576"))

    def test_disk_full(self):
        disk = self.directory / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("no right to mount a small file system: " + mounted.stderr.strip())
        try:
            for ranks in (RANKS, 0):
                self.fails(self.large(), 6, "disk/out.h5", "No space left on device", ranks=ranks,
                           options=("-o", disk / "out.h5"), journal="disk/out.h5.parts")
        finally:
            subprocess.run(["umount", str(disk)], check=True)


if __name__ == "__main__":
    main()
