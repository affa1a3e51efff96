"""Writing beside the disk's own speed, memory beside that of an idle rank."""
import json
import os
import shutil
import statistics
import tempfile


def measure_combine(bench):
    """Seconds of combine and publish, and of plain writing and syncing as many bytes, interleaved."""
    found = []
    _, command = bench.run_job("wta-seed", "plain")
    disk = os.environ.get("SCORELINE_BENCH_DISK", str(bench.to))
    for place, under in (("scratch", bench.scratch), ("disk", disk)):
        directory = tempfile.mkdtemp(prefix="scoreline-bench-", dir=under)
        try:
            for ranks in (1, 2):
                ours, plain = [], []
                output, summary = f"{directory}/out.h5", f"{directory}/summary.json"
                for _ in range(bench.runs):
                    bench.execute(["mpirun", "--oversubscribe", "-n", ranks, *command(max(bench.sizes)),
                                   "-o", output, "--summary", summary])
                    with open(summary) as file:
                        seconds = json.load(file)["seconds"]
                    ours.append(seconds["combine"]["max"] + seconds["publish"]["max"])
                    n_bytes = os.path.getsize(output)
                    plain.append(float(bench.execute([bench.bin / "write_bench", f"{directory}/plain",
                                                      n_bytes, ranks])[1]))
                found.append({"place": place, "writers": ranks, "bytes": n_bytes,
                              "combine_s": statistics.median(ours), "plain_s": statistics.median(plain)})
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    return found


def measure_memory(bench):
    """Most memory of any rank, at both sizes, and of a rank that does nothing."""
    found = []
    for ranks in (1, 2):
        launch = ["mpirun", "--oversubscribe", "-n", ranks]
        idle = bench.peak_mib([*launch, bench.bin / "idle_bench"])
        for job in ("wta-seed", "wta-who-wins"):
            _, command = bench.run_job(job, "plain")
            found.append({"job": job, "ranks": ranks, "idle_mib": idle,
                          "peak_mib": [bench.peak_mib([*launch, *command(n)]) for n in bench.sizes]})
    return found
