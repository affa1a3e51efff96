"""Partitions over ranks: several keys, files behind a '*', values that are found in the directory,
holes, and keys as columns.  However a table is laid out in files, its rows come out the same."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, datasets, differences, execute, main

REGIONS = ("west", "east")
MONTHS = ("2015-11", "2015-12", "2016-01")
ROWS = 60


def as_text(values):
    return [value.decode() for value in values]


class Partitions(Case):
    def setUp(self):
        super().setUp()
        self.root = self.directory / "data"
        state = 99
        self.records = {}
        for region in REGIONS:
            for month in MONTHS:
                records = []
                for i in range(ROWS):
                    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
                    noise = (state >> 40) % 100
                    records.append((f"{region}{month}.{i}", (state >> 33) % 50 + i, noise - 50))
                self.records[region, month] = records

    def write(self, name, records, columns="id,x,noise"):
        """Records under their columns in any order; one that is a text stands as it is."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        order = [("id", "x", "noise").index(column) for column in columns.split(",")]
        lines = [record if isinstance(record, str) else ",".join(str(record[i]) for i in order)
                 for record in records]
        path.write_text("\n".join([columns, *lines]) + "\n")

    def whole(self, template="{region}/{month}.csv"):
        for (region, month), records in self.records.items():
            self.write(template.format(region=region, month=month), records)

    def partitions_job(self, path="{region}/{month}.csv", partitions=True, keep=("id",), **data):
        given = {"region": list(REGIONS), "month": "2015-11..2016-01"}
        data.update(root=str(self.root), path=path)
        if partitions:
            data["partitions"] = given if partitions is True else partitions
        return self.job(
            data=data,
            features=["x"],
            label="x + noise > 30",
            train={"partitions": {"region": "west", "month": "2015-11"},
                   "estimator": "logistic_regression"},
            output={"path": str(self.directory / "out.h5"), "keep": list(keep)})

    def score(self, job, name="out.h5", ranks=0, *options):
        out = self.directory / name
        done = execute(["run", job, "-o", out, "--if-exists", "replace", *options], ranks=ranks)
        self.assert_exit(done, 0)
        return out

    def open(self, path):
        import h5py

        file = h5py.File(path)
        self.addCleanup(file.close)
        return file

    def ids(self, *partitions):
        return [record[0] for partition in partitions for record in self.records[partition]]

    def all_partitions(self):
        return [(region, month) for region in REGIONS for month in MONTHS]

    def test_several_keys(self):
        self.whole()
        job = self.partitions_job()
        out = self.score(job)
        file = self.open(out)
        self.assertEqual(as_text(file["partitions/name"]),
                         [f"{region}/{month}" for region, month in self.all_partitions()])
        self.assertEqual(as_text(file["partitions/key_region"]), ["west"] * 3 + ["east"] * 3)
        self.assertEqual(as_text(file["partitions/key_month"]), list(MONTHS) * 2)
        self.assertEqual(list(file["partitions/trained_on"]), [1, 0, 0, 0, 0, 0])
        self.assertEqual(list(file["partitions/files"]), [1] * 6)
        self.assertEqual(as_text(file["predictions/id"]), self.ids(*self.all_partitions()))
        for ranks, size in ((1, "100"), (3, "16MiB"), (4, "77")):
            other = self.score(job, "other.h5", ranks, "--set", f"score.chunk_bytes={size}")
            self.assertEqual(differences(out, other), [])

    def test_order_is_that_of_the_job(self):
        self.whole()
        job = self.partitions_job(partitions={"month": ["2016-01", "2015-11"], "region": ["east", "west"]})
        file = self.open(self.score(job))
        self.assertEqual(as_text(file["partitions/name"]),
                         ["2016-01/east", "2016-01/west", "2015-11/east", "2015-11/west"])

    def test_discovery_finds_what_the_job_could_give(self):
        self.whole("{region}/sales-{month}.csv")
        (self.root / "notes.txt").write_text("no partition")
        (self.root / "west/sales-2015-11.csv.bak").write_text("none")
        (self.root / "west/.sales-2015-13.csv").write_text("none")
        (self.root / "north/sales-x.csv").mkdir(parents=True)
        path = "{region}/sales-{month}.csv"
        given = self.score(self.partitions_job(path, {"region": ["east", "west"], "month": list(MONTHS)}))
        for partitions in (False, {"region": ["east", "west"]}):
            for ranks in (0, 3):
                job = self.partitions_job(path, partitions)
                found = self.score(job, "found.h5", ranks)
                self.assertEqual(differences(given, found), [])

    def test_integers_found_are_in_their_order(self):
        for number in (10, 9, 1, 100):
            self.write(f"p{number}.csv", self.records["west", "2015-11"])
        self.write("px.csv", self.records["west", "2015-11"])
        file = self.open(self.score(self.job(
            data={"root": str(self.root), "path": "p{n}.csv"}, features=["x"], label="x + noise > 30",
            train={"partitions": {"n": [9]}, "estimator": "logistic_regression"})))
        self.assertEqual(as_text(file["partitions/name"]), ["1", "9", "10", "100", "x"])

    def in_pieces(self):
        """Each partition in three files, one with its columns in another order, one without rows."""
        for (region, month), records in self.records.items():
            self.write(f"{region}/{month}-a.csv", records[:25])
            self.write(f"{region}/{month}-b.csv", records[25:], "noise,id,x")
            self.write(f"{region}/{month}-c.csv", [])

    def test_files_of_a_partition_follow_each_other(self):
        self.whole("whole/{region}/{month}.csv")
        self.in_pieces()
        whole = self.score(self.partitions_job("whole/{region}/{month}.csv"))
        for path, ranks, size in (("{region}/{month}-*.csv", 0, "16MiB"),
                                  ("{region}/{month}-*.csv", 4, "90"),
                                  ("{region}/*{month}*.csv", 3, "16MiB"),
                                  ("*{region}/{month}-*", 2, "300")):
            pieces = self.score(self.partitions_job(path), "pieces.h5", ranks,
                                "--set", f"score.chunk_bytes={size}")
            one, other = datasets(whole), datasets(pieces)
            for name in one:
                if name not in ("partitions/source", "partitions/files", "partitions/bytes",
                                "partitions/end_byte", "partitions/fingerprint"):
                    self.assertEqual(one[name], other[name], (path, name))
        file = self.open(pieces)
        self.assertEqual(list(file["partitions/files"]), [3] * 6)
        self.assertEqual(file["partitions/source"][4].decode(),
                         f"{self.root}/*east/2015-12-*")
        sizes = [sum(p.stat().st_size for p in self.root.glob(f"{r}/{m}-*"))
                 for r, m in self.all_partitions()]
        self.assertEqual(list(file["partitions/bytes"]), sizes)
        self.assertEqual(list(file["partitions/end_byte"]), sizes)

    def test_a_column_that_one_file_lacks_is_named_with_it(self):
        self.in_pieces()
        self.write("east/2015-12-b.csv", ["1,2"], "id,noise")
        done = execute(["run", self.partitions_job("{region}/{month}-*.csv")], ranks=3)
        self.assert_exit(done, 4, "partition 'east/2015-12'", "east/2015-12-b.csv': no column 'x'")

    def test_places_of_bad_records(self):
        self.in_pieces()
        bad = ["few", *self.records["east", "2015-12"][:2], "much,too,many,fields"]
        self.write("east/2015-12-b.csv", bad)
        job = self.partitions_job("{region}/{month}-*.csv")
        for ranks, size in ((0, "16MiB"), (3, "40")):
            file = self.open(self.score(job, "out.h5", ranks, "--set", f"score.chunk_bytes={size}",
                                        "--set", "score.bad_rows.max_fraction=1"))
            self.assertEqual(as_text(file["rejects/source"]),
                             [f"{self.root}/east/2015-12-b.csv"] * 2)
            self.assertEqual(list(file["rejects/record"]), [25, 28])
            self.assertEqual(list(file["rejects/line"]), [2, 5])
            self.assertEqual(list(file["rejects/partition"]), [4, 4])
            text = (self.root / "east/2015-12-b.csv").read_text()
            self.assertEqual(list(file["rejects/byte"]), [text.index("few"), text.index("much")])
        done = execute(["run", job, "-o", self.directory / "bad.h5"], ranks=2)
        self.assert_exit(done, 5, "'east/2015-12' (2 of 29)")
        rows = (self.directory / "bad.h5.rejects.csv").read_text().splitlines()
        self.assertTrue(rows[2].startswith(f"east/2015-12,{self.root}/east/2015-12-b.csv,28,5,"), rows)
        done = execute(["run", job, "-o", self.directory / "bad.h5", "--set",
                        'score.bad_rows={"policy": "fail"}'], ranks=2)
        self.assert_exit(done, 5, "partition 'east/2015-12'", "2015-12-b.csv': line 2 (record 25, byte")

    def test_holes(self):
        self.whole()
        (self.root / "west/2015-12.csv").unlink()
        hole = f"partition 'west/2015-12': '{self.root}/west/2015-12.csv': no such file"
        self.assert_exit(execute(["run", self.partitions_job()], ranks=2), 4, hole)
        # a key that is found makes a product with one that is given
        months = self.partitions_job(partitions={"month": "2015-11..2016-01"})
        self.assert_exit(execute(["run", months]), 4,
                         f"partition '2015-12/west': '{self.root}/west/2015-12.csv': no such file")
        # what is found altogether has no holes
        found = self.open(self.score(self.partitions_job(partitions=False), "found.h5"))
        rest = [p for p in self.all_partitions() if p != ("west", "2015-12")]
        self.assertEqual(as_text(found["partitions/name"]),
                         sorted(f"{region}/{month}" for region, month in rest))
        skipping = self.partitions_job(missing_partitions="skip")
        skipped = self.score(skipping)
        file = self.open(skipped)
        self.assertEqual(as_text(file["partitions/name"]), [f"{r}/{m}" for r, m in rest])
        self.assertEqual(as_text(file["predictions/id"]), self.ids(*rest))
        self.assertEqual(differences(skipped, self.score(skipping, "other.h5", 4,
                                                         "--set", "score.chunk_bytes=99")), [])

    def test_nothing_there(self):
        self.root.mkdir()
        for data, text in ((dict(partitions=False), f"'{self.root}/{{region}}/{{month}}.csv': no file matches"),
                           (dict(missing_partitions="skip"), "no file for any of the partitions wanted"),
                           (dict(path="{region}/{month}*"),
                            f"partition 'west/2015-11': '{self.root}/west/2015-11*': no file matches")):
            self.assert_exit(execute(["run", self.partitions_job(**data)], ranks=2), 4, text)

    def test_values_that_were_not_found(self):
        self.whole()
        job = self.partitions_job(partitions=False)
        done = execute(["run", job, "--set", "train.partitions.month=2015-10"])
        self.assert_exit(done, 4, "'{region}/{month}.csv': no file with '2015-10' for {month}, "
                                  "did you mean '2015-1")
        done = execute(["run", job, "--set", 'score.partitions={"regoin": "west"}'])
        self.assert_exit(done, 3, "$.score.partitions.regoin: unknown partition key 'regoin', did "
                                  "you mean 'region'?")

    def test_a_file_in_two_partitions(self):
        self.write("x11.csv", self.records["west", "2015-11"])
        job = self.job(data={"root": str(self.root), "path": "*{n}.csv", "partitions": {"n": [1, 11]}},
                       features=["x"], label="x > 30",
                       train={"partitions": "all", "estimator": "logistic_regression"})
        self.assert_exit(execute(["run", job]), 3,
                         f"'{self.root}/x11.csv' belongs to two partitions, '1' and '11'")

    def test_selections_by_range(self):
        self.whole()
        job = self.partitions_job()
        out = self.score(job, "out.h5", 2, "--set", "score.partitions.month=2015-12..2016-01",
                         "--set", "train.partitions.region=[\"east\", \"west\"]")
        file = self.open(out)
        self.assertEqual(as_text(file["partitions/name"]),
                         [f"{r}/{m}" for r in REGIONS for m in MONTHS[1:]])
        self.assertEqual(json.loads(file["provenance/model"][()].decode())["provenance"]["trained_on"],
                         ["west/2015-11", "east/2015-11"])

    def test_keys_are_columns(self):
        """Also where a record is bad, and where the file has such a column: the key goes before."""
        self.in_pieces()
        bad = ["few", *self.records["east", "2015-12"][:2]]
        self.write("east/2015-12-b.csv", bad)
        path = self.root / "west/2016-01-a.csv"
        path.write_text(path.read_text().replace("noise", "noise,region").replace("\n", ",x\n")
                        .replace("region,x", "region"))
        job = self.partitions_job("{region}/{month}-*.csv", keep=("region", "month", "id"))
        for ranks, size in ((0, "16MiB"), (3, "50")):
            file = self.open(self.score(job, "out.h5", ranks, "--set", f"score.chunk_bytes={size}",
                                        "--set", "score.bad_rows.max_fraction=1"))
            partition = file["predictions/partition"][()]
            for key in ("region", "month"):
                of_partition = file[f"partitions/key_{key}"][()]
                self.assertEqual(as_text(file[f"predictions/{key}"]),
                                 as_text(of_partition[partition]))
        self.assertEqual(list(file["partitions/rejected"]), [0, 0, 0, 0, 1, 0])

    def test_keys_as_numbers(self):
        for year in (1999, 2000):
            self.write(f"{year}.csv", self.records["west", "2015-11"])
        self.write("x.csv", self.records["west", "2015-11"])
        job = self.job(data={"root": str(self.root), "path": "{year}.csv", "partitions": {"year": [1999, 2000]}},
                       features=["x"], label="x + noise > 30",
                       train={"partitions": "all", "estimator": "logistic_regression"},
                       output={"keep": [{"column": "year", "as": "int64"}]})
        file = self.open(self.score(job))
        self.assertEqual(list(file["predictions/year"]), [1999] * ROWS + [2000] * ROWS)
        done = execute(["run", job, "-o", self.directory / "x.h5", "--set", "data.partitions.year=x"])
        self.assert_exit(done, 4, "partition 'x'", "partition key 'year' is 'x', which is no integer")


if __name__ == "__main__":
    main()
