#!/bin/bash
# jobs/chain.sh under a real Slurm: the output is that of one run that was never cut; a second chain
# does nothing; where a stage fails those behind it are cancelled, nothing pends for ever, and the same
# chain again goes on.
#   test_chain.sh PROGRAM SOURCE_DIR WORK_DIR SLOW_READS; exits with 77 where Slurm is not installed
set -euo pipefail
program=$1 source=$2 work=$3 slow_reads=$4
. "$source/tests/support/expect.sh"
. "$source/tests/slurm/slurm.sh"
slurm_or_skip
slurm_workplace "$program" "$source" "$work"
build/bin/scoreline generate --years 2000..2016 --rows 200 -o jobs/demo/data
build/bin/scoreline run jobs/wta-seed.json --set data.root=jobs/demo/data -q -o whole.h5

nodes=1
if slurm_may_have_nodes; then nodes=2; else echo "left out: only root can pretend several nodes"; fi
slurm=$(mktemp -d)
trap 'slurm_down "$slurm"; rm -rf "$slurm"' EXIT
slurm_up "$slurm" "$nodes" "$work" "$source" "$(dirname "$program")" "$(dirname "$slow_reads")"

# Submit a chain; its three jobs are in ids, what it said in said.
script=$source/jobs/chain.sh
submit_chain() # ARGUMENTS OF chain.sh
{
    said=$("$script" "$@")
    read -r -a ids <<<"$(sed -n 's/^stop *scancel //p' <<<"$said")"
}

wait_for_chain()
{
    for id in "${ids[@]}"; do
        slurm_wait "$id" || expect "job $id" "to end" "pends for ever"
    done
}

run_chain()
{
    submit_chain "$@"
    wait_for_chain
}

# How the jobs of the chain ended: those of an array are one word where they agree.
outcomes()
{
    local id

    for id in "${ids[@]}"; do
        slurm_outcome "$id" | tr ' ' '\n' | paste - - | sort -u | cut -f1 | paste -sd+
    done | paste -sd' '
}

datasets_differ() # ONE OTHER: names of datasets that are not the same bytes
{
    /usr/bin/python3 -B - "$source/tests/support" "$@" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from scoreline_test import GROUPS, datasets
groups = [group for group in GROUPS if group != "drift"]
one, other = (datasets(path, groups) for path in sys.argv[2:])
print(" ".join(sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))))
END
}

demo=(4 jobs/wta-seed.json jobs/demo/wta-seed.h5 --set data.root=jobs/demo/data)
chain=jobs/demo/wta-seed.chain

run_chain
expect "it ends well" "COMPLETED COMPLETED COMPLETED" "$(outcomes)"
expect "the datasets of one run" "" "$(datasets_differ whole.h5 jobs/demo/wta-seed.h5)"
expect "a piece of each task" 4 "$(ls $chain/piece-?-of-4.h5 | wc -l)"
expect "it says how to watch" "squeue -j ${ids[0]},${ids[1]},${ids[2]}" "$(sed -n 's/^watch *//p' <<<"$said")"

before=$(stat -c '%n %i %Y' $chain/*.h5 $chain/model.json jobs/demo/wta-seed.h5)
run_chain
expect "again: it ends well" "COMPLETED COMPLETED COMPLETED" "$(outcomes)"
expect "again: nothing is written" "$before" "$(stat -c '%n %i %Y' $chain/*.h5 $chain/model.json jobs/demo/wta-seed.h5)"

# --- several nodes, mpirun ------------------------------------------------------------------------

for launch in "srun --mpi=pmix" mpirun; do
    what="tasks on $nodes nodes each, $launch"
    sed "s/--ntasks=2/--ntasks=$nodes --nodes=$nodes/" "$source/jobs/chain.sh" >edited.sh
    chmod +x edited.sh
    rm -rf jobs/demo/wide*
    export SCORELINE_LAUNCH=$launch
    script=./edited.sh run_chain 2 jobs/wta-seed.json "jobs/demo/wide out.h5" --set data.root=jobs/demo/data
    unset SCORELINE_LAUNCH
    expect "$what" "COMPLETED COMPLETED COMPLETED" "$(outcomes)"
    expect "$what, datasets" "" "$(datasets_differ whole.h5 "jobs/demo/wide out.h5")"
done

# --- stages that fail -----------------------------------------------------------------------------

# Training: the label is wrong, so that nothing behind it may start.
run_chain 3 jobs/wta-seed.json failed.h5 --set data.root=jobs/demo/data --set 'label=no_such_column > 0'
expect "training fails" "FAILED CANCELLED CANCELLED" "$(outcomes)"
expect "training fails with the program's exit code" "4:0" "$(slurm_outcome "${ids[0]}" | cut -d' ' -f2)"
expect "training fails: no piece, no output" "" "$(ls failed.chain/*.h5 failed.h5 2>/dev/null || true)"

# One task of the array: its file is not there; then it is, and the same chain goes on.
rm -rf jobs/demo/wta-seed.*
mv jobs/demo/data/wta_matches_2000.csv hidden.csv
sed 's/winner_rank_points/no_such_column/' hidden.csv >jobs/demo/data/wta_matches_2000.csv
run_chain "${demo[@]}"
expect "a task fails" "COMPLETED COMPLETED+FAILED CANCELLED" "$(outcomes)"
expect "a task fails: no output" "" "$(ls jobs/demo/wta-seed.h5 2>/dev/null || true)"
expect "a task fails: the queue is empty" "" "$(squeue -h)"
expect "a task fails: the log says why" 1 "$(cat $chain/score-*.log | grep -c "no column 'winner_rank_points'")"
pieces=$(ls $chain/piece-*)
mv hidden.csv jobs/demo/data/wta_matches_2000.csv
run_chain "${demo[@]}"
expect "the same chain goes on" "COMPLETED COMPLETED COMPLETED" "$(outcomes)"
expect "the same chain goes on: datasets" "" "$(datasets_differ whole.h5 jobs/demo/wta-seed.h5)"
expect "three pieces were there" 3 "$(wc -l <<<"$pieces")"

# --- cancel -------------------------------------------------------------------------------------

slurm_slow_program "$work/build/bin/slow" "$program" "$slow_reads"
export SCORELINE=build/bin/slow
submit_chain 2 jobs/wta-seed.json cancelled.h5 --set data.root=jobs/demo/data
unset SCORELINE
for _ in $(seq 100); do
    [ "$(squeue -h -j "${ids[0]}" -o %T)" = RUNNING ] && break
    sleep 0.1
done
scancel "${ids[0]}"
wait_for_chain
expect "training is cancelled" "CANCELLED CANCELLED CANCELLED" "$(outcomes | tr '+' ' ')"

# --- what cannot be submitted ---------------------------------------------------------------------

expect "usage" 2 "$("$source/jobs/chain.sh" jobs/wta-seed.json 2>/dev/null; echo $?)"
sed 's/^combine_wants=.*/combine_wants=(--partition=none)/' "$source/jobs/chain.sh" >edited.sh
expect "half a chain is taken back" "1 " "$(./edited.sh "${demo[@]}" >/dev/null 2>&1; echo "$? $(sleep 1; squeue -h -t PENDING)")"

[ "$n_failed" = 0 ] || tail -n 5 jobs/demo/*.chain/*.log ./*.chain/*.log
expect_end
