#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Is this the host that the manifest is for?

# platform: $host_id and $host_version as in os-release; CentOS 6 has none. $style: how services and settings are done there.
platform() {
  host_id=''
  host_version=''
  for file in "$root/etc/os-release" "$root/usr/lib/os-release"; do
    [ -r "$file" ] || continue
    host_id=$(sed -n 's/^ID="\{0,1\}\([a-z0-9._-]*\)"\{0,1\}$/\1/p' "$file")
    host_version=$(sed -n 's/^VERSION_ID="\{0,1\}\([0-9]*\).*/\1/p' "$file")
    break
  done
  if [ -z "$host_id" ] && [ -r "$root/etc/redhat-release" ]; then
    case $(cat "$root/etc/redhat-release") in
      CentOS*) host_id=centos ;;
      "Red Hat Enterprise Linux"*) host_id=redhat ;;
    esac
    host_version=$(sed -n '1s/.* release \([0-9]*\).*/\1/p' "$root/etc/redhat-release")
  fi
  case $host_id:$host_version in centos:[56] | redhat:[56] | rhel:[56]) style=sysv ;; *) style=systemd ;; esac
}

# host_arch: of the running system; of a root the one that its shell is made for.
host_arch() {
  if [ -z "$root" ]; then
    uname -m
    return
  fi
  inside /bin/sh
  case $(od -An -tu2 -j18 -N2 "$root$path" 2>/dev/null | tr -d ' ') in
    62) echo x86_64 ;;
    183) echo aarch64 ;;
    3) echo i686 ;;
    *) m platform.arch ;;
  esac
}

check_platform() {
  platform
  arch=$(host_arch)
  [ "$arch" = "$(m platform.arch)" ] || refuse 30 platform "this host is $arch, and the packages are for $(m platform.arch): take a host of that kind"
  awk -F '\t' '{v = substr($0, length($1) + 2)}
    $1 ~ /^platform\.distributions\.[0-9]+\.id$/ {id = v}
    $1 ~ /^platform\.distributions\.[0-9]+\.versions\./ {print id " " v}' "$work/manifest" >"$work/distributions"
  grep -qxF "$host_id $host_version" "$work/distributions" ||
    refuse 30 platform "this host is ${host_id:-unknown} ${host_version:-(no version)}, and the manifest is for $(paste -s -d , "$work/distributions"): take another recipe or another host"
}

# check_space: kernels and initramfs go to /boot; what is installed already needs none.
check_space() {
  [ ! -e "$root$image" ] || return 0
  space_at=$root/boot
  [ -d "$space_at" ] || space_at=${root:-/}
  free=$(df -Pk "$space_at" | awk 'NR == 2 {print int($4 / 1024)}')
  [ "${free:-0}" -ge "$(m platform.bootMiB)" ] ||
    refuse 31 space "$space_at has ${free:-0} MiB left, and $(m platform.bootMiB) are needed: remove kernels that are not used"
}

pair_or_none() { m pair | sed 's/^$/none/'; }

# check_pair: director and backend of one fleet have to be of one pair.
check_pair() {
  [ -n "$fleet" ] || return 0
  [ -r "$fleet" ] || refuse 64 usage "--fleet $fleet cannot be read"
  fleet_pair=$(sed -n 's/^pair[ \t][ \t]*\([^ \t]*\)[ \t]*$/\1/p' "$fleet")
  case $fleet_pair in
    '' | *"
"*) refuse 64 usage "--fleet $fleet has to have one line of the form: pair ID" ;;
  esac
  [ "$fleet_pair" = "$(m pair)" ] ||
    refuse 32 pair "this $role is of pair $(pair_or_none), and the fleet of $fleet is $fleet_pair: directors and backends of different pairs do not work together"
}

check_boot() {
  loader=$(boot_kind)
  [ "$loader" != none ] || refuse 40 boot "no boot loader that this script knows in $root/boot (GRUB legacy: grub.conf, GRUB 2: grub.cfg): how is this host booted?"
}

