#!/bin/bash
# The main job from nothing: find or install what is needed, build, write a demo data set, train
# and score it on four ranks, print the table by year.
#   jobs/demo.sh [OPTIONS OF scoreline run]
#   WTA_DATA=dir jobs/demo.sh      on real matches, wta_matches_YEAR.csv (see docs/data.md)
set -euo pipefail

data=${WTA_DATA:-jobs/demo/data}
case ${WTA_DATA:-/} in /*) ;; *) data=$PWD/$WTA_DATA ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. jobs/lib.sh

sl_need build
sl_build build
mkdir -p jobs/demo
if [ -z "${WTA_DATA:-}" ]; then
    build/bin/scoreline generate --years 2000..2016 -o "$data"
fi
"$MPIRUN" -q -n 4 build/bin/scoreline run jobs/wta-seed.json --set "data.root=$data" \
    -o jobs/demo/wta-seed.h5 --if-exists replace "$@" </dev/null
