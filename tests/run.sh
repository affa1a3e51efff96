#!/bin/bash
# Build and pass the tests.
#   tests/run.sh [--checks] [--sanitize] [--slurm] [OPTIONS OF ctest]
#     --checks     cppcheck, clang-tidy and valgrind beside them; installs what is missing of these
#     --sanitize   then once more under the address and undefined-behaviour sanitizers, and what has threads
#                  under the thread sanitizer
#     --slurm      install Slurm too, where it is missing; its tests are left out otherwise
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. jobs/lib.sh

sanitize=false
needed=(build tests)
left_out=(-LE checks)
while [ $# -gt 0 ]; do
    case $1 in
    --checks) needed+=(checks) left_out=() ;;
    --sanitize) sanitize=true ;;
    --slurm) needed+=(slurm) ;;
    *) break ;;
    esac
    shift
done

# One or two more at a time than there are cores: tests wait for launchers more than they compute.
run_tests() # FOLDER MORE OPTIONS OF ctest
{
    local n=$(($(nproc) + $2))

    (cd "$1" && shift 2 && ctest --output-on-failure -j "$n" "$@" </dev/null)
}

plain()
{
    sl_build build/test -DSCORELINE_WERROR=ON -DCMAKE_BUILD_TYPE=Debug
    run_tests build/test 2 "${left_out[@]}" "$@"
}

# Warnings are no errors there: gcc is misled by what the sanitizers put in between.
build_sanitized()
{
    sl_build "$1" -DCMAKE_BUILD_TYPE=Debug -DSCORELINE_SANITIZE="$2"
}

sanitized()
{
    sl_default UBSAN_OPTIONS print_stacktrace=1
    sl_default SCORELINE_TEST_KILLS 4
    sl_default SCORELINE_TEST_STEP 60
    sl_default SCORELINE_CSV_STEP 6
    sl_default SCORELINE_CHUNK_STEP 4
    # What is no program of ours, and what only compares numbers with others, learns nothing from them; what takes
    # minutes beside goes through code that others go through too.
    build_sanitized build/sanitize address,undefined
    run_tests build/sanitize 1 -LE 'slurm|bench|checks|docs|lint|scripts|install|container' \
        -E 'mpi_(progress|training_modes|learning_curve)|golden_|job_schema' "$@"
    # Threads fit, beat for locks, sync journals, draw progress, and watch the launcher.  mpi_progress, three minutes of
    # it, is left out: what draws runs in the others too.
    local with_threads=(unit_base unit_journal unit_logistic unit_linear)
    SL_TARGETS="${with_threads[*]} scoreline_program break_rank" build_sanitized build/threads thread
    sl_default SCORELINE_THREADS 3
    run_tests build/threads 1 -R "^($(IFS='|' && echo "${with_threads[*]}")|mpi_failures)\$" "$@"
}

sl_need "${needed[@]}"
if ! $sanitize; then
    plain "$@"
    exit
fi

# Both at once: each waits for launchers and clocks half of its time.  All takes longer beside the other.
sl_default SCORELINE_FAILURE_DEADLINE 20
sl_default SCORELINE_TEST_DEADLINE 180
mkdir -p build
sanitized "$@" >build/sanitized.log 2>&1 &
beside=$!
plain "$@" &
status=0
wait $! || status=$?
sl_say "tests: those under the sanitizers"
wait "$beside" || status=$?
cat build/sanitized.log
exit "$status"
