#!/bin/bash
# What both container files do: on a bare Debian 12, as root, take what building needs
# as jobs/demo.sh does, install into /usr/local, and leave only what running needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ "${SCORELINE_IN_CONTAINER:-}" != 1 ]; then
    echo "$0 takes compilers off the machine: it is for containers, which set SCORELINE_IN_CONTAINER=1" >&2
    exit 2
fi
. jobs/lib.sh

# The packages that own the libraries of a program, for the package manager to keep.
packages_of()
{
    local library

    ldd "$1" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | while read -r library; do
        library=$(readlink -f "$library")
        # Since /lib is /usr/lib the file may be known by either name.
        dpkg -S "$library" 2>/dev/null || dpkg -S "${library#/usr}"
    done | cut -d: -f1 | sort -u
}

sl_need build
sl_build build/container -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=Release
cmake --install build/container --prefix /usr/local >/dev/null

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2046 # package names are words
apt-get -q install -y --no-install-recommends openmpi-bin $(packages_of /usr/local/bin/scoreline)
# shellcheck disable=SC2046
apt-get -q purge -y --auto-remove $(sl_packages build | awk '{ print $2 }' | tr + '\n' | grep -v openmpi-bin)
apt-get clean
rm -rf /var/lib/apt/lists/*
/usr/local/bin/scoreline version
