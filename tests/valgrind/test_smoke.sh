#!/bin/bash
# The tutorial's job and what is done with its output, under memcheck: nothing is read before it is
# written, nothing beyond its end, nothing is lost.
#   test_smoke.sh PROGRAM SOURCE WORK
set -euo pipefail

program=$1 source=$2 work=$3
if ! command -v valgrind >/dev/null; then
    echo "skipped: no valgrind (Debian: valgrind)"
    exit 77
fi
rm -rf "$work"
mkdir -p "$work"
cd "$work"

# A process that nobody launched never starts MPI, so that no noise of libraries is to be suppressed.
check()
{
    local wanted=$1 code=0

    shift
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
        --show-leak-kinds=definite,indirect "$program" "$@" >stdout 2>stderr </dev/null || code=$?
    if [ "$code" != "$wanted" ]; then
        echo "exit $code instead of $wanted: $*"
        cat stderr
        exit 1
    fi
}

# That it can fail: the same on a program that is wrong.
printf '#include <stdlib.h>\nint main(void) { char *c = malloc(1); return c[1] + 3; }\n' >wrong.c
"${CC:-cc}" -g -O0 -w wrong.c -o wrong
if (program=./wrong && check 3) >/dev/null; then
    echo "a read beyond the end goes unnoticed"
    exit 1
fi

seed=("$source/jobs/wta-seed.json" --set data.root=data --set "data.partitions.year=2014..2016")
check 0 generate --years 2014..2016 --rows 100 -o data
check 0 run "${seed[@]}" --set output.journal_after=0 --set score.chunk_bytes=5000 -o out.h5
check 75 run "${seed[@]}" --set output.journal_after=0 --set score.chunk_bytes=200 --max-time 0:01 -o again.h5
check 0 run "${seed[@]}" --save-model model.json -o again.h5
check 0 run "$source/jobs/wta-who-wins.json" --set data.root=data --set "data.partitions.year=2014..2016" \
    --set train.partitions.year=2015 --set output.compress=1 -o who.h5
check 0 score "${seed[@]}" --model model.json --only year=2014 -o a.h5
check 0 score "${seed[@]}" --model model.json --only year=2015,2016 -o b.h5
check 0 combine a.h5 b.h5 -o all.h5
check 0 evaluate all.h5
check 0 export all.h5 -o all.csv
check 0 inspect model.json
check 3 run "${seed[@]}" --set features.0.expr=1+ -o none.h5
