#!/usr/bin/python3
"""The output as others see it: h5py, pandas, xarray with h5netcdf, ncdump and h5dump, compressed and
not.  What is not installed is skipped, and it is said."""
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main  # noqa: E402
from several import make_several  # noqa: E402

GROUPS = {"predictions": "row", "partitions": "partition", "metrics": "scope_index", "classes": "class",
          "class_metrics": "scope_class", "confusion": "cell", "drift": "drift",
          "rejects": "reject", "profile": "rank"}
ITEMS = {"drift": ("counts", "bin")}  # a column of several cells a row, and their dimension
LARGE = 9007199254740993  # no double


def needs(*modules):
    absent = [name for name in modules if importlib.util.find_spec(name) is None]
    return unittest.skipIf(absent, f"Python has no {', '.join(absent)}")


def needs_program(name):
    return unittest.skipUnless(shutil.which(name), f"{name} is not installed")


class Readers(Case):
    """One output with everything in it: kept texts and numbers, a missing one, a bad record, columns
    named as what the output has itself."""

    def setUp(self):
        super().setUp()
        self.data()
        for year in range(2000, 2004):
            path = self.directory / f"data/m_{year}.csv"
            lines = path.read_text().splitlines()
            path.write_text("\n".join([lines[0] + ",row,status"] + [
                f"{line},{LARGE if i == 7 else '' if i == 8 else i},é{i % 3}"
                for i, line in enumerate(lines[1:])]) + "\n")
        with open(self.directory / "data/m_2002.csv", "a") as file:
            file.write("few,1,2\n")
        keep = ["id", {"column": "row", "as": "int64"}, {"column": "noise", "as": "float64"}, "status"]
        self.files = []
        for compress, ranks in ((False, 2), (True, 3)):
            out = self.directory / f"{compress}.h5"
            job = self.job(output={"path": str(out), "keep": keep, "compress": compress},
                           score={"bad_rows": {"max_fraction": 0.1}})
            self.assert_exit(execute(["run", job], ranks=ranks), 0)
            self.files.append(out)

    def test_h5py_sees_scales_and_attributes(self):
        import h5py

        for path in self.files:
            with h5py.File(path) as file:
                self.assertEqual(file.attrs["Conventions"], b"CF-1.10")
                self.assertEqual(sorted(file), sorted([*GROUPS, "provenance"]))
                for group, dimension in GROUPS.items():
                    self.check_scale(file[group], dimension)
                self.check_notes(file["predictions"])
                self.assertEqual(int(file["predictions/keep_row"][7]), LARGE)
                self.assertEqual(file["predictions/keep_status"][7].decode(), "é1")

    def check_scale(self, group, dimension):
        """The specification's four attributes, both ways, and nothing else that is a scale."""
        scale = group[dimension]
        self.assertEqual(scale.attrs["CLASS"], b"DIMENSION_SCALE")
        self.assertEqual(scale.attrs["NAME"].decode(),
                         f"This is a netCDF dimension but not a netCDF variable. {len(scale):10d}")
        column, items = ITEMS.get(group.name[1:], (None, None))
        columns = {name for name in group if name not in (dimension, items)}
        used = {group.file[reference].name.split("/")[-1]
                for reference, _ in scale.attrs["REFERENCE_LIST"]}
        self.assertEqual(used, columns)
        for name in columns:
            self.assertNotIn("CLASS", group[name].attrs)
            self.assertEqual(group[name].shape[0], len(scale))
            lists = group[name].attrs["DIMENSION_LIST"]
            self.assertEqual([[group.file[item].name for item in references] for references in lists],
                             [[scale.name], [group[items].name]] if name == column else [[scale.name]])

    def check_notes(self, rows):
        for name, dataset in rows.items():
            attributes = dict(dataset.attrs)
            if name == "row":
                continue
            self.assertIsInstance(attributes["long_name"], bytes)
            if "flag_values" in attributes:
                self.assertEqual(attributes["flag_values"].dtype, dataset.dtype)
                self.assertEqual(len(attributes["flag_values"]),
                                 len(attributes["flag_meanings"].split()))
            if "_FillValue" in attributes:
                self.assertEqual(attributes["_FillValue"].dtype, dataset.dtype)
                self.assertEqual(attributes["_FillValue"].shape, (1,))
        self.assertEqual(rows["status"].attrs["flag_meanings"], b"scored missing_input rejected")
        self.assertEqual(list(rows["status"].attrs["flag_values"]), [0, 1, 2])
        self.assertNotIn("flag_values", rows["keep_status"].attrs)

    @needs("pandas")
    def test_pandas_by_the_documented_lines(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "docs/readers.md").read_text()
        lines = re.search(r"^```python run h5py pandas\n(.*?)^```", text, re.M | re.S)[1]
        self.assertLessEqual(len(lines.splitlines()), 11)
        seen = []
        for path in self.files:
            names = {"print": lambda table: seen.append(table)}
            exec(lines.replace("out.h5", str(path)), names)
            rows = names["rows"]
            self.assertEqual(len(rows), 1601)
            self.assertEqual(sorted(rows.columns), sorted(
                ["probability", "predicted", "status", "label", "partition", "id", "keep_row",
                 "noise", "keep_status"]))
            self.assertEqual(rows["keep_row"][7], LARGE)
            self.assertEqual(rows["keep_status"][407], "é1")
            self.assertEqual(rows["partition"][1300], "2003")
            self.assertEqual(dict(rows["status"].value_counts()),
                             {"scored": 1556, "missing_input": 44, "rejected": 1})
        self.assertEqual([table.to_csv() for table in seen], [seen[0].to_csv()] * 2)
        self.assertEqual(list(seen[0]["size"]), [389] * 4)

    @needs("xarray", "h5netcdf")
    def test_xarray_has_no_surprises(self):
        import xarray

        for path in self.files:
            for group, dimension in GROUPS.items():
                with xarray.open_dataset(path, group=group, engine="h5netcdf") as data:
                    column, items = ITEMS.get(group, (None, None))
                    self.assertEqual((set(data.dims), set(data.coords)), ({dimension, items} - {None}, set()))
                    for name, values in data.data_vars.items():
                        self.assertEqual(values.dims, (dimension, items) if name == column else (dimension,))
            with xarray.open_dataset(path, engine="h5netcdf") as root:
                self.assertEqual((root.attrs["title"], root.attrs["complete"]), ("small", 1))
            with xarray.open_dataset(path, group="predictions", engine="h5netcdf") as rows:
                self.assertEqual(rows.sizes["row"], 1601)
                self.assertEqual({str(rows[name].dtype) for name in ("probability", "noise")},
                                 {"float64"})
                self.assertEqual((str(rows.keep_row.dtype), rows.keep_row.values[7]),
                                 ("int64", LARGE))
                self.assertEqual(rows.id.values[7], b"2000-7")
                self.assertEqual(int((rows.status == 1).sum()), 44)
                self.assertEqual(list(rows.status.attrs["flag_values"]), [0, 1, 2])

    @needs_program("ncdump")
    def test_ncdump_reads_well(self):
        for path in self.files:
            said = subprocess.run(["ncdump", "-h", "-s", path], capture_output=True, text=True)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            for line in ("row = 1601 ;", "double probability(row) ;", "probability:_FillValue = NaN ;",
                         'probability:long_name = "probability of class 1" ;',
                         "ubyte status(row) ;", "status:flag_values = 0UB, 1UB, 2UB ;",
                         'status:flag_meanings = "scored missing_input rejected" ;',
                         "int64 keep_row(row) ;", "string id(row) ;", "partition = 4 ;",
                         "scope_index = 7 ;", ':Conventions = "CF-1.10" ;'):
                self.assertIn(line, said.stdout)
            self.assertNotIn("This is a netCDF dimension", said.stdout)
            self.assertNotIn("phony_dim", said.stdout)
            self.assertEqual("probability:_DeflateLevel = 4 ;" in said.stdout, path == self.files[1])
            said = subprocess.run(["ncdump", "-g", "partitions", "-v", "rows", path],
                                  capture_output=True, text=True)
            self.assertIn("rows = 400, 400, 401, 400 ;", said.stdout)

    @needs_program("h5dump")
    def test_h5dump_reads_well(self):
        for path in self.files:
            said = subprocess.run(["h5dump", "-p", "-H", "-g", "/predictions", path],
                                  capture_output=True, text=True)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            text = re.sub(r"\s+", " ", said.stdout)
            self.assertIn('DATASET "probability" { DATATYPE H5T_IEEE_F64LE DATASPACE SIMPLE '
                          "{ ( 1601 ) / ( 1601 ) }", text)
            self.assertIn("STRPAD H5T_STR_NULLPAD; CSET H5T_CSET_UTF8;", text)
            self.assertEqual("PREPROCESSING SHUFFLE COMPRESSION DEFLATE { LEVEL 4 }" in text,
                             path == self.files[1])
            said = subprocess.run(["h5dump", "-d", "/predictions/id", "-s", "7", "-c", "2", path],
                                  capture_output=True, text=True)
            self.assertIn('(7): "2000-7', said.stdout)


class Several(Case):
    """Probabilities of several classes: a dataset of two dimensions, compressed and not."""

    names = ["Hard", "é", "Grass"]

    def setUp(self):
        super().setUp()
        self.data()
        self.files = []
        for compress in (False, True):
            two = self.directory / f"two-{compress}.h5"
            job = self.job(output={"path": str(two), "keep": ["id"], "compress": compress})
            self.assert_exit(execute(["run", job]), 0)
            self.files.append(make_several(two, self.directory / f"{compress}.h5", self.names))

    def test_h5py_sees_both_dimensions(self):
        import h5py

        for path in self.files:
            with h5py.File(path) as file:
                rows = file["predictions"]
                self.assertEqual(rows["probability"].shape, (1600, 3))
                self.assertEqual([scale.name for dims in rows["probability"].dims for scale in dims.values()],
                                 ["/predictions/row", "/predictions/class"])
                self.assertEqual([place for _, place in rows["class"].attrs["REFERENCE_LIST"]], [1])
                self.assertEqual({int(place) for _, place in rows["row"].attrs["REFERENCE_LIST"]}, {0})
                self.assertEqual(len(rows["row"].attrs["REFERENCE_LIST"]), len(rows) - 2)
                self.assertEqual(file["classes/name"].asstr()[()].tolist(), self.names)
                self.assertEqual(rows["probability"].chunks, None if path == self.files[0] else (1600, 3))

    @needs("pandas")
    def test_pandas_by_the_documented_lines(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "docs/readers.md").read_text()
        lines = re.search(r"^```python run h5py numpy pandas\n(.*?)^```", text, re.M | re.S)[1]
        for path in self.files:
            names = {"print": lambda table: None}
            exec(lines.replace("out.h5", str(path)), names)
            self.assertEqual(list(names["p"].columns), self.names)
            self.assertEqual(names["p"].shape, (1600, 3))

    @needs("xarray", "h5netcdf")
    def test_xarray(self):
        import xarray

        for path in self.files:
            with xarray.open_dataset(path, group="predictions", engine="h5netcdf") as rows:
                self.assertEqual((rows.probability.dims, rows.probability.shape), (("row", "class"), (1600, 3)))
                self.assertEqual((set(rows.dims), set(rows.coords)), ({"row", "class"}, set()))
                scored = rows.where(rows.status == 0, drop=True)
                self.assertTrue((abs(scored.probability.sum("class") - 1) < 1e-12).all())
                self.assertTrue((scored.probability.argmax("class") == scored.predicted).all())

    @needs_program("ncdump")
    def test_ncdump(self):
        for path in self.files:
            said = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            for line in ("row = 1600 ;", "class = 3 ;", "double probability(row, class) ;", "byte label(row) ;"):
                self.assertIn(line, said.stdout)
            self.assertNotIn("phony_dim", said.stdout)
            said = subprocess.run(["ncdump", "-g", "predictions", "-v", "probability", path],
                                  capture_output=True, text=True)
            self.assertEqual((said.returncode, said.stderr), (0, ""))


if __name__ == "__main__":
    main()
