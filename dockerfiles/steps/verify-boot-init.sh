#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The first process of a guest: mounts what every program expects, loads the drivers of its network cards, then does what
# verify_boot_guest.py says on the second serial line. It reads lines "<number> <command in base64>" and answers
# "<number> <exit code>", the output in base64, and an empty line.
#
# Settings  /etc/modules  modules to load first, one per line
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null || mdev -s
mount -t tmpfs tmpfs /run
ip link set lo up
while read -r module; do /sbin/modprobe "$module" || echo "init: module $module does not load"; done </etc/modules

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
# Nobody speaks to this guest any more.
poweroff -f
