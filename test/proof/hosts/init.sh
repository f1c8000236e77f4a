#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The first process of a host of the installation proof: what an init does at boot with the files that install.sh leaves,
# then commands over the second serial line, as verify-boot-init.sh takes them.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TZ=UTC
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -o remount,rw /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
ln -sf /proc/self/fd /dev/fd
hostname "$(cat /etc/hostname 2>/dev/null || echo host)"
modprobe -q virtio_net
ip link set lo up
for file in /etc/modules-load.d/*.conf; do
  if [ -f "$file" ]; then grep -v '^[#;]' "$file" | while read -r module; do modprobe "$module" || echo "init: module $module does not load"; done; fi
done
for file in /etc/sysctl.d/*.conf; do if [ -f "$file" ]; then sysctl -q -p "$file"; fi; done
if [ -x /etc/rc.local ]; then /etc/rc.local; fi

stty -F /dev/ttyS1 raw -echo 115200
exec 3<>/dev/ttyS1
echo "hello $(uname -r)" >&3
while read -r number command <&3; do
  echo "$command" | base64 -d >/run/command
  sh /run/command >/run/output 2>&1 </dev/null 3>&-
  code=$?
  {
    echo "$number $code"
    base64 /run/output
    echo
  } >&3
done
