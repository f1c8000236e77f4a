#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Signs the pointer of a repository as a clear-signed text, and files beside it with detached signatures; has each checked by
# another program that knows only the public key.
#
# Settings  none
# Inputs    standard input: a line with the passphrase (empty for none), then the armored secret key. Kept in memory only.
#           /in/pointer.json, /in/files/* (optional)
# Outputs   /out/pointer.asc, /out/<name>.asc each
# Facts     fingerprint=, signed=<count>
# Exit      10 key-unusable, wrong-passphrase, 11 not-signed, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-key.sh
. /step/lib-key.sh

[ -f /in/pointer.json ] || die 64 step-usage "/in/pointer.json does not exist"
take_key
gpg "${signing[@]}" --quiet --clearsign --output /out/pointer.asc /in/pointer.json </dev/null ||
  die 11 not-signed "gpg does not sign the pointer"
is_signed /out/pointer.asc || die 11 not-signed "the new signature of the pointer does not verify with $fingerprint"
count=1
for file in /in/files/*; do
  [ -f "$file" ] || continue
  signature=/out/${file##*/}.asc
  gpg "${signing[@]}" --quiet --armor --detach-sign --output "$signature" "$file" </dev/null ||
    die 11 not-signed "gpg does not sign ${file##*/}"
  is_signed "$signature" "$file" || die 11 not-signed "the new signature of ${file##*/} does not verify with $fingerprint"
  count=$((count + 1))
done
echo "@@factory signed=$count"
