#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Packs a source tree anew, with another name for its folder. The same tree and settings give the same bytes.
#
# Settings  TOP                the folder that must be all that the archive holds
#           INTO               the folder's name afterwards
#           FILE               name of the file to write: .tar.gz, .tar.bz2 or .tar.xz
#           DROP               optional paths below TOP to leave out, separated by spaces; one that is not there does not matter
#           SOURCE_DATE_EPOCH  seconds; the time of everything in it
#           UNPACK_*           limits of what may be in the archive, see lib-archive.sh
# Inputs    /in/archive/<one file>  .tar, .tar.gz|tgz, .tar.bz2, .tar.xz
# Outputs   /out/$FILE
# Facts     phase=unpack|pack, files=, dropped=
# Exit      10 tree-missing, 12 archive-unreadable, 20 archive-refused, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-archive.sh
. /step/lib-archive.sh
# shellcheck source=dockerfiles/steps/lib-tree.sh
. /step/lib-tree.sh

: "${SOURCE_DATE_EPOCH:?}"
plain_name TOP "${TOP:-}"
plain_name INTO "${INTO:-}"
plain_name FILE "${FILE:-}"
case $FILE in
  *.tar.gz) pack=(gzip -n -9) ;;
  *.tar.bz2) pack=(bzip2 -9) ;;
  *.tar.xz) pack=(xz -6 -T1) ;;
  *) die 64 step-usage "unknown kind of archive: $FILE" ;;
esac
archive=$(only_file /in/archive '*')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "@@factory phase=unpack"
unpack_tree "$archive" "$TOP" "$work/tree"
dropped=$(drop_paths "$work/tree/$TOP" "${DROP:-}")

echo "@@factory phase=pack"
cd "$work/tree"
[ "$TOP" = "$INTO" ] || mv "$TOP" "$INTO"
# Sorted by sort, not by tar: EL6's tar cannot.
find "$INTO" -print0 | sort -z |
  tar --null --no-recursion -T - --format=gnu --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' \
    --mtime="@$SOURCE_DATE_EPOCH" --hard-dereference -cf - | "${pack[@]}" >"/out/$FILE"
echo "@@factory files=$(find "$INTO" ! -type d | wc -l)"
echo "@@factory dropped=$dropped"
