#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# The last part. Nothing runs before the last line, so half a download does nothing.

main() {
  read_options "$@"
  need awk sed gpg date sha256sum rpm
  [ "$(id -u)" -eq 0 ] || refuse 37 root "this has to be started by root, who alone can read and change what it looks at"
  places
  make_work
  case $command in apply | verify | rollback) take_lock ;; esac
  case $command in apply | rollback) finish_end ;; esac
  open_state
  case $command in plan | apply) recall_options ;; esac
  "$command"
}

# leave_parent: an empty directory is none of ours to leave.
leave_lock() {
  rm -rf "$lock"
  rmdir "$parent" 2>/dev/null
  leave_work
}

# From here on a pipe may be closed: what is started does not read the script.
main "$@" </dev/null
