#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Takes one file out of an archive.
#
# Settings  MEMBER  exact path inside the archive (a leading ./ does not matter)
#           OUT     name of the file to write
# Inputs    /in/archive/<one file>  .deb, .tar, .tar.gz|tgz, .tar.bz2, .tar.xz
# Outputs   /out/$OUT
# Exit      10 member-not-found (names similar ones), 11 member-not-a-file, 12 archive-unreadable, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

[ -n "${MEMBER:-}" ] || die 64 step-usage "MEMBER is not set"
plain_name OUT "${OUT:-}"
archive=$(only_file /in/archive '*')
member=${MEMBER#./}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One listing decides: the name as stored, its kind, and that it is there once.
tar_stream "$archive" | tar --quoting-style=literal -tvf - >"$work/list" || die 12 archive-unreadable "${archive##*/} cannot be read as an archive"
awk -v member="$member" '{
  name = $0
  for (i = 1; i <= 5; i++) sub(/^ *[^ ]+ +/, "", name)   # mode owner size date time
  stored = name
  sub(/^\.\//, "", name)
  kind = substr($1, 1, 1)
  if (kind == "l") sub(/ -> .*/, "", name)
  if (kind == "h") sub(/ link to .*/, "", name)
  sub(/\/$/, "", name)
  if (name == member) print kind "\t" stored
}' "$work/list" >"$work/hits"

if [ ! -s "$work/hits" ]; then
  base=${member##*/}
  stem=${base%%[-_.0-9]*}
  similar=$(awk '{print $NF}' "$work/list" | grep -F -- "${stem:-$base}" | head -n 10 | tr '\n' ' ' || true)
  die 10 member-not-found "$MEMBER is not in ${archive##*/}; similar: ${similar:-none}"
fi
[ "$(wc -l <"$work/hits")" -eq 1 ] || die 11 member-not-a-file "$MEMBER is in ${archive##*/} more than once"
IFS=$'\t' read -r kind stored <"$work/hits"
[ "$kind" = - ] || die 11 member-not-a-file "$MEMBER in ${archive##*/} is not a regular file (kind $kind)"

tar_stream "$archive" | tar --no-wildcards -xOf - -- "$stored" >"/out/$OUT" || die 12 archive-unreadable "$MEMBER of ${archive##*/} cannot be extracted"
echo "@@factory size=$(stat -c %s "/out/$OUT")"
