#!/bin/bash
# jobs/run.sbatch under a real Slurm: it ends with 0 and a complete output, through srun and through
# mpirun, and a broken job's exit code becomes the Slurm job's.
#   test_sbatch.sh PROGRAM SOURCE_DIR WORK_DIR; exits with 77 where Slurm is not installed
set -euo pipefail
program=$1 source=$2 work=$3
. "$source/tests/slurm/slurm.sh"

if ! slurm_installed; then
    echo "skipped: Slurm is not installed (Debian: slurm-wlm munge libpmix2)"
    exit 77
fi
if ! grep -q ' /sys/fs/cgroup' /proc/mounts; then
    echo "skipped: slurmd does not start without a file system on /sys/fs/cgroup"
    exit 77
fi

rm -rf "$work"
mkdir -p "$work/build/bin" "$work/jobs"
ln -s "$program" "$work/build/bin/scoreline"
cp "$source/jobs/wta-seed.json" "$work/jobs/"
cd "$work"
build/bin/scoreline generate --years 2000..2016 --rows 200 -o jobs/demo/data

# A short path for the daemons: a socket's may have 107 characters.
slurm=$(mktemp -d)
trap 'slurm_down "$slurm"; rm -rf "$slurm"' EXIT
slurm_up "$slurm"

# Submit the script as it ships and wait; prints "STATE CODE:SIGNAL" as Slurm tells it.
run_job()
{
    local id

    id=$(sbatch --parsable "$source/jobs/run.sbatch")
    for _ in $(seq 600); do
        [ -n "$(squeue -h -j "$id" 2>/dev/null)" ] || break
        sleep 0.1
    done
    scontrol show job "$id" | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p; s/.* ExitCode=\([0-9:]*\).*/\1/p' | paste -sd' '
}

n_failed=0
n_passed=0
expect() # WHAT EXPECTED FOUND
{
    if [ "$2" = "$3" ]; then
        n_passed=$((n_passed + 1))
    else
        n_failed=$((n_failed + 1))
        echo "$1: expected '$2', found '$3'"
        tail -n 20 scoreline-*.out
    fi
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
for launch in "srun --mpi=pmix" mpirun; do
    rm -f "$output"
    expect "$launch" "COMPLETED 0:0" "$(SCORELINE_LAUNCH=$launch run_job)"
    expect "$launch, output" "1 3400" "$(described "$output")"
done

# A second job must not touch what is there when it fails.
echo '{ "name": "broken" ' >jobs/wta-seed.json
cp "$output" before.h5
for launch in "srun --mpi=pmix" mpirun; do
    expect "$launch, broken job" "FAILED 3:0" "$(SCORELINE_LAUNCH=$launch run_job)"
done
cmp "$output" before.h5 || n_failed=$((n_failed + 1))

echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
