#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Takes one file out of an archive.
#
# Settings  MEMBER  exact path inside the archive (a leading ./ does not matter)
#           OUT     name of the file to write
#           UNPACK_*  limits of what may be in the archive, see lib-archive.sh
# Inputs    /in/archive/<one file>  .deb, .tar, .tar.gz|tgz, .tar.bz2, .tar.xz
# Outputs   /out/$OUT
# Exit      10 member-not-found (names similar ones), 11 member-not-a-file, 12 archive-unreadable, 20 archive-refused, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-archive.sh
. /step/lib-archive.sh

[ -n "${MEMBER:-}" ] || die 64 step-usage "MEMBER is not set"
plain_name OUT "${OUT:-}"
archive=$(only_file /in/archive '*')
member=${MEMBER#./}
# A Debian package is a root file system, where absolute links are in order.
case $archive in *.deb) kind=system ;; *) kind=members ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The whole archive is judged, and the file taken out of it in passing.
(judged $kind "$archive" "$work/list" "$member") >"$work/file" || exit $?

read -r is _ < <(awk -v member="$member" 'substr($0, 3) == member' "$work/list") || true
if [ -z "${is:-}" ]; then
  base=${member##*/}
  stem=${base%%[-_.0-9]*}
  similar=$(cut -c 3- "$work/list" | grep -F -- "${stem:-$base}" | some || true)
  die 10 member-not-found "$MEMBER is not in ${archive##*/}; similar: ${similar:-none}"
fi
[ "$is" = - ] || die 11 member-not-a-file "$MEMBER in ${archive##*/} is not a regular file (kind $is)"
mv "$work/file" "/out/$OUT"
echo "@@factory size=$(stat -c %s "/out/$OUT")"
