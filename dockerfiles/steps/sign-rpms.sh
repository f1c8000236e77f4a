#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Signs packages, and checks each with nothing but the public key.
#
# Settings  none
# Inputs    standard input: a line with the passphrase (empty for none), then the armored secret key. Kept in memory only.
#           /in/rpms/**/*.rpm
# Outputs   the signed packages, at the same relative paths below /out
# Facts     fingerprint=, signed=<count>
# Exit      10 key-unusable, wrong-passphrase, 11 not-signed, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-key.sh
. /step/lib-key.sh

take_key
cd /in/rpms
rpms=()
while IFS= read -r rpm; do
  mkdir -p "/out/$(dirname "$rpm")"
  # A copy, also to drop any signature an input came with.
  cp "$rpm" "/out/$rpm"
  chmod 644 "/out/$rpm"
  rpms+=("/out/$rpm")
done < <(find . -type f -name '*.rpm' -printf '%P\n' | sort)
[ ${#rpms[@]} -gt 0 ] || die 64 step-usage "/in/rpms holds no package"

echo "@@factory phase=sign"
export GPG_TTY=/dev/null
if ! rpmsign --define "_gpg_name $fingerprint!" --define "_gpg_path $GNUPGHOME" --define '_gpg_digest_algo sha256' \
  --define "__gpg $(command -v gpg)" \
  --define "_gpg_sign_cmd_extra_args --batch ${unlock[*]}" \
  --resign "${rpms[@]}" >"$memory/sign.log" 2>&1 </dev/null; then
  cat "$memory/sign.log"
  die 11 not-signed "rpmsign failed"
fi

echo "@@factory phase=verify"
# A database of its own with this one key: a package signed by another key is NOKEY there, an unsigned one has no signature.
db=$memory/rpmdb
mkdir "$db"
rpmkeys --dbpath "$db" --import "$memory/public.asc"
key=$(printf '%s' "${fingerprint:24}" | tr 'A-F' 'a-f')
for rpm in "${rpms[@]}"; do
  lines=$(rpmkeys --dbpath "$db" --checksig --verbose "$rpm" 2>&1) || {
    printf '%s\n' "$lines"
    die 11 not-signed "${rpm#/out/} does not verify"
  }
  printf '%s\n' "$lines" | grep -iE "Header .*Signature, key ID ($key|${key:8}): OK" >/dev/null || {
    printf '%s\n' "$lines"
    die 11 not-signed "${rpm#/out/} is not signed by $fingerprint"
  }
done
echo "@@factory signed=${#rpms[@]}"
