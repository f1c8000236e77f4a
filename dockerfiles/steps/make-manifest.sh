#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Reads in the signed packages of a role what its install manifest says of them.
#
# Settings  FINGERPRINT       the key that must have signed every package (40 hexadecimal digits)
# Inputs    /in/key.asc       the repository's public key
#           /in/rpms/*.rpm    the packages; one of them is called `kernel`
# Outputs   /out/packages.tsv one line per package; fields between tabs: file, name, epoch, NEVRA, architecture, sha256, size, key
#           /out/devices      what the kernel has drivers for:
#                               devices 1 RELEASE
#                               alias PATTERN NAME             pci: and virtio: only, those of servers' disks and network cards
#                               module NAME module|builtin     every module; names with _ in place of -, as /proc/modules has them
#                             after the first line sorted
# Facts     release=, modules=<count>, aliases=<count>
# Exit      10 package-unreadable, 11 not-signed, 12 kernel-unusable, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

[[ ${FINGERPRINT:-} =~ ^[0-9A-F]{40}$ ]] || die 64 step-usage "FINGERPRINT must be 40 hexadecimal digits"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "@@factory phase=packages"
# A database of its own with this one key: a package signed by another key is NOKEY there, an unsigned one has no signature.
mkdir -m 700 "$work/gnupg"
found=$(gpg --homedir "$work/gnupg" --batch --with-colons --show-keys /in/key.asc 2>/dev/null | awk -F: '$1 == "pub" {want = 1} $1 == "fpr" && want {print $10; want = 0}')
[ "$found" = "$FINGERPRINT" ] || die 11 not-signed "the public key is ${found//$'\n'/ and }, not $FINGERPRINT"
rpmkeys --dbpath "$work/rpmdb" --import /in/key.asc
id=$(printf '%s' "${FINGERPRINT:24}" | tr 'A-F' 'a-f')
kernel=''
: >/out/packages.tsv
for rpm in /in/rpms/*.rpm; do
  [ -f "$rpm" ] || die 64 step-usage "/in/rpms holds no package"
  said=$(rpmkeys --dbpath "$work/rpmdb" --checksig --verbose "$rpm" 2>&1) || {
    printf '%s\n' "$said"
    die 11 not-signed "${rpm##*/} does not verify"
  }
  grep -qiE "Header .*Signature, key ID ($id|${id:8}): OK" <<<"$said" || {
    printf '%s\n' "$said"
    die 11 not-signed "${rpm##*/} is not signed by $FINGERPRINT"
  }
  about=$(rpm -qp --dbpath "$work/rpmdb" --qf '%{NAME}\t%{EPOCHNUM}\t%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\t%{ARCH}' "$rpm") ||
    die 10 package-unreadable "${rpm##*/} is no readable package"
  digest=$(sha256sum <"$rpm")
  printf '%s\t%s\t%s\t%s\t%s\n' "${rpm##*/}" "$about" "${digest%% *}" "$(stat -c %s "$rpm")" "$FINGERPRINT" >>/out/packages.tsv
  case $about in kernel$'\t'*)
    [ -z "$kernel" ] || die 64 step-usage "two packages are called kernel"
    kernel=$rpm
    ;;
  esac
done
[ -n "$kernel" ] || die 64 step-usage "no package is called kernel"

echo "@@factory phase=devices"
release=$(rpm -qp --dbpath "$work/rpmdb" --qf '%{VERSION}-%{RELEASE}.%{ARCH}' "$kernel")
rpm -qp --dbpath "$work/rpmdb" --qf '[%{FILENAMES}\n]' "$kernel" >"$work/files"
grep -qxF "/boot/vmlinuz-$release" "$work/files" || die 12 kernel-unusable "${kernel##*/} holds no /boot/vmlinuz-$release"
mkdir "$work/root"
(cd "$work/root" && rpm2cpio "$kernel" | cpio -idm --quiet --no-absolute-filenames './lib/modules/*') ||
  die 10 package-unreadable "${kernel##*/} cannot be unpacked"
modules=$work/root/lib/modules/$release
if [ ! -d "$modules" ] || [ -L "$modules" ]; then
  die 12 kernel-unusable "${kernel##*/} holds no /lib/modules/$release"
fi
depmod -b "$work/root" "$release" || die 12 kernel-unusable "depmod cannot read the modules of ${kernel##*/}"

# names KIND: paths of modules (modules.dep has what each needs behind a colon) as lines of /out/devices.
names() {
  sed -e 's/:.*//' -e 's#.*/##' -e 's/\.ko\(\.[a-z0-9]*\)\{0,1\}$//' -e 's/-/_/g' -e "s/.*/module & $1/"
}
touch "$modules/modules.builtin" "$modules/modules.builtin.modinfo"
{
  names module <"$modules/modules.dep"
  names builtin <"$modules/modules.builtin"
  awk '$1 == "alias" && $2 ~ /^(pci|virtio):/ && NF == 3 {gsub("-", "_", $3); print}' "$modules/modules.alias"
  # Those of built-in modules, which depmod writes into a binary index only.
  tr '\0' '\n' <"$modules/modules.builtin.modinfo" | sed -n 's/^\([^.=]*\)\.alias=\(\(pci\|virtio\):[^ ]*\)$/alias \2 \1/p'
} | sort -u >"$work/devices"
grep -q '^module ' "$work/devices" || die 12 kernel-unusable "${kernel##*/} holds no module"
{
  echo "devices 1 $release"
  cat "$work/devices"
} >/out/devices
echo "@@factory release=$release"
echo "@@factory modules=$(grep -c '^module ' "$work/devices")"
echo "@@factory aliases=$(grep -c '^alias ' "$work/devices" || true)"
