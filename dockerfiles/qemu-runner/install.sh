#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the image in which published packages are booted. Runs once as root, in the RUN line of the Dockerfile beside it.
#
# Settings  FTP_PROXY, packages.lock: see ../common/debian-packages.sh
# Leaves    QEMU; Debian's nginx, iptables (legacy), kmod, busybox and python3, of which the guests get copies;
#           user runner (uid and gid 1000); /usr/share/fullnat-factory/packages.txt with the exact package set.
set -euo pipefail
# shellcheck source=dockerfiles/common/debian-packages.sh
. /usr/share/fullnat-factory/debian-packages.sh

packages=(
  # the machines
  qemu-system-x86 seabios
  # what runs in them beside our own packages
  busybox-static kmod nginx iptables python3-minimal libpython3-stdlib
)
install_packages "${packages[@]}"

groupadd -g 1000 runner
useradd -u 1000 -g 1000 -m -d /home/runner -s /bin/bash runner

finish_image
