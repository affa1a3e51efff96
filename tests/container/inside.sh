#!/bin/bash
# Run a command of the shell in the root directory of another Debian; called in a mount namespace of
# its own.
#   inside.sh ROOT COMMAND
set -euo pipefail
root=$1 command=$2

for directory in proc sys dev; do
    mount --rbind "/$directory" "$root/$directory"
done
mount -t tmpfs -o size=256m tmpfs "$root/dev/shm"
touch "$root/environment"
mapfile -t environment <"$root/environment"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 \
    "${environment[@]}" chroot "$root" /bin/sh -c "$command"
