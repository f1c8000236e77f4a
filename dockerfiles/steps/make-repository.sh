#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the index of a repository: the same packages and revision give the same bytes.
#
# Settings  REVISION  seconds since 1970; the index's revision and its time stamps
# Inputs    /in/repo/{RPMS,SRPMS}/*.rpm
# Outputs   /out/repodata/*  (locations read RPMS/... and SRPMS/...; sha256, XML in gzip, databases in bzip2)
# Facts     packages=<count>
# Exit      10 repository-not-made, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

: "${REVISION:?}"
export SOURCE_DATE_EPOCH=$REVISION
# createrepo_c writes where the packages are; they are inputs and stay as they are.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The times of the packages are in the index too.
for dir in RPMS SRPMS; do
  [ -d "/in/repo/$dir" ] || continue
  mkdir "$work/$dir"
  for rpm in "/in/repo/$dir"/*.rpm; do
    [ -e "$rpm" ] || continue
    ln "$rpm" "$work/$dir/" 2>/dev/null || cp "$rpm" "$work/$dir/"
    touch -d "@$REVISION" "$work/$dir/${rpm##*/}"
  done
done
count=$(find "$work" -name '*.rpm' | wc -l)
if [ "$count" -eq 0 ]; then
  die 64 step-usage "/in/repo holds no package"
fi

options=(--checksum sha256 --revision "$REVISION" --set-timestamp-to-revision --simple-md-filenames --workers 1)
# Said aloud, because newer versions have other defaults: databases in bzip2 (XML is in gzip), which the yum of EL6 reads.
options+=(--compress-type bz2)
createrepo_c --quiet "${options[@]}" --outputdir "$work" "$work"
indexed=$(gzip -dc "$work"/repodata/primary.xml.gz | grep -c '<package type="rpm">')
if [ "$indexed" -ne "$count" ] || [ ! -s "$work/repodata/repomd.xml" ]; then
  die 10 repository-not-made "$count packages, $indexed in the index"
fi
mkdir -p /out/repodata
cp "$work"/repodata/* /out/repodata/
echo "@@factory packages=$count"
