#!/bin/bash
# Build and pass the tests.
#   tests/run.sh [--sanitize] [--slurm] [OPTIONS OF ctest]
#     --sanitize   then once more under the address and undefined-behaviour sanitizers
#     --slurm      install Slurm too, where it is missing; its tests are left out otherwise
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. jobs/lib.sh

sanitize=false
needed=(build tests)
while [ $# -gt 0 ]; do
    case $1 in
    --sanitize) sanitize=true ;;
    --slurm) needed+=(slurm) ;;
    *) break ;;
    esac
    shift
done

# One more at a time than there are cores: tests wait for launchers more than they compute.
run_tests()
{
    (cd "$1" && shift && ctest --output-on-failure -j "$(($(nproc) + 1))" "$@" </dev/null)
}

sl_need "${needed[@]}"
sl_build build/test -DSCORELINE_WERROR=ON -DCMAKE_BUILD_TYPE=Debug
run_tests build/test "$@"
if $sanitize; then
    sl_build build/sanitize -DSCORELINE_WERROR=ON -DCMAKE_BUILD_TYPE=Debug \
        -DSCORELINE_SANITIZE=address,undefined
    sl_default UBSAN_OPTIONS print_stacktrace=1
    sl_default SCORELINE_FAILURE_DEADLINE 20 # all takes longer there
    sl_default SCORELINE_TEST_KILLS 8
    # scripts do not have it, and what takes minutes goes through code that others go through too
    run_tests build/sanitize -LE 'slurm|bench' -E 'mpi_(progress|training_modes)' "$@"
fi
