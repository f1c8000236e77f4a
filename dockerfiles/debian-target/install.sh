#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the target image: a clean machine to install our packages on. Runs once as root, in the RUN line of the Dockerfile
# beside it.
#
# Settings  FTP_PROXY, packages.lock: see ../common/debian-packages.sh
# Leaves    dnf and rpm with their database in /var/lib/rpm, kmod, the libraries that keepalived and ipvsadm need, and
#           one RPM, debian-userland, whose Provides say what the Debian packages in the image offer (dnf knows nothing of
#           dpkg's database): sonames with their versions as RPM's own elfdeps finds them, and the few paths scriptlets use.
#           /usr/share/fullnat-factory/packages.txt with the exact package set.
set -euo pipefail
# shellcheck source=dockerfiles/common/debian-packages.sh
. /usr/share/fullnat-factory/debian-packages.sh

packages=(
  dnf rpm rpm2cpio python3 kmod gpg
  libssl3 libpopt0 libnl-3-200 libnl-genl-3-200
)
install_packages "${packages[@]}"

# A database where every tool looks for it, and not in somebody's home.
mkdir -p /etc/rpm /etc/yum.repos.d /var/lib/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.factory
rpm --initdb

shim=$private/shim
mkdir -p "$shim"
{
  printf '%s\n' 'Name: debian-userland' 'Version: 12' 'Release: 1' 'Summary: What the Debian packages of this image provide' \
    'License: Apache-2.0' 'BuildArch: noarch' 'AutoReqProv: no' \
    'Provides: system-release = 12' 'Provides: system-release(releasever) = 12' 'Provides: rtld(GNU_HASH)' \
    'Provides: config(debian-userland) = 12'
  for path in /bin/sh /bin/bash /sbin/ldconfig /sbin/depmod /usr/sbin/depmod /usr/bin/kmod; do
    [ -e "$path" ] && printf 'Provides: %s\n' "$path"
  done
  find /lib/x86_64-linux-gnu/ /lib64/ /usr/lib64 -maxdepth 1 -name '*.so*' -type f 2>/dev/null |
    /usr/lib/rpm/elfdeps --provides | sort -u | sed 's/^/Provides: /'
  printf '%s\n' '%description' 'Dependencies that the distribution under the RPM database satisfies.' '%files'
} >"$shim/shim.spec"
rpmbuild -bb --quiet --define "_topdir $shim" --define '_buildhost builder' "$shim/shim.spec"
rpm -i --force-debian --nosignature "$shim"/RPMS/noarch/*.rpm 2>/dev/null || rpm -i --nosignature "$shim"/RPMS/noarch/*.rpm
echo "@@factory provides=$(rpm -q --provides debian-userland | wc -l)"

finish_image
