#!/bin/bash
# jobs/run.sbatch under a real Slurm, on one node and on two, through srun and through mpirun: it ends
# with 0 and a complete output, a broken job's exit code becomes the Slurm job's, one that is cancelled
# leaves nothing behind, and one that loses a node is started again.
#   test_sbatch.sh PROGRAM SOURCE_DIR WORK_DIR SLOW_READS; exits with 77 where Slurm is not installed
set -euo pipefail
program=$1 source=$2 work=$3 slow_reads=$4
. "$source/tests/support/expect.sh"
. "$source/tests/slurm/slurm.sh"
slurm_or_skip
slurm_workplace "$program" "$source" "$work"
build/bin/scoreline generate --years 2000..2016 --rows 200 -o jobs/demo/data

nodes=1
if slurm_may_have_nodes; then nodes=2; else echo "left out: only root can pretend several nodes"; fi
# A short path for the daemons: a socket's may have 107 characters.
slurm=$(mktemp -d)
trap 'slurm_down "$slurm"; rm -rf "$slurm"' EXIT
slurm_up "$slurm" "$nodes" "$work" "$source" "$(dirname "$program")" "$(dirname "$slow_reads")"

# Submit the script as it ships and wait; prints how it ended.
run_job() # ARGUMENTS OF sbatch
{
    local id

    id=$(sbatch --parsable "$@")
    slurm_wait "$id"
    slurm_outcome "$id"
}

# The output is whole: `complete` is 1, and its rows are those of the data.
described()
{
    /usr/bin/python3 - "$1" <<'END'
import sys, h5py
with h5py.File(sys.argv[1]) as file:
    print(int(file.attrs["complete"]), len(file["predictions/probability"]))
END
}

output=jobs/demo/wta-seed.h5
for n in $(seq "$nodes"); do
    for launch in "" "srun --mpi=pmix" mpirun; do
        what="$n nodes, ${launch:-as the site has it}"
        rm -f "$output"
        expect "$what" "COMPLETED 0:0" \
            "$(SCORELINE_LAUNCH=$launch run_job --nodes="$n" --ntasks-per-node=$((4 / n)) "$source/jobs/run.sbatch")"
        expect "$what, output" "1 3400" "$(described "$output")"
    done
done
expect "its own options" "COMPLETED 0:0" \
    "$(run_job "$source/jobs/run.sbatch" jobs/wta-seed.json --set data.root=jobs/demo/data --only year=2003 -o "a b.h5")"
expect "its own options, output" "1 200" "$(described "a b.h5")"

# Where ranks ran is told by -v, by the summary and by /profile, all in the same words.
told() # LOG SUMMARY OUTPUT
{
    /usr/bin/python3 - "$@" <<'END'
import json, re, sys, h5py
log, summary = open(sys.argv[1]).read(), json.load(open(sys.argv[2]))
with h5py.File(sys.argv[3]) as file:
    hosts = list(file["profile/host"].asstr()[()])
placed = re.findall(r"^scoreline: ranks? [\d-]+ on (\S+): cores allowed", log, re.M)
slowest = summary["slowest_rank"]
assert set(placed) == set(hosts), (placed, hosts)
assert hosts[slowest["rank"]] == slowest["host"], (slowest, hosts)
assert f"slowest rank       {slowest['rank']} on {slowest['host']}: " in log, log
print(len(set(hosts)), summary["ranks"], summary["exit_code"], summary["rows"])
END
}

for launch in "srun --mpi=pmix" mpirun; do
    expect "placement, $launch" "COMPLETED 0:0" "$(SCORELINE_LAUNCH=$launch run_job --nodes="$nodes" \
        --ntasks-per-node=$((4 / nodes)) --output=placed.log "$source/jobs/run.sbatch" jobs/wta-seed.json \
        --set data.root=jobs/demo/data -v --summary placed.json --if-exists replace -o placed.h5)"
    expect "placement is told, $launch" "$nodes 4 0 3400" "$(told placed.log placed.json placed.h5)"
done

# A second job must not touch what is there when it fails.
echo '{ "name": "broken" ' >jobs/broken.json
cp "$output" before.h5
for n in $(seq "$nodes"); do
    for launch in "srun --mpi=pmix" mpirun; do
        expect "$n nodes, $launch, broken job" "FAILED 3:0" \
            "$(SCORELINE_LAUNCH=$launch run_job --nodes="$n" "$source/jobs/run.sbatch" jobs/broken.json -o "$output" \
                --summary broken.sum)"
        expect "$n nodes, $launch, its summary" "  \"exit_code\": 3," "$(grep exit_code broken.sum)"
        rm broken.sum
    done
done
expect "the output of before" "" "$(cmp "$output" before.h5 2>&1)"

slurm_slow_program "$work/build/bin/slow" "$program" "$slow_reads"

# --- cancel -------------------------------------------------------------------------------------

wait_for_ranks() # ID: until they have begun to read
{
    for _ in $(seq 200); do
        grep -q "set for Open MPI" "scoreline-$1.out" 2>/dev/null && break
        sleep 0.1
    done
    sleep 1
}

# A job that takes a minute is cancelled when it has begun to read.
cancelled()
{
    local id

    id=$(SCORELINE=build/bin/slow sbatch --parsable "$@" "$source/jobs/run.sbatch" \
        jobs/wta-seed.json --set data.root=jobs/demo/data -v -o "$work/cancelled.h5")
    wait_for_ranks "$id"
    scancel "$id"
    slurm_wait "$id"
    slurm_outcome "$id" | cut -d' ' -f1
}

for n in $(seq "$nodes"); do
    for launch in "srun --mpi=pmix" mpirun; do
        expect "$n nodes, $launch, cancelled" CANCELLED "$(SCORELINE_LAUNCH=$launch cancelled --nodes="$n")"
        expect "$n nodes, $launch, no output" "" "$(ls -d cancelled.h5 2>/dev/null || true)"
        for _ in $(seq 50); do
            left=$(pgrep -f "scoreline run.*-o $work/cancelled.h5" || true)
            [ -n "$left" ] || break
            sleep 0.1
        done
        expect "$n nodes, $launch, no rank lives on" "" "$left"
    done
done

# --- a node that goes down ------------------------------------------------------------------------

# Slurm starts the job again, which is quick then, when the node is back.
cat >build/bin/slow_at_first <<END
#!/bin/sh
[ -z "\${SLURM_RESTART_COUNT:-}" ] || exec '$program' "\$@"
exec '$work/build/bin/slow' "\$@"
END
chmod +x build/bin/slow_at_first

node_lost()
{
    local id

    id=$(SCORELINE=build/bin/slow_at_first sbatch --parsable --requeue --open-mode=append --nodes=2 \
        "$source/jobs/run.sbatch" jobs/wta-seed.json --set data.root=jobs/demo/data -v -o lost.h5)
    wait_for_ranks "$id"
    scontrol update nodename=n2 state=down reason=test
    sleep 1
    scontrol update nodename=n2 state=resume 2>/dev/null || true # or it is back by itself
    slurm_wait "$id"
    scontrol show job "$id" | sed -n 's/.*\(Restarts=[0-9]*\).*/\1/p'
    slurm_outcome "$id"
}

if [ "$nodes" = 2 ]; then
    for launch in "srun --mpi=pmix" mpirun; do
        rm -f lost.h5
        expect "$launch, a node is lost" "Restarts=1
COMPLETED 0:0" "$(SCORELINE_LAUNCH=$launch node_lost)"
        expect "$launch, a node is lost, output" "1 3400" "$(described lost.h5)"
    done
fi

[ "$n_failed" = 0 ] || tail -n 20 scoreline-*.out
expect_end
