# shellcheck shell=bash
# A throw-away Slurm on the loopback interface: munged, slurmctld and a slurmd of four pretended cores
# for each node, without systemd and cgroups; of one node without root, too.  To be sourced;
# everything lives in a directory given.
#
#   slurm_or_skip           end the test with 77, and say why, where there is no Slurm
#   slurm_up DIR NODES SHARED...   start it and export SLURM_CONF; fails if not all nodes become idle;
#                           of what lies below /tmp, nodes share the directories named
#   slurm_down DIR          stop just what slurm_up started, by its pid files
#   slurm_wait ID           until the job (all of an array) has left the queue
#   slurm_slow_program TO PROGRAM SLOW_READS   a program that a test can meet at its work
#   slurm_outcome ID        "STATE CODE:SIGNAL" of a job, as Slurm tells it

export PATH=$PATH:/usr/sbin:/sbin

slurm_installed()
{
    local tool

    for tool in munged slurmctld slurmd sbatch srun scontrol sinfo; do
        command -v "$tool" >/dev/null || return 1
    done
}

# A folder as a user has one, with the program built and a job, to work in.
slurm_workplace() # PROGRAM SOURCE_DIR WORK_DIR
{
    rm -rf "$3"
    mkdir -p "$3/build/bin" "$3/jobs"
    ln -s "$1" "$3/build/bin/scoreline"
    cp "$2/jobs/wta-seed.json" "$3/jobs/"
    cd "$3"
}

slurm_or_skip()
{
    if ! slurm_installed; then
        echo "skipped: Slurm is not installed (Debian: slurm-wlm munge libpmix2)"
        exit 77
    fi
    if ! grep -q ' /sys/fs/cgroup' /proc/mounts; then
        echo "skipped: slurmd does not start without a file system on /sys/fs/cgroup"
        exit 77
    fi
}

# Several nodes on one host each want a /tmp, a /dev/shm and a name of their own.
slurm_may_have_nodes()
{
    unshare --mount --uts true 2>/dev/null
}

# A port P such that P to P + 2 are nobody's; several test runs may share a machine.  Below those
# that the system gives to whoever connects, which come and go.
slurm_free_port()
{
    local port tries

    for tries in $(seq 50); do
        port=$((20000 + (RANDOM * tries + $$) % 12000))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
        (: <"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null && continue
        (: <"/dev/tcp/127.0.0.1/$((port + 2))") 2>/dev/null && continue
        echo "$port"
        return 0
    done
    return 1
}

slurm_write_conf() # DIR PORT NODES
{
    local dir=$1 port=$2 nodes=$3 host user

    host=$(hostname -s)
    user=$(id -un)
    cat >"$dir/slurm.conf" <<END
ClusterName=throwaway
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$dir/munge.sock,cred_expire=5
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=pmix
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0,defer_batch=0
MinJobAge=300
KillWait=2
CommunicationParameters=NoAddrCache
NodeName=n[1-$nodes] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + nodes))] CPUs=4 Sockets=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=1000 State=UNKNOWN
PartitionName=batch Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
}

# A slurmd in a world of its own, which shares directories below /tmp only as far as they are named.
slurm_start_node() # DIR NAME SHARED...
{
    mkdir -p "$1/spool/$2" "$1/tmp/$2"
    unshare --mount --uts --propagation private bash -ec '
        dir=$1 name=$2 inside=$1/tmp/$2
        shift 2
        mount -t tmpfs -o size=1g tmpfs /dev/shm
        for shared in "$dir" "$@"; do
            case $shared in /tmp/*)
                mkdir -p "$inside/${shared#/tmp/}"
                mount --rbind "$shared" "$inside/${shared#/tmp/}"
            esac
        done
        mount --rbind "$inside" /tmp
        hostname "$name"
        exec slurmd -N "$name" -f "$SLURM_CONF"' _ "$@"
}

slurm_up() # DIR NODES SHARED...
{
    local dir=$1 attempt

    mkdir -p "$dir"
    chmod 755 "$dir" # munged insists
    (umask 077 && head -c 128 /dev/urandom >"$dir/munge.key")
    munged --key-file="$dir/munge.key" --socket="$dir/munge.sock" --num-threads=2 \
        --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" ||
        return 1
    export SLURM_CONF=$dir/slurm.conf
    # Nodes that are one host reach each other by its loopback interface alone.
    export OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
    for attempt in 1 2 3; do # a port may be taken after it was found free
        slurm_start "$@" && return 0
        echo "attempt $attempt to start Slurm failed" >&2
        slurm_stop "$dir"/slurmd.*.pid "$dir/slurmctld.pid"
    done
    cat "$dir"/*.log >&2 # the daemons say nothing elsewhere
    return 1
}

slurm_start()
{
    local dir=$1 nodes=$2 port node

    shift 2
    port=$(slurm_free_port) || return 1
    rm -rf "$dir/state"
    mkdir -p "$dir/state" "$dir/spool/n1"
    slurm_write_conf "$dir" "$port" "$nodes"
    slurmctld -c -f "$SLURM_CONF" || return 1
    if [ "$nodes" = 1 ]; then
        slurmd -N n1 -f "$SLURM_CONF" || return 1
    fi
    for node in $([ "$nodes" = 1 ] || seq "$nodes"); do
        slurm_start_node "$dir" "n$node" "$@" || return 1
    done
    for _ in $(seq 300); do
        slurm_is_gone "$dir/slurmctld.pid" && return 1 # to ask it would take long
        [ "$(sinfo -h -N -o %t 2>/dev/null | grep -c '^idle$')" = "$nodes" ] && return 0
        sleep 0.1
    done
    return 1
}

slurm_is_gone() # PID FILE
{
    [ -s "$1" ] && ! kill -0 "$(cat "$1")" 2>/dev/null
}

slurm_stop() # PID FILES
{
    local file

    for file in "$@"; do
        [ -s "$file" ] || continue
        kill "$(cat "$file")" 2>/dev/null || continue
        for _ in $(seq 50); do # they write to the directory until they are gone
            [ -e "$file" ] || break
            sleep 0.1
        done
    done
}

slurm_down()
{
    scancel --state=RUNNING,PENDING 2>/dev/null || true
    for _ in $(seq 100); do # what runs a job outlives the daemons that would have ended it
        [ -n "$(squeue -h 2>/dev/null)" ] || break
        sleep 0.1
    done
    slurm_stop "$1"/slurmd.*.pid "$1"/slurmctld.pid "$1"/munged.pid
}

slurm_wait()
{
    local left

    for _ in $(seq 1200); do
        # a controller too busy to answer has not said that the job is gone
        left=$(squeue -h -j "$1" 2>/dev/null) && [ -z "$left" ] && return 0
        sleep 0.1
    done
    echo "job $1 does not end" >&2
    squeue >&2
    return 1
}

slurm_outcome()
{
    scontrol show job "$1" |
        sed -n 's/.*JobState=\([A-Z]*\).*/\1/p; s/.* ExitCode=\([0-9:]*\).*/\1/p' | paste -sd' '
}

# A scoreline that takes two seconds for each read.
slurm_slow_program() # TO PROGRAM SLOW_READS
{
    cat >"$1" <<END
#!/bin/sh
export LD_PRELOAD='${SCORELINE_TEST_PRELOAD:+$SCORELINE_TEST_PRELOAD:}$3' SLOW_READS_MS=2000
exec '$2' "\$@"
END
    chmod +x "$1"
}
