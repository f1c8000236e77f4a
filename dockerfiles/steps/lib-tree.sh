#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Unpacks source trees; sourced by scripts that have sourced lib.sh and lib-archive.sh.

# unpack_tree ARCHIVE TOP DIRECTORY: unpacks an archive whose only top entry is the folder TOP into a new DIRECTORY.
# Exit 10 tree-missing (lists what is at the top), 12 archive-unreadable, 20 archive-refused.
unpack_tree() {
  local archive=$1 top=$2 dir=$3 name=${1##*/} tops codes
  mkdir "$dir"
  # Twice: nothing is written of an archive whose last member is the bad one, nor of one that holds a million of them.
  (judged tree "$archive") >/dev/null || exit $?
  set +e
  judged tree "$archive" | tar -x --no-same-owner --no-same-permissions -C "$dir" -f - 2>"$dir.log"
  codes=("${PIPESTATUS[@]}")
  set -e
  [ "${codes[0]}" -eq 0 ] || exit "${codes[0]}"
  [ "${codes[1]}" -eq 0 ] || die 12 archive-unreadable "$name cannot be unpacked: $(head -n 1 "$dir.log")"

  tops=$(find "$dir" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | some)
  if [ "$tops" != "$top" ] || [ ! -d "$dir/$top" ] || [ -L "$dir/$top" ]; then
    die 10 tree-missing "$name must hold the folder $top and nothing beside it; it holds: ${tops:-nothing}"
  fi
}

# drop_paths TREE PATHS: removes what there is of PATHS (separated by spaces) below TREE, and prints how many there were.
drop_paths() {
  local path count=0
  for path in $2; do
    case /$path/ in *//* | */./* | */../*) die 64 step-usage "DROP holds an odd path: $path" ;; esac
    if [ -e "$1/$path" ] || [ -L "$1/$path" ]; then
      rm -rf "${1:?}/$path"
      count=$((count + 1))
    fi
  done
  echo "$count"
}
