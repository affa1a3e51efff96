"""The bench itself works: all tables at tiny sizes, with finite numbers.  No speed is asserted."""
import importlib.util
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
if not all(importlib.util.find_spec(module) for module in ("pandas", "sklearn")):
    print("skipped: needs pandas and scikit-learn")
    sys.exit(77)


def numbers(value):
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, (int, float)):
        yield value


with tempfile.TemporaryDirectory() as to:
    program = pathlib.Path(os.environ.get("SCORELINE_BENCH_BIN") or pathlib.Path(os.environ["SCORELINE_PROGRAM"]).parent)
    subprocess.run([sys.executable, "-B", HERE / "bench.py", HERE.parents[1], program, to], check=True,
                   stdout=subprocess.DEVNULL, timeout=60,
                   env={**os.environ, "SCORELINE_BENCH_ROWS": "200", "SCORELINE_BENCH_FILES": "2,10", "SCORELINE_BENCH_RUNS": "1", "SCORELINE_BENCH_GROWTH_ROWS": "200",
                        "SCORELINE_BENCH_FITS": "300x3", "SCORELINE_BENCH_ESTIMATORS": "300x3"})
    found = json.loads(pathlib.Path(to, "bench.json").read_text())
    for name in ("runs", "reach", "scan", "fits", "estimators", "combine", "memory", "growth"):
        assert found[name], f"no {name}"
        assert all(map(math.isfinite, filter(lambda x: x is not None, numbers(found[name])))), f"not finite: {found[name]}"
    text = pathlib.Path(to, "bench.md").read_text()
    assert text.count("|---|") >= 6 and "nan" not in text, text
