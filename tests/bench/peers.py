"""Others on the seed job's work: which of them are installed, and the commands that have them do it."""
import os
import shutil
import sys

SQL = ("SET threads=2; COPY (SELECT tourney_id, match_num, 1 / (1 + exp(-(0.1 + 0.001 * (winner_rank_points - "
       "loser_rank_points)))) AS p FROM read_csv([{files}])) TO '{to}' (FORMAT parquet);")
DUCKDB_IN_NODE = (
    "const {DuckDBInstance}=require('@duckdb/node-api');(async()=>{const c=await(await DuckDBInstance."
    "create(':memory:')).connect();await c.run(process.argv[1])})()"
    ".catch(e=>{console.error(e);process.exit(1)})")
POLARS_IN_NODE = (
    "const pl=require('nodejs-polars');const [to,...files]=process.argv.slice(1);const d=pl.col('winner_rank_points')"
    ".sub(pl.col('loser_rank_points'));(async()=>{const all=pl.concat(files.map(f=>pl.scanCSV(f).select(pl.col('tourney_id'),"
    "pl.col('match_num'),pl.lit(1).div(pl.lit(1).plus(d.mul(-0.001).minus(0.1).exp())).alias('p'))));"
    "(await all.collect()).writeParquet(to)})().catch(e=>{console.error(e);process.exit(1)})")
POLARS_IN_PYTHON = (
    "import polars as pl, sys; d = pl.col('winner_rank_points') - pl.col('loser_rank_points'); "
    "pl.scan_csv(sys.argv[2:]).select('tourney_id', 'match_num', (1 / (1 + (-0.1 - 0.001 * d).exp())).alias('p'))"
    ".sink_parquet(sys.argv[1])")
ZSV = 'for file in "$@"; do zsv select "$file" -- winner_rank_points loser_rank_points >/dev/null || exit 1; done'


def node_has(execute, module):
    if not (shutil.which("node") and os.environ.get("NODE_PATH")):
        return False
    try:
        execute(["node", "-e", f"require('{module}')"])
        return True
    except SystemExit:
        return False


def duckdb(execute, module_found):
    """A function from files and an output to the command, or None where it is not installed."""
    if shutil.which("duckdb"):
        words = ["duckdb", "-c"]
    elif module_found("duckdb"):
        words = [sys.executable, "-c", "import duckdb, sys; duckdb.execute(sys.argv[1])"]
    elif node_has(execute, "@duckdb/node-api"):
        words = ["node", "-e", DUCKDB_IN_NODE]
    else:
        return None
    return lambda files, to: [*words, SQL.format(files=", ".join(f"'{path}'" for path in files), to=to)]


def polars(execute, module_found):
    """The same; it has as many threads as there are cores."""
    if module_found("polars"):
        words = [sys.executable, "-c", POLARS_IN_PYTHON]
    elif node_has(execute, "nodejs-polars"):
        words = ["node", "-e", POLARS_IN_NODE]
    else:
        return None
    return lambda files, to: ["env", "POLARS_MAX_THREADS=2", *words, to, *files]


def zsv():
    return (lambda files, to: ["sh", "-c", ZSV, "zsv", *files]) if shutil.which("zsv") else None


def find(execute, module_found):
    """{work: command or None}"""
    return {"seed job's columns to Parquet, DuckDB, 2 threads, given model": duckdb(execute, module_found),
            "seed job's columns to Parquet, Polars, 2 threads, given model": polars(execute, module_found),
            "seed job's two columns selected, zsv, 1 thread": zsv()}
