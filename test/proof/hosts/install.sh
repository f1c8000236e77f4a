#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the two halves of the image; runs as root in the RUN lines of the Dockerfile beside it.
#
#   install.sh host     on the target: what a server has beside it, and the distribution's kernel, which is the old one
#   install.sh runner   on the runner: what makes a disk that boots, and frr, which reads what `factory configure` writes
#
# Settings  FTP_PROXY  "<debian mirror URL>,<debian-security mirror URL>"; see dockerfiles/debian-builder/install.sh.
# Leaves no mirror name: not in files, not in the output.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive

mirrors=${FTP_PROXY:-}
unset FTP_PROXY ftp_proxy
main=${mirrors%%,*}
security=${mirrors#*,}

case ${1:-} in
  host) packages=(linux-image-cloud-amd64 initramfs-tools grub-common curl nginx-light iproute2 iptables procps ethtool frr) ;;
  runner) packages=(e2fsprogs grub-pc-bin grub-common fdisk frr) ;;
  *) exit 64 ;;
esac

literal() { printf '%s' "$1" | sed -E 's#[][\.*^$+?(){}|/]#\\&#g'; }
hide_hosts() {
  local url host script=''
  for url in $main $security; do
    host=${url#*://}
    host=${host%%/*}
    host=${host##*@}
    script+="s|$(literal "$host")|MIRROR|g;s|$(literal "${host%%:*}")|MIRROR|g;"
  done
  sed -u -E "$script"'s#([a-z+]+://)[^/ ]+#\1MIRROR#g;s#\[IP: [^]]*\]#[IP]#g;s#\(([0-9]{1,3}\.){3}[0-9]{1,3}\)#(IP)#g'
}

private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
mkdir -p "$private"/lists/partial "$private"/archives/partial "$private"/log
where=()
if [ -n "$mirrors" ]; then
  printf 'deb %s %s main\n' "$main" bookworm "$main" bookworm-updates "$security" bookworm-security >"$private/sources.list"
  where=(-o Dir::Etc::sourcelist="$private/sources.list" -o Dir::Etc::sourceparts=-)
fi
apt() {
  apt-get "${where[@]}" -o Dir::State::lists="$private/lists" -o Dir::Cache::archives="$private/archives" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log="$private/log" \
    -o APT::Update::Error-Mode=any -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User=root \
    -o Dpkg::Use-Pty=0 "$@" 2>&1 | hide_hosts
}

if [ "$1" = host ]; then
  # The initramfs of the old kernel: only what finds this disk. An emulated processor unpacks slowly.
  mkdir -p /etc/initramfs-tools/conf.d
  printf 'MODULES=list\nCOMPRESS=gzip\nRESUME=none\n' >/etc/initramfs-tools/conf.d/lab
  printf 'virtio_pci\nvirtio_blk\next4\n' >/etc/initramfs-tools/modules.lab
fi
apt -q update
apt -q -y --no-install-recommends install "${packages[@]}"
if [ "$1" = host ]; then
  cat /etc/initramfs-tools/modules.lab >>/etc/initramfs-tools/modules
  update-initramfs -u
  rm -rf /usr/share/fullnat-factory/hosts.sh
fi
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /tmp/*
