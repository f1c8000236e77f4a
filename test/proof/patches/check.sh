#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the kernel's own judges say of the patches in a source package of ours: checkpatch.pl, and the compiler with W=1.
#
#   check.sh SRPM PATCH...     the patches, by their names in the package, in the order in which they are applied; a file of such a
#                              name beside the SRPM takes the place of the one in it
#
# Prints   checkpatch <patch> errors=<n> warnings=<n>, with what checkpatch says before it
#          compiled <file>             for each .c file that a patch touches
#          new-warning <text>          of the compiler, which the file did not have without the patches; line numbers left out
set -euo pipefail

srpm=$1
shift
top=/build/rpmbuild
mkdir -p $top/{BUILD,SOURCES,SPECS}
cd $top/SOURCES
rpm2cpio "$srpm" | cpio -id --quiet
for patch in "$@"; do if [ -f "${srpm%/*}/$patch" ]; then cp -f "${srpm%/*}/$patch" .; fi; done
mv ./*.spec $top/SPECS
rpmbuild -bp --nodeps --define "_topdir $top" $top/SPECS/*.spec >/build/prep.log 2>&1 || {
  tail -n 20 /build/prep.log
  exit 1
}
cd $top/BUILD/kernel-*/linux-*
cp configs/*.config .config

for patch in "$@"; do
  # Signing off is a person's word when a patch goes to the kernel's maintainers; these were not sent to anybody.
  perl scripts/checkpatch.pl --no-signoff --no-tree --no-summary --show-types "$top/SOURCES/$patch" | tee /build/checkpatch || true
  echo "checkpatch $patch errors=$(grep -c '^ERROR:' /build/checkpatch) warnings=$(grep -c '^WARNING:' /build/checkpatch)"
done

names=()
for patch in "$@"; do names+=("$top/SOURCES/$patch"); done
mapfile -t touched < <(sed -n 's#^+++ b/\(.*\.c\)$#\1#p' "${names[@]}" | sort -u)
jobs=$(getconf _NPROCESSORS_ONLN)

# warnings FILE...: what the compiler says with W=1 of these, one line each.
warnings() {
  local objects=("${@/%.c/.o}")
  rm -f "${objects[@]}"
  make -s W=1 -j"$jobs" "${objects[@]}" 2>&1 | tee -a /build/make.log | sed -n -E 's/^([^ :]+):[0-9]+:([0-9]+:)? (warning|error): /\1: /p' | sort
}
# Once for what the kernel needs to compile anything: its own warnings are none of ours.
make -s -j"$jobs" prepare >/build/make.log 2>&1 || {
  tail -n 20 /build/make.log
  exit 1
}
warnings "${touched[@]}" >/build/after
for file in "${touched[@]}"; do
  [ -f "${file%.c}.o" ] || {
    tail -n 30 /build/make.log
    exit 1
  }
  echo "compiled $file"
done

for ((index = ${#names[@]} - 1; index >= 0; index--)); do patch -s -p1 -R -f <"${names[index]}"; done
make -s olddefconfig
before=()
for file in "${touched[@]}"; do if [ -f "$file" ]; then before+=("$file"); fi; done
warnings "${before[@]}" >/build/before
comm -23 /build/after /build/before | sed 's/^/new-warning /'
echo "judged ${#touched[@]} files, $(wc -l </build/before) warnings without the patches, $(wc -l </build/after) with them"
