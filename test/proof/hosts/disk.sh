#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes /hosts/base.img out of /hosts/root: a disk with a partition table and one ext4 file system, and GRUB where grub-install
# puts it (boot.img in the first sector, core.img behind it). Needs no loop device. Leaves /hosts/old with the release of the
# kernel on it.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC

root=/hosts/root
uuid=0e7c1d6a-5f6b-4f0a-9a52-3f2b1c6d7e8f
release=$(basename "$root"/boot/vmlinuz-*)
release=${release#vmlinuz-}
printf '%s\n' "$release" >/hosts/old

mkdir -p "$root/boot/grub"
cp -r /usr/lib/grub/i386-pc "$root/boot/grub/i386-pc"
rm -f "$root"/boot/grub/i386-pc/*.{img,image,exec,module} "$root/.dockerenv"
arguments='no_timer_check tsc=reliable rcupdate.rcu_cpu_stall_timeout=300'
sed "s|@UUID@|$uuid|g;s|@RELEASE@|$release|g;s|@ARGUMENTS@|$arguments|g" /usr/share/fullnat-factory/hosts/grub.cfg >"$root/boot/grub/grub.cfg"
chroot "$root" grub-editenv /boot/grub/grubenv create
install -m 755 /usr/share/fullnat-factory/hosts/init.sh "$root/sbin/init"
printf 'UUID=%s / ext4 errors=remount-ro 0 1\n' "$uuid" >"$root/etc/fstab"
rm -f "$root/etc/hostname" "$root/etc/hosts" "$root/etc/resolv.conf"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"

# MiB: before the partition, and it. GRUB 2.06 cannot read file systems with the newest features.
before=1 size=1100
truncate -s "${size}M" /hosts/part.img
mke2fs -q -t ext4 -O ^metadata_csum_seed,^orphan_file -E lazy_itable_init=0,lazy_journal_init=0 -U "$uuid" -d "$root" /hosts/part.img
truncate -s "$((before + size))M" /hosts/base.img
printf 'label: dos\nlabel-id: 0xf0117a70\nstart=%d, size=%d, type=83, bootable\n' $((before * 2048)) $((size * 2048)) |
  sfdisk -q /hosts/base.img
dd if=/hosts/part.img of=/hosts/base.img bs=1M seek="$before" conv=notrunc,sparse status=none
rm -r /hosts/part.img "$root"

grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o /hosts/core.img biosdisk part_msdos ext2
dd if=/usr/lib/grub/i386-pc/boot.img of=/hosts/base.img bs=440 count=1 conv=notrunc status=none
dd if=/hosts/core.img of=/hosts/base.img bs=512 seek=1 conv=notrunc status=none
rm /hosts/core.img
chmod 644 /hosts/base.img
