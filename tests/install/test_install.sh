#!/bin/bash
# Install, move the folder, and do with it what users do: run the program, read the manual, build the
# example by pkg-config and by find_package, and score a file with it as the program does.
#   CC=COMPILER CMAKE=cmake test_install.sh BUILD_DIR SOURCE_DIR WORK_DIR
set -euo pipefail
build=$1 source=$2 work=$3
. "$source/tests/support/expect.sh"

rm -rf "$work"
mkdir -p "$work"
cd "$work"
"$CMAKE" --install "$build" --prefix "$work/first" >install.log
mv first moved
prefix=$work/moved
export PATH=$prefix/bin:$PATH

# --- the program --------------------------------------------------------------------------------

expect "the installed program is the one found" "$prefix/bin/scoreline" "$(command -v scoreline)"
expect "no file names the first prefix" "" "$(grep -rlF "$work/first" moved || true)"
scoreline generate --years 2014..2015 --rows 300 -o data
scoreline train "$prefix/share/scoreline/jobs/wta-seed.json" --set data.root=data \
    --set data.partitions.year=2014..2015 -q -o model.json
scoreline score "$prefix/share/scoreline/jobs/wta-seed.json" --set data.root=data \
    --set data.partitions.year=2014..2015 --model model.json --only year=2014 -q -o out.h5
scoreline export out.h5 -q -o - | cut -d, -f5 | tail -n +2 >by_program
expect "the program scores" 300 "$(wc -l <by_program)"
if command -v man >/dev/null; then
    expect "the manual is found" 1 "$(man -M "$prefix/share/man" scoreline-run | grep -c -- '--save-model FILE')"
fi

# --- the library, from outside the tree -----------------------------------------------------------

# Score with a program as built here; prints how many lines are not the installed program's, to the
# last bit.
differences() # PROGRAM
{
    "$1" model.json data/wta_matches_2014.csv >by_example
    "$PYTHON" - <<'END'
program, example = ([line.strip() for line in open(name)] for name in ("by_program", "by_example"))
assert len(program) == len(example) and any(program)
print(sum((a != b) if "" in (a, b) else float(a) != float(b) for a, b in zip(program, example)))
END
}

cp -r "$prefix/share/doc/scoreline/example" example
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name scoreline.pc)")${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # flags are words
"$CC" -std=c11 -Wall -Wextra -Werror example/score_rows.c -o by_pkg_config \
    $(pkg-config --cflags --libs scoreline)
expect "by pkg-config" 0 "$(differences ./by_pkg_config)"
unset PKG_CONFIG_PATH

"$CMAKE" -S example -B by_cmake -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC" >cmake.log 2>&1 ||
    cat cmake.log
"$CMAKE" --build by_cmake >>cmake.log 2>&1 || cat cmake.log
expect "by find_package" 0 "$(differences by_cmake/score_rows)"

# A comparison that cannot fail would say nothing.
sed -i '1s/.*/0.5/' by_program
expect "another score is noticed" 1 "$(differences ./by_pkg_config)"
echo '{"format": "scoreline-model"}' >model.json
expect "a wrong model" 3 "$(./by_pkg_config model.json data/wta_matches_2014.csv >/dev/null 2>&1; echo $?)"

# Each header stands alone.
for header in "$prefix"/include/scoreline/*.h; do
    echo "#include <scoreline/$(basename "$header")>" |
        "$CC" -std=c11 -Wall -Werror -I"$prefix/include" -fsyntax-only -xc - ||
        expect "$header" "compiles" "does not"
done
expect_end
