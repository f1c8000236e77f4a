#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Will the new kernel find its root file system? Everything between it and the machine needs a driver: the file system, mappings
# (LVM, RAID), the disk, its controller, down to the bus. Without an initramfs all of that has to be built in.

# root_drivers: lines "module what" of all that lies under the root file system now.
root_drivers() {
  root_line=$(awk '$5 == "/" {for (i = 7; $i != "-"; i++); line = $3 " " $(i + 1)} END {print line}' "$proc/self/mountinfo")
  root_device=$sys/dev/block/${root_line% *}
  # A file system of no disk (NFS, a container): nothing is known.
  [ -e "$root_device" ] || return 0
  echo "${root_line#* } file system ${root_line#* }"
  root_below "$root_device"
}

# root_below BLOCK_DEVICE: of a block device and what it is made of. Each runs in a shell of its own: it calls itself.
root_below() {
  root_at=$(cd "$1" && pwd -P) || return 0
  root_name=${root_at##*/}
  if [ -d "$root_at/dm" ]; then echo "dm_mod $root_name"; fi
  if [ -f "$root_at/md/level" ]; then sed "s/^raid[456]\$/raid456/; s/\$/ $root_name/" "$root_at/md/level"; fi
  for root_slave in "$root_at"/slaves/*; do
    [ ! -e "$root_slave" ] || (root_below "$root_slave")
  done
  if [ -f "$root_at/partition" ]; then root_at=${root_at%/*}; fi
  if [ ! -e "$root_at/device" ]; then return 0; fi
  root_name=${root_at##*/}
  root_up=$(cd "$root_at/device" && pwd -P)
  while [ "${root_up#"$sys"/}" != "$root_up" ]; do
    root_used=$(devices_driver "$root_up")
    root_id=''
    if [ -f "$root_up/vendor" ] && [ -f "$root_up/device" ] && [ -f "$root_up/class" ]; then
      root_id=" [$(sed 's/^0x//' "$root_up/vendor"):$(sed 's/^0x//' "$root_up/device")]"
    fi
    # Ports and bridges above the controller have drivers of the kernel itself.
    case $root_used in '- -' | pcieport* | pci*) ;; *) echo "${root_used#* } $root_name, ${root_up##*/}$root_id" ;; esac
    root_up=${root_up%/*}
  done
}

# root_warnings DEVICES_FILE INITRAMFS|-
root_warnings() {
  root_drivers | sort -u >"$work/root-drivers"
  awk -v drivers="$work/root-drivers" -v without="$([ "$2" = - ] && echo yes)" '
    function normal(name) {gsub(/-/, "_", name); return name}
    $1 == "module" {has[normal($2)] = $3}
    END {
      while ((getline line <drivers) > 0) {
        name = line; sub(/ .*/, "", name)
        what = line; sub(/^[^ ]* /, "", what)
        if (!(normal(name) in has))
          print "warning: the root file system needs " name " (" what "), and the new kernel has no such driver: it would not start"
        else if (without == "yes" && has[normal(name)] != "builtin")
          print "warning: the root file system needs " name " (" what "), in the new kernel a module, and it starts without an initramfs: it would not start"
      }
    }' "$1"
}

# devices_initramfs DEVICES_FILE INITRAMFS: what the root file system needs as a module has to be in the initramfs that was made.
# Prints what is missing, a line each, and fails then. To be called before the new kernel is to be started.
devices_initramfs() {
  [ -z "$root" ] || return 0
  initramfs_names "$2" >"$work/initramfs" || {
    echo "$2 cannot be read: make it again with dracut"
    return 1
  }
  root_drivers | sort -u >"$work/root-drivers"
  awk -v drivers="$work/root-drivers" -v archive="$2" '
    function normal(name) {gsub(/-/, "_", name); return name}
    FILENAME == ARGV[1] {if ($1 == "module") has[normal($2)] = $3; next}
    {
      n = split($NF, part, "/")
      name = part[n]
      if (sub(/\.ko(\.gz|\.xz|\.zst)?$/, "", name)) there[normal(name)] = 1
    }
    END {
      while ((getline line <drivers) > 0) {
        name = line; sub(/ .*/, "", name)
        what = line; sub(/^[^ ]* /, "", what)
        if (has[normal(name)] != "module" || there[normal(name)]) continue
        print archive " lacks " name ", which the root file system needs (" what "): make it again with dracut --add-drivers " name
        missing = 1
      }
      exit missing
    }' "$1" "$work/initramfs"
}

# initramfs_names FILE: what is in it. Microcode may stand before it as an archive of its own, not compressed; cpio reads one
# archive and leaves the rest.
initramfs_names() {
  if [ "$(head -c 6 "$1" 2>/dev/null)" = 070701 ]; then
    {
      cpio -it 2>/dev/null
      initramfs_rest
    } <"$1"
  else
    initramfs_rest <"$1"
  fi >"$work/initramfs-names"
  [ -s "$work/initramfs-names" ] && cat "$work/initramfs-names"
}

initramfs_rest() {
  cat >"$work/initramfs-packed"
  if [ "$(head -c 6 "$work/initramfs-packed")" = 070701 ]; then
    cat "$work/initramfs-packed"
  else
    gzip -dc <"$work/initramfs-packed" 2>/dev/null ||
      xz -dc <"$work/initramfs-packed" 2>/dev/null ||
      zstd -dc <"$work/initramfs-packed" 2>/dev/null ||
      bzip2 -dc <"$work/initramfs-packed" 2>/dev/null
  fi | cpio -it 2>/dev/null
}
