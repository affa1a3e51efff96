#!/bin/bash
# What reads the code without running it: cppcheck and clang-tidy over all of src and its headers.
#   static.sh BUILD [clang-tidy's options]    BUILD is configured; its compile commands are taken
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1
shift
for tool in cppcheck clang-tidy; do
    command -v "$tool" >/dev/null || { echo "skipped: no $tool (Debian: $tool)" && exit 77; }
done

# memory.c hands memory over by the address of a pointer, which is not seen; two counters may begin at one.
cppcheck -q -j "$(nproc)" --project="$build/compile_commands.json" --file-filter='*/src/*' --std=c11 \
    --enable=warning,performance,portability --suppress=missingIncludeSystem \
    --suppress="memleak:$PWD/src/base/memory.c" --suppress=duplicateAssignExpression \
    --error-exitcode=1 --template='{file}:{line}: {severity}: {message} [{id}]'

# The analyzer stays within a function: looking into calls takes eight times as long, and its alarms are
# false where a pointer comes back through an argument.
shallow=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=shallow)
find src -name '*.c' -print0 | sort -z |
    xargs -0 -P "$(nproc)" -n 8 clang-tidy -p "$build" --quiet "${shallow[@]}" "$@" \
        2> >(grep -v 'warnings\? generated' >&2)
