"""Runs the program as a user does and compares all that it says.

A case is a directory with a shell script `cmd`; beside it, `exit` (default 0), `stdout` and `stderr`
(default: nothing) say what is expected.  A line that begins with ~ is a regular expression for the
whole line.  The script runs under `sh -e` in a fresh directory that holds the files of shared/ and
of the case, with `scoreline` on the PATH.

    run_cases.py CASE...        run these directories
    run_cases.py --self-check   show that what differs is noticed
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from scoreline_test import DEADLINE_S, ENVIRONMENT, PROGRAM  # noqa: E402

EXPECTATIONS = ("cmd", "exit", "stdout", "stderr")


def is_expected(line, pattern):
    if pattern.startswith("~"):
        return re.fullmatch(pattern[1:], line) is not None
    return line == pattern


def compare(what, got, expected):
    """How a text differs from what was expected, in words; empty if it does not."""
    got_lines, expected_lines = got.splitlines(), expected.splitlines()
    faults = []
    for i in range(max(len(got_lines), len(expected_lines))):
        line = got_lines[i] if i < len(got_lines) else None
        pattern = expected_lines[i] if i < len(expected_lines) else None
        if line is None or pattern is None or not is_expected(line, pattern):
            faults.append(f"{what}, line {i + 1}:\n  expected {pattern!r}\n  got      {line!r}")
    return faults


def execute(case, directory):
    """What the case's script says and how it ends, run in `directory`."""
    for source in (HERE / "shared", case):
        shutil.copytree(source, directory / "work", dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(*EXPECTATIONS))
    (directory / "bin").mkdir()
    (directory / "bin/scoreline").symlink_to(pathlib.Path(PROGRAM).resolve())
    environment = {**ENVIRONMENT, "PATH": f"{directory / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(["sh", "-e", str(case / "cmd")], cwd=directory / "work", env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S)


def read(case, name, default):
    path = case / name
    return path.read_text(encoding="utf-8") if path.exists() else default


def run_case(case):
    with tempfile.TemporaryDirectory(prefix="scoreline-cli-") as directory:
        done = execute(case, pathlib.Path(directory))
    faults = compare("exit code", str(done.returncode), read(case, "exit", "0"))
    for name, got in (("stdout", done.stdout), ("stderr", done.stderr)):
        faults += compare(name, got.decode("utf-8", "backslashreplace"), read(case, name, ""))
    return faults


def self_check():
    same = [("", ""), ("a\n", "a\n"), ("took 1.5 s\n", "~took [0-9.]+ s\n"), ("a\nb\n", "a\n~.\n")]
    different = [("a\n", ""), ("", "a\n"), ("a\n", "b\n"), ("a\nb\n", "a\n"), ("a\n", "a\nb\n"),
                 ("took 1.5 s!\n", "~took [0-9.]+ s\n"), ("b\na\n", "a\nb\n"), ("1", "0")]
    wrong = [pair for pair in same if compare("text", *pair)]
    wrong += [pair for pair in different if not compare("text", *pair)]
    with tempfile.TemporaryDirectory(prefix="scoreline-cli-") as directory:
        case = pathlib.Path(directory)
        (case / "cmd").write_text("echo out; echo err >&2; exit 3\n")
        for texts, n_faults in (({"exit": "3", "stdout": "out\n", "stderr": "err\n"}, 0),
                                ({"exit": "0", "stdout": "out\n", "stderr": "err\n"}, 1),
                                ({"exit": "3", "stdout": "", "stderr": "~e.*x\n"}, 2)):
            for name, text in texts.items():
                (case / name).write_text(text)
            if len(run_case(case)) != n_faults:
                wrong.append((texts, n_faults))
    for pair in wrong:
        print(f"judged wrongly: {pair}")
    return bool(wrong)


def main(arguments):
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"no program at {PROGRAM}: build first, or set SCORELINE_PROGRAM")
    if arguments == ["--self-check"]:
        sys.exit(self_check())
    failed = 0
    for case in map(pathlib.Path, arguments):
        faults = run_case(case.resolve())
        failed += bool(faults)
        print(f"{'FAILED' if faults else 'ok'}: {case.name}")
        print("".join(f"{fault}\n" for fault in faults), end="")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
