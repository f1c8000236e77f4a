#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes detached signatures, and has each checked by another program that knows only the public key.
#
# Settings  none
# Inputs    standard input: a line with the passphrase (empty for none), then the armored secret key. Kept in memory only.
#           /in/files/*
# Outputs   /out/<name>.asc each
# Facts     fingerprint=, signed=<count>
# Exit      10 key-unusable, wrong-passphrase, 11 not-signed, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-key.sh
. /step/lib-key.sh

take_key
count=0
for file in /in/files/*; do
  [ -f "$file" ] || die 64 step-usage "/in/files holds no file, or something else"
  signature=/out/${file##*/}.asc
  gpg "${signing[@]}" --quiet --armor --detach-sign --output "$signature" "$file" </dev/null ||
    die 11 not-signed "gpg does not sign ${file##*/}"
  is_signed "$signature" "$file" || die 11 not-signed "the new signature of ${file##*/} does not verify with $fingerprint"
  count=$((count + 1))
done
echo "@@factory signed=$count"
