#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Reads untrusted archives; sourced by scripts that have sourced lib.sh. What may be in them: check-archive.pl. All settings
# are limits of the recipe: UNPACK_MEMBERS, UNPACK_BYTES, UNPACK_PATH_BYTES, UNPACK_RATIO.

# first_bytes FILE COUNT: in hexadecimal.
first_bytes() {
  od -A n -t x1 -N "$2" "$1" | tr -d ' \n'
}

# decompress ARCHIVE: writes it as an uncompressed tar stream. The name says what it must be, and the first bytes must agree:
# gzip, for one, would unpack a zip archive, too. Memory is limited: an xz stream may ask for 4 GiB.
decompress() {
  local name=${1##*/} magic
  magic=$(first_bytes "$1" 8)
  case $name:$magic in
    *.deb:213c617263683e0a) (ulimit -v 393216 && DPKG_DEB_THREADS_MAX=1 dpkg-deb --fsys-tarfile "$1") ;;
    *.tar.gz:1f8b08* | *.tgz:1f8b08*) gzip -dc "$1" ;;
    *.tar.bz2:425a68*) bzip2 -dc "$1" ;;
    *.tar.xz:fd377a585a00*) xz -dc -M 128MiB "$1" ;;
    *.tar:*) cat "$1" ;;
    *.deb:* | *.tar.gz:* | *.tgz:* | *.tar.bz2:* | *.tar.xz:*) echo "it is not what its name says (it starts with $magic)" >&2 && return 1 ;;
    *) die 64 step-usage "unknown kind of archive: $name" ;;
  esac
}

# judged KIND ARCHIVE [LIST [MEMBER]]: the archive as a stream of which every member was looked at; see check-archive.pl.
# To be called in a subshell, as that of a pipeline: it ends the shell when it refuses. Exit 12 archive-unreadable, 20 archive-refused.
judged() {
  local kind=$1 archive=$2 name=${2##*/} said codes
  said=$(mktemp)
  shift 2
  set +e
  if [ "$kind" = srpm ]; then rpm2cpio "$archive" 2>"$said"; else decompress "$archive" 2>"$said"; fi |
    perl /step/check-archive.pl "$kind" "$name" "$(stat -c %s "$archive")" "$@"
  codes=("${PIPESTATUS[@]}")
  set -e
  # A refusal is told already; it breaks the decompressor off.
  [ "${codes[1]}" -ne 20 ] || exit 20
  [ "${codes[0]}" -ne 64 ] || exit 64
  if [ "${codes[0]}" -ne 0 ] && [ -s "$said" ]; then
    die 12 archive-unreadable "$name cannot be unpacked: $(grep -m 1 . "$said")"
  fi
  [ "${codes[1]}" -ne 22 ] || die 20 archive-refused "$name | truncated | "
  # rpm2cpio says nothing when a payload is not as long as the header has it.
  [ "${codes[0]}" -eq 0 ] || die 12 archive-unreadable "$name cannot be unpacked: it is damaged"
  [ "${codes[1]}" -eq 0 ] || die 12 archive-unreadable "$name cannot be read"
}

# unpack_srpm SRPM DIRECTORY [NAME...]: its files, or those named, into a DIRECTORY that exists. Leaves the list of what it
# holds, one name per line, in $srpm_list. Exit 12 archive-unreadable, 20 archive-refused.
unpack_srpm() {
  local srpm=$1 dir=$2 codes
  shift 2
  srpm_list=$(mktemp)
  rpm -qp --nosignature --nodigest --qf '[%{FILESIZES} %{BASENAMES}\n]' "$srpm" >"$srpm_list" ||
    die 12 archive-unreadable "${srpm##*/} is no readable package"
  # Twice: nothing is written of a package whose last member is the bad one.
  (judged srpm "$srpm" "$srpm_list") >/dev/null || exit $?
  set +e
  judged srpm "$srpm" "$srpm_list" | (cd "$dir" && cpio -id --quiet --no-absolute-filenames "$@")
  codes=("${PIPESTATUS[@]}")
  set -e
  [ "${codes[0]}" -eq 0 ] || exit "${codes[0]}"
  [ "${codes[1]}" -eq 0 ] || die 12 archive-unreadable "${srpm##*/} cannot be unpacked"
  sed -i 's/^[0-9]* //' "$srpm_list"
}
