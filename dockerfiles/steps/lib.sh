#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What all step scripts share; sourced by them.

# die STATUS CODE DETAIL...: says in one machine line what is wrong, and ends the step.
die() {
  local status=$1 code=$2
  shift 2
  echo "@@factory error=$code detail=$*" >&2
  exit "$status"
}

# only_file DIRECTORY GLOB: prints the path of the one file that there is; anything else is a wrong call.
only_file() {
  local files
  # shellcheck disable=SC2206 # a glob on purpose
  files=("$1"/$2)
  if [ ${#files[@]} -ne 1 ] || [ ! -f "${files[0]}" ]; then
    die 64 step-usage "$1 must hold exactly one $2"
  fi
  printf '%s\n' "${files[0]}"
}

# plain_name NAME VALUE: the setting NAME must be a file name without any directory.
plain_name() {
  case $2 in '' | */* | .* | -*) die 64 step-usage "$1 must be a plain file name, not \"$2\"" ;; esac
}

# some: the lines of standard input as words in one line, at most ten of them.
some() {
  awk 'NR <= 10 {printf "%s%s", (NR > 1 ? " " : ""), $0} END {if (NR > 10) printf " and %d more", NR - 10; print ""}'
}
