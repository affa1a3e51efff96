"""What bench.sh measures: every line in one process after the other, interleaved, medians; times
that grow with the data as slopes between two sizes, what does not grow shown apart."""
import importlib.util
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import types

import extras
import growth
import peers
import reach
import tables

SOURCE, BIN, TO = map(pathlib.Path, sys.argv[1:])
SIZES = [int(n) for n in os.environ.get("SCORELINE_BENCH_FILES", "5,17").split(",")]
ROWS = int(os.environ.get("SCORELINE_BENCH_ROWS", "725000"))
GROWTH_ROWS = int(os.environ.get("SCORELINE_BENCH_GROWTH_ROWS", "100000"))
RUNS = int(os.environ.get("SCORELINE_BENCH_RUNS", "5"))
FITS = [tuple(map(int, fit.split("x")))
        for fit in os.environ.get("SCORELINE_BENCH_FITS", "1000000x50,200000x500").split(",") if fit]
SCRATCH = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-bench-", dir=os.environ.get(
    "SCORELINE_BENCH_SCRATCH", "/dev/shm" if os.path.isdir("/dev/shm") else None)))
ESTIMATORS_AT = tuple(map(int, os.environ.get("SCORELINE_BENCH_ESTIMATORS", "200000x50").split("x")))
PARTS = os.environ.get("SCORELINE_BENCH_PARTS", "runs,scan,fits,estimators,combine,memory,growth").split(",")
FIRST = 2000
LIBLINEAR = BIN / "liblinear_bench"
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def execute(command):
    """Seconds and peak memory of a command, and what it printed."""
    before = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env={**os.environ, **MPI})
    out, err = process.communicate()
    seconds = time.perf_counter() - before
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{err}")
    return seconds, out


def peak_mib(command):
    """The most memory a command had, by a process of its own that has no other child."""
    script = ("import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True, "
              "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    return int(execute([sys.executable, "-c", script, *command])[1]) / 1024


def make_data(name, *options):
    execute([BIN / "scoreline", "generate", "--years", f"{FIRST}..{FIRST + max(SIZES) - 1}", "--rows", ROWS,
             "-o", SCRATCH / name, *options])


def files_of(data, n):
    return [SCRATCH / data / f"wta_matches_{FIRST + i}.csv" for i in range(n)]


def run_job(job, data, ranks=0):
    def command(n):
        words = [BIN / "scoreline", "run", SOURCE / f"jobs/{job}.json", "-q", "--if-exists", "replace",
                 "-o", SCRATCH / "out.h5", "--set", f"data.root={SCRATCH / data}",
                 "--set", f"data.partitions.year={FIRST}..{FIRST + n - 1}",
                 "--set", f"train.partitions.year={FIRST}", "--set", "train.sample.rows=3000"]
        return [*(["mpirun", "--oversubscribe", "-n", ranks] if ranks else []), *words]
    return data, command


def pandas_sklearn(n):
    return [sys.executable, SOURCE / "tests/bench/pandas_sklearn.py", SCRATCH / "out.npy",
            files_of("plain", 1)[0], *files_of("plain", n)]


def two_readers(n):
    files = files_of("plain", n)
    return ["sh", "-c", 'k=$1; shift; head=; for i in $(seq "$k"); do head="$head $1"; shift; done; '
            'cat $head >/dev/null & cat "$@" >/dev/null; wait', "cat", n // 2, *files]


PEERS = peers.find(execute, importlib.util.find_spec)


def peer_work(command):
    return "plain", lambda n: command(files_of("plain", n), SCRATCH / "out.parquet")


WORKS = {
    "read alone (cat)": ("plain", lambda n: ["sh", "-c", 'cat "$@" >/dev/null', "cat", *files_of("plain", n)]),
    "read alone, two readers of half each": ("plain", two_readers),
    "find all separators": ("plain", lambda n: [BIN / "separators_bench", *files_of("plain", n)]),
    "seed job, 1 rank": run_job("wta-seed", "plain"),
    "seed job, 2 ranks": run_job("wta-seed", "plain", 2),
    "seed job, every field quoted, 1 rank": run_job("wta-seed", "quoted"),
    "who-wins job, 1 rank": run_job("wta-who-wins", "plain"),
}
if all(importlib.util.find_spec(module) for module in ("pandas", "sklearn")):
    WORKS["seed job, pandas and scikit-learn"] = ("plain", pandas_sklearn)
WORKS |= {name: peer_work(command) for name, command in PEERS.items() if command}


def measure_runs():
    seconds = {(name, n): [] for name in WORKS for n in SIZES}
    for _ in range(RUNS):
        for name, n in seconds:
            seconds[name, n].append(execute(WORKS[name][1](n))[0])
    found = []
    for name, (data, command) in WORKS.items():
        n_bytes = [sum(path.stat().st_size for path in files_of(data, n)) for n in SIZES]
        small, large = (statistics.median(seconds[name, n]) for n in SIZES)
        slope = (large - small) / (n_bytes[1] - n_bytes[0])
        found.append({"work": name, "gb_per_s": 1e-9 / slope, "fixed_s": small - slope * n_bytes[0],
                      "rows_per_s": ROWS * (SIZES[1] - SIZES[0]) / (large - small),
                      "small_s": small, "large_s": large, "bytes": n_bytes,
                      "peak_mib": [peak_mib(command(n)) for n in SIZES] if "2 ranks" not in name and "readers" not in name else None})
    return found


def measure_scan():
    """The fastest scanner's lines of scan_bench, by data and columns."""
    found = []
    for data in ("plain", "quoted"):
        for columns in (["winner_rank_points", "loser_rank_points"], None):
            header = files_of(data, 1)[0].open().readline().replace('"', "").strip().split(",")
            names = columns or [c for c in header if re.search("_(rank|rank_points|age|ht|ace|df|svpt)$", c)]
            out = execute([BIN / "scan_bench", files_of(data, 1)[0], *names])[1]
            for scanner, what, speed in re.findall(r"(\w+) +(.*?) +([\d.]+) GB/s", out):
                found.append({"data": data, "columns": len(names), "scanner": scanner, "what": what,
                              "gb_per_s": float(speed)})
    return found


def measure_fit():
    found = []
    for rows, columns in FITS:
        path = SCRATCH / "matrix"
        out = execute([BIN / "fit_bench", rows, columns, 2, path])[1]
        lines = re.findall(r"([\d.]+) s, (\d+) steps, objective (\S+), gradient (\S+), (.*)", out)
        found.append({"rows": rows, "columns": columns, "solver": "scoreline",
                      "seconds": statistics.median(float(line[0]) for line in lines),
                      "objective": float(lines[0][2]), "gradient": float(lines[0][3])})
        ours = found[-1]
        if importlib.util.find_spec("sklearn"):
            for solver, tol in (("newton-cholesky", 1e-9), ("lbfgs", 1e-9)):
                out = execute([sys.executable, SOURCE / "tests/bench/fit_sklearn.py", path, rows, columns,
                               solver, tol, 3])[1]
                lines = [[float(word) for word in line.split()] for line in out.splitlines()]
                found.append({"rows": rows, "columns": columns, "solver": f"scikit-learn {solver}",
                              "seconds": statistics.median(line[0] for line in lines),
                              "objective": lines[0][1], "gradient": lines[0][2]})
        if LIBLINEAR.exists():
            out = execute([LIBLINEAR, path, rows, columns, ours["objective"], RUNS])[1]
            lines = [[float(word) for word in line.split()] for line in out.splitlines()]
            found.append({"rows": rows, "columns": columns, "solver": f"LIBLINEAR, -s 0 -e {lines[0][2]:g}, one thread",
                          "seconds": statistics.median(line[0] for line in lines),
                          "objective": lines[0][1], "gradient": None})
        path.unlink()
    return found


def measure_estimators():
    rows, columns = ESTIMATORS_AT
    found = []
    for kind, (classes, params) in reach.ESTIMATORS.items():
        path = SCRATCH / "matrix"
        out = execute([BIN / "fit_bench", rows, columns, classes, path, kind, *params])[1]
        lines = re.findall(r"([\d.]+) s, \d+ steps, objective (\S+), ", out)
        found.append({"kind": kind, "solver": "scoreline", "objective": float(lines[0][1]),
                      "seconds": statistics.median(float(line[0]) for line in lines)})
        if importlib.util.find_spec("sklearn"):
            out = execute([sys.executable, SOURCE / "tests/bench/estimators_sklearn.py", path, rows, columns, kind,
                           RUNS])[1]
            for seconds, objective, solver in (line.split("\t") for line in out.splitlines()):
                found.append({"kind": kind, "solver": f"scikit-learn, {solver}", "seconds": float(seconds),
                              "objective": float(objective)})
        path.unlink()
    return found


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    model = re.search(r"model name\s*: (.*)", text)
    return f"{model[1] if model else platform.processor()}, {os.cpu_count()} cores"


BENCH = types.SimpleNamespace(run_job=run_job, execute=execute, peak_mib=peak_mib, scratch=SCRATCH, to=TO,
                              bin=BIN, runs=RUNS, sizes=SIZES, cores=os.cpu_count())


def measure():
    """{part: what was found}"""
    make = {"runs": measure_runs, "scan": measure_scan, "fits": measure_fit, "estimators": measure_estimators,
            "combine": lambda: extras.measure_combine(BENCH), "memory": lambda: extras.measure_memory(BENCH),
            "growth": lambda: growth.measure_growth(BENCH, GROWTH_ROWS, FIRST)}
    found = {part: make[part]() for part in make if part in PARTS}
    found["reach"] = reach.of_fits(found.get("fits", []))
    if "runs" in found:
        found["reach"] += reach.of_runs({row["work"]: row["gb_per_s"] for row in found["runs"]})
    return found


def main():
    try:
        make_data("plain")
        make_data("quoted", "--quote-all")
        found = {"machine": processor(), "version": execute([BIN / "scoreline", "--version"])[1].splitlines()[0],
                 "files": SIZES, "rows": ROWS, "n_runs": RUNS, **measure(),
                 "not_installed": [name for name, command in {**PEERS, "LIBLINEAR": LIBLINEAR.exists()}.items()
                                   if not command]}
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    (TO / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    (TO / "bench.md").write_text(tables.markdown(found))
    print(tables.markdown(found))


main()
