#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes a signing key: RSA (rpm 4.8 knows nothing newer), able to sign, no expiry.
#
# Settings  KEY_NAME     user id's name
#           KEY_EMAIL    user id's address
#           KEY_COMMENT  user id's comment (optional)
#           KEY_BITS     2048 to 4096 (default 3072)
# Inputs    standard input: a line with the passphrase, empty for none
# Outputs   /out/secret.asc  /out/public.asc
# Facts     fingerprint=
# Exit      10 key-not-made, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

if [ -z "${KEY_NAME:-}" ] || [ -z "${KEY_EMAIL:-}" ]; then
  die 64 step-usage "KEY_NAME and KEY_EMAIL have to be set"
fi
memory=$(mktemp -d /dev/shm/key.XXXXXX)
export GNUPGHOME=$memory/gnupg
trap 'gpgconf --kill all 2>/dev/null || true; rm -rf "$memory"' EXIT
mkdir -m 700 "$GNUPGHOME"
IFS= read -r passphrase || die 64 step-usage "standard input has no line for the passphrase"
(umask 077 && printf '%s\n' "$passphrase" >"$memory/passphrase")
unlock=(--batch --quiet --no-tty --pinentry-mode loopback --passphrase-file "$memory/passphrase")

{
  if [ -z "$passphrase" ]; then echo '%no-protection'; fi
  printf '%s\n' 'Key-Type: RSA' "Key-Length: ${KEY_BITS:-3072}" 'Key-Usage: sign' "Name-Real: $KEY_NAME"
  if [ -n "${KEY_COMMENT:-}" ]; then printf 'Name-Comment: %s\n' "$KEY_COMMENT"; fi
  printf '%s\n' "Name-Email: $KEY_EMAIL" 'Expire-Date: 0' '%commit'
} >"$memory/parameters"
gpg "${unlock[@]}" --full-generate-key "$memory/parameters" 2>"$memory/log" </dev/null ||
  die 10 key-not-made "$(tail -n 1 "$memory/log")"
fingerprint=$(gpg --batch --with-colons --list-secret-keys 2>/dev/null | awk -F: '$1 == "fpr" && !seen++ {print $10}')
if [ ${#fingerprint} -ne 40 ]; then
  die 10 key-not-made "gpg made no key"
fi
(umask 077 && gpg "${unlock[@]}" --armor --export-secret-keys "$fingerprint" >/out/secret.asc)
gpg --batch --armor --export "$fingerprint" >/out/public.asc
echo "@@factory fingerprint=$fingerprint"
