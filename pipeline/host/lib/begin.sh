#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# What every script for hosts begins with: refusing, needed programs, a private directory.

# refuse STATUS KIND WORDS...: the one line that says what, where, and what to do.
refuse() {
  status=$1
  kind=$2
  shift 2
  echo "$program: $kind: $*" >&2
  # What is being done on a host is logged, and so is how it ended.
  if [ -n "${logging:-}" ]; then log "$kind: $*"; fi
  exit "$status"
}

# need PROGRAM...
need() {
  for needed; do
    command -v "$needed" >/dev/null 2>&1 || refuse 69 missing "this host has no $needed: install it with the host's package manager"
  done
}

# make_work: $work, a directory of this run that goes away with it.
make_work() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/$program.XXXXXX") || exit 69
  trap 'leave_work' EXIT
  trap 'exit 130' INT TERM HUP
}

leave_work() {
  gpgconf --homedir "$work/gnupg" --kill all >/dev/null 2>&1
  rm -rf "$work"
}

