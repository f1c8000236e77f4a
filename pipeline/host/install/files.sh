#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Files that are changed: what was there is kept first, what is put there is written down, and both can be told apart later.

# encoded PATH: as the name of a file.
encoded() { printf '%s' "$1" | sed 's/%/%25/g; s#/#%2F#g'; }

# inside PATH: $path is it below the root, with links that lead to a file followed.
inside() {
  path=$1
  if [ -n "$root" ]; then path=${path#"$root"}; fi
  hops=0
  while [ -L "$root$path" ] && [ $hops -lt 8 ]; do
    hop=$(readlink "$root$path")
    case $hop in /*) path=$hop ;; *) path=${path%/*}/$hop ;; esac
    hops=$((hops + 1))
  done
}

# whole PATH: all that counts of a file, in one word.
whole() {
  if [ -L "$root$1" ]; then
    echo "link:$(readlink "$root$1")"
  elif [ -f "$root$1" ]; then
    whole_sum=$(sha256sum <"$root$1")
    echo "file:${whole_sum%% *}:$(stat -c %a "$root$1")"
  else
    echo absent
  fi
}

# keep PATH: remembers the original, once, before the first change. Follows links; keep_entry does not.
keep() {
  inside "$1"
  keep_entry "$path"
}
keep_entry() {
  kept=$state_dir/kept/$(encoded "$1")
  [ ! -d "$kept" ] || return 0
  rm -rf "$state_dir/kept/.new"
  mkdir "$state_dir/kept/.new"
  printf '%s\n' "$1" >"$state_dir/kept/.new/path"
  whole "$1" >"$state_dir/kept/.new/was"
  : >"$state_dir/kept/.new/puts"
  if [ -L "$root$1" ] || [ -f "$root$1" ]; then
    cp -a "$root$1" "$state_dir/kept/.new/data" || refuse 44 failed "$root$1 cannot be kept in $state_dir: is there room?"
  fi
  flush "$state_dir/kept/.new"/*
  mv "$state_dir/kept/.new" "$kept"
  flush "$state_dir/kept"
}

# seal PATH: what is there now is our doing (scripts of packages write too).
seal() { whole "$1" >>"$state_dir/kept/$(encoded "$1")/puts"; }

# make_dir DIR: with those above it; what did not exist is taken away again by rollback.
make_dir() {
  [ ! -d "$root$1" ] || return 0
  make_dir_above=${1%/*}
  [ -z "$make_dir_above" ] || (make_dir "$make_dir_above")
  made_dir "$1"
  mkdir "$root$1" 2>/dev/null || [ -d "$root$1" ]
}
made_dir() {
  printf '%s\n' "$1" >>"$state_dir/made-dirs"
  flush "$state_dir/made-dirs"
}

# put_file PATH MODE: standard input becomes this file, all of it or nothing. Owner and attributes stay those of what was there.
put_file() {
  cat >"$work/put"
  keep "$1"
  make_dir "${path%/*}"
  new=$root$path.fullnat-new
  rm -f "$new"
  if [ -f "$root$path" ]; then cp -a "$root$path" "$new"; fi
  if ! cat "$work/put" >"$new" || ! chmod "$2" "$new"; then
    rm -f "$new"
    refuse 44 failed "$root$path cannot be written: is the file system full or read-only?"
  fi
  put_sum=$(sha256sum <"$work/put")
  echo "file:${put_sum%% *}:$(stat -c %a "$new")" >>"$state_dir/kept/$(encoded "$path")/puts"
  flush "$new" "$state_dir/kept/$(encoded "$path")/puts"
  mv -f "$new" "$root$path"
  flush "$root${path%/*}"
  if [ -z "$root" ] && command -v restorecon >/dev/null 2>&1; then restorecon "$path" 2>/dev/null; fi
  return 0
}

# put_entry PATH TARGET: a link, or with an empty target nothing.
put_entry() {
  keep_entry "$1"
  make_dir "${1%/*}"
  echo "${2:+link:$2}" | sed 's/^$/absent/' >>"$state_dir/kept/$(encoded "$1")/puts"
  flush "$state_dir/kept/$(encoded "$1")/puts"
  rm -f "$root$1"
  [ -z "$2" ] || ln -s "$2" "$root$1"
}

# ours PATH: what is there now is the original, or what we put there.
ours() {
  now_there=$(whole "$1")
  kept=$state_dir/kept/$(encoded "$1")
  [ "$now_there" = "$(cat "$kept/was")" ] || grep -qxF -e "$now_there" "$kept/puts"
}

# put_back PATH: the original, byte for byte, with its times.
put_back() {
  kept=$state_dir/kept/$(encoded "$1")
  rm -f "$root$1.fullnat-new"
  if [ "$(whole "$1")" = "$(cat "$kept/was")" ]; then
    [ -f "$kept/data" ] && [ "$(stat -c %Y "$root$1")" != "$(stat -c %Y "$kept/data")" ] || return 0
  fi
  if [ -L "$kept/data" ]; then
    rm -f "$root$1"
    cp -a "$kept/data" "$root$1"
  elif [ -f "$kept/data" ]; then
    mkdir -p "$root${1%/*}"
    cp -a "$kept/data" "$root$1.fullnat-new"
    flush "$root$1.fullnat-new"
    mv -f "$root$1.fullnat-new" "$root$1"
  else
    rm -f "$root$1"
  fi
}

# all_kept: paths, one per line.
all_kept() {
  for kept in "$state_dir"/kept/*; do
    [ ! -f "$kept/path" ] || cat "$kept/path"
  done
}

