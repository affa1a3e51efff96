#!/usr/bin/python3
"""Every example of docs/*.md is run, and what they list is compared with what the program has.

The words behind ``` say what a block is; the blocks of a page run in order, in one directory that
holds generated matches in data/, the jobs in jobs/ and `scoreline` on the PATH:

    json job     a whole job: written to job.json and run
    json part    members that replace those of job.json (else of the seed job): run with it
    json NAME    a job in NAME.json, not run
    csv NAME     a file of that name
    sh run [PROGRAMS]      a shell script that must end with 0
    sh fails N   one that must end with N
    python run [MODULES]   a Python program that must end with 0
    r run        the same in R
    sh public    the same with the public matches in matches/: test_public.py
    text said    what the block before must have printed; a line ... stands for any lines.  The two streams
                 may stand in either order: a launcher forwards each by itself
    text         nothing to run

Where a module or program is not installed, a block that names it is left out, and it is said.
"""
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import (  # noqa: E402
    DEADLINE_S, ENVIRONMENT, GROUPS, PROGRAM, SOURCE, execute, main)

DOCS = SOURCE / "docs"
FENCE = re.compile(r"^```(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)


def blocks(page):
    """(line, words, text) of each fenced block."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found[1].split(), found[2]


def matches(streams, expected):
    """Whether what was printed is as expected, where "..." stands for any number of lines."""
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(line) + "\n"
                      for line in expected.splitlines())
    output, errors = streams
    return any(re.fullmatch(pattern, said) for said in (output + errors, errors + output))


class Workshop:
    """Where the examples of one page run."""

    def __init__(self, directory, data):
        self.directory = directory
        self.streams = ("", "")
        self.left_out = False
        (directory / "bin").mkdir()
        (directory / "bin/scoreline").symlink_to(pathlib.Path(PROGRAM).resolve())
        (directory / "bin/python3").symlink_to(sys.executable)
        self.work = directory / "work"
        shutil.copytree(SOURCE / "jobs", self.work / "jobs", ignore=shutil.ignore_patterns("demo"))
        shutil.copytree(data, self.work / "data")

    def start(self, command):
        environment = {**ENVIRONMENT, "PATH": f"{self.directory / 'bin'}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=self.work, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=DEADLINE_S)
        self.streams = (done.stdout, done.stderr)
        return done.returncode

    @staticmethod
    def lacks(words):
        """Whether a block needs what is not installed; says so."""
        absent = []
        if words[:2] == ["python", "run"]:
            absent = [word for word in words[2:] if importlib.util.find_spec(word) is None]
        elif words[:2] == ["sh", "run"]:
            absent = [word for word in words[2:] if shutil.which(word) is None]
        elif words == ["r", "run"]:
            probe = ["Rscript", "-e", "library(rhdf5)"]
            if shutil.which("Rscript") is None or subprocess.run(probe, capture_output=True).returncode:
                absent = ["R's rhdf5"]
        if absent:
            print(f"left out, for want of {' and '.join(absent)}: {' '.join(words)}", flush=True)
        return bool(absent)

    def run_job(self, sets):
        job = ["job.json"] if (self.work / "job.json").exists() else \
            ["jobs/wta-seed.json", "--set", "data.root=data"]
        return self.start(["scoreline", "run", *job, "-q", "-o", "example.h5",
                           "--if-exists", "replace", *sets])

    @staticmethod
    def as_set(value):
        """As --set wants it: quotes around a text would be part of it."""
        return value if isinstance(value, str) else json.dumps(value)

    def do(self, words, text):
        """What is wrong with one block, in words; None if nothing is."""
        code, expected = 0, 0
        if words == ["sh", "public"]:
            self.left_out = True
            return None
        if words != ["text", "said"]:
            self.left_out = self.lacks(words)
        if self.left_out:
            return None
        if words == ["json", "job"]:
            (self.work / "job.json").write_text(text)
            code = self.run_job([])
        elif words == ["json", "part"]:
            code = self.run_job([word for key, value in json.loads(text).items()
                                 for word in ("--set", f"{key}={self.as_set(value)}")])
        elif words[:1] == ["json"] and len(words) == 2:
            (self.work / f"{words[1]}.json").write_text(text)
        elif words[:1] == ["csv"] and len(words) == 2:
            (self.work / words[1]).write_text(text)
        elif words[:2] == ["sh", "run"] or words[:2] == ["sh", "fails"]:
            expected = int(words[2]) if words[1] == "fails" else 0
            code = self.start(["sh", "-e", "-c", text])
        elif words[:2] == ["python", "run"]:
            code = self.start([sys.executable, "-c", text])
        elif words == ["r", "run"]:
            code = self.start(["Rscript", "-e", text])
        elif words == ["text", "said"]:
            return None if self.left_out or matches(self.streams, text) else f"printed:\n{''.join(self.streams)}"
        elif words != ["text"]:
            return f"nobody knows how to run this: {words}"
        return None if code == expected else f"ended with {code}:\n{''.join(self.streams)}"


class WithData(unittest.TestCase):
    """Tests with generated matches in cls.data."""

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-docs-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.data = cls.directory / "data"
        cls.do("generate", "--years", "2000..2016", "--rows", 300, "-o", cls.data)

    @classmethod
    def do(cls, *arguments):
        done = execute(arguments)
        assert done.returncode == 0, done.stderr

    @classmethod
    def run_seed(cls, *options):
        cls.do("run", SOURCE / "jobs/wta-seed.json", "--set", f"data.root={cls.data}", "-q", *options)


class Examples(WithData):
    def check(self, name):
        directory = self.directory / name
        directory.mkdir()
        workshop = Workshop(directory, self.data)
        n = 0
        for line, words, text in blocks(DOCS / name):
            n += 1
            with self.subTest(line=line, block=" ".join(words)):
                fault = workshop.do(words, text)
                self.assertIsNone(fault, fault)
        return n

    def test_each_kind_of_block_can_fail(self):
        directory = self.directory / "self-check"
        directory.mkdir()
        workshop = Workshop(directory, self.data)
        for words, text in ((["json", "job"], "{}"), (["json", "part"], '{"features": []}'),
                            (["sh", "run"], "false"), (["sh", "fails", "3"], "exit 2"),
                            (["python", "run", "json"], "1 / 0"), (["sh", "run", "sh"], "false"), (["text", "said"], "nothing\n"),
                            (["ruby", "run"], ""), ([], "")):
            self.assertIsNotNone(workshop.do(words, text), words)


def add_example_tests():
    for page in sorted(DOCS.glob("*.md")):
        if any(True for _ in blocks(page)):
            def test(self, name=page.name):
                self.assertGreater(self.check(name), 0)
            setattr(Examples, f"test_{page.stem}", test)


class Truth(WithData):
    """What the pages list is all there is."""

    def page(self, name):
        return (DOCS / name).read_text(encoding="utf-8")

    def assert_named(self, page, names, form="`{}`"):
        text = self.page(page)
        self.assertEqual([name for name in names if form.format(name) not in text], [])
        self.assertGreater(len(names), 0)

    def source(self, path):
        return (SOURCE / path).read_text(encoding="utf-8")

    def test_keys_of_the_job(self):
        found = re.findall(r'^    \{"(\w+)", SL_FIELD_(\w+)', self.source("src/job/schema.c"), re.M)
        self.assert_named("job.md", [key for key, kind in found if kind != "LATER"])

    def test_parameters(self):
        """Every estimator has a section with exactly its parameters, and stands in the first table."""
        schema = json.loads(self.page("job.schema.json"))
        text = self.page("estimators.md")
        sections = dict(re.findall(r"^## (\w+)\n((?:(?!## ).*\n)*)", text, re.M))
        kinds = {}
        for rule in schema["properties"]["train"]["allOf"]:
            if "if" in rule:
                kind = rule["if"]["properties"]["estimator"]["const"]
                kinds[kind] = rule["then"]["properties"]["params"]["properties"]
        self.assertIn("logistic_regression", kinds)
        for kind, params in kinds.items():
            with self.subTest(estimator=kind):
                self.assertIn(f"| `{kind}` |", text)
                self.assertEqual(re.findall(r"^\| `(\w+)` \|", sections[kind], re.M), list(params))

    def test_functions(self):
        found = re.findall(r'^    \{"(\w+)", (?:ONE|\d)', self.source("src/feature/function.c"), re.M)
        self.assert_named("expressions.md", found, "| `{}(")
        self.assertGreater(len(found), 12)

    def test_options(self):
        short = {"quiet": "-q", "verbose": "-v", "output": "-o", "help": "scoreline help run"}
        for command, page in (("run", "job.md"), ("train", "steps.md"), ("score", "steps.md")):
            with self.subTest(command=command):
                found = re.findall(r"^  (?:-\w,|   ) --([\w-]+)", execute(["help", command]).stdout, re.M)
                names = [short.get(name, f"--{name}") for name in found]
                if page == "steps.md":  # the common ones are told of once
                    names = [name for name in names if f"`{name}" not in self.page("job.md")]
                self.assert_named(page, names or ["--model"], "`{}")

    def test_manual(self):
        manual = execute(["help", "run", "--as", "man"]).stdout
        codes = re.findall(r"^\| (\d+) \|", self.page("job.md"), re.M)
        self.assertGreater(len(codes), 7)
        self.assertLessEqual(set(codes), set(re.findall(r"^\.TP\n(\d+)$", manual, re.M)))
        variables = {name for path in (SOURCE / "src").rglob("*.c")
                     for name in re.findall(r'getenv\("(SCORELINE_\w+)"\)', path.read_text())}
        self.assertGreater(len(variables), 1)
        self.assertLessEqual(variables, set(re.findall(r"^\\fB(SCORELINE_\w+)", manual, re.M)))

    def test_summary(self):
        path = self.directory / "summary.json"
        self.run_seed("-o", self.directory / "out.h5", "--summary", path)
        summary = json.loads(path.read_text())
        schema = json.loads((DOCS / "summary.schema.json").read_text())["properties"]
        self.assertLessEqual(summary.keys(), schema.keys())
        self.assert_named("summary.md", sorted(schema), "`{}`")
        for key in ("slowest_rank", "slowest_partition", "peak_memory"):
            self.assert_named("summary.md", sorted(schema[key]["properties"]), "`{}`")
        told = re.findall(r"^((?:\| `[\w`, ]+ )+)\| (\d+) \|", self.page("summary.md"), re.M)
        told = [name for names, _ in told for name in re.findall(r"`(\w+)`", names)]
        self.assertEqual(sorted(told), sorted(schema["status"]["enum"]))
        self.assertEqual(sorted(told), sorted(re.findall(r'= \{\d+, "(\w+)"\}', self.source("src/base/error.c"))))

    def test_phases(self):
        """One list in the program; page, schema and /profile have the same."""
        phases = re.findall(r'^ +X\(\w+, "(\w+)", "([^"]*)"\)', self.source("include/scoreline/stopwatch.h"), re.M)
        self.assertGreater(len(phases), 10)
        told = self.page("summary.md").split("### Phases\n")[1].split("\n[`/profile`]")[0]
        self.assertEqual(re.findall(r"^\| `(\w+)` \| (.*) \|$", told, re.M), phases)
        schema = json.loads((DOCS / "summary.schema.json").read_text())["properties"]["seconds"]["properties"]
        self.assertEqual([(name, schema[name]["description"]) for name in schema], phases)
        self.assertIn(", ".join(f"`{name}`" for name, _ in phases if name != "publish"), self.page("output.md"))

    def test_reasons(self):
        found = re.findall(r'return "(.*)";', self.source("src/data/block.c"))
        self.assert_named("csv.md", [text for text in found if text not in ("good", "unknown reason")],
                          "`{}`")

    def test_modules(self):
        self.assert_named("architecture.md",
                          sorted(path.name for path in (SOURCE / "src").iterdir() if path.is_dir()))

    def test_links(self):
        for page in sorted(DOCS.glob("**/*.md")):
            text = FENCE.sub("", page.read_text(encoding="utf-8"))
            for target in re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", text):
                if target and "://" not in target:
                    with self.subTest(page=page.name, link=target):
                        self.assertTrue((page.parent / target).exists())

    def test_places_within_pages(self):
        for page in sorted(DOCS.glob("**/*.md")):
            text = FENCE.sub("", page.read_text(encoding="utf-8"))
            for target, place in re.findall(r"\]\(([^)#]*)#([^)]*)\)", text):
                if "://" in target:
                    continue
                there = (page.parent / target if target else page).read_text(encoding="utf-8")
                headings = [re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-")
                            for h in re.findall(r"^#+ (.*)$", FENCE.sub("", there), re.M)]
                with self.subTest(page=page.name, place=place):
                    self.assertIn(place, headings)


class Datasets(WithData):
    """docs/output.md and docs/model.md against what a run writes."""

    @classmethod
    def setUpClass(cls):
        import h5py

        super().setUpClass()
        out = cls.directory / "out.h5"
        cls.run_seed("-o", out, "--set", "features.0.missing=mean",
                     "--set", "features.0.scale=standard")
        cls.types = {}
        with h5py.File(out, "r") as file:
            cls.attributes = sorted(file.attrs)
            file.visititems(lambda name, item: cls.types.update(
                {name: item.dtype}) if isinstance(item, h5py.Dataset) else None)
            cls.scales = [item.name[1:] for group in file.values() for item in group.values()
                          if item.attrs.get("CLASS") == b"DIMENSION_SCALE"]
            cls.model = json.loads(file["provenance/model"][()])

    def rows(self):
        """{group/dataset: type} of the tables of output.md."""
        found, group = {}, None
        for line in (DOCS / "output.md").read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                group = re.sub(r"[#` /]", "", line)
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if line.startswith("| `") and group in (*GROUPS, "profile", "provenance"):
                for name in re.findall(r"`(\w+)`", cells[0]):
                    found[f"{group}/{name}"] = cells[1]
        return found

    def test_datasets(self):
        documented = self.rows()
        real = {name: dtype for name, dtype in self.types.items()
                if name not in self.scales and name not in ("predictions/tourney_id",
                                                            "predictions/match_num")}
        self.assertEqual(sorted(documented), sorted(real))
        for name, dtype in real.items():
            with self.subTest(dataset=name):
                self.assertEqual(documented[name], "text" if dtype.kind == "S" else dtype.name)

    def test_numbers(self):
        """What an output has instead where numbers are predicted."""
        import h5py

        out = self.directory / "numbers.h5"
        self.run_seed("-o", out, "--set", "train.estimator=ridge", "--set", "train.params={}",
                      "--set", "label=point_diff")
        with h5py.File(out, "r") as file:
            real = {name: file[name].dtype.name for name in
                    [f"metrics/{n}" for n in file["metrics"]] + ["predictions/value", "predictions/label"]}
        found, group = {}, None
        for line in (DOCS / "output.md").read_text(encoding="utf-8").splitlines():
            group = {"### Numbers": "predictions", "### Metrics of numbers": "metrics"}.get(
                line, None if line.startswith("#") else group)
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if group is not None and line.startswith("| `"):
                found[f"{group}/{cells[0][1:-1]}"] = cells[1]
        self.assertEqual({name: found[name] for name in found},
                         {name: real[name] for name in real
                          if name not in ("metrics/scope", "metrics/rows", "metrics/scope_index")})

    def test_attributes(self):
        text = (DOCS / "output.md").read_text(encoding="utf-8")
        self.assertEqual([name for name in self.attributes if f"`{name}`" not in text], [])

    def test_model_members(self):
        text = (DOCS / "model.md").read_text(encoding="utf-8")
        names = [*self.model, *self.model["recipe"], *self.model["fit"], *self.model["provenance"],
                 *self.model["checks"][0], *self.model["recipe"]["features"][0]]
        self.assertEqual([name for name in names if f"`{name}`" not in text], [])


if __name__ == "__main__":
    add_example_tests()
    main("pandas")
