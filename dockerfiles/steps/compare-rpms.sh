#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Says how packages of the same name differ: which files in them, and which fields of their headers. Signatures do not count.
#
# Settings  none
# Inputs    /in/published/*.rpm  /in/rebuilt/*.rpm, of the same file names
# Outputs   /out/differences: one line each, separated by tabs: package, kind, what, in the published one, in the rebuilt one.
#           Kinds: header (a tag); missing, added (a file); content, type, mode, mtime, owner, link, flags (of a file); payload
#           (packed in another way, nothing else). Two that follow from the tools of EL6 and are told apart: clock (BUILDTIME,
#           COOKIE or an mtime, where an rpm before 4.14 made both packages: it cannot be told a time), signature (a module
#           that is the same but for its section .note.module.sig: its key is made anew with every build). Backslashes, tabs and line breaks in values are escaped as in C.
# Exit      12 rpm-unreadable, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a header says beside the list of files and signatures. Not every rpm knows every tag.
wanted='NAME EPOCH VERSION RELEASE ARCH OS SUMMARY DESCRIPTION LICENSE GROUP URL VENDOR PACKAGER DISTRIBUTION DISTTAG BUGURL
  BUILDTIME BUILDHOST SOURCERPM RPMVERSION OPTFLAGS PLATFORM COOKIE ENCODING FILEDIGESTALGO EXCLUDEARCH EXCLUSIVEARCH
  PAYLOADFORMAT PAYLOADCOMPRESSOR PAYLOADFLAGS PREIN PREINPROG POSTIN POSTINPROG PREUN PREUNPROG POSTUN POSTUNPROG PRETRANS
  POSTTRANS VERIFYSCRIPT PROVIDENAME PROVIDEVERSION PROVIDEFLAGS REQUIRENAME REQUIREVERSION REQUIREFLAGS CONFLICTNAME
  CONFLICTVERSION CONFLICTFLAGS OBSOLETENAME OBSOLETEVERSION OBSOLETEFLAGS RECOMMENDNAME SUGGESTNAME TRIGGERNAME
  TRIGGERVERSION TRIGGERFLAGS TRIGGERSCRIPTS CHANGELOGTIME CHANGELOGNAME CHANGELOGTEXT SOURCE PATCH'
format=''
rpm --querytags >"$work/tags"
for tag in $wanted; do
  if grep -x "$tag" "$work/tags" >/dev/null; then format+="[$tag=%{$tag:shescape}\\n]"; fi
done

# query RPM FORMAT
query() {
  rpm -qp --nosignature --nodigest --qf "$2" "$1" || die 12 rpm-unreadable "${1##*/} cannot be read"
}

# header RPM: one line per tag, its values in one.
header() {
  query "$1" "$format" | awk '
    {gsub(/\\/, "\\\\"); gsub(/\t/, "\\t")}
    match($0, /^[A-Z]+=/) {tag = substr($0, 1, RLENGTH - 1); value = substr($0, RLENGTH + 1)
      if (tag in all) all[tag] = all[tag] "\\n" value; else {all[tag] = value; order[n++] = tag}; next}
    {all[tag] = all[tag] "\\n" $0}
    END {for (i = 0; i < n; i++) print order[i] "\t" all[order[i]]}' | sort -t '	' -k 1,1
}

# files RPM: path, digest, mode, size, mtime, owner, target of a link, flags; sorted by path.
files() {
  query "$1" '[%{FILENAMES}\t%{FILEDIGESTS}\t%{FILEMODES:octal}\t%{FILESIZES}\t%{FILEMTIMES}\t%{FILEUSERNAME}:%{FILEGROUPNAME}\t%{FILELINKTOS}\t%{FILEFLAGS}\n]' |
    grep -v '^(none)' | sort -t '	' -k 1,1 || true
}

# clocked A B: prints 1 when an rpm made both that can take the time from nowhere but the clock, else 0.
clocked() {
  local rpm version
  for rpm in "$@"; do
    version=$(query "$rpm" '%{RPMVERSION}\n')
    if [ "$(printf '%s\n4.14\n' "$version" | sort -V | head -n 1)" = 4.14 ]; then
      echo 0
      return
    fi
  done
  echo 1
}

# unsigned RPM DIRECTORY: its modules without their signatures.
unsigned() {
  mkdir "$2"
  (cd "$2" && rpm2cpio "$1" | cpio -id --quiet --no-absolute-filenames '*.ko')
}

# signatures PUBLISHED REBUILT: in $work/found, modules that differ in their signature alone become "signature".
signatures() {
  local path
  awk -F '\t' '$2 == "content" && $3 ~ /\.ko$/ {print $3}' "$work/found" >"$work/modules"
  [ -s "$work/modules" ] || return 0
  rm -rf "$work/was" "$work/is"
  unsigned "$1" "$work/was"
  unsigned "$2" "$work/is"
  : >"$work/same"
  while IFS= read -r path; do
    readelf -W -S "$work/was/$path" 2>/dev/null | grep -F ' .note.module.sig ' >/dev/null || continue
    if objcopy -R .note.module.sig "$work/was/$path" "$work/one" && objcopy -R .note.module.sig "$work/is/$path" "$work/two" &&
      cmp -s "$work/one" "$work/two"; then printf '%s\n' "$path" >>"$work/same"; fi
  done <"$work/modules"
  awk -F '\t' -v OFS='\t' 'FILENAME == ARGV[1] {same[$0]; next} $2 == "content" && $3 in same {$2 = "signature"} {print}' \
    "$work/same" "$work/found" >"$work/found.new"
  mv "$work/found.new" "$work/found"
}

mkdir -p /out
: >"$work/differences"
count=0
for published in /in/published/*.rpm; do
  name=${published##*/}
  rebuilt=/in/rebuilt/$name
  if [ ! -f "$published" ] || [ ! -f "$rebuilt" ]; then die 64 step-usage "/in/rebuilt has no $name"; fi
  count=$((count + 1))
  clock=$(clocked "$published" "$rebuilt")
  header "$published" >"$work/a"
  header "$rebuilt" >"$work/b"
  awk -F '\t' -v OFS='\t' -v name="$name" -v clock="$clock" '
    FNR == NR {a[$1] = $2; next}
    {b[$1] = $2}
    !($1 in a) || a[$1] != $2 {print name, (clock && ($1 == "BUILDTIME" || $1 == "COOKIE") ? "clock" : "header"), $1, a[$1], $2}
    END {for (tag in a) if (!(tag in b)) print name, "header", tag, a[tag], ""}' "$work/a" "$work/b" >"$work/found"
  files "$published" >"$work/a"
  files "$rebuilt" >"$work/b"
  awk -F '\t' -v OFS='\t' -v name="$name" -v clock="$clock" '
    function differ(kind, before, after) {print name, kind, $1, before, after}
    FILENAME == ARGV[1] {line[$1] = $0; next}
    !($1 in line) {differ("added", "", $4 " bytes"); next}
    {
      split(line[$1], was, "\t")
      delete line[$1]
      # The first digits of a mode are the kind of file.
      if (substr(was[3], 1, length(was[3]) - 4) != substr($3, 1, length($3) - 4)) differ("type", was[3], $3)
      else if (was[3] != $3) differ("mode", was[3], $3)
      if (was[2] != $2) differ("content", was[4] " bytes " substr(was[2], 1, 12), $4 " bytes " substr($2, 1, 12))
      if (was[5] != $5) differ(clock ? "clock" : "mtime", was[5], $5)
      if (was[6] != $6) differ("owner", was[6], $6)
      if (was[7] != $7) differ("link", was[7], $7)
      if (was[8] != $8) differ("flags", was[8], $8)
    }
    END {for (path in line) {split(line[path], was, "\t"); print name, "missing", path, was[4] " bytes", ""}}' \
    "$work/a" "$work/b" >>"$work/found"
  signatures "$published" "$rebuilt"
  if [ ! -s "$work/found" ]; then
    # Same headers and files: what is left is how they are packed. (Signatures are not part of the payload.)
    a=$(rpm2cpio "$published" | sha256sum)
    b=$(rpm2cpio "$rebuilt" | sha256sum)
    if [ "$a" = "$b" ]; then same='the same once unpacked'; else same='other archives'; fi
    printf '%s\tpayload\t%s\t\t\n' "$name" "$same" >"$work/found"
  fi
  sort "$work/found" >>"$work/differences"
done
mv "$work/differences" /out/differences
echo "@@factory compared=$count"
