"""Kept columns and bad records over ranks: widths agreed at the end, types on request, clashes of
names, policies, caps; and types that come from the recipe, whatever the data look like."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main


def as_text(values):
    return [value.decode() for value in values]


class Rows(Case):
    def run_ok(self, job, ranks=3, *options):
        import h5py

        out = self.directory / "out.h5"
        self.assert_exit(execute(["run", job, "-o", out, "--if-exists", "replace", *options],
                                 ranks=ranks), 0)
        file = h5py.File(out)
        self.addCleanup(file.close)
        return file

    def output(self, *keep, **more):
        return {"path": str(self.directory / "out.h5"), "keep": list(keep), **more}

    def append(self, year, *lines):
        with open(self.directory / f"data/m_{year}.csv", "a") as file:
            file.writelines(line + "\n" for line in lines)

    def test_width_is_that_of_the_longest_anywhere(self):
        self.data()
        self.append(2002, "a-much-longer-identifier-than-all-others,1,2,3")
        for options in ((), ("--set", "score.chunk_bytes=500")):
            file = self.run_ok(self.job(), 4, *options)
            self.assertEqual(file["predictions/id"].dtype.str, "|S40")
            row = file["partitions/first_row"][3] - 1
            self.assertEqual(file["predictions/id"][row],
                             b"a-much-longer-identifier-than-all-others")

    def test_a_wrong_guess_leaves_no_width_behind(self):
        """A quoted field that looks like hundreds of records, with long texts."""
        self.data()
        self.append(2002, '"' + ("sham,1,2," + "y" * 90 + "\n") * 500 + '",1,2,3')
        job = self.job(output=self.output({"column": "noise", "max_width": 4096}, "a"),
                       features=[{"name": "gap", "expr": "b - a", "missing": "drop_row"}],
                       label="b > a")
        widths, repeated = set(), 0
        for size in (16 << 20, 9000, 3000, 500):
            summary = self.directory / "summary.json"
            file = self.run_ok(job, 4, "--set", f"score.chunk_bytes={size}", "--summary", summary)
            widths.add((file["predictions/noise"].dtype.str, file["predictions/a"].dtype.str))
            repeated += json.loads(summary.read_text())["chunks_repeated"]
            file.close()
        self.assertEqual(widths, {("|S4", "|S3")})
        self.assertGreater(repeated, 0)

    def test_too_long_a_text_is_named(self):
        self.data()
        self.append(2002, "ä" * 10 + ",1,2,3", "z" * 30 + ",1,2,3")
        keep = {"column": "id", "max_width": 19}
        for options in ((), ("--set", "score.chunk_bytes=99")):
            done = execute(["run", self.job(output=self.output(keep)), *options], ranks=3)
            self.assert_exit(done, 4, "m_2002.csv", "line 402", "record 400", "column 'id'",
                             "20 bytes", "max_width 19", "truncate")
        file = self.run_ok(self.job(output=self.output({**keep, "truncate": True})), 3,
                           "--resume", "never")  # slow machines keep a journal of what failed
        row = file["partitions/first_row"][3] - 1
        self.assertEqual(file["predictions/id"][row], b"z" * 19)

    def test_integers_and_numbers_on_request(self):
        self.data()
        self.append(2003, "big,9007199254740993,2,3", "none,,2,3", "half,1.5,2,3")
        keep = {"column": "a", "as": "int64"}, {"column": "noise", "as": "float64"}
        file = self.run_ok(self.job(output=self.output("id", *keep),
                                    score={"bad_rows": {"max_fraction": 1}}))
        self.assertEqual(file["predictions/a"].dtype.str, "<i8")
        self.assertEqual(file["predictions/noise"].dtype.str, "<f8")
        self.assertEqual(list(file["predictions/a"][-3:-1]), [9007199254740993, -2**63])
        self.assertEqual(list(file["predictions/status"][-3:]), [0, 1, 2])
        self.assertEqual(as_text(file["rejects/reason"][()]), ["not an integer"])
        self.assertEqual(as_text(file["rejects/column"][()]), ["a"])

    def test_names_that_clash_are_prefixed(self):
        self.data()
        for year in range(2000, 2004):
            path = self.directory / f"data/m_{year}.csv"
            path.write_text(path.read_text().replace("id,a", "status,a", 1))
        file = self.run_ok(self.job(output=self.output("status")))
        self.assertEqual(file["predictions/keep_status"][0], b"2000-0")
        self.assertEqual(file["predictions/status"].dtype.str, "|u1")

    def test_types_come_from_the_recipe(self):
        """Numbers in one file and text in the next: no surprise where the job treats it as text."""
        self.data()
        path = self.directory / "data/m_2000.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0]] + [f"{i}," + line.split(",", 1)[1]
                                               for i, line in enumerate(lines[1:])]) + "\n")
        file = self.run_ok(self.job())
        self.assertEqual(file["predictions/id"][7], b"7")
        self.assertEqual(file["predictions/id"][407], b"2001-7")
        self.assertEqual(int(file["partitions/rejected"][()].sum()), 0)

    def test_bad_records_keep_their_row(self):
        self.data()
        self.append(2001, "")
        self.append(2002, "few,1,2", "many,1,2,3,4", 'x,one,2,3', '"open,1,2,3')
        job = self.job(score={"bad_rows": {"max_fraction": 0.01}})
        for options in ((), ("--set", "score.chunk_bytes=64")):
            file = self.run_ok(job, 3, *options)
            self.assertEqual(list(file["partitions/rows"]), [400, 400, 404, 400])
            self.assertEqual(list(file["partitions/rejected"]), [0, 0, 4, 0])
            rows = slice(1200, 1204)
            self.assertEqual(list(file["predictions/status"][rows]), [2] * 4)
            self.assertEqual(list(file["predictions/predicted"][rows]), [-1] * 4)
            self.assertTrue(all(p != p for p in file["predictions/probability"][rows]))
            self.assertEqual(as_text(file["predictions/id"][rows]), ["", "", "x", ""])
            self.assertEqual(list(file["rejects/record"]), [400, 401, 402, 403])
            self.assertEqual(list(file["rejects/line"]), [402, 403, 404, 405])
            self.assertEqual(as_text(file["rejects/reason"][()]),
                             ["too few fields", "too many fields", "not a number",
                              "file ends inside quotes"])

    def test_limits_on_bad_records(self):
        self.data()
        for year in (2000, 2002):
            self.append(year, *["bad,1,2"] * (5 if year == 2002 else 2))
        for options, code, text in (
                (["score.bad_rows.max_count=7"], 5, "max_fraction 0.001"),
                (["score.bad_rows.max_fraction=0.5"], 0, ""),
                (["score.bad_rows.max_fraction=0.5", "score.bad_rows.max_count=6"], 5, "max_count 6"),
                (["score.bad_rows.max_fraction=0.5", "score.bad_rows.max_count=7"], 0, "")):
            sets = [word for option in options for word in ("--set", option)]
            done = execute(["run", self.job(), "--if-exists", "replace", *sets], ranks=2)
            self.assert_exit(done, code, text)
            if code:
                self.assertIn("most in '2002' (5 of 405), '2000' (2 of 402)", done.stderr)
                rejects = (self.directory / "out.h5.rejects.csv").read_text().splitlines()
                self.assertEqual(len(rejects), 8)
                self.assertIn(",400,402,", rejects[1])
                self.assertFalse((self.directory / "out.h5").exists())
            else:
                (self.directory / "out.h5").unlink()

    def test_rejects_are_capped_counts_are_not(self):
        self.data()
        for year in (2000, 2002, 2003):
            self.append(year, *[f"bad{i},1,2" for i in range(50)])
        job = self.job(score={"bad_rows": {"max_fraction": 1}}, output=self.output("id", max_rejects=60))
        for options in ((), ("--set", "score.chunk_bytes=100")):
            file = self.run_ok(job, 4, *options)
            self.assertEqual(list(file["partitions/rejected"]), [50, 0, 50, 50])
            self.assertEqual(list(file["rejects/partition"]), [0] * 50 + [2] * 10)
            self.assertEqual(list(file["rejects/record"]), [*range(400, 450), *range(400, 410)])


if __name__ == "__main__":
    main()
