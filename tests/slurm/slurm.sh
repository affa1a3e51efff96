# shellcheck shell=bash
# A throw-away Slurm on the loopback interface: munged, slurmctld and one slurmd of four pretended
# cores, without systemd, cgroups or root.  To be sourced; everything lives in a directory given.
#
#   slurm_up DIR      start it and export SLURM_CONF; fails if no node becomes idle
#   slurm_down DIR    stop just what slurm_up started, by its pid files

export PATH=$PATH:/usr/sbin:/sbin

slurm_installed()
{
    local tool

    for tool in munged slurmctld slurmd sbatch srun scontrol sinfo; do
        command -v "$tool" >/dev/null || return 1
    done
}

# A port P such that P and P + 1 are nobody's; several test runs may share a machine.
slurm_free_port()
{
    local port tries

    for tries in $(seq 50); do
        port=$((20000 + (RANDOM * tries + $$) % 30000))
        if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null &&
            ! (: <"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null; then
            echo "$port"
            return 0
        fi
    done
    return 1
}

slurm_write_conf()
{
    local dir=$1 port=$2 host user

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
AuthInfo=socket=$dir/munge.sock
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
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
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=4 Sockets=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=1000 State=UNKNOWN
PartitionName=batch Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
}

slurm_up()
{
    slurm_start "$1" && return 0
    cat "$1"/*.log >&2 # the daemons say nothing elsewhere
    return 1
}

slurm_start()
{
    local dir=$1 port

    port=$(slurm_free_port) || return 1
    mkdir -p "$dir/state" "$dir/spool"
    chmod 755 "$dir" # munged insists
    (umask 077 && head -c 128 /dev/urandom >"$dir/munge.key")
    munged --key-file="$dir/munge.key" --socket="$dir/munge.sock" --num-threads=2 \
        --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" ||
        return 1
    slurm_write_conf "$dir" "$port"
    export SLURM_CONF=$dir/slurm.conf
    slurmctld -c -f "$SLURM_CONF" || return 1
    slurmd -N n1 -f "$SLURM_CONF" || return 1
    for _ in $(seq 100); do
        [ "$(sinfo -h -N -o %t 2>/dev/null)" = idle ] && return 0
        sleep 0.1
    done
    return 1
}

slurm_down()
{
    local file

    scancel --state=RUNNING,PENDING 2>/dev/null || true
    for file in "$1"/slurmd.pid "$1"/slurmctld.pid "$1"/munged.pid; do
        [ -s "$file" ] || continue
        kill "$(cat "$file")" 2>/dev/null || continue
        for _ in $(seq 50); do # they write to the directory until they are gone
            [ -e "$file" ] || break
            sleep 0.1
        done
    done
}
