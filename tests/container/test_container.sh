#!/bin/bash
# The container files do what they say: their steps, one by one, in the bare Debian that they start
# from, made by debootstrap; then the program runs in it, alone and on ranks, and the library is linked
# in another one.  Needs root and a Debian mirror (SCORELINE_MIRROR), takes minutes, and so runs only
# where SCORELINE_TEST_CONTAINER is set.
#   test_container.sh SOURCE_DIR
set -euo pipefail
source=$1
here=$source/tests/container
. "$source/tests/support/expect.sh"

skip()
{
    echo "skipped: $*"
    exit 77
}
[ -n "${SCORELINE_TEST_CONTAINER:-}" ] || skip "takes minutes; set SCORELINE_TEST_CONTAINER=1 to run it"
[ "$(id -u)" = 0 ] || skip "only root can make a Debian in a directory"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
debootstrap --variant=minbase bookworm "$work/bare" "${SCORELINE_MIRROR:-http://deb.debian.org/debian}" >"$work/log" ||
    { tail "$work/log"; skip "debootstrap cannot make a Debian here"; }
cp /etc/resolv.conf "$work/bare/etc/"

# --- steps of the two files ---------------------------------------------------------------------

# COMMAND of the shell inside the directory, with the variables of its environment file; mounts live
# and die with it.
inside() # ROOT COMMAND
{
    unshare --mount --propagation private "$here/inside.sh" "$@"
}

# Both become shell: one function for each kind of step.  What is in no list stops the test.
dockerfile_steps()
{
    sed -e '/^#/d' -e ':again' -e '/\\$/ { N; s/\\\n//; b again' -e '}' "$source/jobs/container/Dockerfile" |
        sed -E -e 's/^FROM (.*)/from \1/' -e 's/^COPY (.*)/copy_context \1/' -e "s/^RUN (.*)/run '\1'/" \
            -e "s/^ENV (.*)/set_environment '\1'/" -e "s/^WORKDIR (.*)/run 'mkdir -p \1'/" -e '/^CMD/d'
}

section() # NAME: the lines of %NAME
{
    sed -n "/^%$1/,/^%/ { /^%/d; /^ *\$/d; p }" "$source/jobs/container/scoreline.def"
}

definition_steps()
{
    sed -n 's/^From: /from /p' "$source/jobs/container/scoreline.def"
    section files | sed 's/^ *\(.*\)/copy_path \1/'
    printf "run '%s'\n" "set -e; $(section post)"
    section environment | sed "s/^ *export \(.*\)/set_environment '\1'/"
    printf "run '%s'\n" "set -e; $(section test)"
}

from()
{
    expect "it starts from" "debian:12-slim" "$1"
    cp -a "$work/bare" "$root"
}

copy_context() # . TO
{
    mkdir -p "$root$2"
    (cd "$source" && tar -c --anchored --exclude-from=jobs/container/Dockerfile.dockerignore -- $(ls -A)) |
        tar -x -C "$root$2"
}

copy_path()
{
    mkdir -p "$(dirname "$root$2")"
    cp -r "$source/$1" "$root$2"
}

set_environment()
{
    tr ' ' '\n' <<<"$1" >>"$root/environment"
}

run()
{
    inside "$root" "$1" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; expect "a step" "ends with 0" "does not: $1"; }
}

# --- what comes of them -------------------------------------------------------------------------

# A job on four ranks, as the README has it, and what is left of what building took.
check_root() # NAME
{
    run 'cd /tmp && scoreline generate --years 2000..2016 --rows 200 -o data'
    inside "$root" 'cd /tmp && mpirun --allow-run-as-root -n 4 scoreline run /usr/local/share/scoreline/jobs/wta-seed.json \
        --set data.root=data -o out.h5' >"$work/table" 2>"$work/log" || tail "$work/log"
    expect "$1: rows of the table" 1 "$(grep -c '^all *3400 ' "$work/table")"
    expect "$1: the output" true "$([ -s "$root/tmp/out.h5" ] && echo true)"
    expect "$1: no compiler is left" "" "$(inside "$root" 'command -v gcc cmake make' || true)"
    expect "$1: no source is left" false "$([ -e "$root/src" ] && echo true || echo false)"
    echo "$1: $(du -sm --one-file-system "$root" | cut -f1) MB, of which the bare Debian $(du -sm "$work/bare" | cut -f1)"
}

# The library as others link it: the folder moved to another bare Debian that has a compiler and the
# development packages, the example built there both ways.
check_linked()
{
    local packages

    packages=$(. "$source/jobs/lib.sh" && sl_packages build | awk '{ print $2 }' | tr '+\n' '  ')
    from debian:12-slim
    mv "$work/prefix" "$root/opt/scoreline"
    run "set -e; apt-get update; DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages"
    run 'set -e; cp -r /opt/scoreline/share/doc/scoreline/example /tmp; cd /tmp
        PKG_CONFIG_PATH=/opt/scoreline/lib/pkgconfig
        export PKG_CONFIG_PATH
        cc example/score_rows.c -o by_pkg_config $(pkg-config --cflags --libs scoreline)
        unset PKG_CONFIG_PATH
        cmake -S example -B by_cmake -DCMAKE_PREFIX_PATH=/opt/scoreline
        cmake --build by_cmake'
    run 'set -e; cd /tmp; PATH=/opt/scoreline/bin:$PATH
        scoreline generate --years 2015 --rows 100 -o data
        scoreline train /opt/scoreline/share/scoreline/jobs/wta-seed.json --set data.root=data -o model.json
        ./by_pkg_config model.json data/wta_matches_2015.csv >one
        by_cmake/score_rows model.json data/wta_matches_2015.csv >other'
    expect "linked on a bare Debian: rows" 100 "$(wc -l <"$root/tmp/one")"
    expect "linked on a bare Debian: both ways" "" "$(cmp "$root/tmp/one" "$root/tmp/other" 2>&1)"
}

for file in dockerfile definition; do
    root=$work/$file
    "${file}_steps" >"$work/steps"
    . "$work/steps"
    check_root "$file"
    [ -e "$work/prefix" ] || cp -a "$root/usr/local" "$work/prefix"
    rm -rf --one-file-system "$root"
done
root=$work/linked
check_linked
expect_end
