"""Any cut of any file gives the same records.  Nasty files, many as partitions of one job, are scored
by the program at many chunk sizes on many ranks; every output is compared byte for byte with that of
one process, and that one with a second reader, written here from the grammar alone.  All that by
every scanner (docs/csv.md, SCORELINE_SIMD) that the machine has.

SCORELINE_CSV_ROUNDS (default 1) multiplies the number of files, for soak runs; SCORELINE_CSV_STEP (default 2)
takes one in so many of the chunk sizes, others for each dialect."""
import json
import math
import os
import pathlib
import random
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, differences, execute, main

ROUNDS = int(os.environ.get("SCORELINE_CSV_ROUNDS", "1"))
STEP = int(os.environ.get("SCORELINE_CSV_STEP", "2"))
NUMBER = re.compile(rb"[ \t]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[ \t]*")
INTEGER = re.compile(rb"[ \t]*[+-]?[0-9]+[ \t]*")


SCANNERS = ("avx512", "avx2", "plain")


def scanners():
    """Those that run here; the others are said to be skipped."""
    found = []
    with tempfile.TemporaryDirectory(prefix="scoreline-test-") as directory:
        place = pathlib.Path(directory)
        (place / "data.csv").write_text("x,y\n1,0\n2,0\n3,1\n4,1\n")
        (place / "job.json").write_text(json.dumps({
            "name": "probe", "data": {"path": "data.csv"}, "features": ["x"], "label": "y",
            "train": {"partitions": "all", "estimator": "logistic_regression"}}))
        for name in SCANNERS:
            done = execute(["run", place / "job.json", "-o", place / f"{name}.h5"],
                           environment={"SCORELINE_SIMD": name})
            if done.returncode == 3:
                print(f"skipped: {done.stderr.strip()}", flush=True)
            else:
                found.append(name)
    return found


class Record:
    def __init__(self, byte, line):
        self.byte, self.line, self.fields, self.n_bytes, self.is_open = byte, line, [], 0, False


def read_plainly(data, delimiter, quote):
    """All records of a file, the header among them: one state, one byte at a time."""
    records, i, line = [], 3 if data.startswith(b"\xef\xbb\xbf") else 0, 1
    while i < len(data):
        record, field, state, start = Record(i, line), bytearray(), "start", i
        end = None
        while end is None:
            if i == len(data):
                end = i
                record.is_open = state == "quoted"
                break
            c = data[i]
            i += 1
            if state == "quoted":
                line += c == 10
                if c == quote:
                    state = "quote"
                else:
                    field.append(c)
            elif state == "quote" and c == quote:
                field.append(c)
                state = "quoted"
            elif c == 10:
                line += 1
                end = i - 1
                if end > start and data[end - 1] == 13:
                    end -= 1
                    if field.endswith(b"\r"):
                        del field[-1]
            elif c == delimiter:
                record.fields.append(bytes(field))
                field.clear()
                state = "start"
            elif state == "start" and c == quote:
                state = "quoted"
            else:
                field.append(c)
                state = "text"
        record.fields.append(bytes(field))
        record.n_bytes = end - start
        if record.n_bytes > 0:
            records.append(record)
    return records


def judge(record, n_fields, limits):
    """Why a record is bad before its fields are looked at, or None."""
    if record.is_open:
        return b"file ends inside quotes"
    if record.n_bytes > limits["max_record_bytes"]:
        return b"record over the limit"
    if max(map(len, record.fields)) > limits["max_field_bytes"]:
        return b"field over the limit"
    if len(record.fields) != n_fields:
        return b"too few fields" if len(record.fields) < n_fields else b"too many fields"
    return None


def number(text):
    """(value, is_bad): missing and what overflows are NaN."""
    if text in (b"", b"NA"):
        return math.nan, False
    if not NUMBER.fullmatch(text):
        return math.nan, True
    value = float(text)
    return (value, False) if math.isfinite(value) else (math.nan, False)


def integer(text):
    if text in (b"", b"NA"):
        return -2**63, False
    if not INTEGER.fullmatch(text) or not -2**63 <= int(text) < 2**63:
        return -2**63, True
    return int(text), False


class Maker:
    """Nasty files with columns id, x and n somewhere."""

    def __init__(self, seed, delimiter, quote):
        self.random = random.Random(seed)
        self.delimiter, self.quote = delimiter, quote

    def field(self):
        r, q, d = self.random, self.quote, self.delimiter
        kind = r.randrange(14)
        if kind < 4:
            return str(r.randrange(-50, 1000)).encode()
        if kind == 4:
            return r.choice([b"1.5", b"-2e3", b" 7 ", b"1e400", b".5", b"5.", b"+3", b"9" * 30, b"0x1p3"])
        if kind == 5:
            return r.choice([b"", b"NA", b"nan", b"inf", b"-", b".", b"e5", b"1e", b"--1", b"1 2"])
        if kind == 6:
            return q + r.choice([b"", b"NA", b"12", b"a" + q + q + b"b", d, b"\n", b"\r\n", b"x\ny" + d,
                                 q + q, b"\n\n" + d + d, d.join([b"1", b"2", b"3"]) + b"\n"]) + q
        if kind == 7:
            return q + b"closed" + q + r.choice([b"tail", b" ", b"t" + q + b"x", b"\rx", q + q])
        if kind == 8:
            return b"a" + q + b"b" + r.choice([b"", q])
        if kind == 9:
            return r.choice([b"\0", b"\xff\xfe", b"\xc3", b"x\ry", b"\r", b"\r\r", b"\xef\xbb\xbf"])
        if kind == 10:
            return b"w" * r.randrange(1, 60)
        return bytes(r.choice(b"abcxyz 019") for _ in range(r.randrange(6)))

    def line_end(self):
        return self.random.choice([b"\n", b"\n", b"\n", b"\r\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\n\r\n"])

    def file(self):
        r, d, q = self.random, self.delimiter, self.quote
        kind = r.randrange(40)
        if kind == 0:
            return r.choice([b"", b"\n", b"\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
        names = [b"id", b"x", b"n"] + [b"extra%d" % i for i in range(r.randrange(3))]
        r.shuffle(names)
        names = [q + name + q if r.random() < 0.2 else name for name in names]
        if r.random() < 0.1:
            names.append(q + b"a\nb" + d + q)
        head = d.join(names)
        if kind == 1:
            return head + r.choice([b"", b"\n", b"\r\n"])
        out = (b"\xef\xbb\xbf" if r.random() < 0.1 else b"") + (b"\n" if r.random() < 0.05 else b"")
        out += head + self.line_end()
        everything_quoted = kind == 2
        for _ in range(r.randrange(25)):
            fields = [self.field() for _ in names]
            if everything_quoted:
                fields = [q + b"\n" * r.randrange(3) + d * r.randrange(2) + q for _ in names]
            if r.random() < 0.08:
                fields = fields[:-1] if r.random() < 0.5 else fields + [b"more"]
            out += d.join(fields) + self.line_end()
        tail = r.randrange(12)
        if tail == 0:
            out += q
        elif tail == 1:
            out += d.join([b"1"] * (len(names) - 1)) + d + q + b"never closed\n1" + d + b"2\n"
        elif tail == 2:
            out = out.rstrip(b"\r\n")
        elif tail == 3:
            out += b"\r"
        elif tail == 4:
            out += d.join([q + b"giant" * 40 + b"\n" + q] * len(names)) + b"\n"
        return out


class CsvTruth(Case):
    @classmethod
    def setUpClass(cls):
        cls.scanners = scanners()

    def check_against_plain(self, out, files, delimiter, quote, limits):
        """The output's rows and rejects are those that the second reader finds."""
        import h5py

        with h5py.File(out) as file:
            status = file["predictions/status"][()]
            kept = file["predictions/id"][()]
            n = file["predictions/n"][()]
            x = file["predictions/x"][()]
            first_row = list(file["partitions/first_row"])
            rejects = list(zip(*(file["rejects"][name][()].tolist() for name in
                                 ("partition", "record", "line", "byte", "reason", "column"))))
        expected_rejects, row = [], 0
        for p, data in enumerate(files):
            records = read_plainly(data, delimiter[0], quote[0])
            names = records[0].fields if records else []
            self.assertEqual(first_row[p], row)
            for i, record in enumerate(records[1:]):
                reason, column = judge(record, len(names), limits), b""
                want = {"id": b"", "x": math.nan, "n": -2**63}
                if reason is None:
                    fields = dict(zip(names, record.fields))
                    want["id"] = fields[b"id"]
                    want["x"], x_bad = number(fields[b"x"])
                    want["n"], n_bad = integer(fields[b"n"])
                    if x_bad:
                        reason, column = b"not a number", b"x"
                    elif n_bad:
                        reason, column = b"not an integer", b"n"
                where = f"partition {p}, record {i}, {record.fields}"
                self.assertEqual(status[row], 2 if reason else 1 if math.isnan(want["x"]) else 0, where)
                self.assertEqual(kept[row].ljust(300, b"\0"), want["id"].ljust(300, b"\0"), where)
                if reason is None:
                    self.assertEqual(n[row], want["n"], where)
                    self.assertTrue(x[row] == want["x"] or math.isnan(x[row]) and math.isnan(want["x"]))
                else:
                    expected_rejects.append((p, i, record.line, record.byte, reason, column))
                row += 1
        self.assertEqual(len(status), row)
        self.assertEqual(rejects, expected_rejects)
        return row

    def job_for(self, name, n_files, delimiter, quote, limits):
        job = self.job(
            name,
            data={"root": str(self.directory), "path": "{set}_{file}.csv",
                  "partitions": {"set": ["train", "nasty"], "file": f"0..{n_files - 1}"},
                  "delimiter": delimiter.decode(), "quote": quote.decode(), **limits},
            features=[{"name": "x", "missing": "drop_row"}], label="x > 20",
            train={"partitions": {"set": "train", "file": 0}, "estimator": "logistic_regression"},
            score={"partitions": {"set": "nasty"}, "bad_rows": {"policy": "reject", "max_fraction": 1}},
            output={"path": str(self.directory / "out.h5"), "max_rejects": 10**6,
                    "keep": [{"column": "id", "max_width": 4096}, {"column": "n", "as": "int64"},
                             {"column": "x", "as": "float64"}]})
        (self.directory / "train_0.csv").write_bytes(
            b"\n".join([delimiter.join([b"id", b"x", b"n"])] +
                       [delimiter.join([b"i", str(i).encode(), b"1"]) for i in range(40)]))
        return job

    def try_dialect(self, seed, n_files, cuts, delimiter, quote=b'"', field=4096, record=65536):
        limits = {"max_field_bytes": field, "max_record_bytes": record}
        maker = Maker(seed, delimiter, quote)
        files = [maker.file() for _ in range(n_files)]
        for i, data in enumerate(files):
            (self.directory / f"nasty_{i}.csv").write_bytes(data)
        job = self.job_for("job.json", n_files, delimiter, quote, limits)
        whole, other = self.directory / "whole.h5", self.directory / "other.h5"
        for scanner in self.scanners:
            out = whole if scanner == self.scanners[0] else other
            self.assert_exit(execute(["run", job, "-o", out, "--if-exists", "replace"],
                                     environment={"SCORELINE_SIMD": scanner}), 0)
            self.assertEqual(differences(whole, out), [], scanner)
        n_rows = self.check_against_plain(whole, files, delimiter, quote, limits)
        n_chunks = n_repeated = 0
        for i, (size, ranks, schedule) in enumerate(cuts):
            scanner = self.scanners[(seed + i) % len(self.scanners)]
            cut, summary = self.directory / "cut.h5", self.directory / "summary.json"
            done = execute(["run", job, "-o", cut, "--if-exists", "replace", "--summary", summary,
                            "--set", f"score.chunk_bytes={size}",
                            "--set", f"score.schedule={schedule}"], ranks=ranks, deadline=300,
                           environment={"SCORELINE_SIMD": scanner})
            self.assert_exit(done, 0)
            self.assertEqual(differences(whole, cut), [], f"chunks of {size} bytes on {ranks} ranks, {scanner}")
            counts = json.loads(summary.read_text())
            n_chunks += counts["chunks"]
            n_repeated += counts["chunks_repeated"]
        print(f"delimiter {delimiter!r}, quote {quote!r}, limits {field} and {record}: {n_files} files, "
              f"{n_rows} records, {len(cuts)} cuts, {n_chunks} chunks, {n_repeated} repeated", flush=True)
        return n_repeated

    def test_nasty_files(self):
        sizes = (1, 2, 3, 5, 8, 13, 31, 64, 100, 257, 1000)
        n_repeated = 0
        for round_number in range(ROUNDS):
            draw = random.Random(round_number)
            for k, (delimiter, quote) in enumerate(((b",", b'"'), (b";", b'"'), (b"\t", b'"'),
                                                    (b"|", b"'"), (b",", b"'"), (b" ", b'"'))):
                seed = 1000 * round_number + k
                cuts = [(size, 1 + (i + k) % 7, draw.choice(("static", "dynamic")))
                        for i, size in enumerate(sizes)]
                n_repeated += self.try_dialect(seed, 150, cuts[k % STEP::STEP], delimiter, quote)
                n_repeated += self.try_dialect(seed + 500, 150, cuts[k % 3::3 * STEP], delimiter, quote,
                                               field=30, record=90)
        self.assertGreater(n_repeated, 100, "hardly a guess was wrong: the files are too tame")

    def test_every_chunk_size_of_one_file(self):
        maker = Maker(77, b",", b'"')
        data = max((maker.file() for _ in range(200)), key=len)
        (self.directory / "nasty_0.csv").write_bytes(data)
        limits = {"max_field_bytes": 4096, "max_record_bytes": 65536}
        job = self.job_for("job.json", 1, b",", b'"', limits)
        whole, cut = self.directory / "whole.h5", self.directory / "cut.h5"
        self.assert_exit(execute(["run", job, "-o", whole]), 0)
        self.check_against_plain(whole, [data], b",", b'"', limits)
        for i, size in enumerate(range(1, len(data) + 1, 1 if ROUNDS > 1 else 7 * STEP)):
            scanner = self.scanners[i % len(self.scanners)]
            self.assert_exit(execute(["run", job, "-o", cut, "--if-exists", "replace", "--set",
                                      f"score.chunk_bytes={size}"],
                                     environment={"SCORELINE_SIMD": scanner}), 0)
            self.assertEqual(differences(whole, cut), [], f"chunks of {size} bytes, {scanner}")

    def test_scanner_that_is_none(self):
        (self.directory / "nasty_0.csv").write_bytes(b"id,x,n\n1,1,1\n")
        job = self.job_for("job.json", 1, b",", b'"', {})
        self.assert_exit(execute(["run", job], environment={"SCORELINE_SIMD": "sse9"}), 2,
                         "SCORELINE_SIMD: expected plain, avx2 or avx512, got 'sse9'")


if __name__ == "__main__":
    main()
