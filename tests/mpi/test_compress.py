"""output.compress: the same datasets in fewer bytes, whatever the ranks; and when the disk is full,
one message and no file, as without."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, datasets, differences, execute, main

COLUMNS = "probability", "predicted", "status", "label", "partition", "id", "long"
WIDTH = 4096  # of a kept column: a block has 2048 rows, a chunk of it 256


class Compress(Case):
    def setUp(self):
        super().setUp()
        self.data(2500)
        for path in sorted((self.directory / "data").iterdir()):
            lines = path.read_text().splitlines()
            path.write_text("\n".join([lines[0] + ",long"] + [
                line + "," + (line * 80)[:i % (WIDTH // 16 + 1)].replace(",", ";")
                for i, line in enumerate(lines[1:])]) + "\n")
        with open(self.directory / "data/m_2002.csv", "a") as file:
            file.write("2002-last,1,2,3," + "z" * WIDTH + "\n")
        self.small_chunks = "--set", "score.chunk_bytes=70000"

    def write(self, name, ranks, compress, *options):
        job = self.job(output={"path": str(self.directory / name), "compress": compress,
                               "keep": ["id", {"column": "long", "max_width": WIDTH}]})
        self.assert_exit(execute(["run", job, *options], ranks=ranks), 0)
        return self.directory / name

    def test_the_same_datasets_on_any_number_of_ranks(self):
        plain = self.write("plain.h5", 2, False)
        self.assertEqual(datasets(plain)["predictions/long"][:2], ((10001,), f"|S{WIDTH}"))
        for ranks, options in ((0, ()), (1, self.small_chunks), (2, ()), (4, self.small_chunks),
                               (7, self.small_chunks)):
            packed = self.write(f"{ranks}.h5", ranks, True, *options)
            self.assertEqual(differences(plain, packed), [])
            self.assertLess(packed.stat().st_size, plain.stat().st_size / 20)

    def test_how_it_is_stored(self):
        import h5py

        for given, level in ((True, 4), (1, 1), (9, 9)):
            with h5py.File(self.write(f"{level}.h5", 3, given, *self.small_chunks)) as file:
                for name in COLUMNS:
                    dataset = file["predictions"][name]
                    self.assertEqual((dataset.compression, dataset.compression_opts,
                                      dataset.shuffle), ("gzip", level, True))
                    self.assertLessEqual(dataset.chunks[0] * dataset.dtype.itemsize, 1 << 20)
                self.assertEqual(file["predictions/long"].chunks, (256,))
                self.assertEqual(file["predictions/predicted"].chunks, (2048,))
                self.assertIsNone(file["partitions/name"].chunks)
        with h5py.File(self.write("plain.h5", 2, False)) as file:
            self.assertIsNone(file["predictions/long"].chunks)

    def test_others_read_it_and_pieces_stay_compressed(self):
        import h5py

        plain = self.write("plain.h5", 2, False)
        packed = self.write("packed.h5", 2, 6)
        for command in (["evaluate"], ["export", "-o", self.directory / "rows.csv", "--if-exists", "replace"]):
            said = []
            for path in (plain, packed):
                done = execute([command[0], path, *command[1:]])
                self.assert_exit(done, 0)
                said.append(done.stdout + (self.directory / "rows.csv").read_text()
                            if command[0] == "export" else done.stdout)
            self.assertEqual(said[0], said[1])
        for i in (1, 2, 3):
            job = self.job(output={"compress": 6, "keep": ["id", {"column": "long", "max_width": WIDTH}]})
            self.assert_exit(execute(["score", job, "--model", plain, "--shard", f"{i}/3",
                                      "-o", self.directory / f"{i}.h5"]), 0)
        whole = self.directory / "whole.h5"
        pieces = [self.directory / f"{i}.h5" for i in (3, 1, 2)]
        for ranks in (1, 3):
            self.assert_exit(execute(["combine", *pieces, "-o", whole, "--if-exists", "replace"],
                                     ranks=ranks), 0)
            self.assertEqual(differences(plain, whole), [])
            with h5py.File(whole) as file:
                self.assertEqual(file["predictions/long"].compression_opts, 6)

    def test_no_rows(self):
        for year in range(2000, 2004):
            if year != 2001:
                (self.directory / f"data/m_{year}.csv").write_text("id,a,b,noise,long\n")
        out = self.write("none.h5", 2, True, "--set", 'score.partitions={"year": [2000, 2002]}')
        self.assertEqual(datasets(out)["predictions/long"][0], (0,))

    def test_another_compression_is_the_same_output(self):
        """What is stored does not differ, so a finished output stays."""
        self.write("out.h5", 2, True)
        before = (self.directory / "out.h5").read_bytes()
        job = self.job(output={"path": str(self.directory / "out.h5"), "compress": 9,
                               "keep": ["id", {"column": "long", "max_width": WIDTH}]})
        self.assert_exit(execute(["run", job]), 0, "is already there and complete")
        self.assertEqual((self.directory / "out.h5").read_bytes(), before)

    def test_disk_full(self):
        disk = self.directory / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("no right to mount a small file system: " + mounted.stderr.strip())
        try:
            for ranks in (4, 0):
                done = execute(["run", self.job(output={"path": str(disk / "out.h5"), "compress": 1,
                                                        "keep": ["id", "noise", "a", "b"]})],
                               ranks=ranks)
                self.assert_exit(done, 6, "disk/out.h5", "No space left on device")
                self.assertEqual(done.stderr.count("scoreline: "), 1, done.stderr)
                self.assertEqual(list(disk.iterdir()), [])
        finally:
            subprocess.run(["umount", str(disk)], check=True)


if __name__ == "__main__":
    main()
