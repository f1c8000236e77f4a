#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Proves that a key can sign, and takes out its public half.
#
# Settings  FINGERPRINT  the key that it has to be (40 hexadecimal digits)
# Inputs    standard input: a line with the passphrase (empty for none), then the armored secret key
# Outputs   /out/public.asc
# Facts     fingerprint=
# Exit      10 key-unusable, wrong-passphrase.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-key.sh
. /step/lib-key.sh

take_key
[ "$fingerprint" = "${FINGERPRINT:-}" ] || die 10 key-unusable "the key is $fingerprint, not ${FINGERPRINT:-named}"
cp "$memory/public.asc" /out/public.asc
