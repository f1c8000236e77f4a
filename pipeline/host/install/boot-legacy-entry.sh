#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# GRUB 0.97: grub.conf with an entry for a kernel. Where the kernel's package has made one (new-kernel-pkg and grubby, in %posttrans),
# that one is completed: grubby puts it before the others and counts `default` up, unless /etc/sysconfig/kernel makes it the default.

# legacy_wanted RELEASE IMAGE INITRAMFS|- ARGUMENTS: all of grub.conf as it has to be.
legacy_wanted() {
  legacy_from=$(legacy_default <"$root$(legacy_conf)")
  legacy_entry=$(legacy_number "$1" <"$root$(legacy_conf)")
  # Once it is the default itself it has no panic= of ours any more, and an entry of its own to go by.
  legacy_extra=''
  if [ "$legacy_from" != "$legacy_entry" ]; then
    legacy_body "$legacy_from" <"$root$(legacy_conf)" | grep -q '[[:blank:]]panic=' || legacy_extra=' panic=30'
  fi
  if [ -n "$legacy_entry" ]; then legacy_from=$legacy_entry; fi
  legacy_body "$legacy_from" <"$root$(legacy_conf)" >"$work/boot-default"
  legacy_line=$(sed -n 's/^[[:blank:]]*kernel[[:blank:]]\{1,\}//p' "$work/boot-default" | head -n 1)
  [ -n "$legacy_line" ] || refuse 40 boot "$root$(legacy_conf): entry $legacy_from, the default, starts no kernel"
  legacy_options=''
  while :; do
    case $legacy_line in
      --*)
        legacy_options="$legacy_options${legacy_line%% *} "
        legacy_line=${legacy_line#* }
        ;;
      *) break ;;
    esac
  done
  legacy_path=${legacy_line%%[ 	]*}
  legacy_arguments=$(boot_with "${legacy_line#"$legacy_path"}" "$4$legacy_extra")
  [ "$3" != - ] || legacy_arguments=$(boot_root "$legacy_arguments") || exit
  # Paths are those of the file system that /boot lies in: "/vmlinuz" where it is one of its own; "(hd0,0)/" may stand before it.
  legacy_top=${legacy_path%/*}
  legacy_kernel="kernel $legacy_options$legacy_top/${2##*/} ${legacy_arguments# }"
  legacy_initrd=''
  [ "$3" = - ] || legacy_initrd="initrd $legacy_top/${3##*/}"
  if [ -z "$legacy_entry" ]; then
    # The switch for one start is read where grub.conf says a default (default_func in stage2/builtins.c).
    legacy_with_default <"$root$(legacy_conf)"
    printf 'title fullnat-factory (%s)\n' "$1"
    grep -Ev '^[[:blank:]]*(kernel|initrd|savedefault|#)|^[[:blank:]]*$' "$work/boot-default"
    printf '\t%s\n' "$legacy_kernel"
    [ -z "$legacy_initrd" ] || printf '\t%s\n' "$legacy_initrd"
  else
    legacy_with_default <"$root$(legacy_conf)" | LEGACY_KERNEL=$legacy_kernel LEGACY_INITRD=$legacy_initrd awk -v entry="$legacy_entry" '
      /^[ \t]*title[ \t]/ {number++}
      number == entry + 1 && /^[ \t]*initrd[ \t]/ {next}
      number == entry + 1 && /^[ \t]*kernel[ \t]/ {
        print "\t" ENVIRON["LEGACY_KERNEL"]
        if (ENVIRON["LEGACY_INITRD"] != "") print "\t" ENVIRON["LEGACY_INITRD"]
        next
      }
      {print}'
  fi
}

legacy_with_default() {
  awk '
    /^[ \t]*default[ \t=]/ && !titles {has = 1}
    /^[ \t]*title[ \t]/ {if (!titles++ && !has) print "default=0"}
    {print}'
}
