#!/usr/bin/python3
"""Checks what a compiler does not: who may include whom, sizes, banned calls, paths of one machine.

    lint.py ROOT      print what is wrong with a tree as file:line: text; exit 1 if anything is
"""
import re
import sys
from pathlib import Path

# A module includes headers of lower rows and its own, nothing of its own row or above.
ROW = {
    "base": 0,
    "job": 1, "bytes": 1, "data": 1, "comm": 1,
    "sched": 2, "source": 2, "feature": 2, "model": 2, "sink": 2, "metrics": 2, "report": 2,
    "catalog": 3, "bundle": 3, "journal": 3, "generate": 3,
    "run": 4,
    "cli": 5,
}

# Headers that are not named as their module is.
MODULE_OF_HEADER = {
    "error": "base", "memory": "base", "text": "base", "hash": "base", "clock": "base",
    "json": "base", "json_need": "base", "number": "base", "numeric": "base", "file": "base",
    "version": "base", "decimal": "base", "ticker": "base", "stop": "base",
    "plan": "data", "block": "data", "profile": "data", "rows": "data", "table": "data",
    "recipe": "feature", "survey": "feature",
    "scored": "source", "evaluation": "metrics", "output": "run", "inspect": "run",
    "mpi_handle": "comm", "parts": "journal", "ledger": "journal", "progress": "report", "watch": "run",
}

# (includer's module, header): neighbours of one row, allowed for the reason given.
NEIGHBOURS = {
    ("job", "block"): "jobs name the types of columns",
    ("report", "metrics"): "tables print metric values",
    ("report", "evaluation"): "so do these",
}

# Header of others -> files that alone may see it.
SOLE_USERS = {
    r"mpi\.h": r"src/comm/.*|src/cli/(main|ranks)\.c|include/scoreline/mpi_handle\.h",
    r"scoreline/mpi_handle\.h": r"src/comm/.*|src/cli/(main|ranks)\.c|src/sink/hdf5[a-z_]*\.[ch]",
    r"hdf5(_hl)?\.h|H5.*\.h": r"src/[a-z]+/hdf5[a-z_]*\.[ch]",
    r"cblas.*\.h|lapacke?\.h|openblas.*\.h|f77blas\.h": r"src/model/.*",
    r"(cjson/)?cJSON(_Utils)?\.h": r"src/base/json[a-z_]*\.[ch]",
    r"libpq-fe\.h|curl/.*|zlib\.h": r"src/(source|sink|bytes)/.*",
}

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 80

# Calls -> files that alone may make them (None: nobody).
CALLS = {
    r"strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok": None,
    r"exit|_exit|abort|MPI_Init|MPI_Init_thread|MPI_Finalize|MPI_Abort": r"src/cli/.*",
    r"printf|puts|putchar|perror": r"src/cli/.*",
}

# Written in two pieces so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join(a + b for a, b in [
    ("/ho", "me/"), ("/ro", "ot/"), ("/wo", "rk/"), ("/Us", "ers/"), (r"\.libr", "ary")]))

INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
TEXTS = {".c", ".h", ".py", ".sh", ".sbatch", ".txt", ".cmake", ".md", ".json", ""}


def module_of(name):
    """The module of a file of ours, by its path below the root; None for tests and the like."""
    parts = name.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["include", "scoreline"]:
        stem = parts[-1][:-2]
        return MODULE_OF_HEADER.get(stem, stem)
    return None


def include_faults(root, name, lines):
    module = module_of(name)
    if module not in ROW:
        yield 1, f"module '{module}' is in no row: add it to ROW or MODULE_OF_HEADER"
        return
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match[1]
        if header.endswith(".c"):
            yield number, f"includes the source file '{header}'"
        if '"' in line and (root / name).parent.joinpath(header).exists():
            continue  # a private header beside it
        for pattern, users in SOLE_USERS.items():
            if re.fullmatch(pattern, header) and not re.fullmatch(users, name):
                yield number, f"'{header}' is for {users} alone"
        if header.startswith("scoreline/"):
            stem = header[len("scoreline/"):-2]
            other = MODULE_OF_HEADER.get(stem, stem)
            allowed = other == module or (module, stem) in NEIGHBOURS
            if not allowed and ROW.get(other, 99) >= ROW[module]:
                yield number, f"module '{module}' may not include '{header}' of '{other}'"
        elif ".." in header.split("/"):
            yield number, f"reaches out of its folder: '{header}'"


def size_faults(name, lines):
    # A test may be a long list of cases.
    if len(lines) > MAX_FILE_LINES and not name.startswith("tests/"):
        yield len(lines), f"file of {len(lines)} lines, over {MAX_FILE_LINES}"
    # clang-format puts the braces of a function, and of nothing else but tables, into column 1.
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin:
            if number - begin + 1 > MAX_FUNCTION_LINES:
                yield begin, f"function of {number - begin + 1} lines, over {MAX_FUNCTION_LINES}"
            begin = None


def without_comments_and_texts(text):
    """The same lines, comments and string literals blanked."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def call_faults(name, text):
    for number, line in enumerate(without_comments_and_texts(text).split("\n"), 1):
        for calls, users in CALLS.items():
            match = re.search(rf"(?<![\w.>])({calls})\s*\(", line)
            if match and not (users and re.fullmatch(users, name)):
                yield number, f"calls {match[1]}()" + (f", which is for {users}" if users else "")
        if "MPI_COMM_WORLD" in line and not name.startswith("src/cli/"):
            yield number, "MPI_COMM_WORLD outside src/cli"


def files_of(root):
    for top in ("src", "include", "jobs", "tests", "docs", ".ci"):
        yield from sorted(p for p in (root / top).rglob("*") if p.is_file())
    yield from sorted(p for p in root.iterdir() if p.is_file() and p.name != ".git")


def faults_of(root):
    for path in files_of(root):
        name = path.relative_to(root).as_posix()
        if path.suffix not in TEXTS or name.startswith("jobs/demo/"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        lines = text.split("\n")
        found = [(n, "path of one machine") for n, line in enumerate(lines, 1)
                 if MACHINE_PATHS.search(line)]
        if path.suffix in (".c", ".h"):
            found += size_faults(name, text.splitlines())
            if name.startswith(("src/", "include/")):
                found += include_faults(root, name, lines)
                found += call_faults(name, text)
        for number, fault in sorted(found):
            yield f"{name}:{number}: {fault}"


def main():
    found = list(faults_of(Path(sys.argv[1])))
    print(*found, f"{len(found)} faults", sep="\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
