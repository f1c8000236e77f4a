#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes a broken package, or a broken root file system, out of a good one. Runs in the builder image; see breakage.ts.
#
#   break.sh HOW FILE    FILE: a kernel's .rpm, or a rootfs .tar of verify-install; HOW: a function below
#
# Leaves /out/<name of FILE>: the same package (name, dependencies, scriptlets, files) but for what HOW changes.
set -euo pipefail
umask 022
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-pair.sh
. /step/lib-pair.sh

how=$1 file=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree" /out

# Fails the test that wanted the breakage: one that changes nothing proves nothing.
no() {
  echo "break.sh: $*" >&2
  exit 1
}

module() {
  local found
  found=$(find "$tree" -name "$1.ko" -type f)
  case $found in '' | *$'\n'*) no "not exactly one $1.ko: $found" ;; esac
  printf '%s\n' "$found"
}

# exchange FILE PERL: PERL must replace something exactly once, in place and at the same length.
exchange() {
  local size
  size=$(stat -c %s "$1")
  perl -0777 -i -pe "\$n = $2; die qq(replaced \$n times\n) if \$n != 1" "$1" || no "$1: $2"
  [ "$(stat -c %s "$1")" = "$size" ] || no "$1 has another size"
}

# poke FILE OFFSET BYTE
poke() {
  printf '%b' "\\0$(printf %o "$3")" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# The backend looks for option 200, and says so; the director goes on writing 254.
option-200() {
  local toa start address count=0
  toa=$(module toa)
  exchange "$toa" 's/toa_option=254/toa_option=200/'
  start=$((16#$(readelf -W -S "$toa" | sed 's/^ *\[ */[/' | awk '$2 == ".text" {print $5}')))
  while read -r address; do
    # The number is the last byte of the instruction.
    poke "$toa" "$((start + address))" 200
    count=$((count + 1))
  done < <(objdump -d -j .text "$toa" | perl -ne '
    $in = $1 if /^[0-9a-f]+ <([^>.]*)/;
    print hex($1) + split(" ", $2) - 1, "\n" if $in =~ /^(toa_find|toa_child)$/ && /^ *([0-9a-f]+):\t([0-9a-f ]+)\tcmp[bl]? +\$0xfe,/')
  [ "$count" -gt 0 ] || no "toa.ko compares nothing with 254"
}

# A table of 2^12 in the module, and in the configuration where that comes along.
table-12() {
  local ip_vs value index start config
  ip_vs=$(module ip_vs)
  [ "$(symbol_bytes "$ip_vs" ip_vs_conn_tab_bits)" = '20 0 0 0' ] || no 'ip_vs_conn_tab_bits is not 20'
  read -r value index < <(readelf -W -s "$ip_vs" | awk '$8 == "ip_vs_conn_tab_bits" {print $2, $7}')
  start=$(readelf -W -S "$ip_vs" | sed 's/^ *\[ */[/' | awk -v at="[$index]" '$1 == at {print $5}')
  poke "$ip_vs" "$((16#$start + 16#$value))" 12
  for config in "$tree"/boot/config-*; do exchange "$config" 's/CONFIG_IP_VS_TAB_BITS=20\n/CONFIG_IP_VS_TAB_BITS=12\n/'; done
}

# toa.ko of another build of the same version.
vermagic() {
  exchange "$(module toa)" 's/vermagic=[^ ]*?-\K1\./2./'
}

# modprobe ends well, and has loaded nothing.
toa-not-loaded() {
  mkdir -p "$tree/etc/modprobe.d"
  echo 'install toa /bin/true' >"$tree/etc/modprobe.d/toa.conf"
}

pack_tar() {
  find "$tree" -mindepth 1 ! -type d -printf '%P\n' | sort >"$work/list"
  tar -c --format=gnu --numeric-owner --owner=0 --group=0 --mtime=@0 -C "$tree" -T "$work/list" -f "/out/${file##*/}"
}

# tag FORMAT: what the good package says, safe in a spec.
tag() {
  rpm -qp --qf "$1" "$file" | sed 's/%/%%/g'
}

pack_rpm() {
  {
    tag 'Name: %{NAME}\nVersion: %{VERSION}\nRelease: %{RELEASE}\nSummary: %{SUMMARY}\nLicense: %{LICENSE}\nGroup: %{GROUP}\n'
    echo 'AutoReqProv: no'
    tag '[Provides: %{PROVIDENAME} %{PROVIDEFLAGS:depflags} %{PROVIDEVERSION}\n]'
    tag '[Requires: %{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]' | grep -vE '^Requires: (rpmlib\(|/bin/sh )'
    printf '%s\n' '%description' 'Broken on purpose.' '%install' "cp -a $tree/. \$RPM_BUILD_ROOT/"
    tag '%%post\n%{POSTIN}\n%%posttrans\n%{POSTTRANS}\n' | sed 's/^%%post/%post/'
    printf '%s\n' '%files' '%defattr(-,root,root)'
    while IFS='|' read -r flags mode path; do
      case $flags in *g*) printf '%%ghost ' && : >"$tree$path" ;; esac
      case $mode in d*) printf '%%dir ' ;; esac
      printf '%s\n' "$path"
    done < <(rpm -qp --qf '[%{FILEFLAGS:fflags}|%{FILEMODES:perms}|%{FILENAMES}\n]' "$file")
    if [ -d "$tree/etc" ]; then find "$tree/etc" -type f -printf '/etc/%P\n'; fi
  } | sed 's/  *$//' >"$work/broken.spec"
  rpmbuild -bb --quiet --target "$(rpm -qp --qf '%{ARCH}' "$file")" --define "_topdir $work/rpm" --define '_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' \
    --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define '_build_id_links none' --define '_binary_payload w2.xzdio' "$work/broken.spec"
  cp "$work/rpm/RPMS/${file##*/}" /out/
}

case $file in
  *.rpm)
    (cd "$tree" && rpm2cpio "$file" | cpio -idm --quiet)
    "$how"
    pack_rpm
    ;;
  *.tar)
    tar -xf "$file" -C "$tree"
    "$how"
    pack_tar
    ;;
  *) no "what is $file?" ;;
esac
