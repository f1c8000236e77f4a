#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the CentOS 6 builder image. Runs once as root, in the RUN line of the Dockerfile beside it. (bash 4.1, coreutils 8.4.)
#
# Settings  FTP_PROXY, http_proxy, packages.lock: see ../common/centos6-packages.sh
# Leaves    user builder (uid and gid 1000), /build and /ccache owned by it, yum set to the vault, /usr/local/bin/gpg that never
#           waits for entropy,
#           /usr/share/fullnat-factory/packages.txt with the exact package set.
# Facts     packages=, gcc=
# Exit      12 builder-incomplete, and those of the common part. 139: see the Dockerfile.
set -euo pipefail
# shellcheck source=dockerfiles/common/centos6-packages.sh
. /usr/share/fullnat-factory/centos6-packages.sh

packages=(
  # by hand, for the kernel
  m4 gcc redhat-rpm-config xmlto asciidoc elfutils-libelf-devel binutils-devel newt-devel perl-ExtUtils-Embed hmaccalc rng-tools
  # the other BuildRequires of kernel.spec; gnupg and sh-utils are there as gnupg2 and coreutils
  module-init-tools patch bash coreutils tar bzip2 findutils gzip perl make diffutils gawk binutils net-tools patchutils
  rpm-build zlib-devel python-devel gnupg2 python
  # keepalived, ipvsadm, quagga. Not libnl-devel: with it ipvsadm does not link (it would need -lnl).
  openssl-devel popt-devel
  # the steps
  cpio xz sed grep which
  # no ccache: CentOS 6 has none, and where EPEL 6 is archived was not looked up. Where an image brings one, it is used.
)
install_packages "${packages[@]}"
[ -z "$missing" ] || die 12 builder-incomplete "not installed:$missing"
if rpm -q --quiet libnl-devel || [ -e /usr/include/netlink/netlink.h ]; then
  die 12 builder-incomplete "libnl-devel is installed: keepalived would use it, and ipvsadm would not link"
fi
version=$(gcc -dumpversion)
case $version in 4.4.*) ;; *) die 12 builder-incomplete "gcc is $version, EL6's is 4.4" ;; esac
echo 'int main(void) { return 0; }' >"$private/try.c"
if ! gcc -o "$private/try" "$private/try.c" || ! "$private/try"; then
  die 12 builder-incomplete "gcc $version makes no program that runs"
fi
[ -x /usr/lib/rpm/redhat/find-requires ] || die 12 builder-incomplete "there is no /usr/lib/rpm/redhat/find-requires"
echo "@@factory gcc=$version"

# gpg without waiting for entropy, see urandom.c. The spec calls gpg by its name only.
mkdir -p /usr/local/lib/fullnat-factory
gcc -O2 -Wall -shared -fPIC -o /usr/local/lib/fullnat-factory/urandom.so /usr/share/fullnat-factory/urandom.c -ldl
printf '#!/bin/sh\nLD_PRELOAD=/usr/local/lib/fullnat-factory/urandom.so exec /usr/bin/gpg "$@"\n' >/usr/local/bin/gpg
chmod 755 /usr/local/bin/gpg
opened=$(LD_PRELOAD=/usr/local/lib/fullnat-factory/urandom.so bash -c 'exec 3</dev/random; readlink /proc/self/fd/3')
[ "$opened" = /dev/urandom ] || die 12 builder-incomplete "gpg would wait for entropy: urandom.so leads to $opened"

groupadd -g 1000 builder
useradd -u 1000 -g 1000 -m -d /home/builder -s /bin/bash builder
install -d -o builder -g builder /build /ccache

finish_image
