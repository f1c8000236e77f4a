#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the packages that install.sh is tested with, in the builder image: a host's own ones and those of a recipe, some hundred
# bytes each, in the shape of CentOS 6. Leaves in /out: host/ (with the index that dnf reads), ours/, forged/ (by another key),
# unsigned/, and the two keys.
set -euo pipefail
cd "$(mktemp -d)"
export HOME=$PWD LC_ALL=C

# spec NAME VERSION RELEASE LINES...: %description and so on are added; LINES may hold %files.
package() { # OUT NAME VERSION RELEASE HEAD FILES INSTALL
  cat >"$2.spec" <<SPEC
Name: $2
Version: $3
Release: $4
Summary: fixture
License: none
$5
%description
fixture
%install
mkdir -p %{buildroot}
$7
%files
$6
SPEC
  rpmbuild -bb --quiet --target x86_64-linux --define "_topdir $PWD/top" --define '_build_id_links none' --define '__os_install_post %{nil}' \
    --define '_binary_payload w1.gzdio' --nodeps "$2.spec" >log 2>&1 || { cat log; exit 1; }
  mkdir -p "/out/$1"
  mv top/RPMS/x86_64/*.rpm "/out/$1/"
}

kernel() { # OUT VERSION RELEASE HEAD
  local release=$2-$3.x86_64
  package "$1" kernel "$2" "$3" "AutoReqProv: no
$4" "/boot/vmlinuz-$release
/lib/modules/$release
%post -p <lua>
-- As depmod does: a file that no package owns. In Lua, so that roots without a shell take it.
local file = io.open('/lib/modules/$release/modules.dep', 'w')
file:write('made\\n')
file:close()" "mkdir -p %{buildroot}/boot %{buildroot}/lib/modules/$release/kernel
echo kernel $release >%{buildroot}/boot/vmlinuz-$release
echo module >%{buildroot}/lib/modules/$release/kernel/toa.ko"
}

keepalived() { # OUT VERSION RELEASE
  package "$1" keepalived "$2" "$3" 'AutoReqProv: no' '/usr/sbin/keepalived
%dir /etc/keepalived
%config(noreplace) /etc/keepalived/keepalived.conf' "mkdir -p %{buildroot}/etc/keepalived %{buildroot}/usr/sbin
echo '# keepalived $2' >%{buildroot}/etc/keepalived/keepalived.conf
echo $2 >%{buildroot}/usr/sbin/keepalived"
}

firmware() { # OUT VERSION RELEASE
  package "$1" kernel-firmware "$2" "$3" 'AutoReqProv: no' /lib/firmware "mkdir -p %{buildroot}/lib/firmware; echo $2-$3 >%{buildroot}/lib/firmware/fixture.bin"
}

kernel host 2.6.32 71.el6 ''
firmware host 2.6.32 71.el6
keepalived host 1.2.13 5.el6
package host gcc 4.4.7 23.el6 'AutoReqProv: no' /usr/bin/fixture-gcc "mkdir -p %{buildroot}/usr/bin; echo gcc >%{buildroot}/usr/bin/fixture-gcc"
package host popt 1.13 7.el6 'AutoReqProv: no
Provides: libfixture.so.0' /usr/lib64/libfixture.so.0 "mkdir -p %{buildroot}/usr/lib64; echo lib >%{buildroot}/usr/lib64/libfixture.so.0"
kernel ours 2.6.32 220.23.1.el6.ipvs_20bit 'Requires: kernel-firmware >= 2.6.32-220.23.1.el6'
kernel ours 2.6.32 220.24.1.el6.ipvs_20bit 'Requires: kernel-firmware >= 2.6.32-220.23.1.el6'
firmware ours 2.6.32 220.23.1.el6
keepalived ours 1.2.2 1.fn
package ours ipvsadm 1.26 1.fn 'AutoReqProv: no
Requires: libfixture.so.0' /sbin/fixture-ipvsadm "mkdir -p %{buildroot}/sbin; echo ipvsadm >%{buildroot}/sbin/fixture-ipvsadm"
package ours needy 1 1.fn 'AutoReqProv: no
Requires: nobody-has-this' /usr/share/needy "mkdir -p %{buildroot}/usr/share/needy"

cp -r /out/ours /out/forged
cp -r /out/ours /out/unsigned
for who in factory other distribution; do
  mkdir -m 700 "$who"
  gpg --homedir "$who" --batch --quiet --passphrase '' --quick-gen-key "$who <$who@example.invalid>" rsa2048 sign never 2>/dev/null
  gpg --homedir "$who" --armor --export >"/out/$who.asc"
done
sign() { # KEY FILES...
  local key=$1
  shift
  rpmsign --define "_gpg_path $PWD/$key" --define "_gpg_name $key" --define '__gpg /usr/bin/gpg' --addsign "$@" >log 2>&1 || { cat log; exit 1; }
}
sign factory /out/ours/*.rpm
sign other /out/forged/*.rpm
sign distribution /out/host/*.rpm
createrepo_c -q --no-database /out/host
gpg --homedir factory --with-colons --fingerprint | awk -F: '$1 == "fpr" {print $10; exit}' >/out/fingerprint
