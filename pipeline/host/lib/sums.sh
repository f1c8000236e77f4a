#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# The sums of a snapshot, and files that have to be as they say.

# take_sums: of $snapshot at $place, by its name and by their signature.
take_sums() {
  fetch "${place}SHA256SUMS" "$work/SHA256SUMS"
  fetch "${place}SHA256SUMS.asc" "$work/SHA256SUMS.asc"
  digest=$(sha256sum <"$work/SHA256SUMS")
  content=${snapshot##*-}
  case $digest in
    "$content"*) ;;
    *) refuse 15 snapshot "${place}SHA256SUMS is not that of $snapshot" ;;
  esac
  [ ${#content} -eq 12 ] || refuse 15 snapshot "$snapshot is no name of a snapshot"
  signer "$work/SHA256SUMS.asc" "$work/SHA256SUMS" >/dev/null ||
    refuse 15 snapshot "${place}SHA256SUMS was not signed by a key that this host knows"
}

# sum_of PATH: what the sums say; nothing if they do not name it.
sum_of() { awk -v path="$1" '$2 == path && length($0) == 66 + length(path) {print $1}' "$work/SHA256SUMS"; }

# check_file PATH WANT: into $work/file.
check_file() {
  fetch "$place$1" "$work/file" 4294967296
  got=$(sha256sum <"$work/file")
  [ "${got%% *}" = "$2" ] || refuse 15 snapshot "$place$1 has other bytes than SHA256SUMS says"
}

# check_signed PATH: the signature beside it, over what check_file just fetched.
check_signed() {
  cp "$work/file" "$work/signed"
  fetch "$place$1.asc" "$work/signed.asc"
  signer "$work/signed.asc" "$work/signed" >/dev/null ||
    refuse 15 snapshot "$place$1.asc was not made by a key that this host knows"
}

# check_index: what yum and dnf read first.
check_index() {
  index=$(sum_of repodata/repomd.xml)
  [ -n "$index" ] || refuse 15 snapshot "${place}SHA256SUMS names no repodata/repomd.xml"
  check_file repodata/repomd.xml "$index"
}

