#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Takes named files out of a source package.
#
# Settings  FILES  names, separated by spaces
# Inputs    /in/srpm/<one>.src.rpm
# Outputs   /out/<name> each
# Exit      10 srpm-file-missing (lists what there is), 11 srpm-odd-path, 12 srpm-unreadable, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

[ -n "${FILES:-}" ] || die 64 step-usage "FILES is not set"
srpm=$(only_file /in/srpm '*.src.rpm')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rpm2cpio "$srpm" | cpio -t --quiet >"$work/list" || die 12 srpm-unreadable "${srpm##*/} cannot be unpacked"
odd=$(sed 's#^\./##' "$work/list" | grep -E '/|^\.\.?$' | head -n 1 || true)
[ -z "$odd" ] || die 11 srpm-odd-path "${srpm##*/} holds a path: $odd"

read -r -a names <<<"$FILES"
for name in "${names[@]}"; do
  case $name in */* | . | ..) die 64 step-usage "not a plain file name: $name" ;; esac
  sed 's#^\./##' "$work/list" | grep -xF -- "$name" >/dev/null ||
    die 10 srpm-file-missing "$name is not in ${srpm##*/}; there is: $(sed 's#^\./##' "$work/list" | sort | tr '\n' ' ')"
done

mkdir "$work/tree"
cd "$work/tree"
rpm2cpio "$srpm" | cpio -id --quiet --no-absolute-filenames || die 12 srpm-unreadable "${srpm##*/} cannot be unpacked"
for name in "${names[@]}"; do
  if [ ! -f "$name" ] || [ -L "$name" ]; then
    die 11 srpm-odd-path "$name in ${srpm##*/} is not a regular file"
  fi
  cat -- "$name" >"/out/$name"
done
