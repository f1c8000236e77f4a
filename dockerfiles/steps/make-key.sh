#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes a throw-away signing key: RSA-3072 (rpm 4.8 knows nothing newer), able to sign, no passphrase, no expiry.
#
# Settings  KEY_NAME   user id's name
#           KEY_EMAIL  user id's address
# Outputs   /out/secret.asc  /out/public.asc  /out/fingerprint (40 hexadecimal digits)
# Exit      10 key-not-made, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

if [ -z "${KEY_NAME:-}" ] || [ -z "${KEY_EMAIL:-}" ]; then
  die 64 step-usage "KEY_NAME and KEY_EMAIL have to be set"
fi
GNUPGHOME=$(mktemp -d /dev/shm/gnupg.XXXXXX)
export GNUPGHOME
trap 'gpgconf --kill all 2>/dev/null || true; rm -rf "$GNUPGHOME"' EXIT
chmod 700 "$GNUPGHOME"

gpg --batch --quiet --pinentry-mode loopback --passphrase '' --full-generate-key <(
  printf '%s\n' '%no-protection' 'Key-Type: RSA' 'Key-Length: 3072' 'Key-Usage: sign' \
    "Name-Real: $KEY_NAME" "Name-Email: $KEY_EMAIL" 'Expire-Date: 0' '%commit'
)
fingerprint=$(gpg --batch --with-colons --list-secret-keys | awk -F: '$1 == "fpr" && !seen++ {print $10}')
if [ ${#fingerprint} -ne 40 ]; then
  die 10 key-not-made "gpg made no key"
fi
umask 077
gpg --batch --armor --export-secret-keys "$fingerprint" >/out/secret.asc
umask 022
gpg --batch --armor --export "$fingerprint" >/out/public.asc
echo "$fingerprint" >/out/fingerprint
echo "@@factory fingerprint=$fingerprint"
