#!/bin/bash
# jobs/requeue.sbatch under a real Slurm, on one node and on two, through srun and through mpirun:
# warned, preempted, out of time or bereft of a node, the job comes back by itself, goes on with what was
# done, and ends with the datasets of a run that nobody disturbed; cancelled, it does not come back.
#   test_requeue.sh PROGRAM SOURCE_DIR WORK_DIR SLOW_READS; exits with 77 where Slurm is not installed
set -euo pipefail
program=$1 source=$2 work=$3 slow_reads=$4
. "$source/tests/support/expect.sh"
. "$source/tests/slurm/slurm.sh"
slurm_or_skip
slurm_workplace "$program" "$source" "$work"
build/bin/scoreline generate --years 2013..2016 --rows 300 -o jobs/demo/data
job=(jobs/wta-seed.json --set data.root=jobs/demo/data --set data.partitions.year=2013..2016
    --set score.chunk_bytes=2000 --set output.journal_after=0)
build/bin/scoreline run "${job[@]}" -q -o undisturbed.h5

nodes=1
if slurm_may_have_nodes; then nodes=2; else echo "left out: only root can pretend several nodes"; fi
slurm=$(mktemp -d)
trap 'slurm_down "$slurm"; rm -rf "$slurm"' EXIT
slurm_up "$slurm" "$nodes" "$work" "$source" "$(dirname "$program")" "$(dirname "$slow_reads")"

# Slow at the first start, so that there is time to disturb it; quick from the second on.
slurm_slow_program "$work/build/bin/slow" "$program" "$slow_reads"
sed -i 's/SLOW_READS_MS=2000/SLOW_READS_MS=300/' build/bin/slow
cat >build/bin/slow_at_first <<END
#!/bin/sh
[ -z "\${SLURM_RESTART_COUNT:-}" ] || exec '$program' "\$@"
exec '$work/build/bin/slow' "\$@"
END
chmod +x build/bin/slow_at_first

out=$work/out.h5 id=

submit() # ARGUMENTS OF sbatch; the job's id is in id then
{
    rm -rf "$out" "$out.parts" summary.json
    id=$(SCORELINE=${program_of_job:-build/bin/slow_at_first} sbatch --parsable "$@" \
        "$source/jobs/requeue.sbatch" "${job[@]}" --summary "$work/summary.json" -o "$out")
}

wait_for_chunks() # until some are on the disk
{
    for _ in $(seq 600); do
        [ -z "$(find "$out.parts" -name '*.journal' -size +0 2>/dev/null)" ] || break
        sleep 0.1
    done
    sleep 1
}

# How it ended: restarts, Slurm's outcome, whether anything was taken up, datasets that differ.
told()
{
    slurm_wait "$id"
    echo "$(scontrol show job "$id" | sed -n 's/.*\(Restarts=[0-9]*\).*/\1/p') $(slurm_outcome "$id")"
    /usr/bin/python3 -B - "$source/tests/support" "$out" <<'END'
import json, os, sys
sys.path.insert(0, sys.argv[1])
from scoreline_test import differences
summary = json.load(open("summary.json"))
print("resumed" if summary["chunks_resumed"] > 0 else "nothing resumed", differences("undisturbed.h5", sys.argv[2]),
      "parts left" if os.path.exists(sys.argv[2] + ".parts") else "")
END
}
well="Restarts=1 COMPLETED 0:0
resumed [] "

long=${SCORELINE_TEST_LONG:-} # all of it takes five minutes: each launcher on each number of nodes
[ -n "$long" ] || echo "SCORELINE_TEST_LONG is not set: one node by mpirun, two lost, no real time limit"

for n in $(seq "$nodes"); do
    for launch in "srun --mpi=pmix" mpirun; do
        [ -n "$long" ] || [ "$n $launch" = "1 mpirun" ] || continue
        export SCORELINE_LAUNCH=$launch
        ask=(--nodes="$n" --ntasks-per-node=$((4 / n)))
        what="$n nodes, $launch"

        submit "${ask[@]}"
        wait_for_chunks
        scancel --batch --signal=USR1 "$id" # what --signal=B:USR1@120 sends
        expect "$what, warned" "$well" "$(told)"
        expect "$what, warned, log" "back to the queue, to go on there" \
            "$(sed -n 's/^requeue.sbatch: //p' "scoreline-$id.out")"
        inode=$(stat -c '%i %Y' "$out")
        id=$(sbatch --parsable "${ask[@]}" "$source/jobs/requeue.sbatch" "${job[@]}" -o "$out")
        slurm_wait "$id"
        expect "$what, again after success" "COMPLETED 0:0 $inode" \
            "$(slurm_outcome "$id") $(stat -c '%i %Y' "$out")"

        submit "${ask[@]}"
        wait_for_chunks
        scontrol requeue "$id" # what preemption does with PreemptMode=REQUEUE
        expect "$what, preempted" "$well" "$(told)"

        submit "${ask[@]}"
        wait_for_chunks
        scancel "$id"
        slurm_wait "$id"
        expect "$what, cancelled" "CANCELLED no output" \
            "$(slurm_outcome "$id" | cut -d' ' -f1) $([ -e "$out" ] || echo no output)"
        sleep 8 # it would be back
        expect "$what, cancelled for good" "" "$(squeue -h)"
    done
done

# --- a node goes down ----------------------------------------------------------------------------

if [ "$nodes" = 2 ]; then
    for launch in "srun --mpi=pmix" ${long:+mpirun}; do
        export SCORELINE_LAUNCH=$launch
        submit --nodes=2 --ntasks-per-node=2
        wait_for_chunks
        scontrol update nodename=n2 state=down reason=test
        sleep 1
        scontrol update nodename=n2 state=resume 2>/dev/null || true # or it is back by itself
        expect "a node is lost, $launch" "$well" "$(told)"
    done
fi
unset SCORELINE_LAUNCH

# --- the limit itself ----------------------------------------------------------------------------

# Slurm's own warning, which comes up to a minute early: perhaps before anything is done.
if [ -n "$long" ]; then
    submit --time=1 --signal=B:USR1@30
    expect "a time limit too short" "${well//nothing /}" "$(told | sed 's/nothing resumed/resumed/')"
fi

# It does not go round for ever.
program_of_job=build/bin/slow
export SCORELINE_RESTARTS=0
submit
wait_for_chunks
scancel --batch --signal=USR1 "$id"
slurm_wait "$id"
expect "started often enough" "FAILED 75:0" "$(slurm_outcome "$id")"
expect "started often enough, log" 1 "$(grep -c "started again 0 times" "scoreline-$id.out")"
unset SCORELINE_RESTARTS program_of_job

# --- faults ---------------------------------------------------------------------------------------

echo '{ "name": "broken" ' >jobs/broken.json
id=$(sbatch --parsable "$source/jobs/requeue.sbatch" jobs/broken.json -o broken.h5)
slurm_wait "$id"
expect "a broken job is not started again" "FAILED 3:0" "$(slurm_outcome "$id")"

[ "$n_failed" = 0 ] || tail -n 20 scoreline-*.out
expect_end
