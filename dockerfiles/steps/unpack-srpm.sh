#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Takes named files out of a source package.
#
# Settings  FILES     names, separated by spaces
#           UNPACK_*  limits of what may be in the package, see lib-archive.sh
# Inputs    /in/srpm/<one>.src.rpm
# Outputs   /out/<name> each
# Exit      10 srpm-file-missing (lists what there is), 12 archive-unreadable, 20 archive-refused, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-archive.sh
. /step/lib-archive.sh

[ -n "${FILES:-}" ] || die 64 step-usage "FILES is not set"
srpm=$(only_file /in/srpm '*.src.rpm')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpack_srpm "$srpm" "$work"
read -r -a names <<<"$FILES"
for name in "${names[@]}"; do
  case $name in */* | . | ..) die 64 step-usage "not a plain file name: $name" ;; esac
  # shellcheck disable=SC2154 # set by unpack_srpm
  [ -f "$work/$name" ] || die 10 srpm-file-missing "$name is not in ${srpm##*/}; there is: $(sort "$srpm_list" | paste -s -d ' ' -)"
  cat -- "$work/$name" >"/out/$name"
done
