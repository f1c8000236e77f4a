#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# check-repository.sh: its last part. Nothing runs before the last line, so half a download does nothing.

check_repository() {
  read_options "$@"
  need awk sed gpg date sha256sum
  choose_fetcher "$base"
  make_work
  accept_older_serial=yes
  make_keyring
  take_pointer
  take_sums
  check_index
  [ -z "$complete" ] || check_complete
  remember_pointer
  say_accepted
  echo "check-repository: $recipe is at $snapshot since $published, good until $expires (serial $serial, signed by $by)"
}

check_repository "$@"
