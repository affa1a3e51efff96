#!/bin/bash
# The tutorial's workflow as Slurm jobs: train once -> an array in which each task scores its share of
# the data -> combine the pieces.  Each stage waits until the one before it has succeeded; where one
# fails, those behind it are cancelled.  At the top of the project, after jobs/demo.sh has built it
# and made the data:
#   jobs/chain.sh                               the demo job in four tasks
#   jobs/chain.sh TASKS JOB OUT.h5 [OPTIONS]    any other; options that train and score both know (--set)
# Model, pieces and logs are left in OUT.chain.  The same chain again does what is missing there: after
# a failure it goes on, after success it does nothing.
# SCORELINE and SCORELINE_LAUNCH name the program and what starts its ranks, as in run.sbatch.
set -euo pipefail

# To be edited: what each stage asks of Slurm, and --only for a part of the data.
train_wants=(--ntasks=1 --time=00:10:00)
score_wants=(--ntasks=2 --time=00:10:00)
combine_wants=(--ntasks=2 --time=00:10:00)
score_only=()

# --- in a job of Slurm: one stage ---------------------------------------------------------------

launch()
{
    local program=${SCORELINE:-} launcher=${SCORELINE_LAUNCH:-}

    if [ -z "$program" ]; then
        program=scoreline
        [ ! -x build/bin/scoreline ] || program=build/bin/scoreline
    fi
    if [ -z "$launcher" ]; then
        launcher=mpirun
        if srun --mpi=list 2>&1 | grep -qw pmix; then
            launcher="srun --mpi=pmix"
        fi
    fi
    # shellcheck disable=SC2086 # the launcher's own words
    exec $launcher "$program" "$@"
}

run_stage() # STAGE TASKS JOB OUT.h5 [OPTIONS]
{
    local stage=$1 tasks=$2 job=$3 output=$4 dir=${4%.h5}.chain pieces=() i

    shift 4
    for i in $(seq "$tasks"); do
        pieces+=("$dir/piece-$i-of-$tasks.h5")
    done
    case $stage in
    train) launch train "$job" "$@" -o "$dir/model.json" ;;
    score) launch score "$job" "$@" "${score_only[@]}" --model "$dir/model.json" --shard auto \
        -o "${pieces[SLURM_ARRAY_TASK_ID - 1]}" ;;
    combine) launch combine "${pieces[@]}" -o "$output" ;;
    esac
}

# --- where it is submitted ----------------------------------------------------------------------

submit() # STAGE ARGUMENTS OF sbatch; prints the job's id
{
    local stage=$1

    shift
    sbatch --parsable --job-name="scoreline-$stage" --kill-on-invalid-dep=yes "$@" \
        "${BASH_SOURCE[0]}" --stage "$stage" "${chain[@]}" | cut -d';' -f1
}

submit_chain()
{
    local dir=${chain[2]%.h5}.chain
    local train='' score='' combine

    mkdir -p "$dir"
    trap '[ -z "$train$score" ] || scancel $train $score' ERR # half a chain is no use
    train=$(submit train --output="$dir/train-%j.log" "${train_wants[@]}")
    score=$(submit score --output="$dir/score-%A-%a.log" --array="1-${chain[0]}" \
        --dependency="afterok:$train" "${score_wants[@]}")
    combine=$(submit combine --output="$dir/combine-%j.log" --dependency="afterok:$score" \
        "${combine_wants[@]}")
    cat <<END
train    job $train
score    job $score, ${chain[0]} tasks
combine  job $combine, writes ${chain[2]}

watch    squeue -j $train,$score,$combine
logs     $dir/
stop     scancel $train $score $combine
END
}

if [ "${1:-}" = --stage ]; then
    shift
    run_stage "$@"
fi
chain=("$@")
if [ $# = 0 ]; then
    chain=(4 jobs/wta-seed.json jobs/demo/wta-seed.h5 --set data.root=jobs/demo/data)
elif [ $# -lt 3 ] || ! [ "$1" -ge 1 ] 2>/dev/null; then
    echo "usage: $0 [TASKS JOB OUT.h5 [OPTIONS]]" >&2
    exit 2
fi
submit_chain
