#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What installed packages put on this machine, as a tar archive: the file system that verify-boot boots. Called by
# verify-install.sh, after the checks.
#
#   verify-install-rootfs.sh ARCHIVE PACKAGE...
#
# The archive holds the packages' files without documentation, all that is in /lib/modules (depmod wrote into it), and the
# libraries of this machine that the packages' programs are linked to. Paths are physical: no part of one is a symbolic link,
# except /bin, /sbin, /lib and /lib64 where they are links, and these are in the archive as such.
set -euo pipefail

archive=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

declare -A real_directory
# physical PATH: sets $REPLY to it with every directory resolved, but not its last part.
physical() {
  local dir=${1%/*}
  if [ -z "${real_directory[${dir:-/}]:-}" ]; then real_directory[${dir:-/}]=$(readlink -f "${dir:-/}"); fi
  REPLY=${real_directory[${dir:-/}]%/}/${1##*/}
}

rpm -ql "$@" | grep -vE '^/usr/share/(doc|man|info|licenses)(/|$)|^/boot/System\.map' >"$work/owned"
if [ -d /lib/modules ]; then find /lib/modules/ ! -type d >>"$work/owned"; fi

while read -r path; do
  if [ ! -L "$path" ] && [ ! -f "$path" ]; then continue; fi
  physical "$path"
  printf '%s\n' "$REPLY"
  case $path in
    *.ko | *.ko.* | /boot/*) ;;
    *)
      # Of what is no program, ldd says that it is none.
      if [ -x "$path" ]; then { ldd "$path" 2>/dev/null || true; } | awk '$2 == "=>" && $3 ~ /^\// {print $3} $1 ~ /^\// {print $1}' >>"$work/libraries"; fi
      ;;
  esac
done <"$work/owned" >"$work/paths"

touch "$work/libraries"
sort -u "$work/libraries" | while read -r path; do
  physical "$path"
  printf '%s\n' "$REPLY"
  readlink -f "$path"
done >>"$work/paths"
for path in /bin /sbin /lib /lib64; do
  if [ -L "$path" ]; then printf '%s\n' "$path" >>"$work/paths"; fi
done

sort -u "$work/paths" | sed 's#^/##' >"$work/list"
tar -c --no-recursion --format=gnu --numeric-owner --owner=0 --group=0 --mtime=@0 -C / -T "$work/list" -f "$archive"
echo "@@factory rootfs-files=$(wc -l <"$work/list") rootfs-bytes=$(stat -c %s "$archive")"
