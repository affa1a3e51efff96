#!/bin/bash
# The main jobs from nothing: find or install what is needed, build, write a demo data set, train
# and score both jobs on four ranks, print their tables by year.
#   jobs/demo.sh [OPTIONS OF scoreline run]      given to both, so not -o
#   WTA_DATA=dir jobs/demo.sh      on real matches, wta_matches_YEAR.csv (see docs/data.md)
set -euo pipefail

data=${WTA_DATA:-jobs/demo/data}
case ${WTA_DATA:-/} in /*) ;; *) data=$PWD/$WTA_DATA ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. jobs/lib.sh

run_job() # NAME OPTIONS
{
    local name=$1

    shift
    printf 'jobs/%s.json: %s\n\n' "$name" "$(sed -n 's/^ *"description": "\(.*\)",$/\1/p' "jobs/$name.json")"
    "$MPIRUN" -q -n 4 build/bin/scoreline run "jobs/$name.json" --set "data.root=$data" \
        -o "jobs/demo/$name.h5" --if-exists replace "$@" </dev/null
}

sl_need build
sl_build build
mkdir -p jobs/demo
if [ -z "${WTA_DATA:-}" ]; then
    build/bin/scoreline generate --years 2000..2016 -o "$data"
fi
run_job wta-seed "$@"
echo
run_job wta-who-wins "$@"
