#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the Debian 12 base image as a tar file, on the host, from an apt mirror: no container registry is needed.
#
# Needs     mmdebstrap; root, or user namespaces (mmdebstrap chooses).
# Settings  MIRROR             URL of the Debian archive; with SECURITY_MIRROR, or neither: then mmdebstrap's public default
#           SECURITY_MIRROR    URL of the security archive
#           OUT                path of the tar file to write (appears only when it is complete)
#           SOURCE_DATE_EPOCH  seconds; the same mirror state and epoch give the same bytes
# Then      docker import -c 'CMD ["/bin/bash"]' "$OUT" <tag>
#
# The mirrors may be private, so their names end up neither in the tar nor in the output.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC

: "${OUT:?}" "${SOURCE_DATE_EPOCH:?}"
MIRROR=${MIRROR:-}
SECURITY_MIRROR=${SECURITY_MIRROR:-}
export SOURCE_DATE_EPOCH

command -v mmdebstrap >/dev/null || {
  echo "@@factory error=bootstrap-no-mmdebstrap detail=mmdebstrap is not installed (apt-get install mmdebstrap)" >&2
  exit 10
}

# Replaces the mirrors, their hosts and all addresses in what passes through.
hide_hosts() {
  local url host script=''
  for url in $MIRROR $SECURITY_MIRROR; do
    host=${url#*://}
    host=${host%%/*}
    host=${host##*@}
    script+="s|$(literal "$host")|MIRROR|g;s|$(literal "${host%%:*}")|MIRROR|g;"
  done
  sed -u -E "$script"'s#([a-z+]+://)[^/ ]+#\1MIRROR#g;s#\[IP: [^]]*\]#[IP]#g;s#\(([0-9]{1,3}\.){3}[0-9]{1,3}\)#(IP)#g'
}
literal() { printf '%s' "$1" | sed -E 's#[][\.*^$+?(){}|/]#\\&#g'; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs last, with the new root as $1: nothing of the mirror or of the day stays behind.
# shellcheck disable=SC2016 # the hook's own $1
printf '#!/bin/sh\nset -eu\nroot=$1\ngiven=%s\n' "${MIRROR:+yes}" >"$work/clean"
cat >>"$work/clean" <<'HOOK'
rm -rf "$root"/etc/apt/auth.conf.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap
if [ -n "$given" ]; then
  rm -rf "$root"/etc/apt/sources.list.d/*
  echo '# No archive here: whoever installs something says from where.' >"$root/etc/apt/sources.list"
fi
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/* "$root"/var/cache/ldconfig/aux-cache
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/*
rm -f "$root"/etc/resolv.conf "$root"/etc/hostname "$root"/etc/machine-id "$root"/var/lib/dbus/machine-id
mkdir -p "$root"/var/lib/apt/lists/partial "$root"/var/cache/apt/archives/partial
HOOK
chmod 755 "$work/clean"

mkdir -p "$(dirname "$OUT")"
archives=()
if [ -n "$MIRROR" ]; then
  archives=("deb $MIRROR bookworm main" "deb $MIRROR bookworm-updates main" "deb $SECURITY_MIRROR bookworm-security main")
fi
mmdebstrap --variant=minbase --format=tar \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Update::Error-Mode "any"' --aptopt='Acquire::Retries "3"' \
  --customize-hook="$work/clean" \
  bookworm "$OUT.part" "${archives[@]}" 2>&1 | hide_hosts
mv "$OUT.part" "$OUT"
echo "@@factory base_sha256=$(sha256sum <"$OUT" | cut -d' ' -f1)"
echo "@@factory base_size=$(stat -c %s "$OUT")"
