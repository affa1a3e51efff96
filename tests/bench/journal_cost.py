#!/usr/bin/python3
"""What the journal adds to a run that nobody kills: the same job with all rows in memory, and with a
journal from the first chunk, from 8 MiB on (the default), and synced as ever, on several disks, interleaved.

    journal_cost.py PROGRAM PROGRAM_WITHOUT NAME=DIRECTORY[@CGROUP]...

PROGRAM_WITHOUT is built with a RUN_JOURNAL_BYTES (src/run/run_impl.h) that no rank comes to have. CGROUP is a
directory of the block I/O controller in which the runs on that disk are. SCORELINE_BENCH_FILES, _ROWS, _RUNS
and _RANKS say how much."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

FILES = int(os.environ.get("SCORELINE_BENCH_FILES", "12"))
ROWS = int(os.environ.get("SCORELINE_BENCH_ROWS", "600000"))
RUNS = int(os.environ.get("SCORELINE_BENCH_RUNS", "5"))
RANKS = int(os.environ.get("SCORELINE_BENCH_RANKS", "1"))
JOB = pathlib.Path(__file__).resolve().parents[2] / "jobs/wta-seed.json"
NEVER = "1e9"  # seconds: then only 8 MiB of results open the journal


def make_inputs(program, directory):
    """One file under as many names: what is read is in memory in any case."""
    subprocess.run([program, "generate", "--years", "2015..2015", "--rows", str(ROWS), "-o", directory], check=True)
    for i in range(1, FILES):
        os.link(directory / "wta_matches_2015.csv", directory / f"wta_matches_{2015 + i}.csv")


def run(program, data, disk, cgroup, journal_after):
    """Seconds of the whole run, and of its scoring alone."""
    out = disk / "out.h5"
    summary = data.parent / "summary.json"
    settings = [f"data.root={data}", f"data.partitions.year=2015..{2014 + FILES}", f"output.journal_after={journal_after}",
                "train.sample.rows=3000"]
    command = [program, "run", JOB, "-o", out, "-q", "--summary", summary]
    command += [word for setting in settings for word in ("--set", setting)]
    if RANKS > 1:
        command = ["mpirun", "--oversubscribe", "-n", str(RANKS)] + command

    def enter():
        if cgroup:
            pathlib.Path(cgroup, "cgroup.procs").write_text(str(os.getpid()))

    began = time.monotonic()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, preexec_fn=enter)
    whole = time.monotonic() - began
    n_bytes = out.stat().st_size
    out.unlink()
    told = json.loads(summary.read_text())
    return {"whole": whole, "scoring": told["work_s"], "bytes": n_bytes}


def main():
    program, without, *disks = sys.argv[1:]
    cases = (("in memory", without, NEVER), ("8 MiB in memory", program, NEVER), ("default", program, "5"),
             ("from the first chunk", program, "0"))
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-journal-", dir="/dev/shm"))
    try:
        make_inputs(program, scratch / "data")
        print("| disk | journal | whole, s | to in memory | scoring, s | output, MB |\n|---|---|---|---|---|---|")
        for disk in disks:
            name, _, place = disk.partition("=")
            directory, _, cgroup = place.partition("@")
            made = {case[0]: [] for case in cases}
            for i in range(RUNS + 1):  # the first warms up
                for case, binary, after in cases:
                    at = pathlib.Path(tempfile.mkdtemp(dir=directory))
                    result = run(binary, scratch / "data", at, cgroup, after)
                    shutil.rmtree(at)
                    os.sync()
                    if i > 0:
                        made[case].append(result)
            least = statistics.median(r["whole"] for r in made["in memory"])
            for case, results in made.items():
                whole = statistics.median(r["whole"] for r in results)
                scoring = statistics.median(r["scoring"] for r in results)
                print(f"| {name} | {case} | {whole:.2f} | {whole / least:.2f} | {scoring:.2f} | "
                      f"{results[0]['bytes'] / 1e6:.0f} |", flush=True)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
