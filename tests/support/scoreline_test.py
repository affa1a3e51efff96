"""What the Python tests share: running the program, comparing outputs byte for byte, finding the
public matches.  Uses Debian's python3 and h5py only."""
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SCORELINE_PROGRAM", str(SOURCE / "build/bin/scoreline"))
MPIRUN = os.environ.get("MPIEXEC_EXECUTABLE", "mpirun")
DEADLINE_S = float(os.environ.get("SCORELINE_TEST_DEADLINE", "60"))

ENVIRONMENT = dict(
    os.environ,
    OMPI_ALLOW_RUN_AS_ROOT="1",
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
    OMPI_MCA_rmaps_base_oversubscribe="1",
    OMPI_MCA_mpi_yield_when_idle="1",
    OMPI_MCA_hwloc_base_binding_policy="none",  # two tests at once would have their ranks on the same cores
)


def preloaded(library):
    """What is set so that a library is loaded before all others, but behind a sanitizer's, which must be the first."""
    return "LD_PRELOAD=" + " ".join(filter(None, (os.environ.get("SCORELINE_TEST_PRELOAD"), library)))


def wta_directory():
    """The public matches, or None where they are not to be had."""
    for place in (os.environ.get("SCORELINE_WTA_DIR"), SOURCE.parent / "shared/data/wta"):
        if place and (pathlib.Path(place) / "wta_matches_2015.csv").exists():
            return str(place)
    return None


needs_wta = unittest.skipUnless(
    wta_directory(), "the public matches are not here: set SCORELINE_WTA_DIR (see docs/data.md)")


def execute(arguments, ranks=0, wrapper=(), environment=None, cwd=None, deadline=DEADLINE_S):
    """Run the program, under mpirun where ranks > 0; the finished process with its texts."""
    command = [*wrapper, PROGRAM, *map(str, arguments)]
    if ranks:
        command = [MPIRUN, "-n", str(ranks), *command]
    return subprocess.run(command, env={**ENVIRONMENT, **(environment or {})}, cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", timeout=deadline)


GROUPS = ("predictions", "partitions", "classes", "metrics", "class_metrics", "confusion", "drift",
          "rejects")


def processes_with(word):
    """Numbers of the program's processes that have it on their command line."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if entry.name.isdigit() and words[0].decode() == PROGRAM and str(word).encode() in words:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def await_end(word):
    """Wait until there are none: ranks end a moment after a launcher that was killed."""
    until = time.monotonic() + DEADLINE_S
    while processes_with(word):
        assert time.monotonic() < until, "ranks outlive the kill of one"
        time.sleep(0.02)


def datasets(path, groups=GROUPS):
    """{path: (shape, dtype, bytes)} of the datasets that must not depend on how a run was cut."""
    import h5py

    found = {}
    with h5py.File(path, "r") as file:
        for group in groups:
            def visit(name, item, group=group):
                if isinstance(item, h5py.Dataset):
                    found[f"{group}/{name}"] = (item.shape, item.dtype.str, item[()].tobytes())
            file[group].visititems(visit)
    return found


def differences(left, right):
    """The paths at which two outputs differ, in words; empty if they are the same."""
    one, other = datasets(left), datasets(right)
    return [f"{path}: {'shape or type' if one.get(path, ())[:2] != other.get(path, ())[:2] else 'bytes'}"
            for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]


class Case(unittest.TestCase):
    """A test with a directory of its own and a small job that can be varied."""

    maxDiff = None

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-test-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def job(self, name="job.json", **changes):
        """Write a job that trains on year 2001 of self.directory/data; `changes` replace keys."""
        job = {
            "name": "small",
            "data": {"root": str(self.directory / "data"), "path": "m_{year}.csv",
                     "partitions": {"year": "2000..2003"}},
            "features": [{"name": "gap", "expr": "b - a", "missing": "drop_row"}],
            "label": "b - a + noise > 0",
            "train": {"partitions": {"year": 2001}, "estimator": "logistic_regression"},
            "output": {"path": str(self.directory / "out.h5"), "keep": ["id"]},
        }
        job.update(changes)
        path = self.directory / name
        path.write_text(json.dumps(job))
        return path

    def data(self, rows=400, years=range(2000, 2004)):
        """Small partitions in which the label follows the feature, but not strictly."""
        (self.directory / "data").mkdir(exist_ok=True)
        state = 12345
        for year in years:
            lines = ["id,a,b,noise"]
            for i in range(rows):
                numbers = []
                for _ in range(3):
                    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
                    numbers.append((state >> 33) % 1000)
                missing = i % 37 == 5
                lines.append(f"{year}-{i},{numbers[0]},{'' if missing else numbers[1]},"
                             f"{numbers[2] - 500}")
            (self.directory / "data" / f"m_{year}.csv").write_text("\n".join(lines) + "\n")

    def assert_exit(self, done, code, *texts):
        """The exit code, and each text on stderr."""
        self.assertEqual(done.returncode, code, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)


def main(*needs):
    for module in ("h5py", *needs):
        if importlib.util.find_spec(module) is None:
            print(f"skipped: Python has no {module} (Debian: python3-{module})")
            sys.exit(77)
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"no program at {PROGRAM}: build first, or set SCORELINE_PROGRAM")
    unittest.main(verbosity=2)
