#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the builder image. Runs once as root, in the RUN line of the Dockerfile beside it.
#
# Settings  FTP_PROXY, packages.lock: see ../common/debian-packages.sh
# Leaves    user builder (uid and gid 1000), /build and /ccache owned by it, bash as /bin/sh (RPM spec files are written
#           for systems where sh is bash; under dash some of their lines do nothing, silently),
#           /usr/share/fullnat-factory/packages.txt with the exact package set.
set -euo pipefail
# shellcheck source=dockerfiles/common/debian-packages.sh
. /usr/share/fullnat-factory/debian-packages.sh

packages=(
  # the kernel
  gcc libc6-dev make bison flex bc libelf-dev cpio kmod rsync xz-utils zstd bzip2 patch perl diffutils file
  # keepalived and ipvsadm
  pkg-config libssl-dev libpopt-dev libnl-3-dev libnl-genl-3-dev
  # packaging, signing, indexing
  rpm rpm2cpio createrepo-c gpg gpg-agent ccache
)
install_packages "${packages[@]}"

groupadd -g 1000 builder
useradd -u 1000 -g 1000 -m -d /home/builder -s /bin/bash builder
install -d -o builder -g builder /build /ccache
ln -sf bash /bin/sh

finish_image
