#!/usr/bin/env bash
# What a CI system keeps between machines: the store and the ledger are files already; the compiler cache lies in volumes of
# the engine, and becomes files here.
#
#   scripts/ci-cache.sh restore ARTIFACTS            ARTIFACTS/ccache/<volume>.tar -> volumes
#   scripts/ci-cache.sh save ARTIFACTS MAX_MIB       volumes -> ARTIFACTS/ccache/<volume>.tar; prints fits=true or fits=false
#
# A local engine only: the volumes' directories are read and written directly, as root.
set -euo pipefail
[ $# -ge 2 ] || { echo "ci-cache: restore ARTIFACTS | save ARTIFACTS MAX_MIB" >&2; exit 2; }
what=$1 artifacts=$2 max=${3:-}
prefix=fullnat-factory-ccache-

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
directory() { docker volume inspect --format '{{ .Mountpoint }}' "$1"; }

case $what in
  restore)
    for file in "$artifacts"/ccache/"$prefix"*.tar; do
      [ -e "$file" ] || continue
      volume=$(basename "$file" .tar)
      docker volume create "$volume" >/dev/null
      as_root tar -xf "$file" -C "$(directory "$volume")"
      echo "restored $volume" >&2
    done
    ;;
  save)
    case $max in '' | *[!0-9]*) echo "ci-cache: save needs a size in MiB, not '$max'" >&2; exit 2 ;; esac
    rm -rf "$artifacts/ccache"
    mkdir -p "$artifacts/ccache"
    for volume in $(docker volume ls --quiet --filter "name=^$prefix"); do
      # Objects are compressed already.
      as_root tar -cf - -C "$(directory "$volume")" . >"$artifacts/ccache/$volume.tar"
    done
    mkdir -p "$artifacts/store" "$artifacts/ledger"
    size=$(du -scm "$artifacts/store" "$artifacts/ledger" "$artifacts/ccache" | awk 'END { print $1 }')
    if [ "$size" -le "$max" ]; then
      echo "fits=true"
    else
      echo "ci-cache: $size MiB are more than the $max MiB that may be kept; nothing is saved" >&2
      echo "fits=false"
    fi
    ;;
  *) echo "ci-cache: unknown action '$what' (known: restore, save)" >&2; exit 2 ;;
esac
