#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# GRUB 0.97 of EL6: the second sector of /boot/grub/stage2 holds, at byte 12, four bytes: what is saved.
#   bits 0-7   the entry that "default=saved" means
#   bits 8-15  the entry to start once, when bit 16 (STAGE2_ONCEONLY_ENTRY) is set
# GRUB clears bit 16 and writes the sector back when it reads "default", before it starts anything; it shows no menu then
# (grub-fedora-9.patch: default_func, savedefault_helper, timeout_func in stage2/builtins.c; offsets in stage2/shared.h). It is
# what `grub` does with "savedefault --default=N --once"; done here because that program goes through all disks first.
#
# The file is only ever changed in place: GRUB may know it by its sectors.

stage2_file() { echo "$root/boot/grub/stage2"; }
# stage2_byte OFFSET: of the second sector.
stage2_byte() { od -An -t u1 -j $((512 + $1)) -N 1 "$(stage2_file)" 2>/dev/null | tr -d ' '; }

stage2_saved() { stage2_byte 12; }

# stage2_armed: the entry that is started once; nothing when there is none.
stage2_armed() {
  case $(stage2_byte 14) in '' | 0) ;; *) stage2_byte 13 ;; esac
}

stage2_arm() { stage2_write "$1" 1; }
stage2_disarm() { [ -z "$(stage2_armed)" ] || stage2_write 0 0; }

# stage2_write ENTRY ONCE: all four bytes in one write, with the file's times as they were.
stage2_write() {
  touch -r "$(stage2_file)" "$work/stage2-times"
  # shellcheck disable=SC2059 # the format is the bytes
  printf "$(printf '\\%03o' "$(stage2_saved)" "$1" "$2" 0)" |
    dd of="$(stage2_file)" bs=4 seek=$(((512 + 12) / 4)) conv=notrunc 2>/dev/null ||
    refuse 44 failed "$(stage2_file) cannot be written: is /boot read-only?"
  touch -r "$work/stage2-times" "$(stage2_file)"
  flush "$(stage2_file)"
}

# Whether it is such a stage2: version 3.2, the second stage, and the words of Red Hat's savedefault, not of the manual's.
stage2_needs() {
  if [ "$(stage2_byte 6).$(stage2_byte 7).$(stage2_byte 16)" != 3.2.0 ] || ! grep -q 'savedefault' "$(stage2_file)"; then
    refuse 40 boot "$(stage2_file) is no second stage of GRUB 0.97: run grub-install"
  fi
  if grep -q 'next fallback entry is saved' "$(stage2_file)"; then
    refuse 40 boot "$(stage2_file) is GRUB 0.97 without Red Hat's patches, which cannot start an entry once: install the distribution's grub and run grub-install"
  fi
}

# stage2_doubts: a warning where GRUB writes to one of several disks and the system may read another one.
stage2_doubts() {
  [ -z "$root" ] || return 0
  stage2_device=$(awk '{at = $5 == "/" ? "/" : $5 "/"} index("/boot/grub/", at) == 1 && length(at) >= best {best = length(at); found = $3} END {print found}' "$proc/self/mountinfo")
  boot_device=$sys/dev/block/$stage2_device
  [ ! -d "$boot_device/md" ] ||
    echo "warning: /boot lies on $(boot_uevent DEVNAME), a RAID: GRUB writes to one of its disks that the new kernel was tried, and status may go by the other one; start from the same disk until it is confirmed"
}
