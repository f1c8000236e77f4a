#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes a source package. The same inputs give the same bytes.
#
# Settings  SPEC               name of the spec file
#           SOURCE_DATE_EPOCH  seconds
#           RPM_DEFINES        optional, one "name value" per line
#           RPM_WITH           optional switches, for example "--without debug --with firmware"
#           UNPACK_*           limits of what may be in /in/srpm, see lib-archive.sh
# Inputs    /in/srpm/<one>.src.rpm  optional, unpacked first
#           /in/SOURCES/*           laid over it
#           /in/SPECS/$SPEC
# Outputs   /out/<name>.src.rpm
# Facts     srpm=<name>; unused_source=<name> for every file in SOURCES that the spec does not name
# Exit      10 srpm-source-missing, 12 srpm-build-failed, archive-unreadable, 20 archive-refused, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

: "${SOURCE_DATE_EPOCH:?}"
export SOURCE_DATE_EPOCH
[ -f "/in/SPECS/${SPEC:-?}" ] || die 64 step-usage "/in/SPECS/${SPEC:-?} does not exist"

# A fixed place: the path ends up in nothing, and stays so.
top=/tmp/rpmbuild
mkdir -p $top/SOURCES $top/SPECS $top/BUILD $top/SRPMS

echo "@@factory phase=collect"
for srpm in /in/srpm/*.src.rpm; do
  [ -e "$srpm" ] || continue
  # shellcheck source=dockerfiles/steps/lib-archive.sh
  . /step/lib-archive.sh
  unpack_srpm "$srpm" $top/SOURCES
  rm -f $top/SOURCES/*.spec
done
for source in /in/SOURCES/*; do
  [ -e "$source" ] || continue
  # What takes the place of a program of the source package stays one: specs run some of their sources as they are.
  program=
  if [ -x "$top/SOURCES/${source##*/}" ]; then program=yes; fi
  # A link instead of a copy: kernel sources are large, and only read.
  if [ -n "$program" ]; then
    rm -f "$top/SOURCES/${source##*/}"
    cp "$source" "$top/SOURCES/"
    chmod 755 "$top/SOURCES/${source##*/}"
  else
    ln -f "$source" "$top/SOURCES/" 2>/dev/null || cp -f "$source" "$top/SOURCES/"
  fi
done
cp "/in/SPECS/$SPEC" "$top/SPECS/$SPEC"
chmod 644 "$top/SPECS/$SPEC"
# Two modes, so that nobody's umask shows in the package.
find $top/SOURCES -type f -perm /111 ! -perm 755 -exec chmod 755 {} + 2>/dev/null || true
find $top/SOURCES -type f ! -perm /111 ! -perm 644 -exec chmod 644 {} + 2>/dev/null || true
touch -d "@$SOURCE_DATE_EPOCH" "$top/SPECS/$SPEC"
# A linked source that is not ours cannot be touched: then rpm's own clamping has to do.
find $top/SOURCES -type f -exec touch -d "@$SOURCE_DATE_EPOCH" {} + 2>/dev/null || true

defines=(
  --define "_topdir $top"
  --define "_buildhost builder"
  --define "use_source_date_epoch_as_buildtime 1"
  --define "clamp_mtime_to_source_date_epoch 1"
  --define "_source_filedigest_algorithm 8"
  # Stored, not packed: the large sources are compressed already.
  --define "_source_payload w0.gzdio"
)
while read -r name value; do
  [ -z "$name" ] || defines+=(--define "$name $value")
done <<<"${RPM_DEFINES:-}"
read -r -a with <<<"${RPM_WITH:-}"
# Debian's rpm database knows nothing of what is installed, so BuildRequires cannot be checked against it.
if [ -f /etc/debian_version ]; then with+=(--nodeps); fi

echo "@@factory phase=package"
log=$(mktemp)
code=0
rpmbuild -bs "${defines[@]}" ${with[@]+"${with[@]}"} "$top/SPECS/$SPEC" 2>&1 | tee "$log" || code=$?
if [ $code -ne 0 ]; then
  missing=$(sed -n -E 's/^(error: )?Bad (file|source): *([^:]*\/)?([^:/]+): No such file.*/\4/p' "$log" | sort -u | tr '\n' ' ')
  [ -z "$missing" ] || die 10 srpm-source-missing "$SPEC names sources that are not there: $missing"
  die 12 srpm-build-failed "rpmbuild -bs ended with $code: $(grep -E '^error:' "$log" | head -n 1)"
fi

made=("$top"/SRPMS/*.src.rpm)
if [ ! -f "${made[0]}" ] || [ ${#made[@]} -ne 1 ]; then
  die 12 srpm-build-failed "expected one source package, got ${#made[@]}"
fi
rpm2cpio "${made[0]}" | cpio -t --quiet | sed 's#^\./##' | sort >"$log.in"
for source in "$top"/SOURCES/*; do
  grep -qxF -- "${source##*/}" "$log.in" || echo "@@factory unused_source=${source##*/}"
done
mv "${made[0]}" /out/
echo "@@factory srpm=${made[0]##*/}"
