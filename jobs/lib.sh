# shellcheck shell=bash
# What jobs/demo.sh and tests/run.sh share: find the tools and libraries, install what is missing
# where that is allowed, build, and settle Open MPI.  To be sourced from the top of the project.
#
#   sl_need build [tests] [checks] [slurm]    find all of it or stop with 2; sets MPICC, MPIRUN, H5PCC
#   sl_build DIR [CMAKE OPTIONS]     configure and compile, and say what was taken; SL_TARGETS: no more than these

PYTHON=/usr/bin/python3 # Debian's, which has Debian's h5py; never a conda's or a pyenv's
SYSTEM_DIRS=/usr/bin:/bin:/usr/sbin:/sbin

# What is needed: probe, then its packages for apt, dnf and Spack ("-": none; "+" joins several).
sl_packages()
{
    case $1 in
    build) cat <<'END' ;;
compiler  gcc+libc6-dev                gcc                   gcc
make      make                         make                  gmake
cmake     cmake                        cmake                 cmake
pkgconfig pkg-config                   pkgconf-pkg-config    pkgconf
mpi       libopenmpi-dev+openmpi-bin   openmpi-devel         openmpi
hdf5      libhdf5-openmpi-dev          hdf5-openmpi-devel    hdf5+mpi
zlib      zlib1g-dev                   zlib-devel            zlib
openblas  libopenblas-dev              openblas-devel        openblas
libcjson  libcjson-dev                 cjson-devel           cjson
END
    tests) cat <<'END' ;;
cmocka    libcmocka-dev                libcmocka-devel       cmocka
python3   python3                      python3               python
h5py      python3-h5py                 python3-h5py          py-h5py
sklearn   python3-sklearn              python3-scikit-learn  py-scikit-learn
pandas    python3-pandas               python3-pandas        py-pandas
xarray    python3-xarray               python3-xarray        py-xarray
h5netcdf  python3-h5netcdf             python3-h5netcdf      py-h5netcdf
jsonschema python3-jsonschema          python3-jsonschema    py-jsonschema
ncdump    netcdf-bin                   netcdf                netcdf-c
h5dump    hdf5-tools                   hdf5                  hdf5+mpi
END
    checks) cat <<'END' ;;
cppcheck  cppcheck                     cppcheck              cppcheck
clang-tidy clang-tidy                  clang-tools-extra     llvm
valgrind  valgrind+libc6-dbg           valgrind              valgrind
END
    slurm) cat <<'END' ;;
slurm     slurm-wlm+munge+libpmix2     slurm-slurmctld+slurm-slurmd+munge+pmix  slurm+munge+pmix
END
    esac
}

sl_say()
{
    printf '%s\n' "$*" >&2
}

# --- a clean environment ----------------------------------------------------------------------

# Whether a directory belongs to a conda, a virtual environment or a pyenv.  Their cmake, mpicc and
# libraries are built against each other and break when mixed with a system's.
sl_of_python()
{
    local dir=$1

    case $dir in */.pyenv/* | */pyenv/shims | */pyenv/versions/*) return 0 ;; esac
    while [ -n "$dir" ] && [ "$dir" != / ] && [ "$dir" != . ]; do
        if [ -d "$dir/conda-meta" ] || [ -e "$dir/pyvenv.cfg" ]; then return 0; fi
        dir=$(dirname "$dir")
    done
    return 1
}

# The entries of a list like PATH that are no Python environment's.
sl_without_python()
{
    local entry kept=
    local IFS=:

    for entry in $1; do
        sl_of_python "$entry" || kept=$kept${kept:+:}$entry
    done
    printf '%s' "$kept"
}

sl_leave_python()
{
    local name value kept

    for name in PATH CMAKE_PREFIX_PATH PKG_CONFIG_PATH LD_LIBRARY_PATH LIBRARY_PATH CPATH; do
        value=${!name:-}
        [ -n "$value" ] || continue
        kept=$(sl_without_python "$value")
        [ "$kept" = "$value" ] && continue
        sl_say "leaving the Python environments in $name aside"
        export "$name=$kept"
    done
    # What activating a conda's compilers exports.
    for name in CC CXX CPP AR LD CFLAGS CXXFLAGS CPPFLAGS LDFLAGS OMPI_CC OPAL_PREFIX CMAKE_ARGS; do
        case ${!name:-} in *conda* | *mamba* | "${CONDA_PREFIX:-no such}"*) unset "$name" ;; esac
    done
    unset CONDA_PREFIX VIRTUAL_ENV PYTHONPATH PYTHONHOME
    export PYTHONNOUSERSITE=1
    export PATH=${PATH:+$PATH:}$SYSTEM_DIRS
}

# --- probes: one for each word of sl_packages() ------------------------------------------------

sl_has()
{
    command -v "$1" >/dev/null 2>&1
}

# Compile, link and run a C program from standard input: COMPILER [FLAGS AFTER THE SOURCE].
sl_try_c()
{
    local compiler=$1

    shift
    cat >"$SL_SCRATCH/probe.c"
    "$compiler" "$SL_SCRATCH/probe.c" -o "$SL_SCRATCH/probe" "$@" >/dev/null 2>&1
}

sl_probe_compiler()
{
    sl_try_c "${CC:-cc}" <<<'#include <stdio.h>
int main(void) { return puts("") < 0; }'
}

sl_probe_make()
{
    sl_has make
}

sl_probe_pkgconfig()
{
    sl_has pkg-config || sl_has pkgconf
}

sl_probe_cmake()
{
    local version

    version=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*//p') || return 1
    [ -n "$version" ] && [ "$(printf '3.18\n%s\n' "$version" | sort -V | head -n 1)" = 3.18 ]
}

# "4.1.4" where a command belongs to Open MPI, else nothing.
sl_open_mpi_version()
{
    "$@" 2>/dev/null | sed -n 's/.*(\{0,1\}Open MPI)\{0,1\}[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1
}

# A compiler and a launcher of the same Open MPI: on the PATH, else Debian's names beside an MPICH,
# else where Fedora keeps it from those who load no module.
sl_probe_mpi()
{
    local pair compiler launcher version

    for pair in "mpicc mpirun" "mpicc.openmpi mpirun.openmpi" \
        "/usr/lib64/openmpi/bin/mpicc /usr/lib64/openmpi/bin/mpirun"; do
        compiler=$(command -v "${pair% *}") || continue
        launcher=$(command -v "${pair#* }") || continue
        version=$(sl_open_mpi_version "$compiler" --showme:version)
        if [ -z "$version" ] || [ "$version" != "$(sl_open_mpi_version "$launcher" --version)" ]; then
            sl_say "passed over: $compiler and $launcher are not of one Open MPI"
        elif sl_try_c "$compiler" <<<'#include <mpi.h>
int main(int n, char **v) { return MPI_Init(&n, &v); }'; then
            MPICC=$compiler MPIRUN=$launcher
            return 0
        fi
    done
    return 1
}

# A parallel HDF5 that is linked to the MPI just chosen and to no other.
sl_probe_hdf5()
{
    local wrapper flags

    [ -n "${MPICC:-}" ] || return 1
    for wrapper in ${HDF5_ROOT:+"$HDF5_ROOT/bin/h5pcc"} h5pcc.openmpi h5pcc \
        "$(dirname "$MPICC")/h5pcc"; do
        sl_has "$wrapper" || continue
        # Its first word is the compiler it was made with.
        flags=$("$wrapper" -shlib -show 2>/dev/null | cut -s -d' ' -f2-)
        # shellcheck disable=SC2086 # flags are words
        sl_try_c "$MPICC" $flags <<<'#include <hdf5.h>
#ifndef H5_HAVE_PARALLEL
#error serial
#endif
int main(void) { return H5open() + (int)H5Pset_fapl_mpio(0, MPI_COMM_SELF, MPI_INFO_NULL); }' || continue
        if [ "$(ldd "$SL_SCRATCH/probe" | grep -cE 'libmpi(ch)?\.so')" = 1 ]; then
            H5PCC=$(command -v "$wrapper")
            return 0
        fi
        sl_say "passed over: the HDF5 of $wrapper is built with another MPI than $MPICC"
    done
    return 1
}

# pkg-config as CMake asks it: prefixes of CMAKE_PREFIX_PATH count.
sl_has_pc()
{
    local prefix path=${PKG_CONFIG_PATH:-}
    local IFS=:

    for prefix in ${CMAKE_PREFIX_PATH:-}; do
        path=$path:$prefix/lib/pkgconfig:$prefix/lib64/pkgconfig
    done
    PKG_CONFIG_PATH=$path pkg-config --exists "$1" 2>/dev/null
}

sl_has_module()
{
    "$PYTHON" -c 'import importlib.util, sys
spec = importlib.util.find_spec(sys.argv[1])
sys.exit(spec is None or spec.origin is None)' "$1" 2>/dev/null
}

sl_probe()
{
    case $1 in
    compiler | make | cmake | pkgconfig | mpi | hdf5) "sl_probe_$1" ;;
    zlib | openblas | libcjson | cmocka) sl_has_pc "$1" ;;
    python3) [ -x "$PYTHON" ] ;;
    h5py | sklearn | pandas | xarray | h5netcdf | jsonschema) sl_has_module "$1" ;;
    ncdump | h5dump | cppcheck | clang-tidy | valgrind) sl_has "$1" ;;
    slurm) sl_has slurmctld && sl_has slurmd && sl_has munged && sl_has sbatch && sl_has srun ;;
    esac
}

# The lines of sl_packages() whose probe fails.
sl_find_missing()
{
    local group word packages

    SL_MISSING=
    for group in "$@"; do
        while read -r word packages; do
            sl_probe "$word" || SL_MISSING=$SL_MISSING"$word $packages"$'\n'
        done < <(sl_packages "$group")
    done
}

# --- install ----------------------------------------------------------------------------------

# One column of SL_MISSING as words.
sl_missing_column()
{
    awk -v column="$1" 'NF { print $column }' <<<"$SL_MISSING" | tr '+\n' '  '
}

# How to become root without being asked anything; fails where that cannot be.
sl_as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

sl_install_missing()
{
    local quiet_apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300
        -o Dpkg::Use-Pty=0)
    local packages

    sl_has apt-get && [ -e /etc/debian_version ] || return 1
    sl_as_root true 2>/dev/null || return 1
    read -r -a packages <<<"$(sl_missing_column 2)"
    sl_say "installing: ${packages[*]}"
    sl_as_root "${quiet_apt[@]}" update >&2 || sl_say "apt-get update failed; trying with what it knows"
    sl_as_root "${quiet_apt[@]}" install -y --no-install-recommends "${packages[@]}" >&2 </dev/null
}

sl_list_missing()
{
    local spack

    # "hdf5+mpi" is one word to Spack.
    spack=$(awk 'NF { print $4 }' <<<"$SL_MISSING" | sed 's/+mpi$/=mpi/' | tr '+\n' '  ' | sed 's/=mpi/+mpi/g')
    sl_say "missing: $(sl_missing_column 1)"
    sl_say "  apt:   $(sl_missing_column 2)"
    sl_say "  dnf:   $(sl_missing_column 3)"
    sl_say "  Spack: $spack"
    sl_say "Install these, or load the modules that have them, and run this again.  Open MPI must have"
    sl_say "mpicc and mpirun of one version, and HDF5 must be parallel and built with that Open MPI."
}

sl_need()
{
    sl_leave_python
    SL_SCRATCH=$(mktemp -d)
    trap 'rm -rf "$SL_SCRATCH"' EXIT
    sl_find_missing "$@"
    if [ -n "$SL_MISSING" ] && sl_install_missing; then
        hash -r
        sl_find_missing "$@"
    fi
    if [ -n "$SL_MISSING" ]; then
        sl_list_missing
        exit 2
    fi
    sl_settle_mpi
}

# --- run --------------------------------------------------------------------------------------

# Export a variable unless the user has.
sl_default()
{
    export "$1=${!1-$2}"
}

# Open MPI as a test wants it (names for 4 and 5): root may run it, ranks may outnumber cores and
# then make room for each other, nobody is bound to a core that another job uses as well.
sl_settle_mpi()
{
    local shm_kib

    sl_default OMPI_ALLOW_RUN_AS_ROOT 1
    sl_default OMPI_ALLOW_RUN_AS_ROOT_CONFIRM 1
    sl_default OMPI_MCA_rmaps_base_oversubscribe 1
    sl_default PRTE_MCA_rmaps_default_mapping_policy :oversubscribe
    sl_default OMPI_MCA_hwloc_base_binding_policy none
    sl_default PRTE_MCA_hwloc_default_binding_policy none
    sl_default OMPI_MCA_mpi_yield_when_idle 1
    # Containers forbid ranks to read each other's memory, and give little to share.
    sl_default OMPI_MCA_btl_vader_single_copy_mechanism none
    shm_kib=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    if [ "${shm_kib:-0}" -lt 262144 ]; then
        sl_default OMPI_MCA_btl_vader_backing_directory "${TMPDIR:-/tmp}"
    fi
}

# Drop a configuration that was made somewhere else or with another MPI: CMake would refuse the
# first and mix the second.
sl_drop_stale_cache()
{
    local cache=$1/CMakeCache.txt

    [ -e "$cache" ] || return 0
    if ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$cache" ||
        ! grep -qE "^MPI_C_COMPILER:[A-Z]+=$MPICC\$" "$cache"; then
        rm -rf "$cache" "$1/CMakeFiles"
    fi
}

sl_build()
{
    local dir=$1 log=$1/configure.log

    shift
    mkdir -p "$dir"
    sl_drop_stale_cache "$dir"
    if ! cmake -S . -B "$dir" -DMPI_C_COMPILER="$MPICC" -DMPIEXEC_EXECUTABLE="$MPIRUN" \
        -DHDF5_C_COMPILER_EXECUTABLE="$H5PCC" "$@" >"$log" 2>&1; then
        cat "$log" >&2
        return 1
    fi
    sed -n 's/^-- scoreline: //p' "$log" >&2
    # shellcheck disable=SC2086 # several
    cmake --build "$dir" -j "$(nproc)" ${SL_TARGETS:+--target $SL_TARGETS} >"$dir/compile.log" 2>&1 || {
        tail -n 60 "$dir/compile.log" >&2
        return 1
    }
}
