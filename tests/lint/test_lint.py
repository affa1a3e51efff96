#!/usr/bin/python3
"""Shows that lint.py finds what it is for: one bad sample a rule, and good ones it must pass."""
import sys
import tempfile
from pathlib import Path

import lint

LONG_FUNCTION = "int f(void)\n{\n" + "    g();\n" * 79 + "}\n"

# file, its text, what must be said of it ("": nothing)
SAMPLES = [
    ("src/base/a.c", '#include "scoreline/job.h"\n',
     ":1: module 'base' may not include 'scoreline/job.h' of 'job'"),
    ("src/sink/a.c", '\n#include "scoreline/source.h"\n',
     ":2: module 'sink' may not include 'scoreline/source.h' of 'source'"),
    ("include/scoreline/catalog.h", '#include "scoreline/run.h"\n',
     ":1: module 'catalog' may not include 'scoreline/run.h' of 'run'"),
    ("src/data/a.c", '#include "scoreline/recipe.h"\n',
     ":1: module 'data' may not include 'scoreline/recipe.h' of 'feature'"),
    ("src/data/b.c", '#include "scoreline/block.h"\n#include "scoreline/error.h"\n', ""),
    ("src/job/a.c", '#include "scoreline/block.h"\n', ""),
    ("src/job/b.c", '#include "scoreline/plan.h"\n',
     ":1: module 'job' may not include 'scoreline/plan.h' of 'data'"),
    ("src/new/a.c", "\n", ":1: module 'new' is in no row: add it to ROW or MODULE_OF_HEADER"),
    ("src/run/a.c", "#include <mpi.h>\n",
     r":1: 'mpi.h' is for src/comm/.*|src/cli/(main|ranks)\.c|include/scoreline/mpi_handle\.h alone"),
    ("src/comm/a.c", "#include <mpi.h>\n", ""),
    ("src/sink/b.c", "#include <hdf5.h>\n",
     r":1: 'hdf5.h' is for src/[a-z]+/hdf5[a-z_]*\.[ch] alone"),
    ("src/sink/hdf5.c", "#include <hdf5.h>\n#include <stdio.h>\n", ""),
    ("src/feature/a.c", "#include <cblas.h>\n", ":1: 'cblas.h' is for src/model/.* alone"),
    ("src/job/c.c", "#include <cjson/cJSON.h>\n",
     r":1: 'cjson/cJSON.h' is for src/base/json[a-z_]*\.[ch] alone"),
    ("src/model/a.c", '#include "b.c"\n', ":1: includes the source file 'b.c'"),
    ("src/model/c.c", '#include "../sink/x.h"\n', ":1: reaches out of its folder: '../sink/x.h'"),
    ("src/model/d.c", LONG_FUNCTION, ":2: function of 81 lines, over 80"),
    ("tests/a.c", LONG_FUNCTION, ":2: function of 81 lines, over 80"),
    ("src/model/e.c", LONG_FUNCTION.replace("g();", "", 1).replace("    \n", "", 1), ""),
    ("src/model/f.c", "\n" * 601, ":601: file of 601 lines, over 600"),
    ("src/model/g.c", "\n" * 600, ""),
    ("tests/unit/a.c", "\n" * 601, ""),
    ("src/model/h.c", "x = atoi(y);\n", ":1: calls atoi()"),
    ("src/model/i.c", "exit(1);\n", ":1: calls exit(), which is for src/cli/.*"),
    ("src/model/j.c", '/* exit(1); */ s = "printf(1)"; // puts(1)\nn = my_exit(1), a.exit(2);\n', ""),
    ("src/model/k.c", "c = MPI_COMM_WORLD;\n", ":1: MPI_COMM_WORLD outside src/cli"),
    ("src/cli/main.c", "#include <mpi.h>\nexit(MPI_COMM_WORLD);\n", ""),
    ("src/sched/a.c", '#include "scoreline/block.h"\n', ":1: module 'sched' knows nothing of 'data'"),
    ("src/sink/c.c", "int f(const struct sl_job *job);\n", ":1: takes the whole job, not a slice of it"),
    ("src/sink/d.c", "int f(const struct sl_job_part *part);\n", ""),
    ("src/run/b.c", "int f(const struct sl_job *job);\n", ""),
    ("src/model/l.c", "    static int n_calls = 0;\n", ":1: static data that can change"),
    ("src/model/m.c", "static char text[9];\n", ":1: static data that can change"),
    ("src/model/n.c", "static const int three = 3;\nstatic int f(int n);\nstatic const char *const t[] = {0};\n", ""),
    ("src/model/o.c", "kill(1, 9);\n", r":1: calls kill(), which is for src/cli/.*|src/base/stop\.c"),
    ("docs/a.md", "see /ho" + "me/me/x\n", ":1: path of one machine"),
    ("README.md", "\nsee /wo" + "rk/x\n", ":2: path of one machine"),
]


def main():
    n_failed = 0
    for name, text, said in SAMPLES:
        with tempfile.TemporaryDirectory() as root:
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            found = list(lint.faults_of(Path(root)))
        expected = [name + said] if said else []
        if found != expected:
            n_failed += 1
            print(f"{name}: expected {expected}, found {found}")
    print(f"{len(SAMPLES) - n_failed} passed, {n_failed} failed")
    return n_failed > 0


if __name__ == "__main__":
    sys.exit(main())
