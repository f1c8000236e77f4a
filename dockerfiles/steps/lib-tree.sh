#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Unpacks source trees; sourced by scripts that have sourced lib.sh.

# unpack_tree ARCHIVE TOP DIRECTORY: unpacks an archive whose only top entry is the folder TOP into a new DIRECTORY.
# Exit 10 tree-missing (lists what is at the top), 11 tree-odd-path, 12 archive-unreadable.
unpack_tree() {
  local archive=$1 top=$2 dir=$3 name=${1##*/} odd tops code=0
  mkdir "$dir"
  # tar itself takes no path out of the directory, but would go on without a failure: what it says of that has to be read.
  tar_stream "$archive" | tar -x --no-same-owner --no-same-permissions -C "$dir" -f - 2>"$dir.log" || code=$?
  odd=$(grep -E "Removing leading|contains '\.\.'|Cannot mknod" "$dir.log" | head -n 1 || true)
  [ -z "$odd" ] || die 11 tree-odd-path "$name: ${odd#tar: }"
  [ $code -eq 0 ] || die 12 archive-unreadable "$name cannot be unpacked: $(head -n 1 "$dir.log")"

  odd=$(find "$dir" \( ! -type f ! -type d ! -type l -o -name '*[[:cntrl:]]*' -o -name '*\\*' \) -printf '%P (%y)\0' |
    tr '\n\0' '?\n' | head -n 1 | tr -d '[:cntrl:]')
  [ -z "$odd" ] || die 11 tree-odd-path "$name holds $odd"
  odd=$(find "$dir" -type l -printf '%P\t%l\n' | awk -F '\t' '{
    depth = split($1, from, "/") - 1
    bad = $2 ~ /^\//
    parts = split($2, to, "/")
    for (i = 1; i <= parts; i++) {
      if (to[i] == "..") { if (--depth < 1) bad = 1 }
      else if (to[i] != "" && to[i] != ".") depth++
    }
    if (bad) { print $1 " -> " $2; exit }
  }')
  [ -z "$odd" ] || die 11 tree-odd-path "$name holds a link that leads out of it: $odd"

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
