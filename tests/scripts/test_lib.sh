#!/bin/bash
# How jobs/lib.sh finds things: what it leaves aside, what it takes, how it says what is missing.
# Tools are pretended by small scripts; nothing is installed.
#   test_lib.sh SOURCE_DIR
# shellcheck disable=SC2016,SC2030,SC2031,SC2317 # pieces of script, and PATH in subshells, on purpose
set -uo pipefail
source=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
n_passed=0 n_failed=0

expect() # WHAT EXPECTED FOUND
{
    if [ "$2" = "$3" ]; then
        n_passed=$((n_passed + 1))
    else
        n_failed=$((n_failed + 1))
        printf '%s:\nexpected %s\nfound    %s\n' "$1" "$2" "$3"
    fi
}

tool() # PATH OUTPUT: a command that prints this, whatever it is asked
{
    mkdir -p "$(dirname "$1")"
    printf '#!/bin/sh\ncat <<END\n%s\nEND\n' "$2" >"$1"
    chmod +x "$1"
}

# Run a piece of script in a shell that has lib.sh and may not install.
in_lib()
{
    (cd "$source" && . jobs/lib.sh && sl_install_missing() { return 1; } && eval "$1") 2>&1 |
        sed '/^leaving the Python environments/d'
}

# --- environments of Python --------------------------------------------------------------------

conda=$scratch/conda
mkdir -p "$conda/conda-meta" "$scratch/venv/bin" "$scratch/.pyenv/shims" "$scratch/module/bin"
touch "$scratch/venv/pyvenv.cfg"
for name in mpicc mpirun cmake pkg-config h5pcc; do
    tool "$conda/bin/$name" "a conda's"
    tool "$scratch/.pyenv/shims/$name" "a pyenv's"
done
environments=$conda/bin:$scratch/venv/bin:$scratch/.pyenv/shims

expect "PATH without environments" "$scratch/module/bin:/usr/bin" \
    "$(in_lib "sl_without_python '$environments:$scratch/module/bin:/usr/bin'")"
expect "everything is found behind environments" "0 ok" "$(
    export PATH=$environments:$PATH CC=$conda/bin/x86_64-conda-linux-gnu-cc CONDA_PREFIX=$conda
    export CMAKE_PREFIX_PATH=$conda
    found=$(in_lib 'sl_need build && [[ "$MPICC$MPIRUN$H5PCC$PATH${CC:-}${CMAKE_PREFIX_PATH:-}" != *conda* ]] &&
        echo ok')
    echo "$? $(tail -n 1 <<<"$found")"
)"

# --- MPI ---------------------------------------------------------------------------------------

module=$scratch/module/bin
tool "$module/mpicc" "mpicc: Open MPI 9.9.9 (Language: C)"
expect "mpicc without its mpirun is passed over" "1
0" "$(
    export PATH=$module:$PATH
    in_lib 'SL_SCRATCH=$scratch; sl_probe_mpi; echo "taken: ${MPICC:-}"' >"$scratch/said"
    grep -c "^passed over: $module/mpicc and .* are not of one Open MPI" "$scratch/said"
    grep -c "^taken: $module" "$scratch/said" # Debian's pair of names, or none
)"

# A whole Open MPI in another prefix wins over the system's.
for name in mpicc mpirun; do
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v $name)" >"$module/$name"
    chmod +x "$module/$name"
done
expect "a module's MPI is taken" "$module/mpicc $module/mpirun" \
    "$(PATH=$module:$PATH in_lib 'SL_SCRATCH=$scratch; sl_probe_mpi && echo "$MPICC $MPIRUN"')"
expect "versions are read" "4.1.4 5.0.3 4.0.0 " "$(in_lib '
    for said in "mpirun (Open MPI) 4.1.4" "mpicc: Open MPI 5.0.3 (Language: C)" "mpiexec (OpenRTE) 2
mpirun (Open MPI) 4.0.0" "HYDRA build details: Version: 4.0.2"; do
        printf "%s " "$(sl_open_mpi_version printf "%s\n" "$said")"
    done' | sed 's/ *$/ /')"

# --- what is missing ---------------------------------------------------------------------------

expect "an empty machine" "2
missing: compiler make cmake pkgconfig mpi hdf5 zlib openblas libcjson cmocka python3 h5py sklearn pandas xarray h5netcdf jsonschema ncdump h5dump 
  apt:   gcc libc6-dev make cmake pkg-config libopenmpi-dev openmpi-bin libhdf5-openmpi-dev zlib1g-dev libopenblas-dev libcjson-dev libcmocka-dev python3 python3-h5py python3-sklearn python3-pandas python3-xarray python3-h5netcdf python3-jsonschema netcdf-bin hdf5-tools 
  dnf:   gcc make cmake pkgconf-pkg-config openmpi-devel hdf5-openmpi-devel zlib-devel openblas-devel cjson-devel libcmocka-devel python3 python3-h5py python3-scikit-learn python3-pandas python3-xarray python3-h5netcdf python3-jsonschema netcdf hdf5 
  Spack: gcc gmake cmake pkgconf openmpi hdf5+mpi zlib openblas cjson cmocka python py-h5py py-scikit-learn py-pandas py-xarray py-h5netcdf py-jsonschema netcdf-c hdf5+mpi " "$(
    said=$(in_lib 'sl_probe() { return 1; }; sl_need build tests')
    echo "$?"
    head -n 4 <<<"$said"
)"
expect "one thing missing" "missing: libcjson " \
    "$(in_lib 'sl_probe() { [ "$1" != libcjson ]; }; sl_need build' | head -n 1)"
for version in 3.17.5:1 3.18.0:0 3.25.1:0 3.9:1 4.0.2:0; do
    tool "$scratch/cmake/cmake" "cmake version ${version%:*}"
    expect "cmake ${version%:*}" "${version#*:}" \
        "$(PATH=$scratch/cmake:$PATH in_lib 'sl_probe_cmake' >"$scratch/said"; echo $?)"
done

echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
