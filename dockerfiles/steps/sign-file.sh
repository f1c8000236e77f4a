#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes detached signatures, and checks each in a second key ring that holds only the public key.
#
# Settings  none
# Inputs    standard input: the armored secret key (no passphrase). It is kept in memory only.
#           /in/files/*
# Outputs   /out/<name>.asc each
# Facts     fingerprint=, signed=<count>
# Exit      10 key-unusable, 11 not-signed, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

memory=$(mktemp -d /dev/shm/sign.XXXXXX)
export GNUPGHOME=$memory/gnupg
trap 'gpgconf --kill all 2>/dev/null || true; rm -rf "$memory"' EXIT
mkdir -m 700 "$GNUPGHOME" "$memory/verify"
gpg --batch --quiet --import 2>"$memory/import.log" || die 10 key-unusable "gpg cannot import the key on standard input"
fingerprint=$(gpg --batch --with-colons --list-secret-keys | awk -F: '$1 == "fpr" && !seen++ {print $10}')
[ ${#fingerprint} -eq 40 ] || die 10 key-unusable "standard input holds no secret key"
echo "@@factory fingerprint=$fingerprint"
gpg --batch --export "$fingerprint" | gpg --batch --quiet --homedir "$memory/verify" --import 2>/dev/null

count=0
for file in /in/files/*; do
  [ -f "$file" ] || die 64 step-usage "/in/files holds no file, or something else"
  signature=/out/${file##*/}.asc
  gpg --batch --quiet --pinentry-mode loopback --passphrase '' --digest-algo SHA256 --local-user "$fingerprint" \
    --armor --detach-sign --output "$signature" "$file" </dev/null
  gpg --batch --homedir "$memory/verify" --status-fd 1 --verify "$signature" "$file" 2>/dev/null |
    grep -E "^\[GNUPG:\] VALIDSIG $fingerprint " >/dev/null || die 11 not-signed "${file##*/} does not verify with $fingerprint"
  count=$((count + 1))
done
echo "@@factory signed=$count"
