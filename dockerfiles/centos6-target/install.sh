#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the CentOS 6 target image: a clean machine to install our packages on. Runs once as root, in the RUN line of the
# Dockerfile beside it. (bash 4.1, coreutils 8.4.)
#
# Settings  FTP_PROXY, http_proxy, packages.lock: see ../common/centos6-packages.sh
# Leaves    yum, rpm and python (the web server of the step script), what the scripts of a kernel package run and what the kernel and
#           the tools require of the distribution, no kernel-firmware, yum set to the vault,
#           /usr/share/fullnat-factory/packages.txt with the exact package set.
# Facts     packages=
# Exit      12 target-incomplete, and those of the common part. 139: see the Dockerfile.
set -euo pipefail
# shellcheck source=dockerfiles/common/centos6-packages.sh
. /usr/share/fullnat-factory/centos6-packages.sh

packages=(
  yum rpm python gnupg2 findutils sed gawk grep
  # kernel.spec: Requires(pre) and what %post and %posttrans call
  dracut dracut-kernel grubby initscripts module-init-tools coreutils
  # keepalived, ipvsadm, quagga
  openssl popt chkconfig
)
install_packages "${packages[@]}"
[ -z "$missing" ] || die 12 target-incomplete "not installed:$missing"
# Of 6.10 it would be newer than ours, and stay: whether ours can be installed is what is to be shown.
if rpm -q --quiet kernel-firmware; then rpm -e --nodeps kernel-firmware; fi
python -c 'import BaseHTTPServer, SimpleHTTPServer, json, io' || die 12 target-incomplete "python cannot serve the repository"

finish_image
