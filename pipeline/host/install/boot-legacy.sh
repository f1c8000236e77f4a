#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# GRUB 0.97 as EL6 has it (grub-0.97-99, patch grub-fedora-9.patch): entries in grub.conf, what is to be started once in stage2.
# That is not the GRUB 0.97 of the manual: there is no file /boot/grub/default, and "savedefault fallback" ignores its argument and
# saves the entry that is being started, so the fallback of the manual does not work. See boot-legacy-stage2.sh.
#
# The new entry stands behind all others: numbers in grub.conf count entries, and none of them shifts.

# legacy_conf: menu.lst and /etc/grub.conf are links to it.
legacy_conf() { echo /boot/grub/grub.conf; }
# Which release was to be started once; whether it was is seen in stage2.
legacy_note() { echo /boot/grub/fullnat-factory; }

legacy_plan() {
  legacy_needs
  legacy_wanted "$@" >"$work/boot-wanted"
  if ! cmp -s "$work/boot-wanted" "$root$(legacy_conf)"; then
    echo "boot: entry of $1 in $(legacy_conf): $(legacy_body "$(legacy_number "$1" <"$work/boot-wanted")" <"$work/boot-wanted" | sed -n 's/^[[:blank:]]*kernel[[:blank:]]*/kernel /p')"
    boot_doubts "$2" "$3" "$(legacy_body "$(legacy_number "$1" <"$work/boot-wanted")" <"$work/boot-wanted" | sed -n 's/^[[:blank:]]*kernel[[:blank:]]*//p')"
    stage2_doubts
  fi
  case $(legacy_state "$1") in
    absent | added) echo "boot: the next start takes $1 once, the one after it again the present default, until it is confirmed" ;;
  esac
}

legacy_add() {
  legacy_needs
  legacy_wanted "$@" >"$work/boot-wanted"
  cmp -s "$work/boot-wanted" "$root$(legacy_conf)" || boot_put "$(legacy_conf)" 600 <"$work/boot-wanted"
}

legacy_try() {
  legacy_needs
  legacy_entry=$(legacy_number "$1" <"$root$(legacy_conf)")
  [ -n "$legacy_entry" ] || refuse 40 boot "$root$(legacy_conf) has no entry of $1: apply again"
  [ "$legacy_entry" -lt 256 ] || refuse 40 boot "$root$(legacy_conf) has more entries than GRUB can count: take old ones out"
  printf '%s\n' "$1" >"$work/boot-note"
  boot_put "$(legacy_note)" 644 <"$work/boot-note"
  stage2_arm "$legacy_entry"
}

legacy_confirm() {
  legacy_entry=$(legacy_number "$1" <"$root$(legacy_conf)")
  [ -n "$legacy_entry" ] || refuse 40 boot "$root$(legacy_conf) has no entry of $1: apply again"
  stage2_disarm
  legacy_default=$(legacy_default <"$root$(legacy_conf)")
  # The first start's panic= goes, unless the host has one of its own.
  legacy_panic=''
  legacy_body "$legacy_default" <"$root$(legacy_conf)" | grep -q '[[:blank:]]panic=' || legacy_panic=yes
  awk -v entry="$legacy_entry" -v panic="$legacy_panic" '
    /^[ \t]*title[ \t]/ {number++}
    /^[ \t]*default[ \t=]/ && !number {print "default=" entry; next}
    number == entry + 1 && /^[ \t]*kernel[ \t]/ && panic {sub(/ panic=30$/, "")}
    {print}' "$root$(legacy_conf)" >"$work/boot-wanted"
  cmp -s "$work/boot-wanted" "$root$(legacy_conf)" || boot_put "$(legacy_conf)" 600 <"$work/boot-wanted"
}

legacy_remove() {
  if [ "$(cat "$root$(legacy_note)" 2>/dev/null)" = "$1" ]; then
    stage2_disarm
    rm -f "$root$(legacy_note)"
  fi
  legacy_entry=$(legacy_number "$1" <"$root$(legacy_conf)")
  [ -n "$legacy_entry" ] || return 0
  awk -v entry="$legacy_entry" '
    /^[ \t]*title[ \t]/ {number++}
    /^[ \t]*(default|fallback)[ \t=]+[0-9]/ && !number {
      match($0, /[0-9]+/)
      value = substr($0, RSTART, RLENGTH) + 0
      # The default itself goes: the first of the others.
      if (value == entry) value = 0
      else if (value > entry) value--
      print substr($0, 1, RSTART - 1) value substr($0, RSTART + RLENGTH)
      next
    }
    number != entry + 1 {print}' "$root$(legacy_conf)" >"$work/boot-wanted"
  grep -q '^[[:blank:]]*title[[:blank:]]' "$work/boot-wanted" ||
    refuse 40 boot "$root$(legacy_conf) has no other entry than that of $1: this host could not start any more"
  boot_put "$(legacy_conf)" 600 <"$work/boot-wanted"
}

legacy_state() {
  legacy_entry=$(legacy_number "$1" <"$root$(legacy_conf)")
  if [ -z "$legacy_entry" ]; then
    echo absent
  elif [ "$(stage2_armed)" = "$legacy_entry" ]; then
    echo trying
  elif [ "$(legacy_default <"$root$(legacy_conf)")" = "$legacy_entry" ]; then
    echo confirmed
  elif [ "$(cat "$root$(legacy_note)" 2>/dev/null)" = "$1" ]; then
    echo tried
  else
    echo added
  fi
}

legacy_needs() {
  grep -q '^[[:blank:]]*title[[:blank:]]' "$root$(legacy_conf)" || refuse 40 boot "$root$(legacy_conf) has no entry to go by"
  stage2_needs
}

# legacy_default: number of the entry that is started by itself, of grub.conf on standard input.
legacy_default() {
  legacy_value=$(sed -n '/^[[:blank:]]*title[[:blank:]]/q; s/^[[:blank:]]*default[[:blank:]=]\{1,\}\([0-9a-z]*\).*/\1/p' | tail -n 1)
  case $legacy_value in
    saved) stage2_saved ;;
    '' | *[!0-9]*) echo 0 ;;
    *) echo "$legacy_value" ;;
  esac
}

# legacy_body NUMBER: the lines of an entry behind its title.
legacy_body() { awk -v entry="$1" '/^[ \t]*title[ \t]/ {number++; next} number == entry + 1 {print}'; }

# legacy_number RELEASE: of the first entry that starts this kernel; nothing when there is none.
legacy_number() {
  awk -v image="vmlinuz-$1" '
    /^[ \t]*title[ \t]/ {number++}
    /^[ \t]*kernel[ \t]/ {
      # Options of the command stand before the path.
      for (i = 2; $i ~ /^--/; i++);
      n = split($i, part, "/")
      if (part[n] == image) {print number - 1; exit}
    }'
}
