#!/usr/bin/python3
"""Wherever a file can be named there may be a pipe nobody writes to, or a device without an end: each is
refused at once, and none is replaced."""
import os
import pathlib
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, DEADLINE_S, ENVIRONMENT, PROGRAM, execute, main  # noqa: E402


class Pipes(Case):
    def setUp(self):
        super().setUp()
        self.data(rows=50)
        self.a_job = self.job()
        self.out = self.directory / "out.h5"
        self.model = self.directory / "model.json"
        self.assert_exit(execute(["run", self.a_job, "-o", self.out, "--save-model", self.model, "-q"]), 0)
        self.pipe = self.directory / "pipe"
        os.mkfifo(self.pipe)

    def refused(self, code, *arguments):
        """By one message, by each kind of file that is none."""
        for path in (self.pipe, "/dev/zero", "/dev/null"):
            given = [path if argument == "PIPE" else argument for argument in arguments]
            done = execute(given)
            self.assert_exit(done, code, str(path))
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertTrue(stat.S_ISFIFO(self.pipe.stat().st_mode), given)

    def test_instead_of_a_job(self):
        for command in ("inspect", "run", "search", "learning-curve"):
            self.refused(3, command, "PIPE")
        self.refused(3, "train", "PIPE", "-o", self.directory / "other.json")
        self.refused(3, "score", "PIPE", "--model", self.model)

    def test_instead_of_a_model(self):
        self.refused(3, "run", self.a_job, "--model", "PIPE", "-o", self.directory / "other.h5")
        self.refused(3, "score", self.a_job, "--model", "PIPE", "-o", self.directory / "other.h5")
        self.refused(3, "inspect", self.a_job, "--model", "PIPE")

    def test_instead_of_an_output_that_is_read(self):
        self.refused(4, "evaluate", "PIPE")
        self.refused(4, "export", "PIPE", "-o", self.directory / "x.csv")
        self.refused(4, "combine", self.out, "PIPE", "-o", self.directory / "other.h5")
        self.refused(4, "watch", "PIPE")

    def test_instead_of_an_output_that_is_written(self):
        self.refused(6, "run", self.a_job, "-o", "PIPE")
        self.refused(6, "run", self.a_job, "-o", self.directory / "other.h5", "--save-model", "PIPE")
        self.refused(6, "run", self.a_job, "-o", self.directory / "other.h5", "--summary", "PIPE")
        self.refused(6, "train", self.a_job, "-o", "PIPE")
        self.refused(6, "combine", self.out, "-o", "PIPE")
        self.refused(6, "export", self.out, "-o", "PIPE")
        self.refused(6, "generate", "--years", "2001..2001", "-o", "PIPE")

    def test_among_the_data(self):
        path = self.directory / "data/m_2002.csv"
        for make in (os.mkfifo, lambda name: os.symlink("/dev/zero", name)):
            path.unlink()
            make(path)
            for arguments in (["inspect", self.a_job], ["run", self.a_job, "-o", self.directory / "other.h5"],
                              ["run", self.a_job, "--dry-run"],
                              ["run", self.a_job, "--set", "train.partitions.year=2002"]):
                self.assert_exit(execute(arguments), 4, "m_2002.csv", "is no regular file")

    def test_a_job_from_another_program(self):
        """It would have to be there again when the run goes on."""
        done = subprocess.run(["bash", "-c", f"cat {self.a_job} | {PROGRAM} run /dev/stdin"], text=True,
                              capture_output=True, timeout=DEADLINE_S, env=ENVIRONMENT)
        self.assert_exit(done, 3, "'/dev/stdin': is no regular file")

    def test_where_generate_writes(self):
        """What bears the name that its unfinished file had is neither waited for nor written through."""
        made = self.directory / "made"
        made.mkdir()
        victim = self.directory / "victim"
        victim.write_text("untouched")
        os.mkfifo(made / "wta_matches_2001.csv.tmp")
        (made / "wta_matches_2002.csv.tmp").symlink_to(victim)
        self.assert_exit(execute(["generate", "--years", "2001..2002", "--rows", "3", "-o", made]), 0)
        self.assertEqual(victim.read_text(), "untouched")
        self.assertEqual(len((made / "wta_matches_2001.csv").read_text().splitlines()), 4)
        self.assertEqual(len(list(made.iterdir())), 4, "nothing else is left")


if __name__ == "__main__":
    main()
