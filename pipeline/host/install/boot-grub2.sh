#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# GRUB 2: entries in custom.cfg, which grub.cfg reads at its end (/etc/grub.d/41_custom) and update-grub leaves alone. What is to be
# started is in the environment block grubenv, which GRUB can write to by itself:
#   fullnat_factory        release that is the default
#   fullnat_factory_try    release that the next start takes; GRUB moves it to
#   fullnat_factory_tried  before it starts it, so that a kernel that hangs or panics is started only once
# A start that somebody chose with grub-reboot goes before all of it.

# Which reading of the block GRUB starts from: what it could not write (LVM, RAID, btrfs) is not tried at all.
grub2_switch() {
  cat <<'SWITCH'
if [ -z "${boot_once}" ]; then
  if [ -n "${fullnat_factory}" ]; then
    set default="fullnat-factory-${fullnat_factory}"
  fi
  if [ -n "${fullnat_factory_try}" ]; then
    set fullnat_factory_tried="${fullnat_factory_try}"
    set fullnat_factory_try=
    save_env fullnat_factory_tried fullnat_factory_try
    set fullnat_factory_tried=
    load_env
    if [ -n "${fullnat_factory_tried}" -a -z "${fullnat_factory_try}" ]; then
      set default="fullnat-factory-${fullnat_factory_tried}"
      set fullnat_factory_panic="panic=30"
      export fullnat_factory_panic
    fi
  fi
fi
SWITCH
}

grub2_dir() { if [ -f "$root/boot/grub/grub.cfg" ]; then echo /boot/grub; else echo /boot/grub2; fi; }

grub2_plan() {
  grub2_needs
  grub2_entry "$@" >"$work/boot-entry"
  grub2_block "$1" <"$work/custom.cfg" >"$work/boot-present"
  if ! cmp -s "$work/boot-entry" "$work/boot-present"; then
    echo "boot: entry of $1 in $(grub2_dir)/custom.cfg:$(sed -n 's/^[[:blank:]]*\(linux[a-z0-9]*\)[[:blank:]]/ \1 /p' "$work/boot-entry")"
    boot_doubts "$2" "$3" "$(sed -n 's/^[[:blank:]]*linux[a-z0-9]*[[:blank:]]//p' "$work/boot-entry")"
  fi
  case $(grub2_state "$1") in
    absent | added) echo "boot: the next start takes $1 once, the one after it again the present default, until it is confirmed" ;;
  esac
}

grub2_add() {
  grub2_needs
  grub2_entry "$@" >"$work/boot-entry"
  {
    grub2_without "$1" <"$work/custom.cfg" | grub2_without
    echo '### BEGIN fullnat-factory ###'
    grub2_switch
    echo '### END fullnat-factory ###'
    cat "$work/boot-entry"
  } >"$work/boot-custom"
  cmp -s "$work/boot-custom" "$work/custom.cfg" || boot_put "$(grub2_dir)/custom.cfg" 644 <"$work/boot-custom"
}

grub2_try() {
  grub2_needs
  grub2_set "fullnat_factory_try=$1" fullnat_factory_tried
}

grub2_confirm() { grub2_set "fullnat_factory=$1" fullnat_factory_try fullnat_factory_tried; }

grub2_remove() {
  for grub2_name in fullnat_factory fullnat_factory_try fullnat_factory_tried; do
    # With an empty value GRUB leaves the name behind.
    case $(grub2_get "$grub2_name") in "$1" | '') grub2_set "$grub2_name" ;; esac
  done
  grub2_custom
  [ -n "$(grub2_block "$1" <"$work/custom.cfg")" ] || return 0
  grub2_without "$1" <"$work/custom.cfg" >"$work/boot-custom"
  if ! grep -q '^### BEGIN fullnat-factory [^#]' "$work/boot-custom"; then
    grub2_without <"$work/boot-custom" >"$work/boot-rest"
    cat "$work/boot-rest" >"$work/boot-custom"
  fi
  boot_put "$(grub2_dir)/custom.cfg" 644 <"$work/boot-custom"
}

grub2_state() {
  grub2_custom
  if [ -z "$(grub2_block "$1" <"$work/custom.cfg")" ]; then
    echo absent
  elif [ "$(grub2_get fullnat_factory_try)" = "$1" ]; then
    echo trying
  elif [ "$(grub2_get fullnat_factory)" = "$1" ]; then
    echo confirmed
  elif [ "$(grub2_get fullnat_factory_tried)" = "$1" ]; then
    echo tried
  else
    echo added
  fi
}

# grub2_custom: $work/custom.cfg is what is there, perhaps nothing.
grub2_custom() { cat "$root$(grub2_dir)/custom.cfg" >"$work/custom.cfg" 2>/dev/null || : >"$work/custom.cfg"; }

# What the one-shot needs of this host, or nothing is done.
grub2_needs() {
  grub2_custom
  grub2_cfg=$root$(grub2_dir)/grub.cfg
  grep -Eq '^[^#]*(source|\.)[[:blank:]]+[^[:blank:]]*/custom\.cfg' "$grub2_cfg" ||
    refuse 40 boot "$grub2_cfg does not read custom.cfg: restore /etc/grub.d/41_custom and run update-grub"
  grep -q '^[^#]*load_env' "$grub2_cfg" ||
    refuse 40 boot "$grub2_cfg does not read grubenv (no load_env): run update-grub"
  grub2_writable
  [ ! -f "$root$(grub2_dir)/grubenv" ] || grub2_whole ||
    refuse 40 boot "$root$(grub2_dir)/grubenv is no environment block of 1024 bytes: run grub-editenv $(grub2_dir)/grubenv create"
}

# GRUB writes to the block in place, by the sectors that the file lies in: not through LVM, RAID or encryption, and not on file
# systems that move or check what they write (GRUB manual, "Environment block").
grub2_writable() {
  [ -z "$root" ] || return 0
  grub2_mount=$(awk -v dir="$(grub2_dir)" '
    {for (i = 7; $i != "-"; i++); at = $5 == "/" ? "/" : $5 "/"}
    index(dir "/", at) == 1 && length(at) >= best {best = length(at); found = $3 " " $(i + 1)}
    END {print found}' "$proc/self/mountinfo")
  boot_device=$sys/dev/block/${grub2_mount% *}
  grub2_words=''
  if [ -d "$boot_device/dm" ] || [ -d "$boot_device/md" ]; then
    grub2_words="$(boot_uevent DEVNAME) (LVM, RAID or encrypted)"
  fi
  case ${grub2_mount#* } in btrfs | zfs | f2fs | bcachefs) grub2_words=${grub2_mount#* } ;; esac
  [ -z "$grub2_words" ] ||
    refuse 40 boot "$(grub2_dir) lies on $grub2_words, where GRUB cannot write down that it tried a kernel: it takes a /boot of its own on a plain partition (ext4, xfs)"
}
