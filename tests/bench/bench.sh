#!/bin/sh
# Measure the program beside what the machine can do and what others do: tests/bench/bench.sh [DIR]
# builds a release of its own and leaves bench.md and bench.json in DIR (default: build/bench).
# Settings, from the environment, with their defaults:
#   SCORELINE_BENCH_PARTS=runs,scan,fits,estimators,combine,memory,growth
#   SCORELINE_BENCH_FILES=5,17      sizes to take the slope of, in files
#   SCORELINE_BENCH_ROWS=725000     records of a file (some 128 MB)
#   SCORELINE_BENCH_GROWTH_ROWS=100000  records of a file where it is measured how cost grows
#   SCORELINE_BENCH_RUNS=5          of which the median is taken
#   SCORELINE_BENCH_FITS=1000000x50,200000x500
#   SCORELINE_BENCH_ESTIMATORS=200000x50  rows and columns that the other estimators are fitted to
#   PYTHON=python3                  others are measured where it has pandas and scikit-learn
#   SCORELINE_BENCH_DISK=DIR        a directory on a disk, to write to as well
#   NODE_PATH                       DuckDB and Polars are measured as Python modules (DuckDB as command, too), or as
#                                   the node modules @duckdb/node-api and nodejs-polars found there
#   SCORELINE_BENCH_SCRATCH=/dev/shm    where inputs are made and outputs written
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
to=${1:-$source/build/bench}
mkdir -p "$to"
cmake -S "$source" -B "$to/build" -DCMAKE_BUILD_TYPE=Release >"$to/build.log"
cmake --build "$to/build" -j "$(nproc)" --target scoreline_program scan_bench fit_bench \
  separators_bench write_bench idle_bench >>"$to/build.log"
# There is one only where LIBLINEAR is installed.
cmake --build "$to/build" --target liblinear_bench >>"$to/build.log" 2>&1 || true
exec "${PYTHON:-python3}" "$source/tests/bench/bench.py" "$source" "$to/build/bin" "$to"
