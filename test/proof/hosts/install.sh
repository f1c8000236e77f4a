#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the two halves of the image; runs as root in the RUN lines of the Dockerfile beside it.
#
#   install.sh host     on the target: what a server has beside it, and the distribution's kernel, which is the old one
#   install.sh runner   on the runner: what makes a disk that boots, and frr, which reads what `factory configure` writes
#
# Settings  FTP_PROXY; see dockerfiles/common/debian-packages.sh, which has to lie beside this script.
set -euo pipefail
# shellcheck source=dockerfiles/common/debian-packages.sh
. "$(dirname "$0")/debian-packages.sh"

case ${1:-} in
  host) packages=(linux-image-cloud-amd64 initramfs-tools grub-common curl nginx-light iproute2 iptables procps ethtool frr) ;;
  runner) packages=(e2fsprogs grub-pc-bin grub-common fdisk frr) ;;
  *) exit 64 ;;
esac

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
  rm -rf /usr/share/fullnat-factory/hosts
fi
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /tmp/*
