#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Tells what patch(1) rejected; sourced by scripts that have sourced lib.sh.

# report_rejects PATCH DIRECTORY MARKER: prints every reject below DIRECTORY that is newer than the file MARKER, in the order
# of PATCH, as @@factory reject=<patch>:<file> ... @@factory reject-end. Leaves the number of files in $rejected and in
# $rejected_advice whether they would go in with fuzz.
report_rejects() {
  local patch=$1 dir=$2 marker=$3 file reject fuzz applies
  local rejects=()
  while IFS= read -r file; do
    while IFS= read -r reject; do
      rejects+=("$reject")
      echo "@@factory reject=${patch##*/}:$file"
      cat "$reject"
      echo "@@factory reject-end"
    done < <(find "$dir" -path "*/$file.rej" -newer "$marker")
  done < <(sed -n -E 's#^(\+\+\+|---) [^/[:space:]]+/([^[:space:]]+).*#\2#p' "$patch" | awk '!seen[$0]++')
  rejected=${#rejects[@]}
  rejected_advice=
  [ "$rejected" -gt 0 ] || return 0

  rejected_advice='it would not apply with fuzz 2 either'
  for fuzz in 1 2; do
    applies=yes
    for reject in "${rejects[@]}"; do
      patch --dry-run -s -f -F$fuzz "${reject%.rej}" <"$reject" >/dev/null 2>&1 || applies=no
    done
    if [ $applies = yes ]; then
      # shellcheck disable=SC2034 # for the caller
      rejected_advice="it would apply with fuzz $fuzz"
      return 0
    fi
  done
}
