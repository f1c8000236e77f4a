#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Boot loaders: which one this host has, and what all of them share. The new kernel gets an entry beside the present default, is
# tried once, and becomes the default only when it was confirmed. See docs/boot.md.

sys=/sys
proc=/proc

# boot_kind: legacy, grub2, or none that is known.
boot_kind() {
  if [ -f "$root/boot/grub/stage2" ] && [ -f "$root$(legacy_conf)" ]; then
    echo legacy
  elif [ -f "$root/boot/grub/grub.cfg" ] || [ -f "$root/boot/grub2/grub.cfg" ]; then
    echo grub2
  else
    echo none
  fi
}

# boot_plan RELEASE IMAGE INITRAMFS|- ARGUMENTS: what would change, a line each; nothing when it is as wished.
boot_plan() { boot_call plan "$@"; }
# boot_add RELEASE IMAGE INITRAMFS|- ARGUMENTS: an entry for this kernel; the default stays what it is.
boot_add() { boot_call add "$@"; }
# boot_try RELEASE: the next start takes this kernel, the one after it the default. Not with an initramfs ($initramfs of the
# manifest, with the list of drivers in $work/devices) that lacks what the root file system needs.
boot_try() {
  if [ -n "${initramfs:-}" ] && [ -f "$work/devices" ]; then
    devices_initramfs "$work/devices" "$root$initramfs" >"$work/boot-lacks" || refuse 40 boot "$(head -n 1 "$work/boot-lacks")"
  fi
  boot_call try "$@"
}
# boot_confirm RELEASE: from now on this kernel is the default.
boot_confirm() { boot_call confirm "$@"; }
# boot_remove RELEASE: no entry and no start of it any more. To be called by rollback before kept files are put back: it
# also undoes what lies outside of files that can be put back.
boot_remove() { boot_call remove "$@"; }
# boot_state RELEASE: absent, added, trying (the next start takes it), tried (it was started once), confirmed.
boot_state() { boot_call state "$@"; }

boot_call() { # WHAT RELEASE ...
  boot_what=$1
  shift
  case $1 in '' | *[!0-9A-Za-z._+-]*) refuse 40 boot "$1 is no release of a kernel" ;; esac
  case $(boot_kind) in
    legacy) "legacy_$boot_what" "$@" ;;
    grub2) "grub2_$boot_what" "$@" ;;
    *)
      if [ "$boot_what" = state ]; then
        echo absent
      elif [ -f "$root/boot/efi/EFI/redhat/grub.conf" ]; then
        refuse 40 boot "GRUB 0.97 for EFI cannot start an entry once: this host has to start by its BIOS, or the kernel is installed by hand"
      else
        refuse 40 boot "$root/boot has neither grub/grub.conf with stage2 (GRUB of EL6) nor grub/grub.cfg: no boot loader that this script knows"
      fi
      ;;
  esac
}

# boot_with ARGUMENTS WANTED: the arguments, with those wanted that are missing at the end.
boot_with() {
  boot_line=$1
  for boot_word in $2; do
    case " $boot_line " in *" $boot_word "*) ;; *) boot_line="$boot_line $boot_word" ;; esac
  done
  printf '%s\n' "$boot_line"
}

# boot_root_device: number of the device of the root file system (8:1), as the kernel names it.
boot_root_device() { awk '$5 == "/" {device = $3} END {print device}' "$proc/self/mountinfo"; }

# boot_root ARGUMENTS: the same with a root= that a kernel finds without an initramfs. It knows names of devices and PARTUUIDs,
# but not UUID=, LABEL= and what device mapper or md put together (init/do_mounts.c).
boot_root() {
  case " $1 " in
    *' root=UUID='* | *' root=LABEL='* | *' root=/dev/disk/'* | *' root=/dev/mapper/'* | *' root=/dev/md'*) ;;
    *)
      printf '%s\n' "$1"
      return 0
      ;;
  esac
  boot_device=''
  if [ -z "$root" ]; then boot_device=$sys/dev/block/$(boot_root_device); fi
  if [ -z "$boot_device" ] || [ ! -d "$boot_device" ]; then
    printf '%s\n' "$1"
    return 0
  fi
  if [ -d "$boot_device/dm" ] || [ -d "$boot_device/md" ]; then
    refuse 40 boot "the root file system lies on $(boot_uevent DEVNAME) (LVM, RAID or encrypted), which takes an initramfs to find, and this kernel has none"
  fi
  boot_name=$(boot_uevent DEVNAME)
  boot_partition=$(boot_uevent PARTUUID)
  [ -n "$boot_partition" ] || boot_partition=$(blkid -s PARTUUID -o value "/dev/$boot_name" 2>/dev/null)
  printf '%s\n' "$1" | awk -v new="root=${boot_partition:+PARTUUID=}${boot_partition:-/dev/$boot_name}" '
    {for (i = 1; i <= NF; i++) printf "%s%s", (i > 1 ? " " : ""), ($i ~ /^root=/ ? new : $i); print ""}'
}

# boot_uevent NAME: of the device in $boot_device.
boot_uevent() { sed -n "s/^$1=//p" "$boot_device/uevent"; }

# boot_doubts IMAGE INITRAMFS|- ARGUMENTS: warnings.
boot_doubts() {
  case "$2 $3" in
    '- '*root=UUID=* | '- '*root=LABEL=*)
      echo "warning: $1 has no initramfs and root= names a UUID or LABEL, which only an initramfs finds; from here it cannot be told which partition that is"
      ;;
  esac
}

# boot_put PATH MODE: put_file with the mode that the file has; MODE for a new one.
boot_put() { put_file "$1" "$(stat -c %a "$root$1" 2>/dev/null || echo "$2")"; }

# boot_copied FROM TO: a file takes the place of another at once, with owner, mode and times of that. For what a boot loader
# writes into by itself; `keep` would take that for somebody's change.
boot_copied() {
  rm -f "$2.fullnat-new"
  if [ -f "$2" ]; then cp -a "$2" "$2.fullnat-new"; fi
  cat "$1" >"$2.fullnat-new" || refuse 44 failed "$2 cannot be written: is the file system full or read-only?"
  if [ -f "$2" ]; then touch -r "$2" "$2.fullnat-new"; fi
  flush "$2.fullnat-new"
  mv -f "$2.fullnat-new" "$2"
  flush "${2%/*}"
}
